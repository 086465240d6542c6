//! Tests of buying back and burning.

use crate::{
    Error, Event, Halts, Histories, MAX_TOLERANCE, Oracles, Rules, Totals, Turn, WeightInfo, market::slice, mock::*,
};
use dpin_primitives::{
    AssetKind, BLC_UNIT, Balance, DPN,
    economy::{BuybackTotals, Halt, Pot},
};
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok,
        traits::{
            fungibles::Mutate,
            {LockableCurrency, WithdrawReasons},
        },
    },
    sp_core::U256,
    sp_runtime::{DispatchError, FixedU128, Perbill, Permill, TokenError},
};
use proptest::prelude::*;

/// All balances that a swap could change.
fn snapshot() -> Vec<Balance> {
    let accounts = [pot(Pot::Revenue), pot(Pot::Bonds), pool(&BLC)];
    let assets = [NATIVE, BLC];
    let balances = accounts.iter().flat_map(|who| assets.iter().map(move |asset| balance(asset, who)));
    balances.chain(assets.iter().map(issuance)).collect()
}

/// Expect that the next attempt to buy halts with this reason and changes nothing.
fn expect_halt(reason: Halt) {
    let before = snapshot();
    events();
    until_buy();
    assert_eq!(events(), [Event::Halted { asset: BLC, reason }]);
    assert_eq!(Halts::<Test>::get(BLC), Some(reason));
    assert_eq!(snapshot(), before);
    // The event is emitted only once.
    until_buy();
    assert_eq!(events(), []);
    assert_eq!(snapshot(), before);
}

/// Expect that the next attempt to buy resumes.
fn expect_resumed() {
    until_buy();
    let events = events();
    assert_eq!(events[0], Event::Resumed { asset: BLC });
    assert!(matches!(events[1], Event::BoughtBack { .. }), "{events:?}");
    assert_eq!(Halts::<Test>::get(BLC), None);
}

fn admin() -> RuntimeOrigin {
    RuntimeOrigin::signed(ADMIN)
}

#[test]
fn fees_buy_back_and_what_is_bought_is_burned() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        events();
        let (native, blc) = (issuance(&NATIVE), issuance(&BLC));
        let (pool_native, pool_blc) = reserves(&BLC);
        until_buy();
        // The minimum stays.
        let spent = 100 * BLC_UNIT - ED;
        let bought = pool_native - reserves(&BLC).0;
        assert_eq!(balance(&BLC, &pot(Pot::Revenue)), ED);
        assert_eq!(reserves(&BLC).1, pool_blc + spent);
        // Exactly the amount that the pool gives anybody.
        let kept = U256::from(spent) * U256::from(997_000);
        let yielded = kept * U256::from(pool_native) / (U256::from(pool_blc) * U256::from(1_000_000) + kept);
        assert_eq!(U256::from(bought), yielded);
        assert_eq!(issuance(&NATIVE), native - bought);
        assert_eq!(issuance(&BLC), blc);
        assert_eq!(events(), [Event::BoughtBack { asset: BLC, spent, bought, burned: bought }]);
        assert_eq!(Burned::get(), Some(vec![(BLC, spent, bought)]));
        let totals = BuybackTotals { spent, bought, burned: bought };
        assert_eq!(Buyback::totals(BLC), totals);
        assert_eq!(Buyback::buybacks(BLC, 0), [(0, totals)]);
        // Nothing is left to buy with, which is no reason to halt.
        until_buy();
        assert_eq!(events(), []);
        assert_eq!(Totals::<Test>::get(BLC), totals);
    });
}

