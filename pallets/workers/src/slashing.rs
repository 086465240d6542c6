//! Slashes: set aside when a fault is found, and carried out after a delay unless governance
//! cancels them before.

use crate::{
    Config, DueSlashCounts, DueSlashes, Error, Event, HoldReason, NextSlash, Pallet, PendingSlashes, Standing,
    Standings, Swept, WeightInfo, reputation::Effect,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    AccountId, Balance, BlockNumber, TaskId,
    reason::ReasonCode,
    worker::{DutyEnd, MAX_CLAIMS, Outcome, Penalty},
};
use pallet_support::{
    agenda::{Agenda, Cost, Visit},
    hold,
};
use polkadot_sdk::{
    frame_support::{
        BoundedVec, defensive, ensure,
        traits::{ConstU32, DefensiveTruncateFrom, Get},
        weights::{Weight, WeightMeter},
    },
    sp_runtime::{DispatchResult, Saturating},
};
use scale_info::TypeInfo;

/// Most slashes that the sweep of one block looks at, even if there is weight for more.
pub(crate) const MAX_SWEPT: u32 = 1_024;

/// The slashes by the block in which they are due.
pub(crate) type Due<T> = Agenda<SlashId, DueSlashes<T>, DueSlashCounts<T>, Swept<T>>;

/// A slash's number, counted from 0.
pub type SlashId = u64;

/// The last fault noted for a worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Fault {
    /// The block in which it was noted.
    pub noted: BlockNumber,
    /// The change that the fault made to the reputation.
    pub effect: Effect,
    /// The fault's place among the worker's silences in a row, counted from 1; 0 if it was no
    /// silence.
    pub strike: u32,
}

/// A slash that is not carried out yet.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PendingSlash {
    /// The worker whose bond is slashed.
    pub worker: AccountId,
    /// The task the fault belongs to.
    pub task: TaskId,
    /// The fault.
    pub reason: ReasonCode,
    /// The amount in planck: a locked part of the bond.
    pub amount: Balance,
    /// The accounts to pay and the amount for each, in planck. They are paid in this order, as far
    /// as the slash goes.
    pub claims: BoundedVec<(AccountId, Balance), ConstU32<MAX_CLAIMS>>,
    /// The block from which on the slash is carried out.
    pub due: BlockNumber,
    /// The fault to take back if the slash is cancelled.
    pub fault: Option<Fault>,
}

impl<T: Config> Pallet<T> {
    /// Note how a duty worth `value` planck ended. A fault that is slashed must be noted first and
    /// slashed then, in the same block. The slash stores the fault's effect on the reputation, so
    /// that a cancellation can take it back.
    pub(crate) fn do_note(worker: &AccountId, outcome: Outcome, value: Balance) {
        if outcome == Outcome::Right && value == 0 {
            return;
        }
        if let Some(mut standing) = Standings::<T>::get(worker) {
            Self::note_on(&mut standing, outcome, value);
            Self::put(worker, standing);
        }
    }

    /// Note an outcome on a standing. The caller still has to [`put`](Self::put) the standing.
    fn note_on(standing: &mut Standing, outcome: Outcome, value: Balance) {
        if outcome == Outcome::Right && value == 0 {
            return;
        }
        let before = standing.reputation;
        standing.reputation = before.after(outcome, value, T::FullWeight::get());
        standing.strikes = match outcome {
            Outcome::Right => 0,
            Outcome::Silent => standing.strikes.saturating_add(1),
            Outcome::Declined | Outcome::Wrong => standing.strikes,
        };
        if outcome != Outcome::Right {
            let strike = if outcome == Outcome::Silent { standing.strikes } else { 0 };
            standing.fault = Some(Fault { noted: Self::now(), effect: standing.reputation.effect_on(before), strike });
        }
    }

    /// End a duty: unlock its bond, note its outcome, and set its penalty aside, in this order.
    pub(crate) fn do_conclude(worker: &AccountId, task: TaskId, end: DutyEnd) {
        let Some(mut standing) = Standings::<T>::get(worker) else { return };
        let DutyEnd { bond, outcome, worth, penalty } = end;
        let lost = penalty.as_ref().map_or(0, |penalty| penalty.amount);
        standing.relieve(task, bond.saturating_sub(lost));
        if let Some(outcome) = outcome {
            Self::note_on(&mut standing, outcome, worth);
        }
        let slashed = penalty.is_some_and(|penalty| Self::slash_on(worker, &mut standing, penalty));
        if outcome.is_some() || slashed {
            Self::put(worker, standing);
        } else {
            // Duties and locks do not change whether a worker may be drawn.
            Standings::<T>::insert(worker, standing);
        }
    }

    /// Set a locked part of a worker's bond aside for a slash.
    pub fn slash(worker: &AccountId, penalty: Penalty) {
        let Some(mut standing) = Standings::<T>::get(worker) else { return };
        if Self::slash_on(worker, &mut standing, penalty) {
            Self::put(worker, standing);
        } else {
            Standings::<T>::insert(worker, standing);
        }
    }

