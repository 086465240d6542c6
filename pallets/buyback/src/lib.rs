//! Fees: who gets them, how those in other assets buy back DPN that are burned, and the liquidity bonds.
//!
//! # Overview
//!
//! Transaction fees go through the router ([`Fees`], [`NativeFees`]): a part to the author of the block, a part to the fund, and
//! the rest is burned; those in DPN all at once when the block ends. All other fees come to the revenue pot. What is in it in DPN is
//! burned at the end of each era. What is in it in an asset with a **market** buys DPN in that pool, slice by slice, and what is bought
//! is burned.
//!
//! # Terminology
//!
//! - **Market**: a pool of DPN and another asset which governance has named, and the observations of its price.
//! - **Price**: planck for one smallest unit of the asset. It falls when DPN becomes dearer.
//! - **Slice**: what is swapped at once, so little that it moves the price by no more than governance allows.
//! - **Recorded price**: it follows the pool's price by at most one step a block. Averages are made of it.
//! - **Week**: the average over seven days.
//!
//! # Lifecycle
//!
//! ```text
//! each block             price of each market is observed
//! once an interval       market fit? ---- no ----> halted, with the reason, and tried again in the next block
//!                          | yes
//!                        slice of the pot -> pool -> DPN -> burned
//! each interval,         DPN much dearer than in the week?  a slice of the bonds is sold
//! half of it later       DPN no dearer than in the week, nor than when sold?  a slice is bought back; the gain is revenue
//! ```
//!
//! # Implementation notes
//!
//! - The price of a block is that which the block before has left. It counts for the average from the next block on, so that no
//!   trade moves the average by which the same block buys.
//! - A slice is bought for no less than the pool would yield if its price were the average less the allowed deviation. So it yields
//!   less than at the average by at most deviation, impact and the pool's own fee together, whatever is done around it.
//! - A slice that is due is tried in every block until the market is fit, so that nobody holds it off by moving the price for one
//!   block. The longer the price holds it off, the further from its average it is accepted, up to [`MAX_TOLERANCE`].
//! - When the price could not be read for too long, its observations begin anew, as those of a new market.
//! - What the hooks do is all or nothing and never fails the block. If a swap fails, pot, pool and issuance are as before.
//! - DPN in the pot of the bonds and those outstanding are together always the same, donations aside: only as much is bought back as
//!   was sold, and never at a loss.

