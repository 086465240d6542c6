// C = A * B with 8-bit inputs and 32-bit accumulators.
//
// A is m x k and B is k x n, row-major; m, n and k are multiples of 16. The job's grid is n x m x 1: one work-item computes
// one element of C, one work-group a block of 16 x 16, which it writes row by row into its tile. The blocks of A and B that
// a work-group needs are read once into local memory and used 16 times.

__kernel void matmul_int8(__global int *c, __global const char *a, __global const char *b, uint m, uint n, uint k,
                          __local char *block_a, __local char *block_b) {
    uint column = get_global_id(0);
    uint row = get_global_id(1);
    uint lx = get_local_id(0);
    uint ly = get_local_id(1);
    bool inside = row < m && column < n;

    // Unsigned, because a sum that leaves the range shall wrap and not be undefined.
    uint sum = 0;
    for (uint first = 0; first < k; first += 16) {
        block_a[ly * 16 + lx] = inside ? a[(size_t)row * k + first + lx] : (char)0;
        block_b[ly * 16 + lx] = inside ? b[(size_t)(first + ly) * n + column] : (char)0;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (uint i = 0; i < 16; i++) {
            sum += (uint)((int)block_a[ly * 16 + i] * (int)block_b[i * 16 + lx]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    c[dpin_tile() * 256 + ly * 16 + lx] = as_int(sum);
}
