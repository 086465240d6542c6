//! The rules of the emission, and the records of eras and accounts.

use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{
    Balance, BlockNumber,
    economy::{DAY_BLOCKS, EraIndex, EraInfo},
    job::MAX_AUDITORS,
};
use polkadot_sdk::sp_runtime::Perbill;
use scale_info::TypeInfo;

/// The most that workers and auditors may get for demand, as a share of the DPN that the fees for
/// their work have burned. It is below 1, so that an account that pays itself loses.
pub const MAX_DEMAND_CAP: Perbill = Perbill::from_percent(80);
/// The reputation from which on a worker gets all of its reward for capacity: that of a newcomer.
pub const FULL_REPUTATION: Perbill = Perbill::from_percent(50);
/// Blocks after the end of an era for which its fees in the stable coin are waited for: 30 days.
/// Blocks in which the market was not fit to spend them do not count.
pub const WAIT_BLOCKS: BlockNumber = 30 * DAY_BLOCKS;
/// Most blocks for which these fees are waited for, in any state of the market: half of the time in
/// which rewards can be claimed.
pub const LONGEST_WAIT_BLOCKS: BlockNumber = HISTORY_BLOCKS / 2;
/// Blocks after the end of an era in which its rewards can be claimed: a year.
pub const HISTORY_BLOCKS: BlockNumber = 365 * DAY_BLOCKS;
/// Days of age from which on time decay takes no more.
pub const DECAY_DAYS: u32 = 77;
/// Blocks in which the network would forget missing capacity at the initial pace: 180 days.
///
/// It must be far more than [`DECAY_DAYS`]. Otherwise the owner of most of the capacity could
/// remove it for a while, so that it is new when it returns. That would earn more than running.
pub const FORGET_BLOCKS: BlockNumber = 180 * DAY_BLOCKS;
/// Most eras to which one purchase is attributed at once.
pub const MAX_ATTRIBUTED: u32 = 8;
/// Most accounts that are paid for one task: a worker and its auditors.
pub const MAX_PAID: u32 = MAX_AUDITORS + 1;
/// Most accounts of an old era that are dropped in one block.
pub const MAX_PRUNED: u32 = 128;

/// The rules of eras and of the emission.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Blocks in an era; 0 counts as 1.
    pub era_blocks: BlockNumber,
    /// The ecosystem's share of the payments from the emission.
    pub ecosystem: Perbill,
    /// The validators' share of the emission.
    pub validators: Perbill,
    /// The share of demand in the rest, which is for workers and auditors. Capacity has the other
    /// share.
    pub demand: Perbill,
    /// The most that is paid for demand, as a share of the DPN that its fees have burned. A value
    /// above [`MAX_DEMAND_CAP`] counts as that.
    pub demand_cap: Perbill,
    /// The share of a worker's reward that is paid at once. The rest vests.
    pub at_once: Perbill,
}

/// The contributions of an account in an era that have not been rewarded yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Contribution {
    /// Throughput tiles proved by the account, weighted by reputation, in thousandths.
    pub units: u64,
    /// Number of blocks authored by the account.
    pub blocks: u32,
    /// Fees in DPN that count for the account, in planck.
    pub native: Balance,
    /// Fees in the stable coin that count for the account, in its smallest unit.
    pub stable: Balance,
}

impl Contribution {
    /// Whether no contribution is left.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The rate of a purchase: DPN burned for stable coins spent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Rate {
    /// Planck burned, rounded up.
    pub burned: Balance,
    /// The amount of the stable coin, in its smallest unit; more than 0.
    pub spent: Balance,
}

/// A purchase that is to be attributed to eras, or the rest of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Purchase {
    /// The amount spent, in the stable coin's smallest unit; more than 0.
    pub spent: Balance,
    /// The amount bought and burned, in planck.
    pub burned: Balance,
    /// The lowest rate of all its parts.
    pub rate: Rate,
}

/// The terms of an era that are fixed when it ends, for every later claim of its rewards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Terms {
    /// The ecosystem's share of the payments.
    pub ecosystem: Perbill,
    /// The most that is paid for demand, as a share of the DPN that its fees have burned.
    pub demand_cap: Perbill,
    /// The share of a worker's reward that is paid at once.
    pub at_once: Perbill,
    /// Number of blocks since genesis in which the stable coin's market was fit, at the era's end.
    pub fit: BlockNumber,
}

impl Terms {
    /// The terms by the current rules.
    pub fn new(rules: &Rules, fit: BlockNumber) -> Self {
        let Rules { ecosystem, demand_cap, at_once, .. } = *rules;
        Self { ecosystem, demand_cap, at_once, fit }
    }
}

/// The record of an era.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EraRecord {
    /// The part that the runtime API returns.
    pub info: EraInfo,
    /// The lowest rate at which any of the era's fees in the stable coin were spent.
    pub rate: Option<Rate>,
    /// The terms fixed at the era's end; `None` while it runs.
    pub terms: Option<Terms>,
    /// The next era in the [`Queue`], while this one is in it: its fees in the stable coin are
    /// spent next.
    pub next: Option<EraIndex>,
}

impl EraRecord {
    /// Make an era that begins with block `start`.
    pub fn starting(start: BlockNumber) -> Self {
        Self { info: EraInfo { start, ..Default::default() }, ..Default::default() }
    }
}

/// The queue of eras with fees in the stable coin that are to be spent, in order. Each era names
/// the [next one](EraRecord::next).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Queue {
    /// The first era.
    pub first: EraIndex,
    /// The last era.
    pub last: EraIndex,
}

/// The capacity that the network is used to, and its age. Time decay depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Capacity {
    /// Throughput tiles proved per day.
    pub tiles: u128,
    /// The time for which the network has had them, on average, in blocks. It stops growing where
    /// time decay takes no more.
    pub age: BlockNumber,
}
