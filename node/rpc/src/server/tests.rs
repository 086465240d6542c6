//! Tests of the methods over a small fake chain.

use super::{subscriptions::MAX_OF_CONNECTION, *};
use crate::{
    BlobApiServer, ComputeApiServer, EconomyApiServer, ErrorCode, ExecutorError, JobItem, JobState, JobsPage,
    RpcApiServer, WorkersItem, document,
};
use codec::Encode;
use dpin_primitives::{
    AccountId, AssetKind, BlobHash, BlockNumber, Hash, JobId, KernelId, OpaqueBlock as Block, TaskId,
    api::*,
    blake2,
    candidates::Candidates,
    confidential::{MAX_SEALED_BYTES, encryption_key_statement, job_key_statement},
    economy::*,
    executor::{Commitment, OutputChunk},
    job::{AuditPolicy, JobShape, JobSpec, Requirements, Reward, TaskCost, TaskCount},
    kernel::{InputBytes, Tiling},
    reason::ReasonCode,
    worker::{DeviceClass, Offer, WorkerKey},
};
use futures::{
    channel::mpsc::{UnboundedSender, unbounded},
    future::BoxFuture,
    stream::{BoxStream, StreamExt},
};
use jsonrpsee::{
    Extensions, MethodsError, RpcModule,
    core::{
        params::{ArrayParams, ObjectParams},
        server::Subscription,
        traits::ToRpcParams,
    },
    rpc_params,
    types::error::{INVALID_PARAMS_CODE, METHOD_NOT_FOUND_CODE},
};
use polkadot_sdk::{
    sc_rpc_api::DenyUnsafe,
    sp_api::{ApiError, ApiRef, ProvideRuntimeApi},
    sp_core::{
        Bytes, Pair,
        offchain::{OffchainStorage, STORAGE_PREFIX, storage::InMemOffchainStorage},
        sr25519,
        traits::SpawnNamed,
    },
    sp_runtime::{DispatchError, ModuleError, MultiSignature},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

const REQUESTER: AccountId = AccountId::new([1; 32]);

#[derive(Default)]
struct State {
    number: BlockNumber,
    jobs: BTreeMap<JobId, JobInfo>,
    /// The state of `jobs` at each block, by its number.
    jobs_at: BTreeMap<BlockNumber, BTreeMap<JobId, JobInfo>>,
    posted: JobId,
    /// The workers at each block, by its number.
    workers: BTreeMap<BlockNumber, Vec<WorkerInfo>>,
    blobs: BTreeSet<BlobHash>,
    best: Vec<UnboundedSender<BlockAt>>,
    touched: Vec<UnboundedSender<(Hash, BTreeSet<AccountId>)>>,
}

#[derive(Clone, Default)]
struct Node(Arc<Mutex<State>>);

fn hash_of(number: BlockNumber) -> Hash {
    Hash::from_low_u64_be(number.into())
}

fn number_of(hash: Hash) -> BlockNumber {
    hash.to_low_u64_be() as BlockNumber
}

impl Node {
    /// Adds a new best block, after a change of the state.
    fn block(&self, touched: &[AccountId], change: impl FnOnce(&mut State)) {
        let mut state = self.0.lock().unwrap();
        state.number += 1;
        let number = state.number;
        let workers = state.workers.get(&(number - 1)).cloned().unwrap_or_default();
        state.workers.insert(number, workers);
        change(&mut state);
        let jobs = state.jobs.clone();
        state.jobs_at.insert(number, jobs);
        let block = BlockAt { hash: hash_of(number), number };
        state.best.retain(|sender| sender.unbounded_send(block).is_ok());
        let touched: BTreeSet<_> = touched.iter().cloned().collect();
        state.touched.retain(|sender| sender.unbounded_send((block.hash, touched.clone())).is_ok());
    }
}

impl Chain for Node {
    fn best(&self) -> BlockAt {
        let number = self.0.lock().unwrap().number;
        BlockAt { hash: hash_of(number), number }
    }

    fn on_best_chain(&self, hash: Hash) -> Option<(BlockNumber, Hash)> {
        let number = number_of(hash);
        Some((number, hash_of(number.checked_sub(1)?)))
    }

    fn best_blocks(&self) -> BoxStream<'static, BlockAt> {
        let (sender, blocks) = unbounded();
        self.0.lock().unwrap().best.push(sender);
        blocks.boxed()
    }

    fn touched_workers(&self) -> BoxStream<'static, (Hash, BTreeSet<AccountId>)> {
        let (sender, blocks) = unbounded();
        self.0.lock().unwrap().touched.push(sender);
        blocks.boxed()
    }
}

struct Api(Node);

impl ProvideRuntimeApi<Block> for Node {
    type Api = Api;

    fn runtime_api(&self) -> ApiRef<'_, Api> {
        Api(self.clone()).into()
    }
}

fn refused() -> DispatchError {
    DispatchError::Module(ModuleError { index: 40, error: [3, 0, 0, 0], message: None })
}

