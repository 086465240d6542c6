//! Reputation: how likely a worker's next duty ends well, estimated from how its duties ended so
//! far.
//!
//! # Overview
//!
//! The Beta reputation with forgetting of A. Jøsang and R. Ismail, *The Beta Reputation System*,
//! 15th Bled Electronic Commerce Conference, 2002, §3. `α` is the weight of good outcomes, `β` the
//! weight of bad ones. The reputation is the mean of the Beta distribution:
//! `r = (α + 1) ÷ (α + β + 2)`. A newcomer has ½. Each outcome first multiplies `α` and `β` by
//! `λ` = 0.98 and then adds its own weight, so that old outcomes count ever less.
//!
//! # Weights
//!
//! Let `w` be the value of the duty as a part of [`Config::FullWeight`](crate::Config::FullWeight),
//! at most 1.
//!
//! | outcome | adds |
//! |---|---|
//! | `Right` | `w` to `α` |
//! | `Declined` | `max(w, 0.1) × 0.5` to `β` |
//! | `Silent` | `max(w, 0.5)` to `β` |
//! | `Wrong` | `max(w, 1) × 5` to `β` |
//!
//! # Implementation notes
//!
//! - **No outcome moves `r` the wrong way.** Fading alone moves `r` towards ½, which could outweigh
//!   a light outcome. A worthless success would then lower a good reputation, and a light fault
//!   would raise a bad one. Such an outcome changes nothing. A fault can be one only where the
//!   reputation is below 23 %.
//! - A success of value 0 changes nothing at all, so that reputation cannot be farmed with
//!   worthless tasks.
//! - `α + β` never exceeds [`BOUND`], at which the heaviest outcome and fading balance each other.
//! - Fixed-point numbers in billionths: `α` is rounded down and `β` up.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{Balance, worker::Outcome};
use polkadot_sdk::sp_runtime::{PerThing, Perbill, Rounding};
use scale_info::TypeInfo;

/// 1, in billionths.
pub const ONE: u64 = 1_000_000_000;
/// The part of a weight that is left after one more outcome, in billionths.
pub const LAMBDA: u64 = 980_000_000;
/// The weight of the heaviest outcome, in billionths.
pub const MAX_WEIGHT: u64 = 5 * ONE;
/// The upper bound of `α + β`, in billionths.
pub const BOUND: u64 = MAX_WEIGHT / (ONE - LAMBDA) * ONE;

/// The least weight of a declined and of a silent duty, in billionths.
const LEAST_DECLINED: u64 = ONE / 10;
const LEAST_SILENT: u64 = ONE / 2;
/// After more fadings than this, nothing is left even of [`BOUND`].
const FORGOTTEN: u32 = 1_500;

/// The weights of good and of bad outcomes, and the number of fadings.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reputation {
    alpha: u64,
    beta: u64,
    fadings: u32,
}

/// The change that one outcome made to a reputation, so that it can be taken back later.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Effect {
    before: Reputation,
    after: Reputation,
}

/// `a × b` of two numbers in billionths.
fn times(a: u64, b: u64, rounding: Rounding) -> u64 {
    let product = u128::from(a).saturating_mul(u128::from(b));
    let one = u128::from(ONE);
    let quotient = match rounding {
        Rounding::Up => product.div_ceil(one),
        _ => product.checked_div(one).unwrap_or_default(),
    };
    quotient.try_into().unwrap_or(u64::MAX)
}

/// Return the part of `weight` that is left after a number of fadings.
fn faded(weight: u64, mut fadings: u32, rounding: Rounding) -> u64 {
    if fadings > FORGOTTEN {
        return 0;
    }
    let (mut factor, mut power) = (ONE, LAMBDA);
    while fadings > 0 {
        if fadings & 1 == 1 {
            factor = times(factor, power, rounding);
        }
        power = times(power, power, rounding);
        fadings >>= 1;
    }
    times(weight, factor, rounding)
}

