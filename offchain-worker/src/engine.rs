//! The engine: the persistent queue, the lanes that empty it, and what is kept of finished runs.

use crate::{
    blobs::{BlobCache, PutError, SPARE_DISK_BYTES},
    check as machine,
    conduct::{Built, Conduct},
    control::{Control, Verdict},
    files::{self, hash_name, now_ms, private_dir, remove_dir, write_atomic, Logs},
    fleet::{Change, Choice, Fleet, Kept, KeptDevice, Misfit, Needs, Seat},
    keys::{KeyError, Keys, Undecrypted, IDENTITY_FILE},
    metrics::{DeviceLabels, Metrics, Moved, Now},
    outputs::{Hashes, Outputs, ReadError, CROWN_FILE, LEAVES_FILE, OUTPUT_FILE},
    report::{outcome_name, reason_name, Account, Kill},
    request::{blobs_of, check, kept_bytes, output_bytes},
    sandbox::Wall,
    supervisor::{Children, Found, Fresh, Outcome, Watch},
    wire::{self, DeviceEntry, DeviceKey, Fault, Order, Phase, Report, Times},
};
use axum::body::Bytes;
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{
    confidential::WantedKey,
    executor::{Commitment, ExecutorStatus, Opening, OutputChunk, RunRequest, RunStatus, RunTimings, Work},
    job::MAX_SAMPLES,
    reason::ReasonCode,
    worker::DeviceClass,
    BlobHash, Hash, JobId, TaskId,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt, fs, io,
    panic::{catch_unwind, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long an executor waits for the data directory of one that was killed.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// Longest time a run waits for its blobs.
const BLOB_TIME: Duration = Duration::from_secs(60);
/// Longest time a run waits for a device that was lost.
const DEVICE_TIME: Duration = Duration::from_secs(60);
/// Longest time of the control of a device before it is used, and after a run that failed: there a deadline is near.
const FIRST_CONTROL_TIME: Duration = Duration::from_secs(20);
const CONTROL_TIME: Duration = Duration::from_secs(8);
/// Devices a run may lose. Beyond, what takes them away may be the run itself.
const MAX_LOSSES: usize = 2;
/// How often a run waits for room on a device that is large enough, and for how long the first time; then for twice and thrice as long.
const MAX_NO_ROOM: u32 = 3;
const ROOM_TIME: Duration = Duration::from_secs(1);
/// How often lanes look whether a run has waited too long.
const LANE_INTERVAL: Duration = Duration::from_millis(250);
/// How often old things are removed, and devices looked at while nothing runs.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// How long nothing must have changed before a child is prepared for the next run.
const QUIET_TIME: Duration = Duration::from_millis(500);
/// Most finished runs that are kept.
const MAX_FINISHED: usize = 4096;
/// Most logs that are kept.
const MAX_LOGS: usize = 4096;
/// Most blobs or keys named in one answer to `wanted` or `wanted_keys`.
const MAX_WANTED: usize = 1024;

const REQUEST_FILE: &str = "request.scale";
const STATUS_FILE: &str = "status.scale";
/// The devices that were chosen.
const DEVICES_FILE: &str = "devices.json";

/// How an executor is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The devices it works on; without a choice those of the last start, or `auto`.
    pub devices: Option<Choice>,
    /// How long finished runs are kept.
    pub retention: Duration,
    /// How long the outputs of tasks are kept at least, if finished runs are kept so long at all: until a task is paid for they may be
    /// asked for.
    pub min_retention: Duration,
    /// Most bytes of all outputs; beyond them the oldest go that need not be kept, and if there are none, no run begins.
    pub max_stored_bytes: u64,
    /// Most bytes of one run's output.
    pub max_output_bytes: u64,
    /// Most bytes of the blob cache.
    pub max_cached_bytes: u64,
    /// Most bytes of a device's memory that runs may use; `None`: as many as the device has room for.
    pub memory_limit: Option<u64>,
    /// Most runs that wait.
    pub queue_length: usize,
    /// What must not stand in any log.
    pub secrets: Vec<String>,
    /// Whether kernels may run without a sandbox.
    pub insecure: bool,
    /// How it behaves where it could cheat.
    pub conduct: Built,
}

/// Why something was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No run has this id.
    #[error("no run has this id")]
    UnknownRun,
    /// There is no committed output of this task.
    #[error("no committed output of task {0}")]
    UnknownOutput(TaskId),
    /// The run has no tree that could be opened.
    #[error("the run is not committed")]
    NotCommitted,
    /// The run has no timings: it is not finished, or failed.
    #[error("the run has not been computed to its end")]
    NotComputed,
    /// The run has no report: it is not finished.
    #[error("the run is not finished")]
    NotFinished,
    /// No run of the whole task is finished.
    #[error("no finished run of task {0}")]
    UnknownReport(TaskId),
    /// The tiles cannot be opened.
    #[error("tile indices must be ascending, distinct and below {0}")]
    InvalidTiles(u32),
    /// The request contradicts itself.
    #[error("invalid request: {0}")]
    InvalidRequest(String),
    /// Too many runs wait.
    #[error("the queue is full: {0} runs wait")]
    QueueFull(usize),
    /// The executor is about to end.
    #[error("the executor is stopping")]
    Stopping,
    /// A blob was not taken.
    #[error(transparent)]
    Blob(#[from] PutError),
    /// A key was not taken or not given.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An output could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The disk failed.
    #[error("disk: {0}")]
    Io(#[from] io::Error),
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

/// `request.scale`.
#[derive(Encode, Decode)]
struct Posted {
    at_ms: u64,
    request: RunRequest,
}

/// `status.scale`, written once the run is finished.
#[derive(Encode, Decode)]
struct Finished {
    at_ms: u64,
    status: RunStatus,
    timings: Option<RunTimings>,
    report: Hash,
}

struct Run {
    /// Place in the order of arrival.
    number: u64,
    request: Arc<RunRequest>,
    /// Sizes of its inputs, where whoever posted it knows them.
    input_bytes: Vec<u64>,
    status: RunStatus,
    finished_ms: Option<u64>,
    timings: Option<RunTimings>,
    report: Option<Hash>,
    /// Since when it waits for its turn or for blobs.
    queued: Instant,
    /// Since when all its blobs are there.
    complete: Option<Instant>,
    /// Until when it is not tried again.
    rests_until: Option<Instant>,
    /// How it has fared.
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
    /// Bytes of device memory that runs on a device have reserved.
    reserved: HashMap<(usize, Lane), u64>,
    /// What is wrong with drivers, as it was logged last.
    problems: Vec<String>,
    /// Since when lanes have been at work, or since the metrics were told of it.
    busy: HashMap<(usize, Lane), Instant>,
}

/// A run that a lane has taken.
struct Taken {
    id: Hash,
    number: u64,
    request: Arc<RunRequest>,
    stop: Arc<AtomicBool>,
    /// The seat of its device.
    seat: usize,
    device: DeviceEntry,
    account: Account,
    /// The device memory it has for itself.
    reserved: u64,
}

/// What a lane found out about a run.
enum End {
    /// It is finished. A committed one has its files in the work folder.
    Finished(Finish),
    /// A blob, or the key to it, is gone again.
    BlobMissing,
    /// The device is gone.
    DeviceLost(String),
    /// The device has no room now.
    NoRoom(String),
    /// It was stopped.
    Stopped,
}

/// How a run has ended.
struct Finish {
    status: RunStatus,
    /// What it has taken, if it was computed.
    timings: Option<RunTimings>,
    report: Hash,
}

/// The executor without its HTTP.
pub struct Engine {
    config: Config,
    children: Children,
    /// Most devices that were chosen.
    seats: usize,
    blobs: BlobCache,
    keys: Keys,
    logs: Logs,
    outputs: Arc<Outputs>,
    control: Control,
    state: Mutex<State>,
    wake: Condvar,
    stopping: AtomicBool,
    changes: watch::Sender<u64>,
    metrics: Metrics,
    /// Held as long as the executor lives, so that no second one uses the directory.
    _lock: fs::File,
}

impl Engine {
    /// Open the data directory, take up unfinished runs, look for devices.
    ///
    /// # Errors
    ///
    /// If the directory cannot be used or another executor uses it.
    pub fn open(mut config: Config) -> io::Result<Self> {
        private_dir(&config.data_dir)?;
        config.data_dir = config.data_dir.canonicalize()?;
        let folder = |name: &str| config.data_dir.join(name);
        let lock = fs::File::create(folder("lock"))?;
        // The children of an executor that was killed hold it on, until they are gone too.
        let patience = Instant::now() + LOCK_PATIENCE;
        while lock.try_lock().is_err() {
            if Instant::now() > patience {
                return Err(io::Error::other("another executor uses this data directory"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        remove_dir(&folder("work"))?;
        for name in ["runs", "work", "driver"] {
            private_dir(&folder(name))?;
        }
        let keys = Keys::open(&config.data_dir)?;
        let mut children = Children::new(folder("driver"), config.memory_limit, config.insecure)?;
        let mut secrets = vec![config.data_dir.clone(), folder("lock"), folder("runs"), folder(IDENTITY_FILE)];
        // Where a node keeps its keys whose executor this is.
        secrets.extend(config.data_dir.parent().map(|node| node.join("keystore")));
        children.check(&secrets).map_err(io::Error::other)?;
        let (choice, kept) = chosen(&folder(DEVICES_FILE), config.devices.take());
        let seats = choice.most();
        let engine = Self {
            children,
            seats,
            blobs: BlobCache::open(folder("blobs"), config.max_cached_bytes)?,
            keys,
            logs: Logs::open(folder("logs"), hidden(&config))?,
            outputs: Arc::new(Outputs::new()?),
            control: Control::new(folder("work")).map_err(io::Error::other)?,
            state: Mutex::new(State::new(Fleet::new(choice, kept))),
            wake: Condvar::new(),
            stopping: AtomicBool::new(false),
            changes: watch::Sender::new(0),
            metrics: Metrics::default(),
            _lock: lock,
            config,
        };
        engine.load()?;
        engine.sweep();
        engine.discover();
        Ok(engine)
    }

    /// Start the lanes, two for each device there may be, and the sweeper.
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

    /// Stop the lanes; what runs is killed and taken up again at the next start.
    pub fn stop(&self) {
        let state = self.lock();
        self.stopping.store(true, Ordering::Relaxed);
        for run in state.runs.values() {
            run.stop.store(true, Ordering::Relaxed);
        }
        drop(state);
        self.changed();
    }

    /// Whether it is stopping.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Tells of every change of the queue.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What it tells of itself.
    pub fn status(&self) -> ExecutorStatus {
        let state = self.lock();
        ExecutorStatus {
            version: env!("CARGO_PKG_VERSION").into(),
            devices: state.fleet.here().map(|(_, seat)| seat.entry.device.clone()).collect(),
            queued: u32::try_from(state.queue.len()).unwrap_or(u32::MAX),
            running: state.running,
        }
    }

    /// What Prometheus is told.
    ///
    /// # Errors
    ///
    /// When it cannot be encoded.
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

    /// Queue a run, whose inputs have the sizes `input_bytes`; empty: they are not known. One that is known already is left as it
    /// is.
    pub fn post(&self, request: RunRequest, input_bytes: Vec<u64>) -> Result<RunStatus, Refused> {
        check(&request).map_err(Refused::InvalidRequest)?;
        if !input_bytes.is_empty() && input_bytes.len() != request.inputs.len() {
            return Err(Refused::InvalidRequest("there is not one size for each input".into()));
        }
        let mut state = self.lock();
        if let Some(run) = state.runs.get(&request.id) {
            return Ok(self.told(run));
        }
        if self.is_stopping() {
            return Err(Refused::Stopping);
        }
        if state.queue.len() >= self.config.queue_length {
            return Err(Refused::QueueFull(state.queue.len()));
        }
        let folder = self.run_folder(&request.id);
        remove_dir(&folder)?;
        private_dir(&folder)?;
        let posted = Posted { at_ms: now_ms(), request };
        write_atomic(&folder.join(REQUEST_FILE), &posted.encode())?;
        let id = posted.request.id;
        tracing::debug!(run = ?id, task = %posted.request.task, "run posted");
        state.enqueue(posted.request, input_bytes);
        self.note_complete(&mut state);
        self.refuse_misfits(&mut state);
        let status = state.runs.get(&id).map(|run| self.told(run)).ok_or(Refused::UnknownRun)?;
        drop(state);
        self.changed();
        Ok(status)
    }

    /// How far run `id` is.
    pub fn run_status(&self, id: &Hash) -> Result<RunStatus, Refused> {
        self.lock().runs.get(id).map(|run| self.told(run)).ok_or(Refused::UnknownRun)
    }

    /// What run `id` has taken.
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

    /// The report of the newest finished run of the whole task.
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

    /// The status of a run as others are told.
    fn told(&self, run: &Run) -> RunStatus {
        if run.is_told(&self.config.conduct) {
            run.status.clone()
        } else {
            RunStatus::Running
        }
    }

    /// End run `id` and free what it holds.
    pub fn remove(&self, id: &Hash) -> Result<(), Refused> {
        let mut state = self.lock();
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
        let opening = self.outputs.open(*id, &self.run_folder(id), &root, tiles)?;
        let (leaves, proof) = opening.ok_or(Refused::InvalidTiles(count))?;
        self.config.conduct.opening(Opening { leaves, proof })
    }

    /// A part of the newest committed output of `task`.
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
        let chunk = self.outputs.chunk(id, &self.run_folder(&id), &commitment, tile_bytes, offset, length)?;
        self.metrics.moved(Moved::OutputsOut, chunk.data.len() as u64);
        Ok(chunk)
    }

    /// The blobs queued runs wait for, in the order of the runs.
    pub fn wanted(&self) -> Vec<BlobHash> {
        let state = self.lock();
        let mut seen = HashSet::new();
        let queued = state.queue.values().filter_map(|id| state.runs.get(id));
        queued
            .flat_map(|run| blobs_of(&run.request))
            .filter(|hash| !self.blobs.contains(hash) && seen.insert(*hash))
            .take(MAX_WANTED)
            .collect()
    }

    /// Take the blob `hash` of `len` bytes into the cache, as they come in `pieces`. `begun` is called once there is room for it, unless
    /// it is there already.
    pub fn put_blob(
        &self,
        hash: BlobHash,
        len: u64,
        begun: impl FnOnce(),
        mut pieces: impl Iterator<Item = Bytes>,
    ) -> Result<(), Refused> {
        let needed: HashSet<BlobHash> = {
            let state = self.lock();
            let unfinished = state.runs.values().filter(|run| run.finished_ms.is_none());
            unfinished.flat_map(|run| blobs_of(&run.request)).collect()
        };
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

    /// A cached blob, to be read, and its length.
    pub fn blob(&self, hash: &BlobHash) -> Option<(fs::File, u64)> {
        let (file, len) = self.blobs.get(hash)?;
        self.metrics.moved(Moved::BlobsOut, len);
        Some((file, len))
    }

    /// Whom job keys are sealed to for this executor.
    pub fn recipient(&self) -> String {
        self.keys.recipient()
    }

    /// The job keys queued runs wait for, in the order of the runs.
    pub fn wanted_keys(&self) -> Vec<WantedKey> {
        let state = self.lock();
        let mut seen = HashSet::new();
        let queued = state.queue.values().filter_map(|id| state.runs.get(id));
        queued
            .filter(|run| self.locked_input(&run.request).is_some())
            .map(|run| WantedKey { task: run.request.task, checks: run.request.work != Work::Task })
            .filter(|wanted| seen.insert((wanted.task, wanted.checks)))
            .take(MAX_WANTED)
            .collect()
    }

    /// Take the sealed key of a job. One that does not open what queued runs of the job wait with is refused: who checks a task has it
    /// from a worker that may be up to no good.
    pub fn put_key(&self, job: JobId, sealed: &[u8]) -> Result<(), Refused> {
        let (inputs, needed): (HashSet<BlobHash>, _) = {
            let state = self.lock();
            let queued = state.queue.values().filter_map(|id| state.runs.get(id));
            let of_job = queued.filter(|run| run.request.task.job == job);
            let inputs = of_job.flat_map(|run| run.request.inputs.iter().copied());
            (inputs.filter(|hash| self.blobs.is_encrypted(hash)).collect(), unfinished_jobs(&state))
        };
        let inputs = inputs.iter().filter_map(|hash| Some(self.blobs.get(hash)?.0));
        self.keys.put(job, sealed, inputs, &needed)?;
        tracing::debug!(job, "a job's key has come");
        self.note_complete(&mut self.lock());
        self.changed();
        Ok(())
    }

    /// The key of a job, sealed to somebody else.
    pub fn reseal(&self, job: JobId, recipient: &str) -> Result<Vec<u8>, Refused> {
        Ok(self.keys.reseal(job, recipient)?)
    }

    /// The first input that is encrypted, if the key to it is not there.
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

    /// Take up what the last executor left.
    fn load(&self) -> io::Result<()> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.config.data_dir.join("runs"))?.flatten() {
            let path = entry.path();
            let posted =
                fs::read(path.join(REQUEST_FILE)).ok().and_then(|b| Posted::decode_all(&mut b.as_slice()).ok());
            match posted {
                Some(posted) if path == self.run_folder(&posted.request.id) && check(&posted.request).is_ok() => {
                    let finished = fs::read(path.join(STATUS_FILE))
                        .ok()
                        .and_then(|b| Finished::decode_all(&mut b.as_slice()).ok());
                    found.push((posted, finished.filter(|finished| is_whole(&path, &finished.status))));
                }
                _ => remove_dir(&path)?,
            }
        }
        found.sort_by_key(|(posted, _)| (posted.at_ms, posted.request.id));
        let mut state = self.lock();
        for (posted, finished) in found {
            let id = posted.request.id;
            state.enqueue(posted.request, Vec::new());
            if let Some(Finished { at_ms, status, timings, report }) = finished {
                state.settle(&id, &Finish { status, timings, report }, at_ms);
            }
        }
        self.note_complete(&mut state);
        if !state.queue.is_empty() {
            tracing::info!(runs = state.queue.len(), "unfinished runs taken up again");
        }
        Ok(())
    }

    /// Look which devices are there.
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
            let text = serde_json::to_string_pretty(&kept).unwrap_or_default();
            if let Err(error) = write_atomic(&self.config.data_dir.join(DEVICES_FILE), text.as_bytes()) {
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

    /// What is wrong with the chosen devices, of which `devices` are there.
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

    /// Have the devices among `found` that are about to be taken into use compute what is known. Those that do not are not available.
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

    /// What is to be made of the `outcome` of a run on `device` that blames the kernel: if the device cannot compute what is known
    /// either, it is the device. `None` if it was stopped.
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
            // A kernel's bad access can leave a driver useless to the whole process. Nobody may take devices away by that.
            Verdict::Works => Some(match outcome {
                Outcome::Failed(Fault::DeviceLost(why)) => {
                    Outcome::Failed(Fault::Kernel(format!("{why}; in another process the device works")))
                }
                other => other,
            }),
        }
    }

    /// Tell that the device at `seat` is lost. Its key, for the child that waits for it to be dismissed without the lock.
    fn tell_lost(&self, state: &State, seat: usize, why: &str) -> Option<DeviceKey> {
        tracing::warn!(device = state.device_name(seat), why, "the device is lost; it is looked for");
        if let Some(device) = state.labels(seat) {
            self.metrics.lost(&device);
        }
        state.fleet.seats().get(seat).map(|seat| seat.key.clone())
    }

    fn serve_lane(&self, seat: usize, lane: Lane) {
        while let Some(mut taken) = self.next_run(seat, lane) {
            // One that was queued again may run elsewhere before this folder is gone.
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

    /// The next run of `lane` whose blobs are all there and which fits the device at `seat`, marked as running; `None` when the
    /// executor stops.
    fn next_run(&self, seat: usize, lane: Lane) -> Option<Taken> {
        let mut state = self.lock();
        loop {
            if self.is_stopping() {
                return None;
            }
            self.expire_waiting(&mut state);
            let ready = state.fleet.seat(seat).and_then(|device| {
                state.queue.iter().map(|(number, id)| (*number, *id)).find(|(_, id)| {
                    state.runs.get(id).is_some_and(|run| {
                        Lane::of(&run.request) == lane
                            && run.rests_until.is_none_or(|until| until <= Instant::now())
                            && blobs_of(&run.request).all(|hash| self.blobs.contains(&hash))
                            && self.locked_input(&run.request).is_none()
                            && self.needs(run).misfit(&device.entry).is_none()
                            && self.reservation(&state, seat, run).is_some()
                    })
                })
            });
            let reserved = ready.and_then(|(_, id)| self.reservation(&state, seat, state.runs.get(&id)?));
            if let Some(mut taken) = ready.and_then(|(number, id)| state.take(id, number, seat)) {
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

    /// The device memory that a run gets on the device at `seat`; `None` while other runs there leave too little.
    fn reservation(&self, state: &State, seat: usize, run: &Run) -> Option<u64> {
        let memory = state.fleet.seat(seat)?.entry.device.memory;
        let used = state.reserved.iter().filter(|((other, _), _)| *other == seat);
        let used = used.map(|(_, bytes)| *bytes).fold(0, u64::saturating_add);
        let bytes = self.needs(run).reserved(memory);
        (used.saturating_add(bytes) <= memory).then_some(bytes)
    }

    /// What a run needs of a device's memory, as far as that is known.
    fn needs(&self, run: &Run) -> Needs {
        let told = run.input_bytes.iter().copied().map(Some).chain(std::iter::repeat(None));
        let sizes = run.request.inputs.iter().zip(told);
        Needs::of(&run.request, sizes.map(|(hash, told)| self.blobs.len(hash).or(told)))
    }

    /// Note since when queued runs have all their blobs, and the key to them.
    fn note_complete(&self, state: &mut State) {
        for id in state.queue.values() {
            let Some(run) = state.runs.get_mut(id).filter(|run| run.complete.is_none()) else { continue };
            let blobs = blobs_of(&run.request).all(|hash| self.blobs.contains(&hash));
            if blobs && self.locked_input(&run.request).is_none() {
                run.complete = Some(Instant::now());
            }
        }
    }

    /// Fail the queued runs that no chosen device has room for, before anything more is fetched for them.
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

    /// Why a run can never be computed here. Where a limit of this executor's is in the way and no device's size, that is not the
    /// requester's fault.
    fn misfit(&self, state: &State, run: &Run) -> Option<(ReasonCode, String)> {
        let (output, most) = (output_bytes(&run.request), self.config.max_output_bytes);
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

    /// Fail the queued runs whose blobs, the key to them, or whose device did not come in time.
    fn expire_waiting(&self, state: &mut State) {
        let late: Vec<(Hash, ReasonCode, String)> = state
            .queue
            .values()
            .filter_map(|id| {
                let run = state.runs.get(id)?;
                let limit = Duration::from_millis(run.request.limit_ms);
                let missing = blobs_of(&run.request).find(|hash| !self.blobs.contains(hash)).map(|blob| ("blob", blob));
                let missing = missing.or_else(|| Some(("the key to blob", self.locked_input(&run.request)?)));
                if let Some((what, blob)) = missing {
                    let late = run.queued.elapsed() >= BLOB_TIME.min(limit);
                    let why = || format!("{what} {} did not come", hex::encode(blob));
                    return late.then(|| (*id, ReasonCode::InputUnavailable { blob }, why()));
                }
                let needs = self.needs(run);
                if state.fleet.here().any(|(_, seat)| needs.misfit(&seat.entry).is_none()) {
                    return None;
                }
                let none = state.fleet.seats().is_empty();
                let late = none || run.complete.is_some_and(|since| since.elapsed() >= DEVICE_TIME.min(limit));
                let why = if none { "there is no such device" } else { "the device did not come back" };
                late.then(|| (*id, ReasonCode::DeviceLost, why.into()))
            })
            .collect();
        for (id, reason, why) in late {
            self.give_up(state, id, reason, &why);
            self.changed();
        }
    }

    /// Fail a queued run with a reason that has no log.
    fn give_up(&self, state: &mut State, id: Hash, reason: ReasonCode, why: &str) {
        let Some(run) = state.runs.get(&id) else { return };
        tracing::info!(run = ?id, task = %run.request.task, ?reason, why, "run failed");
        let account = run.account_until_now();
        let name = reason_name(&reason);
        let report = self.logs.put(&account.report(&run.request, &name, Some(why)));
        self.metrics.ended(Lane::of(&run.request).name(), name, &account);
        let finish = Finish { status: RunStatus::Failed(reason), timings: None, report };
        if let Err(error) = self.finish(state, id, finish) {
            tracing::warn!(%error, "the status of a run could not be written");
        }
    }

    /// Do the work of one run in the folder `work`.
    fn execute(&self, taken: &mut Taken, work: &Path) -> End {
        match self.try_execute(taken, work) {
            Ok(end) => end,
            Err(error) => {
                End::Finished(self.failed(&taken.request, &taken.account, Fault::Executor(error.to_string())))
            }
        }
    }

    fn try_execute(&self, taken: &mut Taken, work: &Path) -> io::Result<End> {
        let Taken { request, stop, device, account, reserved, .. } = taken;
        if let Some(status) = self.config.conduct.made_up(request) {
            return Ok(End::Finished(self.done(request, account, status, None)));
        }
        if self.config.conduct.loses(device) {
            return Ok(End::DeviceLost("it was taken away".into()));
        }
        if let Err(full) = self.make_room(request) {
            return Ok(End::Finished(self.failed(request, account, Fault::Executor(full))));
        }
        remove_dir(work)?;
        private_dir(work)?;
        // What is in there goes to the child; the output comes to the folder around it.
        let given = work.join("in");
        private_dir(&given)?;
        let files = std::iter::once(wire::SOURCE_FILE.to_owned()).chain((0..).map(wire::input_file));
        for ((position, hash), file) in blobs_of(request).enumerate().zip(files) {
            let file = given.join(file);
            // The source comes first, and is never encrypted.
            if position == 0 || !self.blobs.is_encrypted(&hash) {
                if !self.blobs.link(&hash, &file)? {
                    return Ok(End::BlobMissing);
                }
                continue;
            }
            let Some((sealed, _)) = self.blobs.get(&hash) else { return Ok(End::BlobMissing) };
            match self.keys.decrypt(request.task.job, sealed, &file, stop) {
                Ok(()) => (),
                Err(Undecrypted::NoKey) => return Ok(End::BlobMissing),
                Err(Undecrypted::Stopped) => return Ok(End::Stopped),
                Err(error) => {
                    let text = format!("input {} is encrypted, and {error}", position.saturating_sub(1));
                    return Ok(End::Finished(self.failed(request, account, Fault::Executor(text))));
                }
            }
        }
        let order = Order::Run {
            device: device.key(),
            memory_limit: *reserved,
            request: Box::new(RunRequest::clone(request)),
            check: true,
        };
        let limit = Duration::from_millis(request.limit_ms);
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
        let watch = Watch { limit, stop, tell: &mut tell };
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
                let why = format!("it had not ended after its limit of {} ms", request.limit_ms);
                let report = self.logs.put(&account.report(request, &reason_name(&ReasonCode::Timeout), Some(&why)));
                return Ok(End::Finished(Finish {
                    status: RunStatus::Failed(ReasonCode::Timeout),
                    timings: None,
                    report,
                }));
            }
            Outcome::Failed(Fault::DeviceLost(why)) => return Ok(End::DeviceLost(why)),
            Outcome::Failed(Fault::NoRoom(why)) => return Ok(End::NoRoom(why)),
            Outcome::Failed(fault) | Outcome::Died { fault, .. } => {
                let fault = self.unless_disk_full(fault);
                if matches!(fault, Fault::Kernel(_) | Fault::Executor(_)) {
                    self.blobs.distrust(blobs_of(request));
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
        let expected = output_bytes(request);
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

    /// The end of a run that came to `status`.
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
        Finish { status, timings, report }
    }

    /// The end of a run that failed with `fault`. Its report is its log.
    fn failed(&self, request: &RunRequest, account: &Account, fault: Fault) -> Finish {
        let (text, reason): (_, fn(Hash) -> ReasonCode) = match &fault {
            Fault::Build(text) => (text, |log| ReasonCode::BuildFailed { log }),
            Fault::Kernel(text) => (text, |log| ReasonCode::KernelFault { log }),
            // It fits the device, so something besides this run has its memory.
            Fault::Executor(text) | Fault::NoRoom(text) => (text, |log| ReasonCode::ExecutorFault { log }),
            Fault::Memory(text) => (text, |_| ReasonCode::OutOfMemory),
            Fault::DeviceLost(text) => (text, |_| ReasonCode::DeviceLost),
        };
        let name = reason_name(&reason(Hash::zero()));
        let report = self.logs.put(&account.report(request, &name, Some(text)));
        // Where the text stands, and not the text: what is hidden there would stand here.
        tracing::debug!(run = ?request.id, name, ?report, "fault");
        Finish { status: RunStatus::Failed(reason(report)), timings: None, report }
    }

    /// Write down what became of a run that a lane has taken.
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
        match state.runs.get_mut(&id).filter(|run| run.number == number) {
            // It was removed while it ran.
            None => self.outputs.forget(&id),
            Some(run) => match end {
                End::Stopped | End::BlobMissing | End::DeviceLost(_) | End::NoRoom(_) => {
                    if let End::NoRoom(why) = &end {
                        tracing::warn!(run = ?id, why, "the device has no room: the run waits");
                        run.rests_until = Some(Instant::now() + ROOM_TIME * account.no_room);
                    }
                    run.status = RunStatus::Queued;
                    run.queued = Instant::now();
                    run.complete = (!matches!(end, End::BlobMissing)).then_some(run.queued);
                    run.account = Account {
                        lost: account.lost,
                        no_room: account.no_room,
                        fetch: account.fetch,
                        queue: account.queue,
                        ..Account::default()
                    };
                    state.queue.insert(number, id);
                }
                End::Finished(finish) => {
                    let (task, ms, outcome) = (request.task, took.as_millis(), outcome(&finish.status));
                    tracing::info!(run = ?id, %task, ms, outcome, "run");
                    let mut name = outcome_name(&finish.status);
                    if let Err(error) = self.keep(&mut state, &id, work, finish) {
                        tracing::warn!(%error, "a run could not be kept");
                        let finish = self.failed(&request, &account, Fault::Executor(error.to_string()));
                        name = outcome_name(&finish.status);
                        state.settle(&id, &finish, now_ms());
                    }
                    self.metrics.ended(lane.name(), name, &account);
                }
            },
        }
        drop(state);
        if let Some(key) = lost {
            self.children.dismiss_spare(&key);
        }
        self.changed();
    }

    fn keep(&self, state: &mut State, id: &Hash, work: &Path, finish: Finish) -> io::Result<()> {
        if matches!(finish.status, RunStatus::Committed(_)) {
            let folder = self.run_folder(id);
            for file in [OUTPUT_FILE, LEAVES_FILE, CROWN_FILE] {
                fs::rename(work.join(file), folder.join(file))?;
            }
            files::sync_dir(&folder)?;
        }
        self.finish(state, *id, finish)
    }

    /// Write the final status of a run.
    fn finish(&self, state: &mut State, id: Hash, finish: Finish) -> io::Result<()> {
        let at_ms = now_ms();
        state.settle(&id, &finish, at_ms);
        let Finish { status, timings, report } = finish;
        write_atomic(&self.run_folder(&id).join(STATUS_FILE), &Finished { at_ms, status, timings, report }.encode())
    }

    /// Drop a run with all its files; whether it was known.
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
        let mut swept = Instant::now();
        // Until the next sweep after it did not work.
        let mut prepares = true;
        loop {
            let state = self.lock();
            if self.is_stopping() {
                self.children.dismiss_spares();
                return;
            }
            let mut rest = SWEEP_INTERVAL.saturating_sub(swept.elapsed());
            if let Some(look_at) = state.fleet.next_look() {
                rest = rest.min(look_at.saturating_duration_since(Instant::now()));
            }
            if prepares && self.lacks_spare(&state).is_some() {
                rest = rest.min(QUIET_TIME);
            }
            let (state, waited) = self.wake.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner);
            let due = state.fleet.next_look().is_some_and(|look_at| look_at <= Instant::now());
            let sweeps = swept.elapsed() >= SWEEP_INTERVAL;
            let idle = state.running == 0;
            let lacking = self.lacks_spare(&state).filter(|_| prepares && waited.timed_out());
            drop(state);
            if self.is_stopping() {
                continue;
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

    /// Make sure that what `request`, which is about to run, writes can be kept, and remove older outputs for it that need not be kept
    /// any more. Tells why it cannot be.
    fn make_room(&self, request: &RunRequest) -> Result<(), String> {
        let mut state = self.lock();
        let running = state.runs.values().filter(|run| run.status == RunStatus::Running);
        let coming = running.map(|run| kept_bytes(&run.request)).fold(0, u64::saturating_add);
        let mut finished = kept_outputs(&state);
        let mut bytes = finished.iter().map(|(.., held)| *held).fold(coming, u64::saturating_add);
        finished.retain(|(at_ms, ..)| !self.must_keep(*at_ms));
        let mut removable = finished.into_iter();
        loop {
            let free = files::free_bytes(&self.config.data_dir).map_err(|error| format!("the disk: {error}"))?;
            let full = if bytes > self.config.max_stored_bytes {
                format!(
                    "the outputs that must still be kept, and those of the runs that run, have {bytes} bytes; at most {} may be stored",
                    self.config.max_stored_bytes
                )
            } else if free < coming.saturating_add(SPARE_DISK_BYTES) {
                format!("the disk has {free} bytes free; the output and its leaves need {}", kept_bytes(request))
            } else {
                return Ok(());
            };
            let (_, id, held) = removable.next().ok_or(full)?;
            tracing::debug!(run = ?id, "run removed: another one needs its room");
            self.forget(&mut state, &id);
            bytes = bytes.saturating_sub(held);
        }
    }

    /// What a fault is to be called: on a full disk nothing can be compiled or written, which is not the kernel's fault.
    fn unless_disk_full(&self, fault: Fault) -> Fault {
        let free = files::free_bytes(&self.config.data_dir).unwrap_or(u64::MAX);
        match fault {
            Fault::Build(text) | Fault::Kernel(text) if free < SPARE_DISK_BYTES => {
                Fault::Executor(format!("the disk was full, with {free} bytes free, which may be why: {text}"))
            }
            fault => fault,
        }
    }

    /// Whether an output that was finished at `at_ms` may still be asked for.
    fn must_keep(&self, at_ms: u64) -> bool {
        now_ms().saturating_sub(at_ms) < millis(self.config.min_retention.min(self.config.retention))
    }

    /// A device that is there, and for which a child should wait and none does. Where kernels run on the host's cores, getting one
    /// ready takes more from what runs than it spares what comes next.
    fn lacks_spare(&self, state: &State) -> Option<DeviceEntry> {
        let idle = state.running == 0;
        let ready = |entry: &DeviceEntry| idle || entry.device.class != DeviceClass::Cpu;
        let mut lacking = state.fleet.here().filter(|(_, seat)| self.children.lacks_spare(&seat.key));
        lacking.find(|(_, seat)| ready(&seat.entry)).map(|(_, seat)| seat.entry.clone())
    }

    /// Remove what is too old or too much.
    fn sweep(&self) {
        let mut state = self.lock();
        let now = now_ms();
        let retention = millis(self.config.retention);
        let outputs: HashMap<Hash, u64> = kept_outputs(&state).into_iter().map(|(_, id, held)| (id, held)).collect();
        let mut finished: Vec<(u64, Hash)> =
            state.runs.iter().filter_map(|(id, run)| Some((run.finished_ms?, *id))).collect();
        finished.sort();
        let mut bytes = outputs.values().copied().fold(0, u64::saturating_add);
        let mut count = finished.len();
        for (at_ms, id) in finished {
            let held = outputs.get(&id).copied();
            let old = now.saturating_sub(at_ms) > retention;
            let surplus = count > MAX_FINISHED || (held.is_some() && bytes > self.config.max_stored_bytes);
            if old || (surplus && !(held.is_some() && self.must_keep(at_ms))) {
                tracing::debug!(run = ?id, "run removed: too old, or too many");
                self.forget(&mut state, &id);
                bytes = bytes.saturating_sub(held.unwrap_or_default());
                count = count.saturating_sub(1);
            }
        }
        self.keys.sweep(self.config.retention, &unfinished_jobs(&state));
        self.logs.sweep(self.config.retention, MAX_LOGS);
    }
}

impl Run {
    /// Whether others are told of its end.
    fn is_told(&self, conduct: &Built) -> bool {
        !self.finished_ms.is_some_and(|at_ms| conduct.conceals(&self.request.work, at_ms))
    }

    /// How it has fared, with what it has waited since it was queued.
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
        let (request, stop, device) = (run.request.clone(), run.stop.clone(), device.entry.clone());
        Some(Taken { id, number, request, stop, seat, device, account, reserved: 0 })
    }

    /// A device's name for people.
    fn device_name(&self, seat: usize) -> String {
        self.fleet.seats().get(seat).map(ToString::to_string).unwrap_or_default()
    }

    /// A device's name for the metrics.
    fn labels(&self, seat: usize) -> Option<DeviceLabels> {
        self.fleet.seats().get(seat).map(|seat| DeviceLabels::new(seat.number, &seat.entry.device.model))
    }

    fn enqueue(&mut self, request: RunRequest, input_bytes: Vec<u64>) {
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        self.queue.insert(number, request.id);
        let run = Run {
            number,
            request: Arc::new(request),
            input_bytes,
            status: RunStatus::Queued,
            finished_ms: None,
            timings: None,
            report: None,
            queued: Instant::now(),
            complete: None,
            rests_until: None,
            account: Account::default(),
            stop: Arc::new(AtomicBool::new(false)),
        };
        self.runs.insert(run.request.id, run);
    }

    fn settle(&mut self, id: &Hash, finish: &Finish, at_ms: u64) {
        if let Some(run) = self.runs.get_mut(id) {
            run.status = finish.status.clone();
            run.finished_ms = Some(at_ms);
            run.timings = finish.timings;
            run.report = Some(finish.report);
            self.queue.remove(&run.number);
        }
    }
}

/// All devices of this machine, for people; listed in a child.
pub fn list_devices(memory_limit: Option<u64>) -> Result<Found, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    // No stranger's kernel runs to list them.
    let children = Children::new(folder.path().to_path_buf(), memory_limit, true).map_err(|error| error.to_string())?;
    Ok(children.discover(&AtomicBool::new(false)))
}

/// The walls of this machine's sandbox, tried by a child. `secrets` are files it must not be able to read.
///
/// # Errors
///
/// When no child can be started.
pub fn try_walls(secrets: &[PathBuf]) -> Result<Result<Vec<Wall>, String>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut children = Children::new(folder.path().to_path_buf(), None, true).map_err(|error| error.to_string())?;
    Ok(children.try_walls(secrets))
}

/// The choice of devices that holds, and the devices that an earlier start has chosen by it. `given` is that of the command line,
/// and `file` has that of the earlier start.
fn chosen(file: &Path, given: Option<Choice>) -> (Choice, Vec<KeptDevice>) {
    let kept = fs::read(file).ok().and_then(|bytes| {
        let kept = serde_json::from_slice::<Kept>(&bytes);
        kept.inspect_err(|error| tracing::warn!(%error, file = %file.display(), "the chosen devices cannot be read"))
            .ok()
    });
    let earlier = kept.as_ref().and_then(|kept| kept.choice.parse().ok());
    let choice = given.or_else(|| earlier.clone()).unwrap_or(Choice::Auto);
    let kept = kept.filter(|_| earlier.as_ref() == Some(&choice));
    (choice, kept.map(|kept| kept.devices).unwrap_or_default())
}

/// The outputs that are kept, oldest first: when they were finished, by which run, and their bytes.
fn kept_outputs(state: &State) -> Vec<(u64, Hash, u64)> {
    let mut kept: Vec<(u64, Hash, u64)> = state
        .runs
        .iter()
        .filter(|(_, run)| matches!(run.status, RunStatus::Committed(_)))
        .filter_map(|(id, run)| Some((run.finished_ms?, *id, kept_bytes(&run.request))))
        .collect();
    kept.sort();
    kept
}

/// The jobs of runs that are not finished.
fn unfinished_jobs(state: &State) -> HashSet<JobId> {
    state.runs.values().filter(|run| run.finished_ms.is_none()).map(|run| run.request.task.job).collect()
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What stands in no log, and what stands there instead.
fn hidden(config: &Config) -> Vec<(String, &'static str)> {
    let folder = config.data_dir.to_str().map(|folder| (folder.to_owned(), "DATA"));
    config.secrets.iter().map(|secret| (secret.clone(), "SECRET")).chain(folder).collect()
}

/// What an outcome blames the kernel for, if it does, and of what the control must make no use. `ran`: the kernel may have run.
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
        // The compiler may be what takes so long.
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

/// Whether the files of a finished run are all there.
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
