//! A partial blob, to which chunks are added.

use super::{error::DepotError, range_of};
use crate::{
    blobs::{bitmap::Bitmap, lock},
    disk::Gauge,
};
use dpin_primitives::{
    BlobHash, Hash,
    blob_tree::{self, CHUNK_BYTES},
};
use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, sync::Mutex};

/// Chunks that are hashed at a time when a part is checked: 4 MiB.
const CHECKED_AT_ONCE: u32 = 16;

/// A partial blob. Chunks are put into it in any order, from any thread.
pub(crate) struct Part {
    pub(super) id: BlobHash,
    len: u64,
    pub(super) leaves: Vec<Hash>,
    pub(super) file: File,
    present: Mutex<Bitmap>,
    disk: Gauge,
}

impl Part {
    /// Creates a part with none of its chunks. `file` has the blob's length.
    pub(super) fn new(id: BlobHash, len: u64, leaves: Vec<Hash>, file: File, disk: Gauge) -> Self {
        let present = Mutex::new(Bitmap::none(leaves.len() as u32));
        Self { id, len, leaves, file, present, disk }
    }

    /// Returns the blob's length in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Returns the chunks that are here.
    pub(crate) fn present(&self) -> Bitmap {
        lock(&self.present).clone()
    }

    /// Returns the number of chunks that are here.
    pub(super) fn count(&self) -> u32 {
        lock(&self.present).count()
    }

    /// Returns whether all of `chunks` are here.
    pub(crate) fn has_all(&self, chunks: Range<u32>) -> bool {
        lock(&self.present).has_all(chunks)
    }

    /// Returns the number of bytes that are here.
    pub(super) fn present_bytes(&self) -> u64 {
        let present = lock(&self.present);
        // Only the last chunk may be short.
        (u64::from(present.count()) * CHUNK_BYTES as u64).saturating_sub(present.len_of_last(self.len))
    }

    /// Checks the bytes of `chunks` against their leaves, and writes them.
    ///
    /// # Errors
    ///
    /// [`DepotError::WrongBytes`] if they are too few, too many, or other bytes;
    /// [`DepotError::Reserve`] if the disk is nearly full. Nothing is written in both cases.
    pub(crate) fn put(&self, chunks: Range<u32>, bytes: &[u8]) -> Result<(), DepotError> {
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
    pub(super) fn check(&self) -> io::Result<()> {
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

impl Bitmap {
    /// Returns the bytes by which the last chunk is shorter than others, in a blob of `len` bytes;
    /// 0 if that chunk is not here.
    fn len_of_last(&self, len: u64) -> u64 {
        let count = blob_tree::chunks(len).unwrap_or(0);
        let short = (u64::from(count) * CHUNK_BYTES as u64).saturating_sub(len);
        count.checked_sub(1).filter(|last| self.has(*last)).map_or(0, |_| short)
    }
}
