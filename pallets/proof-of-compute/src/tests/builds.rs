//! That a kernel does not build is found out once, not by every task; and who lies about it gains
//! little.

use super::*;
use dpin_primitives::{
    traits::JobLedger,
    worker::{DeviceClass, Outcome},
};
use pallet_workers::Standings;
use polkadot_sdk::frame_support::traits::Hooks;

fn broken(log: u8) -> ReasonCode {
    ReasonCode::BuildFailed { log: Hash::repeat_byte(log) }
}

/// The task's worker, once it has one, reports a failure. Returns the worker.
fn fail_with(task: TaskId, reason: ReasonCode) -> AccountId {
    let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else { unreachable!() };
    let attempt = attempt(task);
    let signature = sign(number(&run.worker), Step::Failure, task, attempt, &reason);
    assert_ok!(report(Call::report_failure { task, attempt, reason, signature }));
    run.worker
}

fn known() -> Option<ReasonCode> {
    Jobs::unbuildable(&manifest().id(), Some(DeviceClass::Cpu))
}

fn settled() -> u64 {
    pallet_jobs::SettledTasks::<Test>::get()
}

#[test]
fn two_reports_end_the_jobs_other_tasks_and_these_cost_nothing() {
    TestExt::new(2).build_and_execute(|| {
        let free = Balances::free_balance(REQUESTER);
        let job = submit(spec(64));
        let deposit = free - Balances::free_balance(REQUESTER) - escrow();
        let first = fail_with(task(job, 0), broken(1));
        assert_eq!((known(), failures().len()), (None, 0), "one report is a suspicion");
        // Any other worker's report on any other task confirms it.
        let of_another = |task: &TaskId| {
            Tasks::<Test>::get(task).and_then(|s| s.stage.run().cloned()).is_some_and(|run| run.worker != first)
        };
        let other = loop {
            match (0..64).map(|index| task(job, index)).find(of_another) {
                Some(other) => break other,
                None => pass(1),
            }
        };
        assert_ne!(fail_with(other, broken(2)), first);
        assert_eq!(known(), Some(broken(2)));
        // The rest are given back as their turns come, as many in a block as there are lotteries.
        // Those under way go on.
        pass(64 / 8 + 2);
        let open: Vec<TaskId> = Tasks::<Test>::iter_keys().collect();
        assert!(open.len() <= 2, "{open:?}");
        for task in open {
            fail_with(task, broken(3));
        }
        assert_eq!(failures().iter().filter(|reason| reason.is_same_kind(&broken(0))).count(), 64);
        let fee = <Test as pallet_jobs::Config>::Fees::get().reservation.mul_ceil(REWARD);
        let lost = free - deposit - Balances::free_balance(REQUESTER);
        assert!(lost <= 4 * fee, "{lost}: only what somebody has worked on costs the fee of {fee}");
    });
}

#[test]
fn a_new_job_of_a_kernel_that_does_not_build_is_refused_until_its_owner_vouches_or_a_day_has_passed() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        fail_with(task(job, 0), broken(1));
        fail_with(task(job, 0), broken(2));
        let post = || Jobs::submit_job(RuntimeOrigin::signed(REQUESTER), spec(1));
        let refused = DispatchError::from(pallet_jobs::Error::<Test>::KernelQuarantined);
        assert_noop!(post(), refused);
        System::set_block_number(System::block_number() + pallet_jobs::QUARANTINE_BLOCKS + 1);
        assert_ok!(post());
        ProofOfCompute::on_initialize(System::block_number());
        let again = task(job + 1, 0);
        fail_with(again, broken(1));
        fail_with(again, broken(2));
        assert_noop!(post(), refused);
        assert_ok!(Jobs::vouch_for_kernel(RuntimeOrigin::signed(REQUESTER), manifest().id()));
        assert_ok!(post());
    });
}

#[test]
fn a_checked_result_of_another_worker_ends_it_and_the_liars_pay_with_their_reputation() {
    TestExt::new(8).build_and_execute(|| {
        let job = submit(spec(3));
        let honest = task(job, 2);
        let worker_of = |task| {
            pass_until(task, |s| matches!(s, Stage::Assigned { .. })).run().map(|run| run.worker.clone()).unwrap()
        };
        let good = worker_of(honest);
        let liars = [fail_with(task(job, 0), broken(1)), fail_with(task(job, 1), broken(2))];
        assert_ne!(liars[0], liars[1]);
        assert!(known().is_some());
        let before = liars.clone().map(|who| Workers::reputation(&who));
        // Tasks under way are not touched.
        assert_eq!(commit(honest, true), good);
        audit(honest, &[true, true]);
        open(honest, true);
        assert_eq!((known(), settled()), (None, 1));
        let after = liars.clone().map(|who| Workers::reputation(&who));
        assert!(after.iter().zip(&before).all(|(after, before)| after < before), "{before:?} {after:?}");
        // From now on nobody can do it again.
        let next = submit(spec(4));
        for index in 0..2 {
            fail_with(task(next, index), broken(9));
        }
        assert_eq!(known(), None);
        assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(REQUESTER), spec(1)));
    });
}

#[test]
fn a_wrong_report_costs_its_worker_once() {
    TestExt::new(6).build_and_execute(|| {
        let job = submit(spec(1));
        let wrong = fail_with(task(job, 0), broken(1));
        let before = Standings::<Test>::get(&wrong).unwrap().reputation;
        let once = before.after(Outcome::Declined, REWARD, 10 * DPN);
        commit(task(job, 0), true);
        let auditors = audit(task(job, 0), &[true, true]);
        open(task(job, 0), true);
        assert_eq!(settled(), 1);
        if !auditors.contains(&wrong) {
            assert_eq!(Standings::<Test>::get(&wrong).unwrap().reputation, once);
        }
    });
}

#[test]
fn a_result_that_nobody_has_checked_proves_nothing() {
    TestExt::new(4).build_and_execute(|| {
        let mut unchecked = spec(1);
        unchecked.audit.auditors = 0;
        let job = submit(unchecked);
        commit(task(job, 0), true);
        pass(1);
        assert_eq!(settled(), 1);
        let job = submit(spec(1));
        fail_with(task(job, 0), broken(1));
        fail_with(task(job, 0), broken(2));
        assert!(known().is_some());
    });
}

#[test]
fn other_failures_are_no_property_of_the_kernel() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        fail_with(task(job, 0), ReasonCode::Timeout);
        fail_with(task(job, 0), ReasonCode::Timeout);
        assert_eq!(failures(), [ReasonCode::Timeout]);
        assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(REQUESTER), spec(1)));
        // Nor is one worker's word, how often it may give it.
        <Workers as WorkerRegistry>::note(&worker(0), Outcome::Right, 0);
        for _ in 0..5 {
            assert!(!Jobs::build_failed(&manifest().id(), DeviceClass::Cpu, &worker(0), broken(1), false));
        }
        assert_eq!(known(), None);
    });
}
