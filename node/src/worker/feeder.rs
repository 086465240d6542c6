//! Gives the executor the blobs its runs wait for, out of the chain's indexed transactions or what the node's operator has brought.
//!
//! One thread: asks the executor what it wants, looks it up in the node's database, hands it over. A blob the node does not
//! have (yet) is tried again, ever more slowly.

use super::{
    executor::{Client, ExecutorHandle},
    Stop, LOG,
};
use dpin_primitives::{BlobHash, OpaqueBlock as Block};
use dpin_rpc::BlobStore;
use polkadot_sdk::{sc_client_api::BlockBackend, sp_core::offchain::OffchainStorage};
use std::{io, sync::Weak, time::Duration};

/// How long the executor may keep a question open.
const WAIT: Duration = Duration::from_secs(5);
/// First pause after nothing could be given.
const MIN_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(4);

/// Start the thread. It ends when the node does, and keeps nothing of the node alive.
pub fn spawn<C: BlockBackend<Block> + Send + Sync + 'static, S: OffchainStorage + 'static>(
    client: Weak<C>,
    blobs: Weak<BlobStore<S>>,
    executor: ExecutorHandle,
    stop: Stop,
) -> io::Result<()> {
    std::thread::Builder::new().name("blob-feeder".into()).spawn(move || {
        let mut pause = MIN_PAUSE;
        loop {
            let lookup = |hash| {
                let indexed = client.upgrade()?.indexed_transaction(hash).ok().flatten();
                indexed.or_else(|| blobs.upgrade()?.get(hash))
            };
            // Without a pause an executor that asks for what nobody has would keep a core busy.
            let rest = match executor.client() {
                None => MIN_PAUSE,
                Some(executor) if feed(&executor, lookup) => {
                    pause = MIN_PAUSE;
                    Duration::ZERO
                }
                Some(_) => {
                    pause = (pause * 2).min(MAX_PAUSE);
                    pause
                }
            };
            if stop.sleep(rest) || client.strong_count() == 0 {
                return;
            }
        }
    })?;
    Ok(())
}

/// One round. Returns whether the next may follow at once: nothing was wanted, or something could be given.
fn feed(executor: &Client, lookup: impl Fn(BlobHash) -> Option<Vec<u8>>) -> bool {
    let wanted = match executor.wanted(WAIT) {
        Ok(wanted) => wanted,
        Err(error) => {
            log::debug!(target: LOG, "Cannot ask the executor for wanted blobs: {error}");
            return false;
        }
    };
    let mut given = wanted.is_empty();
    for hash in wanted {
        let Some(bytes) = lookup(hash) else {
            log::debug!(target: LOG, "The executor wants blob {hash:?}, which this node does not have");
            continue;
        };
        match executor.put_blob(hash, &bytes) {
            Ok(()) => {
                log::debug!(target: LOG, "Gave the executor blob {hash:?} of {} bytes", bytes.len());
                given = true;
            }
            Err(error) => log::warn!(target: LOG, "The executor does not take blob {hash:?}: {error}"),
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::{super::executor::fake, *};
    use codec::Encode;
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
            seen.lock().unwrap().push((request.to_owned(), body.to_vec()));
            (200, Vec::new())
        }));

        assert!(feed(&executor, |hash| (hash == known).then(|| b"blob".to_vec())));

        let expected = format!("PUT /v1/blob/{} HTTP/1.1", hex::encode(known));
        assert_eq!(*puts.lock().unwrap(), [(expected, b"blob".to_vec())]);
    }

    #[test]
    fn a_round_that_gives_nothing_asks_for_a_pause() {
        let wants = Client::new(fake::serve(|_, _| (200, vec![BlobHash::zero()].encode())));
        assert!(!feed(&wants, |_| None));
        let refuses = Client::new(fake::serve(|request, _| {
            if request.starts_with("GET") {
                (200, vec![BlobHash::zero()].encode())
            } else {
                (400, Vec::new())
            }
        }));
        assert!(!feed(&refuses, |_| Some(Vec::new())));
    }

    #[test]
    fn nothing_wanted_needs_no_pause() {
        let idle = Client::new(fake::serve(|_, _| (200, Vec::<BlobHash>::new().encode())));
        assert!(feed(&idle, |_| None));
    }
}
