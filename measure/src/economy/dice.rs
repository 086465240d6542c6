//! Randomness: everything random in a simulation follows from one seed.

use codec::Encode;
use dpin_primitives::{Balance, blake2, sampling::Draws};

/// A stream of random numbers. Streams with different names are independent.
pub struct Dice(Draws);

impl Dice {
    /// The stream with this name.
    pub fn new(name: &impl Encode) -> Self {
        Self(Draws::new(blake2(&(b"dpin/sim-economy/1", name).encode())))
    }

    /// A uniform number below `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    /// A uniform index in a list of this length, which must not be empty.
    pub fn place(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A uniform number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        // The bits that a double can hold exactly.
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `true` with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A uniform number from `least` to `most`.
    pub fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.unit()
    }

    /// A number from `least` to `most` whose logarithm is uniform; both must be positive.
    pub fn scale(&mut self, least: f64, most: f64) -> f64 {
        self.between(least.ln(), most.ln()).exp()
    }

    /// A number of mean 0 and deviation 1, nearly normal: the sum of twelve uniform ones, less 6.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// An integer from `least` to `most`. Small values are as likely as large ones.
    pub fn size(&mut self, least: u128, most: u128) -> u128 {
        match self.below(8) {
            0 => least,
            1 => most,
            _ => (self.scale(least as f64 + 1.0, most as f64 + 1.0) as u128).saturating_sub(1).clamp(least, most),
        }
    }
}

/// Convert an amount in whole coins of twelve decimals to the smallest unit. Negative amounts
/// become 0.
pub fn coins(amount: f64) -> Balance {
    (amount * 1e12) as Balance
}

/// Convert an amount in the smallest unit to whole coins of twelve decimals.
pub fn in_coins(amount: Balance) -> f64 {
    amount as f64 / 1e12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_follows_from_its_name() {
        let first = |name: u32| Dice::new(&name).below(u64::MAX);
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut dice = Dice::new(&0u32);
        for _ in 0..10_000 {
            assert!((0.0..1.0).contains(&dice.unit()));
            assert!((2.0..=3.0).contains(&dice.between(2.0, 3.0)));
            assert!((10..=1_000_000).contains(&dice.size(10, 1_000_000)));
        }
    }

    #[test]
    fn the_normal_numbers_have_mean_0_and_deviation_1() {
        let mut dice = Dice::new(&0u32);
        let drawn: Vec<f64> = (0..40_000).map(|_| dice.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / drawn.len() as f64;
        // Five deviations of each estimate.
        assert!(mean.abs() < 0.025 && (variance - 1.0).abs() < 0.036, "{mean} {variance}");
    }
}
