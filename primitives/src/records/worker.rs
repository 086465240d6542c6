//! Workers: keys, devices, region and standing offer.

#[cfg(feature = "json")]
use crate::json::{Amount, As, Asset, Each, HexHash, Text};
use crate::{AccountId, AssetKind, Balance, BlockNumber, KernelId, TaskId, reason::ReasonCode};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_core::{ConstU32, crypto::KeyTypeId},
    sp_runtime::{BoundedVec, Perbill},
};
use scale_info::TypeInfo;

/// Key type under which a node's keystore holds its worker key.
pub const WORKER_KEY_TYPE: KeyTypeId = KeyTypeId(*b"dpnw");

/// The app-crypto type of the worker key, which signs the submissions of the off-chain worker.
pub mod app {
    use polkadot_sdk::sp_application_crypto::{app_crypto, sr25519};
    app_crypto!(sr25519, super::WORKER_KEY_TYPE);
}

/// Public part of a worker key.
pub type WorkerKey = app::Public;
/// A signature by a worker key.
pub type WorkerSignature = app::Signature;

#[cfg(feature = "json")]
impl From<WorkerKey> for HexHash {
    fn from(key: WorkerKey) -> Self {
        Self(crate::Hash::from_slice(key.as_ref()))
    }
}

#[cfg(feature = "json")]
impl From<HexHash> for WorkerKey {
    fn from(HexHash(key): HexHash) -> Self {
        polkadot_sdk::sp_core::sr25519::Public::from_raw(key.0).into()
    }
}

/// Maximum number of devices that one worker may declare.
pub const MAX_DEVICES: u32 = 8;
/// Maximum number of characters in a region's geohash.
pub const MAX_REGION_CHARS: u32 = 8;
/// Maximum number of duties of one worker at a time.
///
/// A worker owes about a hundred duties if its eight devices each do a task in every second block,
/// and it audits twice as many.
pub const MAX_DUTIES: u32 = 256;
/// Maximum length of a worker's public address, in bytes.
pub const MAX_ADDRESS_BYTES: u32 = 128;

/// The kind of processor of a device.
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
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum DeviceClass {
    /// A graphics processor.
    Gpu,
    /// A CPU that runs OpenCL on its own cores.
    Cpu,
    /// Any other accelerator.
    Accelerator,
}

impl DeviceClass {
    /// Every class, in the order of the availability index.
    pub const ALL: [DeviceClass; 3] = [DeviceClass::Gpu, DeviceClass::Cpu, DeviceClass::Accelerator];
}

/// An OpenCL device that a worker offers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "DeviceView"))]
pub struct Device {
    /// The kind of processor.
    pub class: DeviceClass,
    /// Vendor, as OpenCL reports it.
    #[cfg_attr(feature = "json", serde(with = "As::<Text>"))]
    pub vendor: BoundedVec<u8, ConstU32<64>>,
    /// Model, as OpenCL reports it.
    #[cfg_attr(feature = "json", serde(with = "As::<Text>"))]
    pub model: BoundedVec<u8, ConstU32<64>>,
    /// Global memory in bytes.
    pub memory: u64,
    /// Number of compute units.
    pub compute_units: u32,
    /// Whether the device computes in double precision.
    pub fp64: bool,
    /// How strictly the device computes in single precision.
    pub fp32: Fp32,
}

/// Optional properties of a device in single precision, beyond those that every device must have.
/// Canaries check them.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "Fp32View"))]
pub struct Fp32 {
    /// Denormal numbers are not flushed to zero.
    pub denormals: bool,
    /// Division and square root are rounded correctly.
    pub rounded_division: bool,
}

impl Fp32 {
    /// All properties.
    pub const ALL: Self = Self { denormals: true, rounded_division: true };

    /// Whether `self` has all properties of `required`.
    pub fn covers(&self, required: &Self) -> bool {
        (self.denormals || !required.denormals) && (self.rounded_division || !required.rounded_division)
    }
}

