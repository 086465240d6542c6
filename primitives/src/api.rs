//! The runtime API: what nodes and dApps ask of the chain, and the records it answers with.

use crate::{
    candidates::Candidates,
    executor::Commitment,
    job::{AuditPolicy, FeePolicy, JobShape, JobSpec, Reward, TaskCost},
    kernel::{InputBytes, KernelManifest, Tiling},
    reason::ReasonCode,
    worker::{Device, DeviceClass, Offer, Passport, PublicAddress, Region, WorkerKey},
    AccountId, Balance, BlobHash, BlockNumber, Hash, JobId, KernelId, TaskId,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use polkadot_sdk::sp_runtime::{FixedU128, Perbill};
use scale_info::TypeInfo;

/// Most entries in one [`Page`].
pub const MAX_PAGE: u32 = 100;

/// Most entries looked at for one [`Page`]: those that do not match count too, so that a question has a bounded price.
pub const MAX_PAGE_SCAN: u32 = 1_000;

/// A part of a list.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Page<Item, Cursor> {
    /// At most as many entries as were asked for, and at most [`MAX_PAGE`]. Fewer, even none, does not mean that the list ends.
    pub items: Vec<Item>,
    /// What to ask with for the entries after these; `None` at the end of the list.
    pub next: Option<Cursor>,
}

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

/// An attempt at a task that failed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct FailedAttempt {
    /// The attempt, from 0.
    pub attempt: u8,
    /// Its worker.
    pub worker: AccountId,
    /// Why it failed.
    pub reason: ReasonCode,
}

/// What a jury decides.
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
pub enum Verdict {
    /// The worker is right.
    WorkerRight,
    /// The worker is wrong.
    WorkerWrong,
    /// There was no jury, or it had no majority.
    None,
}

/// What a dispute did to a bond.
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
pub enum BondFate {
    /// The bond is free again.
    Released,
    /// The bond stays locked until the task is settled.
    Locked,
    /// The bond is lost: a challenger's at once, a worker's as a slash that is pending first.
    Lost,
}

/// A bond in a dispute, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, codec::DecodeWithMemTracking, TypeInfo)]
pub struct BondAtStake {
    /// Whose bond it is.
    pub who: AccountId,
    /// The bond, in planck.
    pub amount: Balance,
    /// What became of it.
    pub fate: BondFate,
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
    /// The last of them.
    pub last_failure: Option<FailedAttempt>,
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

/// What happens to a task, as the chain leaves it behind in the nodes' offchain index.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, codec::DecodeWithMemTracking, TypeInfo)]
pub enum TaskStep {
    /// A worker was drawn for it.
    Assigned {
        /// The worker.
        worker: AccountId,
        /// Last block for its commitment.
        due: BlockNumber,
    },
    /// The worker committed to its result.
    Committed {
        /// What it committed to.
        commitment: Commitment,
    },
    /// The sample and the auditors were drawn, maybe not for the first time.
    AuditorsDrawn {
        /// The auditors.
        auditors: Vec<AccountId>,
        /// Tiles in the sample.
        samples: u32,
    },
    /// A jury was called for.
    Disputed {
        /// What called for it.
        cause: DisputeCause,
    },
    /// The jury has decided, or nobody could decide.
    Judged {
        /// The verdict.
        verdict: Verdict,
        /// The worker's bond.
        worker: BondAtStake,
        /// The bond of who called for the jury; `None` where seals did.
        accuser: Option<BondAtStake>,
    },
    /// The result was found right.
    Verified,
    /// The attempt failed.
    AttemptFailed {
        /// Why.
        reason: ReasonCode,
    },
    /// The task was paid.
    Settled {
        /// The worker that was paid.
        worker: AccountId,
        /// The auditors that were paid.
        auditors: Vec<AccountId>,
    },
    /// The task was given up and refunded. Where nobody could check or judge the result, its worker keeps its bond.
    Failed {
        /// Why.
        reason: ReasonCode,
    },
}

impl TaskStep {
    /// Kinds of steps: of each there is at most one entry for an attempt, the last.
    pub const KINDS: u8 = 9;

