//! Every bad request has its own answer, and the executor stays up.

mod common;

use codec::Encode;
use common::*;
use dpin_primitives::{
    Hash, blake2,
    executor::{RunRequest, RunStatus, Work},
    kernel::Tiling,
    tile_tree,
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

fn told((status, body): Answer) -> (u16, String) {
    let text = String::from_utf8(body).unwrap();
    assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "not one line: {text:?}");
    (status, text.trim().to_owned())
}

#[test]
fn the_status_tells_version_and_device() {
    let status = Executor::start().status();
    assert_eq!(status.version, env!("CARGO_PKG_VERSION"));
    assert_eq!((status.queued, status.running), (0, 0));
    assert_eq!(status.devices.len(), 1, "these tests need an OpenCL device; pocl-opencl-icd makes one of the CPU");
    let device = &status.devices[0];
    assert!(device.memory > 0 && device.compute_units > 0 && !device.model.is_empty());
}

#[test]
fn a_missing_or_wrong_token_is_refused_everywhere() {
    let mut executor = Executor::start();
    for wrong in ["", "wrong", &TOKEN[1..], &format!("{TOKEN}0")] {
        executor.token = wrong.into();
        for path in ["/v1/status", "/v1/wanted", "/v1/nothing", "/"] {
            assert_eq!(told(executor.get(path)).0, 401, "{wrong:?} {path}");
        }
        assert_eq!(executor.post("/v1/runs", &simple(COUNT, task(0), 1, 1).encode()).0, 401);
        assert_eq!(executor.put(&format!("/v1/blob/{}", hex::encode(blake2(b"x"))), b"x").0, 401);
    }
    executor.token = TOKEN.into();
    assert_eq!(executor.status().queued, 0);
}

#[test]
fn garbage_and_truncated_scale_are_refused() {
    let executor = Executor::start();
    let whole = simple(COUNT, task(0), 8, 1000).encode();
    for cut in 0..whole.len() {
        assert_eq!(told(executor.post("/v1/runs", &whole[..cut])).0, 400, "cut at {cut}");
    }
    assert_eq!(told(executor.post("/v1/runs", &[whole.as_slice(), &[0]].concat())).0, 400);
    assert_eq!(told(executor.post("/v1/runs", &[0xff; 5000])).0, 400);
    let opening = format!("/v1/runs/{}/opening", hex::encode(Hash::zero()));
    assert_eq!(told(executor.post(&opening, &[0xfe, 0xff, 0xff, 0xff])).0, 400);
    assert_eq!(executor.status().queued, 0);
}

#[test]
fn requests_that_contradict_themselves_are_refused() {
    let executor = Executor::start();
    let refused = |change: fn(&mut RunRequest)| {
        let mut request = simple(COUNT, task(0), 8, 1000);
        change(&mut request);
        let (status, text) = told(executor.post("/v1/runs", &request.encode()));
        assert_eq!(status, 400, "{text}");
        text
    };
    assert!(refused(|r| r.kernel.entry = b"1 a".to_vec().try_into().unwrap()).contains("InvalidEntry"));
    assert!(refused(|r| r.kernel.local_size = [0, 1, 1]).contains("InvalidLocalSize"));
    assert!(refused(|r| r.groups = [8, 0, 1]).contains("grid is empty"));
    assert!(refused(|r| r.groups = [u32::MAX; 3]).contains("grid is empty or larger"));
    assert!(refused(|r| r.group_count = 0).contains("not in the grid"));
    assert!(refused(|r| r.group_count = 9).contains("not in the grid"));
    assert!(refused(|r| r.first_group = u64::MAX).contains("not in the grid"));
    assert!(refused(|r| r.first_group = 1).contains("not in the grid"));
    assert!(
        refused(|r| {
            r.groups = [1 << 25, 1, 1];
            r.group_count = 1 << 25;
        })
        .contains("more than")
    );
    assert!(refused(|r| r.kernel.tiling = Tiling::PerGroup { bytes: 0 }).contains("InvalidTileSize"));
    assert!(refused(|r| r.scalars = vec![vec![0; 4]]).contains("scalars"));
    assert!(refused(|r| r.inputs = vec![Hash::zero()]).contains("input"));
    assert!(refused(|r| r.limit_ms = 0).contains("limit"));
    assert!(refused(|r| r.work = Work::Sample(vec![])).contains("sample"));
    assert!(refused(|r| r.work = Work::Sample(vec![2, 1])).contains("sample"));
    assert!(refused(|r| r.work = Work::Sample(vec![1, 1])).contains("sample"));
    assert!(refused(|r| r.work = Work::Sample(vec![8])).contains("sample"));
    assert_eq!(executor.status().queued, 0);
}

