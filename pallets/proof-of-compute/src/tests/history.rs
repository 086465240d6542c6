//! The steps of a task in the offchain index.

use super::*;
use codec::Decode;
use dpin_primitives::api::{BondAtStake, BondFate, DisputeCause, TaskEvent, TaskStep, step_key};
use polkadot_sdk::sp_io::TestExternalities;

/// The steps of the attempts at a task in the offchain index, each in the order of the kinds.
fn history(ext: &mut TestExternalities, task: TaskId) -> Vec<TaskEvent> {
    ext.persist_offchain_overlay();
    let db = ext.offchain_db();
    let keys = (0..MAX_ATTEMPTS as u8).flat_map(|attempt| (0..TaskStep::KINDS).map(move |kind| (attempt, kind)));
    keys.filter_map(|(attempt, kind)| db.get(&step_key(task, attempt, kind)))
        .map(|bytes| TaskEvent::decode(&mut &bytes[..]).unwrap())
        .collect()
}

#[test]
fn of_honest_work_has_every_step_with_its_block() {
    let (mut ext, _) = TestExt::new(4).build();
    let (task, expected) = ext.execute_with(|| {
        let task = task(submit(spec(1)), 0);
        let Stage::Assigned { run, due } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else {
            unreachable!()
        };
        let assigned = System::block_number();
        pass(1);
        let commitment = commitment(task, true);
        let worker = commit(task, true);
        assert_eq!(run.worker, worker);
        let committed = System::block_number();
        pass_until(task, |s| matches!(s, Stage::Auditing { .. }));
        let drawn = System::block_number();
        let samples = ProofOfCompute::sample(task).len() as u32;
        let auditors = audit(task, &[true, true]);
        pass(1);
        open(task, true);
        assert!(!Tasks::<Test>::contains_key(task), "the state has forgotten it");
        let event = |block, step| TaskEvent { block, attempt: 0, step };
        let now = System::block_number();
        let expected = vec![
            event(assigned, TaskStep::Assigned { worker: worker.clone(), due }),
            event(committed, TaskStep::Committed { commitment }),
            event(drawn, TaskStep::AuditorsDrawn { auditors: auditors.clone(), samples }),
            event(now, TaskStep::Verified),
            event(now, TaskStep::Settled { worker, auditors }),
        ];
        (task, expected)
    });
    assert_eq!(history(&mut ext, task), expected);
}

#[test]
fn tells_of_every_attempt() {
    let (mut ext, _) = TestExt::new(4).build();
    let (task, first, second) = ext.execute_with(|| {
        let task = task(submit(spec(1)), 0);
        let worker = || {
            let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else {
                unreachable!()
            };
            run.worker
        };
        let first = worker();
        let (attempt, reason) = (0, ReasonCode::Declined);
        let signature = sign(number(&first), Step::Failure, task, attempt, &reason);
        assert_ok!(report(Call::report_failure { task, attempt, reason, signature }));
        (task, first, worker())
    });
    let history = history(&mut ext, task);
    let attempts: Vec<u8> = history.iter().map(|event| event.attempt).collect();
    assert_eq!(attempts, [0, 0, 1]);
    assert!(matches!(&history[0].step, TaskStep::Assigned { worker, .. } if *worker == first));
    assert_eq!(history[1].step, TaskStep::AttemptFailed { reason: ReasonCode::Declined });
    assert!(matches!(&history[2].step, TaskStep::Assigned { worker, .. } if *worker == second));
}

#[test]
fn tells_what_called_for_a_jury_and_how_it_ended_for_the_attempt() {
    let (mut ext, _) = TestExt::new(9).build();
    let (task, cheat) = ext.execute_with(|| {
        let task = task(submit(spec(1)), 0);
        let cheat = commit(task, false);
        audit(task, &[true, true]);
        open(task, false);
        try_case(task, &[Some(true); 5]);
        (task, cheat)
    });
    let history = history(&mut ext, task);
    let first: Vec<&TaskStep> = history.iter().filter(|event| event.attempt == 0).map(|event| &event.step).collect();
    assert_eq!(first.len(), 6);
    assert_eq!(*first[4], TaskStep::Disputed { cause: DisputeCause::Seals });
    let lost = BondAtStake { who: cheat, amount: STAKE, fate: BondFate::Lost };
    assert_eq!(*first[3], TaskStep::Judged { verdict: Verdict::WorkerWrong, worker: lost, accuser: None });
    assert!(matches!(first[5], TaskStep::AttemptFailed { .. }));
}

