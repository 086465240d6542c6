//! Large bodies: received at a minimum rate, and sent piece by piece.

use axum::body::{Body, BodyDataStream, Bytes};
use futures::{Stream, StreamExt, stream};
use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, time::Duration};
use tokio::time::{Instant, timeout};

/// The rate that a sender must keep.
///
/// The receiver waits for at most `time` in total until `bytes` have arrived; then the time starts
/// again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MinRate {
    /// Bytes that must arrive.
    pub bytes: usize,
    /// Time to wait for them.
    pub time: Duration,
}

/// The reason why a body was not received to its end.
#[derive(Debug)]
pub enum Interrupted {
    /// The sender does not keep the rate.
    Slow,
    /// The connection was lost.
    Lost(axum::Error),
}

/// The body of a request, while it is received.
pub struct Incoming {
    stream: BodyDataStream,
    rate: MinRate,
    /// Time that is left to wait.
    patience: Duration,
    /// Bytes that have arrived in it.
    arrived: usize,
}

impl Incoming {
    /// A body whose sender must keep `rate`.
    pub fn new(body: Body, rate: MinRate) -> Self {
        Self { stream: body.into_data_stream(), rate, patience: rate.time, arrived: 0 }
    }

    /// The next bytes; `None` at the end of the body. Only the time in this function counts, so
    /// that a slow receiver costs the sender nothing.
    ///
    /// # Errors
    ///
    /// When the sender is too slow, or the connection is lost.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Interrupted> {
        let begun = Instant::now();
        let next = timeout(self.patience, self.stream.next()).await.map_err(|_| Interrupted::Slow)?;
        let Some(bytes) = next.transpose().map_err(Interrupted::Lost)? else { return Ok(None) };
        self.patience = self.patience.saturating_sub(begun.elapsed());
        self.arrived = self.arrived.saturating_add(bytes.len());
        if self.arrived >= self.rate.bytes {
            (self.patience, self.arrived) = (self.rate.time, 0);
        }
        Ok(Some(bytes))
    }

    /// Receive and drop the rest of a refused body, but no more than `most` bytes and the piece
    /// that exceeds them.
    ///
    /// A client that is still sending when its connection closes may never see the response.
    pub async fn discard(mut self, most: u64) {
        let mut discarded = 0u64;
        while let Ok(Some(bytes)) = self.next().await {
            discarded = discarded.saturating_add(bytes.len() as u64);
            if discarded > most {
                return;
            }
        }
    }
}

/// A range of bytes in pieces of at most `size`, each read when the one before has been sent, on a
/// thread that serves no connection.
pub fn pieces(
    range: Range<u64>,
    size: u64,
    read: impl Fn(Range<u64>) -> io::Result<Vec<u8>> + Clone + Send + 'static,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::try_unfold(range, move |rest| {
        let read = read.clone();
        async move {
            if rest.is_empty() {
                return Ok(None);
            }
            let piece = rest.start..rest.end.min(rest.start.saturating_add(size));
            let rest = piece.end..rest.end;
            let bytes = tokio::task::spawn_blocking(move || read(piece)).await.map_err(io::Error::other)??;
            Ok(Some((Bytes::from(bytes), rest)))
        }
    })
}

