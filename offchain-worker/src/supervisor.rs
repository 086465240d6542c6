//! The parent's side of a child: starts it, limits its time and memory, and reports how it ended.

use crate::{
    check,
    drivers::{self, Driver},
    files,
    outputs::{Intake, Taken},
    programs::{self, Programs},
    sandbox::{self, Folder, Nodes, SandboxProbe, Wall},
    store::{self, Quarantine},
    wire::{self, DeviceEntry, DeviceKey, Fault, Finding, Order, Phase, Report, Times},
};
use codec::Encode;
use dpin_primitives::{
    blake2,
    executor::{RunRequest, MAX_LOG_BYTES},
    worker::DeviceClass,
    Hash,
};
use nix::{
    fcntl::{fcntl, FcntlArg},
    sys::wait::{waitid, Id, WaitPidFlag, WaitStatus},
    unistd::{geteuid, Pid},
};
use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
    fs,
    io::{self, Read},
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::{
            fs::PermissionsExt,
            process::{CommandExt, ExitStatusExt},
        },
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{channel, sync_channel, Receiver, RecvTimeoutError, Sender},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How often a child's memory and time are checked.
const WATCH_INTERVAL: Duration = Duration::from_millis(20);
/// How long a killed child may take to exit: a driver may hold it inside the operating system's
/// kernel.
const REAP_TIME: Duration = Duration::from_secs(10);
/// How long a child that has closed its pipes may take to exit.
const END_TIME: Duration = Duration::from_secs(2);
/// Longest time that a spare child waits for an order, because devices change and drivers are
/// updated.
const SPARE_AGE: Duration = Duration::from_secs(600);
/// Prefix of the names of children's folders.
const FOLDER_PREFIX: &str = "child-";
/// How long a look at the drivers waits for an answer before it continues without that driver.
const ANSWER_TIME: Duration = Duration::from_secs(8);
/// Longest time a driver may take to list its devices. A driver that wakes eight sleeping GPUs
/// needs long.
const LOOK_TIME: Duration = Duration::from_secs(60);
/// How often a wait for drivers checks whether the executor is stopping.
const STOP_INTERVAL: Duration = Duration::from_millis(100);
/// Most bytes of private memory of a child that lists devices.
const LOOK_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Name of the folder in which a single driver is registered for a child.
const DRIVERS: &str = "drivers";
/// How long a child may take to test its sandbox.
const PROBE_TIME: Duration = Duration::from_secs(30);
/// Most bytes of all compiled programs that are kept.
const MAX_PROGRAM_BYTES: u64 = 1024 * 1024 * 1024;
/// Size in bytes of the pipe from a child to its parent, if the operating system allows it.
const PIPE_BYTES: i32 = 1024 * 1024;
/// A process counts as starved if its threads waited for a core more than this many times as long
/// as they had one. The second limit is on its threads per core.
const STARVED_WAIT: u64 = 20;
const STARVED_THREADS_PER_CORE: u64 = 8;
/// Bytes of private memory that a child may hold for the driver, beyond the run's buffers and the
/// compiler.
const RUNTIME_BYTES: u64 = 512 * 1024 * 1024;
/// Most bytes of private memory for a compiler, if the device's memory for runs is at least as
/// large.
const COMPILER_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most bytes of a file that a child writes: programs in the driver's cache.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Most kernels that are remembered as checked.
const MAX_CHECKED: usize = 1 << 16;

/// Environment variables passed on to children: those that select devices. Others are set in
/// [`Children::new`].
const ENVIRONMENT: &[&str] = &[
    "OCL_ICD_PLATFORM_SORT",
    "POCL_DEVICES",
    "POCL_MAX_PTHREAD_COUNT",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "GPU_DEVICE_ORDINAL",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "RUSTICL_ENABLE",
    "ZE_AFFINITY_MASK",
];

/// How a child ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The child listed the devices.
    Devices(Vec<DeviceEntry>),
    /// The child tested its sandbox.
    Probed(Vec<Wall>),
    /// The child checked a kernel.
    Checked(Vec<Finding>),
    /// The child completed its run.
    Done {
        /// The times that the child reported.
        times: Times,
        /// Time from the order to the end. Includes the start of the child, unless a spare was
        /// used.
        wall: Duration,
        /// The hashes of the output, if the run was to have one.
        taken: Option<Taken>,
    },
    /// The time limit was reached.
    Timeout,
    /// The child reported a failure.
    Failed(Fault),
    /// The child ended without a report.
    Died {
        /// The signal that ended it, if one did.
        signal: Option<i32>,
        /// The fault derived from how it ended.
        fault: Fault,
    },
    /// The child exceeded its memory or thread limit.
    Exceeded(String),
    /// The child was stopped on request.
    Stopped,
}

impl Outcome {
    /// Why the outcome is not the expected one, for logs.
    fn failure(&self) -> String {
        match self {
            Outcome::Timeout => "the child gave no answer in time".into(),
            Outcome::Failed(fault) | Outcome::Died { fault, .. } => fault.text().trim().into(),
            Outcome::Exceeded(why) => why.clone(),
            Outcome::Stopped => "the child was stopped".into(),
            Outcome::Devices(_) | Outcome::Probed(_) | Outcome::Checked(_) | Outcome::Done { .. } => {
                "the child answered something else".into()
            }
        }
    }
}

/// Starts children.
pub struct Children {
    starter: Starter,
    /// Most bytes of a device's memory that runs may use, if the operator set a limit.
    memory_limit: Option<u64>,
    programs: Programs,
    /// The devices that each driver listed last.
    known: Mutex<Vec<Listed>>,
    looks: Mutex<Looks>,
    /// Set to end the looks at drivers that are under way.
    ending: Arc<AtomicBool>,
    /// Hashes of kernels, with their arguments, whose checks found nothing wrong.
    checked: Mutex<HashSet<Hash>>,
    /// At most one spare child for each device.
    spares: Mutex<HashMap<DeviceKey, Spare>>,
}

/// Everything needed to start a child.
#[derive(Clone)]
struct Starter {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    /// Where the folders of children lie.
    folder: PathBuf,
    spaces: bool,
    /// The user that children become, unless it turns out that they cannot.
    user: Option<u32>,
    insecure: bool,
}

