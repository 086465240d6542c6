//! `dpin job`: post jobs, follow them, fetch their outputs.

pub mod dispute;
mod ended;
pub mod log;
pub mod many;
mod options;
pub mod output;
mod post;
pub mod quote;
pub mod report;
pub mod run;
pub mod show;
pub mod submit;
pub mod watch;

use crate::{chain::call::Call, context::Context, error::Result, job::confidential::KeyArgs};
use clap::Subcommand;
use dispute::DisputeCommand;
use dpin_primitives::JobId;
use log::LogArgs;
use many::ManyArgs;
use output::OutputArgs;
use quote::QuoteArgs;
use report::ReportArgs;
use run::RunArgs;
use show::ListArgs;
use submit::SubmitArgs;
use watch::WatchArgs;

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

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub async fn run(command: JobCommand, context: &Context) -> Result<()> {
    match command {
        JobCommand::Run(args) => run::run(args, context).await,
        JobCommand::Quote(args) => quote::run(args, context).await,
        JobCommand::Submit(args) => submit::run(args, context).await,
        JobCommand::SubmitMany(args) => many::run(args, context).await,
        JobCommand::Watch(args) => watch::run(args, context).await,
        JobCommand::Output(args) => output::run(args, context).await,
        JobCommand::Cancel { job } => {
            context.act(Call::cancel_job(job), &format!("job {job}: cancelled what no worker had")).await
        }
        JobCommand::DeliverKey { job, keys } => submit::deliver_key(job, keys, context).await,
        JobCommand::List(args) => show::list(args, context).await,
        JobCommand::Show { job, task: None } => show::show(job, context).await,
        JobCommand::Show { job, task: Some(index) } => show::history(job, index, context).await,
        JobCommand::Log(args) => log::run(args, context).await,
        JobCommand::Report(args) => report::run(args, context).await,
        JobCommand::Dispute(command) => dispute::run(command, context).await,
    }
}
