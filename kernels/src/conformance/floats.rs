//! Sections 1 to 4: floats, from IEEE 754-2008 and OpenCL C 1.2, sections 6.2.3 and 6.12.2.
//! Operations that Rust lacks (rounding in other directions, saturation, `frexp` and similar
//! functions) are computed with integers here.

use super::{
    fold,
    operands::Operands,
    reference::{Rounding, double, single},
};

use Rounding::*;

/// Convert a float to an integer of `width` bits, saturated, in the lowest bits. Every fp32 number
/// is an fp64 number as well.
fn to_integer(f: f64, rounding: Rounding, width: u32, is_signed: bool) -> u64 {
    let whole = match rounding {
        Even => f.round_ties_even(),
        Zero => f.trunc(),
        Up => f.ceil(),
        Down => f.floor(),
    };
    let (low, high) = if is_signed { (-(1 << (width - 1)), (1 << (width - 1)) - 1) } else { (0, (1 << width) - 1) };
    ((whole as i128).clamp(low, high) & ((1 << width) - 1)) as u64
}

/// Convert fp64 to fp32.
fn narrowed(f: f64, rounding: Rounding) -> f32 {
    let rounded = f as f32;
    match f64::from(rounded).partial_cmp(&f) {
        Some(is) => single::redirected(rounded, is, rounding),
        None => rounded,
    }
}

fn low_half(word: u32) -> u64 {
    word.into()
}

/// Returns `value` if the condition holds, else 0. The kernel also writes 0 where the standard
/// leaves the result to the device.
fn only_if(condition: bool, value: impl FnOnce() -> u64) -> u64 {
    if condition { value() } else { 0 }
}

/// The exponent field of an fp32 number.
fn field(f: f32) -> u32 {
    f.to_bits() >> 23 & 0xff
}

/// Decides which fp32 results are far enough from the denormals that a device without denormals
/// computes them too.
#[derive(Clone, Copy)]
struct Far {
    everything: bool,
}

impl Far {
    fn sum(self, a: f32, b: f32) -> bool {
        self.everything || !single::is_plain(a) || !single::is_plain(b) || field(a).max(field(b)) > 26
    }

    fn product(self, a: f32, b: f32) -> bool {
        self.everything || !single::is_plain(a) || !single::is_plain(b) || field(a) + field(b) > 129
    }

    fn fma(self, a: f32, b: f32, c: f32) -> bool {
        let exact = !single::is_plain(a) || !single::is_plain(b) || !c.is_finite();
        self.everything || exact || field(a) + field(b) > 187 || field(c) > 60
    }

    fn remainder(self, a: f32, b: f32) -> bool {
        self.everything || !single::is_plain(a) || !single::is_plain(b) || field(a).min(field(b)) > 24
    }

    fn scaled(self, a: f32, n: i32) -> bool {
        self.everything || !single::is_plain(a) || field(a) as i32 + n > 2
    }

    fn neighbour(self, a: f32, b: f32) -> bool {
        if self.everything { a != 0.0 || b != 0.0 } else { a.is_nan() || a.abs() > f32::from_bits(0x0080_0001) }
    }
}

type FloatOp = fn(&Operands, Far) -> u64;

