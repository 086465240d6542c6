// What a device's arithmetic gives for edge cases, op by op.
//
// The job's grid is 160 x 1 x 1 work-groups of 64 work-items: 5 sections of 32 slices. A section is a kind of arithmetic:
//
//   0  integers                                                   every device
//   1  fp32 without denormals, without division and square root   every device
//   2  fp32 with denormals                                        claim bit 1
//   3  fp32 division and square root, correctly rounded           claim bit 2
//   4  fp64                                                       claim bit 4
//
// A section that is not claimed is zeros. Work-item i computes the section's operation i for 72 pairs out of the 48 x 48 of
// its table of edge cases, three times each: with the table's numbers alone, with one of them, and with none; all others
// are drawn from the seed. The word it writes is a hash of the results, so that one wrong bit shows, and shows where.
//
// Nothing here is left open by OpenCL. Where it is (signalling NaNs, the sign of fmin(0, -0), NaN as an integer), and where
// a device without denormals may differ in section 1, the result is 0 by an integer test of the operands; every NaN is
// written as the same quiet one. Not asked for either, though OpenCL defines it: mad_sat of longs and the sign of 0, which
// a widespread driver has wrong.

#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

#define SLICES 32u
#define WORDS 64u
#define TABLE 48u
#define PAIRS 72u
#define VARIANTS 3u

__constant uint INTEGERS[TABLE] = {
    0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x00000005, 0x00000007, 0x00000008, 0x0000000f,
    0x00000010, 0x0000001f, 0x00000020, 0x00000021, 0x0000003f, 0x00000040, 0x00000041, 0x0000007f,
    0x00000080, 0x00000081, 0x000000ff, 0x00000100, 0x00007fff, 0x00008000, 0x0000ffff, 0x00010000,
    0x00010001, 0x007fffff, 0x00800000, 0x00ffffff, 0x01000000, 0x33333333, 0x3fffffff, 0x40000000,
    0x55555555, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xaaaaaaaa, 0xc0000000, 0xffff0000,
    0xffff7fff, 0xffff8000, 0xfffffeff, 0xffffff7f, 0xffffff80, 0xfffffff0, 0xfffffffe, 0xffffffff,
};

__constant uint FLOATS[TABLE] = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x3f800001, 0x3f7fffff, 0x40000000, 0xc0000000, // 0, 1, 2
    0x3f000000, 0xbf000000, 0x3effffff, 0x3f000001, 0x3fc00000, 0xbfc00000, 0x40200000, 0xc0200000, // halves
    0x40600000, 0x33800000, 0x33000000, 0xb4000000, 0x42ff0000, 0xc3008000, 0x437f8000, 0x46ffff00, // 127.5 and the like
    0xc7000080, 0x477fff80, 0x4affffff, 0x4b000000, 0x4b000001, 0xcb000001, 0x4b7fffff, 0x4b800000, // 2^23, 2^24
    0x4b800001, 0x4effffff, 0x4f000000, 0xcf000000, 0x4f7fffff, 0x4f800000, 0x5effffff, 0x5f000000, // 2^31, 2^63
    0xdf000000, 0x5f800000, 0x00800000, 0x80800001, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0x7fc00000, // the ends
};

__constant uint DENORMALS[TABLE] = {
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x00000002, 0x00000003, 0x80000003, 0x00000004,
    0x0000ffff, 0x00200000, 0x003fffff, 0x00400000, 0x80400000, 0x00400001, 0x00555555, 0x802aaaaa,
    0x007ffffe, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000, 0x00800001, 0x80ffffff, 0x00ffffff,
    0x01000000, 0x81000001, 0x017fffff, 0x0c000000, 0x0c800001, 0x1f800000, 0x9fb504f3, 0x20000000,
    0x33800000, 0x34000000, 0x3e800000, 0x3f000000, 0xbf000000, 0x3f000001, 0x3f7fffff, 0x3f800000,
    0xbf800000, 0x3fc00000, 0x40000000, 0x4b000000, 0x4b800000, 0x7f000000, 0xff800000, 0x7fc00000,
};

