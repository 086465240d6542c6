//! A job from the command line to its output.
//!
//! [`spec`] builds the job and what it needs on chain; [`quote`] prices it; [`outlook`] finds
//! workers that could take it; [`watch`] follows it. [`fetch`] downloads and checks its output, and
//! [`log`] the logs of failed attempts. [`confidential`] encrypts its inputs and delivers their key.

pub mod confidential;
pub mod fetch;
pub mod log;
pub mod outlook;
pub mod quote;
#[cfg(test)]
pub mod sample;
pub mod spec;
pub mod watch;
