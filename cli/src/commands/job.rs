//! `dpin job`: post jobs, follow them, fetch their outputs.

use crate::{
    chain::{
        call::Call,
        signer::Signer,
        submit::{self, Fee, Sent},
        Chain,
    },
    commands::{
        dispute::{self, DisputeCommand},
        many::{self, ManyArgs},
        report::{self, ReportArgs},
    },
    context::Context,
    error::{Error, Exit, Result},
    job::{
        confidential::{Courier, KeyArgs},
        fetch::{Fetcher, OutFile},
        log::{self, Log},
        outlook::{self, Doubt},
        quote::Quoted,
        spec::{Deposit, JobArgs, Plan, Prepared},
        watch::{self, follow, stage_text, News, Progress, Ticket},
    },
    text::{
        amount::{self, Money},
        output::{self, bytes, count, fields, short, table},
        parse,
    },
};
use clap::{Args, Subcommand, ValueEnum};
use codec::Encode;
use dpin_primitives::{
    api::JobInfo,
    job::{JobSpec, TaskCost},
    kernel::Tiling,
    AccountId, AssetKind, Balance, Hash, JobId, KernelId, TaskId,
};
use dpin_rpc::{JobView, JobsPage, StageView, TaskEventView};
use serde_json::{json, Value};
use std::{path::PathBuf, time::Instant};
use subxt::rpcs::rpc_params;

/// Post jobs, follow them, fetch their outputs
#[derive(Subcommand, Debug)]
pub enum JobCommand {
    /// Do everything: store, register, post, wait, fetch, verify, write
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Show the price of a job and the time it would take. Sends nothing
    Quote(QuoteArgs),
    /// Post a job. Stores its inputs and registers its kernel first, where needed
    Submit(SubmitArgs),
    /// Post up to 64 jobs of one kernel together: all of them, or none. This costs less than one by
    /// one
    #[command(after_help = MANY_EXAMPLE)]
    SubmitMany(ManyArgs),
    /// Follow a job until it has ended
    Watch(WatchArgs),
    /// Fetch a job's output from the workers, verify it against the chain, and write it to a file
    Output(OutputArgs),
    /// Cancel the tasks of a job that no worker has yet; they are refunded in full
    Cancel {
        /// Number of the job
        job: JobId,
    },
    /// Deliver the key of a job's encrypted inputs to its workers, until all tasks are verified
    DeliverKey {
        /// Number of the job
        job: JobId,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// List the jobs of an account, newest first
    List(ListArgs),
    /// Show a job, or the history of one of its tasks
    #[command(after_help = "Examples:\n  dpin job show 7\n  dpin job show 7 --task 0      # the task's history")]
    Show {
        /// Number of the job
        job: JobId,
        /// Show the history of the task with this index
        #[arg(long, value_name = "INDEX")]
        task: Option<u32>,
    },
    /// Print the messages of the compiler or the run of a failed task: the log that the reason
    /// names, checked against its hash
    #[command(
        after_help = "Examples:\n  dpin job log 7\n  dpin job log 7 --task 2\n  dpin job log 7 --hash 0x…   # of another attempt"
    )]
    Log(LogArgs),
    /// Print the report of the worker's executor on its last run of a task, failed or not: device,
    /// times, the compiler's messages. A task that timed out has a report, but no log
    #[command(after_help = "Examples:\n  dpin job report 7\n  dpin job report 7 --task 2 --from wss://worker.example")]
    Report(ReportArgs),
    /// Calls for a jury, and other calls that anybody may make.
    #[command(flatten)]
    Dispute(DisputeCommand),
}

const MANY_EXAMPLE: &str = "Example, with the jobs in jobs.txt:
  blur.cl --global 1024x1024 --scalar 1.5f32 --in a.bin --reward 1DPN
  blur.cl --global 1024x1024 --scalar 1.5f32 --in 'b c.bin' --reward 1DPN

  dpin --dev bob job submit-many jobs.txt --max-cost 5DPN";

const RUN_EXAMPLES: &str = "Examples:
  dpin --dev bob job run kernels/mandelbrot/mandelbrot.cl --global 512x512 \\
      --scalar -134217728 --scalar 0 --scalar 1572864 --scalar 1000 \\
      --reward 1DPN --auditors 0 --out counts.bin

  dpin --key-file me.json job run blur.cl --global 1024x1024 --scalar 1.5f32 \\
      --in a.bin --out b.bin --reward 0.5BLC --auditors 2 --samples 32 --max-cost 10BLC

