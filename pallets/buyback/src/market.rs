//! Conditions for buying in a market, the amount bought at once, and the least it must yield.

use crate::{
    Config, DUST, Event, Halts, Oracles, Pallet, Pool, Rules,
    oracle::{mul_div, price, to_native},
};
use alloc::vec;
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlockNumber,
    economy::{Halt, Pot},
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        storage::with_storage_layer,
        traits::{
            fungibles::{Balanced, Credit, Inspect},
            tokens::{Fortitude, Precision, Preservation},
        },
    },
    pallet_asset_conversion::{QuotePrice, SwapCredit},
    sp_core::U256,
    sp_runtime::{DispatchError, FixedU128, PerThing, Perbill, TokenError, traits::Convert, traits::IntegerSquareRoot},
};

/// The most that may be put into a pool that holds `reserve` of the asset, so that the price moves
/// by no more than `max_impact`.
///
/// Putting in `dx` multiplies the ratio of the reserves by at most (1 + dx / reserve)^2, and by
/// less with a fee. So `dx` is `reserve * (sqrt(1 + max_impact) - 1)`, with 18 digits, rounded
/// down.
pub(crate) fn slice(reserve: Balance, max_impact: Perbill) -> Balance {
    const ROOT: u128 = 1_000_000_000_000_000_000;
    const ONE: u128 = Perbill::ACCURACY as u128;
    let moved = ONE.saturating_add(max_impact.deconstruct().into());
    // (1 + max_impact) * 10^36 is below 2^128.
    let root = moved.saturating_mul(ROOT / ONE).saturating_mul(ROOT).integer_sqrt();
    mul_div(reserve, root.saturating_sub(ROOT), ROOT).unwrap_or_default()
}

/// The least that a swap must yield whose amount is worth `fair` at the average. It is the yield at
/// a price worse than the average by `max_deviation`. The pool's fee and the slice's own impact are
/// taken from the pool's present offer: `quoted` for an amount worth `worth` at its present price.
/// Rounded down, but at least 1.
pub(crate) fn min_out(fair: Balance, quoted: Balance, worth: Balance, max_deviation: Perbill) -> Option<Balance> {
    Some(mul_div(max_deviation.left_from_one().mul_floor(fair), quoted, worth)?.max(1))
}

/// Whether a price differs from its average by more than `max_deviation` of it.
pub(crate) fn deviates(spot: FixedU128, average: FixedU128, max_deviation: Perbill) -> bool {
    let (spot, average) = (spot.into_inner(), average.into_inner());
    let one = U256::from(Perbill::ACCURACY);
    let difference = U256::from(spot.abs_diff(average)).saturating_mul(one);
    difference > U256::from(average).saturating_mul(max_deviation.deconstruct().into())
}

/// The state of a market that is fit to trade in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reading {
    /// DPN in the pool, in planck.
    pub native: Balance,
    /// The asset in the pool, in its smallest unit.
    pub asset: Balance,
    /// The price of these reserves.
    pub spot: FixedU128,
    /// The average price.
    pub average: FixedU128,
}

/// A slice, and its result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slice {
    /// The amount spent, in the asset's smallest unit.
    pub spent: Balance,
    /// The amount bought, in planck.
    pub bought: Balance,
}

impl<T: Config> Pallet<T> {
    /// Return the state of a market, or the reason for which it is not fit to trade in.
    pub(crate) fn read(asset: &AssetKind, rules: &Rules, now: BlockNumber) -> Result<Reading, Halt> {
        let (native, reserve) = T::Pools::reserves(asset).ok_or(Halt::NoPool)?;
        ensure!(native >= rules.min_reserve, Halt::ThinPool);
        let spot = price(native, reserve).ok_or(Halt::NoPool)?;
        let oracle = Oracles::<T>::get(asset).ok_or(Halt::StalePrice)?;
        ensure!(oracle.age(now) <= rules.stale_blocks, Halt::StalePrice);
        let average = oracle.average(now, rules.average_blocks).ok_or(Halt::StalePrice)?;
        ensure!(!deviates(spot, average, rules.max_deviation), Halt::PriceMoved);
        Ok(Reading { native, asset: reserve, spot, average })
    }

    /// Buy a slice of DPN with the revenue pot, and burn it. `None` if there is nothing to buy
    /// with.
    pub(crate) fn buy(asset: &AssetKind, rules: &Rules, now: BlockNumber) -> Result<Option<Slice>, Halt> {
        let reading = Self::read(asset, rules, now)?;
        let revenue = T::Pots::convert(Pot::Revenue);
        // If the pot is frozen, the swap fails.
        let pot = T::Assets::balance(asset.clone(), &revenue)
            .saturating_sub(T::Assets::minimum_balance(asset.clone()))
            .min(slice(reading.asset, rules.max_impact));
        let fair = to_native(pot, reading.average).ok_or(Halt::SwapFailed)?;
        if fair < DUST {
            return Ok(None);
        }
        let least = Self::least(asset, &AssetKind::Native, pot, fair, rules).ok_or(Halt::SwapFailed)?;
        let bought = Self::swap(&revenue, asset, &AssetKind::Native, pot, least, |bought| Ok(bought.peek()))
            .map_err(|_| Halt::SwapFailed)?;
        Ok(Some(Slice { spent: pot, bought }))
    }

    /// Return the least that swapping `amount`, worth `fair` at the average, must yield. `None` if
    /// the pool offers nothing.
    pub(crate) fn least(
        from: &AssetKind,
        to: &AssetKind,
        amount: Balance,
        fair: Balance,
        rules: &Rules,
    ) -> Option<Balance> {
        let quote = |fee| T::Swap::quote_price_exact_tokens_for_tokens(from.clone(), to.clone(), amount, fee);
        min_out(fair, quote(true)?, quote(false)?, rules.max_deviation)
    }

    /// Swap exactly `amount` from a pot for at least `least`, and pass the yield to `then`. If
    /// `then` drops the yield, it is burned. All or nothing: after an error everything is as
    /// before.
    pub(crate) fn swap<R>(
        pot: &AccountId,
        from: &AssetKind,
        to: &AssetKind,
        amount: Balance,
        least: Balance,
        then: impl FnOnce(Credit<AccountId, T::Assets>) -> Result<R, DispatchError>,
    ) -> Result<R, DispatchError> {
        // Credits that are dropped on leaving the closure must change the issuance before it is
        // rolled back.
        with_storage_layer(|| {
            let credit = Self::take(pot, from, amount)?;
            let out = T::Swap::swap_exact_tokens_for_tokens(vec![from.clone(), to.clone()], credit, Some(least))
                .map_err(|(_taken, error)| error)?;
            ensure!(out.asset() == *to && out.peek() >= least, TokenError::BelowMinimum);
            then(out)
        })
    }

    /// Take exactly `amount` out of a pot, which keeps its minimum.
    pub(crate) fn take(
        pot: &AccountId,
        asset: &AssetKind,
        amount: Balance,
    ) -> Result<Credit<AccountId, T::Assets>, DispatchError> {
        T::Assets::withdraw(asset.clone(), pot, amount, Precision::Exact, Preservation::Preserve, Fortitude::Polite)
    }

    /// Record whether a market is fit to buy in.
    pub(crate) fn set_halt(asset: &AssetKind, halt: Option<Halt>) {
        if Halts::<T>::get(asset) == halt {
            return;
        }
        Halts::<T>::set(asset, halt);
        let asset = asset.clone();
        Self::deposit_event(match halt {
            Some(reason) => Event::Halted { asset, reason },
            None => Event::Resumed { asset },
        });
    }
}
