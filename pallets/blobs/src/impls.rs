//! The bodies of the calls, the sweep and the trait for other pallets.

use crate::{
    BlobRecord, Blobs, Config, Error, Event, ExpiryQueue, HoldReason, LatestStore, MAX_ANNOUNCED_BYTES, MAX_BLOB_BYTES,
    MAX_SWEPT_PER_BLOCK, Pallet, SweepFrom, WeightInfo,
};
use alloc::vec::Vec;
use dpin_primitives::{AccountId, Balance, BlobHash, BlockNumber, blake2, traits::BlobStore};
use polkadot_sdk::{
    frame_support::{
        defensive, ensure,
        traits::{Get, fungible::MutateHold, tokens::Precision},
        weights::WeightMeter,
    },
    frame_system, sp_io,
    sp_runtime::{DispatchResult, SaturatedConversion},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn deposit(size: u32) -> Balance {
        T::ByteDeposit::get().saturating_mul(size.into()).saturating_add(T::BaseDeposit::get())
    }

    /// Return the block in which a blob expires if it lives for `lifetime` blocks from now on.
    fn expiry(lifetime: BlockNumber) -> Result<BlockNumber, Error<T>> {
        ensure!(lifetime > 0, Error::<T>::LifetimeZero);
        ensure!(lifetime <= T::MaxLifetime::get(), Error::<T>::LifetimeTooLong);
        Self::now().checked_add(lifetime).ok_or(Error::<T>::LifetimeTooLong)
    }

    pub(crate) fn do_store(owner: AccountId, lifetime: BlockNumber, data: &[u8]) -> DispatchResult {
        ensure!(!data.is_empty(), Error::<T>::Empty);
        ensure!(data.len() <= MAX_BLOB_BYTES as usize, Error::<T>::TooLarge);
        let size: u32 = data.len().saturated_into();
        let expires = Self::expiry(lifetime)?;

        let extrinsic = frame_system::Pallet::<T>::extrinsic_index().ok_or(Error::<T>::NotAtEndOfExtrinsic)?;
        ensure!(frame_system::Pallet::<T>::extrinsic_data(extrinsic).ends_with(data), Error::<T>::NotAtEndOfExtrinsic);
        let here = (Self::now(), extrinsic);
        ensure!(LatestStore::<T>::get() != Some(here), Error::<T>::OnePerExtrinsic);

        let hash = blake2(data);
        let announced = Blobs::<T>::get(hash);
        ensure!(announced.as_ref().is_none_or(|record| record.stored_at.is_none()), Error::<T>::AlreadyStored);
        let pins = announced.as_ref().map_or(0, |record| record.pins);

        let deposit = Self::deposit(size);
        T::Currency::hold(&HoldReason::Storage.into(), &owner, deposit)?;
        if let Some(record) = &announced {
            Self::forget(hash, record)?;
        }
        let stored_at = Some(here.0);
        let record = BlobRecord { owner: owner.clone(), size: size.into(), deposit, stored_at, expires, pins };
        Self::remember(hash, record);
        LatestStore::<T>::put(here);
        Self::deposit_event(Event::Stored { hash, owner, size, deposit, expires });

        sp_io::transaction_index::index(extrinsic, size, hash.into());
        Ok(())
    }

    pub(crate) fn do_announce(owner: AccountId, hash: BlobHash, size: u64, lifetime: BlockNumber) -> DispatchResult {
        ensure!(size > 0, Error::<T>::Empty);
        ensure!(size <= MAX_ANNOUNCED_BYTES, Error::<T>::TooLarge);
        let expires = Self::expiry(lifetime)?;
        ensure!(!Blobs::<T>::contains_key(hash), Error::<T>::AlreadyStored);

        let deposit = T::BaseDeposit::get();
        T::Currency::hold(&HoldReason::Storage.into(), &owner, deposit)?;
        let record = BlobRecord { owner: owner.clone(), size, deposit, stored_at: None, expires, pins: 0 };
        Self::remember(hash, record);
        Self::deposit_event(Event::Announced { hash, owner, size, deposit, expires });
        Ok(())
    }

    pub(crate) fn do_renew(owner: &AccountId, hash: BlobHash, lifetime: BlockNumber) -> DispatchResult {
        let mut record = Blobs::<T>::get(hash).ok_or(Error::<T>::UnknownBlob)?;
        ensure!(record.owner == *owner, Error::<T>::NotOwner);
        let expires = Self::expiry(lifetime)?;
        ensure!(expires > record.expires, Error::<T>::NotLater);

        if record.pins == 0 {
            ExpiryQueue::<T>::remove(record.expires, hash);
            ExpiryQueue::<T>::insert(expires, hash, ());
        }
        record.expires = expires;
        Blobs::<T>::insert(hash, record);
        Self::deposit_event(Event::Renewed { hash, expires });
        Ok(())
    }

    pub(crate) fn do_remove(owner: &AccountId, hash: BlobHash) -> DispatchResult {
        let record = Blobs::<T>::get(hash).ok_or(Error::<T>::UnknownBlob)?;
        ensure!(record.owner == *owner, Error::<T>::NotOwner);
        Self::erase(hash, &record)?;
        Self::deposit_event(Event::Removed { hash });
        Ok(())
    }

    pub(crate) fn do_expire(hash: BlobHash) -> DispatchResult {
        let record = Blobs::<T>::get(hash).ok_or(Error::<T>::UnknownBlob)?;
        ensure!(Self::now() >= record.expires, Error::<T>::NotExpired);
        Self::erase(hash, &record)?;
        Self::deposit_event(Event::Expired { hash });
        Ok(())
    }

    /// Release the deposit and remove the blob, unless it is pinned. Changes nothing if it fails.
    fn erase(hash: BlobHash, record: &BlobRecord) -> DispatchResult {
        ensure!(record.pins == 0, Error::<T>::Pinned);
        Self::forget(hash, record)
    }

    /// Store a blob's record, and queue the blob unless it is pinned.
    fn remember(hash: BlobHash, record: BlobRecord) {
        if record.pins == 0 {
            ExpiryQueue::<T>::insert(record.expires, hash, ());
        }
        Blobs::<T>::insert(hash, record);
    }

    /// Release the deposit and remove the blob from the state. Changes nothing if it fails.
    fn forget(hash: BlobHash, record: &BlobRecord) -> DispatchResult {
        T::Currency::release(&HoldReason::Storage.into(), &record.owner, record.deposit, Precision::Exact)?;
        ExpiryQueue::<T>::remove(record.expires, hash);
        Blobs::<T>::remove(hash);
        Ok(())
    }

    /// Expire blobs whose lifetime is over, oldest first, as far as the meter and
    /// [`MAX_SWEPT_PER_BLOCK`] allow.
    pub(crate) fn sweep(now: BlockNumber, meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::sweep_base()).is_err() {
            return;
        }
        let from = SweepFrom::<T>::get();
        let mut block = from;
        let mut left = MAX_SWEPT_PER_BLOCK;
        while block <= now && meter.try_consume(T::WeightInfo::sweep_block()).is_ok() {
            let mut due = ExpiryQueue::<T>::iter_key_prefix(block)
                .take((left as usize).saturating_add(1))
                .collect::<Vec<_>>()
                .into_iter();
            for hash in due.by_ref() {
                if left == 0 || meter.try_consume(T::WeightInfo::sweep_blob()).is_err() {
                    SweepFrom::<T>::put(block);
                    return;
                }
                left = left.saturating_sub(1);
                Self::sweep_blob(hash, now);
            }
            match block.checked_add(1) {
                Some(next) => block = next,
                None => break,
            }
        }
        if block != from {
            SweepFrom::<T>::put(block);
        }
    }

    fn sweep_blob(hash: BlobHash, now: BlockNumber) {
        let Some(mut record) = Blobs::<T>::get(hash) else {
            defensive!("every queued blob has a record");
            return;
        };
        if Self::erase(hash, &record).is_ok() {
            Self::deposit_event(Event::Expired { hash });
            return;
        }
        // A held deposit can be released. If that fails nevertheless, the sweep must not get stuck
        // at this blob.
        defensive!("the deposit of an unpinned blob can be released");
        ExpiryQueue::<T>::remove(record.expires, hash);
        record.expires = now.saturating_add(T::MaxLifetime::get());
        ExpiryQueue::<T>::insert(record.expires, hash, ());
        Blobs::<T>::insert(hash, record);
    }
}

