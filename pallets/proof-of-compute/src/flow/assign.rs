//! From the queue to a worker: entering and leaving the queue, engaging a worker, and the regions of
//! a job's workers.

use crate::{filing::WaitingQueue, *};
use dpin_primitives::{
    AccountId, Balance, TaskId,
    api::TaskStep,
    reason::ReasonCode,
    traits::{TaskBrief, TaskQueue, WorkerRegistry},
    worker::{Duty, Region, Role},
};
use polkadot_sdk::{frame_support::weights::Weight, sp_runtime::Saturating};

impl<T: Config> TaskQueue for Pallet<T> {
    fn enqueue(task: TaskId) {
        let due = Self::now().saturating_add(Self::rules().queue_blocks);
        let stage = Stage::Queued { due };
        Self::enter(task, TaskState::new(stage));
        WaitingQueue::<T>::push(task);
    }

    fn withdraw(task: TaskId) -> bool {
        let queued = Tasks::<T>::get(task).filter(|state| matches!(state.stage, Stage::Queued { .. }));
        if let Some(state) = &queued {
            history::note::<T>(task, state.attempt, TaskStep::Failed { reason: ReasonCode::Cancelled });
            Tasks::<T>::remove(task);
        }
        queued.is_some()
    }
}

impl<T: Config> Pallet<T> {
    /// Take a slot and a part of the bond of a worker for a task; `None` if it has neither. Returns
    /// what it weighed beyond what every assignment does.
    pub(crate) fn engage(
        task: TaskId,
        state: TaskState,
        brief: &TaskBrief,
        worker: AccountId,
        region: Region,
        bond: Balance,
    ) -> Option<Weight> {
        if !T::Workers::engage(&worker, Duty { task, role: Role::Worker }, bond) {
            return None;
        }
        // Where there is no other task, nobody asks.
        let region = if brief.tasks > 1 { region } else { Region::default() };
        let mut weight = Weight::zero();
        if !region.is_empty() {
            Self::enter_region(task, &region);
            weight.saturating_accrue(T::WeightInfo::count_region());
        }
        let due = Self::now().saturating_add(brief.run_blocks);
        let attempt = state.attempt;
        let run = Run { worker: worker.clone(), bond, region };
        weight.saturating_accrue(Self::enter(
            task,
            TaskState { redraws: 0, stage: Stage::Assigned { run, due }, ..state },
        ));
        history::note::<T>(task, attempt, TaskStep::Assigned { worker: worker.clone(), due });
        Self::deposit_event(Event::TaskAssigned { task, attempt, worker, due });
        Some(weight)
    }

    pub(crate) fn enter_region(task: TaskId, region: &Region) {
        Regions::<T>::mutate(task.job, region, |engaged| engaged.saturating_inc());
    }

    /// A worker's task does not count in its region any more. Returns what that weighed.
    pub(super) fn leave_region(task: TaskId, run: &Run) -> Weight {
        if run.region.is_empty() {
            return Weight::zero();
        }
        Regions::<T>::mutate_exists(task.job, &run.region, |engaged| {
            *engaged = engaged.map(|count| count.saturating_sub(1)).filter(|count| *count > 0);
        });
        T::WeightInfo::count_region()
    }
}
