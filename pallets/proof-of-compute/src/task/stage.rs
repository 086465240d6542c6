//! The stages of a task, each with what it carries along.

use super::{Case, Jury};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    AccountId, Balance, BlockNumber, Hash,
    api::{BondAtStake, BondFate, JuryPhase, TaskStage},
    executor::Commitment,
    job::MAX_AUDITORS,
    worker::Region,
};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// A worker engaged for an attempt, with what it has at stake.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Run {
    /// The worker.
    pub worker: AccountId,
    /// Its bond locked for the attempt, in planck.
    pub bond: Balance,
    /// Where it stood when it was drawn.
    pub region: Region,
}

impl Run {
    /// The worker's bond after a dispute.
    pub(crate) fn bond_after(&self, fate: BondFate) -> BondAtStake {
        BondAtStake { who: self.worker.clone(), amount: self.bond, fate }
    }
}

/// A commitment and those who check it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Audit {
    /// The worker.
    pub run: Run,
    /// What it committed to.
    pub commitment: Commitment,
    /// The seed of the sample.
    pub seed: Hash,
    /// Tiles to be drawn: what the requester asked for, and more for a worker that has not proved
    /// itself.
    pub samples: u32,
    /// Bond locked of each auditor, in planck.
    pub auditor_bond: Balance,
    /// The auditors and their seals.
    pub auditors: BoundedVec<(AccountId, Option<Hash>), ConstU32<MAX_AUDITORS>>,
}

/// A result that was found right.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Proven {
    /// The worker.
    pub run: Run,
    /// What it committed to.
    pub commitment: Commitment,
    /// The auditors that sealed right.
    pub auditors: BoundedVec<AccountId, ConstU32<MAX_AUDITORS>>,
}

/// Where a task stands. Every stage has a deadline, `due`: the last block in which what it waits
/// for may happen.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Stage {
    /// Waits for a worker.
    Queued {
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the worker's commitment.
    Assigned {
        /// The worker.
        run: Run,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for fresh randomness and auditors.
    Committed {
        /// The worker.
        run: Run,
        /// What it committed to.
        commitment: Commitment,
        /// The count of fresh VRF outputs from which the sample may be drawn.
        drawable_at: u64,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the auditors' seals.
    Auditing {
        /// Commitment and auditors.
        audit: Audit,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the worker's opening.
    Opening {
        /// Commitment, auditors and seals.
        audit: Audit,
        /// Deadline.
        due: BlockNumber,
    },
    /// Disputed; waits for fresh randomness and a jury.
    Summoning {
        /// What it has to decide.
        case: Case,
        /// The count of fresh VRF outputs from which it may be drawn.
        drawable_at: u64,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the jurors' seals.
    Deliberating {
        /// What they have to decide.
        case: Case,
        /// The jury.
        jury: Jury,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the jurors to reveal what they found, and for the worker to open a challenged
    /// tile.
    Revealing {
        /// What they have to decide.
        case: Case,
        /// The jury.
        jury: Jury,
        /// Deadline.
        due: BlockNumber,
    },
    /// Found right; paid when the challenge window closes.
    Verified {
        /// The result.
        proven: Proven,
        /// Last block of the window.
        due: BlockNumber,
    },
}

impl Stage {
    /// The deadline.
    pub fn due(&self) -> BlockNumber {
        match self {
            Stage::Queued { due }
            | Stage::Assigned { due, .. }
            | Stage::Committed { due, .. }
            | Stage::Auditing { due, .. }
            | Stage::Opening { due, .. }
            | Stage::Summoning { due, .. }
            | Stage::Deliberating { due, .. }
            | Stage::Revealing { due, .. }
            | Stage::Verified { due, .. } => *due,
        }
    }

    /// The worker engaged, if any.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Stage::Queued { .. } => None,
            Stage::Assigned { run, .. } | Stage::Committed { run, .. } => Some(run),
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(&audit.run),
            Stage::Summoning { case, .. } | Stage::Deliberating { case, .. } | Stage::Revealing { case, .. } => {
                Some(case.run())
            }
            Stage::Verified { proven, .. } => Some(&proven.run),
        }
    }

    /// What the worker has committed to, if it has.
    pub fn commitment(&self) -> Option<Commitment> {
        match self {
            Stage::Queued { .. } | Stage::Assigned { .. } => None,
            Stage::Committed { commitment, .. } => Some(*commitment),
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(audit.commitment),
            Stage::Summoning { case, .. } | Stage::Deliberating { case, .. } | Stage::Revealing { case, .. } => {
                Some(*case.commitment())
            }
            Stage::Verified { proven, .. } => Some(proven.commitment),
        }
    }

    /// The round of reports that the task waits for: the seed of the jury or audit under way, zero
    /// where there is none. Forks draw different samples; a report on the one must never count on
    /// the other.
    pub fn round(&self) -> Hash {
        match self {
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => audit.seed,
            Stage::Deliberating { jury, .. } | Stage::Revealing { jury, .. } => jury.seed,
            _ => Hash::zero(),
        }
    }

    /// The audit whose auditors are engaged, if any: also while a jury judges it.
    pub fn audit(&self) -> Option<&Audit> {
        match self {
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(audit),
            _ => match self.case() {
                Some(Case::Seals { audit, .. }) => Some(audit),
                _ => None,
            },
        }
    }

    /// What a jury has to decide, if one is called for.
    pub fn case(&self) -> Option<&Case> {
        match self {
            Stage::Summoning { case, .. } | Stage::Deliberating { case, .. } | Stage::Revealing { case, .. } => {
                Some(case)
            }
            _ => None,
        }
    }

    /// The jury, if there is one.
    pub fn jury(&self) -> Option<&Jury> {
        match self {
            Stage::Deliberating { jury, .. } | Stage::Revealing { jury, .. } => Some(jury),
            _ => None,
        }
    }

    /// The stage as the runtime API tells it; `sample` are the tiles of the audit or dispute under
    /// way.
    pub fn public(&self, sample: alloc::vec::Vec<u32>) -> TaskStage {
        let disputed = |case: &Case, due: BlockNumber, phase, tiles| TaskStage::Disputed {
            due,
            cause: case.cause(),
            phase,
            tiles,
        };
        match self {
            Stage::Queued { due } => TaskStage::Queued { due: *due },
            Stage::Assigned { due, .. } => TaskStage::Assigned { due: *due },
            Stage::Committed { due, .. } => TaskStage::Committed { due: *due },
            Stage::Auditing { due, .. } => TaskStage::Auditing { due: *due, sample },
            Stage::Opening { due, .. } => TaskStage::Opening { due: *due, sample },
            Stage::Summoning { case, due, .. } => disputed(case, *due, JuryPhase::Summoning, sample),
            Stage::Deliberating { case, due, .. } => disputed(case, *due, JuryPhase::Sealing, sample),
            Stage::Revealing { case, due, .. } => disputed(case, *due, JuryPhase::Revealing, sample),
            Stage::Verified { due, .. } => TaskStage::Verified { due: *due },
        }
    }
}
