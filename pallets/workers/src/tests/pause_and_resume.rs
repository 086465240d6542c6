//! Pausing and resuming.

use super::*;

#[test]
fn take_out_of_the_index_and_back() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(pause(ALICE));
        assert_eq!((available(&ALICE), <Workers as WorkerRegistry>::active()), (false, 0));
        assert_ok!(resume(ALICE));
        assert_eq!((available(&ALICE), <Workers as WorkerRegistry>::active()), (true, 1));
        assert_eq!(events(), [Event::Paused { worker: ALICE }, Event::Resumed { worker: ALICE }]);
    });
}

#[test]
fn leave_what_is_in_flight_alone() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert!(occupy(&ALICE) && Workers::lock(&ALICE, 10));
        assert_ok!(pause(ALICE));
        assert_eq!((standing(&ALICE).busy, standing(&ALICE).locked), (1, 10));
        assert_ok!(resume(ALICE));
        assert!(!available(&ALICE));
    });
}

#[test]
fn refuse_what_is_so_already() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(resume(ALICE), E::NotPaused);
        assert_ok!(pause(ALICE));
        assert_noop!(pause(ALICE), E::AlreadyPaused);
    });
}

#[test]
fn refuse_strangers_the_leaving_and_the_unsigned() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(pause(BOB), E::UnknownWorker);
        assert_noop!(resume(BOB), E::UnknownWorker);
        assert_noop!(Workers::pause(RuntimeOrigin::none()), DispatchError::BadOrigin);
        assert_noop!(Workers::resume(RuntimeOrigin::none()), DispatchError::BadOrigin);
        assert_ok!(leave(ALICE));
        assert_noop!(pause(ALICE), E::Leaving);
        assert_noop!(resume(ALICE), E::Leaving);
    });
}
