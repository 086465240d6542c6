//! Whole-system tests: real nodes with real executors on loopback, and a client that speaks the
//! runtime's own types.
//!
//! # Overview
//!
//! [`network`] runs the processes, [`client`] talks to them, [`actors`] does what workers and
//! requesters do (register, post, fetch), [`dpin`] runs the command line, [`progress`] puts events
//! into words, and [`books`] proves from events and balances that money in equals money out. The
//! demo (`dpin-demo`) and the tests are built from these. [`kills`] disturbs such a network at
//! random.
//!
//! Other modules have the runtime in process, from one of its presets ([`genesis`]): [`economy`]
//! simulates the money of 240 months, [`scale`] measures what the chain's work costs with up to a
//! million workers.

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
