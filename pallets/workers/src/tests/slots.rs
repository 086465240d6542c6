//! Slots for tasks.

use super::*;

#[test]
fn are_as_many_as_devices() {
    TestExt::new().worker(ALICE, 2).build_and_execute(|| {
        assert!(occupy(&ALICE));
        assert!(available(&ALICE));
        assert!(occupy(&ALICE));
        assert!(!available(&ALICE));
        assert!(!occupy(&ALICE));
        Workers::vacate(&ALICE);
        assert!(available(&ALICE));
    });
}

#[test]
fn are_not_to_be_had_of_strangers_the_paused_and_the_leaving() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert!(!occupy(&BOB));
        assert_ok!(pause(ALICE));
        assert!(!occupy(&ALICE));
        assert_ok!(leave(ALICE));
        assert!(!occupy(&ALICE));
    });
}
