//! Several devices, devices that come and go, and work that fits none.

mod common;

use codec::{DecodeAll, Encode};
use common::*;
use dpin_primitives::{
    Hash,
    executor::{RunRequest, RunStatus, Work},
    kernel::{Param, Tiling},
    reason::ReasonCode,
    worker::DeviceClass,
};
use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dpin-executor");

/// PoCL offers the CPU once for each name in the variable.
fn with_devices(names: &str, choice: &str) -> Executor {
    Executor::start_in(PROGRAM, tempfile::tempdir().unwrap(), &["--device", choice], &[("POCL_DEVICES", names)])
}

fn sample_of(request: &RunRequest, id: u8, tiles: &[u32]) -> RunRequest {
    RunRequest { id: Hash::repeat_byte(id), work: Work::Sample(tiles.to_vec()), ..request.clone() }
}

fn is_committed(executor: &Executor, request: &RunRequest) -> bool {
    let RunStatus::Committed(commitment) = executor.outcome(&request.id) else { return false };
    executor.output(request.task, &commitment.root) == counted(request.group_count)
}

#[test]
fn two_devices_compute_two_tasks_side_by_side() {
    let executor = with_devices("pthread pthread", "all");
    assert_eq!(executor.status().devices.len(), 2, "this test needs PoCL");
    executor.put_blob(ENDLESS.as_bytes());
    executor.put_blob(COUNT.as_bytes());
    let long = [simple(ENDLESS, task(1), 8, 120_000), simple(ENDLESS, task(2), 8, 120_000)];
    long.iter().for_each(|run| drop(executor.post_run(run)));
    long.iter().for_each(|run| executor.wait_until_running(&run.id));
    assert!(long.iter().all(|run| executor.run_status(&run.id) == RunStatus::Running));

    // A third task has to wait, but samples do not.
    let third = simple(COUNT, task(3), 100, 60_000);
    executor.post_run(&third);
    let samples = [sample_of(&third, 4, &[3, 99]), sample_of(&third, 5, &[0])];
    samples.iter().for_each(|run| drop(executor.post_run(run)));
    for run in &samples {
        assert!(matches!(executor.outcome(&run.id), RunStatus::Sampled(_)));
    }
    assert_eq!(executor.run_status(&third.id), RunStatus::Queued);
    assert_eq!(executor.delete(&format!("/v1/runs/{}", hex::encode(long[1].id))).0, 200);
    assert!(is_committed(&executor, &third));
    assert_eq!(executor.run_status(&long[0].id), RunStatus::Running);
}

#[test]
fn devices_are_chosen_by_number() {
    let models = |choice: &str| {
        let devices = with_devices("basic pthread", choice).status().devices;
        devices.iter().map(|device| String::from_utf8_lossy(&device.model).into_owned()).collect::<Vec<_>>()
    };
    assert!(matches!(models("1").as_slice(), [one] if one.starts_with("pthread")));
    assert!(matches!(models("auto").as_slice(), [one] if one.starts_with("basic")));
    assert!(matches!(models("0,1").as_slice(), [one, two] if one.starts_with("basic") && two.starts_with("pthread")));
    let folder = tempfile::tempdir().unwrap();
    write_token(&folder.path().join("token"));
    for wrong in ["0,0", "first", "0,1,2,3,4,5,6,7,8"] {
        assert!(!serve(PROGRAM, folder.path()).args(["--device", wrong]).output().unwrap().status.success(), "{wrong}");
    }
}

#[test]
fn each_device_computes_what_it_is_told_to_alone() {
    let executor = with_devices("basic pthread", "1");
    executor.put_blob(COUNT.as_bytes());
    let run = simple(COUNT, task(1), 100, 60_000);
    executor.post_run(&run);
    assert!(is_committed(&executor, &run));
    let report = executor.report(&run.id);
    assert!(told_in(&report, "device").unwrap().starts_with("1: pthread"), "{report}");
}

