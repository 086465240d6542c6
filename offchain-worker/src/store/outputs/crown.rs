//! Crowns: the upper part of a tile tree, made while leaves arrive, and stored beside them.

use super::LEAF_BYTES;
use dpin_primitives::{
    Hash,
    tile_tree::{BRANCH_LEAVES, Crown, branch},
};
use rayon::prelude::*;
use std::{io, path::Path};

/// Builds a crown from leaves that arrive in batches.
pub(super) struct CrownBuilder<'a> {
    pool: &'a rayon::ThreadPool,
    /// Leaves that do not fill a branch yet.
    pending: Vec<Hash>,
    branches: Vec<Hash>,
    leaves: usize,
}

impl<'a> CrownBuilder<'a> {
    /// A builder that hashes with the threads of `pool`.
    pub(super) fn new(pool: &'a rayon::ThreadPool) -> Self {
        Self { pool, pending: Vec::new(), branches: Vec::new(), leaves: 0 }
    }

    /// Add the next leaves.
    pub(super) fn extend(&mut self, leaves: Vec<Hash>) {
        self.leaves = self.leaves.saturating_add(leaves.len());
        self.pending.extend(leaves);
        let whole = self.pending.len() - self.pending.len() % BRANCH_LEAVES as usize;
        self.gather(whole);
    }

    /// Turn the first `count` pending leaves into branches.
    fn gather(&mut self, count: usize) {
        let leaves: Vec<Hash> = self.pending.drain(..count).collect();
        let branches: Vec<Hash> = self.pool.install(|| leaves.par_chunks(BRANCH_LEAVES as usize).map(branch).collect());
        self.branches.extend(branches);
    }

    /// The crown, and the content of its file.
    pub(super) fn finish(mut self) -> io::Result<(Crown, Vec<u8>)> {
        self.gather(self.pending.len());
        let too_many = || io::Error::new(io::ErrorKind::InvalidData, "too many leaves");
        let leaves = u32::try_from(self.leaves).map_err(|_| too_many())?;
        let mut bytes = leaves.to_le_bytes().to_vec();
        self.branches.iter().for_each(|branch| bytes.extend_from_slice(branch.as_bytes()));
        Ok((Crown::new(self.branches, leaves).ok_or_else(too_many)?, bytes))
    }
}

/// The crown in a file, if the file exists and is valid.
pub(super) fn read_crown(path: &Path) -> Option<Crown> {
    let bytes = std::fs::read(path).ok()?;
    let (leaves, branches) = bytes.split_first_chunk::<4>()?;
    let branches = branches.chunks_exact(LEAF_BYTES as usize).map(Hash::from_slice).collect();
    Crown::new(branches, u32::from_le_bytes(*leaves))
}
