//! Gives the executor the blobs that its runs wait for.
//!
//! Blobs come from this node, see [`LocalBlobs`]. Large blobs that the chain knows are fetched from
//! other nodes first.
//!
//! Two threads ask the executor for its wanted blobs, look them up and upload them, the shortest
//! first. One thread uploads small blobs, the other large ones. So the source that an audit waits
//! for does not wait for the gigabytes of another run. A blob that the node does not have (yet) is
//! tried again, at growing intervals. While the executor's disk has no room for large blobs, the
//! node fetches none, because the executor could not take them.

use super::LOG;
use crate::{
    blobs::{BlobBytes, LocalBlobs},
    executor::{Client, ExecutorHandle, Stop},
};
use dpin_primitives::BlobHash;
use std::{io, sync::Weak, time::Duration};

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

/// The result of looking up a blob.
enum Lookup {
    /// The blob is on this node.
    Here(BlobBytes),
    /// The blob is being fetched from other nodes.
    OnItsWay,
    /// The node does not have the blob.
    Nothing,
}

/// Looks up a blob. If it is not here and `fetches` is set, fetches it from other nodes.
fn look_up(blobs: &LocalBlobs, id: BlobHash, fetches: bool) -> Lookup {
    match blobs.find(id) {
        Ok(Some(bytes)) => Lookup::Here(bytes),
        Ok(None) if fetches && blobs.want(id) => Lookup::OnItsWay,
        Ok(None) => Lookup::Nothing,
        Err(error) => {
            log::warn!(target: LOG, "Blob {id:?} cannot be read: {error}");
            Lookup::Nothing
        }
    }
}

/// Starts the threads. They end with the node, and keep nothing of it alive.
pub(super) fn spawn(blobs: Weak<LocalBlobs>, executor: ExecutorHandle, stop: Stop) -> io::Result<()> {
    for (lane, name) in [(Lane::Small, "blob-feeder"), (Lane::Large, "blob-feeder-big")] {
        let (blobs, executor, stop) = (blobs.clone(), executor.clone(), stop.clone());
        std::thread::Builder::new().name(name.into()).spawn(move || run(&blobs, &executor, lane, &stop))?;
    }
    Ok(())
}

