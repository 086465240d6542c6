//! However the executor ends, nothing is lost, and no process is left running.

mod common;

use common::*;
use dpin_primitives::{executor::RunStatus, reason::ReasonCode};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

#[test]
fn a_run_cut_short_by_a_crash_is_computed_once_it_is_posted_again() {
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
    assert_eq!(executor.run_status(&request.id), RunStatus::Queued);
    let RunStatus::Committed(commitment) = executor.run(&request) else { panic!("not committed") };
    assert_eq!(executor.output(task(1), &commitment.root), counted(8));
}

/// A task's run is interrupted, and its deadline passes. Then the node comes back: that run is of
/// no use any more, and a short one is due.
#[test]
fn after_an_outage_nothing_is_computed_that_nobody_waits_for() {
    let executor = Executor::start();
    executor.put_blob(ENDLESS.as_bytes());
    executor.put_blob(COUNT.as_bytes());
    let stale = simple(ENDLESS, task(1), 8, 120_000);
    executor.post_run(&stale);
    executor.wait_until_running(&stale.id);

    let executor = executor.kill_and_restart();
    let due = simple(COUNT, task(2), 100, 20_000);
    let RunStatus::Committed(commitment) = executor.run(&due) else { panic!("the stale run was in the way") };
    assert_eq!(executor.output(task(2), &commitment.root), counted(100));
    assert_eq!(executor.run_status(&stale.id), RunStatus::Queued);
    assert_eq!(executor.get("/v1/wanted").1, [0], "nothing is fetched for it either");
    assert_eq!(children_of(executor.pid()), Vec::<u32>::new());

    // A node that still needs the run posts it.
    executor.post_run(&stale);
    executor.wait_until_running(&stale.id);
    let path = format!("/v1/runs/{}", hex::encode(stale.id));
    assert_eq!(executor.delete(&format!("{path}?unfinished=true")).0, 200);
    assert_eq!(executor.get(&path).0, 404);
    assert_eq!(executor.delete(&format!("/v1/runs/{}?unfinished=true", hex::encode(due.id))).0, 409);
    assert_eq!(executor.run_status(&due.id), RunStatus::Committed(commitment));
}

#[test]
fn an_output_that_is_gone_is_computed_again_when_it_is_posted() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 100, 60_000);
    let commitment = executor.commitment(&request);
    let folder = executor.data().join("runs").join(hex::encode(request.id));
    let path = format!("/v1/runs/{}/opening", hex::encode(request.id));
    let open = |executor: &Executor| executor.post(&path, &codec::Encode::encode(&vec![3u32, 99])).0;
    assert_eq!(open(&executor), 200);

    // In turn: one file, one damaged file, the folder, and the executor's memory of it.
    fs::remove_file(folder.join("output")).unwrap();
    assert_eq!(executor.commitment(&request), commitment);
    assert_eq!(executor.output(task(1), &commitment.root), counted(100));
    let mut leaves = fs::read(folder.join("leaves.bin")).unwrap();
    leaves[3 * 32] ^= 1;
    fs::write(folder.join("leaves.bin"), leaves).unwrap();
    assert_eq!(open(&executor), 404);
    assert_eq!(executor.get("/v1/outputs/1/0?offset=192&length=64").0, 404);
    assert_eq!(executor.commitment(&request), commitment);
    assert_eq!(open(&executor), 200);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(executor.commitment(&request), commitment);
    assert_eq!(open(&executor), 200);
    executor.delete(&format!("/v1/runs/{}", hex::encode(request.id)));
    assert_eq!(open(&executor), 404);
    assert_eq!(executor.commitment(&request), commitment);
    assert_eq!(open(&executor), 200);

    let executor = executor.kill_and_restart();
    assert_eq!(open(&executor), 200);
    assert_eq!(executor.output(task(1), &commitment.root), counted(100));
}

