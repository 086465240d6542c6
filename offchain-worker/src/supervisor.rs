//! The parent's side of a child: starts it, watches clock and memory, tells what became of it.

use crate::{
    check,
    drivers::{self, Driver},
    files,
    outputs::{Intake, Taken},
    programs::{self, Programs},
    sandbox::{self, Folder, Nodes, Probe, Wall},
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

/// How often a child is looked at.
const WATCH_INTERVAL: Duration = Duration::from_millis(20);
/// How long a killed child may take to go: a driver may hold it inside the kernel.
const REAP_TIME: Duration = Duration::from_secs(10);
/// How long one that has closed its pipes may take.
const END_TIME: Duration = Duration::from_secs(2);
/// How long a child may wait for an order: devices change, and drivers are updated.
const SPARE_AGE: Duration = Duration::from_secs(600);
/// How the names of children's folders begin.
const FOLDER_PREFIX: &str = "child-";
/// How long the others wait for a driver to list its devices.
const ANSWER_TIME: Duration = Duration::from_secs(8);
/// How long a driver may take for it at most. One that wakes up eight sleeping GPUs takes its time.
const LOOK_TIME: Duration = Duration::from_secs(60);
/// How often somebody who waits for drivers looks whether the executor is stopping.
const STOP_INTERVAL: Duration = Duration::from_millis(100);
/// Most private memory of a child that lists devices.
const LOOK_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Where drivers are registered alone.
const DRIVERS: &str = "drivers";
/// How long a child may take to try its sandbox.
const PROBE_TIME: Duration = Duration::from_secs(30);
/// Most bytes of all compiled programs that are kept.
const MAX_PROGRAM_BYTES: u64 = 1024 * 1024 * 1024;
/// Bytes that may wait between a child and its parent, where the kernel allows it.
const PIPE_BYTES: i32 = 1024 * 1024;
/// How many times as long as they have a core the threads of a process wait for one that is starved, and most threads it has for each.
const STARVED_WAIT: u64 = 20;
const STARVED_THREADS_PER_CORE: u64 = 8;
/// Private memory that a child may hold beyond the run's buffers and its compiler: the driver.
const RUNTIME_BYTES: u64 = 512 * 1024 * 1024;
/// Most private memory that a compiler may hold, if runs may use as much.
const COMPILER_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most bytes of one file a child writes: programs in the driver's cache.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Most kernels that are remembered to keep to the rules.
const MAX_CHECKED: usize = 1 << 16;

/// What of the environment children see, besides what is set for them and where drivers lie: how to find devices.
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

/// What became of a child.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It listed the devices.
    Devices(Vec<DeviceEntry>),
    /// It tried its sandbox.
    Probed(Vec<Wall>),
    /// It looked at a kernel.
    Checked(Vec<Finding>),
    /// It did its work.
    Done {
        /// What it told of its work.
        times: Times,
        /// From its order to its end, with its start if it was started for this order.
        wall: Duration,
        /// What its output is, where there was to be one.
        taken: Option<Taken>,
    },
    /// It ran into the time limit.
    Timeout,
    /// It told that it failed.
    Failed(Fault),
    /// It ended without a word.
    Died {
        /// By this signal, if it was one.
        signal: Option<i32>,
        /// What that means.
        fault: Fault,
    },
    /// It held too much memory.
    Exceeded(String),
    /// It was told to stop.
    Stopped,
}

impl Outcome {
    /// Why it is not the expected one, for people.
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
    /// Most bytes of a device's memory that runs may use, if the operator says so.
    memory_limit: Option<u64>,
    programs: Programs,
    /// The devices as they were listed last, by driver.
    known: Mutex<Vec<Listed>>,
    looks: Mutex<Looks>,
    /// Set when looks that are under way shall end.
    ending: Arc<AtomicBool>,
    /// The kernels with their arguments that keep to the rules, as far as that shows.
    checked: Mutex<HashSet<Hash>>,
    /// One for each device.
    spares: Mutex<HashMap<DeviceKey, Spare>>,
}

/// How children are started.
#[derive(Clone)]
struct Starter {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    /// Where their folders lie.
    folder: PathBuf,
    spaces: bool,
    /// The user that children become, once it is known that they can.
    user: Option<u32>,
    insecure: bool,
}

/// What a driver lists.
#[derive(Clone, Debug)]
struct Listed {
    driver: Driver,
    devices: Vec<DeviceEntry>,
    /// What is wrong with it.
    problem: Option<String>,
}

