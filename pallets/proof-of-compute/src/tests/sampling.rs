//! Samples and their auditors.

use super::*;

#[test]
fn waits_for_fresh_outputs_after_the_commitments_own_block() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        commit(task(job, 0), true);
        let committed_in = System::block_number();
        pass_until(task(job, 0), |s| matches!(s, Stage::Auditing { .. }));
        // Outputs of blocks c + 1 … c + m are known in block c + m + 1.
        assert_eq!(System::block_number(), committed_in + RULES.fresh_outputs + 1);
    });
}

#[test]
fn waits_longer_where_blocks_have_no_output() {
    TestExt::new(4).build_and_execute(|| {
        let job = submit(spec(1));
        commit(task(job, 0), true);
        HasVrf::set(false);
        pass(5);
        assert!(matches!(Tasks::<Test>::get(task(job, 0)).unwrap().stage, Stage::Committed { .. }));
        HasVrf::set(true);
        pass(RULES.fresh_outputs + 1);
        assert!(matches!(Tasks::<Test>::get(task(job, 0)).unwrap().stage, Stage::Auditing { .. }));
    });
}

#[test]
fn depends_on_the_last_output() {
    let sample_with = |last: u8| {
        let mut drawn = Vec::new();
        TestExt::new(4).build_and_execute(|| {
            let job = submit(spec(1));
            commit(task(job, 0), true);
            pass(RULES.fresh_outputs);
            ProofOfCompute::fold_in(Some(Hash::repeat_byte(last)));
            pass(1);
            drawn = ProofOfCompute::sample(task(job, 0));
        });
        drawn
    };
    assert_ne!(sample_with(1), sample_with(2));
}

#[test]
fn auditors_are_neither_worker_nor_requester_nor_twice_the_same() {
    TestExt::new(3).build_and_execute(|| {
        for _ in 0..10 {
            let job = submit(spec(1));
            let who = commit(task(job, 0), true);
            let auditors = audit(task(job, 0), &[true, true]);
            assert_eq!(auditors.len(), 2);
            assert_ne!(auditors[0], auditors[1]);
            assert!(!auditors.contains(&who));
            open(task(job, 0), true);
        }
    });
}

#[test]
fn one_auditor_is_enough_when_no_more_are_found_in_time() {
    TestExt::new(2).build_and_execute(|| {
        let job = submit(spec(1));
        let who = commit(task(job, 0), true);
        let auditors = audit(task(job, 0), &[true]);
        assert_eq!(auditors.len(), 1);
        let before = Balances::free_balance(&who);
        open(task(job, 0), true);
        assert!(Balances::free_balance(&who) > before);
        assert_eq!(escrow(), 0, "the missing auditor's pay goes back");
    });
}

#[test]
fn without_any_auditor_the_task_is_void_and_nobody_is_slashed() {
    TestExt::new(1).build_and_execute(|| {
        let job = submit(spec(1));
        let who = commit(task(job, 0), true);
        let bonded = bond(&who);
        pass(RULES.draw_blocks + 2);
        assert_eq!(failures(), [ReasonCode::NoAuditors]);
        assert_eq!((bond(&who), locked(&who), escrow()), (bonded, 0, 0));
    });
}
