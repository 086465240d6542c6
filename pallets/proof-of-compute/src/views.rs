//! Queries of the runtime API: the time that a job takes, and the workers that could take its
//! tasks.

use crate::{
    Config, Pallet, Rules, Stage, TaskState, Tasks, WeightInfo, draw::candidates::unmet_by_profile,
    filing::WaitingQueue,
};
use alloc::vec::Vec;
use dpin_primitives::{
    Balance, BlockNumber, TaskId,
    api::Wait,
    candidates::{Candidates, Condition, MAX_CANDIDATES_SCAN},
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::Candidate,
};
use polkadot_sdk::frame_support::traits::Get;

/// The situation in which a job is posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Outlook {
    /// Tasks that wait before those of the job.
    pub ahead: u64,
    /// Workers that could take one of its tasks, busy or not.
    pub eligible: u32,
    /// Those of them that could take it now.
    pub free: u32,
    /// Lotteries in one block.
    pub draws: u32,
}

impl Outlook {
    /// Number of blocks until each of `tasks` tasks has a worker under these rules.
    ///
    /// Tasks are given away in order from the next block on, as many in a block as there are
    /// lotteries. If fewer workers are free than tasks wait, the rest is assumed to wait for their
    /// slots. Each slot takes as long as the job's own tasks may take. No task waits longer than
    /// allowed: then it fails and is refunded.
    pub(crate) fn assigned(self, tasks: u32, run_blocks: BlockNumber, rules: &Rules) -> BlockNumber {
        let Self { ahead, eligible, free, draws } = self;
        let all = ahead.saturating_add(tasks.into());
        let rounds = |at_a_time: u32| if at_a_time == 0 { u64::MAX } else { all.div_ceil(at_a_time.into()) };
        // If all workers are busy, one has to finish first.
        let runs = if free == 0 { rounds(eligible) } else { rounds(free).saturating_sub(1) };
        let blocks = rounds(draws).saturating_add(runs.saturating_mul(run_blocks.into()));
        BlockNumber::try_from(blocks).unwrap_or(BlockNumber::MAX).min(rules.queue_blocks)
    }
}

/// `count` of a sample of `looked_at` out of `all`.
fn of_all(count: u32, looked_at: u32, all: u32) -> u32 {
    let reckoned = u64::from(count).saturating_mul(all.into()).checked_div(looked_at.into()).unwrap_or(0);
    u32::try_from(reckoned).unwrap_or(u32::MAX)
}

impl<T: Config> Pallet<T> {
    /// Number of tasks that a busy block gives away, if the first candidate of each takes it.
    /// Audits have the first half of the draws' weight.
    fn assignments_per_block() -> u32 {
        let each = T::WeightInfo::assign_task().saturating_add(T::WeightInfo::pass_over_candidate());
        let fit = Self::draws_limit().saturating_div(2).checked_div_per_component(&each).unwrap_or(u64::MAX);
        u32::try_from(fit).unwrap_or(u32::MAX).clamp(1, T::MaxDrawsPerBlock::get().max(1))
    }

    /// The time that a job of `tasks` tasks like this one would take if it were posted now.
    pub fn wait(brief: &TaskBrief, tasks: u32) -> Wait {
        let rules = Self::rules();
        let candidates = Self::candidates_for(brief, None);
        let (numbers, looked_at) = Self::numbers_to_look_at();
        let ahead = WaitingQueue::<T>::len();
        let free = of_all(candidates.free, looked_at, numbers);
        let eligible = of_all(candidates.eligible, looked_at, numbers);
        let outlook = Outlook { ahead, eligible, free, draws: Self::assignments_per_block() };
        let assigned = outlook.assigned(tasks, brief.run_blocks, &rules);

        let output = assigned.saturating_add(brief.run_blocks);
        let audit = if brief.audit.auditors == 0 {
            0
        } else {
            rules.draw_blocks.saturating_add(rules.seal_blocks).saturating_add(rules.open_blocks)
        };
        let settled = output.saturating_add(audit).saturating_add(brief.audit.challenge_blocks);
        Wait { assigned, output, settled, ahead, available: free, candidates }
    }

    /// The workers that could take a task like this if it were posted now.
    pub fn prospects(brief: &TaskBrief) -> Candidates {
        Self::candidates_for(brief, None)
    }

    /// The workers that could take a task that waits for a worker.
    pub(crate) fn candidates_of(task: TaskId) -> Option<Candidates> {
        let state = Tasks::<T>::get(task).filter(|state| matches!(state.stage, Stage::Queued { .. }))?;
        Some(Self::candidates_for(&T::Jobs::brief(task)?, Some((task, &state))))
    }

    /// The result of [`Self::sample`].
    pub(crate) fn tiles_looked_at(task: TaskId) -> Vec<u32> {
        let (Some(state), Some(brief)) = (Tasks::<T>::get(task), T::Jobs::brief(task)) else { return Vec::new() };
        match (state.stage.case(), state.stage.audit()) {
            (Some(case), _) => case.sample(state.stage.jury(), &brief, Self::rules().fetched_tiles),
            (None, Some(audit)) => audit.sample(&brief),
            (None, None) => Vec::new(),
        }
    }