polkadot_sdk::sp_api::mock_impl_runtime_apis! {
    impl ComputeApi<Block> for Api {
        #[advanced]
        fn job(&self, at: Hash, id: JobId) -> Result<Option<JobInfo>, ApiError> {
            let state = self.0 .0.lock().unwrap();
            Ok(state.jobs_at.get(&number_of(at)).and_then(|jobs| jobs.get(&id).cloned()))
        }
        fn job_count(&self) -> JobId {
            self.0 .0.lock().unwrap().posted
        }
        fn task(&self, task: TaskId) -> Option<TaskInfo> {
            self.0 .0.lock().unwrap().jobs.get(&task.job)?.tasks.get(task.index as usize).cloned()
        }
        fn jobs_of(&self, requester: AccountId, after: Option<JobId>, limit: u32) -> Page<JobHead, JobId> {
            let state = self.0 .0.lock().unwrap();
            let heads = state.jobs.values().filter(|job| job.requester == requester && after.is_none_or(|a| job.id > a));
            let items = heads.take(limit as usize).map(|job| JobHead {
                id: job.id,
                requester: job.requester.clone(),
                kernel: job.spec.kernel,
                reward: job.spec.reward.clone(),
                submitted: job.submitted,
                tasks: 2,
                open: 2,
            });
            Page { items: items.collect(), next: None }
        }
        fn last_job_of(&self, requester: AccountId) -> Option<JobId> {
            (requester == REQUESTER).then(|| self.0 .0.lock().unwrap().posted.checked_sub(1)).flatten()
        }
        fn kernel(&self, _: KernelId) -> Option<KernelInfo> {
            None
        }
        fn kernels(&self, _: Option<KernelId>, _: u32) -> Page<KernelInfo, KernelId> {
            Page { items: Vec::new(), next: None }
        }
        #[advanced]
        fn worker(&self, at: Hash, account: AccountId) -> Result<Option<WorkerInfo>, ApiError> {
            let state = self.0 .0.lock().unwrap();
            let workers = state.workers.get(&number_of(at));
            Ok(workers.and_then(|workers| workers.iter().find(|worker| worker.account == account).cloned()))
        }
        fn workers(&self, _: Option<DeviceClass>, _: Option<u32>, _: u32) -> Page<WorkerInfo, u32> {
            Page { items: Vec::new(), next: None }
        }
        fn wait(&self, _: JobSpec, _: Option<AccountId>) -> Result<Wait, DispatchError> {
            Err(refused())
        }
        fn prospects(&self, _: JobSpec, _: Tiling, _: InputBytes, _: Option<AccountId>) -> Candidates {
            Candidates::default()
        }
        fn candidates(&self, task: TaskId) -> Option<Candidates> {
            (task.index == 0).then(Candidates::default)
        }
        #[advanced]
        fn network(&self, _: Hash) -> Result<NetworkInfo, ApiError> {
            Err(ApiError::UsingSameInstanceForDifferentBlocks)
        }
        #[advanced]
        fn parameters(&self, _: Hash) -> Result<ParametersInfo, ApiError> {
            Err(ApiError::UsingSameInstanceForDifferentBlocks)
        }
        fn quote(&self, _: JobSpec) -> Result<Quote, DispatchError> {
            Err(refused())
        }
        fn blob_size(&self, hash: BlobHash) -> Option<u64> {
            self.0 .0.lock().unwrap().blobs.contains(&hash).then_some(4)
        }
        fn blob(&self, hash: BlobHash) -> Option<BlobInfo> {
            let known = self.0 .0.lock().unwrap().blobs.contains(&hash);
            known.then_some(BlobInfo { hash, size: 4, announced: false, owner: REQUESTER, expires: 9, pins: 1 })
        }
        fn genesis(&self) -> Hash {
            Hash::zero()
        }
    }

    impl EconomyApi<Block> for Api {
        fn supply(&self) -> Supply {
            Supply { cap: SUPPLY_CAP, minted: 3, burned: 1, issuance: 2, circulating: 1, scheduled: 0, emitted: 0 }
        }
        fn allocation(&self) -> Vec<AllocationInfo> {
            Vec::new()
        }
        fn vesting(&self, _: AccountId) -> Vec<VestingInfo> {
            Vec::new()
        }
        fn current_era(&self) -> EraIndex {
            5
        }
        fn era(&self, era: EraIndex) -> Option<EraInfo> {
            (era <= 5).then(EraInfo::default)
        }
        fn reward(&self, _: EraIndex, _: AccountId) -> Option<RewardInfo> {
            None
        }
        fn pots(&self) -> Vec<PotInfo> {
            Vec::new()
        }
        fn buybacks(&self, _: AssetKind, first: EraIndex) -> Vec<(EraIndex, BuybackTotals)> {
            vec![(first, BuybackTotals { spent: 1, bought: 2, burned: 3 })]
        }
        fn buyback_totals(&self, _: AssetKind) -> BuybackTotals {
            BuybackTotals { spent: 4, bought: 5, burned: 6 }
        }
        fn market(&self, _: AssetKind) -> Option<MarketInfo> {
            None
        }
        fn liquidity_bonds(&self) -> BondsInfo {
            BondsInfo { pot: 1, outstanding: 2, proceeds: 3, gain: 4 }
        }
        fn fees(&self, _: JobSpec) -> Result<FeeQuote, DispatchError> {
            Err(refused())
        }
    }
}

/// An executor that keeps only job keys. It "seals" a key by writing the recipient in front of it.
#[derive(Default)]
struct KeyExecutor(Mutex<BTreeMap<JobId, Vec<u8>>>);

impl Executor for KeyExecutor {
    fn output(&self, _: TaskId, _: u64, _: u32) -> Result<Option<OutputChunk>, ExecutorError> {
        Err(ExecutorError::None)
    }

    fn log(&self, _: Hash) -> Result<Option<Vec<u8>>, ExecutorError> {
        Ok(None)
    }

    fn task_report(&self, task: TaskId) -> Result<Option<Vec<u8>>, ExecutorError> {
        Ok((task.job == 1).then(|| format!("task: {task}\n").into_bytes()))
    }

    fn recipient(&self) -> Result<String, ExecutorError> {
        Ok("age1bob".into())
    }

