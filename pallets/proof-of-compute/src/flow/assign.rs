//! From the queue to a worker: entering and leaving the queue, engaging a worker, and the regions
//! of a job's workers.

use super::Open;
use crate::{filing::WaitingQueue, *};
use dpin_primitives::{
    AccountId, Balance, TaskId,
    api::TaskStep,
    reason::ReasonCode,
    traits::{TaskQueue, WorkerRegistry},
    worker::{Duty, Place, Region, Role},
};
use polkadot_sdk::{frame_support::weights::Weight, sp_runtime::Saturating};

impl<T: Config> TaskQueue for Pallet<T> {
    fn enqueue(task: TaskId) {
        let due = Self::now().saturating_add(Self::rules().queue_blocks);
        Self::store(task, TaskState::new(Stage::Queued { due }));
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

impl<T: Config> Open<T> {
    /// Give the task to a worker: take one of its slots, and `bond` planck of its bond. `None` if
    /// the worker has no slot or too little bond. Returns the weight spent.
    pub(crate) fn engage(mut self, worker: AccountId, region: Region, bond: Balance) -> Option<Weight> {
        if !T::Workers::take_on(&worker, Duty { task: self.id, role: Role::Worker }, bond, Place::Slot) {
            return None;
        }
        // The only task of a job has no other task to keep away from.
        let region = if self.brief.tasks > 1 { region } else { Region::default() };
        if !region.is_empty() {
            Pallet::<T>::enter_region(self.id, &region);
            self.spend(T::WeightInfo::count_region());
        }
        let (task, attempt, due) = (self.id, self.state.attempt, self.after(self.brief.run_blocks));
        self.state.redraws = 0;
        self.note(TaskStep::Assigned { worker: worker.clone(), due });
        let run = Run { worker: worker.clone(), bond, region };
        let spent = self.enter(Stage::Assigned { run, due });
        Pallet::<T>::deposit_event(Event::TaskAssigned { task, attempt, worker, due });
        Some(spent)
    }

    /// Stop counting the worker's task in its region.
    pub(super) fn leave_region(&mut self, run: &Run) {
        if run.region.is_empty() {
            return;
        }
        Regions::<T>::mutate_exists(self.id.job, &run.region, |engaged| {
            *engaged = engaged.map(|count| count.saturating_sub(1)).filter(|count| *count > 0);
        });
        self.spend(T::WeightInfo::count_region());
    }
}

impl<T: Config> Pallet<T> {
    /// Count one more task of the job in a region.
    pub(crate) fn enter_region(task: TaskId, region: &Region) {
        Regions::<T>::mutate(task.job, region, |engaged| engaged.saturating_inc());
    }
}
