//! Storage and money that more than one pallet needs: written once, tested once.
//!
//! - [`agenda`]: queues of items by block, which a sweep works off.
//! - [`queue`]: queues of items, first come, first served.
//! - [`hold`]: payments out of funds that are on hold.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

extern crate alloc;

pub mod agenda;
pub mod hold;
pub mod queue;

#[cfg(test)]
mod mock;
