//! Jobs on the chain, looked up by their number. The number of a job that this program has posted
//! may change with the block.

use crate::{
    chain::{
        Chain,
        submit::{Sent, Signed},
    },
    error::{Error, Result},
};
use dpin_primitives::{AccountId, BlockNumber, Hash, JobId, job::JobSpec};
use dpin_rpc::JobView;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use subxt::rpcs::rpc_params;
use tokio::sync::Mutex;

/// Interval at which a transaction is searched for again.
const TICK: Duration = Duration::from_secs(1);

/// Look up a job with its tasks, also one that has ended.
///
/// # Errors
///
/// When there is no such job, or the node does not remember it.
pub(crate) async fn look_up(chain: &Chain, id: JobId) -> Result<JobView> {
    match find(chain, id).await? {
        Some(job) => Ok(job),
        None => Err(unknown(chain, id).await),
    }
}

async fn find(chain: &Chain, id: JobId) -> Result<Option<JobView>> {
    chain.request("compute_job", rpc_params![id]).await
}

async fn unknown(chain: &Chain, id: JobId) -> Error {
    match chain.api::<JobId>("ComputeApi_job_count", ()).await {
        Ok(count) if id < count => Error::failed(format!("job {id} has ended, and this node has no record of its end"))
            .hint("use a node that ran at that time: --url"),
        Ok(0) => Error::failed(format!("job {id} does not exist: no job was posted yet")),
        Ok(count) => Error::failed(format!("job {id} does not exist; the last job is {}", count - 1)),
        Err(error) => error,
    }
}

/// A job to follow. The number of a job that this program has posted may change: if another fork
/// replaces its block, another job may get the number.
#[derive(Debug)]
pub(crate) struct Ticket {
    id: AtomicU64,
    posted: Option<Posting>,
}

/// The posting of a job.
#[derive(Debug)]
struct Posting {
    requester: AccountId,
    spec: JobSpec,
    transaction: Signed,
    place: Mutex<TransactionPlace>,
}

/// The place of the transaction that posted a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TransactionPlace {
    /// In no known block.
    Unknown,
    /// In this block, which may still be replaced.
    In(BlockNumber, Hash),
    /// In a finalised block.
    Final,
}

impl TransactionPlace {
    fn of(sent: &Sent) -> Self {
        sent.block.map_or(Self::Unknown, |(number, hash)| Self::In(number, hash))
    }
}

impl Posting {
    /// Whether this is the posted job, or an identical one.
    fn is(&self, job: &JobView) -> bool {
        let Self { requester, spec, .. } = self;
        let scalars = spec.scalars.iter().map(|scalar| &scalar[..]);
        *requester == job.requester
            && spec.kernel == job.kernel
            && spec.global_size == job.global_size
            && scalars.eq(job.scalars.iter().map(|scalar| &scalar[..]))
            && spec.inputs[..] == job.inputs[..]
            && spec.reward.asset == job.asset
            && spec.reward.per_task == job.cost.reward.0
            && spec.audit == job.audit
            && spec.run_blocks == job.run_blocks
            && spec.requires == job.requires
    }

    /// The number of the job, if it was posted in this block. This searches the requester's jobs
    /// from the latest one back.
    async fn job_of(&self, chain: &Chain, block: BlockNumber) -> Result<Option<JobId>> {
        let mut next: Option<JobId> = chain.api("ComputeApi_last_job_of", &self.requester).await?;
        while let Some(id) = next {
            let Some(job) = find(chain, id).await? else { return Ok(None) };
            if job.submitted < block {
                return Ok(None);
            }
            if job.submitted == block && self.is(&job) {
                return Ok(Some(id));
            }
            next = job.previous.filter(|previous| *previous < id);
        }
        Ok(None)
    }
}

impl Ticket {
    /// A ticket for a job of any requester.
    pub(crate) fn of(id: JobId) -> Self {
        Self { id: id.into(), posted: None }
    }

    /// A ticket for the job that this transaction has posted.
    pub(crate) fn posted(id: JobId, spec: &JobSpec, sent: &Sent) -> Self {
        let posting = Posting {
            requester: sent.signed.account.clone(),
            spec: spec.clone(),
            transaction: sent.signed.clone(),
            place: Mutex::new(TransactionPlace::of(sent)),
        };
        Self { id: id.into(), posted: Some(posting) }
    }

    /// The job's number.
    pub(crate) fn id(&self) -> JobId {
        self.id.load(Ordering::Relaxed)
    }

