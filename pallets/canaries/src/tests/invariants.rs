//! The checks of the state find damage.

use super::*;

/// The checks find the damage that `damage` does to a chain with a round whose sweep has begun.
fn finds(damage: impl FnOnce()) {
    TestExt::with(2).build().execute_with(|| {
        next_round();
        next_round();
        assert!(commit(Kind::Conformance, 0));
        pass(1);
        pass_window();
        Canaries::do_try_state().unwrap();
        damage();
        assert!(Canaries::do_try_state().is_err());
    });
}

fn damage_round(change: fn(&mut Round)) -> impl FnOnce() {
    move || CurrentRound::<Test>::mutate(|round| change(round.as_mut().unwrap()))
}

fn damage_record(change: fn(&mut Record)) -> impl FnOnce() {
    move || Records::<Test>::mutate(0, |record| change(record.as_mut().unwrap()))
}

#[test]
fn a_missing_kernel_is_found() {
    finds(|| FakeKernels::remove(plan().throughput));
}

#[test]
fn a_missing_record_is_found() {
    finds(|| Records::<Test>::remove(1));
}

#[test]
fn a_record_from_the_future_is_found() {
    finds(damage_record(|record| record.round = 99));
}

#[test]
fn a_claim_out_of_bounds_is_found() {
    finds(damage_record(|record| record.next.units = 0));
}

#[test]
fn a_passport_of_who_is_not_proved_is_found() {
    finds(|| Records::<Test>::mutate(1, |record| record.as_mut().unwrap().standing = Standing::Unproved));
}

#[test]
fn a_wrong_count_of_open_canaries_is_found() {
    finds(damage_round(|round| round.open = 2));
}

#[test]
fn a_round_that_is_not_the_last_is_found() {
    finds(|| LastRound::<Test>::put(9));
}

#[test]
fn a_sweep_that_came_too_early_is_found() {
    finds(damage_round(|round| round.due = 1_000));
}

#[test]
fn a_sweep_that_went_too_far_is_found() {
    finds(damage_round(|round| round.swept = 3));
}
