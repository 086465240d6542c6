//! Reports of runs and metrics, for people.

pub mod metrics;
pub mod report;
