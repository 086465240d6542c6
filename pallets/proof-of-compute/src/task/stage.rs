//! The stages of a task, each with its data.

use super::{Case, Juror, Jury};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    AccountId, Balance, BlockNumber, Hash, TaskId,
    api::{BondAtStake, BondFate, JuryPhase, TaskStage},
    executor::Commitment,
    job::MAX_AUDITORS,
    sampling::sample,
    seal::seal,
    traits::TaskBrief,
    worker::Region,
};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// A worker engaged for an attempt, with its stake.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Run {
    /// The worker.
    pub worker: AccountId,
    /// Its bond locked for the attempt, in planck.
    pub bond: Balance,
    /// The worker's region when it was drawn.
    pub region: Region,
}

impl Run {
    /// The worker's bond after a dispute.
    pub(crate) fn bond_after(&self, fate: BondFate) -> BondAtStake {
        BondAtStake { who: self.worker.clone(), amount: self.bond, fate }
    }
}

/// A commitment and its auditors.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Audit {
    /// The worker.
    pub run: Run,
    /// The worker's commitment.
    pub commitment: Commitment,
    /// The seed of the sample.
    pub seed: Hash,
    /// Number of tiles in the sample: the number that the requester asked for, and more for a
    /// worker that has not proved itself.
    pub samples: u32,
    /// Bond locked of each auditor, in planck.
    pub auditor_bond: Balance,
    /// The auditors and their seals.
    pub auditors: BoundedVec<(AccountId, Option<Hash>), ConstU32<MAX_AUDITORS>>,
}

impl Audit {
    /// The tiles of the sample.
    pub(crate) fn sample(&self, brief: &TaskBrief) -> alloc::vec::Vec<u32> {
        sample(self.seed, brief.tiling.tiles(brief.group_count), self.samples)
    }

    /// Number of auditors that have sealed.
    pub(crate) fn seals(&self) -> usize {
        self.auditors.iter().filter(|(_, seal)| seal.is_some()).count()
    }

    /// The auditors whose seals fit these leaves: bit i stands for the i-th.
    pub(crate) fn agreeing(&self, task: TaskId, attempt: u8, leaves: &[Hash]) -> u8 {
        let fits =
            |auditor, given: &Option<Hash>| given.is_some_and(|given| given == seal(auditor, task, attempt, leaves));
        let fitting = self.auditors.iter().enumerate().filter(|(_, (auditor, given))| fits(auditor, given));
        fitting.fold(0, |bits, (position, _)| bits | 1u8.checked_shl(position as u32).unwrap_or(0))
    }
}

/// A verified result.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Proven {
    /// The worker.
    pub run: Run,
    /// The worker's commitment.
    pub commitment: Commitment,
    /// The auditors that sealed right.
    pub auditors: BoundedVec<AccountId, ConstU32<MAX_AUDITORS>>,
}

/// The stage of a task. Every stage has a deadline, `due`: the last block in which the awaited
/// step may happen.
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
        /// The worker's commitment.
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
        /// The case to decide.
        case: Case,
        /// The count of fresh VRF outputs from which the jury may be drawn.
        drawable_at: u64,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the jurors' seals.
    Deliberating {
        /// The case to decide.
        case: Case,
        /// The jury.
        jury: Jury,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the jurors to reveal their findings, and for the worker to open a challenged tile.
    Revealing {
        /// The case to decide.
        case: Case,
        /// The jury.
        jury: Jury,
        /// Deadline.
        due: BlockNumber,
    },
    /// Verified; paid when the challenge window closes.
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

    /// The engaged worker, if there is one.
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

    /// The worker's commitment, if it has committed.
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

    /// The round of the reports that the task waits for: the seed of the jury or audit under way,
    /// zero without one. Forks draw different samples, so a report on one fork must never count on
    /// another.
    pub fn round(&self) -> Hash {
        match self {
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => audit.seed,
            Stage::Deliberating { jury, .. } | Stage::Revealing { jury, .. } => jury.seed,
            _ => Hash::zero(),
        }
    }

    /// The audit whose auditors are engaged, if there is one, also while a jury judges it.
    pub fn audit(&self) -> Option<&Audit> {
        match self {
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(audit),
            _ => match self.case() {
                Some(Case::Seals { audit, .. }) => Some(audit),
                _ => None,
            },
        }
    }

    /// The case that a jury has to decide, if there is one.
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

    /// The count of fresh VRF outputs for which the task waits, if it waits for a draw.
    pub(crate) fn drawable_at(&self) -> Option<u64> {
        match self {
            Stage::Committed { drawable_at, .. } | Stage::Summoning { drawable_at, .. } => Some(*drawable_at),
            _ => None,
        }
    }

    /// Whether an account has a part in the audit or dispute, and so cannot check the result.
    pub(crate) fn is_party(&self, who: &AccountId) -> bool {
        match self.case() {
            Some(case) => case.is_party(who),
            None => self.run().is_some_and(|run| run.worker == *who),
        }
    }

    pub(crate) fn juror_mut(&mut self, who: &AccountId) -> Option<&mut Juror> {
        match self {
            Stage::Deliberating { jury, .. } | Stage::Revealing { jury, .. } => {
                jury.jurors.iter_mut().find(|juror| juror.who == *who)
            }
            _ => None,
        }
    }

    /// Record the seal of an auditor or a juror.
    pub(crate) fn give_seal(&mut self, who: &AccountId, seal: Hash) {
        let given = match self {
            Stage::Auditing { audit, .. } => {
                audit.auditors.iter_mut().find(|(auditor, _)| auditor == who).map(|(_, given)| given)
            }
            _ => self.juror_mut(who).map(|juror| &mut juror.seal),
        };
        if let Some(given) = given {
            *given = Some(seal);
        }
    }

    /// Whether the task waits for seals, and has all of them.
    pub(crate) fn is_sealed(&self) -> bool {
        match self {
            Stage::Auditing { audit, .. } => audit.seals() == audit.auditors.len(),
            Stage::Deliberating { jury, .. } => jury.seals() == jury.jurors.len(),
            _ => false,
        }
    }

    /// The stage that follows the seals: until `due` the worker opens, or the jury reveals.
    pub(crate) fn after_seals(self, due: BlockNumber) -> Stage {
        match self {
            Stage::Auditing { audit, .. } => Stage::Opening { audit, due },
            Stage::Deliberating { case, jury, .. } => Stage::Revealing { case, jury, due },
            other => other,
        }
    }

    /// The stage as the runtime API returns it. `sample` has the tiles of the audit or dispute.
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
