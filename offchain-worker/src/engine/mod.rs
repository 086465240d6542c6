//! The engine: the persistent queue, the lanes that empty it, and the results of finished runs.
//!
//! | module | part of the engine |
//! |---|---|
//! | `state` | runs, queue and devices in memory, behind one lock |
//! | `run_files` | the files of runs, and how the next start reads them |
//! | `runs` | requests about runs: post, status, report, remove |
//! | `results` | requests about outputs: openings and chunks |
//! | `feed` | blobs and job keys that runs wait for |
//! | `admission` | which runs may start, and when a waiting run fails |
//! | `lanes` | takes runs from the queue, and settles them |
//! | `execution` | computes one run in a child |
//! | `control` | a known kernel that tells a broken device from a broken kernel |
//! | `devices` | finds, tests and loses devices |
//! | `retention` | disk space: what is kept, and what makes room |
//! | `sweeper` | the periodic work |
//! | `conduct` | the points where an executor could cheat |

mod admission;
pub(crate) mod conduct;
mod control;
mod devices;
mod error;
mod execution;
mod feed;
mod lanes;
mod results;
mod retention;
mod run_files;
mod runs;
mod state;
mod sweeper;

pub(crate) use control::{Control, Verdict};
pub(crate) use error::Refused;

use crate::{
    device::{choice::Choice, fleet::Fleet},
    observe::metrics::{Metrics, Snapshot},
    process::parent::Children,
    store::{
        age::Age,
        blobs::BlobCache,
        envelope::{self, Quarantine},
        files::{self, SPARE_DISK_BYTES, private_dir},
        keys::{IDENTITY_FILE, Keys},
        logs::Logs,
        outputs::Outputs,
    },
};
use conduct::Built;
use devices::{DEVICES_FILE, chosen_devices};
use dpin_primitives::{
    Hash,
    executor::{DiskSpace, ExecutorStatus},
};
use parking_lot::{Condvar, Mutex, MutexGuard};
use state::{Lane, State};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long a starting executor waits for a killed one to release the data directory.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// Pause between two attempts to lock the data directory.
const LOCK_PAUSE: Duration = Duration::from_millis(50);
const LOCK_FILE: &str = "lock";

/// Configuration of an executor.
#[derive(Clone, Debug)]
pub(crate) struct Config {
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

/// The executor without its HTTP server.
pub(crate) struct Engine {
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
    pub(crate) fn open(mut config: Config) -> io::Result<Self> {
        private_dir(&config.data_dir)?;
        config.data_dir = config.data_dir.canonicalize()?;
        let lock_file = lock_data_dir(&config.data_dir)?;
        envelope::remove_any(&config.data_dir.join("work"))?;
        for name in ["runs", "work", "driver"] {
            private_dir(&config.data_dir.join(name))?;
        }
        let engine = Self::in_locked_dir(config, lock_file)?;
        engine.load()?;
        engine.sweep();
        engine.discover();
        Ok(engine)
    }

    /// An engine without runs and devices. `lock_file` locks the data directory.
    fn in_locked_dir(mut config: Config, lock_file: fs::File) -> io::Result<Self> {
        let folder = |name: &str| config.data_dir.join(name);
        let reserve = match config.disk_reserve {
            Some(bytes) => bytes.max(SPARE_DISK_BYTES),
            None => files::disk_reserve(&config.data_dir)?,
        };
        let (age, quarantine) = (Arc::new(Age::open(&config.data_dir)?), Quarantine::new(&config.data_dir));
        let keys = Keys::open(&config.data_dir, age.clone(), reserve, &quarantine)?;
        let mut children = Children::new(folder("driver"), config.memory_limit, config.insecure, reserve, &quarantine)?;
        children.check(&secrets(&config.data_dir)).map_err(io::Error::other)?;
        let (choice, chosen) = chosen_devices(&folder(DEVICES_FILE), config.devices.take(), &quarantine)?;
        Ok(Self {
            children,
            seats: choice.most(),
            blobs: BlobCache::open(folder("blobs"), config.max_cached_bytes, reserve, &quarantine)?,
            keys,
            logs: Logs::open(folder("logs"), hidden(&config), age.clone())?,
            age,
            quarantine,
            reserve,
            broken: OnceLock::new(),
            outputs: Arc::new(Outputs::new()?),
            control: Control::new(folder("work")).map_err(io::Error::other)?,
            state: Mutex::new(State::new(Fleet::new(choice, chosen))),
            wake: Condvar::new(),
            stopping: AtomicBool::new(false),
            changes: watch::Sender::new(0),
            metrics: Metrics::default(),
            lock_file,
            config,
        })
    }

