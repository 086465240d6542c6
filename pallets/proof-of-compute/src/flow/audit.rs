//! The audit: auditors seal the sample, the worker opens it, and equal seals verify the result.

use super::close::{Claims, Fate};
use crate::*;
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, AssetKind, Hash, TaskId,
    api::TaskStep,
    reason::ReasonCode,
    seal::{finding, seal},
    tile_tree,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::{Duty, Outcome, Role},
};
use polkadot_sdk::{
    frame_support::{BoundedVec, ensure, weights::Weight},
    sp_runtime::DispatchError,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn start_audit(
        task: TaskId,
        state: TaskState,
        mut audit: Audit,
        auditors: Vec<AccountId>,
        brief: &TaskBrief,
    ) -> Weight {
        for auditor in &auditors {
            if T::Workers::oblige(auditor, Duty { task, role: Role::Auditor }, audit.auditor_bond) {
                let _ = audit.auditors.try_push((auditor.clone(), None));
            }
        }
        let due = Self::now().saturating_add(Self::rules().seal_blocks);
        let samples = task::sampled_tiles(&audit, brief).len() as u32;
        history::note::<T>(task, state.attempt, TaskStep::AuditorsDrawn { auditors: auditors.clone(), samples });
        Self::deposit_event(Event::AuditorsDrawn { task, seed: audit.seed, samples, auditors });
        Self::enter(task, TaskState { stage: Stage::Auditing { audit, due }, ..state })
    }

    /// The state, the audit and the auditor's position, if the task waits for this auditor's seal.
    pub(crate) fn sealable(
        task: TaskId,
        attempt: u8,
        auditor: &AccountId,
    ) -> Result<(TaskState, Audit, usize), Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let Stage::Auditing { audit, due } = &state.stage else { return Err(Error::WrongStage) };
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= *due, Error::<T>::TooLate);
        let at = audit.auditors.iter().position(|(who, _)| who == auditor).ok_or(Error::<T>::NotAuditor)?;
        ensure!(audit.auditors.get(at).is_some_and(|(_, seal)| seal.is_none()), Error::<T>::AlreadySealed);
        let audit = audit.clone();
        Ok((state, audit, at))
    }

    /// Returns what filing the task anew weighed, if it had to be.
    pub(crate) fn do_seal(task: TaskId, attempt: u8, who: AccountId, seal: Hash) -> Result<Weight, DispatchError> {
        let (state, mut audit, at) = match Self::sealable(task, attempt, &who) {
            Err(Error::WrongStage) => return Self::do_seal_as_juror(task, attempt, who, seal),
            audited => audited?,
        };
        if let Some((_, given)) = audit.auditors.get_mut(at) {
            *given = Some(seal);
        }
        let due = state.stage.due();
        let complete = audit.auditors.iter().all(|(_, seal)| seal.is_some());
        Self::deposit_event(Event::TaskSealed { task, by: who });
        Ok(if complete {
            Self::await_opening(task, state, audit)
        } else {
            Self::enter(task, TaskState { stage: Stage::Auditing { audit, due }, ..state })
        })
    }

    pub(super) fn await_opening(task: TaskId, state: TaskState, audit: Audit) -> Weight {
        let due = Self::now().saturating_add(Self::rules().open_blocks);
        Self::enter(task, TaskState { stage: Stage::Opening { audit, due }, ..state })
    }

    /// The state, if the task waits for an opening by its worker: of the sample, or of a challenged
    /// tile.
    pub(crate) fn openable(task: TaskId, attempt: u8) -> Result<TaskState, Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let waits = match &state.stage {
            Stage::Opening { .. } => true,
            Stage::Revealing { case: Case::Challenge { claim, .. }, .. } => claim.is_none(),
            _ => false,
        };
        ensure!(waits, Error::<T>::WrongStage);
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= state.stage.due(), Error::<T>::TooLate);
        Ok(state)
    }

    /// Returns what the call has weighed, and what closing the task did beyond that.
    pub(crate) fn do_open(
        task: TaskId,
        attempt: u8,
        leaves: &[Hash],
        proof: &[Hash],
    ) -> Result<(Weight, Weight), DispatchError> {
        let state = Self::openable(task, attempt)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        match state.stage.clone() {
            Stage::Opening { audit, .. } => Ok(Self::open_sample(task, state, audit, &brief, leaves, proof)),
            Stage::Revealing { .. } => {
                let closing = Self::open_challenged(task, state, &brief, leaves, proof);
                let hashed = T::WeightInfo::hash_nodes(proof.len() as u32);
                Ok((T::WeightInfo::open(leaves.len() as u32).saturating_add(hashed), closing))
            }
            _ => Err(Error::<T>::WrongStage.into()),
        }
    }

    fn open_sample(
        task: TaskId,
        state: TaskState,
        audit: Audit,
        brief: &TaskBrief,
        leaves: &[Hash],
        proof: &[Hash],
    ) -> (Weight, Weight) {
        let tiles = brief.tiling.tiles(brief.group_count);
        let (sample, count) = (task::sampled_tiles(&audit, brief), leaves.len() as u32);
        let hashed = T::WeightInfo::hash_nodes(proof.len() as u32);
        let worst = T::WeightInfo::open(count).saturating_add(hashed);
        if tile_tree::verify(&audit.commitment.root, tiles, &sample, leaves, proof).is_err() {
            let closing = Self::no_opening(task, state, audit, brief, ReasonCode::WrongResult);
            return (worst, closing);
        }
        let agrees = |auditor, given: &Hash| *given == seal(auditor, task, state.attempt, leaves);
        if audit.auditors.iter().any(|(auditor, given)| given.is_some_and(|given| !agrees(auditor, &given))) {
            return (worst, Self::summon(task, state, Case::Seals { audit, claim: finding(leaves) }));
        }
        let auditors = audit.auditors.len() as u32;
        let own = match &brief.reward.asset {
            AssetKind::Native => T::WeightInfo::open_right_native(count, auditors),
            _ => T::WeightInfo::open_right(count, auditors),
        };
        let own = own.saturating_add(hashed);
        let done = |_, given: &Option<Hash>| Fate::of_sealed(given, Fate::Done);
        Self::dismiss_auditors(task, &audit, Self::worth(task, brief), done, &Claims::default());
        let right = audit.auditors.iter().filter(|(_, given)| given.is_some()).map(|(auditor, _)| auditor.clone());
        let auditors = BoundedVec::truncate_from(right.collect());
        let silent = auditors.len() < audit.auditors.len();
        let proven = Proven { run: audit.run, commitment: audit.commitment, auditors };
        let closing = Self::verified(task, state, brief, proven);
        if silent {
            // Whoever was silent is slashed, which costs more.
            return (worst.max(own), closing);
        }
        // The measured opening closes a job of one task.
        (own, closing.saturating_sub(T::Jobs::close_one_weight()))
    }

    /// The worker has not opened its commitment, or opened something else: no jury is needed to see
    /// that.
    pub(super) fn no_opening(
        task: TaskId,
        state: TaskState,
        audit: Audit,
        brief: &TaskBrief,
        reason: ReasonCode,
    ) -> Weight {
        let sealed = audit.auditors.iter().filter(|(_, given)| given.is_some());
        let claims = Claims {
            injured: Some(brief.requester.clone()),
            finders: sealed.map(|(who, _)| who.clone()).collect(),
            ..Claims::default()
        };
        let done = |_, given: &Option<Hash>| Fate::of_sealed(given, Fate::Done);
        Self::dismiss_auditors(task, &audit, Self::worth(task, brief), done, &Claims::default());
        Self::attempt_failed(task, state, brief, &audit.run, reason, Fate::Wrong(reason), &claims)
    }

    pub(super) fn verified(task: TaskId, mut state: TaskState, brief: &TaskBrief, proven: Proven) -> Weight {
        let (worker, root) = (proven.run.worker.clone(), proven.commitment.root);
        let blamer = state.blamed_by.take().filter(|blamer| *blamer != worker);
        if let Some(blamer) = &blamer {
            T::Workers::note(blamer, Outcome::Declined, Self::worth(task, brief));
        }
        Self::note_built(task, brief, &proven, blamer.as_ref());
        history::note::<T>(task, state.attempt, TaskStep::Verified);
        Self::deposit_event(Event::TaskVerified { task, worker, root });
        let window = brief.audit.challenge_blocks;
        if window == 0 {
            return Self::settle(task, state.attempt, brief, proven);
        }
        let due = Self::now().saturating_add(window);
        Self::enter(task, TaskState { stage: Stage::Verified { proven, due }, ..state })
    }
}
