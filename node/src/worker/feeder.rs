//! Gives the executor the blobs its runs wait for.
//!
//! Blobs come from the chain's indexed transactions, from the operator's uploads, or from the depot
//! of large blobs. Large blobs that the chain knows are fetched from other nodes into the depot.
//!
//! Two threads ask the executor for its wanted blobs, look them up and upload them, the shortest
//! first. One thread uploads small blobs, the other large ones. So the source that an audit waits
//! for does not wait for the gigabytes of another run. A blob that the node does not have (yet) is
//! tried again, at growing intervals. While the executor's disk has no room for large blobs, the
//! node fetches none, because the executor could not take them.

use super::{
    executor::{Client, ExecutorHandle},
    Stop, LOG,
};
use crate::blobs::LargeBlobs;
use dpin_primitives::{BlobHash, OpaqueBlock as Block};
use dpin_rpc::BlobStore;
use polkadot_sdk::{sc_client_api::BlockBackend, sp_core::offchain::OffchainStorage};
use std::{fs::File, io, sync::Weak, time::Duration};

/// Most time that the executor may hold a request open.
const WAIT: Duration = Duration::from_secs(5);
/// First pause after a round in which no blob could be given.
const MIN_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(4);

/// Most bytes of a small blob.
const SMALL: u64 = 16 * 1024 * 1024;

/// The blobs that a thread gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lane {
    Small,
    Large,
}

impl Lane {
    fn takes(self, length: u64) -> bool {
        (self == Self::Small) == (length <= SMALL)
    }
}

/// The sources of blobs. The references are weak, so they keep nothing of the node alive.
pub struct Sources<C, S> {
    /// The chain's indexed transactions.
    pub client: Weak<C>,
    /// The small blobs that the node's operator has uploaded.
    pub blobs: Weak<BlobStore<S>>,
    /// The large blobs in the depot.
    pub large_blobs: Weak<LargeBlobs>,
}

impl<C, S> Clone for Sources<C, S> {
    fn clone(&self) -> Self {
        let Self { client, blobs, large_blobs } = self;
        Self { client: client.clone(), blobs: blobs.clone(), large_blobs: large_blobs.clone() }
    }
}

/// The result of looking up a blob.
enum Found {
    Bytes(Vec<u8>),
    /// A file to read from its beginning, and its length in bytes.
    File(File, u64),
    /// The blob is being fetched from other nodes.
    OnItsWay,
    Nothing,
}

impl<C: BlockBackend<Block>, S: OffchainStorage> Sources<C, S> {
    /// Looks up a blob. If it is not here and `fetches` is set, fetches it from other nodes.
    fn look_up(&self, hash: BlobHash, fetches: bool) -> Found {
        let indexed = self.client.upgrade().and_then(|client| client.indexed_transaction(hash).ok().flatten());
        if let Some(bytes) = indexed.or_else(|| self.blobs.upgrade()?.get(hash)) {
            return Found::Bytes(bytes);
        }
        let Some(large) = self.large_blobs.upgrade() else { return Found::Nothing };
        match large.read(&hash) {
            Ok(Some((file, len))) => Found::File(file, len),
            Ok(None) if fetches && large.want(hash) => Found::OnItsWay,
            Ok(None) => Found::Nothing,
            Err(error) => {
                log::warn!(target: LOG, "Blob {hash:?} cannot be read: {error}");
                Found::Nothing
            }
        }
    }
}

/// Starts the threads. They end with the node.
pub fn spawn<C: BlockBackend<Block> + Send + Sync + 'static, S: OffchainStorage + 'static>(
    sources: Sources<C, S>,
    executor: ExecutorHandle,
    stop: Stop,
) -> io::Result<()> {
    for (lane, name) in [(Lane::Small, "blob-feeder"), (Lane::Large, "blob-feeder-big")] {
        let (sources, executor, stop) = (sources.clone(), executor.clone(), stop.clone());
        std::thread::Builder::new().name(name.into()).spawn(move || run(&sources, &executor, lane, &stop))?;
    }
    Ok(())
}

fn run<C: BlockBackend<Block>, S: OffchainStorage>(
    sources: &Sources<C, S>,
    executor: &ExecutorHandle,
    lane: Lane,
    stop: &Stop,
) {
    let mut pause = MIN_PAUSE;
    loop {
        // Without a pause, an executor that wants blobs that no node has would keep a core busy.
        let rest = match executor
            .client()
            .map(|executor| feed(&executor, lane, |hash, fetches| sources.look_up(hash, fetches)))
        {
            None => MIN_PAUSE,
            Some(Round::Fed) => {
                pause = MIN_PAUSE;
                Duration::ZERO
            }
            Some(Round::Fetching) => MIN_PAUSE,
            Some(Round::Nothing) => {
                pause = (pause * 2).min(MAX_PAUSE);
                pause
            }
        };
        if stop.sleep(rest) || sources.client.strong_count() == 0 {
            return;
        }
    }
}

