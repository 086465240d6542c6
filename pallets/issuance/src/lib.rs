//! Genesis allocation, vesting, emission and the rewards of eras.
//!
//! # Overview
//!
//! Every DPN there is has been minted here. At genesis the allocations that are not earned are minted: those that vest to the
//! vesting pot, the others to pots of their own. The Airdrop Program is minted afterwards, along a schedule that says how much can be
//! earned in each era: by workers for capacity and for demand, and by validators. Of what is paid a share goes to the ecosystem. What
//! nobody earns is never minted.
//!
//! # Terminology
//!
//! - **Minted**: all DPN that ever came to be. It never exceeds [`SUPPLY_CAP`](dpin_primitives::economy::SUPPLY_CAP), so what is
//!   burned is not minted again.
//! - **Emission**: what the schedule releases between two blocks.
//! - **Advance**: the part of the Airdrop Program that is given out at genesis. It is taken from the end of the emission.
//! - **Capacity**: throughput tiles that workers prove in canaries, after reputation.
//! - **Age**: for how long the network has had its capacity, on average. Time decay depends on it.
//! - **Demand**: fees of settled tasks that were burned, or spent on buying DPN back that were burned.
//! - **Stream**: the part of a reward that vests in a straight line.
//!
//! # Lifecycle
//!
//! ```text
//!            blocks, proofs, fees           parts are fixed                fees in the stable coin are spent, or not waited for
//! (era runs) --------------------> era ends ---------------> claimable ----------------------------------> demand claimable, too
//!                                     |                          |                                                |
//!                                                                +- reward: a share to the ecosystem, a part at   -+
//!                                                                   once, the rest a stream                       | a year later
//!                                                                                                                 v
//!                                                                                                         (dropped, never minted)
//! ```
//!
//! # Implementation notes
//!
//! - The schedule depends on the block alone: neither burns nor the length of eras move it. An era's emission is a difference of
//!   two of its values, so that nothing is lost or doubled between eras.
//! - The rules of an era are fixed when it ends: a claim gets the same whenever it is made. Windows are counted in blocks, so that the
//!   length of later eras does not move them.
//! - Time decay belongs to the capacity of the whole network, because nothing proves which device an account runs: a decay by account
//!   pays whoever runs one device by several accounts in turn.
//! - Capacity is weighted against the tiles that were proved, not against the weights of the others: what faults take from a worker is
//!   not minted, and nobody gains by another one's fault.
//! - Demand is paid at most a share below 1 of what the fees have burned. Fees in the stable coin count what they have really bought,
//!   at the lowest rate of their era, so that no price decides whether paying oneself is a loss.
//! - Purchases are attributed to eras first in, first out: money in a pot has no name. What is spent of the stable coin beyond the
//!   fees of tasks counts for nobody.
//! - Rewards are claimed, not paid out: ending an era takes the same time whoever has earned. A claim may be made by anybody for
//!   anybody, for nothing in it is to be chosen.
//! - A payment that cannot be delivered fails the claim, and leaves all as it was.
//! - A pot is never left with less than the existential deposit, which would be lost: it keeps that, or is emptied.

#![cfg_attr(not(feature = "std"), no_std)]

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
pub mod pallet {
    use super::*;
    use crate::vesting::{Steps, StreamsOf};
    use alloc::vec::Vec;
    use dpin_primitives::{
        economy::{AllocationInfo, Category, EraIndex, EraInfo, Pot, RewardInfo, Supply, VestingInfo},
        traits::OnEraEnd,
        AccountId, AssetKind, Balance, BlockNumber,
    };
    use frame_support::{pallet_prelude::*, traits::fungible, weights::WeightMeter, DefaultNoBound};
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::sp_runtime::{traits::Convert, Perbill, SaturatedConversion};

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the pallet needs of the runtime.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN.
        type Currency: fungible::Mutate<AccountId, Balance = Balance>;

        /// How eras and the emission are cut.
        type Rules: Get<Rules>;

        /// How trustworthy each worker has been.
        type Reputation: Convert<AccountId, Perbill>;

        /// The stable coin.
        #[pallet::constant]
        type Stable: Get<AssetKind>;

