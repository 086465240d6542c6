//! Jobs: their specification, their shape and their cost.

#[cfg(feature = "json")]
use crate::json::{Amount, As, Asset, Text};
use crate::{
    AssetKind, Balance, BlobHash, BlockNumber, KernelId,
    kernel::KernelManifest,
    split::task_groups,
    tile_tree::{MAX_OPENED, MAX_TILES},
    worker::{DeviceClass, Fp32, Region},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_core::ConstU32,
    sp_runtime::{BoundedVec, Perbill, traits::Zero},
};
use scale_info::TypeInfo;

/// Maximum number of tasks of one job.
pub const MAX_TASKS: u32 = 256;
/// Maximum number of jobs posted in one call.
pub const MAX_JOBS: u32 = 64;
/// Maximum number of input blobs, and of scalars, of one job.
pub const MAX_ARGUMENTS: u32 = crate::kernel::MAX_PARAMS;
/// Maximum number of auditors of one task.
pub const MAX_AUDITORS: u32 = 7;
/// Maximum number of tiles of one sample: all of them are opened at once.
pub const MAX_SAMPLES: u32 = MAX_OPENED;
/// Maximum size of all inputs of one job together: 8 GiB.
///
/// Workers and auditors must hold all inputs at once. By default an executor keeps 16 GiB of
/// inputs, and it serves several jobs.
pub const MAX_JOB_INPUT_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// Maximum output of one task: 4 GiB.
pub const MAX_TASK_OUTPUT_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Maximum number of work-groups of a job's grid.
pub const MAX_GRID: u64 = 1 << 48;

/// Return the number of work-groups of a grid. `None` if the grid is empty or has more than
/// [`MAX_GRID`] work-groups.
pub fn grid_size(groups: [u32; 3]) -> Option<u64> {
    let total = groups.iter().fold(1u128, |product, count| product.saturating_mul(u128::from(*count)));
    u64::try_from(total).ok().filter(|total| (1..=MAX_GRID).contains(total))
}

/// The number of tasks that a job is split into.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum TaskCount {
    /// The chain chooses by the number of available workers: [`crate::split::auto_tasks`].
    Auto,
    /// Exactly this many tasks.
    Exactly(u32),
}

/// The number of a task's tiles that are checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "SamplesView"))]
pub enum Samples {
    /// This many tiles, 1 to 1,024, or all if the task has fewer.
    Count(u32),
    /// Every tile: a full replica. Only for tasks of at most 1,024 tiles.
    All,
}

/// The audit policy: how a job's results are checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "AuditView"))]
pub struct AuditPolicy {
    /// Number of auditors of each task, 0 to 7. Without auditors the result is not checked.
    pub auditors: u32,
    /// The tiles that each auditor recomputes.
    pub samples: Samples,
    /// Length of the challenge window, in blocks between verification and payment.
    pub challenge_blocks: BlockNumber,
}

impl Default for AuditPolicy {
    fn default() -> Self {
        Self { auditors: 2, samples: Samples::Count(32), challenge_blocks: 0 }
    }
}

/// The requirements that a worker must meet to get a task.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "RequirementsView"))]
pub struct Requirements {
    /// Least device memory in bytes. The chain always requires enough for all inputs and one tile.
    pub memory: u64,
    /// Whether the devices must compute in double precision.
    pub fp64: bool,
    /// The required device class; any, if none is named.
    pub class: Option<DeviceClass>,
    /// The first characters of the geohash of the worker's region. Empty for any region.
    #[cfg_attr(feature = "json", serde(with = "As::<Text>"))]
    pub region: Region,
    /// The properties that the devices must have in single precision.
    pub fp32: Fp32,
    /// Least reputation of the worker, in billionths.
    #[cfg_attr(feature = "json", schemars(with = "u32"))]
    pub reputation: Perbill,
    /// Whether the worker must be certified: it has locked BLC.
    pub certified: bool,
}

impl Requirements {
    /// Raise the required memory to at least `least` bytes.
    pub fn with_memory(self, least: u64) -> Self {
        Self { memory: self.memory.max(least), ..self }
    }
}

