//! The blob cache: bytes under their hash, checked on the way in and on the way out.

use crate::files::{hash_name, parse_hash, private_dir, write_atomic};
use dpin_primitives::{blake2, BlobHash};
use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Blobs on disk, with a bound on their bytes.
pub struct BlobCache {
    folder: PathBuf,
    max_bytes: u64,
    index: Mutex<Index>,
}

#[derive(Default)]
struct Index {
    blobs: HashMap<BlobHash, Entry>,
    bytes: u64,
    clock: u64,
}

struct Entry {
    len: u64,
    used: u64,
}

/// Why a blob was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The bytes have another hash.
    #[error("the bytes do not hash to {0:?}")]
    WrongHash(BlobHash),
    /// Nothing more can be evicted.
    #[error("the blob cache is full")]
    Full,
    /// The disk failed.
    #[error("blob cache: {0}")]
    Io(#[from] io::Error),
}

impl BlobCache {
    /// The cache in `folder`, which holds at most `max_bytes`. What other files lie there are removed.
    pub fn open(folder: PathBuf, max_bytes: u64) -> io::Result<Self> {
        private_dir(&folder)?;
        let mut index = Index::default();
        let mut found: Vec<_> = fs::read_dir(&folder)?
            .flatten()
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), entry))
            })
            .collect();
        found.sort_by_key(|(written, _, _)| *written);
        for (_, len, entry) in found {
            match entry.file_name().to_str().and_then(parse_hash) {
                Some(hash) => index.insert(hash, len),
                None => fs::remove_file(entry.path())?,
            }
        }
        Ok(Self { folder, max_bytes, index: Mutex::new(index) })
    }

    /// Whether the blob is there.
    pub fn contains(&self, hash: &BlobHash) -> bool {
        self.lock().blobs.contains_key(hash)
    }

    /// Bytes of the blob, if it is there.
    pub fn len(&self, hash: &BlobHash) -> Option<u64> {
        self.lock().blobs.get(hash).map(|entry| entry.len)
    }

    /// Keep a blob. Those in `needed` are not evicted for it.
    pub fn put(&self, hash: BlobHash, bytes: &[u8], needed: &HashSet<BlobHash>) -> Result<(), PutError> {
        if blake2(bytes) != hash {
            return Err(PutError::WrongHash(hash));
        }
        let len = bytes.len() as u64;
        let mut index = self.lock();
        if let Some(entry) = index.blobs.get(&hash) {
            if entry.len == len {
                return Ok(());
            }
        }
        while index.bytes.saturating_add(len) > self.max_bytes {
            let oldest = index.blobs.iter().filter(|(hash, _)| !needed.contains(hash)).min_by_key(|(_, e)| e.used);
            let oldest = *oldest.ok_or(PutError::Full)?.0;
            self.remove(&mut index, &oldest);
        }
        write_atomic(&self.path(&hash), bytes)?;
        index.insert(hash, len);
        Ok(())
    }

    /// The blob's bytes. One that has been damaged on disk is removed, so that it is wanted again.
    pub fn get(&self, hash: &BlobHash) -> Option<Vec<u8>> {
        let mut index = self.lock();
        index.clock = index.clock.saturating_add(1);
        let now = index.clock;
        index.blobs.get_mut(hash)?.used = now;
        drop(index);
        match fs::read(self.path(hash)) {
            Ok(bytes) if blake2(&bytes) == *hash => Some(bytes),
            _ => {
                tracing::warn!(blob = ?hash, "a blob was damaged and is removed");
                self.remove(&mut self.lock(), hash);
                None
            }
        }
    }

    fn remove(&self, index: &mut Index, hash: &BlobHash) {
        if let Some(entry) = index.blobs.remove(hash) {
            index.bytes = index.bytes.saturating_sub(entry.len);
        }
        let _ = fs::remove_file(self.path(hash));
    }

    fn path(&self, hash: &BlobHash) -> PathBuf {
        self.folder.join(hash_name(hash))
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    fn insert(&mut self, hash: BlobHash, len: u64) {
        self.clock = self.clock.saturating_add(1);
        let old = self.blobs.insert(hash, Entry { len, used: self.clock }).map_or(0, |entry| entry.len);
        self.bytes = self.bytes.saturating_sub(old).saturating_add(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(max_bytes: u64) -> (tempfile::TempDir, BlobCache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = BlobCache::open(folder.path().join("blobs"), max_bytes).unwrap();
        (folder, cache)
    }

    #[test]
    fn only_what_hashes_right_is_kept() {
        let (_folder, cache) = cache(100);
        let none = HashSet::new();
        assert!(matches!(cache.put(blake2(b"a"), b"b", &none), Err(PutError::WrongHash(_))));
        cache.put(blake2(b"a"), b"a", &none).unwrap();
        assert_eq!(cache.get(&blake2(b"a")), Some(b"a".to_vec()));
        assert_eq!(cache.get(&blake2(b"b")), None);
    }

    #[test]
    fn the_least_recently_used_goes_first_and_the_needed_never() {
        let (_folder, cache) = cache(30);
        let blobs: Vec<Vec<u8>> = (0..4u8).map(|i| vec![i; 10]).collect();
        let hash = |i: usize| blake2(&blobs[i]);
        let none = HashSet::new();
        for blob in &blobs[..3] {
            cache.put(blake2(blob), blob, &none).unwrap();
        }
        cache.get(&hash(0)).unwrap();
        cache.put(hash(3), &blobs[3], &none).unwrap();
        assert!(cache.contains(&hash(0)) && !cache.contains(&hash(1)));
        let needed = [hash(0), hash(2), hash(3)].into();
        assert!(matches!(cache.put(hash(1), &blobs[1], &needed), Err(PutError::Full)));
    }

    #[test]
    fn a_damaged_blob_is_wanted_again() {
        let (folder, cache) = cache(100);
        let hash = blake2(b"blob");
        cache.put(hash, b"blob", &HashSet::new()).unwrap();
        fs::write(folder.path().join("blobs").join(hash_name(&hash)), b"blo").unwrap();
        assert_eq!(cache.get(&hash), None);
        assert!(!cache.contains(&hash));
        cache.put(hash, b"blob", &HashSet::new()).unwrap();
        assert_eq!(cache.get(&hash), Some(b"blob".to_vec()));
    }

    #[test]
    fn blobs_are_found_again_after_a_restart_and_strays_removed() {
        let (folder, cache) = cache(100);
        cache.put(blake2(b"x"), b"x", &HashSet::new()).unwrap();
        let stray = folder.path().join("blobs/.new-half");
        fs::write(&stray, b"half").unwrap();
        let again = BlobCache::open(folder.path().join("blobs"), 100).unwrap();
        assert!(again.contains(&blake2(b"x")) && !stray.exists());
    }
}
