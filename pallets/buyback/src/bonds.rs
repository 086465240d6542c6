//! The liquidity bonds: DPN that are sold when their price rises fast, and bought back when it has
//! fallen again.

use crate::{
    Config, DUST, Event, Histories, LiquidityBonds, Oracles, Pallet, Rules,
    market::{Reading, Slice, slice},
    oracle::{mul_div, to_asset, to_native},
};
use alloc::vec;
use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{
    AssetKind, Balance, BlockNumber,
    economy::{DAY_BLOCKS, Pot},
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        storage::with_storage_layer,
        traits::{
            Get,
            fungibles::{Balanced, Inspect, Mutate},
            tokens::{Fortitude, Preservation},
        },
    },
    pallet_asset_conversion::{QuotePrice, SwapCredit},
    sp_core::U256,
    sp_runtime::{FixedPointNumber, FixedU128, PerThing, Perbill, TokenError, traits::Convert},
};
use scale_info::TypeInfo;

/// The record of the liquidity bonds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Bonds {
    /// DPN in the pot when the first of the outstanding bonds was sold, in planck.
    pub principal: Balance,
    /// DPN sold and not bought back, in planck.
    pub outstanding: Balance,
    /// The proceeds of the outstanding bonds, in the stable coin's smallest unit. They lie in the
    /// pot.
    pub proceeds: Balance,
    /// The gain that is still in the pot, in the stable coin's smallest unit.
    pub due: Balance,
    /// The total gain that went to the revenue pot, in the stable coin's smallest unit.
    pub gain: Balance,
    /// The last day on which bonds were sold, counted from genesis.
    pub day: u32,
    /// The amount that may still be sold on that day, in planck.
    pub allowance: Balance,
}

impl Bonds {
    /// Return the amount that may still be sold today, in planck, when the pot holds `pot` planck.
    pub fn allowance(&self, now: BlockNumber, pot: Balance, daily: Perbill) -> Balance {
        // The first bonds can be sold after a week, so that the initial day 0 is never today.
        if now / DAY_BLOCKS == self.day {
            self.allowance
        } else {
            daily.mul_floor(pot.saturating_add(self.outstanding))
        }
    }

    /// Record a sale of `sold` planck for `received`, when the pot held `pot` planck and
    /// `allowance` could be sold.
    pub fn sell(&mut self, now: BlockNumber, pot: Balance, allowance: Balance, sold: Balance, received: Balance) {
        if self.outstanding == 0 {
            self.principal = pot;
        }
        self.day = now / DAY_BLOCKS;
        self.allowance = allowance.saturating_sub(sold);
        self.outstanding = self.outstanding.saturating_add(sold);
        self.proceeds = self.proceeds.saturating_add(received);
    }

    /// Record that `bought` planck were bought back for `spent`.
    pub fn buy_back(&mut self, bought: Balance, spent: Balance) {
        // The proceeds of the bonds bought back become free. They pay for the purchase, and the
        // rest is the gain.
        let freed = mul_div(self.proceeds, bought, self.outstanding).unwrap_or_default().min(self.proceeds);
        self.proceeds = self.proceeds.saturating_sub(freed);
        self.outstanding = self.outstanding.saturating_sub(bought);
        self.due = self.due.saturating_add(freed.saturating_sub(spent));
    }

    /// Return the least amount that `spent` must buy back, so that it costs no more than the bonds
    /// were sold for.
    pub fn break_even(&self, spent: Balance) -> Option<Balance> {
        let product = U256::from(spent).saturating_mul(self.outstanding.into());
        let proceeds = U256::from(self.proceeds);
        let (least, rest) = (product.checked_div(proceeds)?, product.checked_rem(proceeds)?);
        let up = u128::from(!rest.is_zero());
        u128::try_from(least).ok()?.checked_add(up)
    }

    /// Whether DPN cost no more, at this price, than the bonds were sold for on average.
    pub fn recovers(&self, spot: FixedU128) -> bool {
        U256::from(spot.into_inner()).saturating_mul(self.proceeds.into())
            >= U256::from(self.outstanding).saturating_mul(FixedU128::DIV.into())
    }
}

/// Whether DPN have risen above the week's average by more than `rise`. Prices are planck per unit
/// of the asset: they fall when DPN rise.
pub(crate) fn risen(price: FixedU128, week: FixedU128, rise: Perbill) -> bool {
    let one = U256::from(Perbill::ACCURACY);
    let least = U256::from(price.into_inner()).saturating_mul(one.saturating_add(rise.deconstruct().into()));
    least < U256::from(week.into_inner()).saturating_mul(one)
}

/// The result of a step of the bonds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Traded {
    /// Nothing.
    Nothing,
    /// A slice was sold.
    Sold,
    /// A slice was bought back, and the gain was paid.
    BoughtBack,
    /// A gain was paid that could not be paid before.
    Paid,
}

impl<T: Config> Pallet<T> {
    /// Sell a slice of the bonds or buy one back, depending on the market.
    pub(crate) fn trade_bonds(rules: &Rules, now: BlockNumber) -> Traded {
        let stable = T::Stable::get();
        let mut bonds = LiquidityBonds::<T>::get();
        if Self::pay_gain(&mut bonds, &stable) {
            LiquidityBonds::<T>::put(bonds);
            return Traded::Paid;
        }
        let Some(week) = Oracles::<T>::get(&stable).and_then(|it| it.week(now, &Histories::<T>::get(&stable))) else {
            return Traded::Nothing;
        };
        let Ok(reading) = Self::read(&stable, rules, now) else { return Traded::Nothing };
        let risen = |price| risen(price, week, rules.bond_rise);
        if risen(reading.spot) && risen(reading.average) {
            return match Self::sell_bonds(bonds, &stable, &reading, rules, now) {
                Some(()) => Traded::Sold,
                None => Traded::Nothing,
            };
        }
        if bonds.outstanding == 0 || reading.spot < week || !bonds.recovers(reading.spot) {
            return Traded::Nothing;
        }
        match Self::buy_back_bonds(bonds, &stable, &reading, rules) {
            Some(()) => Traded::BoughtBack,
            None => Traded::Nothing,
        }
    }

