//! Builds the node. [`new_partial`] makes the parts that every tool needs; [`new_full`] adds the
//! network, consensus and the worker.

use crate::{
    blobs::{self, BlobSetup},
    dev, disk,
    offchain::Extensions,
    outbound::{Outbound, Reach},
    ports, rpc,
    worker::{self, ExecutorHandle, WorkerSetup},
};
use dpin_primitives::OpaqueBlock as Block;
use dpin_rpc::BlobStore;
use dpin_runtime::RuntimeApi;
use futures::{future::BoxFuture, FutureExt};
use polkadot_sdk::{
    sc_basic_authorship::ProposerFactory,
    sc_client_api::{Backend, BlockBackend},
    sc_consensus::{DefaultImportQueue, LongestChain},
    sc_consensus_babe::{self as babe, SlotProportion},
    sc_consensus_grandpa as grandpa,
    sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging,
    sc_executor::WasmExecutor,
    sc_network::{self, config::NetworkBackendType, NetworkBackend},
    sc_offchain::{OffchainWorkerOptions, OffchainWorkers},
    sc_service::{
        self, BuildNetworkParams, Configuration, Error as ServiceError, PartialComponents, SpawnEssentialTaskHandle,
        SpawnTaskHandle, SpawnTasksParams, TaskManager, WarpSyncConfig,
    },
    sc_telemetry::{Telemetry, TelemetryWorker},
    sc_transaction_pool,
    sc_transaction_pool_api::OffchainTransactionPoolFactory,
    sp_consensus_babe::inherents::InherentDataProvider as SlotProvider,
    sp_core::traits::SpawnEssentialNamed,
    sp_inherents::CreateInherentDataProviders,
    sp_runtime::traits::Block as BlockT,
    sp_timestamp::InherentDataProvider as TimeProvider,
};
use std::{path::Path, sync::Arc, time::Duration};

/// The host functions that the runtime may call: only the SDK's own, because a host function must
/// be supported for ever.
type HostFunctions = polkadot_sdk::sp_io::SubstrateHostFunctions;

/// The client.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, WasmExecutor<HostFunctions>>;
/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// The database's offchain storage.
pub type OffchainDb = <FullBackend as Backend<Block>>::OffchainStorage;
/// The rule that selects the best chain.
pub type FullSelectChain = LongestChain<FullBackend, Block>;
/// The transaction pool.
pub type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;

/// Creates a block's inherents: its slot and the time.
type Inherents = Arc<dyn CreateInherentDataProviders<Block, (), InherentDataProviders = (SlotProvider, TimeProvider)>>;
type GrandpaImport = grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type BabeImport = babe::BabeBlockImport<Block, FullClient, GrandpaImport, Inherents, FullSelectChain>;

/// Blocks after which a justification is made and kept even if nothing else asks for one.
const JUSTIFICATION_PERIOD: u32 = 512;
/// Expected travel time of a GRANDPA message. A GRANDPA round takes at least twice as long.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// Parts made by [`new_partial`] that a plain Substrate node does not have.
pub struct Other {
    /// BABE's block import on top of GRANDPA's.
    block_import: BabeImport,
    /// Link between GRANDPA's block import and its voter.
    grandpa_link: grandpa::LinkHalf<Block, FullClient, FullSelectChain>,
    /// Link between BABE's block import and its author.
    babe_link: babe::BabeLink<Block>,
    /// The handle of BABE's worker, which answers questions about epochs.
    babe_worker: babe::BabeWorkerHandle<Block>,
    /// Creates a block's inherents.
    inherents: Inherents,
    /// Telemetry, if it is on.
    telemetry: Option<Telemetry>,
}

/// The parts made by [`new_partial`].
pub type Partial =
    PartialComponents<FullClient, FullBackend, FullSelectChain, DefaultImportQueue<Block>, FullPool, Other>;

/// Spawns the tasks of the transaction pool.
///
/// One of these tasks blocks its thread and cannot be stopped: it ends when the pool is dropped, on
/// every shutdown. The SDK would report that as the failure of an essential task. So the essential
/// task is another one, which only waits for the blocking task and can be stopped.
#[derive(Clone)]
struct PoolSpawner {
    tasks: SpawnTaskHandle,
    essential: SpawnEssentialTaskHandle,
}

