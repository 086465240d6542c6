//! What moves a task from stage to stage.

use crate::*;
use alloc::vec::Vec;
use dpin_primitives::{
    executor::Commitment,
    job::MAX_AUDITORS,
    reason::ReasonCode,
    seal::seal,
    tile_tree,
    traits::{JobLedger, TaskBrief, TaskQueue, WorkerRegistry},
    worker::Region,
    AccountId, Balance, BlockNumber, Hash, TaskId,
};
use polkadot_sdk::{
    frame_support::{
        defensive, ensure,
        traits::{ConstU32, Get},
        weights::{Weight, WeightMeter},
        BoundedVec,
    },
    sp_runtime::{traits::SaturatedConversion, DispatchError, DispatchResult, Saturating},
};

impl<T: Config> TaskQueue for Pallet<T> {
    fn enqueue(task: TaskId) {
        let due = Self::now().saturating_add(T::Rules::get().queue_blocks);
        let stage = Stage::Queued { due };
        let state = TaskState { attempt: 0, redraws: 0, last_failure: None, tried: BoundedVec::default(), stage };
        Self::enter(task, state);
        Self::push_waiting(task);
    }

    fn withdraw(task: TaskId) -> bool {
        let queued = Tasks::<T>::get(task).is_some_and(|state| matches!(state.stage, Stage::Queued { .. }));
        if queued {
            Self::close(task);
        }
        queued
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn now() -> BlockNumber {
        polkadot_sdk::frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Store a task's new state, under its new deadline.
    pub(crate) fn enter(task: TaskId, state: TaskState) {
        if let Some(old) = Tasks::<T>::get(task) {
            Deadlines::<T>::remove(old.stage.due(), task);
        }
        Deadlines::<T>::insert(state.stage.due(), task, ());
        Tasks::<T>::insert(task, state);
    }

    /// Forget a task.
    fn close(task: TaskId) {
        if let Some(old) = Tasks::<T>::take(task) {
            Deadlines::<T>::remove(old.stage.due(), task);
        }
    }

    fn add_duty(worker: &AccountId, task: TaskId, role: Role) {
        Duties::<T>::mutate(worker, |duties| {
            if duties.try_push(Duty { task, role }).is_err() {
                defensive!("only workers with room for a duty are drawn");
            }
        });
    }

    fn drop_duty(worker: &AccountId, task: TaskId) {
        Duties::<T>::mutate_exists(worker, |duties| {
            if let Some(list) = duties {
                list.retain(|duty| duty.task != task);
                if list.is_empty() {
                    *duties = None;
                }
            }
        });
    }

    /// Take a slot and a part of the bond of a worker for a task; `false` if it has neither.
    pub(crate) fn engage(
        task: TaskId,
        state: TaskState,
        brief: &TaskBrief,
        worker: AccountId,
        region: Region,
        bond: Balance,
    ) -> bool {
        if !T::Workers::lock(&worker, bond) {
            return false;
        }
        if !T::Workers::occupy(&worker) {
            T::Workers::unlock(&worker, bond);
            return false;
        }
        Self::add_duty(&worker, task, Role::Worker);
        if !region.is_empty() {
            Regions::<T>::mutate(task.job, &region, |engaged| engaged.saturating_inc());
        }
        let due = Self::now().saturating_add(brief.run_blocks);
        let attempt = state.attempt;
        let run = Run { worker: worker.clone(), bond, region };
        Self::enter(task, TaskState { redraws: 0, stage: Stage::Assigned { run, due }, ..state });
        Self::deposit_event(Event::TaskAssigned { task, attempt, worker, due });
        true
    }

    /// End a worker's engagement, except for its bond.
    fn disengage(task: TaskId, run: &Run) {
        Self::drop_duty(&run.worker, task);
        if !run.region.is_empty() {
            Regions::<T>::mutate_exists(task.job, &run.region, |engaged| {
                *engaged = engaged.map(|count| count.saturating_sub(1)).filter(|count| *count > 0);
            });
        }
    }

    /// End the engagement of an audit's auditors. For a `fault` they lose their bond, or the share of it that silence costs.
    fn dismiss_auditors(task: TaskId, audit: &Audit, fault: impl Fn(&AccountId) -> Option<ReasonCode>) {
        let (bond, silence) = (audit.auditor_bond, Self::price_of_silence(audit.auditor_bond));
        for (auditor, _) in &audit.auditors {
            Self::drop_duty(auditor, task);
            match fault(auditor) {
                None => T::Workers::unlock(auditor, bond),
                Some(ReasonCode::WorkerSilent) => {
                    Self::slash(task, auditor, bond, silence, ReasonCode::WorkerSilent, &[])
                }
                Some(reason) => Self::slash(task, auditor, bond, bond, reason, &[]),
            }
        }
    }

    /// What silence costs of a locked bond, in planck.
    fn price_of_silence(bond: Balance) -> Balance {
        T::Rules::get().silence_slash.mul_ceil(bond)
    }

    /// Unlock `bond` and take `loss` of it.
    fn slash(
        task: TaskId,
        worker: &AccountId,
        bond: Balance,
        loss: Balance,
        reason: ReasonCode,
        shares: &[(AccountId, Balance)],
    ) {
        let loss = loss.min(bond);
        T::Workers::unlock(worker, bond.saturating_sub(loss));
        if loss > 0 {
            let amount = T::Workers::slash(worker, loss, shares);
            Self::deposit_event(Event::Slashed { worker: worker.clone(), task, reason, amount });
        }
    }

    pub(crate) fn start_audit(
        task: TaskId,
        state: TaskState,
        mut audit: Audit,
        auditors: Vec<AccountId>,
        brief: &TaskBrief,
    ) {
        for auditor in &auditors {
            if T::Workers::lock(auditor, audit.auditor_bond) {
                Self::add_duty(auditor, task, Role::Auditor);
                let _ = audit.auditors.try_push((auditor.clone(), None));
            }
        }
        let due = Self::now().saturating_add(T::Rules::get().seal_blocks);
        let samples = lottery::sampled_tiles(audit.seed, brief).len() as u32;
        Self::deposit_event(Event::AuditorsDrawn { task, seed: audit.seed, samples, auditors });
        Self::enter(task, TaskState { stage: Stage::Auditing { audit, due }, ..state });
    }

    /// The task's state, its worker and its deadline, if it waits for its worker's commitment of this attempt.
    pub(crate) fn assigned(task: TaskId, attempt: u8) -> Result<(TaskState, Run), Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let Stage::Assigned { run, due } = &state.stage else { return Err(Error::WrongStage) };
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= *due, Error::<T>::TooLate);
        let run = run.clone();
        Ok((state, run))
    }

