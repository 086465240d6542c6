//! Matrix multiplication with 8-bit inputs and 32-bit accumulators.

use crate::{
    Job, JobError, ReadyKernel,
    job::{at_most, exactly, multiple_of, rows_of_blocks},
};

/// The kernel.
pub const KERNEL: ReadyKernel = ReadyKernel {
    name: "matmul_int8",
    source: include_str!("../matmul_int8/matmul_int8.cl"),
    description: include_str!("../matmul_int8/kernel.toml"),
};

/// Rows and columns of a tile. Every size is a multiple of it.
pub const TILE: u32 = 16;
/// The largest inner size whose sums always fit 32 bits: below 2^31 / 128².
pub const MAX_K: u32 = 131_056;

/// The sizes of `C = A · B`: A is m × k, B is k × n, C is m × n, all row-major.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Rows of A and C, a multiple of 16.
    pub m: u32,
    /// Columns of B and C, a multiple of 16.
    pub n: u32,
    /// Columns of A and rows of B, a multiple of 16, at most [`MAX_K`].
    pub k: u32,
}

impl Sizes {
    /// The job that multiplies `a` by `b`.
    ///
    /// # Errors
    ///
    /// [`JobError`] if a size is not a multiple of 16 or too large, or if the length of `a` or `b`
    /// does not match the sizes.
    pub fn job(&self, a: &[i8], b: &[i8]) -> Result<Job, JobError> {
        self.check()?;
        let Sizes { m, n, k } = *self;
        exactly("a", a.len(), m as usize * k as usize)?;
        exactly("b", b.len(), k as usize * n as usize)?;
        let scalars = [m, n, k].iter().map(|size| size.to_le_bytes().to_vec()).collect();
        let inputs = [a, b].iter().map(|matrix| matrix.iter().map(|v| v.to_le_bytes()[0]).collect()).collect();
        let (sizes, a, b) = (*self, a.to_vec(), b.to_vec());
        let tile = move |group| sizes.tile(&a, &b, group);
        Job::new(KERNEL, [n / TILE, m / TILE, 1], [TILE, TILE, 1], scalars, inputs, tile)
    }

    /// Decode the bytes of all tiles to C in row-major order.
    ///
    /// # Errors
    ///
    /// [`JobError::WrongLength`] if `tiles` is not the output of a job of these sizes, and those of
    /// [`job`](Self::job).
    pub fn assemble(&self, tiles: &[u8]) -> Result<Vec<i32>, JobError> {
        self.check()?;
        exactly("output", tiles.len(), self.m as usize * self.n as usize * 4)?;
        Ok(rows_of_blocks(self.n as usize, tiles, i32::from_le_bytes))
    }

    fn check(&self) -> Result<(), JobError> {
        multiple_of("m", self.m, TILE)?;
        multiple_of("n", self.n, TILE)?;
        multiple_of("k", self.k, TILE)?;
        at_most("k", self.k.into(), MAX_K.into())
    }

