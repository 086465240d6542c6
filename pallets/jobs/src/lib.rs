//! Kernels, jobs, tasks, escrow and settlement.
//!
//! # Overview
//!
//! A requester registers a kernel, then posts jobs that run it. Posting a job splits it into tasks, puts what all of them
//! may cost on hold in the requester's account and hands the tasks to the proof of compute, which reports back through
//! [`JobLedger`](dpin_primitives::traits::JobLedger): a task is settled (worker, auditors and revenue are paid out of
//! the escrow, the rest goes back) or failed (refunded). When its last task closes, the job is gone from the live state
//! and its [`JobSummary`](dpin_primitives::api::JobSummary) is left behind in the nodes' offchain index.
//!
//! # Terminology
//!
//! - **Escrow**: what is on hold in the requester's account for tasks that are not closed, and for debts.
//! - **Debt**: a payment that could not be delivered, because its receiver's account cannot take it. The money stays on
//!   hold in the requester's account, where nobody but the creditor can get it, until anybody delivers it with
//!   [`Pallet::claim_owed`].
//! - **Closed**: a task that is settled or failed.
//! - **Quarantine**: no job of a kernel may be posted for a class of devices, because it was found not to build there. It ends by
//!   itself, by a checked result, and when the kernel's owner vouches for it.
//!
//! # Lifecycle
//!
//! ```text
//!              submit_job                    settle
//! (requester) -----------> open task --+---------------> Settled --+
//!                                      |                           |  last task
//!                                      | fail, cancel_job          +-----------> job ended, summary in the offchain index
//!                                      +---------------> Failed ---+
//! ```
//!
//! # Implementation notes
//!
//! - Escrow is moved with [`Fortitude::Force`](polkadot_sdk::frame_support::traits::tokens::Fortitude): a lock that a
//!   requester puts on its own account later on must not keep workers from being paid.
//! - [`Config::Demand`] is told of fees only if all of a settled task's have reached the revenue pot. Those that become a debt are
//!   never told of, even when they are delivered later: what is reckoned by fees must rest on fees that were paid.
//! - A payment that fails leaves the hold untouched, so recording the debt is the whole fallback and cannot fail itself.
//! - Ending a job is bounded by its number of tasks and of inputs.
//! - What lists are made of is kept apart from the jobs: [`JobsOf`] names the open jobs of a requester in order, and every job
//!   names the one that its requester posted before, so that also the ended ones can be found again in the offchain index, from
//!   [`LastJob`] on.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod builds;
mod fees;
mod impls;
mod views;
pub mod weights;

#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use builds::{Build, Builds, QUARANTINE_BLOCKS, SUSPICION_BLOCKS, VOUCHED_BLOCKS};
pub use pallet::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system};

