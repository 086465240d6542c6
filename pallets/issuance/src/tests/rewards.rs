//! Claims: who gets what at once, and what if it cannot be paid.

use super::*;
use polkadot_sdk::{frame_support::traits::fungible::Mutate, sp_runtime::DispatchError};

#[test]
fn anybody_may_claim_for_anybody_but_not_nobody() {
    TestExt::new().build_and_execute(|| {
        author(&ALICE);
        let ended = end_era();
        for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
            assert_noop!(Issuance::claim_reward(origin.clone(), ended, ALICE), DispatchError::BadOrigin);
            assert_noop!(Issuance::claim_unlocked(origin.clone(), ALICE), DispatchError::BadOrigin);
            assert_noop!(Issuance::claim_vested(origin, FOUNDER, Category::Contributors), DispatchError::BadOrigin);
        }
        assert_ok!(Issuance::claim_reward(RuntimeOrigin::signed(EVE), ended, ALICE));
        assert_eq!(balance(&EVE), 0);
        assert!(balance(&ALICE) > ENDOWMENT);
    });
}

#[test]
fn a_quarter_is_paid_at_once_and_the_rest_vests() {
    TestExt::new().build_and_execute(|| {
        proved(&ALICE, 1);
        settled(NATIVE, 100 * DPN, &[(ALICE, 1)]);
        let ended = end_era();
        System::reset_events();
        assert_ok!(claim_reward(ended, &ALICE));
        let worked = first_era().capacity + 80 * DPN;
        let vests = worked - worked / 4;
        assert_eq!(balance(&ALICE), ENDOWMENT + worked / 4);
        assert_eq!(Issuance::vesting(ALICE).len(), 1);
        assert_eq!(Issuance::vesting(ALICE)[0].amount, vests);
        assert_eq!(era(ended).minted, worked);
        let claimed = Event::RewardClaimed {
            era: ended,
            account: ALICE,
            capacity: first_era().capacity,
            demand: 80 * DPN,
            validator: 0,
            super_node: 0,
            vesting: vests,
        };
        assert_eq!(events(), vec![claimed]);
        assert_eq!(Issuance::reward(ended, ALICE), None);
    });
}

#[test]
fn the_rules_say_how_much_is_paid_at_once() {
    TestExt::new().build_and_execute(|| {
        proved(&ALICE, 1);
        proved(&BOB, 1);
        let ended = end_era();
        set_rules(|rules| rules.at_once = Perbill::one());
        assert_ok!(claim_reward(ended, &ALICE));
        assert!(Issuance::vesting(ALICE).is_empty());
        set_rules(|rules| rules.at_once = Perbill::zero());
        assert_ok!(claim_reward(ended, &BOB));
        assert_eq!(balance(&BOB), ENDOWMENT);
        assert_eq!(Issuance::vesting(BOB)[0].amount, first_era().capacity / 2);
    });
}

#[test]
fn validators_are_paid_at_once_by_blocks() {
    TestExt::new().build_and_execute(|| {
        (0..3).for_each(|_| author(&ALICE));
        author(&BOB);
        let ended = end_era();
        let EraInfo { validators, super_nodes, .. } = era(ended);
        assert_eq!((validators, super_nodes), (first_era().validators, FIRST_ERA * 4_950_000 / 180_600_000));
        assert_ok!(claim_reward(ended, &ALICE));
        assert_ok!(claim_reward(ended, &BOB));
        assert_eq!(balance(&ALICE), ENDOWMENT + validators * 3 / 4 + super_nodes * 3 / 4);
        assert_eq!(balance(&BOB), ENDOWMENT + validators / 4 + super_nodes / 4);
        assert!(Issuance::vesting(ALICE).is_empty());
        let paid = super_nodes * 3 / 4 + super_nodes / 4;
        assert_eq!(pot(Pot::SuperNodes), Category::SuperNodes.amount() + ED - paid);
        // The pot's part was not minted anew.
        assert_eq!(era(ended).minted, validators * 3 / 4 + validators / 4);
    });
}

#[test]
fn a_reward_is_paid_once() {
    TestExt::new().build_and_execute(|| {
        author(&ALICE);
        proved(&ALICE, 3);
        settled(NATIVE, DPN, &[(ALICE, 1)]);
        let ended = end_era();
        assert_ok!(claim_reward(ended, &ALICE));
        let minted = Issuance::supply().minted;
        for _ in 0..3 {
            assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::NothingToClaim);
        }
        assert_eq!(Issuance::supply().minted, minted);
    });
}

#[test]
fn there_is_nothing_to_claim_where_there_is_no_era() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(claim_reward(0, &ALICE), Error::<Test>::EraNotEnded);
        assert_noop!(claim_reward(1, &ALICE), Error::<Test>::UnknownEra);
        assert_noop!(claim_reward(EraIndex::MAX, &ALICE), Error::<Test>::UnknownEra);
        let ended = end_era();
        assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn what_rounds_to_nothing_cannot_be_claimed() {
    TestExt::new().build_and_execute(|| {
        settled(NATIVE, 1, &[(ALICE, 1)]);
        let ended = end_era();
        assert_eq!(reward(ended, &ALICE).demand, 0);
        assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn dust_for_a_dead_account_waits_until_it_can_be_paid() {
    TestExt::new().build_and_execute(|| {
        settled(NATIVE, ED, &[(EVE, 1)]);
        let ended = end_era();
        let minted = Issuance::supply().minted;
        assert_eq!(reward(ended, &EVE).demand, ED * 8 / 10);
        assert_noop!(claim_reward(ended, &EVE), Error::<Test>::Undeliverable);
        assert_eq!(Issuance::supply().minted, minted);

        assert_ok!(<Balances as Mutate<_>>::transfer(
            &ALICE,
            &EVE,
            ED,
            polkadot_sdk::frame_support::traits::tokens::Preservation::Preserve
        ));
        assert_ok!(claim_reward(ended, &EVE));
        assert_eq!(balance(&EVE), ED + ED * 8 / 10 / 4);
        assert_eq!(Issuance::vesting(EVE)[0].amount, ED * 8 / 10 * 3 / 4);
    });
}

#[test]
fn a_part_that_cannot_be_paid_keeps_the_others() {
    TestExt::new().build_and_execute(|| {
        // The part of the super-node pot is dust, that of the validators is not; the worker's stays unpaid with them.
        set_rules(|rules| {
            rules.era_blocks = 20;
            rules.validators = Perbill::zero();
        });
        author(&EVE);
        (0..5_000).for_each(|_| author(&ALICE));
        settled(NATIVE, DPN, &[(EVE, 1)]);
        set_rules(|rules| rules.at_once = Perbill::zero());
        let ended = end_era();
        let reward = reward(ended, &EVE);
        assert!(reward.super_node > 0 && reward.super_node < ED && reward.demand > ED);
        assert_noop!(claim_reward(ended, &EVE), Error::<Test>::Undeliverable);
        assert!(Issuance::vesting(EVE).is_empty(), "no stream was left behind");
        set_rules(|rules| rules.at_once = Perbill::from_percent(25));
        assert_ok!(claim_reward(ended, &EVE));
        assert_eq!(balance(&EVE), reward.demand / 4 + reward.super_node);
    });
}

#[test]
fn a_newcomer_is_paid_into_a_new_account() {
    TestExt::new().build_and_execute(|| {
        proved(&EVE, 1);
        let ended = end_era();
        assert!(!System::account_exists(&EVE));
        assert_ok!(claim_reward(ended, &EVE));
        assert_eq!(balance(&EVE), first_era().capacity / 4);
    });
}
