//! The blocks of a time in which something is measured.

use anyhow::Result;
use dpin_measure::load::{
    connection::Connection,
    measure::{building_times, percentile},
    node::LoadedNode,
};
use dpin_primitives::BlockNumber;
use polkadot_sdk::frame_support::dispatch::DispatchClass;

/// A window of blocks, with their weights and times.
pub(crate) struct Window {
    first: BlockNumber,
    last: BlockNumber,
    /// Time of the chain between its first and its last block.
    pub seconds: f64,
    /// Total bytes of the transactions.
    pub bytes: usize,
    /// Number of transactions, the inherents included.
    pub extrinsics: usize,
    /// Declared weight of each block, in ms.
    weights: Vec<u64>,
    /// The part of it that hooks and inherents have, in ms.
    hooks: Vec<u64>,
    /// Time that the node took to build each block, in ms.
    built: Vec<u64>,
}

impl Window {
    /// The window of the blocks after `first` up to `last`.
    pub(crate) async fn of(
        connection: &Connection,
        node: &LoadedNode,
        first: BlockNumber,
        last: BlockNumber,
    ) -> Result<Self> {
        let start = connection.time(connection.hash(first).await?).await?;
        let end = connection.time(connection.hash(last).await?).await?;
        let mut window = Self {
            first,
            last,
            seconds: end.saturating_sub(start) as f64 / 1_000.0,
            bytes: 0,
            extrinsics: 0,
            weights: Vec::new(),
            hooks: Vec::new(),
            built: Vec::new(),
        };
        let times = building_times(&node.messages()?);
        for number in first + 1..=last {
            let hash = connection.hash(number).await?;
            let (extrinsics, bytes) = connection.body(hash).await?;
            window.extrinsics += extrinsics;
            window.bytes += bytes;
            let weight = connection.weight(hash).await?;
            window.weights.push(weight.total().ref_time() / 1_000_000_000);
            window.hooks.push(weight.get(DispatchClass::Mandatory).ref_time() / 1_000_000_000);
            window.built.extend(times.get(&number));
        }
        Ok(window)
    }

    /// Print the window under a name.
    pub(crate) fn print(&mut self, what: &str) {
        let blocks = f64::from(self.last - self.first);
        println!(
            "  {what}: blocks {}..={} in {:.0} s ({:.2} s each), {:.0} transactions and {:.0} kB each",
            self.first + 1,
            self.last,
            self.seconds,
            self.seconds / blocks,
            self.extrinsics as f64 / blocks,
            self.bytes as f64 / blocks / 1_000.0
        );
        println!(
            "  {what}: declared weight of a block p50 {} ms, p99 {} ms, of which hooks p50 {} ms; time to build it p50 {} ms, p99 {} ms",
            percentile(&mut self.weights, 0.5),
            percentile(&mut self.weights, 0.99),
            percentile(&mut self.hooks, 0.5),
            percentile(&mut self.built, 0.5),
            percentile(&mut self.built, 0.99)
        );
    }
}