    fn tile(&self, a: &[i8], b: &[i8], group: u32) -> Vec<u8> {
        let across = self.n / TILE;
        let (left, top) = ((group % across * TILE) as usize, (group / across * TILE) as usize);
        let (n, k) = (self.n as usize, self.k as usize);
        let mut sums = [[0i32; TILE as usize]; TILE as usize];
        for (y, sums) in sums.iter_mut().enumerate() {
            for (i, factor) in a[(top + y) * k..][..k].iter().enumerate() {
                for (sum, value) in sums.iter_mut().zip(&b[i * n + left..][..TILE as usize]) {
                    *sum += i32::from(*factor) * i32::from(*value);
                }
            }
        }
        sums.as_flattened().iter().flat_map(|sum| sum.to_le_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn naive(sizes: Sizes, a: &[i8], b: &[i8]) -> Vec<i64> {
        let (m, n, k) = (sizes.m as usize, sizes.n as usize, sizes.k as usize);
        let element = |row: usize, column: usize| -> i64 {
            (0..k).map(|i| i64::from(a[row * k + i]) * i64::from(b[i * n + column])).sum()
        };
        (0..m * n).map(|at| element(at / n, at % n)).collect()
    }

    fn product(sizes: Sizes, a: &[i8], b: &[i8]) -> Vec<i64> {
        let job = sizes.job(a, b).unwrap();
        let c = sizes.assemble(&job.reference(0..job.groups())).unwrap();
        c.into_iter().map(i64::from).collect()
    }

    #[test]
    fn the_identity_changes_nothing() {
        let sizes = Sizes { m: 32, n: 32, k: 32 };
        let identity: Vec<i8> = (0..32 * 32).map(|i| i8::from(i / 32 == i % 32)).collect();
        let b: Vec<i8> = (0..32 * 32).map(|i| (i * 7 % 251) as u8 as i8).collect();
        let expected: Vec<i64> = b.iter().map(|v| i64::from(*v)).collect();
        assert_eq!(product(sizes, &identity, &b), expected);
        assert_eq!(product(sizes, &b, &identity), expected);
    }

    #[test]
    fn the_longest_sum_of_the_largest_products_fits() {
        let sizes = Sizes { m: 16, n: 16, k: MAX_K };
        let lowest = vec![i8::MIN; 16 * MAX_K as usize];
        assert!(product(sizes, &lowest, &lowest).iter().all(|sum| *sum == i64::from(MAX_K) * 16_384));
    }

    #[test]
    fn wrong_sizes_are_named() {
        let sizes = Sizes { m: 16, n: 32, k: 48 };
        let wrong = |sizes: Sizes| sizes.job(&[], &[]).unwrap_err();
        assert_eq!(wrong(Sizes { m: 8, ..sizes }), JobError::NotMultiple { name: "m", found: 8, of: 16 });
        assert_eq!(wrong(Sizes { n: 0, ..sizes }), JobError::NotMultiple { name: "n", found: 0, of: 16 });
        assert_eq!(wrong(Sizes { k: 49, ..sizes }), JobError::NotMultiple { name: "k", found: 49, of: 16 });
        let too_long = JobError::TooLarge { name: "k", found: 131_072, most: u64::from(MAX_K) };
        assert_eq!(wrong(Sizes { k: 131_072, ..sizes }), too_long);
        assert_eq!(wrong(sizes), JobError::WrongLength { name: "a", found: 0, expected: 768 });
        let error = sizes.job(&[0; 768], &[0; 1535]).unwrap_err();
        assert_eq!(error, JobError::WrongLength { name: "b", found: 1535, expected: 1536 });
        let error = sizes.assemble(&[0; 4]).unwrap_err();
        assert_eq!(error, JobError::WrongLength { name: "output", found: 4, expected: 2048 });
    }

    fn matrices() -> impl Strategy<Value = (Sizes, Vec<i8>, Vec<i8>)> {
        (1u32..4, 1u32..4, 1u32..4).prop_flat_map(|(m, n, k)| {
            let (a, b) = ((m * k * 256) as usize, (k * n * 256) as usize);
            (Just(Sizes { m: m * 16, n: n * 16, k: k * 16 }), vec(any::<i8>(), a), vec(any::<i8>(), b))
        })
    }

    proptest! {
        #[test]
        fn the_reference_is_the_product((sizes, a, b) in matrices()) {
            prop_assert_eq!(product(sizes, &a, &b), naive(sizes, &a, &b));
        }

        #[test]
        fn one_tile_is_what_the_whole_has_there((sizes, a, b) in matrices(), group: u32) {
            let job = sizes.job(&a, &b).unwrap();
            let group = group % job.groups();
            let at = group as usize * 1024;
            prop_assert_eq!(&job.reference(group..group + 1), &job.reference(0..job.groups())[at..at + 1024]);
        }
    }
}
