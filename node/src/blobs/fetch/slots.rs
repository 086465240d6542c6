//! The slots of fetches, held in turns.

use super::{error::FetchError, interest::Interest, patience::Patience};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes per second that a fetch must receive to keep its slot for a whole turn while others wait.
const LEAST_RATE: u64 = 1024 * 1024;

/// The slots of small fetches, or of large ones.
pub(super) struct Slots {
    free: Semaphore,
    waiting: AtomicUsize,
}

impl Slots {
    /// Creates this number of slots.
    pub(super) fn new(slots: usize) -> Self {
        Self { free: Semaphore::new(slots), waiting: AtomicUsize::new(0) }
    }

    /// Waits for a slot, as long as somebody is interested.
    pub(super) async fn turn(&self, interest: &Interest, patience: &Patience) -> Result<Turn<'_>, FetchError> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let over = async {
            while !interest.is_over() {
                tokio::time::sleep(patience.tick).await;
            }
        };
        let slot = tokio::select! {
            slot = self.free.acquire() => slot.map_err(|_| FetchError::Ended),
            () = over => Err(FetchError::Abandoned),
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        Ok(Turn { slots: self, since: Instant::now(), _slot: slot? })
    }
}

/// A slot, held for a limited time.
pub(super) struct Turn<'a> {
    slots: &'a Slots,
    since: Instant,
    _slot: SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// Returns whether the slot must be left to waiting fetches, after `bytes` were received.
    pub(super) fn is_over(&self, bytes: u64, patience: &Patience) -> bool {
        let time = self.since.elapsed();
        let slow = time > patience.slow_turn && bytes < LEAST_RATE.saturating_mul(time.as_secs());
        self.slots.waiting.load(Ordering::Relaxed) > 0 && (time > patience.turn || slow)
    }
}
