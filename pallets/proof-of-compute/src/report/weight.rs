//! The weights of reports and of the checks before them.

use super::seal_count;
use crate::*;
use dpin_primitives::{Hash, job::MAX_AUDITORS};
use polkadot_sdk::frame_support::weights::Weight;

/// Maximum weight of an opening, without closing the task.
pub(crate) fn weight_of_open<T: Config>(leaves: &[Hash], proof: &[Hash]) -> Weight {
    let count = leaves.len() as u32;
    let right =
        T::WeightInfo::open_right(count, MAX_AUDITORS).max(T::WeightInfo::open_right_native(count, MAX_AUDITORS));
    let opening = T::WeightInfo::open(count).max(right);
    opening.saturating_add(T::WeightInfo::hash_nodes(proof.len() as u32))
}

/// Maximum weight of the check of an opening. Its proof is not hashed pair by pair, but signed.
pub(crate) fn weight_of_authorize_open<T: Config>(leaves: &[Hash], proof: &[Hash]) -> Weight {
    let checked = T::WeightInfo::authorize_open(leaves.len() as u32);
    checked.saturating_add(T::WeightInfo::hash_nodes(proof.len() as u32))
}

/// Maximum weight of a batch.
///
/// Each report weighs as the call for it alone, with the closing of a small job; each seal weighs
/// the filing of its task. The closing of one of the largest jobs counts twice, because a second
/// one is undone.
pub(crate) fn weight_of<T: Config>(reports: &Reports) -> Weight {
    let one = Pallet::<T>::close_one_weight();
    let own = reports.iter().map(|report| match report {
        Report::Commit { .. } => T::WeightInfo::commit().saturating_add(one),
        Report::Failure { .. } => T::WeightInfo::report_failure().saturating_add(one),
        Report::Seal { .. } => T::WeightInfo::refile_task(),
        Report::Open { leaves, proof, .. } => weight_of_open::<T>(leaves, proof).saturating_add(one),
        Report::Reveal { leaves, .. } => T::WeightInfo::reveal(leaves.len() as u32).saturating_add(one),
    });
    let all = own.fold(T::WeightInfo::report_many(seal_count(reports)), |sum, weight| sum.saturating_add(weight));
    let closes = reports.len() as u32 > seal_count(reports);
    all.saturating_add(if closes { Pallet::<T>::close_weight().saturating_mul(2) } else { Weight::zero() })
}

/// Maximum weight of the check of a batch: one signature, and each report without one.
pub(crate) fn weight_of_authorize<T: Config>(reports: &Reports) -> Weight {
    let signed = T::WeightInfo::authorize_report();
    let own = reports.iter().map(|report| match report {
        Report::Commit { .. } => T::WeightInfo::authorize_commit().saturating_sub(signed),
        Report::Failure { .. } | Report::Seal { .. } => Weight::zero(),
        Report::Open { leaves, proof, .. } => weight_of_authorize_open::<T>(leaves, proof).saturating_sub(signed),
        Report::Reveal { leaves, .. } => T::WeightInfo::authorize_open(leaves.len() as u32).saturating_sub(signed),
    });
    own.fold(T::WeightInfo::authorize_report_many(reports.len() as u32), |sum, weight| sum.saturating_add(weight))
}
