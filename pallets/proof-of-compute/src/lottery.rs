//! The lotteries: which worker gets a task, which tiles are checked, and by whom.
//!
//! Every draw is one hash and one read, whatever the number of workers.

use crate::*;
use alloc::vec::Vec;
use codec::Encode;
use dpin_primitives::{
    blake2,
    job::{Samples, MAX_AUDITORS, MAX_SAMPLES},
    kernel::Tiling,
    reason::ReasonCode,
    sampling::{sample, Draws},
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::WorkerProfile,
    AccountId, Hash, TaskId,
};
use polkadot_sdk::{
    frame_support::{traits::Get, BoundedVec},
    sp_runtime::Saturating,
};

/// Candidates looked at for each place to be filled.
const PROBES: u32 = 8;

/// A queue in a map, as the positions of its first entry and of the next free place.
macro_rules! queue {
    ($push:ident, $pop:ident, $len:ident, $map:ident, $ends:ident) => {
        pub(crate) fn $push(task: TaskId) {
            $ends::<T>::mutate(|(_, next)| {
                $map::<T>::insert(*next, task);
                next.saturating_inc();
            });
        }

        fn $pop() -> Option<TaskId> {
            $ends::<T>::mutate(|(first, next)| {
                if first >= next {
                    return None;
                }
                let task = $map::<T>::take(*first);
                first.saturating_inc();
                task
            })
        }

        fn $len() -> u64 {
            let (first, next) = $ends::<T>::get();
            next.saturating_sub(first)
        }
    };
}

/// The tiles of a task's audit.
pub(crate) fn sampled_tiles(seed: Hash, brief: &TaskBrief) -> Vec<u32> {
    let count = match brief.audit.samples {
        Samples::Count(count) => count.min(MAX_SAMPLES),
        Samples::All => MAX_SAMPLES,
    };
    sample(seed, brief.tiling.tiles(brief.group_count), count)
}

impl<T: Config> Pallet<T> {
    queue!(push_waiting, pop_waiting, waiting_len, Waiting, WaitingEnds);
    queue!(push_drawing, pop_drawing, drawing_len, Drawing, DrawingEnds);

    /// Fold the parent block's VRF output into the running randomness. A block without one changes the seed, so that draws
    /// differ, but does not count as fresh.
    pub(crate) fn fold_in(vrf: Option<Hash>) {
        RunningEntropy::<T>::mutate(|entropy| {
            entropy.seed = blake2(&(entropy.seed, vrf).encode());
            if vrf.is_some() {
                entropy.fresh.saturating_inc();
            }
        });
    }

    /// The count of fresh outputs from which the sample of a commitment in this block may be drawn. This block's own output,
    /// which its author knew, is folded in next; then m more must follow.
    pub(crate) fn drawable_at() -> u64 {
        RunningEntropy::<T>::get().fresh.saturating_add(1).saturating_add(T::Rules::get().fresh_outputs.into())
    }

    fn draws(purpose: &[u8], task: TaskId, state: &TaskState) -> Draws {
        let seed = RunningEntropy::<T>::get().seed;
        Draws::new(blake2(&(purpose, seed, task, state.attempt, state.redraws).encode()))
    }

    /// Give waiting tasks to workers; returns how many were looked at.
    pub(crate) fn assign_tasks() -> u32 {
        let most = Self::waiting_len().min(T::MaxDrawsPerBlock::get().into()) as u32;
        for _ in 0..most {
            let Some(task) = Self::pop_waiting() else { break };
            let Some(state) = Tasks::<T>::get(task).filter(|state| matches!(state.stage, Stage::Queued { .. })) else {
                continue;
            };
            if !Self::try_assign(task, state) {
                Self::push_waiting(task);
            }
        }
        most
    }

    /// Draw a worker for a task and engage it; `false` if none of the candidates may have it.
    pub(crate) fn try_assign(task: TaskId, state: TaskState) -> bool {
        let Some(brief) = T::Jobs::brief(task) else { return false };
        let rules = T::Rules::get();
        let Some(bond) = rules.task_bond(&brief.reward.asset, brief.reward.per_task) else { return false };
        let mut draws = Self::draws(b"dpin/worker", task, &state);
        let mut fallback: Option<(AccountId, WorkerProfile)> = None;
        let mut chosen = None;
        for _ in 0..PROBES {
            let Some(candidate) = T::Workers::draw(brief.requires.class, draws.next_u64()) else { break };
            if fallback.as_ref().is_some_and(|(seen, _)| *seen == candidate) {
                continue;
            }
            let Some(profile) = Self::may_work(&candidate, task, &state, &brief, bond) else { continue };
            // A region nobody else of this job works in is preferred: fewer failures are shared.
            if profile.region.is_empty() || Regions::<T>::get(task.job, &profile.region) == 0 {
                chosen = Some((candidate, profile));
                break;
            }
            fallback.get_or_insert((candidate, profile));
        }
        match chosen.or(fallback) {
            Some((worker, profile)) => Self::engage(task, state, &brief, worker, profile.region, bond),
            None => false,
        }
    }

