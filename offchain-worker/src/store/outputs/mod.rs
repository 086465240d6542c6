//! Receives outputs, hashes them into tile trees, and reads parts of them with their proofs.
//!
//! An output is hashed from memory as it arrives, while the rest of it is still computed. The
//! process that computes it cannot change it after that.
//!
//! A tree may have 2^24 leaves: 512 MiB, and the same again for the nodes above them. Leaves go to
//! a file as they are made. Only the crown of the tree is kept in memory; an opening reads the
//! leaves of the branches that it touches. The branches of the crown are in a file too. Otherwise a
//! request for a few bytes of an old output would hash all its leaves again.

mod crown;
mod intake;

pub(crate) use intake::{Hashes, Intake, ReceivedOutput};

use super::files::{self, read_full};
use crate::priority::lower_thread_priority;
use crown::{CrownBuilder, read_crown};
use dpin_primitives::{
    Hash,
    executor::{Commitment, MAX_CHUNK_BYTES, OutputChunk, RunRequest, Work},
    tile_tree::{BRANCH_LEAVES, Crown, CrownError},
};
use intake::BATCH_TILES;
use parking_lot::{Condvar, Mutex};
use std::{
    collections::{HashSet, VecDeque},
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

/// Name of a task's output file in the folder of its run.
pub(crate) const OUTPUT_FILE: &str = "output";
/// Name of the file with its leaves, 32 bytes each.
pub(crate) const LEAVES_FILE: &str = "leaves.bin";

/// Name of the file with the crown of its tree: the number of leaves, 4 bytes in little endian,
/// then the branches, 32 bytes each. A missing file is made again from the leaves.
pub(crate) const CROWN_FILE: &str = "crown.bin";

/// Bytes of a leaf.
const LEAF_BYTES: u64 = 32;
/// Most crowns kept in memory, of at most 4 MiB each.
const MAX_CROWNS: usize = 8;

/// Bytes that a run leaves on the disk: of a whole task the output with its leaves and their
/// branches; of a sample nothing.
pub(crate) fn kept_bytes(request: &RunRequest) -> u64 {
    if let Work::Sample(_) = request.work {
        return 0;
    }
    let tiles = request.tiles();
    let hashes = u64::from(tiles).saturating_add(tiles.div_ceil(BRANCH_LEAVES).into());
    request.output_bytes().saturating_add(hashes.saturating_mul(LEAF_BYTES))
}

/// Hashes outputs, and caches the crowns used last.
pub(crate) struct Outputs {
    pool: rayon::ThreadPool,
    crowns: Mutex<VecDeque<(Hash, Arc<Crown>)>>,
    /// The runs whose crowns are being read or made.
    coming: Mutex<HashSet<Hash>>,
    came: Condvar,
}

/// A crown that the holder of this value is reading or making.
struct Coming<'a> {
    outputs: &'a Outputs,
    id: Hash,
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        self.outputs.coming.lock().remove(&self.id);
        self.outputs.came.notify_all();
    }
}

/// Why a requested range is not within the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RangeError {
    /// The requested length is 0.
    #[error("the length is 0")]
    Empty,
    /// The range starts beyond the end.
    #[error("offset {offset} is beyond the output's {total} bytes")]
    Beyond {
        /// Start of the range, in bytes.
        offset: u64,
        /// Bytes of the output.
        total: u64,
    },
}

/// Why a part of an output could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The range is not within the output.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// The disk failed, or the output is gone.
    #[error("output: {0}")]
    Io(#[from] io::Error),
}

