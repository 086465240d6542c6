//! The traits about blobs, kernels, jobs and their tasks.

use crate::{
    AccountId, Balance, BlobHash, BlockNumber, KernelId, TaskId,
    executor::{Commitment, RunRequest, Work},
    job::{AuditPolicy, JobSpec, Requirements, Reward},
    kernel::{InputBytes, KernelManifest, Tiling},
    reason::ReasonCode,
    worker::DeviceClass,
};
use alloc::vec::Vec;
use polkadot_sdk::{frame_support::weights::Weight, sp_runtime::DispatchResult};

/// Stored and announced blobs, as the jobs see them.
pub trait BlobStore {
    /// Return the size of a stored or announced blob in bytes.
    fn size(hash: &BlobHash) -> Option<u64>;
    /// Whether the blob's bytes are stored on the chain, so that every node has them.
    fn is_stored(hash: &BlobHash) -> bool;
    /// Add a pin to a blob. A pinned blob is neither removed nor expired.
    ///
    /// # Errors
    ///
    /// If there is no such blob, or it has too many pins.
    fn pin(hash: &BlobHash) -> DispatchResult;
    /// Remove a pin from a blob.
    fn unpin(hash: &BlobHash);
    /// Create a blob of this size and return its hash. Only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_blob(seed: u32, size: u32) -> BlobHash;
}

/// The registered kernels, as the canaries see them.
pub trait KernelRegistry {
    /// Return the manifest of a kernel.
    fn manifest(kernel: &KernelId) -> Option<KernelManifest>;
    /// Add a reason to keep a kernel, so that it cannot be unregistered.
    ///
    /// # Errors
    ///
    /// If there is no such kernel.
    fn keep(kernel: &KernelId) -> DispatchResult;
    /// Remove one reason added by [`Self::keep`].
    fn release(kernel: &KernelId);
    /// Register a kernel with this manifest. Only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_kernel(manifest: KernelManifest) -> KernelId;
}

/// The queue of tasks of the proof of compute, as the jobs see it.
pub trait TaskQueue {
    /// Add a new task to the queue.
    fn enqueue(task: TaskId);
    /// Remove a task from the queue. Returns whether it was still queued.
    fn withdraw(task: TaskId) -> bool;
}

/// A task as the proof of compute sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskBrief {
    /// The account that posted the job.
    pub requester: AccountId,
    /// The kernel of the job.
    pub kernel: KernelId,
    /// How the kernel cuts the output into tiles.
    pub tiling: Tiling,
    /// Number of tasks of the job.
    pub tasks: u32,
    /// Number of work-groups of the task.
    pub group_count: u32,
    /// The reward of the task.
    pub reward: Reward,
    /// Pay of each auditor, in the reward's asset.
    pub per_auditor: Balance,
    /// The audit policy of the job.
    pub audit: AuditPolicy,
    /// Deadline of the task, in blocks after its assignment.
    pub run_blocks: BlockNumber,
    /// The requirements for a worker. The memory is at least [`Self::least_memory`].
    pub requires: Requirements,
    /// Bytes of device memory for the smallest part of the task, which is the part that an auditor
    /// computes. See [`Tiling::least_memory`].
    pub least_memory: u64,
    /// Whether another worker gets the task when an attempt fails.
    pub redo: bool,
}

impl TaskBrief {
    /// Describe the only task of a job like this, whose inputs have these sizes. Only the facts
    /// that decide which workers could take it are correct.
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

/// The open jobs, as the proof of compute sees them.
pub trait JobLedger {
    /// Return the facts about an open task that the lottery and the audit need.
    fn brief(task: TaskId) -> Option<TaskBrief>;
    /// Return the request for an executor. The caller sets `id` and `limit_ms`.
    fn run_request(task: TaskId, work: Work) -> Option<RunRequest>;
    /// Return the sizes of a task's inputs in bytes, in order.
    ///
    /// The list is empty if there are no inputs or the sizes are not known. With the sizes, an
    /// executor can refuse inputs that are too large before it fetches them.
    fn input_bytes(task: TaskId) -> Vec<u64>;
    /// Close a task that was verified, and return the weight of doing so.
    ///
    /// Pays the worker and the auditors that sealed right, sends the fees to the revenue pot, and
    /// refunds the rest to the requester.
    fn settle(task: TaskId, worker: &AccountId, commitment: Commitment, auditors: &[AccountId]) -> Weight;
    /// Refund the requester, close the task, and return the weight of doing so. If the reason lies
    /// with the requester, the requester's fee is not refunded: reservation fee and surcharge.
    fn fail(task: TaskId, reason: ReasonCode) -> Weight;
    /// As [`Self::fail`], for a task that nobody has tried. The requester pays no fee, whatever the
    /// reason.
    fn give_back(task: TaskId, reason: ReasonCode) -> Weight;
    /// Return why no job of the kernel may run on devices of a class, or of any class; `None` if it
    /// may.
    ///
    /// The reason is that the kernel did not build there.
    fn unbuildable(kernel: &KernelId, class: Option<DeviceClass>) -> Option<ReasonCode>;
    /// Record a worker's report that the kernel does not build on its devices, which are of this
    /// class.
    ///
    /// `everybody` means that no other worker could be asked. Returns whether it is now known that
    /// the kernel does not build there.
    fn build_failed(kernel: &KernelId, class: DeviceClass, by: &AccountId, reason: ReasonCode, everybody: bool)
    -> bool;
    /// Record that the kernel builds on devices of a class, as a checked result proves.
    ///
    /// Returns the workers that had reported the opposite.
    fn built(kernel: &KernelId, class: DeviceClass) -> Vec<AccountId>;
    /// Return the maximum weight of closing a task: the last task of the largest job.
    fn close_weight() -> Weight;
    /// Return the maximum weight of closing the only task of a job.
    fn close_one_weight() -> Weight;
    /// Return the worker that is called to do a task of the chain's own, and the last block for its
    /// commitment.
    ///
    /// `None` for a task that a requester has posted: the lottery assigns it.
    fn called(task: TaskId) -> Option<(AccountId, BlockNumber)>;
    /// Return the tasks of the chain's own that this worker is called to do now. There are only a
    /// few.
    fn calls(worker: &AccountId) -> Vec<TaskId>;
    /// Post a job of one task of `groups` tiles, with this audit policy. Only for benchmarks.
    ///
    /// It is paid in DPN if `native`, and in the costliest asset otherwise.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_task(groups: u32, samples: u32, auditors: u32, native: bool) -> TaskId;
}