/// A region: the first characters of a geohash, coarse to fine. Empty if the worker does not name
/// one.
pub type Region = BoundedVec<u8, ConstU32<MAX_REGION_CHARS>>;
/// The URL of the JSON-RPC at which a worker's node is asked for outputs.
pub type PublicAddress = BoundedVec<u8, ConstU32<MAX_ADDRESS_BYTES>>;

/// Whether `region` uses only the alphabet of geohash.
pub fn is_geohash(region: &[u8]) -> bool {
    region.iter().all(|c| b"0123456789bcdefghjkmnpqrstuvwxyz".contains(c))
}

/// A worker's standing offer. The worker must take every task that matches it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "OfferView"))]
pub struct Offer {
    /// The accepted assets, each with the least reward per task in that asset's smallest unit.
    #[cfg_attr(feature = "json", serde(with = "Each::<MinReward>"))]
    pub min_reward: BoundedVec<(AssetKind, Balance), ConstU32<8>>,
    /// The accepted kernels. If the list is empty, every kernel is accepted.
    #[cfg_attr(feature = "json", schemars(with = "Vec<HexHash>"))]
    pub kernels: BoundedVec<KernelId, ConstU32<32>>,
    /// Longest deadline of an accepted task, in blocks.
    pub max_run_blocks: u32,
}

// An entry of `Offer::min_reward` in JSON.
/// Least reward that a worker accepts in an asset.
#[cfg(feature = "json")]
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "MinRewardView")]
struct MinReward {
    /// The asset.
    asset: Asset,
    /// Least reward of a task, in the asset's smallest unit.
    amount: Amount,
}

#[cfg(feature = "json")]
impl From<(AssetKind, Balance)> for MinReward {
    fn from((asset, amount): (AssetKind, Balance)) -> Self {
        Self { asset: asset.into(), amount: amount.into() }
    }
}

#[cfg(feature = "json")]
impl From<MinReward> for (AssetKind, Balance) {
    fn from(MinReward { asset, amount }: MinReward) -> Self {
        (asset.into(), amount.into())
    }
}

/// The role of an account in a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Role {
    /// Computes the task.
    Worker,
    /// Checks the task.
    Auditor,
    /// Decides a dispute about the task.
    Juror,
}

/// Something a worker owes the chain. Its off-chain worker looks for duties after each block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Duty {
    /// The task that the duty is about.
    pub task: TaskId,
    /// The role of the worker in the task.
    pub role: Role,
}

/// The room that a duty takes at its worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// A slot: one must be free, and the worker must be active.
    Slot,
    /// No slot: an audit, a jury, or a canary.
    NoSlot,
}

/// The duties of a worker, in the order in which it received them.
///
/// A busy worker has a duty for each task from its assignment to its settlement, and one for each
/// audit.
///
/// The list is stored with the other changing state of a worker, which every step of a task reads
/// and writes. Most steps do not look into the list, so it is kept in its encoding.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Duties(BoundedVec<u8, ConstU32<{ MAX_DUTIES * DUTY_BYTES }>>);

/// Length of an encoded [`Duty`] in bytes.
const DUTY_BYTES: u32 = 13;

impl Duties {
    /// Number of duties.
    pub fn len(&self) -> u32 {
        (self.0.len() as u32).checked_div(DUTY_BYTES).unwrap_or_default()
    }

    /// Whether the worker has no duties.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the list has [`MAX_DUTIES`] entries.
    pub fn is_full(&self) -> bool {
        self.len() >= MAX_DUTIES
    }

    /// Iterate over all duties.
    pub fn iter(&self) -> impl Iterator<Item = Duty> + '_ {
        self.0.chunks_exact(DUTY_BYTES as usize).filter_map(|mut duty| Duty::decode(&mut duty).ok())
    }

    /// Add a duty. Returns `false` if the list is full.
    pub fn push(&mut self, duty: Duty) -> bool {
        self.0.try_append(&mut duty.encode()).is_ok()
    }

    /// Remove all duties about a task.
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

/// The capability that all devices of a worker have in common, because any of them may get a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Capability {
    /// Memory of the smallest device, in bytes.
    pub memory: u64,
    /// Whether all devices compute in double precision.
    pub fp64: bool,
    /// The properties that all devices have in single precision.
    pub fp32: Fp32,
}