#![cfg_attr(not(feature = "std"), no_std)]

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
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use dpin_primitives::{
        economy::{BondsInfo, BuybackTotals, EraIndex, Halt, MarketInfo, Pot},
        traits::BurnLedger,
        AccountId, AssetKind, Balance,
    };
    use frame_support::{pallet_prelude::*, traits::fungibles};
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::{
        pallet_asset_conversion::{QuotePrice, SwapCredit},
        sp_runtime::{traits::Convert, SaturatedConversion},
    };

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the pallet needs of the runtime.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN and all other assets.
        type Assets: fungibles::Balanced<AccountId, AssetId = AssetKind, Balance = Balance>
            + fungibles::Mutate<AccountId>;

        /// The pools, as somebody who trades sees them.
        type Swap: SwapCredit<
                AccountId,
                Balance = Balance,
                AssetKind = AssetKind,
                Credit = fungibles::Credit<AccountId, Self::Assets>,
            > + QuotePrice<Balance = Balance, AssetKind = AssetKind>;

        /// What is in the pools.
        type Pools: Pool;

        /// The numbers that governance may turn.
        type Rules: Get<Rules>;

        /// The parts of transaction fees, which governance may turn too.
        type FeeShares: Get<FeeShares>;

        /// The chain's own accounts.
        type Pots: Convert<Pot, AccountId>;

        /// The stable coin: the liquidity bonds are sold for it.
        type Stable: Get<AssetKind>;

        /// Hears what was bought and burned.
        type Burns: BurnLedger;

        /// The running era.
        type Era: Get<EraIndex>;

        /// The author of the block, if it is known.
        type Author: Get<Option<AccountId>>;

        /// Who names the markets.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Weights.
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

    /// The markets in which nothing is bought for now, and why.
    #[pallet::storage]
    pub type Halts<T> = StorageMap<_, Twox64Concat, AssetKind, Halt>;

    /// When each market had its turn to buy.
    #[pallet::storage]
    pub type Turns<T> = StorageMap<_, Twox64Concat, AssetKind, Turn, ValueQuery>;

    /// What was bought back with each asset for ever.
    #[pallet::storage]
    pub type Totals<T> = StorageMap<_, Twox64Concat, AssetKind, BuybackTotals, ValueQuery>;

    /// The amounts bought back in each of the last 480 eras.
    #[pallet::storage]
    pub type Buybacks<T> =
        StorageDoubleMap<_, Twox64Concat, EraIndex, Twox64Concat, AssetKind, BuybackTotals, ValueQuery>;

    /// The liquidity bonds.
    #[pallet::storage]
    pub type LiquidityBonds<T> = StorageValue<_, Bonds, ValueQuery>;

    /// What this block's transactions have paid in DPN so far, in planck. It lies in the revenue pot, and is shared when the block
    /// ends.
    #[pallet::storage]
    pub type CollectedFees<T> = StorageValue<_, Balance, ValueQuery>;

    /// The markets at genesis.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The assets with a market, at most 4.
        pub markets: Vec<AssetKind>,
        /// Nothing.
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

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// DPN were bought with fees, and burned.
        BoughtBack {
            /// The asset of the fees.
            asset: AssetKind,
            /// What was spent, in the asset's smallest unit.
            spent: Balance,
            /// What was bought, in planck.
            bought: Balance,
            /// What of it was burned, in planck.
            burned: Balance,
        },
        /// Fees in DPN were burned at the end of an era.
        NativeBurned {
            /// The era.
            era: EraIndex,
            /// In planck.
            amount: Balance,
        },
        /// Nothing is bought in a market for now.
        Halted {
            /// The asset.
            asset: AssetKind,
            /// Why.
            reason: Halt,
        },
        /// The market is fit to buy in again.
        Resumed {
            /// The asset.
            asset: AssetKind,
        },
        /// Liquidity bonds were sold.
        BondsSold {
            /// DPN, in planck.
            sold: Balance,
            /// What they were sold for, in the stable coin's smallest unit.
            received: Balance,
        },
        /// Liquidity bonds were bought back.
        BondsBoughtBack {
            /// DPN, in planck.
            bought: Balance,
            /// What was spent, in the stable coin's smallest unit.
            spent: Balance,
        },
        /// What liquidity bonds were sold for above what it took to buy them back went to the revenue pot.
        BondsGained {
            /// In the stable coin's smallest unit.
            amount: Balance,
        },
        /// Governance named the markets.
        MarketsSet {
            /// All of them.
            markets: MarketList,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// DPN has no market: it is what all others are measured in.
        NativeMarket,
        /// An asset is named twice.
        DuplicateMarket,
        /// Bonds are outstanding that must be bought back in this market.
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
            assert!(most.all_lte(block / 8), "buying back must be a small part of a block");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The pool of DPN and this asset and its price; `None` if the asset has no market.
        pub fn market(asset: AssetKind) -> Option<MarketInfo> {
            Self::market_info(asset)
        }

        /// What buying back with this asset has done for ever.
        pub fn totals(asset: AssetKind) -> BuybackTotals {
            Totals::<T>::get(asset)
        }

        /// The amounts of buying back with this asset in up to 100 eras from `first` on in which it
        /// did anything.
        pub fn buybacks(asset: AssetKind, first: EraIndex) -> Vec<(EraIndex, BuybackTotals)> {
            Self::buybacks_since(asset, first)
        }

        /// The liquidity bonds.
        pub fn bonds() -> BondsInfo {
            Self::bonds_info()
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Name the markets: the assets that buy back DPN.
        ///
        /// May be called by the governance origin (`GovernanceOrigin`).
        /// What is in the revenue pot in an asset without a market stays there until there is one. The observations of a market that
        /// is no longer named are forgotten.
        ///
        /// Emits `MarketsSet`.
        #[pallet::call_index(0)]
        pub fn set_markets(origin: OriginFor<T>, markets: MarketList) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_set_markets(markets)
        }
    }
}
