//! Attacks by trading around a slice.
//!
//! The stated bound: a slice yields less than at the average price by at most the allowed
//! deviation, the allowed impact and the pool's fee together. An attacker gains at most as much.

use crate::{Totals, mock::*, oracle::to_native};
use dpin_primitives::{Balance, economy::Pot};
use polkadot_sdk::{frame_support::traits::fungibles::Mutate, sp_runtime::Permill};
use proptest::prelude::*;

/// The stated bound in millionths.
fn bound(fee: u32) -> u128 {
    let rules = TheRules::get();
    u128::from((rules.max_deviation.deconstruct() + rules.max_impact.deconstruct()).div_ceil(1_000) + fee)
}

/// The order in which an attacker trades around a slice.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// Buys DPN before the slice and sells them after it.
    BuysFirst,
    /// Sells DPN before the slice and buys them back after it.
    SellsFirst,
}

/// Trade `part` millionths of the reserve, have a slice bought, trade back, and check the results
/// of both sides.
fn sandwich(order: Order, part: u128, pot_part: u128, fee: u32, neighbours: bool) {
    TestExt::new().build_and_execute(|| {
        PoolFee::set(Permill::from_parts(fee));
        earn(&BLC, RESERVE / 1_000_000 * pot_part + 1_000 * ED);
        warm_up();
        let (from, to) = match order {
            Order::BuysFirst => (BLC, NATIVE),
            Order::SellsFirst => (NATIVE, BLC),
        };
        let put = RESERVE / 1_000_000 * part;
        let got = trade(&MALLORY, &from, &to, put).unwrap();
        if neighbours {
            // The slice is bought before anything else in the next block.
            next_block();
        } else {
            // Act as if somebody could trade before the slice in the same block.
            let now = System::block_number() + 1;
            System::set_block_number(now);
            Buyback::take_turn(&BLC, &TheRules::get(), now);
        }
        let average = Buyback::market(BLC).unwrap().average.unwrap();
        let back = trade(&MALLORY, &to, &from, got).unwrap();
        let done = Totals::<Test>::get(BLC);
        let fair = to_native(done.spent, average).unwrap();
        assert!((done.bought + 10) * 1_000_000 >= fair * (1_000_000 - bound(fee)), "bought {} for {fair}", done.bought);
        // In the asset that was put in: BLC, or DPN at the average.
        let worth = match order {
            Order::BuysFirst => done.spent,
            Order::SellsFirst => fair,
        };
        assert!(back <= put + worth * bound(fee) / 1_000_000, "put {put}, got {back} back, for a slice of {worth}");
    });
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::BuysFirst), Just(Order::SellsFirst)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_sandwich_in_neighbouring_blocks_gains_no_more_than_the_bound(
        order in order(), part in 1u128..12_000, pot_part in 0u128..10_000, fee in 0u32..=10_000,
    ) {
        sandwich(order, part, pot_part, fee, true);
    }

    #[test]
    fn a_sandwich_inside_a_block_gains_no_more_than_the_bound(
        order in order(), part in 1u128..12_000, pot_part in 0u128..10_000, fee in 0u32..=10_000,
    ) {
        sandwich(order, part, pot_part, fee, false);
    }

    #[test]
    fn a_large_sandwich_stops_the_buying(order in order(), part in 12_000u128..500_000, pot_part in 0u128..10_000) {
        sandwich(order, part, pot_part, 3_000, true);
    }

    #[test]
    fn an_attacker_with_a_usual_fee_only_loses(order in order(), part in 1u128..12_000, pot_part in 0u128..10_000) {
        TestExt::new().build_and_execute(|| {
            earn(&BLC, RESERVE / 1_000_000 * pot_part + 1_000 * ED);
            warm_up();
            let (from, to) = match order {
                Order::BuysFirst => (BLC, NATIVE),
                Order::SellsFirst => (NATIVE, BLC),
            };
            let put = RESERVE / 1_000_000 * part;
            let got = trade(&MALLORY, &from, &to, put).unwrap();
            next_block();
            let back = trade(&MALLORY, &to, &from, got).unwrap();
            // A slice of at most 0.35 % of the reserve raises the price by 0.7 %; two fees cost
            // 0.6 % of the whole trade.
            assert!(back <= put + put / 500, "put {put}, got {back} back");
        });
    }
}

