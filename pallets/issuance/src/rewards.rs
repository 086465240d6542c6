//! Who gets how much of an era's emission. Everything rounds against who is paid.

use crate::{
    schedule::mul_div,
    types::{
        Capacity, Contribution, EraRecord, Purchase, Rate, Rules, DECAY_DAYS, FORGET_BLOCKS, FULL_REPUTATION,
        MAX_DEMAND_CAP,
    },
};
use alloc::vec::Vec;
use core::cmp::Ordering;
use dpin_primitives::{
    economy::{EraInfo, DAY_BLOCKS},
    Balance, BlockNumber,
};
use polkadot_sdk::{
    sp_core::U256,
    sp_runtime::{FixedPointNumber, FixedU128, PerThing, Perbill, Saturating},
};

/// What time decay leaves of the reward for capacity after a day: e^-0.03.
const DAILY: FixedU128 = FixedU128::from_inner(970_445_533_548_508_176);
/// One part of a [`Perbill`] in the unit of [`DAILY`].
const PER_PART: u128 = FixedU128::DIV / Perbill::ACCURACY as u128;
/// What it leaves at least.
const LEAST: Perbill = Perbill::from_percent(10);
/// A throughput tile in the unit in which they are weighted.
const THOUSANDTHS: u64 = 1_000;

/// What time decay leaves of the reward for capacity of so many days of age.
pub fn decay(days: u32) -> Perbill {
    if days >= DECAY_DAYS {
        return LEAST;
    }
    let left = DAILY.saturating_pow(days as usize).into_inner() / PER_PART;
    Perbill::from_parts(left.try_into().unwrap_or(u32::MAX)).max(LEAST)
}

/// What reputation leaves of a worker's capacity: a worker that has failed loses, one that has served long does not gain. Otherwise
/// it could raise its reward by working for itself.
pub fn trust(reputation: Perbill) -> Perbill {
    if reputation >= FULL_REPUTATION {
        return Perbill::one();
    }
    Perbill::from_rational(reputation.deconstruct(), FULL_REPUTATION.deconstruct())
}

/// What so many throughput tiles count, in thousandths.
pub fn weighted(units: u32, reputation: Perbill) -> u64 {
    trust(reputation).mul_floor(u64::from(units).saturating_mul(THOUSANDTHS))
}

impl Capacity {
    /// What the network is used to after an era of `blocks` blocks in which `tiles` were proved.
    ///
    /// What it had before grows older by the era. What is more than that is new. What is less is forgotten so slowly that nobody
    /// gains by taking it away for a while. Whose tiles they are is not asked: it makes no difference by how many accounts, and
    /// in what turn, a device proves them.
    #[must_use]
    pub fn after(self, tiles: u64, blocks: BlockNumber) -> Self {
        let proved = mul_div(tiles.into(), DAY_BLOCKS.into(), blocks.into());
        let age = self.age.saturating_add(blocks).min(DECAY_DAYS.saturating_mul(DAY_BLOCKS));
        match self.tiles.checked_sub(proved) {
            Some(missing) if missing > 0 => {
                let forgotten = mul_div(missing, blocks.min(FORGET_BLOCKS).into(), FORGET_BLOCKS.into());
                Self { tiles: self.tiles.saturating_sub(forgotten), age }
            }
            // The age of all is the average of what it had and of what is new.
            _ => Self { tiles: proved, age: mul_div(age.into(), self.tiles, proved).try_into().unwrap_or(age) },
        }
    }

    /// What time decay leaves of the reward.
    pub fn decay(&self) -> Perbill {
        decay(self.age / DAY_BLOCKS)
    }
}

/// Cut an era's emission: the parts of capacity, demand and validators in `era` become those of the rules. `decay` is what time decay
/// leaves of the part for capacity; the rest of it goes to nobody.
pub fn cut(era: &mut EraInfo, rules: &Rules, decay: Perbill) {
    era.validators = rules.validators.mul_floor(era.emission);
    let workers = era.emission.saturating_sub(era.validators);
    era.demand = rules.demand.mul_floor(workers);
    era.capacity = decay.mul_floor(workers.saturating_sub(era.demand));
}

/// What the ecosystem's share leaves of a reward; the share is rounded up.
pub fn net(reward: Balance, ecosystem: Perbill) -> Balance {
    reward.saturating_sub(ecosystem.mul_ceil(reward))
}

/// Split the fees of a task over those who were paid for it, in proportion to their pay. What does not divide goes to the first.
pub fn split(fees: Balance, pays: &[Balance]) -> Vec<Balance> {
    let total = pays.iter().fold(0, |sum: Balance, pay| sum.saturating_add(*pay));
    let mut shares: Vec<Balance> = pays.iter().map(|pay| mul_div(fees, *pay, total)).collect();
    let given = shares.iter().fold(0, |sum: Balance, share| sum.saturating_add(*share));
    if let Some(first) = shares.first_mut() {
        *first = first.saturating_add(fees.saturating_sub(given));
    }
    shares
}

/// What an account gets for capacity, in planck.
pub fn capacity(era: &EraInfo, contribution: &Contribution) -> Balance {
    let all = Balance::from(era.units).saturating_mul(THOUSANDTHS.into());
    mul_div(era.capacity, contribution.units.into(), all)
}

/// What an account gets as a validator, and out of the super-node pot, in planck.
pub fn validator(era: &EraInfo, contribution: &Contribution) -> (Balance, Balance) {
    let part = |amount| mul_div(amount, contribution.blocks.into(), era.blocks.into());
    (part(era.validators), part(era.super_nodes))
}

/// What the fees on an account have burned, in planck.
///
/// Fees in the stable coin count their share of what all those of the era have bought, but never more than they would have bought
/// at the lowest rate of the era: who joins an era of which a part was bought cheaply has no part in that. What is unspent is taken
/// for the account's own, as far as it has paid so much: else it could join an era that is spent, with fees that will never be.
pub fn burned(era: &EraRecord, contribution: &Contribution) -> Balance {
    let EraInfo { stable_burned, stable_spent, .. } = era.info;
    let counted = contribution.stable.saturating_sub(era.unspent());
    let share = mul_div(stable_burned, counted, stable_spent);
    let stable = era.rate.map_or(0, |rate| share.min(rate.buys(counted)));
    contribution.native.saturating_add(stable)
}

/// What an account gets for demand, in planck: its share by what its fees have burned, and never more than a share of that.
pub fn demand(era: &EraRecord, contribution: &Contribution, cap: Perbill) -> Balance {
    let burned = burned(era, contribution);
    let all = era.info.native_fees.saturating_add(era.info.stable_burned);
    mul_div(era.info.demand, burned, all).min(cap.min(MAX_DEMAND_CAP).mul_floor(burned))
}

impl Rate {
    /// What so much of the stable coin buys at this rate, in planck, rounded down.
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
    /// A purchase; `None` if nothing was spent.
    pub fn new(spent: Balance, burned: Balance) -> Option<Self> {
        // A swap pays out less than a planck too little: the next one is more than was worth it.
        let rate = Rate { burned: burned.saturating_add(1), spent };
        (spent > 0).then_some(Self { spent, burned, rate })
    }

    /// Both as one.
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

    /// Attribute as much of a purchase to the era as it has unspent fees. Returns what is left of the purchase.
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
