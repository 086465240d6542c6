//! Commitments and seals that are copied from others.

use super::*;

#[test]
fn a_commitment_taken_from_the_mempool_is_worth_nothing_to_the_taker() {
    TestExt::new(4).build_and_execute(|| {
        let task = post(spec(1));
        let who = assigned(task);
        let thief = bystanders(&[&who]).next().unwrap();
        let content = commitment(task, true);
        let call = |signature| Call::commit { task, attempt: 0, commitment: content, signature };
        assert_noop!(report(call(sign(number(&thief), Step::Commit, task, 0, &content))), bad_proof());
        // The original is the worker's, whoever sends it.
        assert_ok!(report(call(sign(number(&who), Step::Commit, task, 0, &content))));
        assert_eq!(stage(task).run().unwrap().worker, who);
        let before = wealth([&thief]);
        play(&[task], &|_, _| true);
        assert!(wealth([&thief]) - before < REWARD / 2, "no more than an auditor's pay");
    });
}

#[test]
fn the_result_of_another_task_is_garbage() {
    TestExt::new(9).build_and_execute(|| {
        let (original, copy) = (post(spec(1)), post(spec(1)));
        let published = tree(original, true);
        let copier = commit_to(copy, &published);
        audit(copy, &[true, true]);
        open_from(copy, &published);
        try_case(copy, &[Some(true); 5]);
        assert!(pending().contains(&(copier, ReasonCode::WrongResult, STAKE)));
    });
}

#[test]
fn an_auditor_who_copies_anothers_seal_loses_its_bond() {
    TestExt::new(9).build_and_execute(|| {
        let task = post(spec(1));
        commit(task, true);
        let auditors = audit(task, &[true]);
        let Stage::Auditing { audit, .. } = stage(task) else { unreachable!() };
        let copied = audit.auditors[0].1.unwrap();
        let lazy = auditors[1].clone();
        let before = wealth([&lazy]);
        let signature = sign(number(&lazy), Step::Seal, task, 0, &copied);
        assert_ok!(report(Call::seal { task, attempt: 0, auditor: lazy.clone(), seal: copied, signature }));
        open(task, true);
        try_case(task, &[Some(true); 5]);
        pass(SLASH_DELAY + 1);
        assert_eq!(wealth([&lazy]), before - STAKE, "and is paid nothing");
    });
}
