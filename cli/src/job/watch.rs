//! Follow a job until its end.

use crate::{
    chain::{Chain, errors::rpc_error},
    error::{Exit, Result},
    job::{outlook, ticket::Ticket},
    text::output::{Output, count},
};
use dpin_primitives::{
    BlockNumber, TaskId,
    api::{Milestone, TaskStage},
    candidates::{Candidates, WithOutlook},
    reason::ReasonCode,
};
use dpin_rpc::{JobItem, JobView, TaskView};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::time::Duration;
use subxt::rpcs::rpc_params;

/// Interval at which a node without subscriptions is polled.
const TICK: Duration = Duration::from_secs(1);
/// Most consecutive attempts to renew a broken subscription that sends nothing.
const ATTEMPTS: u32 = 5;
/// Time without a change after which the job is requested: the connection may be dead.
const SILENCE: Duration = Duration::from_secs(10);

/// The stage of a task, with its main details.
pub(crate) fn stage_text(task: &TaskView) -> String {
    match (&task.stage, task.stage.due()) {
        (TaskStage::Failed { reason }, _) => format!("failed: {}", reason_name(reason)),
        (stage, Some(due)) => format!("{}, until block {due}", stage.name()),
        (stage, None) => stage.name().into(),
    }
}

/// A reason's code, with the hash of its log.
pub(crate) fn reason_name(reason: &ReasonCode) -> String {
    let code = reason.code();
    match reason.log() {
        Some(log) => format!("{code}, log {log:?}"),
        None => code.into(),
    }
}

/// The number of tasks in each stage: `2 settled, 1 auditing`.
pub(crate) fn summary(job: &JobView) -> String {
    let mut stages: Vec<(Milestone, &'static str, usize)> = Vec::new();
    for task in &job.tasks {
        let name = task.stage.name();
        match stages.iter_mut().find(|(_, other, _)| *other == name) {
            Some((_, _, count)) => *count += 1,
            None => stages.push((task.stage.milestone(), name, 1)),
        }
    }
    stages.sort_by_key(|(milestone, ..)| std::cmp::Reverse(*milestone));
    let parts: Vec<String> = stages.into_iter().map(|(_, name, count)| format!("{count} {name}")).collect();
    parts.join(", ")
}

/// The tasks that are tried again, with the reason: `task 0: attempt 1, after workerSilent`.
/// Attempts are counted from 0.
fn attempts(job: &JobView) -> Option<String> {
    let again: Vec<(u32, u8)> = job
        .tasks
        .iter()
        .filter(|task| task.stage.milestone() < Milestone::Ended)
        .filter_map(|task| Some((task.index, task.attempt.filter(|attempt| *attempt > 0)?)))
        .collect();
    let (index, attempt) = *again.first()?;
    let reason =
        job.tasks.iter().find(|task| task.index == index).and_then(|task| Some(task.last_failure.as_ref()?.reason));
    let after = reason.map(|reason| format!(", after {}", reason_name(&reason))).unwrap_or_default();
    let more = match again.len() {
        1 => String::new(),
        all => format!("; and {}", count(all as u32 - 1, "other task")),
    };
    Some(format!("task {index}: attempt {attempt}{after}{more}"))
}

/// News of a job that is followed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News<'a> {
    /// It changed, in the block with this number, if known.
    Changed(Option<BlockNumber>, &'a JobView),
    /// Nothing changes: the task with this index waits for a worker, and these could take it.
    Waits(&'a JobView, u32, &'a Candidates),
}

impl News<'_> {
    /// Convert to JSON.
    pub(crate) fn to_json(self) -> Value {
        match self {
            Self::Changed(number, job) => json!({ "number": number, "job": job }),
            Self::Waits(job, index, candidates) => {
                let candidates = WithOutlook::from(candidates.clone());
                json!({ "waits": { "task": TaskId { job: job.id, index }, "candidates": candidates } })
            }
        }
    }
}

