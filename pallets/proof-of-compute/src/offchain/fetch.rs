//! Fetching a part of an output as a requester does: from the node of the worker that has committed
//! to it.
//!
//! The answer is checked against the root. A tile that does not fit counts as not served.
//!
//! A stranger's server may answer slowly on purpose. Outputs are therefore fetched after this node
//! has submitted its reports, under a lock of their own, and with a deadline for everything. The
//! leaves are kept, and the duty finds them after one of the next blocks.

use super::{
    LOCK_MS, MAX_REMEMBERED,
    exchange::{Unanswered, exchange},
};
use crate::*;
use alloc::{format, string::String, vec::Vec};
use codec::{Decode, Encode};
use dpin_primitives::{
    BlockNumber, Hash, TaskId,
    address::NodeAddress,
    executor::OutputChunk,
    traits::{TaskBrief, WorkerRegistry},
};
use polkadot_sdk::{
    sp_core::offchain::{Duration, Timestamp},
    sp_io,
    sp_runtime::offchain::{
        http,
        storage::StorageValueRef,
        storage_lock::{StorageLock, Time},
    },
};

/// Only one off-chain worker of a node fetches at a time.
const LOCK_KEY: &[u8] = b"dpin/fetch-lock";
/// Maximum time in ms to wait for the tiles of one output. Those that came by then are kept.
const OUTPUT_MS: u64 = 3_000;
/// Maximum time in ms to fetch after one block.
const ROUND_MS: u64 = 9_000;
/// Blocks after which fetched leaves that nothing was added to are forgotten: the case is over.
const FORGET_BLOCKS: BlockNumber = 300;
/// Maximum length of the answer for a tile of so many bytes. The tile is in hexadecimal, and the
/// proof needs a margin.
const fn max_answer_bytes(tile: u32) -> usize {
    (tile as usize).saturating_mul(2).saturating_add(16 * 1024)
}

/// Why a tile was not had.
#[derive(Debug)]
pub(crate) enum NotServed {
    /// The worker has no usable address.
    NoAddress,
    /// Nobody answers there in time.
    NoAnswer,
    /// The answer is too long, or no answer to what was asked.
    Nonsense,
    /// The tile is not what the worker has committed to.
    Unproven,
}

impl core::fmt::Display for NotServed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::NoAddress => "the worker has no usable address",
            Self::NoAnswer => "nobody answers at the worker's address in time",
            Self::Nonsense => "the answer is none to what was asked",
            Self::Unproven => "the tile does not lead to the committed root",
        })
    }
}

/// The answer to `compute_output`, as far as it is needed.
#[derive(serde::Deserialize)]
struct Answer {
    result: Served,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Served {
    total: u64,
    offset: u64,
    data: String,
    tile_bytes: u32,
    root: Hash,
    proof: Vec<Hash>,
}

/// Tiles that a juror of this node is to fetch.
pub(super) struct Wanted {
    pub(super) task: TaskId,
    /// The seed of the jury.
    pub(super) round: Hash,
    pub(super) proven: Proven,
    pub(super) tiles: Vec<u32>,
    pub(super) brief: TaskBrief,
    pub(super) due: BlockNumber,
}

/// The leaves of the first tiles that a jury is to fetch.
#[derive(Clone, Encode, Decode)]
struct Find {
    task: TaskId,
    round: Hash,
    leaves: Vec<Hash>,
    /// Number of times that the tiles could not all be fetched.
    failures: u32,
    /// The block of the last try.
    at: BlockNumber,
}

/// The fetched leaves, in the node's offchain storage, and the tiles that are still wanted.
pub(super) struct Fetches {
    key: Vec<u8>,
    finds: Vec<Find>,
    wanted: Vec<Wanted>,
}

impl Fetches {
    pub(super) fn read(genesis: &Hash) -> Self {
        let key = (b"dpin/fetched", genesis).encode();
        let finds = StorageValueRef::persistent(&key).get().ok().flatten().unwrap_or_default();
        Self { key, finds, wanted: Vec::new() }
    }

    /// Have tiles fetched once all reports are submitted.
    pub(super) fn want(&mut self, wanted: Wanted) {
        self.wanted.push(wanted);
    }

    fn of(&self, task: TaskId, round: Hash) -> Option<&Find> {
        self.finds.iter().find(|find| find.task == task && find.round == round)
    }

    /// The leaves of all `count` tiles, if they have come.
    pub(super) fn leaves(&self, task: TaskId, round: Hash, count: usize) -> Option<Vec<Hash>> {
        self.of(task, round).map(|find| find.leaves.clone()).filter(|leaves| leaves.len() == count)
    }

    /// Number of times that the tiles could not all be fetched.
    pub(super) fn failures(&self, task: TaskId, round: Hash) -> u32 {
        self.of(task, round).map_or(0, |find| find.failures)
    }

