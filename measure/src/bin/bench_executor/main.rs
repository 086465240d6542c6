//! Measures the cost of running kernels through the executor: long ones, and one that does nothing.
//! A plain OpenCL host program runs the same kernels on the same device for comparison.
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

mod fixed;
mod goals;
mod long;
mod ours;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use dpin_measure::{
    executor::{self, Executor},
    plain::{self, Host, device_cores},
};
use dpin_primitives::worker::DeviceClass;
use dpin_tests::program::{self, Verdict};
use goals::Goals;
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// Longest time of any run.
const PATIENCE: Duration = Duration::from_secs(600);

/// Measure the cost of running kernels through the executor on this machine's device.
#[derive(Parser)]
#[command(name = "bench-executor", version)]
struct Options {
    /// Target time of a long kernel, in seconds.
    #[arg(long, default_value_t = 2.0, value_parser = seconds)]
    seconds: f64,
    /// Runs of each long kernel.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Runs of the kernel that does nothing.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    starts: u32,
    /// Another program that measures something, which is run at the end.
    #[arg(long, value_name = "PROGRAM")]
    then: Vec<PathBuf>,
}

fn seconds(text: &str) -> Result<f64> {
    text.parse().ok().filter(|seconds| (1.0..=60.0).contains(seconds)).context("expected 1 to 60")
}

fn main() -> ExitCode {
    plain::answer().unwrap_or_else(|| program::report("bench-executor", &bench(&Options::parse())))
}

fn bench(options: &Options) -> Result<Verdict> {
    let mut goals = Goals::default();
    let executor = introduce()?;
    long::long_kernels(&executor, options.seconds, options.rounds, &mut goals)?;
    drop(executor);
    fixed::starts(options.starts, &mut goals)?;
    for program in &options.then {
        goals.run(program).with_context(|| program.display().to_string())?;
    }
    Ok(goals.verdict())
}

/// Print the device, which both programs must have chosen. Returns an executor on it.
fn introduce() -> Result<Executor> {
    let trial = Host::new()?.run(&fixed::trivial())?;
    println!("device: {} ({})", trial.device, trial.driver);
    let executor = executor::start(&[])?;
    let device = executor.status().devices.first().cloned().context("there is no OpenCL device")?;
    ensure!(
        trial.device.as_bytes().starts_with(&device.model),
        "the executor and the plain program chose different devices"
    );
    if device.class == DeviceClass::Cpu {
        println!("cores of the device in every run: {}", device_cores());
    }
    Ok(executor)
}
