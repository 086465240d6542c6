//! A failing driver is not mistaken for a failing kernel. These tests need PoCL and a C compiler.

mod common;

use common::*;
use dpin_primitives::{
    executor::{RunRequest, RunStatus},
    kernel::{Param, Tiling},
    reason::ReasonCode,
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;

/// A driver over PoCL that can be made to fail.
struct Driver {
    folder: TempDir,
}

impl Driver {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        // Children may run as another user than the executor.
        open(folder.path(), 0o755);
        let driver = Self { folder };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drivers/shim.c");
        let built = Command::new("gcc").args(["-shared", "-fPIC", "-o"]).arg(driver.library()).arg(source).status();
        assert!(built.unwrap().success());
        open(&driver.library(), 0o755);
        fs::write(driver.folder.path().join("a.icd"), driver.library().to_str().unwrap()).unwrap();
        driver
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("libshim.so")
    }

    fn fail(&self, way: &str) {
        fs::write(self.folder.path().join("libshim.so.fails"), way).unwrap();
    }

    fn recover(&self) {
        fs::remove_file(self.folder.path().join("libshim.so.fails")).unwrap();
    }

    fn executor(&self) -> Executor {
        let vendors = self.folder.path().to_str().unwrap();
        Executor::start_in(PROGRAM, tempfile::tempdir().unwrap(), &[], &[("OCL_ICD_VENDORS", vendors)])
    }
}

/// A task of a program that was never compiled before.
fn fresh(executor: &Executor, job: u64, limit_ms: u64) -> RunRequest {
    let source = format!("// {job}\n{COUNT}");
    executor.put_blob(source.as_bytes());
    simple(&source, task(job), 10, limit_ms)
}

fn is_right(executor: &Executor, job: u64) {
    let request = fresh(executor, job, 30_000);
    let commitment = executor.commitment(&request);
    assert_eq!(executor.output(request.task, &commitment.root), counted(10));
}

/// Check a driver that fails once the executor has started.
fn fails_later(way: &str, limit_ms: u64) {
    let driver = Driver::new();
    let executor = driver.executor();
    assert_eq!(executor.status().devices.len(), 1);
    is_right(&executor, 1);

    driver.fail(way);
    let request = fresh(&executor, 2, limit_ms);
    assert_eq!(executor.failure(&request), ReasonCode::DeviceLost, "{way}");
    assert_eq!(executor.status().devices, vec![], "{way}: the device is still offered");
    let report = executor.report(&request.id);
    assert!(report.contains("known to work does not work either"), "{way}: {report}");

    driver.recover();
    wait("the device", Duration::from_secs(30), || (executor.status().devices.len() == 1).then_some(()));
    is_right(&executor, 3);
}

#[test]
fn a_compiler_that_fails_is_the_devices_fault() {
    fails_later("build", 4_000);
}

#[test]
fn launches_that_fail_are_the_devices_fault() {
    fails_later("launch", 4_000);
}

#[test]
fn waits_that_fail_are_the_devices_fault() {
    fails_later("wait", 4_000);
}

#[test]
fn waits_that_never_end_are_the_devices_fault() {
    fails_later("hang", 3_000);
}

#[test]
fn a_device_that_fails_its_control_is_not_offered_until_it_passes() {
    for way in ["build", "launch", "wait", "wrong"] {
        let driver = Driver::new();
        driver.fail(way);
        let executor = driver.executor();
        assert_eq!(executor.status().devices, vec![], "{way}");
        assert_eq!(executor.failure(&fresh(&executor, 1, 1_000)), ReasonCode::DeviceLost, "{way}");

        driver.recover();
        wait("the device", Duration::from_secs(30), || (executor.status().devices.len() == 1).then_some(()));
        is_right(&executor, 2);
    }
}

/// A task of [`COUNT`] with an input of 2 MiB.
fn large(executor: &Executor, job: u64) -> RunRequest {
    let source = "__kernel void f(__global uint *out, __global const uint *in) {
        out[dpin_tile() * 16 + get_local_id(0)] = in[get_global_id(0)];
    }";
    executor.put_blob(source.as_bytes());
    let kernel = manifest(source, &[Param::Output, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    let inputs = vec![executor.put_blob(&vec![7; 2 << 20])];
    RunRequest { kernel, inputs, ..simple(source, task(job), 10, 60_000) }
}

#[test]
fn a_device_that_is_full_of_other_things_is_not_the_requesters_fault() {
    let driver = Driver::new();
    let executor = driver.executor();
    driver.fail("full");
    let request = large(&executor, 1);
    let ReasonCode::ExecutorFault { log } = executor.failure(&request) else { panic!("not ExecutorFault") };
    assert!(executor.log(&log).contains("no room for what fits it"));
    // The device works, so runs wait for room.
    is_right(&executor, 2);
    let request = large(&executor, 3);
    executor.post_run(&request);
    std::thread::sleep(Duration::from_millis(700));
    driver.recover();
    assert!(matches!(executor.outcome(&request.id), RunStatus::Committed(_)));
}

#[test]
fn a_kernel_that_fails_on_a_device_that_works_is_still_the_kernels_fault() {
    let driver = Driver::new();
    let executor = driver.executor();
    let failure = |source: &str, job| {
        executor.put_blob(source.as_bytes());
        executor.failure(&simple(source, task(job), 8, 3_000))
    };
    assert!(matches!(failure("__kernel void f(", 1), ReasonCode::BuildFailed { .. }));
    let wild = "__kernel void f(__global uint *out) { *(volatile __global uint *)(size_t)8 = get_global_id(0); }";
    assert!(matches!(failure(wild, 2), ReasonCode::KernelFault { .. }));
    assert_eq!(failure(ENDLESS, 3), ReasonCode::Timeout);
    assert_eq!(executor.status().devices.len(), 1);
    is_right(&executor, 4);
}
