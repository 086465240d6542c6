//! Silent and lying workers, and those who cannot compute.

use super::*;

#[test]
fn an_opening_that_does_not_lead_to_the_root_costs_the_bond_without_a_jury() {
    TestExt::new(5).build_and_execute(|| {
        let job = submit(spec(1));
        let cheat = commit(task(job, 0), false);
        let auditors = audit(task(job, 0), &[true, true]);
        open(task(job, 0), true);
        assert_eq!(pending(), [(cheat.clone(), ReasonCode::WrongResult, STAKE)]);
        let paid: Vec<AccountId> = claims(&cheat).into_iter().map(|(who, _)| who).collect();
        assert_eq!(paid, [REQUESTER, auditors[0].clone(), auditors[1].clone()]);
        assert_eq!(attempt(task(job, 0)), 1);
    });
}

#[test]
fn a_worker_who_does_not_commit_pays_for_its_silence() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        let Stage::Assigned { run, .. } = pass_until(task(job, 0), |s| matches!(s, Stage::Assigned { .. })) else {
            unreachable!()
        };
        pass(RUN_BLOCKS + 2);
        assert_eq!(pending(), [(run.worker.clone(), ReasonCode::WorkerSilent, SILENCE.mul_ceil(run.bond))]);
        assert_eq!(Workers::info(&run.worker).unwrap().busy, 0);
        let next = commit(task(job, 0), true);
        assert_ne!(next, run.worker);
    });
}

#[test]
fn a_worker_who_does_not_open_is_treated_as_wrong() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        let who = commit(task(job, 0), true);
        audit(task(job, 0), &[true, true]);
        pass(RULES.open_blocks + 2);
        assert_eq!(pending(), [(who, ReasonCode::OpeningMissing, STAKE)]);
    });
}

#[test]
fn a_silent_auditor_pays_a_little_and_the_other_suffices() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        commit(task(job, 0), true);
        let auditors = audit(task(job, 0), &[true]);
        open(task(job, 0), true);
        let price = SILENCE.mul_ceil(STAKE);
        assert_eq!(pending(), [(auditors[1].clone(), ReasonCode::WorkerSilent, price)]);
        assert!(failures().is_empty() && escrow() == 0);
    });
}

#[test]
fn silent_auditors_are_drawn_again_and_then_the_task_is_void() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        let who = commit(task(job, 0), true);
        let bonded = bond(&who);
        for redraw in 0..=MAX_REDRAWS {
            pass_until(task(job, 0), |s| matches!(s, Stage::Auditing { .. }));
            assert_eq!(Tasks::<Test>::get(task(job, 0)).unwrap().redraws, redraw);
            pass(RULES.seal_blocks + 2);
        }
        assert_eq!(failures(), [ReasonCode::NoAuditors]);
        assert_eq!(bond(&who), bonded);
    });
}

#[test]
fn attempts_are_bounded_and_then_the_requester_is_refunded() {
    TestExt::new(6).build_and_execute(|| {
        let job = submit(spec(1));
        let held = escrow();
        let free = Balances::free_balance(REQUESTER);
        for _ in 0..RULES.max_attempts {
            commit(task(job, 0), false);
            audit(task(job, 0), &[true, true]);
            open(task(job, 0), true);
        }
        assert_eq!(failures(), [ReasonCode::WrongResult]);
        assert_eq!(Balances::free_balance(REQUESTER), free + held);
    });
}

#[test]
fn when_everybody_has_tried_the_task_fails_at_once() {
    TestExt::new(1).build_and_execute(|| {
        let job = submit(spec(1));
        fail_with(task(job, 0), ReasonCode::DeviceLost);
        assert_eq!(failures(), [ReasonCode::DeviceLost]);
    });
}

/// The task's worker reports a failure.
fn fail_with(task: TaskId, reason: ReasonCode) {
    let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else { unreachable!() };
    let attempt = attempt(task);
    let signature = sign(number(&run.worker), Step::Failure, task, attempt, &reason);
    assert_ok!(report(Call::report_failure { task, attempt, reason, signature }));
}

#[test]
fn a_fault_in_the_kernel_found_by_two_workers_ends_the_task_for_the_reservation_fee() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        let held = escrow();
        let free = Balances::free_balance(REQUESTER);
        let bonds: Vec<Balance> = (0..4).map(|n| bond(&worker(n))).collect();
        let fee = pallet_jobs::Pallet::<Test>::quote(&spec(1)).unwrap().per_task.fee;
        fail_with(task(job, 0), ReasonCode::BuildFailed { log: Hash::repeat_byte(1) });
        assert!(failures().is_empty());
        fail_with(task(job, 0), ReasonCode::BuildFailed { log: Hash::repeat_byte(2) });
        assert_eq!(failures(), [ReasonCode::BuildFailed { log: Hash::repeat_byte(2) }]);
        assert_eq!(Balances::free_balance(REQUESTER), free + held - fee);
        assert_eq!(bonds, (0..4).map(|n| bond(&worker(n))).collect::<Vec<_>>());
    });
}

#[test]
fn two_faults_in_one_block_take_each_bond_once() {
    TestExt::new(6).build_and_execute(|| {
        let job = submit(spec(2));
        let cheats = [commit(task(job, 0), false), commit(task(job, 1), false)];
        let bonds = cheats.clone().map(|who| bond(&who));
        audit(task(job, 0), &[true, true]);
        audit(task(job, 1), &[true, true]);
        open(task(job, 0), true);
        open(task(job, 1), true);
        pass(SLASH_DELAY + 1);
        for (who, bonded) in cheats.iter().zip(bonds) {
            assert_eq!(bond(who), bonded - STAKE);
        }
    });
}
