//! The runtime API for nodes and dApps, and the records it returns.

#[cfg(feature = "json")]
use crate::candidates::WithOutlook;
#[cfg(feature = "json")]
use crate::json::{Account, Amount, As, Each, Fixed, HexHash, Text};
use crate::{
    AccountId, Balance, BlobHash, BlockNumber, Hash, JobId, KernelId, TaskId,
    candidates::Candidates,
    executor::Commitment,
    job::{AuditPolicy, FeePolicy, JobShape, JobSpec, Reward, TaskCost},
    kernel::{InputBytes, KernelManifest, Tiling},
    reason::ReasonCode,
    worker::{Device, DeviceClass, Offer, Passport, PublicAddress, Region, WorkerKey},
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use polkadot_sdk::sp_runtime::{FixedU128, Perbill};
use scale_info::TypeInfo;

/// Maximum number of entries in one [`Page`].
pub const MAX_PAGE: u32 = 100;

/// Maximum number of entries looked at for one [`Page`]. Entries that do not match count too, so
/// that a query has a bounded cost.
pub const MAX_PAGE_SCAN: u32 = 1_000;

/// One page of a list.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Page<Item, Cursor> {
    /// At most the requested number of entries, and at most [`MAX_PAGE`]. A page with fewer
    /// entries, or none, is not always the last.
    pub items: Vec<Item>,
    /// Cursor for the next page; `None` at the end of the list.
    pub next: Option<Cursor>,
}

/// The stage of a task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(tag = "name", rename_all = "camelCase"), schemars(rename = "StageView"))]
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
    /// The worker has committed, and the output can be fetched. The sample is not drawn yet.
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
    /// A jury decides: seals contradict the opening, or somebody has challenged the result or
    /// reported the output as withheld.
    Disputed {
        /// Last block for the jury's next step.
        due: BlockNumber,
        /// The cause of the dispute.
        cause: DisputeCause,
        /// The phase of the jury.
        phase: JuryPhase,
        /// The tiles that the jury looks at.
        tiles: Vec<u32>,
    },
    /// The opening was found right. The task is paid when the challenge window closes.
    Verified {
        /// The block in which the task is paid.
        due: BlockNumber,
    },
    /// Paid.
    Settled,
    /// Given up and refunded.
    Failed {
        /// The reason for the failure.
        reason: ReasonCode,
    },
}

/// How far a task has come, in the order of its life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Milestone {
    /// Waits for a worker.
    Queued,
    /// A worker computes it.
    Assigned,
    /// The worker has committed.
    Committed,
    /// Auditors recompute the sample.
    Auditing,
    /// The result is judged: by its opening, or by a jury.
    Judging,
    /// The result was found right.
    Verified,
    /// Paid, or given up.
    Ended,
}

impl TaskStage {
    /// Return how far the task has come.
    pub fn milestone(&self) -> Milestone {
        match self {
            Self::Queued { .. } => Milestone::Queued,
            Self::Assigned { .. } => Milestone::Assigned,
            Self::Committed { .. } => Milestone::Committed,
            Self::Auditing { .. } => Milestone::Auditing,
            Self::Opening { .. } | Self::Disputed { .. } => Milestone::Judging,
            Self::Verified { .. } => Milestone::Verified,
            Self::Settled | Self::Failed { .. } => Milestone::Ended,
        }
    }

    /// Return the name of the stage, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Queued { .. } => "queued",
            Self::Assigned { .. } => "assigned",
            Self::Committed { .. } => "committed",
            Self::Auditing { .. } => "auditing",
            Self::Opening { .. } => "opening",
            Self::Disputed { .. } => "disputed",
            Self::Verified { .. } => "verified",
            Self::Settled => "settled",
            Self::Failed { .. } => "failed",
        }
    }

    /// Return the last block of the stage. A task that has ended has none.
    pub fn due(&self) -> Option<BlockNumber> {
        match self {
            Self::Queued { due }
            | Self::Assigned { due }
            | Self::Committed { due }
            | Self::Auditing { due, .. }
            | Self::Opening { due, .. }
            | Self::Disputed { due, .. }
            | Self::Verified { due } => Some(*due),
            Self::Settled | Self::Failed { .. } => None,
        }
    }
}

/// The cause of a dispute.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    codec::DecodeWithMemTracking,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum DisputeCause {
    /// Seals contradict the opening.
    Seals,
    /// Somebody challenged a tile.
    Challenge,
    /// The requester cannot fetch the output.
    Withheld,
}

