//! The invariants that must hold after every block.

use crate::{
    ActiveCount, Available, AvailableCount, Certificates, Config, HoldReason, Keys, NextNumber, NextSlash, Numbers,
    Pallet, PendingSlashes, Standings, Status, Workers, slashing,
};
use alloc::collections::BTreeMap;
use dpin_primitives::{
    AccountId, Balance,
    worker::{Capability, DeviceClass},
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        traits::{Get, fungibles::hold::Inspect as _},
    },
    sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
    /// Check the pallet's invariants.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::every_worker_has_a_standing_and_a_key()?;
        Self::the_index_and_the_positions_agree()?;
        Self::who_is_available_may_be_drawn_and_nobody_else_is()?;
        Self::what_is_locked_is_held()?;
        Self::what_is_set_aside_is_locked_and_pending()?;
        Self::the_queue_and_the_pending_slashes_agree()?;
        Self::every_worker_has_a_number()?;
        Self::the_active_are_counted()?;
        Self::what_is_certified_is_held()
    }

    fn every_worker_has_a_standing_and_a_key() -> Result<(), TryRuntimeError> {
        let workers = Workers::<T>::iter_keys().count();
        ensure!(Standings::<T>::iter_keys().count() == workers, "as many standings as workers");
        ensure!(Keys::<T>::iter_keys().count() == workers, "as many keys as workers");
        for (worker, record) in Workers::<T>::iter() {
            ensure!(Keys::<T>::get(&record.key) == Some(worker.clone()), "a worker's key names the worker");
            let standing = Standings::<T>::get(&worker).ok_or("every worker has a standing")?;
            ensure!(record.devices.len() == standing.slots as usize, "a worker has one slot per device");
            ensure!(record.devices.iter().all(|d| d.class == standing.class), "a worker's devices are of its class");
            ensure!(standing.busy <= standing.slots, "no more slots are in use than there are");
            let capability = Capability::of(&record.devices);
            ensure!(capability == Some(standing.capability), "a worker can do what all its devices can");
        }
        Ok(())
    }

    fn the_index_and_the_positions_agree() -> Result<(), TryRuntimeError> {
        for class in DeviceClass::ALL {
            let count = Available::<T>::iter_key_prefix(class).count();
            ensure!(count == AvailableCount::<T>::get(class) as usize, "the available are counted");
            for (position, worker) in Available::<T>::iter_prefix(class) {
                ensure!((position as usize) < count, "the index has no gaps");
                let standing = Standings::<T>::get(&worker).ok_or("who is in the index is a worker")?;
                ensure!(standing.class == class, "who is in the index of a class is of that class");
                ensure!(standing.position == Some(position), "who is in the index knows its place");
            }
        }
        for (worker, standing) in Standings::<T>::iter() {
            if let Some(position) = standing.position {
                let there = Available::<T>::get(standing.class, position);
                ensure!(there == Some(worker), "who has a place in the index stands there");
            }
        }
        Ok(())
    }

    fn who_is_available_may_be_drawn_and_nobody_else_is() -> Result<(), TryRuntimeError> {
        for standing in Standings::<T>::iter_values() {
            let available = Self::is_available(&standing);
            ensure!(available == standing.position.is_some(), "who may be drawn is in the index, and nobody else");
        }
        Ok(())
    }

    fn what_is_locked_is_held() -> Result<(), TryRuntimeError> {
        for (worker, standing) in Standings::<T>::iter() {
            ensure!(standing.bond == Self::held_bond(&worker), "a worker's bond is what is held of it");
            ensure!(standing.locked <= standing.bond, "no more is locked than is held");
        }
        Ok(())
    }

    fn what_is_set_aside_is_locked_and_pending() -> Result<(), TryRuntimeError> {
        let mut pending = BTreeMap::<AccountId, (Balance, u32)>::new();
        for slash in PendingSlashes::<T>::iter_values() {
            ensure!(slash.amount > 0, "a slash takes something");
            let (amount, number) = pending.entry(slash.worker).or_default();
            *amount = amount.saturating_add(slash.amount);
            *number = number.saturating_add(1);
        }
        for (worker, standing) in Standings::<T>::iter() {
            let (amount, number) = pending.remove(&worker).unwrap_or_default();
            ensure!(standing.slashing == amount, "what is set aside is what the pending slashes take");
            ensure!(standing.pending == number, "the pending slashes of a worker are counted");
            ensure!(standing.slashing <= standing.locked, "what is set aside is locked");
        }
        ensure!(pending.is_empty(), "whose slash is pending is a worker");
        Ok(())
    }

    fn the_queue_and_the_pending_slashes_agree() -> Result<(), TryRuntimeError> {
        let count = PendingSlashes::<T>::iter_keys().count();
        ensure!(PendingSlashes::<T>::count() as usize == count, "the pending slashes are counted");
        slashing::Due::<T>::check()?;
        for (id, slash) in PendingSlashes::<T>::iter() {
            ensure!(id < NextSlash::<T>::get(), "a slash has a number that was given");
            let queued = slashing::Due::<T>::items(slash.due).filter(|queued| *queued == id).count();
            ensure!(queued == 1, "a pending slash is queued once, for its block, and not swept over");
        }
        Ok(())
    }

    fn every_worker_has_a_number() -> Result<(), TryRuntimeError> {
        let workers = Standings::<T>::iter_keys().count();
        ensure!(Numbers::<T>::iter_keys().count() == workers, "as many numbers as workers");
        for (worker, standing) in Standings::<T>::iter() {
            ensure!(Numbers::<T>::get(standing.number) == Some(worker), "a worker's number names the worker");
            ensure!(standing.number < NextNumber::<T>::get(), "a worker has a number that was given");
        }
        Ok(())
    }

    fn the_active_are_counted() -> Result<(), TryRuntimeError> {
        let active = Standings::<T>::iter_values().filter(|standing| standing.status == Status::Active).count();
        ensure!(active == ActiveCount::<T>::get() as usize, "the count of active workers is right");
        Ok(())
    }

    fn what_is_certified_is_held() -> Result<(), TryRuntimeError> {
        let held = |account: &AccountId| {
            T::Assets::balance_on_hold(T::CertificateAsset::get(), &HoldReason::Certificate.into(), account)
        };
        for (account, certificate) in Certificates::<T>::iter() {
            ensure!(certificate > 0, "a certificate is something");
            ensure!(held(&account) == certificate, "a certificate is what is held for it");
        }
        for worker in Standings::<T>::iter_keys() {
            ensure!(held(&worker) == Certificates::<T>::get(&worker), "nothing is held for no certificate");
        }
        Ok(())
    }
}
