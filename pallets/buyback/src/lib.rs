//! Fees: their distribution, the buy-back of DPN with fees in other assets, and the liquidity
//! bonds.
//!
//! # Overview
//!
//! Transaction fees go through the router ([`Fees`], [`NativeFees`]). A part goes to the author of
//! the block, a part to the fund, and the rest is burned; fees in DPN are shared all at once when
//! the block ends. All other fees go to the revenue pot. Its DPN are burned at the end of each era.
//! Its holdings of an asset with a **market** buy DPN in that pool, slice by slice, and the bought
//! DPN are burned.
//!
//! # Terminology
//!
//! - **Market**: a pool of DPN and another asset that governance has named, and the observations of
//!   its price.
//! - **Price**: planck for one smallest unit of the asset. It falls when DPN becomes more
//!   expensive.
//! - **Slice**: the amount of one swap, so small that it moves the price by no more than governance
//!   allows.
//! - **Recorded price**: it follows the pool's price by at most one step a block. Averages are
//!   taken over it.
//! - **Week**: the average over seven days.
//!
//! # Lifecycle
//!
//! ```text
//! each block             the price of each market is observed
//! once an interval       market fit? ---- no ----> halted, with the reason; next try a block later
//!                          | yes
//!                        slice of the pot -> pool -> DPN -> burned
//! half an interval       price of DPN far above the week's?
//! later                    | yes: a slice of the bonds is sold
//!                        price of DPN at most the week's, and at most that of the sale?
//!                          | yes: a slice is bought back; the gain is revenue
//! ```
//!
//! # Implementation notes
//!
//! - The price of a block is the one that the block before has left. It counts for the average from
//!   the next block on, so that no trade moves the average that the same block uses to buy.
//! - A slice must yield at least as much as the pool would yield if its price were the average less
//!   the allowed deviation. With any trades around it, it yields less than at the average by at
//!   most deviation, impact and the pool's own fee together.
//! - A slice that is due is tried in every block until the market is fit. So nobody prevents it by
//!   moving the price for one block. The longer the price prevents it, the further from its average
//!   it is accepted, up to [`MAX_TOLERANCE`].
//! - If the price could not be read for too long, its observations start again, as those of a new
//!   market.
//! - Each step of the hooks is all or nothing and never fails the block. If a swap fails, pot, pool
//!   and issuance are as before.
//! - The DPN in the pot of the bonds and the outstanding ones always have the same sum, apart from
//!   donations. At most as much is bought back as was sold, and never at a loss.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonds;
mod impls;
mod market;
#[cfg(test)]
mod mock;
mod oracle;
mod router;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use bonds::Bonds;
pub use oracle::{History, Observation, Oracle};
pub use pallet::*;
pub use router::{Fees, NativeFees, Split};
pub use types::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system};

