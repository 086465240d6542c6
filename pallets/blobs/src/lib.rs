//! Content-addressed bytes: up to 1 MiB are kept by every node for a deposit per byte; up to 4 GiB are announced here and kept by who
//! needs them.
//!
//! # Overview
//!
//! A blob is named by the blake2b-256 hash of its bytes. The chain's state holds a small [`BlobRecord`] only; the bytes
//! stay in the block that brought them and every node serves them by hash (`bitswap_v1_get`), from the index of
//! transactions that its database keeps. Kernel sources and small inputs of jobs are blobs.
//!
//! The bytes of a large input are too many for blocks. Its owner *announces* it: the chain records its [id](dpin_primitives::blob_tree)
//! and its size, so that jobs can name it, and nodes fetch the bytes from each other. No node has to keep them, so the deposit
//! is that of the record alone, whatever the size.
//!
//! # Terminology
//!
//! - **Lifetime**: for how many blocks a blob is known before anyone may expire it.
//! - **Pin**: what a kernel or job puts on a blob it needs. A pinned blob is neither removed nor expired.
//!
//! # Lifecycle
//!
//! ```text
//!      store, announce         pin                      remove by the owner
//!   () --------------> unpinned <---> pinned     unpinned --------------------> ()
//!                             unpin                       expire by anyone, sweep
//! ```
//!
//! # Implementation notes
//!
//! - The client indexes the **last `size` bytes of the encoded extrinsic** and checks nothing. So `data` is the last
//!   argument of the call, and the call is refused unless the extrinsic does end with these bytes: inside a batch, a
//!   proxy or a multisig other bytes may stand there.
//! - The client keeps one index entry per extrinsic, the last one asked for, and asking is not undone when a batch rolls
//!   back. One stored blob per extrinsic, asked for as the last step, makes the entry that counts the one that is right.
//!   For the same reason renewing a blob does not renew the client's entry (it would replace one in the same extrinsic):
//!   the bytes live as long as the node keeps block bodies, which by default is for ever.
//! - Anyone can announce the hash of bytes that somebody is about to store. So storing takes the place of an announcement, whose
//!   deposit is released; its pins stay, as whoever pinned it now gets what it wanted.
//! - The expiry queue holds the blobs that are not pinned, so that the sweep never meets one it must put back.

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

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{api::BlobInfo, blob_tree, AccountId, Balance, BlobHash, BlockNumber, Hash};
use polkadot_sdk::{
    frame_support::{
        self,
        pallet_prelude::*,
        traits::fungible::{Mutate, MutateHold},
        weights::WeightMeter,
    },
    frame_system::{self, pallet_prelude::*},
    sp_runtime::SaturatedConversion,
};
use scale_info::TypeInfo;

pub use pallet::*;
pub use weights::WeightInfo;

/// Most bytes of a stored blob: 1 MiB.
pub const MAX_BLOB_BYTES: u32 = 1024 * 1024;

/// Most bytes of an announced blob: 4 GiB.
pub const MAX_ANNOUNCED_BYTES: u64 = blob_tree::MAX_BLOB_BYTES;

/// Most blobs that one block's sweep lets expire, whatever weight is left.
pub const MAX_SWEPT_PER_BLOCK: u32 = 64;

/// What the chain's state knows of a blob.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BlobRecord {
    /// Who stored or announced it, pays its deposit and may remove it.
    pub owner: AccountId,
    /// Its size in bytes.
    pub size: u64,
    /// What is held of the owner for it, in planck.
    pub deposit: Balance,
    /// The block in which it was stored: its bytes are in that block's body. `None`: it was announced, and they are in no block.
    pub stored_at: Option<BlockNumber>,
    /// The block from which on anyone may expire it, unless it is pinned.
    pub expires: BlockNumber,
    /// How many kernels and jobs need it.
    pub pins: u32,
}