    fn put_job_key(&self, job: JobId, sealed: &[u8]) -> Result<(), ExecutorError> {
        self.0.lock().unwrap().insert(job, sealed.to_vec());
        Ok(())
    }

    fn reseal(&self, job: JobId, recipient: &str) -> Result<Option<Vec<u8>>, ExecutorError> {
        Ok(self.0.lock().unwrap().get(&job).map(|key| [recipient.as_bytes(), b":", key].concat()))
    }
}

/// A keystore with the key of the worker Bob.
struct BobsKey;

fn pair(name: &str) -> sr25519::Pair {
    sr25519::Pair::from_string(&format!("//{name}"), None).unwrap()
}

impl WorkerKeys for BobsKey {
    fn has(&self, key: &WorkerKey) -> bool {
        *key == pair("Bob").public().into()
    }

    fn sign(&self, key: &WorkerKey, message: &[u8]) -> Option<Vec<u8>> {
        self.has(key).then(|| pair("Bob").sign(message).0.to_vec())
    }
}

/// A node with room for six bytes of blobs.
#[derive(Default)]
struct SixBytes(Mutex<BTreeMap<BlobHash, Vec<u8>>>);

impl NodeBlobs for SixBytes {
    fn stored(&self, id: BlobHash) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.lock().unwrap().get(&id).cloned())
    }

    fn store(&self, id: BlobHash, bytes: &[u8], _: &dyn Fn(BlobHash) -> bool) -> Result<(), Error> {
        let mut blobs = self.0.lock().unwrap();
        let used: usize = blobs.values().map(Vec::len).sum();
        if used + bytes.len() > 6 {
            return Err(Error::BlobQuota(bytes.len()));
        }
        blobs.insert(id, bytes.to_vec());
        Ok(())
    }

    fn present(&self, _: BlobHash) -> Option<u64> {
        None
    }
}

#[derive(Clone)]
struct Tokio;

impl SpawnNamed for Tokio {
    fn spawn_blocking(&self, _: &'static str, _: Option<&'static str>, future: BoxFuture<'static, ()>) {
        tokio::spawn(future);
    }

    fn spawn(&self, _: &'static str, _: Option<&'static str>, future: BoxFuture<'static, ()>) {
        tokio::spawn(future);
    }
}

fn module_with(node: &Node, index: InMemOffchainStorage, limit: usize) -> RpcModule<()> {
    module_within(node, index, limit, Arc::default())
}

fn module_within(node: &Node, index: InMemOffchainStorage, limit: usize, budget: Arc<Budget>) -> RpcModule<()> {
    let client = Arc::new(node.clone());
    let subscriptions = Subscriptions::with_limit(Arc::new(Tokio), limit);
    let mut module = RpcModule::new(());
    let (executor, keys) = (Arc::new(KeyExecutor::default()), Arc::new(BobsKey));
    let compute = Compute::new(client.clone(), index, executor, keys, subscriptions, budget.clone());
    module.merge(compute.into_rpc()).unwrap();
    module.merge(Blobs::new(client.clone(), Arc::new(SixBytes::default()), budget).into_rpc()).unwrap();
    module.merge(Economy::new(client).into_rpc()).unwrap();
    module.merge(Discover::new().into_rpc()).unwrap();
    module.extensions_mut().insert(DenyUnsafe::No);
    module
}

fn module(node: &Node, index: InMemOffchainStorage) -> RpcModule<()> {
    module_with(node, index, MAX_SUBSCRIPTIONS)
}

async fn ask(module: &RpcModule<()>, method: &str, params: impl ToRpcParams) -> Result<Value, i32> {
    module.call(method, params).await.map_err(code)
}

fn code(error: MethodsError) -> i32 {
    match error {
        MethodsError::JsonRpc(error) => error.code(),
        other => panic!("{other}"),
    }
}

fn spec() -> JobSpec {
    JobSpec {
        kernel: KernelId::repeat_byte(2),
        global_size: [64, 1, 1],
        scalars: Default::default(),
        inputs: Default::default(),
        reward: Reward { asset: AssetKind::Native, per_task: 10 },
        tasks: TaskCount::Exactly(2),
        audit: AuditPolicy::default(),
        run_blocks: 20,
        requires: Requirements::default(),
    }
}

const SHAPE: JobShape = JobShape { groups: [4, 1, 1], total: 4, tasks: 2 };

fn open(id: JobId) -> JobInfo {
    let task = |index| TaskInfo {
        task: TaskId { job: id, index },
        first_group: u64::from(index) * 2,
        group_count: 2,
        attempt: 0,
        last_failure: None,
        worker: None,
        commitment: None,
        auditors: Vec::new(),
        jurors: Vec::new(),
        stage: TaskStage::Queued { due: 9 },
    };
    JobInfo {
        id,
        previous: id.checked_sub(1),
        requester: REQUESTER,
        spec: spec(),
        shape: SHAPE,
        cost: TaskCost::default(),
        submitted: 1,
        tasks: vec![task(0), task(1)],
    }
}

fn ended(id: JobId) -> JobSummary {
    let commitment = Commitment { root: Hash::zero(), output_len: 4, kernel_ms: 1 };
    JobSummary {
        id,
        previous: id.checked_sub(1),
        requester: REQUESTER,
        spec: spec(),
        shape: SHAPE,
        cost: TaskCost::default(),
        submitted: 1,
        ended: 7,
        tasks: vec![
            TaskEnd::Settled { worker: [4; 32].into(), commitment, auditors: Vec::new() },
            TaskEnd::Failed { reason: ReasonCode::NoWorker },
        ],
    }
}

