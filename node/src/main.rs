//! The DPIN node: a Substrate node that authors with BABE, finalises with GRANDPA, and may work.
//!
//! [`service`] is the list of steps that make a node; [`worker`] is all that a node does beyond a plain Substrate one: it
//! runs an executor, tells the off-chain worker where that is, and feeds it blobs.

mod cli;
mod command;
mod rpc;
mod service;
mod worker;

use polkadot_sdk::sc_cli;

fn main() -> sc_cli::Result<()> {
    command::run()
}
