//! Workers, auditors and jurors that do not report.

use super::*;

fn disputed() -> TaskId {
    let task = post(spec(1));
    commit(task, false);
    audit(task, &[true, true]);
    open(task, false);
    task
}

fn challenged() -> TaskId {
    let (task, worker, auditors) = proven(30, true);
    assert_ok!(challenge(&bystanders(&[&worker, &auditors[0], &auditors[1]]).next().unwrap(), task, 7));
    task
}

fn withheld() -> TaskId {
    let (task, ..) = proven(30, true);
    assert_ok!(ProofOfCompute::report_unavailable(RuntimeOrigin::signed(REQUESTER), task));
    task
}

/// From what is done here on nobody does anything: what becomes of it, and whether the
/// requester is refunded.
type Step = (&'static str, fn(), bool);

const STEPS: [Step; 10] = [
    ("the worker does not commit", || _ = assigned(post(spec(1))), true),
    ("no auditor seals", || _ = commit(post(spec(1)), true), true),
    (
        "the worker does not open",
        || {
            let task = post(spec(1));
            commit(task, true);
            audit(task, &[true, true]);
        },
        true,
    ),
    (
        "no juror seals",
        || {
            disputed();
        },
        true,
    ),
    ("no juror reveals", || drop(deliberate(disputed(), &[Some(true); 5])), true),
    (
        "two jurors of five reveal",
        || {
            let task = disputed();
            let jurors = deliberate(task, &[Some(true); 5]);
            reveal(task, &jurors, &[Some(true); 2]);
        },
        true,
    ),
    (
        "nobody judges a challenge",
        || {
            challenged();
        },
        false,
    ),
    ("the challenged tile is not opened", || drop(deliberate(challenged(), &[Some(true); 5])), true),
    (
        "nobody fetches what is said to be withheld",
        || {
            withheld();
        },
        false,
    ),
    ("nobody tells whether it was there", || drop(deliberate(withheld(), &[Some(true); 5])), false),
];

#[test]
fn at_any_step_leaves_nothing_behind() {
    for (step, prepare, refunded) in STEPS {
        TestExt::new(12).regions(&[b"u1", b"u1", b"dr"]).build_and_execute(|| {
            submit(spec(1));
            play(&[task(0, 0)], &|_, _| true);
            let before = wealth([&REQUESTER]);
            prepare();
            pass(400);
            nothing_is_left();
            assert_eq!(failures().len(), usize::from(refunded), "{step}");
            assert_eq!(wealth([&REQUESTER]) >= before, refunded, "{step}");
        });
    }
}

#[test]
fn of_one_worker_after_another_is_paid_by_them_and_not_by_the_requester() {
    TestExt::new(12).build_and_execute(|| {
        submit(spec(1));
        play(&[task(0, 0)], &|_, _| true);
        let (requester, bonds) = (wealth([&REQUESTER]), (0..12).map(|n| bond(&worker(n))).sum::<Balance>());
        post(spec(1));
        pass(400);
        assert_eq!(wealth([&REQUESTER]), requester);
        let price = SILENCE.mul_ceil(STAKE);
        let left = (0..12).map(|n| bond(&worker(n))).sum::<Balance>();
        assert_eq!(bonds - left, price * Balance::from(RULES.max_attempts));
    });
}
