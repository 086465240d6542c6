//! A job from the command line to its output.
//!
//! [`spec`] builds the job, [`check`] compares it with its kernel, and [`prepared`] stores what it
//! needs on chain. [`quote`] prices the job and [`plan`] the rest; [`outlook`] finds workers that
//! could take it. [`ticket`] finds a posted job, and [`watch`] follows it. [`fetch`] downloads and
//! checks its output, and [`log`] the logs of failed attempts. [`key`] encrypts its inputs, and
//! [`courier`] delivers their key.

pub mod check;
pub mod courier;
pub mod fetch;
pub mod key;
pub mod log;
pub mod outlook;
pub mod plan;
pub mod prepared;
pub mod quote;
#[cfg(test)]
pub mod sample;
pub mod spec;
pub mod ticket;
pub mod watch;
