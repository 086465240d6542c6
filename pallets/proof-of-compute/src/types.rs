//! The live state of a task, and the numbers that govern it.

use crate::{
    Leaves, Proof,
    verdict::{JURY, Shares},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlockNumber, Hash, TaskId,
    api::{BondAtStake, BondFate, DisputeCause, FailedAttempt, JuryPhase, TaskStage},
    executor::Commitment,
    job::{MAX_AUDITORS, MAX_SAMPLES},
    reason::ReasonCode,
    worker::Region,
};
use polkadot_sdk::{
    frame_support::{BoundedVec, traits::ConstU32},
    sp_runtime::{FixedPointNumber, FixedU128, Perbill, Rounding, helpers_128bit::multiply_by_rational_with_rounding},
};
use scale_info::TypeInfo;

/// Most attempts at one task that governance may allow.
pub const MAX_ATTEMPTS: u32 = 8;
/// How often auditors are drawn again when none of them has sealed.
pub const MAX_REDRAWS: u8 = 2;
/// Most tiles a juror fetches of an output that is said to be withheld.
pub const MAX_FETCHED: u32 = 8;

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

impl Run {
    /// The worker's bond after a dispute.
    pub(crate) fn bond_after(&self, fate: BondFate) -> BondAtStake {
        BondAtStake { who: self.worker.clone(), amount: self.bond, fate }
    }
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
    /// Tiles to be drawn: what the requester asked for, and more for a worker that has not proved
    /// itself.
    pub samples: u32,
    /// Bond locked of each auditor, in planck.
    pub auditor_bond: Balance,
    /// The auditors and their seals.
    pub auditors: BoundedVec<(AccountId, Option<Hash>), ConstU32<MAX_AUDITORS>>,
}

/// A result that was found right.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Proven {
    /// The worker.
    pub run: Run,
    /// What it committed to.
    pub commitment: Commitment,
    /// The auditors that sealed right.
    pub auditors: BoundedVec<AccountId, ConstU32<MAX_AUDITORS>>,
}

/// What a jury has to decide.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Case {
    /// Seals contradict the opening: what are the leaves of the sample?
    Seals {
        /// The audit.
        audit: Audit,
        /// Digest of the leaves the worker has opened.
        claim: Hash,
    },
    /// Somebody says that a tile of a result that was found right is wrong: what is its leaf?
    Challenge {
        /// The result.
        proven: Proven,
        /// When its challenge window ends.
        until: BlockNumber,
        /// Who says so.
        challenger: AccountId,
        /// What it has put up, in planck.
        bond: Balance,
        /// The tile.
        tile: u32,
        /// Digest of the leaf, once the worker has opened the tile.
        claim: Option<Hash>,
    },
    /// The requester says that it cannot fetch the output: what are the leaves of the tiles a juror
    /// is given? None if it cannot fetch them either.
    Withheld {
        /// The result.
        proven: Proven,
        /// When its challenge window ends.
        until: BlockNumber,
        /// What the requester has put up, in planck.
        bond: Balance,
    },
}

impl Case {
    /// The worker.
    pub fn run(&self) -> &Run {
        match self {
            Case::Seals { audit, .. } => &audit.run,
            Case::Challenge { proven, .. } | Case::Withheld { proven, .. } => &proven.run,
        }
    }

    /// What the worker has committed to.
    pub fn commitment(&self) -> &Commitment {
        match self {
            Case::Seals { audit, .. } => &audit.commitment,
            Case::Challenge { proven, .. } | Case::Withheld { proven, .. } => &proven.commitment,
        }
    }

    /// What called for the jury, as the runtime API tells it.
    pub fn cause(&self) -> DisputeCause {
        match self {
            Case::Seals { .. } => DisputeCause::Seals,
            Case::Challenge { .. } => DisputeCause::Challenge,
            Case::Withheld { .. } => DisputeCause::Withheld,
        }
    }

    /// Whether somebody is a party and so no juror.
    pub fn is_party(&self, who: &AccountId) -> bool {
        self.run().worker == *who
            || match self {
                Case::Seals { audit, .. } => audit.auditors.iter().any(|(auditor, _)| auditor == who),
                Case::Challenge { proven, challenger, .. } => challenger == who || proven.auditors.contains(who),
                Case::Withheld { proven, .. } => proven.auditors.contains(who),
            }
    }
}

/// What a juror has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Finding {
    /// Digest of its leaves: [`dpin_primitives::seal::finding`].
    pub leaves: Hash,
    /// The auditors whose seals fit these leaves: bit i stands for the i-th.
    pub agreeing: u8,
}

