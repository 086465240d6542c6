//! The blobs and job keys that runs wait for.

use super::{Engine, Refused};
use crate::observe::metrics::Moved;
use axum::body::Bytes;
use dpin_primitives::{
    BlobHash, JobId,
    confidential::WantedKey,
    executor::{RunRequest, Work},
};
use std::{collections::HashSet, fs};

/// Most blobs or keys named in one answer to `wanted` or `wanted_keys`.
const MAX_WANTED: usize = 1024;

impl Engine {
    /// The blobs that queued runs wait for, in the order of the runs' deadlines.
    pub(crate) fn wanted(&self) -> Vec<BlobHash> {
        let state = self.lock();
        let mut seen = HashSet::new();
        state
            .by_deadline()
            .into_iter()
            .flat_map(|run| run.request.blobs())
            .filter(|hash| !self.blobs.contains(hash) && seen.insert(*hash))
            .take(MAX_WANTED)
            .collect()
    }

    /// Store the blob `hash` of `len` bytes in the cache, as it arrives in `pieces`. Calls `begun`
    /// once there is room for it, unless it is cached already.
    pub(crate) fn put_blob(
        &self,
        hash: BlobHash,
        len: u64,
        begun: impl FnOnce(),
        mut pieces: impl Iterator<Item = Bytes>,
    ) -> Result<(), Refused> {
        let needed = self.lock().needed_blobs();
        self.tend_folders()?;
        let Some(mut incoming) = self.blobs.begin(hash, len, &needed)? else { return Ok(()) };
        begun();
        pieces.try_for_each(|piece| incoming.write(&piece))?;
        incoming.finish()?;
        self.metrics.moved(Moved::BlobsIn, len);
        let mut state = self.lock();
        self.note_complete(&mut state);
        self.refuse_misfits(&mut state);
        drop(state);
        self.changed();
        Ok(())
    }

    /// A cached blob, open for reading, and its length in bytes.
    pub(crate) fn blob(&self, hash: &BlobHash) -> Result<Option<(fs::File, u64)>, Refused> {
        let found = self.blobs.get(hash)?;
        if let Some((_, len)) = &found {
            self.metrics.moved(Moved::BlobsOut, *len);
        }
        Ok(found)
    }

    /// The public key to which job keys for this executor are sealed.
    pub(crate) fn recipient(&self) -> String {
        self.keys.recipient()
    }

    /// The job keys that queued runs wait for, in the order of the runs' deadlines.
    pub(crate) fn wanted_keys(&self) -> Vec<WantedKey> {
        let state = self.lock();
        let mut seen = HashSet::new();
        state
            .by_deadline()
            .into_iter()
            .filter(|run| self.locked_input(&run.request).is_some())
            .map(|run| WantedKey { task: run.request.task, checks: run.request.work != Work::Task })
            .filter(|wanted| seen.insert((wanted.task, wanted.checks)))
            .take(MAX_WANTED)
            .collect()
    }

    /// Store the sealed key of a job. A key that does not open the encrypted inputs of the job's
    /// queued runs is refused: auditors and jurors get the key from the worker, which may send a
    /// wrong one.
    pub(crate) fn put_key(&self, job: JobId, sealed: &[u8]) -> Result<(), Refused> {
        let (inputs, needed): (HashSet<BlobHash>, _) = {
            let state = self.lock();
            let queued = state.queue.values().filter_map(|id| state.runs.get(id));
            let of_job = queued.filter(|run| run.request.task.job == job);
            let inputs = of_job.flat_map(|run| run.request.inputs.iter().copied());
            (inputs.filter(|hash| self.blobs.is_encrypted(hash)).collect(), state.unfinished_jobs())
        };
        self.tend_folders()?;
        let inputs = inputs.iter().filter_map(|hash| Some(self.blobs.get(hash).ok()??.0));
        self.keys.put(job, sealed, inputs, &needed)?;
        tracing::debug!(job, "a job's key has come");
        self.note_complete(&mut self.lock());
        self.changed();
        Ok(())
    }

    /// The key of a job, sealed to `recipient`.
    pub(crate) fn reseal(&self, job: JobId, recipient: &str) -> Result<Vec<u8>, Refused> {
        Ok(self.keys.reseal(job, recipient)?)
    }

    /// The first encrypted input, if the job key is missing.
    pub(super) fn locked_input(&self, request: &RunRequest) -> Option<BlobHash> {
        let encrypted = request.inputs.iter().find(|hash| self.blobs.is_encrypted(hash));
        encrypted.filter(|_| !self.keys.contains(request.task.job)).copied()
    }

    /// Whether all blobs of a run are there, and the key to its encrypted inputs.
    pub(super) fn has_blobs(&self, request: &RunRequest) -> bool {
        request.blobs().all(|hash| self.blobs.contains(&hash)) && self.locked_input(request).is_none()
    }
}
