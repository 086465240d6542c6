// Work that needs memory and arithmetic alike.
//
// A work-group of 64 lanes owns a tile of 64 rows x 64 columns of 16 bytes; a lane owns a column, and four words of state.
// After scrypt's ROMix (C. Percival, "Stronger key derivation via sequential memory-hard functions", 2009; RFC 7914, section
// 5), with what its successors added, that the memory is also written in the second part:
//
//   start  the state is taken from the seed, the work-group's number in the job and the lane, and stirred;
//   fill   row by row: write the state, then step it;
//   roam   PASSES x 64 times: read the row that the state names, step the state with it, write both together back;
//   seal   row by row: step the state with what is there, write both together back.
//
// A step is a quarter-round of ChaCha (RFC 8439, section 2.1), four fused multiply-adds in fp32, all of whose numbers lie
// between 1/2 and 10, and the state of another lane: after six steps every lane depends on every other.

#define LANES 64u
#define ROWS 64u
#define PASSES 128u
#define STIRS 12u

uint4 quarter_round(uint4 x) {
    x.x += x.y; x.w = rotate(x.w ^ x.x, 16u);
    x.z += x.w; x.y = rotate(x.y ^ x.z, 12u);
    x.x += x.y; x.w = rotate(x.w ^ x.x, 8u);
    x.z += x.w; x.y = rotate(x.y ^ x.z, 7u);
    return x;
}

uint4 stepped(uint4 x, uint4 y, uint4 z) {
    float4 f = as_float4((y >> 9u) | 0x3f800000u);
    float4 factor = as_float4((z >> 9u) | 0x3f000000u);
    float4 term = as_float4(((y + z) >> 9u) | 0x3f800000u);
    f = fma(f, factor, term);
    f = fma(f, factor, term);
    f = fma(f, factor, term);
    f = fma(f, factor, term);
    return (quarter_round(x ^ y) + z) ^ as_uint4(f);
}

// The state of the lane that is `x`'s partner in this step. Two buffers in turn need one barrier a step only.
uint4 partner_of(uint4 x, uint step, uint lane, __local uint4 *states) {
    __local uint4 *now = states + (step % 2u) * LANES;
    now[lane] = x;
    barrier(CLK_LOCAL_MEM_FENCE);
    return now[lane ^ (1u << (step % 6u))];
}

__kernel void throughput(__global uint4 *tiles, ulong seed) {
    __local uint4 states[2 * LANES];
    uint lane = (uint)get_local_id(0);
    ulong group = (ulong)get_group_id(0);
    __global uint4 *column = tiles + dpin_tile() * (ROWS * LANES) + lane;

    uint4 x = (uint4)((uint)seed, (uint)(seed >> 32), (uint)group, lane);
    uint step = 0;
    for (uint i = 0; i < STIRS; i++, step++) {
        uint4 z = partner_of(x, step, lane, states);
        x = stepped(x, (uint4)(0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u), z);
    }
    for (uint row = 0; row < ROWS; row++, step++) {
        uint4 z = partner_of(x, step, lane, states);
        column[row * LANES] = x;
        x = stepped(x, (uint4)(row), z);
    }
    for (uint i = 0; i < PASSES * ROWS; i++, step++) {
        uint4 z = partner_of(x, step, lane, states);
        uint at = (x.x >> 26) * LANES;
        uint4 y = column[at];
        x = stepped(x, y, z);
        column[at] = x ^ y;
    }
    for (uint row = 0; row < ROWS; row++, step++) {
        uint4 z = partner_of(x, step, lane, states);
        uint4 y = column[row * LANES];
        x = stepped(x, y, z);
        column[row * LANES] = x ^ y;
    }
}
