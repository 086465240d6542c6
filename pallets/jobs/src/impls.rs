//! The bodies of the calls, the answers to the runtime API, and the traits for other pallets.

use crate::{
    Build, Builds, Config, EndRecord, Ends, Error, Event, FailedTasks, HoldReason, JobRecord, Jobs, JobsOf,
    KernelCount, KernelRecord, Kernels, LastJob, NextJob, OpenJobs, Owed, Pallet, SettledTasks, VOUCHED_BLOCKS,
    WeightInfo, fees,
};
use alloc::vec::Vec;
use codec::Encode;
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlockNumber, Hash, JobId, KernelId, TaskId,
    api::{JobSummary, Quarantine, Quote, TaskEnd, summary_key},
    economy::FeeQuote,
    executor::{Commitment, RunRequest, Work},
    job::{JobSpec, MAX_JOB_INPUT_BYTES, MAX_TASKS, TaskCost},
    kernel::{InputBytes, KernelManifest, MAX_PARAMS, MAX_SOURCE_BYTES},
    reason::ReasonCode,
    traits::{BlobStore, DemandLedger, JobLedger, KernelRegistry, TaskBrief, TaskQueue, WorkerCount},
    worker::DeviceClass,
};
use pallet_support::hold;
use polkadot_sdk::{
    frame_support::{
        BoundedVec, ensure,
        traits::{
            Get,
            fungibles::{Inspect, hold::Mutate},
            tokens::{Fortitude, Precision, Preservation},
        },
        weights::Weight,
    },
    frame_system::{self, pallet_prelude::BlockNumberFor},
    sp_io,
    sp_runtime::{ArithmeticError, DispatchError, DispatchResult, SaturatedConversion, traits::Zero},
};

/// Most inputs a kernel can have: one parameter is its output.
pub(crate) const MAX_INPUTS: u32 = MAX_PARAMS - 1;

/// Sizes of a job that ended when its last task was closed; zeros if another task is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Removed {
    /// Number of tasks; their stored ends were removed.
    tasks: u32,
    /// Number of inputs; their pins were removed.
    inputs: u32,
}

/// Answers for the runtime API.
impl<T: Config> Pallet<T> {
    /// Return how a closed task of a live job ended. `None` if the task is open, or if its job is
    /// unknown or ended.
    pub fn task_end(task: TaskId) -> Option<TaskEnd> {
        Ends::<T>::get(task.job, task.index).map(Into::into)
    }

    /// Return the number of jobs ever posted.
    pub fn job_count() -> JobId {
        NextJob::<T>::get()
    }

    /// Return the number of jobs that have not ended.
    pub fn open_job_count() -> u32 {
        OpenJobs::<T>::get()
    }

    /// Return the number of registered kernels.
    pub fn kernel_count() -> u32 {
        KernelCount::<T>::get()
    }

    /// Return the chain's genesis hash, from the first block on.
    pub fn genesis_hash() -> Hash {
        // The system pallet never prunes it: `CheckGenesis` needs it too.
        frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
    }

    /// Return the cost of a job if it were posted now.
    ///
    /// # Errors
    ///
    /// The error that posting the job would give, except for those about the requester's balance.
    pub fn quote(spec: &JobSpec) -> Result<Quote, DispatchError> {
        let kernel = Kernels::<T>::get(spec.kernel).ok_or(Error::<T>::UnknownKernel)?;
        Self::quote_for(spec, &kernel).map(|(quote, _)| quote)
    }

    /// Return a task of a job as the proof of compute would see it if `requester` posted the job
    /// now. Also returns the job's number of tasks.
    ///
    /// # Errors
    ///
    /// Those of [`Self::quote`].
    pub fn prospect(spec: &JobSpec, requester: AccountId) -> Result<(TaskBrief, u32), DispatchError> {
        let kernel = Kernels::<T>::get(spec.kernel).ok_or(Error::<T>::UnknownKernel)?;
        let (Quote { shape, per_task, .. }, inputs) = Self::quote_for(spec, &kernel)?;
        let (_, group_count) = shape.task(0).ok_or(Error::<T>::InvalidTaskCount)?;
        let brief = TaskBrief {
            tasks: shape.tasks,
            group_count,
            per_auditor: per_task.per_auditor,
            ..TaskBrief::prospect(spec, kernel.manifest.tiling, requester, &inputs)
        };
        Ok((brief, shape.tasks))
    }

