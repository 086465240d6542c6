//! Section 0: integers, from the definitions of OpenCL C 1.2, sections 6.3, 6.2.3.3 and 6.12.3.

use super::operands::Operands;

type Op = fn(&Operands) -> u64;

/// Every operation with its name, in the order of the words.
pub(super) const OPS: [(&str, Op); 64] = [
    ("uint +", |o| n(a(o).wrapping_add(b(o)))),
    ("uint -", |o| n(a(o).wrapping_sub(b(o)))),
    ("uint *", |o| n(a(o).wrapping_mul(b(o)))),
    ("mul_hi(uint)", |o| (u64::from(a(o)) * u64::from(b(o))) >> 32),
    ("mul_hi(int)", |o| n(((i64::from(i(o)) * i64::from(j(o))) >> 32) as u32)),
    ("uint <<", |o| n(a(o) << (b(o) % 32))),
    ("uint >>", |o| n(a(o) >> (b(o) % 32))),
    ("int >>", |o| n((i(o) >> (b(o) % 32)) as u32)),
    ("rotate(uint)", |o| n(a(o).rotate_left(b(o) % 32))),
    ("uint /", |o| n(a(o).checked_div(b(o)).unwrap_or(0))),
    ("int /", |o| n(i(o).checked_div(j(o)).unwrap_or(0) as u32)),
    ("uint %", |o| n(a(o).checked_rem(b(o)).unwrap_or(0))),
    ("int %", |o| n(i(o).checked_rem(j(o)).unwrap_or(0) as u32)),
    ("clz(uint)", |o| n(a(o).leading_zeros())),
    ("popcount(uint)", |o| n(a(o).count_ones())),
    ("mad_sat(uint)", |o| fit(signed(a(o)) * signed(b(o)) + signed(c(o)), 32, false)),
    ("mad_sat(int)", |o| fit(signed(i(o)) * signed(j(o)) + signed(k(o)), 32, true)),
    ("add_sat(uint)", |o| fit(signed(a(o)) + signed(b(o)), 32, false)),
    ("add_sat(int)", |o| fit(signed(i(o)) + signed(j(o)), 32, true)),
    ("sub_sat(uint)", |o| fit(signed(a(o)) - signed(b(o)), 32, false)),
    ("sub_sat(int)", |o| fit(signed(i(o)) - signed(j(o)), 32, true)),
    ("hadd(uint)", |o| n(((signed(a(o)) + signed(b(o))) >> 1) as u32)),
    ("hadd(int)", |o| n(((signed(i(o)) + signed(j(o))) >> 1) as u32)),
    ("rhadd(uint)", |o| n(((signed(a(o)) + signed(b(o)) + 1) >> 1) as u32)),
    ("rhadd(int)", |o| n(((signed(i(o)) + signed(j(o)) + 1) >> 1) as u32)),
    ("abs_diff(uint)", |o| n(a(o).abs_diff(b(o)))),
    ("abs_diff(int)", |o| n(i(o).abs_diff(j(o)))),
    ("abs(int)", |o| n(i(o).unsigned_abs())),
    ("mad_hi(uint)", |o| n((((u64::from(a(o)) * u64::from(b(o))) >> 32) as u32).wrapping_add(c(o)))),
    ("mul24(uint)", |o| n((a(o) & 0xff_ffff).wrapping_mul(b(o) & 0xff_ffff))),
    ("mad24(int)", |o| n(low24(a(o)).wrapping_mul(low24(b(o))).wrapping_add(k(o)) as u32)),
    ("upsample(int, uint)", |o| u64::from(a(o)) << 32 | u64::from(b(o))),
    ("min(int), max(uint)", |o| u64::from(i(o).min(j(o)) as u32) << 32 | u64::from(a(o).max(b(o)))),
    ("bitselect(uint)", |o| n(a(o) & !c(o) | b(o) & c(o))),
    ("select(uint)", |o| n(if c(o) == 0 { a(o) } else { b(o) })),
    ("comparisons", comparisons),
    ("ulong +", |o| wa(o).wrapping_add(wb(o))),
    ("ulong -", |o| wa(o).wrapping_sub(wb(o))),
    ("ulong *", |o| wa(o).wrapping_mul(wb(o))),
    ("mul_hi(ulong)", |o| ((u128::from(wa(o)) * u128::from(wb(o))) >> 64) as u64),
    ("mul_hi(long)", |o| ((i128::from(wi(o)) * i128::from(wj(o))) >> 64) as u64),
    ("ulong <<", |o| wa(o) << (wb(o) % 64)),
    ("ulong >>", |o| wa(o) >> (wb(o) % 64)),
    ("long >>", |o| (wi(o) >> (wb(o) % 64)) as u64),
    ("rotate(ulong)", |o| wa(o).rotate_left((wb(o) % 64) as u32)),
    ("ulong /", |o| wa(o).checked_div(wb(o)).unwrap_or(0)),
    ("long /", |o| wi(o).checked_div(wj(o)).unwrap_or(0) as u64),
    ("ulong %", |o| wa(o).checked_rem(wb(o)).unwrap_or(0)),
    ("long %", |o| wi(o).checked_rem(wj(o)).unwrap_or(0) as u64),
    ("clz(ulong)", |o| n(wa(o).leading_zeros())),
    ("popcount(ulong)", |o| n(wa(o).count_ones())),
    ("mad_sat(ulong)", |o| wa(o).checked_mul(wb(o)).and_then(|p| p.checked_add(wc(o))).unwrap_or(u64::MAX)),
    ("mad_hi(long)", |o| (((i128::from(wi(o)) * i128::from(wj(o))) >> 64) as u64).wrapping_add(wc(o))),
    ("add_sat(long)", |o| fit(signed(wi(o)) + signed(wj(o)), 64, true)),
    ("sub_sat(long)", |o| fit(signed(wi(o)) - signed(wj(o)), 64, true)),
    ("abs_diff(long)", |o| wi(o).abs_diff(wj(o))),
    ("hadd(long)", |o| ((signed(wi(o)) + signed(wj(o))) >> 1) as u64),
    ("mad_sat(short)", |o| {
        let [x, y, z] = o.narrow.map(|word| signed(word as i16));
        fit(x * y + z, 16, true)
    }),
    ("add_sat(char), rotate(uchar)", |o| {
        let sum = fit(signed(a(o) as i8) + signed(b(o) as i8), 8, true);
        sum | u64::from((a(o) as u8).rotate_left(b(o) % 8)) << 8
    }),
    ("convert to char, uchar, ushort _sat(int)", |o| {
        let value = signed(i(o));
        fit(value, 8, true) | fit(value, 8, false) << 8 | fit(value, 16, false) << 16
    }),
    ("convert to short, int _sat(long)", |o| fit(signed(wi(o)), 16, true) | fit(signed(wi(o)), 32, true) << 32),
    ("convert to uint _sat(long, ulong)", |o| fit(signed(wi(o)), 32, false) | fit(signed(wa(o)), 32, false) << 32),
    ("convert to long _sat(ulong)", |o| fit(signed(wa(o)), 64, true)),
    ("convert_uchar4_sat(int4)", |o| {
        let bytes = [i(o), j(o), k(o), i(o) >> 16].map(|value| fit(signed(value), 8, false) as u8);
        n(u32::from_le_bytes(bytes))
    }),
];