__constant ulong DOUBLES[TABLE] = {
    0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, // 0, 1
    0x3ff0000000000001, 0x3fefffffffffffff, 0x4000000000000000, 0xc000000000000000, // 1, 2
    0x3fe0000000000000, 0xbfe0000000000000, 0x3fdfffffffffffff, 0x3fe0000000000001, // 1/2
    0x3ff8000000000000, 0xc004000000000000, 0x400c000000000000, 0x3ca0000000000000, // halves, 2^-53
    0x41dfffffffe00000, 0x41dfffffffc00000, 0xc1e0000000100000, 0x41e0000000000000, // 2^31 and a half less
    0x41efffffffe00000, 0x41efffffffffffff, 0x41f0000000000000, 0x432fffffffffffff, // 2^32, 2^52 - 1/2
    0x4330000000000000, 0x4330000000000001, 0xc330000000000001, 0x433fffffffffffff, // 2^52, 2^53 - 1
    0x4340000000000000, 0x4340000000000001, 0x43dfffffffffffff, 0x43e0000000000000, // 2^53, 2^63
    0xc3e0000000000000, 0x43efffffffffffff, 0x43f0000000000000, 0x3ff0000010000000, // 2^63, 2^64, half an ulp of fp32
    0x3ff0000030000000, 0x3ff0000010000001, 0x47efffffe0000000, 0x47efffffefffffff, // the largest fp32
    0x47effffff0000000, 0x0010000000000000, 0x800fffffffffffff, 0x0000000000000001, // overflow of fp32, denormals
    0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000, 0x7ff8000000000000, // the ends
};

// The operands of one evaluation: `a`, `b`, `c` are 32-bit integers or the bits of fp32 numbers, `A`, `B`, `C` 64-bit
// integers or the bits of fp64 numbers; `i` and `l` are integers for conversions, `n` is an exponent.
typedef struct {
    uint a, b, c, i;
    ulong A, B, C, l;
    int n;
} operands;

// SplitMix64.
ulong drawn(ulong key, ulong number) {
    ulong z = key + (number + 1) * 0x9e3779b97f4a7c15ul;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ul;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebul;
    return z ^ (z >> 31);
}

uint fold(uint hash, uint value) {
    hash = (hash ^ value) * 0x9e3779b1u;
    return hash ^ (hash >> 15);
}

// ---- Operands -------------------------------------------------------------------------------------------------------

uint exponent_of(uint a) { return (a >> 23) & 0xffu; }
bool is_zero(uint a) { return (a << 1) == 0; }
bool is_nan(uint a) { return (a & 0x7fffffffu) > 0x7f800000u; }
bool is_plain(uint a) { return !is_zero(a) && exponent_of(a) < 255u; }
bool is_nan_64(ulong a) { return (a & 0x7ffffffffffffffful) > 0x7ff0000000000000ul; }
bool is_zero_64(ulong a) { return (a << 1) == 0; }

uint quiet(uint a) { return is_nan(a) ? 0x7fc00000u : a; }
ulong quiet_64(ulong a) { return is_nan_64(a) ? 0x7ff8000000000000ul : a; }
uint without_denormal(uint a) { return exponent_of(a) == 0u ? a & 0x80000000u : a; }

// A number of `r`'s bits whose exponent is `exponent` and whose mantissa ends in up to 23 zeros.
uint float_of(ulong r, uint exponent) {
    uint mantissa = ((uint)r & 0x7fffffu) & (0xffffffffu << (uint)((r >> 40) % 24));
    return ((uint)(r >> 32) & 0x80000000u) | (exponent << 23) | mantissa;
}

ulong double_of(ulong r, ulong exponent) {
    ulong mantissa = (r & 0xffffffffffffful) & (0xfffffffffffffffful << ((r >> 55) % 53));
    return (r & 0x8000000000000000ul) | (exponent << 52) | mantissa;
}

uint near_one(ulong r, ulong s) { return float_of(r, 115u + (uint)(s % 32)); }
ulong near_one_64(ulong r, ulong s) { return double_of(r, 983ul + s % 80); }

