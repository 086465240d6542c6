//! What happened to a task, step by step, in the nodes' offchain index.

use crate::{Config, Pallet};
use codec::Encode;
use dpin_primitives::{
    TaskId,
    api::{TaskEvent, TaskStep, step_key},
};
use polkadot_sdk::sp_io;

/// Leave behind that `step` has happened to a task in this block. A step of the same kind in the
/// same attempt is replaced.
///
/// What ends a task is noted under its last attempt. The chain's own tasks leave nothing behind:
/// nobody pays for what nodes would keep of them for ever.
pub(crate) fn note<T: Config>(task: TaskId, attempt: u8, step: TaskStep) {
    if task.is_canary() {
        return;
    }
    let key = step_key(task, attempt, step.kind());
    let event = TaskEvent { block: Pallet::<T>::now(), attempt, step };
    sp_io::offchain_index::set(&key, &event.encode());
}
