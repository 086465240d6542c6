//! Load: one real node, driven as fast as it goes.
//!
//! # Overview
//!
//! [`node`] runs a validator on a chain with many workers, requesters and payers in its genesis;
//! [`signing`] makes their transactions; [`connection`] submits them in bulk and follows the chain;
//! [`crowd`] plays all the workers at once; [`measure`] tells what blocks and state weighed.
//! `bench-chain` is built from these.

pub mod connection;
pub mod crowd;
pub mod measure;
pub mod node;
pub mod signing;
