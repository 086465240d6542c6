//! The off-chain worker with an executor that fails, is slow, has lost its output, or does not
//! answer, and with a stranger's server that stalls.

use super::{off_chain_worker::withheld, *};
use crate::offchain::{
    attendance::{CHECK_BLOCKS, CONTROL_BLOCKS, GIVE_UP_BLOCKS, REPORT_BLOCKS},
    memory::GONE_BLOCKS,
};
use codec::{Decode, Encode};
use dpin_primitives::executor::{CONFIG_KEY, ExecutorConfig, Opening, RunRequest, RunStatus, Work};
use polkadot_sdk::{
    frame_support::traits::Hooks,
    sp_core::OpaquePeerId,
    sp_core::offchain::{
        Externalities, HttpError, HttpRequestId, HttpRequestStatus, OffchainDbExt, OffchainWorkerExt,
        OpaqueNetworkState, Timestamp, TransactionPoolExt,
        testing::{TestOffchainExt, TestTransactionPoolExt},
    },
    sp_runtime::offchain::storage::StorageValueRef,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

/// An executor's answer to a method, a path and a body: a status code and a body, or none.
type Answer = dyn FnMut(&str, &str, &[u8]) -> Option<(u16, Vec<u8>)> + Send;

#[derive(Default)]
struct Asked {
    method: String,
    path: String,
    body: Vec<u8>,
    answer: Option<(u16, Vec<u8>)>,
    read: bool,
    /// The transactions that the node had submitted by then.
    submitted: usize,
}

/// An executor that a test has written.
#[derive(Clone)]
struct Executor {
    asked: Arc<Mutex<Vec<Asked>>>,
    answer: Arc<Mutex<Box<Answer>>>,
    /// Number of transactions in the pool.
    pooled: Arc<dyn Fn() -> usize + Send + Sync>,
    /// Time in ms.
    clock: Arc<AtomicU64>,
}

/// An answer whose body never comes.
const STALL: &[u8] = b"stall";

impl Executor {
    fn answers(&self, answer: impl FnMut(&str, &str, &[u8]) -> Option<(u16, Vec<u8>)> + Send + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }

    /// Methods and paths of what it was asked since the last call.
    fn asked(&self) -> Vec<(String, String)> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.into_iter().map(|asked| (asked.method, asked.path)).collect()
    }
}

impl Externalities for Executor {
    fn is_validator(&self) -> bool {
        true
    }
    fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
        Err(())
    }
    fn timestamp(&mut self) -> Timestamp {
        Timestamp::from_unix_millis(self.clock.load(Ordering::Relaxed))
    }
    fn sleep_until(&mut self, _: Timestamp) {}
    fn random_seed(&mut self) -> [u8; 32] {
        [7; 32]
    }
    fn http_request_start(&mut self, method: &str, uri: &str, _: &[u8]) -> Result<HttpRequestId, ()> {
        let mut asked = self.asked.lock().unwrap();
        let path = uri.strip_prefix("http://127.0.0.1:1").unwrap_or(uri).to_owned();
        let submitted = (self.pooled)();
        asked.push(Asked { method: method.into(), path, submitted, ..Default::default() });
        Ok(HttpRequestId(asked.len() as u16 - 1))
    }
    fn http_request_add_header(&mut self, _: HttpRequestId, _: &str, _: &str) -> Result<(), ()> {
        Ok(())
    }
    fn http_request_write_body(
        &mut self,
        id: HttpRequestId,
        chunk: &[u8],
        _: Option<Timestamp>,
    ) -> Result<(), HttpError> {
        let mut asked = self.asked.lock().unwrap();
        let asked = &mut asked[usize::from(id.0)];
        asked.body.extend(chunk);
        if chunk.is_empty() {
            asked.answer = (self.answer.lock().unwrap())(&asked.method, &asked.path, &asked.body);
        }
        Ok(())
    }
    fn http_response_wait(&mut self, ids: &[HttpRequestId], _: Option<Timestamp>) -> Vec<HttpRequestStatus> {
        let asked = self.asked.lock().unwrap();
        let status = |id: &HttpRequestId| match &asked[usize::from(id.0)].answer {
            Some((code, _)) => HttpRequestStatus::Finished(*code),
            None => HttpRequestStatus::DeadlineReached,
        };
        ids.iter().map(status).collect()
    }
    fn http_response_headers(&mut self, _: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
        Vec::new()
    }
    fn http_response_read_body(
        &mut self,
        id: HttpRequestId,
        buffer: &mut [u8],
        deadline: Option<Timestamp>,
    ) -> Result<usize, HttpError> {
        let deadline = deadline.expect("without a deadline a server can stall the node for ever");
        let mut asked = self.asked.lock().unwrap();
        let asked = &mut asked[usize::from(id.0)];
        let (_, body) = asked.answer.as_ref().ok_or(HttpError::DeadlineReached)?;
        if body == STALL {
            self.clock.fetch_max(deadline.unix_millis(), Ordering::Relaxed);
            return Err(HttpError::DeadlineReached);
        }
        if std::mem::replace(&mut asked.read, true) {
            return Ok(0);
        }
        assert!(body.len() <= buffer.len(), "no test needs more");
        buffer[..body.len()].copy_from_slice(body);
        Ok(body.len())
    }
    fn set_authorized_nodes(&mut self, _: Vec<OpaquePeerId>, _: bool) {}
}

