//! Tests a sandbox from the inside: tries operations that it must refuse.

use super::{
    Entered,
    walls::{CALLS, FILES, LIMITS, SandboxProbe, Wall},
    with_the_first_code,
};
use nix::{
    sys::{
        mman::{MapFlags, ProtFlags, mmap},
        resource::{Resource, getrlimit},
        wait::waitpid,
    },
    unistd::{ForkResult, execv, fork},
};
use std::{
    fs::{self, File},
    io,
    num::NonZeroUsize,
    path::Path,
    ptr::null,
    thread,
};

/// Files that no kernel needs.
const SECRETS: &[&str] = &["/etc/passwd", "/etc/shadow", "/etc/machine-id", "/dev/mem", "/dev/kmsg"];
/// Folders that must not be writable.
const OUTSIDE: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/etc", "/usr/lib", "/"];
/// Programs that must not start.
const PROGRAMS: &[&str] = &["/bin/sh", "/usr/bin/env", "/usr/bin/true"];

/// Try all operations. Returns the walls; one that let something through has that as its error.
pub(crate) fn probe(probe: &SandboxProbe, entered: &Entered) -> Vec<Wall> {
    let mut held = entered.walls.clone();
    let mut broken = |name: &str, text: String| {
        if let Some(wall) = held.iter_mut().find(|wall| wall.name == name && wall.state.is_ok()) {
            wall.state = Err(text);
        }
    };
    // Without the wall, some of the operations would end the probe.
    let is_raised = |name: &str| entered.walls.iter().any(|wall| wall.name == name && wall.state.is_ok());
    if is_raised(FILES) {
        files(probe, entered).into_iter().for_each(|text| broken(FILES, text));
        exec_of_others();
    }
    if is_raised(CALLS) {
        match exec_ends_with_the_first_code(entered) {
            Ok(None) => {
                let process = probe.process;
                // The filter of the run is in force for all threads by now, so any thread will do.
                let tried = thread::spawn(move || calls(process)).join();
                let tried = tried.unwrap_or_else(|_| vec!["a thread died".into()]);
                tried.into_iter().for_each(|text| broken(CALLS, text));
            }
            Ok(Some(text)) => broken(CALLS, text.into()),
            Err(error) => broken(CALLS, format!("the phases could not be tested: {error}")),
        }
    }
    if !matches!(getrlimit(Resource::RLIMIT_CORE), Ok((_, 0))) {
        broken(LIMITS, "a core dump could be left".into());
    }
    held
}

fn files(probe: &SandboxProbe, entered: &Entered) -> Vec<String> {
    let process = ["environ", "mem", "cmdline"].map(|file| format!("/proc/{}/{file}", probe.process));
    let secrets =
        SECRETS.iter().copied().chain(probe.secrets.iter().chain(&process).map(String::as_str)).map(Path::new);
    let read = secrets.filter(|path| File::open(path).is_ok() || fs::read_dir(path).is_ok());
    let read = read.map(|path| format!("{} could be read", path.display()));
    let inputs = entered.folder.inputs();
    let written = OUTSIDE.iter().map(Path::new).chain([inputs.as_path(), &entered.folder.0]).filter_map(|folder| {
        let file = folder.join(".dpin-probe");
        File::create_new(&file).is_ok().then(|| {
            let _ = fs::remove_file(&file);
            format!("a file could be made in {}", folder.display())
        })
    });
    let mut broken: Vec<String> = read.chain(written).collect();
    if File::create_new(entered.folder.temporary().join("probe")).is_err() {
        broken.push("its own folder could not be written to".into());
    }
    broken
}

/// If one of them starts, it replaces the probe, and the parent gets no answer.
fn exec_of_others() {
    for program in PROGRAMS {
        if let Ok(program) = std::ffi::CString::new(*program) {
            let _ = execv(&program, &[&program]);
        }
    }
}

