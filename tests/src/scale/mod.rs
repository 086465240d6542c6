//! What the chain's work costs with more and more workers.
//!
//! # What is real and what is not
//!
//! The runtime is the real one, compiled for this machine. Its state lies in a trie as a node has
//! it: the SDK's state machine over `LayoutV1`, with the node's trie cache of the node's default
//! size; every block is executed in an overlay of its own, its storage root is reckoned, and its
//! nodes lie over those of the blocks before. Instead of a database on a disk there is one in
//! memory: what is counted and timed is what the chain does, not how a disk keeps up.
//!
//! - [`population`] makes the state: workers are taken in by the code that takes in those of the
//!   genesis block. That they are what `workers.register` would have made of them is
//!   [checked](population::Population::check_shortcut).
//! - [`blocks`] executes blocks on it and measures them.
//! - [`life`] is what is measured: a worker registers, and a task is given out, computed, audited
//!   and paid. [`table`] puts many of them together.

pub mod blocks;
pub mod life;
pub mod population;
pub mod table;
