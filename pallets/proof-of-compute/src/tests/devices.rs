//! A worker whose node has no working device, or no room on its disk, pauses itself, and resumes by
//! itself.

use super::*;
use crate::report::devices_message;
use dpin_primitives::{BlockNumber, traits::WorkerHealth, worker::WorkerSignature};
use pallet_workers::{REPORT_GAP, Standings, Status};
use polkadot_sdk::sp_core::Pair;

fn status(n: u8) -> Status {
    Standings::<Test>::get(worker(n)).unwrap().status
}

fn call(n: u8, working: bool, at: BlockNumber) -> Call<Test> {
    let message = devices_message(&ProofOfCompute::genesis(), &worker(n), working, at);
    let signature: WorkerSignature = pair(n).sign(&message).into();
    Call::report_devices { worker: worker(n), working, at, signature }
}

fn tell(n: u8, working: bool) -> DispatchResult {
    report(call(n, working, System::block_number()))
}

#[test]
fn without_a_device_a_worker_is_not_drawn_until_one_works() {
    TestExt::new(1).build_and_execute(|| {
        assert_ok!(tell(0, false));
        assert_eq!(status(0), Status::NoDevice);
        let job = submit(spec(1));
        pass(REPORT_GAP);
        assert!(matches!(Tasks::<Test>::get(task(job, 0)).unwrap().stage, Stage::Queued { .. }));
        assert_ok!(tell(0, true));
        assert_eq!(status(0), Status::Active);
        pass_until(task(job, 0), |s| matches!(s, Stage::Assigned { .. }));
    });
}

#[test]
fn what_a_worker_owes_stays_as_it_is() {
    TestExt::new(4).build_and_execute(|| {
        let task = task(submit(spec(1)), 0);
        let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else {
            unreachable!()
        };
        let n = number(&run.worker);
        let before = (locked(&run.worker), ProofOfCompute::duties_of(&run.worker));
        assert_ok!(tell(n, false));
        assert_eq!((locked(&run.worker), ProofOfCompute::duties_of(&run.worker)), before);
        // It can still do what it owes, if the device comes back in time.
        assert_eq!(commit(task, true), run.worker);
    });
}

#[test]
fn an_owners_pause_stays() {
    TestExt::new(1).build_and_execute(|| {
        assert_ok!(Workers::pause(RuntimeOrigin::signed(worker(0))));
        assert_noop!(tell(0, true), stale());
        assert_noop!(tell(0, false), stale());
        assert_ok!(Workers::resume(RuntimeOrigin::signed(worker(0))));
        assert_ok!(tell(0, false));
        // The owner takes it over, and alone ends it.
        assert_ok!(Workers::pause(RuntimeOrigin::signed(worker(0))));
        pass(REPORT_GAP);
        assert_noop!(tell(0, true), stale());
        assert_ok!(Workers::resume(RuntimeOrigin::signed(worker(0))));
        // The owner may also end the node's.
        assert_ok!(tell(0, false));
        assert_ok!(Workers::resume(RuntimeOrigin::signed(worker(0))));
        assert_eq!(status(0), Status::Active);
        assert_ok!(Workers::leave(RuntimeOrigin::signed(worker(0))));
        pass(REPORT_GAP);
        assert_noop!(tell(0, false), stale());
    });
}

#[test]
fn a_report_counts_once_and_only_soon_after_it_was_made() {
    TestExt::new(1).build_and_execute(|| {
        pass(30);
        let now = System::block_number();
        assert_noop!(report(call(0, false, now + 1)), stale());
        assert_noop!(report(call(0, false, now - 17)), stale());
        let (lost, at) = (call(0, false, now - 2), now - 2);
        assert_ok!(report(lost.clone()));
        assert_noop!(report(lost.clone()), stale());
        pass(REPORT_GAP);
        let found = call(0, true, System::block_number());
        assert_ok!(report(found.clone()));
        // Nobody can make an old report count again, nor flicker.
        assert!(System::block_number() - at > 16);
        assert_noop!(report(lost), stale());
        assert_noop!(report(found), stale());
        assert_noop!(tell(0, false), stale());
        pass(REPORT_GAP);
        assert_ok!(tell(0, false));
    });
}

#[test]
fn only_the_worker_key_reports() {
    TestExt::new(2).build_and_execute(|| {
        let at = System::block_number();
        let Call::report_devices { signature, .. } = call(1, false, at) else { unreachable!() };
        let forged = Call::report_devices { worker: worker(0), working: false, at, signature };
        assert_noop!(report(forged), DispatchError::Other("bad proof"));
        let call = call(0, false, at);
        let Call::report_devices { worker, at, signature, .. } = call else { unreachable!() };
        let turned = Call::report_devices { worker: worker.clone(), working: true, at, signature };
        assert_noop!(report(turned), stale());
        assert_noop!(
            ProofOfCompute::report_devices(RuntimeOrigin::signed(worker.clone()), worker, false, at, pair_signature()),
            DispatchError::BadOrigin
        );
    });
}

fn pair_signature() -> WorkerSignature {
    pair(0).sign(b"").into()
}

#[test]
fn for_canaries_it_is_a_pause() {
    TestExt::new(1).build_and_execute(|| {
        assert!(<Workers as WorkerHealth>::is_active(&worker(0)));
        assert_ok!(tell(0, false));
        assert!(!<Workers as WorkerHealth>::is_active(&worker(0)));
        // An absent worker misses no canary, but must prove itself again. A round does that with every
        // worker that is not active.
        <Workers as WorkerHealth>::miss(&worker(0), CANARY);
        assert_eq!(Standings::<Test>::get(worker(0)).unwrap().misses, 0);
        <Workers as WorkerHealth>::disprove(&worker(0));
        pass(REPORT_GAP);
        assert_ok!(tell(0, true));
        assert!(!Workers::info(&worker(0)).unwrap().available, "a device that works again has proved nothing yet");
        <Workers as WorkerHealth>::prove(&worker(0));
    });
}

