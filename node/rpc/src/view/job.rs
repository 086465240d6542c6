//! Answers about jobs, tasks and outputs.

use dpin_primitives::{
    api::{FailedAttempt, JobInfo, JobSummary, TaskEnd, TaskInfo, TaskStage},
    candidates::{Candidates, WithOutlook},
    executor::{Commitment, OutputChunk},
    job::{AuditPolicy, JobShape, Requirements, Reward, TaskCost},
    json::{Account, Amount, As, Asset, HexBytes, HexHash, Maybe},
    reason::ReasonCode,
    tile_tree::OpeningError,
    AccountId, AssetKind, BlockNumber, Hash, JobId, TaskId,
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

/// A part of a task's output.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputView {
    /// Bytes of the whole output.
    pub total: u64,
    /// Offset of `data` in the output: the start of a tile, at or before the requested offset.
    pub offset: u64,
    /// Bytes of whole tiles.
    #[schemars(with = "HexBytes")]
    pub data: Bytes,
    /// Bytes of one tile.
    pub tile_bytes: u32,
    /// Root of the tile tree.
    #[schemars(with = "HexHash")]
    pub root: Hash,
    /// Multi-proof of the tiles in `data`.
    #[schemars(with = "Vec<HexHash>")]
    pub proof: Vec<Hash>,
}

/// The output does not match the worker's commitment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the output does not verify against the root: {0:?}")]
pub struct Unverified(pub OpeningError);

impl From<OutputChunk> for OutputView {
    fn from(chunk: OutputChunk) -> Self {
        let OutputChunk { total, offset, data, tile_bytes, root, proof } = chunk;
        Self { total, offset, data: Bytes(data), tile_bytes, root, proof }
    }
}

impl From<OutputView> for OutputChunk {
    fn from(view: OutputView) -> Self {
        let OutputView { total, offset, data, tile_bytes, root, proof } = view;
        Self { total, offset, data: data.0, tile_bytes, root, proof }
    }
}

impl OutputView {
    /// Verifies the bytes against the `root` on the chain, and returns them.
    ///
    /// # Errors
    ///
    /// When the bytes do not match the commitment.
    pub fn verify(self, genesis: &Hash, task: TaskId, root: &Hash) -> Result<Vec<u8>, Unverified> {
        let chunk = OutputChunk::from(self);
        chunk.verify(genesis, task, root).map_err(Unverified)?;
        Ok(chunk.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        api::{BondAtStake, BondFate, DisputeCause, JuryPhase, TaskEvent, TaskStep, Verdict},
        candidates::Condition,
        job::{JobSpec, TaskCount},
        tile_tree::{leaf, TileTree},
        worker::Fp32,
        BLC,
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

    #[test]
    fn a_verdict_tells_what_became_of_the_bonds() {
        let stake = |who: u8, fate| BondAtStake { who: [who; 32].into(), amount: 1 << 70, fate };
        let step = TaskStep::Judged {
            verdict: Verdict::WorkerRight,
            worker: stake(1, BondFate::Locked),
            accuser: Some(stake(2, BondFate::Lost)),
        };
        let json = serde_json::to_value(TaskEvent { block: 9, attempt: 0, step }).unwrap();
        assert_eq!((&json["step"]["name"], &json["step"]["verdict"]), (&json!("judged"), &json!("workerRight")));
        assert_eq!(json["step"]["worker"]["fate"], "locked");
        let accuser = json!({ "who": AccountId::from([2; 32]), "amount": "1180591620717411303424", "fate": "lost" });
        assert_eq!(json["step"]["accuser"], accuser);
    }

    #[test]
    fn candidates_tell_what_excludes_them() {
        let mut candidates = Candidates::default();
        candidates.count(&[Condition::Region]);
        candidates.count(&[Condition::Certified, Condition::Region]);
        let json = serde_json::to_value(WithOutlook::from(candidates)).unwrap();
        assert_eq!(json["outlook"], json!({ "name": "unmet", "condition": "region" }));
        assert_eq!(
            json["unmet"],
            json!([
                { "condition": "region", "workers": 2, "alone": 1 },
                { "condition": "certified", "workers": 1, "alone": 0 },
            ])
        );
        assert_eq!((&json["workers"], &json["eligible"]), (&json!(2), &json!(0)));
    }

    #[test]
    fn the_client_reads_what_the_server_writes() {
        let view = JobView::from(summary());
        let text = serde_json::to_string(&view).unwrap();
        assert_eq!(serde_json::from_str::<JobView>(&text).unwrap(), view);
    }

    #[test]
    fn an_output_gives_its_bytes_only_if_they_verify() {
        let (genesis, task) = (Hash::repeat_byte(9), TaskId { job: 0, index: 0 });
        let output: Vec<u8> = (0..16u8).collect();
        let tree = TileTree::new(output.chunks(4).zip(0..).map(|(tile, i)| leaf(&genesis, task, i, tile)).collect());
        let (_, proof) = tree.open(&[1]).unwrap();
        let view = OutputView {
            total: 16,
            offset: 4,
            data: Bytes(output[4..8].to_vec()),
            tile_bytes: 4,
            root: tree.root(),
            proof,
        };
        assert_eq!(view.clone().verify(&genesis, task, &tree.root()).unwrap(), [4, 5, 6, 7]);
        let forged = OutputView { data: Bytes(vec![0; 4]), ..view };
        assert!(forged.verify(&genesis, task, &tree.root()).is_err());
    }
}
