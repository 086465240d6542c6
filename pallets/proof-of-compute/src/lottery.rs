//! The lotteries: which worker gets a task, which tiles are checked, and by whom.
//!
//! Every draw is one hash and one read, whatever the number of workers.

use crate::{
    verdict::{JURY, QUORUM},
    *,
};
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
    AccountId, Balance, Hash, TaskId,
};
use polkadot_sdk::{
    frame_support::{traits::Get, BoundedVec},
    sp_runtime::{Perbill, Saturating},
};

/// Candidates looked at for each place to be filled.
const PROBES: u32 = 8;

/// Canaries a worker may be called to at a time.
pub(crate) const CANARY_DUTIES: u32 = 2;

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

/// The tiles of an audit.
pub(crate) fn sampled_tiles(audit: &Audit, brief: &TaskBrief) -> Vec<u32> {
    sample(audit.seed, brief.tiling.tiles(brief.group_count), audit.samples)
}

/// The tiles a jury looks at; of an output that is said to be withheld, `fetched` drawn with the jury's seed.
pub(crate) fn disputed_tiles(case: &Case, jury: Option<&Jury>, brief: &TaskBrief, fetched: u32) -> Vec<u32> {
    match (case, jury) {
        (Case::Seals { audit, .. }, _) => sampled_tiles(audit, brief),
        (Case::Challenge { tile, .. }, _) => alloc::vec![*tile],
        (Case::Withheld { .. }, Some(jury)) => sample(jury.seed, brief.tiling.tiles(brief.group_count), fetched),
        (Case::Withheld { .. }, None) => Vec::new(),
    }
}

/// Whether a draw goes to a candidate of this reputation: the more it is trusted, the likelier.
fn is_taken(draws: &mut Draws, reputation: Perbill) -> bool {
    draws.below(Perbill::one().deconstruct().into()) < reputation.deconstruct().into()
}

impl<T: Config> Pallet<T> {
    queue!(push_waiting, pop_waiting, waiting_len, Waiting, WaitingEnds);
    queue!(push_drawing, pop_drawing, drawing_len, Drawing, DrawingEnds);

    /// Fold the parent block's VRF output into the running randomness.
    pub(crate) fn fold_in(vrf: Option<Hash>) {
        RunningEntropy::<T>::mutate(|entropy| entropy.fold_in(vrf));
    }

    /// The count of fresh outputs from which on what is decided in this block may be drawn about.
    pub(crate) fn drawable_at() -> u64 {
        RunningEntropy::<T>::get().ripe_at(T::Rules::get().fresh_outputs)
    }

    fn draws(purpose: &[u8], task: TaskId, state: &TaskState) -> Draws {
        RunningEntropy::<T>::get().draws(purpose, &(task, state.attempt, state.redraws))
    }

