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

use super::bitmap::Bitmap;
use crate::disk::Gauge;
use codec::{Decode, Encode};
use dpin_primitives::{
    blob_tree::{self, Hasher, CHUNK_BYTES, MAX_BLOB_BYTES},
    BlobHash, Hash,
};
use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::{Duration, Instant},
};

/// Most blobs in a depot.
const MAX_BLOBS: usize = 16_384;
/// Chunks that are hashed at a time when a part is checked: 4 MiB.
const CHECKED_AT_ONCE: u32 = 16;

/// The reason why the depot fails or refuses.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// The quota is used up by blobs that are needed.
    #[error("there is no room for {0} bytes: the quota is used up by blobs that are needed")]
    Full(u64),
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// Only the reserve of the disk is left.
    #[error("the disk is nearly full: what is left is kept for the node's database (a twentieth of the disk, 5 GiB at most)")]
    Reserve,
    /// The blob is empty or too long.
    #[error("a blob has 1 to {} bytes", MAX_BLOB_BYTES)]
    Length,
    /// The leaves or bytes are not those of the blob.
    #[error("the bytes are not those that the id names")]
    WrongBytes,
    /// Any other error of the disk.
    #[error("the disk: {0}")]
    Disk(io::Error),
}

impl From<io::Error> for DepotError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Disk(error),
        }
    }
}

/// The chain's interest in a blob, from least to most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Worth {
    /// The chain does not know the blob.
    Unknown,
    /// The blob is announced.
    Announced,
    /// A job needs the blob.
    Needed,
}

/// Returns the chain's interest in a blob.
pub type Judge = Box<dyn Fn(BlobHash) -> Worth + Send + Sync>;

/// The origin of a blob.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Origin {
    /// A user of this node uploaded the blob.
    Uploaded,
    /// The blob was fetched from other nodes.
    Fetched,
}

/// The head of a tree file.
#[derive(Encode, Decode)]
struct TreeHead {
    version: u8,
    origin: Origin,
    len: u64,
}

const TREE_VERSION: u8 = 1;
const TREE_HEAD_BYTES: usize = 10;

/// Length and progress of a blob in the depot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Status {
    /// Length in bytes.
    pub len: u64,
    /// Number of bytes that are here.
    pub present: u64,
}

impl Status {
    /// Returns whether all bytes are here.
    pub fn is_whole(&self) -> bool {
        self.present == self.len
    }
}

/// A partial blob. Chunks are put into it in any order, from any thread.
pub struct Part {
    id: BlobHash,
    len: u64,
    leaves: Vec<Hash>,
    file: File,
    present: Mutex<Bitmap>,
    disk: Gauge,
}

impl Part {
    /// Returns the blob's length in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Returns the chunks that are here.
    pub fn present(&self) -> Bitmap {
        lock(&self.present).clone()
    }

    /// Checks the bytes of `chunks` against their leaves, and writes them.
    ///
    /// # Errors
    ///
    /// [`DepotError::WrongBytes`] if they are too few, too many, or other bytes;
    /// [`DepotError::Reserve`] if the disk is nearly full. Nothing is written in both cases.
    pub fn put(&self, chunks: Range<u32>, bytes: &[u8]) -> Result<(), DepotError> {
        let expected = self.leaves.get(chunks.start as usize..chunks.end as usize).ok_or(DepotError::WrongBytes)?;
        let range = range_of(self.len, &chunks).ok_or(DepotError::WrongBytes)?;
        if bytes.len() as u64 != range.end - range.start || blob_tree::leaves(chunks.start, bytes) != expected {
            return Err(DepotError::WrongBytes);
        }
        if (self.disk)() < bytes.len() as u64 {
            return Err(DepotError::Reserve);
        }
        self.file.write_all_at(bytes, range.start)?;
        let mut present = lock(&self.present);
        chunks.for_each(|chunk| present.set(chunk));
        Ok(())
    }

    /// Finds out by hashing which chunks are on the disk.
    fn check(&self) -> io::Result<()> {
        let mut buffer = vec![0; CHECKED_AT_ONCE as usize * CHUNK_BYTES];
        let count = self.leaves.len() as u32;
        for first in (0..count).step_by(CHECKED_AT_ONCE as usize) {
            let chunks = first..count.min(first + CHECKED_AT_ONCE);
            let Some(range) = range_of(self.len, &chunks) else { continue };
            let bytes = &mut buffer[..(range.end - range.start) as usize];
            self.file.read_exact_at(bytes, range.start)?;
            let mut present = lock(&self.present);
            for (chunk, leaf) in chunks.zip(blob_tree::leaves(first, bytes)) {
                if self.leaves.get(chunk as usize) == Some(&leaf) {
                    present.set(chunk);
                }
            }
        }
        Ok(())
    }
}

enum Stage {
    /// On disk since before the node started, not yet checked.
    Unchecked,
    Part(Arc<Part>),
    Whole,
}

struct Entry {
    len: u64,
    origin: Origin,
    stage: Stage,
    /// Time of the last request for the blob. A restart counts as a request.
    used: Instant,
}

