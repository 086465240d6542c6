//! Results of a device's arithmetic on edge cases, per operation. They show which claims a device
//! can make.
//!
//! The output has five sections of 32 tiles. A tile has 64 words; each word is a hash of the
//! results of one operation. Every device must get the first two sections right. Each of the others
//! is an optional claim.

mod floats;
mod integers;
mod operands;
mod reference;

use crate::{Job, JobError, ReadyKernel, job::at_most};
use operands::{Operands, drawn};

/// The kernel.
pub const KERNEL: ReadyKernel = ReadyKernel {
    name: "conformance",
    source: include_str!("../conformance/conformance.cl"),
    description: include_str!("../conformance/kernel.toml"),
};

/// Claim: fp32 denormals are kept, as operands and as results.
pub const DENORMALS: u32 = 1;
/// Claim: fp32 division and square root are correctly rounded.
pub const ROUNDED_DIV_SQRT: u32 = 2;
/// Claim: the device has fp64, which is exact.
pub const FP64: u32 = 4;
/// All claims.
pub const ALL_CLAIMS: u32 = DENORMALS | ROUNDED_DIV_SQRT | FP64;

/// Work-items of a work-group, and words of a tile.
pub const WORDS: u32 = 64;
/// Bytes of a tile.
pub const TILE_BYTES: u32 = 4 * WORDS;
/// Sections of the output, one for each kind of arithmetic.
pub const SECTIONS: u32 = 5;
/// Tiles of a section.
pub const SLICES: u32 = 32;
/// Work-groups of the job, which always computes all of them.
pub const GROUPS: u32 = SECTIONS * SLICES;

const INTEGER_SECTION: u32 = 0;
const DENORMAL_SECTION: u32 = 2;
const ROUNDED_SECTION: u32 = 3;
const DOUBLE_SECTION: u32 = 4;

/// Pairs of operands in a slice. All slices together cover the square of the table.
const PAIRS: u32 = (operands::TABLE * operands::TABLE) as u32 / SLICES;
const VARIANTS: u32 = 3;

/// The job that tests a device with these `claims`. The sections of other claims are zeros.
///
/// # Errors
///
/// [`JobError::TooLarge`] if `claims` has other bits than [`ALL_CLAIMS`].
pub fn job(seed: u64, claims: u32) -> Result<Job, JobError> {
    at_most("claims", claims.into(), ALL_CLAIMS.into())?;
    let scalars = vec![seed.to_le_bytes().to_vec(), claims.to_le_bytes().to_vec()];
    Job::new(KERNEL, [GROUPS, 1, 1], [WORDS, 1, 1], scalars, vec![], move |group| tile(seed, claims, group))
}

/// The error of an output that proves a device unfit, or has the wrong length.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ConformanceError {
    /// The output does not have the length of [`GROUPS`] tiles.
    #[error("the output has {found} bytes, but must have {expected}")]
    WrongLength {
        /// Bytes found.
        found: usize,
        /// Bytes expected.
        expected: usize,
    },
    /// Operations that every device must get right have wrong results.
    #[error("wrong results of {}", .0.join(", "))]
    Unfit(Vec<&'static str>),
}

/// The claims that hold for the device that computed `output`. `output` must be that of a job with
/// `seed` and [`ALL_CLAIMS`].
///
/// # Errors
///
/// [`ConformanceError`] if the device must not be used at all.
pub fn claims(output: &[u8], seed: u64) -> Result<u32, ConformanceError> {
    let wrong = wrong_operations(output, seed)?;
    let unfit: Vec<_> = wrong.iter().filter(|(claim, _)| *claim == 0).map(|(_, name)| *name).collect();
    if !unfit.is_empty() {
        return Err(ConformanceError::Unfit(unfit));
    }
    Ok(wrong.iter().fold(ALL_CLAIMS, |claims, (claim, _)| claims & !claim))
}

