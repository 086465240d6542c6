//! Hashing outputs into tile trees, and reading parts of them with their proof.

use crate::sandbox;
use dpin_primitives::{
    executor::{Commitment, OutputChunk, MAX_CHUNK_BYTES},
    tile_tree::{leaf, TileTree},
    Hash, TaskId,
};
use rayon::prelude::*;
use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Name of a task's output in its run's directory.
pub const OUTPUT_FILE: &str = "output";
/// Name of its leaves, 32 bytes each.
pub const LEAVES_FILE: &str = "leaves.bin";

/// Bytes hashed at a time.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Most trees kept in memory, and most leaves of all of them; one tree is kept whatever its size.
const MAX_TREES: usize = 8;
const MAX_TREE_LEAVES: usize = 1 << 21;

/// Hashes outputs and remembers the trees used last.
pub struct Outputs {
    pool: rayon::ThreadPool,
    trees: Mutex<VecDeque<(Hash, Arc<TileTree>)>>,
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
        Ok(Self { pool, trees: Mutex::default() })
    }

    /// The leaves of the tiles in the file `output`, which are those of `task` named by `indices`, in order.
    pub fn leaves(
        &self,
        output: &Path,
        tile_bytes: u32,
        genesis: &Hash,
        task: TaskId,
        indices: impl Fn(usize) -> u32 + Sync,
    ) -> io::Result<Vec<Hash>> {
        let tile_bytes = (tile_bytes as usize).max(1);
        let mut batch = vec![0; (BATCH_BYTES / tile_bytes).max(1).saturating_mul(tile_bytes)];
        let mut file = File::open(output)?;
        let mut leaves = Vec::new();
        loop {
            let read = read_full(&mut file, &mut batch)?;
            let tiles = batch.get(..read).unwrap_or_default();
            let first = leaves.len();
            leaves.extend(self.pool.install(|| {
                tiles
                    .par_chunks_exact(tile_bytes)
                    .enumerate()
                    .map(|(i, tile)| leaf(genesis, task, indices(first.saturating_add(i)), tile))
                    .collect::<Vec<_>>()
            }));
            if read < batch.len() {
                return Ok(leaves);
            }
        }
    }

    /// Build the tree over `leaves`, remember it as that of run `id`, and tell its root.
    pub fn commit(&self, id: Hash, leaves: Vec<Hash>) -> Hash {
        let tree = Arc::new(self.pool.install(|| TileTree::new(leaves)));
        let root = tree.root();
        self.remember(id, tree);
        root
    }

    /// The tree of run `id`, from memory or from the leaves beside its output in `folder`.
    pub fn tree(&self, id: Hash, folder: &Path) -> io::Result<Arc<TileTree>> {
        let known = {
            let trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
            trees.iter().find(|(known, _)| *known == id).map(|(_, tree)| tree.clone())
        };
        if let Some(tree) = known {
            return Ok(tree);
        }
        let bytes = fs::read(folder.join(LEAVES_FILE))?;
        let leaves = bytes.chunks_exact(32).map(Hash::from_slice).collect();
        let tree = Arc::new(self.pool.install(|| TileTree::new(leaves)));
        self.remember(id, tree.clone());
        Ok(tree)
    }

    /// Forget the tree of run `id`.
    pub fn forget(&self, id: &Hash) {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| known != id);
    }

    fn remember(&self, id: Hash, tree: Arc<TileTree>) {
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        trees.retain(|(known, _)| *known != id);
        trees.push_front((id, tree));
        let mut leaves = 0usize;
        let mut kept = 0;
        while let Some((_, tree)) = trees.get(kept) {
            leaves = leaves.saturating_add(tree.leaves().len());
            if kept > 0 && (kept >= MAX_TREES || leaves > MAX_TREE_LEAVES) {
                break;
            }
            kept += 1;
        }
        trees.truncate(kept);
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
        let tree = self.tree(id, folder)?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the leaves are damaged");
        if tree.root() != commitment.root {
            self.forget(&id);
            return Err(damaged().into());
        }
        let indices: Vec<u32> = (first..=last).collect();
        let (_, proof) = tree.open(&indices).ok_or_else(damaged)?;
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

/// Write the leaves file.
pub fn write_leaves(path: &Path, leaves: &[Hash]) -> io::Result<()> {
    let mut file = io::BufWriter::new(File::create(path)?);
    for leaf in leaves {
        file.write_all(leaf.as_bytes())?;
    }
    file.into_inner().map_err(|error| error.into_error())?.sync_all()
}

/// Read until `buffer` is full or the file ends.
fn read_full(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
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
        let leaves = outputs.leaves(&output, tile_bytes, &Hash::zero(), TASK, |i| i as u32 * 10).unwrap();
        let expected: Vec<Hash> = bytes
            .chunks(tile_bytes as usize)
            .zip(0..)
            .map(|(tile, i)| leaf(&Hash::zero(), TASK, i * 10, tile))
            .collect();
        assert_eq!(leaves, expected);
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
        let folder = tempfile::tempdir().unwrap();
        let outputs = Outputs::new().unwrap();
        let leaves: Vec<Hash> = (0..5u8).map(Hash::repeat_byte).collect();
        write_leaves(&folder.path().join(LEAVES_FILE), &leaves).unwrap();
        let first = Hash::repeat_byte(0xf1);
        let root = outputs.commit(first, leaves);
        for id in 0..20u8 {
            outputs.commit(Hash::repeat_byte(id), vec![Hash::zero()]);
        }
        assert_eq!(outputs.trees.lock().unwrap().len(), MAX_TREES);
        assert_eq!(outputs.tree(first, folder.path()).unwrap().root(), root);
    }
}