    /// Which kind of step it is, from 0 to [`Self::KINDS`] exclusive, in the order in which they may come within one block.
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

/// An entry of a task's history.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct TaskEvent {
    /// The block in which it happened.
    pub block: BlockNumber,
    /// The attempt, from 0.
    pub attempt: u8,
    /// What happened.
    pub step: TaskStep,
}

/// Key in the offchain index of the [`TaskEvent`] of a task, an attempt and a [`TaskStep::kind`].
pub fn step_key(task: TaskId, attempt: u8, kind: u8) -> Vec<u8> {
    (b"dpin/task-step", task, attempt, kind).encode()
}

/// A blob that the chain knows. Its bytes are not in the state.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct BlobInfo {
    /// Its hash.
    pub hash: BlobHash,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it was announced: its bytes are in no block, and nodes fetch them from each other.
    pub announced: bool,
    /// Who stored or announced it.
    pub owner: AccountId,
    /// The block from which on it may be removed, unless it is in use.
    pub expires: BlockNumber,
    /// Kernels and open jobs that use it.
    pub pins: u32,
}

/// A job that is not ended, as lists name it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct JobHead {
    /// Its number.
    pub id: JobId,
    /// Who posted it.
    pub requester: AccountId,
    /// Its kernel.
    pub kernel: KernelId,
    /// What it pays.
    pub reward: Reward,
    /// The block in which it was posted.
    pub submitted: BlockNumber,
    /// Its tasks.
    pub tasks: u32,
    /// Those of them that are neither settled nor failed.
    pub open: u32,
}

/// A registered kernel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct KernelInfo {
    /// Its id: the hash of its manifest.
    pub id: KernelId,
    /// Everything that fixes what is computed.
    pub manifest: KernelManifest,
    /// Who registered it.
    pub owner: AccountId,
    /// Its deposit, in planck.
    pub deposit: Balance,
    /// Jobs that use it and are not ended.
    pub jobs: u32,
    /// The device classes for which no job of it may be posted now, because it was found not to build there.
    pub quarantines: Vec<Quarantine>,
}

/// A kernel was found not to build on devices of a class.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Quarantine {
    /// The class.
    pub class: DeviceClass,
    /// The last block in which no job of the kernel may be posted for the class.
    pub until: BlockNumber,
    /// What the last worker said.
    pub reason: ReasonCode,
}

/// A job that is not ended.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct JobInfo {
    /// Its number.
    pub id: JobId,
    /// The job that its requester posted before it.
    pub previous: Option<JobId>,
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
    /// The job that its requester posted before it.
    pub previous: Option<JobId>,
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

/// Whether a worker takes tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum WorkerStatus {
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

/// A worker as the chain knows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct WorkerInfo {
    /// Its account.
    pub account: AccountId,
    /// Its number, given in the order of registration.
    pub number: u32,
    /// Its key.
    pub key: WorkerKey,
    /// Where its node can be asked for outputs.
    pub address: PublicAddress,
    /// Where it stands, as it says.
    pub region: Region,
    /// The class of its devices.
    pub class: DeviceClass,
    /// Its devices, as it declares them.
    pub devices: Vec<Device>,
    /// What it takes.
    pub offer: Offer,
    /// Whether it takes tasks.
    pub status: WorkerStatus,
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

/// How long a job would take if nothing went wrong, in blocks after the one in which it is posted. An estimate from the queue as it
/// is, not a promise.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Wait {
    /// Until a worker has each of its tasks. If no worker is eligible, each task fails then.
    pub assigned: BlockNumber,
    /// Until its outputs can be fetched, at the latest: its deadline after the assignment.
    pub output: BlockNumber,
    /// Until it is paid for, at the latest: commitment, draw, seals, opening and challenge window, each at its deadline.
    pub settled: BlockNumber,
    /// Tasks that wait before it.
    pub ahead: u64,
    /// Workers that could take one of its tasks now. Of very many workers it is reckoned from a sample.
    pub available: u32,
    /// Who could take and audit its tasks, and the conditions that exclude the others.
    pub candidates: Candidates,
}

/// The network at a glance.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct NetworkInfo {
    /// Jobs ever posted.
    pub jobs: u64,
    /// Jobs that are not ended.
    pub open_jobs: u32,
    /// Tasks that wait for a worker.
    pub waiting_tasks: u64,
    /// Tasks ever settled.
    pub settled_tasks: u64,
    /// Tasks ever failed.
    pub failed_tasks: u64,
    /// Registered kernels.
    pub kernels: u32,
    /// Workers that are neither paused nor leaving.
    pub active_workers: u32,
    /// Workers that the lottery may draw now, by class.
    pub available_workers: Vec<(DeviceClass, u32)>,
    /// Slashes that are neither carried out nor cancelled.
    pub pending_slashes: u32,
}