    pub(crate) fn check_commitment(task: TaskId, commitment: &Commitment) -> Result<TaskBrief, Error<T>> {
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        ensure!(commitment.output_len == brief.tiling.output_bytes(brief.group_count), Error::<T>::WrongOutputLength);
        Ok(brief)
    }

    /// What `do_*` and the transitions return is what closing the task weighed, if they closed it.
    pub(crate) fn do_commit(task: TaskId, attempt: u8, commitment: Commitment) -> Result<Weight, DispatchError> {
        let (state, run) = Self::assigned(task, attempt)?;
        let brief = Self::check_commitment(task, &commitment)?;
        T::Workers::vacate(&run.worker);
        Self::deposit_event(Event::TaskCommitted { task, worker: run.worker.clone(), commitment });
        if brief.audit.auditors == 0 {
            return Ok(Self::verified(task, state, &brief, run, commitment, BoundedVec::default()));
        }
        Self::await_draw(task, state, run, commitment);
        Ok(Weight::zero())
    }

    fn await_draw(task: TaskId, state: TaskState, run: Run, commitment: Commitment) {
        let due = Self::now().saturating_add(T::Rules::get().draw_blocks);
        let stage = Stage::Committed { run, commitment, drawable_at: Self::drawable_at(), due };
        Self::enter(task, TaskState { stage, ..state });
        Self::push_drawing(task);
    }

