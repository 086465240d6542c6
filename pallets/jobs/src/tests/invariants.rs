//! The checks of the state find damage.

use super::*;
use crate::{Jobs as JobStore, NextJob};
use polkadot_sdk::frame_support::traits::fungibles::MutateHold;

/// The checks find the damage that `damage` does to a chain with a job of which one task is
/// closed.
fn finds(damage: impl FnOnce(JobId)) {
    TestExt::new().build().execute_with(|| {
        let job = submit(spec(NATIVE, 3));
        settle(task(job, 1), BOB, &[CAROL]);
        check_invariants();
        damage(job);
        assert!(Jobs::do_try_state().is_err());
    });
}

#[test]
fn escrow_that_is_too_large_is_found() {
    finds(|_| {
        assert_ok!(AllAssets::hold(NATIVE, &HoldReason::Escrow.into(), &ALICE, 1));
    });
}

#[test]
fn escrow_without_a_job_is_found() {
    finds(|_| {
        assert_ok!(AllAssets::hold(BLC, &HoldReason::Escrow.into(), &DAVE, 1));
    });
}

#[test]
fn a_debt_without_money_is_found() {
    finds(|_| Owed::<Test>::insert(BOB, (ALICE, NATIVE), 1));
}

#[test]
fn a_debt_of_nothing_is_found() {
    finds(|_| Owed::<Test>::insert(BOB, (ALICE, NATIVE), 0));
}

#[test]
fn a_deposit_without_a_kernel_is_found() {
    finds(|_| {
        assert_ok!(AllAssets::hold(NATIVE, &HoldReason::Kernel.into(), &DAVE, 1));
    });
}

#[test]
fn a_missing_end_is_found() {
    finds(|job| Ends::<Test>::remove(job, 1));
}

#[test]
fn an_end_without_a_job_is_found() {
    finds(|job| Ends::<Test>::insert(job + 1, 0, EndRecord::Failed { reason: ReasonCode::NoWorker }));
}

#[test]
fn an_end_of_a_task_that_is_none_is_found() {
    finds(|job| {
        let end = Ends::<Test>::take(job, 1).unwrap();
        Ends::<Test>::insert(job, 3, end);
    });
}

#[test]
fn a_job_that_was_never_posted_is_found() {
    finds(|_| NextJob::<Test>::put(0));
}

#[test]
fn a_job_that_should_be_gone_is_found() {
    finds(|job| {
        for index in [0, 2] {
            Ends::<Test>::insert(job, index, EndRecord::Failed { reason: ReasonCode::NoWorker });
        }
        JobStore::<Test>::mutate(job, |job| job.as_mut().unwrap().open = 0);
        assert_ok!(AllAssets::release(
            NATIVE,
            &HoldReason::Escrow.into(),
            &ALICE,
            2 * 105_250,
            polkadot_sdk::frame_support::traits::tokens::Precision::Exact
        ));
    });
}

#[test]
fn a_wrong_count_of_a_kernels_jobs_is_found() {
    finds(|_| Kernels::<Test>::mutate(manifest().id(), |kernel| kernel.as_mut().unwrap().jobs = 2));
}
