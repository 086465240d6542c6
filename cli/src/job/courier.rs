//! Deliver the key of a job to the workers that get its tasks.

use crate::{
    chain::{self, Chain, link::Patience, request, signer::Signer},
    context::Context,
    error::{Error, Result},
    job::{fetch, key::JobKey, ticket::Ticket},
    text::{escape::printable, output::Output},
};
use age::x25519::Recipient;
use codec::Encode;
use dpin_primitives::{
    AccountId, Hash, JobId,
    api::{Milestone, WorkerInfo},
    confidential::{encryption_key_statement, job_key_statement},
    worker::WorkerKey,
};
use dpin_rpc::{EncryptionKeyView, JobView};
use polkadot_sdk::{
    sp_core::{Bytes, Pair, sr25519},
    sp_runtime::MultiSignature,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use subxt::rpcs::rpc_params;
use tokio::task::JoinSet;

/// Interval at which the job is polled for workers that need the key.
const TICK: Duration = Duration::from_secs(2);
/// Time limit for an answer of a worker's node.
const PATIENCE: Duration = Duration::from_secs(10);

/// Delivers the key of a job to the workers that get its tasks.
pub(crate) struct Courier<'a> {
    context: &'a Context,
    chain: &'a Chain,
    signer: &'a Signer,
    ticket: &'a Ticket,
    key: &'a JobKey,
    /// Workers that have received the key, with the job's number at that time.
    delivered: BTreeSet<(JobId, AccountId)>,
    /// The last problem reported for each worker that could not receive the key.
    problems: BTreeMap<AccountId, String>,
}

impl<'a> Courier<'a> {
    /// A courier for a job that `signer` has posted.
    pub(crate) fn new(
        context: &'a Context,
        chain: &'a Chain,
        signer: &'a Signer,
        ticket: &'a Ticket,
        key: &'a JobKey,
    ) -> Self {
        Self { context, chain, signer, ticket, key, delivered: BTreeSet::new(), problems: BTreeMap::new() }
    }

    /// Deliver the key until every task is verified or the job has ended. It continues until then
    /// because another worker recomputes a result found wrong. Returns the number of workers that
    /// received the key.
    ///
    /// # Errors
    ///
    /// When there is no such job.
    pub(crate) async fn deliver_until_verified(&mut self) -> Result<usize> {
        loop {
            let job = self.ticket.now(self.chain).await?;
            if job.ended.is_some() || job.tasks.iter().all(|task| task.stage.milestone() >= Milestone::Verified) {
                return Ok(self.delivered.len());
            }
            self.deliver_round(&job).await;
            tokio::time::sleep(TICK).await;
        }
    }