/// The result of a round.
#[derive(Debug, PartialEq, Eq)]
enum Round {
    /// Nothing was wanted, or a blob was given: the next round may follow at once.
    Fed,
    /// The wanted blobs are being fetched, or belong to the other thread.
    Fetching,
    /// No blob could be given.
    Nothing,
}

fn feed(executor: &Client, lane: Lane, look_up: impl Fn(BlobHash, bool) -> Found) -> Round {
    let wanted = match executor.wanted(WAIT) {
        Ok(wanted) => wanted,
        Err(error) => {
            log::debug!(target: LOG, "Cannot ask the executor for wanted blobs: {error}");
            return Round::Nothing;
        }
    };
    if wanted.is_empty() {
        return Round::Fed;
    }
    // An audit may wait for a kernel's source, so small blobs are given even without room. An
    // executor that gives no status counts as having room.
    let has_room = executor.status().map_or(true, |status| status.disk.takes_blobs());
    if !has_room {
        log::debug!(target: LOG, "The executor's disk has no room for large blobs; it wants {}", wanted.len());
    }
    let mut round = Round::Nothing;
    let give = |hash, found| {
        let (given, length) = match found {
            Found::Bytes(bytes) => (executor.put_blob(hash, &bytes), bytes.len() as u64),
            Found::File(file, length) => (executor.put_large_blob(hash, file, length), length),
            Found::OnItsWay | Found::Nothing => return false,
        };
        match given {
            Ok(()) => log::debug!(target: LOG, "Gave the executor blob {hash:?} of {length} bytes"),
            Err(error) => {
                log::warn!(target: LOG, "The executor does not take blob {hash:?}: {error}");
                return false;
            }
        }
        true
    };
    let mut files: Vec<(u64, BlobHash)> = Vec::new();
    let mut fed = false;
    for hash in wanted {
        match look_up(hash, has_room) {
            Found::File(_, length) if length > SMALL && !has_room => (),
            Found::OnItsWay => round = Round::Fetching,
            Found::Nothing => {
                log::debug!(target: LOG, "The executor wants blob {hash:?}, which this node does not have");
            }
            Found::Bytes(bytes) if lane.takes(bytes.len() as u64) => fed |= give(hash, Found::Bytes(bytes)),
            // Look it up again when its turn comes, to open the file then.
            Found::File(_, length) if lane.takes(length) => files.push((length, hash)),
            Found::Bytes(_) | Found::File(..) => round = Round::Fetching,
        }
    }
    files.sort_unstable();
    // Only one large blob in each round: a shorter one may be wanted by the next.
    let most = if lane == Lane::Large { 1 } else { usize::MAX };
    for (_, hash) in files.into_iter().take(most) {
        fed |= give(hash, look_up(hash, has_room));
    }
    if fed {
        Round::Fed
    } else {
        round
    }
}

#[cfg(test)]
mod tests {
    use super::{super::executor::fake, *};
    use codec::Encode;
    use dpin_primitives::executor::{DiskSpace, ExecutorStatus};
    use std::sync::{Arc, Mutex};

    #[test]
    fn known_blobs_are_given_and_unknown_ones_left_out() {
        let (known, unknown) = (dpin_primitives::blake2(b"blob"), BlobHash::repeat_byte(7));
        let puts = Arc::new(Mutex::new(Vec::new()));
        let seen = puts.clone();
        let executor = Client::new(fake::serve(move |request, body| {
            if request.starts_with("GET /v1/wanted") {
                return (200, vec![unknown, known].encode());
            }
            if request.starts_with("PUT") {
                seen.lock().unwrap().push((request.to_owned(), body.to_vec()));
            }
            (200, Vec::new())
        }));

        let look_up = |hash, _| if hash == known { Found::Bytes(b"blob".to_vec()) } else { Found::Nothing };
        assert_eq!(feed(&executor, Lane::Small, look_up), Round::Fed);

        let expected = format!("PUT /v1/blob/{} HTTP/1.1", hex::encode(known));
        assert_eq!(*puts.lock().unwrap(), [(expected, b"blob".to_vec())]);
    }

