//! The division of an era's emission among accounts. All rounding is against the account that is
//! paid.

use crate::{
    schedule::mul_div,
    types::{
        Capacity, Contribution, DECAY_DAYS, EraRecord, FORGET_BLOCKS, FULL_REPUTATION, MAX_DEMAND_CAP, Purchase, Rate,
        Rules,
    },
};
use alloc::vec::Vec;
use core::cmp::Ordering;
use dpin_primitives::{
    Balance, BlockNumber,
    economy::{DAY_BLOCKS, EraInfo},
};
use polkadot_sdk::{
    sp_core::U256,
    sp_runtime::{FixedPointNumber, FixedU128, PerThing, Perbill, Saturating},
};

/// The part of the reward for capacity that time decay leaves after a day: e^-0.03.
const DAILY: FixedU128 = FixedU128::from_inner(970_445_533_548_508_176);
/// One part of a [`Perbill`] in the unit of [`DAILY`].
const PER_PART: u128 = FixedU128::DIV / Perbill::ACCURACY as u128;
/// The least part that time decay leaves.
const LEAST: Perbill = Perbill::from_percent(10);
/// Throughput tiles are weighted in thousandths.
const THOUSANDTHS: u64 = 1_000;

/// Return the part of the reward for capacity that time decay leaves at an age of `days` days.
pub fn decay(days: u32) -> Perbill {
    if days >= DECAY_DAYS {
        return LEAST;
    }
    let left = DAILY.saturating_pow(days as usize).into_inner() / PER_PART;
    Perbill::from_parts(left.try_into().unwrap_or(u32::MAX)).max(LEAST)
}

/// Return the part of a worker's capacity that counts, by its reputation. A worker that has failed
/// loses a part; long service does not raise it above the whole. Otherwise a worker could raise its
/// reward by working for itself.
pub fn trust(reputation: Perbill) -> Perbill {
    if reputation >= FULL_REPUTATION {
        return Perbill::one();
    }
    Perbill::from_rational(reputation.deconstruct(), FULL_REPUTATION.deconstruct())
}

/// Return the weight of `units` throughput tiles, in thousandths.
pub fn weighted(units: u32, reputation: Perbill) -> u64 {
    trust(reputation).mul_floor(u64::from(units).saturating_mul(THOUSANDTHS))
}

impl Capacity {
    /// Return the capacity that the network is used to after an era of `blocks` blocks in which
    /// `tiles` were proved.
    ///
    /// The capacity before grows older by the era. Tiles beyond it are new. Missing tiles are
    /// forgotten so slowly that nobody gains by removing capacity for a while. The owners of the
    /// tiles do not matter. So it makes no difference with how many accounts a device proves its
    /// tiles, and in what order.
    #[must_use]
    pub fn after(self, tiles: u64, blocks: BlockNumber) -> Self {
        let proved = mul_div(tiles.into(), DAY_BLOCKS.into(), blocks.into());
        let age = self.age.saturating_add(blocks).min(DECAY_DAYS.saturating_mul(DAY_BLOCKS));
        match self.tiles.checked_sub(proved) {
            Some(missing) if missing > 0 => {
                let forgotten = mul_div(missing, blocks.min(FORGET_BLOCKS).into(), FORGET_BLOCKS.into());
                Self { tiles: self.tiles.saturating_sub(forgotten), age }
            }
            // The age of all tiles is the average over the old and the new ones.
            _ => Self { tiles: proved, age: mul_div(age.into(), self.tiles, proved).try_into().unwrap_or(age) },
        }
    }

    /// Return the part of the reward that time decay leaves.
    pub fn decay(&self) -> Perbill {
        decay(self.age / DAY_BLOCKS)
    }
}

/// Divide an era's emission by the rules, and set the parts for capacity, demand and validators in
/// `era`. `decay` is the part for capacity that time decay leaves; the rest goes to nobody.
pub fn cut(era: &mut EraInfo, rules: &Rules, decay: Perbill) {
    era.validators = rules.validators.mul_floor(era.emission);
    let workers = era.emission.saturating_sub(era.validators);
    era.demand = rules.demand.mul_floor(workers);
    era.capacity = decay.mul_floor(workers.saturating_sub(era.demand));
}

/// Return the part of a reward that is left after the ecosystem's share. The share is rounded up.
pub fn net(reward: Balance, ecosystem: Perbill) -> Balance {
    reward.saturating_sub(ecosystem.mul_ceil(reward))
}