#[test]
fn oversized_bodies_are_refused() {
    let executor = Executor::start();
    let (status, text) = told(executor.post("/v1/runs", &vec![0; 65 * 1024]));
    assert_eq!((status, text.as_str()), (413, "the body has more than 65536 bytes"));
    let path = format!("/v1/blob/{}", hex::encode(Hash::zero()));
    // The declared length is enough: the client need not send 4 GiB first.
    let mut stream = TcpStream::connect(executor.address()).unwrap();
    let length = (4u64 << 30) + 1;
    write!(
        stream,
        "PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: {length}\r\n\r\n"
    )
    .unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");

    // Omitting the length does not help.
    let mut stream = TcpStream::connect(executor.address()).unwrap();
    write!(
        stream,
        "POST /v1/runs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    .unwrap();
    let piece = format!("8000\r\n{}\r\n", "0".repeat(0x8000));
    for _ in 0..3 {
        stream.write_all(piece.as_bytes()).unwrap();
    }
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    assert_eq!(executor.status().queued, 0);
}

#[test]
fn a_blob_must_hash_to_its_name() {
    let executor = Executor::start();
    let path = format!("/v1/blob/{}", hex::encode(blake2(b"whole blob")));
    let (status, text) = told(executor.put(&path, b"whole"));
    assert_eq!(status, 400);
    assert!(text.contains("do not hash"), "{text}");
    assert_eq!(executor.get(&path).0, 404);
    assert_eq!(executor.put(&path, b"whole blob").0, 200);
    assert_eq!(executor.get(&path), (200, b"whole blob".to_vec()));
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing() {
    let executor = Executor::start();
    let path = format!("/v1/blob/{}", hex::encode(blake2(b"whole blob")));
    let mut stream = TcpStream::connect(executor.address()).unwrap();
    write!(
        stream,
        "PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 10\r\n\r\nwhole"
    )
    .unwrap();
    drop(stream);
    let mut noise = TcpStream::connect(executor.address()).unwrap();
    noise.write_all(&[0x16, 3, 1, 0, 0xff, b'\r', b'\n', b'\r', b'\n']).unwrap();
    drop(noise);
    assert_eq!(executor.get(&path).0, 404);
    wait("what came to be removed", Duration::from_secs(10), || {
        (std::fs::read_dir(executor.data().join("blobs")).unwrap().count() == 0).then_some(())
    });
    assert_eq!(executor.get(&path).0, 404);
}

#[test]
fn what_is_unknown_is_not_found() {
    let executor = Executor::start();
    let hash = hex::encode(Hash::repeat_byte(5));
    for path in ["blob", "log", "runs"].map(|kind| format!("/v1/{kind}/{hash}")) {
        assert_eq!(told(executor.get(&path)).0, 404, "{path}");
    }
    assert_eq!(told(executor.delete(&format!("/v1/runs/{hash}"))).0, 404);
    assert_eq!(told(executor.post(&format!("/v1/runs/{hash}/opening"), &vec![1u32].encode())).0, 404);
    assert_eq!(told(executor.get("/v1/outputs/7/0")).0, 404);
    assert_eq!(told(executor.get("/v2/status")).0, 404);
    assert_eq!(told(executor.post("/v1/status", b"")).0, 405);
    for path in ["/v1/runs/xyz", "/v1/log/..%2F..%2Ftoken", "/v1/blob/00", "/v1/outputs/a/b", "/v1/outputs/1/-1"] {
        assert_eq!(told(executor.get(path)).0, 400, "{path}");
    }
    assert_eq!(told(executor.get("/v1/wanted?wait_ms=soon")).0, 400);
}

#[test]
fn a_full_queue_refuses_new_runs_and_knows_the_old() {
    let executor = Executor::start_with(&["--queue-length", "2"]);
    let runs: Vec<RunRequest> = (0..3).map(|job| simple(COUNT, task(job), 8, 60_000)).collect();
    assert_eq!(executor.post_run(&runs[0]), RunStatus::Queued);
    assert_eq!(executor.post_run(&runs[1]), RunStatus::Queued);
    let (status, text) = told(executor.post("/v1/runs", &runs[2].encode()));
    assert_eq!((status, text.as_str()), (429, "the queue is full: 2 runs wait"));
    assert_eq!(executor.post_run(&runs[1]), RunStatus::Queued);
    assert_eq!(executor.delete(&format!("/v1/runs/{}", hex::encode(runs[0].id))), (200, vec![]));
    assert_eq!(executor.post_run(&runs[2]), RunStatus::Queued);
    assert_eq!(executor.status().queued, 2);
}

#[test]
fn wanted_answers_as_soon_as_a_blob_is_missing() {
    let executor = Executor::start();
    let begun = Instant::now();
    assert_eq!(decode::<Vec<Hash>>(executor.get("/v1/wanted?wait_ms=300")), vec![]);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let request = simple(COUNT, task(1), 8, 60_000);
    std::thread::scope(|scope| {
        let wanted = scope.spawn(|| decode::<Vec<Hash>>(executor.get("/v1/wanted?wait_ms=20000")));
        std::thread::sleep(Duration::from_millis(300));
        let posted = Instant::now();
        executor.post_run(&request);
        assert_eq!(wanted.join().unwrap(), vec![request.kernel.source]);
        assert!(posted.elapsed() < Duration::from_secs(5));
    });
    executor.put_blob(COUNT.as_bytes());
    assert!(matches!(executor.outcome(&request.id), RunStatus::Committed(_)));
    assert_eq!(decode::<Vec<Hash>>(executor.get("/v1/wanted")), vec![]);
}

#[test]
fn a_known_run_is_not_repeated() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 8, 60_000);
    let commitment = executor.commitment(&request);
    let mut other = request.clone();
    other.group_count = 4;
    assert_eq!(executor.post_run(&other), RunStatus::Committed(commitment));
}

