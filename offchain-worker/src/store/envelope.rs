//! The executor's own files. An envelope states the kind and the version of each.
//!
//! ```text
//!   "DPIN" | kind: 1 byte | version: 1 byte | checksum: 8 bytes | body: SCALE
//! ```
//!
//! The checksum is the first 8 bytes of the body's BLAKE2b-256.
//!
//! A file that is damaged, or was written by another version, is never deleted: a bond may depend
//! on it. It goes into a quarantine, and the executor continues without it. A file may also be
//! unreadable for a while, because file descriptors run out or the disk fails. That says nothing
//! about its content, so it is not moved, and the caller gets an error.

use super::files::{private_dir, remove_dir, write_atomic};
use codec::Encode;
use dpin_primitives::blake2;
use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

const MAGIC: &[u8; 4] = b"DPIN";
const HASH_BYTES: usize = 8;
/// How often reading a file is tried.
const READ_TRIES: u32 = 5;
/// Pause between two tries.
const READ_PAUSE: Duration = Duration::from_millis(200);
/// Most files and folders in the quarantine. Beyond that the oldest are removed.
const MAX_QUARANTINED: usize = 256;
/// Most bytes in the quarantine.
const MAX_QUARANTINED_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// Prefix of the names of unfinished files, which may be deleted.
pub(crate) const UNFINISHED: &str = ".new-";

/// The kind of a file's content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The request of a run.
    Request = 1,
    /// The result of a run.
    Status = 2,
    /// The sealed key of a job.
    Key = 3,
    /// The executor's age.
    Age = 4,
    /// The chosen devices.
    Devices = 5,
}

/// The result of reading a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stored {
    /// The content of the file.
    Body(Vec<u8>),
    /// The file does not exist.
    Missing,
    /// The file exists, but this executor cannot interpret it, for this reason.
    Unknown(String),
}

/// Write `value` to `path`. After a crash the file is either the old one or the new one.
pub(crate) fn write(path: &Path, kind: Kind, version: u8, value: &impl Encode) -> io::Result<()> {
    let body = value.encode();
    let mut bytes = MAGIC.to_vec();
    bytes.extend([kind as u8, version]);
    bytes.extend(blake2(&body).as_bytes().iter().take(HASH_BYTES));
    bytes.extend(body);
    write_atomic(path, &bytes)
}

/// Read the file `path`, which must be of this kind and version.
///
/// # Errors
///
/// If it cannot be read. That says nothing about its content.
pub(crate) fn read(path: &Path, kind: Kind, version: u8) -> io::Result<Stored> {
    let bytes = match patiently(path, || fs::read(path)) {
        Ok(bytes) => bytes,
        Err(error) => return without_content(error),
    };
    Ok(match open(&bytes, kind, version) {
        Ok(body) => Stored::Body(body.to_vec()),
        Err(why) => Stored::Unknown(why),
    })
}

fn open(bytes: &[u8], kind: Kind, version: u8) -> Result<&[u8], String> {
    let (head, body) = bytes.split_at_checked(MAGIC.len() + 2 + HASH_BYTES).ok_or("it is too short")?;
    let (magic, head) = head.split_at(MAGIC.len());
    let (names, hash) = head.split_at(2);
    if magic != MAGIC {
        return Err("it does not begin like a file of the executor".into());
    }
    match names {
        [found, _] if *found != kind as u8 => return Err(format!("it is of kind {found}, not {}", kind as u8)),
        [_, found] if *found != version => {
            return Err(format!("it is of version {found}; this executor reads version {version}"));
        }
        _ => (),
    }
    if !blake2(body).as_bytes().starts_with(hash) {
        return Err("it is damaged".into());
    }
    Ok(body)
}

/// The meaning of a read error: the file is missing, is unknown, or cannot be read at the moment.
fn without_content(error: io::Error) -> io::Result<Stored> {
    use io::ErrorKind::{InvalidFilename, IsADirectory, NotADirectory, NotFound};
    match error.kind() {
        NotFound => Ok(Stored::Missing),
        NotADirectory | IsADirectory | InvalidFilename => Ok(Stored::Unknown(error.to_string())),
        _ => Err(error),
    }
}

/// Run `work`, which reads `path`, and try again if it fails for a passing reason.
///
/// # Errors
///
/// The last error, with the file's name, and with advice if the error says nothing about the file.
pub(crate) fn patiently<T>(path: &Path, mut work: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut tries = 1;
    loop {
        match work() {
            Err(error) if is_about_the_file(&error) => return Err(error),
            Err(error) if tries >= READ_TRIES => {
                return Err(io::Error::new(
                    error.kind(),
                    format!(
                        "{} cannot be read ({error}); nothing was removed: repair it and start again",
                        path.display()
                    ),
                ));
            }
            Err(_) => thread::sleep(READ_PAUSE),
            done => return done,
        }
        tries += 1;
    }
}

/// Whether an error describes the file itself, and not a passing condition.
fn is_about_the_file(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidFilename, IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory | InvalidFilename | InvalidData)
}

/// A folder for files that the executor cannot interpret.
#[derive(Clone, Debug)]
pub(crate) struct Quarantine {
    folder: PathBuf,
}