// The operands of variant `v` of pair `p` of a section.
operands operands_of(ulong seed, uint section, uint p, uint v) {
    ulong key = drawn(seed ^ ((ulong)section << 56), p * VARIANTS + v);
    ulong r[8];
    for (uint k = 0; k < 8; k++) {
        r[k] = drawn(key, k);
    }
    uint x = p / TABLE;
    uint y = p % TABLE;
    uint z = (uint)(r[2] % TABLE);
    operands o;
    o.n = (int)(r[3] % 601) - 300;
    o.i = v == 0 ? INTEGERS[y] : (uint)r[4] >> (uint)(r[5] % 32);
    o.l = v == 0 ? ((ulong)INTEGERS[y] << 32) | INTEGERS[z] : r[6] >> (r[7] % 64);

    if (section == 0) {
        o.a = v < 2 ? INTEGERS[x] : (uint)r[0] >> (uint)((r[0] >> 32) % 32);
        o.b = v < 1 ? INTEGERS[y] : (uint)r[1] >> (uint)((r[1] >> 32) % 32);
        o.c = v < 1 ? INTEGERS[z] : (uint)r[2] >> (uint)((r[2] >> 32) % 32);
        o.A = v < 2 ? ((ulong)INTEGERS[x] << 32) | INTEGERS[r[3] % TABLE] : r[4] >> (r[3] % 64);
        o.B = v < 1 ? ((r[5] & 1) ? (ulong)(long)as_int(o.b) : ((ulong)o.b << 32) | INTEGERS[(r[5] >> 1) % TABLE])
                    : r[5] >> (r[6] % 64);
        o.C = v < 1 ? ((ulong)o.c << 32) | INTEGERS[r[7] % TABLE] : r[7];
    } else if (section == 2) {
        uint exponent = 1u + (uint)(r[0] >> 32) % 250u;
        int partner = 115 - (int)exponent + (int)(r[1] >> 32 & 15);
        o.a = v < 2 ? DENORMALS[x] : float_of(r[0], exponent);
        o.b = v < 1 ? DENORMALS[y] : float_of(r[1], v < 2 ? (uint)(r[3] >> 32) % 32u : (uint)max(partner, 0));
        o.c = v < 1 ? DENORMALS[z] : float_of(r[2], (uint)(r[4] >> 32) % 32u);
    } else {
        o.a = v < 2 ? FLOATS[x] : near_one(r[0], r[4]);
        o.b = v < 1 ? FLOATS[y] : v < 2 ? (uint)r[1] : near_one(r[1], r[5]);
        o.c = v < 1 ? FLOATS[z] : v < 2 ? (uint)(r[1] >> 32) : near_one(r[2], r[6]);
        o.a = without_denormal(o.a);
        o.b = without_denormal(o.b);
        o.c = without_denormal(o.c);
    }
    if (section != 0) {
        o.a = quiet(o.a);
        o.b = quiet(o.b);
        o.c = quiet(o.c);
        o.A = quiet_64(v < 2 ? DOUBLES[x] : near_one_64(r[0], r[4]));
        o.B = quiet_64(v < 1 ? DOUBLES[y] : v < 2 ? r[1] : near_one_64(r[1], r[5]));
        o.C = quiet_64(v < 1 ? DOUBLES[z] : v < 2 ? r[2] : near_one_64(r[2], r[6]));
    }
    return o;
}

// ---- Section 0: integers --------------------------------------------------------------------------------------------

#define INTEGER_WORDS 64u

