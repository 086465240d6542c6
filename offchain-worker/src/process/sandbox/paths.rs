//! The wall of files: the paths that drivers need, and Landlock, which refuses all others.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus, Scope, path_beneath_rules,
};
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// The oldest usable version of Landlock's interface: with older ones drivers cannot rename files.
const OLDEST: u32 = 2;
/// The newest version of Landlock's interface that is used. Features that the kernel lacks are left
/// out.
const NEWEST: ABI = ABI::V6;

/// Device nodes that a child may open, by vendor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, clap::ValueEnum)]
pub(crate) enum Nodes {
    /// None: the device is the host's own processor.
    Host,
    /// NVIDIA's.
    Nvidia,
    /// Those of drivers in the kernel: AMD's, Intel's, and others.
    Kernel,
    /// All, to list the devices.
    All,
}

impl Nodes {
    /// The name in the child's command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Nvidia => "nvidia",
            Self::Kernel => "kernel",
            Self::All => "all",
        }
    }

    /// The device nodes for a device, by the names of its vendor and platform.
    pub(crate) fn of(vendor: &str, platform: &str) -> Self {
        match [vendor, platform].iter().any(|name| name.to_ascii_lowercase().contains("nvidia")) {
            true => Self::Nvidia,
            false => Self::Kernel,
        }
    }
}

/// Folders of libraries and drivers, and files that they read at their start.
const LIBRARIES: &[&str] = &[
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/pocl",
    "/usr/share/libdrm",
    "/etc/OpenCL",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/opt/amdgpu",
    "/opt/intel",
    "/opt/rocm",
];

/// The programs with which PoCL links, and their loaders. No others can be executed.
const LINKERS: &[&str] = &[
    "/usr/bin/ld",
    "/usr/bin/ld.bfd",
    "/usr/bin/ld.gold",
    "/usr/bin/ld.lld",
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
];

/// Files that describe the machine: its processors and memory.
const FACTS: &[&str] = &[
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm",
    "/proc/version",
    "/sys/devices/system",
];

/// Files that describe GPUs. GPU drivers also read about their own process and its executable.
const GPU_FACTS: &[&str] = &[
    "/proc/devices",
    "/proc/driver",
    "/proc/modules",
    "/proc/self",
    "/proc/self/exe",
    "/sys/bus/pci",
    "/sys/class",
    "/sys/dev",
    "/sys/devices",
    "/sys/module",
];

/// The child's own threads. NVIDIA's driver names its threads, and opens no device if it cannot.
const THREADS: &str = "/proc/self/task";

/// Devices that every child may use.
const COMMON_NODES: &[&str] = &["/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"];

/// Environment variables that say where drivers lie.
pub(crate) const PLACES: &[&str] =
    &["LD_LIBRARY_PATH", "OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "OPENCL_VENDOR_PATH", "ROCM_PATH"];

/// The paths that a child sees in addition to its own folder.
pub(super) struct View {
    /// Paths to read.
    pub read: Vec<PathBuf>,
    /// Paths to read and execute.
    pub execute: Vec<PathBuf>,
    /// Paths to read, write, and send device commands to.
    pub nodes: Vec<PathBuf>,
    /// Paths to write.
    pub write: Vec<PathBuf>,
}

impl View {
    /// The paths that drivers need for devices with these nodes.
    pub(super) fn new(nodes: Nodes) -> Self {
        let mut read = existing(LIBRARIES);
        for place in PLACES.iter().filter_map(std::env::var_os) {
            read.extend(std::env::split_paths(&place).filter(|path| path.is_absolute() && path.exists()));
        }
        read.extend(drivers());
        read.extend(existing(FACTS));
        let mut write = Vec::new();
        if nodes != Nodes::Host {
            read.extend(existing(GPU_FACTS));
            write.extend(existing(&[THREADS]));
        }
        let mut devices = existing(COMMON_NODES);
        if matches!(nodes, Nodes::Nvidia | Nodes::All) {
            devices.extend(listed("/dev").filter(|path| starts_with(path, "nvidia")));
        }
        if matches!(nodes, Nodes::Kernel | Nodes::All) {
            devices.extend(existing(&["/dev/kfd"]));
            read.extend(existing(&["/dev/dri"]));
            devices.extend(listed("/dev/dri").filter(|path| starts_with(path, "renderD") || starts_with(path, "card")));
        }
        Self { read, execute: existing(LINKERS), nodes: devices, write }
    }
}

/// Folders of drivers: the paths in the files that register drivers, and the folders in the
/// loader's configuration.
fn drivers() -> Vec<PathBuf> {
    let lines = |folder: PathBuf| {
        let texts = listed(folder).filter_map(|file| fs::read_to_string(file).ok());
        texts.flat_map(|text| text.lines().map(|line| PathBuf::from(line.trim())).collect::<Vec<_>>())
    };
    let named = std::env::var_os(crate::device::drivers::VENDORS_VARIABLE).map(PathBuf::from);
    let places = [Some(PathBuf::from("/etc/OpenCL/vendors")), named];
    let vendors = places.into_iter().flatten().flat_map(lines);
    let vendors = vendors.filter_map(|driver| driver.parent().map(Path::to_path_buf));
    vendors
        .chain(lines("/etc/ld.so.conf.d".into()))
        .filter(|folder| folder.is_absolute() && folder.parent().is_some() && folder.is_dir())
        .collect()
}

fn existing(paths: &[&str]) -> Vec<PathBuf> {
    paths.iter().map(PathBuf::from).filter(|path| path.exists()).collect()
}

fn listed(folder: impl AsRef<Path>) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn starts_with(path: &Path, prefix: &str) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(prefix))
}