mod off_chain_worker {
    use super::*;
    use crate::offchain::devices::STEADY_BLOCKS;
    use codec::Decode;
    use dpin_primitives::executor::{
        CONFIG_KEY, ExecutorConfig, READINESS_KEY,
        Readiness::{self, DiskLow, NoDevice, Ready},
    };
    use polkadot_sdk::{
        frame_support::traits::Hooks,
        sp_core::offchain::{OffchainDbExt, OffchainWorkerExt, TransactionPoolExt, testing},
        sp_runtime::offchain::storage::StorageValueRef,
    };

    /// A node with worker 0's key; `test` gets the calls that were submitted since it asked last.
    fn with_node(test: impl FnOnce(&dyn Fn() -> Vec<Call<Test>>)) {
        let (mut ext, keystore) = TestExt::new(1).build();
        let (offchain, _) = testing::TestOffchainExt::new();
        let (pool, pool_state) = testing::TestTransactionPoolExt::new();
        ext.register_extension(OffchainDbExt::new(offchain.clone()));
        ext.register_extension(OffchainWorkerExt::new(offchain));
        ext.register_extension(TransactionPoolExt::new(pool));
        ext.execute_with(|| {
            insert_key(&keystore, 0);
            let config = ExecutorConfig { url: "http://127.0.0.1:1".into(), token: "t".into() };
            StorageValueRef::persistent(CONFIG_KEY).set(&config);
            test(&|| {
                let transactions = std::mem::take(&mut pool_state.write().transactions);
                let calls = transactions.iter().map(|xt| Extrinsic::decode(&mut xt.as_slice()).unwrap().function);
                calls
                    .filter_map(|call| if let RuntimeCall::ProofOfCompute(call) = call { Some(call) } else { None })
                    .collect()
            });
            check_invariants();
        });
    }

    /// The node sees its executor so; `None`: the executor gives no answer.
    fn seen(readiness: Option<Readiness>) {
        let mut stored = StorageValueRef::persistent(READINESS_KEY);
        match readiness {
            Some(readiness) => stored.set(&readiness),
            None => stored.clear(),
        }
    }

    /// Blocks pass, and the off-chain worker runs after each.
    fn blocks(count: BlockNumber) {
        for _ in 0..count {
            pass(1);
            ProofOfCompute::offchain_worker(System::block_number());
        }
    }

    fn apply(calls: Vec<Call<Test>>) {
        assert_eq!(calls.len(), 1);
        for call in calls {
            assert_ok!(report(call));
        }
    }

    #[test]
    fn reports_a_lost_device_and_that_one_is_back_after_some_blocks_in_a_row() {
        with_node(|submitted| {
            seen(Some(NoDevice));
            blocks(STEADY_BLOCKS);
            assert!(submitted().is_empty());
            blocks(1);
            apply(submitted());
            assert_eq!(status(0), Status::NoDevice);
            blocks(3 * STEADY_BLOCKS);
            assert!(submitted().is_empty(), "the chain knows");
            seen(Some(Ready));
            blocks(STEADY_BLOCKS + 1);
            apply(submitted());
            assert_eq!(status(0), Status::Active);
        });
    }

    #[test]
    fn a_full_disk_is_a_reason_to_pause_and_room_to_resume() {
        with_node(|submitted| {
            seen(Some(DiskLow));
            blocks(STEADY_BLOCKS);
            assert!(submitted().is_empty());
            blocks(1);
            apply(submitted());
            let job = submit(spec(1));
            blocks(REPORT_GAP);
            assert!(matches!(Tasks::<Test>::get(task(job, 0)).unwrap().stage, Stage::Queued { .. }), "it is not drawn");
            // The device is lost as well: the chain knows that the worker takes nothing.
            seen(Some(NoDevice));
            blocks(3 * STEADY_BLOCKS);
            seen(Some(DiskLow));
            blocks(3 * STEADY_BLOCKS);
            assert!(submitted().is_empty());
            assert_eq!(Standings::<Test>::get(worker(0)).unwrap().slashing, 0);
            seen(Some(Ready));
            blocks(STEADY_BLOCKS + 1);
            apply(submitted());
            assert_eq!(status(0), Status::Active);
        });
    }

    #[test]
    fn a_passing_state_is_not_reported() {
        with_node(|submitted| {
            for now in [Some(NoDevice), Some(Ready), Some(DiskLow), None, Some(DiskLow), Some(Ready)] {
                seen(now);
                blocks(STEADY_BLOCKS - 1);
            }
            // Nor is an executor that gives no answer: it may be starting again.
            seen(None);
            blocks(3 * STEADY_BLOCKS);
            assert!(submitted().is_empty());
            assert_eq!(status(0), Status::Active);
        });
    }

    #[test]
    fn what_the_pool_has_lost_is_submitted_again() {
        with_node(|submitted| {
            seen(Some(NoDevice));
            blocks(STEADY_BLOCKS + 1);
            assert_eq!(submitted().len(), 1);
            blocks(STEADY_BLOCKS);
            apply(submitted());
        });
    }

    #[test]
    fn the_owners_pause_is_left_alone() {
        with_node(|submitted| {
            assert_ok!(Workers::pause(RuntimeOrigin::signed(worker(0))));
            for now in [NoDevice, DiskLow, Ready] {
                seen(Some(now));
                blocks(3 * STEADY_BLOCKS);
            }
            assert!(submitted().is_empty());
            assert_eq!(status(0), Status::Paused);
        });
    }
}
