//! The audit: auditors seal the sample, the worker opens it, and equal seals verify the result.
//!
//! Jurors seal by the same call; the rest of a dispute is in `dispute.rs`.

use super::{
    Open,
    close::{Claims, Fate},
};
use crate::*;
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, AssetKind, Hash, TaskId,
    api::TaskStep,
    reason::ReasonCode,
    seal::{finding, seal},
    tile_tree,
    traits::{JobLedger, WorkerRegistry},
    worker::{Duty, Outcome, Place, Role},
};
use polkadot_sdk::{
    frame_support::{BoundedVec, ensure, weights::Weight},
    sp_runtime::DispatchError,
};

/// The weight of a report.
pub(crate) struct Weighed {
    /// Of the report itself, as the call for it alone weighs.
    pub own: Weight,
    /// Beyond that: of closing the task, or filing it again.
    pub closing: Weight,
}

impl Weighed {
    pub(crate) fn all(&self) -> Weight {
        self.own.saturating_add(self.closing)
    }
}

impl<T: Config> Pallet<T> {
    /// The state, if the task waits for a seal of this auditor or juror.
    pub(crate) fn sealable(task: TaskId, attempt: u8, who: &AccountId) -> Result<TaskState, Error<T>> {
        let state = Self::stored(task)?;
        let (seal, stranger) = match &state.stage {
            Stage::Auditing { audit, .. } => {
                let auditor = audit.auditors.iter().find(|(auditor, _)| auditor == who);
                (auditor.map(|(_, seal)| seal), Error::NotAuditor)
            }
            Stage::Deliberating { jury, .. } => (jury.juror(who).map(|juror| &juror.seal), Error::NotJuror),
            _ => return Err(Error::WrongStage),
        };
        Self::check_in_time(&state, attempt)?;
        ensure!(seal.ok_or(stranger)?.is_none(), Error::<T>::AlreadySealed);
        Ok(state)
    }

    /// Carry out a seal of an auditor or a juror. Returns the weight spent beyond the call's.
    ///
    /// The task is not taken in hand: seals are the most frequent reports, and need no brief.
    pub(crate) fn do_seal(task: TaskId, attempt: u8, who: AccountId, seal: Hash) -> Result<Weight, DispatchError> {
        let mut state = Self::sealable(task, attempt, &who)?;
        state.stage.give_seal(&who, seal);
        if state.stage.is_sealed() {
            state.stage = state.stage.after_seals(Self::now().saturating_add(Self::rules().open_blocks));
        }
        Self::deposit_event(Event::TaskSealed { task, by: who });
        Ok(Self::store(task, state))
    }

    /// The state, if the task waits for an opening by its worker: of the sample, or of a challenged
    /// tile.
    pub(crate) fn openable(task: TaskId, attempt: u8) -> Result<TaskState, Error<T>> {
        let state = Self::stored(task)?;
        let waits = match &state.stage {
            Stage::Opening { .. } => true,
            Stage::Revealing { case: Case::Challenge { claim, .. }, .. } => claim.is_none(),
            _ => false,
        };
        ensure!(waits, Error::<T>::WrongStage);
        Self::check_in_time(&state, attempt)?;
        Ok(state)
    }

    /// Carry out an opening.
    pub(crate) fn do_open(
        task: TaskId,
        attempt: u8,
        leaves: &[Hash],
        proof: &[Hash],
    ) -> Result<Weighed, DispatchError> {
        let open = Open::<T>::of(task, Self::openable(task, attempt)?)?;
        Ok(match open.state.stage.clone() {
            Stage::Opening { audit, .. } => open.open_sample(audit, leaves, proof),
            _ => {
                let own = T::WeightInfo::open(leaves.len() as u32);
                let own = own.saturating_add(T::WeightInfo::hash_nodes(proof.len() as u32));
                Weighed { own, closing: open.open_challenged(leaves, proof) }
            }
        })
    }
}

