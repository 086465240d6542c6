//! Reason codes: why an attempt or a task ended without a result. Every failure carries one.

use crate::Hash;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why an attempt or a task failed.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "code")]
pub enum ReasonCode {
    /// The kernel ran into the time limit and was killed.
    Timeout,
    /// The kernel did not compile.
    BuildFailed {
        /// Hash of the compiler's log, kept by the worker's executor.
        log: Hash,
    },
    /// The device or the run's memory limit is too small.
    OutOfMemory,
    /// The kernel crashed or broke a rule while it ran.
    KernelFault {
        /// Hash of the run's log, kept by the worker's executor.
        log: Hash,
    },
    /// A blob could not be had in time.
    InputUnavailable {
        /// The blob.
        blob: Hash,
    },
    /// The device went away.
    DeviceLost,
    /// The executor could not do its work, by no fault of the kernel.
    ExecutorFault {
        /// Hash of the run's log, kept by the worker's executor.
        log: Hash,
    },
    /// The worker declined the task.
    Declined,
    /// The worker let the deadline pass.
    WorkerSilent,
    /// The worker's opening does not fit its root, or the seals contradict it.
    WrongResult,
    /// The worker did not open its commitment in time.
    OpeningMissing,
    /// No auditor could be drawn, or none gave a seal.
    NoAuditors,
    /// Seals and opening disagree, and there was no jury or it had no majority.
    NoVerdict,
    /// No worker that may take the task was found in time.
    NoWorker,
    /// The requester cancelled the job.
    Cancelled,
    /// A jury could not fetch the output that the worker has committed to.
    OutputWithheld,
    /// The worker did not answer canaries.
    CanaryMissed,
    /// The device does not compute as the standard asks.
    NotConforming,
}

impl ReasonCode {
    /// Whether a worker may give this reason for an attempt of its own.
    pub fn is_reportable(&self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::BuildFailed { .. }
                | Self::OutOfMemory
                | Self::KernelFault { .. }
                | Self::InputUnavailable { .. }
                | Self::DeviceLost
                | Self::ExecutorFault { .. }
                | Self::Declined
                | Self::NotConforming
        )
    }

    /// Whether it lies with what the requester posted: such a job pays the reservation fee all the same.
    pub fn is_requesters(&self) -> bool {
        matches!(self, Self::Timeout | Self::BuildFailed { .. } | Self::OutOfMemory | Self::KernelFault { .. })
    }

    /// Whether it may be gone the next time the same is tried on the same machine: nothing is said against kernel or inputs.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::InputUnavailable { .. } | Self::DeviceLost | Self::ExecutorFault { .. })
    }

    /// Whether `other` tells of the same failure; logs may differ from device to device.
    pub fn is_same_kind(&self, other: &Self) -> bool {
        core::mem::discriminant(self) == core::mem::discriminant(other)
    }

    /// The log's hash, where there is one.
    pub fn log(&self) -> Option<Hash> {
        match self {
            Self::BuildFailed { log } | Self::KernelFault { log } | Self::ExecutorFault { log } => Some(*log),
            _ => None,
        }
    }
}
