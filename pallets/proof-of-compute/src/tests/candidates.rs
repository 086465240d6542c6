//! The workers that could take a task, and the conditions that exclude the others.

use super::*;
use crate::flow::Open;
use dpin_primitives::{
    AssetKind, BLC, BlobHash,
    candidates::{Candidates, Condition, MAX_CANDIDATES_SCAN, Outlook, Unmet},
    job::{JobSpec, Requirements},
    kernel::{KernelManifest, Param},
    worker::{DeviceClass, Fp32},
};
use polkadot_sdk::frame_support::BoundedVec;
use proptest::prelude::*;

/// The candidates for the job's tasks in a quote.
fn quoted(spec: &JobSpec, requester: AccountId) -> Candidates {
    if !pallet_jobs::Kernels::<Test>::contains_key(spec.kernel) {
        assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(REQUESTER), manifest()));
    }
    let (brief, tasks) = Jobs::prospect(spec, requester).unwrap();
    let wait = ProofOfCompute::wait(&brief, tasks);
    assert_eq!(wait.available, wait.candidates.free);
    assert_eq!(wait.candidates.eligible == 0, wait.assigned == RULES.queue_blocks);
    wait.candidates
}

fn asking(change: impl FnOnce(&mut Requirements)) -> JobSpec {
    let mut asking = spec(1);
    change(&mut asking.requires);
    asking
}

fn offer(n: u8, change: impl FnOnce(&mut dpin_primitives::worker::Offer)) {
    pallet_workers::Workers::<Test>::mutate(worker(n), |record| change(&mut record.as_mut().unwrap().offer));
}

#[test]
fn every_requirement_that_excludes_a_worker_is_named() {
    TestExt::new(3).regions(&[b"u1", b"u2", b"dr"]).build_and_execute(|| {
        let excluded = |spec: &JobSpec| {
            let candidates = quoted(spec, REQUESTER);
            assert_eq!((candidates.workers, candidates.complete), (3, true));
            (
                candidates.unmet.iter().map(|unmet| (unmet.condition, unmet.workers)).collect::<Vec<_>>(),
                candidates.eligible,
            )
        };
        assert_eq!(excluded(&spec(1)), (vec![], 3));
        assert_eq!(excluded(&asking(|r| r.memory = (1 << 30) + 1)), (vec![(Condition::Memory, 3)], 0));
        assert_eq!(excluded(&asking(|r| r.class = Some(DeviceClass::Gpu))), (vec![(Condition::Class, 3)], 0));
        let region = asking(|r| r.region = BoundedVec::truncate_from(b"u".to_vec()));
        assert_eq!(excluded(&region), (vec![(Condition::Region, 1)], 2));
        assert_eq!(
            excluded(&asking(|r| r.reputation = Perbill::from_percent(99))),
            (vec![(Condition::Reputation, 3)], 0)
        );
        let certified = asking(|r| r.certified = true);
        assert_eq!(excluded(&certified), (vec![(Condition::Certified, 3)], 0));
        certify(1);
        assert_eq!(excluded(&certified), (vec![(Condition::Certified, 2)], 1));
        pallet_workers::Standings::<Test>::mutate(worker(0), |standing| {
            let capability = &mut standing.as_mut().unwrap().capability;
            (capability.fp64, capability.fp32) = (false, Fp32::default());
        });
        let strict = asking(|r| (r.fp64, r.fp32) = (true, Fp32::ALL));
        assert_eq!(excluded(&strict), (vec![(Condition::Fp64, 1), (Condition::Fp32, 1)], 2));
        offer(0, |offer| offer.min_reward = vec![(AssetKind::Native, REWARD + 1)].try_into().unwrap());
        offer(1, |offer| offer.max_run_blocks = RUN_BLOCKS - 1);
        offer(2, |offer| offer.kernels = vec![Hash::repeat_byte(9)].try_into().unwrap());
        let unmet = vec![(Condition::Price, 1), (Condition::Deadline, 1), (Condition::Kernel, 1)];
        assert_eq!(excluded(&spec(1)), (unmet, 0));
        offer(0, |offer| offer.min_reward = vec![(BLC, 1)].try_into().unwrap());
        assert_eq!(quoted(&spec(1), REQUESTER).unmet[0].condition, Condition::Asset);
        // Put back what try_state compares.
        pallet_workers::Standings::<Test>::mutate(worker(0), |standing| {
            let capability = &mut standing.as_mut().unwrap().capability;
            (capability.fp64, capability.fp32) = (true, Fp32::ALL);
        });
    });
}

