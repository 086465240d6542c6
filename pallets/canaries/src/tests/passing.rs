//! Canaries that pass, and passports.

use super::*;

#[test]
fn who_passes_both_canaries_is_proved_and_gets_a_passport() {
    TestExt::with(1).build_and_execute(|| {
        FakeWorkers::change(0, |worker| worker.fp32.denormals = true);
        claim(0, 100);
        next_round();
        run_to(5);
        events();
        assert!(commit(Kind::Conformance, 0));
        settle(Kind::Conformance, 0);
        assert_eq!(passport(0), None, "half is not enough");
        assert_eq!(FakeWorkers::told(), []);
        run_to(7);
        assert!(commit(Kind::Throughput, 0));
        settle(Kind::Throughput, 0);
        let expected = Passport {
            fp32: Fp32 { denormals: true, rounded_division: false },
            fp64: false,
            score: 100,
            since: 5,
            last: 7,
        };
        assert_eq!(passport(0), Some(expected));
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
        let passed = |kind| Event::CanaryPassed { worker: worker(0), round: 1, task: canary(kind, 0) };
        assert_eq!(
            events(),
            [
                passed(Kind::Conformance),
                passed(Kind::Throughput),
                Event::PassportIssued { worker: worker(0), passport: expected }
            ]
        );
    });
}

#[test]
fn a_passport_keeps_its_age_from_round_to_round() {
    in_first_round(1, || {
        pass(0);
        let second = next_round();
        pass(0);
        let passport = passport(0).unwrap();
        assert_eq!((passport.since, passport.last), (3, second.opened));
    });
}

#[test]
fn a_miss_makes_a_passport_young_again() {
    in_first_round(1, || {
        pass(0);
        next_round();
        pass_window();
        assert!(passport(0).is_some(), "a miss is no failure");
        let third = next_round();
        pass(0);
        assert_eq!(passport(0).unwrap().since, third.opened);
    });
}

#[test]
fn a_canary_may_pass_after_the_window() {
    TestExt::with(1).build_and_execute(|| {
        let due = next_round().due;
        run_to(due);
        for kind in Kind::ALL {
            assert!(commit(kind, 0), "the last block of the window");
        }
        pass_window();
        assert_eq!(FakeWorkers::told(), []);
        assert_eq!(round().open, 2);
        settle(Kind::Conformance, 0);
        assert_eq!(round().open, 1);
        settle(Kind::Throughput, 0);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
    });
}

#[test]
fn a_canary_ends_once() {
    in_first_round(1, || {
        pass(0);
        FakeWorkers::told();
        events();
        <Canaries as JobLedger>::fail(canary(Kind::Conformance, 0), ReasonCode::WrongResult);
        <Canaries as JobLedger>::settle(canary(Kind::Conformance, 0), &worker(0), commitment(), &[]);
        assert_eq!(FakeWorkers::told(), []);
        assert_eq!(events(), []);
        assert!(passport(0).is_some());
    });
}

#[test]
fn passes_of_two_rounds_do_not_add_up() {
    in_first_round(1, || {
        assert!(commit(Kind::Conformance, 0));
        settle(Kind::Conformance, 0);
        next_round();
        FakeWorkers::told();
        assert!(commit(Kind::Throughput, 0));
        settle(Kind::Throughput, 0);
        assert_eq!(FakeWorkers::told(), []);
        assert_eq!(passport(0), None);
    });
}

#[test]
fn who_declares_more_than_was_tried_proves_nothing() {
    in_first_round(1, || {
        FakeWorkers::change(0, |worker| worker.fp64 = true);
        pass(0);
        assert_eq!(passport(0), None);
        assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))]);
        next_round();
        pass(0);
        assert!(passport(0).unwrap().fp64);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
    });
}

#[test]
fn who_declares_more_than_it_has_proved_must_prove_it() {
    in_first_round(1, || {
        pass(0);
        next_round();
        FakeWorkers::told();
        FakeWorkers::change(0, |worker| worker.fp32.rounded_division = true);
        pass(0);
        assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))]);
        assert_eq!(passport(0), None);
    });
}

#[test]
fn who_declares_less_than_was_tried_is_proved() {
    TestExt::with(1).build_and_execute(|| {
        FakeWorkers::change(0, |worker| worker.fp64 = true);
        first_round();
        FakeWorkers::change(0, |worker| worker.fp64 = false);
        pass(0);
        assert!(passport(0).unwrap().fp64);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
    });
}
