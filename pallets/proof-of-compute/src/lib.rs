//! Proof of compute: every task is given to a worker by lot, committed to, checked by sample, and only then paid.
//!
//! # Overview
//!
//! The pallet carries a task from the queue to its payment. It knows jobs, workers and money only through the traits of
//! `dpin_primitives::traits`. The numbers are [`Rules`], which governance may turn.
//!
//! # Terminology
//!
//! - **Attempt**: one worker's try at a task. A failed attempt sends the task back to the queue for somebody else.
//! - **Sample**: the tiles drawn after the commitment; auditors recompute them and the worker must open them.
//! - **Seal**: an auditor's digest over the sample, given before the opening.
//! - **Duty**: something a worker owes the chain; what its off-chain worker looks for.
//!
//! # Lifecycle
//!
//! ```text
//!  enqueue      lottery         commit            draw              all sealed        open
//! ---------> Queued ----> Assigned ----> Committed ----> Auditing -----------> Opening ----> Verified ----> settled
//!   |          ^             |               |               |  ^                 |             (challenge_blocks)
//!   |          +-- failed ---+---------------|--- silent ----+  |                 |
//!   |          |   attempt                   |    auditors      +- none sealed    |
//!   |          +-------------------------------------------- wrong or silent -----+
//!   v
//! failed and refunded: cancelled, nobody found in time, attempts used up, no auditor found
//! ```
//!
//! Every stage has a deadline that anybody may enforce with [`Pallet::expire_task`]; a bounded sweep in `on_idle` does the same.
//!
//! # Implementation notes
//!
//! - Randomness: [`Entropy`] folds in the VRF output of every parent block. A sample for a commitment in block c is drawn once the
//!   outputs of m blocks after c have been folded in: its author cannot know them, unless it authors all of them.
//! - Work per block is bounded: at most `MaxDrawsPerBlock` lotteries and as many draws of auditors, charged by `on_initialize`.
//! - Workers submit authorized general transactions, signed by the worker key over chain, task, attempt and content. They are free
//!   and valid only for what the chain waits for, once.
//! - Calls that may close a task declare what ending the largest job weighs and give back what it did not.
//! - When seals contradict the opening, the majority among the worker and the auditors who sealed decides; a tie is nobody's fault
//!   and the task is tried again.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod lottery;
#[cfg(test)]
mod mock;
mod offchain;
mod reports;
#[cfg(test)]
mod tests;
mod transitions;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

/// Target of this pallet's log lines.
pub const LOG_TARGET: &str = "runtime::proof-of-compute";

#[polkadot_sdk::frame_support::pallet]
pub mod pallet {
    use super::*;
    use dpin_primitives::{
        executor::Commitment,
        job::MAX_SAMPLES,
        reason::ReasonCode,
        tile_tree::MAX_PROOF,
        traits::{JobLedger, WorkerRegistry},
        worker::WorkerSignature,
        AccountId, Balance, BlockNumber, Hash, TaskId,
    };
    use polkadot_sdk::{
        frame_support::{pallet_prelude::*, traits::Randomness, weights::WeightMeter},
        frame_system::{ensure_authorized, offchain::CreateAuthorizedTransaction, pallet_prelude::*},
        sp_runtime::traits::SaturatedConversion,
    };

    /// Leaves of an opening.
    pub type Leaves = BoundedVec<Hash, ConstU32<MAX_SAMPLES>>;
    /// Multi-proof of an opening.
    pub type Proof = BoundedVec<Hash, ConstU32<MAX_PROOF>>;

    #[pallet::config]
    pub trait Config:
        CreateAuthorizedTransaction<Call<Self>>
        + polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// The VRF output of the parent block; `None` where it had none.
        type Vrf: Randomness<Option<Hash>, BlockNumberFor<Self>>;
        /// The jobs.
        type Jobs: JobLedger;
        /// The workers.
        type Workers: WorkerRegistry;
        /// The numbers that govern audits.
        type Rules: Get<Rules>;
        /// Most lotteries, and most draws of auditors, in one block.
        #[pallet::constant]
        type MaxDrawsPerBlock: Get<u32>;
        /// Most duties of one worker at a time.
        #[pallet::constant]
        type MaxDuties: Get<u32>;
        /// Weights.
        type WeightInfo: WeightInfo;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The running randomness.
    #[pallet::storage]
    pub type RunningEntropy<T> = StorageValue<_, Entropy, ValueQuery>;

    /// The open tasks.
    #[pallet::storage]
    pub type Tasks<T> = StorageMap<_, Twox64Concat, TaskId, TaskState>;

