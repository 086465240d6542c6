//! The DPIN node: a Substrate node that authors with BABE, finalises with GRANDPA, and can run a
//! worker.
//!
//! [`service`] lists the steps that build a node. [`executor`], [`blobs`] and [`worker`] are the
//! additions to a plain Substrate node: the node runs an executor, publishes its address to the
//! off-chain worker, and feeds it blobs. It also stores large blobs and serves them to other nodes.
//! [`offchain`] and [`outbound`] send requests to other machines. [`ports`] and [`disk`] check the
//! addresses and the disk space that the node needs.
//!
//! ```text
//!   command, cli
//!      service                       rpc
//!         worker
//!            blobs       offchain    dev
//!               executor
//!                  client   outbound   ports   disk     no module uses one above it
//! ```

// The SDK's error type is large, but no error is returned on a hot path.
#![allow(clippy::result_large_err)]

mod blobs;
mod cli;
mod client;
mod command;
mod dev;
mod disk;
mod executor;
mod offchain;
mod outbound;
mod ports;
mod rpc;
mod service;
mod worker;

use std::process::ExitCode;

/// Block authoring, the pool and the network allocate on many threads at once, and the system's
/// allocator has too few arenas for that. With jemalloc the same node processes a fifteenth more
/// transfers (`docs/throughput.md`).
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