#[test]
fn outputs_are_served_in_checked_chunks_and_within_their_range() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 100, 60_000);
    let commitment = executor.commitment(&request);
    let expected = counted(100);

    let chunk = executor.chunk(task(1), 65, 64);
    assert_eq!((chunk.offset, chunk.data.as_slice()), (64, &expected[64..192]));
    assert_eq!(chunk.total, 6400);
    assert_eq!(chunk.verify(&GENESIS, task(1), &commitment.root), Ok(()));
    assert!(chunk.verify(&GENESIS, task(2), &commitment.root).is_err());
    assert_eq!(executor.chunk(task(1), 6399, 1000).data, &expected[6336..]);
    assert_eq!(executor.output(task(1), &commitment.root), expected);

    let (status, text) = told(executor.get("/v1/outputs/1/0?offset=6400&length=1"));
    assert_eq!((status, text.as_str()), (416, "offset 6400 is beyond the output's 6400 bytes"));
    assert_eq!(told(executor.get("/v1/outputs/1/0?offset=0&length=0")).0, 416);
    assert_eq!(told(executor.get("/v1/outputs/1/0?offset=18446744073709551616")).0, 400);
    assert_eq!(told(executor.get("/v1/outputs/1/1")).0, 404);
}

#[test]
fn openings_verify_and_bad_tiles_are_refused() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let request = simple(COUNT, task(1), 100, 60_000);
    let root = executor.commitment(&request).root;
    let tiles = [0, 7, 8, 99];
    let opening = executor.opening(&request.id, &tiles);
    assert_eq!(tile_tree::verify(&root, 100, &tiles, &opening.leaves, &opening.proof), Ok(()));
    let path = format!("/v1/runs/{}/opening", hex::encode(request.id));
    for bad in [vec![], vec![100], vec![3, 2], vec![1, 1], (0..1025).collect()] {
        assert_eq!(told(executor.post(&path, &Vec::<u32>::encode(&bad))).0, 400);
    }
    let waiting = simple(ENDLESS, task(2), 8, 60_000);
    executor.post_run(&waiting);
    assert_eq!(
        told(executor.post(&format!("/v1/runs/{}/opening", hex::encode(waiting.id)), &vec![0u32].encode())).0,
        409
    );
}

#[test]
fn the_data_directory_is_private_and_used_by_one() {
    let executor = Executor::start();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(executor.data()), 0o700);
    let second = serve(env!("CARGO_BIN_EXE_dpin-executor"), executor.folder.path()).output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another executor uses this data directory"));
}

