//! `blob_*`.

use super::{Budget, Chain, runtime};
use crate::{BlobApiServer, BlobStatusView, Error};
use dpin_primitives::{BlobHash, OpaqueBlock as Block, api::ComputeApi as RuntimeComputeApi, blake2};
use jsonrpsee::Extensions;
use polkadot_sdk::{sc_rpc_api::check_if_safe, sp_api::ProvideRuntimeApi, sp_core::Bytes};
use std::sync::Arc;

/// The blobs on a node.
pub trait NodeBlobs: Send + Sync + 'static {
    /// Returns the bytes of a blob that is in the body of a block, or that the operator uploaded.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn stored(&self, id: BlobHash) -> Result<Option<Vec<u8>>, Error>;

    /// Stores a blob that the operator uploads. If there is no room, removes uploaded blobs for
    /// which `is_known` is false.
    ///
    /// # Errors
    ///
    /// [`Error::BlobQuota`] if there is still no room.
    fn store(&self, id: BlobHash, bytes: &[u8], is_known: &dyn Fn(BlobHash) -> bool) -> Result<(), Error>;

    /// Returns the number of bytes of a large blob that are on the disk; `None` if there are none.
    fn present(&self, id: BlobHash) -> Option<u64>;
}

/// Answers `blob_*`.
pub struct Blobs<C> {
    client: Arc<C>,
    blobs: Arc<dyn NodeBlobs>,
    budget: Arc<Budget>,
}

impl<C> Blobs<C> {
    /// Creates the methods over the node's client and its blobs. Calls are paid from `budget`.
    pub fn new(client: Arc<C>, blobs: Arc<dyn NodeBlobs>, budget: Arc<Budget>) -> Self {
        Self { client, blobs, budget }
    }
}

impl<C> BlobApiServer for Blobs<C>
where
    C: ProvideRuntimeApi<Block> + Chain,
    C::Api: RuntimeComputeApi<Block>,
{
    fn get(&self, extensions: &Extensions, hash: BlobHash) -> Result<Option<Bytes>, Error> {
        let call = self.budget.begin(extensions)?;
        let found = self.blobs.stored(hash)?;
        call.costs(found.as_ref().map_or(0, Vec::len));
        Ok(found.map(Bytes))
    }

    fn status(&self, hash: BlobHash) -> Result<BlobStatusView, Error> {
        let info = self.client.runtime_api().blob(self.client.best().hash, hash).map_err(runtime)?;
        Ok(BlobStatusView {
            on_chain: info.is_some(),
            size: info.as_ref().map(|blob| blob.size),
            announced: info.as_ref().map(|blob| blob.announced),
            owner: info.as_ref().map(|blob| blob.owner.clone()),
            expires: info.as_ref().map(|blob| blob.expires),
            pins: info.as_ref().map(|blob| blob.pins),
            stored: self.blobs.stored(hash)?.is_some(),
            present: self.blobs.present(hash),
        })
    }

    fn put(&self, extensions: &Extensions, bytes: Bytes) -> Result<BlobHash, Error> {
        check_if_safe(extensions).map_err(|_| Error::Unsafe)?;
        let (hash, best) = (blake2(&bytes), self.client.best().hash);
        if self.client.runtime_api().blob_size(best, hash).map_err(runtime)?.is_none() {
            return Err(Error::UnknownBlob(hash));
        }
        // A blob is not removed while the chain cannot be asked about it.
        let is_known = |hash| !matches!(self.client.runtime_api().blob_size(best, hash), Ok(None));
        self.blobs.store(hash, &bytes, &is_known)?;
        Ok(hash)
    }
}
