//! The money: how many DPN there may be, who gets them, and the records with which the runtime API answers about them.
//!
//! The numbers are those of the DPIN white paper 1.1, §4; `docs/economy.md` tells all of them with their sources.

use crate::{job::TaskCost, AccountId, AssetKind, Balance, BlockNumber, DPN, SLOT_MS};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::FixedU128;
use scale_info::TypeInfo;

/// The most DPN that may ever have been minted, in planck: 210,000,000 DPN. What is burned is not minted again.
pub const SUPPLY_CAP: Balance = 210_000_000 * DPN;

/// Blocks in a day, when no slot is empty.
pub const DAY_BLOCKS: BlockNumber = (24 * 60 * 60 * 1000 / SLOT_MS) as BlockNumber;
/// Blocks in a month of 30 days, the month of vesting and of the emission.
pub const MONTH_BLOCKS: BlockNumber = 30 * DAY_BLOCKS;
/// Months of the emission.
pub const EMISSION_MONTHS: u32 = 240;

/// An era's number, counted from 0: eras are what rewards are reckoned by.
pub type EraIndex = u32;

/// What the supply is set aside for.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Category {
    /// Airdrop Program: minted by the emission, for verified work.
    Airdrop,
    /// Core Contributor Reward: minted at genesis and vested.
    Contributors,
    /// Super Nodes: minted at genesis to a pot and paid out along the emission's curve.
    SuperNodes,
    /// Initial Liquidity: minted at genesis, into the DPN/BLC pool.
    Liquidity,
    /// Liquidity Bonds: minted at genesis, to the bond pot.
    Bonds,
    /// Community Governance: minted at genesis and vested.
    Governance,
}

impl Category {
    /// All of them, in the order of the white paper.
    pub const ALL: [Self; 6] =
        [Self::Airdrop, Self::Contributors, Self::SuperNodes, Self::Liquidity, Self::Bonds, Self::Governance];

    /// What is set aside for it, in planck.
    pub const fn amount(self) -> Balance {
        DPN * match self {
            Self::Airdrop => 180_600_000,
            Self::Contributors => 12_600_000,
            Self::SuperNodes => 4_950_000,
            Self::Liquidity => 4_200_000,
            Self::Bonds => 4_200_000,
            Self::Governance => 3_450_000,
        }
    }

    /// Its name in the white paper.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Airdrop => "Airdrop Program",
            Self::Contributors => "Core Contributor Reward",
            Self::SuperNodes => "Super Nodes",
            Self::Liquidity => "Initial Liquidity",
            Self::Bonds => "Liquidity Bonds",
            Self::Governance => "Community Governance",
        }
    }

    /// How it vests, as months before the first part and the number of monthly parts after them; `None` if it does not.
    pub const fn vesting(self) -> Option<(u32, u32)> {
        match self {
            Self::Contributors => Some((12, 36)),
            Self::Governance => Some((6, 36)),
            _ => None,
        }
    }
}

/// How many DPN there are, in planck.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Supply {
    /// The most that may ever have been minted.
    pub cap: Balance,
    /// What has been minted, at genesis and since.
    pub minted: Balance,
    /// What of it has been burned.
    pub burned: Balance,
    /// What there is: minted less burned.
    pub issuance: Balance,
    /// What of that is neither unvested nor in one of the chain's pots.
    pub circulating: Balance,
    /// What the emission's schedule has released so far.
    pub scheduled: Balance,
    /// What of [`Self::scheduled`] has been minted.
    pub emitted: Balance,
}

/// One line of the allocation table, in planck.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct AllocationInfo {
    /// What for.
    pub category: Category,
    /// What is set aside for it.
    pub amount: Balance,
    /// What of it has been minted.
    pub minted: Balance,
    /// What of that has reached its receivers, or the pool.
    pub released: Balance,
}

/// A vesting of an account, amounts in planck.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct VestingInfo {
    /// What for: an allocation, or [`Category::Airdrop`] for rewards.
    pub category: Category,
    /// What it was at the start.
    pub amount: Balance,
    /// What has been paid out.
    pub released: Balance,
    /// What can be claimed now.
    pub claimable: Balance,
    /// The block in which it began.
    pub start: BlockNumber,
    /// The block in which all of it will be claimable.
    pub end: BlockNumber,
}

