//! The small blobs that the node's operator has uploaded with `blob_put`.

use super::lock;
use codec::{DecodeAll, Encode};
use dpin_primitives::BlobHash;
use dpin_rpc::Error;
use polkadot_sdk::sp_core::offchain::OffchainStorage;
use std::sync::Mutex;

/// Most bytes of all blobs in a [`SmallBlobs`] together: 64 MiB.
const MAX_STORED_BYTES: usize = 64 * 1024 * 1024;
/// Most blobs in a [`SmallBlobs`].
const MAX_STORED_BLOBS: usize = 4_096;

/// Keeps the store apart from the keys that the runtime's off-chain workers may write.
const PREFIX: &[u8] = b"dpin/blob/";
/// Key of the list of stored blobs. It is shorter than any hash.
const LIST: &[u8] = b"list";

/// The blobs uploaded by `blob_put`, in the node's offchain storage.
pub(super) struct SmallBlobs {
    storage: Mutex<Box<dyn Storage>>,
    most_bytes: usize,
}

/// The part of [`OffchainStorage`] that the store uses. That trait is `Clone`, so it makes no trait
/// objects.
trait Storage: Send {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;
    fn set(&mut self, key: &[u8], value: &[u8]);
    fn remove(&mut self, key: &[u8]);
}

impl<S: OffchainStorage> Storage for S {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        OffchainStorage::get(self, PREFIX, key)
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        OffchainStorage::set(self, PREFIX, key, value);
    }

    fn remove(&mut self, key: &[u8]) {
        OffchainStorage::remove(self, PREFIX, key);
    }
}

impl SmallBlobs {
    /// Creates the store in this storage, with room for [`MAX_STORED_BYTES`].
    pub(super) fn new(storage: impl OffchainStorage + 'static) -> Self {
        Self::with_room(storage, MAX_STORED_BYTES)
    }

    fn with_room(storage: impl OffchainStorage + 'static, most_bytes: usize) -> Self {
        Self { storage: Mutex::new(Box::new(storage)), most_bytes }
    }

    /// Returns a blob's bytes, `None` if it is not stored.
    pub(super) fn get(&self, hash: BlobHash) -> Option<Vec<u8>> {
        lock(&self.storage).get(hash.as_bytes())
    }

    /// Stores a blob. If there is no room, removes the blobs for which `is_known` is false.
    ///
    /// # Errors
    ///
    /// [`Error::BlobQuota`] if there is still no room.
    pub(super) fn put(&self, hash: BlobHash, bytes: &[u8], is_known: &dyn Fn(BlobHash) -> bool) -> Result<(), Error> {
        let mut storage = lock(&self.storage);
        let mut kept: Vec<(BlobHash, u32)> =
            storage.get(LIST).and_then(|list| Vec::decode_all(&mut &list[..]).ok()).unwrap_or_default();
        if kept.iter().any(|(other, _)| *other == hash) {
            return Ok(());
        }
        let fits = |kept: &[(BlobHash, u32)]| {
            let used: usize = kept.iter().map(|(_, size)| *size as usize).sum();
            kept.len() < MAX_STORED_BLOBS && used.saturating_add(bytes.len()) <= self.most_bytes
        };
        if !fits(&kept) {
            let (known, forgotten): (Vec<_>, Vec<_>) = kept.into_iter().partition(|(hash, _)| is_known(*hash));
            storage.set(LIST, &known.encode());
            forgotten.iter().for_each(|(hash, _)| storage.remove(hash.as_bytes()));
            kept = known;
        }
        let size = u32::try_from(bytes.len()).map_err(|_| Error::BlobQuota(bytes.len()))?;
        if !fits(&kept) {
            return Err(Error::BlobQuota(bytes.len()));
        }
        // The list is written first. A listed blob without bytes counts as absent, but bytes that
        // are not listed would take room for ever.
        kept.push((hash, size));
        storage.set(LIST, &kept.encode());
        storage.set(hash.as_bytes(), bytes);
        Ok(())
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
        let store = SmallBlobs::with_room(InMemOffchainStorage::default(), 10);
        store.put(hash(1), b"12345678", &|_| true).unwrap();
        store.put(hash(1), b"12345678", &|_| true).unwrap();
        store.put(hash(2), b"90", &|_| true).unwrap();
        assert_eq!((store.get(hash(1)).unwrap(), store.get(hash(2)).unwrap()), (b"12345678".to_vec(), b"90".to_vec()));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_the_chain_forgot_makes_room() {
        let store = SmallBlobs::with_room(InMemOffchainStorage::default(), 10);
        store.put(hash(1), b"12345", &|_| true).unwrap();
        store.put(hash(2), b"67890", &|_| true).unwrap();
        assert!(matches!(store.put(hash(3), b"x", &|_| true), Err(Error::BlobQuota(1))));

        store.put(hash(3), b"x", &|known| known != hash(1)).unwrap();

        assert_eq!((store.get(hash(1)), store.get(hash(2))), (None, Some(b"67890".to_vec())));
        assert_eq!(store.get(hash(3)), Some(b"x".to_vec()));
    }

    #[test]
    fn many_small_blobs_are_bounded_too() {
        let store = SmallBlobs::new(InMemOffchainStorage::default());
        let kept: Vec<(BlobHash, u32)> =
            (0..MAX_STORED_BLOBS as u64).map(|number| (BlobHash::from_low_u64_be(number), 1)).collect();
        store.storage.lock().unwrap().set(LIST, &kept.encode());
        assert!(matches!(store.put(hash(9), b"x", &|_| true), Err(Error::BlobQuota(1))));
    }
}
