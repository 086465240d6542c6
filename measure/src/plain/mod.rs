//! A plain OpenCL host program, for comparison with the executor.
//!
//! It is a separate process that opens the device, builds, runs everything in one launch, and reads
//! the output back. A program that trusts the kernel needs nothing else. It runs under the
//! conditions of the executor's children. They have the same device with as many cores, the same
//! prelude and build options, the same priority, and a separate cache of compiled programs.
//!
//! A measuring program is its own plain program: [`Host::run`] starts it again with the arguments
//! that [`answer`] expects.

mod opencl;

use anyhow::{Context, Result, bail};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::executor::RunRequest;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The first argument that turns a measuring program into the plain program.
const WORD: &str = "plain";

/// The work to run: a whole job with its bytes.
#[derive(Clone, Encode, Decode)]
pub struct Order {
    /// The job, as a request to an executor.
    pub request: RunRequest,
    /// The kernel's source.
    pub source: Vec<u8>,
    /// The inputs, in the order of the parameters.
    pub inputs: Vec<Vec<u8>>,
}

/// If this process was started as the plain program, carry out its order and return the exit
/// status. The first thing that the `main` of a measuring program does.
pub fn answer() -> Option<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [word, order, output] = arguments.as_slice() else { return None };
    if word != WORD {
        return None;
    }
    Some(match carry_out(Path::new(order), Path::new(output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{WORD}: {error:#}");
            ExitCode::FAILURE
        }
    })
}

/// Carry out the order in a file, and print the times. After the measurement, write the output to
/// another file.
fn carry_out(order: &Path, output: &Path) -> Result<()> {
    let order = Order::decode_all(&mut std::fs::read(order)?.as_slice())?;
    std::fs::write(output, opencl::run(&order)?)?;
    Ok(())
}

/// The times, the result and the device of a plain run.
pub struct Ran {
    /// Time from the program's start to the output in its memory.
    pub wall: Duration,
    /// Time to build the program.
    pub build_ms: u64,
    /// Time of the kernel on the device, by its own clock.
    pub device_us: u64,
    /// Time to read the output from the device, by its own clock.
    pub read_ms: u64,
    /// The output.
    pub output: Vec<u8>,
    /// Name of the device.
    pub device: String,
    /// Its platform and driver.
    pub driver: String,
}

/// The folder in which plain programs cache compiled programs.
pub struct Host(TempDir);

impl Host {
    /// A host with an empty cache.
    ///
    /// # Errors
    ///
    /// If its folder cannot be made.
    pub fn new() -> Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    /// Carry out an order in a separate process.
    ///
    /// # Errors
    ///
    /// If the process cannot be started, or fails.
    pub fn run(&self, order: &Order) -> Result<Ran> {
        let files = tempfile::tempdir()?;
        let (file, output) = (files.path().join("order"), files.path().join("output"));
        std::fs::write(&file, order.encode())?;
        let mut command = self.command(&file, &output)?;
        let begun = Instant::now();
        let mut child = command.spawn().context("the plain program does not start")?;
        let mut lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines()).into_iter().flatten();
        let mut line = || lines.next().transpose().map(Option::unwrap_or_default);
        let figures: Vec<u64> = line()?.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
        let wall = begun.elapsed();
        let (device, driver) = (line()?, line()?);
        let status = child.wait()?;
        let ([build_ms, device_us, read_ms], true) = (figures.as_slice(), status.success()) else {
            bail!("the plain program ended with {status}")
        };
        let (build_ms, device_us, read_ms) = (*build_ms, *device_us, *read_ms);
        Ok(Ran { wall, build_ms, device_us, read_ms, output: std::fs::read(&output)?, device, driver })
    }

    /// The command of the plain program, with this cache and with the cores of an executor.
    fn command(&self, order: &Path, output: &Path) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(WORD).arg(order).arg(output).stdin(Stdio::null()).stdout(Stdio::piped());
        for name in ["HOME", "POCL_CACHE_DIR", "CUDA_CACHE_PATH", "XDG_CACHE_HOME", "TMPDIR"] {
            command.env(name, self.0.path());
        }
        if std::env::var_os("POCL_MAX_PTHREAD_COUNT").is_none() {
            let threads = device_cores().to_string();
            command.env("POCL_MAX_PTHREAD_COUNT", &threads).env("POCL_CPU_MAX_CU_COUNT", &threads);
        }
        Ok(command)
    }
}

/// Cores that an executor leaves to a CPU device.
pub fn device_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1)
}