impl Quarantine {
    /// The quarantine of the data directory `folder`. It is created when it is first needed.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.join("quarantine") }
    }

    /// Move the file or folder at `path` into the quarantine. If that fails, it stays where it is.
    pub(crate) fn take(&self, path: &Path, why: &str) {
        match self.try_take(path) {
            Ok(to) => tracing::warn!(from = %path.display(), to = %to.display(), why, "moved into the quarantine"),
            Err(error) => tracing::warn!(path = %path.display(), why, %error, "cannot be moved into the quarantine"),
        }
    }

    fn try_take(&self, path: &Path) -> io::Result<PathBuf> {
        private_dir(&self.folder)?;
        let mut held = self.held()?;
        let next = held.last().map_or(0, |(number, _)| number.saturating_add(1));
        let part = |path: Option<&Path>| Some(path?.file_name()?.to_string_lossy().into_owned());
        let name = [part(path.parent()), part(Some(path))].into_iter().flatten().collect::<Vec<_>>().join("-");
        let cut = name.floor_char_boundary(128);
        let to = self.folder.join(format!("{next:08}-{}", name.get(..cut).unwrap_or_default()));
        fs::rename(path, &to)?;
        held.push((next, to.clone()));
        let sizes: Vec<u64> = held.iter().map(|(_, path)| size(path)).collect();
        let mut bytes = sizes.iter().copied().fold(0, u64::saturating_add);
        let mut count = held.len();
        // The newest entry stays, whatever its size.
        for ((_, old), size) in held.iter().zip(&sizes).take(held.len().saturating_sub(1)) {
            if count <= MAX_QUARANTINED && bytes <= MAX_QUARANTINED_BYTES {
                break;
            }
            tracing::warn!(path = %old.display(), "removed from the quarantine: it holds too much");
            remove_any(old)?;
            bytes = bytes.saturating_sub(*size);
            count = count.saturating_sub(1);
        }
        Ok(to)
    }

    /// The entries, sorted by number.
    fn held(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let number = |name: &str| name.split_once('-')?.0.parse().ok();
        let mut held: Vec<(u64, PathBuf)> = fs::read_dir(&self.folder)?
            .flatten()
            .map(|entry| (entry.file_name().to_str().and_then(number).unwrap_or(0), entry.path()))
            .collect();
        held.sort();
        Ok(held)
    }
}

/// Remove a file, or a folder with all its contents.
pub(crate) fn remove_any(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => remove_dir(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Bytes of a file, or of all files below a folder.
fn size(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    let entries = fs::read_dir(path).map(|entries| entries.flatten().collect()).unwrap_or_else(|_| Vec::new());
    entries.iter().map(|entry| entry.metadata().map_or(0, |metadata| metadata.len())).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_gives_back_what_was_put_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(read(&path, Kind::Key, 1).unwrap(), Stored::Missing);
        write(&path, Kind::Key, 1, &vec![1u8, 2, 3]).unwrap();
        assert_eq!(read(&path, Kind::Key, 1).unwrap(), Stored::Body(vec![1u8, 2, 3].encode()));
    }

    #[test]
    fn another_kind_another_version_and_damage_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let why = |kind, version| match read(&path, kind, version).unwrap() {
            Stored::Unknown(why) => why,
            found => panic!("{found:?}"),
        };
        write(&path, Kind::Key, 2, &7u64).unwrap();
        assert!(why(Kind::Request, 2).contains("of kind 3, not 1"));
        assert!(why(Kind::Key, 1).contains("version 2; this executor reads version 1"));
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert!(why(Kind::Key, 2).contains("damaged"));
        for junk in [&b""[..], b"DPIN", b"XPIN890123456789"] {
            fs::write(&path, junk).unwrap();
            why(Kind::Key, 2);
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        why(Kind::Key, 2);
    }

    #[test]
    fn what_cannot_be_read_just_now_is_tried_again_and_is_no_damage() {
        let mut left = 3;
        let mut busy = |tries: i32| {
            left = tries;
            patiently(Path::new("/somewhere"), || {
                left -= 1;
                if left < 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::EMFILE)) }
            })
        };
        busy(3).unwrap();
        let error = busy(100).unwrap_err();
        assert!(error.to_string().contains("/somewhere cannot be read"), "{error}");
        assert!(without_content(io::Error::from_raw_os_error(libc::EIO)).is_err());
    }

    #[test]
    fn the_quarantine_keeps_what_came_last() {
        let folder = tempfile::tempdir().unwrap();
        let quarantine = Quarantine::new(folder.path());
        let runs = folder.path().join("runs");
        for number in 0..MAX_QUARANTINED + 3 {
            let path = runs.join(number.to_string());
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("request.scale"), b"x").unwrap();
            quarantine.take(&path, "a test");
            assert!(!path.exists());
        }
        let held = quarantine.held().unwrap();
        assert_eq!(held.len(), MAX_QUARANTINED);
        let name = |(_, path): &(u64, PathBuf)| path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(name(&held[0]), "00000003-runs-3");
        assert_eq!(fs::read(held.last().unwrap().1.join("request.scale")).unwrap(), b"x");
    }
}
