//! Opening and closing rounds, and the workers that they call.

use super::*;

#[test]
fn a_round_opens_every_period() {
    TestExt::with(1).build_and_execute(|| {
        let first = next_round();
        assert_eq!((first.number, first.opened, first.due), (1, 2, 2 + WINDOW));
        let second = next_round();
        assert_eq!((second.number, second.opened, second.due), (2, 2 + PERIOD, 2 + PERIOD + WINDOW));
        let opened =
            events().into_iter().filter(|event| matches!(event, Event::RoundOpened { .. })).collect::<Vec<_>>();
        assert_eq!(opened, [&first, &second].map(|r| Event::RoundOpened { round: r.number, seed: r.seed, due: r.due }));
    });
}

#[test]
fn all_active_workers_are_called_at_the_same_moment() {
    TestExt::with(5).build_and_execute(|| {
        run_to(2);
        end_block(Weight::MAX);
        let round = round();
        for number in 0..5 {
            assert_eq!(calls(number), both(number));
            for task in both(number) {
                assert_eq!(called(task), Some((worker(number), round.due)));
            }
        }
    });
}

#[test]
fn nobody_is_called_between_the_rounds() {
    TestExt::with(1).build_and_execute(|| {
        let due = next_round().due;
        run_to(due);
        assert_eq!(calls(0), both(0));
        run_to(due + 1);
        assert_eq!(calls(0), []);
        assert_eq!(called(canary(Kind::Conformance, 0)), None);
    });
}

#[test]
fn a_paused_worker_is_not_called_until_it_is_active_again() {
    in_first_round(1, || {
        FakeWorkers::change(0, |worker| worker.active = false);
        assert_eq!(calls(0), []);
        FakeWorkers::change(0, |worker| worker.active = true);
        assert_eq!(calls(0), both(0));
    });
}

#[test]
fn who_is_no_worker_is_not_called() {
    in_first_round(1, || {
        assert_eq!(calls(1), []);
        assert_eq!(called(canary(Kind::Conformance, 1)), None);
    });
}

#[test]
fn a_canary_is_called_for_until_it_is_committed_to() {
    in_first_round(1, || {
        assert!(commit(Kind::Conformance, 0));
        assert_eq!(calls(0), [canary(Kind::Throughput, 0)]);
        assert!(!commit(Kind::Conformance, 0), "once");
    });
}

#[test]
fn a_canary_that_has_ended_is_not_called_for_again() {
    in_first_round(1, || {
        pass(0);
        assert_eq!(calls(0), []);
        assert_eq!(brief(canary(Kind::Conformance, 0)), None);
        assert_eq!(request(canary(Kind::Conformance, 0)), None);
    });
}

#[test]
fn a_canary_of_another_round_is_not_called_for() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        let former = canary(Kind::Conformance, 0);
        next_round();
        let next = Kind::Conformance.task(round().number + 1, 0);
        for task in [former, next] {
            assert_eq!(called(task), None);
            assert_eq!(brief(task), None);
            assert_eq!(request(task), None);
        }
    });
}

#[test]
fn the_seed_is_the_chains_and_new_in_every_round() {
    TestExt::with(1).build_and_execute(|| {
        let first = next_round().seed;
        let second = next_round().seed;
        assert_ne!(first, second, "even if the randomness stood still");
        Entropy::set(Hash::repeat_byte(0x11));
        let third = next_round();
        Entropy::set(Hash::repeat_byte(0x22));
        let mut other = None;
        TestExt::with(1).build().execute_with(|| {
            next_round();
            next_round();
            other = Some(next_round());
        });
        let other = other.unwrap();
        assert_eq!(third.number, other.number);
        assert_ne!(third.seed, other.seed, "it follows the chain's randomness");
    });
}

#[test]
fn every_worker_has_a_seed_of_its_own() {
    in_first_round(8, || {
        let seeds: std::collections::BTreeSet<Vec<u8>> =
            (0..8).map(|number| request(canary(Kind::Throughput, number)).unwrap().scalars[0].clone()).collect();
        assert_eq!(seeds.len(), 8);
    });
}

#[test]
fn the_next_round_waits_for_the_last_canary_of_the_one_before() {
    TestExt::with(1).build_and_execute(|| {
        let first = next_round();
        run_to(3);
        assert!(commit(Kind::Throughput, 0));
        run_to(first.opened + 2 * PERIOD);
        assert_eq!(round().number, first.number);
        assert!(brief(canary(Kind::Throughput, 0)).is_some(), "its auditors still know what it is");
        settle(Kind::Throughput, 0);
        run_to(first.opened + 2 * PERIOD + 1);
        assert_eq!(round().number, 2);
    });
}

#[test]
fn a_round_is_closed_when_its_canaries_have_ended() {
    in_first_round(1, || {
        pass(0);
        events();
        pass_window();
        assert_eq!(events(), [Event::RoundClosed { round: 1 }]);
        assert_eq!(Canaries::round(), None);
    });
}

#[test]
fn opening_a_round_weighs_the_same_for_any_number_of_workers() {
    for workers in [0, 50] {
        TestExt::with(workers).build_and_execute(|| {
            assert_eq!(begin_block(), <() as WeightInfo>::open_round());
            assert_eq!(begin_block(), <() as WeightInfo>::watch());
        });
    }
}
