//! The draws of a block: which worker gets a task, which tiles are checked, and by whom.
//!
//! Every draw is one hash and one read for any number of workers.

pub(crate) mod candidates;
mod checkers;
mod entropy;

pub use entropy::Entropy;

use self::candidates::{Candidates, PROBES};
use crate::{
    filing::{DrawingQueue, RedrawingQueue, WaitingQueue},
    flow::Open,
    verdict::JURY,
    *,
};
use codec::Encode;
use dpin_primitives::{
    Hash, TaskId, blake2, job::MAX_AUDITORS, reason::ReasonCode, sampling::Draws, traits::JobLedger,
};
use pallet_support::queue::Turn;
use polkadot_sdk::{
    frame_support::{
        defensive,
        traits::Get,
        weights::{Weight, WeightMeter},
    },
    frame_system,
};

/// The result of a draw of auditors or of a jury.
enum Drawn {
    /// Enough workers were found.
    Enough,
    /// Too few workers were found.
    TooFew,
    /// The randomness for the draw is still to come.
    Unripe,
    /// The task waits for no draw.
    Moot,
}

impl<T: Config> Pallet<T> {
    /// The running randomness.
    pub fn entropy() -> Entropy {
        RunningEntropy::<T>::get()
    }

    /// Fold the parent block's VRF output into the running randomness.
    pub(crate) fn fold_in(vrf: Option<Hash>) {
        RunningEntropy::<T>::mutate(|entropy| entropy.fold_in(vrf));
    }

    /// Maximum weight of the draws of a block.
    ///
    /// It is two fifths of the block. That is the share of draws in the weight of a whole job: a
    /// task and two auditors, with 32 samples. With less, blocks would have room for reports that
    /// never come.
    pub(crate) fn draws_limit() -> Weight {
        <T as frame_system::Config>::BlockWeights::get().max_block.saturating_div(5).saturating_mul(2)
    }

    /// Maximum weight of giving one task to a worker.
    pub(crate) fn heaviest_assignment() -> Weight {
        let look = T::WeightInfo::look_at_candidate();
        let assigned = T::WeightInfo::assign_task().saturating_add(look.saturating_mul(PROBES.into()));
        assigned.saturating_add(Self::extras_weight())
    }

    /// Maximum weight of one draw of auditors or of a jury.
    pub(crate) fn heaviest_draw() -> Weight {
        let look = T::WeightInfo::look_at_candidate();
        let probes = PROBES.saturating_mul(MAX_AUDITORS.max(JURY));
        let drawn = T::WeightInfo::draw_audit(MAX_AUDITORS).max(T::WeightInfo::draw_jury());
        drawn.saturating_add(look.saturating_mul(probes.into())).saturating_add(T::WeightInfo::refile_task())
    }

    /// Make the draws of this block, as far as the meter allows.
    ///
    /// Tasks that have begun are finished first: audits go before new tasks. Only as many new tasks
    /// are given away as come through their audits. So a rush of them cannot keep running tasks
    /// from being paid. Draws that have failed before get at most a quarter. A quarter of the rest
    /// is kept for new tasks. Each may use the weight that the others leave over.
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