/// A juror.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Juror {
    /// Who.
    pub who: AccountId,
    /// Its salted seal.
    pub seal: Option<Hash>,
    /// What it has revealed.
    pub finding: Option<Finding>,
}

/// A jury.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Jury {
    /// The seed it was drawn with.
    pub seed: Hash,
    /// Bond locked of each juror, in planck.
    pub bond: Balance,
    /// The jurors.
    pub jurors: BoundedVec<Juror, ConstU32<JURY>>,
}

/// Where a task stands. Every stage has a deadline, `due`: the last block in which what it waits
/// for may happen.
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
    /// Disputed; waits for fresh randomness and a jury.
    Summoning {
        /// What it has to decide.
        case: Case,
        /// The count of fresh VRF outputs from which it may be drawn.
        drawable_at: u64,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the jurors' seals.
    Deliberating {
        /// What they have to decide.
        case: Case,
        /// The jury.
        jury: Jury,
        /// Deadline.
        due: BlockNumber,
    },
    /// Waits for the jurors to reveal what they found, and for the worker to open a challenged
    /// tile.
    Revealing {
        /// What they have to decide.
        case: Case,
        /// The jury.
        jury: Jury,
        /// Deadline.
        due: BlockNumber,
    },
    /// Found right; paid when the challenge window closes.
    Verified {
        /// The result.
        proven: Proven,
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
            | Stage::Summoning { due, .. }
            | Stage::Deliberating { due, .. }
            | Stage::Revealing { due, .. }
            | Stage::Verified { due, .. } => *due,
        }
    }

    /// The worker engaged, if any.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Stage::Queued { .. } => None,
            Stage::Assigned { run, .. } | Stage::Committed { run, .. } => Some(run),
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(&audit.run),
            Stage::Summoning { case, .. } | Stage::Deliberating { case, .. } | Stage::Revealing { case, .. } => {
                Some(case.run())
            }
            Stage::Verified { proven, .. } => Some(&proven.run),
        }
    }

    /// What the worker has committed to, if it has.
    pub fn commitment(&self) -> Option<Commitment> {
        match self {
            Stage::Queued { .. } | Stage::Assigned { .. } => None,
            Stage::Committed { commitment, .. } => Some(*commitment),
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(audit.commitment),
            Stage::Summoning { case, .. } | Stage::Deliberating { case, .. } | Stage::Revealing { case, .. } => {
                Some(*case.commitment())
            }
            Stage::Verified { proven, .. } => Some(proven.commitment),
        }
    }

    /// The round of reports that the task waits for: the seed of the jury or audit under way, zero
    /// where there is none. Forks draw different samples; a report on the one must never count on
    /// the other.
    pub fn round(&self) -> Hash {
        match self {
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => audit.seed,
            Stage::Deliberating { jury, .. } | Stage::Revealing { jury, .. } => jury.seed,
            _ => Hash::zero(),
        }
    }

    /// The audit whose auditors are engaged, if any: also while a jury judges it.
    pub fn audit(&self) -> Option<&Audit> {
        match self {
            Stage::Auditing { audit, .. } | Stage::Opening { audit, .. } => Some(audit),
            _ => match self.case() {
                Some(Case::Seals { audit, .. }) => Some(audit),
                _ => None,
            },
        }
    }

    /// What a jury has to decide, if one is called for.
    pub fn case(&self) -> Option<&Case> {
        match self {
            Stage::Summoning { case, .. } | Stage::Deliberating { case, .. } | Stage::Revealing { case, .. } => {
                Some(case)
            }
            _ => None,
        }
    }

    /// The jury, if there is one.
    pub fn jury(&self) -> Option<&Jury> {
        match self {
            Stage::Deliberating { jury, .. } | Stage::Revealing { jury, .. } => Some(jury),
            _ => None,
        }
    }

    /// The stage as the runtime API tells it; `sample` are the tiles of the audit or dispute under
    /// way.
    pub fn public(&self, sample: alloc::vec::Vec<u32>) -> TaskStage {
        let disputed = |case: &Case, due: BlockNumber, phase, tiles| TaskStage::Disputed {
            due,
            cause: case.cause(),
            phase,
            tiles,
        };
        match self {
            Stage::Queued { due } => TaskStage::Queued { due: *due },
            Stage::Assigned { due, .. } => TaskStage::Assigned { due: *due },
            Stage::Committed { due, .. } => TaskStage::Committed { due: *due },
            Stage::Auditing { due, .. } => TaskStage::Auditing { due: *due, sample },
            Stage::Opening { due, .. } => TaskStage::Opening { due: *due, sample },
            Stage::Summoning { case, due, .. } => disputed(case, *due, JuryPhase::Summoning, sample),
            Stage::Deliberating { case, due, .. } => disputed(case, *due, JuryPhase::Sealing, sample),
            Stage::Revealing { case, due, .. } => disputed(case, *due, JuryPhase::Revealing, sample),
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

/// What calls for a jury.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Dispute {
    /// Seals contradict the opening.
    Seals,
    /// Somebody challenged a tile.
    Challenge {
        /// Who.
        challenger: AccountId,
        /// Which.
        tile: u32,
    },
    /// The requester cannot fetch the output.
    Withheld,
}

/// How an engagement ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// The duty was done.
    Done,
    /// It ended without anybody's fault.
    Excused,
    /// It was declined, or could not be done.
    Declined,
    /// The deadline passed.
    Silent,
    /// What was told is not true, and the whole bond is lost.
    Wrong(ReasonCode),
}

