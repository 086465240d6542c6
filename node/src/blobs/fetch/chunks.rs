//! The chunks of a blob, from several sources at once.

use super::{Fetcher, error::FetchError, peers::RequestError, run::Fetch, slots::Turn, source::Source};
use crate::blobs::{
    depot::{DepotError, Part},
    wire::{Have, MAX_REQUESTED_CHUNKS, Request},
};
use codec::Encode;
use dpin_primitives::{BlobHash, blob_tree::CHUNK_BYTES};
use futures::{StreamExt, stream::FuturesUnordered};
use polkadot_sdk::sc_network::PeerId;
use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

/// Failures in a row after which a source is dropped.
const MAX_FAILURES: u32 = 3;

/// The reason why a range of chunks was not received.
enum ChunkError {
    Request(RequestError),
    WrongBytes,
    Depot(DepotError),
}

/// A request for a range of chunks.
#[derive(Clone)]
struct ChunkRequest {
    peer: PeerId,
    range: Range<u32>,
    /// Time of the request; empty until there was room for it.
    sent: Arc<OnceLock<Instant>>,
}

impl ChunkRequest {
    /// Returns the number of bytes that are requested.
    fn bytes(&self) -> u64 {
        u64::from(self.range.end.saturating_sub(self.range.start)).saturating_mul(CHUNK_BYTES as u64)
    }

    fn is_late(&self, late: Duration) -> bool {
        self.sent.get().is_some_and(|sent| sent.elapsed() > late)
    }
}

/// A request that is under way.
struct Pending {
    request: ChunkRequest,
    /// Whether another source was asked for the range too.
    doubled: bool,
}

/// The distribution of missing chunks to the sources.
struct ChunkPlan {
    part: Arc<Part>,
    sources: Vec<Source>,
    missing: VecDeque<Range<u32>>,
    pending: Vec<Pending>,
    /// Right bytes that were received.
    received: u64,
}

impl ChunkPlan {
    fn new(part: &Arc<Part>, sources: Vec<(PeerId, Have)>) -> Self {
        let sources = sources.into_iter().map(Source::new).collect();
        let missing = part.present().missing(MAX_REQUESTED_CHUNKS).into();
        Self { part: part.clone(), sources, missing, pending: Vec::new(), received: 0 }
    }

    /// Returns the requests to send now: one for each source in turn, so that all sources are used
    /// even if the first could carry everything.
    fn issue(&mut self, late: Duration) -> Vec<ChunkRequest> {
        let mut requests = Vec::new();
        loop {
            let before = requests.len();
            for source in self.sources.iter_mut().filter(|source| source.under_way < source.window) {
                let range = source.take(&mut self.missing).or_else(|| late_range(source, &mut self.pending, late));
                let Some(range) = range else { continue };
                source.under_way += 1;
                let request = ChunkRequest { peer: source.peer, range, sent: Arc::default() };
                self.pending.push(Pending { request: request.clone(), doubled: false });
                requests.push(request);
            }
            if requests.len() == before {
                return requests;
            }
        }
    }

    /// Records that a request has ended.
    fn end(&mut self, request: &ChunkRequest, succeeded: bool) {
        self.pending.retain(|one| one.request.peer != request.peer || one.request.range != request.range);
        let Some(source) = self.sources.iter_mut().find(|source| source.peer == request.peer) else { return };
        source.under_way = source.under_way.saturating_sub(1);
        if succeeded {
            source.went_well(request.bytes());
        } else {
            source.went_badly();
        }
    }

    /// Queues a range again that was not received, unless another source sends it.
    fn retry(&mut self, range: Range<u32>) {
        let mut others = self.pending.iter_mut().filter(|one| one.request.range == range).peekable();
        let elsewhere = others.peek().is_some();
        // These requests may be sent to yet another source.
        others.for_each(|one| one.doubled = false);
        if !elsewhere && !self.part.has_all(range.clone()) {
            self.missing.push_front(range);
        }
    }
}

/// Takes a range that another source was asked for too long ago, and that this source has.
fn late_range(source: &Source, pending: &mut [Pending], late: Duration) -> Option<Range<u32>> {
    let fits = |one: &&mut Pending| {
        one.request.peer != source.peer
            && !one.doubled
            && one.request.is_late(late)
            && source.have.present.has_all(one.request.range.clone())
    };
    let one = pending.iter_mut().find(fits)?;
    one.doubled = true;
    Some(one.request.range.clone())
}

