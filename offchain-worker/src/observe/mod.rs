//! Reports of runs and metrics, for people.

pub(crate) mod metrics;
pub(crate) mod report;
