//! The reasons why the depot fails or refuses.

use dpin_primitives::blob_tree::MAX_BLOB_BYTES;
use std::io;

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
    #[error(
        "the disk is nearly full: what is left is kept for the node's database (a twentieth of the disk, 5 GiB at most)"
    )]
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
