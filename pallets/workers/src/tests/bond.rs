//! Adding to the bond.

use super::*;

#[test]
fn is_held() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(bond(ALICE, 500));
        assert_eq!(held(&ALICE), MIN_BOND + 500);
        assert_eq!(Workers::free_bond(&ALICE), MIN_BOND + 500);
        assert_eq!(events(), [Event::Bonded { worker: ALICE, amount: 500 }]);
    });
}

#[test]
fn makes_available_who_fell_below_the_least() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert!(Workers::lock(&ALICE, 1));
        slash(&ALICE, 1, &[]);
        pass(DELAY);
        assert!(!available(&ALICE));
        assert_ok!(bond(ALICE, 1));
        assert!(available(&ALICE));
    });
}

#[test]
fn refuses_more_than_there_is() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(bond(ALICE, ENDOWMENT), TokenError::FundsUnavailable);
        assert_noop!(bond(ALICE, Balance::MAX), TokenError::FundsUnavailable);
    });
}

#[test]
fn refuses_nothing_strangers_the_leaving_and_the_unsigned() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(bond(ALICE, 0), E::ZeroAmount);
        assert_noop!(bond(BOB, 1), E::UnknownWorker);
        assert_noop!(Workers::bond(RuntimeOrigin::none(), 1), DispatchError::BadOrigin);
        assert_ok!(leave(ALICE));
        assert_noop!(bond(ALICE, 1), E::Leaving);
    });
}
