//! The lotteries: which worker gets a task, which tiles are checked, and by whom.
//!
//! Every draw is one hash and one read, whatever the number of workers.

use crate::{
    verdict::{JURY, QUORUM},
    *,
};
use alloc::vec::Vec;
use codec::Encode;
use core::ops::RangeInclusive;
use dpin_primitives::{
    AccountId, Balance, Hash, TaskId, blake2,
    candidates::Condition,
    job::{MAX_AUDITORS, MAX_SAMPLES, Samples},
    kernel::Tiling,
    reason::ReasonCode,
    sampling::{Draws, sample},
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::{Capability, Duty, MAX_DUTIES, Role, WorkerProfile, WorkerState},
};
use pallet_support::queue::{Queue, Turn};
use polkadot_sdk::{
    frame_support::{
        BoundedVec, defensive,
        traits::Get,
        weights::{Weight, WeightMeter},
    },
    sp_runtime::{Perbill, Saturating},
};

/// Candidates looked at for each place to be filled.
const PROBES: u32 = 8;

/// Canaries a worker may be called to at a time.
pub(crate) const CANARY_DUTIES: u32 = 2;

/// The tiles of an audit.
pub(crate) fn sampled_tiles(audit: &Audit, brief: &TaskBrief) -> Vec<u32> {
    sample(audit.seed, brief.tiling.tiles(brief.group_count), audit.samples)
}

/// The tiles a jury looks at; of an output that is said to be withheld, `fetched` drawn with the
/// jury's seed.
pub(crate) fn disputed_tiles(case: &Case, jury: Option<&Jury>, brief: &TaskBrief, fetched: u32) -> Vec<u32> {
    match (case, jury) {
        (Case::Seals { audit, .. }, _) => sampled_tiles(audit, brief),
        (Case::Challenge { tile, .. }, _) => alloc::vec![*tile],
        (Case::Withheld { .. }, Some(jury)) => sample(jury.seed, brief.tiling.tiles(brief.group_count), fetched),
        (Case::Withheld { .. }, None) => Vec::new(),
    }
}

/// Tasks that wait for a worker.
pub(crate) type WaitingQueue<T> = Queue<TaskId, Waiting<T>, WaitingEnds<T>>;
/// Tasks that wait for their sample and auditors.
pub(crate) type DrawingQueue<T> = Queue<TaskId, Drawing<T>, DrawingEnds<T>>;
/// Tasks whose draw is repeated.
pub(crate) type RedrawingQueue<T> = Queue<TaskId, Redrawing<T>, RedrawingEnds<T>>;

