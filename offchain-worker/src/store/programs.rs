//! Compiled programs, kept between runs.
//!
//! The files that a driver leaves in the folder of a successful child are stored under the
//! program's key. The next child with this key gets a copy. The key covers everything the compiler
//! reads, and the compiler itself. A hostile kernel that takes over its driver can therefore spoil
//! only the program of its own key. Beyond the limit the least recently used programs are removed.

use super::{
    envelope::{Quarantine, remove_any},
    files::{free_bytes, hash_name, parse_hash, private_dir, remove_dir},
};
use codec::Encode;
use dpin_primitives::{Hash, blake2, executor::RunRequest, prelude::build_options};
use parking_lot::{Mutex, MutexGuard};
use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Most bytes of one program.
const MAX_PROGRAM_BYTES: u64 = 32 * 1024 * 1024;
/// Most files and folders of one program, and how deep they may be nested.
const MAX_ENTRIES: usize = 256;
const MAX_DEPTH: usize = 8;
/// Version of the format. It is part of the key, so programs of another version are never used, and
/// are removed as the oldest.
const VERSION: u8 = 1;

/// The key of a program: a hash over everything that affects it. `device` names device and driver.
pub(crate) fn key(request: &RunRequest, device: &str) -> Hash {
    let kernel = &request.kernel;
    let parts = (kernel.source, &kernel.entry, build_options(kernel), request.groups, kernel.local_size);
    blake2(&(parts, device, env!("CARGO_PKG_VERSION"), VERSION).encode())
}

/// Programs on disk, with a limit on their bytes.
pub(crate) struct Programs {
    folder: PathBuf,
    max_bytes: u64,
    /// Bytes of the disk that the programs leave free.
    reserve: u64,
    index: Mutex<HashMap<Hash, ProgramEntry>>,
}

#[derive(Clone, Copy)]
struct ProgramEntry {
    bytes: u64,
    used: SystemTime,
}

impl Programs {
    /// Open the programs in `folder`, which hold at most `max_bytes` and leave `reserve` bytes of
    /// the disk free. Files that are no programs go into the quarantine. A program that cannot be
    /// read is compiled again.
    pub(crate) fn open(folder: PathBuf, max_bytes: u64, reserve: u64, quarantine: &Quarantine) -> io::Result<Self> {
        private_dir(&folder)?;
        let mut index = HashMap::new();
        for entry in fs::read_dir(&folder)?.flatten() {
            let (key, path) = (entry.file_name().to_str().and_then(parse_hash), entry.path());
            let used = entry.metadata().and_then(|metadata| match metadata.is_dir() {
                true => metadata.modified(),
                false => Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a folder")),
            });
            match (key, used.and_then(|used| Ok((measure(&path)?, used)))) {
                (Some(key), Ok((bytes, used))) => {
                    index.insert(key, ProgramEntry { bytes, used });
                }
                (Some(_), Err(error)) if error.kind() != io::ErrorKind::InvalidData => {
                    tracing::warn!(%error, program = %path.display(), "a compiled program cannot be read");
                }
                _ => quarantine.take(&path, "it is not a compiled program"),
            }
        }
        let programs = Self { folder, max_bytes, reserve, index: Mutex::new(index) };
        programs.evict(&mut programs.lock());
        Ok(programs)
    }

    /// Copy the program of `key` into the new folder `to`, readable for all users. Returns whether
    /// there is one.
    pub(crate) fn lend(&self, key: &Hash, to: &Path) -> io::Result<bool> {
        let mut index = self.lock();
        let from = self.path(key);
        if !from.is_dir() {
            // The folder may have been removed while the executor runs.
            index.remove(key);
        }
        let Some(kept) = index.get_mut(key) else { return Ok(false) };
        kept.used = SystemTime::now();
        // Stored on the disk, so that the order of use survives a restart.
        let _ = File::open(&from).and_then(|folder| folder.set_modified(kept.used));
        // Under the lock, so that it is not evicted during the copy. It is small.
        copy(&from, to, 0o755, 0o444)?;
        Ok(true)
    }

    /// Store the folder `from` as the program of `key`. Nothing may write to `from` any more.
    pub(crate) fn keep(&self, key: &Hash, from: &Path) -> io::Result<()> {
        let bytes = measure(from)?;
        if free_bytes(&self.folder)? < self.reserve {
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                "the reserve of the disk is not for compiled programs",
            ));
        }
        let mut index = self.lock();
        if bytes == 0 || index.get(key).is_some_and(|kept| kept.bytes == bytes) {
            return Ok(());
        }
        let path = self.path(key);
        remove_any(&path)?;
        index.remove(key);
        fs::rename(from, &path)?;
        private_dir(&path)?;
        index.insert(*key, ProgramEntry { bytes, used: SystemTime::now() });
        self.evict(&mut index);
        Ok(())
    }

    /// Remove the program of `key`, so that it is compiled again.
    pub(crate) fn forget(&self, key: &Hash) {
        if self.lock().remove(key).is_some() {
            let _ = remove_dir(&self.path(key));
        }
    }

    /// Remove the least recently used programs until the rest is within the limit.
    fn evict(&self, index: &mut HashMap<Hash, ProgramEntry>) {
        while index.values().map(|kept| kept.bytes).fold(0, u64::saturating_add) > self.max_bytes {
            let Some(oldest) = index.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| *key) else { return };
            index.remove(&oldest);
            if let Err(error) = remove_dir(&self.path(&oldest)) {
                tracing::warn!(%error, "a compiled program could not be removed");
            }
        }
    }

    fn path(&self, key: &Hash) -> PathBuf {
        self.folder.join(hash_name(key))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Hash, ProgramEntry>> {
        self.index.lock()
    }
}

