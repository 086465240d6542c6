//! Admission: the runs that may start, and the waiting runs that fail.

use super::{
    Engine,
    state::{Finish, Lane, RunEntry, State},
};
use crate::{
    device::{
        fleet::Seat,
        needs::{Misfit, Needs},
    },
    store::files::now_ms,
};
use dpin_primitives::{Hash, executor::RunStatus, reason::ReasonCode};
use std::time::{Duration, Instant};

/// Longest time a task waits for its blobs, in addition to their transfer time at [`BLOB_RATE`].
/// Then the task fails, because it occupies a slot of its worker until the worker hears of the
/// failure. A sample waits until its deadline, because its worker may do nothing else in the
/// meantime.
const BLOB_TIME: Duration = Duration::from_secs(60);
/// Least rate at which blobs are expected to arrive, in bytes per second.
const BLOB_RATE: u64 = 2 * 1024 * 1024;
/// Longest time a task waits for a device.
const DEVICE_TIME: Duration = Duration::from_secs(60);
/// No run starts with less time left than this.
pub(super) const LEAST_TIME: Duration = Duration::from_millis(200);
/// How long an unfinished run of an earlier executor is held. If a node still needs the run, it
/// posts the run again within a block.
const HOLD_TIME: Duration = Duration::from_secs(600);

/// The reason for which a run cannot be computed here, with its description.
type Refusal = (ReasonCode, String);

impl Engine {
    /// The next run of `lane` that the device at `seat` can compute, with the bytes of device
    /// memory it needs. Only runs that fit the device and have all their blobs count; of those the
    /// earliest deadline wins.
    pub(super) fn next_ready(&self, state: &State, seat: usize, lane: Lane) -> Option<(Hash, u64)> {
        let device = state.fleet.seat(seat)?;
        let now = Instant::now();
        let ready = state.waiting().filter(|run| {
            Lane::of(&run.request) == lane
                && run.not_before.is_none_or(|time| time <= now)
                && self.has_blobs(&run.request)
                && self.needs(run).misfit(&device.entry).is_none()
        });
        let ready = ready.filter_map(|run| Some((run, self.reservation(state, seat, run)?)));
        let (run, reserved) = ready.min_by_key(|(run, _)| (run.deadline.get(), run.number))?;
        Some((run.request.id, reserved))
    }

    /// Device memory in bytes for a run on the device at `seat`. `None` while other runs there
    /// leave too little.
    fn reservation(&self, state: &State, seat: usize, run: &RunEntry) -> Option<u64> {
        let memory = state.fleet.seat(seat)?.entry.device.memory;
        let used = state.reserved.iter().filter(|((other, _), _)| *other == seat);
        let used = used.map(|(_, bytes)| *bytes).fold(0, u64::saturating_add);
        let bytes = self.needs(run).reserved(memory);
        (used.saturating_add(bytes) <= memory).then_some(bytes)
    }

    /// The device memory that a run needs, as far as its input sizes are known.
    fn needs(&self, run: &RunEntry) -> Needs {
        let posted = run.input_bytes.iter().copied().map(Some).chain(std::iter::repeat(None));
        let sizes = run.request.inputs.iter().zip(posted);
        Needs::of(&run.request, sizes.map(|(hash, posted)| self.blobs.len(hash).or(posted)))
    }

    /// Record since when queued runs have all their blobs and the key to them.
    pub(super) fn note_complete(&self, state: &mut State) {
        for id in state.queue.values() {
            let Some(run) = state.runs.get_mut(id).filter(|run| run.complete.is_none()) else { continue };
            if self.has_blobs(&run.request) {
                run.complete = Some(Instant::now());
            }
        }
    }

    /// Fail the queued runs that fit no chosen device, before more is fetched for them.
    pub(super) fn refuse_misfits(&self, state: &mut State) {
        let refused: Vec<(Hash, Refusal)> =
            state.queue.values().filter_map(|id| Some((*id, self.misfit(state, state.runs.get(id)?)?))).collect();
        for (id, refusal) in refused {
            self.give_up(state, id, refusal);
        }
    }