    /// Sell a slice of the bonds. `None` if there is nothing to sell or the pool refuses the swap;
    /// then nothing has changed.
    pub(crate) fn sell_bonds(
        mut bonds: Bonds,
        stable: &AssetKind,
        reading: &Reading,
        rules: &Rules,
        now: BlockNumber,
    ) -> Option<()> {
        let account = T::Pots::convert(Pot::Bonds);
        let pot = T::Assets::balance(AssetKind::Native, &account);
        let allowance = bonds.allowance(now, pot, rules.bond_daily);
        let sold = allowance
            .min(slice(reading.native, rules.max_impact))
            .min(pot.saturating_sub(T::Assets::minimum_balance(AssetKind::Native)));
        if sold < DUST {
            return None;
        }
        let fair = to_asset(sold, reading.average)?;
        let least = Self::least(&AssetKind::Native, stable, sold, fair, rules)?;
        let received = Self::swap(&account, &AssetKind::Native, stable, sold, least, |credit| {
            let received = credit.peek();
            T::Assets::resolve(&account, credit).map_err(|_| TokenError::CannotCreate)?;
            Ok(received)
        })
        .ok()?;
        bonds.sell(now, pot, allowance, sold, received);
        LiquidityBonds::<T>::put(bonds);
        Self::deposit_event(Event::BondsSold { sold, received });
        Some(())
    }

    /// Buy back a slice of the bonds and send the gain to the revenue pot. `None` if the pool does
    /// not sell it without a loss; then nothing has changed.
    pub(crate) fn buy_back_bonds(mut bonds: Bonds, stable: &AssetKind, reading: &Reading, rules: &Rules) -> Option<()> {
        let Slice { spent, bought } = Self::buy_slice_back(&bonds, stable, reading, rules)?;
        bonds.buy_back(bought, spent);
        Self::deposit_event(Event::BondsBoughtBack { bought, spent });
        Self::pay_gain(&mut bonds, stable);
        LiquidityBonds::<T>::put(bonds);
        Some(())
    }

    fn buy_slice_back(bonds: &Bonds, stable: &AssetKind, reading: &Reading, rules: &Rules) -> Option<Slice> {
        let account = T::Pots::convert(Pot::Bonds);
        let native = AssetKind::Native;
        let spendable = T::Assets::balance(stable.clone(), &account)
            .saturating_sub(T::Assets::minimum_balance(stable.clone()))
            .min(bonds.proceeds)
            .min(slice(reading.asset, rules.max_impact));
        // The cost of all outstanding bonds. If the pot cannot spend as much, or the pool has too
        // few DPN, a slice is bought with the spendable amount.
        let rest =
            T::Swap::quote_price_tokens_for_exact_tokens(stable.clone(), native.clone(), bonds.outstanding, true)
                .filter(|cost| *cost <= spendable);
        let spent = rest.unwrap_or(spendable);
        let fair = to_native(spent, reading.average)?;
        if rest.is_none() && fair < DUST {
            return None;
        }
        let least = Self::least(stable, &native, spent, fair, rules)?.max(bonds.break_even(spent)?);
        let keep = |credit| T::Assets::resolve(&account, credit).map_err(|_| TokenError::CannotCreate.into());
        let bought = match rest {
            None => Self::swap(&account, stable, &native, spent, least, |credit| {
                let bought = credit.peek();
                keep(credit).map(|()| bought)
            }),
            Some(cost) => with_storage_layer(|| {
                ensure!(bonds.outstanding >= least, TokenError::BelowMinimum);
                let credit = Self::take(&account, stable, cost)?;
                let path = vec![stable.clone(), native.clone()];
                let (out, change) = T::Swap::swap_tokens_for_exact_tokens(path, credit, bonds.outstanding)
                    .map_err(|(_taken, error)| error)?;
                ensure!(change.peek() == 0, TokenError::BelowMinimum);
                keep(out).map(|()| bonds.outstanding)
            }),
        }
        .ok()?;
        Some(Slice { spent, bought: bought.min(bonds.outstanding) })
    }

    /// Send the gain to the revenue pot, as far as possible. Returns whether anything was sent.
    fn pay_gain(bonds: &mut Bonds, stable: &AssetKind) -> bool {
        if bonds.due == 0 {
            return false;
        }
        let (account, revenue) = (T::Pots::convert(Pot::Bonds), T::Pots::convert(Pot::Revenue));
        let keep = Preservation::Preserve;
        let amount = T::Assets::reducible_balance(stable.clone(), &account, keep, Fortitude::Polite).min(bonds.due);
        if amount == 0 || T::Assets::transfer(stable.clone(), &account, &revenue, amount, keep).is_err() {
            return false;
        }
        bonds.due = bonds.due.saturating_sub(amount);
        bonds.gain = bonds.gain.saturating_add(amount);
        Self::deposit_event(Event::BondsGained { amount });
        true
    }
}
