//! The traits at which the pallets meet. Each trait belongs to its caller.

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

/// The queue of tasks of the proof of compute, as the jobs see it.
pub trait TaskQueue {
    /// Add a new task to the queue.
    fn enqueue(task: TaskId);
    /// Remove a task from the queue. Returns whether it was still queued.
    fn withdraw(task: TaskId) -> bool;
}

/// The number of workers, as the jobs see it.
pub trait WorkerCount {
    /// Return the number of available workers of a class, or of all classes.
    fn available(class: Option<DeviceClass>) -> u32;
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

/// The registered workers, as the proof of compute sees them.
pub trait WorkerRegistry: WorkerCount {
    /// Return the key of a worker.
    fn key(worker: &AccountId) -> Option<WorkerKey>;
    /// Return the worker with this key.
    fn worker_of(key: &WorkerKey) -> Option<AccountId>;
    /// Draw an available worker of a class, or of any, by a uniform number.
    ///
    /// Costs one read for any number of workers.
    fn draw(class: Option<DeviceClass>, uniform: u64) -> Option<AccountId>;
    /// Return the worker's region and offer, for the lottery.
    fn profile(worker: &AccountId) -> Option<WorkerProfile>;
    /// Whether the worker is certified: it has locked enough BLC.
    fn is_certified(worker: &AccountId) -> bool;
    /// Return where other nodes ask the worker's node for outputs.
    fn address(worker: &AccountId) -> Option<PublicAddress>;
    /// Return the number of workers that are neither paused nor leaving, with or without a free
    /// slot.
    fn active() -> u32;
    /// Return the locked part of a worker's bond, in planck. It answers for tasks in flight and for
    /// pending slashes.
    fn locked(worker: &AccountId) -> Balance;
    /// Return the part of [`Self::locked`] that is set aside for pending slashes, in
    /// planck.
    fn slashing(worker: &AccountId) -> Balance;
    /// Return the part of a worker's bond that is not locked, in planck.
    fn free_bond(worker: &AccountId) -> Balance;
    /// Return the state of a worker for the lottery. Costs one read.
    fn state(worker: &AccountId) -> Option<WorkerState>;
    /// Return the number of the next worker to register. All workers have lower numbers.
    fn numbers() -> u32;
    /// Return the worker with this number as a candidate for tasks, whether it may be drawn or not.
    ///
    /// For queries only. Draws use [`Self::draw`].
    fn candidate(number: u32) -> Option<Candidate>;
    /// Whether the chain accepts this report of the worker's node, made in block `at`.
    ///
    /// An active worker may report that it can take no tasks. A worker that is paused for that
    /// reason may report that it works again.
    fn may_report_devices(worker: &AccountId, working: bool, at: BlockNumber) -> bool;
    /// Pause a worker whose node can take no tasks, or resume it. [`Self::may_report_devices`] must
    /// allow it.
    fn report_devices(worker: &AccountId, working: bool);
    /// Give a worker a duty, and lock `amount` planck of its free bond.
    ///
    /// Returns `false`, and changes nothing, if the worker has no room for the duty or too little
    /// free bond.
    fn oblige(worker: &AccountId, duty: Duty, amount: Balance) -> bool;
    /// As [`Self::oblige`], and take one of the worker's slots. Also returns `false`, and changes
    /// nothing, if no slot is free.
    fn engage(worker: &AccountId, duty: Duty, amount: Balance) -> bool;
    /// Free a slot of the worker.
    fn vacate(worker: &AccountId);
    /// End a duty, and unlock `amount` planck of its bond. The part to be slashed stays locked.
    fn relieve(worker: &AccountId, task: TaskId, amount: Balance);
    /// [End](Self::relieve) a duty that was worth `value` planck, and [record](Self::note) that it
    /// was done right.
    fn discharge(worker: &AccountId, task: TaskId, amount: Balance, value: Balance);
    /// Set a locked part of the worker's bond aside for a slash.
    ///
    /// The slash is carried out after a delay, unless governance cancels it.
    fn slash(worker: &AccountId, penalty: Penalty);
    /// Return the worker's reputation.
    fn reputation(worker: &AccountId) -> Perbill;
    /// Return the worker's number of silences in a row.
    fn strikes(worker: &AccountId) -> u32;
    /// Record the outcome of a duty that was worth `value` planck.
    fn note(worker: &AccountId, outcome: Outcome, value: Balance);
    /// Return the duties of all workers that have any. Only for checking invariants.
    #[cfg(any(feature = "std", feature = "try-runtime"))]
    fn all_duties() -> Vec<(AccountId, crate::worker::Duties)>;
    /// Create a registered worker with a bond. Only for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_worker(seed: u32) -> AccountId;
}

/// The registered workers, as the canaries see them. Each has a number for life, given in the order
/// of registration.
pub trait WorkerHealth {
    /// Return the number of a worker.
    fn number(worker: &AccountId) -> Option<u32>;
    /// Return the worker with this number, if it is still registered.
    fn by_number(number: u32) -> Option<AccountId>;
    /// Return the number of the next worker to register. All workers have lower numbers.
    fn next_number() -> u32;
    /// Whether the worker is neither paused nor leaving.
    fn is_active(worker: &AccountId) -> bool;
    /// Return the capability that the worker declares for its devices.
    fn capability(worker: &AccountId) -> Option<Capability>;
    /// Record that the worker has proved itself with both canaries of a round. It may be drawn, and
    /// its misses are forgotten.
    fn prove(worker: &AccountId);
    /// Record that the worker did not answer a canary.
    ///
    /// The first miss in a row is a warning. From the second on the worker is not drawn until it
    /// [proves itself](Self::prove). From the third on a part of its bond is slashed.
    fn miss(worker: &AccountId, task: TaskId);
    /// Record that the worker's device failed a canary, or that its earlier proof no longer holds.
    /// The worker is not drawn until it [proves itself](Self::prove).
    fn disprove(worker: &AccountId);
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

/// The fees of settled tasks, as the jobs report them to the economy.
pub trait DemandLedger {
    /// Record that a settled task has paid `fees` of `asset` into the revenue pot.
    ///
    /// `paid` lists the accounts that worked for the task, each with its pay in `asset`. It has at
    /// most one worker and [`MAX_AUDITORS`](crate::job::MAX_AUDITORS) auditors.
    fn settled(asset: &AssetKind, fees: Balance, paid: &[(AccountId, Balance)]);
}

impl DemandLedger for () {
    fn settled(_: &AssetKind, _: Balance, _: &[(AccountId, Balance)]) {}
}

/// The capacity of the workers, as the canaries report it to the economy.
pub trait CapacityLedger {
    /// Record that a worker has passed all canaries of a round, and proved `units` throughput
    /// tiles.
    fn proved(worker: &AccountId, units: u32);
}

impl CapacityLedger for () {
    fn proved(_: &AccountId, _: u32) {}
}

/// The purchases of the buy-back, as it reports them to the economy.
pub trait BurnLedger {
    /// Record a purchase: `spent` of `asset` from the revenue pot bought `burned` planck, which are
    /// burned.
    ///
    /// Returns the weight of recording it.
    fn bought(asset: &AssetKind, spent: Balance, burned: Balance) -> Weight;

    /// Record that the market of `asset` was fit to buy in for `blocks` more blocks, with or
    /// without a purchase.
    ///
    /// Returns the weight of recording it.
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

/// A hook that runs when an era ends.
pub trait OnEraEnd {
    /// The era has ended. Returns the weight of the hook.
    fn era_ended(era: EraIndex) -> Weight;
}

impl OnEraEnd for () {
    fn era_ended(_: EraIndex) -> Weight {
        Weight::zero()
    }
}
