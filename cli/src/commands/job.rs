//! `dpin job`: post jobs, follow them, fetch what they computed.

use crate::{
    amount::{self, Money},
    call::Call,
    chain::Chain,
    confidential::{Courier, KeyArgs},
    context::Context,
    error::{Error, Result},
    fetch::Fetcher,
    log::{self, Log},
    output::{self, bytes, count, fields, short, table},
    parse,
    quote::Quoted,
    signer::Signer,
    spec::{JobArgs, Prepared},
    submit::Sent,
    watch::{self, follow, stage_text, Progress},
};
use clap::{Args, Subcommand, ValueEnum};
use dpin_primitives::{job::TaskCost, AccountId, Balance, Hash, JobId, KernelId, TaskId};
use dpin_rpc::{JobView, JobsPage, StageView, TaskEventView};
use serde_json::{json, Value};
use std::{path::PathBuf, time::Instant};
use subxt::rpcs::rpc_params;

/// Post jobs, follow them, fetch what they computed
#[derive(Subcommand, Debug)]
pub enum JobCommand {
    /// Do everything: store, register, post, wait, fetch, verify, write
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// What a job would cost, and how long it would take. Sends nothing
    Quote(QuoteArgs),
    /// Post a job, after storing its inputs and registering its kernel where that is needed
    Submit(SubmitArgs),
    /// Follow a job until it has ended
    Watch(WatchArgs),
    /// Fetch a job's output from the workers, verify it against the chain, and write it to a file
    Output(OutputArgs),
    /// Take back the tasks of a job that no worker has yet; they are refunded in full
    Cancel {
        /// The job
        job: JobId,
    },
    /// Bring the key of a job's encrypted inputs to the workers it is given to, until all tasks are verified
    DeliverKey {
        /// The job
        job: JobId,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// The jobs of an account, newest first
    List(ListArgs),
    /// A job, or what happened to one of its tasks
    #[command(after_help = "Examples:\n  dpin job show 7\n  dpin job show 7 --task 0      # the task's history")]
    Show {
        /// The job
        job: JobId,
        /// Tell the history of this task
        #[arg(long, value_name = "INDEX")]
        task: Option<u32>,
    },
    /// What the compiler or a run said where a task failed: the log that its reason names, checked against its hash
    #[command(
        after_help = "Examples:\n  dpin job log 7\n  dpin job log 7 --task 2\n  dpin job log 7 --hash 0x…   # of another attempt"
    )]
    Log(LogArgs),
}

const RUN_EXAMPLES: &str = "Examples:
  dpin --dev bob job run kernels/mandelbrot/mandelbrot.cl --global 512x512 \\
      --scalar -134217728 --scalar 0 --scalar 1572864 --scalar 1000 \\
      --reward 1DPN --auditors 0 --out counts.bin

  dpin --key-file me.json job run blur.cl --global 1024x1024 --scalar 1.5f32 \\
      --in a.bin --out b.bin --reward 0.5BLC --auditors 2 --samples 32 --max-cost 10BLC

The output is what the tasks wrote, one after the other: tile by tile, in the order of the work-groups.
Ctrl-C leaves the job running; `dpin job watch` and `dpin job output` go on from there.";

/// What `job run` takes.
#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    job: JobArgs,
    /// Write the output to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Post nothing if the job would cost more, all tasks together: 10DPN
    #[arg(long, value_name = "AMOUNT")]
    max_cost: Option<Money>,
    #[command(flatten)]
    fetch: FetchArgs,
}

/// How outputs are fetched.
#[derive(Args, Debug)]
pub struct FetchArgs {
    /// Fetch as soon as every task has come so far [default: `run` waits for settled, `output` for committed]
    #[arg(long, value_enum)]
    until: Option<Until>,
    /// Ask this node for the output instead of the workers' nodes. It is verified all the same
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Write the outputs there are, even if tasks have failed. Their places in the file are zeros
    #[arg(long)]
    partial: bool,
}

/// How far a job must be.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Until {
    /// The worker has committed; nothing is checked yet
    Committed,
    /// The result was found right; it may still be challenged
    Verified,
    /// The job has ended and is paid for
    Settled,
}

impl Until {
    fn reached(self, job: &JobView) -> bool {
        let least = match self {
            Self::Committed => 2,
            Self::Verified => 5,
            Self::Settled => watch::LAST,
        };
        job.ended.is_some() || job.tasks.iter().all(|task| watch::rank(&task.stage) >= least)
    }
}

