//! Measures the cost of running kernels through the executor: long ones, and one that does nothing.
//! A plain OpenCL host program runs the same kernels on the same device for comparison.
//!
//! ```text
//! bench_executor [--seconds 2] [--rounds 5] [--starts 7] [--then <program>]...
//! ```
//!
//! **Long kernels.** Three jobs that take about `--seconds` each on the device are run `--rounds`
//! times. The plain program and a worker's executor take turns, in alternating order. Both have
//! compiled the program before. A job's figure is a ratio of medians:
//!
//! - `overhead_kernel`: elapsed time. Plain: from the start of the program to the output in its
//!   memory. Ours: from posting the run to the news that it is committed. By then the output is
//!   hashed into a tile tree and safe on disk. Nothing is subtracted, so the fixed parts are
//!   included.
//! - `overhead_device`: time of kernels on the device, by its own clock.
//!
//! **Fixed parts.** A kernel of one work-group, so that the time is the overhead of a run:
//!
//! - cold: a new executor that has never compiled the program and has no spare child; the plain
//!   program with an empty cache;
//! - warm: the program is in the cache, and the executor was idle for a moment, so that it has a
//!   spare child; the plain program with its cache;
//! - busy, for information: as warm, without the idle moment.
//!
//! Each `--then` names a program that measures something else, such as the transfer of blobs. It
//! prints lines like those of this program: `name=figure goal … met` or `missed`. It runs at the
//! end. The last line says whether all goals are met, or which are not.
//!
//! Wrong results end the program with an error; slow ones do not. Other work on the machine
//! disturbs some runs more than others, which is why spreads are printed.

#[path = "../tests/common/mod.rs"]
mod common;
mod plain;

