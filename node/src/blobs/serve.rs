//! Answers other nodes: fairly, and within fixed limits of bandwidth and memory.
//!
//! Every requesting node has a queue of its own, and the queues are served in turn. An answer takes
//! memory until the network has sent it. So the number of answers under way is limited, in total
//! and for each node; a node that reads slowly delays only itself. The last answers are reserved
//! for nodes that have next to nothing under way. So a few nodes that read nothing cannot shut all
//! others out. An answer that is read more slowly than the least rate is not counted any more. Its
//! reader then has one answer at a time for some minutes.

use super::{
    bucket::Bucket,
    depot::Depot,
    wire::{self, Have, Request},
};
use codec::Encode;
use dpin_primitives::blob_tree::CHUNK_BYTES;
use futures::channel::oneshot;
use polkadot_sdk::sc_network::{
    PeerId, ReputationChange,
    config::{IncomingRequest, OutgoingResponse},
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Requests that the network may queue before they are looked at.
pub(super) const INBOX: usize = 256;
/// Most waiting requests of one node.
const WAITING_PER_PEER: usize = 64;
/// Most waiting requests in total.
const WAITING: usize = 1_024;
/// Most answers under way to one node: 16 MiB.
const ANSWERING_PER_PEER: usize = 16;
/// Most answers under way in total: 64 MiB.
const ANSWERING: usize = 64;
/// Answers of that total which are reserved for nodes with few under way.
const RESERVED: usize = 16;
/// Most answers under way to a node that may use the reserved ones.
const FEW: usize = 2;
/// Least rate, in bytes per second, at which an answer must be read, and the time to begin with it.
const LEAST_RATE: u64 = 48 * 1024;
const BEGIN: Duration = Duration::from_secs(10);
/// Time for which a node that read too slowly has one answer at a time.
const SLOW: Duration = Duration::from_secs(300);
/// Most nodes that are remembered as slow.
const MAX_SLOW: usize = 1_024;

const NO_REQUEST: ReputationChange = ReputationChange::new(-(1 << 12), "blobs: what it sent is no request");

/// Waiting requests, by the node that sent them.
struct Queues<T> {
    waiting: HashMap<PeerId, VecDeque<T>>,
    /// The nodes with waiting requests, in the order in which they are served.
    turn: VecDeque<PeerId>,
    answering: HashMap<PeerId, usize>,
    slow: HashMap<PeerId, Instant>,
    total_waiting: usize,
    total_answering: usize,
}

impl<T> Queues<T> {
    fn new() -> Self {
        let (waiting, turn, answering, slow) = (HashMap::new(), VecDeque::new(), HashMap::new(), HashMap::new());
        Self { waiting, turn, answering, slow, total_waiting: 0, total_answering: 0 }
    }

    /// Queues a request. Returns `false` if too many wait.
    fn push(&mut self, peer: PeerId, request: T) -> bool {
        let queued = self.waiting.get(&peer).map_or(0, VecDeque::len);
        if queued >= WAITING_PER_PEER || self.total_waiting >= WAITING {
            return false;
        }
        if queued == 0 {
            self.turn.push_back(peer);
        }
        self.waiting.entry(peer).or_default().push_back(request);
        self.total_waiting += 1;
        true
    }

    /// Takes the next request that may be answered now. Its answer is under way until
    /// [`Self::done`].
    fn next(&mut self) -> Option<(PeerId, T)> {
        if self.total_answering >= ANSWERING {
            return None;
        }
        for _ in 0..self.turn.len() {
            let peer = self.turn.pop_front()?;
            if self.answering.get(&peer).copied().unwrap_or(0) >= self.allowance(&peer) {
                self.turn.push_back(peer);
                continue;
            }
            let Some(queue) = self.waiting.get_mut(&peer) else { continue };
            let Some(request) = queue.pop_front() else { continue };
            if queue.is_empty() {
                self.waiting.remove(&peer);
            } else {
                self.turn.push_back(peer);
            }
            self.total_waiting -= 1;
            self.total_answering += 1;
            *self.answering.entry(peer).or_default() += 1;
            return Some((peer, request));
        }
        None
    }

    /// Returns how many answers to a node may be under way now.
    fn allowance(&self, peer: &PeerId) -> usize {
        let slow = self.slow.get(peer).is_some_and(|since| since.elapsed() < SLOW);
        match (slow, self.total_answering >= ANSWERING - RESERVED) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => FEW,
            (false, false) => ANSWERING_PER_PEER,
        }
    }

    /// Records that an answer was sent, or was not read in time.
    fn done(&mut self, peer: PeerId, in_time: bool) {
        if !in_time {
            if self.slow.len() >= MAX_SLOW {
                self.slow.retain(|_, since| since.elapsed() < SLOW);
            }
            if self.slow.len() < MAX_SLOW {
                self.slow.insert(peer, Instant::now());
            }
        }
        self.total_answering = self.total_answering.saturating_sub(1);
        if let Some(answering) = self.answering.get_mut(&peer) {
            *answering = answering.saturating_sub(1);
            if *answering == 0 {
                self.answering.remove(&peer);
            }
        }
    }
}

