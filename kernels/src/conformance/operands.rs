//! The operands of every evaluation: tables of edge cases, and numbers drawn from the seed.

use super::reference::{double, single};

pub(super) const TABLE: usize = 48;

const INTEGERS: [u32; TABLE] = [
    0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x00000005, 0x00000007, 0x00000008, 0x0000000f, 0x00000010,
    0x0000001f, 0x00000020, 0x00000021, 0x0000003f, 0x00000040, 0x00000041, 0x0000007f, 0x00000080, 0x00000081,
    0x000000ff, 0x00000100, 0x00007fff, 0x00008000, 0x0000ffff, 0x00010000, 0x00010001, 0x007fffff, 0x00800000,
    0x00ffffff, 0x01000000, 0x33333333, 0x3fffffff, 0x40000000, 0x55555555, 0x7ffffffe, 0x7fffffff, 0x80000000,
    0x80000001, 0xaaaaaaaa, 0xc0000000, 0xffff0000, 0xffff7fff, 0xffff8000, 0xfffffeff, 0xffffff7f, 0xffffff80,
    0xfffffff0, 0xfffffffe, 0xffffffff,
];

const FLOATS: [u32; TABLE] = [
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x3f800001, 0x3f7fffff, 0x40000000, 0xc0000000, 0x3f000000,
    0xbf000000, 0x3effffff, 0x3f000001, 0x3fc00000, 0xbfc00000, 0x40200000, 0xc0200000, 0x40600000, 0x33800000,
    0x33000000, 0xb4000000, 0x42ff0000, 0xc3008000, 0x437f8000, 0x46ffff00, 0xc7000080, 0x477fff80, 0x4affffff,
    0x4b000000, 0x4b000001, 0xcb000001, 0x4b7fffff, 0x4b800000, 0x4b800001, 0x4effffff, 0x4f000000, 0xcf000000,
    0x4f7fffff, 0x4f800000, 0x5effffff, 0x5f000000, 0xdf000000, 0x5f800000, 0x00800000, 0x80800001, 0x7f7fffff,
    0xff7fffff, 0x7f800000, 0x7fc00000,
];

const DENORMALS: [u32; TABLE] = [
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x00000002, 0x00000003, 0x80000003, 0x00000004, 0x0000ffff,
    0x00200000, 0x003fffff, 0x00400000, 0x80400000, 0x00400001, 0x00555555, 0x802aaaaa, 0x007ffffe, 0x007fffff,
    0x807fffff, 0x00800000, 0x80800000, 0x00800001, 0x80ffffff, 0x00ffffff, 0x01000000, 0x81000001, 0x017fffff,
    0x0c000000, 0x0c800001, 0x1f800000, 0x9fb504f3, 0x20000000, 0x33800000, 0x34000000, 0x3e800000, 0x3f000000,
    0xbf000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0xbf800000, 0x3fc00000, 0x40000000, 0x4b000000, 0x4b800000,
    0x7f000000, 0xff800000, 0x7fc00000,
];

#[rustfmt::skip] // rustfmt would put each on a line of its own.
const DOUBLES: [u64; TABLE] = [
    0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000,
    0x3ff0000000000001, 0x3fefffffffffffff, 0x4000000000000000, 0xc000000000000000,
    0x3fe0000000000000, 0xbfe0000000000000, 0x3fdfffffffffffff, 0x3fe0000000000001,
    0x3ff8000000000000, 0xc004000000000000, 0x400c000000000000, 0x3ca0000000000000,
    0x41dfffffffe00000, 0x41dfffffffc00000, 0xc1e0000000100000, 0x41e0000000000000,
    0x41efffffffe00000, 0x41efffffffffffff, 0x41f0000000000000, 0x432fffffffffffff,
    0x4330000000000000, 0x4330000000000001, 0xc330000000000001, 0x433fffffffffffff,
    0x4340000000000000, 0x4340000000000001, 0x43dfffffffffffff, 0x43e0000000000000,
    0xc3e0000000000000, 0x43efffffffffffff, 0x43f0000000000000, 0x3ff0000010000000,
    0x3ff0000030000000, 0x3ff0000010000001, 0x47efffffe0000000, 0x47efffffefffffff,
    0x47effffff0000000, 0x0010000000000000, 0x800fffffffffffff, 0x0000000000000001,
    0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000, 0x7ff8000000000000,
];

