//! The JSON-RPC methods that this node adds to the SDK's own.

use crate::{
    blobs::LocalBlobs,
    client::{FullBackend, FullClient, FullPool, FullSelectChain, OffchainDb},
    executor::ExecutorHandle,
    worker::Keystore,
};
use dpin_primitives::OpaqueBlock as Block;
use dpin_rpc::{BlobApiServer, ComputeApiServer, EconomyApiServer, RpcApiServer};
use jsonrpsee::RpcModule;
use polkadot_sdk::{
    pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer},
    sc_consensus_babe::BabeWorkerHandle,
    sc_consensus_babe_rpc::{Babe, BabeApiServer},
    sc_consensus_grandpa::{self as grandpa, FinalityProofProvider},
    sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer},
    sc_rpc::SubscriptionTaskExecutor,
    sp_keystore::KeystorePtr,
    sp_runtime::traits::Block as BlockT,
    substrate_frame_rpc_system::{System, SystemApiServer},
};
use std::sync::Arc;

/// The parts of the node that the RPC modules need.
pub(crate) struct Deps {
    /// The client.
    pub client: Arc<FullClient>,
    /// The offchain storage, in which the offchain index lies.
    pub offchain: OffchainDb,
    /// The blobs on this node.
    pub blobs: Arc<LocalBlobs>,
    /// The transaction pool.
    pub pool: Arc<FullPool>,
    /// The rule that selects the best chain.
    pub select_chain: FullSelectChain,
    /// The node's keystore.
    pub keystore: KeystorePtr,
    /// The handle of BABE's worker, which answers questions about epochs.
    pub babe: BabeWorkerHandle<Block>,
    /// The state of GRANDPA's voter, if it runs.
    pub voter_state: grandpa::SharedVoterState,
    /// GRANDPA's authorities.
    pub authority_set: grandpa::SharedAuthoritySet<<Block as BlockT>::Hash, dpin_primitives::BlockNumber>,
    /// The stream of new justifications.
    pub justifications: grandpa::GrandpaJustificationStream<Block>,
    /// The provider of finality proofs.
    pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
    /// This node's executor, if it has one.
    pub executor: ExecutorHandle,
}

/// Merges the RPC modules into one.
///
/// # Errors
///
/// When two modules have a method of the same name.
pub(crate) fn create(
    deps: &Deps,
    subscriptions: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, jsonrpsee::core::RegisterMethodError> {
    let mut module = RpcModule::new(());
    module.merge(System::new(deps.client.clone(), deps.pool.clone()).into_rpc())?;
    module.merge(TransactionPayment::new(deps.client.clone()).into_rpc())?;
    module.merge(
        Babe::new(deps.client.clone(), deps.babe.clone(), deps.keystore.clone(), deps.select_chain.clone()).into_rpc(),
    )?;
    module.merge(
        Grandpa::new(
            subscriptions.clone(),
            deps.authority_set.clone(),
            deps.voter_state.clone(),
            deps.justifications.clone(),
            deps.finality_proofs.clone(),
        )
        .into_rpc(),
    )?;
    let client = || deps.client.clone();
    let subscriptions = dpin_rpc::Subscriptions::new(subscriptions);
    let executor = Arc::new(deps.executor.clone());
    let keys = Arc::new(Keystore(deps.keystore.clone()));
    let budget = Arc::new(dpin_rpc::Budget::default());
    let compute =
        dpin_rpc::Compute::new(client(), deps.offchain.clone(), executor, keys, subscriptions, budget.clone());
    module.merge(compute.into_rpc())?;
    module.merge(dpin_rpc::Blobs::new(client(), deps.blobs.clone(), budget).into_rpc())?;
    module.merge(dpin_rpc::Economy::new(client()).into_rpc())?;
    module.merge(dpin_rpc::Discover::new().into_rpc())?;
    Ok(module)
}