/// What `job quote` takes.
#[derive(Args, Debug)]
pub struct QuoteArgs {
    #[command(flatten)]
    job: JobArgs,
}

/// What `job submit` takes.
#[derive(Args, Debug)]
pub struct SubmitArgs {
    #[command(flatten)]
    job: JobArgs,
    /// Post nothing if the job would cost more, all tasks together: 10DPN
    #[arg(long, value_name = "AMOUNT")]
    max_cost: Option<Money>,
}

/// What `job watch` takes.
#[derive(Args, Debug)]
pub struct WatchArgs {
    /// The job
    job: JobId,
}

/// What `job output` takes.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// The job
    job: JobId,
    /// Write the output to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    fetch: FetchArgs,
}

/// What `job list` takes.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Whose jobs [default: of the account that signs]
    #[arg(value_parser = parse::account)]
    account: Option<AccountId>,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// Go on before this job
    #[arg(long, value_name = "JOB")]
    before: Option<JobId>,
}

/// What `job log` takes.
#[derive(Args, Debug)]
pub struct LogArgs {
    /// The job
    job: JobId,
    /// Of this task [default: the first that has failed with a log]
    #[arg(long, value_name = "INDEX")]
    task: Option<u32>,
    /// The log with this hash [default: the one that the task's reason names]
    #[arg(long, value_name = "HASH", value_parser = parse::hash)]
    hash: Option<Hash>,
    /// Ask this node for it instead of yours and the worker's. It is checked all the same
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

/// Run it.
///
/// # Errors
///
/// As the command may fail.
pub async fn run(command: JobCommand, context: &Context) -> Result<()> {
    match command {
        JobCommand::Run(args) => run_job(args, context).await,
        JobCommand::Quote(args) => quote(args, context).await,
        JobCommand::Submit(args) => submit(args, context).await,
        JobCommand::Watch(args) => watch_job(args.job, context).await,
        JobCommand::Output(args) => output(args, context).await,
        JobCommand::Cancel { job } => {
            context.act(Call::cancel_job(job), &format!("job {job}: cancelled what no worker had")).await
        }
        JobCommand::DeliverKey { job, keys } => deliver_key(job, keys, context).await,
        JobCommand::List(args) => list(args, context).await,
        JobCommand::Show { job, task: None } => show(job, context).await,
        JobCommand::Show { job, task: Some(index) } => history(job, index, context).await,
        JobCommand::Log(args) => log(args, context).await,
    }
}

async fn quote(args: QuoteArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let prepared = args.job.prepare(context, &chain).await?;
    let quoted = Quoted::ask(&chain, &prepared.spec).await?;
    context.output.result(&quoted.to_json(), || quoted.text());
    Ok(())
}

/// A job that was posted.
struct Posted {
    job: JobId,
    tasks: u32,
    escrow: Balance,
    sent: Vec<Sent>,
}

impl Posted {
    /// Fees of the transactions in planck, if they were paid in DPN.
    fn fees(&self) -> Option<Balance> {
        self.sent.iter().map(Sent::fee).sum()
    }
}

async fn post(
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    prepared: &Prepared,
    max_cost: Option<Money>,
) -> Result<Posted> {
    let asset = prepared.spec.reward.asset.clone();
    let most = max_cost
        .map(|most| most.resolve(Some(asset.clone())).map_err(|problem| Error::usage(format!("--max-cost: {problem}"))))
        .transpose()?;
    let mut sent = prepared.establish(context, chain, signer).await?;
    let quoted = Quoted::ask(chain, &prepared.spec).await?;
    context.output.note(quoted.sentence());
    if let Some((_, most)) = most.filter(|(_, most)| quoted.fees.total > *most) {
        return Err(Error::refused(format!(
            "the job would cost {}, more than --max-cost {}",
            amount::show(quoted.fees.total, &asset),
            amount::show(most, &asset)
        ))
        .hint("lower --reward, --tasks or --auditors, or allow more"));
    }
    // Without its key the job would be lost money.
    let kept = prepared.key.as_ref().map(|key| prepared.keys.keep(key)).transpose()?;
    let posted = context.send(chain, signer, &Call::submit_job(&prepared.spec)).await?;
    let (job, _, _, tasks, escrow): (JobId, AccountId, KernelId, u32, Balance) =
        posted.event("Jobs", "JobSubmitted")?;
    if let Some(kept) = kept {
        kept.belongs_to(&chain.genesis(), job)?;
    }
    sent.push(posted);
    Ok(Posted { job, tasks, escrow, sent })
}

async fn submit(args: SubmitArgs, context: &Context) -> Result<()> {
    context.must_wait()?;
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let prepared = args.job.prepare(context, &chain).await?;
    let posted = post(context, &chain, &signer, &prepared, args.max_cost).await?;
    let asset = &prepared.spec.reward.asset;
    let json = json!({
        "job": posted.job,
        "kernel": prepared.spec.kernel,
        "tasks": posted.tasks,
        "held": posted.escrow.to_string(),
        "transactionFees": posted.fees().map(|fees| fees.to_string()),
        "transactions": posted.sent.iter().map(Sent::to_json).collect::<Vec<_>>(),
    });
    context.output.result(&json, || {
        let held = amount::show(posted.escrow, asset);
        format!(
            "job {}: {}, {held} held\nfollow it with `dpin job watch {}`",
            posted.job,
            count(posted.tasks, "task"),
            posted.job
        )
    });
    if let Some(key) = &prepared.key {
        context.delivers(posted.job, None);
        Courier::new(context, &chain, &signer, posted.job, key).until_verified().await?;
    }
    Ok(())
}

async fn deliver_key(job: JobId, keys: KeyArgs, context: &Context) -> Result<()> {
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let key = keys.load(&chain.genesis(), job)?;
    context.delivers(job, None);
    let workers = Courier::new(context, &chain, &signer, job, &key).until_verified().await?;
    context.output.result(&json!({ "job": job, "workers": workers }), || {
        format!(
            "job {job}: gave the key to {}; nobody needs it now",
            count(u32::try_from(workers).unwrap_or(u32::MAX), "worker")
        )
    });
    Ok(())
}

async fn watch_job(id: JobId, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    context.runs(id, None);
    let job = if context.output.json {
        let line = |number, job: &JobView| context.output.line(&json!({ "number": number, "job": job }), String::new);
        follow(&chain, id, |_| false, line).await?
    } else {
        let mut progress = Progress::new(context.output);
        let job = follow(&chain, id, |_| false, |number, job| progress.show(number, job)).await?;
        progress.finish();
        context.output.result(&Value::Null, || job_text(&job));
        job
    };
    failures(&job)
}

async fn output(args: OutputArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    context.runs(args.job, Some(&args.out));
    let mut progress = Progress::new(context.output);
    // What is there may be fetched right away.
    let until = args.fetch.until.unwrap_or(Until::Committed);
    let job = follow(&chain, args.job, |job| until.reached(job), |number, job| progress.show(number, job)).await?;
    progress.finish();
    let written =
        Fetcher::new(&chain, context.output, args.fetch.from).write(&job, &args.out, args.fetch.partial).await?;
    let checked = job.tasks.iter().all(|task| matches!(task.stage, StageView::Verified { .. } | StageView::Settled));
    let json = json!({ "job": args.job, "out": args.out, "bytes": written, "audited": checked });
    context.output.result(&json, || {
        let note = if checked { "" } else { "; its audit has not ended yet, so it may still turn out wrong" };
        format!("{}: {}, as committed to on chain{note}", args.out.display(), bytes(written))
    });
    Ok(())
}

async fn run_job(args: RunArgs, context: &Context) -> Result<()> {
    context.must_wait()?;
    let began = Instant::now();
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let prepared = args.job.prepare(context, &chain).await?;
    let posted = post(context, &chain, &signer, &prepared, args.max_cost).await?;
    match prepared.key {
        Some(_) => context.delivers(posted.job, Some(&args.out)),
        None => context.runs(posted.job, Some(&args.out)),
    }
    context.output.note(format!("job {} posted: {}", posted.job, count(posted.tasks, "task")));

    let mut progress = Progress::new(context.output);
    let until = args.fetch.until.unwrap_or(Until::Settled);
    let following = follow(&chain, posted.job, |job| until.reached(job), |number, job| progress.show(number, job));
    let job = match &prepared.key {
        None => following.await?,
        Some(key) => {
            let mut courier = Courier::new(context, &chain, &signer, posted.job, key);
            tokio::select! {
                job = following => job?,
                never = courier.forever() => match never {},
            }
        }
    };
    progress.finish();
    if !args.fetch.partial {
        failures(&job)?;
    }
    let written =
        Fetcher::new(&chain, context.output, args.fetch.from).write(&job, &args.out, args.fetch.partial).await?;

    let asset = prepared.spec.reward.asset.clone();
    let cost = job.ended.map(|_| spent(&job));
    let json = json!({
        "job": posted.job,
        "kernel": prepared.spec.kernel,
        "tasks": posted.tasks,
        "out": args.out,
        "bytes": written,
        "verified": true,
        "held": posted.escrow.to_string(),
        "cost": cost.map(|cost| cost.to_string()),
        "transactionFees": posted.fees().map(|fees| fees.to_string()),
        "submitted": job.submitted,
        "ended": job.ended,
        "kernelMs": kernel_ms(&job),
        "seconds": began.elapsed().as_secs_f64(),
    });
    context.output.result(&json, || {
        let cost = match cost {
            Some(cost) => amount::show(cost, &asset),
            None => format!("{} held", amount::show(posted.escrow, &asset)),
        };
        let fees = match posted.fees() {
            Some(fees) => format!("{} for transactions", amount::dpn(fees)),
            None => "the fees of transactions".into(),
        };
        let blocks =
            job.ended.map(|ended| format!(", {} blocks", ended.saturating_sub(job.submitted))).unwrap_or_default();
        fields(&[
            ("job", posted.job.to_string()),
            ("output", format!("{}, {}, every byte verified", args.out.display(), bytes(written))),
            ("cost", format!("{cost}, and {fees}")),
            ("time", format!("{:.1} s{blocks}; the kernel ran {} ms", began.elapsed().as_secs_f64(), kernel_ms(&job))),
        ])
    });
    if args.fetch.partial {
        failures(&job)?;
    }
    Ok(())
}

/// Time the kernel ran on devices for the results, in ms.
fn kernel_ms(job: &JobView) -> u64 {
    job.tasks.iter().filter_map(|task| task.commitment).map(|commitment| u64::from(commitment.kernel_ms)).sum()
}

/// What an ended job has cost, in its asset's smallest unit: what was held less what came back.
fn spent(job: &JobView) -> Balance {
    let cost = TaskCost {
        reward: job.cost.reward.0,
        per_auditor: job.cost.per_auditor.0,
        auditors: job.audit.auditors,
        fee: job.cost.fee.0,
        worker_fee: job.cost.worker_fee.0,
    };
    let of_task = |stage: &StageView, sealed: usize| match stage {
        StageView::Settled => {
            let sealed = u32::try_from(sealed).unwrap_or(u32::MAX);
            cost.total().saturating_sub(cost.settlement(sealed).refund)
        }
        StageView::Failed { reason } if reason.is_requesters() => cost.fee,
        _ => 0,
    };
    job.tasks.iter().map(|task| of_task(&task.stage, task.auditors.len())).sum()
}

/// An error if a task has failed.
fn failures(job: &JobView) -> Result<()> {
    let reasons: Vec<String> = job
        .tasks
        .iter()
        .filter_map(|task| match &task.stage {
            StageView::Failed { reason } => Some(format!("task {}: {}", task.index, watch::reason_name(reason))),
            _ => None,
        })
        .collect();
    if reasons.is_empty() {
        return Ok(());
    }
    let logged =
        job.tasks.iter().any(|task| matches!(&task.stage, StageView::Failed { reason } if reason.log().is_some()));
    let hint = if logged {
        format!("`dpin job log {}` prints what the compiler or the run said", job.id)
    } else {
        format!("`dpin job show {}` tells more; what was not spent is back in your account", job.id)
    };
    Err(Error::job_failed(format!(
        "job {}: {} of {} tasks failed: {}",
        job.id,
        reasons.len(),
        job.tasks.len(),
        reasons.join("; ")
    ))
    .hint(hint))
}

fn job_text(job: &JobView) -> String {
    let asset = job.asset.into();
    let [x, y, z] = job.global_size;
    let head = fields(&[
        ("job", job.id.to_string()),
        (
            "state",
            job.ended.map_or_else(
                || watch::summary(job),
                |block| format!("ended in block {block}: {}", watch::summary(job)),
            ),
        ),
        ("requester", job.requester.to_string()),
        ("kernel", format!("{:?}", job.kernel)),
        ("global", format!("{x} x {y} x {z} work-items")),
        ("reward", format!("{} a task", amount::show(job.cost.reward.0, &asset))),
        (
            "cost",
            match job.ended {
                Some(_) => amount::show(spent(job), &asset),
                None => format!("{} held a task", amount::show(job.cost.total.0, &asset)),
            },
        ),
        ("posted", format!("in block {}", job.submitted)),
    ]);
    let rows = job
        .tasks
        .iter()
        .map(|task| {
            vec![
                task.index.to_string(),
                stage_text(task),
                task.worker.as_ref().map(short).unwrap_or_default(),
                task.commitment.map(|commitment| bytes(commitment.output_len)).unwrap_or_default(),
                task.auditors.iter().filter(|auditor| auditor.sealed).count().to_string(),
                task.attempt.map(|attempt| (u32::from(attempt) + 1).to_string()).unwrap_or_default(),
            ]
        })
        .collect();
    format!("{head}\n\n{}", table(&["task", "stage", "worker", "output", "seals", "attempt"], rows))
}

async fn show(id: JobId, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let job = watch::job(&chain, id).await?;
    context.output.result(&output::json(&job), || job_text(&job));
    Ok(())
}

async fn history(job: JobId, index: u32, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    watch::job(&chain, job).await?;
    let task = TaskId { job, index };
    let events: Value = chain.request("compute_taskHistory", rpc_params![task]).await?;
    context.output.result(&events, || {
        let rows = events.as_array().into_iter().flatten().map(|event| {
            let step = &event["step"];
            let details: Vec<String> = step
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, value)| *name != "name" && !value.is_null())
                .map(|(name, value)| format!("{name} {}", plain(value)))
                .collect();
            vec![plain(&event["block"]), plain(&event["attempt"]), plain(&step["name"]), details.join(", ")]
        });
        table(&["block", "attempt", "step", ""], rows.collect())
    });
    Ok(())
}

