//! Measures the cost of an audit: a job of 65,536 work-groups, run by a real executor and audited
//! under the default policy. A plain OpenCL host program runs the same kernel over the same range
//! for comparison.
//!
//! Each pair is one plain run and one of ours, in alternating order. Each run starts with empty
//! caches of compiled programs.
//!
//! - The plain program ([`dpin_measure::plain`]) opens the device, builds, runs the job in one
//!   launch, and reads the output back.
//! - Ours are three executors. The worker runs the whole task and hashes its output into a tile
//!   tree. Each auditor computes the sample that is drawn from the worker's root. Then the worker
//!   opens the sample. The auditors run one after the other, so that they do not share a device; on
//!   a network they would run in parallel.
//!
//! Programs are compiled in every run. An executor has a spare child for the next run that has
//! loaded the driver's compiler; the plain program loads it when it starts.
//!
//! Other work on the machine disturbs the two runs of a pair differently, so measure on an idle
//! machine. The processor time of the host is printed too. It includes the executors' other work:
//! starting, and preparing for the next run.
//!
//! Wrong results end the program with an error; slow ones do not: then the last line is
//! `bench-audit: missed`.

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Parser;
use codec::Encode;
use dpin_measure::{
    executor::{self, Executor, GENESIS, manifest, task, wait},
    plain::{self, Host, Order, Ran, device_cores},
};
use dpin_primitives::{
    Hash, TaskId, blake2,
    executor::{Commitment, RunRequest, RunStatus, RunTimings, Work},
    job::{AuditPolicy, Samples},
    kernel::{Param, Tiling},
    sampling::sample,
    tile_tree::{self, leaf},
    worker::DeviceClass,
};
use dpin_tests::program::{self, Verdict};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

const GROUPS: u32 = 65_536;
const LOCAL: u32 = 256;
const TILE_BYTES: u32 = 4 * LOCAL;
/// Goals of the two figures.
const DEVICE_GOAL: f64 = 1.02;
const WALL_GOAL: f64 = 1.05;
/// Longest time of any run.
const PATIENCE: Duration = Duration::from_secs(1800);
/// How long an executor has run before it gets work.
const START_TIME: Duration = Duration::from_secs(3);

/// Every work-item mixes a word `rounds` times. Integers only, so that the result can be checked on
/// any device. The time is adjustable, so that it keeps a fast device busy too.
const SOURCE: &str = "__kernel void f(__global uint *out, uint rounds) {
    uint x = (uint)get_global_id(0) + 1u;
    for (uint i = 0; i < rounds; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        x += i;
    }
    out[dpin_tile() * 256 + get_local_id(0)] = x;
}
";

/// The result of [`SOURCE`] for one work-item.
fn reference(item: u32, rounds: u32) -> u32 {
    let mut x = item.wrapping_add(1);
    for i in 0..rounds {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        x = x.wrapping_add(i);
    }
    x
}

fn request(rounds: u32, task: TaskId, work: Work) -> RunRequest {
    let params = [Param::Output, Param::Scalar { bytes: 4 }];
    RunRequest {
        id: RunRequest::id(&GENESIS, task, 0, &work),
        genesis: GENESIS,
        task,
        work,
        kernel: manifest(SOURCE, &params, [LOCAL, 1, 1], Tiling::PerGroup { bytes: TILE_BYTES }),
        groups: [GROUPS, 1, 1],
        first_group: 0,
        group_count: GROUPS,
        scalars: vec![rounds.to_le_bytes().to_vec()],
        inputs: vec![],
        limit_ms: PATIENCE.as_millis() as u64,
    }
}

/// Measure the cost of an audit on this machine's device.
#[derive(Parser)]
#[command(name = "bench-audit", version)]
struct Options {
    /// Target time of a plain run, in seconds.
    #[arg(long, default_value_t = 30.0, value_parser = seconds)]
    seconds: f64,
    /// Number of pairs of runs.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    pairs: u64,
}

fn seconds(text: &str) -> Result<f64> {
    text.parse().ok().filter(|seconds| (1.0..=600.0).contains(seconds)).context("expected 1 to 600")
}

fn main() -> ExitCode {
    plain::answer().unwrap_or_else(|| program::report("bench-audit", &bench(&Options::parse())))
}

fn run_plain(rounds: u32) -> Result<Ran> {
    let order =
        Order { request: request(rounds, task(0), Work::Task), source: SOURCE.as_bytes().to_vec(), inputs: vec![] };
    // Every run compiles again.
    Host::new()?.run(&order)
}

