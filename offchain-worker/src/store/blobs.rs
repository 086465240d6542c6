//! The blob cache: files named by their hash, checked on arrival and before use.
//!
//! A blob may have 4 GiB, so none is held in memory as a whole. It arrives as an [`IncomingBlob`],
//! which reserves room before the first byte. Its bytes are hashed while they go into a file with a
//! temporary name. The file becomes the blob once all bytes have arrived, match the hash, and are
//! on the disk. A run gets the blob as a link to the cache's own file.
//!
//! A blob of at most [`SMALL_BYTES`] is hashed at each use. A larger one is hashed on arrival and
//! at its first use after a start. It is also hashed at the next use after a run failed in a way
//! that a damaged input could explain. In between, its length and modification time must not
//! change.

use super::{
    digest::{BlobDigest, is_named},
    envelope::{Quarantine, UNFINISHED, patiently},
    files::{self, free_bytes, hash_name, parse_hash, private_dir},
};
use dpin_primitives::{BlobHash, blob_tree::MAX_BLOB_BYTES, confidential};
use parking_lot::{Mutex, MutexGuard};
use std::{
    collections::{HashMap, HashSet},
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::{FileExt, PermissionsExt},
    path::{Path, PathBuf},
    time::SystemTime,
};
use tempfile::NamedTempFile;

/// Blobs of at most this many bytes are hashed at each use, which takes some milliseconds.
const SMALL_BYTES: u64 = 16 * 1024 * 1024;
/// Most blobs that arrive at a time.
const MAX_INCOMING: usize = 16;
/// The free disk space is checked again after this many bytes of a blob, because other programs
/// fill the disk too.
const LOOK_BYTES: u64 = 16 * 1024 * 1024;

/// Blobs on disk, with a limit on their bytes.
pub(crate) struct BlobCache {
    folder: PathBuf,
    max_bytes: u64,
    /// Bytes of the disk that the cache leaves free.
    reserve: u64,
    index: Mutex<Index>,
}

#[derive(Default)]
struct Index {
    blobs: HashMap<BlobHash, Entry>,
    /// Bytes of the stored blobs.
    bytes: u64,
    /// Bytes of the arriving blobs, and their number.
    promised: u64,
    incoming: usize,
    clock: u64,
}

struct Entry {
    stamp: Stamp,
    used: u64,
    /// Whether it was hashed since the start, and no failed run has made it suspect since.
    trusted: bool,
    /// Whether it starts like an encrypted input.
    encrypted: bool,
}

/// File metadata that changes when the file is written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self { len: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// Why a blob was refused.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The bytes have another hash.
    #[error("the bytes do not hash to {0:?}")]
    WrongHash(BlobHash),
    /// The blob is longer than any blob may be.
    #[error("a blob has at most {MAX_BLOB_BYTES} bytes")]
    TooLong,
    /// The number of bytes differs from the announced one.
    #[error("{came} of {announced} announced bytes arrived")]
    WrongLength {
        /// Announced bytes.
        announced: u64,
        /// Bytes that came, as far as they were read.
        came: u64,
    },
    /// Nothing more can be evicted.
    #[error("the blob cache is full")]
    Full,
    /// The disk has no room.
    #[error("the disk has {free} bytes free, which is too little for a blob of {len}")]
    DiskFull {
        /// Free bytes of the disk.
        free: u64,
        /// Bytes of the blob.
        len: u64,
    },
    /// Too many blobs are arriving already.
    #[error("{MAX_INCOMING} blobs are arriving already; try again later")]
    Busy,
    /// The disk failed.
    #[error("blob cache: {0}")]
    Io(#[from] io::Error),
}

