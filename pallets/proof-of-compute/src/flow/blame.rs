//! Whether a kernel builds: workers' reports that it does not, and results that prove it does.

use super::Open;
use crate::*;
use dpin_primitives::{
    AccountId,
    reason::ReasonCode,
    traits::{JobLedger, WorkerRegistry},
    worker::Outcome,
};

impl<T: Config> Open<T> {
    /// Record that a worker could not build the kernel. Returns whether it is now known that the
    /// kernel does not build on devices of that class.
    pub(super) fn note_build(&self, run: &Run, reason: ReasonCode, everybody: bool) -> bool {
        if self.id.is_canary() || !matches!(reason, ReasonCode::BuildFailed { .. }) {
            return false;
        }
        let class = T::Workers::state(&run.worker).map(|state| state.class);
        class.is_some_and(|class| T::Jobs::build_failed(&self.brief.kernel, class, &run.worker, reason, everybody))
    }

    /// A checked result proves that its kernel builds on devices of the worker's class. Workers
    /// that have reported the opposite were wrong; `noted` is already noted for this task.
    pub(super) fn note_built(&self, proven: &Proven, noted: Option<&AccountId>) {
        if self.id.is_canary() || proven.auditors.is_empty() {
            return;
        }
        let Some(class) = T::Workers::state(&proven.run.worker).map(|state| state.class) else { return };
        for wrong in T::Jobs::built(&self.brief.kernel, class) {
            if wrong != proven.run.worker && noted != Some(&wrong) {
                T::Workers::note(&wrong, Outcome::Declined, self.worth());
            }
        }
    }
}
