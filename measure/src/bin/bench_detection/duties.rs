//! The duties of workers, auditors and jurors.

use crate::{SEED, TILES, bench::Bench, computed::honest_leaves};
use anyhow::{Context, Result};
use codec::Encode;
use dpin_measure::calls::{self, GENESIS, TILE_BYTES};
use dpin_primitives::{
    AccountId, Hash, TaskId, blake2,
    executor::Commitment,
    seal::{salted_seal, seal},
    worker::WorkerSignature,
};
use dpin_runtime::{ProofOfCompute, Runtime};
use pallet_proof_of_compute::{
    Audit, Call, Jury, Leaves, Proof, Run, Stage, Tasks,
    report::{Step, report_message},
};
use polkadot_sdk::{frame_support::pallet_prelude::TransactionSource, sp_core::Pair};

/// Authorise a report, as the pool does, and dispatch it.
fn report(call: Call<Runtime>) -> Result<()> {
    calls::report(call, TransactionSource::External)
}

/// A juror's salt.
fn salt(juror: &AccountId, task: TaskId) -> Hash {
    blake2(&(SEED, b"salt", juror, task).encode())
}

impl Bench {
    /// Act for the duty that a task waits for.
    pub(crate) fn attend(&mut self, task: TaskId) -> Result<()> {
        let Some(state) = Tasks::<Runtime>::get(task) else { return Ok(()) };
        match state.stage {
            Stage::Assigned { run, .. } => self.commit(task, state.attempt, run),
            Stage::Auditing { audit, .. } => self.seal(task, state.attempt, audit),
            Stage::Opening { audit, .. } => self.open(task, state.attempt, audit),
            Stage::Deliberating { jury, .. } => self.seal_findings(task, state.attempt, jury),
            Stage::Revealing { jury, .. } => self.reveal_findings(task, state.attempt, jury),
            Stage::Queued { .. } | Stage::Committed { .. } | Stage::Summoning { .. } | Stage::Verified { .. } => Ok(()),
        }
    }
    fn sign(&self, who: &AccountId, step: Step, task: TaskId, content: &impl Encode) -> Result<WorkerSignature> {
        let state = Tasks::<Runtime>::get(task).context("the task is open")?;
        let pair = self.keys.get(who).context("every worker is ours")?;
        let message = report_message(step, &GENESIS, task, state.attempt, state.stage.round(), content);
        Ok(pair.sign(&message).into())
    }

    /// The worker commits to what it has computed.
    fn commit(&mut self, task: TaskId, attempt: u8, run: Run) -> Result<()> {
        let output = self.outputs.get_mut(&task).context("the task is ours")?;
        output.worker = Some(run.worker.clone());
        let commitment =
            Commitment { root: output.tree.root(), output_len: u64::from(TILES * TILE_BYTES), kernel_ms: 1 };
        let signature = self.sign(&run.worker, Step::Commit, task, &commitment)?;
        report(Call::commit { task, attempt, commitment, signature })
    }

    /// The auditors seal what they have computed.
    fn seal(&mut self, task: TaskId, attempt: u8, audit: Audit) -> Result<()> {
        let sample = ProofOfCompute::sample(task);
        if let Some(output) = self.outputs.get_mut(&task) {
            output.sampled_wrong = sample.iter().any(|index| output.wrong.contains(index));
        }
        let leaves = honest_leaves(task, &sample);
        for (auditor, _) in audit.auditors.into_iter().filter(|(_, seal)| seal.is_none()) {
            let seal = seal(&auditor, task, attempt, &leaves);
            let signature = self.sign(&auditor, Step::Seal, task, &seal)?;
            report(Call::seal { task, attempt, auditor, seal, signature })?;
        }
        Ok(())
    }

    /// The worker opens the sample.
    fn open(&self, task: TaskId, attempt: u8, audit: Audit) -> Result<()> {
        let sample = ProofOfCompute::sample(task);
        let output = self.outputs.get(&task).context("the task is ours")?;
        let (leaves, proof) = output.tree.open(&sample).context("a sample can be opened")?;
        let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
        let signature = self.sign(&audit.run.worker, Step::Open, task, &(&leaves, &proof))?;
        report(Call::open { task, attempt, leaves, proof, signature })
    }

    /// The jurors seal what they have found.
    fn seal_findings(&self, task: TaskId, attempt: u8, jury: Jury) -> Result<()> {
        let leaves = honest_leaves(task, &ProofOfCompute::sample(task));
        for juror in jury.jurors.into_iter().filter(|juror| juror.seal.is_none()) {
            let seal = salted_seal(&juror.who, task, attempt, &leaves, &salt(&juror.who, task));
            let signature = self.sign(&juror.who, Step::Seal, task, &seal)?;
            report(Call::seal { task, attempt, auditor: juror.who, seal, signature })?;
        }
        Ok(())
    }

    /// The jurors reveal what they have found.
    fn reveal_findings(&self, task: TaskId, attempt: u8, jury: Jury) -> Result<()> {
        let leaves = Leaves::truncate_from(honest_leaves(task, &ProofOfCompute::sample(task)));
        for juror in jury.jurors.into_iter().filter(|juror| juror.finding.is_none()) {
            let salt = salt(&juror.who, task);
            let signature = self.sign(&juror.who, Step::Reveal, task, &(&leaves, &salt))?;
            let leaves = leaves.clone();
            report(Call::reveal { task, attempt, juror: juror.who, leaves, salt, signature })?;
        }
        Ok(())
    }
}
