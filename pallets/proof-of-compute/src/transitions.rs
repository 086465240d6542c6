//! What moves a task from stage to stage.

use crate::{
    lottery::{DrawingQueue, WaitingQueue},
    verdict::QUORUM,
    *,
};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlockNumber, Hash, TaskId,
    api::TaskStep,
    executor::Commitment,
    reason::ReasonCode,
    seal::{finding, seal},
    tile_tree,
    traits::{JobLedger, TaskBrief, TaskQueue, WorkerRegistry},
    worker::{Duties, Duty, Outcome, Penalty, Region, Role},
};
use pallet_support::agenda::{Agenda, Cost, Visit};
use polkadot_sdk::{
    frame_support::{
        BoundedVec, defensive, ensure,
        traits::Get,
        weights::{Weight, WeightMeter},
    },
    sp_runtime::{DispatchError, Saturating, traits::SaturatedConversion},
};

/// Blocks after which the sweep looks at a new task for the first time: later than most tasks are
/// closed.
const FIRST_LOOK: BlockNumber = 12;

/// Most deadlines looked at by the sweep of one block, even if there is weight for more.
pub(crate) const MAX_SWEPT: u32 = 4_096;

/// The tasks by the block in which the sweep looks at them.
pub(crate) type Due<T> = Agenda<TaskId, Deadlines<T>, DeadlineCounts<T>, Swept<T>>;

impl<T: Config> TaskQueue for Pallet<T> {
    fn enqueue(task: TaskId) {
        let due = Self::now().saturating_add(Self::rules().queue_blocks);
        let stage = Stage::Queued { due };
        Self::enter(task, TaskState::new(stage));
        WaitingQueue::<T>::push(task);
    }

