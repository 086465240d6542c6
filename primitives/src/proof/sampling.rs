//! Drawing: uniform numbers from a seed, and samples of distinct tiles.
//!
//! The code is written here instead of taken from a library, because its output is consensus. It
//! must never change with a version.

use crate::{Hash, blake2};
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;

/// A stream of uniform numbers: the words of blake2_256(seed ‖ counter) for counter = 0, 1, ….
pub struct Draws {
    seed: Hash,
    counter: u32,
    block: [u64; 4],
    used: usize,
}

impl Draws {
    /// Start the stream of `seed`.
    pub fn new(seed: Hash) -> Self {
        Self { seed, counter: 0, block: [0; 4], used: 4 }
    }

    /// Draw a uniform 64-bit number.
    pub fn next_u64(&mut self) -> u64 {
        if self.used == self.block.len() {
            let bytes = blake2(&(self.seed, self.counter).encode());
            for (word, chunk) in self.block.iter_mut().zip(bytes.as_bytes().chunks_exact(8)) {
                *word = chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            }
            self.counter = self.counter.wrapping_add(1);
            self.used = 0;
        }
        let word = self.block.get(self.used).copied().unwrap_or_default();
        self.used = self.used.saturating_add(1);
        word
    }

    /// Draw a uniform number below `bound`. Returns 0 if `bound` is 0.
    ///
    /// Multiplies and rejects: D. Lemire, "Fast Random Integer Generation in an Interval", ACM
    /// TOMACS 29(1), 2019, algorithm 5.
    pub fn below(&mut self, bound: u64) -> u64 {
        let Some(reject) = bound.wrapping_neg().checked_rem(bound) else { return 0 };
        loop {
            let product = u128::from(self.next_u64()).saturating_mul(bound.into());
            if product as u64 >= reject {
                return (product >> 64) as u64;
            }
        }
    }
}

/// Draw `count` distinct tiles of `tiles`, in ascending order. Every set is equally likely. Returns
/// all tiles if `count` is not below `tiles`.
///
/// R. Floyd's algorithm (J. Bentley, "Programming Pearls: a sample of brilliance", CACM 30(9),
/// 1987): one draw per tile.
pub fn sample(seed: Hash, tiles: u32, count: u32) -> Vec<u32> {
    if count >= tiles {
        return (0..tiles).collect();
    }
    let mut draws = Draws::new(seed);
    let mut chosen = BTreeSet::new();
    for last in tiles.saturating_sub(count)..tiles {
        let drawn = draws.below(u64::from(last).saturating_add(1)) as u32;
        if !chosen.insert(drawn) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sample_never_changes() {
        assert_eq!(sample(Hash::repeat_byte(7), 16_384, 8), GOLDEN);
    }

    /// Consensus: if this changes, nodes disagree.
    const GOLDEN: [u32; 8] = [2379, 3884, 4601, 4691, 8463, 9800, 11011, 14583];

    #[test]
    fn every_tile_is_drawn_equally_often() {
        let (tiles, count, rounds) = (20u32, 5u32, 8_000u32);
        let mut hits = alloc::vec![0u32; tiles as usize];
        for round in 0..rounds {
            for tile in sample(blake2(&round.encode()), tiles, count) {
                hits[tile as usize] += 1;
            }
        }
        // Binomial(8000, 1/4): mean 2000, deviation 38.7. Five deviations fail for one of 10^5
        // seeds, and the seeds are fixed.
        assert!(hits.iter().all(|h| h.abs_diff(2_000) < 194), "{hits:?}");
    }

    proptest! {
        #[test]
        fn samples_are_distinct_sorted_and_in_range(seed: [u8; 32], tiles in 0u32..5_000, count in 0u32..1_100) {
            let drawn = sample(seed.into(), tiles, count);
            prop_assert_eq!(drawn.len() as u32, count.min(tiles));
            prop_assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(drawn.iter().all(|tile| *tile < tiles));
        }

        #[test]
        fn draws_stay_below_their_bound(seed: [u8; 32], bound in 1u64..) {
            let mut draws = Draws::new(seed.into());
            prop_assert!((0..20).all(|_| draws.below(bound) < bound));
        }
    }
}
