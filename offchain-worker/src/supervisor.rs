//! The parent's side of a child: starts it, watches clock and memory, tells what became of it.

use crate::wire::{self, DeviceEntry, DeviceKey, Fault, Order, Phase, Report, Times};
use dpin_primitives::{executor::MAX_LOG_BYTES, worker::DeviceClass};
use std::{
    collections::HashMap,
    ffi::OsString,
    io::{self, Read},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{sync_channel, RecvTimeoutError},
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
/// How long a child may wait for an order: devices change, and drivers are updated.
const SPARE_AGE: Duration = Duration::from_secs(600);
/// How the names of its directories begin.
const SPARE_PREFIX: &str = "spare-";
/// How long a child may take to list the devices.
const DISCOVERY_TIME: Duration = Duration::from_secs(30);
/// Private memory a child may hold beyond the run's buffers: driver and compiler.
const RUNTIME_BYTES: u64 = 512 * 1024 * 1024;
/// Most bytes of one file a child writes beyond the output: programs in the driver's cache.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// What of the environment children see, besides what is set for them: how to find drivers and devices.
const ENVIRONMENT: &[&str] = &[
    "PATH",
    "LD_LIBRARY_PATH",
    "OCL_ICD_VENDORS",
    "OCL_ICD_FILENAMES",
    "OCL_ICD_PLATFORM_SORT",
    "OPENCL_VENDOR_PATH",
    "POCL_DEVICES",
    "POCL_MAX_PTHREAD_COUNT",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "GPU_DEVICE_ORDINAL",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "ROCM_PATH",
    "RUSTICL_ENABLE",
    "ZE_AFFINITY_MASK",
];

/// What became of a child.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It listed the devices.
    Devices(Vec<DeviceEntry>),
    /// It did its work.
    Done {
        /// What it told of its work.
        times: Times,
        /// From its order to its end, with its start if it was started for this order.
        wall: Duration,
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

/// Starts children.
pub struct Children {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    folder: PathBuf,
    memory_limit: u64,
    max_output_bytes: u64,
    /// One for each device.
    spares: Mutex<HashMap<DeviceKey, Spare>>,
}

/// A child that waits for the order to run, with its device open and the compiler loaded.
struct Spare {
    group: Group,
    since: Instant,
    /// Its directory for temporary files.
    folder: TempDir,
}

impl Children {
    /// Children run this very program and keep compiled kernels in `folder`. `memory_limit` and `max_output_bytes` are
    /// those of one run.
    pub fn new(folder: PathBuf, memory_limit: u64, max_output_bytes: u64) -> io::Result<Self> {
        let cache = folder.join("cache");
        crate::files::private_dir(&cache)?;
        // What an executor left that was killed.
        for entry in std::fs::read_dir(&folder)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(SPARE_PREFIX) {
                crate::files::remove_dir(&entry.path())?;
            }
        }
        let mut environment: Vec<(OsString, OsString)> =
            ENVIRONMENT.iter().filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?))).collect();
        // One core's worth of time is the node's.
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if !environment.iter().any(|(name, _)| name == "POCL_MAX_PTHREAD_COUNT") {
            let threads = cores.saturating_sub(1).max(1).to_string();
            environment.push(("POCL_MAX_PTHREAD_COUNT".into(), threads.clone().into()));
            environment.push(("POCL_CPU_MAX_CU_COUNT".into(), threads.into()));
        }
        for (name, path) in
            [("HOME", &folder), ("POCL_CACHE_DIR", &cache), ("CUDA_CACHE_PATH", &cache), ("XDG_CACHE_HOME", &cache)]
        {
            environment.push((name.into(), path.into()));
        }
        environment.push(("LC_ALL".into(), "C".into()));
        Ok(Self {
            program: std::env::current_exe()?,
            environment,
            folder,
            memory_limit,
            max_output_bytes,
            spares: Mutex::default(),
        })
    }

    /// Where drivers keep what they have compiled.
    pub fn cache(&self) -> PathBuf {
        self.folder.join("cache")
    }

    /// List the devices, in a child, so that a driver that crashes takes nothing with it.
    pub fn discover(&self, stop: &AtomicBool) -> Result<Vec<DeviceEntry>, String> {
        match self.run(&Order::Discover, &self.folder, DISCOVERY_TIME, DeviceClass::Accelerator, stop, &mut |_| ()) {
            Outcome::Devices(devices) => Ok(devices),
            Outcome::Timeout => Err("the drivers gave no answer".into()),
            Outcome::Failed(fault) => Err(format!("{fault:?}")),
            other => Err(format!("{other:?}")),
        }
    }

    /// Whether no child waits for an order to `device`, or one that has waited too long. One that has died counts until it is
    /// taken, so that a driver that crashes is not started over and over.
    pub fn lacks_spare(&self, device: &DeviceKey) -> bool {
        self.spares().get(device).is_none_or(|spare| spare.since.elapsed() >= SPARE_AGE)
    }

    /// Have a child wait for an order to run on `device`, which is of `class`. The thread that calls this must live as long as
    /// the executor, as children end with the thread they were started by.
    pub fn prepare(&self, device: &DeviceKey, class: DeviceClass) -> io::Result<()> {
        let folder = tempfile::Builder::new().prefix(SPARE_PREFIX).tempdir_in(&self.folder)?;
        let mut group = Group { child: Some(self.start(folder.path(), class)?) };
        if let Some(stdin) = group.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            wire::send(stdin, &Order::Prepare { device: device.clone() })?;
        }
        let old = self.spares().insert(device.clone(), Spare { group, since: Instant::now(), folder });
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
        let alive = spare.group.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        (alive && spare.since.elapsed() < SPARE_AGE).then_some(spare)
    }

    /// Carry out `order` in a child whose directory for temporary files is `folder`, for at most `limit`, on a device of
    /// `class`, and `tell` what the child says on the way. The child that waits for an order to that device is used up by this, if
    /// there is one.
    pub fn run(
        &self,
        order: &Order,
        folder: &Path,
        limit: Duration,
        class: DeviceClass,
        stop: &AtomicBool,
        tell: &mut dyn FnMut(Report),
    ) -> Outcome {
        let begun = Instant::now();
        let spare = match order {
            Order::Run { device, .. } => self.take_spare(device),
            _ => None,
        };
        let (mut child, _temporary) = match spare {
            Some(Spare { group, folder, .. }) => (group, Some(folder)),
            None => match self.start(folder, class) {
                Ok(child) => (Group { child: Some(child) }, None),
                Err(error) => return Outcome::Failed(Fault::Executor(format!("the child did not start: {error}"))),
            },
        };
        self.watch(&mut child, order, begun, limit, stop, tell)
    }

    fn start(&self, folder: &Path, class: DeviceClass) -> io::Result<Child> {
        // Where kernels run on the host's own cores, their memory is the process's.
        let data_bytes = if class == DeviceClass::Cpu { self.most_private_bytes().saturating_mul(2) } else { 0 };
        let file_bytes = self.max_output_bytes.saturating_add(FILE_BYTES);
        Command::new(&self.program)
            .arg("child")
            .args(["--parent", &std::process::id().to_string()])
            .args(["--data-bytes", &data_bytes.to_string()])
            .args(["--file-bytes", &file_bytes.to_string()])
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("TMPDIR", folder)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
    }

    fn most_private_bytes(&self) -> u64 {
        self.memory_limit.saturating_add(RUNTIME_BYTES)
    }

    fn watch(
        &self,
        group: &mut Group,
        order: &Order,
        begun: Instant,
        limit: Duration,
        stop: &AtomicBool,
        tell: &mut dyn FnMut(Report),
    ) -> Outcome {
        let broken = || Outcome::Failed(Fault::Executor("the child has no pipes".into()));
        let Some(child) = group.child.as_mut() else { return broken() };
        let (Some(mut stdin), Some(mut stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return broken();
        };
        let pid = child.id();
        let said = Listener::new(stderr);
        let (reports, inbox) = sync_channel(64);
        thread::spawn(move || {
            while let Ok(report) = wire::receive::<Report>(&mut stdout) {
                if reports.send(report).is_err() {
                    break;
                }
            }
        });
        // An order fits into the pipe's buffer, so this does not wait for the child. One that is gone is seen below.
        let _ = wire::send(&mut stdin, order);
        drop(stdin);

        let mut phase = None;
        let mut looked = begun;
        loop {
            match inbox.recv_timeout(WATCH_INTERVAL) {
                Ok(Report::Devices(devices)) => return Outcome::Devices(devices),
                Ok(Report::Done(times)) => return Outcome::Done { times, wall: begun.elapsed() },
                Ok(Report::Failed(fault)) => return Outcome::Failed(fault),
                Ok(report @ (Report::Phase(_) | Report::Built { .. } | Report::Progress(_))) => {
                    if let Report::Phase(entered) = report {
                        phase = Some(entered);
                    }
                    tell(report);
                }
                Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => {
                    let status = group.end();
                    let signal = status.and_then(|status| status.signal());
                    return Outcome::Died { signal, fault: crash(status, phase, &said.text()) };
                }
            }
            if stop.load(Ordering::Relaxed) {
                return Outcome::Stopped;
            }
            if begun.elapsed() >= limit {
                // A device that does not even open is not the kernel's fault.
                return match phase {
                    Some(Phase::Building | Phase::Running) => Outcome::Timeout,
                    _ => Outcome::Failed(Fault::Executor(format!("the device did not open within {limit:?}"))),
                };
            }
            if looked.elapsed() >= WATCH_INTERVAL {
                looked = Instant::now();
                let most = self.most_private_bytes();
                if let Some(held) = private_bytes(pid).filter(|held| *held > most) {
                    return Outcome::Exceeded(format!("the child held {held} bytes, the limit is {most}"));
                }
            }
        }
    }
}

