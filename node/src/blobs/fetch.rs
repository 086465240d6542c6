//! Fetches blobs from other nodes: from several at once, each chunk checked as it arrives.
//!
//! ```text
//!   ask peers and the DHT who has it --> leaves, checked against the id --> depot: part
//!        ^                                                                    |
//!        | no source is left                                                  v
//!        +------------------------------- ranges of chunks, as many under way at each source as it keeps up with
//! ```
//!
//! A source begins with a small window of requests, which grows with every right answer and is halved by every one that does not come in
//! time. A source that fails too often in a row is left alone for this blob; one that sends wrong bytes is also reported and
//! shunned for a while. What such a source had been asked for is asked of others. Ranges that are missing wait in one queue, so
//! that each source takes what it can carry, and what is on the disk stays there, whoever fails.

use super::{
    depot::{Depot, DepotError, Part},
    wire::{self, Have, Request, MAX_REQUESTED_CHUNKS},
};
use codec::Encode;
use dpin_primitives::{blob_tree, BlobHash, Hash};
use futures::{
    future::{BoxFuture, Shared},
    stream::FuturesUnordered,
    FutureExt, StreamExt,
};
use polkadot_sdk::sc_network::{PeerId, ReputationChange};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::Semaphore};

/// Blobs that are fetched at once. More wait.
const MAX_FETCHES: usize = 4;
/// Blobs whose fetching may be waited for.
const MAX_WAITING: usize = 256;
/// Chunks under way altogether, of all blobs: 48 MiB.
const CHUNKS_UNDER_WAY: usize = 192;
/// Requests under way at one source in the beginning, and at most.
const WINDOW: Range<usize> = 4..16;
/// An answer must be there by then: at least 35 KiB/s.
const ANSWER: Duration = Duration::from_secs(30);
/// A node must say by then what it has.
const SAYS: Duration = Duration::from_secs(5);
/// Failures in a row after which a source is left alone.
const MAX_FAILURES: u32 = 3;
/// Sources of one blob.
const MAX_SOURCES: usize = 16;
/// Nodes asked for one blob.
const MAX_ASKED: usize = 64;
/// How long a node that sent wrong bytes is shunned.
const SHUNNED: Duration = Duration::from_secs(600);
/// Nodes that are remembered as shunned.
const MAX_SHUNNED: usize = 1_024;
/// Rounds without a single new chunk after which it is given up.
const FRUITLESS: u32 = 3;

/// The network bans a node at about five times this.
const WRONG_BYTES: ReputationChange = ReputationChange::new(-(1 << 28), "blobs: wrong bytes");

/// Why a request brought nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestError {
    /// The other node refuses: it does not have it, or has too much to do.
    Refused,
    /// The network could not bring question or answer.
    Lost,
}

/// What fetching needs of the network.
pub trait Network: Send + Sync + 'static {
    /// The nodes this one is connected with.
    fn peers(&self) -> BoxFuture<'_, Vec<PeerId>>;
    /// The nodes that say in the DHT that they have a blob.
    fn providers(&self, id: BlobHash) -> BoxFuture<'_, Vec<PeerId>>;
    /// Ask a node.
    fn request(&self, peer: PeerId, request: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, RequestError>>;
    /// Tell the network how a node behaves.
    fn report(&self, peer: PeerId, change: ReputationChange);
    /// Say in the DHT that this node has a blob.
    fn provide(&self, id: BlobHash);
    /// Say so no more.
    fn withdraw(&self, id: BlobHash);
}

/// Why a blob was not fetched.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FetchError {
    /// No source, or none that is any good.
    #[error(
        "no node that can be reached has it; tried {asked} nodes, {wrong} sent wrong bytes, {lost} did not answer"
    )]
    NoSource {
        /// Nodes asked.
        asked: usize,
        /// Nodes that sent wrong bytes.
        wrong: usize,
        /// Nodes that did not answer.
        lost: usize,
    },
    /// It has another size than the chain says.
    #[error("it has {actual} bytes, and was announced with {announced}")]
    OtherSize {
        /// What its leaves prove.
        actual: u64,
        /// What the chain says.
        announced: u64,
    },
    /// The depot does not take it.
    #[error("{0}")]
    Depot(Arc<DepotError>),
    /// Too many wait.
    #[error("{} blobs are being fetched: try again later", MAX_WAITING)]
    Busy,
    /// The node ends.
    #[error("the node is ending")]
    Ended,
}

impl From<DepotError> for FetchError {
    fn from(error: DepotError) -> Self {
        Self::Depot(Arc::new(error))
    }
}

/// What a fetch comes to, for all who wait for it.
pub type Outcome = Shared<BoxFuture<'static, Result<(), FetchError>>>;

