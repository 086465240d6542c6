//! `blob_*`, and the store of blobs that the node's operator has uploaded.

use super::{runtime, Budget, Chain};
use crate::{BlobApiServer, BlobStatusView, Error};
use codec::{DecodeAll, Encode};
use dpin_primitives::{api::ComputeApi as RuntimeComputeApi, blake2, BlobHash, OpaqueBlock as Block};
use jsonrpsee::Extensions;
use polkadot_sdk::{
    sc_rpc_api::check_if_safe,
    sp_api::ProvideRuntimeApi,
    sp_core::{offchain::OffchainStorage, Bytes},
};
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of all blobs in a [`BlobStore`] together: 64 MiB.
pub const MAX_STORED_BYTES: usize = 64 * 1024 * 1024;
/// Most blobs in a [`BlobStore`].
pub const MAX_STORED_BLOBS: usize = 4_096;

/// Keeps the store apart from the keys that the runtime's off-chain workers may write.
const PREFIX: &[u8] = b"dpin/blob/";
/// Key of the list of stored blobs. It is shorter than any hash.
const LIST: &[u8] = b"list";

/// The blobs uploaded by `blob_put`, in the node's offchain storage.
pub struct BlobStore<S> {
    storage: Mutex<S>,
    most_bytes: usize,
}

impl<S: OffchainStorage> BlobStore<S> {
    /// Creates the store in this storage, with room for [`MAX_STORED_BYTES`].
    pub fn new(storage: S) -> Self {
        Self::with_room(storage, MAX_STORED_BYTES)
    }

    pub(crate) fn with_room(storage: S, most_bytes: usize) -> Self {
        Self { storage: Mutex::new(storage), most_bytes }
    }

    /// Returns a blob's bytes, `None` if it is not stored.
    pub fn get(&self, hash: BlobHash) -> Option<Vec<u8>> {
        self.storage.lock().unwrap_or_else(PoisonError::into_inner).get(PREFIX, hash.as_bytes())
    }

    /// Stores a blob. If there is no room, removes the blobs for which `is_known` is false.
    ///
    /// # Errors
    ///
    /// [`Error::BlobQuota`] if there is still no room.
    pub fn put(&self, hash: BlobHash, bytes: &[u8], is_known: impl Fn(BlobHash) -> bool) -> Result<(), Error> {
        let mut storage = self.storage.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept: Vec<(BlobHash, u32)> =
            storage.get(PREFIX, LIST).and_then(|list| Vec::decode_all(&mut &list[..]).ok()).unwrap_or_default();
        if kept.iter().any(|(other, _)| *other == hash) {
            return Ok(());
        }
        let fits = |kept: &[(BlobHash, u32)]| {
            let used: usize = kept.iter().map(|(_, size)| *size as usize).sum();
            kept.len() < MAX_STORED_BLOBS && used.saturating_add(bytes.len()) <= self.most_bytes
        };
        if !fits(&kept) {
            let (known, forgotten): (Vec<_>, Vec<_>) = kept.into_iter().partition(|(hash, _)| is_known(*hash));
            storage.set(PREFIX, LIST, &known.encode());
            forgotten.iter().for_each(|(hash, _)| storage.remove(PREFIX, hash.as_bytes()));
            kept = known;
        }
        let size = u32::try_from(bytes.len()).map_err(|_| Error::BlobQuota(bytes.len()))?;
        if !fits(&kept) {
            return Err(Error::BlobQuota(bytes.len()));
        }
        // The list is written first. A listed blob without bytes counts as absent, but bytes that
        // are not listed would take room for ever.
        kept.push((hash, size));
        storage.set(PREFIX, LIST, &kept.encode());
        storage.set(PREFIX, hash.as_bytes(), bytes);
        Ok(())
    }
}

/// The large blobs on a node's disk.
pub trait Depot: Send + Sync + 'static {
    /// Returns the number of a blob's bytes on the disk; `None` if there are none.
    fn present(&self, id: BlobHash) -> Option<u64>;
}

/// A node that stores no large blobs.
impl Depot for () {
    fn present(&self, _: BlobHash) -> Option<u64> {
        None
    }
}

/// Answers `blob_*`.
pub struct Blobs<C, S> {
    client: Arc<C>,
    store: Arc<BlobStore<S>>,
    depot: Arc<dyn Depot>,
    budget: Arc<Budget>,
}

impl<C, S> Blobs<C, S> {
    /// Creates the methods over the node's client and its stores of blobs. Calls are paid from
    /// `budget`.
    pub fn new(client: Arc<C>, store: Arc<BlobStore<S>>, depot: Arc<dyn Depot>, budget: Arc<Budget>) -> Self {
        Self { client, store, depot, budget }
    }
}

impl<C: Chain, S: OffchainStorage> Blobs<C, S> {
    fn stored(&self, hash: BlobHash) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.client.indexed_blob(hash)?.or_else(|| self.store.get(hash)))
    }
}

impl<C, S> BlobApiServer for Blobs<C, S>
where
    C: ProvideRuntimeApi<Block> + Chain,
    C::Api: RuntimeComputeApi<Block>,
    S: OffchainStorage + 'static,
{
    fn get(&self, extensions: &Extensions, hash: BlobHash) -> Result<Option<Bytes>, Error> {
        let call = self.budget.begin(extensions)?;
        let found = self.stored(hash)?;
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
            stored: self.stored(hash)?.is_some(),
            present: self.depot.present(hash),
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
        self.store.put(hash, &bytes, is_known)?;
        Ok(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_core::offchain::storage::InMemOffchainStorage;

    fn hash(number: u8) -> BlobHash {
        BlobHash::repeat_byte(number)
    }

    #[test]
    fn a_blob_is_kept_once() {
        let store = BlobStore::with_room(InMemOffchainStorage::default(), 10);
        store.put(hash(1), b"12345678", |_| true).unwrap();
        store.put(hash(1), b"12345678", |_| true).unwrap();
        store.put(hash(2), b"90", |_| true).unwrap();
        assert_eq!((store.get(hash(1)).unwrap(), store.get(hash(2)).unwrap()), (b"12345678".to_vec(), b"90".to_vec()));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_the_chain_forgot_makes_room() {
        let store = BlobStore::with_room(InMemOffchainStorage::default(), 10);
        store.put(hash(1), b"12345", |_| true).unwrap();
        store.put(hash(2), b"67890", |_| true).unwrap();
        assert!(matches!(store.put(hash(3), b"x", |_| true), Err(Error::BlobQuota(1))));

        store.put(hash(3), b"x", |known| known != hash(1)).unwrap();

        assert_eq!((store.get(hash(1)), store.get(hash(2))), (None, Some(b"67890".to_vec())));
        assert_eq!(store.get(hash(3)), Some(b"x".to_vec()));
    }

    #[test]
    fn many_small_blobs_are_bounded_too() {
        let store = BlobStore::new(InMemOffchainStorage::default());
        let kept: Vec<(BlobHash, u32)> =
            (0..MAX_STORED_BLOBS as u64).map(|number| (BlobHash::from_low_u64_be(number), 1)).collect();
        store.storage.lock().unwrap().set(PREFIX, LIST, &kept.encode());
        assert!(matches!(store.put(hash(9), b"x", |_| true), Err(Error::BlobQuota(1))));
    }
}
