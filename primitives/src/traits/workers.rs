//! The traits about the registered workers.

#[cfg(any(feature = "std", feature = "try-runtime"))]
use crate::worker::Duties;
use crate::{
    AccountId, Balance, BlockNumber, TaskId,
    worker::{
        Candidate, Capability, DeviceClass, Duty, DutyEnd, Outcome, Place, WorkerKey, WorkerProfile, WorkerState,
    },
};
#[cfg(any(feature = "std", feature = "try-runtime"))]
use alloc::vec::Vec;

/// The number of workers, as the jobs see it.
pub trait WorkerCount {
    /// Return the number of available workers of a class, or of all classes.
    fn available(class: Option<DeviceClass>) -> u32;
}

/// The registered workers, as the proof of compute sees them.
pub trait WorkerRegistry: WorkerCount {
    /// Return the key of a worker.
    fn key(worker: &AccountId) -> Option<WorkerKey>;
    /// Return the worker with this key.
    fn worker_of(key: &WorkerKey) -> Option<AccountId>;
    /// Return the facts about a worker that change with every task. Costs one read.
    fn state(worker: &AccountId) -> Option<WorkerState>;
    /// Return the facts that a worker declares. Costs one read.
    fn profile(worker: &AccountId) -> Option<WorkerProfile>;
    /// Whether the worker is certified: it has locked enough BLC.
    fn is_certified(worker: &AccountId) -> bool;
    /// Draw an available worker of a class, or of any, by a uniform number.
    ///
    /// Costs one read for any number of workers.
    fn draw(class: Option<DeviceClass>, uniform: u64) -> Option<AccountId>;
    /// Return the number of workers that are neither paused nor leaving, with or without a free
    /// slot.
    fn active() -> u32;
    /// Return the number of the next worker to register. All workers have lower numbers.
    fn numbers() -> u32;
    /// Return the worker with this number as a candidate for tasks, whether it may be drawn or not.
    ///
    /// For queries only. Draws use [`Self::draw`].
    fn candidate(number: u32) -> Option<Candidate>;
    /// Give a worker a duty, and lock `amount` planck of its free bond.
    ///
    /// Returns `false`, and changes nothing, if the worker has no room for the duty, too little
    /// free bond, or no [`Place`] for it.
    fn take_on(worker: &AccountId, duty: Duty, amount: Balance, place: Place) -> bool;
    /// Free a slot of the worker.
    fn vacate(worker: &AccountId);
    /// End a duty: unlock its bond, record its outcome, and set the penalty aside.
    ///
    /// The penalty is carried out after a delay, unless governance cancels it. The cancellation
    /// takes back the outcome, too.
    fn conclude(worker: &AccountId, task: TaskId, end: DutyEnd);
    /// Record an outcome that was worth `value` planck and ends no duty.
    fn note(worker: &AccountId, outcome: Outcome, value: Balance);
    /// Whether the chain accepts this report of the worker's node, made in block `at`.
    ///
    /// An active worker may report that it can take no tasks. A worker that is paused for that
    /// reason may report that it works again.
    fn may_report_devices(worker: &AccountId, working: bool, at: BlockNumber) -> bool;
    /// Pause a worker whose node can take no tasks, or resume it. [`Self::may_report_devices`] must
    /// allow it.
    fn report_devices(worker: &AccountId, working: bool);
    /// Return the workers that have duties, with the bond in planck that is locked for them. Only
    /// for checking invariants.
    #[cfg(any(feature = "std", feature = "try-runtime"))]
    fn engagements() -> Vec<(AccountId, Duties, Balance)>;
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
