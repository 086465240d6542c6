//! Genesis allocation, vesting, emission and the rewards of eras.
//!
//! # Overview
//!
//! This pallet has minted every DPN that exists. Genesis mints the allocations that are not earned:
//! those that vest go to the vesting pot, the others to pots of their own. The Airdrop Program is
//! minted later, along a schedule that limits the earnings of each era. Workers earn for capacity
//! and for demand, validators for blocks. A share of every payment goes to the ecosystem. The part
//! of the emission that nobody earns is never minted.
//!
//! # Terminology
//!
//! - **Minted**: all DPN that ever came to be. It never exceeds
//!   [`SUPPLY_CAP`](dpin_primitives::economy::SUPPLY_CAP), so burned DPN are not minted again.
//! - **Emission**: the amount that the schedule releases between two blocks.
//! - **Advance**: the part of the Airdrop Program that is given out at genesis. It is taken from
//!   the end of the emission.
//! - **Capacity**: throughput tiles that workers prove in canaries, weighted by reputation.
//! - **Age**: the time for which the network has had its capacity, on average. Time decay depends
//!   on it.
//! - **Demand**: fees of settled tasks that were burned, or that were spent on buying back DPN,
//!   which were burned.
//! - **Stream**: the part of a reward that vests in a straight line.
//!
//! # Lifecycle
//!
//! ```text
//!            blocks, proofs, fees           parts are fixed
//! (era runs) --------------------> era ends ---------------> claimable ------+
//!                                                                |           |
//!    fees in the stable coin are spent, or no longer waited for  |           +-> reward: a share
//!                                                                v           |   to the ecosystem,
//!                                                     demand claimable, too -+   a part at once,
//!                                                                |               the rest a stream
//!                                                   a year later |
//!                                                                v
//!                                                     (dropped, never minted)
//! ```
//!
//! # Implementation notes
//!
//! - The schedule depends only on the block: neither burns nor the length of eras move it. An era's
//!   emission is the difference of two of its values, so that nothing is lost or doubled between
//!   eras.
//! - The rules of an era are fixed when it ends, so that a claim pays the same at any time. Windows
//!   are counted in blocks, so that the length of later eras does not move them.
//! - Time decay applies to the capacity of the whole network, because nothing proves which device
//!   an account runs. A decay by account would pay an owner who runs one device with several
//!   accounts in turn.
//! - An account's capacity is divided by the number of proved tiles, not by the sum of the weighted
//!   ones. The part that a worker loses by its faults is not minted, and nobody gains by another
//!   worker's fault.
//! - The reward for demand is at most a share below 1 of the DPN that the fees have burned. Fees in
//!   the stable coin count as the DPN they really bought, at the lowest rate of their era. So no
//!   price decides whether paying oneself is a loss.
//! - Purchases are attributed to eras first in, first out, because the money in a pot has no
//!   owner's name. Stable coins spent beyond the fees of tasks count for nobody.
//! - Rewards are claimed, not paid out, so that ending an era takes the same time for any number of
//!   accounts. Anybody may claim for anybody, because a claim leaves nothing to choose.
//! - A payment that cannot be delivered fails the claim and changes nothing.
//! - A pot never keeps less than the existential deposit, which would be lost: it keeps the
//!   deposit, or is emptied.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
pub mod rewards;
pub mod schedule;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod vesting;
pub mod weights;

pub use impls::RunningEra;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system};

/// Genesis allocation, vesting, emission and the rewards of eras.
#[frame_support::pallet]
#[allow(clippy::expect_used, reason = "code that FRAME generates")]
pub mod pallet {
    use super::*;
    use crate::vesting::{Steps, StreamsOf};
    use alloc::vec::Vec;
    use dpin_primitives::{
        AccountId, AssetKind, Balance, BlockNumber,
        economy::{AllocationInfo, Category, EraIndex, EraInfo, Pot, RewardInfo, Supply, VestingInfo},
        traits::OnEraEnd,
    };
    use frame_support::{DefaultNoBound, pallet_prelude::*, traits::fungible, weights::WeightMeter};
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::sp_runtime::{Perbill, SaturatedConversion, traits::Convert};

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Configuration of the pallet.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN.
        type Currency: fungible::Mutate<AccountId, Balance = Balance>;

        /// The rules of eras and of the emission.
        type Rules: Get<Rules>;

        /// The reputation of each worker.
        type Reputation: Convert<AccountId, Perbill>;

        /// The stable coin.
        #[pallet::constant]
        type Stable: Get<AssetKind>;

        /// The account of each pot.
        type Pots: Convert<Pot, AccountId>;

        /// Hook that runs when an era ends.
        type OnEraEnd: OnEraEnd;

