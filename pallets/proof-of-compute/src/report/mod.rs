//! The reports of workers: the messages that worker keys sign, and the execution of a batch.

mod authorise;
mod weight;

pub use crate::task::Step;
pub(crate) use weight::*;

use crate::{flow::Weighed, *};
use alloc::vec::Vec;
use codec::Encode;
use dpin_primitives::{AccountId, BlockNumber, Hash, TaskId, blake2, job::MAX_SAMPLES};
use polkadot_sdk::{
    frame_support::{storage::with_storage_layer, traits::Get, weights::Weight},
    sp_runtime::DispatchError,
};

/// Maximum number of reports in a batch.
pub const MAX_REPORTS: u32 = 64;

/// Maximum number of leaves that the off-chain worker puts into a batch, all reports together. Such
/// a batch always fits into a block.
pub const MAX_BATCH_LEAVES: u32 = 2 * MAX_SAMPLES;

/// Number of blocks that a report may wait in the pool.
pub const REPORT_LONGEVITY: u64 = 16;

/// The message that a worker key signs for a report: its meaning, the chain, the task, the attempt,
/// the [round](Stage::round) and the content.
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

/// The message that a worker key signs for a batch: its meaning, the chain, and the digest of the
/// reports and the [round](Stage::round) of each.
///
/// It is never the message of a single report, which has the number of a step in place of the `s`.
pub fn batch_message(genesis: &Hash, rounds: &[Hash], reports: &[Report]) -> Vec<u8> {
    (b"dpin/reports", genesis, blake2(&(rounds, reports).encode())).encode()
}

/// The message that a worker key signs for a report on its devices: its meaning, the chain, the
/// worker, whether it can take tasks, and the block.
pub fn devices_message(genesis: &Hash, worker: &AccountId, working: bool, at: BlockNumber) -> Vec<u8> {
    (b"dpin/devices", genesis, worker, working, at).encode()
}

impl<T: Config> Pallet<T> {
    /// Execute the reports of a batch, each on its own. Returns their weight.
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
                    let weighed = Self::execute(worker, report)?;
                    // A batch declares the closing of a small job for each of its reports, and of
                    // one of the largest.
                    let left = spare.checked_sub(&weighed.closing.saturating_sub(one));
                    spare = left.ok_or_else(|| {
                        exhausted = true;
                        Error::<T>::BatchTooHeavy
                    })?;
                    Ok(weighed.all())
                })
            };
            match done {
                Ok(weighed) => {
                    weight.saturating_accrue(weighed);
                    own = own.saturating_add(is_own.into());
                }
                Err(error) => {
                    if exhausted && !was_exhausted {
                        // The report was executed before it was undone.
                        weight.saturating_accrue(Self::close_weight());
                    }
                    Self::deposit_event(Event::ReportRejected { task, by: worker.clone(), error });
                }
            }
        }
        // The changes of the worker's own standing are one read and one write for all reports.
        let shared = own.saturating_sub(1);
        weight.saturating_sub(T::DbWeight::get().reads_writes(shared, shared))
    }

    /// Execute one report of a batch.
    fn execute(worker: &AccountId, report: Report) -> Result<Weighed, DispatchError> {
        let (own, closing) = match report {
            Report::Commit { task, attempt, commitment } => {
                (T::WeightInfo::commit(), Self::do_commit(task, attempt, commitment)?)
            }
            Report::Failure { task, attempt, reason } => {
                (T::WeightInfo::report_failure(), Self::do_report_failure(task, attempt, reason)?)
            }
            // The batch's own weight counts its seals.
            Report::Seal { task, attempt, seal } => {
                (Self::do_seal(task, attempt, worker.clone(), seal)?, Weight::zero())
            }
            Report::Open { task, attempt, leaves, proof } => return Self::do_open(task, attempt, &leaves, &proof),
            Report::Reveal { task, attempt, leaves, salt } => {
                let own = T::WeightInfo::reveal(leaves.len() as u32);
                (own, Self::do_reveal(task, attempt, worker.clone(), &leaves, &salt)?)
            }
        };
        Ok(Weighed { own, closing })
    }
}

fn seal_count(reports: &[Report]) -> u32 {
    reports.iter().filter(|report| matches!(report, Report::Seal { .. })).count() as u32
}
