//! Deadlines that have passed, and the sweep that finds them.

use super::close::{Claims, Fate};
use crate::{
    filing::{Due, MAX_SWEPT},
    verdict::QUORUM,
    *,
};
use dpin_primitives::{
    TaskId,
    reason::ReasonCode,
    traits::{JobLedger, WorkerRegistry},
};
use pallet_support::agenda::{Cost, Visit};
use polkadot_sdk::{
    frame_support::{
        defensive, ensure,
        weights::{Weight, WeightMeter},
    },
    sp_runtime::DispatchError,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_expire(task: TaskId) -> Result<Weight, DispatchError> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        ensure!(Self::now() > state.stage.due(), Error::<T>::NotDue);
        Ok(match state.stage.clone() {
            Stage::Queued { .. } => Self::give_up(task, state.attempt, Self::unassigned_reason(&state)),
            Stage::Assigned { run, .. } => {
                T::Workers::vacate(&run.worker);
                Self::attempt_failed(
                    task,
                    state,
                    &brief,
                    &run,
                    ReasonCode::WorkerSilent,
                    Fate::Silent,
                    &Claims::default(),
                )
            }
            Stage::Committed { run, .. } => Self::void(task, state.attempt, &run, ReasonCode::NoAuditors),
            Stage::Auditing { audit, .. } => {
                if audit.auditors.iter().any(|(_, seal)| seal.is_some()) {
                    Self::await_opening(task, state, audit)
                } else {
                    let worth = Self::worth(task, &brief);
                    Self::dismiss_auditors(task, &audit, worth, |_, _| Fate::Silent, &Claims::default());
                    if state.redraws >= MAX_REDRAWS {
                        Self::void(task, state.attempt, &audit.run, ReasonCode::NoAuditors)
                    } else {
                        let state = TaskState { redraws: state.redraws.saturating_add(1), ..state };
                        Self::await_draw(task, state, audit.run, audit.commitment)
                    }
                }
            }
            Stage::Opening { audit, .. } => Self::no_opening(task, state, audit, &brief, ReasonCode::OpeningMissing),
            Stage::Summoning { case, .. } => Self::judge(task, state, case, None, &brief),
            Stage::Deliberating { case, jury, .. } => {
                let sealed = jury.jurors.iter().filter(|juror| juror.seal.is_some()).count();
                if sealed >= QUORUM as usize {
                    Self::await_findings(task, state, case, jury)
                } else {
                    Self::judge(task, state, case, Some(jury), &brief)
                }
            }
            Stage::Revealing { case, jury, .. } => Self::judge(task, state, case, Some(jury), &brief),
            Stage::Verified { proven, .. } => Self::settle(task, state.attempt, &brief, proven),
        })
    }

    /// Why a task that could not be given to anybody fails: what its last attempt said, or that
    /// nobody was found.
    fn unassigned_reason(state: &TaskState) -> ReasonCode {
        state.last_failure.unwrap_or(ReasonCode::NoWorker)
    }

    /// What it weighs to look at one of many tasks that are filed under one block.
    pub(crate) fn weight_of_look() -> Weight {
        T::WeightInfo::sweep_tasks(1).saturating_sub(T::WeightInfo::sweep_tasks(0))
    }

    /// Enforce deadlines that have passed, as far as the meter allows.
    pub(crate) fn sweep(meter: &mut WeightMeter) {
        // The deadline of a block ends with the block.
        let Some(yesterday) = Self::now().checked_sub(1) else { return };
        let cost = Cost { block: T::WeightInfo::sweep_block(), item: Self::weight_of_look() };
        Due::<T>::sweep(yesterday, MAX_SWEPT, meter, &cost, |day, task, meter| {
            // Most tasks have ended by now, or are filed elsewhere.
            let Some(state) = Tasks::<T>::get(task).filter(|state| state.filed == Some(day)) else {
                return Visit::Done;
            };
            if state.stage.due() > yesterday {
                if meter.try_consume(T::WeightInfo::refile_task()).is_err() {
                    return Visit::Stop;
                }
                Self::refile(task, state);
                return Visit::Done;
            }
            let (step, worst) = (T::WeightInfo::expire_task(), Self::close_weight());
            if !meter.can_consume(step.saturating_add(worst)) {
                return Visit::Stop;
            }
            match Self::do_expire(task) {
                Ok(closing) => meter.consume(step.saturating_add(closing)),
                Err(_) => {
                    defensive!("an open task belongs to a job");
                    meter.consume(step);
                }
            }
            Visit::Done
        });
    }
}
