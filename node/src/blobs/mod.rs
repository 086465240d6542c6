//! Large blobs: stored in a depot on disk, fetched from other nodes, served to them and to users.
//!
//! ```text
//!   users --PUT, GET--> http --+--> depot <--+-- fetch <---- feeder (for the executor's runs)
//!                              |      |      |     |
//!                              +------|------+     | chunks, each checked
//!                                     v            v
//!                                   serve <------ other nodes, provider records in the DHT
//! ```
//!
//! Of a large blob the chain knows the id, the size and the jobs that need it. The bytes are here.
//! Nobody has to trust the sender of the bytes, because the id fixes them. [`depot`] decides which
//! blobs are kept and for how long, [`fetch`] receives them, and [`serve`] sends them.

mod bitmap;
mod bucket;
mod depot;
mod fetch;
mod http;
mod network;
mod serve;
mod wire;

use crate::{
    disk,
    ports::{Leave, Wanted},
    service::{FullClient, OffchainDb},
    worker::ExecutorHandle,
};
use bucket::Pace;
use depot::{Depot, Worth};
use dpin_loopback::Token;
use dpin_primitives::{
    api::{BlobInfo, ComputeApi},
    job::MAX_JOB_INPUT_BYTES,
    BlobHash, OpaqueBlock as Block,
};
use dpin_rpc::BlobStore;
use fetch::{Fetcher, Network};
use futures::FutureExt;
use network::ChainNetwork;
use polkadot_sdk::{
    sc_cli::RunCmd,
    sc_client_api::{BlockBackend, HeaderBackend},
    sc_network::{config::IncomingRequest, service::traits::NetworkService, NetworkBackend, ProtocolName},
    sc_network_sync::SyncingService,
    sc_service::{Configuration, Error as ServiceError, TaskManager},
    sp_api::ProvideRuntimeApi,
    sp_runtime::traits::Block as BlockT,
};
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::Duration,
};

/// Log target of this module.
const LOG: &str = "blobs";

/// Interval between two searches for blobs that nobody needs.
const SWEEP: Duration = Duration::from_secs(60);
/// Time for the network to connect, before this node's blobs are announced in the DHT.
const CONNECTED: Duration = Duration::from_secs(20);
/// Timeout of a request in the network. A requesting node gives up earlier than that.
const REQUEST: Duration = Duration::from_secs(40);
/// Default address of `--blob-listen` with `--dev`.
const DEV_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9955);

/// Bytes of a megabit.
const BYTES_PER_MEGABIT: u64 = 125_000;

/// Options of the store of large blobs.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Blobs")]
pub struct BlobParams {
    /// Disk quota for large blobs, in GB. When it is full, blobs that the chain does not know are
    /// removed first, then fetched blobs that no job needs.
    #[arg(long, value_name = "GB", default_value_t = 32)]
    pub blob_store_gb: u64,

    /// Limit of the upload rate to other nodes, in Mbit/s.
    #[arg(long, value_name = "MBPS", default_value_t = 10_000)]
    pub blob_upload_mbps: u64,

    /// Limit of the download rate over HTTP for users of this machine, all downloads together, in
    /// Mbit/s.
    #[arg(long, value_name = "MBPS", default_value_t = 100_000)]
    pub blob_download_mbps: u64,

    /// Minutes for which a blob is kept that the chain does not know (yet, or any more).
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    pub blob_grace_minutes: u64,

    /// Loopback address at which users of this machine upload and download large blobs over HTTP.
    ///
    /// The token for uploads is in the file `blobs/token` of the node's data. `--dev` implies
    /// 127.0.0.1:9955.
    #[arg(long, value_name = "ADDRESS")]
    pub blob_listen: Option<SocketAddr>,
}

/// Whether and where users are served over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listen {
    No,
    /// Listen at this address, or fail.
    At(SocketAddr),
    /// Listen at this address if it is free: several development nodes may run on one machine.
    IfFree(SocketAddr),
}

/// The resolved flags.
#[derive(Debug, Clone)]
pub struct BlobSetup {
    quota: u64,
    bytes_per_second: u64,
    http_bytes_per_second: u64,
    grace: Duration,
    listen: Listen,
}

impl BlobSetup {
    /// Resolves the flags.
    pub fn new(params: &BlobParams, run: &RunCmd) -> Self {
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
}

impl BlobSetup {
    /// Returns a warning for a working node whose quota is smaller than the inputs of a job may be.
    pub fn doubt(&self) -> Option<String> {
        (self.quota < MAX_JOB_INPUT_BYTES).then(|| {
            format!(
                "--blob-store-gb: {} MB are less than the {} MB that the inputs of one job may have. A task whose inputs find \
                 no room together is reported as failed in time, which counts for the worker's reputation: raise the quota",
                self.quota / 1_000_000,
                MAX_JOB_INPUT_BYTES / 1_000_000
            )
        })
    }