    /// Whether the job's number may change.
    pub(crate) fn may_move(&self) -> bool {
        self.posted.is_some()
    }

    /// The job as it is now. If the block in which it was posted is replaced, this finds its new
    /// number.
    ///
    /// # Errors
    ///
    /// When there is no such job, or the node does not answer.
    pub(crate) async fn now(&self, chain: &Chain) -> Result<JobView> {
        let Some(posting) = &self.posted else { return look_up(chain, self.id()).await };
        loop {
            let place = self.place(chain, posting).await?;
            if place != TransactionPlace::Unknown {
                match find(chain, self.id()).await? {
                    Some(job) if posting.is(&job) => return Ok(job),
                    Some(_) if place == TransactionPlace::Final => {
                        return Err(Error::failed(format!(
                            "the node's job {} is not the job that was posted",
                            self.id()
                        ))
                        .hint("use another node: --url"));
                    }
                    None if place == TransactionPlace::Final => return Err(unknown(chain, self.id()).await),
                    // The chain changed between the two requests.
                    _ => (),
                }
            }
            self.find_again(chain, posting).await?;
        }
    }

    /// The current place of the transaction, as far as known.
    async fn place(&self, chain: &Chain, posting: &Posting) -> Result<TransactionPlace> {
        let mut place = posting.place.lock().await;
        if let TransactionPlace::In(number, hash) = *place {
            let (last, _) = chain.finalised().await?;
            *place = match chain.block_hash(number).await? {
                Some(now) if now != hash => TransactionPlace::Unknown,
                None => TransactionPlace::Unknown,
                Some(_) if number <= last => TransactionPlace::Final,
                Some(_) => *place,
            };
        }
        Ok(*place)
    }

    /// Find the block that contains the transaction now, and the job's number there.
    async fn find_again(&self, chain: &Chain, posting: &Posting) -> Result<()> {
        let transaction = &posting.transaction;
        loop {
            let (last, block) = chain.finalised().await?;
            let used = chain.nonce_at(&transaction.account, block).await? > transaction.nonce;
            match chain.find_transaction(transaction).await? {
                Some((number, hash)) => {
                    if let Some(id) = posting.job_of(chain, number).await? {
                        self.id.store(id, Ordering::Relaxed);
                        *posting.place.lock().await = TransactionPlace::In(number, hash);
                        return Ok(());
                    }
                    if number <= last {
                        return Err(self.lost("the transaction failed in the new block"));
                    }
                }
                // The blocks that were final by then were searched.
                None if used || last >= transaction.dies() => {
                    return Err(self.lost("no other block includes the transaction"));
                }
                None => (),
            }
            tokio::time::sleep(TICK).await;
        }
    }

    fn lost(&self, why: &str) -> Error {
        let id = self.id();
        Error::refused(format!(
            "the block that posted job {id} was replaced, and {why}: the job does not exist, and nothing is held for it"
        ))
        .named("replaced")
        .hint("run the command again")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chain::mock::Mock, error::Exit, job::sample};
    use codec::Encode;
    use dpin_primitives::Header;
    use polkadot_sdk::{sp_core::Bytes, sp_runtime::traits::Header as _};
    use serde_json::{Value, json};
    use std::sync::{Arc, Mutex as StdMutex};
    use subxt::rpcs::RpcClient;

    const REQUESTER: [u8; 32] = [1; 32];

    /// A mock chain: the block hashes of the best chain, the block with the transaction, and the
    /// jobs.
    struct State {
        fork: u8,
        holds: Option<BlockNumber>,
        finalised: BlockNumber,
        nonce: u32,
        jobs: Vec<JobView>,
    }

    fn block(fork: u8, number: BlockNumber) -> Hash {
        // All forks share the first blocks.
        let fork = if number < 5 { 0 } else { fork };
        Hash::from_low_u64_be((u64::from(fork) << 32) + u64::from(number))
    }

    fn number_of(hash: &Value) -> BlockNumber {
        serde_json::from_value::<Hash>(hash.clone()).unwrap().to_low_u64_be() as BlockNumber
    }