/// A folder of OpenCL drivers, which can be removed.
struct Drivers {
    folder: tempfile::TempDir,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Drivers {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Children may run as another user than the executor.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let installed = std::fs::read_dir("/etc/OpenCL/vendors").unwrap().flatten();
        let files = installed
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "icd"))
            .map(|entry| (folder.path().join(entry.file_name()), std::fs::read(entry.path()).unwrap()))
            .collect();
        let drivers = Self { folder, files };
        drivers.put_back();
        drivers
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn put_back(&self) {
        self.files.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    }

    fn take_away(&self) {
        self.files.iter().for_each(|(path, _)| std::fs::remove_file(path).unwrap());
    }
}

#[test]
fn a_lost_device_is_found_again_and_nothing_is_lost() {
    let drivers = Drivers::new();
    let environment = [("OCL_ICD_VENDORS", drivers.path().to_str().unwrap())];
    let executor = Executor::start_in(PROGRAM, tempfile::tempdir().unwrap(), &[], &environment);
    assert_eq!(executor.status().devices.len(), 1);
    executor.put_blob(COUNT.as_bytes());
    executor.commitment(&simple(COUNT, task(0), 100, 60_000));

    drivers.take_away();
    // A child that opened the device earlier may still compute the first.
    let runs: Vec<RunRequest> = (1..5).map(|job| simple(COUNT, task(job), 100, 120_000)).collect();
    let sample = sample_of(&runs[0], 9, &[1, 2]);
    for run in runs.iter().chain([&sample]) {
        executor.post_run(run);
    }
    wait("the loss to be seen", Duration::from_secs(60), || executor.status().devices.is_empty().then_some(()));
    assert!(runs.iter().all(|run| !matches!(executor.run_status(&run.id), RunStatus::Failed(_))));

    drivers.put_back();
    assert!(runs.iter().all(|run| is_committed(&executor, run)));
    assert!(matches!(executor.outcome(&sample.id), RunStatus::Sampled(_)));
    assert_eq!(executor.status().devices.len(), 1);
    // Either lane may have noticed the loss first.
    let reports: Vec<String> = runs.iter().chain([&sample]).map(|run| executor.report(&run.id)).collect();
    assert!(reports.iter().any(|report| told_in(report, "lost").is_some()), "{reports:?}");
}

#[test]
fn a_device_that_stays_away_is_reported_in_time() {
    let drivers = Drivers::new();
    let environment = [("OCL_ICD_VENDORS", drivers.path().to_str().unwrap())];
    let executor = Executor::start_in(PROGRAM, tempfile::tempdir().unwrap(), &[], &environment);
    executor.put_blob(COUNT.as_bytes());
    drivers.take_away();
    let runs: Vec<RunRequest> = (1..4).map(|job| simple(COUNT, task(job), 8, 4_000)).collect();
    runs.iter().for_each(|run| drop(executor.post_run(run)));
    assert_eq!(executor.outcome(&runs[2].id), RunStatus::Failed(ReasonCode::DeviceLost));
    assert_eq!(failure_in(&executor.report(&runs[2].id)), "the device did not come back");
}

#[test]
fn a_run_that_is_posted_before_there_is_a_device_waits_for_it() {
    let drivers = Drivers::new();
    drivers.take_away();
    let environment = [("OCL_ICD_VENDORS", drivers.path().to_str().unwrap())];
    let executor = Executor::start_in(PROGRAM, tempfile::tempdir().unwrap(), &[], &environment);
    assert_eq!(executor.status().devices, vec![]);
    executor.put_blob(COUNT.as_bytes());
    let run = simple(COUNT, task(1), 100, 90_000);
    executor.post_run(&run);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(executor.run_status(&run.id), RunStatus::Queued);
    drivers.put_back();
    assert!(is_committed(&executor, &run));
}

/// A task with two inputs.
fn with_inputs(source: &str, inputs: [Hash; 2]) -> RunRequest {
    let params = [Param::Output, Param::Input, Param::Input];
    RunRequest {
        kernel: manifest(source, &params, [16, 1, 1], Tiling::PerGroup { bytes: 64 }),
        inputs: inputs.to_vec(),
        ..simple(source, task(1), 8, 60_000)
    }
}

