//! Runs the ready kernels with a real executor on every OpenCL device of this machine. Compares the
//! results bit for bit with the references on the CPU: whole tasks, a task in the middle of the
//! job, and a sample of it.
//!
//! ```text
//! conformance [--large] [--device <number>]
//! ```
//!
//! Prints one line per kernel and device, which starts with `equal` or `DIFFERENT`, then the times
//! of the runs of whole jobs. The root is that of the outputs, so that the lines of different
//! machines can be compared. Devices have the numbers of `dpin-executor devices`. The conformance
//! kernel runs with the abilities that the device claims, which its worker would be held to.
//!
//! `--large` uses jobs that keep a large GPU busy, and prints the cost of a run of a single tile.
//! It takes some minutes on a machine with few cores, most of them for the references.
//!
//! Ends with an error if there is no device, or if anything differs.

#[path = "../tests/common/mod.rs"]
mod common;

use codec::Encode;
use common::{counted, put_blobs_of, request_of, simple, task, Executor, COUNT, GENESIS};
use dpin_kernels::{conformance, mandelbrot::View, matmul_int8::Sizes, mlp_digits, throughput, Job};
use dpin_primitives::{
    blake2,
    executor::{RunRequest, RunStatus, RunTimings, Work},
    tile_tree::{self, leaf},
    worker::Device,
    Hash, TaskId,
};
use rayon::prelude::*;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

/// Longest time of any run.
const PATIENCE: Duration = Duration::from_secs(900);
/// Most tiles of the task in the middle of a job.
const INNER_TILES: u32 = 64;
/// How long an executor has run before a run counts as one that it was ready for.
const START_TIME: Duration = Duration::from_secs(3);
/// Runs of a single tile.
const SINGLE_RUNS: usize = 5;
const MIB: f64 = 1024.0 * 1024.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Options::parse(&arguments).and_then(|options| compare_all(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Options {
    large: bool,
    device: Option<u64>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(option) = rest.next() {
            match (option, options.device) {
                ("--large", _) => options.large = true,
                ("--device", None) => {
                    let number = rest.next().and_then(|number| number.parse().ok());
                    options.device = Some(number.ok_or("--device needs a number")?);
                }
                _ => return Err("expected [--large] [--device <number>]".into()),
            }
        }
        Ok(options)
    }
}

/// Whether all devices give the results of the references.
fn compare_all(options: &Options) -> Result<bool, String> {
    let mut references = References::default();
    let (mut equal, mut all) = (0, 0);
    for (number, name) in devices()? {
        if options.device.is_some_and(|wanted| wanted != number) {
            continue;
        }
        println!("device {number}: {name}");
        let executor = executor(number)?;
        let device = executor.status().devices.first().cloned().ok_or_else(|| format!("device {number} is gone"))?;
        for (kernel, jobs) in kernels(&device, options.large)? {
            all += 1;
            match compare(&executor, &jobs, &mut references) {
                Ok(line) => {
                    equal += 1;
                    println!("equal      {kernel:<12} device {number}: {line}");
                }
                Err(error) => println!("DIFFERENT  {kernel:<12} device {number}: {error}"),
            }
        }
        if let Some(wrong) = wrong_operations(&executor)? {
            println!("  of all operations, whether the device claims them or not, it has wrong: {wrong}");
        }
        if options.large {
            tell_single(number)?;
        }
    }
    if all == 0 {
        return Err("there is no such OpenCL device".into());
    }
    println!("conformance: {equal} of {all} equal");
    Ok(equal == all)
}

/// The numbers and names of the devices.
fn devices() -> Result<Vec<(u64, String)>, String> {
    let output = Command::new(program()?).args(["devices", "--json"]).output().map_err(|error| error.to_string())?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            let device: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
            let text = |field: &str| device[field].as_str().unwrap_or_default().trim().to_owned();
            let (model, platform, driver) = (text("model"), text("platform"), text("driver"));
            let name = format!("{model} ({platform}, driver {driver}), {} compute units", device["computeUnits"]);
            Ok((device["index"].as_u64().ok_or("a device without a number")?, name))
        })
        .collect()
}

fn program() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    // Examples lie in a folder next to the programs.
    let program = program.ancestors().nth(2).map(|folder| folder.join("dpin-executor")).unwrap_or_default();
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{} is not there: build it first", program.display()))
    }
}

fn executor(device: u64) -> Result<Executor, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let options = ["--device", &device.to_string()];
    Ok(Executor::start_in(&program()?.to_string_lossy(), folder, &options, &[("RUST_LOG", "warn")]))
}

