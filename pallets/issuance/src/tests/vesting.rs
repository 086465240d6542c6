//! Vesting, and attempts to speed it up.

use super::*;
use dpin_primitives::economy::{MONTH_BLOCKS, VestingInfo};

fn month(month: u32) -> BlockNumber {
    month * MONTH_BLOCKS
}

/// Earn and claim for capacity, in a separate era.
fn earn(who: &AccountId) -> Balance {
    proved(who, 1);
    let ended = end_era();
    assert_ok!(claim_reward(ended, who));
    let capacity = net(era(ended).capacity);
    capacity - capacity / 4
}

#[test]
fn contributors_get_nothing_for_12_months_and_then_36_equal_parts() {
    TestExt::new().build_and_execute(|| {
        let (all, part) = (FOUNDERS, FOUNDERS / 36);
        assert!(all % 36 > 0, "it does not divide");
        for block in [1, month(6), month(12), month(13) - 1] {
            System::set_block_number(block);
            assert_noop!(claim_vested(&FOUNDER, Category::Contributors), Error::<Test>::NothingVested);
        }
        for n in 1..36 {
            System::set_block_number(month(12 + n));
            assert_ok!(claim_vested(&FOUNDER, Category::Contributors));
            assert_eq!(balance(&FOUNDER), part * Balance::from(n));
            // Nothing vests between the steps, and no step vests twice.
            System::set_block_number(month(13 + n) - 1);
            assert_noop!(claim_vested(&FOUNDER, Category::Contributors), Error::<Test>::NothingVested);
        }
        System::set_block_number(month(48));
        System::reset_events();
        assert_ok!(claim_vested(&FOUNDER, Category::Contributors));
        assert_eq!(balance(&FOUNDER), all, "the remainder comes with the last part");
        let amount = part + all % 36;
        assert_eq!(
            events(),
            vec![Event::VestedPaid { beneficiary: FOUNDER, category: Category::Contributors, amount }]
        );
        System::set_block_number(u32::MAX);
        assert_noop!(claim_vested(&FOUNDER, Category::Contributors), Error::<Test>::NothingVested);
    });
}

#[test]
fn the_community_waits_6_months() {
    TestExt::new().build_and_execute(|| {
        let all = Category::Governance.amount();
        System::set_block_number(month(7) - 1);
        assert_noop!(claim_vested(&COUNCIL, Category::Governance), Error::<Test>::NothingVested);
        System::set_block_number(month(7));
        assert_ok!(claim_vested(&COUNCIL, Category::Governance));
        assert_eq!(balance(&COUNCIL), all / 36);
        System::set_block_number(month(42));
        assert_ok!(claim_vested(&COUNCIL, Category::Governance));
        assert_eq!(balance(&COUNCIL), all);
    });
}

#[test]
fn all_that_was_not_claimed_is_claimed_at_once_later() {
    TestExt::new().build_and_execute(|| {
        System::set_block_number(month(20) + 17);
        assert_ok!(claim_vested(&FOUNDER, Category::Contributors));
        assert_eq!(balance(&FOUNDER), FOUNDERS / 36 * 8);
    });
}

#[test]
fn when_all_is_claimed_nothing_is_left() {
    TestExt::new().advance(vec![(DAVE, ED)]).build_and_execute(|| {
        System::set_block_number(month(48));
        for (who, category) in
            [(&FOUNDER, Category::Contributors), (&ENGINEER, Category::Contributors), (&COUNCIL, Category::Governance)]
        {
            assert_ok!(claim_vested(who, category));
        }
        // The pot has no existential deposit of its own, so it is emptied to the last planck.
        assert_eq!(pot(Pot::Vesting), 0);
        let paid = balance(&FOUNDER) + balance(&ENGINEER) + balance(&COUNCIL);
        assert_eq!(paid, Category::Contributors.amount() + Category::Governance.amount());
    });
}

#[test]
fn only_what_vests_can_be_claimed() {
    TestExt::new().build_and_execute(|| {
        System::set_block_number(month(100));
        assert_noop!(claim_vested(&FOUNDER, Category::Governance), Error::<Test>::UnknownVesting);
        assert_noop!(claim_vested(&ALICE, Category::Contributors), Error::<Test>::UnknownVesting);
        assert_noop!(claim_vested(&FOUNDER, Category::Airdrop), Error::<Test>::UnknownVesting);
        assert_noop!(claim_unlocked(&FOUNDER), Error::<Test>::UnknownVesting);
    });
}