The output is what the tasks wrote, one after the other: tile by tile, in the order of the work-groups.
Ctrl-C leaves the job running; `dpin job watch` and `dpin job output` go on from there.";

/// Arguments of `job run`.
#[derive(Args, Debug)]
pub struct RunArgs {
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

/// Options that limit which jobs are posted.
#[derive(Args, Debug)]
pub struct LimitArgs {
    /// Send nothing if the job itself would cost more, all tasks together: 10DPN. Transaction fees,
    /// and deposits, which are released later, are shown but not counted
    #[arg(long, value_name = "AMOUNT")]
    max_cost: Option<Money>,
    /// Post the job although it will probably fail; `run` also replaces the file that --out names
    #[arg(long)]
    pub(super) force: bool,
}

impl LimitArgs {
    /// The most that may be held, in the asset's smallest unit.
    ///
    /// # Errors
    ///
    /// When the limit is given in another asset.
    pub(super) fn most(&self, asset: &AssetKind) -> Result<Option<Balance>> {
        let most = self.max_cost.map(|most| most.resolve(Some(asset.clone())).map(|(_, most)| most));
        most.transpose().map_err(|problem| Error::usage(format!("--max-cost: {problem}")))
    }
}

/// Options for fetching outputs.
#[derive(Args, Debug)]
pub struct FetchArgs {
    /// Fetch as soon as every task has reached this stage [default: `run` waits for settled,
    /// `output` for committed]
    #[arg(long, value_enum)]
    until: Option<Until>,
    /// Fetch the output from this node instead of the workers' nodes. It is verified all the same
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Write the outputs that exist, even if tasks have failed. The places of the others in the
    /// file are zeros
    #[arg(long)]
    partial: bool,
}

/// The stage that a job must reach.
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

/// Arguments of `job quote`.
#[derive(Args, Debug)]
pub struct QuoteArgs {
    #[command(flatten)]
    job: JobArgs,
}

/// Arguments of `job submit`.
#[derive(Args, Debug)]
pub struct SubmitArgs {
    #[command(flatten)]
    job: JobArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Arguments of `job watch`.
#[derive(Args, Debug)]
pub struct WatchArgs {
    /// Number of the job
    job: JobId,
}

/// Arguments of `job output`.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// Number of the job
    job: JobId,
    /// File to write the output to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file that --out names
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    fetch: FetchArgs,
}

/// Arguments of `job list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Account whose jobs to list [default: the signing account]
    #[arg(value_parser = parse::account)]
    account: Option<AccountId>,
    /// Most jobs to list
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// List jobs posted before this one
    #[arg(long, value_name = "JOB")]
    before: Option<JobId>,
}