impl Fate {
    /// The fate of an auditor that has sealed; without a seal it was silent.
    pub(crate) fn of_sealed(seal: &Option<Hash>, fate: Fate) -> Fate {
        match seal {
            Some(_) => fate,
            None => Fate::Silent,
        }
    }
}

/// Who is paid from a slash.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Claims {
    /// Whom the fault harmed.
    pub injured: Option<AccountId>,
    /// Who called for the jury.
    pub challenger: Option<AccountId>,
    /// Who found the fault.
    pub finders: alloc::vec::Vec<AccountId>,
}

impl Claims {
    /// What each is paid of `amount` planck.
    pub(crate) fn on(&self, amount: Balance, shares: Shares) -> alloc::vec::Vec<(AccountId, Balance)> {
        shares.claims(amount, self.injured.as_ref(), self.challenger.as_ref(), &self.finders)
    }
}

/// The numbers that govern audits; governance may turn them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
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
    /// The least bond of an auditor or juror for a task, in planck.
    pub audit_bond: Balance,
    /// Share of the locked bond that silence costs the first time; it doubles with each repetition.
    pub silence_slash: Perbill,
    /// Who gets how much of a slash.
    pub shares: Shares,
    /// The least that a challenger, or a requester who reports an output as withheld, puts up, in
    /// planck.
    pub challenge_bond: Balance,
    /// From this reputation on a worker is audited as the requester asks for and no more.
    pub trusted: Perbill,
    /// How many times more tiles than asked for are sampled of a worker without any reputation; in
    /// between it falls linearly.
    pub extra_samples: u32,
    /// Tiles a juror fetches of an output that is said to be withheld, 1 to [`MAX_FETCHED`].
    pub fetched_tiles: u32,
}

