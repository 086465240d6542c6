//! The wire between the off-chain worker and the executor.
//!
//! The protocol is HTTP on loopback with SCALE bodies and a bearer token.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /v1/status` | | [`ExecutorStatus`] |
//! | `POST /v1/runs?input_bytes=` | [`RunRequest`] | [`RunStatus`]; 429 if too many runs wait |
//! | `GET /v1/runs/<id>` | | [`RunStatus`]; 404 if unknown |
//! | `GET /v1/runs/<id>/timings` | | [`RunTimings`]; 404 if unknown; 409 unless it succeeded |
//! | `GET /v1/runs/<id>/report` | | text; 404 if unknown; 409 unless it is finished |
//! | `GET /v1/reports/<job>/<index>` | | text; 404 if there is none |
//! | `DELETE /v1/runs/<id>?unfinished=` | | empty; 409 if the run must stay |
//! | `POST /v1/runs/<id>/opening` | `Vec<u32>` of tile indices | [`Opening`] |
//! | `GET /v1/outputs/<job>/<index>?offset=&length=` | | [`OutputChunk`] |
//! | `GET /v1/wanted?wait_ms=` | | `Vec<BlobHash>` |
//! | `GET /v1/wanted-keys?wait_ms=` | | `Vec<WantedKey>` |
//! | `GET /v1/encryption-key` | | text: the age recipient that job keys are sealed to |
//! | `PUT /v1/keys/<job>` | sealed key | empty; 400 if the key does not work |
//! | `POST /v1/keys/<job>/reseal` | text: an age recipient | the key sealed to it; 404 if unknown |
//! | `PUT /v1/blob/<hash>` | bytes, with `Content-Length` | empty; 400, 408 or 507 |
//! | `GET /v1/blob/<hash>` | | bytes, or the requested `Range`; also `HEAD` |
//! | `GET /v1/log/<hash>` | | bytes |
//!
//! - Posting a run with a known id sets the deadline of that run again and returns its status.
//! - `input_bytes` lists the sizes of the inputs in bytes, separated by commas, if they are known.
//!   The executor then refuses inputs that fit on no device, before it fetches them.
//! - `/v1/reports` returns the report of the newest finished run of the whole task.
//! - `DELETE` ends a run and frees its resources. With `unfinished=true` a finished run stays, and
//!   the answer is 409.
//! - `/v1/wanted` lists the blobs that queued runs wait for. `/v1/wanted-keys` lists the job keys
//!   that they wait for, each a [`WantedKey`](crate::confidential::WantedKey). Both requests wait
//!   up to `wait_ms` ms, at most 30 s, for the list to have an entry.
//! - `PUT /v1/keys` fails with 400 if the executor cannot open the sealed key. It also fails if the
//!   job key does not open the inputs that wait for it.
//! - `PUT /v1/blob` fails with 400 unless `hash` is the BLAKE2b-256 hash of the bytes or the id of
//!   their [chunk tree](crate::blob_tree). It fails with 408 if the bytes arrive too slowly, and
//!   with 507 if the disk has no room.
//!
//! Ids and hashes in paths are 64 hex digits without `0x`. An error is a status code of 4xx or 5xx
//! with one line of text.

#[cfg(feature = "json")]
use crate::json::HexHash;
use crate::{
    BlobHash, Hash, TaskId,
    job::{MAX_SAMPLES, MAX_TASK_OUTPUT_BYTES, grid_size},
    kernel::{KernelManifest, ManifestError},
    reason::ReasonCode,
    tile_tree::MAX_TILES,
    worker::Device,
};
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Key in the node's persistent offchain storage of the [`ExecutorConfig`]. The node writes it at
/// start.
pub const CONFIG_KEY: &[u8] = b"dpin/executor";

/// Key in the node's persistent offchain storage of the [`Readiness`] that the node last saw. The
/// entry is absent while the executor does not answer.
pub const READINESS_KEY: &[u8] = b"dpin/executor-readiness";

/// Maximum size of the log that the executor keeps of a run: 64 KiB.
pub const MAX_LOG_BYTES: usize = 64 * 1024;
/// Maximum size of the output that one request returns, before it is widened to whole tiles: 1 MiB.
pub const MAX_CHUNK_BYTES: u32 = 1024 * 1024;

/// Address and credentials of the node's executor.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ExecutorConfig {
    /// Base URL, without a trailing slash.
    pub url: String,
    /// Bearer token for every request.
    pub token: String,
}

impl ExecutorConfig {
    /// The configuration of a node whose executor is not running.
    ///
    /// The entry shows that this node has an executor, so its worker still owes reports.
    pub fn away() -> Self {
        Self { url: String::new(), token: String::new() }
    }

    /// Whether the executor is not running.
    pub fn is_away(&self) -> bool {
        self.url.is_empty()
    }
}