impl<T: Config> BlobStore for Pallet<T> {
    fn size(hash: &BlobHash) -> Option<u64> {
        Blobs::<T>::get(hash).map(|record| record.size)
    }

    fn is_stored(hash: &BlobHash) -> bool {
        Blobs::<T>::get(hash).is_some_and(|record| record.stored_at.is_some())
    }

    fn pin(hash: &BlobHash) -> DispatchResult {
        Blobs::<T>::try_mutate(hash, |record| {
            let record = record.as_mut().ok_or(Error::<T>::UnknownBlob)?;
            let pins = record.pins.checked_add(1).ok_or(Error::<T>::TooManyPins)?;
            if record.pins == 0 {
                ExpiryQueue::<T>::remove(record.expires, hash);
            }
            record.pins = pins;
            Ok(())
        })
    }

    fn unpin(hash: &BlobHash) {
        Blobs::<T>::mutate_exists(hash, |record| {
            let Some((record, pins)) = record.as_mut().and_then(|r| r.pins.checked_sub(1).map(|pins| (r, pins))) else {
                defensive!("only what was pinned is unpinned");
                return;
            };
            record.pins = pins;
            if pins == 0 {
                // The sweep may have passed this block already.
                record.expires = record.expires.max(Self::now().saturating_add(1));
                ExpiryQueue::<T>::insert(record.expires, hash, ());
            }
        })
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_blob(seed: u32, size: u32) -> BlobHash {
        use codec::Encode;
        use polkadot_sdk::frame_support::traits::fungible::{Inspect, Mutate};
        let owner: AccountId = polkadot_sdk::frame_benchmarking::account("blob owner", seed, 0);
        let hash = blake2(&(b"benchmark blob", seed, size).encode());
        let deposit = Self::deposit(size);
        let reason = HoldReason::Storage.into();
        T::Currency::mint_into(&owner, deposit.saturating_add(T::Currency::minimum_balance()))
            .and_then(|_| T::Currency::hold(&reason, &owner, deposit))
            .expect("what was just minted can be held");
        let expires = Self::now().saturating_add(T::MaxLifetime::get());
        let stored_at = Some(Self::now());
        Self::remember(hash, BlobRecord { owner, size: size.into(), deposit, stored_at, expires, pins: 0 });
        hash
    }
}
