//! The two hashes that can name a blob, computed while its bytes pass through.

use dpin_primitives::{BlobHash, Hash, blob_tree};
use std::io::{self, Read};

/// Bytes hashed at a time.
pub(super) const PIECE_BYTES: usize = 1024 * 1024;
/// For fewer bytes than this, hashing is faster than sharing the work between threads.
const SHARED_BYTES: usize = 32 * 1024;

/// Both names of the bytes seen so far: their plain BLAKE2b-256 and the id of their chunk tree.
pub(super) struct BlobDigest {
    plain: blake2b_simd::State,
    chunks: blob_tree::Hasher,
}

impl BlobDigest {
    /// The digest of no bytes.
    pub(super) fn new() -> Self {
        Self { plain: blake2b_simd::Params::new().hash_length(32).to_state(), chunks: blob_tree::Hasher::new() }
    }

    /// Add the next bytes. The two hashes run in parallel if that is faster.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let Self { plain, chunks } = self;
        if bytes.len() < SHARED_BYTES {
            plain.update(bytes);
            chunks.update(bytes);
        } else {
            rayon::join(|| plain.update(bytes), || chunks.update(bytes));
        }
    }

    /// Whether `hash` names the bytes.
    pub(super) fn names(self, hash: &BlobHash) -> bool {
        *hash == Hash::from_slice(self.plain.finalize().as_bytes()) || *hash == self.chunks.finish()
    }
}

/// Whether `hash` names the bytes of `from` up to its end.
pub(super) fn is_named(from: &mut impl Read, hash: &BlobHash) -> io::Result<bool> {
    let mut piece = vec![0; PIECE_BYTES];
    let mut digest = BlobDigest::new();
    loop {
        let read = super::files::read_full(from, &mut piece)?;
        digest.update(piece.get(..read).unwrap_or_default());
        if read < piece.len() {
            return Ok(digest.names(hash));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::blake2;

    #[test]
    fn both_names_are_known_and_no_other() {
        let bytes: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
        let mut chunks = blob_tree::Hasher::new();
        chunks.update(&bytes);
        let chunked = chunks.finish();
        assert_ne!(chunked, blake2(&bytes));
        for (hash, expected) in [(blake2(&bytes), true), (chunked, true), (blake2(b"other"), false)] {
            assert_eq!(is_named(&mut bytes.as_slice(), &hash).unwrap(), expected);
            assert!(!is_named(&mut &bytes[1..], &hash).unwrap());
        }
        assert!(is_named(&mut [].as_slice(), &blake2(b"")).unwrap());
    }
}