/// Fees, buying back and burning, and the liquidity bonds.
#[frame_support::pallet]
#[allow(clippy::expect_used, reason = "code that FRAME generates, and the genesis")]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use dpin_primitives::{
        AccountId, AssetKind, Balance,
        economy::{BondsInfo, BuybackTotals, EraIndex, Halt, MarketInfo, Pot},
        traits::BurnLedger,
    };
    use frame_support::{pallet_prelude::*, traits::fungibles};
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::{
        pallet_asset_conversion::{QuotePrice, SwapCredit},
        sp_runtime::{SaturatedConversion, traits::Convert},
    };

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Configuration of the pallet.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN and all other assets.
        type Assets: fungibles::Balanced<AccountId, AssetId = AssetKind, Balance = Balance>
            + fungibles::Mutate<AccountId>;

        /// The pools, as a trader sees them.
        type Swap: SwapCredit<
                AccountId,
                Balance = Balance,
                AssetKind = AssetKind,
                Credit = fungibles::Credit<AccountId, Self::Assets>,
            > + QuotePrice<Balance = Balance, AssetKind = AssetKind>;

        /// The reserves of the pools.
        type Pools: Pool;

        /// The parameters that governance may change.
        type Rules: Get<Rules>;

        /// The shares of transaction fees, which governance may change too.
        type FeeShares: Get<FeeShares>;

        /// The chain's own accounts.
        type Pots: Convert<Pot, AccountId>;

        /// The stable coin: the liquidity bonds are sold for it.
        type Stable: Get<AssetKind>;

        /// Receives the amounts bought and burned.
        type Burns: BurnLedger;

        /// The running era.
        type Era: Get<EraIndex>;

        /// The author of the block, if it is known.
        type Author: Get<Option<AccountId>>;

        /// The origin that may name the markets.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Weights of the call and of the steps of the hooks.
        type WeightInfo: WeightInfo;

        /// Makes pools for benchmarks.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper;
    }

    /// The assets with a market.
    #[pallet::storage]
    pub type Markets<T> = StorageValue<_, MarketList, ValueQuery>;

    /// The observed price of each market.
    #[pallet::storage]
    pub type Oracles<T> = StorageMap<_, Twox64Concat, AssetKind, Oracle>;

    /// The observations of each market over the last seven days, one an hour.
    #[pallet::storage]
    pub type Histories<T> = StorageMap<_, Twox64Concat, AssetKind, History, ValueQuery>;

    /// The markets in which nothing is bought at present, with the reason.
    #[pallet::storage]
    pub type Halts<T> = StorageMap<_, Twox64Concat, AssetKind, Halt>;

    /// The last turn of each market to buy.
    #[pallet::storage]
    pub type Turns<T> = StorageMap<_, Twox64Concat, AssetKind, Turn, ValueQuery>;

    /// The total amounts bought back with each asset.
    #[pallet::storage]
    pub type Totals<T> = StorageMap<_, Twox64Concat, AssetKind, BuybackTotals, ValueQuery>;

    /// The amounts bought back in each of the last 480 eras.
    #[pallet::storage]
    pub type Buybacks<T> =
        StorageDoubleMap<_, Twox64Concat, EraIndex, Twox64Concat, AssetKind, BuybackTotals, ValueQuery>;

    /// The liquidity bonds.
    #[pallet::storage]
    pub type LiquidityBonds<T> = StorageValue<_, Bonds, ValueQuery>;

    /// The fees in DPN that this block's transactions have paid so far, in planck. They lie in the
    /// revenue pot and are shared when the block ends.
    #[pallet::storage]
    pub type CollectedFees<T> = StorageValue<_, Balance, ValueQuery>;

    /// The markets at genesis.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The assets with a market, at most 4.
        pub markets: Vec<AssetKind>,
        /// Binds the runtime type.
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let markets = self.markets.clone().try_into().expect("there are more markets than allowed");
            Pallet::<T>::check_markets(&markets).expect("the markets are different assets, and none is DPN");
            Markets::<T>::put(markets);
        }
    }

    /// Events of markets and bonds.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// DPN were bought with fees, and burned.
        BoughtBack {
            /// The asset of the fees.
            asset: AssetKind,
            /// The amount spent, in the asset's smallest unit.
            spent: Balance,
            /// The amount bought, in planck.
            bought: Balance,
            /// The part of it that was burned, in planck.
            burned: Balance,
        },
        /// Fees in DPN were burned at the end of an era.
        NativeBurned {
            /// The era.
            era: EraIndex,
            /// The amount burned, in planck.
            amount: Balance,
        },
        /// Nothing is bought in a market until it is fit again.
        Halted {
            /// The asset.
            asset: AssetKind,
            /// The reason.
            reason: Halt,
        },
        /// The market is fit to buy in again.
        Resumed {
            /// The asset.
            asset: AssetKind,
        },
        /// Liquidity bonds were sold.
        BondsSold {
            /// The DPN sold, in planck.
            sold: Balance,
            /// The proceeds, in the stable coin's smallest unit.
            received: Balance,
        },
        /// Liquidity bonds were bought back.
        BondsBoughtBack {
            /// The DPN bought, in planck.
            bought: Balance,
            /// The amount spent, in the stable coin's smallest unit.
            spent: Balance,
        },
        /// A gain went to the revenue pot: liquidity bonds were sold for more than it cost to buy
        /// them back.
        BondsGained {
            /// The gain, in the stable coin's smallest unit.
            amount: Balance,
        },
        /// Governance named the markets.
        MarketsSet {
            /// All markets from now on.
            markets: MarketList,
        },
    }

    /// The reasons for which a call fails.
    #[pallet::error]
    pub enum Error<T> {
        /// DPN cannot have a market, because all other assets are priced in it.
        NativeMarket,
        /// An asset is named twice.
        DuplicateMarket,
        /// The stable coin would lose its market, in which outstanding bonds must be bought back.
        BondsOutstanding,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            Self::work(now.saturated_into()).saturating_add(T::WeightInfo::share_fees())
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            Self::share_fees();
        }

        fn integrity_test() {
            let rules = T::Rules::get();
            assert!(rules.interval > 0 && rules.average_blocks > 0, "intervals and averages take time");
            assert!(!T::Pots::convert(Pot::Revenue).eq(&T::Pots::convert(Pot::Bonds)), "the pots must not be mixed");
            let block = <T as polkadot_sdk::frame_system::Config>::BlockWeights::get().max_block;
            let market = T::WeightInfo::record().saturating_add(T::WeightInfo::buy());
            let most = T::WeightInfo::watch()
                .saturating_add(T::WeightInfo::share_fees())
                .saturating_add(market.saturating_mul(MAX_MARKETS.into()))
                .saturating_add(T::WeightInfo::sell_bonds().max(T::WeightInfo::buy_back_bonds()));
            assert!(most.all_lte(block.saturating_div(8)), "buying back must be a small part of a block");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// Return the pool of DPN and this asset, and its price; `None` if the asset has no market.
        pub fn market(asset: AssetKind) -> Option<MarketInfo> {
            Self::market_info(asset)
        }

        /// Return the total amounts bought back with this asset.
        pub fn totals(asset: AssetKind) -> BuybackTotals {
            Totals::<T>::get(asset)
        }

        /// Return the amounts bought back with this asset by era, from era `first` on: at most 100
        /// eras in which there were any.
        pub fn buybacks(asset: AssetKind, first: EraIndex) -> Vec<(EraIndex, BuybackTotals)> {
            Self::buybacks_since(asset, first)
        }

        /// Return the liquidity bonds.
        pub fn bonds() -> BondsInfo {
            Self::bonds_info()
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Name the markets: the assets that buy back DPN.
        ///
        /// May be called by the governance origin (`GovernanceOrigin`).
        /// No funds move: an asset in the revenue pot stays there while it has no market. The
        /// observations of a market that is no longer named are dropped.
        ///
        /// Emits `MarketsSet`.
        #[pallet::call_index(0)]
        pub fn set_markets(origin: OriginFor<T>, markets: MarketList) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_set_markets(markets)
        }
    }
}