/// The devices that a driver lists.
#[derive(Clone, Debug)]
struct Listed {
    driver: Driver,
    devices: Vec<DeviceEntry>,
    /// The problem of the driver, if it has one.
    problem: Option<String>,
}

/// Looks at drivers. Each has its own thread, so that a driver that hangs does not keep the others
/// from being listed.
struct Looks {
    answers: (Sender<Answer>, Receiver<Answer>),
    /// Drivers that have not answered yet.
    asked: HashSet<Driver>,
}

/// A driver with the devices it lists, or with the reason why it lists none.
type Answer = (Driver, Result<Vec<DeviceEntry>, String>);

/// The result of a look at all drivers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The devices, each once.
    pub devices: Vec<DeviceEntry>,
    /// Descriptions of problems, each with the driver's file.
    pub problems: Vec<String>,
}

/// How a child is watched.
pub struct Watch<'a> {
    /// Longest time for the child. Called again and again, as it may change during the run.
    pub limit: &'a dyn Fn() -> Duration,
    /// Set to stop the child.
    pub stop: &'a AtomicBool,
    /// Receives the child's reports during the run.
    pub tell: &'a mut dyn FnMut(Report),
}

/// How much a run must not reuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fresh {
    /// A spare child and a compiled program may be reused.
    Nothing,
    /// A compiled program may be reused, but the child is started for this run.
    Child,
    /// Nothing may be reused: the program is compiled for this run too.
    All,
}

/// A child with its folder.
struct Resident {
    group: Group,
    folder: Folder,
    /// Removes the folder, after the child.
    _owner: TempDir,
}

/// A child that waits for an order, with its device open and the compiler loaded.
struct Spare {
    resident: Resident,
    since: Instant,
}

