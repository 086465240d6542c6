//! The registry of workers: their keys, bonds, devices and standing offers, and the index from which tasks are drawn.
//!
//! # Overview
//!
//! An account registers with a worker key, the devices of its node and an offer, and puts up a bond. From then on it
//! stands in the availability index of its devices' class, unless it is paused, leaving, short of bond or has no free
//! slot. Whoever assigns tasks and audits draws from that index, takes slots, locks parts of the bond and slashes what
//! is locked, through [`WorkerRegistry`](dpin_primitives::traits::WorkerRegistry).
//!
//! # Terminology
//!
//! - **Slot**: room for one task at a time. A worker has one for each of its devices.
//! - **Locked**: the part of the bond that answers for tasks in flight.
//! - **Idle**: no slot is in use.
//!
//! # Lifecycle
//!
//! ```text
//!        register            pause
//!   () ----------> Active <--------> Paused
//!                     |      resume     |
//!                     +-----------------+
//!                              | leave
//!                              v      after LeaveBlocks, nothing locked, idle
//!                           Leaving ------------------------------------------> ()
//!                                                   withdraw
//! ```
//!
//! # Implementation notes
//!
//! - The index is one dense array per class. A worker's place in it stands in its [`Standing`], so that the last of the
//!   array can take the place of one that goes: entering, going and drawing cost the same for any number of workers.
//! - What changes with every task is kept apart from what the worker declares, which is many times larger.
//! - The bond is what is held with [`HoldReason::Bond`]; it is not kept a second time.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod weights;

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use dpin_primitives::{
    api::WorkerInfo,
    worker::{Device, DeviceClass, Offer, PublicAddress, Region, WorkerKey, WorkerSignature, MAX_DEVICES},
    AccountId, Balance, BlockNumber, Hash,
};
use polkadot_sdk::{
    frame_support::{
        self,
        pallet_prelude::*,
        traits::fungible::{Inspect, Mutate, MutateHold},
    },
    frame_system::{self, pallet_prelude::*},
    sp_core::sr25519,
    sp_runtime::SaturatedConversion,
};
use scale_info::TypeInfo;

pub use pallet::*;
pub use weights::WeightInfo;

/// The devices of a worker.
pub type Devices = BoundedVec<Device, ConstU32<MAX_DEVICES>>;

/// What a worker declares.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct WorkerRecord {
    /// The key that signs what its off-chain worker submits.
    pub key: WorkerKey,
    /// Where its node can be asked for outputs.
    pub address: PublicAddress,
    /// Where it stands.
    pub region: Region,
    /// Its devices, all of one class.
    pub devices: Devices,
    /// What it takes.
    pub offer: Offer,
}

/// Whether a worker takes tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Status {
    /// It does.
    Active,
    /// Not now.
    Paused,
    /// Never again.
    Leaving {
        /// The block in which it left.
        since: BlockNumber,
    },
}