#[test]
fn a_pot_is_spent_slice_by_slice_at_every_interval() {
    TestExt::new().build_and_execute(|| {
        let most = slice(reserves(&BLC).1, TheRules::get().max_impact);
        earn(&BLC, 2 * most + most / 2);
        warm_up();
        for times in 1..=2 {
            let before = balance(&BLC, &pot(Pot::Revenue));
            until_buy();
            let spent = before - balance(&BLC, &pot(Pot::Revenue));
            assert!(spent >= most, "slice {times}");
            assert!(spent <= slice(reserves(&BLC).1, TheRules::get().max_impact));
            // Nothing is bought in any other block.
            for _ in 1..TheRules::get().interval {
                let before = snapshot();
                next_block();
                assert_eq!(snapshot(), before);
            }
            // Others move the price back, or it would be too far from its average.
            trade(&ALICE, &NATIVE, &BLC, slice(reserves(&BLC).0, TheRules::get().max_impact)).unwrap();
        }
        until_buy();
        assert_eq!(balance(&BLC, &pot(Pot::Revenue)), ED);
    });
}

#[test]
fn without_fees_nothing_happens() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        events();
        let before = snapshot();
        until_buy();
        assert_eq!(events(), []);
        assert_eq!(snapshot(), before);
        assert_eq!(Burned::get(), None);
    });
}

#[test]
fn dust_waits_until_there_is_more() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, ED + crate::DUST - 2);
        warm_up();
        events();
        let before = snapshot();
        until_buy();
        assert_eq!((events(), snapshot()), (vec![], before));
        earn(&BLC, 10);
        until_buy();
        assert_eq!(balance(&BLC, &pot(Pot::Revenue)), ED);
    });
}

#[test]
fn without_a_pool_nothing_is_bought_until_there_is_one() {
    TestExt::new().no_pool().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        expect_halt(Halt::NoPool);
        assert_eq!(Buyback::market(BLC).unwrap().halt, Some(Halt::NoPool));
        make_pool(&BLC, RESERVE, RESERVE);
        expect_halt(Halt::StalePrice);
        until_buy();
        expect_resumed();
    });
}

#[test]
fn in_a_thin_pool_nothing_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        TheRules::mutate(|rules| rules.min_reserve = RESERVE + 1);
        expect_halt(Halt::ThinPool);
        TheRules::mutate(|rules| rules.min_reserve = RESERVE / 2);
        expect_resumed();
    });
}

#[test]
fn before_there_is_an_average_nothing_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        expect_halt(Halt::StalePrice);
        until_buy();
        expect_resumed();
    });
}

#[test]
fn after_a_gap_the_observations_begin_anew() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        let start = System::block_number() + 104;
        let before = snapshot();
        events();
        pass(104);
        assert_eq!(Oracles::<Test>::get(BLC).unwrap().older.at, start);
        assert_eq!(Histories::<Test>::get(BLC).len(), 1);
        assert_eq!(events(), [Event::Halted { asset: BLC, reason: Halt::StalePrice }]);
        until_buy();
        assert_eq!((events(), snapshot()), (vec![], before));
        warm_up();
        expect_resumed();
    });
}

#[test]
fn after_a_short_gap_they_go_on() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        let start = Oracles::<Test>::get(BLC).unwrap().older.at;
        assert!(start < System::block_number());
        events();
        pass(100);
        assert_ne!(Buyback::market(BLC).unwrap().average, None);
        assert!(matches!(events()[..], [Event::BoughtBack { .. }]));
    });
}

#[test]
fn a_price_that_is_not_observed_in_this_block_and_too_old_is_stale() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        let rules = TheRules::get();
        let now = System::block_number();
        assert!(Buyback::read(&BLC, &rules, now + rules.stale_blocks).is_ok());
        assert_eq!(Buyback::read(&BLC, &rules, now + rules.stale_blocks + 1), Err(Halt::StalePrice));
    });
}

#[test]
fn a_price_that_has_moved_must_be_there_for_a_while() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        // DPN rise by about 3 %.
        trade(&ALICE, &BLC, &NATIVE, RESERVE / 1_000 * 15).unwrap();
        expect_halt(Halt::PriceMoved);
        for _ in 0..50 {
            next_block();
        }
        assert_eq!(Halts::<Test>::get(BLC), None);
        assert!(Totals::<Test>::get(BLC).burned > 0);
    });
}