    /// As [`Self::quote`], for a kernel that the caller has read. Also returns the sizes of the
    /// inputs.
    fn quote_for(spec: &JobSpec, kernel: &KernelRecord) -> Result<(Quote, InputBytes), DispatchError> {
        let available = T::Workers::available(spec.requires.class);
        let shape = spec.check(&kernel.manifest, available, T::MaxRunBlocks::get()).map_err(Error::<T>::from)?;
        let quarantine = kernel.builds.quarantine(spec.requires.class, Self::now());
        ensure!(quarantine.is_none(), Error::<T>::KernelQuarantined);
        // A blob that is named twice counts twice. An executor may store it once, but the limit
        // does not rely on that.
        let inputs = spec.inputs.iter().map(T::Blobs::size).collect::<Option<InputBytes>>();
        let inputs = inputs.ok_or(Error::<T>::UnknownBlob)?;
        ensure!(inputs.total <= MAX_JOB_INPUT_BYTES, Error::<T>::InputsTooLarge);
        ensure!(T::Assets::asset_exists(spec.reward.asset.clone()), Error::<T>::UnknownAsset);
        ensure!(spec.reward.per_task >= T::MinReward::get(), Error::<T>::RewardTooLow);
        let per_task = TaskCost::quote(&spec.reward, spec.audit.auditors, &T::Fees::get());
        let per_task = per_task.ok_or(Error::<T>::CostOverflow)?;
        let total = per_task.total().checked_mul(Balance::from(shape.tasks)).ok_or(Error::<T>::CostOverflow)?;
        Ok((Quote { shape, per_task, total, audit: spec.audit }, inputs))
    }

    /// Return all fees of a job if it were posted now, with the fee for the transaction left at 0.
    ///
    /// # Errors
    ///
    /// Those of [`Self::quote`].
    pub fn fees(spec: &JobSpec) -> Result<FeeQuote, DispatchError> {
        let fees = fees::split(Self::quote(spec)?, T::Fees::get().reservation);
        Ok(fees.ok_or(Error::<T>::CostOverflow)?)
    }
}

