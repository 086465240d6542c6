//! The registry of workers: their keys, bonds, devices and standing offers, and the index from which tasks are drawn.
//!
//! # Overview
//!
//! An account registers with a worker key, the devices of its node and an offer, and puts up a bond. From then on it
//! stands in the availability index of its devices' class, as long as all of this holds: it is neither paused nor leaving, has a
//! free slot and the least bond, is admitted, has not missed two canaries in a row, is well enough reputed and has not too many
//! slashes pending. Whoever assigns tasks and audits draws from that index, takes slots, locks parts of the bond, slashes what
//! is locked and takes note of how duties ended, through [`WorkerRegistry`](dpin_primitives::traits::WorkerRegistry). Canaries
//! tell through [`WorkerHealth`](dpin_primitives::traits::WorkerHealth) who proved itself, who failed and who did not answer.
//!
//! # Terminology
//!
//! - **Slot**: room for one task at a time. A worker has one for each of its devices.
//! - **Locked**: the part of the bond that answers for tasks in flight and for pending slashes.
//! - **Pending slash**: a locked part of the bond that will be taken when the slash is due, unless governance cancels it before:
//!   drivers have miscompiled. Then it pays the slash's claims in order, as far as it goes; of the rest a share goes to the
//!   insurance pot and what remains is burned.
//! - **Reputation**: how likely the next duty ends well, see [`reputation`].
//! - **Strikes**: silences in a row.
//! - **Number**: given to a worker at registration, for life and never again.
//! - **Admitted**: trusted to be drawn; a worker that has failed a canary is not, until it passes one. Where
//!   [`Config::Admission`] is on, neither is a new one, nor one that declares other devices.
//! - **Misses**: canaries in a row that a worker did not answer. At the first it is warned, at the second suspended: not drawn until
//!   it proves itself. From the third on a part of its bond is slashed.
//! - **Idle**: no slot is in use.
//! - **Certificate**: what a worker has locked of [`Config::CertificateAsset`] to be certified: given tasks that ask for that. It is
//!   no second bond: it answers for nothing, and goes back when the worker wants it or is forgotten.
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
//!   locked --------> PendingSlash ------------------------------------> claims, insurance pot, burned
//!                         |
//!                         +--------> unlocked, reputation restored
//!                         cancelled by governance
//! ```
//!
//! # Implementation notes
//!
//! - The index is one dense array per class. A worker's place in it stands in its [`Standing`], so that the last of the
//!   array can take the place of one that goes: entering, going and drawing cost the same for any number of workers.
//! - What changes with every task, and what every step of one asks, is in one record, the [`Standing`], apart from what else the worker
//!   declares: a draw reads nothing but that of most whom it comes upon. The bond in it is what is held with [`HoldReason::Bond`].
//! - A certificate that cannot be released when its worker is forgotten keeps nobody from being forgotten: it stays on record, and
//!   the account gets it with [`Pallet::decertify`] when it can be released.
//! - Nothing a worker can do by itself makes good what it missed: pausing, resuming and declaring other devices forget no
//!   miss, no strike and no failed canary, and with anything locked it cannot withdraw.
//! - Due slashes stand in an [agenda](dpin_primitives::agenda). A bounded sweep in `on_idle` carries them out; [`Swept`] is how far
//!   it got. A slash that was carried out or cancelled before is skipped.
//! - A node whose executor has no working device pauses its worker by a report, and lets it resume by another. It cannot end a pause
//!   of the owner's; the owner can end its. For draws, canaries and passports both pauses are the same.

#![cfg_attr(not(feature = "std"), no_std)]

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
pub mod weights;

use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use dpin_primitives::{
    agenda::{self, Agenda, Watermark},
    api::{Page, WorkerInfo},
    reason::ReasonCode,
    worker::{
        Capability, Device, DeviceClass, Duties, Offer, PublicAddress, Region, WorkerKey, WorkerSignature, MAX_DEVICES,
    },
    AccountId, AssetKind, Balance, BlockNumber, Hash, TaskId,
};
use polkadot_sdk::{
    frame_support::{
        self,
        pallet_prelude::*,
        traits::{
            fungible::{Inspect, Mutate, MutateHold},
            fungibles,
        },
        weights::WeightMeter,
    },
    frame_system::{self, pallet_prelude::*},
    sp_core::sr25519,
    sp_runtime::{Perbill, SaturatedConversion},
};
use scale_info::TypeInfo;

