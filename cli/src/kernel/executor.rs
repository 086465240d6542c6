//! The executor on this machine, if there is one. It lists the devices, and can try a kernel on
//! one.

use crate::{
    error::{Error, Result},
    kernel::file::KernelFile,
    text::escape::inline,
};
use codec::Encode;
use serde::{Deserialize, Serialize};
use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Name of the executor's program.
const NAME: &str = "dpin-executor";
/// Time limit for listing the devices.
const LISTING: Duration = Duration::from_secs(90);
/// Extra time for a trial beyond the limit that the executor gets.
const GRACE: Duration = Duration::from_secs(30);
/// Interval at which the executor is polled for its end.
const TICK: Duration = Duration::from_millis(20);
/// Most bytes of the executor's output that are kept; the rest is read and dropped.
const MAX_OUTPUT: usize = 4 * 1024 * 1024;
/// Exit code of the executor if there is no device.
const NO_DEVICE: i32 = 3;
/// Exit code of the executor if it does not understand the command.
const NOT_UNDERSTOOD: i32 = 2;

/// Find the executor's program: beside this one, or in the search path.
pub(crate) fn program() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(NAME)));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    beside.into_iter().chain(std::env::split_paths(&paths).map(|folder| folder.join(NAME))).find(|path| path.is_file())
}

/// The exit status of a program, and its output.
struct ProgramOutput {
    status: ExitStatus,
    output: String,
    errors: String,
}

/// A running program. Dropping the value kills it.
struct ChildGuard(Child);

impl Drop for ChildGuard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The output of a pipe so far.
#[derive(Clone, Default)]
struct Pipe {
    kept: Arc<Mutex<Vec<u8>>>,
    ended: Arc<AtomicBool>,
}

impl Pipe {
    /// Read the pipe to its end, and keep the first part.
    fn drain(pipe: Option<impl Read + Send + 'static>) -> Self {
        let this = Self::default();
        let (Self { kept, ended }, mut piece) = (this.clone(), [0; 8192]);
        std::thread::spawn(move || {
            let Some(mut pipe) = pipe else { return };
            while let Ok(count @ 1..) = pipe.read(&mut piece) {
                if let Ok(mut kept) = kept.lock() {
                    let room = MAX_OUTPUT.saturating_sub(kept.len()).min(count);
                    kept.extend_from_slice(&piece[..room]);
                }
            }
            ended.store(true, Ordering::Release);
        });
        this
    }

    /// The text of the pipe. Waits at most a second if a process left behind holds the pipe open.
    fn text(self) -> String {
        let until = Instant::now() + Duration::from_secs(1);
        while !self.ended.load(Ordering::Acquire) && Instant::now() < until {
            std::thread::sleep(TICK);
        }
        self.kept.lock().map(|kept| String::from_utf8_lossy(&kept).into_owned()).unwrap_or_default()
    }
}

/// Run a program to its end. Fails if it does not end by the deadline.
fn run(program: &Path, command: &mut Command, deadline: Duration) -> Result<ProgramOutput> {
    let shown = program.display();
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = ChildGuard(started.map_err(|error| {
        Error::failed(format!("{shown} cannot be run: {error}"))
            .hint("name another program with --executor, or build it with `make build`")
    })?);
    let (output, errors) = (Pipe::drain(child.0.stdout.take()), Pipe::drain(child.0.stderr.take()));
    let began = Instant::now();
    let status = loop {
        match child.0.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if began.elapsed() < deadline => std::thread::sleep(TICK),
            Ok(None) => {
                return Err(Error::failed(format!("{shown} did not end within {} s", deadline.as_secs()))
                    .hint("run `dpin-executor devices` to see which driver hangs"));
            }
            Err(error) => return Err(Error::failed(format!("{shown}: {error}"))),
        }
    };
    Ok(ProgramOutput { status, output: output.text(), errors: errors.text() })
}

/// List the devices that the executor would use with `--device <choice>` and with the options in
/// the file `config`, as one line of JSON for each. `auto` leaves the choice to the file, if there
/// is one.
///
/// # Errors
///
/// When there is no executor, or it cannot list them.
pub(crate) fn devices(choice: &str, config: Option<&Path>) -> Result<String> {
    let program = program().ok_or_else(|| {
        Error::usage("dpin-executor is neither in the folder of this program nor in PATH")
            .hint("describe the devices with --device, or run `dpin-executor devices --json` on the worker's machine and pass its output with --devices FILE")
    })?;
    listed(&program, choice, config)
}

fn listed(program: &Path, choice: &str, config: Option<&Path>) -> Result<String> {
    let mut command = Command::new(program);
    command.args(["devices", "--json"]);
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    if config.is_none() || choice != "auto" {
        command.args(["--device", choice]);
    }
    let ended = run(program, &mut command, LISTING)?;
    if !ended.status.success() {
        return Err(Error::failed(format!("{}: {}", program.display(), inline(ended.errors.trim())))
            .hint("run `dpin-executor devices` for details"));
    }
    Ok(ended.output)
}

/// The executor's findings after compiling a kernel and running a few tiles.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct TrialResult {
    /// The device, empty if there was none.
    pub device: String,
    /// Whether the kernel compiles.
    pub built: bool,
    /// The compiler's messages.
    pub log: String,
    /// The faults of the kernel.
    pub faults: Vec<TrialFault>,
    /// Further remarks.
    pub notes: Vec<String>,
}

/// A fault of a kernel.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct TrialFault {
    /// The name of the rule that it breaks.
    pub rule: String,
    /// The parameter concerned, if it is about one.
    pub parameter: String,
    /// A description of the fault.
    pub message: String,
}