/// Answers incoming requests until the network ends.
pub(super) async fn serve(depot: Arc<Depot>, inbox: async_channel::Receiver<IncomingRequest>, bytes_per_second: u64) {
    let mut queues = Queues::new();
    let mut bucket = Bucket::new(bytes_per_second, Instant::now());
    let (done, mut finished) = mpsc::channel(ANSWERING);
    loop {
        let mut pause = bucket.wait(Instant::now());
        while pause.is_zero() {
            let Some((peer, (request, answer))) = queues.next() else { break };
            bucket.spend(most_bytes(&request));
            tokio::spawn(answer_one(depot.clone(), peer, request, answer, done.clone()));
            pause = bucket.wait(Instant::now());
        }
        let resting = async {
            if pause.is_zero() {
                // No more answers until a request arrives or an answer is finished.
                std::future::pending().await
            } else {
                tokio::time::sleep(pause).await
            }
        };
        tokio::select! {
            incoming = inbox.recv() => {
                let Ok(IncomingRequest { peer, payload, pending_response }) = incoming else { return };
                match Request::read(&payload) {
                    Some(request) => {
                        // A request that is not queued is dropped, which refuses it.
                        queues.push(peer, (request, pending_response));
                    }
                    None => refuse(pending_response, vec![NO_REQUEST]),
                }
            }
            Some((peer, in_time)) = finished.recv() => queues.done(peer, in_time),
            () = resting => {}
        }
    }
}

fn refuse(answer: oneshot::Sender<OutgoingResponse>, reputation_changes: Vec<ReputationChange>) {
    // The other side may be gone.
    let _ = answer.send(OutgoingResponse { result: Err(()), reputation_changes, sent_feedback: None });
}

/// Returns the most bytes that an answer may have.
fn most_bytes(request: &Request) -> u64 {
    match request {
        Request::Have(_) => 4 * 1024,
        Request::Leaves(_) => wire::MAX_ANSWER_BYTES / 2,
        Request::Chunks { count, .. } => u64::from(*count) * CHUNK_BYTES as u64,
    }
}

async fn answer_one(
    depot: Arc<Depot>,
    peer: PeerId,
    request: Request,
    answer: oneshot::Sender<OutgoingResponse>,
    done: mpsc::Sender<(PeerId, bool)>,
) {
    let found = tokio::task::spawn_blocking(move || look_up(&depot, &request)).await.ok().flatten();
    let in_time = match found {
        None => {
            refuse(answer, Vec::new());
            true
        }
        Some(bytes) => {
            let time = BEGIN.saturating_add(Duration::from_secs(bytes.len() as u64 / LEAST_RATE));
            let (sent, confirmed) = oneshot::channel();
            let response =
                OutgoingResponse { result: Ok(bytes), reputation_changes: Vec::new(), sent_feedback: Some(sent) };
            // Sent, or given up by the network: in both cases it takes no memory any more.
            answer.send(response).is_err() || tokio::time::timeout(time, confirmed).await.is_ok()
        }
    };
    let _ = done.send((peer, in_time)).await;
}

/// Returns the answer to a request, `None` if this node does not have the data.
pub(super) fn look_up(depot: &Depot, request: &Request) -> Option<Vec<u8>> {
    match request {
        Request::Have(id) => depot.present(id).map(|(len, present)| Have { len, present }.encode()),
        Request::Leaves(id) => read(depot.leaves(id)).map(|leaves| wire::write_leaves(&leaves)),
        Request::Chunks { id, .. } => read(depot.chunks(id, request.chunks())),
    }
}

