//! The functions of the node's client that the methods need, beside the runtime APIs.

use dpin_primitives::{AccountId, BlockNumber, Hash, OpaqueBlock as Block};
use futures::{
    future,
    stream::{self, BoxStream, StreamExt},
};
use polkadot_sdk::{
    sc_client_api::{BlockchainEvents, ImportNotifications},
    sp_blockchain::HeaderBackend,
    sp_io::hashing::twox_128,
    sp_runtime::traits::Header,
};
use std::collections::BTreeSet;

/// Hash and number of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockAt {
    /// Its hash.
    pub hash: Hash,
    /// Its number.
    pub number: BlockNumber,
}

/// The functions of the node's client that the methods need, beside the runtime APIs.
pub trait Chain: Send + Sync + 'static {
    /// Returns the best block.
    fn best(&self) -> BlockAt;

    /// Returns the number and the parent's hash of a block on the best chain; `None` for any other
    /// block.
    fn on_best_chain(&self, hash: Hash) -> Option<(BlockNumber, Hash)>;

    /// Returns a stream of every new best block.
    fn best_blocks(&self) -> BoxStream<'static, BlockAt>;

    /// Returns a stream of every new block, also of forks, with the workers whose records the block
    /// has written.
    fn touched_workers(&self) -> BoxStream<'static, (Hash, BTreeSet<AccountId>)>;
}

impl<C> Chain for C
where
    C: HeaderBackend<Block> + BlockchainEvents<Block> + Send + Sync + 'static,
{
    fn best(&self) -> BlockAt {
        let info = self.info();
        BlockAt { hash: info.best_hash, number: info.best_number }
    }

    fn on_best_chain(&self, hash: Hash) -> Option<(BlockNumber, Hash)> {
        let header = self.header(hash).ok().flatten()?;
        (self.hash(*header.number()).ok().flatten() == Some(hash)).then(|| (*header.number(), *header.parent_hash()))
    }

    fn best_blocks(&self) -> BoxStream<'static, BlockAt> {
        let imports: ImportNotifications<Block> = self.import_notification_stream();
        let best = imports.filter(|import| future::ready(import.is_new_best));
        best.map(|import| BlockAt { hash: import.hash, number: *import.header.number() }).boxed()
    }

    fn touched_workers(&self) -> BoxStream<'static, (Hash, BTreeSet<AccountId>)> {
        // The registry filters by whole keys only, so prefixes are filtered here.
        let prefixes = worker_prefixes();
        match self.storage_changes_notification_stream(None, None) {
            Ok(changes) => changes
                .map(move |change| {
                    let keys = change.changes.iter().filter(|(child, ..)| child.is_none()).map(|(_, key, _)| &key.0);
                    (change.block, keys.filter_map(|key| worker_of(&prefixes, key)).collect())
                })
                .boxed(),
            Err(_) => stream::empty().boxed(),
        }
    }
}

/// Returns the prefixes of the maps with a worker's records: its registration, its standing, and
/// its certificate.
fn worker_prefixes() -> [[u8; 32]; 3] {
    ["Workers", "Standings", "Certificates"].map(|map| {
        let mut prefix = [0; 32];
        let (pallet, item) = prefix.split_at_mut(16);
        pallet.copy_from_slice(&twox_128(b"Workers"));
        item.copy_from_slice(&twox_128(map.as_bytes()));
        prefix
    })
}

/// Returns the account in a key of one of these maps. The account follows its blake2-128 hash.
fn worker_of(prefixes: &[[u8; 32]], key: &[u8]) -> Option<AccountId> {
    let rest = prefixes.iter().find_map(|prefix| key.strip_prefix(prefix))?;
    let account: [u8; 32] = rest.get(16..)?.try_into().ok()?;
    Some(account.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_io::hashing::blake2_128;

    #[test]
    fn the_worker_is_found_in_the_keys_of_its_maps_only() {
        let prefixes = worker_prefixes();
        let key = |pallet: &str, map: &str, account: &[u8]| {
            [&twox_128(pallet.as_bytes())[..], &twox_128(map.as_bytes()), &blake2_128(account), account].concat()
        };
        for map in ["Workers", "Standings", "Certificates"] {
            assert_eq!(worker_of(&prefixes, &key("Workers", map, &[7; 32])), Some([7; 32].into()));
        }
        assert_eq!(worker_of(&prefixes, &key("Workers", "Keys", &[7; 32])), None);
        assert_eq!(worker_of(&prefixes, &key("Jobs", "Workers", &[7; 32])), None);
        assert_eq!(worker_of(&prefixes, &key("Workers", "Workers", &[7; 31])), None);
    }
}
