//! A dispute: the question, the jury, and its answers.

use super::{Audit, Proven, Run};
use crate::verdict::JURY;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{AccountId, Balance, BlockNumber, Hash, api::DisputeCause, executor::Commitment};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// What a jury has to decide.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Case {
    /// Seals contradict the opening: what are the leaves of the sample?
    Seals {
        /// The audit.
        audit: Audit,
        /// Digest of the leaves the worker has opened.
        claim: Hash,
    },
    /// Somebody says that a tile of a result that was found right is wrong: what is its leaf?
    Challenge {
        /// The result.
        proven: Proven,
        /// When its challenge window ends.
        until: BlockNumber,
        /// Who says so.
        challenger: AccountId,
        /// What it has put up, in planck.
        bond: Balance,
        /// The tile.
        tile: u32,
        /// Digest of the leaf, once the worker has opened the tile.
        claim: Option<Hash>,
    },
    /// The requester says that it cannot fetch the output: what are the leaves of the tiles a juror
    /// is given? None if it cannot fetch them either.
    Withheld {
        /// The result.
        proven: Proven,
        /// When its challenge window ends.
        until: BlockNumber,
        /// What the requester has put up, in planck.
        bond: Balance,
    },
}

impl Case {
    /// The worker.
    pub fn run(&self) -> &Run {
        match self {
            Case::Seals { audit, .. } => &audit.run,
            Case::Challenge { proven, .. } | Case::Withheld { proven, .. } => &proven.run,
        }
    }

    /// What the worker has committed to.
    pub fn commitment(&self) -> &Commitment {
        match self {
            Case::Seals { audit, .. } => &audit.commitment,
            Case::Challenge { proven, .. } | Case::Withheld { proven, .. } => &proven.commitment,
        }
    }

    /// What called for the jury, as the runtime API tells it.
    pub fn cause(&self) -> DisputeCause {
        match self {
            Case::Seals { .. } => DisputeCause::Seals,
            Case::Challenge { .. } => DisputeCause::Challenge,
            Case::Withheld { .. } => DisputeCause::Withheld,
        }
    }

    /// Whether somebody is a party and so no juror.
    pub fn is_party(&self, who: &AccountId) -> bool {
        self.run().worker == *who
            || match self {
                Case::Seals { audit, .. } => audit.auditors.iter().any(|(auditor, _)| auditor == who),
                Case::Challenge { proven, challenger, .. } => challenger == who || proven.auditors.contains(who),
                Case::Withheld { proven, .. } => proven.auditors.contains(who),
            }
    }
}

/// What calls for a jury.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Dispute {
    /// Seals contradict the opening.
    Seals,
    /// Somebody challenged a tile.
    Challenge {
        /// Who.
        challenger: AccountId,
        /// Which.
        tile: u32,
    },
    /// The requester cannot fetch the output.
    Withheld,
}

/// What a juror has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Finding {
    /// Digest of its leaves: [`dpin_primitives::seal::finding`].
    pub leaves: Hash,
    /// The auditors whose seals fit these leaves: bit i stands for the i-th.
    pub agreeing: u8,
}

/// A juror.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Juror {
    /// Who.
    pub who: AccountId,
    /// Its salted seal.
    pub seal: Option<Hash>,
    /// What it has revealed.
    pub finding: Option<Finding>,
}

/// A jury.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Jury {
    /// The seed it was drawn with.
    pub seed: Hash,
    /// Bond locked of each juror, in planck.
    pub bond: Balance,
    /// The jurors.
    pub jurors: BoundedVec<Juror, ConstU32<JURY>>,
}
