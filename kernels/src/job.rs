//! A job for one of the kernels, with a reference implementation of its output.

use crate::ReadyKernel;
use std::{fmt, ops::Range, sync::Arc};

/// An error in the arguments of a job, or in an output.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JobError {
    /// A size is 0, or not a multiple of the number that the kernel needs.
    #[error("{name} is {found}, but must be a positive multiple of {of}")]
    NotMultiple {
        /// Name of the size.
        name: &'static str,
        /// Value of the size.
        found: u32,
        /// The number of which it must be a multiple.
        of: u32,
    },
    /// Bytes (or elements) are missing or left over.
    #[error("{name} has {found} elements, but must have {expected}")]
    WrongLength {
        /// Name of the data with the wrong length.
        name: &'static str,
        /// Elements found.
        found: usize,
        /// Elements expected.
        expected: usize,
    },
    /// A size exceeds the limit of the kernel.
    #[error("{name} is {found}; the maximum is {most}")]
    TooLarge {
        /// Name of the size.
        name: &'static str,
        /// Value of the size.
        found: u64,
        /// Largest value allowed.
        most: u64,
    },
}

/// Computes the tile of one work-group.
type TileOf = dyn Fn(u32) -> Vec<u8> + Send + Sync;

/// The arguments that a job passes to a kernel, and its expected output.
#[derive(Clone)]
pub struct Job {
    /// The kernel.
    pub kernel: ReadyKernel,
    /// Work-items in each dimension: multiples of the kernel's `local_size`.
    pub global_size: [u32; 3],
    /// The scalars in the order of the kernel's parameters, each in little-endian bytes.
    pub scalars: Vec<Vec<u8>>,
    /// The bytes of the inputs in the order of the kernel's parameters.
    pub inputs: Vec<Vec<u8>>,
    groups: u32,
    tile: Arc<TileOf>,
}

impl Job {
    /// A job of `grid` work-groups with the reference `tile`. In each dimension, `grid` times
    /// `local_size` fits 32 bits.
    pub(crate) fn new(
        kernel: ReadyKernel,
        grid: [u32; 3],
        local_size: [u32; 3],
        scalars: Vec<Vec<u8>>,
        inputs: Vec<Vec<u8>>,
        tile: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
    ) -> Result<Self, JobError> {
        let groups = grid.iter().map(|n| u64::from(*n)).product();
        at_most("work-groups", groups, u64::from(u32::MAX))?;
        let [gx, gy, gz] = grid;
        let [lx, ly, lz] = local_size;
        let global_size = [gx * lx, gy * ly, gz * lz];
        Ok(Job { kernel, global_size, scalars, inputs, groups: groups as u32, tile: Arc::new(tile) })
    }

    /// Number of work-groups.
    pub fn groups(&self) -> u32 {
        self.groups
    }

    /// Compute the bytes of the tiles of `groups` on the CPU. Work-groups are numbered in row-major
    /// order, x fastest. Numbers beyond the last work-group have no tile.
    pub fn reference(&self, groups: Range<u32>) -> Vec<u8> {
        (groups.start..groups.end.min(self.groups)).flat_map(|group| (self.tile)(group)).collect()
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("kernel", &self.kernel.name)
            .field("global_size", &self.global_size)
            .field("scalars", &self.scalars)
            .field("input_bytes", &self.inputs.iter().map(Vec::len).collect::<Vec<_>>())
            .finish()
    }
}

pub(crate) fn multiple_of(name: &'static str, found: u32, of: u32) -> Result<(), JobError> {
    if found == 0 || !found.is_multiple_of(of) {
        return Err(JobError::NotMultiple { name, found, of });
    }
    Ok(())
}

pub(crate) fn exactly(name: &'static str, found: usize, expected: usize) -> Result<(), JobError> {
    if found != expected {
        return Err(JobError::WrongLength { name, found, expected });
    }
    Ok(())
}

pub(crate) fn at_most(name: &'static str, found: u64, most: u64) -> Result<(), JobError> {
    if found > most {
        return Err(JobError::TooLarge { name, found, most });
    }
    Ok(())
}

/// Convert the blocks of 16 × 16 elements that work-groups wrote to row-major order. `width` is a
/// multiple of 16.
pub(crate) fn rows_of_blocks<T: Copy + Default, const BYTES: usize>(
    width: usize,
    bytes: &[u8],
    element: impl Fn([u8; BYTES]) -> T,
) -> Vec<T> {
    let mut rows = vec![T::default(); bytes.len() / BYTES];
    let blocks = width / 16;
    for (i, chunk) in bytes.as_chunks::<BYTES>().0.iter().enumerate() {
        let (group, within) = (i / 256, i % 256);
        let x = group % blocks * 16 + within % 16;
        let y = group / blocks * 16 + within / 16;
        rows[y * width + x] = element(*chunk);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(grid: [u32; 3]) -> Result<Job, JobError> {
        Job::new(crate::mandelbrot::KERNEL, grid, [16, 16, 1], vec![], vec![], |group| vec![group as u8; 2])
    }

    #[test]
    fn a_range_of_groups_gives_their_tiles_in_order() {
        let job = job([2, 2, 1]).unwrap();
        assert_eq!(job.global_size, [32, 32, 1]);
        assert_eq!(job.reference(0..4), [0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(job.reference(1..3), [1, 1, 2, 2]);
        assert!(job.reference(2..2).is_empty());
    }

    #[test]
    fn groups_beyond_the_last_have_no_tile() {
        let job = job([2, 2, 1]).unwrap();
        assert_eq!(job.reference(3..9), [3, 3]);
        assert!(job.reference(4..9).is_empty());
    }

    #[test]
    fn too_many_groups_are_refused() {
        let error = job([1 << 16, 1 << 16, 1]).unwrap_err();
        assert_eq!(error, JobError::TooLarge { name: "work-groups", found: 1 << 32, most: u64::from(u32::MAX) });
    }

    #[test]
    fn blocks_become_rows() {
        let bytes: Vec<u8> = (0..4u8).flat_map(|group| vec![group; 256]).collect();
        let rows = rows_of_blocks(32, &bytes, |[b]: [u8; 1]| b);
        for y in 0..32 {
            for x in 0..32 {
                assert_eq!(usize::from(rows[y * 32 + x]), y / 16 * 2 + x / 16);
            }
        }
    }
}