impl Capability {
    /// Compute the capability that all of `devices` have in common; `None` if there are none.
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
}

/// The facts about a worker that the lottery needs and that the steps of a task read and write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkerState {
    /// The class of all its devices.
    pub class: DeviceClass,
    /// The capability that all its devices have in common.
    pub capability: Capability,
    /// The reputation of the worker.
    pub reputation: Perbill,
    /// The part of the bond that is not locked, in planck.
    pub free_bond: Balance,
    /// Number of silences in a row.
    pub strikes: u32,
    /// The duties of the worker.
    pub duties: Duties,
}

/// The facts about a worker that the lottery needs and that the worker declares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkerProfile {
    /// The region in which the worker says it is.
    pub region: Region,
    /// The tasks that the worker takes.
    pub offer: Offer,
    /// The address at which the worker's node serves outputs.
    pub address: PublicAddress,
}

/// A registered worker as a candidate for a task, whether it may be drawn or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The account of the worker.
    pub worker: AccountId,
    /// Whether the worker is neither paused nor leaving.
    pub active: bool,
    /// Whether the worker may be drawn once it is active and has a free slot.
    pub drawable: bool,
    /// Whether the worker has a free slot.
    pub free_slot: bool,
    /// The part of the bond that is not set aside for slashes, in planck.
    pub bond: Balance,
    /// The facts that tasks change.
    pub state: WorkerState,
    /// The facts that the worker declares.
    pub profile: WorkerProfile,
    /// Whether the worker is certified.
    pub certified: bool,
}

/// A passport: what a worker's devices have proved by canaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "PassportView"))]
pub struct Passport {
    /// Properties in single precision, checked operation by operation.
    pub fp32: Fp32,
    /// Whether the devices compute in double precision, checked operation by operation.
    pub fp64: bool,
    /// The capacity: number of throughput tiles that all devices did at the same time in one canary
    /// window.
    pub score: u32,
    /// The block of the first canary passed since the last miss.
    pub since: BlockNumber,
    /// The block of the last canary passed.
    pub last: BlockNumber,
}

/// The outcome of a duty, for a worker's reputation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Outcome {
    /// The duty was done right.
    Right,
    /// The worker declined, could not do the work, or blamed a kernel that others could run.
    Declined,
    /// The worker let the deadline pass.
    Silent,
    /// The worker reported something false.
    Wrong,
}

/// Maximum number of claims on one slash: of the requester, the auditors, the jury and a
/// challenger.
pub const MAX_CLAIMS: u32 = 16;

/// A slash of a worker's locked bond: its reason, its amount, and the accounts paid from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Penalty {
    /// The task in which the fault occurred.
    pub task: TaskId,
    /// The reason code of the fault.
    pub reason: ReasonCode,
    /// Amount of the slash, in planck. It is already locked.
    pub amount: Balance,
    /// The accounts paid from the slash, each with an amount in planck; at most [`MAX_CLAIMS`].
    ///
    /// Claims are paid in this order until the slash is used up. A share of the rest goes to the
    /// insurance pot, and the remainder is burned.
    pub claims: Vec<(AccountId, Balance)>,
}

/// The end of a worker's duty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DutyEnd {
    /// The bond that is locked for the duty, in planck. The amount of the penalty stays locked.
    pub bond: Balance,
    /// The outcome to record; `None` if the end says nothing about the worker.
    pub outcome: Option<Outcome>,
    /// Value of the duty, in planck.
    pub worth: Balance,
    /// The slash of a part of the bond, if there is one.
    pub penalty: Option<Penalty>,
}

/// The message that a worker key signs to prove its possession.
///
/// It contains the registering account, so that no other account can claim the key. It contains the
/// genesis hash, so that the proof is worth nothing on another chain.
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
    fn geohash_has_no_a_i_l_o() {
        assert!(is_geohash(b"u4pruydq") && is_geohash(b""));
        assert!(!is_geohash(b"u4a") && !is_geohash(b"U4"));
    }
}
