//! Locks on the bond.

use super::*;

#[test]
fn go_as_far_as_the_bond() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert!(!Workers::lock(&ALICE, MIN_BOND + 1));
        assert!(Workers::lock(&ALICE, MIN_BOND));
        assert_eq!(Workers::free_bond(&ALICE), 0);
        assert!(!Workers::lock(&ALICE, 1));
        assert!(!Workers::lock(&ALICE, Balance::MAX));
        unlock(&ALICE, 400);
        assert_eq!(Workers::free_bond(&ALICE), 400);
    });
}

#[test]
fn are_not_to_be_had_of_strangers() {
    TestExt::new().build_and_execute(|| {
        assert!(!Workers::lock(&ALICE, 0));
        assert_eq!(Workers::free_bond(&ALICE), 0);
    });
}