/// The bodies of the calls.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_register_kernel(owner: AccountId, manifest: KernelManifest) -> DispatchResult {
        manifest.check().map_err(Error::<T>::from)?;
        let kernel = manifest.id();
        ensure!(!Kernels::<T>::contains_key(kernel), Error::<T>::AlreadyRegistered);
        let bytes = T::Blobs::size(&manifest.source).ok_or(Error::<T>::UnknownBlob)?;
        ensure!(T::Blobs::is_stored(&manifest.source), Error::<T>::SourceNotStored);
        ensure!(bytes <= MAX_SOURCE_BYTES.into(), Error::<T>::SourceTooLarge);
        let deposit = T::KernelDepositPerByte::get()
            .saturating_mul(manifest.encoded_size() as Balance)
            .saturating_add(T::KernelDepositBase::get());

        Self::hold(AssetKind::Native, HoldReason::Kernel, &owner, deposit)?;
        T::Blobs::pin(&manifest.source)?;
        Kernels::<T>::insert(
            kernel,
            KernelRecord { manifest, owner: owner.clone(), deposit, jobs: 0, kept: 0, builds: Builds::default() },
        );
        KernelCount::<T>::mutate(|count| *count = count.saturating_add(1));
        Self::deposit_event(Event::KernelRegistered { kernel, owner, deposit });
        Ok(())
    }

    pub(crate) fn do_unregister_kernel(who: AccountId, kernel: KernelId) -> DispatchResult {
        let KernelRecord { manifest, owner, deposit, jobs, kept, .. } =
            Kernels::<T>::get(kernel).ok_or(Error::<T>::UnknownKernel)?;
        ensure!(owner == who, Error::<T>::NotOwner);
        ensure!(jobs == 0 && kept == 0, Error::<T>::KernelInUse);

        T::Assets::release(AssetKind::Native, &HoldReason::Kernel.into(), &owner, deposit, Precision::Exact)?;
        T::Blobs::unpin(&manifest.source);
        Kernels::<T>::remove(kernel);
        KernelCount::<T>::mutate(|count| *count = count.saturating_sub(1));
        Self::deposit_event(Event::KernelUnregistered { kernel, owner, deposit });
        Ok(())
    }

    /// Root vouches as `None`.
    pub(crate) fn do_vouch_for_kernel(who: Option<AccountId>, kernel: KernelId) -> DispatchResult {
        let mut record = Kernels::<T>::get(kernel).ok_or(Error::<T>::UnknownKernel)?;
        ensure!(who.is_none_or(|who| who == record.owner), Error::<T>::NotOwner);
        let now = Self::now();
        let released = record.builds.vouch(now);
        Kernels::<T>::insert(kernel, record);
        let until = now.saturating_add(VOUCHED_BLOCKS);
        Self::deposit_event(Event::KernelVouchedFor { kernel, until });
        for class in released {
            Self::deposit_event(Event::KernelReleased { kernel, class });
        }
        Ok(())
    }

    /// Post jobs of one kernel that are paid in one asset, all or none. Returns the first job's
    /// number; the others follow it.
    ///
    /// The storage items that the jobs share are read and written once.
    pub(crate) fn do_submit_jobs(requester: AccountId, specs: Vec<JobSpec>) -> Result<JobId, DispatchError> {
        let JobSpec { kernel, reward, .. } = specs.first().ok_or(Error::<T>::NoJobs)?;
        let (kernel, asset) = (*kernel, reward.asset.clone());
        let alike = specs.iter().all(|spec| spec.kernel == kernel && spec.reward.asset == asset);
        ensure!(alike, Error::<T>::MixedJobs);
        let count = specs.len() as u32;
        let mut record = Kernels::<T>::get(kernel).ok_or(Error::<T>::UnknownKernel)?;
        let quotes = specs.iter().map(|spec| Self::quote_for(spec, &record)).collect::<Result<Vec<_>, _>>()?;
        let escrow = quotes.iter().try_fold(Balance::zero(), |sum, (quote, _)| sum.checked_add(quote.total));
        Self::hold(asset, HoldReason::Escrow, &requester, escrow.ok_or(Error::<T>::CostOverflow)?)?;

        let tiling = record.manifest.tiling;
        record.jobs = record.jobs.checked_add(count).ok_or(ArithmeticError::Overflow)?;
        Kernels::<T>::insert(kernel, record);
        let first = NextJob::<T>::get();
        let next = first.checked_add(count.into()).ok_or(ArithmeticError::Overflow)?;
        NextJob::<T>::put(next);
        OpenJobs::<T>::mutate(|open| *open = open.saturating_add(count));
        let mut previous = LastJob::<T>::mutate(&requester, |last| last.replace(next.saturating_sub(1)));
        let submitted = Self::now();

        for (job, (spec, (quote, inputs))) in (first..).zip(specs.into_iter().zip(quotes)) {
            spec.inputs.iter().try_for_each(T::Blobs::pin)?;
            let Quote { shape, per_task: cost, total: escrow, .. } = quote;
            let (requester, tasks) = (requester.clone(), shape.tasks);
            JobsOf::<T>::insert(&requester, job.to_be_bytes(), ());
            let record = JobRecord {
                previous,
                requester: requester.clone(),
                spec,
                shape,
                tiling,
                cost,
                least_memory: tiling.least_memory(&inputs),
                submitted,
                open: tasks,
            };
            Jobs::<T>::insert(job, record);
            previous = Some(job);
            Self::deposit_event(Event::JobSubmitted { job, requester, kernel, tasks, escrow });
            for index in 0..tasks {
                T::Queue::enqueue(TaskId { job, index });
            }
        }
        Ok(first)
    }

    /// Returns the number of tasks looked at.
    pub(crate) fn do_cancel_job(who: AccountId, job: JobId) -> Result<u32, DispatchError> {
        let record = Jobs::<T>::get(job).ok_or(Error::<T>::UnknownJob)?;
        ensure!(record.requester == who, Error::<T>::NotRequester);

        let mut cancelled = false;
        for task in (0..record.shape.tasks).map(|index| TaskId { job, index }) {
            if T::Queue::withdraw(task) {
                cancelled = true;
                Self::do_fail(task, ReasonCode::Cancelled, true);
            }
        }
        ensure!(cancelled, Error::<T>::NothingToCancel);
        Ok(record.shape.tasks)
    }

    pub(crate) fn do_claim_owed(creditor: AccountId, requester: AccountId, asset: AssetKind) -> DispatchResult {
        let amount = Owed::<T>::take(&creditor, (&requester, &asset));
        ensure!(!amount.is_zero(), Error::<T>::NothingOwed);
        hold::deliver_asset::<T::Assets>(asset.clone(), &HoldReason::Escrow.into(), &requester, &creditor, amount)?;
        Self::deposit_event(Event::OwedPaid { creditor, requester, asset, amount });
        Ok(())
    }
}

