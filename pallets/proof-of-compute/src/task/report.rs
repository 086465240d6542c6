//! The reports of a worker, as a batch carries them.

use crate::{Leaves, Proof};

use codec::{Decode, DecodeWithMemTracking, Encode};
use dpin_primitives::{Hash, TaskId, executor::Commitment, reason::ReasonCode};
use scale_info::TypeInfo;

/// Something a worker has to say about a task, as one of many reports in a batch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Report {
    /// What [`Call::commit`](crate::Call::commit) says.
    Commit {
        /// The task.
        task: TaskId,
        /// The attempt, from 0.
        attempt: u8,
        /// The result.
        commitment: Commitment,
    },
    /// What [`Call::report_failure`](crate::Call::report_failure) says.
    Failure {
        /// The task.
        task: TaskId,
        /// The attempt, from 0.
        attempt: u8,
        /// Why it could not be computed.
        reason: ReasonCode,
    },
    /// What [`Call::seal`](crate::Call::seal) says.
    Seal {
        /// The task.
        task: TaskId,
        /// The attempt, from 0.
        attempt: u8,
        /// The auditor's or juror's seal.
        seal: Hash,
    },
    /// What [`Call::open`](crate::Call::open) says.
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
    /// What [`Call::reveal`](crate::Call::reveal) says.
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
    /// The task it is about.
    pub fn task(&self) -> TaskId {
        match self {
            Report::Commit { task, .. }
            | Report::Failure { task, .. }
            | Report::Seal { task, .. }
            | Report::Open { task, .. }
            | Report::Reveal { task, .. } => *task,
        }
    }

    /// The attempt it is about.
    pub fn attempt(&self) -> u8 {
        match self {
            Report::Commit { attempt, .. }
            | Report::Failure { attempt, .. }
            | Report::Seal { attempt, .. }
            | Report::Open { attempt, .. }
            | Report::Reveal { attempt, .. } => *attempt,
        }
    }

    /// How many leaves it carries.
    pub fn leaf_count(&self) -> u32 {
        match self {
            Report::Open { leaves, .. } | Report::Reveal { leaves, .. } => leaves.len() as u32,
            _ => 0,
        }
    }
}

/// The step a report is about.
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
    /// What a juror reveals.
    Reveal,
}