impl Outputs {
    /// Hashing uses all cores but one, at the priority of a child.
    pub(crate) fn new() -> io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(cores.saturating_sub(1).max(1))
            .thread_name(|i| format!("hash-{i}"))
            .start_handler(|_| lower_thread_priority())
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { pool, crowns: Mutex::default(), coming: Mutex::default(), came: Condvar::new() })
    }

    /// Leaves and multi-proof of the tiles `indices` of run `id`, whose leaves lie in `folder`.
    /// `None` unless the indices are ascending, distinct and in range.
    pub(crate) fn open(
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
        let crown = self.crown(id, folder, root)?;
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

    /// The crown of run `id`'s tree with this `root`, from memory or from the files beside its
    /// output in `folder`. Concurrent requests read or make it only once.
    fn crown(&self, id: Hash, folder: &Path, root: &Hash) -> io::Result<Arc<Crown>> {
        let _coming = {
            let mut coming = self.coming.lock();
            loop {
                if let Some(crown) = self.known(&id) {
                    return Ok(crown);
                }
                if coming.insert(id) {
                    break Coming { outputs: self, id };
                }
                self.came.wait(&mut coming);
            }
        };
        let crown = match read_crown(&folder.join(CROWN_FILE)).filter(|crown| crown.root() == *root) {
            Some(crown) => crown,
            None => self.made_of_leaves(folder)?,
        };
        let crown = Arc::new(crown);
        self.remember(id, crown.clone());
        Ok(crown)
    }

    fn known(&self, id: &Hash) -> Option<Arc<Crown>> {
        let crowns = self.crowns.lock();
        crowns.iter().find(|(known, _)| known == id).map(|(_, crown)| crown.clone())
    }

    /// Make the crown from the leaves in `folder`, and store it there.
    fn made_of_leaves(&self, folder: &Path) -> io::Result<Crown> {
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
        let (crown, bytes) = builder.finish()?;
        if let Err(error) = files::write_atomic(&folder.join(CROWN_FILE), &bytes) {
            tracing::debug!(%error, "a crown was not kept");
        }
        Ok(crown)
    }

    /// Drop the cached crown of run `id`.
    pub(crate) fn forget(&self, id: &Hash) {
        self.crowns.lock().retain(|(known, _)| known != id);
    }

    fn remember(&self, id: Hash, crown: Arc<Crown>) {
        let mut crowns = self.crowns.lock();
        crowns.retain(|(known, _)| *known != id);
        crowns.push_front((id, crown));
        crowns.truncate(MAX_CROWNS);
    }

    /// The whole tiles of run `id` that cover `length` bytes from `offset` on, with their proof.
    pub(crate) fn chunk(
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

/// First and last of the tiles that cover `length` bytes from `offset` on, up to
/// [`MAX_CHUNK_BYTES`].
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

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        TaskId,
        kernel::Tiling,
        tile_tree::{TileTree, leaf},
    };
    use std::{fs, thread, time::Duration};

    const TASK: TaskId = TaskId { job: 4, index: 2 };

    fn request_of(id: Hash, work: Work, tiles: u32, tile_bytes: u32) -> RunRequest {
        let request = crate::process::child::tests::request(work, Tiling::PerGroup { bytes: tile_bytes });
        RunRequest { id, task: TASK, group_count: tiles, ..request }
    }

    /// The result of an output that arrives in pieces of `piece` bytes, possibly without its end.
    fn taken(
        outputs: &Arc<Outputs>,
        request: &RunRequest,
        bytes: &[u8],
        piece: usize,
        to: &Path,
    ) -> io::Result<ReceivedOutput> {
        let mut intake = outputs.take_in(request, to, |_, _| ())?;
        for piece in bytes.chunks(piece) {
            intake.read(&mut &piece[..], piece.len())?;
        }
        intake.finish()
    }

    #[test]
    fn a_sample_in_batches_gives_the_leaves_of_every_tile() {
        let folder = tempfile::tempdir().unwrap();
        // Three batches, the last one short, and a tile size that does not divide a batch.
        let tile_bytes = 3_000_000u32;
        let bytes: Vec<u8> = (0..5 * tile_bytes).map(|i| (i % 251) as u8).collect();
        let outputs = Arc::new(Outputs::new().unwrap());
        let indices = [0, 10, 20, 30, 40];
        let request = request_of(Hash::zero(), Work::Sample(indices.to_vec()), 50, tile_bytes);
        let expected: Vec<Hash> = bytes
            .chunks(tile_bytes as usize)
            .zip(indices)
            .map(|(tile, index)| leaf(&Hash::zero(), TASK, index, tile))
            .collect();
        for piece in [1_000_003, 64 << 20] {
            let taken = taken(&outputs, &request, &bytes, piece, folder.path()).unwrap();
            assert_eq!(taken.hashes, Hashes::Leaves(expected.clone()));
            assert!(taken.hashing > Duration::ZERO);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "of a sample nothing is written down");
    }

    #[test]
    fn an_output_must_have_just_as_many_bytes_as_it_must() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = Arc::new(Outputs::new().unwrap());
        let request = request_of(Hash::repeat_byte(1), Work::Task, 100, 4);
        for (bytes, kind) in
            [(0, io::ErrorKind::UnexpectedEof), (399, io::ErrorKind::UnexpectedEof), (401, io::ErrorKind::InvalidData)]
        {
            let error = taken(&outputs, &request, &vec![1; bytes], 7, folder.path()).unwrap_err();
            assert_eq!(error.kind(), kind, "{bytes} bytes");
        }
        assert!(outputs.crowns.lock().is_empty(), "what is not whole is not remembered");
    }

    #[test]
    fn what_is_done_to_tiles_is_kept_and_hashed() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = Arc::new(Outputs::new().unwrap());
        // Two batches.
        let tiles = BATCH_TILES as u32 + 10;
        let request = request_of(Hash::repeat_byte(1), Work::Task, tiles, 4);
        let alter = |first: u32, tiles: &mut [u8]| {
            for (index, tile) in (first..).zip(tiles.chunks_exact_mut(4)) {
                tile.copy_from_slice(&index.to_le_bytes());
            }
        };
        let mut intake = outputs.take_in(&request, folder.path(), alter).unwrap();
        intake.read(&mut io::repeat(0), tiles as usize * 4).unwrap();
        let taken = intake.finish().unwrap();
        let bytes: Vec<u8> = (0..tiles).flat_map(u32::to_le_bytes).collect();
        assert_eq!(fs::read(folder.path().join(OUTPUT_FILE)).unwrap(), bytes);
        let leaves = bytes.chunks(4).zip(0..).map(|(tile, i)| leaf(&Hash::zero(), TASK, i, tile));
        assert_eq!(taken.hashes, Hashes::Root(TileTree::new(leaves.collect()).root()));
    }

    #[test]
    fn an_output_that_cannot_be_written_down_tells_why() {
        let outputs = Arc::new(Outputs::new().unwrap());
        let request = request_of(Hash::repeat_byte(1), Work::Task, 100, 4);
        let error = taken(&outputs, &request, &[0; 400], 400, Path::new("/nowhere")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    /// A folder with an output of `tiles` tiles of 4 bytes, committed as run `id`, and its whole
    /// tree.
    fn committed(outputs: &Arc<Outputs>, id: Hash, tiles: u32) -> (tempfile::TempDir, TileTree) {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..tiles).flat_map(u32::to_le_bytes).collect();
        let tree =
            TileTree::new(bytes.chunks(4).zip(0..).map(|(tile, i)| leaf(&Hash::zero(), TASK, i, tile)).collect());
        let taken = taken(outputs, &request_of(id, Work::Task, tiles, 4), &bytes, 100_000, folder.path()).unwrap();
        assert_eq!(taken.hashes, Hashes::Root(tree.root()));
        assert_eq!(fs::read(folder.path().join(OUTPUT_FILE)).unwrap(), bytes);
        assert_eq!(fs::metadata(folder.path().join(LEAVES_FILE)).unwrap().len(), u64::from(tiles) * LEAF_BYTES);
        (folder, tree)
    }

    #[test]
    fn many_tiles_are_opened_as_from_the_whole_tree() {
        let outputs = Arc::new(Outputs::new().unwrap());
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
        let outputs = Arc::new(Outputs::new().unwrap());
        let id = Hash::repeat_byte(1);
        let (folder, tree) = committed(&outputs, id, 1_000);
        let path = folder.path().join(LEAVES_FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[300 * 32] ^= 1;
        fs::write(&path, bytes).unwrap();
        // The other branch is not damaged.
        assert!(outputs.open(id, folder.path(), &tree.root(), &[0]).unwrap().is_some());
        for _ in 0..2 {
            let error = outputs.open(id, folder.path(), &tree.root(), &[300]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn a_crown_comes_from_its_file_and_not_from_the_leaves() {
        let id = Hash::repeat_byte(1);
        let (folder, tree) = committed(&Arc::new(Outputs::new().unwrap()), id, 1_000);
        // All leaves but those of one branch are damaged, so a crown made from them has another
        // root.
        let path = folder.path().join(LEAVES_FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[..512 * 32].fill(0);
        fs::write(&path, bytes).unwrap();
        let opening = Outputs::new().unwrap().open(id, folder.path(), &tree.root(), &[600, 601]).unwrap();
        assert_eq!(opening, tree.open(&[600, 601]));
    }

    #[test]
    fn a_crown_that_is_damaged_or_gone_is_made_again_and_kept() {
        let id = Hash::repeat_byte(1);
        let (folder, tree) = committed(&Arc::new(Outputs::new().unwrap()), id, 1_000);
        let path = folder.path().join(CROWN_FILE);
        let whole = fs::read(&path).unwrap();
        let damage: [fn(&Path); 3] = [
            |path| fs::remove_file(path).unwrap(),
            |path| fs::write(path, [7; 60]).unwrap(),
            |path| fs::write(path, fs::read(path).unwrap().iter().map(|byte| !byte).collect::<Vec<_>>()).unwrap(),
        ];
        for damage in damage {
            damage(&path);
            let opening = Outputs::new().unwrap().open(id, folder.path(), &tree.root(), &[3]).unwrap();
            assert_eq!(opening, tree.open(&[3]));
            assert_eq!(fs::read(&path).unwrap(), whole);
        }
    }

    #[test]
    fn a_crown_is_made_once_however_many_ask() {
        let id = Hash::repeat_byte(1);
        let (folder, tree) = committed(&Arc::new(Outputs::new().unwrap()), id, 1_000);
        let outputs = Arc::new(Outputs::new().unwrap());
        // As if another thread were making it.
        outputs.coming.lock().insert(id);
        let ask = || {
            let (outputs, path, root) = (outputs.clone(), folder.path().to_path_buf(), tree.root());
            thread::spawn(move || outputs.open(id, &path, &root, &[3]).unwrap())
        };
        let asked: Vec<_> = (0..8).map(|_| ask()).collect();
        thread::sleep(Duration::from_millis(100));
        assert!(outputs.crowns.lock().is_empty(), "somebody did not wait");
        // Once the crown exists, the leaves are not needed for it.
        let crown = read_crown(&folder.path().join(CROWN_FILE)).unwrap();
        outputs.remember(id, Arc::new(crown));
        fs::remove_file(folder.path().join(CROWN_FILE)).unwrap();
        drop(Coming { outputs: &outputs, id });
        asked.into_iter().for_each(|asked| assert_eq!(asked.join().unwrap(), tree.open(&[3])));
        assert!(!folder.path().join(CROWN_FILE).exists(), "somebody made it again");
        assert!(outputs.coming.lock().is_empty());
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
        let outputs = Arc::new(Outputs::new().unwrap());
        let first = Hash::repeat_byte(0xf1);
        let (folder, tree) = committed(&outputs, first, 1_000);
        for id in 0..20u8 {
            committed(&outputs, Hash::repeat_byte(id), 1);
        }
        assert_eq!(outputs.crowns.lock().len(), MAX_CROWNS);
        let opening = outputs.open(first, folder.path(), &tree.root(), &[3, 999]).unwrap();
        assert_eq!(opening, tree.open(&[3, 999]));
    }
}