impl BlobCache {
    /// Open the cache in `folder`, which holds at most `max_bytes` and leaves `reserve` bytes of
    /// the disk free. Other files in the folder go into the quarantine. A blob's file needs no
    /// version, because its name is its hash.
    ///
    /// # Errors
    ///
    /// If the folder or a blob in it cannot be read.
    pub(crate) fn open(folder: PathBuf, max_bytes: u64, reserve: u64, quarantine: &Quarantine) -> io::Result<Self> {
        private_dir(&folder)?;
        let mut index = Index::default();
        let mut found = Vec::new();
        for entry in patiently(&folder, || fs::read_dir(&folder))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let metadata = patiently(&path, || fs::symlink_metadata(&path))?;
            match parse_hash(name) {
                Some(hash) if metadata.is_file() => {
                    let encrypted = patiently(&path, || is_encrypted(&File::open(&path)?))?;
                    found.push((
                        metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                        hash,
                        Stamp::of(&metadata),
                        encrypted,
                    ));
                }
                _ if metadata.is_file() && name.starts_with(UNFINISHED) => fs::remove_file(&path)?,
                _ => quarantine.take(&path, "it is no blob"),
            }
        }
        found.sort_by_key(|(written, ..)| *written);
        for (_, hash, stamp, encrypted) in found {
            index.insert(hash, stamp, false, encrypted);
        }
        Ok(Self { folder, max_bytes, reserve, index: Mutex::new(index) })
    }

    /// Whether the blob is cached.
    pub(crate) fn contains(&self, hash: &BlobHash) -> bool {
        self.lock().blobs.contains_key(hash)
    }

    /// Bytes of the blob, if it is cached.
    pub(crate) fn len(&self, hash: &BlobHash) -> Option<u64> {
        self.lock().blobs.get(hash).map(|entry| entry.stamp.len)
    }

    /// Whether the blob is cached and encrypted.
    pub(crate) fn is_encrypted(&self, hash: &BlobHash) -> bool {
        self.lock().blobs.get(hash).is_some_and(|entry| entry.encrypted)
    }

    /// Reserve room for an arriving blob of `len` bytes. Blobs in `needed` are not evicted for it.
    /// `None` if the blob is cached already.
    pub(crate) fn begin(
        &self,
        hash: BlobHash,
        len: u64,
        needed: &HashSet<BlobHash>,
    ) -> Result<Option<IncomingBlob<'_>>, PutError> {
        if len > MAX_BLOB_BYTES {
            return Err(PutError::TooLong);
        }
        let mut index = self.lock();
        if index.blobs.get(&hash).is_some_and(|entry| entry.stamp.len == len) {
            return Ok(None);
        }
        if index.incoming >= MAX_INCOMING {
            return Err(PutError::Busy);
        }
        while index.bytes.saturating_add(index.promised).saturating_add(len) > self.max_bytes {
            let oldest = index.oldest(needed).ok_or(PutError::Full)?;
            self.remove(&mut index, &oldest);
        }
        let free = free_bytes(&self.folder)?.saturating_sub(index.promised);
        // An audit in progress may need a kernel's source even while larger blobs are refused.
        let reserve = if len > SMALL_BYTES { self.reserve } else { self.reserve / 2 };
        if free < len.saturating_add(reserve) {
            return Err(PutError::DiskFull { free, len });
        }
        let file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
        index.promised = index.promised.saturating_add(len);
        index.incoming = index.incoming.saturating_add(1);
        Ok(Some(IncomingBlob { cache: self, hash, len, came: 0, looked: 0, file, digest: BlobDigest::new() }))
    }

    /// Open a blob for reading. Returns its length in bytes as well. A blob that is damaged or gone
    /// is removed, so that it is requested again.
    ///
    /// # Errors
    ///
    /// If it cannot be read at the moment. That says nothing about its bytes.
    pub(crate) fn get(&self, hash: &BlobHash) -> io::Result<Option<(File, u64)>> {
        let mut index = self.lock();
        index.clock = index.clock.saturating_add(1);
        let now = index.clock;
        let Some(entry) = index.blobs.get_mut(hash) else { return Ok(None) };
        entry.used = now;
        let (stamp, trusted) = (entry.stamp, entry.trusted);
        drop(index);

        let sound = || {
            let mut file = File::open(self.path(hash))?;
            if Stamp::of(&file.metadata()?) == stamp && trusted && stamp.len > SMALL_BYTES {
                return Ok(Some(file));
            }
            let named = is_named(&mut file, hash)?;
            io::Seek::rewind(&mut file)?;
            io::Result::Ok(named.then_some(file))
        };
        match sound() {
            Ok(Some(file)) => {
                let stamp = file.metadata().as_ref().map_or(stamp, Stamp::of);
                if let Some(entry) = self.lock().blobs.get_mut(hash) {
                    (entry.stamp, entry.trusted) = (stamp, true);
                }
                Ok(Some((file, stamp.len)))
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            found => {
                tracing::warn!(blob = ?hash, error = ?found.err(), "a blob was damaged or is gone");
                self.remove(&mut self.lock(), hash);
                Ok(None)
            }
        }
    }

    /// Link the blob to `path`, for a run. Copies it if the file system has no links. Returns
    /// whether the blob is cached.
    pub(crate) fn link(&self, hash: &BlobHash, path: &Path) -> io::Result<bool> {
        if self.get(hash)?.is_none() {
            return Ok(false);
        }
        fs::hard_link(self.path(hash), path).or_else(|_| fs::copy(self.path(hash), path).map(drop))?;
        Ok(true)
    }

    /// Hash these blobs again before they are next used.
    pub(crate) fn distrust(&self, hashes: impl Iterator<Item = BlobHash>) {
        let mut index = self.lock();
        for hash in hashes {
            if let Some(entry) = index.blobs.get_mut(&hash) {
                entry.trusted = false;
            }
        }
    }

    /// Bytes of the blobs that are not `needed`.
    pub(crate) fn evictable(&self, needed: &HashSet<BlobHash>) -> u64 {
        let index = self.lock();
        let free = index.blobs.iter().filter(|(hash, _)| !needed.contains(hash));
        free.map(|(_, entry)| entry.stamp.len).fold(0, u64::saturating_add)
    }

    /// Remove blobs that are not `needed`, least recently used first, until `bytes` are freed or
    /// none is left.
    pub(crate) fn evict(&self, bytes: u64, needed: &HashSet<BlobHash>) {
        let mut index = self.lock();
        let least = index.bytes.saturating_sub(bytes);
        while index.bytes > least {
            let Some(oldest) = index.oldest(needed) else { return };
            tracing::debug!(blob = ?oldest, "blob removed: the disk is short of its reserve");
            self.remove(&mut index, &oldest);
        }
    }

    fn remove(&self, index: &mut Index, hash: &BlobHash) {
        if let Some(entry) = index.blobs.remove(hash) {
            index.bytes = index.bytes.saturating_sub(entry.stamp.len);
        }
        let _ = fs::remove_file(self.path(hash));
    }

    fn path(&self, hash: &BlobHash) -> PathBuf {
        self.folder.join(hash_name(hash))
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock()
    }
}