/// The reward of each task of a job.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "RewardView"))]
pub struct Reward {
    /// The asset of all amounts of this job.
    #[cfg_attr(feature = "json", serde(with = "As::<Asset>"))]
    pub asset: AssetKind,
    /// Reward of one task, in the asset's smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub per_task: Balance,
}

/// A job as its requester posts it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct JobSpec {
    /// The kernel to run.
    pub kernel: KernelId,
    /// Number of work-items in each dimension: multiples of the kernel's local size.
    pub global_size: [u32; 3],
    /// Bytes of the scalar parameters, little endian, in order.
    pub scalars: BoundedVec<BoundedVec<u8, ConstU32<8>>, ConstU32<MAX_ARGUMENTS>>,
    /// Blobs of the input parameters, in order.
    pub inputs: BoundedVec<BlobHash, ConstU32<MAX_ARGUMENTS>>,
    /// The reward of each task.
    pub reward: Reward,
    /// The number of tasks that the job is split into.
    pub tasks: TaskCount,
    /// The audit policy.
    pub audit: AuditPolicy,
    /// Deadline of one task, in blocks from its assignment to its commitment.
    pub run_blocks: BlockNumber,
    /// The requirements that workers must meet.
    pub requires: Requirements,
}

/// The errors of a job that can be found without the chain's state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpecError {
    /// A dimension is 0 or no multiple of the kernel's local size, or the grid has more than
    /// [`MAX_GRID`] work-groups.
    InvalidGlobalSize,
    /// The number of scalars is not the number of scalar parameters.
    WrongScalarCount,
    /// The width of a scalar is not that of its parameter.
    WrongScalarWidth,
    /// The number of input blobs is not the number of input parameters.
    WrongInputCount,
    /// The number of tasks is 0, more than [`MAX_TASKS`], or more than the number of work-groups.
    InvalidTaskCount,
    /// The output of a task would have more than [`MAX_TILES`] tiles or [`MAX_TASK_OUTPUT_BYTES`]
    /// bytes.
    OutputTooLarge,
    /// There are more than [`MAX_AUDITORS`] auditors, not 1 to [`MAX_SAMPLES`] samples, or the
    /// challenge window is beyond the chain's limit.
    InvalidAuditPolicy,
    /// The deadline is 0 blocks or beyond the chain's limit.
    InvalidDeadline,
    /// The region is not a geohash.
    InvalidRegion,
}

impl JobSpec {
    /// Return the number of work-groups in each dimension.
    ///
    /// `None` unless every dimension is a positive multiple of the kernel's local size.
    pub fn groups(&self, manifest: &KernelManifest) -> Option<[u32; 3]> {
        let mut groups = [0; 3];
        for ((count, global), local) in groups.iter_mut().zip(self.global_size).zip(manifest.local_size) {
            if global == 0 || global.checked_rem(local)? != 0 {
                return None;
            }
            *count = global.checked_div(local)?;
        }
        Some(groups)
    }

    /// Check the job against its kernel, and return its shape when it is split into tasks.
    ///
    /// `available` is the number of available workers, `max_blocks` the longest deadline that the
    /// chain allows.
    ///
    /// # Errors
    ///
    /// The first rule of [`SpecError`] that the job breaks.
    pub fn check(
        &self,
        manifest: &KernelManifest,
        available: u32,
        max_blocks: BlockNumber,
    ) -> Result<JobShape, SpecError> {
        let groups = self.groups(manifest).ok_or(SpecError::InvalidGlobalSize)?;
        let total = grid_size(groups).ok_or(SpecError::InvalidGlobalSize)?;
        self.check_arguments(manifest)?;
        let tasks = match self.tasks {
            TaskCount::Auto => crate::split::auto_tasks(available, total).min(MAX_TASKS),
            TaskCount::Exactly(tasks) => tasks,
        };
        if !(1..=MAX_TASKS).contains(&tasks) || u64::from(tasks) > total {
            return Err(SpecError::InvalidTaskCount);
        }
        let longest = total.div_ceil(u64::from(tasks));
        let longest = u32::try_from(longest)
            .ok()
            .filter(|groups| *groups <= MAX_TILES && manifest.tiling.output_bytes(*groups) <= MAX_TASK_OUTPUT_BYTES);
        self.check_audit(manifest.tiling.tiles(longest.ok_or(SpecError::OutputTooLarge)?), max_blocks)?;
        if self.run_blocks == 0 || self.run_blocks > max_blocks {
            return Err(SpecError::InvalidDeadline);
        }
        if !crate::worker::is_geohash(&self.requires.region) {
            return Err(SpecError::InvalidRegion);
        }
        Ok(JobShape { groups, total, tasks })
    }

