//! Escape times of the Mandelbrot set in fixed point, with a colour map.

use crate::{
    Job, JobError, ReadyKernel,
    job::{at_most, exactly, multiple_of, rows_of_blocks},
};

/// The kernel.
pub const KERNEL: ReadyKernel = ReadyKernel {
    name: "mandelbrot",
    source: include_str!("../mandelbrot/mandelbrot.cl"),
    description: include_str!("../mandelbrot/kernel.toml"),
};

/// Pixels of a tile in each dimension.
pub const TILE_PIXELS: u32 = 16;
/// The largest iteration limit: counts have 16 bits.
pub const MAX_ITERATIONS: u32 = u16::MAX as u32;

/// Convert `value` to Q4.28. Values out of range (below -8, or 8 and above) are clamped; NaN
/// becomes 0.
pub fn fixed(value: f64) -> i32 {
    (value * f64::from(1 << 28)) as i32
}

/// A rectangle of the complex plane, and its resolution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct View {
    /// Pixels across, a multiple of 16.
    pub width: u32,
    /// Pixels down, a multiple of 16.
    pub height: u32,
    /// Real part of the picture's centre, in Q4.28 (see [`fixed`]).
    pub centre_x: i32,
    /// Imaginary part of the picture's centre, in Q4.28.
    pub centre_y: i32,
    /// Distance of two neighbouring pixels, in Q4.28.
    pub step: i32,
    /// Iterations after which a point counts as inside, at most [`MAX_ITERATIONS`].
    pub max_iter: u32,
}

impl View {
    /// A view of the whole set: 3 units around -0.7 across the picture's shorter side.
    pub fn whole_set(width: u32, height: u32, max_iter: u32) -> Self {
        let step = fixed(3.0 / f64::from(width.min(height).max(1)));
        View { width, height, centre_x: fixed(-0.7), centre_y: 0, step, max_iter }
    }

    /// The job that computes this view.
    ///
    /// # Errors
    ///
    /// [`JobError`] if a side is not a multiple of 16, or if `max_iter` or the picture is too
    /// large.
    pub fn job(&self) -> Result<Job, JobError> {
        self.check()?;
        let view = *self;
        let grid = [self.width / TILE_PIXELS, self.height / TILE_PIXELS, 1];
        let scalars = vec![
            self.centre_x.to_le_bytes().to_vec(),
            self.centre_y.to_le_bytes().to_vec(),
            self.step.to_le_bytes().to_vec(),
            self.max_iter.to_le_bytes().to_vec(),
        ];
        Job::new(KERNEL, grid, [TILE_PIXELS, TILE_PIXELS, 1], scalars, vec![], move |group| view.tile(group))
    }

    /// Decode the bytes of all tiles to the counts of the whole picture in row-major order.
    ///
    /// # Errors
    ///
    /// [`JobError::WrongLength`] if `tiles` is not the output of this view, and those of
    /// [`job`](Self::job).
    pub fn assemble(&self, tiles: &[u8]) -> Result<Vec<u16>, JobError> {
        self.check()?;
        exactly("output", tiles.len(), self.width as usize * self.height as usize * 2)?;
        Ok(rows_of_blocks(self.width as usize, tiles, u16::from_le_bytes))
    }

    /// The count of pixel (`i`, `j`), from the top left.
    pub fn count(&self, i: u32, j: u32) -> u16 {
        let dx = i64::from(i) - i64::from(self.width / 2);
        let dy = i64::from(self.height / 2) - i64::from(j);
        // At most 2^31 pixels of at most 2^31 each.
        let cx = i64::from(self.centre_x) + dx * i64::from(self.step);
        let cy = i64::from(self.centre_y) + dy * i64::from(self.step);
        escape_time(cx, cy, self.max_iter.min(MAX_ITERATIONS)) as u16
    }

    fn check(&self) -> Result<(), JobError> {
        multiple_of("width", self.width, TILE_PIXELS)?;
        multiple_of("height", self.height, TILE_PIXELS)?;
        at_most("max_iter", self.max_iter.into(), MAX_ITERATIONS.into())
    }

    fn tile(&self, group: u32) -> Vec<u8> {
        let across = self.width / TILE_PIXELS;
        let (left, top) = (group % across * TILE_PIXELS, group / across * TILE_PIXELS);
        (0..TILE_PIXELS)
            .flat_map(|y| (0..TILE_PIXELS).map(move |x| (x, y)))
            .flat_map(|(x, y)| self.count(left + x, top + y).to_le_bytes())
            .collect()
    }
}

