//! Settled and failed tasks: payments, fees and refunds.

use super::*;

#[test]
fn settling_shares_out_the_escrow_of_the_task() {
    for (asset, fee) in [(NATIVE, 250), (BLC, 2_250)] {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(asset.clone(), 2));
            let total = escrow(asset.clone(), &ALICE);
            events();
            settle(task(job, 0), BOB, &[CAROL, DAVE]);

            assert_eq!(free(asset.clone(), &BOB), ENDOWMENT + 100_000 - 250);
            assert_eq!(free(asset.clone(), &CAROL), ENDOWMENT + 2_500);
            assert_eq!(free(asset.clone(), &DAVE), ENDOWMENT + 2_500);
            assert_eq!(free(asset.clone(), &POT), fee + 250);
            assert_eq!(escrow(asset.clone(), &ALICE), total / 2);
            assert_eq!(free(asset.clone(), &ALICE), ENDOWMENT - total);
            assert_eq!(
                events(),
                [Event::TaskSettled {
                    task: task(job, 0),
                    worker: BOB,
                    paid: 99_750,
                    auditors: vec![(CAROL, 2_500), (DAVE, 2_500)],
                    revenue: fee + 250,
                    refund: 0,
                }]
            );
            assert_eq!(Jobs::job(job).unwrap().open, 1);
            assert_eq!(
                Jobs::task_end(task(job, 0)),
                Some(TaskEnd::Settled { worker: BOB, commitment: commitment(), auditors: vec![CAROL, DAVE] })
            );
        });
    }
}

#[test]
fn the_pay_of_missing_auditors_goes_back() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 1));
        settle(task(job, 0), BOB, &[CAROL]);
        assert_eq!(free(NATIVE, &CAROL), ENDOWMENT + 2_500);
        assert_eq!(free(NATIVE, &ALICE), ENDOWMENT - 100_000 - 250 - 2_500);
    });
}

#[test]
fn no_more_auditors_are_paid_than_were_asked_for() {
    TestExt::new().build_and_execute(|| {
        let audit = AuditPolicy { auditors: 1, ..Default::default() };
        let job = submit(JobSpec { audit, ..spec(NATIVE, 1) });
        settle(task(job, 0), BOB, &[CAROL, DAVE]);
        assert_eq!(free(NATIVE, &CAROL), ENDOWMENT + 5_000);
        assert_eq!(free(NATIVE, &DAVE), ENDOWMENT);
    });
}

#[test]
fn a_job_without_audit_pays_the_worker_alone() {
    TestExt::new().build_and_execute(|| {
        let audit = AuditPolicy { auditors: 0, ..Default::default() };
        let job = submit(JobSpec { audit, ..spec(NATIVE, 1) });
        settle(task(job, 0), BOB, &[]);
        assert_eq!(free(NATIVE, &BOB), ENDOWMENT + 99_750);
        assert_eq!(free(NATIVE, &ALICE), ENDOWMENT - 100_250);
    });
}

#[test]
fn a_task_is_closed_once() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 2));
        settle(task(job, 0), BOB, &[CAROL]);
        let held = escrow(NATIVE, &ALICE);
        events();
        <Jobs as JobLedger>::settle(task(job, 0), &BOB, commitment(), &[CAROL]);
        <Jobs as JobLedger>::fail(task(job, 0), ReasonCode::Timeout);
        assert_eq!(escrow(NATIVE, &ALICE), held);
        assert_eq!(events(), []);
    });
}

#[test]
fn nothing_happens_to_a_task_that_is_none() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 2));
        events();
        for task in [task(job, 2), task(job, u32::MAX), task(job + 1, 0), task(JobId::MAX, 0)] {
            <Jobs as JobLedger>::settle(task, &BOB, commitment(), &[]);
            <Jobs as JobLedger>::fail(task, ReasonCode::Timeout);
            assert_eq!(<Jobs as JobLedger>::brief(task), None);
            assert_eq!(<Jobs as JobLedger>::run_request(task, Work::Task), None);
        }
        assert_eq!(events(), []);
    });
}

