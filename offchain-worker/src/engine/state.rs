//! Runs, queue and devices in memory. The engine locks them as one.

use super::conduct::{Built, Conduct};
use crate::{
    device::{entry::DeviceEntry, fleet::Fleet},
    observe::{metrics::DeviceLabels, report::Account},
    store::outputs::kept_bytes,
};
use dpin_primitives::{
    BlobHash, Hash, JobId,
    executor::{RunRequest, RunStatus, RunTimings, Work},
};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

/// Upper limit of a run's time limit.
const MOST_TIME: Duration = Duration::from_secs(366 * 24 * 3600);

/// A device's lane. Tasks and samples have one each, so that an audit never waits for a long task.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Lane {
    /// The lane of whole tasks.
    Task,
    /// The lane of samples.
    Sample,
}

impl Lane {
    /// The lane of `request`.
    pub(super) fn of(request: &RunRequest) -> Self {
        match request.work {
            Work::Task => Lane::Task,
            Work::Sample(_) => Lane::Sample,
        }
    }

    /// The name in metrics and of threads.
    pub(super) fn name(self) -> &'static str {
        match self {
            Lane::Task => "task",
            Lane::Sample => "sample",
        }
    }
}

/// The time after which a run's result is of no use. Each post sets it again, even during the run.
#[derive(Clone)]
pub(super) struct Deadline(Arc<Mutex<Instant>>);

impl Deadline {
    fn after(limit_ms: u64) -> Self {
        Self(Arc::new(Mutex::new(Self::instant(limit_ms))))
    }

    fn instant(limit_ms: u64) -> Instant {
        let now = Instant::now();
        now.checked_add(Duration::from_millis(limit_ms).min(MOST_TIME)).unwrap_or(now)
    }

    /// Move the deadline to `limit_ms` ms from now.
    pub(super) fn set(&self, limit_ms: u64) {
        *self.0.lock() = Self::instant(limit_ms);
    }

    /// The instant of the deadline.
    pub(super) fn get(&self) -> Instant {
        *self.0.lock()
    }

    /// The time that is left.
    pub(super) fn left(&self) -> Duration {
        self.get().saturating_duration_since(Instant::now())
    }
}

/// A run in the engine's table: queued, running or finished.
pub(super) struct RunEntry {
    /// Place in the order of arrival.
    pub number: u64,
    /// The request.
    pub request: Arc<RunRequest>,
    /// Sizes of its inputs in bytes; empty if the node that posted the run does not know them.
    pub input_bytes: Vec<u64>,
    /// The status, as if no fault were injected.
    pub status: RunStatus,
    /// The time of day when the run finished, in ms since the Unix epoch.
    pub finished_ms: Option<u64>,
    /// The executor's age when the run finished.
    pub finished_age: u64,
    /// The timings, if the run was computed.
    pub timings: Option<RunTimings>,
    /// The hash of its report, once it is finished.
    pub report: Option<Hash>,
    /// The time after which its result is of no use.
    pub deadline: Deadline,
    /// Since when the run is held: an earlier executor left it, and no node has posted it since.
    pub held: Option<Instant>,
    /// How often it failed for a passing reason.
    pub tries: u32,
    /// The earliest time of the next try.
    pub not_before: Option<Instant>,
    /// Whether its output was found to be gone or damaged.
    pub damaged: bool,
    /// Why it is being stopped, if it is to be tried again.
    pub interrupted: Option<String>,
    /// Since when it waits for its turn or for blobs.
    pub queued: Instant,
    /// Since when all its blobs are there.
    pub complete: Option<Instant>,
    /// Its history so far, for the report.
    pub account: Account,
    /// Set to stop it.
    pub stop: Arc<AtomicBool>,
}

