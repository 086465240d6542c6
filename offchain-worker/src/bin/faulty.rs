//! `dpin-executor-faulty`: an executor that does what `DPIN_FAULT` says wrong, to test that the chain catches it.
//!
//! It is a program of its own, so that the one operators install has no way to be switched to cheating.

use dpin_executor::{run_cli, Faults};
use std::process::ExitCode;

/// Environment variable that names the fault, for example `wrong-tiles:1.0`.
const FAULT: &str = "DPIN_FAULT";

fn main() -> ExitCode {
    // Without the variable it is honest. So are its children, which see nothing of it: tiles are falsified by the parent.
    let faults = std::env::var(FAULT).map_or(Ok(Faults::none()), |text| text.parse::<Faults>());
    match faults {
        Ok(faults) => run_cli(faults),
        Err(error) => {
            eprintln!("{FAULT}: {error}");
            ExitCode::from(2)
        }
    }
}
