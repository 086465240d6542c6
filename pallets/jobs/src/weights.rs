//! Weights of the pallet's calls and of the steps of its hooks.

use crate::Config;
use dpin_primitives::job::{JobSpec, MAX_TASKS, TaskCount};
use polkadot_sdk::frame_support::weights::Weight;

/// Weights of the pallet's calls and of the steps of its hooks. A runtime measures them with the
/// benchmarks of this pallet.
pub trait WeightInfo {
    /// The call `register_kernel`.
    fn register_kernel() -> Weight;
    /// The call `unregister_kernel`.
    fn unregister_kernel() -> Weight;
    /// The call `submit_job`, with `t` tasks and `i` inputs.
    fn submit_job(t: u32, i: u32) -> Weight;
    /// The call `submit_jobs`, with `n` jobs of a single task without inputs.
    fn submit_jobs(n: u32) -> Weight;
    /// The call `cancel_job`, of a job with `t` tasks.
    fn cancel_job(t: u32) -> Weight;
    /// The call `claim_owed`.
    fn claim_owed() -> Weight;
    /// The call `vouch_for_kernel`.
    fn vouch_for_kernel() -> Weight;
    /// Settling a task, and ending its job if the task was the last of `t` tasks with `i` inputs;
    /// both are 0 if it was not.
    fn settle_task(t: u32, i: u32) -> Weight;
    /// Failing a task, and ending its job if the task was the last of `t` tasks with `i` inputs;
    /// both are 0 if it was not.
    fn fail_task(t: u32, i: u32) -> Weight;
}

/// For mocks: estimates of the right order of magnitude, not measured.
impl WeightInfo for () {
    fn register_kernel() -> Weight {
        Weight::from_parts(694_000_000, 4_000)
    }
    fn unregister_kernel() -> Weight {
        Weight::from_parts(685_000_000, 4_000)
    }
    fn submit_jobs(n: u32) -> Weight {
        Weight::from_parts(1_000_000_000, 54_000)
            .saturating_add(Weight::from_parts(900_000_000, 0).saturating_mul(n.into()))
    }
    fn submit_job(t: u32, i: u32) -> Weight {
        Weight::from_parts(1_733_000_000, 54_000)
            .saturating_add(Weight::from_parts(369_000_000, 0).saturating_mul(t.into()))
            .saturating_add(Weight::from_parts(234_000_000, 0).saturating_mul(i.into()))
    }
    fn cancel_job(t: u32) -> Weight {
        Weight::from_parts(4_651_000_000, 40_000)
            .saturating_add(Weight::from_parts(409_000_000, 0).saturating_mul(t.into()))
    }
    fn claim_owed() -> Weight {
        Weight::from_parts(838_000_000, 4_000)
    }
    fn vouch_for_kernel() -> Weight {
        Weight::from_parts(180_000_000, 4_000)
    }
    fn settle_task(t: u32, i: u32) -> Weight {
        Weight::from_parts(4_314_000_000, 40_000)
            .saturating_add(Weight::from_parts(132_000_000, 0).saturating_mul(t.into()))
            .saturating_add(Weight::from_parts(234_000_000, 0).saturating_mul(i.into()))
    }
    fn fail_task(t: u32, i: u32) -> Weight {
        Weight::from_parts(1_328_000_000, 40_000)
            .saturating_add(Weight::from_parts(132_000_000, 0).saturating_mul(t.into()))
            .saturating_add(Weight::from_parts(234_000_000, 0).saturating_mul(i.into()))
    }
}

/// The number of tasks for which posting a job is charged.
pub(crate) fn weighed_tasks(tasks: &TaskCount) -> u32 {
    match tasks {
        // The number of tasks is the base-2 logarithm of the number of workers, at most this.
        TaskCount::Auto => u32::BITS,
        TaskCount::Exactly(tasks) => (*tasks).min(MAX_TASKS),
    }
}

/// The extra weight of posting these jobs, compared with as many jobs of a single task without
/// inputs.
pub(crate) fn weight_beyond_smallest<T: Config>(specs: &[JobSpec]) -> Weight {
    let smallest = T::WeightInfo::submit_job(1, 0);
    specs.iter().fold(Weight::zero(), |sum, spec| {
        let alone = T::WeightInfo::submit_job(weighed_tasks(&spec.tasks), spec.inputs.len() as u32);
        sum.saturating_add(alone.saturating_sub(smallest))
    })
}
