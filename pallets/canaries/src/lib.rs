//! Canaries: what devices must prove, all at the same moment, and the passports they get for it.
//!
//! # Overview
//!
//! A canary is a task that the chain itself posts. By the plan of governance a round opens every so many blocks and calls every
//! active worker to two canaries: a **conformance** kernel tries the device op by op, a **throughput** kernel tries how much it
//! does. They go through the ordinary commitment, audit and jury of the proof of compute, to which this pallet is the
//! [`JobLedger`](dpin_primitives::traits::JobLedger): it answers for canaries and hands everything else on to the jobs. Who has
//! passed both is proved and gets a [`Passport`]; who does not answer is missed, and that is the heartbeat.
//!
//! # Terminology
//!
//! - **Round**: one moment at which all workers are called, whatever their class.
//! - **Window**: the blocks from a round's opening to the last one for its commitments.
//! - **Unit**: one tile of the throughput kernel. A worker claims so many a window; its passport's score is what it has done.
//! - **Answered**: committed to in time, or reported on. What the audit makes of it comes later.
//! - **Met**: a worker of which there is a record.
//!
//! # Lifecycle
//!
//! ```text
//!                 window                 audits                  nothing open, everybody looked at
//! open_round ----------------> due --------------------------------------------------------> closed ---> next round
//!      |                        |                                                                      (period after
//!  calls of all workers     sweep: unanswered -> missed (active) or to prove anew (paused)              the opening)
//!                           what each claims is fixed for the next round
//! ```
//!
//! # Implementation notes
//!
//! - The seed of a round comes from the running randomness of the block that opens it, so nobody begins before. The author of the
//!   parent block knows it one slot earlier; that is one block of the window.
//! - Everybody has the same window. A device that answers for two workers must do the units of both in it, so both pass only if
//!   they claim together no more than the device does. Their seeds differ, so that the one's answer is of no use to the other.
//! - What a canary computes is fixed before it can be committed to and does not change until it has ended: it is taken from the
//!   worker's [`Record`], never from what the worker declares at the moment. Otherwise a worker could change what its auditors
//!   compute, and have honest ones disagree.
//! - There is at most one round. The next one opens when all canaries of the one before have ended, at the earliest a period after
//!   its opening; the plan's check sees to it that this is soon enough.
//! - Opening a round touches no worker. What must be done for each is done by bounded sweeps in `on_idle`: workers are met, and
//!   after the window looked at, in the order of their numbers.
//! - A worker cannot hide from a round by pausing: who has not answered and is not active at the end of it is not missed, but must
//!   prove itself before it is drawn again.
//! - A canary without auditors admits its worker, without a passport, unless it has failed one under this plan. Otherwise no network
//!   could ever start, nor start again after everybody was away. It gains nothing but the right to be drawn: its tasks are audited
//!   as everybody's, and it has no score.
//! - The kernels are kept from removal by the plan, and once more by the round.

#![cfg_attr(not(feature = "std"), no_std)]

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
pub mod pallet {
    use super::*;
    use dpin_primitives::{
        reason::ReasonCode,
        traits::{CapacityLedger, JobLedger, KernelRegistry, WorkerHealth},
        worker::Passport,
        AccountId, BlockNumber, Hash, TaskId,
    };
    use frame_support::{pallet_prelude::*, traits::Contains, weights::WeightMeter, PalletId};
    use frame_system::pallet_prelude::*;
    use polkadot_sdk::sp_runtime::SaturatedConversion;

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the pallet needs of the runtime.
    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// The jobs that others have posted: everything that is no canary is handed on to them.
        type Jobs: JobLedger;

        /// The workers.
        type Workers: WorkerHealth;

        /// The registered kernels.
        type Kernels: KernelRegistry;

        /// The tasks that the proof of compute carries: those committed to and not ended.
        type Tasks: Contains<TaskId>;

        /// Takes note of what workers have proved, once a round.
        type Capacity: CapacityLedger;

        /// The running randomness of the proof of compute.
        type Entropy: Get<Hash>;

        /// Who makes the plan.
        type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Most blocks from a commitment to the end of its task, disputes included.
        type AuditBlocks: Get<BlockNumber>;

        /// Names the account that posts the canaries. It owns nothing.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// Weights.
        type WeightInfo: WeightInfo;

