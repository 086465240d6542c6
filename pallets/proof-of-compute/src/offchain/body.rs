//! Bodies of HTTP answers. Without a deadline, reading one waits for as long as the server likes.

use alloc::vec::Vec;
use polkadot_sdk::{sp_core::offchain::Timestamp, sp_runtime::offchain::http::Response};

/// Why a body was not read.
pub(super) enum Unread {
    /// It did not come before the deadline, or the connection broke.
    Late,
    /// It is longer than allowed.
    TooLong,
}

/// The body of `response`, of at most `most` bytes, if it comes before `deadline`.
#[allow(clippy::disallowed_methods, reason = "the deadline is set before anything is read")]
pub(super) fn read_body(response: &Response, deadline: Timestamp, most: usize) -> Result<Vec<u8>, Unread> {
    let mut body = response.body();
    body.deadline(deadline);
    let bytes: Vec<u8> = body.by_ref().take(most.saturating_add(1)).collect();
    match body.error() {
        Some(_) => Err(Unread::Late),
        None if bytes.len() > most => Err(Unread::TooLong),
        None => Ok(bytes),
    }
}
