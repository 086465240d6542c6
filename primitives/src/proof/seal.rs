//! Seals: an auditor's digest over the sample, given before the worker opens it.

use crate::{AccountId, Hash, TaskId, blake2};
use codec::Encode;

/// Compute an auditor's seal: blake2_256(auditor ‖ task ‖ attempt ‖ leaf_s1 ‖ … ‖ leaf_sk), with
/// the leaves in the order of the sample.
///
/// The auditor's account salts the seal, so a copied seal is worth nothing. Task and attempt
/// prevent replay. The leaves themselves contain the chain's genesis hash.
pub fn seal(auditor: &AccountId, task: TaskId, attempt: u8, leaves: &[Hash]) -> Hash {
    let mut bytes = (auditor, task, attempt).encode();
    leaves.iter().for_each(|leaf| bytes.extend_from_slice(leaf.as_bytes()));
    blake2(&bytes)
}

/// Compute a juror's seal: blake2_256(seal ‖ salt).
///
/// One set of leaves is public already when a jury is summoned. Somebody who guesses that set could
/// tell a juror's finding from a plain seal. The salt stays secret until the juror reveals.
pub fn salted_seal(juror: &AccountId, task: TaskId, attempt: u8, leaves: &[Hash], salt: &Hash) -> Hash {
    blake2(&(seal(juror, task, attempt, leaves), salt).encode())
}

/// Compute the digest of a juror's finding: blake2_256(leaf_s1 ‖ … ‖ leaf_sk). Equal findings have
/// equal digests.
pub fn finding(leaves: &[Hash]) -> Hash {
    let mut bytes = alloc::vec::Vec::with_capacity(leaves.len().saturating_mul(32));
    leaves.iter().for_each(|leaf| bytes.extend_from_slice(leaf.as_bytes()));
    blake2(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_bound_to_auditor_task_attempt_and_leaves() {
        let (alice, bob) = (AccountId::new([1; 32]), AccountId::new([2; 32]));
        let task = TaskId { job: 1, index: 0 };
        let leaves = [Hash::repeat_byte(1), Hash::repeat_byte(2)];
        let mine = seal(&alice, task, 0, &leaves);
        assert_ne!(mine, seal(&bob, task, 0, &leaves));
        assert_ne!(mine, seal(&alice, TaskId { job: 1, index: 1 }, 0, &leaves));
        assert_ne!(mine, seal(&alice, task, 1, &leaves));
        assert_ne!(mine, seal(&alice, task, 0, &[leaves[1], leaves[0]]));
        assert_ne!(mine, seal(&alice, task, 0, &leaves[..1]));
    }
}
