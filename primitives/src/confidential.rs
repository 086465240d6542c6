//! Confidential inputs: which blobs are encrypted, and what is signed about the keys to them.
//!
//! An input blob that begins with [`MAGIC`] is an [age](https://age-encryption.org/v1) file. Every executor decrypts it before it hands
//! it to the kernel; there is no other mark, on chain or elsewhere. It is encrypted to a *job key* that its requester has made for this
//! one job. Whoever computes a task of the job, or checks one, gets the job key *sealed*: encrypted, again by age, to the *encryption
//! key* of its own executor.

use crate::{blake2, AccountId, Hash, JobId, TaskId};
use alloc::vec::Vec;
use codec::{Decode, Encode};

/// How an encrypted input begins.
pub const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// Most bytes of its header, from [`MAGIC`] to the end of the line that begins with `---`.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Most bytes of a sealed job key.
pub const MAX_SEALED_BYTES: usize = 2 * 1024;
/// Most characters of a public encryption key.
pub const MAX_RECIPIENT_CHARS: usize = 128;

/// Whether the input that begins with `start` is encrypted.
pub fn is_encrypted(start: &[u8]) -> bool {
    start.starts_with(MAGIC)
}

/// What a worker key signs of its executor's encryption key, so that nobody can put another one in its place.
pub fn encryption_key_statement(genesis: &Hash, recipient: &str) -> Vec<u8> {
    (b"dpin/encryption-key", genesis, recipient).encode()
}

/// What a requester signs of a sealed job key, so that nobody else can put one in its place: `worker` is whom it is sealed to.
pub fn job_key_statement(genesis: &Hash, job: JobId, worker: &AccountId, sealed: &[u8]) -> Vec<u8> {
    (b"dpin/job-key", genesis, job, worker, blake2(sealed)).encode()
}

/// A job key that an executor waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WantedKey {
    /// The task that needs it.
    pub task: TaskId,
    /// Whether the task is only checked: then its worker has the key. Otherwise the requester brings it.
    pub checks: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_with_the_whole_line_is_encrypted() {
        assert!(is_encrypted(b"age-encryption.org/v1\n-> X25519 "));
        for plain in [&b""[..], b"age-encryption.org/v1", b"age-encryption.org/v2\n", b" age-encryption.org/v1\n"] {
            assert!(!is_encrypted(plain));
        }
    }

    #[test]
    fn statements_differ_in_all_they_name() {
        let (one, two) = (Hash::repeat_byte(1), Hash::repeat_byte(2));
        assert_ne!(encryption_key_statement(&one, "age1a"), encryption_key_statement(&two, "age1a"));
        assert_ne!(encryption_key_statement(&one, "age1a"), encryption_key_statement(&one, "age1b"));
        let (alice, bob) = (AccountId::new([1; 32]), AccountId::new([2; 32]));
        let statement = job_key_statement(&one, 1, &alice, b"sealed");
        for other in [
            job_key_statement(&two, 1, &alice, b"sealed"),
            job_key_statement(&one, 2, &alice, b"sealed"),
            job_key_statement(&one, 1, &bob, b"sealed"),
            job_key_statement(&one, 1, &alice, b"Sealed"),
        ] {
            assert_ne!(statement, other);
        }
    }
}
