//! Claims: the amounts paid at once, and payments that cannot be made.

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
        let all = first_era().capacity + 80 * DPN;
        let (capacity, demand) = (net(first_era().capacity), net(80 * DPN));
        let worked = capacity + demand;
        let vests = worked - worked / 4;
        assert_eq!(balance(&ALICE), ENDOWMENT + worked / 4);
        assert_eq!(Issuance::vesting(ALICE).len(), 1);
        assert_eq!(Issuance::vesting(ALICE)[0].amount, vests);
        assert_eq!((era(ended).minted, era(ended).ecosystem), (all, all - worked));
        let claimed = Event::RewardClaimed {
            era: ended,
            account: ALICE,
            capacity,
            demand,
            validator: 0,
            super_node: 0,
            vesting: vests,
            ecosystem: all - worked,
        };
        assert_eq!(events(), vec![claimed]);
        assert_eq!(Issuance::reward(ended, ALICE), None);
    });
}

#[test]
fn of_all_that_is_paid_of_the_emission_the_ecosystem_has_its_share() {
    TestExt::new().build_and_execute(|| {
        proved(&ALICE, 1);
        author(&ALICE);
        author(&BOB);
        settled(NATIVE, 100 * DPN, &[(ALICE, 1), (CAROL, 1)]);
        let ended = end_era();
        let mut paid = 0;
        for who in [ALICE, BOB, CAROL] {
            let before = (pot(Pot::Ecosystem), Issuance::supply().minted);
            let RewardInfo { capacity, demand, validator, ecosystem, .. } = reward(ended, &who);
            assert_ok!(claim_reward(ended, &who));
            let got = capacity + demand + validator;
            // 30 of 100 go to the ecosystem, and the rest to the account, to within a planck for
            // each part.
            assert_eq!(pot(Pot::Ecosystem) - before.0, ecosystem);
            assert_eq!(Issuance::supply().minted - before.1, got + ecosystem);
            assert!((got * 3).abs_diff(ecosystem * 7) <= 21, "{got} and {ecosystem}");
            assert!(ecosystem * 7 >= got * 3);
            paid += got + ecosystem;
        }
        assert_eq!(era(ended).minted, paid);
        assert_eq!(era(ended).ecosystem, pot(Pot::Ecosystem) - ED);
        // The ecosystem has no share in the super-node pot, which is no airdrop.
        assert_eq!(Released::<Test>::get(Category::SuperNodes), era(ended).super_nodes / 2 * 2);
    });
}

#[test]
fn an_ecosystem_pot_that_cannot_take_its_share_keeps_nobody_from_claiming() {
    TestExt::new().build_and_execute(|| {
        // Governance has spent all of the pot.
        reap(&PotAccounts::convert(Pot::Ecosystem));
        settled(NATIVE, 10 * ED, &[(ALICE, 1)]);
        let ended = end_era();
        let RewardInfo { demand, ecosystem, .. } = reward(ended, &ALICE);
        assert!(ecosystem > 0);
        let minted = Issuance::supply().minted;
        // The ecosystem's share is below the existential deposit of the missing pot: it is not
        // minted.
        settled(NATIVE, ED, &[(BOB, 1)]);
        let dust = end_era();
        assert!(reward(dust, &BOB).ecosystem < ED);
        assert_ok!(claim_reward(dust, &BOB));
        assert_eq!(Issuance::supply().minted - minted, net(ED * 8 / 10));
        assert_eq!((era(dust).minted, era(dust).ecosystem), (net(ED * 8 / 10), 0));
        // This one is enough.
        assert_ok!(claim_reward(ended, &ALICE));
        assert_eq!(era(ended).minted, demand + ecosystem);
        assert_eq!(pot(Pot::Ecosystem), ecosystem);
        // Restores the balance that the mock expects of the pot.
        <Balances as Mutate<_>>::transfer(
            &DAVE,
            &PotAccounts::convert(Pot::Ecosystem),
            ED,
            polkadot_sdk::frame_support::traits::tokens::Preservation::Preserve,
        )
        .unwrap();
    });
}

