//! Rewards for capacity: decay, pauses, reputation.

use super::*;
use crate::rewards::{decay, trust, weighted};
use polkadot_sdk::{frame_support::traits::Hooks, frame_support::weights::Weight};

#[test]
fn capacity_is_shared_by_tiles() {
    TestExt::new().build_and_execute(|| {
        proved(&ALICE, 100);
        proved(&BOB, 200);
        proved(&BOB, 100);
        let ended = end_era();
        assert_eq!(era(ended).units, 400);
        let all = first_era().capacity;
        assert_eq!(reward(ended, &ALICE).capacity, all / 4);
        assert_eq!(reward(ended, &BOB).capacity, all * 3 / 4);
        assert_eq!((reward(ended, &ALICE).units, reward(ended, &BOB).units), (100_000, 300_000));
    });
}

#[test]
fn a_proof_counts_in_the_running_era() {
    TestExt::new().build_and_execute(|| {
        end_era();
        proved(&ALICE, 7);
        assert_eq!((era(0).units, era(1).units), (0, 7));
        assert!(!reward(1, &ALICE).ready);
        assert_eq!(reward(1, &ALICE).capacity, 0, "nothing is fixed before the era has ended");
        assert_noop!(claim_reward(1, &ALICE), Error::<Test>::EraNotEnded);
    });
}

#[test]
fn decay_is_e_to_the_minus_0_03_a_day_with_a_floor() {
    for (days, parts) in [
        (0, 1_000_000_000),
        (1, 970_445_533),
        (2, 941_764_533),
        (30, 406_569_659),
        (76, 102_284_206),
        (77, 100_000_000),
        (10_000, 100_000_000),
        (u32::MAX, 100_000_000),
    ] {
        assert_eq!(decay(days).deconstruct(), parts, "after {days} days");
    }
}

#[test]
fn a_worker_decays_while_it_runs_and_nobody_gains_by_it() {
    TestExt::new().build_and_execute(|| {
        for day in 0..=30 {
            begin(days(day));
            proved(&ALICE, 10);
            let ran = Issuance::current_era();
            let expected = decay(day).mul_floor(10_000u64);
            assert_eq!(contribution(ran, &ALICE).units, expected, "on day {day}");
        }
        // A newcomer with as many tiles gets its half of the capacity, and the old hand less than its own.
        proved(&BOB, 10);
        let ended = end_era();
        let all = era(ended).capacity;
        assert_eq!(reward(ended, &BOB).capacity, all / 2);
        assert_eq!(reward(ended, &ALICE).capacity, all * 4_065 / 20_000);
        assert_ok!(claim_reward(ended, &ALICE));
        assert_ok!(claim_reward(ended, &BOB));
        assert!(era(ended).minted < all * 71 / 100, "the difference is not minted");
    });
}

#[test]
fn a_pause_of_a_day_begins_anew() {
    TestExt::new().build_and_execute(|| {
        proved(&ALICE, 1);
        begin(1 + days(1));
        proved(&ALICE, 1);
        assert_eq!(contribution(1, &ALICE).units, 970, "just a day is no pause");
        begin(1 + days(2) + 1);
        proved(&ALICE, 1);
        assert_eq!(contribution(2, &ALICE).units, 1_000, "a block more is one");
        assert_eq!(Runs::<Test>::get(ALICE), Some(Run { since: now(), last: now() }));
    });
}

#[test]
fn a_part_of_a_day_does_not_count() {
    TestExt::new().build_and_execute(|| {
        proved(&ALICE, 1);
        begin(days(1));
        proved(&ALICE, 1);
        assert_eq!(contribution(1, &ALICE).units, 1_000);
    });
}

#[test]
fn reputation_counts_downward_alone() {
    let percent = Perbill::from_percent;
    for (reputation, expected) in [(0, 0), (1, 2), (25, 50), (49, 98), (50, 100), (51, 100), (100, 100)] {
        assert_eq!(trust(percent(reputation)), percent(expected), "{reputation} %");
    }
    TestExt::new().build_and_execute(|| {
        Reputations::set(ALICE, percent(25));
        Reputations::set(BOB, percent(50));
        Reputations::set(CAROL, percent(99));
        for who in [&ALICE, &BOB, &CAROL] {
            proved(who, 10);
        }
        let ended = end_era();
        let all = era(ended).capacity;
        assert_eq!(reward(ended, &ALICE).capacity, all / 6);
        assert_eq!(reward(ended, &BOB).capacity, all / 3);
        assert_eq!(reward(ended, &CAROL).capacity, all / 3);
    });
}

#[test]
fn without_any_reputation_nothing_is_earned() {
    TestExt::new().build_and_execute(|| {
        Reputations::set(ALICE, Perbill::zero());
        proved(&ALICE, u32::MAX);
        let ended = end_era();
        assert_eq!(era(ended).units, u64::from(u32::MAX));
        assert_eq!(Issuance::reward(ended, ALICE), None);
        assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn no_number_of_tiles_overflows() {
    assert_eq!(weighted(u32::MAX, 0, Perbill::one()), u64::from(u32::MAX) * 1_000);
    TestExt::new().build_and_execute(|| {
        for _ in 0..100 {
            proved(&ALICE, u32::MAX);
        }
        let ended = end_era();
        assert_eq!(reward(ended, &ALICE).capacity, era(ended).capacity);
    });
}

#[test]
fn workers_that_have_paused_are_forgotten_one_by_one() {
    TestExt::new().build_and_execute(|| {
        for who in [&ALICE, &BOB, &CAROL] {
            proved(who, 1);
        }
        begin(days(1));
        proved(&BOB, 1);
        begin(days(1) + 2);
        let used = Issuance::on_idle(now(), Weight::MAX);
        assert!(used.all_lte(<() as WeightInfo>::look_at_run() + <() as WeightInfo>::watch()));
        assert!(Runs::<Test>::iter().count() >= 2, "one look at a time");
        for _ in 0..8 {
            Issuance::on_idle(now(), Weight::MAX);
        }
        let left: Vec<AccountId> = Runs::<Test>::iter_keys().collect();
        assert_eq!(left, vec![BOB]);
        assert_eq!(Issuance::on_idle(now(), Weight::zero()), Weight::zero());
    });
}
