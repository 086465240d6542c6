//! Properties that a child would inherit from the process that started the executor, and their
//! replacements.
//!
//! Two honest workers must get the same result, whichever shell, service manager or container
//! started their nodes.
//!
//! | inherited | a child has |
//! |---|---|
//! | environment | variables for drivers and devices, fixed `PATH` and `LC_ALL`, own folders |
//! | size of the stack | [`STACK_BYTES`], for every thread |
//! | limit of address space | none; a child refuses to run with a limit |
//! | other limits | the highest the system allows, then those of the sandbox |
//! | signals ignored or blocked | none |
//! | personality, such as no randomised addresses | the ordinary one |
//! | scheduling class | the ordinary one, at low priority |
//! | order of the memory killer | before the node and the executor |
//! | umask, working directory, open files | fixed by [`enter`](super::enter) |
//! | rounding mode and flags of floating point | those that Linux sets at a program's start |

use nix::sys::{
    resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit},
    stat::{Mode, umask},
};
use std::{fs, io, mem::MaybeUninit};

/// Bytes of stack of every thread of a child. Drivers of CPUs keep the private memory of a
/// work-group there.
///
/// This is Linux's own default, so a kernel that runs in an ordinary shell also runs in the
/// executor.
pub(super) const STACK_BYTES: u64 = 8 * 1024 * 1024;

/// Out-of-memory score adjustment: children are killed before other processes. The range is -1000
/// (never) to 1000 (first).
const MEMORY_KILLER_SCORE: &str = "500";

/// Limits that are raised as far as the system allows.
const RAISED: [Resource; 9] = [
    Resource::RLIMIT_AS,
    Resource::RLIMIT_CPU,
    Resource::RLIMIT_DATA,
    Resource::RLIMIT_FSIZE,
    Resource::RLIMIT_LOCKS,
    Resource::RLIMIT_MEMLOCK,
    Resource::RLIMIT_NPROC,
    Resource::RLIMIT_RSS,
    Resource::RLIMIT_SIGPENDING,
];

/// Reset settings that would keep an executor from waiting for its children or sharing files with
/// them.
pub(crate) fn start_afresh() {
    umask(Mode::from_bits_truncate(0o022));
    // SAFETY: the default handler is no function. While this signal is ignored, no process can wait
    // for a child.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Reset what a child would inherit, between fork and exec. The C library takes the stack size of
/// threads from the limit it finds when the program starts. [`check`] verifies that this worked.
///
/// Only makes system calls, because nothing else is allowed between fork and exec.
pub(crate) fn before_exec() {
    for resource in RAISED {
        if let Ok((_, hard)) = getrlimit(resource) {
            let _ = setrlimit(resource, hard, hard);
        }
    }
    let _ = setrlimit(Resource::RLIMIT_STACK, STACK_BYTES, STACK_BYTES);
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: the default handler is no function. Signals whose handling cannot be changed are
        // refused.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: a plain system call.
    unsafe { libc::personality(0) };
}

/// Reset the scheduling class and the memory killer's order. A failure affects only other
/// processes.
pub(super) fn be_ordinary() {
    let none = libc::sched_param { sched_priority: 0 };
    // SAFETY: the structure outlives the call.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_OTHER, &none) };
    let _ = fs::write("/proc/self/oom_score_adj", MEMORY_KILLER_SCORE);
}

/// Check the properties on which results depend.
///
/// # Errors
///
/// If the stack has another size, or if address space is limited. The error says what to do.
pub(super) fn check() -> io::Result<()> {
    let fail = |text: String| Err(io::Error::other(text));
    let (stack, _) = getrlimit(Resource::RLIMIT_STACK)?;
    let threads = stack_of_threads()?;
    if stack != STACK_BYTES || threads != STACK_BYTES {
        return fail(format!(
            "the stack has {stack} bytes, that of threads {threads}, and not {STACK_BYTES}: raise the hard limit to at least {} \
             (`ulimit -H -s`, `LimitSTACK=`)",
            STACK_BYTES / 1024
        ));
    }
    match getrlimit(Resource::RLIMIT_AS)? {
        (RLIM_INFINITY, _) => Ok(()),
        (bytes, _) => fail(format!(
            "address space is limited to {bytes} bytes, and drivers reserve more: lift the limit (`ulimit -v unlimited`, \
             `LimitAS=infinity`)"
        )),
    }
}

/// Default stack size of threads, in bytes. Drivers start their threads with it.
fn stack_of_threads() -> io::Result<u64> {
    let mut attributes = MaybeUninit::uninit();
    let mut bytes = 0;
    // SAFETY: the first call fills the structure, the second reads it and writes a number, and the
    // third destroys it.
    let failed = unsafe {
        let failed = libc::pthread_attr_init(attributes.as_mut_ptr());
        if failed == 0 {
            libc::pthread_attr_getstacksize(attributes.as_ptr(), &mut bytes);
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
        }
        failed
    };
    match failed {
        0 => Ok(bytes as u64),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}
