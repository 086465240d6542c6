//! Parts of an HTTP API on loopback, for axum: errors, bearer token, queries, byte ranges and
//! large bodies.
//!
//! The node serves blobs to the users of its machine, and the executor serves its node. Both APIs
//! have the same parts. `dpin-listen` limits the connections below them.
//!
//! - [`failure`]: an error as a status code and one line of text, the format of both APIs.
//! - [`token`]: the file of a bearer token, and its check. Typed headers answer a request without
//!   the header by themselves. The comparison is that of `subtle`.
//! - [`query`]: parameters of a query. Their values are numbers, so nothing has to be decoded.
//! - [`range`]: the byte range of a download. `headers` accepts `bytes=+1-2`. `http-range-header`
//!   does not tell a malformed range, which is ignored, from one beyond the end.
//! - [`body`]: large bodies in both directions. `tower-http` limits the time or the length of a
//!   body, but not its rate.

pub mod body;
pub mod failure;
pub mod query;
pub mod range;
pub mod token;

pub use body::{Incoming, Interrupted, MinRate};
pub use failure::{Failure, HttpResult};
pub use query::Query;
pub use range::Part;
pub use token::Token;

use axum::http::{HeaderMap, StatusCode, header};

/// The length that a request declares for its body, in bytes.
pub fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Run work that may block on a thread that serves no connection. `program` is the name of the
/// program in the error.
///
/// # Errors
///
/// When the work panics.
pub async fn blocking<T: Send + 'static>(program: &str, work: impl FnOnce() -> T + Send + 'static) -> HttpResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Failure::panicked(program))
}

/// The handler of paths that do not exist.
pub async fn not_found() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "there is nothing here")
}

/// The handler of methods that a path does not have.
pub async fn method_not_allowed() -> Failure {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "not with this method")
}