#[test]
fn who_is_paused_or_not_drawn_or_has_too_little_bond_is_told() {
    TestExt::new(3).build_and_execute(|| {
        assert_ok!(Workers::pause(RuntimeOrigin::signed(worker(0))));
        <Workers as dpin_primitives::traits::WorkerHealth>::disprove(&worker(1));
        let mut dear = spec(1);
        dear.reward.per_task = 600 * DPN;
        let unmet = quoted(&dear, REQUESTER).unmet;
        assert_eq!(
            unmet,
            [
                Unmet { condition: Condition::Active, workers: 1, alone: 0 },
                Unmet { condition: Condition::Drawable, workers: 1, alone: 0 },
                Unmet { condition: Condition::Bond, workers: 3, alone: 1 },
            ]
        );
        <Workers as dpin_primitives::traits::WorkerHealth>::prove(&worker(1));
    });
}

#[test]
fn the_requesters_own_workers_do_not_count() {
    TestExt::new(2).build_and_execute(|| {
        let own = quoted(&spec(1), worker(0));
        assert_eq!((own.eligible, own.outlook()), (1, Outlook::Free));
        assert_eq!(own.unmet, [Unmet { condition: Condition::Stranger, workers: 1, alone: 1 }]);
        assert_ok!(Workers::pause(RuntimeOrigin::signed(worker(1))));
        assert_eq!(quoted(&spec(1), worker(0)).outlook(), Outlook::OwnWorkersOnly);
    });
}

#[test]
fn auditors_are_counted_beside_the_tasks_own_worker() {
    for (workers, auditors) in [(0, 0), (1, 0), (2, 1), (6, 5)] {
        TestExt::new(workers).build_and_execute(|| {
            let candidates = quoted(&spec(1), REQUESTER);
            assert_eq!((candidates.auditors, candidates.free_auditors), (auditors, auditors), "of {workers}");
        });
    }
    // A worker that may not have the task may check it.
    TestExt::new(3).build_and_execute(|| {
        (0..3).for_each(|n| offer(n, |offer| offer.kernels = vec![Hash::repeat_byte(9)].try_into().unwrap()));
        assert_eq!(quoted(&spec(1), REQUESTER).auditors, 3);
        assert_eq!(quoted(&asking(|r| r.fp64 = true), worker(0)).auditors, 2, "but not the requester");
    });
}

#[test]
fn a_task_that_waits_tells_why() {
    TestExt::new(2).build_and_execute(|| {
        let outlook = |task| ProofOfCompute::candidates_of(task).map(|candidates| candidates.outlook());
        let lonely = asking(|r| r.region = BoundedVec::truncate_from(b"zz".to_vec()));
        let waits = task(submit(lonely), 0);
        pass(3);
        assert_eq!(outlook(waits), Some(Outlook::Unmet { condition: Condition::Region }));

        // Two tasks of a job keep both workers busy, and the third waits for them.
        let job = submit(spec(3));
        pass(6);
        let queued: Vec<TaskId> = (0..3)
            .map(|index| task(job, index))
            .filter(|task| matches!(Tasks::<Test>::get(task), Some(TaskState { stage: Stage::Queued { .. }, .. })))
            .collect();
        assert_eq!(queued.len(), 1);
        assert_eq!(outlook(queued[0]), Some(Outlook::Busy));
        let running = (0..3).map(|index| task(job, index)).find(|task| *task != queued[0]).unwrap();
        assert_eq!(outlook(running), None, "it does not wait for a worker");
    });
}

#[test]
fn who_has_tried_a_task_does_not_get_it_again() {
    TestExt::new(2).build_and_execute(|| {
        let task = task(submit(spec(1)), 0);
        let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else {
            unreachable!()
        };
        let reason = ReasonCode::Declined;
        let signature = sign(number(&run.worker), Step::Failure, task, 0, &reason);
        assert_ok!(report(Call::report_failure { task, attempt: 0, reason, signature }));
        let candidates = ProofOfCompute::candidates_of(task).unwrap();
        assert_eq!((candidates.eligible, candidates.free), (1, 1));
        assert_eq!(candidates.unmet, [Unmet { condition: Condition::Untried, workers: 1, alone: 1 }]);
        let last = Tasks::<Test>::get(task).unwrap().last_failed().unwrap();
        assert_eq!((last.attempt, last.worker, last.reason), (0, run.worker, reason));
    });
}

