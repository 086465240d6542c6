//! The blobs of a depot, and the room that they take.

use super::part::Part;
use codec::{Decode, Encode};
use dpin_primitives::{
    BlobHash,
    blob_tree::{self, CHUNK_BYTES},
};
use std::{collections::HashMap, sync::Arc, time::Instant};

/// Bytes of the head of a tree file.
pub(super) const TREE_HEAD_BYTES: usize = 10;

/// The origin of a blob.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) enum Origin {
    /// A user of this node uploaded the blob.
    Uploaded,
    /// The blob was fetched from other nodes.
    Fetched,
}

/// The bytes of a blob that are here.
pub(super) enum Stage {
    /// On disk since before the node started, not yet checked.
    Unchecked,
    /// Chunks are missing.
    Part(Arc<Part>),
    /// All bytes are here.
    Whole,
}

/// A blob in the depot.
pub(super) struct Entry {
    /// Length in bytes.
    pub len: u64,
    /// Its origin.
    pub origin: Origin,
    /// The bytes of it that are here.
    pub stage: Stage,
    /// Time of the last request for the blob. A restart counts as a request.
    pub used: Instant,
}

impl Entry {
    /// An entry that is requested now.
    pub(super) fn new(len: u64, origin: Origin, stage: Stage) -> Self {
        Self { len, origin, stage, used: Instant::now() }
    }
}

/// All blobs of the depot.
#[derive(Default)]
pub(super) struct State {
    /// The blobs, by their id.
    pub blobs: HashMap<BlobHash, Entry>,
    /// Bytes reserved for uploads that have no id yet.
    pub uploading: u64,
    /// Number of these uploads.
    pub uploads: usize,
}

impl State {
    /// Returns the bytes that are yet to be written, of blobs that have their room reserved.
    pub(super) fn coming(&self) -> u64 {
        let rest = |entry: &Entry| match &entry.stage {
            Stage::Part(part) => entry.len.saturating_sub(u64::from(part.count()).saturating_mul(CHUNK_BYTES as u64)),
            Stage::Unchecked | Stage::Whole => 0,
        };
        self.blobs.values().map(rest).sum::<u64>().saturating_add(self.uploading)
    }

    /// Returns the bytes that are taken up or reserved.
    pub(super) fn used(&self) -> u64 {
        self.blobs.values().map(|entry| cost(entry.len)).sum::<u64>().saturating_add(self.uploading)
    }

    /// Returns a blob, which is requested now.
    pub(super) fn touch(&mut self, id: &BlobHash) -> Option<&mut Entry> {
        let entry = self.blobs.get_mut(id)?;
        entry.used = Instant::now();
        Some(entry)
    }
}

/// Returns the disk space of a blob in bytes: its bytes, its leaves, and the head of its tree file.
pub(super) fn cost(len: u64) -> u64 {
    len.saturating_add(u64::from(blob_tree::chunks(len).unwrap_or(0)) * 32).saturating_add(TREE_HEAD_BYTES as u64)
}
