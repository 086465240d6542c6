//! The records of kernels, jobs and ended tasks.

use crate::Builds;
use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{
    AccountId, Balance, BlockNumber, JobId, api,
    executor::Commitment,
    job::{JobShape, JobSpec, MAX_AUDITORS, TaskCost},
    kernel::{KernelManifest, Tiling},
    reason::ReasonCode,
};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// A registered kernel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KernelRecord {
    /// Everything that fixes the computation.
    pub manifest: KernelManifest,
    /// The account that registered the kernel.
    pub owner: AccountId,
    /// The kernel's deposit, in planck.
    pub deposit: Balance,
    /// Number of jobs that use the kernel and have not ended.
    pub jobs: u32,
    /// How many times the chain itself keeps the kernel, for its canaries.
    pub kept: u32,
    /// Whether the kernel builds, as far as workers have reported.
    pub builds: Builds,
}

/// A job that has not ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct JobRecord {
    /// The job that the requester posted before this one.
    pub previous: Option<JobId>,
    /// The account that posted the job.
    pub requester: AccountId,
    /// The job as it was posted.
    pub spec: JobSpec,
    /// The grid and the number of tasks.
    pub shape: JobShape,
    /// The tiling of the job's kernel, which every step of a task reads.
    pub tiling: Tiling,
    /// The cost of each task, in the smallest unit of the job's asset.
    pub cost: TaskCost,
    /// Bytes of memory that a device must have for the smallest part of a task. Inputs do not
    /// change, so the job stores it.
    pub least_memory: u64,
    /// The block in which the job was posted.
    pub submitted: BlockNumber,
    /// Number of tasks that are neither settled nor failed.
    pub open: u32,
}

/// How a closed task of a live job ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum EndRecord {
    /// Verified and paid.
    Settled {
        /// The worker that computed the task.
        worker: AccountId,
        /// The worker's commitment.
        commitment: Commitment,
        /// The auditors that were paid.
        auditors: BoundedVec<AccountId, ConstU32<MAX_AUDITORS>>,
    },
    /// Given up and refunded.
    Failed {
        /// The reason for the failure.
        reason: ReasonCode,
    },
}

impl From<EndRecord> for api::TaskEnd {
    fn from(end: EndRecord) -> Self {
        match end {
            EndRecord::Settled { worker, commitment, auditors } => {
                Self::Settled { worker, commitment, auditors: auditors.into_inner() }
            }
            EndRecord::Failed { reason } => Self::Failed { reason },
        }
    }
}
