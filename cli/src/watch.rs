//! Follow a job until its end.

use crate::{
    chain::{is_unknown_method, rpc_error, Chain},
    error::{Error, Exit, Result},
    output::Output,
};
use dpin_primitives::{reason::ReasonCode, BlockNumber, JobId};
use dpin_rpc::{JobItem, JobView, StageView, TaskView};
use indicatif::ProgressBar;
use std::time::Duration;
use subxt::rpcs::rpc_params;

/// How often a node without subscriptions is asked.
const TICK: Duration = Duration::from_secs(1);
/// How often a broken subscription is made anew without a word from it.
const ATTEMPTS: u32 = 5;

/// How far a task is, from 0 to [`LAST`].
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

/// A stage's name.
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

/// A stage with what matters of it.
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

/// How many tasks are in which stage: `2 settled, 1 auditing`.
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

/// A job with its tasks, or how it ended.
///
/// # Errors
///
/// When there is none, or the node does not remember it.
pub async fn job(chain: &Chain, id: JobId) -> Result<JobView> {
    let found: Option<JobView> = chain.request("compute_job", rpc_params![id]).await?;
    match found {
        Some(job) => Ok(job),
        None => Err(unknown(chain, id).await),
    }
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

/// Follow a job until `enough` says so or it has ended. `seen` is told the block's number, where known, and every change.
///
/// # Errors
///
/// When there is no such job, or the connection breaks for good.
pub async fn follow(
    chain: &Chain,
    id: JobId,
    enough: impl Fn(&JobView) -> bool,
    mut seen: impl FnMut(Option<BlockNumber>, &JobView),
) -> Result<JobView> {
    const METHOD: &str = "compute_subscribeJob";
    let done = |job: &JobView| job.ended.is_some() || enough(job);
    let mut last = job(chain, id).await?;
    seen(None, &last);
    let mut silent = 0;
    while !done(&last) && silent < ATTEMPTS {
        let subscribed = chain.rpc().subscribe::<JobItem>(METHOD, rpc_params![id], "compute_unsubscribeJob").await;
        let mut items = match subscribed.map_err(|error| rpc_error(METHOD, error)) {
            Ok(items) => items,
            Err(error) if is_unknown_method(&error) => return poll(chain, id, last, done, seen).await,
            Err(error) if error.exit == Exit::Connection => {
                return Err(error.hint(format!("`dpin job watch {id}` goes on")))
            }
            // The job may have ended in between, or the node serves too many subscriptions.
            Err(_) => return poll(chain, id, last, done, seen).await,
        };
        silent += 1;
        while let Some(item) = items.next().await {
            let JobItem { number, job, .. } =
                item.map_err(|error| rpc_error(METHOD, error).hint(format!("`dpin job watch {id}` goes on")))?;
            silent = 0;
            if job != last {
                last = job;
                seen(Some(number), &last);
            }
            if done(&last) {
                return Ok(last);
            }
        }
        tokio::time::sleep(TICK).await;
        last = self::job(chain, id).await?;
    }
    poll(chain, id, last, done, seen).await
}

async fn poll(
    chain: &Chain,
    id: JobId,
    mut last: JobView,
    done: impl Fn(&JobView) -> bool,
    mut seen: impl FnMut(Option<BlockNumber>, &JobView),
) -> Result<JobView> {
    while !done(&last) {
        tokio::time::sleep(TICK).await;
        let now = job(chain, id).await.map_err(|error| match error.exit {
            Exit::Connection => error.hint(format!("`dpin job watch {id}` goes on")),
            _ => error,
        })?;
        if now != last {
            last = now;
            seen(None, &last);
        }
    }
    Ok(last)
}

/// Shows how far a job is: a bar on a terminal, else a line for each change.
pub struct Progress {
    output: Output,
    bar: ProgressBar,
    last: String,
}

impl Progress {
    /// For a job.
    pub fn new(output: Output) -> Self {
        Self { output, bar: output.bar(0, false), last: String::new() }
    }

    /// The job has changed.
    pub fn show(&mut self, number: Option<BlockNumber>, job: &JobView) {
        let text = summary(job);
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

    /// The last word.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
