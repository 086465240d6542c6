//! The wall of files: what of the file system drivers need, and Landlock, which refuses the rest.

use landlock::{
    path_beneath_rules, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, ABI,
};
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// The oldest interface of Landlock that will do: older ones refuse drivers to rename their files.
const OLDEST: u32 = 2;
/// The newest interface of Landlock that is used. What the kernel at hand does not have is left out.
const NEWEST: ABI = ABI::V6;

/// Whose device nodes a child may open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, clap::ValueEnum)]
pub enum Nodes {
    /// None: the device is the host's own processor.
    Host,
    /// NVIDIA's.
    Nvidia,
    /// Those of drivers in the kernel: AMD's, Intel's, and others.
    Kernel,
    /// All: the devices are only listed.
    All,
}

impl Nodes {
    /// As the child is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Nvidia => "nvidia",
            Self::Kernel => "kernel",
            Self::All => "all",
        }
    }

    /// Those that a device needs which its vendor and platform call so.
    pub fn of(vendor: &str, platform: &str) -> Self {
        match [vendor, platform].iter().any(|name| name.to_ascii_lowercase().contains("nvidia")) {
            true => Self::Nvidia,
            false => Self::Kernel,
        }
    }
}

/// Where libraries, drivers and what they read at their start lie.
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

/// Programs with which PoCL links, and what loads them. Nothing else can be executed.
const LINKERS: &[&str] = &[
    "/usr/bin/ld",
    "/usr/bin/ld.bfd",
    "/usr/bin/ld.gold",
    "/usr/bin/ld.lld",
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
];

/// What tells of the machine: its processors and its memory.
const FACTS: &[&str] = &[
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm",
    "/proc/version",
    "/sys/devices/system",
];

/// What tells of GPUs; their drivers look at their own process, too, and at the program in it.
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

/// The child's own threads. NVIDIA's driver gives them names, and opens no device if it cannot.
const THREADS: &str = "/proc/self/task";

/// Devices everybody may use.
const COMMON_NODES: &[&str] = &["/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"];

/// Variables that name where drivers lie.
pub const PLACES: &[&str] =
    &["LD_LIBRARY_PATH", "OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "OPENCL_VENDOR_PATH", "ROCM_PATH"];

/// What of the file system a child sees besides its own folder.
pub struct View {
    /// Read.
    pub read: Vec<PathBuf>,
    /// Read and execute.
    pub execute: Vec<PathBuf>,
    /// Read, write, and give device commands to.
    pub nodes: Vec<PathBuf>,
    /// Write.
    pub write: Vec<PathBuf>,
}

impl View {
    /// What drivers need, of devices with these nodes.
    pub fn new(nodes: Nodes) -> Self {
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

/// Folders of drivers: those that the files in which drivers are registered name by their path, and those the loader is told to look
/// in.
fn drivers() -> Vec<PathBuf> {
    let lines = |folder: PathBuf| {
        let texts = listed(folder).filter_map(|file| fs::read_to_string(file).ok());
        texts.flat_map(|text| text.lines().map(|line| PathBuf::from(line.trim())).collect::<Vec<_>>())
    };
    let told = std::env::var_os(crate::drivers::VENDORS_VARIABLE).map(PathBuf::from);
    let places = [Some(PathBuf::from("/etc/OpenCL/vendors")), told];
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

/// Refuse this thread, and those it will start, everything but `view` and the folder `own`, of which the part `inputs` is
/// only read; also TCP, and signals and sockets out of the sandbox, where the kernel's Landlock knows of them. Tells how much
/// of that is in force.
///
/// # Errors
///
/// If Landlock is not there or too old: without its second interface (Linux 5.19) drivers cannot rename their files.
pub fn restrict(view: &View, inputs: &Path, own: &[PathBuf]) -> io::Result<String> {
    let files = AccessFs::from_all(NEWEST);
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let execute = AccessFs::ReadFile | AccessFs::Execute;
    let nodes = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let special = AccessFs::MakeBlock | AccessFs::MakeChar | AccessFs::MakeFifo | AccessFs::MakeSock;
    let write: BitFlags<AccessFs> = files & !(special | AccessFs::Execute | AccessFs::IoctlDev);
    let rules = || {
        Ruleset::default()
            // Part of the first two interfaces; all beyond is taken where it is there.
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
    // A rule is bound to what the kernel remembers of a folder, and of those of processes it would forget it.
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

/// The number of the interface that the kernel's Landlock has.
fn interface() -> io::Result<u32> {
    const VERSION: libc::c_uint = 1;
    // SAFETY: with this flag the call reads nothing.
    let number =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0 as libc::size_t, VERSION) };
    u32::try_from(number).map_err(|_| match io::Error::last_os_error() {
        error if error.raw_os_error() == Some(libc::ENOSYS) => io::Error::other("the kernel has no Landlock"),
        error if error.raw_os_error() == Some(libc::EOPNOTSUPP) => io::Error::other("Landlock is turned off"),
        error => io::Error::other(format!("Landlock: {error}")),
    })
}
