//! Kernels, jobs, tasks, escrow and settlement.
//!
//! # Overview
//!
//! A requester registers a kernel, then posts jobs that run it. Posting a job splits it into tasks
//! and queues them at the proof of compute. The most that all of them may cost is put on hold in
//! the requester's account. The proof of compute reports back through
//! [`JobLedger`](dpin_primitives::traits::JobLedger). A settled task pays the worker, the auditors
//! and the revenue pot out of the escrow and refunds the rest; a failed task is refunded. When its
//! last task closes, the job is removed from the state. Its
//! [`JobSummary`](dpin_primitives::api::JobSummary) stays in the nodes' offchain index.
//!
//! # Terminology
//!
//! - **Escrow**: the funds on hold in the requester's account for tasks that are not closed, and
//!   for debts.
//! - **Debt**: a payment that could not be delivered, because its receiver's account cannot take
//!   it. The money stays on hold in the requester's account, where only the creditor can get it,
//!   until anybody delivers it with [`Pallet::claim_owed`].
//! - **Closed**: a task that is settled or failed.
//! - **Quarantine**: no job of a kernel may be posted for a class of devices, because the kernel
//!   was found not to build there. A quarantine ends after a time, with a checked result, or when
//!   the kernel's owner vouches for the kernel.
//!
//! # Lifecycle
//!
//! ```text
//!              submit_job                    settle
//! (requester) -----------> open task --+---------------> Settled --+
//!                                      |                           |  last task
//!                                      | fail, cancel_job          +----> job ended, summary
//!                                      +---------------> Failed ---+      in the offchain index
//! ```
//!
//! # Implementation notes
//!
//! - Escrow is moved with
//!   [`Fortitude::Force`](polkadot_sdk::frame_support::traits::tokens::Fortitude). A lock that a
//!   requester later puts on its own account must not keep workers from being paid.
//! - [`Config::Demand`] receives the fees of a settled task only if all of them have reached the
//!   revenue pot. Fees that become a debt are never reported, even when they are delivered later:
//!   rewards that are calculated from fees must rest on fees that were paid.
//! - A payment that fails leaves the hold untouched, so recording the debt is the whole fallback
//!   and cannot fail itself.
//! - Ending a job is bounded by its number of tasks and of inputs.
//! - Lists are kept apart from the jobs. [`JobsOf`] lists the open jobs of a requester in order.
//!   Every job names the job that its requester posted before. So clients can follow the ended ones
//!   too, through the offchain index, from [`LastJob`] on.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod builds;
mod fees;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;

pub use builds::{Build, Builds, QUARANTINE_BLOCKS, SUSPICION_BLOCKS, VOUCHED_BLOCKS};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system};

/// Kernels, jobs, tasks, escrow and settlement.
#[frame_support::pallet]
#[allow(clippy::expect_used, reason = "code that FRAME generates")]
pub mod pallet {
    use super::*;
    use alloc::{vec, vec::Vec};
    use dpin_primitives::{
        AccountId, AssetKind, Balance, BlockNumber, Hash, JobId, KernelId, TaskId, api,
        job::{FeePolicy, JobSpec, MAX_JOBS, MAX_TASKS, SpecError},
        kernel::{KernelManifest, ManifestError},
        reason::ReasonCode,
        traits::{BlobStore, DemandLedger, TaskQueue, WorkerCount},
        worker::DeviceClass,
    };
    use frame_support::{DefaultNoBound, pallet_prelude::*, traits::fungibles};
    use frame_system::pallet_prelude::*;

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Configuration of the pallet.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN and the other assets in which jobs are paid.
        type Assets: fungibles::hold::Mutate<AccountId, AssetId = AssetKind, Balance = Balance, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;

        /// The blobs with sources and inputs.
        type Blobs: BlobStore;

        /// The proof of compute, which takes the tasks.
        type Queue: TaskQueue;

        /// The workers. Their number decides into how many tasks a job is split.
        type Workers: WorkerCount;

        /// The prices of jobs.
        type Fees: Get<FeePolicy>;

        /// Receives the fees that settled tasks have put into the revenue pot, and the accounts
        /// that worked for them.
        type Demand: DemandLedger;

