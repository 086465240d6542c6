//! The JSON-RPC this node adds to the SDK's own.

use crate::{
    blobs::LargeBlobs,
    service::{FullBackend, FullClient, FullPool, FullSelectChain, OffchainDb},
    worker::{ExecutorHandle, Keystore},
};
use dpin_primitives::OpaqueBlock as Block;
use dpin_rpc::{BlobApiServer, BlobStore, ComputeApiServer, EconomyApiServer, RpcApiServer};
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

/// What the RPC modules need of the node.
pub struct Deps {
    /// The client.
    pub client: Arc<FullClient>,
    /// The offchain storage, for the offchain index.
    pub offchain: OffchainDb,
    /// The blobs that the node's operator has brought.
    pub blobs: Arc<BlobStore<OffchainDb>>,
    /// The large blobs on this node's disk.
    pub large_blobs: Arc<LargeBlobs>,
    /// The transaction pool.
    pub pool: Arc<FullPool>,
    /// The rule of the best chain.
    pub select_chain: FullSelectChain,
    /// The keys of this node.
    pub keystore: KeystorePtr,
    /// Where BABE's worker answers questions about epochs.
    pub babe: BabeWorkerHandle<Block>,
    /// GRANDPA's voter, as far as it is running.
    pub voter_state: grandpa::SharedVoterState,
    /// GRANDPA's authorities.
    pub authority_set: grandpa::SharedAuthoritySet<<Block as BlockT>::Hash, dpin_primitives::BlockNumber>,
    /// Justifications as they come.
    pub justifications: grandpa::GrandpaJustificationStream<Block>,
    /// Proofs of finality.
    pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
    /// This node's executor, if it has one.
    pub executor: ExecutorHandle,
}

/// Put the modules together.
///
/// # Errors
///
/// When two modules have a method of the same name.
pub fn create(
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
    module.merge(dpin_rpc::Blobs::new(client(), deps.blobs.clone(), deps.large_blobs.clone(), budget).into_rpc())?;
    module.merge(dpin_rpc::Economy::new(client()).into_rpc())?;
    module.merge(dpin_rpc::Discover::new().into_rpc())?;
    Ok(module)
}
