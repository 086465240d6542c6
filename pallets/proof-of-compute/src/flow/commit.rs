//! The worker answers: it commits to a result, or reports why there is none.

use super::close::{Claims, Fate};
use crate::{filing::DrawingQueue, *};
use dpin_primitives::{
    TaskId,
    api::TaskStep,
    executor::Commitment,
    reason::ReasonCode,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::{Duty, Region, Role},
};
use polkadot_sdk::{
    frame_support::{BoundedVec, ensure, weights::Weight},
    sp_runtime::DispatchError,
};

impl<T: Config> Pallet<T> {
    /// The task's state and its worker, if it waits for its worker's commitment of this attempt. A
    /// canary has no state yet: its worker is called by the chain.
    pub(crate) fn assigned(task: TaskId, attempt: u8) -> Result<(TaskState, Run), Error<T>> {
        let state = match Tasks::<T>::get(task) {
            Some(state) => state,
            None => Self::called(task).ok_or(Error::<T>::UnknownTask)?,
        };
        let Stage::Assigned { run, due } = &state.stage else { return Err(Error::WrongStage) };
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= *due, Error::<T>::TooLate);
        let run = run.clone();
        Ok((state, run))
    }

    /// The state a task of the chain's own would have if its worker were engaged.
    pub(crate) fn called(task: TaskId) -> Option<TaskState> {
        let (worker, due) = T::Jobs::called(task)?;
        let brief = T::Jobs::brief(task)?;
        let bond = Self::rules().task_bond(&brief.reward.asset, brief.reward.per_task)?;
        // A worker whose bond is all locked is busy, not absent: it must be able to answer.
        let bond = bond.min(T::Workers::free_bond(&worker));
        Some(TaskState::new(Stage::Assigned { run: Run { worker, bond, region: Region::default() }, due }))
    }

    pub(crate) fn check_commitment(task: TaskId, commitment: &Commitment) -> Result<TaskBrief, Error<T>> {
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        ensure!(commitment.output_len == brief.tiling.output_bytes(brief.group_count), Error::<T>::WrongOutputLength);
        Ok(brief)
    }

    /// A worker that was called must have room for a duty.
    pub(crate) fn check_called(state: &TaskState, run: &Run) -> Result<(), Error<T>> {
        ensure!(state.is_stored() || !Self::duties_of(&run.worker).is_full(), Error::<T>::TooManyDuties);
        Ok(())
    }

    /// What `do_*` and the transitions return is what closing the task weighed, if they closed it.
    pub(crate) fn do_commit(task: TaskId, attempt: u8, commitment: Commitment) -> Result<Weight, DispatchError> {
        let (state, run) = Self::assigned(task, attempt)?;
        let brief = Self::check_commitment(task, &commitment)?;
        Self::check_called(&state, &run)?;
        if state.is_stored() {
            T::Workers::vacate(&run.worker);
        } else {
            let duty = Duty { task, role: Role::Worker };
            ensure!(T::Workers::oblige(&run.worker, duty, run.bond), Error::<T>::BondTooSmall);
        }
        history::note::<T>(task, attempt, TaskStep::Committed { commitment });
        Self::deposit_event(Event::TaskCommitted { task, worker: run.worker.clone(), commitment });
        if brief.audit.auditors == 0 {
            let proven = Proven { run, commitment, auditors: BoundedVec::default() };
            return Ok(Self::verified(task, state, &brief, proven));
        }
        Ok(Self::await_draw(task, state, run, commitment))
    }

    pub(super) fn await_draw(task: TaskId, state: TaskState, run: Run, commitment: Commitment) -> Weight {
        let due = Self::now().saturating_add(Self::rules().draw_blocks);
        let stage = Stage::Committed { run, commitment, drawable_at: Self::drawable_at(), due };
        DrawingQueue::<T>::push(task);
        Self::enter(task, TaskState { stage, ..state })
    }

    pub(crate) fn do_report_failure(task: TaskId, attempt: u8, reason: ReasonCode) -> Result<Weight, DispatchError> {
        ensure!(reason.is_reportable(), Error::<T>::NotReportable);
        let (mut state, run) = Self::assigned(task, attempt)?;
        if !state.is_stored() {
            // Who was called had nothing locked yet.
            history::note::<T>(task, attempt, TaskStep::AttemptFailed { reason });
            Self::deposit_event(Event::AttemptFailed { task, attempt, worker: run.worker, reason });
            return Ok(T::Jobs::fail(task, reason));
        }
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        T::Workers::vacate(&run.worker);
        let fate = if reason.is_requesters() {
            state.blamed_by.get_or_insert(run.worker.clone());
            Fate::Excused
        } else {
            Fate::Declined
        };
        Ok(Self::attempt_failed(task, state, &brief, &run, reason, fate, &Claims::default()))
    }
}
