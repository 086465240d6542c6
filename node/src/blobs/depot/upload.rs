//! Blobs that users upload.

use super::{
    Depot, MAX_BLOBS,
    error::DepotError,
    files,
    state::{Entry, Origin, Stage, cost},
};
use crate::blobs::lock;
use dpin_primitives::{
    BlobHash,
    blob_tree::{Hasher, MAX_BLOB_BYTES},
};
use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

impl Depot {
    /// Begins an upload of `len` bytes.
    ///
    /// # Errors
    ///
    /// When the length is 0 or too large, there is no room, or the disk fails.
    pub(crate) fn upload(self: &Arc<Self>, len: u64) -> Result<Upload, DepotError> {
        if len == 0 || len > MAX_BLOB_BYTES {
            return Err(DepotError::Length);
        }
        self.make_room(cost(len))?;
        {
            let mut state = lock(&self.state);
            let full = state.used().saturating_add(cost(len)) > self.quota;
            if full || state.blobs.len().saturating_add(state.uploads) >= MAX_BLOBS {
                return Err(DepotError::Full(len));
            }
            state.uploading = state.uploading.saturating_add(cost(len));
            state.uploads = state.uploads.saturating_add(1);
        }
        let name = self.names.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{name}.upload"));
        let mut upload = Upload { depot: self.clone(), path, file: None, hasher: Hasher::new(), len };
        upload.file = Some(OpenOptions::new().read(true).write(true).create_new(true).open(&upload.path)?);
        Ok(upload)
    }
}

/// A blob that is uploaded piece by piece. If it is dropped before it is finished, nothing of it is
/// left.
pub(crate) struct Upload {
    depot: Arc<Depot>,
    path: PathBuf,
    file: Option<File>,
    hasher: Hasher,
    len: u64,
}

impl Upload {
    /// Writes the next bytes.
    ///
    /// # Errors
    ///
    /// When there are more bytes than announced, only the reserve of the disk is left, or the disk
    /// fails.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), DepotError> {
        let length = self.hasher.len().saturating_add(bytes.len() as u64);
        let file = self.file.as_mut().filter(|_| length <= self.len).ok_or(DepotError::WrongBytes)?;
        if (self.depot.disk)() < bytes.len() as u64 {
            return Err(DepotError::Reserve);
        }
        file.write_all(bytes)?;
        self.hasher.update(bytes);
        Ok(())
    }

    /// Ends the upload, and keeps the bytes if they are the blob `id`.
    ///
    /// # Errors
    ///
    /// [`DepotError::WrongBytes`] if they are not, or an error of the disk.
    pub(crate) fn finish(mut self, id: BlobHash) -> Result<(), DepotError> {
        let whole = self.hasher.len() == self.len;
        let (found, leaves) = std::mem::take(&mut self.hasher).finish_tree();
        let file = self.file.take().filter(|_| whole && found == id).ok_or(DepotError::WrongBytes)?;
        let depot = &self.depot;
        if depot.status(&id).is_some_and(|status| status.is_whole()) {
            return Ok(());
        }
        files::write_tree(&depot.dir, &id, Origin::Uploaded, self.len, &leaves)?;
        fs::rename(&self.path, depot.path(&id, "part"))?;
        lock(&depot.state).blobs.insert(id, Entry::new(self.len, Origin::Uploaded, Stage::Whole));
        depot.confirm(id, file);
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let mut state = lock(&self.depot.state);
        state.uploading = state.uploading.saturating_sub(cost(self.len));
        state.uploads = state.uploads.saturating_sub(1);
        drop(state);
        // The file does not exist any more after a finished upload.
        let _ = fs::remove_file(&self.path);
    }
}