pub use impls::REPORT_GAP;
pub use pallet::*;
pub use reputation::Reputation;
pub use slashing::{Fault, PendingSlash, SlashId};
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
    /// Takes tasks.
    Active,
    /// Paused by its owner; can resume.
    Paused,
    /// Paused by its own node, which has reported that no device works or that its disk is full.
    /// The node reports when it can take tasks again.
    NoDevice,
    /// Takes no tasks any more.
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
    /// What all its devices can do.
    pub capability: Capability,
    /// Its slots altogether.
    pub slots: u32,
    /// Its slots in use.
    pub busy: u32,
    /// Its bond, in planck: what is held of it for that reason.
    pub bond: Balance,
    /// The locked part of its bond, in planck.
    pub locked: Balance,
    /// What of [`Self::locked`] is set aside for pending slashes, in planck.
    pub slashing: Balance,
    /// Number of its pending slashes.
    pub pending: u32,
    /// Its place in the availability index, if it is available.
    pub position: Option<u32>,
    /// Its number.
    pub number: u32,
    /// Whether it may be drawn as far as its canaries go.
    pub admitted: bool,
    /// Canaries in a row that it missed.
    pub misses: u32,
    /// How its duties ended.
    pub reputation: Reputation,
    /// How often in a row it was silent.
    pub strikes: u32,
    /// The last fault it was noted for, unless a slash has taken it along.
    pub fault: Option<Fault>,
    /// The block of its node's last report on its devices; 0 if there was none.
    pub reported: BlockNumber,
    /// What it owes the chain.
    pub duties: Duties,
}

