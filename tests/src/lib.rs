//! Whole-system tests: real nodes with real executors on loopback, and a client that speaks the runtime's own types.
//!
//! # Overview
//!
//! [`network`] runs the processes, [`client`] talks to them, [`actors`] does what workers and requesters do (register, post,
//! fetch), [`progress`] puts events into words, and [`books`] proves from events and balances that money in equals money out. The demo (`dpin-demo`) and the tests
//! are built from these.

pub mod actors;
pub mod books;
pub mod buyback;
pub mod client;
pub mod economy;
pub mod network;
pub mod progress;
