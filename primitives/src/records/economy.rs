//! The money: the supply of DPN, its allocation, and the records that the runtime API returns about
//! both.
//!
//! The numbers are those of the DPIN white paper 1.1, §4. `docs/economy.md` lists all of them with
//! their sources.

#[cfg(feature = "json")]
use crate::json::{Account, Amount, As, Asset, Fixed, Maybe};
use crate::{AccountId, AssetKind, Balance, BlockNumber, DPN, SLOT_MS, job::TaskCost};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::FixedU128;
use scale_info::TypeInfo;

/// Maximum amount of DPN ever minted, in planck: 210,000,000 DPN. Burned DPN are not minted again.
pub const SUPPLY_CAP: Balance = 210_000_000 * DPN;

/// Number of blocks in a day, when no slot is empty.
pub const DAY_BLOCKS: BlockNumber = (24 * 60 * 60 * 1000 / SLOT_MS) as BlockNumber;
/// Number of blocks in a month of 30 days, the month of vesting and of the emission.
pub const MONTH_BLOCKS: BlockNumber = 30 * DAY_BLOCKS;
/// Duration of the emission, in months.
pub const EMISSION_MONTHS: u32 = 240;

/// An era's number, counted from 0. Rewards are computed per era.
pub type EraIndex = u32;

/// A category of the allocation of the supply.
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
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
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
    /// All categories, in the order of the white paper.
    pub const ALL: [Self; 6] =
        [Self::Airdrop, Self::Contributors, Self::SuperNodes, Self::Liquidity, Self::Bonds, Self::Governance];

    /// The allocation of the category, in planck.
    pub const fn amount(self) -> Balance {
        let dpn: Balance = match self {
            Self::Airdrop => 180_600_000,
            Self::Contributors => 12_600_000,
            Self::SuperNodes => 4_950_000,
            Self::Liquidity => 4_200_000,
            Self::Bonds => 4_200_000,
            Self::Governance => 3_450_000,
        };
        dpn.saturating_mul(DPN)
    }

    /// The name of the category in the white paper.
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

    /// The vesting: the months before the first part, and the number of monthly parts after them.
    ///
    /// `None` for a category that does not vest.
    pub const fn vesting(self) -> Option<(u32, u32)> {
        match self {
            Self::Contributors => Some((12, 36)),
            Self::Governance => Some((6, 36)),
            _ => None,
        }
    }
}

/// The supply of DPN, in planck.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "SupplyView"))]
pub struct Supply {
    /// Maximum amount ever minted.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub cap: Balance,
    /// Amount minted, at genesis and since.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub minted: Balance,
    /// Amount burned.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub burned: Balance,
    /// Existing amount: minted less burned.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub issuance: Balance,
    /// Part of `issuance` that is neither unvested nor in one of the chain's pots, except the
    /// liquidity pot.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub circulating: Balance,
    /// Amount that the schedule of the emission had released when the running era began.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub scheduled: Balance,
    /// Part of `scheduled` that has been minted.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub emitted: Balance,
}

/// One line of the allocation table, with amounts in planck.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "AllocationView"))]
pub struct AllocationInfo {
    /// The category of the line.
    pub category: Category,
    /// Allocation of the category.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub amount: Balance,
    /// Amount minted of the allocation.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub minted: Balance,
    /// Part of `minted` that has reached its receivers, or the pool.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub released: Balance,
}

/// A vesting of an account, with amounts in planck.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "VestingView"))]
pub struct VestingInfo {
    /// The category of the allocation that vests. Rewards are of the category of the airdrop.
    pub category: Category,
    /// Amount at the start of the vesting.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub amount: Balance,
    /// Amount paid out so far.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub released: Balance,
    /// Amount that can be claimed now.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub claimable: Balance,
    /// The first block of the vesting.
    pub start: BlockNumber,
    /// The block from which the whole amount can be claimed.
    pub end: BlockNumber,
}

