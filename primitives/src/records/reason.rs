//! Reason codes: why an attempt or a task ended without a result. Every failure has one.

use crate::Hash;
#[cfg(feature = "json")]
use crate::json::HexHash;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The reason why an attempt or a task failed.
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
#[cfg_attr(feature = "json", derive(schemars::JsonSchema), schemars(rename = "Reason"))]
pub enum ReasonCode {
    /// The kernel ran into the time limit and was killed.
    Timeout,
    /// The kernel did not compile.
    BuildFailed {
        /// Hash of the compiler's log, kept by the worker's executor: see `compute_log`.
        #[cfg_attr(feature = "json", schemars(with = "HexHash"))]
        log: Hash,
    },
    /// The memory of the device, or the memory limit of the run, is too small.
    OutOfMemory,
    /// The kernel crashed or broke a rule while it ran.
    KernelFault {
        /// Hash of the run's log, kept by the worker's executor: see `compute_log`.
        #[cfg_attr(feature = "json", schemars(with = "HexHash"))]
        log: Hash,
    },
    /// A blob could not be fetched in time.
    InputUnavailable {
        /// The missing blob.
        #[cfg_attr(feature = "json", schemars(with = "HexHash"))]
        blob: Hash,
    },
    /// The device was lost.
    DeviceLost,
    /// The executor could not do its work. The kernel is not at fault.
    ExecutorFault {
        /// Hash of the run's log, kept by the worker's executor: see `compute_log`.
        #[cfg_attr(feature = "json", schemars(with = "HexHash"))]
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
    /// A jury could not fetch the output that the worker committed to.
    OutputWithheld,
    /// The worker did not answer canaries.
    CanaryMissed,
    /// The device does not compute as the standard demands.
    NotConforming,
}

impl ReasonCode {
    /// Return the code without what belongs to it, as in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::BuildFailed { .. } => "buildFailed",
            Self::OutOfMemory => "outOfMemory",
            Self::KernelFault { .. } => "kernelFault",
            Self::InputUnavailable { .. } => "inputUnavailable",
            Self::DeviceLost => "deviceLost",
            Self::ExecutorFault { .. } => "executorFault",
            Self::Declined => "declined",
            Self::WorkerSilent => "workerSilent",
            Self::WrongResult => "wrongResult",
            Self::OpeningMissing => "openingMissing",
            Self::NoAuditors => "noAuditors",
            Self::NoVerdict => "noVerdict",
            Self::NoWorker => "noWorker",
            Self::Cancelled => "cancelled",
            Self::OutputWithheld => "outputWithheld",
            Self::CanaryMissed => "canaryMissed",
            Self::NotConforming => "notConforming",
        }
    }

    /// Whether a worker may report this reason for its own attempt.
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

    /// Whether the reason lies with the requester's job. The requester of such a task pays the
    /// reservation fee and the surcharge although the task failed.
    pub fn is_requesters(&self) -> bool {
        matches!(self, Self::Timeout | Self::BuildFailed { .. } | Self::OutOfMemory | Self::KernelFault { .. })
    }

    /// Whether a retry on the same machine may succeed. Such a reason does not speak against kernel
    /// or inputs.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::InputUnavailable { .. } | Self::DeviceLost | Self::ExecutorFault { .. })
    }

    /// Whether `other` is the same kind of failure. Logs may differ from device to device.
    pub fn is_same_kind(&self, other: &Self) -> bool {
        core::mem::discriminant(self) == core::mem::discriminant(other)
    }

    /// Return the hash of the log, if there is one.
    pub fn log(&self) -> Option<Hash> {
        match self {
            Self::BuildFailed { log } | Self::KernelFault { log } | Self::ExecutorFault { log } => Some(*log),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_that_of_the_json() {
        // The encoding of a reason is the number of its variant, and of a hash if it has one.
        let reasons = (0..=u8::MAX).map_while(|number| {
            let encoded = [&[number][..], &[7; 32]].concat();
            ReasonCode::decode(&mut &encoded[..]).ok()
        });
        let mut count = 0;
        for reason in reasons {
            assert_eq!(serde_json::to_value(reason).unwrap()["code"], reason.code());
            count += 1;
        }
        assert_eq!(count, 18);
    }
}
