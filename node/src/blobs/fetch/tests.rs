//! Tests of fetching, over nodes that are asked without a network in between.

use super::{source::WINDOW, *};
use crate::blobs::{
    depot::{
        DepotError,
        tests::{blob, depot, read, upload},
    },
    find::{BlobBytes, LocalBlobs},
    ledger::Ledger,
    serve::look_up,
    small::SmallBlobs,
    wire::Request,
};
use dpin_primitives::{api::BlobInfo, blob_tree::CHUNK_BYTES};
use polkadot_sdk::{
    sc_network::{PeerId, ReputationChange},
    sp_core::offchain::storage::InMemOffchainStorage,
};
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

impl Ledger for Announced {
    fn entry(&self, id: BlobHash) -> Result<Option<BlobInfo>, String> {
        let (owner, size) = ([0; 32].into(), self.1);
        Ok((id == self.0).then_some(BlobInfo { hash: id, size, announced: true, owner, expires: 9, pins: 1 }))
    }
    fn indexed(&self, _: BlobHash) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_could_never_be_kept_is_told_to_be_missing_and_not_waited_for() {
    let scene = Scene::new(2);
    let small = depot(&scene._dir.path().join("small"), 1_000);
    let network = Arc::new(Fake::default().with(&scene.theirs, honest()));
    let fetcher = Fetcher::new(small.clone(), network.clone(), Handle::current());
    let ledger = Arc::new(Announced(scene.id, scene.bytes.len() as u64));
    let uploads = SmallBlobs::new(InMemOffchainStorage::default());
    let blobs = LocalBlobs { ledger, small: uploads, depot: small, fetcher: fetcher.clone() };
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
    assert!(matches!(blobs.find(scene.id), Ok(None)));
    // It does not delay blobs for which there is room.
    let (id, _, bytes) = blob(700, 2);
    upload(&scene.theirs, id, &bytes).unwrap();
    fetcher.fetch(id, Some(700)).await.unwrap();
}

/// A chain whose database cannot be read.
struct Unreadable;

impl Ledger for Unreadable {
    fn entry(&self, _: BlobHash) -> Result<Option<BlobInfo>, String> {
        Err("the disk is gone".into())
    }
    fn indexed(&self, _: BlobHash) -> Result<Option<Vec<u8>>, String> {
        Err("the disk is gone".into())
    }
}

#[tokio::test]
async fn an_upload_is_found_though_the_blocks_cannot_be_read() {
    let scene = Scene::new(1);
    let fetcher = Fetcher::new(scene.ours.clone(), Arc::new(Fake::default()), Handle::current());
    let uploads = SmallBlobs::new(InMemOffchainStorage::default());
    uploads.put(scene.id, b"a kernel", &|_| true).unwrap();
    let blobs = LocalBlobs { ledger: Arc::new(Unreadable), small: uploads, depot: scene.ours.clone(), fetcher };
    assert!(matches!(blobs.find(scene.id), Ok(Some(BlobBytes::Memory(bytes))) if bytes == b"a kernel"));
    assert!(matches!(blobs.find(BlobHash::zero()), Ok(None)));
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