impl RunEntry {
    fn new(request: RunRequest, input_bytes: Vec<u64>, number: u64) -> Self {
        Self {
            number,
            deadline: Deadline::after(request.limit_ms),
            request: Arc::new(request),
            input_bytes,
            status: RunStatus::Queued,
            finished_ms: None,
            finished_age: 0,
            held: None,
            tries: 0,
            not_before: None,
            damaged: false,
            interrupted: None,
            timings: None,
            report: None,
            queued: Instant::now(),
            complete: None,
            account: Account::default(),
            stop: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Whether the API shows the end of this run.
    pub(super) fn is_visible(&self, conduct: &Built) -> bool {
        !self.finished_ms.is_some_and(|at_ms| conduct.conceals(&self.request.work, at_ms))
    }

    /// The status as the API shows it.
    pub(super) fn visible_status(&self, conduct: &Built) -> RunStatus {
        if self.is_visible(conduct) { self.status.clone() } else { RunStatus::Running }
    }

    /// The run's history, including its current wait in the queue.
    pub(super) fn account_until_now(&self) -> Account {
        let mut account = self.account.clone();
        let now = Instant::now();
        let complete = self.complete.unwrap_or(now);
        account.fetch = account.fetch.saturating_add(complete.saturating_duration_since(self.queued));
        account.queue = account.queue.saturating_add(now.saturating_duration_since(complete.max(self.queued)));
        account
    }
}

/// A run that a lane took from the queue.
pub(super) struct LaneRun {
    /// Its id.
    pub id: Hash,
    /// Its place in the order of arrival.
    pub number: u64,
    /// The request.
    pub request: Arc<RunRequest>,
    /// The time after which its result is of no use.
    pub deadline: Deadline,
    /// Set to stop it.
    pub stop: Arc<AtomicBool>,
    /// The seat of its device.
    pub seat: usize,
    /// The lane that took it.
    pub lane: Lane,
    /// Its device.
    pub device: DeviceEntry,
    /// Its history so far, for the report.
    pub account: Account,
    /// Bytes of device memory reserved for it.
    pub reserved: u64,
}

/// The result of a finished run.
pub(super) struct Finish {
    /// The final status.
    pub status: RunStatus,
    /// Timings, if the run was computed.
    pub timings: Option<RunTimings>,
    /// The hash of the report.
    pub report: Hash,
    /// The reason for a failure that may pass, so that another try makes sense.
    pub passing: Option<String>,
}

/// Runs, queue and devices.
pub(super) struct State {
    /// All runs that are not removed.
    pub runs: HashMap<Hash, RunEntry>,
    /// Queued runs by number.
    pub queue: BTreeMap<u64, Hash>,
    next_number: u64,
    /// Number of runs in lanes.
    pub running: u32,
    /// The chosen devices.
    pub fleet: Fleet,
    /// Device memory in bytes that the run of each lane has reserved.
    pub reserved: HashMap<(usize, Lane), u64>,
    /// The driver problems that were logged last.
    pub problems: Vec<String>,
    /// Since when each lane has been busy, or since when its time is missing from the metrics.
    pub busy: HashMap<(usize, Lane), Instant>,
}

impl State {
    /// A state without runs.
    pub(super) fn new(fleet: Fleet) -> Self {
        Self {
            runs: HashMap::new(),
            queue: BTreeMap::new(),
            next_number: 0,
            running: 0,
            fleet,
            reserved: HashMap::new(),
            problems: Vec::new(),
            busy: HashMap::new(),
        }
    }

    /// Queue a new run. `input_bytes` are the sizes of its inputs, or empty.
    pub(super) fn enqueue(&mut self, request: RunRequest, input_bytes: Vec<u64>) {
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        self.queue.insert(number, request.id);
        self.runs.insert(request.id, RunEntry::new(request, input_bytes, number));
    }

    /// Mark the queued run `id` as running in `lane` of the device at `seat`, with `reserved` bytes
    /// of the device's memory.
    pub(super) fn take(&mut self, id: Hash, seat: usize, lane: Lane, reserved: u64) -> Option<LaneRun> {
        let device = self.fleet.seat(seat)?;
        let run = self.runs.get_mut(&id)?;
        let account = Account { device: Some(device.to_string()), ..run.account_until_now() };
        run.status = RunStatus::Running;
        let number = run.number;
        let (request, deadline) = (run.request.clone(), run.deadline.clone());
        let (stop, device) = (run.stop.clone(), device.entry.clone());
        self.queue.remove(&number);
        self.running = self.running.saturating_add(1);
        self.reserved.insert((seat, lane), reserved);
        self.busy.insert((seat, lane), Instant::now());
        Some(LaneRun { id, number, request, deadline, stop, seat, lane, device, account, reserved })
    }

    /// Queue an unfinished run again, after a pause.
    pub(super) fn requeue(&mut self, id: &Hash, account: &Account, complete: bool, pause: Option<Duration>) {
        let Some(run) = self.runs.get_mut(id) else { return };
        let now = Instant::now();
        run.status = RunStatus::Queued;
        run.queued = now;
        run.complete = complete.then_some(now);
        run.not_before = pause.and_then(|pause| now.checked_add(pause));
        // The old flag may be set.
        run.stop = Arc::new(AtomicBool::new(false));
        let Account { lost, no_room, tried, wasted, fetch, queue, .. } = account.clone();
        run.account = Account { lost, no_room, tried, wasted, fetch, queue, ..Account::default() };
        self.queue.insert(run.number, *id);
    }

    /// Record the result of a run, with the time of day and the executor's age at its end.
    pub(super) fn settle(&mut self, id: &Hash, finish: Finish, at_ms: u64, age: u64) {
        if let Some(run) = self.runs.get_mut(id) {
            run.status = finish.status;
            run.finished_ms = Some(at_ms);
            run.finished_age = age;
            run.timings = finish.timings;
            run.report = Some(finish.report);
            self.queue.remove(&run.number);
        }
    }

    /// The run, if it is still the one with this number.
    pub(super) fn run(&mut self, id: &Hash, number: u64) -> Option<&mut RunEntry> {
        self.runs.get_mut(id).filter(|run| run.number == number)
    }

    /// The queued runs that are not held.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &RunEntry> {
        self.queue.values().filter_map(|id| self.runs.get(id)).filter(|run| run.held.is_none())
    }

    /// The queued runs that are not held, earliest deadline first.
    pub(super) fn by_deadline(&self) -> Vec<&RunEntry> {
        let mut waiting: Vec<&RunEntry> = self.waiting().collect();
        waiting.sort_by_key(|run| (run.deadline.get(), run.number));
        waiting
    }

    /// Bytes that the current runs will leave on the disk.
    pub(super) fn coming(&self) -> u64 {
        let running = self.runs.values().filter(|run| run.status == RunStatus::Running);
        running.map(|run| kept_bytes(&run.request)).fold(0, u64::saturating_add)
    }

    /// The device's name for log messages.
    pub(super) fn device_name(&self, seat: usize) -> String {
        self.fleet.seats().get(seat).map(ToString::to_string).unwrap_or_default()
    }

    /// The device's labels for the metrics.
    pub(super) fn labels(&self, seat: usize) -> Option<DeviceLabels> {
        self.fleet.seats().get(seat).map(|seat| DeviceLabels::new(seat.number, &seat.entry.device.model))
    }

    /// The kept outputs, oldest first. Each entry has the executor's age when the run finished, the
    /// run's id and the bytes kept.
    pub(super) fn kept_outputs(&self) -> Vec<(u64, Hash, u64)> {
        let committed = self.runs.iter().filter(|(_, run)| matches!(run.status, RunStatus::Committed(_)));
        let mut kept: Vec<(u64, Hash, u64)> =
            committed.map(|(id, run)| (run.finished_age, *id, kept_bytes(&run.request))).collect();
        kept.sort();
        kept
    }

    /// The blobs that runs wait for or use.
    pub(super) fn needed_blobs(&self) -> HashSet<BlobHash> {
        self.unfinished().flat_map(|run| run.request.blobs()).collect()
    }

    /// The jobs of unfinished runs.
    pub(super) fn unfinished_jobs(&self) -> HashSet<JobId> {
        self.unfinished().map(|run| run.request.task.job).collect()
    }

    fn unfinished(&self) -> impl Iterator<Item = &RunEntry> {
        self.runs.values().filter(|run| run.finished_ms.is_none())
    }
}
