//! Load tests: one real node at its highest speed.
//!
//! # Overview
//!
//! [`node`] runs a validator on a chain with many workers, requesters and payers in its genesis.
//! [`signing`] makes their transactions. [`connection`] submits these in bulk and follows the
//! chain. [`crowd`] simulates all workers at once. [`measure`] measures blocks and state.
//! `bench-chain` uses these modules.

pub mod connection;
pub mod crowd;
pub mod measure;
pub mod node;
pub mod signing;