async fn log(args: LogArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let job = watch::job(&chain, args.job).await?;
    if let Some(index) = args.task.filter(|index| job.tasks.iter().all(|task| task.index != *index)) {
        let last = job.tasks.len().saturating_sub(1);
        return Err(Error::usage(format!("job {} has no task {index}; its tasks are 0 to {last}", job.id))
            .hint(format!("`dpin job show {}` lists them", job.id)));
    }
    // Attempts that came to nothing before another one succeeded are looked for where a task is named.
    let looked_at = job.tasks.iter().filter(|task| match args.task {
        Some(index) => task.index == index,
        None => args.hash.is_some() || log::last_failure(task).is_some(),
    });
    let mut logs = Vec::new();
    for task in looked_at {
        let id = TaskId { job: job.id, index: task.index };
        let history: Vec<TaskEventView> = chain.request("compute_taskHistory", rpc_params![id]).await?;
        logs.extend(log::of_task(task, &history));
    }
    let (hash, found) = chosen(&job, &logs, args.hash)?;
    let worker = found.and_then(|log| log.worker.as_ref());
    let (bytes, from) = log::fetch(&chain, hash, worker, args.from.as_deref()).await?;

    let others: Vec<&Log> = logs.iter().filter(|log| log.hash != hash).collect();
    if let Some(log) = found {
        context.output.note(format!("{}, from {from}", log_text(log)));
    }
    for log in &others {
        context.output.note(format!("another is {:?}: {}", log.hash, log_text(log)));
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut json = found.map_or_else(|| json!({ "log": hash }), log_json);
    json["job"] = job.id.into();
    json["from"] = from.into();
    json["bytes"] = bytes.len().into();
    json["text"] = Value::from(&*text);
    json["others"] = others.into_iter().map(log_json).collect();
    context.output.result(&json, || output::printable(&text));
    Ok(())
}

/// The log to print: the one that was asked for, of which nothing need be known, or the first.
fn chosen<'a>(job: &JobView, logs: &'a [Log], asked: Option<Hash>) -> Result<(Hash, Option<&'a Log>)> {
    if let Some(hash) = asked {
        return Ok((hash, logs.iter().find(|log| log.hash == hash)));
    }
    let first = logs.first().ok_or_else(|| {
        let reasons: Vec<String> = job
            .tasks
            .iter()
            .filter_map(|task| Some(format!("task {}: {}", task.index, watch::reason_name(&log::last_failure(task)?))))
            .collect();
        let message = match reasons.is_empty() {
            true => format!("no task of job {} has failed", job.id),
            false => format!("no failed attempt of job {} names a log: {}", job.id, reasons.join("; ")),
        };
        Error::failed(message).hint(format!(
            "`dpin job show {} --task INDEX` tells what happened to a task; --task INDEX looks at all its attempts here",
            job.id
        ))
    })?;
    Ok((first.hash, Some(first)))
}

