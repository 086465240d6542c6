//! Reports of settled tasks to the economy.

use super::*;

#[test]
fn is_the_fees_of_a_settled_task_and_who_was_paid() {
    for (asset, fees) in [(NATIVE, 500), (BLC, 2_500)] {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(asset.clone(), 2));
            settle(task(job, 0), BOB, &[CAROL, DAVE]);
            let paid = vec![(BOB, 99_750), (CAROL, 2_500), (DAVE, 2_500)];
            assert_eq!(FakeDemand::told(), [(asset.clone(), fees, paid)]);
            assert_eq!(free(asset.clone(), &POT), fees);

            settle(task(job, 1), CAROL, &[]);
            assert_eq!(FakeDemand::told(), [(asset.clone(), fees, vec![(CAROL, 99_750)])]);
        });
    }
}

#[test]
fn counts_pay_that_became_a_debt() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 1));
        block(1, BOB);
        block(1, CAROL);
        settle(task(job, 0), BOB, &[CAROL]);
        assert_eq!(Owed::<Test>::iter().count(), 2);
        assert_eq!(FakeDemand::told(), [(BLC, 2_500, vec![(BOB, 99_750), (CAROL, 2_500)])]);
    });
}

#[test]
fn does_not_count_fees_that_became_a_debt() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 1));
        assert_ok!(Assets::touch_other(signed(ADMIN), 1, POT));
        block(1, POT);
        settle(task(job, 0), BOB, &[CAROL]);
        assert_eq!(Owed::<Test>::get(POT, (ALICE, BLC)), 2_500);
        assert_eq!(FakeDemand::told(), []);

        unblock(1, POT);
        assert_ok!(Jobs::claim_owed(signed(BOB), POT, ALICE, BLC));
        assert_eq!(free(BLC, &POT), 2_500);
        assert_eq!(FakeDemand::told(), [], "nor when they are delivered later");
    });
}

#[test]
fn is_none_where_there_are_no_fees() {
    TestExt::new().build_and_execute(|| {
        Fees::mutate(|fees| fees.reservation = Perbill::zero());
        let job = submit(spec(NATIVE, 1));
        settle(task(job, 0), BOB, &[CAROL]);
        assert_eq!(free(NATIVE, &POT), 0);
        assert_eq!(FakeDemand::told(), []);
    });
}

#[test]
fn is_none_of_a_failed_task_even_for_the_fee() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 2));
        fail(task(job, 0), ReasonCode::Timeout);
        fail(task(job, 1), ReasonCode::NoWorker);
        assert_eq!(free(BLC, &POT), 2_250);
        assert_eq!(FakeDemand::told(), []);
    });
}

#[test]
fn is_none_of_a_task_that_is_closed_or_a_canary() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 2));
        settle(task(job, 0), BOB, &[]);
        FakeDemand::told();
        for task in [task(job, 0), task(dpin_primitives::CANARY_JOBS, 0)] {
            <Jobs as JobLedger>::settle(task, &BOB, commitment(), &[CAROL]);
        }
        assert_eq!(FakeDemand::told(), []);
    });
}
