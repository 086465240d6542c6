//! What a child gives up before it reads its order.

use std::{fs::File, io, os::fd::FromRawFd, process::ExitCode};

/// Nice value of children: the node next door must not miss its blocks.
const NICE: libc::c_int = 10;
/// Most open files.
const MAX_FILES: u64 = 4096;

/// What a child may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::Args)]
pub struct Limits {
    /// Process that started the child.
    #[arg(long)]
    pub parent: u32,
    /// Most bytes of private memory; 0: no limit of the kernel's own.
    #[arg(long)]
    pub data_bytes: u64,
    /// Most bytes of one file.
    #[arg(long)]
    pub file_bytes: u64,
}

/// Enter the sandbox. Returns where reports go: standard output, which from then on leads to standard error, so that a
/// chatty driver cannot write into the pipe.
///
/// The child ends with its parent, runs at low priority, leaves no core dump, gains no privileges, keeps no file it has
/// inherited, and writes files only it can read.
///
/// # Errors
///
/// That of the system call that failed, and `NotConnected` if the parent is gone.
pub fn enter(limits: &Limits) -> io::Result<File> {
    // SAFETY: plain system calls; no other thread runs yet, and no file beyond standard error is owned by anybody.
    unsafe {
        done(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
        if libc::getppid().unsigned_abs() != limits.parent {
            return Err(io::ErrorKind::NotConnected.into());
        }
        done(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
        done(libc::setpriority(libc::PRIO_PROCESS, 0, NICE))?;
        libc::umask(0o077);
        limit(libc::RLIMIT_CORE, 0)?;
        limit(libc::RLIMIT_NOFILE, MAX_FILES)?;
        limit(libc::RLIMIT_FSIZE, limits.file_bytes)?;
        if limits.data_bytes > 0 {
            limit(libc::RLIMIT_DATA, limits.data_bytes)?;
        }
        // Not every kernel has it (5.9), and the parent opens everything to be closed on exec.
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
        let reports = done(libc::fcntl(1, libc::F_DUPFD_CLOEXEC, 3))?;
        done(libc::dup2(2, 1))?;
        Ok(File::from_raw_fd(reports))
    }
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

fn done(returned: libc::c_int) -> io::Result<libc::c_int> {
    if returned == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(returned)
    }
}

fn limit(resource: libc::__rlimit_resource_t, most: u64) -> io::Result<()> {
    // SAFETY: both calls get a valid pointer.
    unsafe {
        let mut set = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        done(libc::getrlimit(resource, &mut set))?;
        set.rlim_cur = most.min(set.rlim_max);
        set.rlim_max = set.rlim_cur;
        done(libc::setrlimit(resource, &set)).map(drop)
    }
}
