//! `dpin-executor`: the executor of one OpenCL device.

use std::process::ExitCode;

fn main() -> ExitCode {
    dpin_executor::run_cli()
}
