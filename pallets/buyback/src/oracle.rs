//! Observation and averages of a market's price. Nothing here touches storage.

use crate::{HOUR_BLOCKS, WEEK_BLOCKS};
use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{Balance, BlockNumber};
use polkadot_sdk::{
    sp_core::{ConstU32, U256},
    sp_runtime::{BoundedVec, FixedPointNumber, FixedU128, Perbill, Rounding, Saturating},
};
use scale_info::TypeInfo;

/// Most observations of a history: one an hour for seven days, the hour before them and the running
/// one.
pub(crate) const MAX_OBSERVATIONS: u32 = WEEK_BLOCKS / HOUR_BLOCKS + 2;

/// A market's observations over the last seven days, the oldest first.
pub type History = BoundedVec<Observation, ConstU32<MAX_OBSERVATIONS>>;

/// Return the planck for one smallest unit of an asset, from the reserves of a pool. `None` if the
/// ratio is too small or too large for the number type.
pub(crate) fn price(native: Balance, asset: Balance) -> Option<FixedU128> {
    FixedU128::checked_from_rational(native, asset).filter(|price| price.into_inner() > 0)
}

/// The recorded price after a block: it follows `spot` by at most `max_step` of itself.
pub(crate) fn step(recorded: FixedU128, spot: FixedU128, max_step: Perbill) -> FixedU128 {
    // At least one unit, or a tiny price could never move.
    let most = FixedU128::from_inner(max_step.mul_floor(recorded.into_inner()).max(1));
    if spot > recorded {
        recorded.saturating_add(most.min(spot.saturating_sub(recorded)))
    } else {
        recorded.saturating_sub(most.min(recorded.saturating_sub(spot)))
    }
}

/// The running sum of the recorded price since the observations began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Observation {
    /// The block of the observation. The sum contains the prices of all blocks before it.
    pub at: BlockNumber,
    /// Prices times blocks, in 10^-18. It cannot overflow: prices are below 2^128 and blocks below
    /// 2^32.
    pub sum: U256,
}

impl Observation {
    /// The average price from this observation to a later one.
    pub fn average_until(&self, later: &Observation) -> Option<FixedU128> {
        let blocks = later.at.checked_sub(self.at)?;
        let average = later.sum.checked_sub(self.sum)?.checked_div(blocks.into())?;
        Some(FixedU128::from_inner(average.try_into().ok()?))
    }
}

/// The observed price of a market.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Oracle {
    /// The recorded price, from the last observation on.
    pub price: FixedU128,
    /// The last observation.
    pub last: Observation,
    /// An observation less than one window before the last one. It may be the last one.
    pub newer: Observation,
    /// An observation before that one. Averages begin with it.
    pub older: Observation,
}

impl Oracle {
    /// Make the first observation.
    pub fn new(spot: FixedU128, now: BlockNumber) -> Self {
        let first = Observation { at: now, sum: U256::zero() };
        Self { price: spot, last: first, newer: first, older: first }
    }

    /// Observe the price that the block before `now` has left. Averages are taken over `window`
    /// blocks.
    pub fn observe(&mut self, spot: FixedU128, now: BlockNumber, max_step: Perbill, window: BlockNumber) {
        self.last = self.until(now);
        self.price = step(self.price, spot, max_step);
        if now.saturating_sub(self.newer.at) >= window {
            self.older = self.newer;
            self.newer = self.last;
        }
    }

    /// Blocks since the last observation.
    pub fn age(&self, now: BlockNumber) -> BlockNumber {
        now.saturating_sub(self.last.at)
    }

    /// Return the sum up to `now`.
    pub fn until(&self, now: BlockNumber) -> Observation {
        let blocks = U256::from(self.age(now));
        let passed = U256::from(self.price.into_inner()).saturating_mul(blocks);
        Observation { at: now.max(self.last.at), sum: self.last.sum.saturating_add(passed) }
    }

    /// Return the average price over at least the last `window` blocks, and at most about twice as
    /// many. `None` if the observations do not go back so far.
    pub fn average(&self, now: BlockNumber, window: BlockNumber) -> Option<FixedU128> {
        let old_enough = |then: &&Observation| now.saturating_sub(then.at) >= window.max(1);
        [&self.newer, &self.older].into_iter().find(old_enough)?.average_until(&self.until(now))
    }

    /// Return the average price over seven days, or up to an hour more. `None` if the history does
    /// not go back so far.
    pub fn week(&self, now: BlockNumber, history: &History) -> Option<FixedU128> {
        let then = now.checked_sub(WEEK_BLOCKS)?;
        let after = history.partition_point(|observation| observation.at <= then);
        history.get(after.checked_sub(1)?)?.average_until(&self.until(now))
    }
}

/// Whether an observation at `now` is the first one of its hour, when the one before it was at
/// `before`.
pub(crate) fn begins_hour(before: BlockNumber, now: BlockNumber) -> bool {
    now / HOUR_BLOCKS > before / HOUR_BLOCKS
}

/// Append an observation. If the history is full, drop the oldest.
pub(crate) fn push(history: &mut History, observation: Observation) {
    if history.is_full() {
        history.remove(0);
    }
    // There is room: the oldest was removed if the history was full.
    let _ = history.try_push(observation);
}

/// Return the value of `amount` planck at a price, in the asset's smallest unit, rounded down.
pub(crate) fn to_asset(amount: Balance, price: FixedU128) -> Option<Balance> {
    mul_div(amount, FixedU128::DIV, price.into_inner())
}

/// Return the value of an amount of the asset at a price, in planck, rounded down.
pub(crate) fn to_native(amount: Balance, price: FixedU128) -> Option<Balance> {
    mul_div(amount, price.into_inner(), FixedU128::DIV)
}

/// `a * b / c`, rounded down. `None` if the result does not fit.
pub(crate) fn mul_div(a: u128, b: u128, c: u128) -> Option<u128> {
    polkadot_sdk::sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(a, b, c, Rounding::Down)
}
