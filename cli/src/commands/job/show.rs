//! `dpin job show` and `dpin job list`: a job, the history of a task, and the jobs of an account.

use super::ended::spent;
use crate::{
    context::Context,
    error::Result,
    job::{
        ticket,
        watch::{self, stage_text},
    },
    text::{
        amount,
        output::{self, bytes, fields, short, table},
        parse,
    },
};
use clap::Args;
use dpin_primitives::{AccountId, JobId, TaskId};
use dpin_rpc::{JobView, JobsPage};
use serde_json::Value;
use subxt::rpcs::rpc_params;

/// Arguments of `job list`.
#[derive(Args, Debug)]
pub(crate) struct JobListArgs {
    /// Account whose jobs to list [default: the signing account]
    #[arg(value_parser = parse::account)]
    account: Option<AccountId>,
    /// Maximum number of jobs to list
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// List only jobs posted before this one
    #[arg(long, value_name = "JOB")]
    before: Option<JobId>,
}

/// A job with its tasks, as people read it.
pub(super) fn job_text(job: &JobView) -> String {
    let asset = &job.asset;
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
        ("reward", format!("{} a task", amount::show(job.cost.reward.0, asset))),
        (
            "cost",
            match job.ended {
                Some(_) => amount::show(spent(job), asset),
                None => format!("{} held a task", amount::show(job.cost.total.0, asset)),
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

/// Print a job with its tasks.
///
/// # Errors
///
/// When there is no such job.
pub(crate) async fn show(id: JobId, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let job = ticket::look_up(&chain, id).await?;
    context.output.result(&output::json(&job), || job_text(&job));
    Ok(())
}

/// Print the history of a task.
///
/// # Errors
///
/// When there is no such job.
pub(crate) async fn history(job: JobId, index: u32, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    ticket::look_up(&chain, job).await?;
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

/// Print the jobs of an account, newest first.
///
/// # Errors
///
/// When the node does not answer.
pub(crate) async fn list(args: JobListArgs, context: &Context) -> Result<()> {
    let account = context.account(&args.account)?;
    let chain = context.chain().await?;
    let page: JobsPage = chain.request("compute_jobs", rpc_params![&account, args.before, args.limit]).await?;
    context.output.result(&output::json(&page), || {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let rows = page.jobs.iter().map(|job| {
            let reward = job.reward.as_ref().map(|reward| amount::show(reward.per_task, &reward.asset));
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
            Some(next) => format!("{text}\nfor more, use --before {next}"),
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
    use serde_json::json;

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
}
