//! Admission of workers where nobody can audit them.

use super::*;

#[test]
fn where_nobody_can_audit_the_first_worker_is_admitted_without_a_passport() {
    in_first_round(1, || {
        pass_unchecked(0);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
        assert_eq!(passport(0), None, "nothing was checked");
    });
}

#[test]
fn one_unchecked_canary_admits_together_with_one_passed() {
    in_first_round(1, || {
        commit_both(0);
        settle(Kind::Conformance, 0);
        fail(Kind::Throughput, 0, ReasonCode::NoAuditors);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
        assert_eq!(passport(0), None);
    });
}

#[test]
fn an_unchecked_canary_does_not_outweigh_a_failed_one() {
    in_first_round(1, || {
        assert!(commit(Kind::Conformance, 0));
        fail(Kind::Conformance, 0, ReasonCode::WrongResult);
        next_round();
        FakeWorkers::told();
        pass_unchecked(0);
        assert_eq!(FakeWorkers::told(), []);
    });
}

#[test]
fn one_answer_alone_admits_nobody() {
    in_first_round(1, || {
        assert!(commit(Kind::Conformance, 0));
        fail(Kind::Conformance, 0, ReasonCode::NoAuditors);
        assert_eq!(FakeWorkers::told(), []);
    });
}

#[test]
fn a_network_starts_and_starts_again_after_everybody_was_away() {
    in_first_round(3, || {
        (0..3).for_each(pass_unchecked);
        assert_eq!(FakeWorkers::told(), (0..3).map(|n| Told::Prove(worker(n))).collect::<Vec<_>>());
        next_round();
        (0..3).for_each(pass);
        for _ in 0..3 {
            next_round();
            pass_window();
        }
        FakeWorkers::told();
        next_round();
        (0..3).for_each(pass_unchecked);
        assert_eq!(FakeWorkers::told(), (0..3).map(|n| Told::Prove(worker(n))).collect::<Vec<_>>());
    });
}

#[test]
fn an_unchecked_round_leaves_the_passport_as_it_was() {
    in_first_round(1, || {
        pass(0);
        let before = passport(0);
        next_round();
        pass_unchecked(0);
        assert_eq!(passport(0), before);
    });
}
