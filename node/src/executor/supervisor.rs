//! Starts the executor, restarts it when it ends, and ends it with the node.
//!
//! ```text
//!   start -> wait for its address -> publish -> wait for its end -> unpublish -> growing pause --+
//!     ^           | ended, or too slow                                                ^          |
//!     |           +-------------------------------------------------------------------+          |
//!     +------------------------------------------------------------------------------------------+
//! ```
//!
//! One thread does all of it and lives as long as the node, because Linux kills the child when the
//! *thread* that started it ends.

use super::{Client, LOG, Stop};
use dpin_loopback::token;
use dpin_primitives::executor::ExecutorConfig;
use std::{
    fs, io,
    io::IsTerminal,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Most time between an executor's start and its first answer.
const READY: Duration = Duration::from_secs(60);
/// Time that an executor has to end after SIGTERM. Then it is killed.
const GRACE: Duration = Duration::from_secs(3);
/// First pause before a restart.
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// An executor that has answered for at least this long was well: the next pause is the shortest
/// again.
const WELL: Duration = Duration::from_secs(60);
/// Interval between two checks of the child.
const TICK: Duration = Duration::from_millis(50);

/// The executor to supervise.
pub(crate) struct Supervised {
    /// The executor's program.
    pub program: PathBuf,
    /// Extra command-line options.
    pub options: Vec<String>,
    /// Directory of the executor's data, and of the token and address files.
    pub dir: PathBuf,
    /// Set when the node ends.
    pub stop: Stop,
}

/// Starts the thread.
///
/// It calls `publish` with the executor's address whenever the executor has started, and with
/// `None` when the executor has ended.
pub(crate) fn spawn(
    supervised: Supervised,
    publish: impl Fn(Option<ExecutorConfig>) + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    fs::create_dir_all(&supervised.dir)?;
    let token = token::generate()?;
    token::replace(&supervised.token_file(), &token)?;
    std::thread::Builder::new().name("executor-supervisor".into()).spawn(move || {
        let mut pause = MIN_PAUSE;
        loop {
            let mut well = Duration::ZERO;
            match supervised.run_once(&token, &publish) {
                Ok(Some((status, lasted))) => {
                    well = lasted;
                    log::error!(target: LOG, "The executor ended: {status}");
                }
                Ok(None) => return,
                Err(error) => log::error!(target: LOG, "The executor does not run: {error}"),
            }
            pause = if well >= WELL { MIN_PAUSE } else { pause };
            log::info!(target: LOG, "Starting the executor again in {} s", pause.as_secs());
            if supervised.stop.sleep(pause) {
                return;
            }
            pause = (pause * 2).min(MAX_PAUSE);
        }
    })
}

/// The reason why an executor does not run.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it ended before it listened ({0}); its messages are above")]
    Ended(ExitStatus),
    #[error("it did not answer within {} s: {last}", READY.as_secs())]
    Slow { last: String },
}

impl Supervised {
    fn token_file(&self) -> PathBuf {
        self.dir.join("token")
    }

    fn port_file(&self) -> PathBuf {
        self.dir.join("address")
    }

    /// Runs the executor until it ends, or until the node ends (`None`).
    ///
    /// Returns the executor's status and for how long it answered.
    fn run_once(
        &self,
        token: &str,
        publish: &impl Fn(Option<ExecutorConfig>),
    ) -> Result<Option<(ExitStatus, Duration)>, StartError> {
        // The directory may have been removed while the last executor ran.
        fs::create_dir_all(&self.dir)?;
        if fs::read_to_string(self.token_file()).ok().as_deref() != Some(token) {
            token::replace(&self.token_file(), token)?;
        }
        match fs::remove_file(self.port_file()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut running = Running(self.command().spawn()?);
        let Some(address) = self.wait_until_ready(&mut running.0, token)? else { return Ok(None) };
        log::info!(target: LOG, "🔧 The executor listens at {}", address.url);
        publish(Some(address));
        let since = Instant::now();
        let ended = loop {
            if let Some(status) = running.0.try_wait()? {
                break Some((status, since.elapsed()));
            }
            if self.stop.sleep(TICK) {
                break None;
            }
        };
        publish(None);
        Ok(ended)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("serve")
            .args(["--listen", "127.0.0.1:0"])
            .arg("--data-dir")
            .arg(&self.dir)
            .arg("--token-file")
            .arg(self.token_file())
            .arg("--port-file")
            .arg(self.port_file())
            // The node's end of the pipe closes with the node, on every system.
            .arg("--exit-on-stdin-close")
            .args(&self.options)
            .stdin(Stdio::piped());
        if !io::stderr().is_terminal() {
            command.env("NO_COLOR", "1");
        }
        die_with_node(&mut command);
        command
    }

    /// Waits until the executor answers, and returns its address; `None` if the node ends first.
    fn wait_until_ready(&self, child: &mut Child, token: &str) -> Result<Option<ExecutorConfig>, StartError> {
        let deadline = Instant::now() + READY;
        let mut last = String::from("it has not written its address");
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait()? {
                return Err(StartError::Ended(status));
            }
            if let Some(listens) = read_address(&self.port_file()) {
                let address = ExecutorConfig { url: format!("http://{listens}"), token: token.into() };
                match Client::new(address.clone()).status() {
                    Ok(_) => return Ok(Some(address)),
                    Err(error) => last = error.to_string(),
                }
            }
            if self.stop.sleep(TICK) {
                return Ok(None);
            }
        }
        Err(StartError::Slow { last })
    }
}

