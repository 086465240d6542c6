//! How a node answers.

use crate::{BlobApiServer, ComputeApiServer, Error, ExecutorError, JobView, OutputView};
use codec::DecodeAll;
use dpin_primitives::{
    api::{summary_key, ComputeApi as RuntimeComputeApi, JobSummary},
    executor::{OutputChunk, MAX_CHUNK_BYTES},
    BlobHash, Hash, JobId, OpaqueBlock as Block, TaskId,
};
use polkadot_sdk::{
    sc_client_api::{Backend, BlockBackend},
    sp_api::ProvideRuntimeApi,
    sp_blockchain::HeaderBackend,
    sp_core::{
        offchain::{OffchainStorage, STORAGE_PREFIX},
        Bytes,
    },
};
use std::sync::Arc;

/// What the RPC asks of the node's executor. Calls block.
pub trait Executor: Send + Sync + 'static {
    /// A part of a task's output, `None` if the executor does not keep it.
    ///
    /// # Errors
    ///
    /// When there is no executor or it gives no answer.
    fn output(&self, task: TaskId, offset: u64, length: u32) -> Result<Option<OutputChunk>, ExecutorError>;

    /// A log by its hash, `None` if the executor does not keep it.
    ///
    /// # Errors
    ///
    /// When there is no executor or it gives no answer.
    fn log(&self, hash: Hash) -> Result<Option<Vec<u8>>, ExecutorError>;
}

/// Answers `compute_*`.
pub struct Compute<C, BE> {
    client: Arc<C>,
    backend: Arc<BE>,
    executor: Arc<dyn Executor>,
}

impl<C, BE> Compute<C, BE> {
    /// Over the node's client, its database with the offchain index, and its executor.
    pub fn new(client: Arc<C>, backend: Arc<BE>, executor: Arc<dyn Executor>) -> Self {
        Self { client, backend, executor }
    }
}

impl<C, BE> ComputeApiServer for Compute<C, BE>
where
    C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
    C::Api: RuntimeComputeApi<Block>,
    BE: Backend<Block> + 'static,
{
    fn job(&self, id: JobId) -> Result<Option<JobView>, Error> {
        let best = self.client.info().best_hash;
        let runtime = |error: polkadot_sdk::sp_api::ApiError| Error::Runtime(error.to_string());
        if let Some(job) = self.client.runtime_api().job(best, id).map_err(runtime)? {
            return Ok(Some(job.into()));
        }
        // The index keeps what forks wrote: only ids that the best chain has given away count.
        if id >= self.client.runtime_api().job_count(best).map_err(runtime)? {
            return Ok(None);
        }
        let summary = self.backend.offchain_storage().and_then(|storage| storage.get(STORAGE_PREFIX, &summary_key(id)));
        summary
            .map(|bytes| {
                JobSummary::decode_all(&mut &bytes[..])
                    .map(Into::into)
                    .map_err(|error| Error::Runtime(format!("summary of job {id}: {error}")))
            })
            .transpose()
    }

    fn output(&self, task: TaskId, offset: u64, length: u32) -> Result<OutputView, Error> {
        if length == 0 {
            return Err(Error::EmptyRange);
        }
        let chunk = self.executor.output(task, offset, length.min(MAX_CHUNK_BYTES))?;
        chunk.map(Into::into).ok_or(Error::UnknownOutput)
    }

    fn log(&self, hash: Hash) -> Result<Option<Bytes>, Error> {
        Ok(self.executor.log(hash)?.map(Bytes))
    }
}

/// Answers `blob_*`.
pub struct Blobs<C> {
    client: Arc<C>,
}

impl<C> Blobs<C> {
    /// Over the node's client.
    pub fn new(client: Arc<C>) -> Self {
        Self { client }
    }
}

impl<C: BlockBackend<Block> + Send + Sync + 'static> BlobApiServer for Blobs<C> {
    fn get(&self, hash: BlobHash) -> Result<Option<Bytes>, Error> {
        let bytes = self.client.indexed_transaction(hash).map_err(|error| Error::Database(error.to_string()))?;
        Ok(bytes.map(Bytes))
    }
}
