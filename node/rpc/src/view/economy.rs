//! Answers about the money.

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

/// Supply of DPN, in planck.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupplyView {
    /// Most DPN that may ever be minted.
    pub cap: Amount,
    /// DPN minted, at genesis and since.
    pub minted: Amount,
    /// DPN burned.
    pub burned: Amount,
    /// DPN in existence: minted less burned.
    pub issuance: Amount,
    /// Part of `issuance` that is neither unvested nor in one of the chain's pots, except the
    /// liquidity pot.
    pub circulating: Amount,
    /// DPN that the emission's schedule had released when the running era began.
    pub scheduled: Amount,
    /// Part of `scheduled` that has been minted.
    pub emitted: Amount,
}

/// One line of the allocation table, in planck.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllocationView {
    /// Category of the supply.
    #[schemars(with = "schema::Purpose")]
    pub category: Category,
    /// DPN set aside for the category.
    pub amount: Amount,
    /// Part of `amount` that has been minted.
    pub minted: Amount,
    /// Part of `minted` that has reached its receivers, or the pool.
    pub released: Amount,
}

/// A vesting of an account, amounts in planck.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VestingView {
    /// Category: that of an allocation, or `airdrop` for rewards.
    #[schemars(with = "schema::Purpose")]
    pub category: Category,
    /// Amount at the start.
    pub amount: Amount,
    /// Amount paid out.
    pub released: Amount,
    /// Amount that can be claimed now.
    pub claimable: Amount,
    /// The block in which the vesting began.
    pub start: BlockNumber,
    /// The block from which on the whole amount is claimable.
    pub end: BlockNumber,
}

/// An era; amounts in planck unless a field says otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EraView {
    /// Number of the era.
    pub era: EraIndex,
    /// First block of the era.
    pub start: BlockNumber,
    /// First block after the era; `null` while it runs.
    pub end: Option<BlockNumber>,
    /// DPN that the emission's schedule has released for the era: known at its end, 0 before.
    pub emission: Amount,
    /// DPN that workers may earn for capacity, after time decay. The ecosystem's share is taken out
    /// of this amount, and in the same way out of `demand` and `validators`.
    pub capacity: Amount,
    /// DPN that workers and auditors may earn for demand.
    pub demand: Amount,
    /// DPN that validators may earn.
    pub validators: Amount,
    /// DPN that validators may earn out of the super-node pot.
    pub super_nodes: Amount,
    /// Average time for which the network has had its capacity, in blocks: time decay depends on
    /// it. Known at the end, 0 before.
    pub age: BlockNumber,
    /// Throughput tiles that workers have proved, before reputation.
    pub units: u64,
    /// Blocks authored by validators.
    pub blocks: u32,
    /// Fees in DPN that went to the revenue pot with settled tasks.
    pub native_fees: Amount,
    /// Fees in the stable coin that went to the revenue pot with settled tasks, in its smallest
    /// unit.
    pub stable_fees: Amount,
    /// Part of `stableFees` that the buy-back has spent, in the stable coin's smallest unit.
    pub stable_spent: Amount,
    /// DPN that the buy-back has bought with `stableSpent` and burned.
    pub stable_burned: Amount,
    /// DPN newly minted with claims, for accounts and for the ecosystem.
    pub minted: Amount,
    /// Part of `minted` that went to the ecosystem pot.
    pub ecosystem: Amount,
}

/// Work and reward of an account in an era, in planck. The rewards are less the ecosystem's share.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RewardInfoView {
    /// Throughput tiles that the account has proved, after reputation, in thousandths.
    pub units: u64,
    /// Blocks that the account has authored.
    pub blocks: u32,
    /// Fees in DPN credited to the account, in planck.
    pub native_fees: Amount,
    /// Fees in the stable coin credited to the account, in its smallest unit.
    pub stable_fees: Amount,
    /// Reward for capacity.
    pub capacity: Amount,
    /// Reward for demand; an estimate until `demandReady`.
    pub demand: Amount,
    /// Reward as a validator.
    pub validator: Amount,
    /// Reward out of the super-node pot.
    pub super_node: Amount,
    /// DPN minted to the ecosystem pot when `capacity`, `demand` and `validator` are claimed.
    pub ecosystem: Amount,
    /// Whether the era has ended, so that every part but `demand` can be claimed.
    pub ready: bool,
    /// Whether `demand` can be claimed.
    pub demand_ready: bool,
}

/// One of the chain's own accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PotName {
    /// Holds fees, until they are burned or spent on buy-backs.
    Revenue,
    /// Holds vesting amounts, until they are claimed.
    Vesting,
    /// Holds the DPN of Super Nodes.
    SuperNodes,
    /// Holds the DPN of Liquidity Bonds, and the proceeds of their sale.
    Bonds,
    /// Provides the DPN/BLC pool.
    Liquidity,
    /// Receives the ecosystem's share of rewards.
    Ecosystem,
    /// The anti-monopoly fund.
    Fund,
    /// Receives a part of slashes.
    Insurance,
}

/// Balances of one of the chain's own accounts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PotView {
    /// Name of the pot.
    pub pot: PotName,
    /// Account of the pot.
    #[schemars(with = "schema::Account")]
    pub account: AccountId,
    /// Balance in DPN, in planck.
    pub native: Amount,
    /// Balance in BLC, in its smallest unit.
    pub stable: Amount,
}

/// Totals of buy-backs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuybackTotalsView {
    /// Amount spent, in the asset's smallest unit.
    pub spent: Amount,
    /// DPN bought, in planck; 0 for DPN itself.
    pub bought: Amount,
    /// DPN burned, in planck.
    pub burned: Amount,
}

/// Totals of buy-backs in an era.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuybackView {
    /// The era.
    pub era: EraIndex,
    /// Totals of the era.
    #[serde(flatten)]
    pub totals: BuybackTotalsView,
}

/// Totals of buy-backs with an asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuybacksView {
    /// Totals of all time.
    pub totals: BuybackTotalsView,
    /// Totals of the eras in which there were buy-backs.
    pub eras: Vec<BuybackView>,
}

/// A pool of DPN and another asset, and its observed price. Prices are planck for one smallest unit
/// of the asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketView {
    /// The asset.
    pub asset: AssetView,
    /// DPN in the pool, in planck.
    pub native_reserve: Amount,
    /// The asset in the pool, in its smallest unit.
    pub asset_reserve: Amount,
    /// Price by the reserves.
    pub price: Option<Fixed>,
    /// Price averaged over the window of the buy-back.
    pub average: Option<Fixed>,
    /// Price averaged over seven days.
    pub week: Option<Fixed>,
    /// Reason why the buy-back is halted; `null` if it is not.
    pub halt: Option<HaltView>,
    /// Totals of buy-backs with this asset, of all time.
    pub totals: BuybackTotalsView,
}

/// Reason why a buy-back is halted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HaltView {
    /// There is no pool, or it is empty.
    NoPool,
    /// The pool holds less DPN than governance requires.
    ThinPool,
    /// There are too few observations of the price, or the last one is too old.
    StalePrice,
    /// The price is further from its average than governance allows.
    PriceMoved,
    /// The swap failed: it would have yielded too little, or an account is frozen.
    SwapFailed,
}

/// State of the liquidity bonds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BondsView {
    /// DPN in the pot, in planck.
    pub pot: Amount,
    /// DPN sold and not bought back, in planck.
    pub outstanding: Amount,
    /// Proceeds of their sale, in the stable coin's smallest unit.
    pub proceeds: Amount,
    /// Gain of all time that went to the revenue pot, in the stable coin's smallest unit.
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
