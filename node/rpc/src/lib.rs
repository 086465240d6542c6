//! DPIN's JSON-RPC: what a dApp asks of a node beyond the SDK's own methods.
//!
//! | method | answer |
//! |---|---|
//! | `compute_job(id)` | [`JobView`], `null` if there was never such a job or this node does not remember its end |
//! | `compute_output({job, index}, offset, length)` | [`OutputView`]: a part of a task's output with its proof |
//! | `compute_log(hash)` | a log that a reason code names, `null` if this node's executor does not keep it |
//! | `blob_get(hash)` | a blob, `null` if this node does not keep it |
//!
//! `compute_output` and `compute_log` ask the executor of the node that is called: outputs and logs are had from the node of
//! the worker that made them, whose address is part of its registration. Whoever asks need not trust it: an output verifies
//! against the root on chain ([`OutputView::verify`]), logs and blobs against their hash.
//!
//! JSON is camelCase; bytes and hashes are hex with `0x`, accounts SS58, amounts decimal strings (they do not fit into a
//! JavaScript number), blocks and sizes numbers. Errors have the numbers of [`ErrorCode`].
//!
//! Client and server come from the same traits: [`ComputeApiClient`] and [`BlobApiClient`] are the typed client.

mod error;
mod server;
mod view;

pub use error::{Error, ErrorCode, ExecutorError};
pub use server::{Blobs, Compute, Executor};
pub use view::{
    Amount, AssetView, AuditView, AuditorView, CommitmentView, CostView, DeviceClassView, DisputeCauseView, Fp32View,
    JobView, JurorView, JuryPhaseView, OutputView, RequirementsView, SamplesView, StageView, TaskView, Unverified,
};

use dpin_primitives::{BlobHash, Hash, JobId, TaskId};
use jsonrpsee::proc_macros::rpc;
use polkadot_sdk::sp_core::Bytes;

/// What a node knows of jobs, their outputs and logs.
#[rpc(client, server, namespace = "compute")]
pub trait ComputeApi {
    /// A job with its tasks at the best block, or how it ended.
    ///
    /// `null`: no such job was posted, or it ended and this node does not remember (it was not running, or began later).
    #[method(name = "job", blocking)]
    fn job(&self, id: JobId) -> Result<Option<JobView>, Error>;

    /// A part of the output of a task that this node's executor has computed: at most 1 MiB from byte `offset`, widened to
    /// whole tiles, with the proof that they belong to the root the worker committed to.
    #[method(name = "output", blocking)]
    fn output(&self, task: TaskId, offset: u64, length: u32) -> Result<OutputView, Error>;

    /// A log of this node's executor: what the compiler said, what a run wrote. `null` if it is not there.
    #[method(name = "log", blocking)]
    fn log(&self, hash: Hash) -> Result<Option<Bytes>, Error>;
}

/// Blobs by their hash.
#[rpc(client, server, namespace = "blob")]
pub trait BlobApi {
    /// The blob's bytes, `null` if this node does not keep it.
    #[method(name = "get", blocking)]
    fn get(&self, hash: BlobHash) -> Result<Option<Bytes>, Error>;
}
