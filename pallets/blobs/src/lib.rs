//! Content-addressed bytes. Blobs of up to 1 MiB are stored by every node, for a deposit per byte.
//! Blobs of up to 4 GiB are announced here and kept by the nodes that need them.
//!
//! # Overview
//!
//! A blob is named by the blake2b-256 hash of its bytes. The chain's state only holds a small
//! [`BlobRecord`]. The bytes stay in the block that stored them. Every node serves them by hash
//! (`bitswap_v1_get`), from the index of transactions in its database. Kernel sources and small
//! inputs of jobs are blobs.
//!
//! The bytes of a large input are too many for blocks. Its owner *announces* it: the chain records
//! its [id](dpin_primitives::blob_tree) and its size, so that jobs can name it, and nodes fetch the
//! bytes from each other. No node has to keep them, so the deposit is that of the record alone, for
//! any size.
//!
//! # Terminology
//!
//! - **Lifetime**: the number of blocks after which anyone may expire a blob.
//! - **Pin**: the mark of a kernel or job on a blob it needs. A pinned blob is neither removed nor
//!   expired.
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
//! - The client indexes the **last `size` bytes of the encoded extrinsic** and checks nothing. So
//!   `data` is the last argument of the call, and the call fails unless the extrinsic ends with
//!   these bytes. Inside a batch, a proxy or a multisig it may end with others.
//! - The client keeps one index entry per extrinsic, the last one requested, and a batch that rolls
//!   back does not undo the request. An extrinsic can store only one blob, and requests the entry
//!   as its last step, so that the entry is the right one. For the same reason renewing a blob does
//!   not renew the client's entry, which would replace another one in the same extrinsic. The bytes
//!   live as long as the node keeps block bodies, which by default is for ever.
//! - Anyone can announce the hash of bytes that somebody is about to store. So storing replaces an
//!   announcement and releases its deposit. Its pins stay, because the kernels and jobs that made
//!   them get the same bytes.
//! - The expiry queue holds only blobs that are not pinned, so that the sweep never finds one that
//!   it must put back.

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
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system};

