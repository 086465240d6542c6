//! The live state of a task, and the numbers that govern it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    api::TaskStage, executor::Commitment, job::MAX_AUDITORS, reason::ReasonCode, worker::Region, AccountId, AssetKind,
    Balance, BlockNumber, Hash, TaskId,
};
use polkadot_sdk::{
    frame_support::{traits::ConstU32, BoundedVec},
    sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, FixedPointNumber, FixedU128, Perbill, Rounding},
};
use scale_info::TypeInfo;

/// Most attempts at one task that governance may allow.
pub const MAX_ATTEMPTS: u32 = 8;
/// How often auditors are drawn again when none of them has sealed.
pub const MAX_REDRAWS: u8 = 2;

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

/// A commitment and those who check it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Audit {
    /// The worker.
    pub run: Run,
    /// What it committed to.
    pub commitment: Commitment,
    /// The seed of the sample.
    pub seed: Hash,
    /// Bond locked of each auditor, in planck.
    pub auditor_bond: Balance,
    /// The auditors and their seals.
    pub auditors: BoundedVec<(AccountId, Option<Hash>), ConstU32<MAX_AUDITORS>>,
}

/// Where a task stands. Every stage has a deadline, `due`: the last block in which what it waits for may happen.
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
    /// Found right; paid when the challenge window closes.
    Verified {
        /// The worker.
        run: Run,
        /// What it committed to.
        commitment: Commitment,
        /// The auditors that sealed right.
        auditors: BoundedVec<AccountId, ConstU32<MAX_AUDITORS>>,
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
            | Stage::Verified { due, .. } => *due,
        }
    }

    /// The worker engaged, if any.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Stage::Queued { .. } => None,
            Stage::Assigned { run, .. } | Stage::Committed { run, .. } | Stage::Verified { run, .. } => Some(run),
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(&audit.run),
        }
    }

    /// What the worker has committed to, if it has.
    pub fn commitment(&self) -> Option<Commitment> {
        match self {
            Stage::Queued { .. } | Stage::Assigned { .. } => None,
            Stage::Committed { commitment, .. } | Stage::Verified { commitment, .. } => Some(*commitment),
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(audit.commitment),
        }
    }

    /// The round of reports that the task waits for: the seed of the audit under way, zero where there is none. Forks draw
    /// different samples; a report on the one must never count on the other.
    pub fn round(&self) -> Hash {
        self.audit().map(|audit| audit.seed).unwrap_or_default()
    }

    /// The audit under way, if any.
    pub fn audit(&self) -> Option<&Audit> {
        match self {
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(audit),
            _ => None,
        }
    }

    /// The stage as the runtime API tells it; `sample` are the tiles of the audit under way.
    pub fn public(&self, sample: alloc::vec::Vec<u32>) -> TaskStage {
        match self {
            Stage::Queued { due } => TaskStage::Queued { due: *due },
            Stage::Assigned { due, .. } => TaskStage::Assigned { due: *due },
            Stage::Committed { due, .. } => TaskStage::Committed { due: *due },
            Stage::Auditing { due, .. } => TaskStage::Auditing { due: *due, sample },
            Stage::Opening { due, .. } => TaskStage::Opening { due: *due, sample },
            Stage::Verified { due, .. } => TaskStage::Verified { due: *due },
        }
    }
}

/// An open task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct TaskState {
    /// Attempts that have failed.
    pub attempt: u8,
    /// How often the auditors of this attempt were drawn again.
    pub redraws: u8,
    /// Why the last attempt failed.
    pub last_failure: Option<ReasonCode>,
    /// The workers of the failed attempts: they do not get the task again.
    pub tried: BoundedVec<AccountId, ConstU32<MAX_ATTEMPTS>>,
    /// Where it stands.
    pub stage: Stage,
}

/// What somebody is to a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Role {
    /// Computes it.
    Worker,
    /// Checks it.
    Auditor,
}

/// Something a worker owes the chain: what its off-chain worker looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Duty {
    /// The task.
    pub task: TaskId,
    /// As what.
    pub role: Role,
}