/// The node of a test: the test writes its executor, and takes the submitted transactions.
type Script<'a> = dyn FnOnce(&Executor, &dyn Fn() -> Vec<RuntimeCall>) + 'a;

/// A node with the keys of all of a network's workers, and an executor that does not answer until
/// it is told what to.
fn with_node(workers: u8, test: Box<Script<'_>>) {
    let (mut ext, keystore) = TestExt::new(workers).build();
    let (pool, pool_state) = TestTransactionPoolExt::new();
    let pooled = pool_state.clone();
    let executor = Executor {
        asked: Default::default(),
        answer: Arc::new(Mutex::new(Box::new(|_, _, _| None))),
        pooled: Arc::new(move || pooled.read().transactions.len()),
        clock: Default::default(),
    };
    ext.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
    ext.register_extension(OffchainWorkerExt::new(executor.clone()));
    ext.register_extension(TransactionPoolExt::new(pool));
    ext.execute_with(|| {
        for n in 0..workers {
            insert_key(&keystore, n);
        }
        let config = ExecutorConfig { url: "http://127.0.0.1:1".into(), token: "t".into() };
        StorageValueRef::persistent(CONFIG_KEY).set(&config);
        let submitted = || {
            let transactions = std::mem::take(&mut pool_state.write().transactions);
            transactions.iter().map(|xt| Extrinsic::decode(&mut xt.as_slice()).unwrap().function).collect()
        };
        test(&executor, &submitted);
        check_invariants();
    });
}

fn tend() {
    ProofOfCompute::offchain_worker(System::block_number());
}

fn apply(calls: Vec<RuntimeCall>) {
    for call in calls {
        let RuntimeCall::ProofOfCompute(call) = call else { panic!("an unexpected call") };
        assert_ok!(report(call));
    }
}

fn told(status: RunStatus) -> Option<(u16, Vec<u8>)> {
    Some((200, status.encode()))
}

fn fault() -> RunStatus {
    RunStatus::Failed(ReasonCode::ExecutorFault { log: Hash::repeat_byte(1) })
}

fn run_of(body: &[u8]) -> RunRequest {
    RunRequest::decode(&mut &*body).unwrap()
}

fn assigned() -> TaskId {
    let task = task(submit(spec(1)), 0);
    pass_until(task, |stage| matches!(stage, Stage::Assigned { .. }));
    task
}

