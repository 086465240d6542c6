//! Reports of another key, chain, task, attempt, round or step.

use super::*;

/// The check refuses the call for its signature alone.
fn assert_not_signed(call: &Call<Test>) {
    assert_noop!(report(call.clone()), bad_proof());
}

/// The call would be taken.
fn assert_taken(call: &Call<Test>) {
    hypothetically!({
        assert_ok!(report(call.clone()));
    });
}

#[test]
fn a_commitment_counts_for_no_other_task() {
    // One worker alone: all tasks are its own.
    TestExt::new(1).build_and_execute(|| {
        let first = post(spec(1));
        assigned(first);
        let content = commitment(first, true);
        let signature = sign(0, Step::Commit, first, 0, &content);
        let belongs = Call::commit { task: first, attempt: 0, commitment: content, signature: signature.clone() };
        assert_ok!(report(belongs));
        let second = post(spec(1));
        assigned(second);
        let replayed = |signature| Call::commit { task: second, attempt: 0, commitment: content, signature };
        assert_not_signed(&replayed(signature));
        assert_taken(&replayed(sign(0, Step::Commit, second, 0, &content)));
    });
}

#[test]
fn a_commitment_counts_for_no_other_attempt() {
    TestExt::new(1).build_and_execute(|| {
        let task = post(spec(1));
        assigned(task);
        let content = commitment(task, true);
        let signature = sign(0, Step::Commit, task, 0, &content);
        let call = |attempt| Call::commit { task, attempt, commitment: content, signature: signature.clone() };
        let second_attempt = |attempt| Tasks::<Test>::mutate(task, |state| state.as_mut().unwrap().attempt = attempt);
        second_attempt(1);
        assert_noop!(report(call(0)), stale());
        assert_not_signed(&call(1));
        second_attempt(0);
        assert_taken(&call(0));
    });
}

#[test]
fn a_commitment_counts_on_no_other_chain() {
    TestExt::new(1).build_and_execute(|| {
        let task = post(spec(1));
        assigned(task);
        let (content, here) = (commitment(task, true), ProofOfCompute::genesis());
        let signature = sign(0, Step::Commit, task, 0, &content);
        let call = Call::commit { task, attempt: 0, commitment: content, signature };
        frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0xaa));
        assert_not_signed(&call);
        assert_ne!(tree(task, true).root(), content.root, "the leaves are others, too");
        frame_system::BlockHash::<Test>::insert(0, here);
        assert_taken(&call);
    });
}

#[test]
fn a_commitment_is_no_other_report() {
    TestExt::new(1).build_and_execute(|| {
        let task = post(spec(1));
        assigned(task);
        let reason = ReasonCode::Declined;
        let call = |signature| Call::report_failure { task, attempt: 0, reason, signature };
        assert_not_signed(&call(sign(0, Step::Commit, task, 0, &reason)));
        assert_taken(&call(sign(0, Step::Failure, task, 0, &reason)));
    });
}

#[test]
fn a_seal_counts_in_no_other_round_of_its_audit() {
    // The two that are not the worker audit every round.
    TestExt::new(3).build_and_execute(|| {
        let task = post(spec(1));
        commit(task, true);
        let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
            unreachable!()
        };
        let auditor = audit.auditors[0].0.clone();
        let first_round = sealed(task, &auditor);
        assert_taken(&first_round);
        pass(RULES.seal_blocks + 2);
        let Stage::Auditing { audit: again, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
            unreachable!()
        };
        assert!(again.auditors.iter().any(|(who, _)| *who == auditor) && again.seed != audit.seed);
        assert_not_signed(&first_round);
        assert_taken(&sealed(task, &auditor));
    });
}

fn sealed(task: TaskId, auditor: &AccountId) -> Call<Test> {
    let seal = seal(auditor, task, 0, &found(task, true));
    let signature = sign(number(auditor), Step::Seal, task, 0, &seal);
    Call::seal { task, attempt: 0, auditor: auditor.clone(), seal, signature }
}

#[test]
fn what_a_juror_seals_and_reveals_counts_in_no_other_dispute() {
    // Worker, two auditors and the challenger: the five others are every jury. The same tile is
    // challenged twice, so that seal and leaves are the same.
    TestExt::new(9).build_and_execute(|| {
        let (task, worker_, auditors) = proven(100, true);
        let challenger = bystanders(&[&worker_, &auditors[0], &auditors[1]]).next().unwrap();
        let mut before: Option<[Call<Test>; 2]> = None;
        for _ in 0..2 {
            assert_ok!(challenge(&challenger, task, 3));
            let Stage::Deliberating { jury, .. } = pass_until(task, |s| matches!(s, Stage::Deliberating { .. })) else {
                unreachable!()
            };
            let who = (0..9).map(worker).find(|who| jury.jurors.iter().any(|juror| juror.who == *who)).unwrap();
            let (leaves, salt) = (Leaves::truncate_from(found(task, true)), salt(&who));
            let seal = salted_seal(&who, task, 0, &leaves, &salt);
            let signature = sign(number(&who), Step::Seal, task, 0, &seal);
            let sealing = Call::seal { task, attempt: 0, auditor: who.clone(), seal, signature };
            let signature = sign(number(&who), Step::Reveal, task, 0, &(&leaves, salt));
            let revealing = Call::reveal { task, attempt: 0, juror: who, leaves, salt, signature };
            if let Some([sealed_before, _]) = &before {
                assert_not_signed(sealed_before);
            }
            assert_taken(&sealing);
            let jurors = deliberate(task, &[Some(true); 5]);
            if let Some([_, revealed_before]) = &before {
                assert_not_signed(revealed_before);
            }
            assert_taken(&revealing);
            open_from(task, &tree(task, true));
            reveal(task, &jurors, &[Some(true); 5]);
            before = Some([sealing, revealing]);
        }
    });
}