/// The chain's running randomness.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Entropy {
    /// Hash of all VRF outputs so far, up to the parent block's.
    pub seed: Hash,
    /// How many VRF outputs went into it.
    pub fresh: u64,
}

/// The numbers that govern audits; governance may turn them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    /// m: VRF outputs of blocks after the commitment's own that a sample's seed must contain.
    pub fresh_outputs: u32,
    /// Blocks a task waits for a worker.
    pub queue_blocks: BlockNumber,
    /// Blocks after a commitment within which all auditors must be found; then fewer are enough.
    pub draw_blocks: BlockNumber,
    /// Blocks auditors have to seal.
    pub seal_blocks: BlockNumber,
    /// Blocks a worker has to open.
    pub open_blocks: BlockNumber,
    /// Attempts at a task, 1 to [`MAX_ATTEMPTS`].
    pub max_attempts: u8,
    /// A worker's bond for a task, as a multiple of the reward.
    pub bond_factor: FixedU128,
    /// Price of one unit of another asset in DPN, by which bonds for jobs paid in it are reckoned.
    pub asset_price: FixedU128,
    /// Least bond of a worker for a task, in planck.
    pub min_task_bond: Balance,
    /// An auditor's bond for a task, in planck.
    pub audit_bond: Balance,
    /// Share of the locked bond that silence costs.
    pub silence_slash: Perbill,
    /// Share of a wrong worker's bond that goes to the auditors who caught it; the rest is burned.
    pub finders_share: Perbill,
}

impl Rules {
    /// The bond in planck a worker locks for a task, rounded up; `None` on overflow.
    pub fn task_bond(&self, asset: &AssetKind, reward: Balance) -> Option<Balance> {
        let in_dpn = match asset {
            AssetKind::Native => reward,
            AssetKind::WithId(_) => ceil_mul(self.asset_price, reward)?,
        };
        Some(ceil_mul(self.bond_factor, in_dpn)?.max(self.min_task_bond))
    }
}

/// `factor × amount`, rounded up; `None` on overflow.
fn ceil_mul(factor: FixedU128, amount: Balance) -> Option<Balance> {
    multiply_by_rational_with_rounding(factor.into_inner(), amount, FixedU128::accuracy(), Rounding::Up)
}

/// What seals and opening say together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The worker is right, and so are the auditors that agree with it.
    Right,
    /// The worker is wrong.
    Wrong,
    /// Neither side has the majority: nobody is at fault.
    Undecided,
}

/// The majority among the worker and the auditors that sealed.
pub fn judge(agreeing: usize, disagreeing: usize) -> Verdict {
    match agreeing.saturating_add(1).cmp(&disagreeing) {
        core::cmp::Ordering::Greater => Verdict::Right,
        core::cmp::Ordering::Less => Verdict::Wrong,
        core::cmp::Ordering::Equal => Verdict::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_majority_of_worker_and_auditors_decides() {
        for (agreeing, disagreeing, verdict) in [
            (1, 0, Verdict::Right),
            (0, 1, Verdict::Undecided),
            (1, 1, Verdict::Right),
            (0, 2, Verdict::Wrong),
            (1, 2, Verdict::Undecided),
            (2, 3, Verdict::Undecided),
            (0, 7, Verdict::Wrong),
        ] {
            assert_eq!(judge(agreeing, disagreeing), verdict, "{agreeing}:{disagreeing}");
        }
    }

    proptest! {
        #[test]
        fn a_bond_is_never_below_what_the_rules_ask(reward in 0u128..1 << 90, parts in 0u128..10 * 10u128.pow(18)) {
            let factor = FixedU128::from_inner(parts);
            let rules = Rules { bond_factor: factor, min_task_bond: 5, ..crate::mock::RULES };
            let bond = rules.task_bond(&AssetKind::Native, reward).unwrap();
            prop_assert!(bond >= factor.saturating_mul_int(reward) && bond >= 5);
            prop_assert!(rules.task_bond(&dpin_primitives::BLC, reward).unwrap() >= rules.min_task_bond);
        }
    }
}
