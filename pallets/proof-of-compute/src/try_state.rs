//! The invariants of the storage, one function for each.

use crate::{
    filing::{DrawingQueue, Due, RedrawingQueue, WaitingQueue},
    *,
};
use alloc::collections::BTreeMap;
use dpin_primitives::{
    AccountId, Balance,
    traits::{JobLedger, WorkerRegistry},
    worker::{Duty, Role},
};
use polkadot_sdk::{
    frame_support::ensure,
    sp_runtime::{Saturating, TryRuntimeError},
};

impl<T: Config> Pallet<T> {
    /// Check every invariant.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::every_task_stands_under_its_deadline()?;
        Self::every_engagement_is_a_duty_and_every_duty_an_engagement()?;
        Self::locked_bonds_are_those_of_engagements()?;
        Self::every_open_task_belongs_to_a_job()?;
        Self::every_waiting_task_is_in_its_queue()?;
        Self::regions_count_engagements()?;
        Self::what_is_held_was_put_up_for_challenges()
    }

    fn every_task_stands_under_its_deadline() -> Result<(), TryRuntimeError> {
        for (task, state) in Tasks::<T>::iter() {
            let filed = state.filed.ok_or("a task is filed nowhere")?;
            let found = Due::<T>::items(filed).any(|entry| entry == task);
            ensure!(found, "a task is not where it is filed, or its deadline has been swept over");
            ensure!(filed <= state.stage.due(), "a task's deadline comes before the sweep looks at it");
        }
        Ok(Due::<T>::check()?)
    }

    fn every_engagement_is_a_duty_and_every_duty_an_engagement() -> Result<(), TryRuntimeError> {
        let mut engagements: u32 = 0;
        for (task, state) in Tasks::<T>::iter() {
            let mut expect = |who: &AccountId, role| {
                engagements.saturating_inc();
                let found = Self::duties_of(who).iter().any(|duty| duty == Duty { task, role });
                ensure!(found, "an engagement without its duty");
                Ok::<(), TryRuntimeError>(())
            };
            if let Some(run) = state.stage.run() {
                expect(&run.worker, Role::Worker)?;
            }
            for (auditor, _) in state.stage.audit().into_iter().flat_map(|audit| &audit.auditors) {
                expect(auditor, Role::Auditor)?;
            }
            for juror in state.stage.jury().into_iter().flat_map(|jury| &jury.jurors) {
                expect(&juror.who, Role::Juror)?;
            }
        }
        let duties: u32 = T::Workers::engagements().iter().map(|(_, duties, _)| duties.len()).sum();
        ensure!(duties == engagements, "a duty without its engagement");
        Ok(())
    }

    fn locked_bonds_are_those_of_engagements() -> Result<(), TryRuntimeError> {
        let mut locked = BTreeMap::<AccountId, Balance>::new();
        for state in Tasks::<T>::iter_values() {
            if let Some(run) = state.stage.run() {
                locked.entry(run.worker.clone()).or_default().saturating_accrue(run.bond);
            }
            if let Some(audit) = state.stage.audit() {
                for (auditor, _) in &audit.auditors {
                    locked.entry(auditor.clone()).or_default().saturating_accrue(audit.auditor_bond);
                }
            }
            if let Some(jury) = state.stage.jury() {
                for juror in &jury.jurors {
                    locked.entry(juror.who.clone()).or_default().saturating_accrue(jury.bond);
                }
            }
        }
        let in_flight: BTreeMap<_, _> =
            T::Workers::engagements().into_iter().map(|(worker, _, locked)| (worker, locked)).collect();
        for (worker, bonds) in locked {
            ensure!(
                in_flight.get(&worker) == Some(&bonds),
                "a worker's locked bond is not that of its engagements and pending slashes"
            );
        }
        Ok(())
    }

    fn every_open_task_belongs_to_a_job() -> Result<(), TryRuntimeError> {
        for task in Tasks::<T>::iter_keys() {
            ensure!(T::Jobs::brief(task).is_some(), "an open task without its job");
        }
        Ok(())
    }

    fn every_waiting_task_is_in_its_queue() -> Result<(), TryRuntimeError> {
        let queues = [WaitingQueue::<T>::items(), DrawingQueue::<T>::items(), RedrawingQueue::<T>::items()];
        for (task, state) in Tasks::<T>::iter() {
            match state.stage {
                Stage::Queued { .. } => ensure!(queues[0].contains(&task), "a queued task is not queued"),
                Stage::Committed { .. } | Stage::Summoning { .. } => ensure!(
                    queues[1].contains(&task) || queues[2].contains(&task),
                    "a committed or disputed task does not wait for its draw"
                ),
                _ => {}
            }
        }
        WaitingQueue::<T>::check()?;
        DrawingQueue::<T>::check()?;
        RedrawingQueue::<T>::check()?;
        Ok(())
    }

    fn regions_count_engagements() -> Result<(), TryRuntimeError> {
        for (job, region, engaged) in Regions::<T>::iter() {
            let there = Tasks::<T>::iter()
                .filter(|(task, state)| task.job == job && state.stage.run().is_some_and(|run| run.region == region))
                .count();
            ensure!(engaged > 0 && there == engaged as usize, "a region's count is not that of its engagements");
        }
        Ok(())
    }

    fn what_is_held_was_put_up_for_challenges() -> Result<(), TryRuntimeError> {
        use polkadot_sdk::frame_support::traits::fungible::InspectHold;
        let mut bonds = BTreeMap::<AccountId, Balance>::new();
        for (task, state) in Tasks::<T>::iter() {
            let (who, bond) = match state.stage.case() {
                Some(Case::Challenge { challenger, bond, .. }) => (challenger.clone(), *bond),
                Some(Case::Withheld { bond, .. }) => {
                    (T::Jobs::brief(task).ok_or("an open task without its job")?.requester, *bond)
                }
                _ => continue,
            };
            bonds.entry(who).or_default().saturating_accrue(bond);
        }
        for (who, bond) in bonds {
            let held = T::Currency::balance_on_hold(&HoldReason::Challenge.into(), &who);
            ensure!(held == bond, "what is held is not what was put up for challenges");
        }
        Ok(())
    }
}
