//! Workers' health as canaries report it: numbers, admission, and the consequences of missed
//! canaries.

use crate::{Config, Error, Event, NextNumber, Numbers, Pallet, Standings, Status};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, Balance, TaskId,
    reason::ReasonCode,
    traits::WorkerHealth,
    worker::{Capability, Outcome, Penalty},
};
use polkadot_sdk::frame_support::traits::Get;

/// Number of missed canaries in a row from which on a worker is not drawn.
pub(crate) const MISSES_TO_SUSPEND: u32 = 2;

impl<T: Config> Pallet<T> {
    /// Give a worker the next number.
    pub(crate) fn next_number_to(worker: &AccountId) -> Result<u32, Error<T>> {
        let number = NextNumber::<T>::get();
        let next = number.checked_add(1).ok_or(Error::<T>::NoNumberLeft)?;
        NextNumber::<T>::put(next);
        Numbers::<T>::insert(number, worker);
        Ok(number)
    }

    /// Slash a part of a worker's free bond for a missed canary.
    fn slash_absence(worker: &AccountId, task: TaskId) {
        // The outcome is noted first, so that the slash takes it along and its cancellation takes
        // it back.
        Self::do_note(worker, Outcome::Silent, 0);
        let amount = T::AbsenceSlash::get().mul_floor(T::MinBond::get()).min(Self::free_bond(worker));
        if Self::lock(worker, amount) {
            let reason = ReasonCode::CanaryMissed;
            Self::slash(worker, Penalty { task, reason, amount, claims: Vec::new() });
        }
    }

    /// Lock a part of a worker's free bond, in planck. Returns `false` if too little is free.
    pub(crate) fn lock(worker: &AccountId, amount: Balance) -> bool {
        Standings::<T>::mutate(worker, |standing| standing.as_mut().is_some_and(|standing| standing.lock(amount)))
    }
}

impl<T: Config> WorkerHealth for Pallet<T> {
    fn number(worker: &AccountId) -> Option<u32> {
        Standings::<T>::get(worker).map(|standing| standing.number)
    }

    fn by_number(number: u32) -> Option<AccountId> {
        Numbers::<T>::get(number)
    }

    fn next_number() -> u32 {
        NextNumber::<T>::get()
    }

    fn is_active(worker: &AccountId) -> bool {
        Standings::<T>::get(worker).is_some_and(|standing| standing.status == Status::Active)
    }

    fn capability(worker: &AccountId) -> Option<Capability> {
        Standings::<T>::get(worker).map(|standing| standing.capability)
    }

    fn prove(worker: &AccountId) {
        let Some(mut standing) = Standings::<T>::get(worker) else { return };
        if standing.admitted && standing.misses == 0 {
            return;
        }
        standing.admitted = true;
        standing.misses = 0;
        Self::put(worker, standing);
        Self::deposit_event(Event::Proved { worker: worker.clone() });
    }

    fn miss(worker: &AccountId, task: TaskId) {
        // A worker that is paused or leaving has said so, and misses no canary.
        let Some(mut standing) = Standings::<T>::get(worker).filter(|s| s.status == Status::Active) else { return };
        standing.misses = standing.misses.saturating_add(1);
        let misses = standing.misses;
        Self::put(worker, standing);
        match misses {
            ..MISSES_TO_SUSPEND => Self::deposit_event(Event::Warned { worker: worker.clone(), task }),
            MISSES_TO_SUSPEND => Self::deposit_event(Event::Suspended { worker: worker.clone(), task }),
            _ => Self::slash_absence(worker, task),
        }
    }

    fn disprove(worker: &AccountId) {
        let Some(mut standing) = Standings::<T>::get(worker).filter(|standing| standing.admitted) else { return };
        standing.admitted = false;
        Self::put(worker, standing);
        Self::deposit_event(Event::Disproved { worker: worker.clone() });
    }
}
