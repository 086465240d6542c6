//! Deadlines that have passed, and the sweep that finds them.

use super::{Open, close::Fate};
use crate::{
    filing::{Due, MAX_SWEPT},
    verdict::QUORUM,
    *,
};
use dpin_primitives::{TaskId, reason::ReasonCode, traits::WorkerRegistry};
use pallet_support::agenda::{Cost, Visit};
use polkadot_sdk::{
    frame_support::{
        defensive, ensure,
        weights::{Weight, WeightMeter},
    },
    sp_runtime::{DispatchError, Saturating},
};

impl<T: Config> Pallet<T> {
    /// Enforce the deadline of a task. Returns the weight spent beyond the call's.
    pub(crate) fn do_expire(task: TaskId) -> Result<Weight, DispatchError> {
        let open = Open::<T>::load(task)?;
        ensure!(open.now > open.state.stage.due(), Error::<T>::NotDue);
        Ok(open.expire())
    }

    /// Weight of looking at one of many tasks that are filed under one block.
    pub(crate) fn weight_of_look() -> Weight {
        T::WeightInfo::sweep_tasks(1).saturating_sub(T::WeightInfo::sweep_tasks(0))
    }

    /// Enforce deadlines that have passed, as far as the meter allows.
    pub(crate) fn sweep(meter: &mut WeightMeter) {
        // The deadline of a block ends with the block.
        let Some(yesterday) = Self::now().checked_sub(1) else { return };
        let cost = Cost { block: T::WeightInfo::sweep_block(), item: Self::weight_of_look() };
        Due::<T>::sweep(yesterday, MAX_SWEPT, meter, &cost, |day, task, meter| {
            // Most tasks have ended by now, or are filed under another block.
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
            match Open::<T>::of(task, state) {
                Ok(open) => meter.consume(step.saturating_add(open.expire())),
                Err(_) => {
                    defensive!("an open task belongs to a job");
                    meter.consume(step);
                }
            }
            Visit::Done
        });
    }
}

impl<T: Config> Open<T> {
    /// Do what follows when the stage's deadline has passed. Returns the weight spent.
    fn expire(self) -> Weight {
        match self.state.stage.clone() {
            Stage::Queued { .. } => {
                // The last attempt has failed for a reason, or nobody was found.
                let reason = self.state.last_failure.unwrap_or(ReasonCode::NoWorker);
                self.give_up(reason)
            }
            Stage::Assigned { run, .. } => {
                T::Workers::vacate(&run.worker);
                self.fail_attempt(&run, ReasonCode::WorkerSilent, Fate::Silent)
            }
            Stage::Committed { run, .. } => self.void(&run, ReasonCode::NoAuditors),
            Stage::Auditing { audit, .. } if audit.seals() > 0 => self.await_openings(),
            Stage::Auditing { audit, .. } => self.draw_again(audit),
            Stage::Opening { audit, .. } => self.no_opening(audit, ReasonCode::OpeningMissing),
            Stage::Deliberating { jury, .. } if jury.seals() >= QUORUM as usize => self.await_openings(),
            Stage::Summoning { case, .. } => self.judge(case, None),
            Stage::Deliberating { case, jury, .. } | Stage::Revealing { case, jury, .. } => {
                self.judge(case, Some(jury))
            }
            Stage::Verified { proven, .. } => self.settle(proven),
        }
    }

    /// No auditor has sealed: draw others, unless that has been done too often.
    fn draw_again(mut self, audit: Audit) -> Weight {
        self.dismiss_auditors(&audit, |_, _| Fate::Silent);
        if self.state.redraws >= MAX_REDRAWS {
            return self.void(&audit.run, ReasonCode::NoAuditors);
        }
        self.state.redraws.saturating_inc();
        self.await_draw(audit.run, audit.commitment)
    }
}
