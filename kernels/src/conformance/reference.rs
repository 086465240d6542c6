//! The functions on floats that Rust lacks, computed with integers: `ldexp`, `frexp`, `nextafter`,
//! comparisons, and rounding in other directions.

use super::mask;

/// A rounding direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rounding {
    /// To nearest, ties to even: `_rte`.
    Even,
    /// Towards zero: `_rtz`.
    Zero,
    /// Upwards: `_rtp`.
    Up,
    /// Downwards: `_rtn`.
    Down,
}

macro_rules! reference {
    ($(#[$doc:meta])* $name:ident, $float:ident, $bits:ident, $canonical_nan:expr) => {
        $(#[$doc])*
        pub(super) mod $name {
            use super::{mask, Rounding};
            use std::cmp::Ordering;

            const MANTISSA: u32 = $float::MANTISSA_DIGITS - 1;
            /// The exponent of the smallest denormal.
            const LOWEST: i32 = $float::MIN_EXP - $float::MANTISSA_DIGITS as i32;
            const MAGNITUDE: $bits = $bits::MAX >> 1;

            /// The bits of a float, with one pattern for all NaNs.
            pub(in super::super) fn canonical(f: $float) -> u64 {
                if f.is_nan() { $canonical_nan } else { f.to_bits().into() }
            }

            /// Whether a float is finite and not 0.
            pub(in super::super) fn is_plain(f: $float) -> bool {
                f.is_finite() && f != 0.0
            }

            /// Mantissa and exponent of a number that is finite and not 0. The number is mantissa
            /// times 2^exponent.
            fn parts(f: $float) -> ($bits, i32) {
                let magnitude = f.to_bits() & MAGNITUDE;
                let (exponent, mantissa) = ((magnitude >> MANTISSA) as i32, magnitude & ((1 << MANTISSA) - 1));
                if exponent == 0 { (mantissa, LOWEST) } else { (mantissa | 1 << MANTISSA, exponent - 1 + LOWEST) }
            }

            /// The exponent of the leading bit.
            pub(in super::super) fn ilogb(f: $float) -> i32 {
                let (mantissa, exponent) = parts(f);
                exponent + mantissa.ilog2() as i32
            }

            pub(in super::super) fn ldexp(f: $float, n: i32) -> $float {
                if !is_plain(f) {
                    return f;
                }
                let top = ilogb(f) + n;
                if top >= $float::MAX_EXP {
                    return $float::INFINITY.copysign(f);
                }
                let (mantissa, exponent) = parts(f);
                let unit = (top - MANTISSA as i32).max(LOWEST);
                let scaled = match unit - (exponent + n) {
                    shift if shift <= 0 => mantissa << (-shift),
                    shift if shift > MANTISSA as i32 + 2 => 0,
                    shift => {
                        let (kept, lost) = (mantissa >> shift, mantissa & ((1 << shift) - 1));
                        match lost.cmp(&(1 << (shift - 1))) {
                            Ordering::Less => kept,
                            Ordering::Equal => kept + (kept & 1),
                            Ordering::Greater => kept + 1,
                        }
                    }
                };
                // The leading bit of the mantissa adds 1 to the exponent, so a carry out of
                // rounding does as well.
                $float::from_bits((((unit - LOWEST) as $bits) << MANTISSA) + scaled).copysign(f)
            }

            pub(in super::super) fn frexp(f: $float) -> ($float, i32) {
                if !is_plain(f) {
                    return (f, 0);
                }
                let exponent = ilogb(f) + 1;
                (ldexp(f, -exponent), exponent)
            }

            pub(in super::super) fn modf(f: $float) -> ($float, $float) {
                ((f - f.trunc()).copysign(f), f.trunc())
            }

            pub(in super::super) fn next_after(a: $float, b: $float) -> $float {
                if a.is_nan() || b.is_nan() {
                    $float::NAN
                } else if a == b {
                    b
                } else if a == 0.0 {
                    $float::from_bits(1).copysign(b)
                } else if (a < b) == (a > 0.0) {
                    $float::from_bits(a.to_bits() + 1)
                } else {
                    $float::from_bits(a.to_bits() - 1)
                }
            }

            pub(in super::super) fn fdim(a: $float, b: $float) -> $float {
                match a.partial_cmp(&b) {
                    None => $float::NAN,
                    Some(Ordering::Greater) => a - b,
                    Some(_) => 0.0,
                }
            }

            /// The smaller operand (`Less`) or the larger one (`Greater`); if one is NaN, the
            /// other. 0 for two zeros.
            pub(in super::super) fn extreme(a: $float, b: $float, which: Ordering) -> u64 {
                if a == 0.0 && b == 0.0 {
                    return 0;
                }
                let takes_a = b.is_nan() || a.partial_cmp(&b).is_some_and(|order| order == which);
                canonical(if takes_a { a } else { b })
            }

            pub(in super::super) fn comparisons(a: $float, b: $float) -> u64 {
                let unordered = a.partial_cmp(&b).is_none();
                mask(&[
                    a == b, a != b, a < b, a > b, a <= b, a >= b,
                    a < b, a >= b, unordered,
                    a.is_nan(), a.is_infinite(), a.is_finite(), a.is_normal(), a.is_sign_negative(),
                ])
            }

            /// Correct `rounded` to the given rounding direction. `rounded` is the exact value or a
            /// neighbour of it, and `is` is its order relative to the exact value.
            pub(in super::super) fn redirected(rounded: $float, is: Ordering, rounding: Rounding) -> $float {
                let too_large = is == Ordering::Greater
                    && (rounding == Rounding::Down || rounding == Rounding::Zero && rounded > 0.0);
                let too_small = is == Ordering::Less
                    && (rounding == Rounding::Up || rounding == Rounding::Zero && rounded < 0.0);
                if too_large {
                    next_after(rounded, $float::NEG_INFINITY)
                } else if too_small {
                    next_after(rounded, $float::INFINITY)
                } else {
                    rounded
                }
            }

            /// Convert an integer of at most 64 bits to a float.
            pub(in super::super) fn from_integer(value: impl Into<i128>, rounding: Rounding) -> u64 {
                let value = value.into();
                let rounded = value as $float;
                canonical(redirected(rounded, (rounded as i128).cmp(&value), rounding))
            }
        }
    };
}

reference!(
    /// References in fp32.
    single, f32, u32, 0x7fc0_0000
);
reference!(
    /// References in fp64.
    double, f64, u64, 0x7ff8_0000_0000_0000
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_is_multiplication_by_a_power_of_two() {
        let patterns = (0..=u32::MAX).step_by(40_009).chain([1, 3, 0x7f_ffff, 0x80_0000, 0x7f7f_ffff, 0x3fff_ffff]);
        for a in patterns.map(f32::from_bits).filter(|a| !a.is_nan()) {
            for n in [-280, -150, -149, -127, -126, -24, -1, 0, 1, 23, 127, 260] {
                // Exact in fp64, and then rounded once.
                let expected = (f64::from(a) * 2f64.powi(n)) as f32;
                assert_eq!(single::ldexp(a, n).to_bits(), expected.to_bits(), "{a:e} {n}");
            }
        }
        assert_eq!(double::ldexp(3.0, -1075), f64::from_bits(2));
        assert_eq!(double::ldexp(5.0, -1076), f64::from_bits(1));
        assert_eq!(double::ldexp(2.0, -1076), 0.0);
        assert_eq!(double::ldexp(f64::from_bits(1), 2097), 2f64.powi(1023));
        assert_eq!(double::ldexp(-1.5, 1024), f64::NEG_INFINITY);
    }

    #[test]
    fn parts_make_the_number_again() {
        for a in (1..0x7f80_0000u32).step_by(99_991).map(f32::from_bits).flat_map(|a| [a, -a]) {
            let (mantissa, exponent) = single::frexp(a);
            assert!((0.5..1.0).contains(&mantissa.abs()));
            assert_eq!(single::ldexp(mantissa, exponent), a);
            let (fraction, whole) = single::modf(a);
            assert_eq!((fraction + whole, whole.fract()), (a, 0.0));
        }
        assert_eq!(single::modf(-3.0).0.to_bits(), 1 << 31);
        assert_eq!(single::ilogb(f32::from_bits(1)), -149);
        assert_eq!(double::ilogb(f64::from_bits(1)), -1074);
    }

    #[test]
    fn neighbours_are_one_step_away() {
        let next = |a: f32, b: f32| single::next_after(a, b);
        assert_eq!(next(1.0, 2.0).to_bits(), 0x3f80_0001);
        assert_eq!(next(1.0, -2.0).to_bits(), 0x3f7f_ffff);
        assert_eq!(next(-1.0, 2.0).to_bits(), 0xbf7f_ffff);
        assert_eq!(next(0.0, -1.0).to_bits(), 0x8000_0001);
        assert_eq!(next(f32::MAX, f32::INFINITY), f32::INFINITY);
        assert!(next(f32::NAN, 1.0).is_nan() && next(1.0, f32::NAN).is_nan());
    }
}