    pub(crate) fn do_report_failure(task: TaskId, attempt: u8, reason: ReasonCode) -> Result<Weight, DispatchError> {
        ensure!(reason.is_reportable(), Error::<T>::NotReportable);
        let (state, run) = Self::assigned(task, attempt)?;
        T::Workers::vacate(&run.worker);
        Ok(Self::attempt_failed(task, state, &run, reason, 0, &[]))
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

    pub(crate) fn do_seal(task: TaskId, attempt: u8, auditor: AccountId, seal: Hash) -> DispatchResult {
        let (state, mut audit, at) = Self::sealable(task, attempt, &auditor)?;
        if let Some((_, given)) = audit.auditors.get_mut(at) {
            *given = Some(seal);
        }
        let due = state.stage.due();
        let complete = audit.auditors.iter().all(|(_, seal)| seal.is_some());
        Self::deposit_event(Event::TaskSealed { task, auditor });
        if complete {
            Self::await_opening(task, state, audit);
        } else {
            Self::enter(task, TaskState { stage: Stage::Auditing { audit, due }, ..state });
        }
        Ok(())
    }

    fn await_opening(task: TaskId, state: TaskState, audit: Audit) {
        let due = Self::now().saturating_add(T::Rules::get().open_blocks);
        Self::enter(task, TaskState { stage: Stage::Opening { audit, due }, ..state });
    }

    /// The state and the audit, if the task waits for its worker's opening.
    pub(crate) fn openable(task: TaskId, attempt: u8) -> Result<(TaskState, Audit), Error<T>> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        let Stage::Opening { audit, due } = &state.stage else { return Err(Error::WrongStage) };
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= *due, Error::<T>::TooLate);
        let audit = audit.clone();
        Ok((state, audit))
    }

    pub(crate) fn do_open(task: TaskId, attempt: u8, leaves: &[Hash], proof: &[Hash]) -> Result<Weight, DispatchError> {
        let (state, audit) = Self::openable(task, attempt)?;
        let brief = T::Jobs::brief(task).ok_or(Error::<T>::UnknownTask)?;
        let tiles = brief.tiling.tiles(brief.group_count);
        let sample = lottery::sampled_tiles(audit.seed, &brief);
        if tile_tree::verify(&audit.commitment.root, tiles, &sample, leaves, proof).is_err() {
            return Ok(Self::worker_wrong(task, state, audit, ReasonCode::WrongResult, |_| true));
        }
        let agrees =
            |auditor: &AccountId, given: &Option<Hash>| given.map(|g| g == seal(auditor, task, attempt, leaves));
        let votes: Vec<(AccountId, Option<bool>)> =
            audit.auditors.iter().map(|(auditor, given)| (auditor.clone(), agrees(auditor, given))).collect();
        let count = |wanted| votes.iter().filter(|(_, vote)| *vote == Some(wanted)).count();
        let vote_of = |who: &AccountId| votes.iter().find(|(auditor, _)| auditor == who).and_then(|(_, vote)| *vote);
        let closing = match judge(count(true), count(false)) {
            Verdict::Wrong => {
                Self::worker_wrong(task, state, audit, ReasonCode::WrongResult, |who| vote_of(who) == Some(false))
            }
            Verdict::Undecided => {
                Self::dismiss_auditors(task, &audit, |who| vote_of(who).is_none().then_some(ReasonCode::WorkerSilent));
                Self::attempt_failed(task, state, &audit.run, ReasonCode::Undecided, 0, &[])
            }
            Verdict::Right => {
                Self::dismiss_auditors(task, &audit, |who| match vote_of(who) {
                    Some(true) => None,
                    Some(false) => Some(ReasonCode::WrongResult),
                    None => Some(ReasonCode::WorkerSilent),
                });
                let right = votes.into_iter().filter(|(_, vote)| *vote == Some(true)).map(|(auditor, _)| auditor);
                let right = BoundedVec::truncate_from(right.collect());
                Self::verified(task, state, &brief, audit.run, audit.commitment, right)
            }
        };
        Ok(closing)
    }

    /// The worker loses its bond; the auditors for whom `finder` holds and who sealed share a part of it.
    fn worker_wrong(
        task: TaskId,
        state: TaskState,
        audit: Audit,
        reason: ReasonCode,
        finder: impl Fn(&AccountId) -> bool,
    ) -> Weight {
        let finders: Vec<&AccountId> =
            audit.auditors.iter().filter(|(who, seal)| seal.is_some() && finder(who)).map(|(who, _)| who).collect();
        let reward = T::Rules::get().finders_share.mul_floor(audit.run.bond);
        let each = reward.checked_div(finders.len() as Balance).unwrap_or(0);
        let shares: Vec<(AccountId, Balance)> = finders.into_iter().map(|who| (who.clone(), each)).collect();
        let sealed = |who: &AccountId| audit.auditors.iter().any(|(auditor, seal)| auditor == who && seal.is_some());
        Self::dismiss_auditors(task, &audit, |who| {
            if !sealed(who) {
                Some(ReasonCode::WorkerSilent)
            } else if finder(who) {
                None
            } else {
                Some(ReasonCode::WrongResult)
            }
        });
        Self::attempt_failed(task, state, &audit.run, reason, audit.run.bond, &shares)
    }

    /// End an attempt, with `loss` of the worker's bond, and try again or give the task up.
    fn attempt_failed(
        task: TaskId,
        mut state: TaskState,
        run: &Run,
        reason: ReasonCode,
        loss: Balance,
        shares: &[(AccountId, Balance)],
    ) -> Weight {
        Self::disengage(task, run);
        Self::slash(task, &run.worker, run.bond, loss, reason, shares);
        let (attempt, worker) = (state.attempt, run.worker.clone());
        Self::deposit_event(Event::AttemptFailed { task, attempt, worker: worker.clone(), reason });

        let rules = T::Rules::get();
        state.attempt.saturating_inc();
        let remembered = state.tried.try_push(worker).is_ok();
        let found_twice = reason.is_requesters() && state.last_failure.is_some_and(|last| last.is_same_kind(&reason));
        state.last_failure = Some(reason);
        let used_up = state.attempt >= rules.max_attempts || !remembered;
        if found_twice || used_up || Self::all_have_tried(&state) {
            return Self::give_up(task, reason);
        }
        let due = Self::now().saturating_add(rules.queue_blocks);
        Self::enter(task, TaskState { redraws: 0, stage: Stage::Queued { due }, ..state });
        Self::push_waiting(task);
        Weight::zero()
    }

    /// Refund a task and forget it.
    fn give_up(task: TaskId, reason: ReasonCode) -> Weight {
        Self::close(task);
        T::Jobs::fail(task, reason)
    }

    fn verified(
        task: TaskId,
        state: TaskState,
        brief: &TaskBrief,
        run: Run,
        commitment: Commitment,
        auditors: BoundedVec<AccountId, ConstU32<MAX_AUDITORS>>,
    ) -> Weight {
        Self::deposit_event(Event::TaskVerified { task, worker: run.worker.clone(), root: commitment.root });
        let window = brief.audit.challenge_blocks;
        if window == 0 {
            return Self::settle(task, &run, commitment, &auditors);
        }
        let due = Self::now().saturating_add(window);
        Self::enter(task, TaskState { stage: Stage::Verified { run, commitment, auditors, due }, ..state });
        Weight::zero()
    }

    fn settle(task: TaskId, run: &Run, commitment: Commitment, auditors: &[AccountId]) -> Weight {
        Self::disengage(task, run);
        T::Workers::unlock(&run.worker, run.bond);
        Self::close(task);
        T::Jobs::settle(task, &run.worker, commitment, auditors)
    }

    pub(crate) fn do_expire(task: TaskId) -> Result<Weight, DispatchError> {
        let state = Tasks::<T>::get(task).ok_or(Error::<T>::UnknownTask)?;
        ensure!(Self::now() > state.stage.due(), Error::<T>::NotDue);
        Ok(match state.stage.clone() {
            Stage::Queued { .. } => Self::give_up(task, Self::unassigned_reason(&state)),
            Stage::Assigned { run, .. } => {
                T::Workers::vacate(&run.worker);
                let loss = Self::price_of_silence(run.bond);
                Self::attempt_failed(task, state, &run, ReasonCode::WorkerSilent, loss, &[])
            }
            Stage::Committed { run, .. } => Self::void(task, &run),
            Stage::Auditing { audit, .. } => {
                if audit.auditors.iter().any(|(_, seal)| seal.is_some()) {
                    Self::await_opening(task, state, audit);
                    Weight::zero()
                } else {
                    Self::dismiss_auditors(task, &audit, |_| Some(ReasonCode::WorkerSilent));
                    if state.redraws >= MAX_REDRAWS {
                        Self::void(task, &audit.run)
                    } else {
                        let state = TaskState { redraws: state.redraws.saturating_add(1), ..state };
                        Self::await_draw(task, state, audit.run, audit.commitment);
                        Weight::zero()
                    }
                }
            }
            Stage::Opening { audit, .. } => {
                Self::worker_wrong(task, state, audit, ReasonCode::OpeningMissing, |_| true)
            }
            Stage::Verified { run, commitment, auditors, .. } => Self::settle(task, &run, commitment, &auditors),
        })
    }

    /// Nobody could check the result: the requester is refunded and nobody is slashed.
    fn void(task: TaskId, run: &Run) -> Weight {
        Self::disengage(task, run);
        T::Workers::unlock(&run.worker, run.bond);
        Self::give_up(task, ReasonCode::NoAuditors)
    }

    /// Enforce deadlines that have passed, as far as the meter allows.
    pub(crate) fn sweep(meter: &mut WeightMeter) {
        let yesterday = Self::now().saturating_sub(1);
        let mut swept = Swept::<T>::get();
        while swept < yesterday && meter.try_consume(T::WeightInfo::sweep_block()).is_ok() {
            let day = swept.saturating_add(1);
            let mut left = false;
            while let Some(task) = Deadlines::<T>::iter_key_prefix(day).next() {
                let (step, worst) = (T::WeightInfo::expire_task(), T::Jobs::close_weight());
                if !meter.can_consume(step.saturating_add(worst)) {
                    left = true;
                    break;
                }
                let closing = Self::do_expire(task).unwrap_or_else(|_| {
                    defensive!("a task stands under its own deadline");
                    Deadlines::<T>::remove(day, task);
                    Weight::zero()
                });
                meter.consume(step.saturating_add(closing));
            }
            if left {
                break;
            }
            swept = day;
        }
        Swept::<T>::put(swept);
    }

    /// What the runtime API tells of an open task: its attempt, the last failure and the stage.
    pub fn task_state(task: TaskId) -> Option<TaskState> {
        Tasks::<T>::get(task)
    }

    /// The tiles of a task's audit under way; empty if there is none.
    pub fn sample(task: TaskId) -> Vec<u32> {
        let audit = Tasks::<T>::get(task).and_then(|state| state.stage.audit().cloned());
        match (audit, T::Jobs::brief(task)) {
            (Some(audit), Some(brief)) => lottery::sampled_tiles(audit.seed, &brief),
            _ => Vec::new(),
        }
    }
}
