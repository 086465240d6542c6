//! Canaries: tasks with which all devices prove their abilities at the same moment, and the
//! passports they get for it.
//!
//! # Overview
//!
//! A canary is a task that the chain itself posts. Governance makes a plan, by which a round opens
//! at regular intervals and calls every active worker to two canaries. A **conformance** kernel
//! tries the device operation by operation; a **throughput** kernel measures its capacity. Canaries
//! go through the ordinary commitment, audit and jury of the proof of compute. This pallet is the
//! [`JobLedger`](dpin_primitives::traits::JobLedger) of the proof of compute: it answers for
//! canaries and passes everything else on to the jobs. A worker that has passed both canaries is
//! proved and gets a [`Passport`](dpin_primitives::worker::Passport). A worker that does not answer
//! is missed, so canaries also serve as a heartbeat.
//!
//! # Terminology
//!
//! - **Round**: one moment at which all workers of all classes are called.
//! - **Window**: the blocks from a round's opening to the last one for its commitments.
//! - **Unit**: one tile of the throughput kernel. A worker claims a number of units per window; the
//!   score of its passport is the number it has done.
//! - **Answered**: committed to in time, or reported on. The result of the audit comes later.
//! - **Met**: said of a worker that has a record.
//!
//! # Lifecycle
//!
//! ```text
//!                 window               audits; none open, all looked at
//! open_round ----------------> due ------------------------------------> closed ---> next round
//!      |                        |                                           (at least a period
//!  calls of all workers     sweep: unanswered -> missed (active)               after opening)
//!                                             or to prove itself again (paused)
//!                           the claims for the next round are fixed
//! ```
//!
//! # Implementation notes
//!
//! - The seed of a round comes from the running randomness of the block that opens it, so that
//!   nobody begins before. The author of the parent block knows it one slot earlier, which is one
//!   block of the window.
//! - Everybody has the same window. A device that answers for two workers must do the units of both
//!   in it. Both pass only if the sum of their claims is at most the capacity of the device. Their
//!   seeds differ, so that one worker's answer is of no use to the other.
//! - The computation of a canary is fixed before it can be committed to, and does not change until
//!   it has ended. It is taken from the worker's [`Record`], never from the worker's current
//!   declaration. Otherwise a worker could change the computation of its auditors, and have honest
//!   ones disagree.
//! - There is at most one round. The next one opens when all canaries of the one before have ended,
//!   and at least a period after its opening. The check of the plan ensures that they end soon
//!   enough.
//! - Opening a round touches no worker. Bounded sweeps in `on_idle` do the work for each worker:
//!   they meet workers, and look at them after the window, in the order of their numbers.
//! - A worker cannot avoid a round by pausing. A worker that has not answered and is not active at
//!   the end of the round is not missed. It must prove itself before it is drawn again.
//! - A canary without auditors admits its worker, without a passport, unless the worker has failed
//!   one under this plan. Otherwise no network could ever start, or start again after everybody was
//!   away. The worker only gains the right to be drawn: its tasks are audited as usual, and it has
//!   no score.
//! - The plan keeps the kernels from removal, and the round keeps them once more.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use impls::ProofRequired;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use polkadot_sdk::{frame_support, frame_system};

/// Canaries and passports.
#[frame_support::pallet]
#[allow(clippy::expect_used, reason = "code that FRAME generates")]
pub mod pallet {
    use super::*;
    use dpin_primitives::{
        AccountId, BlockNumber, Hash, TaskId,
        reason::ReasonCode,
        traits::{CapacityLedger, JobLedger, KernelRegistry, WorkerHealth},
        worker::Passport,
    };
    use frame_support::{PalletId, pallet_prelude::*, traits::Contains, weights::WeightMeter};
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::sp_runtime::SaturatedConversion;

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Configuration of the pallet.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// The jobs of requesters. Everything that is not a canary is passed on to them.
        type Jobs: JobLedger;

        /// The workers.
        type Workers: WorkerHealth;

        /// The registered kernels.
        type Kernels: KernelRegistry;

        /// The tasks in the proof of compute: those that were committed to and have not ended.
        type Tasks: Contains<TaskId>;

        /// Receives the capacity that workers have proved, once a round.
        type Capacity: CapacityLedger;

        /// The running randomness of the proof of compute.
        type Entropy: Get<Hash>;

        /// The origin that may set the plan.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Most blocks from a commitment to the end of its task, disputes included.
        type AuditBlocks: Get<BlockNumber>;

        /// The id from which the account that posts the canaries is derived. The account owns
        /// nothing.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// Weights of the calls and of the steps of the hooks.
        type WeightInfo: WeightInfo;

