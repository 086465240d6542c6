//! The end of eras, and its consequences.

use super::*;
use polkadot_sdk::{
    frame_support::{traits::Hooks, weights::Weight},
    frame_system,
};

#[test]
fn an_era_ends_after_its_blocks_and_not_before() {
    TestExt::new().build_and_execute(|| {
        assert_eq!(begin(ERA_BLOCKS - 1), <() as WeightInfo>::watch());
        assert_eq!(Issuance::current_era(), 0);
        let weight = begin(ERA_BLOCKS);
        assert_eq!(weight, <() as WeightInfo>::watch() + <() as WeightInfo>::end_era() + ERA_END_WEIGHT);
        assert_eq!(Issuance::current_era(), 1);
        assert_eq!(EndedEras::get(), vec![0]);
        assert_eq!(era(0).end, Some(ERA_BLOCKS));
        assert_eq!((era(1).start, era(1).end), (ERA_BLOCKS, None));
        assert_eq!(Issuance::era(2), None);
    });
}

#[test]
fn an_era_is_cut_by_the_rules() {
    TestExt::new().build_and_execute(|| {
        System::reset_events();
        let info = era(end_era());
        let validators = FIRST_ERA / 4;
        let workers = FIRST_ERA - validators;
        assert_eq!(info.emission, FIRST_ERA);
        assert_eq!((info.ecosystem, info.validators), (0, validators));
        assert_eq!((info.demand, info.capacity), (workers / 2, workers - workers / 2));
        assert_eq!(info.super_nodes, FIRST_ERA * 4_950_000 / 180_600_000);
        assert_eq!(pot(Pot::Ecosystem), ED, "nothing is paid yet");
        let EraInfo { emission, capacity, demand, validators, super_nodes, age, .. } = info;
        let ended = Event::EraEnded { era: 0, emission, capacity, demand, validators, super_nodes, age };
        assert_eq!(events(), vec![ended]);
    });
}

#[test]
fn what_nobody_earned_is_never_minted() {
    TestExt::new().build_and_execute(|| {
        let before = Issuance::supply();
        for _ in 0..10 {
            let ended = end_era();
            for who in [ALICE, BOB] {
                assert_noop!(claim_reward(ended, &who), Error::<Test>::NothingToClaim);
                assert_eq!(Issuance::reward(ended, who), None);
            }
        }
        let after = Issuance::supply();
        assert_eq!(after.minted, before.minted, "not even for the ecosystem");
        assert_eq!((after.emitted, pot(Pot::Ecosystem)), (0, ED));
        assert!(after.scheduled > 0);
    });
}

#[test]
fn burning_does_not_move_the_schedule() {
    TestExt::new().build_and_execute(|| {
        burn(&ALICE, 900 * DPN);
        assert_eq!(era(end_era()).emission, FIRST_ERA);
        burn(&BOB, 900 * DPN);
        let info = era(end_era());
        assert_eq!(info.emission, crate::schedule::released(2 * ERA_BLOCKS) - FIRST_ERA);
    });
}

#[test]
fn the_rules_of_the_end_cut_the_era() {
    TestExt::new().build_and_execute(|| {
        set_rules(|rules| {
            rules.era_blocks = 20;
            rules.validators = Perbill::one();
        });
        let all_validators = era(end_era());
        assert_eq!(all_validators.validators, all_validators.emission);
        set_rules(|rules| {
            rules.validators = Perbill::zero();
            rules.demand = Perbill::one();
        });
        let all_demand = era(end_era());
        assert_eq!(all_demand.demand, all_demand.emission);
        assert_eq!((all_demand.validators, all_demand.capacity), (0, 0));
    });
}

#[test]
fn what_governance_turns_later_changes_no_reward_of_an_era_that_has_ended() {
    TestExt::new().build_and_execute(|| {
        let works = |who: &AccountId| {
            proved(who, 1);
            author(who);
            settled(NATIVE, 100 * DPN, &[(who.clone(), 1)]);
        };
        works(&ALICE);
        works(&BOB);
        let ended = end_era();
        let before = reward(ended, &ALICE);
        assert_ok!(claim_reward(ended, &BOB));
        let paid = |who: &AccountId| (balance(who), Issuance::vesting(who.clone())[0].amount);
        set_rules(|rules| {
            *rules = Rules {
                era_blocks: 20,
                ecosystem: Perbill::from_percent(50),
                validators: Perbill::zero(),
                demand: Perbill::zero(),
                demand_cap: Perbill::zero(),
                at_once: Perbill::one(),
            };
        });
        end_era();
        assert_eq!(reward(ended, &ALICE), before);
        assert_ok!(claim_reward(ended, &ALICE));
        assert_eq!(paid(&ALICE), paid(&BOB));
    });
}

