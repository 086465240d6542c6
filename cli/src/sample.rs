//! A job for tests.

use dpin_primitives::{
    api::{JobSummary, TaskEnd},
    executor::Commitment,
    job::{AuditPolicy, JobShape, JobSpec, Requirements, Reward, TaskCost, TaskCount},
    reason::ReasonCode,
    AssetKind, Hash,
};
use dpin_rpc::JobView;

/// A job of three tasks of two work-groups that has ended: the first settled with one of two auditors paid, the others as `reasons`
/// say.
pub fn ended(reasons: [ReasonCode; 2]) -> JobView {
    let commitment = Commitment { root: Hash::repeat_byte(5), output_len: 64, kernel_ms: 6 };
    let settled = TaskEnd::Settled { worker: [4; 32].into(), commitment, auditors: vec![[6; 32].into()] };
    let failed = reasons.into_iter().map(|reason| TaskEnd::Failed { reason });
    JobView::from(JobSummary {
        id: 7,
        previous: None,
        requester: [1; 32].into(),
        spec: JobSpec {
            kernel: Hash::repeat_byte(2),
            global_size: [96, 1, 1],
            scalars: Default::default(),
            inputs: Default::default(),
            reward: Reward { asset: AssetKind::Native, per_task: 1_000 },
            tasks: TaskCount::Exactly(3),
            audit: AuditPolicy::default(),
            run_blocks: 20,
            requires: Requirements::default(),
        },
        shape: JobShape { groups: [6, 1, 1], total: 6, tasks: 3 },
        cost: TaskCost { reward: 1_000, per_auditor: 50, auditors: 2, fee: 10, worker_fee: 10 },
        submitted: 5,
        ended: 9,
        tasks: std::iter::once(settled).chain(failed).collect(),
    })
}