    /// Check that scalars and inputs are those that the kernel takes.
    fn check_arguments(&self, manifest: &KernelManifest) -> Result<(), SpecError> {
        let mut widths = manifest.scalar_widths();
        for scalar in &self.scalars {
            let width = widths.next().ok_or(SpecError::WrongScalarCount)?;
            if scalar.len() != usize::from(width) {
                return Err(SpecError::WrongScalarWidth);
            }
        }
        if widths.next().is_some() {
            return Err(SpecError::WrongScalarCount);
        }
        if self.inputs.len() != manifest.input_count() {
            return Err(SpecError::WrongInputCount);
        }
        Ok(())
    }

    /// Check the audit policy of a job whose largest task has this many tiles.
    fn check_audit(&self, tiles: u32, max_blocks: BlockNumber) -> Result<(), SpecError> {
        let samples_fit = match self.audit.samples {
            Samples::Count(count) => (1..=MAX_SAMPLES).contains(&count),
            Samples::All => tiles <= MAX_SAMPLES,
        };
        if self.audit.auditors > MAX_AUDITORS || !samples_fit || self.audit.challenge_blocks > max_blocks {
            return Err(SpecError::InvalidAuditPolicy);
        }
        Ok(())
    }
}

/// A job's grid of work-groups and the number of its tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "ShapeView"))]
pub struct JobShape {
    /// Work-groups in each dimension.
    pub groups: [u32; 3],
    /// Number of work-groups of the whole job.
    pub total: u64,
    /// Number of tasks.
    pub tasks: u32,
}

impl JobShape {
    /// Return the first work-group of task `index` and the number of its work-groups. `None` if
    /// there is no such task.
    pub fn task(&self, index: u32) -> Option<(u64, u32)> {
        let range = task_groups(self.total, self.tasks, index)?;
        Some((range.start, u32::try_from(range.end.checked_sub(range.start)?).ok()?))
    }
}

/// The shares and minima that determine the price of a job. Governance may change them. Shares are
/// in billionths.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "FeePolicyView"))]
pub struct FeePolicy {
    /// Reservation fee, as a share of the reward. Requester and worker each pay it.
    #[cfg_attr(feature = "json", schemars(with = "u32"))]
    pub reservation: Perbill,
    /// Surcharge on jobs paid in another asset than DPN, as a share of the reward.
    #[cfg_attr(feature = "json", schemars(with = "u32"))]
    pub surcharge: Perbill,
    /// Pay of all auditors of a task together, as a share of the reward.
    #[cfg_attr(feature = "json", schemars(with = "u32"))]
    pub audit: Perbill,
    /// Least pay of one auditor, in the smallest unit of the job's asset.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub audit_minimum: Balance,
}

/// The cost of one task to its requester, in the smallest unit of the job's asset.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TaskCost {
    /// The worker's reward. The worker's own reservation fee is taken out of it.
    pub reward: Balance,
    /// Pay of each auditor that seals right.
    pub per_auditor: Balance,
    /// Number of auditors.
    pub auditors: u32,
    /// The requester's reservation fee and surcharge.
    pub fee: Balance,
    /// The worker's reservation fee, taken out of the reward.
    pub worker_fee: Balance,
}