/// Every operation of sections 1 and 2 with its name, in the order of the words.
const FLOAT_OPS: [(&str, FloatOp); 50] = [
    ("float +", |o, far| s(o, |[a, b, _]| only_if(far.sum(a, b), || f(a + b)))),
    ("float -", |o, far| s(o, |[a, b, _]| only_if(far.sum(a, b), || f(a - b)))),
    ("float *", |o, far| s(o, |[a, b, _]| only_if(far.product(a, b), || f(a * b)))),
    ("float *, +", |o, far| s(o, |[a, b, c]| only_if(far.product(a, b) && far.sum(a * b, c), || f(a * b + c)))),
    ("fma", |o, far| s(o, |[a, b, c]| only_if(far.fma(a, b, c), || f(a.mul_add(b, c))))),
    ("fma of what * rounds off", |o, far| {
        s(o, |[a, b, _]| only_if(far.product(a, b) && far.fma(a, b, 0.0), || f(a.mul_add(b, -(a * b)))))
    }),
    ("fabs", |o, _| s(o, |[a, _, _]| f(a.abs()))),
    ("floor", |o, _| s(o, |[a, _, _]| f(a.floor()))),
    ("ceil", |o, _| s(o, |[a, _, _]| f(a.ceil()))),
    ("trunc", |o, _| s(o, |[a, _, _]| f(a.trunc()))),
    ("rint", |o, _| s(o, |[a, _, _]| f(a.round_ties_even()))),
    ("round", |o, _| s(o, |[a, _, _]| f(a.round()))),
    ("fmod", |o, far| s(o, |[a, b, _]| only_if(far.remainder(a, b), || f(a % b)))),
    ("fdim", |o, far| s(o, |[a, b, _]| only_if(far.sum(a, b), || f(single::fdim(a, b))))),
    ("ldexp", |o, far| s(o, |[a, _, _]| only_if(far.scaled(a, o.n), || f(single::ldexp(a, o.n))))),
    ("comparisons", |o, _| s(o, |[a, b, _]| single::comparisons(a, b))),
    ("fmin", |o, _| s(o, |[a, b, _]| single::extreme(a, b, std::cmp::Ordering::Less))),
    ("fmax", |o, _| s(o, |[a, b, _]| single::extreme(a, b, std::cmp::Ordering::Greater))),
    ("copysign", |o, _| s(o, |[a, b, _]| f(a.copysign(b)))),
    ("negation", |o, _| s(o, |[a, _, _]| f(-a))),
    ("sign", |o, _| s(o, |[a, _, _]| only_if(!a.is_nan() && a != 0.0, || f(1f32.copysign(a))))),
    ("frexp", |o, _| {
        s(o, |[a, _, _]| {
            let (mantissa, exponent) = single::frexp(a);
            only_if(a.is_finite(), || f(mantissa) | u64::from(exponent as u32) << 32)
        })
    }),
    ("modf", |o, _| {
        s(o, |[a, _, _]| {
            let (fraction, whole) = single::modf(a);
            only_if(a.is_finite(), || f(fraction) | f(whole) << 32)
        })
    }),
    ("nextafter", |o, far| s(o, |[a, b, _]| only_if(far.neighbour(a, b), || f(single::next_after(a, b))))),
    ("ilogb", |o, _| s(o, |[a, _, _]| only_if(single::is_plain(a), || low_half(single::ilogb(a) as u32)))),
    ("(int) float", |o, _| s(o, |[a, _, _]| only_if(field(a) < 158, || low_half(a as i32 as u32)))),
    ("convert_int_sat(float)", |o, _| integer(o, Zero, 32, true)),
    ("convert_int_sat_rte(float)", |o, _| integer(o, Even, 32, true)),
    ("convert_int_sat_rtp(float)", |o, _| integer(o, Up, 32, true)),
    ("convert_int_sat_rtn(float)", |o, _| integer(o, Down, 32, true)),
    ("convert_uint_sat(float)", |o, _| integer(o, Zero, 32, false)),
    ("convert_uint_sat_rte(float)", |o, _| integer(o, Even, 32, false)),
    ("convert_long_sat(float)", |o, _| integer(o, Zero, 64, true)),
    ("convert_ulong_sat(float)", |o, _| integer(o, Zero, 64, false)),
    ("convert_long_sat_rte(float)", |o, _| integer(o, Even, 64, true)),
    ("convert_char_sat_rte(float)", |o, _| integer(o, Even, 8, true)),
    ("convert_uchar_sat(float)", |o, _| integer(o, Zero, 8, false)),
    ("convert_short_sat_rtn(float)", |o, _| integer(o, Down, 16, true)),
    ("convert_ushort_sat_rtp(float)", |o, _| integer(o, Up, 16, false)),
    ("convert_float(int)", |o, _| single::from_integer(o.i as i32, Even)),
    ("convert_float(uint)", |o, _| single::from_integer(o.i, Even)),
    ("convert_float(long)", |o, _| single::from_integer(o.l as i64, Even)),
    ("convert_float(ulong)", |o, _| single::from_integer(o.l, Even)),
    ("convert_float_rtz(int)", |o, _| single::from_integer(o.i as i32, Zero)),
    ("convert_float_rtp(int)", |o, _| single::from_integer(o.i as i32, Up)),
    ("convert_float_rtn(uint)", |o, _| single::from_integer(o.i, Down)),
    ("convert_float_rtz(ulong)", |o, _| single::from_integer(o.l, Zero)),
    ("convert_float_rtp(long)", |o, _| single::from_integer(o.l as i64, Up)),
    ("convert_float(short), (uchar)", |o, _| {
        single::from_integer(o.i as i16, Even) | single::from_integer(o.i as u8, Even) << 32
    }),
    ("float4 *", |o, far| {
        s(o, |[a, b, c]| four([(a, b), (b, b), (c, b), (a, a)].map(|(a, b)| only_if(far.product(a, b), || f(a * b)))))
    }),
];

type RoundedOp = fn([f32; 3]) -> u64;

