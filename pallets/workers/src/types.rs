//! The records of a worker: its declarations and its state.

use crate::{Fault, Reputation};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    Balance, BlockNumber, TaskId,
    worker::{
        Capability, Device, DeviceClass, Duties, Duty, MAX_DEVICES, Offer, PublicAddress, Region, WorkerKey,
        WorkerState,
    },
};
use polkadot_sdk::frame_support::{BoundedVec, defensive, traits::ConstU32};
use scale_info::TypeInfo;

/// The devices of a worker.
pub type Devices = BoundedVec<Device, ConstU32<MAX_DEVICES>>;

/// The declarations of a worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct WorkerRecord {
    /// The key that signs the submissions of the worker's off-chain worker.
    pub key: WorkerKey,
    /// The address at which the worker's node serves outputs.
    pub address: PublicAddress,
    /// The region of the worker.
    pub region: Region,
    /// The devices, all of one class.
    pub devices: Devices,
    /// The tasks that the worker takes.
    pub offer: Offer,
}

/// Whether a worker takes tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Status {
    /// Takes tasks.
    Active,
    /// Paused by its owner; can resume.
    Paused,
    /// Paused by its own node, which has reported that no device works or that its disk is full.
    /// The node reports when it can take tasks again.
    NoDevice,
    /// Takes no tasks any more; the bond can be withdrawn after `LeaveBlocks`.
    Leaving {
        /// The block in which the worker left.
        since: BlockNumber,
    },
}

/// The state of a worker: the fields that change with every task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Standing {
    /// Whether the worker takes tasks.
    pub status: Status,
    /// The class of the worker's devices.
    pub class: DeviceClass,
    /// The capability that all of the worker's devices have in common.
    pub capability: Capability,
    /// Number of slots, free or in use.
    pub slots: u32,
    /// Number of slots in use.
    pub busy: u32,
    /// The bond in planck: the amount held with `HoldReason::Bond`.
    pub bond: Balance,
    /// The locked part of the bond, in planck.
    pub locked: Balance,
    /// The part of `locked` that is set aside for pending slashes, in planck.
    pub slashing: Balance,
    /// Number of pending slashes.
    pub pending: u32,
    /// The worker's place in the availability index, if it is available.
    pub position: Option<u32>,
    /// The worker's number.
    pub number: u32,
    /// Whether the worker may be drawn as far as its canaries go.
    pub admitted: bool,
    /// Number of canaries missed in a row.
    pub misses: u32,
    /// The reputation: how the worker's duties ended.
    pub reputation: Reputation,
    /// Number of silences in a row.
    pub strikes: u32,
    /// The last fault noted for the worker, unless a slash has taken it along.
    pub fault: Option<Fault>,
    /// The block of the node's last report on its devices; 0 if there was none.
    pub reported: BlockNumber,
    /// The duties that the worker owes the chain.
    pub duties: Duties,
}

impl From<Standing> for WorkerState {
    fn from(standing: Standing) -> Self {
        Self {
            class: standing.class,
            capability: standing.capability,
            reputation: standing.reputation.value(),
            free_bond: standing.free_bond(),
            strikes: standing.strikes,
            duties: standing.duties,
        }
    }
}

impl Standing {
    /// Bond in planck that is not locked.
    pub(crate) fn free_bond(&self) -> Balance {
        self.bond.saturating_sub(self.locked)
    }

    /// Lock a part of the free bond, in planck; `false` if there is too little.
    pub(crate) fn lock(&mut self, amount: Balance) -> bool {
        let locked = self.locked.checked_add(amount).filter(|locked| *locked <= self.bond);
        self.locked = locked.unwrap_or(self.locked);
        locked.is_some()
    }

    /// Record a duty and lock its bond, in planck; `false` if there is no room or too little bond.
    pub(crate) fn oblige(&mut self, duty: Duty, amount: Balance) -> bool {
        !self.duties.is_full() && self.lock(amount) && self.duties.push(duty)
    }

    /// Remove the duty of a task and unlock its bond, in planck.
    pub(crate) fn relieve(&mut self, task: TaskId, amount: Balance) {
        self.duties.remove(task);
        match self.locked.checked_sub(amount).filter(|locked| *locked >= self.slashing) {
            Some(locked) => self.locked = locked,
            None => {
                defensive!("only what was locked, and is not set aside for a slash, is unlocked");
            }
        }
    }
}
