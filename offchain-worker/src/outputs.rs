//! Hashing outputs into tile trees, and reading parts of them with their proof.
//!
//! A tree may have 2^24 leaves: 512 MiB, and as much again above them. Leaves go to a file as they are made, and only the crown of the
//! tree is kept in memory; an opening reads the leaves of the branches it touches.

use crate::sandbox;
use dpin_primitives::{
    executor::{Commitment, OutputChunk, MAX_CHUNK_BYTES},
    tile_tree::{branch, leaf, Crown, CrownError, BRANCH_LEAVES},
    Hash, TaskId,
};
use rayon::prelude::*;
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufWriter, Read, Write},
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Name of a task's output in its run's directory.
pub const OUTPUT_FILE: &str = "output";
/// Name of its leaves, 32 bytes each.
pub const LEAVES_FILE: &str = "leaves.bin";

/// Bytes of a leaf.
pub const LEAF_BYTES: u64 = 32;
/// Bytes and tiles hashed at a time.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
const BATCH_TILES: usize = 1 << 16;
/// Most crowns kept in memory, of at most 4 MiB each.
const MAX_CROWNS: usize = 8;

/// Hashes outputs and remembers the crowns used last.
pub struct Outputs {
    pool: rayon::ThreadPool,
    crowns: Mutex<VecDeque<(Hash, Arc<Crown>)>>,
}

/// Where in a run's output a request points.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RangeError {
    /// Nothing was asked for.
    #[error("the length is 0")]
    Empty,
    /// It begins behind the end.
    #[error("offset {offset} is beyond the output's {total} bytes")]
    Beyond {
        /// Where it begins.
        offset: u64,
        /// Bytes of the output.
        total: u64,
    },
}

/// Why a part of an output was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not a part of it.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// The disk failed, or the output is gone.
    #[error("output: {0}")]
    Io(#[from] io::Error),
}