ulong integer_op(uint op, operands o) {
    uint a = o.a, b = o.b, c = o.c;
    int i = as_int(a), j = as_int(b), k = as_int(c);
    ulong A = o.A, B = o.B, C = o.C;
    long I = as_long(A), J = as_long(B), K = as_long(C);
    bool divides = b != 0 && !(a == 0x80000000u && b == 0xffffffffu);
    bool divides_64 = B != 0 && !(A == 0x8000000000000000ul && B == 0xfffffffffffffffful);
    switch (op) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a * b;
    case 3: return mul_hi(a, b);
    case 4: return as_uint(mul_hi(i, j));
    case 5: return a << b;
    case 6: return a >> b;
    case 7: return as_uint(i >> j);
    case 8: return rotate(a, b);
    case 9: return b != 0 ? a / b : 0;
    case 10: return divides ? as_uint(i / j) : 0;
    case 11: return b != 0 ? a % b : 0;
    case 12: return divides ? as_uint(i % j) : 0;
    case 13: return clz(a);
    case 14: return popcount(a);
    case 15: return mad_sat(a, b, c);
    case 16: return as_uint(mad_sat(i, j, k));
    case 17: return add_sat(a, b);
    case 18: return as_uint(add_sat(i, j));
    case 19: return sub_sat(a, b);
    case 20: return as_uint(sub_sat(i, j));
    case 21: return hadd(a, b);
    case 22: return as_uint(hadd(i, j));
    case 23: return rhadd(a, b);
    case 24: return as_uint(rhadd(i, j));
    case 25: return abs_diff(a, b);
    case 26: return abs_diff(i, j);
    case 27: return abs(i);
    case 28: return mad_hi(a, b, c);
    case 29: return mul24(a & 0xffffffu, b & 0xffffffu);
    case 30: return as_uint(mad24(as_int(a << 8) >> 8, as_int(b << 8) >> 8, k));
    case 31: return as_ulong(upsample(i, b));
    case 32: return (ulong)as_uint(min(i, j)) << 32 | max(a, b);
    case 33: return bitselect(a, b, c);
    case 34: return select(a, b, c);
    case 35: return (a < b) | (i < j) << 1 | (a <= b) << 2 | (i > j) << 3 | (A < B) << 4 | (I < J) << 5 | (A == B) << 6;
    case 36: return A + B;
    case 37: return A - B;
    case 38: return A * B;
    case 39: return mul_hi(A, B);
    case 40: return as_ulong(mul_hi(I, J));
    case 41: return A << B;
    case 42: return A >> B;
    case 43: return as_ulong(I >> J);
    case 44: return rotate(A, B);
    case 45: return B != 0 ? A / B : 0;
    case 46: return divides_64 ? as_ulong(I / J) : 0;
    case 47: return B != 0 ? A % B : 0;
    case 48: return divides_64 ? as_ulong(I % J) : 0;
    case 49: return clz(A);
    case 50: return popcount(A);
    case 51: return mad_sat(A, B, C);
    case 52: return as_ulong(mad_hi(I, J, K));
    case 53: return as_ulong(add_sat(I, J));
    case 54: return as_ulong(sub_sat(I, J));
    case 55: return abs_diff(I, J);
    case 56: return as_ulong(hadd(I, J));
    case 57: return as_ushort(mad_sat((short)(a & 0xffff), (short)(b & 0xffff), (short)(c & 0xffff)));
    case 58: {
        uint sum = as_uchar(add_sat((char)(a & 0xff), (char)(b & 0xff)));
        return sum | (uint)rotate((uchar)(a & 0xff), (uchar)(b & 0xff)) << 8;
    }
    case 59: return as_uchar(convert_char_sat(i)) | (uint)convert_uchar_sat(i) << 8 | (uint)convert_ushort_sat(i) << 16;
    case 60: return as_ushort(convert_short_sat(I)) | (ulong)as_uint(convert_int_sat(I)) << 32;
    case 61: return convert_uint_sat(I) | (ulong)convert_uint_sat(A) << 32;
    case 62: return as_ulong(convert_long_sat(A));
    case 63: return as_uint(convert_uchar4_sat((int4)(i, j, k, i >> 16)));
    }
    return 0;
}

// ---- Sections 1 and 2: fp32 -----------------------------------------------------------------------------------------

#define FLOAT_WORDS 50u

ulong bits(float f) { return quiet(as_uint(f)); }

// Whether a result is far enough from the denormals that a device without them gives it.
bool sum_is_normal(uint a, uint b) {
    return !is_plain(a) || !is_plain(b) || max(exponent_of(a), exponent_of(b)) > 26u;
}
bool product_is_normal(uint a, uint b) {
    return !is_plain(a) || !is_plain(b) || exponent_of(a) + exponent_of(b) > 129u;
}
bool fma_is_normal(uint a, uint b, uint c) {
    if (!is_plain(a) || !is_plain(b) || exponent_of(c) == 255u) {
        return true;
    }
    return exponent_of(a) + exponent_of(b) > 187u || exponent_of(c) > 60u;
}

ulong comparisons(float a, float b) {
    uint all = (a == b) | (a != b) << 1 | (a < b) << 2 | (a > b) << 3 | (a <= b) << 4 | (a >= b) << 5;
    all |= (isless(a, b) ? 1u : 0u) << 6 | (isgreaterequal(a, b) ? 1u : 0u) << 7 | (isunordered(a, b) ? 1u : 0u) << 8;
    all |= (isnan(a) ? 1u : 0u) << 9 | (isinf(a) ? 1u : 0u) << 10 | (isfinite(a) ? 1u : 0u) << 11;
    return all | (isnormal(a) ? 1u : 0u) << 12 | (signbit(a) ? 1u : 0u) << 13;
}

