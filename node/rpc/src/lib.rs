//! DPIN's JSON-RPC: the methods of a node that the SDK's own do not offer to dApps.
//!
//! `docs/json-rpc.md` describes all methods, types and errors. It is generated from this crate, as
//! is the OpenRPC document that `rpc_discover` returns.
//!
//! Most methods are thin wrappers of the runtime APIs, at the best block. `compute_output`,
//! `compute_log` and `compute_taskReport` query the executor of the called node. Only the node of
//! the worker that made an output or a log has it; the worker's registration holds its address. A
//! caller need not trust that node: an output verifies against the root on the chain
//! ([`OutputView::verify`]), logs and blobs against their hash.
//!
//! JSON is camelCase; bytes and hashes are hex with `0x`, accounts are SS58, blocks and sizes are
//! numbers. Amounts are decimal strings, because they do not fit into a JavaScript number. Errors
//! have the numbers of [`ErrorCode`].
//!
//! Client and server come from the same traits: [`ComputeApiClient`], [`BlobApiClient`],
//! [`EconomyApiClient`] and [`RpcApiClient`] are the typed clients. The feature `server`, on by
//! default, adds the node's side; without it no part of a node is linked.

mod api;
#[cfg(feature = "server")]
mod description;
mod error;
#[cfg(feature = "server")]
mod openrpc;
#[cfg(feature = "server")]
mod page;
mod schema;
#[cfg(feature = "server")]
mod server;
mod view;

pub use api::{BlobApiClient, ComputeApiClient, EconomyApiClient, RpcApiClient};
#[cfg(feature = "server")]
pub use api::{BlobApiServer, ComputeApiServer, EconomyApiServer, RpcApiServer};
pub use error::{Error, ErrorCode, ExecutorError};
#[cfg(feature = "server")]
pub use openrpc::document;
#[cfg(feature = "server")]
pub use page::markdown;
#[cfg(feature = "server")]
pub use server::{
    Blobs, BlockAt, Budget, Chain, Compute, Discover, Economy, Executor, MAX_SUBSCRIPTIONS, NodeBlobs, Subscriptions,
    WorkerKeys,
};
pub use view::*;