/// The executor's answer to a run whose inputs have these sizes.
fn post_with_sizes(executor: &Executor, request: &RunRequest, sizes: &[u64]) -> Answer {
    let sizes: Vec<String> = sizes.iter().map(u64::to_string).collect();
    executor.post(&format!("/v1/runs?input_bytes={}", sizes.join(",")), &request.encode())
}

#[test]
fn what_has_no_room_is_refused_before_anything_is_fetched() {
    let executor = Executor::start_with(&["--memory-limit-mb", "1"]);
    let request = with_inputs(COUNT, [Hash::repeat_byte(1), Hash::repeat_byte(2)]);
    let status: RunStatus = decode(post_with_sizes(&executor, &request, &[1 << 19, 1 << 19]));
    // The device could hold it, but the operator's limit is lower.
    assert_eq!(status, RunStatus::Failed(ReasonCode::Declined));
    assert_eq!(decode::<Vec<Hash>>(executor.get("/v1/wanted")), vec![]);
    let report = executor.report(&request.id);
    assert_eq!(told_in(&report, "outcome"), Some("declined"));
    assert!(failure_in(&report).contains("inputs of 1048576 bytes and a tile of 64"), "{report}");

    let fits = RunRequest { id: Hash::repeat_byte(8), ..request };
    assert_eq!(decode::<RunStatus>(post_with_sizes(&executor, &fits, &[1 << 19, 1 << 18])), RunStatus::Queued);
    assert_eq!(decode::<Vec<Hash>>(executor.get("/v1/wanted")).len(), 3);
}

#[test]
fn what_no_device_has_room_for_is_refused_with_each_devices_reason() {
    let environment = [("POCL_DEVICES", "basic pthread")];
    let options = ["--device", "all", "--memory-limit-mb", "1099511627776"];
    let executor = Executor::start_in(PROGRAM, tempfile::tempdir().unwrap(), &options, &environment);
    let memory = executor.status().devices.iter().map(|device| device.memory).max().unwrap();
    let request = with_inputs(COUNT, [Hash::repeat_byte(1), Hash::repeat_byte(2)]);
    let status: RunStatus = decode(post_with_sizes(&executor, &request, &[memory, 1]));
    assert_eq!(status, RunStatus::Failed(ReasonCode::OutOfMemory));
    let report = executor.report(&request.id);
    let reasons: Vec<&str> = failure_in(&report).lines().collect();
    assert!(
        matches!(reasons.as_slice(), [basic, pthread] if basic.contains("0: basic") && pthread.contains("1: pthread"))
    );
    assert!(reasons.iter().all(|reason| reason.contains("exceed the device's")), "{report}");
}

#[test]
fn an_input_that_turns_out_too_large_ends_the_wait_for_the_rest() {
    let executor = Executor::start_with(&["--memory-limit-mb", "1"]);
    let large = vec![1; 1 << 20];
    let request = with_inputs(COUNT, [dpin_primitives::blake2(&large), Hash::repeat_byte(2)]);
    assert_eq!(executor.post_run(&request), RunStatus::Queued);
    executor.put_blob(&large);
    assert_eq!(executor.run_status(&request.id), RunStatus::Failed(ReasonCode::Declined));
    assert_eq!(decode::<Vec<Hash>>(executor.get("/v1/wanted")), vec![]);
}

/// A task that reads `input`.
fn with_input(source: &str, job: u64, groups: u32, input: Hash) -> RunRequest {
    RunRequest {
        kernel: manifest(source, &[Param::Output, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 }),
        inputs: vec![input],
        ..simple(source, task(job), groups, 120_000)
    }
}

