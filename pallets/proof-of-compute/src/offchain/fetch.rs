//! Fetching a part of an output as a requester does: from the node of the worker that has committed
//! to it.
//!
//! The answer is checked against the root. A tile that does not fit counts as not served.

use crate::*;
use alloc::{format, string::String, vec::Vec};
use dpin_primitives::{
    Hash, TaskId,
    address::NodeAddress,
    executor::OutputChunk,
    traits::{TaskBrief, WorkerRegistry},
};
use polkadot_sdk::{sp_core::offchain::Duration, sp_io, sp_runtime::offchain::http};

/// Maximum time in ms to wait for one tile.
const FETCH_MS: u64 = 2_000;
/// Maximum length of the answer for a tile of so many bytes. The tile is in hexadecimal, and the
/// proof needs a margin.
const fn max_answer_bytes(tile: u32) -> usize {
    (tile as usize).saturating_mul(2).saturating_add(16 * 1024)
}

/// The reason why a tile was not served.
#[derive(Debug)]
pub(crate) enum NotServed {
    /// The worker has no usable address.
    NoAddress,
    /// Nobody answers at the address in time.
    NoAnswer,
    /// The answer is too long, or does not fit the request.
    Nonsense,
    /// The tile does not lead to the committed root.
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

/// The answer to `compute_output`: the fields that are used.
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

/// The leaves of `tiles`, fetched from the worker's node and proved.
pub(crate) fn leaves<T: Config>(
    genesis: &Hash,
    task: TaskId,
    proven: &Proven,
    tiles: &[u32],
    brief: &TaskBrief,
) -> Result<Vec<Hash>, NotServed> {
    let profile = T::Workers::profile(&proven.run.worker).ok_or(NotServed::NoAddress)?;
    let url = http_url(&profile.address).ok_or(NotServed::NoAddress)?;
    let tile_bytes = brief.tiling.tile_bytes();
    tiles
        .iter()
        .map(|tile| {
            let offset = u64::from(*tile).saturating_mul(tile_bytes.into());
            let served = ask(&url, task, offset, tile_bytes)?;
            let chunk = OutputChunk {
                total: served.total,
                offset: served.offset,
                data: unhex(&served.data).ok_or(NotServed::Nonsense)?,
                tile_bytes: served.tile_bytes,
                root: served.root,
                proof: served.proof,
            };
            let asked =
                chunk.offset == offset && chunk.tile_bytes == tile_bytes && chunk.data.len() == tile_bytes as usize;
            let whole = chunk.total == proven.commitment.output_len;
            if !asked || !whole {
                return Err(NotServed::Nonsense);
            }
            chunk.verify(genesis, task, &proven.commitment.root).map_err(|_| NotServed::Unproven)?;
            Ok(dpin_primitives::tile_tree::leaf(genesis, task, *tile, &chunk.data))
        })
        .collect()
}

/// The URL for JSON-RPC over HTTP of a node at an address on chain.
fn http_url(address: &[u8]) -> Option<String> {
    NodeAddress::parse(address).ok().map(|address| address.http_url())
}

fn ask(url: &str, task: TaskId, offset: u64, tile_bytes: u32) -> Result<Served, NotServed> {
    let TaskId { job, index } = task;
    let body = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"compute_output\",\"params\":[{{\"job\":{job},\"index\":{index}}},{offset},1]}}"
    );
    let deadline = sp_io::offchain::timestamp().add(Duration::from_millis(FETCH_MS));
    let response = http::Request::post(url, alloc::vec![body.as_bytes()])
        .add_header("content-type", "application/json")
        .add_header("content-length", &format!("{}", body.len()))
        .deadline(deadline)
        .send()
        .map_err(|_| NotServed::NoAnswer)?
        .try_wait(deadline)
        .map_err(|_| NotServed::NoAnswer)?
        .map_err(|_| NotServed::NoAnswer)?;
    if response.code != 200 {
        return Err(NotServed::NoAnswer);
    }
    let most = max_answer_bytes(tile_bytes);
    let bytes: Vec<u8> = response.body().take(most.saturating_add(1)).collect();
    if bytes.len() > most {
        return Err(NotServed::Nonsense);
    }
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