#[test]
fn a_price_that_has_fallen_is_as_suspect() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        trade(&ALICE, &NATIVE, &BLC, RESERVE / 1_000 * 15).unwrap();
        expect_halt(Halt::PriceMoved);
        trade(&ALICE, &BLC, &NATIVE, RESERVE / 1_000 * 15).unwrap();
        expect_resumed();
    });
}

#[test]
fn while_the_asset_is_frozen_nothing_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        assert_ok!(Assets::freeze_asset(admin(), 1));
        expect_halt(Halt::SwapFailed);
        // Its price is still observed.
        assert_eq!(Oracles::<Test>::get(BLC).unwrap().age(System::block_number()), 0);
        assert_ok!(Assets::thaw_asset(admin(), 1));
        expect_resumed();
    });
}

#[test]
fn while_the_pot_is_frozen_nothing_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        assert_ok!(Assets::freeze(admin(), 1, pot(Pot::Revenue)));
        expect_halt(Halt::SwapFailed);
        assert_ok!(Assets::thaw(admin(), 1, pot(Pot::Revenue)));
        expect_resumed();
        earn(&BLC, 100 * BLC_UNIT);
        assert_ok!(Assets::block(admin(), 1, pot(Pot::Revenue)));
        expect_halt(Halt::SwapFailed);
    });
}

#[test]
fn while_the_pool_is_frozen_or_blocked_nothing_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        assert_ok!(Assets::freeze(admin(), 1, pool(&BLC)));
        expect_halt(Halt::SwapFailed);
        assert_ok!(Assets::thaw(admin(), 1, pool(&BLC)));
        expect_resumed();
        earn(&BLC, 100 * BLC_UNIT);
        assert_ok!(Assets::block(admin(), 1, pool(&BLC)));
        expect_halt(Halt::SwapFailed);
        assert_ok!(Assets::thaw(admin(), 1, pool(&BLC)));
        expect_resumed();
    });
}

#[test]
fn while_the_pools_dpn_are_locked_nothing_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        Balances::set_lock(*b"testlock", &pool(&BLC), Balance::MAX, WithdrawReasons::all());
        expect_halt(Halt::SwapFailed);
        Balances::remove_lock(*b"testlock", &pool(&BLC));
        expect_resumed();
    });
}

#[test]
fn while_the_asset_is_destroyed_nothing_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        assert_ok!(Assets::start_destroy(admin(), 1));
        expect_halt(Halt::SwapFailed);
    });
}

#[test]
fn a_swap_that_fails_changes_nothing() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        System::reset_events();
        let (before, revenue) = (snapshot(), pot(Pot::Revenue));
        // The pool offers less than the least amount, after the pot was charged.
        let too_much = Buyback::swap(&revenue, &BLC, &NATIVE, BLC_UNIT, DPN, |credit| {
            drop(credit);
            Ok(())
        });
        assert!(too_much.is_err());
        // The yield cannot be used, after it was bought and dropped.
        let refused = Buyback::swap(&revenue, &BLC, &NATIVE, BLC_UNIT, 1, |credit| {
            drop(credit);
            Err::<(), _>(TokenError::Blocked.into())
        });
        assert_eq!(refused, Err(TokenError::Blocked.into()));
        // The pot has less, or would keep less than its minimum.
        for amount in [101 * BLC_UNIT, 100 * BLC_UNIT, 100 * BLC_UNIT - ED + 1] {
            assert!(
                Buyback::swap(&revenue, &BLC, &NATIVE, amount, 1, |credit| {
                    drop(credit);
                    Ok(())
                })
                .is_err()
            );
        }
        assert_eq!(snapshot(), before);
        assert_eq!(System::events(), []);
    });
}

