//! Lanes: each takes runs from the queue, one after the other, and settles how they ended.

use super::{
    Engine,
    admission::LEAST_TIME,
    state::{Finish, Lane, LaneRun, State},
};
use crate::{
    device::{entry::DeviceKey, fault::ChildFault},
    observe::report::outcome_name,
    store::files::{hash_name, now_ms, remove_dir},
};
use dpin_primitives::{executor::RunStatus, reason::ReasonCode};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::{Duration, Instant},
};

/// How often lanes check whether a run has waited too long.
pub(super) const LANE_INTERVAL: Duration = Duration::from_millis(250);
/// How often a run is tried if it fails for a passing reason: its child was killed from outside, or
/// the disk is full.
const MAX_TRIES: u32 = 4;
/// Pause before the second try. Each further pause is three times as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Devices a run may lose. If it loses more, the run itself may be the cause.
const MAX_LOSSES: usize = 2;
/// How often a run waits for room on a device that is large enough. The waits last one, two and
/// three times `ROOM_TIME`.
const MAX_NO_ROOM: u32 = 3;
const ROOM_TIME: Duration = Duration::from_secs(1);

/// How a lane's work on a run ended.
pub(super) enum LaneEnd {
    /// The run is finished. The files of a committed run are in the work folder.
    Finished(Finish),
    /// A blob, or the key to it, is missing again.
    BlobMissing,
    /// The device is lost.
    DeviceLost(String),
    /// The device has no room at the moment.
    NoRoom(String),
    /// The run was stopped.
    Stopped,
}

impl Engine {
    /// Compute the runs of `lane` on the device at `seat`, until the executor stops.
    pub(super) fn serve_lane(&self, seat: usize, lane: Lane) {
        while let Some(mut run) = self.next_run(seat, lane) {
            // A run that was queued again may start elsewhere before this folder is gone.
            let name = format!("{}-{}-{seat}", hash_name(&run.id), run.number);
            let work = self.config.data_dir.join("work").join(name);
            let begun = Instant::now();
            let end = catch_unwind(AssertUnwindSafe(|| self.execute(&mut run, &work)));
            let end = end.unwrap_or_else(|_| {
                LaneEnd::Finished(self.failed(&run, ChildFault::Executor("the executor panicked".into())))
            });
            self.end_run(run, end, &work, begun.elapsed());
            let _ = remove_dir(&work);
        }
    }

    /// Take the next run of `lane` for the device at `seat`, and mark it as running. Waits until
    /// there is one. Returns `None` when the executor stops.
    fn next_run(&self, seat: usize, lane: Lane) -> Option<LaneRun> {
        let mut state = self.lock();
        loop {
            if self.is_stopping() {
                return None;
            }
            self.expire_waiting(&mut state);
            let ready = self.next_ready(&state, seat, lane);
            if let Some(run) = ready.and_then(|(id, reserved)| state.take(id, seat, lane, reserved)) {
                return Some(run);
            }
            if state.queue.is_empty() {
                self.wake.wait(&mut state);
            } else {
                self.wake.wait_for(&mut state, LANE_INTERVAL);
            }
        }
    }

    /// Finish the work of a lane on a run, in memory and on the disk.
    fn end_run(&self, mut run: LaneRun, end: LaneEnd, work: &Path, took: Duration) {
        let mut state = self.lock();
        self.release_lane(&mut state, &run);
        let interrupted = state.run(&run.id, run.number).and_then(|entry| entry.interrupted.take());
        let mut lost = None;
        let end = match (end, interrupted) {
            (LaneEnd::Stopped, Some(why)) => LaneEnd::Finished(self.failed(&run, ChildFault::Executor(why))),
            (LaneEnd::DeviceLost(why), _) => {
                lost = self.lose_device(&mut state, run.seat, &why);
                self.after_loss(&state, &mut run, why)
            }
            (LaneEnd::NoRoom(why), _) => self.after_no_room(&mut run, why),
            (end, _) => end,
        };
        if matches!(&end, LaneEnd::Finished(finish) if run.account.times.is_some() && !is_loss(&finish.status)) {
            state.fleet.worked(run.seat);
        }
        let finish = self.requeue_unless_finished(&mut state, &run, end);
        drop(state);
        if let Some(device) = lost {
            self.children.dismiss_spare(&device);
        }
        if let Some(finish) = finish {
            self.conclude(&run, work, finish, took);
        }
        self.changed();
    }

    /// Free the lane of `run` and the device memory that it had reserved.
    fn release_lane(&self, state: &mut State, run: &LaneRun) {
        let place = (run.seat, run.lane);
        state.running = state.running.saturating_sub(1);
        state.reserved.remove(&place);
        if let Some(since) = state.busy.remove(&place) {
            self.count_busy_time(state, run.seat, run.lane, since.elapsed());
        }
        if let (Some(device), Some(times)) = (state.labels(run.seat), run.account.times) {
            self.metrics.kernels(&device, run.lane.name(), times.kernel_ns);
        }
    }

