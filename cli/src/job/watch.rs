//! Follow a job until its end.

use crate::{
    chain::{
        errors::rpc_error,
        submit::{Sent, Signed},
        Chain,
    },
    error::{Error, Exit, Result},
    job::outlook,
    text::output::Output,
};
use dpin_primitives::{
    candidates::Candidates, job::JobSpec, reason::ReasonCode, AccountId, BlockNumber, Hash, JobId, TaskId,
};
use dpin_rpc::{AssetView, AuditView, CandidatesView, JobItem, JobView, RequirementsView, StageView, TaskView};
use indicatif::ProgressBar;
use serde_json::{json, Value};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use subxt::rpcs::rpc_params;
use tokio::sync::Mutex;

/// Interval at which a node without subscriptions is polled.
const TICK: Duration = Duration::from_secs(1);
/// Most consecutive attempts to renew a broken subscription that sends nothing.
const ATTEMPTS: u32 = 5;
/// Time without a change after which the job is requested: the connection may be dead.
const SILENCE: Duration = Duration::from_secs(10);

/// The progress of a task, from 0 to [`LAST`].
pub fn rank(stage: &StageView) -> u64 {
    match stage {
        StageView::Queued { .. } => 0,
        StageView::Assigned { .. } => 1,
        StageView::Committed { .. } => 2,
        StageView::Auditing { .. } => 3,
        StageView::Opening { .. } | StageView::Disputed { .. } => 4,
        StageView::Verified { .. } => 5,
        StageView::Settled | StageView::Failed { .. } => LAST,
    }
}

/// The rank of a task that has ended.
pub const LAST: u64 = 6;

/// The name of a stage.
pub fn stage_name(stage: &StageView) -> &'static str {
    match stage {
        StageView::Queued { .. } => "queued",
        StageView::Assigned { .. } => "assigned",
        StageView::Committed { .. } => "committed",
        StageView::Auditing { .. } => "auditing",
        StageView::Opening { .. } => "opening",
        StageView::Disputed { .. } => "disputed",
        StageView::Verified { .. } => "verified",
        StageView::Settled => "settled",
        StageView::Failed { .. } => "failed",
    }
}

/// The stage of a task, with its main details.
pub fn stage_text(task: &TaskView) -> String {
    match &task.stage {
        StageView::Failed { reason } => format!("failed: {}", reason_name(reason)),
        StageView::Settled => "settled".into(),
        StageView::Queued { due }
        | StageView::Assigned { due }
        | StageView::Committed { due }
        | StageView::Auditing { due, .. }
        | StageView::Opening { due, .. }
        | StageView::Disputed { due, .. }
        | StageView::Verified { due } => format!("{}, until block {due}", stage_name(&task.stage)),
    }
}

/// A reason's code, as the JSON-RPC writes it.
pub fn reason_code(reason: &ReasonCode) -> String {
    let json = serde_json::to_value(reason).unwrap_or_default();
    json["code"].as_str().unwrap_or("unknown").to_string()
}

/// A reason's code, with the hash of its log.
pub fn reason_name(reason: &ReasonCode) -> String {
    let code = reason_code(reason);
    match reason.log() {
        Some(log) => format!("{code}, log {log:?}"),
        None => code,
    }
}

