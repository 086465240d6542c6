//! Tests of the proof of compute, by behaviour.

mod assignment;
mod attacks;
mod batches;
mod builds;
mod canaries;
mod candidates;
mod deadlines;
mod devices;
mod disputes;
mod duties;
mod expiry;
mod faults;
mod history;
mod honest_work;
mod off_chain_worker;
mod reports_are_checked;
mod sampling;

use crate::{mock::*, report::Step, *};
use dpin_primitives::{
    AccountId, Balance, DPN, Hash, TaskId,
    job::{Samples, TaskCount},
    reason::ReasonCode,
    seal::seal,
    traits::WorkerRegistry,
};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, weights::WeightMeter},
    sp_runtime::{DispatchError, DispatchResult, Perbill},
};

const SILENCE: Perbill = RULES.silence_slash;

fn stale() -> DispatchError {
    DispatchError::Other("stale")
}

#[test]
fn events_name_the_stages_of_a_task() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        let task = task(job, 0);
        commit(task, true);
        audit(task, &[true, true]);
        open(task, true);
        let names: Vec<&str> = events()
            .iter()
            .map(|event| match event {
                Event::TaskAssigned { .. } => "assigned",
                Event::TaskCommitted { .. } => "committed",
                Event::AuditorsDrawn { .. } => "drawn",
                Event::TaskSealed { .. } => "sealed",
                Event::TaskVerified { .. } => "verified",
                _ => "other",
            })
            .collect();
        assert_eq!(names, ["assigned", "committed", "drawn", "sealed", "sealed", "verified"]);
        assert!(pending().is_empty());
    });
}
