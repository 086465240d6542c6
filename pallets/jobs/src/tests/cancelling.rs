//! Cancelling the queued tasks of a job.

use super::*;

#[test]
fn a_job_that_nobody_works_on_is_refunded_and_ends() {
    for asset in [NATIVE, BLC] {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(asset.clone(), 3));
            assert_ok!(Jobs::cancel_job(signed(ALICE), job));
            assert_eq!((free(asset.clone(), &ALICE), escrow(asset.clone(), &ALICE)), (ENDOWMENT, 0));
            assert_eq!(Jobs::job(job), None);
            assert!(!FakeQueue::contains(task(job, 2)));
            assert_eq!(events().pop(), Some(Event::JobEnded { job, settled: 0, failed: 3 }));
        });
    }
}

#[test]
fn tasks_that_are_assigned_go_on() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 3));
        assign(task(job, 1));
        events();
        assert_ok!(Jobs::cancel_job(signed(ALICE), job));

        let (reason, refund, fee) = (ReasonCode::Cancelled, 105_250, 0);
        let failed = |index| Event::TaskFailed { task: task(job, index), reason, refund, fee };
        assert_eq!(events(), [failed(0), failed(2)]);
        assert_eq!(Jobs::job(job).unwrap().open, 1);
        assert_eq!(escrow(NATIVE, &ALICE), 105_250);

        <Jobs as JobLedger>::settle(task(job, 1), &BOB, commitment(), &[CAROL]);
        assert_eq!(events().pop(), Some(Event::JobEnded { job, settled: 1, failed: 2 }));
    });
}

#[test]
fn cancelling_fails_when_no_task_is_queued() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 1));
        assign(task(job, 0));
        assert_noop!(Jobs::cancel_job(signed(ALICE), job), Error::<Test>::NothingToCancel);
    });
}

#[test]
fn cancelling_fails_for_a_job_that_is_not_there() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(Jobs::cancel_job(signed(ALICE), 0), Error::<Test>::UnknownJob);
        let job = submit(spec(NATIVE, 1));
        fail(task(job, 0), ReasonCode::NoWorker);
        assert_noop!(Jobs::cancel_job(signed(ALICE), job), Error::<Test>::UnknownJob);
    });
}

#[test]
fn cancelling_fails_for_others() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 1));
        assert_noop!(Jobs::cancel_job(signed(BOB), job), Error::<Test>::NotRequester);
    });
}
