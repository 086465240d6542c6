//! Atomic writes, private directories, the room on a disk, and the names of hashes in paths.

use dpin_loopback::token;
use dpin_primitives::Hash;
use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// Bytes that must be free on any disk. With less, a compiler fails.
pub(crate) const SPARE_DISK_BYTES: u64 = 16 * 1024 * 1024;
/// Most bytes that are left free unless the operator says otherwise. The node's database may be on
/// the same disk.
const MAX_RESERVE_BYTES: u64 = 5 * 1024 * 1024 * 1024;
/// The divisor of the disk's size that gives the free part, if that is less.
const RESERVE_PART: u64 = 20;

/// Shortest accepted token, in characters.
const MIN_TOKEN_CHARS: usize = 16;

/// Write `bytes` to `path`. After a crash the file is either the old one or the new one.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_dir(folder)
}

/// Make renames in `folder` durable.
pub(crate) fn sync_dir(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Create the directory `path` if needed, and make it private to this user.
pub(crate) fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// Remove a directory with all its contents, if it exists.
pub(crate) fn remove_dir(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Bytes that can still be written to the file system of `path`.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    let stats = rustix::fs::statvfs(path)?;
    Ok(stats.f_bavail.saturating_mul(stats.f_frsize))
}

/// Bytes to leave free on the file system of `path`: a twentieth of it or 5 GiB, whichever is less.
pub(crate) fn disk_reserve(path: &Path) -> io::Result<u64> {
    let stats = rustix::fs::statvfs(path)?;
    let total = stats.f_blocks.saturating_mul(stats.f_frsize);
    Ok((total / RESERVE_PART).clamp(SPARE_DISK_BYTES, MAX_RESERVE_BYTES))
}

/// Parse a hash of 64 hex digits.
pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = Hash::zero();
    hex::decode_to_slice(text, hash.as_bytes_mut()).ok()?;
    Some(hash)
}

/// The name of a hash in paths: 64 hex digits.
pub(crate) fn hash_name(hash: &Hash) -> String {
    hex::encode(hash)
}

/// Milliseconds since the Unix epoch, by the time of day, which may be wrong. For people and names
/// only, never for retention.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Read the bearer token in `path`, or write a new one there.
///
/// # Errors
///
/// If the file cannot be read or written, if others can read it, or if its token is too short.
pub(crate) fn token(path: &Path) -> Result<String, String> {
    let in_file = |error: io::Error| format!("token file {}: {error}", path.display());
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let token = token::generate().map_err(in_file)?;
            token::create(path, &token).map_err(in_file)?;
            Ok(token)
        }
        Err(error) => Err(in_file(error)),
        Ok(mut file) => {
            if file.metadata().map_err(in_file)?.permissions().mode() & 0o077 != 0 {
                return Err(format!("token file {0} can be read by others: chmod 600 {0}", path.display()));
            }
            let mut token = String::new();
            file.read_to_string(&mut token).map_err(in_file)?;
            let token = token.trim().to_owned();
            if token.len() < MIN_TOKEN_CHARS {
                return Err(format!("the token in {} has fewer than {MIN_TOKEN_CHARS} characters", path.display()));
            }
            Ok(token)
        }
    }
}

/// Read until `buffer` is full or the file ends.
pub(crate) fn read_full(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
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
    use dpin_primitives::blake2;

    #[test]
    fn the_reserve_is_a_part_of_the_disk_within_bounds() {
        let reserve = disk_reserve(Path::new("/")).unwrap();
        assert!((SPARE_DISK_BYTES..=MAX_RESERVE_BYTES).contains(&reserve));
    }

    #[test]
    fn a_token_is_made_once_and_must_be_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let made = token(&path).unwrap();
        assert_eq!(made.len(), 64);
        assert_eq!(token(&path), Ok(made));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(token(&path).unwrap_err().contains("can be read by others"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "short\n").unwrap();
        assert!(token(&path).unwrap_err().contains("fewer than 16"));
    }

    #[test]
    fn hashes_in_paths_have_64_digits() {
        let hash = blake2(b"x");
        assert_eq!(parse_hash(&hash_name(&hash)), Some(hash));
        for text in ["", "00", "../../etc/passwd", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
            assert_eq!(parse_hash(text), None);
        }
    }
}
