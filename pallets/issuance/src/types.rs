//! The rules of the emission, and what is known of eras and accounts.

use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{
    economy::{EraIndex, EraInfo, DAY_BLOCKS},
    job::MAX_AUDITORS,
    Balance, BlockNumber,
};
use polkadot_sdk::sp_runtime::Perbill;
use scale_info::TypeInfo;

/// The most that workers and auditors may get for demand, as a share of what the fees for their work have burned. Below 1, so that
/// who pays itself loses.
pub const MAX_DEMAND_CAP: Perbill = Perbill::from_percent(80);
/// The reputation from which on a worker gets all of its reward for capacity: that of a newcomer.
pub const FULL_REPUTATION: Perbill = Perbill::from_percent(50);
/// For so many blocks an era's fees in the stable coin are waited for after its end: 30 days. Blocks in which the market was not fit
/// to spend them in do not count.
pub const WAIT_BLOCKS: BlockNumber = 30 * DAY_BLOCKS;
/// For so many blocks they are waited for at most, whatever the market is like: half of the time for which there are claims.
pub const LONGEST_WAIT_BLOCKS: BlockNumber = HISTORY_BLOCKS / 2;
/// For so many blocks after the end of an era its rewards can be claimed: a year.
pub const HISTORY_BLOCKS: BlockNumber = 365 * DAY_BLOCKS;
/// Days after which time decay takes no more.
pub const DECAY_DAYS: u32 = 77;
/// Blocks in which the network would forget capacity that is gone, at the pace at which it begins to: 180 days.
///
/// It must be far more than [`DECAY_DAYS`]. Otherwise who owns most of the capacity could take it away for a while, so that it is
/// new when it comes back, and earn more by that than by running.
pub const FORGET_BLOCKS: BlockNumber = 180 * DAY_BLOCKS;
/// Most eras to which one purchase is attributed at once.
pub const MAX_ATTRIBUTED: u32 = 8;
/// Most accounts that are paid for one task: a worker and its auditors.
pub const MAX_PAID: u32 = MAX_AUDITORS + 1;
/// Most accounts of an old era that are dropped in one block.
pub const MAX_PRUNED: u32 = 128;

/// How eras and the emission are cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Blocks of an era; 0 counts as 1.
    pub era_blocks: BlockNumber,
    /// The ecosystem's share of what is paid of the emission.
    pub ecosystem: Perbill,
    /// The validators' share of the emission.
    pub validators: Perbill,
    /// The share of demand in the rest, which is for workers and auditors. Capacity has the other one.
    pub demand: Perbill,
    /// The most that is paid for demand, as a share of what its fees have burned. More than [`MAX_DEMAND_CAP`] counts as that.
    pub demand_cap: Perbill,
    /// The share of a worker's reward that is paid at once. The rest vests.
    pub at_once: Perbill,
}

/// What an account has done in an era and has not been rewarded for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Contribution {
    /// Throughput tiles it has proved, after reputation, in thousandths.
    pub units: u64,
    /// Blocks it has authored.
    pub blocks: u32,
    /// Fees in DPN on its account, in planck.
    pub native: Balance,
    /// Fees in the stable coin on its account, in its smallest unit.
    pub stable: Balance,
}

impl Contribution {
    /// Whether nothing is left of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How much DPN a purchase burned for what it spent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Rate {
    /// Planck burned, rounded up.
    pub burned: Balance,
    /// For so much of the stable coin, in its smallest unit; more than 0.
    pub spent: Balance,
}

/// A purchase that is to be attributed to eras, or what is left of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Purchase {
    /// What was spent, in the stable coin's smallest unit; more than 0.
    pub spent: Balance,
    /// What was bought with it and burned, in planck.
    pub burned: Balance,
    /// The lowest rate at which any of it was bought.
    pub rate: Rate,
}

/// What is fixed of an era when it ends, for all who claim its rewards, however late.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Terms {
    /// The ecosystem's share of what is paid.
    pub ecosystem: Perbill,
    /// The most that is paid for demand, as a share of what its fees have burned.
    pub demand_cap: Perbill,
    /// The share of a worker's reward that is paid at once.
    pub at_once: Perbill,
    /// Blocks since genesis in which the stable coin's market was fit, at the era's end.
    pub fit: BlockNumber,
}

impl Terms {
    /// As the rules are now.
    pub fn new(rules: &Rules, fit: BlockNumber) -> Self {
        let Rules { ecosystem, demand_cap, at_once, .. } = *rules;
        Self { ecosystem, demand_cap, at_once, fit }
    }
}

/// All that is known of an era.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EraRecord {
    /// What the runtime API tells.
    pub info: EraInfo,
    /// The lowest rate at which any of its fees in the stable coin was spent.
    pub rate: Option<Rate>,
    /// What was fixed at its end; `None` while it runs.
    pub terms: Option<Terms>,
    /// The era whose fees in the stable coin are spent after this one's, while it is in [`Queue`].
    pub next: Option<EraIndex>,
}

impl EraRecord {
    /// An era that begins with this block.
    pub fn starting(start: BlockNumber) -> Self {
        Self { info: EraInfo { start, ..Default::default() }, ..Default::default() }
    }
}

/// The eras with fees in the stable coin that are to be spent, in order: each names the [next one](EraRecord::next).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Queue {
    /// The first era.
    pub first: EraIndex,
    /// The last era.
    pub last: EraIndex,
}

/// The capacity that the network is used to, and its age: what time decay depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Capacity {
    /// Throughput tiles proved in a day.
    pub tiles: u128,
    /// For how long the network has had them, on average, in blocks; no more than time decay asks for.
    pub age: BlockNumber,
}