    /// Start the lanes, two for each possible device, and the sweeper.
    pub(crate) fn start(self: &Arc<Self>) -> io::Result<Vec<thread::JoinHandle<()>>> {
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
    pub(crate) fn stop(&self) {
        let state = self.lock();
        self.stopping.store(true, Ordering::Relaxed);
        for run in state.runs.values() {
            run.stop.store(true, Ordering::Relaxed);
        }
        drop(state);
        self.save_age();
        self.changed();
    }

    /// Whether the executor is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Why the executor cannot continue, if it cannot.
    pub(crate) fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }

    /// A receiver that changes with every change of the queue.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The status of the executor, as `GET /v1/status` returns it.
    pub(crate) fn status(&self) -> ExecutorStatus {
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
        let kept = state.kept_outputs().into_iter().filter(|(age, ..)| self.must_keep(*age)).map(|(.., held)| held);
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
    pub(crate) fn metrics(&self) -> Result<String, fmt::Error> {
        let now = Instant::now();
        let mut state = self.lock();
        for ((seat, lane), since) in std::mem::take(&mut state.busy) {
            self.count_busy_time(&state, seat, lane, now.duration_since(since));
            state.busy.insert((seat, lane), now);
        }
        let first = state.queue.values().next().and_then(|id| state.runs.get(id));
        let present = state.fleet.here().count();
        let snapshot = Snapshot {
            queued: u32::try_from(state.queue.len()).unwrap_or(u32::MAX),
            oldest: first.map(|run| now.duration_since(run.queued)).unwrap_or_default(),
            running: state.running,
            present,
            lost: state.fleet.seats().len().saturating_sub(present),
        };
        drop(state);
        self.metrics.text(snapshot)
    }

    fn count_busy_time(&self, state: &State, seat: usize, lane: Lane, time: Duration) {
        if let Some(device) = state.labels(seat) {
            self.metrics.busy(&device, lane.name(), time);
        }
    }

    /// A run's log.
    pub(crate) fn log(&self, hash: &Hash) -> Option<Vec<u8>> {
        self.logs.get(hash)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Wake the lanes, the sweeper and the requests that wait for a change.
    fn changed(&self) {
        self.wake.notify_all();
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Lock the data directory `folder` for this executor.
fn lock_data_dir(folder: &Path) -> io::Result<fs::File> {
    let lock_file = fs::File::create(folder.join(LOCK_FILE))?;
    // The children of a killed executor hold the lock until they are gone too.
    let patience = Instant::now() + LOCK_PATIENCE;
    while lock_file.try_lock().is_err() {
        if Instant::now() > patience {
            return Err(io::Error::other("another executor uses this data directory"));
        }
        thread::sleep(LOCK_PAUSE);
    }
    Ok(lock_file)
}

/// Files that no child may be able to read: those of the executor in `data_dir`, and the keystore
/// of the node that it belongs to.
fn secrets(data_dir: &Path) -> Vec<PathBuf> {
    let own = [LOCK_FILE, "runs", IDENTITY_FILE].map(|name| data_dir.join(name));
    let keystore = data_dir.parent().map(|node| node.join("keystore"));
    std::iter::once(data_dir.to_path_buf()).chain(own).chain(keystore).collect()
}

/// Strings that logs must not contain, each with its replacement.
fn hidden(config: &Config) -> Vec<(String, &'static str)> {
    let folder = config.data_dir.to_str().map(|folder| (folder.to_owned(), "DATA"));
    config.secrets.iter().map(|secret| (secret.clone(), "SECRET")).chain(folder).collect()
}
