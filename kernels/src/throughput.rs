//! Work that uses memory and arithmetic alike, to measure how much a device computes in a given
//! time.
//!
//! One tile is one unit of work. Tiles share no work, and each takes all its steps, one after the
//! other. README.md describes the guarantees of the kernel, and their limits.

use crate::{Job, JobError, ReadyKernel};

/// The kernel.
pub const KERNEL: ReadyKernel = ReadyKernel {
    name: "throughput",
    source: include_str!("../throughput/throughput.cl"),
    description: include_str!("../throughput/kernel.toml"),
};

/// Work-items of a work-group.
pub const LANES: u32 = 64;
/// Bytes of a tile: 64 rows of 64 columns of 16 bytes.
pub const TILE_BYTES: u32 = 65_536;
/// Passes over a tile: the number of rows read and written, in an order that depends on the data,
/// divided by the rows of the tile.
pub const PASSES: u32 = 128;

const WIDTH: usize = LANES as usize;
const ROWS: usize = TILE_BYTES as usize / WIDTH / 16;
const STIRS: usize = 12;
/// "expand 32-byte k", the constant of ChaCha.
const CONSTANT: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// The job of `tiles` tiles with this `seed`.
///
/// # Errors
///
/// [`JobError`] if `tiles` is 0, or if 32 bits cannot count the work-items.
pub fn job(seed: u64, tiles: u32) -> Result<Job, JobError> {
    crate::job::multiple_of("tiles", tiles, 1)?;
    crate::job::at_most("tiles", tiles.into(), (u32::MAX / LANES).into())?;
    let scalars = vec![seed.to_le_bytes().to_vec()];
    Job::new(KERNEL, [tiles, 1, 1], [LANES, 1, 1], scalars, vec![], move |group| tile(seed, group))
}

/// Four words of every lane.
type Words = [[u32; WIDTH]; 4];

fn tile(seed: u64, group: u32) -> Vec<u8> {
    let mut state = State::new(seed, group);
    for _ in 0..STIRS {
        state.step(&CONSTANT.map(|word| [word; WIDTH]));
    }

    let mut rows: Vec<Words> = Vec::with_capacity(ROWS);
    for row in 0..ROWS {
        rows.push(state.words);
        state.step(&[[row as u32; WIDTH]; 4]);
    }

    for _ in 0..PASSES as usize * ROWS {
        let at: [usize; WIDTH] = std::array::from_fn(|lane| (state.words[0][lane] >> 26) as usize);
        let read = std::array::from_fn(|word| std::array::from_fn(|lane| rows[at[lane]][word][lane]));
        state.step(&read);
        for (word, (state, read)) in state.words.iter().zip(&read).enumerate() {
            for (lane, row) in at.iter().enumerate() {
                rows[*row][word][lane] = state[lane] ^ read[lane];
            }
        }
    }

    for row in &mut rows {
        state.step(row);
        for (row, state) in row.as_flattened_mut().iter_mut().zip(state.words.as_flattened()) {
            *row ^= state;
        }
    }
    let in_order = |row: Words| (0..WIDTH).flat_map(move |lane| row.map(|word| word[lane].to_le_bytes()));
    rows.into_iter().flat_map(in_order).flatten().collect()
}

struct State {
    words: Words,
    steps: usize,
}

impl State {
    fn new(seed: u64, group: u32) -> Self {
        let lanes = std::array::from_fn(|lane| lane as u32);
        State { words: [[seed as u32; WIDTH], [(seed >> 32) as u32; WIDTH], [group; WIDTH], lanes], steps: 0 }
    }

    /// Step every lane with `read` and the state of its partner, the lane whose number differs in
    /// one bit.
    fn step(&mut self, read: &Words) {
        let flip = 1 << (self.steps % 6);
        self.steps += 1;
        let partners: Words = self.words.map(|word| std::array::from_fn(|lane| word[lane ^ flip]));
        // Two loops, because the compiler only vectorises the first one if it calls nothing.
        for lane in 0..WIDTH {
            let round = quarter_round(std::array::from_fn(|word| self.words[word][lane] ^ read[word][lane]));
            for (word, round) in round.into_iter().enumerate() {
                self.words[word][lane] = round.wrapping_add(partners[word][lane]);
            }
        }
        let operands = read.as_flattened().iter().zip(partners.as_flattened());
        for (word, (y, z)) in self.words.as_flattened_mut().iter_mut().zip(operands) {
            *word ^= multiplied(*y, *z);
        }
    }
}