    /// Why a run can never be computed here. If a limit of this executor is the cause, and not the
    /// size of a device, the reason does not blame the requester.
    fn misfit(&self, state: &State, run: &RunEntry) -> Option<Refusal> {
        let (output, most) = (run.request.output_bytes(), self.config.max_output_bytes);
        if output > most {
            let why = format!("an output of {output} bytes exceeds the limit of {most} of this executor");
            return Some((ReasonCode::Declined, why));
        }
        let needs = self.needs(run);
        let seats = state.fleet.seats();
        let misfits: Vec<(&Seat, Misfit)> =
            seats.iter().map_while(|seat| Some((seat, needs.misfit(&seat.entry)?))).collect();
        if seats.is_empty() || misfits.len() < seats.len() {
            return None;
        }
        let of_devices = misfits.iter().all(|(_, misfit)| misfit.of_the_device);
        let reason = if of_devices { ReasonCode::OutOfMemory } else { ReasonCode::Declined };
        let lines: Vec<String> = misfits.iter().map(|(seat, misfit)| format!("{seat}: {}", misfit.why)).collect();
        Some((reason, lines.join("\n")))
    }

    /// Fail the queued runs that can no longer finish in time. Fail the tasks that wait too long
    /// for their blobs, the key to them, or a device. Drop held runs that were not posted again.
    pub(super) fn expire_waiting(&self, state: &mut State) {
        let is_dropped = |run: &RunEntry| run.held.is_some_and(|since| since.elapsed() >= HOLD_TIME);
        let dropped: Vec<Hash> = state.runs.iter().filter(|(_, run)| is_dropped(run)).map(|(id, _)| *id).collect();
        for id in dropped {
            tracing::info!(run = ?id, "an unfinished run of an earlier executor is dropped: nobody waits for it");
            self.forget(state, &id);
        }
        let late: Vec<(Hash, Refusal)> =
            state.waiting().filter_map(|run| Some((run.request.id, self.lateness(state, run)?))).collect();
        for (id, refusal) in late {
            self.give_up(state, id, refusal);
            self.changed();
        }
    }

    /// Why a queued run has waited too long, if it has.
    fn lateness(&self, state: &State, run: &RunEntry) -> Option<Refusal> {
        let is_over = run.deadline.left() <= LEAST_TIME;
        let is_sample = Lane::of(&run.request) == Lane::Sample;
        let missing = run.request.blobs().find(|hash| !self.blobs.contains(hash)).map(|blob| ("blob", blob));
        let missing = missing.or_else(|| Some(("the key to blob", self.locked_input(&run.request)?)));
        if let Some((what, blob)) = missing {
            let is_late = is_over || (!is_sample && run.queued.elapsed() >= self.blob_time(run));
            let why = || format!("{what} {} did not come", hex::encode(blob));
            return is_late.then(|| (ReasonCode::InputUnavailable { blob }, why()));
        }
        let needs = self.needs(run);
        if !state.fleet.here().any(|(_, seat)| needs.misfit(&seat.entry).is_none()) {
            let waits_long = run.complete.is_some_and(|since| since.elapsed() >= DEVICE_TIME);
            let none = state.fleet.seats().is_empty();
            let why = if none { "there is no such device" } else { "the device did not come back" };
            return (is_over || (!is_sample && waits_long)).then(|| (ReasonCode::DeviceLost, why.into()));
        }
        let why = || format!("its turn did not come within {} ms: the devices had other runs", run.request.limit_ms);
        // The caller writes the log, and then fills in its hash.
        is_over.then(|| (ReasonCode::ExecutorFault { log: Hash::zero() }, why()))
    }

    /// How long a task may wait for its blobs.
    fn blob_time(&self, run: &RunEntry) -> Duration {
        let sizes = run.request.inputs.iter().zip(&run.input_bytes);
        let missing = sizes.filter(|(hash, _)| !self.blobs.contains(hash)).map(|(_, bytes)| *bytes);
        BLOB_TIME.saturating_add(Duration::from_secs(missing.fold(0, u64::saturating_add) / BLOB_RATE))
    }

    /// Fail a queued run. If the reason names a log, that log is the report.
    fn give_up(&self, state: &mut State, id: Hash, (reason, why): Refusal) {
        let Some(run) = state.runs.get(&id) else { return };
        tracing::info!(run = ?id, task = %run.request.task, ?reason, why, "run failed");
        let account = run.account_until_now();
        let name = reason.code();
        let report = self.logs.put(&account.report(&run.request, name, Some(&why)));
        let reason = match reason {
            ReasonCode::ExecutorFault { .. } => ReasonCode::ExecutorFault { log: report },
            other => other,
        };
        self.metrics.ended(Lane::of(&run.request).name(), name, &account);
        let finish = Finish { status: RunStatus::Failed(reason), timings: None, report, passing: None };
        let (at_ms, age) = (now_ms(), self.age.now());
        if let Err(error) = self.write_status(&id, &finish, at_ms, age) {
            tracing::warn!(%error, "the status of a run could not be written");
        }
        state.settle(&id, finish, at_ms, age);
    }
}
