//! The traits at which the pallets meet. Each belongs to its caller.

use crate::{
    economy::EraIndex,
    executor::{Commitment, RunRequest, Work},
    job::{AuditPolicy, JobSpec, Requirements, Reward},
    kernel::{InputBytes, KernelManifest, Tiling},
    reason::ReasonCode,
    worker::{
        Candidate, Capability, DeviceClass, Duty, Outcome, Penalty, PublicAddress, WorkerKey, WorkerProfile,
        WorkerState,
    },
    AccountId, AssetKind, Balance, BlobHash, BlockNumber, KernelId, TaskId,
};
use alloc::vec::Vec;
use polkadot_sdk::{
    frame_support::weights::Weight,
    sp_runtime::{DispatchResult, Perbill},
};

/// What jobs ask of the blobs.
pub trait BlobStore {
    /// Size in bytes of a stored or announced blob.
    fn size(hash: &BlobHash) -> Option<u64>;
    /// Whether the blob's bytes are on the chain, where every node has them.
    fn is_stored(hash: &BlobHash) -> bool;
    /// Keep a blob from removal and expiry, once more.
    ///
    /// # Errors
    ///
    /// If there is no such blob, or it is in use too often.
    fn pin(hash: &BlobHash) -> DispatchResult;
    /// Take back one [`Self::pin`].
    fn unpin(hash: &BlobHash);
    /// Store a blob of this size out of nothing and return its hash: only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_blob(seed: u32, size: u32) -> BlobHash;
}

/// What jobs ask of the proof of compute.
pub trait TaskQueue {
    /// Take a new task into the queue.
    fn enqueue(task: TaskId);
    /// Take a task out again, if it is still queued.
    fn withdraw(task: TaskId) -> bool;
}

/// What jobs ask of the workers.
pub trait WorkerCount {
    /// Number of available workers of a class, or of all.
    fn available(class: Option<DeviceClass>) -> u32;
}

/// A task as the proof of compute sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskBrief {
    /// Who posted the job.
    pub requester: AccountId,
    /// The kernel.
    pub kernel: KernelId,
    /// How the output is cut.
    pub tiling: Tiling,
    /// Tasks of its job.
    pub tasks: u32,
    /// Work-groups of the task.
    pub group_count: u32,
    /// What it pays.
    pub reward: Reward,
    /// Pay of each auditor, in the reward's asset.
    pub per_auditor: Balance,
    /// How it is checked.
    pub audit: AuditPolicy,
    /// Deadline in blocks.
    pub run_blocks: BlockNumber,
    /// What a worker must have. Its memory is at least [`Self::least_memory`].
    pub requires: Requirements,
    /// Bytes of memory that a device must have for the smallest part of the task, which an auditor
    /// computes: see [`Tiling::least_memory`].
    pub least_memory: u64,
    /// Whether somebody else gets the task when an attempt fails.
    pub redo: bool,
}

impl TaskBrief {
    /// The only task of a job like this, whose inputs have these sizes, as far as it matters for
    /// who could take it.
    pub fn prospect(spec: &JobSpec, tiling: Tiling, requester: AccountId, inputs: &InputBytes) -> Self {
        let least_memory = tiling.least_memory(inputs);
        Self {
            requester,
            kernel: spec.kernel,
            tiling,
            tasks: 1,
            group_count: 1,
            reward: spec.reward.clone(),
            per_auditor: 0,
            audit: spec.audit,
            run_blocks: spec.run_blocks,
            requires: spec.requires.clone().with_memory(least_memory),
            least_memory,
            redo: true,
        }
    }
}

