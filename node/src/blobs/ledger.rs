//! The chain's knowledge of blobs.

use crate::client::FullClient;
use dpin_primitives::{
    BlobHash,
    api::{BlobInfo, ComputeApi},
};
use polkadot_sdk::{
    sc_client_api::{BlockBackend, HeaderBackend},
    sp_api::ProvideRuntimeApi,
};
use std::sync::{Arc, Weak};

/// The chain's knowledge of blobs, and the blobs stored in its blocks.
pub(super) trait Ledger: Send + Sync + 'static {
    /// Returns the chain's entry of a blob at the best block.
    ///
    /// # Errors
    ///
    /// When the runtime cannot be called.
    fn entry(&self, id: BlobHash) -> Result<Option<BlobInfo>, String>;

    /// Returns the bytes of a blob that is stored in the body of a block.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn indexed(&self, id: BlobHash) -> Result<Option<Vec<u8>>, String>;

    /// As [`Self::entry`], but an error is logged and counts as no entry.
    fn info(&self, id: BlobHash) -> Option<BlobInfo> {
        self.entry(id).unwrap_or_else(|error| {
            log::warn!(target: super::LOG, "The runtime cannot be asked about blob {id:?}: {error}");
            None
        })
    }
}

/// The ledger of the node's own chain. The reference is weak, so it keeps nothing of the node
/// alive.
pub(super) struct NodeLedger(Weak<FullClient>);

impl NodeLedger {
    /// Creates the ledger of this client's chain.
    pub(super) fn new(client: &Arc<FullClient>) -> Self {
        Self(Arc::downgrade(client))
    }

    fn client(&self) -> Result<Arc<FullClient>, String> {
        self.0.upgrade().ok_or_else(|| "the node is ending".into())
    }
}

impl Ledger for NodeLedger {
    fn entry(&self, id: BlobHash) -> Result<Option<BlobInfo>, String> {
        let client = self.client()?;
        let best = client.info().best_hash;
        client.runtime_api().blob(best, id).map_err(|error| error.to_string())
    }

    fn indexed(&self, id: BlobHash) -> Result<Option<Vec<u8>>, String> {
        self.client()?.indexed_transaction(id).map_err(|error| error.to_string())
    }
}
