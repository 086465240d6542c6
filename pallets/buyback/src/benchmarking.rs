//! Benchmarks of the call, of the steps of the hooks, and of the end of an era.

use crate::{
    Bonds, Buybacks, Call, CollectedFees, Config, HISTORY_ERAS, HOUR_BLOCKS, Halts, Histories, History, LiquidityBonds,
    MAX_MARKETS, MarketList, Markets, Observation, Oracle, Oracles, Pallet, Totals, Turn, Turns,
    oracle::{price, push},
};
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlockNumber, DPN,
    economy::{BuybackTotals, DAY_BLOCKS, Halt, Pot},
};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::traits::{
        EnsureOrigin, Get,
        fungibles::{Inspect, Mutate},
    },
    frame_system,
    pallet_asset_conversion::{self, PoolLocator},
    sp_core::U256,
    sp_runtime::{FixedU128, traits::Convert},
};

/// Makes pools.
pub trait BenchmarkHelper {
    /// Make a pool of DPN and an existing asset with these reserves in planck and smallest units.
    /// Also give an account `amount` of both.
    fn pool(asset: &AssetKind, native: Balance, reserve: Balance, account: &AccountId, amount: Balance);
}

/// A pool is the balance of its account: a pool of genesis is filled up.
impl<T> BenchmarkHelper for pallet_asset_conversion::Pallet<T>
where
    T: pallet_asset_conversion::Config<AccountId = AccountId, AssetKind = AssetKind, Balance = Balance>,
{
    fn pool(asset: &AssetKind, native: Balance, reserve: Balance, account: &AccountId, amount: Balance) {
        let pool = T::PoolLocator::pool_address(&AssetKind::Native, asset).expect("every asset can have a pool");
        T::Assets::set_balance(AssetKind::Native, &pool, native);
        T::Assets::set_balance(asset.clone(), &pool, reserve);
        T::Assets::set_balance(AssetKind::Native, account, amount);
        T::Assets::set_balance(asset.clone(), account, amount);
    }
}

/// The reserve of each asset in a pool.
const RESERVE: Balance = 4_000_000 * DPN;

/// The block of the benchmarks: the first of an hour, after ten days.
const NOW: BlockNumber = 10 * DAY_BLOCKS;

/// Observations of a whole week at this price, the last of them in the block before.
fn observed<T: Config>(asset: &AssetKind, at: FixedU128) {
    let seen =
        |block: BlockNumber| Observation { at: block, sum: U256::from(at.into_inner()).saturating_mul(block.into()) };
    let last = NOW.saturating_sub(1);
    let mut history = History::default();
    for hour in (1..=MAX_HOURS).rev() {
        push(&mut history, seen(last.saturating_sub(hour.saturating_mul(HOUR_BLOCKS))));
    }
    let window = T::Rules::get().average_blocks;
    let newer = seen(last.saturating_sub(window));
    let older = seen(newer.at.saturating_sub(window));
    Histories::<T>::insert(asset, history);
    Oracles::<T>::insert(asset, Oracle { price: at, last: seen(last), newer, older });
}

/// The most observations in a history.
const MAX_HOURS: BlockNumber = crate::oracle::MAX_OBSERVATIONS;

/// The stable coin's market, fit to trade in, and ample funds in the pot.
fn fit<T: Config>(pot: Pot, native: Balance) -> AssetKind {
    frame_system::Pallet::<T>::set_block_number(NOW.into());
    let stable = T::Stable::get();
    Markets::<T>::put(MarketList::try_from(alloc::vec![stable.clone()]).expect("one is fewer than allowed"));
    T::BenchmarkHelper::pool(&stable, native, RESERVE, &T::Pots::convert(pot), RESERVE);
    observed::<T>(&stable, price(native, RESERVE).expect("it is a number"));
    stable
}

/// The same market after DPN have doubled in price: the week's average is as before, the last hours
/// are at the new price.
fn risen<T: Config>(stable: &AssetKind) {
    let window = T::Rules::get().average_blocks;
    let new = price(RESERVE, RESERVE.saturating_mul(2)).expect("it is a number");
    T::BenchmarkHelper::pool(stable, RESERVE, RESERVE.saturating_mul(2), &T::Pots::convert(Pot::Bonds), RESERVE);
    Oracles::<T>::mutate(stable, |oracle| {
        let oracle = oracle.as_mut().expect("the market is observed");
        let start = oracle.older;
        let after = |blocks: BlockNumber| Observation {
            at: start.at.saturating_add(blocks),
            sum: start.sum.saturating_add(U256::from(new.into_inner()).saturating_mul(blocks.into())),
        };
        oracle.price = new;
        oracle.newer = after(window);
        oracle.last = after(oracle.last.at.saturating_sub(start.at));
    });
}

