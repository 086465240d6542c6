//! The reports of a worker.

use crate::{Leaves, Proof};
use codec::{Decode, DecodeWithMemTracking, Encode};
use dpin_primitives::{Hash, TaskId, executor::Commitment, reason::ReasonCode};
use scale_info::TypeInfo;

/// A worker's report on a task, as one of many in a batch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Report {
    /// As [`Call::commit`](crate::Call::commit).
    Commit {
        /// The task.
        task: TaskId,
        /// The attempt, from 0.
        attempt: u8,
        /// The result.
        commitment: Commitment,
    },
    /// As [`Call::report_failure`](crate::Call::report_failure).
    Failure {
        /// The task.
        task: TaskId,
        /// The attempt, from 0.
        attempt: u8,
        /// Why it could not be computed.
        reason: ReasonCode,
    },
    /// As [`Call::seal`](crate::Call::seal).
    Seal {
        /// The task.
        task: TaskId,
        /// The attempt, from 0.
        attempt: u8,
        /// The auditor's or juror's seal.
        seal: Hash,
    },
    /// As [`Call::open`](crate::Call::open).
    Open {
        /// The task.
        task: TaskId,
        /// The attempt, from 0.
        attempt: u8,
        /// The leaves of the sample, in order.
        leaves: Leaves,
        /// Their multi-proof.
        proof: Proof,
    },
    /// As [`Call::reveal`](crate::Call::reveal).
    Reveal {
        /// The task.
        task: TaskId,
        /// The attempt, from 0.
        attempt: u8,
        /// The leaves that were sealed.
        leaves: Leaves,
        /// The seal's salt.
        salt: Hash,
    },
}

impl Report {
    /// The task of the report.
    pub fn task(&self) -> TaskId {
        match self {
            Report::Commit { task, .. }
            | Report::Failure { task, .. }
            | Report::Seal { task, .. }
            | Report::Open { task, .. }
            | Report::Reveal { task, .. } => *task,
        }
    }

    /// The attempt of the report.
    pub fn attempt(&self) -> u8 {
        match self {
            Report::Commit { attempt, .. }
            | Report::Failure { attempt, .. }
            | Report::Seal { attempt, .. }
            | Report::Open { attempt, .. }
            | Report::Reveal { attempt, .. } => *attempt,
        }
    }

    /// Number of leaves in the report.
    pub fn leaf_count(&self) -> u32 {
        match self {
            Report::Open { leaves, .. } | Report::Reveal { leaves, .. } => leaves.len() as u32,
            _ => 0,
        }
    }
}

/// The step that a report is about. Its number is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, codec::Encode, codec::Decode)]
pub enum Step {
    /// A commitment.
    Commit,
    /// A failure.
    Failure,
    /// A seal.
    Seal,
    /// An opening.
    Open,
    /// A juror's reveal.
    Reveal,
}

/// The identity of a report. The chain waits for one report with the same identity from a worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct ReportId {
    pub task: TaskId,
    pub attempt: u8,
    /// The [round](crate::Stage::round) of the task's stage.
    pub round: Hash,
    pub step: Step,
}
