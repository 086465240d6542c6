//! Numbers, admission, missed and passed canaries, and reputation.

use super::*;
use crate::{NextNumber, Numbers};
use dpin_primitives::traits::WorkerHealth;
use polkadot_sdk::sp_runtime::Perbill;

fn misses(who: &AccountId) -> u32 {
    standing(who).misses
}

fn miss(who: &AccountId, times: u32) {
    (0..times).for_each(|_| Workers::miss(who, TASK));
}

mod numbers {
    use super::*;

    #[test]
    fn are_given_in_the_order_of_registration() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
            assert_eq!((Workers::number(&ALICE), Workers::number(&BOB)), (Some(0), Some(1)));
            assert_eq!((Workers::by_number(0), Workers::by_number(1)), (Some(ALICE), Some(BOB)));
            assert_eq!((Workers::next_number(), Workers::by_number(2), Workers::number(&CAROL)), (2, None, None));
        });
    }

    #[test]
    fn are_never_given_again() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(leave(ALICE));
            pass(LEAVE_BLOCKS);
            assert_eq!(Workers::by_number(0), Some(ALICE));
            assert_ok!(withdraw(ALICE, ALICE));
            assert_eq!(Numbers::<Test>::iter().count(), 0);
            assert_ok!(register(&ALICE, gpus(1)));
            assert_eq!((Workers::number(&ALICE), Workers::by_number(0)), (Some(1), None));
        });
    }

    #[test]
    fn come_to_an_end() {
        TestExt::new().build_and_execute(|| {
            NextNumber::<Test>::put(u32::MAX);
            assert_noop!(register(&ALICE, gpus(1)), E::NoNumberLeft);
        });
    }
}

mod admission {
    use super::*;

    #[test]
    fn is_at_once_where_nothing_must_be_proved() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(register(&ALICE, gpus(1)));
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn waits_for_the_first_canary_where_it_must() {
        TestExt::new().build_and_execute(|| {
            Admission::set(true);
            assert_ok!(register(&ALICE, gpus(1)));
            assert!(!available(&ALICE) && Workers::is_active(&ALICE));
            // Its canary can still take its slot.
            assert!(occupy(&ALICE));
            Workers::vacate(&ALICE);
            System::reset_events();
            Workers::prove(&ALICE);
            assert!(available(&ALICE));
            assert_eq!(events(), [Event::Proved { worker: ALICE }]);
        });
    }

    #[test]
    fn is_at_once_in_the_genesis_block() {
        TestExt::new().build_and_execute(|| {
            Admission::set(true);
            assert_ok!(Workers::found(ALICE, key(&ALICE), "http://a:1"));
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn stays_as_it_was_when_the_rule_changes() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            Admission::set(true);
            assert_ok!(pause(ALICE));
            assert_ok!(resume(ALICE));
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn is_lost_with_the_devices_that_earned_it() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            Admission::set(true);
            let mut same = record(&ALICE, gpus(1));
            same.offer.max_run_blocks = 7;
            assert_ok!(update(ALICE, same));
            assert!(available(&ALICE));
            assert_ok!(update(ALICE, record(&ALICE, gpus(2))));
            assert!(!available(&ALICE));
        });
    }

    #[test]
    fn is_not_regained_by_declaring_other_devices() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            Workers::disprove(&ALICE);
            assert_ok!(update(ALICE, record(&ALICE, gpus(2))));
            assert!(!available(&ALICE));
        });
    }

    #[test]
    fn is_lost_by_a_failed_canary_and_regained_by_a_passed_one() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            Workers::disprove(&ALICE);
            Workers::disprove(&ALICE);
            assert!(!available(&ALICE));
            Workers::prove(&ALICE);
            Workers::prove(&ALICE);
            assert!(available(&ALICE));
            assert_eq!(events(), [Event::Disproved { worker: ALICE }, Event::Proved { worker: ALICE }]);
        });
    }

    #[test]
    fn is_nothing_to_strangers() {
        TestExt::new().build_and_execute(|| {
            Workers::prove(&ALICE);
            Workers::disprove(&ALICE);
            miss(&ALICE, 3);
            assert!(!Workers::is_active(&ALICE));
            assert_eq!(Workers::capability(&ALICE), None);
            assert_eq!(events(), []);
        });
    }
}

mod a_missed_canary {
    use super::*;