impl Rules {
    /// Check the numbers against each other.
    ///
    /// # Errors
    ///
    /// Which rule they break.
    pub fn check(&self) -> Result<(), &'static str> {
        let rules = [
            ((1..=MAX_ATTEMPTS).contains(&self.max_attempts.into()), "max_attempts must be 1 to MAX_ATTEMPTS"),
            (self.fresh_outputs > 0, "a sample must contain randomness younger than its commitment"),
            (
                self.draw_blocks > self.fresh_outputs.saturating_add(1),
                "draw_blocks must leave time for the fresh VRF outputs",
            ),
            (self.queue_blocks > 0, "a task must have a block in which it may be assigned"),
            (self.seal_blocks > 1 && self.open_blocks > 1, "seals and openings need a block to be seen in"),
            (self.bond_factor >= FixedU128::from_rational(3, 2), "a wrong result must cost 1.5 times the reward"),
            (self.audit_bond > 0 && self.min_task_bond > 0, "who is engaged must have something to lose"),
            (self.challenge_bond > 0, "calling for a jury must cost something"),
            (self.shares.leave_a_loss(), "a coalition of all who are paid from a slash must lose most of it"),
            ((1..=MAX_FETCHED).contains(&self.fetched_tiles), "fetched_tiles must be 1 to MAX_FETCHED"),
        ];
        rules.into_iter().try_for_each(|(holds, rule)| if holds { Ok(()) } else { Err(rule) })
    }

    /// The bond in planck of an auditor or juror of a task for which the worker has locked
    /// `task_bond`. It is not smaller: otherwise it would pay to accuse an honest worker, with its
    /// bond to win and little to lose.
    pub fn check_bond(&self, task_bond: Balance) -> Balance {
        self.audit_bond.max(task_bond)
    }

    /// What has to be put up in planck to call for a jury against a worker that has locked
    /// `task_bond`. It is not smaller, for the same reason.
    pub fn accusation_bond(&self, task_bond: Balance) -> Balance {
        self.challenge_bond.max(task_bond)
    }

    /// The most blocks from a commitment to the end of its task, challenges apart: every draw, seal
    /// and opening at the last moment, every redraw, and a jury. Deadlines are enforced in the
    /// block after.
    pub fn longest_audit(&self) -> BlockNumber {
        let step = |blocks: BlockNumber| blocks.saturating_add(1);
        let draws = step(self.draw_blocks).saturating_add(step(self.seal_blocks));
        let audits = draws.saturating_mul(u32::from(MAX_REDRAWS).saturating_add(1));
        let opening = step(self.open_blocks);
        audits.saturating_add(opening).saturating_add(draws).saturating_add(opening)
    }

    /// What silence costs of a locked bond, in planck, after `strikes` silences in a row: twice as
    /// much as the last time.
    pub fn price_of_silence(&self, bond: Balance, strikes: u32) -> Balance {
        let first = self.silence_slash.mul_ceil(bond);
        first.saturating_mul(1u128.checked_shl(strikes.min(64)).unwrap_or(1)).min(bond)
    }

    /// How many tiles are sampled of a worker's result where the requester asked for `floor`: never
    /// fewer, and up to `extra_samples` times more the less it is trusted.
    pub fn samples(&self, floor: u32, reputation: Perbill) -> u32 {
        let trusted = u64::from(self.trusted.deconstruct());
        let missing = trusted.saturating_sub(reputation.deconstruct().into());
        let most = u64::from(floor).saturating_mul(self.extra_samples.into());
        let extra = most.saturating_mul(missing).checked_div(trusted).unwrap_or(0);
        floor.saturating_add(u32::try_from(extra).unwrap_or(u32::MAX)).clamp(floor, MAX_SAMPLES.max(floor))
    }

    /// What an amount of an asset is worth in planck, rounded up; `None` on overflow.
    pub fn in_dpn(&self, asset: &AssetKind, amount: Balance) -> Option<Balance> {
        match asset {
            AssetKind::Native => Some(amount),
            AssetKind::WithId(_) => ceil_mul(self.asset_price, amount),
        }
    }

    /// The bond in planck a worker locks for a task, rounded up; `None` on overflow.
    pub fn task_bond(&self, asset: &AssetKind, reward: Balance) -> Option<Balance> {
        Some(ceil_mul(self.bond_factor, self.in_dpn(asset, reward)?)?.max(self.min_task_bond))
    }
}

/// `factor × amount`, rounded up; `None` on overflow.
fn ceil_mul(factor: FixedU128, amount: Balance) -> Option<Balance> {
    multiply_by_rational_with_rounding(factor.into_inner(), amount, FixedU128::accuracy(), Rounding::Up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn silence_doubles_until_the_whole_bond_is_gone() {
        let prices: Vec<u128> = (0..6).map(|strikes| crate::mock::RULES.price_of_silence(1_000, strikes)).collect();
        assert_eq!(prices, [100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(crate::mock::RULES.price_of_silence(1_000, u32::MAX), 1_000);
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

        #[test]
        fn audits_never_fall_below_their_floor_and_shrink_with_reputation(
            floor in 1u32..=MAX_SAMPLES,
            better in 0u32..=1_000_000_000,
            worse in 0u32..=1_000_000_000,
            trusted in 0u32..=1_000_000_000,
            extra_samples in 0u32..100,
        ) {
            let rules = Rules { trusted: Perbill::from_parts(trusted), extra_samples, ..crate::mock::RULES };
            let (worse, better) = (worse.min(better), worse.max(better));
            let (more, less) =
                (rules.samples(floor, Perbill::from_parts(worse)), rules.samples(floor, Perbill::from_parts(better)));
            prop_assert!(floor <= less && less <= more && more <= MAX_SAMPLES);
            prop_assert!(better < trusted || less == floor);
        }

        #[test]
        fn silence_never_costs_more_than_the_bond_nor_less_with_repetition(bond: u128, strikes in 0u32..200) {
            let rules = crate::mock::RULES;
            let price = rules.price_of_silence(bond, strikes);
            prop_assert!(price <= bond && price <= rules.price_of_silence(bond, strikes + 1));
        }
    }
}
