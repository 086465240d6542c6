//! DPIN's JSON-RPC: what a dApp asks of a node beyond the SDK's own methods.
//!
//! `docs/json-rpc.md` tells all methods, types and errors; it is made from this crate, as is the OpenRPC document with which a
//! node answers `rpc_discover`.
//!
//! Most methods are thin over the runtime APIs, at the best block. `compute_output`, `compute_log` and `compute_taskReport` ask the executor of the
//! node that is called: outputs and logs are had from the node of the worker that made them, whose address is part of its
//! registration. Whoever asks need not trust it: an output verifies against the root on chain ([`OutputView::verify`]), logs and
//! blobs against their hash.
//!
//! JSON is camelCase; bytes and hashes are hex with `0x`, accounts SS58, amounts decimal strings (they do not fit into a
//! JavaScript number), blocks and sizes numbers. Errors have the numbers of [`ErrorCode`].
//!
//! Client and server come from the same traits: [`ComputeApiClient`], [`BlobApiClient`], [`EconomyApiClient`] and
//! [`RpcApiClient`] are the typed clients. The feature `server`, on by default, adds how a node answers; without it no part of a
//! node is linked.

mod api;
mod error;
#[cfg(feature = "server")]
mod openrpc;
mod schema;
#[cfg(feature = "server")]
mod server;
mod view;

pub use api::{BlobApiClient, ComputeApiClient, EconomyApiClient, RpcApiClient};
#[cfg(feature = "server")]
pub use api::{BlobApiServer, ComputeApiServer, EconomyApiServer, RpcApiServer};
pub use error::{Error, ErrorCode, ExecutorError};
#[cfg(feature = "server")]
pub use openrpc::{document, markdown};
#[cfg(feature = "server")]
pub use server::{
    BlobStore, Blobs, BlockAt, Budget, Chain, Compute, Depot, Discover, Economy, Executor, Subscriptions, WorkerKeys,
    MAX_STORED_BLOBS, MAX_STORED_BYTES, MAX_SUBSCRIPTIONS,
};
pub use view::*;
