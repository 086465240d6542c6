//! Workers: keys, devices, region and standing offer.

use crate::{
    candidates::Condition, job::Requirements, reason::ReasonCode, AccountId, AssetKind, Balance, BlockNumber, KernelId,
    TaskId,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_core::{crypto::KeyTypeId, ConstU32},
    sp_runtime::{BoundedVec, Perbill},
};
use scale_info::TypeInfo;

/// Key type under which a node's keystore holds its worker key.
pub const WORKER_KEY_TYPE: KeyTypeId = KeyTypeId(*b"dpnw");

/// The worker's app-crypto key: signs what the off-chain worker submits.
pub mod app {
    use polkadot_sdk::sp_application_crypto::{app_crypto, sr25519};
    app_crypto!(sr25519, super::WORKER_KEY_TYPE);
}

/// Public part of a worker key.
pub type WorkerKey = app::Public;
/// A signature by a worker key.
pub type WorkerSignature = app::Signature;

/// Most devices one worker may declare.
pub const MAX_DEVICES: u32 = 8;
/// Most characters of a region's geohash.
pub const MAX_REGION_CHARS: u32 = 8;
/// Most duties of one worker at a time. A worker of eight devices that does a task on each in every second block, and audits twice as
/// many, owes about a hundred things.
pub const MAX_DUTIES: u32 = 256;
/// Most bytes of a worker's public address.
pub const MAX_ADDRESS_BYTES: u32 = 128;

/// What kind of processor a device is.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum DeviceClass {
    /// A graphics processor.
    Gpu,
    /// A processor that runs OpenCL on its own cores.
    Cpu,
    /// Any other accelerator.
    Accelerator,
}

impl DeviceClass {
    /// Every class, in the order of the availability index.
    pub const ALL: [DeviceClass; 3] = [DeviceClass::Gpu, DeviceClass::Cpu, DeviceClass::Accelerator];
}

/// An OpenCL device a worker offers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Device {
    /// What kind of processor it is.
    pub class: DeviceClass,
    /// Vendor as OpenCL names it.
    pub vendor: BoundedVec<u8, ConstU32<64>>,
    /// Model as OpenCL names it.
    pub model: BoundedVec<u8, ConstU32<64>>,
    /// Global memory in bytes.
    pub memory: u64,
    /// Compute units.
    pub compute_units: u32,
    /// Whether it computes in double precision.
    pub fp64: bool,
    /// How strictly it computes in single precision.
    pub fp32: Fp32,
}

/// What a device may do or not do in single precision, beyond what every device must. Its presence is checked by canaries.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Fp32 {
    /// Denormal numbers are not flushed to zero.
    pub denormals: bool,
    /// Division and square root are rounded correctly.
    pub rounded_division: bool,
}

impl Fp32 {
    /// Everything.
    pub const ALL: Self = Self { denormals: true, rounded_division: true };

    /// Whether `self` has all that `required` has.
    pub fn covers(&self, required: &Self) -> bool {
        (self.denormals || !required.denormals) && (self.rounded_division || !required.rounded_division)
    }
}

/// A region: the first characters of a geohash, coarse to fine. Empty: not told.
pub type Region = BoundedVec<u8, ConstU32<MAX_REGION_CHARS>>;
/// Where a worker's node can be asked for outputs: the URL of its JSON-RPC.
pub type PublicAddress = BoundedVec<u8, ConstU32<MAX_ADDRESS_BYTES>>;

/// Whether `region` is written in geohash's alphabet.
pub fn is_geohash(region: &[u8]) -> bool {
    region.iter().all(|c| b"0123456789bcdefghjkmnpqrstuvwxyz".contains(c))
}

/// A worker's standing offer: what matches it is an obligation.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Offer {
    /// The assets it takes, each with the least reward per task in that asset's smallest unit.
    pub min_reward: BoundedVec<(AssetKind, Balance), ConstU32<8>>,
    /// The kernels it takes; empty: any.
    pub kernels: BoundedVec<KernelId, ConstU32<32>>,
    /// Longest task it takes, in blocks.
    pub max_run_blocks: u32,
}

impl Offer {
    /// Whether the offer covers a task of `kernel` paid with `reward` of `asset` that may run `run_blocks` blocks.
    pub fn covers(&self, kernel: &KernelId, asset: &AssetKind, reward: Balance, run_blocks: u32) -> bool {
        self.unmet(kernel, asset, reward, run_blocks).next().is_none()
    }

    /// The conditions for which the offer does not cover such a task.
    pub fn unmet(
        &self,
        kernel: &KernelId,
        asset: &AssetKind,
        reward: Balance,
        run_blocks: u32,
    ) -> impl Iterator<Item = Condition> {
        let least = self.min_reward.iter().find(|(taken, _)| taken == asset).map(|(_, least)| *least);
        let met = [
            (Condition::Asset, least.is_some()),
            (Condition::Price, least.is_none_or(|least| reward >= least)),
            (Condition::Deadline, run_blocks <= self.max_run_blocks),
            (Condition::Kernel, self.kernels.is_empty() || self.kernels.contains(kernel)),
        ];
        met.into_iter().filter(|(_, met)| !met).map(|(condition, _)| condition)
    }
}

