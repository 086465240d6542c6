//! `dpin job watch`: follow a job until it has ended.

use super::{ended::failures, show::job_text};
use crate::{
    context::Context,
    error::Result,
    job::{
        ticket::Ticket,
        watch::{News, Progress, follow},
    },
};
use clap::Args;
use dpin_primitives::JobId;
use serde_json::Value;

/// Arguments of `job watch`.
#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    /// Number of the job
    job: JobId,
}

/// Follow a job until it has ended.
///
/// # Errors
///
/// When there is no such job, the node stays away, or a task has failed.
pub(crate) async fn run(WatchArgs { job: id }: WatchArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let ticket = Ticket::of(id);
    context.record_running(id, None);
    let job = if context.output.json {
        let line = |news: News<'_>| context.output.line(&news.to_json(), String::new);
        follow(&chain, &ticket, |_| false, line).await?
    } else {
        let mut progress = Progress::new(context.output);
        let job = follow(&chain, &ticket, |_| false, |news| progress.show(news)).await?;
        progress.finish();
        context.output.result(&Value::Null, || job_text(&job));
        job
    };
    failures(&job)
}
