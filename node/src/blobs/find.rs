//! The blobs of this node, and the one order in which they are looked for.
//!
//! 1. the chain's blocks: small blobs that the chain still stores
//! 2. the operator's uploads: small blobs that the blocks no longer hold
//! 3. the depot: large blobs on the disk
//! 4. other nodes, from which large blobs are fetched into the depot

use super::{depot::Depot, fetch::Fetcher, ledger::Ledger, small::SmallBlobs};
use dpin_primitives::BlobHash;
use std::{fs::File, io, sync::Arc};

/// The bytes of a blob.
pub(crate) enum BlobBytes {
    /// The bytes of a small blob.
    Memory(Vec<u8>),
    /// A file to read from its beginning, and its length in bytes.
    File(File, u64),
}

impl BlobBytes {
    /// Returns the length in bytes.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(_, len) => *len,
        }
    }
}

/// The blobs of this node, and those that it can fetch.
pub(crate) struct LocalBlobs {
    /// The chain's knowledge of blobs.
    pub(super) ledger: Arc<dyn Ledger>,
    /// The small blobs that the operator has uploaded.
    pub(super) small: SmallBlobs,
    /// The large blobs on the disk.
    pub(super) depot: Arc<Depot>,
    /// Fetches large blobs from other nodes into the depot.
    pub(super) fetcher: Arc<Fetcher>,
}

impl LocalBlobs {
    /// Finds a blob on this node.
    ///
    /// # Errors
    ///
    /// When the file of a large blob cannot be opened.
    pub(crate) fn find(&self, id: BlobHash) -> io::Result<Option<BlobBytes>> {
        let indexed = self.ledger.indexed(id).unwrap_or_else(|error| {
            log::debug!(target: super::LOG, "The database cannot be asked about blob {id:?}: {error}");
            None
        });
        match indexed.or_else(|| self.small.get(id)) {
            Some(bytes) => Ok(Some(BlobBytes::Memory(bytes))),
            None => Ok(self.depot.read(&id)?.map(|(file, len)| BlobBytes::File(file, len))),
        }
    }

    /// Finds a small blob on this node.
    fn stored(&self, id: BlobHash) -> Result<Option<Vec<u8>>, String> {
        Ok(self.ledger.indexed(id)?.or_else(|| self.small.get(id)))
    }

    /// Fetches a blob that the chain has announced, or keeps its fetch going. Returns whether the
    /// fetch is under way.
    ///
    /// A fetch goes on only while this is called from time to time.
    pub(crate) fn want(&self, id: BlobHash) -> bool {
        if self.fetcher.goes_on(&id) {
            return true;
        }
        match self.ledger.info(id).filter(|info| info.announced) {
            Some(_) if self.fetcher.rests(&id) => false,
            Some(info) => {
                drop(self.fetcher.fetch(id, Some(info.size)));
                true
            }
            None => false,
        }
    }
}

impl dpin_rpc::NodeBlobs for LocalBlobs {
    fn stored(&self, id: BlobHash) -> Result<Option<Vec<u8>>, dpin_rpc::Error> {
        self.stored(id).map_err(dpin_rpc::Error::Database)
    }

    fn store(&self, id: BlobHash, bytes: &[u8], is_known: &dyn Fn(BlobHash) -> bool) -> Result<(), dpin_rpc::Error> {
        self.small.put(id, bytes, is_known)
    }

    fn present(&self, id: BlobHash) -> Option<u64> {
        self.depot.status(&id).map(|status| status.present)
    }
}