/// The contents of `folder`, each folder before its own contents.
///
/// # Errors
///
/// If there are too many entries, or others than files and folders: they may come from a hostile
/// kernel.
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, fs::Metadata)>> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if found.len() >= MAX_ENTRIES || depth >= MAX_DEPTH || !(metadata.is_file() || metadata.is_dir()) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a compiled program"));
            }
            if metadata.is_dir() {
                open.push((entry.path(), depth + 1));
            }
            found.push((entry.path(), metadata));
        }
    }
    Ok(found)
}

/// Bytes of the program in `folder`.
fn measure(folder: &Path) -> io::Result<u64> {
    let bytes =
        entries(folder)?.into_iter().filter(|(_, metadata)| metadata.is_file()).map(|(_, metadata)| metadata.len());
    match bytes.fold(0, u64::saturating_add) {
        bytes if bytes > MAX_PROGRAM_BYTES => {
            Err(io::Error::new(io::ErrorKind::InvalidData, "a compiled program is too large"))
        }
        bytes => Ok(bytes),
    }
}

/// Replace the contents of the driver's folder `to` by the program that was lent in `from`, if one
/// was. Runs in the child.
pub(crate) fn settle(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_dir(&entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    if from.is_dir() {
        copy(from, to, 0o700, 0o600)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, folder_mode: u32, file_mode: u32) -> io::Result<()> {
    let make = |folder: &Path| {
        fs::DirBuilder::new().recursive(true).create(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(folder_mode))
    };
    make(to)?;
    for (path, metadata) in entries(from)? {
        let target = to.join(path.strip_prefix(from).map_err(io::Error::other)?);
        if metadata.is_dir() {
            make(&target)?;
        } else {
            fs::copy(&path, &target)?;
            fs::set_permissions(&target, fs::Permissions::from_mode(file_mode))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(folder: &Path, text: &str) -> PathBuf {
        let made = folder.join("made");
        fs::create_dir_all(made.join("AB/f")).unwrap();
        fs::write(made.join("AB/f/f.so"), text).unwrap();
        made
    }

    fn lent(programs: &Programs, key: &Hash, folder: &Path) -> Option<String> {
        let to = tempfile::tempdir_in(folder).unwrap();
        let (lent, cache) = (to.path().join("lent"), to.path().join("cache"));
        let is_lent = programs.lend(key, &lent).unwrap();
        fs::create_dir_all(cache.join("what/was/there")).unwrap();
        settle(&lent, &cache).unwrap();
        assert!(!cache.join("what").exists());
        is_lent.then(|| fs::read_to_string(cache.join("AB/f/f.so")).unwrap())
    }

    fn opened(folder: &tempfile::TempDir, max_bytes: u64) -> Programs {
        Programs::open(folder.path().join("programs"), max_bytes, 0, &Quarantine::new(folder.path())).unwrap()
    }

    #[test]
    fn what_is_no_program_stops_no_start() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("programs");
        let a = blake2(b"a");
        opened(&folder, 1000).keep(&a, &program(folder.path(), "one")).unwrap();
        fs::write(place.join("stray"), b"x").unwrap();
        fs::write(place.join(hash_name(&blake2(b"b"))), b"x").unwrap();
        fs::create_dir(place.join("folder")).unwrap();
        assert_eq!(lent(&opened(&folder, 1000), &a, folder.path()).as_deref(), Some("one"));
        assert_eq!(fs::read_dir(place).unwrap().count(), 1);
        assert_eq!(fs::read_dir(folder.path().join("quarantine")).unwrap().count(), 3);
    }

    #[test]
    fn programs_are_kept_by_key_and_outlive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (blake2(b"a"), blake2(b"b"));
        let programs = opened(&folder, 1000);
        assert_eq!(lent(&programs, &a, folder.path()), None);
        programs.keep(&a, &program(folder.path(), "one")).unwrap();
        programs.keep(&b, &program(folder.path(), "another")).unwrap();
        let programs = opened(&folder, 1000);
        assert_eq!(lent(&programs, &a, folder.path()).as_deref(), Some("one"));
        assert_eq!(lent(&programs, &b, folder.path()).as_deref(), Some("another"));
    }

    #[test]
    fn the_program_used_longest_ago_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let programs = opened(&folder, 10);
        let keys = [b"a", b"b", b"c"].map(|name| blake2(name));
        programs.keep(&keys[0], &program(folder.path(), "12345")).unwrap();
        programs.keep(&keys[1], &program(folder.path(), "12345")).unwrap();
        assert!(lent(&programs, &keys[0], folder.path()).is_some());
        programs.keep(&keys[2], &program(folder.path(), "12345")).unwrap();
        assert_eq!(keys.map(|key| lent(&programs, &key, folder.path()).is_some()), [true, false, true]);
    }

    #[test]
    fn links_and_floods_of_files_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let programs = opened(&folder, 1 << 30);
        let made = program(folder.path(), "x");
        std::os::unix::fs::symlink("/etc/passwd", made.join("link")).unwrap();
        assert!(programs.keep(&blake2(b"a"), &made).is_err());
        fs::remove_file(made.join("link")).unwrap();
        for number in 0..MAX_ENTRIES {
            fs::write(made.join(number.to_string()), "x").unwrap();
        }
        assert!(programs.keep(&blake2(b"a"), &made).is_err());
        assert_eq!(lent(&programs, &blake2(b"a"), folder.path()), None);
    }
}
