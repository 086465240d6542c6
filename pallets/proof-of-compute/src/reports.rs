//! What makes a worker's report valid: cheap checks of the chain's state first, the signature last.

use crate::*;
use codec::Encode;
use dpin_primitives::{
    executor::Commitment,
    reason::ReasonCode,
    tile_tree,
    traits::WorkerRegistry,
    worker::{WorkerKey, WorkerSignature},
    AccountId, Hash, TaskId,
};
use polkadot_sdk::{
    frame_support::pallet_prelude::{
        InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction, Weight,
    },
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::traits::Zero,
};

/// How long a report may wait in the pool, in blocks.
pub const REPORT_LONGEVITY: u64 = 16;

/// What a worker key signs: its meaning, the chain, the task, the attempt, the [round](Stage::round) and the content.
pub fn report_message(
    step: Step,
    genesis: &Hash,
    task: TaskId,
    attempt: u8,
    round: Hash,
    content: &impl Encode,
) -> alloc::vec::Vec<u8> {
    (b"dpin/report", step, genesis, task, attempt, round, content).encode()
}

/// The step a report is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, codec::Encode, codec::Decode)]
pub enum Step {
    /// A commitment.
    Commit,
    /// A failure.
    Failure,
    /// A seal.
    Seal,
    /// An opening.
    Open,
    /// What a juror reveals.
    Reveal,
}

impl<T: Config> From<Error<T>> for InvalidTransaction {
    fn from(error: Error<T>) -> Self {
        match error {
            Error::UnknownTask
            | Error::WrongStage
            | Error::WrongAttempt
            | Error::TooLate
            | Error::AlreadySealed
            | Error::AlreadyRevealed => InvalidTransaction::Stale,
            _ => InvalidTransaction::Call,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The genesis hash, which every signature and every leaf carries.
    pub fn genesis() -> Hash {
        use polkadot_sdk::frame_system::pallet_prelude::BlockNumberFor;
        polkadot_sdk::frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }

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
        ValidTransaction::with_tag_prefix("dpin/report")
            .priority(u64::MAX / 2)
            .and_provides((step, task, attempt, round, worker))
            .longevity(REPORT_LONGEVITY)
            .propagate(true)
            .build()
            .map(|valid| (valid, Weight::zero()))
    }

    pub(crate) fn authorize_commit(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        commitment: &Commitment,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let (_, run) = Self::assigned(*task, *attempt).map_err(InvalidTransaction::from)?;
        Self::check_commitment(*task, commitment).map_err(InvalidTransaction::from)?;
        Self::check_called(*task, &run).map_err(InvalidTransaction::from)?;
        Self::authorize_report(Step::Commit, *task, *attempt, Hash::zero(), &run.worker, commitment, signature)
    }

    pub(crate) fn authorize_report_failure(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        reason: &ReasonCode,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        if !reason.is_reportable() {
            return Err(InvalidTransaction::Call.into());
        }
        let (_, run) = Self::assigned(*task, *attempt).map_err(InvalidTransaction::from)?;
        Self::authorize_report(Step::Failure, *task, *attempt, Hash::zero(), &run.worker, reason, signature)
    }

    pub(crate) fn authorize_seal(
        _: TransactionSource,
        task: &TaskId,
        attempt: &u8,
        auditor: &AccountId,
        seal: &Hash,
        signature: &WorkerSignature,
    ) -> TransactionValidityWithRefund {
        let state = match Self::sealable(*task, *attempt, auditor) {
            Err(Error::WrongStage) => Self::deliberating(*task, *attempt, auditor).map(|(state, ..)| state),
            audited => audited.map(|(state, ..)| state),
        };
        let round = state.map_err(InvalidTransaction::from)?.stage.round();
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
        // The weight reckons with the longest path for each leaf; no proof is longer.
        if proof.len() > leaves.len().saturating_mul(tile_tree::MAX_TILES.ilog2() as usize) {
            return Err(InvalidTransaction::Call.into());
        }
        let state = Self::openable(*task, *attempt).map_err(InvalidTransaction::from)?;
        let run = state.stage.run().ok_or(InvalidTransaction::Stale)?;
        Self::authorize_report(
            Step::Open,
            *task,
            *attempt,
            state.stage.round(),
            &run.worker,
            &(leaves, proof),
            signature,
        )
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
}