/// Arguments of `job log`.
#[derive(Args, Debug)]
pub struct LogArgs {
    /// Number of the job
    job: JobId,
    /// Index of the task [default: the first that has failed with a log]
    #[arg(long, value_name = "INDEX")]
    task: Option<u32>,
    /// Hash of the log [default: the one that the task's reason names]
    #[arg(long, value_name = "HASH", value_parser = parse::hash)]
    hash: Option<Hash>,
    /// Fetch it from this node instead of yours and the worker's. It is checked all the same
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub async fn run(command: JobCommand, context: &Context) -> Result<()> {
    match command {
        JobCommand::Run(args) => run_job(args, context).await,
        JobCommand::Quote(args) => quote(args, context).await,
        JobCommand::Submit(args) => submit(args, context).await,
        JobCommand::SubmitMany(args) => many::run(args, context).await,
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
        JobCommand::Report(args) => report::run(args, context).await,
        JobCommand::Dispute(command) => dispute::run(command, context).await,
    }
}

async fn quote(args: QuoteArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let prepared = args.job.prepare(context, &chain).await?;
    // Without a key the account's own workers are not excluded.
    let requester = context.account(&None).ok();
    let plan = prepared.plan(&chain, requester.as_ref()).await?;
    let doubts = doubts(&prepared, &plan);
    let mut json = plan.quoted.to_json();
    add_plan(&mut json, &plan);
    json["doubts"] = doubts.iter().map(|doubt| doubt.problem.clone()).collect();
    json["spec"] = encoded(&prepared.spec).into();
    context.output.result(&json, || {
        let mut lines = plan.quoted.lines();
        lines.extend(plan.lines());
        lines.extend(doubts.iter().map(|doubt| ("but", format!("{}; {}", doubt.problem, doubt.remedy))));
        fields(&lines)
    });
    Ok(())
}

/// A job as the chain encodes it, in hex: for `compute_quote`, and for users who build the call
/// themselves.
fn encoded(spec: &JobSpec) -> String {
    format!("0x{}", hex::encode(spec.encode()))
}

/// Add a plan's expenses beyond the escrow to the JSON: deposits, transactions and their fees.
fn add_plan(json: &mut Value, plan: &Plan) {
    json["deposits"] = plan.deposits.iter().map(Deposit::to_json).collect();
    json["deposited"] = plan.deposit().to_string().into();
    json["transactions"] = plan.transactions.into();
    json["transactionFees"] = plan.fees.map(|fees| fees.to_string()).into();
}

/// Reasons against posting a job.
pub(super) fn doubts(prepared: &Prepared, plan: &Plan) -> Vec<Doubt> {
    let mut doubts = outlook::doubts(&plan.quoted.candidates, &prepared.spec);
    let tasks = plan.quoted.tasks();
    if let (Tiling::Whole { bytes: each }, 2..) = (prepared.manifest.tiling, tasks) {
        doubts.push(Doubt {
            problem: format!(
                "the tiling of this kernel is `whole`: each of the {tasks} tasks writes an output of its own of {}, and the file has all \
                 of them, one after the other",
                bytes(each.into())
            ),
            remedy: "for one output leave out --tasks".into(),
        });
    }
    doubts
}

/// Refuse a job with doubts; with `force`, only print them as warnings.
pub(super) fn dispel(context: &Context, doubts: &[Doubt], force: bool) -> Result<()> {
    let mut problems = Vec::new();
    for doubt in doubts {
        if force {
            context.output.note(format!("warning: {}", doubt.problem));
        }
        problems.push(doubt.problem.clone());
    }
    if force || problems.is_empty() {
        return Ok(());
    }
    let remedies: Vec<&str> = doubts.iter().map(|doubt| doubt.remedy.as_str()).collect();
    Err(Error::refused(format!("{}. Nothing was posted", problems.join("; ")))
        .named("doubtful")
        .hint(format!("{}; --force posts it all the same", remedies.join("; "))))
}

/// A job that was posted.
struct Posted {
    ticket: Ticket,
    tasks: u32,
    escrow: Balance,
    plan: Plan,
    sent: Vec<Sent>,
}

impl Posted {
    fn job(&self) -> JobId {
        self.ticket.id()
    }

    /// The JSON fields about money and transactions that `run` and `submit` have in common.
    fn money_json(&self) -> Value {
        let (fees, asset) = submit::fees_json(&self.sent);
        json!({
            "held": self.escrow.to_string(),
            "deposits": self.plan.deposits.iter().map(Deposit::to_json).collect::<Vec<_>>(),
            "deposited": self.plan.deposit().to_string(),
            "transactionFees": fees,
            "feeAsset": asset,
        })
    }

    /// The fees of its transactions, as people read them.
    fn fees(&self) -> String {
        let fees: Vec<String> = Fee::sum(&self.sent).iter().map(Fee::show).collect();
        match fees.is_empty() {
            true => "the fees of transactions".into(),
            false => format!("{} for transactions", fees.join(" and ")),
        }
    }

