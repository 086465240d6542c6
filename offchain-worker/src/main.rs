//! `dpin-executor`: runs kernels on OpenCL devices for a node.

use std::process::ExitCode;

fn main() -> ExitCode {
    dpin_executor::run_cli()
}
