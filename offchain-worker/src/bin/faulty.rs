//! `dpin-executor-faulty`: an executor that commits the faults in `DPIN_FAULT`, to test that the
//! chain detects them.
//!
//! It is a separate program that needs the feature `fault-injection`, so that the executor of
//! operators cannot be switched to cheating. Its children know nothing of the faults: only the
//! parent commits them.

use dpin_executor::{Faults, run_cli_with};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Faults::from_env() {
        Ok(faults) => run_cli_with(faults),
        Err(error) => {
            eprintln!("dpin-executor-faulty: {error}");
            ExitCode::from(2)
        }
    }
}