fn log_text(log: &Log) -> String {
    let by = log.worker.as_ref().map(|worker| format!(" by {worker}")).unwrap_or_default();
    let attempt = log.attempt.map(|attempt| format!(", attempt {}{by}", u32::from(attempt) + 1)).unwrap_or_default();
    format!("task {}{attempt}: {}", log.task, watch::reason_code(&log.reason))
}

fn log_json(log: &Log) -> Value {
    json!({ "log": log.hash, "task": log.task, "attempt": log.attempt, "worker": log.worker, "reason": log.reason })
}

async fn list(args: ListArgs, context: &Context) -> Result<()> {
    let account = context.account(&args.account)?;
    let chain = context.chain().await?;
    let page: JobsPage = chain.request("compute_jobs", rpc_params![&account, args.before, args.limit]).await?;
    context.output.result(&output::json(&page), || {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let rows = page.jobs.iter().map(|job| {
            let reward = job.reward.map(|reward| amount::show(reward.per_task.0, &reward.asset.into()));
            vec![
                job.id.to_string(),
                plain(&output::json(job.state)),
                number(job.tasks),
                number(job.open),
                number(job.settled),
                number(job.failed),
                reward.unwrap_or_default(),
                number(job.submitted),
                number(job.ended),
                job.kernel.map(|kernel| short(format!("{kernel:?}"))).unwrap_or_default(),
            ]
        });
        let text = table(
            &["job", "state", "tasks", "open", "settled", "failed", "reward", "posted", "ended", "kernel"],
            rows.collect(),
        );
        match page.next {
            Some(next) => format!("{text}\nmore with --before {next}"),
            None => text,
        }
    });
    Ok(())
}

