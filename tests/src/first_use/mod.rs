//! Runs the code in the documentation's pages as a reader would.
//!
//! # Overview
//!
//! [`run`] takes a page, extracts its [blocks], and runs them one after the other in one shell, in
//! an empty directory. The directory has the files of a clone (`kernels/`, `examples/`) and the
//! packages that `npm install` provides. `make` and the programs are those of this repository, on
//! the `PATH`. Only the ports in a block are changed, so that pages and other nodes of the machine
//! do not conflict. All processes that a page starts end with it.
//!
//! # Implementation notes
//!
//! `make dev` is run by make itself, but with all build targets marked as up to date.

pub mod page;
pub mod quotes;

use crate::network::{die_with_parent, program};
use anyhow::{Context, Result, ensure};
use page::{Action, Block, Language, blocks};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicI32, Ordering},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The ports that pages name. Each is replaced by another in every run.
const PORTS: [u16; 12] = [9944, 9945, 9946, 9955, 9956, 9615, 9616, 9617, 30333, 30334, 30335, 7000];
/// Time limit of a page.
const LIMIT: Duration = Duration::from_secs(300);
/// Time limit for a page's processes to end.
const GRACE: Duration = Duration::from_secs(20);
/// Interval at which a page's shell is polled.
const TICK: Duration = Duration::from_millis(100);

/// A page to run.
#[derive(Clone, Copy, Debug)]
pub struct DocPage {
    /// Path below the repository's root.
    pub path: &'static str,
    /// Whether it assumes that `make dev` is running.
    pub assumes_dev: bool,
}

/// All pages to run.
pub const PAGES: [DocPage; 6] = [
    DocPage { path: "README.md", assumes_dev: true },
    DocPage { path: "docs/requester.md", assumes_dev: true },
    DocPage { path: "docs/dapp.md", assumes_dev: true },
    DocPage { path: "docs/economy.md", assumes_dev: true },
    DocPage { path: "docs/operator.md", assumes_dev: false },
    DocPage { path: "docs/cli.md", assumes_dev: false },
];

/// The functions at the beginning of a page's script.
const PROLOGUE: &str = r#"set -euo pipefail
at() { printf '%s\n' "$1"; }
trap 'echo "first-use: $page: line ${line:-1} failed" >&2' ERR
# Wait until a background process has written a text; fail if it ends before, or after two minutes.
await() {
    local log=$1 text=$2 pid=$3 left=1200
    # The log is made by the process that was just started.
    until grep -qsF -- "$text" "$log"; do
        if ! kill -0 "$pid" 2>/dev/null || [ $((left -= 1)) -le 0 ]; then
            echo "first-use: $page: line $line: \"$text\" was not written; the last lines are" >&2
            tail -n 20 "$log" >&2
            return 1
        fi
        sleep 0.1
    done
}
"#;

/// The `make` of a page. Everything is already built, so `build` and its prerequisites are not made
/// again. A development node listens on this run's ports if the page names no others.
const MAKE: &str = r#"#!/bin/sh
options=
for argument; do
    case $argument in ARGS=*) options=${argument#ARGS=} ;; esac
done
for option in "--rpc-port 9944" "--blob-listen 127.0.0.1:9955" "--prometheus-port 9615" "--port 30333"; do
    case " $options " in *" ${option%% *} "*) ;; *) options="$options $option" ;; esac
done
export CARGO_TARGET_DIR='@TARGET@'
exec /usr/bin/make -C '@ROOT@' --no-print-directory -o build -o setup-build "$1" ARGS="$options"
"#;

/// Run a page of the repository at `root`. Returns the number of blocks that were run. Their output
/// goes to standard output.
///
/// # Errors
///
/// When the page cannot be read, a block fails, or the page takes too long.
pub fn run(root: &Path, page: DocPage) -> Result<usize> {
    let text = fs::read_to_string(root.join(page.path)).with_context(|| page.path.to_owned())?;
    let blocks = blocks(&text).with_context(|| page.path.to_owned())?;
    let place = Place::prepare(root)?;
    let script = place.script(page, &blocks)?;
    let path = place.dir.path().join("first-use.sh");
    fs::write(&path, script)?;
    let begin = Instant::now();
    let mut session = Session::start(&place, &path)?;
    let status = loop {
        if let Some(status) = session.shell.try_wait()? {
            break status;
        }
        ensure!(begin.elapsed() < LIMIT, "{} is not done after {} s", page.path, LIMIT.as_secs());
        std::thread::sleep(TICK);
    };
    ensure!(status.success(), "{} failed ({status})", page.path);
    Ok(blocks.iter().filter(|block| block.action != Action::NotRun).count())
}

/// The directory in which a page runs.
struct Place {
    dir: TempDir,
    path: std::ffi::OsString,
    ports: Vec<(String, String)>,
}