/// Blobs: bytes by their hash, stored in blocks or announced, with a deposit and an expiry.
#[frame_support::pallet]
#[allow(clippy::expect_used, reason = "code that FRAME generates")]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use dpin_primitives::{AccountId, Balance, BlobHash, BlockNumber, Hash, api::BlobInfo};
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{Mutate, MutateHold},
        weights::WeightMeter,
    };
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::sp_runtime::SaturatedConversion;

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Configuration of the pallet.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN, in which deposits are held.
        type Currency: Mutate<AccountId, Balance = Balance>
            + MutateHold<AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;

        /// The deposit for a blob of any size, in planck.
        #[pallet::constant]
        type BaseDeposit: Get<Balance>;

        /// The deposit for each byte of a stored blob, in planck, in addition to `BaseDeposit`.
        #[pallet::constant]
        type ByteDeposit: Get<Balance>;

        /// Longest lifetime that one call may request, in blocks.
        #[pallet::constant]
        type MaxLifetime: Get<BlockNumber>;

        /// Weights of the calls and of the sweep.
        type WeightInfo: WeightInfo;
    }

    /// The reasons for holding funds.
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

    /// Events of blobs.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A blob was stored.
        Stored {
            /// The blob's hash.
            hash: BlobHash,
            /// The account that stored it.
            owner: AccountId,
            /// The blob's size in bytes.
            size: u32,
            /// The deposit held for it, in planck.
            deposit: Balance,
            /// The block in which it expires.
            expires: BlockNumber,
        },
        /// A blob was announced: its bytes are off the chain.
        Announced {
            /// The blob's id.
            hash: BlobHash,
            /// The account that announced it.
            owner: AccountId,
            /// The blob's size in bytes, as its owner states it.
            size: u64,
            /// The deposit held for it, in planck.
            deposit: Balance,
            /// The block in which it expires.
            expires: BlockNumber,
        },
        /// A blob's lifetime was extended.
        Renewed {
            /// The blob's hash.
            hash: BlobHash,
            /// The block in which it now expires.
            expires: BlockNumber,
        },
        /// A blob was removed by its owner, and its deposit was released.
        Removed {
            /// The blob's hash.
            hash: BlobHash,
        },
        /// A blob's lifetime was over. The blob was removed, and its deposit was released to its
        /// owner.
        Expired {
            /// The blob's hash.
            hash: BlobHash,
        },
    }

    /// The reasons for which a call fails.
    #[pallet::error]
    pub enum Error<T> {
        /// The blob has no bytes; it must have at least one.
        Empty,
        /// The blob has too many bytes: a stored blob has at most `MAX_BLOB_BYTES`, an announced
        /// one at most `MAX_ANNOUNCED_BYTES`.
        TooLarge,
        /// The lifetime is 0; a blob lives at least one block.
        LifetimeZero,
        /// The lifetime is longer than `MaxLifetime`.
        LifetimeTooLong,
        /// The blob already lives that long.
        NotLater,
        /// The extrinsic does not end with the bytes, so nodes would keep other bytes in their
        /// place.
        NotAtEndOfExtrinsic,
        /// This extrinsic has already stored a blob: nodes keep one per extrinsic.
        OnePerExtrinsic,
        /// The same bytes are already stored, or the same id is already known.
        AlreadyStored,
        /// There is no such blob.
        UnknownBlob,
        /// The account did not store or announce the blob.
        NotOwner,
        /// A kernel or a job needs the blob.
        Pinned,
        /// The blob's lifetime is not over yet.
        NotExpired,
        /// The number of kernels and jobs that need the blob exceeds the counter.
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
        /// Return the chain's record of a blob.
        pub fn blob(hash: BlobHash) -> Option<BlobRecord> {
            Blobs::<T>::get(hash)
        }

        /// Return the information on a blob for the runtime API.
        pub fn info(hash: BlobHash) -> Option<BlobInfo> {
            let BlobRecord { owner, size, stored_at, expires, pins, .. } = Blobs::<T>::get(hash)?;
            Some(BlobInfo { hash, size, announced: stored_at.is_none(), owner, expires, pins })
        }

        /// Return the deposit for storing a blob of `size` bytes, in planck.
        pub fn deposit_of(size: u32) -> Balance {
            Self::deposit(size)
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Store a blob for `lifetime` blocks. Its name is the blake2b-256 hash of `data`.
        ///
        /// May be called by anyone, in an extrinsic that ends with `data`. The deposit for its size
        /// is held until the blob is gone. If the hash was announced, that deposit is released.
        ///
        /// Emits `Stored`.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::store(data.len() as u32))]
        pub fn store(origin: OriginFor<T>, lifetime: BlockNumber, data: Vec<u8>) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_store(owner, lifetime, &data)
        }

        /// Extend a blob's lifetime to `lifetime` blocks from now. The new end must be later than
        /// the old one.
        ///
        /// May be called by its owner.
        /// The deposit stays as it is.
        ///
        /// Emits `Renewed`.
        #[pallet::call_index(1)]
        pub fn renew(origin: OriginFor<T>, hash: BlobHash, lifetime: BlockNumber) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_renew(&owner, hash, lifetime)
        }

        /// Remove a blob that no kernel and no job needs.
        ///
        /// May be called by its owner at any time.
        /// The deposit is released to the owner.
        ///
        /// Emits `Removed`.
        #[pallet::call_index(2)]
        pub fn remove(origin: OriginFor<T>, hash: BlobHash) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_remove(&owner, hash)
        }

        /// Remove a blob whose lifetime is over and that no kernel and no job needs.
        ///
        /// May be called by anyone.
        /// The deposit is released to the owner.
        ///
        /// Emits `Expired`.
        #[pallet::call_index(3)]
        pub fn expire(origin: OriginFor<T>, hash: BlobHash) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_expire(hash)
        }

        /// Announce a blob of `size` bytes for `lifetime` blocks, so that jobs can name it. Its
        /// bytes stay off the chain. `id` is that of the tree over its chunks.
        ///
        /// May be called by anyone.
        /// The deposit for the record is held until the blob is gone.
        ///
        /// Emits `Announced`.
        #[pallet::call_index(4)]
        pub fn announce(origin: OriginFor<T>, id: BlobHash, size: u64, lifetime: BlockNumber) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_announce(owner, id, size, lifetime)
        }
    }
}
