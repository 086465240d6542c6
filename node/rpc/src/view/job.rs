//! Answers about jobs.

use super::TaskView;
use dpin_primitives::{
    AccountId, AssetKind, BlockNumber, Hash, JobId,
    api::{JobInfo, JobSummary, TaskEnd, TaskStage},
    job::{AuditPolicy, Requirements, Reward, TaskCost},
    json::{Account, Amount, As, Asset, HexBytes, HexHash},
};
use polkadot_sdk::sp_core::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Cost of one task, in the job's asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CostView {
    /// The worker's reward, of which it pays its own reservation fee.
    pub reward: Amount,
    /// Pay of each auditor whose seal is right.
    pub per_auditor: Amount,
    /// The requester's reservation fee and surcharge.
    pub fee: Amount,
    /// The worker's reservation fee, taken out of the reward.
    pub worker_fee: Amount,
    /// Total amount that the requester holds for the task.
    pub total: Amount,
}

/// A job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    /// Number of the job.
    pub id: JobId,
    /// Number of the job that the requester posted before this one.
    pub previous: Option<JobId>,
    /// The account that posted the job.
    #[schemars(with = "Account")]
    pub requester: AccountId,
    /// The kernel.
    #[schemars(with = "HexHash")]
    pub kernel: Hash,
    /// Work-items in each dimension.
    pub global_size: [u32; 3],
    /// Work-groups in each dimension.
    pub groups: [u32; 3],
    /// Bytes of the scalar parameters, little endian.
    #[schemars(with = "Vec<HexBytes>")]
    pub scalars: Vec<Bytes>,
    /// Blobs of the input parameters.
    #[schemars(with = "Vec<HexHash>")]
    pub inputs: Vec<Hash>,
    /// The asset in which everything is paid.
    #[serde(with = "As::<Asset>")]
    pub asset: AssetKind,
    /// Cost of each task.
    pub cost: CostView,
    /// Audit policy of the job.
    pub audit: AuditPolicy,
    /// Deadline of one task, in blocks from its assignment to its commitment.
    pub run_blocks: BlockNumber,
    /// Requirements on a worker.
    pub requires: Requirements,
    /// The block in which the job was posted.
    pub submitted: BlockNumber,
    /// The block in which the job ended; `null` while it is open.
    pub ended: Option<BlockNumber>,
    /// Tasks of the job, in order.
    pub tasks: Vec<TaskView>,
}

impl From<TaskCost> for CostView {
    fn from(cost: TaskCost) -> Self {
        Self {
            reward: Amount(cost.reward),
            per_auditor: Amount(cost.per_auditor),
            fee: Amount(cost.fee),
            worker_fee: Amount(cost.worker_fee),
            total: Amount(cost.total()),
        }
    }
}

impl From<JobInfo> for JobView {
    fn from(job: JobInfo) -> Self {
        let spec = job.spec;
        Self {
            id: job.id,
            previous: job.previous,
            requester: job.requester,
            kernel: spec.kernel,
            global_size: spec.global_size,
            groups: job.shape.groups,
            scalars: spec.scalars.into_iter().map(|scalar| Bytes(scalar.into_inner())).collect(),
            inputs: spec.inputs.into_inner(),
            asset: spec.reward.asset,
            cost: job.cost.into(),
            audit: spec.audit,
            run_blocks: spec.run_blocks,
            requires: spec.requires,
            submitted: job.submitted,
            ended: None,
            tasks: job.tasks.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<JobSummary> for JobView {
    fn from(job: JobSummary) -> Self {
        let JobSummary { id, previous, requester, spec, shape, cost, submitted, ended, tasks } = job;
        let open = JobInfo { id, previous, requester, spec, shape, cost, submitted, tasks: Vec::new() };
        let tasks = (0..).zip(tasks).map(|(index, end)| TaskView::ended(index, end, &shape)).collect();
        Self { ended: Some(ended), tasks, ..open.into() }
    }
}

/// A job in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobEntryView {
    /// Number of the job.
    pub id: JobId,
    /// Whether the job has ended. Of a forgotten job this node knows only the number.
    pub state: JobState,
    /// The kernel.
    #[schemars(with = "Option<HexHash>")]
    pub kernel: Option<Hash>,
    /// Reward of a task.
    pub reward: Option<Reward>,
    /// The block in which the job was posted.
    pub submitted: Option<BlockNumber>,
    /// The block in which the job ended.
    pub ended: Option<BlockNumber>,
    /// Number of tasks.
    pub tasks: Option<u32>,
    /// Number of tasks that are neither settled nor failed.
    pub open: Option<u32>,
    /// Number of settled tasks.
    pub settled: Option<u32>,
    /// Number of failed tasks.
    pub failed: Option<u32>,
}

/// State of a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum JobState {
    /// The job has not ended.
    Open,
    /// The job has ended.
    Ended,
    /// The job has ended, and this node has no record of its end.
    Forgotten,
}

/// A page of a requester's jobs, the newest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobsPage {
    /// The jobs.
    pub jobs: Vec<JobEntryView>,
    /// The value of `before` for the next page; `null` at the end.
    pub next: Option<JobId>,
}

/// A job at a best block.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobItem {
    /// The block's hash.
    #[schemars(with = "HexHash")]
    pub block: Hash,
    /// The block's number.
    pub number: BlockNumber,
    /// The job.
    pub job: JobView,
}

