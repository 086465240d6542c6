//! The checks that make a worker's report valid: cheap ones of the chain's state first, the
//! signature last.

use super::{REPORT_LONGEVITY, Step, batch_message, devices_message, report_message};
use crate::*;
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;
use dpin_primitives::{
    AccountId, BlockNumber, Hash, TaskId,
    executor::Commitment,
    reason::ReasonCode,
    tile_tree,
    traits::{JobLedger, WorkerRegistry},
    worker::{WorkerKey, WorkerSignature},
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        pallet_prelude::{
            InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction, Weight,
        },
    },
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::transaction_validity::ValidTransactionBuilder,
};

/// The validity of every report.
fn valid_report() -> ValidTransactionBuilder {
    ValidTransaction::with_tag_prefix("dpin/report").priority(u64::MAX / 2).longevity(REPORT_LONGEVITY).propagate(true)
}

/// The tag of a report. It is the same alone and in a batch, so that they exclude each other.
fn tag(id: ReportId, worker: &AccountId) -> impl Encode {
    (id.step, id.task, id.attempt, id.round, worker.clone())
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
        id: ReportId,
        worker: &AccountId,
        content: &impl Encode,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let message = report_message(id.step, &Self::genesis(), id.task, id.attempt, id.round, content);
        Self::check_signature(worker, message, signature)?;
        valid_report().and_provides(tag(id, worker)).build().map(|valid| (valid, Weight::zero()))
    }

    fn check_signature(
        worker: &AccountId,
        message: Vec<u8>,
        signature: &WorkerSignature,
    ) -> Result<(), InvalidTransaction> {
        let key: WorkerKey = T::Workers::key(worker).ok_or(InvalidTransaction::BadSigner)?;
        if key.verify(&message, signature) { Ok(()) } else { Err(InvalidTransaction::BadProof) }
    }

    pub(crate) fn authorize_commit(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        commitment: &Commitment,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (id, worker) = Self::may_commit(*task, *attempt, commitment).map_err(InvalidTransaction::from)?;
        Self::authorize_report(id, &worker, commitment, signature)
    }

    pub(crate) fn authorize_report_failure(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        reason: &ReasonCode,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (id, worker) = Self::may_report_failure(*task, *attempt, reason).map_err(InvalidTransaction::from)?;
        Self::authorize_report(id, &worker, reason, signature)
    }

    pub(crate) fn authorize_seal(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        auditor: &AccountId,
        seal: &Hash,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let id = Self::may_seal(*task, *attempt, auditor).map_err(InvalidTransaction::from)?;
        Self::authorize_report(id, auditor, seal, signature)
    }

    pub(crate) fn authorize_open(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        leaves: &Leaves,
        proof: &Proof,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (id, worker) = Self::may_open(*task, *attempt, leaves, proof).map_err(InvalidTransaction::from)?;
        Self::authorize_report(id, &worker, &(leaves, proof), signature)
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
        let id = Self::may_reveal(*task, *attempt, juror, leaves, salt).map_err(InvalidTransaction::from)?;
        Self::authorize_report(id, juror, &(leaves, salt), signature)
    }

    /// Check that the chain waits for this report on a worker's devices.
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
        Self::check_signature(worker, devices_message(&Self::genesis(), worker, *working, *at), signature)?;
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
            if !tasks.insert(report.task()) {
                return Err(InvalidTransaction::from(Error::<T>::ReportedTwice).into());
            }
            let id = Self::admissible(worker, report).map_err(InvalidTransaction::from)?;
            valid = valid.and_provides(tag(id, worker));
            rounds.push(id.round);
        }
        Self::check_signature(worker, batch_message(&Self::genesis(), &rounds, reports), signature)?;
        valid.build().map(|valid| (valid, Weight::zero()))
    }

    /// The identity of a report of a batch, if the chain waits for this report from this worker.
    pub(crate) fn admissible(worker: &AccountId, report: &Report) -> Result<ReportId, Error<T>> {
        let own = |(id, of): (ReportId, AccountId)| if of == *worker { Ok(id) } else { Err(Error::NotWorker) };
        match report {
            Report::Commit { task, attempt, commitment } => own(Self::may_commit(*task, *attempt, commitment)?),
            Report::Failure { task, attempt, reason } => own(Self::may_report_failure(*task, *attempt, reason)?),
            Report::Seal { task, attempt, .. } => Self::may_seal(*task, *attempt, worker),
            Report::Open { task, attempt, leaves, proof } => own(Self::may_open(*task, *attempt, leaves, proof)?),
            Report::Reveal { task, attempt, leaves, salt } => Self::may_reveal(*task, *attempt, worker, leaves, salt),
        }
    }

    /// The commitment's identity and the worker that the task waits for, if this can be its
    /// commitment.
    fn may_commit(task: TaskId, attempt: u8, commitment: &Commitment) -> Result<(ReportId, AccountId), Error<T>> {
        let state = Self::stored_or_called(task)?;
        let run = Self::awaited_run(&state, attempt)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        Self::check_output_len(&brief, commitment)?;
        Self::check_room(&state, run)?;
        Ok((ReportId { task, attempt, round: Hash::zero(), step: Step::Commit }, run.worker.clone()))
    }

    /// The report's identity and the worker that may report that it could not compute the task.
    fn may_report_failure(task: TaskId, attempt: u8, reason: &ReasonCode) -> Result<(ReportId, AccountId), Error<T>> {
        ensure!(reason.is_reportable(), Error::<T>::NotReportable);
        let state = Self::stored_or_called(task)?;
        let run = Self::awaited_run(&state, attempt)?;
        Ok((ReportId { task, attempt, round: Hash::zero(), step: Step::Failure }, run.worker.clone()))
    }

    /// The seal's identity, if the task waits for a seal of this auditor or juror.
    fn may_seal(task: TaskId, attempt: u8, who: &AccountId) -> Result<ReportId, Error<T>> {
        let round = Self::sealable(task, attempt, who)?.stage.round();
        Ok(ReportId { task, attempt, round, step: Step::Seal })
    }

    /// The opening's identity and the worker that the task waits for.
    fn may_open(task: TaskId, attempt: u8, leaves: &Leaves, proof: &Proof) -> Result<(ReportId, AccountId), Error<T>> {
        // The weight counts the longest path for each leaf. No proof is longer.
        let longest = leaves.len().saturating_mul(tile_tree::MAX_TILES.ilog2() as usize);
        ensure!(proof.len() <= longest, Error::<T>::ProofTooLong);
        let stage = Self::openable(task, attempt)?.stage;
        let run = stage.run().ok_or(Error::<T>::WrongStage)?;
        Ok((ReportId { task, attempt, round: stage.round(), step: Step::Open }, run.worker.clone()))
    }

    /// The reveal's identity, if the task waits for this juror to reveal these leaves.
    fn may_reveal(
        task: TaskId,
        attempt: u8,
        juror: &AccountId,
        leaves: &Leaves,
        salt: &Hash,
    ) -> Result<ReportId, Error<T>> {
        let round = Self::revealable(task, attempt, juror, leaves, salt)?.stage.round();
        Ok(ReportId { task, attempt, round, step: Step::Reveal })
    }
}