/// See the [module](self).
pub struct Fetcher {
    depot: Arc<Depot>,
    network: Arc<dyn Network>,
    running: Mutex<HashMap<BlobHash, Outcome>>,
    fetches: Semaphore,
    under_way: Semaphore,
    shunned: Mutex<HashMap<PeerId, Instant>>,
    answer: Duration,
    runtime: Handle,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fetcher {
    /// Fetches into `depot` over `network`.
    pub fn new(depot: Arc<Depot>, network: Arc<dyn Network>, runtime: Handle) -> Arc<Self> {
        Self::with_patience(depot, network, runtime, ANSWER)
    }

    fn with_patience(depot: Arc<Depot>, network: Arc<dyn Network>, runtime: Handle, answer: Duration) -> Arc<Self> {
        Arc::new(Self {
            depot,
            network,
            running: Mutex::default(),
            fetches: Semaphore::new(MAX_FETCHES),
            under_way: Semaphore::new(CHUNKS_UNDER_WAY),
            shunned: Mutex::default(),
            answer,
            runtime,
        })
    }

    /// Fetch a blob, or wait with those who have asked for it already. `announced` is its size as the chain says. Runs on whether
    /// or not somebody waits.
    pub fn fetch(self: &Arc<Self>, id: BlobHash, announced: Option<u64>) -> Outcome {
        let mut running = lock(&self.running);
        if let Some(outcome) = running.get(&id) {
            return outcome.clone();
        }
        if running.len() >= MAX_WAITING {
            return futures::future::ready(Err(FetchError::Busy)).boxed().shared();
        }
        let this = self.clone();
        let task = self.runtime.spawn(async move {
            let outcome = this.run(id, announced).await;
            lock(&this.running).remove(&id);
            match &outcome {
                Ok(()) => {
                    log::info!(target: super::LOG, "📦 Fetched blob {id:?}");
                    this.network.provide(id);
                }
                Err(error) => log::debug!(target: super::LOG, "Blob {id:?} was not fetched: {error}"),
            }
            outcome
        });
        let outcome = task.map(|outcome| outcome.unwrap_or(Err(FetchError::Ended))).boxed().shared();
        running.insert(id, outcome.clone());
        outcome
    }

    /// Whether a blob is being fetched.
    pub fn is_running(&self, id: &BlobHash) -> bool {
        lock(&self.running).contains_key(id)
    }

    async fn run(&self, id: BlobHash, announced: Option<u64>) -> Result<(), FetchError> {
        let _turn = self.fetches.acquire().await.map_err(|_| FetchError::Ended)?;
        if self.depot.status(&id).is_some_and(|status| status.is_whole()) {
            return Ok(());
        }
        let mut tally = Tally::default();
        let mut fruitless = 0;
        let mut part: Option<Arc<Part>> = None;
        loop {
            let before = part.as_ref().map_or(0, |part| part.present().count());
            let sources = self.sources(id, &mut tally).await;
            if part.is_none() && !sources.is_empty() {
                match self.begin(id, announced, &sources, &mut tally).await? {
                    Begun::Whole => return Ok(()),
                    Begun::Part(begun) => part = Some(begun),
                    Begun::Nothing => {}
                }
            }
            if let Some(part) = &part {
                let sources = sources.into_iter().filter(|(peer, have)| have.len == part.len() && !self.shuns(peer));
                self.draw_from(id, part, sources.collect(), &mut tally).await?;
                if part.present().is_full() {
                    self.depot.finish(part);
                    return Ok(());
                }
            }
            let progress = part.as_ref().map_or(0, |part| part.present().count()) > before;
            fruitless = if progress { 0 } else { fruitless + 1 };
            if fruitless >= FRUITLESS {
                return Err(tally.into());
            }
            tokio::time::sleep(Duration::from_millis(500 << fruitless)).await;
        }
    }

    /// Who has something of it, and what.
    async fn sources(&self, id: BlobHash, tally: &mut Tally) -> Vec<(PeerId, Have)> {
        let connected = self.network.peers().await;
        let found = self.ask_all(id, connected.clone(), tally).await;
        if !found.is_empty() {
            return found;
        }
        let providers = self.network.providers(id).await;
        self.ask_all(id, providers.into_iter().filter(|peer| !connected.contains(peer)).collect(), tally).await
    }

    async fn ask_all(&self, id: BlobHash, peers: Vec<PeerId>, tally: &mut Tally) -> Vec<(PeerId, Have)> {
        let peers = peers.into_iter().filter(|peer| !self.shuns(peer)).take(MAX_ASKED);
        let mut asked: FuturesUnordered<_> = peers
            .map(|peer| async move {
                let asking = self.network.request(peer, Request::Have(id).encode());
                let answer = tokio::time::timeout(SAYS, asking).await.unwrap_or(Err(RequestError::Lost));
                (peer, answer.map(|bytes| Have::read(&bytes)))
            })
            .collect();
        let mut found = Vec::new();
        while let Some((peer, answer)) = asked.next().await {
            tally.asked.insert(peer);
            match answer {
                Ok(Some(have)) if found.len() < MAX_SOURCES => found.push((peer, have)),
                Ok(None) => self.shun(peer, tally),
                Err(RequestError::Lost) => {
                    tally.lost.insert(peer);
                }
                Ok(Some(_)) | Err(RequestError::Refused) => {}
            }
        }
        found
    }

    /// Get the leaves of one of the sources, and room in the depot.
    async fn begin(
        &self,
        id: BlobHash,
        announced: Option<u64>,
        sources: &[(PeerId, Have)],
        tally: &mut Tally,
    ) -> Result<Begun, FetchError> {
        for (peer, have) in sources {
            let asking = self.network.request(*peer, Request::Leaves(id).encode());
            let leaves: Vec<Hash> = match tokio::time::timeout(self.answer, asking).await {
                Ok(Ok(bytes)) => wire::read_leaves(&bytes).unwrap_or_default(),
                Ok(Err(RequestError::Refused)) => continue,
                Ok(Err(RequestError::Lost)) | Err(_) => {
                    tally.lost.insert(*peer);
                    continue;
                }
            };
            if !blob_tree::fits(&id, have.len, &leaves) {
                self.shun(*peer, tally);
                continue;
            }
            if let Some(announced) = announced.filter(|announced| *announced != have.len) {
                return Err(FetchError::OtherSize { actual: have.len, announced });
            }
            let (depot, len) = (self.depot.clone(), have.len);
            // What is on the disk may have to be hashed again.
            let begun = tokio::task::spawn_blocking(move || depot.begin(id, len, leaves)).await;
            return Ok(match begun.map_err(|_| FetchError::Ended)?? {
                Some(part) => Begun::Part(part),
                None => Begun::Whole,
            });
        }
        Ok(Begun::Nothing)
    }

    /// Take what is missing from these sources, until nothing is missing or none of them is any good.
    async fn draw_from(
        &self,
        id: BlobHash,
        part: &Arc<Part>,
        sources: Vec<(PeerId, Have)>,
        tally: &mut Tally,
    ) -> Result<(), FetchError> {
        let mut sources: Vec<Source> = sources.into_iter().map(Source::new).collect();
        let mut missing: VecDeque<Range<u32>> = part.present().missing(MAX_REQUESTED_CHUNKS).into();
        let mut under_way = FuturesUnordered::new();
        loop {
            // In turn, one each, so that all sources are used even if the first could carry everything.
            let mut issued = true;
            while issued {
                issued = false;
                for source in sources.iter_mut().filter(|source| source.under_way < source.window) {
                    if let Some(range) = source.take(&mut missing) {
                        source.under_way += 1;
                        issued = true;
                        under_way.push(self.ask_chunks(id, part.clone(), source.peer, range));
                    }
                }
            }
            let Some((peer, range, result)) = under_way.next().await else { return Ok(()) };
            let source = sources.iter_mut().find(|source| source.peer == peer);
            if let Some(source) = source {
                source.under_way = source.under_way.saturating_sub(1);
                match &result {
                    Ok(()) => source.went_well(),
                    Err(_) => source.went_badly(),
                }
            }
            let Err(failure) = result else { continue };
            missing.push_front(range);
            match failure {
                Failure::WrongBytes => {
                    self.shun(peer, tally);
                    sources.retain(|source| source.peer != peer);
                }
                Failure::Request(error) => {
                    if error == RequestError::Lost {
                        tally.lost.insert(peer);
                    }
                    sources.retain(|source| source.failures < MAX_FAILURES);
                }
                Failure::Depot(error) => return Err(error.into()),
            }
        }
    }

    async fn ask_chunks(
        &self,
        id: BlobHash,
        part: Arc<Part>,
        peer: PeerId,
        range: Range<u32>,
    ) -> (PeerId, Range<u32>, Result<(), Failure>) {
        let count = range.end.saturating_sub(range.start);
        let result = async {
            let _room =
                self.under_way.acquire_many(count).await.map_err(|_| Failure::Request(RequestError::Refused))?;
            let request = Request::Chunks { id, first: range.start, count };
            let asking = self.network.request(peer, request.encode());
            let answer = tokio::time::timeout(self.answer, asking).await.unwrap_or(Err(RequestError::Lost));
            let bytes = answer.map_err(Failure::Request)?;
            let chunks = range.clone();
            // Hashing and writing, off the threads that keep the network going.
            let put = tokio::task::spawn_blocking(move || part.put(chunks, &bytes)).await;
            match put.map_err(|_| Failure::Request(RequestError::Refused))? {
                Ok(()) => Ok(()),
                Err(DepotError::WrongBytes) => Err(Failure::WrongBytes),
                Err(error) => Err(Failure::Depot(error)),
            }
        };
        let result = result.await;
        (peer, range, result)
    }

    fn shuns(&self, peer: &PeerId) -> bool {
        lock(&self.shunned).get(peer).is_some_and(|since| since.elapsed() < SHUNNED)
    }

    fn shun(&self, peer: PeerId, tally: &mut Tally) {
        tally.wrong.insert(peer);
        let mut shunned = lock(&self.shunned);
        if shunned.len() >= MAX_SHUNNED {
            shunned.retain(|_, since| since.elapsed() < SHUNNED);
        }
        // Once for all answers that were under way at the same time.
        let fresh = shunned.get(&peer).is_none_or(|since| since.elapsed() >= SHUNNED);
        if fresh && shunned.len() < MAX_SHUNNED {
            shunned.insert(peer, Instant::now());
            log::debug!(target: super::LOG, "{peer} sent wrong bytes of a blob");
            self.network.report(peer, WRONG_BYTES);
        }
    }
}

/// How a fetch begins.
enum Begun {
    Part(Arc<Part>),
    /// It is there already.
    Whole,
    /// None of the sources had its leaves.
    Nothing,
}

/// Why a range of chunks was not brought.
enum Failure {
    Request(RequestError),
    WrongBytes,
    Depot(DepotError),
}

/// What is told if nothing comes of it.
#[derive(Default)]
struct Tally {
    asked: HashSet<PeerId>,
    wrong: HashSet<PeerId>,
    lost: HashSet<PeerId>,
}

impl From<Tally> for FetchError {
    fn from(tally: Tally) -> Self {
        Self::NoSource { asked: tally.asked.len(), wrong: tally.wrong.len(), lost: tally.lost.len() }
    }
}

/// A node that has the blob, or a part of it.
struct Source {
    peer: PeerId,
    have: Have,
    window: usize,
    under_way: usize,
    failures: u32,
}

impl Source {
    fn new((peer, have): (PeerId, Have)) -> Self {
        Self { peer, have, window: WINDOW.start, under_way: 0, failures: 0 }
    }