        /// The account that fees are paid to.
        type RevenuePot: Get<AccountId>;

        /// Least reward of one task, in the smallest unit of the job's asset.
        #[pallet::constant]
        type MinReward: Get<Balance>;

        /// Longest deadline of a task and longest challenge window, in blocks.
        #[pallet::constant]
        type MaxRunBlocks: Get<BlockNumber>;

        /// Deposit for a kernel, in planck, apart from `KernelDepositPerByte`.
        #[pallet::constant]
        type KernelDepositBase: Get<Balance>;

        /// Deposit for each byte of a kernel's encoded manifest, in planck.
        #[pallet::constant]
        type KernelDepositPerByte: Get<Balance>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The reasons for holding funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The most that a requester's open tasks may cost, and the requester's debts.
        Escrow,
        /// The deposit for a kernel.
        Kernel,
    }

    /// Registered kernels.
    #[pallet::storage]
    pub type Kernels<T> = StorageMap<_, Identity, KernelId, KernelRecord>;

    /// Number of `Kernels`.
    #[pallet::storage]
    pub type KernelCount<T> = StorageValue<_, u32, ValueQuery>;

    /// Number of the next job, which is also the number of jobs ever posted.
    #[pallet::storage]
    pub type NextJob<T> = StorageValue<_, JobId, ValueQuery>;

    /// Jobs that have not ended.
    #[pallet::storage]
    pub type Jobs<T> = StorageMap<_, Twox64Concat, JobId, JobRecord>;

    /// Number of `Jobs`.
    #[pallet::storage]
    pub type OpenJobs<T> = StorageValue<_, u32, ValueQuery>;

    /// The jobs of each requester that have not ended. The job's number is in big endian, so that
    /// the keys are in the order of the numbers.
    #[pallet::storage]
    pub type JobsOf<T> = StorageDoubleMap<_, Blake2_128Concat, AccountId, Identity, [u8; 8], ()>;

    /// The last job that each requester posted, ended or not.
    #[pallet::storage]
    pub type LastJob<T> = StorageMap<_, Blake2_128Concat, AccountId, JobId>;

    /// How the closed tasks of live jobs ended.
    #[pallet::storage]
    pub type Ends<T> = StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, u32, EndRecord>;

    /// Debts: by creditor, then by the account with the hold and the asset, in the asset's smallest
    /// unit.
    #[pallet::storage]
    pub type Owed<T> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId, Blake2_128Concat, (AccountId, AssetKind), Balance, ValueQuery>;

    /// Number of tasks ever settled.
    #[pallet::storage]
    pub type SettledTasks<T> = StorageValue<_, u64, ValueQuery>;

    /// Number of tasks ever failed.
    #[pallet::storage]
    pub type FailedTasks<T> = StorageValue<_, u64, ValueQuery>;

    /// Gives the revenue pot an account that exists, so that it can hold any asset.
    #[pallet::genesis_config]
    #[derive(DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Nothing to configure.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            frame_system::Pallet::<T>::inc_providers(&T::RevenuePot::get());
        }
    }

    /// Events of kernels, jobs, tasks and debts.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A kernel was registered.
        KernelRegistered {
            /// The kernel.
            kernel: KernelId,
            /// The account that registered the kernel.
            owner: AccountId,
            /// The deposit put on hold, in planck.
            deposit: Balance,
        },
        /// A kernel was unregistered.
        KernelUnregistered {
            /// The kernel.
            kernel: KernelId,
            /// The account that had registered the kernel.
            owner: AccountId,
            /// The deposit that was released, in planck.
            deposit: Balance,
        },
        /// A kernel was found not to build on devices of a class. Its other tasks there end, and no
        /// job of it may be posted for that class.
        KernelQuarantined {
            /// The kernel.
            kernel: KernelId,
            /// The device class.
            class: DeviceClass,
            /// The last block of the quarantine.
            until: BlockNumber,
            /// The failure that the last worker reported.
            reason: ReasonCode,
        },
        /// A quarantine has ended early: a checked result proves that the kernel builds, or its
        /// owner or governance has vouched for it.
        KernelReleased {
            /// The kernel.
            kernel: KernelId,
            /// The device class.
            class: DeviceClass,
        },
        /// The kernel's owner or governance has vouched that it builds.
        KernelVouchedFor {
            /// The kernel.
            kernel: KernelId,
            /// The last block in which it cannot be put into quarantine.
            until: BlockNumber,
        },
        /// A job was posted, and the most that it may cost was put on hold.
        JobSubmitted {
            /// The job.
            job: JobId,
            /// The account that posted the job.
            requester: AccountId,
            /// The job's kernel.
            kernel: KernelId,
            /// Number of tasks into which the job was split.
            tasks: u32,
            /// The amount put on hold, in the smallest unit of the job's asset.
            escrow: Balance,
        },
        /// A task was verified and its escrow was paid out. All amounts are in the smallest unit of
        /// the job's asset.
        TaskSettled {
            /// The task.
            task: TaskId,
            /// The worker that computed the task.
            worker: AccountId,
            /// The amount paid to the worker.
            paid: Balance,
            /// The auditors that were paid, with the amount for each.
            auditors: Vec<(AccountId, Balance)>,
            /// The amount paid to the revenue pot.
            revenue: Balance,
            /// The amount returned to the requester.
            refund: Balance,
        },
        /// A task was given up and refunded. All amounts are in the smallest unit of the job's
        /// asset.
        TaskFailed {
            /// The task.
            task: TaskId,
            /// The reason for the failure.
            reason: ReasonCode,
            /// The amount returned to the requester.
            refund: Balance,
            /// The amount paid to the revenue pot.
            fee: Balance,
        },
        /// The last task of a job was closed, and the job was removed from the state.
        JobEnded {
            /// The job.
            job: JobId,
            /// Number of settled tasks.
            settled: u32,
            /// Number of failed tasks.
            failed: u32,
        },
        /// A payment could not be delivered and became a debt.
        PaymentOwed {
            /// The account to be paid.
            creditor: AccountId,
            /// The requester: the amount is on hold in its account.
            requester: AccountId,
            /// The asset.
            asset: AssetKind,
            /// The amount, in the asset's smallest unit.
            amount: Balance,
        },
        /// A debt was paid.
        OwedPaid {
            /// The account that was paid.
            creditor: AccountId,
            /// The requester: the amount was on hold in its account.
            requester: AccountId,
            /// The asset.
            asset: AssetKind,
            /// The amount, in the asset's smallest unit.
            amount: Balance,
        },
    }

    /// The reasons for which a call fails.
    #[pallet::error]
    pub enum Error<T> {
        /// The entry point is not an OpenCL C identifier.
        InvalidEntry,
        /// A scalar parameter is not 1, 2, 4 or 8 bytes wide.
        InvalidScalarWidth,
        /// The kernel does not have exactly one output parameter.
        NotOneOutput,
        /// A dimension of the work-group is 0, or the work-group has too many work-items.
        InvalidLocalSize,
        /// A tile is empty or too large.
        InvalidTileSize,
        /// A `__local` parameter is empty, or all of them together are too large.
        InvalidLocalMemory,
        /// A build option is named twice.
        RepeatedOption,
        /// The checker of the deterministic subset has not accepted this source.
        NotDeterministic,
        /// A kernel with the same manifest is registered already.
        AlreadyRegistered,
        /// The source blob was announced, not stored. A kernel's source must be stored on the
        /// chain, so that every node has it.
        SourceNotStored,
        /// The source has more bytes than a kernel may have.
        SourceTooLarge,
        /// There is no such kernel.
        UnknownKernel,
        /// The account is not the one that registered the kernel.
        NotOwner,
        /// A job that has not ended uses the kernel, or the chain itself does.
        KernelInUse,
        /// There is no such blob.
        UnknownBlob,
        /// A dimension is 0 or not a multiple of the kernel's local size, or the grid is too large.
        InvalidGlobalSize,
        /// The number of scalars is not that of the kernel's scalar parameters.
        WrongScalarCount,
        /// A scalar's width differs from that of its parameter.
        WrongScalarWidth,
        /// The number of input blobs is not that of the kernel's input parameters.
        WrongInputCount,
        /// The number of tasks is 0, too large, or larger than the number of work-groups.
        InvalidTaskCount,
        /// A task would have too many tiles or too many bytes of output.
        OutputTooLarge,
        /// The number of auditors is too large, the sample is impossible, or the challenge window
        /// is too long.
        InvalidAuditPolicy,
        /// The deadline is 0 blocks or too far away.
        InvalidDeadline,
        /// The region is not a geohash.
        InvalidRegion,
        /// There is no such asset.
        UnknownAsset,
        /// The reward of a task is below the minimum.
        RewardTooLow,
        /// The cost of the job is too large a number.
        CostOverflow,
        /// The account's free balance is less than the amount to put on hold.
        InsufficientBalance,
        /// There is no such job, or it has ended.
        UnknownJob,
        /// The account is not the one that posted the job.
        NotRequester,
        /// No task of the job is queued.
        NothingToCancel,
        /// There is no such debt.
        NothingOwed,
        /// The list of jobs is empty.
        NoJobs,
        /// Jobs that are posted together must have the same kernel and the same asset.
        MixedJobs,
        /// Workers have found that the kernel does not build on devices of the class that the job
        /// asks for or may be drawn to. Ask for a class on which it builds, or have the kernel's
        /// owner vouch for it.
        KernelQuarantined,
        /// The job's inputs together have more bytes than a worker must be able to hold: 8 GiB.
        /// Split them over several jobs.
        InputsTooLarge,
    }

    impl<T> From<ManifestError> for Error<T> {
        fn from(error: ManifestError) -> Self {
            match error {
                ManifestError::InvalidEntry => Self::InvalidEntry,
                ManifestError::InvalidScalarWidth => Self::InvalidScalarWidth,
                ManifestError::NotOneOutput => Self::NotOneOutput,
                ManifestError::InvalidLocalSize => Self::InvalidLocalSize,
                ManifestError::InvalidTileSize => Self::InvalidTileSize,
                ManifestError::InvalidLocalMemory => Self::InvalidLocalMemory,
                ManifestError::RepeatedOption => Self::RepeatedOption,
                ManifestError::NotDeterministic => Self::NotDeterministic,
            }
        }
    }

    impl<T> From<SpecError> for Error<T> {
        fn from(error: SpecError) -> Self {
            match error {
                SpecError::InvalidGlobalSize => Self::InvalidGlobalSize,
                SpecError::WrongScalarCount => Self::WrongScalarCount,
                SpecError::WrongScalarWidth => Self::WrongScalarWidth,
                SpecError::WrongInputCount => Self::WrongInputCount,
                SpecError::InvalidTaskCount => Self::InvalidTaskCount,
                SpecError::OutputTooLarge => Self::OutputTooLarge,
                SpecError::InvalidAuditPolicy => Self::InvalidAuditPolicy,
                SpecError::InvalidDeadline => Self::InvalidDeadline,
                SpecError::InvalidRegion => Self::InvalidRegion,
            }
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MaxRunBlocks::get() > 0, "no job could have a deadline");
            let (reward, fees) = (T::MinReward::get(), T::Fees::get());
            assert!(fees.reservation.mul_ceil(reward) < reward, "a worker must be paid for the cheapest task");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// Return a job that has not ended.
        pub fn job(job: JobId) -> Option<JobRecord> {
            Jobs::<T>::get(job)
        }

        /// Return the jobs of a requester that have not ended, in the order in which they were
        /// posted. The page begins after job `after` and holds at most `limit` and at most
        /// `MAX_PAGE` jobs.
        pub fn jobs_of(requester: AccountId, after: Option<JobId>, limit: u32) -> api::Page<api::JobHead, JobId> {
            views::jobs_of::<T>(&requester, after, limit)
        }

        /// Return the last job that a requester posted, ended or not.
        pub fn last_job_of(requester: AccountId) -> Option<JobId> {
            LastJob::<T>::get(requester)
        }

        /// Return a registered kernel.
        pub fn kernel(kernel: KernelId) -> Option<api::KernelInfo> {
            Kernels::<T>::get(kernel).map(|record| views::kernel_info::<T>(kernel, record))
        }

        /// Return the registered kernels, in the order of their ids. The page begins after kernel
        /// `after` and holds at most `limit` and at most `MAX_PAGE` kernels.
        pub fn kernels(after: Option<KernelId>, limit: u32) -> api::Page<api::KernelInfo, KernelId> {
            views::kernels::<T>(after, limit)
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Register a kernel whose source is a stored blob. The kernel's id is the hash of the
        /// manifest.
        ///
        /// May be called by anybody.
        /// The deposit is put on hold in the caller's account, and the source blob is pinned.
        ///
        /// Emits `KernelRegistered`.
        #[pallet::call_index(0)]
        pub fn register_kernel(origin: OriginFor<T>, manifest: KernelManifest) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_register_kernel(owner, manifest)
        }

        /// Unregister a kernel that neither a live job nor the chain itself uses.
        ///
        /// May be called by the account that registered it.
        /// The deposit is released, and the source blob is unpinned.
        ///
        /// Emits `KernelUnregistered`.
        #[pallet::call_index(1)]
        pub fn unregister_kernel(origin: OriginFor<T>, kernel: KernelId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_unregister_kernel(who, kernel)
        }

        /// Post a job: split it into tasks and queue them for workers.
        ///
        /// May be called by anybody.
        /// The most that all tasks may cost (rewards, auditors' pay and fees) is put on hold in the
        /// caller's account, in the job's asset.
        ///
        /// Emits `JobSubmitted`.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::submit_job(weights::weighed_tasks(&spec.tasks), spec.inputs.len() as u32))]
        pub fn submit_job(origin: OriginFor<T>, spec: JobSpec) -> DispatchResult {
            let requester = ensure_signed(origin)?;
            Self::do_submit_jobs(requester, vec![spec])?;
            Ok(())
        }

        /// Cancel the queued tasks of a job: those that have no worker yet.
        ///
        /// May be called by the requester.
        /// Each of these tasks is refunded in full, fees included. The others go on.
        ///
        /// Emits `TaskFailed` for each cancelled task, and `JobEnded` if no task is left.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::cancel_job(MAX_TASKS))]
        pub fn cancel_job(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let tasks = Self::do_cancel_job(who, job)?;
            Ok(Some(T::WeightInfo::cancel_job(tasks)).into())
        }

        /// Deliver a payment that could not be made when it was due, now that the creditor's
        /// account can take it.
        ///
        /// May be called by anybody.
        /// The debt moves from the hold in the requester's account to the creditor.
        ///
        /// Emits `OwedPaid`.
        #[pallet::call_index(4)]
        pub fn claim_owed(
            origin: OriginFor<T>,
            creditor: AccountId,
            requester: AccountId,
            asset: AssetKind,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_claim_owed(creditor, requester, asset)
        }

        /// Post up to 64 jobs of one kernel, paid in one asset: all of them, or none.
        ///
        /// May be called by anybody.
        /// The same funds move as with one `submit_job` for each, for half the weight. The jobs get
        /// consecutive numbers.
        ///
        /// Emits `JobSubmitted` for each.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::submit_jobs(specs.len() as u32).saturating_add(weights::weight_beyond_smallest::<T>(specs)))]
        pub fn submit_jobs(origin: OriginFor<T>, specs: BoundedVec<JobSpec, ConstU32<MAX_JOBS>>) -> DispatchResult {
            let requester = ensure_signed(origin)?;
            Self::do_submit_jobs(requester, specs.into_inner())?;
            Ok(())
        }

        /// Vouch that a kernel builds: every quarantine of it ends, and for 30 days none begins.
        ///
        /// May be called by the account that registered the kernel, and by root.
        /// Nothing moves.
        ///
        /// Emits `KernelVouchedFor`, and `KernelReleased` for each quarantine that ends.
        #[pallet::call_index(6)]
        pub fn vouch_for_kernel(origin: OriginFor<T>, kernel: KernelId) -> DispatchResult {
            let who = ensure_signed_or_root(origin)?;
            Self::do_vouch_for_kernel(who, kernel)
        }
    }
}