impl Index {
    /// The least recently used blob that is not `needed`.
    fn oldest(&self, needed: &HashSet<BlobHash>) -> Option<BlobHash> {
        let free = self.blobs.iter().filter(|(hash, _)| !needed.contains(hash));
        free.min_by_key(|(_, entry)| entry.used).map(|(hash, _)| *hash)
    }

    fn insert(&mut self, hash: BlobHash, stamp: Stamp, trusted: bool, encrypted: bool) {
        self.clock = self.clock.saturating_add(1);
        let entry = Entry { stamp, used: self.clock, trusted, encrypted };
        let old = self.blobs.insert(hash, entry).map_or(0, |entry| entry.stamp.len);
        self.bytes = self.bytes.saturating_sub(old).saturating_add(stamp.len);
    }
}

/// Whether a file starts like an encrypted input.
fn is_encrypted(file: &File) -> io::Result<bool> {
    let mut start = [0; confidential::MAGIC.len()];
    match file.read_exact_at(&mut start, 0) {
        Ok(()) => Ok(confidential::is_encrypted(&start)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// A blob that is arriving. If it is dropped before it is [finished](Self::finish), nothing
/// remains.
pub(crate) struct IncomingBlob<'a> {
    cache: &'a BlobCache,
    hash: BlobHash,
    len: u64,
    came: u64,
    /// The bytes that had come when the disk was last checked.
    looked: u64,
    file: NamedTempFile,
    digest: BlobDigest,
}

impl IncomingBlob<'_> {
    /// Add the next bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), PutError> {
        self.came = self.came.saturating_add(bytes.len() as u64);
        if self.came > self.len {
            return Err(self.wrong_length());
        }
        if self.came.saturating_sub(self.looked) >= LOOK_BYTES {
            self.looked = self.came;
            // Room for the rest of the blob is reserved. Half of the reserve is left for programs
            // that check less often.
            let free = free_bytes(&self.cache.folder)?;
            if free < self.cache.reserve / 2 {
                return Err(PutError::DiskFull { free, len: self.len });
            }
        }
        self.digest.update(bytes);
        Ok(self.file.write_all(bytes)?)
    }

    /// Store the blob, if all bytes have come and match its hash.
    pub(crate) fn finish(mut self) -> Result<(), PutError> {
        if self.came != self.len {
            return Err(self.wrong_length());
        }
        let digest = std::mem::replace(&mut self.digest, BlobDigest::new());
        if !digest.names(&self.hash) {
            return Err(PutError::WrongHash(self.hash));
        }
        let file = self.file.as_file();
        // Read-only, because runs have links to it.
        file.set_permissions(Permissions::from_mode(0o400))?;
        file.sync_all()?;
        let (stamp, encrypted) = (Stamp::of(&file.metadata()?), is_encrypted(file)?);
        let mut index = self.cache.lock();
        fs::rename(self.file.path(), self.cache.path(&self.hash))?;
        index.insert(self.hash, stamp, true, encrypted);
        drop(index);
        Ok(files::sync_dir(&self.cache.folder)?)
    }

    fn wrong_length(&self) -> PutError {
        PutError::WrongLength { announced: self.len, came: self.came }
    }
}

