//! The numbers that governance may turn, and what the pallet asks of the pools.

use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{economy::DAY_BLOCKS, AssetKind, Balance, BlockNumber, DPN};
use polkadot_sdk::{
    frame_support::traits::fungibles::Inspect,
    pallet_asset_conversion::{self, PoolLocator},
    sp_core::ConstU32,
    sp_runtime::{BoundedVec, Perbill},
};
use scale_info::TypeInfo;

/// Most markets.
pub const MAX_MARKETS: u32 = 4;

/// The assets with a market.
pub type MarketList = BoundedVec<AssetKind, ConstU32<MAX_MARKETS>>;

/// For how many eras it is kept what was bought back in each: 120 days of eras of 6 hours.
pub const HISTORY_ERAS: u32 = 480;

/// Most eras in one answer.
pub const MAX_ANSWERS: usize = 100;

/// Blocks in an hour: how far the observations of a week lie apart.
pub const HOUR_BLOCKS: BlockNumber = DAY_BLOCKS / 24;

/// Blocks in seven days.
pub const WEEK_BLOCKS: BlockNumber = 7 * DAY_BLOCKS;

/// What is worth less, in planck, is not swapped: it would be rounded too coarsely. It waits until there is more.
pub const DUST: Balance = 1_000_000;

/// The most that the price may differ from its average when buying was held off for long: as much as governance may allow at all.
pub const MAX_TOLERANCE: Perbill = Perbill::from_percent(20);

/// When a market had its turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Turn {
    /// The last block in which the market was fit, so that a slice was bought if there was anything to buy with.
    pub at: Option<BlockNumber>,
    /// Blocks in which a slice was due and the price too far from its average. Half of them are forgiven with each turn.
    pub held: BlockNumber,
}

impl Turn {
    /// Whether a slice is due: once in each interval, in the first block of it in which the market is fit, and never soon after the
    /// one before.
    pub fn is_due(&self, now: BlockNumber, interval: BlockNumber) -> bool {
        let Some(running) = now.checked_div(interval) else { return false };
        let after = |at: BlockNumber| {
            at.checked_div(interval).is_some_and(|last| running > last) && now.saturating_sub(at) >= interval / 2
        };
        self.at.is_none_or(after)
    }

    /// How far the price may be from its average: the longer it has held off a slice, the farther. So whoever moves the price gets
    /// a slice at a bad rate in the end, and not its owners none.
    pub fn tolerance(&self, max_deviation: Perbill) -> Perbill {
        let times = (self.held / DAY_BLOCKS).saturating_add(1);
        let parts = max_deviation.deconstruct().saturating_mul(times);
        Perbill::from_parts(parts.min(MAX_TOLERANCE.max(max_deviation).deconstruct()))
    }

    /// The market had its turn. Returns for how many blocks it was fit since the one before.
    pub fn take(&mut self, now: BlockNumber, interval: BlockNumber) -> BlockNumber {
        let since = now.saturating_sub(self.at.unwrap_or_default()).min(interval);
        *self = Self { at: Some(now), held: self.held / 2 };
        since
    }
}

/// The numbers that governance may turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Blocks from one slice to the next of a market.
    pub interval: BlockNumber,
    /// The most that a slice may move the price by.
    pub max_impact: Perbill,
    /// The least a pool must hold of DPN, in planck: it is the same for assets of whatever decimals.
    pub min_reserve: Balance,
    /// The most that the price may differ from its average.
    pub max_deviation: Perbill,
    /// Blocks over which the price is averaged.
    pub average_blocks: BlockNumber,
    /// Blocks without an observation after which the observations begin anew.
    pub stale_blocks: BlockNumber,
    /// The most that the recorded price may move from one block to the next.
    pub max_step: Perbill,
    /// How far DPN must have risen above the week for liquidity bonds to be sold.
    pub bond_rise: Perbill,
    /// The most liquidity bonds that are sold in a day, as a share of all.
    pub bond_daily: Perbill,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            interval: 200,
            max_impact: Perbill::from_parts(7_000_000),
            min_reserve: 10_000 * DPN,
            max_deviation: Perbill::from_percent(2),
            average_blocks: HOUR_BLOCKS,
            stale_blocks: 100,
            max_step: Perbill::from_percent(1),
            bond_rise: Perbill::from_percent(20),
            bond_daily: Perbill::from_percent(1),
        }
    }
}

/// Who gets how much of transaction fees. Apart from [`Rules`], because it is read for every transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeeShares {
    /// The author's part.
    pub author: Perbill,
    /// The fund's part.
    pub fund: Perbill,
}

impl Default for FeeShares {
    fn default() -> Self {
        Self { author: Perbill::from_percent(37), fund: Perbill::from_percent(3) }
    }
}

/// The pools of DPN and other assets.
pub trait Pool {
    /// What is in the pool of DPN and `asset`: planck, and the asset's smallest unit. `None` if there is no pool or one of them is 0.
    fn reserves(asset: &AssetKind) -> Option<(Balance, Balance)>;
}

/// Frozen assets are counted too: nobody can trade with them, so that their price is what it was.
impl<T> Pool for pallet_asset_conversion::Pallet<T>
where
    T: pallet_asset_conversion::Config<AssetKind = AssetKind, Balance = Balance>,
{
    fn reserves(asset: &AssetKind) -> Option<(Balance, Balance)> {
        let pool = T::PoolLocator::pool_address(&AssetKind::Native, asset).ok()?;
        let native = T::Assets::balance(AssetKind::Native, &pool);
        let reserve = T::Assets::balance(asset.clone(), &pool);
        (native > 0 && reserve > 0).then_some((native, reserve))
    }
}
