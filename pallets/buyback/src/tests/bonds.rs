//! Tests of the liquidity bonds.

use crate::{Error, Event, LiquidityBonds, mock::*};
use dpin_primitives::{
    AssetKind, Balance, DPN,
    economy::{DAY_BLOCKS, Pot},
};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, traits::fungibles::Mutate},
    sp_runtime::{FixedPointNumber, FixedU128},
};
use proptest::prelude::*;

/// All bonds.
const ALL: Balance = 4_200_000 * DPN;

fn spot() -> FixedU128 {
    Buyback::market(BLC).unwrap().price.unwrap()
}

fn week() -> FixedU128 {
    Buyback::market(BLC).unwrap().week.unwrap()
}

/// The present price of DPN, in millionths of the week's average.
fn relative() -> u128 {
    (week() / spot()).saturating_mul_int(1_000_000u128)
}

/// Trade as ALICE until the price of DPN is close to `target` millionths of the week's average.
fn drive_to(target: u128) {
    for _ in 0..10_000 {
        let now = relative();
        if now.abs_diff(target) < 400 {
            return;
        }
        // The price moves twice as far as the reserve.
        let (native, stable) = reserves(&BLC);
        let far = now.abs_diff(target).min(100_000);
        match now < target {
            true => trade(&ALICE, &BLC, &NATIVE, stable / 2_100_000 * far.max(300)),
            false => trade(&ALICE, &NATIVE, &BLC, native / 2_100_000 * far.max(300)),
        };
    }
    panic!("the price stays at {}", relative());
}

/// Begin `blocks` blocks, one after the other.
fn run(blocks: u32) {
    for _ in 0..blocks {
        next_block();
    }
}

/// Pass a week of a steady price, move DPN to `target` millionths of it, and wait until the average
/// has followed.
fn after_a_week_at(target: u128) {
    assert!(
        !System::block_number().is_multiple_of(5),
        "the days are passed outside of the blocks in which it is traded"
    );
    pass_days(8);
    // Nothing may be sold until the average has followed.
    let daily = TheRules::get().bond_daily;
    TheRules::mutate(|rules| rules.bond_daily = Default::default());
    drive_to(target);
    run(100);
    drive_to(target);
    run(100);
    TheRules::mutate(|rules| rules.bond_daily = daily);
    System::reset_events();
}

fn pot_of_bonds() -> Balance {
    balance(&NATIVE, &pot(Pot::Bonds))
}

fn outstanding() -> Balance {
    LiquidityBonds::<Test>::get().outstanding
}

fn sales() -> Vec<(Balance, Balance)> {
    events()
        .into_iter()
        .filter_map(|event| match event {
            Event::BondsSold { sold, received } => Some((sold, received)),
            _ => None,
        })
        .collect()
}

#[test]
fn bonds_are_sold_when_dpn_have_risen_by_more_than_a_fifth() {
    TestExt::new().build_and_execute(|| {
        after_a_week_at(1_220_000);
        let (native, blc) = (issuance(&NATIVE), issuance(&BLC));
        let before = spot();
        run(10);
        let sales = sales();
        assert_eq!(sales.len(), 1);
        let (sold, received) = sales[0];
        assert_eq!((pot_of_bonds(), outstanding()), (ALL - sold, sold));
        assert_eq!(balance(&BLC, &pot(Pot::Bonds)), received);
        assert_eq!(LiquidityBonds::<Test>::get().proceeds, received);
        // Nothing is minted or burned, and the slice moves the price by no more than allowed.
        assert_eq!((issuance(&NATIVE), issuance(&BLC)), (native, blc));
        assert!(spot() > before && spot() / before <= FixedU128::from_rational(1_007, 1_000));
        let info = Buyback::bonds();
        assert_eq!((info.pot, info.outstanding, info.proceeds, info.gain), (ALL - sold, sold, received, 0));
    });
}

#[test]
fn bonds_are_not_sold_below_that() {
    TestExt::new().build_and_execute(|| {
        after_a_week_at(1_198_000);
        run(1_000);
        assert_eq!((pot_of_bonds(), outstanding()), (ALL, 0));
    });
}

#[test]
fn bonds_are_not_sold_before_a_week_is_known() {
    TestExt::new().build_and_execute(|| {
        pass_days(6);
        trade(&ALICE, &BLC, &NATIVE, RESERVE / 2).unwrap();
        run(500);
        assert_eq!(Buyback::market(BLC).unwrap().week, None);
        assert_eq!(outstanding(), 0);
    });
}

