//! Runs the ready kernels with a real executor on every OpenCL device of this machine. Compares the
//! results bit for bit with the references on the CPU: whole tasks, a task in the middle of the
//! job, and a sample of it.
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

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use codec::Encode;
use dpin_kernels::{Job, conformance, mandelbrot::View, matmul_int8::Sizes, mlp_digits, throughput};
use dpin_measure::executor::{self, COUNT, Executor, GENESIS, counted, put_blobs_of, request_of, simple, task, wait};
use dpin_primitives::{
    Hash, TaskId, blake2,
    executor::{RunRequest, RunStatus, RunTimings, Work},
    tile_tree::{self, leaf},
    worker::Device,
};
use dpin_tests::{
    network,
    program::{self, Verdict},
};
use rayon::prelude::*;
use std::{
    collections::BTreeMap,
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

/// Compare the ready kernels on every OpenCL device with their references, bit for bit.
#[derive(Parser)]
#[command(name = "conformance", version)]
struct Options {
    /// Use jobs that keep a large GPU busy, and print the cost of a run of a single tile.
    #[arg(long)]
    large: bool,
    /// Number of the only device to compare, as in `dpin-executor devices`.
    #[arg(long, value_name = "NUMBER")]
    device: Option<u64>,
}

fn main() -> ExitCode {
    program::report("conformance", &compare_all(&Options::parse()))
}

/// Whether all devices give the results of the references.
fn compare_all(options: &Options) -> Result<Verdict> {
    let mut references = References::default();
    let (mut equal, mut all) = (0, 0);
    for (number, name) in devices()? {
        if options.device.is_some_and(|wanted| wanted != number) {
            continue;
        }
        println!("device {number}: {name}");
        let executor = executor(number)?;
        let device = executor.status().devices.first().cloned().with_context(|| format!("device {number} is gone"))?;
        for (kernel, jobs) in kernels(&device, options.large)? {
            all += 1;
            match compare(&executor, &jobs, &mut references) {
                Ok(line) => {
                    equal += 1;
                    println!("equal      {kernel:<12} device {number}: {line}");
                }
                Err(error) => println!("DIFFERENT  {kernel:<12} device {number}: {error:#}"),
            }
        }
        if let Some(wrong) = wrong_operations(&executor)? {
            println!("  of all operations, whether the device claims them or not, it has wrong: {wrong}");
        }
        if options.large {
            tell_single(number)?;
        }
    }
    ensure!(all > 0, "there is no such OpenCL device");
    Ok(Verdict::in_words(equal == all, format!("{equal} of {all} equal")))
}

/// The numbers and names of the devices.
fn devices() -> Result<Vec<(u64, String)>> {
    let output = Command::new(network::program("dpin-executor")?).args(["devices", "--json"]).output()?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            let device: serde_json::Value = serde_json::from_str(line)?;
            let text = |field: &str| device[field].as_str().unwrap_or_default().trim().to_owned();
            let (model, platform, driver) = (text("model"), text("platform"), text("driver"));
            let name = format!("{model} ({platform}, driver {driver}), {} compute units", device["computeUnits"]);
            Ok((device["index"].as_u64().context("a device without a number")?, name))
        })
        .collect()
}

fn executor(device: u64) -> Result<Executor> {
    executor::start(&["--device", &device.to_string()])
}