use common::{manifest, request_of, task, Executor, GENESIS};
use dpin_kernels::{
    mandelbrot::{fixed, View},
    matmul_int8::Sizes,
    Job, JobError,
};
use dpin_primitives::{
    executor::{RunRequest, RunStatus, Work},
    kernel::{Param, Tiling},
    tile_tree::{self, leaf},
    worker::DeviceClass,
    Hash, TaskId,
};
use plain::{device_cores, Host, Order};
use std::{
    cell::Cell,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

/// Goals: the ratio of elapsed times for long kernels, and the ms that a warm start takes more than
/// the plain program's.
const KERNEL_GOAL: f64 = 1.02;
const WARM_GOAL_MS: f64 = 100.0;
/// Longest time of any run.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often the status of a run is requested.
const POLL: Duration = Duration::from_millis(1);
/// Idle time of an executor before a warm start: after half a second it prepares a spare child.
const IDLE: Duration = Duration::from_millis(2_500);

/// How often a job that turns out too short is made longer.
const CALIBRATIONS: u32 = 6;

/// Uses integers only, takes an adjustable time, and writes hardly any output.
const MIX: &str = "__kernel void f(__global uint *out, uint rounds) {
    uint x = (uint)get_global_id(0) + 1u;
    for (uint i = 0; i < rounds; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        x += i;
    }
    out[dpin_tile() * 64 + get_local_id(0)] = x;
}
";
/// Work-items of a work-group of [`MIX`], and its work-groups.
const MIX_LOCAL: u32 = 64;
const MIX_GROUPS: u32 = 16_384;
/// A kernel that does almost nothing.
const TRIVIAL: &str = "__kernel void f(__global uint *out) { out[dpin_tile() * 16 + get_local_id(0)] = 7; }\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [plain::WORD, order, output] => {
            plain::main(Path::new(order), Path::new(output)).map_err(|error| error.to_string())
        }
        options => Options::parse(options).and_then(|options| bench(&options)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("bench-executor: failed: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    /// Target time of a long kernel, in seconds.
    seconds: f64,
    rounds: usize,
    starts: usize,
    then: Vec<PathBuf>,
}

impl Options {
    fn parse(options: &[&str]) -> Result<Self, String> {
        let mut parsed = Self { seconds: 2.0, rounds: 5, starts: 7, then: Vec::new() };
        for pair in options.chunks(2) {
            let known = match pair {
                ["--seconds", value] => value.parse().map(|seconds| parsed.seconds = seconds).is_ok(),
                ["--rounds", value] => value.parse().map(|rounds| parsed.rounds = rounds).is_ok(),
                ["--starts", value] => value.parse().map(|starts| parsed.starts = starts).is_ok(),
                ["--then", program] => {
                    parsed.then.push(program.into());
                    true
                }
                _ => false,
            };
            if !known || !(1.0..=60.0).contains(&parsed.seconds) || parsed.rounds == 0 || parsed.starts == 0 {
                return Err("expected --seconds <1 to 60>, --rounds and --starts <1 or more>, --then <program>".into());
            }
        }
        Ok(parsed)
    }
}

fn bench(options: &Options) -> Result<(), String> {
    let mut goals = Goals::default();
    let trial = Host::new()?.run(&trivial())?;
    println!("device: {} ({})", trial.device, trial.driver);
    let executor = executor()?;
    let device = executor.status().devices.first().cloned().ok_or("there is no OpenCL device")?;
    if !trial.device.as_bytes().starts_with(&device.model) {
        return Err("the executor and the plain program chose different devices".into());
    }
    if device.class == DeviceClass::Cpu {
        println!("cores of the device in every run: {}", device_cores());
    }
    long_kernels(&executor, options, &mut goals)?;
    drop(executor);
    starts(options, &mut goals)?;
    for program in &options.then {
        goals.run(program)?;
    }
    println!("{}", goals.verdict());
    Ok(())
}

// Long kernels.

fn long_kernels(executor: &Executor, options: &Options, goals: &mut Goals) -> Result<(), String> {
    let host = Host::new()?;
    let (mut clock, mut device): (Vec<f64>, Vec<f64>) = Default::default();
    for (name, sized) in KINDS {
        let order = calibrated(&host, name, sized, options.seconds)?;
        put_blobs(executor, &order);
        // Once, to fill the caches.
        run_ours(executor, &order)?;
        let (mut plain, mut ours) = (Vec::new(), Vec::new());
        for round in 0..options.rounds {
            let mut of_plain = || host.run(&order).map(|ran| plain.push(ran));
            let mut of_ours = || run_ours(executor, &order).map(|ran| ours.push(ran));
            if round % 2 == 0 {
                of_plain()?;
                of_ours()?;
            } else {
                of_ours()?;
                of_plain()?;
            }
        }
        let same = |ours: &Ours| root_of(&order.request, ours.task, &plain[0].output) == ours.root;
        if !ours.iter().all(same) {
            return Err(format!("{name}: the executor's output is not that of the plain program"));
        }
        let (plain_wall, ours_wall) = (
            Figures::of(plain.iter().map(|ran| ran.wall.as_secs_f64())),
            Figures::of(ours.iter().map(|ran| ran.wall.as_secs_f64())),
        );
        let (plain_device, ours_device) = (
            Figures::of(plain.iter().map(|ran| ran.device_us as f64 / 1e6)),
            Figures::of(ours.iter().map(|ran| ran.device_us as f64 / 1e6)),
        );
        println!("{name}: plain    wall {plain_wall:.3} s, device {plain_device:.3} s");
        println!("{name}: executor wall {ours_wall:.3} s, device {ours_device:.3} s");
        println!(
            "{name}: plain    build {:.0} ms, read {:.0} ms",
            Figures::of(plain.iter().map(|ran| ran.build_ms as f64)),
            Figures::of(plain.iter().map(|ran| ran.read_ms as f64)),
        );
        println!(
            "{name}: executor build {:.0} ms, read {:.0} ms, hash {:.0} ms",
            Figures::of(ours.iter().map(|ran| ran.build_ms as f64)),
            Figures::of(ours.iter().map(|ran| ran.read_ms as f64)),
            Figures::of(ours.iter().map(|ran| ran.hash_ms as f64)),
        );
        clock.push(ours_wall.median / plain_wall.median);
        device.push(ours_device.median / plain_device.median);
        println!("{name}: clock {:.3}, device {:.3}", clock[clock.len() - 1], device[device.len() - 1]);
    }
    // The figure is that of the worst job, not of the mean.
    let worst = |ratios: &[f64]| ratios.iter().copied().fold(f64::NAN, f64::max);
    goals.most("overhead_kernel", worst(&clock), KERNEL_GOAL, 3);
    goals.most("overhead_device", worst(&device), KERNEL_GOAL, 3);
    Ok(())
}

/// A job of a kind whose size grows with a number.
type Kind = fn(u32) -> Result<Order, String>;
const KINDS: [(&str, Kind); 3] = [("mix", mix), ("mandelbrot", mandelbrot), ("matmul_int8", matmul)];

fn mix(size: u32) -> Result<Order, String> {
    let params = [Param::Output, Param::Scalar { bytes: 4 }];
    let tiling = Tiling::PerGroup { bytes: 4 * MIX_LOCAL };
    let request = RunRequest {
        kernel: manifest(MIX, &params, [MIX_LOCAL, 1, 1], tiling),
        groups: [MIX_GROUPS, 1, 1],
        group_count: MIX_GROUPS,
        scalars: vec![size.saturating_mul(16).to_le_bytes().to_vec()],
        ..common::simple(MIX, task(0), 1, PATIENCE.as_millis() as u64)
    };
    Ok(Order { request, source: MIX.into(), inputs: Vec::new() })
}

/// A picture that lies entirely in the set, so that its cost grows with its height.
fn mandelbrot(size: u32) -> Result<Order, String> {
    let inside = View::whole_set(512, 512, 20_000);
    order(View { height: 16 * size, centre_x: fixed(-0.2), step: 1, ..inside }.job())
}

/// A product of square matrices whose cost grows with `size`.
fn matmul(size: u32) -> Result<Order, String> {
    let side = 16 * (f64::from(size) * 4_096.0).cbrt().ceil() as u32;
    let matrix = |seed: u32| -> Vec<i8> {
        (0..side * side).map(|i| (i.wrapping_add(seed).wrapping_mul(2_654_435_761) >> 24) as i8).collect()
    };
    order(Sizes { m: side, n: side, k: side }.job(&matrix(1), &matrix(2)))
}

fn order(job: Result<Job, JobError>) -> Result<Order, String> {
    let job = job.map_err(|error| error.to_string())?;
    let request = request_of(&job, task(0), Work::Task, 0, job.groups());
    let request = RunRequest { limit_ms: PATIENCE.as_millis() as u64, ..request };
    Ok(Order { request, source: job.kernel.source.into(), inputs: job.inputs })
}

/// A job that takes the plain program about `seconds` on the device, and at least one second.
fn calibrated(host: &Host, name: &str, sized: Kind, seconds: f64) -> Result<Order, String> {
    let mut size = 4;
    let (size, took) = loop {
        let took = host.run(&sized(size)?)?.device_us as f64 / 1e6;
        if took >= 0.25 || size >= 1 << 20 {
            break (size, took);
        }
        size *= 2;
    };
    let mut wanted = f64::from(size) * seconds / took;
    // On a busy machine the first measurement may have been too long.
    for _ in 0..CALIBRATIONS {
        let size = wanted.ceil().clamp(1.0, f64::from(u32::MAX)) as u32;
        let order = sized(size)?;
        let took = host.run(&order)?.device_us as f64 / 1e6;
        if took >= 1.0 {
            println!("{name}: size {size} takes {took:.2} s on the device");
            return Ok(order);
        }
        wanted = f64::from(size) * (1.25 * seconds / took).min(8.0);
    }
    Err(format!("no {name} takes this device a second"))
}

// Fixed parts.

fn trivial() -> Order {
    let request = common::simple(TRIVIAL, task(0), 1, PATIENCE.as_millis() as u64);
    Order { request, source: TRIVIAL.into(), inputs: Vec::new() }
}

fn starts(options: &Options, goals: &mut Goals) -> Result<(), String> {
    let order = trivial();
    let ms = |wall: Duration| wall.as_secs_f64() * 1e3;
    let (mut plain_cold, mut cold): (Vec<f64>, Vec<f64>) = Default::default();
    for _ in 0..options.starts {
        plain_cold.push(ms(Host::new()?.run(&order)?.wall));
        // Before half a second has passed, so that there is no spare child.
        let executor = executor()?;
        put_blobs(&executor, &order);
        cold.push(ms(run_ours(&executor, &order)?.wall));
    }
    let host = Host::new()?;
    let executor = executor()?;
    put_blobs(&executor, &order);
    host.run(&order)?;
    run_ours(&executor, &order)?;
    let (mut plain_warm, mut warm, mut busy): (Vec<f64>, Vec<f64>, Vec<f64>) = Default::default();
    for _ in 0..options.starts {
        std::thread::sleep(IDLE);
        plain_warm.push(ms(host.run(&order)?.wall));
        warm.push(ms(run_ours(&executor, &order)?.wall));
        busy.push(ms(run_ours(&executor, &order)?.wall));
    }
    let [plain_cold, cold, plain_warm, warm, busy] = [plain_cold, cold, plain_warm, warm, busy].map(Figures::of);
    println!("trivial kernel, cold: plain {plain_cold:.0} ms, executor {cold:.0} ms");
    println!("trivial kernel, warm: plain {plain_warm:.0} ms, executor {warm:.0} ms, and {busy:.0} ms right after another run");
    println!("fixed_ms_cold={:.0} of the plain program {:.0}", cold.median, plain_cold.median);
    println!("fixed_ms_warm={:.0} of the plain program {:.0}", warm.median, plain_warm.median);
    goals.most("fixed_ms_warm_more", warm.median - plain_warm.median, WARM_GOAL_MS, 0);
    Ok(())
}

// Ours.

/// The times and the result of a run of ours.
struct Ours {
    /// Time from posting the run to learning of its end.
    wall: Duration,
    build_ms: u64,
    device_us: u64,
    read_ms: u64,
    hash_ms: u64,
    task: TaskId,
    root: Hash,
}

fn executor() -> Result<Executor, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    // Examples lie in a folder next to the programs.
    let program = program.ancestors().nth(2).map(|folder| folder.join("dpin-executor")).unwrap_or_default();
    if !program.is_file() {
        return Err(format!("{} is not there: build it first", program.display()));
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    Ok(Executor::start_in(&program.to_string_lossy(), folder, &[], &[("RUST_LOG", "warn")]))
}

fn put_blobs(executor: &Executor, order: &Order) {
    executor.put_blob(&order.source);
    for input in &order.inputs {
        executor.put_blob(input);
    }
}

/// Run the order as a task that is new to the executor.
fn run_ours(executor: &Executor, order: &Order) -> Result<Ours, String> {
    thread_local!(static NEXT: Cell<u64> = const { Cell::new(1) });
    let task = task(NEXT.replace(NEXT.get() + 1));
    let id = RunRequest::id(&GENESIS, task, 0, &Work::Task);
    let request = RunRequest { id, task, ..order.request.clone() };
    let begun = Instant::now();
    executor.post_run(&request);
    let status = loop {
        match executor.run_status(&id) {
            RunStatus::Queued | RunStatus::Running if begun.elapsed() < PATIENCE => std::thread::sleep(POLL),
            ended => break ended,
        }
    };
    let wall = begun.elapsed();
    let RunStatus::Committed(commitment) = status else { return Err(format!("a run ended with {status:?}")) };
    let timings = executor.timings(&id);
    Ok(Ours {
        wall,
        build_ms: timings.build_ms,
        device_us: timings.device_us,
        read_ms: timings.read_ms,
        hash_ms: timings.hash_ms,
        task,
        root: commitment.root,
    })
}

/// The root of an output, hashed as the output of `task`.
fn root_of(request: &RunRequest, task: TaskId, output: &[u8]) -> Hash {
    let tiles = output.chunks(request.kernel.tiling.tile_bytes() as usize);
    let leaves: Vec<Hash> = tiles.zip(0..).map(|(tile, index)| leaf(&GENESIS, task, index, tile)).collect();
    tile_tree::root(&leaves)
}

// Figures and goals.

/// Median and spread of repeated measurements.
struct Figures {
    least: f64,
    median: f64,
    most: f64,
}

impl Figures {
    fn of(measured: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = measured.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        let last = sorted.len().saturating_sub(1);
        Self { least: at(0), median: (at(last / 2) + at(sorted.len() / 2)) / 2.0, most: at(last) }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { least, median, most } = self;
        match f.precision() {
            Some(digits) => write!(f, "{median:.digits$} ({least:.digits$} to {most:.digits$})"),
            None => write!(f, "{median} ({least} to {most})"),
        }
    }
}

/// The goals that were checked.
#[derive(Default)]
struct Goals {
    met: Vec<String>,
    missed: Vec<String>,
}

impl Goals {
    /// Check a figure that must be at most `goal`.
    fn most(&mut self, name: &str, figure: f64, goal: f64, digits: usize) {
        let met = figure <= goal;
        let line = format!("{name}={figure:.digits$} goal {goal:.digits$} {}", if met { "met" } else { "missed" });
        println!("{line}");
        self.note(&line);
    }

    /// Add a line that another program printed: `name=figure goal … met`.
    fn note(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let figure = words.next().filter(|word| word.contains('='));
        let (Some(figure), true) = (figure, line.contains(" goal ")) else { return };
        match words.last() {
            Some("met") => self.met.push(figure.into()),
            Some("missed") => self.missed.push(figure.into()),
            _ => (),
        }
    }

    /// Run another program that measures something, and add the lines that it prints.
    fn run(&mut self, program: &Path) -> Result<(), String> {
        let told = |error: std::io::Error| format!("{}: {error}", program.display());
        let mut child = Command::new(program).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(told)?;
        let lines = child.stdout.take().map(|stdout| std::io::BufRead::lines(std::io::BufReader::new(stdout)));
        for line in lines.into_iter().flatten() {
            let line = line.map_err(told)?;
            println!("{line}");
            self.note(&line);
        }
        let status = child.wait().map_err(told)?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{} ended with {status}", program.display()))
        }
    }

    fn verdict(&self) -> String {
        if self.missed.is_empty() {
            format!("bench-executor: ok {}", self.met.join(" "))
        } else {
            format!("bench-executor: missed {}; met {}", self.missed.join(" "), self.met.join(" "))
        }
    }
}
