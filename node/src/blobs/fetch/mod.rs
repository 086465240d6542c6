//! Fetches blobs from other nodes: from several at once, each chunk checked as it arrives.
//!
//! ```text
//!   ask peers and the DHT who has it --> leaves, checked against the id --> depot: part
//!        ^                                                                    |
//!        | no source is left                                                  v
//!        +--- ranges of chunks, as many under way at each source as it can keep up with
//! ```
//!
//! To claim a blob costs a node nothing. So the fetcher trusts no claim, and never waits for one
//! node alone. It asks neighbours and the DHT at the same time. It requests the leaves from several
//! sources, one more at every interval until they arrive. It requests a late range of chunks from
//! another source as well. Sources that have already delivered bytes come first. A node that claims
//! a blob and delivers nothing is doubted for some minutes, for all blobs: it is used only if no
//! other source has anything. A node that sends wrong bytes is reported and shunned.
//!
//! A source begins with a small window of requests. The window grows with every right answer and is
//! halved by every failed one. A source that fails too often in a row is dropped for this blob.
//! Missing ranges wait in one queue, so each source takes as many as it can carry. Chunks on the
//! disk stay there, whichever source fails.
//!
//! A fetch runs as long as somebody waits for it or has asked for it a short time ago. Small blobs
//! and large ones have slots of their own. While others wait for a slot, a fetch gives its slot up
//! after its turn, and sooner if it is slow.

use super::{
    depot::{Depot, DepotError, Part},
    wire::{self, Have, Request, MAX_REQUESTED_CHUNKS},
};
use codec::Encode;
use dpin_primitives::{
    blob_tree::{self, CHUNK_BYTES},
    BlobHash, Hash,
};
use futures::{
    future::{BoxFuture, Shared},
    stream::FuturesUnordered,
    FutureExt, StreamExt,
};
use polkadot_sdk::sc_network::{PeerId, ReputationChange};
use std::{
    collections::{hash_map::RandomState, HashMap, HashSet, VecDeque},
    future::Future,
    hash::BuildHasher,
    ops::Range,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    },
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit},
};

/// Most large blobs that are fetched at once, and most small ones. Further blobs wait.
const MAX_FETCHES: usize = 4;
/// Most bytes of a small blob.
const SMALL: u64 = 16 * 1024 * 1024;
/// Most blobs that are being fetched or wait for a slot.
const MAX_WAITING: usize = 256;
/// Most chunks under way, of all blobs together: 48 MiB.
const CHUNKS_UNDER_WAY: usize = 192;
/// Requests under way at one source: the first window, and the largest.
const WINDOW: Range<usize> = 4..16;
/// Time in which a node must answer which chunks it has.
const SAYS: Duration = Duration::from_secs(5);
/// Failures in a row after which a source is dropped.
const MAX_FAILURES: u32 = 3;
/// Most sources of one blob.
const MAX_SOURCES: usize = 32;
/// Most connected nodes asked for one blob.
const MAX_ASKED: usize = 64;
/// Most nodes from the DHT that are asked in addition.
const MAX_PROVIDERS: usize = 16;
/// Sources that are asked for the leaves at the start.
const FIRST_ASKED: usize = 4;
/// Time for which a node that sent wrong bytes is shunned.
const SHUNNED: Duration = Duration::from_secs(600);
/// Time for which a node that claimed a blob and delivered nothing is doubted.
const DOUBTED: Duration = Duration::from_secs(300);
/// Time for which a blob that could not be fetched is not tried again.
const REST: Duration = Duration::from_secs(2);
/// Most entries of each memory: nodes shunned, nodes doubted, bytes that nodes delivered, and blobs
/// that could not be fetched.
const MAX_REMEMBERED: usize = 1_024;
/// Fruitless rounds in a row after which the fetch is given up. A round is fruitless if it brings
/// no new chunk and no newly doubted node.
const FRUITLESS: u32 = 3;
/// Bytes per second that a fetch must receive to keep its slot for a whole turn while others wait.
const LEAST_RATE: u64 = 1024 * 1024;

/// The network bans a node at about five times this.
const WRONG_BYTES: ReputationChange = ReputationChange::new(-(1 << 28), "blobs: wrong bytes");

/// The timeouts and intervals of a fetch.
#[derive(Clone, Copy)]
struct Patience {
    /// Timeout of an answer. A source must send at least 35 KiB/s to meet it.
    answer: Duration,
    /// Time in which more sources are searched for, after the first one that is not doubted.
    gather: Duration,
    /// Interval after which one more source is asked for the leaves.
    hedge: Duration,
    /// Time after which a request is late: it is sent to another source too, and gives its room to
    /// others.
    late: Duration,
    /// Time for which a fetch keeps its slot while others wait.
    turn: Duration,
    /// Time for which a slow fetch keeps its slot while others wait.
    slow_turn: Duration,
    /// Time for which a fetch runs on when nobody waits for it or asks for it any more.
    linger: Duration,
    /// Interval between two checks of these times.
    tick: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(30),
            gather: Duration::from_secs(1),
            hedge: Duration::from_millis(500),
            late: Duration::from_secs(3),
            turn: Duration::from_secs(60),
            slow_turn: Duration::from_secs(10),
            linger: Duration::from_secs(60),
            tick: Duration::from_millis(250),
        }
    }
}

/// The reason why a request failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestError {
    /// The other node refuses: it does not have the data, or is too busy.
    Refused,
    /// The network could not deliver the request or the answer.
    Lost,
}

/// The functions of the network that fetching needs.
pub trait Network: Send + Sync + 'static {
    /// Returns the nodes this one is connected with.
    fn peers(&self) -> BoxFuture<'_, Vec<PeerId>>;
    /// Returns the nodes that claim in the DHT to have a blob.
    fn providers(&self, id: BlobHash) -> BoxFuture<'_, Vec<PeerId>>;
    /// Sends a request to a node, and returns its answer.
    fn request(&self, peer: PeerId, request: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, RequestError>>;
    /// Reports a node's behaviour to the network.
    fn report(&self, peer: PeerId, change: ReputationChange);
    /// Announces in the DHT that this node has a blob.
    fn provide(&self, id: BlobHash);
    /// Withdraws the announcement.
    fn withdraw(&self, id: BlobHash);
}