/// The most markets, from this asset id on.
fn markets(first: u32) -> MarketList {
    MarketList::truncate_from((0..MAX_MARKETS).map(|i| AssetKind::WithId(first.saturating_add(i))).collect())
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// Replace all markets, each with a full history.
    #[benchmark]
    fn set_markets() -> Result<(), BenchmarkError> {
        let origin = T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let (old, new) = (markets(1_000), markets(2_000));
        for asset in &old {
            observed::<T>(asset, FixedU128::from_u32(1));
            Halts::<T>::insert(asset, Halt::NoPool);
            Turns::<T>::insert(asset, Turn { at: Some(1), held: 1 });
        }
        Markets::<T>::put(old);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, new.clone());

        assert_eq!(Markets::<T>::get(), new);
        assert!(Oracles::<T>::iter_keys().next().is_none());
        Ok(())
    }

    /// The reads of every block, when nothing is to be done.
    #[benchmark]
    fn watch() {
        Markets::<T>::put(markets(1_000));

        #[block]
        {
            let _ = (T::Rules::get(), Markets::<T>::get(), T::Stable::get());
        }

        assert!(Markets::<T>::exists());
    }

    /// Pay author and fund, and burn the rest.
    #[benchmark]
    fn share_fees() {
        let native = || T::Assets::total_issuance(AssetKind::Native);
        fit::<T>(Pot::Revenue, RESERVE);
        CollectedFees::<T>::put(DPN);
        let before = native();

        #[block]
        {
            Pallet::<T>::share_fees();
        }

        assert!(native() < before && !CollectedFees::<T>::exists());
    }

    #[benchmark]
    fn observe() {
        let stable = fit::<T>(Pot::Revenue, RESERVE);
        let rules = T::Rules::get();
        let before = NOW.saturating_sub(1);
        Turns::<T>::insert(&stable, Turn { at: Some(before), held: 1 });

        #[block]
        {
            Pallet::<T>::observe(&stable, &rules, before);
            Pallet::<T>::take_turn(&stable, &rules, before);
        }

        assert_eq!(Turns::<T>::get(&stable).held, 1);
    }

    /// Add the first observation of an hour to a full history.
    #[benchmark]
    fn record() {
        let stable = fit::<T>(Pot::Revenue, RESERVE);
        let rules = T::Rules::get();
        Turns::<T>::insert(&stable, Turn { at: Some(NOW), held: 1 });

        #[block]
        {
            Pallet::<T>::observe(&stable, &rules, NOW);
            Pallet::<T>::take_turn(&stable, &rules, NOW);
        }

        assert_eq!(Histories::<T>::get(&stable).last().map(|newest| newest.at), Some(NOW));
    }

    /// Buy and burn a slice in a market that was halted and is fit again. The ledger of burns
    /// returns a weight of its own.
    #[benchmark]
    fn buy() {
        let stable = fit::<T>(Pot::Revenue, RESERVE);
        let rules = T::Rules::get();
        Halts::<T>::insert(&stable, Halt::ThinPool);
        Turns::<T>::insert(&stable, Turn { at: Some(1), held: DAY_BLOCKS });

        #[block]
        {
            Pallet::<T>::take_turn(&stable, &rules, NOW);
        }

        assert!(!Halts::<T>::contains_key(&stable));
        assert!(Totals::<T>::get(&stable).burned > 0);
    }

    /// Sell bonds after DPN have risen to twice the week's price.
    #[benchmark]
    fn sell_bonds() {
        let stable = fit::<T>(Pot::Bonds, RESERVE);
        risen::<T>(&stable);
        let rules = T::Rules::get();

        #[block]
        {
            Pallet::<T>::trade_bonds(&rules, NOW);
        }

        assert!(LiquidityBonds::<T>::get().outstanding > 0);
    }

    /// Buy a slice back and pay the gain. DPN are at the week's price, and were sold for twice as
    /// much.
    #[benchmark]
    fn buy_back_bonds() {
        fit::<T>(Pot::Bonds, RESERVE);
        let rules = T::Rules::get();
        let outstanding = RESERVE / 4;
        LiquidityBonds::<T>::put(Bonds {
            principal: RESERVE,
            outstanding,
            proceeds: RESERVE / 2,
            ..Default::default()
        });

        #[block]
        {
            Pallet::<T>::trade_bonds(&rules, NOW);
        }

        let bonds = LiquidityBonds::<T>::get();
        assert!(bonds.outstanding < outstanding && bonds.gain > 0);
    }

    /// Burn DPN, and drop an era with entries of every market.
    #[benchmark]
    fn end_era() {
        fit::<T>(Pot::Revenue, RESERVE);
        let native = T::Assets::balance(AssetKind::Native, &T::Pots::convert(Pot::Revenue));
        for asset in markets(1_000).into_iter().chain([AssetKind::Native]) {
            Buybacks::<T>::insert(0, asset, BuybackTotals::default());
        }

        #[block]
        {
            Pallet::<T>::end_era(HISTORY_ERAS);
        }

        assert!(T::Assets::balance(AssetKind::Native, &T::Pots::convert(Pot::Revenue)) < native);
        assert!(Buybacks::<T>::iter_prefix(0).next().is_none());
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::TestExt::new().build(), crate::mock::Test);
}