/// The number of tasks in each stage: `2 settled, 1 auditing`.
pub fn summary(job: &JobView) -> String {
    let mut ranks: Vec<(u64, &'static str, usize)> = Vec::new();
    for task in &job.tasks {
        let name = stage_name(&task.stage);
        match ranks.iter_mut().find(|(_, other, _)| *other == name) {
            Some((_, _, count)) => *count += 1,
            None => ranks.push((rank(&task.stage), name, 1)),
        }
    }
    ranks.sort_by_key(|(rank, ..)| std::cmp::Reverse(*rank));
    let parts: Vec<String> = ranks.into_iter().map(|(_, name, count)| format!("{count} {name}")).collect();
    parts.join(", ")
}

/// The tasks that are tried again, with the reason: `task 0: attempt 1, after workerSilent`.
/// Attempts are counted from 0.
fn attempts(job: &JobView) -> Option<String> {
    let again: Vec<(u32, u8)> = job
        .tasks
        .iter()
        .filter(|task| rank(&task.stage) < LAST)
        .filter_map(|task| Some((task.index, task.attempt.filter(|attempt| *attempt > 0)?)))
        .collect();
    let (index, attempt) = *again.first()?;
    let reason =
        job.tasks.iter().find(|task| task.index == index).and_then(|task| Some(task.last_failure.as_ref()?.reason));
    let after = reason.map(|reason| format!(", after {}", reason_name(&reason))).unwrap_or_default();
    let more = match again.len() {
        1 => String::new(),
        count => format!("; and {}", crate::text::output::count(count as u32 - 1, "other task")),
    };
    Some(format!("task {index}: attempt {attempt}{after}{more}"))
}

/// Look up a job with its tasks, also one that has ended.
///
/// # Errors
///
/// When there is no such job, or the node does not remember it.
pub async fn job(chain: &Chain, id: JobId) -> Result<JobView> {
    match find(chain, id).await? {
        Some(job) => Ok(job),
        None => Err(unknown(chain, id).await),
    }
}

async fn find(chain: &Chain, id: JobId) -> Result<Option<JobView>> {
    chain.request("compute_job", rpc_params![id]).await
}

async fn unknown(chain: &Chain, id: JobId) -> Error {
    match chain.api::<JobId>("ComputeApi_job_count", ()).await {
        Ok(count) if id < count => Error::failed(format!("job {id} has ended, and this node does not remember how"))
            .hint("ask a node that ran at that time: --url"),
        Ok(0) => Error::failed(format!("there is no job {id}: none was posted yet")),
        Ok(count) => Error::failed(format!("there is no job {id}; the last one is {}", count - 1)),
        Err(error) => error,
    }
}

/// A job to follow. The number of a job that this program has posted may change: if another fork
/// replaces its block, another job may get the number.
#[derive(Debug)]
pub struct Ticket {
    id: AtomicU64,
    posted: Option<Posting>,
}

/// The posting of a job.
#[derive(Debug)]
struct Posting {
    requester: AccountId,
    spec: JobSpec,
    transaction: Signed,
    place: Mutex<Place>,
}

/// The place of the transaction that posted a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// In no known block.
    Unknown,
    /// In this block, which may still be replaced.
    In(BlockNumber, Hash),
    /// In a finalised block.
    Final,
}

impl Place {
    fn of(sent: &Sent) -> Self {
        sent.block.map_or(Self::Unknown, |(number, hash)| Self::In(number, hash))
    }
}

impl Posting {
    /// Whether this is the posted job, or an identical one.
    fn is(&self, job: &JobView) -> bool {
        let Self { requester, spec, .. } = self;
        let scalars = spec.scalars.iter().map(|scalar| &scalar[..]);
        *requester == job.requester
            && spec.kernel == job.kernel
            && spec.global_size == job.global_size
            && scalars.eq(job.scalars.iter().map(|scalar| &scalar[..]))
            && spec.inputs[..] == job.inputs[..]
            && AssetView::from(spec.reward.asset.clone()) == job.asset
            && spec.reward.per_task == job.cost.reward.0
            && AuditView::from(spec.audit) == job.audit
            && spec.run_blocks == job.run_blocks
            && RequirementsView::from(spec.requires.clone()) == job.requires
    }
}

impl Posting {
    /// The number of the job, if it was posted in this block. This searches the requester's jobs
    /// from the latest one back.
    async fn job_of(&self, chain: &Chain, block: BlockNumber) -> Result<Option<JobId>> {
        let mut next: Option<JobId> = chain.api("ComputeApi_last_job_of", &self.requester).await?;
        while let Some(id) = next {
            let Some(job) = find(chain, id).await? else { return Ok(None) };
            if job.submitted < block {
                return Ok(None);
            }
            if job.submitted == block && self.is(&job) {
                return Ok(Some(id));
            }
            next = job.previous.filter(|previous| *previous < id);
        }
        Ok(None)
    }
}

impl Ticket {
    /// A ticket for a job of any requester.
    pub fn of(id: JobId) -> Self {
        Self { id: id.into(), posted: None }
    }

