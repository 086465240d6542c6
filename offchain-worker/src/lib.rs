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
//!                                          | task lane    | sample lane     of each device
//!                                          v              v
//!                                        child          child        one process per run, stdin/stdout pipes
//!                                          +---- OpenCL ---+
//! ```
//!
//! # Lifecycle of a run
//!
//! ```text
//!   posted -> Queued --all blobs there--> Running --> Committed | Sampled | Failed --retention--> gone
//!               | blobs missing too long      | killed with the executor: held at the next start, until it is posted again
//!               | no device has room          | device lost: Queued again, once
//!               | device away too long        | child killed, disk full: Queued again after a pause, three times
//!               | its turn comes too late     v
//!               v                           Queued
//!             Failed(InputUnavailable | OutOfMemory | DeviceLost | ExecutorFault)
//! ```
//!
//! # Implementation notes
//!
//! - Each device has a lane for whole tasks and one for samples, so that an audit never waits for somebody's long task. A run goes
//!   to the first free lane whose device has room for it; one that no device has room for is refused before anything is fetched.
//! - A device that is lost keeps its seat. Its lanes rest, it is looked for ever more slowly, and when it is back they go on; the
//!   run on it is computed again, here or on another device. A run that loses two devices has failed.
//! - A device must compute a known kernel right before it is used, and again in a fresh child after every run that failed in a way
//!   that blames the kernel; see `control`. One that does not is lost, until it does.
//! - A run has a deadline, which each post sets anew. Whatever it waits for lies inside, and of those that wait the run that is due first
//!   goes first.
//! - Nothing is deleted by the time of day: see `age`. Nothing is deleted because it cannot be made out: see `store`.
//! - Every finished run has a report, kept under its hash like a log. The log that a reason code names is the report.
//! - A child has walls around it, which are tried at the start; see `sandbox`. It has a folder of its own, into which the parent
//!   moves source and inputs before it gives the order, and out of which it takes the output once the child is gone.
//! - What a driver has compiled is kept from run to run, by kernel, device and driver; see `programs`.
//! - A child that holds more private memory than the limit is killed by its parent, which reads `/proc/<pid>/status`
//!   every 20 ms. `RLIMIT_AS` is no use, as GPU drivers reserve address space by the terabyte; `RLIMIT_DATA` makes the
//!   compiler inside PoCL abort, which could not be told from a crash, and is only the second line, for devices of
//!   class `Cpu`.
//! - A child waits for the next order with the device open and the driver's compiler loaded, which is most of what a short
//!   sample takes. It is used for one run, as every child.
//! - Two batches of launches are in flight, so that the device does not wait while outputs are written down. The launches of
//!   a batch go to different queues: the single work-groups of a sample run side by side where the device can do that.
//! - Where an executor could cheat, it asks its `Conduct`. Without the feature `fault-injection` there is the honest one only,
//!   which has no fields; with it the tests' `dpin-executor-faulty` can be told to cheat.
//! - Everything a run leaves behind is written to a temporary name, synced and renamed; after a crash there is a whole
//!   file or none.

mod age;
mod blobs;
mod check;
mod child;
mod cli;
mod conduct;
mod conformity;
mod control;
mod device;
mod digest;
mod drivers;
mod engine;
#[cfg(feature = "fault-injection")]
mod faults;
mod files;
mod fleet;
mod kernel_check;
mod keys;
mod metrics;
mod opencl;
mod options;
mod outputs;
mod programs;
mod report;
mod request;
mod sandbox;
mod server;
mod store;
mod supervisor;
mod transfer;
mod wire;

pub use cli::run_cli;
#[cfg(feature = "fault-injection")]
pub use {
    cli::run_cli_with,
    faults::{Faults, UnknownFault},
};
