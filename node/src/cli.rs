//! What may be typed after `dpin-node`.

use crate::{blobs::BlobParams, worker::WorkerParams};
use polkadot_sdk::sc_cli::{self, RunCmd};

/// The command line.
#[derive(Debug, clap::Parser)]
pub struct Cli {
    /// A tool instead of the node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How the node runs.
    #[command(flatten)]
    pub run: RunCmd,

    /// How the node works.
    #[command(flatten)]
    pub worker: WorkerParams,

    /// How the node keeps and passes on large blobs.
    #[command(flatten)]
    pub blobs: BlobParams,

    /// Send requests also to workers at loopback, private and other addresses that are not public.
    ///
    /// Workers choose these addresses: on a network of strangers they could have this node ask services of its own network. For private
    /// networks. Chains of type development and local imply it.
    #[arg(long)]
    pub allow_private_addresses: bool,
}

/// The tools.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Make, look at and insert keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Write a chain's specification to a file.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Write a chain's specification to the standard output (superseded by export-chain-spec).
    BuildSpec(sc_cli::BuildSpecCmd),

    /// Execute a block again and check it.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Write the state at a block as a chain specification.
    ExportState(sc_cli::ExportStateCmd),

    /// Read blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Remove the whole chain, what the executor kept for it, and its large blobs.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Take back the latest blocks.
    Revert(sc_cli::RevertCmd),

    /// Show what the database holds.
    ChainInfo(sc_cli::ChainInfoCmd),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
