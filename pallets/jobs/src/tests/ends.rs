//! The end of a job: its summary, and nothing left in the state.

use super::*;

#[test]
fn an_ended_job_leaves_only_its_summary() {
    let mut ext = TestExt::new().build();
    ext.execute_with(|| {
        let job = submit(spec(BLC, 12));
        System::set_block_number(40);
        for index in (1..12).rev() {
            fail(task(job, index), ReasonCode::NoWorker);
        }
        assert!(Jobs::job(job).is_some());
        settle(task(job, 0), BOB, &[CAROL]);

        assert_eq!(Jobs::job(job), None);
        assert_eq!(Ends::<Test>::iter().count(), 0);
        assert_eq!(FakeBlobs::pins(input()), 0);
        assert_eq!(Kernels::<Test>::get(manifest().id()).unwrap().jobs, 0);
        assert_eq!(Jobs::job_count(), 1);
        assert_eq!(Jobs::task_end(task(job, 0)), None);
        assert_eq!(events().pop(), Some(Event::JobEnded { job, settled: 1, failed: 11 }));
        check_invariants();
    });
    ext.persist_offchain_overlay();
    let stored = ext.offchain_db().get(&summary_key(0)).expect("the summary is in the offchain index");
    let summary = JobSummary::decode(&mut &stored[..]).unwrap();
    let mut tasks = vec![TaskEnd::Failed { reason: ReasonCode::NoWorker }; 12];
    tasks[0] = TaskEnd::Settled { worker: BOB, commitment: commitment(), auditors: vec![CAROL] };
    let cost = TaskCost { reward: 100_000, per_auditor: 2_500, auditors: 2, fee: 2_250, worker_fee: 250 };
    let shape = JobShape { groups: [300, 2, 1], total: 600, tasks: 12 };
    let spec = spec(BLC, 12);
    let expected =
        JobSummary { id: 0, previous: None, requester: ALICE, spec, shape, cost, submitted: 1, ended: 40, tasks };
    assert_eq!(summary, expected);
}

#[test]
fn the_largest_job_ends() {
    TestExt::new().build_and_execute(|| {
        let mut large = spec(NATIVE, MAX_TASKS);
        large.reward.per_task = MIN_REWARD;
        let job = submit(large);
        for index in 0..MAX_TASKS {
            settle(task(job, index), BOB, &[CAROL, DAVE]);
        }
        assert_eq!(Jobs::job(job), None);
        assert_eq!(SettledTasks::<Test>::get(), u64::from(MAX_TASKS));
    });
}