    /// A seed out of a stream of draws.
    fn seed(purpose: &[u8], draws: &mut Draws) -> Hash {
        blake2(&(purpose, draws.next_u64(), draws.next_u64(), draws.next_u64(), draws.next_u64()).encode())
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
            let reputation = T::Workers::reputation(&candidate);
            if reputation < brief.requires.reputation || !is_taken(&mut draws, reputation) {
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
        if !Self::has_room(&duties) || duties.iter().any(of_this_job) {
            return None;
        }
        let profile = T::Workers::profile(candidate)?;
        let requires = &brief.requires;
        let fits = profile.memory >= requires.memory
            && (profile.fp64 || !requires.fp64)
            && profile.fp32.covers(&requires.fp32)
            && requires.class.is_none_or(|class| class == profile.class)
            && profile.region.starts_with(&requires.region)
            && (profile.certified || !requires.certified)
            && profile.offer.covers(&brief.kernel, &brief.reward.asset, brief.reward.per_task, brief.run_blocks)
            && T::Workers::free_bond(candidate) >= bond;
        fits.then_some(profile)
    }

    /// Draw samples, auditors and juries for what is old enough; returns how many were looked at.
    pub(crate) fn draw_audits() -> u32 {
        let most = Self::drawing_len().min(T::MaxDrawsPerBlock::get().into()) as u32;
        let entropy = RunningEntropy::<T>::get();
        for looked_at in 0..most {
            let Some(task) = Self::pop_drawing() else { return looked_at };
            let Some(state) = Tasks::<T>::get(task) else { continue };
            let last = Self::now() >= state.stage.due();
            let drawn = match &state.stage {
                Stage::Committed { drawable_at, .. } => {
                    entropy.is_ripe(*drawable_at) && Self::try_draw_auditors(task, state, last)
                }
                Stage::Summoning { drawable_at, .. } => {
                    entropy.is_ripe(*drawable_at) && Self::try_draw_jury(task, state, last)
                }
                _ => continue,
            };
            if !drawn {
                Self::push_drawing(task);
            }
        }
        most
    }

    /// Draw up to `wanted` different workers who have the time, the bond and the device to recompute a part of the task. Neither the
    /// requester nor anybody who `is_party` is drawn.
    fn draw_checkers(
        draws: &mut Draws,
        wanted: u32,
        bond: Balance,
        brief: &TaskBrief,
        is_party: impl Fn(&AccountId) -> bool,
    ) -> Vec<AccountId> {
        let mut drawn: Vec<AccountId> = Vec::with_capacity(wanted as usize);
        for _ in 0..PROBES.saturating_mul(wanted) {
            if drawn.len() == wanted as usize {
                break;
            }
            let Some(candidate) = T::Workers::draw(None, draws.next_u64()) else { break };
            let may_check = is_taken(draws, T::Workers::reputation(&candidate))
                && candidate != brief.requester
                && !is_party(&candidate)
                && !drawn.contains(&candidate)
                && Self::has_room(&Duties::<T>::get(&candidate))
                && T::Workers::free_bond(&candidate) >= bond
                && Self::device_fits(&candidate, brief);
            if may_check {
                drawn.push(candidate);
            }
        }
        drawn
    }

    /// Draw the sample and the auditors of a commitment; `false` if too few auditors were found. At the `last` chance one is
    /// enough.
    pub(crate) fn try_draw_auditors(task: TaskId, state: TaskState, last: bool) -> bool {
        let Some(brief) = T::Jobs::brief(task) else { return false };
        let Stage::Committed { run, commitment, .. } = &state.stage else { return false };
        let rules = T::Rules::get();
        let wanted = brief.audit.auditors.min(MAX_AUDITORS);
        let mut draws = Self::draws(b"dpin/auditors", task, &state);
        let seed = Self::seed(b"dpin/sample", &mut draws);
        let bond = rules.check_bond(run.bond);
        let auditors = Self::draw_checkers(&mut draws, wanted, bond, &brief, |candidate| *candidate == run.worker);
        let enough = auditors.len() == wanted as usize || (last && !auditors.is_empty());
        if !enough {
            return false;
        }
        let samples = match brief.audit.samples {
            Samples::Count(count) => rules.samples(count.min(MAX_SAMPLES), T::Workers::reputation(&run.worker)),
            Samples::All => MAX_SAMPLES,
        };
        let audit = Audit {
            run: run.clone(),
            commitment: *commitment,
            seed,
            samples,
            auditor_bond: bond,
            auditors: BoundedVec::default(),
        };
        Self::start_audit(task, state, audit, auditors, &brief);
        true
    }

    /// Draw the jury of a dispute; `false` if too few jurors were found. At the `last` chance a quorum is enough.
    pub(crate) fn try_draw_jury(task: TaskId, state: TaskState, last: bool) -> bool {
        let Some(brief) = T::Jobs::brief(task) else { return false };
        let Stage::Summoning { case, .. } = &state.stage else { return false };
        let bond = T::Rules::get().check_bond(case.run().bond);
        let mut draws = Self::draws(b"dpin/jury", task, &state);
        let seed = Self::seed(b"dpin/jury-seed", &mut draws);
        let jurors = Self::draw_checkers(&mut draws, JURY, bond, &brief, |candidate| case.is_party(candidate));
        let found = jurors.len() as u32;
        let enough = found == JURY || (last && found >= QUORUM);
        if !enough {
            return false;
        }
        let case = case.clone();
        Self::start_deliberation(task, state, case, Jury { seed, bond, jurors: BoundedVec::default() }, jurors);
        true
    }

    /// Whether a worker may be drawn for one more duty: the last places are kept for canaries, which it must be able to answer however
    /// busy it is.
    fn has_room(duties: &BoundedVec<Duty, T::MaxDuties>) -> bool {
        (duties.len() as u32).saturating_add(CANARY_DUTIES) < T::MaxDuties::get()
    }

    /// Whether a sample of the task can run on the candidate's devices.
    fn device_fits(candidate: &AccountId, brief: &TaskBrief) -> bool {
        T::Workers::profile(candidate).is_some_and(|profile| {
            // A sample of single tiles needs but a fraction of the memory; only a repeated whole task needs it all.
            let whole = matches!(brief.tiling, Tiling::Whole { .. });
            (profile.fp64 || !brief.requires.fp64)
                && profile.fp32.covers(&brief.requires.fp32)
                && (!whole || profile.memory >= brief.requires.memory)
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