#[test]
fn a_run_waits_while_another_has_the_devices_memory() {
    const READS: &str = "__kernel void f(__global uint *out, __global const uint *in) {
    out[dpin_tile() * 16 + get_local_id(0)] = (uint)get_global_id(0) + in[0];
}
";
    let endless = ENDLESS.replace("*out)", "*out, __global const uint *in)");
    let executor = Executor::start_with(&["--memory-limit-mb", "4"]);
    executor.put_blob(endless.as_bytes());
    executor.put_blob(READS.as_bytes());
    executor.put_blob(COUNT.as_bytes());
    let input = executor.put_blob(&vec![0; 3 << 20]);
    let long = with_input(&endless, 1, 8, input);
    executor.post_run(&long);
    executor.wait_until_running(&long.id);

    // 3 of 4 MiB are taken: a sample that needs as much waits, and one without inputs does not.
    let large = sample_of(&with_input(READS, 2, 8, input), 7, &[0]);
    executor.post_run(&large);
    let small = sample_of(&simple(COUNT, task(3), 8, 60_000), 8, &[0]);
    executor.post_run(&small);
    assert!(matches!(executor.outcome(&small.id), RunStatus::Sampled(_)));
    assert_eq!(executor.run_status(&large.id), RunStatus::Queued);
    assert_eq!(executor.delete(&format!("/v1/runs/{}", hex::encode(long.id))).0, 200);
    assert!(matches!(executor.outcome(&large.id), RunStatus::Sampled(_)));
}

#[test]
fn the_memory_that_is_declared_is_what_runs_may_use() {
    let listed = |options: &[&str]| {
        let output =
            Command::new(PROGRAM).args(["devices", "--json", "--device", "auto"]).args(options).output().unwrap();
        let line = String::from_utf8(output.stdout).unwrap();
        let device: serde_json::Value =
            serde_json::from_str(line.lines().next().expect("this test needs PoCL")).unwrap();
        (device["memory"].as_u64().unwrap(), device["totalMemory"].as_u64().unwrap())
    };
    let (memory, total) = listed(&[]);
    assert_eq!(memory, total / 2, "a CPU's memory is the host's");
    assert_eq!(Executor::start().status().devices[0].memory, memory);
    let limit = ["--memory-limit-mb", "100"];
    assert_eq!(listed(&limit), (100 << 20, total));
    assert_eq!(Executor::start_with(&limit).status().devices[0].memory, 100 << 20);

    // The same options in a file. The command line takes precedence.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("executor.toml");
    std::fs::write(&file, "memory_limit_mb = 300\nmax_output_bytes = 1000\n").unwrap();
    let config = ["--config", file.to_str().unwrap()];
    assert_eq!(listed(&config), (300 << 20, total));
    let executor = Executor::start_with(&config);
    assert_eq!(executor.status().devices[0].memory, 300 << 20);
    assert_eq!(executor.failure(&simple(COUNT, task(1), 16, 20_000)), ReasonCode::Declined);
    let executor = Executor::start_with(&[config, limit].concat());
    assert_eq!(executor.status().devices[0].memory, 100 << 20);
}

