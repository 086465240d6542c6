//! The registry of workers: their keys, bonds, devices and standing offers, and the index from
//! which tasks are drawn.
//!
//! # Overview
//!
//! An account registers with a worker key, the devices of its node and an offer, and puts up a
//! bond. The availability index of its device class then holds the worker as long as it may be
//! drawn. It must be neither paused nor leaving, and have a free slot. It must be admitted, and not
//! have missed two canaries in a row. Its bond and its reputation must not be below the minimum,
//! nor its pending slashes at the maximum. The pallet that assigns tasks and audits uses
//! [`WorkerRegistry`](dpin_primitives::traits::WorkerRegistry). It draws from that index, takes
//! slots, locks and slashes parts of the bond, and notes how duties ended. Canaries report through
//! [`WorkerHealth`](dpin_primitives::traits::WorkerHealth) which workers passed, failed or did not
//! answer.
//!
//! # Terminology
//!
//! - **Slot**: room for one task at a time. A worker has one for each of its devices.
//! - **Locked**: the part of the bond that answers for tasks in flight and for pending slashes.
//! - **Pending slash**: a locked part of the bond that is taken when the slash is due. Governance
//!   may cancel it before: drivers have miscompiled. When carried out, it pays the slash's claims
//!   in order, as far as it goes. A share of the rest goes to the insurance pot; the remainder is
//!   burned.
//! - **Reputation**: how likely the next duty ends well, see [`reputation`].
//! - **Strikes**: silences in a row.
//! - **Number**: given to a worker at registration, for life, and never reused.
//! - **Admitted**: trusted to be drawn. A worker that has failed a canary is not admitted until it
//!   proves itself with both canaries of a round. Where [`Config::Admission`] is on, a new worker
//!   is not admitted either, nor one that declares other devices.
//! - **Misses**: canaries in a row that a worker did not answer. The first warns the worker. The
//!   second suspends it: it is not drawn until it proves itself. Each one from the third on
//!   slashes a part of its bond.
//! - **Idle**: no slot is in use.
//! - **Certificate**: the amount of [`Config::CertificateAsset`] that a worker has locked to be
//!   certified. Only a certified worker is given tasks that ask for one. A certificate is no second
//!   bond: it answers for nothing. It is released when the worker asks for it or is forgotten.
//!
//! # Lifecycle
//!
//! ```text
//!        register            pause
//!   () ----------> Active <--------> Paused
//!                     |      resume     |
//!                     +-----------------+
//!                     |  its node reports that it can take no tasks, or can again
//!                     +-----------------> NoDevice
//!                              | leave
//!                              v      after LeaveBlocks, nothing locked, idle
//!                           Leaving ------------------------------------------> ()
//!                                                   withdraw
//!
//!          a fault              after SlashDelay: the sweep, or anyone
//!   locked --------> PendingSlash ---------------------------------> claims, insurance pot, burned
//!                         |
//!                         +--------> unlocked, reputation restored
//!                         cancelled by governance
//! ```
//!
//! # Implementation notes
//!
//! - The index is one dense array per class. Each worker's place in it is stored in its
//!   [`Standing`]. When a worker leaves the index, the last of the array takes its place. Entering,
//!   leaving and drawing cost the same for any number of workers.
//! - The [`Standing`] holds the fields that change with every task or that every step of a task
//!   reads. The worker's other declarations are a separate record, so that a draw reads only the
//!   standing of most workers it looks at. The bond in the standing equals the amount held with
//!   [`HoldReason::Bond`].
//! - A worker can be forgotten even if its certificate cannot be released. The certificate then
//!   stays on record, and the account gets it with [`Pallet::decertify`] when it can be released.
//! - No action of a worker's own clears its misses. Pausing, resuming and declaring other devices
//!   keep every miss, strike and failed canary. A worker with anything locked cannot withdraw.
//! - Due slashes are filed in an [agenda](pallet_support::agenda). A bounded sweep in `on_idle`
//!   carries them out; [`Swept`] is its progress. It skips slashes that were carried out or
//!   cancelled before.
//! - A node whose executor has no working device pauses its worker with a report, and lets it
//!   resume with another. The node cannot end a pause by the owner; the owner can end a pause by
//!   the node. For draws, canaries and passports both pauses are the same.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod certificates;
mod health;
mod impls;
#[cfg(test)]
mod mock;
pub mod reputation;
mod slashing;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use impls::REPORT_GAP;
pub use pallet::*;
pub use reputation::Reputation;
pub use slashing::{Fault, PendingSlash, SlashId};
pub use types::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system};

