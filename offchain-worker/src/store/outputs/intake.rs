//! Receives an output: reads it, hashes it and writes it at the same time.

use super::{CROWN_FILE, LEAVES_FILE, OUTPUT_FILE, Outputs, crown::CrownBuilder};
use crate::priority::lower_thread_priority;
use dpin_primitives::{
    Hash, TaskId,
    executor::{RunRequest, Work},
    tile_tree::leaf,
};
use rayon::prelude::*;
use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    ops::RangeInclusive,
    os::fd::AsRawFd,
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Bounds of the bytes hashed at a time. A batch is a sixteenth of the output
/// within these bounds, so that little is left to hash when the last byte arrives.
const BATCH_BYTES: RangeInclusive<u64> = 1024 * 1024..=8 * 1024 * 1024;
/// Most tiles hashed at a time.
pub(super) const BATCH_TILES: usize = 1 << 16;
/// Batches of an output in memory: one arrives, one waits, one is hashed and written.
const BATCHES: usize = 3;

impl Outputs {
    /// Prepare for the output of `request`. The output of a whole task goes into the folder `to`,
    /// with its leaves beside it. Of a sample only the leaves are kept. `alter` may change tiles
    /// before they are hashed; it gets the number of the first tile and their bytes.
    pub(crate) fn take_in(
        self: &Arc<Self>,
        request: &RunRequest,
        to: &Path,
        alter: impl Fn(u32, &mut [u8]) + Send + 'static,
    ) -> io::Result<Intake> {
        let tile_bytes = (request.kernel.tiling.tile_bytes() as usize).max(1);
        let expected = request.output_bytes();
        let bytes = (expected / 16).clamp(*BATCH_BYTES.start(), *BATCH_BYTES.end());
        let tiles = usize::try_from(bytes).unwrap_or(usize::MAX).div_ceil(tile_bytes).min(BATCH_TILES);
        let most = usize::try_from(expected).unwrap_or(usize::MAX);
        let batch_bytes = tiles.saturating_mul(tile_bytes).min(most);
        let (empty_sender, empty) = sync_channel(BATCHES);
        let (full, full_receiver) = sync_channel(BATCHES);
        for _ in 1..BATCHES {
            empty_sender.send(vec![0; batch_bytes]).map_err(io::Error::other)?;
        }
        let keeper = Keeper {
            outputs: self.clone(),
            id: request.id,
            genesis: request.genesis,
            task: request.task,
            tile_bytes,
            left: expected,
            hashing: Duration::ZERO,
        };
        let batches = Batches { full: full_receiver, empty: empty_sender };
        let thread = thread::Builder::new().name("output".into());
        let keeper = match request.work.clone() {
            Work::Sample(tiles) => thread.spawn(move || keeper.sample(batches, &tiles))?,
            Work::Task => {
                let create = |name| File::create(to.join(name));
                let files = [create(OUTPUT_FILE)?, create(LEAVES_FILE)?, create(CROWN_FILE)?];
                thread.spawn(move || keeper.task(batches, files, alter))?
            }
        };
        Ok(Intake { full, empty, batch: vec![0; batch_bytes], filled: 0, left: expected, keeper })
    }
}

/// Receives an output. While one thread reads it, a second thread writes it, and others hash it.
pub(crate) struct Intake {
    full: SyncSender<(Vec<u8>, usize)>,
    empty: Receiver<Vec<u8>>,
    batch: Vec<u8>,
    /// Bytes received of the current batch.
    filled: usize,
    /// Bytes of the output still to come.
    left: u64,
    keeper: JoinHandle<io::Result<ReceivedOutput>>,
}

/// A received output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ReceivedOutput {
    /// The hashes of the output.
    pub hashes: Hashes,
    /// Time spent on hashing, most of it while the rest was still computed.
    pub hashing: Duration,
}

/// The hashes of an output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Hashes {
    /// The leaves of a sample, in the order of its tiles.
    Leaves(Vec<Hash>),
    /// The root of a whole task's tree.
    Root(Hash),
}

impl Intake {
    /// Read the next `bytes` of the output.
    ///
    /// # Errors
    ///
    /// Errors of the reader; that the output is longer than it must be; and that the output is no
    /// longer stored, for a reason that [`Self::finish`] returns.
    pub(crate) fn read(&mut self, from: &mut impl Read, mut bytes: usize) -> io::Result<()> {
        let too_long = || io::Error::new(io::ErrorKind::InvalidData, "the output is longer than it must be");
        self.left = self.left.checked_sub(bytes as u64).ok_or_else(too_long)?;
        while bytes > 0 {
            let room = self.batch.get_mut(self.filled..).unwrap_or_default();
            let piece = room.len().min(bytes);
            from.read_exact(room.get_mut(..piece).unwrap_or_default())?;
            self.filled = self.filled.saturating_add(piece);
            bytes = bytes.saturating_sub(piece);
            let is_last = self.left == 0 && bytes == 0;
            if self.filled == self.batch.len() || is_last {
                self.pass_on()?;
            }
        }
        Ok(())
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let empty = self.empty.recv().map_err(|_| gone())?;
        let full = std::mem::replace(&mut self.batch, empty);
        self.full.send((full, std::mem::take(&mut self.filled))).map_err(|_| gone())
    }

