//! `dpin job log`: the messages of the compiler, or of the run, of a failed task.

use crate::{
    context::Context,
    error::{Error, Result},
    job::{
        log::{self, Log},
        ticket, watch,
    },
    text::{escape::printable, parse},
};
use clap::Args;
use dpin_primitives::{Hash, JobId, TaskId, api::TaskEvent};
use dpin_rpc::JobView;
use serde_json::{Value, json};
use subxt::rpcs::rpc_params;

/// Arguments of `job log`.
#[derive(Args, Debug)]
pub(crate) struct LogArgs {
    /// Number of the job
    job: JobId,
    /// Index of the task [default: the first that has failed with a log]
    #[arg(long, value_name = "INDEX")]
    task: Option<u32>,
    /// Hash of the log [default: that in the reason of the task]
    #[arg(long, value_name = "HASH", value_parser = parse::hash)]
    hash: Option<Hash>,
    /// URL of the only node to fetch the log from. The log is checked all the same
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

/// Print the log of a failed attempt.
///
/// # Errors
///
/// When no attempt has failed with a log, or no node serves it.
pub(crate) async fn run(args: LogArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let job = ticket::look_up(&chain, args.job).await?;
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
        let history: Vec<TaskEvent> = chain.request("compute_taskHistory", rpc_params![id]).await?;
        logs.extend(log::logs_of_task(task, &history));
    }
    let (hash, found) = choose_log(&job, &logs, args.hash)?;
    let worker = found.and_then(|log| log.worker.as_ref());
    let (bytes, from) = log::fetch_log(&chain, hash, worker, args.from.as_deref(), context.output).await?;

    let others: Vec<&Log> = logs.iter().filter(|log| log.hash != hash).collect();
    if let Some(log) = found {
        context.output.note(format!("{}, from {from}", log_text(log)));
    }
    for log in &others {
        context.output.note(format!("another log is {:?}: {}", log.hash, log_text(log)));
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut json = found.map_or_else(|| json!({ "log": hash }), log_json);
    json["job"] = job.id.into();
    json["from"] = from.into();
    json["bytes"] = bytes.len().into();
    json["text"] = Value::from(&*text);
    json["others"] = others.into_iter().map(log_json).collect();
    context.output.result(&json, || printable(&text));
    Ok(())
}

/// The log to print: the one with the hash asked for, whose details may be unknown, or the first.
fn choose_log<'a>(job: &JobView, logs: &'a [Log], asked: Option<Hash>) -> Result<(Hash, Option<&'a Log>)> {
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
            "`dpin job show {} --task INDEX` shows the history of a task; --task INDEX here searches all its attempts",
            job.id
        ))
    })?;
    Ok((first.hash, Some(first)))
}

fn log_text(log: &Log) -> String {
    let by = log.worker.as_ref().map(|worker| format!(" by {worker}")).unwrap_or_default();
    let attempt = log.attempt.map(|attempt| format!(", attempt {attempt}{by}")).unwrap_or_default();
    format!("task {}{attempt}: {}", log.task, log.reason.code())
}

fn log_json(log: &Log) -> Value {
    json!({ "log": log.hash, "task": log.task, "attempt": log.attempt, "worker": log.worker, "reason": log.reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::job::{ended::failures, show::job_text},
        job::sample,
    };
    use dpin_primitives::reason::ReasonCode;

    #[test]
    fn the_log_of_the_first_failure_is_printed_unless_another_is_asked_for() {
        let (one, two, unknown) = (Hash::repeat_byte(1), Hash::repeat_byte(2), Hash::repeat_byte(3));
        let job = sample::ended([ReasonCode::BuildFailed { log: one }, ReasonCode::KernelFault { log: two }]);
        assert!(failures(&job).unwrap_err().hint.unwrap().contains("dpin job log 7"));
        let logs: Vec<Log> = job.tasks.iter().flat_map(|task| log::logs_of_task(task, &[])).collect();
        assert_eq!(choose_log(&job, &logs, None), Ok((one, logs.first())));
        assert_eq!(choose_log(&job, &logs, Some(two)), Ok((two, logs.last())));
        assert_eq!(choose_log(&job, &logs, Some(unknown)), Ok((unknown, None)));
        assert_eq!(log_text(&logs[1]), "task 2: kernelFault");

        let job = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        let error = choose_log(&job, &[], None).unwrap_err();
        assert!(error.message.ends_with("names a log: task 1: timeout; task 2: noWorker"), "{error}");
        assert!(error.hint.unwrap().contains("dpin job show 7"));
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
}