    fn answer(state: &State, method: &str, params: &Value) -> Value {
        let header = |number: BlockNumber| {
            let (zero, digest) = (Hash::zero(), Default::default());
            json!(Header::new(number, zero, zero, zero, digest))
        };
        match method {
            "chain_getFinalizedHead" => json!(block(state.fork, state.finalised)),
            "chain_getHeader" => header(params.get(0).map_or(9, number_of)),
            "chain_getBlockHash" => json!(block(state.fork, params[0].as_u64().unwrap() as BlockNumber)),
            "chain_getBlock" => {
                let number = number_of(&params[0]);
                let body: Vec<Bytes> = state.holds.iter().filter(|at| **at == number).map(|_| Bytes(vec![7])).collect();
                json!({ "block": { "header": header(number), "extrinsics": body } })
            }
            "state_getStorage" => json!(Bytes((state.nonce, 0u32, 0u32, 0u32, 0u128, 0u128, 0u128, 0u128).encode())),
            "state_call" => {
                let own = |job: &&JobView| job.requester == REQUESTER.into();
                let last = state.jobs.iter().filter(own).map(|job| job.id).max();
                json!(Bytes(match params[0].as_str().unwrap() {
                    "ComputeApi_last_job_of" => last.encode(),
                    "ComputeApi_job_count" => 9u64.encode(),
                    other => panic!("{other}"),
                }))
            }
            "compute_job" => json!(state.jobs.iter().find(|job| job.id == params[0])),
            other => panic!("{other} is not asked for"),
        }
    }

    async fn chain(state: State) -> (Chain, Arc<StdMutex<State>>) {
        let state = Arc::new(StdMutex::new(state));
        let asked = state.clone();
        let mock = Mock::new(move |method, params| Ok(answer(&asked.lock().unwrap(), method, params)));
        (Chain::over(RpcClient::new(mock), "ws://node").await.unwrap(), state)
    }

    /// A waiting job, posted in this block.
    fn job(id: JobId, requester: [u8; 32], submitted: BlockNumber) -> JobView {
        JobView { id, requester: requester.into(), submitted, ..sample::open() }
    }

    fn ticket() -> Ticket {
        let signed = Signed { bytes: vec![7], hash: Hash::zero(), account: REQUESTER.into(), nonce: 3, born: 2 };
        Ticket::posted(7, &sample::spec(), &Sent { block: Some((6, block(1, 6))), events: Vec::new(), signed })
    }

    fn state(fork: u8, jobs: Vec<JobView>) -> State {
        State { fork, holds: Some(6), finalised: 4, nonce: 3, jobs }
    }

    #[tokio::test]
    async fn a_job_is_followed_under_its_new_number_when_its_block_is_replaced() {
        let (chain, now) = chain(state(1, vec![job(7, REQUESTER, 6)])).await;
        let ticket = ticket();
        assert_eq!(ticket.now(&chain).await.unwrap().id, 7);

        // On the other fork somebody else's job has the number.
        {
            let mut now = now.lock().unwrap();
            now.jobs = vec![job(7, [9; 32], 6), job(8, REQUESTER, 7)];
            (now.fork, now.holds) = (2, Some(7));
        }
        let found = ticket.now(&chain).await.unwrap();
        assert_eq!((found.id, found.requester, ticket.id()), (8, REQUESTER.into(), 8));

        // A final block cannot be replaced: a node that claims so is not believed.
        {
            let mut now = now.lock().unwrap();
            now.finalised = 8;
        }
        assert_eq!(ticket.now(&chain).await.unwrap().id, 8);
        now.lock().unwrap().jobs[1].requester = [9; 32].into();
        assert_eq!(ticket.now(&chain).await.unwrap_err().exit, Exit::Failed);
    }

    #[tokio::test]
    async fn a_job_that_no_fork_has_is_told_as_lost() {
        for (nonce, finalised) in [(4, 8), (3, 66)] {
            let (chain, now) = chain(state(1, vec![job(7, REQUESTER, 6)])).await;
            let ticket = ticket();
            ticket.now(&chain).await.unwrap();
            {
                let mut now = now.lock().unwrap();
                (now.fork, now.holds, now.nonce, now.finalised) = (2, None, nonce, finalised);
                now.jobs[0].requester = [9; 32].into();
            }
            let error = ticket.now(&chain).await.unwrap_err();
            assert_eq!((error.exit, error.name.as_deref()), (Exit::Refused, Some("replaced")), "{error}");
        }
    }

    #[tokio::test]
    async fn another_job_of_the_requester_is_not_taken_for_it() {
        let mut other = job(8, REQUESTER, 7);
        other.global_size = [32, 1, 1];
        let jobs = vec![job(6, REQUESTER, 7), JobView { previous: Some(6), ..other }];
        let (chain, _) = chain(State { holds: Some(7), ..state(2, jobs) }).await;
        assert_eq!(ticket().now(&chain).await.unwrap().id, 6);
    }
}
