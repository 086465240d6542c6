//! The state of a chain with any number of workers.

use crate::{
    calls::{GENESIS, dispatch, register_kernel, signed},
    genesis,
};
use anyhow::{Context, Result, ensure};
use codec::{DecodeAll, Encode};
use dpin_primitives::{
    AccountId, Balance, DPN, Hash, blake2,
    worker::{WorkerKey, WorkerSignature, possession_message},
};
use dpin_runtime::{Balances, Runtime, RuntimeCall, System};
use pallet_workers::{GenesisConfig, WorkerRecord};
use polkadot_sdk::{
    frame_support::traits::{BuildGenesisConfig, fungible::Mutate},
    sp_core::{Pair, sr25519, storage::Storage},
    sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
    sp_io,
    sp_keyring::Sr25519Keyring,
    sp_runtime::traits::BlakeTwo256,
    sp_state_machine::BasicExternalities,
    sp_trie::{
        LayoutV1, MemoryDB,
        cache::{CacheSize, SharedTrieCache},
        delta_trie_root,
    },
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The seed of everything random.
pub(super) const SEED: &[u8] = b"dpin/bench-scale/1";
/// Workers added at a time.
const BATCH: u32 = 10_000;
/// Storage items inserted into a trie at a time.
const CHUNK: usize = 200_000;
/// Initial balance of each account, in planck.
pub(super) const WEALTH: Balance = 1_000 * DPN;
/// Default size of a node's trie cache, in bytes.
pub const CACHE_BYTES: usize = 1 << 30;

/// The account that posts jobs.
pub(super) fn requester() -> AccountId {
    Sr25519Keyring::Alice.to_account_id()
}

/// The account of the worker with this number.
pub fn worker(number: u32) -> AccountId {
    AccountId::new(blake2(&(SEED, b"worker", number).encode()).0)
}

/// The worker key of an account.
pub(super) fn pair(account: &AccountId) -> sr25519::Pair {
    sr25519::Pair::from_seed(&blake2(&(SEED, b"key", account).encode()).0)
}

/// Give an account its initial balance, for its bond and its fees.
pub(super) fn endow(account: &AccountId) {
    <Balances as Mutate<AccountId>>::set_balance(account, WEALTH);
}

/// The call that registers an account as a worker with the same declaration as another one.
pub(super) fn registration(account: &AccountId, like: WorkerRecord) -> RuntimeCall {
    let pair = pair(account);
    let key = WorkerKey::from(pair.public());
    let proof = WorkerSignature::from(pair.sign(&possession_message(&GENESIS, account)));
    let WorkerRecord { address, region, devices, offer, .. } = like;
    pallet_workers::Call::register { key, proof, address, region, devices, offer }.into()
}

/// Add workers in the same way as those of the genesis block.
fn take_in(workers: impl Iterator<Item = AccountId>) {
    let workers = workers
        .map(|account| {
            endow(&account);
            let key = pair(&account).public();
            (account, key, String::from("ws://127.0.0.1:9944"))
        })
        .collect();
    GenesisConfig::<Runtime> { workers, _config: Default::default() }.build();
}

/// Storage items in the order of their keys.
type Items = BTreeMap<Vec<u8>, Vec<u8>>;

/// Run a function on storage items. Returns its result and the changed items.
fn run<R>(items: Items, what: impl FnOnce() -> R) -> (R, Items) {
    let mut ext = BasicExternalities::new(Storage { top: items, ..Storage::default() });
    let result = ext.execute_with(what);
    (result, ext.into_storages().top)
}

/// A growing number of workers.
pub struct Population {
    items: Items,
    /// The keys that every batch of workers needs: the whole state without workers, and all keys
    /// that the first worker has written. Among these are the counters. The first worker's own
    /// items are included and never change.
    carried: BTreeSet<Vec<u8>>,
    workers: u32,
    kernel: Hash,
}

impl Population {
    /// A chain with a registered kernel and without workers.
    ///
    /// # Errors
    ///
    /// If the runtime refuses its own preset or the kernel.
    pub fn new() -> Result<Self> {
        let mut chain = genesis::chain(LOCAL_TESTNET_RUNTIME_PRESET, json!({}))?;
        let (kernel, items) = chain.execute_with(|| -> Result<(Hash, Items)> {
            System::initialize(&1, &GENESIS, &Default::default());
            let kernel = register_kernel(&requester())?;
            System::reset_events();
            // Before the first block there are no events.
            System::set_block_number(0);
            let mut items = Items::new();
            let mut last = Vec::new();
            while let Some(key) = sp_io::storage::next_key(&last) {
                let value = sp_io::storage::get(&key).context("a key that is there has a value")?;
                items.insert(key.clone(), value.to_vec());
                last = key;
            }
            Ok((kernel, items))
        })?;
        let carried = items.keys().cloned().collect();
        Ok(Self { items, carried, workers: 0, kernel })
    }

    /// Number of workers.
    pub fn workers(&self) -> u32 {
        self.workers
    }

    fn carried(&self) -> Items {
        let items = self.carried.iter().filter_map(|key| Some((key.clone(), self.items.get(key)?.clone())));
        items.collect()
    }

    /// Add workers up to this number. `tell` receives the number so far.
    pub fn grow_to(&mut self, workers: u32, mut tell: impl FnMut(u32)) {
        while self.workers < workers {
            let next = if self.workers == 0 { 1 } else { workers.min((self.workers / BATCH + 1) * BATCH) };
            let ((), written) = run(self.carried(), || take_in((self.workers..next).map(worker)));
            if self.workers == 0 {
                self.carried = written.keys().cloned().collect();
            }
            self.items.extend(written);
            self.workers = next;
            tell(next);
        }
    }

    /// Check that adding the next worker writes exactly the bytes that `workers.register` would
    /// write.
    ///
    /// # Errors
    ///
    /// If the bytes differ.
    pub fn check_shortcut(&self) -> Result<()> {
        let next = worker(self.workers);
        let ((), taken_in) = run(self.carried(), || take_in([next.clone()].into_iter()));
        let like = taken_in_record(&taken_in, &next).context("the worker was taken in")?;
        let (registered, by_call) = run(self.carried(), || {
            endow(&next);
            dispatch(registration(&next, like), signed(&next))
        });
        registered?;
        ensure!(taken_in.len() > self.carried.len(), "a worker that is taken in has storage items of its own");
        ensure!(taken_in == by_call, "a worker that is taken in is not what workers.register makes of it");
        Ok(())
    }

    /// The state as a trie.
    ///
    /// # Errors
    ///
    /// If the trie cannot be built.
    pub fn trie(&self) -> Result<Trie> {
        let (mut nodes, mut root) = MemoryDB::<BlakeTwo256>::default_with_root();
        let mut items = self.items.iter().map(|(key, value)| (&key[..], Some(&value[..])));
        loop {
            let chunk: Vec<_> = items.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            root = delta_trie_root::<LayoutV1<BlakeTwo256>, _, _, _, _, _>(&mut nodes, root, chunk, None, None)
                .map_err(|error| anyhow::anyhow!("the trie cannot be built: {error}"))?;
            nodes.purge();
        }
        let cache = SharedTrieCache::new(CacheSize::new(CACHE_BYTES), None);
        let bytes = self.items.iter().map(|(key, value)| key.len() + value.len()).sum();
        Ok(Trie { workers: self.workers, items: self.items.len(), bytes, kernel: self.kernel, nodes, root, cache })
    }
}

/// A worker's record in storage items.
fn taken_in_record(items: &Items, worker: &AccountId) -> Option<WorkerRecord> {
    let key = pallet_workers::Workers::<Runtime>::hashed_key_for(worker);
    WorkerRecord::decode_all(&mut &items.get(&key)?[..]).ok()
}

/// The state of a chain as a trie, with the cache of its node.
pub struct Trie {
    /// Number of workers.
    pub workers: u32,
    /// Number of storage items.
    pub items: usize,
    /// Total bytes of the keys and values.
    pub bytes: usize,
    /// The kernel that jobs run.
    pub kernel: Hash,
    pub(super) nodes: MemoryDB<BlakeTwo256>,
    pub(super) root: Hash,
    pub(super) cache: SharedTrieCache<BlakeTwo256>,
}