    /// The deposits, as people read them; empty if there are none.
    fn deposits(&self) -> String {
        match self.plan.deposit() {
            0 => String::new(),
            deposit => format!("{} held until what was stored is gone again", amount::dpn(deposit)),
        }
    }
}

/// Merge the fields of `more` into `json`.
fn merge(json: &mut Value, more: Value) {
    if let (Some(json), Value::Object(more)) = (json.as_object_mut(), more) {
        json.extend(more);
    }
}

/// Check everything and print the price, and only then send the first transaction.
async fn post(
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    prepared: &Prepared,
    limits: &LimitArgs,
) -> Result<Posted> {
    let asset = prepared.spec.reward.asset.clone();
    let most = limits
        .max_cost
        .map(|most| most.resolve(Some(asset.clone())).map_err(|problem| Error::usage(format!("--max-cost: {problem}"))))
        .transpose()?;
    let account = signer.account();
    let plan = prepared.plan(chain, Some(&account)).await?;
    within(&plan.quoted, most.as_ref())?;
    dispel(context, &doubts(prepared, &plan), limits.force)?;
    prepared.try_out(context, chain, &account, &plan).await?;
    context.output.note(plan.text());
    if let Some(warning) = outlook::warning(&plan.quoted.candidates, &prepared.spec) {
        context.output.note(format!("warning: {warning}"));
    }
    // Without its key the job would waste the money.
    if let Some(key) = &prepared.key {
        prepared.keys.keep(&chain.genesis(), &prepared.spec, key)?;
    }

    let mut sent = prepared.establish(context, chain, signer).await?;
    if plan.quoted.wait.is_none() {
        // The chain now has the kernel and the inputs, so its quote is complete.
        let quoted = Quoted::ask(chain, &prepared.spec, Some(&account)).await?;
        within(&quoted, most.as_ref())?;
        context.output.note(quoted.sentence());
        let plan = Plan { quoted, ..plan.clone() };
        dispel(context, &doubts(prepared, &plan), limits.force)?;
    }
    let posted =
        context.send(chain, signer, &Call::submit_job(&prepared.spec)).await.map_err(|error| match error.exit {
            Exit::Connection => error
                .hint("`dpin job list` shows whether the job was posted; do not post it again before you have looked"),
            _ => error,
        })?;
    let (job, _, _, tasks, escrow): (JobId, AccountId, KernelId, u32, Balance) =
        posted.event("Jobs", "JobSubmitted")?;
    let ticket = Ticket::posted(job, &prepared.spec, &posted);
    sent.push(posted);
    Ok(Posted { ticket, tasks, escrow, plan, sent })
}

/// Refuse a job that costs more than the limit.
fn within(quoted: &Quoted, most: Option<&(AssetKind, Balance)>) -> Result<()> {
    match most {
        Some((asset, most)) if quoted.fees.total > *most => Err(Error::refused(format!(
            "the job would cost {}, more than --max-cost {}",
            amount::show(quoted.fees.total, asset),
            amount::show(*most, asset)
        ))
        .hint("lower --reward, --tasks or --auditors, or allow more")),
        _ => Ok(()),
    }
}

async fn submit(args: SubmitArgs, context: &Context) -> Result<()> {
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
        context.delivers(job, None);
        Courier::new(context, &chain, &signer, &posted.ticket, key).until_verified().await?;
    }
    Ok(())
}