#[test]
fn bonds_are_not_sold_into_a_spike() {
    TestExt::new().build_and_execute(|| {
        // The market accepts any move of the price at once.
        TheRules::mutate(|rules| rules.max_deviation = polkadot_sdk::sp_runtime::Perbill::one());
        pass_days(8);
        drive_to(1_400_000);
        // The price has risen, its average has not yet.
        run(10);
        assert_eq!(outstanding(), 0);
        run(60);
        assert!(outstanding() > 0);
        // The average has risen, the price has fallen again.
        let before = outstanding();
        drive_to(1_100_000);
        run(10);
        assert_eq!(outstanding(), before);
    });
}

#[test]
fn at_most_one_percent_is_sold_in_a_day() {
    TestExt::new().build_and_execute(|| {
        after_a_week_at(1_600_000);
        run(4);
        let mut day = System::block_number() / DAY_BLOCKS;
        let mut sold_before = 0;
        for _ in 0..3 * DAY_BLOCKS / 5 {
            pass(5);
            let today = System::block_number() / DAY_BLOCKS;
            if today != day {
                // The whole allowance was sold, except for an amount that is not worth a swap.
                let sold = outstanding() - sold_before;
                assert!(sold <= ALL / 100 && sold > ALL / 100 - 2 * crate::DUST, "{sold}");
                (day, sold_before) = (today, outstanding());
                drive_to(1_500_000);
            }
            assert!(outstanding() - sold_before <= ALL / 100);
            assert_eq!(pot_of_bonds() + outstanding(), ALL);
        }
        assert!(sold_before > 0);
    });
}

/// Sell some bonds at about 1.4 times the week's average.
fn sold_some() {
    after_a_week_at(1_400_000);
    run(200);
    assert!(outstanding() > 0);
    System::reset_events();
}

#[test]
fn bonds_are_bought_back_when_the_price_is_down_and_the_gain_is_revenue() {
    TestExt::new().build_and_execute(|| {
        sold_some();
        let proceeds = LiquidityBonds::<Test>::get().proceeds;
        let held = balance(&BLC, &pot(Pot::Bonds));
        assert_eq!(held, proceeds);
        // The revenue stays in its pot, so that it can be measured.
        TheRules::mutate(|rules| rules.min_reserve = 0);
        let (native, blc) = (issuance(&NATIVE), issuance(&BLC));
        for _ in 0..100 {
            drive_to(990_000);
            run(100);
            assert_eq!(pot_of_bonds() + outstanding(), ALL);
            if outstanding() == 0 {
                break;
            }
        }
        let bonds = LiquidityBonds::<Test>::get();
        assert_eq!((outstanding(), bonds.proceeds, pot_of_bonds()), (0, 0, ALL));
        // The bonds were sold for 1.4 and bought for 1: more than a quarter of the proceeds is
        // gain.
        assert!(bonds.gain > proceeds / 5 && bonds.gain < proceeds * 2 / 5, "{} of {proceeds}", bonds.gain);
        // Only the coin's minimum stays in the pot.
        assert_eq!((bonds.due, balance(&BLC, &pot(Pot::Bonds))), (ED, ED));
        let events = events();
        let gained: Balance = events
            .iter()
            .map(|event| match event {
                Event::BondsGained { amount } => *amount,
                _ => 0,
            })
            .sum();
        assert_eq!(gained, bonds.gain);
        // The gain buys back like any other revenue.
        let burned = Buyback::totals(BLC).burned;
        assert!(burned > 0);
        assert_eq!((issuance(&NATIVE), issuance(&BLC)), (native - burned, blc));
    });
}

#[test]
fn bonds_are_not_bought_back_above_the_week() {
    TestExt::new().build_and_execute(|| {
        sold_some();
        let before = outstanding();
        drive_to(1_030_000);
        run(200);
        assert_eq!(outstanding(), before);
    });
}

#[test]
fn bonds_are_not_bought_back_dearer_than_they_were_sold() {
    TestExt::new().build_and_execute(|| {
        sold_some();
        // The bonds were sold for less than they cost now, although the present price is below the
        // week's.
        LiquidityBonds::<Test>::mutate(|bonds| bonds.proceeds /= 3);
        let before = outstanding();
        drive_to(950_000);
        run(200);
        assert_eq!(outstanding(), before);
        // Nor for slightly more, which a slice with its fee would cost.
        let even = {
            let bonds = LiquidityBonds::<Test>::get();
            spot().saturating_mul_int(bonds.proceeds)
        };
        assert!(even < before);
        LiquidityBonds::<Test>::mutate(|bonds| {
            bonds.proceeds = spot().reciprocal().unwrap().saturating_mul_int(before) + DPN
        });
        assert!(LiquidityBonds::<Test>::get().recovers(spot()));
        run(10);
        assert_eq!(outstanding(), before);
    });
}