#[test]
fn a_vesting_cannot_be_hurried() {
    TestExt::new().build_and_execute(|| {
        System::set_block_number(month(13));
        assert_ok!(claim_vested(&FOUNDER, Category::Contributors));
        let part = FOUNDERS / 36;
        let left = || Issuance::vesting(FOUNDER)[0].clone();
        // Repeated claims pay nothing more, nor does removing the account.
        for _ in 0..20 {
            assert_noop!(claim_vested(&FOUNDER, Category::Contributors), Error::<Test>::NothingVested);
        }
        reap(&FOUNDER);
        assert_noop!(claim_vested(&FOUNDER, Category::Contributors), Error::<Test>::NothingVested);
        assert_eq!((left().amount, left().released), (FOUNDERS, part));
        System::set_block_number(month(14));
        assert_ok!(claim_vested(&FOUNDER, Category::Contributors));
        assert_eq!(balance(&FOUNDER), part, "what it had is gone, the next part is the next part");
        assert_eq!(left().released, 2 * part);
    });
}

#[test]
fn a_vesting_is_told() {
    TestExt::new().build_and_execute(|| {
        System::set_block_number(month(14));
        let expected = VestingInfo {
            category: Category::Contributors,
            amount: FOUNDERS,
            released: 0,
            claimable: FOUNDERS / 36 * 2,
            start: 0,
            end: month(48),
        };
        assert_eq!(Issuance::vesting(FOUNDER), vec![expected]);
        assert_eq!(Issuance::vesting(EVE), vec![]);
    });
}

#[test]
fn a_stream_is_linear_over_150_days_from_the_next_fifth_one() {
    TestExt::new().build_and_execute(|| {
        let amount = earn(&ALICE);
        let had = balance(&ALICE);
        let expected = VestingInfo {
            category: Category::Airdrop,
            amount,
            released: 0,
            claimable: 0,
            start: days(5),
            end: days(155),
        };
        assert_eq!(Issuance::vesting(ALICE), vec![expected]);
        System::set_block_number(days(5));
        assert_noop!(claim_unlocked(&ALICE), Error::<Test>::NothingVested);
        System::set_block_number(days(5) + 1);
        assert_ok!(claim_unlocked(&ALICE));
        assert_eq!(balance(&ALICE), had + amount / Balance::from(days(150)));
        System::set_block_number(days(5 + 75));
        assert_ok!(claim_unlocked(&ALICE));
        assert_eq!(balance(&ALICE), had + amount / 2);
        assert_noop!(claim_unlocked(&ALICE), Error::<Test>::NothingVested);
        System::set_block_number(days(155));
        System::reset_events();
        assert_ok!(claim_unlocked(&ALICE));
        assert_eq!(balance(&ALICE), had + amount);
        let paid = amount - amount / 2;
        assert_eq!(events(), vec![Event::VestedPaid { beneficiary: ALICE, category: Category::Airdrop, amount: paid }]);
        assert_eq!(Issuance::vesting(ALICE), vec![]);
        assert!(!Streams::<Test>::contains_key(ALICE));
        assert_noop!(claim_unlocked(&ALICE), Error::<Test>::UnknownVesting);
    });
}

#[test]
fn streams_of_the_same_five_days_are_one() {
    TestExt::new().build_and_execute(|| {
        let first = earn(&ALICE) + earn(&ALICE) + earn(&ALICE);
        begin(days(5));
        let on_time = earn(&ALICE);
        assert_eq!(now(), days(5) + ERA_BLOCKS);
        let told: Vec<_> = Issuance::vesting(ALICE).iter().map(|one| (one.start, one.amount)).collect();
        assert_eq!(told, vec![(days(5), first), (days(10), on_time)]);
    });
}

#[test]
fn a_stream_begins_at_a_multiple_of_five_days_and_never_before_now() {
    assert_eq!(Stream::next_start(0), 0);
    assert_eq!(Stream::next_start(1), days(5));
    assert_eq!(Stream::next_start(days(5)), days(5));
    assert_eq!(Stream::next_start(days(5) + 1), days(10));
}

