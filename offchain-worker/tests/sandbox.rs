//! Attacks by foreign code, and the walls against them. The cases are in `hostile/mod.rs`.

mod common;
mod hostile;

use common::*;
use dpin_primitives::{
    kernel::{Param, Tiling},
    reason::ReasonCode,
};
use nix::{
    mount::{MsFlags, mount},
    sched::{CloneFlags, unshare},
    sys::{
        resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit},
        stat::{Mode, umask},
    },
    unistd::{Gid, Uid, geteuid, getgid, getuid, setgroups, setresgid, setresuid},
};
use std::{
    fs,
    io::{self, Read},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dpin-executor");

/// Whether an executor starts in `folder`, with `environment` and `options`, if the system refuses
/// the calls `refused`. Returns its log too.
fn walls(
    folder: &TempDir,
    refused: &'static [libc::c_long],
    environment: &[(&str, &str)],
    options: &[&str],
) -> (bool, String) {
    write_token(&folder.path().join("token"));
    walls_after(PROGRAM, folder, || refuse_calls(refused), environment, options)
}

/// As [`walls`], for `program`, after `prepare`, in a folder that has a token.
fn walls_after(
    program: &str,
    folder: &TempDir,
    prepare: impl FnMut() -> io::Result<()> + Send + Sync + 'static,
    environment: &[(&str, &str)],
    options: &[&str],
) -> (bool, String) {
    let port = folder.path().join("port");
    let _ = fs::remove_file(&port);
    let log = folder.path().join("log");
    let mut command = serve(program, folder.path());
    // SAFETY: it allocates, in a process with one thread that was forked while others may have been
    // allocating. The C library makes that safe.
    unsafe { command.pre_exec(prepare) };
    let mut child = command
        .envs(environment.iter().copied())
        .args(options)
        .arg("--port-file")
        .arg(&port)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let started = wait("the executor", Duration::from_secs(60), || {
        if port.exists() {
            return Some(true);
        }
        child.try_wait().unwrap().map(|_| false)
    });
    let _ = child.kill();
    child.wait().unwrap();
    (started, fs::read_to_string(log).unwrap())
}

/// An id that no user has.
const USER: u32 = 64_321;

/// A folder with a copy of the executor, both owned by an ordinary user. If tests run as root, that
/// user cannot enter root's folders.
fn of_an_ordinary_user() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("dpin-executor");
    fs::copy(PROGRAM, &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    write_token(&folder.path().join("token"));
    if geteuid().is_root() {
        for path in [folder.path(), &folder.path().join("token")] {
            chown(path, Some(USER), Some(USER)).unwrap();
        }
    }
    (folder, program.to_str().unwrap().to_owned())
}

/// Become an ordinary user. With `ids_refused`, the user may leave its namespaces, but may then
/// write no ids, as on Ubuntu without an AppArmor profile. The files for the ids are then
/// read-only.
fn become_ordinary(ids_refused: bool) -> io::Result<()> {
    let root = geteuid().is_root();
    if ids_refused {
        let nothing = None::<&str>;
        if root {
            unshare(CloneFlags::CLONE_NEWNS)?;
        } else {
            let (user, group) = (getuid(), getgid());
            unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWUSER)?;
            fs::write("/proc/self/setgroups", "deny")?;
            fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
            fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
        }
        mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)?;
        mount(Some("/proc"), "/proc", nothing, MsFlags::MS_BIND | MsFlags::MS_REC, nothing)?;
        mount(nothing, "/proc", nothing, MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY, nothing)?;
    }
    if root {
        let (user, group) = (Uid::from_raw(USER), Gid::from_raw(USER));
        setgroups(&[])?;
        setresgid(group, group, group)?;
        setresuid(user, user, user)?;
    }
    Ok(())
}

#[test]
fn an_ordinary_user_has_every_wall() {
    let (folder, program) = of_an_ordinary_user();
    let (started, log) = walls_after(&program, &folder, || become_ordinary(false), &[], &[]);
    assert!(started, "{log}");
    for wall in ["limits", "files", "calls", "spaces", "root", "privileges"] {
        assert!(log.contains(&format!("sandbox: {wall}: in force")), "{log}");
    }
}

#[test]
fn an_ordinary_user_whose_ids_are_refused_is_walled_in_without_namespaces() {
    let (folder, program) = of_an_ordinary_user();
    let (started, log) = walls_after(&program, &folder, || become_ordinary(true), &[], &[]);
    assert!(started, "{log}");
    for wall in ["spaces", "root"] {
        assert!(log.contains(&format!("sandbox: {wall}: MISSING")), "{log}");
    }
    for wall in ["limits", "files", "calls", "privileges"] {
        assert!(log.contains(&format!("sandbox: {wall}: in force")), "{log}");
    }
    // Its children can still start threads; without threads no device opens.
    assert!(log.contains("INFO device device="), "this test needs PoCL: {log}");
}