/// What the proof of compute asks of the jobs.
pub trait JobLedger {
    /// What the lottery and the audit need to know of an open task.
    fn brief(task: TaskId) -> Option<TaskBrief>;
    /// The piece of work an executor needs, with `id` and `limit_ms` left to the caller.
    fn run_request(task: TaskId, work: Work) -> Option<RunRequest>;
    /// The sizes of a task's inputs in bytes, in their order; empty if there are none or they are not known. For executors, which
    /// refuse what they have no room for before they fetch it.
    fn input_bytes(task: TaskId) -> Vec<u64>;
    /// Pay the worker and the auditors that sealed right, send the fees to revenue, refund the rest, and close the task. Returns
    /// what that weighed.
    fn settle(task: TaskId, worker: &AccountId, commitment: Commitment, auditors: &[AccountId]) -> Weight;
    /// Refund the requester and close the task. Returns what that weighed. A reason that lies with the requester costs the
    /// reservation fee.
    fn fail(task: TaskId, reason: ReasonCode) -> Weight;
    /// As [`Self::fail`], of a task that nobody has tried: the requester pays no fee, whatever the reason.
    fn give_back(task: TaskId, reason: ReasonCode) -> Weight;
    /// Why no job of the kernel may run on devices of a class, or of any class: it was found not to build there. `None`: it may.
    fn unbuildable(kernel: &KernelId, class: Option<DeviceClass>) -> Option<ReasonCode>;
    /// A worker with devices of a class has reported that the kernel does not build. `everybody`: no other worker could be asked.
    /// Whether that makes it known, or it was known before, that the kernel does not build there.
    fn build_failed(kernel: &KernelId, class: DeviceClass, by: &AccountId, reason: ReasonCode, everybody: bool)
        -> bool;
    /// A checked result proves that the kernel builds on devices of a class. Returns who had reported that it does not.
    fn built(kernel: &KernelId, class: DeviceClass) -> Vec<AccountId>;
    /// The most that closing a task may weigh: when it is the last of the largest job.
    fn close_weight() -> Weight;
    /// The most that closing the only task of a job may weigh.
    fn close_one_weight() -> Weight;
    /// The worker that is called to do a task of the chain's own, and the last block for its commitment. `None` for what somebody
    /// has posted: that is given out by lot.
    fn called(task: TaskId) -> Option<(AccountId, BlockNumber)>;
    /// The tasks of its own that the chain calls this worker to do now; a handful at most.
    fn calls(worker: &AccountId) -> Vec<TaskId>;
    /// Post a job of one task of `groups` tiles, with so many auditors and samples, which is paid in DPN or else in the costliest asset:
    /// only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_task(groups: u32, samples: u32, auditors: u32, native: bool) -> TaskId;
}

/// What the proof of compute asks of the workers.
pub trait WorkerRegistry: WorkerCount {
    /// A worker's key.
    fn key(worker: &AccountId) -> Option<WorkerKey>;
    /// The worker of a key.
    fn worker_of(key: &WorkerKey) -> Option<AccountId>;
    /// Draw an available worker of a class, or of any, by a uniform number. One read, whatever the number of workers.
    fn draw(class: Option<DeviceClass>, uniform: u64) -> Option<AccountId>;
    /// What the lottery needs to know of a worker.
    fn profile(worker: &AccountId) -> Option<WorkerProfile>;
    /// Whether the worker has locked the BLC that make it a certified one.
    fn is_certified(worker: &AccountId) -> bool;
    /// Where the worker's node can be asked for outputs.
    fn address(worker: &AccountId) -> Option<PublicAddress>;
    /// Number of workers that are neither paused nor leaving, with or without a free slot.
    fn active() -> u32;
    /// Part of the worker's bond, in planck, that answers for tasks in flight and pending slashes.
    fn locked(worker: &AccountId) -> Balance;
    /// What of [`Self::locked`] is set aside for pending slashes, in planck.
    fn slashing(worker: &AccountId) -> Balance;
    /// Bond in planck that is not locked.
    fn free_bond(worker: &AccountId) -> Balance;
    /// How the worker stands: one read.
    fn state(worker: &AccountId) -> Option<WorkerState>;
    /// The number the next worker will get: those of all workers are below it.
    fn numbers() -> u32;
    /// The worker of a number, drawn or not, as a candidate for tasks. For questions, not for draws.
    fn candidate(number: u32) -> Option<Candidate>;
    /// Whether the chain waits for this report of the worker's node, made in block `at`: that it
    /// can take no tasks if the worker is active, or that it can again if it is paused for that
    /// reason.
    fn may_report_devices(worker: &AccountId, working: bool, at: BlockNumber) -> bool;
    /// Pause a worker whose node can take no tasks, or let it resume: what
    /// [`Self::may_report_devices`] allows.
    fn report_devices(worker: &AccountId, working: bool);
    /// Take a duty on, for which `amount` planck of the free bond are locked. `false`, and nothing is done, if the worker has no room
    /// for it or too little bond.
    fn oblige(worker: &AccountId, duty: Duty, amount: Balance) -> bool;
    /// As [`Self::oblige`], and take one of the worker's free slots; `false`, and nothing is done, if there is none.
    fn engage(worker: &AccountId, duty: Duty, amount: Balance) -> bool;
    /// Give a slot back.
    fn vacate(worker: &AccountId);
    /// End a duty, and unlock `amount` planck of what was locked for it: what is to be slashed stays locked.
    fn relieve(worker: &AccountId, task: TaskId, amount: Balance);
    /// [End](Self::relieve) a duty that was worth `value` planck, and [note](Self::note) that it was done right.
    fn discharge(worker: &AccountId, task: TaskId, amount: Balance, value: Balance);
    /// Set a locked part of the worker's bond aside for a slash, which is carried out after a delay unless governance cancels it.
    fn slash(worker: &AccountId, penalty: Penalty);
    /// How trustworthy the worker has been.
    fn reputation(worker: &AccountId) -> Perbill;
    /// How often in a row the worker was silent.
    fn strikes(worker: &AccountId) -> u32;
    /// Take note of how a duty ended that was worth `value` planck.
    fn note(worker: &AccountId, outcome: Outcome, value: Balance);
    /// Who owes something, and what: all of it, to check invariants.
    #[cfg(any(feature = "std", feature = "try-runtime"))]
    fn all_duties() -> Vec<(AccountId, crate::worker::Duties)>;
    /// Register and bond a worker out of nothing: only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_worker(seed: u32) -> AccountId;
}

