//! Properties of the arithmetic, without storage.

use crate::{
    Bonds, FeeShares, HOUR_BLOCKS, History, Observation, Oracle, Rules, Split, WEEK_BLOCKS,
    bonds::risen,
    market::{deviates, min_out, slice},
    oracle::{begins_hour, price, push, step, to_asset, to_native},
};
use dpin_primitives::{Balance, economy::DAY_BLOCKS};
use polkadot_sdk::{
    sp_core::U256,
    sp_runtime::{FixedPointNumber, FixedU128, PerThing, Perbill},
};
use proptest::prelude::*;

const ONE: u128 = 1_000_000_000;

fn wide(number: u128) -> U256 {
    U256::from(number)
}

fn share() -> impl Strategy<Value = Perbill> {
    (0..=ONE as u32).prop_map(Perbill::from_parts)
}

/// Numbers of every size, not only large ones.
fn amount(bits: u32) -> impl Strategy<Value = Balance> {
    (0..bits).prop_flat_map(|bit| (1u128 << bit)..(2u128 << bit))
}

fn a_price() -> impl Strategy<Value = FixedU128> {
    amount(127).prop_map(FixedU128::from_inner)
}

proptest! {
    #[test]
    fn a_slice_moves_the_price_by_no_more_than_allowed(reserve in amount(110), impact in share()) {
        let put = slice(reserve, impact);
        // Without a fee the ratio of the reserves grows by ((x + dx) / x)^2.
        let (before, after) = (wide(reserve), wide(reserve + put));
        prop_assert!(after * after * wide(ONE) <= before * before * wide(ONE + u128::from(impact.deconstruct())));
    }

    #[test]
    fn a_slice_is_as_large_as_it_may_be(reserve in amount(100), impact in share()) {
        // The root has 18 digits.
        let more = slice(reserve, impact) + 2 + reserve / 500_000_000_000_000_000;
        let (before, after) = (wide(reserve), wide(reserve + more));
        prop_assert!(after * after * wide(ONE) > before * before * wide(ONE + u128::from(impact.deconstruct())));
    }

    #[test]
    fn a_slice_of_any_reserve_is_less_than_half_of_it(reserve: u128, impact in share()) {
        prop_assert!(slice(reserve, impact) <= reserve / 2);
    }

    #[test]
    fn the_least_yield_is_within_the_stated_bound(
        fair in 1_000_000u128..1 << 90,
        worth in 1_000_000u128..1 << 90,
        fee in 0u128..=100_000,
        deviation in share(),
        impact in 0u128..=10_000,
    ) {
        // The pool's offer after fee and impact, in millionths.
        let quoted = worth * (1_000_000 - fee) / (1_000_000 + impact);
        let least = min_out(fair, quoted, worth, deviation).unwrap();
        let kept = deviation.left_from_one().deconstruct();
        prop_assert!(wide(least) * wide(ONE) * wide(worth) <= wide(fair) * wide(kept.into()) * wide(quoted));
        let lost = fee + impact + u128::from(deviation.deconstruct()).div_ceil(1_000);
        // Rounded down three times.
        let bound = fair * 1_000_000u128.saturating_sub(lost) / 1_000_000;
        let coarse = 3 + fair / worth;
        prop_assert!(least + coarse >= bound, "{least} < {bound}");
    }

    #[test]
    fn the_least_yield_is_never_nothing(fair: u128, quoted: u128, worth in 1u128.., deviation in share()) {
        prop_assert!(min_out(fair, quoted, worth, deviation).is_none_or(|least| least > 0));
    }

    #[test]
    fn a_price_deviates_when_it_is_too_far_off_on_either_side(average in a_price(), parts in 0u32..=1_000_000_000, off: u128) {
        let deviation = Perbill::from_parts(parts);
        let (average, allowed) = (average.into_inner(), deviation.mul_floor(average.into_inner()));
        let near = off % (allowed + 1);
        let at = FixedU128::from_inner;
        prop_assert!(!deviates(at(average - near), at(average), deviation));
        prop_assert!(!deviates(at(average.saturating_add(near)), at(average), deviation));
        if let Some(far) = average.checked_add(allowed + 1) {
            prop_assert!(deviates(at(far), at(average), deviation));
        }
        if let Some(far) = average.checked_sub(allowed + 1) {
            prop_assert!(deviates(at(far), at(average), deviation));
        }
    }

    #[test]
    fn the_recorded_price_follows_by_one_step_at_most(recorded in a_price(), spot in a_price(), most in share()) {
        let next = step(recorded, spot, most);
        let allowed = most.mul_floor(recorded.into_inner()).max(1);
        prop_assert!(next.into_inner().abs_diff(recorded.into_inner()) <= allowed);
        // It moves towards the price and not beyond.
        let (low, high) = (recorded.min(spot), recorded.max(spot));
        prop_assert!(low <= next && next <= high && (next != recorded || recorded == spot));
    }

    #[test]
    fn an_average_lies_between_the_prices_it_is_made_of(
        prices in prop::collection::vec((a_price(), 1u32..50), 2..60),
        window in 1u32..300,
    ) {
        let mut oracle = Oracle::new(prices[0].0, 7);
        let (mut low, mut high, mut now) = (prices[0].0, prices[0].0, 7);
        for (spot, blocks) in prices {
            now += blocks;
            oracle.observe(spot, now, Perbill::one(), window);
            if let Some(average) = oracle.average(now, window) {
                prop_assert!(low <= average && average <= high);
                let span = now - if now - oracle.newer.at >= window { oracle.newer.at } else { oracle.older.at };
                prop_assert!(span >= window);
            } else {
                prop_assert!(now - oracle.older.at < window);
            }
            low = low.min(oracle.price);
            high = high.max(oracle.price);
        }
    }

    #[test]
    fn a_price_is_what_the_reserves_say(native in amount(90), asset in amount(90)) {
        match price(native, asset) {
            Some(price) => {
                let exact = wide(native) * wide(FixedU128::DIV);
                let product = wide(price.into_inner()) * wide(asset);
                // The price is rounded to the nearest or down.
                prop_assert!(product <= exact + wide(asset) && exact <= product + wide(asset));
                // Amounts calculated with it never exceed the whole pool, except for this rounding.
                let back = to_native(asset, price).unwrap();
                prop_assert!(back <= native + asset / FixedU128::DIV + 1);
            },
            None => {
                let inner = wide(native) * wide(FixedU128::DIV) / wide(asset);
                prop_assert!(inner.is_zero() || inner > wide(u128::MAX));
            },
        }
    }

    #[test]
    fn going_to_the_asset_and_back_gains_nothing(amount in amount(90), price in a_price()) {
        if let Some(back) = to_asset(amount, price).and_then(|there| to_native(there, price)) {
            prop_assert!(back <= amount);
        }
        if let Some(back) = to_native(amount, price).and_then(|there| to_asset(there, price)) {
            prop_assert!(back <= amount);
        }
    }

    #[test]
    fn the_parts_of_a_fee_add_up(fee: Balance, author in share(), fund in share()) {
        let split = Split::new(fee, &FeeShares { author, fund });
        prop_assert_eq!(split.author + split.fund + split.burned, fee);
        prop_assert_eq!(split.author, author.mul_floor(fee));
        prop_assert!(split.fund <= fund.mul_floor(fee));
    }

    #[test]
    fn risen_is_above_the_week_by_more_than_the_rise(week in a_price(), parts in 0u32..=1_000_000_000, price in a_price()) {
        // The price of DPN is the inverse: 1 / price > (1 + rise) / week.
        let exact = wide(week.into_inner()) * wide(ONE) > wide(price.into_inner()) * wide(ONE + u128::from(parts));
        prop_assert_eq!(risen(price, week, Perbill::from_parts(parts)), exact);
    }

    #[test]
    fn bonds_are_bought_back_without_a_loss_and_to_the_last(
        sales in prop::collection::vec((1_000_000u128..1 << 80, 1_000_000u128..1 << 80), 1..8),
        parts in prop::collection::vec(1u128..=100, 1..40),
        cheaper in 0u128..=100,
    ) {
        let (mut bonds, mut pot, mut stable) = (Bonds::default(), 1u128 << 90, 0u128);
        let all = pot;
        for (sold, received) in sales {
            bonds.sell(7 * DAY_BLOCKS, pot, sold, sold, received);
            pot -= sold;
            stable += received;
            prop_assert_eq!(pot + bonds.outstanding, all);
        }
        prop_assert_eq!(stable, bonds.proceeds);
        for part in parts.into_iter().chain([100]) {
            let bought = (bonds.outstanding * part / 100).max(1).min(bonds.outstanding);
            if bonds.outstanding == 0 {
                break;
            }
            // The highest price without a loss, or a lower one.
            let most = (wide(bonds.proceeds) * wide(bought) / wide(bonds.outstanding)).as_u128();
            let spent = most - most * cheaper / 200;
            prop_assert!(bonds.break_even(spent).is_none_or(|least| least <= bought));
            if spent < bonds.proceeds {
                // One more would be a loss, if one less were bought.
                prop_assert!(bonds.break_even(most + 1).is_none_or(|least| least > bought));
            }
            bonds.buy_back(bought, spent);
            pot += bought;
            stable -= spent;
            prop_assert_eq!(pot + bonds.outstanding, all);
            prop_assert_eq!(stable, bonds.proceeds + bonds.due);
        }
        prop_assert_eq!((bonds.outstanding, bonds.proceeds, pot), (0, 0, all));
    }

    #[test]
    fn bonds_recover_at_the_price_they_were_sold_for_or_below(
        outstanding in 1u128..1 << 90,
        proceeds in 1u128..1 << 90,
        spot in a_price(),
    ) {
        let bonds = Bonds { outstanding, proceeds, ..Default::default() };
        let exact = wide(spot.into_inner()) * wide(proceeds) >= wide(outstanding) * wide(FixedU128::DIV);
        prop_assert_eq!(bonds.recovers(spot), exact);
    }
}

