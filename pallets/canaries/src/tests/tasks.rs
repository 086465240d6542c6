//! Briefs and run requests of canaries.

use super::*;

fn declared() -> TestExt {
    TestExt::with(2)
}

/// Worker 1 declares every ability from the beginning.
fn opened() {
    FakeWorkers::change(1, |worker| {
        worker.fp64 = true;
        worker.fp32 = Fp32::ALL;
    });
    claim(1, 100);
    first_round();
}

#[test]
fn the_brief_is_that_of_a_task_by_the_chain() {
    declared().build_and_execute(|| {
        opened();
        let expected = TaskBrief {
            requester: Canaries::account(),
            kernel: plan().conformance,
            tiling: Tiling::PerGroup { bytes: 1_024 },
            tasks: 1,
            group_count: GROUPS,
            reward: Reward { asset: AssetKind::Native, per_task: 0 },
            per_auditor: 0,
            audit: AuditPolicy { auditors: 2, samples: Samples::Count(8), challenge_blocks: 0 },
            run_blocks: WINDOW,
            requires: Requirements { fp64: true, fp32: Fp32::ALL, ..Default::default() },
            least_memory: 0,
            redo: false,
        };
        assert_eq!(brief(canary(Kind::Conformance, 1)), Some(expected.clone()));
        let throughput = TaskBrief {
            kernel: plan().throughput,
            tiling: Tiling::PerGroup { bytes: 64 * 1_024 },
            tasks: 1,
            group_count: 100,
            requires: Requirements::default(),
            ..expected.clone()
        };
        assert_eq!(brief(canary(Kind::Throughput, 1)), Some(throughput));
        let modest = TaskBrief { requires: Requirements::default(), ..expected };
        assert_eq!(brief(canary(Kind::Conformance, 0)), Some(modest));
    });
}

#[test]
fn the_run_request_passes_seed_and_claims() {
    declared().build_and_execute(|| {
        let genesis = Hash::repeat_byte(0x99);
        frame_system::BlockHash::<Test>::insert(0, genesis);
        opened();
        let seed = round().seed_of(1).to_vec();
        let task = canary(Kind::Conformance, 1);
        let work = Work::Sample(vec![1, 2]);
        let expected = RunRequest {
            id: Hash::zero(),
            genesis,
            task,
            work: work.clone(),
            kernel: conformance(),
            groups: [GROUPS, 1, 1],
            first_group: 0,
            group_count: GROUPS,
            scalars: vec![seed.clone(), vec![7, 0, 0, 0]],
            inputs: Vec::<BlobHash>::new(),
            limit_ms: 0,
        };
        assert_eq!(<Canaries as JobLedger>::run_request(task, work.clone()), Some(expected.clone()));
        assert!(<Canaries as JobLedger>::input_bytes(task).is_empty());
        let task = canary(Kind::Throughput, 1);
        let throughput = RunRequest {
            task,
            kernel: throughput(),
            groups: [100, 1, 1],
            group_count: 100,
            scalars: vec![seed],
            ..expected
        };
        assert_eq!(<Canaries as JobLedger>::run_request(task, work), Some(throughput));
    });
}

#[test]
fn what_a_canary_tries_does_not_change_with_what_its_worker_declares() {
    declared().build_and_execute(|| {
        first_round();
        let before = both(0).into_iter().map(|task| (brief(task), request(task))).collect::<Vec<_>>();
        assert!(commit(Kind::Conformance, 0));
        FakeWorkers::change(0, |worker| {
            worker.fp64 = true;
            worker.fp32 = Fp32::ALL;
        });
        claim(0, 4_000);
        let after = both(0).into_iter().map(|task| (brief(task), request(task))).collect::<Vec<_>>();
        assert_eq!(before, after);
    });
}
