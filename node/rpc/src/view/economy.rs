//! The money.

use super::{Amount, AssetView, Fixed};
use crate::schema;
use dpin_primitives::{
    economy::{
        AllocationInfo, BondsInfo, BuybackTotals, Category, EraIndex, EraInfo, Halt, MarketInfo, Pot, PotInfo,
        RewardInfo, Supply, VestingInfo,
    },
    AccountId, BlockNumber,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many DPN there are, in planck.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupplyView {
    /// The most that may ever have been minted.
    pub cap: Amount,
    /// What has been minted, at genesis and since.
    pub minted: Amount,
    /// What of it has been burned.
    pub burned: Amount,
    /// What there is: minted less burned.
    pub issuance: Amount,
    /// What of that is neither unvested nor in one of the chain's pots.
    pub circulating: Amount,
    /// What the emission's schedule has released so far.
    pub scheduled: Amount,
    /// What of `scheduled` has been minted.
    pub emitted: Amount,
}

/// One line of the allocation table, in planck.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllocationView {
    /// What for.
    #[schemars(with = "schema::Purpose")]
    pub category: Category,
    /// What is set aside for it.
    pub amount: Amount,
    /// What of it has been minted.
    pub minted: Amount,
    /// What of that has reached its receivers, or the pool.
    pub released: Amount,
}

/// A vesting of an account, amounts in planck.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VestingView {
    /// What for: an allocation, or `airdrop` for rewards.
    #[schemars(with = "schema::Purpose")]
    pub category: Category,
    /// What it was at the start.
    pub amount: Amount,
    /// What has been paid out.
    pub released: Amount,
    /// What can be claimed now.
    pub claimable: Amount,
    /// The block in which it began.
    pub start: BlockNumber,
    /// The block in which all of it will be claimable.
    pub end: BlockNumber,
}

/// An era, amounts in planck if nothing else is said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EraView {
    /// Its number.
    pub era: EraIndex,
    /// Its first block.
    pub start: BlockNumber,
    /// The first block after it; `null` while it runs.
    pub end: Option<BlockNumber>,
    /// What the emission's schedule has released for it: known at its end, 0 before.
    pub emission: Amount,
    /// What workers may earn for capacity, after time decay. The ecosystem's share of what is paid is a part of it, as it is of
    /// `demand` and `validators`.
    pub capacity: Amount,
    /// What workers and auditors may earn for demand.
    pub demand: Amount,
    /// What validators may earn.
    pub validators: Amount,
    /// What validators may earn out of the super-node pot.
    pub super_nodes: Amount,
    /// For how long the network has had its capacity, on average, in blocks: time decay depends on it. Known at the end, 0 before.
    pub age: BlockNumber,
    /// Throughput tiles that workers have proved.
    pub units: u64,
    /// Blocks authored by validators.
    pub blocks: u32,
    /// Fees in DPN that went to the revenue pot with settled tasks.
    pub native_fees: Amount,
    /// Fees in the stable coin that went to the revenue pot with settled tasks, in its smallest unit.
    pub stable_fees: Amount,
    /// What of these the buy-back has spent, in the stable coin's smallest unit.
    pub stable_spent: Amount,
    /// What the buy-back has bought with that and burned.
    pub stable_burned: Amount,
    /// What has been newly minted with claims, for accounts and for the ecosystem.
    pub minted: Amount,
    /// What of that went to the ecosystem pot.
    pub ecosystem: Amount,
}

/// What an account has done in an era and gets for it, in planck. The ecosystem's share is taken off what the account gets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RewardInfoView {
    /// Throughput tiles it has proved, after reputation, in thousandths.
    pub units: u64,
    /// Blocks it has authored.
    pub blocks: u32,
    /// Fees in DPN on its account, in planck.
    pub native_fees: Amount,
    /// Fees in the stable coin on its account, in its smallest unit.
    pub stable_fees: Amount,
    /// For capacity.
    pub capacity: Amount,
    /// For demand; an estimate until `demandReady`.
    pub demand: Amount,
    /// As a validator.
    pub validator: Amount,
    /// Out of the super-node pot.
    pub super_node: Amount,
    /// What is minted to the ecosystem pot when `capacity`, `demand` and `validator` are claimed.
    pub ecosystem: Amount,
    /// Whether the era has ended, so that all but `demand` can be claimed.
    pub ready: bool,
    /// Whether `demand` can be claimed.
    pub demand_ready: bool,
}

/// One of the chain's own accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PotName {
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

/// What is in one of the chain's own accounts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PotView {
    /// Which.
    pub pot: PotName,
    /// Its account.
    #[schemars(with = "schema::Account")]
    pub account: AccountId,
    /// Its DPN, in planck.
    pub native: Amount,
    /// Its BLC, in the smallest unit.
    pub stable: Amount,
}

/// What buying back has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuybackTotalsView {
    /// What was spent, in the asset's smallest unit.
    pub spent: Amount,
    /// What was bought, in planck; for DPN itself 0.
    pub bought: Amount,
    /// What was burned, in planck.
    pub burned: Amount,
}

/// What buying back has done in an era.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuybackView {
    /// The era.
    pub era: EraIndex,
    /// What it has done.
    #[serde(flatten)]
    pub totals: BuybackTotalsView,
}

/// What buying back with an asset has done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuybacksView {
    /// For ever.
    pub totals: BuybackTotalsView,
    /// In the eras in which anything was.
    pub eras: Vec<BuybackView>,
}

