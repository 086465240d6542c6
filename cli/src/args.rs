//! The command line.

use crate::{
    commands::{
        blob::BlobCommand, job::JobCommand, kernel::KernelCommand, key::KeyCommand, token::TokenCommand,
        validator::ValidatorCommand, worker::WorkerCommand,
    },
    context::GlobalArgs,
};
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use std::ffi::OsString;

const AFTER: &str = "Examples, on a development network (`make dev`):
  dpin network
  dpin --dev bob job run kernels/mandelbrot/mandelbrot.cl --global 512x512 \\
      --scalar -134217728 --scalar 0 --scalar 1572864 --scalar 1000 \\
      --reward 1DPN --auditors 0 --out counts.bin
  dpin --dev bob job list
  dpin token balance bob

Amounts: 1.5DPN, 0.5BLC, 1000planck. Accounts: an address, 0x and a public key, or the name of a
development account.

Secrets come from files and the environment (DPIN_SURI, DPIN_MNEMONIC, DPIN_PASSWORD), never from
arguments. `dpin key new` makes a key file.

`dpin completions` prints scripts that complete the command line in Bash, Zsh and Fish.

Exit codes: 0 success, 1 other failure, 2 wrong usage, 3 refused by the chain, 4 no connection,
5 the job failed, 6 an output does not verify, 130 interrupted. Errors go to standard error; with
--json they are {\"error\": …}.";

/// Command line of the DPIN network, for requesters, workers and validators
#[derive(Parser, Debug)]
#[command(name = "dpin", version, after_help = AFTER, arg_required_else_help = true)]
pub(crate) struct Line {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `dpin`.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Check, register and look up kernels
    #[command(subcommand)]
    Kernel(KernelCommand),
    /// Post jobs, follow them, fetch their outputs
    #[command(subcommand)]
    Job(Box<JobCommand>),
    /// Register, bond and maintain a worker
    #[command(subcommand)]
    Worker(WorkerCommand),
    /// Manage session keys. Validators are fixed at genesis for now: no call makes an account a
    /// validator
    #[command(subcommand)]
    Validator(ValidatorCommand),
    /// Show balances, supply, vesting and rewards; transfer and claim tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Store and fetch bytes: inputs of jobs and sources of kernels
    #[command(subcommand)]
    Blob(BlobCommand),
    /// Make a signing key, or show the account of a key
    #[command(subcommand)]
    Key(KeyCommand),
    /// Show the state of the network, and the parameters that govern jobs
    Network,
    /// Print a shell script that completes the command line of dpin
    #[command(after_help = "Examples:
  dpin completions bash > ~/.local/share/bash-completion/completions/dpin
  dpin completions zsh > ~/.zfunc/_dpin      # with ~/.zfunc in fpath
  dpin completions fish > ~/.config/fish/completions/dpin.fish")]
    Completions {
        /// Shell that runs the script
        shell: Shell,
    },
}

/// Points to the options of every command, in help texts that do not list them.
const ELSEWHERE: &str = "Global options (--url, --dev, --key-file, --json and others): see `dpin --help`.";

/// The command line. Every command takes the global options, but only `dpin --help` lists them.
pub(crate) fn command() -> clap::Command {
    let line = Line::command();
    let everywhere: Vec<Arg> = line
        .get_arguments()
        .filter(|argument| argument.is_global_set())
        .map(|argument| argument.clone().hide(true))
        .collect();
    let mut line = line;
    for name in names(&line) {
        // Commands further down inherit these.
        line = line.mut_subcommand(name, |command| refer(command.args(everywhere.iter().cloned())));
    }
    line
}

/// Add a reference to the global options to the help of a command and of all commands below it.
fn refer(command: clap::Command) -> clap::Command {
    let after = match command.get_after_help() {
        Some(own) => format!("{own}\n\n{ELSEWHERE}"),
        None => ELSEWHERE.to_string(),
    };
    let names = names(&command);
    names.into_iter().fold(command.after_help(after), |command, name| command.mut_subcommand(name, refer))
}

fn names(command: &clap::Command) -> Vec<String> {
    command.get_subcommands().map(|command| command.get_name().to_string()).collect()
}

/// The completion script for a shell. It offers the global options at every command.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Line::command(), "dpin", &mut script);
    script
}