    /// A ticket for the job that this transaction has posted.
    pub fn posted(id: JobId, spec: &JobSpec, sent: &Sent) -> Self {
        let posting = Posting {
            requester: sent.signed.account.clone(),
            spec: spec.clone(),
            transaction: sent.signed.clone(),
            place: Mutex::new(Place::of(sent)),
        };
        Self { id: id.into(), posted: Some(posting) }
    }

    /// The job's number.
    pub fn id(&self) -> JobId {
        self.id.load(Ordering::Relaxed)
    }

    /// The job as it is now. If the block in which it was posted is replaced, this finds its new
    /// number.
    ///
    /// # Errors
    ///
    /// When there is no such job, or the node does not answer.
    pub async fn now(&self, chain: &Chain) -> Result<JobView> {
        let Some(posting) = &self.posted else { return job(chain, self.id()).await };
        loop {
            let place = self.place(chain, posting).await?;
            if place != Place::Unknown {
                match find(chain, self.id()).await? {
                    Some(job) if posting.is(&job) => return Ok(job),
                    Some(_) if place == Place::Final => {
                        return Err(Error::failed(format!(
                            "the node tells of another job {} than was posted",
                            self.id()
                        ))
                        .hint("ask another node: --url"))
                    }
                    None if place == Place::Final => return Err(unknown(chain, self.id()).await),
                    // The chain changed between the two requests.
                    _ => (),
                }
            }
            self.find_again(chain, posting).await?;
        }
    }

    /// The current place of the transaction, as far as known.
    async fn place(&self, chain: &Chain, posting: &Posting) -> Result<Place> {
        let mut place = posting.place.lock().await;
        if let Place::In(number, hash) = *place {
            let (last, _) = chain.finalised().await?;
            *place = match chain.block_hash(number).await? {
                Some(now) if now != hash => Place::Unknown,
                None => Place::Unknown,
                Some(_) if number <= last => Place::Final,
                Some(_) => *place,
            };
        }
        Ok(*place)
    }

    /// Find the block that contains the transaction now, and the job's number there.
    async fn find_again(&self, chain: &Chain, posting: &Posting) -> Result<()> {
        let transaction = &posting.transaction;
        loop {
            let (last, block) = chain.finalised().await?;
            let used = chain.nonce_at(&transaction.account, block).await? > transaction.nonce;
            match chain.find(transaction).await? {
                Some((number, hash)) => {
                    if let Some(id) = posting.job_of(chain, number).await? {
                        self.id.store(id, Ordering::Relaxed);
                        *posting.place.lock().await = Place::In(number, hash);
                        return Ok(());
                    }
                    if number <= last {
                        return Err(self.lost("the block that took its place could not take it"));
                    }
                }
                // The blocks that were final by then were searched.
                None if used || last >= transaction.dies() => return Err(self.lost("no other block has it")),
                None => (),
            }
            tokio::time::sleep(TICK).await;
        }
    }

    fn lost(&self, why: &str) -> Error {
        let id = self.id();
        Error::refused(format!(
            "the block in which job {id} was posted was replaced, and {why}: nothing is held for it"
        ))
        .named("replaced")
        .hint("run the command again")
    }
}

/// News of a job that is followed.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// It changed, in the block with this number, if known.
    Changed(Option<BlockNumber>, &'a JobView),
    /// Nothing changes: the task with this index waits for a worker, and these could take it.
    Waits(&'a JobView, u32, &'a Candidates),
}

impl News<'_> {
    /// Convert to JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Changed(number, job) => json!({ "number": number, "job": job }),
            Self::Waits(job, index, candidates) => {
                let candidates = CandidatesView::from((*candidates).clone());
                json!({ "waits": { "task": TaskId { job: job.id, index: *index }, "candidates": candidates } })
            }
        }
    }
}

/// The first task that waits for a worker, and its candidates; `None` if there is none, or the
/// chain does not answer.
async fn waiting(chain: &Chain, job: &JobView) -> Option<(u32, Candidates)> {
    let index = job.tasks.iter().find(|task| rank(&task.stage) == 0)?.index;
    let found: Option<Candidates> = chain.api("ComputeApi_candidates", TaskId { job: job.id, index }).await.ok()?;
    Some((index, found?))
}

