//! The sweep over deadlines: linear, capped, charged, and complete.

use super::*;
use crate::filing::{Due, MAX_SWEPT};
use polkadot_sdk::{
    frame_support::{traits::Hooks, weights::Weight},
    sp_io::TestExternalities,
};
use proptest::prelude::*;

/// A job of one task without auditors: cheap to make many of.
fn small() -> dpin_primitives::job::JobSpec {
    let mut small = spec(1);
    small.audit.auditors = 0;
    small.reward.per_task = DPN;
    small
}

/// A state of `count` tasks that wait for a worker past their time, in the backend and not in the
/// overlay.
fn overdue(count: u32) -> TestExternalities {
    let (mut ext, _) = TestExt::new(0).build();
    ext.execute_with(|| {
        assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(REQUESTER), manifest()));
        let due = System::block_number() + RULES.queue_blocks;
        for _ in 0..count / 64 {
            let specs = vec![small(); 64].try_into().unwrap();
            assert_ok!(Jobs::submit_jobs(RuntimeOrigin::signed(REQUESTER), specs));
        }
        // The first look files them under their deadline.
        System::set_block_number(due);
        while Due::<Test>::items(due).count() < count as usize {
            ProofOfCompute::sweep(&mut WeightMeter::new());
        }
        System::set_block_number(due + 1);
    });
    ext.commit_all().unwrap();
    ext
}

#[test]
fn a_sweep_reads_and_writes_as_much_for_each_task_however_many_there_are() {
    let cost = |count: u32| {
        let mut ext = overdue(count);
        let mut cost = Default::default();
        ext.execute_with(|| {
            cost = operations(|| ProofOfCompute::sweep(&mut WeightMeter::new()));
            assert_eq!(Tasks::<Test>::iter().count(), 0);
            assert_eq!(escrow(), 0);
        });
        cost
    };
    let (few, many) = (cost(128), cost(2_048));
    for (operation, count) in &many {
        let each = few.get(operation).map_or(0, |few| few.div_ceil(128));
        assert!(*count <= (each + 1) * 2_048, "{operation}: {count} of 2,048 tasks, {each} of one of few");
    }
    let next = |counted: &std::collections::BTreeMap<String, u64>| counted.get("Next").copied().unwrap_or(0);
    assert_eq!(
        (next(&few), next(&many)),
        (0, 0),
        "the first key of a prefix is looked for, past all that were removed"
    );
}

#[test]
fn a_sweep_looks_at_no_more_tasks_than_its_cap_and_goes_on_in_the_next_block() {
    TestExt::new(0).build_and_execute(|| {
        let ended = |job: u32| TaskId { job: job.into(), index: 0 };
        (0..MAX_SWEPT + 100).for_each(|job| assert_eq!(Due::<Test>::file(0, 5, ended(job)), 5));
        System::set_block_number(6);
        let swept = ProofOfCompute::on_idle(6, Weight::MAX);
        assert_eq!(Due::<Test>::items(5).count(), 100);
        let looks = <() as WeightInfo>::sweep_tasks(MAX_SWEPT) - <() as WeightInfo>::sweep_tasks(0);
        assert!(swept.all_gte(looks), "every look is charged");
        ProofOfCompute::on_idle(6, Weight::MAX);
        assert_eq!(Deadlines::<Test>::iter().count() + DeadlineCounts::<Test>::iter().count(), 0);
    });
}

#[test]
fn what_is_filed_anew_or_has_ended_is_skipped_and_costs_a_look() {
    TestExt::new(0).build_and_execute(|| {
        let job = submit(spec(3));
        let first = Tasks::<Test>::get(task(job, 0)).unwrap().filed.unwrap();
        assert_ok!(Jobs::cancel_job(RuntimeOrigin::signed(REQUESTER), job));
        let other = submit(spec(1));
        System::set_block_number(first + 1);
        let (look, refile) = (
            <() as WeightInfo>::sweep_tasks(1) - <() as WeightInfo>::sweep_tasks(0),
            <() as WeightInfo>::refile_task(),
        );
        let blocks = <() as WeightInfo>::sweep_block() * u64::from(first);
        assert_eq!(ProofOfCompute::on_idle(first + 1, Weight::MAX), blocks + look * 4 + refile);
        assert!(Tasks::<Test>::contains_key(task(other, 0)));
        assert_eq!(live_deadlines(), 1);
    });
}

#[test]
fn a_deadline_that_somebody_else_enforced_is_enforced_once() {
    TestExt::new(0).build_and_execute(|| {
        let job = submit(spec(2));
        System::set_block_number(1 + RULES.queue_blocks + 1);
        assert_ok!(ProofOfCompute::expire_task(RuntimeOrigin::signed(worker(0)), task(job, 1)));
        ProofOfCompute::on_idle(System::block_number(), Weight::MAX);
        assert_eq!(failures(), [ReasonCode::NoWorker, ReasonCode::NoWorker]);
        assert_eq!(Tasks::<Test>::iter().count(), 0);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// For any weight that blocks have left, no task outlives its deadline once they have some, and
    /// none ends before it.
    #[test]
    fn no_deadline_is_lost_and_none_comes_early(
        blocks in prop::collection::vec((0u32..4, 0u64..60_000, 1u32..20), 1..12)
    ) {
        TestExt::new(0).build_and_execute(|| {
            let mut deadlines = Vec::new();
            for (tasks, weight, passed) in blocks {
                let now = System::block_number();
                if tasks > 0 {
                    let job = submit(spec(tasks));
                    deadlines.extend((0..tasks).map(|index| (task(job, index), now + RULES.queue_blocks)));
                }
                ProofOfCompute::on_idle(now, Weight::from_parts(weight * 1_000_000, u64::MAX));
                assert_ok!(ProofOfCompute::do_try_state());
                for (task, due) in &deadlines {
                    assert!(Tasks::<Test>::contains_key(task) || *due < now, "{task} ends early");
                }
                System::set_block_number(now + passed);
            }
            System::set_block_number(System::block_number() + RULES.queue_blocks + 1);
            ProofOfCompute::on_idle(System::block_number(), Weight::MAX);
            assert_eq!(Tasks::<Test>::iter().count(), 0);
            assert_eq!(failures().len(), deadlines.len());
        });
    }
}