    /// Mark the device at `seat` as lost. Returns its key, if it was present until now.
    fn lose_device(&self, state: &mut State, seat: usize, why: &str) -> Option<DeviceKey> {
        if state.fleet.lose(seat, Instant::now()) { self.note_loss(state, seat, why) } else { None }
    }

    /// The end of a run whose device was lost: it is queued again, or fails if it has lost too many
    /// devices.
    fn after_loss(&self, state: &State, run: &mut LaneRun, why: String) -> LaneEnd {
        run.account.lost.push(format!("{}: {why}", state.device_name(run.seat)));
        if run.account.lost.len() >= MAX_LOSSES {
            LaneEnd::Finished(self.failed(run, ChildFault::DeviceLost(why)))
        } else {
            LaneEnd::DeviceLost(why)
        }
    }

    /// The end of a run whose device had no room: it is queued again, or fails if it has waited for
    /// room too often.
    fn after_no_room(&self, run: &mut LaneRun, why: String) -> LaneEnd {
        if run.account.no_room < MAX_NO_ROOM {
            run.account.no_room += 1;
            return LaneEnd::NoRoom(why);
        }
        let why = format!("the device has no room for what fits it, and is used by something else: {why}");
        LaneEnd::Finished(self.failed(run, ChildFault::NoRoom(why)))
    }

    /// Queue a run again that is not finished. Returns the result of one that is.
    fn requeue_unless_finished(&self, state: &mut State, run: &LaneRun, end: LaneEnd) -> Option<Finish> {
        if state.run(&run.id, run.number).is_none() {
            // The run was removed while it ran.
            self.outputs.forget(&run.id);
            return None;
        }
        let (complete, pause) = match end {
            LaneEnd::Finished(finish) => return Some(finish),
            LaneEnd::NoRoom(why) => {
                tracing::warn!(run = ?run.id, why, "the device has no room: the run waits");
                (true, Some(ROOM_TIME * run.account.no_room))
            }
            LaneEnd::BlobMissing => (false, None),
            LaneEnd::Stopped | LaneEnd::DeviceLost(_) => (true, None),
        };
        state.requeue(&run.id, &run.account, complete, pause);
        None
    }

    /// Store the result of a run, or queue the run again. Everything is safe on the disk before any
    /// request can see it. It is written without the lock, so that a slow disk blocks nobody.
    fn conclude(&self, run: &LaneRun, work: &Path, finish: Finish, took: Duration) {
        let (at_ms, age) = (now_ms(), self.age.now());
        if finish.passing.as_ref().is_some_and(|why| self.try_again(run, why, took)) {
            return;
        }
        let finish = match self.keep(&run.request, work, &finish, at_ms, age) {
            Ok(()) => finish,
            Err(error) => {
                tracing::warn!(%error, "a run could not be kept");
                let why = error.to_string();
                if self.try_again(run, &why, took) {
                    return;
                }
                self.failed(run, ChildFault::Executor(why))
            }
        };
        let (task, ms, outcome) = (run.request.task, took.as_millis(), status_text(&finish.status));
        tracing::info!(run = ?run.id, %task, ms, outcome, "run");
        self.metrics.ended(run.lane.name(), outcome_name(&finish.status), &run.account);
        let mut state = self.lock();
        if state.run(&run.id, run.number).is_some() {
            state.settle(&run.id, finish, at_ms, age);
        } else {
            self.remove_result(&state, &run.id);
        }
    }

    /// Queue a run again that failed for a passing reason, if there is time for another try.
    /// Returns whether it was queued.
    fn try_again(&self, run: &LaneRun, why: &str, took: Duration) -> bool {
        let mut state = self.lock();
        let Some(entry) = state.run(&run.id, run.number) else { return false };
        let pause = FIRST_PAUSE.saturating_mul(3u32.saturating_pow(entry.tries));
        let tries = entry.tries.saturating_add(1);
        if tries >= MAX_TRIES || entry.deadline.left() <= pause.saturating_add(LEAST_TIME) || self.is_stopping() {
            return false;
        }
        entry.tries = tries;
        tracing::warn!(run = ?run.id, task = %run.request.task, why, tries, ?pause, "run failed and is tried again");
        let mut account = run.account.clone();
        account.tried.push(why.to_owned());
        account.wasted = account.wasted.saturating_add(took);
        state.requeue(&run.id, &account, true, Some(pause));
        true
    }
}

/// Whether a run ended because its device is lost.
fn is_loss(status: &RunStatus) -> bool {
    matches!(status, RunStatus::Failed(ReasonCode::DeviceLost))
}

/// A final status for the log.
fn status_text(status: &RunStatus) -> String {
    match status {
        RunStatus::Committed(commitment) => format!("committed {:?}", commitment.root),
        RunStatus::Sampled(leaves) => format!("sampled {} tiles", leaves.len()),
        other => format!("{other:?}"),
    }
}
