//! Observation of the price of a real pool.

use crate::{Oracles, mock::*};
use polkadot_sdk::sp_runtime::FixedU128;

fn average() -> FixedU128 {
    Buyback::market(BLC).unwrap().average.unwrap()
}

fn spot() -> FixedU128 {
    Buyback::market(BLC).unwrap().price.unwrap()
}

#[test]
fn a_spike_of_one_block_moves_the_average_by_less_than_one_step() {
    TestExt::new().build_and_execute(|| {
        // Without a fee, trading back restores the pool.
        PoolFee::set(Default::default());
        warm_up();
        let before = average();
        // Half of all DPN leave the pool for one block.
        let bought = trade(&ALICE, &BLC, &NATIVE, RESERVE).unwrap();
        assert!(spot() < before / FixedU128::from_u32(3));
        next_block();
        trade(&ALICE, &NATIVE, &BLC, bought).unwrap();
        let (mut lowest, mut highest) = (average(), average());
        for _ in 0..100 {
            next_block();
            lowest = lowest.min(average());
            highest = highest.max(average());
        }
        // One step is 1 % of the price, for one of at least 20 blocks; the way back takes one more.
        let step = before / FixedU128::from_u32(100 * 20);
        assert!(before - lowest <= step + step, "{lowest}");
        assert!(highest - before <= step + step, "{highest}");
    });
}

#[test]
fn the_price_of_this_block_does_not_count_in_it() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        let before = average();
        trade(&ALICE, &BLC, &NATIVE, RESERVE).unwrap();
        // In the block that observes it, the average is as before.
        next_block();
        assert_eq!(average(), before);
        next_block();
        assert!(average() < before);
    });
}

#[test]
fn the_average_follows_a_price_that_stays() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        trade(&ALICE, &BLC, &NATIVE, RESERVE / 10).unwrap();
        for _ in 0..80 {
            next_block();
        }
        assert_eq!(Oracles::<Test>::get(BLC).unwrap().price, spot());
        assert!(average() - spot() < FixedU128::from_rational(1, 1_000_000), "{} {}", average(), spot());
    });
}

#[test]
fn an_average_may_be_asked_for_over_a_longer_time_later() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        TheRules::mutate(|rules| rules.average_blocks = 100);
        assert_eq!(Buyback::market(BLC).unwrap().average, None);
        for _ in 0..100 {
            next_block();
        }
        assert_eq!(average(), FixedU128::from_u32(1));
        TheRules::mutate(|rules| rules.average_blocks = 20);
        next_block();
        assert_eq!(average(), FixedU128::from_u32(1));
    });
}
