//! The state at genesis.

use super::*;

fn allocation(category: Category) -> AllocationInfo {
    Issuance::allocation().into_iter().find(|line| line.category == category).expect("all are told")
}

#[test]
fn everything_at_genesis_comes_from_the_allocation() {
    TestExt::new().build_and_execute(|| {
        let advance = 4 * ENDOWMENT + 8 * ED;
        let expected = SUPPLY_CAP - Category::Airdrop.amount() + advance;
        let supply = Issuance::supply();
        assert_eq!(supply.cap, SUPPLY_CAP);
        assert_eq!((supply.minted, supply.issuance, supply.burned), (expected, expected, 0));
        assert_eq!((supply.scheduled, supply.emitted), (0, 0));
        assert_eq!(pot(Pot::Vesting), 16_050_000 * DPN + ED);
        assert_eq!(pot(Pot::SuperNodes), 4_950_000 * DPN + ED);
        assert_eq!(pot(Pot::Bonds), 4_200_000 * DPN + ED);
        assert_eq!(pot(Pot::Liquidity), 4_200_000 * DPN + ED);
        assert_eq!(pot(Pot::Ecosystem), ED);
        assert_eq!(balance(&ALICE), ENDOWMENT);
        assert_eq!(balance(&FOUNDER), 0);
        // The DPN outside the pots, and those of the liquidity pot.
        assert_eq!(supply.circulating, 4 * ENDOWMENT + 4_200_000 * DPN + ED);
    });
}

#[test]
fn burned_is_what_was_minted_and_is_not_there() {
    TestExt::new().build_and_execute(|| {
        burn(&ALICE, 3 * DPN);
        let supply = Issuance::supply();
        assert_eq!(supply.burned, 3 * DPN);
        assert_eq!(supply.issuance + 3 * DPN, supply.minted);
    });
}

#[test]
fn the_allocation_tells_what_was_minted_and_released() {
    TestExt::new().build_and_execute(|| {
        let advance = 4 * ENDOWMENT + 8 * ED;
        let line = |category| {
            let AllocationInfo { amount, minted, released, .. } = allocation(category);
            (amount, minted, released)
        };
        let all = Category::amount;
        assert_eq!(line(Category::Airdrop), (all(Category::Airdrop), advance, advance));
        for category in [Category::Contributors, Category::SuperNodes, Category::Governance] {
            assert_eq!(line(category), (all(category), all(category), 0), "{category:?}");
        }
        assert_eq!(Issuance::allocation().iter().map(|line| line.amount).sum::<Balance>(), SUPPLY_CAP);

        author(&ALICE);
        proved(&BOB, 1);
        let ended = end_era();
        assert_ok!(claim_reward(ended, &ALICE));
        assert_ok!(claim_reward(ended, &BOB));
        let supply = Issuance::supply();
        let vests = Issuance::vesting(BOB)[0].amount;
        let minted = supply.emitted + advance;
        assert_eq!(line(Category::Airdrop), (all(Category::Airdrop), minted, minted - vests));
        assert_eq!(line(Category::SuperNodes).2, era(ended).super_nodes);

        begin(days(30 * 13));
        assert_ok!(claim_vested(&FOUNDER, Category::Contributors));
        assert_eq!(line(Category::Contributors).2, FOUNDERS / 36);
    });
}

#[test]
#[should_panic(expected = "the vestings of Contributors are not what is set aside for it")]
fn a_vesting_too_little_is_no_genesis() {
    let mut ext = TestExt::new();
    ext.vesting[0].2 -= 1;
    ext.build();
}

#[test]
#[should_panic(expected = "the vestings of Governance are not what is set aside for it")]
fn a_vesting_too_much_is_no_genesis() {
    let mut ext = TestExt::new();
    ext.vesting.push((Category::Governance, EVE, 1));
    ext.build();
}

#[test]
#[should_panic(expected = "the vestings of Governance are not what is set aside for it")]
fn no_vesting_is_no_genesis() {
    let mut ext = TestExt::new();
    ext.vesting.pop();
    ext.build();
}

#[test]
#[should_panic(expected = "the vestings of Liquidity are not what is set aside for it")]
fn what_does_not_vest_is_given_to_nobody() {
    let mut ext = TestExt::new();
    ext.vesting.push((Category::Liquidity, EVE, DPN));
    ext.build();
}

#[test]
#[should_panic(expected = "a beneficiary is named twice")]
fn a_beneficiary_is_named_once() {
    let mut ext = TestExt::new();
    ext.vesting[1].1 = FOUNDER;
    ext.build();
}

#[test]
#[should_panic(expected = "a vesting of nothing")]
fn nothing_does_not_vest() {
    let mut ext = TestExt::new();
    ext.vesting.push((Category::Governance, EVE, 0));
    ext.build();
}

#[test]
#[should_panic(expected = "the advance is more than the Airdrop Program")]
fn the_advance_is_a_part_of_the_airdrop() {
    TestExt::new().advance(vec![(ALICE, Category::Airdrop.amount()), (BOB, 1)]).build();
}

#[test]
#[should_panic(expected = "an amount at genesis is below the existential deposit")]
fn an_advance_makes_an_account() {
    TestExt::new().advance(vec![(ALICE, ED - 1)]).build();
}

#[test]
#[should_panic(expected = "DPN at genesis come from the allocation alone")]
fn nobody_else_mints_at_genesis() {
    use polkadot_sdk::{pallet_balances, sp_runtime::BuildStorage};
    let TestExt { vesting, advance } = TestExt::new();
    let _ = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances: vec![(EVE, DPN)], ..Default::default() },
        issuance: crate::GenesisConfig { vesting, advance, ..Default::default() },
        ..Default::default()
    }
    .build_storage();
}

#[test]
fn the_default_is_a_chain_without_dpn() {
    TestExt { vesting: vec![], advance: vec![] }.build().execute_with(|| {
        assert_eq!((Issuance::supply().minted, Issuance::supply().issuance), (0, 0));
        assert_eq!(Issuance::era(0), Some(EraInfo::default()));
        assert_ok!(Issuance::do_try_state());
    });
}

#[test]
fn the_whole_airdrop_may_be_given_out_at_genesis() {
    let all = Category::Airdrop.amount();
    TestExt::new().advance(vec![(ALICE, all)]).build_and_execute(|| {
        assert_eq!(Issuance::supply().minted, SUPPLY_CAP);
        author(&ALICE);
        let ended = era(end_era());
        assert_eq!((ended.emission, ended.ecosystem, ended.validators), (0, 0, 0));
        // The super nodes were minted at genesis, but are released along the whole curve.
        assert!(ended.super_nodes > 0);
    });
}