/// Kernels, jobs, tasks, escrow and settlement.
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::{vec, vec::Vec};
    use dpin_primitives::{
        api,
        executor::Commitment,
        job::{FeePolicy, JobShape, JobSpec, SpecError, TaskCost, TaskCount, MAX_AUDITORS, MAX_JOBS, MAX_TASKS},
        kernel::{KernelManifest, ManifestError, Tiling},
        reason::ReasonCode,
        traits::{BlobStore, DemandLedger, TaskQueue, WorkerCount},
        worker::DeviceClass,
        AccountId, AssetKind, Balance, BlockNumber, Hash, JobId, KernelId, TaskId,
    };
    use frame_support::{pallet_prelude::*, traits::fungibles, DefaultNoBound};
    use frame_system::pallet_prelude::*;

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the pallet needs of the runtime.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN and the other assets jobs are paid in.
        type Assets: fungibles::hold::Mutate<
            AccountId,
            AssetId = AssetKind,
            Balance = Balance,
            Reason = Self::RuntimeHoldReason,
        >;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;

        /// The blobs with sources and inputs.
        type Blobs: BlobStore;

        /// The proof of compute, which takes the tasks.
        type Queue: TaskQueue;

        /// The workers, whose number decides into how many tasks a job is split.
        type Workers: WorkerCount;

        /// How jobs are priced.
        type Fees: Get<FeePolicy>;

        /// Takes note of the fees that settled tasks have put into the revenue pot, and of who has worked for them.
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

    /// Why funds are on hold.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// What a requester's open tasks may cost, and what could not be paid out.
        Escrow,
        /// The deposit for a kernel.
        Kernel,
    }

    /// A registered kernel.
    #[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
    pub struct KernelRecord {
        /// Everything that fixes what is computed.
        pub manifest: KernelManifest,
        /// Who registered it.
        pub owner: AccountId,
        /// Its deposit, in planck.
        pub deposit: Balance,
        /// Jobs that use it and are not ended.
        pub jobs: u32,
        /// How often the chain itself keeps it, for its canaries.
        pub kept: u32,
        /// Whether it builds, as far as workers have reported.
        pub builds: Builds,
    }

    /// A job that is not ended.
    #[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
    pub struct JobRecord {
        /// The job that its requester posted before it.
        pub previous: Option<JobId>,
        /// Who posted it.
        pub requester: AccountId,
        /// As it was posted.
        pub spec: JobSpec,
        /// Its grid and number of tasks.
        pub shape: JobShape,
        /// Its kernel's tiling, which every step of a task asks for.
        pub tiling: Tiling,
        /// What each task costs, in the job's asset.
        pub cost: TaskCost,
        /// Bytes of memory that a device must have for the smallest part of a task. Inputs do not
        /// change: the job keeps them.
        pub least_memory: u64,
        /// The block in which it was posted.
        pub submitted: BlockNumber,
        /// Tasks that are neither settled nor failed.
        pub open: u32,
    }

    /// How a closed task of a live job ended.
    #[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
    pub enum EndRecord {
        /// Verified and paid.
        Settled {
            /// Who computed it.
            worker: AccountId,
            /// What it committed to.
            commitment: Commitment,
            /// The auditors that were paid.
            auditors: BoundedVec<AccountId, ConstU32<MAX_AUDITORS>>,
        },
        /// Refunded.
        Failed {
            /// Why.
            reason: ReasonCode,
        },
    }

    impl From<EndRecord> for api::TaskEnd {
        fn from(end: EndRecord) -> Self {
            match end {
                EndRecord::Settled { worker, commitment, auditors } => {
                    Self::Settled { worker, commitment, auditors: auditors.into_inner() }
                }
                EndRecord::Failed { reason } => Self::Failed { reason },
            }
        }
    }

    /// Registered kernels.
    #[pallet::storage]
    pub type Kernels<T> = StorageMap<_, Identity, KernelId, KernelRecord>;

    /// Number of `Kernels`.
    #[pallet::storage]
    pub type KernelCount<T> = StorageValue<_, u32, ValueQuery>;

    /// Number of the next job, and so of all jobs ever posted.
    #[pallet::storage]
    pub type NextJob<T> = StorageValue<_, JobId, ValueQuery>;

    /// Jobs that are not ended.
    #[pallet::storage]
    pub type Jobs<T> = StorageMap<_, Twox64Concat, JobId, JobRecord>;

    /// Number of `Jobs`.
    #[pallet::storage]
    pub type OpenJobs<T> = StorageValue<_, u32, ValueQuery>;

    /// The jobs of each requester that are not ended. The number is in big endian, so that its order is the order of the keys.
    #[pallet::storage]
    pub type JobsOf<T> = StorageDoubleMap<_, Blake2_128Concat, AccountId, Identity, [u8; 8], ()>;

    /// The job that each requester posted last, ended or not.
    #[pallet::storage]
    pub type LastJob<T> = StorageMap<_, Blake2_128Concat, AccountId, JobId>;

    /// How the closed tasks of live jobs ended.
    #[pallet::storage]
    pub type Ends<T> = StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, u32, EndRecord>;

    /// Debts: by creditor, then by the account with the hold and the asset, in the asset's smallest unit.
    #[pallet::storage]
    pub type Owed<T> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId, Blake2_128Concat, (AccountId, AssetKind), Balance, ValueQuery>;

    /// Tasks ever settled.
    #[pallet::storage]
    pub type SettledTasks<T> = StorageValue<_, u64, ValueQuery>;

    /// Tasks ever failed.
    #[pallet::storage]
    pub type FailedTasks<T> = StorageValue<_, u64, ValueQuery>;

    /// Makes the revenue pot exist, so that it can hold any asset.
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

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A kernel was registered.
        KernelRegistered {
            /// The kernel.
            kernel: KernelId,
            /// Who registered it.
            owner: AccountId,
            /// Its deposit, in planck.
            deposit: Balance,
        },
        /// A kernel was unregistered.
        KernelUnregistered {
            /// The kernel.
            kernel: KernelId,
            /// Who had registered it.
            owner: AccountId,
            /// The deposit that was given back, in planck.
            deposit: Balance,
        },
        /// A kernel was found not to build on devices of a class: its other tasks there end, and no job of it may be posted.
        KernelQuarantined {
            /// The kernel.
            kernel: KernelId,
            /// The class.
            class: DeviceClass,
            /// The last block of the quarantine.
            until: BlockNumber,
            /// What the last worker said.
            reason: ReasonCode,
        },
        /// A quarantine has ended early: a checked result proves that the kernel builds, or somebody has vouched for it.
        KernelReleased {
            /// The kernel.
            kernel: KernelId,
            /// The class.
            class: DeviceClass,
        },
        /// The kernel's owner or governance has vouched that it builds.
        KernelVouchedFor {
            /// The kernel.
            kernel: KernelId,
            /// The last block in which it cannot be put into quarantine.
            until: BlockNumber,
        },
        /// A job was posted and its cost put on hold.
        JobSubmitted {
            /// The job.
            job: JobId,
            /// Who posted it.
            requester: AccountId,
            /// Its kernel.
            kernel: KernelId,
            /// Into how many tasks it was split.
            tasks: u32,
            /// What was put on hold, in the job's asset.
            escrow: Balance,
        },
        /// A task was verified and its escrow shared out. All amounts are in the job's asset.
        TaskSettled {
            /// The task.
            task: TaskId,
            /// Who computed it.
            worker: AccountId,
            /// What the worker got.
            paid: Balance,
            /// The auditors that were paid, and what each got.
            auditors: Vec<(AccountId, Balance)>,
            /// What the revenue pot got.
            revenue: Balance,
            /// What went back to the requester.
            refund: Balance,
        },
        /// A task was given up and refunded. All amounts are in the job's asset.
        TaskFailed {
            /// The task.
            task: TaskId,
            /// Why.
            reason: ReasonCode,
            /// What went back to the requester.
            refund: Balance,
            /// What the revenue pot got.
            fee: Balance,
        },
        /// The last task of a job was closed and the job is gone.
        JobEnded {
            /// The job.
            job: JobId,
            /// Its settled tasks.
            settled: u32,
            /// Its failed tasks.
            failed: u32,
        },
        /// A payment could not be delivered and became a debt.
        PaymentOwed {
            /// Who is to get it.
            creditor: AccountId,
            /// In whose account it is on hold.
            requester: AccountId,
            /// The asset.
            asset: AssetKind,
            /// How much, in the asset's smallest unit.
            amount: Balance,
        },
        /// A debt was paid.
        OwedPaid {
            /// Who got it.
            creditor: AccountId,
            /// In whose account it was on hold.
            requester: AccountId,
            /// The asset.
            asset: AssetKind,
            /// How much, in the asset's smallest unit.
            amount: Balance,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The entry point is no OpenCL C identifier.
        InvalidEntry,
        /// A scalar parameter is not 1, 2, 4 or 8 bytes wide.
        InvalidScalarWidth,
        /// The kernel has not exactly one output parameter.
        NotOneOutput,
        /// A dimension of the work-group is 0, or it has too many work-items.
        InvalidLocalSize,
        /// A tile is empty or too large.
        InvalidTileSize,
        /// A `__local` parameter is empty, or together they are too large.
        InvalidLocalMemory,
        /// A build option is named twice.
        RepeatedOption,
        /// The checker of the deterministic subset has not accepted this source.
        NotDeterministic,
        /// This very kernel is registered.
        AlreadyRegistered,
        /// The source was announced, not stored: every node must have it.
        SourceNotStored,
        /// The source has more bytes than a kernel may have.
        SourceTooLarge,
        /// There is no such kernel.
        UnknownKernel,
        /// The kernel was registered by somebody else.
        NotOwner,
        /// A job that is not ended uses the kernel, or the chain itself.
        KernelInUse,
        /// There is no such blob.
        UnknownBlob,
        /// A dimension is 0, no multiple of the kernel's local size, or the grid is too large.
        InvalidGlobalSize,
        /// There is not one scalar for each scalar parameter.
        WrongScalarCount,
        /// A scalar's width is not its parameter's.
        WrongScalarWidth,
        /// There is not one blob for each input parameter.
        WrongInputCount,
        /// No task at all, too many tasks, or more tasks than work-groups.
        InvalidTaskCount,
        /// A task would have too many tiles or too many bytes of output.
        OutputTooLarge,
        /// Too many auditors, an impossible sample, or too long a challenge window.
        InvalidAuditPolicy,
        /// The deadline is 0 blocks or too far away.
        InvalidDeadline,
        /// The region is no geohash.
        InvalidRegion,
        /// There is no such asset.
        UnknownAsset,
        /// The reward of a task is below the minimum.
        RewardTooLow,
        /// What the job costs cannot be represented.
        CostOverflow,
        /// The account has less free balance than would be put on hold.
        InsufficientBalance,
        /// There is no such job, or it has ended.
        UnknownJob,
        /// The job was posted by somebody else.
        NotRequester,
        /// No task of the job is queued.
        NothingToCancel,
        /// There is no such debt.
        NothingOwed,
        /// No job was posted.
        NoJobs,
        /// Jobs that are posted together must be of one kernel and paid in one asset.
        MixedJobs,
        /// Workers have found that the kernel does not build on devices of the class that the job asks for, or may be drawn to. Ask
        /// for a class on which it builds, or have the kernel's owner vouch for it.
        KernelQuarantined,
        /// The job's inputs together have more bytes than a worker must be able to hold: 8 GiB. Split them over several jobs.
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
        /// A job that is not ended.
        pub fn job(job: JobId) -> Option<JobRecord> {
            Jobs::<T>::get(job)
        }

        /// The jobs of a requester that are not ended, in the order in which they were posted: those after job `after`, at most
        /// `limit` and `MAX_PAGE`.
        pub fn jobs_of(requester: AccountId, after: Option<JobId>, limit: u32) -> api::Page<api::JobHead, JobId> {
            views::jobs_of::<T>(&requester, after, limit)
        }

        /// The job that a requester posted last, ended or not.
        pub fn last_job_of(requester: AccountId) -> Option<JobId> {
            LastJob::<T>::get(requester)
        }

        /// A registered kernel.
        pub fn kernel(kernel: KernelId) -> Option<api::KernelInfo> {
            Kernels::<T>::get(kernel).map(|record| views::kernel_info::<T>(kernel, record))
        }

        /// The registered kernels, in the order of their ids: those after kernel `after`, at most `limit` and
        /// `MAX_PAGE`.
        pub fn kernels(after: Option<KernelId>, limit: u32) -> api::Page<api::KernelInfo, KernelId> {
            views::kernels::<T>(after, limit)
        }
    }

    /// The number of tasks by which posting a job is weighed.
    pub(crate) fn weighed_tasks(tasks: &TaskCount) -> u32 {
        match tasks {
            // The logarithm of the number of workers.
            TaskCount::Auto => u32::BITS,
            TaskCount::Exactly(tasks) => (*tasks).min(MAX_TASKS),
        }
    }

    /// What posting these jobs weighs more than posting as many of a single task without inputs.
    pub(crate) fn weight_beyond_smallest<T: Config>(specs: &[JobSpec]) -> Weight {
        let smallest = T::WeightInfo::submit_job(1, 0);
        specs.iter().fold(Weight::zero(), |sum, spec| {
            let alone = T::WeightInfo::submit_job(weighed_tasks(&spec.tasks), spec.inputs.len() as u32);
            sum.saturating_add(alone.saturating_sub(smallest))
        })
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Register a kernel whose source is a stored blob. Its id is the hash of the manifest.
        ///
        /// May be called by anybody.
        /// A deposit is put on hold in the caller's account, and the source blob is kept from removal.
        ///
        /// Emits `KernelRegistered`.
        #[pallet::call_index(0)]
        pub fn register_kernel(origin: OriginFor<T>, manifest: KernelManifest) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::do_register_kernel(owner, manifest)
        }

        /// Unregister a kernel that neither a live job nor the chain itself uses.
        ///
        /// May be called by who registered it.
        /// The deposit is given back.
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
        /// What all tasks may cost (rewards, auditors' pay and fees) is put on hold in the caller's account, in the
        /// job's asset.
        ///
        /// Emits `JobSubmitted`.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::submit_job(weighed_tasks(&spec.tasks), spec.inputs.len() as u32))]
        pub fn submit_job(origin: OriginFor<T>, spec: JobSpec) -> DispatchResult {
            let requester = ensure_signed(origin)?;
            Self::do_submit_jobs(requester, vec![spec])?;
            Ok(())
        }

        /// Cancel the tasks of a job that no worker has been found for yet.
        ///
        /// May be called by the requester.
        /// Each of these tasks is refunded in full, fees included. The others go on.
        ///
        /// Emits `TaskFailed` for each, and `JobEnded` if none is left.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::cancel_job(MAX_TASKS))]
        pub fn cancel_job(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let tasks = Self::do_cancel_job(who, job)?;
            Ok(Some(T::WeightInfo::cancel_job(tasks)).into())
        }

        /// Deliver what could not be paid when it was due, now that the creditor's account can take it.
        ///
        /// May be called by anybody.
        /// The debt goes from the hold in the requester's account to the creditor.
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
        /// It is as if each were posted by `submit_job`, but costs half as much. Their numbers follow each other.
        ///
        /// Emits `JobSubmitted` for each.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::submit_jobs(specs.len() as u32).saturating_add(weight_beyond_smallest::<T>(specs)))]
        pub fn submit_jobs(origin: OriginFor<T>, specs: BoundedVec<JobSpec, ConstU32<MAX_JOBS>>) -> DispatchResult {
            let requester = ensure_signed(origin)?;
            Self::do_submit_jobs(requester, specs.into_inner())?;
            Ok(())
        }

        /// Vouch that a kernel builds: every quarantine of it ends, and for 30 days none begins.
        ///
        /// May be called by who registered the kernel, and by root.
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