/// The kinds of steps of the last attempt, and the last step.
fn end_of(ext: &mut TestExternalities, task: TaskId) -> (Vec<u8>, TaskEvent) {
    let mut history = history(ext, task);
    history.sort_by_key(|event| (event.attempt, event.block, event.step.kind()));
    let last = history.last().unwrap().clone();
    (history.iter().filter(|event| event.attempt == last.attempt).map(|event| event.step.kind()).collect(), last)
}

#[test]
fn every_end_of_a_task_is_told_with_its_reason() {
    let failed = |reason| TaskStep::Failed { reason };
    // Nobody is found for it.
    let (mut ext, _) = TestExt::new(0).build();
    let task = ext.execute_with(|| {
        let task = crate::mock::task(submit(spec(1)), 0);
        pass(RULES.queue_blocks + 2);
        task
    });
    assert_eq!(end_of(&mut ext, task).1.step, failed(ReasonCode::NoWorker));

    // The requester cancels it.
    let task = ext.execute_with(|| {
        let task = crate::mock::task(submit(spec(1)), 0);
        assert_ok!(Jobs::cancel_job(RuntimeOrigin::signed(REQUESTER), task.job));
        task
    });
    assert_eq!(end_of(&mut ext, task).1.step, failed(ReasonCode::Cancelled));

    // Nobody can audit it: it is void.
    let (mut ext, _) = TestExt::new(1).build();
    let task = ext.execute_with(|| {
        let task = crate::mock::task(submit(spec(1)), 0);
        commit(task, true);
        pass(RULES.draw_blocks + 2);
        task
    });
    let (kinds, last) = end_of(&mut ext, task);
    assert_eq!((last.step, last.attempt), (failed(ReasonCode::NoAuditors), 0));
    assert_eq!(kinds, [0, 1, 8], "assigned, committed, failed");

    // The attempts are used up: the end belongs to the last of them.
    let (mut ext, _) = TestExt::new(6).build();
    let task = ext.execute_with(|| {
        let task = crate::mock::task(submit(spec(1)), 0);
        for attempt in 0..RULES.max_attempts {
            let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else {
                unreachable!()
            };
            let reason = ReasonCode::DeviceLost;
            let signature = sign(number(&run.worker), Step::Failure, task, attempt, &reason);
            assert_ok!(report(Call::report_failure { task, attempt, reason, signature }));
        }
        task
    });
    let (kinds, last) = end_of(&mut ext, task);
    assert_eq!((last.step, last.attempt), (failed(ReasonCode::DeviceLost), RULES.max_attempts - 1));
    assert_eq!(kinds, [0, 6, 8], "assigned, failed as an attempt, failed as a task");
}