/// The numbers that govern jobs and audits, as governance has set them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct ParametersInfo {
    /// How jobs are priced.
    pub fees: FeePolicy,
    /// Least reward of one task, in the smallest unit of the job's asset.
    pub min_reward: Balance,
    /// Least bond of an available worker, in planck.
    pub min_bond: Balance,
    /// Blocks between leaving and the release of the bond.
    pub leave_blocks: BlockNumber,
    /// Longest deadline of a task, in blocks.
    pub max_run_blocks: BlockNumber,
    /// Blocks between a commitment and its sample.
    pub audit_blocks: u32,
    /// Blocks in which a draw that found too few is repeated.
    pub draw_blocks: BlockNumber,
    /// Blocks auditors and jurors have for their seals.
    pub seal_blocks: BlockNumber,
    /// Blocks a worker has to open the sample, and jurors to reveal.
    pub open_blocks: BlockNumber,
    /// Blocks a task may wait for a worker before it fails.
    pub queue_blocks: BlockNumber,
    /// Workers a task is given to, one after the other, before it fails.
    pub max_attempts: u8,
    /// Bond locked for a task, as a multiple of its reward.
    pub bond_factor: FixedU128,
    /// Price of one unit of another asset in DPN, by which bonds are reckoned.
    pub asset_price: FixedU128,
    /// Least bond locked for a task, in planck.
    pub min_task_bond: Balance,
    /// Least bond locked of an auditor, in planck.
    pub audit_bond: Balance,
    /// Least bond of a challenger, in planck.
    pub challenge_bond: Balance,
    /// Share of a bond that is lost by who stays silent for the first time in a row.
    pub silence_slash: Perbill,
    /// Blocks between a fault and its slash.
    pub slash_delay: BlockNumber,
}

polkadot_sdk::sp_api::decl_runtime_apis! {
    /// What nodes and dApps ask about computation.
    ///
    /// Lists come in pages: the cursor of the page before, `None` for the first, and the most entries wanted (at most 100).
    #[api_version(3)]
    pub trait ComputeApi {
        /// A job that is not ended, with its tasks.
        fn job(id: JobId) -> Option<JobInfo>;
        /// The number of jobs ever posted: ids below it are or were jobs.
        fn job_count() -> JobId;
        /// A task of a job that is not ended.
        fn task(task: TaskId) -> Option<TaskInfo>;
        /// The jobs of a requester that are not ended, in the order in which they were posted.
        fn jobs_of(requester: AccountId, after: Option<JobId>, limit: u32) -> Page<JobHead, JobId>;
        /// The job that a requester posted last, ended or not; each names the one before.
        fn last_job_of(requester: AccountId) -> Option<JobId>;
        /// A registered kernel.
        fn kernel(id: KernelId) -> Option<KernelInfo>;
        /// The registered kernels, in the order of their ids.
        fn kernels(after: Option<KernelId>, limit: u32) -> Page<KernelInfo, KernelId>;
        /// A worker.
        fn worker(account: AccountId) -> Option<WorkerInfo>;
        /// The workers of a class, or all, in the order of their registration. The cursor is a worker's number.
        fn workers(device_class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Page<WorkerInfo, u32>;
        /// How long a job of `requester` would take; the error is the one that posting it would give. Without a requester no worker
        /// counts as the requester's own.
        fn wait(spec: JobSpec, requester: Option<AccountId>) -> Result<Wait, polkadot_sdk::sp_runtime::DispatchError>;
        /// Who could take a task that waits for a worker; `None` if it does not.
        fn candidates(task: TaskId) -> Option<Candidates>;
        /// Who could take and audit the tasks of a job of `requester`, whose kernel cuts its output like this and whose inputs have
        /// these sizes. Neither the kernel nor the inputs need be known to the chain.
        fn prospects(
            spec: JobSpec,
            tiling: Tiling,
            inputs: InputBytes,
            requester: Option<AccountId>,
        ) -> Candidates;
        /// The network at a glance.
        fn network() -> NetworkInfo;
        /// The numbers that govern jobs and audits.
        fn parameters() -> ParametersInfo;
        /// What a job would cost; the error is the one that posting it would give.
        fn quote(spec: JobSpec) -> Result<Quote, polkadot_sdk::sp_runtime::DispatchError>;
        /// Size in bytes of a stored or announced blob.
        fn blob_size(hash: BlobHash) -> Option<u64>;
        /// A stored or announced blob.
        fn blob(hash: BlobHash) -> Option<BlobInfo>;
        /// The genesis hash that leaves carry.
        fn genesis() -> Hash;
    }
}