/// What became of a draw.
enum Drawn {
    /// It found whom it needs.
    Enough,
    /// It found too few.
    TooFew,
    /// Its randomness is still to come.
    Unripe,
    /// The task waits for no draw.
    Moot,
}

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
    fn weight<T: Config>(self, taken: u32) -> Weight {
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
    /// Fold the parent block's VRF output into the running randomness.
    pub(crate) fn fold_in(vrf: Option<Hash>) {
        RunningEntropy::<T>::mutate(|entropy| entropy.fold_in(vrf));
    }

    /// Draw what is to be drawn in this block, as far as the meter allows.
    ///
    /// What has begun is finished first: audits go before new tasks, of which only as many can be
    /// given away as come through their audits, so that a rush of them cannot keep running ones
    /// from being paid. Draws that have failed before have no more than a quarter, and a quarter of
    /// the rest is kept for new tasks. Whatever one of them leaves over is the others'.
    pub(crate) fn draw_all(meter: &mut WeightMeter) {
        let share = |meter: &WeightMeter, parts: u64| WeightMeter::with_limit(meter.remaining().saturating_div(parts));
        let mut repeated = share(meter, 4);
        let mut left = T::MaxDrawsPerBlock::get();
        left = left.saturating_sub(Self::draw_again(left, &mut repeated));
        meter.consume(repeated.consumed());
        let mut audits = WeightMeter::with_limit(meter.remaining().saturating_sub(meter.remaining().saturating_div(4)));
        left = left.saturating_sub(Self::draw_audits(left, &mut audits));
        meter.consume(audits.consumed());
        Self::assign_tasks(T::MaxDrawsPerBlock::get(), meter);
        Self::draw_audits(left, meter);
    }

    /// The count of fresh outputs from which on what is decided in this block may be drawn about.
    pub(crate) fn drawable_at() -> u64 {
        RunningEntropy::<T>::get().ripe_at(Self::rules().fresh_outputs)
    }

    fn draws(purpose: &[u8], task: TaskId, state: &TaskState) -> Draws {
        RunningEntropy::<T>::get().draws(purpose, &(task, state.attempt, state.redraws))
    }

    /// A seed out of a stream of draws.
    fn seed(purpose: &[u8], draws: &mut Draws) -> Hash {
        blake2(&(purpose, draws.next_u64(), draws.next_u64(), draws.next_u64(), draws.next_u64()).encode())
    }

    /// The most that giving one task to a worker may weigh.
    pub(crate) fn heaviest_assignment() -> Weight {
        let look = T::WeightInfo::look_at_candidate();
        let assigned = T::WeightInfo::assign_task().saturating_add(look.saturating_mul(PROBES.into()));
        assigned.saturating_add(Self::seldom_weight())
    }

    /// The most that one draw of auditors or of a jury may weigh.
    pub(crate) fn heaviest_draw() -> Weight {
        let look = T::WeightInfo::look_at_candidate();
        let probes = PROBES.saturating_mul(MAX_AUDITORS.max(JURY));
        let drawn = T::WeightInfo::draw_audit(MAX_AUDITORS).max(T::WeightInfo::draw_jury());
        drawn.saturating_add(look.saturating_mul(probes.into())).saturating_add(T::WeightInfo::refile_task())
    }

    /// Give at most `most` waiting tasks to workers, as far as the meter allows; returns how many
    /// were looked at.
    pub(crate) fn assign_tasks(most: u32, meter: &mut WeightMeter) -> u32 {
        let look = T::WeightInfo::look_at_candidate();
        let heaviest = Self::heaviest_assignment();
        WaitingQueue::<T>::serve(most, |task| {
            if !meter.can_consume(heaviest) {
                return Turn::Stop;
            }
            let Some(state) = Tasks::<T>::get(task).filter(|state| matches!(state.stage, Stage::Queued { .. })) else {
                meter.consume(look);
                return Turn::Done;
            };
            let Some(brief) = T::Jobs::brief(task) else {
                defensive!("an open task belongs to a job");
                meter.consume(look);
                return Turn::Again;
            };
            if let Some(given_back) = Self::give_back_unbuildable(task, &state, &brief, meter) {
                return given_back;
            }
            let mut candidates = Candidates::default();
            let assigned = Self::try_assign(task, state, &brief, &mut candidates);
            let extra = assigned.unwrap_or_default().saturating_add(candidates.weight::<T>(assigned.is_some().into()));
            meter.consume(T::WeightInfo::assign_task().saturating_add(extra));
            if assigned.is_some() { Turn::Done } else { Turn::Again }
        })
    }

    /// Give a task back whose kernel is known not to build where it may run; `None` if it is not.
    /// Nobody has to find that out anew.
    fn give_back_unbuildable(
        task: TaskId,
        state: &TaskState,
        brief: &TaskBrief,
        meter: &mut WeightMeter,
    ) -> Option<Turn> {
        let reason = T::Jobs::unbuildable(&brief.kernel, brief.requires.class)?;
        let look = T::WeightInfo::look_at_candidate();
        if !meter.can_consume(look.saturating_add(Self::close_weight())) {
            return Some(Turn::Stop);
        }
        let closing = match state.last_failure {
            Some(last) if last.is_requesters() => Self::give_up(task, state.attempt, reason),
            _ => Self::give_back(task, state.attempt, reason),
        };
        meter.consume(look.saturating_add(closing));
        Some(Turn::Done)
    }

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

    /// Draw samples, auditors and juries for at most `most` tasks that are old enough, as far as
    /// the meter allows; returns how many were looked at. What finds too few workers is left to
    /// [`Self::draw_again`].
    pub(crate) fn draw_audits(most: u32, meter: &mut WeightMeter) -> u32 {
        let entropy = RunningEntropy::<T>::get();
        // They ripen in the order in which they come.
        DrawingQueue::<T>::serve(most, |task| match Self::draw_one(task, &entropy, meter) {
            Some(Drawn::Unripe) | None => Turn::Stop,
            Some(Drawn::TooFew) => {
                RedrawingQueue::<T>::push(task);
                Turn::Done
            }
            Some(Drawn::Enough | Drawn::Moot) => Turn::Done,
        })
    }

    /// Repeat at most `most` draws that found too few workers, as far as the meter allows; returns
    /// how many were looked at.
    pub(crate) fn draw_again(most: u32, meter: &mut WeightMeter) -> u32 {
        let entropy = RunningEntropy::<T>::get();
        RedrawingQueue::<T>::serve(most, |task| match Self::draw_one(task, &entropy, meter) {
            None => Turn::Stop,
            Some(Drawn::TooFew) => Turn::Again,
            // What is not ripe waits for another draw than the one that failed, in the other queue.
            Some(Drawn::Enough | Drawn::Moot | Drawn::Unripe) => Turn::Done,
        })
    }

    /// Draw the auditors or the jury of one task; `None` if the meter does not allow it.
    fn draw_one(task: TaskId, entropy: &Entropy, meter: &mut WeightMeter) -> Option<Drawn> {
        let look = T::WeightInfo::look_at_candidate();
        if !meter.can_consume(Self::heaviest_draw()) {
            return None;
        }
        let Some(state) = Tasks::<T>::get(task) else {
            meter.consume(look);
            return Some(Drawn::Moot);
        };
        let last = Self::now() >= state.stage.due();
        let mut candidates = Candidates::default();
        let (at, step) = match &state.stage {
            Stage::Committed { drawable_at, .. } => (*drawable_at, None),
            Stage::Summoning { drawable_at, .. } => (*drawable_at, Some(T::WeightInfo::draw_jury())),
            _ => {
                meter.consume(look);
                return Some(Drawn::Moot);
            }
        };
        if !entropy.is_ripe(at) {
            meter.consume(look);
            return Some(Drawn::Unripe);
        }
        let found = match step {
            Some(_) => Self::try_draw_jury(task, state, last, &mut candidates),
            None => Self::try_draw_auditors(task, state, last, &mut candidates),
        };
        let (drawn, filing) = found.unwrap_or_default();
        let step = step.unwrap_or_else(|| T::WeightInfo::draw_audit(drawn)).saturating_add(filing);
        meter.consume(step.saturating_add(candidates.weight::<T>(drawn)));
        Some(if found.is_some() { Drawn::Enough } else { Drawn::TooFew })
    }

    /// Draw different workers who have the time, the bond and the device to recompute a part of the
    /// task, as many as there are `places`; `None` if too few are found. Neither the requester nor
    /// anybody who `is_party` is drawn. `candidates` counts whom it came upon.
    fn draw_checkers(
        draws: &mut Draws,
        places: RangeInclusive<u32>,
        bond: Balance,
        brief: &TaskBrief,
        is_party: impl Fn(&AccountId) -> bool,
        candidates: &mut Candidates,
    ) -> Option<Vec<AccountId>> {
        let wanted = *places.end();
        let mut drawn: Vec<AccountId> = Vec::with_capacity(wanted as usize);
        for _ in 0..PROBES.saturating_mul(wanted) {
            if drawn.len() == wanted as usize {
                break;
            }
            let Some(candidate) = T::Workers::draw(None, draws.next_u64()) else { break };
            let Some(stands) = T::Workers::state(&candidate) else { continue };
            if !is_taken(draws, stands.reputation) {
                candidates.passed_over.saturating_inc();
                continue;
            }
            candidates.looked_at.saturating_inc();
            let may_check = candidate != brief.requester
                && !is_party(&candidate)
                && !drawn.contains(&candidate)
                && stands.free_bond >= bond
                && Self::has_room(&stands)
                && Self::device_fits(&stands.capability, brief);
            if may_check {
                drawn.push(candidate);
            }
        }
        places.contains(&(drawn.len() as u32)).then_some(drawn)
    }

    /// Draw the sample and the auditors of a commitment. Returns how many they are, and what filing
    /// the task anew weighed, if it had to be; `None` if too few were found. At the `last` chance
    /// one is enough.
    pub(crate) fn try_draw_auditors(
        task: TaskId,
        state: TaskState,
        last: bool,
        candidates: &mut Candidates,
    ) -> Option<(u32, Weight)> {
        let brief = T::Jobs::brief(task)?;
        let Stage::Committed { run, commitment, .. } = &state.stage else { return None };
        let rules = Self::rules();
        let wanted = brief.audit.auditors.min(MAX_AUDITORS);
        let mut draws = Self::draws(b"dpin/auditors", task, &state);
        let seed = Self::seed(b"dpin/sample", &mut draws);
        let bond = rules.check_bond(run.bond);
        let is_party = |candidate: &AccountId| *candidate == run.worker;
        let least = if last { wanted.min(1) } else { wanted };
        let auditors = Self::draw_checkers(&mut draws, least..=wanted, bond, &brief, is_party, candidates)?;
        let found = auditors.len() as u32;
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
        Some((found, Self::start_audit(task, state, audit, auditors, &brief)))
    }

    /// Draw the jury of a dispute, as [`Self::try_draw_auditors`] does the auditors. At the `last`
    /// chance a quorum is enough.
    pub(crate) fn try_draw_jury(
        task: TaskId,
        state: TaskState,
        last: bool,
        candidates: &mut Candidates,
    ) -> Option<(u32, Weight)> {
        let brief = T::Jobs::brief(task)?;
        let Stage::Summoning { case, .. } = &state.stage else { return None };
        let bond = Self::rules().check_bond(case.run().bond);
        let mut draws = Self::draws(b"dpin/jury", task, &state);
        let seed = Self::seed(b"dpin/jury-seed", &mut draws);
        let is_party = |candidate: &AccountId| case.is_party(candidate);
        let least = if last { QUORUM } else { JURY };
        let jurors = Self::draw_checkers(&mut draws, least..=JURY, bond, &brief, is_party, candidates)?;
        let found = jurors.len() as u32;
        let case = case.clone();
        let jury = Jury { seed, bond, jurors: BoundedVec::default() };
        Some((found, Self::start_deliberation(task, state, case, jury, jurors)))
    }

    /// Whether a worker may be drawn for one more duty: the last places are kept for canaries,
    /// which it must be able to answer however busy it is.
    pub(crate) fn has_room(stands: &WorkerState) -> bool {
        stands.duties.len().saturating_add(CANARY_DUTIES) < MAX_DUTIES
    }

    /// Whether a sample of the task can run on devices that can do this.
    pub(crate) fn device_fits(capability: &Capability, brief: &TaskBrief) -> bool {
        // A sample of single tiles needs all inputs, and else but a fraction of the memory; only a
        // repeated whole task needs it all.
        let memory = match brief.tiling {
            Tiling::Whole { .. } => brief.requires.memory,
            Tiling::PerGroup { .. } => brief.least_memory,
        };
        capability.is_as_precise(&brief.requires) && capability.memory >= memory
    }

    /// Whether no worker is left that has not tried the task.
    pub(crate) fn all_have_tried(state: &TaskState) -> bool {
        T::Workers::active() as usize <= state.tried.len()
    }

    /// Why a task that could not be given to anybody fails: what its last attempt said, or that
    /// nobody was found.
    pub(crate) fn unassigned_reason(state: &TaskState) -> ReasonCode {
        state.last_failure.unwrap_or(ReasonCode::NoWorker)
    }
}