/// The operations with wrong results in `output`, the output of a job with `seed` and
/// [`ALL_CLAIMS`]. Each has the claim that it belongs to, or 0 if every device must get it right,
/// and its name. If a device does not support a claim, all its operations are wrong.
///
/// # Errors
///
/// [`ConformanceError::WrongLength`].
pub fn wrong_operations(output: &[u8], seed: u64) -> Result<Vec<(u32, &'static str)>, ConformanceError> {
    let expected = GROUPS as usize * TILE_BYTES as usize;
    if output.len() != expected {
        return Err(ConformanceError::WrongLength { found: output.len(), expected });
    }
    let mut wrong = Vec::new();
    for (section, found) in (0..SECTIONS).zip(output.chunks(expected / SECTIONS as usize)) {
        let reference: Vec<u8> =
            (section * SLICES..(section + 1) * SLICES).flat_map(|group| tile(seed, ALL_CLAIMS, group)).collect();
        let names = names(section);
        for word in 0..WORDS as usize {
            let of = |bytes: &[u8]| -> Vec<u8> {
                bytes.chunks(TILE_BYTES as usize).flat_map(|tile| tile[4 * word..][..4].to_vec()).collect()
            };
            if of(found) != of(&reference) {
                wrong.push((claim_of(section), names.get(word).copied().unwrap_or("nothing")));
            }
        }
    }
    Ok(wrong)
}

/// The claim that a section belongs to; 0 for sections that every device must get right.
fn claim_of(section: u32) -> u32 {
    match section {
        DENORMAL_SECTION => DENORMALS,
        ROUNDED_SECTION => ROUNDED_DIV_SQRT,
        DOUBLE_SECTION => FP64,
        _ => 0,
    }
}

fn names(section: u32) -> Vec<&'static str> {
    if section == INTEGER_SECTION {
        integers::OPS.iter().map(|(name, _)| *name).collect()
    } else {
        floats::names(section)
    }
}