/// The jobs of each kernel.
fn kernels(device: &Device, large: bool) -> Result<Vec<(&'static str, Vec<Job>)>, String> {
    let told = |error: dpin_kernels::JobError| error.to_string();
    let (side, steps) = if large { (4096, 1000) } else { (1024, 500) };
    let sizes = if large { Sizes { m: 2048, n: 2048, k: 1024 } } else { Sizes { m: 512, n: 512, k: 512 } };
    let bytes = |len: u32, key: u64| -> Vec<i8> {
        let drawn = |number: u32| blake2(&(b"conformance", key, number).encode()).0;
        (0..len.div_ceil(32)).flat_map(drawn).map(|byte| byte as i8).take(len as usize).collect()
    };
    let images = mlp_digits::IMAGES.repeat(if large { 64 } else { 1 });
    let claims = [
        (device.fp32.denormals, conformance::DENORMALS),
        (device.fp32.rounded_division, conformance::ROUNDED_DIV_SQRT),
        (device.fp64, conformance::FP64),
    ];
    let claims = claims.iter().filter(|(claimed, _)| *claimed).fold(0, |all, (_, claim)| all | claim);
    let seeds = if large { 32 } else { 4 };
    Ok(vec![
        ("mandelbrot", vec![View::whole_set(side, side, steps).job().map_err(told)?]),
        ("matmul_int8", vec![sizes.job(&bytes(sizes.m * sizes.k, 0), &bytes(sizes.k * sizes.n, 1)).map_err(told)?]),
        ("mlp_digits", vec![mlp_digits::job(&images, mlp_digits::WEIGHTS).map_err(told)?]),
        ("conformance", (0..seeds).map(|seed| conformance::job(seed, claims)).collect::<Result<_, _>>().map_err(told)?),
        ("throughput", vec![throughput::job(0xfedc_ba98_7654_3210, if large { 4096 } else { 64 }).map_err(told)?]),
    ])
}

/// Leaves by kernel, scalars, task and work-groups. They are the same for all devices.
type References = BTreeMap<Hash, Vec<Hash>>;

/// The expected leaves of `count` work-groups from `first` on, as part of `task`.
fn expected<'a>(references: &'a mut References, job: &Job, task: TaskId, first: u32, count: u32) -> &'a [Hash] {
    let key = blake2(&(job.kernel.name, job.global_size, &job.scalars, task, first, count).encode());
    references.entry(key).or_insert_with(|| {
        let tile = |place: u32| job.reference(first + place..first + place + 1);
        (0..count).into_par_iter().map(|place| leaf(&GENESIS, task, place, &tile(place))).collect()
    })
}

/// The times of the whole jobs if all results are equal; otherwise the error names the difference.
fn compare(executor: &Executor, jobs: &[Job], references: &mut References) -> Result<String, String> {
    let (mut tiles, mut roots, mut all) = (0, Vec::new(), RunTimings::default());
    let mut bytes = 0;
    for (number, job) in (0..).zip(jobs) {
        // The tasks of another kernel need other numbers.
        let kernel = job.kernel.manifest().map_err(|error| error.to_string())?;
        let base = u64::from(u32::from_be_bytes(*kernel.id().0.first_chunk().unwrap_or(&[0; 4]))) << 8;
        let (whole, inner) = (task(base + 2 * number), task(base + 2 * number + 1));
        put_blobs_of(executor, job);

        let request = request_of(job, whole, Work::Task, 0, job.groups());
        let root = compare_task(executor, job, request.clone(), references)?;
        let took = executor.timings(&request.id);
        all.build_ms += took.build_ms;
        all.device_us += took.device_us;
        all.read_ms += took.read_ms;
        all.hash_ms += took.hash_ms;
        all.wall_ms += took.wall_ms;
        roots.push(root);
        tiles += job.groups();
        bytes += u64::from(job.groups()) * u64::from(kernel.tiling.tile_bytes());

        let (first, count) = (job.groups() / 3, (job.groups() / 2).clamp(1, INNER_TILES));
        compare_task(executor, job, request_of(job, inner, Work::Task, first, count), references)?;
        let places: Vec<u32> = (0..count).filter(|place| place % 5 < 2 || *place == count - 1).collect();
        let request = request_of(job, inner, Work::Sample(places.clone()), first, count);
        let leaves = expected(references, job, inner, first, count);
        let sampled: Vec<Hash> = places.iter().filter_map(|place| leaves.get(*place as usize)).copied().collect();
        match outcome(executor, request) {
            RunStatus::Sampled(found) if found == sampled => (),
            RunStatus::Sampled(_) => return Err("a sample has other leaves than the reference".into()),
            other => return Err(format!("a sample ended with {other:?}{}", log_of(executor, &other))),
        }
    }
    let root = roots.iter().fold(Hash::zero(), |all, root| blake2(&(all, root).encode()));
    Ok(format!(
        "{tiles} tiles, {:.1} MiB; build {} ms, device {:.1} ms, read {} ms, hash {} ms, wall {} ms; root {}",
        bytes as f64 / MIB,
        all.build_ms,
        all.device_us as f64 / 1000.0,
        all.read_ms,
        all.hash_ms,
        all.wall_ms,
        hex::encode(&root.0[..8])
    ))
}

