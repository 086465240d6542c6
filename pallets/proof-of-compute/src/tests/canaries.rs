//! Tasks of the chain's own, as this pallet carries them.

use super::*;
use dpin_primitives::worker::{Duty, DutyEnd, Place, Role};

fn called() -> TaskId {
    CanaryDue::set(System::block_number() + 20);
    CANARY
}

fn commit_canary(honest: bool) -> DispatchResult {
    let commitment = commitment(CANARY, honest);
    let signature = sign(0, Step::Commit, CANARY, 0, &commitment);
    report(Call::commit { task: CANARY, attempt: 0, commitment, signature })
}

#[test]
fn a_canary_begins_with_its_commitment_and_goes_through_the_ordinary_audit() {
    TestExt::new(4).build_and_execute(|| {
        let task = called();
        assert!(!Tasks::<Test>::contains_key(task));
        assert_ok!(commit_canary(true));
        assert!(locked(&worker(0)) > 0, "a bond answers for it");
        audit(task, &[true, true]);
        open(task, true);
        assert_eq!(CanaryEnds::take(), [None]);
        assert_eq!(locked(&worker(0)), 0);
    });
}

#[test]
fn only_who_is_called_commits_in_time_and_once() {
    TestExt::new(4).build_and_execute(|| {
        assert_noop!(ProofOfCompute::do_commit(CANARY, 0, commitment_of_nothing()), Error::<Test>::UnknownTask);
        called();
        let content = commitment(CANARY, true);
        let signature = sign(1, Step::Commit, CANARY, 0, &content);
        let by_another = Call::commit { task: CANARY, attempt: 0, commitment: content, signature };
        assert_noop!(report(by_another), DispatchError::Other("bad proof"));
        System::set_block_number(CanaryDue::get() + 1);
        assert_noop!(commit_canary(true), stale());
        System::set_block_number(CanaryDue::get());
        assert_ok!(commit_canary(true));
        assert_noop!(commit_canary(true), stale());
    });
}

fn commitment_of_nothing() -> dpin_primitives::executor::Commitment {
    dpin_primitives::executor::Commitment { root: Hash::zero(), output_len: 0, kernel_ms: 0 }
}

#[test]
fn a_wrong_canary_is_disputed_slashed_and_not_redone() {
    TestExt::new(9).build_and_execute(|| {
        let task = called();
        assert_ok!(commit_canary(false));
        audit(task, &[true, true]);
        open(task, false);
        try_case(task, &[Some(true); 5]);
        assert_eq!(CanaryEnds::take(), [Some(ReasonCode::WrongResult)]);
        assert_eq!(pending(), [(worker(0), ReasonCode::WrongResult, RULES.min_task_bond)]);
        assert!(!Tasks::<Test>::contains_key(task));
    });
}

#[test]
fn a_worker_may_say_why_it_cannot_do_a_canary() {
    TestExt::new(4).build_and_execute(|| {
        let task = called();
        let reason = ReasonCode::NotConforming;
        let signature = sign(0, Step::Failure, task, 0, &reason);
        assert_ok!(report(Call::report_failure { task, attempt: 0, reason, signature }));
        assert_eq!(CanaryEnds::take(), [Some(reason)]);
        assert!(pending().is_empty());
    });
}

#[test]
fn a_worker_whose_bond_is_all_locked_answers_all_the_same() {
    TestExt::new(4).build_and_execute(|| {
        called();
        let free = Workers::free_bond(&worker(0));
        let other = TaskId { job: 0, index: 0 };
        assert!(Workers::take_on(&worker(0), Duty { task: other, role: Role::Auditor }, free, Place::NoSlot));
        assert_ok!(commit_canary(true));
        audit(CANARY, &[true, true]);
        open(CANARY, true);
        assert_eq!(CanaryEnds::take(), [None]);
        Workers::conclude(&worker(0), other, DutyEnd { bond: free, outcome: None, worth: 0, penalty: None });
    });
}
