//! Reports that the chain does not wait for.

use super::*;

fn is_admitted(call: &Call<Test>) -> bool {
    RuntimeCall::from(call.clone()).authorize(TransactionSource::External).expect("a report").is_ok()
}

/// Every kind of report, by everybody, about this and the next attempt, true and untrue, each
/// signed by its sender.
fn all_reports(task: TaskId) -> Vec<(&'static str, AccountId, Call<Test>)> {
    let mut all = Vec::new();
    let sample = ProofOfCompute::sample(task);
    for (n, attempt, honest) in (0..9).flat_map(|n| [(n, 0, true), (n, 0, false), (n, 1, true)]) {
        let who = worker(n);
        let mut add = |kind, call| all.push((kind, who.clone(), call));
        for content in [commitment(task, honest), Commitment { output_len: 1, ..commitment(task, honest) }] {
            let signature = sign(n, Step::Commit, task, attempt, &content);
            add("commit", Call::commit { task, attempt, commitment: content, signature });
        }
        for reason in [ReasonCode::Timeout, ReasonCode::WrongResult, ReasonCode::NoVerdict] {
            let signature = sign(n, Step::Failure, task, attempt, &reason);
            add("failure", Call::report_failure { task, attempt, reason, signature });
        }
        let (leaves, proof) = tree(task, honest).open(&sample).unwrap_or_default();
        let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
        for given in [seal(&who, task, attempt, &leaves), salted_seal(&who, task, attempt, &leaves, &salt(&who))] {
            let signature = sign(n, Step::Seal, task, attempt, &given);
            add("seal", Call::seal { task, attempt, auditor: who.clone(), seal: given, signature });
        }
        let signature = sign(n, Step::Reveal, task, attempt, &(&leaves, salt(&who)));
        let juror = who.clone();
        add("reveal", Call::reveal { task, attempt, juror, leaves: leaves.clone(), salt: salt(&who), signature });
        let signature = sign(n, Step::Open, task, attempt, &(&leaves, &proof));
        add("open", Call::open { task, attempt, leaves, proof, signature });
    }
    all
}

/// The reports that each worker may make now. Each of them succeeds.
fn admitted(task: TaskId) -> BTreeSet<(&'static str, AccountId)> {
    let passing = all_reports(task).into_iter().filter(|(.., call)| is_admitted(call));
    passing
        .map(|(kind, who, call)| {
            hypothetically!({
                assert_ok!(report(call));
            });
            (kind, who)
        })
        .collect()
}

#[test]
fn what_passes_the_check_never_fails_in_the_block() {
    TestExt::new(9).build_and_execute(|| {
        let task = post(spec(1));
        let by = |kind: &'static str, whom: &[AccountId]| {
            whom.iter().map(|who| (kind, who.clone())).collect::<BTreeSet<_>>()
        };
        assert!(admitted(task).is_empty(), "queued");
        let cheat = assigned(task);
        let mut expected = by("commit", std::slice::from_ref(&cheat));
        expected.extend(by("failure", std::slice::from_ref(&cheat)));
        assert_eq!(admitted(task), expected);
        commit(task, false);
        assert!(admitted(task).is_empty(), "committed");
        pass_until(task, |s| matches!(s, Stage::Auditing { .. }));
        let Stage::Auditing { audit: drawn, .. } = stage(task) else { unreachable!() };
        let auditors: Vec<AccountId> = drawn.auditors.iter().map(|(auditor, _)| auditor.clone()).collect();
        assert_eq!(admitted(task), by("seal", &auditors));
        audit(task, &[true, true]);
        assert_eq!(admitted(task), by("open", &[cheat]));
        open(task, false);
        assert!(admitted(task).is_empty(), "disputed");
        let jurors = deliberate(task, &[Some(true), Some(true), Some(true)]);
        assert_eq!(admitted(task), by("seal", &jurors[3..]));
        pass(RULES.seal_blocks + 2);
        assert_eq!(admitted(task), by("reveal", &jurors[..3]), "only who has sealed");
    });
}

#[test]
fn two_commitments_to_one_attempt_exclude_each_other_in_the_pool() {
    TestExt::new(4).build_and_execute(|| {
        let task = post(spec(1));
        let who = assigned(task);
        let provides = |honest| {
            let content = commitment(task, honest);
            let signature = sign(number(&who), Step::Commit, task, 0, &content);
            let call = RuntimeCall::from(Call::commit { task, attempt: 0, commitment: content, signature });
            call.authorize(TransactionSource::External).unwrap().unwrap().0.provides
        };
        assert_eq!(provides(true), provides(false));
    });
}