        /// The account of each pot.
        type Pots: Convert<Pot, AccountId>;

        /// What is done when an era ends.
        type OnEraEnd: OnEraEnd;

        /// Weights.
        type WeightInfo: WeightInfo;
    }

    /// All DPN that ever came to be, in planck.
    #[pallet::storage]
    pub type Minted<T> = StorageValue<_, Balance, ValueQuery>;

    /// The part of `Minted` that came out of the emission, in planck.
    #[pallet::storage]
    pub type Emitted<T> = StorageValue<_, Balance, ValueQuery>;

    /// What of the Airdrop Program was given out at genesis, in planck.
    #[pallet::storage]
    pub type Advance<T> = StorageValue<_, Balance, ValueQuery>;

    /// What of each allocation was paid out of its pot, in planck: of those that vest, and of the Super Nodes.
    #[pallet::storage]
    pub type Released<T> = StorageMap<_, Twox64Concat, Category, Balance, ValueQuery>;

    /// The allocations that vest, by beneficiary.
    #[pallet::storage]
    pub type Vestings<T> = StorageDoubleMap<_, Blake2_128Concat, AccountId, Twox64Concat, Category, Steps>;

    /// The parts of rewards that vest, by beneficiary.
    #[pallet::storage]
    pub type Streams<T> = StorageMap<_, Blake2_128Concat, AccountId, StreamsOf, ValueQuery>;

    /// What of all streams is not paid out, in planck.
    #[pallet::storage]
    pub type Streaming<T> = StorageValue<_, Balance, ValueQuery>;

    /// The number of the running era.
    #[pallet::storage]
    pub type CurrentEra<T> = StorageValue<_, EraIndex, ValueQuery>;

    /// The eras that are not dropped.
    #[pallet::storage]
    pub type Eras<T> = StorageMap<_, Twox64Concat, EraIndex, EraRecord, ValueQuery>;

    /// The first era that is not dropped.
    #[pallet::storage]
    pub type OldestEra<T> = StorageValue<_, EraIndex, ValueQuery>;

    /// What accounts have done in each era and have not been rewarded for.
    #[pallet::storage]
    pub type Contributions<T> =
        StorageDoubleMap<_, Twox64Concat, EraIndex, Blake2_128Concat, AccountId, Contribution, ValueQuery>;

    /// The eras with fees in the stable coin that are unspent and waited for. Some of them may be waited for no longer: they are passed
    /// over.
    #[pallet::storage]
    pub type Unspent<T> = StorageValue<_, Queue>;

    /// Blocks since genesis in which the stable coin's market was fit to spend its fees in.
    #[pallet::storage]
    pub type FitBlocks<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// What of purchases could not be attributed at once, because it reached too many eras.
    #[pallet::storage]
    pub type Carried<T> = StorageValue<_, Purchase>;

    /// The capacity that the network is used to, as of the end of the last era.
    #[pallet::storage]
    pub type KnownCapacity<T> = StorageValue<_, Capacity, ValueQuery>;

    /// Who gets what at genesis. All of it is minted here.
    #[pallet::genesis_config]
    #[derive(DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Who gets how much, in planck, of each allocation that vests. They must add up to it; if nobody is named here or in
        /// [`Self::advance`], the chain has no DPN at all.
        pub vesting: Vec<(Category, AccountId, Balance)>,
        /// Who gets how much of the Airdrop Program at once, in planck. The emission ends earlier for it.
        pub advance: Vec<(AccountId, Balance)>,
        /// Which runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Pallet::<T>::mint_genesis(&self.vesting, &self.advance);
        }
    }

    /// What happened. Amounts are in planck.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An era ended, and it is fixed what can be earned for it.
        EraEnded {
            /// The era.
            era: EraIndex,
            /// What the schedule has released for it.
            emission: Balance,
            /// What workers may earn for capacity, after time decay. The ecosystem's share of what is paid is a part of it, here and
            /// in the next two.
            capacity: Balance,
            /// What workers and auditors may earn for demand.
            demand: Balance,
            /// What validators may earn.
            validators: Balance,
            /// What validators may earn out of the super-node pot.
            super_nodes: Balance,
            /// For how long the network has had its capacity, on average, in blocks.
            age: BlockNumber,
        },
        /// An account was rewarded for what it did in an era.
        RewardClaimed {
            /// The era.
            era: EraIndex,
            /// The account.
            account: AccountId,
            /// For capacity.
            capacity: Balance,
            /// For demand.
            demand: Balance,
            /// As a validator.
            validator: Balance,
            /// Out of the super-node pot.
            super_node: Balance,
            /// What of it vests. The rest was paid.
            vesting: Balance,
            /// What was minted to the ecosystem pot besides.
            ecosystem: Balance,
        },
        /// What had vested was paid.
        VestedPaid {
            /// To whom.
            beneficiary: AccountId,
            /// Of which allocation; rewards are of the Airdrop Program.
            category: Category,
            /// How much.
            amount: Balance,
        },
        /// An era is so long ago that what was not claimed for it is dropped. It was never minted.
        EraDropped {
            /// The era.
            era: EraIndex,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such era, or it is too long ago.
        UnknownEra,
        /// The era has not ended.
        EraNotEnded,
        /// The account has not earned anything in this era, or everything was claimed.
        NothingToClaim,
        /// What is left to claim waits for the era's fees in the stable coin to be spent.
        StableUnspent,
        /// The account has no such vesting.
        UnknownVesting,
        /// Nothing has vested since the last claim.
        NothingVested,
        /// The account cannot take the payment: it does not exist and the payment is below the existential deposit, or the pot
        /// cannot give it.
        Undeliverable,
        /// More would have been minted than there may be.
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
            assert!(T::WeightInfo::end_era().all_lte(block / 16), "ending an era must be a small part of a block");
            assert!(T::WeightInfo::bought(MAX_ATTRIBUTED).all_lte(block / 16), "a purchase is a small part of a block");
            let account = T::WeightInfo::prune(1);
            assert!(account.all_lte(block / 16), "a block must drop several accounts");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// How many DPN there are.
        pub fn supply() -> Supply {
            Self::supply_now()
        }

        /// What the supply is set aside for.
        pub fn allocation() -> Vec<AllocationInfo> {
            Category::ALL.into_iter().map(Self::allocation_of).collect()
        }

        /// The vestings of an account: allocations first, then its streams.
        pub fn vesting(account: AccountId) -> Vec<VestingInfo> {
            Self::vesting_of(&account)
        }

        /// The number of the running era.
        pub fn current_era() -> EraIndex {
            CurrentEra::<T>::get()
        }

        /// An era, unless it is too long ago.
        pub fn era(era: EraIndex) -> Option<EraInfo> {
            Eras::<T>::try_get(era).ok().map(|era| era.info)
        }

        /// What an account has earned in an era and not claimed.
        pub fn reward(era: EraIndex, account: AccountId) -> Option<RewardInfo> {
            Self::reward_of(era, &account)
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Reward an account for what it did in an era that has ended.
        ///
        /// May be called by anybody.
        /// Of all that is minted a share goes to the ecosystem pot. Of the reward as a worker a part is minted to the account, the
        /// rest to the vesting pot, where it vests over 150 days. The reward as a validator is minted to the account, and its part
        /// of the Super Nodes is paid out of their pot. What waits for the era's fees in the stable coin can be claimed later.
        ///
        /// Emits `RewardClaimed`.
        #[pallet::call_index(0)]
        pub fn claim_reward(origin: OriginFor<T>, era: EraIndex, account: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim_reward(era, account)
        }

        /// Pay what has vested of an account's rewards.
        ///
        /// May be called by anybody.
        /// It is paid out of the vesting pot.
        ///
        /// Emits `VestedPaid`.
        #[pallet::call_index(1)]
        pub fn claim_unlocked(origin: OriginFor<T>, account: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim_unlocked(account)
        }

        /// Pay what has vested of an account's part of an allocation.
        ///
        /// May be called by anybody.
        /// It is paid out of the vesting pot.
        ///
        /// Emits `VestedPaid`.
        #[pallet::call_index(2)]
        pub fn claim_vested(origin: OriginFor<T>, beneficiary: AccountId, category: Category) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim_vested(beneficiary, category)
        }
    }
}