#[test]
fn the_last_of_the_super_nodes_is_paid_but_for_what_the_pot_needs() {
    TestExt::new().build_and_execute(|| {
        author(&ALICE);
        let ended = end_era();
        let due = reward(ended, &ALICE).super_node;
        // Leave only the amount due and half of the existential deposit in the pot.
        let leave = due + ED / 2;
        let account = PotAccounts::convert(Pot::SuperNodes);
        let all = balance(&account);
        let taken = all - leave;
        <Balances as Mutate<_>>::burn_from(
            &account,
            taken,
            polkadot_sdk::frame_support::traits::tokens::Preservation::Expendable,
            polkadot_sdk::frame_support::traits::tokens::Precision::Exact,
            polkadot_sdk::frame_support::traits::tokens::Fortitude::Force,
        )
        .unwrap();
        let RewardInfo { validator, .. } = reward(ended, &ALICE);
        assert_ok!(claim_reward(ended, &ALICE));
        // Dust does not fail a claim: the amount is reduced so that the existential deposit stays
        // in the pot.
        assert_eq!(balance(&ALICE), ENDOWMENT + validator + due - ED / 2);
        assert_eq!(pot(Pot::SuperNodes), ED);
        <Balances as Mutate<_>>::mint_into(&account, all - due + ED / 2 - ED).unwrap();
    });
}

#[test]
fn the_rules_say_how_much_is_paid_at_once() {
    TestExt::new().build_and_execute(|| {
        set_rules(|rules| rules.at_once = Perbill::one());
        proved(&ALICE, 1);
        let ended = end_era();
        assert_ok!(claim_reward(ended, &ALICE));
        assert!(Issuance::vesting(ALICE).is_empty());
        set_rules(|rules| rules.at_once = Perbill::zero());
        proved(&BOB, 1);
        let ended = end_era();
        assert_ok!(claim_reward(ended, &BOB));
        assert_eq!(balance(&BOB), ENDOWMENT);
        assert_eq!(Issuance::vesting(BOB)[0].amount, net(era(ended).capacity));
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
        assert_eq!(balance(&ALICE), ENDOWMENT + net(validators * 3 / 4) + super_nodes * 3 / 4);
        assert_eq!(balance(&BOB), ENDOWMENT + net(validators / 4) + super_nodes / 4);
        assert!(Issuance::vesting(ALICE).is_empty());
        let paid = super_nodes * 3 / 4 + super_nodes / 4;
        assert_eq!(pot(Pot::SuperNodes), Category::SuperNodes.amount() + ED - paid);
        // The part of the pot was not minted again.
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
        let demand = net(ED * 8 / 10);
        assert_eq!(reward(ended, &EVE).demand, demand);
        assert_noop!(claim_reward(ended, &EVE), Error::<Test>::Undeliverable);
        assert_eq!(Issuance::supply().minted, minted);

        assert_ok!(<Balances as Mutate<_>>::transfer(
            &ALICE,
            &EVE,
            ED,
            polkadot_sdk::frame_support::traits::tokens::Preservation::Preserve
        ));
        assert_ok!(claim_reward(ended, &EVE));
        assert_eq!(balance(&EVE), ED + demand / 4);
        assert_eq!(Issuance::vesting(EVE)[0].amount, demand - demand / 4);
    });
}

#[test]
fn a_part_that_cannot_be_paid_keeps_the_others() {
    TestExt::new().build_and_execute(|| {
        // The part of the super-node pot is dust, and validators get nothing else. The worker's
        // part stays unpaid with it.
        set_rules(|rules| {
            rules.era_blocks = 20;
            rules.validators = Perbill::zero();
            rules.at_once = Perbill::zero();
        });
        author(&EVE);
        (0..5_000).for_each(|_| author(&ALICE));
        settled(NATIVE, DPN, &[(EVE, 1)]);
        let ended = end_era();
        let reward = reward(ended, &EVE);
        assert!(reward.super_node > 0 && reward.super_node < ED && reward.demand > ED);
        assert_noop!(claim_reward(ended, &EVE), Error::<Test>::Undeliverable);
        assert!(Issuance::vesting(EVE).is_empty(), "no stream was left behind");
        let preserve = polkadot_sdk::frame_support::traits::tokens::Preservation::Preserve;
        assert_ok!(<Balances as Mutate<_>>::transfer(&ALICE, &EVE, ED, preserve));
        assert_ok!(claim_reward(ended, &EVE));
        assert_eq!(balance(&EVE), ED + reward.super_node);
    });
}

#[test]
fn a_newcomer_is_paid_into_a_new_account() {
    TestExt::new().build_and_execute(|| {
        proved(&EVE, 1);
        let ended = end_era();
        assert!(!System::account_exists(&EVE));
        assert_ok!(claim_reward(ended, &EVE));
        assert_eq!(balance(&EVE), net(first_era().capacity) / 4);
    });
}
