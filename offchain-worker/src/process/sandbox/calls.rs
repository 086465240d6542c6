//! The wall of system calls: seccomp filters, in two phases.
//!
//! The filters list refused calls and allow all others, because GPU drivers need many calls, and
//! each driver needs different ones. Calls that are newer than this file are all refused.
//!
//! ```text
//!   start ------> open device, compile ------> first code of the kernel is mapped ------> end
//!     | refused: network, other processes,       | refused too: exec, new processes,
//!     | mounts, ...                              | new files, ...
//! ```
//!
//! PoCL links a kernel in the same call that runs it, so the executor cannot act between the two.
//! The mapping therefore triggers the filter of the run: the driver must map the linked code
//! executable before the code can run. That call is held until a thread of the executor has taken
//! exec away from all threads, and then continues. The code that a GPU runs is not code of the
//! host. For GPUs the filter is therefore applied before the first launch.

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter, apply_filter_all_threads, sock_filter,
};
use std::{
    collections::BTreeMap,
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    sync::mpsc::sync_channel,
    thread,
};

/// The first system call that is unknown to this file. The calls of the x32 ABI have higher numbers
/// too.
const UNKNOWN: u32 = 463;

/// Refused from the start, for all children.
const NEVER: &[libc::c_long] = &[
    // Network, and all other sockets.
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    // Other processes: reading or changing them, or leaving the group that is killed as one.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_setpgid,
    libc::SYS_setsid,
    libc::SYS_setpriority,
    libc::SYS_ioprio_set,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setattr,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // Memory that belongs to no process, and so counts towards no limit.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgctl,
    libc::SYS_semget,
    libc::SYS_semctl,
    libc::SYS_mq_open,
    libc::SYS_memfd_secret,
    // Changes to the file systems and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    // Settings of the whole machine.
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    // Interfaces known for their vulnerabilities, which no driver needs.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_fanotify_init,
    libc::SYS_vmsplice,
    libc::SYS_personality,
    // Privileges, of which a child has none.
    libc::SYS_capset,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_setfsuid,
    libc::SYS_setfsgid,
];

/// Refused from the start, on x86-64 only.
#[cfg(target_arch = "x86_64")]
const NEVER_HERE: &[libc::c_long] =
    &[libc::SYS_kexec_file_load, libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt];
#[cfg(not(target_arch = "x86_64"))]
const NEVER_HERE: &[libc::c_long] = &[];

/// Refused from the start if kernels run in this process. NVIDIA's driver needs a local socket to
/// open a device; other processes of the user could share its work through it. A child on such a
/// device may create the socket, but may neither accept connections on it nor connect.
const NO_SOCKETS: &[libc::c_long] = &[libc::SYS_socket, libc::SYS_bind, libc::SYS_listen];

/// Refused once the kernel's code may run.
const NOT_IN_A_RUN: &[libc::c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_sched_setaffinity,
    libc::SYS_seccomp,
    // Landlock does not cover these. A run's inputs may be links into the blob cache.
    libc::SYS_truncate,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
];

#[cfg(target_arch = "x86_64")]
const NOT_IN_A_RUN_HERE: &[libc::c_long] = &[
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
];
#[cfg(not(target_arch = "x86_64"))]
const NOT_IN_A_RUN_HERE: &[libc::c_long] = &[];

/// Also refused if the kernel runs in this process. Such a kernel can change no file system, and
/// hold no memory that escapes the limits.
const NOT_ON_THE_HOST: &[libc::c_long] = &[
    libc::SYS_memfd_create,
    libc::SYS_openat2,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    // Signals by the system at a set time or for a limit: they would look like an end from outside.
    libc::SYS_timer_create,
    libc::SYS_setrlimit,
];

/// Signals by which other processes end a process. See `supervisor::crash`.
pub(crate) const FROM_OUTSIDE: [libc::c_int; 5] =
    [libc::SIGKILL, libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT];
/// The command of `fcntl` that chooses a signal.
const F_SETSIG: libc::c_int = 10;

#[cfg(target_arch = "x86_64")]
const NOT_ON_THE_HOST_HERE: &[libc::c_long] = &[
    libc::SYS_creat,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_mknod,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_link,
    libc::SYS_symlink,
];
#[cfg(not(target_arch = "x86_64"))]
const NOT_ON_THE_HOST_HERE: &[libc::c_long] = &[];