/// Split the fees of a task over the accounts that were paid for it, in proportion to their pay.
/// The remainder goes to the first.
pub fn split(fees: Balance, pays: &[Balance]) -> Vec<Balance> {
    let total = pays.iter().fold(0, |sum: Balance, pay| sum.saturating_add(*pay));
    let mut shares: Vec<Balance> = pays.iter().map(|pay| mul_div(fees, *pay, total)).collect();
    let given = shares.iter().fold(0, |sum: Balance, share| sum.saturating_add(*share));
    if let Some(first) = shares.first_mut() {
        *first = first.saturating_add(fees.saturating_sub(given));
    }
    shares
}

/// Return an account's reward for capacity, in planck.
pub fn capacity(era: &EraInfo, contribution: &Contribution) -> Balance {
    let all = Balance::from(era.units).saturating_mul(THOUSANDTHS.into());
    mul_div(era.capacity, contribution.units.into(), all)
}

/// Return an account's reward as a validator, and its part of the super-node pot, in planck.
pub fn validator(era: &EraInfo, contribution: &Contribution) -> (Balance, Balance) {
    let part = |amount| mul_div(amount, contribution.blocks.into(), era.blocks.into());
    (part(era.validators), part(era.super_nodes))
}

/// Return the planck burned by an account's fees.
///
/// Fees in the stable coin count as their share of the DPN that all such fees of the era have
/// bought. They count at most as the DPN they would have bought at the lowest rate of the era. So
/// an account gains nothing by joining an era in which DPN were bought cheaply before. The era's
/// unspent fees are taken to be the account's own, up to the amount it has paid. Otherwise an
/// account could join an era whose fees are spent, with fees that never will be.
pub fn burned(era: &EraRecord, contribution: &Contribution) -> Balance {
    let EraInfo { stable_burned, stable_spent, .. } = era.info;
    let counted = contribution.stable.saturating_sub(era.unspent());
    let share = mul_div(stable_burned, counted, stable_spent);
    let stable = era.rate.map_or(0, |rate| share.min(rate.buys(counted)));
    contribution.native.saturating_add(stable)
}

/// Return an account's reward for demand, in planck. It is a share in proportion to the DPN that
/// its fees have burned, and at most the part `cap` of these.
pub fn demand(era: &EraRecord, contribution: &Contribution, cap: Perbill) -> Balance {
    let burned = burned(era, contribution);
    let all = era.info.native_fees.saturating_add(era.info.stable_burned);
    mul_div(era.info.demand, burned, all).min(cap.min(MAX_DEMAND_CAP).mul_floor(burned))
}

impl Rate {
    /// Return the planck that `stable` of the stable coin buy at this rate, rounded down.
    pub fn buys(&self, stable: Balance) -> Balance {
        let planck = U256::from(stable).saturating_mul(self.burned.into()).checked_div(self.spent.into());
        planck.unwrap_or_default().try_into().unwrap_or(Balance::MAX)
    }

    fn lower(self, other: Self) -> Self {
        let cross = |a: Balance, b: Balance| U256::from(a).saturating_mul(b.into());
        match cross(self.burned, other.spent).cmp(&cross(other.burned, self.spent)) {
            Ordering::Greater => other,
            _ => self,
        }
    }
}

impl Purchase {
    /// Make a purchase; `None` if nothing was spent.
    pub fn new(spent: Balance, burned: Balance) -> Option<Self> {
        // A swap rounds down by less than one planck, so one planck more is at least the true
        // price.
        let rate = Rate { burned: burned.saturating_add(1), spent };
        (spent > 0).then_some(Self { spent, burned, rate })
    }

    /// Join two purchases into one.
    pub fn join(self, other: Self) -> Self {
        Self {
            spent: self.spent.saturating_add(other.spent),
            burned: self.burned.saturating_add(other.burned),
            rate: self.rate.lower(other.rate),
        }
    }
}

impl EraRecord {
    /// Fees in the stable coin that are unspent, in its smallest unit.
    pub fn unspent(&self) -> Balance {
        self.info.stable_fees.saturating_sub(self.info.stable_spent)
    }

    /// Attribute as much of a purchase to the era as the era has unspent fees. Returns the rest of
    /// the purchase.
    #[must_use]
    pub fn attribute(&mut self, purchase: Purchase) -> Option<Purchase> {
        let spent = self.unspent().min(purchase.spent);
        if spent == 0 {
            return Some(purchase);
        }
        let burned = mul_div(purchase.burned, spent, purchase.spent);
        self.info.stable_spent = self.info.stable_spent.saturating_add(spent);
        self.info.stable_burned = self.info.stable_burned.saturating_add(burned);
        self.rate = Some(self.rate.map_or(purchase.rate, |rate| rate.lower(purchase.rate)));
        let left = Purchase {
            spent: purchase.spent.saturating_sub(spent),
            burned: purchase.burned.saturating_sub(burned),
            ..purchase
        };
        (left.spent > 0).then_some(left)
    }
}
