//! The parent's side of children: starts them, limits their time and memory, and reports how they
//! ended.
//!
//! | module | part |
//! |---|---|
//! | `starter` | starts a child process in its own folder |
//! | `listing` | lists the devices, with a child for each driver |
//! | `walls` | tests the sandbox, with a child |
//! | `spares` | children that wait for an order |
//! | `watch` | follows a child from its order to its end |
//! | `limits` | the memory, threads and processor time of a child |
//! | `crash` | the blame for a child that died |
//! | `group` | a child with the processes it started |

mod crash;
mod group;
mod limits;
mod listing;
mod spares;
mod starter;
mod stderr;
mod walls;
mod watch;

pub(crate) use listing::DeviceList;
pub(crate) use watch::{ChildEnd, Watch};

use super::{
    sandbox::{Folder, Nodes},
    wire::{self, Message, Order, Phase},
};
use crate::{
    device::{
        entry::{DeviceEntry, DeviceKey},
        fault::ChildFault,
    },
    store::{
        envelope::{Quarantine, remove_any},
        files,
        outputs::Intake,
        programs::{self, Programs},
    },
};
use codec::Encode;
use dpin_primitives::{Hash, blake2, executor::RunRequest, worker::DeviceClass};
use limits::{LOOK_BYTES, most_private_bytes};
use listing::Listing;
use parking_lot::Mutex;
use spares::Spares;
use starter::{Resident, Starter};
use std::{
    collections::HashSet,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::Instant,
};
use tempfile::TempDir;
use watch::Bounds;

/// Most bytes of all compiled programs that are kept.
const MAX_PROGRAM_BYTES: u64 = 1024 * 1024 * 1024;
/// Most kernels that are remembered as checked.
const MAX_CHECKED: usize = 1 << 16;

/// Starts children.
pub(crate) struct Children {
    starter: Starter,
    programs: Programs,
    listing: Listing,
    /// Hashes of kernels, with their arguments, whose checks found nothing wrong.
    checked: Mutex<HashSet<Hash>>,
    /// At most one spare child for each device.
    spares: Spares,
}

/// An order to a child, with its files.
pub(crate) struct WorkOrder<'a> {
    /// The order.
    pub order: &'a Order,
    /// The folder with source and inputs of a run. They move to the child.
    pub files: &'a Path,
    /// The class of the device.
    pub class: DeviceClass,
    /// Receives the output of a run.
    pub intake: Option<Intake>,
    /// The things that must not be reused.
    pub fresh: Fresh,
}

/// The things that a run must not reuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fresh {
    /// A spare child and a compiled program may be reused.
    Nothing,
    /// A compiled program may be reused, but the child is started for this run.
    Child,
    /// Nothing may be reused: the program is compiled for this run too.
    All,
}

/// The limits of a run, and the keys under which things about its kernel are remembered.
struct KernelRun {
    bounds: Bounds,
    /// Number of its inputs.
    inputs: usize,
    /// The key of the compiled program, if the device is known.
    program: Option<Hash>,
    /// The key of the check of the kernel with its arguments, if the device is known.
    checked: Option<Hash>,
}

impl KernelRun {
    fn new(request: &RunRequest, device: Option<&DeviceEntry>, memory_limit: u64, class: DeviceClass) -> Self {
        let memory = device.map_or(memory_limit, |entry| entry.device.memory);
        let bounds = Bounds { most_bytes: most_private_bytes(memory_limit, memory), native: class == DeviceClass::Cpu };
        let kernel = &request.kernel;
        let program = device.map(|entry| programs::key(request, &format!("{entry:?}")));
        let checked = program.map(|program| {
            blake2(&(program, &kernel.params, kernel.tiling, &request.scalars, &request.inputs).encode())
        });
        Self { bounds, inputs: request.inputs.len(), program, checked }
    }
}