/// `value` as a part of `full`, at most 1, in billionths.
fn weight(value: Balance, full: Balance, rounding: Rounding) -> u64 {
    Perbill::from_rational_with_rounding(value.min(full), full, rounding).map_or(0, |part| part.deconstruct().into())
}

impl Reputation {
    /// The reputation: above 0 and below 1, rounded down.
    pub fn value(&self) -> Perbill {
        let (good, all) = self.ratio();
        let parts = good.saturating_mul(u128::from(ONE)).checked_div(all).unwrap_or_default();
        Perbill::from_parts(parts.try_into().unwrap_or(0))
    }

    /// Return the reputation after a duty of `value` planck has ended. A value of `full` planck or
    /// more has the whole weight.
    pub fn after(self, outcome: Outcome, value: Balance, full: Balance) -> Self {
        let heavier = |least: u64| weight(value, full, Rounding::Up).max(least);
        match outcome {
            Outcome::Right => self.credited(weight(value, full, Rounding::Down)),
            Outcome::Declined => self.debited(heavier(LEAST_DECLINED).div_ceil(2)),
            Outcome::Silent => self.debited(heavier(LEAST_SILENT)),
            Outcome::Wrong => self.debited(MAX_WEIGHT),
        }
    }

    /// Return the effect of the outcome that has turned `before` into `self`.
    pub fn effect_on(self, before: Self) -> Effect {
        Effect { before, after: self }
    }

    /// Return the reputation without a fault: the effect of the fault is taken back as far as it
    /// has not faded since. The result is never lower than `self`.
    pub fn without(self, fault: &Effect) -> Self {
        let Effect { before, after } = fault;
        let since = self.fadings.wrapping_sub(after.fadings);
        let regained = faded(before.alpha.saturating_sub(after.alpha), since, Rounding::Down);
        let forgiven = faded(after.beta.saturating_sub(before.beta), since, Rounding::Down);
        let remembered = faded(before.beta.saturating_sub(after.beta), since, Rounding::Up);
        let alpha = self.alpha.saturating_add(regained).min(BOUND);
        let beta = self.beta.saturating_sub(forgiven).saturating_add(remembered).min(BOUND.saturating_sub(alpha));
        let pardoned = Self { alpha, beta, ..self };
        if self.is_above(&pardoned) { self } else { pardoned }
    }

    fn faded(self) -> Self {
        Self {
            alpha: times(self.alpha, LAMBDA, Rounding::Down),
            beta: times(self.beta, LAMBDA, Rounding::Up),
            fadings: self.fadings.wrapping_add(1),
        }
    }

    fn credited(self, weight: u64) -> Self {
        let faded = self.faded();
        let next = Self { alpha: faded.alpha.saturating_add(weight), ..faded };
        if weight == 0 || self.is_above(&next) { self } else { next }
    }

    fn debited(self, weight: u64) -> Self {
        let faded = self.faded();
        let beta = faded.beta.saturating_add(weight).min(BOUND.saturating_sub(faded.alpha));
        let next = Self { beta, ..faded };
        if next.is_above(&self) { self } else { next }
    }

    /// `α + 1` and `α + β + 2`.
    fn ratio(&self) -> (u128, u128) {
        let good = u128::from(self.alpha).saturating_add(ONE.into());
        (good, good.saturating_add(self.beta.into()).saturating_add(ONE.into()))
    }

