//! What makes a worker's report valid: cheap checks of the chain's state first, the signature last.

use crate::*;
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;
use dpin_primitives::{
    AccountId, BlockNumber, Hash, TaskId, blake2,
    executor::Commitment,
    job::{MAX_AUDITORS, MAX_SAMPLES},
    reason::ReasonCode,
    tile_tree,
    traits::WorkerRegistry,
    worker::{WorkerKey, WorkerSignature},
};
use polkadot_sdk::{
    frame_support::{
        ensure,
        pallet_prelude::{
            InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction, Weight,
        },
        storage::with_storage_layer,
        traits::Get,
    },
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::{DispatchError, traits::Zero, transaction_validity::ValidTransactionBuilder},
};

/// Most reports in a batch.
pub const MAX_REPORTS: u32 = 64;
/// Most leaves that the off-chain worker puts into a batch, all reports together, so that it always
/// fits into a block.
pub const MAX_BATCH_LEAVES: u32 = 2 * MAX_SAMPLES;

/// How long a report may wait in the pool, in blocks.
pub const REPORT_LONGEVITY: u64 = 16;

/// What a worker key signs: its meaning, the chain, the task, the attempt, the
/// [round](Stage::round) and the content.
pub fn report_message(
    step: Step,
    genesis: &Hash,
    task: TaskId,
    attempt: u8,
    round: Hash,
    content: &impl Encode,
) -> Vec<u8> {
    (b"dpin/report", step, genesis, task, attempt, round, content).encode()
}

/// What a worker key signs for a batch: its meaning, the chain, and the digest of the reports and
/// the [round](Stage::round) of each. It is no message of a single report: those have the number of
/// a step where this has an `s`.
pub fn batch_message(genesis: &Hash, rounds: &[Hash], reports: &[Report]) -> Vec<u8> {
    (b"dpin/reports", genesis, blake2(&(rounds, reports).encode())).encode()
}

/// What a worker key signs to report on its devices: the meaning, the chain, the worker, what is
/// reported, and the block.
pub fn devices_message(genesis: &Hash, worker: &AccountId, working: bool, at: BlockNumber) -> Vec<u8> {
    (b"dpin/devices", genesis, worker, working, at).encode()
}

/// What is valid of every report. The same report has the same tag alone and in a batch, so that
/// they exclude each other.
fn valid_report() -> ValidTransactionBuilder {
    ValidTransaction::with_tag_prefix("dpin/report").priority(u64::MAX / 2).longevity(REPORT_LONGEVITY).propagate(true)
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
            | Error::AlreadyRevealed
            | Error::NotAwaited
            | Error::WrongBlock => InvalidTransaction::Stale,
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

    /// Make the reports of a batch count, each for itself; returns what that weighed.
    pub(crate) fn do_report_many(worker: &AccountId, reports: Reports) -> Weight {
        let mut weight = T::WeightInfo::report_many(seal_count(&reports));
        let (one, mut spare, mut exhausted) = (Self::close_one_weight(), Self::close_weight(), false);
        let mut own = 0u64;
        for report in reports {
            let (task, may_close) = (report.task(), !matches!(report, Report::Seal { .. }));
            let is_own = matches!(report, Report::Commit { .. } | Report::Failure { .. } | Report::Open { .. });
            let was_exhausted = exhausted;
            let done = if may_close && exhausted {
                Err(Error::<T>::BatchTooHeavy.into())
            } else {
                with_storage_layer(|| {
                    let (own, closing) = Self::execute(worker, report)?;
                    // A batch declares the closing of a small job for each of its reports, and of
                    // one of the largest.
                    let left = spare.checked_sub(&closing.saturating_sub(one));
                    spare = left.ok_or_else(|| {
                        exhausted = true;
                        Error::<T>::BatchTooHeavy
                    })?;
                    Ok(own.saturating_add(closing))
                })
            };
            match done {
                Ok(weighed) => {
                    weight.saturating_accrue(weighed);
                    own = own.saturating_add(is_own.into());
                }
                Err(error) => {
                    if exhausted && !was_exhausted {
                        // What was undone was done before.
                        weight.saturating_accrue(Self::close_weight());
                    }
                    Self::deposit_event(Event::ReportRejected { task, by: worker.clone(), error });
                }
            }
        }
        // What each did to the worker's own standing is one read and one write for all of them.
        let shared = own.saturating_sub(1);
        weight.saturating_sub(T::DbWeight::get().reads_writes(shared, shared))
    }

    /// Make one report of a batch count; returns what the call for it alone weighs, and what
    /// closing the task does.
    fn execute(worker: &AccountId, report: Report) -> Result<(Weight, Weight), DispatchError> {
        match report {
            Report::Commit { task, attempt, commitment } => {
                Ok((T::WeightInfo::commit(), Self::do_commit(task, attempt, commitment)?))
            }
            Report::Failure { task, attempt, reason } => {
                Ok((T::WeightInfo::report_failure(), Self::do_report_failure(task, attempt, reason)?))
            }
            // The batch's own weight is by the number of its seals.
            Report::Seal { task, attempt, seal } => {
                Ok((Self::do_seal(task, attempt, worker.clone(), seal)?, Weight::zero()))
            }
            Report::Open { task, attempt, leaves, proof } => Self::do_open(task, attempt, &leaves, &proof),
            Report::Reveal { task, attempt, leaves, salt } => {
                let own = T::WeightInfo::reveal(leaves.len() as u32);
                Ok((own, Self::do_reveal(task, attempt, worker.clone(), &leaves, &salt)?))
            }
        }
    }
}