/// The operands of one evaluation, named as in the kernel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operands {
    /// 32-bit integers, or the bits of fp32 numbers.
    pub(super) narrow: [u32; 3],
    /// 64-bit integers, or the bits of fp64 numbers.
    pub(super) wide: [u64; 3],
    /// An integer to convert.
    pub(super) i: u32,
    /// A long integer to convert.
    pub(super) l: u64,
    /// An exponent, from -300 to 300.
    pub(super) n: i32,
}

impl Operands {
    /// The operands of variant `v` of pair `p` of `section`.
    pub(super) fn new(seed: u64, section: u32, p: u32, v: u32) -> Self {
        let draws = Draws::new(seed, section, p, v);
        let Draws { y, z, r, .. } = draws;
        let n = (r[3] % 601) as i32 - 300;
        let i = if v == 0 { INTEGERS[y] } else { r[4] as u32 >> (r[5] % 32) };
        let l = if v == 0 { joined(INTEGERS[y], z) } else { r[6] >> (r[7] % 64) };
        let (narrow, wide) = match section {
            super::INTEGER_SECTION => draws.integers(),
            super::DENORMAL_SECTION => (quiet_singles(draws.denormals()), quiet_doubles(draws.doubles())),
            _ => (quiet_singles(draws.singles()), quiet_doubles(draws.doubles())),
        };
        Operands { narrow, wide, i, l, n }
    }

    pub(super) fn singles(&self) -> [f32; 3] {
        self.narrow.map(f32::from_bits)
    }

    pub(super) fn doubles(&self) -> [f64; 3] {
        self.wide.map(f64::from_bits)
    }
}

/// The source of the operands of one evaluation: the places of a pair in the tables, and numbers
/// drawn from the seed. Variant 0 has table entries only, variant 1 has one, and variant 2 has
/// none.
struct Draws {
    v: u32,
    x: usize,
    y: usize,
    z: usize,
    r: [u64; 8],
}

impl Draws {
    fn new(seed: u64, section: u32, p: u32, v: u32) -> Self {
        let key = drawn(seed ^ u64::from(section) << 56, u64::from(p * super::VARIANTS + v));
        let r: [u64; 8] = std::array::from_fn(|k| drawn(key, k as u64));
        Self { v, x: p as usize / TABLE, y: p as usize % TABLE, z: entry(r[2]), r }
    }

    fn integers(&self) -> ([u32; 3], [u64; 3]) {
        let Self { v, x, y, z, r } = *self;
        let a = if v < 2 { INTEGERS[x] } else { shifted(r[0]) };
        let b = if v < 1 { INTEGERS[y] } else { shifted(r[1]) };
        let c = if v < 1 { INTEGERS[z] } else { shifted(r[2]) };
        let wide_a = if v < 2 { joined(INTEGERS[x], entry(r[3])) } else { r[4] >> (r[3] % 64) };
        let wide_b = match v {
            0 if r[5] & 1 == 1 => b as i32 as u64,
            0 => joined(b, entry(r[5] >> 1)),
            _ => r[5] >> (r[6] % 64),
        };
        let wide_c = if v < 1 { joined(c, entry(r[7])) } else { r[7] };
        ([a, b, c], [wide_a, wide_b, wide_c])
    }

    fn denormals(&self) -> [u32; 3] {
        let Self { v, x, y, z, r } = *self;
        let small = |draw: u64, exponent: u64| float_of(draw, (exponent >> 32) as u32 % 32);
        let exponent = 1 + (r[0] >> 32) as u32 % 250;
        // With this exponent, the product is about as large as the smallest numbers.
        let partner = 115 - exponent as i32 + (r[1] >> 32 & 15) as i32;
        match v {
            0 => [x, y, z].map(|place| DENORMALS[place]),
            1 => [DENORMALS[x], small(r[1], r[3]), small(r[2], r[4])],
            _ => [float_of(r[0], exponent), float_of(r[1], partner.max(0) as u32), small(r[2], r[4])],
        }
    }