/// Steps that the proof of compute triggers.
impl<T: Config> Pallet<T> {
    /// Pay out an open task's escrow and close the task. A task that is not open stays as it is.
    ///
    /// Returns the sizes of the job if it ended.
    pub(crate) fn do_settle(
        task: TaskId,
        worker: &AccountId,
        commitment: Commitment,
        auditors: &[AccountId],
    ) -> Removed {
        let Some(job) = Self::open_job(task) else { return Removed::default() };
        let asset = &job.spec.reward.asset;
        let sealed: BoundedVec<_, _> =
            BoundedVec::truncate_from(auditors.iter().take(job.cost.auditors as usize).cloned().collect());
        let shares = job.cost.settlement(sealed.len() as u32);

        Self::pay(asset, &job.requester, worker, shares.worker);
        for auditor in &sealed {
            Self::pay(asset, &job.requester, auditor, shares.per_auditor);
        }
        if Self::pay(asset, &job.requester, &T::RevenuePot::get(), shares.revenue) && shares.revenue > 0 {
            let mut paid = Vec::with_capacity(sealed.len().saturating_add(1));
            paid.push((worker.clone(), shares.worker));
            paid.extend(sealed.iter().map(|auditor| (auditor.clone(), shares.per_auditor)));
            T::Demand::settled(asset, shares.revenue, &paid);
        }
        Self::pay(asset, &job.requester, &job.requester, shares.refund);
        SettledTasks::<T>::mutate(|tasks| *tasks = tasks.saturating_add(1));
        Self::deposit_event(Event::TaskSettled {
            task,
            worker: worker.clone(),
            paid: shares.worker,
            auditors: sealed.iter().map(|auditor| (auditor.clone(), shares.per_auditor)).collect(),
            revenue: shares.revenue,
            refund: shares.refund,
        });
        Self::close(task, job, EndRecord::Settled { worker: worker.clone(), commitment, auditors: sealed })
    }

    /// Refund an open task and close it. A task that is not open stays as it is.
    ///
    /// If the task was `tried` and the reason lies with the requester, the requester pays the fee:
    /// reservation fee and surcharge.
    ///
    /// Returns the sizes of the job if it ended.
    pub(crate) fn do_fail(task: TaskId, reason: ReasonCode, tried: bool) -> Removed {
        let Some(job) = Self::open_job(task) else { return Removed::default() };
        let asset = &job.spec.reward.asset;
        let fee = if tried && reason.is_requesters() { job.cost.fee } else { 0 };
        let refund = job.cost.total().saturating_sub(fee);

        Self::pay(asset, &job.requester, &T::RevenuePot::get(), fee);
        Self::pay(asset, &job.requester, &job.requester, refund);
        FailedTasks::<T>::mutate(|tasks| *tasks = tasks.saturating_add(1));
        Self::deposit_event(Event::TaskFailed { task, reason, refund, fee });
        Self::close(task, job, EndRecord::Failed { reason })
    }

    /// Return the job of a task that is neither settled nor failed.
    fn open_job(task: TaskId) -> Option<JobRecord> {
        let job = Jobs::<T>::get(task.job)?;
        // A live job has an open task, so its only task is open.
        let is_open = || job.shape.tasks == 1 || !Ends::<T>::contains_key(task.job, task.index);
        (task.index < job.shape.tasks && is_open()).then_some(job)
    }

    fn close(task: TaskId, mut job: JobRecord, end: EndRecord) -> Removed {
        job.open = job.open.saturating_sub(1);
        if job.open == 0 {
            let removed = Removed { tasks: job.shape.tasks, inputs: job.spec.inputs.len() as u32 };
            Self::end(task, job, end);
            removed
        } else {
            Ends::<T>::insert(task.job, task.index, end);
            Jobs::<T>::insert(task.job, job);
            Removed::default()
        }
    }

