//! The bodies of the call, the hooks and the end of an era.

use crate::{
    bonds::Traded,
    market::Slice,
    oracle::{begins_hour, price, push},
    *,
};
use alloc::vec::Vec;
use dpin_primitives::{
    AssetKind, Balance, BlockNumber,
    economy::{BondsInfo, BuybackTotals, EraIndex, Halt, MarketInfo, Pot},
    traits::{BurnLedger, OnEraEnd},
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{
            Get,
            fungibles::{Balanced, Inspect},
            tokens::{Fortitude, Precision, Preservation},
        },
        weights::Weight,
    },
    sp_runtime::{DispatchResult, SaturatedConversion, traits::Convert},
};

/// Most entries of one era: each market, DPN, and markets that governance has replaced in that era.
/// Further entries are left behind.
const MAX_ENTRIES: u32 = 4 * MAX_MARKETS;

/// The steps of every block.
impl<T: Config> Pallet<T> {
    /// Observe the markets, and buy back and trade the bonds when it is time. Returns the weight.
    pub(crate) fn work(now: BlockNumber) -> Weight {
        let mut weight = T::WeightInfo::watch();
        let (rules, markets) = (T::Rules::get(), Markets::<T>::get());
        for asset in &markets {
            weight.saturating_accrue(match Self::observe(asset, &rules, now) {
                true => T::WeightInfo::record(),
                false => T::WeightInfo::observe(),
            });
        }
        let Some(phase) = now.checked_rem(rules.interval) else { return weight };
        // Half an interval later, so that a slice of the bonds does not add to the impact of a
        // slice of the revenue.
        let bonds = phase == rules.interval / 2 && markets.contains(&T::Stable::get());
        if phase == 0 || !bonds {
            for asset in &markets {
                weight.saturating_accrue(Self::take_turn(asset, &rules, now));
            }
        }
        if bonds {
            weight.saturating_accrue(match Self::trade_bonds(&rules, now) {
                Traded::BoughtBack | Traded::Paid => T::WeightInfo::buy_back_bonds(),
                Traded::Sold | Traded::Nothing => T::WeightInfo::sell_bonds(),
            });
        }
        weight
    }

    /// Observe the price of a market. Returns whether this was the first observation of the hour.
    pub(crate) fn observe(asset: &AssetKind, rules: &Rules, now: BlockNumber) -> bool {
        let Some(spot) = T::Pools::reserves(asset).and_then(|(native, reserve)| price(native, reserve)) else {
            return false;
        };
        let (oracle, hour) = match Oracles::<T>::get(asset).filter(|oracle| oracle.age(now) <= rules.stale_blocks) {
            Some(mut oracle) => {
                let before = oracle.last.at;
                oracle.observe(spot, now, rules.max_step, rules.average_blocks);
                (oracle, begins_hour(before, now))
            }
            None => {
                Histories::<T>::remove(asset);
                (Oracle::new(spot, now), true)
            }
        };
        if hour {
            Histories::<T>::mutate(asset, |history| push(history, oracle.last));
        }
        Oracles::<T>::insert(asset, oracle);
        hour
    }

    /// Buy a slice if one is due and the market is fit. Returns the weight; the check whether one
    /// is due is part of observing.
    pub(crate) fn take_turn(asset: &AssetKind, rules: &Rules, now: BlockNumber) -> Weight {
        let mut turn = Turns::<T>::get(asset);
        if !turn.is_due(now, rules.interval) {
            return Weight::zero();
        }
        let tolerant = Rules { max_deviation: turn.tolerance(rules.max_deviation), ..*rules };
        let mut weight = T::WeightInfo::buy();
        match Self::buy_back(asset, &tolerant, now) {
            Ok(told) => {
                let fit = turn.take(now, rules.interval);
                weight = weight.saturating_add(told).saturating_add(T::Burns::was_fit(asset, fit));
            }
            Err(Halt::PriceMoved) => turn.held = turn.held.saturating_add(1),
            Err(_) => return weight,
        }
        Turns::<T>::insert(asset, turn);
        weight
    }

    /// Buy a slice and burn it, or record the reason why not. Returns the weight of the ledger of
    /// burns.
    pub(crate) fn buy_back(asset: &AssetKind, rules: &Rules, now: BlockNumber) -> Result<Weight, Halt> {
        let outcome = Self::buy(asset, rules, now);
        Self::set_halt(asset, outcome.err());
        let Some(Slice { spent, bought }) = outcome? else { return Ok(Weight::zero()) };
        Self::add_to_totals(T::Era::get(), asset, BuybackTotals { spent, bought, burned: bought });
        let told = T::Burns::bought(asset, spent, bought);
        Self::deposit_event(Event::BoughtBack { asset: asset.clone(), spent, bought, burned: bought });
        Ok(told)
    }

