//! The rules of the emission, and what is known of eras and accounts.

use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{
    economy::{EraIndex, EraInfo},
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
/// Eras after which fees in the stable coin that are still unspent are not waited for any longer.
pub const WAIT_ERAS: EraIndex = 120;
/// Eras for which rewards can be claimed: a year of eras of 6 hours.
pub const HISTORY_ERAS: EraIndex = 1_460;
/// Most eras to which one purchase is attributed at once.
pub const MAX_ATTRIBUTED: u32 = 8;
/// Most accounts that are paid for one task: a worker and its auditors.
pub const MAX_PAID: u32 = MAX_AUDITORS + 1;
/// Most eras whose fees in the stable coin may be unspent: those waited for, the running one, and one to spare.
pub const MAX_UNSPENT: u32 = WAIT_ERAS + 2;
/// Most accounts of an old era that are dropped in one block.
pub const MAX_PRUNED: u32 = 128;

/// How eras and the emission are cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Blocks of an era; 0 counts as 1.
    pub era_blocks: BlockNumber,
    /// The ecosystem's share of the emission.
    pub ecosystem: Perbill,
    /// The validators' share of the rest.
    pub validators: Perbill,
    /// The share of demand in what is left for workers and auditors. Capacity has the other one.
    pub demand: Perbill,
    /// The most that is paid for demand, as a share of what its fees have burned. More than [`MAX_DEMAND_CAP`] counts as that.
    pub demand_cap: Perbill,
    /// The share of a worker's reward that is paid at once. The rest vests.
    pub at_once: Perbill,
}

/// What an account has done in an era and has not been rewarded for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Contribution {
    /// Throughput tiles it has proved, after time decay and reputation, in thousandths.
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

/// All that is known of an era.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EraRecord {
    /// What the runtime API tells.
    pub info: EraInfo,
    /// The lowest rate at which any of its fees in the stable coin was spent.
    pub rate: Option<Rate>,
}

/// Since when a worker runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Run {
    /// The block of its first proof without a pause of a day since.
    pub since: BlockNumber,
    /// The block of its last proof.
    pub last: BlockNumber,
}
