//! Every finished run has a report, and the metrics show what happened.

mod common;

use common::*;
use dpin_primitives::{
    Hash, blake2,
    executor::{RunRequest, RunStatus, Work},
    reason::ReasonCode,
};
use std::{net::TcpListener, path::Path, time::Duration};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dpin-executor");

fn task_report(executor: &Executor, job: u64) -> Answer {
    executor.get(&format!("/v1/reports/{job}/0"))
}

#[test]
fn a_run_that_went_well_has_a_report_with_its_times() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 100, 60_000);
    executor.commitment(&request);
    let report = executor.report(&request.id);
    for (name, value) in [
        ("id", hex::encode(request.id).as_str()),
        ("task", "1:0"),
        ("work", "the whole task, 100 work-groups"),
        ("outcome", "committed"),
    ] {
        assert_eq!(told_in(&report, name), Some(value), "{report}");
    }
    let model = String::from_utf8_lossy(&executor.status().devices[0].model).into_owned();
    assert!(told_in(&report, "device").unwrap().contains(&model), "{report}");
    for stage in ["fetch", "queue", "launch", "build", "run", "read", "hash", "wall"] {
        let time: f64 = told_in(&report, stage).and_then(|time| time.strip_suffix(" ms")).unwrap().parse().unwrap();
        assert!((0.0..60_000.0).contains(&time), "{report}");
    }
    assert!(told_in(&report, "killed").is_none() && !report.contains("--- failure ---"), "{report}");
    assert_eq!(task_report(&executor, 1), (200, report.into_bytes()));
    assert_eq!(task_report(&executor, 2).0, 404);
}

#[test]
fn a_failed_runs_log_is_its_report() {
    let executor = Executor::start();
    let source = "__kernel void f(__global uint *out) { out[0] = nonsense; }";
    executor.put_blob(source.as_bytes());
    let request = simple(source, task(1), 8, 60_000);
    let ReasonCode::BuildFailed { log } = executor.failure(&request) else { panic!("not BuildFailed") };
    let report = executor.report(&request.id);
    assert_eq!(blake2(report.as_bytes()), log);
    assert_eq!(told_in(&report, "outcome"), Some("buildFailed"));
    assert!(failure_in(&report).contains("nonsense"), "{report}");
    assert_eq!(task_report(&executor, 1), (200, report.into_bytes()));
}

#[test]
fn a_report_tells_what_killed_the_child() {
    let executor = Executor::start();
    let crash = "__kernel void f(__global uint *out) {
        volatile __global uint *wild = (volatile __global uint *)(size_t)(8 + out[0]);
        *wild = 1;
    }";
    executor.put_blob(ENDLESS.as_bytes());
    executor.put_blob(crash.as_bytes());
    let (endless, wild) = (simple(ENDLESS, task(1), 8, 2_000), simple(crash, task(2), 8, 60_000));
    assert_eq!(executor.failure(&endless), ReasonCode::Timeout);
    assert_eq!(told_in(&executor.report(&endless.id), "killed"), Some("time, after its limit of 2000 ms"));
    assert!(matches!(executor.failure(&wild), ReasonCode::KernelFault { .. }));
    // A GPU has its own page tables: its driver reports the fault, and the child survives.
    if executor.status().devices[0].class == dpin_primitives::worker::DeviceClass::Cpu {
        assert_eq!(told_in(&executor.report(&wild.id), "killed"), Some("signal, number 11"));
    }
}

#[test]
fn a_blob_that_did_not_come_is_in_the_report() {
    let executor = Executor::start();
    let request = simple(COUNT, task(1), 8, 300);
    executor.failure(&request);
    let report = executor.report(&request.id);
    assert_eq!(told_in(&report, "outcome"), Some("inputUnavailable"));
    assert_eq!(failure_in(&report), format!("blob {} did not come", hex::encode(request.kernel.source)));
}

#[test]
fn only_finished_runs_have_reports_and_they_outlive_a_restart() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    executor.put_blob(ENDLESS.as_bytes());
    let (done, running) = (simple(COUNT, task(1), 8, 60_000), simple(ENDLESS, task(2), 8, 60_000));
    executor.commitment(&done);
    executor.post_run(&running);
    let status_of = |id: &Hash| executor.get(&format!("/v1/runs/{}/report", hex::encode(id))).0;
    assert_eq!((status_of(&running.id), status_of(&Hash::repeat_byte(5))), (409, 404));
    assert_eq!(task_report(&executor, 2).0, 404);
    assert_eq!(executor.get("/v1/reports/x/0").0, 400);
    let report = executor.report(&done.id);
    assert_eq!(executor.kill_and_restart().report(&done.id), report);
}

#[test]
fn a_sample_has_a_report_but_is_not_the_tasks() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let sample =
        RunRequest { id: Hash::repeat_byte(2), work: Work::Sample(vec![1, 5]), ..simple(COUNT, task(1), 8, 60_000) };
    executor.sample(&sample);
    assert_eq!(told_in(&executor.report(&sample.id), "work"), Some("a sample of 2 tiles"));
    assert_eq!(task_report(&executor, 1).0, 404);
}