/// Change the class in the file of the chosen devices, behind its envelope, to that of a card.
fn choose_a_card(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let body = bytes.split_off(14);
    let (choice, devices) = <(String, Vec<(DeviceClass, [String; 4])>)>::decode_all(&mut body.as_slice()).unwrap();
    let card =
        |[platform, vendor, _, place]: [String; 4]| (DeviceClass::Gpu, [platform, vendor, "a card".into(), place]);
    let body = (choice, devices.into_iter().map(|(_, names)| card(names)).collect::<Vec<_>>()).encode();
    bytes.truncate(6);
    bytes.extend(&dpin_primitives::blake2(&body).as_bytes()[..8]);
    bytes.extend(body);
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn the_next_start_works_on_the_device_that_was_chosen() {
    let start = |folder, names: &str, options: &[&str]| {
        let mut executor = Executor::start_in(PROGRAM, folder, options, &[("POCL_DEVICES", names)]);
        let model = executor.status().devices.first().map(|device| String::from_utf8_lossy(&device.model).into_owned());
        executor.terminate();
        (executor.folder_when_ended(), model.unwrap_or_default())
    };
    let (folder, model) = start(tempfile::tempdir().unwrap(), "basic pthread", &["--device", "1"]);
    assert!(model.starts_with("pthread"), "{model}");
    // The numbers have changed, but the chosen device is the same, with the same option or without
    // one.
    let (folder, model) = start(folder, "pthread", &["--device", "1"]);
    assert!(model.starts_with("pthread"), "{model}");
    let (folder, model) = start(folder, "basic pthread", &[]);
    assert!(model.starts_with("pthread"), "{model}");
    // With another option the devices are chosen again.
    let (folder, model) = start(folder, "basic pthread", &["--device", ":basic"]);
    assert!(model.starts_with("basic"), "{model}");
    // A device of another class does not replace the chosen one.
    choose_a_card(&folder.path().join("data/devices.scale"));
    let (folder, model) = start(folder, "basic pthread", &[]);
    assert_eq!(model, "", "the processor stands in for a card");
    let (_, model) = start(folder, "basic pthread", &["--device", "cpu"]);
    assert!(model.starts_with("basic"), "{model}");
}

#[test]
fn sizes_must_be_one_number_for_each_input() {
    let executor = Executor::start();
    let request = with_inputs(COUNT, [Hash::repeat_byte(1), Hash::repeat_byte(2)]);
    assert_eq!(post_with_sizes(&executor, &request, &[1]).0, 400);
    assert_eq!(executor.post("/v1/runs?input_bytes=1,x", &request.encode()).0, 400);
    assert_eq!(executor.status().queued, 0);
}

#[test]
fn the_list_tells_what_serve_would_use() {
    let list = |choice: &str| {
        let mut command = Command::new(PROGRAM);
        command.args(["devices", "--json", "--device", choice]).env("POCL_DEVICES", "basic pthread");
        let output = command.output().unwrap();
        assert!(output.status.success());
        let lines = String::from_utf8(output.stdout).unwrap();
        let number = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["index"].as_u64().unwrap();
        lines.lines().map(number).collect::<Vec<_>>()
    };
    assert_eq!((list("auto"), list("all"), list("1")), (vec![0], vec![0, 1], vec![1]));
    // With the options in a file, which is how a worker is registered.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("executor.toml");
    let list = |text: &str, options: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(PROGRAM);
        command.args(["devices", "--json", "--config"]).arg(&file).args(options);
        let output = command.env("POCL_DEVICES", "basic pthread").output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        let told = |device: serde_json::Value| (device["index"].as_u64().unwrap(), device["memory"].as_u64().unwrap());
        lines.lines().map(|line| told(value(line))).collect::<Vec<_>>()
    };
    let limit = "memory_limit_mb = 100\n";
    assert_eq!(list(limit, &[]), [(0, 100 << 20)], "without a choice it is the one that `serve` takes");
    assert_eq!(list(&format!("{limit}device = \"1\"\n"), &[]), [(1, 100 << 20)]);
    assert_eq!(list(limit, &["--device", "all"]).len(), 2);
}