/// Restrict this thread, and those it will start, to `view` and the folders `own`; `inputs` is
/// read-only. Also refuses TCP, and signals and sockets out of the sandbox, if the kernel's
/// Landlock supports that. Returns a description of what is in force.
///
/// # Errors
///
/// If Landlock is missing or too old. Without its second interface (Linux 5.19) drivers cannot
/// rename files.
pub(super) fn restrict(view: &View, inputs: &Path, own: &[PathBuf]) -> io::Result<String> {
    let files = AccessFs::from_all(NEWEST);
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let execute = AccessFs::ReadFile | AccessFs::Execute;
    let nodes = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let special = AccessFs::MakeBlock | AccessFs::MakeChar | AccessFs::MakeFifo | AccessFs::MakeSock;
    let write: BitFlags<AccessFs> = files & !(special | AccessFs::Execute | AccessFs::IoctlDev);
    let rules = || {
        Ruleset::default()
            // The first two interfaces are required. Later features are used if the kernel has
            // them.
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(ABI::V2))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(files)?
            .handle_access(AccessNet::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?
            .create()?
            .add_rules(path_beneath_rules(&view.read, read))?
            .add_rules(path_beneath_rules(&view.execute, execute))?
            .add_rules(path_beneath_rules(&view.nodes, nodes))?
            .add_rules(path_beneath_rules(&view.write, AccessFs::WriteFile))?
            .add_rules(path_beneath_rules([inputs], read))?
            .add_rules(path_beneath_rules(own, write))?
            .restrict_self()
    };
    // A rule is bound to the kernel's cached inode of a folder. The kernel drops the inodes of
    // process folders, so these files are kept open.
    view.write.iter().filter_map(|path| fs::File::open(path).ok()).for_each(std::mem::forget);
    let version = interface()?;
    if version < OLDEST {
        return Err(io::Error::other(format!("Landlock's interface is number {version}; at least {OLDEST} is needed")));
    }
    match rules().map_err(io::Error::other)?.ruleset {
        RulesetStatus::FullyEnforced => Ok(format!("files, TCP, signals; Landlock's interface is number {version}")),
        RulesetStatus::PartiallyEnforced => {
            Ok(format!("files; Landlock's interface is number {version} and knows less than the newest"))
        }
        RulesetStatus::NotEnforced => Err(io::Error::other("the kernel has no Landlock")),
    }
}

/// The version of Landlock's interface in this kernel.
fn interface() -> io::Result<u32> {
    const VERSION: libc::c_uint = 1;
    // SAFETY: with this flag the call reads no memory.
    let number =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0 as libc::size_t, VERSION) };
    u32::try_from(number).map_err(|_| match io::Error::last_os_error() {
        error if error.raw_os_error() == Some(libc::ENOSYS) => io::Error::other("the kernel has no Landlock"),
        error if error.raw_os_error() == Some(libc::EOPNOTSUPP) => io::Error::other("Landlock is turned off"),
        error => io::Error::other(format!("Landlock: {error}")),
    })
}