/// An era. Amounts are in planck unless another unit is given.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"))]
pub struct EraInfo {
    /// The first block of the era.
    pub start: BlockNumber,
    /// The first block after the era. The running era has none.
    pub end: Option<BlockNumber>,
    /// Amount that the schedule of the emission has released for the era. Known when the era ends,
    /// 0 before.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub emission: Balance,
    /// Maximum reward of all workers for capacity, after time decay. The ecosystem's share is
    /// included, here and in `demand` and `validators`.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub capacity: Balance,
    /// Maximum reward of workers and auditors for demand.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub demand: Balance,
    /// Maximum reward of validators.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub validators: Balance,
    /// Maximum reward of validators from the super-node pot.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub super_nodes: Balance,
    /// Average age of the network's capacity, in blocks, by which time decay is computed. Known
    /// when the era ends, 0 before.
    pub age: BlockNumber,
    /// Number of throughput tiles that workers have proved, before reputation.
    pub units: u64,
    /// Blocks authored by validators.
    pub blocks: u32,
    /// Fees in DPN that settled tasks paid into the revenue pot, where they are burned.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub native_fees: Balance,
    /// Fees in the stable coin that settled tasks paid into the revenue pot, in its smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub stable_fees: Balance,
    /// Part of the fees in the stable coin that the buy-back has spent, in its smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub stable_spent: Balance,
    /// DPN that the buy-back has bought with fees in the stable coin, and burned.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub stable_burned: Balance,
    /// Amount newly minted by claims, for accounts and for the ecosystem.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub minted: Balance,
    /// Part of `minted` that went to the ecosystem pot.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub ecosystem: Balance,
}

/// The work of an account in an era, and its reward in planck. The ecosystem's share is already
/// taken off the account's rewards.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "RewardInfoView"))]
pub struct RewardInfo {
    /// Throughput tiles that the account has proved, in thousandths, after reputation.
    pub units: u64,
    /// Number of blocks that the account has authored.
    pub blocks: u32,
    /// Fees in DPN credited to the account, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub native_fees: Balance,
    /// Fees in the stable coin credited to the account, in its smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub stable_fees: Balance,
    /// Reward for capacity.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub capacity: Balance,
    /// Reward for demand. It is an estimate until it can be claimed.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub demand: Balance,
    /// Reward as a validator.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub validator: Balance,
    /// Reward from the super-node pot.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub super_node: Balance,
    /// Amount minted to the ecosystem pot when `capacity`, `demand` and `validator` are claimed.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub ecosystem: Balance,
    /// Whether the era has ended. From then on everything except `demand` can be claimed.
    pub ready: bool,
    /// Whether `demand` can be claimed: the stable coins of the era are spent, or the chain no
    /// longer waits for that.
    pub demand_ready: bool,
}

/// The chain's own accounts.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "PotName"))]
pub enum Pot {
    /// Holds fees until they are burned or spent on buying back.
    Revenue,
    /// Holds unvested amounts until they are claimed.
    Vesting,
    /// Holds the allocation for Super Nodes.
    SuperNodes,
    /// Holds the Liquidity Bonds, and the proceeds of those sold.
    Bonds,
    /// Provides liquidity to the DPN/BLC pool.
    Liquidity,
    /// Receives the ecosystem's share of rewards.
    Ecosystem,
    /// Holds the anti-monopoly fund.
    Fund,
    /// Receives a part of slashes.
    Insurance,
}

