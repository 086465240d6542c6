//! Jobs: what a requester posts, and what it costs.

use crate::{
    kernel::KernelManifest,
    split::task_groups,
    tile_tree::MAX_TILES,
    worker::{DeviceClass, Fp32, Region},
    AssetKind, Balance, BlobHash, BlockNumber, KernelId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_core::ConstU32,
    sp_runtime::{traits::Zero, BoundedVec, Perbill},
};
use scale_info::TypeInfo;

/// Most tasks of one job.
pub const MAX_TASKS: u32 = 256;
/// Most jobs that are posted together.
pub const MAX_JOBS: u32 = 64;
/// Most input blobs or scalars of one job.
pub const MAX_ARGUMENTS: u32 = crate::kernel::MAX_PARAMS;
/// Most auditors of one task.
pub const MAX_AUDITORS: u32 = 7;
/// Most tiles of one sample.
pub const MAX_SAMPLES: u32 = 1024;
/// Most bytes of all inputs of one job together: 8 GiB. Workers and auditors must hold them all at once: an executor keeps 16 GiB of
/// inputs if its operator does not say otherwise, and has several jobs to do.
pub const MAX_JOB_INPUT_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// Most bytes one task may write: 4 GiB.
pub const MAX_TASK_OUTPUT_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// How many tasks a job is split into.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum TaskCount {
    /// The chain decides by the number of available workers: [`crate::split::auto_tasks`].
    Auto,
    /// Just so many.
    Exactly(u32),
}

/// How many of a task's tiles are checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Samples {
    /// So many, 1 to [`MAX_SAMPLES`], or all if the task has fewer.
    Count(u32),
    /// Every tile: a full replica. Only for tasks of at most [`MAX_SAMPLES`] tiles.
    All,
}

/// How a job's results are checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AuditPolicy {
    /// Auditors of each task, 0 to [`MAX_AUDITORS`]. With none the result is taken as it comes.
    pub auditors: u32,
    /// Tiles each of them recomputes.
    pub samples: Samples,
    /// Blocks between verification and payment.
    pub challenge_blocks: BlockNumber,
}

impl Default for AuditPolicy {
    fn default() -> Self {
        Self { auditors: 2, samples: Samples::Count(32), challenge_blocks: 0 }
    }
}

/// What a worker must have to be given a task.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Requirements {
    /// Device memory in bytes. The chain always requires room for all inputs and one tile.
    pub memory: u64,
    /// Double precision.
    pub fp64: bool,
    /// The device's class; `None`: any.
    pub class: Option<DeviceClass>,
    /// First characters of the geohash its region must begin with; empty: anywhere.
    pub region: Region,
    /// What it must be able to do in single precision.
    pub fp32: Fp32,
    /// The least reputation.
    pub reputation: Perbill,
    /// Whether it must be certified: a worker that has locked BLC.
    pub certified: bool,
}

impl Requirements {
    /// With at least so much memory.
    pub fn with_memory(self, least: u64) -> Self {
        Self { memory: self.memory.max(least), ..self }
    }
}

/// What a task pays.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Reward {
    /// The asset everything of this job is paid in.
    pub asset: AssetKind,
    /// Reward of one task, in the asset's smallest unit.
    pub per_task: Balance,
}

/// A job as the requester posts it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct JobSpec {
    /// The kernel.
    pub kernel: KernelId,
    /// Work-items in each dimension: multiples of the kernel's local size.
    pub global_size: [u32; 3],
    /// The scalar parameters' bytes, little endian, in order.
    pub scalars: BoundedVec<BoundedVec<u8, ConstU32<8>>, ConstU32<MAX_ARGUMENTS>>,
    /// The input parameters' blobs, in order.
    pub inputs: BoundedVec<BlobHash, ConstU32<MAX_ARGUMENTS>>,
    /// What a task pays.
    pub reward: Reward,
    /// Into how many tasks it is split.
    pub tasks: TaskCount,
    /// How results are checked.
    pub audit: AuditPolicy,
    /// Deadline of one task, in blocks from its assignment to its commitment.
    pub run_blocks: BlockNumber,
    /// What a worker must have.
    pub requires: Requirements,
}

/// What is wrong with a job, apart from what only the chain's state can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpecError {
    /// A dimension is 0, no multiple of the kernel's local size, or the grid has more than 2^48 work-groups.
    InvalidGlobalSize,
    /// There is not one scalar for each scalar parameter.
    WrongScalarCount,
    /// A scalar's width is not its parameter's.
    WrongScalarWidth,
    /// There is not one blob for each input parameter.
    WrongInputCount,
    /// No task at all, more than [`MAX_TASKS`], or more tasks than work-groups.
    InvalidTaskCount,
    /// A task would have more than [`MAX_TILES`] tiles or [`MAX_TASK_OUTPUT_BYTES`] bytes of output.
    OutputTooLarge,
    /// More than [`MAX_AUDITORS`] auditors, or not 1 to [`MAX_SAMPLES`] samples.
    InvalidAuditPolicy,
    /// The deadline is 0 blocks or beyond the chain's limit.
    InvalidDeadline,
    /// The region is no geohash.
    InvalidRegion,
}