#[test]
fn the_slice_of_the_default_rules_is_a_third_of_a_percent() {
    assert_eq!(slice(1_000_000_000_000, Rules::default().max_impact), 3_493_896_344);
    assert_eq!(slice(0, Perbill::one()), 0);
    assert_eq!(slice(1_000, Perbill::zero()), 0);
}

#[test]
fn a_fee_of_100_is_split_37_3_60() {
    assert_eq!(Split::new(100, &FeeShares::default()), Split { author: 37, fund: 3, burned: 60 });
    // The remainder of rounding the parts down is burned.
    assert_eq!(Split::new(1, &FeeShares::default()), Split { author: 0, fund: 0, burned: 1 });
    let all = FeeShares { author: Perbill::from_percent(80), fund: Perbill::from_percent(80) };
    assert_eq!(Split::new(100, &all), Split { author: 80, fund: 20, burned: 0 });
}

#[test]
fn a_price_that_is_no_number_is_none() {
    assert_eq!(price(0, 1), None);
    assert_eq!(price(1, 0), None);
    assert_eq!(price(1, 1 << 90), None);
    assert_eq!(price(1 << 90, 1), None);
    assert_eq!(price(3, 2), Some(FixedU128::from_rational(3, 2)));
}

#[test]
fn a_tiny_price_can_still_move() {
    let (tiny, large) = (FixedU128::from_inner(1), FixedU128::from_u32(1));
    assert_eq!(step(tiny, large, Perbill::from_percent(1)), FixedU128::from_inner(2));
    assert_eq!(step(FixedU128::from_inner(2), tiny, Perbill::from_percent(1)), tiny);
}

