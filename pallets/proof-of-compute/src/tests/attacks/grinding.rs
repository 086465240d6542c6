//! Attempts to foresee or to choose the sample.

use super::*;

#[test]
fn a_commitment_is_final() {
    TestExt::new(4).build_and_execute(|| {
        let task = post(spec(1));
        let who = commit(task, true);
        for other in [true, false] {
            let content = Commitment { kernel_ms: 6, ..commitment(task, other) };
            let signature = sign(number(&who), Step::Commit, task, 0, &content);
            assert_noop!(report(Call::commit { task, attempt: 0, commitment: content, signature }), stale());
        }
        let reason = ReasonCode::DeviceLost;
        let signature = sign(number(&who), Step::Failure, task, 0, &reason);
        assert_noop!(report(Call::report_failure { task, attempt: 0, reason, signature }), stale());
    });
}

#[test]
fn a_sample_does_not_depend_on_what_is_committed_to() {
    let sample_of = |honest| {
        let mut drawn = (Vec::new(), Vec::new());
        TestExt::new(9).build_and_execute(|| {
            let task = post(spec(1));
            commit(task, honest);
            let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
                unreachable!()
            };
            drawn = (ProofOfCompute::sample(task), audit.auditors.into_inner());
        });
        drawn
    };
    assert_eq!(sample_of(true), sample_of(false));
}

#[test]
fn a_seal_and_what_was_revealed_are_final() {
    TestExt::new(9).build_and_execute(|| {
        let task = post(spec(1));
        commit(task, true);
        let auditors = audit(task, &[false]);
        assert_noop!(seal_as(task, &auditors[0], true), stale());
        assert_ok!(seal_as(task, &auditors[1], true));
        open(task, true);
        let jurors = deliberate(task, &[Some(true)]);
        assert_noop!(seal_as_juror(task, &jurors[0], &found(task, false)), stale());
    });
}

#[test]
fn who_posts_again_and_again_never_takes_part_in_its_own_job() {
    TestExt::new(12).build_and_execute(|| {
        // The first auditor of every task lies, so that there is always a jury.
        let one_lies = |who: &AccountId, right: Option<bool>| {
            let lies = right.is_some()
                && Tasks::<Test>::iter_values()
                    .any(|state| matches!(&state.stage, Stage::Auditing { audit, .. } if audit.auditors[0].0 == *who));
            !lies
        };
        let parts_of_worker_0 = |jobs: core::ops::Range<u64>| {
            let mut parts = BTreeSet::new();
            for event in events() {
                match event {
                    Event::TaskAssigned { task, worker: who, .. } if jobs.contains(&task.job) && who == worker(0) => {
                        parts.insert("worker");
                    }
                    Event::AuditorsDrawn { task, auditors: drawn, .. }
                        if jobs.contains(&task.job) && drawn.contains(&worker(0)) =>
                    {
                        parts.insert("auditor");
                    }
                    Event::JuryDrawn { task, jurors: drawn, .. }
                        if jobs.contains(&task.job) && drawn.contains(&worker(0)) =>
                    {
                        parts.insert("juror");
                    }
                    _ => {}
                }
            }
            parts
        };
        assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(REQUESTER), manifest()));
        for job in 0..48 {
            let requester = if job < 24 { worker(0) } else { REQUESTER };
            assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(requester), spec(1)));
            play(&[task(job, 0)], &one_lies);
            // Nobody runs out of bond or reputation.
            pass(SLASH_DELAY + 1);
            for who in (0..12).map(worker) {
                trust(&who);
                assert_ok!(Workers::bond(RuntimeOrigin::signed(who), 2 * STAKE));
            }
        }
        assert!(parts_of_worker_0(0..24).is_empty());
        assert_eq!(parts_of_worker_0(24..48).len(), 3, "it takes every part in the jobs of others");
    });
}