fn n(word: u32) -> u64 {
    word.into()
}

fn signed(value: impl Into<i128>) -> i128 {
    value.into()
}

/// Saturate `value` to `width` bits, and return it in the lowest bits.
fn fit(value: i128, width: u32, is_signed: bool) -> u64 {
    let (low, high) = if is_signed { (-(1 << (width - 1)), (1 << (width - 1)) - 1) } else { (0, (1 << width) - 1) };
    (value.clamp(low, high) & ((1 << width) - 1)) as u64
}

fn low24(word: u32) -> i32 {
    (word << 8) as i32 >> 8
}

fn comparisons(o: &Operands) -> u64 {
    let all = [a(o) < b(o), i(o) < j(o), a(o) <= b(o), i(o) > j(o), wa(o) < wb(o), wi(o) < wj(o), wa(o) == wb(o)];
    super::mask(&all)
}

fn a(o: &Operands) -> u32 {
    o.narrow[0]
}
fn b(o: &Operands) -> u32 {
    o.narrow[1]
}
fn c(o: &Operands) -> u32 {
    o.narrow[2]
}
fn i(o: &Operands) -> i32 {
    o.narrow[0] as i32
}
fn j(o: &Operands) -> i32 {
    o.narrow[1] as i32
}
fn k(o: &Operands) -> i32 {
    o.narrow[2] as i32
}
fn wa(o: &Operands) -> u64 {
    o.wide[0]
}
fn wb(o: &Operands) -> u64 {
    o.wide[1]
}
fn wc(o: &Operands) -> u64 {
    o.wide[2]
}
fn wi(o: &Operands) -> i64 {
    o.wide[0] as i64
}
fn wj(o: &Operands) -> i64 {
    o.wide[1] as i64
}