    /// Returns the address at which users are served, if there is one.
    pub fn listens(&self) -> Option<Wanted> {
        let (address, leave) = match self.listen {
            Listen::No => return None,
            Listen::At(address) => (address, Leave::Never),
            Listen::IfFree(address) => (address, Leave::IfTaken),
        };
        Some(Wanted { option: "--blob-listen", address, leave })
    }
}

/// Returns the directory of this chain's blobs.
pub fn dir(config: &Configuration) -> PathBuf {
    config.data_path.join("blobs")
}

/// The chain's knowledge of blobs, and the blobs stored in its blocks.
pub trait Ledger: Send + Sync + 'static {
    /// Returns the chain's entry of a blob at the best block.
    fn info(&self, id: BlobHash) -> Option<BlobInfo>;
    /// Returns the bytes of a blob that is stored in a block, or was uploaded by the operator.
    fn bytes(&self, id: BlobHash) -> Option<Vec<u8>>;
}

/// The ledger of the node's own chain. The references are weak, so they keep nothing of the node
/// alive.
struct NodeLedger {
    client: Weak<FullClient>,
    blobs: Weak<BlobStore<OffchainDb>>,
}

impl NodeLedger {
    /// Returns the chain's entry of a blob, or an error if the runtime cannot be called.
    fn ask(&self, id: BlobHash) -> Result<Option<BlobInfo>, String> {
        let client = self.client.upgrade().ok_or("the node is ending")?;
        let best = client.info().best_hash;
        client.runtime_api().blob(best, id).map_err(|error| error.to_string())
    }
}

impl Ledger for NodeLedger {
    fn info(&self, id: BlobHash) -> Option<BlobInfo> {
        self.ask(id).unwrap_or_else(|error| {
            log::warn!(target: LOG, "The runtime does not tell of blob {id:?}: {error}");
            None
        })
    }

    fn bytes(&self, id: BlobHash) -> Option<Vec<u8>> {
        let indexed = self.client.upgrade()?.indexed_transaction(id).ok().flatten();
        indexed.or_else(|| self.blobs.upgrade()?.get(id))
    }
}

/// The protocol, as made by [`new_proto`] for [`build`].
pub struct Proto {
    name: ProtocolName,
    inbox: async_channel::Receiver<IncomingRequest>,
}

/// Creates the protocol by which nodes request blobs from each other.
pub fn new_proto<N: NetworkBackend<Block, <Block as BlockT>::Hash>>(
    genesis: &<Block as BlockT>::Hash,
) -> (N::RequestResponseProtocolConfig, Proto) {
    let name = ProtocolName::from(format!("/{}/dpin/blobs/1", hex::encode(genesis)));
    let (sender, inbox) = async_channel::bounded(serve::INBOX);
    let config = N::request_response_config(
        name.clone(),
        Vec::new(),
        wire::MAX_REQUEST_BYTES,
        wire::MAX_ANSWER_BYTES,
        REQUEST,
        Some(sender),
    );
    (config, Proto { name, inbox })
}

/// The parts of the node that [`build`] needs.
pub struct Deps<'a> {
    /// The resolved flags.
    pub setup: &'a BlobSetup,
    /// The node's configuration.
    pub config: &'a Configuration,
    /// The protocol made by [`new_proto`].
    pub proto: Proto,
    /// The client.
    pub client: &'a Arc<FullClient>,
    /// The small blobs that the node's operator has uploaded.
    pub blobs: &'a Arc<BlobStore<OffchainDb>>,
    /// The network.
    pub network: Arc<dyn NetworkService>,
    /// The syncing service, which knows the connected nodes.
    pub sync: Arc<SyncingService<Block>>,
    /// This node's executor, whose outputs are served.
    pub executor: ExecutorHandle,
    /// Ends every task of this module with the node.
    pub task_manager: &'a mut TaskManager,
}

/// The node's interface to large blobs.
pub struct LargeBlobs {
    depot: Arc<Depot>,
    fetcher: Arc<Fetcher>,
    ledger: Arc<dyn Ledger>,
}

impl LargeBlobs {
    /// Opens a whole blob. Returns the file, to read from its beginning, and the length in bytes.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn read(&self, id: &BlobHash) -> io::Result<Option<(fs::File, u64)>> {
        self.depot.read(id)
    }

    /// Fetches a blob that the chain has announced, or keeps its fetch going. Returns whether the
    /// fetch is under way.
    ///
    /// A fetch goes on only while this is called from time to time.
    pub fn want(&self, id: BlobHash) -> bool {
        if self.fetcher.goes_on(&id) {
            return true;
        }
        match self.ledger.info(id).filter(|info| info.announced) {
            Some(_) if self.fetcher.rests(&id) => false,
            Some(info) => {
                drop(self.fetcher.fetch(id, Some(info.size)));
                true
            }
            None => false,
        }
    }
}

impl dpin_rpc::Depot for LargeBlobs {
    fn present(&self, id: BlobHash) -> Option<u64> {
        self.depot.status(&id).map(|status| status.present)
    }
}

