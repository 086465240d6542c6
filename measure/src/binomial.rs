//! The binomial distribution, exact enough to judge measured rates.

use std::ops::RangeInclusive;

/// The exact binomial interval: the counts of successes in `tries` independent tries with
/// probability `p` that lie in neither tail of (1 − `level`) ÷ 2.
pub fn interval(tries: u32, p: f64, level: f64) -> RangeInclusive<u32> {
    if p <= 0.0 {
        return 0..=0;
    }
    if p >= 1.0 {
        return tries..=tries;
    }
    let tail = (1.0 - level) / 2.0;
    least(tries, p, tail)..=tries - least(tries, 1.0 - p, tail)
}

/// The least count whose lower tail, itself included, is larger than `tail`.
fn least(tries: u32, p: f64, tail: f64) -> u32 {
    let odds = (p / (1.0 - p)).ln();
    let mut log_mass = f64::from(tries) * (1.0 - p).ln();
    let mut below = log_mass.exp();
    let mut count = 0;
    while below <= tail && count < tries {
        log_mass += (f64::from(tries - count) / f64::from(count + 1)).ln() + odds;
        below += log_mass.exp();
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_the_one_of_the_tables() {
        // Binomial(20, 1/2): P(X ≤ 5) = 0.0207, P(X ≤ 6) = 0.0577.
        assert_eq!(interval(20, 0.5, 0.95), 6..=14);
        // Binomial(10, 0.1): P(X = 0) = 0.349; P(X ≥ 4) = 0.0128, P(X ≥ 3) = 0.0702.
        assert_eq!(interval(10, 0.1, 0.95), 0..=3);
    }

    #[test]
    fn certainty_leaves_no_room() {
        assert_eq!(interval(1_000, 1.0, 0.95), 1_000..=1_000);
        assert_eq!(interval(1_000, 0.0, 0.95), 0..=0);
    }

    #[test]
    fn large_numbers_of_tries_do_not_underflow() {
        let range = interval(100_000, 0.25, 0.999);
        // Deviation 136.9; 3.29 deviations to each side.
        assert!(range.start().abs_diff(25_000 - 451) < 5 && range.end().abs_diff(25_000 + 451) < 5, "{range:?}");
    }
}
