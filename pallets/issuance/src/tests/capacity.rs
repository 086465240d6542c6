//! Rewards for capacity: decay and reputation.

use super::*;
use crate::rewards::{decay, trust, weighted};

#[test]
fn capacity_is_shared_by_tiles() {
    TestExt::new().build_and_execute(|| {
        proved(&ALICE, 100);
        proved(&BOB, 200);
        proved(&BOB, 100);
        let ended = end_era();
        assert_eq!(era(ended).units, 400);
        let all = first_era().capacity;
        assert_eq!(reward(ended, &ALICE).capacity, net(all / 4));
        assert_eq!(reward(ended, &BOB).capacity, net(all * 3 / 4));
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

/// Run `days` days of four eras each, in which the accounts returned by `proves` for each era prove
/// that many tiles. Claim all rewards, and return their sum.
fn earned(days: u32, mut proves: impl FnMut(u32) -> Vec<(AccountId, u32)>) -> Balance {
    let mut sum = 0;
    TestExt::new().build_and_execute(|| {
        for number in 0..days * 4 {
            let proofs = proves(number);
            for (who, tiles) in &proofs {
                proved(who, *tiles);
            }
            let ended = end_era();
            for (who, _) in proofs {
                sum += Issuance::reward(ended, who.clone()).map_or(0, |reward| reward.capacity);
                let _ = claim_reward(ended, &who);
            }
        }
        let minted: Balance = Eras::<Test>::iter_values().map(|record| record.info.minted).sum();
        assert!(sum > 0 && sum + sum / 2 > minted, "everything was claimed");
    });
    sum
}

/// A different account for each number.
fn account(number: u32) -> AccountId {
    let mut bytes = [0xdd; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    bytes.into()
}

/// The account that proves in an era, or none in a pause.
type Turn = fn(u32) -> Option<u32>;

/// Ways in which the owner of one device may use accounts in turn.
const TURNS: [(&str, Turn); 7] = [
    ("two accounts, each for a day and an era", |era| Some(era / 5 % 2)),
    ("two accounts in every other era", |era| Some(era % 2)),
    ("ten accounts, each for a day", |era| Some(era / 4 % 10)),
    ("ten accounts, each for a month", |era| Some(era / 120 % 10)),
    ("a new account every day", |era| Some(era / 4)),
    ("a new account in every era", Some),
    ("one account that pauses for more than a day in nine", |era| (era % 36 >= 5).then_some(0)),
];

#[test]
fn accounts_that_take_turns_on_a_device_earn_no_more_than_one_that_is_faithful() {
    const DAYS: u32 = 120;
    let faithful = earned(DAYS, |_| vec![(ALICE, 1_000)]);
    // Time decay has taken most of it.
    let all: Balance = first_era().capacity * Balance::from(DAYS) * 4;
    assert!(faithful < all / 3, "{faithful} of {all}");
    for (how, turn) in TURNS {
        let sum = earned(DAYS, |era| turn(era).map(|number| (account(number), 1_000)).into_iter().collect());
        assert!(sum <= faithful, "{how}: {sum} instead of {faithful}");
        // Only the eras without a proof are lost.
        let run = (0..DAYS * 4).filter(|era| turn(*era).is_some()).count() as Balance;
        assert!(sum >= faithful / Balance::from(DAYS * 4) * run * 99 / 100, "{how}: {sum} instead of {faithful}");
    }
}

#[test]
fn who_takes_turns_gains_nothing_over_a_faithful_neighbour() {
    for (how, turn) in TURNS {
        let (mut neighbour, mut turns) = (0, 0);
        TestExt::new().build_and_execute(|| {
            for number in 0..400 {
                proved(&BOB, 1_000);
                let other = turn(number).map(account);
                other.iter().for_each(|who| proved(who, 1_000));
                let ended = end_era();
                neighbour += reward(ended, &BOB).capacity;
                turns += other.map_or(0, |who| reward(ended, &who).capacity);
            }
        });
        assert!(turns <= neighbour, "{how}: {turns}, the neighbour {neighbour}");
    }
}

#[test]
fn decay_goes_by_the_age_of_the_networks_capacity() {
    TestExt::new().build_and_execute(|| {
        for number in 0..320 {
            proved(&ALICE, 10);
            let ended = end_era();
            // The capacity of the first era is new at the era's end.
            let age = ERA_BLOCKS * number;
            let mut expected = EraInfo { emission: era(ended).emission, ..Default::default() };
            crate::rewards::cut(&mut expected, &RULES, decay(age / days(1)));
            assert_eq!(era(ended).age, age.min(days(DECAY_DAYS)), "era {number}");
            assert_eq!(era(ended).capacity, expected.capacity, "era {number}");
            assert_eq!(reward(ended, &ALICE).capacity, net(expected.capacity));
        }
        let minted = Issuance::supply().minted;
        assert_ok!(claim_reward(319, &ALICE));
        let EraInfo { capacity, emission, .. } = era(319);
        assert!(capacity < emission / 20, "{capacity}");
        assert_eq!(Issuance::supply().minted - minted, capacity, "the difference is not minted");
    });
}

#[test]
fn what_the_network_had_not_before_is_new() {
    TestExt::new().build_and_execute(|| {
        for _ in 0..400 {
            proved(&ALICE, 10);
            end_era();
        }
        assert_eq!(era(399).age, days(DECAY_DAYS));
        // The same amount is added as new, so that the average age is halved.
        proved(&ALICE, 10);
        proved(&BOB, 10);
        let ended = end_era();
        assert_eq!(era(ended).age, days(DECAY_DAYS) / 2);
        // Both get the same: nothing records whose capacity was there first.
        assert_eq!(reward(ended, &ALICE).capacity, reward(ended, &BOB).capacity);
        // Capacity that was there a short while ago is not new when it returns.
        proved(&ALICE, 10);
        end_era();
        proved(&ALICE, 10);
        proved(&BOB, 10);
        let ended = end_era();
        assert!(era(ended).age > days(DECAY_DAYS) / 2 + ERA_BLOCKS, "{}", era(ended).age);
    });
}

#[test]
fn a_network_without_capacity_has_no_age() {
    TestExt::new().build_and_execute(|| {
        for _ in 0..9 {
            assert_eq!(era(end_era()).age, 0);
        }
        proved(&ALICE, 1);
        let ended = end_era();
        assert_eq!((era(ended).age, era(ended).capacity > 0), (0, true));
        assert_eq!(KnownCapacity::<Test>::get(), Capacity { tiles: 4, age: 0 });
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
        assert_eq!(reward(ended, &ALICE).capacity, net(all / 6));
        assert_eq!(reward(ended, &BOB).capacity, net(all / 3));
        assert_eq!(reward(ended, &CAROL).capacity, net(all / 3));
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
    assert_eq!(weighted(u32::MAX, Perbill::one()), u64::from(u32::MAX) * 1_000);
    TestExt::new().build_and_execute(|| {
        for _ in 0..100 {
            proved(&ALICE, u32::MAX);
        }
        let ended = end_era();
        assert_eq!(reward(ended, &ALICE).capacity, net(era(ended).capacity));
    });
}
