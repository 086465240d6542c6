//! The worker answers: it commits to a result, or reports why there is none.

use super::{Open, close::Fate};
use crate::{filing::DrawingQueue, *};
use dpin_primitives::{
    TaskId,
    api::TaskStep,
    executor::Commitment,
    reason::ReasonCode,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::{Duty, Place, Region, Role},
};
use polkadot_sdk::{
    frame_support::{BoundedVec, ensure, weights::Weight},
    sp_runtime::DispatchError,
};

impl<T: Config> Pallet<T> {
    /// The state of a task, also of a canary whose worker is only called yet.
    pub(crate) fn stored_or_called(task: TaskId) -> Result<TaskState, Error<T>> {
        Tasks::<T>::get(task).or_else(|| Self::called(task)).ok_or(Error::UnknownTask)
    }

    /// The state that a task of the chain's own would have if its worker were engaged.
    fn called(task: TaskId) -> Option<TaskState> {
        let (worker, due) = T::Jobs::called(task)?;
        let brief = T::Jobs::brief(task)?;
        let bond = Self::rules().task_bond(&brief.reward.asset, brief.reward.per_task)?;
        // A worker whose bond is all locked is busy, not absent: it must be able to answer.
        let bond = bond.min(T::Workers::state(&worker).map_or(0, |state| state.free_bond));
        Some(TaskState::new(Stage::Assigned { run: Run { worker, bond, region: Region::default() }, due }))
    }

    /// The worker's run, if the task waits for its report in this attempt.
    pub(crate) fn awaited_run(state: &TaskState, attempt: u8) -> Result<&Run, Error<T>> {
        let Stage::Assigned { run, .. } = &state.stage else { return Err(Error::WrongStage) };
        Self::check_in_time(state, attempt)?;
        Ok(run)
    }

    pub(crate) fn check_output_len(brief: &TaskBrief, commitment: &Commitment) -> Result<(), Error<T>> {
        ensure!(commitment.output_len == brief.tiling.output_bytes(brief.group_count), Error::<T>::WrongOutputLength);
        Ok(())
    }

    /// Check that a worker that was called has room for a duty.
    pub(crate) fn check_room(state: &TaskState, run: &Run) -> Result<(), Error<T>> {
        ensure!(state.is_stored() || !Self::duties_of(&run.worker).is_full(), Error::<T>::TooManyDuties);
        Ok(())
    }

    /// Carry out a commitment. Returns the weight spent beyond the call's.
    pub(crate) fn do_commit(task: TaskId, attempt: u8, commitment: Commitment) -> Result<Weight, DispatchError> {
        let state = Self::stored_or_called(task)?;
        let run = Self::awaited_run(&state, attempt)?.clone();
        let open = Open::<T>::of(task, state)?;
        Self::check_output_len(&open.brief, &commitment)?;
        Self::check_room(&open.state, &run)?;
        if open.state.is_stored() {
            T::Workers::vacate(&run.worker);
        } else {
            let duty = Duty { task, role: Role::Worker };
            ensure!(T::Workers::take_on(&run.worker, duty, run.bond, Place::NoSlot), Error::<T>::BondTooSmall);
        }
        open.note(TaskStep::Committed { commitment });
        Self::deposit_event(Event::TaskCommitted { task, worker: run.worker.clone(), commitment });
        if open.brief.audit.auditors == 0 {
            return Ok(open.verified(Proven { run, commitment, auditors: BoundedVec::default() }));
        }
        Ok(open.await_draw(run, commitment))
    }

    /// Carry out a worker's report of failure. Returns the weight spent beyond the call's.
    pub(crate) fn do_report_failure(task: TaskId, attempt: u8, reason: ReasonCode) -> Result<Weight, DispatchError> {
        ensure!(reason.is_reportable(), Error::<T>::NotReportable);
        let state = Self::stored_or_called(task)?;
        let run = Self::awaited_run(&state, attempt)?.clone();
        if !state.is_stored() {
            // A worker that was called has nothing locked yet.
            history::note::<T>(task, attempt, TaskStep::AttemptFailed { reason });
            Self::deposit_event(Event::AttemptFailed { task, attempt, worker: run.worker, reason });
            return Ok(T::Jobs::fail(task, reason));
        }
        let mut open = Open::<T>::of(task, state)?;
        T::Workers::vacate(&run.worker);
        let fate = if reason.is_requesters() {
            open.state.blamed_by.get_or_insert(run.worker.clone());
            Fate::Excused
        } else {
            Fate::Declined
        };
        Ok(open.fail_attempt(&run, reason, fate))
    }
}

impl<T: Config> Open<T> {
    /// Wait for randomness that nobody can foresee now, and for auditors.
    pub(super) fn await_draw(self, run: Run, commitment: Commitment) -> Weight {
        let (drawable_at, due) = (self.drawable_at(), self.after(self.rules.draw_blocks));
        DrawingQueue::<T>::push(self.id);
        self.enter(Stage::Committed { run, commitment, drawable_at, due })
    }
}