fn due(task: TaskId) -> u32 {
    Tasks::<Test>::get(task).unwrap().stage.due()
}

#[test]
fn a_sample_that_failed_for_a_passing_reason_is_computed_again() {
    for reason in [
        ReasonCode::ExecutorFault { log: Hash::zero() },
        ReasonCode::DeviceLost,
        ReasonCode::InputUnavailable { blob: Hash::zero() },
    ] {
        with_node(
            4,
            Box::new(move |executor, submitted| {
                let task = task(submit(spec(1)), 0);
                commit(task, true);
                pass_until(task, |stage| matches!(stage, Stage::Auditing { .. }));
                let (leaves, _) = tree(task, true).open(&ProofOfCompute::sample(task)).unwrap();
                // A failed run stays failed until it is removed.
                let mut removed = false;
                executor.answers(move |method, path, _| match method {
                    "DELETE" => {
                        assert!(!path.contains('?'));
                        removed = true;
                        Some((200, Vec::new()))
                    }
                    _ if removed => told(RunStatus::Sampled(leaves.clone())),
                    _ => told(RunStatus::Failed(reason)),
                });
                tend();
                let seals = submitted();
                assert_eq!(seals.len(), 2, "both auditors are on this node");
                apply(seals);
                assert!(pending().is_empty());
            }),
        );
    }
}

#[test]
fn a_juror_whose_child_died_computes_again() {
    with_node(
        9,
        Box::new(|executor, submitted| {
            let task = task(submit(spec(1)), 0);
            commit(task, false);
            audit(task, &[true, true]);
            open(task, false);
            pass_until(task, |stage| matches!(stage, Stage::Deliberating { .. }));
            executor.answers(|_, _, _| told(fault()));
            tend();
            assert!(submitted().is_empty());
            pass(1);
            let leaves = found(task, true);
            executor.answers(move |_, _, _| told(RunStatus::Sampled(leaves.clone())));
            tend();
            assert_eq!(submitted().len(), 5, "all jurors are on this node");
        }),
    );
}

#[test]
fn a_sample_that_the_kernel_spoils_is_not_computed_over_and_over() {
    with_node(
        4,
        Box::new(|executor, submitted| {
            let task = task(submit(spec(1)), 0);
            commit(task, true);
            pass_until(task, |stage| matches!(stage, Stage::Auditing { .. }));
            executor.answers(|_, _, _| told(RunStatus::Failed(ReasonCode::KernelFault { log: Hash::zero() })));
            tend();
            assert!(executor.asked().iter().all(|(method, _)| method == "POST"));
            assert!(submitted().is_empty());
        }),
    );
}

#[test]
fn a_worker_says_in_time_that_there_is_no_result_whatever_its_executor_does() {
    type Answer = Option<(u16, Vec<u8>)>;
    let away = || StorageValueRef::persistent(CONFIG_KEY).set(&ExecutorConfig::away());
    let troubles: [(&str, Answer); 6] = [
        ("it does not answer", None),
        ("its queue is full", Some((429, Vec::new()))),
        ("it is stopping", Some((503, Vec::new()))),
        ("it never ends", told(RunStatus::Running)),
        ("it never begins", told(RunStatus::Queued)),
        ("it talks nonsense", Some((200, vec![0xff; 40]))),
    ];
    for (trouble, answer) in troubles.into_iter().chain([("it is not running", None)]) {
        with_node(
            4,
            Box::new(move |executor, submitted| {
                let task = assigned();
                if trouble == "it is not running" {
                    away();
                }
                executor.answers(move |_, _, _| answer.clone());
                while due(task) - System::block_number() > GIVE_UP_BLOCKS {
                    tend();
                    assert!(submitted().is_empty(), "{trouble}: there is time left");
                    pass(1);
                }
                tend();
                let calls = submitted();
                assert!(
                    matches!(
                        calls.as_slice(),
                        [RuntimeCall::ProofOfCompute(Call::report_failure {
                            reason: ReasonCode::ExecutorFault { .. },
                            ..
                        })]
                    ),
                    "{trouble}: {calls:?}"
                );
                // The block it is included in is in time.
                pass(1);
                apply(calls);
                assert!(pending().is_empty(), "{trouble}");
            }),
        );
    }
}

