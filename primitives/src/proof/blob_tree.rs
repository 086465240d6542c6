//! Large blobs: their id, and the tree over their chunks that allows checking parts of a blob as
//! they arrive.
//!
//! A blob is cut into chunks of [`CHUNK_BYTES`]. Only the last chunk may be shorter. The chunks are
//! the tiles of a [tile tree](crate::tile_tree) that belongs to no chain and no task:
//!
//! id = blake2_256(0x02 ‖ length as 8 bytes, little endian ‖ root).
//!
//! The prefix keeps these ids apart from leaves (0x00) and nodes (0x01).
//!
//! A blob that is stored on the chain is named by the hash of its bytes instead. Nobody can find
//! bytes that have the same name both ways. A receiver may therefore accept bytes if either name
//! fits.

use crate::{BlobHash, Hash, TaskId, blake2, tile_tree};
use alloc::vec::Vec;

/// Bytes of a chunk: 256 KiB.
pub const CHUNK_BYTES: usize = 256 * 1024;
/// Maximum size of a blob in bytes: 4 GiB.
pub const MAX_BLOB_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Maximum number of chunks of a blob.
pub const MAX_CHUNKS: u32 = (MAX_BLOB_BYTES / CHUNK_BYTES as u64) as u32;

/// The task in the leaves of chunks. It stands for no task.
const NO_TASK: TaskId = TaskId { job: 0, index: 0 };

/// Compute the id of a blob of `len` bytes whose chunks have the tree root `root`.
pub fn id(len: u64, root: &Hash) -> BlobHash {
    let mut bytes = [2; 41];
    bytes[1..9].copy_from_slice(&len.to_le_bytes());
    bytes[9..].copy_from_slice(root.as_bytes());
    blake2(&bytes)
}

/// Return the number of chunks of a blob of `len` bytes; `None` beyond [`MAX_BLOB_BYTES`].
pub fn chunks(len: u64) -> Option<u32> {
    (len <= MAX_BLOB_BYTES).then(|| len.div_ceil(CHUNK_BYTES as u64) as u32)
}

/// Compute the leaf of chunk `index`.
pub fn leaf(index: u32, chunk: &[u8]) -> Hash {
    tile_tree::leaf(&Hash::zero(), NO_TASK, index, chunk)
}

/// Compute the leaves of the chunks in `bytes`, the first of which is chunk `first`. Only the last
/// chunk may be short.
pub fn leaves(first: u32, bytes: &[u8]) -> Vec<Hash> {
    let chunks: Vec<&[u8]> = bytes.chunks(CHUNK_BYTES).collect();
    tile_tree::leaves(&Hash::zero(), NO_TASK, first, &chunks)
}

/// Whether `leaves` are all leaves of the blob `id` of `len` bytes.
pub fn fits(id: &BlobHash, len: u64, leaves: &[Hash]) -> bool {
    chunks(len).is_some_and(|count| count as usize == leaves.len()) && self::id(len, &tile_tree::root(leaves)) == *id
}

/// Computes the id of a blob whose bytes arrive in pieces. It stores at most one chunk, and all
/// leaves.
///
/// It also takes more than [`MAX_BLOB_BYTES`]: the caller must enforce a limit.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    len: u64,
    partial: Vec<u8>,
    leaves: Vec<Hash>,
}

