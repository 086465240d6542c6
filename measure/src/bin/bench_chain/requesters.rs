//! The accounts that post jobs.

use dpin_measure::load::{connection::wire, signing::Signer};
use dpin_primitives::{Hash, job::JobSpec};
use dpin_runtime::Runtime;
use polkadot_sdk::{frame_support::BoundedVec, sp_core::Bytes};

/// The requesters, and their posted jobs.
pub(crate) struct Requesters<'a> {
    signers: &'a [Signer],
    nonces: Vec<u32>,
    /// Number of transactions so far: the requesters take turns.
    next: usize,
    genesis: Hash,
    spec: JobSpec,
    /// Most jobs in one transaction.
    pub batch: u32,
    /// Number of jobs sent so far.
    pub sent: u64,
}

impl<'a> Requesters<'a> {
    /// Requesters that have not posted anything, and post jobs with this specification.
    pub(crate) fn new(signers: &'a [Signer], genesis: Hash, spec: JobSpec, batch: u32) -> Self {
        Self { signers, nonces: vec![0; signers.len()], next: 0, genesis, spec, batch, sent: 0 }
    }

    /// Number of requesters.
    pub(crate) fn count(&self) -> usize {
        self.signers.len()
    }

    /// Transactions that post this many jobs.
    pub(crate) fn post(&mut self, jobs: u32) -> Vec<Bytes> {
        let mut transactions = Vec::new();
        let mut left = jobs;
        while left > 0 {
            let count = left.min(self.batch);
            left -= count;
            let call = match count {
                1 => pallet_jobs::Call::<Runtime>::submit_job { spec: self.spec.clone() },
                _ => {
                    let specs = BoundedVec::truncate_from(vec![self.spec.clone(); count as usize]);
                    pallet_jobs::Call::<Runtime>::submit_jobs { specs }
                }
            };
            let who = self.next % self.signers.len();
            self.next += 1;
            let transaction = wire(&self.signers[who].transaction(self.genesis, self.nonces[who], call.into()));
            self.nonces[who] += 1;
            self.sent += u64::from(count);
            transactions.push(transaction);
        }
        transactions
    }
}
