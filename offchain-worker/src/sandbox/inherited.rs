//! What a child would inherit from whoever started the executor, and what it gets instead.
//!
//! Two honest workers must come to the same result whatever shell, service manager or container their nodes were started from.
//!
//! | inherited | a child has |
//! |---|---|
//! | environment | nothing but the variables that find drivers and devices, fixed values for `PATH` and `LC_ALL`, and its own folders |
//! | size of the stack | [`STACK_BYTES`], for every thread |
//! | other limits | as far up as the system allows, then those of the sandbox; it refuses to run with less address space than all |
//! | signals ignored or blocked | none |
//! | personality, such as no randomised addresses | the ordinary one |
//! | scheduling class | the ordinary one, at low priority |
//! | order of the memory killer | before the node and the executor |
//! | umask, working directory, open files | fixed by [`enter`](super::enter) |
//! | rounding mode and flags of floating point | those Linux gives every program at its start |

use nix::sys::{
    resource::{getrlimit, setrlimit, Resource, RLIM_INFINITY},
    stat::{umask, Mode},
};
use std::{fs, io, mem::MaybeUninit};

/// Bytes of stack of every thread of a child. Drivers of CPUs keep the private memory of a work-group there.
///
/// Linux's own default, so that what runs in an ordinary shell runs in the executor.
pub const STACK_BYTES: u64 = 8 * 1024 * 1024;

/// How much sooner than others a child is ended when the machine has no memory left; 1000 is first, -1000 never.
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

/// Give up what keeps an executor from seeing its children end and from sharing files with them.
pub fn start_afresh() {
    umask(Mode::from_bits_truncate(0o022));
    // SAFETY: the default is no function. Where this signal is ignored, nobody can wait for a child.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Give up what would be inherited, between fork and exec: the C library takes the size of threads' stacks from the limit it finds
/// when the program starts. [`check`] tells whether that worked.
///
/// Makes system calls alone, as nothing else is allowed there.
pub fn before_exec() {
    for resource in RAISED {
        if let Ok((_, hard)) = getrlimit(resource) {
            let _ = setrlimit(resource, hard, hard);
        }
    }
    let _ = setrlimit(Resource::RLIMIT_STACK, STACK_BYTES, STACK_BYTES);
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: the default is no function. Signals whose handling cannot be changed are refused.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: a plain system call.
    unsafe { libc::personality(0) };
}

/// Give up the rest. Failure costs politeness only.
pub fn be_ordinary() {
    let none = libc::sched_param { sched_priority: 0 };
    // SAFETY: the structure lives until the call returns.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_OTHER, &none) };
    let _ = fs::write("/proc/self/oom_score_adj", MEMORY_KILLER_SCORE);
}

/// Check what results depend on.
///
/// # Errors
///
/// If the stack has not its size or address space is limited, with the remedy.
pub fn check() -> io::Result<()> {
    let told = |text: String| Err(io::Error::other(text));
    let (stack, _) = getrlimit(Resource::RLIMIT_STACK)?;
    let threads = stack_of_threads()?;
    if stack != STACK_BYTES || threads != STACK_BYTES {
        return told(format!(
            "the stack has {stack} bytes, that of threads {threads}, and not {STACK_BYTES}: raise the hard limit to at least {} \
             (`ulimit -H -s`, `LimitSTACK=`)",
            STACK_BYTES / 1024
        ));
    }
    match getrlimit(Resource::RLIMIT_AS)? {
        (RLIM_INFINITY, _) => Ok(()),
        (bytes, _) => told(format!(
            "address space is limited to {bytes} bytes, and drivers reserve more: lift the limit (`ulimit -v unlimited`, \
             `LimitAS=infinity`)"
        )),
    }
}

/// The stack of threads of which nobody says how much they need, which is how drivers start theirs.
fn stack_of_threads() -> io::Result<u64> {
    let mut attributes = MaybeUninit::uninit();
    let mut bytes = 0;
    // SAFETY: the first call fills the structure in, the second reads it and writes a number, the third ends its use.
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
