//! The off-chain worker and its executor.

use super::*;
use codec::{Decode, Encode};
use dpin_primitives::executor::{CONFIG_KEY, Commitment, ExecutorConfig, Opening, RunRequest, RunStatus, Work};
use polkadot_sdk::{
    frame_support::traits::Hooks,
    sp_core::offchain::{OffchainDbExt, OffchainWorkerExt, TransactionPoolExt, testing},
    sp_runtime::offchain::storage::StorageValueRef,
};

/// The node of a test: the test says what the executor is asked and answers, and takes the
/// submitted transactions.
type Script<'a> = dyn FnOnce(&mut dyn FnMut(&str, Vec<u8>, Vec<u8>), &dyn Fn() -> Vec<RuntimeCall>) + 'a;

fn with_node(test: impl FnOnce(&mut dyn FnMut(&str, Vec<u8>, Vec<u8>), &dyn Fn() -> Vec<RuntimeCall>)) {
    with_node_of(4, Box::new(test));
}

/// A node with the keys of all of a network's workers. Paths are the executor's, URLs
/// anybody's.
fn with_node_of(workers: u8, test: Box<Script<'_>>) {
    let (mut ext, keystore) = TestExt::new(workers).build();
    let (offchain, state) = testing::TestOffchainExt::new();
    let (pool, pool_state) = testing::TestTransactionPoolExt::new();
    ext.register_extension(OffchainDbExt::new(offchain.clone()));
    ext.register_extension(OffchainWorkerExt::new(offchain));
    ext.register_extension(TransactionPoolExt::new(pool));
    ext.execute_with(|| {
        for n in 0..workers {
            insert_key(&keystore, n);
        }
        let config = ExecutorConfig { url: "http://127.0.0.1:1".into(), token: "t".into() };
        StorageValueRef::persistent(CONFIG_KEY).set(&config);
        let mut expect = |path: &str, body: Vec<u8>, answer: Vec<u8>| {
            let length = ("content-length".to_string(), body.len().to_string());
            let (uri, headers) = if path.starts_with("http") {
                (path.to_string(), vec![("content-type".into(), "application/json".into()), length])
            } else {
                let bearer = ("authorization".into(), "Bearer t".into());
                let kind = ("content-type".into(), "application/octet-stream".into());
                (format!("http://127.0.0.1:1{path}"), vec![bearer, kind, length])
            };
            state.write().expect_request(testing::PendingRequest {
                method: "POST".into(),
                uri,
                headers,
                body,
                response: Some(answer),
                sent: true,
                ..Default::default()
            });
        };
        let submitted = || {
            let transactions = std::mem::take(&mut pool_state.write().transactions);
            transactions.iter().map(|xt| Extrinsic::decode(&mut xt.as_slice()).unwrap().function).collect()
        };
        test(&mut expect, &submitted);
        check_invariants();
    });
}

fn run_request(task: TaskId, work: Work) -> RunRequest {
    use dpin_primitives::traits::JobLedger;
    let state = Tasks::<Test>::get(task).unwrap();
    let control = if work == Work::Task { crate::offchain::attendance::CONTROL_BLOCKS } else { 0 };
    let blocks = state.stage.due() - System::block_number() - crate::offchain::attendance::REPORT_BLOCKS - control;
    RunRequest {
        id: RunRequest::id(&ProofOfCompute::genesis(), task, state.attempt, &work),
        limit_ms: u64::from(blocks) * 3_000,
        ..Jobs::run_request(task, work).unwrap()
    }
}

