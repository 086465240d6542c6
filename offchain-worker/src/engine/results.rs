//! Requests about outputs: openings of tiles, and chunks with their proofs.

use super::{Engine, Refused, conduct::Conduct};
use crate::{observe::metrics::Moved, store::outputs::ReadError};
use dpin_primitives::{
    Hash, TaskId,
    executor::{Commitment, Opening, OutputChunk, RunStatus},
    job::MAX_SAMPLES,
};
use std::io;

impl Engine {
    /// Open tiles of a committed run.
    pub(crate) fn open_tiles(&self, id: &Hash, tiles: &[u32]) -> Result<Opening, Refused> {
        let (count, root) = {
            let state = self.lock();
            let run = state.runs.get(id).ok_or(Refused::UnknownRun)?;
            let RunStatus::Committed(commitment) = self.visible_status(run) else {
                return Err(Refused::NotCommitted);
            };
            (run.request.tiles(), commitment.root)
        };
        if tiles.len() > MAX_SAMPLES as usize {
            return Err(Refused::InvalidTiles(count));
        }
        let opening = self.outputs.open(*id, &self.run_folder(id), &root, tiles);
        let opening = opening.map_err(|error| self.unreadable(id, ReadError::Io(error)))?;
        let (leaves, proof) = opening.ok_or(Refused::InvalidTiles(count))?;
        self.config.conduct.opening(Opening { leaves, proof })
    }

    /// A part of the last committed output of `task`. `offset` and `length` are in bytes.
    pub(crate) fn chunk(&self, task: TaskId, offset: u64, length: u64) -> Result<OutputChunk, Refused> {
        let newest = self.newest_output(task).filter(|_| !self.config.conduct.withholds_outputs());
        let (id, commitment, tile_bytes) = newest.ok_or(Refused::UnknownOutput(task))?;
        let chunk = self.outputs.chunk(id, &self.run_folder(&id), &commitment, tile_bytes, offset, length);
        let chunk = chunk.map_err(|error| self.unreadable(&id, error))?;
        self.metrics.moved(Moved::OutputsOut, chunk.data.len() as u64);
        Ok(chunk)
    }

    /// The last run of `task` that is committed, its commitment, and the bytes of its tiles.
    fn newest_output(&self, task: TaskId) -> Option<(Hash, Commitment, u32)> {
        let state = self.lock();
        let of_task = state.runs.iter().filter(|(_, run)| run.request.task == task);
        let committed = of_task.filter_map(|(id, run)| match self.visible_status(run) {
            RunStatus::Committed(commitment) => Some((run, *id, commitment)),
            _ => None,
        });
        let (run, id, commitment) = committed.max_by_key(|(run, ..)| run.number)?;
        Some((id, commitment, run.request.kernel.tiling.tile_bytes()))
    }

    /// The error for an output that cannot be read. An output that is gone or damaged is computed
    /// again after the next post.
    fn unreadable(&self, id: &Hash, error: ReadError) -> Refused {
        use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
        let mut state = self.lock();
        match (state.runs.get_mut(id), &error) {
            (Some(run), ReadError::Io(why)) if matches!(why.kind(), InvalidData | NotFound | UnexpectedEof) => {
                tracing::warn!(run = ?id, task = %run.request.task, error = %why, "the output is gone or damaged");
                run.damaged = true;
                Refused::UnknownOutput(run.request.task)
            }
            _ => error.into(),
        }
    }
}
