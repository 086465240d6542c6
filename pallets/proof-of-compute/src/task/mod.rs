//! The live state of a task, and the numbers that govern it. Nothing here reads or writes storage.

mod dispute;
mod report;
mod rules;
mod sample;
mod stage;

pub use dispute::*;
pub use report::*;
pub use rules::*;
pub(crate) use sample::*;
pub use stage::*;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{AccountId, BlockNumber, api::FailedAttempt, reason::ReasonCode};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// An open task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct TaskState {
    /// Attempts that have failed.
    pub attempt: u8,
    /// How often the auditors of this attempt were drawn again.
    pub redraws: u8,
    /// Why the last attempt failed.
    pub last_failure: Option<ReasonCode>,
    /// Who has reported a fault of the requester's: if somebody else then does the task, the report
    /// was wrong.
    pub blamed_by: Option<AccountId>,
    /// The workers of the failed attempts: they do not get the task again.
    pub tried: BoundedVec<AccountId, ConstU32<MAX_ATTEMPTS>>,
    /// The block under which the sweep finds it, once it is stored: the deadline of its stage, or
    /// one before.
    pub filed: Option<BlockNumber>,
    /// Where it stands.
    pub stage: Stage,
}

impl TaskState {
    /// A task that nobody has tried yet.
    pub fn new(stage: Stage) -> Self {
        let (last_failure, blamed_by, tried, filed) = (None, None, BoundedVec::default(), None);
        Self { attempt: 0, redraws: 0, last_failure, blamed_by, tried, filed, stage }
    }

    /// The last attempt that failed.
    pub fn last_failed(&self) -> Option<FailedAttempt> {
        let (worker, reason) = (self.tried.last()?.clone(), self.last_failure?);
        Some(FailedAttempt { attempt: self.attempt.saturating_sub(1), worker, reason })
    }

    /// Whether the chain keeps it: not what the state of a task would be whose worker is only
    /// called yet.
    pub fn is_stored(&self) -> bool {
        self.filed.is_some()
    }
}
