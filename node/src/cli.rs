//! The command line of `dpin-node`.

use crate::{blobs::BlobParams, worker::WorkerParams};
use polkadot_sdk::sc_cli::{self, RunCmd};

/// The command line.
#[derive(Debug, clap::Parser)]
pub(crate) struct Cli {
    /// Subcommand to run instead of the node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// Options of the SDK: chain, network, JSON-RPC, database.
    #[command(flatten)]
    pub run: RunCmd,

    /// Also send requests to workers at loopback, private and other addresses that are not public.
    ///
    /// Workers choose these addresses. On a network of strangers a worker could make this node send
    /// requests to services of its own network. So use this on private networks only. Chains of
    /// type development and local imply it.
    #[arg(long)]
    pub allow_private_addresses: bool,

    /// Options of the worker.
    #[command(flatten)]
    pub worker: WorkerParams,

    /// Options of the store of large blobs.
    #[command(flatten)]
    pub blobs: BlobParams,
}

/// The subcommands.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Write a chain specification to a file.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Write a chain specification to the standard output (superseded by export-chain-spec).
    BuildSpec(sc_cli::BuildSpecCmd),

    /// Execute a block again and validate it.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Export blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Export the state at a block as a chain specification.
    ExportState(sc_cli::ExportStateCmd),

    /// Import blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Delete the whole chain, the data that the executor stored for it, and its large blobs.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Revert the latest blocks.
    Revert(sc_cli::RevertCmd),

    /// Show the contents of the database.
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
