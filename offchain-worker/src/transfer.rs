//! Blobs as HTTP bodies: uploads in pieces, with a minimum rate, and downloads as streams, of the
//! whole blob or a range.

use crate::{
    engine::{Engine, Refused},
    server::Failure,
};
use axum::{
    body::{Body, Bytes},
    http::{header, HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use dpin_primitives::BlobHash;
use futures::StreamExt;
use std::{
    fs::File,
    io::{Seek, SeekFrom},
    ops::Range,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::Instant,
};
use tokio_util::io::ReaderStream;

/// Total time to wait for a sender until this many bytes have come; then the time starts again. So
/// a sender must send at least 64 KiB per second.
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_BYTES: usize = 640 * 1024;
/// Pieces that may wait to be written. Each is at most as long as the connection's buffer.
const PIECES: usize = 4;
/// Most bytes of a refused body that are still read. A client that is still sending when the
/// connection closes may never see the response.
pub const MAX_DISCARDED_BYTES: u64 = 1 << 20;
/// Bytes read from the disk at a time.
const READ_BYTES: usize = 256 * 1024;

/// Why a body was not read to its end.
enum Broken {
    /// The sender is too slow.
    Slow,
    /// The connection was lost.
    Lost(axum::Error),
    /// The receiver of the pieces is gone.
    Unwanted,
}

/// Store `body` in the cache as the blob `hash`.
pub async fn put(engine: Arc<Engine>, hash: BlobHash, headers: &HeaderMap, body: Body) -> Result<(), Failure> {
    let len = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let len = len.ok_or_else(|| Failure::new(StatusCode::LENGTH_REQUIRED, "a blob comes with its Content-Length"))?;
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
            let _ = pump(body, None).await;
        }
        return outcome;
    }
    let pumped = pump(body, Some(pieces)).await;
    let written = joined(writer).await;
    match pumped {
        Err(Broken::Slow) => Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "the blob came too slowly")),
        Err(Broken::Lost(error)) => Err(Failure::new(StatusCode::BAD_REQUEST, format!("the blob broke off: {error}"))),
        Err(Broken::Unwanted) | Ok(()) => written,
    }
}

async fn joined(writer: JoinHandle<Result<(), Refused>>) -> Result<(), Failure> {
    Ok(writer.await.map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the executor panicked"))??)
}

/// Read `body` to its end, and send its pieces to `pieces`, if given. Only waiting for the sender
/// counts against the time limit.
async fn pump(body: Body, pieces: Option<mpsc::Sender<Bytes>>) -> Result<(), Broken> {
    let mut stream = body.into_data_stream();
    let (mut patience, mut came) = (PATIENCE, 0usize);
    loop {
        let asked = Instant::now();
        let Ok(next) = tokio::time::timeout(patience, stream.next()).await else { return Err(Broken::Slow) };
        let Some(piece) = next else { return Ok(()) };
        let piece = piece.map_err(Broken::Lost)?;
        patience = patience.saturating_sub(asked.elapsed());
        came = came.saturating_add(piece.len());
        if came >= PATIENCE_BYTES {
            (patience, came) = (PATIENCE, 0);
        }
        if let Some(pieces) = &pieces {
            pieces.send(piece).await.map_err(|_| Broken::Unwanted)?;
        }
    }
}

/// A response with a blob of `len` bytes, or with the requested range of it.
pub fn get(mut file: File, len: u64, headers: &HeaderMap) -> Result<Response, Failure> {
    let asked = headers.get(header::RANGE).and_then(|value| range(value.to_str().ok()?, len));
    let whole = 0..len;
    let range = match &asked {
        None => &whole,
        Some(Ok(range)) => range,
        Some(Err(Beyond)) => {
            let text = format!("the range is beyond the blob's {len} bytes");
            let content_range = header_value(format!("bytes */{len}"));
            return Err(
                Failure::new(StatusCode::RANGE_NOT_SATISFIABLE, text).with(header::CONTENT_RANGE, content_range)
            );
        }
    };
    file.seek(SeekFrom::Start(range.start)).map_err(Refused::Io)?;
    let bytes = range.end.saturating_sub(range.start);
    let reader = tokio::fs::File::from_std(file).take(bytes);
    let mut response = Response::new(Body::from_stream(ReaderStream::with_capacity(reader, READ_BYTES)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, bytes.into());
    if asked.is_some() {
        let last = range.end.saturating_sub(1);
        headers.insert(header::CONTENT_RANGE, header_value(format!("bytes {}-{last}/{len}", range.start)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

fn header_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// The range starts beyond the end of the blob.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Beyond;

/// The range that a `Range` header requests of `len` bytes. `None` if the header must be ignored,
/// because it is not a single range of bytes.
fn range(text: &str, len: u64) -> Option<Result<Range<u64>, Beyond>> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let range = match (first, last) {
        ("", last) => len.saturating_sub(number(last)?)..len,
        (first, "") => number(first)?..len,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            first..last.saturating_add(1).min(len)
        }
    };
    Some(if range.start < range.end { Ok(range) } else { Err(Beyond) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_means_them() {
        assert_eq!(range("bytes=0-0", 10), Some(Ok(0..1)));
        assert_eq!(range("bytes=2-5", 10), Some(Ok(2..6)));
        assert_eq!(range("bytes=2-", 10), Some(Ok(2..10)));
        assert_eq!(range("bytes=-3", 10), Some(Ok(7..10)));
        assert_eq!(range("bytes=-30", 10), Some(Ok(0..10)));
        assert_eq!(range("bytes=5-18446744073709551615", 10), Some(Ok(5..10)));
        assert_eq!(range("bytes=4294967295-", 1 << 32), Some(Ok(4294967295..4294967296)));
        for beyond in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(range(beyond, 10), Some(Err(Beyond)), "{beyond}");
        }
        assert_eq!(range("bytes=0-", 0), Some(Err(Beyond)));
        for ignored in
            ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "bytes=+1-2", "lines=1-2", "bytes=a-"]
        {
            assert_eq!(range(ignored, 10), None, "{ignored}");
        }
    }
}
