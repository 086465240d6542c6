//! `dpin job`: post jobs, follow them, fetch their outputs.

pub(crate) mod dispute;
mod ended;
pub(crate) mod log;
pub(crate) mod many;
mod options;
pub(crate) mod output;
mod post;
pub(crate) mod quote;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod submit;
pub(crate) mod watch;

use crate::{chain::call::Call, context::Context, error::Result, job::key::KeyArgs};
use clap::Subcommand;
use dispute::DisputeCommand;
use dpin_primitives::JobId;
use log::LogArgs;
use many::ManyArgs;
use output::OutputArgs;
use quote::QuoteArgs;
use report::ReportArgs;
use run::RunArgs;
use show::JobListArgs;
use submit::SubmitArgs;
use watch::WatchArgs;

/// Post jobs, follow them, fetch their outputs
#[derive(Subcommand, Debug)]
pub(crate) enum JobCommand {
    /// Store, register, post, wait, fetch, verify and write, in one command
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Show the price of a job and the time it would take, without sending anything
    Quote(QuoteArgs),
    /// Post a job, after storing its inputs and registering its kernel where needed
    Submit(SubmitArgs),
    /// Post up to 64 jobs of one kernel in one transaction: all of them or none. This costs less
    /// than posting each alone
    #[command(after_help = MANY_EXAMPLE)]
    SubmitMany(ManyArgs),
    /// Follow a job until it has ended
    Watch(WatchArgs),
    /// Fetch a job's output from the workers, verify it against the chain, and write it to a file
    Output(OutputArgs),
    /// Cancel the tasks of a job that have no worker yet. They are refunded in full
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
    List(JobListArgs),
    /// Show a job, or the history of one of its tasks
    #[command(after_help = "Examples:\n  dpin job show 7\n  dpin job show 7 --task 0      # the task's history")]
    Show {
        /// Number of the job
        job: JobId,
        /// Show the history of the task with this index
        #[arg(long, value_name = "INDEX")]
        task: Option<u32>,
    },
    /// Print the log of a failed task: the messages of the compiler or of the run, checked against
    /// the hash in the reason
    #[command(
        after_help = "Examples:\n  dpin job log 7\n  dpin job log 7 --task 2\n  dpin job log 7 --hash 0x…   # of another attempt"
    )]
    Log(LogArgs),
    /// Print the executor's report on the last run of a task, failed or not: device, times, the
    /// compiler's messages. A task that timed out has a report, but no log
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

The file holds the outputs of the tasks, one after the other: tile by tile, in the order of the
work-groups. Ctrl-C leaves the job running; continue with `dpin job watch` and `dpin job output`.";

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub(crate) async fn run(command: JobCommand, context: &Context) -> Result<()> {
    match command {
        JobCommand::Run(args) => run::run(args, context).await,
        JobCommand::Quote(args) => quote::run(args, context).await,
        JobCommand::Submit(args) => submit::run(args, context).await,
        JobCommand::SubmitMany(args) => many::run(args, context).await,
        JobCommand::Watch(args) => watch::run(args, context).await,
        JobCommand::Output(args) => output::run(args, context).await,
        JobCommand::Cancel { job } => {
            context
                .send_and_report(Call::cancel_job(job), &format!("job {job}: cancelled the tasks without a worker"))
                .await
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