/// All files below a folder.
fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .flat_map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { vec![entry.path()] })
        .collect()
}

#[test]
fn the_token_stands_in_no_log() {
    let folder = tempfile::tempdir().unwrap();
    write_token(&folder.path().join("token"));
    let said = folder.path().join("said");
    let port_file = folder.path().join("port");
    let mut child = serve(PROGRAM, folder.path())
        .arg("--port-file")
        .arg(&port_file)
        .env("RUST_LOG", "trace")
        .stderr(std::fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let address = wait("the port file", Duration::from_secs(60), || std::fs::read_to_string(&port_file).ok());
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
    let url = |path: &str| format!("http://{address}{path}");
    let bearer = format!("Bearer {TOKEN}");

    // Compilers repeat text that they do not understand, and drivers name files.
    let data = folder.path().join("data");
    let source = format!("#error {}\n", data.join(TOKEN).display());
    let request = simple(&source, task(1), 8, 60_000);
    let blob = url(&format!("/v1/blob/{}", hex::encode(blake2(source.as_bytes()))));
    assert_eq!(agent.put(blob).header("authorization", &bearer).send(source.as_bytes()).unwrap().status(), 200);
    use codec::{DecodeAll, Encode};
    let post = || {
        let mut answer =
            agent.post(url("/v1/runs")).header("authorization", &bearer).send(request.encode().as_slice()).unwrap();
        RunStatus::decode_all(&mut answer.body_mut().read_to_vec().unwrap().as_slice()).unwrap()
    };
    let reason = wait("the run to end", Duration::from_secs(60), || match post() {
        RunStatus::Failed(reason) => Some(reason),
        _ => None,
    });
    let log = std::fs::read_to_string(data.join("logs").join(hex::encode(reason.log().unwrap()))).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    assert!(log.contains("DATA/SECRET"), "{log}");
    let kept = ["logs", "runs"].map(|name| files_below(&data.join(name)));
    for file in kept.concat().into_iter().chain([said]) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(TOKEN), "{} tells the token:\n{text}", file.display());
    }
}

#[test]
fn prometheus_is_told_what_happened() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let executor = Executor::start_with(&["--prometheus-listen", &address]);
    executor.put_blob(COUNT.as_bytes());
    executor.put_blob(ENDLESS.as_bytes());
    let done = simple(COUNT, task(1), 100, 60_000);
    let root = executor.commitment(&done).root;
    let served = executor.output(task(1), &root).len();
    assert_eq!(executor.failure(&simple(ENDLESS, task(2), 8, 1_500)), ReasonCode::Timeout);
    executor.post_run(&simple("missing", task(3), 8, 60_000));

    let metrics = || {
        let mut answer = ureq::get(format!("http://{address}/metrics")).call().unwrap();
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
        answer.body_mut().read_to_string().unwrap()
    };
    let text = metrics();
    let value = |text: &str, name: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().unwrap()
    };
    for (name, expected) in [
        ("dpin_executor_queue_length", 1.0),
        ("dpin_executor_running", 0.0),
        ("dpin_executor_devices_present", 1.0),
        ("dpin_executor_devices_lost", 0.0),
        ("dpin_executor_runs_total{work=\"task\",outcome=\"committed\"}", 1.0),
        ("dpin_executor_runs_total{work=\"task\",outcome=\"timeout\"}", 1.0),
        ("dpin_executor_kills_total{cause=\"time\"}", 1.0),
        ("dpin_executor_moved_bytes_total{of=\"blobs\",direction=\"in\"}", (COUNT.len() + ENDLESS.len()) as f64),
        ("dpin_executor_moved_bytes_total{of=\"outputs\",direction=\"in\"}", 6400.0),
        ("dpin_executor_moved_bytes_total{of=\"outputs\",direction=\"out\"}", served as f64),
    ] {
        assert_eq!(value(&text, name), expected, "{name}");
    }
    for stage in ["fetch", "queue", "launch", "build", "run", "read", "hash", "wall"] {
        let name = format!("dpin_executor_stage_seconds_count{{work=\"task\",stage=\"{stage}\"}}");
        assert!(value(&text, &name) >= 1.0, "{stage}");
    }
    let busy =
        text.lines().find(|line| line.starts_with("dpin_executor_device_busy_seconds_total{device=\"0\"")).unwrap();
    assert!(busy.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap() >= 1.5, "{busy}");
    let age = value(&text, "dpin_executor_queue_age_seconds");
    assert!(value(&metrics(), "dpin_executor_queue_age_seconds") > age);

    let missing = ureq::get(format!("http://{address}/v1/status")).call();
    assert!(matches!(missing, Err(ureq::Error::StatusCode(404))), "{missing:?}");
    assert_eq!(executor.get("/metrics").0, 404);
}

#[test]
fn metrics_are_for_this_machine_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    write_token(&folder.path().join("token"));
    let output = serve(PROGRAM, folder.path()).args(["--prometheus-listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--prometheus-external"));
}