#[test]
fn the_least_yield_counts_deviation_impact_and_fee() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        let rules = TheRules::get();
        let least = |amount| Buyback::least(&BLC, &NATIVE, amount, amount, &rules).unwrap();
        // At the average a slice yields the pool's offer; 2 % less is accepted.
        let quote = 996_999_250_000;
        let offered = AssetConversion::quote_price_exact_tokens_for_tokens(BLC, NATIVE, BLC_UNIT, true).unwrap();
        assert!(offered.abs_diff(quote) < quote / 1_000_000, "{offered}");
        assert_eq!(least(BLC_UNIT), offered / 100 * 98 + offered % 100 * 98 / 100);
        assert_eq!(least(1_000), 1_000 * 98 / 100 * 996 / 1_000);
        // With a fee of 10 %, a tenth less is accepted.
        PoolFee::set(Permill::from_percent(10));
        assert!(least(BLC_UNIT).abs_diff(BLC_UNIT / 1_000 * 882) < BLC_UNIT / 1_000_000);
    });
}

#[test]
fn it_is_bought_in_dear_pools_too() {
    TestExt::new().build_and_execute(|| {
        PoolFee::set(Permill::from_percent(10));
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        until_buy();
        assert!(Totals::<Test>::get(BLC).burned > 89 * DPN);
    });
}

#[test]
fn fees_in_an_asset_without_a_market_wait_for_one() {
    TestExt::new().build_and_execute(|| {
        earn(&OTHER, 100 * BLC_UNIT);
        make_pool(&OTHER, RESERVE, RESERVE / 2);
        warm_up();
        until_buy();
        assert_eq!(balance(&OTHER, &pot(Pot::Revenue)), 100 * BLC_UNIT);
        assert_eq!(Buyback::market(OTHER), None);
        let both = vec![BLC, OTHER].try_into().unwrap();
        assert_ok!(Buyback::set_markets(RuntimeOrigin::root(), both));
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        let before = issuance(&NATIVE);
        until_buy();
        // Both buy in the same block.
        let (blc, other) = (Buyback::totals(BLC), Buyback::totals(OTHER));
        assert_eq!(other.spent, 100 * BLC_UNIT - ED);
        assert!(other.bought > 198 * DPN);
        // The other market was fit from the start.
        assert_eq!(blc.spent + balance(&BLC, &pot(Pot::Revenue)), 100 * BLC_UNIT);
        assert!(issuance(&NATIVE) < before);
    });
}

#[test]
fn only_governance_names_the_markets() {
    TestExt::new().build_and_execute(|| {
        let none = || Vec::<AssetKind>::new().try_into().unwrap();
        assert_noop!(Buyback::set_markets(RuntimeOrigin::signed(ALICE), none()), DispatchError::BadOrigin);
        assert_ok!(Buyback::set_markets(RuntimeOrigin::root(), none()));
        assert_eq!(events(), [Event::MarketsSet { markets: none() }]);
    });
}

#[test]
fn markets_are_different_assets() {
    TestExt::new().build_and_execute(|| {
        let set = |markets: Vec<_>| Buyback::set_markets(RuntimeOrigin::root(), markets.try_into().unwrap());
        assert_noop!(set(vec![BLC, NATIVE]), Error::<Test>::NativeMarket);
        assert_noop!(set(vec![BLC, OTHER, BLC]), Error::<Test>::DuplicateMarket);
    });
}

#[test]
fn a_market_that_is_no_more_is_forgotten() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        TheRules::mutate(|rules| rules.min_reserve = Balance::MAX);
        until_buy();
        assert_ok!(Buyback::set_markets(RuntimeOrigin::root(), vec![OTHER].try_into().unwrap()));
        assert_eq!(Oracles::<Test>::get(BLC), None);
        assert_eq!(Histories::<Test>::get(BLC).len(), 0);
        assert_eq!(Halts::<Test>::get(BLC), None);
        assert_eq!(Buyback::market(BLC), None);
    });
}

#[test]
fn a_market_can_be_looked_at() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        let info = Buyback::market(BLC).unwrap();
        assert_eq!((info.native_reserve, info.asset_reserve), (RESERVE, RESERVE));
        assert_eq!((info.price, info.average), (Some(FixedU128::from_u32(1)), Some(FixedU128::from_u32(1))));
        assert_eq!((info.week, info.totals), (None, BuybackTotals::default()));
    });
}