impl Children {
    /// Children run this same executable. Their folders and the compiled programs lie in `folder`.
    /// `memory_limit` is the most bytes of a device's memory that runs may use, if the operator set
    /// a limit. With `insecure` children may run without required walls. Compiled programs leave
    /// `reserve` bytes of the disk free. Files that are not valid programs go into the
    /// `quarantine`.
    pub fn new(
        folder: PathBuf,
        memory_limit: Option<u64>,
        insecure: bool,
        reserve: u64,
        quarantine: &Quarantine,
    ) -> io::Result<Self> {
        files::private_dir(&folder)?;
        // The folders of a killed executor's children. They may hold decrypted inputs, so all are
        // removed.
        for entry in fs::read_dir(&folder)?.flatten() {
            if entry.file_name() != "programs" {
                store::remove_any(&entry.path())?;
            }
        }
        let mut environment: Vec<(OsString, OsString)> = ENVIRONMENT
            .iter()
            .chain(sandbox::PLACES)
            .filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)))
            .collect();
        // One core is left for the node.
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if !environment.iter().any(|(name, _)| name == "POCL_MAX_PTHREAD_COUNT") {
            let threads = cores.saturating_sub(1).max(1).to_string();
            environment.push(("POCL_MAX_PTHREAD_COUNT".into(), threads.clone().into()));
            environment.push(("POCL_CPU_MAX_CU_COUNT".into(), threads.into()));
        }
        environment.push(("LC_ALL".into(), "C".into()));
        // PoCL looks for its linker in `PATH`.
        environment.push(("PATH".into(), "/usr/bin:/bin".into()));
        let programs = Programs::open(folder.join("programs"), MAX_PROGRAM_BYTES, reserve, quarantine)?;
        Ok(Self {
            starter: Starter {
                program: std::env::current_exe()?,
                environment,
                folder,
                spaces: true,
                user: None,
                insecure,
            },
            memory_limit,
            programs,
            known: Mutex::default(),
            looks: Mutex::new(Looks { answers: channel(), asked: HashSet::new() }),
            ending: Arc::default(),
            checked: Mutex::default(),
            spares: Mutex::default(),
        })
    }

    /// Test the sandbox in a child, choose what children will use of it, and log the state of every
    /// wall. `secrets` are files that no child may be able to read.
    ///
    /// # Errors
    ///
    /// If required walls are missing: their names, and how to get them.
    pub fn check(&mut self, secrets: &[PathBuf]) -> Result<(), String> {
        let walls = match self.try_walls(secrets) {
            Ok(walls) => walls,
            Err(why) if self.starter.insecure => {
                tracing::warn!("{why}");
                return Ok(());
            }
            Err(why) => return Err(why),
        };
        for wall in &walls {
            match &wall.state {
                Ok(how) => tracing::info!("sandbox: {}: in force: {how}", wall.name),
                Err(why) => tracing::warn!("sandbox: {}: MISSING: {why}", wall.name),
            }
        }
        let lacking: Vec<&Wall> = walls.iter().filter(|wall| wall.is_lacking()).collect();
        if lacking.is_empty() || self.starter.insecure {
            return Ok(());
        }
        let names: Vec<&str> = lacking.iter().map(|wall| wall.name.as_str()).collect();
        let remedies: Vec<String> =
            lacking.iter().filter_map(|wall| Some(format!("\n{}: {}", wall.name, check::remedy(wall)?))).collect();
        Err(format!(
            "strangers' kernels would run without {}; `dpin-executor check` shows every wall{}",
            names.join(", "),
            remedies.concat()
        ))
    }

    /// Test the sandbox in a child, and choose what children will use of it. Returns the walls with
    /// their states.
    ///
    /// # Errors
    ///
    /// If the child does not finish the test.
    pub fn try_walls(&mut self, secrets: &[PathBuf]) -> Result<Vec<Wall>, String> {
        let secrets = secrets.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let order = Order::Probe(SandboxProbe { secrets, process: std::process::id() });
        let strict = std::mem::replace(&mut self.starter.insecure, true);
        self.starter.user = geteuid().is_root().then_some(sandbox::USER);
        let mut outcome = self.probe(&order);
        let is_up = |walls: &[Wall], name: &str| walls.iter().any(|wall| wall.name == name && wall.state.is_ok());
        let is_user = match &outcome {
            Outcome::Probed(walls) => is_up(walls, sandbox::ROOT) && is_up(walls, sandbox::PRIVILEGES),
            _ => false,
        };
        if self.starter.user.is_some() && !is_user {
            tracing::debug!(?outcome, "not as another user");
            // Another user owns a part of the folder, but can only reach it in a separate file
            // system.
            self.starter.user = None;
            outcome = self.probe(&order);
        }
        self.starter.insecure = strict;
        match outcome {
            Outcome::Probed(walls) => Ok(walls),
            other => Err(format!("the sandbox could not be tried: {}", other.failure())),
        }
    }

    fn probe(&self, order: &Order) -> Outcome {
        let stop = AtomicBool::new(false);
        let watch = Watch { limit: &|| PROBE_TIME, stop: &stop, tell: &mut |_| () };
        self.run(order, &self.starter.folder, DeviceClass::Cpu, None, watch)
    }

    /// List the devices. A separate child asks each driver, so that a driver that crashes or hangs
    /// does not hide the devices of others. A driver that does not answer in time keeps the devices
    /// it listed before; its answer counts at the next look.
    pub fn discover(&self, stop: &AtomicBool) -> Found {
        let drivers = drivers::registered();
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut awaited: HashSet<Driver> = HashSet::new();
        for driver in &drivers {
            if looks.asked.contains(driver) {
                continue;
            }
            match self.look_at(driver, looks.answers.0.clone()) {
                Ok(()) => {
                    looks.asked.insert(driver.clone());
                    awaited.insert(driver.clone());
                }
                Err(error) => tracing::warn!(%error, "no thread could be started to look at a driver"),
            }
        }
        let begun = Instant::now();
        let mut answers: HashMap<Driver, Result<Vec<DeviceEntry>, String>> = HashMap::new();
        loop {
            let left = ANSWER_TIME.saturating_sub(begun.elapsed());
            let rest = if awaited.is_empty() || left.is_zero() { Duration::ZERO } else { left.min(STOP_INTERVAL) };
            match looks.answers.1.recv_timeout(rest) {
                Ok((driver, answer)) => {
                    looks.asked.remove(&driver);
                    awaited.remove(&driver);
                    let limited = |entry: DeviceEntry| entry.with_limit(self.memory_limit);
                    answers.insert(driver, answer.map(|devices| devices.into_iter().map(limited).collect()));
                }
                Err(_) if rest.is_zero() => break,
                Err(_) if stop.load(Ordering::Relaxed) => break,
                Err(_) => (),
            }
        }
        if stop.load(Ordering::Relaxed) {
            self.ending.store(true, Ordering::Relaxed);
        }
        drop(looks);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = listed(&known, drivers, answers);
        once(&mut known)
    }

    /// Start a thread that asks `driver` for its devices.
    fn look_at(&self, driver: &Driver, answers: Sender<Answer>) -> io::Result<()> {
        let (starter, driver, ending) = (self.starter.clone(), driver.clone(), self.ending.clone());
        thread::Builder::new().name("look".into()).spawn(move || {
            let listed = starter.list(&driver, &ending);
            // The receiver is gone only if nobody needs the answer.
            let _ = answers.send((driver, listed));
        })?;
        Ok(())
    }

    /// Whether `device` has no spare child, or one that has waited too long. A spare that has died
    /// counts until it is taken, so that a driver that crashes is not started over and over.
    pub fn lacks_spare(&self, device: &DeviceKey) -> bool {
        self.spares().get(device).is_none_or(|spare| spare.since.elapsed() >= SPARE_AGE)
    }

    /// Start a spare child for `device`, which is of `class`. The calling thread must live as long
    /// as the executor, because children end with the thread that started them.
    pub fn prepare(&self, device: &DeviceKey, class: DeviceClass) -> io::Result<()> {
        let mut resident = self.start(Some(device), class)?;
        if let Some(stdin) = resident.group.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            wire::send(stdin, &Order::Prepare { device: device.clone() })?;
        }
        let old = self.spares().insert(device.clone(), Spare { resident, since: Instant::now() });
        drop(old);
        Ok(())
    }

    /// End the spare child of `device`.
    pub fn dismiss_spare(&self, device: &DeviceKey) {
        let spare = self.spares().remove(device);
        drop(spare);
    }

    /// End all spare children.
    pub fn dismiss_spares(&self) {
        let spares = std::mem::take(&mut *self.spares());
        drop(spares);
    }

    fn spares(&self) -> MutexGuard<'_, HashMap<DeviceKey, Spare>> {
        self.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Take the spare child of `device`, if it is still usable.
    fn take_spare(&self, device: &DeviceKey) -> Option<Spare> {
        let mut spare = self.spares().remove(device)?;
        let alive = spare.resident.group.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        (alive && spare.since.elapsed() < SPARE_AGE).then_some(spare)
    }

    /// Carry out `order` in a child, on a device of `class`. For a run, `work` holds source and
    /// inputs, which move to the child; the output goes to `intake`. Uses up the device's spare
    /// child, if there is one.
    pub fn run(
        &self,
        order: &Order,
        work: &Path,
        class: DeviceClass,
        intake: Option<Intake>,
        watch: Watch<'_>,
    ) -> Outcome {
        self.run_in(order, work, class, intake, watch, Fresh::Nothing)
    }

    /// As [`Self::run`], but reuses nothing that `fresh` forbids.
    pub fn run_in(
        &self,
        order: &Order,
        work: &Path,
        class: DeviceClass,
        mut intake: Option<Intake>,
        watch: Watch<'_>,
        fresh: Fresh,
    ) -> Outcome {
        let begun = Instant::now();
        let (device, spare) = match order {
            Order::Run { device, .. } if fresh == Fresh::Nothing => (Some(device), self.take_spare(device)),
            Order::Run { device, .. } | Order::Check { device, .. } => (Some(device), None),
            _ => (None, None),
        };
        let resident = match spare {
            Some(spare) => Ok(spare.resident),
            None => self.start(device, class),
        };
        let mut resident = match resident {
            Ok(resident) => resident,
            Err(error) => return Outcome::Failed(Fault::Executor(format!("the child did not start: {error}"))),
        };
        let native = class == DeviceClass::Cpu;
        let (Order::Run { request, memory_limit, .. } | Order::Check { request, memory_limit, .. }) = order else {
            return resident.group.watch(order, begun, &mut intake, watch, LOOK_BYTES, false);
        };
        let entry = self.entry(device);
        let memory = entry.as_ref().map_or(*memory_limit, |entry| entry.device.memory);
        let most_bytes = most_private_bytes(*memory_limit, memory);
        let key = entry.as_ref().map(|entry| programs::key(request, &format!("{entry:?}")));
        let checked = entry.as_ref().map(|entry| self.checked_as(request, entry));
        let mut given = order.clone();
        if let Order::Run { check, .. } = &mut given {
            *check = *check && checked.is_some_and(|checked| !self.checked().contains(&checked));
        }
        let order = &given;
        let lent = match self.furnish(&resident.folder, work, key.as_ref().filter(|_| fresh != Fresh::All)) {
            Ok(lent) => lent,
            Err(error) => return Outcome::Failed(Fault::Executor(format!("the child's folder: {error}"))),
        };
        // The child does not know whether its program was lent to it, so the parent sets `cached`.
        let Watch { limit, stop, tell } = watch;
        let given = resident.folder.inputs();
        let mut tell = |report| match report {
            Report::Phase(Phase::Opening) => {
                // The child has opened its inputs. Without names they vanish with it, even if
                // everything is killed.
                for input in 0..request.inputs.len() {
                    let _ = fs::remove_file(given.join(wire::input_file(input)));
                }
                tell(report);
            }
            Report::Built { messages, .. } => tell(Report::Built { messages, cached: lent }),
            other => tell(other),
        };
        let watch = Watch { limit, stop, tell: &mut tell };
        let mut outcome = resident.group.watch(order, begun, &mut intake, watch, most_bytes, native);
        if matches!(outcome, Outcome::Checked(_)) {
            return outcome;
        }
        let Outcome::Done { taken, times, .. } = &mut outcome else {
            // The lent program may be the cause, so the next run compiles again.
            if let Some(key) = key.filter(|_| lent) {
                self.programs.forget(&key);
            }
            return outcome;
        };
        // After this nobody writes to the child's folder.
        if !resident.group.is_ended() {
            return Outcome::Failed(Fault::Executor("the child does not go".into()));
        }
        match intake.map(Intake::finish).transpose() {
            Ok(found) => *taken = found,
            Err(error) if native && error.kind() == io::ErrorKind::UnexpectedEof => {
                return Outcome::Failed(Fault::Kernel(format!(
                    "the kernel's process said that all was done, but {error}"
                )));
            }
            Err(error) => return Outcome::Failed(Fault::Executor(format!("the output: {error}"))),
        }
        if let Some(checked) = checked.filter(|_| times.checked) {
            let mut known = self.checked();
            if known.len() >= MAX_CHECKED {
                known.clear();
            }
            known.insert(checked);
        }
        if let Some(Err(error)) = key.map(|key| self.programs.keep(&key, &resident.folder.cache())) {
            tracing::debug!(%error, "a compiled program was not kept");
        }
        outcome
    }

    /// The hash under which the check of `request`'s kernel and arguments on `device` is
    /// remembered.
    fn checked_as(&self, request: &RunRequest, device: &DeviceEntry) -> Hash {
        let kernel = &request.kernel;
        let key = programs::key(request, &format!("{device:?}"));
        blake2(&(key, &kernel.params, kernel.tiling, &request.scalars, &request.inputs).encode())
    }

    fn checked(&self) -> MutexGuard<'_, HashSet<Hash>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Move a run's source and inputs from `work` into the child's folder. Add the compiled
    /// program, if there is one. Returns whether there was.
    fn furnish(&self, folder: &Folder, work: &Path, key: Option<&Hash>) -> io::Result<bool> {
        for entry in fs::read_dir(work)? {
            let path = entry?.path();
            // Readable for whichever user the child is, and writable for none: they may be links to
            // cached blobs.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o444))?;
            fs::rename(&path, folder.inputs().join(path.file_name().unwrap_or_default()))?;
        }
        key.map_or(Ok(false), |key| self.programs.lend(key, &folder.program()))
    }

    /// A known device with its driver.
    fn entry_of(&self, device: Option<&DeviceKey>) -> Option<(DeviceEntry, Driver)> {
        let device = device?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find_map(|listed| {
            let entry = listed.devices.iter().find(|entry| entry.key() == *device)?;
            Some((entry.clone(), listed.driver.clone()))
        })
    }

    fn entry(&self, device: Option<&DeviceKey>) -> Option<DeviceEntry> {
        self.entry_of(device).map(|(entry, _)| entry)
    }

    /// Start a child for `device`, which is of `class`. It sees only the driver of that device.
    fn start(&self, device: Option<&DeviceKey>, class: DeviceClass) -> io::Result<Resident> {
        let known = self.entry_of(device);
        // The vendor's device nodes.
        let nodes = match &known {
            _ if class == DeviceClass::Cpu => Nodes::Host,
            Some((entry, _)) => Nodes::of(&String::from_utf8_lossy(&entry.device.vendor), &entry.platform),
            None => Nodes::All,
        };
        // On devices that share the host's cores, their memory is memory of the process.
        let memory = known.as_ref().map_or(0, |(entry, _)| entry.device.memory);
        let data_bytes =
            if class == DeviceClass::Cpu { most_private_bytes(memory, memory).saturating_mul(2) } else { 0 };
        self.starter.start(nodes, data_bytes, known.map(|(_, driver)| driver).as_ref())
    }
}