    fn withdraw(task: TaskId) -> bool {
        let queued = Tasks::<T>::get(task).filter(|state| matches!(state.stage, Stage::Queued { .. }));
        if let Some(state) = &queued {
            history::note::<T>(task, state.attempt, TaskStep::Failed { reason: ReasonCode::Cancelled });
            Tasks::<T>::remove(task);
        }
        queued.is_some()
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn now() -> BlockNumber {
        polkadot_sdk::frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The numbers that govern audits, as this block has found them; what governance turns counts
    /// from the next block on. Reading them one by one costs more than most transitions.
    pub(crate) fn rules() -> Rules {
        CurrentRules::<T>::get().unwrap_or_else(T::Rules::get)
    }

    /// Store a task's new state, and see to it that the sweep comes by in time.
    ///
    /// A task stays filed where it is unless its new deadline comes earlier: most tasks are closed
    /// before the sweep has looked at them even once, so that two writes do for all their
    /// deadlines. Returns what filing it anew weighed, if it had to be.
    pub(crate) fn enter(task: TaskId, mut state: TaskState) -> Weight {
        let due = state.stage.due();
        let now = Self::now();
        let refiled = state.filed.is_some_and(|filed| filed > due || filed < now);
        if refiled {
            Self::file(task, &mut state, due);
        } else if state.filed.is_none() {
            Self::file(task, &mut state, due.min(now.saturating_add(FIRST_LOOK)));
        }
        Tasks::<T>::insert(task, state);
        if refiled { T::WeightInfo::refile_task() } else { Weight::zero() }
    }

    /// An entry under another block stays where it is, and is skipped when the sweep comes by.
    fn file(task: TaskId, state: &mut TaskState, at: BlockNumber) {
        state.filed = Some(Due::<T>::file(Self::now(), at, task));
    }

    /// What a worker owes the chain.
    pub(crate) fn duties_of(worker: &AccountId) -> Duties {
        T::Workers::state(worker).map(|state| state.duties).unwrap_or_default()
    }

    /// Take a slot and a part of the bond of a worker for a task; `None` if it has neither. Returns
    /// what it weighed beyond what every assignment does.
    pub(crate) fn engage(
        task: TaskId,
        state: TaskState,
        brief: &TaskBrief,
        worker: AccountId,
        region: Region,
        bond: Balance,
    ) -> Option<Weight> {
        if !T::Workers::engage(&worker, Duty { task, role: Role::Worker }, bond) {
            return None;
        }
        // Where there is no other task, nobody asks.
        let region = if brief.tasks > 1 { region } else { Region::default() };
        let mut weight = Weight::zero();
        if !region.is_empty() {
            Self::enter_region(task, &region);
            weight.saturating_accrue(T::WeightInfo::count_region());
        }
        let due = Self::now().saturating_add(brief.run_blocks);
        let attempt = state.attempt;
        let run = Run { worker: worker.clone(), bond, region };
        weight.saturating_accrue(Self::enter(
            task,
            TaskState { redraws: 0, stage: Stage::Assigned { run, due }, ..state },
        ));
        history::note::<T>(task, attempt, TaskStep::Assigned { worker: worker.clone(), due });
        Self::deposit_event(Event::TaskAssigned { task, attempt, worker, due });
        Some(weight)
    }

    pub(crate) fn enter_region(task: TaskId, region: &Region) {
        Regions::<T>::mutate(task.job, region, |engaged| engaged.saturating_inc());
    }

    /// A worker's task does not count in its region any more. Returns what that weighed.
    pub(crate) fn leave_region(task: TaskId, run: &Run) -> Weight {
        if run.region.is_empty() {
            return Weight::zero();
        }
        Regions::<T>::mutate_exists(task.job, &run.region, |engaged| {
            *engaged = engaged.map(|count| count.saturating_sub(1)).filter(|count| *count > 0);
        });
        T::WeightInfo::count_region()
    }

    /// The most that the end of an attempt may weigh beyond the call that brings it about: closing
    /// the last task of the largest job, or filing the task anew.
    pub(crate) fn close_weight() -> Weight {
        T::Jobs::close_weight().saturating_add(Self::seldom_weight())
    }

    /// The same of the only task of a job, or of one that is not the last.
    pub(crate) fn close_one_weight() -> Weight {
        T::Jobs::close_one_weight().saturating_add(Self::seldom_weight())
    }

    /// What giving a task to a worker, or ending that, seldom weighs besides: counting it in a
    /// region, and filing it anew.
    pub(crate) fn seldom_weight() -> Weight {
        T::WeightInfo::count_region().saturating_add(T::WeightInfo::refile_task())
    }

    /// What the outcome of a task counts for its worker's reputation, in planck. A canary pays
    /// nothing: it counts as much as is at stake in an audit.
    pub(crate) fn worth(task: TaskId, brief: &TaskBrief) -> Balance {
        let rules = Self::rules();
        if task.is_canary() {
            return rules.audit_bond;
        }
        rules.in_dpn(&brief.reward.asset, brief.reward.per_task).unwrap_or(Balance::MAX)
    }

    /// End a duty: take note of how it ended, and give its bond back or what of it the fate leaves.
    /// A slash follows its note, so that both are undone together when it is cancelled.
    pub(crate) fn seal_fate(task: TaskId, who: &AccountId, bond: Balance, worth: Balance, fate: Fate, claims: &Claims) {
        let penalty = |reason, amount, claims| Penalty { task, reason, amount, claims };
        match fate {
            Fate::Excused => T::Workers::relieve(who, task, bond),
            Fate::Done => T::Workers::discharge(who, task, bond, worth),
            Fate::Declined => {
                T::Workers::relieve(who, task, bond);
                T::Workers::note(who, Outcome::Declined, worth);
            }
            Fate::Silent => {
                let loss = Self::rules().price_of_silence(bond, T::Workers::strikes(who));
                T::Workers::note(who, Outcome::Silent, worth);
                T::Workers::relieve(who, task, bond.saturating_sub(loss));
                T::Workers::slash(who, penalty(ReasonCode::WorkerSilent, loss, Vec::new()));
            }
            Fate::Wrong(reason) => {
                T::Workers::relieve(who, task, 0);
                T::Workers::note(who, Outcome::Wrong, worth);
                T::Workers::slash(who, penalty(reason, bond, claims.on(bond, Self::rules().shares)));
            }
        }
    }

    /// End the engagement of an audit's auditors.
    pub(crate) fn dismiss_auditors(
        task: TaskId,
        audit: &Audit,
        worth: Balance,
        fate: impl Fn(usize, &Option<Hash>) -> Fate,
        claims: &Claims,
    ) {
        for (position, (auditor, seal)) in audit.auditors.iter().enumerate() {
            Self::seal_fate(task, auditor, audit.auditor_bond, worth, fate(position, seal), claims);
        }
    }

    pub(crate) fn start_audit(
        task: TaskId,
        state: TaskState,
        mut audit: Audit,
        auditors: Vec<AccountId>,
        brief: &TaskBrief,
    ) -> Weight {
        for auditor in &auditors {
            if T::Workers::oblige(auditor, Duty { task, role: Role::Auditor }, audit.auditor_bond) {
                let _ = audit.auditors.try_push((auditor.clone(), None));
            }
        }
        let due = Self::now().saturating_add(Self::rules().seal_blocks);
        let samples = lottery::sampled_tiles(&audit, brief).len() as u32;
        history::note::<T>(task, state.attempt, TaskStep::AuditorsDrawn { auditors: auditors.clone(), samples });
        Self::deposit_event(Event::AuditorsDrawn { task, seed: audit.seed, samples, auditors });
        Self::enter(task, TaskState { stage: Stage::Auditing { audit, due }, ..state })
    }

    /// The task's state and its worker, if it waits for its worker's commitment of this attempt. A
    /// canary has no state yet: its worker is called by the chain.
    pub(crate) fn assigned(task: TaskId, attempt: u8) -> Result<(TaskState, Run), Error<T>> {
        let state = match Tasks::<T>::get(task) {
            Some(state) => state,
            None => Self::called(task).ok_or(Error::<T>::UnknownTask)?,
        };
        let Stage::Assigned { run, due } = &state.stage else { return Err(Error::WrongStage) };
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= *due, Error::<T>::TooLate);
        let run = run.clone();
        Ok((state, run))
    }

    /// The state a task of the chain's own would have if its worker were engaged.
    pub(crate) fn called(task: TaskId) -> Option<TaskState> {
        let (worker, due) = T::Jobs::called(task)?;
        let brief = T::Jobs::brief(task)?;
        let bond = Self::rules().task_bond(&brief.reward.asset, brief.reward.per_task)?;
        // A worker whose bond is all locked is busy, not absent: it must be able to answer.
        let bond = bond.min(T::Workers::free_bond(&worker));
        Some(TaskState::new(Stage::Assigned { run: Run { worker, bond, region: Region::default() }, due }))
    }

    pub(crate) fn check_commitment(task: TaskId, commitment: &Commitment) -> Result<TaskBrief, Error<T>> {
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        ensure!(commitment.output_len == brief.tiling.output_bytes(brief.group_count), Error::<T>::WrongOutputLength);
        Ok(brief)
    }

    /// A worker that was called must have room for a duty.
    pub(crate) fn check_called(state: &TaskState, run: &Run) -> Result<(), Error<T>> {
        ensure!(state.is_stored() || !Self::duties_of(&run.worker).is_full(), Error::<T>::TooManyDuties);
        Ok(())
    }

    /// What `do_*` and the transitions return is what closing the task weighed, if they closed it.
    pub(crate) fn do_commit(task: TaskId, attempt: u8, commitment: Commitment) -> Result<Weight, DispatchError> {
        let (state, run) = Self::assigned(task, attempt)?;
        let brief = Self::check_commitment(task, &commitment)?;
        Self::check_called(&state, &run)?;
        if state.is_stored() {
            T::Workers::vacate(&run.worker);
        } else {
            let duty = Duty { task, role: Role::Worker };
            ensure!(T::Workers::oblige(&run.worker, duty, run.bond), Error::<T>::BondTooSmall);
        }
        history::note::<T>(task, attempt, TaskStep::Committed { commitment });
        Self::deposit_event(Event::TaskCommitted { task, worker: run.worker.clone(), commitment });
        if brief.audit.auditors == 0 {
            let proven = Proven { run, commitment, auditors: BoundedVec::default() };
            return Ok(Self::verified(task, state, &brief, proven));
        }
        Ok(Self::await_draw(task, state, run, commitment))
    }

    fn await_draw(task: TaskId, state: TaskState, run: Run, commitment: Commitment) -> Weight {
        let due = Self::now().saturating_add(Self::rules().draw_blocks);
        let stage = Stage::Committed { run, commitment, drawable_at: Self::drawable_at(), due };
        DrawingQueue::<T>::push(task);
        Self::enter(task, TaskState { stage, ..state })
    }

    pub(crate) fn do_report_failure(task: TaskId, attempt: u8, reason: ReasonCode) -> Result<Weight, DispatchError> {
        ensure!(reason.is_reportable(), Error::<T>::NotReportable);
        let (mut state, run) = Self::assigned(task, attempt)?;
        if !state.is_stored() {
            // Who was called had nothing locked yet.
            history::note::<T>(task, attempt, TaskStep::AttemptFailed { reason });
            Self::deposit_event(Event::AttemptFailed { task, attempt, worker: run.worker, reason });
            return Ok(T::Jobs::fail(task, reason));
        }
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        T::Workers::vacate(&run.worker);
        let fate = if reason.is_requesters() {
            state.blamed_by.get_or_insert(run.worker.clone());
            Fate::Excused
        } else {
            Fate::Declined
        };
        Ok(Self::attempt_failed(task, state, &brief, &run, reason, fate, &Claims::default()))
    }

    /// The state, the audit and the auditor's position, if the task waits for this auditor's seal.
    pub(crate) fn sealable(
        task: TaskId,
        attempt: u8,
        auditor: &AccountId,
    ) -> Result<(TaskState, Audit, usize), Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let Stage::Auditing { audit, due } = &state.stage else { return Err(Error::WrongStage) };
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= *due, Error::<T>::TooLate);
        let at = audit.auditors.iter().position(|(who, _)| who == auditor).ok_or(Error::<T>::NotAuditor)?;
        ensure!(audit.auditors.get(at).is_some_and(|(_, seal)| seal.is_none()), Error::<T>::AlreadySealed);
        let audit = audit.clone();
        Ok((state, audit, at))
    }

    /// Returns what filing the task anew weighed, if it had to be.
    pub(crate) fn do_seal(task: TaskId, attempt: u8, who: AccountId, seal: Hash) -> Result<Weight, DispatchError> {
        let (state, mut audit, at) = match Self::sealable(task, attempt, &who) {
            Err(Error::WrongStage) => return Self::do_seal_as_juror(task, attempt, who, seal),
            audited => audited?,
        };
        if let Some((_, given)) = audit.auditors.get_mut(at) {
            *given = Some(seal);
        }
        let due = state.stage.due();
        let complete = audit.auditors.iter().all(|(_, seal)| seal.is_some());
        Self::deposit_event(Event::TaskSealed { task, by: who });
        Ok(if complete {
            Self::await_opening(task, state, audit)
        } else {
            Self::enter(task, TaskState { stage: Stage::Auditing { audit, due }, ..state })
        })
    }

    fn await_opening(task: TaskId, state: TaskState, audit: Audit) -> Weight {
        let due = Self::now().saturating_add(Self::rules().open_blocks);
        Self::enter(task, TaskState { stage: Stage::Opening { audit, due }, ..state })
    }

    /// The state, if the task waits for an opening by its worker: of the sample, or of a challenged
    /// tile.
    pub(crate) fn openable(task: TaskId, attempt: u8) -> Result<TaskState, Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let waits = match &state.stage {
            Stage::Opening { .. } => true,
            Stage::Revealing { case: Case::Challenge { claim, .. }, .. } => claim.is_none(),
            _ => false,
        };
        ensure!(waits, Error::<T>::WrongStage);
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= state.stage.due(), Error::<T>::TooLate);
        Ok(state)
    }

    /// Returns what the call has weighed, and what closing the task did beyond that.
    pub(crate) fn do_open(
        task: TaskId,
        attempt: u8,
        leaves: &[Hash],
        proof: &[Hash],
    ) -> Result<(Weight, Weight), DispatchError> {
        let state = Self::openable(task, attempt)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        match state.stage.clone() {
            Stage::Opening { audit, .. } => Ok(Self::open_sample(task, state, audit, &brief, leaves, proof)),
            Stage::Revealing { .. } => {
                let closing = Self::open_challenged(task, state, &brief, leaves, proof);
                let hashed = T::WeightInfo::hash_nodes(proof.len() as u32);
                Ok((T::WeightInfo::open(leaves.len() as u32).saturating_add(hashed), closing))
            }
            _ => Err(Error::<T>::WrongStage.into()),
        }
    }

    fn open_sample(
        task: TaskId,
        state: TaskState,
        audit: Audit,
        brief: &TaskBrief,
        leaves: &[Hash],
        proof: &[Hash],
    ) -> (Weight, Weight) {
        let tiles = brief.tiling.tiles(brief.group_count);
        let (sample, count) = (lottery::sampled_tiles(&audit, brief), leaves.len() as u32);
        let hashed = T::WeightInfo::hash_nodes(proof.len() as u32);
        let worst = T::WeightInfo::open(count).saturating_add(hashed);
        if tile_tree::verify(&audit.commitment.root, tiles, &sample, leaves, proof).is_err() {
            let closing = Self::no_opening(task, state, audit, brief, ReasonCode::WrongResult);
            return (worst, closing);
        }
        let agrees = |auditor, given: &Hash| *given == seal(auditor, task, state.attempt, leaves);
        if audit.auditors.iter().any(|(auditor, given)| given.is_some_and(|given| !agrees(auditor, &given))) {
            return (worst, Self::summon(task, state, Case::Seals { audit, claim: finding(leaves) }));
        }
        let auditors = audit.auditors.len() as u32;
        let own = match &brief.reward.asset {
            AssetKind::Native => T::WeightInfo::open_right_native(count, auditors),
            _ => T::WeightInfo::open_right(count, auditors),
        };
        let own = own.saturating_add(hashed);
        let done = |_, given: &Option<Hash>| Fate::of_sealed(given, Fate::Done);
        Self::dismiss_auditors(task, &audit, Self::worth(task, brief), done, &Claims::default());
        let right = audit.auditors.iter().filter(|(_, given)| given.is_some()).map(|(auditor, _)| auditor.clone());
        let auditors = BoundedVec::truncate_from(right.collect());
        let silent = auditors.len() < audit.auditors.len();
        let proven = Proven { run: audit.run, commitment: audit.commitment, auditors };
        let closing = Self::verified(task, state, brief, proven);
        if silent {
            // Whoever was silent is slashed, which costs more.
            return (worst.max(own), closing);
        }
        // The measured opening closes a job of one task.
        (own, closing.saturating_sub(T::Jobs::close_one_weight()))
    }

    /// The worker has not opened its commitment, or opened something else: no jury is needed to see
    /// that.
    fn no_opening(task: TaskId, state: TaskState, audit: Audit, brief: &TaskBrief, reason: ReasonCode) -> Weight {
        let sealed = audit.auditors.iter().filter(|(_, given)| given.is_some());
        let claims = Claims {
            injured: Some(brief.requester.clone()),
            finders: sealed.map(|(who, _)| who.clone()).collect(),
            ..Claims::default()
        };
        let done = |_, given: &Option<Hash>| Fate::of_sealed(given, Fate::Done);
        Self::dismiss_auditors(task, &audit, Self::worth(task, brief), done, &Claims::default());
        Self::attempt_failed(task, state, brief, &audit.run, reason, Fate::Wrong(reason), &claims)
    }

    /// End an attempt, and try again or give the task up.
    pub(crate) fn attempt_failed(
        task: TaskId,
        mut state: TaskState,
        brief: &TaskBrief,
        run: &Run,
        reason: ReasonCode,
        fate: Fate,
        claims: &Claims,
    ) -> Weight {
        let left = Self::leave_region(task, run);
        Self::seal_fate(task, &run.worker, run.bond, Self::worth(task, brief), fate, claims);
        let (attempt, worker) = (state.attempt, run.worker.clone());
        history::note::<T>(task, attempt, TaskStep::AttemptFailed { reason });
        Self::deposit_event(Event::AttemptFailed { task, attempt, worker: worker.clone(), reason });

        let rules = Self::rules();
        state.attempt.saturating_inc();
        let remembered = state.tried.try_push(worker).is_ok();
        let found_twice = reason.is_requesters() && state.last_failure.is_some_and(|last| last.is_same_kind(&reason));
        state.last_failure = Some(reason);
        let used_up = state.attempt >= rules.max_attempts || !remembered;
        let everybody = Self::all_have_tried(&state);
        let unbuildable = Self::note_build(task, brief, run, reason, everybody);
        if !brief.redo || found_twice || used_up || everybody || unbuildable {
            return left.saturating_add(Self::give_up(task, attempt, reason));
        }
        let due = Self::now().saturating_add(rules.queue_blocks);
        WaitingQueue::<T>::push(task);
        left.saturating_add(Self::enter(task, TaskState { redraws: 0, stage: Stage::Queued { due }, ..state }))
    }

    /// Remember that a worker could not build the kernel; whether it is known by now that it does
    /// not build on such devices.
    fn note_build(task: TaskId, brief: &TaskBrief, run: &Run, reason: ReasonCode, everybody: bool) -> bool {
        if task.is_canary() || !matches!(reason, ReasonCode::BuildFailed { .. }) {
            return false;
        }
        let class = T::Workers::state(&run.worker).map(|state| state.class);
        class.is_some_and(|class| T::Jobs::build_failed(&brief.kernel, class, &run.worker, reason, everybody))
    }

    /// Refund a task after its last attempt, and forget it.
    pub(crate) fn give_up(task: TaskId, attempt: u8, reason: ReasonCode) -> Weight {
        history::note::<T>(task, attempt, TaskStep::Failed { reason });
        Tasks::<T>::remove(task);
        T::Jobs::fail(task, reason)
    }

    /// Refund in full a task that waits for a worker, and forget it.
    pub(crate) fn give_back(task: TaskId, attempt: u8, reason: ReasonCode) -> Weight {
        history::note::<T>(task, attempt, TaskStep::Failed { reason });
        Tasks::<T>::remove(task);
        T::Jobs::give_back(task, reason)
    }

    pub(crate) fn verified(task: TaskId, mut state: TaskState, brief: &TaskBrief, proven: Proven) -> Weight {
        let (worker, root) = (proven.run.worker.clone(), proven.commitment.root);
        let blamer = state.blamed_by.take().filter(|blamer| *blamer != worker);
        if let Some(blamer) = &blamer {
            T::Workers::note(blamer, Outcome::Declined, Self::worth(task, brief));
        }
        Self::note_built(task, brief, &proven, blamer.as_ref());
        history::note::<T>(task, state.attempt, TaskStep::Verified);
        Self::deposit_event(Event::TaskVerified { task, worker, root });
        let window = brief.audit.challenge_blocks;
        if window == 0 {
            return Self::settle(task, state.attempt, brief, proven);
        }
        let due = Self::now().saturating_add(window);
        Self::enter(task, TaskState { stage: Stage::Verified { proven, due }, ..state })
    }

    /// A result that was checked proves that its kernel builds on such devices: who has said
    /// otherwise was wrong. Who was noted for this task already is not noted again.
    fn note_built(task: TaskId, brief: &TaskBrief, proven: &Proven, noted: Option<&AccountId>) {
        if task.is_canary() || proven.auditors.is_empty() {
            return;
        }
        let Some(class) = T::Workers::state(&proven.run.worker).map(|state| state.class) else { return };
        for wrong in T::Jobs::built(&brief.kernel, class) {
            if wrong != proven.run.worker && noted != Some(&wrong) {
                T::Workers::note(&wrong, Outcome::Declined, Self::worth(task, brief));
            }
        }
    }

    pub(crate) fn settle(task: TaskId, attempt: u8, brief: &TaskBrief, proven: Proven) -> Weight {
        let Proven { run, commitment, auditors } = proven;
        let left = Self::leave_region(task, &run);
        // What nobody has checked says nothing of its worker.
        let fate = if auditors.is_empty() { Fate::Excused } else { Fate::Done };
        Self::seal_fate(task, &run.worker, run.bond, Self::worth(task, brief), fate, &Claims::default());
        let step = TaskStep::Settled { worker: run.worker.clone(), auditors: auditors.to_vec() };
        history::note::<T>(task, attempt, step);
        Tasks::<T>::remove(task);
        left.saturating_add(T::Jobs::settle(task, &run.worker, commitment, &auditors))
    }

    pub(crate) fn do_expire(task: TaskId) -> Result<Weight, DispatchError> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        ensure!(Self::now() > state.stage.due(), Error::<T>::NotDue);
        Ok(match state.stage.clone() {
            Stage::Queued { .. } => Self::give_up(task, state.attempt, Self::unassigned_reason(&state)),
            Stage::Assigned { run, .. } => {
                T::Workers::vacate(&run.worker);
                Self::attempt_failed(
                    task,
                    state,
                    &brief,
                    &run,
                    ReasonCode::WorkerSilent,
                    Fate::Silent,
                    &Claims::default(),
                )
            }
            Stage::Committed { run, .. } => Self::void(task, state.attempt, &run, ReasonCode::NoAuditors),
            Stage::Auditing { audit, .. } => {
                if audit.auditors.iter().any(|(_, seal)| seal.is_some()) {
                    Self::await_opening(task, state, audit)
                } else {
                    let worth = Self::worth(task, &brief);
                    Self::dismiss_auditors(task, &audit, worth, |_, _| Fate::Silent, &Claims::default());
                    if state.redraws >= MAX_REDRAWS {
                        Self::void(task, state.attempt, &audit.run, ReasonCode::NoAuditors)
                    } else {
                        let state = TaskState { redraws: state.redraws.saturating_add(1), ..state };
                        Self::await_draw(task, state, audit.run, audit.commitment)
                    }
                }
            }
            Stage::Opening { audit, .. } => Self::no_opening(task, state, audit, &brief, ReasonCode::OpeningMissing),
            Stage::Summoning { case, .. } => Self::judge(task, state, case, None, &brief),
            Stage::Deliberating { case, jury, .. } => {
                let sealed = jury.jurors.iter().filter(|juror| juror.seal.is_some()).count();
                if sealed >= QUORUM as usize {
                    Self::await_findings(task, state, case, jury)
                } else {
                    Self::judge(task, state, case, Some(jury), &brief)
                }
            }
            Stage::Revealing { case, jury, .. } => Self::judge(task, state, case, Some(jury), &brief),
            Stage::Verified { proven, .. } => Self::settle(task, state.attempt, &brief, proven),
        })
    }

    /// Nobody can tell whether the result is right: the requester is refunded and the worker is not
    /// slashed.
    pub(crate) fn void(task: TaskId, attempt: u8, run: &Run, reason: ReasonCode) -> Weight {
        let left = Self::leave_region(task, run);
        T::Workers::relieve(&run.worker, task, run.bond);
        left.saturating_add(Self::give_up(task, attempt, reason))
    }

    /// File a task under its deadline that was filed under an earlier block.
    pub(crate) fn refile(task: TaskId, mut state: TaskState) {
        let due = state.stage.due();
        Self::file(task, &mut state, due);
        Tasks::<T>::insert(task, state);
    }

    /// What it weighs to look at one of many tasks that are filed under one block.
    pub(crate) fn weight_of_look() -> Weight {
        T::WeightInfo::sweep_tasks(1).saturating_sub(T::WeightInfo::sweep_tasks(0))
    }

    /// Enforce deadlines that have passed, as far as the meter allows.
    pub(crate) fn sweep(meter: &mut WeightMeter) {
        // The deadline of a block ends with the block.
        let Some(yesterday) = Self::now().checked_sub(1) else { return };
        let cost = Cost { block: T::WeightInfo::sweep_block(), item: Self::weight_of_look() };
        Due::<T>::sweep(yesterday, MAX_SWEPT, meter, &cost, |day, task, meter| {
            // Most tasks have ended by now, or are filed elsewhere.
            let Some(state) = Tasks::<T>::get(task).filter(|state| state.filed == Some(day)) else {
                return Visit::Done;
            };
            if state.stage.due() > yesterday {
                if meter.try_consume(T::WeightInfo::refile_task()).is_err() {
                    return Visit::Stop;
                }
                Self::refile(task, state);
                return Visit::Done;
            }
            let (step, worst) = (T::WeightInfo::expire_task(), Self::close_weight());
            if !meter.can_consume(step.saturating_add(worst)) {
                return Visit::Stop;
            }
            match Self::do_expire(task) {
                Ok(closing) => meter.consume(step.saturating_add(closing)),
                Err(_) => {
                    defensive!("an open task belongs to a job");
                    meter.consume(step);
                }
            }
            Visit::Done
        });
    }

    /// The running randomness.
    pub fn entropy() -> Entropy {
        RunningEntropy::<T>::get()
    }

    /// What [`Self::sample`] tells.
    pub(crate) fn tiles_looked_at(task: TaskId) -> Vec<u32> {
        let (Some(state), Some(brief)) = (Tasks::<T>::get(task), T::Jobs::brief(task)) else { return Vec::new() };
        match (state.stage.case(), state.stage.audit()) {
            (Some(case), _) => lottery::disputed_tiles(case, state.stage.jury(), &brief, Self::rules().fetched_tiles),
            (None, Some(audit)) => lottery::sampled_tiles(audit, &brief),
            (None, None) => Vec::new(),
        }
    }
}