/// The part of a task that a run computes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Work {
    /// The whole task. The executor keeps the output.
    Task,
    /// Only these tiles of the task, in ascending order. The executor returns their leaves.
    Sample(Vec<u32>),
}

/// A piece of work for the executor.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct RunRequest {
    /// [`RunRequest::id`] of everything that fixes the run. The off-chain worker computes it.
    pub id: Hash,
    /// Genesis hash of the chain. It is part of every leaf.
    pub genesis: Hash,
    /// The task to compute, wholly or in part.
    pub task: TaskId,
    /// The part of the task to compute.
    pub work: Work,
    /// The kernel to run.
    pub kernel: KernelManifest,
    /// Work-groups of the job in each dimension.
    pub groups: [u32; 3],
    /// First work-group of the task, in row-major order.
    pub first_group: u64,
    /// Number of work-groups of the task.
    pub group_count: u32,
    /// Bytes of the scalar parameters, in order.
    pub scalars: Vec<Vec<u8>>,
    /// Blobs of the input parameters, in order.
    pub inputs: Vec<BlobHash>,
    /// Time in ms from the arrival of this request until the result is useless. Waiting for blobs,
    /// for a device and for other runs counts.
    ///
    /// The executor turns it into a deadline on a monotonic clock. Each post sets the deadline
    /// again.
    pub limit_ms: u64,
}

impl RunRequest {
    /// Compute the id of a run. Genesis hash, task, attempt and work fix the result.
    pub fn id(genesis: &Hash, task: TaskId, attempt: u8, work: &Work) -> Hash {
        crate::blake2(&(b"dpin/run", genesis, task, attempt, work).encode())
    }

    /// Return the blobs of the run: the kernel's source, then the inputs.
    pub fn blobs(&self) -> impl Iterator<Item = BlobHash> + '_ {
        core::iter::once(self.kernel.source).chain(self.inputs.iter().copied())
    }

    /// Return the number of tiles that the run computes.
    pub fn tiles(&self) -> u32 {
        match &self.work {
            Work::Task => self.kernel.tiling.tiles(self.group_count),
            Work::Sample(tiles) => u32::try_from(tiles.len()).unwrap_or(u32::MAX),
        }
    }

    /// Return the size of the output that the run computes, in bytes.
    pub fn output_bytes(&self) -> u64 {
        match &self.work {
            Work::Task => self.kernel.tiling.output_bytes(self.group_count),
            Work::Sample(tiles) => (tiles.len() as u64).saturating_mul(self.kernel.tiling.tile_bytes().into()),
        }
    }

    /// Check that the request can come from a job on the chain.
    ///
    /// # Errors
    ///
    /// The first rule of [`RequestError`] that the request breaks.
    pub fn check(&self) -> Result<(), RequestError> {
        self.kernel.check().map_err(RequestError::Manifest)?;
        let grid = grid_size(self.groups).ok_or(RequestError::Grid)?;
        let end = self.first_group.checked_add(self.group_count.into());
        if self.group_count == 0 || end.is_none_or(|end| end > grid) {
            return Err(RequestError::Groups);
        }
        let tiling = &self.kernel.tiling;
        let tiles = tiling.tiles(self.group_count);
        if tiles > MAX_TILES || tiling.output_bytes(self.group_count) > MAX_TASK_OUTPUT_BYTES {
            return Err(RequestError::Output);
        }
        if !self.kernel.scalar_widths().map(usize::from).eq(self.scalars.iter().map(Vec::len)) {
            return Err(RequestError::Scalars);
        }
        if self.inputs.len() != self.kernel.input_count() {
            return Err(RequestError::Inputs);
        }
        if let Work::Sample(sample) = &self.work {
            let ascending = sample.windows(2).all(|pair| pair.first() < pair.last());
            let in_range = sample.last().is_some_and(|last| *last < tiles);
            if !ascending || !in_range || sample.len() > MAX_SAMPLES as usize {
                return Err(RequestError::Sample { tiles });
            }
        }
        if self.limit_ms == 0 {
            return Err(RequestError::Limit);
        }
        Ok(())
    }
}

/// The reason why a request cannot come from a job on the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestError {
    /// The manifest breaks one of its own rules.
    Manifest(ManifestError),
    /// The grid is empty or too large; see [`grid_size`].
    Grid,
    /// The work-groups are not in the grid, or there are none.
    Groups,
    /// The whole task has too many tiles or too large an output.
    Output,
    /// The scalars do not have the number and the widths that the manifest gives.
    Scalars,
    /// The number of input blobs is not the number of input parameters.
    Inputs,
    /// The sample is empty, too long, not ascending, or beyond the task's tiles.
    Sample {
        /// The number of the task's tiles.
        tiles: u32,
    },
    /// The time limit is 0.
    Limit,
}