/// The jobs of each kernel.
fn kernels(device: &Device, large: bool) -> Result<Vec<(&'static str, Vec<Job>)>> {
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
        ("mandelbrot", vec![View::whole_set(side, side, steps).job()?]),
        ("matmul_int8", vec![sizes.job(&bytes(sizes.m * sizes.k, 0), &bytes(sizes.k * sizes.n, 1))?]),
        ("mlp_digits", vec![mlp_digits::job(&images, mlp_digits::WEIGHTS)?]),
        ("conformance", (0..seeds).map(|seed| conformance::job(seed, claims)).collect::<Result<_, _>>()?),
        ("throughput", vec![throughput::job(0xfedc_ba98_7654_3210, if large { 4096 } else { 64 })?]),
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
fn compare(executor: &Executor, jobs: &[Job], references: &mut References) -> Result<String> {
    let (mut tiles, mut roots, mut all) = (0, Vec::new(), RunTimings::default());
    let mut bytes = 0;
    for (number, job) in (0..).zip(jobs) {
        // The tasks of another kernel need other numbers.
        let kernel = job.kernel.manifest()?;
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
            RunStatus::Sampled(_) => bail!("a sample has other leaves than the reference"),
            other => bail!("a sample ended with {other:?}{}", log_of(executor, &other)),
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
fn compare_task(executor: &Executor, job: &Job, request: RunRequest, references: &mut References) -> Result<Hash> {
    let first = u32::try_from(request.first_group)?;
    let (task, count) = (request.task, request.group_count);
    let tile_bytes = request.kernel.tiling.tile_bytes() as usize;
    let commitment = match outcome(executor, request) {
        RunStatus::Committed(commitment) => commitment,
        other => bail!("a task ended with {other:?}{}", log_of(executor, &other)),
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
    bail!(
        "{} of {count} tiles differ, the first is that of work-group {}",
        wrong.len(),
        wrong.first().unwrap_or(&first)
    )
}

/// Post a run and wait for its end.
fn outcome(executor: &Executor, mut request: RunRequest) -> RunStatus {
    request.limit_ms = PATIENCE.as_millis() as u64;
    executor.post_run(&request);
    wait("a run", PATIENCE, || match executor.run_status(&request.id) {
        RunStatus::Queued | RunStatus::Running => None,
        ended => Some(ended),
    })
}

fn log_of(executor: &Executor, status: &RunStatus) -> String {
    let RunStatus::Failed(reason) = status else { return String::new() };
    reason.log().map(|log| format!(": {}", executor.log(&log))).unwrap_or_default()
}

/// The operations of the conformance kernel that the device computes wrongly.
fn wrong_operations(executor: &Executor) -> Result<Option<String>> {
    const SEED: u64 = 0x0123_4567_89ab_cdef;
    let job = conformance::job(SEED, conformance::ALL_CLAIMS)?;
    put_blobs_of(executor, &job);
    let request = request_of(&job, task(0), Work::Task, 0, job.groups());
    let commitment = match outcome(executor, request) {
        RunStatus::Committed(commitment) => commitment,
        other => return Ok(Some(format!("the run ended with {other:?}{}", log_of(executor, &other)))),
    };
    let output = executor.output(task(0), &commitment.root);
    let wrong = conformance::wrong_operations(&output, SEED)?;
    let names: Vec<&str> = wrong.iter().map(|(_, name)| *name).collect();
    Ok((!names.is_empty()).then(|| names.join(", ")))
}

/// Print the time from posting a run of a single tile to learning of its end.
fn tell_single(device: u64) -> Result<()> {
    let executor = executor(device)?;
    executor.put_blob(COUNT.as_bytes());
    let mut took = Vec::new();
    for number in 1..=SINGLE_RUNS as u64 {
        std::thread::sleep(START_TIME);
        let request = simple(COUNT, task(number), 1, PATIENCE.as_millis() as u64);
        let begun = Instant::now();
        let RunStatus::Committed(commitment) = outcome(&executor, request.clone()) else {
            bail!("a run of a single tile failed");
        };
        let wall = begun.elapsed();
        ensure!(executor.output(request.task, &commitment.root) == counted(1), "a single tile is wrong");
        took.push((wall, executor.timings(&request.id).build_ms));
    }
    let tell = |(wall, build_ms): &(Duration, u64)| format!("{} ms (build {build_ms} ms)", wall.as_millis());
    let first = took.first().map(tell).unwrap_or_default();
    let later: Vec<String> = took.iter().skip(1).map(tell).collect();
    println!("  a run of a single tile: {first}; once its program is in the driver's cache: {}", later.join(", "));
    Ok(())
}
