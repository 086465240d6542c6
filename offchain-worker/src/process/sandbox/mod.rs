//! The sandbox of a child: walls between a foreign kernel and the operator's machine. A child
//! raises them before it reads its order.
//!
//! # Overview
//!
//! A child is a separate process that has access to little more than its folder:
//!
//! | wall | it blocks | required |
//! |---|---|---|
//! | limits | core dumps, files and processor time without bound | yes |
//! | files | Landlock: all but drivers (read), inputs (read) and its folder | yes |
//! | calls | seccomp: network, processes, mounts; in a run also exec and new processes | yes |
//! | spaces | namespaces: network, processes, mounts, names | where allowed |
//! | root | a file system that holds only the drivers and the child's folder | where allowed |
//! | user | an unprivileged user, if the executor is root | where allowed |
//!
//! The parent's first child tests all walls with [`probe`]. If a required wall is missing, the
//! executor exits, unless the operator has allowed that.
//!
//! # Phases
//!
//! The walls that hold for all threads are raised before the device opens, because drivers then
//! start threads. The filter for the run is applied to all threads at once; see [`calls`].

mod calls;
mod inherited;
mod paths;
mod probe;
pub(crate) mod remedy;
mod spaces;
pub(crate) mod walls;

pub(crate) use calls::{FROM_OUTSIDE, before_the_run, with_the_first_code};
pub(crate) use inherited::{before_exec, start_afresh};
pub(crate) use paths::{Nodes, PLACES};
pub(crate) use probe::probe;

