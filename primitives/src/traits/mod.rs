//! The traits at which the pallets meet. Each trait belongs to its caller.

mod economy;
mod jobs;
mod workers;

pub use economy::{BurnLedger, CapacityLedger, DemandLedger, OnEraEnd};
pub use jobs::{BlobStore, JobLedger, KernelRegistry, TaskBrief, TaskQueue};
pub use workers::{WorkerCount, WorkerHealth, WorkerRegistry};