async fn deliver_key(job: JobId, keys: KeyArgs, context: &Context) -> Result<()> {
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let info: Option<JobInfo> = chain.api("ComputeApi_job", job).await?;
    let workers = match info {
        Some(info) => {
            let key = keys.load(&chain.genesis(), &info.spec)?;
            context.delivers(job, None);
            Courier::new(context, &chain, &signer, &Ticket::of(job), &key).until_verified().await?
        }
        // The job has ended, unless it never existed.
        None => watch::job(&chain, job).await.map(|_| 0)?,
    };
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
    let ticket = Ticket::of(id);
    context.runs(id, None);
    let job = if context.output.json {
        let line = |news: News| context.output.line(&news.to_json(), String::new);
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

async fn output(args: OutputArgs, context: &Context) -> Result<()> {
    let out = OutFile::open(&args.out, args.force)?;
    let chain = context.chain().await?;
    context.runs(args.job, Some(&args.out));
    let mut progress = Progress::new(context.output);
    // Outputs that exist may be fetched at once.
    let until = args.fetch.until.unwrap_or(Until::Committed);
    let ticket = Ticket::of(args.job);
    let job = follow(&chain, &ticket, |job| until.reached(job), |news| progress.show(news)).await?;
    progress.finish();
    context.is_over();
    let mut fetcher = Fetcher::new(&chain, context.output, args.fetch.from);
    let written = fetcher.write(&job, out, args.fetch.partial).await?;
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
    let out = OutFile::open(&args.out, args.limits.force)?;
    let began = Instant::now();
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let prepared = args.job.prepare(context, &chain).await?;
    let posted = post(context, &chain, &signer, &prepared, &args.limits).await?;
    match prepared.key {
        Some(_) => context.delivers(posted.job(), Some(&args.out)),
        None => context.runs(posted.job(), Some(&args.out)),
    }
    context.output.note(format!("job {} posted: {}", posted.job(), count(posted.tasks, "task")));

    let mut progress = Progress::new(context.output);
    let until = args.fetch.until.unwrap_or(Until::Settled);
    let ticket = &posted.ticket;
    let following = follow(&chain, ticket, |job| until.reached(job), |news| progress.show(news));
    let job = match &prepared.key {
        None => following.await?,
        Some(key) => {
            let mut courier = Courier::new(context, &chain, &signer, ticket, key);
            tokio::select! {
                job = following => job?,
                never = courier.forever() => match never {},
            }
        }
    };
    progress.finish();
    context.runs(job.id, Some(&args.out));
    context.is_over();
    if !args.fetch.partial {
        failures(&job)?;
    }
    let mut fetcher = Fetcher::new(&chain, context.output, args.fetch.from);
    let written = fetcher.write(&job, out, args.fetch.partial).await?;

    let asset = prepared.spec.reward.asset.clone();
    let cost = job.ended.map(|_| spent(&job));
    let mut json = json!({
        "job": job.id,
        "kernel": prepared.spec.kernel,
        "tasks": posted.tasks,
        "out": args.out,
        "bytes": written,
        "verified": true,
        "cost": cost.map(|cost| cost.to_string()),
        "submitted": job.submitted,
        "ended": job.ended,
        "kernelMs": kernel_ms(&job),
        "seconds": began.elapsed().as_secs_f64(),
    });
    merge(&mut json, posted.money_json());
    context.output.result(&json, || {
        let cost = match cost {
            Some(cost) => amount::show(cost, &asset),
            None => format!("{} held", amount::show(posted.escrow, &asset)),
        };
        let blocks =
            job.ended.map(|ended| format!(", {} blocks", ended.saturating_sub(job.submitted))).unwrap_or_default();
        fields(&[
            ("job", job.id.to_string()),
            ("output", format!("{}, {}, every byte verified", args.out.display(), bytes(written))),
            ("cost", format!("{cost}, and {}", posted.fees())),
            ("deposits", posted.deposits()),
            ("time", format!("{:.1} s{blocks}; the kernel ran {} ms", began.elapsed().as_secs_f64(), kernel_ms(&job))),
        ])
    });
    if args.fetch.partial {
        failures(&job)?;
    }
    Ok(())
}

/// Kernel time on devices for all results, in ms.
fn kernel_ms(job: &JobView) -> u64 {
    job.tasks.iter().filter_map(|task| task.commitment).map(|commitment| u64::from(commitment.kernel_ms)).sum()
}

/// The cost of an ended job, in its asset's smallest unit: the escrow less the refunds.
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

/// Fails if a task has failed.
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
                task.attempt.map(|attempt| attempt.to_string()).unwrap_or_default(),
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
                .map(|(name, value)| format!("{name} {}", detail(value)))
                .collect();
            vec![plain(&event["block"]), plain(&event["attempt"]), plain(&step["name"]), details.join(", ")]
        });
        table(&["block", "attempt", "step", ""], rows.collect())
    });
    Ok(())
}