    fn add_to_totals(era: EraIndex, asset: &AssetKind, more: BuybackTotals) {
        let add = |totals: &mut BuybackTotals| {
            totals.spent = totals.spent.saturating_add(more.spent);
            totals.bought = totals.bought.saturating_add(more.bought);
            totals.burned = totals.burned.saturating_add(more.burned);
        };
        Totals::<T>::mutate(asset, add);
        Buybacks::<T>::mutate(era, asset, add);
    }
}

/// The end of an era.
impl<T: Config> Pallet<T> {
    /// Burn the DPN in the revenue pot, except for the existential deposit, and drop the old
    /// amounts bought back.
    pub(crate) fn end_era(era: EraIndex) {
        let amount = Self::burn_revenue();
        if amount > 0 {
            let burned = BuybackTotals { spent: amount, bought: 0, burned: amount };
            Self::add_to_totals(era, &AssetKind::Native, burned);
            Self::deposit_event(Event::NativeBurned { era, amount });
        }
        if let Some(old) = era.checked_sub(HISTORY_ERAS) {
            let _ = Buybacks::<T>::clear_prefix(old, MAX_ENTRIES, None);
        }
    }

    fn burn_revenue() -> Balance {
        let revenue = T::Pots::convert(Pot::Revenue);
        let (native, keep, polite) = (AssetKind::Native, Preservation::Preserve, Fortitude::Polite);
        let amount = T::Assets::reducible_balance(native.clone(), &revenue, keep, polite);
        if amount == 0 {
            return 0;
        }
        // Dropping the credit burns it. If the amount cannot be taken, it waits for the next era.
        T::Assets::withdraw(native, &revenue, amount, Precision::Exact, keep, polite).map_or(0, |credit| credit.peek())
    }
}

impl<T: Config> OnEraEnd for Pallet<T> {
    fn era_ended(era: EraIndex) -> Weight {
        Self::end_era(era);
        T::WeightInfo::end_era()
    }
}

/// The body of the call.
impl<T: Config> Pallet<T> {
    /// Check that the markets are different assets, and that none is DPN.
    pub(crate) fn check_markets(markets: &MarketList) -> Result<(), Error<T>> {
        for (i, asset) in markets.iter().enumerate() {
            ensure!(*asset != AssetKind::Native, Error::<T>::NativeMarket);
            ensure!(!markets.iter().take(i).any(|other| other == asset), Error::<T>::DuplicateMarket);
        }
        Ok(())
    }

    /// Name the markets.
    pub(crate) fn do_set_markets(markets: MarketList) -> DispatchResult {
        Self::check_markets(&markets)?;
        let needs_stable = LiquidityBonds::<T>::get().outstanding > 0;
        ensure!(!needs_stable || markets.contains(&T::Stable::get()), Error::<T>::BondsOutstanding);
        for gone in Markets::<T>::get().iter().filter(|asset| !markets.contains(asset)) {
            Oracles::<T>::remove(gone);
            Histories::<T>::remove(gone);
            Halts::<T>::remove(gone);
            Turns::<T>::remove(gone);
        }
        Markets::<T>::put(&markets);
        Self::deposit_event(Event::MarketsSet { markets });
        Ok(())
    }
}

/// Answers for the view functions.
impl<T: Config> Pallet<T> {
    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn market_info(asset: AssetKind) -> Option<MarketInfo> {
        if !Markets::<T>::get().contains(&asset) {
            return None;
        }
        let (now, rules) = (Self::now(), T::Rules::get());
        let (native_reserve, asset_reserve) = T::Pools::reserves(&asset).unwrap_or_default();
        let oracle = Oracles::<T>::get(&asset).filter(|oracle| oracle.age(now) <= rules.stale_blocks);
        Some(MarketInfo {
            native_reserve,
            asset_reserve,
            price: price(native_reserve, asset_reserve),
            average: oracle.and_then(|oracle| oracle.average(now, rules.average_blocks)),
            week: oracle.and_then(|oracle| oracle.week(now, &Histories::<T>::get(&asset))),
            halt: Halts::<T>::get(&asset),
            totals: Totals::<T>::get(&asset),
            asset,
        })
    }

    pub(crate) fn buybacks_since(asset: AssetKind, first: EraIndex) -> Vec<(EraIndex, BuybackTotals)> {
        let current = T::Era::get();
        (first.max(current.saturating_sub(HISTORY_ERAS))..=current)
            .filter_map(|era| Some((era, Buybacks::<T>::try_get(era, &asset).ok()?)))
            .take(MAX_ANSWERS)
            .collect()
    }

    pub(crate) fn bonds_info() -> BondsInfo {
        let Bonds { outstanding, proceeds, gain, .. } = LiquidityBonds::<T>::get();
        let pot = T::Assets::balance(AssetKind::Native, &T::Pots::convert(Pot::Bonds));
        BondsInfo { pot, outstanding, proceeds, gain }
    }
}