impl TaskCost {
    /// Price a task; `None` on overflow. Shares round up, so rounding never favours the payer.
    pub fn quote(reward: &Reward, auditors: u32, policy: &FeePolicy) -> Option<Self> {
        let amount = reward.per_task;
        let surcharge =
            if reward.asset == AssetKind::Native { Balance::zero() } else { policy.surcharge.mul_ceil(amount) };
        let per_auditor = if auditors == 0 {
            0
        } else {
            policy.audit.mul_ceil(amount).div_ceil(Balance::from(auditors)).max(policy.audit_minimum)
        };
        let cost = Self {
            reward: amount,
            per_auditor,
            auditors,
            fee: policy.reservation.mul_ceil(amount).checked_add(surcharge)?,
            worker_fee: policy.reservation.mul_ceil(amount),
        };
        cost.checked_total()?;
        Some(cost)
    }

    pub(crate) fn checked_total(&self) -> Option<Balance> {
        self.per_auditor.checked_mul(Balance::from(self.auditors))?.checked_add(self.reward)?.checked_add(self.fee)
    }

    /// Return the amount that the requester holds for the task: reward, auditors' pay and fee.
    ///
    /// It cannot overflow: [`Self::quote`] has checked that.
    pub fn total(&self) -> Balance {
        self.checked_total().unwrap_or(Balance::MAX)
    }

    /// Divide the held total when the task settles with `sealed` auditors that sealed right.
    pub fn settlement(&self, sealed: u32) -> Settlement {
        let auditors = Balance::from(sealed.min(self.auditors)).saturating_mul(self.per_auditor);
        let worker = self.reward.saturating_sub(self.worker_fee);
        let revenue = self.fee.saturating_add(self.reward.saturating_sub(worker));
        let spent = worker.saturating_add(auditors).saturating_add(revenue);
        Settlement { worker, per_auditor: self.per_auditor, revenue, refund: self.total().saturating_sub(spent) }
    }
}

