//! The DPIN node: a Substrate node that authors with BABE, finalises with GRANDPA, and may work.
//!
//! [`service`] is the list of steps that make a node; [`worker`] and [`blobs`] are what a node does beyond a plain Substrate one: it
//! runs an executor, tells the off-chain worker where that is, and feeds it blobs; large ones it keeps and passes on. [`offchain`] and
//! [`outbound`] are how requests leave it, [`ports`] and [`disk`] look at what it needs of the machine.

// The SDK's error type is large, and no error is on a path that is taken often.
#![allow(clippy::result_large_err)]

mod blobs;
mod cli;
mod command;
mod dev;
mod disk;
mod offchain;
mod outbound;
mod ports;
mod rpc;
mod service;
mod worker;

use std::process::ExitCode;

/// Block authoring, the pool and the network allocate on many threads at once, for which the system's allocator has too few arenas: with
/// this one the same node carries a fifteenth more transfers (`docs/throughput.md`).
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {}", command::explain(&error));
            ExitCode::FAILURE
        }
    }
}