/// Check that new processes are possible until code is mapped, and impossible after that. Returns
/// what was wrong.
fn exec_ends_with_the_first_code(entered: &Entered) -> io::Result<Option<&'static str>> {
    with_the_first_code()?;
    if !forks()? {
        return Ok(Some("no process could be started while the program is built"));
    }
    let path = entered.folder.cache().join("probe");
    fs::write(&path, [0; 64])?;
    let file = File::open(&path)?;
    let length = NonZeroUsize::MIN.saturating_add(63);
    let code = ProtFlags::PROT_READ | ProtFlags::PROT_EXEC;
    // SAFETY: a new mapping, which is not used.
    unsafe { mmap(None, length, code, MapFlags::MAP_PRIVATE, &file, 0) }?;
    Ok(forks()?.then_some("a process could be started by the kernel's code"))
}

/// Whether a process can be started.
fn forks() -> io::Result<bool> {
    // SAFETY: the new process exits at once.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => unsafe { libc::_exit(0) },
        Ok(ForkResult::Parent { child }) => Ok(waitpid(child, None).map(|_| true)?),
        Err(_) => Ok(false),
    }
}

/// Names of the refused system calls that the sandbox let through.
fn calls(process: u32) -> Vec<String> {
    let process = libc::c_long::from(process);
    let none = null::<u8>();
    let zero = 0 as libc::c_long;
    // SAFETY: with these arguments, refused calls change nothing, and permitted calls next to
    // nothing. A process that is started exits at once.
    let tried = unsafe {
        [
            ("a socket", libc::syscall(libc::SYS_socket, libc::AF_INET, libc::SOCK_STREAM, 0)),
            ("a local socket", libc::syscall(libc::SYS_socket, libc::AF_UNIX, libc::SOCK_STREAM, 0)),
            ("a netlink socket", libc::syscall(libc::SYS_socket, libc::AF_NETLINK, libc::SOCK_RAW, 0)),
            ("fork", ended(libc::syscall(libc::SYS_clone, libc::SIGCHLD, none, none, none, zero))),
            ("exec", libc::syscall(libc::SYS_execve, c"/usr/bin/ld".as_ptr(), none, none)),
            ("a signal to the parent", libc::syscall(libc::SYS_kill, process, 0)),
            ("a signal to all", libc::syscall(libc::SYS_kill, -1 as libc::c_long, 0)),
            ("ptrace", libc::syscall(libc::SYS_ptrace, libc::PTRACE_TRACEME, zero, none, none)),
            ("ptrace of the parent", libc::syscall(libc::SYS_ptrace, libc::PTRACE_SEIZE, process, none, none)),
            ("the parent's limits", libc::syscall(libc::SYS_prlimit64, process, libc::RLIMIT_CORE, none, none)),
            ("outliving the parent", libc::syscall(libc::SYS_prctl, libc::PR_SET_PDEATHSIG, 0)),
            ("a namespace", libc::syscall(libc::SYS_unshare, libc::CLONE_NEWUSER)),
            ("a session", libc::syscall(libc::SYS_setsid)),
            ("keys", libc::syscall(libc::SYS_keyctl, zero, zero, zero)),
            ("bpf", libc::syscall(libc::SYS_bpf, zero, none, zero)),
            ("io_uring", libc::syscall(libc::SYS_io_uring_setup, 1, none)),
            ("userfaultfd", libc::syscall(libc::SYS_userfaultfd, 0)),
            ("memory that is not counted", libc::syscall(libc::SYS_memfd_create, c"probe".as_ptr(), 0)),
            ("a call of another ABI", libc::syscall(0x4000_0000 | libc::SYS_getpid)),
        ]
    };
    let through = tried.into_iter().filter(|(_, returned)| *returned >= 0);
    through.map(|(what, _)| format!("{what} was let through")).collect()
}

/// Ends the new process that `clone` made; in the old process, the value that `clone` returned.
fn ended(returned: libc::c_long) -> libc::c_long {
    if returned == 0 {
        // SAFETY: this is the new process, which only exits.
        unsafe { libc::_exit(0) };
    }
    returned
}
