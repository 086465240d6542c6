//! Whether a kernel builds: workers' reports that it does not, and results that prove it does.

use crate::*;
use dpin_primitives::{
    AccountId, TaskId,
    reason::ReasonCode,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::Outcome,
};

impl<T: Config> Pallet<T> {
    /// Remember that a worker could not build the kernel; whether it is known by now that it does
    /// not build on such devices.
    pub(super) fn note_build(task: TaskId, brief: &TaskBrief, run: &Run, reason: ReasonCode, everybody: bool) -> bool {
        if task.is_canary() || !matches!(reason, ReasonCode::BuildFailed { .. }) {
            return false;
        }
        let class = T::Workers::state(&run.worker).map(|state| state.class);
        class.is_some_and(|class| T::Jobs::build_failed(&brief.kernel, class, &run.worker, reason, everybody))
    }

    /// A result that was checked proves that its kernel builds on such devices: who has said
    /// otherwise was wrong. Who was noted for this task already is not noted again.
    pub(super) fn note_built(task: TaskId, brief: &TaskBrief, proven: &Proven, noted: Option<&AccountId>) {
        if task.is_canary() || proven.auditors.is_empty() {
            return;
        }
        let Some(class) = T::Workers::state(&proven.run.worker).map(|state| state.class) else { return };
        for wrong in T::Jobs::built(&brief.kernel, class) {
            if wrong != proven.run.worker && noted != Some(&wrong) {
                T::Workers::note(&wrong, Outcome::Declined, Self::worth(task, brief));
            }
        }
    }
}
