//! The price and the time of checking a task: pay, losses and deadlines as pure functions.
//!
//! Blocks are 3 s long. Amounts are in the smallest unit of their asset. All shares round against
//! the account that could gain by them. Governance may change the numbers that are parameters here.

use crate::{Balance, BlockNumber, SLOT_MS, job::FeePolicy, panel::JURY};
use polkadot_sdk::sp_runtime::{
    Rounding, helpers_128bit::multiply_by_rational_with_rounding as multiply_by_rational, traits::Zero,
};

/// Blocks of a duty in which nothing is computed: two until it begins, two to report.
pub const REPORT_BLOCKS: BlockNumber = 4;
/// Least number of blocks in which a task is to be computed, without the time for its inputs.
pub const COMPUTE_BLOCKS: BlockNumber = 4;
/// A checker may be this many times slower than the slowest worker that the requester allows.
pub const SLOWER_CHECKER: u32 = 8;
/// Longest check in blocks, one day. A job whose checks would take longer is refused.
pub const MAX_CHECK_BLOCKS: BlockNumber = 28_800;
/// A check of at most this many blocks costs no rent of its seat.
pub const FREE_CHECK_BLOCKS: BlockNumber = 20;

/// The work of one checker of a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CheckWork {
    /// Deadline of the task, in blocks.
    pub run_blocks: BlockNumber,
    /// Number of tiles of the task.
    pub tiles: u32,
    /// Number of tiles of the largest sample that the rules allow for the task.
    pub sample: u32,
    /// Size of all inputs in bytes.
    pub input_bytes: u64,
}

/// Compute the blocks in which inputs of `bytes` bytes arrive at `rate` bytes per second. `None` if
/// the rate is 0 or the number overflows.
pub fn input_blocks(bytes: u64, rate: u64) -> Option<BlockNumber> {
    let a_block = u128::from(rate).saturating_mul(SLOT_MS.into());
    if a_block.is_zero() {
        return None;
    }
    u128::from(bytes).saturating_mul(1_000).div_ceil(a_block).try_into().ok()
}

/// Compute the least deadline of a task, in blocks, whose inputs arrive at `rate` bytes per second.
/// `None` as in [`input_blocks`].
pub fn least_run_blocks(input_bytes: u64, rate: u64) -> Option<BlockNumber> {
    REPORT_BLOCKS.checked_add(COMPUTE_BLOCKS)?.checked_add(input_blocks(input_bytes, rate)?)
}

/// Compute the time for a check, in blocks: `check_blocks`, at least `least`.
///
/// It is 4/3 of the time that the slowest checker needs, because the first of three
/// [rounds](round_blocks) has three quarters of it. The needed time is that of the sampled share of
/// the task on a slow device, of the inputs at `rate` bytes per second, and [`REPORT_BLOCKS`].
///
/// `None` if the check takes longer than [`MAX_CHECK_BLOCKS`], or the task has no tiles.
pub fn check_blocks(work: &CheckWork, rate: u64, least: BlockNumber) -> Option<BlockNumber> {
    let sample = work.sample.min(work.tiles);
    let compute = u128::from(SLOWER_CHECKER)
        .saturating_mul(work.run_blocks.into())
        .saturating_mul(sample.into())
        .checked_add(u128::from(work.tiles).checked_sub(1)?)?
        .checked_div(work.tiles.into())?;
    let needed =
        compute.checked_add(input_blocks(work.input_bytes, rate)?.into())?.checked_add(REPORT_BLOCKS.into())?;
    let blocks = needed.checked_mul(4)?.div_ceil(3).max(least.into());
    BlockNumber::try_from(blocks).ok().filter(|blocks| *blocks <= MAX_CHECK_BLOCKS)
}

/// Stretch a check by the backlog of the busiest checker drawn, which has `seats` open seats:
/// an eighth for each seat, at most to four times its length.
pub fn with_backlog(check_blocks: BlockNumber, seats: u32) -> BlockNumber {
    let longer = u64::from(check_blocks).saturating_mul(seats.into()).div_ceil(8);
    let most = u64::from(check_blocks).saturating_mul(4);
    let blocks = u64::from(check_blocks).saturating_add(longer).min(most);
    BlockNumber::try_from(blocks).unwrap_or(BlockNumber::MAX)
}

