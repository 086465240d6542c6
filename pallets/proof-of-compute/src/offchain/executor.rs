//! The executor, as the off-chain worker talks to it.

use super::{
    Obstacle,
    exchange::{Unanswered, exchange},
    memory::Unfinished,
};
use alloc::{format, string::String, vec::Vec};
use codec::{Decode, Encode};
use core::cell::{Cell, RefCell};
use dpin_primitives::{
    BlockNumber, Hash,
    executor::{CONFIG_KEY, ExecutorConfig, Opening, RunRequest, RunStatus},
};
use polkadot_sdk::{
    sp_core::offchain::Duration,
    sp_io,
    sp_runtime::offchain::{http, storage::StorageValueRef},
};

/// Maximum time in ms to wait for an answer of the executor.
const REQUEST_MS: u64 = 2_000;

/// Maximum length of an answer in bytes: leaves and proof of the largest opening, and a margin.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Blocks after which a run that cannot be ended is forgotten: it has a deadline of its own.
const FORGET_BLOCKS: BlockNumber = 100;

/// Number of requests in one block that the executor may leave without an answer. After that no
/// more are sent, so that reports that need no answer are made in time.
const MAX_SILENCES: u32 = 3;

/// The executor as the off-chain worker talks to it.
pub(super) struct Executor {
    config: ExecutorConfig,
    /// Requests without an answer in this block.
    silences: Cell<u32>,
    unfinished: RefCell<Unfinished>,
}

impl Executor {
    pub(super) fn configured(genesis: &Hash) -> Option<Self> {
        let config = StorageValueRef::persistent(CONFIG_KEY).get::<ExecutorConfig>().ok().flatten()?;
        let unfinished = RefCell::new(Unfinished::read(genesis));
        Some(Self { config, silences: Cell::new(0), unfinished })
    }

    /// Send a request and wait for the answer's body.
    pub(super) fn ask(&self, method: http::Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>, Obstacle> {
        if self.config.is_away() || self.silences.get() >= MAX_SILENCES {
            return Err(Obstacle::Unreachable);
        }
        let asked = self.try_ask(method, path, body);
        if matches!(asked, Err(Obstacle::Unreachable)) {
            self.silences.set(self.silences.get().saturating_add(1));
        }
        asked
    }

    pub(super) fn try_ask(&self, method: http::Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>, Obstacle> {
        let url = format!("{}{path}", self.config.url);
        let bearer = format!("Bearer {}", self.config.token);
        let deadline = sp_io::offchain::timestamp().add(Duration::from_millis(REQUEST_MS));
        let request = http::Request::post(&url, body.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let mut request = request.method(method).add_header("authorization", &bearer);
        if let Some(body) = &body {
            request = request
                .add_header("content-type", "application/octet-stream")
                .add_header("content-length", &format!("{}", body.len()));
        }
        exchange(request, deadline, MAX_ANSWER_BYTES).map_err(|why| match why {
            Unanswered::Silent => Obstacle::Unreachable,
            Unanswered::Refused(code) => Obstacle::Refused(code),
            Unanswered::TooLong => Obstacle::Nonsense("the answer is too long"),
        })
    }

    pub(super) fn post<R: Decode>(&self, path: &str, body: &impl Encode) -> Result<R, Obstacle> {
        let answer = self.ask(http::Method::Post, path, Some(body.encode()))?;
        R::decode(&mut answer.as_slice()).map_err(|_| Obstacle::Nonsense("the answer does not decode"))
    }

    /// Post a run. `input_bytes` has the sizes of its inputs; it is empty if they are not known.
    pub(super) fn run(
        &self,
        request: &RunRequest,
        input_bytes: &[u64],
        now: BlockNumber,
    ) -> Result<RunStatus, Obstacle> {
        let sizes = input_bytes.iter().map(|bytes| format!("{bytes}")).collect::<Vec<_>>().join(",");
        let query = if sizes.is_empty() { sizes } else { format!("?input_bytes={sizes}") };
        let status = self.post(&format!("/v1/runs{query}"), request);
        let mut unfinished = self.unfinished.borrow_mut();
        match &status {
            Ok(RunStatus::Committed(_) | RunStatus::Sampled(_) | RunStatus::Failed(_)) => {
                unfinished.forget(&request.id);
            }
            // The run may have begun without an answer.
            Ok(_) | Err(_) => unfinished.note(request.id, now),
        }
        status
    }

    /// End a run; if `unfinished`, only if it is not finished.
    pub(super) fn end(&self, run: &Hash, unfinished: bool) -> Result<(), Obstacle> {
        let query = if unfinished { "?unfinished=true" } else { "" };
        match self.ask(http::Method::Delete, &format!("/v1/runs/{}{query}", hex(run)), None) {
            // There is no such run, or it is finished.
            Ok(_) | Err(Obstacle::Refused(404 | 409)) => Ok(()),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// End the runs that no duty waits for any more.
    pub(super) fn end_unfinished(&self, now: BlockNumber) {
        let gone = self.unfinished.borrow().gone(now);
        for (run, last) in gone {
            let ended = self.end(&run, true).is_ok();
            if ended || now.saturating_sub(last) > FORGET_BLOCKS {
                self.unfinished.borrow_mut().forget(&run);
            }
        }
        self.unfinished.borrow().write();
    }

    pub(super) fn open(&self, run: &Hash, sample: &[u32]) -> Result<Opening, Obstacle> {
        self.post(&format!("/v1/runs/{}/opening", hex(run)), &sample.to_vec())
    }
}

/// A hash in the form that paths use.
fn hex(hash: &Hash) -> String {
    hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