#[test]
fn while_the_coin_is_frozen_the_bonds_stay_as_they_are() {
    TestExt::new().build_and_execute(|| {
        sold_some();
        drive_to(990_000);
        run(4);
        let admin = RuntimeOrigin::signed(ADMIN);
        let before = (LiquidityBonds::<Test>::get(), pot_of_bonds(), balance(&BLC, &pot(Pot::Bonds)), reserves(&BLC));
        assert_ok!(Assets::freeze_asset(admin.clone(), 1));
        run(200);
        let now = (LiquidityBonds::<Test>::get(), pot_of_bonds(), balance(&BLC, &pot(Pot::Bonds)), reserves(&BLC));
        assert_eq!(now, before);
        assert_ok!(Assets::thaw_asset(admin.clone(), 1));
        assert_ok!(Assets::freeze(admin.clone(), 1, pot(Pot::Bonds)));
        run(200);
        assert_eq!(outstanding(), before.0.outstanding);
        assert_ok!(Assets::thaw(admin, 1, pot(Pot::Bonds)));
        run(200);
        assert!(outstanding() < before.0.outstanding);
    });
}

#[test]
fn a_pot_that_cannot_take_the_coin_sells_nothing() {
    TestExt::new().build_and_execute(|| {
        earn_minimum_of_bonds();
        after_a_week_at(1_400_000);
        assert_ok!(Assets::block(RuntimeOrigin::signed(ADMIN), 1, pot(Pot::Bonds)));
        let before = (reserves(&BLC), issuance(&NATIVE), issuance(&BLC));
        run(100);
        assert_eq!((reserves(&BLC), issuance(&NATIVE), issuance(&BLC)), before);
        assert_eq!((pot_of_bonds(), outstanding()), (ALL, 0));
    });
}

/// Give the pot an account of the coin.
fn earn_minimum_of_bonds() {
    assert_ok!(AllAssets::mint_into(BLC, &pot(Pot::Bonds), ED));
}

#[test]
fn a_gain_that_cannot_be_paid_waits_in_the_pot() {
    TestExt::new().build_and_execute(|| {
        earn(&BLC, ED);
        sold_some();
        let admin = RuntimeOrigin::signed(ADMIN);
        assert_ok!(Assets::block(admin.clone(), 1, pot(Pot::Revenue)));
        drive_to(990_000);
        run(100);
        let bonds = LiquidityBonds::<Test>::get();
        assert!(bonds.due > ED && bonds.gain == 0);
        assert_ok!(Assets::thaw(admin, 1, pot(Pot::Revenue)));
        run(20);
        assert!(LiquidityBonds::<Test>::get().gain >= bonds.due - ED);
    });
}

#[test]
fn the_market_of_the_bonds_stays_while_some_are_outstanding() {
    TestExt::new().build_and_execute(|| {
        sold_some();
        let set = |markets: Vec<AssetKind>| Buyback::set_markets(RuntimeOrigin::root(), markets.try_into().unwrap());
        assert_noop!(set(vec![OTHER]), Error::<Test>::BondsOutstanding);
        assert_ok!(set(vec![OTHER, BLC]));
    });
}

#[test]
fn without_their_market_bonds_are_not_traded() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(Buyback::set_markets(RuntimeOrigin::root(), vec![OTHER].try_into().unwrap()));
        run(100);
        assert_eq!((pot_of_bonds(), outstanding()), (ALL, 0));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The property holds for any prices.
    #[test]
    fn bonds_are_never_lost_and_never_sold_without_a_rise(
        walk in prop::collection::vec((700_000u128..2_000_000, 10u32..400), 1..12),
    ) {
        TestExt::new().build_and_execute(|| {
            pass_days(8);
            let mut paid = 0;
            for (target, blocks) in walk {
                drive_to(target);
                for _ in 0..blocks {
                    let (before, was, market) = (outstanding(), relative(), Buyback::market(BLC).unwrap());
                    next_block();
                    assert_eq!(pot_of_bonds() + outstanding(), ALL);
                    let average = (market.week.unwrap() / market.average.unwrap()).saturating_mul_int(1_000_000u128);
                    if outstanding() > before {
                        // The state before this block, except for the change of the week's average
                        // by one block.
                        assert!(was >= 1_199_990 && average >= 1_180_000, "{was} {average}");
                    }
                    if outstanding() < before {
                        assert!(was <= 1_000_100, "{was}");
                    }
                }
                let gain = LiquidityBonds::<Test>::get().gain;
                assert!(gain >= paid, "a gain is never taken back");
                paid = gain;
                Buyback::do_try_state().unwrap();
            }
        });
    }
}