impl From<&JobInfo> for JobEntryView {
    fn from(job: &JobInfo) -> Self {
        let count = |is: fn(&TaskStage) -> bool| job.tasks.iter().filter(|task| is(&task.stage)).count() as u32;
        let settled = count(|stage| matches!(stage, TaskStage::Settled));
        let failed = count(|stage| matches!(stage, TaskStage::Failed { .. }));
        Self {
            id: job.id,
            state: JobState::Open,
            kernel: Some(job.spec.kernel),
            reward: Some(job.spec.reward.clone()),
            submitted: Some(job.submitted),
            ended: None,
            tasks: Some(job.shape.tasks),
            open: Some(job.shape.tasks.saturating_sub(settled).saturating_sub(failed)),
            settled: Some(settled),
            failed: Some(failed),
        }
    }
}

impl From<&JobSummary> for JobEntryView {
    fn from(job: &JobSummary) -> Self {
        let settled = job.tasks.iter().filter(|end| matches!(end, TaskEnd::Settled { .. })).count() as u32;
        Self {
            id: job.id,
            state: JobState::Ended,
            kernel: Some(job.spec.kernel),
            reward: Some(job.spec.reward.clone()),
            submitted: Some(job.submitted),
            ended: Some(job.ended),
            tasks: Some(job.shape.tasks),
            open: Some(0),
            settled: Some(settled),
            failed: Some((job.tasks.len() as u32).saturating_sub(settled)),
        }
    }
}

impl JobEntryView {
    /// Creates the entry of a job whose end is not on this node's record.
    pub fn forgotten(id: JobId) -> Self {
        Self {
            id,
            state: JobState::Forgotten,
            kernel: None,
            reward: None,
            submitted: None,
            ended: None,
            tasks: None,
            open: None,
            settled: None,
            failed: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        BLC,
        executor::Commitment,
        job::{JobShape, JobSpec, TaskCount},
        reason::ReasonCode,
        worker::Fp32,
    };
    use polkadot_sdk::sp_runtime::Perbill;
    use serde_json::json;

    fn summary() -> JobSummary {
        JobSummary {
            id: 7,
            previous: Some(3),
            requester: [1; 32].into(),
            spec: JobSpec {
                kernel: Hash::repeat_byte(2),
                global_size: [64, 8, 1],
                scalars: vec![vec![1, 0, 0, 0].try_into().unwrap()].try_into().unwrap(),
                inputs: vec![Hash::repeat_byte(3)].try_into().unwrap(),
                reward: Reward { asset: BLC, per_task: u128::MAX / 2 },
                tasks: TaskCount::Auto,
                audit: AuditPolicy::default(),
                run_blocks: 20,
                requires: Requirements {
                    region: b"u4".to_vec().try_into().unwrap(),
                    fp32: Fp32 { denormals: true, rounded_division: false },
                    reputation: Perbill::from_percent(40),
                    certified: true,
                    ..Default::default()
                },
            },
            shape: JobShape { groups: [4, 1, 1], total: 4, tasks: 2 },
            cost: TaskCost { reward: 1 << 100, per_auditor: 2, auditors: 2, fee: 3, worker_fee: 4 },
            submitted: 5,
            ended: 9,
            tasks: vec![
                TaskEnd::Settled {
                    worker: [4; 32].into(),
                    commitment: Commitment { root: Hash::repeat_byte(5), output_len: 1024, kernel_ms: 6 },
                    auditors: vec![[6; 32].into()],
                },
                TaskEnd::Failed { reason: ReasonCode::BuildFailed { log: Hash::repeat_byte(8) } },
            ],
        }
    }

    #[test]
    fn an_ended_job_reads_as_documented() {
        let json = serde_json::to_value(JobView::from(summary())).unwrap();

        assert_eq!((&json["id"], &json["previous"]), (&json!(7), &json!(3)));
        assert_eq!(json["ended"], 9);
        assert_eq!(json["asset"], json!({ "asset": 1 }));
        assert_eq!(json["scalars"], json!(["0x01000000"]));
        assert_eq!(json["cost"]["reward"], "1267650600228229401496703205376");
        assert_eq!(json["cost"]["perAuditor"], "2");
        assert_eq!(json["audit"], json!({ "auditors": 2, "samples": { "count": 32 }, "challengeBlocks": 0 }));
        assert_eq!(
            json["requires"],
            json!({
                "memory": 0,
                "fp64": false,
                "class": null,
                "region": "u4",
                "fp32": { "denormals": true, "roundedDivision": false },
                "reputation": 400_000_000,
                "certified": true,
            })
        );
        let [settled, failed] = json["tasks"].as_array().unwrap().as_slice() else { panic!("not two tasks") };
        assert_eq!(settled["stage"], json!({ "name": "settled" }));
        assert_eq!(settled["attempt"], json!(null));
        assert_eq!(settled["groupCount"], 2);
        assert_eq!(settled["commitment"]["outputLen"], 1024);
        assert_eq!(settled["auditors"][0]["sealed"], true);
        assert_eq!(failed["firstGroup"], 2);
        assert_eq!(
            failed["stage"],
            json!({ "name": "failed", "reason": { "code": "buildFailed", "log": Hash::repeat_byte(8) } })
        );
    }

    #[test]
    fn the_client_reads_what_the_server_writes() {
        let view = JobView::from(summary());
        let text = serde_json::to_string(&view).unwrap();
        assert_eq!(serde_json::from_str::<JobView>(&text).unwrap(), view);
    }
}