/// RFC 8439, section 2.1.
fn quarter_round([mut a, mut b, mut c, mut d]: [u32; 4]) -> [u32; 4] {
    for (first, second) in [(16, 12), (8, 7)] {
        a = a.wrapping_add(b);
        d = (d ^ a).rotate_left(first);
        c = c.wrapping_add(d);
        b = (b ^ c).rotate_left(second);
    }
    [a, b, c, d]
}

/// Four fused multiply-adds of numbers built from the words' upper 23 bits.
fn multiplied(y: u32, z: u32) -> u32 {
    let number = |word: u32, exponent: u32| f32::from_bits(word >> 9 | exponent << 23);
    let (mut value, factor, term) = (number(y, 127), number(z, 126), number(y.wrapping_add(z), 127));
    for _ in 0..4 {
        value = value.mul_add(factor, term);
    }
    value.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{blake2, kernel::Tiling};

    const GOLDEN_PRODUCT: u32 = 0x4076_a574;
    const GOLDEN_TILES: &str = "efdaf67597f4ffb2ca066f2bfdfc1242454ba3e64ac7ae39a4f5885c468b0257";

    #[test]
    fn the_quarter_round_is_that_of_chacha() {
        // RFC 8439, section 2.1.1.
        let after = quarter_round([0x1111_1111, 0x0102_0304, 0x9b8d_6f43, 0x0123_4567]);
        assert_eq!(after, [0xea2a_92f4, 0xcb1c_f8ce, 0x4581_472e, 0x5881_c4bb]);
    }

    #[test]
    fn multiply_adds_round_once() {
        // 1.5 * 0.5 + 1.5 = 2.25, then 2.625, 2.8125, 2.90625.
        assert_eq!(multiplied(1 << 31, 0), 2.90625f32.to_bits());
        assert_eq!(multiplied(0xdead_beef, 0x0bad_cafe), GOLDEN_PRODUCT);
    }

    #[test]
    fn tiles_are_what_they_were() {
        let job = job(0x0123_4567_89ab_cdef, 3).unwrap();
        assert_eq!((job.groups(), job.global_size), (3, [192, 1, 1]));
        assert_eq!(job.kernel.manifest().unwrap().tiling, Tiling::PerGroup { bytes: TILE_BYTES });
        let tiles = job.reference(0..3);
        assert_eq!(tiles.len(), 3 * TILE_BYTES as usize);
        assert_eq!(format!("{:x}", blake2(&tiles)), GOLDEN_TILES);
    }

    #[test]
    fn a_tile_differs_from_all_others_everywhere() {
        let reference = |seed, group| job(seed, 9).unwrap().reference(group..group + 1);
        let one = reference(7, 3);
        for other in [reference(7, 4), reference(6, 3), reference(7 | 1 << 63, 3)] {
            let equal = one.chunks(16).zip(other.chunks(16)).filter(|(a, b)| a == b).count();
            assert_eq!(equal, 0);
        }
    }

    #[test]
    fn the_bits_of_a_tile_are_even() {
        let ones: u32 = tile(1, 1).iter().map(|byte| byte.count_ones()).sum();
        // Half of 524,288, within six standard deviations of 362.
        assert!((262_144 - 2_172..262_144 + 2_172).contains(&ones), "{ones}");
    }

    #[test]
    fn wrong_sizes_are_named() {
        assert_eq!(job(1, 0).unwrap_err(), JobError::NotMultiple { name: "tiles", found: 0, of: 1 });
        let too_many = JobError::TooLarge { name: "tiles", found: 1 << 26, most: (1 << 26) - 1 };
        assert_eq!(job(1, 1 << 26).unwrap_err(), too_many);
    }
}
