//! The draws of a block: which worker gets a task, which tiles are checked, and by whom.
//!
//! Every draw is one hash and one read, whatever the number of workers.

pub(crate) mod candidates;
mod checkers;
mod entropy;

pub use entropy::Entropy;

use self::candidates::{Candidates, PROBES};
use crate::{
    filing::{DrawingQueue, RedrawingQueue, WaitingQueue},
    verdict::JURY,
    *,
};
use codec::Encode;
use dpin_primitives::{
    Hash, TaskId, blake2,
    job::MAX_AUDITORS,
    sampling::Draws,
    traits::{JobLedger, TaskBrief},
};
use pallet_support::queue::Turn;
use polkadot_sdk::frame_support::{
    defensive,
    traits::Get,
    weights::{Weight, WeightMeter},
};

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

    /// The running randomness.
    pub fn entropy() -> Entropy {
        RunningEntropy::<T>::get()
    }
}
