//! The steps of each task, kept in the nodes' offchain index.

use crate::{Config, Pallet};
use codec::Encode;
use dpin_primitives::{
    TaskId,
    api::{TaskEvent, TaskStep, step_key},
};
use polkadot_sdk::sp_io;

/// Record that `step` has happened to a task in this block. It replaces a step of the same kind in
/// the same attempt.
///
/// The end of a task is recorded under its last attempt. The chain's own tasks are not recorded:
/// nobody pays for records that nodes would keep for ever.
pub(crate) fn note<T: Config>(task: TaskId, attempt: u8, step: TaskStep) {
    if task.is_canary() {
        return;
    }
    let key = step_key(task, attempt, step.kind());
    let event = TaskEvent { block: Pallet::<T>::now(), attempt, step };
    sp_io::offchain_index::set(&key, &event.encode());
}
