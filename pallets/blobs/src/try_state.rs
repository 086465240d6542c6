//! The invariants that must hold after every block.

use crate::{Blobs, Config, ExpiryQueue, HoldReason, Pallet, SweepFrom};
use alloc::collections::BTreeMap;
use dpin_primitives::{AccountId, Balance};
use polkadot_sdk::{
    frame_support::{ensure, traits::fungible::InspectHold},
    sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
    /// Check the pallet's invariants.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::held_deposits_are_those_of_the_blobs()?;
        Self::every_unpinned_blob_is_queued_once()?;
        Self::nothing_is_queued_behind_the_sweep()
    }

    fn held_deposits_are_those_of_the_blobs() -> Result<(), TryRuntimeError> {
        let mut owed = BTreeMap::<AccountId, Balance>::new();
        for record in Blobs::<T>::iter_values() {
            let sum = owed.entry(record.owner).or_default();
            *sum = sum.checked_add(record.deposit).ok_or("the sum of deposits fits its type")?;
        }
        for (owner, sum) in owed {
            let held = T::Currency::balance_on_hold(&HoldReason::Storage.into(), &owner);
            ensure!(held == sum, "what is held of an owner is the sum of its blobs' deposits");
        }
        Ok(())
    }

    fn every_unpinned_blob_is_queued_once() -> Result<(), TryRuntimeError> {
        let unpinned = Blobs::<T>::iter_values().filter(|record| record.pins == 0).count();
        let mut queued = 0usize;
        for (block, hash, ()) in ExpiryQueue::<T>::iter() {
            let record = Blobs::<T>::get(hash).ok_or("every queued blob has a record")?;
            ensure!(record.pins == 0, "no pinned blob is queued");
            ensure!(record.expires == block, "a blob is queued at the block in which it expires");
            queued = queued.saturating_add(1);
        }
        ensure!(queued == unpinned, "every unpinned blob is queued");
        Ok(())
    }

    fn nothing_is_queued_behind_the_sweep() -> Result<(), TryRuntimeError> {
        let from = SweepFrom::<T>::get();
        ensure!(ExpiryQueue::<T>::iter_keys().all(|(block, _)| block >= from), "the sweep has left no blob behind");
        Ok(())
    }
}
