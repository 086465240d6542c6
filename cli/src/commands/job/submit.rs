//! `dpin job submit` and `dpin job deliver-key`: post a job, and deliver the key of its inputs.

use super::{
    options::LimitArgs,
    post::{merge, post},
};
use crate::{
    chain::submit::Sent,
    context::Context,
    error::Result,
    job::{
        courier::Courier,
        key::KeyArgs,
        spec::JobArgs,
        ticket::{self, Ticket},
    },
    text::{amount, output::count},
};
use clap::Args;
use dpin_primitives::{JobId, api::JobInfo};
use serde_json::json;

/// Arguments of `job submit`.
#[derive(Args, Debug)]
pub(crate) struct SubmitArgs {
    #[command(flatten)]
    job: JobArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Post a job, and deliver the key of its encrypted inputs, if there are any.
///
/// # Errors
///
/// When the job is refused, or the node does not answer.
pub(crate) async fn run(args: SubmitArgs, context: &Context) -> Result<()> {
    context.must_wait()?;
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let prepared = args.job.prepare(context, &chain).await?;
    let posted = post(context, &chain, &signer, &prepared, &args.limits).await?;
    let (job, asset) = (posted.job(), &prepared.spec.reward.asset);
    let mut json = json!({
        "job": job,
        "kernel": prepared.spec.kernel,
        "tasks": posted.tasks,
        "transactions": posted.sent.iter().map(Sent::to_json).collect::<Vec<_>>(),
    });
    merge(&mut json, posted.money_json());
    context.output.result(&json, || {
        let held = amount::show(posted.escrow, asset);
        format!("job {job}: {}, {held} held\nfollow it with `dpin job watch {job}`", count(posted.tasks, "task"))
    });
    if let Some(key) = &prepared.key {
        context.record_delivery(job, None);
        Courier::new(context, &chain, &signer, &posted.ticket, key).deliver_until_verified().await?;
    }
    Ok(())
}

/// Deliver the key of a job that was posted from this machine.
///
/// # Errors
///
/// When there is no such job, or no key of it.
pub(crate) async fn deliver_key(job: JobId, keys: KeyArgs, context: &Context) -> Result<()> {
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let info: Option<JobInfo> = chain.api("ComputeApi_job", job).await?;
    let workers = match info {
        Some(info) => {
            let key = keys.load(&chain.genesis(), &info.spec)?;
            context.record_delivery(job, None);
            Courier::new(context, &chain, &signer, &Ticket::of(job), &key).deliver_until_verified().await?
        }
        // The job has ended, unless it never existed.
        None => ticket::look_up(&chain, job).await.map(|_| 0)?,
    };
    context.output.result(&json!({ "job": job, "workers": workers }), || {
        format!(
            "job {job}: delivered the key to {}; no other worker needs it",
            count(u32::try_from(workers).unwrap_or(u32::MAX), "worker")
        )
    });
    Ok(())
}
