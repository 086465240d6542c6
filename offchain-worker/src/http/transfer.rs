//! Blobs as HTTP bodies: uploads in pieces, with a minimum rate, and downloads as streams, of the
//! whole blob or a range.

use crate::engine::{Engine, Refused};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use dpin_loopback::{
    Failure, HttpResult, Incoming, Interrupted, MinRate, Part,
    body::{pieces, read_range},
    content_length,
};
use dpin_primitives::BlobHash;
use std::{fs::File, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// The rate that a sender must keep: at least 64 KiB per second.
pub(super) const MIN_RATE: MinRate = MinRate { bytes: 640 * 1024, time: Duration::from_secs(10) };
/// Pieces that may wait to be written. Each is at most as long as the connection's buffer.
const PIECES: usize = 4;
/// Most bytes of a refused body that are still read.
pub(super) const MAX_DISCARDED_BYTES: u64 = 1 << 20;
/// Bytes read from the disk at a time.
const READ_BYTES: u64 = 256 * 1024;

/// Store `body` in the cache as the blob `hash`.
pub(super) async fn put(engine: Arc<Engine>, hash: BlobHash, headers: &HeaderMap, body: Body) -> HttpResult<()> {
    let len = content_length(headers)
        .ok_or_else(|| Failure::new(StatusCode::LENGTH_REQUIRED, "a blob comes with its Content-Length"))?;
    let body = Incoming::new(body, MIN_RATE);
    let (pieces, mut inbox) = mpsc::channel::<Bytes>(PIECES);
    let (begun, has_begun) = oneshot::channel();
    let writer = tokio::task::spawn_blocking(move || {
        let begun = || {
            let _ = begun.send(());
        };
        engine.put_blob(hash, len, begun, std::iter::from_fn(|| inbox.blocking_recv()))
    });
    if has_begun.await.is_err() {
        let outcome = joined(writer).await;
        if outcome.is_ok() || len <= MAX_DISCARDED_BYTES {
            body.discard(u64::MAX).await;
        }
        return outcome;
    }
    let passed = pass_on(body, pieces).await;
    let written = joined(writer).await;
    match passed {
        Err(Interrupted::Slow) => Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "the blob came too slowly")),
        Err(Interrupted::Lost(error)) => Err(Failure::bad_request(format!("the blob broke off: {error}"))),
        Ok(()) => written,
    }
}

async fn joined(writer: JoinHandle<Result<(), Refused>>) -> HttpResult<()> {
    Ok(writer.await.map_err(|_| Failure::panicked("executor"))??)
}

/// Pass a body on to its writer, until it ends or the writer has failed.
async fn pass_on(mut body: Incoming, writer: mpsc::Sender<Bytes>) -> Result<(), Interrupted> {
    while let Some(piece) = body.next().await? {
        if writer.send(piece).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// A response with a blob of `len` bytes, or with the requested range of it.
pub(super) fn get(file: File, len: u64, headers: &HeaderMap) -> HttpResult<Response> {
    let part = Part::requested(headers, len)
        .map_err(|beyond| beyond.failure(format!("the range is beyond the blob's {len} bytes")))?;
    let file = Arc::new(file);
    let bytes = pieces(part.range(), READ_BYTES, move |piece| read_range(&file, piece));
    Ok(part.response(Body::from_stream(bytes)))
}
