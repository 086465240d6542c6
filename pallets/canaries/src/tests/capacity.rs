//! Reports of proved capacity to the economy.

use super::*;

#[test]
fn is_told_once_a_round_when_both_canaries_have_passed() {
    TestExt::with(2).build_and_execute(|| {
        claim(0, 100);
        first_round();
        assert!(commit(Kind::Throughput, 0));
        settle(Kind::Throughput, 0);
        assert_eq!(FakeCapacity::told(), [], "half is not enough");
        assert!(commit(Kind::Conformance, 0));
        settle(Kind::Conformance, 0);
        assert_eq!(FakeCapacity::told(), [(worker(0), 100)]);

        for kind in Kind::ALL {
            <Canaries as JobLedger>::settle(canary(kind, 0), &worker(0), commitment(), &[]);
        }
        pass_window();
        assert_eq!(FakeCapacity::told(), []);
        next_round();
        pass(1);
        pass(0);
        assert_eq!(FakeCapacity::told(), [(worker(1), crate::DEFAULT_UNITS), (worker(0), 100)]);
    });
}

#[test]
fn is_what_was_tried_and_not_what_is_claimed_by_now() {
    TestExt::with(1).build_and_execute(|| {
        claim(0, 100);
        first_round();
        claim(0, 900);
        pass(0);
        assert_eq!(FakeCapacity::told(), [(worker(0), 100)]);
    });
}

#[test]
fn is_told_of_a_canary_that_passes_after_the_window() {
    in_first_round(1, || {
        commit_both(0);
        pass_window();
        for kind in Kind::ALL {
            settle(kind, 0);
        }
        assert_eq!(FakeCapacity::told(), [(worker(0), crate::DEFAULT_UNITS)]);
    });
}

#[test]
fn is_not_proved_by_what_was_not_checked() {
    for unchecked in Kind::ALL {
        in_first_round(1, || {
            for kind in Kind::ALL {
                assert!(commit(kind, 0));
                if kind == unchecked {
                    fail(kind, 0, ReasonCode::NoAuditors);
                } else {
                    settle(kind, 0);
                }
            }
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
            assert_eq!(FakeCapacity::told(), []);
        });
    }
}

#[test]
fn is_not_proved_where_a_canary_failed_or_was_not_answered() {
    in_first_round(2, || {
        commit_both(0);
        settle(Kind::Throughput, 0);
        fail(Kind::Conformance, 0, ReasonCode::WrongResult);
        assert!(commit(Kind::Throughput, 1));
        settle(Kind::Throughput, 1);
        pass_window();
        assert_eq!(FakeCapacity::told(), []);
    });
}

#[test]
fn is_not_proved_by_who_declares_more_than_was_tried() {
    in_first_round(1, || {
        FakeWorkers::change(0, |worker| worker.fp64 = true);
        pass(0);
        assert_eq!(FakeCapacity::told(), []);
    });
}
