//! Executes blocks on a trie, and measures their cost.

use super::population::{SEED, Trie};
use anyhow::{Result, anyhow};
use codec::Encode;
use dpin_primitives::{BlockNumber, Hash, blake2};
use dpin_runtime::{ProofOfCompute, Runtime, System};
use polkadot_sdk::{
    frame_support::traits::Hooks,
    pallet_babe,
    sp_core::storage::StateVersion,
    sp_externalities::set_and_run_with_externalities,
    sp_runtime::traits::BlakeTwo256,
    sp_state_machine::{Ext, OverlayedChanges, StorageChanges, TrieBackendBuilder, TrieBackendStorage},
    sp_trie::{DBValue, HashDBT, MemoryDB, PrefixedMemoryDB, StorageProof, recorder::Recorder},
};
use std::time::{Duration, Instant};

/// The cost of an action in a block of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Execution time.
    pub run: Duration,
    /// Time to compute the storage root after it.
    pub root: Duration,
    /// Storage items read, each counted once; 0 unless recorded.
    pub reads: usize,
    /// Storage items written.
    pub writes: usize,
    /// Nodes of the storage proof that suffices to execute it again and to compute the storage
    /// root; 0 unless recorded.
    pub proof_nodes: usize,
    /// Encoded bytes of that proof; 0 unless recorded.
    pub proof_bytes: usize,
}

impl Cost {
    /// Total time.
    pub fn time(&self) -> Duration {
        self.run + self.root
    }
}

impl std::ops::Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            run: self.run + other.run,
            root: self.root + other.root,
            reads: self.reads + other.reads,
            writes: self.writes + other.writes,
            proof_nodes: self.proof_nodes + other.proof_nodes,
            proof_bytes: self.proof_bytes + other.proof_bytes,
        }
    }
}

/// The nodes of the trie, overlaid by the nodes of later blocks.
struct Layers<'a> {
    below: &'a MemoryDB<BlakeTwo256>,
    above: PrefixedMemoryDB<BlakeTwo256>,
}

impl TrieBackendStorage<BlakeTwo256> for Layers<'_> {
    fn get(&self, key: &Hash, prefix: (&[u8], Option<u8>)) -> Result<Option<DBValue>, String> {
        Ok(HashDBT::get(&self.above, key, prefix).or_else(|| HashDBT::get(self.below, key, prefix)))
    }
}

/// A chain that continues from a trie. The trie itself does not change.
pub struct Chain<'a> {
    trie: &'a Trie,
    layers: Layers<'a>,
    root: Hash,
    now: BlockNumber,
    /// Seed of the lotteries.
    lot: u32,
    record: bool,
    proof: Option<StorageProof>,
}

impl<'a> Chain<'a> {
    /// Continue from a trie. Chains with the same `lot` have the same randomness. With `record`,
    /// reads and proofs are counted, which takes time.
    pub fn new(trie: &'a Trie, lot: u32, record: bool) -> Self {
        let layers = Layers { below: &trie.nodes, above: PrefixedMemoryDB::default() };
        Self { trie, layers, root: trie.root, now: 1, lot, record, proof: None }
    }

    /// The block's number.
    pub fn now(&self) -> BlockNumber {
        self.now
    }

    /// The seed of the randomness.
    pub fn lot(&self) -> u32 {
        self.lot
    }

    /// Begin the next block with the VRF output of the parent's author, and run `what` in it
    /// without measuring.
    ///
    /// # Errors
    ///
    /// If the storage root cannot be computed.
    pub fn begin<R>(&mut self, what: impl FnOnce() -> R) -> Result<R> {
        self.now += 1;
        let (now, lot) = (self.now, self.lot);
        let begun = || {
            // End the block before.
            ProofOfCompute::on_finalize(now.saturating_sub(1));
            System::reset_events();
            System::set_block_number(now);
            pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some(blake2(&(SEED, b"vrf", lot, now).encode()).0));
            what()
        };
        Ok(self.execute(false, begun)?.0)
    }

    /// Begin the next block and run its lotteries without measuring them, before something else is
    /// measured.
    ///
    /// # Errors
    ///
    /// If the storage root cannot be computed.
    pub fn begin_drawn(&mut self) -> Result<()> {
        let next = self.now + 1;
        self.begin(|| ProofOfCompute::on_initialize(next)).map(|_| ())
    }

    /// Run and measure an action.
    ///
    /// # Errors
    ///
    /// If the storage root cannot be computed.
    pub fn measure<R>(&mut self, what: impl FnOnce() -> R) -> Result<(R, Cost)> {
        self.execute(self.record, what)
    }

    /// Read state without the node's cache, and without changes.
    pub fn look<R>(&self, what: impl FnOnce() -> R) -> R {
        let backend = TrieBackendBuilder::<_, BlakeTwo256>::new(&self.layers, self.root).build();
        let mut overlay = OverlayedChanges::default();
        set_and_run_with_externalities(&mut Ext::new(&mut overlay, &backend, None), what)
    }

    fn execute<R>(&mut self, record: bool, what: impl FnOnce() -> R) -> Result<(R, Cost)> {
        let recorder = record.then(Recorder::<BlakeTwo256>::default);
        let backend = TrieBackendBuilder::new(&self.layers, self.root)
            .with_cache(self.trie.cache.local_cache_trusted())
            .with_optional_recorder(recorder.clone())
            .build();
        let mut overlay = OverlayedChanges::default();

        let begun = Instant::now();
        let result = set_and_run_with_externalities(&mut Ext::new(&mut overlay, &backend, None), what);
        let run = begun.elapsed();
        let reads =
            recorder.as_ref().map_or(0, |recorder| recorder.recorded_keys().values().map(|keys| keys.len()).sum());
        let begun = Instant::now();
        let changes = overlay.drain_storage_changes(&backend, StateVersion::V1);
        let root = begun.elapsed();

        let StorageChanges { main_storage_changes, transaction, transaction_storage_root, .. } =
            changes.map_err(|error| anyhow!("{error}"))?;
        // The cache takes over the nodes that this block has read.
        drop(backend);
        let proof = recorder.map(Recorder::drain_storage_proof);
        let cost = Cost {
            run,
            root,
            reads,
            writes: main_storage_changes.len(),
            proof_nodes: proof.as_ref().map_or(0, StorageProof::len),
            proof_bytes: proof.as_ref().map_or(0, Encode::encoded_size),
        };
        self.layers.above.consolidate(transaction);
        self.root = transaction_storage_root;
        self.proof = proof;
        Ok((result, cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::{life::register, population::Population};
    use polkadot_sdk::sp_state_machine::create_proof_check_backend;

    #[test]
    fn who_has_nothing_but_the_proof_comes_to_the_same_root() {
        let mut population = Population::new().unwrap();
        population.grow_to(300, |_| ());
        let trie = population.trie().unwrap();
        let mut chain = Chain::new(&trie, 0, true);
        let call = register(&mut chain).unwrap();
        let before = chain.root;
        let (registered, cost) = chain.measure(&call).unwrap();
        registered.unwrap();
        let proof = chain.proof.take().unwrap();
        assert!(cost.reads > 0 && cost.proof_nodes == proof.len() && cost.proof_bytes > 1_000);

        let backend = create_proof_check_backend::<BlakeTwo256>(before, proof).unwrap();
        let mut overlay = OverlayedChanges::default();
        set_and_run_with_externalities(&mut Ext::new(&mut overlay, &backend, None), &call).unwrap();
        assert_eq!(overlay.storage_root(&backend, StateVersion::V1).0, chain.root);
        assert_ne!(before, chain.root);
    }
}