    #[test]
    fn is_a_warning_at_first() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            miss(&ALICE, 1);
            assert!(available(&ALICE));
            assert_eq!(events(), [Event::Warned { worker: ALICE, task: TASK }]);
            assert_eq!((strikes(&ALICE), Workers::reputation(&ALICE)), (0, Perbill::from_percent(50)));
        });
    }

    #[test]
    fn suspends_the_second_time_until_the_worker_proves_itself() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            miss(&ALICE, 2);
            assert!(!available(&ALICE));
            assert_eq!(events().last(), Some(&Event::Suspended { worker: ALICE, task: TASK }));
            assert_eq!(Workers::info(&ALICE).unwrap().misses, 2);
            Workers::prove(&ALICE);
            assert_eq!((available(&ALICE), misses(&ALICE)), (true, 0));
        });
    }

    #[test]
    fn costs_a_part_of_the_bond_from_the_third_time_on() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            miss(&ALICE, 2);
            System::reset_events();
            miss(&ALICE, 2);
            assert_eq!((slashing(&ALICE), Workers::locked(&ALICE)), (2 * ABSENCE_SLASH, 2 * ABSENCE_SLASH));
            assert_eq!(strikes(&ALICE), 2);
            assert!(Workers::reputation(&ALICE) < Perbill::from_percent(50));
            let (reason, due) = (ReasonCode::CanaryMissed, 1 + DELAY);
            let pending =
                |id| Event::SlashPending { id, worker: ALICE, task: TASK, reason, amount: ABSENCE_SLASH, due };
            assert_eq!(events(), [pending(0), pending(1)]);
            pass(DELAY);
            assert_eq!(held(&ALICE), MIN_BOND - 2 * ABSENCE_SLASH);
        });
    }

    #[test]
    fn costs_no_more_than_what_is_free() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, MIN_BOND - 30));
            miss(&ALICE, 4);
            assert_eq!((slashing(&ALICE), Workers::locked(&ALICE)), (30, MIN_BOND));
            assert_eq!(standing(&ALICE).pending, 1);
        });
    }

    #[test]
    fn counts_for_the_reputation_unless_its_slash_is_cancelled() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            miss(&ALICE, 3);
            assert_ok!(Workers::cancel_slash(RuntimeOrigin::root(), 0));
            assert_eq!((strikes(&ALICE), Workers::reputation(&ALICE)), (0, Perbill::from_percent(50)));
        });
    }

    #[test]
    fn is_none_of_who_is_away() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
            assert_ok!(pause(ALICE));
            assert_ok!(leave(BOB));
            System::reset_events();
            miss(&ALICE, 3);
            miss(&BOB, 3);
            assert_eq!((misses(&ALICE), misses(&BOB), events()), (0, 0, vec![]));
            assert!(!Workers::is_active(&ALICE) && !Workers::is_active(&BOB));
        });
    }

    #[test]
    fn is_not_forgotten_by_going_offline_and_back_in_the_same_block() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            miss(&ALICE, 2);
            assert_ok!(pause(ALICE));
            assert_ok!(resume(ALICE));
            assert_ok!(update(ALICE, record(&ALICE, devices(DeviceClass::Cpu, 2))));
            assert_ok!(bond(ALICE, 500));
            assert_eq!((misses(&ALICE), available(&ALICE)), (2, false));
            miss(&ALICE, 1);
            assert_eq!(slashing(&ALICE), ABSENCE_SLASH);
        });
    }
}

mod reputation {
    use super::*;

    #[test]
    fn too_low_takes_out_of_the_index_until_it_recovers() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            Workers::note(&ALICE, Outcome::Wrong, 0);
            assert!(Workers::reputation(&ALICE) < Perbill::from_percent(25));
            assert!(!available(&ALICE));
            assert_ok!(pause(ALICE));
            assert_ok!(resume(ALICE));
            assert!(!available(&ALICE));
            Workers::note(&ALICE, Outcome::Right, FULL_WEIGHT);
            assert!(Workers::reputation(&ALICE) >= Perbill::from_percent(25));
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn is_told_with_the_worker() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            Workers::note(&ALICE, Outcome::Silent, FULL_WEIGHT);
            let info = Workers::info(&ALICE).unwrap();
            assert_eq!((info.reputation, info.strikes), (Workers::reputation(&ALICE), 1));
            assert_eq!(info.reputation, Perbill::from_parts(333_333_333));
        });
    }

    #[test]
    fn counts_silences_in_a_row() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let after = |outcome, value| {
                Workers::note(&ALICE, outcome, value);
                strikes(&ALICE)
            };
            assert_eq!((after(Outcome::Silent, 0), after(Outcome::Silent, 0)), (1, 2));
            assert_eq!((after(Outcome::Declined, 5), after(Outcome::Wrong, 5)), (2, 2));
            assert_eq!(after(Outcome::Right, 1), 0);
        });
    }

    #[test]
    fn worthless_duties_do_not_change_it() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            Workers::note(&ALICE, Outcome::Silent, 50);
            let before = standing(&ALICE);
            Workers::note(&ALICE, Outcome::Right, 0);
            assert_eq!(standing(&ALICE), before);
        });
    }

    #[test]
    fn of_strangers_is_none() {
        TestExt::new().build_and_execute(|| {
            Workers::note(&ALICE, Outcome::Right, FULL_WEIGHT);
            assert_eq!((Workers::reputation(&ALICE), strikes(&ALICE)), (Perbill::zero(), 0));
        });
    }
}