/// The phase of a jury.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum JuryPhase {
    /// The jury waits for fresh randomness and jurors.
    Summoning,
    /// The jurors seal their findings.
    Sealing,
    /// The jurors reveal their findings.
    Revealing,
}

/// A failed attempt at a task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct FailedAttempt {
    /// The number of the attempt, from 0.
    pub attempt: u8,
    /// The worker that tried.
    pub worker: AccountId,
    /// The reason for the failure.
    pub reason: ReasonCode,
}

/// The decision of a jury.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    codec::DecodeWithMemTracking,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum Verdict {
    /// The worker is right.
    WorkerRight,
    /// The worker is wrong.
    WorkerWrong,
    /// There was no jury, or it had no majority.
    None,
}

/// The effect of a dispute on a bond.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    codec::DecodeWithMemTracking,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum BondFate {
    /// The bond is free again.
    Released,
    /// The bond stays locked until the task is settled.
    Locked,
    /// The bond is lost: a challenger's at once, a worker's by a slash, which is pending first.
    Lost,
}

/// A bond at stake in a dispute, and its fate.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, codec::DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "BondView"))]
pub struct BondAtStake {
    /// The account whose bond it is.
    #[cfg_attr(feature = "json", schemars(with = "Account"))]
    pub who: AccountId,
    /// Amount of the bond, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub amount: Balance,
    /// The effect of the dispute on the bond.
    pub fate: BondFate,
}

/// A task with its stage.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct TaskInfo {
    /// Job and index of the task.
    pub task: TaskId,
    /// First work-group of the task.
    pub first_group: u64,
    /// Number of work-groups of the task.
    pub group_count: u32,
    /// Number of failed attempts.
    pub attempt: u8,
    /// The last failed attempt.
    pub last_failure: Option<FailedAttempt>,
    /// The worker of the current attempt, or the one that was paid.
    pub worker: Option<AccountId>,
    /// The worker's commitment.
    pub commitment: Option<Commitment>,
    /// The drawn auditors, each with whether it has sealed. Of a settled task: the auditors that
    /// were paid.
    pub auditors: Vec<(AccountId, bool)>,
    /// The jurors, each with whether it has revealed its finding.
    pub jurors: Vec<(AccountId, bool)>,
    /// The current stage.
    pub stage: TaskStage,
}

/// The end of a closed task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, codec::DecodeWithMemTracking, TypeInfo)]
pub enum TaskEnd {
    /// Verified and paid.
    Settled {
        /// The worker that computed the task.
        worker: AccountId,
        /// The worker's commitment.
        commitment: Commitment,
        /// The auditors that were paid.
        auditors: Vec<AccountId>,
    },
    /// Given up and refunded.
    Failed {
        /// The reason for the failure.
        reason: ReasonCode,
    },
}

/// A step in the life of a task. The chain leaves it in the offchain index of the nodes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, codec::DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(tag = "name", rename_all = "camelCase"), schemars(rename = "TaskStepView"))]
pub enum TaskStep {
    /// A worker was drawn for the task.
    Assigned {
        /// The drawn worker.
        #[cfg_attr(feature = "json", schemars(with = "Account"))]
        worker: AccountId,
        /// Last block for its commitment.
        due: BlockNumber,
    },
    /// The worker committed to its result.
    Committed {
        /// The worker's commitment.
        commitment: Commitment,
    },
    /// The sample and the auditors were drawn, for the first time or again.
    AuditorsDrawn {
        /// The drawn auditors.
        #[cfg_attr(feature = "json", schemars(with = "Vec<Account>"))]
        auditors: Vec<AccountId>,
        /// Number of tiles in the sample.
        samples: u32,
    },
    /// A jury was called for.
    Disputed {
        /// The cause of the dispute.
        cause: DisputeCause,
    },
    /// The jury has decided, or nobody could decide.
    Judged {
        /// The verdict of the jury.
        verdict: Verdict,
        /// The worker's bond.
        worker: BondAtStake,
        /// The bond of the account that called for the jury. There is none if seals called for it.
        accuser: Option<BondAtStake>,
    },
    /// The result was found right.
    Verified,
    /// The attempt failed.
    AttemptFailed {
        /// The reason for the failure.
        reason: ReasonCode,
    },
    /// The task was paid.
    Settled {
        /// The worker that was paid.
        #[cfg_attr(feature = "json", schemars(with = "Account"))]
        worker: AccountId,
        /// The auditors that were paid.
        #[cfg_attr(feature = "json", schemars(with = "Vec<Account>"))]
        auditors: Vec<AccountId>,
    },
    /// The task was given up and refunded. If nobody could check or judge the result, its worker
    /// keeps its bond.
    Failed {
        /// The reason for the failure.
        reason: ReasonCode,
    },
}