/// An era, amounts in planck if nothing else is said.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EraInfo {
    /// Its first block.
    pub start: BlockNumber,
    /// The first block after it; `None` while it runs.
    pub end: Option<BlockNumber>,
    /// What the emission's schedule has released for it: known at its end, 0 before.
    pub emission: Balance,
    /// What workers may earn for capacity, after time decay. The ecosystem's share of what is paid is a part of it, here and in the
    /// next two.
    pub capacity: Balance,
    /// What workers and auditors may earn for demand.
    pub demand: Balance,
    /// What validators may earn.
    pub validators: Balance,
    /// What validators may earn out of the super-node pot.
    pub super_nodes: Balance,
    /// For how long the network has had its capacity, on average, in blocks: time decay depends on it. Known at the end, 0 before.
    pub age: BlockNumber,
    /// Throughput tiles that workers have proved.
    pub units: u64,
    /// Blocks authored by validators.
    pub blocks: u32,
    /// Fees in DPN that went to the revenue pot with settled tasks, where they are burned.
    pub native_fees: Balance,
    /// Fees in the stable coin that went to the revenue pot with settled tasks, in its smallest unit.
    pub stable_fees: Balance,
    /// What of these the buy-back has spent, in the stable coin's smallest unit.
    pub stable_spent: Balance,
    /// What the buy-back has bought with that and burned.
    pub stable_burned: Balance,
    /// What has been newly minted with claims, for accounts and for the ecosystem.
    pub minted: Balance,
    /// What of that went to the ecosystem pot.
    pub ecosystem: Balance,
}

/// What an account has done in an era and gets for it, in planck. The ecosystem's share is taken off what the account gets.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo)]
pub struct RewardInfo {
    /// Throughput tiles it has proved, after reputation, in thousandths.
    pub units: u64,
    /// Blocks it has authored.
    pub blocks: u32,
    /// Fees in DPN on its account, in planck.
    pub native_fees: Balance,
    /// Fees in the stable coin on its account, in its smallest unit.
    pub stable_fees: Balance,
    /// For capacity.
    pub capacity: Balance,
    /// For demand; an estimate until [`Self::demand_ready`].
    pub demand: Balance,
    /// As a validator.
    pub validator: Balance,
    /// Out of the super-node pot.
    pub super_node: Balance,
    /// What is minted to the ecosystem pot when [`Self::capacity`], [`Self::demand`] and [`Self::validator`] are claimed.
    pub ecosystem: Balance,
    /// Whether the era has ended, so that all but [`Self::demand`] can be claimed.
    pub ready: bool,
    /// Whether all stable coins of the era are spent or will not be waited for, so that [`Self::demand`] can be claimed.
    pub demand_ready: bool,
}

/// The chain's own accounts.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Pot {
    /// Fees, until they are burned or spent on buying back.
    Revenue,
    /// What vests, until it is claimed.
    Vesting,
    /// Super Nodes.
    SuperNodes,
    /// Liquidity Bonds, and what they were sold for.
    Bonds,
    /// Provides the DPN/BLC pool.
    Liquidity,
    /// The ecosystem's share of rewards.
    Ecosystem,
    /// The anti-monopoly fund.
    Fund,
    /// A part of slashes.
    Insurance,
}

impl Pot {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Revenue,
        Self::Vesting,
        Self::SuperNodes,
        Self::Bonds,
        Self::Liquidity,
        Self::Ecosystem,
        Self::Fund,
        Self::Insurance,
    ];
}

/// What is in one of the chain's own accounts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct PotInfo {
    /// Which.
    pub pot: Pot,
    /// Its account.
    pub account: AccountId,
    /// Its DPN, in planck.
    pub native: Balance,
    /// Its BLC, in the smallest unit.
    pub stable: Balance,
}

/// What buying back has done, over an era or for ever.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BuybackTotals {
    /// What was spent, in the asset's smallest unit.
    pub spent: Balance,
    /// What was bought, in planck; for DPN itself 0.
    pub bought: Balance,
    /// What was burned, in planck.
    pub burned: Balance,
}