use super::{
    handle::ProcessHandle,
    wire::{self, Message},
};
use crate::priority::lower_thread_priority;
use nix::{
    sys::{
        prctl,
        resource::{Resource, getrlimit, setrlimit},
        signal::Signal,
        stat::{Mode, umask},
    },
    unistd::{Pid, chdir, dup2_stdout, getppid},
};
use std::{
    fs::{self, File},
    io,
    os::{
        fd::AsFd,
        unix::fs::{PermissionsExt, chown},
    },
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use walls::{CALLS, FILES, LIMITS, PRIVILEGES, ROOT, SPACES, Wall};

/// Most open files of a child.
const MAX_FILES: u64 = 4096;
/// Most threads of a child, in addition to those for each core.
const MAX_THREADS: u64 = 1024;
/// Most threads of a child for each core.
const THREADS_PER_CORE: u64 = 16;
/// The user's limit of processes, as a multiple of one child's thread limit. All children run as
/// one user, so the limit counts the threads of all. It bounds the threads that one child can start
/// between two checks of its parent.
const CHILDREN: u64 = 8;
/// Processor time in addition to the time of all cores within a run's limit. The parent's clock
/// normally ends a run first.
const SPARE_CPU_TIME: Duration = Duration::from_secs(60);
/// The user that children of root become: an id that Debian reserves, and that no other program
/// uses.
pub(crate) const USER: u32 = 65_533;

/// The limits and rights of a child.
#[derive(Clone, PartialEq, Eq, Debug, clap::Args)]
pub(crate) struct Limits {
    /// Process that started the child.
    #[arg(long)]
    pub parent: u32,
    /// The child's folder.
    #[arg(long)]
    pub folder: PathBuf,
    /// Most bytes of private memory; 0 for no such limit by the operating system.
    #[arg(long)]
    pub data_bytes: u64,
    /// Most bytes of one file.
    #[arg(long)]
    pub file_bytes: u64,
    /// Vendor whose device nodes the child may open.
    #[arg(long, value_enum)]
    pub nodes: Nodes,
    /// Use namespaces and a separate file system, as far as allowed.
    #[arg(long)]
    pub spaces: bool,
    /// The user to become.
    #[arg(long)]
    pub user: Option<u32>,
    /// Continue if a required wall is missing.
    #[arg(long)]
    pub insecure: bool,
}

/// The folder of a child. Its methods name its parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Folder(pub PathBuf);

impl Folder {
    const INPUTS: &'static str = "in";
    const PROGRAM: &'static str = "program";
    const TEMPORARY: &'static str = "tmp";
    const CACHE: &'static str = "cache";
    const WRITTEN: [&'static str; 2] = [Self::TEMPORARY, Self::CACHE];

    /// The parent puts source and inputs here; the child reads them.
    pub(crate) fn inputs(&self) -> PathBuf {
        self.0.join(Self::INPUTS)
    }

    /// The parent puts the compiled program here, if there is one.
    pub(crate) fn program(&self) -> PathBuf {
        self.inputs().join(Self::PROGRAM)
    }

    /// Drivers put temporary files here.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.0.join(Self::TEMPORARY)
    }

    /// Drivers keep compiled programs here.
    pub(crate) fn cache(&self) -> PathBuf {
        self.0.join(Self::CACHE)
    }

    /// Create the parts, for a child that becomes `user`.
    pub(crate) fn make(&self, user: Option<u32>) -> io::Result<()> {
        for part in [Self::INPUTS, spaces::ROOT_FOLDER] {
            fs::create_dir(self.0.join(part))?;
            fs::set_permissions(self.0.join(part), fs::Permissions::from_mode(0o755))?;
        }
        for part in Self::WRITTEN {
            fs::create_dir(self.0.join(part))?;
            set_owner(&self.0.join(part), user)?;
        }
        Ok(())
    }
}

/// Change the owner of a file or folder to the user that children become.
fn set_owner(path: &Path, user: Option<u32>) -> io::Result<()> {
    user.map_or(Ok(()), |user| chown(path, Some(user), Some(user)))
}

/// A child in its sandbox.
pub(crate) struct Entered {
    /// The pipe for reports and the output, which was standard output. Standard output now leads to
    /// standard error, so that a driver's messages cannot get into the pipe.
    pub reports: File,
    /// The folder of the child, by its path inside the sandbox.
    pub folder: Folder,
    /// The walls around it.
    pub walls: Vec<Wall>,
}

/// Enter the sandbox.
///
/// The child ends with its parent, runs at low priority, and leaves no core dump. It gains no
/// privileges and keeps no inherited file. Only the child can read the files it writes.
///
/// # Errors
///
/// Any failure of a required wall or of a step needed to raise the walls; and that the parent is
/// gone.
pub(crate) fn enter(limits: &Limits) -> io::Result<Entered> {
    become_ordinary(limits)?;
    let mut reports = take_standard_output()?;
    let mut tell = |process: u32| {
        // Sending fails only if the parent is gone.
        let _ = wire::send(&mut reports, &Message::Process(process));
    };
    let view = paths::View::new(limits.nodes);
    let Separated { outer, alone, folder, mut walls } = separate(limits, &view, &mut tell)?;
    if !alone {
        tell(std::process::id());
    }
    umask(Mode::from_bits_truncate(0o077));
    walls.push(drop_privileges(limits, &folder, &view));
    // Linux clears the death signal when the user changes, and for the process inside.
    end_with_parent()?;
    // The death signal does not come if the process outside was killed before.
    if outer.is_some_and(|outer| outer.is_gone()) {
        return Err(io::Error::new(io::ErrorKind::NotConnected, "the process outside the sandbox is gone"));
    }
    walls.push(Wall::new(LIMITS, set_limits(limits, alone).map(|()| "core, files, memory, processes, stack")));
    let written = [folder.temporary(), folder.cache()];
    walls.push(Wall::new(FILES, paths::restrict(&view, &folder.inputs(), &written)));
    let refused = calls::from_the_start(limits.nodes == Nodes::Host);
    walls.push(Wall::new(CALLS, refused.map(|()| "network, processes, mounts; exec and fork in a run")));
    let lacking = walls.iter().find(|wall| wall.is_lacking() && !limits.insecure);
    if let Some(Wall { name, state: Err(error), .. }) = lacking {
        return Err(io::Error::other(format!("{name}: {error}")));
    }
    chdir(&folder.inputs())?;
    name_folders(&folder);
    Ok(Entered { reports, folder, walls })
}

/// Cast off the properties that the child would inherit from its parent.
///
/// # Errors
///
/// That the parent is gone, and errors of the system calls.
fn become_ordinary(limits: &Limits) -> io::Result<()> {
    end_with_parent()?;
    if getppid().as_raw().unsigned_abs() != limits.parent {
        return Err(io::Error::new(io::ErrorKind::NotConnected, "the parent is gone"));
    }
    prctl::set_no_new_privs()?;
    inherited::be_ordinary();
    lower_thread_priority();
    limit(Resource::RLIMIT_CORE, 0)?;
    // The child may become another user, who must be able to read its file system.
    umask(Mode::from_bits_truncate(0o022));
    // SAFETY: nothing here owns a file beyond standard error. A kernel older than Linux 5.9 lacks
    // the call. That does no harm: the parent opens all its files with close-on-exec.
    unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
    Ok(())
}

/// The pipe that was standard output, which leads to standard error from now on.
fn take_standard_output() -> io::Result<File> {
    let reports = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    dup2_stdout(io::stderr())?;
    Ok(reports)
}

/// A child that has left the namespaces of its parent, as far as allowed.
struct Separated {
    /// The process outside that waits for this one, if there is one.
    outer: Option<ProcessHandle>,
    /// Whether it is the only process of its process namespace.
    alone: bool,
    /// Its folder, by its path from now on.
    folder: Folder,
    /// The walls [`SPACES`] and [`ROOT`].
    walls: Vec<Wall>,
}

/// Leave the namespaces and the file system of the parent, as far as `limits` and the system allow.
/// Calls `tell` with the id of the new process.
fn separate(limits: &Limits, view: &paths::View, tell: &mut dyn FnMut(u32)) -> io::Result<Separated> {
    let folder = Folder(limits.folder.clone());
    if !limits.spaces {
        let walls = vec![Wall::new(SPACES, Err::<String, _>("not requested"))];
        return Ok(Separated { outer: None, alone: false, folder, walls });
    }
    let allowed = spaces::try_to_leave();
    let mut outer = None;
    if allowed.is_ok() {
        // A process that was only partly separated cannot start threads, so a failure here is
        // fatal.
        outer = spaces::leave(|process: Pid| tell(process.as_raw().unsigned_abs()))?;
    }
    let root = allowed
        .map_err(io::Error::from)
        .and_then(|()| spaces::make_root(view, &limits.folder, Folder::INPUTS, &Folder::WRITTEN));
    let folder = if root.is_ok() { Folder(spaces::OWN.into()) } else { folder };
    let walls = vec![
        Wall::new(SPACES, allowed.map(|()| "own network, processes, mounts, names")),
        Wall::new(ROOT, root.map(|()| "drivers and its own folder alone")),
    ];
    Ok(Separated { outer, alone: allowed.is_ok(), folder, walls })
}

/// Become the user of `limits`, and drop all capabilities.
fn drop_privileges(limits: &Limits, folder: &Folder, view: &paths::View) -> Wall {
    // Without a separate file system another user could not reach the folder: it lies in a folder
    // that only the executor's user may enter.
    let user = limits.user.filter(|_| folder.0 == Path::new(spaces::OWN));
    let changed = match user {
        Some(user) => spaces::become_user(user, &view.nodes).map(|()| format!("user {user}")).map_err(io::Error::from),
        None => Ok("no capabilities".into()),
    };
    Wall::new(PRIVILEGES, spaces::drop_capabilities().and(changed))
}

/// Name the child's folders in the environment, for drivers.
fn name_folders(folder: &Folder) {
    let (temporary, cache) = (folder.temporary(), folder.cache());
    for (name, path) in [
        ("HOME", &temporary),
        ("TMPDIR", &temporary),
        ("POCL_CACHE_DIR", &cache),
        ("CUDA_CACHE_PATH", &cache),
        ("XDG_CACHE_HOME", &cache),
    ] {
        // SAFETY: the process has one thread until the driver is loaded.
        unsafe { std::env::set_var(name, path) };
    }
}

fn end_with_parent() -> nix::Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)
}