    /// Remove everything of a job, and write its summary to the offchain index. `last` is the end
    /// of its last open task, `index`.
    fn end(TaskId { job: id, index }: TaskId, job: JobRecord, last: EndRecord) {
        let JobRecord { previous, requester, spec, shape, cost, submitted, .. } = job;
        Jobs::<T>::remove(id);
        JobsOf::<T>::remove(&requester, id.to_be_bytes());
        OpenJobs::<T>::mutate(|count| *count = count.saturating_sub(1));
        spec.inputs.iter().for_each(T::Blobs::unpin);
        Kernels::<T>::mutate_extant(spec.kernel, |kernel| kernel.jobs = kernel.jobs.saturating_sub(1));

        let mut ends: Vec<(u32, TaskEnd)> = Vec::with_capacity(shape.tasks as usize);
        if shape.tasks > 1 {
            ends.extend(Ends::<T>::drain_prefix(id).map(|(index, end)| (index, end.into())));
        }
        ends.push((index, last.into()));
        ends.sort_unstable_by_key(|(index, _)| *index);
        let tasks: Vec<TaskEnd> = ends.into_iter().map(|(_, end)| end).collect();
        let settled = tasks.iter().filter(|end| matches!(end, TaskEnd::Settled { .. })).count() as u32;
        let failed = shape.tasks.saturating_sub(settled);

        let ended = Self::now();
        let summary = JobSummary { id, previous, requester, spec, shape, cost, submitted, ended, tasks };
        sp_io::offchain_index::set(&summary_key(id), &summary.encode());
        Self::deposit_event(Event::JobEnded { job: id, settled, failed });
    }
}

/// Money.
impl<T: Config> Pallet<T> {
    fn hold(asset: AssetKind, reason: HoldReason, who: &AccountId, amount: Balance) -> DispatchResult {
        let free = T::Assets::reducible_balance(asset.clone(), who, Preservation::Protect, Fortitude::Force);
        ensure!(amount <= free, Error::<T>::InsufficientBalance);
        T::Assets::hold(asset, &reason.into(), who, amount)
    }

    /// Pay from a requester's escrow. An amount that cannot be delivered stays on hold as a debt.
    /// Returns whether it was delivered.
    fn pay(asset: &AssetKind, requester: &AccountId, to: &AccountId, amount: Balance) -> bool {
        let reason = HoldReason::Escrow.into();
        let delivered = hold::pay_asset::<T::Assets>(asset.clone(), &reason, requester, to, amount) == amount;
        if !delivered {
            Owed::<T>::mutate(to, (requester, asset), |owed| *owed = owed.saturating_add(amount));
            Self::deposit_event(Event::PaymentOwed {
                creditor: to.clone(),
                requester: requester.clone(),
                asset: asset.clone(),
                amount,
            });
        }
        delivered
    }

    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }
}

impl<T: Config> JobLedger for Pallet<T> {
    fn brief(task: TaskId) -> Option<TaskBrief> {
        let job = Self::open_job(task)?;
        let (_, group_count) = job.shape.task(task.index)?;
        Some(TaskBrief {
            requester: job.requester,
            kernel: job.spec.kernel,
            tiling: job.tiling,
            tasks: job.shape.tasks,
            group_count,
            reward: job.spec.reward,
            per_auditor: job.cost.per_auditor,
            audit: job.spec.audit,
            run_blocks: job.spec.run_blocks,
            // A worker that could not hold the inputs is not drawn, even if the requester asks for
            // less memory.
            requires: job.spec.requires.with_memory(job.least_memory),
            least_memory: job.least_memory,
            redo: true,
        })
    }

    fn run_request(task: TaskId, work: Work) -> Option<RunRequest> {
        let job = Self::open_job(task)?;
        let (first_group, group_count) = job.shape.task(task.index)?;
        let kernel = Kernels::<T>::get(job.spec.kernel)?;
        Some(RunRequest {
            id: Hash::zero(),
            genesis: Self::genesis_hash(),
            task,
            work,
            kernel: kernel.manifest,
            groups: job.shape.groups,
            first_group,
            group_count,
            scalars: job.spec.scalars.into_iter().map(BoundedVec::into_inner).collect(),
            inputs: job.spec.inputs.into_inner(),
            limit_ms: 0,
        })
    }

