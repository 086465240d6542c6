//! What a child gives up before it reads its order: the walls between a stranger's kernel and the operator's machine.
//!
//! # Overview
//!
//! A child is a process of its own with nothing but its folder:
//!
//! | wall | what it keeps out | must be there |
//! |---|---|---|
//! | limits | core dumps, files without end, processor time without end | yes |
//! | files | Landlock: everything but drivers (read), the inputs (read) and the child's folder | yes |
//! | calls | seccomp: network, other processes, mounts, and once the kernel's code runs also exec and new processes | yes |
//! | spaces | namespaces: network, processes, mounts, names | where allowed |
//! | root | a file system that holds the drivers and the child's folder alone | where allowed |
//! | user | an unprivileged user, where the executor is root | where allowed |
//!
//! The parent has its first child [`probe`] all of it for real. What must be there and is not ends the executor, unless the
//! operator says otherwise.
//!
//! # Phases
//!
//! Everything that holds for all threads is in force before the device opens, since drivers start threads of their own then.
//! What is taken away for the run is taken from all threads at once; see [`calls`].

mod calls;
mod inherited;
mod paths;
mod probe;
mod spaces;

pub use calls::{before_the_run, with_the_first_code, FROM_OUTSIDE};
pub use inherited::{before_exec, start_afresh};
pub use paths::{Nodes, PLACES};
pub use probe::{probe, Probe};

use crate::wire::{self, Report};
use codec::{Decode, Encode};
use nix::{
    sys::{
        prctl,
        resource::{getrlimit, setrlimit, Resource},
        signal::Signal,
        stat::{umask, Mode},
    },
    unistd::{chdir, dup2_stdout, getppid, Pid},
};
use std::{
    fs::{self, File},
    io,
    os::{
        fd::AsFd,
        unix::fs::{chown, PermissionsExt},
    },
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// Nice value of children: the node next door must not miss its blocks.
const NICE: libc::c_int = 10;
/// Most open files.
const MAX_FILES: u64 = 4096;
/// Most threads of a child, besides those for each core.
const MAX_THREADS: u64 = 1024;
/// The same for each core.
const THREADS_PER_CORE: u64 = 16;
/// How often as many the user may have that children become. All of them count for each: the limit is what one cannot start
/// between two looks of its parent.
const CHILDREN: u64 = 8;
/// Processor time beyond what all cores have within a run's limit. The clock of the parent is faster.
const SPARE_CPU_TIME: Duration = Duration::from_secs(60);
/// The user that children of root become: of those Debian sets aside, and nobody else's.
pub const USER: u32 = 65_533;

/// Names of the walls.
pub const LIMITS: &str = "limits";
/// Landlock.
pub const FILES: &str = "files";
/// seccomp.
pub const CALLS: &str = "calls";
/// Namespaces.
pub const SPACES: &str = "spaces";
/// A file system of its own.
pub const ROOT: &str = "root";
/// No privileges, and another user where the executor is root.
pub const PRIVILEGES: &str = "privileges";

/// What a child may use.
#[derive(Clone, PartialEq, Eq, Debug, clap::Args)]
pub struct Limits {
    /// Process that started the child.
    #[arg(long)]
    pub parent: u32,
    /// The folder it has.
    #[arg(long)]
    pub folder: PathBuf,
    /// Most bytes of private memory; 0: no limit of the kernel's own.
    #[arg(long)]
    pub data_bytes: u64,
    /// Most bytes of one file.
    #[arg(long)]
    pub file_bytes: u64,
    /// Whose device nodes it may open.
    #[arg(long, value_enum)]
    pub nodes: Nodes,
    /// Have namespaces and a file system of its own, as far as allowed.
    #[arg(long)]
    pub spaces: bool,
    /// The user to become.
    #[arg(long)]
    pub user: Option<u32>,
    /// Go on where a wall that must be there is not.
    #[arg(long)]
    pub insecure: bool,
}

/// A protection, and whether it is in force.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Wall {
    /// What it is called.
    pub name: String,
    /// Whether nothing may run without it.
    required: bool,
    /// How it is in force, or why it is not.
    pub state: Result<String, String>,
}