/// Every operation of section 3 with its name, in the order of the words.
const ROUNDED_OPS: [(&str, RoundedOp); 7] = [
    ("a / b", |[a, b, _]| quotient(a, b)),
    ("b / a", |[a, b, _]| quotient(b, a)),
    ("c / b", |[_, b, c]| quotient(c, b)),
    ("1 / b", |[_, b, _]| quotient(1.0, b)),
    ("sqrt(a)", |[a, _, _]| f(a.sqrt())),
    ("sqrt(fabs(b))", |[_, b, _]| f(b.abs().sqrt())),
    ("float4 /", |[a, b, c]| four([(a, b), (b, c), (c, a), (c, b)].map(|(a, b)| quotient(a, b)))),
];

type DoubleOp = fn(&Operands) -> u64;

/// Every operation of section 4 with its name, in the order of the words.
const DOUBLE_OPS: [(&str, DoubleOp); 50] = [
    ("double +", |o| d(o, |[a, b, _]| w(a + b))),
    ("double -", |o| d(o, |[a, b, _]| w(a - b))),
    ("double *", |o| d(o, |[a, b, _]| w(a * b))),
    ("double *, +", |o| d(o, |[a, b, c]| w(a * b + c))),
    ("fma", |o| d(o, |[a, b, c]| w(a.mul_add(b, c)))),
    ("fma of what * rounds off", |o| d(o, |[a, b, _]| w(a.mul_add(b, -(a * b))))),
    ("double /", |o| d(o, |[a, b, _]| w(a / b))),
    ("1 / double", |o| d(o, |[_, b, _]| w(1.0 / b))),
    ("sqrt", |o| d(o, |[a, _, _]| w(a.sqrt()))),
    ("sqrt(fabs)", |o| d(o, |[_, b, _]| w(b.abs().sqrt()))),
    ("fabs", |o| d(o, |[a, _, _]| w(a.abs()))),
    ("floor", |o| d(o, |[a, _, _]| w(a.floor()))),
    ("ceil", |o| d(o, |[a, _, _]| w(a.ceil()))),
    ("trunc", |o| d(o, |[a, _, _]| w(a.trunc()))),
    ("rint", |o| d(o, |[a, _, _]| w(a.round_ties_even()))),
    ("round", |o| d(o, |[a, _, _]| w(a.round()))),
    ("fmod", |o| d(o, |[a, b, _]| w(a % b))),
    ("fdim", |o| d(o, |[a, b, _]| w(double::fdim(a, b)))),
    ("ldexp", |o| d(o, |[a, _, _]| w(double::ldexp(a, o.n * 8)))),
    ("comparisons", |o| d(o, |[a, b, _]| double::comparisons(a, b))),
    ("fmin", |o| d(o, |[a, b, _]| double::extreme(a, b, std::cmp::Ordering::Less))),
    ("fmax", |o| d(o, |[a, b, _]| double::extreme(a, b, std::cmp::Ordering::Greater))),
    ("copysign", |o| d(o, |[a, b, _]| w(a.copysign(b)))),
    ("frexp", |o| {
        d(o, |[a, _, _]| {
            let (mantissa, exponent) = double::frexp(a);
            only_if(a.is_finite(), || w(mantissa) ^ u64::from(exponent as u32) << 20)
        })
    }),
    ("modf", |o| {
        d(o, |[a, _, _]| {
            let (fraction, whole) = double::modf(a);
            only_if(a.is_finite(), || two(fraction, whole))
        })
    }),
    ("nextafter", |o| d(o, |[a, b, _]| only_if(a != 0.0 || b != 0.0, || w(double::next_after(a, b))))),
    ("ilogb", |o| d(o, |[a, _, _]| only_if(double::is_plain(a), || low_half(double::ilogb(a) as u32)))),
    ("convert_int_sat(double)", |o| wide_integer(o, Zero, 32, true)),
    ("convert_int_sat_rte(double)", |o| wide_integer(o, Even, 32, true)),
    ("convert_int_sat_rtp(double)", |o| wide_integer(o, Up, 32, true)),
    ("convert_int_sat_rtn(double)", |o| wide_integer(o, Down, 32, true)),
    ("convert_uint_sat(double)", |o| wide_integer(o, Zero, 32, false)),
    ("convert_long_sat(double)", |o| wide_integer(o, Zero, 64, true)),
    ("convert_ulong_sat(double)", |o| wide_integer(o, Zero, 64, false)),
    ("convert_long_sat_rte(double)", |o| wide_integer(o, Even, 64, true)),
    ("convert_ulong_sat_rtp(double)", |o| wide_integer(o, Up, 64, false)),
    ("convert_float(double)", |o| narrow(o, Even)),
    ("convert_float_rtz(double)", |o| narrow(o, Zero)),
    ("convert_float_rtp(double)", |o| narrow(o, Up)),
    ("convert_float_rtn(double)", |o| narrow(o, Down)),
    ("convert_double(float)", |o| s(o, |[a, _, _]| w(a.into()))),
    ("convert_double(int)", |o| double::from_integer(o.i as i32, Even)),
    ("convert_double(uint)", |o| double::from_integer(o.i, Even)),
    ("convert_double(long)", |o| double::from_integer(o.l as i64, Even)),
    ("convert_double(ulong)", |o| double::from_integer(o.l, Even)),
    ("convert_double_rtz(long)", |o| double::from_integer(o.l as i64, Zero)),
    ("convert_double_rtp(ulong)", |o| double::from_integer(o.l, Up)),
    ("convert_double_rtn(long)", |o| double::from_integer(o.l as i64, Down)),
    ("(int) double", |o| d(o, |[a, _, _]| only_if(a.abs() < 2_147_483_648.0, || low_half(a as i32 as u32)))),
    ("double2 *", |o| d(o, |[a, b, c]| two(a * b, b * c))),
];