fn quarantined(data: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(data.join("quarantine")).map(|entries| entries.flatten().collect()).unwrap_or_else(|_| Vec::new());
    entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Give the file the version of a later executor.
fn raise_version(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    assert_eq!(&bytes[..4], b"DPIN");
    bytes[5] += 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_another_version_has_written_is_quarantined_and_not_deleted() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let runs = [1, 2, 3].map(|job| simple(COUNT, task(job), 100, 60_000));
    let commitments = runs.each_ref().map(|run| executor.commitment(run));
    let data = executor.data();
    let folder = |of: usize| data.join("runs").join(hex::encode(runs[of].id));
    raise_version(&folder(0).join("request.scale"));
    raise_version(&folder(1).join("status.scale"));
    raise_version(&data.join("devices.scale"));
    for stray in ["runs/file", "blobs/file", "keys/file", "driver/file", "driver/programs/file", "logs/file"] {
        fs::write(data.join(stray), b"x").unwrap();
    }
    for stray in
        ["runs/folder", "blobs/folder", "keys/folder", "driver/folder", "driver/programs/folder", "logs/folder"]
    {
        fs::create_dir(data.join(stray)).unwrap();
        fs::write(data.join(stray).join("file"), b"x").unwrap();
    }

    let executor = executor.kill_and_restart();
    // The third is unchanged, the second is computed again, and nothing is known of the first.
    assert_eq!(executor.run_status(&runs[2].id), RunStatus::Committed(commitments[2]));
    assert_eq!(executor.outcome(&runs[1].id), RunStatus::Committed(commitments[1]));
    assert_eq!(executor.get(&format!("/v1/runs/{}", hex::encode(runs[0].id))).0, 404);
    let held = quarantined(&data);
    let first = held.iter().find(|name| name.contains(&hex::encode(runs[0].id))).expect("the first run");
    assert_eq!(fs::read(data.join("quarantine").join(first).join("output")).unwrap(), counted(100));
    assert!(held.iter().any(|name| name.ends_with("status.scale")), "{held:?}");
    // The devices are chosen again.
    assert!(held.iter().any(|name| name.ends_with("devices.scale")), "{held:?}");
    assert_eq!(&fs::read(data.join("devices.scale")).unwrap()[..6], b"DPIN\x05\x01");
    for stray in ["runs-file", "runs-folder", "blobs-file", "blobs-folder", "keys-file", "keys-folder", "programs-file"]
    {
        assert!(held.iter().any(|name| name.ends_with(stray)), "no {stray} in {held:?}");
    }
    assert_eq!(executor.commitment(&runs[0]), commitments[0]);
}

#[test]
fn a_file_that_cannot_be_read_just_now_ends_the_start_and_nothing_is_lost() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 100, 60_000);
    let commitment = executor.commitment(&request);
    let file = executor.data().join("runs").join(hex::encode(request.id)).join("status.scale");
    let aside = file.with_extension("aside");
    fs::rename(&file, &aside).unwrap();
    // A loop of links: the system cannot read it.
    std::os::unix::fs::symlink(&file, &file).unwrap();
    let mut executor = executor;
    executor.terminate();
    let refused = serve(PROGRAM, executor.folder.path()).output().unwrap();
    assert!(!refused.status.success());
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("status.scale cannot be read") && told.contains("nothing was removed"), "{told}");
    fs::remove_file(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    let executor = executor.kill_and_restart();
    assert_eq!(executor.run_status(&request.id), RunStatus::Committed(commitment));
}

/// Build a library that sets the time of day a month ahead for a program started with it. Other
/// clocks are unchanged.
fn clock_a_month_ahead(folder: &Path) -> String {
    let (source, library) = (folder.join("jump.c"), folder.join("jump.so"));
    let text = "#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, \"clock_gettime\");
    int failed = real(clock, time);
    if (!failed && clock == CLOCK_REALTIME) time->tv_sec += 30 * 24 * 3600;
    return failed;
}
";
    fs::write(&source, text).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl");
    assert!(compiler.status().expect("a C compiler, which Rust's linker needs too").success());
    library.display().to_string()
}

#[test]
fn a_clock_that_jumps_a_month_ahead_deletes_nothing() {
    let tools = tempfile::tempdir().unwrap();
    let library = clock_a_month_ahead(tools.path());
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 100, 60_000);
    let commitment = executor.commitment(&request);
    let report = executor.report(&request.id);

    let executor = executor.kill_and_restart_with(&[], &[("LD_PRELOAD", &library)]);
    assert_eq!(executor.run_status(&request.id), RunStatus::Committed(commitment));
    assert_eq!(executor.output(task(1), &commitment.root), counted(100));
    assert_eq!(executor.report(&request.id), report);
    // Files made under the wrong clock are not old when the clock is correct again.
    let later = simple(COUNT, task(2), 100, 60_000);
    let second = executor.commitment(&later);

    let executor = executor.kill_and_restart();
    assert_eq!(executor.output(task(1), &commitment.root), counted(100));
    assert_eq!(executor.output(task(2), &second.root), counted(100));
}

#[test]
fn folders_that_are_removed_below_it_are_made_anew() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let first = simple(COUNT, task(1), 100, 60_000);
    let commitment = executor.commitment(&first);
    for folder in ["runs", "work", "driver", "blobs", "keys", "logs"] {
        fs::remove_dir_all(executor.data().join(folder)).unwrap();
    }
    // Its index may still list the source.
    let source = format!("/v1/blob/{}", hex::encode(first.kernel.source));
    assert_eq!(executor.get(&source).0, 404);
    executor.put_blob(COUNT.as_bytes());
    let second = simple(COUNT, task(2), 100, 60_000);
    let done = executor.commitment(&second);
    assert_eq!(executor.output(task(2), &done.root), counted(100));
    assert!(!executor.report(&second.id).is_empty());
    assert_eq!(executor.commitment(&first), commitment);
    let executor = executor.kill_and_restart();
    assert_eq!(executor.output(task(1), &commitment.root), counted(100));
}

#[test]
fn without_its_data_directory_it_ends_and_says_so() {
    let mut executor = Executor::start();
    fs::remove_dir_all(executor.data()).unwrap();
    let status = executor.ended();
    assert!(!status.success() && status.code().is_some(), "{status}");
    // After a restart the executor works.
    let executor = executor.kill_and_restart();
    executor.put_blob(COUNT.as_bytes());
    executor.commitment(&simple(COUNT, task(1), 100, 60_000));
}

#[test]
fn a_child_killed_while_an_executor_comes_back_is_no_failure() {
    let executor = Executor::start();
    executor.put_blob(SLOW.as_bytes());
    let request = simple(SLOW, task(1), 8, 120_000);
    executor.post_run(&request);
    executor.wait_until_running(&request.id);
    let executor = executor.kill_and_restart();
    executor.post_run(&request);
    executor.wait_until_running(&request.id);
    executor.kill_children();
    sleep(Duration::from_millis(500));
    assert!(!matches!(executor.post_run(&request), RunStatus::Failed(ReasonCode::ExecutorFault { .. })));
    assert!(matches!(executor.outcome(&request.id), RunStatus::Committed(_)));
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
