//! The texts that a child writes to standard error.

use dpin_primitives::executor::MAX_LOG_BYTES;
use parking_lot::Mutex;
use std::{
    io::Read,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Collects the texts of a child.
pub(super) struct Listener {
    text: Arc<Mutex<Vec<u8>>>,
    thread: thread::JoinHandle<()>,
}

impl Listener {
    /// Read `from` in another thread.
    pub(super) fn new(mut from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let kept = text.clone();
        let thread = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read) = from.read(&mut buffer) {
                let said = buffer.get(..read).unwrap_or_default();
                if said.is_empty() {
                    break;
                }
                let mut kept = kept.lock();
                let room = MAX_LOG_BYTES.saturating_sub(kept.len());
                kept.extend(said.iter().take(room));
            }
        });
        Self { text, thread }
    }

    /// The text on standard error. To be called once the child is gone.
    pub(super) fn text(&self) -> String {
        let begun = Instant::now();
        // A process that left the group may still hold the pipe, so the wait is limited.
        while !self.thread.is_finished() && begun.elapsed() < Duration::from_millis(500) {
            thread::sleep(Duration::from_millis(2));
        }
        String::from_utf8_lossy(&self.text.lock()).into_owned()
    }
}
