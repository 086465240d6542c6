//! What makes a worker's report valid: cheap checks of the chain's state first, the signature last.

use super::{REPORT_LONGEVITY, Step, batch_message, devices_message, report_message};
use crate::*;
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;
use dpin_primitives::{
    AccountId, BlockNumber, Hash, TaskId,
    executor::Commitment,
    reason::ReasonCode,
    tile_tree,
    traits::WorkerRegistry,
    worker::{WorkerKey, WorkerSignature},
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction},
        weights::Weight,
    },
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::transaction_validity::ValidTransactionBuilder,
};

/// What is valid of every report. The same report has the same tag alone and in a batch, so that
/// they exclude each other.
fn valid_report() -> ValidTransactionBuilder {
    ValidTransaction::with_tag_prefix("dpin/report").priority(u64::MAX / 2).longevity(REPORT_LONGEVITY).propagate(true)
}

impl<T: Config> From<Error<T>> for InvalidTransaction {
    fn from(error: Error<T>) -> Self {
        match error {
            Error::UnknownTask
            | Error::WrongStage
            | Error::WrongAttempt
            | Error::TooLate
            | Error::AlreadySealed
            | Error::AlreadyRevealed
            | Error::NotAwaited
            | Error::WrongBlock => InvalidTransaction::Stale,
            _ => InvalidTransaction::Call,
        }
    }
}

impl<T: Config> Pallet<T> {
    fn authorize_report(
        step: Step,
        task: TaskId,
        attempt: u8,
        round: Hash,
        worker: &AccountId,
        content: &impl Encode,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let key: WorkerKey = T::Workers::key(worker).ok_or(InvalidTransaction::BadSigner)?;
        let message = report_message(step, &Self::genesis(), task, attempt, round, content);
        if !key.verify(&message, signature) {
            return Err(InvalidTransaction::BadProof.into());
        }
        let valid = valid_report().and_provides((step, task, attempt, round, worker));
        valid.build().map(|valid| (valid, Weight::zero()))
    }

    pub(crate) fn authorize_commit(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        commitment: &Commitment,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let worker = Self::may_commit(*task, *attempt, commitment).map_err(InvalidTransaction::from)?;
        Self::authorize_report(Step::Commit, *task, *attempt, Hash::zero(), &worker, commitment, signature)
    }

    pub(crate) fn authorize_report_failure(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        reason: &ReasonCode,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let worker = Self::may_report_failure(*task, *attempt, reason).map_err(InvalidTransaction::from)?;
        Self::authorize_report(Step::Failure, *task, *attempt, Hash::zero(), &worker, reason, signature)
    }

    pub(crate) fn authorize_seal(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        auditor: &AccountId,
        seal: &Hash,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let round = Self::may_seal(*task, *attempt, auditor).map_err(InvalidTransaction::from)?;
        Self::authorize_report(Step::Seal, *task, *attempt, round, auditor, seal, signature)
    }

    pub(crate) fn authorize_open(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        leaves: &Leaves,
        proof: &Proof,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (worker, round) = Self::may_open(*task, *attempt, leaves, proof).map_err(InvalidTransaction::from)?;
        Self::authorize_report(Step::Open, *task, *attempt, round, &worker, &(leaves, proof), signature)
    }

    pub(crate) fn authorize_reveal(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        juror: &AccountId,
        leaves: &Leaves,
        salt: &Hash,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (state, _) = Self::revealable(*task, *attempt, juror, leaves, salt).map_err(InvalidTransaction::from)?;
        Self::authorize_report(Step::Reveal, *task, *attempt, state.stage.round(), juror, &(leaves, salt), signature)
    }

    /// Whether the chain waits for this report on a worker's devices.
    pub(crate) fn check_device_report(worker: &AccountId, working: bool, at: BlockNumber) -> Result<(), Error<T>> {
        let now = Self::now();
        let fresh = at <= now && u64::from(now.saturating_sub(at)) <= REPORT_LONGEVITY;
        ensure!(fresh, Error::<T>::WrongBlock);
        ensure!(T::Workers::may_report_devices(worker, working, at), Error::<T>::NotAwaited);
        Ok(())
    }

    pub(crate) fn authorize_report_devices(
        _: TransactionSource,
        worker: &AccountId,
        working: &bool,
        at: &BlockNumber,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        Self::check_device_report(worker, *working, *at).map_err(InvalidTransaction::from)?;
        let key: WorkerKey = T::Workers::key(worker).ok_or(InvalidTransaction::BadSigner)?;
        if !key.verify(&devices_message(&Self::genesis(), worker, *working, *at), signature) {
            return Err(InvalidTransaction::BadProof.into());
        }
        let valid = valid_report().and_provides((b"devices", worker));
        valid.build().map(|valid| (valid, Weight::zero()))
    }