    #[test]
    fn a_large_blob_is_streamed_with_its_length() {
        use std::io::{Seek, Write};
        let hash = BlobHash::repeat_byte(7);
        let puts = Arc::new(Mutex::new(Vec::new()));
        let seen = puts.clone();
        let executor = Client::new(fake::serve(move |request, body| {
            if request.starts_with("GET /v1/wanted") {
                return (200, vec![hash].encode());
            }
            if request.starts_with("PUT") {
                seen.lock().unwrap().push(body.to_vec());
            }
            (200, Vec::new())
        }));
        let look_up = |_, _| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&[5; 3_000_000]).unwrap();
            file.rewind().unwrap();
            Found::File(file, 3_000_000)
        };

        assert_eq!(feed(&executor, Lane::Small, look_up), Round::Fed);

        // The executor of this test reads as many bytes as the header says.
        assert_eq!(*puts.lock().unwrap(), [vec![5; 3_000_000]]);
    }

    #[test]
    fn a_round_that_gives_nothing_asks_for_a_pause() {
        let wants = Client::new(fake::serve(|_, _| (200, vec![BlobHash::zero()].encode())));
        assert_eq!(feed(&wants, Lane::Small, |_, _| Found::Nothing), Round::Nothing);
        assert_eq!(feed(&wants, Lane::Small, |_, _| Found::OnItsWay), Round::Fetching);
        let refuses = Client::new(fake::serve(|request, _| {
            if request.starts_with("GET /v1/wanted") {
                (200, vec![BlobHash::zero()].encode())
            } else {
                (400, Vec::new())
            }
        }));
        assert_eq!(feed(&refuses, Lane::Small, |_, _| Found::Bytes(Vec::new())), Round::Nothing);
    }

    #[test]
    fn small_blobs_do_not_wait_for_large_ones() {
        let ids = [1, 2, 3, 4].map(BlobHash::repeat_byte);
        let lengths = [SMALL + 2, 700, SMALL + 1, 300];
        let puts = Arc::new(Mutex::new(Vec::new()));
        let seen = puts.clone();
        let executor = Client::new(fake::serve(move |request, body| {
            if request.starts_with("GET /v1/wanted") {
                return (200, ids.to_vec().encode());
            }
            if request.starts_with("PUT") {
                seen.lock().unwrap().push(body.len() as u64);
            }
            (200, Vec::new())
        }));
        let look_up = |hash, _| {
            let place = ids.iter().position(|id| *id == hash).unwrap();
            let file = tempfile::tempfile().unwrap();
            file.set_len(lengths[place]).unwrap();
            Found::File(file, lengths[place])
        };
        assert_eq!(feed(&executor, Lane::Small, look_up), Round::Fed);
        assert_eq!(std::mem::take(&mut *puts.lock().unwrap()), [300, 700]);
        assert_eq!(feed(&executor, Lane::Large, look_up), Round::Fed);
        assert_eq!(*puts.lock().unwrap(), [SMALL + 1]);
    }

    #[test]
    fn nothing_is_fetched_for_a_disk_that_is_full() {
        let disk = Arc::new(Mutex::new(DiskSpace { free: 9, reserve: 10, kept: 0, quota: 1 }));
        let (told, puts) = (disk.clone(), Arc::new(Mutex::new(0)));
        let seen = puts.clone();
        let executor = Client::new(fake::serve(move |request, _| {
            if request.starts_with("GET /v1/wanted") {
                return (200, vec![BlobHash::zero()].encode());
            }
            if request.starts_with("PUT") {
                *seen.lock().unwrap() += 1;
                return (200, Vec::new());
            }
            let disk = *told.lock().unwrap();
            let status = ExecutorStatus { version: "1".into(), devices: Vec::new(), queued: 1, running: 0, disk };
            (200, status.encode())
        }));
        let absent = |_, fetches| if fetches { Found::OnItsWay } else { Found::Nothing };
        let large = |_, _| {
            let file = tempfile::tempfile().unwrap();
            file.set_len(SMALL + 1).unwrap();
            Found::File(file, SMALL + 1)
        };
        for lane in [Lane::Small, Lane::Large] {
            assert_eq!(feed(&executor, lane, absent), Round::Nothing);
            assert_eq!(feed(&executor, lane, large), Round::Nothing);
        }
        assert_eq!(*puts.lock().unwrap(), 0);
        // An audit may wait for a kernel's source.
        assert_eq!(feed(&executor, Lane::Small, |_, _| Found::Bytes(vec![1])), Round::Fed);
        // Outputs that fill their quota do not stop the inputs of an audit.
        *disk.lock().unwrap() = DiskSpace { free: 10, reserve: 10, kept: 1, quota: 1 };
        assert_eq!(feed(&executor, Lane::Large, absent), Round::Fetching);
        assert_eq!(feed(&executor, Lane::Large, large), Round::Fed);
        assert_eq!(*puts.lock().unwrap(), 2);
    }

    #[test]
    fn nothing_wanted_needs_no_pause() {
        let idle = Client::new(fake::serve(|_, _| (200, Vec::<BlobHash>::new().encode())));
        assert_eq!(feed(&idle, Lane::Small, |_, _| Found::Nothing), Round::Fed);
    }
}
