//! The ends: of a duty, of an attempt, and of a task.

use super::Open;
use crate::{filing::WaitingQueue, verdict::Shares, *};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, Balance, Hash,
    api::TaskStep,
    reason::ReasonCode,
    traits::{JobLedger, WorkerRegistry},
    worker::{DutyEnd, Outcome, Penalty},
};
use polkadot_sdk::{frame_support::weights::Weight, sp_runtime::Saturating};

/// How a duty ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate<'a> {
    /// The duty was done.
    Done,
    /// It ended without anybody's fault.
    Excused,
    /// It was declined, or could not be done.
    Declined,
    /// The deadline passed.
    Silent,
    /// The report was wrong: the whole bond is lost, and pays these claims.
    Wrong(ReasonCode, &'a Claims),
}

impl<'a> Fate<'a> {
    /// The fate of an auditor that has sealed; without a seal it was silent.
    pub(super) fn of_sealed(seal: &Option<Hash>, fate: Fate<'a>) -> Fate<'a> {
        match seal {
            Some(_) => fate,
            None => Fate::Silent,
        }
    }
}

/// The accounts that are paid from a slash.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Claims {
    /// The account that the fault harmed.
    pub injured: Option<AccountId>,
    /// The account that called for the jury.
    pub challenger: Option<AccountId>,
    /// The accounts that found the fault.
    pub finders: Vec<AccountId>,
}

impl Claims {
    /// The share of each in `amount` planck.
    pub(super) fn on(&self, amount: Balance, shares: Shares) -> Vec<(AccountId, Balance)> {
        shares.claims(amount, self.injured.as_ref(), self.challenger.as_ref(), &self.finders)
    }
}

impl<T: Config> Pallet<T> {
    /// Maximum weight of the end of an attempt beyond the call that causes it: closing the last
    /// task of the largest job, or filing the task again.
    pub(crate) fn close_weight() -> Weight {
        T::Jobs::close_weight().saturating_add(Self::extras_weight())
    }

    /// As [`Self::close_weight`], for the only task of a job, or one that is not the last.
    pub(crate) fn close_one_weight() -> Weight {
        T::Jobs::close_one_weight().saturating_add(Self::extras_weight())
    }

    /// Weight of the rare extras of a task's beginning and end: counting it in a region, and filing
    /// it again.
    pub(crate) fn extras_weight() -> Weight {
        T::WeightInfo::count_region().saturating_add(T::WeightInfo::refile_task())
    }
}

impl<T: Config> Open<T> {
    /// End a duty: unlock the part of its bond that is not lost, record how it ended, and set the
    /// slash aside.
    pub(super) fn end_duty(&self, who: &AccountId, bond: Balance, fate: Fate<'_>) {
        let outcome = match fate {
            Fate::Excused => None,
            Fate::Done => Some(Outcome::Right),
            Fate::Declined => Some(Outcome::Declined),
            Fate::Silent => Some(Outcome::Silent),
            Fate::Wrong(..) => Some(Outcome::Wrong),
        };
        let loss = match fate {
            Fate::Silent => {
                let strikes = T::Workers::state(who).map_or(0, |state| state.strikes);
                Some((ReasonCode::WorkerSilent, self.rules.price_of_silence(bond, strikes), Vec::new()))
            }
            Fate::Wrong(reason, claims) => Some((reason, bond, claims.on(bond, self.rules.shares))),
            _ => None,
        };
        let penalty = loss.map(|(reason, amount, claims)| Penalty { task: self.id, reason, amount, claims });
        T::Workers::conclude(who, self.id, DutyEnd { bond, outcome, worth: self.worth(), penalty });
    }

    /// End the duties of an audit's auditors. `fate` gets the position and the seal of each.
    pub(super) fn dismiss_auditors<'a>(&self, audit: &Audit, fate: impl Fn(usize, &Option<Hash>) -> Fate<'a>) {
        for (position, (auditor, seal)) in audit.auditors.iter().enumerate() {
            self.end_duty(auditor, audit.auditor_bond, fate(position, seal));
        }
    }

    /// End an attempt, and queue the task again or give it up.
    pub(super) fn fail_attempt(mut self, run: &Run, reason: ReasonCode, fate: Fate<'_>) -> Weight {
        self.leave_region(run);
        self.end_duty(&run.worker, run.bond, fate);
        self.note(TaskStep::AttemptFailed { reason });
        let (task, attempt, worker) = (self.id, self.state.attempt, run.worker.clone());
        Pallet::<T>::deposit_event(Event::AttemptFailed { task, attempt, worker, reason });
        if !self.may_be_tried_again(run, reason) {
            return self.give_up(reason);
        }
        self.state.attempt.saturating_inc();
        self.state.redraws = 0;
        self.state.last_failure = Some(reason);
        let due = self.after(self.rules.queue_blocks);
        WaitingQueue::<T>::push(self.id);
        self.enter(Stage::Queued { due })
    }

    /// Record the worker of a failed attempt. Returns whether another worker gets the task.
    fn may_be_tried_again(&mut self, run: &Run, reason: ReasonCode) -> bool {
        let remembered = self.state.tried.try_push(run.worker.clone()).is_ok();
        let last = self.state.last_failure;
        let found_twice = reason.is_requesters() && last.is_some_and(|last| last.is_same_kind(&reason));
        let used_up = self.state.attempt.saturating_add(1) >= self.rules.max_attempts || !remembered;
        let everybody = T::Workers::active() as usize <= self.state.tried.len();
        let unbuildable = self.note_build(run, reason, everybody);
        self.brief.redo && !found_twice && !used_up && !everybody && !unbuildable
    }

    /// Refund the task after its last attempt, and forget it.
    pub(crate) fn give_up(self, reason: ReasonCode) -> Weight {
        self.forget(TaskStep::Failed { reason });
        self.spent.saturating_add(T::Jobs::fail(self.id, reason))
    }

    /// Refund the task in full while it waits for a worker, and forget it.
    pub(crate) fn give_back(self, reason: ReasonCode) -> Weight {
        self.forget(TaskStep::Failed { reason });
        self.spent.saturating_add(T::Jobs::give_back(self.id, reason))
    }

    /// Nobody can tell whether the result is right: refund the requester, without a slash of the
    /// worker.
    pub(super) fn void(mut self, run: &Run, reason: ReasonCode) -> Weight {
        self.leave_region(run);
        self.end_duty(&run.worker, run.bond, Fate::Excused);
        self.give_up(reason)
    }

    /// Pay for a verified result, and forget the task.
    pub(super) fn settle(mut self, proven: Proven) -> Weight {
        let Proven { run, commitment, auditors } = proven;
        self.leave_region(&run);
        // A result that nobody has checked says nothing about its worker.
        let fate = if auditors.is_empty() { Fate::Excused } else { Fate::Done };
        self.end_duty(&run.worker, run.bond, fate);
        self.forget(TaskStep::Settled { worker: run.worker.clone(), auditors: auditors.to_vec() });
        self.spent.saturating_add(T::Jobs::settle(self.id, &run.worker, commitment, &auditors))
    }

    /// Remove the task's state. Its last step stays in the offchain index.
    fn forget(&self, last: TaskStep) {
        self.note(last);
        Tasks::<T>::remove(self.id);
    }
}
