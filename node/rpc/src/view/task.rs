//! Answers about tasks.

use dpin_primitives::{
    AccountId,
    api::{FailedAttempt, TaskEnd, TaskInfo, TaskStage},
    candidates::{Candidates, WithOutlook},
    executor::Commitment,
    job::JobShape,
    json::{Account, Maybe},
    reason::ReasonCode,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An auditor of a task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditorView {
    /// Account of the auditor.
    #[schemars(with = "Account")]
    pub account: AccountId,
    /// Whether the auditor has given its seal. For an ended task only paid auditors are listed.
    pub sealed: bool,
}

/// A juror of a task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JurorView {
    /// Account of the juror.
    #[schemars(with = "Account")]
    pub account: AccountId,
    /// Whether the juror has revealed its finding.
    pub revealed: bool,
}

/// A task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskView {
    /// Position of the task in the job, from 0.
    pub index: u32,
    /// First work-group of the task.
    pub first_group: u64,
    /// Number of work-groups of the task.
    pub group_count: u32,
    /// Number of failed attempts, which is also the number of the current attempt, counted from 0;
    /// `null` once the job has ended.
    pub attempt: Option<u8>,
    /// The last attempt that failed.
    pub last_failure: Option<FailedAttemptView>,
    /// Worker of the task, if there is one.
    #[schemars(with = "Option<Account>")]
    pub worker: Option<AccountId>,
    /// Commitment of the worker.
    pub commitment: Option<Commitment>,
    /// Auditors of the task.
    pub auditors: Vec<AuditorView>,
    /// The jury, while there is one.
    pub jurors: Vec<JurorView>,
    /// Stage of the task.
    pub stage: TaskStage,
    /// Workers that could take the task, and why none has taken it yet. Only in the answer of
    /// `compute_task`, while the task waits for a worker.
    #[serde(with = "Maybe::<WithOutlook>")]
    pub candidates: Option<Candidates>,
}

/// A failed attempt at a task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedAttemptView {
    /// Number of the attempt, from 0; `null` once the job has ended: the task's history has it.
    pub attempt: Option<u8>,
    /// Worker of the attempt; `null` once the job has ended.
    #[schemars(with = "Option<Account>")]
    pub worker: Option<AccountId>,
    /// Reason for the failure.
    pub reason: ReasonCode,
}

impl From<FailedAttempt> for FailedAttemptView {
    fn from(FailedAttempt { attempt, worker, reason }: FailedAttempt) -> Self {
        Self { attempt: Some(attempt), worker: Some(worker), reason }
    }
}

impl From<TaskInfo> for TaskView {
    fn from(task: TaskInfo) -> Self {
        Self {
            index: task.task.index,
            first_group: task.first_group,
            group_count: task.group_count,
            attempt: Some(task.attempt),
            last_failure: task.last_failure.map(Into::into),
            worker: task.worker,
            commitment: task.commitment,
            auditors: task.auditors.into_iter().map(|(account, sealed)| AuditorView { account, sealed }).collect(),
            jurors: task.jurors.into_iter().map(|(account, revealed)| JurorView { account, revealed }).collect(),
            stage: task.stage,
            candidates: None,
        }
    }
}

impl TaskView {
    /// Describes a task of a job that has ended.
    pub(crate) fn ended(index: u32, end: TaskEnd, shape: &JobShape) -> Self {
        let (first_group, group_count) = shape.task(index).unwrap_or_default();
        let (worker, commitment, auditors, stage, last_failure) = match end {
            TaskEnd::Settled { worker, commitment, auditors } => {
                (Some(worker), Some(commitment), auditors, TaskStage::Settled, None)
            }
            TaskEnd::Failed { reason } => {
                let last = FailedAttemptView { attempt: None, worker: None, reason };
                (None, None, Vec::new(), TaskStage::Failed { reason }, Some(last))
            }
        };
        let auditors = auditors.into_iter().map(|account| AuditorView { account, sealed: true }).collect();
        Self {
            index,
            first_group,
            group_count,
            attempt: None,
            last_failure,
            worker,
            commitment,
            auditors,
            jurors: Vec::new(),
            stage,
            candidates: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        Hash, TaskId,
        api::{DisputeCause, JuryPhase},
    };
    use serde_json::json;

    fn disputed() -> TaskInfo {
        TaskInfo {
            task: TaskId { job: 7, index: 1 },
            first_group: 2,
            group_count: 2,
            attempt: 1,
            last_failure: Some(FailedAttempt { attempt: 0, worker: [3; 32].into(), reason: ReasonCode::WrongResult }),
            worker: Some([4; 32].into()),
            commitment: Some(Commitment { root: Hash::repeat_byte(5), output_len: 1024, kernel_ms: 6 }),
            auditors: vec![([6; 32].into(), true)],
            jurors: vec![([7; 32].into(), false), ([8; 32].into(), true)],
            stage: TaskStage::Disputed {
                due: 40,
                cause: DisputeCause::Challenge,
                phase: JuryPhase::Revealing,
                tiles: vec![1],
            },
        }
    }

    #[test]
    fn a_disputed_task_tells_its_cause_and_its_jury() {
        let view = TaskView::from(disputed());
        let json = serde_json::to_value(&view).unwrap();

        let stage = json!({ "name": "disputed", "due": 40, "cause": "challenge", "phase": "revealing", "tiles": [1] });
        assert_eq!(json["stage"], stage);
        let failed = json!({ "attempt": 0, "worker": AccountId::from([3; 32]), "reason": { "code": "wrongResult" } });
        assert_eq!(json["lastFailure"], failed);
        let [waiting, revealed] = json["jurors"].as_array().unwrap().as_slice() else { panic!("not two jurors") };
        assert_eq!(waiting["account"], json!(AccountId::from([7; 32])));
        assert_eq!((&waiting["revealed"], &revealed["revealed"]), (&json!(false), &json!(true)));
        assert_eq!(serde_json::from_value::<TaskView>(json).unwrap(), view);
    }
}