fn worker(number: u8, class: DeviceClass) -> WorkerInfo {
    WorkerInfo {
        account: [number; 32].into(),
        number: number.into(),
        key: polkadot_sdk::sp_core::sr25519::Public::from_raw([number; 32]).into(),
        address: Default::default(),
        region: Default::default(),
        class,
        devices: Vec::new(),
        offer: Offer { min_reward: Default::default(), kernels: Default::default(), max_run_blocks: 1 },
        status: WorkerStatus::Active,
        bond: 1,
        locked: 0,
        slots: 1,
        busy: 0,
        available: true,
        reputation: Default::default(),
        strikes: 0,
        slashing: 0,
        misses: 0,
        passport: None,
        certificate: 0,
    }
}

fn index(summaries: &[JobSummary]) -> InMemOffchainStorage {
    let mut index = InMemOffchainStorage::default();
    for summary in summaries {
        index.set(STORAGE_PREFIX, &summary_key(summary.id), &summary.encode());
    }
    index
}

/// Jobs 0 to 8: 1, 3 and 8 are open; 5 and 6 are forgotten.
fn nine_jobs() -> RpcModule<()> {
    let node = Node::default();
    node.block(&[], |state| {
        state.posted = 9;
        state.jobs = [1, 3, 8].into_iter().map(|id| (id, open(id))).collect();
    });
    module(&node, index(&[ended(0), ended(2), ended(4), ended(7)]))
}

async fn page(module: &RpcModule<()>, before: Option<JobId>, limit: u32) -> JobsPage {
    module.call("compute_jobs", rpc_params![REQUESTER, before, limit]).await.unwrap()
}

#[tokio::test]
async fn jobs_come_newest_first_whether_open_ended_or_forgotten() {
    use JobState::*;
    let module = nine_jobs();

    let all = page(&module, None, 100).await;

    let states: Vec<_> = all.jobs.iter().map(|job| (job.id, job.state)).collect();
    // 5 and the ended 4 lie behind the forgotten 6, out of reach; the open 3 does not.
    assert_eq!(states, [(8, Open), (7, Ended), (6, Forgotten), (3, Open), (2, Ended), (1, Open), (0, Ended)]);
    assert_eq!(all.next, None);
    let [open, ended] = &all.jobs[..2] else { panic!("not two jobs") };
    assert_eq!((open.open, open.settled, open.failed, open.ended), (Some(2), Some(0), Some(0), None));
    assert_eq!((ended.open, ended.settled, ended.failed, ended.ended), (Some(0), Some(1), Some(1), Some(7)));
}

