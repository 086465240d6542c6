//! The start of a blob: its leaves, from whichever source sends them first.

use super::{
    Fetcher,
    error::FetchError,
    peers::RequestError,
    run::{Begun, Fetch},
};
use crate::blobs::wire::{self, Have, Request};
use codec::Encode;
use dpin_primitives::{BlobHash, Hash, blob_tree};
use futures::{StreamExt, stream::FuturesUnordered};
use polkadot_sdk::sc_network::PeerId;
use std::{collections::HashMap, time::Instant};

/// Sources that are asked for the leaves at the start.
const FIRST_ASKED: usize = 4;

/// The leaves of a blob.
struct Leaves {
    /// The node that sent them.
    from: PeerId,
    /// Length of the blob in bytes, which they prove.
    len: u64,
    leaves: Vec<Hash>,
}

impl Fetch<'_> {
    /// Fetches the leaves from one of the sources, and reserves room in the depot.
    pub(super) async fn begin(&mut self, sources: &[(PeerId, Have)]) -> Result<Begun, FetchError> {
        let Some(Leaves { from, len, leaves }) = self.first_leaves(sources).await else { return Ok(Begun::Nothing) };
        if let Some(announced) = self.announced.filter(|announced| *announced != len) {
            return Err(FetchError::OtherSize { actual: len, announced });
        }
        let (depot, id) = (self.fetcher.depot.clone(), self.id);
        // The chunks on the disk may have to be hashed again.
        let begun = tokio::task::spawn_blocking(move || depot.begin(id, len, leaves)).await;
        Ok(match begun.map_err(|_| FetchError::Ended)?? {
            Some(part) => Begun::Part(part, from),
            None => Begun::Whole,
        })
    }

    /// Asks several sources for the leaves, one more at every interval. Returns the first right
    /// ones.
    async fn first_leaves(&mut self, sources: &[(PeerId, Have)]) -> Option<Leaves> {
        let (fetcher, id) = (self.fetcher, self.id);
        let mut rest = sources.iter();
        let mut asking = FuturesUnordered::new();
        let mut asked: HashMap<PeerId, Instant> = HashMap::new();
        for (peer, have) in rest.by_ref().take(FIRST_ASKED) {
            asked.insert(*peer, Instant::now());
            asking.push(fetcher.ask_leaves(id, *peer, have.len));
        }
        let leaves = loop {
            tokio::select! {
                Some((peer, len, answer)) = asking.next(), if !asking.is_empty() => {
                    asked.remove(&peer);
                    if let Some(leaves) = self.read_leaves(peer, len, answer) {
                        break leaves;
                    }
                }
                () = tokio::time::sleep(fetcher.patience.hedge), if !rest.as_slice().is_empty() => {}
                else => return None,
            }
            if let Some((peer, have)) = rest.next() {
                asked.insert(*peer, Instant::now());
                asking.push(fetcher.ask_leaves(id, *peer, have.len));
            }
        };
        asked.retain(|_, since| since.elapsed() > fetcher.patience.late);
        asked.into_keys().for_each(|peer| self.doubt(peer));
        Some(leaves)
    }

    /// Checks an answer against the id.
    fn read_leaves(&mut self, from: PeerId, len: u64, answer: Result<Vec<u8>, RequestError>) -> Option<Leaves> {
        match answer {
            Ok(bytes) => {
                let leaves: Vec<Hash> = wire::read_leaves(&bytes).unwrap_or_default();
                if blob_tree::fits(&self.id, len, &leaves) {
                    return Some(Leaves { from, len, leaves });
                }
                self.shun(from);
            }
            Err(RequestError::Refused) => self.doubt(from),
            Err(RequestError::Lost) => {
                self.tally.lost.insert(from);
                self.doubt(from);
            }
        }
        None
    }
}

impl Fetcher {
    /// Asks a node for the leaves of a blob that has `len` bytes, as the node says.
    async fn ask_leaves(&self, id: BlobHash, peer: PeerId, len: u64) -> (PeerId, u64, Result<Vec<u8>, RequestError>) {
        let asking = self.network.request(peer, Request::Leaves(id).encode());
        let answer = tokio::time::timeout(self.patience.answer, asking).await;
        (peer, len, answer.unwrap_or(Err(RequestError::Lost)))
    }
}