/// The names of the operations of section 1 and 2, 3 or 4.
pub(super) fn names(section: u32) -> Vec<&'static str> {
    match section {
        super::ROUNDED_SECTION => ROUNDED_OPS.iter().map(|(name, _)| *name).collect(),
        super::DOUBLE_SECTION => DOUBLE_OPS.iter().map(|(name, _)| *name).collect(),
        _ => FLOAT_OPS.iter().map(|(name, _)| *name).collect(),
    }
}

/// The result of operation `op` of `section` on `operands`.
pub(super) fn result(section: u32, op: usize, operands: &Operands) -> u64 {
    match section {
        super::ROUNDED_SECTION => ROUNDED_OPS[op].1(operands.singles()),
        super::DOUBLE_SECTION => DOUBLE_OPS[op].1(operands),
        _ => FLOAT_OPS[op].1(operands, Far { everything: section == super::DENORMAL_SECTION }),
    }
}

fn f(value: f32) -> u64 {
    single::canonical(value)
}

fn w(value: f64) -> u64 {
    double::canonical(value)
}

fn s(o: &Operands, op: impl FnOnce([f32; 3]) -> u64) -> u64 {
    op(o.singles())
}

fn d(o: &Operands, op: impl FnOnce([f64; 3]) -> u64) -> u64 {
    op(o.doubles())
}

fn four([first, rest @ ..]: [u64; 4]) -> u64 {
    rest.into_iter().fold(first as u32, |hash, value| fold(hash, value as u32)).into()
}

fn two(first: f64, second: f64) -> u64 {
    w(first).wrapping_mul(3).wrapping_add(w(second))
}

fn quotient(a: f32, b: f32) -> u64 {
    let far = !single::is_plain(a) || !single::is_plain(b) || field(a) + 125 > field(b);
    only_if(far, || f(a / b))
}

fn integer(o: &Operands, rounding: Rounding, width: u32, is_signed: bool) -> u64 {
    s(o, |[a, _, _]| only_if(!a.is_nan(), || to_integer(a.into(), rounding, width, is_signed)))
}

fn wide_integer(o: &Operands, rounding: Rounding, width: u32, is_signed: bool) -> u64 {
    d(o, |[a, _, _]| only_if(!a.is_nan(), || to_integer(a, rounding, width, is_signed)))
}

fn narrow(o: &Operands, rounding: Rounding) -> u64 {
    d(o, |[a, _, _]| {
        let far = a == 0.0 || a.is_nan() || a.abs() >= 2.0 * f64::from(f32::MIN_POSITIVE);
        only_if(far, || f(narrowed(a, rounding)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_round_where_they_are_told() {
        let all = [Even, Zero, Up, Down];
        assert_eq!(all.map(|r| single::from_integer(0x100_0001, r) as u32), [0, 0, 1, 0].map(|n| 0x4b80_0000 + n));
        assert_eq!(all.map(|r| single::from_integer(-0x100_0003, r) as u32), [2, 1, 1, 2].map(|n| 0xcb80_0000 + n));
        assert_eq!(all.map(|r| double::from_integer(u64::MAX, r) - 0x43ef_ffff_ffff_ffff), [1, 0, 1, 0]);
        assert_eq!(all.map(|r| narrowed(1e39, r)), [f32::INFINITY, f32::MAX, f32::INFINITY, f32::MAX]);
        assert_eq!(all.map(|r| narrowed(-1e39, r)), [f32::NEG_INFINITY, f32::MIN, f32::MIN, f32::NEG_INFINITY]);
        assert_eq!(all.map(|r| to_integer(-2.5, r, 32, true) as u32 as i32), [-2, -2, -2, -3]);
        assert_eq!(all.map(|r| to_integer(254.5, r, 8, false)), [254, 254, 255, 254]);
        assert_eq!(all.map(|r| to_integer(f64::INFINITY, r, 64, false)), [u64::MAX; 4]);
        assert_eq!(all.map(|r| to_integer(f64::NEG_INFINITY, r, 16, true)), [0x8000; 4]);
    }
}