ulong float_op(uint op, operands o, bool denormals) {
    float a = as_float(o.a), b = as_float(o.b), c = as_float(o.c);
    bool sum = denormals || sum_is_normal(o.a, o.b);
    bool product = denormals || product_is_normal(o.a, o.b);
    bool number = !is_nan(o.a);
    bool finite = exponent_of(o.a) < 255u;
    int exponent;
    float whole;
    switch (op) {
    case 0: return sum ? bits(a + b) : 0;
    case 1: return sum ? bits(a - b) : 0;
    case 2: return product ? bits(a * b) : 0;
    case 3: {
        // In one expression, so that a compiler which contracts shows.
        bool all = product && (denormals || sum_is_normal(as_uint(a * b), o.c));
        return all ? bits(a * b + c) : 0;
    }
    case 4: return denormals || fma_is_normal(o.a, o.b, o.c) ? bits(fma(a, b, c)) : 0;
    case 5: return product && (denormals || fma_is_normal(o.a, o.b, 0)) ? bits(fma(a, b, -(a * b))) : 0;
    case 6: return bits(fabs(a));
    case 7: return bits(floor(a));
    case 8: return bits(ceil(a));
    case 9: return bits(trunc(a));
    case 10: return bits(rint(a));
    case 11: return bits(round(a));
    case 12: {
        bool far = !is_plain(o.a) || !is_plain(o.b) || min(exponent_of(o.a), exponent_of(o.b)) > 24u;
        return denormals || far ? bits(fmod(a, b)) : 0;
    }
    case 13: return sum ? bits(fdim(a, b)) : 0;
    case 14: return denormals || !is_plain(o.a) || (int)exponent_of(o.a) + o.n > 2 ? bits(ldexp(a, o.n)) : 0;
    case 15: return comparisons(a, b);
    case 16: return is_zero(o.a) && is_zero(o.b) ? 0 : bits(fmin(a, b));
    case 17: return is_zero(o.a) && is_zero(o.b) ? 0 : bits(fmax(a, b));
    case 18: return bits(copysign(a, b));
    case 19: return bits(-a);
    case 20: return is_nan(o.a) || is_zero(o.a) ? 0 : bits(sign(a));
    case 21: {
        float mantissa = frexp(a, &exponent);
        return finite ? bits(mantissa) | (ulong)as_uint(exponent) << 32 : 0;
    }
    case 22: {
        float fraction = modf(a, &whole);
        return finite ? bits(fraction) | bits(whole) << 32 : 0;
    }
    case 23: {
        bool far = denormals ? !(is_zero(o.a) && is_zero(o.b)) : (o.a & 0x7fffffffu) > 0x00800001u;
        return far ? bits(nextafter(a, b)) : 0;
    }
    case 24: return is_plain(o.a) ? as_uint(ilogb(a)) : 0;
    case 25: return exponent_of(o.a) < 158u ? as_uint((int)a) : 0;
    case 26: return number ? as_uint(convert_int_sat(a)) : 0;
    case 27: return number ? as_uint(convert_int_sat_rte(a)) : 0;
    case 28: return number ? as_uint(convert_int_sat_rtp(a)) : 0;
    case 29: return number ? as_uint(convert_int_sat_rtn(a)) : 0;
    case 30: return number ? convert_uint_sat(a) : 0;
    case 31: return number ? convert_uint_sat_rte(a) : 0;
    case 32: return number ? as_ulong(convert_long_sat(a)) : 0;
    case 33: return number ? convert_ulong_sat(a) : 0;
    case 34: return number ? as_ulong(convert_long_sat_rte(a)) : 0;
    case 35: return number ? as_uchar(convert_char_sat_rte(a)) : 0;
    case 36: return number ? convert_uchar_sat(a) : 0;
    case 37: return number ? as_ushort(convert_short_sat_rtn(a)) : 0;
    case 38: return number ? convert_ushort_sat_rtp(a) : 0;
    case 39: return bits(convert_float(as_int(o.i)));
    case 40: return bits(convert_float(o.i));
    case 41: return bits(convert_float(as_long(o.l)));
    case 42: return bits(convert_float(o.l));
    case 43: return bits(convert_float_rtz(as_int(o.i)));
    case 44: return bits(convert_float_rtp(as_int(o.i)));
    case 45: return bits(convert_float_rtn(o.i));
    case 46: return bits(convert_float_rtz(o.l));
    case 47: return bits(convert_float_rtp(as_long(o.l)));
    case 48: return bits(convert_float((short)(o.i & 0xffff))) | bits(convert_float((uchar)(o.i & 0xff))) << 32;
    case 49: {
        float4 f = (float4)(a, b, c, a) * (float4)(b, b, b, a);
        uint hash = product ? (uint)bits(f.x) : 0;
        hash = fold(hash, denormals || product_is_normal(o.b, o.b) ? (uint)bits(f.y) : 0);
        hash = fold(hash, denormals || product_is_normal(o.c, o.b) ? (uint)bits(f.z) : 0);
        return fold(hash, denormals || product_is_normal(o.a, o.a) ? (uint)bits(f.w) : 0);
    }
    }
    return 0;
}