/// The times and the results of a run of ours.
struct Ours {
    worker: (Duration, RunTimings),
    auditors: Vec<(Duration, RunTimings)>,
    opening: Duration,
    commitment: Commitment,
}

impl Ours {
    fn wall(&self) -> Duration {
        self.worker.0 + self.auditors.iter().map(|(wall, _)| *wall).sum::<Duration>() + self.opening
    }

    fn device_us(&self) -> u64 {
        self.worker.1.device_us + self.auditors.iter().map(|(_, timings)| timings.device_us).sum::<u64>()
    }
}

/// Start an executor that knows the kernel's source.
fn executor() -> Result<Executor> {
    let executor = executor::start(&[])?;
    // An executor that has just started has no spare child yet.
    std::thread::sleep(START_TIME);
    executor.put_blob(SOURCE.as_bytes());
    Ok(executor)
}

/// Post a run and wait for its end. Returns the status, the elapsed time and the timings.
fn timed(executor: &Executor, request: &RunRequest) -> (RunStatus, Duration, RunTimings) {
    let begun = Instant::now();
    executor.post_run(request);
    let status = wait("a run", PATIENCE, || match executor.run_status(&request.id) {
        RunStatus::Queued | RunStatus::Running => None,
        ended => Some(ended),
    });
    let wall = begun.elapsed();
    assert!(!matches!(status, RunStatus::Failed(_)), "a run failed: {status:?}");
    (status, wall, executor.timings(&request.id))
}

fn run_ours(rounds: u32, task: TaskId, policy: &AuditPolicy) -> Result<Ours> {
    let worker = executor()?;
    let auditors = (0..policy.auditors).map(|_| executor()).collect::<Result<Vec<_>, _>>()?;

    let whole = request(rounds, task, Work::Task);
    let (status, wall, timings) = timed(&worker, &whole);
    let RunStatus::Committed(commitment) = status else { bail!("the worker ended with {status:?}") };
    let work = (wall, timings);

    let count = match policy.samples {
        Samples::Count(count) => count,
        Samples::All => GROUPS,
    };
    let tiles = sample(blake2(&(b"bench-audit", commitment.root).encode()), GROUPS, count);
    let mut audits = Vec::new();
    let mut sealed = Vec::new();
    for auditor in &auditors {
        let (status, wall, timings) = timed(auditor, &request(rounds, task, Work::Sample(tiles.clone())));
        let RunStatus::Sampled(leaves) = status else { bail!("an auditor ended with {status:?}") };
        audits.push((wall, timings));
        sealed.push(leaves);
    }

    let begun = Instant::now();
    let opening = worker.opening(&whole.id, &tiles);
    let opened = begun.elapsed();
    tile_tree::verify(&commitment.root, GROUPS, &tiles, &opening.leaves, &opening.proof)
        .map_err(|error| anyhow!("the opening is wrong: {error:?}"))?;
    ensure!(sealed.iter().all(|leaves| *leaves == opening.leaves), "an auditor's leaves differ from the worker's");
    Ok(Ours { worker: work, auditors: audits, opening: opened, commitment })
}

fn bench(options: &Options) -> Result<Verdict> {
    let policy = AuditPolicy::default();
    introduce(&policy)?;
    let rounds = calibrate(options.seconds)?;
    let figures: Vec<(f64, f64)> =
        (1..=options.pairs).map(|number| pair(number, rounds, &policy)).collect::<Result<_>>()?;
    let device = median(figures.iter().map(|(device, _)| *device));
    let wall = median(figures.iter().map(|(_, wall)| *wall));
    println!("overhead_device={device:.3} goal {DEVICE_GOAL:.2} {}", met(device, DEVICE_GOAL));
    println!("overhead_wall={wall:.3} goal {WALL_GOAL:.2} {}", met(wall, WALL_GOAL));
    let all_met = device <= DEVICE_GOAL && wall <= WALL_GOAL;
    Ok(Verdict::in_words(true, if all_met { "ok" } else { "missed" }))
}

/// Print the device, the job and the policy.
fn introduce(policy: &AuditPolicy) -> Result<()> {
    let device = executor()?.status().devices.first().cloned().context("there is no OpenCL device")?;
    let trial = run_plain(1)?;
    println!("device: {} ({})", trial.device, trial.driver);
    ensure!(
        trial.device.as_bytes().starts_with(&device.model),
        "the executor and the plain program chose different devices"
    );
    if device.class == DeviceClass::Cpu {
        println!("cores of the device in every run: {}", device_cores());
    }
    println!("job: {GROUPS} work-groups of {LOCAL} work-items, {} MiB of output", (GROUPS * (TILE_BYTES / 1024)) >> 10);
    println!("policy: {} auditors, {:?} of {GROUPS} tiles", policy.auditors, policy.samples);
    Ok(())
}