    /// Fetch the wanted tiles, as far as there is time. An output that could not be fetched so far
    /// comes last, so that its server holds up no other.
    pub(super) fn fetch_wanted<T: Config>(self, genesis: &Hash, now: BlockNumber) {
        let mut all = self.wanted;
        if all.is_empty() {
            return;
        }
        let mut lock = StorageLock::<Time>::with_deadline(LOCK_KEY, Duration::from_millis(LOCK_MS));
        let Ok(_guard) = lock.try_lock() else {
            log::debug!(target: LOG_TARGET, "block {now}: outputs are being fetched");
            return;
        };
        // Read again under the lock: another off-chain worker may have fetched in between.
        let mut fetches = Self::read(genesis);
        fetches.finds.retain(|find| now.saturating_sub(find.at) < FORGET_BLOCKS);
        all.sort_by_key(|wanted| (fetches.failures(wanted.task, wanted.round), wanted.due, wanted.task, wanted.round));
        all.dedup_by_key(|wanted| (wanted.task, wanted.round));
        let end = sp_io::offchain::timestamp().add(Duration::from_millis(ROUND_MS));
        for wanted in &all {
            let begun = sp_io::offchain::timestamp();
            if begun >= end {
                break;
            }
            fetches.fetch::<T>(genesis, wanted, begun.add(Duration::from_millis(OUTPUT_MS)).min(end), now);
            StorageValueRef::persistent(&fetches.key).set(&fetches.finds);
        }
    }

    /// Fetch the tiles of `wanted` that have not come.
    fn fetch<T: Config>(&mut self, genesis: &Hash, wanted: &Wanted, deadline: Timestamp, now: BlockNumber) {
        let Wanted { task, round, .. } = *wanted;
        let find = self.of(task, round).cloned();
        let mut find = find.unwrap_or(Find { task, round, leaves: Vec::new(), failures: 0, at: now });
        find.at = now;
        if let Err(why) = wanted.add_leaves::<T>(genesis, &mut find.leaves, deadline) {
            find.failures = find.failures.saturating_add(1);
            log::info!(target: LOG_TARGET, "task {task}: its output cannot be fetched: {why}");
        }
        self.finds.retain(|find| (find.task, find.round) != (task, round));
        if self.finds.len() < MAX_REMEMBERED {
            self.finds.push(find);
        }
    }
}

impl Wanted {
    /// Add the leaves of the tiles that follow `leaves`, fetched from the worker's node and proved.
    fn add_leaves<T: Config>(
        &self,
        genesis: &Hash,
        leaves: &mut Vec<Hash>,
        deadline: Timestamp,
    ) -> Result<(), NotServed> {
        let profile = T::Workers::profile(&self.proven.run.worker).ok_or(NotServed::NoAddress)?;
        let url = http_url(&profile.address).ok_or(NotServed::NoAddress)?;
        for tile in self.tiles.iter().skip(leaves.len()) {
            leaves.push(self.leaf(&url, genesis, *tile, deadline)?);
        }
        Ok(())
    }

    /// The leaf of `tile`, as the server at `url` has it.
    fn leaf(&self, url: &str, genesis: &Hash, tile: u32, deadline: Timestamp) -> Result<Hash, NotServed> {
        let tile_bytes = self.brief.tiling.tile_bytes();
        let offset = u64::from(tile).saturating_mul(tile_bytes.into());
        let served = ask(url, self.task, offset, tile_bytes, deadline)?;
        let chunk = OutputChunk {
            total: served.total,
            offset: served.offset,
            data: unhex(&served.data).ok_or(NotServed::Nonsense)?,
            tile_bytes: served.tile_bytes,
            root: served.root,
            proof: served.proof,
        };
        let asked = chunk.offset == offset && chunk.tile_bytes == tile_bytes && chunk.data.len() == tile_bytes as usize;
        let whole = chunk.total == self.proven.commitment.output_len;
        if !asked || !whole {
            return Err(NotServed::Nonsense);
        }
        chunk.verify(genesis, self.task, &self.proven.commitment.root).map_err(|_| NotServed::Unproven)?;
        Ok(dpin_primitives::tile_tree::leaf(genesis, self.task, tile, &chunk.data))
    }
}

/// The URL for JSON-RPC over HTTP of a node at an address on chain.
fn http_url(address: &[u8]) -> Option<String> {
    NodeAddress::parse(address).ok().map(|address| address.http_url())
}

/// Ask the server at `url` for the tile at `offset` in bytes.
fn ask(url: &str, task: TaskId, offset: u64, tile_bytes: u32, deadline: Timestamp) -> Result<Served, NotServed> {
    let TaskId { job, index } = task;
    let body = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"compute_output\",\"params\":[{{\"job\":{job},\"index\":{index}}},{offset},1]}}"
    );
    let request = http::Request::post(url, alloc::vec![body.as_bytes()])
        .add_header("content-type", "application/json")
        .add_header("content-length", &format!("{}", body.len()));
    let bytes = exchange(request, deadline, max_answer_bytes(tile_bytes)).map_err(|why| match why {
        Unanswered::Silent | Unanswered::Refused(_) => NotServed::NoAnswer,
        Unanswered::TooLong => NotServed::Nonsense,
    })?;
    serde_json::from_slice::<Answer>(&bytes).map(|answer| answer.result).map_err(|_| NotServed::Nonsense)
}

/// The bytes of a hexadecimal string with `0x`.
fn unhex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nodes_websocket_speaks_http_too() {
        assert_eq!(http_url(b"ws://127.0.0.1:9944").as_deref(), Some("http://127.0.0.1:9944"));
        assert_eq!(http_url(b"wss://node.example").as_deref(), Some("https://node.example"));
        assert_eq!(http_url(b"file:///etc/passwd"), None);
        assert_eq!(http_url(b"127.0.0.1:9944"), None);
        assert_eq!(http_url(&[0xff, 0xfe]), None);
    }
}
