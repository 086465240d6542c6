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

mod chunks;
mod error;
mod interest;
mod leaves;
mod memory;
mod patience;
mod peers;
mod run;
mod search;
mod slots;
mod source;
#[cfg(test)]
mod tests;

pub(super) use error::FetchError;
pub(super) use peers::{Network, RequestError};

use super::{LOG, depot::Depot, lock};
use dpin_primitives::BlobHash;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use interest::{Hold, Interest};
use memory::{Memory, remember};
use patience::Patience;
use run::Fetch;
use slots::Slots;
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::Semaphore};

/// Most large blobs that are fetched at once, and most small ones. Further blobs wait.
const MAX_FETCHES: usize = 4;
/// Most blobs that are being fetched or wait for a slot.
const MAX_WAITING: usize = 256;
/// Most chunks under way, of all blobs together: 48 MiB.
const CHUNKS_UNDER_WAY: usize = 192;
/// Time for which a blob that could not be fetched is not tried again.
const REST: Duration = Duration::from_secs(2);
/// Most entries of each memory: nodes shunned, nodes doubted, bytes that nodes delivered, and blobs
/// that could not be fetched.
const MAX_REMEMBERED: usize = 1_024;

/// The result of a fetch, shared by all that wait for it.
type SharedResult = Shared<BoxFuture<'static, Result<(), FetchError>>>;

/// A fetch under way.
struct Running {
    result: SharedResult,
    interest: Arc<Interest>,
}

/// Fetches blobs from other nodes: see the [module](self).
pub(super) struct Fetcher {
    depot: Arc<Depot>,
    network: Arc<dyn Network>,
    running: Mutex<HashMap<BlobHash, Running>>,
    failed: Mutex<HashMap<BlobHash, Instant>>,
    small: Slots,
    large: Slots,
    under_way: Semaphore,
    memory: Mutex<Memory>,
    patience: Patience,
    runtime: Handle,
}

impl Fetcher {
    /// Creates a fetcher that fetches into `depot` over `network`.
    pub(super) fn new(depot: Arc<Depot>, network: Arc<dyn Network>, runtime: Handle) -> Arc<Self> {
        Self::with_patience(depot, network, runtime, Patience::default())
    }

    fn with_patience(depot: Arc<Depot>, network: Arc<dyn Network>, runtime: Handle, patience: Patience) -> Arc<Self> {
        Arc::new(Self {
            depot,
            network,
            running: Mutex::default(),
            failed: Mutex::default(),
            small: Slots::new(MAX_FETCHES),
            large: Slots::new(MAX_FETCHES),
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
    pub(super) fn fetch(
        self: &Arc<Self>,
        id: BlobHash,
        announced: Option<u64>,
    ) -> impl Future<Output = Result<(), FetchError>> + Send + 'static {
        let joined = self.join(id, announced);
        async move {
            // The hold lasts as long as somebody waits for this future.
            let (result, _hold) = joined?;
            result.await
        }
    }

    /// Joins the fetch of a blob, and starts it if it is not running.
    fn join(self: &Arc<Self>, id: BlobHash, announced: Option<u64>) -> Result<(SharedResult, Hold), FetchError> {
        let mut running = lock(&self.running);
        if let Some(Running { result, interest }) = running.get(&id) {
            return Ok((result.clone(), Hold::new(interest)));
        }
        if running.len() >= MAX_WAITING {
            return Err(FetchError::Busy);
        }
        let interest = Interest::new(self.patience.linger);
        let hold = Hold::new(&interest);
        let (this, cared) = (self.clone(), interest.clone());
        let task = self.runtime.spawn(async move {
            let result = Fetch::new(&this, id, announced, &cared).run().await;
            lock(&this.running).remove(&id);
            this.conclude(id, &result);
            result
        });
        let result = task.map(|result| result.unwrap_or(Err(FetchError::Ended))).boxed().shared();
        running.insert(id, Running { result: result.clone(), interest });
        Ok((result, hold))
    }

    /// Announces a fetched blob, or logs and remembers a failure.
    fn conclude(&self, id: BlobHash, result: &Result<(), FetchError>) {
        match result {
            Ok(()) => {
                log::info!(target: LOG, "📦 Fetched blob {id:?}");
                self.network.provide(id);
            }
            Err(error) => {
                // Only this node's operator can fix an error of the depot.
                let level = if matches!(error, FetchError::Depot(_)) { log::Level::Warn } else { log::Level::Debug };
                log::log!(target: LOG, level, "Blob {id:?} was not fetched: {error}");
                remember(&mut lock(&self.failed), id, REST);
            }
        }
    }

    /// Returns whether a blob could not be fetched a moment ago, so that it need not be tried again
    /// at once.
    pub(super) fn rests(&self, id: &BlobHash) -> bool {
        lock(&self.failed).get(id).is_some_and(|since| since.elapsed() < REST)
    }

    /// Returns whether a blob is being fetched. If it is, keeps the fetch going for a while.
    pub(super) fn goes_on(&self, id: &BlobHash) -> bool {
        lock(&self.running).get(id).inspect(|running| running.interest.renew()).is_some()
    }
}