        /// Makes workers for benchmarks: the registry of workers itself.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper;
    }

    /// The plan for checking devices. Without a plan there are no canaries, and no worker has to
    /// prove itself.
    #[pallet::storage]
    pub type CurrentPlan<T> = StorageValue<_, Plan>;

    /// The first round of the plan: earlier failures do not count.
    #[pallet::storage]
    pub type PlanSince<T> = StorageValue<_, u32, ValueQuery>;

    /// The running round: the one that has not been closed.
    #[pallet::storage]
    pub type CurrentRound<T> = StorageValue<_, Round>;

    /// The number of the last round that opened; 0 before the first.
    #[pallet::storage]
    pub type LastRound<T> = StorageValue<_, u32, ValueQuery>;

    /// The block from which on the next round may open.
    #[pallet::storage]
    pub type NextOpening<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Workers with a number below this have been met.
    #[pallet::storage]
    pub type Met<T> = StorageValue<_, u32, ValueQuery>;

    /// The record of each worker, by its number.
    #[pallet::storage]
    pub type Records<T> = StorageMap<_, Twox64Concat, u32, Record>;

    /// Events of plans, rounds, canaries and passports.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The plan was made, changed or cleared.
        PlanSet {
            /// The plan; `None` if there are no canaries any more.
            plan: Option<Plan>,
        },
        /// A worker claimed how much its devices do within a window. The claim counts from its next
        /// canaries on.
        UnitsClaimed {
            /// The worker.
            worker: AccountId,
            /// The claimed number of throughput tiles.
            units: u32,
        },
        /// A round opened: every active worker is called.
        RoundOpened {
            /// The round's number.
            round: u32,
            /// The round's seed.
            seed: Hash,
            /// The last block for commitments.
            due: BlockNumber,
        },
        /// All canaries of a round have ended, and all workers that did not answer were found.
        RoundClosed {
            /// The round's number.
            round: u32,
        },
        /// A worker's canary was found to be right.
        CanaryPassed {
            /// The worker.
            worker: AccountId,
            /// The round.
            round: u32,
            /// The canary.
            task: TaskId,
        },
        /// A worker's canary ended without being found right.
        CanaryFailed {
            /// The worker.
            worker: AccountId,
            /// The round.
            round: u32,
            /// The canary.
            task: TaskId,
            /// The reason. It is a failure of the device, unless the canary could not be checked or
            /// decided.
            reason: ReasonCode,
        },
        /// A worker did not answer a canary in time.
        CanaryMissed {
            /// The worker.
            worker: AccountId,
            /// The round.
            round: u32,
            /// The canary.
            task: TaskId,
        },
        /// A worker passed both canaries of a round.
        PassportIssued {
            /// The worker.
            worker: AccountId,
            /// The passport: what the worker's devices have proved.
            passport: Passport,
        },
        /// A passport no longer holds.
        PassportRevoked {
            /// The worker.
            worker: AccountId,
        },
    }

    /// The reasons for which a call fails.
    #[pallet::error]
    pub enum Error<T> {
        /// A kernel of the plan is not registered.
        UnknownKernel,
        /// The parameters of the conformance kernel, apart from output and local memory, are not
        /// exactly a scalar of 8 bytes and one of 4.
        WrongConformanceParams,
        /// The only parameter of the throughput kernel, apart from output and local memory, is not
        /// a scalar of 8 bytes.
        WrongThroughputParams,
        /// The output of a kernel of the plan is a single tile.
        NotTiled,
        /// The number of conformance work-groups is 0 or too large.
        InvalidGroupCount,
        /// A canary would write more than a task may.
        OutputTooLarge,
        /// The window is too short to begin a run, end it and commit to it.
        WindowTooShort,
        /// The period leaves no time for the audits after the window.
        PeriodTooShort,
        /// The number of auditors is 0 or too large.
        InvalidAuditorCount,
        /// The number of samples is 0 or too large.
        InvalidSampleCount,
        /// The account is not a worker.
        UnknownWorker,
        /// The number of throughput tiles is 0 or above `MAX_UNITS`.
        InvalidUnits,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            if Self::open_round(now.saturated_into()) { T::WeightInfo::open_round() } else { T::WeightInfo::watch() }
        }

        fn on_idle(now: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            if meter.try_consume(T::WeightInfo::watch()).is_ok() {
                Self::meet_workers(&mut meter);
                Self::sweep(now.saturated_into(), &mut meter);
            }
            meter.consumed()
        }

        fn integrity_test() {
            assert!(T::AuditBlocks::get() > 0, "an audit takes time");
            let block = <T as polkadot_sdk::frame_system::Config>::BlockWeights::get().max_block;
            assert!(
                T::WeightInfo::open_round().all_lte(block.saturating_div(16)),
                "opening a round must be a small part of a block"
            );
            assert!(
                T::WeightInfo::sweep_worker().all_lte(block.saturating_div(16)),
                "a block must sweep several workers"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// Return a worker's passport: what its devices have proved.
        pub fn passport(worker: AccountId) -> Option<Passport> {
            Self::record_of(&worker)?.passport
        }

        /// Return the record of a worker's canaries.
        pub fn record(worker: AccountId) -> Option<Record> {
            Self::record_of(&worker)
        }

        /// Return the running round: the one that has not been closed.
        pub fn round() -> Option<Round> {
            CurrentRound::<T>::get()
        }

        /// Return the plan for checking devices.
        pub fn plan() -> Option<Plan> {
            CurrentPlan::<T>::get()
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Make, change or clear the plan for checking devices.
        ///
        /// May be called by `GovernanceOrigin`.
        /// No funds move. A round that waits for commitments is called off: the canaries committed
        /// to are judged, and no worker is missed. The next round opens as soon as that one is
        /// closed.
        ///
        /// Emits `PlanSet`.
        #[pallet::call_index(0)]
        pub fn set_plan(origin: OriginFor<T>, plan: Option<Plan>) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_set_plan(plan)
        }

        /// Claim a number of throughput tiles that the caller's devices do within one window.
        ///
        /// May be called by a worker.
        /// No funds move. The claim takes effect with the next round, together with the worker's
        /// present declaration of its devices. Before a worker's first canary it takes effect at
        /// once.
        ///
        /// Emits `UnitsClaimed`.
        #[pallet::call_index(1)]
        pub fn claim(origin: OriginFor<T>, units: u32) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_claim(worker, units)
        }
    }
}