#[derive(Default)]
struct State {
    blobs: HashMap<BlobHash, Entry>,
    /// Bytes reserved for uploads that have no id yet.
    uploading: u64,
    uploads: usize,
}

impl State {
    /// Returns the bytes that are yet to be written, of blobs that have their room reserved.
    fn coming(&self) -> u64 {
        let rest = |entry: &Entry| match &entry.stage {
            Stage::Part(part) => {
                entry.len.saturating_sub(u64::from(lock(&part.present).count()).saturating_mul(CHUNK_BYTES as u64))
            }
            Stage::Unchecked | Stage::Whole => 0,
        };
        self.blobs.values().map(rest).sum::<u64>().saturating_add(self.uploading)
    }

    fn used(&self) -> u64 {
        self.blobs.values().map(|entry| cost(entry.len)).sum::<u64>().saturating_add(self.uploading)
    }

    fn touch(&mut self, id: &BlobHash) -> Option<&mut Entry> {
        let entry = self.blobs.get_mut(id)?;
        entry.used = Instant::now();
        Some(entry)
    }
}

/// Returns the disk space of a blob in bytes: its bytes, its leaves, and the head of its tree file.
fn cost(len: u64) -> u64 {
    len.saturating_add(u64::from(blob_tree::chunks(len).unwrap_or(0)) * 32).saturating_add(TREE_HEAD_BYTES as u64)
}

