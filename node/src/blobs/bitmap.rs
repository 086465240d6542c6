//! A set of a blob's chunks, one bit for each.

use codec::{Decode, Encode};
use std::ops::Range;

/// A set of chunks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) struct Bitmap {
    bits: Vec<u8>,
    len: u32,
}

impl Bitmap {
    /// Creates the empty set, for a blob of `len` chunks.
    pub(super) fn none(len: u32) -> Self {
        Self { bits: vec![0; len.div_ceil(8) as usize], len }
    }

    /// Creates the set of all `len` chunks.
    pub(super) fn all(len: u32) -> Self {
        let mut all = Self::none(len);
        (0..len).for_each(|chunk| all.set(chunk));
        all
    }

    /// Returns whether this is a valid set for a blob of `len` chunks. A set that another node
    /// sends may not be.
    pub(super) fn is_of(&self, len: u32) -> bool {
        self.len == len && self.bits.len() == len.div_ceil(8) as usize
    }

    /// Adds a chunk.
    pub(super) fn set(&mut self, chunk: u32) {
        if chunk < self.len
            && let Some(byte) = self.bits.get_mut((chunk / 8) as usize)
        {
            *byte |= 1 << (chunk % 8);
        }
    }

    /// Returns whether a chunk is in the set.
    pub(super) fn has(&self, chunk: u32) -> bool {
        chunk < self.len && self.bits.get((chunk / 8) as usize).is_some_and(|byte| byte & (1 << (chunk % 8)) != 0)
    }

    /// Returns whether all of these chunks are in the set.
    pub(super) fn has_all(&self, mut chunks: Range<u32>) -> bool {
        chunks.all(|chunk| self.has(chunk))
    }

    /// Returns the number of chunks in the set.
    pub(super) fn count(&self) -> u32 {
        self.bits.iter().map(|byte| byte.count_ones()).sum()
    }

    /// Returns whether every chunk is in the set.
    pub(super) fn is_full(&self) -> bool {
        self.count() == self.len
    }

    /// Returns the chunks that are not in the set, as ranges of at most `most` chunks.
    pub(super) fn missing(&self, most: u32) -> Vec<Range<u32>> {
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for chunk in (0..self.len).filter(|chunk| !self.has(*chunk)) {
            match ranges.last_mut() {
                Some(range) if range.end == chunk && range.end - range.start < most => range.end = chunk + 1,
                _ => ranges.push(chunk..chunk + 1),
            }
        }
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_counted_and_the_missing_ones_grouped() {
        let mut bitmap = Bitmap::none(11);
        [2, 3, 9].into_iter().for_each(|chunk| bitmap.set(chunk));
        bitmap.set(11);
        assert_eq!(bitmap.count(), 3);
        assert!(bitmap.has(9) && !bitmap.has(4) && !bitmap.has(11));
        assert!(bitmap.has_all(2..4) && !bitmap.has_all(2..5));
        assert_eq!(bitmap.missing(3), [0..2, 4..7, 7..9, 10..11]);
        assert!(!bitmap.is_full() && Bitmap::all(11).is_full());
        assert_eq!(Bitmap::all(11).missing(4), []);
    }

    #[test]
    fn a_bitmap_of_another_size_is_none() {
        assert!(Bitmap::none(9).is_of(9) && !Bitmap::none(9).is_of(10));
        let short = Bitmap { bits: vec![255], len: 9 };
        assert!(!short.is_of(9) && !short.has(8));
    }
}
