//! The options of the store of blobs on the command line, and the set-up that follows from them.

use crate::ports::{Leave, Wanted};
use dpin_primitives::job::MAX_JOB_INPUT_BYTES;
use polkadot_sdk::sc_cli::RunCmd;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

/// Default address of `--blob-listen` with `--dev`.
const DEV_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9955);

/// Bytes of a megabit.
const BYTES_PER_MEGABIT: u64 = 125_000;

/// Options of the store of large blobs.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Blobs")]
pub(crate) struct BlobParams {
    /// Maximum disk space for large blobs, in GB. When it is used up, the node removes blobs that
    /// the chain does not know, then fetched blobs that no job needs.
    #[arg(long, value_name = "GB", default_value_t = 32)]
    pub blob_store_gb: u64,

    /// Maximum upload rate to other nodes, in Mbit/s.
    #[arg(long, value_name = "MBPS", default_value_t = 10_000)]
    pub blob_upload_mbps: u64,

    /// Maximum rate of all downloads over `--blob-listen` together, in Mbit/s.
    #[arg(long, value_name = "MBPS", default_value_t = 100_000)]
    pub blob_download_mbps: u64,

    /// Time to keep a blob that the chain does not know (yet, or any more), in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    pub blob_grace_minutes: u64,

    /// Loopback address of the HTTP API with which users of this machine upload and download large
    /// blobs. Default: none; 127.0.0.1:9955 with `--dev`.
    ///
    /// Uploads need the token in the file `blobs/token` of the node's data.
    #[arg(long, value_name = "ADDRESS")]
    pub blob_listen: Option<SocketAddr>,
}

/// Whether and where users are served over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listen {
    No,
    /// Listen at this address, or fail.
    At(SocketAddr),
    /// Listen at this address if it is free: several development nodes may run on one machine.
    IfFree(SocketAddr),
}

/// The resolved flags.
#[derive(Debug, Clone)]
pub(crate) struct BlobSetup {
    /// Disk quota of the depot, in bytes.
    pub(super) quota: u64,
    /// Rate of the bytes sent to other nodes.
    pub(super) bytes_per_second: u64,
    /// Rate of the bytes sent to users over HTTP.
    pub(super) http_bytes_per_second: u64,
    /// Time for which a blob is kept that the chain does not know.
    pub(super) grace: Duration,
    /// Whether and where users are served over HTTP.
    pub(super) listen: Listen,
}

impl BlobSetup {
    /// Resolves the flags.
    pub(crate) fn new(params: &BlobParams, run: &RunCmd) -> Self {
        let listen = match params.blob_listen {
            Some(address) => Listen::At(address),
            None if run.shared_params.dev => Listen::IfFree(DEV_LISTEN),
            None => Listen::No,
        };
        Self {
            quota: params.blob_store_gb.saturating_mul(1_000_000_000),
            bytes_per_second: params.blob_upload_mbps.saturating_mul(BYTES_PER_MEGABIT),
            http_bytes_per_second: params.blob_download_mbps.saturating_mul(BYTES_PER_MEGABIT),
            grace: Duration::from_secs(params.blob_grace_minutes.saturating_mul(60)),
            listen,
        }
    }

    /// Returns a warning for a working node whose quota is smaller than the inputs of a job may be.
    pub(crate) fn doubt(&self) -> Option<String> {
        (self.quota < MAX_JOB_INPUT_BYTES).then(|| {
            format!(
                "--blob-store-gb: {} MB are less than the {} MB that the inputs of one job may have. A task whose \
                 inputs do not fit together is reported as failed, which lowers the worker's reputation. Raise the quota",
                self.quota / 1_000_000,
                MAX_JOB_INPUT_BYTES / 1_000_000
            )
        })
    }

    /// Returns the address at which users are served, if there is one.
    pub(crate) fn listens(&self) -> Option<Wanted> {
        let (address, leave) = match self.listen {
            Listen::No => return None,
            Listen::At(address) => (address, Leave::Never),
            Listen::IfFree(address) => (address, Leave::IfTaken),
        };
        Some(Wanted { option: "--blob-listen", address, leave })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dev_listens_if_it_can_and_other_nodes_when_asked_to() {
        use crate::cli::Cli;
        use clap::Parser;
        let listen = |args: &[&str]| {
            let cli = Cli::parse_from(["dpin-node"].iter().chain(args));
            BlobSetup::new(&cli.blobs, &cli.run).listen
        };
        let address = "127.0.0.1:7".parse().unwrap();
        assert_eq!(listen(&["--alice"]), Listen::No);
        assert_eq!(listen(&["--dev"]), Listen::IfFree(DEV_LISTEN));
        assert_eq!(listen(&["--dev", "--blob-listen", "127.0.0.1:7"]), Listen::At(address));
        assert_eq!(listen(&["--blob-listen", "127.0.0.1:7"]), Listen::At(address));
    }

    #[test]
    fn a_quota_that_is_too_small_for_a_worker_is_told() {
        use crate::cli::Cli;
        use clap::Parser;
        let doubt = |gb: &str| {
            let cli = Cli::parse_from(["dpin-node", "--blob-store-gb", gb]);
            BlobSetup::new(&cli.blobs, &cli.run).doubt()
        };
        assert!(doubt("8").is_some_and(|text| text.contains("8000 MB are less than the 8589 MB")));
        assert_eq!(doubt("9"), None);
    }
}
