//! The parts that a plain Substrate node does not have: blobs, the worker with its executor, and
//! the off-chain workers' access to both.

use super::{Node, Setup, network::Network};
use crate::{
    blobs::{self, LocalBlobs},
    dev,
    executor::ExecutorHandle,
    offchain::Extensions,
    outbound::{Outbound, Reach},
    ports, worker,
};
use futures::FutureExt;
use polkadot_sdk::{
    sc_client_api::Backend,
    sc_offchain::{OffchainWorkerOptions, OffchainWorkers},
    sc_service::{Configuration, Error as ServiceError, TaskManager},
    sc_transaction_pool_api::OffchainTransactionPoolFactory,
};
use std::sync::Arc;

/// The parts that JSON-RPC answers from.
pub(super) struct Compute {
    /// The blobs on this node.
    pub blobs: Arc<LocalBlobs>,
    /// This node's executor, if it has one.
    pub executor: ExecutorHandle,
}

/// Starts the store of blobs, the worker and the off-chain workers.
///
/// # Errors
///
/// When a port cannot be opened, or the worker cannot be started.
pub(super) fn start(
    config: &Configuration,
    setup: Setup,
    node: &Node,
    network: &Network,
    proto: blobs::Proto,
    task_manager: &mut TaskManager,
) -> Result<Compute, ServiceError> {
    let executor = ExecutorHandle::default();
    let deps = blobs::Deps {
        config,
        proto,
        client: &node.client,
        offchain: node.backend.offchain_storage().ok_or("the database has no offchain storage")?,
        network: network.service.clone(),
        sync: network.sync.clone(),
        executor: executor.clone(),
        task_manager,
    };
    let blobs = blobs::build(setup.blobs, deps)?;
    let outbound = Outbound::new(setup.reach)?;
    let dev_account = setup.worker.dev_account();
    let deps = worker::Deps {
        config,
        client: &node.client,
        backend: &node.backend,
        blobs: &blobs,
        keystore: &node.keystore,
        executor: executor.clone(),
        outbound: outbound.clone(),
        task_manager,
    };
    worker::start(setup.worker, deps)?;
    if let (Some(account), Some(url)) = (dev_account, ports::local_url(config)) {
        let offering = dev::offer_address(node.client.clone(), node.pool.clone(), account, url);
        task_manager.spawn_handle().spawn("dev-worker-address", None, offering.boxed());
    }
    if config.offchain_worker.enabled {
        start_offchain_workers(config, node, network, outbound, executor.clone(), task_manager)?;
    }
    Ok(Compute { blobs, executor })
}

/// Starts the off-chain workers of the runtime.
fn start_offchain_workers(
    config: &Configuration,
    node: &Node,
    network: &Network,
    outbound: Outbound,
    executor: ExecutorHandle,
    task_manager: &TaskManager,
) -> Result<(), ServiceError> {
    let extensions = Extensions {
        outbound,
        local: Outbound::new(Reach::Anywhere)?,
        executor,
        is_validator: config.role.is_authority(),
        runtime: config.tokio_handle.clone(),
    };
    let workers = OffchainWorkers::new(OffchainWorkerOptions {
        runtime_api_provider: node.client.clone(),
        keystore: Some(node.keystore.clone()),
        offchain_db: node.backend.offchain_storage(),
        transaction_pool: Some(OffchainTransactionPoolFactory::new(node.pool.clone())),
        network_provider: Arc::new(network.service.clone()),
        is_validator: config.role.is_authority(),
        enable_http_requests: true,
        // Replaces the SDK's HTTP extension, which connects to any address.
        custom_extensions: move |_| vec![Box::new(extensions.make()) as _],
    })?;
    let spawner = task_manager.spawn_handle();
    let running = workers.run(node.client.clone(), spawner.clone()).boxed();
    spawner.spawn("offchain-workers-runner", "offchain-worker", running);
    Ok(())
}
