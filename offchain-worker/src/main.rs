//! `dpin-executor`: the executor of one OpenCL device.

use dpin_executor::{run_cli, Faults};
use std::process::ExitCode;

fn main() -> ExitCode {
    run_cli(Faults::none())
}