impl core::fmt::Display for RequestError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Manifest(error) => write!(f, "manifest: {error:?}"),
            Self::Grid => f.write_str("the grid is empty or larger than 2^48 work-groups"),
            Self::Groups => f.write_str("the work-groups are not in the grid"),
            Self::Output => write!(f, "more than {MAX_TILES} tiles or {MAX_TASK_OUTPUT_BYTES} bytes of output"),
            Self::Scalars => f.write_str("the scalars are not those of the manifest"),
            Self::Inputs => f.write_str("there is not one blob for each input"),
            Self::Sample { tiles } => write!(f, "a sample is 1 to {MAX_SAMPLES} ascending tiles below {tiles}"),
            Self::Limit => f.write_str("the time limit is 0"),
        }
    }
}

impl core::error::Error for RequestError {}

/// The progress of a run.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum RunStatus {
    /// Waits for its turn, for blobs or for job keys.
    Queued,
    /// Runs on a device.
    Running,
    /// The whole task is computed, and the executor keeps its output.
    Committed(Commitment),
    /// The sample is computed: its leaves, in the order of the sample.
    Sampled(Vec<Hash>),
    /// The run failed.
    Failed(ReasonCode),
}

/// Durations of the steps of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct RunTimings {
    /// Building the program and setting its arguments, in ms.
    pub build_ms: u64,
    /// Running kernels on the device, in µs, by OpenCL's profiling events. Overlapping kernels
    /// count once.
    pub device_us: u64,
    /// Reading outputs back from the device, in ms, by OpenCL's profiling events.
    pub read_ms: u64,
    /// Hashing the output, in ms. For a whole task this includes the tile tree.
    pub hash_ms: u64,
    /// Lifetime of the order in the child process, in ms. It includes the start of the child unless
    /// the child already waited for an order.
    pub wall_ms: u64,
    /// Waiting for blobs, in ms.
    pub fetch_ms: u64,
    /// Waiting for a lane after all blobs arrived, in ms.
    pub queue_ms: u64,
}

/// A worker's commitment to the result of a task.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "CommitmentView"))]
pub struct Commitment {
    /// Root of the tile tree.
    #[cfg_attr(feature = "json", schemars(with = "HexHash"))]
    pub root: Hash,
    /// Length of the output in bytes.
    pub output_len: u64,
    /// Time that the kernel ran on the device, in ms.
    pub kernel_ms: u32,
}

/// A worker's opening of a sample.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Opening {
    /// Leaves of the sample, in its order.
    pub leaves: Vec<Hash>,
    /// Multi-proof that leads from the leaves to the root.
    pub proof: Vec<Hash>,
}

/// A part of a task's output, with a proof against the root.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OutputChunk {
    /// Length of the whole output in bytes.
    pub total: u64,
    /// Offset of `data` in the output, in bytes: the start of a tile.
    pub offset: u64,
    /// The bytes of whole tiles.
    pub data: Vec<u8>,
    /// Length of one tile in bytes.
    pub tile_bytes: u32,
    /// Root of the task's tile tree.
    pub root: Hash,
    /// Multi-proof of the tiles in `data`.
    pub proof: Vec<Hash>,
}

impl OutputChunk {
    /// Check the chunk against `root`, which the chain knows.
    ///
    /// # Errors
    ///
    /// [`crate::tile_tree::OpeningError`] if the chunk is not part of the committed output.
    pub fn verify(&self, genesis: &Hash, task: TaskId, root: &Hash) -> Result<(), crate::tile_tree::OpeningError> {
        use crate::tile_tree::{OpeningError::Malformed, leaf, verify};
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

/// An executor's version, devices, load and disk space.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ExecutorStatus {
    /// Version of the executor.
    pub version: String,
    /// Devices that work now.
    pub devices: Vec<Device>,
    /// Number of runs that wait.
    pub queued: u32,
    /// Number of runs on a device.
    pub running: u32,
    /// Disk space for blobs and outputs.
    pub disk: DiskSpace,
}

/// Disk space of an executor, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct DiskSpace {
    /// Free bytes.
    pub free: u64,
    /// Bytes to leave free. Below this limit the executor starts no task and takes no blobs above
    /// 16 MiB; below half of it, no blobs at all.
    pub reserve: u64,
    /// Bytes of the outputs that must be kept, and of those being computed.
    pub kept: u64,
    /// Limit for the bytes of all outputs.
    pub quota: u64,
}

impl DiskSpace {
    /// Whether the executor takes blobs.
    ///
    /// Outputs have a quota of their own. If only that quota is used up, audits still get their
    /// inputs.
    pub fn takes_blobs(&self) -> bool {
        self.free >= self.reserve
    }