/// Opens the depot and starts all tasks.
///
/// # Errors
///
/// When the depot or the address of `--blob-listen` cannot be opened.
pub fn build(deps: Deps<'_>) -> Result<Arc<LargeBlobs>, ServiceError> {
    let Deps { setup, config, proto, client, blobs, network, sync, executor, task_manager } = deps;
    let dir = dir(config);
    let node_ledger = Arc::new(NodeLedger { client: Arc::downgrade(client), blobs: Arc::downgrade(blobs) });
    let judge = {
        let ledger = node_ledger.clone();
        move |id| match ledger.ask(id) {
            Ok(None) => Worth::Unknown,
            Ok(Some(info)) if info.pins == 0 => Worth::Announced,
            // A blob is not removed while the chain cannot be asked about it.
            Ok(Some(_)) | Err(_) => Worth::Needed,
        }
    };
    let folder = dir.join("depot");
    let depot = Arc::new(Depot::open(&folder, setup.quota, Box::new(judge))?.on_disk(disk::gauge(folder)));
    let chain_network = ChainNetwork::new(network, sync, proto.name);
    let fetcher = Fetcher::new(depot.clone(), chain_network.clone(), config.tokio_handle.clone());
    let ledger: Arc<dyn Ledger> = node_ledger;

    let spawner = task_manager.spawn_handle();
    let serving = serve::serve(depot.clone(), proto.inbox, setup.bytes_per_second);
    spawner.spawn("blob-server", Some("blobs"), serving.boxed());
    spawner.spawn("blob-dht", Some("blobs"), chain_network.clone().listen().boxed());
    spawner.spawn("blob-keeper", Some("blobs"), keep(depot.clone(), chain_network.clone(), setup.grace).boxed());

    if let Listen::At(address) | Listen::IfFree(address) = setup.listen {
        match listen(address, &dir) {
            Ok((listener, token)) => {
                let app = http::App {
                    depot: depot.clone(),
                    fetcher: fetcher.clone(),
                    ledger: ledger.clone(),
                    executor,
                    token: Token::new(token),
                    pace: Arc::new(Pace::new(setup.http_bytes_per_second)),
                    uploaded: Box::new(move |id| chain_network.provide(id)),
                };
                let serving = async move {
                    match tokio::net::TcpListener::from_std(listener) {
                        Ok(listener) => http::serve(listener, app).await,
                        Err(error) => log::error!(target: LOG, "Blobs are not served over HTTP: {error}"),
                    }
                };
                spawner.spawn("blob-http", Some("blobs"), serving.boxed());
            }
            Err(error) if setup.listen == Listen::IfFree(address) => {
                log::warn!(target: LOG, "Blobs are not served over HTTP at {address}: {error}");
            }
            Err(error) => return Err(format!("--blob-listen {address}: {error}").into()),
        }
    }
    Ok(Arc::new(LargeBlobs { depot, fetcher, ledger }))
}

/// Maintains the depot as long as the node runs.
async fn keep(depot: Arc<Depot>, network: Arc<ChainNetwork>, grace: Duration) {
    let checked = depot.clone();
    // This hashes every unfinished blob, so it runs off the node's async threads.
    let _ = tokio::task::spawn_blocking(move || checked.check_all()).await;
    tokio::time::sleep(CONNECTED).await;
    depot.whole().into_iter().for_each(|id| network.provide(id));
    loop {
        tokio::time::sleep(SWEEP).await;
        let sweeping = depot.clone();
        let removed = tokio::task::spawn_blocking(move || sweeping.sweep(grace)).await.unwrap_or_default();
        for id in removed {
            log::debug!(target: LOG, "Removed blob {id:?}, which the chain does not know");
            network.withdraw(id);
        }
    }
}

/// Listens at `address`, and writes the token and the address to files for users of the machine.
fn listen(address: SocketAddr, dir: &Path) -> io::Result<(std::net::TcpListener, String)> {
    if !address.ip().is_loopback() {
        let text = "it is not a loopback address: what is beyond the machine needs TLS, put a reverse proxy in front";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let token = crate::worker::token_in(&dir.join("token"))?;
    fs::write(dir.join("address"), address.to_string())?;
    log::info!(target: LOG, "📦 Blobs are served at http://{address}/blob/<id>");
    Ok((listener, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_listened_at() {
        let dir = tempfile::tempdir().unwrap();
        let error = listen("0.0.0.0:0".parse().unwrap(), dir.path()).unwrap_err();
        assert!(error.to_string().contains("loopback"), "{error}");
        let (listener, token) = listen("127.0.0.1:0".parse().unwrap(), dir.path()).unwrap();
        let written = fs::read_to_string(dir.path().join("address")).unwrap();
        assert_eq!(written, listener.local_addr().unwrap().to_string());
        assert_eq!(fs::read_to_string(dir.path().join("token")).unwrap(), token);
    }

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

    #[test]
    fn the_token_stays_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let token = || listen("127.0.0.1:0".parse().unwrap(), dir.path()).unwrap().1;
        assert_eq!(token(), token());
    }
}