    /// Numbers without denormals, which become zeros.
    fn singles(&self) -> [u32; 3] {
        let Self { v, x, y, z, r } = *self;
        let near_one = |draw: u64, exponent: u64| float_of(draw, 115 + (exponent % 32) as u32);
        let numbers = match v {
            0 => [x, y, z].map(|place| FLOATS[place]),
            1 => [FLOATS[x], r[1] as u32, (r[1] >> 32) as u32],
            _ => [near_one(r[0], r[4]), near_one(r[1], r[5]), near_one(r[2], r[6])],
        };
        numbers.map(|bits| if bits >> 23 & 0xff == 0 { bits & 0x8000_0000 } else { bits })
    }

    fn doubles(&self) -> [u64; 3] {
        let Self { v, x, y, z, r } = *self;
        let near_one = |draw: u64, exponent: u64| double_of(draw, 983 + exponent % 80);
        match v {
            0 => [x, y, z].map(|place| DOUBLES[place]),
            1 => [DOUBLES[x], r[1], r[2]],
            _ => [near_one(r[0], r[4]), near_one(r[1], r[5]), near_one(r[2], r[6])],
        }
    }
}

/// The place in a table that a draw selects.
fn entry(draw: u64) -> usize {
    (draw % TABLE as u64) as usize
}

/// A long integer with this upper half, and the entry at `low` as its lower half.
fn joined(high: u32, low: usize) -> u64 {
    u64::from(high) << 32 | u64::from(INTEGERS[low])
}

/// An integer of a drawn number of bits.
fn shifted(draw: u64) -> u32 {
    draw as u32 >> ((draw >> 32) % 32)
}

/// Replace signalling NaNs, which OpenCL leaves open.
fn quiet_singles(bits: [u32; 3]) -> [u32; 3] {
    bits.map(|bits| single::canonical(f32::from_bits(bits)) as u32)
}

/// As [`quiet_singles`], for fp64.
fn quiet_doubles(bits: [u64; 3]) -> [u64; 3] {
    bits.map(|bits| double::canonical(f64::from_bits(bits)))
}

/// Number `number` of the sequence with the seed `key`: SplitMix64 (Steele, Lea, Flood, 2014).
pub(super) fn drawn(key: u64, number: u64) -> u64 {
    let z = key.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// An fp32 number with the draw's bits and this exponent, whose mantissa ends in up to 23 zeros.
fn float_of(draw: u64, exponent: u32) -> u32 {
    let mantissa = draw as u32 & 0x7f_ffff & (u32::MAX << ((draw >> 40) % 24));
    (draw >> 32) as u32 & 0x8000_0000 | exponent << 23 | mantissa
}

fn double_of(draw: u64, exponent: u64) -> u64 {
    let mantissa = draw & 0xf_ffff_ffff_ffff & (u64::MAX << ((draw >> 55) % 53));
    draw & 1 << 63 | exponent << 52 | mantissa
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_those_of_splitmix64() {
        // The commonly published first numbers for the seed 1234567.
        let first: Vec<u64> = (0..3).map(|number| drawn(1_234_567, number)).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn the_first_sections_see_no_denormal_and_no_section_a_signalling_nan() {
        for section in 1..super::super::SECTIONS {
            for (p, v) in (0..2304).flat_map(|p| (0..3).map(move |v| (p, v))) {
                let operands = Operands::new(5, section, p, v);
                if section != super::super::DENORMAL_SECTION {
                    assert!(operands.singles().iter().all(|f| !f.is_subnormal()));
                }
                assert!(operands.singles().iter().all(|f| !f.is_nan() || f.to_bits() == 0x7fc0_0000));
                assert!(operands.doubles().iter().all(|f| !f.is_nan() || f.to_bits() == 0x7ff8_0000_0000_0000));
            }
        }
    }

    #[test]
    fn every_pair_of_edge_cases_occurs_and_the_rest_follows_the_seed() {
        let integers = |seed, v| (0..2304).map(move |p| Operands::new(seed, 0, p, v).narrow[..2].to_vec());
        assert_eq!(integers(1, 0).collect::<std::collections::BTreeSet<_>>().len(), 2304);
        assert!(integers(1, 0).eq(integers(2, 0)));
        let equal = integers(1, 2).zip(integers(2, 2)).filter(|(a, b)| a == b).count();
        assert!(equal < 24, "{equal}");
    }
}
