//! Faults an executor can be built to commit, for tests that need a cheating worker.

use dpin_primitives::{blake2, Hash};
use std::str::FromStr;

/// What the executor does wrong on purpose.
///
/// The `dpin-executor` program passes [`Faults::none`] and reads no setting that could change it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Faults {
    wrong_tiles: f64,
}

/// A fault that is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected wrong-tiles:<fraction from 0 to 1>")]
pub struct UnknownFault;

impl Faults {
    /// No faults: an honest executor.
    pub fn none() -> Self {
        Self::default()
    }

    /// Falsify this fraction (0 to 1) of the tiles of every whole task before they are hashed. Samples stay right.
    pub fn wrong_tiles(fraction: f64) -> Self {
        Self { wrong_tiles: fraction.clamp(0.0, 1.0) }
    }

    /// Whether there are none.
    pub(crate) fn is_none(&self) -> bool {
        self.wrong_tiles == 0.0
    }

    /// Whether tile `index` of run `id` is to be falsified: the same tiles whenever the run is repeated.
    pub(crate) fn spoils(&self, id: &Hash, index: u32) -> bool {
        let mut seed = id.as_bytes().to_vec();
        seed.extend_from_slice(&index.to_le_bytes());
        let word = blake2(&seed).as_bytes().first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        f64::from(word) < self.wrong_tiles * (f64::from(u32::MAX) + 1.0)
    }
}

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let fraction: f64 = text.strip_prefix("wrong-tiles:").and_then(|f| f.parse().ok()).ok_or(UnknownFault)?;
        if (0.0..=1.0).contains(&fraction) {
            Ok(Self::wrong_tiles(fraction))
        } else {
            Err(UnknownFault)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoiled(faults: Faults) -> usize {
        (0..10_000).filter(|i| faults.spoils(&Hash::repeat_byte(7), *i)).count()
    }

    #[test]
    fn the_fraction_of_spoiled_tiles_is_the_one_asked_for() {
        assert_eq!(spoiled(Faults::none()), 0);
        assert_eq!(spoiled(Faults::wrong_tiles(1.0)), 10_000);
        assert!((2_300..2_700).contains(&spoiled("wrong-tiles:0.25".parse().unwrap())));
    }

    #[test]
    fn unknown_faults_are_refused() {
        for text in ["", "wrong-tiles", "wrong-tiles:2", "wrong-tiles:-1", "wrong-tiles:NaN", "silence:1"] {
            assert_eq!(text.parse::<Faults>(), Err(UnknownFault), "{text}");
        }
    }
}
