//! Disk space: which outputs are kept, and which are removed to make room.

use super::{
    Engine,
    state::{RunEntry, State},
};
use crate::{
    device::fault::ChildFault,
    store::{
        age::millis,
        files::{self, SPARE_DISK_BYTES, private_dir},
        outputs::kept_bytes,
    },
};
use dpin_primitives::{
    Hash,
    executor::{RunRequest, RunStatus},
};
use std::{collections::HashMap, fs, io, os::unix::fs::MetadataExt, sync::atomic::Ordering};

/// Most finished runs that are kept, unless their outputs must be.
const MAX_FINISHED: usize = 4096;
/// Most logs that are kept.
const MAX_LOGS: usize = 4096;
/// The folders below the data directory.
const FOLDERS: [&str; 7] = ["runs", "work", "driver", "driver/programs", "blobs", "keys", "logs"];

impl Engine {
    /// Store the executor's age.
    pub(super) fn save_age(&self) {
        if self.broken().is_some() {
            return;
        }
        if let Err(error) = self.age.save() {
            tracing::warn!(%error, "the executor's age could not be stored");
        }
    }

    /// Create the folders that were removed while the executor runs.
    ///
    /// # Errors
    ///
    /// If the data directory itself is gone. The kept runs are then lost, and the executor must be
    /// started again. From then on it is [broken](Self::broken).
    pub(super) fn tend_folders(&self) -> io::Result<()> {
        let file = |metadata: io::Result<fs::Metadata>| metadata.ok().map(|found| (found.dev(), found.ino()));
        let lock = self.config.data_dir.join(super::LOCK_FILE);
        if file(fs::metadata(&lock)) != file(self.lock_file.metadata()) {
            let why = format!(
                "the data directory {} was removed or replaced below the running executor, which ends: start it again",
                self.config.data_dir.display()
            );
            if self.broken.set(why.clone()).is_ok() {
                tracing::error!("{why}");
                self.changed();
            }
            return Err(io::Error::new(io::ErrorKind::NotFound, why));
        }
        for folder in FOLDERS.map(|name| self.config.data_dir.join(name)) {
            if !folder.is_dir() {
                tracing::warn!(folder = %folder.display(), "the folder was removed below the running executor; it is created again");
                private_dir(&folder)?;
            }
        }
        Ok(())
    }

    /// Whether an output that was finished at `age` may still be requested.
    pub(super) fn must_keep(&self, age: u64) -> bool {
        self.age.since(age) < millis(self.config.min_retention.min(self.config.retention))
    }

