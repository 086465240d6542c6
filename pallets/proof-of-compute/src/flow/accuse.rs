//! Accusations of a verified result: a challenged tile, or an output that cannot be fetched. The
//! accuser puts up a bond.

use super::{Open, close::Claims};
use crate::*;
use dpin_primitives::{AccountId, Balance, BlockNumber, TaskId};
use pallet_support::hold;
use polkadot_sdk::{
    frame_support::{
        defensive, ensure,
        traits::{fungible::MutateHold, tokens::Precision},
    },
    sp_runtime::{DispatchError, DispatchResult},
};

impl<T: Config> Pallet<T> {
    /// Challenge a tile of a verified result.
    pub(crate) fn do_challenge(challenger: AccountId, task: TaskId, tile: u32) -> DispatchResult {
        let (open, proven, until) = Self::challengeable(task)?;
        ensure!(tile < open.tiles(), Error::<T>::UnknownTile);
        let bond = open.hold_challenge(&challenger, &proven.run)?;
        open.summon(Case::Challenge { proven, until, challenger, bond, tile, claim: None });
        Ok(())
    }

    /// Report that the output of a verified result cannot be fetched.
    pub(crate) fn do_report_unavailable(requester: AccountId, task: TaskId) -> DispatchResult {
        let (open, proven, until) = Self::challengeable(task)?;
        ensure!(open.brief.requester == requester, Error::<T>::NotRequester);
        let bond = open.hold_challenge(&requester, &proven.run)?;
        open.summon(Case::Withheld { proven, until, bond });
        Ok(())
    }

    /// The task, its result, and the last block of its challenge window.
    fn challengeable(task: TaskId) -> Result<(Open<T>, Proven, BlockNumber), Error<T>> {
        let state = Self::stored(task)?;
        let Stage::Verified { proven, due } = state.stage.clone() else { return Err(Error::WrongStage) };
        ensure!(Self::now() <= due, Error::<T>::TooLate);
        Ok((Open::of(task, state)?, proven, due))
    }
}

impl<T: Config> Open<T> {
    /// Hold the accuser's bond. Returns it in planck.
    fn hold_challenge(&self, who: &AccountId, accused: &Run) -> Result<Balance, DispatchError> {
        let bond = self.rules.accusation_bond(accused.bond);
        T::Currency::hold(&HoldReason::Challenge.into(), who, bond)?;
        Ok(bond)
    }

    pub(super) fn release_challenge(&self, who: &AccountId, bond: Balance) {
        let released = T::Currency::release(&HoldReason::Challenge.into(), who, bond, Precision::BestEffort);
        if released != Ok(bond) {
            defensive!("the bond of a challenge is held");
        }
    }

    /// Pay the claims from the bond of a lost challenge and burn the rest, with the claims that
    /// cannot be paid.
    pub(super) fn forfeit_challenge(&self, who: &AccountId, bond: Balance, claims: &Claims) {
        let reason = HoldReason::Challenge.into();
        let claims = claims.on(bond, self.rules.shares);
        let paid = hold::pay_claims::<T::Currency>(&reason, who, bond, &claims);
        let burned = hold::burn::<T::Currency>(&reason, who, bond.saturating_sub(paid));
        Pallet::<T>::deposit_event(Event::ChallengeForfeited { who: who.clone(), bond, burned });
    }
}
