//! The way of a task whose worker and auditors are honest.

use super::*;

#[test]
fn is_verified_and_paid() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        let held = escrow();
        let who = commit(task(job, 0), true);
        assert_eq!(Workers::info(&who).unwrap().busy, 0, "the slot is free after the commitment");
        assert!(locked(&who) > 0, "the bond is not");
        let auditors = audit(task(job, 0), &[true, true]);
        let before: Vec<Balance> = auditors.iter().chain([&who]).map(Balances::free_balance).collect();
        open(task(job, 0), true);

        let cost = pallet_jobs::Pallet::<Test>::quote(&spec(1)).unwrap().per_task;
        let gains: Vec<Balance> =
            auditors.iter().chain([&who]).zip(before).map(|(a, b)| Balances::free_balance(a) - b).collect();
        assert_eq!(gains, [cost.per_auditor, cost.per_auditor, cost.reward - cost.worker_fee]);
        assert_eq!(gains.iter().sum::<Balance>() + Balances::free_balance(POT), held);
        assert_eq!((escrow(), locked(&who)), (0, 0));
        assert!(!pallet_jobs::Jobs::<Test>::contains_key(job) && !Tasks::<Test>::contains_key(task(job, 0)));
    });
}

#[test]
fn without_auditors_is_paid_on_commitment() {
    TestExt::new(1).build_and_execute(|| {
        let mut trusting = spec(1);
        trusting.audit.auditors = 0;
        let job = submit(trusting);
        commit(task(job, 0), true);
        assert!(!pallet_jobs::Jobs::<Test>::contains_key(job));
        assert_eq!(escrow(), 0);
    });
}

#[test]
fn waits_out_its_challenge_window() {
    TestExt::new(4).build_and_execute(|| {
        let mut careful = spec(1);
        careful.audit.challenge_blocks = 5;
        let job = submit(careful);
        let who = commit(task(job, 0), true);
        audit(task(job, 0), &[true, true]);
        open(task(job, 0), true);
        assert!(matches!(Tasks::<Test>::get(task(job, 0)).unwrap().stage, Stage::Verified { .. }));
        assert!(locked(&who) > 0);
        pass(5);
        assert!(Tasks::<Test>::contains_key(task(job, 0)));
        pass(2);
        assert!(!Tasks::<Test>::contains_key(task(job, 0)));
        assert_eq!(locked(&who), 0);
    });
}

#[test]
fn may_be_checked_tile_by_tile() {
    TestExt::new(4).build_and_execute(|| {
        let mut thorough = spec(1);
        thorough.audit.samples = Samples::All;
        let job = submit(thorough);
        commit(task(job, 0), true);
        pass_until(task(job, 0), |s| matches!(s, Stage::Auditing { .. }));
        assert_eq!(ProofOfCompute::sample(task(job, 0)), (0..100).collect::<Vec<_>>());
        audit(task(job, 0), &[true, true]);
        open(task(job, 0), true);
        assert!(failures().is_empty() && escrow() == 0);
    });
}

#[test]
fn never_loses_a_planck_of_bond() {
    TestExt::new(5).build_and_execute(|| {
        let bonds: Vec<Balance> = (0..5).map(|n| bond(&worker(n))).collect();
        for _ in 0..10 {
            let job = submit(spec(3));
            for i in 0..3 {
                commit(task(job, i), true);
                audit(task(job, i), &[true, true]);
                open(task(job, i), true);
            }
        }
        assert_eq!(bonds, (0..5).map(|n| bond(&worker(n))).collect::<Vec<_>>());
    });
}
