//! The invariants that must always hold. Each check is one function, named as a sentence.

use crate::{
    Buybacks, CollectedFees, Config, HISTORY_ERAS, Halts, Histories, LiquidityBonds, Markets, Observation, Oracles,
    Pallet, Totals, Turns,
};
use dpin_primitives::{
    AssetKind,
    economy::{BuybackTotals, Pot},
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{Get, fungibles::Inspect},
    },
    frame_system,
    sp_runtime::{SaturatedConversion, TryRuntimeError, traits::Convert},
};

impl<T: Config> Pallet<T> {
    /// Check all invariants of the pallet.
    ///
    /// # Errors
    ///
    /// The broken invariant, in words.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::the_markets_are_different_assets()?;
        Self::only_markets_are_observed()?;
        Self::no_turn_is_in_the_future()?;
        Self::observations_follow_each_other()?;
        Self::what_was_done_in_an_era_was_done()?;
        Self::what_bonds_were_sold_for_is_in_the_pot()?;
        Self::collected_fees_are_in_the_pot()?;
        Self::no_bonds_are_lost()
    }

    fn the_markets_are_different_assets() -> Result<(), TryRuntimeError> {
        ensure!(Self::check_markets(&Markets::<T>::get()).is_ok(), "a market is DPN, or there twice");
        Ok(())
    }

    fn only_markets_are_observed() -> Result<(), TryRuntimeError> {
        let markets = Markets::<T>::get();
        let observed = Oracles::<T>::iter_keys().chain(Histories::<T>::iter_keys());
        let observed = observed.chain(Halts::<T>::iter_keys()).chain(Turns::<T>::iter_keys());
        for asset in observed {
            ensure!(markets.contains(&asset), "something is kept of an asset without a market");
        }
        Ok(())
    }

    fn no_turn_is_in_the_future() -> Result<(), TryRuntimeError> {
        let now = frame_system::Pallet::<T>::block_number().saturated_into();
        ensure!(Turns::<T>::iter_values().all(|turn| turn.at <= Some(now)), "a market had its turn in the future");
        Ok(())
    }

    fn observations_follow_each_other() -> Result<(), TryRuntimeError> {
        let now = frame_system::Pallet::<T>::block_number().saturated_into();
        let follows = |a: &Observation, b: &Observation| a.at <= b.at && a.sum <= b.sum;
        for (asset, oracle) in Oracles::<T>::iter() {
            ensure!(oracle.price.into_inner() > 0, "a recorded price is 0");
            ensure!(oracle.last.at <= now, "an observation is in the future");
            ensure!(
                follows(&oracle.older, &oracle.newer) && follows(&oracle.newer, &oracle.last),
                "the observations of an average are out of order"
            );
            let history = Histories::<T>::get(&asset);
            ensure!(
                history.windows(2).all(|pair| matches!(pair, [a, b] if a.at < b.at && a.sum < b.sum)),
                "the observations of a week are out of order"
            );
            ensure!(
                history.last().is_some_and(|newest| follows(newest, &oracle.last)),
                "the history is ahead of the last observation, or empty"
            );
        }
        Ok(())
    }

    fn what_was_done_in_an_era_was_done() -> Result<(), TryRuntimeError> {
        let era = T::Era::get();
        let mut sums = alloc::collections::BTreeMap::<AssetKind, BuybackTotals>::new();
        for (at, asset, done) in Buybacks::<T>::iter() {
            ensure!(at <= era && era.saturating_sub(at) <= HISTORY_ERAS, "an era is ahead, or too long ago");
            let sum = sums.entry(asset).or_default();
            sum.spent = sum.spent.saturating_add(done.spent);
            sum.bought = sum.bought.saturating_add(done.bought);
            sum.burned = sum.burned.saturating_add(done.burned);
        }
        for (asset, sum) in sums {
            let all = Totals::<T>::get(&asset);
            ensure!(
                sum.spent <= all.spent && sum.bought <= all.bought && sum.burned <= all.burned,
                "more was done in the last eras than ever"
            );
        }
        Ok(())
    }

    fn what_bonds_were_sold_for_is_in_the_pot() -> Result<(), TryRuntimeError> {
        let bonds = LiquidityBonds::<T>::get();
        let stable = T::Assets::balance(T::Stable::get(), &T::Pots::convert(Pot::Bonds));
        ensure!(stable >= bonds.proceeds.saturating_add(bonds.due), "proceeds or gains of the bonds are missing");
        ensure!(bonds.outstanding > 0 || bonds.proceeds == 0, "there are proceeds of bonds that are bought back");
        Ok(())
    }

    fn collected_fees_are_in_the_pot() -> Result<(), TryRuntimeError> {
        let pot = T::Assets::balance(AssetKind::Native, &T::Pots::convert(Pot::Revenue));
        ensure!(pot >= CollectedFees::<T>::get(), "fees of this block are missing in the pot");
        Ok(())
    }

    fn no_bonds_are_lost() -> Result<(), TryRuntimeError> {
        let bonds = LiquidityBonds::<T>::get();
        let pot = T::Assets::balance(AssetKind::Native, &T::Pots::convert(Pot::Bonds));
        ensure!(
            bonds.outstanding == 0 || pot.saturating_add(bonds.outstanding) >= bonds.principal,
            "bonds were lost: neither in the pot nor outstanding"
        );
        Ok(())
    }
}
