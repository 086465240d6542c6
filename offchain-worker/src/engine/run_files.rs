//! The files of runs: each run has a folder with its request, and its result once it is finished.

use super::{
    Engine,
    state::{Finish, State},
};
use crate::store::{
    envelope::{self, Kind, Stored, patiently},
    files::{self, hash_name, private_dir, remove_dir},
    outputs::{CROWN_FILE, LEAVES_FILE, OUTPUT_FILE},
};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{
    Hash,
    executor::{RunRequest, RunStatus, RunTimings},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::Instant,
};

const REQUEST_FILE: &str = "request.scale";
const STATUS_FILE: &str = "status.scale";
/// Versions of these files. A file of another version is neither read nor deleted.
const REQUEST_VERSION: u8 = 1;
const STATUS_VERSION: u8 = 1;

/// The content of [`REQUEST_FILE`].
#[derive(Encode, Decode)]
struct StoredRequest {
    /// The executor's age when the request came.
    age: u64,
    request: RunRequest,
}

/// The content of [`STATUS_FILE`], written once the run is finished.
#[derive(Encode, Decode)]
struct StoredStatus {
    /// Time of day, in ms since the Unix epoch. For information only.
    at_ms: u64,
    /// The executor's age when the run finished.
    age: u64,
    status: RunStatus,
    timings: Option<RunTimings>,
    report: Hash,
}

/// A run of an earlier executor, as found on the disk.
struct StoredRun {
    posted: StoredRequest,
    finished: Option<StoredStatus>,
    /// Whether it has an output that is incomplete, or that no valid status describes.
    damaged: bool,
}

impl StoredRun {
    /// The executor's age when the run was last written to.
    fn age(&self) -> u64 {
        self.finished.as_ref().map_or(self.posted.age, |finished| finished.age.max(self.posted.age))
    }
}

impl Engine {
    /// The folder of run `id`.
    pub(super) fn run_folder(&self, id: &Hash) -> PathBuf {
        self.config.data_dir.join("runs").join(hash_name(id))
    }

    /// Read the runs of the last executor. Unfinished runs are held until they are posted again, so
    /// that nothing is computed in vain. Damaged outputs that may still be requested are computed
    /// again at once.
    ///
    /// # Errors
    ///
    /// If a file cannot be read. That says nothing about its content, so nothing is deleted.
    pub(super) fn load(&self) -> io::Result<()> {
        let mut found = self.stored_runs()?;
        found.sort_by_key(|run| (run.posted.age, run.posted.request.id));
        let mut state = self.lock();
        for run in found {
            self.load_run(&mut state, run);
        }
        self.note_complete(&mut state);
        let held = state.runs.values().filter(|run| run.held.is_some()).count();
        if held > 0 {
            tracing::info!(runs = held, "unfinished runs are held until they are posted again");
        }
        Ok(())
    }

    /// The runs in the data directory. Folders that are no runs go into the quarantine.
    fn stored_runs(&self) -> io::Result<Vec<StoredRun>> {
        let folder = self.config.data_dir.join("runs");
        let mut found = Vec::new();
        for entry in patiently(&folder, || fs::read_dir(&folder))? {
            let path = entry?.path();
            match self.read_run(&path)? {
                Ok(run) => found.push(run),
                // An empty folder: its request was about to be written.
                Err(_) if fs::remove_dir(&path).is_ok() => (),
                Err(why) => self.quarantine.take(&path, &why),
            }
        }
        Ok(found)
    }

    fn load_run(&self, state: &mut State, run: StoredRun) {
        self.age.has_been(run.age());
        let StoredRun { posted, finished, damaged } = run;
        let id = posted.request.id;
        state.enqueue(posted.request, Vec::new());
        let is_due = finished.as_ref().is_none_or(|finished| self.must_keep(finished.age));
        match finished {
            Some(StoredStatus { at_ms, age, status, timings, report }) if !damaged => {
                state.settle(&id, Finish { status, timings, report, passing: None }, at_ms, age);
            }
            _ if damaged && is_due => tracing::warn!(run = ?id, "the output is damaged; it is computed again"),
            _ => {
                if let Some(run) = state.runs.get_mut(&id) {
                    run.held = Some(Instant::now());
                }
            }
        }
    }

    /// Read the run in the folder `path` as the last executor left it. The inner error says why the
    /// folder is not a run.
    fn read_run(&self, path: &Path) -> io::Result<Result<StoredRun, String>> {
        let posted = match read_request(path)? {
            Ok(posted) if path == self.run_folder(&posted.request.id) => posted,
            Ok(_) => return Ok(Err("its name is not the id of its request".into())),
            Err(why) => return Ok(Err(why)),
        };
        let finished = self.read_status(&path.join(STATUS_FILE))?;
        let damaged = match &finished {
            Some(finished) => !is_whole(path, &finished.status),
            None => path.join(OUTPUT_FILE).exists(),
        };
        Ok(Ok(StoredRun { posted, finished, damaged }))
    }

