//! Workers.

use super::{Amount, AssetView, DeviceClassView, Fp32View};
use crate::schema;
use dpin_primitives::{
    api::{WorkerInfo, WorkerStatus},
    worker::{Device, Offer, Passport},
    AccountId, BlockNumber, Hash, KernelId,
};
use polkadot_sdk::sp_core::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A device, as its worker declares it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    /// What kind of processor it is.
    #[schemars(with = "schema::Class")]
    pub class: DeviceClassView,
    /// Vendor as OpenCL names it.
    pub vendor: String,
    /// Model as OpenCL names it.
    pub model: String,
    /// Global memory in bytes.
    pub memory: u64,
    /// Compute units.
    pub compute_units: u32,
    /// Whether it computes in double precision.
    pub fp64: bool,
    /// What it does in single precision beyond what every device must.
    pub fp32: Fp32View,
}

/// The least a worker takes of an asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MinRewardView {
    /// The asset.
    pub asset: AssetView,
    /// The least reward of a task.
    pub amount: Amount,
}

/// What a worker takes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferView {
    /// The assets it takes, each with the least reward.
    pub min_reward: Vec<MinRewardView>,
    /// The kernels it takes; empty: any.
    #[schemars(with = "Vec<schema::HexHash>")]
    pub kernels: Vec<KernelId>,
    /// Longest task it takes, in blocks.
    pub max_run_blocks: u32,
}

/// Whom the keys of confidential inputs are sealed to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionKeyView {
    /// The age recipient of the executor.
    pub recipient: String,
    /// The signature of the worker's key.
    #[schemars(with = "schema::HexBytes")]
    pub signature: Bytes,
}

/// Whether a worker takes tasks: `{"name": "active"}` and so on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WorkerStatusView {
    /// Takes tasks.
    Active,
    /// Paused by its owner; can resume.
    Paused,
    /// Paused by its own node, because no device works or its disk is full; resumes when that has changed.
    NoDevice,
    /// Takes no tasks any more.
    Leaving {
        /// The block from which on its bond may be withdrawn.
        free_at: BlockNumber,
    },
}

/// What a worker's devices have proved by canaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PassportView {
    /// What they do in single precision, checked op by op.
    pub fp32: Fp32View,
    /// Whether they compute in double precision, checked op by op.
    pub fp64: bool,
    /// Throughput tiles done in one canary window: the worker's capacity.
    pub score: u32,
    /// The block of the first canary passed without a miss since.
    pub since: BlockNumber,
    /// The block of the last canary passed.
    pub last: BlockNumber,
}

/// A worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkerView {
    /// Its account.
    #[schemars(with = "schema::Account")]
    pub account: AccountId,
    /// Its number, given in the order of registration.
    pub number: u32,
    /// The public part of its worker key.
    #[schemars(with = "schema::HexHash")]
    pub key: Hash,
    /// Where its node can be asked for outputs.
    pub address: String,
    /// Geohash of where it stands, as it says.
    pub region: String,
    /// The class of its devices.
    #[schemars(with = "schema::Class")]
    pub class: DeviceClassView,
    /// Its devices.
    pub devices: Vec<DeviceView>,
    /// What it takes.
    pub offer: OfferView,
    /// Whether it takes tasks.
    pub status: WorkerStatusView,
    /// Held bond, in planck.
    pub bond: Amount,
    /// What of it answers for tasks in flight and pending slashes.
    pub locked: Amount,
    /// What of `locked` is set aside for pending slashes.
    pub slashing: Amount,
    /// Slots altogether.
    pub slots: u32,
    /// Slots in use.
    pub busy: u32,
    /// Whether the lottery may draw it.
    pub available: bool,
    /// How trustworthy it has been, in billionths.
    pub reputation: u32,
    /// How often in a row it was silent.
    pub strikes: u32,
    /// Canaries in a row that it missed.
    pub misses: u32,
    /// What its devices have proved.
    pub passport: Option<PassportView>,
    /// What it has locked to be certified, in BLC's smallest unit; 0: it is not.
    pub certificate: Amount,
}

/// A part of the workers, in the order of their registration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkersPage {
    /// The workers.
    pub workers: Vec<WorkerView>,
    /// What to give as `after` for those after them; `null` at the end.
    pub next: Option<u32>,
}

/// Workers that a new best block has changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkersItem {
    /// The block's hash.
    #[schemars(with = "schema::HexHash")]
    pub block: Hash,
    /// The block's number.
    pub number: BlockNumber,
    /// Workers that are new or changed.
    pub changed: Vec<WorkerView>,
    /// Workers that are no longer there, or no longer of the class.
    #[schemars(with = "Vec<schema::Account>")]
    pub left: Vec<AccountId>,
}

/// Workers that the lottery may draw now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AvailableView {
    /// Their class.
    #[schemars(with = "schema::Class")]
    pub class: DeviceClassView,
    /// How many.
    pub workers: u32,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
        Self {
            class: device.class,
            vendor: text(&device.vendor),
            model: text(&device.model),
            memory: device.memory,
            compute_units: device.compute_units,
            fp64: device.fp64,
            fp32: device.fp32.into(),
        }
    }
}

impl From<Offer> for OfferView {
    fn from(offer: Offer) -> Self {
        let least = |(asset, amount): (dpin_primitives::AssetKind, _)| MinRewardView {
            asset: asset.into(),
            amount: Amount(amount),
        };
        Self {
            min_reward: offer.min_reward.into_iter().map(least).collect(),
            kernels: offer.kernels.into_inner(),
            max_run_blocks: offer.max_run_blocks,
        }
    }
}

impl From<WorkerStatus> for WorkerStatusView {
    fn from(status: WorkerStatus) -> Self {
        match status {
            WorkerStatus::Active => Self::Active,
            WorkerStatus::Paused => Self::Paused,
            WorkerStatus::NoDevice => Self::NoDevice,
            WorkerStatus::Leaving { free_at } => Self::Leaving { free_at },
        }
    }
}

impl From<Passport> for PassportView {
    fn from(passport: Passport) -> Self {
        let Passport { fp32, fp64, score, since, last } = passport;
        Self { fp32: fp32.into(), fp64, score, since, last }
    }
}

impl From<WorkerInfo> for WorkerView {
    fn from(worker: WorkerInfo) -> Self {
        Self {
            account: worker.account,
            number: worker.number,
            key: Hash::from_slice(worker.key.as_ref()),
            address: text(&worker.address),
            region: text(&worker.region),
            class: worker.class,
            devices: worker.devices.into_iter().map(Into::into).collect(),
            offer: worker.offer.into(),
            status: worker.status.into(),
            bond: Amount(worker.bond),
            locked: Amount(worker.locked),
            slashing: Amount(worker.slashing),
            slots: worker.slots,
            busy: worker.busy,
            available: worker.available,
            reputation: worker.reputation.deconstruct(),
            strikes: worker.strikes,
            misses: worker.misses,
            passport: worker.passport.map(Into::into),
            certificate: Amount(worker.certificate),
        }
    }
}
