//! The live state of a task, and the numbers that govern it. Nothing here reads or writes storage.

mod dispute;
mod report;
mod rules;
mod stage;

pub use dispute::*;
pub use report::*;
pub use rules::*;
pub use stage::*;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{AccountId, BlockNumber, api::FailedAttempt, reason::ReasonCode};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// An open task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct TaskState {
    /// Number of failed attempts.
    pub attempt: u8,
    /// How often the auditors of this attempt were drawn again.
    pub redraws: u8,
    /// The reason of the last failure.
    pub last_failure: Option<ReasonCode>,
    /// The first worker that reported a fault of the requester. If another worker then does the
    /// task, the report was wrong.
    pub blamed_by: Option<AccountId>,
    /// The workers of the failed attempts. They do not get the task again.
    pub tried: BoundedVec<AccountId, ConstU32<MAX_ATTEMPTS>>,
    /// The block under which the sweep finds the task, once it is stored: the deadline of its
    /// stage, or an earlier block.
    pub filed: Option<BlockNumber>,
    /// The current stage.
    pub stage: Stage,
}

impl TaskState {
    /// A task without failed attempts.
    pub fn new(stage: Stage) -> Self {
        let (last_failure, blamed_by, tried, filed) = (None, None, BoundedVec::default(), None);
        Self { attempt: 0, redraws: 0, last_failure, blamed_by, tried, filed, stage }
    }

    /// The last failed attempt.
    pub fn last_failed(&self) -> Option<FailedAttempt> {
        let (worker, reason) = (self.tried.last()?.clone(), self.last_failure?);
        Some(FailedAttempt { attempt: self.attempt.saturating_sub(1), worker, reason })
    }

    /// Whether the chain stores this state. A canary whose worker is only called yet has a state
    /// that is not stored.
    pub fn is_stored(&self) -> bool {
        self.filed.is_some()
    }
}