#[test]
fn of_very_many_workers_an_even_sample_is_looked_at() {
    TestExt::new(4).build_and_execute(|| {
        // Numbers of workers that have left, but for the four.
        let numbers = MAX_CANDIDATES_SCAN * 4;
        pallet_workers::NextNumber::<Test>::put(numbers);
        let candidates = {
            assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(REQUESTER), manifest()));
            let (brief, tasks) = Jobs::prospect(&spec(1), REQUESTER).unwrap();
            let wait = ProofOfCompute::wait(&brief, tasks);
            assert_eq!(wait.available, 4, "reckoned from the sample");
            wait.candidates
        };
        assert_eq!((candidates.complete, candidates.workers, candidates.free), (false, 1, 1));
    });
}

#[test]
fn nobody_is_drawn_to_compute_or_to_check_who_could_not_hold_the_inputs() {
    TestExt::new(4).build_and_execute(|| {
        let params = vec![Param::Input, Param::Input, Param::Output];
        let kernel = KernelManifest { params: params.try_into().unwrap(), ..manifest() };
        assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(REQUESTER), kernel.clone()));
        let inputs = vec![BlobHash::repeat_byte(1); 2].try_into().unwrap();
        let asked = JobSpec { kernel: kernel.id(), inputs, ..spec(1) };
        let has = |memory: u64| {
            pallet_workers::Standings::<Test>::mutate(worker(0), |standing| {
                standing.as_mut().unwrap().capability.memory = memory;
            });
            quoted(&asked, REQUESTER)
        };
        let all = has(1 << 30);
        assert_eq!((all.eligible, all.auditors), (4, 3));
        // Two inputs of 1,000 bytes and a tile of 64.
        assert_eq!(has(2_064), all);
        let without = has(2_063);
        assert_eq!(without.unmet, [Unmet { condition: Condition::Memory, workers: 1, alone: 1 }]);
        assert_eq!((without.eligible, without.auditors), (3, 2));
        // The lottery says the same.
        for _ in 0..8 {
            let task = task(submit(asked.clone()), 0);
            let drawn = [vec![commit(task, true)], audit(task, &[true, true])].concat();
            assert!(drawn.len() == 3 && !drawn.contains(&worker(0)), "{drawn:?}");
            open(task, true);
        }
        // As it was declared.
        has(1 << 30);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The workers counted as free are those that the lottery would take.
    #[test]
    fn the_count_is_that_of_the_lottery(
        memory in prop::sample::select(vec![0u64, 1 << 30, 1 << 31]),
        class in prop::sample::select(vec![None, Some(DeviceClass::Cpu), Some(DeviceClass::Gpu)]),
        region in prop::sample::select(vec![&b""[..], b"u", b"u1", b"dr"]),
        reputation in 0u32..100,
        certified: bool,
        reward in prop::sample::select(vec![DPN, REWARD, 100 * DPN, 400 * DPN]),
        run_blocks in 1u32..101,
        own in 0u8..4,
    ) {
        TestExt::new(4).regions(&[b"u1", b"u2", b"dr", b""]).build_and_execute(|| {
            certify(0);
            offer(1, |offer| offer.max_run_blocks = 50);
            offer(2, |offer| offer.min_reward = vec![(AssetKind::Native, 2 * REWARD)].try_into().unwrap());
            let mut asked = asking(|r| {
                (r.memory, r.class, r.certified) = (memory, class, certified);
                r.region = BoundedVec::truncate_from(region.to_vec());
                r.reputation = Perbill::from_percent(reputation);
            });
            (asked.reward.per_task, asked.run_blocks) = (reward, run_blocks);
            let candidates = quoted(&asked, worker(own));
            let (brief, _) = Jobs::prospect(&asked, worker(own)).unwrap();
            let bond = RULES.task_bond(&AssetKind::Native, reward).unwrap();
            let state = TaskState::new(Stage::Queued { due: 100 });
            let taken = (0..4).map(worker).filter(|candidate| {
                let stands = Workers::state(candidate).unwrap();
                Open::<Test>::new(task(0, 0), state.clone(), brief.clone()).may_work(candidate, &stands, bond).is_some()
            });
            assert_eq!(taken.count() as u32, candidates.free, "{candidates:?}");
        });
    }
}
