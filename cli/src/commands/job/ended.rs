//! The result of a job that has ended: its cost, its time on devices, and its failures.

use crate::{
    error::{Error, Result},
    job::watch,
};
use dpin_primitives::{Balance, api::TaskStage, job::TaskCost};
use dpin_rpc::JobView;

/// Kernel time on devices for all results, in ms.
pub(super) fn kernel_ms(job: &JobView) -> u64 {
    job.tasks.iter().filter_map(|task| task.commitment).map(|commitment| u64::from(commitment.kernel_ms)).sum()
}

/// The cost of an ended job, in its asset's smallest unit: the escrow less the refunds.
pub(super) fn spent(job: &JobView) -> Balance {
    let cost = TaskCost {
        reward: job.cost.reward.0,
        per_auditor: job.cost.per_auditor.0,
        auditors: job.audit.auditors,
        fee: job.cost.fee.0,
        worker_fee: job.cost.worker_fee.0,
    };
    let of_task = |stage: &TaskStage, sealed: usize| match stage {
        TaskStage::Settled => {
            let sealed = u32::try_from(sealed).unwrap_or(u32::MAX);
            cost.total().saturating_sub(cost.settlement(sealed).refund)
        }
        TaskStage::Failed { reason } if reason.is_requesters() => cost.fee,
        _ => 0,
    };
    job.tasks.iter().map(|task| of_task(&task.stage, task.auditors.len())).sum()
}

/// Fails if a task has failed.
pub(super) fn failures(job: &JobView) -> Result<()> {
    let reasons: Vec<String> = job
        .tasks
        .iter()
        .filter_map(|task| match &task.stage {
            TaskStage::Failed { reason } => Some(format!("task {}: {}", task.index, watch::reason_name(reason))),
            _ => None,
        })
        .collect();
    if reasons.is_empty() {
        return Ok(());
    }
    let logged =
        job.tasks.iter().any(|task| matches!(&task.stage, TaskStage::Failed { reason } if reason.log().is_some()));
    let hint = if logged {
        format!("`dpin job log {}` prints the messages of the compiler or of the run", job.id)
    } else {
        format!("`dpin job show {}` shows details; the unspent funds are back in your account", job.id)
    };
    Err(Error::job_failed(format!(
        "job {}: {} of {} tasks failed: {}",
        job.id,
        reasons.len(),
        job.tasks.len(),
        reasons.join("; ")
    ))
    .hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Exit, job::sample};
    use dpin_primitives::{Hash, reason::ReasonCode};

    #[test]
    fn a_job_costs_what_did_not_come_back() {
        // Settled with one auditor of two: 1,000 and 10 and 50. The kernel's fault costs the fee;
        // everything else is refunded.
        assert_eq!(spent(&sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker])), 1_070);
        assert_eq!(spent(&sample::ended([ReasonCode::NoWorker, ReasonCode::Cancelled])), 1_060);
    }

    #[test]
    fn failed_tasks_are_told_with_their_reasons() {
        let job = sample::ended([ReasonCode::Timeout, ReasonCode::BuildFailed { log: Hash::repeat_byte(9) }]);
        let error = failures(&job).unwrap_err();
        assert_eq!(error.exit, Exit::JobFailed);
        assert!(
            error.message.contains("2 of 3 tasks failed: task 1: timeout; task 2: buildFailed, log 0x0909"),
            "{error}"
        );
    }
}