/// A value of JSON without quotes; nothing for null.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Exit, sample};
    use dpin_primitives::reason::ReasonCode;

    #[test]
    fn a_job_costs_what_did_not_come_back() {
        // Settled with one auditor of two: 1,000 and 10 and 50. The kernel's fault costs the fee; everything else comes back.
        assert_eq!(spent(&sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker])), 1_070);
        assert_eq!(spent(&sample::ended([ReasonCode::NoWorker, ReasonCode::Cancelled])), 1_060);
    }

    #[test]
    fn failed_tasks_are_told_with_their_reasons() {
        let job = sample::ended([ReasonCode::Timeout, ReasonCode::BuildFailed { log: Hash::repeat_byte(9) }]);
        let error = failures(&job).unwrap_err();
        assert_eq!(error.exit, Exit::JobFailed);
        assert!(
            error.message.contains("2 of 3 tasks failed: task 1: timeout; task 2: buildFailed, log 0x0909"),
            "{error}"
        );
    }

    #[test]
    fn the_log_of_the_first_failure_is_printed_unless_another_is_asked_for() {
        let (one, two, unknown) = (Hash::repeat_byte(1), Hash::repeat_byte(2), Hash::repeat_byte(3));
        let job = sample::ended([ReasonCode::BuildFailed { log: one }, ReasonCode::KernelFault { log: two }]);
        assert!(failures(&job).unwrap_err().hint.unwrap().contains("dpin job log 7"));
        let logs: Vec<Log> = job.tasks.iter().flat_map(|task| log::of_task(task, &[])).collect();
        assert_eq!(chosen(&job, &logs, None), Ok((one, logs.first())));
        assert_eq!(chosen(&job, &logs, Some(two)), Ok((two, logs.last())));
        assert_eq!(chosen(&job, &logs, Some(unknown)), Ok((unknown, None)));
        assert_eq!(log_text(&logs[1]), "task 2: kernelFault");

        let job = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        let error = chosen(&job, &[], None).unwrap_err();
        assert!(error.message.ends_with("names a log: task 1: timeout; task 2: noWorker"), "{error}");
        assert!(error.hint.unwrap().contains("dpin job show 7"));
    }

    #[test]
    fn an_ended_job_is_far_enough_for_everything() {
        let job = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        assert!([Until::Committed, Until::Verified, Until::Settled].into_iter().all(|until| until.reached(&job)));
        assert_eq!(watch::summary(&job), "1 settled, 2 failed");
        assert!(job_text(&job).contains("failed: timeout"));
    }
}
