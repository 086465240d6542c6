//! The engine: the persistent queue, the two lanes that empty it, and what is kept of finished runs.

use crate::{
    blobs::{BlobCache, PutError},
    conduct::{Built, Conduct},
    files::{self, hash_name, now_ms, private_dir, remove_dir, write_atomic, Logs},
    outputs::{self, Outputs, ReadError, LEAVES_FILE, OUTPUT_FILE},
    request::{blobs_of, check, output_bytes},
    supervisor::{Children, Outcome},
    wire::{self, DeviceEntry, Fault, Order},
};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{
    executor::{Commitment, ExecutorStatus, Opening, OutputChunk, RunRequest, RunStatus, RunTimings, Work},
    job::MAX_SAMPLES,
    reason::ReasonCode,
    worker::DeviceClass,
    BlobHash, Hash, TaskId,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs, io,
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
/// How often lanes look whether a run has waited too long.
const LANE_INTERVAL: Duration = Duration::from_millis(250);
/// How often old things are removed, and devices looked for while there are none.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// How long nothing must have changed before a child is prepared for the next run.
const QUIET_TIME: Duration = Duration::from_millis(500);
/// Most finished runs that are kept.
const MAX_FINISHED: usize = 4096;
/// Most logs that are kept.
const MAX_LOGS: usize = 4096;
/// Most bytes of compiled programs drivers may keep.
const MAX_CACHE_BYTES: u64 = 1024 * 1024 * 1024;
/// Most blobs named in one answer to `wanted`.
const MAX_WANTED: usize = 1024;

const REQUEST_FILE: &str = "request.scale";
const STATUS_FILE: &str = "status.scale";

/// How an executor is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The device's place in OpenCL's list; `None`: the first of the best class.
    pub device: Option<u32>,
    /// How long finished runs are kept.
    pub retention: Duration,
    /// Most bytes of all outputs; beyond them the oldest go.
    pub max_stored_bytes: u64,
    /// Most bytes of one run's output.
    pub max_output_bytes: u64,
    /// Most bytes of the blob cache.
    pub max_cached_bytes: u64,
    /// Most bytes of one run's buffers.
    pub memory_limit: u64,
    /// Most runs that wait.
    pub queue_length: usize,
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
    /// An output could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The disk failed.
    #[error("disk: {0}")]
    Io(#[from] io::Error),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
}

struct Run {
    /// Place in the order of arrival.
    number: u64,
    request: Arc<RunRequest>,
    status: RunStatus,
    finished_ms: Option<u64>,
    timings: Option<RunTimings>,
    /// Since when it waits for its turn or for blobs.
    queued: Instant,
    stop: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    runs: HashMap<Hash, Run>,
    /// Queued runs by number.
    queue: BTreeMap<u64, Hash>,
    next_number: u64,
    running: u32,
    devices: Vec<(u32, DeviceEntry)>,
}

/// What a lane found out about a run.
enum End {
    /// It is finished, and has timings if it was computed. A committed one has its files in the work folder.
    Status(RunStatus, Option<RunTimings>),
    /// A blob is gone again.
    BlobMissing,
    /// It was stopped.
    Stopped,
}

/// The executor without its HTTP.
pub struct Engine {
    config: Config,
    children: Children,
    blobs: BlobCache,
    logs: Logs,
    outputs: Outputs,
    state: Mutex<State>,
    wake: Condvar,
    stopping: AtomicBool,
    changes: watch::Sender<u64>,
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
        let engine = Self {
            children: Children::new(folder("driver"), config.memory_limit, config.max_output_bytes)?,
            blobs: BlobCache::open(folder("blobs"), config.max_cached_bytes)?,
            logs: Logs::open(folder("logs"))?,
            outputs: Outputs::new()?,
            state: Mutex::default(),
            wake: Condvar::new(),
            stopping: AtomicBool::new(false),
            changes: watch::Sender::new(0),
            _lock: lock,
            config,
        };
        engine.load()?;
        engine.sweep();
        engine.discover();
        Ok(engine)
    }

    /// Start the lanes and the sweeper.
    pub fn start(self: &Arc<Self>) -> io::Result<Vec<thread::JoinHandle<()>>> {
        let lane = |name: &str, lane| {
            let engine = self.clone();
            thread::Builder::new().name(name.into()).spawn(move || engine.serve_lane(lane))
        };
        let engine = self.clone();
        let sweeper = thread::Builder::new().name("sweeper".into()).spawn(move || engine.serve_sweeps())?;
        Ok(vec![lane("task-lane", Lane::Task)?, lane("sample-lane", Lane::Sample)?, sweeper])
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
            devices: state.devices.iter().map(|(_, entry)| entry.device.clone()).collect(),
            queued: u32::try_from(state.queue.len()).unwrap_or(u32::MAX),
            running: state.running,
        }
    }

    /// Queue a run. One that is known already is left as it is.
    pub fn post(&self, request: RunRequest) -> Result<RunStatus, Refused> {
        check(&request).map_err(Refused::InvalidRequest)?;
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
        state.enqueue(posted.request);
        let too_large =
            state.runs.get(&id).is_some_and(|run| output_bytes(&run.request) > self.config.max_output_bytes);
        if too_large {
            self.finish(&mut state, id, RunStatus::Failed(ReasonCode::OutOfMemory), None)?;
        }
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

    /// The status of a run as others are told.
    fn told(&self, run: &Run) -> RunStatus {
        let concealed = run.finished_ms.is_some_and(|at_ms| self.config.conduct.conceals(&run.request.work, at_ms));
        if concealed {
            RunStatus::Running
        } else {
            run.status.clone()
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
        let count = match self.lock().runs.get(id) {
            None => return Err(Refused::UnknownRun),
            Some(run) if matches!(self.told(run), RunStatus::Committed(_)) => {
                run.request.kernel.tiling.tiles(run.request.group_count)
            }
            Some(_) => return Err(Refused::NotCommitted),
        };
        if tiles.len() > MAX_SAMPLES as usize {
            return Err(Refused::InvalidTiles(count));
        }
        let tree = self.outputs.tree(*id, &self.run_folder(id))?;
        let (leaves, proof) = tree.open(tiles).ok_or(Refused::InvalidTiles(count))?;
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
        Ok(self.outputs.chunk(id, &self.run_folder(&id), &commitment, tile_bytes, offset, length)?)
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

    /// Take a blob into the cache.
    pub fn put_blob(&self, hash: BlobHash, bytes: &[u8]) -> Result<(), Refused> {
        let needed: HashSet<BlobHash> = {
            let state = self.lock();
            let unfinished = state.runs.values().filter(|run| run.finished_ms.is_none());
            unfinished.flat_map(|run| blobs_of(&run.request)).collect()
        };
        self.blobs.put(hash, bytes, &needed)?;
        self.changed();
        Ok(())
    }

    /// A cached blob.
    pub fn blob(&self, hash: &BlobHash) -> Option<Vec<u8>> {
        self.blobs.get(hash)
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
            state.enqueue(posted.request);
            if let Some(Finished { at_ms, status, timings }) = finished {
                state.settle(&id, status, timings, at_ms);
            }
        }
        if !state.queue.is_empty() {
            tracing::info!(runs = state.queue.len(), "unfinished runs taken up again");
        }
        Ok(())
    }

    fn discover(&self) {
        let found = match self.children.discover(&self.stopping) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(error, "devices could not be listed");
                Vec::new()
            }
        };
        let numbered: Vec<(u32, DeviceEntry)> = (0u32..).zip(found).collect();
        let chosen = match self.config.device {
            Some(wanted) => numbered.into_iter().find(|(index, _)| *index == wanted),
            None => numbered.into_iter().min_by_key(|(index, entry)| (preference(entry.device.class), *index)),
        };
        match &chosen {
            Some((index, entry)) => tracing::info!(
                index,
                model = %String::from_utf8_lossy(&entry.device.model),
                platform = entry.platform,
                "device"
            ),
            None => tracing::warn!("there is no such OpenCL device; runs will fail with DeviceLost"),
        }
        self.lock().devices = chosen.into_iter().collect();
    }

    fn serve_lane(&self, lane: Lane) {
        while let Some((id, number, request, stop)) = self.next_run(lane) {
            let work = self.config.data_dir.join("work").join(format!("{}-{number}", hash_name(&id)));
            let begun = Instant::now();
            let end = catch_unwind(AssertUnwindSafe(|| self.execute(&request, &work, &stop)))
                .unwrap_or_else(|_| self.fault(&id, Fault::Executor("the executor panicked".into())));
            self.end_run(&id, number, &work, end, begun.elapsed());
            let _ = remove_dir(&work);
        }
    }

    /// The next run of `lane` whose blobs are all there, marked as running; `None` when the executor stops.
    fn next_run(&self, lane: Lane) -> Option<(Hash, u64, Arc<RunRequest>, Arc<AtomicBool>)> {
        let mut state = self.lock();
        loop {
            if self.is_stopping() {
                return None;
            }
            self.expire_waiting(&mut state);
            let ready = state.queue.iter().map(|(number, id)| (*number, *id)).find(|(_, id)| {
                state.runs.get(id).is_some_and(|run| {
                    Lane::of(&run.request) == lane && blobs_of(&run.request).all(|hash| self.blobs.contains(&hash))
                })
            });
            if let Some((number, id)) = ready {
                state.queue.remove(&number);
                state.running = state.running.saturating_add(1);
                if let Some(run) = state.runs.get_mut(&id) {
                    run.status = RunStatus::Running;
                    return Some((id, number, run.request.clone(), run.stop.clone()));
                }
            }
            state = if state.queue.is_empty() {
                self.wake.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.wake.wait_timeout(state, LANE_INTERVAL).unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }

    /// Fail the queued runs whose blobs did not come in time.
    fn expire_waiting(&self, state: &mut State) {
        let late: Vec<(Hash, BlobHash)> = state
            .queue
            .values()
            .filter_map(|id| {
                let run = state.runs.get(id)?;
                let patience = BLOB_TIME.min(Duration::from_millis(run.request.limit_ms));
                if run.queued.elapsed() < patience {
                    return None;
                }
                Some((*id, blobs_of(&run.request).find(|hash| !self.blobs.contains(hash))?))
            })
            .collect();
        for (id, blob) in late {
            tracing::info!(run = ?id, ?blob, "run failed: a blob did not come");
            if let Err(error) = self.finish(state, id, RunStatus::Failed(ReasonCode::InputUnavailable { blob }), None) {
                tracing::warn!(%error, "the status of a run could not be written");
            }
            self.changed();
        }
    }

    /// Do the work of one run in the folder `work`.
    fn execute(&self, request: &RunRequest, work: &Path, stop: &AtomicBool) -> End {
        match self.try_execute(request, work, stop) {
            Ok(end) => end,
            Err(error) => self.fault(&request.id, Fault::Executor(error.to_string())),
        }
    }

    fn try_execute(&self, request: &RunRequest, work: &Path, stop: &AtomicBool) -> io::Result<End> {
        let device = self.lock().devices.first().map(|(index, entry)| (*index, entry.device.class));
        if let Some(status) = self.config.conduct.made_up(request) {
            return Ok(End::Status(status, None));
        }
        let Some((device, class)) = device else {
            self.discover();
            return Ok(self.fault(&request.id, Fault::DeviceLost("there is no device".into())));
        };
        remove_dir(work)?;
        private_dir(work)?;
        let files = std::iter::once(wire::SOURCE_FILE.to_owned()).chain((0..).map(wire::input_file));
        for (hash, file) in blobs_of(request).zip(files) {
            let Some(bytes) = self.blobs.get(&hash) else { return Ok(End::BlobMissing) };
            fs::write(work.join(file), bytes)?;
        }
        let order = Order::Run {
            folder: work.to_str().ok_or_else(|| io::Error::other("the data directory's name is not UTF-8"))?.into(),
            device,
            memory_limit: self.config.memory_limit,
            request: Box::new(request.clone()),
        };
        let limit = Duration::from_millis(request.limit_ms);
        let mut progress = |groups| tracing::debug!(run = ?request.id, groups, "progress");
        let (times, wall) = match self.children.run(&order, work, limit, class, stop, &mut progress) {
            Outcome::Done { times, wall } => (times, wall),
            Outcome::Stopped => return Ok(End::Stopped),
            Outcome::Timeout => return Ok(End::Status(RunStatus::Failed(ReasonCode::Timeout), None)),
            Outcome::Failed(fault) => return Ok(self.fault(&request.id, fault)),
            Outcome::Devices(_) => return Err(io::Error::other("the child answered something else")),
        };

        let output = work.join(OUTPUT_FILE);
        let expected = output_bytes(request);
        let written = fs::symlink_metadata(&output)?;
        if !written.is_file() || written.len() != expected {
            return Err(io::Error::other(format!("the output has {} bytes instead of {expected}", written.len())));
        }
        let tile_bytes = request.kernel.tiling.tile_bytes();
        let hash = |index: &(dyn Fn(usize) -> u32 + Sync)| {
            self.outputs.leaves(&output, tile_bytes, &request.genesis, request.task, index)
        };
        let mut hashing = Instant::now();
        let mut hash_time = Duration::ZERO;
        let status = match &request.work {
            Work::Sample(tiles) => {
                let leaves = hash(&|place| tiles.get(place).copied().unwrap_or(u32::MAX))?;
                RunStatus::Sampled(leaves)
            }
            Work::Task => {
                self.config.conduct.before_hashing(&output, tile_bytes, &request.id)?;
                let leaves = hash(&|place| u32::try_from(place).unwrap_or(u32::MAX))?;
                hash_time = hashing.elapsed();
                outputs::write_leaves(&work.join(LEAVES_FILE), &leaves)?;
                fs::File::open(&output)?.sync_all()?;
                hashing = Instant::now();
                RunStatus::Committed(Commitment {
                    root: self.outputs.commit(request.id, leaves),
                    output_len: expected,
                    kernel_ms: u32::try_from(times.kernel_ns.div_ceil(1_000_000)).unwrap_or(u32::MAX),
                })
            }
        };
        hash_time = hash_time.saturating_add(hashing.elapsed());
        let timings = RunTimings {
            build_ms: times.build_ns / 1_000_000,
            device_us: times.kernel_ns / 1_000,
            read_ms: times.read_ns / 1_000_000,
            hash_ms: millis(hash_time),
            wall_ms: millis(wall),
        };
        Ok(End::Status(status, Some(timings)))
    }

    /// The end of a run that failed with `fault`.
    fn fault(&self, id: &Hash, fault: Fault) -> End {
        End::Status(self.failed(id, fault), None)
    }

    /// The status of a run that failed with `fault`, whose text is kept as a log.
    fn failed(&self, id: &Hash, fault: Fault) -> RunStatus {
        tracing::debug!(run = ?id, ?fault, "fault");
        let log = |text: &str| self.logs.put(text);
        RunStatus::Failed(match &fault {
            Fault::Build(text) => ReasonCode::BuildFailed { log: log(text) },
            Fault::Kernel(text) => ReasonCode::KernelFault { log: log(text) },
            Fault::Executor(text) => ReasonCode::ExecutorFault { log: log(text) },
            Fault::Memory(_) => ReasonCode::OutOfMemory,
            Fault::DeviceLost(_) => ReasonCode::DeviceLost,
        })
    }

    /// Write down what became of run `id`, which was the `number`th to be posted.
    fn end_run(&self, id: &Hash, number: u64, work: &Path, end: End, took: Duration) {
        let mut state = self.lock();
        state.running = state.running.saturating_sub(1);
        match state.runs.get_mut(id).filter(|run| run.number == number) {
            // It was removed while it ran.
            None => self.outputs.forget(id),
            Some(run) => match end {
                End::Stopped | End::BlobMissing => {
                    run.status = RunStatus::Queued;
                    run.queued = Instant::now();
                    state.queue.insert(number, *id);
                }
                End::Status(status, timings) => {
                    let (task, ms, outcome) = (run.request.task, took.as_millis(), outcome(&status));
                    tracing::info!(run = ?id, %task, ms, outcome, "run");
                    if let Err(error) = self.keep(&mut state, id, work, status, timings) {
                        tracing::warn!(%error, "a run could not be kept");
                        let status = self.failed(id, Fault::Executor(error.to_string()));
                        state.settle(id, status, None, now_ms());
                    }
                }
            },
        }
        drop(state);
        self.changed();
    }

    fn keep(
        &self,
        state: &mut State,
        id: &Hash,
        work: &Path,
        status: RunStatus,
        timings: Option<RunTimings>,
    ) -> io::Result<()> {
        if matches!(status, RunStatus::Committed(_)) {
            let folder = self.run_folder(id);
            for file in [OUTPUT_FILE, LEAVES_FILE] {
                fs::rename(work.join(file), folder.join(file))?;
            }
            files::sync_dir(&folder)?;
        }
        self.finish(state, *id, status, timings)
    }

    /// Write the final status of a run.
    fn finish(&self, state: &mut State, id: Hash, status: RunStatus, timings: Option<RunTimings>) -> io::Result<()> {
        let at_ms = now_ms();
        state.settle(&id, status.clone(), timings, at_ms);
        write_atomic(&self.run_folder(&id).join(STATUS_FILE), &Finished { at_ms, status, timings }.encode())
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
                self.children.dismiss_spare();
                return;
            }
            let rest = SWEEP_INTERVAL.saturating_sub(swept.elapsed());
            let rest = if prepares && self.children.lacks_spare() { rest.min(QUIET_TIME) } else { rest };
            let (state, waited) = self.wake.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner);
            let device = state.devices.first().map(|(index, entry)| (*index, entry.device.class));
            let without_device = device.is_none();
            drop(state);
            if self.is_stopping() {
                continue;
            }
            let quiet = prepares && waited.timed_out() && self.children.lacks_spare();
            if let Some((device, class)) = device.filter(|_| quiet) {
                if let Err(error) = self.children.prepare(device, class) {
                    tracing::warn!(%error, "no child could be prepared");
                    prepares = false;
                }
            }
            if swept.elapsed() >= SWEEP_INTERVAL {
                self.sweep();
                if without_device {
                    self.discover();
                }
                swept = Instant::now();
                prepares = true;
            }
        }
    }

    /// Remove what is too old or too much.
    fn sweep(&self) {
        let mut state = self.lock();
        let now = now_ms();
        let retention = u64::try_from(self.config.retention.as_millis()).unwrap_or(u64::MAX);
        let mut finished: Vec<(u64, Hash, u64)> = state
            .runs
            .iter()
            .filter_map(|(id, run)| {
                let bytes = match run.status {
                    RunStatus::Committed(commitment) => commitment.output_len,
                    _ => 0,
                };
                Some((run.finished_ms?, *id, bytes))
            })
            .collect();
        finished.sort();
        let mut bytes = finished.iter().map(|(_, _, bytes)| *bytes).fold(0, u64::saturating_add);
        let mut count = finished.len();
        for (at_ms, id, held) in finished {
            let old = now.saturating_sub(at_ms) > retention;
            if old || count > MAX_FINISHED || (held > 0 && bytes > self.config.max_stored_bytes) {
                tracing::debug!(run = ?id, "run removed: too old, or too many");
                self.forget(&mut state, &id);
                bytes = bytes.saturating_sub(held);
                count = count.saturating_sub(1);
            }
        }
        let idle = state.running == 0;
        self.logs.sweep(self.config.retention, MAX_LOGS);
        // While nothing runs, and the lock keeps anything from starting.
        if idle && files::bytes_below(&self.children.cache()) > MAX_CACHE_BYTES {
            let _ = remove_dir(&self.children.cache());
            let _ = private_dir(&self.children.cache());
        }
    }
}

impl State {
    fn enqueue(&mut self, request: RunRequest) {
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        self.queue.insert(number, request.id);
        let run = Run {
            number,
            request: Arc::new(request),
            status: RunStatus::Queued,
            finished_ms: None,
            timings: None,
            queued: Instant::now(),
            stop: Arc::new(AtomicBool::new(false)),
        };
        self.runs.insert(run.request.id, run);
    }

    fn settle(&mut self, id: &Hash, status: RunStatus, timings: Option<RunTimings>, at_ms: u64) {
        if let Some(run) = self.runs.get_mut(id) {
            run.status = status;
            run.finished_ms = Some(at_ms);
            run.timings = timings;
            self.queue.remove(&run.number);
        }
    }
}

/// All devices of this machine, for people; listed in a child.
pub fn list_devices() -> Result<Vec<DeviceEntry>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let children = Children::new(folder.path().to_path_buf(), 0, 0).map_err(|error| error.to_string())?;
    children.discover(&AtomicBool::new(false))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Lower is better: what `auto` chooses.
fn preference(class: DeviceClass) -> u8 {
    match class {
        DeviceClass::Gpu => 0,
        DeviceClass::Accelerator => 1,
        DeviceClass::Cpu => 2,
    }
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
