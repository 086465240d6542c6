//! A run that fails ends with its reason code, and the executor continues.

mod common;

use common::*;
use dpin_primitives::{
    Hash,
    executor::{RunStatus, Work},
    kernel::{Param, Tiling},
    reason::ReasonCode,
    worker::DeviceClass,
};
use std::time::{Duration, Instant};

fn still_works(executor: &Executor) {
    executor.put_blob(COUNT.as_bytes());
    let commitment = executor.commitment(&simple(COUNT, task(999), 10, 30_000));
    assert_eq!(executor.output(task(999), &commitment.root), counted(10));
}

fn failure_of(executor: &Executor, source: &str, limit_ms: u64) -> ReasonCode {
    executor.put_blob(source.as_bytes());
    executor.failure(&simple(source, task(1), 8, limit_ms))
}

#[test]
fn an_endless_kernel_is_killed_at_its_limit() {
    let executor = Executor::start();
    let begun = Instant::now();
    assert_eq!(failure_of(&executor, ENDLESS, 3_000), ReasonCode::Timeout);
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(10), "{took:?}");
    assert_eq!(children_of(executor.pid()), Vec::<u32>::new());
    still_works(&executor);
}

#[test]
fn a_kernel_that_does_not_compile_has_a_log_with_the_line() {
    let executor = Executor::start();
    let source = "__kernel void f(__global uint *out) {\n    out[0] = 1;\n    out[1] = nonsense;\n}\n";
    let ReasonCode::BuildFailed { log } = failure_of(&executor, source, 20_000) else { panic!("not BuildFailed") };
    let log = executor.log(&log);
    assert!(log.contains("kernel.cl:3:") && log.contains("nonsense"), "{log}");
    assert!(!log.contains(executor.folder.path().to_str().unwrap()), "the log tells of the worker's disk: {log}");
    still_works(&executor);
}

#[test]
fn a_program_without_the_entry_point_fails_to_build() {
    let executor = Executor::start();
    let reason = failure_of(&executor, "__kernel void g(__global uint *out) { out[0] = 1; }", 20_000);
    let ReasonCode::BuildFailed { log } = reason else { panic!("{reason:?}") };
    assert!(executor.log(&log).contains("no kernel `f`"));
}

#[test]
fn a_kernel_with_other_parameters_than_its_manifest_fails_to_build() {
    let executor = Executor::start();
    let reason = failure_of(&executor, "__kernel void f(__global uint *out, uint n) { out[0] = n; }", 20_000);
    let ReasonCode::BuildFailed { log } = reason else { panic!("{reason:?}") };
    assert!(executor.log(&log).contains("has 2 parameters, its manifest 1"));
}

#[test]
fn a_wild_store_crashes_the_child_alone() {
    let executor = Executor::start();
    let source = "__kernel void f(__global uint *out) {
        volatile __global uint *wild = (volatile __global uint *)(size_t)(8 + out[0]);
        *wild = 1;
    }";
    let reason = failure_of(&executor, source, 20_000);
    let ReasonCode::KernelFault { log } = reason else { panic!("{reason:?}") };
    let log = executor.log(&log);
    // A GPU has its own page tables: its driver reports the fault in its own words, and the child
    // survives.
    if executor.status().devices[0].class == DeviceClass::Cpu {
        assert!(log.contains("SIGSEGV") && log.contains("while the kernel ran"), "{log}");
    }
    still_works(&executor);
}

#[test]
fn a_wild_store_with_other_launches_in_flight_is_a_kernel_fault() {
    let executor = Executor::start();
    let source = "__kernel void f(__global uint *out) {
        out[dpin_tile() * 16 + get_local_id(0)] = 1;
        if (get_group_id(0) == 60000) {
            volatile __global uint *wild = (volatile __global uint *)(size_t)8;
            *wild = 1;
        }
    }";
    executor.put_blob(source.as_bytes());
    let reason = executor.failure(&simple(source, task(1), 1 << 20, 60_000));
    assert!(matches!(reason, ReasonCode::KernelFault { .. }), "{reason:?}");
    still_works(&executor);
}

#[test]
fn a_store_behind_the_output_is_a_kernel_fault() {
    let executor = Executor::start();
    let source = "__kernel void f(__global uint *out) { out[16 * 8] = 0; }";
    let reason = failure_of(&executor, source, 20_000);
    let ReasonCode::KernelFault { log } = reason else { panic!("{reason:?}") };
    assert_eq!(failure_in(&executor.log(&log)), "the kernel wrote behind its output");
}