    /// The count of numbers given to workers, and the count of them that a query looks at.
    fn numbers_to_look_at() -> (u32, u32) {
        let numbers = T::Workers::numbers();
        (numbers, numbers.min(MAX_CANDIDATES_SCAN))
    }

    /// The workers that could take a task like this, by the conditions of the lottery. For a posted
    /// task, workers that have tried it are left out.
    fn candidates_for(brief: &TaskBrief, posted: Option<(TaskId, &TaskState)>) -> Candidates {
        let rules = Self::rules();
        // Nobody can lock an amount that is too large to represent.
        let bond = rules.task_bond(&brief.reward.asset, brief.reward.per_task).unwrap_or(Balance::MAX);
        let check_bond = rules.check_bond(bond);
        let (numbers, looked_at) = Self::numbers_to_look_at();
        let mut all = Candidates { complete: looked_at == numbers, ..Default::default() };
        let (mut checkers, mut free_checkers, mut only_checkers) = (0u32, 0u32, true);
        for at in 0..looked_at {
            let Some(candidate) = T::Workers::candidate(of_all(at, looked_at, numbers)) else { continue };
            let Candidate { worker, state, .. } = &candidate;
            let unmet = Self::unmet(&candidate, brief, posted.map(|(_, state)| state), bond);
            all.count(&unmet);
            let may_be_drawn = candidate.active && candidate.drawable && *worker != brief.requester;
            let checks = may_be_drawn && candidate.bond >= check_bond && Self::device_fits(&state.capability, brief);
            if unmet.is_empty() {
                only_checkers &= checks;
                if candidate.free_slot && !Self::is_busy(state, posted.map(|(task, _)| task), bond) {
                    all.free = all.free.saturating_add(1);
                }
            }
            if checks {
                checkers = checkers.saturating_add(1);
                let free = candidate.free_slot && state.free_bond >= check_bond && Self::has_room(state);
                free_checkers = free_checkers.saturating_add(free.into());
            }
        }
        // The task's own worker does not check it.
        let own = u32::from(all.eligible > 0 && only_checkers);
        all.auditors = checkers.saturating_sub(own);
        all.free_auditors = free_checkers.saturating_sub(own).min(all.auditors);
        all
    }

    /// The conditions of a task that a candidate does not meet, busy or not.
    fn unmet(candidate: &Candidate, brief: &TaskBrief, posted: Option<&TaskState>, bond: Balance) -> Vec<Condition> {
        let Candidate { worker, state, profile, .. } = candidate;
        let own = [
            (Condition::Active, candidate.active),
            (Condition::Drawable, candidate.drawable),
            (Condition::Stranger, *worker != brief.requester),
            (Condition::Untried, posted.is_none_or(|posted| !posted.tried.contains(worker))),
            (Condition::Bond, candidate.bond >= bond),
        ];
        own.into_iter()
            .filter(|(_, met)| !met)
            .map(|(condition, _)| condition)
            .chain(state.unmet(&brief.requires))
            .chain(unmet_by_profile(profile, candidate.certified, brief))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::{RULES, RUN_BLOCKS};
    use proptest::prelude::*;

    fn assigned(ahead: u64, free: u32, tasks: u32) -> BlockNumber {
        Outlook { ahead, eligible: free, free, draws: 8 }.assigned(tasks, RUN_BLOCKS, &RULES)
    }

    #[test]
    fn tasks_are_given_away_as_fast_as_the_lotteries_go() {
        for (ahead, tasks, blocks) in [(0, 1, 1), (0, 8, 1), (0, 9, 2), (7, 1, 1), (8, 1, 2), (100, 4, 13)] {
            assert_eq!(assigned(ahead, 1_000, tasks), blocks, "{ahead} before {tasks}");
        }
    }

    #[test]
    fn too_few_workers_are_waited_for() {
        assert_eq!(assigned(0, 2, 2), 1);
        assert_eq!(assigned(0, 2, 4), 1 + RUN_BLOCKS);
        assert_eq!(assigned(1, 2, 4), 1 + 2 * RUN_BLOCKS);
    }

    #[test]
    fn busy_workers_finish_first() {
        let busy = |eligible| Outlook { ahead: 0, eligible, free: 0, draws: 8 }.assigned(2, RUN_BLOCKS, &RULES);
        assert_eq!(busy(2), 1 + RUN_BLOCKS);
        assert_eq!(busy(1), 1 + 2 * RUN_BLOCKS);
        assert_eq!(busy(0), RULES.queue_blocks);
    }

    #[test]
    fn nothing_waits_longer_than_it_may() {
        assert_eq!(assigned(0, 0, 1), RULES.queue_blocks);
        assert_eq!(assigned(u64::MAX, 1, 1), RULES.queue_blocks);
    }

    proptest! {
        #[test]
        fn more_before_it_is_never_faster_and_more_workers_never_slower(
            ahead: u32,
            more: u32,
            available: u32,
            tasks in 1u32..=1_024,
        ) {
            let few = assigned(ahead.into(), available, tasks);
            prop_assert!(few >= 1);
            prop_assert!(assigned(u64::from(ahead) + u64::from(more), available, tasks) >= few);
            prop_assert!(assigned(ahead.into(), available.saturating_add(more), tasks) <= few);
        }
    }
}
