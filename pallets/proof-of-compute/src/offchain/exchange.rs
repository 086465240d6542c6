//! HTTP exchanges with a deadline for everything. Without one, reading an answer waits for as long
//! as the server likes.

use alloc::vec::Vec;
use polkadot_sdk::{sp_core::offchain::Timestamp, sp_runtime::offchain::http::Request};

/// Why an exchange gave no answer.
pub(super) enum Unanswered {
    /// The answer did not come before the deadline, or the connection broke.
    Silent,
    /// The server refused, with this status code.
    Refused(u16),
    /// The answer is longer than allowed.
    TooLong,
}

/// Send `request`, and read the answer of at most `most` bytes, all before `deadline`.
#[allow(clippy::disallowed_methods, reason = "the deadline is set before anything is read")]
pub(super) fn exchange<I: AsRef<[u8]>, T: IntoIterator<Item = I>>(
    mut request: Request<'_, T>,
    deadline: Timestamp,
    most: usize,
) -> Result<Vec<u8>, Unanswered> {
    request.deadline = Some(deadline);
    let pending = request.send().map_err(|_| Unanswered::Silent)?;
    let Ok(Ok(response)) = pending.try_wait(deadline) else { return Err(Unanswered::Silent) };
    if response.code != 200 {
        return Err(Unanswered::Refused(response.code));
    }
    let mut body = response.body();
    body.deadline(deadline);
    let bytes: Vec<u8> = body.by_ref().take(most.saturating_add(1)).collect();
    match body.error() {
        Some(_) => Err(Unanswered::Silent),
        None if bytes.len() > most => Err(Unanswered::TooLong),
        None => Ok(bytes),
    }
}