#[test]
fn without_mounts_it_starts_with_the_other_walls() {
    let (started, log) = walls(&tempfile::tempdir().unwrap(), &[libc::SYS_mount], &[], &[]);
    assert!(started, "{log}");
    assert!(log.contains("sandbox: root: MISSING"), "{log}");
    for wall in ["limits", "files", "calls", "spaces"] {
        assert!(log.contains(&format!("sandbox: {wall}: in force")), "{log}");
    }
}

/// Start a child in `folder`, as the executor does, and return it with the id of its process inside
/// the sandbox once that has started.
fn child_in(folder: &TempDir) -> (Child, u32) {
    for part in ["in", "root", "tmp", "cache"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    let mut child = Command::new(PROGRAM)
        .args(["child", "--parent", &std::process::id().to_string(), "--folder"])
        .arg(folder.path())
        .args(["--data-bytes", "0", "--file-bytes", "67108864", "--nodes", "host", "--spaces"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // A message is its length in four bytes, the position of its variant, and its fields.
    let mut message = [0; 9];
    child.stdout.as_mut().unwrap().read_exact(&mut message).unwrap();
    assert_eq!(message[..5], [5, 0, 0, 0, 0], "it does not begin with the id of its process");
    (child, u32::from_le_bytes(message[5..].try_into().unwrap()))
}

#[test]
fn a_child_ends_with_the_process_outside_of_its_sandbox() {
    // Without a pause, the process inside has not asked for its death signal yet.
    for pause in [Duration::ZERO, Duration::ZERO, Duration::ZERO, Duration::from_millis(500)] {
        let folder = tempfile::tempdir().unwrap();
        let (mut outside, inside) = child_in(&folder);
        std::thread::sleep(pause);
        assert!(is_alive(inside) && outside.id() != inside);
        // It would wait for an order as long as its standard input is open.
        let _orders = outside.stdin.take();
        outside.kill().unwrap();
        wait("the end of the process inside", Duration::from_secs(10), || (!is_alive(inside)).then_some(()));
        outside.wait().unwrap();
    }
}

/// The output of `dpin-executor check` if the system refuses the calls `refused`, and whether
/// kernels may run.
fn checked(refused: &'static [libc::c_long], environment: &[(&str, &str)]) -> (bool, Vec<serde_json::Value>) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["check", "--json", "--data-dir"]).arg(folder.path().join("data")).envs(environment.iter().copied());
    // SAFETY: see `walls_after`.
    unsafe { command.pre_exec(|| refuse_calls(refused)) };
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn a_check_tells_the_state_of_every_wall_and_its_remedy() {
    let (well, lines) = checked(&[], &[]);
    assert!(well, "{lines:?}");
    let names: Vec<&str> = lines.iter().map(|line| line["name"].as_str().unwrap()).collect();
    for name in ["limits", "files", "calls", "spaces", "root", "privileges", "OpenCL devices", "data directory", "disk"]
    {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }

    let state =
        |lines: &[serde_json::Value], name: &str| lines.iter().find(|line| line["name"] == name).unwrap().clone();
    let (well, lines) = checked(&[libc::SYS_unshare], &[]);
    assert!(well, "{lines:?}");
    let spaces = state(&lines, "spaces");
    assert!(spaces["ok"] == false && spaces["remedy"].as_str().unwrap().contains("namespaces"), "{spaces}");

    let (well, lines) = checked(&[libc::SYS_landlock_create_ruleset], &[]);
    assert!(!well, "{lines:?}");
    assert!(state(&lines, "files")["remedy"].as_str().unwrap().contains("HWE kernel"), "{lines:?}");

    let empty = tempfile::tempdir().unwrap();
    let (well, lines) = checked(&[], &[("OCL_ICD_VENDORS", empty.path().to_str().unwrap())]);
    assert!(!well && state(&lines, "OpenCL devices")["ok"] == false, "{lines:?}");
}

/// Set a soft limit in the process that is to become an executor, at most to the hard limit.
fn limit(resource: Resource, soft: u64) -> io::Result<()> {
    let (_, hard) = getrlimit(resource)?;
    Ok(setrlimit(resource, soft.min(hard), hard)?)
}

/// Uses 4 MiB of private memory in each work-group.
const DEEP: &str = "#define N 4096
__kernel void f(__global uint *out) {
    uint lid = (uint)get_local_id(0);
    uint a[N];
    for (uint i = 0; i < N; i++) a[i] = i * 2654435761u + lid;
    barrier(CLK_LOCAL_MEM_FENCE);
    uint s = 0;
    for (uint i = 0; i < N; i++) s = s * 31u + a[(i * 7u + lid) % N];
    out[dpin_tile() * 256 + lid] = s;
}
";

/// The output of [`DEEP`] in each work-group.
fn deep() -> Vec<u8> {
    let item = |lid: u32| {
        let a: Vec<u32> = (0..4096u32).map(|i| i.wrapping_mul(2_654_435_761).wrapping_add(lid)).collect();
        (0..4096usize).fold(0u32, |s, i| s.wrapping_mul(31).wrapping_add(a[(i * 7 + lid as usize) % 4096]))
    };
    (0..256).flat_map(|lid| item(lid).to_le_bytes()).collect()
}

#[test]
fn a_kernel_has_the_same_stack_whatever_the_shell_gave_the_executor() {
    const KIB: u64 = 1024;
    for stack in [1024 * KIB, 2048 * KIB, 8192 * KIB, 65_536 * KIB, RLIM_INFINITY] {
        let inherited = move || limit(Resource::RLIMIT_STACK, stack);
        let executor = Executor::start_on(PROGRAM, tempfile::tempdir().unwrap(), &[], &[], inherited);
        executor.put_blob(DEEP.as_bytes());
        let mut request = simple(DEEP, task(1), 2, 60_000);
        request.kernel = manifest(DEEP, &[Param::Output], [256, 1, 1], Tiling::PerGroup { bytes: 1024 });
        let commitment = executor.commitment(&request);
        assert_eq!(executor.output(request.task, &commitment.root), [deep(), deep()].concat(), "a stack of {stack}");
    }
}

/// An auditor whose executor has less stack than the worker's would be silent, and lose a part of
/// its bond.
#[test]
fn a_kernel_that_needs_more_stack_fails_for_the_worker_as_it_does_for_its_auditors() {
    // Uses 16 MiB of private memory in each work-group.
    let source = DEEP.replace("4096", "16384");
    for stack in [8 << 20, 1 << 30, RLIM_INFINITY] {
        let inherited = move || limit(Resource::RLIMIT_STACK, stack);
        let executor = Executor::start_on(PROGRAM, tempfile::tempdir().unwrap(), &[], &[], inherited);
        executor.put_blob(source.as_bytes());
        let mut request = simple(&source, task(1), 2, 60_000);
        request.kernel = manifest(&source, &[Param::Output], [256, 1, 1], Tiling::PerGroup { bytes: 1024 });
        let failure = executor.failure(&request);
        assert!(matches!(failure, ReasonCode::KernelFault { .. }), "a stack of {stack}: {failure:?}");
    }
}

#[test]
fn a_child_inherits_neither_environment_nor_limits_nor_signals() {
    let inherited = || {
        limit(Resource::RLIMIT_AS, 1 << 40)?;
        umask(Mode::from_bits_truncate(0o777));
        // SAFETY: plain system calls.
        unsafe {
            libc::signal(libc::SIGCHLD, libc::SIG_IGN);
            libc::signal(libc::SIGXCPU, libc::SIG_IGN);
            libc::setpriority(libc::PRIO_PROCESS, 0, 1);
        }
        Ok(())
    };
    let environment = [("LANG", "de_DE.UTF-8"), ("POCL_DEBUG", "all"), ("GLIBC_TUNABLES", "glibc.malloc.perturb=85")];
    let folder = tempfile::tempdir().unwrap();
    let executor = Executor::start_on(PROGRAM, folder, &["--memory-limit-mb", "64"], &environment, inherited);
    executor.put_blob(ENDLESS.as_bytes());
    let run = simple(ENDLESS, task(1), 8, 120_000);
    executor.post_run(&run);
    executor.wait_until_running(&run.id);
    wait("the child with the order", Duration::from_secs(10), || {
        (!children_of(executor.pid()).is_empty()).then_some(())
    });
    let checked = all_children_of(executor.pid()).into_iter().filter(|child| inherits_nothing(*child)).count();
    assert!(checked > 0);
}

/// Whether a child inherits nothing. `false` if it ends first.
///
/// A child that is being started has its parent's properties for a moment.
fn inherits_nothing(child: u32) -> bool {
    let begun = Instant::now();
    loop {
        match inherited_by(child) {
            Ok(()) => return true,
            Err(_) if !is_alive(child) => return false,
            Err(inherited) => assert!(begun.elapsed() < Duration::from_secs(10), "{inherited}"),
        }
        sleep(Duration::from_millis(10));
    }
}

/// Check that a child has the properties that every child is given. The error shows one that
/// differs.
fn inherited_by(child: u32) -> Result<(), String> {
    let read = |file: &str| fs::read_to_string(format!("/proc/{child}/{file}")).unwrap_or_default();
    let variables = read("environ");
    let inherited = ["LANG=", "POCL_DEBUG", "GLIBC_TUNABLES"].iter().any(|name| variables.contains(name));
    let given = ["LC_ALL=C\0", "PATH=/usr/bin:/bin\0"].iter().all(|variable| variables.contains(variable));
    if inherited || !given {
        return Err(format!("environment: {variables}"));
    }
    let limits = read("limits");
    for (name, limit) in [("Max stack size", "8388608"), ("Max address space", "unlimited")] {
        let soft = limits.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        if soft != Some(limit) {
            return Err(limits);
        }
    }
    let status = read("status");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|signals| u64::from_str_radix(signals.trim(), 16).ok());
    let is_ignored = |signal: libc::c_int| ignored.is_none_or(|signals| signals >> (signal - 1) & 1 == 1);
    if [libc::SIGCHLD, libc::SIGXCPU].into_iter().any(is_ignored) {
        return Err(status);
    }
    let stat = read("stat");
    match stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(16)) {
        Some("10") => Ok(()),
        _ => Err(format!("priority: {stat}")),
    }
}

#[test]
fn a_stack_that_cannot_be_given_is_told_at_the_start() {
    let (folder, program) = of_an_ordinary_user();
    let small = || {
        setrlimit(Resource::RLIMIT_STACK, 1 << 20, 1 << 20)?;
        become_ordinary(false)
    };
    let (started, log) = walls_after(&program, &folder, small, &[], &[]);
    assert!(!started, "{log}");
    assert!(log.contains("sandbox: limits: MISSING") && log.contains("LimitSTACK="), "{log}");
}

#[test]
fn every_wall_is_told_at_the_start() {
    let (started, log) = walls(&tempfile::tempdir().unwrap(), &[], &[], &[]);
    assert!(started, "{log}");
    for wall in ["limits", "files", "calls"] {
        assert!(log.contains(&format!("sandbox: {wall}: in force")), "{log}");
    }
    for wall in ["spaces", "root", "privileges"] {
        assert!(log.contains(&format!("sandbox: {wall}: ")), "{log}");
    }
}

#[test]
fn without_namespaces_it_starts_and_says_so() {
    let (started, log) = walls(&tempfile::tempdir().unwrap(), &[libc::SYS_unshare], &[], &[]);
    assert!(started, "{log}");
    for wall in ["spaces", "root"] {
        assert!(log.contains(&format!("sandbox: {wall}: MISSING")), "{log}");
    }
    for wall in ["limits", "files", "calls", "privileges"] {
        assert!(log.contains(&format!("sandbox: {wall}: in force")), "{log}");
    }
}

#[test]
fn without_landlock_it_does_not_start_unless_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let refused = &[libc::SYS_landlock_create_ruleset];
    let (started, log) = walls(&folder, refused, &[], &[]);
    assert!(!started, "{log}");
    assert!(log.contains("sandbox: files: MISSING"), "{log}");
    assert!(log.contains("strangers' kernels would run without files") && log.contains("HWE kernel"), "{log}");
    let (started, log) = walls(&folder, refused, &[], &["--insecure-executor"]);
    assert!(started && log.contains("sandbox: files: MISSING"), "{log}");
    assert!(log.contains("sandbox: calls: in force"), "{log}");
}

#[test]
fn without_a_filter_of_calls_it_does_not_start() {
    let (started, log) = walls(&tempfile::tempdir().unwrap(), &[libc::SYS_seccomp], &[], &[]);
    assert!(!started, "{log}");
    assert!(log.contains("sandbox: calls: MISSING"), "{log}");
    assert!(log.contains("sandbox: files: in force"), "{log}");
}

#[test]
fn a_wall_that_does_not_hold_is_found() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let keys = folder.path().join("keystore");
    fs::create_dir(&keys).unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o755)).unwrap();
    // The driver variable points to the node's keys, so children can read them.
    let vendors = [("OCL_ICD_VENDORS", folder.path().to_str().unwrap())];
    let (started, log) = walls(&folder, &[], &vendors, &[]);
    assert!(!started, "{log}");
    assert!(log.contains("sandbox: files: MISSING") && log.contains("keystore could be read"), "{log}");
    assert!(log.contains("move one of them elsewhere"), "{log}");
    let (started, log) = walls(&folder, &[], &vendors, &["--insecure-executor"]);
    assert!(started && log.contains("sandbox: files: MISSING"), "{log}");
}