/// A child with all it has started; killed when dropped.
struct Group {
    child: Option<Child>,
}

impl Group {
    /// Kill the group and wait for the child; `None` if it does not go.
    fn end(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        if let Ok(group) = libc::pid_t::try_from(child.id()) {
            // SAFETY: the child has not been waited for, so its id, which is the group's, is not another's.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        let begun = Instant::now();
        while begun.elapsed() < REAP_TIME {
            match child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) => thread::sleep(Duration::from_millis(2)),
                Err(_) => return None,
            }
        }
        tracing::warn!(pid = child.id(), "a killed child does not go: its driver holds it");
        thread::spawn(move || child.wait());
        None
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a child that ended without a report died of.
fn crash(status: Option<ExitStatus>, phase: Option<Phase>, said: &str) -> Fault {
    let signal = status.and_then(|status| status.signal());
    let how = match (signal, status) {
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
        Some(Phase::Running) if own_doing => Fault::Kernel(text),
        Some(Phase::Building) if own_doing => Fault::Build(text),
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

/// Memory of a process that is nobody else's, in bytes: resident pages less those backed by files or shared.
fn private_bytes(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let mut pages = text.split_whitespace().skip(1).map(|field| field.parse::<u64>().ok());
    let (resident, shared) = (pages.next()??, pages.next()??);
    // SAFETY: a plain system call.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
    Some(resident.saturating_sub(shared).saturating_mul(page))
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

    fn killed_by(signal: i32) -> Option<ExitStatus> {
        Some(ExitStatus::from_raw(signal))
    }

    #[test]
    fn a_crash_is_blamed_by_its_phase() {
        let fault = |phase| crash(killed_by(libc::SIGSEGV), phase, "");
        assert!(matches!(fault(Some(Phase::Running)), Fault::Kernel(text) if text.contains("SIGSEGV")));
        assert!(matches!(fault(Some(Phase::Building)), Fault::Build(_)));
        assert!(matches!(fault(Some(Phase::Opening)), Fault::Executor(_)));
        assert!(matches!(fault(None), Fault::Executor(_)));
    }

    #[test]
    fn a_kill_from_outside_is_not_the_kernels_fault() {
        assert!(matches!(crash(killed_by(libc::SIGKILL), Some(Phase::Running), ""), Fault::Executor(_)));
        assert!(matches!(crash(killed_by(libc::SIGTERM), Some(Phase::Running), ""), Fault::Executor(_)));
    }

    #[test]
    fn private_memory_is_read_from_the_process() {
        let before = private_bytes(std::process::id()).unwrap();
        let mut held = vec![0u8; 64 << 20];
        held.iter_mut().step_by(512).for_each(|byte| *byte = 1);
        let after = private_bytes(std::process::id()).unwrap();
        assert!(after >= before + (48 << 20), "{before} -> {after}, {}", held.len());
    }
}