/// `alone`: only processes of this sandbox count towards the user's limit of processes.
fn set_limits(limits: &Limits, alone: bool) -> io::Result<()> {
    inherited::check()?;
    limit(Resource::RLIMIT_NOFILE, MAX_FILES)?;
    limit(Resource::RLIMIT_FSIZE, limits.file_bytes)?;
    if limits.data_bytes > 0 {
        limit(Resource::RLIMIT_DATA, limits.data_bytes)?;
    }
    if alone || limits.user.is_some() {
        limit(Resource::RLIMIT_NPROC, most_threads().saturating_mul(CHILDREN))?;
    }
    Ok(())
}

/// Limit the processor time of this process to the time of all cores within `time`, plus some spare
/// time.
pub(crate) fn limit_processor_time(time: Duration) -> io::Result<()> {
    let most = time.as_secs().saturating_mul(cores()).saturating_add(SPARE_CPU_TIME.as_secs());
    Ok(limit(Resource::RLIMIT_CPU, most)?)
}

/// Most threads of a child. The parent checks their number.
pub(crate) fn most_threads() -> u64 {
    THREADS_PER_CORE.saturating_mul(cores()).saturating_add(MAX_THREADS)
}

fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

fn limit(resource: Resource, most: u64) -> nix::Result<()> {
    let (_, hard) = getrlimit(resource)?;
    let most = most.min(hard);
    setrlimit(resource, most, most)
}

/// End the process without running any destructor.
pub(crate) fn exit_now(code: i32) -> ExitCode {
    // SAFETY: nothing needs flushing, because reports are written unbuffered.
    unsafe { libc::_exit(code) }
}
