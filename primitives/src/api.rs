//! The runtime API: what nodes and dApps ask of the chain, and the records it answers with.

use crate::{
    executor::Commitment,
    job::{AuditPolicy, JobShape, JobSpec, TaskCost},
    reason::ReasonCode,
    worker::{Passport, PublicAddress, WorkerKey},
    AccountId, Balance, BlobHash, BlockNumber, Hash, JobId, TaskId,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use polkadot_sdk::sp_runtime::Perbill;
use scale_info::TypeInfo;

/// Where a task stands.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum TaskStage {
    /// Waits for a worker.
    Queued {
        /// Last block of the wait.
        due: BlockNumber,
    },
    /// A worker computes it.
    Assigned {
        /// Last block for its commitment.
        due: BlockNumber,
    },
    /// The worker has committed; the sample is not drawn yet.
    Committed {
        /// Last block for the draw.
        due: BlockNumber,
    },
    /// Auditors recompute the sample.
    Auditing {
        /// Last block for the seals.
        due: BlockNumber,
        /// The sampled tiles.
        sample: Vec<u32>,
    },
    /// The worker must open the sample.
    Opening {
        /// Last block for the opening.
        due: BlockNumber,
        /// The sampled tiles.
        sample: Vec<u32>,
    },
    /// Seals contradict the opening, or somebody has called for a jury.
    Disputed {
        /// Last block for what the jury does next.
        due: BlockNumber,
        /// What called for the jury.
        cause: DisputeCause,
        /// How far the jury is.
        phase: JuryPhase,
        /// The tiles it looks at.
        tiles: Vec<u32>,
    },
    /// Opened and found right; paid when the challenge window closes.
    Verified {
        /// The block in which it is paid.
        due: BlockNumber,
    },
    /// Paid.
    Settled,
    /// Given up and refunded.
    Failed {
        /// Why.
        reason: ReasonCode,
    },
}

/// What calls for a jury.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DisputeCause {
    /// Seals contradict the opening.
    Seals,
    /// Somebody challenged a tile.
    Challenge,
    /// The requester cannot fetch the output.
    Withheld,
}

/// How far a jury is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JuryPhase {
    /// It waits for fresh randomness and jurors.
    Summoning,
    /// The jurors seal what they find.
    Sealing,
    /// They reveal it.
    Revealing,
}

/// A task and where it stands.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct TaskInfo {
    /// The task.
    pub task: TaskId,
    /// Its first work-group.
    pub first_group: u64,
    /// Its number of work-groups.
    pub group_count: u32,
    /// Attempts that have failed.
    pub attempt: u8,
    /// Why the last of them failed.
    pub last_failure: Option<ReasonCode>,
    /// Its worker, if it has one.
    pub worker: Option<AccountId>,
    /// What the worker has committed to.
    pub commitment: Option<Commitment>,
    /// Its auditors: those drawn, each with whether it has sealed; once the task is settled, those that were paid.
    pub auditors: Vec<(AccountId, bool)>,
    /// The jury, each with whether it has revealed what it found.
    pub jurors: Vec<(AccountId, bool)>,
    /// Where it stands.
    pub stage: TaskStage,
}

/// How a closed task ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, codec::DecodeWithMemTracking, TypeInfo)]
pub enum TaskEnd {
    /// Verified and paid.
    Settled {
        /// Who computed it.
        worker: AccountId,
        /// What it committed to.
        commitment: Commitment,
        /// The auditors that were paid.
        auditors: Vec<AccountId>,
    },
    /// Refunded.
    Failed {
        /// Why.
        reason: ReasonCode,
    },
}

/// A job that is not ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct JobInfo {
    /// Its number.
    pub id: JobId,
    /// Who posted it.
    pub requester: AccountId,
    /// As it was posted.
    pub spec: JobSpec,
    /// Its grid and number of tasks.
    pub shape: JobShape,
    /// What each task costs.
    pub cost: TaskCost,
    /// The block in which it was posted.
    pub submitted: BlockNumber,
    /// Its tasks.
    pub tasks: Vec<TaskInfo>,
}

/// A job that ended, as the chain leaves it behind in the nodes' offchain index.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct JobSummary {
    /// Its number.
    pub id: JobId,
    /// Who posted it.
    pub requester: AccountId,
    /// As it was posted.
    pub spec: JobSpec,
    /// Its grid and number of tasks.
    pub shape: JobShape,
    /// What each task cost.
    pub cost: TaskCost,
    /// The block in which it was posted.
    pub submitted: BlockNumber,
    /// The block in which it ended.
    pub ended: BlockNumber,
    /// How each task ended, in order.
    pub tasks: Vec<TaskEnd>,
}

/// Key in the offchain index of the [`JobSummary`] of a job.
pub fn summary_key(job: JobId) -> Vec<u8> {
    (b"dpin/job-summary", job).encode()
}

/// A worker as the chain knows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct WorkerInfo {
    /// Its account.
    pub account: AccountId,
    /// Its key.
    pub key: WorkerKey,
    /// Where its node can be asked for outputs.
    pub address: PublicAddress,
    /// Held bond, in planck.
    pub bond: Balance,
    /// Locked part of it, in planck.
    pub locked: Balance,
    /// Slots altogether.
    pub slots: u32,
    /// Slots in use.
    pub busy: u32,
    /// Whether the lottery may draw it.
    pub available: bool,
    /// How trustworthy it has been: (α + 1) ÷ (α + β + 2) of its discounted right and wrong outcomes.
    pub reputation: Perbill,
    /// How often in a row it was silent.
    pub strikes: u32,
    /// What of [`Self::locked`] is set aside for pending slashes, in planck.
    pub slashing: Balance,
    /// Canaries in a row that it missed.
    pub misses: u32,
    /// What its device has proved.
    pub passport: Option<Passport>,
    /// What it has locked to be certified, in BLC's smallest unit; 0 if it is not.
    pub certificate: Balance,
}

/// What a job would cost, before it is posted.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Quote {
    /// Its grid and number of tasks.
    pub shape: JobShape,
    /// What each task costs.
    pub per_task: TaskCost,
    /// What is held altogether.
    pub total: Balance,
    /// How it is checked.
    pub audit: AuditPolicy,
}

polkadot_sdk::sp_api::decl_runtime_apis! {
    /// What nodes and dApps ask about computation.
    pub trait ComputeApi {
        /// A job that is not ended, with its tasks.
        fn job(id: JobId) -> Option<JobInfo>;
        /// The number of jobs ever posted: ids below it are or were jobs.
        fn job_count() -> JobId;
        /// A worker.
        fn worker(account: AccountId) -> Option<WorkerInfo>;
        /// What a job would cost; the error is the one that posting it would give.
        fn quote(spec: JobSpec) -> Result<Quote, polkadot_sdk::sp_runtime::DispatchError>;
        /// Size in bytes of a stored blob.
        fn blob_size(hash: BlobHash) -> Option<u32>;
        /// The genesis hash that leaves carry.
        fn genesis() -> Hash;
    }
}