#[test]
fn each_post_tells_the_time_that_is_left() {
    with_node(
        4,
        Box::new(|executor, _| {
            let task = assigned();
            let limits = Arc::new(Mutex::new(Vec::new()));
            let seen = limits.clone();
            executor.answers(move |_, _, body| {
                seen.lock().unwrap().push(run_of(body).limit_ms);
                told(RunStatus::Running)
            });
            let left = u64::from(due(task) - System::block_number() - REPORT_BLOCKS - CONTROL_BLOCKS);
            for _ in 0..3 {
                tend();
                pass(1);
            }
            assert_eq!(*limits.lock().unwrap(), [left, left - 1, left - 2].map(|blocks| blocks * 3_000));
        }),
    );
}

#[test]
fn an_executor_that_does_not_answer_is_not_asked_for_ever() {
    with_node(
        4,
        Box::new(|executor, submitted| {
            let mut calm = spec(8);
            calm.audit.auditors = 0;
            let job = submit(calm);
            pass_until(task(job, 0), |stage| matches!(stage, Stage::Assigned { .. }));
            pass(3);
            let open = (0..8).filter_map(|index| Tasks::<Test>::get(task(job, index)));
            let assigned = open.filter(|state| matches!(state.stage, Stage::Assigned { .. })).count();
            assert!(assigned >= 4, "{assigned}");
            while due(task(job, 0)) - System::block_number() > GIVE_UP_BLOCKS {
                pass(1);
            }
            tend();
            assert!(executor.asked().len() <= 3);
            assert!(!submitted().is_empty(), "what can be said without it is said");
        }),
    );
}

/// A task whose worker must open, with what it must open, and its commitment.
fn opening() -> (TaskId, Opening, RunStatus) {
    let task = task(submit(spec(1)), 0);
    commit(task, true);
    audit(task, &[true, true]);
    pass_until(task, |stage| matches!(stage, Stage::Opening { .. }));
    let (leaves, proof) = tree(task, true).open(&ProofOfCompute::sample(task)).unwrap();
    (task, Opening { leaves, proof }, RunStatus::Committed(commitment(task, true)))
}

#[test]
fn an_output_that_is_gone_is_computed_again_and_opened_in_time() {
    with_node(
        4,
        Box::new(|executor, submitted| {
            let (task, opening, done) = opening();
            let left = u64::from(due(task) - System::block_number() - REPORT_BLOCKS);
            // The executor's folder was deleted: it knows nothing.
            executor.answers(move |_, path, body| {
                if path.ends_with("/opening") {
                    return Some((404, Vec::new()));
                }
                let run = run_of(body);
                assert_eq!((run.work, run.limit_ms), (Work::Task, left * 3_000));
                told(RunStatus::Queued)
            });
            tend();
            assert!(submitted().is_empty());
            assert_eq!(executor.asked().len(), 2);

            pass(1);
            let running = done.clone();
            executor.answers(move |_, path, _| match path.ends_with("/opening") {
                true => Some((409, Vec::new())),
                false => told(running.clone()),
            });
            tend();
            assert!(submitted().is_empty());

            pass(1);
            executor.answers(move |_, _, _| Some((200, opening.encode())));
            tend();
            apply(submitted());
            assert!(!Tasks::<Test>::contains_key(task));
            assert!(pending().is_empty());
        }),
    );
}

