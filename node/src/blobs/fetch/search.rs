//! The search for nodes that have a blob: the connected nodes and the DHT, at the same time.

use super::{Fetcher, peers::RequestError, run::Fetch};
use crate::blobs::{
    lock,
    wire::{Have, Request},
};
use codec::Encode;
use dpin_primitives::BlobHash;
use futures::{StreamExt, stream::FuturesUnordered};
use polkadot_sdk::sc_network::PeerId;
use std::{collections::HashSet, time::Duration};

/// Time in which a node must answer which chunks it has.
const SAYS: Duration = Duration::from_secs(5);
/// Most connected nodes asked for one blob.
const MAX_ASKED: usize = 64;
/// Most nodes from the DHT that are asked in addition.
const MAX_PROVIDERS: usize = 16;

impl Fetch<'_> {
    /// Returns the nodes that have parts of the blob, with the chunks of each, the best first.
    pub(super) async fn search(&mut self) -> Vec<(PeerId, Have)> {
        let (fetcher, id) = (self.fetcher, self.id);
        let mut searching = Some(fetcher.network.providers(id));
        let mut asked: HashSet<PeerId> = HashSet::new();
        let mut answers = FuturesUnordered::new();
        let mut found = Vec::new();
        let mut until: Option<tokio::time::Instant> = None;
        for peer in fetcher.network.peers().await {
            if asked.len() < MAX_ASKED && !lock(&fetcher.memory).shuns(&peer) && asked.insert(peer) {
                answers.push(fetcher.ask(id, peer));
            }
        }
        while searching.is_some() || !answers.is_empty() {
            tokio::select! {
                providers = async { match &mut searching {
                    Some(search) => search.await,
                    None => std::future::pending().await,
                } } => {
                    searching = None;
                    for peer in providers.into_iter().take(MAX_PROVIDERS) {
                        if !lock(&fetcher.memory).shuns(&peer) && asked.insert(peer) {
                            answers.push(fetcher.ask(id, peer));
                        }
                    }
                }
                Some((peer, answer)) = answers.next(), if !answers.is_empty() => {
                    self.tally.asked.insert(peer);
                    match answer {
                        Ok(Some(have)) => {
                            if until.is_none() && !lock(&fetcher.memory).doubts(&peer) {
                                until = Some(tokio::time::Instant::now() + fetcher.patience.gather);
                            }
                            found.push((peer, have));
                        }
                        Ok(None) => self.shun(peer),
                        Err(RequestError::Lost) => {
                            self.tally.lost.insert(peer);
                        }
                        Err(RequestError::Refused) => {}
                    }
                }
                () = async { match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                } } => break,
            }
        }
        lock(&fetcher.memory).choose(found)
    }

    /// Returns the sources whose blob has this length, without nodes that were just shunned.
    pub(super) fn fitting(&self, sources: Vec<(PeerId, Have)>, len: u64) -> Vec<(PeerId, Have)> {
        let memory = lock(&self.fetcher.memory);
        sources.into_iter().filter(|(peer, have)| have.len == len && !memory.shuns(peer)).collect()
    }
}

impl Fetcher {
    /// Asks a node which chunks it has.
    async fn ask(&self, id: BlobHash, peer: PeerId) -> (PeerId, Result<Option<Have>, RequestError>) {
        let asking = self.network.request(peer, Request::Have(id).encode());
        let answer = tokio::time::timeout(SAYS, asking).await.unwrap_or(Err(RequestError::Lost));
        (peer, answer.map(|bytes| Have::read(&bytes)))
    }
}