/// Blobs: bytes by their hash, stored in blocks or announced, with a deposit and an expiry.
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
        /// DPN, in which deposits are held.
        type Currency: Mutate<AccountId, Balance = Balance>
            + MutateHold<AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;

        /// What is held for a blob of any size, in planck.
        #[pallet::constant]
        type BaseDeposit: Get<Balance>;

        /// What is held for each byte of a stored blob, in planck.
        #[pallet::constant]
        type ByteDeposit: Get<Balance>;

        /// Longest lifetime that may be asked for at once, in blocks.
        #[pallet::constant]
        type MaxLifetime: Get<BlockNumber>;

        /// Weights of the calls and of the sweep.
        type WeightInfo: WeightInfo;
    }

    /// Why funds are held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Deposits of stored and announced blobs.
        Storage,
    }

    /// The blobs by hash.
    #[pallet::storage]
    pub type Blobs<T: Config> = StorageMap<_, Identity, BlobHash, BlobRecord>;

    /// The blobs that are not pinned, by the block in which they expire.
    #[pallet::storage]
    pub type ExpiryQueue<T: Config> = StorageDoubleMap<_, Twox64Concat, BlockNumber, Identity, BlobHash, ()>;

    /// The first block whose expiry queue has not been emptied yet.
    #[pallet::storage]
    pub type SweepFrom<T: Config> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Block and index of the extrinsic that stored the latest blob.
    #[pallet::storage]
    pub type LatestStore<T: Config> = StorageValue<_, (BlockNumber, u32)>;

    /// What happened to blobs.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A blob was stored.
        Stored {
            /// Its hash.
            hash: BlobHash,
            /// Who stored it.
            owner: AccountId,
            /// Its size in bytes.
            size: u32,
            /// What is held for it, in planck.
            deposit: Balance,
            /// The block in which it expires.
            expires: BlockNumber,
        },
        /// A blob was announced: its bytes are off the chain.
        Announced {
            /// Its id.
            hash: BlobHash,
            /// Who announced it.
            owner: AccountId,
            /// Its size in bytes, as its owner says.
            size: u64,
            /// What is held for it, in planck.
            deposit: Balance,
            /// The block in which it expires.
            expires: BlockNumber,
        },
        /// A blob will live longer.
        Renewed {
            /// Its hash.
            hash: BlobHash,
            /// The block in which it now expires.
            expires: BlockNumber,
        },
        /// A blob was removed by its owner and its deposit released.
        Removed {
            /// Its hash.
            hash: BlobHash,
        },
        /// A blob's lifetime was over; it is gone and its deposit released to its owner.
        Expired {
            /// Its hash.
            hash: BlobHash,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// A blob has at least one byte.
        Empty,
        /// A stored blob has at most `MAX_BLOB_BYTES` bytes, an announced one at most `MAX_ANNOUNCED_BYTES`.
        TooLarge,
        /// A blob lives at least one block.
        LifetimeZero,
        /// The lifetime is longer than `MaxLifetime`.
        LifetimeTooLong,
        /// The blob already lives that long.
        NotLater,
        /// The bytes are not the last of the extrinsic, so that nodes would keep others in their place.
        NotAtEndOfExtrinsic,
        /// This extrinsic has stored a blob: nodes keep one per extrinsic.
        OnePerExtrinsic,
        /// The same bytes are stored, or the same id is announced.
        AlreadyStored,
        /// No such blob.
        UnknownBlob,
        /// Somebody else stored or announced the blob.
        NotOwner,
        /// A kernel or a job needs the blob.
        Pinned,
        /// The blob's lifetime is not over.
        NotExpired,
        /// More kernels and jobs need the blob than can be counted.
        TooManyPins,
    }

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Most bytes of a stored blob.
        #[pallet::constant_name(MaxBlobBytes)]
        fn max_blob_bytes() -> u32 {
            MAX_BLOB_BYTES
        }

        /// Most bytes of an announced blob.
        #[pallet::constant_name(MaxAnnouncedBytes)]
        fn max_announced_bytes() -> u64 {
            MAX_ANNOUNCED_BYTES
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(now: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::sweep(now.saturated_into(), &mut meter);
            meter.consumed()
        }

        fn integrity_test() {
            assert!(T::MaxLifetime::get() > 0, "a blob must be able to live");
            let longest = *T::BlockLength::get().max.get(DispatchClass::Normal);
            assert!(longest > MAX_BLOB_BYTES, "a blob of {MAX_BLOB_BYTES} bytes must fit into a block of {longest}");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// What the chain knows of a blob.
        pub fn blob(hash: BlobHash) -> Option<BlobRecord> {
            Blobs::<T>::get(hash)
        }

        /// What the runtime API tells of a blob.
        pub fn info(hash: BlobHash) -> Option<BlobInfo> {
            let BlobRecord { owner, size, stored_at, expires, pins, .. } = Blobs::<T>::get(hash)?;
            Some(BlobInfo { hash, size, announced: stored_at.is_none(), owner, expires, pins })
        }

        /// What would be held for storing a blob of `size` bytes, in planck.
        pub fn deposit_of(size: u32) -> Balance {
            Self::deposit(size)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Store a blob for `lifetime` blocks. Its name is the blake2b-256 hash of `data`.
        ///
        /// May be called by anyone, in an extrinsic that ends with `data`.
        /// The deposit for its size is held until the blob is gone. If the hash was announced, that deposit is released.
        ///
        /// Emits `Stored`.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::store(data.len() as u32))]
        pub fn store(origin: OriginFor<T>, lifetime: BlockNumber, data: Vec<u8>) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_store(owner, lifetime, &data)
        }

        /// Let a blob live for `lifetime` blocks from now on, if that is longer than it would.
        ///
        /// May be called by its owner.
        /// The deposit stays as it is.
        ///
        /// Emits `Renewed`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::renew())]
        pub fn renew(origin: OriginFor<T>, hash: BlobHash, lifetime: BlockNumber) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_renew(&owner, hash, lifetime)
        }

        /// Remove a blob that nothing needs.
        ///
        /// May be called by its owner at any time.
        /// The deposit is released to the owner.
        ///
        /// Emits `Removed`.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::remove())]
        pub fn remove(origin: OriginFor<T>, hash: BlobHash) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_remove(&owner, hash)
        }

        /// Remove a blob that nothing needs and whose lifetime is over.
        ///
        /// May be called by anyone.
        /// The deposit is released to the owner.
        ///
        /// Emits `Expired`.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::expire())]
        pub fn expire(origin: OriginFor<T>, hash: BlobHash) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_expire(hash)
        }

        /// Announce a blob of `size` bytes for `lifetime` blocks, so that jobs can name it. Its bytes stay off the chain, and `id`
        /// is that of the tree over its chunks.
        ///
        /// May be called by anyone.
        /// The deposit for the record is held until the blob is gone.
        ///
        /// Emits `Announced`.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::announce())]
        pub fn announce(origin: OriginFor<T>, id: BlobHash, size: u64, lifetime: BlockNumber) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_announce(owner, id, size, lifetime)
        }
    }
}
