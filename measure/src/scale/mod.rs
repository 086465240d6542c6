//! Measures the cost of the chain's work with more and more workers.
//!
//! # Real and simulated parts
//!
//! The runtime is real, compiled for this machine. Its state is in a trie like a node's: the SDK's
//! state machine over `LayoutV1`, with the node's trie cache at its default size. Every block is
//! executed in its own overlay, its storage root is computed, and its nodes lie over those of the
//! blocks before. The database is in memory and not on a disk: the counts and times are those of
//! the chain's work, not of a disk.
//!
//! - [`population`] builds the state. Its workers are added by the code that adds workers of the
//!   genesis block. It [checks](population::Population::check_shortcut) that `workers.register`
//!   would have written the same.
//! - [`blocks`] executes blocks on it and measures them.
//! - [`life`] is the measured work: a worker registers, and a task is assigned, computed, audited
//!   and paid. [`table`] combines many lives.

pub mod blocks;
pub mod life;
pub mod population;
pub mod table;
