//! The engine: the persistent queue, the lanes that empty it, and the results of finished runs.

use crate::{
    age::{millis, Age},
    blobs::BlobCache,
    check as machine,
    conduct::{Built, Conduct},
    control::{Control, Verdict},
    files::{self, hash_name, now_ms, private_dir, remove_dir, SPARE_DISK_BYTES},
    fleet::{Change, Choice, Fleet, Kept, KeptDevice, Misfit, Needs, Seat},
    keys::{Keys, Undecrypted, IDENTITY_FILE},
    logs::Logs,
    metrics::{DeviceLabels, Metrics, Moved, Now},
    outputs::{kept_bytes, Hashes, Outputs, ReadError, CROWN_FILE, LEAVES_FILE, OUTPUT_FILE},
    report::{outcome_name, reason_name, Account, Kill},
    sandbox::Wall,
    store::{self, patiently, Kind, Quarantine, Read},
    supervisor::{Children, Found, Fresh, Outcome, Watch},
    wire::{self, DeviceEntry, DeviceKey, Fault, Order, Phase, Report, Times},
};
use axum::body::Bytes;
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{
    confidential::WantedKey,
    executor::{Commitment, DiskSpace, ExecutorStatus, Opening, OutputChunk, RunRequest, RunStatus, RunTimings, Work},
    job::MAX_SAMPLES,
    reason::ReasonCode,
    worker::DeviceClass,
    BlobHash, Hash, JobId, TaskId,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    panic::{catch_unwind, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::watch;

pub mod error;
use error::Refused;

/// How long a starting executor waits for a killed one to release the data directory.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// Longest time a task waits for its blobs, in addition to their transfer time at [`BLOB_RATE`].
/// Then the task fails, because it occupies a slot of its worker until the worker hears of the
/// failure. A sample waits until its deadline, because its worker may do nothing else in the
/// meantime.
const BLOB_TIME: Duration = Duration::from_secs(60);
/// Least rate at which blobs are expected to arrive, in bytes per second.
const BLOB_RATE: u64 = 2 * 1024 * 1024;
/// Longest time a task waits for a device.
const DEVICE_TIME: Duration = Duration::from_secs(60);
/// Longest time a control of a device may take: before its first use, and after a failed run, when
/// a deadline is near.
const FIRST_CONTROL_TIME: Duration = Duration::from_secs(20);
const CONTROL_TIME: Duration = Duration::from_secs(8);
/// How often a run is tried if it fails for a passing reason: its child was killed from outside, or
/// the disk is full.
const MAX_TRIES: u32 = 4;
/// Pause before the second try. Each further pause is three times as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// No run starts with less time left than this.
const LEAST_TIME: Duration = Duration::from_millis(200);
/// Upper limit of a run's time limit.
const MOST_TIME: Duration = Duration::from_secs(366 * 24 * 3600);
/// A run that timed out was too late, not too slow, if the queue and failed tries took too much of
/// its limit. Too much is more than one part in `OWN_PART`.
const OWN_PART: u32 = 4;
/// How long an unfinished run of an earlier executor is held. If a node still needs the run, it
/// posts the run again within a block.
const HOLD_TIME: Duration = Duration::from_secs(600);
/// How often the disk and the folders are checked.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// Devices a run may lose. If it loses more, the run itself may be the cause.
const MAX_LOSSES: usize = 2;
/// How often a run waits for room on a device that is large enough. The waits last one, two and
/// three times `ROOM_TIME`.
const MAX_NO_ROOM: u32 = 3;
const ROOM_TIME: Duration = Duration::from_secs(1);
/// How often lanes check whether a run has waited too long.
const LANE_INTERVAL: Duration = Duration::from_millis(250);
/// How often old files are removed, and how often devices are listed while nothing runs.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// How long the engine must be idle before a child is prepared for the next run.
const QUIET_TIME: Duration = Duration::from_millis(500);
/// Most finished runs that are kept, unless their outputs must be.
const MAX_FINISHED: usize = 4096;
/// Most logs that are kept.
const MAX_LOGS: usize = 4096;
/// Most blobs or keys named in one answer to `wanted` or `wanted_keys`.
const MAX_WANTED: usize = 1024;

const REQUEST_FILE: &str = "request.scale";
const STATUS_FILE: &str = "status.scale";
/// Versions of these files. A file of another version is neither read nor deleted.
const REQUEST_VERSION: u8 = 1;
/// Version of [`DEVICES_FILE`].
const DEVICES_VERSION: u8 = 1;
const STATUS_VERSION: u8 = 1;
const LOCK_FILE: &str = "lock";
/// The folders below the data directory.
const FOLDERS: [&str; 7] = ["runs", "work", "driver", "driver/programs", "blobs", "keys", "logs"];
/// The file that lists the chosen devices.
const DEVICES_FILE: &str = "devices.scale";

/// Configuration of an executor.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory.
    pub data_dir: PathBuf,
    /// The devices to use. `None`: those of the last start, or `auto`.
    pub devices: Option<Choice>,
    /// How long finished runs are kept.
    pub retention: Duration,
    /// Least time to keep the outputs of tasks, up to `retention`: an output may be requested until
    /// its task is paid for.
    pub min_retention: Duration,
    /// Most bytes of all outputs. Beyond that, the oldest that need not be kept are removed. If
    /// there are none, no run starts.
    pub max_stored_bytes: u64,
    /// Most bytes of one run's output.
    pub max_output_bytes: u64,
    /// Most bytes of the blob cache.
    pub max_cached_bytes: u64,
    /// Bytes of the disk that are left free. `None`: a twentieth of the disk or 5 GiB, whichever is
    /// less.
    pub disk_reserve: Option<u64>,
    /// Most bytes of a device's memory that runs may use. `None`: all that the device has.
    pub memory_limit: Option<u64>,
    /// Most queued runs.
    pub queue_length: usize,
    /// Strings that must not appear in any log.
    pub secrets: Vec<String>,
    /// Whether kernels may run without a sandbox.
    pub insecure: bool,
    /// Where the executor cheats, in tests.
    pub conduct: Built,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Lane {
    Task,
    Sample,
}

impl Lane {
    fn of(request: &RunRequest) -> Self {
        match request.work {
            Work::Task => Lane::Task,
            Work::Sample(_) => Lane::Sample,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Lane::Task => "task",
            Lane::Sample => "sample",
        }
    }
}

/// The content of `request.scale`.
#[derive(Encode, Decode)]
struct Posted {
    /// The executor's age when the request came.
    age: u64,
    request: RunRequest,
}

/// The content of `status.scale`, written once the run is finished.
#[derive(Encode, Decode)]
struct Finished {
    /// Time of day, in ms since the Unix epoch. For information only.
    at_ms: u64,
    /// The executor's age when the run finished.
    age: u64,
    status: RunStatus,
    timings: Option<RunTimings>,
    report: Hash,
}

/// The time after which a run's result is of no use. Each post sets it again, even during the run.
#[derive(Clone)]
struct Deadline(Arc<Mutex<Instant>>);

impl Deadline {
    fn after(limit_ms: u64) -> Self {
        Self(Arc::new(Mutex::new(Self::instant(limit_ms))))
    }

    fn instant(limit_ms: u64) -> Instant {
        let now = Instant::now();
        now.checked_add(Duration::from_millis(limit_ms).min(MOST_TIME)).unwrap_or(now)
    }

    fn set(&self, limit_ms: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Self::instant(limit_ms);
    }

    fn get(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left(&self) -> Duration {
        self.get().saturating_duration_since(Instant::now())
    }
}

/// A run of an earlier executor, as found on the disk.
struct Left {
    posted: Posted,
    finished: Option<Finished>,
    /// Whether it has an output that is incomplete, or that no valid status describes.
    damaged: bool,
}

struct Run {
    /// Place in the order of arrival.
    number: u64,
    request: Arc<RunRequest>,
    /// Sizes of its inputs in bytes; empty if the node that posted the run does not know them.
    input_bytes: Vec<u64>,
    status: RunStatus,
    finished_ms: Option<u64>,
    /// The executor's age when the run finished.
    finished_age: u64,
    timings: Option<RunTimings>,
    report: Option<Hash>,
    deadline: Deadline,
    /// Since when the run is held: an earlier executor left it, and no node has posted it since.
    held: Option<Instant>,
    /// How often it failed for a passing reason.
    tries: u32,
    /// The earliest time of the next try.
    not_before: Option<Instant>,
    /// Whether its output was found to be gone or damaged.
    damaged: bool,
    /// Why it is being stopped, if it is to be tried again.
    interrupted: Option<String>,
    /// Since when it waits for its turn or for blobs.
    queued: Instant,
    /// Since when all its blobs are there.
    complete: Option<Instant>,
    /// Its history so far, for the report.
    account: Account,
    stop: Arc<AtomicBool>,
}

struct State {
    runs: HashMap<Hash, Run>,
    /// Queued runs by number.
    queue: BTreeMap<u64, Hash>,
    next_number: u64,
    running: u32,
    fleet: Fleet,
    /// Device memory in bytes that the run of each lane has reserved.
    reserved: HashMap<(usize, Lane), u64>,
    /// The driver problems that were logged last.
    problems: Vec<String>,
    /// Since when each lane has been busy, or since when its time is missing from the metrics.
    busy: HashMap<(usize, Lane), Instant>,
}

/// A run that a lane took from the queue.
struct Taken {
    id: Hash,
    number: u64,
    request: Arc<RunRequest>,
    deadline: Deadline,
    stop: Arc<AtomicBool>,
    /// The seat of its device.
    seat: usize,
    device: DeviceEntry,
    account: Account,
    /// Bytes of device memory reserved for it.
    reserved: u64,
}

/// How a lane's work on a run ended.
enum End {
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

/// The result of a finished run.
struct Finish {
    status: RunStatus,
    /// Timings, if the run was computed.
    timings: Option<RunTimings>,
    report: Hash,
    /// The reason for a failure that may pass, so that another try makes sense.
    passing: Option<String>,
}

/// The executor without its HTTP server.
pub struct Engine {
    config: Config,
    children: Children,
    /// Most devices that may be chosen.
    seats: usize,
    blobs: BlobCache,
    keys: Keys,
    logs: Logs,
    age: Arc<Age>,
    quarantine: Quarantine,
    /// Bytes of the disk that are left free.
    reserve: u64,
    /// Why the executor cannot continue.
    broken: OnceLock<String>,
    outputs: Arc<Outputs>,
    control: Control,
    state: Mutex<State>,
    wake: Condvar,
    stopping: AtomicBool,
    changes: watch::Sender<u64>,
    metrics: Metrics,
    /// Locked while the executor lives, so that no second one uses the directory.
    lock_file: fs::File,
}

impl Engine {
    /// Open the data directory, load unfinished runs, and look for devices.
    ///
    /// # Errors
    ///
    /// If the directory cannot be used, or if another executor uses it.
    pub fn open(mut config: Config) -> io::Result<Self> {
        private_dir(&config.data_dir)?;
        config.data_dir = config.data_dir.canonicalize()?;
        let folder = |name: &str| config.data_dir.join(name);
        let lock = fs::File::create(folder(LOCK_FILE))?;
        // The children of a killed executor hold the lock until they are gone too.
        let patience = Instant::now() + LOCK_PATIENCE;
        while lock.try_lock().is_err() {
            if Instant::now() > patience {
                return Err(io::Error::other("another executor uses this data directory"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        store::remove_any(&folder("work"))?;
        for name in ["runs", "work", "driver"] {
            private_dir(&folder(name))?;
        }
        let reserve = match config.disk_reserve {
            Some(bytes) => bytes.max(SPARE_DISK_BYTES),
            None => files::disk_reserve(&config.data_dir)?,
        };
        let (age, quarantine) = (Arc::new(Age::open(&config.data_dir)?), Quarantine::new(&config.data_dir));
        let keys = Keys::open(&config.data_dir, age.clone(), reserve, &quarantine)?;
        let mut children = Children::new(folder("driver"), config.memory_limit, config.insecure, reserve, &quarantine)?;
        let mut secrets = vec![config.data_dir.clone(), folder(LOCK_FILE), folder("runs"), folder(IDENTITY_FILE)];
        // The keystore of the node that this executor belongs to.
        secrets.extend(config.data_dir.parent().map(|node| node.join("keystore")));
        children.check(&secrets).map_err(io::Error::other)?;
        let (choice, kept) = chosen(&folder(DEVICES_FILE), config.devices.take(), &quarantine)?;
        let seats = choice.most();
        let engine = Self {
            children,
            seats,
            blobs: BlobCache::open(folder("blobs"), config.max_cached_bytes, reserve, &quarantine)?,
            keys,
            logs: Logs::open(folder("logs"), hidden(&config), age.clone())?,
            age,
            quarantine,
            reserve,
            broken: OnceLock::new(),
            outputs: Arc::new(Outputs::new()?),
            control: Control::new(folder("work")).map_err(io::Error::other)?,
            state: Mutex::new(State::new(Fleet::new(choice, kept))),
            wake: Condvar::new(),
            stopping: AtomicBool::new(false),
            changes: watch::Sender::new(0),
            metrics: Metrics::default(),
            lock_file: lock,
            config,
        };
        engine.load()?;
        engine.sweep();
        engine.discover();
        Ok(engine)
    }

    /// Start the lanes, two for each possible device, and the sweeper.
    pub fn start(self: &Arc<Self>) -> io::Result<Vec<thread::JoinHandle<()>>> {
        let engine = self.clone();
        let mut threads = vec![thread::Builder::new().name("sweeper".into()).spawn(move || engine.serve_sweeps())?];
        for seat in 0..self.seats {
            for lane in [Lane::Task, Lane::Sample] {
                let engine = self.clone();
                let name = format!("{}-lane-{seat}", lane.name());
                threads.push(thread::Builder::new().name(name).spawn(move || engine.serve_lane(seat, lane))?);
            }
        }
        Ok(threads)
    }

    /// Stop the lanes and kill all runs. A run is computed again once it is posted to the next
    /// executor.
    pub fn stop(&self) {
        let state = self.lock();
        self.stopping.store(true, Ordering::Relaxed);
        for run in state.runs.values() {
            run.stop.store(true, Ordering::Relaxed);
        }
        drop(state);
        self.save_age();
        self.changed();
    }

    /// Why the executor cannot continue, if it cannot.
    pub fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    fn save_age(&self) {
        if self.broken().is_some() {
            return;
        }
        if let Err(error) = self.age.save() {
            tracing::warn!(%error, "the executor's age could not be written down");
        }
    }

    /// Create the folders that were removed while the executor runs.
    ///
    /// # Errors
    ///
    /// If the data directory itself is gone. The kept runs are then lost, and the executor must be
    /// started again. From then on it is [broken](Self::broken).
    fn tend_folders(&self) -> io::Result<()> {
        let of = |metadata: io::Result<fs::Metadata>| metadata.ok().map(|found| (found.dev(), found.ino()));
        let lock = self.config.data_dir.join(LOCK_FILE);
        if of(fs::metadata(&lock)) != of(self.lock_file.metadata()) {
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
                tracing::warn!(folder = %folder.display(), "the folder was removed below the running executor; it is made anew");
                private_dir(&folder)?;
            }
        }
        Ok(())
    }

    /// Whether the executor is stopping.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// A receiver that changes with every change of the queue.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The status of the executor, as `GET /v1/status` returns it.
    pub fn status(&self) -> ExecutorStatus {
        let state = self.lock();
        ExecutorStatus {
            version: env!("CARGO_PKG_VERSION").into(),
            devices: state.fleet.here().map(|(_, seat)| seat.entry.device.clone()).collect(),
            queued: u32::try_from(state.queue.len()).unwrap_or(u32::MAX),
            running: state.running,
            disk: self.disk(&state),
        }
    }

    fn disk(&self, state: &State) -> DiskSpace {
        let kept = kept_outputs(state).into_iter().filter(|(age, ..)| self.must_keep(*age)).map(|(.., held)| held);
        DiskSpace {
            free: files::free_bytes(&self.config.data_dir).unwrap_or_default(),
            reserve: self.reserve,
            kept: kept.fold(state.coming(), u64::saturating_add),
            quota: self.config.max_stored_bytes,
        }
    }

    /// The metrics in the text format of Prometheus.
    ///
    /// # Errors
    ///
    /// If they cannot be encoded.
    pub fn metrics(&self) -> Result<String, fmt::Error> {
        let now = Instant::now();
        let mut state = self.lock();
        for ((seat, lane), since) in std::mem::take(&mut state.busy) {
            self.tell_busy(&state, seat, lane, now.duration_since(since));
            state.busy.insert((seat, lane), now);
        }
        let first = state.queue.values().next().and_then(|id| state.runs.get(id));
        let present = state.fleet.here().count();
        let told = Now {
            queued: u32::try_from(state.queue.len()).unwrap_or(u32::MAX),
            oldest: first.map(|run| now.duration_since(run.queued)).unwrap_or_default(),
            running: state.running,
            present,
            lost: state.fleet.seats().len().saturating_sub(present),
        };
        drop(state);
        self.metrics.text(told)
    }

    fn tell_busy(&self, state: &State, seat: usize, lane: Lane, time: Duration) {
        if let Some(device) = state.labels(seat) {
            self.metrics.busy(&device, lane.name(), time);
        }
    }

    /// Queue a run. `input_bytes` are the sizes of its inputs in bytes, or empty if they are not
    /// known. A run that is known already gets a new deadline.
    pub fn post(&self, request: RunRequest, input_bytes: Vec<u64>) -> Result<RunStatus, Refused> {
        request.check().map_err(|error| Refused::InvalidRequest(error.to_string()))?;
        if !input_bytes.is_empty() && input_bytes.len() != request.inputs.len() {
            return Err(Refused::InvalidRequest("there is not one size for each input".into()));
        }
        if let Some(status) = self.renew(&request)? {
            return Ok(status);
        }
        self.tend_folders()?;
        let (id, folder) = (request.id, self.run_folder(&request.id));
        if folder.symlink_metadata().is_ok() {
            self.quarantine.take(&folder, "it is in the way of a run that is posted");
            store::remove_any(&folder)?;
        }
        // Written before the run is visible, and without the lock, so that a slow disk blocks no
        // other request.
        private_dir(&folder)?;
        let posted = Posted { age: self.age.now(), request };
        store::write(&folder.join(REQUEST_FILE), Kind::Request, REQUEST_VERSION, &posted)?;
        let mut state = self.lock();
        if !state.runs.contains_key(&id) {
            tracing::debug!(run = ?id, task = %posted.request.task, "run posted");
            state.enqueue(posted.request, input_bytes);
        }
        self.note_complete(&mut state);
        self.refuse_misfits(&mut state);
        let status = state.runs.get(&id).map(|run| self.told(run)).ok_or(Refused::UnknownRun)?;
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
        let is_whole = !run.damaged && is_whole(&self.run_folder(&id), &run.status);
        let is_gone = run.finished_ms.is_some() && !is_whole;
        if is_gone {
            tracing::warn!(run = ?id, task = %run.request.task, "the output is gone or damaged; it is computed again");
            (run.status, run.finished_ms, run.timings) = (RunStatus::Queued, None, None);
            (run.tries, run.account, run.damaged) = (0, Account::default(), false);
        }
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
        let status = state.runs.get(&id).map(|run| self.told(run));
        drop(state);
        if is_taken_up {
            self.changed();
        }
        Ok(status)
    }

    /// The status of run `id`.
    pub fn run_status(&self, id: &Hash) -> Result<RunStatus, Refused> {
        self.lock().runs.get(id).map(|run| self.told(run)).ok_or(Refused::UnknownRun)
    }

    /// The timings of run `id`.
    pub fn timings(&self, id: &Hash) -> Result<RunTimings, Refused> {
        self.lock().runs.get(id).ok_or(Refused::UnknownRun)?.timings.ok_or(Refused::NotComputed)
    }

    /// The report of run `id`.
    pub fn report(&self, id: &Hash) -> Result<Vec<u8>, Refused> {
        let hash = {
            let state = self.lock();
            let run = state.runs.get(id).ok_or(Refused::UnknownRun)?;
            run.report.filter(|_| run.is_told(&self.config.conduct)).ok_or(Refused::NotFinished)?
        };
        self.logs.get(&hash).ok_or(Refused::UnknownRun)
    }

    /// The report of the last finished run of the whole task.
    pub fn task_report(&self, task: TaskId) -> Result<Vec<u8>, Refused> {
        let newest = {
            let state = self.lock();
            let runs = state.runs.values().filter(|run| {
                run.request.task == task && run.request.work == Work::Task && run.is_told(&self.config.conduct)
            });
            runs.filter_map(|run| Some((run.number, run.report?))).max()
        };
        newest.and_then(|(_, report)| self.logs.get(&report)).ok_or(Refused::UnknownReport(task))
    }

    /// The status of a run as the API shows it.
    fn told(&self, run: &Run) -> RunStatus {
        if run.is_told(&self.config.conduct) {
            run.status.clone()
        } else {
            RunStatus::Running
        }
    }

    /// Stop run `id` and remove its files. With `unfinished`, only if it is not finished.
    pub fn remove(&self, id: &Hash, unfinished: bool) -> Result<(), Refused> {
        let mut state = self.lock();
        if unfinished && state.runs.get(id).is_some_and(|run| run.finished_ms.is_some()) {
            return Err(Refused::Finished);
        }
        let known = self.forget(&mut state, id);
        drop(state);
        self.changed();
        if known {
            Ok(())
        } else {
            Err(Refused::UnknownRun)
        }
    }

    /// Open tiles of a committed run.
    pub fn open_tiles(&self, id: &Hash, tiles: &[u32]) -> Result<Opening, Refused> {
        let (count, root) = {
            let state = self.lock();
            let run = state.runs.get(id).ok_or(Refused::UnknownRun)?;
            let RunStatus::Committed(commitment) = self.told(run) else { return Err(Refused::NotCommitted) };
            (run.request.kernel.tiling.tiles(run.request.group_count), commitment.root)
        };
        if tiles.len() > MAX_SAMPLES as usize {
            return Err(Refused::InvalidTiles(count));
        }
        let opening = self.outputs.open(*id, &self.run_folder(id), &root, tiles);
        let opening = opening.map_err(|error| self.unreadable(id, ReadError::Io(error)))?;
        let (leaves, proof) = opening.ok_or(Refused::InvalidTiles(count))?;
        self.config.conduct.opening(Opening { leaves, proof })
    }

    /// A part of the last committed output of `task`. `offset` and `length` are in bytes.
    pub fn chunk(&self, task: TaskId, offset: u64, length: u64) -> Result<OutputChunk, Refused> {
        let newest = {
            let state = self.lock();
            let committed = state.runs.iter().filter_map(|(id, run)| match self.told(run) {
                RunStatus::Committed(commitment) if run.request.task == task => {
                    Some((run.number, *id, commitment, run.request.kernel.tiling.tile_bytes()))
                }
                _ => None,
            });
            committed.max_by_key(|(number, ..)| *number)
        };
        let newest = newest.filter(|_| !self.config.conduct.withholds_outputs());
        let (_, id, commitment, tile_bytes) = newest.ok_or(Refused::UnknownOutput(task))?;
        let chunk = self.outputs.chunk(id, &self.run_folder(&id), &commitment, tile_bytes, offset, length);
        let chunk = chunk.map_err(|error| self.unreadable(&id, error))?;
        self.metrics.moved(Moved::OutputsOut, chunk.data.len() as u64);
        Ok(chunk)
    }

    /// The error for an output that cannot be read. An output that is gone or damaged is computed
    /// again after the next post.
    fn unreadable(&self, id: &Hash, error: ReadError) -> Refused {
        use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
        let mut state = self.lock();
        match (state.runs.get_mut(id), &error) {
            (Some(run), ReadError::Io(why)) if matches!(why.kind(), InvalidData | NotFound | UnexpectedEof) => {
                tracing::warn!(run = ?id, task = %run.request.task, error = %why, "the output is gone or damaged");
                run.damaged = true;
                Refused::UnknownOutput(run.request.task)
            }
            _ => error.into(),
        }
    }

    /// The blobs that queued runs wait for, in the order of the runs' deadlines.
    pub fn wanted(&self) -> Vec<BlobHash> {
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
    pub fn put_blob(
        &self,
        hash: BlobHash,
        len: u64,
        begun: impl FnOnce(),
        mut pieces: impl Iterator<Item = Bytes>,
    ) -> Result<(), Refused> {
        let needed = needed_blobs(&self.lock());
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
    pub fn blob(&self, hash: &BlobHash) -> Result<Option<(fs::File, u64)>, Refused> {
        let found = self.blobs.get(hash)?;
        if let Some((_, len)) = &found {
            self.metrics.moved(Moved::BlobsOut, *len);
        }
        Ok(found)
    }

    /// The public key to which job keys for this executor are sealed.
    pub fn recipient(&self) -> String {
        self.keys.recipient()
    }

    /// The job keys that queued runs wait for, in the order of the runs' deadlines.
    pub fn wanted_keys(&self) -> Vec<WantedKey> {
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
    pub fn put_key(&self, job: JobId, sealed: &[u8]) -> Result<(), Refused> {
        let (inputs, needed): (HashSet<BlobHash>, _) = {
            let state = self.lock();
            let queued = state.queue.values().filter_map(|id| state.runs.get(id));
            let of_job = queued.filter(|run| run.request.task.job == job);
            let inputs = of_job.flat_map(|run| run.request.inputs.iter().copied());
            (inputs.filter(|hash| self.blobs.is_encrypted(hash)).collect(), unfinished_jobs(&state))
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
    pub fn reseal(&self, job: JobId, recipient: &str) -> Result<Vec<u8>, Refused> {
        Ok(self.keys.reseal(job, recipient)?)
    }

    /// The first encrypted input, if the job key is missing.
    fn locked_input(&self, request: &RunRequest) -> Option<BlobHash> {
        let encrypted = request.inputs.iter().find(|hash| self.blobs.is_encrypted(hash));
        encrypted.filter(|_| !self.keys.contains(request.task.job)).copied()
    }

    /// A run's log.
    pub fn log(&self, hash: &Hash) -> Option<Vec<u8>> {
        self.logs.get(hash)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.wake.notify_all();
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn run_folder(&self, id: &Hash) -> PathBuf {
        self.config.data_dir.join("runs").join(hash_name(id))
    }

    /// Read the runs of the last executor. Unfinished runs are held until they are posted again, so
    /// that nothing is computed in vain. Damaged outputs that may still be requested are computed
    /// again at once.
    ///
    /// # Errors
    ///
    /// If a file cannot be read. That says nothing about its content, so nothing is deleted.
    fn load(&self) -> io::Result<()> {
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
        found.sort_by_key(|run| (run.posted.age, run.posted.request.id));
        let mut state = self.lock();
        for Left { posted, finished, damaged } in found {
            self.age.has_been(finished.as_ref().map_or(posted.age, |finished| finished.age.max(posted.age)));
            let id = posted.request.id;
            state.enqueue(posted.request, Vec::new());
            let is_due = finished.as_ref().is_none_or(|finished| self.must_keep(finished.age));
            match finished {
                Some(Finished { at_ms, age, status, timings, report }) if !damaged => {
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
        self.note_complete(&mut state);
        let held = state.runs.values().filter(|run| run.held.is_some()).count();
        if held > 0 {
            tracing::info!(runs = held, "unfinished runs are held until they are posted again");
        }
        Ok(())
    }

    /// Read the run in the folder `path` as the last executor left it. The inner error says why the
    /// folder is not a run.
    fn read_run(&self, path: &Path) -> io::Result<Result<Left, String>> {
        let posted = match store::read(&path.join(REQUEST_FILE), Kind::Request, REQUEST_VERSION)? {
            Read::Body(body) => {
                Posted::decode_all(&mut body.as_slice()).map_err(|_| "its request does not decode".into())
            }
            Read::Missing => Err("it has no request".to_owned()),
            Read::Unknown(why) => Err(format!("its request is unknown: {why}")),
        };
        let posted = match posted.and_then(|posted| match posted.request.check() {
            Ok(()) => Ok(posted),
            Err(error) => Err(error.to_string()),
        }) {
            Ok(posted) if path == self.run_folder(&posted.request.id) => posted,
            Ok(_) => return Ok(Err("its name is not the id of its request".into())),
            Err(why) => return Ok(Err(why)),
        };
        let file = path.join(STATUS_FILE);
        let finished = match store::read(&file, Kind::Status, STATUS_VERSION)? {
            Read::Missing => None,
            Read::Body(body) => match Finished::decode_all(&mut body.as_slice()) {
                Ok(finished) => Some(finished),
                Err(_) => {
                    self.quarantine.take(&file, "it does not decode");
                    None
                }
            },
            Read::Unknown(why) => {
                self.quarantine.take(&file, &why);
                None
            }
        };
        let damaged = match &finished {
            Some(finished) => !is_whole(path, &finished.status),
            None => path.join(OUTPUT_FILE).exists(),
        };
        Ok(Ok(Left { posted, finished, damaged }))
    }

    /// List the devices of this machine, and update the fleet.
    fn discover(&self) {
        let Found { mut devices, mut problems } = self.children.discover(&self.stopping);
        devices.retain(|entry| !self.config.conduct.loses(entry));
        self.try_out(&mut devices);
        let mut lost = Vec::new();
        let mut state = self.lock();
        let before = state.fleet.kept();
        let changes = state.fleet.look(&devices, Instant::now());
        problems.extend(self.device_problems(&state.fleet, &devices));
        for problem in problems.iter().filter(|problem| !state.problems.contains(problem)) {
            tracing::warn!("{problem}");
        }
        state.problems = problems;
        let kept = state.fleet.kept();
        if kept != before {
            let file = self.config.data_dir.join(DEVICES_FILE);
            if let Err(error) = store::write(&file, Kind::Devices, DEVICES_VERSION, &kept) {
                tracing::warn!(%error, "the chosen devices could not be written down");
            }
        }
        for change in &changes {
            match change {
                Change::Found(seat) => tracing::info!(device = state.device_name(*seat), "device"),
                Change::Back(seat) => tracing::info!(device = state.device_name(*seat), "the device is back"),
                Change::Lost(seat) => lost.extend(self.tell_lost(&state, *seat, "OpenCL does not list it")),
            }
        }
        self.refuse_misfits(&mut state);
        drop(state);
        for key in lost {
            self.children.dismiss_spare(&key);
        }
        if !changes.is_empty() {
            self.changed();
        }
    }

    /// Descriptions of what is wrong with the chosen devices. `devices` are those that are present.
    fn device_problems(&self, fleet: &Fleet, devices: &[DeviceEntry]) -> Vec<String> {
        let file = self.config.data_dir.join(DEVICES_FILE);
        let mut problems: Vec<String> = fleet
            .awaited()
            .into_iter()
            .map(|device| {
                format!(
                    "waiting for {device}, which was chosen at an earlier start, and takes no other device instead: name another one \
                     with --device, or remove {}, to choose anew",
                    file.display()
                )
            })
            .collect();
        if problems.is_empty() && fleet.seats().is_empty() {
            problems.push(format!("there is no OpenCL device for `--device {}`", fleet.kept().choice));
        }
        if fleet.seats().iter().all(|seat| seat.entry.device.class == DeviceClass::Cpu) {
            problems.extend(machine::missing_devices());
            if !fleet.seats().is_empty() && devices.iter().any(|entry| entry.device.class == DeviceClass::Gpu) {
                problems
                    .push("this executor works on the processor, and there is a GPU: `--device gpu` chooses it".into());
            }
        }
        problems
    }

    /// Run the control on the devices among `found` that are about to be used. Devices that fail it
    /// are not available.
    fn try_out(&self, found: &mut [DeviceEntry]) {
        let awaited: Vec<DeviceEntry> =
            self.lock().fleet.unproven(found, Instant::now()).into_iter().cloned().collect();
        for device in awaited {
            let verdict = self.control.run(
                &self.children,
                &self.outputs,
                &device,
                FIRST_CONTROL_TIME,
                Fresh::All,
                &self.stopping,
            );
            let Verdict::Fails(why) = verdict else { continue };
            let name = device.key().to_string();
            tracing::warn!(
                device = name,
                why,
                "the device does not compute what is known: it is not used, and tried again later"
            );
            let same = found.iter_mut().filter(|entry| entry.key() == device.key());
            same.for_each(|entry| entry.available = false);
        }
    }

    /// Judge an `outcome` that blames the kernel, after a control of `device`. If the device fails
    /// the control too, the device is at fault. Returns `None` if the control was stopped.
    fn after_control(&self, outcome: Outcome, ran: bool, device: &DeviceEntry, stop: &AtomicBool) -> Option<Outcome> {
        let Some((told, fresh)) = blame(&outcome, ran) else { return Some(outcome) };
        if files::free_bytes(&self.config.data_dir).is_ok_and(|free| free < SPARE_DISK_BYTES) {
            return Some(outcome);
        }
        match self.control.run(&self.children, &self.outputs, device, CONTROL_TIME, fresh, stop) {
            Verdict::Stopped => None,
            Verdict::Fails(why) => {
                let text = format!("{told}; a kernel that is known to work does not work either: {why}");
                Some(Outcome::Failed(Fault::DeviceLost(text)))
            }
            // A kernel's bad access can make a driver useless for the whole process. That is the
            // kernel's fault: no requester may make devices count as lost.
            Verdict::Works => Some(match outcome {
                Outcome::Failed(Fault::DeviceLost(why)) => {
                    Outcome::Failed(Fault::Kernel(format!("{why}; in another process the device works")))
                }
                other => other,
            }),
        }
    }

    /// Log the loss of the device at `seat`. Returns the key of the device, so that the caller can
    /// dismiss its spare child without the lock.
    fn tell_lost(&self, state: &State, seat: usize, why: &str) -> Option<DeviceKey> {
        tracing::warn!(device = state.device_name(seat), why, "the device is lost; it is looked for");
        if let Some(device) = state.labels(seat) {
            self.metrics.lost(&device);
        }
        state.fleet.seats().get(seat).map(|seat| seat.key.clone())
    }

    fn serve_lane(&self, seat: usize, lane: Lane) {
        while let Some(mut taken) = self.next_run(seat, lane) {
            // A run that was queued again may start elsewhere before this folder is gone.
            let name = format!("{}-{}-{seat}", hash_name(&taken.id), taken.number);
            let work = self.config.data_dir.join("work").join(name);
            let begun = Instant::now();
            let end = catch_unwind(AssertUnwindSafe(|| self.execute(&mut taken, &work))).unwrap_or_else(|_| {
                End::Finished(self.failed(
                    &taken.request,
                    &taken.account,
                    Fault::Executor("the executor panicked".into()),
                ))
            });
            self.end_run(taken, lane, &work, end, begun.elapsed());
            let _ = remove_dir(&work);
        }
    }

    /// Take the next run of `lane` for the device at `seat`, and mark it as running. Only runs that
    /// fit the device and have all their blobs count; of those the earliest deadline wins. Returns
    /// `None` when the executor stops.
    fn next_run(&self, seat: usize, lane: Lane) -> Option<Taken> {
        let mut state = self.lock();
        loop {
            if self.is_stopping() {
                return None;
            }
            self.expire_waiting(&mut state);
            let now = Instant::now();
            let ready = state.fleet.seat(seat).and_then(|device| {
                let ready = state.waiting().filter(|run| {
                    Lane::of(&run.request) == lane
                        && run.not_before.is_none_or(|time| time <= now)
                        && run.request.blobs().all(|hash| self.blobs.contains(&hash))
                        && self.locked_input(&run.request).is_none()
                        && self.needs(run).misfit(&device.entry).is_none()
                        && self.reservation(&state, seat, run).is_some()
                });
                ready.map(|run| (run.deadline.get(), run.number, run.request.id)).min()
            });
            let reserved = ready.and_then(|(.., id)| self.reservation(&state, seat, state.runs.get(&id)?));
            if let Some(mut taken) = ready.and_then(|(_, number, id)| state.take(id, number, seat)) {
                taken.reserved = reserved.unwrap_or_default();
                state.reserved.insert((seat, lane), taken.reserved);
                state.busy.insert((seat, lane), Instant::now());
                return Some(taken);
            }
            state = if state.queue.is_empty() {
                self.wake.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.wake.wait_timeout(state, LANE_INTERVAL).unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }

    /// Device memory in bytes for a run on the device at `seat`. `None` while other runs there
    /// leave too little.
    fn reservation(&self, state: &State, seat: usize, run: &Run) -> Option<u64> {
        let memory = state.fleet.seat(seat)?.entry.device.memory;
        let used = state.reserved.iter().filter(|((other, _), _)| *other == seat);
        let used = used.map(|(_, bytes)| *bytes).fold(0, u64::saturating_add);
        let bytes = self.needs(run).reserved(memory);
        (used.saturating_add(bytes) <= memory).then_some(bytes)
    }

    /// The device memory that a run needs, as far as its input sizes are known.
    fn needs(&self, run: &Run) -> Needs {
        let told = run.input_bytes.iter().copied().map(Some).chain(std::iter::repeat(None));
        let sizes = run.request.inputs.iter().zip(told);
        Needs::of(&run.request, sizes.map(|(hash, told)| self.blobs.len(hash).or(told)))
    }

    /// Record since when queued runs have all their blobs and the key to them.
    fn note_complete(&self, state: &mut State) {
        for id in state.queue.values() {
            let Some(run) = state.runs.get_mut(id).filter(|run| run.complete.is_none()) else { continue };
            let blobs = run.request.blobs().all(|hash| self.blobs.contains(&hash));
            if blobs && self.locked_input(&run.request).is_none() {
                run.complete = Some(Instant::now());
            }
        }
    }

    /// Fail the queued runs that fit no chosen device, before more is fetched for them.
    fn refuse_misfits(&self, state: &mut State) {
        let refused: Vec<(Hash, ReasonCode, String)> = state
            .queue
            .values()
            .filter_map(|id| {
                let (reason, why) = self.misfit(state, state.runs.get(id)?)?;
                Some((*id, reason, why))
            })
            .collect();
        for (id, reason, why) in refused {
            self.give_up(state, id, reason, &why);
        }
    }

    /// Why a run can never be computed here. If a limit of this executor is the cause, and not the
    /// size of a device, the reason does not blame the requester.
    fn misfit(&self, state: &State, run: &Run) -> Option<(ReasonCode, String)> {
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
    fn expire_waiting(&self, state: &mut State) {
        let dropped: Vec<Hash> = {
            let held = state.runs.iter().filter(|(_, run)| run.held.is_some_and(|since| since.elapsed() >= HOLD_TIME));
            held.map(|(id, _)| *id).collect()
        };
        for id in dropped {
            tracing::info!(run = ?id, "an unfinished run of an earlier executor is dropped: nobody waits for it");
            self.forget(state, &id);
        }
        let late: Vec<(Hash, ReasonCode, String)> = state
            .waiting()
            .filter_map(|run| {
                let (reason, why) = self.is_late(state, run)?;
                Some((run.request.id, reason, why))
            })
            .collect();
        for (id, reason, why) in late {
            self.give_up(state, id, reason, &why);
            self.changed();
        }
    }

    /// Why a queued run has waited too long, if it has.
    fn is_late(&self, state: &State, run: &Run) -> Option<(ReasonCode, String)> {
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
    fn blob_time(&self, run: &Run) -> Duration {
        let sizes = run.request.inputs.iter().zip(&run.input_bytes);
        let missing = sizes.filter(|(hash, _)| !self.blobs.contains(hash)).map(|(_, bytes)| *bytes);
        BLOB_TIME.saturating_add(Duration::from_secs(missing.fold(0, u64::saturating_add) / BLOB_RATE))
    }

    /// Fail a queued run. If the reason names a log, that log is the report.
    fn give_up(&self, state: &mut State, id: Hash, reason: ReasonCode, why: &str) {
        let Some(run) = state.runs.get(&id) else { return };
        tracing::info!(run = ?id, task = %run.request.task, ?reason, why, "run failed");
        let account = run.account_until_now();
        let name = reason_name(&reason);
        let report = self.logs.put(&account.report(&run.request, &name, Some(why)));
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

    /// Compute one run in the folder `work`.
    fn execute(&self, taken: &mut Taken, work: &Path) -> End {
        match self.try_execute(taken, work) {
            Ok(end) => end,
            Err(error) => {
                End::Finished(self.failed(&taken.request, &taken.account, Fault::Executor(error.to_string())))
            }
        }
    }

    fn try_execute(&self, taken: &mut Taken, work: &Path) -> io::Result<End> {
        let Taken { request, deadline, stop, device, account, reserved, .. } = taken;
        if let Some(status) = self.config.conduct.made_up(request) {
            return Ok(End::Finished(self.done(request, account, status, None)));
        }
        if self.config.conduct.loses(device) {
            return Ok(End::DeviceLost("it was taken away".into()));
        }
        self.tend_folders()?;
        if let Err(full) = self.make_room(request) {
            return Ok(End::Finished(self.failed(request, account, Fault::Executor(full))));
        }
        remove_dir(work)?;
        private_dir(work)?;
        // The files in `given` go to the child. The output goes to the folder around it.
        let given = work.join("in");
        private_dir(&given)?;
        let files = std::iter::once(wire::SOURCE_FILE.to_owned()).chain((0..).map(wire::input_file));
        for ((position, hash), file) in request.blobs().enumerate().zip(files) {
            let file = given.join(file);
            // The first blob is the source, which is never encrypted.
            if position == 0 || !self.blobs.is_encrypted(&hash) {
                if !self.blobs.link(&hash, &file)? {
                    return Ok(End::BlobMissing);
                }
                continue;
            }
            let Some((sealed, _)) = self.blobs.get(&hash)? else { return Ok(End::BlobMissing) };
            match self.keys.decrypt(request.task.job, sealed, &file, stop) {
                Ok(()) => (),
                Err(Undecrypted::NoKey) => return Ok(End::BlobMissing),
                Err(Undecrypted::Stopped) => return Ok(End::Stopped),
                Err(error) => {
                    let text = format!("input {} is encrypted, and {error}", position.saturating_sub(1));
                    let finish = self.failed(request, account, Fault::Executor(text));
                    let passes = matches!(error, Undecrypted::DiskFull(_) | Undecrypted::Io(_));
                    return Ok(End::Finished(Finish { passing: finish.passing.filter(|_| passes), ..finish }));
                }
            }
        }
        let order = Order::Run {
            device: device.key(),
            memory_limit: *reserved,
            request: Box::new(RunRequest::clone(request)),
            check: true,
        };
        // A post during the run may set another deadline.
        let limit = || if deadline.left().is_zero() { Duration::ZERO } else { Duration::MAX };
        let begun = Instant::now();
        let mut ran = false;
        let mut tell = |report| match report {
            Report::Phase(Phase::Running) => ran = true,
            Report::Phase(Phase::Building) => account.launch = Some(begun.elapsed()),
            Report::Built { messages, cached } => {
                self.metrics.program(cached);
                account.cached = Some(cached);
                account.messages = messages;
            }
            Report::Progress(groups) => tracing::debug!(run = ?request.id, groups, "progress"),
            _ => (),
        };
        let (conduct, id) = (self.config.conduct.clone(), request.id);
        let tile_bytes = request.kernel.tiling.tile_bytes() as usize;
        let alter = move |first: u32, tiles: &mut [u8]| conduct.before_hashing(&id, first, tiles, tile_bytes);
        let intake = Some(self.outputs.take_in(request, work, alter)?);
        let watch = Watch { limit: &limit, stop, tell: &mut tell };
        let mut outcome = self.children.run(&order, &given, device.device.class, intake, watch);
        self.config.conduct.misreads(&mut outcome);
        account.kill = match &outcome {
            Outcome::Timeout => Some(Kill::Time),
            Outcome::Exceeded(_) => Some(Kill::Memory),
            Outcome::Died { signal, .. } => signal.map(Kill::Signal),
            Outcome::Stopped => Some(Kill::Stop),
            _ => None,
        };
        if let Some(kill) = account.kill {
            self.metrics.killed(kill);
        }
        let Some(outcome) = self.after_control(outcome, ran, device, stop) else { return Ok(End::Stopped) };
        let (times, wall, taken) = match outcome {
            Outcome::Done { times, wall, taken: Some(taken) } => (times, wall, taken),
            Outcome::Stopped => return Ok(End::Stopped),
            Outcome::Timeout => {
                let (had, limit) = (millis(begun.elapsed()), request.limit_ms);
                // The run was too late, not too slow. The kernel is not to blame for time that the
                // executor lost.
                let own = account.queue.saturating_add(account.wasted);
                if own > Duration::from_millis(limit) / OWN_PART {
                    let text =
                        format!("of its {limit} ms it had {had}, and waited for its turn or for another try before");
                    return Ok(End::Finished(self.failed(request, account, Fault::Executor(text))));
                }
                let why =
                    format!("it had not ended after its limit of {limit} ms, of which it had {had} on the device");
                let report = self.logs.put(&account.report(request, &reason_name(&ReasonCode::Timeout), Some(&why)));
                return Ok(End::Finished(Finish {
                    status: RunStatus::Failed(ReasonCode::Timeout),
                    timings: None,
                    report,
                    passing: None,
                }));
            }
            Outcome::Failed(Fault::DeviceLost(why)) => return Ok(End::DeviceLost(why)),
            Outcome::Failed(Fault::NoRoom(why)) => return Ok(End::NoRoom(why)),
            Outcome::Failed(fault) | Outcome::Died { fault, .. } => {
                let fault = self.unless_disk_full(fault);
                if matches!(fault, Fault::Kernel(_) | Fault::Executor(_)) {
                    self.blobs.distrust(request.blobs());
                }
                return Ok(End::Finished(self.failed(request, account, fault)));
            }
            Outcome::Exceeded(why) => {
                return Ok(End::Finished(self.failed(request, account, Fault::Memory(why))));
            }
            Outcome::Done { .. } | Outcome::Devices(_) | Outcome::Probed(_) | Outcome::Checked(_) => {
                return Err(io::Error::other("the child answered something else"));
            }
        };
        account.times = Some(times);
        account.wall = Some(wall);

        account.hash = Some(taken.hashing);
        let expected = request.output_bytes();
        let status = match taken.hashes {
            Hashes::Leaves(leaves) => RunStatus::Sampled(leaves),
            Hashes::Root(root) => RunStatus::Committed(Commitment {
                root,
                output_len: expected,
                kernel_ms: u32::try_from(times.kernel_ns.div_ceil(1_000_000)).unwrap_or(u32::MAX),
            }),
        };
        self.metrics.moved(Moved::OutputsIn, expected);
        Ok(End::Finished(self.done(request, account, status, Some(times))))
    }

    /// The result of a run that reached `status`.
    fn done(&self, request: &RunRequest, account: &Account, status: RunStatus, times: Option<Times>) -> Finish {
        let timings = times.map(|times| RunTimings {
            build_ms: times.build_ns / 1_000_000,
            device_us: times.kernel_ns / 1_000,
            read_ms: times.read_ns / 1_000_000,
            hash_ms: account.hash.map(millis).unwrap_or_default(),
            wall_ms: account.wall.map(millis).unwrap_or_default(),
            fetch_ms: millis(account.fetch),
            queue_ms: millis(account.queue),
        });
        let report = self.logs.put(&account.report(request, &outcome_name(&status), None));
        Finish { status, timings, report, passing: None }
    }

    /// The result of a run that failed with `fault`. Its report is its log.
    fn failed(&self, request: &RunRequest, account: &Account, fault: Fault) -> Finish {
        let (text, reason): (_, fn(Hash) -> ReasonCode) = match &fault {
            Fault::Build(text) => (text, |log| ReasonCode::BuildFailed { log }),
            Fault::Kernel(text) => (text, |log| ReasonCode::KernelFault { log }),
            // The run fits the device, so other processes use the device's memory.
            Fault::Executor(text) | Fault::NoRoom(text) => (text, |log| ReasonCode::ExecutorFault { log }),
            Fault::Memory(text) => (text, |_| ReasonCode::OutOfMemory),
            Fault::DeviceLost(text) => (text, |_| ReasonCode::DeviceLost),
        };
        let name = reason_name(&reason(Hash::zero()));
        let report = self.logs.put(&account.report(request, &name, Some(text)));
        // Logs the report's hash instead of its text, because the text is redacted only in the
        // report.
        tracing::debug!(run = ?request.id, name, ?report, "fault");
        let passing = matches!(fault, Fault::Executor(_)).then(|| text.lines().next().unwrap_or_default().to_owned());
        Finish { status: RunStatus::Failed(reason(report)), timings: None, report, passing }
    }

    /// Finish the work of a lane on a run, in memory and on the disk.
    fn end_run(&self, taken: Taken, lane: Lane, work: &Path, end: End, took: Duration) {
        let Taken { id, number, request, seat, mut account, .. } = taken;
        let mut state = self.lock();
        state.running = state.running.saturating_sub(1);
        state.reserved.remove(&(seat, lane));
        if let Some(since) = state.busy.remove(&(seat, lane)) {
            self.tell_busy(&state, seat, lane, since.elapsed());
        }
        if let (Some(device), Some(times)) = (state.labels(seat), account.times) {
            self.metrics.kernels(&device, lane.name(), times.kernel_ns);
        }
        let mut lost = None;
        let interrupted = state.run(&id, number).and_then(|run| run.interrupted.take());
        let end = match (end, interrupted) {
            (End::Stopped, Some(why)) => End::Finished(self.failed(&request, &account, Fault::Executor(why))),
            (end, _) => end,
        };
        let end = match end {
            End::DeviceLost(why) => {
                if state.fleet.lose(seat, Instant::now()) {
                    lost = self.tell_lost(&state, seat, &why);
                }
                account.lost.push(format!("{}: {why}", state.device_name(seat)));
                if account.lost.len() >= MAX_LOSSES {
                    End::Finished(self.failed(&request, &account, Fault::DeviceLost(why)))
                } else {
                    End::DeviceLost(why)
                }
            }
            End::NoRoom(why) if account.no_room < MAX_NO_ROOM => {
                account.no_room += 1;
                End::NoRoom(why)
            }
            End::NoRoom(why) => {
                let why = format!("the device has no room for what fits it, and is used by something else: {why}");
                End::Finished(self.failed(&request, &account, Fault::NoRoom(why)))
            }
            other => other,
        };
        if matches!(&end, End::Finished(finish) if account.times.is_some() && !is_loss(&finish.status)) {
            state.fleet.worked(seat);
        }
        let finish = match end {
            // The run was removed while it ran.
            _ if state.run(&id, number).is_none() => {
                self.outputs.forget(&id);
                None
            }
            End::NoRoom(why) => {
                tracing::warn!(run = ?id, why, "the device has no room: the run waits");
                state.requeue(&id, &account, true, Some(ROOM_TIME * account.no_room));
                None
            }
            End::Stopped | End::BlobMissing | End::DeviceLost(_) => {
                state.requeue(&id, &account, !matches!(end, End::BlobMissing), None);
                None
            }
            End::Finished(finish) => Some(finish),
        };
        drop(state);
        if let Some(key) = lost {
            self.children.dismiss_spare(&key);
        }
        if let Some(finish) = finish {
            self.conclude(&id, number, &request, account, work, finish, took);
        }
        self.changed();
    }

    /// Store the result of a run, or queue the run again. Everything is safe on the disk before any
    /// request can see it. It is written without the lock, so that a slow disk blocks nobody.
    #[allow(clippy::too_many_arguments)]
    fn conclude(
        &self,
        id: &Hash,
        number: u64,
        request: &RunRequest,
        account: Account,
        work: &Path,
        finish: Finish,
        took: Duration,
    ) {
        let (at_ms, age) = (now_ms(), self.age.now());
        let finish = match &finish.passing {
            Some(why) if self.try_again(id, number, &account, why, took) => return,
            _ => match self.keep(request, work, &finish, at_ms, age) {
                Ok(()) => finish,
                Err(error) => {
                    tracing::warn!(%error, "a run could not be kept");
                    let why = error.to_string();
                    if self.try_again(id, number, &account, &why, took) {
                        return;
                    }
                    self.failed(request, &account, Fault::Executor(why))
                }
            },
        };
        let (task, ms, outcome) = (request.task, took.as_millis(), outcome(&finish.status));
        tracing::info!(run = ?id, %task, ms, outcome, "run");
        self.metrics.ended(Lane::of(request).name(), outcome_name(&finish.status), &account);
        let mut state = self.lock();
        if state.run(id, number).is_some() {
            state.settle(id, finish, at_ms, age);
        } else {
            // The run was removed during the write, and may have been posted again.
            self.outputs.forget(id);
            let folder = self.run_folder(id);
            let path = if state.runs.contains_key(id) { folder.join(STATUS_FILE) } else { folder };
            let _ = store::remove_any(&path);
        }
    }

    /// Queue a run again that failed for a passing reason, if there is time for another try.
    /// Returns whether it was queued.
    fn try_again(&self, id: &Hash, number: u64, account: &Account, why: &str, took: Duration) -> bool {
        let mut state = self.lock();
        let Some(run) = state.run(id, number) else { return false };
        let pause = FIRST_PAUSE.saturating_mul(3u32.saturating_pow(run.tries));
        let tries = run.tries.saturating_add(1);
        if tries >= MAX_TRIES || run.deadline.left() <= pause.saturating_add(LEAST_TIME) || self.is_stopping() {
            return false;
        }
        run.tries = tries;
        tracing::warn!(run = ?id, task = %run.request.task, why, tries, ?pause, "run failed and is tried again");
        let mut account = account.clone();
        account.tried.push(why.to_owned());
        account.wasted = account.wasted.saturating_add(took);
        state.requeue(id, &account, true, Some(pause));
        true
    }

    /// Store the files of a finished run in its folder.
    fn keep(&self, request: &RunRequest, work: &Path, finish: &Finish, at_ms: u64, age: u64) -> io::Result<()> {
        let folder = self.run_folder(&request.id);
        if !folder.join(REQUEST_FILE).is_file() {
            // The folder was removed while the executor runs.
            private_dir(&folder)?;
            let posted = Posted { age, request: request.clone() };
            store::write(&folder.join(REQUEST_FILE), Kind::Request, REQUEST_VERSION, &posted)?;
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
    fn write_status(&self, id: &Hash, finish: &Finish, at_ms: u64, age: u64) -> io::Result<()> {
        let Finish { status, timings, report, .. } = finish;
        let finished = Finished { at_ms, age, status: status.clone(), timings: *timings, report: *report };
        store::write(&self.run_folder(id).join(STATUS_FILE), Kind::Status, STATUS_VERSION, &finished)
    }

    /// Remove a run with all its files. Returns whether it was known.
    fn forget(&self, state: &mut State, id: &Hash) -> bool {
        let Some(run) = state.runs.remove(id) else { return false };
        run.stop.store(true, Ordering::Relaxed);
        state.queue.remove(&run.number);
        self.outputs.forget(id);
        if let Err(error) = remove_dir(&self.run_folder(id)) {
            tracing::warn!(%error, "a run's files could not be removed");
        }
        true
    }

    fn serve_sweeps(&self) {
        let (mut swept, mut looked, mut changed) = (Instant::now(), Instant::now(), Instant::now());
        // False after a failed preparation, until the next sweep.
        let mut prepares = true;
        loop {
            let state = self.lock();
            if self.is_stopping() {
                self.children.dismiss_spares();
                return;
            }
            let mut rest =
                SWEEP_INTERVAL.saturating_sub(swept.elapsed()).min(LOOK_INTERVAL.saturating_sub(looked.elapsed()));
            if !state.queue.is_empty() {
                // Normally the lanes expire waiting runs, but all lanes may be busy.
                rest = rest.min(LANE_INTERVAL);
            }
            if let Some(look_at) = state.fleet.next_look() {
                rest = rest.min(look_at.saturating_duration_since(Instant::now()));
            }
            if prepares && self.lacks_spare(&state).is_some() {
                rest = rest.min(QUIET_TIME.saturating_sub(changed.elapsed()));
            }
            let (mut state, waited) = self.wake.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner);
            if !waited.timed_out() {
                changed = Instant::now();
            }
            self.expire_waiting(&mut state);
            let due = state.fleet.next_look().is_some_and(|look_at| look_at <= Instant::now());
            let sweeps = swept.elapsed() >= SWEEP_INTERVAL;
            let idle = state.running == 0;
            let lacking = self.lacks_spare(&state).filter(|_| prepares && changed.elapsed() >= QUIET_TIME);
            drop(state);
            if self.is_stopping() {
                continue;
            }
            if looked.elapsed() >= LOOK_INTERVAL {
                looked = Instant::now();
                if self.tend_folders().is_ok() {
                    self.guard_disk();
                }
            }
            if due || (sweeps && idle) {
                self.discover();
            } else if let Some(device) = lacking {
                if let Err(error) = self.children.prepare(&device.key(), device.device.class) {
                    tracing::warn!(%error, "no child could be prepared");
                    prepares = false;
                }
            }
            if sweeps {
                self.sweep();
                swept = Instant::now();
                prepares = true;
            }
        }
    }

    /// Free disk space that other programs took, because the node's database may be on this disk.
    /// If that is not enough, stop a task that writes; it is tried again.
    fn guard_disk(&self) {
        let mut state = self.lock();
        let free = files::free_bytes(&self.config.data_dir).unwrap_or(u64::MAX);
        if free >= self.reserve || self.relieve_disk(&mut state, free) || free >= self.reserve / 2 {
            return;
        }
        let writes = |run: &&mut Run| {
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
        let removable: Vec<(Hash, u64)> = kept_outputs(state)
            .into_iter()
            .filter(|(age, ..)| !self.must_keep(*age))
            .map(|(_, id, held)| (id, held))
            .collect();
        let outputs = removable.iter().map(|(_, held)| *held).fold(0, u64::saturating_add);
        let needed = needed_blobs(state);
        if outputs.saturating_add(self.blobs.evictable(&needed)) < lacking {
            return false;
        }
        let mut gained = 0u64;
        for (id, held) in removable {
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
    fn make_room(&self, request: &RunRequest) -> Result<(), String> {
        let mut state = self.lock();
        let coming = state.coming();
        let mut finished = kept_outputs(&state);
        let mut bytes = finished.iter().map(|(.., held)| *held).fold(coming, u64::saturating_add);
        finished.retain(|(age, ..)| !self.must_keep(*age));
        let mut removable = finished.into_iter();
        let writes = kept_bytes(request) > 0;
        loop {
            let free = files::free_bytes(&self.config.data_dir).map_err(|error| format!("the disk: {error}"))?;
            // A sample leaves no output, and its worker may do nothing else before its deadline.
            let least = if writes { coming.saturating_add(self.reserve) } else { SPARE_DISK_BYTES };
            let full = if writes && bytes > self.config.max_stored_bytes {
                format!(
                    "the outputs that must still be kept, and those of the runs that run, have {bytes} bytes; at most {} may be stored",
                    self.config.max_stored_bytes
                )
            } else if free < least {
                format!(
                    "the disk has {free} bytes free, of which {} are kept in reserve; the output and its leaves need {}",
                    self.reserve,
                    kept_bytes(request)
                )
            } else {
                return Ok(());
            };
            let (_, id, held) = removable.next().ok_or(full)?;
            tracing::debug!(run = ?id, "run removed: another one needs its room");
            self.forget(&mut state, &id);
            bytes = bytes.saturating_sub(held);
        }
    }

    /// On a full disk nothing can be compiled or written, so such a fault becomes the executor's.
    fn unless_disk_full(&self, fault: Fault) -> Fault {
        let free = files::free_bytes(&self.config.data_dir).unwrap_or(u64::MAX);
        match fault {
            Fault::Build(text) | Fault::Kernel(text) if free < SPARE_DISK_BYTES => {
                Fault::Executor(format!("the disk was full, with {free} bytes free, which may be why: {text}"))
            }
            fault => fault,
        }
    }

    /// Whether an output that was finished at `age` may still be requested.
    fn must_keep(&self, age: u64) -> bool {
        self.age.since(age) < millis(self.config.min_retention.min(self.config.retention))
    }

    /// A present device that has no spare child and should have one. On devices that share the
    /// host's cores, a preparation costs running work more time than it saves later.
    fn lacks_spare(&self, state: &State) -> Option<DeviceEntry> {
        let idle = state.running == 0;
        let ready = |entry: &DeviceEntry| idle || entry.device.class != DeviceClass::Cpu;
        let mut lacking = state.fleet.here().filter(|(_, seat)| self.children.lacks_spare(&seat.key));
        lacking.find(|(_, seat)| ready(&seat.entry)).map(|(_, seat)| seat.entry.clone())
    }

    /// Remove what is too old or too much. Uses the executor's own age, because the time of day may
    /// be wrong.
    fn sweep(&self) {
        self.save_age();
        let mut state = self.lock();
        let retention = millis(self.config.retention);
        let outputs: HashMap<Hash, u64> = kept_outputs(&state).into_iter().map(|(_, id, held)| (id, held)).collect();
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
                self.forget(&mut state, &id);
                bytes = bytes.saturating_sub(held.unwrap_or_default());
                count = count.saturating_sub(1);
            }
        }
        let needed = unfinished_jobs(&state);
        drop(state);
        self.keys.sweep(self.config.retention, &needed);
        self.logs.sweep(self.config.retention, MAX_LOGS);
    }
}

impl Run {
    /// Whether the API shows the end of this run.
    fn is_told(&self, conduct: &Built) -> bool {
        !self.finished_ms.is_some_and(|at_ms| conduct.conceals(&self.request.work, at_ms))
    }

    /// The run's history, including its current wait in the queue.
    fn account_until_now(&self) -> Account {
        let mut account = self.account.clone();
        let now = Instant::now();
        let complete = self.complete.unwrap_or(now);
        account.fetch = account.fetch.saturating_add(complete.saturating_duration_since(self.queued));
        account.queue = account.queue.saturating_add(now.saturating_duration_since(complete.max(self.queued)));
        account
    }
}

impl State {
    fn new(fleet: Fleet) -> Self {
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

    /// Mark a queued run as running on the device at `seat`.
    fn take(&mut self, id: Hash, number: u64, seat: usize) -> Option<Taken> {
        let device = self.fleet.seat(seat)?;
        let run = self.runs.get_mut(&id)?;
        let account = Account { device: Some(device.to_string()), ..run.account_until_now() };
        run.status = RunStatus::Running;
        self.queue.remove(&number);
        self.running = self.running.saturating_add(1);
        let (request, deadline) = (run.request.clone(), run.deadline.clone());
        let (stop, device) = (run.stop.clone(), device.entry.clone());
        Some(Taken { id, number, request, deadline, stop, seat, device, account, reserved: 0 })
    }

    /// The device's name for log messages.
    fn device_name(&self, seat: usize) -> String {
        self.fleet.seats().get(seat).map(ToString::to_string).unwrap_or_default()
    }

    /// The device's labels for the metrics.
    fn labels(&self, seat: usize) -> Option<DeviceLabels> {
        self.fleet.seats().get(seat).map(|seat| DeviceLabels::new(seat.number, &seat.entry.device.model))
    }

    fn enqueue(&mut self, request: RunRequest, input_bytes: Vec<u64>) {
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        self.queue.insert(number, request.id);
        let run = Run {
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
        };
        self.runs.insert(run.request.id, run);
    }

    /// Queue an unfinished run again, after a pause.
    fn requeue(&mut self, id: &Hash, account: &Account, complete: bool, pause: Option<Duration>) {
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

    /// The run, if it is still the one with this number.
    fn run(&mut self, id: &Hash, number: u64) -> Option<&mut Run> {
        self.runs.get_mut(id).filter(|run| run.number == number)
    }

    /// The queued runs that are not held.
    fn waiting(&self) -> impl Iterator<Item = &Run> {
        self.queue.values().filter_map(|id| self.runs.get(id)).filter(|run| run.held.is_none())
    }

    /// The queued runs that are not held, earliest deadline first.
    fn by_deadline(&self) -> Vec<&Run> {
        let mut waiting: Vec<&Run> = self.waiting().collect();
        waiting.sort_by_key(|run| (run.deadline.get(), run.number));
        waiting
    }

    /// Bytes that the current runs will leave on the disk.
    fn coming(&self) -> u64 {
        let running = self.runs.values().filter(|run| run.status == RunStatus::Running);
        running.map(|run| kept_bytes(&run.request)).fold(0, u64::saturating_add)
    }

    fn settle(&mut self, id: &Hash, finish: Finish, at_ms: u64, age: u64) {
        if let Some(run) = self.runs.get_mut(id) {
            run.status = finish.status;
            run.finished_ms = Some(at_ms);
            run.finished_age = age;
            run.timings = finish.timings;
            run.report = Some(finish.report);
            self.queue.remove(&run.number);
        }
    }
}

/// The devices of this machine, listed in a child.
pub fn list_devices(memory_limit: Option<u64>) -> Result<Found, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    // Listing devices runs no foreign kernel.
    let quarantine = Quarantine::new(folder.path());
    let children = Children::new(folder.path().join("driver"), memory_limit, true, 0, &quarantine);
    let children = children.map_err(|error| error.to_string())?;
    Ok(children.discover(&AtomicBool::new(false)))
}

/// Test the walls of this machine's sandbox in a child. `secrets` are files that the child must not
/// be able to read.
///
/// # Errors
///
/// If no child can be started. The inner error says why the test did not finish.
pub fn try_walls(secrets: &[PathBuf]) -> Result<Result<Vec<Wall>, String>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let quarantine = Quarantine::new(folder.path());
    let children = Children::new(folder.path().join("driver"), None, true, 0, &quarantine);
    let mut children = children.map_err(|error| error.to_string())?;
    Ok(children.try_walls(secrets))
}

/// The choice of devices in force, and the devices that an earlier start chose by it. `given` is
/// the choice on the command line; `file` holds that of the earlier start.
///
/// # Errors
///
/// If the file cannot be read at the moment. It does not count as missing, because then a device
/// that was not chosen might be used.
fn chosen(file: &Path, given: Option<Choice>, quarantine: &Quarantine) -> io::Result<(Choice, Vec<KeptDevice>)> {
    let kept = match store::read(file, Kind::Devices, DEVICES_VERSION)? {
        Read::Missing => None,
        Read::Body(body) => {
            let kept = Kept::decode_all(&mut body.as_slice());
            kept.inspect_err(|_| quarantine.take(file, "it does not decode, and devices are chosen anew")).ok()
        }
        Read::Unknown(why) => {
            quarantine.take(file, &format!("{why}, and devices are chosen anew"));
            None
        }
    };
    let earlier = kept.as_ref().and_then(|kept| kept.choice.parse().ok());
    let choice = given.or_else(|| earlier.clone()).unwrap_or(Choice::Auto);
    let kept = kept.filter(|_| earlier.as_ref() == Some(&choice));
    Ok((choice, kept.map(|kept| kept.devices).unwrap_or_default()))
}

/// The kept outputs, oldest first. Each entry has the executor's age when the run finished, the
/// run's id and the bytes kept.
fn kept_outputs(state: &State) -> Vec<(u64, Hash, u64)> {
    let mut kept: Vec<(u64, Hash, u64)> = state
        .runs
        .iter()
        .filter(|(_, run)| matches!(run.status, RunStatus::Committed(_)))
        .map(|(id, run)| (run.finished_age, *id, kept_bytes(&run.request)))
        .collect();
    kept.sort();
    kept
}

/// The blobs that runs wait for or use.
fn needed_blobs(state: &State) -> HashSet<BlobHash> {
    let unfinished = state.runs.values().filter(|run| run.finished_ms.is_none());
    unfinished.flat_map(|run| run.request.blobs()).collect()
}

/// The jobs of unfinished runs.
fn unfinished_jobs(state: &State) -> HashSet<JobId> {
    state.runs.values().filter(|run| run.finished_ms.is_none()).map(|run| run.request.task.job).collect()
}

/// Strings that logs must not contain, each with its replacement.
fn hidden(config: &Config) -> Vec<(String, &'static str)> {
    let folder = config.data_dir.to_str().map(|folder| (folder.to_owned(), "DATA"));
    config.secrets.iter().map(|secret| (secret.clone(), "SECRET")).chain(folder).collect()
}

/// Why an outcome blames the kernel, if it does, and how fresh the control's child must be. `ran`:
/// the kernel may have run.
fn blame(outcome: &Outcome, ran: bool) -> Option<(String, Fresh)> {
    let told = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    match outcome {
        Outcome::Failed(Fault::Build(text)) | Outcome::Died { fault: Fault::Build(text), .. } => {
            Some((format!("the program was not built: {}", told(text)), Fresh::All))
        }
        Outcome::Failed(Fault::Kernel(text)) | Outcome::Died { fault: Fault::Kernel(text), .. } => {
            Some((told(text), Fresh::Child))
        }
        Outcome::Failed(Fault::DeviceLost(text)) if ran => Some((told(text), Fresh::Child)),
        // The compiler may be the slow part.
        Outcome::Timeout => Some(("the run did not end".into(), if ran { Fresh::Child } else { Fresh::All })),
        _ => None,
    }
}

/// Whether a run ended because its device is lost.
fn is_loss(status: &RunStatus) -> bool {
    matches!(status, RunStatus::Failed(ReasonCode::DeviceLost))
}

fn outcome(status: &RunStatus) -> String {
    match status {
        RunStatus::Committed(commitment) => format!("committed {:?}", commitment.root),
        RunStatus::Sampled(leaves) => format!("sampled {} tiles", leaves.len()),
        other => format!("{other:?}"),
    }
}

/// Whether a finished run still has all its files.
fn is_whole(folder: &Path, status: &RunStatus) -> bool {
    match status {
        RunStatus::Queued | RunStatus::Running => false,
        RunStatus::Sampled(_) | RunStatus::Failed(_) => true,
        RunStatus::Committed(commitment) => {
            fs::metadata(folder.join(OUTPUT_FILE)).is_ok_and(|output| output.len() == commitment.output_len)
                && folder.join(LEAVES_FILE).is_file()
        }
    }
}