#[test]
fn addresses_others_can_reach_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dpin-executor"))
        .args(["serve", "--listen", "0.0.0.0:0", "--data-dir"])
        .arg(folder.path().join("data"))
        .arg("--token-file")
        .arg(folder.path().join("token"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("not a loopback address"));
}

#[test]
fn devices_are_listed_for_people_and_programs() {
    let list = |options: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_dpin-executor")).arg("devices").args(options).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let lines = list(&["--json"]);
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["index"], 0);
    for number in ["memory", "computeUnits", "maxWorkGroupSize", "maxBuffer", "localMemory"] {
        assert!(first[number].as_u64().unwrap() > 0, "{first}");
    }
    for text in ["vendor", "model", "platform", "driver", "openclVersion", "place", "class"] {
        assert!(!first[text].as_str().unwrap().is_empty(), "{first}");
    }
    for flag in ["fp64", "fp32Denormals", "fp32RoundedDivision", "available"] {
        assert!(first[flag].is_boolean(), "{first}");
    }

    let table = list(&[]);
    let rows: Vec<&str> = table.lines().collect();
    assert!(rows[0].trim_start().starts_with('#'), "{table}");
    assert_eq!(rows.len(), 1 + lines.lines().count(), "{table}");
    for name in ["model", "platform", "driver"] {
        assert!(rows[1].contains(first[name].as_str().unwrap()), "{table}");
    }
    assert_eq!(list(&["--json", "--device", "auto"]).lines().count(), 1);
    assert_eq!(list(&["--json", "--device", "99"]), "");
}

#[test]
fn tasks_and_samples_tell_what_they_took() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let timings_of = |id: &Hash| executor.get(&format!("/v1/runs/{}/timings", hex::encode(id)));
    let task = simple(COUNT, task(1), 1_000, 30_000);
    assert_eq!(timings_of(&task.id).0, 404);
    let mut sample = task.clone();
    sample.work = Work::Sample(vec![0, 1, 500, 999]);
    sample.id = Hash::repeat_byte(3);
    let begun = std::time::Instant::now();
    executor.commitment(&task);
    executor.sample(&sample);
    for request in [&task, &sample] {
        let told = executor.timings(&request.id);
        assert!(told.build_ms > 0 && told.device_us > 0, "{told:?}");
        assert!(told.device_us / 1_000 + told.build_ms <= told.wall_ms, "{told:?}");
        assert!(u128::from(told.wall_ms) <= begun.elapsed().as_millis(), "{told:?}");
    }
}

#[test]
fn waiting_for_blobs_and_for_a_lane_is_told_apart() {
    let executor = Executor::start();
    executor.put_blob(ENDLESS.as_bytes());
    let pause = Duration::from_millis(400);
    let (long, short) = (simple(ENDLESS, task(1), 8, 120_000), simple(COUNT, task(2), 8, 60_000));
    executor.post_run(&long);
    executor.wait_until_running(&long.id);
    executor.post_run(&short);
    std::thread::sleep(pause);
    executor.put_blob(COUNT.as_bytes());
    std::thread::sleep(pause);
    executor.delete(&format!("/v1/runs/{}", hex::encode(long.id)));
    assert!(matches!(executor.outcome(&short.id), RunStatus::Committed(_)));
    let told = executor.timings(&short.id);
    assert!(u128::from(told.fetch_ms) >= pause.as_millis(), "{told:?}");
    assert!(u128::from(told.queue_ms) >= pause.as_millis(), "{told:?}");
}

#[test]
fn a_failed_run_has_no_timings() {
    let executor = Executor::start();
    let request = simple("not a kernel", task(1), 8, 30_000);
    executor.put_blob(b"not a kernel");
    executor.failure(&request);
    let answer = executor.get(&format!("/v1/runs/{}/timings", hex::encode(request.id)));
    assert_eq!(told(answer), (409, "the run has not been computed to its end".into()));
}

#[test]
fn the_program_operators_install_knows_no_faults() {
    let contains = |program: &str, text: &str| {
        std::fs::read(program).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes())
    };
    let honest = env!("CARGO_BIN_EXE_dpin-executor");
    assert!(!contains(honest, "DPIN_FAULT"));
    #[cfg(not(feature = "fault-injection"))]
    assert!(!contains(honest, "lazy_auditor"));
    #[cfg(feature = "fault-injection")]
    {
        let faulty = env!("CARGO_BIN_EXE_dpin-executor-faulty");
        assert!(contains(faulty, "DPIN_FAULT") && contains(faulty, "lazy_auditor"));
    }
}