/// Looks at drivers, each by a thread of its own: one that hangs keeps no other from being listed.
struct Looks {
    answers: (Sender<Answer>, Receiver<Answer>),
    /// Drivers that have not answered yet.
    asked: HashSet<Driver>,
}

/// What a driver lists, or why it does not.
type Answer = (Driver, Result<Vec<DeviceEntry>, String>);

/// What a look at all drivers has shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The devices, each once.
    pub devices: Vec<DeviceEntry>,
    /// What is wrong, with the driver's file.
    pub problems: Vec<String>,
}

/// How a child is watched.
pub struct Watch<'a> {
    /// For how long at most; while it is at work that may change.
    pub limit: &'a dyn Fn() -> Duration,
    /// Set when it shall stop.
    pub stop: &'a AtomicBool,
    /// Told what it says on the way.
    pub tell: &'a mut dyn FnMut(Report),
}

/// What a run may have of what others have left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fresh {
    /// The child that waits for an order, and the program if it was compiled before.
    Nothing,
    /// The program only: the child is started for this run.
    Child,
    /// Nothing: the program is compiled for this run too.
    All,
}

/// A child with the folder it has.
struct Resident {
    group: Group,
    folder: Folder,
    /// Removes the folder, after the child.
    _owner: TempDir,
}

/// A child that waits for the order to run, with its device open and the compiler loaded.
struct Spare {
    resident: Resident,
    since: Instant,
}

