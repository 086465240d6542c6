//! Workers that do not answer.

use super::*;

#[test]
fn who_answers_nothing_is_missed_once_a_round() {
    TestExt::with(2).build_and_execute(|| {
        for _ in 0..3 {
            next_round();
            pass(1);
            FakeWorkers::told();
            events();
            pass_window();
            let task = canary(Kind::Conformance, 0);
            assert_eq!(FakeWorkers::told(), [Told::Miss(worker(0), task)]);
            let number = LastRound::<Test>::get();
            assert_eq!(
                events(),
                [Event::CanaryMissed { worker: worker(0), round: number, task }, Event::RoundClosed { round: number }]
            );
        }
    });
}

#[test]
fn who_answers_half_is_missed_for_the_other_half() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        next_round();
        assert!(commit(Kind::Conformance, 0));
        FakeWorkers::told();
        pass_window();
        assert_eq!(FakeWorkers::told(), [Told::Miss(worker(0), canary(Kind::Throughput, 0))]);
    });
}

#[test]
fn nobody_is_missed_before_the_window_is_over() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        let due = next_round().due;
        FakeWorkers::told();
        run_to(due);
        end_block(Weight::MAX);
        assert_eq!(missed(), []);
        begin_block();
        end_block(Weight::MAX);
        assert_eq!(missed(), [worker(0)]);
    });
}

#[test]
fn who_comes_after_the_opening_may_answer_and_is_not_missed() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        next_round();
        for number in 1..3 {
            FakeWorkers::register(worker(number));
        }
        run_to(System::block_number() + 1);
        FakeWorkers::told();
        pass(1);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(1))]);
        pass_window();
        assert_eq!(missed(), [worker(0)]);
    });
}

#[test]
fn a_worker_that_is_gone_is_forgotten() {
    in_first_round(2, || {
        pass(0);
        FakeWorkers::withdraw(0);
        assert_eq!(passport(0), None);
        next_round();
        assert!(!Records::<Test>::contains_key(0));
        assert!(Records::<Test>::contains_key(1));
    });
}

#[test]
fn who_was_admitted_without_a_plan_cannot_pause_for_ever() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        FakeWorkers::change(0, |worker| worker.active = false);
        pass_window();
        assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))], "not missed, but not drawn either");
    });
}

#[test]
fn pausing_over_a_round_does_not_spare_the_proof() {
    in_first_round(1, || {
        pass(0);
        next_round();
        FakeWorkers::told();
        FakeWorkers::change(0, |worker| worker.active = false);
        pass_window();
        assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))]);
        assert_eq!(passport(0), None);
        FakeWorkers::change(0, |worker| worker.active = true);
        next_round();
        pass(0);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
    });
}

#[test]
fn a_paused_worker_that_has_answered_stays_proved() {
    in_first_round(1, || {
        pass(0);
        next_round();
        pass(0);
        FakeWorkers::told();
        FakeWorkers::change(0, |worker| worker.active = false);
        pass_window();
        assert_eq!(FakeWorkers::told(), []);
        assert!(passport(0).is_some());
    });
}
