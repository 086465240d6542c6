//! The plan, rounds, and the records of workers.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    BlockNumber, CANARY_JOBS, Hash, KernelId, TaskId, blake2,
    worker::{Capability, Fp32, Passport},
};
use scale_info::TypeInfo;

/// Most throughput tiles that a worker may claim, which is the most that one task may write.
pub const MAX_UNITS: u32 = 4_096;
/// The throughput tiles of a worker that has claimed no number.
pub const DEFAULT_UNITS: u32 = 16;
/// Shortest window: one block in which a run begins, one in which its end is noticed, and one that
/// includes the commitment.
pub const MIN_WINDOW: BlockNumber = 4;

/// The plan by which the chain checks devices.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Plan {
    /// The kernel that tries the device operation by operation. Its scalars are a seed of 8 bytes
    /// and the claims, in 4 bytes ([`Claims::bits`]).
    pub conformance: KernelId,
    /// The kernel that takes time and memory. Its only scalar is a seed of 8 bytes.
    pub throughput: KernelId,
    /// Least number of blocks from the opening of one round to that of the next.
    pub period: BlockNumber,
    /// Blocks from a round's opening to the last one for its commitments; at least [`MIN_WINDOW`].
    pub window: BlockNumber,
    /// Number of work-groups of the conformance canary.
    pub conformance_groups: u32,
    /// Number of auditors of each canary, 1 to [`dpin_primitives::job::MAX_AUDITORS`].
    pub auditors: u32,
    /// Number of tiles that each auditor recomputes, 1 to [`dpin_primitives::job::MAX_SAMPLES`].
    pub samples: u32,
}

/// The ability that a canary tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Kind {
    /// Whether the device computes by the standard and as its worker claims.
    Conformance,
    /// Whether the device reaches its worker's claim within the window.
    Throughput,
}

impl Kind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Conformance, Self::Throughput];

    /// Return the task of this kind to which `round` calls the worker of number `number`.
    pub fn task(self, round: u32, number: u32) -> TaskId {
        let place = u64::from(round).saturating_mul(2).saturating_add(u64::from(self == Self::Throughput));
        TaskId { job: CANARY_JOBS.saturating_add(place), index: number }
    }

    /// Return the round and the kind of a canary; `None` if the task is not a canary.
    pub fn of(task: TaskId) -> Option<(u32, Self)> {
        let place = task.job.checked_sub(CANARY_JOBS)?;
        let kind = if place & 1 == 0 { Self::Conformance } else { Self::Throughput };
        Some((u32::try_from(place >> 1).ok()?, kind))
    }
}

/// A worker's claims about its devices, which its canaries try.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Claims {
    /// Number of throughput tiles done within a window.
    pub units: u32,
    /// The abilities of the devices in single precision.
    pub fp32: Fp32,
    /// Whether the devices compute in double precision.
    pub fp64: bool,
}

impl Claims {
    /// Make claims of `units` throughput tiles and the worker's declaration of its devices.
    pub fn of(declared: &Capability, units: u32) -> Self {
        Self { units, fp32: declared.fp32, fp64: declared.fp64 }
    }

    /// The claims as the conformance kernel takes them: 1 for denormals, 2 for rounded division and
    /// square root, 4 for double precision.
    pub fn bits(&self) -> u32 {
        u32::from(self.fp32.denormals) | u32::from(self.fp32.rounded_division) << 1 | u32::from(self.fp64) << 2
    }

    /// Whether every declared ability is claimed.
    pub fn cover(&self, declared: &Capability) -> bool {
        self.fp32.covers(&declared.fp32) && (self.fp64 || !declared.fp64)
    }
}

/// The end of a canary.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Answer {
    /// The audit found it right.
    Passed,
    /// No auditor was available to check it.
    Unchecked,
    /// It ended undecided.
    Void,
    /// The device failed it.
    Failed,
}

/// The ends of one worker's canaries in one round, as far as they have ended.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Answers {
    /// The conformance canary.
    pub conformance: Option<Answer>,
    /// The throughput canary.
    pub throughput: Option<Answer>,
}