impl Children {
    /// Children run this very program; their folders and what they have compiled lie in `folder`. `memory_limit` is what runs may use of
    /// a device's memory, if the operator says so.
    /// `insecure`: they may run without walls that must be there. Compiled programs leave `reserve` bytes of the disk free, and what
    /// is none goes into the `quarantine`.
    pub fn new(
        folder: PathBuf,
        memory_limit: Option<u64>,
        insecure: bool,
        reserve: u64,
        quarantine: &Quarantine,
    ) -> io::Result<Self> {
        files::private_dir(&folder)?;
        // What an executor left that was killed. It may hold decrypted inputs, so none of it is kept.
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
        // One core's worth of time is the node's.
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if !environment.iter().any(|(name, _)| name == "POCL_MAX_PTHREAD_COUNT") {
            let threads = cores.saturating_sub(1).max(1).to_string();
            environment.push(("POCL_MAX_PTHREAD_COUNT".into(), threads.clone().into()));
            environment.push(("POCL_CPU_MAX_CU_COUNT".into(), threads.into()));
        }
        environment.push(("LC_ALL".into(), "C".into()));
        // PoCL looks there for its linker.
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

    /// Have a child try the sandbox, settle what children can have of it, and log the state of every wall. `secrets` are files that
    /// no child may be able to read.
    ///
    /// # Errors
    ///
    /// If walls that must be there are missing, their names and the remedies.
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

    /// Have a child try the sandbox, and settle what children can have of it. Returns the walls as they are.
    ///
    /// # Errors
    ///
    /// If the child does not come so far.
    pub fn try_walls(&mut self, secrets: &[PathBuf]) -> Result<Vec<Wall>, String> {
        let secrets = secrets.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let order = Order::Probe(Probe { secrets, process: std::process::id() });
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
            // Another user, who owns a part of the folder, can reach it in a file system of its own alone.
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

    /// List the devices. Each driver is asked by a child of its own, so that one that crashes or hangs takes no other's devices with
    /// it. A driver that does not answer in time is left out for now; its answer counts at the next look.
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

    /// Have a thread ask `driver` for its devices.
    fn look_at(&self, driver: &Driver, answers: Sender<Answer>) -> io::Result<()> {
        let (starter, driver, ending) = (self.starter.clone(), driver.clone(), self.ending.clone());
        thread::Builder::new().name("look".into()).spawn(move || {
            let listed = starter.list(&driver, &ending);
            // Where nobody waits any more, nobody wants to know.
            let _ = answers.send((driver, listed));
        })?;
        Ok(())
    }

    /// Whether no child waits for an order to `device`, or one that has waited too long. One that has died counts until it is
    /// taken, so that a driver that crashes is not started over and over.
    pub fn lacks_spare(&self, device: &DeviceKey) -> bool {
        self.spares().get(device).is_none_or(|spare| spare.since.elapsed() >= SPARE_AGE)
    }

    /// Have a child wait for an order to run on `device`, which is of `class`. The thread that calls this must live as long as
    /// the executor, as children end with the thread they were started by.
    pub fn prepare(&self, device: &DeviceKey, class: DeviceClass) -> io::Result<()> {
        let mut resident = self.start(Some(device), class)?;
        if let Some(stdin) = resident.group.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            wire::send(stdin, &Order::Prepare { device: device.clone() })?;
        }
        let old = self.spares().insert(device.clone(), Spare { resident, since: Instant::now() });
        drop(old);
        Ok(())
    }

    /// End the child that waits for an order to run on `device`.
    pub fn dismiss_spare(&self, device: &DeviceKey) {
        let spare = self.spares().remove(device);
        drop(spare);
    }

    /// End all children that wait for an order.
    pub fn dismiss_spares(&self) {
        let spares = std::mem::take(&mut *self.spares());
        drop(spares);
    }

    fn spares(&self) -> MutexGuard<'_, HashMap<DeviceKey, Spare>> {
        self.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The child that waits for an order to run on `device`, if it is still of use.
    fn take_spare(&self, device: &DeviceKey) -> Option<Spare> {
        let mut spare = self.spares().remove(device)?;
        let alive = spare.resident.group.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        (alive && spare.since.elapsed() < SPARE_AGE).then_some(spare)
    }

    /// Carry out `order` in a child on a device of `class`. Of a run, source and inputs lie in `work`; they go to the child, and the
    /// output comes to `intake`. The child that waits for an order to that device is used up by this, if there is one.
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

    /// The same, with no more of what others have left than `fresh` lets it have.
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
        // A child does not know what it was lent.
        let Watch { limit, stop, tell } = watch;
        let given = resident.folder.inputs();
        let mut tell = |report| match report {
            Report::Phase(Phase::Opening) => {
                // The child has opened its inputs. Without names they go with it, even if everything is killed.
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
            // Whatever it was, the next one compiles for itself.
            if let Some(key) = key.filter(|_| lent) {
                self.programs.forget(&key);
            }
            return outcome;
        };
        // From here on nobody writes to its folder.
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

    /// By what it is known again that the kernel of `request` was looked at on `device`, with its arguments.
    fn checked_as(&self, request: &RunRequest, device: &DeviceEntry) -> Hash {
        let kernel = &request.kernel;
        let key = programs::key(request, &format!("{device:?}"));
        blake2(&(key, &kernel.params, kernel.tiling, &request.scalars, &request.inputs).encode())
    }

    fn checked(&self) -> MutexGuard<'_, HashSet<Hash>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Put a run's source and inputs from `work` into the child's folder, and its program, if it was compiled before; whether it was.
    fn furnish(&self, folder: &Folder, work: &Path, key: Option<&Hash>) -> io::Result<bool> {
        for entry in fs::read_dir(work)? {
            let path = entry?.path();
            // Whoever the child is reads them, and nobody writes to them: they may be links to cached blobs.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o444))?;
            fs::rename(&path, folder.inputs().join(path.file_name().unwrap_or_default()))?;
        }
        key.map_or(Ok(false), |key| self.programs.lend(key, &folder.program()))
    }

    /// A device with its driver.
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

    /// Start a child for `device`, which is of `class`. It sees the driver of that device alone.
    fn start(&self, device: Option<&DeviceKey>, class: DeviceClass) -> io::Result<Resident> {
        let known = self.entry_of(device);
        // Whose device nodes it needs.
        let nodes = match &known {
            _ if class == DeviceClass::Cpu => Nodes::Host,
            Some((entry, _)) => Nodes::of(&String::from_utf8_lossy(&entry.device.vendor), &entry.platform),
            None => Nodes::All,
        };
        // Where kernels run on the host's own cores, their memory is the process's.
        let memory = known.as_ref().map_or(0, |(entry, _)| entry.device.memory);
        let data_bytes =
            if class == DeviceClass::Cpu { most_private_bytes(memory, memory).saturating_mul(2) } else { 0 };
        self.starter.start(nodes, data_bytes, known.map(|(_, driver)| driver).as_ref())
    }
}

/// Private memory that a child may hold whose buffers have `bytes`, on a device with `memory` for all runs.
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
    /// Have a child list the devices of `driver`.
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

    /// Start a child that sees `driver` alone, or all of them.
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
        // SAFETY: it makes system calls alone.
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

/// What `drivers` list, that gave these `answers`, after what was `known` of them.
fn listed(
    known: &[Listed],
    drivers: Vec<Driver>,
    mut answers: HashMap<Driver, Result<Vec<DeviceEntry>, String>>,
) -> Vec<Listed> {
    let of = |driver: Driver| {
        // A driver that does not answer says nothing of the devices it has listed before.
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

/// The devices that drivers list, each once, and what is wrong with drivers. Of a device that several drivers list, only one keeps it.
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
    // A child is given the driver that keeps the device.
    for (place, of) in listed.iter_mut().enumerate() {
        of.devices.retain(|entry| found.iter().any(|(of, kept)| *of == place && kept.key() == entry.key()));
    }
    Found { devices: found.into_iter().map(|(_, entry)| entry).collect(), problems }
}

/// A child with all it has started; killed when dropped.
struct Group {
    child: Option<Child>,
    /// The process inside the sandbox, which may go a little later than the child that has started it.
    inside: Option<OwnedFd>,
}

impl Group {
    /// Send `order` and listen. It may hold `most_bytes` of private memory. Where it has done what it was told, the whole output is in
    /// `intake`; else that is gone.
    ///
    /// `native`: the kernel is code of the child's process. Once it runs, it can say whatever the child could, so that a child's word
    /// clears it of nothing: all but an end by a signal from outside is the kernel's doing.
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
        // Without it everything works, with more waiting.
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
                        // The child has ended within its output; how, is seen below.
                        io::ErrorKind::UnexpectedEof => break,
                        io::ErrorKind::InvalidData => error,
                        // Why it is not taken in any more is known there.
                        _ => coming.take().and_then(|intake| intake.finish().err()).unwrap_or(error),
                    };
                    let _ = reports.send(Err(why));
                    break;
                }
            }
            coming
        });
        // An order fits into the pipe's buffer, so this does not wait for the child. One that is gone is seen below.
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
                // Only the first can be from before the kernel ran.
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
                // Phases come in their order, and nothing is built once the kernel runs.
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
                // A device that does not even open is not the kernel's fault.
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

    /// Kill the group and wait for the child and the process inside; `None` if they do not go.
    fn end(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        if let Ok(group) = libc::pid_t::try_from(child.id()) {
            // SAFETY: the child has not been waited for, so its id, which is the group's, is not another's.
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

    /// Wait for a child that has closed its pipes, which ends as the process inside its sandbox has ended; kill the group if it
    /// does not go. How it has ended, and whether by itself.
    fn end_by_itself(&mut self) -> (Option<ExitStatus>, bool) {
        let begun = Instant::now();
        let mut by_itself = false;
        while begun.elapsed() < END_TIME {
            let child = self.child.as_ref().and_then(|child| i32::try_from(child.id()).ok());
            // Only looked at: once it is waited for, its id may be another's.
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

    /// Kill the group; whether the child is gone.
    fn is_ended(&mut self) -> bool {
        self.end().is_some()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// A file that stands for a process.
fn file_of(process: u32) -> Option<OwnedFd> {
    // SAFETY: a plain system call, whose file is ours alone.
    unsafe {
        let file = libc::syscall(libc::SYS_pidfd_open, process, 0);
        i32::try_from(file).ok().filter(|file| *file >= 0).map(|file| OwnedFd::from_raw_fd(file))
    }
}

/// Whether a process has ended.
fn is_gone(process: &OwnedFd) -> bool {
    let mut poll = libc::pollfd { fd: process.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one such structure, which lives.
    unsafe { libc::poll(&mut poll, 1, 0) > 0 }
}

/// What a child that closed its pipe without a report died of. `by_itself`: it ended then; else it went on and had to be killed.
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

/// What a process holds.
#[derive(Clone, Copy, Default)]
struct Held {
    /// Memory that comes from no file: its own, and such as it could share.
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

/// Whether a process has had so little of the processor that it is no wonder that it did not end, and what it had: its threads wanted a
/// core far longer than they had one, and it has not more of them than a driver starts, so that they stood in their own way.
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

    /// What was said, once the child is gone.
    fn text(&self) -> String {
        let begun = Instant::now();
        // Somebody who slipped out of the group may still hold the pipe: do not wait for ever.
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
        // Its parent killed it, as it had closed the pipe and went on.
        assert!(
            matches!(fault(killed_by(libc::SIGKILL), false), Fault::Kernel(text) if text.contains("closed the pipe"))
        );
        assert!(matches!(fault(None, false), Fault::Kernel(_)));
        // What runs elsewhere cannot do that: there it is the driver.
        let driver = crash(killed_by(libc::SIGKILL), false, Some(Phase::Running), false, "");
        assert!(matches!(driver, Fault::Executor(_)));
    }

    #[test]
    fn a_process_that_hardly_ever_has_a_core_is_starved() {
        let second = 1_000_000_000;
        assert!(is_starved(4, second, 21 * second, 2));
        // It shares the machine, as every child does.
        assert!(!is_starved(4, second, 10 * second, 2));
        // Its threads wait for one another.
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
        // What it does say counts, and so does its absence.
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
        // The driver that keeps it is the one that its children see.
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