#[test]
fn an_output_that_comes_out_different_is_computed_once_more() {
    with_node(
        4,
        Box::new(|executor, submitted| {
            let (task, ..) = opening();
            let other = RunStatus::Committed(commitment(task, false));
            executor.answers(move |method, path, _| match method {
                "DELETE" => Some((200, Vec::new())),
                _ if path.ends_with("/opening") => Some((404, Vec::new())),
                _ => told(other.clone()),
            });
            tend();
            assert_eq!(executor.asked().last().unwrap().0, "DELETE");
            assert!(submitted().is_empty());
        }),
    );
}

#[test]
fn an_output_that_is_gone_is_computed_again_before_anybody_asks_for_it() {
    with_node(
        4,
        Box::new(|executor, _| {
            let mut careful = spec(1);
            careful.audit.challenge_blocks = 30;
            let task = task(submit(careful), 0);
            commit(task, true);
            audit(task, &[true, true]);
            open(task, true);
            executor.answers(|_, _, _| told(RunStatus::Queued));
            let mut posts = 0;
            for _ in 0..CHECK_BLOCKS {
                executor.asked();
                tend();
                posts += executor.asked().iter().filter(|(method, _)| method == "POST").count();
                pass(1);
            }
            assert_eq!(posts, 1, "it is looked after now and then");
        }),
    );
}

#[test]
fn a_run_whose_duty_is_gone_is_ended() {
    with_node(
        4,
        Box::new(|executor, submitted| {
            let task = assigned();
            executor.answers(|method, _, _| match method {
                "DELETE" => Some((200, Vec::new())),
                _ => told(RunStatus::Running),
            });
            tend();
            // The worker reports by another way, or on another fork.
            let id = RunRequest::id(&ProofOfCompute::genesis(), task, 0, &Work::Task);
            let state = Tasks::<Test>::take(task).unwrap();
            executor.asked();
            for _ in 0..GONE_BLOCKS {
                tend();
                assert!(executor.asked().is_empty(), "it may be the wrong fork");
                System::set_block_number(System::block_number() + 1);
            }
            System::set_block_number(System::block_number() + 1);
            tend();
            let hex: String = id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(executor.asked(), [("DELETE".into(), format!("/v1/runs/{hex}?unfinished=true"))]);
            tend();
            assert!(executor.asked().is_empty(), "once is enough");
            assert!(submitted().is_empty());
            Tasks::<Test>::insert(task, state);
        }),
    );
}

#[test]
fn a_stalling_server_does_not_hold_up_a_jurors_own_reports() {
    with_node(
        9,
        Box::new(|executor, submitted| {
            let (stalled, ..) = withheld();
            let audited = task(submit(spec(1)), 0);
            commit(audited, true);
            pass_until(audited, |stage| matches!(stage, Stage::Auditing { .. }));
            assert!(matches!(Tasks::<Test>::get(stalled).unwrap().stage, Stage::Deliberating { .. }));
            let tree = tree(audited, true);
            executor.answers(move |_, path, body| match path {
                "/v1/runs" => {
                    let Work::Sample(tiles) = run_of(body).work else { panic!("only a sample is due") };
                    told(RunStatus::Sampled(tree.open(&tiles).unwrap().0))
                }
                _ => Some((200, STALL.to_vec())),
            });
            for block in 0..2 {
                let begun = executor.clock.load(Ordering::Relaxed);
                tend();
                let reports = submitted();
                let foreign: Vec<usize> = {
                    let asked = executor.asked.lock().unwrap();
                    asked.iter().filter(|asked| asked.path.starts_with("http")).map(|asked| asked.submitted).collect()
                };
                executor.asked();
                // Five jurors of one node ask once, when all reports are submitted.
                assert_eq!(foreign, [reports.len()]);
                let took = executor.clock.load(Ordering::Relaxed) - begun;
                assert!(took > 0 && took < 10_000, "{took}");
                // The first block's reports are both auditors' seals, and they are taken.
                assert_eq!(reports.len(), if block == 0 { 2 } else { 0 });
                apply(reports);
                pass(1);
            }
        }),
    );
}