/// Return the length of a round of sealing in blocks: ¾, 1 and 1¼ of `check_blocks` for the first
/// draw and the two refills. The three together are exactly three times `check_blocks`.
pub fn round_blocks(check_blocks: BlockNumber, round: u8) -> BlockNumber {
    let quarter = check_blocks / 4;
    match round {
        0 => check_blocks.saturating_sub(quarter),
        1 => check_blocks,
        _ => check_blocks.saturating_add(quarter),
    }
}

/// Compute the pay of one checker of a task with this reward.
///
/// The policy's share of the reward is divided among the auditors, and is at least its minimum. A
/// check longer than [`FREE_CHECK_BLOCKS`] also pays `rent` for each block more. A task without
/// auditors is priced as one with a single auditor. `None` on overflow.
pub fn pay(
    reward: Balance,
    auditors: u32,
    check_blocks: BlockNumber,
    policy: &FeePolicy,
    rent: Balance,
) -> Option<Balance> {
    let share = policy.audit.mul_ceil(reward).div_ceil(auditors.max(1).into()).max(policy.audit_minimum);
    let long = check_blocks.saturating_sub(FREE_CHECK_BLOCKS);
    rent.checked_mul(long.into())?.checked_add(share)
}

/// Least share of [`raw_loss`], in percent of the pay of all checkers: 5/3.
pub const LEAST_RAW_PERCENT: u32 = 167;

/// Compute `x`: the loss of each side of a dispute that nobody can prove, on a Raw kernel.
///
/// It is `percent` of the pay P of all auditors and of the jury; 200 by default. A worker that
/// commits garbage costs its requester x. The worker loses x itself, but gets a part of P back if
/// its friends sit on the panel. With a third of the panel the damage is x / (x − P/3) of the cost:
/// 1.2 at 200 %, and 1.25 at 5/3. `None` on overflow.
pub fn raw_loss(auditors: u32, pay: Balance, percent: u32) -> Option<Balance> {
    let checkers = Balance::from(auditors).checked_add(JURY.into())?;
    Some(pay.checked_mul(checkers)?.checked_mul(percent.into())?.div_ceil(100))
}

/// Compute the loss for being `blocks` blocks late, of `bond`: bond · (blocks / grace)², rounded
/// up. All of it from `grace` blocks on.
///
/// Half a minute late costs 0.25 % of the bond if `grace` is 200 blocks, a minute 1 %.
pub fn late(bond: Balance, blocks: BlockNumber, grace: BlockNumber) -> Balance {
    if blocks >= grace {
        return if blocks.is_zero() { 0 } else { bond };
    }
    let square = |n: BlockNumber| Balance::from(n).saturating_mul(n.into());
    // The fraction is below 1, so there is no overflow.
    multiply_by_rational(bond, square(blocks), square(grace), Rounding::Up).unwrap_or(bond)
}

/// Return for how many blocks a worker rests that has rested `rests` times of late: `base`, doubled
/// each time, at most 8 times `base`.
pub fn rest(base: BlockNumber, rests: u8) -> BlockNumber {
    base.saturating_mul(1 << rests.min(3))
}

/// Return after how many blocks a task is tried again that found no worker in `tries` tries: 1, 2,
/// 4, …, at most 64.
pub fn backoff(tries: u8) -> BlockNumber {
    1 << tries.saturating_sub(1).min(6)
}

/// Compute the number of fresh VRF outputs of distinct authors that a draw waits for, at least
/// `base`.
///
/// A worker chooses the block of its commitment among `run_blocks`. With a share v of the slots its
/// friends own the next m outputs in one of them with the chance 1 − (1 − v^m)^run_blocks. With m =
/// ⌈log₅(100 · run_blocks)⌉ that is at most 1 % at v = 1/5.
pub fn fresh_outputs(run_blocks: BlockNumber, base: u32) -> u32 {
    let wanted = u64::from(run_blocks).saturating_mul(100);
    let powers = core::iter::successors(Some(1u64), |power| power.checked_mul(5));
    let log = powers.take_while(|power| *power < wanted).count();
    u32::try_from(log).unwrap_or(u32::MAX).max(base)
}