/// Apply the filters of the first phase to this thread and those it will start. `on_the_host`:
/// kernels run in this process.
pub(super) fn from_the_start(on_the_host: bool) -> io::Result<()> {
    let mut rules = refused(NEVER.iter().chain(NEVER_HERE));
    if on_the_host {
        rules.extend(refused(NO_SOCKETS.iter()));
    } else {
        rules.insert(libc::SYS_socket, other_sockets()?);
    }
    let own = u64::from(std::process::id());
    // A process aborts by sending itself a signal.
    rules.insert(libc::SYS_kill, vec![when(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own)?]);
    rules.insert(libc::SYS_tgkill, vec![when(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own)?]);
    // The limits of other processes.
    rules.insert(libc::SYS_prlimit64, vec![when(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, 0)?]);
    // A child must end with its parent, so it cannot change the signal for that.
    let end = libc::PR_SET_PDEATHSIG.unsigned_abs();
    rules.insert(libc::SYS_prctl, vec![when(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, end.into())?]);
    let spaces = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWCGROUP,
    ];
    rules.insert(libc::SYS_clone, spaces.into_iter().map(|flag| has_bits(0, flag)).collect::<io::Result<_>>()?);
    let mut program = program(rules, SeccompAction::Errno(libc::EPERM as u32))?;
    program.splice(0..0, refuse_unknown());
    apply_filter(&program).map_err(io_error)?;
    // The flags of `clone3` lie in memory, where a filter cannot read them. On `ENOSYS` the C
    // library uses `clone`.
    let flagless = refused([libc::SYS_clone3].iter());
    apply_filter(&self::program(flagless, SeccompAction::Errno(libc::ENOSYS as u32))?).map_err(io_error)
}

/// Rules that match all sockets except local ones with connections and messages (`SOCK_SEQPACKET`).
fn other_sockets() -> io::Result<Vec<SeccompRule>> {
    let mut others = vec![when(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, libc::AF_UNIX.unsigned_abs().into())?];
    // The lowest bits are the kind of the socket; the others are flags.
    let kind = u64::from(libc::SOCK_SEQPACKET.unsigned_abs());
    for bit in [1, 2, 4, 8] {
        others.push(when(1, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(bit), !kind & bit)?);
    }
    Ok(others)
}