impl TaskStep {
    /// Number of kinds of steps. The history keeps only the last step of each kind for an attempt.
    pub const KINDS: u8 = 9;

    /// The kind of the step: from 0 to [`Self::KINDS`], exclusive. Kinds are numbered in the order
    /// in which they may come within one block.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Assigned { .. } => 0,
            Self::Committed { .. } => 1,
            Self::AuditorsDrawn { .. } => 2,
            Self::Judged { .. } => 3,
            Self::Verified => 4,
            Self::Disputed { .. } => 5,
            Self::AttemptFailed { .. } => 6,
            Self::Settled { .. } => 7,
            Self::Failed { .. } => 8,
        }
    }
}

/// An entry in a task's history.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "TaskEventView"))]
pub struct TaskEvent {
    /// The block of the step.
    pub block: BlockNumber,
    /// The number of the attempt, from 0.
    pub attempt: u8,
    /// The step that was taken.
    pub step: TaskStep,
}

/// Key in the offchain index for the [`TaskEvent`] of one [`TaskStep::kind`] in one attempt at a
/// task.
pub fn step_key(task: TaskId, attempt: u8, kind: u8) -> Vec<u8> {
    (b"dpin/task-step", task, attempt, kind).encode()
}

/// A blob that the chain knows. The state does not contain its bytes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct BlobInfo {
    /// The hash of a stored blob, or the id of an announced one.
    pub hash: BlobHash,
    /// Size of the blob in bytes.
    pub size: u64,
    /// Whether the blob was announced. The bytes of an announced blob are in no block: nodes fetch
    /// them from each other.
    pub announced: bool,
    /// The account that stored or announced the blob.
    pub owner: AccountId,
    /// The first block in which anyone may expire the blob, unless it is pinned.
    pub expires: BlockNumber,
    /// Number of kernels and open jobs that use the blob.
    pub pins: u32,
}

/// The head of a job that has not ended, for lists.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct JobHead {
    /// The number of the job.
    pub id: JobId,
    /// The account that posted the job.
    pub requester: AccountId,
    /// The kernel of the job.
    pub kernel: KernelId,
    /// The reward of each task.
    pub reward: Reward,
    /// The block in which the job was posted.
    pub submitted: BlockNumber,
    /// Number of tasks.
    pub tasks: u32,
    /// Number of tasks that are neither settled nor failed.
    pub open: u32,
}

/// A registered kernel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct KernelInfo {
    /// The hash of the manifest.
    pub id: KernelId,
    /// The manifest, which fixes everything that is computed.
    pub manifest: KernelManifest,
    /// The account that registered the kernel.
    pub owner: AccountId,
    /// The owner's deposit, in planck.
    pub deposit: Balance,
    /// Number of jobs of this kernel that have not ended.
    pub jobs: u32,
    /// The device classes for which no job of this kernel may be posted now, because the kernel did
    /// not build on them.
    pub quarantines: Vec<Quarantine>,
}

/// A quarantine of a kernel for one device class, because the kernel did not build there. It ends
/// at its last block, by a checked result, or when the kernel's owner vouches for the kernel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "QuarantineView"))]
pub struct Quarantine {
    /// The device class.
    pub class: DeviceClass,
    /// The last block in which no job of the kernel may be posted for the class.
    pub until: BlockNumber,
    /// The failure that the last worker reported.
    pub reason: ReasonCode,
}

/// A job that has not ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct JobInfo {
    /// The number of the job.
    pub id: JobId,
    /// The job that the requester posted before this one.
    pub previous: Option<JobId>,
    /// The account that posted the job.
    pub requester: AccountId,
    /// The job as it was posted.
    pub spec: JobSpec,
    /// The grid of work-groups and the number of tasks.
    pub shape: JobShape,
    /// The cost of each task.
    pub cost: TaskCost,
    /// The block in which the job was posted.
    pub submitted: BlockNumber,
    /// The tasks of the job, in order.
    pub tasks: Vec<TaskInfo>,
}