impl Drop for IncomingBlob<'_> {
    fn drop(&mut self) {
        let mut index = self.cache.lock();
        index.promised = index.promised.saturating_sub(self.len);
        index.incoming = index.incoming.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{blake2, blob_tree};
    use std::io::Read;

    fn cache(max_bytes: u64) -> (tempfile::TempDir, BlobCache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = opened(&folder, max_bytes);
        (folder, cache)
    }

    fn opened(folder: &tempfile::TempDir, max_bytes: u64) -> BlobCache {
        let quarantine = Quarantine::new(folder.path());
        BlobCache::open(folder.path().join("blobs"), max_bytes, files::SPARE_DISK_BYTES, &quarantine).unwrap()
    }

    fn put(cache: &BlobCache, hash: BlobHash, bytes: &[u8], needed: &[BlobHash]) -> Result<(), PutError> {
        let needed = needed.iter().copied().collect();
        let Some(mut incoming) = cache.begin(hash, bytes.len() as u64, &needed)? else { return Ok(()) };
        bytes.chunks(100_007).try_for_each(|piece| incoming.write(piece))?;
        incoming.finish()
    }

    fn got(cache: &BlobCache, hash: &BlobHash) -> Option<Vec<u8>> {
        let (mut file, len) = cache.get(hash).unwrap()?;
        let mut bytes = Vec::new();
        assert_eq!(file.read_to_end(&mut bytes).unwrap() as u64, len);
        Some(bytes)
    }

    fn files_in(folder: &tempfile::TempDir) -> usize {
        fs::read_dir(folder.path().join("blobs")).unwrap().count()
    }

    #[test]
    fn only_what_hashes_right_is_kept() {
        let (folder, cache) = cache(100);
        assert!(matches!(put(&cache, blake2(b"a"), b"b", &[]), Err(PutError::WrongHash(_))));
        assert_eq!(files_in(&folder), 0);
        put(&cache, blake2(b"a"), b"a", &[]).unwrap();
        assert_eq!(got(&cache, &blake2(b"a")), Some(b"a".to_vec()));
        assert_eq!(got(&cache, &blake2(b"b")), None);
    }

    #[test]
    fn encrypted_blobs_are_known_after_a_restart_too() {
        let (folder, cache) = cache(1000);
        let secret = [confidential::MAGIC, b"-> X25519"].concat();
        put(&cache, blake2(&secret), &secret, &[]).unwrap();
        put(&cache, blake2(b"plain"), b"plain", &[]).unwrap();
        let again = opened(&folder, 1000);
        for cache in [cache, again] {
            assert!(cache.is_encrypted(&blake2(&secret)) && !cache.is_encrypted(&blake2(b"plain")));
        }
    }

    #[test]
    fn a_blob_may_be_named_by_its_chunk_tree() {
        let (_folder, cache) = cache(100);
        let mut hasher = blob_tree::Hasher::new();
        hasher.update(b"chunked");
        let id = hasher.finish();
        put(&cache, id, b"chunked", &[]).unwrap();
        assert_eq!(got(&cache, &id), Some(b"chunked".to_vec()));
        assert!(!cache.contains(&blake2(b"chunked")));
    }

    #[test]
    fn what_is_cut_short_or_goes_on_too_long_leaves_nothing_and_no_room_is_lost() {
        let (folder, cache) = cache(10);
        let none = HashSet::new();
        for _ in 0..2 * MAX_INCOMING {
            let mut incoming = cache.begin(blake2(b"0123456789"), 10, &none).unwrap().unwrap();
            incoming.write(b"01234").unwrap();
            assert!(matches!(incoming.finish(), Err(PutError::WrongLength { announced: 10, came: 5 })));
            let mut incoming = cache.begin(blake2(b"0123456789"), 10, &none).unwrap().unwrap();
            incoming.write(b"0123456789").unwrap();
            assert!(matches!(incoming.write(b"x"), Err(PutError::WrongLength { .. })));
        }
        assert_eq!(files_in(&folder), 0);
        put(&cache, blake2(b"0123456789"), b"0123456789", &[]).unwrap();
    }

    #[test]
    fn room_is_set_aside_before_the_bytes_come() {
        let (_folder, cache) = cache(30);
        let none = HashSet::new();
        let first = cache.begin(blake2(b"first"), 20, &none).unwrap().unwrap();
        assert!(matches!(cache.begin(blake2(b"second"), 20, &none), Err(PutError::Full)));
        assert!(matches!(cache.begin(blake2(b"third"), MAX_BLOB_BYTES + 1, &none), Err(PutError::TooLong)));
        drop(first);
        assert!(cache.begin(blake2(b"second"), 20, &none).unwrap().is_some());
    }

    #[test]
    fn a_blob_of_4_gib_is_as_long_as_one_may_be() {
        let (_folder, cache) = cache(u64::MAX);
        assert!(matches!(
            cache.begin(blake2(b"x"), MAX_BLOB_BYTES, &HashSet::new()),
            Ok(Some(_)) | Err(PutError::DiskFull { len: MAX_BLOB_BYTES, .. })
        ));
    }

    #[test]
    fn only_so_many_come_in_at_a_time() {
        let (_folder, cache) = cache(1000);
        let none = HashSet::new();
        let mut coming: Vec<_> =
            (0..MAX_INCOMING as u8).map(|i| cache.begin(blake2(&[i]), 1, &none).unwrap().unwrap()).collect();
        assert!(matches!(cache.begin(blake2(b"one more"), 1, &none), Err(PutError::Busy)));
        coming.pop();
        assert!(cache.begin(blake2(b"one more"), 1, &none).is_ok());
    }

    #[test]
    fn the_least_recently_used_goes_first_and_the_needed_never() {
        let (_folder, cache) = cache(30);
        let blobs: Vec<Vec<u8>> = (0..4u8).map(|i| vec![i; 10]).collect();
        let hash = |i: usize| blake2(&blobs[i]);
        for blob in &blobs[..3] {
            put(&cache, blake2(blob), blob, &[]).unwrap();
        }
        got(&cache, &hash(0)).unwrap();
        put(&cache, hash(3), &blobs[3], &[]).unwrap();
        assert!(cache.contains(&hash(0)) && !cache.contains(&hash(1)));
        let needed = [hash(0), hash(2), hash(3)];
        assert!(matches!(put(&cache, hash(1), &blobs[1], &needed), Err(PutError::Full)));
    }

    fn damage(folder: &tempfile::TempDir, hash: &BlobHash, bytes: &[u8]) {
        let path = folder.path().join("blobs").join(hash_name(hash));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, bytes).unwrap();
    }

    #[test]
    fn a_damaged_blob_is_wanted_again() {
        let (folder, cache) = cache(100);
        let hash = blake2(b"blob");
        put(&cache, hash, b"blob", &[]).unwrap();
        damage(&folder, &hash, b"blo");
        assert_eq!(got(&cache, &hash), None);
        assert!(!cache.contains(&hash));
        put(&cache, hash, b"blob", &[]).unwrap();
        assert_eq!(got(&cache, &hash), Some(b"blob".to_vec()));
    }

    #[test]
    fn a_large_blob_is_hashed_again_when_its_file_has_changed_or_a_run_speaks_against_it() {
        let (folder, cache) = cache(u64::MAX);
        let bytes = vec![7; SMALL_BYTES as usize + 1];
        let hash = blake2(&bytes);
        let path = folder.path().join("blobs").join(hash_name(&hash));
        let modified = || fs::metadata(&path).unwrap().modified().unwrap();
        let put = || put(&cache, hash, &bytes, &[]).unwrap();
        let damage = |time: SystemTime| {
            damage(&folder, &hash, &[&[8], &bytes[1..]].concat());
            File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        };

        put();
        damage(modified() + std::time::Duration::from_secs(1));
        assert!(cache.get(&hash).unwrap().is_none(), "a file that has changed is hashed");

        put();
        damage(modified());
        assert!(cache.get(&hash).unwrap().is_some(), "nothing spoke against it");
        cache.distrust([hash].into_iter());
        assert!(cache.get(&hash).unwrap().is_none(), "a distrusted one is hashed");

        put();
        damage(modified());
        let again = opened(&folder, u64::MAX);
        assert!(again.get(&hash).unwrap().is_none(), "after a start it is hashed");
    }

    #[test]
    fn a_run_gets_a_link_that_outlives_the_blob() {
        let (folder, cache) = cache(4);
        put(&cache, blake2(b"blob"), b"blob", &[]).unwrap();
        let path = folder.path().join("input-0");
        assert!(cache.link(&blake2(b"blob"), &path).unwrap());
        put(&cache, blake2(b"next"), b"next", &[]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"blob");
        assert!(!cache.link(&blake2(b"blob"), &folder.path().join("input-1")).unwrap());
    }

    #[test]
    fn blobs_are_found_again_after_a_restart_and_strays_removed() {
        let (folder, cache) = cache(100);
        put(&cache, blake2(b"x"), b"x", &[]).unwrap();
        let stray = folder.path().join("blobs/.new-half");
        fs::write(&stray, b"half").unwrap();
        let again = opened(&folder, 100);
        assert!(again.contains(&blake2(b"x")) && !stray.exists());
    }

    #[test]
    fn a_stray_folder_or_file_stops_no_start_and_is_not_deleted() {
        let (folder, cache) = cache(100);
        put(&cache, blake2(b"x"), b"x", &[]).unwrap();
        let blobs = folder.path().join("blobs");
        fs::write(blobs.join("notes.txt"), b"the operator's").unwrap();
        fs::create_dir(blobs.join("folder")).unwrap();
        fs::create_dir(blobs.join(hash_name(&blake2(b"a folder with a blob's name")))).unwrap();
        let again = opened(&folder, 100);
        assert!(again.contains(&blake2(b"x")));
        assert_eq!(files_in(&folder), 1);
        let kept = fs::read_dir(folder.path().join("quarantine")).unwrap().flatten();
        let notes = kept.map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with("notes.txt")).unwrap();
        assert_eq!(fs::read(notes).unwrap(), b"the operator's");
    }

    #[test]
    fn a_blob_that_is_gone_is_wanted_again_and_one_that_cannot_be_read_is_not_damaged() {
        let (folder, cache) = cache(100);
        let hash = blake2(b"x");
        let path = folder.path().join("blobs").join(hash_name(&hash));
        put(&cache, hash, b"x", &[]).unwrap();
        fs::remove_file(&path).unwrap();
        // A symbolic link to itself cannot be opened. That error says nothing about the bytes.
        std::os::unix::fs::symlink(&path, &path).unwrap();
        assert!(cache.get(&hash).is_err() && cache.contains(&hash));
        fs::remove_file(&path).unwrap();
        assert!(cache.get(&hash).unwrap().is_none() && !cache.contains(&hash));
    }

    #[test]
    fn the_reserve_of_the_disk_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let free = free_bytes(folder.path()).unwrap();
        let quarantine = Quarantine::new(folder.path());
        let cache =
            BlobCache::open(folder.path().join("blobs"), u64::MAX, free.saturating_mul(2), &quarantine).unwrap();
        let large = vec![1; SMALL_BYTES as usize + 1];
        assert!(matches!(put(&cache, blake2(&large), &large, &[]), Err(PutError::DiskFull { .. })));
        let tight =
            BlobCache::open(folder.path().join("tight"), u64::MAX, free.saturating_mul(4), &quarantine).unwrap();
        assert!(matches!(put(&tight, blake2(b"x"), b"x", &[]), Err(PutError::DiskFull { len: 1, .. })));
    }

    #[test]
    fn a_kernels_source_is_taken_below_the_reserve() {
        let folder = tempfile::tempdir().unwrap();
        let quarantine = Quarantine::new(folder.path());
        let free = free_bytes(folder.path()).unwrap();
        // Other programs write to this disk during the test. So the reserve is well above the free
        // space, and half of it well below.
        let reserve = free / 2 * 3;
        let cache = BlobCache::open(folder.path().join("blobs"), u64::MAX, reserve, &quarantine).unwrap();
        put(&cache, blake2(b"kernel"), b"kernel", &[]).unwrap();
        let large = vec![1; SMALL_BYTES as usize + 1];
        assert!(matches!(put(&cache, blake2(&large), &large, &[]), Err(PutError::DiskFull { .. })));
    }

    #[test]
    fn what_nobody_needs_is_evicted_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let quarantine = Quarantine::new(folder.path());
        let cache = BlobCache::open(folder.path().join("blobs"), u64::MAX, 0, &quarantine).unwrap();
        let blobs = [b"first ", b"second", b"third "];
        let ids = blobs.map(|bytes| blake2(bytes));
        blobs.iter().zip(ids).for_each(|(bytes, id)| put(&cache, id, *bytes, &[]).unwrap());
        let needed = HashSet::from([ids[0]]);
        assert_eq!(cache.evictable(&needed), 12);
        cache.evict(0, &needed);
        assert!(ids.iter().all(|id| cache.contains(id)));
        cache.evict(5, &needed);
        assert_eq!(ids.map(|id| cache.contains(&id)), [true, false, true], "the oldest that nobody needs");
        cache.evict(u64::MAX, &needed);
        assert_eq!(ids.map(|id| cache.contains(&id)), [true, false, false]);
        assert_eq!(cache.evictable(&needed), 0);
    }
}