#[test]
fn the_sums_hold_the_largest_price_for_all_blocks() {
    let largest = FixedU128::from_inner(u128::MAX);
    let mut oracle = Oracle::new(largest, 0);
    oracle.observe(largest, u32::MAX, Perbill::one(), 1);
    assert_eq!(oracle.average(u32::MAX, u32::MAX), Some(largest));
    assert_eq!(oracle.last.sum, wide(u128::MAX) * wide(u32::MAX.into()));
}

#[test]
fn a_week_is_known_after_a_week_and_forgets_what_was_before() {
    let (old, new) = (FixedU128::from_u32(1), FixedU128::from_u32(3));
    let mut oracle = Oracle::new(old, 1);
    let mut history = History::default();
    push(&mut history, oracle.last);
    let mut run = |oracle: &mut Oracle, from: u32, to: u32, spot| {
        for now in (from..=to).step_by(50) {
            let before = oracle.last.at;
            oracle.observe(spot, now, Perbill::one(), 20);
            if begins_hour(before, now) {
                push(&mut history, oracle.last);
            }
            let week = oracle.week(now, &history);
            assert_eq!(week.is_some(), now > WEEK_BLOCKS, "{now}");
            assert!(week.is_none_or(|week| old <= week && week <= new));
        }
        oracle.week(to, &history)
    };
    let week = run(&mut oracle, 51, 2 * WEEK_BLOCKS + 1, old);
    assert_eq!(week, Some(old));
    // Half a week later half of the average is at the new price. The average may reach back by an
    // hour and a step more.
    let half = 2 * WEEK_BLOCKS + 1 + WEEK_BLOCKS / 2;
    let week = run(&mut oracle, 2 * WEEK_BLOCKS + 51, half, new).unwrap();
    assert!(FixedU128::from_rational(198, 100) < week && week <= FixedU128::from_u32(2), "{week}");
    let whole = half + WEEK_BLOCKS / 2 + HOUR_BLOCKS + 50;
    assert_eq!(run(&mut oracle, half + 50, whole, new), Some(new));
    assert!(history.is_full());
}

#[test]
fn a_history_is_ordered_and_bounded() {
    let mut history = History::default();
    for at in 0..1_000 {
        push(&mut history, Observation { at, sum: at.into() });
    }
    assert!(history.is_full());
    assert_eq!(history.last().map(|newest| newest.at), Some(999));
    assert!(history.windows(2).all(|pair| pair[0].at + 1 == pair[1].at));
}

#[test]
fn what_may_be_sold_in_a_day_is_reckoned_at_its_beginning() {
    let (daily, mut bonds) = (Perbill::from_percent(1), Bonds::default());
    let day = 9 * DAY_BLOCKS;
    assert_eq!(bonds.allowance(day, 10_000, daily), 100);
    bonds.sell(day, 10_000, 100, 70, 1);
    assert_eq!(bonds.allowance(day + 1, 9_930, daily), 30);
    bonds.sell(day + 1, 9_930, 30, 30, 1);
    assert_eq!(bonds.allowance(day + DAY_BLOCKS - 1, 9_900, daily), 0);
    // Bonds bought back may not be sold again on the same day.
    bonds.buy_back(100, 2);
    assert_eq!(bonds.allowance(day + DAY_BLOCKS - 1, 10_000, daily), 0);
    assert_eq!(bonds.allowance(day + DAY_BLOCKS, 10_000, daily), 100);
}
