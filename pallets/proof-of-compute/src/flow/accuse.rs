//! Accusations of a verified result: a challenged tile, or an output that cannot be fetched. The
//! accuser puts up a bond.

use super::close::Claims;
use crate::*;
use dpin_primitives::{AccountId, Balance, BlockNumber, TaskId, traits::JobLedger};
use pallet_support::hold;
use polkadot_sdk::{
    frame_support::{
        defensive, ensure,
        traits::{fungible::MutateHold, tokens::Precision},
    },
    sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// Challenge a tile of a result that was found right.
    pub(crate) fn do_challenge(challenger: AccountId, task: TaskId, tile: u32) -> DispatchResult {
        let (state, proven, until) = Self::challengeable(task)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        ensure!(tile < brief.tiling.tiles(brief.group_count), Error::<T>::UnknownTile);
        let bond = Self::hold_challenge(&challenger, &proven.run)?;
        Self::summon(task, state, Case::Challenge { proven, until, challenger, bond, tile, claim: None });
        Ok(())
    }

    /// Report that the output of a result that was found right cannot be fetched.
    pub(crate) fn do_report_unavailable(requester: AccountId, task: TaskId) -> DispatchResult {
        let (state, proven, until) = Self::challengeable(task)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        ensure!(brief.requester == requester, Error::<T>::NotRequester);
        let bond = Self::hold_challenge(&requester, &proven.run)?;
        Self::summon(task, state, Case::Withheld { proven, until, bond });
        Ok(())
    }

    fn challengeable(task: TaskId) -> Result<(TaskState, Proven, BlockNumber), Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let Stage::Verified { proven, due } = state.stage.clone() else { return Err(Error::WrongStage) };
        ensure!(Self::now() <= due, Error::<T>::TooLate);
        Ok((state, proven, due))
    }

    fn hold_challenge(who: &AccountId, accused: &Run) -> Result<Balance, DispatchError> {
        let bond = Self::rules().accusation_bond(accused.bond);
        T::Currency::hold(&HoldReason::Challenge.into(), who, bond)?;
        Ok(bond)
    }

    pub(super) fn release_challenge(who: &AccountId, bond: Balance) {
        let released = T::Currency::release(&HoldReason::Challenge.into(), who, bond, Precision::BestEffort);
        if released != Ok(bond) {
            defensive!("what was put up for a challenge is held");
        }
    }

    /// Pay the claims from a lost challenge's bond and burn the rest. What cannot be delivered is
    /// burned too.
    pub(super) fn forfeit_challenge(who: &AccountId, bond: Balance, claims: &Claims) {
        let reason = HoldReason::Challenge.into();
        let claims = claims.on(bond, Self::rules().shares);
        let paid = hold::pay_claims::<T::Currency>(&reason, who, bond, &claims);
        let burned = hold::burn::<T::Currency>(&reason, who, bond.saturating_sub(paid));
        Self::deposit_event(Event::ChallengeForfeited { who: who.clone(), bond, burned });
    }
}
