//! Real executors, for measurements.

#[allow(missing_docs)]
#[path = "../../offchain-worker/tests/common/mod.rs"]
mod harness;

use anyhow::Result;
use dpin_tests::network::program;
pub use harness::{COUNT, Executor, GENESIS, counted, manifest, put_blobs_of, request_of, simple, task, wait};

/// Start an executor with these options in a folder of its own.
///
/// # Errors
///
/// If the program is not built.
pub fn start(options: &[&str]) -> Result<Executor> {
    let program = program("dpin-executor")?;
    Ok(Executor::start_in(&program.to_string_lossy(), tempfile::tempdir()?, options, &[("RUST_LOG", "warn")]))
}