impl<T: Config> Open<T> {
    /// Begin an audit by these auditors.
    pub(crate) fn start_audit(self, mut audit: Audit, auditors: Vec<AccountId>) -> Weight {
        for auditor in &auditors {
            let duty = Duty { task: self.id, role: Role::Auditor };
            if T::Workers::take_on(auditor, duty, audit.auditor_bond, Place::NoSlot) {
                let _ = audit.auditors.try_push((auditor.clone(), None));
            }
        }
        let due = self.after(self.rules.seal_blocks);
        let samples = audit.sample(&self.brief).len() as u32;
        self.note(TaskStep::AuditorsDrawn { auditors: auditors.clone(), samples });
        Pallet::<T>::deposit_event(Event::AuditorsDrawn { task: self.id, seed: audit.seed, samples, auditors });
        self.enter(Stage::Auditing { audit, due })
    }

    /// Ask the worker to open, or the jury to reveal.
    pub(super) fn await_openings(self) -> Weight {
        let due = self.after(self.rules.open_blocks);
        let stage = self.state.stage.clone().after_seals(due);
        self.enter(stage)
    }

    fn open_sample(self, audit: Audit, leaves: &[Hash], proof: &[Hash]) -> Weighed {
        let count = leaves.len() as u32;
        let hashed = T::WeightInfo::hash_nodes(proof.len() as u32);
        let worst = T::WeightInfo::open(count).saturating_add(hashed);
        let sample = audit.sample(&self.brief);
        if tile_tree::verify(&audit.commitment.root, self.tiles(), &sample, leaves, proof).is_err() {
            return Weighed { own: worst, closing: self.no_opening(audit, ReasonCode::WrongResult) };
        }
        let fits = |auditor, given: &Hash| *given == seal(auditor, self.id, self.state.attempt, leaves);
        if audit.auditors.iter().any(|(auditor, given)| given.is_some_and(|given| !fits(auditor, &given))) {
            let case = Case::Seals { audit, claim: finding(leaves) };
            return Weighed { own: worst, closing: self.summon(case) };
        }
        let own = self.weight_of_agreement(count, audit.auditors.len() as u32).saturating_add(hashed);
        self.dismiss_auditors(&audit, |_, given| Fate::of_sealed(given, Fate::Done));
        let right = audit.auditors.iter().filter(|(_, given)| given.is_some()).map(|(auditor, _)| auditor.clone());
        let auditors = BoundedVec::truncate_from(right.collect());
        let silent = auditors.len() < audit.auditors.len();
        let closing = self.verified(Proven { run: audit.run, commitment: audit.commitment, auditors });
        if silent {
            // A silent auditor is slashed, which costs more.
            return Weighed { own: worst.max(own), closing };
        }
        // The measured opening closes a job of one task.
        Weighed { own, closing: closing.saturating_sub(T::Jobs::close_one_weight()) }
    }

    /// Weight of an opening of so many leaves that agrees with all auditors.
    fn weight_of_agreement(&self, leaves: u32, auditors: u32) -> Weight {
        match &self.brief.reward.asset {
            AssetKind::Native => T::WeightInfo::open_right_native(leaves, auditors),
            _ => T::WeightInfo::open_right(leaves, auditors),
        }
    }

    /// The worker has not opened its commitment, or opened something else. That is plain without a
    /// jury.
    pub(super) fn no_opening(self, audit: Audit, reason: ReasonCode) -> Weight {
        let sealed = audit.auditors.iter().filter(|(_, given)| given.is_some());
        let claims = Claims {
            injured: Some(self.brief.requester.clone()),
            finders: sealed.map(|(who, _)| who.clone()).collect(),
            ..Claims::default()
        };
        self.dismiss_auditors(&audit, |_, given| Fate::of_sealed(given, Fate::Done));
        self.fail_attempt(&audit.run, reason, Fate::Wrong(reason, &claims))
    }

    /// The result is right: wait for challenges, or settle the task if it allows none.
    pub(super) fn verified(mut self, proven: Proven) -> Weight {
        let (worker, root) = (proven.run.worker.clone(), proven.commitment.root);
        let blamer = self.state.blamed_by.take().filter(|blamer| *blamer != worker);
        if let Some(blamer) = &blamer {
            T::Workers::note(blamer, Outcome::Declined, self.worth());
        }
        self.note_built(&proven, blamer.as_ref());
        self.note(TaskStep::Verified);
        Pallet::<T>::deposit_event(Event::TaskVerified { task: self.id, worker, root });
        match self.brief.audit.challenge_blocks {
            0 => self.settle(proven),
            window => {
                let due = self.after(window);
                self.enter(Stage::Verified { proven, due })
            }
        }
    }
}
