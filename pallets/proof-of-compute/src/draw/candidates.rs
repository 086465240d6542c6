//! The lottery of workers: which worker gets a task.

use crate::{flow::Open, *};
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

/// Maximum number of canaries that a worker is called to at a time.
pub(crate) const CANARY_DUTIES: u32 = 2;

/// Counts of the candidates in a draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Candidates {
    /// Candidates passed over for their reputation, or because they were looked at before.
    pub passed_over: u64,
    /// Candidates looked at.
    pub looked_at: u64,
}

impl Candidates {
    /// Weight of the candidates, without that of the first `taken` looks, which is part of the
    /// weight of the step that took the candidates.
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

/// Whether a draw takes a candidate of this reputation. The higher the reputation, the likelier.
pub(crate) fn is_taken(draws: &mut Draws, reputation: Perbill) -> bool {
    draws.below(Perbill::one().deconstruct().into()) < reputation.deconstruct().into()
}

impl<T: Config> Open<T> {
    /// Draw a worker for the task and engage it. Returns the weight spent beyond an assignment's;
    /// `None` if no candidate may have the task. `candidates` counts the candidates.
    pub(crate) fn try_assign(self, candidates: &mut Candidates) -> Option<Weight> {
        let bond = self.rules.task_bond(&self.brief.reward.asset, self.brief.reward.per_task)?;
        let mut draws = self.draws(b"dpin/worker");
        let mut fallback: Option<(AccountId, WorkerProfile)> = None;
        let mut chosen = None;
        for _ in 0..PROBES {
            let Some(candidate) = T::Workers::draw(self.brief.requires.class, draws.next_u64()) else { break };
            if fallback.as_ref().is_some_and(|(seen, _)| *seen == candidate) {
                candidates.passed_over.saturating_inc();
                continue;
            }
            let Some(stands) = T::Workers::state(&candidate) else { continue };
            if stands.reputation < self.brief.requires.reputation || !is_taken(&mut draws, stands.reputation) {
                candidates.passed_over.saturating_inc();
                continue;
            }
            candidates.looked_at.saturating_inc();
            let Some(profile) = self.may_work(&candidate, &stands, bond) else { continue };
            // A region without another task of this job is preferred: fewer failures are shared.
            let alone = self.brief.tasks == 1 || profile.region.is_empty();
            if alone || Regions::<T>::get(self.id.job, &profile.region) == 0 {
                chosen = Some((candidate, profile));
                break;
            }
            fallback.get_or_insert((candidate, profile));
        }
        let (worker, profile) = chosen.or(fallback)?;
        self.engage(worker, profile.region, bond)
    }

    /// The profile of a candidate that may have the task.
    pub(crate) fn may_work(&self, candidate: &AccountId, stands: &WorkerState, bond: Balance) -> Option<WorkerProfile> {
        let requires = &self.brief.requires;
        if *candidate == self.brief.requester || self.state.tried.contains(candidate) {
            return None;
        }
        if stands.unmet(requires).next().is_some() || Pallet::<T>::is_busy(stands, Some(self.id), bond) {
            return None;
        }
        let profile = T::Workers::profile(candidate)?;
        let certified = !requires.certified || T::Workers::is_certified(candidate);
        let fits = unmet_by_profile(&profile, certified, &self.brief).next().is_none();
        fits.then_some(profile)
    }
}

impl<T: Config> Pallet<T> {
    /// Whether a worker is too busy for a task: too many duties, too little free bond, or a task of
    /// the same job.
    pub(crate) fn is_busy(stands: &WorkerState, task: Option<TaskId>, bond: Balance) -> bool {
        let of_this_job = |duty: Duty| task.is_some_and(|task| duty.task.job == task.job) && duty.role == Role::Worker;
        stands.free_bond < bond || !Self::has_room(stands) || stands.duties.iter().any(of_this_job)
    }

    /// Whether a worker may be drawn for one more duty. The last places are kept for canaries,
    /// which it must be able to answer however busy it is.
    pub(crate) fn has_room(stands: &WorkerState) -> bool {
        stands.duties.len().saturating_add(CANARY_DUTIES) < MAX_DUTIES
    }
}