    /// Read the status in `file`, if there is one. A file that is no status goes into the
    /// quarantine.
    fn read_status(&self, file: &Path) -> io::Result<Option<StoredStatus>> {
        let why = match envelope::read(file, Kind::Status, STATUS_VERSION)? {
            Stored::Missing => return Ok(None),
            Stored::Body(body) => match StoredStatus::decode_all(&mut body.as_slice()) {
                Ok(finished) => return Ok(Some(finished)),
                Err(_) => "it does not decode".to_owned(),
            },
            Stored::Unknown(why) => why,
        };
        self.quarantine.take(file, &why);
        Ok(None)
    }

    /// Write the request of a new run. A folder that is in the way goes into the quarantine.
    pub(super) fn write_new_run(&self, request: &RunRequest) -> io::Result<()> {
        let folder = self.run_folder(&request.id);
        if folder.symlink_metadata().is_ok() {
            self.quarantine.take(&folder, "it is in the way of a run that is posted");
            envelope::remove_any(&folder)?;
        }
        self.write_request(request, self.age.now())
    }

    /// Create the folder of a run, and write its request there.
    fn write_request(&self, request: &RunRequest, age: u64) -> io::Result<()> {
        let folder = self.run_folder(&request.id);
        private_dir(&folder)?;
        let posted = StoredRequest { age, request: request.clone() };
        envelope::write(&folder.join(REQUEST_FILE), Kind::Request, REQUEST_VERSION, &posted)
    }

    /// Store the files of a finished run in its folder. Those of a committed run are in `work`.
    pub(super) fn keep(
        &self,
        request: &RunRequest,
        work: &Path,
        finish: &Finish,
        at_ms: u64,
        age: u64,
    ) -> io::Result<()> {
        let folder = self.run_folder(&request.id);
        if !folder.join(REQUEST_FILE).is_file() {
            // The folder was removed while the executor runs.
            self.write_request(request, age)?;
        }
        if matches!(finish.status, RunStatus::Committed(_)) {
            for file in [OUTPUT_FILE, LEAVES_FILE, CROWN_FILE] {
                fs::rename(work.join(file), folder.join(file))?;
            }
            files::sync_dir(&folder)?;
        }
        self.write_status(&request.id, finish, at_ms, age)
    }

    /// Write the final status of a run.
    pub(super) fn write_status(&self, id: &Hash, finish: &Finish, at_ms: u64, age: u64) -> io::Result<()> {
        let Finish { status, timings, report, .. } = finish;
        let finished = StoredStatus { at_ms, age, status: status.clone(), timings: *timings, report: *report };
        envelope::write(&self.run_folder(id).join(STATUS_FILE), Kind::Status, STATUS_VERSION, &finished)
    }

    /// Remove the result of a run that was removed while its result was written. It may have been
    /// posted again, so its request stays then.
    pub(super) fn remove_result(&self, state: &State, id: &Hash) {
        self.outputs.forget(id);
        let folder = self.run_folder(id);
        let path = if state.runs.contains_key(id) { folder.join(STATUS_FILE) } else { folder };
        let _ = envelope::remove_any(&path);
    }

    /// Remove a run with all its files. Returns whether it was known.
    pub(super) fn forget(&self, state: &mut State, id: &Hash) -> bool {
        let Some(run) = state.runs.remove(id) else { return false };
        run.stop.store(true, Ordering::Relaxed);
        state.queue.remove(&run.number);
        self.outputs.forget(id);
        if let Err(error) = remove_dir(&self.run_folder(id)) {
            tracing::warn!(%error, "a run's files could not be removed");
        }
        true
    }
}

/// The request in the folder `path` of a run. The inner error says why it holds none.
fn read_request(path: &Path) -> io::Result<Result<StoredRequest, String>> {
    let body = match envelope::read(&path.join(REQUEST_FILE), Kind::Request, REQUEST_VERSION)? {
        Stored::Body(body) => body,
        Stored::Missing => return Ok(Err("it has no request".to_owned())),
        Stored::Unknown(why) => return Ok(Err(format!("its request is unknown: {why}"))),
    };
    let Ok(posted) = StoredRequest::decode_all(&mut body.as_slice()) else {
        return Ok(Err("its request does not decode".into()));
    };
    Ok(posted.request.check().map(|()| posted).map_err(|error| error.to_string()))
}

/// Whether a finished run still has all its files.
pub(super) fn is_whole(folder: &Path, status: &RunStatus) -> bool {
    match status {
        RunStatus::Queued | RunStatus::Running => false,
        RunStatus::Sampled(_) | RunStatus::Failed(_) => true,
        RunStatus::Committed(commitment) => {
            fs::metadata(folder.join(OUTPUT_FILE)).is_ok_and(|output| output.len() == commitment.output_len)
                && folder.join(LEAVES_FILE).is_file()
        }
    }
}
