//! The bodies of the calls, the hooks and the traits for the proof of compute.

use crate::{
    Answer, Answers, Claims, Config, CurrentPlan, CurrentRound, DEFAULT_UNITS, Error, Event, Kind, LastRound,
    MAX_UNITS, MIN_WINDOW, Met, NextOpening, Pallet, Plan, PlanSince, Record, Records, Round, Standing, WeightInfo,
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use core::marker::PhantomData;
use dpin_primitives::{
    AccountId, AssetKind, BlockNumber, Hash, KernelId, TaskId, blake2,
    executor::{Commitment, RunRequest, Work},
    job::{AuditPolicy, MAX_AUDITORS, MAX_SAMPLES, MAX_TASK_OUTPUT_BYTES, Requirements, Reward, Samples},
    kernel::{KernelManifest, Tiling},
    reason::ReasonCode,
    tile_tree::MAX_TILES,
    traits::{CapacityLedger, JobLedger, KernelRegistry, TaskBrief, WorkerHealth},
    worker::{DeviceClass, Passport},
};
use polkadot_sdk::{
    frame_support::{
        defensive, ensure,
        storage::with_storage_layer,
        traits::{Contains, Get},
        weights::{Weight, WeightMeter},
    },
    frame_system::{self, pallet_prelude::BlockNumberFor},
    sp_runtime::{
        DispatchResult, SaturatedConversion,
        traits::{AccountIdConversion, Zero},
    },
};

/// Whether a worker must prove itself before it is drawn: true while there is a plan.
pub struct ProofRequired<T>(PhantomData<T>);

impl<T: Config> Get<bool> for ProofRequired<T> {
    fn get() -> bool {
        !Pallet::<T>::admits_unproven()
    }
}

/// Answers for the view functions and other pallets.
impl<T: Config> Pallet<T> {
    /// Whether workers that have proved nothing are drawn: true while there is no plan.
    pub fn admits_unproven() -> bool {
        !CurrentPlan::<T>::exists()
    }

    /// The account that posts the canaries. It owns nothing, and nothing is paid to it.
    pub fn account() -> AccountId {
        T::PalletId::get().into_account_truncating()
    }

    pub(crate) fn record_of(worker: &AccountId) -> Option<Record> {
        Records::<T>::get(T::Workers::number(worker)?)
    }

    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Return the round, the kind and the claims of a canary that has not ended.
    fn running(task: TaskId) -> Option<(Round, Kind, Claims)> {
        let (number, kind) = Kind::of(task)?;
        let round = CurrentRound::<T>::get().filter(|round| round.number == number)?;
        let record = Records::<T>::get(task.index)?;
        let running = record.answer_in(number, kind).is_none();
        running.then(|| (round, kind, record.claims_in(number)))
    }
}

/// The bodies of the calls.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_plan(plan: Option<Plan>) -> DispatchResult {
        if let Some(plan) = &plan {
            Self::check(plan)?;
            Self::keep(plan)?;
        }
        if let Some(former) = CurrentPlan::<T>::take() {
            Self::release(&former);
        }
        let now = Self::now();
        CurrentRound::<T>::mutate_extant(|round| {
            if now <= round.due {
                round.called_off = true;
                round.due = now.saturating_sub(1);
            }
        });
        if let Some(plan) = plan {
            CurrentPlan::<T>::put(plan);
            PlanSince::<T>::put(LastRound::<T>::get().saturating_add(1));
            NextOpening::<T>::put(now.saturating_add(1));
        }
        Self::deposit_event(Event::PlanSet { plan });
        Ok(())
    }

    fn check(plan: &Plan) -> Result<(), Error<T>> {
        let manifest = |kernel| T::Kernels::manifest(kernel).ok_or(Error::<T>::UnknownKernel);
        let (conformance, throughput) = (manifest(&plan.conformance)?, manifest(&plan.throughput)?);
        let takes = |kernel: &KernelManifest, widths: &[u8]| {
            kernel.input_count() == 0 && kernel.scalar_widths().eq(widths.iter().copied())
        };
        ensure!(takes(&conformance, &[8, 4]), Error::<T>::WrongConformanceParams);
        ensure!(takes(&throughput, &[8]), Error::<T>::WrongThroughputParams);
        let tiled = |kernel: &KernelManifest| matches!(kernel.tiling, Tiling::PerGroup { .. });
        ensure!(tiled(&conformance) && tiled(&throughput), Error::<T>::NotTiled);

        ensure!((1..=MAX_TILES).contains(&plan.conformance_groups), Error::<T>::InvalidGroupCount);
        let fits = |kernel: &KernelManifest, groups| kernel.tiling.output_bytes(groups) <= MAX_TASK_OUTPUT_BYTES;
        ensure!(
            fits(&conformance, plan.conformance_groups) && fits(&throughput, MAX_UNITS),
            Error::<T>::OutputTooLarge
        );
        ensure!(plan.window >= MIN_WINDOW, Error::<T>::WindowTooShort);
        // The round is closed in one more block.
        let least = plan.window.saturating_add(T::AuditBlocks::get()).saturating_add(1);
        ensure!(plan.period > least, Error::<T>::PeriodTooShort);
        ensure!((1..=MAX_AUDITORS).contains(&plan.auditors), Error::<T>::InvalidAuditorCount);
        ensure!((1..=MAX_SAMPLES).contains(&plan.samples), Error::<T>::InvalidSampleCount);
        Ok(())
    }

    fn keep(plan: &Plan) -> DispatchResult {
        T::Kernels::keep(&plan.conformance)?;
        T::Kernels::keep(&plan.throughput)
    }

    fn release(plan: &Plan) {
        T::Kernels::release(&plan.conformance);
        T::Kernels::release(&plan.throughput);
    }

    pub(crate) fn do_claim(worker: AccountId, units: u32) -> DispatchResult {
        let number = T::Workers::number(&worker).ok_or(Error::<T>::UnknownWorker)?;
        let declared = T::Workers::capability(&worker).ok_or(Error::<T>::UnknownWorker)?;
        ensure!((1..=MAX_UNITS).contains(&units), Error::<T>::InvalidUnits);
        let claims = Claims::of(&declared, units);
        let last = LastRound::<T>::get();
        let record = match Records::<T>::get(number) {
            Some(mut record) => {
                // The claims that the present round tries must not change.
                record.advance(last);
                record.next = claims;
                record
            }
            None => Record::new(last, claims),
        };
        Records::<T>::insert(number, record);
        Self::deposit_event(Event::UnitsClaimed { worker, units });
        Ok(())
    }
}

