//! `dpin job output`: fetch a job's output.

use super::options::{FetchArgs, Until};
use crate::{
    context::Context,
    error::Result,
    job::{
        fetch::{Fetcher, OutFile},
        ticket::Ticket,
        watch::{Progress, follow},
    },
    text::output::bytes,
};
use clap::Args;
use dpin_primitives::{JobId, api::TaskStage};
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `job output`.
#[derive(Args, Debug)]
pub(crate) struct OutputArgs {
    /// Number of the job
    job: JobId,
    /// File to write the output to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file of --out if it exists
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    fetch: FetchArgs,
}

/// Fetch a job's output as soon as it is there, and write it to a file.
///
/// # Errors
///
/// When the file cannot be written, or no node serves an output that verifies.
pub(crate) async fn run(args: OutputArgs, context: &Context) -> Result<()> {
    let out = OutFile::open(&args.out, args.force)?;
    let chain = context.chain().await?;
    context.record_running(args.job, Some(&args.out));
    let mut progress = Progress::new(context.output);
    // Outputs that exist may be fetched at once.
    let until = args.fetch.until.unwrap_or(Until::Committed);
    let ticket = Ticket::of(args.job);
    let job = follow(&chain, &ticket, |job| until.reached(job), |news| progress.show(news)).await?;
    progress.finish();
    context.record_end();
    let mut fetcher = Fetcher::new(&chain, context.output, args.fetch.from);
    let written = fetcher.write(&job, out, args.fetch.partial).await?;
    let checked = job.tasks.iter().all(|task| matches!(task.stage, TaskStage::Verified { .. } | TaskStage::Settled));
    let json = json!({ "job": args.job, "out": args.out, "bytes": written, "audited": checked });
    context.output.result(&json, || {
        let note = if checked { "" } else { "; its audit has not ended yet, so it may still be found wrong" };
        format!("{}: {}, as committed on the chain{note}", args.out.display(), bytes(written))
    });
    Ok(())
}