/// Returns the address in the executor's port file, if it is written completely.
fn read_address(file: &Path) -> Option<SocketAddr> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// A child process that is ended when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        // SIGTERM first: the executor ends its own children and leaves its queue in order.
        if let Ok(pid) = i32::try_from(self.0.id()) {
            // SAFETY: kill has no memory effects; the child is not waited for yet, so its pid is
            // not reused.
            unsafe { libc::kill(pid, libc::SIGTERM) };
        }
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(TICK);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Makes Linux kill the child when the node is gone, even if the node itself had no time for it.
#[cfg(target_os = "linux")]
fn die_with_node(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    let node = std::process::id();
    // SAFETY: between fork and exec only async-signal-safe functions are called, and no memory is
    // allocated.
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                return Err(io::Error::last_os_error());
            }
            // The node may have died before the line above.
            if u32::try_from(libc::getppid()) != Ok(node) {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            Ok(())
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_node(_: &mut Command) {}

#[cfg(test)]
mod tests {
    use super::{super::fake, *};
    use codec::Encode;
    use dpin_primitives::executor::ExecutorStatus;
    use std::{
        os::unix::fs::PermissionsExt,
        sync::mpsc::{Receiver, channel},
    };

    /// A program that stands in for the executor: `body` is a shell script that finds the port file
    /// in `$port`.
    fn program(dir: &Path, body: &str) -> PathBuf {
        let file = dir.join("executor.sh");
        fs::write(&file, format!("#!/bin/sh\nport=\"$9\"\n{body}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).unwrap();
        file
    }

    /// Returns the address of a server that answers every request with a status, for any token.
    fn answering() -> String {
        let status = ExecutorStatus {
            version: "1".into(),
            devices: Vec::new(),
            queued: 0,
            running: 0,
            disk: Default::default(),
        };
        fake::serve_anyone(move |_, _| (200, status.encode())).url.replace("http://", "")
    }

    fn supervise(dir: &Path, body: &str) -> (Stop, JoinHandle<()>, Receiver<Option<ExecutorConfig>>) {
        let stop = Stop::default();
        let supervised =
            Supervised { program: program(dir, body), options: Vec::new(), dir: dir.join("data"), stop: stop.clone() };
        let (sender, receiver) = channel();
        let thread = spawn(supervised, move |address| sender.send(address).unwrap()).unwrap();
        (stop, thread, receiver)
    }

    fn is_alive(pid: &str) -> bool {
        Path::new("/proc").join(pid).exists()
    }

    #[test]
    fn the_executor_is_published_and_ends_with_the_node() {
        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let body = format!("echo $$ > {}\necho {} > $port\nexec sleep 600", pid_file.display(), answering());
        let (stop, thread, published) = supervise(dir.path(), &body);

        let address = published.recv_timeout(READY).unwrap().unwrap();
        assert_eq!(address.token, fs::read_to_string(dir.path().join("data/token")).unwrap());
        assert_eq!(address.token.len(), 64);
        let mode = fs::metadata(dir.path().join("data/token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let pid = fs::read_to_string(pid_file).unwrap().trim().to_owned();
        assert!(is_alive(&pid));

        stop.set();
        thread.join().unwrap();
        assert_eq!(published.recv().unwrap(), None);
        assert!(!is_alive(&pid));
    }

    #[test]
    fn an_executor_that_ends_is_started_again_with_the_same_token() {
        let dir = tempfile::tempdir().unwrap();
        let (stop, thread, published) = supervise(dir.path(), &format!("echo {} > $port\nexec sleep 0.5", answering()));

        let first = published.recv_timeout(READY).unwrap().unwrap();
        assert_eq!(published.recv_timeout(READY).unwrap(), None);
        let second = published.recv_timeout(READY).unwrap().unwrap();
        assert_eq!(first.token, second.token);

        stop.set();
        thread.join().unwrap();
    }

    #[test]
    fn an_executor_whose_folder_was_removed_is_started_again_with_the_same_token() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let body = format!("echo {} > $port\nwhile [ -d {} ]; do sleep 0.05; done", answering(), data.display());
        let (stop, thread, published) = supervise(dir.path(), &body);

        let first = published.recv_timeout(READY).unwrap().unwrap();
        fs::remove_dir_all(&data).unwrap();
        assert_eq!(published.recv_timeout(READY).unwrap(), None);
        let second = published.recv_timeout(READY).unwrap().unwrap();
        assert_eq!(first.token, second.token);
        assert_eq!(fs::read_to_string(data.join("token")).unwrap(), second.token);

        stop.set();
        thread.join().unwrap();
    }

    #[test]
    fn an_executor_that_never_listens_is_never_published() {
        let dir = tempfile::tempdir().unwrap();
        let (stop, thread, published) = supervise(dir.path(), "exit 3");
        std::thread::sleep(Duration::from_millis(300));
        stop.set();
        thread.join().unwrap();
        assert!(published.recv().is_err());
    }
}