impl Answers {
    /// Return how the canary of a kind has ended.
    pub fn get(&self, kind: Kind) -> Option<Answer> {
        match kind {
            Kind::Conformance => self.conformance,
            Kind::Throughput => self.throughput,
        }
    }

    /// Set how the canary of a kind has ended.
    pub fn set(&mut self, kind: Kind, answer: Answer) {
        match kind {
            Kind::Conformance => self.conformance = Some(answer),
            Kind::Throughput => self.throughput = Some(answer),
        }
    }
}

/// The result of a worker's canaries so far.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Standing {
    /// No result that counts.
    #[default]
    Unproved,
    /// The worker was admitted.
    Proved,
    /// The worker failed a canary.
    Failed {
        /// The round of the canary.
        round: u32,
    },
}

/// The record of a worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Record {
    /// The round of [`Self::claims`] and [`Self::answers`].
    pub round: u32,
    /// The claims that the canaries of that round try.
    pub claims: Claims,
    /// The ends of the canaries of that round.
    pub answers: Answers,
    /// The claims that the canaries of later rounds try.
    pub next: Claims,
    /// The result of the worker's canaries so far.
    pub standing: Standing,
    /// The block of the first canary passed with no miss and no failure since.
    pub since: Option<BlockNumber>,
    /// The passport: what the worker's devices have proved.
    pub passport: Option<Passport>,
}

impl Record {
    /// Make the record of a worker that is met during or after round `round`, with its claims from
    /// then on.
    pub fn new(round: u32, claims: Claims) -> Self {
        Self {
            round,
            claims,
            answers: Answers::default(),
            next: claims,
            standing: Standing::default(),
            since: None,
            passport: None,
        }
    }

    /// Return the claims that the canaries of `round` try. `round` must be that of this record, or
    /// a later one.
    pub fn claims_in(&self, round: u32) -> Claims {
        if self.round < round { self.next } else { self.claims }
    }

    /// Return how the canary of a kind in `round` has ended, if it has.
    pub fn answer_in(&self, round: u32, kind: Kind) -> Option<Answer> {
        if self.round < round { None } else { self.answers.get(kind) }
    }

    /// Move the record to `round`, unless it is of that round or a later one.
    pub fn advance(&mut self, round: u32) {
        if self.round < round {
            self.claims = self.next;
            self.answers = Answers::default();
            self.round = round;
        }
    }
}

/// A round: one moment at which every worker is called.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round {
    /// The round's number, from 1.
    pub number: u32,
    /// The seed from which its canaries' seeds are derived. Nobody knew it before the round opened.
    pub seed: Hash,
    /// The block in which it opened.
    pub opened: BlockNumber,
    /// The last block for commitments.
    pub due: BlockNumber,
    /// Workers with a number below this were known when the round opened: they may be missed.
    pub known: u32,
    /// Whether the plan was changed before [`Self::due`], so that no worker is missed.
    pub called_off: bool,
    /// Workers with a number below this have been looked at since [`Self::due`].
    pub swept: u32,
    /// Number of canaries that have not ended, of the workers that have been looked at.
    pub open: u32,
    /// The plan under which the round opened.
    pub plan: Plan,
}

impl Round {
    /// Return the seed of a worker's canaries. Each worker has its own seed, so that no answer can
    /// be copied.
    pub fn seed_of(&self, number: u32) -> [u8; 8] {
        let hash = blake2(&(b"dpin/canary", self.seed, number).encode());
        let mut seed = [0; 8];
        seed.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
        seed
    }

    /// Return the kernel of a kind.
    pub fn kernel(&self, kind: Kind) -> KernelId {
        match kind {
            Kind::Conformance => self.plan.conformance,
            Kind::Throughput => self.plan.throughput,
        }
    }

    /// Return the number of work-groups of a kind, for a worker with these claims.
    pub fn groups(&self, kind: Kind, claims: &Claims) -> u32 {
        match kind {
            Kind::Conformance => self.plan.conformance_groups,
            Kind::Throughput => claims.units,
        }
    }
}
