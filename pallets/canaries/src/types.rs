//! Plan, rounds and what is known of each worker.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    blake2,
    worker::{Capability, Fp32, Passport},
    BlockNumber, Hash, KernelId, TaskId, CANARY_JOBS,
};
use scale_info::TypeInfo;

/// Most throughput tiles a worker may claim: as many as one task may write.
pub const MAX_UNITS: u32 = 4_096;
/// The throughput tiles of a worker that has claimed no number.
pub const DEFAULT_UNITS: u32 = 16;
/// Shortest window: a run needs a block to begin in, one to be noticed in and one for the commitment to be included.
pub const MIN_WINDOW: BlockNumber = 4;

/// How the chain checks devices.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Plan {
    /// The kernel that tries the device op by op. Its scalars are a seed of 8 bytes and the claims of 4 ([`Claims::bits`]).
    pub conformance: KernelId,
    /// The kernel that takes time and memory. Its scalar is a seed of 8 bytes.
    pub throughput: KernelId,
    /// Blocks from the opening of one round to that of the next.
    pub period: BlockNumber,
    /// Blocks from a round's opening to the last one for its commitments; at least [`MIN_WINDOW`].
    pub window: BlockNumber,
    /// Work-groups of the conformance canary.
    pub conformance_groups: u32,
    /// Auditors of each canary, 1 to [`dpin_primitives::job::MAX_AUDITORS`].
    pub auditors: u32,
    /// Tiles each of them recomputes, 1 to [`dpin_primitives::job::MAX_SAMPLES`].
    pub samples: u32,
}

/// What a canary tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Kind {
    /// Whether the device computes as the standard asks and as its worker claims.
    Conformance,
    /// Whether the device does what its worker claims within the window.
    Throughput,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Conformance, Self::Throughput];

    /// The task of this kind to which a round calls the worker of a number.
    pub fn task(self, round: u32, number: u32) -> TaskId {
        let place = u64::from(round).saturating_mul(2).saturating_add(u64::from(self == Self::Throughput));
        TaskId { job: CANARY_JOBS.saturating_add(place), index: number }
    }

    /// The round and the kind of a canary; `None` if the task is none.
    pub fn of(task: TaskId) -> Option<(u32, Self)> {
        let place = task.job.checked_sub(CANARY_JOBS)?;
        let kind = if place & 1 == 0 { Self::Conformance } else { Self::Throughput };
        Some((u32::try_from(place >> 1).ok()?, kind))
    }
}

/// What a worker claims of its devices, and so what its canaries try.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Claims {
    /// Throughput tiles done within a window.
    pub units: u32,
    /// What they can do in single precision.
    pub fp32: Fp32,
    /// Whether they compute in double precision.
    pub fp64: bool,
}

impl Claims {
    /// What a worker declares of its devices, with so many throughput tiles.
    pub fn of(declared: &Capability, units: u32) -> Self {
        Self { units, fp32: declared.fp32, fp64: declared.fp64 }
    }

    /// As the conformance kernel takes them: 1 for denormals, 2 for rounded division and square root, 4 for double precision.
    pub fn bits(&self) -> u32 {
        u32::from(self.fp32.denormals) | u32::from(self.fp32.rounded_division) << 1 | u32::from(self.fp64) << 2
    }

    /// Whether everything that is declared is claimed.
    pub fn cover(&self, declared: &Capability) -> bool {
        self.fp32.covers(&declared.fp32) && (self.fp64 || !declared.fp64)
    }
}

/// How a canary ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Answer {
    /// The audit found it right.
    Passed,
    /// There was nobody to check it.
    Unchecked,
    /// It ended undecided.
    Void,
    /// The device failed it.
    Failed,
}

/// How the canaries of one worker in one round have ended, if they have.
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
    /// How the canary of a kind has ended.
    pub fn get(&self, kind: Kind) -> Option<Answer> {
        match kind {
            Kind::Conformance => self.conformance,
            Kind::Throughput => self.throughput,
        }
    }

    /// The canary of a kind has ended.
    pub fn set(&mut self, kind: Kind, answer: Answer) {
        match kind {
            Kind::Conformance => self.conformance = Some(answer),
            Kind::Throughput => self.throughput = Some(answer),
        }
    }
}

/// What came of a worker's canaries so far.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Standing {
    /// Nothing that counts.
    #[default]
    Unproved,
    /// It was admitted.
    Proved,
    /// It failed a canary.
    Failed {
        /// Of this round.
        round: u32,
    },
}

/// What is known of a worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Record {
    /// The round that [`Self::claims`] and [`Self::answers`] are of.
    pub round: u32,
    /// What its canaries of that round try.
    pub claims: Claims,
    /// How they have ended.
    pub answers: Answers,
    /// What its canaries of later rounds try.
    pub next: Claims,
    /// What came of it so far.
    pub standing: Standing,
    /// The block of the first canary passed without a miss or a failure since.
    pub since: Option<BlockNumber>,
    /// What its devices have proved.
    pub passport: Option<Passport>,
}

impl Record {
    /// A worker that was met during or after a round and claims this from then on.
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

    /// What the canaries of `round` try: of this record's round, or of a later one.
    pub fn claims_in(&self, round: u32) -> Claims {
        if self.round < round {
            self.next
        } else {
            self.claims
        }
    }

    /// How the canary of a kind in `round` has ended.
    pub fn answer_in(&self, round: u32, kind: Kind) -> Option<Answer> {
        if self.round < round {
            None
        } else {
            self.answers.get(kind)
        }
    }

    /// Make it the record of `round`, unless it is that already or of a later one.
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
    /// Its number, from 1.
    pub number: u32,
    /// What its canaries' seeds are made of. Nobody knew it before the round opened.
    pub seed: Hash,
    /// The block in which it opened.
    pub opened: BlockNumber,
    /// The last block for commitments.
    pub due: BlockNumber,
    /// Workers with a number below it were known when it opened: they may be missed.
    pub known: u32,
    /// Whether the plan was changed before [`Self::due`], so that nobody is missed.
    pub called_off: bool,
    /// Workers with a number below it have been looked at since [`Self::due`].
    pub swept: u32,
    /// Canaries of those that are not ended.
    pub open: u32,
    /// The plan by which it opened.
    pub plan: Plan,
}

impl Round {
    /// The seed of a worker's canaries. Each worker has its own, so that no answer is another's.
    pub fn seed_of(&self, number: u32) -> [u8; 8] {
        let hash = blake2(&(b"dpin/canary", self.seed, number).encode());
        let mut seed = [0; 8];
        seed.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
        seed
    }

    /// The kernel of a kind.
    pub fn kernel(&self, kind: Kind) -> KernelId {
        match kind {
            Kind::Conformance => self.plan.conformance,
            Kind::Throughput => self.plan.throughput,
        }
    }

    /// Work-groups of a kind, for a worker with these claims.
    pub fn groups(&self, kind: Kind, claims: &Claims) -> u32 {
        match kind {
            Kind::Conformance => self.plan.conformance_groups,
            Kind::Throughput => claims.units,
        }
    }
}