#[tokio::test]
async fn pages_of_jobs_join_without_gap_or_repetition() {
    let module = nine_jobs();
    let whole: Vec<JobId> = page(&module, None, 100).await.jobs.iter().map(|job| job.id).collect();
    for limit in 1..=8 {
        let (mut ids, mut before) = (Vec::new(), None);
        loop {
            let part = page(&module, before, limit).await;
            assert!(part.jobs.len() <= limit as usize);
            ids.extend(part.jobs.iter().map(|job| job.id));
            before = part.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(ids, whole, "pages of {limit}");
    }
}

#[tokio::test]
async fn a_page_has_at_most_a_hundred_jobs() {
    let node = Node::default();
    node.block(&[], |state| {
        state.posted = 150;
        state.jobs = (0..150).map(|id| (id, open(id))).collect();
    });
    let page = page(&module(&node, index(&[])), None, 1_000).await;
    assert_eq!((page.jobs.len(), page.next), (100, Some(50)));
}

#[tokio::test]
async fn a_summary_that_a_fork_left_is_not_told() {
    let node = Node::default();
    node.block(&[], |state| state.posted = 1);
    let module = module(&node, index(&[ended(0), ended(1)]));
    assert_eq!(ask(&module, "compute_job", rpc_params![0]).await.unwrap()["ended"], 7);
    assert_eq!(ask(&module, "compute_job", rpc_params![1]).await, Ok(Value::Null));
}

#[tokio::test]
async fn tasks_are_told_of_open_and_of_ended_jobs() {
    let module = nine_jobs();
    let task = |job, index| ask(&module, "compute_task", rpc_params![TaskId { job, index }]);
    assert_eq!(task(8, 1).await.unwrap()["stage"]["name"], "queued");
    assert_eq!(task(7, 0).await.unwrap()["stage"]["name"], "settled");
    assert_eq!(task(7, 1).await.unwrap()["firstGroup"], 2);
    for unknown in [(8, 2), (7, 2), (6, 0), (9, 0)] {
        assert_eq!(task(unknown.0, unknown.1).await, Ok(Value::Null), "{unknown:?}");
    }
}

#[tokio::test]
async fn a_history_is_in_order_and_without_blocks_to_come() {
    let task = TaskId { job: 0, index: 1 };
    let mut index = index(&[]);
    let mut note = |block, attempt, step: TaskStep| {
        let key = step_key(task, attempt, step.kind());
        index.set(STORAGE_PREFIX, &key, &TaskEvent { block, attempt, step }.encode());
    };
    note(1, 0, TaskStep::Assigned { worker: [4; 32].into(), due: 9 });
    note(2, 0, TaskStep::AttemptFailed { reason: ReasonCode::Declined });
    // The first attempt's only entry may be its failure, and an attempt may be missing.
    note(2, 2, TaskStep::Assigned { worker: [5; 32].into(), due: 9 });
    note(3, 2, TaskStep::Verified);
    let node = Node::default();
    node.block(&[], |_| ());
    node.block(&[], |state| state.posted = 1);

    let answer = module(&node, index).call("compute_taskHistory", rpc_params![task]).await;

    let events: Vec<TaskEvent> = answer.unwrap();
    assert_eq!(events.iter().map(|event| (event.block, event.attempt)).collect::<Vec<_>>(), [(1, 0), (2, 0), (2, 2)]);
    assert_eq!(events[1].step, TaskStep::AttemptFailed { reason: ReasonCode::Declined });
}

#[tokio::test]
async fn outputs_and_blobs_are_asked_for_within_a_budget() {
    let budget = Arc::new(Budget::default());
    let module = module_within(&Node::default(), index(&[]), MAX_SUBSCRIPTIONS, budget.clone());
    let task = TaskId { job: 0, index: 0 };
    assert_eq!(ask(&module, "blob_get", rpc_params![BlobHash::zero()]).await, Ok(Value::Null));
    assert_eq!(ask(&module, "compute_output", rpc_params![task, 0, 1]).await, Err(ErrorCode::NoExecutor as i32));

    // As if a gigabyte had been requested: the budget refills only a little during the test.
    budget.begin(&Extensions::new()).unwrap_or_else(|error| panic!("{error}")).costs(1 << 30);
    let spent = Err(ErrorCode::TooMuchAsked as i32);
    assert_eq!(ask(&module, "blob_get", rpc_params![BlobHash::zero()]).await, spent);
    assert_eq!(ask(&module, "compute_output", rpc_params![task, 0, 1]).await, spent);
    let refused = module.call::<_, Value>("blob_get", rpc_params![BlobHash::zero()]).await;
    let Err(MethodsError::JsonRpc(error)) = refused else { panic!("{refused:?}") };
    let ms: u64 = serde_json::from_str(error.data().unwrap().get()).unwrap();
    assert!((1_000..40_000).contains(&ms), "{ms}");
    // Cheap calls are not limited by the budget.
    assert!(ask(&module, "blob_status", rpc_params![BlobHash::zero()]).await.is_ok());
}

#[tokio::test]
async fn errors_have_their_codes() {
    let module = nine_jobs();
    let task = TaskId { job: 0, index: 0 };
    let failed = |code: ErrorCode| Err(code as i32);
    assert_eq!(ask(&module, "compute_output", rpc_params![task, 0, 0]).await, failed(ErrorCode::EmptyRange));
    assert_eq!(ask(&module, "compute_output", rpc_params![task, 0, 1]).await, failed(ErrorCode::NoExecutor));
    assert_eq!(ask(&module, "compute_jobs", rpc_params![REQUESTER, (), 0]).await, failed(ErrorCode::EmptyPage));
    assert_eq!(ask(&module, "compute_workers", rpc_params![(), (), 0]).await, failed(ErrorCode::EmptyPage));
    assert_eq!(ask(&module, "compute_kernels", rpc_params![(), 0]).await, failed(ErrorCode::EmptyPage));
    assert_eq!(ask(&module, "compute_network", rpc_params![]).await, failed(ErrorCode::Runtime));
    assert_eq!(ask(&module, "compute_quote", rpc_params!["0x00"]).await, failed(ErrorCode::InvalidSpec));
    let refused = ask(&module, "compute_quote", rpc_params![Bytes(spec().encode())]).await;
    assert_eq!(refused, failed(ErrorCode::SpecRefused));
    assert_eq!(ask(&module, "blob_put", rpc_params!["0x01"]).await, failed(ErrorCode::UnknownBlob));
}

#[tokio::test]
async fn a_blob_is_kept_only_if_the_chain_knows_it_and_there_is_room() {
    let node = Node::default();
    let module = module(&node, index(&[]));
    let (blob, other) = (Bytes(b"blob".to_vec()), Bytes(b"more".to_vec()));
    node.block(&[], |state| state.blobs = [blake2(&blob), blake2(&other)].into());
    let hash = json!(blake2(&blob));
    let status = ask(&module, "blob_status", rpc_params![&hash]).await.unwrap();
    assert_eq!((&status["onChain"], &status["stored"], &status["size"]), (&json!(true), &json!(false), &json!(4)));

    assert_eq!(ask(&module, "blob_put", rpc_params![&blob]).await.unwrap(), hash);

    assert_eq!(ask(&module, "blob_get", rpc_params![&hash]).await.unwrap(), json!(blob));
    assert_eq!(ask(&module, "blob_status", rpc_params![&hash]).await.unwrap()["stored"], true);
    let full = ask(&module, "blob_put", rpc_params![&other]).await;
    assert_eq!(full, Err(ErrorCode::BlobQuota as i32));
}

#[tokio::test]
async fn who_may_not_call_unsafe_methods_may_not_put_blobs() {
    let node = Node::default();
    let blob = Bytes(b"blob".to_vec());
    node.block(&[], |state| state.blobs = [blake2(&blob)].into());
    let mut module = module(&node, index(&[]));
    module.extensions_mut().insert(DenyUnsafe::Yes);
    assert_eq!(ask(&module, "blob_put", rpc_params![&blob]).await, Err(-32_601));
    assert_eq!(ask(&module, "blob_get", rpc_params![blake2(&blob)]).await, Ok(Value::Null));
}

#[tokio::test]
async fn the_economy_is_told_with_decimal_strings() {
    let module = nine_jobs();
    assert_eq!(ask(&module, "economy_supply", rpc_params![]).await.unwrap()["cap"], SUPPLY_CAP.to_string());
    assert_eq!(ask(&module, "economy_era", rpc_params![]).await.unwrap()["era"], 5);
    assert_eq!(ask(&module, "economy_era", rpc_params![6]).await, Ok(Value::Null));
    let buybacks = ask(&module, "economy_buybacks", rpc_params![json!({ "asset": 1 }), 2]).await.unwrap();
    let expected = json!({
        "totals": { "spent": "4", "bought": "5", "burned": "6" },
        "eras": [{ "era": 2, "spent": "1", "bought": "2", "burned": "3" }],
    });
    assert_eq!(buybacks, expected);
}

#[tokio::test]
async fn what_is_described_is_what_can_be_called() {
    let module = nine_jobs();
    let called: BTreeSet<String> = module.method_names().map(Into::into).collect();
    let document = ask(&module, "rpc_discover", rpc_params![]).await.unwrap();
    let names = |method: &Value| {
        let aliases = method["x-aliases"].as_array().cloned().unwrap_or_default();
        let names: Vec<String> =
            aliases.iter().chain([&method["name"]]).map(|name| name.as_str().unwrap().into()).collect();
        names
    };
    let described = document["methods"].as_array().unwrap().iter().flat_map(names);
    assert_eq!(described.collect::<BTreeSet<String>>(), called);
    let unsafe_ones: Vec<_> =
        document["methods"].as_array().unwrap().iter().filter(|method| method["x-unsafe"] == true).collect();
    assert_eq!(unsafe_ones.len(), 1);
    assert_eq!(unsafe_ones[0]["name"], "blob_put");
}

/// Returns the next item, which must arrive soon; `None` at the end.
async fn next<T: serde::de::DeserializeOwned>(subscription: &mut Subscription) -> Option<Result<T, String>> {
    let item = tokio::time::timeout(Duration::from_secs(20), subscription.next::<T>()).await.expect("an item in time");
    item.map(|item| item.map(|(item, _)| item).map_err(|error| error.to_string()))
}

#[tokio::test]
async fn a_job_is_followed_from_change_to_change_until_it_has_ended() {
    let node = Node::default();
    node.block(&[], |state| {
        state.posted = 1;
        state.jobs.insert(0, open(0));
    });
    let module = module(&node, index(&[ended(0)]));
    let mut job = module.subscribe("compute_subscribeJob", rpc_params![0], 16).await.unwrap();
    let first: JobItem = next(&mut job).await.unwrap().unwrap();
    assert_eq!((first.number, first.block, first.job.ended), (1, hash_of(1), None));

    node.block(&[], |_| ());
    node.block(&[], |state| {
        state.jobs.get_mut(&0).unwrap().tasks[0].stage = TaskStage::Assigned { due: 12 };
    });
    let second: JobItem = next(&mut job).await.unwrap().unwrap();
    assert_eq!(second.number, 3);

    node.block(&[], |state| {
        state.jobs.remove(&0);
    });
    let last: JobItem = next(&mut job).await.unwrap().unwrap();
    assert_eq!((last.number, last.job.ended), (4, Some(7)));
    assert!(next::<JobItem>(&mut job).await.is_none());
}

#[tokio::test]
async fn an_unknown_job_cannot_be_followed_and_one_that_vanishes_ends_with_a_reason() {
    let node = Node::default();
    node.block(&[], |state| {
        state.posted = 1;
        state.jobs.insert(0, open(0));
    });
    let module = module(&node, index(&[]));
    let unknown = module.subscribe("compute_subscribeJob", rpc_params![1], 16).await.map(drop);
    assert_eq!(unknown.map_err(code), Err(ErrorCode::UnknownJob as i32));

    let (_, mut messages) = module
        .raw_json_request(r#"{"jsonrpc":"2.0","id":1,"method":"compute_subscribeJob","params":[0]}"#, 16)
        .await
        .unwrap();
    node.block(&[], |state| {
        state.jobs.clear();
    });

    let told = loop {
        let message = tokio::time::timeout(Duration::from_secs(20), messages.recv()).await.unwrap().unwrap();
        let message: Value = serde_json::from_str(&message).unwrap();
        if !message["params"]["error"].is_null() {
            break message;
        }
    };
    assert_eq!(told["method"], "compute_jobChanged");
    assert_eq!(told["params"]["error"]["code"], ErrorCode::UnknownJob as i32);
}

#[tokio::test]
async fn one_connection_has_a_share_of_the_subscriptions_and_no_more() {
    let node = Node::default();
    let module = module_with(&node, index(&[]), MAX_SUBSCRIPTIONS);
    let follow = || async { module.subscribe("compute_subscribeWorkers", rpc_params![()], 16).await };
    let mut all = Vec::new();
    for _ in 0..MAX_OF_CONNECTION {
        all.push(follow().await.unwrap());
    }
    assert_eq!(follow().await.map(drop).map_err(code), Err(ErrorCode::ConnectionFull as i32));

    all.pop();

    for _ in 0..200 {
        if follow().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the share was not given back");
}

#[tokio::test]
async fn subscriptions_are_counted_and_given_back() {
    let node = Node::default();
    node.block(&[], |state| {
        state.posted = 1;
        state.jobs.insert(0, open(0));
    });
    let module = module_with(&node, index(&[]), 1);
    let mut job = module.subscribe("compute_subscribeJob", rpc_params![0], 16).await.unwrap();
    next::<JobItem>(&mut job).await.unwrap().unwrap();
    let refused = module.subscribe("compute_subscribeWorkers", rpc_params![()], 16).await.map(drop);
    assert_eq!(refused.map_err(code), Err(ErrorCode::TooManySubscriptions as i32));

    drop(job);

    for _ in 0..200 {
        if module.subscribe("compute_subscribeWorkers", rpc_params![()], 16).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the subscription's place was not given back");
}

#[tokio::test]
async fn workers_are_told_to_those_who_follow_their_class() {
    let node = Node::default();
    node.block(&[], |state| {
        state.workers.insert(1, vec![worker(1, DeviceClass::Gpu), worker(2, DeviceClass::Cpu)]);
    });
    let module = module(&node, index(&[]));
    let mut gpus = module.subscribe("compute_subscribeWorkers", rpc_params!["gpu"], 16).await.unwrap();
    let mut all = module.subscribe("compute_subscribeWorkers", rpc_params![], 16).await.unwrap();
    let accounts = |item: &WorkersItem| item.changed.iter().map(|worker| worker.number).collect::<Vec<_>>();

    // First a CPU worker changes, then a block changes none. Then the GPU worker becomes a CPU
    // worker and the other one leaves.
    node.block(&[[2; 32].into()], |state| state.workers.get_mut(&2).unwrap()[1].busy = 1);
    node.block(&[], |_| ());
    node.block(&[[1; 32].into(), [2; 32].into()], |state| {
        state.workers.insert(4, vec![worker(1, DeviceClass::Cpu)]);
    });

    let first: WorkersItem = next(&mut all).await.unwrap().unwrap();
    assert_eq!((first.number, accounts(&first), first.left), (2, vec![2], vec![]));
    let second: WorkersItem = next(&mut all).await.unwrap().unwrap();
    assert_eq!((second.number, accounts(&second), second.left), (4, vec![1], vec![[2; 32].into()]));
    let item: WorkersItem = next(&mut gpus).await.unwrap().unwrap();
    assert_eq!((item.number, accounts(&item), item.left), (4, vec![], vec![[1; 32].into()]));
}

#[tokio::test]
async fn a_subscriber_that_lags_behind_is_told_so() {
    let node = Node::default();
    node.block(&[], |state| {
        state.posted = 1;
        state.jobs.insert(0, open(0));
    });
    let module = module(&node, index(&[]));
    // Room for one message: the answer is taken out, every other message waits until the subscriber
    // reads.
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"compute_subscribeJob","params":[0]}"#;
    let (_, mut messages) = module.raw_json_request(request, 1).await.unwrap();
    for due in 0..200 {
        node.block(&[], |state| {
            state.jobs.get_mut(&0).unwrap().tasks[0].stage = TaskStage::Queued { due };
        });
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let told = loop {
        let message = tokio::time::timeout(Duration::from_secs(20), messages.recv()).await.unwrap().unwrap();
        let message: Value = serde_json::from_str(&message).unwrap();
        if !message["params"]["error"].is_null() {
            break message;
        }
    };
    assert_eq!(told["params"]["error"]["code"], ErrorCode::SlowSubscriber as i32);
}

#[tokio::test]
async fn a_task_has_the_report_that_its_executor_keeps() {
    let module = module(&Node::default(), index(&[]));
    for (job, report) in [(1, json!(Bytes(b"task: 1:2\n".to_vec()))), (2, Value::Null)] {
        let told = ask(&module, "compute_taskReport", rpc_params![json!({ "job": job, "index": 2 })]).await.unwrap();
        assert_eq!(told, report);
    }
}

#[test]
fn the_document_is_the_same_each_time() {
    assert_eq!(document(), document());
}

/// Job 1 of Charlie, whose first task Bob computes. Eve audits it, as long as the stage is `stage`.
fn confidential_job(stage: TaskStage) -> RpcModule<()> {
    let node = Node::default();
    node.block(&[], |state| {
        let mut job = open(1);
        job.requester = pair("Charlie").public().0.into();
        job.tasks[0].worker = Some([2; 32].into());
        job.tasks[0].auditors = vec![([3; 32].into(), false)];
        job.tasks[0].stage = stage;
        state.posted = 3;
        state.jobs = [(1, job), (2, open(2))].into();
        let with_key =
            |number, name| WorkerInfo { key: pair(name).public().into(), ..worker(number, DeviceClass::Cpu) };
        state.workers.insert(1, vec![with_key(2, "Bob"), with_key(3, "Eve")]);
    });
    module(&node, index(&[]))
}

const AUDITING: TaskStage = TaskStage::Auditing { due: 9, sample: Vec::new() };

#[tokio::test]
async fn the_encryption_key_is_signed_by_the_worker_key() {
    let module = confidential_job(AUDITING);
    let told = |number: u8| ask(&module, "compute_encryptionKey", rpc_params![AccountId::new([number; 32])]);
    for other in [3, 9] {
        assert_eq!(told(other).await, Err(ErrorCode::NoWorkerKey as i32));
    }
    let told = told(2).await.unwrap();
    assert_eq!(told["recipient"], "age1bob");
    let signature: Bytes = serde_json::from_value(told["signature"].clone()).unwrap();
    let signature = sr25519::Signature::try_from(&signature[..]).unwrap();
    let statement = encryption_key_statement(&Hash::zero(), "age1bob");
    assert!(sr25519::Pair::verify(&signature, statement, &pair("Bob").public()));
}

#[tokio::test]
async fn a_job_key_is_taken_from_the_jobs_requester_alone() {
    let module = confidential_job(AUDITING);
    let put = |job: JobId, number: u8, name: &str, signed: &[u8], sealed: &[u8]| {
        let worker = AccountId::new([number; 32]);
        let statement = job_key_statement(&Hash::zero(), job, &worker, signed);
        let signature = MultiSignature::Sr25519(pair(name).sign(&statement)).encode();
        ask(&module, "compute_putJobKey", rpc_params![job, worker, Bytes(sealed.to_vec()), Bytes(signature)])
    };
    assert_eq!(put(1, 2, "Charlie", b"sealed", b"sealed").await, Ok(Value::Null));
    let refused = |code: ErrorCode| Err(code as i32);
    assert_eq!(put(1, 2, "Eve", b"sealed", b"sealed").await, refused(ErrorCode::InvalidSignature));
    assert_eq!(put(1, 2, "Charlie", b"sealed", b"other").await, refused(ErrorCode::InvalidSignature));
    // Eve only checks, and Bob has no task of job 2.
    assert_eq!(put(1, 3, "Charlie", b"sealed", b"sealed").await, refused(ErrorCode::NotAssigned));
    assert_eq!(put(2, 2, "Charlie", b"sealed", b"sealed").await, refused(ErrorCode::NotAssigned));
    assert_eq!(put(7, 2, "Charlie", b"sealed", b"sealed").await, refused(ErrorCode::UnknownJob));
    let long = vec![0; MAX_SEALED_BYTES + 1];
    assert_eq!(put(1, 2, "Charlie", &long, &long).await, refused(ErrorCode::KeyTooLong));
}

#[tokio::test]
async fn a_job_key_is_given_to_who_checks_a_task_while_it_does() {
    async fn given(module: &RpcModule<()>, task: TaskId, checker: u8, name: &str) -> Result<Value, i32> {
        let signature = pair(name).sign(&encryption_key_statement(&Hash::zero(), "age1eve"));
        let checker = AccountId::new([checker; 32]);
        ask(module, "compute_jobKey", rpc_params![task, checker, "age1eve", Bytes(signature.0.to_vec())]).await
    }
    let task = TaskId { job: 1, index: 0 };
    let refused = |code: ErrorCode| Err(code as i32);
    let module = confidential_job(AUDITING);
    assert_eq!(given(&module, task, 3, "Eve").await, refused(ErrorCode::UnknownJobKey));
    let statement = job_key_statement(&Hash::zero(), 1, &[2; 32].into(), b"sealed");
    let signature = Bytes(MultiSignature::Sr25519(pair("Charlie").sign(&statement)).encode());
    let bob = AccountId::new([2; 32]);
    ask(&module, "compute_putJobKey", rpc_params![1, bob, Bytes(b"sealed".to_vec()), signature]).await.unwrap();

    assert_eq!(given(&module, task, 3, "Eve").await, Ok(json!(Bytes(b"age1eve:sealed".to_vec()))));
    assert_eq!(given(&module, task, 3, "Bob").await, refused(ErrorCode::InvalidSignature));
    assert_eq!(given(&module, task, 2, "Bob").await, refused(ErrorCode::NotChecking));
    assert_eq!(given(&module, TaskId { job: 1, index: 1 }, 3, "Eve").await, refused(ErrorCode::NotAssigned));
    assert_eq!(given(&module, TaskId { job: 9, index: 0 }, 3, "Eve").await, refused(ErrorCode::UnknownJob));
    let verified = confidential_job(TaskStage::Verified { due: 9 });
    assert_eq!(given(&verified, task, 3, "Eve").await, refused(ErrorCode::NotChecking));
}

#[tokio::test]
async fn every_example_is_a_request_that_the_node_takes() {
    let module = nine_jobs();
    let document = document();
    let mut count = 0;
    for method in document["methods"].as_array().unwrap() {
        let name: &'static str = String::leak(method["name"].as_str().unwrap().to_owned());
        if method["paramStructure"] == "by-position" {
            continue;
        }
        let (mut by_position, mut by_name) = (ArrayParams::new(), ObjectParams::new());
        for param in method["examples"][0]["params"].as_array().unwrap() {
            by_position.insert(&param["value"]).unwrap();
            by_name.insert(param["name"].as_str().unwrap(), &param["value"]).unwrap();
        }
        let codes = if method["x-subscription"].is_object() {
            let subscribed = module.subscribe_unbounded(name, by_position).await.map(drop);
            [subscribed.map_err(code), module.subscribe_unbounded(name, by_name).await.map(drop).map_err(code)]
        } else {
            [ask(&module, name, by_position).await.map(drop), ask(&module, name, by_name).await.map(drop)]
        };
        for code in codes.into_iter().filter_map(Result::err) {
            assert!(code != INVALID_PARAMS_CODE && code != METHOD_NOT_FOUND_CODE, "{name}: {code}");
        }
        count += 1;
    }
    assert_eq!(
        count,
        module.method_names().filter(|name| !name.contains("unsubscribe") && *name != "rpc.discover").count()
    );
}

#[tokio::test]
async fn a_class_of_workers_is_spelled_as_the_page_says() {
    let module = nine_jobs();
    for class in ["gpu", "cpu", "accelerator"] {
        let answer = ask(&module, "compute_workers", rpc_params![class, (), 10]).await.unwrap();
        assert_eq!(answer, json!({ "workers": [], "next": null }), "{class}");
    }
    let refused = ask(&module, "compute_workers", rpc_params!["tpu", (), 10]).await;
    assert_eq!(refused, Err(INVALID_PARAMS_CODE));
}

#[tokio::test]
async fn the_description_is_found_by_the_name_that_openrpc_gives_it() {
    let module = nine_jobs();
    let answer = ask(&module, "rpc.discover", rpc_params![]).await.unwrap();
    assert_eq!(answer, ask(&module, "rpc_discover", rpc_params![]).await.unwrap());
    let methods = answer["methods"].as_array().unwrap();
    let discover = methods.iter().find(|method| method["name"] == "rpc_discover").unwrap();
    assert_eq!(discover["x-aliases"], json!(["rpc.discover"]));
}