/// Most bytes of private memory for a child whose buffers have `bytes`, on a device with `memory`
/// bytes for all runs.
fn most_private_bytes(bytes: u64, memory: u64) -> u64 {
    bytes.saturating_add(memory.min(COMPILER_BYTES)).saturating_add(RUNTIME_BYTES)
}

impl Drop for Children {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        let looks = self.looks.get_mut().unwrap_or_else(PoisonError::into_inner);
        let begun = Instant::now();
        while !looks.asked.is_empty() && begun.elapsed() < END_TIME {
            if let Ok((driver, _)) = looks.answers.1.recv_timeout(WATCH_INTERVAL) {
                looks.asked.remove(&driver);
            }
        }
    }
}

impl Starter {
    /// List the devices of `driver` in a child.
    fn list(&self, driver: &Driver, stop: &AtomicBool) -> Result<Vec<DeviceEntry>, String> {
        let mut resident =
            self.start(Nodes::All, 0, Some(driver)).map_err(|error| format!("no child starts: {error}"))?;
        let (begun, watch) = (Instant::now(), Watch { limit: &|| LOOK_TIME, stop, tell: &mut |_| () });
        match resident.group.watch(&Order::Discover, begun, &mut None, watch, LOOK_BYTES, false) {
            Outcome::Devices(devices) => Ok(devices),
            Outcome::Died { signal: Some(signal), .. } => {
                Err(format!("it crashed with signal {signal} ({})", signal_name(signal)))
            }
            _ if begun.elapsed() >= LOOK_TIME => Err(format!("it has not answered within {} s", LOOK_TIME.as_secs())),
            other => Err(other.failure()),
        }
    }

