//! What a task leaves behind in the offchain index.

use super::*;
use codec::Decode;
use dpin_primitives::api::{step_key, DisputeCause, TaskEvent, TaskStep};
use polkadot_sdk::sp_io::TestExternalities;

/// What the offchain index tells of the attempts at a task, each in the order of the kinds.
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
        let expected = vec![
            event(assigned, TaskStep::Assigned { worker, due }),
            event(committed, TaskStep::Committed { commitment }),
            event(drawn, TaskStep::AuditorsDrawn { auditors, samples }),
            event(System::block_number(), TaskStep::Verified),
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
    let task = ext.execute_with(|| {
        let task = task(submit(spec(1)), 0);
        commit(task, false);
        audit(task, &[true, true]);
        open(task, false);
        try_case(task, &[Some(true); 5]);
        task
    });
    let history = history(&mut ext, task);
    let first: Vec<&TaskStep> = history.iter().filter(|event| event.attempt == 0).map(|event| &event.step).collect();
    assert_eq!(first.len(), 5);
    assert_eq!(*first[3], TaskStep::Disputed { cause: DisputeCause::Seals });
    assert!(matches!(first[4], TaskStep::AttemptFailed { .. }));
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