#[test]
fn a_failed_task_is_refunded_in_full() {
    for asset in [NATIVE, BLC] {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(asset.clone(), 2));
            let total = escrow(asset.clone(), &ALICE);
            events();
            fail(task(job, 1), ReasonCode::NoWorker);

            assert_eq!(escrow(asset.clone(), &ALICE), total / 2);
            assert_eq!(free(asset.clone(), &ALICE), ENDOWMENT - total / 2);
            let refund = total / 2;
            assert_eq!(
                events(),
                [Event::TaskFailed { task: task(job, 1), reason: ReasonCode::NoWorker, refund, fee: 0 }]
            );
            assert_eq!(Jobs::task_end(task(job, 1)), Some(TaskEnd::Failed { reason: ReasonCode::NoWorker }));
        });
    }
}

#[test]
fn a_failure_of_the_requesters_own_making_costs_the_fee() {
    let log = Hash::repeat_byte(1);
    let reasons = [
        ReasonCode::Timeout,
        ReasonCode::OutOfMemory,
        ReasonCode::BuildFailed { log },
        ReasonCode::KernelFault { log },
    ];
    for reason in reasons {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 1));
            events();
            fail(task(job, 0), reason);
            assert_eq!(free(BLC, &POT), 2_250);
            assert_eq!(free(BLC, &ALICE), ENDOWMENT - 2_250);
            let refund = 100_000 + 5_000;
            assert_eq!(events()[0], Event::TaskFailed { task: task(job, 0), reason, refund, fee: 2_250 });
        });
    }
}

#[test]
fn refunds_follow_a_partial_failure() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 3));
        settle(task(job, 0), BOB, &[CAROL, DAVE]);
        fail(task(job, 1), ReasonCode::Timeout);
        fail(task(job, 2), ReasonCode::NoAuditors);
        assert_eq!(escrow(NATIVE, &ALICE), 0);
        assert_eq!(free(NATIVE, &ALICE), ENDOWMENT - 105_250 - 250);
        assert_eq!(free(NATIVE, &POT), 500 + 250);
        assert_eq!((SettledTasks::<Test>::get(), crate::FailedTasks::<Test>::get()), (1, 2));
    });
}

#[test]
fn locks_of_the_requester_do_not_stop_payments() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 1));
        Balances::set_lock(*b"elsewher", &ALICE, ENDOWMENT, WithdrawReasons::all());
        settle(task(job, 0), BOB, &[]);
        assert_eq!(free(NATIVE, &BOB), ENDOWMENT + 99_750);
    });
}

#[test]
fn the_fees_of_the_day_of_posting_hold() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 1));
        let fees = Perbill::from_percent(50);
        Fees::set(FeePolicy { reservation: fees, surcharge: fees, audit: fees, audit_minimum: 1_000_000 });
        settle(task(job, 0), BOB, &[CAROL, DAVE]);
        assert_eq!(free(NATIVE, &BOB), ENDOWMENT + 99_750);
        assert_eq!(free(NATIVE, &CAROL), ENDOWMENT + 2_500);
    });
}

#[test]
fn a_job_at_the_limit_of_the_balance_settles_exactly() {
    TestExt::new().build_and_execute(|| {
        let mut spec = spec(INSUFFICIENT, 1);
        spec.reward.per_task = 9_000_000;
        let total = {
            let job = submit(spec);
            let total = escrow(INSUFFICIENT, &ALICE);
            settle(task(job, 0), BOB, &[CAROL, DAVE]);
            total
        };
        let gained = [BOB, CAROL, DAVE].map(|who| free(INSUFFICIENT, &who) - ENDOWMENT);
        assert_eq!(gained.iter().sum::<Balance>() + free(INSUFFICIENT, &POT), total);
        assert_eq!(free(INSUFFICIENT, &ALICE), ENDOWMENT - total);
    });
}