impl JobSpec {
    /// Work-groups in each dimension; `None` unless every dimension is a positive multiple of the kernel's local size.
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

    /// Check the job against its kernel and return the shape it has when split into tasks. `available` is the number of
    /// available workers, `max_blocks` the longest deadline the chain allows.
    ///
    /// # Errors
    ///
    /// The first rule of [`SpecError`] that is broken.
    pub fn check(
        &self,
        manifest: &KernelManifest,
        available: u32,
        max_blocks: BlockNumber,
    ) -> Result<JobShape, SpecError> {
        let groups = self.groups(manifest).ok_or(SpecError::InvalidGlobalSize)?;
        let total = groups.iter().fold(1u128, |product, count| product * u128::from(*count));
        let total = u64::try_from(total).ok().filter(|total| *total <= 1 << 48).ok_or(SpecError::InvalidGlobalSize)?;

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
        let tasks = match self.tasks {
            TaskCount::Auto => crate::split::auto_tasks(available, total).min(MAX_TASKS),
            TaskCount::Exactly(tasks) => tasks,
        };
        if !(1..=MAX_TASKS).contains(&tasks) || u64::from(tasks) > total {
            return Err(SpecError::InvalidTaskCount);
        }
        let longest = total.div_ceil(u64::from(tasks));
        let fits = u32::try_from(longest)
            .is_ok_and(|groups| groups <= MAX_TILES && manifest.tiling.output_bytes(groups) <= MAX_TASK_OUTPUT_BYTES);
        if !fits {
            return Err(SpecError::OutputTooLarge);
        }
        let samples_fit = match self.audit.samples {
            Samples::Count(count) => (1..=MAX_SAMPLES).contains(&count),
            Samples::All => manifest.tiling.tiles(longest as u32) <= MAX_SAMPLES,
        };
        if self.audit.auditors > MAX_AUDITORS || !samples_fit || self.audit.challenge_blocks > max_blocks {
            return Err(SpecError::InvalidAuditPolicy);
        }
        if self.run_blocks == 0 || self.run_blocks > max_blocks {
            return Err(SpecError::InvalidDeadline);
        }
        if !crate::worker::is_geohash(&self.requires.region) {
            return Err(SpecError::InvalidRegion);
        }
        Ok(JobShape { groups, total, tasks })
    }
}

/// A job's grid of work-groups and the number of its tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct JobShape {
    /// Work-groups in each dimension.
    pub groups: [u32; 3],
    /// Work-groups altogether.
    pub total: u64,
    /// Tasks.
    pub tasks: u32,
}

impl JobShape {
    /// The work-groups of task `index`: the first, and how many. `None` if there is no such task.
    pub fn task(&self, index: u32) -> Option<(u64, u32)> {
        let range = task_groups(self.total, self.tasks, index)?;
        Some((range.start, u32::try_from(range.end.checked_sub(range.start)?).ok()?))
    }
}

/// The shares and minima by which a job is priced; governance may turn them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct FeePolicy {
    /// Reservation fee, as a share of the reward, of the requester and of the worker each.
    pub reservation: Perbill,
    /// Surcharge on jobs paid in another asset than DPN, as a share of the reward.
    pub surcharge: Perbill,
    /// All auditors' pay together, as a share of the reward.
    pub audit: Perbill,
    /// Least pay of one auditor, in the job's asset.
    pub audit_minimum: Balance,
}

/// What one task costs its requester, in the job's asset.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TaskCost {
    /// The worker's reward, of which it pays its own reservation fee.
    pub reward: Balance,
    /// Pay of each auditor that seals right.
    pub per_auditor: Balance,
    /// Auditors asked for.
    pub auditors: u32,
    /// The requester's reservation fee and surcharge.
    pub fee: Balance,
    /// The worker's reservation fee, taken out of the reward.
    pub worker_fee: Balance,
}

impl TaskCost {
    /// Price a task: shares round up, so never in favour of who pays. `None` on overflow.
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

    fn checked_total(&self) -> Option<Balance> {
        self.per_auditor.checked_mul(Balance::from(self.auditors))?.checked_add(self.reward)?.checked_add(self.fee)
    }

    /// Everything the requester holds for the task: reward, auditors' pay and fee. [`Self::quote`] has proved that it does
    /// not overflow.
    pub fn total(&self) -> Balance {
        self.checked_total().unwrap_or(Balance::MAX)
    }

    /// How the held total is shared out when the task settles with `sealed` auditors who sealed right.
    pub fn settlement(&self, sealed: u32) -> Settlement {
        let auditors = Balance::from(sealed.min(self.auditors)).saturating_mul(self.per_auditor);
        let worker = self.reward.saturating_sub(self.worker_fee);
        let revenue = self.fee.saturating_add(self.reward.saturating_sub(worker));
        let spent = worker.saturating_add(auditors).saturating_add(revenue);
        Settlement { worker, per_auditor: self.per_auditor, revenue, refund: self.total().saturating_sub(spent) }
    }
}

/// How a settled task's escrow is shared out, in the job's asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settlement {
    /// To the worker.
    pub worker: Balance,
    /// To each auditor that sealed right.
    pub per_auditor: Balance,
    /// To the revenue pot.
    pub revenue: Balance,
    /// Back to the requester: the pay of auditors that were missing.
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