#[test]
fn carries_a_task_from_assignment_to_payment_and_submits_everything_once() {
    with_node(|expect, submitted| {
        let job = submit(spec(1));
        let task = task(job, 0);
        pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
        let tend = || ProofOfCompute::offchain_worker(System::block_number());
        let apply = |calls: Vec<RuntimeCall>| {
            for call in calls {
                let RuntimeCall::ProofOfCompute(call) = call else { panic!("an unexpected call") };
                assert_ok!(report(call));
            }
        };
        let request = run_request(task, Work::Task);
        expect("/v1/runs", request.encode(), RunStatus::Running.encode());
        tend();
        assert!(submitted().is_empty());

        let done = RunStatus::Committed(commitment(task, true));
        expect("/v1/runs", request.encode(), done.encode());
        tend();
        let calls = submitted();
        assert_eq!(calls.len(), 1);
        tend();
        assert!(submitted().is_empty(), "the same report is not submitted twice");
        apply(calls);

        pass_until(task, |s| matches!(s, Stage::Auditing { .. }));
        let sample = ProofOfCompute::sample(task);
        let (leaves, proof) = tree(task, true).open(&sample).unwrap();
        let request = run_request(task, Work::Sample(sample.clone()));
        for _ in 0..2 {
            expect("/v1/runs", request.encode(), RunStatus::Sampled(leaves.clone()).encode());
        }
        tend();
        let calls = submitted();
        assert_eq!(calls.len(), 2, "both auditors are on this node");
        apply(calls);

        let run = RunRequest::id(&ProofOfCompute::genesis(), task, 0, &Work::Task);
        let path =
            format!("/v1/runs/{}/opening", run.as_bytes().iter().map(|b| format!("{b:02x}")).collect::<String>());
        expect(&path, sample.encode(), Opening { leaves, proof }.encode());
        tend();
        apply(submitted());
        assert!(!Tasks::<Test>::contains_key(task));
        assert_eq!(escrow(), 0);
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

#[test]
fn a_juror_recomputes_the_sample_and_reveals_what_it_has_sealed() {
    with_node_of(
        9,
        Box::new(|expect, submitted| {
            let task = task(submit(spec(1)), 0);
            let cheat = commit(task, false);
            audit(task, &[true, true]);
            open(task, false);
            pass_until(task, |s| matches!(s, Stage::Deliberating { .. }));
            let request = run_request(task, Work::Sample(ProofOfCompute::sample(task)));
            for _ in 0..5 {
                expect("/v1/runs", request.encode(), RunStatus::Sampled(found(task, true)).encode());
            }
            tend();
            let seals = submitted();
            assert_eq!(seals.len(), 5, "all jurors are on this node");
            apply(seals);
            // A sealed finding is not computed again.
            tend();
            let reveals = submitted();
            assert_eq!(reveals.len(), 5);
            apply(reveals);
            assert_eq!(pending(), [(cheat, ReasonCode::WrongResult, STAKE)]);
        }),
    );
}

/// Expects a request to an address, with a body, and gives an answer.
type Expect<'a> = &'a mut dyn FnMut(&str, Vec<u8>, Vec<u8>);

/// The answer of a worker's node to a request for a tile.
fn serve(expect: Expect<'_>, task: TaskId, tile: u32, answer: &[u8]) {
    let TaskId { job, index } = task;
    let params = format!("[{{\"job\":{job},\"index\":{index}}},{},1]", tile * 64);
    let body = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"compute_output\",\"params\":{params}}}");
    expect("http://127.0.0.1:9944", body.into_bytes(), answer.to_vec());
}

/// A task found right whose requester says that it cannot fetch the output, with the output's
/// bytes and a jury.
pub(super) fn withheld() -> (TaskId, Vec<u8>, dpin_primitives::tile_tree::TileTree) {
    use dpin_primitives::tile_tree::{TileTree, leaf};
    let mut careful = spec(1);
    careful.audit.challenge_blocks = 30;
    let task = task(submit(careful), 0);
    let output: Vec<u8> = (0..6_400u32).map(|byte| byte as u8).collect();
    let genesis = ProofOfCompute::genesis();
    let tree = TileTree::new(output.chunks(64).zip(0..).map(|(tile, at)| leaf(&genesis, task, at, tile)).collect());
    commit(task, true);
    audit(task, &[true, true]);
    open(task, true);
    // The mock's outputs have no bytes: this one has.
    Tasks::<Test>::mutate(task, |state| match &mut state.as_mut().unwrap().stage {
        Stage::Verified { proven, .. } => proven.commitment.root = tree.root(),
        stage => panic!("{stage:?}"),
    });
    assert_ok!(ProofOfCompute::report_unavailable(RuntimeOrigin::signed(REQUESTER), task));
    pass_until(task, |s| matches!(s, Stage::Deliberating { .. }));
    (task, output, tree)
}

#[test]
fn a_juror_fetches_what_is_said_to_be_withheld_and_proves_it() {
    with_node_of(
        9,
        Box::new(|expect, submitted| {
            let (task, output, tree) = withheld();
            // Five jurors of one node: it fetches once.
            let tiles = ProofOfCompute::sample(task);
            for tile in &tiles {
                let at = *tile as usize * 64;
                let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                let (_, proof) = tree.open(&[*tile]).unwrap();
                let proof: Vec<String> = proof.iter().map(|h| format!("\"0x{}\"", hex(h.as_bytes()))).collect();
                let answer = format!(
                    "{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"total\":6400,\"offset\":{at},\"data\":\"0x{}\",\"tileBytes\":64,\"root\":\"0x{}\",\"proof\":[{}]}}}}",
                    hex(&output[at..at + 64]),
                    hex(tree.root().as_bytes()),
                    proof.join(",")
                );
                serve(expect, task, *tile, answer.as_bytes());
            }
            tend();
            assert!(submitted().is_empty(), "what is fetched is sealed after the next block");
            tend();
            apply(submitted());
            tend();
            apply(submitted());
            assert!(matches!(Tasks::<Test>::get(task).unwrap().stage, Stage::Verified { .. }));
            assert!(pending().is_empty());
        }),
    );
}

#[test]
fn a_juror_that_is_served_nonsense_tries_until_time_runs_out_and_then_says_so() {
    with_node_of(
        9,
        Box::new(|expect, submitted| {
            let (task, ..) = withheld();
            let first = ProofOfCompute::sample(task)[0];
            let due = Tasks::<Test>::get(task).unwrap().stage.due();
            while System::block_number() + crate::offchain::attendance::REPORT_BLOCKS < due {
                serve(expect, task, first, br#"{"jsonrpc":"2.0","id":1,"error":{"code":20002,"message":"no"}}"#);
                tend();
                assert!(submitted().is_empty(), "there is time left");
                pass(1);
            }
            tend();
            apply(submitted());
            tend();
            apply(submitted());
            assert_eq!(failures(), [ReasonCode::OutputWithheld]);
        }),
    );
}

#[test]
fn answers_a_canary() {
    with_node(|expect, submitted| {
        CanaryDue::set(System::block_number() + 20);
        let blocks =
            u64::from(20 - crate::offchain::attendance::REPORT_BLOCKS - crate::offchain::attendance::CONTROL_BLOCKS);
        let ledger = <Ledger as dpin_primitives::traits::JobLedger>::run_request(CANARY, Work::Task).unwrap();
        let id = RunRequest::id(&ProofOfCompute::genesis(), CANARY, 0, &Work::Task);
        let request = RunRequest { id, limit_ms: blocks * 3_000, ..ledger };
        expect("/v1/runs", request.encode(), RunStatus::Committed(commitment(CANARY, true)).encode());
        tend();
        apply(submitted());
        assert!(Tasks::<Test>::contains_key(CANARY));
    });
}

#[test]
fn tells_the_sizes_of_the_inputs_with_the_run() {
    with_node(|expect, submitted| {
        use dpin_primitives::{job::JobSpec, kernel::Param};
        let mut kernel = manifest();
        let params = vec![Param::Output, Param::Input, Param::Input];
        kernel.params = params.try_into().unwrap();
        assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(REQUESTER), kernel.clone()));
        let inputs = vec![Hash::repeat_byte(1), Hash::repeat_byte(2)].try_into().unwrap();
        let task = task(submit(JobSpec { kernel: kernel.id(), inputs, ..spec(1) }), 0);
        pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
        let body = run_request(task, Work::Task).encode();
        expect("/v1/runs?input_bytes=1000,1000", body, RunStatus::Failed(ReasonCode::OutOfMemory).encode());
        ProofOfCompute::offchain_worker(System::block_number());
        assert_eq!(submitted().len(), 1);
    });
}

#[test]
fn submits_a_report_that_no_block_takes_again() {
    with_node(|expect, submitted| {
        let task = task(submit(spec(1)), 0);
        pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
        for _ in 0..2 {
            let done = RunStatus::Committed(commitment(task, true));
            expect("/v1/runs", run_request(task, Work::Task).encode(), done.encode());
            for submissions in [1, 0, 0] {
                ProofOfCompute::offchain_worker(System::block_number());
                assert_eq!(submitted().len(), submissions, "in block {}", System::block_number());
                pass(1);
            }
        }
    });
}

#[test]
fn reports_why_a_run_failed() {
    with_node(|expect, submitted| {
        let task = task(submit(spec(1)), 0);
        pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
        expect("/v1/runs", run_request(task, Work::Task).encode(), RunStatus::Failed(ReasonCode::Timeout).encode());
        ProofOfCompute::offchain_worker(System::block_number());
        let calls = submitted();
        assert!(matches!(
            calls.as_slice(),
            [RuntimeCall::ProofOfCompute(Call::report_failure { reason: ReasonCode::Timeout, .. })]
        ));
    });
}

#[test]
fn never_signs_a_result_that_is_not_the_tasks() {
    with_node(|expect, submitted| {
        let task = task(submit(spec(1)), 0);
        pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
        let wrong = Commitment { output_len: 1, ..commitment(task, true) };
        let request = run_request(task, Work::Task).encode();
        expect("/v1/runs", request, RunStatus::Committed(wrong).encode());
        ProofOfCompute::offchain_worker(System::block_number());
        let calls = submitted();
        assert!(matches!(
            calls.as_slice(),
            [RuntimeCall::ProofOfCompute(Call::report_failure { reason: ReasonCode::ExecutorFault { .. }, .. })]
        ));
    });
}

#[test]
fn survives_nonsense_from_the_executor() {
    with_node(|expect, submitted| {
        let task = task(submit(spec(1)), 0);
        pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
        let request = run_request(task, Work::Task).encode();
        for nonsense in [vec![], vec![0xff; 40], vec![0u8; 2 * 1024 * 1024]] {
            expect("/v1/runs", request.clone(), nonsense);
            ProofOfCompute::offchain_worker(System::block_number());
            // An answer of zeros reads as `Queued`: then, too, nothing is submitted.
            assert!(submitted().is_empty());
        }
    });
}

#[test]
fn does_nothing_without_an_executor() {
    with_node(|_, submitted| {
        StorageValueRef::persistent(CONFIG_KEY).clear();
        let task = task(submit(spec(1)), 0);
        pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
        ProofOfCompute::offchain_worker(System::block_number());
        assert!(submitted().is_empty());
    });
}