/// The filter of the run: calls refused in addition once the kernel's code may run. `on_the_host`:
/// it runs in this process.
fn of_a_run(on_the_host: bool) -> io::Result<BpfProgram> {
    let mut rules = refused(NOT_IN_A_RUN.iter().chain(NOT_IN_A_RUN_HERE));
    let process = SeccompCmpOp::MaskedEq(libc::CLONE_THREAD.unsigned_abs().into());
    rules.insert(libc::SYS_clone, vec![when(0, SeccompCmpArgLen::Dword, process, 0)?]);
    if on_the_host {
        rules.extend(refused(NOT_ON_THE_HOST.iter().chain(NOT_ON_THE_HOST_HERE)));
        let writing = [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC, libc::O_TMPFILE];
        let writing_in = |argument| writing.iter().map(|flag| has_bits(argument, *flag)).collect::<io::Result<_>>();
        rules.insert(libc::SYS_openat, writing_in(2)?);
        #[cfg(target_arch = "x86_64")]
        rules.insert(libc::SYS_open, writing_in(1)?);
        // An end by these signals would be blamed on another process.
        let ends = |argument| FROM_OUTSIDE.iter().map(|signal| is(argument, *signal)).collect::<io::Result<Vec<_>>>();
        rules.insert(libc::SYS_kill, ends(1)?);
        rules.insert(libc::SYS_tgkill, ends(2)?);
        rules.insert(libc::SYS_fcntl, vec![is(1, F_SETSIG)?]);
        rules.insert(libc::SYS_prlimit64, vec![when(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?]);
    }
    program(rules, SeccompAction::Errno(libc::EPERM as u32))
}

/// Apply the filter of the run to all threads at once.
pub(crate) fn before_the_run(on_the_host: bool) -> io::Result<()> {
    apply_filter_all_threads(&of_a_run(on_the_host)?).map_err(io_error)
}

/// Apply the filter of the run to all threads when code from a file is first mapped.
///
/// The mapping thread holds the loader's lock while it waits for the thread started here. That
/// thread must therefore not need the loader: once this function returns, it only makes system
/// calls.
pub(crate) fn with_the_first_code() -> io::Result<()> {
    let run = of_a_run(true)?;
    let (armed, outcome) = sync_channel(1);
    thread::Builder::new().name("sandbox".into()).spawn(move || {
        let calls = match listen(&notify_of_code()) {
            Ok(calls) => calls,
            Err(error) => {
                let _ = armed.send(Err(error));
                return;
            }
        };
        let _ = armed.send(Ok(()));
        let mut in_force = false;
        while let Ok(call) = receive(&calls) {
            // The linker's process has the same filter, and it maps libraries too.
            let first = !in_force && is_own_thread(call.pid);
            let refusal = match first.then(|| apply_filter_all_threads(&run)) {
                Some(Err(_)) => Some(libc::EPERM),
                Some(Ok(())) => {
                    in_force = true;
                    None
                }
                None => None,
            };
            if answer(&calls, call.id, refusal).is_err() {
                break;
            }
        }
    })?;
    outcome.recv().map_err(io::Error::other)?
}

/// The I/O error of a filter that could not be applied.
fn io_error(error: seccompiler::Error) -> io::Error {
    match error {
        seccompiler::Error::Prctl(error) | seccompiler::Error::Seccomp(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

fn refused<'a>(calls: impl Iterator<Item = &'a libc::c_long>) -> BTreeMap<i64, Vec<SeccompRule>> {
    calls.map(|call| (*call, Vec::new())).collect()
}

fn when(argument: u8, length: SeccompCmpArgLen, op: SeccompCmpOp, value: u64) -> io::Result<SeccompRule> {
    let condition = SeccompCondition::new(argument, length, op, value).map_err(io::Error::other)?;
    SeccompRule::new(vec![condition]).map_err(io::Error::other)
}

/// Matches if `argument` is `value`.
fn is(argument: u8, value: libc::c_int) -> io::Result<SeccompRule> {
    when(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value.unsigned_abs().into())
}

/// Matches if `argument` has all bits of `flag`.
fn has_bits(argument: u8, flag: libc::c_int) -> io::Result<SeccompRule> {
    let flag = u64::from(flag.unsigned_abs());
    when(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(flag), flag)
}

/// A filter that answers `rules` with `action` and allows everything else. Calls of another ABI
/// kill the process.
fn program(rules: BTreeMap<i64, Vec<SeccompRule>>, action: SeccompAction) -> io::Result<BpfProgram> {
    let target = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, target).map_err(io::Error::other)?;
    filter.try_into().map_err(io::Error::other)
}

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const NOT_BELOW: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const ANY_BIT: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
/// Offset of the call's number in `seccomp_data`.
const NUMBER: u32 = 0;

/// Offset of the lower half of an argument in `seccomp_data`, on a little-endian machine.
const fn argument(place: u32) -> u32 {
    16 + 8 * place
}

const fn step(code: u16, k: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k }
}

/// Continue with the next step if the test holds; otherwise skip `skipped` steps.
const fn test(code: u16, k: u32, skipped: u8) -> sock_filter {
    sock_filter { code, jt: 0, jf: skipped, k }
}

/// The start of a filter: calls unknown to this file fail with `ENOSYS`.
fn refuse_unknown() -> [sock_filter; 3] {
    let no_such_call = libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs();
    [step(LOAD, NUMBER), test(NOT_BELOW, UNKNOWN, 1), step(RETURN, no_such_call)]
}

/// A filter that holds calls that map a file's bytes executable, until they are answered.
fn notify_of_code() -> [sock_filter; 9] {
    [
        step(LOAD, NUMBER),
        test(EQUAL, libc::SYS_mmap as u32, 6),
        step(LOAD, argument(2)),
        test(ANY_BIT, libc::PROT_EXEC.unsigned_abs(), 4),
        step(LOAD, argument(3)),
        // The jump is inverted: an anonymous mapping comes from no file.
        sock_filter { code: ANY_BIT, jt: 2, jf: 0, k: libc::MAP_ANONYMOUS.unsigned_abs() },
        step(RETURN, libc::SECCOMP_RET_USER_NOTIF),
        step(RETURN, libc::SECCOMP_RET_ALLOW),
        step(RETURN, libc::SECCOMP_RET_ALLOW),
    ]
}

/// Apply a filter that holds calls to all threads. The returned file descriptor delivers the held
/// calls.
fn listen(filter: &[sock_filter]) -> io::Result<OwnedFd> {
    // The crate's instructions have the kernel's layout, but another type.
    let steps: Vec<libc::sock_filter> =
        filter.iter().map(|s| libc::sock_filter { code: s.code, jt: s.jt, jf: s.jf, k: s.k }).collect();
    let program = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_ptr().cast_mut() };
    let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER
        | libc::SECCOMP_FILTER_FLAG_TSYNC
        | libc::SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
    // SAFETY: the kernel copies the program, which outlives the call.
    let file = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &program) };
    match i32::try_from(file) {
        // SAFETY: the kernel has just created this descriptor for us.
        Ok(file) if file >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(file) }),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Wait for the next held call.
fn receive(calls: &OwnedFd) -> io::Result<libc::seccomp_notif> {
    loop {
        // SAFETY: all-zero bytes are valid for this structure, and the kernel requires them.
        let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel writes one such structure.
        if unsafe { libc::ioctl(calls.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &mut call) } == 0 {
            return Ok(call);
        }
        let error = io::Error::last_os_error();
        // The call was interrupted, or its thread is gone.
        if !matches!(error.raw_os_error(), Some(libc::EINTR | libc::ENOENT)) {
            return Err(error);
        }
    }
}

/// Whether a thread belongs to this process.
fn is_own_thread(thread: u32) -> bool {
    // SAFETY: a plain system call; signal 0 only checks that the thread exists.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, 0) == 0 }
}

/// Let a held call continue, or fail it with an error.
fn answer(calls: &OwnedFd, id: u64, refusal: Option<i32>) -> io::Result<()> {
    let (error, flags) = match refusal {
        Some(error) => (-error, 0),
        None => (0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32),
    };
    let answer = libc::seccomp_notif_resp { id, val: 0, error, flags };
    // SAFETY: the kernel reads one such structure.
    if unsafe { libc::ioctl(calls.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &answer) } == 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        error if error.raw_os_error() == Some(libc::ENOENT) => Ok(()),
        error => Err(error),
    }
}