fn read<T>(found: std::io::Result<Option<T>>) -> Option<T> {
    found.unwrap_or_else(|error| {
        log::warn!(target: super::LOG, "A blob cannot be read: {error}");
        None
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::depot::tests::{blob, depot, upload},
        *,
    };
    use dpin_primitives::BlobHash;

    #[test]
    fn nodes_are_served_in_turn_whatever_they_ask_for() {
        let mut queues = Queues::new();
        let (greedy, modest) = (PeerId::random(), PeerId::random());
        let taken = (0..2 * WAITING_PER_PEER).filter(|_| queues.push(greedy, ())).count();
        assert_eq!(taken, WAITING_PER_PEER);
        assert!(queues.push(modest, ()) && queues.push(modest, ()));
        let served: Vec<PeerId> = (0..4).filter_map(|_| queues.next()).map(|(peer, ())| peer).collect();
        assert_eq!(served, [greedy, modest, greedy, modest]);
    }

    #[test]
    fn who_does_not_read_its_answers_keeps_nobody_else_waiting() {
        let mut queues = Queues::new();
        let (slow, quick) = (PeerId::random(), PeerId::random());
        (0..WAITING_PER_PEER).for_each(|_| assert!(queues.push(slow, ())));
        (0..ANSWERING_PER_PEER).for_each(|_| assert_eq!(queues.next(), Some((slow, ()))));
        assert_eq!(queues.next(), None);
        assert!(queues.push(quick, ()));
        assert_eq!(queues.next(), Some((quick, ())));
        assert_eq!(queues.next(), None);
        queues.done(slow, true);
        assert_eq!(queues.next(), Some((slow, ())));
    }

    #[test]
    fn a_few_nodes_that_read_nothing_cannot_shut_all_others_out() {
        let mut queues = Queues::new();
        let stallers: Vec<PeerId> = std::iter::repeat_with(PeerId::random).take(4).collect();
        stallers.iter().for_each(|peer| (0..WAITING_PER_PEER).for_each(|_| assert!(queues.push(*peer, ()))));
        while queues.next().is_some() {}
        let modest = PeerId::random();
        assert!(queues.push(modest, ()));
        assert_eq!(queues.next(), Some((modest, ())));
    }

    #[test]
    fn who_read_too_slowly_has_one_answer_at_a_time_then() {
        let mut queues = Queues::new();
        let slow = PeerId::random();
        (0..WAITING_PER_PEER).for_each(|_| assert!(queues.push(slow, ())));
        let mut taken = 0;
        while queues.next().is_some() {
            taken += 1;
        }
        assert_eq!(taken, ANSWERING_PER_PEER);
        (0..taken).for_each(|_| queues.done(slow, false));
        assert!(queues.next().is_some() && queues.next().is_none());
        // Nor does it get one of the reserved answers.
        let others: Vec<PeerId> = std::iter::repeat_with(PeerId::random).take(ANSWERING).collect();
        others.iter().for_each(|peer| assert!(queues.push(*peer, ())));
        while queues.total_answering < ANSWERING - RESERVED {
            assert!(queues.next().is_some());
        }
        queues.done(slow, true);
        assert!(queues.push(others[0], ()));
        queues.next();
        assert!(std::iter::from_fn(|| queues.next()).all(|(peer, ())| peer != slow));
    }

    #[test]
    fn waiting_and_answering_are_bounded_altogether() {
        let mut queues = Queues::new();
        let peers: Vec<PeerId> = std::iter::repeat_with(PeerId::random).take(40).collect();
        let taken = (0..40).flat_map(|_| &peers).filter(|peer| queues.push(**peer, ())).count();
        assert_eq!(taken, WAITING);
        let mut answered = Vec::new();
        while let Some((peer, ())) = queues.next() {
            answered.push(peer);
        }
        assert_eq!(answered.len(), ANSWERING);
        answered.into_iter().for_each(|peer| queues.done(peer, true));
        assert!(queues.answering.is_empty() && queues.total_answering == 0);
    }

    #[tokio::test]
    async fn requests_are_answered_and_nonsense_costs_reputation() {
        let dir = tempfile::tempdir().unwrap();
        let depot = depot(dir.path(), 1 << 30);
        let (id, leaves, bytes) = blob(CHUNK_BYTES + 1, 1);
        upload(&depot, id, &bytes).unwrap();
        let (inbox, requests) = async_channel::bounded(INBOX);
        let server = tokio::spawn(serve(depot, requests, u64::MAX));
        let ask = |payload: Vec<u8>| {
            let inbox = inbox.clone();
            async move {
                let (pending_response, answer) = oneshot::channel();
                inbox.send(IncomingRequest { peer: PeerId::random(), payload, pending_response }).await.unwrap();
                answer.await.unwrap()
            }
        };
        let have = ask(Request::Have(id).encode()).await.result.unwrap();
        assert!(Have::read(&have).unwrap().present.is_full());
        let sent = ask(Request::Leaves(id).encode()).await.result.unwrap();
        assert_eq!(wire::read_leaves(&sent), Some(leaves));
        let chunk = ask(Request::Chunks { id, first: 1, count: 1 }.encode()).await.result.unwrap();
        assert_eq!(chunk, bytes[CHUNK_BYTES..]);
        assert_eq!(ask(Request::Chunks { id, first: 1, count: 2 }.encode()).await.result, Err(()));
        let unknown = ask(Request::Have(BlobHash::zero()).encode()).await;
        assert_eq!((unknown.result, unknown.reputation_changes.len()), (Err(()), 0));
        let nonsense = ask(b"nonsense".to_vec()).await;
        assert_eq!((nonsense.result, nonsense.reputation_changes), (Err(()), vec![NO_REQUEST]));
        drop(inbox);
        server.await.unwrap();
    }
}