/// Steps of `z <- z*z + c` from `z = 0` until `|z| > 2`, at most `max_iter`; `cx` and `cy` in
/// Q4.28.
fn escape_time(cx: i64, cy: i64, max_iter: u32) -> u32 {
    const TWO: i64 = 2 << 28;
    const FOUR: i64 = 4 << 56;
    if !(-TWO..=TWO).contains(&cx) || !(-TWO..=TWO).contains(&cy) {
        return max_iter.min(1);
    }
    let (mut x, mut y, mut n) = (0i64, 0i64, 0);
    while n < max_iter {
        let (xx, yy) = (x * x, y * y);
        if xx + yy > FOUR {
            break;
        }
        y = ((x * y) >> 27) + cy;
        x = ((xx - yy) >> 28) + cx;
        n += 1;
    }
    n
}

/// The colour (red, green, blue) of a count `iter` with the limit `max`: black inside the set, a
/// repeating gradient outside.
///
/// The gradient advances with the square root of the count. So neither the wide bands far from the
/// set nor the narrow ones near it use up the whole gradient.
pub fn colour(iter: u16, max: u32) -> [u8; 3] {
    // Positions are in 1,024ths of the gradient's length.
    const STOPS: [(u32, [u8; 3]); 6] = [
        (0, [0, 7, 100]),
        (164, [32, 107, 203]),
        (430, [237, 255, 255]),
        (658, [255, 170, 0]),
        (878, [80, 2, 30]),
        (1024, [0, 7, 100]),
    ];
    if u32::from(iter) >= max {
        return [0, 0, 0];
    }
    let place = (u32::from(iter) * 16_384).isqrt() % 1024;
    let next = STOPS.iter().position(|(at, _)| place < *at).unwrap_or(1).max(1);
    let ((from, a), (to, b)) = (STOPS[next - 1], STOPS[next]);
    let mix = |a: u8, b: u8| ((u32::from(a) * (to - place) + u32::from(b) * (place - from)) / (to - from)) as u8;
    [mix(a[0], b[0]), mix(a[1], b[1]), mix(a[2], b[2])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_points_have_their_known_counts() {
        let count = |x, y| escape_time(fixed(x).into(), fixed(y).into(), 1000);
        for (x, y) in [(0.0, 0.0), (-1.0, 0.0), (-2.0, 0.0), (0.25, 0.0), (0.0, 1.0), (0.0, -1.0), (-0.1, 0.7)] {
            assert_eq!(count(x, y), 1000, "{x} {y}");
        }
        // c = 1: 1, 2, 5. c = 2: 2, 6. c = 2 + 2i: outside at once.
        assert_eq!(count(1.0, 0.0), 3);
        assert_eq!(count(2.0, 0.0), 2);
        assert_eq!(count(2.0, 2.0), 1);
    }

    #[test]
    fn a_point_beyond_the_square_escapes_with_the_first_step() {
        for (cx, cy) in [(i64::MIN, 0), (i64::MAX, i64::MIN), (0, (2 << 28) + 1), (-(2 << 28) - 1, 0)] {
            assert_eq!(escape_time(cx, cy, 9), 1);
            assert_eq!(escape_time(cx, cy, 0), 0);
        }
    }

    #[test]
    fn the_picture_is_assembled_in_rows_from_the_top() {
        let view = View::whole_set(48, 32, 60);
        let job = view.job().unwrap();
        assert_eq!((job.groups(), job.global_size), (6, [48, 32, 1]));
        let output = job.reference(0..6);
        assert_eq!(output.len(), 6 * 512);
        assert_eq!(job.reference(2..4), output[2 * 512..4 * 512]);
        let counts = view.assemble(&output).unwrap();
        for j in 0..32 {
            for i in 0..48 {
                assert_eq!(counts[(j * 48 + i) as usize], view.count(i, j));
            }
        }
        // The picture's centre is inside the set; its top left corner is 2.25 + 1.5i from there,
        // outside.
        assert_eq!(counts[16 * 48 + 24], 60);
        assert_eq!(counts[0], 1);
    }

    #[test]
    fn row_zero_is_the_top() {
        // i is in the set; the points above it on the imaginary axis are not. The centre is pixel
        // (8, 8).
        let (centre_x, centre_y, step) = (0, fixed(1.0), fixed(0.05));
        let view = View { width: 16, height: 16, centre_x, centre_y, step, max_iter: 500 };
        assert_eq!(view.count(8, 8), 500);
        assert_eq!(view.count(8, 0), escape_time(0, i64::from(fixed(1.0) + 8 * fixed(0.05)), 500) as u16);
    }

    #[test]
    fn wrong_sizes_are_named() {
        let view = View::whole_set(32, 32, 10);
        let wrong = |v: View| v.job().unwrap_err();
        assert_eq!(wrong(View { width: 24, ..view }), JobError::NotMultiple { name: "width", found: 24, of: 16 });
        assert_eq!(wrong(View { height: 0, ..view }), JobError::NotMultiple { name: "height", found: 0, of: 16 });
        let most = u64::from(MAX_ITERATIONS);
        let too_many = View { max_iter: 65_536, ..view };
        assert_eq!(wrong(too_many), JobError::TooLarge { name: "max_iter", found: 65_536, most });
        let expected = 32 * 32 * 2;
        assert_eq!(view.assemble(&[0; 7]), Err(JobError::WrongLength { name: "output", found: 7, expected }));
        let empty = View { width: 0, ..view };
        assert_eq!(empty.assemble(&[]), Err(JobError::NotMultiple { name: "width", found: 0, of: 16 }));
    }

    #[test]
    fn the_inside_is_black_and_the_outside_is_not() {
        assert_eq!(colour(100, 100), [0, 0, 0]);
        assert_eq!(colour(u16::MAX, 100), [0, 0, 0]);
        for iter in 0..u16::MAX {
            assert_ne!(colour(iter, 65_535), [0, 0, 0], "{iter}");
        }
        assert_eq!(colour(0, 100), [0, 7, 100]);
    }

    /// Steps in double precision, or None if a rounding error could decide.
    fn float_escape_time(cx: f64, cy: f64, max_iter: u32) -> Option<u32> {
        let (mut x, mut y) = (0.0f64, 0.0f64);
        for n in 0..max_iter {
            let size = x * x + y * y;
            if (size - 4.0).abs() < 1e-2 {
                return None;
            }
            if size > 4.0 {
                return Some(n);
            }
            (x, y) = (x * x - y * y + cx, 2.0 * x * y + cy);
        }
        Some(max_iter)
    }

    /// The same steps. Panics if a number does not fit the kernel's types.
    fn narrow_escape_time(cx: i32, cy: i32, max_iter: u32) -> u32 {
        let (mut x, mut y) = (0i32, 0i32);
        for n in 0..max_iter {
            let product = |a: i32, b: i32| i64::from(a).checked_mul(b.into()).unwrap();
            let (xx, yy, xy) = (product(x, x), product(y, y), product(x, y));
            if xx.checked_add(yy).unwrap() > 4 << 56 {
                return n;
            }
            let add = |a: i64, c: i32| i32::try_from(a).unwrap().checked_add(c).unwrap();
            (x, y) = (add((xx - yy) >> 28, cx), add(xy >> 27, cy));
        }
        max_iter
    }

    proptest! {
        #[test]
        fn counts_agree_with_double_precision(cx in -4.0..4.0, cy in -4.0..4.0, max_iter in 0u32..8) {
            if let Some(expected) = float_escape_time(cx, cy, max_iter) {
                prop_assert_eq!(escape_time(fixed(cx).into(), fixed(cy).into(), max_iter), expected);
            }
        }

        #[test]
        fn any_numbers_are_a_view(centre_x: i32, centre_y: i32, step: i32, max_iter in 0u32..300, group in 0u32..4) {
            let view = View { width: 32, height: 32, centre_x, centre_y, step, max_iter };
            let tile = view.job().unwrap().reference(group..group + 1);
            prop_assert_eq!(tile.len(), 512);
            prop_assert!(tile.chunks(2).all(|c| u32::from(u16::from_le_bytes([c[0], c[1]])) <= max_iter));
        }

        #[test]
        fn nothing_overflows(cx in -(2i32 << 28)..=2 << 28, cy in -(2i32 << 28)..=2 << 28) {
            prop_assert_eq!(escape_time(cx.into(), cy.into(), 2000), narrow_escape_time(cx, cy, 2000));
        }
    }
}
