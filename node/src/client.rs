//! The concrete types of the node's client and its parts.

use dpin_primitives::OpaqueBlock as Block;
use dpin_runtime::RuntimeApi;
use polkadot_sdk::{
    sc_client_api::Backend, sc_consensus::LongestChain, sc_executor::WasmExecutor, sc_service, sc_transaction_pool,
    sp_io,
};

/// The host functions that the runtime may call: only the SDK's own, because a host function must
/// be supported for ever.
pub(crate) type HostFunctions = sp_io::SubstrateHostFunctions;

/// The client.
pub(crate) type FullClient = sc_service::TFullClient<Block, RuntimeApi, WasmExecutor<HostFunctions>>;
/// The database.
pub(crate) type FullBackend = sc_service::TFullBackend<Block>;
/// The database's offchain storage.
pub(crate) type OffchainDb = <FullBackend as Backend<Block>>::OffchainStorage;
/// The rule that selects the best chain.
pub(crate) type FullSelectChain = LongestChain<FullBackend, Block>;
/// The transaction pool.
pub(crate) type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