impl Pot {
    /// All pots.
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

/// The balances of one of the chain's own accounts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "PotView"))]
pub struct PotInfo {
    /// The pot.
    pub pot: Pot,
    /// The account of the pot.
    #[cfg_attr(feature = "json", schemars(with = "Account"))]
    pub account: AccountId,
    /// DPN in the pot, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub native: Balance,
    /// BLC in the pot, in its smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub stable: Balance,
}

/// Totals of the buy-back, over one era or over all time.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "BuybackTotalsView"))]
pub struct BuybackTotals {
    /// Amount spent, in the asset's smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub spent: Balance,
    /// Amount bought, in planck; 0 if the asset is DPN itself.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub bought: Balance,
    /// Amount burned, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub burned: Balance,
}

/// The reason why nothing is bought back for now.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(serde::Deserialize, schemars::JsonSchema), schemars(rename = "HaltView"))]
pub enum Halt {
    /// There is no pool, or it is empty.
    NoPool,
    /// The pool holds less DPN than the limit set by governance.
    ThinPool,
    /// There are too few observations of the price, or the last one is too old.
    StalePrice,
    /// The price is further from its average than the limit set by governance.
    PriceMoved,
    /// The swap failed: it would have yielded too little, or an account is frozen.
    SwapFailed,
}

/// A pool of DPN and another asset, with its observed price: planck for one smallest unit of the
/// asset.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "MarketView"))]
pub struct MarketInfo {
    /// The other asset of the pool.
    #[cfg_attr(feature = "json", serde(with = "As::<Asset>"))]
    pub asset: AssetKind,
    /// DPN in the pool, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub native_reserve: Balance,
    /// Amount of the other asset in the pool, in its smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub asset_reserve: Balance,
    /// Price by the reserves.
    #[cfg_attr(feature = "json", serde(with = "Maybe::<Fixed>"))]
    pub price: Option<FixedU128>,
    /// Price averaged over the window of the buy-back.
    #[cfg_attr(feature = "json", serde(with = "Maybe::<Fixed>"))]
    pub average: Option<FixedU128>,
    /// Price averaged over seven days.
    #[cfg_attr(feature = "json", serde(with = "Maybe::<Fixed>"))]
    pub week: Option<FixedU128>,
    /// The reason why nothing is bought back for now. There is none if the buy-back runs.
    pub halt: Option<Halt>,
    /// Totals of buying back with this asset, over all time.
    pub totals: BuybackTotals,
}

/// The state of the liquidity bonds.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "BondsView"))]
pub struct BondsInfo {
    /// DPN in the bond pot, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub pot: Balance,
    /// DPN sold and not bought back yet, in planck.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub outstanding: Balance,
    /// Proceeds of the DPN in `outstanding`, in the stable coin's smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub proceeds: Balance,
    /// Gains of all time, which went to the revenue pot, in the stable coin's smallest unit.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub gain: Balance,
}

/// All fees of a job. Amounts are in its asset's smallest unit unless another unit is given.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct FeeQuote {
    /// Number of tasks of the job.
    pub tasks: u32,
    /// The cost of each task.
    pub per_task: TaskCost,
    /// Sum of the rewards of all tasks.
    pub rewards: Balance,
    /// Sum of the requester's reservation fees.
    pub reservation: Balance,
    /// Sum of the surcharges for paying in another asset than DPN.
    pub surcharge: Balance,
    /// Sum of the pay of all auditors.
    pub auditors: Balance,
    /// Amount put on hold: the sum of the four amounts above.
    pub total: Balance,
    /// Sum of the workers' reservation fees, which are taken out of the rewards.
    pub worker_fees: Balance,
    /// Fee for the transaction that posts the job, in planck, without a tip.
    pub transaction: Balance,
}

polkadot_sdk::sp_api::decl_runtime_apis! {
    /// Queries of nodes and dApps about the money.
    pub trait EconomyApi {
        /// Returns the supply of DPN.
        fn supply() -> Supply;
        /// Returns the allocation of the supply.
        fn allocation() -> Vec<AllocationInfo>;
        /// Returns the vestings of an account.
        fn vesting(account: AccountId) -> Vec<VestingInfo>;
        /// Returns the number of the running era.
        fn current_era() -> EraIndex;
        /// Returns an era, unless it is too long ago.
        fn era(era: EraIndex) -> Option<EraInfo>;
        /// Returns the rewards that an account has earned in an era and not claimed.
        fn reward(era: EraIndex, account: AccountId) -> Option<RewardInfo>;
        /// Returns the chain's own accounts with their balances.
        fn pots() -> Vec<PotInfo>;
        /// Returns the amounts of an asset spent, bought and burned per era, from `first` on. The
        /// list holds up to 100 eras, and leaves out eras without any.
        fn buybacks(asset: AssetKind, first: EraIndex) -> Vec<(EraIndex, BuybackTotals)>;
        /// Returns the amounts of an asset spent, bought and burned over all time.
        fn buyback_totals(asset: AssetKind) -> BuybackTotals;
        /// Returns the pool of DPN and this asset, if the buy-back watches it.
        fn market(asset: AssetKind) -> Option<MarketInfo>;
        /// Returns the state of the liquidity bonds.
        fn liquidity_bonds() -> BondsInfo;
        /// Returns all fees of a job. The error is the one that posting the job would give.
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
