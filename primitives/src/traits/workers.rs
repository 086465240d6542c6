//! The traits about the registered workers.

use crate::{
    AccountId, Balance, BlockNumber, TaskId,
    worker::{
        Candidate, Capability, DeviceClass, Duty, Outcome, Penalty, PublicAddress, WorkerKey, WorkerProfile,
        WorkerState,
    },
};
#[cfg(any(feature = "std", feature = "try-runtime"))]
use alloc::vec::Vec;
use polkadot_sdk::sp_runtime::Perbill;

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
