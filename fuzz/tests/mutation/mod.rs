//! Mutations of a corpus.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Numbers at which lengths and counts go wrong, as SCALE and fixed widths encode them.
const EXTREMES: [&[u8]; 10] = [
    &[0],
    &[0xff],
    &[0xfc],
    &[0xfd, 0xff],
    &[0xfe, 0xff, 0xff, 0xff],
    &[0x03, 0xff, 0xff, 0xff, 0xff],
    &[0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0xff; 4],
    &[0xff; 8],
    &[0, 0, 0, 0x80],
];

/// Makes inputs from a corpus, always the same ones for the same name.
pub(crate) struct Mutator {
    rng: ChaCha8Rng,
    corpus: Vec<Vec<u8>>,
    longest: usize,
}

impl Mutator {
    /// A mutator for the target `name`. Inputs have at most `longest` bytes.
    pub(crate) fn new(name: &str, corpus: Vec<Vec<u8>>, longest: usize) -> Self {
        assert!(!corpus.is_empty(), "the corpus of {name} is empty");
        let seed = name.bytes().fold(0xd914, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        Self { rng: ChaCha8Rng::seed_from_u64(seed), corpus, longest }
    }

    /// The next input: one of the corpus after one to four changes, or random bytes.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        let mut data = if self.rng.random_ratio(1, 16) {
            let len = self.rng.random_range(0..64);
            (0..len).map(|_| self.rng.random()).collect()
        } else {
            self.one_of_the_corpus()
        };
        for _ in 0..self.rng.random_range(1..=4) {
            self.change(&mut data);
        }
        data.truncate(self.longest);
        data
    }

    fn one_of_the_corpus(&mut self) -> Vec<u8> {
        let at = self.rng.random_range(0..self.corpus.len());
        self.corpus[at].clone()
    }

    fn change(&mut self, data: &mut Vec<u8>) {
        let at = self.rng.random_range(0..=data.len());
        let end = (at + self.rng.random_range(1..=16)).min(data.len());
        match self.rng.random_range(0..8) {
            0 if at < data.len() => data[at] ^= 1 << self.rng.random_range(0..8),
            1 if at < data.len() => data[at] = self.rng.random(),
            2 => data.insert(at, self.rng.random()),
            3 => drop(data.drain(at..end)),
            4 => data.truncate(at),
            5 => {
                let part = data[at..end].to_vec();
                data.splice(at..at, part);
            }
            6 => {
                let extreme = EXTREMES[self.rng.random_range(0..EXTREMES.len())];
                let end = (at + extreme.len()).min(data.len());
                data.splice(at..end, extreme.iter().copied());
            }
            _ => {
                let other = self.one_of_the_corpus();
                let from = self.rng.random_range(0..=other.len());
                data.truncate(at);
                data.extend_from_slice(&other[from..]);
            }
        }
    }
}