    fn is_above(&self, other: &Self) -> bool {
        let ((good, all), (other_good, other_all)) = (self.ratio(), other.ratio());
        good.saturating_mul(other_all) > other_good.saturating_mul(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FULL: Balance = 10_000;

    fn outcome() -> impl Strategy<Value = Outcome> {
        prop::sample::select(vec![Outcome::Right, Outcome::Declined, Outcome::Silent, Outcome::Wrong])
    }

    fn fault() -> impl Strategy<Value = Outcome> {
        prop::sample::select(vec![Outcome::Declined, Outcome::Silent, Outcome::Wrong])
    }

    fn value() -> impl Strategy<Value = Balance> {
        prop_oneof![Just(0), 1..100u128, 0..2 * FULL, Just(FULL), Just(Balance::MAX)]
    }

    /// A reputation with a history: long runs of one outcome lead to the edges.
    fn reputation() -> impl Strategy<Value = Reputation> {
        prop::collection::vec((outcome(), value(), 1..200u32), 0..12).prop_map(|history| {
            history.into_iter().fold(Reputation::default(), |reputation, (outcome, value, times)| {
                (0..times).fold(reputation, |reputation, _| reputation.after(outcome, value, FULL))
            })
        })
    }

    /// A reputation with a history, raised by successes to at least 23 %.
    fn not_very_low() -> impl Strategy<Value = Reputation> {
        reputation().prop_map(|mut reputation| {
            while reputation.value() < Perbill::from_percent(23) {
                reputation = reputation.after(Outcome::Right, FULL, FULL);
            }
            reputation
        })
    }

    fn repeated(reputation: Reputation, outcome: Outcome, value: Balance, times: u32) -> Reputation {
        (0..times).fold(reputation, |reputation, _| reputation.after(outcome, value, FULL))
    }

    #[test]
    fn a_newcomer_has_a_half() {
        assert_eq!(Reputation::default().value(), Perbill::from_percent(50));
    }

    #[test]
    fn first_outcomes_count_as_the_table_says() {
        let after = |outcome, value| Reputation::default().after(outcome, value, FULL).value();
        assert_eq!(after(Outcome::Right, FULL), Perbill::from_parts(666_666_666));
        assert_eq!(after(Outcome::Right, FULL / 2), Perbill::from_parts(600_000_000));
        assert_eq!(after(Outcome::Declined, 0), Perbill::from_parts(487_804_878));
        assert_eq!(after(Outcome::Declined, FULL), Perbill::from_parts(400_000_000));
        assert_eq!(after(Outcome::Silent, 0), Perbill::from_parts(400_000_000));
        assert_eq!(after(Outcome::Silent, FULL), Perbill::from_parts(333_333_333));
        assert_eq!(after(Outcome::Wrong, 0), after(Outcome::Wrong, Balance::MAX));
        assert_eq!(after(Outcome::Wrong, 0), Perbill::from_parts(142_857_142));
    }

    #[test]
    fn successes_lead_to_fifty_one_fifty_seconds() {
        let best = repeated(Reputation::default(), Outcome::Right, FULL, 3_000).value();
        assert!(best <= Perbill::from_rational(51u32, 52) && best > Perbill::from_parts(980_769_000), "{best:?}");
    }

    #[test]
    fn light_tasks_never_lead_to_the_reputation_of_heavy_ones() {
        let light = repeated(Reputation::default(), Outcome::Right, FULL / 100, 10_000).value();
        assert!(light < Perbill::from_percent(61), "{light:?}");
    }

    #[test]
    fn many_light_tasks_do_not_lower_what_a_heavy_one_has_earned() {
        let earned = repeated(Reputation::default(), Outcome::Right, FULL, 200);
        assert_eq!(repeated(earned, Outcome::Right, 1, 1_000), earned);
    }

    #[test]
    fn a_light_fault_does_not_raise_the_worst() {
        let bad = repeated(Reputation::default(), Outcome::Wrong, FULL, 20);
        assert_eq!(bad.after(Outcome::Declined, 0, FULL), bad);
        assert!(bad.after(Outcome::Wrong, 0, FULL).value() < bad.value());
    }

    #[test]
    fn what_lies_far_back_is_forgotten() {
        let wrong = Reputation::default().after(Outcome::Wrong, FULL, FULL);
        let (reformed, blameless) =
            (repeated(wrong, Outcome::Right, FULL, 600), repeated(Reputation::default(), Outcome::Right, FULL, 600));
        assert!(blameless.value() - reformed.value() < Perbill::from_parts(1_000));
    }

    #[test]
    fn without_a_full_weight_no_success_counts() {
        assert_eq!(Reputation::default().after(Outcome::Right, 1, 0), Reputation::default());
    }

    #[test]
    fn a_forgotten_fault_has_nothing_to_take_back() {
        let wrong = Reputation::default().after(Outcome::Wrong, FULL, FULL);
        let fault = wrong.effect_on(Reputation::default());
        let later = repeated(wrong, Outcome::Right, FULL, FORGOTTEN + 1);
        assert_eq!(later.without(&fault), later);
    }

    proptest! {
        #[test]
        fn it_is_above_zero_and_below_one_and_the_weights_are_bounded(reputation in reputation()) {
            let value = reputation.value();
            prop_assert!(!value.is_zero() && value < Perbill::one());
            prop_assert!(reputation.alpha + reputation.beta <= BOUND);
        }

        #[test]
        fn a_success_never_lowers_it_and_a_fault_never_raises_it(
            before in reputation(), outcome in outcome(), value in value()
        ) {
            let after = before.after(outcome, value, FULL);
            if outcome == Outcome::Right {
                prop_assert!(!before.is_above(&after) && before.value() <= after.value());
            } else {
                prop_assert!(!after.is_above(&before) && before.value() >= after.value());
            }
            prop_assert!(after.alpha + after.beta <= BOUND);
        }

        #[test]
        fn every_fault_counts_where_it_is_not_very_low(before in not_very_low(), fault in fault(), value in value()) {
            prop_assert!(before.is_above(&before.after(fault, value, FULL)));
        }

        #[test]
        fn worthless_tasks_change_nothing(reputation in reputation()) {
            prop_assert_eq!(reputation.after(Outcome::Right, 0, FULL), reputation);
        }

        #[test]
        fn more_value_never_counts_less(before in reputation(), a in value(), b in value(), outcome in outcome()) {
            let (less, more) = (a.min(b), a.max(b));
            let (light, heavy) = (before.after(outcome, less, FULL), before.after(outcome, more, FULL));
            if outcome == Outcome::Right {
                prop_assert!(!light.is_above(&heavy));
            } else {
                prop_assert!(!heavy.is_above(&light));
            }
        }

        #[test]
        fn a_fault_taken_back_at_once_leaves_no_trace(before in reputation(), fault in fault(), value in value()) {
            let after = before.after(fault, value, FULL);
            let pardoned = after.without(&after.effect_on(before));
            prop_assert_eq!((pardoned.alpha, pardoned.beta), (before.alpha, before.beta));
        }

        #[test]
        fn a_fault_taken_back_never_lowers_and_keeps_the_bound(
            before in reputation(), fault in fault(), later in prop::collection::vec((outcome(), value()), 0..40)
        ) {
            let after = before.after(fault, FULL, FULL);
            let now = later.into_iter().fold(after, |now, (outcome, value)| now.after(outcome, value, FULL));
            let pardoned = now.without(&after.effect_on(before));
            prop_assert!(!now.is_above(&pardoned));
            prop_assert!(pardoned.alpha + pardoned.beta <= BOUND);
        }

        #[test]
        fn a_fault_taken_back_later_is_as_if_it_had_not_been(
            earlier in 0..100u32, fault in fault(), later in 0..100u32
        ) {
            let before = repeated(Reputation::default(), Outcome::Right, FULL, earlier);
            let after = before.after(fault, FULL, FULL);
            let pardoned = repeated(after, Outcome::Right, FULL, later).without(&after.effect_on(before));
            let blameless = repeated(before, Outcome::Right, FULL, later);
            let (pardoned, blameless) = (pardoned.value().deconstruct(), blameless.value().deconstruct());
            prop_assert!(pardoned.abs_diff(blameless) < 1_000, "{pardoned} {blameless}");
        }
    }
}