/// Follow a job until it has ended or `enough` returns true. `seen` receives every change, and the
/// reason why a task still waits.
///
/// A connection that breaks is opened again, and the job is followed on.
///
/// # Errors
///
/// When there is no such job, or the node stays away.
pub async fn follow(
    chain: &Chain,
    ticket: &Ticket,
    enough: impl Fn(&JobView) -> bool,
    mut seen: impl FnMut(News),
) -> Result<JobView> {
    const METHOD: &str = "compute_subscribeJob";
    let done = |job: &JobView| job.ended.is_some() || enough(job);
    let mut last = ticket.now(chain).await?;
    seen(News::Changed(None, &last));
    let mut silent = 0;
    while !done(&last) && silent < ATTEMPTS {
        let params = rpc_params![ticket.id()];
        let subscribed = chain.rpc().subscribe::<JobItem>(METHOD, params, "compute_unsubscribeJob").await;
        let mut items = match subscribed.map_err(|error| rpc_error(METHOD, error)) {
            Ok(items) => items,
            Err(error) if error.exit == Exit::Connection => return Err(error),
            // The job may have ended in between. Or the node has no subscriptions, or serves too
            // many.
            Err(_) => break,
        };
        silent += 1;
        // Silence may mean a dead connection, or a job that waits and does not change.
        while let Ok(Some(Ok(item))) = tokio::time::timeout(SILENCE, items.next()).await {
            silent = 0;
            let JobItem { number, mut job, .. } = item;
            if job != last {
                if ticket.posted.is_some() {
                    job = ticket.now(chain).await?;
                }
                last = job;
                seen(News::Changed(Some(number), &last));
            }
            if done(&last) {
                return Ok(last);
            }
            if last.id != ticket.id() {
                break;
            }
        }
        let now = ticket.now(chain).await?;
        if now != last {
            silent = 0;
            last = now;
            seen(News::Changed(None, &last));
        } else if let Some((index, candidates)) = waiting(chain, &last).await {
            seen(News::Waits(&last, index, &candidates));
        }
        if !done(&last) {
            tokio::time::sleep(TICK).await;
        }
    }
    poll(chain, ticket, last, done, seen).await
}

async fn poll(
    chain: &Chain,
    ticket: &Ticket,
    mut last: JobView,
    done: impl Fn(&JobView) -> bool,
    mut seen: impl FnMut(News),
) -> Result<JobView> {
    while !done(&last) {
        tokio::time::sleep(TICK).await;
        let now = ticket.now(chain).await?;
        if now != last {
            last = now;
            seen(News::Changed(None, &last));
        }
    }
    Ok(last)
}

/// Shows the progress of a job: a bar on a terminal, else a line for each change.
pub struct Progress {
    output: Output,
    bar: ProgressBar,
    last: String,
}

impl Progress {
    /// A progress display for one job.
    pub fn new(output: Output) -> Self {
        Self { output, bar: output.bar(0, false), last: String::new() }
    }

    /// Show a change.
    pub fn show(&mut self, news: News) {
        let (number, job, more) = match news {
            News::Changed(number, job) => (number, job, None),
            News::Waits(job, index, candidates) => {
                (None, job, Some(format!("task {index}: {}", outlook::why(candidates))))
            }
        };
        let more: Vec<String> = attempts(job).into_iter().chain(more).collect();
        let text = match more.is_empty() {
            true => summary(job),
            false => format!("{} ({})", summary(job), more.join("; ")),
        };
        if self.output.draws() {
            self.bar.set_length(LAST * job.tasks.len() as u64);
            self.bar.set_position(job.tasks.iter().map(|task| rank(&task.stage)).sum());
            self.bar.set_message(format!("job {}: {text}", job.id));
            self.bar.tick();
        } else if text != self.last {
            match number {
                Some(number) => self.output.note(format!("block {number}: job {}: {text}", job.id)),
                None => self.output.note(format!("job {}: {text}", job.id)),
            }
        }
        self.last = text;
    }

