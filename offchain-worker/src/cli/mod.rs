//! The command line.

mod check;
mod devices;
mod kernel_check;
mod options;
mod serve;

use crate::{
    device::choice::Choice,
    engine::conduct::Built,
    process::{child, sandbox},
};
use clap::{Parser, Subcommand};
use kernel_check::KernelCheck;
use options::Options;
use serve::Serve;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Parser)]
#[command(name = "dpin-executor", version, about = "Runs OpenCL work-groups for a worker's node")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a node: queue its runs, compute them, keep their outputs
    Serve(Serve),
    /// List the OpenCL devices of this machine. The listed memory is the part that `serve` leaves
    /// to runs, which a worker declares
    Devices {
        /// Print one JSON object per line
        #[arg(long)]
        json: bool,
        /// List only the devices that `serve` would use with this `--device`
        #[arg(long, value_name = "DEVICES")]
        device: Option<Choice>,
        /// Assume this `--memory-limit-mb` of `serve`
        #[arg(long)]
        memory_limit_mb: Option<u64>,
        /// File with the options of `serve`; the options above take precedence. Lists only the
        /// devices that `serve` would use with it
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Check whether this machine can run strangers' kernels: print a line for each wall of the
    /// sandbox, the devices and the disk, with the remedy for each problem. The exit code is 0 if
    /// it can
    Check {
        /// Directory in which `serve` will store its data
        #[arg(long)]
        data_dir: Option<PathBuf>,
        /// File with the options of `serve`
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Print one JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Build a kernel and check the rules: it does not read its output, stays in its tile, and is
    /// reproducible
    KernelCheck(KernelCheck),
    /// The process that talks to OpenCL for one run
    #[command(hide = true)]
    Child(sandbox::Limits),
}

/// Run the command line, honestly.
pub fn run_cli() -> ExitCode {
    run(Built::default())
}

/// Run the command line, and commit `faults` on purpose.
#[cfg(feature = "fault-injection")]
pub fn run_cli_with(faults: crate::Faults) -> ExitCode {
    run(faults)
}

fn run(conduct: Built) -> ExitCode {
    let command = Cli::parse().command;
    if !matches!(command, Command::Child(_)) {
        sandbox::start_afresh();
    }
    let outcome = match command {
        Command::Child(limits) => return child::main(&limits),
        Command::Devices { json, device, memory_limit_mb, config } => {
            let line = Options { device, memory_limit_mb, ..Options::default() };
            with_file(line, config.as_deref()).and_then(|mut options| {
                if config.is_some() {
                    options.device.get_or_insert(Choice::Auto);
                }
                devices::list(json, &options)
            })
        }
        Command::Check { data_dir, config, json } => with_file(Options::default(), config.as_deref())
            .and_then(|options| check::run(data_dir.as_deref(), json, &options)),
        Command::Serve(options) => serve::run(options, conduct),
        Command::KernelCheck(options) => {
            return kernel_check::run(&options).unwrap_or_else(|error| {
                eprintln!("dpin-executor: {error}");
                ExitCode::from(2)
            });
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dpin-executor: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The options of the command line, and those of the file, if there is one.
fn with_file(line: Options, file: Option<&Path>) -> Result<Options, String> {
    file.map_or_else(|| Ok(Options::default()), Options::read).map(|file| line.or(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use dpin_primitives::job::MAX_TASK_OUTPUT_BYTES;

    const MANUAL: &str = include_str!("../../../docs/operator.md");

    /// The row for a flag of `serve` in the manual's table.
    fn row(flag: &str) -> &'static str {
        let begins =
            |line: &&str| line.starts_with(&format!("| `--{flag}`")) || line.starts_with(&format!("| `--{flag} "));
        MANUAL.lines().find(begins).unwrap_or_else(|| panic!("docs/operator.md has no row for --{flag}"))
    }

    #[test]
    fn the_manual_has_every_option_with_its_default() {
        let command = Cli::command();
        let serve = command.find_subcommand("serve").unwrap();
        let elsewhere = ["help", "listen", "data-dir", "token-file", "port-file", "exit-on-stdin-close"];
        for flag in serve.get_arguments().filter_map(clap::Arg::get_long).filter(|flag| !elsewhere.contains(flag)) {
            row(flag);
        }
        for (flag, default) in [
            ("retention-hours", options::RETENTION_HOURS),
            ("min-retention-hours", options::MIN_RETENTION_HOURS),
            ("max-stored-mb", options::MAX_STORED_MB),
            ("max-output-bytes", MAX_TASK_OUTPUT_BYTES),
            ("max-blobs-mb", options::MAX_BLOBS_MB),
            ("queue-length", options::QUEUE_LENGTH as u64),
        ] {
            assert!(row(flag).contains(&format!("| {default}")), "{}", row(flag));
            let help = serve.get_arguments().find(|argument| argument.get_long() == Some(flag)).unwrap().get_help();
            assert!(help.unwrap().to_string().contains(&format!("[default: {default}]")), "{flag}");
        }
    }

    #[test]
    fn the_manual_has_every_key_of_the_file() {
        let example = MANUAL.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let options: Options = toml::from_str(example).unwrap();
        assert!(options.device.is_some() && options.memory_limit_mb.is_some() && options.queue_length.is_some());
    }
}