    /// The hashes of the output, once all of it was read. The output of a whole task is then safe
    /// on the disk.
    ///
    /// # Errors
    ///
    /// Errors of the disk, and that a part of the output is missing.
    pub(crate) fn finish(mut self) -> io::Result<ReceivedOutput> {
        // If this fails, the keeper's error below says why.
        let passed = if self.filled > 0 { self.pass_on() } else { Ok(()) };
        drop(self.full);
        let taken = self.keeper.join().map_err(|_| io::Error::other("the thread that keeps the output panicked"))?;
        taken.and_then(|taken| passed.map(|()| taken))
    }
}

/// Batches received, and a channel to return them for reuse.
struct Batches {
    full: Receiver<(Vec<u8>, usize)>,
    empty: SyncSender<Vec<u8>>,
}

/// Hashes and stores the batches.
struct Keeper {
    outputs: Arc<Outputs>,
    id: Hash,
    genesis: Hash,
    task: TaskId,
    tile_bytes: usize,
    /// Bytes still to come.
    left: u64,
    hashing: Duration,
}

impl Keeper {
    fn sample(mut self, batches: Batches, indices: &[u32]) -> io::Result<ReceivedOutput> {
        let mut leaves = Vec::with_capacity(indices.len());
        while let Ok((batch, len)) = batches.full.recv() {
            let tiles = batch.get(..len).unwrap_or_default();
            let first = leaves.len();
            let index = |place: usize| indices.get(first.saturating_add(place)).copied().unwrap_or(u32::MAX);
            leaves.extend(self.hash(tiles, index, || Ok(()))?);
            // At the end of the output the receiver is gone.
            let _ = batches.empty.send(batch);
        }
        self.check_length()?;
        Ok(ReceivedOutput { hashes: Hashes::Leaves(leaves), hashing: self.hashing })
    }

    fn task(
        mut self,
        batches: Batches,
        [mut output, leaves, mut crowns]: [File; 3],
        alter: impl Fn(u32, &mut [u8]),
    ) -> io::Result<ReceivedOutput> {
        let mut file = BufWriter::new(leaves);
        lower_thread_priority();
        let outputs = self.outputs.clone();
        let mut crown = CrownBuilder::new(&outputs.pool);
        let (mut first, mut written) = (0u32, 0u64);
        while let Ok((mut batch, len)) = batches.full.recv() {
            let tiles = batch.get_mut(..len).unwrap_or_default();
            alter(first, tiles);
            let index = |place: usize| first.saturating_add(u32::try_from(place).unwrap_or(u32::MAX));
            let leaves = self.hash(tiles, index, || output.write_all(tiles))?;
            start_writeback(&output, written, len);
            written = written.saturating_add(len as u64);
            first = first.saturating_add(u32::try_from(leaves.len()).unwrap_or(u32::MAX));
            leaves.iter().try_for_each(|leaf| file.write_all(leaf.as_bytes()))?;
            crown.extend(leaves);
            let _ = batches.empty.send(batch);
        }
        self.check_length()?;
        file.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        output.sync_all()?;
        let (crown, bytes) = crown.finish()?;
        crowns.write_all(&bytes)?;
        crowns.sync_all()?;
        let root = crown.root();
        outputs.remember(self.id, Arc::new(crown));
        Ok(ReceivedOutput { hashes: Hashes::Root(root), hashing: self.hashing })
    }

    /// Check that the whole output has arrived.
    fn check_length(&self) -> io::Result<()> {
        if self.left == 0 {
            return Ok(());
        }
        let missing = format!("{} bytes of the output are missing", self.left);
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, missing))
    }

    /// The leaves of `tiles`, hashed while `meanwhile` runs. The tile at place `n` has the index
    /// `index(n)`.
    fn hash(
        &mut self,
        tiles: &[u8],
        index: impl Fn(usize) -> u32 + Sync,
        meanwhile: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<Vec<Hash>> {
        let (genesis, task, tile_bytes) = (&self.genesis, self.task, self.tile_bytes);
        let mut leaves = Vec::new();
        let mut hashing = Duration::ZERO;
        self.outputs.pool.in_place_scope(|scope| {
            scope.spawn(|_| {
                let begun = Instant::now();
                let tiles = tiles.par_chunks_exact(tile_bytes).enumerate();
                leaves = tiles.map(|(place, tile)| leaf(genesis, task, index(place), tile)).collect();
                hashing = begun.elapsed();
            });
            meanwhile()
        })?;
        self.hashing = self.hashing.saturating_add(hashing);
        self.left = self.left.saturating_sub(tiles.len() as u64);
        Ok(leaves)
    }
}

/// Start to write `len` bytes of `file` from `offset` on to the disk, so that the final sync is
/// shorter.
fn start_writeback(file: &File, offset: u64, len: usize) {
    let (Ok(offset), Ok(len)) = (offset.try_into(), len.try_into()) else { return };
    // SAFETY: a plain system call on an open file. Nothing depends on it, so a failure is ignored.
    unsafe { libc::sync_file_range(file.as_raw_fd(), offset, len, libc::SYNC_FILE_RANGE_WRITE) };
}