impl Line {
    /// Parse the command line.
    ///
    /// # Errors
    ///
    /// When the command line is wrong, or asks for help.
    pub(crate) fn read(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let mut command = command();
        let matches = command.try_get_matches_from_mut(arguments)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Exit,
        usage::{negative_number, usage_error},
    };
    use clap::error::ErrorKind;

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }

    /// Every command with its path, after the global options are propagated to it.
    fn all() -> Vec<(String, clap::Command)> {
        fn walk(command: &clap::Command, path: String, found: &mut Vec<(String, clap::Command)>) {
            for below in command.get_subcommands().filter(|command| command.get_name() != "help") {
                walk(below, format!("{path} {}", below.get_name()), found);
            }
            found.push((path, command.clone()));
        }
        let (mut command, mut found) = (command(), Vec::new());
        command.build();
        walk(&command, "dpin".into(), &mut found);
        found
    }

    #[test]
    fn options_stand_under_the_heading_that_is_theirs() {
        let headed: [(&str, &[&str]); 4] = [
            (
                "Requirements for the worker",
                &["memory", "fp64", "denormals", "rounded_division", "class", "region", "reputation", "certified"][..],
            ),
            ("Files above 1 MiB", &["blob_url", "blob_token_file"]),
            ("Signing key", &["key_file", "dev"]),
            ("Global options", &["url", "genesis", "json", "quiet", "wait", "fee_asset", "allow_private_addresses"]),
        ];
        for (path, command) in all() {
            for argument in command.get_arguments() {
                let Some(heading) = argument.get_help_heading() else { continue };
                let known = headed.iter().find(|(name, _)| heading.starts_with(name));
                let (_, names) = known.unwrap_or_else(|| panic!("{path}: {heading} is unknown"));
                assert!(
                    names.contains(&argument.get_id().as_str()),
                    "{path} --{} is under {heading}",
                    argument.get_id()
                );
            }
        }
    }

    #[test]
    fn the_options_of_every_command_are_listed_once_and_named_everywhere() {
        for (path, mut command) in all() {
            let help = command.render_long_help().to_string();
            let (listed, named) = (help.contains("--fee-asset <"), help.contains(ELSEWHERE));
            assert_eq!((listed, named), if path == "dpin" { (true, false) } else { (false, true) }, "{path}: {help}");
        }
    }

    #[test]
    fn errors_of_the_command_line_are_json_too() {
        for (line, message) in [
            ("dpin --json job watch", "the following required arguments were not provided: <JOB>"),
            ("dpin --json token transfer bob", "the following required arguments were not provided: <AMOUNT>"),
            ("dpin --json --url", "a value is required for '--url <URL>' but none was supplied"),
            ("dpin --json", "a command is missing"),
            ("dpin job --json", "a command is missing"),
        ] {
            let error = usage_error(&Line::read(line.split_whitespace()).unwrap_err());
            assert_eq!((error.exit, error.message.as_str()), (Exit::Usage, message), "{line}");
            assert_eq!(error.to_json()["error"]["exit"], 2);
        }
        let error = usage_error(&Line::read(["dpin", "netwrok"]).unwrap_err());
        assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("'network'")), "{error}");
    }

    #[test]
    fn a_negative_amount_is_not_taken_for_an_option() {
        for line in [
            "dpin worker bond -1DPN",
            "dpin token transfer bob -.5",
            "dpin job run f.cl --global 1 --out x --reward -1DPN",
        ] {
            let typed: Vec<String> = line.split_whitespace().map(str::to_string).collect();
            let error = negative_number(&Line::read(&typed).unwrap_err(), &typed).unwrap_or_else(|| panic!("{line}"));
            assert!(
                error.message.contains("is negative")
                    && error.message.contains(&format!("`{}`", typed.last().unwrap())),
                "{error}"
            );
        }
        let typed = ["dpin".to_string(), "worker".into(), "bond".into(), "-x".into()];
        assert_eq!(negative_number(&Line::read(&typed).unwrap_err(), &typed), None);
        assert!(Line::read("dpin job quote f.cl --global 1 --reward 1 --scalar -1".split_whitespace()).is_ok());
    }

    #[test]
    fn every_shell_gets_a_script() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let script = String::from_utf8(completions(shell)).unwrap();
            assert!(script.contains("report-unavailable") && script.matches("fee-asset").count() > 20, "{shell}");
        }
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
        walk(&command(), "");
    }

    #[test]
    fn the_examples_of_the_help_parse() {
        for line in AFTER.replace("\\\n", "").lines().map(str::trim).filter(|line| line.starts_with("dpin ")) {
            assert!(Line::read(line.split_whitespace()).is_ok(), "{line}");
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
            let error = Line::read(line.split_whitespace()).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
        let help = Line::read(["dpin", "--help"]).unwrap_err();
        assert_eq!((help.kind(), help.exit_code()), (ErrorKind::DisplayHelp, 0));
    }

    #[test]
    fn global_options_go_anywhere() {
        for line in
            ["dpin --json --dev bob job list", "dpin job list --json --dev bob", "dpin job --json list --dev bob"]
        {
            let parsed = Line::read(line.split_whitespace()).unwrap();
            assert!(parsed.global.json && parsed.global.signer.dev.as_deref() == Some("bob"), "{line}");
        }
    }
}
