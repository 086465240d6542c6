//! Measurements and simulations of the chain, the executor and the economy.
//!
//! # Overview
//!
//! The programs are in `src/bin`; `README.md` lists them. The library has what they share:
//!
//! - with real processes: [`load`] puts one node under load, [`executor`] starts executors, and
//!   [`plain`] is the OpenCL program that these are compared with;
//! - with the runtime in process: [`genesis`] makes a chain from one of the runtime's presets, and
//!   [`calls`] has the calls that every simulation needs. [`economy`] simulates the money over 240
//!   months. [`scale`] measures the cost of the chain's work with up to a million workers;
//! - [`binomial`] says whether a measured rate fits the expected one.

pub mod binomial;
pub mod calls;
pub mod economy;
pub mod executor;
pub mod genesis;
pub mod load;
pub mod plain;
pub mod scale;