fn run(blobs: &Weak<LocalBlobs>, executor: &ExecutorHandle, lane: Lane, stop: &Stop) {
    let look_up = |id, fetches| blobs.upgrade().map_or(Lookup::Nothing, |blobs| look_up(&blobs, id, fetches));
    let mut pause = MIN_PAUSE;
    loop {
        // Without a pause, an executor that wants blobs that no node has would keep a core busy.
        let rest = match executor.client().map(|executor| feed(&executor, lane, look_up)) {
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
        if stop.sleep(rest) || blobs.strong_count() == 0 {
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

/// Runs one round.
fn feed(executor: &Client, lane: Lane, look_up: impl Fn(BlobHash, bool) -> Lookup) -> Round {
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
    let has_room = has_room(executor, wanted.len());
    let look_up = |id| look_up(id, has_room);
    let mut round = Round::Nothing;
    let mut files: Vec<(u64, BlobHash)> = Vec::new();
    let mut fed = false;
    for id in wanted {
        match look_up(id) {
            Lookup::OnItsWay => round = Round::Fetching,
            Lookup::Nothing => {
                log::debug!(target: LOG, "The executor wants blob {id:?}, which this node does not have")
            }
            Lookup::Here(BlobBytes::File(_, length)) if length > SMALL && !has_room => (),
            Lookup::Here(bytes) if !lane.takes(bytes.len()) => round = Round::Fetching,
            // Look it up again when its turn comes, to open the file then.
            Lookup::Here(BlobBytes::File(_, length)) => files.push((length, id)),
            Lookup::Here(bytes) => fed |= give(executor, id, bytes),
        }
    }
    files.sort_unstable();
    // Only one large blob in each round: a shorter one may be wanted by the next.
    let most = if lane == Lane::Large { 1 } else { usize::MAX };
    for (_, id) in files.into_iter().take(most) {
        if let Lookup::Here(bytes) = look_up(id) {
            fed |= give(executor, id, bytes);
        }
    }
    if fed { Round::Fed } else { round }
}

/// Returns whether the executor's disk has room for large blobs.
///
/// An audit may wait for a kernel's source, so small blobs are given even without room. An executor
/// that gives no status counts as having room.
fn has_room(executor: &Client, wanted: usize) -> bool {
    let has_room = executor.status().map_or(true, |status| status.disk.takes_blobs());
    if !has_room {
        log::debug!(target: LOG, "The executor's disk has no room for large blobs; it wants {wanted}");
    }
    has_room
}

/// Uploads a blob to the executor. Returns whether the executor takes it.
fn give(executor: &Client, id: BlobHash, bytes: BlobBytes) -> bool {
    let length = bytes.len();
    let given = match bytes {
        BlobBytes::Memory(bytes) => executor.put_blob(id, &bytes),
        BlobBytes::File(file, length) => executor.put_large_blob(id, file, length),
    };
    match given {
        Ok(()) => log::debug!(target: LOG, "Gave the executor blob {id:?} of {length} bytes"),
        Err(error) => {
            log::warn!(target: LOG, "The executor does not take blob {id:?}: {error}");
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::fake;
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

        let look_up =
            |hash, _| if hash == known { Lookup::Here(BlobBytes::Memory(b"blob".to_vec())) } else { Lookup::Nothing };
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
            Lookup::Here(BlobBytes::File(file, 3_000_000))
        };

        assert_eq!(feed(&executor, Lane::Small, look_up), Round::Fed);

        // The executor of this test reads as many bytes as the header says.
        assert_eq!(*puts.lock().unwrap(), [vec![5; 3_000_000]]);
    }

    #[test]
    fn a_round_that_gives_nothing_asks_for_a_pause() {
        let wants = Client::new(fake::serve(|_, _| (200, vec![BlobHash::zero()].encode())));
        assert_eq!(feed(&wants, Lane::Small, |_, _| Lookup::Nothing), Round::Nothing);
        assert_eq!(feed(&wants, Lane::Small, |_, _| Lookup::OnItsWay), Round::Fetching);
        let refuses = Client::new(fake::serve(|request, _| {
            if request.starts_with("GET /v1/wanted") {
                (200, vec![BlobHash::zero()].encode())
            } else {
                (400, Vec::new())
            }
        }));
        assert_eq!(feed(&refuses, Lane::Small, |_, _| Lookup::Here(BlobBytes::Memory(Vec::new()))), Round::Nothing);
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
            Lookup::Here(BlobBytes::File(file, lengths[place]))
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
        let absent = |_, fetches| if fetches { Lookup::OnItsWay } else { Lookup::Nothing };
        let large = |_, _| {
            let file = tempfile::tempfile().unwrap();
            file.set_len(SMALL + 1).unwrap();
            Lookup::Here(BlobBytes::File(file, SMALL + 1))
        };
        for lane in [Lane::Small, Lane::Large] {
            assert_eq!(feed(&executor, lane, absent), Round::Nothing);
            assert_eq!(feed(&executor, lane, large), Round::Nothing);
        }
        assert_eq!(*puts.lock().unwrap(), 0);
        // An audit may wait for a kernel's source.
        assert_eq!(feed(&executor, Lane::Small, |_, _| Lookup::Here(BlobBytes::Memory(vec![1]))), Round::Fed);
        // Outputs that fill their quota do not stop the inputs of an audit.
        *disk.lock().unwrap() = DiskSpace { free: 10, reserve: 10, kept: 1, quota: 1 };
        assert_eq!(feed(&executor, Lane::Large, absent), Round::Fetching);
        assert_eq!(feed(&executor, Lane::Large, large), Round::Fed);
        assert_eq!(*puts.lock().unwrap(), 2);
    }

    #[test]
    fn nothing_wanted_needs_no_pause() {
        let idle = Client::new(fake::serve(|_, _| (200, Vec::<BlobHash>::new().encode())));
        assert_eq!(feed(&idle, Lane::Small, |_, _| Lookup::Nothing), Round::Fed);
    }
}
