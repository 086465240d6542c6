//! What can go wrong, and its numbers.

use jsonrpsee::types::ErrorObjectOwned;

/// The JSON-RPC error codes of these methods. They never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub enum ErrorCode {
    /// The runtime could not be asked, or its answer could not be read.
    Runtime = 20_001,
    /// This node has no executor: it does not work, or the executor is being started.
    NoExecutor = 20_002,
    /// The executor does not answer.
    ExecutorUnavailable = 20_003,
    /// The executor refuses the request.
    ExecutorRefused = 20_004,
    /// The executor's answer could not be read.
    ExecutorMalformed = 20_005,
    /// This node's executor does not keep the output of that task: another worker has it, or it is past its retention.
    UnknownOutput = 20_006,
    /// No bytes were asked for.
    EmptyRange = 20_007,
    /// The node's database could not be read.
    Database = 20_008,
}

/// Why the executor gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// There is none.
    #[error("this node has no executor")]
    None,
    /// It does not answer.
    #[error("the executor does not answer: {0}")]
    Unavailable(String),
    /// It refuses.
    #[error("the executor refuses ({status}): {text}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it says.
        text: String,
    },
    /// Its answer could not be read.
    #[error("the executor's answer is malformed")]
    Malformed,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The runtime could not be asked.
    #[error("the runtime cannot be asked: {0}")]
    Runtime(String),
    /// The executor gave no answer.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// The output is not there.
    #[error("this node's executor does not keep the output of that task")]
    UnknownOutput,
    /// No bytes were asked for.
    #[error("the length must not be 0")]
    EmptyRange,
    /// The node's database could not be read.
    #[error("the database cannot be read: {0}")]
    Database(String),
}

impl Error {
    /// The error's number.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Runtime(_) => ErrorCode::Runtime,
            Self::Executor(ExecutorError::None) => ErrorCode::NoExecutor,
            Self::Executor(ExecutorError::Unavailable(_)) => ErrorCode::ExecutorUnavailable,
            Self::Executor(ExecutorError::Refused { .. }) => ErrorCode::ExecutorRefused,
            Self::Executor(ExecutorError::Malformed) => ErrorCode::ExecutorMalformed,
            Self::UnknownOutput => ErrorCode::UnknownOutput,
            Self::EmptyRange => ErrorCode::EmptyRange,
            Self::Database(_) => ErrorCode::Database,
        }
    }
}

impl From<Error> for ErrorObjectOwned {
    fn from(error: Error) -> Self {
        ErrorObjectOwned::owned(error.code() as i32, error.to_string(), None::<()>)
    }
}