    fn input_bytes(task: TaskId) -> Vec<u64> {
        let inputs = Self::open_job(task).map(|job| job.spec.inputs).unwrap_or_default();
        inputs.iter().map(T::Blobs::size).collect::<Option<_>>().unwrap_or_default()
    }

    fn settle(task: TaskId, worker: &AccountId, commitment: Commitment, auditors: &[AccountId]) -> Weight {
        let Removed { tasks, inputs } = Self::do_settle(task, worker, commitment, auditors);
        T::WeightInfo::settle_task(tasks, inputs)
    }

    fn fail(task: TaskId, reason: ReasonCode) -> Weight {
        let Removed { tasks, inputs } = Self::do_fail(task, reason, true);
        T::WeightInfo::fail_task(tasks, inputs)
    }

    fn give_back(task: TaskId, reason: ReasonCode) -> Weight {
        let Removed { tasks, inputs } = Self::do_fail(task, reason, false);
        T::WeightInfo::fail_task(tasks, inputs)
    }

    fn unbuildable(kernel: &KernelId, class: Option<DeviceClass>) -> Option<ReasonCode> {
        let builds = Kernels::<T>::get(kernel)?.builds;
        builds.quarantine(class, Self::now()).map(|quarantine| quarantine.reason)
    }

    fn build_failed(
        kernel: &KernelId,
        class: DeviceClass,
        by: &AccountId,
        reason: ReasonCode,
        everybody: bool,
    ) -> bool {
        let now = Self::now();
        let Some(mut record) = Kernels::<T>::get(kernel) else { return false };
        let before = record.builds.clone();
        let (known, is_new) = record.builds.failed(class, by, reason, everybody, now);
        let quarantine = record.builds.quarantine(Some(class), now).filter(|_| is_new);
        if record.builds != before {
            Kernels::<T>::insert(kernel, record);
        }
        if let Some(Quarantine { until, .. }) = quarantine {
            Self::deposit_event(Event::KernelQuarantined { kernel: *kernel, class, until, reason });
        }
        known
    }

    fn built(kernel: &KernelId, class: DeviceClass) -> Vec<AccountId> {
        let unproved = |record: &KernelRecord| record.builds.of(class) != Some(&Build::Proved);
        let Some(mut record) = Kernels::<T>::get(kernel).filter(unproved) else { return Vec::new() };
        let (wrong, released) = record.builds.proved(class);
        Kernels::<T>::insert(kernel, record);
        if released {
            Self::deposit_event(Event::KernelReleased { kernel: *kernel, class });
        }
        wrong
    }

    fn close_weight() -> Weight {
        T::WeightInfo::settle_task(MAX_TASKS, MAX_INPUTS).max(T::WeightInfo::fail_task(MAX_TASKS, MAX_INPUTS))
    }

    fn close_one_weight() -> Weight {
        T::WeightInfo::settle_task(1, 0).max(T::WeightInfo::fail_task(1, 0))
    }

    /// Posted tasks are given out by lot.
    fn called(_: TaskId) -> Option<(AccountId, BlockNumber)> {
        None
    }

    fn calls(_: &AccountId) -> Vec<TaskId> {
        Vec::new()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_task(groups: u32, samples: u32, auditors: u32, native: bool) -> TaskId {
        crate::benchmarking::task::<T>(groups, samples, auditors, native)
    }
}

impl<T: Config> KernelRegistry for Pallet<T> {
    fn manifest(kernel: &KernelId) -> Option<KernelManifest> {
        Kernels::<T>::get(kernel).map(|kernel| kernel.manifest)
    }

    fn keep(kernel: &KernelId) -> DispatchResult {
        Kernels::<T>::try_mutate(kernel, |kernel| {
            let kernel = kernel.as_mut().ok_or(Error::<T>::UnknownKernel)?;
            kernel.kept = kernel.kept.checked_add(1).ok_or(ArithmeticError::Overflow)?;
            Ok(())
        })
    }

    fn release(kernel: &KernelId) {
        Kernels::<T>::mutate_extant(kernel, |kernel| kernel.kept = kernel.kept.saturating_sub(1));
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_kernel(manifest: KernelManifest) -> KernelId {
        crate::benchmarking::kernel_like::<T>(manifest)
    }
}