    /// Remove the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::mock::{broken, Mock},
        job::sample,
    };
    use codec::Encode;
    use dpin_primitives::Header;
    use dpin_rpc::FailedAttemptView;
    use polkadot_sdk::{sp_core::Bytes, sp_runtime::traits::Header as _};
    use std::sync::{Arc, Mutex as StdMutex};
    use subxt::rpcs::RpcClient;

    const REQUESTER: [u8; 32] = [1; 32];

    /// A mock chain: the block hashes of the best chain, the block with the transaction, and the
    /// jobs.
    struct State {
        fork: u8,
        holds: Option<BlockNumber>,
        finalised: BlockNumber,
        nonce: u32,
        jobs: Vec<JobView>,
    }

    fn block(fork: u8, number: BlockNumber) -> Hash {
        // All forks share the first blocks.
        let fork = if number < 5 { 0 } else { fork };
        Hash::from_low_u64_be((u64::from(fork) << 32) + u64::from(number))
    }

    fn number_of(hash: &Value) -> BlockNumber {
        serde_json::from_value::<Hash>(hash.clone()).unwrap().to_low_u64_be() as BlockNumber
    }

    fn answer(state: &State, method: &str, params: &Value) -> Value {
        let header = |number: BlockNumber| {
            let (zero, digest) = (Hash::zero(), Default::default());
            json!(Header::new(number, zero, zero, zero, digest))
        };
        match method {
            "chain_getFinalizedHead" => json!(block(state.fork, state.finalised)),
            "chain_getHeader" => header(params.get(0).map_or(9, number_of)),
            "chain_getBlockHash" => json!(block(state.fork, params[0].as_u64().unwrap() as BlockNumber)),
            "chain_getBlock" => {
                let number = number_of(&params[0]);
                let body: Vec<Bytes> = state.holds.iter().filter(|at| **at == number).map(|_| Bytes(vec![7])).collect();
                json!({ "block": { "header": header(number), "extrinsics": body } })
            }
            "state_getStorage" => json!(Bytes((state.nonce, 0u32, 0u32, 0u32, 0u128, 0u128, 0u128, 0u128).encode())),
            "state_call" => {
                let own = |job: &&JobView| job.requester == REQUESTER.into();
                let last = state.jobs.iter().filter(own).map(|job| job.id).max();
                json!(Bytes(match params[0].as_str().unwrap() {
                    "ComputeApi_last_job_of" => last.encode(),
                    "ComputeApi_job_count" => 9u64.encode(),
                    other => panic!("{other}"),
                }))
            }
            "compute_job" => json!(state.jobs.iter().find(|job| job.id == params[0])),
            other => panic!("{other} is not asked for"),
        }
    }

    async fn chain(state: State) -> (Chain, Arc<StdMutex<State>>) {
        let state = Arc::new(StdMutex::new(state));
        let asked = state.clone();
        let mock = Mock::new(move |method, params| Ok(answer(&asked.lock().unwrap(), method, params)));
        (Chain::over(RpcClient::new(mock), "ws://node").await.unwrap(), state)
    }

    /// A waiting job, posted in this block.
    fn job(id: JobId, requester: [u8; 32], submitted: BlockNumber) -> JobView {
        JobView { id, requester: requester.into(), submitted, ..sample::open() }
    }

    fn ticket() -> Ticket {
        let signed = Signed { bytes: vec![7], hash: Hash::zero(), account: REQUESTER.into(), nonce: 3, born: 2 };
        Ticket::posted(7, &sample::spec(), &Sent { block: Some((6, block(1, 6))), events: Vec::new(), signed })
    }

    fn state(fork: u8, jobs: Vec<JobView>) -> State {
        State { fork, holds: Some(6), finalised: 4, nonce: 3, jobs }
    }

    #[tokio::test]
    async fn a_job_is_followed_under_its_new_number_when_its_block_is_replaced() {
        let (chain, now) = chain(state(1, vec![job(7, REQUESTER, 6)])).await;
        let ticket = ticket();
        assert_eq!(ticket.now(&chain).await.unwrap().id, 7);

        // On the other fork somebody else's job has the number.
        {
            let mut now = now.lock().unwrap();
            now.jobs = vec![job(7, [9; 32], 6), job(8, REQUESTER, 7)];
            (now.fork, now.holds) = (2, Some(7));
        }
        let found = ticket.now(&chain).await.unwrap();
        assert_eq!((found.id, found.requester, ticket.id()), (8, REQUESTER.into(), 8));

        // A final block cannot be replaced: a node that claims so is not believed.
        {
            let mut now = now.lock().unwrap();
            now.finalised = 8;
        }
        assert_eq!(ticket.now(&chain).await.unwrap().id, 8);
        now.lock().unwrap().jobs[1].requester = [9; 32].into();
        assert_eq!(ticket.now(&chain).await.unwrap_err().exit, Exit::Failed);
    }

    #[tokio::test]
    async fn a_job_that_no_fork_has_is_told_as_lost() {
        for (nonce, finalised) in [(4, 8), (3, 66)] {
            let (chain, now) = chain(state(1, vec![job(7, REQUESTER, 6)])).await;
            let ticket = ticket();
            ticket.now(&chain).await.unwrap();
            {
                let mut now = now.lock().unwrap();
                (now.fork, now.holds, now.nonce, now.finalised) = (2, None, nonce, finalised);
                now.jobs[0].requester = [9; 32].into();
            }
            let error = ticket.now(&chain).await.unwrap_err();
            assert_eq!((error.exit, error.name.as_deref()), (Exit::Refused, Some("replaced")), "{error}");
        }
    }

    #[tokio::test]
    async fn another_job_of_the_requester_is_not_taken_for_it() {
        let mut other = job(8, REQUESTER, 7);
        other.global_size = [32, 1, 1];
        let jobs = vec![job(6, REQUESTER, 7), JobView { previous: Some(6), ..other }];
        let (chain, _) = chain(State { holds: Some(7), ..state(2, jobs) }).await;
        assert_eq!(ticket().now(&chain).await.unwrap().id, 6);
    }

    #[tokio::test]
    async fn a_job_is_followed_on_after_the_connection_broke() {
        let ended = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        let open = JobView { id: 7, ..sample::open() };
        let (asked, told) = (Arc::new(StdMutex::new(0)), ended.clone());
        let first = open.clone();
        let answer = move |method: &str, _: &Value| match method {
            "chain_getBlockHash" => Ok(json!(Hash::zero())),
            "state_call" => Ok(json!(Bytes(None::<Candidates>.encode()))),
            "compute_job" => {
                let mut asked = asked.lock().unwrap();
                *asked += 1;
                Ok(json!(if *asked < 3 { &first } else { &told }))
            }
            other => panic!("{other}"),
        };
        let item = json!({ "number": 5, "block": Hash::zero(), "job": open });
        let items = move |_: &str, _: &Value| Ok(vec![Ok(item.clone()), Err(broken())]);
        let chain = Chain::over(RpcClient::new(Mock::new(answer).sending(items)), "ws://node").await.unwrap();
        let mut seen = Vec::new();
        let job = follow(
            &chain,
            &Ticket::of(7),
            |_| false,
            |news| match news {
                News::Changed(_, job) => seen.push(job.ended),
                News::Waits(..) => (),
            },
        )
        .await
        .unwrap();
        assert_eq!((job, seen), (ended.clone(), vec![None, ended.ended]));
    }

    #[test]
    fn a_task_that_is_tried_again_says_why() {
        let mut job = sample::open();
        assert_eq!(attempts(&job), None);
        job.tasks[1].attempt = Some(1);
        let (attempt, worker) = (Some(0), Some([9; 32].into()));
        job.tasks[1].last_failure = Some(FailedAttemptView { attempt, worker, reason: ReasonCode::WorkerSilent });
        assert_eq!(attempts(&job).as_deref(), Some("task 1: attempt 1, after workerSilent"));
        job.tasks[2].attempt = Some(2);
        assert_eq!(attempts(&job).as_deref(), Some("task 1: attempt 1, after workerSilent; and 1 other task"));
    }
}
