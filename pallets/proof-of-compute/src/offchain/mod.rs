//! The off-chain worker: how a worker's node attends to its duties.
//!
//! After each block it looks at the duties of the worker keys in the node's keystore. It posts runs
//! to the executor, polls them, checks the results, signs reports and submits them.
//!
//! It keeps no state that the chain does not know, except its submitted reports and its runs. So it
//! survives restarts, follows forks, and never submits the same report twice. A run is posted with
//! every block for as long as its duty lasts, each time with the time that is left. It is ended
//! when the duty is gone. A worker that cannot do its duty reports that in time, whatever its
//! executor does. The reports of a block go into as few transactions as possible.
//!
//! The executor's answers are not trusted: lengths are bounded, and commitments and openings are
//! checked before they are signed.

pub(crate) mod attendance;
pub(crate) mod devices;
mod exchange;
mod executor;
mod fetch;
pub(crate) mod memory;
mod submit;

use self::{
    attendance::Attendance,
    executor::Executor,
    fetch::Fetches,
    memory::{Secrets, Submitted},
    submit::batches,
};
use crate::*;
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, BlockNumber, Hash,
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
/// Maximum time in ms that one of them may hold the lock.
const LOCK_MS: u64 = 15_000;

/// Maximum number of reports remembered as submitted.
const MAX_REMEMBERED: usize = 512;

/// One of this node's workers, in one block.
struct OwnWorker<'a> {
    genesis: Hash,
    now: BlockNumber,
    key: &'a WorkerKey,
    worker: &'a AccountId,
}

/// An obstacle to attending to a duty. The next block brings another try.
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
    /// The sealed finding is not in this node's storage.
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
    /// Attend to the duties of the worker keys in this node's keystore. Then fetch the outputs that
    /// a duty needs: by then all reports are submitted, and no stranger's server can delay them.
    pub(crate) fn attend_duties(now: BlockNumber) {
        let genesis = Self::genesis();
        if let Some(fetches) = Self::attend_workers(genesis, now) {
            fetches.fetch_wanted::<T>(&genesis, now);
        }
    }

    /// Attend to the duties of all workers, and submit their reports. Returns what is to be fetched
    /// for them. `None` if there is no executor, or if another off-chain worker does it.
    fn attend_workers(genesis: Hash, now: BlockNumber) -> Option<Fetches> {
        let executor = Executor::configured(&genesis)?;
        let mut lock = StorageLock::<Time>::with_deadline(LOCK_KEY, Duration::from_millis(LOCK_MS));
        let Ok(_guard) = lock.try_lock() else {
            log::debug!(target: LOG_TARGET, "block {now}: the duties are being attended to");
            return None;
        };
        let mut fetches = Fetches::read(&genesis);
        for key in WorkerKey::all() {
            let Some(worker) = T::Workers::worker_of(&key) else { continue };
            let own = OwnWorker { genesis, now, key: &key, worker: &worker };
            Self::attend_devices(&own);
            Self::attend_worker(&executor, &own, &mut fetches);
        }
        executor.end_unfinished(now);
        Some(fetches)
    }

    /// Attend to the duties of one worker, and submit its reports.
    fn attend_worker(executor: &Executor, own: &OwnWorker<'_>, fetches: &mut Fetches) {
        let (now, worker) = (own.now, own.worker);
        let duties = Self::duties_and_calls(worker);
        let mut submitted = Submitted::read(own, &duties);
        let mut secrets = Secrets::read(own, &duties);
        let mut outbox = Vec::new();
        for (Duty { task, role }, state, brief) in Self::by_deadline(&duties) {
            let mut attendance = Attendance::<T> {
                executor,
                own,
                task,
                state,
                brief,
                submitted: &submitted,
                outbox: &mut outbox,
                secrets: &mut secrets,
                fetches,
                runtime: core::marker::PhantomData,
            };
            if let Err(obstacle) = attendance.attend(role) {
                log::warn!(target: LOG_TARGET, "task {task}: not attended to in block {now}: {obstacle}");
            }
        }
        // A report that the pool may have already would keep out a new one in the same batch.
        let (old, new): (Vec<_>, Vec<_>) = outbox.into_iter().partition(|out| submitted.at(&out.id).is_some());
        for batch in batches(new).into_iter().chain(batches(old)) {
            if let Err(obstacle) = Self::submit_all(own, batch, &mut submitted) {
                log::warn!(target: LOG_TARGET, "reports of {worker:?} not submitted in block {now}: {obstacle}");
            }
        }
    }

    /// The duties of a worker: those it was drawn for, and the canaries that it is called to and
    /// has not answered.
    fn duties_and_calls(worker: &AccountId) -> Vec<Duty> {
        let calls = T::Jobs::calls(worker).into_iter().filter(|task| !Tasks::<T>::contains_key(task));
        let calls = calls.map(|task| Duty { task, role: Role::Worker });
        Self::duties_of(worker).iter().chain(calls).collect()
    }

    /// The duties with their tasks, the earliest deadline first: an executor that does not answer
    /// takes time from all later ones.
    fn by_deadline(duties: &[Duty]) -> Vec<(Duty, TaskState, TaskBrief)> {
        let with_task = |duty: &Duty| {
            let state = Self::stored_or_called(duty.task).ok()?;
            Some((*duty, state, T::Jobs::brief(duty.task)?))
        };
        let mut open: Vec<_> = duties.iter().filter_map(with_task).collect();
        open.sort_by_key(|(_, state, _)| state.stage.due());
        open
    }
}