/// Run a pair, the odd ones with the plain program first, and compare the outputs. Returns our time
/// on the device and by the clock, as multiples of those of the plain program.
fn pair(number: u64, rounds: u32, policy: &AuditPolicy) -> Result<(f64, f64)> {
    let (plain, ours) = if number % 2 == 1 {
        let plain = tell_plain(number, rounds)?;
        (plain, tell_ours(number, rounds, policy)?)
    } else {
        let ours = tell_ours(number, rounds, policy)?;
        (tell_plain(number, rounds)?, ours)
    };
    check_output(&plain.output, rounds)?;
    let leaves = plain.output.chunks(TILE_BYTES as usize).zip(0..);
    let leaves: Vec<Hash> = leaves.map(|(tile, index)| leaf(&GENESIS, task(number), index, tile)).collect();
    ensure!(tile_tree::root(&leaves) == ours.commitment.root, "the worker's output is not that of the plain program");
    let device = ours.device_us() as f64 / plain.device_us as f64;
    let wall = ours.wall().as_secs_f64() / plain.wall.as_secs_f64();
    println!("pair {number}: device {device:.3}, wall {wall:.3}");
    Ok((device, wall))
}

fn met(figure: f64, goal: f64) -> &'static str {
    if figure <= goal { "met" } else { "missed" }
}

/// Rounds with which a plain run takes about `seconds` on the device.
fn calibrate(seconds: f64) -> Result<u32> {
    let mut rounds = 16u32;
    loop {
        let took = run_plain(rounds)?.device_us as f64 / 1e6;
        if took > 1.0_f64.min(seconds / 2.0) || rounds > u32::MAX / 4 {
            let wanted = (f64::from(rounds) * seconds / took).clamp(1.0, f64::from(u32::MAX)) as u32;
            println!("calibration: {rounds} rounds take {took:.2} s, {wanted} are run");
            return Ok(wanted);
        }
        rounds *= 4;
    }
}

/// Processor time of this process's ended children. On a busy machine it shows more than the clock.
fn children_cpu() -> Duration {
    // SAFETY: all zeros is a valid value, and the call gets a valid pointer.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage);
        usage
    };
    let time = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn tell_plain(number: u64, rounds: u32) -> Result<Ran> {
    let before = children_cpu();
    let plain = run_plain(rounds)?;
    println!(
        "pair {number}: plain   wall {:.3} s (build {} ms, device {:.3} s, read {} ms), host cpu {:.3} s",
        plain.wall.as_secs_f64(),
        plain.build_ms,
        plain.device_us as f64 / 1e6,
        plain.read_ms,
        (children_cpu() - before).as_secs_f64()
    );
    Ok(plain)
}

fn tell_ours(number: u64, rounds: u32, policy: &AuditPolicy) -> Result<Ours> {
    let before = children_cpu();
    let ours = run_ours(rounds, task(number), policy)?;
    let cpu = children_cpu() - before;
    let tell = |who: &str, wall: Duration, told: &RunTimings| {
        println!(
            "pair {number}: {who} wall {:.3} s (child {:.3} s: build {} ms, device {:.3} s, read {} ms; hashing {} ms)",
            wall.as_secs_f64(),
            told.wall_ms as f64 / 1e3,
            told.build_ms,
            told.device_us as f64 / 1e6,
            told.read_ms,
            told.hash_ms
        );
    };
    tell("worker ", ours.worker.0, &ours.worker.1);
    for (wall, timings) in &ours.auditors {
        tell("auditor", *wall, timings);
    }
    println!(
        "pair {number}: opening wall {:.3} s; host cpu of all {:.3} s",
        ours.opening.as_secs_f64(),
        cpu.as_secs_f64()
    );
    Ok(ours)
}

/// Compare a word of some work-groups with the reference.
fn check_output(output: &[u8], rounds: u32) -> Result<()> {
    for group in sample(blake2(b"reference"), GROUPS, 8) {
        let item = group * LOCAL + group % LOCAL;
        let word = output.get(item as usize * 4..).and_then(|rest| rest.first_chunk()).copied().map(u32::from_le_bytes);
        ensure!(word == Some(reference(item, rounds)), "work-item {item} is {word:?} and not what the reference gives");
    }
    Ok(())
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle.saturating_sub(1)), sorted.get(middle)) {
        (Some(low), Some(high)) if sorted.len().is_multiple_of(2) => (low + high) / 2.0,
        (_, Some(middle)) => *middle,
        _ => f64::NAN,
    }
}
