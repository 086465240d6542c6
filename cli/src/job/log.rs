//! Finds and fetches the logs of failed attempts.

use crate::{
    chain::{self, Chain, link::Patience, request},
    error::{Error, Exit, Result},
    job::fetch,
    text::output::Output,
};
use dpin_primitives::{
    AccountId, Hash,
    api::{TaskEvent, TaskStage, TaskStep},
    blake2,
    reason::ReasonCode,
};
use dpin_rpc::TaskView;
use polkadot_sdk::sp_core::Bytes;
use std::collections::BTreeMap;
use subxt::rpcs::{RpcClient, rpc_params};

/// A log, and the known facts about the attempt whose reason names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Log {
    /// Hash of the log.
    pub hash: Hash,
    /// Index of the task.
    pub task: u32,
    /// Number of the attempt, from 0, if the node remembers it.
    pub attempt: Option<u8>,
    /// The worker that made the attempt, and so has the log, if the node remembers it.
    pub worker: Option<AccountId>,
    /// Why the attempt failed.
    pub reason: ReasonCode,
}

/// The latest failure of a task, as far as the job's state records it.
pub(crate) fn last_failure(task: &TaskView) -> Option<ReasonCode> {
    match &task.stage {
        TaskStage::Failed { reason } => Some(*reason),
        _ => task.last_failure.as_ref().map(|failed| failed.reason),
    }
}

/// The logs of a task's attempts: first the one that the task's own reason names, then the others
/// from the latest to the earliest.
pub(crate) fn logs_of_task(task: &TaskView, history: &[TaskEvent]) -> Vec<Log> {
    let (mut workers, mut logs) = (BTreeMap::new(), Vec::new());
    for event in history {
        match &event.step {
            TaskStep::Assigned { worker, .. } => {
                workers.insert(event.attempt, worker.clone());
            }
            TaskStep::AttemptFailed { reason } => logs.extend(reason.log().map(|hash| Log {
                hash,
                task: task.index,
                attempt: Some(event.attempt),
                worker: workers.get(&event.attempt).cloned(),
                reason: *reason,
            })),
            _ => (),
        }
    }
    logs.reverse();
    let named = last_failure(task).and_then(|reason| Some((reason, reason.log()?)));
    if let Some((reason, hash)) = named {
        let first = match logs.iter().position(|log| log.hash == hash) {
            Some(place) => logs.remove(place),
            None => Log { hash, task: task.index, attempt: None, worker: None, reason },
        };
        logs.insert(0, first);
    }
    logs
}

/// Fetch a log. Returns its bytes and the address of the node that served them: the connected node,
/// or else that of the `worker`. With `from`, only that node is asked.
///
/// # Errors
///
/// When neither has them, or the bytes do not match the hash.
pub(crate) async fn fetch_log(
    chain: &Chain,
    hash: Hash,
    worker: Option<&AccountId>,
    from: Option<&str>,
    output: Output,
) -> Result<(Vec<u8>, String)> {
    if let Some(from) = from {
        let found = request_log(&chain::connect(from, Patience::OTHERS, output).await?, hash).await?;
        return found.map(|log| (log, from.to_string())).ok_or_else(|| {
            Error::failed(format!("the node at {from} does not have the log {hash:?}"))
                .hint("omit --from to use the node of the worker that wrote it")
        });
    }
    match request_log(chain.rpc(), hash).await {
        Ok(Some(log)) => return Ok((log, chain.url().to_string())),
        Err(error) if error.exit == Exit::Connection => return Err(error),
        // Most nodes have no executor, or not the one with this log.
        Ok(None) | Err(_) => (),
    }
    let worker = worker.ok_or_else(|| {
        Error::failed(format!("this node has neither the log {hash:?} nor a record of the worker that wrote it"))
            .hint("use a node that ran at that time with --url, or the worker's node with --from URL")
    })?;
    let address = fetch::node_address(chain, worker).await?;
    let node = chain::connect(&address, Patience::OTHERS, output).await.map_err(|error| {
        let message = format!("the node of worker {worker}: {}", error.message);
        Error { exit: Exit::Connection, message, ..error.hint("only that node has the log: try again later") }
    })?;
    request_log(&node, hash).await?.map(|log| (log, address)).ok_or_else(|| {
        Error::failed(format!("the node of worker {worker} no longer has the log {hash:?}"))
            .hint("by default executors keep logs for a week; --hash chooses the log of another attempt")
    })
}

async fn request_log(node: &RpcClient, hash: Hash) -> Result<Option<Vec<u8>>> {
    let found: Option<Bytes> = request(node, "compute_log", rpc_params![hash]).await?;
    found.map(|log| verify_log(log.0, hash)).transpose()
}

fn verify_log(log: Vec<u8>, hash: Hash) -> Result<Vec<u8>> {
    if blake2(&log) == hash {
        Ok(log)
    } else {
        Err(Error::unverified(format!("the text from the node does not match the hash of the log {hash:?}"))
            .hint("the worker's node is faulty or dishonest; --hash chooses the log of another attempt"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::sample;

    fn event(attempt: u8, step: TaskStep) -> TaskEvent {
        TaskEvent { block: 10 + u32::from(attempt), attempt, step }
    }

    fn attempt(number: u8, reason: ReasonCode) -> [TaskEvent; 2] {
        let worker = [number; 32].into();
        [event(number, TaskStep::Assigned { worker, due: 20 }), event(number, TaskStep::AttemptFailed { reason })]
    }

    fn broken(byte: u8) -> ReasonCode {
        ReasonCode::BuildFailed { log: Hash::repeat_byte(byte) }
    }

    #[test]
    fn the_log_that_the_tasks_reason_names_comes_first_and_each_has_its_worker() {
        let job = sample::ended([broken(1), ReasonCode::NoWorker]);
        let history = [attempt(0, broken(1)), attempt(1, ReasonCode::Declined), attempt(2, broken(3))].concat();

        let logs = logs_of_task(&job.tasks[1], &history);
        let told: Vec<_> = logs.iter().map(|log| (log.hash, log.attempt, log.worker.clone())).collect();
        let expected = [(1, 0), (3, 2)]
            .map(|(byte, number): (u8, u8)| (Hash::repeat_byte(byte), Some(number), Some([number; 32].into())));
        assert_eq!(told, expected);

        // The task's reason names no log, so the latest attempt's is first.
        let logs = logs_of_task(&job.tasks[2], &history);
        assert_eq!(logs.iter().map(|log| log.attempt).collect::<Vec<_>>(), [Some(2), Some(0)]);
        assert!(logs.iter().all(|log| log.task == 2));
    }

    #[test]
    fn without_a_history_the_hash_is_known_and_the_worker_is_not() {
        let job = sample::ended([broken(7), ReasonCode::Timeout]);
        let logs = logs_of_task(&job.tasks[1], &[]);
        assert_eq!(logs, [Log { hash: Hash::repeat_byte(7), task: 1, attempt: None, worker: None, reason: broken(7) }]);
        assert_eq!(logs_of_task(&job.tasks[2], &[]), []);
    }

    #[test]
    fn another_text_than_the_hash_names_is_not_taken() {
        assert_eq!(verify_log(b"error: x".to_vec(), blake2(b"error: x")), Ok(b"error: x".to_vec()));
        assert_eq!(verify_log(b"error: y".to_vec(), blake2(b"error: x")).unwrap_err().exit, Exit::Unverified);
    }
}