/// Rounds.
impl<T: Config> Pallet<T> {
    /// Open a round if one is due. Returns whether one was opened.
    pub(crate) fn open_round(now: BlockNumber) -> bool {
        if CurrentRound::<T>::exists() || now < NextOpening::<T>::get() {
            return false;
        }
        let Some(plan) = CurrentPlan::<T>::get() else { return false };
        let Some(number) = LastRound::<T>::get().checked_add(1) else { return false };
        NextOpening::<T>::put(now.saturating_add(plan.period));
        if with_storage_layer(|| Self::keep(&plan)).is_err() {
            defensive!("the plan keeps its kernels");
            return false;
        }
        let seed = blake2(&(b"dpin/canary-round", T::Entropy::get(), number).encode());
        let due = now.saturating_add(plan.window);
        LastRound::<T>::put(number);
        CurrentRound::<T>::put(Round {
            number,
            seed,
            opened: now,
            due,
            known: Met::<T>::get(),
            called_off: false,
            swept: 0,
            open: 0,
            plan,
        });
        Self::deposit_event(Event::RoundOpened { round: number, seed, due });
        true
    }

    /// Make records of workers that have none, as far as the meter allows.
    pub(crate) fn meet_workers(meter: &mut WeightMeter) {
        if Self::admits_unproven() {
            return;
        }
        let (before, next) = (Met::<T>::get(), T::Workers::next_number());
        let mut met = before;
        while met < next && meter.try_consume(T::WeightInfo::meet_worker()).is_ok() {
            Self::meet(met);
            met = met.saturating_add(1);
        }
        if met > before {
            Met::<T>::put(met);
        }
    }

