//! The reasons for which the engine refuses a request.

use crate::store::{blobs::PutError, keys::KeyError, outputs::ReadError};
use dpin_primitives::TaskId;
use std::io;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No run has this id.
    #[error("no run has this id")]
    UnknownRun,
    /// The task has no committed output.
    #[error("no committed output of task {0}")]
    UnknownOutput(TaskId),
    /// The run has no tree to open.
    #[error("the run is not committed")]
    NotCommitted,
    /// The run has no timings: it is not finished, or failed.
    #[error("the run has not been computed to its end")]
    NotComputed,
    /// The run has no report: it is not finished.
    #[error("the run is not finished")]
    NotFinished,
    /// The run is finished, and the request was to remove it only if it is not.
    #[error("the run is finished")]
    Finished,
    /// No run of the whole task is finished.
    #[error("no finished run of task {0}")]
    UnknownReport(TaskId),
    /// The tiles cannot be opened.
    #[error("tile indices must be ascending, distinct and below {0}")]
    InvalidTiles(u32),
    /// The request contradicts itself.
    #[error("invalid request: {0}")]
    InvalidRequest(String),
    /// Too many runs are queued.
    #[error("the queue is full: {0} runs wait")]
    QueueFull(usize),
    /// The executor is shutting down.
    #[error("the executor is stopping")]
    Stopping,
    /// A blob was refused.
    #[error(transparent)]
    Blob(#[from] PutError),
    /// A key was refused or not returned.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An output could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The disk failed.
    #[error("disk: {0}")]
    Io(#[from] io::Error),
}