impl Hasher {
    /// A hasher without any bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Append `bytes`. Large pieces are hashed faster than small ones.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.len = self.len.saturating_add(bytes.len() as u64);
        if !self.partial.is_empty() {
            let (head, rest) = bytes.split_at(bytes.len().min(CHUNK_BYTES.saturating_sub(self.partial.len())));
            self.partial.extend_from_slice(head);
            bytes = rest;
            if self.partial.len() < CHUNK_BYTES {
                return;
            }
            self.leaves.push(leaf(self.leaves.len() as u32, &self.partial));
            self.partial.clear();
        }
        let (chunks, rest) = bytes.split_at(bytes.len().saturating_sub(bytes.len() % CHUNK_BYTES));
        self.leaves.extend(leaves(self.leaves.len() as u32, chunks));
        self.partial.extend_from_slice(rest);
    }

    /// Number of bytes so far.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no bytes so far.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Return the id of the blob.
    pub fn finish(self) -> BlobHash {
        self.finish_tree().0
    }

    /// Return the id of the blob and all its leaves.
    pub fn finish_tree(mut self) -> (BlobHash, Vec<Hash>) {
        if !self.partial.is_empty() {
            self.leaves.push(leaf(self.leaves.len() as u32, &self.partial));
        }
        (id(self.len, &tile_tree::root(&self.leaves)), self.leaves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn bytes(len: usize) -> Vec<u8> {
        (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
    }

    fn of(bytes: &[u8]) -> (BlobHash, Vec<Hash>) {
        let mut hasher = Hasher::new();
        hasher.update(bytes);
        hasher.finish_tree()
    }

    #[test]
    fn the_id_is_the_hash_of_the_documented_bytes() {
        let data = bytes(CHUNK_BYTES + 1);
        let head = |index: u32| [&[0; 45][..], &index.to_le_bytes()].concat();
        let leaves = [
            blake2(&[&head(0)[..], &data[..CHUNK_BYTES]].concat()),
            blake2(&[&head(1)[..], &data[CHUNK_BYTES..]].concat()),
        ];
        let root = blake2(&[&[1][..], leaves[0].as_bytes(), leaves[1].as_bytes()].concat());
        let len = data.len() as u64;
        let expected = blake2(&[&[2][..], &len.to_le_bytes(), root.as_bytes()].concat());
        assert_eq!(of(&data), (expected, leaves.to_vec()));
        assert_eq!(id(len, &root), expected);
    }

    #[test]
    fn a_small_blob_has_another_id_than_its_hash() {
        assert_ne!(of(b"bytes").0, blake2(b"bytes"));
        assert_eq!(of(b"bytes").1, [leaf(0, b"bytes")]);
    }

    #[test]
    fn the_length_is_part_of_the_id() {
        let root = Hash::repeat_byte(1);
        assert_ne!(id(1, &root), id(2, &root));
    }

    #[test]
    fn chunks_are_counted_up_to_the_limit() {
        let chunk = CHUNK_BYTES as u64;
        let counted = [0, 1, chunk, chunk + 1, MAX_BLOB_BYTES, MAX_BLOB_BYTES + 1, u64::MAX].map(chunks);
        assert_eq!(counted, [Some(0), Some(1), Some(1), Some(2), Some(MAX_CHUNKS), None, None]);
        assert_eq!(MAX_CHUNKS, 16_384);
    }

    #[test]
    fn leaves_fit_their_blob_alone() {
        let data = bytes(3 * CHUNK_BYTES - 7);
        let len = data.len() as u64;
        let (blob, leaves) = of(&data);
        assert!(fits(&blob, len, &leaves));
        assert!(!fits(&blob, len + 1, &leaves));
        assert!(!fits(&blob, len, &leaves[..2]));
        assert!(!fits(&blob, len, &[leaves[1], leaves[0], leaves[2]]));
        assert!(!fits(&Hash::zero(), len, &leaves));
        assert!(!fits(&blob, u64::MAX, &leaves));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn the_id_does_not_depend_on_the_pieces(
            len in 0usize..4 * CHUNK_BYTES,
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let data = bytes(len);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).chain([0, len]).collect();
            cuts.sort_unstable();
            let mut hasher = Hasher::new();
            cuts.windows(2).for_each(|cut| hasher.update(&data[cut[0]..cut[1]]));
            prop_assert_eq!(hasher.len(), len as u64);
            let (blob, leaves) = hasher.finish_tree();
            prop_assert_eq!(leaves.len() as u32, chunks(len as u64).unwrap());
            prop_assert!(fits(&blob, len as u64, &leaves));
            let one_by_one: Vec<Hash> =
                (0..).zip(data.chunks(CHUNK_BYTES)).map(|(index, chunk)| leaf(index, chunk)).collect();
            prop_assert_eq!(&leaves, &one_by_one);
            prop_assert_eq!(blob, of(&data).0);
        }

        #[test]
        fn every_changed_byte_changes_the_id(len in 1usize..3 * CHUNK_BYTES, at: prop::sample::Index) {
            let mut data = bytes(len);
            let before = of(&data).0;
            data[at.index(len)] ^= 1;
            prop_assert_ne!(of(&data).0, before);
            let mut longer = vec![0; 1];
            longer.extend(data);
            prop_assert_ne!(of(&longer).0, before);
        }
    }
}