#[test]
fn blocks_weigh_what_they_do() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        let look = <() as WeightInfo>::watch() + <() as WeightInfo>::observe() + <() as WeightInfo>::share_fees();
        assert_eq!(next_block(), look + <() as WeightInfo>::buy() + FIT_WEIGHT);
        for _ in 1..5 {
            assert_eq!(next_block(), look);
        }
        assert_eq!(next_block(), look + <() as WeightInfo>::sell_bonds());
        // The weight of the ledger of burns is added.
        earn(&BLC, 100 * BLC_UNIT);
        (6..10).for_each(|_| assert_eq!(next_block(), look));
        assert_eq!(next_block(), look + <() as WeightInfo>::buy() + BURN_WEIGHT + FIT_WEIGHT);
        System::set_block_number(crate::HOUR_BLOCKS - 51);
        next_block();
        pass(51);
        assert_eq!(System::block_number() % crate::HOUR_BLOCKS, 1);
        assert_eq!(Histories::<Test>::get(BLC).len(), 2);
    });
}

#[test]
fn a_slice_that_is_due_is_tried_in_every_block_until_it_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        TheRules::mutate(|rules| rules.min_reserve = RESERVE + 1);
        let pays = <() as WeightInfo>::buy();
        for _ in 0..5 {
            assert!(next_block().all_gte(pays), "looking costs as much as buying");
            assert_eq!(Halts::<Test>::get(BLC), Some(Halt::ThinPool));
        }
        // Fit again in the middle of the interval: a slice is bought in the next block.
        TheRules::mutate(|rules| rules.min_reserve = RESERVE / 2);
        next_block();
        assert_eq!(Halts::<Test>::get(BLC), Some(Halt::ThinPool), "this block is that of the bonds");
        next_block();
        assert_eq!(Totals::<Test>::get(BLC).spent, 100 * BLC_UNIT - ED);
        let fit = Fit::get().unwrap();
        assert_eq!(fit.iter().map(|(_, blocks)| *blocks).collect::<Vec<_>>(), [TheRules::get().interval]);
        // No further slice is bought before the next interval, and before half an interval has
        // passed.
        earn(&BLC, 100 * BLC_UNIT);
        let now = System::block_number();
        let spent = || Totals::<Test>::get(BLC).spent;
        let bought = (1..=20).find(|_| {
            next_block();
            spent() > 100 * BLC_UNIT
        });
        assert_eq!(bought, Some(TheRules::get().interval / 2), "{now}: {:?}", Buyback::market(BLC));
    });
}

#[test]
fn while_a_market_is_halted_it_is_not_fit() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        until_buy();
        let fit = || Fit::get().map_or(0, |fit| fit.iter().map(|(_, blocks)| *blocks).sum::<u32>());
        let before = fit();
        assert!(before > 0, "a market is fit also if there is nothing to buy with");
        TheRules::mutate(|rules| rules.min_reserve = RESERVE + 1);
        (0..5).for_each(|_| until_buy());
        assert_eq!(fit(), before);
        TheRules::mutate(|rules| rules.min_reserve = RESERVE / 2);
        next_block();
        // The time in between counts for at most one interval.
        assert_eq!(fit(), before + TheRules::get().interval);
    });
}

