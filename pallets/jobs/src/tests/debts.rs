//! Payments that cannot be delivered, and their claims.

use super::*;

fn owed(creditor: &AccountId, asset: AssetKind) -> Balance {
    Owed::<Test>::get(creditor, (ALICE, asset))
}

#[test]
fn a_blocked_worker_is_owed_and_claims_later() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 1));
        block(1, BOB);
        events();
        settle(task(job, 0), BOB, &[CAROL, DAVE]);

        assert_eq!(Jobs::job(job), None, "the job ends all the same");
        assert_eq!(free(BLC, &CAROL), ENDOWMENT + 2_500);
        assert_eq!(owed(&BOB, BLC), 99_750);
        assert_eq!(escrow(BLC, &ALICE), 99_750);
        assert_eq!(events()[0], Event::PaymentOwed { creditor: BOB, requester: ALICE, asset: BLC, amount: 99_750 });
        let blocked: DispatchError = TokenError::CannotCreate.into();
        assert_noop!(Jobs::claim_owed(signed(BOB), BOB, ALICE, BLC), blocked);

        unblock(1, BOB);
        assert_ok!(Jobs::claim_owed(signed(EVE), BOB, ALICE, BLC));
        assert_eq!(free(BLC, &BOB), ENDOWMENT + 99_750);
        assert_eq!((owed(&BOB, BLC), escrow(BLC, &ALICE)), (0, 0));
        assert_eq!(events(), [Event::OwedPaid { creditor: BOB, requester: ALICE, asset: BLC, amount: 99_750 }]);
    });
}

#[test]
fn a_frozen_asset_pays_when_it_thaws() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 1));
        let total = escrow(BLC, &ALICE);
        assert_ok!(Assets::freeze_asset(signed(ADMIN), 1));
        settle(task(job, 0), BOB, &[CAROL]);
        assert_eq!([BOB, CAROL, ALICE, POT].map(|who| owed(&who, BLC)), [99_750, 2_500, 2_500, 2_500]);
        assert_eq!(escrow(BLC, &ALICE), total, "nothing that was begun is left half done");

        assert_ok!(Assets::thaw_asset(signed(ADMIN), 1));
        for who in [BOB, CAROL, ALICE, POT] {
            assert_ok!(Jobs::claim_owed(signed(EVE), who, ALICE, BLC));
        }
        assert_eq!(free(BLC, &BOB), ENDOWMENT + 99_750);
        assert_eq!(escrow(BLC, &ALICE), 0);
    });
}

#[test]
fn debts_to_one_creditor_add_up() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 2));
        block(1, BOB);
        settle(task(job, 0), BOB, &[]);
        settle(task(job, 1), BOB, &[]);
        assert_eq!(owed(&BOB, BLC), 2 * 99_750);
    });
}

#[test]
fn a_blocked_requester_is_owed_its_refund() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 1));
        let total = escrow(BLC, &ALICE);
        block(1, ALICE);
        fail(task(job, 0), ReasonCode::NoWorker);
        assert_eq!((owed(&ALICE, BLC), escrow(BLC, &ALICE)), (total, total));

        unblock(1, ALICE);
        assert_ok!(Jobs::claim_owed(signed(ALICE), ALICE, ALICE, BLC));
        assert_eq!(free(BLC, &ALICE), ENDOWMENT);
    });
}

#[test]
fn a_blocked_requester_still_pays() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 1));
        block(1, ALICE);
        settle(task(job, 0), BOB, &[CAROL, DAVE]);
        assert_eq!(free(BLC, &BOB), ENDOWMENT + 99_750);
    });
}

#[test]
fn revenue_below_the_least_balance_waits_for_the_pot() {
    TestExt::new().build_and_execute(|| {
        let mut cheap = spec(NATIVE, 2);
        cheap.reward.per_task = MIN_REWARD;
        let job = submit(cheap);
        settle(task(job, 0), BOB, &[CAROL, DAVE]);
        assert_eq!((free(NATIVE, &POT), owed(&POT, NATIVE)), (0, 6));
        let too_little: DispatchError = TokenError::CannotCreate.into();
        assert_noop!(Jobs::claim_owed(signed(BOB), POT, ALICE, NATIVE), too_little);

        settle(task(job, 1), BOB, &[CAROL, DAVE]);
        assert_eq!((free(NATIVE, &POT), owed(&POT, NATIVE)), (0, 12));
        assert_ok!(Jobs::claim_owed(signed(BOB), POT, ALICE, NATIVE));
        assert_eq!((free(NATIVE, &POT), owed(&POT, NATIVE)), (12, 0));
    });
}

#[test]
fn an_account_that_was_reaped_is_created_again_by_its_pay() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 1));
        assert!(!System::account_exists(&EVE));
        settle(task(job, 0), EVE, &[]);
        assert_eq!(free(NATIVE, &EVE), 99_750);
    });
}

#[test]
fn an_auditor_that_was_reaped_is_owed_what_is_below_the_least_balance() {
    TestExt::new().build_and_execute(|| {
        Fees::mutate(|fees| (fees.audit, fees.audit_minimum) = (Perbill::zero(), ED - 1));
        let job = submit(spec(NATIVE, 1));
        settle(task(job, 0), BOB, &[EVE, CAROL]);
        assert_eq!((free(NATIVE, &EVE), owed(&EVE, NATIVE)), (0, ED - 1));
        assert_eq!(free(NATIVE, &CAROL), ENDOWMENT + ED - 1);

        assert_ok!(Balances::transfer_allow_death(signed(BOB), EVE, ED));
        assert_ok!(Jobs::claim_owed(signed(EVE), EVE, ALICE, NATIVE));
        assert_eq!(free(NATIVE, &EVE), 2 * ED - 1);
    });
}

#[test]
fn the_pot_can_hold_an_asset_that_keeps_no_account_alive() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(INSUFFICIENT, 1));
        settle(task(job, 0), EVE, &[]);
        assert_eq!(free(INSUFFICIENT, &POT), 2_500);
        assert_eq!(owed(&EVE, INSUFFICIENT), 99_750, "EVE has no account that the asset could belong to");
    });
}

#[test]
fn nobody_spends_what_it_owes() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(BLC, 1));
        block(1, BOB);
        settle(task(job, 0), BOB, &[CAROL, DAVE]);
        let all = free(BLC, &ALICE);
        assert!(<Assets as Mutate<AccountId>>::transfer(1, &ALICE, &CAROL, all, Preservation::Expendable).is_err());
        assert_ok!(<Assets as Mutate<AccountId>>::transfer(1, &ALICE, &CAROL, all - ED, Preservation::Expendable));
        assert_eq!(escrow(BLC, &ALICE), 99_750);
    });
}

#[test]
fn claiming_fails_when_nothing_is_owed() {
    TestExt::new().build_and_execute(|| {
        submit(spec(NATIVE, 1));
        assert_noop!(Jobs::claim_owed(signed(BOB), BOB, ALICE, NATIVE), Error::<Test>::NothingOwed);
        assert_noop!(Jobs::claim_owed(signed(ALICE), ALICE, ALICE, NATIVE), Error::<Test>::NothingOwed);
    });
}
