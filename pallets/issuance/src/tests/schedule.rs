//! The emission's curve, and the eras along it.

use super::*;
use crate::schedule::{released, super_nodes_released};
use dpin_primitives::economy::{EMISSION_MONTHS, MONTH_BLOCKS};

const ALL: Balance = Category::Airdrop.amount();

#[test]
fn the_months_are_those_of_the_formula() {
    // Computed with 120 decimals: floor(180.6e18 * (1 - 0.9898^m) / (1 - 0.9898^240)).
    for (month, expected) in [
        (0, 0),
        (1, 2_014_096_085_524_167_058),
        (2, 4_007_648_390_975_987_613),
        (3, 5_980_866_462_912_199_599),
        (12, 22_858_322_846_314_571_234),
        (60, 90_720_453_710_489_290_278),
        (120, 139_760_647_992_436_824_879),
        (239, 180_426_251_681_628_443_060),
        (240, 180_600_000_000_000_000_000),
    ] {
        assert_eq!(released(month * MONTH_BLOCKS), expected, "after {month} months");
    }
}

#[test]
fn the_first_month_releases_2_014_096_dpn() {
    assert_eq!(released(MONTH_BLOCKS) / DPN, 2_014_096);
}

#[test]
fn within_a_month_the_release_is_linear() {
    assert_eq!(released(0), 0);
    assert_eq!(released(1), 2_331_129_728_615);
    assert_eq!(released(ERA_BLOCKS), FIRST_ERA);
    assert_eq!(released(MONTH_BLOCKS / 2), 2_014_096_085_524_167_058 / 2);
}

#[test]
fn every_month_releases_1_02_percent_less() {
    let month = |month: u32| released((month + 1) * MONTH_BLOCKS) - released(month * MONTH_BLOCKS);
    for later in 1..EMISSION_MONTHS {
        let expected = month(later - 1) * 9_898 / 10_000;
        assert!(month(later).abs_diff(expected) <= 2, "month {later}");
    }
}

#[test]
fn after_240_months_all_is_released_and_nothing_more() {
    let end = EMISSION_MONTHS * MONTH_BLOCKS;
    assert!(released(end - 1) < ALL);
    for block in [end, end + 1, u32::MAX] {
        assert_eq!(released(block), ALL);
        assert_eq!(super_nodes_released(block), Category::SuperNodes.amount());
    }
}

#[test]
fn super_nodes_are_released_along_the_same_curve() {
    let month = super_nodes_released(MONTH_BLOCKS);
    assert_eq!(month, 2_014_096_085_524_167_058 * 4_950_000 / 180_600_000);
}

/// The sums over all eras until the schedule has ended: emission, ecosystem, super nodes. A
/// validator earns and claims everything.
fn run_all(mut blocks_of: impl FnMut(EraIndex) -> BlockNumber) -> (Balance, Balance, Balance) {
    let end = EMISSION_MONTHS * MONTH_BLOCKS;
    let mut sums = (0, 0, 0);
    while now() < end {
        set_rules(|rules| {
            rules.era_blocks = blocks_of(Issuance::current_era());
            rules.validators = Perbill::one();
        });
        author(&ALICE);
        let ended = end_era();
        assert_ok!(claim_reward(ended, &ALICE));
        let EraInfo { emission, ecosystem, super_nodes, minted, .. } = era(ended);
        assert_eq!(minted, emission);
        sums = (sums.0 + emission, sums.1 + ecosystem, sums.2 + super_nodes);
    }
    assert_eq!(pot(Pot::Ecosystem), sums.1);
    assert_eq!((Issuance::supply().emitted, Issuance::supply().scheduled), (sums.0, sums.0));
    sums
}

#[test]
fn all_eras_of_240_months_emit_the_airdrop_program_to_the_planck() {
    TestExt::new().advance(vec![]).build_and_execute(|| {
        let (emission, ecosystem, super_nodes) = run_all(|_| ERA_BLOCKS);
        assert_eq!(emission, ALL);
        assert_eq!(super_nodes, Category::SuperNodes.amount());
        assert_eq!(Issuance::current_era(), 240 * 120);
        assert_eq!(Issuance::supply().minted, SUPPLY_CAP, "all that there may be");
        let expected = ALL * 3 / 10;
        assert!(ecosystem >= expected && ecosystem - expected <= 240 * 120, "a planck is rounded in each era");
        // The chain goes on, but has nothing left to emit.
        author(&ALICE);
        let later = era(end_era());
        assert_eq!((later.emission, later.validators, later.super_nodes), (0, 0, 0));
    });
}

#[test]
fn eras_of_changing_length_emit_the_same() {
    TestExt::new().advance(vec![]).build_and_execute(|| {
        let lengths = [28_800, 20, 7_200, 13_337, 28_799];
        let (emission, _, super_nodes) = run_all(|era| lengths[era as usize % lengths.len()]);
        assert_eq!(emission, ALL);
        assert_eq!(super_nodes, Category::SuperNodes.amount());
    });
}

#[test]
fn an_advance_ends_the_emission_earlier() {
    let advance = 1_000_000 * DPN + 7;
    TestExt::new().advance(vec![(ALICE, advance)]).build_and_execute(|| {
        set_rules(|rules| rules.era_blocks = 28_800);
        assert_eq!(era(end_era()).emission, released(28_800), "its beginning is as without");
        let (emission, _, super_nodes) = {
            let before = era(0);
            let ecosystem = before.ecosystem;
            let end = EMISSION_MONTHS * MONTH_BLOCKS;
            let mut sums = (before.emission, ecosystem, before.super_nodes);
            while now() < end {
                let info = era(end_era());
                sums = (sums.0 + info.emission, sums.1 + info.ecosystem, sums.2 + info.super_nodes);
            }
            sums
        };
        assert_eq!(emission + advance, ALL);
        assert_eq!(super_nodes, Category::SuperNodes.amount());
        assert_eq!(era(Issuance::current_era() - 1).emission, 0, "its last month is gone");
        assert_eq!(Issuance::supply().scheduled + advance, ALL);
    });
}
