//! Confidential inputs: which blobs are encrypted, and which statements are signed about their
//! keys.
//!
//! An input blob that begins with [`MAGIC`] is an [age](https://age-encryption.org/v1) file. Every
//! executor decrypts it before the kernel sees it. There is no other mark, on the chain or
//! elsewhere.
//!
//! Encrypted inputs are encrypted to a *job key*, which the requester makes for this one job. The
//! workers that compute or check a task of the job receive the job key *sealed*. A sealed key is
//! encrypted with age to the *encryption key* of the worker's own executor.

use crate::{AccountId, Hash, JobId, TaskId, blake2};
use alloc::vec::Vec;
use codec::{Decode, Encode};

/// The first bytes of an encrypted input.
pub const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// Maximum length of the header in bytes, from [`MAGIC`] to the end of the line that begins with
/// `---`.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Maximum length of a sealed job key in bytes.
pub const MAX_SEALED_BYTES: usize = 2 * 1024;
/// Maximum length of a public encryption key in characters.
pub const MAX_RECIPIENT_CHARS: usize = 128;

/// Whether an input that begins with `start` is encrypted.
pub fn is_encrypted(start: &[u8]) -> bool {
    start.starts_with(MAGIC)
}

/// The statement about its executor's encryption key that a worker key signs. The signature keeps
/// others from replacing the key.
pub fn encryption_key_statement(genesis: &Hash, recipient: &str) -> Vec<u8> {
    (b"dpin/encryption-key", genesis, recipient).encode()
}

/// The statement about a sealed job key that a requester signs. The signature keeps others from
/// replacing the key.
///
/// `worker` is the worker whose executor the job key is sealed to.
pub fn job_key_statement(genesis: &Hash, job: JobId, worker: &AccountId, sealed: &[u8]) -> Vec<u8> {
    (b"dpin/job-key", genesis, job, worker, blake2(sealed)).encode()
}

/// A job key that an executor waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WantedKey {
    /// The task that needs the key.
    pub task: TaskId,
    /// Whether the task is only checked. Then its worker has the key; otherwise the requester
    /// provides it.
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