#[test]
fn without_an_interval_nothing_is_bought() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, 100 * BLC_UNIT);
        warm_up();
        TheRules::mutate(|rules| rules.interval = 0);
        for _ in 0..50 {
            next_block();
        }
        assert_eq!(balance(&BLC, &pot(Pot::Revenue)), 100 * BLC_UNIT);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_market_has_one_turn_in_an_interval_and_never_two_at_once(
        interval in 2u32..500, start in 0u32..10_000, fit in prop::collection::vec(any::<bool>(), 1..2_000),
    ) {
        let (mut turn, mut turns, mut sum) = (Turn::default(), Vec::new(), 0);
        for (now, fit) in (start..).zip(fit) {
            if turn.is_due(now, interval) && fit {
                sum += turn.take(now, interval);
                turns.push(now);
            }
        }
        for pair in turns.windows(2) {
            prop_assert!(pair[0] / interval < pair[1] / interval);
            prop_assert!(pair[1] - pair[0] >= interval / 2);
        }
        // No block was counted as fit twice.
        if let (Some(first), Some(last)) = (turns.first(), turns.last()) {
            prop_assert!(sum <= last - first + interval.min(*first));
        }
    }

    #[test]
    fn what_is_tolerated_grows_by_the_day_and_has_an_end(parts in 0u32..=200_000_000, held in any::<u32>()) {
        let (most, day) = (Perbill::from_parts(parts), crate::HOUR_BLOCKS * 24);
        let tolerated = |held| Turn { at: None, held }.tolerance(most);
        prop_assert_eq!(tolerated(held % day), most);
        prop_assert!(tolerated(held) >= most && tolerated(held) <= MAX_TOLERANCE);
        prop_assert!(tolerated(held.saturating_add(day)) >= tolerated(held));
        // Each turn forgives half of them.
        let mut turn = Turn { at: None, held };
        turn.take(1_000_000, 200);
        prop_assert_eq!(turn.held, held / 2);
    }

    #[test]
    fn a_slice_moves_the_price_of_a_real_pool_by_no_more_than_allowed(
        native in 10u32..90,
        asset in 45u32..90,
        fraction in 1u128..1 << 40,
        pot_bits in 20u32..90,
        parts in 0u32..=50_000_000,
        fee in 0u32..=100_000,
    ) {
        TestExt::new().no_pool().build_and_execute(|| {
            let max_impact = Perbill::from_parts(parts);
            TheRules::mutate(|rules| *rules = Rules { max_impact, min_reserve: 0, ..*rules });
            PoolFee::set(Permill::from_parts(fee));
            let native = ED + (1 << native) + (fraction << native >> 40);
            let asset = ED + (1 << asset) + (fraction << asset >> 41);
            AllAssets::mint_into(NATIVE, &pool(&BLC), native).unwrap();
            AllAssets::mint_into(BLC, &pool(&BLC), asset).unwrap();
            earn(&BLC, ED + (fraction << pot_bits >> 40).max(1));
            warm_up();
            let before = issuance(&NATIVE);
            until_buy();
            let (y, x) = reserves(&BLC);
            // x' / y' <= (1 + impact) * x / y
            let one = U256::from(1_000_000_000);
            let bound = U256::from(asset) * U256::from(y) * (one + U256::from(parts));
            assert!(U256::from(x) * U256::from(native) * one <= bound);
            // The issuance falls by exactly the amount that left the pool.
            let totals = Buyback::totals(BLC);
            assert_eq!((totals.bought, totals.burned, totals.spent), (native - y, before - issuance(&NATIVE), x - asset));
            assert!(matches!(Halts::<Test>::get(BLC), None | Some(Halt::NoPool | Halt::SwapFailed)));
            // Everything worth more than dust is bought, if the pool can give it.
            if Halts::<Test>::get(BLC) == Some(Halt::SwapFailed) {
                assert!(native < 4 * ED, "{native} {asset}");
            }
        });
    }

    #[test]
    fn no_pool_is_so_extreme_that_a_block_fails(
        native in ED..1 << 120,
        asset in ED..1 << 120,
        pot in ED..1 << 120,
        parts in 0u32..=1_000_000_000,
    ) {
        TestExt::new().no_pool().build_and_execute(|| {
            let max_impact = Perbill::from_parts(parts);
            TheRules::mutate(|rules| *rules = Rules { max_impact, min_reserve: 0, ..*rules });
            AllAssets::mint_into(NATIVE, &pool(&BLC), native).unwrap();
            AllAssets::mint_into(BLC, &pool(&BLC), asset).unwrap();
            earn(&BLC, pot);
            warm_up();
            until_buy();
            until_buy();
        });
    }
}
