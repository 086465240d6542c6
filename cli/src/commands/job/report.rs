//! `dpin job report`: the report of a worker's executor on a task.

use crate::{
    chain::{self, link::Patience, request},
    context::Context,
    error::{Error, Exit, Result},
    job::{fetch, ticket},
    text::escape::printable,
};
use clap::Args;
use dpin_primitives::{JobId, TaskId};
use polkadot_sdk::sp_core::Bytes;
use serde_json::json;
use subxt::rpcs::{RpcClient, rpc_params};

/// Arguments of `job report`.
#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// Number of the job
    job: JobId,
    /// Index of the task
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    task: u32,
    /// URL of the only node to fetch the report from
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

/// Print the report of a task.
///
/// # Errors
///
/// When there is no such task, or none of the nodes asked has its report.
pub(crate) async fn run(args: ReportArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let job = ticket::look_up(&chain, args.job).await?;
    let task = job.tasks.iter().find(|task| task.index == args.task).ok_or_else(|| {
        let last = job.tasks.len().saturating_sub(1);
        Error::usage(format!("job {} has no task {}; its tasks are 0 to {last}", job.id, args.task))
            .hint(format!("`dpin job show {}` lists them", job.id))
    })?;
    let id = TaskId { job: job.id, index: task.index };
    let (text, from) = match &args.from {
        Some(from) => {
            (request_report(&chain::connect(from, Patience::OTHERS, context.output).await?, id).await?, from.clone())
        }
        None => match request_report(chain.rpc(), id).await {
            Ok(Some(own)) => (Some(own), chain.url().to_string()),
            Err(error) if error.exit == Exit::Connection => return Err(error),
            // Most nodes have no executor, or not the worker's.
            Ok(None) | Err(_) => {
                let worker = task.worker.as_ref().ok_or_else(|| {
                    Error::failed(format!(
                        "this node does not know which worker computed task {}:{} last",
                        id.job, id.index
                    ))
                    .hint(format!(
                        "`dpin job show {} --task {}` may show it; fetch the report from its node with --from URL",
                        id.job, id.index
                    ))
                })?;
                let address = fetch::node_address(&chain, worker).await?;
                (request_report(&chain::connect(&address, Patience::OTHERS, context.output).await?, id).await?, address)
            }
        },
    };
    let text = text.ok_or_else(|| {
        Error::failed(format!("the node at {from} has no report of task {}:{}", id.job, id.index))
            .hint("only the node of the worker that computed the task last has one, by default for a week")
    })?;
    context
        .output
        .note(format!("task {}:{}, according to the node at {from}; this cannot be verified", id.job, id.index));
    let json = json!({ "job": id.job, "task": id.index, "worker": task.worker, "from": from, "text": text });
    context.output.result(&json, || printable(&text));
    Ok(())
}

async fn request_report(node: &RpcClient, task: TaskId) -> Result<Option<String>> {
    let found: Option<Bytes> = request(node, "compute_taskReport", rpc_params![task]).await?;
    Ok(found.map(|text| String::from_utf8_lossy(&text).into_owned()))
}