    fn may_work(
        candidate: &AccountId,
        task: TaskId,
        state: &TaskState,
        brief: &TaskBrief,
        bond: dpin_primitives::Balance,
    ) -> Option<WorkerProfile> {
        if *candidate == brief.requester || state.tried.contains(candidate) {
            return None;
        }
        let duties = Duties::<T>::get(candidate);
        let of_this_job = |duty: &Duty| duty.task.job == task.job && duty.role == Role::Worker;
        if duties.is_full() || duties.iter().any(of_this_job) {
            return None;
        }
        let profile = T::Workers::profile(candidate)?;
        let requires = &brief.requires;
        let fits = profile.memory >= requires.memory
            && (profile.fp64 || !requires.fp64)
            && requires.class.is_none_or(|class| class == profile.class)
            && profile.region.starts_with(&requires.region)
            && profile.offer.covers(&brief.kernel, &brief.reward.asset, brief.reward.per_task, brief.run_blocks)
            && T::Workers::free_bond(candidate) >= bond;
        fits.then_some(profile)
    }

    /// Draw samples and auditors for commitments that are old enough; returns how many were looked at.
    pub(crate) fn draw_audits() -> u32 {
        let most = Self::drawing_len().min(T::MaxDrawsPerBlock::get().into()) as u32;
        let fresh = RunningEntropy::<T>::get().fresh;
        for looked_at in 0..most {
            let Some(task) = Self::pop_drawing() else { return looked_at };
            let Some(state) = Tasks::<T>::get(task) else { continue };
            let Stage::Committed { drawable_at, due, .. } = state.stage else { continue };
            if drawable_at > fresh || !Self::try_draw_auditors(task, state, Self::now() >= due) {
                Self::push_drawing(task);
            }
        }
        most
    }

    /// Draw the sample and the auditors of a commitment; `false` if too few auditors were found. At the `last` chance one is
    /// enough.
    pub(crate) fn try_draw_auditors(task: TaskId, state: TaskState, last: bool) -> bool {
        let Some(brief) = T::Jobs::brief(task) else { return false };
        let Stage::Committed { run, commitment, .. } = &state.stage else { return false };
        let wanted = brief.audit.auditors.min(MAX_AUDITORS) as usize;
        let auditor_bond = T::Rules::get().audit_bond;
        let mut draws = Self::draws(b"dpin/auditors", task, &state);
        let seed =
            blake2(&(b"dpin/sample", draws.next_u64(), draws.next_u64(), draws.next_u64(), draws.next_u64()).encode());
        let mut auditors: Vec<AccountId> = Vec::with_capacity(wanted);
        for _ in 0..PROBES.saturating_mul(wanted as u32) {
            if auditors.len() == wanted {
                break;
            }
            let Some(candidate) = T::Workers::draw(None, draws.next_u64()) else { break };
            let may_audit = candidate != run.worker
                && candidate != brief.requester
                && !auditors.contains(&candidate)
                && !Duties::<T>::get(&candidate).is_full()
                && T::Workers::free_bond(&candidate) >= auditor_bond
                && Self::device_fits(&candidate, &brief);
            if may_audit {
                auditors.push(candidate);
            }
        }
        let enough = auditors.len() == wanted || (last && !auditors.is_empty());
        if !enough {
            return false;
        }
        let audit =
            Audit { run: run.clone(), commitment: *commitment, seed, auditor_bond, auditors: BoundedVec::default() };
        Self::start_audit(task, state, audit, auditors, &brief);
        true
    }

    /// Whether a sample of the task can run on the candidate's devices.
    fn device_fits(candidate: &AccountId, brief: &TaskBrief) -> bool {
        T::Workers::profile(candidate).is_some_and(|profile| {
            // A sample of single tiles needs but a fraction of the memory; only a repeated whole task needs it all.
            let whole = matches!(brief.tiling, Tiling::Whole { .. });
            (profile.fp64 || !brief.requires.fp64) && (!whole || profile.memory >= brief.requires.memory)
        })
    }

    /// Whether no worker is left that has not tried the task.
    pub(crate) fn all_have_tried(state: &TaskState) -> bool {
        T::Workers::active() as usize <= state.tried.len()
    }

    /// Why a task that could not be given to anybody fails: what its last attempt said, or that nobody was found.
    pub(crate) fn unassigned_reason(state: &TaskState) -> ReasonCode {
        state.last_failure.unwrap_or(ReasonCode::NoWorker)
    }
}
