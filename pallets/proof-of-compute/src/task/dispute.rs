//! A dispute: the question, the jury, and its answers.

use super::{Audit, Proven, Run};
use crate::verdict::JURY;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    AccountId, Balance, BlockNumber, Hash, api::DisputeCause, executor::Commitment, sampling::sample, traits::TaskBrief,
};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// The question that a jury has to decide.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Case {
    /// Seals contradict the opening: what are the leaves of the sample?
    Seals {
        /// The audit.
        audit: Audit,
        /// Digest of the leaves that the worker has opened.
        claim: Hash,
    },
    /// Somebody says that a tile of a verified result is wrong: what is its leaf?
    Challenge {
        /// The result.
        proven: Proven,
        /// The last block of its challenge window.
        until: BlockNumber,
        /// The account that has challenged the tile.
        challenger: AccountId,
        /// Bond of the challenger, in planck.
        bond: Balance,
        /// The tile.
        tile: u32,
        /// Digest of the leaf, once the worker has opened the tile.
        claim: Option<Hash>,
    },
    /// The requester says that it cannot fetch the output: what are the leaves of the tiles that a
    /// juror is given? There are none if it cannot fetch them either.
    Withheld {
        /// The result.
        proven: Proven,
        /// The last block of its challenge window.
        until: BlockNumber,
        /// Bond of the requester, in planck.
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

    /// The worker's commitment.
    pub fn commitment(&self) -> &Commitment {
        match self {
            Case::Seals { audit, .. } => &audit.commitment,
            Case::Challenge { proven, .. } | Case::Withheld { proven, .. } => &proven.commitment,
        }
    }

    /// The cause of the dispute, as the runtime API returns it.
    pub fn cause(&self) -> DisputeCause {
        match self {
            Case::Seals { .. } => DisputeCause::Seals,
            Case::Challenge { .. } => DisputeCause::Challenge,
            Case::Withheld { .. } => DisputeCause::Withheld,
        }
    }

    /// The cause of the dispute, for its event.
    pub(crate) fn dispute(&self) -> Dispute {
        match self {
            Case::Seals { .. } => Dispute::Seals,
            Case::Challenge { challenger, tile, .. } => {
                Dispute::Challenge { challenger: challenger.clone(), tile: *tile }
            }
            Case::Withheld { .. } => Dispute::Withheld,
        }
    }

    /// The tiles that the jury looks at. Of a withheld output the jury's seed draws `fetched`
    /// tiles.
    pub(crate) fn sample(&self, jury: Option<&Jury>, brief: &TaskBrief, fetched: u32) -> Vec<u32> {
        match (self, jury) {
            (Case::Seals { audit, .. }, _) => audit.sample(brief),
            (Case::Challenge { tile, .. }, _) => alloc::vec![*tile],
            (Case::Withheld { .. }, Some(jury)) => sample(jury.seed, brief.tiling.tiles(brief.group_count), fetched),
            (Case::Withheld { .. }, None) => Vec::new(),
        }
    }

    /// Whether an account is a party, and so cannot be a juror.
    pub fn is_party(&self, who: &AccountId) -> bool {
        self.run().worker == *who
            || match self {
                Case::Seals { audit, .. } => audit.auditors.iter().any(|(auditor, _)| auditor == who),
                Case::Challenge { proven, challenger, .. } => challenger == who || proven.auditors.contains(who),
                Case::Withheld { proven, .. } => proven.auditors.contains(who),
            }
    }
}

/// The cause of a dispute.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Dispute {
    /// Seals contradict the opening.
    Seals,
    /// Somebody challenged a tile.
    Challenge {
        /// The challenger.
        challenger: AccountId,
        /// The tile.
        tile: u32,
    },
    /// The requester cannot fetch the output.
    Withheld,
}

/// The finding of a juror.
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
    /// The worker.
    pub who: AccountId,
    /// Its salted seal.
    pub seal: Option<Hash>,
    /// The finding that it has revealed.
    pub finding: Option<Finding>,
}

/// A jury.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Jury {
    /// The seed with which it was drawn.
    pub seed: Hash,
    /// Bond locked of each juror, in planck.
    pub bond: Balance,
    /// The jurors.
    pub jurors: BoundedVec<Juror, ConstU32<JURY>>,
}

impl Jury {
    pub(crate) fn juror(&self, who: &AccountId) -> Option<&Juror> {
        self.jurors.iter().find(|juror| juror.who == *who)
    }

    /// Number of jurors that have sealed.
    pub(crate) fn seals(&self) -> usize {
        self.jurors.iter().filter(|juror| juror.seal.is_some()).count()
    }

    /// Whether every juror that has sealed has revealed its finding.
    pub(crate) fn has_revealed(&self) -> bool {
        self.jurors.iter().all(|juror| juror.seal.is_none() || juror.finding.is_some())
    }
}
