//! The invariants that must always hold. Each check is one function, named as a sentence.

use crate::{Config, CurrentPlan, CurrentRound, Kind, LastRound, MAX_UNITS, Met, Pallet, Records, Standing};
use dpin_primitives::traits::{KernelRegistry, WorkerHealth};
use polkadot_sdk::{
    frame_support::{ensure, traits::Contains},
    frame_system,
    sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
    /// Check all invariants of the pallet.
    ///
    /// # Errors
    ///
    /// The broken invariant, in words.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::the_kernels_that_are_needed_are_registered()?;
        Self::every_worker_met_has_a_record()?;
        Self::no_record_is_ahead_of_the_rounds_or_out_of_bounds()?;
        Self::the_open_canaries_of_a_round_are_those_found_open()?;
        Self::nobody_is_judged_before_the_window_is_over()
    }

    fn the_kernels_that_are_needed_are_registered() -> Result<(), TryRuntimeError> {
        let plans = CurrentPlan::<T>::get().into_iter().chain(CurrentRound::<T>::get().map(|round| round.plan));
        for plan in plans {
            for kernel in [plan.conformance, plan.throughput] {
                ensure!(T::Kernels::manifest(&kernel).is_some(), "a canary's kernel is gone");
            }
        }
        Ok(())
    }

    fn every_worker_met_has_a_record() -> Result<(), TryRuntimeError> {
        for number in 0..Met::<T>::get() {
            ensure!(
                T::Workers::by_number(number).is_none() || Records::<T>::contains_key(number),
                "a worker that was met has no record"
            );
        }
        Ok(())
    }

    fn no_record_is_ahead_of_the_rounds_or_out_of_bounds() -> Result<(), TryRuntimeError> {
        let last = LastRound::<T>::get();
        ensure!(CurrentRound::<T>::get().is_none_or(|round| round.number == last), "the round is not the last one");
        for record in Records::<T>::iter_values() {
            ensure!(record.round <= last, "a record of a round that never opened");
            for claims in [record.claims, record.next] {
                ensure!((1..=MAX_UNITS).contains(&claims.units), "a claim is out of bounds");
            }
            ensure!(
                record.passport.is_none() || record.standing == Standing::Proved,
                "a passport of a worker that is not proved"
            );
        }
        Ok(())
    }

    fn the_open_canaries_of_a_round_are_those_found_open() -> Result<(), TryRuntimeError> {
        let Some(round) = CurrentRound::<T>::get() else { return Ok(()) };
        let open = (0..round.swept)
            .flat_map(|number| Kind::ALL.map(|kind| kind.task(round.number, number)))
            .filter(T::Tasks::contains)
            .count();
        ensure!(u32::try_from(open) == Ok(round.open), "a round's count of open canaries is wrong");
        Ok(())
    }

    fn nobody_is_judged_before_the_window_is_over() -> Result<(), TryRuntimeError> {
        let Some(round) = CurrentRound::<T>::get() else { return Ok(()) };
        let now = frame_system::Pallet::<T>::block_number();
        ensure!(round.swept == 0 || now > round.due.into(), "a worker was looked at before the window was over");
        ensure!(round.swept <= Met::<T>::get(), "a worker was looked at that was never met");
        Ok(())
    }
}
