//! A node that has a blob or a part of it, and the requests that it can keep up with.

use crate::blobs::wire::Have;
use polkadot_sdk::sc_network::PeerId;
use std::{collections::VecDeque, ops::Range};

/// Requests under way at one source: the first window, and the largest.
pub(super) const WINDOW: Range<usize> = 4..16;

/// A node that has the blob, or a part of it.
pub(super) struct Source {
    /// The node.
    pub peer: PeerId,
    /// The chunks that it has.
    pub have: Have,
    /// Most requests under way.
    pub window: usize,
    /// Requests under way.
    pub under_way: usize,
    /// Failures in a row.
    pub failures: u32,
    /// Right bytes that it delivered.
    pub delivered: u64,
}

impl Source {
    /// Creates a source with the first window.
    pub(super) fn new((peer, have): (PeerId, Have)) -> Self {
        Self { peer, have, window: WINDOW.start, under_way: 0, failures: 0, delivered: 0 }
    }

    /// Takes the first missing range that this source has.
    pub(super) fn take(&self, missing: &mut VecDeque<Range<u32>>) -> Option<Range<u32>> {
        let place = missing.iter().position(|range| self.have.present.has_all(range.clone()))?;
        missing.remove(place)
    }

    /// Records right bytes.
    pub(super) fn went_well(&mut self, bytes: u64) {
        self.delivered = self.delivered.saturating_add(bytes);
        self.failures = 0;
        self.window = (self.window + 1).min(WINDOW.end);
    }

    /// Records a failed request.
    pub(super) fn went_badly(&mut self) {
        self.failures += 1;
        self.window = (self.window / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::bitmap::Bitmap;

    #[test]
    fn a_window_grows_with_answers_and_shrinks_with_failures() {
        let have = Have { len: 1, present: Bitmap::all(1) };
        let mut source = Source::new((PeerId::random(), have));
        (0..100).for_each(|_| source.went_well(1));
        assert_eq!(source.window, WINDOW.end);
        (0..10).for_each(|_| source.went_badly());
        assert_eq!((source.window, source.failures), (1, 10));
        source.went_well(1);
        assert_eq!((source.window, source.failures), (2, 0));
    }
}
