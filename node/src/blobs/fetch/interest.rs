//! The interest in a fetch, which keeps it going.

use crate::blobs::lock;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// The interest in a fetch: it runs while somebody waits for it or has asked for it a short time
/// ago.
pub(super) struct Interest {
    waiting: AtomicUsize,
    /// Time of the last request for it.
    asked: Mutex<Instant>,
    linger: Duration,
}

impl Interest {
    /// Creates an interest that lasts for `linger` after the last request.
    pub(super) fn new(linger: Duration) -> Arc<Self> {
        Arc::new(Self { waiting: AtomicUsize::new(0), asked: Mutex::new(Instant::now()), linger })
    }

    /// Records a request.
    pub(super) fn renew(&self) {
        *lock(&self.asked) = Instant::now();
    }

    /// Returns whether nobody waits for the blob or has asked for it a short time ago.
    pub(super) fn is_over(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == 0 && lock(&self.asked).elapsed() > self.linger
    }
}

/// Keeps an interest alive.
pub(super) struct Hold(Arc<Interest>);

impl Hold {
    /// Keeps this interest alive from now on.
    pub(super) fn new(interest: &Arc<Interest>) -> Self {
        interest.waiting.fetch_add(1, Ordering::Relaxed);
        Self(interest.clone())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.renew();
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