    /// Give at most `most` waiting tasks to workers, as far as the meter allows. Returns the number
    /// of tasks looked at.
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
            let Ok(open) = Open::<T>::of(task, state) else {
                defensive!("an open task belongs to a job");
                meter.consume(look);
                return Turn::Again;
            };
            if let Some(reason) = T::Jobs::unbuildable(&open.brief.kernel, open.brief.requires.class) {
                return Self::give_back_unbuildable(open, reason, meter);
            }
            let mut candidates = Candidates::default();
            let assigned = open.try_assign(&mut candidates);
            let extra = assigned.unwrap_or_default().saturating_add(candidates.weight::<T>(assigned.is_some().into()));
            meter.consume(T::WeightInfo::assign_task().saturating_add(extra));
            if assigned.is_some() { Turn::Done } else { Turn::Again }
        })
    }

    /// Give a task back, because it is known that its kernel does not build where it may run.
    fn give_back_unbuildable(open: Open<T>, reason: ReasonCode, meter: &mut WeightMeter) -> Turn {
        let look = T::WeightInfo::look_at_candidate();
        if !meter.can_consume(look.saturating_add(Self::close_weight())) {
            return Turn::Stop;
        }
        let closing = match open.state.last_failure {
            Some(last) if last.is_requesters() => open.give_up(reason),
            _ => open.give_back(reason),
        };
        meter.consume(look.saturating_add(closing));
        Turn::Done
    }

    /// Draw samples, auditors and juries for at most `most` tasks that are old enough, as far as
    /// the meter allows. Returns the number of tasks looked at. A task that finds too few workers
    /// is left to [`Self::draw_again`].
    pub(crate) fn draw_audits(most: u32, meter: &mut WeightMeter) -> u32 {
        let entropy = RunningEntropy::<T>::get();
        // Tasks ripen in the order of the queue.
        DrawingQueue::<T>::serve(most, |task| match Self::draw_one(task, &entropy, meter) {
            Some(Drawn::Unripe) | None => Turn::Stop,
            Some(Drawn::TooFew) => {
                RedrawingQueue::<T>::push(task);
                Turn::Done
            }
            Some(Drawn::Enough | Drawn::Moot) => Turn::Done,
        })
    }

    /// Repeat at most `most` draws that found too few workers, as far as the meter allows. Returns
    /// the number of tasks looked at.
    pub(crate) fn draw_again(most: u32, meter: &mut WeightMeter) -> u32 {
        let entropy = RunningEntropy::<T>::get();
        RedrawingQueue::<T>::serve(most, |task| match Self::draw_one(task, &entropy, meter) {
            None => Turn::Stop,
            Some(Drawn::TooFew) => Turn::Again,
            // An unripe task waits in the other queue, for another draw than the one that failed.
            Some(Drawn::Enough | Drawn::Moot | Drawn::Unripe) => Turn::Done,
        })
    }

    /// Draw the auditors or the jury of one task; `None` if the meter does not allow it.
    fn draw_one(task: TaskId, entropy: &Entropy, meter: &mut WeightMeter) -> Option<Drawn> {
        if !meter.can_consume(Self::heaviest_draw()) {
            return None;
        }
        let waiting = Tasks::<T>::get(task).and_then(|state| Some((state.stage.drawable_at()?, state)));
        let idle = match &waiting {
            Some((at, _)) if entropy.is_ripe(*at) => None,
            Some(_) => Some(Drawn::Unripe),
            None => Some(Drawn::Moot),
        };
        let (Some((_, state)), None) = (waiting, &idle) else {
            meter.consume(T::WeightInfo::look_at_candidate());
            return idle;
        };
        let is_jury = state.stage.case().is_some();
        let mut candidates = Candidates::default();
        let found = Open::<T>::of(task, state).ok().and_then(|open| open.try_draw(&mut candidates));
        let (drawn, filing) = found.unwrap_or_default();
        let step = if is_jury { T::WeightInfo::draw_jury() } else { T::WeightInfo::draw_audit(drawn) };
        meter.consume(step.saturating_add(filing).saturating_add(candidates.weight::<T>(drawn)));
        Some(if found.is_some() { Drawn::Enough } else { Drawn::TooFew })
    }
}

impl<T: Config> Open<T> {
    /// The stream of draws for a purpose and the task's current attempt.
    fn draws(&self, purpose: &[u8]) -> Draws {
        RunningEntropy::<T>::get().draws(purpose, &(self.id, self.state.attempt, self.state.redraws))
    }
}

/// A seed out of a stream of draws.
fn seed(purpose: &[u8], draws: &mut Draws) -> Hash {
    blake2(&(purpose, draws.next_u64(), draws.next_u64(), draws.next_u64(), draws.next_u64()).encode())
}
