//! What the runtime API tells of the time that a job takes.

use crate::{Config, Pallet, Rules, WeightInfo};
use dpin_primitives::{
    api::Wait,
    job::{JobShape, JobSpec},
    traits::WorkerCount,
    BlockNumber,
};
use polkadot_sdk::frame_support::traits::Get;

/// What a job finds when it is posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Outlook {
    /// Tasks that wait before it.
    pub ahead: u64,
    /// Available workers of the class it asks for.
    pub available: u32,
    /// Lotteries in one block.
    pub draws: u32,
}

impl Outlook {
    /// How long a job of `tasks` tasks takes under these rules.
    ///
    /// Tasks are given away in order, as many in a block as there are lotteries, from the block after on. Where fewer workers are
    /// available than tasks wait, the rest is reckoned to wait for their slots, each for as long as the job's own tasks may take.
    /// No task waits longer than it may: then it fails and is refunded.
    pub fn wait(self, tasks: u32, spec: &JobSpec, rules: &Rules) -> Wait {
        let Self { ahead, available, draws } = self;
        let all = ahead.saturating_add(tasks.into());
        let rounds = |at_a_time: u32| if at_a_time == 0 { u64::MAX } else { all.div_ceil(at_a_time.into()) };
        let runs = rounds(available).saturating_sub(1);
        let blocks = rounds(draws).saturating_add(runs.saturating_mul(spec.run_blocks.into()));
        let assigned = BlockNumber::try_from(blocks).unwrap_or(BlockNumber::MAX).min(rules.queue_blocks);

        let output = assigned.saturating_add(spec.run_blocks);
        let audit = if spec.audit.auditors == 0 {
            0
        } else {
            rules.draw_blocks.saturating_add(rules.seal_blocks).saturating_add(rules.open_blocks)
        };
        let settled = output.saturating_add(audit).saturating_add(spec.audit.challenge_blocks);
        Wait { assigned, output, settled, ahead, available }
    }
}

impl<T: Config> Pallet<T> {
    /// How many tasks a busy block gives away, if the first candidate of each takes it: audits have the first half of the draws'
    /// weight.
    fn assignments_per_block() -> u32 {
        let each = T::WeightInfo::assign_task().saturating_add(T::WeightInfo::pass_over_candidate());
        let fit = (Self::draws_limit() / 2).checked_div_per_component(&each).unwrap_or(u64::MAX);
        u32::try_from(fit).unwrap_or(u32::MAX).clamp(1, T::MaxDrawsPerBlock::get().max(1))
    }

    /// How long a job of this shape would take if it were posted now.
    pub fn wait(spec: &JobSpec, shape: &JobShape) -> Wait {
        let outlook = Outlook {
            ahead: Self::waiting_len(),
            available: T::Workers::available(spec.requires.class),
            draws: Self::assignments_per_block(),
        };
        outlook.wait(shape.tasks, spec, &Self::rules())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::{spec, RULES, RUN_BLOCKS};
    use proptest::prelude::*;

    const AUDIT: BlockNumber = RULES.draw_blocks + RULES.seal_blocks + RULES.open_blocks;

    fn wait(ahead: u64, available: u32, tasks: u32) -> Wait {
        Outlook { ahead, available, draws: 8 }.wait(tasks, &spec(tasks), &RULES)
    }

    #[test]
    fn tasks_are_given_away_as_fast_as_the_lotteries_go() {
        for (ahead, tasks, blocks) in [(0, 1, 1), (0, 8, 1), (0, 9, 2), (7, 1, 1), (8, 1, 2), (100, 4, 13)] {
            assert_eq!(wait(ahead, 1_000, tasks).assigned, blocks, "{ahead} before {tasks}");
        }
    }

    #[test]
    fn too_few_workers_are_waited_for() {
        assert_eq!(wait(0, 2, 2).assigned, 1);
        assert_eq!(wait(0, 2, 4).assigned, 1 + RUN_BLOCKS);
        assert_eq!(wait(1, 2, 4).assigned, 1 + 2 * RUN_BLOCKS);
    }

    #[test]
    fn nothing_waits_longer_than_it_may() {
        assert_eq!(wait(0, 0, 1).assigned, RULES.queue_blocks);
        assert_eq!(wait(u64::MAX, 1, 1).assigned, RULES.queue_blocks);
    }

    #[test]
    fn the_rest_is_at_its_deadline() {
        let Wait { assigned, output, settled, ahead, available } = wait(3, 5, 1);
        assert_eq!((output, settled), (assigned + RUN_BLOCKS, assigned + RUN_BLOCKS + AUDIT));
        assert_eq!((ahead, available), (3, 5));

        let mut careful = spec(1);
        careful.audit.challenge_blocks = 7;
        let outlook = Outlook { ahead: 0, available: 1, draws: 8 };
        assert_eq!(outlook.wait(1, &careful, &RULES).settled, 1 + RUN_BLOCKS + AUDIT + 7);
        careful.audit.auditors = 0;
        assert_eq!(outlook.wait(1, &careful, &RULES).settled, 1 + RUN_BLOCKS + 7);
    }

    proptest! {
        #[test]
        fn more_before_it_is_never_faster_and_more_workers_never_slower(
            ahead: u32,
            more: u32,
            available: u32,
            tasks in 1u32..=1_024,
        ) {
            let few = wait(ahead.into(), available, tasks).assigned;
            prop_assert!(few >= 1);
            prop_assert!(wait(u64::from(ahead) + u64::from(more), available, tasks).assigned >= few);
            prop_assert!(wait(ahead.into(), available.saturating_add(more), tasks).assigned <= few);
        }
    }
}