impl SpawnEssentialNamed for PoolSpawner {
    fn spawn_essential_blocking(
        &self,
        name: &'static str,
        group: Option<&'static str>,
        future: BoxFuture<'static, ()>,
    ) {
        let (over, ended) = futures::channel::oneshot::channel::<()>();
        let blocking = async move {
            // Dropped when the blocking task ends, even by a panic.
            let _over = over;
            future.await;
        };
        self.tasks.spawn_blocking(name, group, blocking);
        self.essential.spawn(name, group, ended.map(drop));
    }

    fn spawn_essential(&self, name: &'static str, group: Option<&'static str>, future: BoxFuture<'static, ()>) {
        self.essential.spawn(name, group, future);
    }
}

/// Builds the client, its database, the pool and the import queue.
///
/// # Errors
///
/// When the database cannot be opened, the keystore cannot be read, or the chain specification has
/// no genesis.
pub fn new_partial(config: &Configuration) -> Result<Partial, ServiceError> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok::<_, polkadot_sdk::sc_telemetry::Error>((worker, telemetry))
        })
        .transpose()?;

    let executor = sc_service::new_wasm_executor::<HostFunctions>(&config.executor);
    let (client, backend, keystore_container, mut task_manager) = sc_service::new_full_parts::<Block, RuntimeApi, _>(
        config,
        telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
        executor,
        // A pruned node must still prove changes of the authority set to nodes that use warp sync.
        vec![Arc::new(grandpa::GrandpaPruningFilter)],
    )?;
    let client = Arc::new(client);

    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });

    let select_chain = LongestChain::new(backend.clone());

    let transaction_pool: Arc<FullPool> = Arc::from(
        sc_transaction_pool::Builder::new(
            PoolSpawner { tasks: task_manager.spawn_handle(), essential: task_manager.spawn_essential_handle() },
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );
    // The pool's tasks end when the last reference to the pool is dropped. They count as failed
    // unless the node's tasks have been stopped before that.
    task_manager.keep_alive(transaction_pool.clone());

    let (grandpa_import, grandpa_link) = grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &(client.clone() as Arc<_>),
        select_chain.clone(),
        telemetry.as_ref().map(|telemetry| telemetry.handle()),
    )?;

    let babe_config = babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let inherents: Inherents = Arc::new(move |_, ()| async move {
        let time = TimeProvider::from_system_time();
        let slot = SlotProvider::from_timestamp_and_slot_duration(*time, slot_duration);
        Ok((slot, time))
    });
    let (block_import, babe_link) = babe::block_import(
        babe_config,
        grandpa_import.clone(),
        client.clone(),
        inherents.clone(),
        select_chain.clone(),
        OffchainTransactionPoolFactory::new(transaction_pool.clone()),
    )?;
    let (import_queue, babe_worker) = babe::import_queue(babe::ImportQueueParams {
        link: babe_link.clone(),
        block_import: block_import.clone(),
        justification_import: Some(Box::new(grandpa_import)),
        client: client.clone(),
        slot_duration,
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
    })?;

    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        keystore_container,
        select_chain,
        import_queue,
        transaction_pool,
        other: Other { block_import, grandpa_link, babe_link, babe_worker, inherents, telemetry },
    })
}

/// The settings of a node beyond those of a plain Substrate node.
pub struct Setup {
    /// Settings of the worker.
    pub worker: WorkerSetup,
    /// Settings of the store of large blobs.
    pub blobs: BlobSetup,
    /// The addresses that the node may send requests to.
    pub reach: Reach,
}