// ---- Section 3: fp32 division and square root -----------------------------------------------------------------------

#define ROUNDED_WORDS 7u

bool quotient_is_normal(uint a, uint b) {
    return !is_plain(a) || !is_plain(b) || exponent_of(a) + 125u > exponent_of(b);
}

ulong rounded_op(uint op, operands o) {
    float a = as_float(o.a), b = as_float(o.b), c = as_float(o.c);
    switch (op) {
    case 0: return quotient_is_normal(o.a, o.b) ? bits(a / b) : 0;
    case 1: return quotient_is_normal(o.b, o.a) ? bits(b / a) : 0;
    case 2: return quotient_is_normal(o.c, o.b) ? bits(c / b) : 0;
    case 3: return quotient_is_normal(0x3f800000u, o.b) ? bits(1.0f / b) : 0;
    case 4: return bits(sqrt(a));
    case 5: return bits(sqrt(fabs(b)));
    case 6: {
        float4 f = (float4)(a, b, c, c) / (float4)(b, c, a, b);
        uint hash = quotient_is_normal(o.a, o.b) ? (uint)bits(f.x) : 0;
        hash = fold(hash, quotient_is_normal(o.b, o.c) ? (uint)bits(f.y) : 0);
        hash = fold(hash, quotient_is_normal(o.c, o.a) ? (uint)bits(f.z) : 0);
        return fold(hash, quotient_is_normal(o.c, o.b) ? (uint)bits(f.w) : 0);
    }
    }
    return 0;
}

// ---- Section 4: fp64 ------------------------------------------------------------------------------------------------

#ifdef cl_khr_fp64
#define DOUBLE_WORDS 50u

ulong bits_64(double f) { return quiet_64(as_ulong(f)); }

ulong comparisons_64(double a, double b) {
    uint all = (a == b) | (a != b) << 1 | (a < b) << 2 | (a > b) << 3 | (a <= b) << 4 | (a >= b) << 5;
    all |= (isless(a, b) ? 1u : 0u) << 6 | (isgreaterequal(a, b) ? 1u : 0u) << 7 | (isunordered(a, b) ? 1u : 0u) << 8;
    all |= (isnan(a) ? 1u : 0u) << 9 | (isinf(a) ? 1u : 0u) << 10 | (isfinite(a) ? 1u : 0u) << 11;
    return all | (isnormal(a) ? 1u : 0u) << 12 | (signbit(a) ? 1u : 0u) << 13;
}

