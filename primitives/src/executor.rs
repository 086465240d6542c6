//! The wire between the off-chain worker and the executor: HTTP on loopback, SCALE bodies, bearer token.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /v1/status` | | [`ExecutorStatus`] |
//! | `POST /v1/runs?input_bytes=` | [`RunRequest`] | [`RunStatus`]; posting a known id sets its deadline anew and tells its status; 429 if too many wait |
//! | `GET /v1/runs/<id>` | | [`RunStatus`], 404 if unknown |
//! | `GET /v1/runs/<id>/timings` | | [`RunTimings`], 404 if unknown, 409 unless it was computed to its end |
//! | `GET /v1/runs/<id>/report` | | text, 404 if unknown, 409 unless it is finished |
//! | `GET /v1/reports/<job>/<index>` | | the report of the newest finished run of the whole task, 404 if there is none |
//! | `DELETE /v1/runs/<id>?unfinished=` | | empty; ends the run and frees what it holds; with `unfinished=true` 409 if it is finished, and then it stays |
//! | `POST /v1/runs/<id>/opening` | `Vec<u32>` of tile indices | [`Opening`] |
//! | `GET /v1/outputs/<job>/<index>?offset=&length=` | | [`OutputChunk`] |
//! | `GET /v1/wanted?wait_ms=` | | `Vec<BlobHash>`: blobs that queued runs wait for; waits until there is one |
//! | `GET /v1/wanted-keys?wait_ms=` | | `Vec<`[`WantedKey`](crate::confidential::WantedKey)`>`: job keys that queued runs wait for; waits until there is one |
//! | `GET /v1/encryption-key` | | text: the age recipient that job keys are sealed to |
//! | `PUT /v1/keys/<job>` | sealed key | empty, 400 if it does not open, or does not open what waits for it |
//! | `POST /v1/keys/<job>/reseal` | text: an age recipient | the key sealed to it, 404 if it is not there |
//! | `PUT /v1/blob/<hash>` | bytes, with their `Content-Length` | empty, 400 if `hash` is neither their BLAKE2b-256 nor the id of their [chunk tree](crate::blob_tree), 408 if they come too slowly, 507 if there is no room |
//! | `GET /v1/blob/<hash>` | | bytes, or the `Range` asked for; also `HEAD` |
//! | `GET /v1/log/<hash>` | | bytes |
//!
//! `input_bytes` are the sizes of the inputs with commas between them, if they are known: what no device has room for is then refused
//! before it is fetched. Ids and hashes in paths are 64 hex digits without `0x`. Errors are a status code of 4xx or 5xx with one line of text.

use crate::{kernel::KernelManifest, reason::ReasonCode, worker::Device, BlobHash, Hash, TaskId};
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Key in the node's persistent offchain storage of the [`ExecutorConfig`] the node puts there when it starts.
pub const CONFIG_KEY: &[u8] = b"dpin/executor";

/// Key in the node's persistent offchain storage of the executor's [`Readiness`], as the node has
/// last seen it. Nothing is there while the executor gives no answer.
pub const READINESS_KEY: &[u8] = b"dpin/executor-readiness";

/// Most bytes of a run's log that the executor keeps: 64 KiB.
pub const MAX_LOG_BYTES: usize = 64 * 1024;
/// Most bytes of output one request returns, before it is widened to whole tiles: 1 MiB.
pub const MAX_CHUNK_BYTES: u32 = 1024 * 1024;

/// Where the node's executor is and how to be let in.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ExecutorConfig {
    /// Base URL, without a trailing slash.
    pub url: String,
    /// Bearer token.
    pub token: String,
}

impl ExecutorConfig {
    /// What the node puts there while its executor is not running: there is one, so reports are still owed, but nobody answers.
    pub fn away() -> Self {
        Self { url: String::new(), token: String::new() }
    }

    /// Whether nobody answers there.
    pub fn is_away(&self) -> bool {
        self.url.is_empty()
    }
}

/// What a run computes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Work {
    /// The whole task, whose output is kept.
    Task,
    /// Only these tiles of the task (ascending), whose leaves are wanted.
    Sample(Vec<u32>),
}