#[test]
fn an_era_of_no_blocks_takes_one() {
    TestExt::new().build_and_execute(|| {
        set_rules(|rules| rules.era_blocks = 0);
        begin(1);
        assert_eq!((Issuance::current_era(), era(0).end), (1, Some(1)));
        begin(2);
        assert_eq!(Issuance::current_era(), 2);
    });
}

#[test]
fn the_running_era_is_known_to_other_pallets() {
    use polkadot_sdk::frame_support::traits::Get;
    TestExt::new().build_and_execute(|| {
        assert_eq!(RunningEra::<Test>::get(), 0);
        end_era();
        assert_eq!(RunningEra::<Test>::get(), 1);
    });
}

#[test]
fn the_cap_is_never_exceeded() {
    TestExt::new().build_and_execute(|| {
        author(&ALICE);
        let ended = end_era();
        let minted = Minted::<Test>::get();

        // All but one planck count as minted.
        Minted::<Test>::put(SUPPLY_CAP - 1);
        assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::CapReached);
        assert_noop!(Issuance::mint(&ALICE, 2), Error::<Test>::CapReached);
        assert_noop!(Issuance::mint(&ALICE, Balance::MAX), Error::<Test>::CapReached);
        assert_ok!(Issuance::mint(&ALICE, 1));
        assert_eq!(Minted::<Test>::get(), SUPPLY_CAP);
        burn(&ALICE, DPN);
        assert_noop!(Issuance::mint(&ALICE, 1), Error::<Test>::CapReached);

        Minted::<Test>::put(minted);
        burn(&ALICE, 1);
        assert_ok!(claim_reward(ended, &ALICE));
    });
}

#[test]
fn authoring_is_counted_and_weighed() {
    TestExt::new().build_and_execute(|| {
        let before = frame_system::Pallet::<Test>::block_weight().total();
        author(&ALICE);
        author(&ALICE);
        author(&BOB);
        assert_eq!(era(0).blocks, 3);
        assert_eq!((contribution(0, &ALICE).blocks, contribution(0, &BOB).blocks), (2, 1));
        let after = frame_system::Pallet::<Test>::block_weight().total();
        assert_eq!(after - before, <() as WeightInfo>::note_author() * 3);
    });
}

/// A different account for each number.
fn nobody(number: u32) -> AccountId {
    let mut bytes = [0xaa; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    bytes.into()
}

fn idle(room: Weight) -> Weight {
    let used = Issuance::on_idle(now(), room);
    assert!(used.all_lte(room), "on_idle keeps within its room");
    used
}

#[test]
fn eras_are_dropped_after_a_year_bit_by_bit() {
    TestExt::new().build_and_execute(|| {
        set_rules(|rules| rules.era_blocks = 20);
        (0..300).for_each(|number| author(&nobody(number)));
        settled(BLC, 10, &[(BOB, 1)]);
        end_era();
        author(&ALICE);
        end_era();
        let end = era(0).end.unwrap();
        // The number of eras in between does not matter.
        (0..2_000).for_each(|_| {
            end_era();
            idle(Weight::MAX);
        });
        begin(end + HISTORY_BLOCKS - 1);
        idle(Weight::MAX);
        assert_eq!(OldestEra::<Test>::get(), 0, "not yet");
        assert_ok!(claim_reward(0, &nobody(0)));
        let minted = Issuance::supply().minted;

        System::set_block_number(end + HISTORY_BLOCKS);
        assert_eq!(idle(Weight::zero()), Weight::zero());
        let left = || Contributions::<Test>::iter_prefix(0).count();
        assert_eq!(left(), 300);
        // Room for ten accounts.
        let room = <() as WeightInfo>::prune(10);
        idle(room);
        assert_eq!(left(), 290);
        assert!(Issuance::era(0).is_some(), "what is left can still be claimed");
        let some = Contributions::<Test>::iter_key_prefix(0).find(|who| *who != BOB).unwrap();
        assert!(reward(0, &some).validator > 0);

        let most = left();
        idle(Weight::MAX);
        assert_eq!(most - left(), MAX_PRUNED as usize);
        System::reset_events();
        while left() > 0 || Issuance::era(0).is_some() {
            idle(Weight::MAX);
        }
        assert_eq!(events(), vec![Event::EraDropped { era: 0 }]);
        assert_eq!(OldestEra::<Test>::get(), 1);
        assert_eq!(Unspent::<Test>::get(), None, "nor are its fees waited for");
        assert_noop!(claim_reward(0, &some), Error::<Test>::UnknownEra);
        assert_eq!(Issuance::reward(0, some), None);
        assert_ok!(claim_reward(1, &ALICE));
        // The dropped rewards were never minted.
        assert_eq!(Issuance::supply().minted, minted + era(1).minted);
    });
}