    pub(crate) fn meet(number: u32) {
        if Records::<T>::contains_key(number) {
            return;
        }
        if let Some(declared) = T::Workers::by_number(number).and_then(|worker| T::Workers::capability(&worker)) {
            let claims = Claims::of(&declared, DEFAULT_UNITS);
            Records::<T>::insert(number, Record::new(LastRound::<T>::get(), claims));
        }
    }

    /// After the window, look at every worker once. Then close the round when all its canaries have
    /// ended. The sweep goes as far as the meter allows.
    pub(crate) fn sweep(now: BlockNumber, meter: &mut WeightMeter) {
        let Some(mut round) = CurrentRound::<T>::get() else { return };
        if now <= round.due {
            return;
        }
        let (before, met) = (round.swept, Met::<T>::get());
        while round.swept < met && meter.try_consume(T::WeightInfo::sweep_worker()).is_ok() {
            let number = round.swept;
            Self::look_at(&mut round, number);
            round.swept = round.swept.saturating_add(1);
        }
        if round.swept >= met && round.open == 0 && meter.try_consume(T::WeightInfo::close_round()).is_ok() {
            Self::close(round);
        } else if round.swept > before {
            CurrentRound::<T>::put(round);
        }
    }

    pub(crate) fn close(round: Round) {
        Self::release(&round.plan);
        CurrentRound::<T>::kill();
        Self::deposit_event(Event::RoundClosed { round: round.number });
    }

    /// Check a worker's canaries in a round whose window is over, and fix its claims for the next
    /// round.
    pub(crate) fn look_at(round: &mut Round, number: u32) {
        let Some(worker) = T::Workers::by_number(number) else {
            Records::<T>::remove(number);
            return;
        };
        let Some(mut record) = Records::<T>::get(number) else { return };
        record.advance(round.number);
        let mut unanswered = None;
        for kind in Kind::ALL {
            let task = kind.task(round.number, number);
            if record.answers.get(kind).is_some() {
                continue;
            }
            if T::Tasks::contains(&task) {
                round.open = round.open.saturating_add(1);
            } else {
                unanswered = unanswered.or(Some(task));
            }
        }
        if let Some(task) = unanswered.filter(|_| !round.called_off && number < round.known) {
            if T::Workers::is_active(&worker) {
                record.since = None;
                Self::deposit_event(Event::CanaryMissed { worker: worker.clone(), round: round.number, task });
                T::Workers::miss(&worker, task);
            } else {
                Self::unprove(&worker, &mut record);
            }
        }
        if let Some(declared) = T::Workers::capability(&worker) {
            record.next = Claims::of(&declared, record.next.units);
        }
        Records::<T>::insert(number, record);
    }

    /// Withdraw the proof of a worker whose devices have not failed.
    fn unprove(worker: &AccountId, record: &mut Record) {
        if record.standing == Standing::Proved {
            record.standing = Standing::Unproved;
        }
        Self::revoke(worker, record);
        // In any standing: the worker may have been admitted when there was no plan.
        T::Workers::disprove(worker);
    }

    fn revoke(worker: &AccountId, record: &mut Record) {
        record.since = None;
        if record.passport.take().is_some() {
            Self::deposit_event(Event::PassportRevoked { worker: worker.clone() });
        }
    }
}