#[test]
fn a_large_trade_before_a_slice_stops_it() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 1_000 * ED);
        warm_up();
        trade(&MALLORY, &BLC, &NATIVE, RESERVE / 50).unwrap();
        next_block();
        assert_eq!(Totals::<Test>::get(BLC).spent, 0);
    });
}

#[test]
fn a_pool_that_is_moved_for_long_is_bought_in_at_its_new_price() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, RESERVE / 1_000);
        warm_up();
        // Holding the price for so long has a cost, because everybody else trades against it.
        trade(&MALLORY, &BLC, &NATIVE, RESERVE / 50).unwrap();
        for _ in 0..60 {
            next_block();
        }
        assert!(Totals::<Test>::get(BLC).spent > 0);
    });
}

#[test]
fn donations_to_the_pool_do_not_make_a_slice_cheaper_for_who_gives_them() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, RESERVE / 1_000);
        warm_up();
        // A donation of BLC, which is lost, makes DPN more expensive.
        AllAssets::transfer(
            BLC,
            &MALLORY,
            &pool(&BLC),
            RESERVE / 10,
            polkadot_sdk::frame_support::traits::tokens::Preservation::Preserve,
        )
        .unwrap();
        let pot_before: Balance = balance(&BLC, &pot(Pot::Revenue));
        next_block();
        assert_eq!(balance(&BLC, &pot(Pot::Revenue)), pot_before);
    });
}

/// Move the price by slightly more than this many millionths of the reserve, for a moment.
fn push(part: u128, up: bool) -> Option<Balance> {
    let (native, stable) = reserves(&BLC);
    match up {
        true => trade(&MALLORY, &BLC, &NATIVE, stable / 1_000_000 * part),
        false => trade(&MALLORY, &NATIVE, &BLC, native / 1_000_000 * part),
    }
}

#[test]
fn who_moves_the_price_in_the_last_block_before_an_interval_does_not_hold_off_its_slice() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        let mut spent = 0;
        for interval in 0..20 {
            earn(&BLC, RESERVE / 10_000);
            // The last transactions before the interval move it by about 3 %.
            push(15_000, interval % 2 == 0);
            next_block();
            // Move the price back after the block in which a single attempt would have been made.
            push(15_000, interval % 2 != 0);
            while !(System::block_number() + 1).is_multiple_of(TheRules::get().interval) {
                next_block();
            }
            let now = Totals::<Test>::get(BLC).spent;
            assert!(now > spent, "interval {interval}: {:?}", Buyback::market(BLC).unwrap().halt);
            spent = now;
        }
    });
}

#[test]
fn who_holds_the_price_off_for_days_gets_a_slice_at_a_bad_rate_and_not_its_owners_none() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, RESERVE / 10);
        warm_up();
        let day = dpin_primitives::economy::DAY_BLOCKS;
        let held = || crate::Turns::<Test>::get(BLC).held;
        // Move the price up and down around the average before every block, about 3 % to either
        // side, so that the average does not follow.
        let mut up = true;
        let mut step = |part| {
            push(part, up);
            up = !up;
            next_block();
        };
        step(15_000);
        for _ in 0..50 {
            step(30_000);
        }
        assert_eq!(Totals::<Test>::get(BLC).spent, 0);
        // Every block counts, except for those of the bonds.
        assert!((40..=51).contains(&held()), "{}", held());
        // The attack goes on for a day, whose blocks are all alike.
        crate::Turns::<Test>::mutate(BLC, |turn| turn.held = day - 2);
        for _ in 0..4 {
            step(30_000);
        }
        let totals = Totals::<Test>::get(BLC);
        assert!(totals.spent > 0, "{:?}", Buyback::market(BLC).unwrap().halt);
        // The held blocks are forgiven over time, so that an attacker has to start again.
        assert!(held() < day);
        // The rate is no worse than twice the allowed deviation, plus the impact and the fee.
        assert!(totals.bought * 100 > totals.spent * 94, "{totals:?}");
    });
}
