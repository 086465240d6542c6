//! The numbers that govern audits, with the arithmetic on them.

use crate::verdict::Shares;

use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{AssetKind, Balance, BlockNumber, job::MAX_SAMPLES};
use polkadot_sdk::sp_runtime::{
    FixedPointNumber, FixedU128, Perbill, Rounding, helpers_128bit::multiply_by_rational_with_rounding,
};
use scale_info::TypeInfo;

/// Maximum number of attempts at one task that governance may allow.
pub const MAX_ATTEMPTS: u32 = 8;

/// Maximum number of times that auditors are drawn again because none of them has sealed.
pub const MAX_REDRAWS: u8 = 2;

/// Maximum number of tiles that a juror fetches of a withheld output.
pub const MAX_FETCHED: u32 = 8;

/// The numbers that govern audits. Governance may change them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Rules {
    /// m: number of VRF outputs of blocks after the commitment's own in a sample's seed.
    pub fresh_outputs: u32,
    /// Blocks that a task waits for a worker.
    pub queue_blocks: BlockNumber,
    /// Blocks after a commitment within which all auditors must be found. Then fewer are enough.
    pub draw_blocks: BlockNumber,
    /// Blocks auditors have to seal.
    pub seal_blocks: BlockNumber,
    /// Blocks a worker has to open.
    pub open_blocks: BlockNumber,
    /// Attempts at a task, 1 to [`MAX_ATTEMPTS`].
    pub max_attempts: u8,
    /// A worker's bond for a task, as a multiple of the reward.
    pub bond_factor: FixedU128,
    /// Price of one unit of another asset in DPN, for the bonds of jobs paid in that asset.
    pub asset_price: FixedU128,
    /// The minimum bond of a worker for a task, in planck.
    pub min_task_bond: Balance,
    /// The minimum bond of an auditor or juror for a task, in planck.
    pub audit_bond: Balance,
    /// Share of the locked bond that the first silence costs. It doubles with each repetition.
    pub silence_slash: Perbill,
    /// The shares of a slash.
    pub shares: Shares,
    /// The minimum bond of a challenger, or of a requester that reports an output as withheld, in
    /// planck.
    pub challenge_bond: Balance,
    /// From this reputation on, no more tiles are sampled than the requester asks for.
    pub trusted: Perbill,
    /// Extra tiles that are sampled of a worker without any reputation, as a multiple of the number
    /// that the requester asks for. It falls linearly with the reputation.
    pub extra_samples: u32,
    /// Tiles that a juror fetches of a withheld output, 1 to [`MAX_FETCHED`].
    pub fetched_tiles: u32,
}

impl Rules {
    /// Check the numbers against each other.
    ///
    /// # Errors
    ///
    /// The rule that the numbers break.
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
    /// `task_bond`. It is not smaller than the worker's bond: otherwise it would pay to accuse an
    /// honest worker.
    pub fn check_bond(&self, task_bond: Balance) -> Balance {
        self.audit_bond.max(task_bond)
    }

    /// The bond in planck of an accuser of a worker that has locked `task_bond`. It is not smaller,
    /// for the same reason.
    pub fn accusation_bond(&self, task_bond: Balance) -> Balance {
        self.challenge_bond.max(task_bond)
    }

    /// Maximum number of blocks from a commitment to the end of its task, without challenges: every
    /// draw, seal and opening comes in the last block, every redraw happens, and a jury decides.
    /// Deadlines are enforced in the block after.
    pub fn longest_audit(&self) -> BlockNumber {
        let step = |blocks: BlockNumber| blocks.saturating_add(1);
        let draws = step(self.draw_blocks).saturating_add(step(self.seal_blocks));
        let audits = draws.saturating_mul(u32::from(MAX_REDRAWS).saturating_add(1));
        let opening = step(self.open_blocks);
        audits.saturating_add(opening).saturating_add(draws).saturating_add(opening)
    }

    /// The price of silence in planck for a locked bond, after `strikes` silences in a row. Each
    /// silence costs twice as much as the last one.
    pub fn price_of_silence(&self, bond: Balance, strikes: u32) -> Balance {
        let first = self.silence_slash.mul_ceil(bond);
        first.saturating_mul(1u128.checked_shl(strikes.min(64)).unwrap_or(1)).min(bond)
    }

    /// Number of tiles that are sampled of a worker's result, of which the requester asked for
    /// `floor`. It is never smaller, and up to `extra_samples` times `floor` larger the less the
    /// worker is trusted.
    pub fn samples(&self, floor: u32, reputation: Perbill) -> u32 {
        let trusted = u64::from(self.trusted.deconstruct());
        let missing = trusted.saturating_sub(reputation.deconstruct().into());
        let most = u64::from(floor).saturating_mul(self.extra_samples.into());
        let extra = most.saturating_mul(missing).checked_div(trusted).unwrap_or(0);
        floor.saturating_add(u32::try_from(extra).unwrap_or(u32::MAX)).clamp(floor, MAX_SAMPLES.max(floor))
    }

    /// The value of an amount of an asset in planck, rounded up; `None` on overflow.
    pub fn in_dpn(&self, asset: &AssetKind, amount: Balance) -> Option<Balance> {
        match asset {
            AssetKind::Native => Some(amount),
            AssetKind::WithId(_) => ceil_mul(self.asset_price, amount),
        }
    }

    /// The bond in planck that a worker locks for a task, rounded up; `None` on overflow.
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