    /// Whether there is too little space to take tasks.
    ///
    /// This is so if the executor takes no blobs, or if the outputs that must be kept leave less
    /// than a twentieth of their quota.
    pub fn is_low(&self) -> bool {
        !self.takes_blobs() || self.kept > self.quota.saturating_sub(self.quota / 20)
    }
}

/// Whether an executor can take tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Readiness {
    /// A device works, and the disk has space.
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
    use crate::{
        kernel::{KernelClass, Param, Tiling},
        tile_tree::{OpeningError, TileTree, leaf},
    };

    /// A request for work-groups 500 to 3,499 of 10,000 work-groups, with one scalar and one input.
    fn request(work: Work) -> RunRequest {
        RunRequest {
            id: Hash::zero(),
            genesis: Hash::zero(),
            task: TaskId { job: 0, index: 0 },
            work,
            kernel: KernelManifest {
                source: Hash::repeat_byte(1),
                entry: b"f".to_vec().try_into().unwrap(),
                params: alloc::vec![Param::Output, Param::Input, Param::Scalar { bytes: 4 }].try_into().unwrap(),
                local_size: [1, 1, 1],
                tiling: Tiling::PerGroup { bytes: 8 },
                options: Default::default(),
                class: KernelClass::Raw,
            },
            groups: [10_000, 1, 1],
            first_group: 500,
            group_count: 3_000,
            scalars: alloc::vec![alloc::vec![0; 4]],
            inputs: alloc::vec![Hash::repeat_byte(2)],
            limit_ms: 1,
        }
    }

    #[test]
    fn a_request_that_a_job_can_make_passes() {
        for work in [Work::Task, Work::Sample(alloc::vec![0, 7, 2_999])] {
            assert_eq!(request(work).check(), Ok(()));
        }
        let whole = RunRequest { first_group: 0, group_count: 10_000, ..request(Work::Task) };
        assert_eq!(whole.check(), Ok(()));
        let largest = RunRequest { groups: [1 << 16; 3], ..request(Work::Task) };
        assert_eq!(largest.check(), Ok(()));
    }

    #[test]
    fn a_request_that_breaks_a_rule_is_refused_with_it() {
        let broken = |change: fn(&mut RunRequest)| {
            let mut request = request(Work::Task);
            change(&mut request);
            request.check()
        };
        let manifest = Err(RequestError::Manifest(ManifestError::InvalidEntry));
        assert_eq!(broken(|request| request.kernel.entry = Default::default()), manifest);
        for groups in [[10_000, 0, 1], [1 << 16, 1 << 16, (1 << 16) + 1], [u32::MAX; 3]] {
            let request = RunRequest { groups, ..request(Work::Task) };
            assert_eq!(request.check(), Err(RequestError::Grid), "{groups:?}");
        }
        assert_eq!(broken(|request| request.group_count = 0), Err(RequestError::Groups));
        assert_eq!(broken(|request| request.first_group = 7_001), Err(RequestError::Groups));
        assert_eq!(broken(|request| request.first_group = u64::MAX), Err(RequestError::Groups));
        let many = |request: &mut RunRequest| {
            (request.groups, request.group_count) = ([MAX_TILES + 501, 1, 1], MAX_TILES + 1);
        };
        assert_eq!(broken(many), Err(RequestError::Output));
        let large = |request: &mut RunRequest| {
            (request.kernel.tiling, request.group_count) = (Tiling::PerGroup { bytes: 1 << 20 }, 4_097);
        };
        assert_eq!(broken(large), Err(RequestError::Output));
        assert_eq!(broken(|request| request.scalars.clear()), Err(RequestError::Scalars));
        assert_eq!(broken(|request| request.scalars[0].push(0)), Err(RequestError::Scalars));
        assert_eq!(broken(|request| request.inputs.push(Hash::zero())), Err(RequestError::Inputs));
        assert_eq!(broken(|request| request.limit_ms = 0), Err(RequestError::Limit));
    }

    #[test]
    fn a_sample_is_ascending_and_within_the_task() {
        let long = (0..=MAX_SAMPLES).collect();
        for tiles in [alloc::vec![], alloc::vec![1, 1], alloc::vec![2, 1], alloc::vec![3_000], long] {
            let refused = Err(RequestError::Sample { tiles: 3_000 });
            assert_eq!(request(Work::Sample(tiles.clone())).check(), refused, "{tiles:?}");
        }
    }

    #[test]
    fn a_run_has_the_tiles_and_the_blobs_of_its_work() {
        let task = request(Work::Task);
        assert_eq!((task.tiles(), task.output_bytes()), (3_000, 24_000));
        assert_eq!(task.blobs().collect::<Vec<_>>(), [Hash::repeat_byte(1), Hash::repeat_byte(2)]);
        let sample = request(Work::Sample(alloc::vec![1, 5]));
        assert_eq!((sample.tiles(), sample.output_bytes()), (2, 16));
    }

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
