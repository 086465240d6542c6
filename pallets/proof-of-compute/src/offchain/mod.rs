//! The off-chain worker: what a worker's node does about its duties.
//!
//! After each block it looks at the duties of the worker keys in the node's keystore, hands what is
//! to be computed to the executor, polls, checks what comes back, signs and submits. It keeps no
//! state the chain does not know, except what it has submitted and what it has the executor
//! compute: so it survives restarts, follows forks, and never submits the same report twice. A run
//! is posted with every block for as long as its duty lasts, each time with the time that is left,
//! and ended when the duty is gone. A worker that can do nothing else says so in time, whatever its
//! executor does. What a worker has to say after a block goes into as few transactions as possible.
//! Whatever the executor says is treated as untrusted: lengths are bounded, and commitments and
//! openings are checked before they are signed.

pub(crate) mod attendance;
pub(crate) mod devices;
mod executor;
mod fetch;
pub(crate) mod memory;
mod submit;

use self::{
    attendance::Attendance,
    executor::Executor,
    memory::{Secrets, Submitted},
    submit::batches,
};
use crate::*;
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, BlockNumber,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::{Duty, Role, WorkerKey},
};
use polkadot_sdk::{
    sp_application_crypto::RuntimeAppPublic,
    sp_core::offchain::Duration,
    sp_runtime::offchain::storage_lock::{StorageLock, Time},
};

/// Only one off-chain worker of a node attends to duties at a time.
const LOCK_KEY: &[u8] = b"dpin/duties-lock";
/// Longest time in ms one of them may hold the lock.
const LOCK_MS: u64 = 15_000;

/// Most reports remembered as submitted.
const MAX_REMEMBERED: usize = 512;

/// Why a duty could not be attended to this time. It is tried again with the next block.
enum Obstacle {
    /// The executor cannot be reached.
    Unreachable,
    /// The executor refused, with this status code.
    Refused(u16),
    /// The executor's answer is too long or not what was asked for.
    Nonsense(&'static str),
    /// The keystore does not sign.
    NoSignature,
    /// The pool does not take the report.
    NotSubmitted,
    /// The chain's state does not fit together.
    Vanished,
    /// What was sealed is not in this node's storage.
    NothingToReveal,
}

impl core::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unreachable => f.write_str("the executor cannot be reached"),
            Self::Refused(code) => write!(f, "the executor refused with status {code}"),
            Self::Nonsense(what) => write!(f, "the executor's answer is refused: {what}"),
            Self::NoSignature => f.write_str("the keystore does not sign with the worker key"),
            Self::NotSubmitted => f.write_str("the transaction pool does not take the report"),
            Self::Vanished => f.write_str("the job is gone"),
            Self::NothingToReveal => f.write_str("this node does not know what it has sealed"),
        }
    }
}

impl<T: Config> Pallet<T> {
    /// What a worker owes the chain: what it was drawn for, and the canaries it is called to and
    /// has not answered.
    fn duties_and_calls(worker: &AccountId) -> Vec<Duty> {
        let calls = T::Jobs::calls(worker).into_iter().filter(|task| !Tasks::<T>::contains_key(task));
        let calls = calls.map(|task| Duty { task, role: Role::Worker });
        Self::duties_of(worker).iter().chain(calls).collect()
    }

    /// Attend to the duties of the worker keys in this node's keystore.
    pub(crate) fn attend_duties(now: BlockNumber) {
        let genesis = Self::genesis();
        let Some(executor) = Executor::configured(&genesis) else { return };
        let mut lock = StorageLock::<Time>::with_deadline(LOCK_KEY, Duration::from_millis(LOCK_MS));
        let Ok(_guard) = lock.try_lock() else {
            log::debug!(target: LOG_TARGET, "block {now}: the duties are being attended to");
            return;
        };
        for key in WorkerKey::all() {
            let Some(worker) = T::Workers::worker_of(&key) else { continue };
            Self::attend_devices(&genesis, &key, &worker, now);
            let duties = Self::duties_and_calls(&worker);
            let mut submitted = Submitted::read(&genesis, &worker, &duties, now);
            let mut secrets = Secrets::read(&genesis, &worker, &duties);
            let mut outbox = Vec::new();
            // What is due first goes first: an executor that does not answer takes time from all
            // that follows.
            let mut open: Vec<(Duty, TaskState, TaskBrief)> = duties
                .iter()
                .filter_map(|duty| {
                    let state = Tasks::<T>::get(duty.task).or_else(|| Self::called(duty.task))?;
                    Some((*duty, state, T::Jobs::brief(duty.task)?))
                })
                .collect();
            open.sort_by_key(|(_, state, _)| state.stage.due());
            for (Duty { task, role }, state, brief) in open {
                let mut attendance = Attendance::<T> {
                    executor: &executor,
                    genesis,
                    now,
                    worker: &worker,
                    task,
                    state,
                    brief,
                    submitted: &submitted,
                    outbox: &mut outbox,
                    secrets: &mut secrets,
                    _runtime: core::marker::PhantomData,
                };
                if let Err(obstacle) = attendance.attend(role) {
                    log::warn!(target: LOG_TARGET, "task {task}: not attended to in block {now}: {obstacle}");
                }
            }
            // What the pool may have already would keep out what is new.
            let (old, new): (Vec<_>, Vec<_>) = outbox.into_iter().partition(|out| submitted.at(&out.id).is_some());
            for batch in batches(new).into_iter().chain(batches(old)) {
                if let Err(obstacle) = Self::submit_all(&genesis, &key, &worker, batch, &mut submitted, now) {
                    log::warn!(target: LOG_TARGET, "reports of {worker:?} not submitted in block {now}: {obstacle}");
                }
            }
        }
        executor.end_unfinished(now);
    }
}