fn tile(seed: u64, claims: u32, group: u32) -> Vec<u8> {
    let (section, slice) = (group / SLICES, group % SLICES);
    let mut words = [0; WORDS as usize];
    if claim_of(section) & !claims == 0 {
        let count = names(section).len();
        for (word, number) in words[..count].iter_mut().zip(group * WORDS..) {
            *word = drawn(!seed, number.into()) as u32;
        }
        for (p, v) in (slice * PAIRS..(slice + 1) * PAIRS).flat_map(|p| (0..VARIANTS).map(move |v| (p, v))) {
            let operands = Operands::new(seed, section, p, v);
            for (op, word) in words[..count].iter_mut().enumerate() {
                let result = match section {
                    INTEGER_SECTION => integers::OPS[op].1(&operands),
                    _ => floats::result(section, op, &operands),
                };
                *word = fold(fold(*word, result as u32), (result >> 32) as u32);
            }
        }
    }
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn fold(hash: u32, value: u32) -> u32 {
    let hash = (hash ^ value).wrapping_mul(0x9e37_79b1);
    hash ^ hash >> 15
}

/// Booleans as bits, with the first in the lowest bit.
fn mask(all: &[bool]) -> u64 {
    all.iter().rev().fold(0, |mask, holds| mask << 1 | u64::from(*holds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{blake2, kernel::Tiling};

    const GOLDEN_SECTIONS: [&str; 5] = [
        "d35039622aabc0ab77eb902e79e2c26e3c48d703fa259881c7e0933df3d88cdf",
        "33a718f7eb71bbff1d89cec02176dd1524e1c9dd5dbb5f405d7621994f40cbc1",
        "02171ef72da3ae800f939b6408726ff8b180fefbf645c74ea75c939f645af81f",
        "2249fc87b32bb102123830516fcf2c4d0309860508f092ce00192bce4933ffaf",
        "700bd9168d7337e6917c5494e07709501d08e694c406ec97fe81424cc6982c3b",
    ];
    const SECTION_BYTES: usize = (SLICES * TILE_BYTES) as usize;

    fn output(seed: u64, claims: u32) -> Vec<u8> {
        job(seed, claims).unwrap().reference(0..GROUPS)
    }

    #[test]
    fn results_are_what_they_were() {
        let job = job(42, ALL_CLAIMS).unwrap();
        assert_eq!((job.groups(), job.global_size), (GROUPS, [GROUPS * WORDS, 1, 1]));
        assert_eq!(job.kernel.manifest().unwrap().tiling, Tiling::PerGroup { bytes: TILE_BYTES });
        let sections: Vec<String> =
            output(42, ALL_CLAIMS).chunks(SECTION_BYTES).map(|section| format!("{:x}", blake2(section))).collect();
        assert_eq!(sections, GOLDEN_SECTIONS);
    }

    #[test]
    fn what_is_not_claimed_is_zeros() {
        let all = output(3, ALL_CLAIMS);
        for claims in [0, DENORMALS, ROUNDED_DIV_SQRT | FP64] {
            for (section, (found, whole)) in
                (0..).zip(output(3, claims).chunks(SECTION_BYTES).zip(all.chunks(SECTION_BYTES)))
            {
                if claim_of(section) & !claims == 0 {
                    assert!(found == whole && whole.iter().any(|byte| *byte != 0));
                } else {
                    assert!(found.iter().all(|byte| *byte == 0));
                }
            }
        }
    }

    #[test]
    fn another_seed_gives_other_words() {
        let (one, other) = (output(1, ALL_CLAIMS), output(2, ALL_CLAIMS));
        let words = one.as_chunks::<4>().0.iter().zip(other.as_chunks::<4>().0);
        let used = words.clone().filter(|(a, _)| **a != [0; 4]).count();
        assert_eq!(used, (SLICES as usize) * (64 + 50 + 50 + 7 + 50));
        assert_eq!(words.filter(|(a, b)| **a != [0; 4] && a == b).count(), 0);
    }

    #[test]
    fn a_device_that_is_right_everywhere_may_claim_everything() {
        assert_eq!(claims(&output(9, ALL_CLAIMS), 9), Ok(ALL_CLAIMS));
    }

    #[test]
    fn a_wrong_word_takes_its_sections_claim() {
        for (section, left) in [(2, ROUNDED_DIV_SQRT | FP64), (3, DENORMALS | FP64), (4, DENORMALS | ROUNDED_DIV_SQRT)]
        {
            let mut output = output(9, ALL_CLAIMS);
            output[section * SECTION_BYTES + 5 * TILE_BYTES as usize + 4 * 4] ^= 1;
            assert_eq!(claims(&output, 9), Ok(left));
        }
        // The output of a device without fp64.
        assert_eq!(claims(&output(9, ALL_CLAIMS & !FP64), 9), Ok(ALL_CLAIMS & !FP64));
    }

    #[test]
    fn a_device_that_is_wrong_where_all_must_be_right_is_unfit() {
        let mut output = output(9, ALL_CLAIMS);
        output[4 * 16] ^= 0x80;
        output[SECTION_BYTES + 4 * 4] ^= 1;
        let error = claims(&output, 9).unwrap_err();
        assert_eq!(error, ConformanceError::Unfit(vec!["mad_sat(int)", "fma"]));
        assert_eq!(error.to_string(), "wrong results of mad_sat(int), fma");
        assert!(matches!(claims(&output, 10), Err(ConformanceError::Unfit(_))));
    }

    #[test]
    fn output_of_another_length_is_refused() {
        let error = ConformanceError::WrongLength { found: 3, expected: 40_960 };
        assert_eq!(claims(&[0; 3], 9), Err(error));
    }

    #[test]
    fn unknown_claims_are_refused() {
        assert_eq!(job(1, 8).unwrap_err(), JobError::TooLarge { name: "claims", found: 8, most: 7 });
    }
}
