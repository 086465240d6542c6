//! The chain's randomness, and the cost of steering it.
//!
//! # Where it comes from
//!
//! Every BABE block carries a VRF output that its author could neither choose nor predict before
//! its slot. [`Entropy`] folds each of them into one running seed. Nothing that somebody could
//! choose goes into it.
//!
//! # The attack
//!
//! A worker that can foresee a sample computes only the sampled tiles. A worker that commits in
//! block c may also be the author of c. Then it knows all outputs up to that of c before it
//! commits. It could try many commitments, orders of transactions or timestamps until the sample
//! suits it.
//!
//! - A sample contains the outputs of blocks c+1 … c+m ([`Entropy::ripe_at`]), so that nothing done
//!   in c can steer it. The seed does not contain the commitment, so that nobody could grind with
//!   the commitment even knowing all outputs.
//! - Blocks without an output ([`Entropy::fold_in`] of `None`) do not count. A run of such blocks
//!   delays the sample, and does not make it foreseeable.
//! - The author of c+m sees the sample before it publishes its block, and may withhold the block.
//!   That draws the sample once more, with the next author's output, at the price of the block's
//!   reward. An attacker that authors all of c+1 … c+m knows the sample beforehand. For a share s
//!   of the slots the chance of that is s^m. The stake of one task must stay below that price, or m
//!   must grow.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{Hash, blake2, sampling::Draws};
use scale_info::TypeInfo;

/// The chain's running randomness.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Entropy {
    /// Hash of all VRF outputs so far, up to the parent block's.
    pub seed: Hash,
    /// Number of VRF outputs that went into it.
    pub fresh: u64,
}

impl Entropy {
    /// Fold the parent block's VRF output in: seed(n) = blake2_256(seed(n−1) ‖ output). A block
    /// without one changes the seed, so that draws differ, but does not count as fresh.
    pub fn fold_in(&mut self, vrf: Option<Hash>) {
        self.seed = blake2(&(self.seed, vrf).encode());
        if vrf.is_some() {
            self.fresh = self.fresh.saturating_add(1);
        }
    }

    /// The count of outputs from which a draw may be made that nobody can foresee in this block.
    /// This block's own output, which its author knows, is folded in next. Then `m` more must
    /// follow.
    pub fn ripe_at(&self, m: u32) -> u64 {
        self.fresh.saturating_add(1).saturating_add(m.into())
    }

    /// Whether a draw that must wait for [`Self::ripe_at`] may be made.
    pub fn is_ripe(&self, at: u64) -> bool {
        self.fresh >= at
    }

    /// The stream of draws for a purpose and a subject.
    pub fn draws(&self, purpose: &[u8], subject: &impl Encode) -> Draws {
        Draws::new(blake2(&(purpose, self.seed, subject).encode()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::sampling::sample;

    const TILES: u32 = 64;
    const SAMPLES: u32 = 8;
    /// Variants of the committing block that its author can try.
    const VARIANTS: u64 = 64;
    const FUTURES: u64 = 500;

    /// The sample that is drawn `m` outputs after the committing block, whose own output is
    /// `variant`.
    fn drawn(variant: u64, m: u32, future: u64) -> Vec<u32> {
        let mut entropy = Entropy::default();
        let ripe = entropy.ripe_at(m);
        entropy.fold_in(Some(blake2(&(b"committing", variant).encode())));
        let mut block = 0u32;
        while !entropy.is_ripe(ripe) {
            entropy.fold_in(Some(blake2(&(b"later", future, block).encode())));
            block += 1;
        }
        sample(entropy.draws(b"sample", &0u32).next_u64_hash(), TILES, SAMPLES)
    }

    /// The seed of a sample, from a stream of draws.
    trait Seed {
        fn next_u64_hash(&mut self) -> Hash;
    }

    impl Seed for Draws {
        fn next_u64_hash(&mut self) -> Hash {
            blake2(&self.next_u64().encode())
        }
    }

    /// How often tile 0 is sampled when the author of the committing block picks the variant that
    /// looks best to it: the one with the fewest hits over the futures it imagines, which are not
    /// those that come.
    fn caught_after_grinding(m: u32) -> u64 {
        let hits = |variant, futures: core::ops::Range<u64>| {
            futures.filter(|future| drawn(variant, m, *future).contains(&0)).count() as u64
        };
        let best = (0..VARIANTS).min_by_key(|variant| hits(*variant, FUTURES..FUTURES + 20)).unwrap();
        hits(best, 0..FUTURES)
    }

    #[test]
    fn the_author_of_the_committing_block_cannot_steer_its_sample() {
        // Binomial(500, 1/8): mean 62.5, deviation 7.4; four deviations to each side.
        let caught = caught_after_grinding(2);
        assert!((33..=92).contains(&caught), "caught {caught} times of {FUTURES}");
    }

    #[test]
    fn without_later_outputs_it_could() {
        assert_eq!(caught_after_grinding(0), 0, "the attack must work where the defence is missing");
    }

    #[test]
    fn blocks_without_an_output_do_not_make_a_sample_foreseeable() {
        let mut entropy = Entropy::default();
        let ripe = entropy.ripe_at(2);
        entropy.fold_in(Some(Hash::repeat_byte(1)));
        for _ in 0..100 {
            entropy.fold_in(None);
        }
        assert!(!entropy.is_ripe(ripe), "a hundred empty blocks are no output");
        entropy.fold_in(Some(Hash::repeat_byte(2)));
        entropy.fold_in(None);
        assert!(!entropy.is_ripe(ripe));
        entropy.fold_in(Some(Hash::repeat_byte(3)));
        assert!(entropy.is_ripe(ripe));
    }

    #[test]
    fn draws_differ_by_purpose_subject_and_block() {
        let mut entropy = Entropy::default();
        let first = entropy.draws(b"a", &1u32).next_u64();
        assert_ne!(first, entropy.draws(b"b", &1u32).next_u64());
        assert_ne!(first, entropy.draws(b"a", &2u32).next_u64());
        entropy.fold_in(None);
        assert_ne!(first, entropy.draws(b"a", &1u32).next_u64());
    }
}
