//! The ends: of a duty, of an attempt, and of a task.

use crate::{filing::WaitingQueue, verdict::Shares, *};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, Balance, Hash, TaskId,
    api::TaskStep,
    reason::ReasonCode,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::{Outcome, Penalty},
};
use polkadot_sdk::{frame_support::weights::Weight, sp_runtime::Saturating};

/// How an engagement ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// The duty was done.
    Done,
    /// It ended without anybody's fault.
    Excused,
    /// It was declined, or could not be done.
    Declined,
    /// The deadline passed.
    Silent,
    /// What was told is not true, and the whole bond is lost.
    Wrong(ReasonCode),
}

impl Fate {
    /// The fate of an auditor that has sealed; without a seal it was silent.
    pub(crate) fn of_sealed(seal: &Option<Hash>, fate: Fate) -> Fate {
        match seal {
            Some(_) => fate,
            None => Fate::Silent,
        }
    }
}

/// Who is paid from a slash.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Claims {
    /// Whom the fault harmed.
    pub injured: Option<AccountId>,
    /// Who called for the jury.
    pub challenger: Option<AccountId>,
    /// Who found the fault.
    pub finders: alloc::vec::Vec<AccountId>,
}

impl Claims {
    /// What each is paid of `amount` planck.
    pub(crate) fn on(&self, amount: Balance, shares: Shares) -> alloc::vec::Vec<(AccountId, Balance)> {
        shares.claims(amount, self.injured.as_ref(), self.challenger.as_ref(), &self.finders)
    }
}

impl<T: Config> Pallet<T> {
    /// The most that the end of an attempt may weigh beyond the call that brings it about: closing
    /// the last task of the largest job, or filing the task anew.
    pub(crate) fn close_weight() -> Weight {
        T::Jobs::close_weight().saturating_add(Self::seldom_weight())
    }

    /// The same of the only task of a job, or of one that is not the last.
    pub(crate) fn close_one_weight() -> Weight {
        T::Jobs::close_one_weight().saturating_add(Self::seldom_weight())
    }

    /// What giving a task to a worker, or ending that, seldom weighs besides: counting it in a
    /// region, and filing it anew.
    pub(crate) fn seldom_weight() -> Weight {
        T::WeightInfo::count_region().saturating_add(T::WeightInfo::refile_task())
    }

    /// What the outcome of a task counts for its worker's reputation, in planck. A canary pays
    /// nothing: it counts as much as is at stake in an audit.
    pub(crate) fn worth(task: TaskId, brief: &TaskBrief) -> Balance {
        let rules = Self::rules();
        if task.is_canary() {
            return rules.audit_bond;
        }
        rules.in_dpn(&brief.reward.asset, brief.reward.per_task).unwrap_or(Balance::MAX)
    }

    /// End a duty: take note of how it ended, and give its bond back or what of it the fate leaves.
    /// A slash follows its note, so that both are undone together when it is cancelled.
    pub(crate) fn seal_fate(task: TaskId, who: &AccountId, bond: Balance, worth: Balance, fate: Fate, claims: &Claims) {
        let penalty = |reason, amount, claims| Penalty { task, reason, amount, claims };
        match fate {
            Fate::Excused => T::Workers::relieve(who, task, bond),
            Fate::Done => T::Workers::discharge(who, task, bond, worth),
            Fate::Declined => {
                T::Workers::relieve(who, task, bond);
                T::Workers::note(who, Outcome::Declined, worth);
            }
            Fate::Silent => {
                let loss = Self::rules().price_of_silence(bond, T::Workers::strikes(who));
                T::Workers::note(who, Outcome::Silent, worth);
                T::Workers::relieve(who, task, bond.saturating_sub(loss));
                T::Workers::slash(who, penalty(ReasonCode::WorkerSilent, loss, Vec::new()));
            }
            Fate::Wrong(reason) => {
                T::Workers::relieve(who, task, 0);
                T::Workers::note(who, Outcome::Wrong, worth);
                T::Workers::slash(who, penalty(reason, bond, claims.on(bond, Self::rules().shares)));
            }
        }
    }

