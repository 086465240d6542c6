//! Taking back a part of the bond.

use super::*;

#[test]
fn releases_what_is_above_the_least() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(bond(ALICE, 500));
        assert_ok!(unbond(ALICE, 500));
        assert_eq!((held(&ALICE), Balances::free_balance(&ALICE)), (MIN_BOND, ENDOWMENT - MIN_BOND));
        assert_eq!(events().last(), Some(&Event::Unbonded { worker: ALICE, amount: 500 }));
        assert!(available(&ALICE));
    });
}

#[test]
fn leaves_the_least() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(bond(ALICE, 500));
        assert_noop!(unbond(ALICE, 501), E::BelowMinBond);
    });
}

#[test]
fn leaves_what_is_locked() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(bond(ALICE, 500));
        assert!(Workers::lock(&ALICE, MIN_BOND + 1));
        assert_noop!(unbond(ALICE, 500), E::BondLocked);
        assert_ok!(unbond(ALICE, 499));
    });
}

#[test]
fn refuses_more_than_the_bond() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(unbond(ALICE, MIN_BOND + 1), E::BondTooSmall);
        assert_noop!(unbond(ALICE, Balance::MAX), E::BondTooSmall);
    });
}

#[test]
fn refuses_nothing_strangers_the_leaving_and_the_unsigned() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(bond(ALICE, 500));
        assert_noop!(unbond(ALICE, 0), E::ZeroAmount);
        assert_noop!(unbond(BOB, 1), E::UnknownWorker);
        assert_noop!(Workers::unbond(RuntimeOrigin::none(), 1), DispatchError::BadOrigin);
        assert_ok!(leave(ALICE));
        assert_noop!(unbond(ALICE, 1), E::Leaving);
    });
}
