//! Rate limits for outgoing bytes.

use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A token bucket: a rate in bytes per second, and a burst of a quarter of a second's bytes.
#[derive(Debug)]
pub(super) struct Bucket {
    bytes_per_second: f64,
    /// Tokens in bytes. Negative while bytes were sent in advance.
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// Most tokens that can be saved up, in seconds of the rate.
    const BURST_SECONDS: f64 = 0.25;

    /// Creates a full bucket.
    pub(super) fn new(bytes_per_second: u64, now: Instant) -> Self {
        let bytes_per_second = bytes_per_second.max(1) as f64;
        Self { bytes_per_second, tokens: bytes_per_second * Self::BURST_SECONDS, at: now }
    }

    /// Returns the time for which nothing may be sent.
    pub(super) fn wait(&mut self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let most = self.bytes_per_second * Self::BURST_SECONDS;
        self.tokens = (self.tokens + passed * self.bytes_per_second).min(most);
        self.at = now;
        // At most an hour, even if the rate is near zero.
        Duration::from_secs_f64((-self.tokens / self.bytes_per_second).clamp(0.0, 3_600.0))
    }

    /// Takes tokens for bytes that are sent.
    pub(super) fn spend(&mut self, bytes: u64) {
        self.tokens -= bytes as f64;
    }
}

/// A bucket shared by many takers, first come, first served.
#[derive(Debug)]
pub(super) struct Pace(Mutex<Bucket>);

impl Pace {
    /// Creates a bucket with this rate, for all takers together.
    pub(super) fn new(bytes_per_second: u64) -> Self {
        Self(Mutex::new(Bucket::new(bytes_per_second, Instant::now())))
    }

    /// Waits until `bytes` may be sent.
    pub(super) async fn take(&self, bytes: u64) {
        // The taker that holds the lock waits for its turn to pass. The others wait for the lock,
        // in order.
        let mut bucket = self.0.lock().await;
        loop {
            let pause = bucket.wait(Instant::now());
            if pause.is_zero() {
                break;
            }
            tokio::time::sleep(pause).await;
        }
        bucket.spend(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_lets_a_burst_through_and_then_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(1_000, start);
        assert!(bucket.wait(start).is_zero());
        bucket.spend(250);
        assert!(bucket.wait(start).is_zero());
        bucket.spend(500);
        assert_eq!(bucket.wait(start), Duration::from_millis(500));
        let later = start + Duration::from_millis(500);
        assert!(bucket.wait(later) <= Duration::from_millis(1));
        // An idle hour saves up no more than the burst.
        let mut idle = Bucket::new(1_000, start);
        assert!(idle.wait(start + Duration::from_secs(3_600)).is_zero());
        assert!(idle.tokens <= 250.0);
    }

    #[tokio::test]
    async fn takers_share_the_rate() {
        // The burst, a quarter of a second's bytes, is sent at once.
        let pace = Pace::new(1_000_000);
        let begun = Instant::now();
        let taker = || async {
            for _ in 0..2 {
                pace.take(100_000).await;
            }
        };
        tokio::join!(taker(), taker());
        assert!(begun.elapsed() >= Duration::from_millis(40), "{:?}", begun.elapsed());
    }
}