    pub(crate) fn authorize_report_many(
        _: TransactionSource,
        worker: &AccountId,
        reports: &Reports,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        if reports.is_empty() {
            return Err(InvalidTransaction::from(Error::<T>::NothingReported).into());
        }
        let (mut tasks, mut rounds) = (BTreeSet::new(), Vec::with_capacity(reports.len()));
        let mut valid = valid_report();
        for report in reports {
            let (task, attempt) = (report.task(), report.attempt());
            if !tasks.insert(task) {
                return Err(InvalidTransaction::from(Error::<T>::ReportedTwice).into());
            }
            let (step, round) = Self::admissible(worker, report).map_err(InvalidTransaction::from)?;
            valid = valid.and_provides((step, task, attempt, round, worker));
            rounds.push(round);
        }
        let key: WorkerKey = T::Workers::key(worker).ok_or(InvalidTransaction::BadSigner)?;
        if !key.verify(&batch_message(&Self::genesis(), &rounds, reports), signature) {
            return Err(InvalidTransaction::BadProof.into());
        }
        valid.build().map(|valid| (valid, Weight::zero()))
    }

    /// The step and the round of a report of a batch, if the chain waits for just this from this
    /// worker.
    pub(crate) fn admissible(worker: &AccountId, report: &Report) -> Result<(Step, Hash), Error<T>> {
        let own = |of: AccountId, step, round| if of == *worker { Ok((step, round)) } else { Err(Error::NotWorker) };
        match report {
            Report::Commit { task, attempt, commitment } => {
                own(Self::may_commit(*task, *attempt, commitment)?, Step::Commit, Hash::zero())
            }
            Report::Failure { task, attempt, reason } => {
                own(Self::may_report_failure(*task, *attempt, reason)?, Step::Failure, Hash::zero())
            }
            Report::Seal { task, attempt, .. } => Ok((Step::Seal, Self::may_seal(*task, *attempt, worker)?)),
            Report::Open { task, attempt, leaves, proof } => {
                let (of, round) = Self::may_open(*task, *attempt, leaves, proof)?;
                own(of, Step::Open, round)
            }
            Report::Reveal { task, attempt, leaves, salt } => {
                let (state, _) = Self::revealable(*task, *attempt, worker, leaves, salt)?;
                Ok((Step::Reveal, state.stage.round()))
            }
        }
    }

    /// The worker whose commitment the task waits for, if this can be one.
    fn may_commit(task: TaskId, attempt: u8, commitment: &Commitment) -> Result<AccountId, Error<T>> {
        let (state, run) = Self::assigned(task, attempt)?;
        Self::check_commitment(task, commitment)?;
        Self::check_called(&state, &run)?;
        Ok(run.worker)
    }

    /// The worker that may report that it could not compute the task.
    fn may_report_failure(task: TaskId, attempt: u8, reason: &ReasonCode) -> Result<AccountId, Error<T>> {
        ensure!(reason.is_reportable(), Error::<T>::NotReportable);
        Ok(Self::assigned(task, attempt)?.1.worker)
    }

    /// The round in which the task waits for a seal of this auditor or juror.
    fn may_seal(task: TaskId, attempt: u8, who: &AccountId) -> Result<Hash, Error<T>> {
        let state = match Self::sealable(task, attempt, who) {
            Err(Error::WrongStage) => Self::deliberating(task, attempt, who).map(|(state, ..)| state),
            audited => audited.map(|(state, ..)| state),
        };
        Ok(state?.stage.round())
    }

    /// The worker whose opening the task waits for, and the round.
    fn may_open(task: TaskId, attempt: u8, leaves: &Leaves, proof: &Proof) -> Result<(AccountId, Hash), Error<T>> {
        // The weight reckons with the longest path for each leaf; no proof is longer.
        let longest = leaves.len().saturating_mul(tile_tree::MAX_TILES.ilog2() as usize);
        ensure!(proof.len() <= longest, Error::<T>::ProofTooLong);
        let state = Self::openable(task, attempt)?;
        let run = state.stage.run().ok_or(Error::<T>::WrongStage)?;
        Ok((run.worker.clone(), state.stage.round()))
    }
}