/// The parameters of a trial.
#[derive(Clone, Debug)]
pub(crate) struct Trial<'a> {
    /// The file with the source.
    pub source: &'a Path,
    /// The kernel.
    pub kernel: &'a KernelFile,
    /// The device: `auto` or a number.
    pub device: &'a str,
    /// Time limit, in seconds.
    pub seconds: u32,
}

/// Let the executor compile a kernel and run a few tiles of it. Returns the reason as the inner
/// error if the kernel cannot be tried.
///
/// # Errors
///
/// When the executor does not end in time, or fails.
pub(crate) fn try_kernel(program: &Path, trial: &Trial<'_>) -> Result<std::result::Result<TrialResult, String>> {
    let mut command = Command::new(program);
    command
        .arg("kernel-check")
        .arg(trial.source)
        .arg("--manifest-hex")
        .arg(hex::encode(trial.kernel.manifest.encode()));
    command.args(["--device", trial.device, "--timeout", &trial.seconds.to_string(), "--json"]);
    let ended = run(program, &mut command, Duration::from_secs(trial.seconds.into()) + GRACE)?;
    let told: Option<TrialResult> = ended.output.lines().rev().find_map(|line| serde_json::from_str(line).ok());
    match (ended.status.code(), told) {
        (Some(0 | 1), Some(tried)) => Ok(Ok(tried)),
        (Some(NO_DEVICE), told) => {
            let notes = told.unwrap_or_default().notes;
            Ok(Err(if notes.is_empty() {
                "this machine has no OpenCL device".into()
            } else {
                inline(&notes.join("; "))
            }))
        }
        (Some(NOT_UNDERSTOOD), _) if ended.errors.contains("kernel-check") => {
            Ok(Err(format!("{} is older than this program", program.display())))
        }
        (code, _) => {
            let how = code.map_or_else(|| "was killed".to_string(), |code| format!("ended with exit code {code}"));
            Err(Error::failed(format!("{} {how}: {}", program.display(), inline(ended.errors.trim())))
                .hint("the kernel was not tried; see `dpin-executor kernel-check --help`"))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A program that runs these shell commands.
    fn script(folder: &Path, lines: &str) -> PathBuf {
        let path = folder.join(format!("executor-{}", lines.len()));
        std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn tried(lines: &str) -> Result<std::result::Result<TrialResult, String>> {
        let folder = tempfile::tempdir().unwrap();
        let ready = dpin_kernels::by_name("mandelbrot").unwrap();
        let kernel = KernelFile { source: ready.source.as_bytes().to_vec(), manifest: ready.manifest().unwrap() };
        let trial = Trial { source: Path::new("f.cl"), kernel: &kernel, device: "auto", seconds: 1 };
        try_kernel(&script(folder.path(), lines), &trial)
    }

    #[test]
    fn what_the_executor_finds_is_read() {
        let found = tried(
            r#"echo '{"device": "cpu", "built": true, "log": "w", "faults": [{"rule": "reads-output", "parameter": "y", "message": "m"}], "more": 1}'; exit 1"#,
        );
        let found = found.unwrap().unwrap();
        assert_eq!((found.device.as_str(), found.built, found.faults.len()), ("cpu", true, 1));
        let found = tried(
            r#"[ "$1 $2 $5 $6 $7 $8 $9" = "kernel-check f.cl --device auto --timeout 1 --json" ] && echo '{"built": true}'"#,
        );
        assert!(found.unwrap().unwrap().built);
    }

    #[test]
    fn the_devices_are_those_of_the_executors_options() {
        let folder = tempfile::tempdir().unwrap();
        let program = script(folder.path(), "echo \"$@\"");
        let asked = |choice: &str, config: Option<&str>| listed(&program, choice, config.map(Path::new)).unwrap();
        assert_eq!(asked("auto", None), "devices --json --device auto\n");
        assert_eq!(asked("gpu", Some("e.toml")), "devices --json --config e.toml --device gpu\n");
        // The option does not overrule the choice in the file.
        assert_eq!(asked("auto", Some("e.toml")), "devices --json --config e.toml\n");
    }

    #[test]
    fn without_a_device_or_with_an_older_executor_it_is_not_tried() {
        let why = tried(r#"echo '{"device": "", "notes": ["no ICD"]}'; exit 3"#).unwrap().unwrap_err();
        assert_eq!(why, "no ICD");
        let why = tried("echo \"unrecognized subcommand 'kernel-check'\" >&2; exit 2").unwrap().unwrap_err();
        assert!(why.contains("is older"), "{why}");
    }

    #[test]
    fn an_executor_that_breaks_or_floods_is_an_error_or_cut() {
        let error = tried("printf '\\033[2Jbroken' >&2; exit 9").unwrap_err();
        assert!(error.message.contains("ended with exit code 9: \\u{1b}[2Jbroken"), "{error}");
        assert!(tried("kill -9 $$").unwrap_err().message.contains("was killed"));
        assert!(tried("yes | head -c 9000000; exit 0").is_err());
        let began = Instant::now();
        // A process that holds the pipes open is not waited for.
        assert!(tried("sleep 20 & echo '{\"built\": true}'").is_ok());
        assert!(began.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn an_executor_that_hangs_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let program = script(folder.path(), "exec sleep 60");
        let error = run(&program, &mut Command::new(&program), Duration::from_millis(200)).err().unwrap();
        assert!(error.message.contains("did not end within"), "{error}");
        let error = run(Path::new("/no/executor"), &mut Command::new("/no/executor"), TICK).err().unwrap();
        assert!(error.message.contains("cannot be run"), "{error}");
    }
}