/// Workers: their keys, bonds, devices and offers, how they stand, and the index from which tasks are drawn.
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

        /// The assets of which one makes certificates.
        type Assets: fungibles::hold::Mutate<
            AccountId,
            AssetId = AssetKind,
            Balance = Balance,
            Reason = Self::RuntimeHoldReason,
        >;

        /// The asset in which certificates are held. An upgrade that changes it has to move the certificates there are.
        type CertificateAsset: Get<AssetKind>;

        /// The least certificate, in the smallest unit of `CertificateAsset`.
        #[pallet::constant]
        type CertificateMinimum: Get<Balance>;

        /// The least bond of an available worker, in planck. It is held at registration. An upgrade that changes it has to
        /// bring the availability index up to date.
        #[pallet::constant]
        type MinBond: Get<Balance>;

        /// Blocks between leaving and the release of the bond: no dispute may come later.
        #[pallet::constant]
        type LeaveBlocks: Get<BlockNumber>;

        /// Blocks between a fault and its slash, at least one. A change counts for the slashes that come after it.
        type SlashDelay: Get<BlockNumber>;

        /// Pending slashes at which a worker is not available. An upgrade that changes it has to bring the availability index up to
        /// date.
        #[pallet::constant]
        type MaxPendingSlashes: Get<u32>;

        /// Who may cancel a pending slash.
        type SlashOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The insurance pot's part of what a slash leaves after its claims.
        type InsuranceShare: Get<Perbill>;

        /// The insurance pot.
        type InsurancePot: Get<AccountId>;

        /// The value in planck from which on a duty has its whole weight for the reputation.
        #[pallet::constant]
        type FullWeight: Get<Balance>;

        /// The least reputation of an available worker. An upgrade that changes it has to bring the availability index up to date.
        #[pallet::constant]
        type MinReputation: Get<Perbill>;

        /// Whether new workers and new devices must prove themselves before they are drawn.
        type Admission: Get<bool>;

        /// The part of `MinBond` that is slashed for a missed canary from the third in a row on.
        type AbsenceSlash: Get<Perbill>;

        /// Weights of the calls and of the sweep.
        type WeightInfo: WeightInfo;
    }

    /// Why funds are held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Bonds of workers.
        Bond,
        /// Certificates of workers.
        Certificate,
    }

    /// What the workers declare.
    #[pallet::storage]
    pub type Workers<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, WorkerRecord>;

    /// How the workers stand.
    #[pallet::storage]
    pub type Standings<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Standing>;

    /// The certificates, in the smallest unit of `CertificateAsset`: of workers, and of accounts that were workers and could
    /// not be given theirs back.
    #[pallet::storage]
    pub type Certificates<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Balance, ValueQuery>;

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

    /// The worker of each number.
    #[pallet::storage]
    pub type Numbers<T: Config> = StorageMap<_, Twox64Concat, u32, AccountId>;

    /// The number of the next worker.
    #[pallet::storage]
    pub type NextNumber<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// The slashes that are neither carried out nor cancelled.
    #[pallet::storage]
    pub type PendingSlashes<T: Config> = CountedStorageMap<_, Twox64Concat, SlashId, PendingSlash>;

    /// The slashes by the block from which on they are carried out, in pages. Those that are not pending any more are skipped.
    #[pallet::storage]
    pub type DueSlashes<T: Config> =
        StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, u32, agenda::Page<SlashId>>;

    /// Number of `DueSlashes` of each block.
    #[pallet::storage]
    pub type DueSlashCounts<T: Config> = StorageMap<_, Twox64Concat, BlockNumber, u32, ValueQuery>;

    /// The number of the next slash.
    #[pallet::storage]
    pub type NextSlash<T: Config> = StorageValue<_, SlashId, ValueQuery>;

    /// The first of `DueSlashes` that is not carried out.
    #[pallet::storage]
    pub type Swept<T: Config> = StorageValue<_, Watermark, ValueQuery>;

    /// Workers that are there from the first block on: for development networks.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Account, worker key and public address of each. It has `MinBond` of the account's genesis balance as its bond,
        /// one CPU device, is admitted, and takes any kernel for any reward in DPN and BLC; it may declare otherwise by `update`.
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
        /// A worker's node has reported that no device works or that its disk is full: the worker
        /// takes no tasks until it can.
        DevicesLost {
            /// The worker.
            worker: AccountId,
        },
        /// A worker's node has reported that a device works and that there is room on its disk: the
        /// worker takes tasks.
        DevicesFound {
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
        /// A part of a worker's bond was set aside for a slash.
        SlashPending {
            /// The slash.
            id: SlashId,
            /// The worker.
            worker: AccountId,
            /// The task the fault belongs to.
            task: TaskId,
            /// The fault.
            reason: ReasonCode,
            /// What was set aside, in planck.
            amount: Balance,
            /// The block from which on it is carried out.
            due: BlockNumber,
        },
        /// A part of a worker's bond was taken.
        Slashed {
            /// The slash.
            id: SlashId,
            /// The worker.
            worker: AccountId,
            /// The task the fault belongs to.
            task: TaskId,
            /// The fault.
            reason: ReasonCode,
            /// What was paid to the claims altogether, in planck.
            paid: Balance,
            /// What was paid to the insurance pot, in planck.
            insured: Balance,
            /// What was burned, in planck.
            burned: Balance,
        },
        /// A slash was cancelled: what was set aside is unlocked, and the fault does not count for the reputation any more.
        SlashCancelled {
            /// The slash.
            id: SlashId,
            /// The worker.
            worker: AccountId,
            /// The task the fault belonged to.
            task: TaskId,
            /// What was set aside, in planck.
            amount: Balance,
        },
        /// A slash left a worker with too little bond to be available.
        FellBelowMinBond {
            /// The worker.
            worker: AccountId,
            /// What is left of its bond, in planck.
            bond: Balance,
        },
        /// A worker that was not admitted, or had missed canaries, has proved itself.
        Proved {
            /// The worker.
            worker: AccountId,
        },
        /// A worker's device failed a canary: it is not drawn until it proves itself.
        Disproved {
            /// The worker.
            worker: AccountId,
        },
        /// A worker did not answer a canary.
        Warned {
            /// The worker.
            worker: AccountId,
            /// The canary.
            task: TaskId,
        },
        /// A worker did not answer a canary for the second time in a row: it is not drawn until it proves itself.
        Suspended {
            /// The worker.
            worker: AccountId,
            /// The canary.
            task: TaskId,
        },
        /// A worker's certificate was made or grew.
        Certified {
            /// The worker.
            worker: AccountId,
            /// What was added, in the smallest unit of `CertificateAsset`.
            amount: Balance,
            /// What it is now, in the same unit.
            certificate: Balance,
        },
        /// A certificate was released.
        Decertified {
            /// Whose it was: a worker, or an account that was one.
            worker: AccountId,
            /// What was released, in the smallest unit of `CertificateAsset`.
            amount: Balance,
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
        /// A slot of the worker is in use, or it still owes something.
        Busy,
        /// That part of the bond answers for tasks in flight or pending slashes.
        BondLocked,
        /// The bond is smaller than that.
        BondTooSmall,
        /// Less than `MinBond` would be left.
        BelowMinBond,
        /// The amount is zero.
        ZeroAmount,
        /// The bond is not free yet.
        TooEarly,
        /// No such slash is pending.
        UnknownSlash,
        /// The slash is carried out later.
        NotDue,
        /// Every number was given to a worker.
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
        /// A worker as the chain knows it.
        pub fn worker(account: AccountId) -> Option<WorkerInfo> {
            Self::info(&account)
        }

        /// The workers of a class, or all, in the order of their numbers: those after number `after`, at most `limit` and
        /// `MAX_PAGE`. Passports are not told: canaries keep them.
        pub fn workers(device_class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Page<WorkerInfo, u32> {
            Self::page(device_class, after, limit)
        }

        /// What a worker declares.
        pub fn record(account: AccountId) -> Option<WorkerRecord> {
            Workers::<T>::get(account)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Become a worker, with `MinBond` as the first bond.
        ///
        /// May be called by any account that is no worker. `proof` is the signature by `key` of
        /// `possession_message`.
        /// The least bond is held.
        ///
        /// Emits `Registered`.
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
        /// Emits `Bonded`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::bond())]
        pub fn bond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_bond(worker, amount)
        }

        /// Take back a part of one's bond: of what is not locked, as far as `MinBond` is left.
        ///
        /// May be called by a worker that has not left.
        /// `amount` planck are released.
        ///
        /// Emits `Unbonded`.
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
        /// Emits `Updated`.
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
        /// May be called by a worker that is active, or paused by its node for want of a device: then only the owner ends the pause.
        /// Nothing moves.
        ///
        /// Emits `Paused`.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::pause())]
        pub fn pause(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_pause(worker)
        }

        /// Take tasks again.
        ///
        /// May be called by a worker that is paused, by its owner or by its node.
        /// Nothing moves.
        ///
        /// Emits `Resumed`.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::resume())]
        pub fn resume(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_resume(worker)
        }

        /// Take no tasks any more. What is in flight goes on.
        ///
        /// May be called by a worker that has not left.
        /// Nothing moves: the bond stays held for `LeaveBlocks`.
        ///
        /// Emits `Left`.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::leave())]
        pub fn leave(origin: OriginFor<T>) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_leave(worker)
        }

        /// Forget a worker that left `LeaveBlocks` ago, is idle and has nothing locked.
        ///
        /// May be called by anyone.
        /// The whole bond is released to the worker, and its certificate too. Should that be impossible, because the worker's account
        /// cannot take it, the certificate is kept for the account to `decertify` later.
        ///
        /// Emits `Withdrawn`, and before it `Decertified` if a certificate was released.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, worker: AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_withdraw(worker)
        }

        /// Carry out a pending slash that is due.
        ///
        /// May be called by anyone; the chain's own sweep does the same.
        /// The worker's bond pays the claims in order, as far as the slash goes; of the rest `InsuranceShare` goes to the
        /// insurance pot and what remains is burned. A claim that cannot be paid out, say for its account having less than an
        /// account must have, stays in the rest.
        ///
        /// Emits `Slashed`, and `FellBelowMinBond` if it did.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::apply_slash())]
        pub fn apply_slash(origin: OriginFor<T>, #[pallet::compact] id: SlashId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_apply_slash(id)
        }

        /// Cancel a pending slash.
        ///
        /// May be called by `SlashOrigin`.
        /// Nothing moves: what was set aside is unlocked, and the fault does not count for the worker's reputation any more.
        ///
        /// Emits `SlashCancelled`.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::cancel_slash())]
        pub fn cancel_slash(origin: OriginFor<T>, #[pallet::compact] id: SlashId) -> DispatchResult {
            T::SlashOrigin::ensure_origin(origin)?;
            Self::do_cancel_slash(id)
        }

        /// Make or add to one's certificate, at least up to `CertificateMinimum`: who has one is given also the tasks that
        /// ask for a certified worker.
        ///
        /// May be called by a worker that has not left.
        /// `amount` of `CertificateAsset`, in its smallest unit, is held.
        ///
        /// Emits `Certified`.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::certify())]
        pub fn certify(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_certify(worker, amount)
        }

        /// Take back one's certificate.
        ///
        /// May be called by a worker with no task that is computed or audited, also when it has left, and by an account that was a worker
        /// and could not be given its certificate back.
        /// The whole certificate is released.
        ///
        /// Emits `Decertified`.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::decertify())]
        pub fn decertify(origin: OriginFor<T>) -> DispatchResult {
            let account = ensure_signed(origin)?;
            Self::do_decertify(account)
        }
    }
}