/// Return the number of outputs that a network with so many authors can wait for: one less than
/// the authors of the last blocks, because the author of the commitment's block does not count. At
/// least one.
pub fn distinct_outputs(wanted: u32, authors: u32) -> u32 {
    wanted.min(authors.saturating_sub(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DPN;
    use polkadot_sdk::sp_runtime::Perbill;
    use proptest::prelude::*;

    const RATE: u64 = 4 << 20;

    fn work(run_blocks: u32, tiles: u32, sample: u32, input_bytes: u64) -> CheckWork {
        CheckWork { run_blocks, tiles, sample, input_bytes }
    }

    fn policy() -> FeePolicy {
        FeePolicy {
            reservation: Perbill::zero(),
            surcharge: Perbill::zero(),
            audit: Perbill::from_percent(5),
            audit_minimum: DPN / 100,
        }
    }

    #[test]
    fn inputs_take_a_block_for_each_twelve_mebibytes() {
        let blocks = [0, 1, 12 << 20, (12 << 20) + 1, 120 << 20].map(|bytes| input_blocks(bytes, RATE));
        assert_eq!(blocks, [0, 1, 1, 2, 10].map(Some));
        assert_eq!((input_blocks(1, 0), input_blocks(u64::MAX, 1)), (None, None));
        assert_eq!(least_run_blocks(120 << 20, RATE), Some(18));
    }

    #[test]
    fn a_check_has_the_time_that_it_needs() {
        assert_eq!(check_blocks(&work(20, 16_384, 128, 0), RATE, 10), Some(10), "the least time");
        // 8 · 200 · 1/4 blocks to compute, 10 for the inputs, 4 to report, and a third more.
        assert_eq!(check_blocks(&work(200, 400, 100, 120 << 20), RATE, 10), Some(552));
        assert_eq!(check_blocks(&work(20, 1, 128, 0), RATE, 10), Some(219), "a whole task of 20 blocks");
        assert_eq!(check_blocks(&work(2_699, 1, 1, 0), RATE, 10), Some(28_795));
        assert_eq!(check_blocks(&work(2_700, 1, 1, 0), RATE, 10), None, "longer than a day");
        assert_eq!(check_blocks(&work(20, 0, 1, 0), RATE, 10), None);
        assert_eq!(check_blocks(&work(u32::MAX, u32::MAX, u32::MAX, u64::MAX), u64::MAX, 10), None);
    }

    #[test]
    fn a_full_checker_has_up_to_four_times_as_long() {
        assert_eq!([0, 1, 8, 24, 25, u32::MAX].map(|seats| with_backlog(10, seats)), [10, 12, 20, 40, 40, 40]);
        assert_eq!(with_backlog(u32::MAX, u32::MAX), u32::MAX);
    }

    #[test]
    fn pay_follows_the_reward_and_the_time() {
        let of = |reward, auditors, blocks| pay(reward, auditors, blocks, &policy(), DPN / 5_000);
        assert_eq!(of(10 * DPN, 2, 20), Some(DPN / 4));
        assert_eq!(of(DPN / 100, 2, 20), Some(DPN / 100), "the least pay");
        assert_eq!(of(10 * DPN, 0, 20), of(10 * DPN, 1, 20));
        assert_eq!(of(0, 2, 20 + 28_800), Some(DPN / 100 + 28_800 * DPN / 5_000), "a day costs 5.76 DPN");
        assert_eq!(pay(1, 1, 22, &policy(), Balance::MAX), None);
    }

    #[test]
    fn an_unprovable_dispute_costs_twice_its_panel() {
        // 0.35 of the reward for two auditors, 0.17 for seven.
        let of = |n, percent| raw_loss(n, pay(10 * DPN, n, 0, &policy(), 0).unwrap(), percent).unwrap();
        assert_eq!((of(2, 200), of(2, LEAST_RAW_PERCENT)), (35 * DPN / 10, 2_922_500_000_000));
        assert!(of(7, 200).abs_diff(1_714_285_714_285) < 100);
        assert_eq!(raw_loss(7, Balance::MAX / 24, 200), None);
    }

    #[test]
    fn half_a_minute_late_costs_little_and_ten_minutes_everything() {
        let lost = [0, 10, 20, 100, 199, 200, u32::MAX].map(|blocks| late(400, blocks, 200));
        assert_eq!(lost, [0, 1, 4, 100, 397, 400, 400]);
        assert_eq!((late(5, 0, 0), late(5, 1, 0)), (0, 5), "without grace, the first block costs all");
    }

    #[test]
    fn a_worker_rests_for_up_to_twenty_minutes() {
        assert_eq!([0, 1, 2, 3, 4, u8::MAX].map(|rests| rest(50, rests)), [50, 100, 200, 400, 400, 400]);
        assert_eq!(rest(u32::MAX, 3), u32::MAX);
    }

    #[test]
    fn a_task_is_tried_nine_times_in_two_hundred_blocks() {
        let mut tries = 0;
        let mut block = 0;
        while block <= 200 {
            tries += 1;
            block += backoff(tries);
        }
        assert_eq!(tries, 9);
        assert_eq!((backoff(0), backoff(u8::MAX)), (1, 64));
    }

    #[test]
    fn a_longer_task_waits_for_more_authors() {
        let of = |blocks| fresh_outputs(blocks, 5);
        assert_eq!([0, 8, 31, 32, 156, 157, 781, 782, 28_800, u32::MAX].map(of), [5, 5, 5, 6, 6, 7, 7, 8, 10, 17]);
        assert_eq!((fresh_outputs(8, 16), fresh_outputs(28_800, 2)), (16, 10));
        assert_eq!([0, 1, 2, 5, 100].map(|authors| distinct_outputs(7, authors)), [1, 1, 1, 4, 7]);
    }

    proptest! {
        #[test]
        fn every_round_is_long_enough_for_the_check(
            run_blocks in 0u32..3_000, tiles in 1u32..100_000, sample in 0u32..1_025, mib in 0u64..8_192
        ) {
            let work = work(run_blocks, tiles, sample, mib << 20);
            if let Some(blocks) = check_blocks(&work, RATE, 10) {
                let share = f64::from(sample.min(tiles)) / f64::from(tiles);
                let needed = 8.0 * f64::from(run_blocks) * share + mib as f64 / 12.0 + 4.0;
                let rounds = [0, 1, 2].map(|round| round_blocks(blocks, round));
                prop_assert!(f64::from(rounds[0]) >= needed - 1e-6, "{rounds:?} {needed}");
                prop_assert!(rounds.is_sorted());
                prop_assert_eq!(rounds.iter().sum::<u32>(), 3 * blocks);
            }
        }

        #[test]
        fn lateness_costs_more_with_every_block_and_never_more_than_the_bond(
            bond: Balance, blocks in 0u32..1_000, grace in 0u32..1_000
        ) {
            let lost = late(bond, blocks, grace);
            prop_assert!(lost <= bond && lost <= late(bond, blocks + 1, grace));
            prop_assert_eq!(lost > 0, blocks > 0 && bond > 0, "rounding favours nobody who is late");
        }

        #[test]
        fn a_friend_foresees_at_most_a_hundredth(run_blocks in 1u32..=28_800) {
            let foreseen = 1.0 - (1.0 - 0.2f64.powi(fresh_outputs(run_blocks, 5) as i32)).powi(run_blocks as i32);
            prop_assert!(foreseen <= 0.01, "{foreseen}");
        }

        #[test]
        fn all_checkers_can_be_paid_from_the_loss_of_one_side(
            auditors in 0u32..=7, pay in 0u128..1 << 100, percent in LEAST_RAW_PERCENT..=400
        ) {
            let x = raw_loss(auditors, pay, percent).unwrap();
            prop_assert!(x >= pay * u128::from(auditors + JURY));
            // A worker with a third of the panel gets a third of the pay back.
            let (damage, cost) = (3 * x, 3 * x - pay * u128::from(auditors + JURY));
            prop_assert!(100 * damage <= 125 * cost);
        }
    }
}
