//! Claims of throughput.

use super::*;

fn units(number: u32) -> u32 {
    brief(canary(Kind::Throughput, number)).expect("it is called").group_count
}

#[test]
fn a_worker_that_claims_nothing_does_the_default() {
    in_first_round(1, || {
        assert_eq!(units(0), DEFAULT_UNITS);
    });
}

#[test]
fn a_claim_takes_effect_with_the_next_round() {
    in_first_round(1, || {
        events();
        claim(0, 100);
        assert_eq!(events(), [Event::UnitsClaimed { worker: worker(0), units: 100 }]);
        assert_eq!(units(0), DEFAULT_UNITS);
        next_round();
        assert_eq!(units(0), 100);
        next_round();
        assert_eq!(units(0), 100);
    });
}

#[test]
fn a_claim_after_the_window_takes_effect_with_the_next_round() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        pass_window();
        claim(0, 100);
        next_round();
        assert_eq!(units(0), 100);
    });
}

#[test]
fn a_claim_before_the_first_canary_takes_effect_at_once() {
    TestExt::with(0).build_and_execute(|| {
        next_round();
        FakeWorkers::register(worker(0));
        claim(0, 100);
        assert_eq!(units(0), 100);
        claim(0, 200);
        assert_eq!(units(0), 100, "only once");
    });
}

#[test]
fn a_claim_without_a_plan_is_kept_for_the_first_round() {
    TestExt::new().build_and_execute(|| {
        FakeWorkers::register(worker(0));
        claim(0, 100);
        set_plan(Some(plan()));
        next_round();
        assert_eq!(units(0), 100);
    });
}

#[test]
fn only_workers_claim() {
    TestExt::with(1).build_and_execute(|| {
        let claim = |who| Canaries::claim(RuntimeOrigin::signed(who), 1);
        assert_noop!(claim(account(1)), Error::<Test>::UnknownWorker);
        assert_noop!(Canaries::claim(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
        assert_ok!(claim(worker(0)));
    });
}

#[test]
fn claims_have_bounds() {
    TestExt::with(1).build_and_execute(|| {
        let claim = |units| Canaries::claim(RuntimeOrigin::signed(worker(0)), units);
        assert_noop!(claim(0), Error::<Test>::InvalidUnits);
        assert_noop!(claim(MAX_UNITS + 1), Error::<Test>::InvalidUnits);
        assert_ok!(claim(MAX_UNITS));
    });
}

#[test]
fn what_a_worker_declares_is_tried_from_the_next_round_on() {
    in_first_round(1, || {
        FakeWorkers::change(0, |worker| worker.fp64 = true);
        next_round();
        assert_eq!(record(0).claims_in(2), Claims { fp64: true, ..default_claims() });
    });
}
