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
//! blobs are kept and for how long, [`fetch`] receives them, and [`serve`] sends them. [`find`]
//! knows small blobs too, which are in the chain's blocks or were uploaded by the operator.

mod bitmap;
mod bucket;
mod depot;
mod fetch;
mod find;
mod http;
mod ledger;
mod listen;
mod network;
mod params;
mod serve;
mod small;
mod wire;

pub(crate) use find::{BlobBytes, LocalBlobs};
pub(crate) use params::{BlobParams, BlobSetup};

use crate::{
    client::{FullClient, OffchainDb},
    disk,
    executor::ExecutorHandle,
};
use bucket::Pace;
use depot::{Depot, Worth};
use dpin_loopback::Token;
use dpin_primitives::OpaqueBlock as Block;
use fetch::{Fetcher, Network};
use futures::FutureExt;
use ledger::{Ledger, NodeLedger};
use network::ChainNetwork;
use polkadot_sdk::{
    sc_network::{NetworkBackend, ProtocolName, config::IncomingRequest, service::traits::NetworkService},
    sc_network_sync::SyncingService,
    sc_service::{Configuration, Error as ServiceError, TaskManager},
    sp_runtime::traits::Block as BlockT,
};
use small::SmallBlobs;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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

/// Locks a mutex. A thread that panicked while it held the lock has left valid data.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the directory of this chain's blobs.
pub(crate) fn dir(config: &Configuration) -> PathBuf {
    config.data_path.join("blobs")
}

/// The protocol, as made by [`new_proto`] for [`build`].
pub(crate) struct Proto {
    name: ProtocolName,
    inbox: async_channel::Receiver<IncomingRequest>,
}

/// Creates the protocol by which nodes request blobs from each other.
pub(crate) fn new_proto<N: NetworkBackend<Block, <Block as BlockT>::Hash>>(
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
pub(crate) struct Deps<'a> {
    /// The node's configuration.
    pub config: &'a Configuration,
    /// The protocol made by [`new_proto`].
    pub proto: Proto,
    /// The client.
    pub client: &'a Arc<FullClient>,
    /// The database's offchain storage, in which the operator's uploads are kept.
    pub offchain: OffchainDb,
    /// The network.
    pub network: Arc<dyn NetworkService>,
    /// The syncing service, which knows the connected nodes.
    pub sync: Arc<SyncingService<Block>>,
    /// This node's executor, whose outputs are served.
    pub executor: ExecutorHandle,
    /// Ends every task of this module with the node.
    pub task_manager: &'a mut TaskManager,
}

/// Opens the depot and starts all tasks.
///
/// # Errors
///
/// When the depot or the address of `--blob-listen` cannot be opened.
pub(crate) fn build(setup: BlobSetup, deps: Deps<'_>) -> Result<Arc<LocalBlobs>, ServiceError> {
    let Deps { config, proto, client, offchain, network, sync, executor, task_manager } = deps;
    let dir = dir(config);
    let ledger: Arc<dyn Ledger> = Arc::new(NodeLedger::new(client));
    let depot = open_depot(&dir.join("depot"), setup.quota, ledger.clone())?;
    let network = ChainNetwork::new(network, sync, proto.name);
    let fetcher = Fetcher::new(depot.clone(), network.clone(), config.tokio_handle.clone());
    let small = SmallBlobs::new(offchain);
    let blobs = Arc::new(LocalBlobs { ledger, small, depot: depot.clone(), fetcher });

    let spawner = task_manager.spawn_handle();
    let serving = serve::serve(depot.clone(), proto.inbox, setup.bytes_per_second);
    spawner.spawn("blob-server", Some("blobs"), serving.boxed());
    spawner.spawn("blob-dht", Some("blobs"), network.clone().listen().boxed());
    spawner.spawn("blob-keeper", Some("blobs"), keep(depot, network.clone(), setup.grace).boxed());
    let app = |token| http::App {
        blobs: blobs.clone(),
        executor,
        token: Token::new(token),
        pace: Arc::new(Pace::new(setup.http_bytes_per_second)),
        uploaded: Box::new(move |id| network.provide(id)),
    };
    if let Some(serving) = listen::serve(setup.listen, &dir, app)? {
        spawner.spawn("blob-http", Some("blobs"), serving);
    }
    Ok(blobs)
}

/// Opens the depot. It keeps the blobs that the chain needs.
fn open_depot(folder: &Path, quota: u64, ledger: Arc<dyn Ledger>) -> Result<Arc<Depot>, ServiceError> {
    let judge = move |id| match ledger.entry(id) {
        Ok(None) => Worth::Unknown,
        Ok(Some(entry)) if entry.pins == 0 => Worth::Announced,
        // A blob is not removed while the chain cannot be asked about it.
        Ok(Some(_)) | Err(_) => Worth::Needed,
    };
    let depot = Depot::open(folder, quota, Box::new(judge))?;
    Ok(Arc::new(depot.on_disk(disk::gauge(folder.into()))))
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
