//! The ledger of jobs that the proof of compute uses.

use super::*;

#[test]
fn the_brief_tells_what_lottery_and_audit_need() {
    TestExt::new().build_and_execute(|| {
        let mut posted = spec(BLC, 7);
        posted.requires.fp32 = Fp32::ALL;
        posted.requires.reputation = Perbill::from_percent(60);
        let job = submit(posted.clone());
        let least_memory = <FakeBlobs as BlobStore>::size(&input()).unwrap() + 64;
        let brief = TaskBrief {
            requester: ALICE,
            kernel: manifest().id(),
            tiling: Tiling::PerGroup { bytes: 64 },
            tasks: 7,
            group_count: 85,
            reward: posted.reward,
            per_auditor: 2_500,
            audit: posted.audit,
            run_blocks: posted.run_blocks,
            requires: posted.requires.with_memory(least_memory),
            least_memory,
            redo: true,
        };
        assert_eq!(<Jobs as JobLedger>::brief(task(job, 6)), Some(brief));
    });
}

#[test]
fn memory_is_asked_for_what_the_inputs_and_a_tile_take_and_for_more_if_the_requester_says_so() {
    TestExt::new().build_and_execute(|| {
        let size = <FakeBlobs as BlobStore>::size(&input()).unwrap();
        let memory = |asked: u64| {
            let mut posted = spec(NATIVE, 1);
            posted.requires.memory = asked;
            let job = submit(posted.clone());
            let brief = <Jobs as JobLedger>::brief(task(job, 0)).unwrap();
            assert_eq!(Jobs::prospect(&posted, ALICE).unwrap().0.requires, brief.requires);
            assert_eq!(Jobs::job(job).unwrap().spec, posted, "it is told as it was posted");
            (brief.requires.memory, brief.least_memory)
        };
        let least = size + 64;
        assert!(least < 128 << 20, "every device allocates this at once");
        assert_eq!(memory(0), (least, least));
        assert_eq!(memory(least - 1), (least, least));
        assert_eq!(memory(least + 1), (least + 1, least));
    });
}

#[test]
fn the_run_request_tells_what_an_executor_needs() {
    TestExt::new().build_and_execute(|| {
        let genesis = Hash::repeat_byte(0x99);
        frame_system::BlockHash::<Test>::insert(0, genesis);
        let job = submit(spec(NATIVE, 7));
        let work = Work::Sample(vec![3, 5]);
        let request = RunRequest {
            id: Hash::zero(),
            genesis,
            task: task(job, 1),
            work: work.clone(),
            kernel: manifest(),
            groups: [300, 2, 1],
            first_group: 86,
            group_count: 86,
            scalars: vec![vec![1, 2, 3, 4]],
            inputs: vec![input()],
            limit_ms: 0,
        };
        assert_eq!(<Jobs as JobLedger>::run_request(task(job, 1), work), Some(request));
        let size = <FakeBlobs as BlobStore>::size(&input()).unwrap();
        assert_eq!(<Jobs as JobLedger>::input_bytes(task(job, 1)), [size]);
        assert!(<Jobs as JobLedger>::input_bytes(task(job, 7)).is_empty());
    });
}

#[test]
fn a_closed_task_has_neither_brief_nor_request() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 2));
        settle(task(job, 0), BOB, &[]);
        assert_eq!(<Jobs as JobLedger>::brief(task(job, 0)), None);
        assert_eq!(<Jobs as JobLedger>::run_request(task(job, 0), Work::Task), None);
        assert!(<Jobs as JobLedger>::brief(task(job, 1)).is_some());
    });
}

#[test]
fn nobody_is_called_to_a_task_that_was_posted() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 1));
        assert_eq!(<Jobs as JobLedger>::called(task(job, 0)), None);
        assert_eq!(<Jobs as JobLedger>::calls(&BOB), vec![]);
    });
}

#[test]
fn the_genesis_hash_outlives_the_other_block_hashes() {
    TestExt::new().build_and_execute(|| {
        let genesis = Hash::repeat_byte(0x77);
        let mut parent = genesis;
        System::set_block_number(0);
        for number in 1..=30 {
            System::reset_events();
            System::initialize(&number, &parent, &Default::default());
            parent = System::finalize().hash();
        }
        assert_eq!(System::block_hash(1), Hash::zero(), "pruned");
        assert_eq!(Jobs::genesis_hash(), genesis);
    });
}