    /// File a slash, and set its amount aside in the worker's standing. Returns `false` if nothing
    /// is left to slash. The caller still has to store the standing.
    fn slash_on(worker: &AccountId, standing: &mut Standing, penalty: Penalty) -> bool {
        let fault = standing.fault.take().filter(|fault| fault.noted == Self::now());
        let Penalty { task, reason, amount, claims } = penalty;
        let amount = amount.min(standing.locked.saturating_sub(standing.slashing));
        if amount == 0 {
            return false;
        }
        let id = NextSlash::<T>::mutate(|next| {
            let id = *next;
            next.saturating_inc();
            id
        });
        // At least one block later, because the sweep of this block may be over.
        let now = Self::now();
        let due = Due::<T>::file(now, now.saturating_add(T::SlashDelay::get().max(1)), id);
        let claims = BoundedVec::defensive_truncate_from(claims);
        PendingSlashes::<T>::insert(
            id,
            PendingSlash { worker: worker.clone(), task, reason, amount, claims, due, fault },
        );
        standing.slashing = standing.slashing.saturating_add(amount);
        standing.pending = standing.pending.saturating_add(1);
        Self::deposit_event(Event::SlashPending { id, worker: worker.clone(), task, reason, amount, due });
        true
    }

    pub(crate) fn do_apply_slash(id: SlashId) -> DispatchResult {
        let slash = PendingSlashes::<T>::get(id).ok_or(Error::<T>::UnknownSlash)?;
        ensure!(Self::now() >= slash.due, Error::<T>::NotDue);
        let standing = Self::standing(&slash.worker)?;
        PendingSlashes::<T>::remove(id);
        Self::carry_out(id, slash, standing);
        Ok(())
    }

    pub(crate) fn do_cancel_slash(id: SlashId) -> DispatchResult {
        let slash = PendingSlashes::<T>::get(id).ok_or(Error::<T>::UnknownSlash)?;
        let mut standing = Self::standing(&slash.worker)?;
        PendingSlashes::<T>::remove(id);
        standing.release(slash.amount);
        if let Some(fault) = slash.fault {
            standing.reputation = standing.reputation.without(&fault.effect);
            if fault.strike > 0 && standing.strikes >= fault.strike {
                standing.strikes = standing.strikes.saturating_sub(1);
            }
        }
        let PendingSlash { worker, task, amount, .. } = slash;
        Self::put(&worker, standing);
        Self::deposit_event(Event::SlashCancelled { id, worker, task, amount });
        Ok(())
    }

    /// Carry out the slashes that are due, as far as the meter allows.
    pub(crate) fn sweep(meter: &mut WeightMeter) {
        let cost = Cost { block: T::WeightInfo::sweep_block(), item: Self::weight_of_look() };
        Due::<T>::sweep(Self::now(), MAX_SWEPT, meter, &cost, |_, id, meter| {
            // A slash that was carried out or cancelled before is dropped from the agenda.
            if !PendingSlashes::<T>::contains_key(id) {
                return Visit::Done;
            }
            if meter.try_consume(T::WeightInfo::apply_slash()).is_err() {
                return Visit::Stop;
            }
            if Self::do_apply_slash(id).is_err() {
                defensive!("what stands in the agenda of a block is due then, and its worker is there");
            }
            Visit::Done
        });
    }

    /// Weight of looking at one of many slashes that are filed under one block.
    pub(crate) fn weight_of_look() -> Weight {
        T::WeightInfo::sweep_slashes(1).saturating_sub(T::WeightInfo::sweep_slashes(0))
    }

    /// Pay the claims, then the insurance pot, and burn the rest.
    fn carry_out(id: SlashId, slash: PendingSlash, mut standing: Standing) {
        let PendingSlash { worker, task, reason, amount, claims, .. } = slash;
        let before = Self::held_bond(&worker);
        let taken = amount.min(before);
        let held_as = HoldReason::Bond.into();
        let paid = hold::pay_claims::<T::Currency>(&held_as, &worker, taken, &claims);
        let rest = taken.saturating_sub(paid);
        let insured = T::InsuranceShare::get().mul_floor(rest);
        let insured = hold::pay::<T::Currency>(&held_as, &worker, &T::InsurancePot::get(), insured);
        let burned = hold::burn::<T::Currency>(&held_as, &worker, rest.saturating_sub(insured));

        standing.release(amount);
        let bond = Self::held_bond(&worker);
        standing.bond = bond;
        Self::put(&worker, standing);
        Self::deposit_event(Event::Slashed { id, worker: worker.clone(), task, reason, paid, insured, burned });
        if before >= T::MinBond::get() && bond < T::MinBond::get() {
            Self::deposit_event(Event::FellBelowMinBond { worker, bond });
        }
    }
}

impl Standing {
    /// End a pending slash of `amount` planck.
    fn release(&mut self, amount: Balance) {
        self.locked = self.locked.saturating_sub(amount);
        self.slashing = self.slashing.saturating_sub(amount);
        self.pending = self.pending.saturating_sub(1);
    }
}
