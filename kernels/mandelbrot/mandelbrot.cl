// Escape times of z <- z*z + c in fixed point.
//
// Integers, so that every device gives the same bits without fp64. Numbers are Q4.28 (28 fractional bits) in an int; the
// product of two is exact in a long, as Q8.56.

#define Q28_TWO (2 << 28)
#define Q56_FOUR (4L << 56)

// A point outside the square [-2, 2] x [-2, 2] escapes with the first step, so nothing below can overflow:
// while |z| <= 2, |x*x - y*y| <= 4 and |2*x*y| <= 4, hence |x|, |y| <= 6 after a step, and Q4.28 reaches to 8.
uint escape_time(long cx, long cy, uint max_iter) {
    if (cx < -Q28_TWO || cx > Q28_TWO || cy < -Q28_TWO || cy > Q28_TWO) {
        return min(max_iter, 1u);
    }
    int x = 0;
    int y = 0;
    uint n = 0;
    while (n < max_iter) {
        long xx = (long)x * x;
        long yy = (long)y * y;
        if (xx + yy > Q56_FOUR) {
            break;
        }
        y = (int)((((long)x * y) >> 27) + cy);
        x = (int)(((xx - yy) >> 28) + cx);
        n++;
    }
    return n;
}

// Counts the steps pixel (i, j) takes until |z| > 2, at most min(max_iter, 65535). Row 0 is the top of the picture.
__kernel void mandelbrot(__global ushort *counts, int centre_x, int centre_y, int step, uint max_iter) {
    long dx = (long)get_global_id(0) - (long)(get_global_size(0) / 2);
    long dy = (long)(get_global_size(1) / 2) - (long)get_global_id(1);
    long cx = centre_x + dx * step;
    long cy = centre_y + dy * step;
    size_t place = dpin_tile() * 256 + get_local_id(1) * 16 + get_local_id(0);
    counts[place] = (ushort)escape_time(cx, cy, min(max_iter, 65535u));
}