impl Place {
    fn prepare(root: &Path) -> Result<Self> {
        let dir = TempDir::with_prefix("dpin-first-use-")?;
        let work = dir.path().join("work");
        fs::create_dir(&work)?;
        fs::create_dir(dir.path().join("home"))?;
        let ports = ports()?;
        let root = fs::canonicalize(root)?;
        symlink(root.join("kernels"), work.join("kernels"))?;
        symlink(root.join("examples"), work.join("examples"))?;
        symlink(root.join("examples/node_modules"), work.join("node_modules"))?;

        let programs = program("dpin-node")?.parent().context("a program lies in a directory")?.to_path_buf();
        let shims = dir.path().join("bin");
        fs::create_dir(&shims)?;
        let make = shims.join("make");
        let target = programs.parent().context("programs lie in a build directory")?;
        let text =
            MAKE.replace("@TARGET@", &target.display().to_string()).replace("@ROOT@", &root.display().to_string());
        let text = moved(&ports, &text);
        fs::write(&make, text)?;
        fs::set_permissions(&make, fs::Permissions::from_mode(0o755))?;

        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([shims, programs].into_iter().chain(std::env::split_paths(&others)))?;
        Ok(Self { dir, path, ports })
    }

    /// The script that runs a page's blocks. Files that the page builds up are written beside it.
    fn script(&self, page: DocPage, blocks: &[Block]) -> Result<String> {
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        let mut script = format!("page={}\n{PROLOGUE}", page.path);
        if page.assumes_dev {
            let action = Action::Start("Running JSON-RPC server".into());
            let block = Block { line: 1, language: Language::Shell, action, text: "make dev\n".into() };
            self.step(&mut script, &block, &files)?;
        }
        for block in blocks {
            if block.action == Action::NotRun {
                continue;
            }
            let block = Block { text: moved(&self.ports, &block.text), ..block.clone() };
            let _ = writeln!(script, "line={}; at '{}: line {}'", block.line, page.path, block.line);
            // A block that runs a file uses the parts of it up to here.
            if let Action::File(name) = &block.action {
                let name = blocks.iter().find_map(|other| match &other.action {
                    Action::File(other) if other == name => Some(other.as_str()),
                    _ => None,
                });
                let text = files.entry(name.context("the file's own block is among them")?).or_default();
                text.push_str(&block.text);
                write_in_script(&mut script, name.unwrap_or_default(), text);
                continue;
            }
            self.step(&mut script, &block, &files)?;
        }
        Ok(script)
    }

    fn step(&self, script: &mut String, block: &Block, files: &BTreeMap<&str, String>) -> Result<()> {
        // The script writes modules to the current directory of the page's shell.
        let module = |script: &mut String, text: &str| {
            let name = format!("line-{}.mjs", block.line);
            write_in_script(script, &name, text);
            let _ = writeln!(script, "node {name}");
        };
        match (&block.action, block.language) {
            (Action::Run, Language::Shell) => script.push_str(&block.text),
            (Action::Run, Language::JavaScript) => module(script, &block.text),
            (Action::RunAfter(file), _) => {
                let before = files.get(file.as_str()).with_context(|| format!("line {}: no {file}", block.line))?;
                // An open connection would keep the module running.
                module(script, &format!("{before}\n{}\nprocess.exit(0);\n", block.text));
            }
            (Action::Start(text), _) => {
                let log = format!("line-{}.log", block.line);
                let text = text.replace('\'', "'\\''");
                let _ = write!(script, "(\n{}) >{log} 2>&1 &\nawait {log} '{text}' $!\n", block.text);
            }
            (Action::File(_) | Action::NotRun, _) => (),
        }
        Ok(())
    }
}

/// Replace the pages' ports in a text by those of a run.
fn moved(ports: &[(String, String)], text: &str) -> String {
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, after) = digits.split_at(end);
        moved.push_str(before);
        let port = ports.iter().find(|(from, _)| from == number);
        moved.push_str(port.map_or(number, |(_, to)| to));
        rest = after;
    }
    moved.push_str(rest);
    moved
}

/// Add a command to the script that writes a file.
fn write_in_script(script: &mut String, name: &str, text: &str) {
    let _ = write!(script, "cat >'{name}' <<'END-OF-THE-FIRST-USE-FILE'\n{text}END-OF-THE-FIRST-USE-FILE\n");
}

/// The pages' ports, each with a free port.
fn ports() -> Result<Vec<(String, String)>> {
    let listeners = PORTS.iter().map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<Result<Vec<_>, _>>()?;
    let free = listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect::<Result<Vec<_>>>()?;
    Ok(PORTS.iter().zip(free).map(|(from, to)| (from.to_string(), to.to_string())).collect())
}

/// A page's shell and all processes that it has started: one process group, which ends when this is
/// dropped.
struct Session {
    shell: Child,
    group: libc::pid_t,
}