/// What somebody is to a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Role {
    /// Computes it.
    Worker,
    /// Checks it.
    Auditor,
    /// Decides a dispute about it.
    Juror,
}

/// Something a worker owes the chain: what its off-chain worker looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Duty {
    /// The task.
    pub task: TaskId,
    /// As what.
    pub role: Role,
}

/// What a worker owes the chain, in the order in which it came to it. A busy worker has a duty for each task from its assignment to its
/// settlement, and one for each audit.
///
/// It is read and written with all that changes of a worker, at every step of a task, and most steps do not ask what is in it: so it is
/// kept as it is encoded.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Duties(BoundedVec<u8, ConstU32<{ MAX_DUTIES * DUTY_BYTES }>>);

/// Bytes of an encoded [`Duty`].
const DUTY_BYTES: u32 = 13;

impl Duties {
    /// How many there are.
    pub fn len(&self) -> u32 {
        (self.0.len() as u32).checked_div(DUTY_BYTES).unwrap_or_default()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there are as many as there may be.
    pub fn is_full(&self) -> bool {
        self.len() >= MAX_DUTIES
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Duty> + '_ {
        self.0.chunks_exact(DUTY_BYTES as usize).filter_map(|mut duty| Duty::decode(&mut duty).ok())
    }

    /// Add one; `false` if there is no room for it.
    pub fn push(&mut self, duty: Duty) -> bool {
        self.0.try_append(&mut duty.encode()).is_ok()
    }

    /// Remove whatever there is to do about a task.
    pub fn remove(&mut self, task: TaskId) {
        let (task, size) = (task.encode(), DUTY_BYTES as usize);
        while let Some(place) = self.0.chunks_exact(size).position(|duty| duty.starts_with(&task)) {
            let start = place.saturating_mul(size);
            let mut bytes = core::mem::take(&mut self.0).into_inner();
            bytes.drain(start..start.saturating_add(size));
            self.0 = BoundedVec::truncate_from(bytes);
        }
    }
}

impl core::fmt::Debug for Duties {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// What all devices of a worker can do: any of them may get a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Capability {
    /// Memory in bytes of the smallest.
    pub memory: u64,
    /// Whether all compute in double precision.
    pub fp64: bool,
    /// What all can do in single precision.
    pub fp32: Fp32,
}

impl Capability {
    /// What all of `devices` can do; `None` if there are none.
    pub fn of(devices: &[Device]) -> Option<Self> {
        Some(Self {
            memory: devices.iter().map(|device| device.memory).min()?,
            fp64: devices.iter().all(|device| device.fp64),
            fp32: Fp32 {
                denormals: devices.iter().all(|device| device.fp32.denormals),
                rounded_division: devices.iter().all(|device| device.fp32.rounded_division),
            },
        })
    }

    /// Whether it computes as precisely as is asked for.
    pub fn is_as_precise(&self, requires: &Requirements) -> bool {
        (self.fp64 || !requires.fp64) && self.fp32.covers(&requires.fp32)
    }
}

/// What the lottery needs to know of a worker, of what is read and written at every step of a task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkerState {
    /// The class of its devices.
    pub class: DeviceClass,
    /// What all its devices can do.
    pub capability: Capability,
    /// How trustworthy it has been.
    pub reputation: Perbill,
    /// Bond in planck that is not locked.
    pub free_bond: Balance,
    /// What it owes.
    pub duties: Duties,
}

/// What the lottery needs to know of a worker, of what else it declares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkerProfile {
    /// Where it stands.
    pub region: Region,
    /// What it takes.
    pub offer: Offer,
}

impl WorkerState {
    /// The requirements that the worker's devices and reputation do not meet.
    pub fn unmet(&self, requires: &Requirements) -> impl Iterator<Item = Condition> {
        let met = [
            (Condition::Class, requires.class.is_none_or(|class| class == self.class)),
            (Condition::Memory, self.capability.memory >= requires.memory),
            (Condition::Fp64, self.capability.fp64 || !requires.fp64),
            (Condition::Fp32, self.capability.fp32.covers(&requires.fp32)),
            (Condition::Reputation, self.reputation >= requires.reputation),
        ];
        met.into_iter().filter(|(_, met)| !met).map(|(condition, _)| condition)
    }
}

/// A registered worker as a candidate for a task, drawn or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Its account.
    pub worker: AccountId,
    /// Whether it takes tasks: it is neither paused nor leaving.
    pub active: bool,
    /// Whether it may be drawn as soon as it is active and has a free slot.
    pub drawable: bool,
    /// Whether a slot is free.
    pub free_slot: bool,
    /// Bond in planck that is not set aside for slashes.
    pub bond: Balance,
    /// How it stands.
    pub state: WorkerState,
    /// What it declares.
    pub profile: WorkerProfile,
    /// Whether it is certified.
    pub certified: bool,
}