/// How a worker stands: what changes with every task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Standing {
    /// Whether it takes tasks.
    pub status: Status,
    /// The class of its devices.
    pub class: DeviceClass,
    /// Its slots altogether.
    pub slots: u32,
    /// Its slots in use.
    pub busy: u32,
    /// The locked part of its bond, in planck.
    pub locked: Balance,
    /// Its place in the availability index, if it is available.
    pub position: Option<u32>,
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the pallet needs.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN, in which bonds are held.
        type Currency: Mutate<AccountId, Balance = Balance>
            + MutateHold<AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;

        /// The least bond of an available worker, in planck. It is held at registration. An upgrade that changes it has to
        /// bring the availability index up to date.
        #[pallet::constant]
        type MinBond: Get<Balance>;

        /// Blocks between leaving and the release of the bond: no dispute may come later.
        #[pallet::constant]
        type LeaveBlocks: Get<BlockNumber>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Why funds are held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Bonds of workers.
        Bond,
    }

    /// What the workers declare.
    #[pallet::storage]
    pub type Workers<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, WorkerRecord>;

    /// How the workers stand.
    #[pallet::storage]
    pub type Standings<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Standing>;

    /// The worker of each key.
    #[pallet::storage]
    pub type Keys<T: Config> = StorageMap<_, Blake2_128Concat, WorkerKey, AccountId>;

    /// The availability index: of each class the available workers, without gaps.
    #[pallet::storage]
    pub type Available<T: Config> = StorageDoubleMap<_, Twox64Concat, DeviceClass, Twox64Concat, u32, AccountId>;

    /// Number of available workers of each class.
    #[pallet::storage]
    pub type AvailableCount<T: Config> = StorageMap<_, Twox64Concat, DeviceClass, u32, ValueQuery>;

    /// Number of workers that are neither paused nor leaving.
    #[pallet::storage]
    pub type ActiveCount<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Workers that are there from the first block on: for development networks.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Account, worker key and public address of each. It has [`Config::MinBond`] of the account's genesis balance as its bond,
        /// one CPU device, and takes any kernel for any reward in DPN and BLC; it may declare otherwise by `update`.
        pub workers: Vec<(AccountId, sr25519::Public, String)>,
        /// The runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (account, key, address) in &self.workers {
                Pallet::<T>::found(account.clone(), (*key).into(), address)
                    .expect("a genesis worker has the least bond and a valid address");
            }
        }
    }

    /// What happened to workers.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account became a worker; its least bond is held.
        Registered {
            /// The account.
            worker: AccountId,
            /// Its key.
            key: WorkerKey,
        },
        /// A worker's bond grew.
        Bonded {
            /// The worker.
            worker: AccountId,
            /// What was added, in planck.
            amount: Balance,
        },
        /// A part of a worker's bond was released.
        Unbonded {
            /// The worker.
            worker: AccountId,
            /// What was released, in planck.
            amount: Balance,
        },
        /// A worker declares other devices, another offer, region or address.
        Updated {
            /// The worker.
            worker: AccountId,
        },
        /// A worker takes no tasks for now.
        Paused {
            /// The worker.
            worker: AccountId,
        },
        /// A worker takes tasks again.
        Resumed {
            /// The worker.
            worker: AccountId,
        },
        /// A worker takes no tasks any more.
        Left {
            /// The worker.
            worker: AccountId,
            /// The block from which on its bond may be withdrawn.
            free_at: BlockNumber,
        },
        /// A worker's bond was released and the worker forgotten.
        Withdrawn {
            /// The worker.
            worker: AccountId,
            /// What was released, in planck.
            bond: Balance,
        },
        /// A part of a worker's bond was taken.
        Slashed {
            /// The worker.
            worker: AccountId,
            /// What was taken altogether, in planck.
            amount: Balance,
            /// What of it was burned, in planck; the rest was paid out.
            burned: Balance,
        },
        /// A slash left a worker with too little bond to be available.
        FellBelowMinBond {
            /// The worker.
            worker: AccountId,
            /// What is left of its bond, in planck.
            bond: Balance,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The account is a worker.
        AlreadyRegistered,
        /// Another worker has this key.
        KeyTaken,
        /// The key has not signed the possession message of this account on this chain.
        InvalidProof,
        /// A worker has at least one device.
        NoDevices,
        /// A worker's devices are of one class.
        MixedClasses,
        /// The region is no geohash.
        InvalidRegion,
        /// The address is empty or has other than printable ASCII characters.
        InvalidAddress,
        /// The offer names no asset.
        OfferEmpty,
        /// The offer names an asset twice.
        DuplicateAsset,
        /// The offer takes no task of even one block.
        OfferTooShort,
        /// No such worker.
        UnknownWorker,
        /// The worker is leaving.
        Leaving,
        /// The worker has not left.
        NotLeaving,
        /// The worker is paused.
        AlreadyPaused,
        /// The worker is not paused.
        NotPaused,
        /// A slot of the worker is in use.
        Busy,
        /// That part of the bond answers for tasks in flight.
        BondLocked,
        /// The bond is smaller than that.
        BondTooSmall,
        /// Less than [`Config::MinBond`] would be left.
        BelowMinBond,
        /// The amount is zero.
        ZeroAmount,
        /// The bond is not free yet.
        TooEarly,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(
                T::MinBond::get() >= T::Currency::minimum_balance(),
                "a registration must cost what an account costs"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// A worker as the chain knows it.
        pub fn worker(account: AccountId) -> Option<WorkerInfo> {
            Self::info(&account)
        }

        /// What a worker declares.
        pub fn record(account: AccountId) -> Option<WorkerRecord> {
            Workers::<T>::get(account)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Become a worker, with [`Config::MinBond`] as the first bond.
        ///
        /// May be called by any account that is no worker. `proof` is the signature by `key` of
        /// [`possession_message`](dpin_primitives::worker::possession_message).
        /// The least bond is held.
        ///
        /// Emits [`Event::Registered`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            key: WorkerKey,
            proof: WorkerSignature,
            address: PublicAddress,
            region: Region,
            devices: Devices,
            offer: Offer,
        ) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_register(worker, proof, WorkerRecord { key, address, region, devices, offer })
        }

        /// Add to one's bond.
        ///
        /// May be called by a worker that has not left.
        /// `amount` planck are held.
        ///
        /// Emits [`Event::Bonded`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::bond())]
        pub fn bond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_bond(worker, amount)
        }

        /// Take back a part of one's bond: of what is not locked, as far as [`Config::MinBond`] is left.
        ///
        /// May be called by a worker that has not left.
        /// `amount` planck are released.
        ///
        /// Emits [`Event::Unbonded`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::unbond())]
        pub fn unbond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_unbond(worker, amount)
        }

        /// Declare other devices, another offer, region or address.
        ///
        /// May be called by an idle worker that has not left.
        /// Nothing moves.
        ///
        /// Emits [`Event::Updated`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::update())]
        pub fn update(
            origin: OriginFor<T>,
            address: PublicAddress,
            region: Region,
            devices: Devices,
            offer: Offer,
        ) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_update(worker, address, region, devices, offer)
        }

        /// Take no tasks for now. What is in flight goes on.
        ///
        /// May be called by a worker that is active.
        /// Nothing moves.
        ///
        /// Emits [`Event::Paused`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::pause())]
        pub fn pause(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_pause(worker)
        }

        /// Take tasks again.
        ///
        /// May be called by a worker that is paused.
        /// Nothing moves.
        ///
        /// Emits [`Event::Resumed`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::resume())]
        pub fn resume(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_resume(worker)
        }

        /// Take no tasks any more. What is in flight goes on.
        ///
        /// May be called by a worker that has not left.
        /// Nothing moves: the bond stays held for [`Config::LeaveBlocks`].
        ///
        /// Emits [`Event::Left`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::leave())]
        pub fn leave(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_leave(worker)
        }

        /// Forget a worker that left [`Config::LeaveBlocks`] ago, is idle and has nothing locked.
        ///
        /// May be called by anyone.
        /// The whole bond is released to the worker.
        ///
        /// Emits [`Event::Withdrawn`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, worker: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_withdraw(worker)
        }
    }
}