/// Read exactly the bytes of `range` from a file.
///
/// # Errors
///
/// When the file cannot be read, or ends before the range.
pub fn read_range(file: &File, range: Range<u64>) -> io::Result<Vec<u8>> {
    let len = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt;
    use std::{
        io::Write,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    /// A sender that keeps this rate is never too slow in a test.
    const ANY: MinRate = MinRate { bytes: 1, time: Duration::from_secs(60) };

    /// A body with pieces of these sizes, and then `end`. Counts the pieces that were taken.
    fn body(
        sizes: Vec<usize>,
        end: impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static,
    ) -> (Body, Arc<AtomicUsize>) {
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = taken.clone();
        let pieces = stream::iter(sizes).map(move |size| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(vec![0; size])
        });
        (Body::from_stream(pieces.chain(end)), taken)
    }

    /// A sender of one byte in each `pause`.
    fn trickle(pause: Duration) -> Body {
        Body::from_stream(stream::repeat(()).then(move |()| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, io::Error>(vec![0])
        }))
    }

    #[tokio::test]
    async fn a_body_is_received_to_its_end() {
        let mut incoming = Incoming::new(body(vec![5, 7], stream::empty()).0, ANY);
        assert_eq!(incoming.next().await.unwrap().unwrap().len(), 5);
        assert_eq!(incoming.next().await.unwrap().unwrap().len(), 7);
        assert!(incoming.next().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_sender_that_stops_is_too_slow() {
        let rate = MinRate { bytes: 1, time: Duration::from_millis(50) };
        let mut incoming = Incoming::new(body(vec![5], stream::pending()).0, rate);
        assert!(incoming.next().await.is_ok());
        assert!(matches!(incoming.next().await, Err(Interrupted::Slow)));
    }

    #[tokio::test]
    async fn a_sender_that_trickles_is_too_slow() {
        let rate = MinRate { bytes: 1_000, time: Duration::from_millis(200) };
        let mut incoming = Incoming::new(trickle(Duration::from_millis(20)), rate);
        let received = async {
            loop {
                if let Err(error) = incoming.next().await {
                    break error;
                }
            }
        };
        assert!(matches!(timeout(Duration::from_secs(30), received).await.unwrap(), Interrupted::Slow));
    }

    #[tokio::test]
    async fn a_sender_that_keeps_the_rate_may_take_longer_than_its_time() {
        let rate = MinRate { bytes: 1, time: Duration::from_secs(2) };
        let mut incoming = Incoming::new(trickle(Duration::from_millis(300)), rate);
        for _ in 0..8 {
            assert_eq!(incoming.next().await.unwrap().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn time_that_the_receiver_needs_does_not_count() {
        let rate = MinRate { bytes: 1_000, time: Duration::from_secs(1) };
        let mut incoming = Incoming::new(body(vec![5, 5], stream::empty()).0, rate);
        assert!(incoming.next().await.is_ok());
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        assert_eq!(incoming.next().await.unwrap().unwrap().len(), 5);
    }

    #[tokio::test]
    async fn a_lost_connection_is_an_error() {
        let end = stream::iter([Err(io::ErrorKind::ConnectionReset.into())]);
        let mut incoming = Incoming::new(body(vec![5], end).0, ANY);
        assert!(incoming.next().await.is_ok());
        assert!(matches!(incoming.next().await, Err(Interrupted::Lost(_))));
    }

    #[tokio::test]
    async fn a_refused_body_is_read_up_to_a_limit() {
        for (most, expected) in [(u64::MAX, 5), (20, 3), (0, 1)] {
            let (body, taken) = body(vec![10; 5], stream::empty());
            Incoming::new(body, ANY).discard(most).await;
            assert_eq!(taken.load(Ordering::Relaxed), expected, "{most}");
        }
        let (body, taken) = body(vec![10], stream::pending());
        Incoming::new(body, MinRate { bytes: 1, time: Duration::from_millis(50) }).discard(u64::MAX).await;
        assert_eq!(taken.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_range_is_sent_in_pieces() {
        let mut file = tempfile::tempfile().unwrap();
        let content: Vec<u8> = (0..100).collect();
        file.write_all(&content).unwrap();
        let file = Arc::new(file);
        let sent = |range: Range<u64>| {
            let file = file.clone();
            pieces(range, 30, move |piece| read_range(&file, piece)).try_collect::<Vec<_>>()
        };
        let all = sent(3..95).await.unwrap();
        assert_eq!(all.iter().map(Bytes::len).collect::<Vec<_>>(), [30, 30, 30, 2]);
        assert_eq!(all.concat(), &content[3..95]);
        assert_eq!(sent(5..5).await.unwrap(), Vec::<Bytes>::new());
        assert_eq!(sent(90..101).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
