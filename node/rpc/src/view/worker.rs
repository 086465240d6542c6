//! Answers about workers.

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

/// A device as declared by its worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    /// Kind of processor.
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
    /// Single-precision features beyond those that every device must have.
    pub fp32: Fp32View,
}

/// Least reward that a worker accepts in an asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MinRewardView {
    /// The asset.
    pub asset: AssetView,
    /// Least reward of a task.
    pub amount: Amount,
}

/// Offer of a worker: the tasks it takes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferView {
    /// Accepted assets, each with the least reward.
    pub min_reward: Vec<MinRewardView>,
    /// Accepted kernels; empty: any.
    #[schemars(with = "Vec<schema::HexHash>")]
    pub kernels: Vec<KernelId>,
    /// Longest accepted deadline of a task, in blocks.
    pub max_run_blocks: u32,
}

/// The recipient to which the keys of confidential inputs are sealed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionKeyView {
    /// Age recipient of the executor.
    pub recipient: String,
    /// Signature of the worker's key over the recipient.
    #[schemars(with = "schema::HexBytes")]
    pub signature: Bytes,
}

/// Status of a worker: `{"name": "active"}` and so on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WorkerStatusView {
    /// Takes tasks.
    Active,
    /// Paused by its owner; can resume.
    Paused,
    /// Paused by its own node, because no device works or its disk is full; resumes when that has
    /// changed.
    NoDevice,
    /// Takes no tasks any more.
    Leaving {
        /// The first block in which the bond may be withdrawn.
        free_at: BlockNumber,
    },
}

/// Passport of a worker: the features and the capacity that its devices have proved by canaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PassportView {
    /// Single-precision features, checked operation by operation.
    pub fp32: Fp32View,
    /// Whether the devices compute in double precision, checked operation by operation.
    pub fp64: bool,
    /// Throughput tiles done in one canary window: the worker's capacity.
    pub score: u32,
    /// The block of the first canary passed since the last miss.
    pub since: BlockNumber,
    /// The block of the last canary passed.
    pub last: BlockNumber,
}

/// A worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkerView {
    /// Account of the worker.
    #[schemars(with = "schema::Account")]
    pub account: AccountId,
    /// Number of the worker, in the order of registration.
    pub number: u32,
    /// The public part of its worker key.
    #[schemars(with = "schema::HexHash")]
    pub key: Hash,
    /// URL of the worker's node, which serves its outputs.
    pub address: String,
    /// Geohash of the worker's location, as it declares it.
    pub region: String,
    /// Class of its devices.
    #[schemars(with = "schema::Class")]
    pub class: DeviceClassView,
    /// Devices of the worker.
    pub devices: Vec<DeviceView>,
    /// Offer of the worker.
    pub offer: OfferView,
    /// Status of the worker.
    pub status: WorkerStatusView,
    /// Held bond, in planck.
    pub bond: Amount,
    /// Part of the bond that answers for tasks in flight and pending slashes, in planck.
    pub locked: Amount,
    /// Part of `locked` that is set aside for pending slashes, in planck.
    pub slashing: Amount,
    /// Total number of slots.
    pub slots: u32,
    /// Number of slots in use.
    pub busy: u32,
    /// Whether the lottery may draw the worker.
    pub available: bool,
    /// Reputation of the worker, in billionths.
    pub reputation: u32,
    /// Number of silences in a row.
    pub strikes: u32,
    /// Number of missed canaries in a row.
    pub misses: u32,
    /// Passport of the worker, if it has one.
    pub passport: Option<PassportView>,
    /// BLC locked to be certified, in its smallest unit; 0: the worker is not certified.
    pub certificate: Amount,
}

/// A page of workers, in the order of registration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkersPage {
    /// The workers.
    pub workers: Vec<WorkerView>,
    /// The value of `after` for the next page; `null` at the end.
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
    /// Workers that have left the registry or the class.
    #[schemars(with = "Vec<schema::Account>")]
    pub left: Vec<AccountId>,
}

/// Number of workers that the lottery may draw now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AvailableView {
    /// Class of these workers.
    #[schemars(with = "schema::Class")]
    pub class: DeviceClassView,
    /// Number of workers.
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