/// The ends of canaries.
impl<T: Config> Pallet<T> {
    /// Record that a canary has ended. A canary that is not of the present round, or has ended
    /// already, stays as it is.
    fn ended(task: TaskId, answer: Answer) -> Option<(Round, AccountId, Record)> {
        let (round, kind, _) = Self::running(task)?;
        if task.index < round.swept {
            CurrentRound::<T>::mutate_extant(|round| round.open = round.open.saturating_sub(1));
        }
        let mut record = Records::<T>::get(task.index)?;
        let Some(worker) = T::Workers::by_number(task.index) else {
            Records::<T>::remove(task.index);
            return None;
        };
        record.advance(round.number);
        record.answers.set(kind, answer);
        Some((round, worker, record))
    }

    pub(crate) fn do_settle(task: TaskId) {
        let Some((round, worker, mut record)) = Self::ended(task, Answer::Passed) else { return };
        record.since.get_or_insert(Self::now());
        Self::deposit_event(Event::CanaryPassed { worker: worker.clone(), round: round.number, task });
        Self::conclude(&worker, &mut record);
        Records::<T>::insert(task.index, record);
    }

    pub(crate) fn do_fail(task: TaskId, reason: ReasonCode) {
        let answer = match reason {
            ReasonCode::NoAuditors => Answer::Unchecked,
            ReasonCode::NoVerdict | ReasonCode::Cancelled | ReasonCode::NoWorker => Answer::Void,
            _ => Answer::Failed,
        };
        let Some((round, worker, mut record)) = Self::ended(task, answer) else { return };
        Self::deposit_event(Event::CanaryFailed { worker: worker.clone(), round: round.number, task, reason });
        if answer == Answer::Failed {
            record.standing = Standing::Failed { round: round.number };
            Self::revoke(&worker, &mut record);
            T::Workers::disprove(&worker);
        } else {
            Self::conclude(&worker, &mut record);
        }
        Records::<T>::insert(task.index, record);
    }

    /// Draw the conclusion from both canaries of a round, once both have ended.
    fn conclude(worker: &AccountId, record: &mut Record) {
        let Answers { conformance: Some(conformance), throughput: Some(throughput) } = record.answers else { return };
        let passed = |answer| answer == Answer::Passed;
        let harmless = |answer| passed(answer) || answer == Answer::Unchecked;
        if !harmless(conformance) || !harmless(throughput) {
            return;
        }
        let Some(declared) = T::Workers::capability(worker) else { return };
        if !record.claims.cover(&declared) {
            // The worker now declares more than its canaries have tried.
            return Self::unprove(worker, record);
        }
        if passed(conformance) && passed(throughput) {
            let now = Self::now();
            let Claims { units, fp32, fp64 } = record.claims;
            let passport = Passport { fp32, fp64, score: units, since: record.since.unwrap_or(now), last: now };
            record.passport = Some(passport);
            Self::deposit_event(Event::PassportIssued { worker: worker.clone(), passport });
            T::Capacity::proved(worker, units);
        } else if matches!(record.standing, Standing::Failed { round } if round >= PlanSince::<T>::get()) {
            // Only an audited canary outweighs a failure.
            return;
        }
        record.standing = Standing::Proved;
        T::Workers::prove(worker);
    }
}

impl<T: Config> JobLedger for Pallet<T> {
    fn brief(task: TaskId) -> Option<TaskBrief> {
        if !task.is_canary() {
            return T::Jobs::brief(task);
        }
        let (round, kind, claims) = Self::running(task)?;
        let kernel: KernelId = round.kernel(kind);
        let requires = match kind {
            // The auditors must have the abilities that the canary tries.
            Kind::Conformance => Requirements { fp64: claims.fp64, fp32: claims.fp32, ..Default::default() },
            Kind::Throughput => Requirements::default(),
        };
        Some(TaskBrief {
            requester: Self::account(),
            kernel,
            tiling: T::Kernels::manifest(&kernel)?.tiling,
            tasks: 1,
            group_count: round.groups(kind, &claims),
            reward: Reward { asset: AssetKind::Native, per_task: 0 },
            per_auditor: 0,
            audit: AuditPolicy {
                auditors: round.plan.auditors,
                samples: Samples::Count(round.plan.samples),
                challenge_blocks: 0,
            },
            run_blocks: round.plan.window,
            requires,
            least_memory: 0,
            redo: false,
        })
    }

