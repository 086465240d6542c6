//! How fast bytes go out.

use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How many bytes may go out: so many a second, and so many of a second at once.
#[derive(Debug)]
pub struct Bucket {
    bytes_per_second: f64,
    /// Below zero: what was sent in advance.
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// How much of a second's bytes may be saved up.
    const BURST_SECONDS: f64 = 0.25;

    /// A full one.
    pub fn new(bytes_per_second: u64, now: Instant) -> Self {
        let bytes_per_second = bytes_per_second.max(1) as f64;
        Self { bytes_per_second, tokens: bytes_per_second * Self::BURST_SECONDS, at: now }
    }

    /// How long nothing may go out.
    pub fn wait(&mut self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let most = self.bytes_per_second * Self::BURST_SECONDS;
        self.tokens = (self.tokens + passed * self.bytes_per_second).min(most);
        self.at = now;
        // An hour, if the rate is next to nothing.
        Duration::from_secs_f64((-self.tokens / self.bytes_per_second).clamp(0.0, 3_600.0))
    }

    /// Note what goes out.
    pub fn spend(&mut self, bytes: u64) {
        self.tokens -= bytes as f64;
    }
}

/// A bucket that many take from, first come, first served.
#[derive(Debug)]
pub struct Pace(Mutex<Bucket>);

impl Pace {
    /// So many bytes a second, all takers together.
    pub fn new(bytes_per_second: u64) -> Self {
        Self(Mutex::new(Bucket::new(bytes_per_second, Instant::now())))
    }

    /// Wait until `bytes` may go out.
    pub async fn take(&self, bytes: u64) {
        // Whoever holds it waits for his turn to pass; the others wait for it, in order.
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
        // A quarter of a second's worth goes out at once.
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