#[test]
fn a_store_to_an_input_is_a_kernel_fault() {
    let executor = Executor::start();
    let source = "__kernel void f(__global uint *out, __global uint *in) { in[0] = 5; out[0] = in[0]; }";
    executor.put_blob(source.as_bytes());
    let mut request = simple(source, task(1), 8, 20_000);
    request.kernel = manifest(source, &[Param::Output, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    request.inputs = vec![executor.put_blob(&[1; 64])];
    let ReasonCode::KernelFault { log } = executor.failure(&request) else { panic!("not KernelFault") };
    assert_eq!(failure_in(&executor.log(&log)), "the kernel wrote to input 0");
}

#[test]
fn buffers_beyond_the_operators_limit_are_declined() {
    let executor = Executor::start_with(&["--memory-limit-mb", "1"]);
    let source =
        "__kernel void f(__global uint *out, __global const uint *a, __global const uint *b) { out[0] = a[0] + b[0]; }";
    executor.put_blob(source.as_bytes());
    let mut request = simple(source, task(1), 8, 20_000);
    let params = [Param::Output, Param::Input, Param::Input];
    request.kernel = manifest(source, &params, [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    request.inputs = vec![executor.put_blob(&vec![1; 1 << 20]), executor.put_blob(&vec![2; 1 << 20])];
    assert_eq!(executor.failure(&request), ReasonCode::Declined);
    still_works(&executor);
}

#[test]
fn a_compiler_that_eats_memory_is_killed() {
    let executor = Executor::start_with(&["--memory-limit-mb", "16"]);
    // An initialised constant of a gigabyte, which the compiler has to write out.
    let source = "__constant uint big[1u << 28] = {1, 2, 3};
__kernel void f(__global uint *out) { out[dpin_tile() * 16] = big[(out[0] + get_global_id(0)) & 0xfffffff]; }";
    assert_eq!(failure_of(&executor, source, 60_000), ReasonCode::OutOfMemory);
    still_works(&executor);
}

#[test]
fn an_output_beyond_the_operators_limit_is_declined() {
    let executor = Executor::start_with(&["--max-output-bytes", "1000"]);
    assert_eq!(executor.failure(&simple(COUNT, task(1), 16, 20_000)), ReasonCode::Declined);
    executor.put_blob(COUNT.as_bytes());
    executor.commitment(&simple(COUNT, task(2), 15, 20_000));
}

#[test]
fn a_blob_that_does_not_come_is_named() {
    let executor = Executor::start();
    let request = simple(COUNT, task(1), 8, 500);
    let begun = Instant::now();
    assert_eq!(executor.failure(&request), ReasonCode::InputUnavailable { blob: request.kernel.source });
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_device_that_is_not_there_is_lost() {
    let executor = Executor::start_with(&["--device", "99"]);
    assert_eq!(executor.status().devices, vec![]);
    let begun = Instant::now();
    assert_eq!(failure_of(&executor, COUNT, 2_000), ReasonCode::DeviceLost);
    // The device might have come, like one whose driver is slow after the machine has started.
    assert!(begun.elapsed() >= Duration::from_millis(1_500));
}

#[test]
fn a_sample_whose_child_is_killed_is_computed_again() {
    let executor = Executor::start();
    executor.put_blob(SLOW.as_bytes());
    let mut sample = simple(SLOW, task(1), 100, 60_000);
    sample.work = Work::Sample(vec![3]);
    executor.post_run(&sample);
    executor.wait_until_running(&sample.id);
    executor.kill_children();
    let RunStatus::Sampled(leaves) = executor.outcome(&sample.id) else { panic!("not sampled") };
    let tile = &counted(100)[3 * 64..4 * 64];
    assert_eq!(leaves, [dpin_primitives::tile_tree::leaf(&GENESIS, task(1), 3, tile)]);
    let report = executor.report(&sample.id);
    assert!(told_in(&report, "tried").unwrap().contains("SIGKILL"), "{report}");
}

#[test]
fn a_task_whose_child_is_killed_is_computed_again() {
    let executor = Executor::start();
    executor.put_blob(SLOW.as_bytes());
    let request = simple(SLOW, task(1), 8, 60_000);
    executor.post_run(&request);
    executor.wait_until_running(&request.id);
    executor.kill_children();
    let RunStatus::Committed(commitment) = executor.outcome(&request.id) else { panic!("not committed") };
    assert_eq!(executor.output(task(1), &commitment.root), counted(8));
}

#[test]
fn a_child_that_dies_again_and_again_is_reported_before_the_deadline() {
    let executor = Executor::start();
    executor.put_blob(ENDLESS.as_bytes());
    let request = simple(ENDLESS, task(1), 8, 9_000);
    let begun = Instant::now();
    executor.post_run(&request);
    let status = loop {
        match executor.run_status(&request.id) {
            RunStatus::Running => executor.kill_children(),
            RunStatus::Queued => std::thread::sleep(Duration::from_millis(20)),
            ended => break ended,
        }
    };
    assert!(matches!(status, RunStatus::Failed(ReasonCode::ExecutorFault { .. })), "{status:?}");
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    let report = executor.report(&request.id);
    assert!(report.lines().filter(|line| line.starts_with("tried: ")).count() >= 1, "{report}");
    still_works(&executor);
}

#[test]
fn waiting_for_its_turn_is_inside_the_deadline_and_nobody_elses_fault() {
    let executor = Executor::start();
    executor.put_blob(ENDLESS.as_bytes());
    executor.put_blob(COUNT.as_bytes());
    let long = simple(ENDLESS, task(1), 8, 60_000);
    executor.post_run(&long);
    executor.wait_until_running(&long.id);
    let begun = Instant::now();
    let ReasonCode::ExecutorFault { log } = executor.failure(&simple(COUNT, task(2), 8, 2_000)) else {
        panic!("not ExecutorFault")
    };
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert!(failure_in(&executor.log(&log)).starts_with("its turn did not come within 2000 ms"));

    // A run that waited for most of its time was not too slow.
    let late = simple(ENDLESS, task(3), 8, 4_000);
    executor.post_run(&late);
    std::thread::sleep(Duration::from_millis(2_000));
    executor.delete(&format!("/v1/runs/{}", hex::encode(long.id)));
    let RunStatus::Failed(ReasonCode::ExecutorFault { log }) = executor.outcome(&late.id) else {
        panic!("not ExecutorFault")
    };
    assert!(failure_in(&executor.log(&log)).contains("waited for its turn"));
}

#[test]
fn posting_again_moves_the_deadline() {
    let executor = Executor::start();
    executor.put_blob(ENDLESS.as_bytes());
    let mut request = simple(ENDLESS, task(1), 8, 3_000);
    executor.post_run(&request);
    executor.wait_until_running(&request.id);
    request.limit_ms = 60_000;
    assert_eq!(executor.post_run(&request), RunStatus::Running);
    std::thread::sleep(Duration::from_millis(4_000));
    assert_eq!(executor.run_status(&request.id), RunStatus::Running);
    request.limit_ms = 500;
    executor.post_run(&request);
    let begun = Instant::now();
    assert_eq!(executor.outcome(&request.id), RunStatus::Failed(ReasonCode::Timeout));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[test]
fn what_is_due_first_runs_first() {
    let executor = Executor::start();
    executor.put_blob(ENDLESS.as_bytes());
    executor.put_blob(COUNT.as_bytes());
    let long = simple(ENDLESS, task(1), 8, 120_000);
    executor.post_run(&long);
    executor.wait_until_running(&long.id);
    let (patient, urgent) = (simple(ENDLESS, task(2), 8, 100_000), simple(COUNT, task(3), 8, 40_000));
    executor.post_run(&patient);
    executor.post_run(&urgent);
    executor.delete(&format!("/v1/runs/{}", hex::encode(long.id)));
    assert!(matches!(executor.outcome(&urgent.id), RunStatus::Committed(_)));
    executor.wait_until_running(&patient.id);
}

#[test]
fn below_the_disks_reserve_nothing_is_taken_and_the_status_says_so() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    assert!(!executor.status().disk.is_low(), "{:?}", executor.status().disk);
    // More than any disk has.
    let executor = executor.kill_and_restart_with(&["--disk-reserve-mb", "1000000000000"], &[]);
    let disk = executor.status().disk;
    assert!(disk.is_low() && disk.reserve == 1_000_000_000_000 << 20, "{disk:?}");
    assert_eq!(executor.put(&format!("/v1/blob/{}", hex::encode(Hash::zero())), b"x").0, 507);
    let whole = simple(COUNT, task(1), 8, 3_000);
    let ReasonCode::ExecutorFault { log } = executor.failure(&whole) else { panic!("not ExecutorFault") };
    assert!(executor.log(&log).contains("kept in reserve"), "{}", executor.log(&log));
    // A sample writes nothing, and must be computed.
    let mut sample = simple(COUNT, task(2), 8, 30_000);
    sample.work = Work::Sample(vec![3]);
    assert_eq!(executor.sample(&sample).len(), 1);
}

#[test]
fn a_sample_does_not_wait_for_a_long_task() {
    let executor = Executor::start();
    executor.put_blob(ENDLESS.as_bytes());
    executor.put_blob(COUNT.as_bytes());
    let long = simple(ENDLESS, task(1), 8, 120_000);
    executor.post_run(&long);
    executor.wait_until_running(&long.id);
    let mut sample = simple(COUNT, task(2), 100, 30_000);
    sample.work = Work::Sample(vec![3, 99]);
    sample.id = Hash::repeat_byte(2);
    assert_eq!(executor.sample(&sample).len(), 2);
    assert_eq!(executor.run_status(&long.id), RunStatus::Running);

    // The long run can be stopped.
    assert_eq!(executor.delete(&format!("/v1/runs/{}", hex::encode(long.id))).0, 200);
    wait("the child's end", Duration::from_secs(10), || children_of(executor.pid()).is_empty().then_some(()));
    assert_eq!(executor.get(&format!("/v1/runs/{}", hex::encode(long.id))).0, 404);
}
