//! `dpin-executor-faulty`: an executor that does what `DPIN_FAULT` says wrong, to test that the chain catches it.
//!
//! It is a program of its own and needs the feature `fault-injection`, so that the executor operators install has no way to
//! be switched to cheating. Its children see nothing of the faults: the parent alone commits them.

use dpin_executor::{run_cli_with, Faults};
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