/// A piece of work for the executor.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct RunRequest {
    /// The run's id: [`RunRequest::id`] of everything that fixes it, chosen by the off-chain worker.
    pub id: Hash,
    /// Genesis hash of the chain, part of every leaf.
    pub genesis: Hash,
    /// The task.
    pub task: TaskId,
    /// What to compute.
    pub work: Work,
    /// The kernel.
    pub kernel: KernelManifest,
    /// Work-groups of the job in each dimension.
    pub groups: [u32; 3],
    /// The task's first work-group, in row-major order.
    pub first_group: u64,
    /// The task's number of work-groups.
    pub group_count: u32,
    /// The scalar parameters' bytes.
    pub scalars: Vec<Vec<u8>>,
    /// The input parameters' blobs.
    pub inputs: Vec<BlobHash>,
    /// Time in ms, from when this request comes in, after which nobody can use the result any more. Waiting for blobs, for a device
    /// and for other runs counts. The executor makes a deadline of it, by a clock that nobody can set; each post sets it anew.
    pub limit_ms: u64,
}

impl RunRequest {
    /// The id of a run: task, attempt and the sample's digest fix what is computed on this chain.
    pub fn id(genesis: &Hash, task: TaskId, attempt: u8, work: &Work) -> Hash {
        crate::blake2(&(b"dpin/run", genesis, task, attempt, work).encode())
    }
}

/// How far a run is.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum RunStatus {
    /// Waits for its turn or for blobs.
    Queued,
    /// Runs on the device.
    Running,
    /// The whole task is done and its output is kept.
    Committed(Commitment),
    /// The sample is done: its leaves, in the sample's order.
    Sampled(Vec<Hash>),
    /// It failed.
    Failed(ReasonCode),
}

/// What a run has taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct RunTimings {
    /// Compiling the program and handing it its arguments, in ms.
    pub build_ms: u64,
    /// Kernels on the device, by OpenCL's profiling events, in µs. Time in which several ran counts once.
    pub device_us: u64,
    /// Reading outputs back from the device, by the same events, in ms.
    pub read_ms: u64,
    /// Hashing the output, in ms; of a whole task with its tree.
    pub hash_ms: u64,
    /// From the child process's order to its end, with its start unless it waited for an order, in ms.
    pub wall_ms: u64,
    /// Waiting for blobs, in ms.
    pub fetch_ms: u64,
    /// Waiting for a lane once all blobs were there, in ms.
    pub queue_ms: u64,
}

/// What a worker commits to.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen, TypeInfo,
)]
pub struct Commitment {
    /// Root of the tile tree.
    pub root: Hash,
    /// Bytes of output.
    pub output_len: u64,
    /// Time the kernel ran on the device, in ms.
    pub kernel_ms: u32,
}

/// The worker's opening of a sample.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Opening {
    /// The sampled leaves, in order.
    pub leaves: Vec<Hash>,
    /// Their multi-proof.
    pub proof: Vec<Hash>,
}

/// A part of a task's output that can be checked against the root.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OutputChunk {
    /// Bytes of the whole output.
    pub total: u64,
    /// Where `data` begins in the output: the start of a tile.
    pub offset: u64,
    /// Whole tiles.
    pub data: Vec<u8>,
    /// Bytes of one tile.
    pub tile_bytes: u32,
    /// Root of the tile tree.
    pub root: Hash,
    /// Multi-proof of the tiles in `data`.
    pub proof: Vec<Hash>,
}

impl OutputChunk {
    /// Check the chunk against `root`, which the chain knows.
    ///
    /// # Errors
    ///
    /// [`crate::tile_tree::OpeningError`] if it is not what was committed to.
    pub fn verify(&self, genesis: &Hash, task: TaskId, root: &Hash) -> Result<(), crate::tile_tree::OpeningError> {
        use crate::tile_tree::{leaf, verify, OpeningError::Malformed};
        let tile_bytes = u64::from(self.tile_bytes);
        let count = |bytes: u64| bytes.checked_div(tile_bytes).and_then(|n| u32::try_from(n).ok()).ok_or(Malformed);
        let (tiles, first) = (count(self.total)?, count(self.offset)?);
        if self.offset.checked_rem(tile_bytes) != Some(0)
            || (self.data.len() as u64).checked_rem(tile_bytes) != Some(0)
            || self.data.is_empty()
        {
            return Err(Malformed);
        }
        let leaves: Vec<Hash> = self
            .data
            .chunks_exact(self.tile_bytes as usize)
            .zip(first..)
            .map(|(tile, index)| leaf(genesis, task, index, tile))
            .collect();
        let indices: Vec<u32> = (first..).take(leaves.len()).collect();
        verify(root, tiles, &indices, &leaves, &self.proof)
    }
}

