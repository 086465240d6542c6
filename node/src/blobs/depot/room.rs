//! Room for new blobs: the quota, the reserve of the disk, and the blobs that may be removed.

use super::{
    Depot,
    error::DepotError,
    state::{Entry, Origin, Stage, cost},
};
use crate::blobs::{LOG, lock};
use dpin_primitives::BlobHash;
use std::{sync::Arc, time::Duration};

/// The chain's interest in a blob, from least to most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Worth {
    /// The chain does not know the blob.
    Unknown,
    /// The blob is announced.
    Announced,
    /// A job needs the blob.
    Needed,
}

/// Returns the chain's interest in a blob.
pub(crate) type Judge = Box<dyn Fn(BlobHash) -> Worth + Send + Sync>;

impl Depot {
    /// Returns the blobs that are not being fetched, each with the time since its last request.
    fn candidates(&self) -> Vec<(BlobHash, Origin, Duration)> {
        let state = lock(&self.state);
        let idle = |entry: &Entry| match &entry.stage {
            // A second reference means that a fetch is under way.
            Stage::Part(part) => Arc::strong_count(part) == 1,
            Stage::Unchecked | Stage::Whole => true,
        };
        let free = state.blobs.iter().filter(|(_, entry)| idle(entry));
        free.map(|(id, entry)| (*id, entry.origin, entry.used.elapsed())).collect()
    }

    /// Removes blobs that the chain does not know and that nobody has requested during `grace`.
    /// Returns their ids.
    pub(crate) fn sweep(&self, grace: Duration) -> Vec<BlobHash> {
        let old = self.candidates().into_iter().filter(|(_, _, unused)| *unused >= grace);
        old.map(|(id, ..)| id)
            .filter(|id| (self.judge)(*id) == Worth::Unknown)
            .filter(|id| self.remove(id).is_ok())
            .collect()
    }

    /// Checks that there is room for `bytes` more. The error says what is short: the quota or the
    /// disk.
    fn lacks(&self, bytes: u64) -> Result<(), DepotError> {
        let (used, coming) = self.taken();
        if used.saturating_add(bytes) > self.quota {
            return Err(DepotError::Full(bytes));
        }
        if coming.saturating_add(bytes) > (self.disk)() {
            return Err(DepotError::Reserve);
        }
        Ok(())
    }

    /// Returns the blobs that may be removed to make room for `bytes` more, in the order of
    /// removal. The list is empty if there is room already.
    fn spare(&self, bytes: u64) -> Result<Vec<BlobHash>, DepotError> {
        let Err(lacking) = self.lacks(bytes) else { return Ok(Vec::new()) };
        let judged = self.candidates().into_iter().map(|(id, origin, unused)| ((self.judge)(id), id, origin, unused));
        let mut free: Vec<_> = judged
            .filter(|(worth, _, origin, _)| match worth {
                Worth::Unknown => true,
                Worth::Announced => *origin == Origin::Fetched,
                Worth::Needed => false,
            })
            .collect();
        free.sort_unstable_by_key(|(worth, _, _, unused)| (*worth, std::cmp::Reverse(*unused)));
        let cost_of = |id: &BlobHash| self.status(id).map_or(0, |status| cost(status.len));
        let freed: u64 = free.iter().map(|(_, id, ..)| cost_of(id)).sum();
        let (used, coming) = self.taken();
        let never = used.saturating_sub(freed).saturating_add(bytes) > self.quota
            || coming.saturating_add(bytes) > (self.disk)().saturating_add(freed);
        // Remove nothing if even that would not make enough room.
        if never { Err(lacking) } else { Ok(free.into_iter().map(|(_, id, ..)| id).collect()) }
    }

    /// Returns the used bytes of the quota, and the part of them that is yet to be written.
    fn taken(&self) -> (u64, u64) {
        let state = lock(&self.state);
        (state.used(), state.coming())
    }

    /// Checks that there is room for a blob of `len` bytes, or that room can be made.
    ///
    /// # Errors
    ///
    /// The quota or the reserve of the disk, whichever is too small.
    pub(crate) fn could_hold(&self, len: u64) -> Result<(), DepotError> {
        self.spare(cost(len)).map(drop)
    }

    /// Removes blobs until there is room for `bytes` more. Removes nothing if all removable blobs
    /// together would not free enough.
    pub(super) fn make_room(&self, bytes: u64) -> Result<(), DepotError> {
        let mut spare = self.spare(bytes)?.into_iter();
        loop {
            let Err(lacking) = self.lacks(bytes) else { return Ok(()) };
            let id = spare.next().ok_or(lacking)?;
            log::debug!(target: LOG, "Blob {id:?} makes room");
            self.remove(&id)?;
        }
    }
}
