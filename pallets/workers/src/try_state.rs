//! What must hold after every block.

use super::*;
use polkadot_sdk::sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Check the pallet's invariants.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::every_worker_has_a_standing_and_a_key()?;
        Self::the_index_and_the_positions_agree()?;
        Self::who_is_available_may_be_drawn_and_nobody_else_is()?;
        Self::what_is_locked_is_held()?;
        Self::the_active_are_counted()
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
        for (worker, standing) in Standings::<T>::iter() {
            let available = standing.status == Status::Active
                && standing.busy < standing.slots
                && Self::held_bond(&worker) >= T::MinBond::get();
            ensure!(
                available == standing.position.is_some(),
                "who is active, bonded and has a free slot is in the index"
            );
        }
        Ok(())
    }

    fn what_is_locked_is_held() -> Result<(), TryRuntimeError> {
        for (worker, standing) in Standings::<T>::iter() {
            ensure!(standing.locked <= Self::held_bond(&worker), "no more is locked than is held");
        }
        Ok(())
    }

    fn the_active_are_counted() -> Result<(), TryRuntimeError> {
        let active = Standings::<T>::iter_values().filter(|standing| standing.status == Status::Active).count();
        ensure!(active == ActiveCount::<T>::get() as usize, "the count of active workers is right");
        Ok(())
    }
}
