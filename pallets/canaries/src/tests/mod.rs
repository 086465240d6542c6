//! Tests of the pallet.

mod admission;
mod capacity;
mod claims;
mod delegation;
mod failing;
mod heartbeat;
mod ids;
mod invariants;
mod passing;
mod planning;
mod properties;
mod rounds;
mod shared_device;
mod sweep;
mod tasks;

use crate::{mock::*, *};
use dpin_primitives::{
    AccountId, AssetKind, BlobHash, BlockNumber, CANARY_JOBS, Hash, KernelId, TaskId,
    executor::{RunRequest, Work},
    job::{AuditPolicy, MAX_AUDITORS, MAX_SAMPLES, Requirements, Reward, Samples},
    kernel::{KernelManifest, Param, Tiling},
    reason::ReasonCode,
    tile_tree::MAX_TILES,
    traits::{JobLedger, TaskBrief, WorkerHealth},
    worker::{Fp32, Passport},
};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, traits::Get, weights::Weight},
    frame_system,
    sp_runtime::DispatchError,
};

fn calls(number: u32) -> Vec<TaskId> {
    <Canaries as JobLedger>::calls(&worker(number))
}

fn called(task: TaskId) -> Option<(AccountId, BlockNumber)> {
    <Canaries as JobLedger>::called(task)
}

fn brief(task: TaskId) -> Option<TaskBrief> {
    <Canaries as JobLedger>::brief(task)
}

fn request(task: TaskId) -> Option<RunRequest> {
    <Canaries as JobLedger>::run_request(task, Work::Task)
}

fn passport(number: u32) -> Option<Passport> {
    Canaries::passport(worker(number))
}

fn record(number: u32) -> Record {
    Canaries::record(worker(number)).expect("it was met")
}

/// The workers reported as missed since the last call.
fn missed() -> Vec<AccountId> {
    let missed = |told| match told {
        Told::Miss(worker, _) => Some(worker),
        _ => None,
    };
    FakeWorkers::told().into_iter().filter_map(missed).collect()
}

/// Both canaries of a worker in the present round, conformance first.
fn both(number: u32) -> Vec<TaskId> {
    Kind::ALL.map(|kind| canary(kind, number)).to_vec()
}

/// Pass the opening of the first round and one block more, in which the workers may answer.
fn first_round() {
    next_round();
    run_to(3);
}

/// Run a test of `workers` workers that begins in the first round.
fn in_first_round(workers: u32, test: impl FnOnce()) {
    TestExt::with(workers).build_and_execute(|| {
        first_round();
        test();
    });
}

/// A worker commits to both of its canaries.
fn commit_both(number: u32) {
    for kind in Kind::ALL {
        assert!(commit(kind, number));
    }
}
