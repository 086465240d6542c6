//! The parts of the node that every subcommand needs: client, database, pool and import queue.

use super::pool;
use crate::client::{FullBackend, FullClient, FullPool, FullSelectChain, HostFunctions};
use dpin_primitives::OpaqueBlock as Block;
use dpin_runtime::RuntimeApi;
use polkadot_sdk::{
    sc_consensus::{DefaultImportQueue, LongestChain},
    sc_consensus_babe as babe, sc_consensus_grandpa as grandpa,
    sc_service::{self, Configuration, Error as ServiceError, PartialComponents, TaskManager},
    sc_telemetry::{self, Telemetry, TelemetryHandle, TelemetryWorker},
    sc_transaction_pool_api::OffchainTransactionPoolFactory,
    sp_consensus_babe::inherents::InherentDataProvider as SlotProvider,
    sp_inherents::CreateInherentDataProviders,
    sp_timestamp::InherentDataProvider as TimeProvider,
};
use std::sync::Arc;

/// Creates a block's inherents: its slot and the time.
pub(super) type Inherents =
    Arc<dyn CreateInherentDataProviders<Block, (), InherentDataProviders = (SlotProvider, TimeProvider)>>;
type GrandpaImport = grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type BabeImport = babe::BabeBlockImport<Block, FullClient, GrandpaImport, Inherents, FullSelectChain>;

/// Blocks after which a justification is made and kept even if nothing else asks for one.
pub(super) const JUSTIFICATION_PERIOD: u32 = 512;

/// The parts of consensus, beside the import queue.
pub(crate) struct Consensus {
    /// The parts with which blocks are authored.
    pub authoring: Authoring,
    /// The handle of BABE's worker, which answers questions about epochs.
    pub babe_worker: babe::BabeWorkerHandle<Block>,
    /// Link between GRANDPA's block import and its voter.
    pub grandpa_link: GrandpaLink,
}

/// Link between GRANDPA's block import and its voter.
pub(super) type GrandpaLink = grandpa::LinkHalf<Block, FullClient, FullSelectChain>;

/// The parts with which blocks are authored.
pub(crate) struct Authoring {
    /// BABE's block import on top of GRANDPA's.
    pub block_import: BabeImport,
    /// Link between BABE's block import and its author.
    pub babe_link: babe::BabeLink<Block>,
    /// Creates a block's inherents.
    pub inherents: Inherents,
}

/// The parts made by [`new_partial`]. Those that a plain Substrate node does not have are consensus
/// and telemetry, if it is on.
pub(super) type Partial = PartialComponents<
    FullClient,
    FullBackend,
    FullSelectChain,
    DefaultImportQueue<Block>,
    FullPool,
    (Consensus, Option<Telemetry>),
>;

/// Builds the client, its database, the pool and the import queue.
///
/// # Errors
///
/// When the database cannot be opened, the keystore cannot be read, or the chain specification has
/// no genesis.
pub(crate) fn new_partial(config: &Configuration) -> Result<Partial, ServiceError> {
    let telemetry = new_telemetry(config)?;
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
    let transaction_pool = pool::new(config, &client, &mut task_manager);
    let handle = telemetry.as_ref().map(Telemetry::handle);
    let (import_queue, consensus) =
        new_consensus(config, &client, &select_chain, &transaction_pool, &task_manager, handle)?;
    let other = (consensus, telemetry);
    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        keystore_container,
        select_chain,
        import_queue,
        transaction_pool,
        other,
    })
}

/// Creates telemetry, if the configuration has endpoints for it.
fn new_telemetry(config: &Configuration) -> Result<Option<(TelemetryWorker, Telemetry)>, sc_telemetry::Error> {
    let endpoints = config.telemetry_endpoints.clone().filter(|endpoints| !endpoints.is_empty());
    endpoints
        .map(|endpoints| {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()
}

/// Creates the import queue, in which GRANDPA and BABE check blocks.
fn new_consensus(
    config: &Configuration,
    client: &Arc<FullClient>,
    select_chain: &FullSelectChain,
    pool: &Arc<FullPool>,
    task_manager: &TaskManager,
    telemetry: Option<TelemetryHandle>,
) -> Result<(DefaultImportQueue<Block>, Consensus), ServiceError> {
    let (grandpa_import, grandpa_link) = grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &(client.clone() as Arc<_>),
        select_chain.clone(),
        telemetry.clone(),
    )?;
    let babe_config = babe::configuration(&**client)?;
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
        OffchainTransactionPoolFactory::new(pool.clone()),
    )?;
    let (import_queue, babe_worker) = babe::import_queue(babe::ImportQueueParams {
        link: babe_link.clone(),
        block_import: block_import.clone(),
        justification_import: Some(Box::new(grandpa_import)),
        client: client.clone(),
        slot_duration,
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        telemetry,
    })?;
    let authoring = Authoring { block_import, babe_link, inherents };
    Ok((import_queue, Consensus { authoring, babe_worker, grandpa_link }))
}