/// What a worker's devices have proved by canaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Passport {
    /// What they can do in single precision, checked op by op.
    pub fp32: Fp32,
    /// Whether they compute in double precision, checked op by op.
    pub fp64: bool,
    /// Throughput tiles done in one canary window, all at the same moment: its capacity.
    pub score: u32,
    /// The block of its first canary passed without a miss since.
    pub since: BlockNumber,
    /// The block of the last canary passed.
    pub last: BlockNumber,
}

/// How a duty ended, for a worker's reputation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Outcome {
    /// It was done right.
    Right,
    /// The worker declined, could not do it, or blamed a kernel that others could run.
    Declined,
    /// The worker let the deadline pass.
    Silent,
    /// The worker told something that is not true.
    Wrong,
}

/// Most claims on one slash: the requester, the auditors, the jury and a challenger.
pub const MAX_CLAIMS: u32 = 16;

/// Why and how much of a worker's locked bond is to be slashed, and who is paid from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Penalty {
    /// The task the fault belongs to.
    pub task: TaskId,
    /// The fault.
    pub reason: ReasonCode,
    /// How much, in planck: locked before.
    pub amount: Balance,
    /// Who is paid how much of it, in planck, in this order and as far as it goes; at most [`MAX_CLAIMS`]. Of what is left a
    /// share goes to the insurance pot and the rest is burned.
    pub claims: Vec<(AccountId, Balance)>,
}

/// The message whose signature by the worker key proves its possession: the registering account, so that nobody else can
/// claim the key, and the genesis hash, so that it proves nothing on another chain.
pub fn possession_message(genesis: &crate::Hash, account: &AccountId) -> alloc::vec::Vec<u8> {
    (b"dpin/worker-key", genesis, account).encode()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec};
    use proptest::prelude::*;

    fn duty() -> impl Strategy<Value = Duty> {
        let role = prop::sample::select(vec![Role::Worker, Role::Auditor, Role::Juror]);
        (0..20u64, 0..3u32, role).prop_map(|(job, index, role)| Duty { task: TaskId { job, index }, role })
    }

    proptest! {
        #[test]
        fn duties_are_a_list(steps in prop::collection::vec((duty(), any::<bool>()), 0..100)) {
            let (mut duties, mut model) = (Duties::default(), Vec::new());
            for (duty, comes) in steps {
                if comes {
                    prop_assert!(duties.push(duty));
                    model.push(duty);
                } else {
                    duties.remove(duty.task);
                    model.retain(|other: &Duty| other.task != duty.task);
                }
                prop_assert_eq!(duties.iter().collect::<Vec<_>>(), model.clone());
                prop_assert_eq!((duties.len() as usize, duties.is_empty()), (model.len(), model.is_empty()));
                prop_assert_eq!(format!("{duties:?}"), format!("{model:?}"));
            }
        }
    }

    #[test]
    fn nobody_has_more_duties_than_there_may_be() {
        let duty = |index| Duty { task: TaskId { job: u64::MAX, index }, role: Role::Juror };
        let mut duties = Duties::default();
        for index in 0..MAX_DUTIES {
            assert!(!duties.is_full() && duties.push(duty(index)));
        }
        assert!(duties.is_full() && !duties.push(duty(MAX_DUTIES)));
        assert_eq!((duties.len(), duties.iter().last()), (MAX_DUTIES, Some(duty(MAX_DUTIES - 1))));
        assert_eq!(duty(0).encoded_size(), DUTY_BYTES as usize);
        assert_eq!(duties.encoded_size(), Duties::max_encoded_len());
    }

    #[test]
    fn an_offer_covers_only_what_it_names() {
        let kernel = KernelId::repeat_byte(1);
        let offer = Offer {
            min_reward: vec![(AssetKind::Native, 10)].try_into().unwrap(),
            kernels: Default::default(),
            max_run_blocks: 20,
        };
        assert!(offer.covers(&kernel, &AssetKind::Native, 10, 20));
        assert!(!offer.covers(&kernel, &AssetKind::Native, 9, 20));
        assert!(!offer.covers(&kernel, &crate::BLC, 10, 20));
        assert!(!offer.covers(&kernel, &AssetKind::Native, 10, 21));
        let picky = Offer { kernels: vec![KernelId::repeat_byte(2)].try_into().unwrap(), ..offer };
        assert!(!picky.covers(&kernel, &AssetKind::Native, 10, 20));
        let unmet =
            |offer: &Offer, asset, reward, blocks| offer.unmet(&kernel, asset, reward, blocks).collect::<Vec<_>>();
        assert_eq!(unmet(&picky, &AssetKind::Native, 10, 20), [Condition::Kernel]);
        assert_eq!(
            unmet(&picky, &AssetKind::Native, 9, 21),
            [Condition::Price, Condition::Deadline, Condition::Kernel]
        );
        assert_eq!(
            unmet(&picky, &crate::BLC, 0, 20),
            [Condition::Asset, Condition::Kernel],
            "no price is named for it"
        );
    }

    #[test]
    fn geohash_has_no_a_i_l_o() {
        assert!(is_geohash(b"u4pruydq") && is_geohash(b""));
        assert!(!is_geohash(b"u4a") && !is_geohash(b"U4"));
    }
}
