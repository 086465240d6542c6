//! Runs on a real executor.

use crate::PATIENCE;
use anyhow::{Result, bail};
use dpin_measure::{
    executor::{Executor, GENESIS, task},
    plain::Order,
};
use dpin_primitives::{
    Hash, TaskId,
    executor::{RunRequest, RunStatus, Work},
    tile_tree::{self, leaf},
};
use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// How often the status of a run is requested.
const POLL: Duration = Duration::from_millis(1);

/// The times and the result of a run of ours.
pub(crate) struct Ours {
    /// Time from posting the run to learning of its end.
    pub wall: Duration,
    pub build_ms: u64,
    pub device_us: u64,
    pub read_ms: u64,
    pub hash_ms: u64,
    pub task: TaskId,
    pub root: Hash,
}

/// Give the executor the source and the inputs of an order.
pub(crate) fn put_blobs(executor: &Executor, order: &Order) {
    executor.put_blob(&order.source);
    for input in &order.inputs {
        executor.put_blob(input);
    }
}

/// Run the order as a task that is new to the executor.
pub(crate) fn run_ours(executor: &Executor, order: &Order) -> Result<Ours> {
    thread_local!(static NEXT: Cell<u64> = const { Cell::new(1) });
    let task = task(NEXT.replace(NEXT.get() + 1));
    let id = RunRequest::id(&GENESIS, task, 0, &Work::Task);
    let request = RunRequest { id, task, ..order.request.clone() };
    let begun = Instant::now();
    executor.post_run(&request);
    let status = loop {
        match executor.run_status(&id) {
            RunStatus::Queued | RunStatus::Running if begun.elapsed() < PATIENCE => std::thread::sleep(POLL),
            ended => break ended,
        }
    };
    let wall = begun.elapsed();
    let RunStatus::Committed(commitment) = status else { bail!("a run ended with {status:?}") };
    let timings = executor.timings(&id);
    Ok(Ours {
        wall,
        build_ms: timings.build_ms,
        device_us: timings.device_us,
        read_ms: timings.read_ms,
        hash_ms: timings.hash_ms,
        task,
        root: commitment.root,
    })
}

/// The root of an output, hashed as the output of `task`.
pub(crate) fn root_of(request: &RunRequest, task: TaskId, output: &[u8]) -> Hash {
    let tiles = output.chunks(request.kernel.tiling.tile_bytes() as usize);
    let leaves: Vec<Hash> = tiles.zip(0..).map(|(tile, index)| leaf(&GENESIS, task, index, tile)).collect();
    tile_tree::root(&leaves)
}
