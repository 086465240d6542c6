//! The traits at which the pallets meet. Each belongs to its caller.

use crate::{
    executor::{Commitment, RunRequest, Work},
    job::{AuditPolicy, Requirements, Reward},
    kernel::Tiling,
    reason::ReasonCode,
    worker::{DeviceClass, WorkerKey, WorkerProfile},
    AccountId, Balance, BlobHash, BlockNumber, KernelId, TaskId,
};
use polkadot_sdk::{frame_support::weights::Weight, sp_runtime::DispatchResult};

/// What jobs ask of the blobs.
pub trait BlobStore {
    /// Size in bytes of a stored blob.
    fn size(hash: &BlobHash) -> Option<u32>;
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
    /// What a worker must have.
    pub requires: Requirements,
}

/// What the proof of compute asks of the jobs.
pub trait JobLedger {
    /// What the lottery and the audit need to know of an open task.
    fn brief(task: TaskId) -> Option<TaskBrief>;
    /// The piece of work an executor needs, with `id` and `limit_ms` left to the caller.
    fn run_request(task: TaskId, work: Work) -> Option<RunRequest>;
    /// Pay the worker and the auditors that sealed right, send the fees to revenue, refund the rest, and close the task. Returns
    /// what that weighed.
    fn settle(task: TaskId, worker: &AccountId, commitment: Commitment, auditors: &[AccountId]) -> Weight;
    /// Refund the requester and close the task. Returns what that weighed.
    fn fail(task: TaskId, reason: ReasonCode) -> Weight;
    /// The most that closing a task may weigh: when it is the last of the largest job.
    fn close_weight() -> Weight;
    /// Post a job of one task of `groups` tiles, with as many auditors as there may be and `samples` samples: only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_task(groups: u32, samples: u32) -> TaskId;
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
    /// Number of workers that are neither paused nor leaving, with or without a free slot.
    fn active() -> u32;
    /// Locked part of the worker's bond, in planck.
    fn locked(worker: &AccountId) -> Balance;
    /// Bond in planck that is not locked.
    fn free_bond(worker: &AccountId) -> Balance;
    /// Take one of the worker's free slots; `false` if there is none.
    fn occupy(worker: &AccountId) -> bool;
    /// Give a slot back.
    fn vacate(worker: &AccountId);
    /// Lock a part of the free bond, in planck; `false` if there is too little.
    fn lock(worker: &AccountId, amount: Balance) -> bool;
    /// Unlock what [`Self::lock`] locked.
    fn unlock(worker: &AccountId, amount: Balance);
    /// Take `amount` of the worker's locked bond, in planck: it is unlocked, `shares` are paid from it as far as it goes, the
    /// rest is burned. Returns what was taken.
    fn slash(worker: &AccountId, amount: Balance, shares: &[(AccountId, Balance)]) -> Balance;
    /// Register and bond a worker out of nothing: only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_worker(seed: u32) -> AccountId;
}
