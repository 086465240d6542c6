//! Canaries that fail.

use super::*;

#[test]
fn a_failed_canary_disproves_and_takes_the_passport() {
    let log = Hash::zero();
    for reason in [
        ReasonCode::WrongResult,
        ReasonCode::OpeningMissing,
        ReasonCode::OutputWithheld,
        ReasonCode::NotConforming,
        ReasonCode::Timeout,
        ReasonCode::BuildFailed { log },
        ReasonCode::KernelFault { log },
        ReasonCode::ExecutorFault { log },
        ReasonCode::InputUnavailable { blob: log },
        ReasonCode::OutOfMemory,
        ReasonCode::DeviceLost,
        ReasonCode::Declined,
    ] {
        in_first_round(1, || {
            pass(0);
            next_round();
            FakeWorkers::told();
            events();
            assert!(commit(Kind::Throughput, 0));
            fail(Kind::Throughput, 0, reason);
            assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))], "{reason:?}");
            assert_eq!(passport(0), None);
            let task = canary(Kind::Throughput, 0);
            assert_eq!(
                events(),
                [
                    Event::CanaryFailed { worker: worker(0), round: 2, task, reason },
                    Event::PassportRevoked { worker: worker(0) }
                ]
            );
        });
    }
}

#[test]
fn a_reported_failure_answers_without_a_commitment() {
    in_first_round(1, || {
        for kind in Kind::ALL {
            <Canaries as JobLedger>::fail(canary(kind, 0), ReasonCode::DeviceLost);
        }
        assert_eq!(calls(0), []);
        FakeWorkers::told();
        pass_window();
        assert_eq!(missed(), []);
    });
}

#[test]
fn one_passed_canary_does_not_make_up_for_a_failed_one() {
    in_first_round(1, || {
        commit_both(0);
        fail(Kind::Conformance, 0, ReasonCode::WrongResult);
        settle(Kind::Throughput, 0);
        assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))]);
        assert_eq!(passport(0), None);
    });
}

#[test]
fn who_failed_may_prove_itself_in_the_next_round() {
    in_first_round(1, || {
        assert!(commit(Kind::Conformance, 0));
        fail(Kind::Conformance, 0, ReasonCode::WrongResult);
        let second = next_round();
        FakeWorkers::told();
        pass(0);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
        assert_eq!(passport(0).unwrap().since, second.opened);
    });
}

#[test]
fn an_undecided_canary_changes_nothing() {
    for reason in [ReasonCode::NoVerdict, ReasonCode::Cancelled] {
        in_first_round(1, || {
            pass(0);
            let before = passport(0);
            next_round();
            FakeWorkers::told();
            assert!(commit(Kind::Conformance, 0));
            fail(Kind::Conformance, 0, reason);
            assert!(commit(Kind::Throughput, 0));
            settle(Kind::Throughput, 0);
            pass_window();
            assert_eq!(FakeWorkers::told(), [], "it has answered");
            assert_eq!(passport(0), before);
        });
    }
}