impl Wall {
    fn new(name: &str, state: Result<impl Into<String>, impl ToString>) -> Self {
        let required = matches!(name, LIMITS | FILES | CALLS);
        Self { name: name.into(), required, state: state.map(Into::into).map_err(|error| error.to_string()) }
    }

    /// Whether nothing may run without it.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Whether it is missing although nothing may run without it.
    pub fn is_lacking(&self) -> bool {
        self.required && self.state.is_err()
    }
}

/// The folder of a child. Its parts:
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folder(pub PathBuf);

impl Folder {
    const INPUTS: &'static str = "in";
    const PROGRAM: &'static str = "program";
    const TEMPORARY: &'static str = "tmp";
    const CACHE: &'static str = "cache";
    const WRITTEN: [&'static str; 2] = [Self::TEMPORARY, Self::CACHE];

    /// Where the parent puts the source and the inputs; the child reads them.
    pub fn inputs(&self) -> PathBuf {
        self.0.join(Self::INPUTS)
    }

    /// Where the parent puts the compiled program, if there is one.
    pub fn program(&self) -> PathBuf {
        self.inputs().join(Self::PROGRAM)
    }

    /// Where drivers put temporary files.
    pub fn temporary(&self) -> PathBuf {
        self.0.join(Self::TEMPORARY)
    }

    /// Where drivers keep what they have compiled.
    pub fn cache(&self) -> PathBuf {
        self.0.join(Self::CACHE)
    }

    /// Make the parts, for a child that becomes `user`.
    pub fn make(&self, user: Option<u32>) -> io::Result<()> {
        for part in [Self::INPUTS, spaces::ROOT_FOLDER] {
            fs::create_dir(self.0.join(part))?;
            fs::set_permissions(self.0.join(part), fs::Permissions::from_mode(0o755))?;
        }
        for part in Self::WRITTEN {
            fs::create_dir(self.0.join(part))?;
            give(&self.0.join(part), user)?;
        }
        Ok(())
    }
}

/// Give a file or folder to the user that children become.
pub fn give(path: &Path, user: Option<u32>) -> io::Result<()> {
    user.map_or(Ok(()), |user| chown(path, Some(user), Some(user)))
}

/// A child in its sandbox.
pub struct Entered {
    /// Where reports and the output go: standard output, which now leads to standard error, so that a chatty driver cannot write into the pipe.
    pub reports: File,
    /// Its folder, as it sees it.
    pub folder: Folder,
    /// The walls around it.
    pub walls: Vec<Wall>,
}

/// Enter the sandbox.
///
/// The child ends with its parent, runs at low priority, leaves no core dump, gains no privileges, keeps no file it has
/// inherited, and writes files only it can read.
///
/// # Errors
///
/// What failed: a wall that must be there, or anything needed to raise them; and that the parent is gone.
pub fn enter(limits: &Limits) -> io::Result<Entered> {
    end_with_parent()?;
    if getppid().as_raw().unsigned_abs() != limits.parent {
        return Err(io::Error::new(io::ErrorKind::NotConnected, "the parent is gone"));
    }
    prctl::set_no_new_privs()?;
    inherited::be_ordinary();
    lower_thread_priority();
    limit(Resource::RLIMIT_CORE, 0)?;
    // What the child's file system is made of is there for whoever the child becomes.
    umask(Mode::from_bits_truncate(0o022));
    // SAFETY: no file beyond standard error is owned by anybody here. Not every kernel has the call (5.9), and the parent opens
    // everything to be closed on exec.
    unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
    let mut reports = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    dup2_stdout(io::stderr())?;

    let view = paths::View::new(limits.nodes);
    let mut walls = Vec::new();
    let mut folder = Folder(limits.folder.clone());
    let mut tell = |process: u32| {
        // A parent that does not listen is gone.
        let _ = wire::send(&mut reports, &Report::Process(process));
    };
    let mut alone = false;
    if limits.spaces {
        let allowed = spaces::try_to_leave();
        if allowed.is_ok() {
            // A process that has left by half can start no thread, so a failure is the end of this one.
            spaces::leave(|process: Pid| tell(process.as_raw().unsigned_abs()))?;
        }
        alone = allowed.is_ok();
        let root = allowed
            .map_err(io::Error::from)
            .and_then(|()| spaces::make_root(&view, &limits.folder, Folder::INPUTS, &Folder::WRITTEN));
        if root.is_ok() {
            folder = Folder(spaces::OWN.into());
        }
        walls.push(Wall::new(SPACES, allowed.map(|()| "own network, processes, mounts, names")));
        walls.push(Wall::new(ROOT, root.map(|()| "drivers and its own folder alone")));
    } else {
        walls.push(Wall::new(SPACES, Err::<String, _>("not asked for")));
    }
    if !alone {
        tell(std::process::id());
    }
    umask(Mode::from_bits_truncate(0o077));
    // Elsewhere another user could not reach the folder, which lies in one that only the executor's user may enter.
    let user = limits.user.filter(|_| folder.0 == Path::new(spaces::OWN));
    let become_less = || match user {
        Some(user) => spaces::become_user(user, &view.nodes).map(|()| format!("user {user}")).map_err(io::Error::from),
        None => Ok("no capabilities".into()),
    };
    let less = become_less();
    walls.push(Wall::new(PRIVILEGES, spaces::drop_capabilities().and(less)));
    // Such a change makes Linux forget it.
    end_with_parent()?;
    walls.push(Wall::new(LIMITS, set_limits(limits, alone).map(|()| "core, files, memory, processes, stack")));

    let written = [folder.temporary(), folder.cache()];
    walls.push(Wall::new(FILES, paths::restrict(&view, &folder.inputs(), &written)));
    walls.push(Wall::new(
        CALLS,
        calls::from_the_start(limits.nodes == Nodes::Host)
            .map(|()| "network, processes, mounts; exec and fork in a run"),
    ));
    if let Some(Wall { name, state: Err(error), .. }) = walls.iter().find(|wall| wall.is_lacking() && !limits.insecure)
    {
        return Err(io::Error::other(format!("{name}: {error}")));
    }

    chdir(&folder.inputs())?;
    let (temporary, cache) = (folder.temporary(), folder.cache());
    for (name, path) in [
        ("HOME", &temporary),
        ("TMPDIR", &temporary),
        ("POCL_CACHE_DIR", &cache),
        ("CUDA_CACHE_PATH", &cache),
        ("XDG_CACHE_HOME", &cache),
    ] {
        std::env::set_var(name, path);
    }
    Ok(Entered { reports, folder, walls })
}

fn end_with_parent() -> nix::Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)
}

/// `alone`: no process outside this sandbox counts as one of its user's.
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

/// Limit the processor time of this process to what all cores have within `time`, and a little more.
pub fn limit_processor_time(time: Duration) -> io::Result<()> {
    let most = time.as_secs().saturating_mul(cores()).saturating_add(SPARE_CPU_TIME.as_secs());
    Ok(limit(Resource::RLIMIT_CPU, most)?)
}

/// Most threads of a child, whose parent looks at their number.
pub fn most_threads() -> u64 {
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

/// Lower the calling thread's priority to that of a child.
pub fn lower_thread_priority() {
    // SAFETY: a plain system call. On Linux it concerns the calling thread alone; failure costs only politeness.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICE);
    }
}

/// End the process without running any destructor.
pub fn exit_now(code: i32) -> ExitCode {
    // SAFETY: nothing is left to be flushed: reports are written unbuffered.
    unsafe { libc::_exit(code) }
}
