//! Certificates.

use super::*;
use polkadot_sdk::{
    frame_support::traits::fungibles::{Inspect, MutateHold as HoldAssets},
    pallet_assets,
};

fn certified(who: &AccountId) -> bool {
    Workers::is_certified(who)
}

#[test]
fn a_worker_that_locks_the_minimum_is_certified() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert!(!certified(&ALICE));
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert!(certified(&ALICE));
        assert_eq!(Workers::info(&ALICE).unwrap().certificate, CERTIFICATE);
        assert_eq!((blc(&ALICE), held_certificate(&ALICE)), (BLC_ENDOWMENT - CERTIFICATE, CERTIFICATE));
        assert_eq!(held(&ALICE), MIN_BOND, "the bond is another matter");
        assert_eq!(events(), [Event::Certified { worker: ALICE, amount: CERTIFICATE, certificate: CERTIFICATE }]);
    });
}

#[test]
fn a_certificate_may_grow_by_any_amount() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert_ok!(certify(ALICE, 1));
        assert_eq!(held_certificate(&ALICE), CERTIFICATE + 1);
        assert_eq!(Workers::info(&ALICE).unwrap().certificate, CERTIFICATE + 1);
        let grown = Event::Certified { worker: ALICE, amount: 1, certificate: CERTIFICATE + 1 };
        assert_eq!(events().last(), Some(&grown));
    });
}

#[test]
fn a_certificate_below_a_minimum_that_has_risen_certifies_again_when_it_is_made_up() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        CertificateMinimum::set(CERTIFICATE + 100);
        assert!(!certified(&ALICE));
        assert_noop!(certify(ALICE, 99), E::BelowCertificateMinimum);
        assert_ok!(certify(ALICE, 100));
        assert!(certified(&ALICE));
    });
}

#[test]
fn less_than_the_minimum_is_refused() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(certify(ALICE, CERTIFICATE - 1), E::BelowCertificateMinimum);
        assert_noop!(certify(ALICE, 0), E::ZeroAmount);
    });
}

#[test]
fn who_has_too_little_blc_is_refused() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        let most = BLC_ENDOWMENT - BLC_MINIMUM;
        assert_noop!(certify(ALICE, most + 1), TokenError::FundsUnavailable);
        assert_noop!(certify(ALICE, Balance::MAX), TokenError::FundsUnavailable);
        assert_ok!(certify(ALICE, most));
        assert_noop!(certify(ALICE, Balance::MAX), polkadot_sdk::sp_runtime::ArithmeticError::Overflow);
    });
}

#[test]
fn who_has_no_blc_is_refused() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(Assets::transfer_all(RuntimeOrigin::signed(ALICE), BLC_ID, BOB, false));
        assert_eq!(blc(&ALICE), 0);
        assert_noop!(certify(ALICE, CERTIFICATE), TokenError::FundsUnavailable);
    });
}

#[test]
fn strangers_the_leaving_and_the_unsigned_are_refused() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(certify(BOB, CERTIFICATE), E::UnknownWorker);
        assert_noop!(decertify(BOB), E::NotCertified);
        assert_noop!(decertify(ALICE), E::NotCertified);
        assert_noop!(Workers::certify(RuntimeOrigin::none(), CERTIFICATE), DispatchError::BadOrigin);
        assert_noop!(Workers::decertify(RuntimeOrigin::none()), DispatchError::BadOrigin);
        assert_ok!(leave(ALICE));
        assert_noop!(certify(ALICE, CERTIFICATE), E::Leaving);
    });
}

#[test]
fn an_idle_worker_gets_all_of_it_back() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert_ok!(certify(ALICE, 70));
        assert_ok!(decertify(ALICE));
        assert!(!certified(&ALICE));
        assert_eq!((blc(&ALICE), held_certificate(&ALICE)), (BLC_ENDOWMENT, 0));
        assert_eq!(Workers::info(&ALICE).unwrap().certificate, 0);
        assert_eq!(events().last(), Some(&Event::Decertified { worker: ALICE, amount: CERTIFICATE + 70 }));
        assert_noop!(decertify(ALICE), E::NotCertified);
    });
}

#[test]
fn a_busy_worker_keeps_its_certificate() {
    TestExt::new().worker(ALICE, 2).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert!(occupy(&ALICE));
        assert_noop!(decertify(ALICE), E::Busy);
        assert_ok!(leave(ALICE));
        assert_noop!(decertify(ALICE), E::Busy);
        Workers::vacate(&ALICE);
        assert_ok!(decertify(ALICE));
        assert_eq!(blc(&ALICE), BLC_ENDOWMENT);
    });
}