/// The first task that waits for a worker, and its candidates; `None` if there is none, or the
/// chain does not answer.
async fn waiting(chain: &Chain, job: &JobView) -> Option<(u32, Candidates)> {
    let index = job.tasks.iter().find(|task| task.stage.milestone() == Milestone::Queued)?.index;
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
pub(crate) async fn follow(
    chain: &Chain,
    ticket: &Ticket,
    enough: impl Fn(&JobView) -> bool,
    mut seen: impl FnMut(News<'_>),
) -> Result<JobView> {
    let first = ticket.now(chain).await?;
    seen(News::Changed(None, &first));
    let mut follower = Follower { chain, ticket, last: first, enough, seen };
    let mut silent = 0;
    while !follower.is_done() && silent < ATTEMPTS {
        let Some(received) = follower.receive().await? else { break };
        silent = if received { 0 } else { silent + 1 };
        if follower.is_done() {
            break;
        }
        if follower.look_up().await? {
            silent = 0;
        } else {
            follower.explain_wait().await;
        }
        if !follower.is_done() {
            tokio::time::sleep(TICK).await;
        }
    }
    follower.poll().await
}

/// A job that is followed, as it was seen last.
struct Follower<'a, Enough, Seen> {
    chain: &'a Chain,
    ticket: &'a Ticket,
    last: JobView,
    enough: Enough,
    seen: Seen,
}

impl<Enough: Fn(&JobView) -> bool, Seen: FnMut(News<'_>)> Follower<'_, Enough, Seen> {
    fn is_done(&self) -> bool {
        self.last.ended.is_some() || (self.enough)(&self.last)
    }

    /// Subscribe to the job, and report its changes until nothing comes for [`SILENCE`]. Returns
    /// whether anything came; `None` if the node serves no subscription.
    async fn receive(&mut self) -> Result<Option<bool>> {
        const METHOD: &str = "compute_subscribeJob";
        let params = rpc_params![self.ticket.id()];
        let subscribed = self.chain.rpc().subscribe::<JobItem>(METHOD, params, "compute_unsubscribeJob").await;
        let mut items = match subscribed.map_err(|error| rpc_error(METHOD, error)) {
            Ok(items) => items,
            Err(error) if error.exit == Exit::Connection => return Err(error),
            // The job may have ended in between. Or the node has no subscriptions, or serves too
            // many.
            Err(_) => return Ok(None),
        };
        let mut received = false;
        // Silence may mean a dead connection, or a job that waits and does not change.
        while let Ok(Some(Ok(item))) = tokio::time::timeout(SILENCE, items.next()).await {
            received = true;
            let JobItem { number, mut job, .. } = item;
            if job != self.last {
                if self.ticket.may_move() {
                    job = self.ticket.now(self.chain).await?;
                }
                self.last = job;
                (self.seen)(News::Changed(Some(number), &self.last));
            }
            // The number may have changed, and the subscription has the old one.
            if self.is_done() || self.last.id != self.ticket.id() {
                break;
            }
        }
        Ok(Some(received))
    }

    /// Request the job, and report it if it has changed. Returns whether it has.
    async fn look_up(&mut self) -> Result<bool> {
        let now = self.ticket.now(self.chain).await?;
        let is_new = now != self.last;
        if is_new {
            self.last = now;
            (self.seen)(News::Changed(None, &self.last));
        }
        Ok(is_new)
    }

    /// Report why a task still waits, if one does.
    async fn explain_wait(&mut self) {
        if let Some((index, candidates)) = waiting(self.chain, &self.last).await {
            (self.seen)(News::Waits(&self.last, index, &candidates));
        }
    }

    /// Request the job again and again until it is done.
    async fn poll(mut self) -> Result<JobView> {
        while !self.is_done() {
            tokio::time::sleep(TICK).await;
            self.look_up().await?;
        }
        Ok(self.last)
    }
}

/// Shows the progress of a job: a bar on a terminal, else a line for each change.
pub(crate) struct Progress {
    output: Output,
    bar: ProgressBar,
    last: String,
}

impl Progress {
    /// A progress display for one job.
    pub(crate) fn new(output: Output) -> Self {
        Self { output, bar: output.bar(0, false), last: String::new() }
    }

    /// Show a change.
    pub(crate) fn show(&mut self, news: News<'_>) {
        let (number, job, more) = match news {
            News::Changed(number, job) => (number, job, None),
            News::Waits(job, index, candidates) => {
                (None, job, Some(format!("task {index}: {}", outlook::wait_reason(candidates))))
            }
        };
        let more: Vec<String> = attempts(job).into_iter().chain(more).collect();
        let text = match more.is_empty() {
            true => summary(job),
            false => format!("{} ({})", summary(job), more.join("; ")),
        };
        if self.output.draws() {
            self.bar.set_length(Milestone::Ended as u64 * job.tasks.len() as u64);
            self.bar.set_position(job.tasks.iter().map(|task| task.stage.milestone() as u64).sum());
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
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::mock::{Mock, broken},
        job::sample,
    };
    use codec::Encode;
    use dpin_primitives::Hash;
    use dpin_rpc::FailedAttemptView;
    use polkadot_sdk::sp_core::Bytes;
    use std::sync::{Arc, Mutex as StdMutex};
    use subxt::rpcs::RpcClient;

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
