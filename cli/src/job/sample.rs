//! A sample job for tests.

use dpin_primitives::{
    AccountId, AssetKind, DPN, Hash, TaskId,
    api::{JobInfo, JobSummary, ParametersInfo, TaskEnd, TaskInfo, TaskStage, WorkerInfo, WorkerStatus},
    executor::Commitment,
    job::{AuditPolicy, FeePolicy, JobShape, JobSpec, Requirements, Reward, TaskCost, TaskCount},
    reason::ReasonCode,
    worker::{DeviceClass, Offer},
};
use dpin_rpc::JobView;
use polkadot_sdk::{
    sp_core::sr25519,
    sp_runtime::{FixedU128, Perbill},
};

/// A worker with this node address.
pub(crate) fn worker(account: AccountId, address: &str) -> WorkerInfo {
    WorkerInfo {
        account,
        number: 0,
        key: sr25519::Public::from_raw([1; 32]).into(),
        address: address.as_bytes().to_vec().try_into().unwrap(),
        region: Default::default(),
        class: DeviceClass::Gpu,
        devices: Vec::new(),
        offer: Offer { min_reward: Default::default(), kernels: Default::default(), max_run_blocks: 100 },
        status: WorkerStatus::Active,
        bond: 100 * DPN,
        locked: 0,
        slots: 1,
        busy: 0,
        available: true,
        reputation: Perbill::from_percent(50),
        strikes: 0,
        slashing: 0,
        misses: 0,
        passport: None,
        certificate: 0,
    }
}

/// A job of three tasks.
pub(crate) fn spec() -> JobSpec {
    JobSpec {
        kernel: Hash::repeat_byte(2),
        global_size: [96, 1, 1],
        scalars: Default::default(),
        inputs: Default::default(),
        reward: Reward { asset: AssetKind::Native, per_task: 1_000 },
        tasks: TaskCount::Exactly(3),
        audit: AuditPolicy::default(),
        run_blocks: 20,
        requires: Requirements::default(),
    }
}

/// A job of three tasks of two work-groups that has ended. The first is settled with one of two
/// auditors paid; the others failed for these reasons.
pub(crate) fn ended(reasons: [ReasonCode; 2]) -> JobView {
    let commitment = Commitment { root: Hash::repeat_byte(5), output_len: 64, kernel_ms: 6 };
    let settled = TaskEnd::Settled { worker: [4; 32].into(), commitment, auditors: vec![[6; 32].into()] };
    let failed = reasons.into_iter().map(|reason| TaskEnd::Failed { reason });
    JobView::from(JobSummary {
        id: 7,
        previous: None,
        requester: [1; 32].into(),
        spec: spec(),
        shape: JobShape { groups: [6, 1, 1], total: 6, tasks: 3 },
        cost: TaskCost { reward: 1_000, per_auditor: 50, auditors: 2, fee: 10, worker_fee: 10 },
        submitted: 5,
        ended: 9,
        tasks: std::iter::once(settled).chain(failed).collect(),
    })
}

/// A job of three tasks that wait for workers.
pub(crate) fn open() -> JobView {
    let task = |index: u32| TaskInfo {
        task: TaskId { job: 7, index },
        first_group: u64::from(index) * 2,
        group_count: 2,
        attempt: 0,
        last_failure: None,
        worker: None,
        commitment: None,
        auditors: Vec::new(),
        jurors: Vec::new(),
        stage: TaskStage::Queued { due: 205 },
    };
    JobView::from(JobInfo {
        id: 7,
        previous: None,
        requester: [1; 32].into(),
        spec: spec(),
        shape: JobShape { groups: [6, 1, 1], total: 6, tasks: 3 },
        cost: TaskCost { reward: 1_000, per_auditor: 50, auditors: 2, fee: 10, worker_fee: 10 },
        submitted: 5,
        tasks: (0..3).map(task).collect(),
    })
}

/// The parameters that govern jobs.
pub(crate) fn parameters() -> ParametersInfo {
    let share = Perbill::from_percent;
    ParametersInfo {
        fees: FeePolicy { reservation: share(1), surcharge: share(2), audit: share(20), audit_minimum: 0 },
        min_reward: DPN / 100,
        min_bond: 100 * DPN,
        leave_blocks: 100,
        max_run_blocks: 28_800,
        audit_blocks: 2,
        draw_blocks: 10,
        seal_blocks: 10,
        open_blocks: 10,
        queue_blocks: 200,
        max_attempts: 3,
        bond_factor: FixedU128::from_rational(3, 2),
        asset_price: FixedU128::from_u32(1),
        min_task_bond: DPN,
        audit_bond: DPN,
        challenge_bond: DPN,
        silence_slash: share(10),
        slash_delay: 100,
    }
}