    /// Deliver the key for as long as this is polled: a failed task goes to another worker.
    pub(crate) async fn deliver_forever(&mut self) -> std::convert::Infallible {
        loop {
            if let Ok(job) = self.ticket.now(self.chain).await {
                self.deliver_round(&job).await;
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// Deliver the key to every worker that has a task but not the key.
    async fn deliver_round(&mut self, job: &JobView) {
        let assigned = job.tasks.iter().filter(|task| task.stage.milestone() == Milestone::Assigned);
        let workers: BTreeSet<AccountId> = assigned.filter_map(|task| task.worker.clone()).collect();
        let mut deliveries = JoinSet::new();
        // In parallel: a node that does not answer must not keep the key from other workers.
        for worker in workers {
            if self.delivered.contains(&(job.id, worker.clone())) {
                continue;
            }
            let parcel = Parcel {
                chain: self.chain.clone(),
                signer: self.signer.clone(),
                job: job.id,
                key: self.key.clone(),
                worker,
                output: self.context.output,
            };
            deliveries.spawn(async move {
                let delivery = tokio::time::timeout(PATIENCE, parcel.deliver()).await;
                let late = |_| Err(Error::connection("its node did not answer in time"));
                (parcel.worker, delivery.unwrap_or_else(late))
            });
        }
        while let Some(Ok((worker, delivery))) = deliveries.join_next().await {
            match delivery {
                Ok(()) => {
                    self.context.output.note(format!("delivered the key of job {} to worker {worker}", job.id));
                    self.delivered.insert((job.id, worker));
                }
                Err(error) => {
                    let told = self.problems.insert(worker.clone(), error.message.clone());
                    if told.as_ref() != Some(&error.message) {
                        let why = printable(&error.message);
                        self.context.output.note(format!("worker {worker} does not have the key yet: {why}"));
                    }
                }
            }
        }
    }
}

/// A job key on its way to one worker.
struct Parcel {
    chain: Chain,
    signer: Signer,
    job: JobId,
    key: JobKey,
    worker: AccountId,
    output: Output,
}

impl Parcel {
    async fn deliver(&self) -> Result<()> {
        let (worker, genesis) = (&self.worker, self.chain.genesis());
        let info: Option<WorkerInfo> = self.chain.api("ComputeApi_worker", worker).await?;
        let info = info.ok_or_else(|| Error::failed("it is no longer registered"))?;
        let address = fetch::node_address(&self.chain, worker).await?;
        let node = chain::connect(&address, Patience::OTHERS, self.output).await?;
        let told: EncryptionKeyView = request(&node, "compute_encryptionKey", rpc_params![worker]).await?;
        let recipient = check_encryption_key(&told, &info.key, &genesis)?;
        let sealed = self.key.seal(&recipient)?;
        let statement = job_key_statement(&genesis, self.job, worker, &sealed);
        let signature = MultiSignature::Sr25519(sr25519::Signature::from_raw(self.signer.sign(&statement))).encode();
        let params = rpc_params![self.job, worker, Bytes(sealed), Bytes(signature)];
        request::<()>(&node, "compute_putJobKey", params).await
    }
}

/// Return the encryption key that a node reports, after checking that it belongs to the worker's
/// own executor.
fn check_encryption_key(told: &EncryptionKeyView, worker: &WorkerKey, genesis: &Hash) -> Result<Recipient> {
    let foreign = |what: &str| {
        Error::unverified(format!("its node reports an encryption key {what}"))
            .hint("the key was not sent: the worker's address leads to another operator's node")
    };
    let key: &sr25519::Public = worker.as_ref();
    let statement = encryption_key_statement(genesis, &told.recipient);
    let signature = sr25519::Signature::try_from(&told.signature[..]);
    if !signature.is_ok_and(|signature| sr25519::Pair::verify(&signature, statement, key)) {
        return Err(foreign("that its worker has not signed"));
    }
    told.recipient.parse().map_err(|_| foreign("that is invalid"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use age::x25519::Identity;

    #[test]
    fn an_encryption_key_counts_only_with_the_workers_signature() {
        let pair = |name: &str| sr25519::Pair::from_string(name, None).unwrap();
        let genesis = Hash::repeat_byte(7);
        let recipient = Identity::generate().to_public().to_string();
        let told = |name: &str, genesis: &Hash| EncryptionKeyView {
            recipient: recipient.clone(),
            signature: Bytes(pair(name).sign(&encryption_key_statement(genesis, &recipient)).0.to_vec()),
        };
        let worker = pair("//Bob").public().into();
        assert_eq!(check_encryption_key(&told("//Bob", &genesis), &worker, &genesis).unwrap().to_string(), recipient);
        let refused = |told: EncryptionKeyView| {
            let error = check_encryption_key(&told, &worker, &genesis).map(|_| ()).unwrap_err();
            assert_eq!(error.exit, Exit::Unverified, "{error}");
        };
        refused(told("//Eve", &genesis));
        refused(told("//Bob", &Hash::zero()));
        let other = Identity::generate().to_public().to_string();
        refused(EncryptionKeyView { recipient: other, ..told("//Bob", &genesis) });
    }
}
