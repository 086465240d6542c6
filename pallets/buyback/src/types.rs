//! The parameters that governance may change, and the interface to the pools.

use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{AssetKind, Balance, BlockNumber, DPN, economy::DAY_BLOCKS};
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

/// Number of eras for which the amounts bought back are stored: 120 days of eras of 6 hours.
pub const HISTORY_ERAS: u32 = 480;

/// Most eras that one view function returns.
pub const MAX_ANSWERS: usize = 100;

/// Blocks in an hour: the distance between the observations of a week.
pub const HOUR_BLOCKS: BlockNumber = DAY_BLOCKS / 24;

/// Blocks in seven days.
pub const WEEK_BLOCKS: BlockNumber = 7 * DAY_BLOCKS;

/// Swaps worth less than this, in planck, are not made: rounding would be too coarse. The amount
/// waits until there is more.
pub const DUST: Balance = 1_000_000;

/// The largest deviation of the price from its average that is accepted after a long delay: as much
/// as governance may allow at all.
pub const MAX_TOLERANCE: Perbill = Perbill::from_percent(20);

/// The turns of a market.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Turn {
    /// The last block in which the market was fit. A slice was bought in it if there was anything
    /// to buy with.
    pub at: Option<BlockNumber>,
    /// Number of blocks in which a slice was due and the price was too far from its average. Each
    /// turn halves it.
    pub held: BlockNumber,
}

impl Turn {
    /// Whether a slice is due. One is due in each interval, in the first block in which the market
    /// is fit. At least half an interval must have passed since the last turn.
    pub fn is_due(&self, now: BlockNumber, interval: BlockNumber) -> bool {
        let Some(running) = now.checked_div(interval) else { return false };
        let after = |at: BlockNumber| {
            at.checked_div(interval).is_some_and(|last| running > last) && now.saturating_sub(at) >= interval / 2
        };
        self.at.is_none_or(after)
    }

    /// Return the accepted deviation of the price from its average. The longer the price has
    /// prevented a slice, the larger it is. So an attacker that moves the price gets a slice at a
    /// bad rate in the end, instead of preventing all buying.
    pub fn tolerance(&self, max_deviation: Perbill) -> Perbill {
        let times = (self.held / DAY_BLOCKS).saturating_add(1);
        let parts = max_deviation.deconstruct().saturating_mul(times);
        Perbill::from_parts(parts.min(MAX_TOLERANCE.max(max_deviation).deconstruct()))
    }

    /// Record a turn of the market. Returns the number of blocks for which it was fit since the
    /// last turn.
    pub fn take(&mut self, now: BlockNumber, interval: BlockNumber) -> BlockNumber {
        let since = now.saturating_sub(self.at.unwrap_or_default()).min(interval);
        *self = Self { at: Some(now), held: self.held / 2 };
        since
    }
}

/// The parameters that governance may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Blocks from one slice of a market to the next.
    pub interval: BlockNumber,
    /// The most by which a slice may move the price.
    pub max_impact: Perbill,
    /// The least DPN that a pool must hold, in planck. The limit is the same for assets of any
    /// decimals.
    pub min_reserve: Balance,
    /// The largest accepted deviation of the price from its average.
    pub max_deviation: Perbill,
    /// Blocks over which the price is averaged.
    pub average_blocks: BlockNumber,
    /// Blocks without an observation after which the observations start again.
    pub stale_blocks: BlockNumber,
    /// The most by which the recorded price may move from one block to the next.
    pub max_step: Perbill,
    /// The rise of DPN above the week's average from which on liquidity bonds are sold.
    pub bond_rise: Perbill,
    /// The most liquidity bonds that are sold in a day, as a share of all bonds.
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

/// The shares of transaction fees. They are separate from [`Rules`], because every transaction
/// reads them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeeShares {
    /// The author's share.
    pub author: Perbill,
    /// The fund's share.
    pub fund: Perbill,
}

impl Default for FeeShares {
    fn default() -> Self {
        Self { author: Perbill::from_percent(37), fund: Perbill::from_percent(3) }
    }
}

/// The pools of DPN and other assets.
pub trait Pool {
    /// Return the reserves of the pool of DPN and `asset`: planck, and the asset's smallest unit.
    /// `None` if there is no pool or a reserve is 0.
    fn reserves(asset: &AssetKind) -> Option<(Balance, Balance)>;
}

/// Frozen assets count too: nobody can trade with them, so that their price stays the same.
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