/// The summary of an ended job. The chain leaves it in the offchain index of the nodes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct JobSummary {
    /// The number of the job.
    pub id: JobId,
    /// The job that the requester posted before this one.
    pub previous: Option<JobId>,
    /// The account that posted the job.
    pub requester: AccountId,
    /// The job as it was posted.
    pub spec: JobSpec,
    /// The grid of work-groups and the number of tasks.
    pub shape: JobShape,
    /// The cost of each task.
    pub cost: TaskCost,
    /// The block in which the job was posted.
    pub submitted: BlockNumber,
    /// The block in which the job ended.
    pub ended: BlockNumber,
    /// How each task ended, in order.
    pub tasks: Vec<TaskEnd>,
}

/// Key in the offchain index for the [`JobSummary`] of a job.
pub fn summary_key(job: JobId) -> Vec<u8> {
    (b"dpin/job-summary", job).encode()
}

/// The status of a worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(
    feature = "json",
    serde(tag = "name", rename_all = "camelCase", rename_all_fields = "camelCase"),
    schemars(rename = "WorkerStatusView")
)]
pub enum WorkerStatus {
    /// Takes tasks.
    Active,
    /// Paused by its owner, who can resume it.
    Paused,
    /// Paused by its own node, because no device works or the disk is full. The node resumes it
    /// when that has changed.
    NoDevice,
    /// Takes no tasks any more.
    Leaving {
        /// The first block in which the bond may be withdrawn.
        free_at: BlockNumber,
    },
}

/// A worker as the chain knows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "WorkerView"))]
pub struct WorkerInfo {
    /// The account of the worker.
    #[cfg_attr(feature = "json", schemars(with = "Account"))]
    pub account: AccountId,
    /// The number of the worker, given in the order of registration.
    pub number: u32,
    /// The worker key.
    #[cfg_attr(feature = "json", serde(with = "As::<HexHash>"))]
    pub key: WorkerKey,
    /// The URL of the worker's node, from which others fetch outputs.
    #[cfg_attr(feature = "json", serde(with = "As::<Text>"))]
    pub address: PublicAddress,
    /// The region in which the worker says it is, as a geohash.
    #[cfg_attr(feature = "json", serde(with = "As::<Text>"))]
    pub region: Region,
    /// The class of all its devices.
    pub class: DeviceClass,
    /// The devices that the worker declares.
    pub devices: Vec<Device>,
    /// The tasks that the worker takes.
    pub offer: Offer,
    /// Whether the worker takes tasks.
    pub status: WorkerStatus,
    /// The bond on hold, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub bond: Balance,
    /// The locked part of the bond, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub locked: Balance,
    /// Number of slots, one for each device.
    pub slots: u32,
    /// Number of slots in use.
    pub busy: u32,
    /// Whether the lottery may draw the worker.
    pub available: bool,
    /// The reputation, in billionths: (α + 1) ÷ (α + β + 2), where α and β are its discounted right
    /// and wrong outcomes.
    #[cfg_attr(feature = "json", schemars(with = "u32"))]
    pub reputation: Perbill,
    /// Number of silences in a row.
    pub strikes: u32,
    /// The part of `locked` that is set aside for pending slashes, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub slashing: Balance,
    /// Number of canaries missed in a row.
    pub misses: u32,
    /// The passport: what the worker's devices have proved.
    pub passport: Option<Passport>,
    /// The BLC that the worker has locked to be certified, in BLC's smallest unit; 0 without a
    /// certificate.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub certificate: Balance,
}

/// The price of a job, before it is posted.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Quote {
    /// The grid of work-groups and the number of tasks.
    pub shape: JobShape,
    /// The cost of each task.
    pub per_task: TaskCost,
    /// The amount held for the whole job, in the smallest unit of its asset.
    pub total: Balance,
    /// The audit policy of the job.
    pub audit: AuditPolicy,
}

/// The duration of a job if nothing goes wrong, in blocks after the one in which it is posted. The
/// numbers are an estimate from the current queue, not a promise.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "WaitView"))]
pub struct Wait {
    /// Blocks until a worker has each of the tasks. If no worker is eligible, each task fails then.
    pub assigned: BlockNumber,
    /// Blocks until the outputs can be fetched, at most: a task's deadline after its assignment.
    pub output: BlockNumber,
    /// Blocks until the job is paid, at most: commitment, draw, seals, opening and challenge
    /// window, each at its deadline.
    pub settled: BlockNumber,
    /// Number of tasks that wait before this job.
    pub ahead: u64,
    /// Number of workers that could take one of the tasks now. If there are many workers, it is an
    /// estimate from a sample.
    pub available: u32,
    /// The workers that could take and audit the tasks, and the conditions that exclude the others.
    #[cfg_attr(feature = "json", serde(with = "As::<WithOutlook>"))]
    pub candidates: Candidates,
}