    /// Start a child that sees only `driver`, or all drivers if it is `None`.
    fn start(&self, nodes: Nodes, data_bytes: u64, driver: Option<&Driver>) -> io::Result<Resident> {
        let owner = tempfile::Builder::new().prefix(FOLDER_PREFIX).tempdir_in(&self.folder)?;
        let folder = Folder(owner.path().to_path_buf());
        folder.make(self.user)?;
        let mut command = Command::new(&self.program);
        command
            .arg("child")
            .args(["--parent", &std::process::id().to_string()])
            .arg("--folder")
            .arg(&folder.0)
            .args(["--data-bytes", &data_bytes.to_string()])
            .args(["--file-bytes", &FILE_BYTES.to_string()])
            .args(["--nodes", nodes.name()])
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&folder.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        // SAFETY: the closure only makes system calls.
        unsafe {
            command.pre_exec(|| {
                sandbox::before_exec();
                Ok(())
            })
        };
        if self.spaces {
            command.arg("--spaces");
        }
        let alone = driver.map_or(Ok(None), |driver| driver.alone_in(&self.folder.join(DRIVERS)))?;
        if let Some(alone) = alone {
            for name in drivers::REPLACED {
                command.env_remove(name);
            }
            command.env(drivers::VENDORS_VARIABLE, alone);
        }
        if let Some(user) = self.user {
            command.args(["--user", &user.to_string()]);
        }
        if self.insecure {
            command.arg("--insecure");
        }
        Ok(Resident { group: Group { child: Some(command.spawn()?), inside: None }, folder, _owner: owner })
    }
}

/// The devices of `drivers`, given their `answers` and what was `known` before.
fn listed(
    known: &[Listed],
    drivers: Vec<Driver>,
    mut answers: HashMap<Driver, Result<Vec<DeviceEntry>, String>>,
) -> Vec<Listed> {
    let of = |driver: Driver| {
        // A driver that does not answer keeps the devices it listed before.
        let before = known.iter().find(|listed| listed.driver == driver).map(|listed| listed.devices.clone());
        let (devices, wrong) = match answers.remove(&driver) {
            Some(Ok(devices)) if devices.is_empty() && driver.is_registered() => {
                (devices, Some("lists no device".into()))
            }
            Some(Ok(devices)) => (devices, None),
            Some(Err(why)) => {
                (before.unwrap_or_default(), Some(format!("is skipped: {}", why.trim().replace('\n', " "))))
            }
            None => {
                let why = format!("is skipped for now: it has not answered within {} s", ANSWER_TIME.as_secs());
                (before.unwrap_or_default(), Some(why))
            }
        };
        let problem = wrong.map(|wrong| format!("driver {} {wrong}", driver.name()));
        Listed { driver, devices, problem }
    };
    drivers.into_iter().map(of).collect()
}

/// The devices that drivers list, each once, and the problems of drivers. If several drivers list
/// the same device, one of them keeps it.
fn once(listed: &mut [Listed]) -> Found {
    let mut found: Vec<(usize, DeviceEntry)> = Vec::new();
    let mut problems: Vec<String> = listed.iter().filter_map(|listed| listed.problem.clone()).collect();
    for (place, of) in listed.iter().enumerate() {
        for entry in &of.devices {
            let same = found.iter_mut().find(|(other, known)| *other != place && known.is_same_device(entry));
            let Some(same) = same else {
                found.push((place, entry.clone()));
                continue;
            };
            let replaces = same.1.is_of_a_general_driver() && !entry.is_of_a_general_driver();
            let (kept, left) = if replaces { (place, same.0) } else { (same.0, place) };
            if replaces {
                *same = (place, entry.clone());
            }
            let name = |place: usize| listed.get(place).map(|listed| listed.driver.name()).unwrap_or_default();
            let model = String::from_utf8_lossy(&entry.device.model);
            problems.push(format!("{model} of driver {} is the device that driver {} lists", name(left), name(kept)));
        }
    }
    // A child gets the driver that keeps the device.
    for (place, of) in listed.iter_mut().enumerate() {
        of.devices.retain(|entry| found.iter().any(|(of, kept)| *of == place && kept.key() == entry.key()));
    }
    Found { devices: found.into_iter().map(|(_, entry)| entry).collect(), problems }
}

/// A child with all processes it started. They are killed on drop.
struct Group {
    child: Option<Child>,
    /// The process inside the sandbox. It may exit a little later than the child that started it.
    inside: Option<OwnedFd>,
}

