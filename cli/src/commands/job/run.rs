//! `dpin job run`: post a job, wait for it, and fetch its output.

use super::{
    ended::{failures, kernel_ms, spent},
    options::{FetchArgs, LimitArgs, Until},
    post::{Posted, merge, post},
};
use crate::{
    chain::{Chain, signer::Signer},
    context::Context,
    error::Result,
    job::{
        courier::Courier,
        fetch::{Fetcher, OutFile},
        prepared::Prepared,
        spec::JobArgs,
        watch::{Progress, follow},
    },
    text::{
        amount,
        output::{bytes, count, fields},
    },
};
use clap::Args;
use dpin_primitives::AssetKind;
use dpin_rpc::JobView;
use serde_json::{Value, json};
use std::{path::PathBuf, time::Instant};

/// Arguments of `job run`.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    job: JobArgs,
    /// File to write the output to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    fetch: FetchArgs,
}

/// Post a job, wait for it, and write its verified output to a file.
///
/// # Errors
///
/// When the job is refused, a task fails, or no node serves an output that verifies.
pub(crate) async fn run(args: RunArgs, context: &Context) -> Result<()> {
    context.must_wait()?;
    let out = OutFile::open(&args.out, args.limits.force)?;
    let began = Instant::now();
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let prepared = args.job.prepare(context, &chain).await?;
    let posted = post(context, &chain, &signer, &prepared, &args.limits).await?;
    match prepared.key {
        Some(_) => context.record_delivery(posted.job(), Some(&args.out)),
        None => context.record_running(posted.job(), Some(&args.out)),
    }
    context.output.note(format!("job {} posted: {}", posted.job(), count(posted.tasks, "task")));

    let job = wait(&args, context, &chain, &signer, &prepared, &posted).await?;
    context.record_running(job.id, Some(&args.out));
    context.record_end();
    if !args.fetch.partial {
        failures(&job)?;
    }
    let mut fetcher = Fetcher::new(&chain, context.output, args.fetch.from.clone());
    let written = fetcher.write(&job, out, args.fetch.partial).await?;

    let finished = Finished {
        args: &args,
        asset: &prepared.spec.reward.asset,
        posted: &posted,
        job: &job,
        written,
        seconds: began.elapsed().as_secs_f64(),
    };
    context.output.result(&finished.to_json(), || finished.text());
    if args.fetch.partial {
        failures(&job)?;
    }
    Ok(())
}

/// Follow the job until it has reached the stage that the options name. While it is followed, the
/// key of its encrypted inputs is delivered.
async fn wait(
    args: &RunArgs,
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    prepared: &Prepared,
    posted: &Posted,
) -> Result<JobView> {
    let mut progress = Progress::new(context.output);
    let until = args.fetch.until.unwrap_or(Until::Settled);
    let ticket = &posted.ticket;
    let following = follow(chain, ticket, |job| until.reached(job), |news| progress.show(news));
    let job = match &prepared.key {
        None => following.await?,
        Some(key) => {
            let mut courier = Courier::new(context, chain, signer, ticket, key);
            tokio::select! {
                job = following => job?,
                never = courier.deliver_forever() => match never {},
            }
        }
    };
    progress.finish();
    Ok(job)
}

/// A job whose output is written.
struct Finished<'a> {
    args: &'a RunArgs,
    asset: &'a AssetKind,
    posted: &'a Posted,
    job: &'a JobView,
    /// Bytes of the output.
    written: u64,
    seconds: f64,
}

impl Finished<'_> {
    fn to_json(&self) -> Value {
        let Self { args, posted, job, written, seconds, .. } = self;
        let mut json = json!({
            "job": job.id,
            "kernel": job.kernel,
            "tasks": posted.tasks,
            "out": args.out,
            "bytes": written,
            "verified": true,
            "cost": job.ended.map(|_| spent(job).to_string()),
            "submitted": job.submitted,
            "ended": job.ended,
            "kernelMs": kernel_ms(job),
            "seconds": seconds,
        });
        merge(&mut json, posted.money_json());
        json
    }

    fn text(&self) -> String {
        let Self { args, asset, posted, job, written, seconds } = self;
        let cost = match job.ended {
            Some(_) => amount::show(spent(job), asset),
            None => format!("{} held", amount::show(posted.escrow, asset)),
        };
        let blocks =
            job.ended.map(|ended| format!(", {} blocks", ended.saturating_sub(job.submitted))).unwrap_or_default();
        fields(&[
            ("job", job.id.to_string()),
            ("output", format!("{}, {}, every byte verified", args.out.display(), bytes(*written))),
            ("cost", format!("{cost}, and {}", posted.fees())),
            ("deposits", posted.deposits()),
            ("time", format!("{seconds:.1} s{blocks}; the kernel ran {} ms", kernel_ms(job))),
        ])
    }
}
