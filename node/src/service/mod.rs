//! Builds the node. [`new_partial`] makes the parts that every subcommand needs; [`new_full`] adds
//! the rest, step by step:
//!
//! 1. the watch over the disk
//! 2. [`network`]: protocols, peers, syncing
//! 3. [`compute`]: blobs, the worker with its executor, off-chain workers
//! 4. JSON-RPC, Prometheus, telemetry, informant
//! 5. [`authoring`], if the node is an authority
//! 6. [`finality`]

mod authoring;
mod compute;
mod finality;
mod network;
mod partial;
mod pool;

pub(crate) use partial::new_partial;

use crate::{
    blobs::BlobSetup,
    client::{FullBackend, FullClient, FullPool, FullSelectChain},
    disk,
    outbound::Reach,
    rpc,
    worker::WorkerSetup,
};
use compute::Compute;
use dpin_primitives::OpaqueBlock as Block;
use finality::Finality;
use network::{Network, Protocols};
use partial::Consensus;
use polkadot_sdk::{
    sc_client_api::Backend,
    sc_consensus_babe::BabeWorkerHandle,
    sc_consensus_grandpa as grandpa,
    sc_network::{self, NetworkBackend, config::NetworkBackendType},
    sc_service::{self, Configuration, Error as ServiceError, SpawnTasksParams, TaskManager, config::Role},
    sc_telemetry::{Telemetry, TelemetryHandle},
    sp_keystore::KeystorePtr,
    sp_runtime::traits::Block as BlockT,
    substrate_prometheus_endpoint::Registry,
};
use std::{path::Path, sync::Arc};

/// The settings of a node beyond those of a plain Substrate node.
pub(crate) struct Setup {
    /// Settings of the worker.
    pub worker: WorkerSetup,
    /// Settings of the store of large blobs.
    pub blobs: BlobSetup,
    /// The addresses that the node may send requests to.
    pub reach: Reach,
}

/// The parts of the node that its steps share.
struct Node {
    client: Arc<FullClient>,
    backend: Arc<FullBackend>,
    pool: Arc<FullPool>,
    select_chain: FullSelectChain,
    keystore: KeystorePtr,
    telemetry: Option<TelemetryHandle>,
}

/// The settings of authoring and finality, which start when the configuration is used up.
struct Settings {
    role: Role,
    force_authoring: bool,
    enable_grandpa: bool,
    name: String,
    prometheus: Option<Registry>,
}

impl Settings {
    fn of(config: &Configuration) -> Self {
        Self {
            role: config.role,
            force_authoring: config.force_authoring,
            enable_grandpa: !config.disable_grandpa,
            name: config.network.node_name.clone(),
            prometheus: config.prometheus_registry().cloned(),
        }
    }
}

/// Builds and starts a node, on the network library that the configuration selects.
///
/// # Errors
///
/// As [`new_partial`], and when a port cannot be opened or the executor cannot be started.
pub(crate) fn new_full(config: Configuration, setup: Setup) -> Result<TaskManager, ServiceError> {
    match config.network.network_backend {
        NetworkBackendType::Libp2p => {
            new_full_on::<sc_network::NetworkWorker<Block, <Block as BlockT>::Hash>>(config, setup)
        }
        NetworkBackendType::Litep2p => new_full_on::<sc_network::Litep2pNetworkBackend>(config, setup),
    }
}

fn new_full_on<N: NetworkBackend<Block, <Block as BlockT>::Hash>>(
    config: Configuration,
    setup: Setup,
) -> Result<TaskManager, ServiceError> {
    let partial = new_partial(&config)?;
    let (mut task_manager, import_queue) = (partial.task_manager, partial.import_queue);
    let (Consensus { authoring, babe_worker, grandpa_link: link }, mut telemetry) = partial.other;
    let node = Node {
        client: partial.client,
        backend: partial.backend,
        pool: partial.transaction_pool,
        select_chain: partial.select_chain,
        keystore: partial.keystore_container.keystore(),
        telemetry: telemetry.as_ref().map(Telemetry::handle),
    };
    watch_disk(&config, &task_manager)?;
    let (params, protocols) = network::prepare::<N>(&config, &node, &link, import_queue, &task_manager)?;
    let (service, system_rpc_tx, tx_handler_controller, sync, _bitswap) = sc_service::build_network(params)?;
    let network = Network { service, sync };
    let Protocols { blobs, grandpa: protocol, grandpa_notifications: notifications } = protocols;
    let compute = compute::start(&config, setup, &node, &network, blobs, &mut task_manager)?;

    let finality = Finality { link, protocol, notifications, voter_state: grandpa::SharedVoterState::empty() };
    let rpc_deps = rpc_deps(&node, compute, babe_worker, &finality)?;
    let settings = Settings::of(&config);
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: node.client.clone(),
        backend: node.backend.clone(),
        task_manager: &mut task_manager,
        keystore: node.keystore.clone(),
        transaction_pool: node.pool.clone(),
        rpc_builder: Box::new(move |subscriptions| {
            rpc::create(&rpc_deps, subscriptions).map_err(|error| ServiceError::Application(error.into()))
        }),
        network: network.service.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: network.sync.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;
    authoring::start(&node, &settings, &network, authoring, &task_manager)?;
    finality::start(&node, &settings, &network, finality, &task_manager)?;
    Ok(task_manager)
}

/// Refuses to start on a disk that is nearly full, and ends the node when the disk becomes so.
fn watch_disk(config: &Configuration, task_manager: &TaskManager) -> Result<(), ServiceError> {
    let Some(path) = config.database.path().map(Path::to_path_buf) else { return Ok(()) };
    if let Some(trouble) = disk::space(&path).ok().and_then(|space| disk::trouble(&path, space)) {
        return Err(ServiceError::Other(trouble));
    }
    task_manager.spawn_essential_handle().spawn("disk-watch", None, disk::watch(path));
    Ok(())
}

/// The parts that JSON-RPC answers from.
fn rpc_deps(
    node: &Node,
    compute: Compute,
    babe: BabeWorkerHandle<Block>,
    finality: &Finality,
) -> Result<rpc::Deps, ServiceError> {
    let authority_set = finality.link.shared_authority_set().clone();
    let finality_proofs =
        grandpa::FinalityProofProvider::new_for_service(node.backend.clone(), Some(authority_set.clone()));
    Ok(rpc::Deps {
        client: node.client.clone(),
        offchain: node.backend.offchain_storage().ok_or("the database has no offchain storage")?,
        blobs: compute.blobs,
        pool: node.pool.clone(),
        select_chain: node.select_chain.clone(),
        keystore: node.keystore.clone(),
        babe,
        voter_state: finality.voter_state.clone(),
        authority_set,
        justifications: finality.link.justification_stream(),
        finality_proofs,
        executor: compute.executor,
    })
}