    /// Every open task once, under the deadline of its stage.
    #[pallet::storage]
    pub type Deadlines<T> = StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, TaskId, ()>;

    /// The block up to which [`Deadlines`] has been swept.
    #[pallet::storage]
    pub type Swept<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Tasks that wait for a worker, first come first served. An entry whose task has left the queue is skipped.
    #[pallet::storage]
    pub type Waiting<T> = StorageMap<_, Twox64Concat, u64, TaskId>;

    /// First and next free position of [`Waiting`].
    #[pallet::storage]
    pub type WaitingEnds<T> = StorageValue<_, (u64, u64), ValueQuery>;

    /// Tasks that wait for their sample and auditors. An entry whose task waits no longer is skipped.
    #[pallet::storage]
    pub type Drawing<T> = StorageMap<_, Twox64Concat, u64, TaskId>;

    /// First and next free position of [`Drawing`].
    #[pallet::storage]
    pub type DrawingEnds<T> = StorageValue<_, (u64, u64), ValueQuery>;

    /// What each worker owes the chain.
    #[pallet::storage]
    pub type Duties<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, BoundedVec<Duty, T::MaxDuties>, ValueQuery>;

    /// How many of a job's open tasks are engaged in a region.
    #[pallet::storage]
    pub type Regions<T> = StorageDoubleMap<
        _,
        Twox64Concat,
        dpin_primitives::JobId,
        Blake2_128Concat,
        dpin_primitives::worker::Region,
        u32,
        ValueQuery,
    >;

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A worker was drawn for a task.
        TaskAssigned {
            /// The task.
            task: TaskId,
            /// The attempt, from 0.
            attempt: u8,
            /// The worker.
            worker: AccountId,
            /// Last block for its commitment.
            due: BlockNumber,
        },
        /// A worker committed to its result. The output can be fetched and checked against the root from now on.
        TaskCommitted {
            /// The task.
            task: TaskId,
            /// The worker.
            worker: AccountId,
            /// What it committed to.
            commitment: Commitment,
        },
        /// The sample and the auditors were drawn.
        AuditorsDrawn {
            /// The task.
            task: TaskId,
            /// The seed of the sample.
            seed: Hash,
            /// Tiles in the sample.
            samples: u32,
            /// The auditors.
            auditors: alloc::vec::Vec<AccountId>,
        },
        /// An auditor sealed the sample.
        TaskSealed {
            /// The task.
            task: TaskId,
            /// The auditor.
            auditor: AccountId,
        },
        /// Opening and seals prove the result.
        TaskVerified {
            /// The task.
            task: TaskId,
            /// The worker.
            worker: AccountId,
            /// Root of the tile tree.
            root: Hash,
        },
        /// An attempt failed. The task goes back to the queue, or fails for good.
        AttemptFailed {
            /// The task.
            task: TaskId,
            /// The attempt, from 0.
            attempt: u8,
            /// Its worker.
            worker: AccountId,
            /// Why.
            reason: ReasonCode,
        },
        /// A worker or auditor at fault lost a part of its bond.
        Slashed {
            /// Who.
            worker: AccountId,
            /// The task.
            task: TaskId,
            /// Why.
            reason: ReasonCode,
            /// How much, in planck.
            amount: Balance,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such open task.
        UnknownTask,
        /// The task does not wait for this.
        WrongStage,
        /// The report is about another attempt than the current one.
        WrongAttempt,
        /// The deadline has passed.
        TooLate,
        /// The deadline has not passed yet.
        NotDue,
        /// The account is not an auditor of this task.
        NotAuditor,
        /// The auditor has sealed already.
        AlreadySealed,
        /// The output's length is not what the kernel's tiling makes it.
        WrongOutputLength,
        /// A worker may not give this reason.
        NotReportable,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            let (vrf, _) = T::Vrf::random(b"dpin/entropy");
            Self::fold_in(vrf);
            let drawn = Self::draw_audits();
            let assigned = Self::assign_tasks();
            T::WeightInfo::fold_in()
                .saturating_add(T::WeightInfo::draw_audit().saturating_mul(drawn.into()))
                .saturating_add(T::WeightInfo::assign_task().saturating_mul(assigned.into()))
        }

        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::sweep(&mut meter);
            meter.consumed()
        }

        fn offchain_worker(now: BlockNumberFor<T>) {
            Self::attend_duties(now.saturated_into());
        }

        fn integrity_test() {
            let rules = T::Rules::get();
            assert!(
                (1..=MAX_ATTEMPTS).contains(&rules.max_attempts.into()),
                "max_attempts must be 1 to {MAX_ATTEMPTS}"
            );
            assert!(rules.fresh_outputs > 0, "a sample must contain randomness younger than its commitment");
            assert!(
                rules.draw_blocks > rules.fresh_outputs + 1,
                "draw_blocks must leave time for the fresh VRF outputs"
            );
            assert!(rules.seal_blocks > 1 && rules.open_blocks > 1, "seals and openings need a block to be seen in");
            assert!(T::MaxDrawsPerBlock::get() > 0 && T::MaxDuties::get() > 0, "bounds must not be zero");
            let busiest = T::WeightInfo::fold_in()
                .saturating_add(T::WeightInfo::draw_audit().saturating_mul(T::MaxDrawsPerBlock::get().into()))
                .saturating_add(T::WeightInfo::assign_task().saturating_mul(T::MaxDrawsPerBlock::get().into()));
            let block = <T as polkadot_sdk::frame_system::Config>::BlockWeights::get().max_block;
            assert!(busiest.all_lte(block / 4), "the lotteries of one block must fit into a quarter of it");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Commit to a task's result.
        ///
        /// Submitted by the off-chain worker of the task's worker, signed by its worker key; free. The worker's slot is free again;
        /// its bond stays locked until the task is settled.
        ///
        /// Emits [`Event::TaskCommitted`]; a task without auditors is settled once its challenge window has closed.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::commit().saturating_add(T::Jobs::close_weight()))]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_report())]
        #[pallet::authorize(Self::authorize_commit)]
        pub fn commit(
            origin: OriginFor<T>,
            task: TaskId,
            attempt: u8,
            commitment: Commitment,
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            let closing = Self::do_commit(task, attempt, commitment)?;
            Ok(Some(T::WeightInfo::commit().saturating_add(closing)).into())
        }

        /// Report why a task could not be computed.
        ///
        /// Submitted by the off-chain worker of the task's worker, signed by its worker key; free. The attempt is over, without a
        /// slash; the task goes to somebody else, or fails when its attempts are used up or two workers found the same fault in
        /// the kernel.
        ///
        /// Emits [`Event::AttemptFailed`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::report_failure().saturating_add(T::Jobs::close_weight()))]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_report())]
        #[pallet::authorize(Self::authorize_report_failure)]
        pub fn report_failure(
            origin: OriginFor<T>,
            task: TaskId,
            attempt: u8,
            reason: ReasonCode,
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            let closing = Self::do_report_failure(task, attempt, reason)?;
            Ok(Some(T::WeightInfo::report_failure().saturating_add(closing)).into())
        }

        /// Seal a sample.
        ///
        /// Submitted by an auditor's off-chain worker, signed by its worker key; free. With the last seal the worker is asked to
        /// open.
        ///
        /// Emits [`Event::TaskSealed`].
        #[pallet::call_index(2)]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_report())]
        #[pallet::authorize(Self::authorize_seal)]
        pub fn seal(
            origin: OriginFor<T>,
            task: TaskId,
            attempt: u8,
            auditor: AccountId,
            seal: Hash,
            _signature: WorkerSignature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::do_seal(task, attempt, auditor, seal)
        }

        /// Open the sample of a commitment: the sampled leaves in order and their multi-proof.
        ///
        /// Submitted by the off-chain worker of the task's worker, signed by its worker key; free. A proof that does not lead to
        /// the root, or a majority of seals against the leaves, costs the worker its bond; auditors whose seals contradict a
        /// result that stands lose theirs.
        ///
        /// Emits [`Event::TaskVerified`], or [`Event::AttemptFailed`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::open(leaves.len() as u32).saturating_add(T::Jobs::close_weight()))]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_open(leaves.len() as u32))]
        #[pallet::authorize(Self::authorize_open)]
        pub fn open(
            origin: OriginFor<T>,
            task: TaskId,
            attempt: u8,
            leaves: Leaves,
            proof: Proof,
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            let closing = Self::do_open(task, attempt, &leaves, &proof)?;
            Ok(Some(T::WeightInfo::open(leaves.len() as u32).saturating_add(closing)).into())
        }

        /// Move a task on whose deadline has passed.
        ///
        /// May be called by anyone. What happens is what the chain's own sweep does: the silent lose a part of their bond, the
        /// task goes back to the queue or fails and is refunded, or a verified task is paid.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::expire_task().saturating_add(T::Jobs::close_weight()))]
        pub fn expire_task(origin: OriginFor<T>, task: TaskId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let closing = Self::do_expire(task)?;
            Ok(Some(T::WeightInfo::expire_task().saturating_add(closing)).into())
        }
    }
}
