//! A job from the command line to its output.
//!
//! [`spec`] builds the job, [`check`] compares it with its kernel, and [`prepared`] stores what it
//! needs on chain. [`quote`] prices the job and [`plan`] the rest; [`outlook`] finds workers that
//! could take it. [`ticket`] finds a posted job, and [`watch`] follows it. [`fetch`] downloads and
//! checks its output, and [`log`] the logs of failed attempts. [`key`] encrypts its inputs, and
//! [`courier`] delivers their key.

pub(crate) mod check;
pub(crate) mod courier;
pub(crate) mod fetch;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod outlook;
pub(crate) mod plan;
pub(crate) mod prepared;
pub(crate) mod quote;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod spec;
pub(crate) mod ticket;
pub(crate) mod watch;