/// Workers: their keys, bonds, devices and offers, their state, and the index from which tasks are
/// drawn.
#[frame_support::pallet]
#[allow(clippy::expect_used, reason = "code that FRAME generates, and the genesis")]
pub mod pallet {
    use super::*;
    use alloc::{string::String, vec::Vec};
    use core::marker::PhantomData;
    use dpin_primitives::{
        AccountId, AssetKind, Balance, BlockNumber, Hash, TaskId,
        api::{Page, WorkerInfo},
        reason::ReasonCode,
        worker::{DeviceClass, Offer, PublicAddress, Region, WorkerKey, WorkerSignature},
    };
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible::{Inspect, Mutate, MutateHold},
            fungibles,
        },
        weights::WeightMeter,
    };
    use frame_system::pallet_prelude::*;
    use pallet_support::agenda::{self, Watermark};
    use polkadot_sdk::{sp_core::sr25519, sp_runtime::Perbill};

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Configuration of the pallet.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN, in which bonds are held.
        type Currency: Mutate<AccountId, Balance = Balance>
            + MutateHold<AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;

        /// The assets from which certificates are made.
        type Assets: fungibles::hold::Mutate<AccountId, AssetId = AssetKind, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// The asset in which certificates are held. An upgrade that changes it has to migrate the
        /// existing certificates.
        type CertificateAsset: Get<AssetKind>;

        /// The least certificate, in the smallest unit of `CertificateAsset`.
        #[pallet::constant]
        type CertificateMinimum: Get<Balance>;

        /// The least bond of an available worker, in planck. It is held at registration. An upgrade
        /// that changes it has to update the availability index.
        #[pallet::constant]
        type MinBond: Get<Balance>;

        /// Blocks between leaving and the release of the bond. No dispute may arise later than
        /// that.
        #[pallet::constant]
        type LeaveBlocks: Get<BlockNumber>;

        /// Blocks between a fault and its slash, at least one. A change applies only to later
        /// slashes.
        type SlashDelay: Get<BlockNumber>;

        /// Number of pending slashes from which on a worker is not available. An upgrade that
        /// changes it has to update the availability index.
        #[pallet::constant]
        type MaxPendingSlashes: Get<u32>;

        /// The origin that may cancel a pending slash.
        type SlashOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The insurance pot's share of the part of a slash that is left after its claims.
        type InsuranceShare: Get<Perbill>;

        /// The insurance pot.
        type InsurancePot: Get<AccountId>;

        /// The value of a duty, in planck, from which on the duty has full weight for the
        /// reputation.
        #[pallet::constant]
        type FullWeight: Get<Balance>;

        /// The least reputation of an available worker. An upgrade that changes it has to update
        /// the availability index.
        #[pallet::constant]
        type MinReputation: Get<Perbill>;

        /// Whether new workers and new devices must prove themselves before they are drawn.
        type Admission: Get<bool>;

        /// The part of `MinBond` that is slashed for each missed canary from the third in a row on.
        type AbsenceSlash: Get<Perbill>;

        /// Weights of the calls and of the sweep.
        type WeightInfo: WeightInfo;
    }

    /// The reasons for holding funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Bonds of workers.
        Bond,
        /// Certificates of workers.
        Certificate,
    }

    /// The declarations of each worker.
    #[pallet::storage]
    pub type Workers<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, WorkerRecord>;

    /// The state of each worker.
    #[pallet::storage]
    pub type Standings<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Standing>;

    /// The certificates, in the smallest unit of `CertificateAsset`. Their owners are workers, and
    /// former workers whose certificate could not be released.
    #[pallet::storage]
    pub type Certificates<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Balance, ValueQuery>;

    /// The worker of each key.
    #[pallet::storage]
    pub type Keys<T: Config> = StorageMap<_, Blake2_128Concat, WorkerKey, AccountId>;

    /// The availability index: the available workers of each class, without gaps.
    #[pallet::storage]
    pub type Available<T: Config> = StorageDoubleMap<_, Twox64Concat, DeviceClass, Twox64Concat, u32, AccountId>;

    /// Number of available workers of each class.
    #[pallet::storage]
    pub type AvailableCount<T: Config> = StorageMap<_, Twox64Concat, DeviceClass, u32, ValueQuery>;

    /// Number of workers that are neither paused nor leaving.
    #[pallet::storage]
    pub type ActiveCount<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The account of each worker number.
    #[pallet::storage]
    pub type Numbers<T: Config> = StorageMap<_, Twox64Concat, u32, AccountId>;

    /// The number of the next worker to register.
    #[pallet::storage]
    pub type NextNumber<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The slashes that are neither carried out nor cancelled.
    #[pallet::storage]
    pub type PendingSlashes<T: Config> = CountedStorageMap<_, Twox64Concat, SlashId, PendingSlash>;

    /// The slashes by the block from which on they are carried out, in pages. The sweep skips those
    /// that are no longer pending.
    #[pallet::storage]
    pub type DueSlashes<T: Config> =
        StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, u32, agenda::Page<SlashId>>;

    /// Number of slashes in `DueSlashes` for each block.
    #[pallet::storage]
    pub type DueSlashCounts<T: Config> = StorageMap<_, Twox64Concat, BlockNumber, u32, ValueQuery>;

    /// The number of the next slash.
    #[pallet::storage]
    pub type NextSlash<T: Config> = StorageValue<_, SlashId, ValueQuery>;

    /// The sweep's position: the first of `DueSlashes` that is not carried out.
    #[pallet::storage]
    pub type Swept<T: Config> = StorageValue<_, Watermark, ValueQuery>;

    /// Workers that exist from the first block on: for development networks.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Account, worker key and public address of each worker. Its bond is `MinBond`, held from
        /// the account's genesis balance. It has one CPU device, is admitted, and takes any kernel
        /// for any reward in DPN or BLC. It may change its declarations with `update`.
        pub workers: Vec<(AccountId, sr25519::Public, String)>,
        /// Binds the runtime type.
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

    /// Events of workers.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account became a worker; `MinBond` is held as its bond.
        Registered {
            /// The new worker's account.
            worker: AccountId,
            /// The worker's key.
            key: WorkerKey,
        },
        /// A worker's bond grew.
        Bonded {
            /// The worker.
            worker: AccountId,
            /// The amount added, in planck.
            amount: Balance,
        },
        /// A part of a worker's bond was released.
        Unbonded {
            /// The worker.
            worker: AccountId,
            /// The amount released, in planck.
            amount: Balance,
        },
        /// A worker has declared other devices, another offer, region or address.
        Updated {
            /// The worker.
            worker: AccountId,
        },
        /// A worker takes no tasks until it resumes.
        Paused {
            /// The worker.
            worker: AccountId,
        },
        /// A worker takes tasks again.
        Resumed {
            /// The worker.
            worker: AccountId,
        },
        /// A worker's node has reported that no device works or that its disk is full. The worker
        /// takes no tasks until the node reports that it can.
        DevicesLost {
            /// The worker.
            worker: AccountId,
        },
        /// A worker's node has reported that a device works and that its disk has room. The worker
        /// takes tasks again.
        DevicesFound {
            /// The worker.
            worker: AccountId,
        },
        /// A worker has left: it takes no tasks any more.
        Left {
            /// The worker.
            worker: AccountId,
            /// The block from which on its bond may be withdrawn.
            free_at: BlockNumber,
        },
        /// A worker's whole bond was released, and the worker was forgotten.
        Withdrawn {
            /// The worker.
            worker: AccountId,
            /// The amount released, in planck.
            bond: Balance,
        },
        /// A slash became pending: a part of a worker's bond was set aside for it.
        SlashPending {
            /// The slash.
            id: SlashId,
            /// The worker.
            worker: AccountId,
            /// The task the fault belongs to.
            task: TaskId,
            /// The fault.
            reason: ReasonCode,
            /// The amount set aside, in planck.
            amount: Balance,
            /// The block from which on the slash is carried out.
            due: BlockNumber,
        },
        /// A slash was carried out: a part of a worker's bond was taken.
        Slashed {
            /// The slash.
            id: SlashId,
            /// The worker.
            worker: AccountId,
            /// The task the fault belongs to.
            task: TaskId,
            /// The fault.
            reason: ReasonCode,
            /// The total paid to the claims, in planck.
            paid: Balance,
            /// The amount paid to the insurance pot, in planck.
            insured: Balance,
            /// The amount burned, in planck.
            burned: Balance,
        },
        /// A slash was cancelled. Its amount is unlocked, and the fault no longer counts for the
        /// reputation.
        SlashCancelled {
            /// The slash.
            id: SlashId,
            /// The worker.
            worker: AccountId,
            /// The task the fault belonged to.
            task: TaskId,
            /// The amount that was set aside, in planck.
            amount: Balance,
        },
        /// A slash left a worker with less than `MinBond`: too little to be available.
        FellBelowMinBond {
            /// The worker.
            worker: AccountId,
            /// The bond that is left, in planck.
            bond: Balance,
        },
        /// A worker that was not admitted, or that had missed canaries, has proved itself.
        Proved {
            /// The worker.
            worker: AccountId,
        },
        /// A worker is no longer admitted: its device failed a canary, or its earlier proof no
        /// longer holds. It is not drawn until it proves itself.
        Disproved {
            /// The worker.
            worker: AccountId,
        },
        /// A worker missed a canary: the first in a row.
        Warned {
            /// The worker.
            worker: AccountId,
            /// The canary.
            task: TaskId,
        },
        /// A worker missed a second canary in a row. It is not drawn until it proves itself.
        Suspended {
            /// The worker.
            worker: AccountId,
            /// The canary.
            task: TaskId,
        },
        /// A worker has made or increased its certificate.
        Certified {
            /// The worker.
            worker: AccountId,
            /// The amount added, in the smallest unit of `CertificateAsset`.
            amount: Balance,
            /// The whole certificate now, in the same unit.
            certificate: Balance,
        },
        /// A certificate was released.
        Decertified {
            /// The owner of the certificate: a worker, or an account that was one.
            worker: AccountId,
            /// The amount released, in the smallest unit of `CertificateAsset`.
            amount: Balance,
        },
    }

    /// The reasons for which a call fails.
    #[pallet::error]
    pub enum Error<T> {
        /// The account is a worker already.
        AlreadyRegistered,
        /// Another worker uses this key.
        KeyTaken,
        /// The proof is not the key's signature of the possession message for this account on this
        /// chain.
        InvalidProof,
        /// The worker declares no device; at least one is needed.
        NoDevices,
        /// The worker declares devices of several classes; all must be of one.
        MixedClasses,
        /// The region is not a geohash.
        InvalidRegion,
        /// The address is empty or contains characters that are not printable ASCII.
        InvalidAddress,
        /// The offer names no asset.
        OfferEmpty,
        /// The offer names an asset twice.
        DuplicateAsset,
        /// The offer's longest task is shorter than one block.
        OfferTooShort,
        /// The account is not a worker.
        UnknownWorker,
        /// The worker is leaving.
        Leaving,
        /// The worker has not called `leave`.
        NotLeaving,
        /// The worker is paused already.
        AlreadyPaused,
        /// The worker is not paused.
        NotPaused,
        /// A slot of the worker is in use, or the worker still owes a duty.
        Busy,
        /// The requested part of the bond is locked for tasks in flight or pending slashes.
        BondLocked,
        /// The bond is smaller than the requested amount.
        BondTooSmall,
        /// The remaining bond would be less than `MinBond`.
        BelowMinBond,
        /// The amount is zero.
        ZeroAmount,
        /// `LeaveBlocks` have not yet passed since the worker left.
        TooEarly,
        /// No pending slash has this number.
        UnknownSlash,
        /// The slash is not due yet.
        NotDue,
        /// All worker numbers are used up.
        NoNumberLeft,
        /// The certificate would be less than `CertificateMinimum`.
        BelowCertificateMinimum,
        /// The account has no certificate.
        NotCertified,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::sweep(&mut meter);
            meter.consumed()
        }

        fn integrity_test() {
            assert!(
                T::MinBond::get() >= T::Currency::minimum_balance(),
                "a registration must cost what an account costs"
            );
            assert!(T::CertificateMinimum::get() > 0, "nobody is certified for nothing");
            assert!(T::FullWeight::get() > 0, "a duty's weight is a part of the full weight");
            assert!(T::MaxPendingSlashes::get() > 0, "a worker with no slash pending must be available");
            assert!(T::MinReputation::get() <= Reputation::default().value(), "a newcomer must be reputed well enough");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// Return a worker as the chain knows it.
        pub fn worker(account: AccountId) -> Option<WorkerInfo> {
            Self::info(&account)
        }

        /// Return the workers of a class, or of all classes, in the order of their numbers. The
        /// page begins after number `after` and holds at most `limit` and at most `MAX_PAGE`
        /// workers. Passports are left out: the canaries pallet stores them.
        pub fn workers(device_class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Page<WorkerInfo, u32> {
            Self::page(device_class, after, limit)
        }

        /// Return the declarations of a worker.
        pub fn record(account: AccountId) -> Option<WorkerRecord> {
            Workers::<T>::get(account)
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Become a worker, with `MinBond` as the first bond.
        ///
        /// May be called by any account that is not a worker. `proof` is the signature by `key` of
        /// `possession_message`.
        /// `MinBond` planck are held as the bond.
        ///
        /// Emits `Registered`.
        #[pallet::call_index(0)]
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

        /// Add to the caller's bond.
        ///
        /// May be called by a worker that has not left.
        /// `amount` planck are held.
        ///
        /// Emits `Bonded`.
        #[pallet::call_index(1)]
        pub fn bond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_bond(worker, amount)
        }

        /// Take back a part of the caller's bond. The part must not be locked, and at least
        /// `MinBond` must remain.
        ///
        /// May be called by a worker that has not left.
        /// `amount` planck are released.
        ///
        /// Emits `Unbonded`.
        #[pallet::call_index(2)]
        pub fn unbond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_unbond(worker, amount)
        }

        /// Declare other devices, another offer, region or address.
        ///
        /// May be called by an idle worker that has not left.
        /// Nothing moves.
        ///
        /// Emits `Updated`.
        #[pallet::call_index(3)]
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

        /// Stop taking tasks until `resume`. Tasks in flight go on.
        ///
        /// May be called by a worker that is active, or that its node has paused because no device
        /// works or its disk is full. After the call only the owner can end the pause.
        /// Nothing moves.
        ///
        /// Emits `Paused`.
        #[pallet::call_index(4)]
        pub fn pause(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_pause(worker)
        }

        /// Take tasks again.
        ///
        /// May be called by a worker that its owner or its node has paused.
        /// Nothing moves.
        ///
        /// Emits `Resumed`.
        #[pallet::call_index(5)]
        pub fn resume(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_resume(worker)
        }

        /// Stop taking tasks for ever. Tasks in flight go on.
        ///
        /// May be called by a worker that has not left.
        /// Nothing moves: the bond stays held for at least `LeaveBlocks`, until `withdraw`.
        ///
        /// Emits `Left`.
        #[pallet::call_index(6)]
        pub fn leave(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_leave(worker)
        }

        /// Forget a worker that left at least `LeaveBlocks` ago, is idle, owes no duty and has
        /// nothing locked.
        ///
        /// May be called by anyone.
        /// The whole bond is released to the worker, and its certificate too. If the certificate
        /// cannot be released, for example because the account cannot take it, it is kept for the
        /// account to `decertify` later.
        ///
        /// Emits `Withdrawn`, and before it `Decertified` if a certificate was released.
        #[pallet::call_index(7)]
        pub fn withdraw(origin: OriginFor<T>, worker: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_withdraw(worker)
        }

        /// Carry out a pending slash that is due.
        ///
        /// May be called by anyone; the chain's own sweep does the same.
        /// The worker's bond pays the claims in order, as far as the slash goes. `InsuranceShare`
        /// of the rest goes to the insurance pot, and the remainder is burned. A claim that cannot
        /// be paid stays in the rest, for example if its account would hold less than the
        /// existential deposit.
        ///
        /// Emits `Slashed`, and `FellBelowMinBond` if the bond fell below `MinBond`.
        #[pallet::call_index(8)]
        pub fn apply_slash(origin: OriginFor<T>, #[pallet::compact] id: SlashId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_apply_slash(id)
        }

        /// Cancel a pending slash.
        ///
        /// May be called by `SlashOrigin`.
        /// No funds move: the amount set aside is unlocked. The fault no longer counts for the
        /// worker's reputation.
        ///
        /// Emits `SlashCancelled`.
        #[pallet::call_index(9)]
        pub fn cancel_slash(origin: OriginFor<T>, #[pallet::compact] id: SlashId) -> DispatchResult {
            T::SlashOrigin::ensure_origin(origin)?;
            Self::do_cancel_slash(id)
        }

        /// Make a certificate or add to it; the total must be at least `CertificateMinimum`. A
        /// certified worker is also given tasks that ask for one.
        ///
        /// May be called by a worker that has not left.
        /// `amount` of `CertificateAsset`, in its smallest unit, is held.
        ///
        /// Emits `Certified`.
        #[pallet::call_index(10)]
        pub fn certify(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_certify(worker, amount)
        }

        /// Take back the caller's certificate.
        ///
        /// May be called by a worker that has no task in computation or in audit, even if it has
        /// left. May also be called by a former worker whose certificate could not be released.
        /// The whole certificate is released.
        ///
        /// Emits `Decertified`.
        #[pallet::call_index(11)]
        pub fn decertify(origin: OriginFor<T>) -> DispatchResult {
            let account = ensure_signed(origin)?;
            Self::do_decertify(account)
        }
    }
}