impl Outputs {
    /// Hash on all cores but one, at the priority of a child.
    pub fn new() -> io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(cores.saturating_sub(1).max(1))
            .thread_name(|i| format!("hash-{i}"))
            .start_handler(|_| sandbox::lower_thread_priority())
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { pool, crowns: Mutex::default() })
    }

    /// The leaves of the tiles in the file `output`, which are those of `task` named by `indices`, in order.
    pub fn leaves(
        &self,
        output: &Path,
        tile_bytes: u32,
        genesis: &Hash,
        task: TaskId,
        indices: &[u32],
    ) -> io::Result<Vec<Hash>> {
        let mut leaves = Vec::with_capacity(indices.len());
        let index = |place: usize| indices.get(place).copied().unwrap_or(u32::MAX);
        self.hash(output, tile_bytes, genesis, task, index, |batch| {
            leaves.extend(batch);
            Ok(())
        })?;
        Ok(leaves)
    }

    /// Hash the `output` of the whole `task`, which run `id` has computed, into the file `leaves`, which is synced. Remembers the
    /// tree and tells its root.
    pub fn commit(
        &self,
        id: Hash,
        output: &Path,
        leaves: &Path,
        tile_bytes: u32,
        genesis: &Hash,
        task: TaskId,
    ) -> io::Result<Hash> {
        let mut file = BufWriter::new(File::create(leaves)?);
        let mut crown = CrownBuilder::new(&self.pool);
        let index = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        self.hash(output, tile_bytes, genesis, task, index, |batch| {
            batch.iter().try_for_each(|leaf| file.write_all(leaf.as_bytes()))?;
            crown.extend(batch);
            Ok(())
        })?;
        file.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        let crown = Arc::new(crown.finish()?);
        let root = crown.root();
        self.remember(id, crown);
        Ok(root)
    }

    /// Hash the tiles of `output` batch by batch; the tile at place `n` of the file is that of `index(n)`.
    fn hash(
        &self,
        output: &Path,
        tile_bytes: u32,
        genesis: &Hash,
        task: TaskId,
        index: impl Fn(usize) -> u32 + Sync,
        mut take: impl FnMut(Vec<Hash>) -> io::Result<()>,
    ) -> io::Result<()> {
        let tile_bytes = (tile_bytes as usize).max(1);
        let tiles = (BATCH_BYTES / tile_bytes).clamp(1, BATCH_TILES);
        let mut batch = vec![0; tiles.saturating_mul(tile_bytes)];
        let mut file = File::open(output)?;
        let mut first = 0usize;
        loop {
            let read = read_full(&mut file, &mut batch)?;
            let tiles = batch.get(..read).unwrap_or_default();
            let leaves: Vec<Hash> = self.pool.install(|| {
                tiles
                    .par_chunks_exact(tile_bytes)
                    .enumerate()
                    .map(|(place, tile)| leaf(genesis, task, index(first.saturating_add(place)), tile))
                    .collect()
            });
            first = first.saturating_add(leaves.len());
            take(leaves)?;
            if read < batch.len() {
                return Ok(());
            }
        }
    }

    /// Leaves and multi-proof of the tiles `indices` of run `id`, whose leaves lie in `folder`; `None` unless they are ascending,
    /// distinct and in range.
    pub fn open(
        &self,
        id: Hash,
        folder: &Path,
        root: &Hash,
        indices: &[u32],
    ) -> io::Result<Option<(Vec<Hash>, Vec<Hash>)>> {
        let damaged = || {
            self.forget(&id);
            io::Error::new(io::ErrorKind::InvalidData, "the leaves are damaged")
        };
        let crown = self.crown(id, folder)?;
        if crown.root() != *root {
            return Err(damaged());
        }
        let file = File::open(folder.join(LEAVES_FILE))?;
        let read = |first: u32, count: u32| {
            let mut bytes = vec![0; (count as usize).saturating_mul(LEAF_BYTES as usize)];
            file.read_exact_at(&mut bytes, u64::from(first).saturating_mul(LEAF_BYTES))?;
            io::Result::Ok(bytes.chunks_exact(LEAF_BYTES as usize).map(Hash::from_slice).collect())
        };
        match crown.open(indices, read) {
            Ok(opening) => Ok(Some(opening)),
            Err(CrownError::Malformed) => Ok(None),
            Err(CrownError::ForeignLeaves) => Err(damaged()),
            Err(CrownError::Read(error)) => Err(error),
        }
    }

    /// The crown of run `id`'s tree, from memory or from the leaves beside its output in `folder`.
    fn crown(&self, id: Hash, folder: &Path) -> io::Result<Arc<Crown>> {
        let known = {
            let crowns = self.crowns.lock().unwrap_or_else(PoisonError::into_inner);
            crowns.iter().find(|(known, _)| *known == id).map(|(_, crown)| crown.clone())
        };
        if let Some(crown) = known {
            return Ok(crown);
        }
        let mut file = File::open(folder.join(LEAVES_FILE))?;
        let mut batch = vec![0; BATCH_TILES * LEAF_BYTES as usize];
        let mut builder = CrownBuilder::new(&self.pool);
        loop {
            let read = read_full(&mut file, &mut batch)?;
            let leaves = batch.get(..read).unwrap_or_default();
            builder.extend(leaves.chunks_exact(LEAF_BYTES as usize).map(Hash::from_slice).collect());
            if read < batch.len() {
                break;
            }
        }
        let crown = Arc::new(builder.finish()?);
        self.remember(id, crown.clone());
        Ok(crown)
    }

    /// Forget the tree of run `id`.
    pub fn forget(&self, id: &Hash) {
        self.crowns.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| known != id);
    }

    fn remember(&self, id: Hash, crown: Arc<Crown>) {
        let mut crowns = self.crowns.lock().unwrap_or_else(PoisonError::into_inner);
        crowns.retain(|(known, _)| *known != id);
        crowns.push_front((id, crown));
        crowns.truncate(MAX_CROWNS);
    }

    /// The whole tiles of run `id` that cover `length` bytes from `offset` on, with their proof.
    pub fn chunk(
        &self,
        id: Hash,
        folder: &Path,
        commitment: &Commitment,
        tile_bytes: u32,
        offset: u64,
        length: u64,
    ) -> Result<OutputChunk, ReadError> {
        let (first, last) = covering_tiles(commitment.output_len, tile_bytes, offset, length)?;
        let indices: Vec<u32> = (first..=last).collect();
        let (_, proof) = self
            .open(id, folder, &commitment.root, &indices)?
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the output has more tiles than its tree"))?;
        let start = u64::from(first).saturating_mul(u64::from(tile_bytes));
        let mut data = vec![0; indices.len().saturating_mul(tile_bytes as usize)];
        File::open(folder.join(OUTPUT_FILE))?.read_exact_at(&mut data, start)?;
        Ok(OutputChunk { total: commitment.output_len, offset: start, data, tile_bytes, root: commitment.root, proof })
    }
}

/// First and last tile that cover `length` bytes, at most [`MAX_CHUNK_BYTES`], from `offset` on.
fn covering_tiles(total: u64, tile_bytes: u32, offset: u64, length: u64) -> Result<(u32, u32), RangeError> {
    if length == 0 {
        return Err(RangeError::Empty);
    }
    let beyond = RangeError::Beyond { offset, total };
    if offset >= total {
        return Err(beyond);
    }
    let end = offset.saturating_add(length.min(MAX_CHUNK_BYTES.into())).min(total);
    let tile = |byte: u64| byte.checked_div(tile_bytes.into()).and_then(|n| u32::try_from(n).ok()).ok_or(beyond);
    Ok((tile(offset)?, tile(end.saturating_sub(1))?))
}

/// Makes a crown of leaves that come one batch after the other.
struct CrownBuilder<'a> {
    pool: &'a rayon::ThreadPool,
    /// Leaves that do not fill a branch yet.
    pending: Vec<Hash>,
    branches: Vec<Hash>,
    leaves: usize,
}

impl<'a> CrownBuilder<'a> {
    fn new(pool: &'a rayon::ThreadPool) -> Self {
        Self { pool, pending: Vec::new(), branches: Vec::new(), leaves: 0 }
    }