impl Session {
    fn start(place: &Place, script: &Path) -> Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("bash");
        command.arg(script).current_dir(place.dir.path().join("work"));
        // The reader's own keys and settings must not affect the page.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DPIN_")) {
            command.env_remove(name);
        }
        // The defaults of `dpin` are the pages' ports.
        command.env("DPIN_URL", moved(&place.ports, "ws://127.0.0.1:9944"));
        command.env("DPIN_BLOB_URL", moved(&place.ports, "http://127.0.0.1:9955"));
        command.env("HOME", place.dir.path().join("home")).env("PATH", &place.path);
        command.stdin(Stdio::null()).process_group(0);
        die_with_parent(&mut command);
        let shell = command.spawn().context("bash does not start")?;
        let group = libc::pid_t::try_from(shell.id())?;
        RUNNING.store(group, Ordering::SeqCst);
        Ok(Self { shell, group })
    }

    fn signal(&self, signal: libc::c_int) -> bool {
        // SAFETY: kill has no memory effects. The group has this number while one of its processes
        // exists.
        unsafe { libc::kill(-self.group, signal) == 0 }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.signal(libc::SIGTERM);
        let deadline = Instant::now() + GRACE;
        loop {
            // After it has been waited for, the shell is no longer a process of the group.
            let _ = self.shell.try_wait();
            if !self.signal(0) {
                break;
            }
            if Instant::now() >= deadline {
                self.signal(libc::SIGKILL);
                let _ = self.shell.wait();
                break;
            }
            std::thread::sleep(TICK);
        }
        RUNNING.store(0, Ordering::SeqCst);
    }
}

/// The process group of the running page; 0 if there is none.
static RUNNING: AtomicI32 = AtomicI32::new(0);

/// Install handlers of SIGINT and SIGTERM. They end the running page with all its processes, and
/// then this process.
pub fn end_with_a_signal() {
    extern "C" fn end(signal: libc::c_int) {
        let group = RUNNING.load(Ordering::SeqCst);
        // SAFETY: kill and _exit may be called in a signal handler.
        unsafe {
            if group > 0 {
                libc::kill(-group, libc::SIGKILL);
            }
            libc::_exit(128 + signal)
        }
    }
    for signal in [libc::SIGINT, libc::SIGTERM] {
        // SAFETY: the handler only calls functions that are allowed in one.
        unsafe { libc::signal(signal, end as *const () as libc::sighandler_t) };
    }
}

/// The root of this repository, where this crate was built.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(ports: &[(&str, &str)]) -> Place {
        let own = |(from, to): &(&str, &str)| ((*from).to_owned(), (*to).to_owned());
        Place { dir: TempDir::new().unwrap(), path: "/bin".into(), ports: ports.iter().map(own).collect() }
    }

    #[test]
    fn ports_are_moved_and_nothing_else() {
        let place = place(&[("9944", "40001"), ("9955", "40002")]);
        let text = "ws://127.0.0.1:9944 --blob 9955, 19944 0x99445 9944x 99440";
        assert_eq!(moved(&place.ports, text), "ws://127.0.0.1:40001 --blob 40002, 19944 0x99445 40001x 99440");
    }

    #[test]
    fn every_page_says_of_each_block_whether_it_is_run() {
        for page in PAGES {
            let text = fs::read_to_string(root().join(page.path)).unwrap();
            let found = blocks(&text).unwrap_or_else(|error| panic!("{}: {error:#}", page.path));
            assert!(found.iter().any(|block| block.action != Action::NotRun), "{} runs nothing", page.path);
        }
    }

    #[test]
    fn a_page_is_a_script_with_its_files_and_modules() {
        let place = place(&[("9944", "40001")]);
        let page = DocPage { path: "page.md", assumes_dev: false };
        let text = "<!-- first-use: file job.mjs -->\n```js\nconst port = 9944;\n```\n\
            <!-- first-use: run after job.mjs -->\n```js\nconsole.log(port);\n```\n\
            <!-- first-use: run -->\n```sh\nnode job.mjs\n```\n";
        let script = place.script(page, &blocks(text).unwrap()).unwrap();
        assert!(script.contains("const port = 40001;\n"), "{script}");
        assert!(script.ends_with("node job.mjs\n"), "{script}");
        let module = "cat >'line-7.mjs' <<'END-OF-THE-FIRST-USE-FILE'\nconst port = 40001;\n\nconsole.log(port);\n";
        assert!(script.contains(module), "{script}");
    }

    #[test]
    fn a_failing_block_fails_and_what_was_started_is_ended() {
        let place = place(&[]);
        fs::create_dir(place.dir.path().join("work")).unwrap();
        fs::create_dir(place.dir.path().join("home")).unwrap();
        let page = DocPage { path: "page.md", assumes_dev: false };
        let text = "<!-- first-use: start \"up\" -->\n```sh\necho up\nsleep 100\n```\n\
            <!-- first-use: run -->\n```sh\nfalse\n```\n";
        let script = place.dir.path().join("script.sh");
        fs::write(&script, place.script(page, &blocks(text).unwrap()).unwrap()).unwrap();
        let mut session = Session::start(&place, &script).unwrap();
        assert!(!session.shell.wait().unwrap().success());
        assert!(session.signal(0), "the background process is still there");
        let group = session.group;
        drop(session);
        // SAFETY: kill has no memory effects.
        assert_ne!(unsafe { libc::kill(-group, 0) }, 0, "nothing is left");
    }
}