#[test]
fn a_worker_keeps_its_certificate_until_its_tasks_are_audited() {
    TestExt::new().worker(ALICE, 2).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert!(Workers::lock(&ALICE, 100));
        assert_noop!(decertify(ALICE), E::BondLocked);
        unlock(&ALICE, 100);
        assert_ok!(decertify(ALICE));
    });
}

#[test]
fn who_is_forgotten_gets_it_back() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert_ok!(leave(ALICE));
        assert_eq!(held_certificate(&ALICE), CERTIFICATE, "not before");
        pass(LEAVE_BLOCKS);
        System::reset_events();
        assert_ok!(withdraw(BOB, ALICE));
        assert_eq!((blc(&ALICE), held_certificate(&ALICE)), (BLC_ENDOWMENT, 0));
        assert!(!Certificates::<Test>::contains_key(ALICE));
        assert_eq!(
            events(),
            [
                Event::Decertified { worker: ALICE, amount: CERTIFICATE },
                Event::Withdrawn { worker: ALICE, bond: MIN_BOND }
            ]
        );
    });
}

#[test]
fn what_cannot_be_released_is_kept_for_who_was_the_worker() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert_ok!(leave(ALICE));
        pass(LEAVE_BLOCKS);
        assert_ok!(freeze(true));
        assert_ok!(withdraw(BOB, ALICE));
        assert_eq!(Workers::info(&ALICE), None);
        assert_eq!(Balances::free_balance(&ALICE), ENDOWMENT, "the bond is not kept back");
        assert_eq!((Certificates::<Test>::get(ALICE), held_certificate(&ALICE)), (CERTIFICATE, CERTIFICATE));
        assert!(!events().contains(&Event::Decertified { worker: ALICE, amount: CERTIFICATE }));
        assert!(decertify(ALICE).is_err());
        assert_eq!(Certificates::<Test>::get(ALICE), CERTIFICATE);

        assert_ok!(freeze(false));
        assert_noop!(decertify(BOB), E::NotCertified);
        assert_ok!(decertify(ALICE));
        assert_eq!(blc(&ALICE), BLC_ENDOWMENT);
    });
}

#[test]
fn what_was_kept_certifies_who_becomes_a_worker_again() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert_ok!(leave(ALICE));
        pass(LEAVE_BLOCKS);
        assert_ok!(freeze(true));
        assert_ok!(withdraw(BOB, ALICE));
        assert_ok!(register(&ALICE, gpus(1)));
        assert!(certified(&ALICE), "it is still locked");
        assert_ok!(freeze(false));
        assert_ok!(decertify(ALICE));
        assert!(!certified(&ALICE));
    });
}

#[test]
fn a_certificate_is_not_to_be_spent_or_held_twice() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        let certificate = BLC_ENDOWMENT - CERTIFICATE;
        assert_ok!(certify(ALICE, certificate));
        let signed = || RuntimeOrigin::signed(ALICE);
        let unavailable: DispatchError = pallet_assets::Error::<Test>::BalanceLow.into();
        assert_noop!(Assets::transfer(signed(), BLC_ID, BOB, CERTIFICATE + 1), unavailable);
        let other = crate::HoldReason::Bond.into();
        let again = <AllAssets as HoldAssets<_>>::hold(BLC, &other, &ALICE, CERTIFICATE);
        assert_eq!(again, Err(TokenError::FundsUnavailable.into()));
        assert_noop!(certify(ALICE, CERTIFICATE), TokenError::FundsUnavailable);
        assert_ok!(Assets::transfer_all(signed(), BLC_ID, BOB, true));
        assert_eq!(held_certificate(&ALICE), certificate);
        assert_eq!(AllAssets::total_balance(BLC, &ALICE), certificate + BLC_MINIMUM);
    });
}

#[test]
fn a_slash_takes_nothing_of_the_certificate() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(certify(ALICE, CERTIFICATE));
        assert!(Workers::lock(&ALICE, MIN_BOND));
        slash(&ALICE, MIN_BOND, &[]);
        pass(DELAY);
        assert_eq!((held(&ALICE), held_certificate(&ALICE)), (0, CERTIFICATE));
    });
}

#[test]
fn a_certificate_without_its_money_is_found() {
    let finds = |damage: fn()| {
        TestExt::new().worker(ALICE, 1).build().execute_with(|| {
            assert_ok!(certify(ALICE, CERTIFICATE));
            assert_ok!(Workers::do_try_state());
            damage();
            assert!(Workers::do_try_state().is_err());
        });
    };
    finds(|| Certificates::<Test>::insert(ALICE, CERTIFICATE + 1));
    finds(|| Certificates::<Test>::insert(BOB, CERTIFICATE));
    finds(|| Certificates::<Test>::insert(BOB, 0));
    finds(|| Certificates::<Test>::remove(ALICE));
}