#[test]
fn a_challengers_bond_can_be_followed_to_its_end() {
    // A jury of five finds the result right: the challenger loses its bond, and the task is paid later.
    let (mut ext, _) = TestExt::new(9).build();
    let (task, worker_, villain) = ext.execute_with(|| {
        let mut careful = spec(1);
        careful.audit.challenge_blocks = 30;
        let task = task(submit(careful), 0);
        let worker_ = commit(task, true);
        let auditors = audit(task, &[true, true]);
        open(task, true);
        let villain = (0..9).map(worker).find(|who| *who != worker_ && !auditors.contains(who)).unwrap();
        assert_ok!(ProofOfCompute::challenge(RuntimeOrigin::signed(villain.clone()), task, 0));
        let jurors = deliberate(task, &[Some(true); 5]);
        let (leaves, proof) = tree(task, true).open(&ProofOfCompute::sample(task)).unwrap();
        let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
        let signature = sign(number(&worker_), Step::Open, task, 0, &(&leaves, &proof));
        assert_ok!(report(Call::open { task, attempt: 0, leaves, proof, signature }));
        reveal(task, &jurors, &[Some(true); 5]);
        pass(60);
        assert!(!Tasks::<Test>::contains_key(task));
        (task, worker_, villain)
    });
    let (kinds, last) = end_of(&mut ext, task);
    assert_eq!(kinds, [0, 1, 2, 4, 5, 3, 7], "verified, disputed, judged, settled");
    assert!(matches!(last.step, TaskStep::Settled { worker, .. } if worker == worker_));
    let judged = history(&mut ext, task).into_iter().find(|event| event.step.kind() == 3).unwrap().step;
    let bond = RULES.accusation_bond(STAKE);
    assert_eq!(
        judged,
        TaskStep::Judged {
            verdict: Verdict::WorkerRight,
            worker: BondAtStake { who: worker_, amount: STAKE, fate: BondFate::Locked },
            accuser: Some(BondAtStake { who: villain, amount: bond, fate: BondFate::Lost }),
        }
    );
}

#[test]
fn without_a_verdict_the_challengers_bond_goes_back() {
    let (mut ext, _) = TestExt::new(4).build();
    let (task, somebody) = ext.execute_with(|| {
        let mut careful = spec(1);
        careful.audit.challenge_blocks = 30;
        let task = task(submit(careful), 0);
        let worker_ = commit(task, true);
        let auditors = audit(task, &[true, true]);
        open(task, true);
        let somebody = (0..4).map(worker).find(|who| *who != worker_ && !auditors.contains(who)).unwrap();
        assert_ok!(ProofOfCompute::challenge(RuntimeOrigin::signed(somebody.clone()), task, 0));
        pass(80);
        (task, somebody)
    });
    let judged = history(&mut ext, task).into_iter().find(|event| event.step.kind() == 3).unwrap().step;
    let TaskStep::Judged { verdict, worker, accuser } = judged else { unreachable!() };
    assert_eq!((verdict, worker.fate), (Verdict::None, BondFate::Locked));
    assert_eq!(accuser.map(|bond| (bond.who, bond.fate)), Some((somebody, BondFate::Released)));
    assert!(matches!(end_of(&mut ext, task).1.step, TaskStep::Settled { .. }));
}

#[test]
fn a_second_draw_replaces_the_first() {
    let (mut ext, _) = TestExt::new(6).build();
    let (task, block, auditors) = ext.execute_with(|| {
        let task = task(submit(spec(1)), 0);
        commit(task, true);
        pass_until(task, |s| matches!(s, Stage::Auditing { .. }));
        pass_until(task, |s| matches!(s, Stage::Committed { .. }));
        let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
            unreachable!()
        };
        let auditors: Vec<AccountId> = audit.auditors.into_iter().map(|(who, _)| who).collect();
        (task, System::block_number(), auditors)
    });
    let history = history(&mut ext, task);
    let drawn: Vec<&TaskEvent> = history.iter().filter(|event| event.step.kind() == 2).collect();
    assert_eq!(drawn.len(), 1);
    assert_eq!(drawn[0].block, block);
    assert!(matches!(&drawn[0].step, TaskStep::AuditorsDrawn { auditors: told, .. } if *told == auditors));
}

#[test]
fn a_canary_leaves_nothing_behind() {
    let (mut ext, _) = TestExt::new(4).build();
    ext.execute_with(|| {
        CanaryDue::set(System::block_number() + 5);
        let (attempt, commitment) = (0, commitment(CANARY, true));
        let signature = sign(0, Step::Commit, CANARY, attempt, &commitment);
        assert_ok!(report(Call::commit { task: CANARY, attempt, commitment, signature }));
        assert!(Tasks::<Test>::contains_key(CANARY));
    });
    assert!(history(&mut ext, CANARY).is_empty());
}
