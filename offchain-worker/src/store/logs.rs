//! Logs and reports of runs, each stored under the hash of its bytes.

use super::{
    age::{Age, millis},
    files::{hash_name, private_dir, write_atomic},
};
use dpin_primitives::{Hash, blake2, executor::MAX_LOG_BYTES};
use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

/// Logs and reports of runs, each under the hash of its bytes.
pub(crate) struct Logs {
    folder: PathBuf,
    hidden: Vec<(String, &'static str)>,
    age: Arc<Age>,
}

impl Logs {
    /// Open the logs in `folder`. In all of them the first string of each pair in `hidden` is
    /// replaced by the second.
    pub(crate) fn open(folder: PathBuf, hidden: Vec<(String, &'static str)>, age: Arc<Age>) -> io::Result<Self> {
        private_dir(&folder)?;
        Ok(Self { folder, hidden, age })
    }

    /// Store `text`, cut to [`MAX_LOG_BYTES`]. Returns the hash of the stored bytes, even if a full
    /// disk prevented storing them.
    pub(crate) fn put(&self, text: &str) -> Hash {
        let text = self.hidden.iter().fold(text.to_owned(), |text, (secret, instead)| text.replace(secret, instead));
        let kept = text.get(..text.floor_char_boundary(MAX_LOG_BYTES)).unwrap_or_default().as_bytes();
        let hash = blake2(kept);
        let path = self.folder.join(hash_name(&hash));
        if let Err(error) = write_atomic(&path, kept).and_then(|()| self.age.stamp(&path)) {
            tracing::warn!(%error, "a log could not be written");
        }
        hash
    }

    /// The log with `hash`, if it is stored intact.
    pub(crate) fn get(&self, hash: &Hash) -> Option<Vec<u8>> {
        let bytes = fs::read(self.folder.join(hash_name(hash))).ok()?;
        (blake2(&bytes) == *hash).then_some(bytes)
    }

    /// Remove logs older than `age`, and the oldest beyond `most`.
    pub(crate) fn sweep(&self, age: Duration, most: usize) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let stamped = entries.flatten().filter_map(|entry| {
            let path = entry.path();
            Some((self.age.stamp_of(&path).ok()?, path))
        });
        let mut files: Vec<(u64, PathBuf)> = stamped.collect();
        files.sort();
        let surplus = files.len().saturating_sub(most);
        for (position, (stamp, path)) in files.iter().enumerate() {
            if position < surplus || self.age.since(*stamp) > millis(age) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, time::SystemTime};

    #[test]
    fn a_clock_that_jumps_removes_no_log() {
        const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
        let folder = tempfile::tempdir().unwrap();
        let age = Arc::new(Age::open(folder.path()).unwrap());
        let logs = Logs::open(folder.path().join("logs"), Vec::new(), age.clone()).unwrap();
        let hash = logs.put("a log");
        let file = File::open(folder.path().join("logs").join(hash_name(&hash))).unwrap();
        // For a clock that is a month ahead, the file is a month old.
        file.set_modified(SystemTime::now() - MONTH).unwrap();
        logs.sweep(MONTH / 2, 10);
        assert!(logs.get(&hash).is_some());
        age.pass(MONTH);
        logs.sweep(MONTH / 2, 10);
        assert_eq!(logs.get(&hash), None);
    }

    #[test]
    fn a_log_is_cut_and_found_by_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let age = Arc::new(Age::open(folder.path()).unwrap());
        let logs = Logs::open(folder.path().join("logs"), vec![("secret".into(), "SECRET")], age).unwrap();
        let hash = logs.put(&"ä".repeat(MAX_LOG_BYTES));
        let kept = logs.get(&hash).unwrap();
        assert_eq!(kept.len(), MAX_LOG_BYTES);
        assert_eq!(logs.get(&blake2(b"other")), None);
        assert_eq!(logs.get(&logs.put("a secret of two secrets")).unwrap(), b"a SECRET of two SECRETs");
        logs.sweep(Duration::from_secs(3600), 0);
        assert_eq!(logs.get(&hash), None);
    }
}
