//! Messages between nodes about blobs.
//!
//! | request | answer |
//! |---|---|
//! | [`Request::Have`] | [`Have`] |
//! | [`Request::Leaves`] | all leaves of the blob, 32 bytes each |
//! | [`Request::Chunks`] | the bytes of the chunks |
//!
//! A node that lacks the requested data refuses the request. The leaves together give the blob's
//! root and id. So a node that has checked the leaves can check every single chunk, from any
//! sender. The leaves are an eight-thousandth of the bytes.

use super::bitmap::Bitmap;
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{
    BlobHash, Hash,
    blob_tree::{CHUNK_BYTES, MAX_CHUNKS},
};
use std::ops::Range;

/// Most bytes of a request.
pub(super) const MAX_REQUEST_BYTES: u64 = 64;
/// Most chunks in one request: 1 MiB.
pub(super) const MAX_REQUESTED_CHUNKS: u32 = 4;
/// Most bytes of an answer.
pub(super) const MAX_ANSWER_BYTES: u64 = MAX_REQUESTED_CHUNKS as u64 * CHUNK_BYTES as u64;

// The longest other answer is that of all leaves.
const _: () = assert!(MAX_CHUNKS as u64 * 32 <= MAX_ANSWER_BYTES);

/// A request.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) enum Request {
    /// Asks for the chunks that the other node has.
    Have(BlobHash),
    /// Asks for all leaves of the blob.
    Leaves(BlobHash),
    /// Asks for the bytes of some chunks of the blob.
    Chunks {
        /// The blob.
        id: BlobHash,
        /// The first chunk.
        first: u32,
        /// Number of chunks: 1 to [`MAX_REQUESTED_CHUNKS`].
        count: u32,
    },
}

impl Request {
    /// Decodes a request. Returns `None` if the bytes are no request, or ask for too much.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let request = Self::decode_all(&mut bytes).ok()?;
        match request {
            Self::Chunks { first, count, .. } => {
                let fits = (1..=MAX_REQUESTED_CHUNKS).contains(&count) && first.checked_add(count)? <= MAX_CHUNKS;
                fits.then_some(request)
            }
            Self::Have(_) | Self::Leaves(_) => Some(request),
        }
    }

    /// Returns the requested chunks, an empty range for other requests.
    pub(super) fn chunks(&self) -> Range<u32> {
        match self {
            Self::Chunks { first, count, .. } => *first..first.saturating_add(*count),
            Self::Have(_) | Self::Leaves(_) => 0..0,
        }
    }
}

/// The chunks of a blob that a node has.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) struct Have {
    /// Length of the blob in bytes. Only the leaves prove it.
    pub len: u64,
    /// The chunks that the node has.
    pub present: Bitmap,
}

impl Have {
    /// Decodes an answer. Returns `None` if it contradicts itself.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let have = Self::decode_all(&mut bytes).ok()?;
        let count = dpin_primitives::blob_tree::chunks(have.len)?;
        (count > 0 && have.present.is_of(count)).then_some(have)
    }
}

/// Encodes leaves for sending.
pub(super) fn write_leaves(leaves: &[Hash]) -> Vec<u8> {
    leaves.iter().flat_map(|leaf| leaf.to_fixed_bytes()).collect()
}

/// Decodes leaves. Returns `None` if the bytes are no whole number of leaves.
pub(super) fn read_leaves(bytes: &[u8]) -> Option<Vec<Hash>> {
    let leaves = bytes.chunks_exact(32);
    leaves.remainder().is_empty().then(|| leaves.map(Hash::from_slice).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: BlobHash = BlobHash::repeat_byte(7);

    #[test]
    fn requests_are_read_unless_they_ask_for_nothing_or_too_much() {
        let read = |first, count| Request::read(&Request::Chunks { id: ID, first, count }.encode());
        assert_eq!(read(5, 4), Some(Request::Chunks { id: ID, first: 5, count: 4 }));
        assert_eq!(read(5, 4).unwrap().chunks(), 5..9);
        let refused = [(5, 0), (5, MAX_REQUESTED_CHUNKS + 1), (MAX_CHUNKS, 1), (u32::MAX, 2), (0, u32::MAX)];
        assert!(refused.iter().all(|(first, count)| read(*first, *count).is_none()));
        for request in [Request::Have(ID), Request::Leaves(ID)] {
            assert_eq!(Request::read(&request.encode()), Some(request.clone()));
            assert_eq!(Request::read(&[request.encode(), vec![0]].concat()), None);
        }
        assert_eq!(Request::read(b"nonsense"), None);
        assert!(Request::Chunks { id: ID, first: 1, count: 1 }.encoded_size() as u64 <= MAX_REQUEST_BYTES);
    }

    #[test]
    fn an_answer_that_contradicts_itself_is_none() {
        let have = |len, present| Have::read(&Have { len, present }.encode());
        assert!(have(CHUNK_BYTES as u64 + 1, Bitmap::none(2)).is_some());
        assert!(have(CHUNK_BYTES as u64 + 1, Bitmap::none(1)).is_none());
        assert!(have(0, Bitmap::none(0)).is_none());
        assert!(have(u64::MAX, Bitmap::none(1)).is_none());
        // A bitmap that claims to be far longer than the bytes sent.
        assert!(Have::read(&(1u64, codec::Compact(u32::MAX)).encode()).is_none());
    }

    #[test]
    fn leaves_are_read_as_they_are_written() {
        let leaves = vec![Hash::repeat_byte(1), Hash::repeat_byte(2)];
        let written = write_leaves(&leaves);
        assert_eq!(read_leaves(&written), Some(leaves));
        assert_eq!(read_leaves(&written[..63]), None);
    }
}
