//! Duties as reports name them: the hash of one thing that a worker owes the chain.
//!
//! duty = blake2_256("dpin/duty" ‖ genesis ‖ content ‖ job ‖ attempt ‖ round)
//!
//! Workers sign their reports over duties. A report therefore counts on one chain only, for one
//! computation, in one attempt of one job, and for one draw. Another fork that gives the same
//! number to another task, or draws others for it, refuses the report.

use crate::{
    AccountId, Hash, JobId, blake2,
    content::{Content, named_hash},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

named_hash! {
    /// The name of a duty in reports and seals.
    DutyId;
}

/// The question that a panel answers.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(serde::Deserialize, schemars::JsonSchema), schemars(rename = "CauseView"))]
pub enum Cause {
    /// Does the sample of a fresh commitment hold?
    Audit,
    /// Is the worker right, against auditors that deviate?
    Dispute,
    /// Is a tile of a verified result wrong?
    Challenge,
    /// Can the output of a verified result be fetched?
    Withheld,
    /// Is the kernel to blame for a worker's failure?
    Blame,
    /// Is an input unavailable?
    Missing,
    /// Was a verdict right?
    Appeal,
}

/// The draw, or the call, by which a duty came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Round {
    /// The lottery assigned the task.
    Assigned {
        /// Seed of the draw.
        seed: Hash,
    },
    /// The worker sits on a panel, or a panel checks its work.
    ///
    /// Refills keep the seed: seats that have sealed stay as they are.
    Panel {
        /// The question of the panel.
        cause: Cause,
        /// Seed of the panel's first draw.
        seed: Hash,
    },
    /// The chain called the worker to a canary, whose content has the seed of its round.
    Called,
}

impl DutyId {
    /// Compute the name of a duty.
    pub fn of(genesis: &Hash, content: &Content, job: JobId, attempt: u8, round: &Round) -> Self {
        Self(blake2(&(b"dpin/duty", genesis, content, job, attempt, round).encode()))
    }
}

/// Return the message that a worker signs for its reports, each a duty and a statement about it.
///
/// There is one form for one report and for many: ("dpin/report" ‖ worker ‖ list of reports).
pub fn report_message<Statement: Encode>(worker: &AccountId, reports: &[(DutyId, Statement)]) -> Vec<u8> {
    (b"dpin/report", worker, reports).encode()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    const GENESIS: Hash = Hash::repeat_byte(1);
    const CONTENT: Content = Content(Hash::repeat_byte(2));
    const SEED: Hash = Hash::repeat_byte(3);

    #[test]
    fn each_input_changes_the_duty() {
        let panel = |cause| Round::Panel { cause, seed: SEED };
        let other = Hash::repeat_byte(4);
        let duties = [
            DutyId::of(&GENESIS, &CONTENT, 1, 0, &Round::Called),
            DutyId::of(&other, &CONTENT, 1, 0, &Round::Called),
            DutyId::of(&GENESIS, &Content(other), 1, 0, &Round::Called),
            DutyId::of(&GENESIS, &CONTENT, 2, 0, &Round::Called),
            DutyId::of(&GENESIS, &CONTENT, 1, 1, &Round::Called),
            DutyId::of(&GENESIS, &CONTENT, 1, 0, &Round::Assigned { seed: SEED }),
            DutyId::of(&GENESIS, &CONTENT, 1, 0, &Round::Assigned { seed: other }),
            DutyId::of(&GENESIS, &CONTENT, 1, 0, &panel(Cause::Audit)),
            DutyId::of(&GENESIS, &CONTENT, 1, 0, &panel(Cause::Appeal)),
            DutyId::of(&GENESIS, &CONTENT, 1, 0, &Round::Panel { cause: Cause::Audit, seed: other }),
        ];
        assert_eq!(duties.iter().collect::<BTreeSet<_>>().len(), duties.len());
    }

    #[test]
    fn a_message_is_bound_to_worker_duties_and_statements() {
        let [alice, bob] = [1, 2].map(|byte| AccountId::new([byte; 32]));
        let [one, two] = [1, 2].map(|byte| DutyId(Hash::repeat_byte(byte)));
        let messages = [
            report_message(&alice, &[(one, 5u8)]),
            report_message(&bob, &[(one, 5u8)]),
            report_message(&alice, &[(two, 5u8)]),
            report_message(&alice, &[(one, 6u8)]),
            report_message(&alice, &[(one, 5u8), (two, 5u8)]),
            report_message(&alice, &[(two, 5u8), (one, 5u8)]),
            report_message::<u8>(&alice, &[]),
        ];
        assert_eq!(messages.iter().collect::<BTreeSet<_>>().len(), messages.len());
        assert!(messages.iter().all(|message| message.starts_with(b"dpin/report")));
        assert_eq!(messages[0], [&b"dpin/report"[..], &[1; 32], &[4], &[1; 32], &[5]].concat());
    }

    #[test]
    fn no_other_message_of_a_worker_key_begins_as_a_report() {
        let registration = crate::worker::possession_message(&GENESIS, &AccountId::new([1; 32]));
        assert!(!registration.starts_with(b"dpin/report"));
    }
}
