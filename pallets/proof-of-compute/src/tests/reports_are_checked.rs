//! The checks of reports before they enter the pool or a block.

use super::*;

fn assigned() -> (TaskId, AccountId) {
    let job = submit(spec(1));
    let Stage::Assigned { run, .. } = pass_until(task(job, 0), |s| matches!(s, Stage::Assigned { .. })) else {
        unreachable!()
    };
    (task(job, 0), run.worker)
}

#[test]
fn only_authorized_origins_dispatch_them() {
    TestExt::new(4).build_and_execute(|| {
        let (task, who) = assigned();
        let commitment = commitment(task, true);
        let signature = sign(number(&who), Step::Commit, task, 0, &commitment);
        assert_noop!(
            ProofOfCompute::commit(RuntimeOrigin::signed(who), task, 0, commitment, signature.clone()),
            DispatchError::BadOrigin
        );
        assert_noop!(
            ProofOfCompute::commit(RuntimeOrigin::root(), task, 0, commitment, signature),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn a_commitment_must_be_signed_by_the_tasks_worker_over_its_content() {
    TestExt::new(4).build_and_execute(|| {
        let (task, who) = assigned();
        let content = commitment(task, true);
        let other = (number(&who) + 1) % 4;
        let bad = DispatchError::Other("bad proof");
        let send = |attempt, commitment, signature| report(Call::commit { task, attempt, commitment, signature });
        assert_noop!(send(0, content, sign(other, Step::Commit, task, 0, &content)), bad);
        assert_noop!(send(0, content, sign(number(&who), Step::Seal, task, 0, &content)), bad);
        let altered = commitment(task, false);
        assert_noop!(send(0, altered, sign(number(&who), Step::Commit, task, 0, &content)), bad);
        assert_noop!(send(1, content, sign(number(&who), Step::Commit, task, 1, &content)), stale());
        let mut short = content;
        short.output_len -= 1;
        assert_noop!(
            send(0, short, sign(number(&who), Step::Commit, task, 0, &short)),
            DispatchError::Other("invalid")
        );
        assert_ok!(send(0, content, sign(number(&who), Step::Commit, task, 0, &content)));
        assert_noop!(send(0, content, sign(number(&who), Step::Commit, task, 0, &content)), stale());
    });
}

#[test]
fn a_commitment_after_the_deadline_is_too_late() {
    TestExt::new(1).build_and_execute(|| {
        let (task, who) = assigned();
        let due = Tasks::<Test>::get(task).unwrap().stage.due();
        System::set_block_number(due + 1);
        assert_noop!(ProofOfCompute::do_commit(task, 0, commitment(task, true)), Error::<Test>::TooLate);
        System::set_block_number(due);
        let content = commitment(task, true);
        let signature = sign(number(&who), Step::Commit, task, 0, &content);
        assert_ok!(report(Call::commit { task, attempt: 0, commitment: content, signature }));
    });
}

#[test]
fn a_seal_comes_from_a_drawn_auditor_once() {
    TestExt::new(9).build_and_execute(|| {
        let job = submit(spec(1));
        let task = task(job, 0);
        let who = commit(task, true);
        let auditors = audit(task, &[true]);
        assert_noop!(seal_as(task, &auditors[0], true), stale());
        assert_noop!(seal_as(task, &who, true), DispatchError::Other("invalid"));
        let (leaves, _) = tree(task, true).open(&ProofOfCompute::sample(task)).unwrap();
        let copied = seal(&auditors[0], task, 0, &leaves);
        let signature = sign(number(&auditors[1]), Step::Seal, task, 0, &copied);
        let auditor = auditors[1].clone();
        assert_ok!(report(Call::seal { task, attempt: 0, auditor, seal: copied, signature }));
        open(task, true);
        try_case(task, &[Some(true); 5]);
        let lost = (auditors[1].clone(), ReasonCode::WrongResult, STAKE);
        assert_eq!(pending(), [lost], "a copied seal is a wrong seal");
    });
}

#[test]
fn a_seal_or_an_opening_of_another_forks_sample_is_refused() {
    TestExt::new(5).build_and_execute(|| {
        let redraw = |task: TaskId| {
            Tasks::<Test>::mutate(task, |state| match &mut state.as_mut().unwrap().stage {
                Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => audit.seed = Hash::repeat_byte(9),
                stage => panic!("{stage:?}"),
            });
        };
        let bad = DispatchError::Other("bad proof");
        let job = submit(spec(1));
        let task = task(job, 0);
        let who = commit(task, true);

        let auditor = audit(task, &[true])[1].clone();
        let (leaves, proof) = tree(task, true).open(&ProofOfCompute::sample(task)).unwrap();
        let given = seal(&auditor, task, 0, &leaves);
        let signature = sign(number(&auditor), Step::Seal, task, 0, &given);
        let before = Tasks::<Test>::get(task);
        redraw(task);
        assert_noop!(report(Call::seal { task, attempt: 0, auditor: auditor.clone(), seal: given, signature }), bad);
        Tasks::<Test>::set(task, before);

        assert_ok!(seal_as(task, &auditor, true));
        let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
        let signature = sign(number(&who), Step::Open, task, 0, &(&leaves, &proof));
        let before = Tasks::<Test>::get(task);
        redraw(task);
        assert_noop!(report(Call::open { task, attempt: 0, leaves, proof, signature }), bad);
        Tasks::<Test>::set(task, before);
        open(task, true);
    });
}

#[test]
fn an_opening_comes_when_it_is_asked_for() {
    TestExt::new(4).build_and_execute(|| {
        let (task, who) = assigned();
        let (leaves, proof) = (Leaves::default(), Proof::default());
        let signature = sign(number(&who), Step::Open, task, 0, &(&leaves, &proof));
        let call = Call::open { task, attempt: 0, leaves, proof, signature };
        assert_noop!(report(call), stale());
    });
}

#[test]
fn only_reportable_reasons_are_taken() {
    TestExt::new(4).build_and_execute(|| {
        let (task, who) = assigned();
        for reason in [ReasonCode::WrongResult, ReasonCode::Cancelled, ReasonCode::NoAuditors] {
            let signature = sign(number(&who), Step::Failure, task, 0, &reason);
            let call = Call::report_failure { task, attempt: 0, reason, signature };
            assert_noop!(report(call), DispatchError::Other("invalid"));
            assert_noop!(ProofOfCompute::do_report_failure(task, 0, reason), Error::<Test>::NotReportable);
        }
    });
}

#[test]
fn unknown_tasks_are_stale() {
    TestExt::new(1).build_and_execute(|| {
        let nowhere = task(99, 0);
        let reason = ReasonCode::Declined;
        let signature = sign(0, Step::Failure, nowhere, 0, &reason);
        let call = Call::report_failure { task: nowhere, attempt: 0, reason, signature };
        assert_noop!(report(call), stale());
    });
}
