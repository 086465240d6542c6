//! Deadlines of tasks.

use super::*;

#[test]
fn anybody_may_enforce_a_deadline_but_not_early() {
    TestExt::new(1).build_and_execute(|| {
        let job = submit(spec(1));
        pass_until(task(job, 0), |s| matches!(s, Stage::Assigned { .. }));
        let expire = || ProofOfCompute::expire_task(RuntimeOrigin::signed(worker(0)), task(job, 0));
        assert_noop!(expire(), Error::<Test>::NotDue);
        System::set_block_number(Tasks::<Test>::get(task(job, 0)).unwrap().stage.due() + 1);
        assert_ok!(expire());
        assert_noop!(expire(), Error::<Test>::UnknownTask);
        assert_eq!(failures(), [ReasonCode::WorkerSilent]);
    });
}

#[test]
fn the_sweep_stops_when_its_weight_is_used_up_and_goes_on_later() {
    TestExt::new(0).build_and_execute(|| {
        submit(spec(20));
        System::set_block_number(RULES.queue_blocks + 5);
        let all = <() as WeightInfo>::sweep_block() * 100;
        let worst = <Jobs as dpin_primitives::traits::JobLedger>::close_weight();
        let mut meter = WeightMeter::with_limit(all + worst + <() as WeightInfo>::expire_task() * 7);
        ProofOfCompute::sweep(&mut meter);
        let left = Tasks::<Test>::iter().count();
        assert!(left < 20 && left > 0, "{left}");
        check_invariants();
        ProofOfCompute::sweep(&mut WeightMeter::new());
        assert_eq!(Tasks::<Test>::iter().count(), 0);
        assert_eq!(escrow(), 0);
    });
}

#[test]
fn nothing_is_left_when_all_jobs_have_ended() {
    TestExt::new(4).build_and_execute(|| {
        let mut mixed = spec(3);
        mixed.tasks = TaskCount::Auto;
        let job = submit(mixed);
        commit(task(job, 0), true);
        pass(400);
        assert_eq!(Tasks::<Test>::iter().count(), 0);
        assert_eq!(Deadlines::<Test>::iter().count(), 0);
        assert!(Workers::engagements().is_empty());
        assert_eq!(Regions::<Test>::iter().count(), 0);
        assert_eq!(Waiting::<Test>::iter().count() + Drawing::<Test>::iter().count(), 0);
        assert_eq!(pallet_jobs::Jobs::<Test>::iter().count(), 0);
        assert_eq!(escrow(), 0);
        assert!((0..4).all(|n| locked(&worker(n)) == 0));
    });
}

#[test]
fn a_worker_may_leave_only_after_its_tasks() {
    TestExt::new(1).build_and_execute(|| {
        let job = submit(spec(1));
        pass_until(task(job, 0), |s| matches!(s, Stage::Assigned { .. }));
        assert_ok!(Workers::leave(RuntimeOrigin::signed(worker(0))));
        System::set_block_number(System::block_number() + 11);
        assert!(Workers::withdraw(RuntimeOrigin::signed(REQUESTER), worker(0)).is_err());
        assert!(bond(&worker(0)) > DPN);
        pass(RUN_BLOCKS);
        let early = Workers::withdraw(RuntimeOrigin::signed(REQUESTER), worker(0));
        assert_eq!(early, Err(pallet_workers::Error::<Test>::BondLocked.into()), "a slash is pending");
        pass(SLASH_DELAY + 1);
        assert_ok!(Workers::withdraw(RuntimeOrigin::signed(REQUESTER), worker(0)));
        assert_eq!(bond(&worker(0)), 0);
    });
}
