//! The errors of the methods, and their numbers.

use dpin_primitives::{AccountId, BlobHash, JobId};
use jsonrpsee::types::{ErrorObjectOwned, error::*};
use polkadot_sdk::sp_runtime::{DispatchError, ModuleError};

macro_rules! error_codes {
    ($($(#[doc = $doc:tt])* $name:ident = $number:literal,)*) => {
        /// The JSON-RPC error codes of these methods. They never change.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(i32)]
        pub enum ErrorCode {
            $($(#[doc = $doc])* $name = $number,)*
        }

        impl ErrorCode {
            /// All error codes, each with its description.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, concat!($($doc),*)),)*];
        }
    };
}

error_codes! {
    /// The runtime call failed.
    Runtime = 20_001,
    /// This node has no executor: it runs no worker, or the executor is being started.
    NoExecutor = 20_002,
    /// The executor does not answer.
    ExecutorUnavailable = 20_003,
    /// The executor refuses the request.
    ExecutorRefused = 20_004,
    /// The executor's answer could not be read.
    ExecutorMalformed = 20_005,
    /// This node's executor does not keep the output of that task: another node's worker computed
    /// it, or its retention is over.
    UnknownOutput = 20_006,
    /// The requested length is 0.
    EmptyRange = 20_007,
    /// The node's database could not be read.
    Database = 20_008,
    /// The limit of a page is 0.
    EmptyPage = 20_009,
    /// The bytes are no encoded `JobSpec`.
    InvalidSpec = 20_010,
    /// Posting this job would fail; `data` contains the error. For an error of a pallet this is
    /// `{"pallet": index, "error": index}`.
    SpecRefused = 20_011,
    /// No such job was posted, or it is no longer on the best chain, or this node has no record of
    /// its end. For job keys: the job is not open, or has no such task.
    UnknownJob = 20_012,
    /// The subscriptions of this node to jobs and workers are at their limit of 1,024.
    TooManySubscriptions = 20_013,
    /// The subscription is ended because the subscriber is too slow: it is 64 blocks behind, or
    /// takes nothing for 30 s.
    SlowSubscriber = 20_014,
    /// The chain knows no blob with the hash of these bytes.
    UnknownBlob = 20_015,
    /// The room for `blob_put` is used up: the node stores no more bytes, or no more blobs.
    BlobQuota = 20_016,
    /// The subscription is ended because the node is ending.
    NodeEnds = 20_017,
    /// The subscriptions of this connection to jobs and workers are at their limit of 64.
    ConnectionFull = 20_018,
    /// The connection, or all connections together, requested more bytes or calls than allowed;
    /// `data` is the time in ms after which to try again.
    TooMuchAsked = 20_019,
    /// The worker has no task of that job, or its key is not in this node's keystore.
    NotAssigned = 20_030,
    /// The signature is not by the required account or key.
    InvalidSignature = 20_031,
    /// The account does not check that task now.
    NotChecking = 20_032,
    /// This node's executor does not have the key of that job's inputs.
    UnknownJobKey = 20_033,
    /// The sealed key or the recipient is too long.
    KeyTooLong = 20_034,
    /// The key of that worker is not in this node's keystore.
    NoWorkerKey = 20_035,
}

/// Errors of the SDK that callers of these methods and senders of transactions meet: number, name
/// and remedy.
#[cfg(feature = "server")]
pub(crate) const SDK_ERRORS: &[(i32, &str, &str)] = &[
    (PARSE_ERROR_CODE, "parse error", "The request is no JSON."),
    (INVALID_REQUEST_CODE, "invalid request", "The JSON is no request: `jsonrpc`, `id` or `method` is missing."),
    (
        METHOD_NOT_FOUND_CODE,
        "method not found",
        "This node has no such method, or does not answer it to you because it is unsafe.",
    ),
    (INVALID_PARAMS_CODE, "invalid params", "A parameter is missing or not of its type; `data` says which and why."),
    (INTERNAL_ERROR_CODE, "internal error", "The node failed; its log says how."),
    (
        TOO_MANY_SUBSCRIPTIONS_CODE,
        "too many subscriptions",
        "The connection has as many subscriptions of the SDK as it may have.",
    ),
    (OVERSIZED_REQUEST_CODE, "oversized request", "The request is larger than `--rpc-max-request-size` of the node."),
    (
        OVERSIZED_RESPONSE_CODE,
        "oversized response",
        "The answer is larger than `--rpc-max-response-size`: ask for less.",
    ),
    (
        1002,
        "verification error",
        "The runtime could not check the transaction: it is encoded for another runtime. Get the metadata again.",
    ),
    (
        1010,
        "invalid transaction",
        "The chain refuses the transaction; `data` says why: the account cannot pay the fee, the nonce was used, the \
        signature is wrong, the transaction is too old.",
    ),
    (1011, "unknown validity", "Whether the transaction is valid cannot be told; `data` says why."),
    (1012, "temporarily banned", "The pool has dropped this very transaction lately. Change it, or wait half an hour."),
    (1013, "already imported", "The pool has this transaction. Nothing is to be done."),
    (
        1014,
        "too low priority",
        "The pool has a transaction of the account with this nonce. Take the next nonce, or give a larger tip.",
    ),
    (1016, "immediately dropped", "The pool is full. Submit again later, or give a tip."),
];

/// The reason why the executor gave no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ExecutorError {
    /// There is no executor.
    #[error("this node has no executor")]
    None,
    /// The executor does not answer.
    #[error("the executor does not answer: {0}")]
    Unavailable(String),
    /// The executor refuses the request.
    #[error("the executor refuses ({status}): {text}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The text of its answer.
        text: String,
    },
    /// The executor's answer could not be read.
    #[error("the executor's answer is malformed")]
    Malformed,
}

/// The reason why a request failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The runtime call failed.
    #[error("the runtime cannot be asked: {0}")]
    Runtime(String),
    /// The executor gave no answer.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// The executor does not keep the output.
    #[error("this node's executor does not keep the output of that task")]
    UnknownOutput,
    /// The requested length is 0.
    #[error("the length must not be 0")]
    EmptyRange,
    /// The node's database could not be read.
    #[error("the database cannot be read: {0}")]
    Database(String),
    /// The limit of a page is 0.
    #[error("the limit must not be 0")]
    EmptyPage,
    /// The bytes are no encoded `JobSpec`.
    #[error("the bytes are no encoded JobSpec: {0}")]
    InvalidSpec(String),
    /// The chain would refuse the job.
    #[error("posting this job would fail: {}", refusal(.0))]
    SpecRefused(DispatchError),
    /// The job is unknown.
    #[error("job {0} is not known")]
    UnknownJob(JobId),
    /// The node's subscriptions are at their limit.
    #[error("this node takes no more subscriptions")]
    TooManySubscriptions,
    /// The connection's subscriptions are at their limit.
    #[error("this connection has {0} subscriptions, as many as one may have: end some, or use another connection")]
    ConnectionFull(usize),
    /// The subscriber is too slow.
    #[error("the subscriber does not keep up")]
    SlowSubscriber,
    /// The chain does not know the blob.
    #[error("the chain knows no blob {0:?}")]
    UnknownBlob(BlobHash),
    /// There is no room for the blob.
    #[error("this node has no room for another {0} bytes")]
    BlobQuota(usize),
    /// The node is ending.
    #[error("the node is ending")]
    NodeEnds,
    /// The budget is spent. The number is the time in ms after which to try again.
    #[error("too much was asked for: ask again in {0} ms")]
    TooMuchAsked(u64),
    /// No worker of this node has a task of that job.
    #[error("no such worker of this node has a task of job {0}")]
    NotAssigned(JobId),
    /// The signature is missing or by somebody else.
    #[error("the signature is not by {0}")]
    InvalidSignature(&'static str),
    /// The account does not check the task now.
    #[error("{0} does not check this task now")]
    NotChecking(AccountId),
    /// The executor does not have the job key.
    #[error("this node's executor does not have the key of job {0}")]
    UnknownJobKey(JobId),
    /// The sealed key or the recipient is too long.
    #[error("the key is too long")]
    KeyTooLong,
    /// The worker's key is not in this node's keystore.
    #[error("the key of that worker is not in this node's keystore")]
    NoWorkerKey,
    /// The method is for the node's operator.
    #[error("RPC call is unsafe to be called externally")]
    Unsafe,
}

fn refusal(error: &DispatchError) -> String {
    match error {
        DispatchError::Module(ModuleError { message: Some(message), .. }) => (*message).into(),
        DispatchError::Module(ModuleError { index, error, .. }) => {
            format!("error {} of the pallet with index {index}", error[0])
        }
        other => format!("{other:?}"),
    }
}

impl Error {
    /// Returns the error's number, or `None` if the SDK has a number for it.
    pub fn code(&self) -> Option<ErrorCode> {
        Some(match self {
            Self::Runtime(_) => ErrorCode::Runtime,
            Self::Executor(ExecutorError::None) => ErrorCode::NoExecutor,
            Self::Executor(ExecutorError::Unavailable(_)) => ErrorCode::ExecutorUnavailable,
            Self::Executor(ExecutorError::Refused { .. }) => ErrorCode::ExecutorRefused,
            Self::Executor(ExecutorError::Malformed) => ErrorCode::ExecutorMalformed,
            Self::UnknownOutput => ErrorCode::UnknownOutput,
            Self::EmptyRange => ErrorCode::EmptyRange,
            Self::Database(_) => ErrorCode::Database,
            Self::EmptyPage => ErrorCode::EmptyPage,
            Self::InvalidSpec(_) => ErrorCode::InvalidSpec,
            Self::SpecRefused(_) => ErrorCode::SpecRefused,
            Self::UnknownJob(_) => ErrorCode::UnknownJob,
            Self::TooManySubscriptions => ErrorCode::TooManySubscriptions,
            Self::ConnectionFull(_) => ErrorCode::ConnectionFull,
            Self::SlowSubscriber => ErrorCode::SlowSubscriber,
            Self::UnknownBlob(_) => ErrorCode::UnknownBlob,
            Self::BlobQuota(_) => ErrorCode::BlobQuota,
            Self::NodeEnds => ErrorCode::NodeEnds,
            Self::TooMuchAsked(_) => ErrorCode::TooMuchAsked,
            Self::NotAssigned(_) => ErrorCode::NotAssigned,
            Self::InvalidSignature(_) => ErrorCode::InvalidSignature,
            Self::NotChecking(_) => ErrorCode::NotChecking,
            Self::UnknownJobKey(_) => ErrorCode::UnknownJobKey,
            Self::KeyTooLong => ErrorCode::KeyTooLong,
            Self::NoWorkerKey => ErrorCode::NoWorkerKey,
            Self::Unsafe => return None,
        })
    }

    fn data(&self) -> Option<serde_json::Value> {
        match self {
            Self::SpecRefused(DispatchError::Module(ModuleError { index, error, .. })) => {
                Some(serde_json::json!({ "pallet": index, "error": error[0] }))
            }
            Self::SpecRefused(other) => serde_json::to_value(other).ok(),
            Self::TooMuchAsked(ms) => Some((*ms).into()),
            _ => None,
        }
    }
}

impl From<Error> for ErrorObjectOwned {
    fn from(error: Error) -> Self {
        // The SDK's answer to a caller that may not call an unsafe method.
        let code = error.code().map_or(METHOD_NOT_FOUND_CODE, |code| code as i32);
        ErrorObjectOwned::owned(code, error.to_string(), error.data())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_own_number() {
        let mut numbers: Vec<i32> = ErrorCode::ALL.iter().map(|(code, _)| *code as i32).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }

    #[test]
    #[cfg(feature = "server")]
    fn errors_of_the_sdk_have_the_numbers_that_are_documented() {
        use polkadot_sdk::{
            sc_rpc_api::author::error::Error as AuthorError,
            sc_transaction_pool_api::error::Error as PoolError,
            sp_runtime::transaction_validity::{InvalidTransaction, UnknownTransaction},
        };
        let code = |error: AuthorError| ErrorObjectOwned::from(error).code();
        for (error, name) in [
            (AuthorError::Verification("".into()), "verification error"),
            (PoolError::InvalidTransaction(InvalidTransaction::Payment).into(), "invalid transaction"),
            (PoolError::UnknownTransaction(UnknownTransaction::CannotLookup).into(), "unknown validity"),
            (PoolError::TemporarilyBanned.into(), "temporarily banned"),
            (PoolError::AlreadyImported(Box::new(())).into(), "already imported"),
            (PoolError::TooLowPriority { old: 2, new: 1 }.into(), "too low priority"),
            (PoolError::ImmediatelyDropped.into(), "immediately dropped"),
        ] {
            let documented = SDK_ERRORS.iter().find(|(_, known, _)| *known == name).map(|(code, ..)| *code);
            assert_eq!(Some(code(error)), documented, "{name}");
        }
    }

    #[test]
    fn a_refusal_names_pallet_and_error() {
        let module = ModuleError { index: 40, error: [3, 0, 0, 0], message: None };
        let error = ErrorObjectOwned::from(Error::SpecRefused(DispatchError::Module(module)));
        assert_eq!(error.code(), 20_011);
        assert_eq!(error.data().unwrap().get(), r#"{"error":3,"pallet":40}"#);
    }
}