/// Totals of the network.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "NetworkView"))]
pub struct NetworkInfo {
    /// Number of jobs ever posted.
    pub jobs: u64,
    /// Number of jobs that have not ended.
    pub open_jobs: u32,
    /// Number of tasks that wait for a worker.
    pub waiting_tasks: u64,
    /// Number of tasks ever settled.
    pub settled_tasks: u64,
    /// Number of tasks that ever failed.
    pub failed_tasks: u64,
    /// Number of registered kernels.
    pub kernels: u32,
    /// Number of workers that are neither paused nor leaving.
    pub active_workers: u32,
    /// Number of workers that the lottery may draw now, by class.
    #[cfg_attr(feature = "json", serde(with = "Each::<Available>"))]
    pub available_workers: Vec<(DeviceClass, u32)>,
    /// Number of slashes that are neither carried out nor cancelled.
    pub pending_slashes: u32,
}

// An entry of `NetworkInfo::available_workers` in JSON.
/// Number of workers that the lottery may draw now.
#[cfg(feature = "json")]
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "AvailableView")]
struct Available {
    /// The class of these workers.
    class: DeviceClass,
    /// Number of workers.
    workers: u32,
}

#[cfg(feature = "json")]
impl From<(DeviceClass, u32)> for Available {
    fn from((class, workers): (DeviceClass, u32)) -> Self {
        Self { class, workers }
    }
}

#[cfg(feature = "json")]
impl From<Available> for (DeviceClass, u32) {
    fn from(Available { class, workers }: Available) -> Self {
        (class, workers)
    }
}

/// The parameters of jobs and audits, as governance has set them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "ParametersView"))]
pub struct ParametersInfo {
    /// The fee policy of jobs.
    pub fees: FeePolicy,
    /// Least reward of one task, in the smallest unit of the job's asset.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub min_reward: Balance,
    /// Least bond of an available worker, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub min_bond: Balance,
    /// Blocks between leaving and the release of the bond.
    pub leave_blocks: BlockNumber,
    /// Longest deadline of a task, in blocks.
    pub max_run_blocks: BlockNumber,
    /// Blocks between a commitment and the draw of its sample.
    pub audit_blocks: u32,
    /// Blocks in which a draw is repeated that found too few auditors or jurors.
    pub draw_blocks: BlockNumber,
    /// Blocks that auditors and jurors have for their seals.
    pub seal_blocks: BlockNumber,
    /// Blocks that a worker has to open the sample, and jurors have to reveal.
    pub open_blocks: BlockNumber,
    /// Blocks a task may wait for a worker before it fails.
    pub queue_blocks: BlockNumber,
    /// Maximum number of workers that try a task, one after the other, before it fails.
    pub max_attempts: u8,
    /// Bond locked for a task, as a multiple of its reward.
    #[cfg_attr(feature = "json", serde(with = "As::<Fixed>"))]
    pub bond_factor: FixedU128,
    /// Price in DPN of one unit of another asset. It converts rewards in that asset into bonds.
    #[cfg_attr(feature = "json", serde(with = "As::<Fixed>"))]
    pub asset_price: FixedU128,
    /// Least bond locked for a task, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub min_task_bond: Balance,
    /// Least bond locked for an audit, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub audit_bond: Balance,
    /// Least bond of a challenger, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub challenge_bond: Balance,
    /// Share of a bond that is slashed for the first silence in a row, in billionths.
    #[cfg_attr(feature = "json", schemars(with = "u32"))]
    pub silence_slash: Perbill,
    /// Blocks between a fault and its slash.
    pub slash_delay: BlockNumber,
}

