//! The depot: large blobs on disk, whole or partial.
//!
//! Each blob has two files. `<id>.tree` holds its length and leaves, which were checked against the
//! id before they were written. Its bytes are in `<id>.part` or `<id>.blob`. A `.blob` is complete
//! and the disk has confirmed it, so it is trusted after a restart. A `.part` may be complete too,
//! but its chunks are hashed again after a restart. So neither a killed process nor a power cut can
//! leave wrong bytes that are taken for the blob. No other state is stored.
//!
//! ```text
//!             begin               put, put, …          last chunk            synced
//!   () -----------------> part -----------------> part ---------> whole, part -------> whole, blob
//!       upload ... finish -------------------------------------------^
//! ```
//!
//! Every blob counts against the quota with its full length from the beginning. When there is no
//! room, the depot removes blobs that the chain does not know. Then it removes blobs that were
//! fetched and that no job needs, the longest unused first. The disk is checked too, before a blob
//! is begun and with every piece of it. The reserve of the disk is never touched, whatever the
//! quota is.

mod error;
mod fetched;
mod files;
mod part;
mod room;
mod state;
#[cfg(test)]
pub(super) mod tests;
mod upload;

pub(super) use error::DepotError;
pub(super) use part::Part;
pub(super) use room::{Judge, Worth};
pub(super) use upload::Upload;

use super::{bitmap::Bitmap, lock};
use crate::disk::Gauge;
use dpin_primitives::{
    BlobHash, Hash,
    blob_tree::{self, CHUNK_BYTES},
};
use state::{Entry, Stage, State};
use std::{
    fs::{self, File},
    io,
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::AtomicU64},
};

/// Most blobs in a depot.
const MAX_BLOBS: usize = 16_384;

/// Length and progress of a blob in the depot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Status {
    /// Length in bytes.
    pub len: u64,
    /// Number of bytes that are here.
    pub present: u64,
}

impl Status {
    /// Returns whether all bytes are here.
    pub(super) fn is_whole(&self) -> bool {
        self.present == self.len
    }
}

/// Returns the byte range of chunks in a blob of `len` bytes, `None` if there are no such chunks.
fn range_of(len: u64, chunks: &Range<u32>) -> Option<Range<u64>> {
    let within = chunks.start < chunks.end && chunks.end <= blob_tree::chunks(len)?;
    let at = |chunk: u32| len.min(u64::from(chunk) * CHUNK_BYTES as u64);
    within.then(|| at(chunks.start)..at(chunks.end))
}

/// The store of large blobs on disk: see the [module](self).
pub(super) struct Depot {
    dir: PathBuf,
    quota: u64,
    judge: Judge,
    state: Mutex<State>,
    names: AtomicU64,
    disk: Gauge,
}

impl Depot {
    /// Opens the depot in `dir`, with the blobs that an earlier run left there.
    ///
    /// # Errors
    ///
    /// When the directory cannot be made or read.
    pub(super) fn open(dir: &Path, quota: u64, judge: Judge) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let state = files::scan(dir)?;
        let (state, names) = (Mutex::new(state), AtomicU64::new(0));
        Ok(Self { dir: dir.into(), quota, judge, state, names, disk: Arc::new(|| u64::MAX) })
    }

    /// Makes the depot respect the reserve of the disk, measured by this gauge.
    #[must_use]
    pub(super) fn on_disk(mut self, disk: Gauge) -> Self {
        self.disk = disk;
        self
    }

    fn path(&self, id: &BlobHash, extension: &str) -> PathBuf {
        files::path(&self.dir, id, extension)
    }

    /// Returns length and progress of a blob, `None` if the depot has nothing of it.
    pub(super) fn status(&self, id: &BlobHash) -> Option<Status> {
        let state = lock(&self.state);
        let Entry { len, stage, .. } = state.blobs.get(id)?;
        let present = match stage {
            Stage::Whole => *len,
            Stage::Unchecked => 0,
            Stage::Part(part) => part.present_bytes(),
        };
        Some(Status { len: *len, present })
    }

    /// Returns the length of a blob in bytes, and the chunks of it that are here.
    pub(super) fn present(&self, id: &BlobHash) -> Option<(u64, Bitmap)> {
        let mut state = lock(&self.state);
        let Entry { len, stage, .. } = state.touch(id)?;
        let count = blob_tree::chunks(*len)?;
        let present = match stage {
            Stage::Whole => Bitmap::all(count),
            Stage::Unchecked => Bitmap::none(count),
            Stage::Part(part) => part.present(),
        };
        Some((*len, present))
    }

    /// Returns the ids of all whole blobs.
    pub(super) fn whole(&self) -> Vec<BlobHash> {
        let state = lock(&self.state);
        state.blobs.iter().filter(|(_, entry)| matches!(entry.stage, Stage::Whole)).map(|(id, _)| *id).collect()
    }

    /// Opens a whole blob. Returns the file, to read from its beginning, and the length in bytes.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub(super) fn read(&self, id: &BlobHash) -> io::Result<Option<(File, u64)>> {
        let len = match lock(&self.state).touch(id) {
            Some(Entry { len, stage: Stage::Whole, .. }) => *len,
            _ => return Ok(None),
        };
        Ok(Some((self.bytes_file(id)?, len)))
    }

    fn bytes_file(&self, id: &BlobHash) -> io::Result<File> {
        // The file may be renamed between the two attempts.
        File::open(self.path(id, "blob"))
            .or_else(|_| File::open(self.path(id, "part")))
            .or_else(|_| File::open(self.path(id, "blob")))
    }

    /// Reads some chunks, `None` unless all of them are here.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub(super) fn chunks(&self, id: &BlobHash, chunks: Range<u32>) -> io::Result<Option<Vec<u8>>> {
        let (range, part) = {
            let mut state = lock(&self.state);
            let Some(Entry { len, stage, .. }) = state.touch(id) else { return Ok(None) };
            let Some(range) = range_of(*len, &chunks) else { return Ok(None) };
            match stage {
                Stage::Whole => (range, None),
                Stage::Part(part) if part.has_all(chunks.clone()) => (range, Some(part.clone())),
                Stage::Part(_) | Stage::Unchecked => return Ok(None),
            }
        };
        let mut bytes = vec![0; (range.end - range.start) as usize];
        match part {
            Some(part) => part.file.read_exact_at(&mut bytes, range.start)?,
            None => self.bytes_file(id)?.read_exact_at(&mut bytes, range.start)?,
        }
        Ok(Some(bytes))
    }

    /// Returns all leaves of a blob, `None` if the depot has nothing of it.
    ///
    /// # Errors
    ///
    /// When the leaves cannot be read.
    pub(super) fn leaves(&self, id: &BlobHash) -> io::Result<Option<Vec<Hash>>> {
        match lock(&self.state).touch(id) {
            None => return Ok(None),
            Some(Entry { stage: Stage::Part(part), .. }) => return Ok(Some(part.leaves.clone())),
            Some(_) => {}
        }
        files::read_leaves(&self.path(id, "tree")).map(Some)
    }

    /// Removes a blob. A reader that has it open can read on.
    ///
    /// # Errors
    ///
    /// When its files cannot be removed.
    pub(super) fn remove(&self, id: &BlobHash) -> io::Result<()> {
        lock(&self.state).blobs.remove(id);
        files::remove_all(&self.dir, id)
    }
}
