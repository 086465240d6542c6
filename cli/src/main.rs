//! `dpin`: the command line for requesters and operators.
//!
//! # Overview
//!
//! [`args`] defines the command line, and [`commands`] each of its commands, which share the
//! [`context`]. [`chain`] talks to a node: requests, signed transactions, the state. [`job`] takes
//! a job from the command line to its output, [`kernel`] checks and registers kernels, and [`blob`]
//! stores files. [`text`] reads what people type and writes what they read. [`error`] defines the
//! errors and the exit codes, and [`usage`] those of a wrong command line.

mod args;
mod blob;
mod blocking;
mod chain;
mod commands;
mod context;
mod error;
mod job;
mod kernel;
mod text;
mod usage;

use args::{Command, Line};
use context::Context;
use error::{Error, Result};
use std::{io::Write, process::ExitCode};
use text::output::Output;

fn main() -> ExitCode {
    let Line { global, command } = match Line::read(std::env::args_os()) {
        Ok(line) => line,
        Err(error) => return refuse(error),
    };
    let context = Context::new(global);
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()
        .map_err(|error| Error::failed(format!("the program cannot start its threads: {error}")))
        .and_then(|runtime| {
            let result = runtime.block_on(interruptible(command, &context));
            // Requests still in flight are useless now.
            runtime.shutdown_background();
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error = context.explained(error);
            context.output.error(&error);
            ExitCode::from(error.exit as u8)
        }
    }
}

/// Report an invalid command line, or print the help that it asks for.
fn refuse(error: clap::Error) -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let found = match usage::negative_number(&error, &arguments) {
        Some(found) => found,
        // Requested help is a result.
        None if !json || !error.use_stderr() => error.exit(),
        None => usage::usage_error(&error),
    };
    Output { json, quiet: false }.error(&found);
    ExitCode::from(found.exit as u8)
}

async fn interruptible(command: Command, context: &Context) -> Result<()> {
    tokio::select! {
        result = run(command, context) => result,
        _ = tokio::signal::ctrl_c() => Err(context.interrupted()),
    }
}

async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::Kernel(command) => commands::kernel::run(command, context).await,
        Command::Job(command) => commands::job::run(*command, context).await,
        Command::Worker(command) => commands::worker::run(command, context).await,
        Command::Validator(command) => commands::validator::run(command, context).await,
        Command::Token(command) => commands::token::run(command, context).await,
        Command::Blob(command) => commands::blob::run(command, context).await,
        Command::Key(command) => commands::key::run(command, context),
        Command::Network => commands::network::run(context).await,
        Command::Completions { shell } => std::io::stdout()
            .write_all(&args::completions(shell))
            .map_err(|error| Error::failed(format!("the completion script cannot be written: {error}"))),
    }
}
