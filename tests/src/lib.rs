//! Whole-system tests: real nodes with real executors on loopback, and a client that uses the
//! runtime's own types.
//!
//! # Overview
//!
//! [`network`] runs the processes, and [`client`] sends them requests. [`actors`] has the actions
//! of workers and requesters (register, post, fetch). [`dpin`] runs the command line, and
//! [`progress`] prints events as text. [`books`] proves from events and balances that money in
//! equals money out. The demo (`dpin-demo`) and the tests use these modules. [`kills`] disturbs
//! such a network at random.
//!
//! Other modules have the runtime in process, from one of its presets ([`genesis`]). [`economy`]
//! simulates the money over 240 months. [`scale`] measures the cost of the chain's work with up to
//! a million workers.

pub mod actors;
pub mod blobs;
pub mod books;
pub mod buyback;
pub mod client;
pub mod dpin;
pub mod economy;
pub mod first_use;
pub mod genesis;
pub mod kills;
pub mod load;
pub mod network;
pub mod progress;
pub mod scale;
