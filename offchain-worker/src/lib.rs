//! The executor: runs work-groups of OpenCL kernels for a worker's node.
//!
//! # Overview
//!
//! The executor is a separate process beside the node, so that a driver crash, an endless kernel or
//! a hostile kernel cannot harm the node. The off-chain worker talks to it over HTTP on loopback;
//! [`dpin_primitives::executor`] has the table of routes. The executor queues runs, caches blobs,
//! and hashes outputs into tile trees. It keeps the outputs so that tiles can be opened and bytes
//! fetched. Each run has one child process, and only child processes talk to OpenCL.
//!
//! ```text
//!   off-chain worker --HTTP--> http -> engine: queue, blob cache, outputs
//!                                        | task lane    | sample lane     of each device
//!                                        v              v
//!                                      child          child        one process per run,
//!                                        +---- OpenCL ---+         stdin/stdout pipes
//! ```
//!
//! | module | part |
//! |---|---|
//! | `cli` | the command line |
//! | `http` | the HTTP routes, and blobs as bodies |
//! | `engine` | queue, lanes, admission, devices in use, retention |
//! | `observe` | reports of runs, and metrics |
//! | `process` | children: the parent's side, the child's side, the sandbox, their messages |
//! | `device` | the devices: choice, seats, drivers, OpenCL |
//! | `store` | the files: blobs, outputs, keys, programs, logs, the executor's age |
//! | `priority` | the priority of computing beside the node |
//!
//! No module uses one above it in this table.
//!
//! # Lifecycle of a run
//!
//! ```text
//!   posted -> Queued --all blobs there--> Running --> Committed | Sampled | Failed --> gone
//!               |                           |                               (after the retention)
//!               | blobs missing too long    | executor killed: held at the next start,
//!               | no device has room        |   until the run is posted again
//!               | device away too long      | device lost: Queued again, once
//!               | its turn comes too late   | child killed, disk full: Queued again after a pause,
//!               v                           v   three times
//!             Failed                      Queued
//!             (InputUnavailable | OutOfMemory | DeviceLost | ExecutorFault)
//! ```
//!
//! # Implementation notes
//!
//! - Each device has a lane for whole tasks and one for samples, so that an audit never waits for a
//!   long task. A run goes to the first free lane whose device has room for it. A run that fits no
//!   device is refused before anything is fetched for it.
//! - A lost device keeps its seat, and its lanes pause. The executor looks for it at growing
//!   intervals, and the lanes continue when it is back. The interrupted run is computed again, here
//!   or on another device. A run that loses two devices fails.
//! - A device must compute a known kernel correctly before it is used. It must do so again, in a
//!   fresh child, after every run whose failure blames the kernel; see `engine::control`. A device
//!   that fails the control counts as lost until it passes.
//! - A run has a deadline, and each post sets it again. All waiting counts against the deadline. Of
//!   the waiting runs, the one with the earliest deadline goes first.
//! - No file is deleted by the time of day; see `store::age`. No file is deleted because it cannot
//!   be decoded; see `store::envelope`.
//! - Every finished run has a report, stored under its hash like a log. The log that a reason code
//!   names is the report.
//! - A child runs in a sandbox, which is tested at the start; see `process::sandbox`. Each child
//!   has its own folder. The parent moves source and inputs into it before the order, and takes the
//!   output out of it once the child is gone.
//! - Compiled programs are kept between runs, by kernel, device and driver; see `store::programs`.
//! - The parent kills a child that holds more private memory than the limit. It reads
//!   `/proc/<pid>/status` every 20 ms. `RLIMIT_AS` does not work here, because GPU drivers reserve
//!   terabytes of address space. `RLIMIT_DATA` makes the compiler inside PoCL abort, which looks
//!   like a crash. It is therefore only the second line of defence, for devices of class `Cpu`.
//! - A spare child waits for the next order with the device open and the driver's compiler loaded.
//!   That setup is most of the time a short sample takes. Like every child, a spare serves one run.
//! - Two batches of launches are in flight, so that the device does not wait while outputs are
//!   written. The launches of a batch go to different queues: the single work-groups of a sample
//!   run side by side if the device supports it.
//! - Wherever an executor could cheat, the code asks its `Conduct`. Without the feature
//!   `fault-injection` only the honest conduct exists, which has no fields. With it, the tests'
//!   `dpin-executor-faulty` can be configured to cheat.
//! - Every file of a run is written under a temporary name, synced and renamed. After a crash there
//!   is a whole file or none.

mod cli;
mod device;
mod engine;
mod http;
mod observe;
mod priority;
mod process;
mod store;

pub use cli::run_cli;
#[doc(hidden)]
pub use process::wire::check_messages;
#[cfg(feature = "fault-injection")]
pub use {
    cli::run_cli_with,
    engine::conduct::faults::{Faults, UnknownFault},
};