ulong double_op(uint op, operands o) {
    double a = as_double(o.A), b = as_double(o.B), c = as_double(o.C);
    bool number = !is_nan_64(o.A);
    uint exponent_bits = (uint)(o.A >> 52) & 0x7ffu;
    bool finite = exponent_bits < 0x7ffu;
    // Whether it is a normal number of fp32, or more, or none.
    bool narrow = is_zero_64(o.A) || exponent_bits > 898u;
    int exponent;
    double whole;
    switch (op) {
    case 0: return bits_64(a + b);
    case 1: return bits_64(a - b);
    case 2: return bits_64(a * b);
    case 3: return bits_64(a * b + c);
    case 4: return bits_64(fma(a, b, c));
    case 5: return bits_64(fma(a, b, -(a * b)));
    case 6: return bits_64(a / b);
    case 7: return bits_64(1.0 / b);
    case 8: return bits_64(sqrt(a));
    case 9: return bits_64(sqrt(fabs(b)));
    case 10: return bits_64(fabs(a));
    case 11: return bits_64(floor(a));
    case 12: return bits_64(ceil(a));
    case 13: return bits_64(trunc(a));
    case 14: return bits_64(rint(a));
    case 15: return bits_64(round(a));
    case 16: return bits_64(fmod(a, b));
    case 17: return bits_64(fdim(a, b));
    case 18: return bits_64(ldexp(a, o.n * 8));
    case 19: return comparisons_64(a, b);
    case 20: return is_zero_64(o.A) && is_zero_64(o.B) ? 0 : bits_64(fmin(a, b));
    case 21: return is_zero_64(o.A) && is_zero_64(o.B) ? 0 : bits_64(fmax(a, b));
    case 22: return bits_64(copysign(a, b));
    case 23: {
        double mantissa = frexp(a, &exponent);
        return finite ? bits_64(mantissa) ^ (ulong)as_uint(exponent) << 20 : 0;
    }
    case 24: {
        double fraction = modf(a, &whole);
        return finite ? bits_64(fraction) * 3 + bits_64(whole) : 0;
    }
    case 25: return is_zero_64(o.A) && is_zero_64(o.B) ? 0 : bits_64(nextafter(a, b));
    case 26: return finite && !is_zero_64(o.A) ? as_uint(ilogb(a)) : 0;
    case 27: return number ? as_uint(convert_int_sat(a)) : 0;
    case 28: return number ? as_uint(convert_int_sat_rte(a)) : 0;
    case 29: return number ? as_uint(convert_int_sat_rtp(a)) : 0;
    case 30: return number ? as_uint(convert_int_sat_rtn(a)) : 0;
    case 31: return number ? convert_uint_sat(a) : 0;
    case 32: return number ? as_ulong(convert_long_sat(a)) : 0;
    case 33: return number ? convert_ulong_sat(a) : 0;
    case 34: return number ? as_ulong(convert_long_sat_rte(a)) : 0;
    case 35: return number ? convert_ulong_sat_rtp(a) : 0;
    case 36: return narrow ? bits(convert_float(a)) : 0;
    case 37: return narrow ? bits(convert_float_rtz(a)) : 0;
    case 38: return narrow ? bits(convert_float_rtp(a)) : 0;
    case 39: return narrow ? bits(convert_float_rtn(a)) : 0;
    case 40: return bits_64(convert_double(as_float(o.a)));
    case 41: return bits_64(convert_double(as_int(o.i)));
    case 42: return bits_64(convert_double(o.i));
    case 43: return bits_64(convert_double(as_long(o.l)));
    case 44: return bits_64(convert_double(o.l));
    case 45: return bits_64(convert_double_rtz(as_long(o.l)));
    case 46: return bits_64(convert_double_rtp(o.l));
    case 47: return bits_64(convert_double_rtn(as_long(o.l)));
    case 48: return as_uint((int)(exponent_bits < 1054u ? a : 0.0));
    case 49: {
        double2 f = (double2)(a, b) * (double2)(b, c);
        return bits_64(f.x) * 3 + bits_64(f.y);
    }
    }
    return 0;
}
#endif

// ---- The kernel -----------------------------------------------------------------------------------------------------

uint words_of(uint section, uint claims) {
    switch (section) {
    case 0: return INTEGER_WORDS;
    case 1: return FLOAT_WORDS;
    case 2: return (claims & 1u) ? FLOAT_WORDS : 0;
    case 3: return (claims & 2u) ? ROUNDED_WORDS : 0;
#ifdef cl_khr_fp64
    case 4: return (claims & 4u) ? DOUBLE_WORDS : 0;
#endif
    }
    return 0;
}

__kernel void conformance(__global uint *words, ulong seed, uint claims) {
    uint group = (uint)get_group_id(0);
    uint section = group / SLICES;
    uint slice = group % SLICES;
    uint op = (uint)get_local_id(0);
    uint word = 0;
    if (op < words_of(section, claims)) {
        word = (uint)drawn(~seed, group * WORDS + op);
        for (uint i = 0; i < PAIRS * VARIANTS; i++) {
            operands o = operands_of(seed, section, slice * PAIRS + i / VARIANTS, i % VARIANTS);
            ulong result;
            switch (section) {
            case 0: result = integer_op(op, o); break;
            case 3: result = rounded_op(op, o); break;
#ifdef cl_khr_fp64
            case 4: result = double_op(op, o); break;
#endif
            default: result = float_op(op, o, section == 2); break;
            }
            word = fold(fold(word, (uint)result), (uint)(result >> 32));
        }
    }
    words[dpin_tile() * WORDS + op] = word;
}