/// A pool of DPN and another asset, and how its price was observed. Prices are planck for one smallest unit of the asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketView {
    /// The asset.
    pub asset: AssetView,
    /// DPN in the pool, in planck.
    pub native_reserve: Amount,
    /// The asset in the pool, in its smallest unit.
    pub asset_reserve: Amount,
    /// The price by the reserves.
    pub price: Option<Fixed>,
    /// The price averaged over the window of the buy-back.
    pub average: Option<Fixed>,
    /// The price averaged over seven days.
    pub week: Option<Fixed>,
    /// Why nothing is bought back for now.
    pub halt: Option<HaltView>,
    /// What buying back with this asset has done for ever.
    pub totals: BuybackTotalsView,
}

/// Why nothing is bought back for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HaltView {
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

/// The liquidity bonds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BondsView {
    /// DPN in the pot, in planck.
    pub pot: Amount,
    /// DPN sold and not bought back, in planck.
    pub outstanding: Amount,
    /// What they were sold for, in the stable coin's smallest unit.
    pub proceeds: Amount,
    /// What was gained for ever and went to the revenue pot, in the stable coin's smallest unit.
    pub gain: Amount,
}

impl From<Supply> for SupplyView {
    fn from(supply: Supply) -> Self {
        Self {
            cap: Amount(supply.cap),
            minted: Amount(supply.minted),
            burned: Amount(supply.burned),
            issuance: Amount(supply.issuance),
            circulating: Amount(supply.circulating),
            scheduled: Amount(supply.scheduled),
            emitted: Amount(supply.emitted),
        }
    }
}

impl From<AllocationInfo> for AllocationView {
    fn from(line: AllocationInfo) -> Self {
        Self {
            category: line.category,
            amount: Amount(line.amount),
            minted: Amount(line.minted),
            released: Amount(line.released),
        }
    }
}

impl From<VestingInfo> for VestingView {
    fn from(vesting: VestingInfo) -> Self {
        Self {
            category: vesting.category,
            amount: Amount(vesting.amount),
            released: Amount(vesting.released),
            claimable: Amount(vesting.claimable),
            start: vesting.start,
            end: vesting.end,
        }
    }
}

impl From<(EraIndex, EraInfo)> for EraView {
    fn from((number, era): (EraIndex, EraInfo)) -> Self {
        Self {
            era: number,
            start: era.start,
            end: era.end,
            emission: Amount(era.emission),
            capacity: Amount(era.capacity),
            demand: Amount(era.demand),
            validators: Amount(era.validators),
            super_nodes: Amount(era.super_nodes),
            age: era.age,
            units: era.units,
            blocks: era.blocks,
            native_fees: Amount(era.native_fees),
            stable_fees: Amount(era.stable_fees),
            stable_spent: Amount(era.stable_spent),
            stable_burned: Amount(era.stable_burned),
            minted: Amount(era.minted),
            ecosystem: Amount(era.ecosystem),
        }
    }
}

impl From<RewardInfo> for RewardInfoView {
    fn from(reward: RewardInfo) -> Self {
        Self {
            units: reward.units,
            blocks: reward.blocks,
            native_fees: Amount(reward.native_fees),
            stable_fees: Amount(reward.stable_fees),
            capacity: Amount(reward.capacity),
            demand: Amount(reward.demand),
            validator: Amount(reward.validator),
            super_node: Amount(reward.super_node),
            ecosystem: Amount(reward.ecosystem),
            ready: reward.ready,
            demand_ready: reward.demand_ready,
        }
    }
}

impl From<Pot> for PotName {
    fn from(pot: Pot) -> Self {
        match pot {
            Pot::Revenue => Self::Revenue,
            Pot::Vesting => Self::Vesting,
            Pot::SuperNodes => Self::SuperNodes,
            Pot::Bonds => Self::Bonds,
            Pot::Liquidity => Self::Liquidity,
            Pot::Ecosystem => Self::Ecosystem,
            Pot::Fund => Self::Fund,
            Pot::Insurance => Self::Insurance,
        }
    }
}

impl From<PotInfo> for PotView {
    fn from(pot: PotInfo) -> Self {
        Self { pot: pot.pot.into(), account: pot.account, native: Amount(pot.native), stable: Amount(pot.stable) }
    }
}

impl From<BuybackTotals> for BuybackTotalsView {
    fn from(totals: BuybackTotals) -> Self {
        Self { spent: Amount(totals.spent), bought: Amount(totals.bought), burned: Amount(totals.burned) }
    }
}

impl From<Halt> for HaltView {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::NoPool => Self::NoPool,
            Halt::ThinPool => Self::ThinPool,
            Halt::StalePrice => Self::StalePrice,
            Halt::PriceMoved => Self::PriceMoved,
            Halt::SwapFailed => Self::SwapFailed,
        }
    }
}

impl From<MarketInfo> for MarketView {
    fn from(market: MarketInfo) -> Self {
        Self {
            asset: market.asset.into(),
            native_reserve: Amount(market.native_reserve),
            asset_reserve: Amount(market.asset_reserve),
            price: market.price.map(Fixed),
            average: market.average.map(Fixed),
            week: market.week.map(Fixed),
            halt: market.halt.map(Into::into),
            totals: market.totals.into(),
        }
    }
}

impl From<BondsInfo> for BondsView {
    fn from(bonds: BondsInfo) -> Self {
        Self {
            pot: Amount(bonds.pot),
            outstanding: Amount(bonds.outstanding),
            proceeds: Amount(bonds.proceeds),
            gain: Amount(bonds.gain),
        }
    }
}