    /// The first of the missing ranges that it has.
    fn take(&self, missing: &mut VecDeque<Range<u32>>) -> Option<Range<u32>> {
        let place = missing.iter().position(|range| self.have.present.has_all(range.clone()))?;
        missing.remove(place)
    }

    fn went_well(&mut self) {
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

    /// What a node does with an answer before it sends it.
    type Conduct = Box<dyn Fn(&Request, Vec<u8>) -> BoxFuture<'static, Result<Vec<u8>, RequestError>> + Send + Sync>;

    struct Peer {
        depot: Arc<Depot>,
        conduct: Conduct,
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
            self.peers.insert(peer, Peer { depot: depot.clone(), conduct, chunks: AtomicUsize::new(0) });
            self
        }

        /// How many requests for chunks each node was sent, in the order in which they were added.
        fn asked(&self) -> Vec<usize> {
            self.connected.iter().map(|peer| self.peers[peer].chunks.load(Ordering::Relaxed)).collect()
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
            if !request.chunks().is_empty() {
                peer.chunks.fetch_add(1, Ordering::Relaxed);
            }
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

    /// Sends what it has.
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

    /// Says that it has a blob and never sends a byte of it.
    fn silent() -> Conduct {
        Box::new(|request, answer| match request {
            Request::Chunks { .. } => futures::future::pending().boxed(),
            _ => futures::future::ready(Ok(answer)).boxed(),
        })
    }

    /// What a test begins with: a blob of `chunks` chunks and a bit in a depot, and an empty depot.
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
            let fetcher = Fetcher::with_patience(
                self.ours.clone(),
                network.clone(),
                Handle::current(),
                Duration::from_millis(300),
            );
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

    #[tokio::test(flavor = "multi_thread")]
    async fn many_who_ask_for_the_same_wait_for_one_fetch() {
        let scene = Scene::new(20);
        let network = Arc::new(Fake::default().with(&scene.theirs, honest()));
        let fetcher = Fetcher::new(scene.ours.clone(), network.clone(), Handle::current());
        let outcomes = futures::future::join_all((0..8).map(|_| fetcher.fetch(scene.id, None))).await;
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(network.asked(), [6]);
        assert!(!fetcher.is_running(&scene.id));
    }

    #[test]
    fn a_window_grows_with_answers_and_shrinks_with_failures() {
        let have = Have { len: 1, present: super::super::bitmap::Bitmap::all(1) };
        let mut source = Source::new((PeerId::random(), have));
        (0..100).for_each(|_| source.went_well());
        assert_eq!(source.window, WINDOW.end);
        (0..10).for_each(|_| source.went_badly());
        assert_eq!((source.window, source.failures), (1, 10));
        source.went_well();
        assert_eq!((source.window, source.failures), (2, 0));
    }
}
