//! Free space on the disk that holds the node's data.
//!
//! A database that cannot write ends the node at best and is damaged at worst. So everything that
//! may be refused stops before the disk is full. The node neither fetches nor accepts large blobs
//! when less than [`reserve`] would be left. It shuts down in good order when less than a fifth of
//! the reserve is left.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Upper limit of the reserve, in bytes. The reserve is a twentieth of the disk, up to this limit.
const MAX_RESERVE: u64 = 5 * 1024 * 1024 * 1024;
/// Interval between two checks of the free space.
const LOOK: Duration = Duration::from_secs(5);

/// Size and free space of a disk, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Space {
    /// Size of the disk.
    pub total: u64,
    /// Space that this user may still fill.
    pub free: u64,
}

/// Returns size and free space of the disk that holds `path`.
///
/// # Errors
///
/// When the system does not report them.
pub(crate) fn space(path: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(Space { total: bytes(found.f_blocks), free: bytes(found.f_bavail) })
}

/// Returns the bytes that blobs must leave free on a disk of `total` bytes.
pub(crate) fn reserve(total: u64) -> u64 {
    (total / 20).min(MAX_RESERVE)
}

/// Returns the limit in bytes below which the node shuts down, for a disk of `total` bytes.
pub(crate) fn least(total: u64) -> u64 {
    reserve(total) / 5
}

/// Returns the number of bytes that may be written without touching the reserve.
pub(crate) type Gauge = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Returns the gauge of the disk that holds `path`.
///
/// If the system does not report the free space, the gauge allows any number of bytes.
pub(crate) fn gauge(path: PathBuf) -> Gauge {
    Arc::new(move || room(space(&path).ok()))
}

fn room(space: Option<Space>) -> u64 {
    space.map_or(u64::MAX, |space| space.free.saturating_sub(reserve(space.total)))
}

/// Returns the reason why the node must end, or `None` while enough space is free.
pub(crate) fn trouble(path: &Path, space: Space) -> Option<String> {
    let mib = |bytes: u64| bytes / (1024 * 1024);
    let Space { total, free } = space;
    (free < least(total)).then(|| {
        format!(
            "The disk that holds {} has {} MiB left, and the database needs at least {} MiB: the node ends before the \
             database is damaged. Free some space, then start the node again. Large blobs (--blob-store-gb) and the \
             executor's data are on this disk too",
            path.display(),
            mib(free),
            mib(least(total)),
        )
    })
}

/// Watches the disk that holds `path`, and returns when the node must end.
pub(crate) async fn watch(path: PathBuf) {
    loop {
        if let Some(trouble) = space(&path).ok().and_then(|space| trouble(&path, space)) {
            log::error!(target: "disk", "{trouble}");
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1024 * 1024 * 1024;

    #[test]
    fn the_reserve_is_a_share_of_small_disks_and_fixed_on_large_ones() {
        assert_eq!((reserve(20 * GIB), least(20 * GIB)), (GIB, GIB / 5));
        assert_eq!((reserve(4_000 * GIB), least(4_000 * GIB)), (5 * GIB, GIB));
        assert_eq!(reserve(0), 0);
    }

    #[test]
    fn blobs_stop_at_the_reserve_and_the_node_at_a_fifth_of_it() {
        let of = |free| Space { total: 200 * GIB, free };
        let path = Path::new("/data");
        assert_eq!(room(Some(of(8 * GIB))), 3 * GIB);
        assert_eq!(room(Some(of(5 * GIB))), 0);
        assert_eq!(room(Some(of(2 * GIB))), 0);
        assert_eq!(room(None), u64::MAX);
        assert_eq!(trouble(path, of(GIB)), None);
        let text = trouble(path, of(GIB - 1)).unwrap();
        assert!(text.contains("/data") && text.contains("1023 MiB") && text.contains("1024 MiB"), "{text}");
    }

    #[test]
    fn the_machines_disk_tells_its_room() {
        let space = space(&std::env::temp_dir()).unwrap();
        assert!(space.total > 0 && space.free <= space.total);
    }
}
