//! Requesters that cheat workers.

use super::*;

fn report_from(task: TaskId, reason: ReasonCode) -> AccountId {
    let (who, attempt) = (assigned(task), attempt(task));
    let signature = sign(number(&who), Step::Failure, task, attempt, &reason);
    assert_ok!(report(Call::report_failure { task, attempt, reason, signature }));
    who
}

#[test]
fn an_endless_or_hostile_kernel_costs_the_reservation_fee_and_nobody_a_bond() {
    for reason in [ReasonCode::Timeout, ReasonCode::KernelFault { log: Hash::zero() }, ReasonCode::OutOfMemory] {
        TestExt::new(4).build_and_execute(|| {
            let task = post(spec(1));
            let before = wealth([&REQUESTER]);
            let workers: Vec<AccountId> = (0..4).map(worker).collect();
            let theirs = wealth(&workers);
            let found_by = [report_from(task, reason), report_from(task, reason)];
            assert_ne!(found_by[0], found_by[1]);
            assert_eq!(failures(), [reason]);
            let fee = pallet_jobs::Pallet::<Test>::quote(&spec(1)).unwrap().per_task.fee;
            assert!(fee > 0);
            assert_eq!((wealth([&REQUESTER]), wealth([&POT])), (before - fee, fee));
            assert_eq!(wealth(&workers), theirs);
            nothing_is_left();
        });
    }
}

#[test]
fn withholding_an_input_costs_no_worker_its_bond() {
    TestExt::new(6).build_and_execute(|| {
        let task = post(spec(1));
        let before = wealth([&REQUESTER]);
        let reputation = |who: &AccountId| Workers::reputation(who);
        let (at_first, bonded) = (reputation(&worker(0)), bond(&worker(0)));
        let reason = ReasonCode::InputUnavailable { blob: Hash::zero() };
        let tried: Vec<AccountId> = (0..RULES.max_attempts).map(|_| report_from(task, reason)).collect();
        assert_eq!(failures(), [reason]);
        assert_eq!(wealth([&REQUESTER]), before, "refunded in full: it may have been the network");
        assert!(tried.iter().all(|who| bond(who) == bonded && locked(who) == 0));
        // It may have been the worker, too: reporting it is not free, or who is offered little
        // work would do it.
        let lost = tried.iter().map(|who| at_first - reputation(who)).max().unwrap();
        assert!(lost > Perbill::zero() && lost < Perbill::from_percent(5), "{lost:?}");
        nothing_is_left();
    });
}

#[test]
fn cannot_deny_a_good_result() {
    TestExt::new(4).build_and_execute(|| {
        let task = post(spec(1));
        let cost = pallet_jobs::Pallet::<Test>::quote(&spec(1)).unwrap().per_task;
        let who = commit(task, true);
        let before = Balances::free_balance(&who);
        let requester = RuntimeOrigin::signed(REQUESTER);
        assert_noop!(Jobs::cancel_job(requester.clone(), task.job), pallet_jobs::Error::<Test>::NothingToCancel);
        assert_noop!(ProofOfCompute::expire_task(requester.clone(), task), Error::<Test>::NotDue);
        // Neither the spending of all else nor silence changes anything.
        let rest = Balances::free_balance(REQUESTER) - ED;
        assert_ok!(Balances::transfer_keep_alive(requester, POT, rest));
        audit(task, &[true, true]);
        open(task, true);
        assert_eq!(Balances::free_balance(&who), before + cost.reward - cost.worker_fee);
    });
}

#[test]
fn only_the_owner_stops_a_job_and_only_what_nobody_has_begun() {
    TestExt::new(1).build_and_execute(|| {
        let job = submit(spec(2));
        assigned(task(job, 0));
        let stop = |who| Jobs::cancel_job(RuntimeOrigin::signed(who), job);
        assert_noop!(stop(worker(0)), pallet_jobs::Error::<Test>::NotRequester);
        assert_ok!(stop(REQUESTER));
        assert!(Tasks::<Test>::contains_key(task(job, 0)) && !Tasks::<Test>::contains_key(task(job, 1)));
        assert_noop!(stop(REQUESTER), pallet_jobs::Error::<Test>::NothingToCancel);
    });
}