/// What an executor tells of itself.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ExecutorStatus {
    /// Its version.
    pub version: String,
    /// Its devices.
    pub devices: Vec<Device>,
    /// Runs that wait.
    pub queued: u32,
    /// Runs on a device.
    pub running: u32,
    /// What room there is for blobs and outputs.
    pub disk: DiskSpace,
}

/// The room that an executor has on its disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct DiskSpace {
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that it leaves free. Below them it takes no blobs and begins no task.
    pub reserve: u64,
    /// Bytes of the outputs that must be kept, and of those that are being computed.
    pub kept: u64,
    /// Most bytes of all outputs.
    pub quota: u64,
}

impl DiskSpace {
    /// Whether blobs are taken at all. Outputs have a quota of their own: while that alone is used,
    /// audits still get their inputs.
    pub fn takes_blobs(&self) -> bool {
        self.free >= self.reserve
    }

    /// Whether there is too little room to take tasks: the reserve of the disk is touched, or the outputs that must be kept leave
    /// less than a twentieth of their quota.
    pub fn is_low(&self) -> bool {
        !self.takes_blobs() || self.kept > self.quota.saturating_sub(self.quota / 20)
    }
}

/// Whether an executor can take tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Readiness {
    /// A device works, and there is room on the disk.
    Ready,
    /// No device works.
    NoDevice,
    /// The [disk is low](DiskSpace::is_low).
    DiskLow,
}

impl From<&ExecutorStatus> for Readiness {
    fn from(status: &ExecutorStatus) -> Self {
        if status.devices.is_empty() {
            Self::NoDevice
        } else if status.disk.is_low() {
            Self::DiskLow
        } else {
            Self::Ready
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile_tree::{leaf, OpeningError, TileTree};

    #[test]
    fn a_disk_is_low_when_its_reserve_or_the_quota_of_outputs_is_used() {
        let disk = DiskSpace { free: 100, reserve: 100, kept: 95, quota: 100 };
        assert!(!disk.is_low() && disk.takes_blobs());
        let full = DiskSpace { free: 99, ..disk };
        assert!(full.is_low() && !full.takes_blobs());
        let stored = DiskSpace { kept: 96, ..disk };
        assert!(stored.is_low() && stored.takes_blobs());
    }

    #[test]
    fn a_chunk_verifies_against_its_root_and_no_other() {
        let (genesis, task) = (Hash::repeat_byte(9), TaskId { job: 0, index: 0 });
        let output: Vec<u8> = (0..40u8).collect();
        let tree = TileTree::new(output.chunks(4).zip(0..).map(|(tile, i)| leaf(&genesis, task, i, tile)).collect());
        let (_, proof) = tree.open(&[2, 3, 4]).unwrap();
        let chunk =
            OutputChunk { total: 40, offset: 8, data: output[8..20].to_vec(), tile_bytes: 4, root: tree.root(), proof };
        assert_eq!(chunk.verify(&genesis, task, &tree.root()), Ok(()));
        assert_eq!(chunk.verify(&genesis, task, &Hash::zero()), Err(OpeningError::WrongRoot));
        assert_eq!(chunk.verify(&Hash::zero(), task, &tree.root()), Err(OpeningError::WrongRoot));
        let shifted = OutputChunk { offset: 9, ..chunk.clone() };
        assert_eq!(shifted.verify(&genesis, task, &tree.root()), Err(OpeningError::Malformed));
        let untiled = OutputChunk { tile_bytes: 0, ..chunk.clone() };
        assert_eq!(untiled.verify(&genesis, task, &tree.root()), Err(OpeningError::Malformed));
        let mut forged = chunk;
        forged.data[0] ^= 1;
        assert_eq!(forged.verify(&genesis, task, &tree.root()), Err(OpeningError::WrongRoot));
    }
}
