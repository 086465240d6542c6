//! The tasks that are measured, and their results.

use crate::TILES;
use dpin_primitives::{
    AssetKind, Balance, DPN, Hash,
    job::{AuditPolicy, JobSpec, Requirements, Reward, Samples, TaskCount},
    worker::DeviceClass,
};

/// Tasks measured for each fraction and size.
pub(crate) const TASKS: u32 = 1_000;
/// Tasks of honest workers.
pub(crate) const HONEST_TASKS: u32 = 10_000;
/// Reward of a task, in planck.
const REWARD: Balance = DPN;

/// Tasks that run and count together.
pub(crate) struct Series {
    pub name: String,
    /// Wrong tiles, in thousandths.
    pub permille: u32,
    /// Number of tasks.
    pub tasks: u32,
    /// Tasks of a job.
    pub tasks_per_job: u32,
    class: DeviceClass,
    audit: AuditPolicy,
}

impl Series {
    pub(crate) fn faulty(permille: u32, samples: u32) -> Self {
        Self {
            name: format!("f={} of 1000, k={samples}", permille),
            permille,
            tasks: TASKS,
            tasks_per_job: 1,
            class: DeviceClass::Accelerator,
            audit: AuditPolicy { samples: Samples::Count(samples), ..AuditPolicy::default() },
        }
    }

    pub(crate) fn honest() -> Self {
        Self {
            name: "honest".into(),
            permille: 0,
            tasks: HONEST_TASKS,
            tasks_per_job: 4,
            class: DeviceClass::Gpu,
            audit: AuditPolicy::default(),
        }
    }

    pub(crate) fn spec(&self, kernel: Hash) -> JobSpec {
        JobSpec {
            kernel,
            global_size: [TILES * self.tasks_per_job, 1, 1],
            scalars: Default::default(),
            inputs: Default::default(),
            reward: Reward { asset: AssetKind::Native, per_task: REWARD },
            tasks: TaskCount::Exactly(self.tasks_per_job),
            audit: self.audit,
            run_blocks: 20,
            requires: Requirements { class: Some(self.class), ..Requirements::default() },
        }
    }
}

/// The results of a series.
#[derive(Default)]
pub(crate) struct Tally {
    /// Tasks whose worker a jury convicted.
    pub caught: u32,
    /// Tasks whose worker was paid.
    pub settled: u32,
    /// Tasks whose worker was paid although the sample held a wrong tile.
    pub overlooked: u32,
}