/// The reason why a blob was not fetched.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no source, or no useful one.
    #[error(
        "no node that can be reached has it; tried {asked} nodes, {wrong} sent wrong bytes, {lost} did not answer"
    )]
    NoSource {
        /// Number of nodes asked.
        asked: usize,
        /// Number of nodes that sent wrong bytes.
        wrong: usize,
        /// Number of nodes that did not answer.
        lost: usize,
    },
    /// The blob has another size than the chain says.
    #[error("it has {actual} bytes, and was announced with {announced}")]
    OtherSize {
        /// Size that its leaves prove, in bytes.
        actual: u64,
        /// Size on the chain, in bytes.
        announced: u64,
    },
    /// The depot refuses the blob.
    #[error("{0}")]
    Depot(Arc<DepotError>),
    /// Too many fetches wait.
    #[error("{} blobs are being fetched: try again later", MAX_WAITING)]
    Busy,
    /// The blob's run has ended, or the client that asked for it is gone.
    #[error("nobody waits for it any more")]
    Abandoned,
    /// The node is ending.
    #[error("the node is ending")]
    Ended,
}

impl From<DepotError> for FetchError {
    fn from(error: DepotError) -> Self {
        Self::Depot(Arc::new(error))
    }
}

/// The result of a fetch, shared by all that wait for it.
type Outcome = Shared<BoxFuture<'static, Result<(), FetchError>>>;

/// The interest in a fetch: it runs while somebody waits for it or has asked for it a short time
/// ago.
struct Interest {
    waiting: AtomicUsize,
    /// Time of the last request for it.
    asked: Mutex<Instant>,
    linger: Duration,
}

impl Interest {
    fn new(linger: Duration) -> Arc<Self> {
        Arc::new(Self { waiting: AtomicUsize::new(0), asked: Mutex::new(Instant::now()), linger })
    }

    fn renew(&self) {
        *lock(&self.asked) = Instant::now();
    }

    fn is_over(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == 0 && lock(&self.asked).elapsed() > self.linger
    }
}

/// Keeps an interest alive.
struct Hold(Arc<Interest>);

