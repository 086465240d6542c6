//! Tests of the pallet's calls, settlement, debts, quarantines and invariants.

mod builds;
mod cancelling;
mod debts;
mod demand;
mod ends;
mod invariants;
mod kernels;
mod ledger;
mod lists;
mod properties;
mod registry;
mod settlement;
mod submission;

use crate::{mock::*, EndRecord, Ends, Error, Event, HoldReason, Kernels, LastJob, Owed, SettledTasks, WeightInfo};
use codec::Decode;
use dpin_primitives::{
    api::{summary_key, JobSummary, TaskEnd},
    executor::{RunRequest, Work},
    job::{AuditPolicy, FeePolicy, JobShape, JobSpec, Samples, TaskCost, TaskCount, MAX_TASKS},
    kernel::{BuildOption, KernelClass, KernelManifest, Param, Tiling, MAX_SOURCE_BYTES, MAX_TILE_BYTES},
    reason::ReasonCode,
    split::auto_tasks,
    traits::{BlobStore, JobLedger, KernelRegistry, TaskBrief, TaskQueue},
    worker::{DeviceClass, Fp32},
    AccountId, AssetKind, Balance, Hash, JobId, KernelId, TaskId,
};
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok,
        dispatch::GetDispatchInfo,
        traits::{
            fungibles::{InspectHold, Mutate},
            tokens::Preservation,
            LockableCurrency, WithdrawReasons,
        },
    },
    frame_system,
    sp_runtime::{DispatchError, DispatchResult, Perbill, TokenError},
};

fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn task(job: JobId, index: u32) -> TaskId {
    TaskId { job, index }
}

/// The lottery takes the task out of the queue.
fn assign(task: TaskId) {
    assert!(FakeQueue::withdraw(task), "the task is queued");
}

fn settle(task: TaskId, worker: AccountId, auditors: &[AccountId]) {
    assign(task);
    <Jobs as JobLedger>::settle(task, &worker, commitment(), auditors);
}

fn fail(task: TaskId, reason: ReasonCode) {
    assign(task);
    <Jobs as JobLedger>::fail(task, reason);
}

/// `who` can neither send nor receive the asset.
fn block(id: u32, who: AccountId) {
    assert_ok!(Assets::block(signed(ADMIN), id, who));
}

fn unblock(id: u32, who: AccountId) {
    assert_ok!(Assets::thaw(signed(ADMIN), id, who));
}