/// The division of a settled task's escrow, in the smallest unit of the job's asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settlement {
    /// Amount for the worker.
    pub worker: Balance,
    /// Amount for each auditor that sealed right.
    pub per_auditor: Balance,
    /// Amount for the revenue pot.
    pub revenue: Balance,
    /// Amount returned to the requester: the pay of missing auditors.
    pub refund: Balance,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{KernelClass, Param, Tiling};
    use alloc::{vec, vec::Vec};
    use proptest::prelude::*;

    fn manifest() -> KernelManifest {
        KernelManifest {
            source: BlobHash::zero(),
            entry: b"f".to_vec().try_into().unwrap(),
            params: vec![Param::Scalar { bytes: 4 }, Param::Input, Param::Output].try_into().unwrap(),
            local_size: [16, 8, 1],
            tiling: Tiling::PerGroup { bytes: 128 },
            options: Default::default(),
            class: KernelClass::Raw,
        }
    }

    fn spec() -> JobSpec {
        JobSpec {
            kernel: manifest().id(),
            global_size: [64, 64, 1],
            scalars: vec![vec![0; 4].try_into().unwrap()].try_into().unwrap(),
            inputs: vec![BlobHash::zero()].try_into().unwrap(),
            reward: Reward { asset: AssetKind::Native, per_task: 1_000 },
            tasks: TaskCount::Auto,
            audit: AuditPolicy::default(),
            run_blocks: 20,
            requires: Requirements::default(),
        }
    }

    #[test]
    fn a_plain_job_has_its_shape() {
        let shape = spec().check(&manifest(), 8, 100).unwrap();
        assert_eq!(shape, JobShape { groups: [4, 8, 1], total: 32, tasks: 3 });
        assert_eq!((0..3).map(|i| shape.task(i).unwrap()).collect::<Vec<_>>(), [(0, 11), (11, 11), (22, 10)]);
        assert_eq!(shape.task(3), None);
    }

    #[test]
    fn each_broken_rule_is_named() {
        let broken = |change: fn(&mut JobSpec)| {
            let mut s = spec();
            change(&mut s);
            s.check(&manifest(), 4, 100).unwrap_err()
        };
        assert_eq!(broken(|s| s.global_size = [0, 64, 1]), SpecError::InvalidGlobalSize);
        assert_eq!(broken(|s| s.global_size = [63, 64, 1]), SpecError::InvalidGlobalSize);
        assert_eq!(broken(|s| s.global_size = [1 << 31, 1 << 31, u32::MAX]), SpecError::InvalidGlobalSize);
        assert_eq!(broken(|s| s.scalars = Default::default()), SpecError::WrongScalarCount);
        assert_eq!(broken(|s| s.scalars.try_push(Default::default()).unwrap()), SpecError::WrongScalarCount);
        assert_eq!(broken(|s| s.scalars[0] = vec![0; 8].try_into().unwrap()), SpecError::WrongScalarWidth);
        assert_eq!(broken(|s| s.inputs = Default::default()), SpecError::WrongInputCount);
        assert_eq!(broken(|s| s.tasks = TaskCount::Exactly(0)), SpecError::InvalidTaskCount);
        assert_eq!(broken(|s| s.tasks = TaskCount::Exactly(33)), SpecError::InvalidTaskCount);
        assert_eq!(broken(|s| s.global_size = [1 << 24, 1 << 10, 1]), SpecError::OutputTooLarge);
        assert_eq!(broken(|s| s.audit.auditors = 8), SpecError::InvalidAuditPolicy);
        assert_eq!(broken(|s| s.audit.samples = Samples::Count(0)), SpecError::InvalidAuditPolicy);
        assert_eq!(broken(|s| s.audit.samples = Samples::Count(1025)), SpecError::InvalidAuditPolicy);
        assert_eq!(broken(|s| s.audit.challenge_blocks = 101), SpecError::InvalidAuditPolicy);
        assert_eq!(
            broken(|s| {
                s.global_size = [16 * 2048, 8 * 2, 1];
                s.audit.samples = Samples::All;
            }),
            SpecError::InvalidAuditPolicy
        );
        assert_eq!(broken(|s| s.run_blocks = 0), SpecError::InvalidDeadline);
        assert_eq!(broken(|s| s.run_blocks = 101), SpecError::InvalidDeadline);
        assert_eq!(broken(|s| s.requires.region = b"A".to_vec().try_into().unwrap()), SpecError::InvalidRegion);
    }

    fn policy() -> impl Strategy<Value = FeePolicy> {
        (0u32..=1_000_000_000, 0u32..=1_000_000_000, 0u32..=1_000_000_000, any::<u64>()).prop_map(|(r, s, a, m)| {
            FeePolicy {
                reservation: Perbill::from_parts(r),
                surcharge: Perbill::from_parts(s),
                audit: Perbill::from_parts(a),
                audit_minimum: m.into(),
            }
        })
    }

    proptest! {
        #[test]
        fn settlement_shares_out_just_what_was_held(
            amount in 0u128..1 << 100,
            auditors in 0u32..=7,
            sealed in 0u32..=7,
            native: bool,
            policy in policy(),
        ) {
            let asset = if native { AssetKind::Native } else { crate::BLC };
            let cost = TaskCost::quote(&Reward { asset, per_task: amount }, auditors, &policy).unwrap();
            let sealed = sealed.min(auditors);
            let s = cost.settlement(sealed);
            prop_assert_eq!(s.worker + s.per_auditor * u128::from(sealed) + s.revenue + s.refund, cost.total());
            prop_assert_eq!(s.refund, u128::from(auditors - sealed) * cost.per_auditor);
        }

        #[test]
        fn fees_never_round_in_favour_of_who_pays(amount in 0u128..1 << 100, policy in policy()) {
            let cost = TaskCost::quote(&Reward { asset: crate::BLC, per_task: amount }, 2, &policy).unwrap();
            let share = |p: Perbill| p.mul_floor(amount);
            prop_assert!(cost.fee >= share(policy.reservation) + share(policy.surcharge));
            prop_assert!(cost.worker_fee >= share(policy.reservation));
            prop_assert!(2 * cost.per_auditor >= share(policy.audit));
        }

        #[test]
        fn a_quote_that_overflows_is_no_quote(amount in u128::MAX - 1_000..) {
            let policy = FeePolicy {
                reservation: Perbill::from_percent(1),
                surcharge: Perbill::zero(),
                audit: Perbill::zero(),
                audit_minimum: 0,
            };
            prop_assert_eq!(TaskCost::quote(&Reward { asset: AssetKind::Native, per_task: amount }, 0, &policy), None);
        }
    }
}
