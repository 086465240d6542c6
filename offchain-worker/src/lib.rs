//! The executor: runs work-groups of OpenCL kernels for a worker's node.
//!
//! # Overview
//!
//! The executor is a process of its own beside the node, so that a driver crash, an endless kernel or a hostile kernel
//! touches nothing else. The off-chain worker talks to it over HTTP on loopback (the table is in
//! [`dpin_primitives::executor`]); it queues runs, caches blobs, hashes outputs into tile trees and keeps them to be
//! opened and fetched. Each run has one child process, which alone talks to OpenCL.
//!
//! ```text
//!   off-chain worker --HTTP--> server -> engine: queue, blob cache, outputs
//!                                          | task lane    | sample lane
//!                                          v              v
//!                                        child          child        one process per run, stdin/stdout pipes
//!                                          +---- OpenCL ---+
//! ```
//!
//! # Lifecycle of a run
//!
//! ```text
//!   posted -> Queued --all blobs there--> Running --> Committed | Sampled | Failed --retention--> gone
//!               | blobs missing too long      | killed with the executor: Queued again at the next start
//!               v
//!             Failed(InputUnavailable)
//! ```
//!
//! # Implementation notes
//!
//! - Whole tasks and samples have a lane each, so that an audit never waits for somebody's long task.
//! - An executor uses one device. For several devices run several executors, each with a data directory of its own.
//! - A child that holds more private memory than the limit is killed by its parent, which reads `/proc/<pid>/statm`
//!   every 20 ms. `RLIMIT_AS` is no use, as GPU drivers reserve address space by the terabyte; `RLIMIT_DATA` makes the
//!   compiler inside PoCL abort, which could not be told from a crash, and is only the second line, for devices of
//!   class `Cpu`.
//! - Everything a run leaves behind is written to a temporary name, synced and renamed; after a crash there is a whole
//!   file or none.

mod blobs;
mod child;
mod cli;
mod device;
mod engine;
mod faults;
mod files;
mod opencl;
mod outputs;
mod request;
mod sandbox;
mod server;
mod supervisor;
mod wire;

pub use cli::run_cli;
pub use faults::{Faults, UnknownFault};
