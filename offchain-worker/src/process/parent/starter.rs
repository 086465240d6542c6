//! Starts a child process: its command line, its environment and its folder.

use super::group::Group;
use crate::{
    device::drivers::{self, Driver},
    process::sandbox::{self, Folder, Nodes},
};
use std::{
    ffi::OsString,
    io,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};
use tempfile::TempDir;

/// Prefix of the names of children's folders.
const FOLDER_PREFIX: &str = "child-";
/// Name of the folder in which a single driver is registered for a child.
const DRIVERS: &str = "drivers";
/// Most bytes of a file that a child writes: programs in the driver's cache.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Environment variables passed on to children: those that select devices. Others are set in
/// [`environment`].
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

/// Everything needed to start a child.
#[derive(Clone)]
pub(super) struct Starter {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    /// Where the folders of children lie.
    pub folder: PathBuf,
    /// The user that children become, unless it turns out that they cannot.
    pub user: Option<u32>,
    /// Whether children may run without required walls.
    pub insecure: bool,
}

/// A child with its folder.
pub(super) struct Resident {
    /// The child's processes.
    pub group: Group,
    /// The child's folder.
    pub folder: Folder,
    /// Removes the folder, after the child.
    _owner: TempDir,
}

impl Starter {
    /// A starter of this same executable. The folders of children lie in `folder`.
    pub(super) fn new(folder: PathBuf, insecure: bool) -> io::Result<Self> {
        let program = std::env::current_exe()?;
        Ok(Self { program, environment: environment(), folder, user: None, insecure })
    }

    /// Start a child that sees only `driver`, or all drivers if it is `None`. It may open the
    /// device nodes `nodes`. `data_bytes`: most bytes of its private memory, 0 for no such limit.
    pub(super) fn start(&self, nodes: Nodes, data_bytes: u64, driver: Option<&Driver>) -> io::Result<Resident> {
        let owner = tempfile::Builder::new().prefix(FOLDER_PREFIX).tempdir_in(&self.folder)?;
        let folder = Folder(owner.path().to_path_buf());
        folder.make(self.user)?;
        let mut command = self.command(&folder, nodes, data_bytes);
        let alone = driver.map_or(Ok(None), |driver| driver.alone_in(&self.folder.join(DRIVERS)))?;
        if let Some(alone) = alone {
            for name in drivers::REPLACED {
                command.env_remove(name);
            }
            command.env(drivers::VENDORS_VARIABLE, alone);
        }
        Ok(Resident { group: Group::new(command.spawn()?), folder, _owner: owner })
    }

    /// The command that starts a child in `folder`.
    fn command(&self, folder: &Folder, nodes: Nodes, data_bytes: u64) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("child")
            .args(["--parent", &std::process::id().to_string()])
            .arg("--folder")
            .arg(&folder.0)
            .args(["--data-bytes", &data_bytes.to_string()])
            .args(["--file-bytes", &FILE_BYTES.to_string()])
            .args(["--nodes", nodes.name()])
            .arg("--spaces")
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
        if let Some(user) = self.user {
            command.args(["--user", &user.to_string()]);
        }
        if self.insecure {
            command.arg("--insecure");
        }
        command
    }
}

/// The environment of children.
fn environment() -> Vec<(OsString, OsString)> {
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
    environment
}