/// Builds and starts a node, on the network library that the configuration selects.
///
/// # Errors
///
/// As [`new_partial`], and when a port cannot be opened or the executor cannot be started.
pub fn new_full(config: Configuration, setup: Setup) -> Result<TaskManager, ServiceError> {
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
    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: Other { block_import, grandpa_link, babe_link, babe_worker, inherents, mut telemetry },
    } = new_partial(&config)?;
    let keystore = keystore_container.keystore();
    let pool_factory = OffchainTransactionPoolFactory::new(transaction_pool.clone());

    // The disk.
    if let Some(path) = config.database.path().map(Path::to_path_buf) {
        if let Some(trouble) = disk::space(&path).ok().and_then(|space| disk::trouble(&path, space)) {
            return Err(ServiceError::Other(trouble));
        }
        task_manager.spawn_essential_handle().spawn("disk-watch", None, disk::watch(path));
    }

    // Network.
    let genesis = client.block_hash(0)?.ok_or("the chain has no genesis block")?;
    let metrics = N::register_notification_metrics(config.prometheus_registry());
    let mut net_config = sc_network::config::FullNetworkConfiguration::<_, _, N>::new(
        &config.network,
        config.prometheus_registry().cloned(),
    );
    let grandpa_protocol = grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (grandpa_peers, grandpa_notifications) = grandpa::grandpa_peers_set_config::<_, N>(
        grandpa_protocol.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(grandpa_peers);
    let (blob_protocol, blob_proto) = blobs::new_proto::<N>(&genesis);
    net_config.add_request_response_protocol(blob_protocol);
    let warp_sync = Arc::new(grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    // Blobs: small ones that the operator uploads, large ones on disk and from other nodes.
    let executor = ExecutorHandle::default();
    let offchain = backend.offchain_storage().ok_or("the database has no offchain storage")?;
    let blobs = Arc::new(BlobStore::new(offchain.clone()));
    let large_blobs = blobs::build(blobs::Deps {
        setup: &setup.blobs,
        config: &config,
        proto: blob_proto,
        client: &client,
        blobs: &blobs,
        network: network.clone(),
        sync: sync_service.clone(),
        executor: executor.clone(),
        task_manager: &mut task_manager,
    })?;

    // The worker: its executor, its key, and the blobs that its runs wait for.
    let outbound = Outbound::new(setup.reach)?;
    let dev_account = setup.worker.dev_account();
    worker::start(
        setup.worker,
        worker::Deps {
            config: &config,
            client: &client,
            backend: &backend,
            blobs: &blobs,
            large_blobs: &large_blobs,
            keystore: &keystore,
            executor: executor.clone(),
            outbound: outbound.clone(),
            task_manager: &mut task_manager,
        },
    )?;
    if let (Some(account), Some(url)) = (dev_account, ports::local_url(&config)) {
        let offering = dev::offer_address(client.clone(), transaction_pool.clone(), account, url);
        task_manager.spawn_handle().spawn("dev-worker-address", None, offering.boxed());
    }
    if config.offchain_worker.enabled {
        let extensions = Extensions {
            outbound,
            local: Outbound::new(Reach::Anywhere)?,
            executor: executor.clone(),
            is_validator: config.role.is_authority(),
            runtime: config.tokio_handle.clone(),
        };
        let workers = OffchainWorkers::new(OffchainWorkerOptions {
            runtime_api_provider: client.clone(),
            keystore: Some(keystore.clone()),
            offchain_db: backend.offchain_storage(),
            transaction_pool: Some(pool_factory.clone()),
            network_provider: Arc::new(network.clone()),
            is_validator: config.role.is_authority(),
            enable_http_requests: true,
            // Replaces the SDK's HTTP extension, which connects to any address.
            custom_extensions: move |_| vec![Box::new(extensions.make()) as _],
        })?;
        let spawner = task_manager.spawn_handle();
        task_manager.spawn_handle().spawn(
            "offchain-workers-runner",
            "offchain-worker",
            workers.run(client.clone(), spawner).boxed(),
        );
    }

    // RPC, Prometheus, telemetry, informant.
    let voter_state = grandpa::SharedVoterState::empty();
    let rpc_deps = rpc::Deps {
        client: client.clone(),
        offchain,
        blobs,
        large_blobs,
        pool: transaction_pool.clone(),
        select_chain: select_chain.clone(),
        keystore: keystore.clone(),
        babe: babe_worker,
        voter_state: voter_state.clone(),
        authority_set: grandpa_link.shared_authority_set().clone(),
        justifications: grandpa_link.justification_stream(),
        finality_proofs: grandpa::FinalityProofProvider::new_for_service(
            backend.clone(),
            Some(grandpa_link.shared_authority_set().clone()),
        ),
        executor,
    };
    let role = config.role;
    let force_authoring = config.force_authoring;
    let name = config.network.node_name.clone();
    let enable_grandpa = !config.disable_grandpa;
    let prometheus = config.prometheus_registry().cloned();
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore.clone(),
        transaction_pool: transaction_pool.clone(),
        rpc_builder: Box::new(move |subscriptions| {
            rpc::create(&rpc_deps, subscriptions).map_err(|error| ServiceError::Application(error.into()))
        }),
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    // Authoring.
    if role.is_authority() {
        let proposers = ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            transaction_pool,
            prometheus.as_ref(),
            telemetry.as_ref().map(|telemetry| telemetry.handle()),
        );
        let author = babe::start_babe(babe::BabeParams {
            keystore: keystore.clone(),
            client,
            select_chain,
            env: proposers,
            block_import,
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            create_inherent_data_providers: inherents,
            force_authoring,
            backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
            babe_link,
            block_proposal_slot_portion: SlotProportion::new(2.0 / 3.0),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("babe-proposer", Some("block-authoring"), author);
    }

    // Finality. A node that is no authority also runs the voter, without keys, to follow the
    // rounds.
    if enable_grandpa {
        let voter = grandpa::run_grandpa_voter(grandpa::GrandpaParams {
            config: grandpa::Config {
                gossip_duration: GOSSIP_DURATION,
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                keystore: role.is_authority().then_some(keystore),
                local_role: role,
                telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
                protocol_name: grandpa_protocol,
            },
            link: grandpa_link,
            network,
            sync: Arc::new(sync_service),
            notification_service: grandpa_notifications,
            voting_rule: grandpa::VotingRulesBuilder::default().build(),
            prometheus_registry: prometheus,
            shared_voter_state: voter_state,
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
            offchain_tx_pool_factory: pool_factory,
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
    }

    Ok(task_manager)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{mpsc, Mutex};

    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

    /// Stores every log message.
    struct Seen;

    impl log::Log for Seen {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            SEEN.lock().unwrap().push(record.args().to_string());
        }
        fn flush(&self) {}
    }

    fn handles(tasks: &TaskManager) -> PoolSpawner {
        PoolSpawner { tasks: tasks.spawn_handle(), essential: tasks.spawn_essential_handle() }
    }

    /// Spawns a task that blocks until the sender is dropped, as the pool's does. Then ends the
    /// node in the order in which its parts end.
    async fn end_with(spawner: impl SpawnEssentialNamed, tasks: TaskManager, name: &'static str) {
        let (pool, ended) = mpsc::channel::<()>();
        let (over, mut done) = tokio::sync::mpsc::channel::<()>(1);
        let blocking = async move {
            let _over = over;
            let _ = ended.recv();
        };
        spawner.spawn_essential_blocking(name, None, blocking.boxed());
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop((spawner, tasks));
        drop(pool);
        assert!(done.recv().await.is_none());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_node_that_is_stopped_reports_no_failed_task_of_its_pool() {
        let _ = log::set_boxed_logger(Box::new(Seen));
        log::set_max_level(log::LevelFilter::Error);
        let manager = || TaskManager::new(tokio::runtime::Handle::current(), None).unwrap();
        let reports = |name: &str| SEEN.lock().unwrap().iter().any(|line| line.contains(name));
        let tasks = manager();
        end_with(tasks.spawn_essential_handle(), tasks, "of-the-sdk").await;
        let tasks = manager();
        end_with(handles(&tasks), tasks, "of-the-node").await;
        assert!(reports("of-the-sdk"), "the SDK has changed: is the spawner still needed?");
        assert!(!reports("of-the-node"), "{:?}", SEEN.lock().unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pool_that_fails_ends_the_node_all_the_same() {
        let mut tasks = TaskManager::new(tokio::runtime::Handle::current(), None).unwrap();
        handles(&tasks).spawn_essential_blocking("fails", None, async {}.boxed());
        let ended = tokio::time::timeout(Duration::from_secs(10), tasks.future()).await;
        assert!(ended.expect("the node ends").is_err());
    }
}
