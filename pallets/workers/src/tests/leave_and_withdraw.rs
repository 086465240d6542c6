//! Leaving, and the release of the bond.

use super::*;

#[test]
fn leaving_ends_availability_at_once_and_keeps_the_bond() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(leave(ALICE));
        assert_eq!((available(&ALICE), <Workers as WorkerRegistry>::active()), (false, 0));
        assert_eq!(held(&ALICE), MIN_BOND);
        assert_eq!(events(), [Event::Left { worker: ALICE, free_at: 1 + LEAVE_BLOCKS }]);
    });
}

#[test]
fn leaving_from_a_pause_is_counted_once() {
    TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
        assert_ok!(pause(ALICE));
        assert_ok!(leave(ALICE));
        assert_eq!(<Workers as WorkerRegistry>::active(), 1);
    });
}

#[test]
fn withdrawal_by_anyone_releases_the_bond_and_forgets_the_worker() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(bond(ALICE, 500));
        assert_ok!(leave(ALICE));
        System::set_block_number(1 + LEAVE_BLOCKS);

        assert_ok!(withdraw(BOB, ALICE));

        assert_eq!((held(&ALICE), Balances::free_balance(&ALICE)), (0, ENDOWMENT));
        assert_eq!(Workers::info(&ALICE), None);
        assert_eq!(Keys::<Test>::iter().count(), 0);
        assert_eq!(events().last(), Some(&Event::Withdrawn { worker: ALICE, bond: MIN_BOND + 500 }));
        assert_ok!(register(&ALICE, gpus(1)));
    });
}

#[test]
fn withdrawal_waits_for_its_time() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(leave(ALICE));
        System::set_block_number(LEAVE_BLOCKS);
        assert_noop!(withdraw(ALICE, ALICE), E::TooEarly);
    });
}

#[test]
fn withdrawal_waits_for_what_is_owed_without_a_bond() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert!(Workers::oblige(&ALICE, Duty { task: TASK, role: Role::Worker }, 0));
        assert_ok!(leave(ALICE));
        System::set_block_number(1 + LEAVE_BLOCKS);
        assert_noop!(withdraw(BOB, ALICE), E::Busy);
        unlock(&ALICE, 0);
        assert_ok!(withdraw(BOB, ALICE));
    });
}

#[test]
fn nobody_takes_on_more_than_it_has_room_or_bond_for() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        let duty = |index| Duty { task: TaskId { job: 0, index }, role: Role::Auditor };
        assert!(!Workers::oblige(&ALICE, duty(0), MIN_BOND + 1));
        assert!(!Workers::engage(&ALICE, duty(0), MIN_BOND + 1));
        assert_eq!((standing(&ALICE).busy, standing(&ALICE).duties.len()), (0, 0));
        assert!((0..MAX_DUTIES).all(|index| Workers::oblige(&ALICE, duty(index), 1)));
        let before = standing(&ALICE);
        assert!(!Workers::oblige(&ALICE, duty(MAX_DUTIES), 1) && !Workers::engage(&ALICE, duty(MAX_DUTIES), 1));
        assert_eq!(standing(&ALICE), before);
        relieve(&ALICE, duty(7).task, 1);
        assert!(Workers::engage(&ALICE, duty(MAX_DUTIES), 1));
        assert_eq!(standing(&ALICE).locked, MAX_DUTIES.into());
    });
}

#[test]
fn withdrawal_waits_for_what_is_in_flight() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert!(occupy(&ALICE) && Workers::lock(&ALICE, 10));
        assert_ok!(leave(ALICE));
        System::set_block_number(1 + LEAVE_BLOCKS);
        assert_noop!(withdraw(BOB, ALICE), E::Busy);
        Workers::vacate(&ALICE);
        assert_noop!(withdraw(BOB, ALICE), E::BondLocked);
        unlock(&ALICE, 10);
        assert_ok!(withdraw(BOB, ALICE));
    });
}

#[test]
fn strangers_those_who_stay_and_the_unsigned_are_refused() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(leave(BOB), E::UnknownWorker);
        assert_noop!(withdraw(BOB, BOB), E::UnknownWorker);
        assert_noop!(withdraw(BOB, ALICE), E::NotLeaving);
        assert_noop!(Workers::leave(RuntimeOrigin::none()), DispatchError::BadOrigin);
        assert_noop!(Workers::withdraw(RuntimeOrigin::none(), ALICE), DispatchError::BadOrigin);
        assert_ok!(leave(ALICE));
        assert_noop!(leave(ALICE), E::Leaving);
    });
}

#[test]
fn the_last_blocks_do_not_overflow() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        System::set_block_number(BlockNumber::MAX - 1);
        assert_ok!(leave(ALICE));
        assert_noop!(withdraw(BOB, ALICE), E::TooEarly);
        System::set_block_number(BlockNumber::MAX);
        assert_ok!(withdraw(BOB, ALICE));
    });
}