/// A detail of a step in a task's history, as people read it.
fn detail(value: &Value) -> String {
    let amount = |value: &Value| value.as_str().and_then(|text| text.parse().ok()).map(amount::dpn);
    match value {
        // A bond and its fate.
        Value::Object(bond) if bond.contains_key("fate") => {
            let amount = amount(&value["amount"]).unwrap_or_default();
            format!("{} (bond of {amount}: {})", plain(&value["who"]), plain(&value["fate"]))
        }
        Value::Object(reason) if reason.contains_key("code") => match &value["log"] {
            Value::Null => plain(&value["code"]),
            log => format!("{}, log {}", plain(&value["code"]), plain(log)),
        },
        Value::Object(commitment) if commitment.contains_key("root") => {
            let length = value["outputLen"].as_u64().map(bytes).unwrap_or_default();
            format!(
                "to {length} with the root {}; the kernel ran {} ms",
                plain(&value["root"]),
                plain(&value["kernelMs"])
            )
        }
        Value::Array(all) if all.is_empty() => "none".into(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => plain(other),
    }
}

async fn log(args: LogArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let job = watch::job(&chain, args.job).await?;
    if let Some(index) = args.task.filter(|index| job.tasks.iter().all(|task| task.index != *index)) {
        let last = job.tasks.len().saturating_sub(1);
        return Err(Error::usage(format!("job {} has no task {index}; its tasks are 0 to {last}", job.id))
            .hint(format!("`dpin job show {}` lists them", job.id)));
    }
    // Failed attempts before a successful one are searched only if the task is named.
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
    let (bytes, from) = log::fetch(&chain, hash, worker, args.from.as_deref(), context.output).await?;

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

/// The log to print: the one with the hash asked for, whose details may be unknown, or the first.
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
    let attempt = log.attempt.map(|attempt| format!(", attempt {attempt}{by}")).unwrap_or_default();
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

/// A JSON value without quotes; empty for null.
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
    use crate::job::sample;
    use dpin_primitives::reason::ReasonCode;

    #[test]
    fn the_encoded_job_of_a_quote_is_what_the_node_takes() {
        let text = encoded(&sample::spec());
        // `compute_quote` reads and decodes its parameter in this way.
        let bytes: polkadot_sdk::sp_core::Bytes = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(<JobSpec as codec::DecodeAll>::decode_all(&mut &bytes[..]), Ok(sample::spec()));
    }

    #[test]
    fn a_job_costs_what_did_not_come_back() {
        // Settled with one auditor of two: 1,000 and 10 and 50. The kernel's fault costs the fee;
        // everything else is refunded.
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
    fn what_became_of_bonds_and_results_can_be_read_in_a_history() {
        let bond = json!({ "who": "5Dave", "amount": "15000000000000", "fate": "lost" });
        assert_eq!(detail(&bond), "5Dave (bond of 15 DPN: lost)");
        assert_eq!(detail(&json!({ "code": "workerSilent" })), "workerSilent");
        assert_eq!(detail(&json!({ "code": "buildFailed", "log": "0xab" })), "buildFailed, log 0xab");
        assert_eq!(detail(&json!(["5Alice", "5Bob"])), "5Alice 5Bob");
        let commitment = json!({ "root": "0x05", "outputLen": 64, "kernelMs": 6 });
        assert!(
            detail(&commitment).contains("0x05") && detail(&commitment).contains("64 B"),
            "{}",
            detail(&commitment)
        );
    }

    #[test]
    fn attempts_are_counted_from_0_everywhere() {
        let mut job = sample::open();
        job.tasks[0].attempt = Some(1);
        let text = job_text(&job);
        let row = text.lines().find(|line| line.starts_with("0 ")).unwrap();
        assert!(row.trim_end().ends_with(" 1"), "{text}");
        let log = Log {
            hash: Hash::zero(),
            task: 0,
            attempt: Some(0),
            worker: None,
            reason: ReasonCode::BuildFailed { log: Hash::zero() },
        };
        assert_eq!(log_text(&log), "task 0, attempt 0: buildFailed");
    }

    #[test]
    fn what_a_job_may_cost_is_compared_before_anything_else() {
        let quoted = crate::job::quote::tests::quoted();
        let total = quoted.fees.total;
        assert_eq!(within(&quoted, None), Ok(()));
        assert_eq!(within(&quoted, Some(&(AssetKind::Native, total))), Ok(()));
        let error = within(&quoted, Some(&(AssetKind::Native, total - 1))).unwrap_err();
        assert!(error.exit == Exit::Refused && error.message.contains("--max-cost"), "{error}");
    }

    #[test]
    fn an_ended_job_is_far_enough_for_everything() {
        let job = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        assert!([Until::Committed, Until::Verified, Until::Settled].into_iter().all(|until| until.reached(&job)));
        assert_eq!(watch::summary(&job), "1 settled, 2 failed");
        assert!(job_text(&job).contains("failed: timeout"));
    }
}