/// Returns the byte range of chunks in a blob of `len` bytes, `None` if there are no such chunks.
fn range_of(len: u64, chunks: &Range<u32>) -> Option<Range<u64>> {
    let within = chunks.start < chunks.end && chunks.end <= blob_tree::chunks(len)?;
    let at = |chunk: u32| len.min(u64::from(chunk) * CHUNK_BYTES as u64);
    within.then(|| at(chunks.start)..at(chunks.end))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The store of large blobs on disk: see the [module](self).
pub struct Depot {
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
    pub fn open(dir: &Path, quota: u64, judge: Judge) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let mut state = State::default();
        for file in fs::read_dir(dir)? {
            let path = file?.path();
            let id = path.file_stem().and_then(|name| name.to_str()).and_then(parse_id);
            match (path.extension().and_then(|extension| extension.to_str()), id) {
                (Some("tree"), Some(id)) => match read_tree_head(&path) {
                    Ok(TreeHead { origin, len, .. }) => {
                        let has_len = |name: &str| {
                            fs::metadata(path.with_extension(name)).is_ok_and(|metadata| metadata.len() == len)
                        };
                        let stage = match () {
                            () if has_len("blob") => Some(Stage::Whole),
                            () if has_len("part") => Some(Stage::Unchecked),
                            // An earlier depot of this process may have renamed the file a moment
                            // ago.
                            () => has_len("blob").then_some(Stage::Whole),
                        };
                        match stage {
                            Some(stage) => {
                                let used = Instant::now();
                                state.blobs.insert(id, Entry { len, origin, stage, used });
                            }
                            None => remove_files(dir, &id)?,
                        }
                    }
                    Err(_) => remove_files(dir, &id)?,
                },
                (Some("blob" | "part"), Some(_)) if path.with_extension("tree").exists() => {}
                (Some("blob" | "part" | "upload" | "new"), _) => fs::remove_file(&path)?,
                _ => {}
            }
        }
        let (state, names) = (Mutex::new(state), AtomicU64::new(0));
        Ok(Self { dir: dir.into(), quota, judge, state, names, disk: Arc::new(|| u64::MAX) })
    }

    /// Makes the depot respect the reserve of the disk, measured by this gauge.
    #[must_use]
    pub fn on_disk(mut self, disk: Gauge) -> Self {
        self.disk = disk;
        self
    }

    fn path(&self, id: &BlobHash, extension: &str) -> PathBuf {
        self.dir.join(hex::encode(id)).with_extension(extension)
    }

    /// Returns length and progress of a blob, `None` if the depot has nothing of it.
    pub fn status(&self, id: &BlobHash) -> Option<Status> {
        let state = lock(&self.state);
        let Entry { len, stage, .. } = state.blobs.get(id)?;
        let present = match stage {
            Stage::Whole => *len,
            Stage::Unchecked => 0,
            Stage::Part(part) => {
                let present = lock(&part.present);
                // Only the last chunk may be short.
                let last = present.len_of_last(*len);
                (u64::from(present.count()) * CHUNK_BYTES as u64).saturating_sub(last)
            }
        };
        Some(Status { len: *len, present })
    }

    /// Returns the length of a blob in bytes, and the chunks of it that are here.
    pub fn present(&self, id: &BlobHash) -> Option<(u64, Bitmap)> {
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
    pub fn whole(&self) -> Vec<BlobHash> {
        let state = lock(&self.state);
        state.blobs.iter().filter(|(_, entry)| matches!(entry.stage, Stage::Whole)).map(|(id, _)| *id).collect()
    }

    /// Opens a whole blob. Returns the file, to read from its beginning, and the length in bytes.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn read(&self, id: &BlobHash) -> io::Result<Option<(File, u64)>> {
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
    pub fn chunks(&self, id: &BlobHash, chunks: Range<u32>) -> io::Result<Option<Vec<u8>>> {
        let (range, part) = {
            let mut state = lock(&self.state);
            let Some(Entry { len, stage, .. }) = state.touch(id) else { return Ok(None) };
            let Some(range) = range_of(*len, &chunks) else { return Ok(None) };
            match stage {
                Stage::Whole => (range, None),
                Stage::Part(part) if lock(&part.present).has_all(chunks.clone()) => (range, Some(part.clone())),
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
    pub fn leaves(&self, id: &BlobHash) -> io::Result<Option<Vec<Hash>>> {
        match lock(&self.state).touch(id) {
            None => return Ok(None),
            Some(Entry { stage: Stage::Part(part), .. }) => return Ok(Some(part.leaves.clone())),
            Some(_) => {}
        }
        read_leaves(&self.path(id, "tree")).map(Some)
    }

    /// Begins a fetched blob, or resumes it. Returns `None` if the blob is whole.
    ///
    /// # Errors
    ///
    /// When the leaves are not those of the blob, there is no room, or the disk fails.
    pub fn begin(&self, id: BlobHash, len: u64, leaves: Vec<Hash>) -> Result<Option<Arc<Part>>, DepotError> {
        if len == 0 || len > MAX_BLOB_BYTES {
            return Err(DepotError::Length);
        }
        if !blob_tree::fits(&id, len, &leaves) {
            return Err(DepotError::WrongBytes);
        }
        if let Some(known) = self.resume(id)? {
            return Ok(known);
        }
        self.make_room(cost(len))?;
        {
            let mut state = lock(&self.state);
            if state.used().saturating_add(cost(len)) > self.quota || state.blobs.len() >= MAX_BLOBS {
                return Err(DepotError::Full(len));
            }
            // The room is reserved from here on. It is released if the start fails.
            let entry = Entry { len, origin: Origin::Fetched, stage: Stage::Unchecked, used: Instant::now() };
            state.blobs.insert(id, entry);
        }
        let started = self.start_part(id, len, leaves);
        match started {
            Ok(part) => {
                if let Some(entry) = lock(&self.state).touch(&id) {
                    entry.stage = Stage::Part(part.clone());
                }
                Ok(Some(part))
            }
            Err(error) => {
                self.remove(&id)?;
                Err(error)
            }
        }
    }

    fn start_part(&self, id: BlobHash, len: u64, leaves: Vec<Hash>) -> Result<Arc<Part>, DepotError> {
        let path = self.path(&id, "part");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        file.set_len(len)?;
        self.write_tree(&id, Origin::Fetched, len, &leaves)?;
        let present = Mutex::new(Bitmap::none(leaves.len() as u32));
        Ok(Arc::new(Part { id, len, leaves, file, present, disk: self.disk.clone() }))
    }

    /// Resumes a blob of which the depot has something. Returns `None` if it has nothing, and
    /// `Some(None)` if the blob is whole.
    fn resume(&self, id: BlobHash) -> Result<Option<Option<Arc<Part>>>, DepotError> {
        let len = match lock(&self.state).touch(&id) {
            None => return Ok(None),
            Some(Entry { stage: Stage::Whole, .. }) => return Ok(Some(None)),
            Some(Entry { stage: Stage::Part(part), .. }) => return Ok(Some(Some(part.clone()))),
            Some(Entry { stage: Stage::Unchecked, len, .. }) => *len,
        };
        let leaves = read_leaves(&self.path(&id, "tree"))?;
        let file = OpenOptions::new().read(true).write(true).open(self.path(&id, "part"))?;
        let present = Mutex::new(Bitmap::none(leaves.len() as u32));
        let part = Arc::new(Part { id, len, leaves, file, present, disk: self.disk.clone() });
        part.check()?;
        if part.present().is_full() {
            self.finish(&part);
            return Ok(Some(None));
        }
        let mut state = lock(&self.state);
        let Some(entry) = state.touch(&id) else { return Ok(None) };
        Ok(Some(match &entry.stage {
            Stage::Whole => None,
            // Another thread was quicker.
            Stage::Part(other) => Some(other.clone()),
            Stage::Unchecked => {
                entry.stage = Stage::Part(part.clone());
                Some(part)
            }
        }))
    }

    /// Checks every blob that was partial when the node ended, one at a time. Hashes all of their
    /// bytes.
    pub fn check_all(&self) {
        let unchecked: Vec<BlobHash> = {
            let state = lock(&self.state);
            state.blobs.iter().filter(|(_, e)| matches!(e.stage, Stage::Unchecked)).map(|(id, _)| *id).collect()
        };
        for id in unchecked {
            if let Err(error) = self.resume(id) {
                log::warn!(target: super::LOG, "Cannot go on with blob {id:?}: {error}");
            }
        }
    }

    /// Marks a blob as whole, once its part has all chunks.
    pub fn finish(&self, part: &Part) {
        if let Some(entry) = lock(&self.state).touch(&part.id) {
            entry.stage = Stage::Whole;
        }
        if let Ok(file) = part.file.try_clone() {
            self.confirm(part.id, file);
        }
    }

    /// Syncs a whole blob to the disk, and then renames it to a `.blob`, which is trusted for ever.
    ///
    /// This does not wait: syncing takes as long as writing all of the blob.
    fn confirm(&self, id: BlobHash, file: File) {
        let (part, blob) = (self.path(&id, "part"), self.path(&id, "blob"));
        let confirming = std::thread::Builder::new().name("blob-sync".into()).spawn(move || {
            let confirmed = file.sync_data().and_then(|()| fs::rename(part, blob));
            match confirmed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    log::warn!(target: super::LOG, "The disk does not confirm blob {id:?}: {error}");
                }
                _ => {}
            }
        });
        if let Err(error) = confirming {
            log::warn!(target: super::LOG, "Blob {id:?} will be checked again after a restart: {error}");
        }
    }

    /// Begins an upload of `len` bytes.
    ///
    /// # Errors
    ///
    /// When the length is 0 or too large, there is no room, or the disk fails.
    pub fn upload(self: &Arc<Self>, len: u64) -> Result<Upload, DepotError> {
        if len == 0 || len > MAX_BLOB_BYTES {
            return Err(DepotError::Length);
        }
        self.make_room(cost(len))?;
        {
            let mut state = lock(&self.state);
            let full = state.used().saturating_add(cost(len)) > self.quota;
            if full || state.blobs.len().saturating_add(state.uploads) >= MAX_BLOBS {
                return Err(DepotError::Full(len));
            }
            state.uploading = state.uploading.saturating_add(cost(len));
            state.uploads = state.uploads.saturating_add(1);
        }
        let name = self.names.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{name}.upload"));
        let mut upload = Upload { depot: self.clone(), path, file: None, hasher: Hasher::new(), len };
        upload.file = Some(OpenOptions::new().read(true).write(true).create_new(true).open(&upload.path)?);
        Ok(upload)
    }

    fn write_tree(&self, id: &BlobHash, origin: Origin, len: u64, leaves: &[Hash]) -> io::Result<()> {
        let mut bytes = TreeHead { version: TREE_VERSION, origin, len }.encode();
        bytes.reserve(leaves.len() * 32);
        leaves.iter().for_each(|leaf| bytes.extend_from_slice(leaf.as_bytes()));
        let new = self.path(id, "new");
        let mut file = File::create(&new)?;
        file.write_all(&bytes)?;
        // Synced because every later check relies on it; the file is small.
        file.sync_data()?;
        fs::rename(new, self.path(id, "tree"))
    }

    /// Removes a blob. A reader that has it open can read on.
    ///
    /// # Errors
    ///
    /// When its files cannot be removed.
    pub fn remove(&self, id: &BlobHash) -> io::Result<()> {
        lock(&self.state).blobs.remove(id);
        remove_files(&self.dir, id)
    }

    /// Returns the blobs that are not being fetched, each with the time since its last request.
    fn candidates(&self) -> Vec<(BlobHash, Origin, Duration)> {
        let state = lock(&self.state);
        let idle = |entry: &Entry| match &entry.stage {
            // A second reference means that a fetch is under way.
            Stage::Part(part) => Arc::strong_count(part) == 1,
            Stage::Unchecked | Stage::Whole => true,
        };
        let free = state.blobs.iter().filter(|(_, entry)| idle(entry));
        free.map(|(id, entry)| (*id, entry.origin, entry.used.elapsed())).collect()
    }

    /// Removes blobs that the chain does not know and that nobody has requested during `grace`.
    /// Returns their ids.
    pub fn sweep(&self, grace: Duration) -> Vec<BlobHash> {
        let old = self.candidates().into_iter().filter(|(_, _, unused)| *unused >= grace);
        old.map(|(id, ..)| id)
            .filter(|id| (self.judge)(*id) == Worth::Unknown)
            .filter(|id| self.remove(id).is_ok())
            .collect()
    }

    /// Checks that there is room for `bytes` more. The error says what is short: the quota or the
    /// disk.
    fn lacks(&self, bytes: u64) -> Result<(), DepotError> {
        let (used, coming) = self.taken();
        if used.saturating_add(bytes) > self.quota {
            return Err(DepotError::Full(bytes));
        }
        if coming.saturating_add(bytes) > (self.disk)() {
            return Err(DepotError::Reserve);
        }
        Ok(())
    }

    /// Returns the blobs that may be removed to make room for `bytes` more, in the order of
    /// removal. The list is empty if there is room already.
    fn spare(&self, bytes: u64) -> Result<Vec<BlobHash>, DepotError> {
        let Err(lacking) = self.lacks(bytes) else { return Ok(Vec::new()) };
        let judged = self.candidates().into_iter().map(|(id, origin, unused)| ((self.judge)(id), id, origin, unused));
        let mut free: Vec<_> = judged
            .filter(|(worth, _, origin, _)| match worth {
                Worth::Unknown => true,
                Worth::Announced => *origin == Origin::Fetched,
                Worth::Needed => false,
            })
            .collect();
        free.sort_unstable_by_key(|(worth, _, _, unused)| (*worth, std::cmp::Reverse(*unused)));
        let cost_of = |id: &BlobHash| self.status(id).map_or(0, |status| cost(status.len));
        let freed: u64 = free.iter().map(|(_, id, ..)| cost_of(id)).sum();
        let (used, coming) = self.taken();
        let never = used.saturating_sub(freed).saturating_add(bytes) > self.quota
            || coming.saturating_add(bytes) > (self.disk)().saturating_add(freed);
        // Remove nothing if even that would not make enough room.
        if never {
            Err(lacking)
        } else {
            Ok(free.into_iter().map(|(_, id, ..)| id).collect())
        }
    }

    /// Returns the used bytes of the quota, and the part of them that is yet to be written.
    fn taken(&self) -> (u64, u64) {
        let state = lock(&self.state);
        (state.used(), state.coming())
    }

    /// Checks that there is room for a blob of `len` bytes, or that room can be made.
    ///
    /// # Errors
    ///
    /// The quota or the reserve of the disk, whichever is too small.
    pub fn could_hold(&self, len: u64) -> Result<(), DepotError> {
        self.spare(cost(len)).map(drop)
    }

    /// Removes blobs until there is room for `bytes` more. Removes nothing if all removable blobs
    /// together would not free enough.
    fn make_room(&self, bytes: u64) -> Result<(), DepotError> {
        let mut spare = self.spare(bytes)?.into_iter();
        loop {
            let Err(lacking) = self.lacks(bytes) else { return Ok(()) };
            let id = spare.next().ok_or(lacking)?;
            log::debug!(target: super::LOG, "Blob {id:?} makes room");
            self.remove(&id)?;
        }
    }
}

impl Bitmap {
    /// Returns the bytes by which the last chunk is shorter than others, in a blob of `len` bytes;
    /// 0 if that chunk is not here.
    fn len_of_last(&self, len: u64) -> u64 {
        let count = blob_tree::chunks(len).unwrap_or(0);
        let short = (u64::from(count) * CHUNK_BYTES as u64).saturating_sub(len);
        count.checked_sub(1).filter(|last| self.has(*last)).map_or(0, |_| short)
    }
}

/// A blob that is uploaded piece by piece. If it is dropped before it is finished, nothing of it is
/// left.
pub struct Upload {
    depot: Arc<Depot>,
    path: PathBuf,
    file: Option<File>,
    hasher: Hasher,
    len: u64,
}

impl Upload {
    /// Writes the next bytes.
    ///
    /// # Errors
    ///
    /// When there are more bytes than announced, only the reserve of the disk is left, or the disk
    /// fails.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), DepotError> {
        let length = self.hasher.len().saturating_add(bytes.len() as u64);
        let file = self.file.as_mut().filter(|_| length <= self.len).ok_or(DepotError::WrongBytes)?;
        if (self.depot.disk)() < bytes.len() as u64 {
            return Err(DepotError::Reserve);
        }
        file.write_all(bytes)?;
        self.hasher.update(bytes);
        Ok(())
    }

    /// Ends the upload, and keeps the bytes if they are the blob `id`.
    ///
    /// # Errors
    ///
    /// [`DepotError::WrongBytes`] if they are not, or an error of the disk.
    pub fn finish(mut self, id: BlobHash) -> Result<(), DepotError> {
        let whole = self.hasher.len() == self.len;
        let (found, leaves) = std::mem::take(&mut self.hasher).finish_tree();
        let file = self.file.take().filter(|_| whole && found == id).ok_or(DepotError::WrongBytes)?;
        let depot = &self.depot;
        if depot.status(&id).is_some_and(|status| status.is_whole()) {
            return Ok(());
        }
        depot.write_tree(&id, Origin::Uploaded, self.len, &leaves)?;
        fs::rename(&self.path, depot.path(&id, "part"))?;
        let entry = Entry { len: self.len, origin: Origin::Uploaded, stage: Stage::Whole, used: Instant::now() };
        lock(&depot.state).blobs.insert(id, entry);
        depot.confirm(id, file);
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let mut state = lock(&self.depot.state);
        state.uploading = state.uploading.saturating_sub(cost(self.len));
        state.uploads = state.uploads.saturating_sub(1);
        drop(state);
        // The file does not exist any more after a finished upload.
        let _ = fs::remove_file(&self.path);
    }
}

fn parse_id(hex: &str) -> Option<BlobHash> {
    let mut id = [0; 32];
    hex::decode_to_slice(hex, &mut id).ok()?;
    Some(BlobHash::from(id))
}

fn remove_files(dir: &Path, id: &BlobHash) -> io::Result<()> {
    // The tree file goes last: the other files are ignored without it, and it alone counts as
    // nothing.
    for extension in ["part", "blob", "new", "tree"] {
        match fs::remove_file(dir.join(hex::encode(id)).with_extension(extension)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn read_tree_head(path: &Path) -> io::Result<TreeHead> {
    let mut bytes = [0; TREE_HEAD_BYTES];
    let mut file = File::open(path)?;
    file.read_exact(&mut bytes)?;
    let head = TreeHead::decode(&mut &bytes[..]).map_err(io::Error::other)?;
    let leaves = blob_tree::chunks(head.len).map(|count| u64::from(count) * 32 + TREE_HEAD_BYTES as u64);
    if head.version != TREE_VERSION || leaves != Some(file.metadata()?.len()) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(head)
}

fn read_leaves(path: &Path) -> io::Result<Vec<Hash>> {
    let bytes = fs::read(path)?;
    let leaves = bytes.get(TREE_HEAD_BYTES..).unwrap_or_default();
    Ok(leaves.chunks_exact(32).map(Hash::from_slice).collect())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Returns id, leaves and bytes of a pseudo-random blob of `len` bytes.
    pub fn blob(len: usize, seed: u8) -> (BlobHash, Vec<Hash>, Vec<u8>) {
        let mut state = u64::from(seed) + 1;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(len)
        .collect();
        let mut hasher = Hasher::new();
        hasher.update(&bytes);
        let (id, leaves) = hasher.finish_tree();
        (id, leaves, bytes)
    }

    /// Opens a depot for which every blob is announced.
    pub fn depot(dir: &Path, quota: u64) -> Arc<Depot> {
        Arc::new(Depot::open(dir, quota, Box::new(|_| Worth::Announced)).unwrap())
    }

    fn judged(dir: &Path, quota: u64, needed: &[BlobHash], announced: &[BlobHash]) -> Arc<Depot> {
        let sets = [needed, announced].map(|ids| ids.iter().copied().collect::<HashSet<_>>());
        let judge = move |id| match &sets {
            [needed, _] if needed.contains(&id) => Worth::Needed,
            [_, announced] if announced.contains(&id) => Worth::Announced,
            _ => Worth::Unknown,
        };
        Arc::new(Depot::open(dir, quota, Box::new(judge)).unwrap())
    }

    pub fn upload(depot: &Arc<Depot>, id: BlobHash, bytes: &[u8]) -> Result<(), DepotError> {
        let mut upload = depot.upload(bytes.len() as u64)?;
        bytes.chunks(100_000).try_for_each(|piece| upload.write(piece))?;
        upload.finish(id)
    }

    fn fetch(depot: &Depot, len: usize, seed: u8) -> BlobHash {
        let (id, leaves, bytes) = blob(len, seed);
        let count = leaves.len() as u32;
        let part = depot.begin(id, len as u64, leaves).unwrap().unwrap();
        part.put(0..count, &bytes).unwrap();
        depot.finish(&part);
        id
    }

    pub fn read(depot: &Depot, id: BlobHash) -> Option<Vec<u8>> {
        let (mut file, len) = depot.read(&id).unwrap()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, len);
        Some(bytes)
    }

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn what_is_uploaded_can_be_read_whole_and_by_chunks_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let (id, leaves, bytes) = blob(3 * CHUNK_BYTES + 5, 1);
        for _ in 0..2 {
            let depot = depot(dir.path(), 4 * MIB);
            depot.check_all();
            upload(&depot, id, &bytes).unwrap();
            assert_eq!(read(&depot, id).unwrap(), bytes);
            assert_eq!(depot.leaves(&id).unwrap().unwrap(), leaves);
            let some = depot.chunks(&id, 2..4).unwrap().unwrap();
            assert_eq!(some, bytes[2 * CHUNK_BYTES..]);
            assert_eq!(depot.chunks(&id, 3..5).unwrap(), None);
            assert_eq!(depot.chunks(&id, 3..3).unwrap(), None);
            assert_eq!(depot.present(&id), Some((bytes.len() as u64, Bitmap::all(4))));
            assert_eq!(depot.whole(), [id]);
        }
    }

    #[test]
    fn an_upload_of_other_bytes_or_another_length_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let depot = depot(dir.path(), MIB);
        let (id, _, bytes) = blob(1_000, 1);
        assert!(matches!(upload(&depot, BlobHash::zero(), &bytes), Err(DepotError::WrongBytes)));
        let mut short = depot.upload(1_000).unwrap();
        short.write(&bytes[..999]).unwrap();
        assert!(matches!(short.finish(id), Err(DepotError::WrongBytes)));
        let mut long = depot.upload(999).unwrap();
        assert!(matches!(long.write(&bytes), Err(DepotError::WrongBytes)));
        drop(long);
        assert_eq!(depot.status(&id), None);
        assert_eq!(lock(&depot.state).used(), 0);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn lengths_have_limits() {
        let dir = tempfile::tempdir().unwrap();
        let depot = depot(dir.path(), u64::MAX);
        assert!(matches!(depot.upload(0), Err(DepotError::Length)));
        assert!(matches!(depot.upload(MAX_BLOB_BYTES + 1), Err(DepotError::Length)));
        assert!(matches!(depot.begin(BlobHash::zero(), 0, Vec::new()), Err(DepotError::Length)));
        assert!(matches!(depot.begin(BlobHash::zero(), u64::MAX, Vec::new()), Err(DepotError::Length)));
    }

    #[test]
    fn a_part_takes_right_chunks_in_any_order_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let depot = depot(dir.path(), 4 * MIB);
        let (id, leaves, bytes) = blob(2 * CHUNK_BYTES + 9, 1);
        let len = bytes.len() as u64;
        assert!(matches!(depot.begin(id, len, leaves[..2].to_vec()), Err(DepotError::WrongBytes)));
        let part = depot.begin(id, len, leaves.clone()).unwrap().unwrap();
        assert_eq!(depot.status(&id), Some(Status { len, present: 0 }));

        part.put(2..3, &bytes[2 * CHUNK_BYTES..]).unwrap();
        assert_eq!(depot.status(&id), Some(Status { len, present: 9 }));
        assert_eq!(depot.chunks(&id, 2..3).unwrap().unwrap(), bytes[2 * CHUNK_BYTES..]);
        assert_eq!(depot.chunks(&id, 1..3).unwrap(), None);

        let head = &bytes[..2 * CHUNK_BYTES];
        let mut forged = head.to_vec();
        forged[CHUNK_BYTES + 3] ^= 1;
        let wrong = [(0..2, &forged[..]), (0..2, &head[..head.len() - 1]), (0..1, head), (1..3, head), (0..4, &bytes)];
        for (chunks, bytes) in wrong {
            assert!(matches!(part.put(chunks, bytes), Err(DepotError::WrongBytes)));
        }
        assert_eq!(depot.status(&id), Some(Status { len, present: 9 }));

        part.put(0..2, head).unwrap();
        assert!(part.present().is_full());
        depot.finish(&part);
        assert_eq!(read(&depot, id).unwrap(), bytes);
        assert!(depot.begin(id, len, leaves).unwrap().is_none());
    }

    #[test]
    fn a_restart_finds_the_chunks_that_are_right_and_only_those() {
        let dir = tempfile::tempdir().unwrap();
        let (id, leaves, bytes) = blob(4 * CHUNK_BYTES, 1);
        let chunk = |i: usize| &bytes[i * CHUNK_BYTES..(i + 1) * CHUNK_BYTES];
        {
            let depot = depot(dir.path(), 4 * MIB);
            let part = depot.begin(id, bytes.len() as u64, leaves.clone()).unwrap().unwrap();
            [0, 1, 3].into_iter().for_each(|i| part.put(i as u32..i as u32 + 1, chunk(i)).unwrap());
            // A power cut may leave wrong bytes like these.
            part.file.write_all_at(&[0xff; 10], CHUNK_BYTES as u64 + 7).unwrap();
        }
        let depot = depot(dir.path(), 4 * MIB);
        assert_eq!(depot.status(&id).unwrap().present, 0);
        depot.check_all();
        assert_eq!(depot.status(&id).unwrap().present, 2 * CHUNK_BYTES as u64);
        let part = depot.begin(id, bytes.len() as u64, leaves).unwrap().unwrap();
        let missing = part.present().missing(8);
        assert_eq!((missing.len(), missing[0].clone()), (1, 1..3));
        part.put(1..3, &bytes[CHUNK_BYTES..3 * CHUNK_BYTES]).unwrap();
        depot.finish(&part);
        assert_eq!(read(&depot, id).unwrap(), bytes);
    }

    #[test]
    fn files_that_mean_nothing_are_removed_at_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let (id, ..) = blob(10, 1);
        let name = hex::encode(id);
        for file in [format!("{name}.part"), "7.upload".into(), format!("{name}.new")] {
            fs::write(dir.path().join(file), b"x").unwrap();
        }
        let other = hex::encode(BlobHash::zero());
        fs::write(dir.path().join(&other).with_extension("tree"), b"no tree").unwrap();
        fs::write(dir.path().join(&other).with_extension("blob"), b"x").unwrap();
        let depot = depot(dir.path(), MIB);
        assert_eq!((depot.status(&id), depot.status(&BlobHash::zero())), (None, None));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_full_depot_refuses_and_gives_way_by_worth_and_age() {
        let dir = tempfile::tempdir().unwrap();
        let (unknown, fetched, needed, brought) =
            (blob(100_000, 1), blob(100_000, 2), blob(100_000, 3), blob(100_000, 4));
        let depot = judged(dir.path(), 450_000, &[needed.0], &[fetched.0, brought.0]);
        fetch(&depot, 100_000, 3);
        upload(&depot, brought.0, &brought.2).unwrap();
        fetch(&depot, 100_000, 2);
        upload(&depot, unknown.0, &unknown.2).unwrap();
        let there = |depot: &Depot| [unknown.0, fetched.0, needed.0, brought.0].map(|id| depot.status(&id).is_some());

        let first = depot.upload(100_000).unwrap();
        assert_eq!(there(&depot), [false, true, true, true]);
        let second = depot.upload(100_000).unwrap();
        assert_eq!(there(&depot), [false, false, true, true]);
        assert!(matches!(depot.upload(100_000), Err(DepotError::Full(_))));
        let (id, leaves, _) = blob(100_000, 9);
        assert!(matches!(depot.begin(id, 100_000, leaves), Err(DepotError::Full(_))));
        assert_eq!(there(&depot), [false, false, true, true]);
        drop((first, second));
        depot.upload(100_000).unwrap();
    }

    /// A disk with this many bytes above its reserve, however much is written.
    fn disk(bytes: u64) -> (Gauge, Arc<AtomicU64>) {
        let room = Arc::new(AtomicU64::new(bytes));
        let told = room.clone();
        (Arc::new(move || told.load(Ordering::Relaxed)), room)
    }

    #[test]
    fn the_reserve_of_the_disk_is_not_touched_before_and_during_a_fetch() {
        let dir = tempfile::tempdir().unwrap();
        let (gauge, room) = disk(3 * MIB);
        let depot = Depot::open(dir.path(), u64::MAX, Box::new(|_| Worth::Needed)).unwrap().on_disk(gauge);
        let (id, leaves, bytes) = blob(8 * CHUNK_BYTES, 1);
        let part = depot.begin(id, bytes.len() as u64, leaves).unwrap().unwrap();
        // The first blob has its room reserved, though little of it is written.
        let (second, leaves, _) = blob(8 * CHUNK_BYTES, 2);
        assert!(matches!(depot.begin(second, 2 * MIB, leaves), Err(DepotError::Reserve)));
        assert!(depot.could_hold(2 * MIB).is_err() && depot.could_hold(MIB / 2).is_ok());
        part.put(0..1, &bytes[..CHUNK_BYTES]).unwrap();
        // Another program fills the disk.
        room.store(CHUNK_BYTES as u64 - 1, Ordering::Relaxed);
        assert!(matches!(part.put(1..2, &bytes[CHUNK_BYTES..2 * CHUNK_BYTES]), Err(DepotError::Reserve)));
        assert_eq!(part.present().count(), 1);
    }

    #[test]
    fn an_upload_stops_at_the_reserve_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (gauge, room) = disk(MIB);
        let depot = Arc::new(Depot::open(dir.path(), u64::MAX, Box::new(|_| Worth::Needed)).unwrap().on_disk(gauge));
        assert!(matches!(depot.upload(MIB), Err(DepotError::Reserve)));
        let mut begun = depot.upload(MIB / 2).unwrap();
        begun.write(&[1; 1_000]).unwrap();
        room.store(999, Ordering::Relaxed);
        assert!(matches!(begun.write(&[1; 1_000]), Err(DepotError::Reserve)));
        drop(begun);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn blobs_that_nobody_needs_make_room_on_a_disk_that_is_nearly_full() {
        let dir = tempfile::tempdir().unwrap();
        let (gauge, room) = disk(u64::MAX);
        let depot = Depot::open(dir.path(), u64::MAX, Box::new(|_| Worth::Announced)).unwrap().on_disk(gauge);
        let old = fetch(&depot, 100_000, 1);
        room.store(10, Ordering::Relaxed);
        // Nothing is removed if that would not make enough room.
        let (id, leaves, _) = blob(200_000, 2);
        assert!(matches!(depot.begin(id, 200_000, leaves), Err(DepotError::Reserve)));
        assert!(depot.status(&old).is_some());
        let (id, leaves, _) = blob(90_000, 3);
        // On this disk, removing blobs frees no space.
        assert!(matches!(depot.begin(id, 90_000, leaves), Err(DepotError::Reserve)));
        assert_eq!(depot.status(&old), None);
    }

    #[test]
    fn the_sweep_takes_what_the_chain_does_not_know_once_it_is_old() {
        let dir = tempfile::tempdir().unwrap();
        let (known, unknown) = (blob(1_000, 1), blob(1_000, 2));
        let depot = judged(dir.path(), MIB, &[], &[known.0]);
        upload(&depot, known.0, &known.2).unwrap();
        upload(&depot, unknown.0, &unknown.2).unwrap();
        assert_eq!(depot.sweep(Duration::from_secs(60)), []);
        assert_eq!(depot.sweep(Duration::ZERO), [unknown.0]);
        assert_eq!(depot.whole(), [known.0]);
    }

    #[test]
    fn what_is_being_fetched_is_not_removed() {
        let dir = tempfile::tempdir().unwrap();
        let depot = judged(dir.path(), MIB, &[], &[]);
        let (id, leaves, _) = blob(1_000, 1);
        let part = depot.begin(id, 1_000, leaves).unwrap().unwrap();
        assert_eq!(depot.sweep(Duration::ZERO), []);
        drop(part);
        assert_eq!(depot.sweep(Duration::ZERO), [id]);
    }
}