/// Why nothing is bought back for now.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Halt {
    /// There is no pool, or it is empty.
    NoPool,
    /// The pool holds less than governance asks for.
    ThinPool,
    /// There are too few observations of the price, or the last one is too old.
    StalePrice,
    /// The price is further from its average than governance allows.
    PriceMoved,
    /// The swap failed: it would have yielded too little, or an account is frozen.
    SwapFailed,
}

/// A pool of DPN and another asset, and how its price was observed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct MarketInfo {
    /// The asset.
    pub asset: AssetKind,
    /// DPN in the pool, in planck.
    pub native_reserve: Balance,
    /// The asset in the pool, in its smallest unit.
    pub asset_reserve: Balance,
    /// Planck for one smallest unit of the asset, by the reserves.
    pub price: Option<FixedU128>,
    /// The same, averaged over the window of the buy-back.
    pub average: Option<FixedU128>,
    /// The same, averaged over seven days.
    pub week: Option<FixedU128>,
    /// Why nothing is bought back for now.
    pub halt: Option<Halt>,
    /// What buying back with this asset has done for ever.
    pub totals: BuybackTotals,
}

/// The liquidity bonds.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct BondsInfo {
    /// DPN in the pot, in planck.
    pub pot: Balance,
    /// DPN sold and not bought back, in planck.
    pub outstanding: Balance,
    /// What they were sold for, in the stable coin's smallest unit.
    pub proceeds: Balance,
    /// What was gained for ever and went to the revenue pot, in the stable coin's smallest unit.
    pub gain: Balance,
}

/// All fees of a job, in its asset's smallest unit if nothing else is said.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct FeeQuote {
    /// Into how many tasks it is split.
    pub tasks: u32,
    /// What each task costs.
    pub per_task: TaskCost,
    /// Rewards of all tasks.
    pub rewards: Balance,
    /// The requester's reservation fees.
    pub reservation: Balance,
    /// Surcharges for being paid in another asset than DPN.
    pub surcharge: Balance,
    /// Pay of all auditors.
    pub auditors: Balance,
    /// What is put on hold: everything above.
    pub total: Balance,
    /// What workers pay of their rewards.
    pub worker_fees: Balance,
    /// The fee for the transaction that posts it, in planck, without a tip.
    pub transaction: Balance,
}

polkadot_sdk::sp_api::decl_runtime_apis! {
    /// What nodes and dApps ask about the money.
    pub trait EconomyApi {
        /// How many DPN there are.
        fn supply() -> Supply;
        /// What the supply is set aside for.
        fn allocation() -> Vec<AllocationInfo>;
        /// The vestings of an account.
        fn vesting(account: AccountId) -> Vec<VestingInfo>;
        /// The number of the running era.
        fn current_era() -> EraIndex;
        /// An era, unless it is too long ago.
        fn era(era: EraIndex) -> Option<EraInfo>;
        /// What an account has earned in an era and not claimed.
        fn reward(era: EraIndex, account: AccountId) -> Option<RewardInfo>;
        /// The chain's own accounts.
        fn pots() -> Vec<PotInfo>;
        /// What was spent of an asset, bought and burned, in up to 100 eras from `first` on in which anything was.
        fn buybacks(asset: AssetKind, first: EraIndex) -> Vec<(EraIndex, BuybackTotals)>;
        /// What was spent of an asset, bought and burned, for ever.
        fn buyback_totals(asset: AssetKind) -> BuybackTotals;
        /// The pool of DPN and this asset, if the buy-back watches it.
        fn market(asset: AssetKind) -> Option<MarketInfo>;
        /// The liquidity bonds.
        fn liquidity_bonds() -> BondsInfo;
        /// All fees of a job; the error is the one that posting it would give.
        fn fees(spec: crate::job::JobSpec) -> Result<FeeQuote, polkadot_sdk::sp_runtime::DispatchError>;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allocations_add_up_to_the_cap() {
        assert_eq!(Category::ALL.into_iter().map(Category::amount).sum::<Balance>(), SUPPLY_CAP);
    }

    #[test]
    fn an_emission_ends_within_the_block_numbers() {
        assert!(MONTH_BLOCKS.checked_mul(EMISSION_MONTHS).is_some());
    }
}