    fn run_request(task: TaskId, work: Work) -> Option<RunRequest> {
        if !task.is_canary() {
            return T::Jobs::run_request(task, work);
        }
        let (round, kind, claims) = Self::running(task)?;
        let group_count = round.groups(kind, &claims);
        let seed = round.seed_of(task.index).to_vec();
        let scalars = match kind {
            Kind::Conformance => vec![seed, claims.bits().to_le_bytes().to_vec()],
            Kind::Throughput => vec![seed],
        };
        Some(RunRequest {
            id: Hash::zero(),
            genesis: frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()),
            task,
            work,
            kernel: T::Kernels::manifest(&round.kernel(kind))?,
            groups: [group_count, 1, 1],
            first_group: 0,
            group_count,
            scalars,
            inputs: Vec::new(),
            limit_ms: 0,
        })
    }

    /// Canaries have no inputs.
    fn input_bytes(task: TaskId) -> Vec<u64> {
        if task.is_canary() { Vec::new() } else { T::Jobs::input_bytes(task) }
    }

    fn settle(task: TaskId, worker: &AccountId, commitment: Commitment, auditors: &[AccountId]) -> Weight {
        if !task.is_canary() {
            return T::Jobs::settle(task, worker, commitment, auditors);
        }
        Self::do_settle(task);
        T::WeightInfo::settle_canary()
    }

    fn fail(task: TaskId, reason: ReasonCode) -> Weight {
        if !task.is_canary() {
            return T::Jobs::fail(task, reason);
        }
        Self::do_fail(task, reason);
        T::WeightInfo::fail_canary()
    }

    fn give_back(task: TaskId, reason: ReasonCode) -> Weight {
        if !task.is_canary() {
            return T::Jobs::give_back(task, reason);
        }
        Self::fail(task, reason)
    }

    fn unbuildable(kernel: &KernelId, class: Option<DeviceClass>) -> Option<ReasonCode> {
        T::Jobs::unbuildable(kernel, class)
    }

    fn build_failed(
        kernel: &KernelId,
        class: DeviceClass,
        by: &AccountId,
        reason: ReasonCode,
        everybody: bool,
    ) -> bool {
        T::Jobs::build_failed(kernel, class, by, reason, everybody)
    }

    fn built(kernel: &KernelId, class: DeviceClass) -> Vec<AccountId> {
        T::Jobs::built(kernel, class)
    }

    fn close_weight() -> Weight {
        T::Jobs::close_weight().max(T::WeightInfo::settle_canary()).max(T::WeightInfo::fail_canary())
    }

    fn close_one_weight() -> Weight {
        T::Jobs::close_one_weight().max(T::WeightInfo::settle_canary()).max(T::WeightInfo::fail_canary())
    }

    fn called(task: TaskId) -> Option<(AccountId, BlockNumber)> {
        if !task.is_canary() {
            return T::Jobs::called(task);
        }
        let (round, _, _) = Self::running(task)?;
        let worker = T::Workers::by_number(task.index)?;
        let called = Self::now() <= round.due && !T::Tasks::contains(&task) && T::Workers::is_active(&worker);
        called.then_some((worker, round.due))
    }

    fn calls(worker: &AccountId) -> Vec<TaskId> {
        let mut calls = T::Jobs::calls(worker);
        if let (Some(round), Some(number)) = (CurrentRound::<T>::get(), T::Workers::number(worker)) {
            let canaries = Kind::ALL.map(|kind| kind.task(round.number, number));
            calls.extend(canaries.into_iter().filter(|task| Self::called(*task).is_some()));
        }
        calls
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_task(groups: u32, samples: u32, auditors: u32, native: bool) -> TaskId {
        T::Jobs::benchmark_task(groups, samples, auditors, native)
    }
}