impl Hold {
    fn new(interest: &Arc<Interest>) -> Self {
        interest.waiting.fetch_add(1, Ordering::Relaxed);
        Self(interest.clone())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.renew();
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The slots of small fetches, or of large ones.
struct Lane {
    slots: Semaphore,
    waiting: AtomicUsize,
}

impl Lane {
    fn new(slots: usize) -> Self {
        Self { slots: Semaphore::new(slots), waiting: AtomicUsize::new(0) }
    }
}

/// A slot, held for a limited time.
struct Turn<'a> {
    lane: &'a Lane,
    since: Instant,
    _slot: SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// Returns whether the slot must be left to waiting fetches, after `bytes` were received.
    fn is_over(&self, bytes: u64, patience: &Patience) -> bool {
        let time = self.since.elapsed();
        let slow = time > patience.slow_turn && bytes < LEAST_RATE.saturating_mul(time.as_secs());
        self.lane.waiting.load(Ordering::Relaxed) > 0 && (time > patience.turn || slow)
    }
}

struct Running {
    outcome: Outcome,
    interest: Arc<Interest>,
}

/// Memory about other nodes, across all blobs.
#[derive(Default)]
struct Memory {
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
fn remember<K: Eq + std::hash::Hash>(entries: &mut HashMap<K, Instant>, key: K, time: Duration) -> bool {
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
    fn shuns(&self, peer: &PeerId) -> bool {
        self.shunned.get(peer).is_some_and(|since| since.elapsed() < SHUNNED)
    }

    fn doubts(&self, peer: &PeerId) -> bool {
        self.doubted.get(peer).is_some_and(|since| since.elapsed() < DOUBTED)
    }

    fn credit(&mut self, peer: PeerId, bytes: u64) {
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
    fn choose(&self, mut found: Vec<(PeerId, Have)>) -> Vec<(PeerId, Have)> {
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

/// Fetches blobs from other nodes: see the [module](self).
pub struct Fetcher {
    depot: Arc<Depot>,
    network: Arc<dyn Network>,
    running: Mutex<HashMap<BlobHash, Running>>,
    failed: Mutex<HashMap<BlobHash, Instant>>,
    small: Lane,
    large: Lane,
    under_way: Semaphore,
    memory: Mutex<Memory>,
    patience: Patience,
    runtime: Handle,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fetcher {
    /// Creates a fetcher that fetches into `depot` over `network`.
    pub fn new(depot: Arc<Depot>, network: Arc<dyn Network>, runtime: Handle) -> Arc<Self> {
        Self::with_patience(depot, network, runtime, Patience::default())
    }

    fn with_patience(depot: Arc<Depot>, network: Arc<dyn Network>, runtime: Handle, patience: Patience) -> Arc<Self> {
        Arc::new(Self {
            depot,
            network,
            running: Mutex::default(),
            failed: Mutex::default(),
            small: Lane::new(MAX_FETCHES),
            large: Lane::new(MAX_FETCHES),
            under_way: Semaphore::new(CHUNKS_UNDER_WAY),
            memory: Mutex::default(),
            patience,
            runtime,
        })
    }

    /// Fetches a blob, or waits for a fetch that is already running. `announced` is its size on the
    /// chain, in bytes.
    ///
    /// The fetch runs while somebody waits for it, and for a while after the last request.
    pub fn fetch(
        self: &Arc<Self>,
        id: BlobHash,
        announced: Option<u64>,
    ) -> impl Future<Output = Result<(), FetchError>> + Send + 'static {
        let joined = self.join(id, announced);
        async move {
            // The hold lasts as long as somebody waits for this future.
            let (outcome, _hold) = joined?;
            outcome.await
        }
    }

    fn join(self: &Arc<Self>, id: BlobHash, announced: Option<u64>) -> Result<(Outcome, Hold), FetchError> {
        let mut running = lock(&self.running);
        if let Some(Running { outcome, interest }) = running.get(&id) {
            return Ok((outcome.clone(), Hold::new(interest)));
        }
        if running.len() >= MAX_WAITING {
            return Err(FetchError::Busy);
        }
        let interest = Interest::new(self.patience.linger);
        let hold = Hold::new(&interest);
        let (this, cared) = (self.clone(), interest.clone());
        let task = self.runtime.spawn(async move {
            let outcome = this.run(id, announced, &cared).await;
            lock(&this.running).remove(&id);
            match &outcome {
                Ok(()) => {
                    log::info!(target: super::LOG, "📦 Fetched blob {id:?}");
                    this.network.provide(id);
                }
                Err(error) => {
                    // Only this node's operator can fix this.
                    let level =
                        if matches!(error, FetchError::Depot(_)) { log::Level::Warn } else { log::Level::Debug };
                    log::log!(target: super::LOG, level, "Blob {id:?} was not fetched: {error}");
                    remember(&mut lock(&this.failed), id, REST);
                }
            }
            outcome
        });
        let outcome = task.map(|outcome| outcome.unwrap_or(Err(FetchError::Ended))).boxed().shared();
        running.insert(id, Running { outcome: outcome.clone(), interest });
        Ok((outcome, hold))
    }

    /// Returns whether a blob could not be fetched a moment ago, so that it need not be tried again
    /// at once.
    pub fn rests(&self, id: &BlobHash) -> bool {
        lock(&self.failed).get(id).is_some_and(|since| since.elapsed() < REST)
    }

    /// Returns whether a blob is being fetched. If it is, keeps the fetch going for a while.
    pub fn goes_on(&self, id: &BlobHash) -> bool {
        lock(&self.running).get(id).inspect(|running| running.interest.renew()).is_some()
    }

    async fn run(&self, id: BlobHash, announced: Option<u64>, interest: &Interest) -> Result<(), FetchError> {
        let lane = if announced.is_some_and(|size| size <= SMALL) { &self.small } else { &self.large };
        let mut tally = Tally::default();
        let mut fruitless = 0;
        let mut part: Option<Arc<Part>> = None;
        if let Some(size) = announced.filter(|_| self.depot.status(&id).is_none()) {
            // Check the room before any node is asked for the blob.
            let depot = self.depot.clone();
            tokio::task::spawn_blocking(move || depot.could_hold(size)).await.map_err(|_| FetchError::Ended)??;
        }
        loop {
            let turn = self.turn(lane, interest).await?;
            if self.depot.status(&id).is_some_and(|status| status.is_whole()) {
                return Ok(());
            }
            let before = part.as_ref().map_or(0, |part| part.present().count());
            let doubted = tally.doubted.len();
            let mut sources = self.sources(id, &mut tally).await;
            if part.is_none() && !sources.is_empty() {
                match self.begin(id, announced, &sources, &mut tally).await? {
                    Begun::Whole => return Ok(()),
                    Begun::Part(begun, quickest) => {
                        part = Some(begun);
                        // This source has shown that it delivers.
                        sources.sort_by_key(|(peer, _)| *peer != quickest);
                    }
                    Begun::Nothing => {}
                }
            }
            if let Some(part) = &part {
                let sources = self.fitting(sources, part.len());
                self.draw_from(id, part, sources, &turn, interest, &mut tally).await?;
                if part.present().is_full() {
                    self.depot.finish(part);
                    return Ok(());
                }
            }
            drop(turn);
            if interest.is_over() {
                return Err(FetchError::Abandoned);
            }
            let progress = part.as_ref().map_or(0, |part| part.present().count()) > before;
            // A round that has exposed false claims was useful: the next one goes without those
            // nodes.
            let wiser = tally.doubted.len() > doubted;
            fruitless = if progress || wiser { 0 } else { fruitless + 1 };
            if fruitless >= FRUITLESS {
                return Err(tally.into());
            }
            tokio::time::sleep(Duration::from_millis(500 << fruitless)).await;
        }
    }

    /// Returns the sources whose blob has this length, without nodes that were just shunned.
    fn fitting(&self, sources: Vec<(PeerId, Have)>, len: u64) -> Vec<(PeerId, Have)> {
        let memory = lock(&self.memory);
        sources.into_iter().filter(|(peer, have)| have.len == len && !memory.shuns(peer)).collect()
    }

    /// Waits for a slot, as long as somebody is interested.
    async fn turn<'a>(&self, lane: &'a Lane, interest: &Interest) -> Result<Turn<'a>, FetchError> {
        lane.waiting.fetch_add(1, Ordering::Relaxed);
        let over = async {
            while !interest.is_over() {
                tokio::time::sleep(self.patience.tick).await;
            }
        };
        let slot = tokio::select! {
            slot = lane.slots.acquire() => slot.map_err(|_| FetchError::Ended),
            () = over => Err(FetchError::Abandoned),
        };
        lane.waiting.fetch_sub(1, Ordering::Relaxed);
        Ok(Turn { lane, since: Instant::now(), _slot: slot? })
    }

    /// Returns the nodes that have parts of the blob, with the chunks of each, the best first.
    async fn sources(&self, id: BlobHash, tally: &mut Tally) -> Vec<(PeerId, Have)> {
        let mut searching = Some(self.network.providers(id));
        let mut asked: HashSet<PeerId> = HashSet::new();
        let mut answers = FuturesUnordered::new();
        let mut found = Vec::new();
        let mut until: Option<tokio::time::Instant> = None;
        for peer in self.network.peers().await {
            if asked.len() < MAX_ASKED && !lock(&self.memory).shuns(&peer) && asked.insert(peer) {
                answers.push(self.ask(id, peer));
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
                        if !lock(&self.memory).shuns(&peer) && asked.insert(peer) {
                            answers.push(self.ask(id, peer));
                        }
                    }
                }
                Some((peer, answer)) = answers.next(), if !answers.is_empty() => {
                    tally.asked.insert(peer);
                    match answer {
                        Ok(Some(have)) => {
                            if until.is_none() && !lock(&self.memory).doubts(&peer) {
                                until = Some(tokio::time::Instant::now() + self.patience.gather);
                            }
                            found.push((peer, have));
                        }
                        Ok(None) => self.shun(peer, tally),
                        Err(RequestError::Lost) => {
                            tally.lost.insert(peer);
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
        lock(&self.memory).choose(found)
    }

    /// Asks a node which chunks it has.
    async fn ask(&self, id: BlobHash, peer: PeerId) -> (PeerId, Result<Option<Have>, RequestError>) {
        let asking = self.network.request(peer, Request::Have(id).encode());
        let answer = tokio::time::timeout(SAYS, asking).await.unwrap_or(Err(RequestError::Lost));
        (peer, answer.map(|bytes| Have::read(&bytes)))
    }

    /// Fetches the leaves from one of the sources, and reserves room in the depot.
    async fn begin(
        &self,
        id: BlobHash,
        announced: Option<u64>,
        sources: &[(PeerId, Have)],
        tally: &mut Tally,
    ) -> Result<Begun, FetchError> {
        let mut rest = sources.iter();
        let mut asking = FuturesUnordered::new();
        let mut asked: HashMap<PeerId, Instant> = HashMap::new();
        let ask = |peer: PeerId, len: u64| async move {
            let asking = self.network.request(peer, Request::Leaves(id).encode());
            let answer = tokio::time::timeout(self.patience.answer, asking).await;
            (peer, len, answer.unwrap_or(Err(RequestError::Lost)))
        };
        for (peer, have) in rest.by_ref().take(FIRST_ASKED) {
            asked.insert(*peer, Instant::now());
            asking.push(ask(*peer, have.len));
        }
        let (quickest, len, leaves) = loop {
            tokio::select! {
                Some((peer, len, answer)) = asking.next(), if !asking.is_empty() => {
                    asked.remove(&peer);
                    match answer {
                        Ok(bytes) => {
                            let leaves: Vec<Hash> = wire::read_leaves(&bytes).unwrap_or_default();
                            if blob_tree::fits(&id, len, &leaves) {
                                break (peer, len, leaves);
                            }
                            self.shun(peer, tally);
                        }
                        Err(RequestError::Refused) => self.doubt(peer, tally),
                        Err(RequestError::Lost) => {
                            tally.lost.insert(peer);
                            self.doubt(peer, tally);
                        }
                    }
                }
                () = tokio::time::sleep(self.patience.hedge), if !rest.as_slice().is_empty() => {}
                else => return Ok(Begun::Nothing),
            }
            if let Some((peer, have)) = rest.next() {
                asked.insert(*peer, Instant::now());
                asking.push(ask(*peer, have.len));
            }
        };
        asked.retain(|_, since| since.elapsed() > self.patience.late);
        asked.into_keys().for_each(|peer| self.doubt(peer, tally));
        if let Some(announced) = announced.filter(|announced| *announced != len) {
            return Err(FetchError::OtherSize { actual: len, announced });
        }
        let depot = self.depot.clone();
        // The chunks on the disk may have to be hashed again.
        let begun = tokio::task::spawn_blocking(move || depot.begin(id, len, leaves)).await;
        Ok(match begun.map_err(|_| FetchError::Ended)?? {
            Some(part) => Begun::Part(part, quickest),
            None => Begun::Whole,
        })
    }

    /// Fetches the missing chunks from these sources.
    ///
    /// Returns when nothing is missing, no source is left, the turn is over, or nobody is
    /// interested any more.
    async fn draw_from(
        &self,
        id: BlobHash,
        part: &Arc<Part>,
        sources: Vec<(PeerId, Have)>,
        turn: &Turn<'_>,
        interest: &Interest,
        tally: &mut Tally,
    ) -> Result<(), FetchError> {
        let mut sources: Vec<Source> = sources.into_iter().map(Source::new).collect();
        let mut missing: VecDeque<Range<u32>> = part.present().missing(MAX_REQUESTED_CHUNKS).into();
        let mut pending: Vec<Pending> = Vec::new();
        let mut under_way = FuturesUnordered::new();
        let mut brought = 0u64;
        let outcome = loop {
            // One request each in turn, so that all sources are used even if the first could carry
            // everything.
            let mut issued = true;
            while issued {
                issued = false;
                for source in sources.iter_mut().filter(|source| source.under_way < source.window) {
                    let range = source.take(&mut missing).or_else(|| self.late_one(source, &mut pending));
                    if let Some(range) = range {
                        source.under_way += 1;
                        issued = true;
                        let sent = Arc::new(OnceLock::new());
                        let one =
                            Pending { peer: source.peer, range: range.clone(), sent: sent.clone(), doubled: false };
                        pending.push(one);
                        under_way.push(self.ask_chunks(id, part.clone(), source.peer, range, sent));
                    }
                }
            }
            let (peer, range, result) = tokio::select! {
                next = under_way.next() => match next {
                    Some(next) => next,
                    None => break Ok(()),
                },
                () = tokio::time::sleep(self.patience.tick) => {
                    if turn.is_over(brought, &self.patience) || interest.is_over() {
                        break Ok(());
                    }
                    continue;
                }
            };
            pending.retain(|one| one.peer != peer || one.range != range);
            let bytes = u64::from(range.end.saturating_sub(range.start)).saturating_mul(CHUNK_BYTES as u64);
            let source = sources.iter_mut().find(|source| source.peer == peer);
            if let Some(source) = source {
                source.under_way = source.under_way.saturating_sub(1);
                match &result {
                    Ok(()) => source.went_well(bytes),
                    Err(_) => source.went_badly(),
                }
            }
            match result {
                Ok(()) => {
                    brought = brought.saturating_add(bytes);
                    if part.present().is_full() || turn.is_over(brought, &self.patience) {
                        break Ok(());
                    }
                }
                Err(failure) => {
                    let mut others = pending.iter_mut().filter(|one| one.range == range).peekable();
                    let elsewhere = others.peek().is_some();
                    // These requests may be sent to yet another source.
                    others.for_each(|one| one.doubled = false);
                    if !elsewhere && !part.present().has_all(range.clone()) {
                        missing.push_front(range);
                    }
                    match failure {
                        Failure::WrongBytes => {
                            self.shun(peer, tally);
                            sources.retain(|source| source.peer != peer);
                        }
                        Failure::Request(error) => {
                            if error == RequestError::Lost {
                                tally.lost.insert(peer);
                            }
                            let spent = |source: &Source| source.failures >= MAX_FAILURES;
                            sources.iter().filter(|source| spent(source)).for_each(|source| self.judge(source, tally));
                            sources.retain(|source| !spent(source));
                        }
                        Failure::Depot(error) => break Err(error.into()),
                    }
                }
            }
        };
        for source in &sources {
            let late = |one: &Pending| one.peer == source.peer && one.is_late(self.patience.late);
            if source.delivered > 0 || source.failures > 0 || pending.iter().any(late) {
                self.judge(source, tally);
            }
        }
        outcome
    }

    /// Takes a range that another source was asked for too long ago, and that this source has.
    fn late_one(&self, source: &Source, pending: &mut [Pending]) -> Option<Range<u32>> {
        let fits = |one: &&mut Pending| {
            one.peer != source.peer
                && !one.doubled
                && one.is_late(self.patience.late)
                && source.have.present.has_all(one.range.clone())
        };
        let one = pending.iter_mut().find(fits)?;
        one.doubled = true;
        Some(one.range.clone())
    }

    async fn ask_chunks(
        &self,
        id: BlobHash,
        part: Arc<Part>,
        peer: PeerId,
        range: Range<u32>,
        sent: Arc<OnceLock<Instant>>,
    ) -> (PeerId, Range<u32>, Result<(), Failure>) {
        let count = range.end.saturating_sub(range.start);
        let result = async {
            let room = self.under_way.acquire_many(count).await;
            let mut room = Some(room.map_err(|_| Failure::Request(RequestError::Refused))?);
            sent.get_or_init(Instant::now);
            let request = Request::Chunks { id, first: range.start, count };
            let asking = self.network.request(peer, request.encode());
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
            let bytes = answer.unwrap_or(Err(RequestError::Lost)).map_err(Failure::Request)?;
            let chunks = range.clone();
            // Hash and write off the threads that keep the network going.
            let put = tokio::task::spawn_blocking(move || part.put(chunks, &bytes)).await;
            drop(room);
            match put.map_err(|_| Failure::Request(RequestError::Refused))? {
                Ok(()) => Ok(()),
                Err(DepotError::WrongBytes) => Err(Failure::WrongBytes),
                Err(error) => Err(Failure::Depot(error)),
            }
        };
        let result = result.await;
        (peer, range, result)
    }

    /// Updates the memory about a source: credit for right bytes, doubt if there were none.
    fn judge(&self, source: &Source, tally: &mut Tally) {
        if source.delivered > 0 {
            lock(&self.memory).credit(source.peer, source.delivered);
        } else {
            self.doubt(source.peer, tally);
        }
    }

    fn doubt(&self, peer: PeerId, tally: &mut Tally) {
        tally.doubted.insert(peer);
        if remember(&mut lock(&self.memory).doubted, peer, DOUBTED) {
            log::debug!(target: super::LOG, "{peer} said that it has a blob, and did not deliver");
        }
    }

    fn shun(&self, peer: PeerId, tally: &mut Tally) {
        tally.wrong.insert(peer);
        // Report only once for all answers that were under way at the same time.
        if remember(&mut lock(&self.memory).shunned, peer, SHUNNED) {
            log::debug!(target: super::LOG, "{peer} sent wrong bytes of a blob");
            self.network.report(peer, WRONG_BYTES);
        }
    }
}

/// The result of [`Fetcher::begin`].
enum Begun {
    /// The blob is begun, with the leaves from this source.
    Part(Arc<Part>, PeerId),
    /// The whole blob is here already.
    Whole,
    /// No source sent the leaves.
    Nothing,
}

/// The reason why a range of chunks was not received.
enum Failure {
    Request(RequestError),
    WrongBytes,
    Depot(DepotError),
}

/// Counts for the error message of a failed fetch.
#[derive(Default)]
struct Tally {
    asked: HashSet<PeerId>,
    wrong: HashSet<PeerId>,
    lost: HashSet<PeerId>,
    doubted: HashSet<PeerId>,
}

impl From<Tally> for FetchError {
    fn from(tally: Tally) -> Self {
        Self::NoSource { asked: tally.asked.len(), wrong: tally.wrong.len(), lost: tally.lost.len() }
    }
}

/// A range that a source was asked for.
struct Pending {
    peer: PeerId,
    range: Range<u32>,
    /// Time of the request; empty until there was room for it.
    sent: Arc<OnceLock<Instant>>,
    /// Whether another source was asked for the range too.
    doubled: bool,
}

impl Pending {
    fn is_late(&self, late: Duration) -> bool {
        self.sent.get().is_some_and(|sent| sent.elapsed() > late)
    }
}

/// A node that has the blob, or a part of it.
struct Source {
    peer: PeerId,
    have: Have,
    window: usize,
    under_way: usize,
    failures: u32,
    /// Right bytes that it delivered.
    delivered: u64,
}

impl Source {
    fn new((peer, have): (PeerId, Have)) -> Self {
        Self { peer, have, window: WINDOW.start, under_way: 0, failures: 0, delivered: 0 }
    }

    /// Takes the first missing range that this source has.
    fn take(&self, missing: &mut VecDeque<Range<u32>>) -> Option<Range<u32>> {
        let place = missing.iter().position(|range| self.have.present.has_all(range.clone()))?;
        missing.remove(place)
    }

    fn went_well(&mut self, bytes: u64) {
        self.delivered = self.delivered.saturating_add(bytes);
        self.failures = 0;
        self.window = (self.window + 1).min(WINDOW.end);
    }

    fn went_badly(&mut self) {
        self.failures += 1;
        self.window = (self.window / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            depot::tests::{blob, depot, read, upload},
            serve::look_up,
        },
        *,
    };
    use dpin_primitives::blob_tree::CHUNK_BYTES;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A node's change to an answer before it sends it.
    type Conduct = Box<dyn Fn(&Request, Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, RequestError>> + Send + Sync>;

    struct Peer {
        depot: Arc<Depot>,
        conduct: Conduct,
        leaves: AtomicUsize,
        chunks: AtomicUsize,
    }

    /// Nodes that are asked without a network in between.
    #[derive(Default)]
    struct Fake {
        connected: Vec<PeerId>,
        providing: Vec<PeerId>,
        peers: HashMap<PeerId, Peer>,
        reports: Mutex<Vec<PeerId>>,
        provided: Mutex<Vec<BlobHash>>,
    }

    impl Fake {
        fn with(mut self, depot: &Arc<Depot>, conduct: Conduct) -> Self {
            let peer = PeerId::random();
            self.connected.push(peer);
            self.peers.insert(
                peer,
                Peer { depot: depot.clone(), conduct, leaves: AtomicUsize::new(0), chunks: AtomicUsize::new(0) },
            );
            self
        }

        /// Returns the number of requests for chunks to each node, in the order in which the nodes
        /// were added.
        fn asked(&self) -> Vec<usize> {
            self.connected.iter().map(|peer| self.peers[peer].chunks.load(Ordering::Relaxed)).collect()
        }

        /// Returns the number of requests for leaves to each node, in the order in which the nodes
        /// were added.
        fn asked_for_leaves(&self) -> Vec<usize> {
            self.connected.iter().map(|peer| self.peers[peer].leaves.load(Ordering::Relaxed)).collect()
        }

        fn reported(&self) -> Vec<usize> {
            let place = |peer: &PeerId| self.connected.iter().position(|other| other == peer);
            self.reports.lock().unwrap().iter().filter_map(place).collect()
        }
    }

    impl Network for Fake {
        fn peers(&self) -> BoxFuture<'_, Vec<PeerId>> {
            let connected = self.connected.iter().filter(|peer| !self.providing.contains(peer));
            futures::future::ready(connected.copied().collect()).boxed()
        }
        fn providers(&self, _: BlobHash) -> BoxFuture<'_, Vec<PeerId>> {
            futures::future::ready(self.providing.clone()).boxed()
        }
        fn request(&self, peer: PeerId, request: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, RequestError>> {
            let request = Request::read(&request).expect("only right requests are sent");
            let peer = &self.peers[&peer];
            match &request {
                Request::Leaves(_) => peer.leaves.fetch_add(1, Ordering::Relaxed),
                Request::Chunks { .. } => peer.chunks.fetch_add(1, Ordering::Relaxed),
                Request::Have(_) => 0,
            };
            match look_up(&peer.depot, &request) {
                Some(answer) => (peer.conduct)(&request, answer),
                None => futures::future::ready(Err(RequestError::Refused)).boxed(),
            }
        }
        fn report(&self, peer: PeerId, change: ReputationChange) {
            assert!(change.value < 0);
            self.reports.lock().unwrap().push(peer);
        }
        fn provide(&self, id: BlobHash) {
            self.provided.lock().unwrap().push(id);
        }
        fn withdraw(&self, _: BlobHash) {}
    }

    /// Sends its data unchanged.
    fn honest() -> Conduct {
        Box::new(|_, answer| futures::future::ready(Ok(answer)).boxed())
    }

    /// Changes the bytes of chunks.
    fn changes(change: fn(&mut Vec<u8>)) -> Conduct {
        Box::new(move |request, mut answer| {
            if !request.chunks().is_empty() {
                change(&mut answer);
            }
            futures::future::ready(Ok(answer)).boxed()
        })
    }

    /// Claims a blob and never sends a byte of it.
    fn silent() -> Conduct {
        Box::new(|request, answer| match request {
            Request::Chunks { .. } => futures::future::pending().boxed(),
            _ => futures::future::ready(Ok(answer)).boxed(),
        })
    }

    /// The start of a test: a blob of `chunks` chunks and 77 bytes in their depot, and an empty
    /// depot of ours.
    struct Scene {
        _dir: tempfile::TempDir,
        id: BlobHash,
        bytes: Vec<u8>,
        theirs: Arc<Depot>,
        ours: Arc<Depot>,
    }

    impl Scene {
        fn new(chunks: usize) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let (id, _, bytes) = blob(chunks * CHUNK_BYTES + 77, 1);
            let theirs = depot(&dir.path().join("theirs"), 1 << 30);
            upload(&theirs, id, &bytes).unwrap();
            let ours = depot(&dir.path().join("ours"), 1 << 30);
            Self { _dir: dir, id, bytes, theirs, ours }
        }

        async fn fetch(&self, network: Fake) -> (Result<(), FetchError>, Arc<Fake>) {
            let network = Arc::new(network);
            let patience = Patience { answer: Duration::from_millis(300), ..Patience::default() };
            let fetcher = Fetcher::with_patience(self.ours.clone(), network.clone(), Handle::current(), patience);
            (fetcher.fetch(self.id, Some(self.bytes.len() as u64)).await, network)
        }

        fn is_here(&self) -> bool {
            read(&self.ours, self.id).is_some_and(|bytes| bytes == self.bytes)
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_blob_comes_from_several_sources_at_once_and_is_provided_then() {
        let scene = Scene::new(99);
        let (outcome, network) =
            scene.fetch(Fake::default().with(&scene.theirs, honest()).with(&scene.theirs, honest())).await;
        outcome.unwrap();
        assert!(scene.is_here());
        let asked = network.asked();
        assert_eq!(asked.iter().sum::<usize>(), 25);
        assert!(asked.iter().all(|count| *count >= WINDOW.start), "{asked:?}");
        assert_eq!(*network.provided.lock().unwrap(), [scene.id]);
        assert!(network.reported().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_sends_other_fewer_or_more_bytes_is_dropped_and_reported_once() {
        let scene = Scene::new(60);
        let network = Fake::default()
            .with(&scene.theirs, changes(|bytes| bytes[5] ^= 1))
            .with(&scene.theirs, changes(|bytes| bytes.truncate(bytes.len() - 1)))
            .with(&scene.theirs, changes(|bytes| bytes.push(0)))
            .with(&scene.theirs, honest());
        let (outcome, network) = scene.fetch(network).await;
        outcome.unwrap();
        assert!(scene.is_here());
        let mut reported = network.reported();
        reported.sort_unstable();
        assert_eq!(reported, [0, 1, 2]);
        let asked = network.asked();
        assert!(asked[..3].iter().all(|count| *count <= WINDOW.start), "{asked:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_silent_holds_up_nobody_and_is_not_reported() {
        let scene = Scene::new(60);
        let (outcome, network) =
            scene.fetch(Fake::default().with(&scene.theirs, silent()).with(&scene.theirs, honest())).await;
        outcome.unwrap();
        assert!(scene.is_here());
        assert!(network.reported().is_empty());
        assert!(network.asked()[0] <= WINDOW.start, "{:?}", network.asked());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn wrong_leaves_and_nonsense_are_seen_before_anything_is_kept() {
        let scene = Scene::new(3);
        let other: Conduct = Box::new(|request, mut answer| {
            if matches!(request, Request::Leaves(_)) {
                answer[0] ^= 1;
            }
            futures::future::ready(Ok(answer)).boxed()
        });
        let nonsense: Conduct = Box::new(|_, _| futures::future::ready(Ok(b"nonsense".to_vec())).boxed());
        let network = Fake::default().with(&scene.theirs, other).with(&scene.theirs, nonsense);
        let (outcome, network) = scene.fetch(network).await;
        let error = outcome.unwrap_err();
        assert!(matches!(error, FetchError::NoSource { asked: 2, wrong: 2, lost: 0 }), "{error}");
        assert_eq!(scene.ours.status(&scene.id), None);
        assert_eq!(network.reported().len(), 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_has_it_is_an_error_that_says_so() {
        let scene = Scene::new(1);
        let empty = scene.ours.clone();
        let (outcome, _) = scene.fetch(Fake::default().with(&empty, honest())).await;
        let error = outcome.unwrap_err();
        assert!(matches!(error, FetchError::NoSource { asked: 1, wrong: 0, lost: 0 }), "{error}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_source_may_be_found_in_the_dht_alone() {
        let scene = Scene::new(1);
        let mut network = Fake::default().with(&scene.theirs, honest());
        network.providing = network.connected.clone();
        let (outcome, _) = scene.fetch(network).await;
        outcome.unwrap();
        assert!(scene.is_here());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_there_is_not_fetched_again_after_a_restart() {
        let mut scene = Scene::new(40);
        {
            let leaves = scene.theirs.leaves(&scene.id).unwrap().unwrap();
            let part = scene.ours.begin(scene.id, scene.bytes.len() as u64, leaves).unwrap().unwrap();
            part.put(0..32, &scene.bytes[..32 * CHUNK_BYTES]).unwrap();
        }
        scene.ours = depot(&scene._dir.path().join("ours"), 1 << 30);
        let (outcome, network) = scene.fetch(Fake::default().with(&scene.theirs, honest())).await;
        outcome.unwrap();
        assert!(scene.is_here());
        // Chunks 32 to 40.
        assert_eq!(network.asked(), [3]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn parts_of_several_nodes_make_a_whole() {
        let scene = Scene::new(7);
        let leaves = scene.theirs.leaves(&scene.id).unwrap().unwrap();
        let halves = [0..4u32, 4..8].map(|chunks| {
            let half = depot(&scene._dir.path().join(format!("half {}", chunks.start)), 1 << 30);
            let part = half.begin(scene.id, scene.bytes.len() as u64, leaves.clone()).unwrap().unwrap();
            let end = scene.bytes.len().min(chunks.end as usize * CHUNK_BYTES);
            part.put(chunks.clone(), &scene.bytes[chunks.start as usize * CHUNK_BYTES..end]).unwrap();
            half
        });
        let network = Fake::default().with(&halves[0], honest()).with(&halves[1], honest());
        let (outcome, _) = scene.fetch(network).await;
        outcome.unwrap();
        assert!(scene.is_here());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_depot_and_a_size_that_was_announced_wrong_are_reasons() {
        let mut scene = Scene::new(2);
        let network = || Fake::default().with(&scene.theirs, honest());
        let fetcher = Fetcher::new(scene.ours.clone(), Arc::new(network()), Handle::current());
        let error = fetcher.fetch(scene.id, Some(5)).await.unwrap_err();
        assert!(matches!(error, FetchError::OtherSize { announced: 5, .. }), "{error}");
        let small = network();
        scene.ours = depot(&scene._dir.path().join("small"), 1_000);
        let (outcome, _) = scene.fetch(small).await;
        let error = outcome.unwrap_err();
        assert!(matches!(&error, FetchError::Depot(error) if matches!(**error, DepotError::Full(_))), "{error}");
    }

    /// A chain that has announced one blob of this size.
    struct Announced(BlobHash, u64);

    impl crate::blobs::Ledger for Announced {
        fn info(&self, id: BlobHash) -> Option<dpin_primitives::api::BlobInfo> {
            (id == self.0).then(|| dpin_primitives::api::BlobInfo {
                hash: id,
                size: self.1,
                announced: true,
                owner: [0; 32].into(),
                expires: 9,
                pins: 1,
            })
        }
        fn bytes(&self, _: BlobHash) -> Option<Vec<u8>> {
            None
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_input_that_could_never_be_kept_is_told_to_be_missing_and_not_waited_for() {
        let scene = Scene::new(2);
        let small = depot(&scene._dir.path().join("small"), 1_000);
        let network = Arc::new(Fake::default().with(&scene.theirs, honest()));
        let fetcher = Fetcher::new(small.clone(), network.clone(), Handle::current());
        let ledger = Arc::new(Announced(scene.id, scene.bytes.len() as u64));
        let blobs = crate::blobs::LargeBlobs { depot: small, fetcher: fetcher.clone(), ledger };
        // The caller learns it within a moment: the run that waits for the blob ends at its
        // deadline, and its worker reports in time.
        let told = tokio::time::timeout(Duration::from_secs(10), async {
            while blobs.want(scene.id) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        told.await.expect("it is not on its way");
        assert!(fetcher.rests(&scene.id) && !fetcher.goes_on(&scene.id));
        assert_eq!(network.asked(), [0], "nobody is asked for it");
        assert!(matches!(blobs.read(&scene.id), Ok(None)));
        // It does not delay blobs for which there is room.
        let (id, _, bytes) = blob(700, 2);
        upload(&scene.theirs, id, &bytes).unwrap();
        fetcher.fetch(id, Some(700)).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_who_ask_for_the_same_wait_for_one_fetch() {
        let scene = Scene::new(20);
        let network = Arc::new(Fake::default().with(&scene.theirs, honest()));
        let fetcher = Fetcher::new(scene.ours.clone(), network.clone(), Handle::current());
        let outcomes = futures::future::join_all((0..8).map(|_| fetcher.fetch(scene.id, None))).await;
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(network.asked(), [6]);
        assert!(!fetcher.goes_on(&scene.id));
    }

    /// Claims a blob, and refuses every other request.
    fn liar() -> Conduct {
        Box::new(|request, answer| {
            let says = matches!(request, Request::Have(_));
            futures::future::ready(if says { Ok(answer) } else { Err(RequestError::Refused) }).boxed()
        })
    }

    /// Claims a blob, and never answers any other request.
    fn staller() -> Conduct {
        Box::new(|request, answer| match request {
            Request::Have(_) => futures::future::ready(Ok(answer)).boxed(),
            _ => futures::future::pending().boxed(),
        })
    }

    /// Answers everything, but waits for `time` before each request that `slow` selects.
    fn late(time: Duration, slow: fn(&Request) -> bool) -> Conduct {
        Box::new(move |request, answer| {
            let pause = if slow(request) { time } else { Duration::ZERO };
            async move {
                tokio::time::sleep(pause).await;
                Ok(answer)
            }
            .boxed()
        })
    }

    /// Fetches with the default timeouts, and panics unless the fetch ends within `time`.
    async fn fetch_within(scene: &Scene, network: Fake, time: Duration) -> (Arc<Fetcher>, Arc<Fake>) {
        let network = Arc::new(network);
        let fetcher = Fetcher::new(scene.ours.clone(), network.clone(), Handle::current());
        let fetch = fetcher.fetch(scene.id, Some(scene.bytes.len() as u64));
        tokio::time::timeout(time, fetch).await.expect("a fetch in time").unwrap();
        assert!(scene.is_here());
        (fetcher, network)
    }

    const SOON: Duration = Duration::from_secs(12);

    #[tokio::test(flavor = "multi_thread")]
    async fn a_neighbour_that_only_says_it_has_a_blob_hides_nothing() {
        let scene = Scene::new(5);
        let mut network = Fake::default().with(&scene.theirs, liar()).with(&scene.theirs, honest());
        // The honest one is no neighbour.
        network.providing = network.connected[1..].to_vec();
        fetch_within(&scene, network, SOON).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn neighbours_that_never_send_leaves_cost_a_moment() {
        let scene = Scene::new(5);
        let stallers = (0..8).fold(Fake::default(), |network, _| network.with(&scene.theirs, staller()));
        fetch_within(&scene, stallers.with(&scene.theirs, honest()), SOON).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sixteen_quick_liars_do_not_crowd_out_an_honest_node() {
        let scene = Scene::new(5);
        let liars = (0..16).fold(Fake::default(), |network, _| network.with(&scene.theirs, liar()));
        let slower = late(Duration::from_millis(200), |request| matches!(request, Request::Have(_)));
        fetch_within(&scene, liars.with(&scene.theirs, slower), SOON).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_source_that_delivers_slowly_holds_up_nobody() {
        let scene = Scene::new(40);
        let slow = late(Duration::from_secs(28), |request| matches!(request, Request::Chunks { .. }));
        let network = Fake::default().with(&scene.theirs, slow).with(&scene.theirs, honest());
        fetch_within(&scene, network, SOON).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_said_it_has_a_blob_and_did_not_deliver_is_doubted_for_all_blobs() {
        let scene = Scene::new(5);
        let (other, _, bytes) = blob(3 * CHUNK_BYTES, 2);
        upload(&scene.theirs, other, &bytes).unwrap();
        let slower = late(Duration::from_millis(300), |request| matches!(request, Request::Leaves(_)));
        let network = Fake::default().with(&scene.theirs, liar()).with(&scene.theirs, slower);
        let (fetcher, network) = fetch_within(&scene, network, SOON).await;
        assert_eq!(network.asked_for_leaves(), [1, 1]);
        fetcher.fetch(other, None).await.unwrap();
        assert_eq!(network.asked_for_leaves(), [1, 2]);
        // It has sent no wrong bytes.
        assert!(network.reported().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_doubted_is_asked_where_nobody_else_has_anything() {
        let scene = Scene::new(5);
        let (other, _, bytes) = blob(3 * CHUNK_BYTES, 2);
        let theirs = depot(&scene._dir.path().join("both"), 1 << 30);
        upload(&theirs, other, &bytes).unwrap();
        upload(&theirs, scene.id, &scene.bytes).unwrap();
        // Overloaded when it is asked for the first blob.
        let id = scene.id;
        let busy: Conduct = Box::new(move |request, answer| {
            let refuses = *request == Request::Leaves(id);
            futures::future::ready(if refuses { Err(RequestError::Refused) } else { Ok(answer) }).boxed()
        });
        let slower = late(Duration::from_millis(300), |request| matches!(request, Request::Leaves(_)));
        let network = Fake::default().with(&theirs, busy).with(&scene.theirs, slower);
        let (fetcher, _) = fetch_within(&scene, network, SOON).await;
        fetcher.fetch(other, None).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn slow_fetches_leave_their_slots_to_those_who_wait() {
        let scene = Scene::new(5);
        let stuck: Vec<_> = (0..2 * MAX_FETCHES).map(|i| blob(40 * CHUNK_BYTES, 10 + i as u8)).collect();
        let theirs = depot(&scene._dir.path().join("slow"), 1 << 30);
        stuck.iter().for_each(|(id, _, bytes)| upload(&theirs, *id, bytes).unwrap());
        let network = Arc::new(Fake::default().with(&theirs, silent()).with(&scene.theirs, honest()));
        let patience =
            Patience { slow_turn: Duration::from_millis(500), tick: Duration::from_millis(20), ..Patience::default() };
        let fetcher = Fetcher::with_patience(scene.ours.clone(), network, Handle::current(), patience);
        let waiting: Vec<_> = stuck.iter().map(|(id, ..)| fetcher.fetch(*id, None)).collect();
        tokio::time::sleep(Duration::from_millis(200)).await;
        tokio::time::timeout(SOON, fetcher.fetch(scene.id, None)).await.expect("a slot in time").unwrap();
        assert!(scene.is_here());
        drop(waiting);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn large_fetches_take_no_slot_from_small_ones() {
        let scene = Scene::new(5);
        let stuck: Vec<_> = (0..MAX_FETCHES).map(|i| blob(40 * CHUNK_BYTES, 10 + i as u8)).collect();
        let theirs = depot(&scene._dir.path().join("slow"), 1 << 30);
        stuck.iter().for_each(|(id, _, bytes)| upload(&theirs, *id, bytes).unwrap());
        let network = Arc::new(Fake::default().with(&theirs, silent()).with(&scene.theirs, honest()));
        let fetcher = Fetcher::new(scene.ours.clone(), network, Handle::current());
        let waiting: Vec<_> = stuck.iter().map(|(id, ..)| fetcher.fetch(*id, None)).collect();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let small = fetcher.fetch(scene.id, Some(scene.bytes.len() as u64));
        tokio::time::timeout(Duration::from_secs(5), small).await.expect("a slot at once").unwrap();
        drop(waiting);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_fetch_ends_with_the_interest_in_it() {
        let scene = Scene::new(5);
        let network = Arc::new(Fake::default().with(&scene.theirs, silent()));
        let patience =
            Patience { linger: Duration::from_millis(600), tick: Duration::from_millis(20), ..Patience::default() };
        let fetcher = Fetcher::with_patience(scene.ours.clone(), network, Handle::current(), patience);
        let runs = |fetcher: &Fetcher| !lock(&fetcher.running).is_empty();
        drop(fetcher.fetch(scene.id, None));
        // The fetch goes on as long as the blob is asked for.
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert!(fetcher.goes_on(&scene.id));
        }
        let ended = async {
            while runs(&fetcher) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON, ended).await.expect("an end");
    }

    #[test]
    fn sources_are_ordered_by_what_they_have_proved() {
        let have = || Have { len: 1, present: super::super::bitmap::Bitmap::all(1) };
        let peers: Vec<PeerId> = std::iter::repeat_with(PeerId::random).take(4).collect();
        let mut memory = Memory::default();
        memory.credit(peers[2], 5);
        memory.credit(peers[1], 9);
        remember(&mut memory.doubted, peers[3], DOUBTED);
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
            remember(&mut memory.doubted, peer, DOUBTED);
            memory.credit(PeerId::random(), 1);
        }
        assert_eq!(memory.doubted.len(), MAX_REMEMBERED);
        assert!(memory.proven.len() <= MAX_REMEMBERED);
    }

    #[test]
    fn a_window_grows_with_answers_and_shrinks_with_failures() {
        let have = Have { len: 1, present: super::super::bitmap::Bitmap::all(1) };
        let mut source = Source::new((PeerId::random(), have));
        (0..100).for_each(|_| source.went_well(1));
        assert_eq!(source.window, WINDOW.end);
        (0..10).for_each(|_| source.went_badly());
        assert_eq!((source.window, source.failures), (1, 10));
        source.went_well(1);
        assert_eq!((source.window, source.failures), (2, 0));
    }
}