impl Group {
    /// Send `order`, and receive reports until the child is done. It may hold `most_bytes` of
    /// private memory. If the child succeeded, the whole output is in `intake`; otherwise `intake`
    /// is `None`.
    ///
    /// `native`: the kernel's code runs in the child's process. Once it runs, it can send any
    /// report that the child could, so reports can no longer clear the kernel. Every end then
    /// counts as the kernel's doing, except a signal from outside.
    fn watch(
        &mut self,
        order: &Order,
        begun: Instant,
        intake: &mut Option<Intake>,
        watch: Watch<'_>,
        most_bytes: u64,
        native: bool,
    ) -> Outcome {
        let Watch { limit, stop, tell } = watch;
        let broken = || Outcome::Failed(Fault::Executor("the child has no pipes".into()));
        let Some(child) = self.child.as_mut() else { return broken() };
        let (Some(mut stdin), Some(mut stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return broken();
        };
        let mut process = None;
        let said = Listener::new(stderr);
        // Works with a smaller pipe too, but with more waiting.
        let _ = fcntl(&stdout, FcntlArg::F_SETPIPE_SZ(PIPE_BYTES));
        let (reports, inbox) = sync_channel(64);
        let mut coming = intake.take();
        let listener = thread::spawn(move || {
            while let Ok(report) = wire::receive::<Report>(&mut stdout) {
                let Report::Output(bytes) = report else {
                    let is_last = matches!(report, Report::Done(_));
                    if reports.send(Ok(report)).is_err() || is_last {
                        break;
                    }
                    continue;
                };
                let read = match coming.as_mut() {
                    Some(intake) => intake.read(&mut stdout, bytes as usize),
                    None => Err(io::Error::other("nobody has asked for it")),
                };
                if let Err(error) = read {
                    let why = match error.kind() {
                        // The child ended within its output. The end of the pipe below shows how.
                        io::ErrorKind::UnexpectedEof => break,
                        io::ErrorKind::InvalidData => error,
                        // The intake knows why it accepts no more.
                        _ => coming.take().and_then(|intake| intake.finish().err()).unwrap_or(error),
                    };
                    let _ = reports.send(Err(why));
                    break;
                }
            }
            coming
        });
        // An order fits into the pipe's buffer, so this does not wait for the child. If the child
        // is gone, the loop below notices.
        let _ = wire::send(&mut stdin, order);
        drop(stdin);

        let mut phase = None;
        let kernels = |fault: Fault| match fault {
            Fault::Kernel(_) => fault,
            Fault::Build(text)
            | Fault::Memory(text)
            | Fault::NoRoom(text)
            | Fault::DeviceLost(text)
            | Fault::Executor(text) => Fault::Kernel(format!("while the kernel ran, its process told: {text}")),
        };
        let mut looked = begun;
        loop {
            let heard = match inbox.recv_timeout(WATCH_INTERVAL) {
                Ok(Ok(report)) => Ok(report),
                Ok(Err(error)) => {
                    let text = format!("the output: {error}");
                    let childs = error.kind() == io::ErrorKind::InvalidData;
                    return Outcome::Failed(if native && childs { Fault::Kernel(text) } else { Fault::Executor(text) });
                }
                Err(silence) => Err(silence),
            };
            let runs = phase == Some(Phase::Running);
            match heard {
                // Only the first such report surely comes from before the kernel ran.
                Ok(Report::Process(id)) if process.is_none() => {
                    process = Some(id);
                    self.inside = file_of(id);
                }
                Ok(Report::Process(_)) => (),
                Ok(Report::Probed(_) | Report::Devices(_) | Report::Checked(_))
                    if native && runs && matches!(order, Order::Run { .. }) =>
                {
                    return Outcome::Failed(kernels(Fault::Executor("an answer to another order".into())));
                }
                Ok(Report::Probed(walls)) => return Outcome::Probed(walls),
                Ok(Report::Devices(devices)) => return Outcome::Devices(devices),
                Ok(Report::Done(times)) => {
                    *intake = listener.join().unwrap_or_default();
                    let wall = begun.elapsed();
                    return Outcome::Done { times: times.within(wall), wall, taken: None };
                }
                Ok(Report::Checked(finding)) => return Outcome::Checked(finding),
                Ok(Report::Output(_)) => (),
                Ok(Report::Failed(fault)) if native && runs => return Outcome::Failed(kernels(fault)),
                Ok(Report::Failed(fault)) => return Outcome::Failed(fault),
                // Phases only move forward, and nothing is built once the kernel runs.
                Ok(Report::Phase(entered)) if phase >= Some(entered) => (),
                Ok(Report::Built { .. }) if runs => (),
                Ok(report @ (Report::Phase(_) | Report::Built { .. } | Report::Progress(_))) => {
                    if let Report::Phase(entered) = report {
                        phase = Some(entered);
                    }
                    tell(report);
                }
                Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => {
                    let (status, by_itself) = self.end_by_itself();
                    let signal = status.and_then(|status| status.signal()).filter(|_| by_itself);
                    return Outcome::Died { signal, fault: crash(status, by_itself, phase, native, &said.text()) };
                }
            }
            if stop.load(Ordering::Relaxed) {
                return Outcome::Stopped;
            }
            if begun.elapsed() >= limit() {
                // If the device does not even open, the kernel is not to blame.
                return match phase {
                    Some(Phase::Building | Phase::Running) => match process.filter(|_| native).and_then(starved) {
                        Some(why) => Outcome::Failed(Fault::Executor(why)),
                        None => Outcome::Timeout,
                    },
                    _ => Outcome::Failed(Fault::Executor(format!(
                        "the device had not opened after {:?}",
                        begun.elapsed()
                    ))),
                };
            }
            if looked.elapsed() >= WATCH_INTERVAL {
                looked = Instant::now();
                let held = process.and_then(Held::by).unwrap_or_default();
                if held.bytes > most_bytes {
                    return Outcome::Exceeded(format!(
                        "the child held {} bytes, the limit is {most_bytes}",
                        held.bytes
                    ));
                }
                let most = sandbox::most_threads();
                if held.threads > most {
                    return Outcome::Exceeded(format!("the child had {} threads, the limit is {most}", held.threads));
                }
            }
        }
    }

    /// Kill the group, and wait for the child and the process inside. `None` if they do not exit.
    fn end(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        if let Ok(group) = libc::pid_t::try_from(child.id()) {
            // SAFETY: the child has not been waited for, so its id, which is also the group's, was
            // not reused.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        let begun = Instant::now();
        while begun.elapsed() < REAP_TIME {
            match child.try_wait() {
                Ok(Some(status)) if self.inside.as_ref().is_none_or(is_gone) => return Some(status),
                Ok(_) => thread::sleep(Duration::from_millis(2)),
                Err(_) => return None,
            }
        }
        tracing::warn!(pid = child.id(), "a killed child does not go: its driver holds it");
        thread::spawn(move || child.wait());
        None
    }

    /// Wait for a child that has closed its pipes; it exits after the process inside its sandbox.
    /// Kills the group if that takes too long. Returns the exit status, and whether the child ended
    /// by itself.
    fn end_by_itself(&mut self) -> (Option<ExitStatus>, bool) {
        let begun = Instant::now();
        let mut by_itself = false;
        while begun.elapsed() < END_TIME {
            let child = self.child.as_ref().and_then(|child| i32::try_from(child.id()).ok());
            // Does not reap the child: once it is reaped, its id may be reused.
            let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
            match child.map(|child| waitid(Id::Pid(Pid::from_raw(child)), flags)) {
                Some(Ok(WaitStatus::StillAlive)) => thread::sleep(Duration::from_millis(2)),
                _ => {
                    by_itself = true;
                    break;
                }
            }
        }
        (self.end(), by_itself)
    }

    /// Kill the group. Returns whether the child is gone.
    fn is_ended(&mut self) -> bool {
        self.end().is_some()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// A file descriptor that refers to a process.
fn file_of(process: u32) -> Option<OwnedFd> {
    // SAFETY: a plain system call. The returned descriptor is owned by us alone.
    unsafe {
        let file = libc::syscall(libc::SYS_pidfd_open, process, 0);
        i32::try_from(file).ok().filter(|file| *file >= 0).map(|file| OwnedFd::from_raw_fd(file))
    }
}

/// Whether a process has ended.
fn is_gone(process: &OwnedFd) -> bool {
    let mut poll = libc::pollfd { fd: process.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one such structure, which outlives the call.
    unsafe { libc::poll(&mut poll, 1, 0) > 0 }
}

/// The fault of a child that closed its pipe without a report. `by_itself`: the child then exited;
/// otherwise it continued and had to be killed.
fn crash(status: Option<ExitStatus>, by_itself: bool, phase: Option<Phase>, native: bool, said: &str) -> Fault {
    let signal = status.and_then(|status| status.signal()).filter(|_| by_itself);
    let how = match (signal, status) {
        _ if !by_itself => "closed the pipe to its parent and went on".into(),
        (Some(signal), _) => format!("killed by signal {signal} ({})", signal_name(signal)),
        (None, Some(status)) => format!("ended with {status}"),
        (None, None) => "did not end".into(),
    };
    let place = match phase {
        Some(Phase::Running) => "while the kernel ran",
        Some(Phase::Building) => "while the program was built",
        Some(Phase::Opening) => "while the device was opened",
        None => "before the device was opened",
    };
    let text = format!("{how} {place}\n{said}");
    let own_doing = signal.is_none_or(|signal| {
        [
            libc::SIGSEGV,
            libc::SIGBUS,
            libc::SIGFPE,
            libc::SIGILL,
            libc::SIGABRT,
            libc::SIGSYS,
            libc::SIGTRAP,
            libc::SIGXFSZ,
        ]
        .contains(&signal)
    });
    match phase {
        Some(Phase::Running) if native => match signal {
            Some(signal) if sandbox::FROM_OUTSIDE.contains(&signal) => Fault::Executor(text),
            _ => Fault::Kernel(text),
        },
        Some(Phase::Running) if own_doing && by_itself => Fault::Kernel(text),
        Some(Phase::Building) if own_doing && by_itself => Fault::Build(text),
        _ => Fault::Executor(text),
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        libc::SIGSEGV => "SIGSEGV, bad memory access",
        libc::SIGBUS => "SIGBUS, bad memory access",
        libc::SIGFPE => "SIGFPE, bad arithmetic",
        libc::SIGILL => "SIGILL, bad instruction",
        libc::SIGABRT => "SIGABRT",
        libc::SIGKILL => "SIGKILL, from outside",
        libc::SIGXFSZ => "SIGXFSZ, file too large",
        _ => "signal",
    }
}

/// The resources of a process.
#[derive(Clone, Copy, Default)]
struct Held {
    /// Bytes of anonymous and shared memory, but not of mapped files.
    bytes: u64,
    threads: u64,
}

impl Held {
    fn by(process: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let mut held = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
            let number = || value.trim().trim_end_matches(" kB").parse::<u64>().ok();
            match name {
                "RssAnon" | "RssShmem" => held.bytes = held.bytes.saturating_add(number()?.saturating_mul(1024)),
                "Threads" => held.threads = number()?,
                _ => (),
            }
        }
        Some(held)
    }
}

/// Whether a process timed out because it had too little processor time; if so, a message with its
/// times. Its threads must have waited for a core far longer than they had one. A process with more
/// threads than a driver starts does not count, because its threads waited for each other.
fn starved(process: u32) -> Option<String> {
    let (mut threads, mut had, mut waited) = (0u64, 0u64, 0u64);
    for thread in fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten() {
        let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
        let mut numbers = text.split_whitespace().map_while(|number| number.parse::<u64>().ok());
        threads = threads.saturating_add(1);
        had = had.saturating_add(numbers.next().unwrap_or_default());
        waited = waited.saturating_add(numbers.next().unwrap_or_default());
    }
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    is_starved(threads, had, waited, cores).then(|| {
        let [had, waited] = [had, waited].map(Duration::from_nanos);
        format!("it did not end in time, and was on a core for {had:.1?} and waited for one for {waited:.1?}: this machine has other work")
    })
}

fn is_starved(threads: u64, had: u64, waited: u64, cores: u64) -> bool {
    threads <= cores.saturating_mul(STARVED_THREADS_PER_CORE) && waited / STARVED_WAIT > had
}

/// Collects what a child says on standard error.
struct Listener {
    text: Arc<Mutex<Vec<u8>>>,
    thread: thread::JoinHandle<()>,
}

impl Listener {
    fn new(mut from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let kept = text.clone();
        let thread = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read) = from.read(&mut buffer) {
                let said = buffer.get(..read).unwrap_or_default();
                if said.is_empty() {
                    break;
                }
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let room = MAX_LOG_BYTES.saturating_sub(kept.len());
                kept.extend(said.iter().take(room));
            }
        });
        Self { text, thread }
    }

    /// The text on standard error. To be called once the child is gone.
    fn text(&self) -> String {
        let begun = Instant::now();
        // A process that left the group may still hold the pipe, so the wait is limited.
        while !self.thread.is_finished() && begun.elapsed() < Duration::from_millis(500) {
            thread::sleep(Duration::from_millis(2));
        }
        String::from_utf8_lossy(&self.text.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::entry;

    fn killed_by(signal: i32) -> Option<ExitStatus> {
        Some(ExitStatus::from_raw(signal))
    }

    #[test]
    fn a_crash_is_blamed_by_its_phase() {
        for native in [false, true] {
            let fault = |phase| crash(killed_by(libc::SIGSEGV), true, phase, native, "");
            assert!(matches!(fault(Some(Phase::Running)), Fault::Kernel(text) if text.contains("SIGSEGV")));
            assert!(matches!(fault(Some(Phase::Building)), Fault::Build(_)));
            assert!(matches!(fault(Some(Phase::Opening)), Fault::Executor(_)));
            assert!(matches!(fault(None), Fault::Executor(_)));
        }
    }

    #[test]
    fn a_kill_from_outside_is_not_the_kernels_fault() {
        for (native, signal) in
            [false, true].into_iter().flat_map(|native| sandbox::FROM_OUTSIDE.map(|signal| (native, signal)))
        {
            let fault = crash(killed_by(signal), true, Some(Phase::Running), native, "");
            assert!(matches!(fault, Fault::Executor(_)), "{native} {signal}");
        }
    }

    #[test]
    fn a_native_kernel_whose_process_ends_in_any_other_way_is_to_blame() {
        let fault = |status, by_itself| crash(status, by_itself, Some(Phase::Running), true, "");
        assert!(matches!(fault(killed_by(libc::SIGALRM), true), Fault::Kernel(_)));
        assert!(matches!(fault(Some(ExitStatus::from_raw(0)), true), Fault::Kernel(_)));
        // The parent killed it, because it had closed the pipe and continued.
        assert!(
            matches!(fault(killed_by(libc::SIGKILL), false), Fault::Kernel(text) if text.contains("closed the pipe"))
        );
        assert!(matches!(fault(None, false), Fault::Kernel(_)));
        // A kernel on another processor cannot close the pipe, so the driver is at fault.
        let driver = crash(killed_by(libc::SIGKILL), false, Some(Phase::Running), false, "");
        assert!(matches!(driver, Fault::Executor(_)));
    }

    #[test]
    fn a_process_that_hardly_ever_has_a_core_is_starved() {
        let second = 1_000_000_000;
        assert!(is_starved(4, second, 21 * second, 2));
        // It shares the machine with others, as every child does.
        assert!(!is_starved(4, second, 10 * second, 2));
        // Its threads wait for each other.
        assert!(!is_starved(1_000, second, 500 * second, 2));
        // It sleeps.
        assert!(!is_starved(4, 0, 0, 2));
        assert_eq!(starved(std::process::id()), None);
    }

    fn driver(file: &str) -> Driver {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        fs::write(&path, format!("lib{file}.so")).unwrap();
        drivers::read(path).unwrap()
    }

    fn models(found: &Found) -> Vec<&[u8]> {
        found.devices.iter().map(|entry| entry.device.model.as_slice()).collect()
    }

    fn look(known: &mut Vec<Listed>, answers: &[(&Driver, Result<&[DeviceEntry], &str>)]) -> Found {
        let drivers = answers.iter().map(|(driver, _)| (*driver).clone()).collect();
        let answers = answers
            .iter()
            .map(|(driver, answer)| ((*driver).clone(), answer.map(<[_]>::to_vec).map_err(ToOwned::to_owned)))
            .collect();
        *known = listed(known, drivers, answers);
        once(known)
    }

    #[test]
    fn a_list_that_cannot_be_had_loses_no_device() {
        let (good, bad) = (driver("good.icd"), driver("bad.icd"));
        let (a, b) = (entry(DeviceClass::Gpu, "a", 0), entry(DeviceClass::Gpu, "b", 0));
        let (a, b) = ([a], [b]);
        let mut known = Vec::new();
        assert_eq!(models(&look(&mut known, &[(&good, Ok(&a)), (&bad, Ok(&b))])), [b"a", b"b"]);
        let found = look(&mut known, &[(&good, Ok(&a)), (&bad, Err("it crashed"))]);
        assert_eq!(models(&found), [b"a", b"b"]);
        assert!(matches!(found.problems.as_slice(), [one] if one.contains("bad.icd") && one.contains("it crashed")));
        // An answer counts, even an empty one.
        assert_eq!(models(&look(&mut known, &[(&good, Ok(&a)), (&bad, Ok(&[]))])), [b"a"]);
        assert_eq!(models(&look(&mut known, &[(&bad, Ok(&b))])), [b"b"]);
    }

    #[test]
    fn a_device_of_two_drivers_is_one() {
        let at = |model: &str, platform: &str, bus: &str| {
            let mut entry = entry(DeviceClass::Gpu, model, 0);
            (entry.platform, entry.place) = (platform.into(), format!("{bus}#0"));
            entry
        };
        let (mesa, vendor) = (driver("mesa.icd"), driver("vendor.icd"));
        let of_mesa = [at("radeonsi", "rusticl", "pci 0000:03:00.0 "), at("other", "rusticl", "pci 0000:04:00.0 ")];
        let of_vendor = [at("gfx1030", "AMD", "pci 0000:03:00.0 "), at("unplaced", "AMD", "")];
        let mut known = Vec::new();
        let found = look(&mut known, &[(&mesa, Ok(&of_mesa)), (&vendor, Ok(&of_vendor))]);
        assert_eq!(models(&found), [b"gfx1030".as_slice(), b"other", b"unplaced"]);
        assert!(found.problems.iter().any(|problem| problem.contains("mesa.icd") && problem.contains("vendor.icd")));
        // The children of a device see the driver that keeps it.
        assert_eq!(known.iter().map(|listed| listed.devices.len()).collect::<Vec<_>>(), [1, 2]);

        let (one, two) = ([entry(DeviceClass::Cpu, "pthread", 0)], [entry(DeviceClass::Cpu, "Intel", 0)]);
        let found = look(&mut Vec::new(), &[(&mesa, Ok(&one)), (&vendor, Ok(&two))]);
        assert_eq!(models(&found), [b"pthread"], "there is one processor");
        let twice = [at("a", "AMD", "pci 0000:03:00.0 "), at("b", "AMD", "pci 0000:03:00.0 ")];
        assert_eq!(look(&mut Vec::new(), &[(&vendor, Ok(&twice))]).devices.len(), 2, "parts of one card are devices");
    }

    #[test]
    fn threads_are_counted() {
        assert!(Held::by(std::process::id()).unwrap().threads > 0);
    }

    #[test]
    fn private_memory_is_read_from_the_process() {
        let bytes = || Held::by(std::process::id()).unwrap().bytes;
        let before = bytes();
        let mut held = vec![0u8; 64 << 20];
        held.iter_mut().step_by(512).for_each(|byte| *byte = 1);
        let after = bytes();
        assert!(after >= before + (48 << 20), "{before} -> {after}, {}", held.len());
    }
}
