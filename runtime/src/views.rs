//! Views of jobs, workers and the network for the runtime API. They combine data of several
//! pallets.

#![deny(missing_docs)]

use crate::{
    AccountId, Blobs, Canaries, Jobs, ProofOfCompute, Runtime, Workers,
    configs::{AuditRules, Fees},
};
use alloc::vec::Vec;
use dpin_primitives::{
    JobId, TaskId,
    api::{JobInfo, NetworkInfo, Page, ParametersInfo, TaskEnd, TaskInfo, TaskStage, Wait, WorkerInfo},
    candidates::Candidates,
    job::JobSpec,
    kernel::{InputBytes, Tiling},
    traits::{BlobStore, TaskBrief, WorkerCount, WorkerRegistry},
    worker::DeviceClass,
};
use frame_support::traits::Get;
use polkadot_sdk::*;
use sp_runtime::DispatchError;

/// Replaces a requester that is not given. It is not the account of a worker.
const NOBODY: AccountId = AccountId::new([0; 32]);

/// Return a job that has not ended, with its tasks.
pub fn job(id: JobId) -> Option<JobInfo> {
    let job = Jobs::job(id)?;
    let tasks =
        (0..job.shape.tasks).filter_map(|index| task_of(&job, TaskId { job: id, index })).collect::<Vec<TaskInfo>>();
    Some(JobInfo {
        id,
        previous: job.previous,
        requester: job.requester,
        spec: job.spec,
        shape: job.shape,
        cost: job.cost,
        submitted: job.submitted,
        tasks,
    })
}

/// Return a task of a job that has not ended.
pub fn task(task: TaskId) -> Option<TaskInfo> {
    task_of(&Jobs::job(task.job)?, task)
}

fn task_of(job: &pallet_jobs::JobRecord, task: TaskId) -> Option<TaskInfo> {
    let (first_group, group_count) = job.shape.task(task.index)?;
    let at_stage = |stage| TaskInfo {
        task,
        first_group,
        group_count,
        attempt: 0,
        last_failure: None,
        worker: None,
        commitment: None,
        auditors: Vec::new(),
        jurors: Vec::new(),
        stage,
    };
    Some(match Jobs::task_end(task) {
        Some(TaskEnd::Settled { worker, commitment, auditors }) => TaskInfo {
            worker: Some(worker),
            commitment: Some(commitment),
            auditors: auditors.into_iter().map(|auditor| (auditor, true)).collect(),
            ..at_stage(TaskStage::Settled)
        },
        Some(TaskEnd::Failed { reason }) => at_stage(TaskStage::Failed { reason }),
        None => {
            let state = ProofOfCompute::task_state(task)?;
            TaskInfo {
                attempt: state.attempt,
                last_failure: state.last_failed(),
                worker: state.stage.run().map(|run| run.worker.clone()),
                commitment: state.stage.commitment(),
                auditors: state.stage.audit().map_or_else(Vec::new, |audit| {
                    audit.auditors.iter().map(|(auditor, seal)| (auditor.clone(), seal.is_some())).collect()
                }),
                jurors: state.stage.jury().map_or_else(Vec::new, |jury| {
                    jury.jurors.iter().map(|juror| (juror.who.clone(), juror.finding.is_some())).collect()
                }),
                ..at_stage(state.stage.public(ProofOfCompute::sample(task)))
            }
        }
    })
}

/// Return a worker with its passport.
pub fn worker(account: AccountId) -> Option<WorkerInfo> {
    Workers::worker(account).map(with_passport)
}

/// Return the workers of a class, or all, in the order of their numbers.
///
/// The page begins after number `after`. It has at most `limit` and at most
/// [`MAX_PAGE`](dpin_primitives::api::MAX_PAGE) entries.
pub fn workers(class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Page<WorkerInfo, u32> {
    let Page { items, next } = Workers::workers(class, after, limit);
    Page { items: items.into_iter().map(with_passport).collect(), next }
}

/// The canaries keep the passports; the workers' pallet does not know them.
fn with_passport(worker: WorkerInfo) -> WorkerInfo {
    WorkerInfo { passport: Canaries::passport(worker.account.clone()), ..worker }
}

/// Estimate how long a job of `requester` would take if it were posted now.
///
/// Without a requester, no worker counts as the requester's own.
///
/// # Errors
///
/// The error that posting the job would give, except errors about the requester's balance.
pub fn wait(spec: &JobSpec, requester: Option<AccountId>) -> Result<Wait, DispatchError> {
    let (brief, tasks) = Jobs::prospect(spec, requester.unwrap_or(NOBODY))?;
    Ok(ProofOfCompute::wait(&brief, tasks))
}

/// Return the workers that could take and audit the tasks of a job of `requester`.
///
/// `tiling` is how the kernel cuts its output. `inputs` are the sizes of the inputs. The sizes of
/// inputs that the chain knows are lower limits for them.
pub fn prospects(spec: &JobSpec, tiling: Tiling, inputs: InputBytes, requester: Option<AccountId>) -> Candidates {
    let known: InputBytes = spec.inputs.iter().filter_map(<Blobs as BlobStore>::size).collect();
    let brief = TaskBrief::prospect(spec, tiling, requester.unwrap_or(NOBODY), &inputs.max(known));
    ProofOfCompute::prospects(&brief)
}

/// Return the totals of the network.
pub fn network() -> NetworkInfo {
    NetworkInfo {
        jobs: Jobs::job_count(),
        open_jobs: Jobs::open_job_count(),
        waiting_tasks: ProofOfCompute::waiting_tasks(),
        settled_tasks: pallet_jobs::SettledTasks::<Runtime>::get(),
        failed_tasks: pallet_jobs::FailedTasks::<Runtime>::get(),
        kernels: Jobs::kernel_count(),
        active_workers: <Workers as WorkerRegistry>::active(),
        available_workers: DeviceClass::ALL.map(|class| (class, Workers::available(Some(class)))).to_vec(),
        pending_slashes: pallet_workers::PendingSlashes::<Runtime>::count(),
    }
}

/// Return the parameters of jobs and audits, as governance has set them.
pub fn parameters() -> ParametersInfo {
    let rules = AuditRules::get();
    ParametersInfo {
        fees: Fees::get(),
        min_reward: <Runtime as pallet_jobs::Config>::MinReward::get(),
        min_bond: <Runtime as pallet_workers::Config>::MinBond::get(),
        leave_blocks: <Runtime as pallet_workers::Config>::LeaveBlocks::get(),
        max_run_blocks: <Runtime as pallet_jobs::Config>::MaxRunBlocks::get(),
        audit_blocks: rules.fresh_outputs,
        draw_blocks: rules.draw_blocks,
        seal_blocks: rules.seal_blocks,
        open_blocks: rules.open_blocks,
        queue_blocks: rules.queue_blocks,
        max_attempts: rules.max_attempts,
        bond_factor: rules.bond_factor,
        asset_price: rules.asset_price,
        min_task_bond: rules.min_task_bond,
        audit_bond: rules.audit_bond,
        challenge_bond: rules.challenge_bond,
        silence_slash: rules.silence_slash,
        slash_delay: <Runtime as pallet_workers::Config>::SlashDelay::get(),
    }
}