#[test]
fn an_account_that_never_claims_keeps_a_bounded_number_of_streams() {
    TestExt::new().build_and_execute(|| {
        let mut expected = 0;
        let had = balance(&ALICE);
        let mut at_once = 0;
        for n in 1..=100 {
            begin(days(5 * n));
            let before = balance(&ALICE);
            expected += earn(&ALICE);
            at_once += balance(&ALICE) - before;
            assert!(Issuance::vesting(ALICE).len() <= MAX_STREAMS as usize);
        }
        assert_eq!(Issuance::vesting(ALICE).iter().map(|one| one.amount).sum::<Balance>(), expected);
        System::set_block_number(now() + days(155));
        assert_ok!(claim_unlocked(&ALICE));
        assert_eq!(balance(&ALICE), had + at_once + expected, "everything has vested");
    });
}

#[test]
fn a_stream_cannot_be_hurried_by_a_batch_of_claims_or_a_dead_account() {
    TestExt::new().build_and_execute(|| {
        let amount = earn(&ALICE);
        System::set_block_number(days(5 + 30));
        let before = balance(&ALICE);
        assert_ok!(claim_unlocked(&ALICE));
        for _ in 0..50 {
            assert_noop!(claim_unlocked(&ALICE), Error::<Test>::NothingVested);
        }
        assert_eq!(balance(&ALICE), before + amount / 5);
        reap(&ALICE);
        assert_noop!(claim_unlocked(&ALICE), Error::<Test>::NothingVested);
        System::set_block_number(days(5 + 60));
        assert_ok!(claim_unlocked(&ALICE));
        assert_eq!(balance(&ALICE), amount * 2 / 5 - amount / 5);
    });
}

#[test]
fn dust_of_a_stream_for_a_dead_account_waits() {
    TestExt::new().build_and_execute(|| {
        // 80 % of the DPN burned, of which EVE gets 70 %: 8 times the existential deposit.
        settled(NATIVE, 100 * ED / 7, &[(EVE, 1)]);
        let ended = end_era();
        assert_ok!(claim_reward(ended, &EVE));
        let vests = Issuance::vesting(EVE)[0].amount;
        assert!((2 * ED).abs_diff(balance(&EVE)) < 10 && (6 * ED).abs_diff(vests) < 10);
        reap(&EVE);
        System::set_block_number(days(5 + 15));
        assert_eq!(Issuance::vesting(EVE)[0].claimable, vests / 10);
        assert_noop!(claim_unlocked(&EVE), Error::<Test>::Undeliverable);
        System::set_block_number(days(5 + 75));
        assert_ok!(claim_unlocked(&EVE));
        assert_eq!(balance(&EVE), vests / 2);
    });
}

#[test]
fn a_pot_is_not_left_with_dust() {
    TestExt::new().advance(vec![(DAVE, ED)]).build_and_execute(|| {
        settled(NATIVE, ED, &[(DAVE, 1)]);
        settled(NATIVE, 10 * ED, &[(ALICE, 1)]);
        let ended = end_era();
        assert_ok!(claim_reward(ended, &DAVE));
        System::set_block_number(month(48));
        assert_ok!(claim_vested(&ENGINEER, Category::Contributors));
        assert_ok!(claim_vested(&COUNCIL, Category::Governance));
        // DAVE's part would be left in the pot, and it is below the existential deposit.
        assert_noop!(claim_vested(&FOUNDER, Category::Contributors), Error::<Test>::Undeliverable);
        assert_ok!(claim_reward(ended, &ALICE));
        assert_ok!(claim_vested(&FOUNDER, Category::Contributors));
        assert_ok!(claim_unlocked(&DAVE));
        System::set_block_number(now() + days(155));
        assert_ok!(claim_unlocked(&ALICE));
        assert_eq!(pot(Pot::Vesting), 0);
    });
}

#[test]
fn what_steps_cannot_divide_vests_at_the_end() {
    let steps = Steps { start: 10, cliff: 5, period: 7, parts: 3, amount: 11, released: 0 };
    let vested: Vec<Balance> = [0, 10, 15, 21, 22, 28, 29, 35, 36, 1_000].map(|block| steps.vested(block)).to_vec();
    assert_eq!(vested, vec![0, 0, 0, 0, 3, 3, 6, 6, 11, 11]);
    assert_eq!(steps.end(), 36);
}
