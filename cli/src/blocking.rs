//! Blocking work, such as reading files, beside the asynchronous program.

use crate::error::{Error, Result};

/// Run blocking work on a thread where it delays nothing else.
///
/// # Errors
///
/// The errors of the work; also when it panics.
pub(crate) async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::failed("internal error: a thread panicked"))?
}