impl Children {
    /// Children run this same executable. Their folders and the compiled programs lie in `folder`.
    /// `memory_limit` is the most bytes of a device's memory that runs may use, if the operator set
    /// a limit. With `insecure` children may run without required walls. Compiled programs leave
    /// `reserve` bytes of the disk free. Files that are not valid programs go into the
    /// `quarantine`.
    pub(crate) fn new(
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
                remove_any(&entry.path())?;
            }
        }
        let programs = Programs::open(folder.join("programs"), MAX_PROGRAM_BYTES, reserve, quarantine)?;
        Ok(Self {
            starter: Starter::new(folder, insecure)?,
            programs,
            listing: Listing::new(memory_limit),
            checked: Mutex::default(),
            spares: Spares::default(),
        })
    }

    /// Children outside an engine, without required walls. Their folders lie in the temporary
    /// folder that is returned with them.
    pub(crate) fn temporary(memory_limit: Option<u64>) -> io::Result<(TempDir, Self)> {
        let folder = tempfile::tempdir()?;
        let quarantine = Quarantine::new(folder.path());
        let children = Self::new(folder.path().join("driver"), memory_limit, true, 0, &quarantine)?;
        Ok((folder, children))
    }

    /// List the devices. A separate child asks each driver, so that a driver that crashes or hangs
    /// does not hide the devices of others. A driver that does not answer in time keeps the devices
    /// it listed before; its answer counts at the next look.
    pub(crate) fn discover(&self, stop: &AtomicBool) -> DeviceList {
        self.listing.discover(&self.starter, stop)
    }

    /// Whether `device` has no spare child, or one that has waited too long. A spare that has died
    /// counts until it is taken, so that a driver that crashes is not started over and over.
    pub(crate) fn lacks_spare(&self, device: &DeviceKey) -> bool {
        self.spares.lacks(device)
    }

    /// Start a spare child for `device`, which is of `class`. The calling thread must live as long
    /// as the executor, because children end with the thread that started them.
    pub(crate) fn prepare(&self, device: &DeviceKey, class: DeviceClass) -> io::Result<()> {
        let mut resident = self.start(Some(device), class)?;
        resident.group.send(&Order::Prepare { device: device.clone() })?;
        self.spares.put(device.clone(), resident);
        Ok(())
    }

    /// End the spare child of `device`.
    pub(crate) fn dismiss_spare(&self, device: &DeviceKey) {
        self.spares.dismiss(device);
    }

    /// End all spare children.
    pub(crate) fn dismiss_spares(&self) {
        self.spares.dismiss_all();
    }

    /// Carry out `work` in a child. A run uses up the device's spare child, if there is one and it
    /// may be reused.
    pub(crate) fn run(&self, work: WorkOrder<'_>, watch: Watch<'_>) -> ChildEnd {
        let begun = Instant::now();
        let mut resident = match self.child_for(&work) {
            Ok(resident) => resident,
            Err(error) => return ChildEnd::executor_fault(format!("the child did not start: {error}")),
        };
        match work.order {
            Order::Run { request, device, memory_limit, .. } | Order::Check { request, device, memory_limit, .. } => {
                let device = self.listing.entry(device);
                let kernel = KernelRun::new(request, device.as_ref(), *memory_limit, work.class);
                self.run_kernel(resident, work, watch, begun, &kernel)
            }
            _ => {
                let bounds = Bounds { most_bytes: LOOK_BYTES, native: false };
                resident.group.watch(work.order, begun, &mut None, watch, bounds)
            }
        }
    }

    /// The child for `work`: the device's spare, or a new one.
    fn child_for(&self, work: &WorkOrder<'_>) -> io::Result<Resident> {
        let device = match work.order {
            Order::Run { device, .. } | Order::Check { device, .. } => Some(device),
            _ => None,
        };
        let may_reuse = matches!(work.order, Order::Run { .. }) && work.fresh == Fresh::Nothing;
        match device.filter(|_| may_reuse).and_then(|device| self.spares.take(device)) {
            Some(spare) => Ok(spare),
            None => self.start(device, work.class),
        }
    }

    /// Run or check a kernel in the child `resident`, and remember what may be reused.
    fn run_kernel(
        &self,
        mut resident: Resident,
        work: WorkOrder<'_>,
        watch: Watch<'_>,
        begun: Instant,
        kernel: &KernelRun,
    ) -> ChildEnd {
        let order = self.without_known_check(work.order, kernel.checked);
        let reusable = kernel.program.filter(|_| work.fresh != Fresh::All);
        let lent = match self.furnish(&resident.folder, work.files, reusable.as_ref()) {
            Ok(lent) => lent,
            Err(error) => return ChildEnd::executor_fault(format!("the child's folder: {error}")),
        };
        let Watch { limit, stop, on_message } = watch;
        let folder = resident.folder.clone();
        let mut on_message = |message| match message {
            Message::Phase(Phase::Opening) => {
                unlink_inputs(&folder, kernel.inputs);
                on_message(message);
            }
            // The child does not know whether its program was lent to it.
            Message::Built { messages, .. } => on_message(Message::Built { messages, cached: lent }),
            other => on_message(other),
        };
        let watch = Watch { limit, stop, on_message: &mut on_message };
        let mut intake = work.intake;
        match resident.group.watch(&order, begun, &mut intake, watch, kernel.bounds) {
            end @ ChildEnd::Checked(_) => end,
            end @ ChildEnd::Done { .. } => self.keep_results(resident, end, intake, kernel),
            end => {
                // The lent program may be the cause, so the next run compiles again.
                if let Some(program) = kernel.program.filter(|_| lent) {
                    self.programs.forget(&program);
                }
                end
            }
        }
    }

    /// The order without a check whose result is known, or could not be remembered.
    fn without_known_check(&self, order: &Order, key: Option<Hash>) -> Order {
        let mut order = order.clone();
        if let Order::Run { check, .. } = &mut order {
            *check = *check && key.is_some_and(|key| !self.checked.lock().contains(&key));
        }
        order
    }

    /// Take the output and the compiled program of a child that is done.
    fn keep_results(
        &self,
        mut resident: Resident,
        mut end: ChildEnd,
        intake: Option<Intake>,
        kernel: &KernelRun,
    ) -> ChildEnd {
        let ChildEnd::Done { output, times, .. } = &mut end else { return end };
        // After this nobody writes to the child's folder.
        if !resident.group.is_ended() {
            return ChildEnd::executor_fault("the child does not exit".into());
        }
        match intake.map(Intake::finish).transpose() {
            Ok(received) => *output = received,
            Err(error) if kernel.bounds.native && error.kind() == io::ErrorKind::UnexpectedEof => {
                let text = format!("the kernel's process said that all was done, but {error}");
                return ChildEnd::Failed(ChildFault::Kernel(text));
            }
            Err(error) => return ChildEnd::executor_fault(format!("the output: {error}")),
        }
        if let Some(checked) = kernel.checked.filter(|_| times.checked) {
            self.remember_check(checked);
        }
        if let Some(Err(error)) = kernel.program.map(|key| self.programs.keep(&key, &resident.folder.cache())) {
            tracing::debug!(%error, "a compiled program was not kept");
        }
        end
    }

    fn remember_check(&self, key: Hash) {
        let mut known = self.checked.lock();
        if known.len() >= MAX_CHECKED {
            known.clear();
        }
        known.insert(key);
    }

    /// Move a run's source and inputs from `files` into the child's folder. Add the compiled
    /// program, if there is one. Returns whether there was.
    fn furnish(&self, folder: &Folder, files: &Path, program: Option<&Hash>) -> io::Result<bool> {
        for entry in fs::read_dir(files)? {
            let path = entry?.path();
            // Readable for whichever user the child is, and writable for none: they may be links to
            // cached blobs.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o444))?;
            fs::rename(&path, folder.inputs().join(path.file_name().unwrap_or_default()))?;
        }
        program.map_or(Ok(false), |key| self.programs.lend(key, &folder.program()))
    }

    /// Start a child for `device`, which is of `class`. It sees only the driver of that device.
    fn start(&self, device: Option<&DeviceKey>, class: DeviceClass) -> io::Result<Resident> {
        let known = device.and_then(|device| self.listing.entry_with_driver(device));
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

/// Remove the names of the inputs in `folder`, which the child has opened. Without names they
/// vanish with it, even if everything is killed.
fn unlink_inputs(folder: &Folder, inputs: usize) {
    for input in 0..inputs {
        let _ = fs::remove_file(folder.inputs().join(wire::input_file(input)));
    }
}
