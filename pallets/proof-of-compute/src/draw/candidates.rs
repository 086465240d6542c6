//! The lottery of workers: who may have a task.

use crate::*;
use dpin_primitives::{
    AccountId, Balance, TaskId,
    candidates::Condition,
    sampling::Draws,
    traits::{TaskBrief, WorkerRegistry},
    worker::{Duty, MAX_DUTIES, Role, WorkerProfile, WorkerState},
};
use polkadot_sdk::{
    frame_support::weights::Weight,
    sp_runtime::{Perbill, Saturating},
};

/// Candidates looked at for each place to be filled.
pub(super) const PROBES: u32 = 8;

/// Canaries a worker may be called to at a time.
pub(crate) const CANARY_DUTIES: u32 = 2;

/// The candidates that a draw has come upon.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Candidates {
    /// Passed over for their reputation, or because they were looked at before.
    pub passed_over: u64,
    /// Looked at.
    pub looked_at: u64,
}

impl Candidates {
    /// What they weigh besides those that were `taken`: the looks at these are in the weight of
    /// what took them.
    pub(super) fn weight<T: Config>(self, taken: u32) -> Weight {
        let looks = T::WeightInfo::look_at_candidate().saturating_mul(self.looked_at.saturating_sub(taken.into()));
        looks.saturating_add(T::WeightInfo::pass_over_candidate().saturating_mul(self.passed_over))
    }
}

/// The conditions of a task that a worker's declarations do not meet.
pub(crate) fn unmet_by_profile(
    profile: &WorkerProfile,
    certified: bool,
    brief: &TaskBrief,
) -> impl Iterator<Item = Condition> {
    let requires = &brief.requires;
    let own = [
        (Condition::Region, profile.region.starts_with(&requires.region)),
        (Condition::Certified, certified || !requires.certified),
    ];
    let offer = profile.offer.unmet(&brief.kernel, &brief.reward.asset, brief.reward.per_task, brief.run_blocks);
    own.into_iter().filter(|(_, met)| !met).map(|(condition, _)| condition).chain(offer)
}

/// Whether a draw goes to a candidate of this reputation: the more it is trusted, the likelier.
pub(crate) fn is_taken(draws: &mut Draws, reputation: Perbill) -> bool {
    draws.below(Perbill::one().deconstruct().into()) < reputation.deconstruct().into()
}

impl<T: Config> Pallet<T> {
    /// Draw a worker for a task and engage it; `None` if none of the `candidates`, which it counts,
    /// may have it. Returns what it weighed beyond what every assignment does.
    pub(crate) fn try_assign(
        task: TaskId,
        state: TaskState,
        brief: &TaskBrief,
        candidates: &mut Candidates,
    ) -> Option<Weight> {
        let bond = Self::rules().task_bond(&brief.reward.asset, brief.reward.per_task)?;
        let mut draws = Self::draws(b"dpin/worker", task, &state);
        let mut fallback: Option<(AccountId, WorkerProfile)> = None;
        let mut chosen = None;
        for _ in 0..PROBES {
            let Some(candidate) = T::Workers::draw(brief.requires.class, draws.next_u64()) else { break };
            if fallback.as_ref().is_some_and(|(seen, _)| *seen == candidate) {
                candidates.passed_over.saturating_inc();
                continue;
            }
            let Some(stands) = T::Workers::state(&candidate) else { continue };
            if stands.reputation < brief.requires.reputation || !is_taken(&mut draws, stands.reputation) {
                candidates.passed_over.saturating_inc();
                continue;
            }
            candidates.looked_at.saturating_inc();
            let Some(profile) = Self::may_work(&candidate, &stands, task, &state, brief, bond) else { continue };
            // A region nobody else of this job works in is preferred: fewer failures are shared.
            let alone = brief.tasks == 1 || profile.region.is_empty();
            if alone || Regions::<T>::get(task.job, &profile.region) == 0 {
                chosen = Some((candidate, profile));
                break;
            }
            fallback.get_or_insert((candidate, profile));
        }
        let (worker, profile) = chosen.or(fallback)?;
        Self::engage(task, state, brief, worker, profile.region, bond)
    }

    pub(crate) fn may_work(
        candidate: &AccountId,
        stands: &WorkerState,
        task: TaskId,
        state: &TaskState,
        brief: &TaskBrief,
        bond: dpin_primitives::Balance,
    ) -> Option<WorkerProfile> {
        if *candidate == brief.requester || state.tried.contains(candidate) {
            return None;
        }
        let can = stands.unmet(&brief.requires).next().is_none() && !Self::is_busy(stands, Some(task), bond);
        if !can {
            return None;
        }
        let profile = T::Workers::profile(candidate)?;
        let certified = !brief.requires.certified || T::Workers::is_certified(candidate);
        let fits = unmet_by_profile(&profile, certified, brief).next().is_none();
        fits.then_some(profile)
    }

    /// Whether a worker has too much to do to be given a task: too many duties, too little free
    /// bond, or a task of the same job.
    pub(crate) fn is_busy(stands: &WorkerState, task: Option<TaskId>, bond: Balance) -> bool {
        let of_this_job = |duty: Duty| task.is_some_and(|task| duty.task.job == task.job) && duty.role == Role::Worker;
        stands.free_bond < bond || !Self::has_room(stands) || stands.duties.iter().any(of_this_job)
    }

    /// Whether a worker may be drawn for one more duty: the last places are kept for canaries,
    /// which it must be able to answer however busy it is.
    pub(crate) fn has_room(stands: &WorkerState) -> bool {
        stands.duties.len().saturating_add(CANARY_DUTIES) < MAX_DUTIES
    }
}