polkadot_sdk::sp_api::decl_runtime_apis! {
    /// Queries of nodes and dApps about computation.
    ///
    /// Lists come in pages. A query takes the cursor of the previous page, `None` for the first
    /// page, and the maximum number of entries, which is at most 100.
    #[api_version(3)]
    pub trait ComputeApi {
        /// Returns a job that has not ended, with its tasks.
        fn job(id: JobId) -> Option<JobInfo>;
        /// Returns the number of jobs ever posted. Every id below it is or was a job.
        fn job_count() -> JobId;
        /// Returns a task of a job that has not ended.
        fn task(task: TaskId) -> Option<TaskInfo>;
        /// Returns the jobs of a requester that have not ended, in the order in which they were
        /// posted.
        fn jobs_of(requester: AccountId, after: Option<JobId>, limit: u32) -> Page<JobHead, JobId>;
        /// Returns the last job that a requester posted, ended or not. Each job names the one
        /// before.
        fn last_job_of(requester: AccountId) -> Option<JobId>;
        /// Returns a registered kernel.
        fn kernel(id: KernelId) -> Option<KernelInfo>;
        /// Returns the registered kernels in the order of their ids.
        fn kernels(after: Option<KernelId>, limit: u32) -> Page<KernelInfo, KernelId>;
        /// Returns a worker.
        fn worker(account: AccountId) -> Option<WorkerInfo>;
        /// Returns the workers of a class, or all, in the order of registration. The cursor is a
        /// worker's number.
        fn workers(device_class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Page<WorkerInfo, u32>;
        /// Returns how long a job of `requester` would take.
        ///
        /// Without a requester, no worker counts as the requester's own. The error is the one that
        /// posting the job would give.
        fn wait(spec: JobSpec, requester: Option<AccountId>) -> Result<Wait, polkadot_sdk::sp_runtime::DispatchError>;
        /// Returns the workers that could take a task; `None` unless the task waits for a worker.
        fn candidates(task: TaskId) -> Option<Candidates>;
        /// Returns the workers that could take and audit the tasks of a job of `requester`.
        ///
        /// `tiling` is how the kernel cuts its output, and `inputs` are the sizes of the inputs.
        /// The chain need not know the kernel or the inputs.
        fn prospects(
            spec: JobSpec,
            tiling: Tiling,
            inputs: InputBytes,
            requester: Option<AccountId>,
        ) -> Candidates;
        /// Returns the totals of the network.
        fn network() -> NetworkInfo;
        /// Returns the parameters of jobs and audits.
        fn parameters() -> ParametersInfo;
        /// Returns the price of a job. The error is the one that posting the job would give.
        fn quote(spec: JobSpec) -> Result<Quote, polkadot_sdk::sp_runtime::DispatchError>;
        /// Returns the size of a stored or announced blob in bytes.
        fn blob_size(hash: BlobHash) -> Option<u64>;
        /// Returns a stored or announced blob.
        fn blob(hash: BlobHash) -> Option<BlobInfo>;
        /// Returns the genesis hash that leaves contain.
        fn genesis() -> Hash;
    }
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_stage_has_the_name_of_the_json_and_its_place_in_the_order() {
        // The encoding of a stage begins with the number of its variant. Zeros fill its fields.
        let encoded = |number: u8| [&[number][..], &[0; 64]].concat();
        let stages: Vec<TaskStage> =
            (0..=u8::MAX).map_while(|number| TaskStage::decode(&mut &encoded(number)[..]).ok()).collect();
        assert_eq!(stages.len(), 9);
        for stage in &stages {
            let json = serde_json::to_value(stage).unwrap();
            assert_eq!((&json["name"], json["due"].as_u64()), (&stage.name().into(), stage.due().map(Into::into)));
        }
        assert!(stages.windows(2).all(|pair| pair[0].milestone() <= pair[1].milestone()));
        assert_eq!(stages.iter().map(TaskStage::milestone).max(), Some(Milestone::Ended));
    }

    #[test]
    fn a_verdict_tells_what_became_of_the_bonds() {
        let stake = |who: u8, fate| BondAtStake { who: [who; 32].into(), amount: 1 << 70, fate };
        let step = TaskStep::Judged {
            verdict: Verdict::WorkerRight,
            worker: stake(1, BondFate::Locked),
            accuser: Some(stake(2, BondFate::Lost)),
        };
        let json = serde_json::to_value(TaskEvent { block: 9, attempt: 0, step }).unwrap();
        assert_eq!((&json["step"]["name"], &json["step"]["verdict"]), (&json!("judged"), &json!("workerRight")));
        assert_eq!(json["step"]["worker"]["fate"], "locked");
        let accuser = json!({ "who": AccountId::from([2; 32]), "amount": "1180591620717411303424", "fate": "lost" });
        assert_eq!(json["step"]["accuser"], accuser);
    }
}
