//! What strangers may try, and what holds them. The cases are in `hostile/mod.rs`.

mod common;
mod hostile;

use common::*;
use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;

/// Whether an executor starts in `folder`, with `environment` and `options`, on a system that refuses it the calls `refused`, and
/// what it says.
fn walls(
    folder: &TempDir,
    refused: &'static [libc::c_long],
    environment: &[(&str, &str)],
    options: &[&str],
) -> (bool, String) {
    write_token(&folder.path().join("token"));
    let port = folder.path().join("port");
    let _ = fs::remove_file(&port);
    let log = folder.path().join("log");
    let mut command = serve(env!("CARGO_BIN_EXE_dpin-executor"), folder.path());
    // SAFETY: it allocates, in a process of one thread that was forked while others may have been doing so; the C library sees to it
    // that they can.
    unsafe { command.pre_exec(|| refuse_calls(refused)) };
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
    assert!(log.contains("strangers' kernels would run without files (--insecure-executor takes it)"), "{log}");
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
    // Drivers are said to lie where the node's keys do, so children can read these.
    let vendors = [("OCL_ICD_VENDORS", folder.path().to_str().unwrap())];
    let (started, log) = walls(&folder, &[], &vendors, &[]);
    assert!(!started, "{log}");
    assert!(log.contains("sandbox: files: MISSING") && log.contains("keystore could be read"), "{log}");
    assert!(log.contains("--insecure-executor takes it"), "{log}");
    let (started, log) = walls(&folder, &[], &vendors, &["--insecure-executor"]);
    assert!(started && log.contains("sandbox: files: MISSING"), "{log}");
}
