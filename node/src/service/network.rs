//! The network and its protocols.

use super::{Node, partial::GrandpaLink};
use crate::{
    blobs,
    client::{FullClient, FullPool},
};
use dpin_primitives::OpaqueBlock as Block;
use polkadot_sdk::{
    sc_client_api::BlockBackend,
    sc_consensus::DefaultImportQueue,
    sc_consensus_grandpa as grandpa,
    sc_network::{
        NetworkBackend, NotificationService, ProtocolName, config::FullNetworkConfiguration,
        service::traits::NetworkService,
    },
    sc_network_sync::SyncingService,
    sc_service::{BuildNetworkParams, Configuration, Error as ServiceError, TaskManager, WarpSyncConfig},
    sp_runtime::traits::Block as BlockT,
};
use std::sync::Arc;

/// The parameters of the network.
pub(super) type Params<'a, N> = BuildNetworkParams<'a, Block, N, FullPool, DefaultImportQueue<Block>, FullClient>;

/// The network, while it runs.
#[derive(Clone)]
pub(super) struct Network {
    /// Connections to other nodes.
    pub service: Arc<dyn NetworkService>,
    /// The syncing service, which knows the connected nodes.
    pub sync: Arc<SyncingService<Block>>,
}

/// The node's sides of the protocols.
pub(super) struct Protocols {
    /// Requests for blobs.
    pub blobs: blobs::Proto,
    /// Name of GRANDPA's protocol.
    pub grandpa: ProtocolName,
    /// GRANDPA's messages.
    pub grandpa_notifications: Box<dyn NotificationService>,
}

/// Prepares the network with GRANDPA's protocol, the protocol of blobs, and warp sync.
///
/// # Errors
///
/// When the chain has no genesis block.
pub(super) fn prepare<'a, N: NetworkBackend<Block, <Block as BlockT>::Hash>>(
    config: &'a Configuration,
    node: &Node,
    grandpa_link: &GrandpaLink,
    import_queue: DefaultImportQueue<Block>,
    task_manager: &TaskManager,
) -> Result<(Params<'a, N>, Protocols), ServiceError> {
    let genesis = node.client.block_hash(0)?.ok_or("the chain has no genesis block")?;
    let metrics = N::register_notification_metrics(config.prometheus_registry());
    let mut net_config =
        FullNetworkConfiguration::<_, _, N>::new(&config.network, config.prometheus_registry().cloned());
    let grandpa = grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (grandpa_peers, grandpa_notifications) =
        grandpa::grandpa_peers_set_config::<_, N>(grandpa.clone(), metrics.clone(), net_config.peer_store_handle());
    net_config.add_notification_protocol(grandpa_peers);
    let (blob_protocol, blobs) = blobs::new_proto::<N>(&genesis);
    net_config.add_request_response_protocol(blob_protocol);
    let warp_sync = Arc::new(grandpa::warp_proof::NetworkProvider::new(
        node.backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let params = BuildNetworkParams {
        config,
        net_config,
        client: node.client.clone(),
        transaction_pool: node.pool.clone(),
        spawn_handle: task_manager.spawn_handle(),
        spawn_essential_handle: task_manager.spawn_essential_handle(),
        import_queue,
        block_announce_validator_builder: None,
        warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
        block_relay: None,
        metrics,
        gap_sync_body_policy: None,
    };
    Ok((params, Protocols { blobs, grandpa, grandpa_notifications }))
}
