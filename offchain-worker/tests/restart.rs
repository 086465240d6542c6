//! Whatever ends the executor, nothing is lost and nothing is left running.

mod common;

use common::*;
use dpin_primitives::executor::RunStatus;
use std::{
    process::Stdio,
    time::{Duration, Instant},
};

#[test]
fn a_run_cut_short_by_a_crash_is_computed_after_the_restart() {
    let executor = Executor::start();
    executor.put_blob(SLOW.as_bytes());
    let request = simple(SLOW, task(1), 8, 120_000);
    executor.post_run(&request);
    executor.wait_until_running(&request.id);
    let children = wait("a child", Duration::from_secs(10), || {
        Some(children_of(executor.pid())).filter(|children| !children.is_empty())
    });
    let executor = executor.kill_and_restart();
    assert!(children.iter().all(|child| !is_alive(*child)), "a child outlived its executor");
    assert!(matches!(executor.run_status(&request.id), RunStatus::Queued | RunStatus::Running));
    let RunStatus::Committed(commitment) = executor.outcome(&request.id) else { panic!("not committed") };
    assert_eq!(executor.output(task(1), &commitment.root), counted(8));
}

#[test]
fn results_logs_and_failures_outlive_a_restart() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    executor.put_blob(b"no kernel");
    let good = simple(COUNT, task(1), 100, 60_000);
    let bad = simple("no kernel", task(2), 8, 60_000);
    let commitment = executor.commitment(&good);
    let reason = executor.failure(&bad);
    let (opening, timings) = (executor.opening(&good.id, &[5, 50]), executor.timings(&good.id));

    let executor = executor.kill_and_restart();
    assert_eq!(executor.run_status(&good.id), RunStatus::Committed(commitment));
    assert_eq!(executor.run_status(&bad.id), RunStatus::Failed(reason));
    assert!(!executor.log(&reason.log().unwrap()).is_empty());
    assert_eq!(executor.opening(&good.id, &[5, 50]), opening);
    assert_eq!(executor.timings(&good.id), timings);
    assert_eq!(executor.output(task(1), &commitment.root), counted(100));
    assert_eq!(executor.get(&format!("/v1/blob/{}", hex::encode(good.kernel.source))).0, 200);
}

#[test]
fn a_damaged_output_is_computed_again_after_a_restart() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 100, 60_000);
    let commitment = executor.commitment(&request);
    let folder = executor.data().join("runs").join(hex::encode(request.id));
    std::fs::write(folder.join("output"), b"short").unwrap();
    std::fs::write(folder.join("status.scale.tmp"), b"half").unwrap();
    let stray = executor.data().join("runs/stray");
    std::fs::create_dir(&stray).unwrap();

    let executor = executor.kill_and_restart();
    let RunStatus::Committed(again) = executor.outcome(&request.id) else { panic!("not committed") };
    assert_eq!(again.root, commitment.root);
    assert_eq!(executor.output(task(1), &commitment.root), counted(100));
    assert!(!stray.exists());
}

#[test]
fn it_ends_with_its_children_when_asked_to() {
    let mut executor = Executor::start();
    executor.put_blob(ENDLESS.as_bytes());
    let request = simple(ENDLESS, task(1), 8, 120_000);
    executor.post_run(&request);
    executor.wait_until_running(&request.id);
    let children = wait("a child", Duration::from_secs(10), || {
        Some(children_of(executor.pid())).filter(|children| !children.is_empty())
    });
    let begun = Instant::now();
    assert!(executor.terminate().success());
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(children.iter().all(|child| !is_alive(*child)), "a child outlived its executor");
    assert!(!executor.folder.path().join("port").exists());
}

#[test]
fn it_ends_when_standard_input_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    write_token(&folder.path().join("token"));
    let port_file = folder.path().join("port");
    let mut child = serve(env!("CARGO_BIN_EXE_dpin-executor"), folder.path())
        .arg("--exit-on-stdin-close")
        .arg("--port-file")
        .arg(&port_file)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    wait("the port file", Duration::from_secs(60), || port_file.exists().then_some(()));
    assert!(child.try_wait().unwrap().is_none());
    drop(child.stdin.take());
    let status = wait("its end", Duration::from_secs(10), || child.try_wait().unwrap());
    assert!(status.success());
}

#[test]
fn finished_runs_are_removed_after_their_retention() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 100, 60_000);
    executor.commitment(&request);
    let folder = executor.data().join("runs").join(hex::encode(request.id));
    assert!(folder.exists());
    let mut executor = executor;
    executor.terminate();
    let data = std::mem::replace(&mut executor.folder, tempfile::tempdir().unwrap());
    let executor = Executor::start_in(env!("CARGO_BIN_EXE_dpin-executor"), data, &["--retention-hours", "0"], &[]);
    assert!(!folder.exists());
    assert_eq!(executor.get(&format!("/v1/runs/{}", hex::encode(request.id))).0, 404);
}