fn seal_count(reports: &[Report]) -> u32 {
    reports.iter().filter(|report| matches!(report, Report::Seal { .. })).count() as u32
}

/// What an opening may weigh, without closing the task.
pub(crate) fn weight_of_open<T: Config>(leaves: &[Hash], proof: &[Hash]) -> Weight {
    let count = leaves.len() as u32;
    let right =
        T::WeightInfo::open_right(count, MAX_AUDITORS).max(T::WeightInfo::open_right_native(count, MAX_AUDITORS));
    let opening = T::WeightInfo::open(count).max(right);
    opening.saturating_add(T::WeightInfo::hash_nodes(proof.len() as u32))
}

/// What it may weigh to check whether an opening may be made. Its proof is not hashed pair by pair,
/// but signed.
pub(crate) fn weight_of_authorize_open<T: Config>(leaves: &[Hash], proof: &[Hash]) -> Weight {
    let checked = T::WeightInfo::authorize_open(leaves.len() as u32);
    checked.saturating_add(T::WeightInfo::hash_nodes(proof.len() as u32))
}

/// What a batch may weigh: each report what the call for it alone does, with the closing of a small
/// job, and each seal with the filing of its task; and twice the closing of one of the largest, of
/// which one is undone if it was too much.
pub(crate) fn weight_of<T: Config>(reports: &Reports) -> Weight {
    let one = Pallet::<T>::close_one_weight();
    let own = reports.iter().map(|report| match report {
        Report::Commit { .. } => T::WeightInfo::commit().saturating_add(one),
        Report::Failure { .. } => T::WeightInfo::report_failure().saturating_add(one),
        Report::Seal { .. } => T::WeightInfo::refile_task(),
        Report::Open { leaves, proof, .. } => weight_of_open::<T>(leaves, proof).saturating_add(one),
        Report::Reveal { leaves, .. } => T::WeightInfo::reveal(leaves.len() as u32).saturating_add(one),
    });
    let all = own.fold(T::WeightInfo::report_many(seal_count(reports)), |sum, weight| sum.saturating_add(weight));
    let closes = reports.len() as u32 > seal_count(reports);
    all.saturating_add(if closes { Pallet::<T>::close_weight().saturating_mul(2) } else { Weight::zero() })
}

/// What it may weigh to check a batch: one signature, and each report without one.
pub(crate) fn weight_of_authorize<T: Config>(reports: &Reports) -> Weight {
    let signed = T::WeightInfo::authorize_report();
    let own = reports.iter().map(|report| match report {
        Report::Commit { .. } => T::WeightInfo::authorize_commit().saturating_sub(signed),
        Report::Failure { .. } | Report::Seal { .. } => Weight::zero(),
        Report::Open { leaves, proof, .. } => weight_of_authorize_open::<T>(leaves, proof).saturating_sub(signed),
        Report::Reveal { leaves, .. } => T::WeightInfo::authorize_open(leaves.len() as u32).saturating_sub(signed),
    });
    own.fold(T::WeightInfo::authorize_report_many(reports.len() as u32), |sum, weight| sum.saturating_add(weight))
}
