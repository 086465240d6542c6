//! Seals: an auditor's digest over the sample, given before the worker opens it.
//!
//! The functions [`seal`] and [`salted_seal`] name a task by its number. The methods of [`DutyId`]
//! bind a seal to the content of the task instead.

use crate::{AccountId, Hash, TaskId, blake2, duty::DutyId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The answer of one seat of a panel.
///
/// A panel that computes tiles answers with leaves or a fault. A panel that checks a claim, such as
/// a blame, answers whether the claim holds.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(serde::Deserialize, schemars::JsonSchema), schemars(rename = "FindingView"))]
pub enum Finding {
    /// The [digest](finding) of the leaves of the sample.
    Leaves(#[cfg_attr(feature = "json", schemars(with = "crate::json::HexHash"))] Hash),
    /// The kernel broke a rule of its language in the sample, so that there is no result.
    Fault,
    /// The claim holds.
    Holds,
    /// The claim does not hold.
    Fails,
}

impl DutyId {
    /// Compute the seal of an auditor: blake2_256("dpin/seal" ‖ auditor ‖ duty ‖ finding).
    ///
    /// The auditor's account is a part of the seal, so a copied seal is worth nothing. The duty
    /// prevents replay. There is no salt, because nothing of the output is public before the
    /// opening.
    pub fn seal(&self, auditor: &AccountId, finding: &Finding) -> Hash {
        blake2(&(b"dpin/seal", auditor, self, finding).encode())
    }

    /// Compute the seal of a seat whose panel decides between public claims:
    /// blake2_256("dpin/salted-seal" ‖ juror ‖ duty ‖ finding ‖ salt).
    ///
    /// Somebody who guesses a claim could tell the finding from a plain seal. The 32 bytes of salt
    /// stay secret until the seat reveals.
    pub fn salted_seal(&self, juror: &AccountId, finding: &Finding, salt: &Hash) -> Hash {
        blake2(&(b"dpin/salted-seal", juror, self, finding, salt).encode())
    }
}

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
    use alloc::collections::BTreeSet;

    #[test]
    fn each_input_changes_the_seal() {
        let [alice, bob] = [1, 2].map(|byte| AccountId::new([byte; 32]));
        let [one, two] = [1, 2].map(|byte| DutyId(Hash::repeat_byte(byte)));
        let leaves = |byte| Finding::Leaves(Hash::repeat_byte(byte));
        let inputs = [
            (&alice, one, leaves(1)),
            (&bob, one, leaves(1)),
            (&alice, two, leaves(1)),
            (&alice, one, leaves(2)),
            (&alice, one, Finding::Fault),
            (&alice, one, Finding::Holds),
            (&alice, one, Finding::Fails),
        ];
        let plain = inputs.map(|(who, duty, finding)| duty.seal(who, &finding));
        let [salt, other] = [3, 4].map(Hash::repeat_byte);
        let salted = inputs.map(|(who, duty, finding)| duty.salted_seal(who, &finding, &salt));
        let resalted = inputs.map(|(who, duty, finding)| duty.salted_seal(who, &finding, &other));
        let all = plain.iter().chain(&salted).chain(&resalted);
        assert_eq!(all.collect::<BTreeSet<_>>().len(), 3 * inputs.len());
    }

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