    fn extend(&mut self, leaves: Vec<Hash>) {
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

    fn finish(mut self) -> io::Result<Crown> {
        self.gather(self.pending.len());
        let leaves = u32::try_from(self.leaves).ok();
        let crown = leaves.and_then(|leaves| Crown::new(self.branches, leaves));
        crown.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "too many leaves"))
    }
}

/// Read until `buffer` is full or the file ends.
pub fn read_full(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::tile_tree::TileTree;
    use std::fs;

    const TASK: TaskId = TaskId { job: 4, index: 2 };

    #[test]
    fn hashing_in_batches_gives_the_leaves_of_every_tile() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join(OUTPUT_FILE);
        // Three batches, the last one short, and a tile size that does not divide a batch.
        let tile_bytes = 3_000_000u32;
        let bytes: Vec<u8> = (0..5 * tile_bytes).map(|i| (i % 251) as u8).collect();
        fs::write(&output, &bytes).unwrap();
        let outputs = Outputs::new().unwrap();
        let indices = [0, 10, 20, 30, 40];
        let leaves = outputs.leaves(&output, tile_bytes, &Hash::zero(), TASK, &indices).unwrap();
        let expected: Vec<Hash> = bytes
            .chunks(tile_bytes as usize)
            .zip(indices)
            .map(|(tile, index)| leaf(&Hash::zero(), TASK, index, tile))
            .collect();
        assert_eq!(leaves, expected);
    }

    /// A folder with an output of `tiles` tiles of 4 bytes, committed to as run `id`; and its whole tree.
    fn committed(outputs: &Outputs, id: Hash, tiles: u32) -> (tempfile::TempDir, TileTree) {
        let folder = tempfile::tempdir().unwrap();
        let (output, leaves) = (folder.path().join(OUTPUT_FILE), folder.path().join(LEAVES_FILE));
        let bytes: Vec<u8> = (0..tiles).flat_map(u32::to_le_bytes).collect();
        fs::write(&output, &bytes).unwrap();
        let tree =
            TileTree::new(bytes.chunks(4).zip(0..).map(|(tile, i)| leaf(&Hash::zero(), TASK, i, tile)).collect());
        assert_eq!(outputs.commit(id, &output, &leaves, 4, &Hash::zero(), TASK).unwrap(), tree.root());
        assert_eq!(fs::metadata(&leaves).unwrap().len(), u64::from(tiles) * LEAF_BYTES);
        (folder, tree)
    }

    #[test]
    fn many_tiles_are_opened_as_from_the_whole_tree() {
        let outputs = Outputs::new().unwrap();
        // More than a batch, with a last branch that is not full.
        let tiles = BATCH_TILES as u32 + 300;
        let id = Hash::repeat_byte(1);
        let (folder, tree) = committed(&outputs, id, tiles);
        for indices in [vec![0], vec![0, 1, 255, 256, 70_000 % tiles, tiles - 1], (500..1_500).collect()] {
            let opening = outputs.open(id, folder.path(), &tree.root(), &indices).unwrap();
            assert_eq!(opening, tree.open(&indices));
        }
        assert_eq!(outputs.open(id, folder.path(), &tree.root(), &[tiles]).unwrap(), None);
    }

    #[test]
    fn damaged_leaves_open_nothing() {
        let outputs = Outputs::new().unwrap();
        let id = Hash::repeat_byte(1);
        let (folder, tree) = committed(&outputs, id, 1_000);
        let path = folder.path().join(LEAVES_FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[300 * 32] ^= 1;
        fs::write(&path, bytes).unwrap();
        // In another branch nothing shows; then the crown is made anew of the damaged leaves.
        assert!(outputs.open(id, folder.path(), &tree.root(), &[0]).unwrap().is_some());
        for _ in 0..2 {
            let error = outputs.open(id, folder.path(), &tree.root(), &[300]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn a_range_is_widened_to_whole_tiles() {
        assert_eq!(covering_tiles(100, 10, 0, 1), Ok((0, 0)));
        assert_eq!(covering_tiles(100, 10, 9, 2), Ok((0, 1)));
        assert_eq!(covering_tiles(100, 10, 95, u64::MAX), Ok((9, 9)));
        assert_eq!(covering_tiles(100, 10, 5, 0), Err(RangeError::Empty));
        assert_eq!(covering_tiles(100, 10, 100, 1), Err(RangeError::Beyond { offset: 100, total: 100 }));
        assert_eq!(covering_tiles(1 << 30, 16, 0, u64::MAX), Ok((0, MAX_CHUNK_BYTES / 16 - 1)));
    }

    #[test]
    fn trees_are_bounded_and_come_back_from_disk() {
        let outputs = Outputs::new().unwrap();
        let first = Hash::repeat_byte(0xf1);
        let (folder, tree) = committed(&outputs, first, 1_000);
        for id in 0..20u8 {
            committed(&outputs, Hash::repeat_byte(id), 1);
        }
        assert_eq!(outputs.crowns.lock().unwrap().len(), MAX_CROWNS);
        let opening = outputs.open(first, folder.path(), &tree.root(), &[3, 999]).unwrap();
        assert_eq!(opening, tree.open(&[3, 999]));
    }
}
