//! Signing and submitting reports, as many in one transaction as fit.

use super::{Obstacle, OwnWorker, memory::Submitted};
use crate::{
    report::{MAX_BATCH_LEAVES, MAX_REPORTS, batch_message, report_message},
    *,
};
use alloc::vec::Vec;
use dpin_primitives::Hash;
use polkadot_sdk::{frame_system::offchain::SubmitTransaction, sp_application_crypto::RuntimeAppPublic};

/// A report that is ready to be signed and submitted.
#[derive(Clone)]
pub(super) struct Outgoing {
    pub(super) id: ReportId,
    pub(super) report: Report,
}

impl<T: Config> Pallet<T> {
    /// Submit reports in one transaction, or each in its own if the pool does not take them
    /// together: a void report must not hold up the others.
    pub(super) fn submit_all(
        own: &OwnWorker<'_>,
        batch: Vec<Outgoing>,
        submitted: &mut Submitted,
    ) -> Result<(), Obstacle> {
        match Self::submit(own, batch.clone(), submitted) {
            Err(Obstacle::NotSubmitted) if batch.len() > 1 => batch.into_iter().try_for_each(|outgoing| {
                let (task, now) = (outgoing.id.task, own.now);
                match Self::submit(own, alloc::vec![outgoing], submitted) {
                    Err(obstacle @ Obstacle::NotSubmitted) => {
                        log::warn!(target: LOG_TARGET, "task {task}: not attended to in block {now}: {obstacle}");
                        Ok(())
                    }
                    result => result,
                }
            }),
            result => result,
        }
    }

    /// Sign and submit the reports of one transaction.
    fn submit(own: &OwnWorker<'_>, batch: Vec<Outgoing>, submitted: &mut Submitted) -> Result<(), Obstacle> {
        let now = own.now;
        let ids: Vec<ReportId> = batch.iter().map(|outgoing| outgoing.id).collect();
        let transaction = T::create_authorized_transaction(Self::signed(own, batch)?.into());
        match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
            Ok(()) => {
                for ReportId { task, step, .. } in &ids {
                    log::info!(target: LOG_TARGET, "task {task}: {step:?} submitted in block {now}");
                }
            }
            // The pool has them already.
            Err(()) if ids.iter().any(|id| submitted.at(id).is_some()) => {}
            Err(()) => return Err(Obstacle::NotSubmitted),
        }
        submitted.remember(&ids, now);
        Ok(())
    }

    /// The signed call with these reports. A single report has a call of its own.
    fn signed(own: &OwnWorker<'_>, mut batch: Vec<Outgoing>) -> Result<Call<T>, Obstacle> {
        let OwnWorker { genesis, key, worker, .. } = *own;
        let sign = |message: Vec<u8>| key.sign(&message).ok_or(Obstacle::NoSignature);
        if batch.len() > 1 {
            let rounds: Vec<Hash> = batch.iter().map(|outgoing| outgoing.id.round).collect();
            let reports: Vec<Report> = batch.into_iter().map(|outgoing| outgoing.report).collect();
            let signature = sign(batch_message(&genesis, &rounds, &reports))?;
            let reports = Reports::try_from(reports).map_err(|_| Obstacle::Vanished)?;
            return Ok(Call::report_many { worker: worker.clone(), reports, signature });
        }
        let Some(Outgoing { id, report }) = batch.pop() else { return Err(Obstacle::Vanished) };
        let ReportId { task, attempt, round, step } = id;
        Ok(match report {
            Report::Commit { commitment, .. } => {
                let signature = sign(report_message(step, &genesis, task, attempt, round, &commitment))?;
                Call::commit { task, attempt, commitment, signature }
            }
            Report::Failure { reason, .. } => {
                let signature = sign(report_message(step, &genesis, task, attempt, round, &reason))?;
                Call::report_failure { task, attempt, reason, signature }
            }
            Report::Seal { seal, .. } => {
                let signature = sign(report_message(step, &genesis, task, attempt, round, &seal))?;
                Call::seal { task, attempt, auditor: worker.clone(), seal, signature }
            }
            Report::Open { leaves, proof, .. } => {
                let signature = sign(report_message(step, &genesis, task, attempt, round, &(&leaves, &proof)))?;
                Call::open { task, attempt, leaves, proof, signature }
            }
            Report::Reveal { leaves, salt, .. } => {
                let signature = sign(report_message(step, &genesis, task, attempt, round, &(&leaves, salt)))?;
                Call::reveal { task, attempt, juror: worker.clone(), leaves, salt, signature }
            }
        })
    }
}

/// Split reports so that each part fits into a transaction.
pub(super) fn batches(outbox: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let mut batches: Vec<(Vec<Outgoing>, u32)> = Vec::new();
    for outgoing in outbox {
        let more = outgoing.report.leaf_count();
        match batches.last_mut() {
            Some((batch, leaves))
                if batch.len() < MAX_REPORTS as usize && leaves.saturating_add(more) <= MAX_BATCH_LEAVES =>
            {
                *leaves = leaves.saturating_add(more);
                batch.push(outgoing);
            }
            _ => batches.push((alloc::vec![outgoing], more)),
        }
    }
    batches.into_iter().map(|(batch, _)| batch).collect()
}