impl Fetch<'_> {
    /// Fetches the missing chunks from these sources.
    ///
    /// Returns when nothing is missing, no source is left, the turn is over, or nobody is
    /// interested any more.
    pub(super) async fn fetch_chunks(
        &mut self,
        part: &Arc<Part>,
        sources: Vec<(PeerId, Have)>,
        turn: &Turn<'_>,
    ) -> Result<(), FetchError> {
        let (fetcher, id, patience) = (self.fetcher, self.id, &self.fetcher.patience);
        let mut plan = ChunkPlan::new(part, sources);
        let mut under_way = FuturesUnordered::new();
        let outcome = loop {
            for request in plan.issue(patience.late) {
                under_way.push(fetcher.ask_chunks(id, part.clone(), request));
            }
            let (request, result) = tokio::select! {
                next = under_way.next() => match next {
                    Some(next) => next,
                    None => break Ok(()),
                },
                () = tokio::time::sleep(patience.tick) => {
                    if turn.is_over(plan.received, patience) || self.interest.is_over() {
                        break Ok(());
                    }
                    continue;
                }
            };
            plan.end(&request, result.is_ok());
            match result {
                Ok(()) => {
                    plan.received = plan.received.saturating_add(request.bytes());
                    if part.present().is_full() || turn.is_over(plan.received, patience) {
                        break Ok(());
                    }
                }
                Err(error) => {
                    if let Err(error) = self.handle(&mut plan, request, error) {
                        break Err(error);
                    }
                }
            }
        };
        self.judge_all(&plan);
        outcome
    }

    /// Handles a failed request. Returns the error that ends the fetch, if it is one.
    fn handle(&mut self, plan: &mut ChunkPlan, request: ChunkRequest, error: ChunkError) -> Result<(), FetchError> {
        let peer = request.peer;
        plan.retry(request.range);
        match error {
            ChunkError::WrongBytes => {
                self.shun(peer);
                plan.sources.retain(|source| source.peer != peer);
            }
            ChunkError::Request(error) => {
                if error == RequestError::Lost {
                    self.tally.lost.insert(peer);
                }
                let spent = |source: &Source| source.failures >= MAX_FAILURES;
                plan.sources.iter().filter(|source| spent(source)).for_each(|source| self.judge(source));
                plan.sources.retain(|source| !spent(source));
            }
            ChunkError::Depot(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Updates the memory about the sources that are left, except for those that had no chance to
    /// deliver.
    fn judge_all(&mut self, plan: &ChunkPlan) {
        let late = self.fetcher.patience.late;
        for source in &plan.sources {
            let is_late = |one: &Pending| one.request.peer == source.peer && one.request.is_late(late);
            if source.delivered > 0 || source.failures > 0 || plan.pending.iter().any(is_late) {
                self.judge(source);
            }
        }
    }
}

impl Fetcher {
    /// Sends a request, and writes the chunks that arrive.
    async fn ask_chunks(
        &self,
        id: BlobHash,
        part: Arc<Part>,
        request: ChunkRequest,
    ) -> (ChunkRequest, Result<(), ChunkError>) {
        let result = self.receive_chunks(id, part, &request).await;
        (request, result)
    }

    async fn receive_chunks(&self, id: BlobHash, part: Arc<Part>, chunks: &ChunkRequest) -> Result<(), ChunkError> {
        let range = chunks.range.clone();
        let count = range.end.saturating_sub(range.start);
        let room = self.under_way.acquire_many(count).await;
        let mut room = Some(room.map_err(|_| ChunkError::Request(RequestError::Refused))?);
        chunks.sent.get_or_init(Instant::now);
        let request = Request::Chunks { id, first: range.start, count };
        let asking = self.network.request(chunks.peer, request.encode());
        let asking = tokio::time::timeout(self.patience.answer, asking);
        futures::pin_mut!(asking);
        let answer = tokio::select! {
            answer = &mut asking => answer,
            () = tokio::time::sleep(self.patience.late) => {
                // A late answer takes no memory until it arrives, so others may use its room.
                room = None;
                asking.await
            }
        };
        let bytes = answer.unwrap_or(Err(RequestError::Lost)).map_err(ChunkError::Request)?;
        // Hash and write off the threads that keep the network going.
        let put = tokio::task::spawn_blocking(move || part.put(range, &bytes)).await;
        drop(room);
        match put.map_err(|_| ChunkError::Request(RequestError::Refused))? {
            Ok(()) => Ok(()),
            Err(DepotError::WrongBytes) => Err(ChunkError::WrongBytes),
            Err(error) => Err(ChunkError::Depot(error)),
        }
    }
}