        /// Weights of the calls and of the steps of the hooks.
        type WeightInfo: WeightInfo;
    }

    /// All DPN that ever came to be, in planck.
    #[pallet::storage]
    pub type Minted<T> = StorageValue<_, Balance, ValueQuery>;

    /// The part of `Minted` that came out of the emission, in planck.
    #[pallet::storage]
    pub type Emitted<T> = StorageValue<_, Balance, ValueQuery>;

    /// The part of the Airdrop Program that was given out at genesis, in planck.
    #[pallet::storage]
    pub type Advance<T> = StorageValue<_, Balance, ValueQuery>;

    /// The amount paid out of the pot of each allocation, in planck: of the allocations that vest,
    /// and of the Super Nodes.
    #[pallet::storage]
    pub type Released<T> = StorageMap<_, Twox64Concat, Category, Balance, ValueQuery>;

    /// The allocations that vest, by beneficiary.
    #[pallet::storage]
    pub type Vestings<T> = StorageDoubleMap<_, Blake2_128Concat, AccountId, Twox64Concat, Category, Steps>;

    /// The parts of rewards that vest, by beneficiary.
    #[pallet::storage]
    pub type Streams<T> = StorageMap<_, Blake2_128Concat, AccountId, StreamsOf, ValueQuery>;

    /// The part of all streams that is not paid out yet, in planck.
    #[pallet::storage]
    pub type Streaming<T> = StorageValue<_, Balance, ValueQuery>;

    /// The number of the running era.
    #[pallet::storage]
    pub type CurrentEra<T> = StorageValue<_, EraIndex, ValueQuery>;

    /// The eras that have not been dropped.
    #[pallet::storage]
    pub type Eras<T> = StorageMap<_, Twox64Concat, EraIndex, EraRecord, ValueQuery>;

    /// The first era that has not been dropped.
    #[pallet::storage]
    pub type OldestEra<T> = StorageValue<_, EraIndex, ValueQuery>;

    /// The contributions of each account in each era that have not been rewarded yet.
    #[pallet::storage]
    pub type Contributions<T> =
        StorageDoubleMap<_, Twox64Concat, EraIndex, Blake2_128Concat, AccountId, Contribution, ValueQuery>;

    /// The queue of eras with unspent fees in the stable coin that are waited for. Some of the eras
    /// may no longer be waited for; these are passed over.
    #[pallet::storage]
    pub type Unspent<T> = StorageValue<_, Queue>;

    /// Number of blocks since genesis in which the stable coin's market was fit to spend its fees
    /// in.
    #[pallet::storage]
    pub type FitBlocks<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// The part of purchases that is not attributed yet, because it reaches more eras than a
    /// purchase may be attributed to at once.
    #[pallet::storage]
    pub type Carried<T> = StorageValue<_, Purchase>;

    /// The capacity that the network is used to, as of the end of the last era.
    #[pallet::storage]
    pub type KnownCapacity<T> = StorageValue<_, Capacity, ValueQuery>;

    /// The distribution at genesis. All of it is minted by this pallet.
    #[pallet::genesis_config]
    #[derive(DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Category, beneficiary and amount in planck, for the allocations that vest. The amounts
        /// must add up to each allocation. If this list and [`Self::advance`] are both empty, the
        /// chain has no DPN at all.
        pub vesting: Vec<(Category, AccountId, Balance)>,
        /// Account and amount in planck, for the part of the Airdrop Program that is paid at
        /// genesis. The emission ends earlier by that.
        pub advance: Vec<(AccountId, Balance)>,
        /// Binds the runtime type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Pallet::<T>::mint_genesis(&self.vesting, &self.advance);
        }
    }

    /// Events of eras, rewards and vestings. Amounts are in planck.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An era ended, and the amounts that can be earned for it are fixed.
        EraEnded {
            /// The era.
            era: EraIndex,
            /// The amount that the schedule has released for the era.
            emission: Balance,
            /// The most that workers may earn for capacity, after time decay. This amount and the
            /// next two include the ecosystem's share.
            capacity: Balance,
            /// The most that workers and auditors may earn for demand.
            demand: Balance,
            /// The most that validators may earn.
            validators: Balance,
            /// The most that validators may earn out of the super-node pot.
            super_nodes: Balance,
            /// The time for which the network has had its capacity, on average, in blocks.
            age: BlockNumber,
        },
        /// An account was rewarded for its contributions in an era.
        RewardClaimed {
            /// The era.
            era: EraIndex,
            /// The account.
            account: AccountId,
            /// The reward for capacity.
            capacity: Balance,
            /// The reward for demand.
            demand: Balance,
            /// The reward as a validator.
            validator: Balance,
            /// The amount paid out of the super-node pot.
            super_node: Balance,
            /// The part of these amounts that vests. The rest was paid.
            vesting: Balance,
            /// The amount minted to the ecosystem pot in addition.
            ecosystem: Balance,
        },
        /// A vested amount was paid.
        VestedPaid {
            /// The account that was paid.
            beneficiary: AccountId,
            /// The allocation that vested; rewards belong to the Airdrop Program.
            category: Category,
            /// The amount.
            amount: Balance,
        },
        /// An old era was dropped, with all rewards not claimed for it. They were never minted.
        EraDropped {
            /// The era.
            era: EraIndex,
        },
    }

    /// The reasons for which a call fails.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such era, or it has been dropped.
        UnknownEra,
        /// The era has not ended.
        EraNotEnded,
        /// The account has earned nothing in this era, or has claimed everything.
        NothingToClaim,
        /// The part that is left to claim waits until the era's fees in the stable coin are spent.
        StableUnspent,
        /// The account has no such vesting.
        UnknownVesting,
        /// Nothing has vested since the last claim.
        NothingVested,
        /// The account cannot take the payment, because it does not exist and the payment is below
        /// the existential deposit, or the pot cannot make it.
        Undeliverable,
        /// The amount of minted DPN would exceed the cap.
        CapReached,
        /// The account has too many streams.
        TooManyStreams,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            let now = now.saturated_into();
            let watched = T::WeightInfo::watch();
            if !Self::is_over(now) {
                return watched;
            }
            let era = Self::end_era(now);
            watched.saturating_add(T::WeightInfo::end_era()).saturating_add(T::OnEraEnd::era_ended(era))
        }

        fn on_idle(now: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::drop_oldest(now.saturated_into(), &mut meter);
            meter.consumed()
        }

        fn integrity_test() {
            assert!(T::Stable::get() != AssetKind::Native, "the stable coin is not DPN");
            assert!(T::Rules::get().era_blocks > 0, "an era takes time");
            let block = <T as polkadot_sdk::frame_system::Config>::BlockWeights::get().max_block;
            assert!(
                T::WeightInfo::end_era().all_lte(block.saturating_div(16)),
                "ending an era must be a small part of a block"
            );
            assert!(
                T::WeightInfo::bought(MAX_ATTRIBUTED).all_lte(block.saturating_div(16)),
                "a purchase is a small part of a block"
            );
            let account = T::WeightInfo::prune(1);
            assert!(account.all_lte(block.saturating_div(16)), "a block must drop several accounts");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// Return the supply of DPN.
        pub fn supply() -> Supply {
            Self::supply_now()
        }

        /// Return the allocations of the supply.
        pub fn allocation() -> Vec<AllocationInfo> {
            Category::ALL.into_iter().map(Self::allocation_of).collect()
        }

        /// Return the vestings of an account: its allocations first, then its streams.
        pub fn vesting(account: AccountId) -> Vec<VestingInfo> {
            Self::vesting_of(&account)
        }

        /// Return the number of the running era.
        pub fn current_era() -> EraIndex {
            CurrentEra::<T>::get()
        }

        /// Return an era, unless it has been dropped.
        pub fn era(era: EraIndex) -> Option<EraInfo> {
            Eras::<T>::try_get(era).ok().map(|era| era.info)
        }

        /// Return the reward that an account has earned in an era and not claimed.
        pub fn reward(era: EraIndex, account: AccountId) -> Option<RewardInfo> {
            Self::reward_of(era, &account)
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Reward an account for its contributions in an era that has ended.
        ///
        /// May be called by anybody.
        /// A share of all that is minted goes to the ecosystem pot. A part of the worker's reward
        /// is minted to the account; the rest is minted to the vesting pot, where it vests over 150
        /// days. The validator's reward is minted to the account, and the validator's part of the
        /// Super Nodes is paid out of their pot. Rewards that wait until the era's fees in the
        /// stable coin are spent can be claimed later.
        ///
        /// Emits `RewardClaimed`.
        #[pallet::call_index(0)]
        pub fn claim_reward(origin: OriginFor<T>, era: EraIndex, account: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim_reward(era, account)
        }

        /// Pay the vested part of an account's rewards.
        ///
        /// May be called by anybody.
        /// The amount is paid out of the vesting pot.
        ///
        /// Emits `VestedPaid`.
        #[pallet::call_index(1)]
        pub fn claim_unlocked(origin: OriginFor<T>, account: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim_unlocked(account)
        }

        /// Pay the vested part of an account's share in an allocation.
        ///
        /// May be called by anybody.
        /// The amount is paid out of the vesting pot.
        ///
        /// Emits `VestedPaid`.
        #[pallet::call_index(2)]
        pub fn claim_vested(origin: OriginFor<T>, beneficiary: AccountId, category: Category) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim_vested(beneficiary, category)
        }
    }
}
