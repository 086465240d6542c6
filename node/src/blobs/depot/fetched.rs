//! Fetched blobs: from the first chunk to the whole blob.

use super::{
    Depot, MAX_BLOBS,
    error::DepotError,
    files,
    part::Part,
    state::{Entry, Origin, Stage, cost},
};
use crate::blobs::{LOG, lock};
use dpin_primitives::{
    BlobHash, Hash,
    blob_tree::{self, MAX_BLOB_BYTES},
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    sync::Arc,
};

impl Depot {
    /// Begins a fetched blob, or resumes it. Returns `None` if the blob is whole.
    ///
    /// # Errors
    ///
    /// When the leaves are not those of the blob, there is no room, or the disk fails.
    pub(crate) fn begin(&self, id: BlobHash, len: u64, leaves: Vec<Hash>) -> Result<Option<Arc<Part>>, DepotError> {
        if len == 0 || len > MAX_BLOB_BYTES {
            return Err(DepotError::Length);
        }
        if !blob_tree::fits(&id, len, &leaves) {
            return Err(DepotError::WrongBytes);
        }
        if let Some(known) = self.resume(id)? {
            return Ok(known);
        }
        self.make_room(cost(len))?;
        {
            let mut state = lock(&self.state);
            if state.used().saturating_add(cost(len)) > self.quota || state.blobs.len() >= MAX_BLOBS {
                return Err(DepotError::Full(len));
            }
            // The room is reserved from here on. It is released if the start fails.
            state.blobs.insert(id, Entry::new(len, Origin::Fetched, Stage::Unchecked));
        }
        match self.start_part(id, len, leaves) {
            Ok(part) => {
                if let Some(entry) = lock(&self.state).touch(&id) {
                    entry.stage = Stage::Part(part.clone());
                }
                Ok(Some(part))
            }
            Err(error) => {
                self.remove(&id)?;
                Err(error)
            }
        }
    }

    fn start_part(&self, id: BlobHash, len: u64, leaves: Vec<Hash>) -> Result<Arc<Part>, DepotError> {
        let path = self.path(&id, "part");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        file.set_len(len)?;
        files::write_tree(&self.dir, &id, Origin::Fetched, len, &leaves)?;
        Ok(Arc::new(Part::new(id, len, leaves, file, self.disk.clone())))
    }

    /// Resumes a blob of which the depot has something. Returns `None` if it has nothing, and
    /// `Some(None)` if the blob is whole.
    fn resume(&self, id: BlobHash) -> Result<Option<Option<Arc<Part>>>, DepotError> {
        let len = match lock(&self.state).touch(&id) {
            None => return Ok(None),
            Some(Entry { stage: Stage::Whole, .. }) => return Ok(Some(None)),
            Some(Entry { stage: Stage::Part(part), .. }) => return Ok(Some(Some(part.clone()))),
            Some(Entry { stage: Stage::Unchecked, len, .. }) => *len,
        };
        let leaves = files::read_leaves(&self.path(&id, "tree"))?;
        let file = OpenOptions::new().read(true).write(true).open(self.path(&id, "part"))?;
        let part = Arc::new(Part::new(id, len, leaves, file, self.disk.clone()));
        part.check()?;
        if part.present().is_full() {
            self.finish(&part);
            return Ok(Some(None));
        }
        let mut state = lock(&self.state);
        let Some(entry) = state.touch(&id) else { return Ok(None) };
        Ok(Some(match &entry.stage {
            Stage::Whole => None,
            // Another thread was quicker.
            Stage::Part(other) => Some(other.clone()),
            Stage::Unchecked => {
                entry.stage = Stage::Part(part.clone());
                Some(part)
            }
        }))
    }

    /// Checks every blob that was partial when the node ended, one at a time. Hashes all of their
    /// bytes.
    pub(crate) fn check_all(&self) {
        let unchecked: Vec<BlobHash> = {
            let state = lock(&self.state);
            state.blobs.iter().filter(|(_, e)| matches!(e.stage, Stage::Unchecked)).map(|(id, _)| *id).collect()
        };
        for id in unchecked {
            if let Err(error) = self.resume(id) {
                log::warn!(target: LOG, "Cannot go on with blob {id:?}: {error}");
            }
        }
    }

    /// Marks a blob as whole, once its part has all chunks.
    pub(crate) fn finish(&self, part: &Part) {
        if let Some(entry) = lock(&self.state).touch(&part.id) {
            entry.stage = Stage::Whole;
        }
        if let Ok(file) = part.file.try_clone() {
            self.confirm(part.id, file);
        }
    }

    /// Syncs a whole blob to the disk, and then renames it to a `.blob`, which is trusted for ever.
    ///
    /// This does not wait: syncing takes as long as writing all of the blob.
    pub(super) fn confirm(&self, id: BlobHash, file: File) {
        let (part, blob) = (self.path(&id, "part"), self.path(&id, "blob"));
        let confirming = std::thread::Builder::new().name("blob-sync".into()).spawn(move || {
            let confirmed = file.sync_data().and_then(|()| fs::rename(part, blob));
            match confirmed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    log::warn!(target: LOG, "The disk does not confirm blob {id:?}: {error}");
                }
                _ => {}
            }
        });
        if let Err(error) = confirming {
            log::warn!(target: LOG, "Blob {id:?} will be checked again after a restart: {error}");
        }
    }
}