/// What canaries ask of the workers. Each has a number for life, given in the order of registration.
pub trait WorkerHealth {
    /// A worker's number.
    fn number(worker: &AccountId) -> Option<u32>;
    /// The worker of a number, if it is still one.
    fn by_number(number: u32) -> Option<AccountId>;
    /// The number the next worker will get: all are below it.
    fn next_number() -> u32;
    /// Whether the worker has said that it takes tasks: neither paused nor leaving.
    fn is_active(worker: &AccountId) -> bool;
    /// What a worker declares of its devices.
    fn capability(worker: &AccountId) -> Option<Capability>;
    /// The worker has proved itself: it may be drawn, and what it missed before is forgotten.
    fn prove(worker: &AccountId);
    /// The worker did not answer a canary: the first time it is warned, the second time it is not drawn any more until it proves
    /// itself, from the third time on a part of its bond is slashed.
    fn miss(worker: &AccountId, task: TaskId);
    /// The worker's device failed a canary: it is not drawn any more until it proves itself.
    fn disprove(worker: &AccountId);
}

/// What canaries ask of the registered kernels.
pub trait KernelRegistry {
    /// A kernel's manifest.
    fn manifest(kernel: &KernelId) -> Option<KernelManifest>;
    /// Keep a kernel from being unregistered, once more.
    ///
    /// # Errors
    ///
    /// If there is no such kernel.
    fn keep(kernel: &KernelId) -> DispatchResult;
    /// Take back one [`Self::keep`].
    fn release(kernel: &KernelId);
    /// Register a kernel like this out of nothing: only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_kernel(manifest: KernelManifest) -> KernelId;
}

/// What jobs tell the economy.
pub trait DemandLedger {
    /// A settled task has put `fees` of `asset` into the revenue pot. `paid` names who has worked for it, and how much of the asset
    /// each was paid: at most one worker and [`MAX_AUDITORS`](crate::job::MAX_AUDITORS) auditors.
    fn settled(asset: &AssetKind, fees: Balance, paid: &[(AccountId, Balance)]);
}

impl DemandLedger for () {
    fn settled(_: &AssetKind, _: Balance, _: &[(AccountId, Balance)]) {}
}

/// What canaries tell the economy.
pub trait CapacityLedger {
    /// A worker has passed all canaries of a round, and with them proved so many throughput tiles.
    fn proved(worker: &AccountId, units: u32);
}

impl CapacityLedger for () {
    fn proved(_: &AccountId, _: u32) {}
}

/// What the buy-back tells the economy.
pub trait BurnLedger {
    /// `spent` of `asset`, out of the revenue pot, has bought `burned` planck, and they are burned. Returns what taking note of it
    /// weighed.
    fn bought(asset: &AssetKind, spent: Balance, burned: Balance) -> Weight;

    /// The market of `asset` was fit to buy in for `blocks` blocks more, whether there was anything to buy with or not. Returns what
    /// taking note of it weighed.
    fn was_fit(asset: &AssetKind, blocks: BlockNumber) -> Weight;
}

impl BurnLedger for () {
    fn bought(_: &AssetKind, _: Balance, _: Balance) -> Weight {
        Weight::zero()
    }

    fn was_fit(_: &AssetKind, _: BlockNumber) -> Weight {
        Weight::zero()
    }
}

/// What is done when an era ends.
pub trait OnEraEnd {
    /// The era has ended. Returns what that weighed.
    fn era_ended(era: EraIndex) -> Weight;
}

impl OnEraEnd for () {
    fn era_ended(_: EraIndex) -> Weight {
        Weight::zero()
    }
}
