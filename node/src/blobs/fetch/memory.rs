//! The memory about other nodes, across all blobs.

use super::MAX_REMEMBERED;
use crate::blobs::wire::Have;
use polkadot_sdk::sc_network::PeerId;
use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    time::{Duration, Instant},
};

/// Most sources of one blob.
const MAX_SOURCES: usize = 32;
/// Time for which a node that sent wrong bytes is shunned.
const SHUNNED: Duration = Duration::from_secs(600);
/// Time for which a node that claimed a blob and delivered nothing is doubted.
const DOUBTED: Duration = Duration::from_secs(300);

/// Memory about other nodes, across all blobs.
#[derive(Default)]
pub(super) struct Memory {
    shunned: HashMap<PeerId, Instant>,
    doubted: HashMap<PeerId, Instant>,
    /// Right bytes that each node delivered.
    proven: HashMap<PeerId, u64>,
    /// Random order of nodes that have delivered nothing, so that no node can choose to be first.
    order: RandomState,
}

/// Records an entry for some time. If the memory is full of entries in force, it records no new
/// one.
///
/// Returns whether no such entry was in force.
pub(super) fn remember<K: Eq + std::hash::Hash>(entries: &mut HashMap<K, Instant>, key: K, time: Duration) -> bool {
    if entries.len() >= MAX_REMEMBERED {
        entries.retain(|_, since| since.elapsed() < time);
    }
    let fresh = entries.get(&key).is_none_or(|since| since.elapsed() >= time);
    if entries.len() < MAX_REMEMBERED || entries.contains_key(&key) {
        entries.insert(key, Instant::now());
    }
    fresh
}

impl Memory {
    /// Shuns a node. Returns whether it was not shunned before.
    pub(super) fn shun(&mut self, peer: PeerId) -> bool {
        remember(&mut self.shunned, peer, SHUNNED)
    }

    /// Doubts a node. Returns whether it was not doubted before.
    pub(super) fn doubt(&mut self, peer: PeerId) -> bool {
        remember(&mut self.doubted, peer, DOUBTED)
    }

    /// Returns whether a node sent wrong bytes a short time ago.
    pub(super) fn shuns(&self, peer: &PeerId) -> bool {
        self.shunned.get(peer).is_some_and(|since| since.elapsed() < SHUNNED)
    }

    /// Returns whether a node claimed a blob a short time ago and delivered nothing.
    pub(super) fn doubts(&self, peer: &PeerId) -> bool {
        self.doubted.get(peer).is_some_and(|since| since.elapsed() < DOUBTED)
    }

    /// Records right bytes that a node delivered.
    pub(super) fn credit(&mut self, peer: PeerId, bytes: u64) {
        self.doubted.remove(&peer);
        if self.proven.len() >= MAX_REMEMBERED && !self.proven.contains_key(&peer) {
            // Bytes delivered long ago count less and less.
            self.proven.retain(|_, bytes| {
                *bytes /= 2;
                *bytes > 0
            });
        }
        if self.proven.len() < MAX_REMEMBERED || self.proven.contains_key(&peer) {
            let proven = self.proven.entry(peer).or_default();
            *proven = proven.saturating_add(bytes);
        }
    }

    /// Returns the sources to use, the best first. Doubted ones are used only if there are no
    /// others.
    pub(super) fn choose(&self, mut found: Vec<(PeerId, Have)>) -> Vec<(PeerId, Have)> {
        if found.iter().any(|(peer, _)| !self.doubts(peer)) {
            found.retain(|(peer, _)| !self.doubts(peer));
        }
        found.sort_by_cached_key(|(peer, _)| {
            let proven = self.proven.get(peer).copied().unwrap_or(0);
            (std::cmp::Reverse(proven), self.order.hash_one(peer))
        });
        found.truncate(MAX_SOURCES);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::bitmap::Bitmap;

    #[test]
    fn sources_are_ordered_by_what_they_have_proved() {
        let have = || Have { len: 1, present: Bitmap::all(1) };
        let peers: Vec<PeerId> = std::iter::repeat_with(PeerId::random).take(4).collect();
        let mut memory = Memory::default();
        memory.credit(peers[2], 5);
        memory.credit(peers[1], 9);
        memory.doubt(peers[3]);
        let chosen = |memory: &Memory, peers: &[PeerId]| {
            let found = peers.iter().map(|peer| (*peer, have())).collect();
            memory.choose(found).into_iter().map(|(peer, _)| peer).collect::<Vec<_>>()
        };
        assert_eq!(chosen(&memory, &peers), [peers[1], peers[2], peers[0]]);
        assert_eq!(chosen(&memory, &peers[3..]), peers[3..]);
        // Delivered bytes clear the doubt.
        memory.credit(peers[3], 20);
        assert_eq!(chosen(&memory, &peers)[0], peers[3]);
    }

    #[test]
    fn what_is_remembered_of_nodes_is_bounded() {
        let mut memory = Memory::default();
        for _ in 0..2 * MAX_REMEMBERED {
            let peer = PeerId::random();
            memory.doubt(peer);
            memory.credit(PeerId::random(), 1);
        }
        assert_eq!(memory.doubted.len(), MAX_REMEMBERED);
        assert!(memory.proven.len() <= MAX_REMEMBERED);
    }
}
