//! Requests about runs: posting them, asking how they are, removing them.

use super::{Engine, Refused, run_files::is_whole, state::RunEntry};
use crate::observe::report::Account;
use dpin_primitives::{
    Hash, TaskId,
    executor::{RunRequest, RunStatus, RunTimings, Work},
};
use std::time::Instant;

impl Engine {
    /// Queue a run. `input_bytes` are the sizes of its inputs in bytes, or empty if they are not
    /// known. A run that is known already gets a new deadline.
    pub(crate) fn post(&self, request: RunRequest, input_bytes: Vec<u64>) -> Result<RunStatus, Refused> {
        request.check().map_err(|error| Refused::InvalidRequest(error.to_string()))?;
        if !input_bytes.is_empty() && input_bytes.len() != request.inputs.len() {
            let (sizes, inputs) = (input_bytes.len(), request.inputs.len());
            return Err(Refused::InvalidRequest(format!("{sizes} sizes are given for {inputs} inputs")));
        }
        if let Some(status) = self.renew(&request)? {
            return Ok(status);
        }
        self.tend_folders()?;
        let id = request.id;
        // Written before the run is visible, and without the lock, so that a slow disk blocks no
        // other request.
        self.write_new_run(&request)?;
        let mut state = self.lock();
        if !state.runs.contains_key(&id) {
            tracing::debug!(run = ?id, task = %request.task, "run posted");
            state.enqueue(request, input_bytes);
        }
        self.note_complete(&mut state);
        self.refuse_misfits(&mut state);
        let status = state.runs.get(&id).map(|run| self.visible_status(run)).ok_or(Refused::UnknownRun)?;
        drop(state);
        self.changed();
        Ok(status)
    }

    /// Set the deadline of a known run, because a node waits for it. A held run is queued, and a
    /// run whose output is gone is computed again. Returns `None` if the run is not known and the
    /// queue has room for it.
    fn renew(&self, request: &RunRequest) -> Result<Option<RunStatus>, Refused> {
        let id = request.id;
        let mut state = self.lock();
        let Some(run) = state.runs.get_mut(&id) else {
            if self.is_stopping() {
                return Err(Refused::Stopping);
            }
            let waiting = state.waiting().count();
            if waiting >= self.config.queue_length {
                return Err(Refused::QueueFull(waiting));
            }
            return Ok(None);
        };
        let is_gone = self.reset_if_gone(run);
        if run.finished_ms.is_none() {
            run.deadline.set(request.limit_ms);
        }
        let is_taken_up = run.held.take().is_some() || is_gone;
        if is_taken_up {
            (run.queued, run.complete) = (Instant::now(), None);
            let number = run.number;
            state.queue.insert(number, id);
            self.outputs.forget(&id);
            self.note_complete(&mut state);
            self.refuse_misfits(&mut state);
        }
        let status = state.runs.get(&id).map(|run| self.visible_status(run));
        drop(state);
        if is_taken_up {
            self.changed();
        }
        Ok(status)
    }

    /// Reset a finished run whose output is gone or damaged, so that it can be computed again.
    /// Returns whether it was.
    fn reset_if_gone(&self, run: &mut RunEntry) -> bool {
        let id = run.request.id;
        let is_whole = !run.damaged && is_whole(&self.run_folder(&id), &run.status);
        let is_gone = run.finished_ms.is_some() && !is_whole;
        if is_gone {
            tracing::warn!(run = ?id, task = %run.request.task, "the output is gone or damaged; it is computed again");
            (run.status, run.finished_ms, run.timings) = (RunStatus::Queued, None, None);
            (run.tries, run.account, run.damaged) = (0, Account::default(), false);
        }
        is_gone
    }

    /// The status of run `id`.
    pub(crate) fn run_status(&self, id: &Hash) -> Result<RunStatus, Refused> {
        self.lock().runs.get(id).map(|run| self.visible_status(run)).ok_or(Refused::UnknownRun)
    }

    /// The status of a run as the API shows it.
    pub(super) fn visible_status(&self, run: &RunEntry) -> RunStatus {
        run.visible_status(&self.config.conduct)
    }

    /// The timings of run `id`.
    pub(crate) fn timings(&self, id: &Hash) -> Result<RunTimings, Refused> {
        self.lock().runs.get(id).ok_or(Refused::UnknownRun)?.timings.ok_or(Refused::NotComputed)
    }

    /// The report of run `id`.
    pub(crate) fn report(&self, id: &Hash) -> Result<Vec<u8>, Refused> {
        let hash = {
            let state = self.lock();
            let run = state.runs.get(id).ok_or(Refused::UnknownRun)?;
            run.report.filter(|_| run.is_visible(&self.config.conduct)).ok_or(Refused::NotFinished)?
        };
        self.logs.get(&hash).ok_or(Refused::UnknownRun)
    }

    /// The report of the last finished run of the whole task.
    pub(crate) fn task_report(&self, task: TaskId) -> Result<Vec<u8>, Refused> {
        let newest = {
            let state = self.lock();
            let runs = state.runs.values().filter(|run| {
                run.request.task == task && run.request.work == Work::Task && run.is_visible(&self.config.conduct)
            });
            runs.filter_map(|run| Some((run.number, run.report?))).max()
        };
        newest.and_then(|(_, report)| self.logs.get(&report)).ok_or(Refused::UnknownReport(task))
    }

    /// Stop run `id` and remove its files. With `unfinished`, only if it is not finished.
    pub(crate) fn remove(&self, id: &Hash, unfinished: bool) -> Result<(), Refused> {
        let mut state = self.lock();
        if unfinished && state.runs.get(id).is_some_and(|run| run.finished_ms.is_some()) {
            return Err(Refused::Finished);
        }
        let known = self.forget(&mut state, id);
        drop(state);
        self.changed();
        if known { Ok(()) } else { Err(Refused::UnknownRun) }
    }
}
