//! Whole-system tests: real nodes with real executors on loopback, and a client that uses the
//! runtime's own types.
//!
//! # Overview
//!
//! [`network`] runs the processes, and [`client`] sends them requests. [`actors`] has the actions
//! of workers and requesters (register, post, fetch), and [`worker`] the declarations of workers.
//! [`dpin`] runs the command line, [`blobs`] moves large blobs, and [`progress`] prints events as
//! text. [`books`] proves from events and balances that money in equals money out. The scenarios in
//! `tests/tests`, the demo (`demo/`) and the measurements (`measure/`) use these modules.
//!
//! Three scenarios are programs of their own, because they take minutes or need more than nodes:
//! [`kills`] disturbs a network at random, [`buyback`] follows fees until they are burned, and
//! [`first_use`] runs the code in the documentation. [`program`] has the `main` of all programs.

pub mod actors;
pub mod blobs;
pub mod books;
pub mod buyback;
pub mod client;
pub mod dpin;
pub mod first_use;
pub mod kills;
pub mod network;
pub mod program;
pub mod progress;
pub mod worker;
