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

use crate::{EndRecord, Ends, Error, Event, HoldReason, Kernels, LastJob, Owed, SettledTasks, WeightInfo, mock::*};
use codec::Decode;
use dpin_primitives::{
    AccountId, AssetKind, Balance, Hash, JobId, KernelId, TaskId,
    api::{JobSummary, TaskEnd, summary_key},
    executor::{RunRequest, Work},
    job::{AuditPolicy, FeePolicy, JobShape, JobSpec, MAX_TASKS, Samples, TaskCost, TaskCount},
    kernel::{BuildOption, KernelClass, KernelManifest, MAX_SOURCE_BYTES, MAX_TILE_BYTES, Param, Tiling},
    reason::ReasonCode,
    split::auto_tasks,
    traits::{BlobStore, JobLedger, KernelRegistry, TaskBrief, TaskQueue},
    worker::{DeviceClass, Fp32},
};
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok,
        dispatch::GetDispatchInfo,
        traits::{
            LockableCurrency, WithdrawReasons,
            fungibles::{InspectHold, Mutate},
            tokens::Preservation,
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