    /// End the engagement of an audit's auditors.
    pub(crate) fn dismiss_auditors(
        task: TaskId,
        audit: &Audit,
        worth: Balance,
        fate: impl Fn(usize, &Option<Hash>) -> Fate,
        claims: &Claims,
    ) {
        for (position, (auditor, seal)) in audit.auditors.iter().enumerate() {
            Self::seal_fate(task, auditor, audit.auditor_bond, worth, fate(position, seal), claims);
        }
    }

    /// End an attempt, and try again or give the task up.
    pub(crate) fn attempt_failed(
        task: TaskId,
        mut state: TaskState,
        brief: &TaskBrief,
        run: &Run,
        reason: ReasonCode,
        fate: Fate,
        claims: &Claims,
    ) -> Weight {
        let left = Self::leave_region(task, run);
        Self::seal_fate(task, &run.worker, run.bond, Self::worth(task, brief), fate, claims);
        let (attempt, worker) = (state.attempt, run.worker.clone());
        history::note::<T>(task, attempt, TaskStep::AttemptFailed { reason });
        Self::deposit_event(Event::AttemptFailed { task, attempt, worker: worker.clone(), reason });

        let rules = Self::rules();
        state.attempt.saturating_inc();
        let remembered = state.tried.try_push(worker).is_ok();
        let found_twice = reason.is_requesters() && state.last_failure.is_some_and(|last| last.is_same_kind(&reason));
        state.last_failure = Some(reason);
        let used_up = state.attempt >= rules.max_attempts || !remembered;
        let everybody = Self::all_have_tried(&state);
        let unbuildable = Self::note_build(task, brief, run, reason, everybody);
        if !brief.redo || found_twice || used_up || everybody || unbuildable {
            return left.saturating_add(Self::give_up(task, attempt, reason));
        }
        let due = Self::now().saturating_add(rules.queue_blocks);
        WaitingQueue::<T>::push(task);
        left.saturating_add(Self::enter(task, TaskState { redraws: 0, stage: Stage::Queued { due }, ..state }))
    }

    /// Whether no worker is left that has not tried the task.
    fn all_have_tried(state: &TaskState) -> bool {
        T::Workers::active() as usize <= state.tried.len()
    }

    /// Refund a task after its last attempt, and forget it.
    pub(crate) fn give_up(task: TaskId, attempt: u8, reason: ReasonCode) -> Weight {
        history::note::<T>(task, attempt, TaskStep::Failed { reason });
        Tasks::<T>::remove(task);
        T::Jobs::fail(task, reason)
    }

    /// Refund in full a task that waits for a worker, and forget it.
    pub(crate) fn give_back(task: TaskId, attempt: u8, reason: ReasonCode) -> Weight {
        history::note::<T>(task, attempt, TaskStep::Failed { reason });
        Tasks::<T>::remove(task);
        T::Jobs::give_back(task, reason)
    }

    pub(crate) fn settle(task: TaskId, attempt: u8, brief: &TaskBrief, proven: Proven) -> Weight {
        let Proven { run, commitment, auditors } = proven;
        let left = Self::leave_region(task, &run);
        // What nobody has checked says nothing of its worker.
        let fate = if auditors.is_empty() { Fate::Excused } else { Fate::Done };
        Self::seal_fate(task, &run.worker, run.bond, Self::worth(task, brief), fate, &Claims::default());
        let step = TaskStep::Settled { worker: run.worker.clone(), auditors: auditors.to_vec() };
        history::note::<T>(task, attempt, step);
        Tasks::<T>::remove(task);
        left.saturating_add(T::Jobs::settle(task, &run.worker, commitment, &auditors))
    }

    /// Nobody can tell whether the result is right: the requester is refunded and the worker is not
    /// slashed.
    pub(crate) fn void(task: TaskId, attempt: u8, run: &Run, reason: ReasonCode) -> Weight {
        let left = Self::leave_region(task, run);
        T::Workers::relieve(&run.worker, task, run.bond);
        left.saturating_add(Self::give_up(task, attempt, reason))
    }
}