        /// Makes workers for benchmarks: the registry of workers itself.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: BenchmarkHelper;
    }

    /// How devices are checked. Without a plan there are no canaries, and nobody has to prove anything.
    #[pallet::storage]
    pub type CurrentPlan<T> = StorageValue<_, Plan>;

    /// The first round of the plan: what failed before does not count.
    #[pallet::storage]
    pub type PlanSince<T> = StorageValue<_, u32, ValueQuery>;

    /// The round that is not closed.
    #[pallet::storage]
    pub type CurrentRound<T> = StorageValue<_, Round>;

    /// The number of the last round that opened; 0 before the first.
    #[pallet::storage]
    pub type LastRound<T> = StorageValue<_, u32, ValueQuery>;

    /// The block from which on the next round may open.
    #[pallet::storage]
    pub type NextOpening<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Workers with a number below it have been met.
    #[pallet::storage]
    pub type Met<T> = StorageValue<_, u32, ValueQuery>;

    /// What is known of each worker, by its number.
    #[pallet::storage]
    pub type Records<T> = StorageMap<_, Twox64Concat, u32, Record>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The plan was made, changed or cleared.
        PlanSet {
            /// The plan; `None`: there are no canaries.
            plan: Option<Plan>,
        },
        /// A worker claimed what its device does within a window, from its next canaries on.
        UnitsClaimed {
            /// The worker.
            worker: AccountId,
            /// Throughput tiles.
            units: u32,
        },
        /// A round opened: every active worker is called.
        RoundOpened {
            /// Its number.
            round: u32,
            /// Its seed.
            seed: Hash,
            /// The last block for commitments.
            due: BlockNumber,
        },
        /// All canaries of a round have ended, and everybody who did not answer was found.
        RoundClosed {
            /// Its number.
            round: u32,
        },
        /// A worker's canary was found right.
        CanaryPassed {
            /// The worker.
            worker: AccountId,
            /// The round.
            round: u32,
            /// The canary.
            task: TaskId,
        },
        /// A worker's canary ended otherwise.
        CanaryFailed {
            /// The worker.
            worker: AccountId,
            /// The round.
            round: u32,
            /// The canary.
            task: TaskId,
            /// Why. It is the device's failure unless it could not be checked or decided.
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
            /// What its devices have proved.
            passport: Passport,
        },
        /// A passport no longer holds.
        PassportRevoked {
            /// The worker.
            worker: AccountId,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// A kernel of the plan is not registered.
        UnknownKernel,
        /// The conformance kernel does not take just a scalar of 8 bytes and one of 4.
        WrongConformanceParams,
        /// The throughput kernel does not take just a scalar of 8 bytes.
        WrongThroughputParams,
        /// The output of a kernel of the plan is one tile.
        NotTiled,
        /// There is no conformance work-group, or there are too many.
        InvalidGroupCount,
        /// A canary would write more than a task may.
        OutputTooLarge,
        /// The window is too short to begin, end and commit in.
        WindowTooShort,
        /// The period leaves no time for the audits after the window.
        PeriodTooShort,
        /// There is no auditor, or there are too many.
        InvalidAuditorCount,
        /// There is no sample, or there are too many.
        InvalidSampleCount,
        /// The account is no worker.
        UnknownWorker,
        /// No throughput tile, or more than `MAX_UNITS`.
        InvalidUnits,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            if Self::open_round(now.saturated_into()) {
                T::WeightInfo::open_round()
            } else {
                T::WeightInfo::watch()
            }
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
            assert!(T::WeightInfo::open_round().all_lte(block / 16), "opening a round must be a small part of a block");
            assert!(T::WeightInfo::sweep_worker().all_lte(block / 16), "a block must sweep several workers");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// What a worker's devices have proved.
        pub fn passport(worker: AccountId) -> Option<Passport> {
            Self::record_of(&worker)?.passport
        }

        /// What is known of a worker's canaries.
        pub fn record(worker: AccountId) -> Option<Record> {
            Self::record_of(&worker)
        }

        /// The round that is not closed.
        pub fn round() -> Option<Round> {
            CurrentRound::<T>::get()
        }

        /// How devices are checked.
        pub fn plan() -> Option<Plan> {
            CurrentPlan::<T>::get()
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Make, change or clear the plan by which devices are checked.
        ///
        /// May be called by `GovernanceOrigin`.
        /// A round that waits for commitments is called off: what was committed to is judged, nobody is missed. The next one opens
        /// as soon as it is closed.
        ///
        /// Emits `PlanSet`.
        #[pallet::call_index(0)]
        pub fn set_plan(origin: OriginFor<T>, plan: Option<Plan>) -> DispatchResult {
            T::GovernanceOrigin::ensure_origin(origin)?;
            Self::do_set_plan(plan)
        }

        /// Claim that the devices do so many throughput tiles within one window.
        ///
        /// May be called by a worker.
        /// It takes effect with the next round, together with what the worker declares of its devices now. Before a worker's first
        /// canary it takes effect at once.
        ///
        /// Emits `UnitsClaimed`.
        #[pallet::call_index(1)]
        pub fn claim(origin: OriginFor<T>, units: u32) -> DispatchResult {
            let worker = ensure_signed(origin)?;
            Self::do_claim(worker, units)
        }
    }
}
