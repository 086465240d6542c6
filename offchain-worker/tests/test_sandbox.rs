//! Tries every hostile case against a real executor. Prints one line per case, and then how many
//! attacks were held off. `make test-sandbox` runs it.
//!
//! The test `sandbox` has the same cases, each as a test of its own. Here they are a report, and
//! `--without-namespaces` can repeat them on a machine as many containers are. Ends with an error
//! if any attack succeeded.

mod common;
mod hostile;

use clap::Parser;
use common::PROGRAM;
use std::{
    panic::{catch_unwind, set_hook},
    process::ExitCode,
};

/// Try to break out of the executor, and print a line for each attack.
#[derive(Parser)]
#[command(name = "test_sandbox")]
struct Options {
    /// Refuse namespaces to the executor, as many containers do.
    #[arg(long)]
    without_namespaces: bool,
    /// Part of the names of the cases to run.
    #[arg(value_name = "NAME", default_value = "")]
    part: String,
}

fn main() -> ExitCode {
    let Options { without_namespaces, part } = Options::parse();
    if without_namespaces {
        if let Err(error) = common::refuse_calls(&[libc::SYS_unshare]) {
            eprintln!("test_sandbox: namespaces could not be refused: {error}");
            return ExitCode::FAILURE;
        }
    }
    let cases: Vec<_> = hostile::CASES.iter().filter(|case| case.name.contains(&part)).collect();
    // The case's line shows the error.
    set_hook(Box::new(|_| ()));
    let held = cases.iter().filter(|case| holds(case)).count();
    println!("sandbox: {held} of {} held", cases.len());
    if held == cases.len() && held > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Run a case, print its line, and return whether the attack was held off.
fn holds(case: &hostile::Case) -> bool {
    let name = case.name.replace('_', " ");
    match catch_unwind(|| (case.run)(PROGRAM)) {
        Ok(told) => {
            println!("held: {name}: {told}");
            true
        }
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
            println!("BROKEN: {name}: {}", text.replace('\n', " "));
            false
        }
    }
}