    /// Free disk space that other programs took, because the node's database may be on this disk.
    /// If that is not enough, stop a task that writes; it is tried again.
    pub(super) fn guard_disk(&self) {
        let mut state = self.lock();
        let free = files::free_bytes(&self.config.data_dir).unwrap_or(u64::MAX);
        if free >= self.reserve || self.relieve_disk(&mut state, free) || free >= self.reserve / 2 {
            return;
        }
        let writes = |run: &&mut RunEntry| {
            run.status == RunStatus::Running && run.interrupted.is_none() && kept_bytes(&run.request) > 0
        };
        // The run with the latest deadline can wait the longest.
        if let Some(run) = state.runs.values_mut().filter(writes).max_by_key(|run| run.deadline.get()) {
            let why = format!("the disk had {free} bytes free, of which {} are kept in reserve", self.reserve);
            tracing::warn!(run = ?run.request.id, why, "a task is stopped");
            run.interrupted = Some(why);
            run.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Remove outputs that need not be kept and blobs that no run waits for, until the disk has its
    /// reserve again; it has `free` bytes free now. Without this the disk would stay full: a worker
    /// whose disk is low gets no tasks, so no task would make room for itself. Returns whether that
    /// was enough. If removing all of it would not be enough, nothing is removed.
    fn relieve_disk(&self, state: &mut State, free: u64) -> bool {
        let lacking = self.reserve.saturating_sub(free);
        let mut removable = state.kept_outputs();
        removable.retain(|(age, ..)| !self.must_keep(*age));
        let outputs = removable.iter().map(|(.., held)| *held).fold(0, u64::saturating_add);
        let needed = state.needed_blobs();
        if outputs.saturating_add(self.blobs.evictable(&needed)) < lacking {
            return false;
        }
        let mut gained = 0u64;
        for (_, id, held) in removable {
            if gained >= lacking {
                break;
            }
            tracing::debug!(run = ?id, "run removed: the disk is short of its reserve");
            self.forget(state, &id);
            gained = gained.saturating_add(held);
        }
        self.blobs.evict(lacking.saturating_sub(gained), &needed);
        true
    }

    /// Make room for what `request`, which is about to run, writes. Removes older outputs that need
    /// not be kept. The error says why there is no room.
    pub(super) fn make_room(&self, request: &RunRequest) -> Result<(), String> {
        let mut state = self.lock();
        let coming = state.coming();
        let mut finished = state.kept_outputs();
        let mut bytes = finished.iter().map(|(.., held)| *held).fold(coming, u64::saturating_add);
        finished.retain(|(age, ..)| !self.must_keep(*age));
        let mut removable = finished.into_iter();
        while let Some(full) = self.lack_of_room(request, coming, bytes)? {
            let (_, id, held) = removable.next().ok_or(full)?;
            tracing::debug!(run = ?id, "run removed: another one needs its room");
            self.forget(&mut state, &id);
            bytes = bytes.saturating_sub(held);
        }
        Ok(())
    }

    /// Why there is no room for `request`, if there is none. The current runs will write `coming`
    /// bytes; they and the kept outputs have `bytes`.
    fn lack_of_room(&self, request: &RunRequest, coming: u64, bytes: u64) -> Result<Option<String>, String> {
        let writes = kept_bytes(request) > 0;
        let free = files::free_bytes(&self.config.data_dir).map_err(|error| format!("the disk: {error}"))?;
        // A sample leaves no output, and its worker may do nothing else before its deadline.
        let least = if writes { coming.saturating_add(self.reserve) } else { SPARE_DISK_BYTES };
        Ok(if writes && bytes > self.config.max_stored_bytes {
            Some(format!(
                "the outputs that must still be kept, and those of the runs that run, have {bytes} bytes; at most {} may be stored",
                self.config.max_stored_bytes
            ))
        } else if free < least {
            Some(format!(
                "the disk has {free} bytes free, of which {} are kept in reserve; the output and its leaves need {}",
                self.reserve,
                kept_bytes(request)
            ))
        } else {
            None
        })
    }

    /// On a full disk nothing can be compiled or written, so such a fault becomes the executor's.
    pub(super) fn unless_disk_full(&self, fault: ChildFault) -> ChildFault {
        let free = files::free_bytes(&self.config.data_dir).unwrap_or(u64::MAX);
        match fault {
            ChildFault::Build(text) | ChildFault::Kernel(text) if free < SPARE_DISK_BYTES => {
                ChildFault::Executor(format!("the disk was full, with {free} bytes free, which may be why: {text}"))
            }
            fault => fault,
        }
    }

    /// Remove what is too old or too much. Uses the executor's own age, because the time of day may
    /// be wrong.
    pub(super) fn sweep(&self) {
        self.save_age();
        let mut state = self.lock();
        self.sweep_runs(&mut state);
        let needed = state.unfinished_jobs();
        drop(state);
        self.keys.sweep(self.config.retention, &needed);
        self.logs.sweep(self.config.retention, MAX_LOGS);
    }

    /// Remove the finished runs that are too old, and the oldest of too many.
    fn sweep_runs(&self, state: &mut State) {
        let retention = millis(self.config.retention);
        let outputs: HashMap<Hash, u64> = state.kept_outputs().into_iter().map(|(_, id, held)| (id, held)).collect();
        let finished = state.runs.iter().filter(|(_, run)| run.finished_ms.is_some());
        let mut finished: Vec<(u64, Hash)> = finished.map(|(id, run)| (run.finished_age, *id)).collect();
        finished.sort();
        let mut bytes = outputs.values().copied().fold(0, u64::saturating_add);
        let mut count = finished.len();
        for (age, id) in finished {
            let held = outputs.get(&id).copied();
            let old = self.age.since(age) > retention;
            let surplus = count > MAX_FINISHED || (held.is_some() && bytes > self.config.max_stored_bytes);
            if old || (surplus && !(held.is_some() && self.must_keep(age))) {
                tracing::debug!(run = ?id, "run removed: too old, or too many");
                self.forget(state, &id);
                bytes = bytes.saturating_sub(held.unwrap_or_default());
                count = count.saturating_sub(1);
            }
        }
    }
}
