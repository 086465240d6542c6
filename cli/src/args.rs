//! The command line.

use crate::{
    commands::{
        blob::BlobCommand, job::JobCommand, kernel::KernelCommand, token::TokenCommand, validator::ValidatorCommand,
        worker::WorkerCommand,
    },
    context::GlobalArgs,
};
use clap::{Parser, Subcommand};

const AFTER: &str = "Examples, on a development network (`make dev`):
  dpin network
  dpin --dev bob job run kernels/mandelbrot/mandelbrot.cl --global 512x512 \\
      --scalar -134217728 --scalar 0 --scalar 1572864 --scalar 1000 --reward 1DPN --auditors 0 --out counts.bin
  dpin --dev bob job list
  dpin token balance bob

Amounts: 1.5DPN, 0.5BLC, 1000planck. Accounts: an address, 0x and a public key, or a development name.
Secrets come from files and the environment (DPIN_SURI, DPIN_MNEMONIC, DPIN_PASSWORD), never from arguments.

Exit codes: 0 done, 1 failed, 2 usage, 3 refused by the chain, 4 no connection, 5 the job failed,
6 an output does not verify, 130 interrupted. Errors go to standard error, with --json as {\"error\": …}.";

/// Computing on the DPIN network, for requesters, workers and validators
#[derive(Parser, Debug)]
#[command(name = "dpin", version, after_help = AFTER, arg_required_else_help = true)]
pub struct Line {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Check, register and look up kernels
    #[command(subcommand)]
    Kernel(KernelCommand),
    /// Post jobs, follow them, fetch what they computed
    #[command(subcommand)]
    Job(Box<JobCommand>),
    /// Register, bond and look after a worker
    #[command(subcommand)]
    Worker(WorkerCommand),
    /// Session keys. The validators are fixed at genesis for now: this chain has no call to become one
    #[command(subcommand)]
    Validator(ValidatorCommand),
    /// Balances, transfers, supply, vesting and rewards
    #[command(subcommand)]
    Token(TokenCommand),
    /// Store and fetch bytes: inputs of jobs and sources of kernels
    #[command(subcommand)]
    Blob(BlobCommand),
    /// The network at a glance, and the numbers that govern jobs
    Network,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{error::ErrorKind, CommandFactory};

    #[test]
    fn the_command_line_is_well_formed() {
        Line::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_is_explained() {
        fn walk(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path} says nothing");
            for argument in
                command.get_arguments().filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"))
            {
                assert!(argument.get_help().is_some(), "{path} {} says nothing", argument.get_id());
            }
            command
                .get_subcommands()
                .filter(|command| command.get_name() != "help")
                .for_each(|command| walk(command, &path));
        }
        walk(&Line::command(), "");
    }

    #[test]
    fn the_examples_of_the_help_parse() {
        for line in AFTER.replace("\\\n", "").lines().map(str::trim).filter(|line| line.starts_with("dpin ")) {
            assert!(Line::try_parse_from(line.split_whitespace()).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_wrong_line_ends_with_the_code_for_usage() {
        for line in [
            "dpin job run",
            "dpin job watch x",
            "dpin frob",
            "dpin --wait later network",
            "dpin token transfer bob 1.5ETH",
        ] {
            let error = Line::try_parse_from(line.split_whitespace()).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
        let help = Line::try_parse_from(["dpin", "--help"]).unwrap_err();
        assert_eq!((help.kind(), help.exit_code()), (ErrorKind::DisplayHelp, 0));
    }

    #[test]
    fn global_options_go_anywhere() {
        for line in
            ["dpin --json --dev bob job list", "dpin job list --json --dev bob", "dpin job --json list --dev bob"]
        {
            let parsed = Line::try_parse_from(line.split_whitespace()).unwrap();
            assert!(parsed.global.json && parsed.global.signer.dev.as_deref() == Some("bob"), "{line}");
        }
    }
}