/// A folder that registers broken OpenCL drivers, and PoCL after them.
fn with_broken_drivers(broken: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    // Children may run as another user than the executor.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    for (name, body) in broken {
        let (source, library) = (folder.path().join(format!("{name}.c")), folder.path().join(format!("lib{name}.so")));
        let text = format!(
            "#include <string.h>\n#include <unistd.h>
int clIcdGetPlatformIDsKHR(unsigned n, void **platforms, unsigned *count) {{ {body} }}
int clGetPlatformInfo(void *platform, unsigned what, size_t size, void *value, size_t *returned) {{ return -30; }}
void *clGetExtensionFunctionAddress(const char *name) {{
    if (!strcmp(name, \"clIcdGetPlatformIDsKHR\")) return (void *)clIcdGetPlatformIDsKHR;
    return strcmp(name, \"clGetPlatformInfo\") ? 0 : (void *)clGetPlatformInfo;
}}\n"
        );
        std::fs::write(&source, text).unwrap();
        let built = Command::new("cc").args(["-shared", "-fPIC", "-w", "-o"]).args([&library, &source]).status();
        assert!(built.expect("this test needs a C compiler").success());
        std::fs::set_permissions(&library, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(folder.path().join(format!("{name}.icd")), library.to_str().unwrap()).unwrap();
    }
    std::fs::copy("/etc/OpenCL/vendors/pocl.icd", folder.path().join("z.icd")).expect("this test needs PoCL");
    folder
}

const CRASHES: &str = "*(volatile int *)0 = 1; return 0;";
const HANGS: &str = "for (;;) pause();";
const LISTS_NOTHING: &str = "if (count) *count = 0; return -1001;";

/// The devices in `devices --json` with the drivers in `vendors`, its standard error, and its run
/// time.
fn listed_with(vendors: &Path) -> (Vec<serde_json::Value>, String, Duration) {
    let begun = std::time::Instant::now();
    let output = Command::new(PROGRAM).args(["devices", "--json"]).env("OCL_ICD_VENDORS", vendors).output().unwrap();
    let took = begun.elapsed();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let lines = String::from_utf8(output.stdout).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), said, took)
}

#[test]
fn a_driver_that_does_not_work_is_named_and_takes_no_device_away() {
    let vendors = with_broken_drivers(&[("crash", CRASHES), ("hang", HANGS), ("nothing", LISTS_NOTHING)]);
    let (devices, said, took) = listed_with(vendors.path());
    assert_eq!(devices.len(), 1, "{said}");
    assert!(took < Duration::from_secs(10), "the devices came after {took:?}");
    let line = |file: &str| said.lines().find(|line| line.contains(file)).unwrap_or_else(|| panic!("{file} in {said}"));
    assert!(line("crash.icd").contains("it crashed with signal 11"), "{said}");
    assert!(line("hang.icd").contains("has not answered"), "{said}");
    assert!(line("nothing.icd").contains("lists no device"), "{said}");
    for debug in ["Died", "Some(", "Executor(", "{"] {
        assert!(!said.contains(debug), "{said}");
    }
    let output = Command::new(PROGRAM).args(["check"]).env("OCL_ICD_VENDORS", vendors.path()).output().unwrap();
    let checked = String::from_utf8(output.stdout).unwrap();
    assert!(checked.lines().any(|line| line.starts_with("ok") && line.contains("OpenCL devices")), "{checked}");
}

#[test]
fn what_runs_sees_no_driver_but_that_of_its_device() {
    let vendors = with_broken_drivers(&[("crash", CRASHES)]);
    let environment = [("OCL_ICD_VENDORS", vendors.path().to_str().unwrap())];
    let executor = Executor::start_in(PROGRAM, tempfile::tempdir().unwrap(), &[], &environment);
    assert_eq!(executor.status().devices.len(), 1);
    executor.put_blob(COUNT.as_bytes());
    let run = simple(COUNT, task(1), 100, 60_000);
    executor.post_run(&run);
    assert!(is_committed(&executor, &run));
}

/// The path of PoCL's library.
fn pocl() -> PathBuf {
    let name = std::fs::read_to_string("/etc/OpenCL/vendors/pocl.icd").expect("this test needs PoCL");
    let name = Path::new(name.trim());
    let folders = [format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH), "/usr/lib".into(), "/usr/lib64".into()];
    folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists()).expect("PoCL's library")
}

#[test]
fn a_device_that_is_registered_twice_is_listed_once() {
    let alike = with_broken_drivers(&[]);
    std::fs::copy("/etc/OpenCL/vendors/pocl.icd", alike.path().join("a.icd")).unwrap();
    let (devices, said, _) = listed_with(alike.path());
    assert_eq!(devices.len(), 1, "{said}");

    // Two names of one library look like two drivers until they are loaded.
    let (by_path, by_name) = (pocl(), pocl().file_name().unwrap().to_owned());
    let named = with_broken_drivers(&[]);
    std::fs::write(named.path().join("a.icd"), by_path.to_str().unwrap()).unwrap();
    std::fs::write(named.path().join("z.icd"), by_name.to_str().unwrap()).unwrap();
    let (devices, said, _) = listed_with(named.path());
    assert_eq!(devices.len(), 1, "{said}");
    assert!(said.contains("a.icd") && said.contains("z.icd"), "{said}");
}
