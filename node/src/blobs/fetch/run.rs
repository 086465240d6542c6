//! One fetch, from the search for sources to the whole blob.

use super::{
    Fetcher,
    error::{FetchError, Tally},
    interest::Interest,
    slots::Turn,
    source::Source,
};
use crate::blobs::{LOG, depot::Part, lock};
use dpin_primitives::BlobHash;
use polkadot_sdk::sc_network::{PeerId, ReputationChange};
use std::{sync::Arc, time::Duration};

/// Most bytes of a small blob.
const SMALL: u64 = 16 * 1024 * 1024;
/// Fruitless rounds in a row after which the fetch is given up. A round is fruitless if it brings
/// no new chunk and no newly doubted node.
const FRUITLESS: u32 = 3;

/// The network bans a node at about five times this.
const WRONG_BYTES: ReputationChange = ReputationChange::new(-(1 << 28), "blobs: wrong bytes");

/// The result of [`Fetch::begin`].
pub(super) enum Begun {
    /// The blob is begun, with the leaves from this source.
    Part(Arc<Part>, PeerId),
    /// The whole blob is here already.
    Whole,
    /// No source sent the leaves.
    Nothing,
}

/// One fetch while it runs.
pub(super) struct Fetch<'a> {
    /// The fetcher that it belongs to.
    pub fetcher: &'a Fetcher,
    /// The blob.
    pub id: BlobHash,
    /// Its size on the chain, in bytes.
    pub announced: Option<u64>,
    /// The interest in it.
    pub interest: &'a Interest,
    /// The nodes that took part.
    pub tally: Tally,
    /// The chunks that are here, once the blob is begun.
    part: Option<Arc<Part>>,
}

impl<'a> Fetch<'a> {
    /// Creates a fetch that [`Self::run`] runs.
    pub(super) fn new(fetcher: &'a Fetcher, id: BlobHash, announced: Option<u64>, interest: &'a Interest) -> Self {
        Self { fetcher, id, announced, interest, tally: Tally::default(), part: None }
    }

    /// Fetches the blob in rounds, each in a turn of its own.
    pub(super) async fn run(mut self) -> Result<(), FetchError> {
        let fetcher = self.fetcher;
        let slots = if self.announced.is_some_and(|size| size <= SMALL) { &fetcher.small } else { &fetcher.large };
        self.check_room().await?;
        let mut fruitless = 0;
        loop {
            let turn = slots.turn(self.interest, &fetcher.patience).await?;
            let (present, doubted) = (self.present(), self.tally.doubted.len());
            if self.round(&turn).await? {
                return Ok(());
            }
            drop(turn);
            if self.interest.is_over() {
                return Err(FetchError::Abandoned);
            }
            // A round that has exposed false claims was useful: the next one goes without those
            // nodes.
            let useful = self.present() > present || self.tally.doubted.len() > doubted;
            fruitless = if useful { 0 } else { fruitless + 1 };
            if fruitless >= FRUITLESS {
                return Err(self.tally.into());
            }
            tokio::time::sleep(Duration::from_millis(500 << fruitless)).await;
        }
    }

    /// Checks the room before any node is asked for the blob.
    async fn check_room(&self) -> Result<(), FetchError> {
        let depot = self.fetcher.depot.clone();
        let Some(size) = self.announced.filter(|_| depot.status(&self.id).is_none()) else { return Ok(()) };
        let could_hold = tokio::task::spawn_blocking(move || depot.could_hold(size)).await;
        Ok(could_hold.map_err(|_| FetchError::Ended)??)
    }

    /// Returns the number of chunks that are here.
    fn present(&self) -> u32 {
        self.part.as_ref().map_or(0, |part| part.present().count())
    }

    /// Runs one round: finds sources, begins the blob, and fetches chunks. Returns whether the blob
    /// is whole.
    async fn round(&mut self, turn: &Turn<'_>) -> Result<bool, FetchError> {
        if self.fetcher.depot.status(&self.id).is_some_and(|status| status.is_whole()) {
            return Ok(true);
        }
        let mut sources = self.search().await;
        if self.part.is_none() && !sources.is_empty() {
            match self.begin(&sources).await? {
                Begun::Whole => return Ok(true),
                Begun::Part(begun, quickest) => {
                    self.part = Some(begun);
                    // This source has shown that it delivers.
                    sources.sort_by_key(|(peer, _)| *peer != quickest);
                }
                Begun::Nothing => {}
            }
        }
        let Some(part) = self.part.clone() else { return Ok(false) };
        let sources = self.fitting(sources, part.len());
        self.fetch_chunks(&part, sources, turn).await?;
        let whole = part.present().is_full();
        if whole {
            self.fetcher.depot.finish(&part);
        }
        Ok(whole)
    }

    /// Updates the memory about a source: credit for right bytes, doubt if there were none.
    pub(super) fn judge(&mut self, source: &Source) {
        if source.delivered > 0 {
            lock(&self.fetcher.memory).credit(source.peer, source.delivered);
        } else {
            self.doubt(source.peer);
        }
    }

    /// Doubts a node that claimed the blob and did not deliver.
    pub(super) fn doubt(&mut self, peer: PeerId) {
        self.tally.doubted.insert(peer);
        if lock(&self.fetcher.memory).doubt(peer) {
            log::debug!(target: LOG, "{peer} said that it has a blob, and did not deliver");
        }
    }

    /// Shuns and reports a node that sent wrong bytes.
    pub(super) fn shun(&mut self, peer: PeerId) {
        self.tally.wrong.insert(peer);
        // Report only once for all answers that were under way at the same time.
        if lock(&self.fetcher.memory).shun(peer) {
            log::debug!(target: LOG, "{peer} sent wrong bytes of a blob");
            self.fetcher.network.report(peer, WRONG_BYTES);
        }
    }
}