/// Run a task; returns its root, if it is that of the reference.
fn compare_task(
    executor: &Executor,
    job: &Job,
    request: RunRequest,
    references: &mut References,
) -> Result<Hash, String> {
    let first = u32::try_from(request.first_group).map_err(|error| error.to_string())?;
    let (task, count) = (request.task, request.group_count);
    let tile_bytes = request.kernel.tiling.tile_bytes() as usize;
    let commitment = match outcome(executor, request) {
        RunStatus::Committed(commitment) => commitment,
        other => return Err(format!("a task ended with {other:?}{}", log_of(executor, &other))),
    };
    let leaves = expected(references, job, task, first, count);
    if commitment.root == tile_tree::root(leaves) {
        return Ok(commitment.root);
    }
    let output = executor.output(task, &commitment.root);
    let wrong: Vec<u32> = (0..)
        .zip(output.chunks(tile_bytes).zip(leaves))
        .filter(|(place, (tile, expected))| leaf(&GENESIS, task, *place, tile) != **expected)
        .map(|(place, _)| first + place)
        .collect();
    Err(format!(
        "{} of {count} tiles differ, the first is that of work-group {}",
        wrong.len(),
        wrong.first().unwrap_or(&first)
    ))
}

/// Post a run and wait for its end.
fn outcome(executor: &Executor, mut request: RunRequest) -> RunStatus {
    request.limit_ms = PATIENCE.as_millis() as u64;
    executor.post_run(&request);
    common::wait("a run", PATIENCE, || match executor.run_status(&request.id) {
        RunStatus::Queued | RunStatus::Running => None,
        ended => Some(ended),
    })
}

fn log_of(executor: &Executor, status: &RunStatus) -> String {
    let RunStatus::Failed(reason) = status else { return String::new() };
    reason.log().map(|log| format!(": {}", executor.log(&log))).unwrap_or_default()
}

/// The operations of the conformance kernel that the device computes wrongly.
fn wrong_operations(executor: &Executor) -> Result<Option<String>, String> {
    const SEED: u64 = 0x0123_4567_89ab_cdef;
    let job = conformance::job(SEED, conformance::ALL_CLAIMS).map_err(|error| error.to_string())?;
    put_blobs_of(executor, &job);
    let request = request_of(&job, task(0), Work::Task, 0, job.groups());
    let commitment = match outcome(executor, request) {
        RunStatus::Committed(commitment) => commitment,
        other => return Ok(Some(format!("the run ended with {other:?}{}", log_of(executor, &other)))),
    };
    let output = executor.output(task(0), &commitment.root);
    let wrong = conformance::wrong_operations(&output, SEED).map_err(|error| error.to_string())?;
    let names: Vec<&str> = wrong.iter().map(|(_, name)| *name).collect();
    Ok((!names.is_empty()).then(|| names.join(", ")))
}

/// Print the time from posting a run of a single tile to learning of its end.
fn tell_single(device: u64) -> Result<(), String> {
    let executor = executor(device)?;
    executor.put_blob(COUNT.as_bytes());
    let mut took = Vec::new();
    for number in 1..=SINGLE_RUNS as u64 {
        std::thread::sleep(START_TIME);
        let request = simple(COUNT, task(number), 1, PATIENCE.as_millis() as u64);
        let begun = Instant::now();
        let RunStatus::Committed(commitment) = outcome(&executor, request.clone()) else {
            return Err("a run of a single tile failed".into());
        };
        let wall = begun.elapsed();
        if executor.output(request.task, &commitment.root) != counted(1) {
            return Err("a single tile is wrong".into());
        }
        took.push((wall, executor.timings(&request.id).build_ms));
    }
    let tell = |(wall, build_ms): &(Duration, u64)| format!("{} ms (build {build_ms} ms)", wall.as_millis());
    let first = took.first().map(tell).unwrap_or_default();
    let later: Vec<String> = took.iter().skip(1).map(tell).collect();
    println!("  a run of a single tile: {first}; once its program is in the driver's cache: {}", later.join(", "));
    Ok(())
}
