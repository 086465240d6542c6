//! Proof of compute: every task is given to a worker by lot, committed to, checked by sample, and
//! only then paid.
//!
//! # Overview
//!
//! The pallet carries a task from the queue to its payment. It knows jobs, workers and money only
//! through the traits of `dpin_primitives::traits`. Its numbers are the [`Rules`], which governance
//! may change.
//!
//! # Terminology
//!
//! - **Attempt**: one worker's try at a task. A failed attempt sends the task back to the queue for
//!   another worker.
//! - **Sample**: the tiles drawn after the commitment. Auditors compute them again, and the worker
//!   must open them.
//! - **Seal**: an auditor's digest over the sample, given before the opening. A juror's seal is
//!   salted.
//! - **Jury**: five workers drawn for a dispute. They seal their findings, and then reveal them.
//! - **Claim**: a share of a slash that is paid to somebody.
//! - **Duty**: something that a worker owes the chain. Its off-chain worker looks for duties.
//!
//! # Lifecycle
//!
//! ```text
//! enqueue   lottery      commit        draw           sealed       open     challenge_blocks
//! -----> Queued ---> Assigned ---> Committed ---> Auditing ---> Opening ---> Verified ---> settled
//!  |       ^            |            |  ^            |             |            |   ^
//!  |       |            |            |  +-- none ----+             | seals      |   |
//!  |       |            |            |      sealed                 | differ     |   |
//!  |       |            |            |                             v            |   |
//!  |       |            |            |                         Summoning <------+   |
//!  |       |            |            |                             |  challenge,    |
//!  |       |            |            |                             |  unavailable   |
//!  |       |            |            |                             v draw           |
//!  |       |            |            |                        Deliberating          |
//!  |       |            |            |                             | sealed         |
//!  |       |            |            |                             v                |
//!  |       |            |            |                         Revealing -----------+
//!  |       |  failed    |            |              worker wrong   |   worker right
//!  |       +------------+------------|-----------------------------+
//!  |          attempt                |                             | no verdict
//!  v                                 v                             v
//! failed and refunded: cancelled, nobody found in time, attempts used up, no auditor found,
//! no verdict, output withheld
//! ```
//!
//! A missing opening, or one that does not lead to the committed root, fails the attempt without a
//! jury. A canary, which is a task of the chain's own, begins with its commitment: the chain calls
//! its worker without a lottery.
//!
//! Every stage has a deadline that anybody may enforce with [`Pallet::expire_task`]. A bounded
//! sweep in `on_idle` does the same.
//!
//! # Implementation notes
//!
//! - Randomness: [`Entropy`] folds in the VRF output of every parent block. A sample for a
//!   commitment in block c is drawn once the outputs of m blocks after c have been folded in. The
//!   author of c cannot know them, unless it authors all of them.
//! - The work of a block is bounded. Lotteries and draws of auditors have two fifths of the block's
//!   weight, and each is charged by the number of candidates that it looked at. There are at most
//!   `MaxDrawsPerBlock` of each.
//! - Queues are kept in pages. Tasks that wait for a draw ripen in the order of their queue, and
//!   are not touched before. A task that finds too few workers waits in a queue of its own, so that
//!   it holds up no other.
//! - A task is filed under its deadline or an earlier block in an
//!   [agenda](pallet_support::agenda), and filed again when the sweep looks at it. Most tasks never
//!   need that. A step that files a task again for an earlier deadline returns the weight of it. An
//!   entry of a task that has ended, or is filed under another block, is skipped.
//! - A step takes the task in hand (`flow::Open`), with its state, brief and rules, and returns the
//!   weight that it has spent on rare extras.
//! - Whether a kernel builds is a property of the kernel, and the jobs' pallet keeps it. Tasks of a
//!   kernel that does not build are given back when their turn for a worker comes.
//! - The duties of a worker are kept in the workers' registry, with its bond: one record for every
//!   step of a task.
//! - The rules are read once in a block. A change by governance counts from the next block on.
//! - Workers submit authorised general transactions, signed by the worker key over chain, task,
//!   attempt and content. They are free, and valid only for the report that the chain waits for,
//!   once. A worker with several reports puts them into one batch ([`Pallet::report_many`]).
//! - Calls that may close a task declare the weight of ending the largest job, and give back the
//!   unused part.
//! - More than half of the jurors who answer decide a dispute, if at least three do. Without a
//!   verdict on seals the requester is refunded and nobody is slashed. Without a verdict on an
//!   accusation the result of the audit stands.
//! - The nodes' offchain index keeps the steps of a task, which the state forgets when the task is
//!   closed. A node that has not executed a block, or follows another fork, may have other steps:
//!   the index is for people to read, and decides nothing.
//! - Slashes are pending first. The workers' registry carries them out.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod draw;
mod filing;
mod flow;
mod history;
#[cfg(test)]
mod mock;
mod offchain;
pub mod report;
mod task;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod verdict;
mod views;
pub mod weights;

pub use dpin_primitives::api::Verdict;
pub use draw::Entropy;
pub use pallet::*;
pub use task::*;
pub use weights::WeightInfo;

/// Target of this pallet's log lines.
pub const LOG_TARGET: &str = "runtime::proof-of-compute";

/// The proof of compute: gives tasks to workers by lot, has their results checked by sample, and
/// settles disputes.
#[polkadot_sdk::frame_support::pallet]
#[allow(clippy::expect_used, reason = "code that FRAME generates")]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use dpin_primitives::{
        AccountId, Balance, BlockNumber, Hash, TaskId,
        candidates::Candidates,
        executor::Commitment,
        job::MAX_SAMPLES,
        reason::ReasonCode,
        tile_tree::MAX_PROOF,
        traits::{JobLedger, WorkerRegistry},
        worker::{Duties, Duty, WorkerSignature},
    };
    use pallet_support::{
        agenda::{self, Watermark},
        queue,
    };
    use polkadot_sdk::{
        frame_support::{
            pallet_prelude::*,
            traits::{Randomness, fungible},
            weights::WeightMeter,
        },
        frame_system::{ensure_authorized, offchain::CreateAuthorizedTransaction, pallet_prelude::*},
        sp_runtime::traits::SaturatedConversion,
    };

    /// Leaves of an opening.
    pub type Leaves = BoundedVec<Hash, ConstU32<MAX_SAMPLES>>;
    /// Multi-proof of an opening.
    pub type Proof = BoundedVec<Hash, ConstU32<MAX_PROOF>>;
    /// A batch of reports.
    pub type Reports = BoundedVec<Report, ConstU32<{ report::MAX_REPORTS }>>;

    #[pallet::config]
    pub trait Config:
        CreateAuthorizedTransaction<Call<Self>>
        + polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// DPN, the currency of challengers' bonds.
        type Currency: fungible::Mutate<AccountId, Balance = Balance>
            + fungible::MutateHold<AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;
        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;
        /// The VRF output of the parent block; `None` if it had none.
        type Vrf: Randomness<Option<Hash>, BlockNumberFor<Self>>;
        /// The jobs.
        type Jobs: JobLedger;
        /// The workers.
        type Workers: WorkerRegistry;
        /// The numbers that govern audits.
        type Rules: Get<Rules>;
        /// Maximum number of lotteries, and of draws of auditors, in one block, even if there is
        /// weight for more.
        #[pallet::constant]
        type MaxDrawsPerBlock: Get<u32>;
        /// Weights.
        type WeightInfo: WeightInfo;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why funds are held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The bond of an account that has called for a jury.
        Challenge,
    }

    /// The running randomness.
    #[pallet::storage]
    pub type RunningEntropy<T> = StorageValue<_, Entropy, ValueQuery>;

    /// The numbers that govern audits, as they were when this block began. There are none between
    /// blocks.
    #[pallet::storage]
    pub type CurrentRules<T> = StorageValue<_, Rules>;

    /// The open tasks.
    #[pallet::storage]
    pub type Tasks<T> = StorageMap<_, Twox64Concat, TaskId, TaskState>;

    /// Every open task under its block `filed`, in pages: the deadline of its stage, or an earlier
    /// block in which it is filed again. An entry of a task that is filed under another block, or
    /// no longer open, is skipped.
    #[pallet::storage]
    pub type Deadlines<T> = StorageDoubleMap<_, Twox64Concat, BlockNumber, Twox64Concat, u32, agenda::Page<TaskId>>;

    /// Number of `Deadlines` of each block.
    #[pallet::storage]
    pub type DeadlineCounts<T> = StorageMap<_, Twox64Concat, BlockNumber, u32, ValueQuery>;

    /// The first of `Deadlines` that has not been swept.
    #[pallet::storage]
    pub type Swept<T> = StorageValue<_, Watermark, ValueQuery>;

    /// Tasks that wait for a worker, first come first served, in pages. An entry whose task has
    /// left the queue is skipped.
    #[pallet::storage]
    pub type Waiting<T> = StorageMap<_, Twox64Concat, u64, queue::Page<TaskId>>;

    /// The positions, in tasks, of the first one in `Waiting` and of the next free place.
    #[pallet::storage]
    pub type WaitingEnds<T> = StorageValue<_, queue::Ends, ValueQuery>;

    /// Tasks that wait for their sample and auditors, in the order in which they ripen. An entry
    /// whose task waits no longer is skipped.
    #[pallet::storage]
    pub type Drawing<T> = StorageMap<_, Twox64Concat, u64, queue::Page<TaskId>>;

    /// The positions, in tasks, of the first one in `Drawing` and of the next free place.
    #[pallet::storage]
    pub type DrawingEnds<T> = StorageValue<_, queue::Ends, ValueQuery>;

    /// Tasks whose draw has found too few workers, and is repeated.
    #[pallet::storage]
    pub type Redrawing<T> = StorageMap<_, Twox64Concat, u64, queue::Page<TaskId>>;

    /// The positions, in tasks, of the first one in `Redrawing` and of the next free place.
    #[pallet::storage]
    pub type RedrawingEnds<T> = StorageValue<_, queue::Ends, ValueQuery>;

    /// Number of a job's open tasks that are engaged in a region.
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
        /// A worker committed to its result. From now on the output can be fetched and checked
        /// against the root.
        TaskCommitted {
            /// The task.
            task: TaskId,
            /// The worker.
            worker: AccountId,
            /// The commitment.
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
            auditors: Vec<AccountId>,
        },
        /// An auditor or a juror sealed its finding.
        TaskSealed {
            /// The task.
            task: TaskId,
            /// The auditor or juror.
            by: AccountId,
        },
        /// A jury was called for.
        TaskDisputed {
            /// The task.
            task: TaskId,
            /// Its worker.
            worker: AccountId,
            /// The cause of the dispute.
            cause: Dispute,
        },
        /// The jury was drawn.
        JuryDrawn {
            /// The task.
            task: TaskId,
            /// The seed with which it was drawn.
            seed: Hash,
            /// The jurors.
            jurors: Vec<AccountId>,
        },
        /// A juror revealed its finding.
        FindingRevealed {
            /// The task.
            task: TaskId,
            /// The juror.
            juror: AccountId,
            /// Digest of its leaves: `finding`.
            leaves: Hash,
        },
        /// A dispute was decided, or nobody could decide it.
        DisputeSettled {
            /// The task.
            task: TaskId,
            /// The verdict.
            verdict: Verdict,
        },
        /// An account that called for a jury without need lost its bond.
        ChallengeForfeited {
            /// The account.
            who: AccountId,
            /// The bond, in planck.
            bond: Balance,
            /// The burned part of the bond, in planck. The rest was paid to the jury and the
            /// worker.
            burned: Balance,
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
            /// The reason.
            reason: ReasonCode,
        },
        /// A report of a batch was void when its turn came. The other reports count.
        ReportRejected {
            /// The task of the report.
            task: TaskId,
            /// The worker.
            by: AccountId,
            /// The error of the report.
            error: DispatchError,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such open task.
        UnknownTask,
        /// The task does not wait for this step.
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
        /// The output's length does not follow from the kernel's tiling.
        WrongOutputLength,
        /// Workers may not report this reason.
        NotReportable,
        /// The worker's free bond is smaller than the bond for the task.
        BondTooSmall,
        /// The worker has the maximum number of duties.
        TooManyDuties,
        /// The account is not a juror of this task.
        NotJuror,
        /// The juror has not sealed, or has revealed already.
        AlreadyRevealed,
        /// Leaves and salt do not give the juror's seal.
        WrongSeal,
        /// The task has no such tile.
        UnknownTile,
        /// The account did not post the job.
        NotRequester,
        /// The batch is empty.
        NothingReported,
        /// The batch has two reports on one task.
        ReportedTwice,
        /// The batch is of another worker than the task.
        NotWorker,
        /// The earlier reports have used up the weight with which the batch may close large jobs.
        BatchTooHeavy,
        /// The multi-proof is longer than possible for its number of leaves.
        ProofTooLong,
        /// The chain does not wait for such a report on the worker's devices: the worker is not
        /// active, or not paused by its node, or has just reported.
        NotAwaited,
        /// The report is too old, or of a later block.
        WrongBlock,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Self::begin_block();
            let mut meter = WeightMeter::with_limit(Self::draws_limit());
            Self::draw_all(&mut meter);
            T::WeightInfo::fold_in().saturating_add(meter.consumed())
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            CurrentRules::<T>::kill();
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
            if let Err(rule) = T::Rules::get().check() {
                panic!("{rule}");
            }
            assert!(T::MaxDrawsPerBlock::get() > 0, "something must be drawn in a block");
            assert!(
                Self::heaviest_assignment().max(Self::heaviest_draw()).all_lte(Self::draws_limit().saturating_div(4)),
                "every queue must get on in every block, whatever the others ask for"
            );
            let given_back = T::WeightInfo::look_at_candidate().saturating_add(Pallet::<T>::close_weight());
            assert!(
                given_back.all_lte(Self::draws_limit().saturating_div(8)),
                "the last task of the largest job must be given back in any block, whatever else is drawn"
            );
            let batch = T::WeightInfo::report_many(report::MAX_REPORTS);
            let largest = <T as polkadot_sdk::frame_system::Config>::BlockWeights::get()
                .get(polkadot_sdk::frame_support::dispatch::DispatchClass::Normal)
                .max_extrinsic
                .unwrap_or(Weight::MAX);
            assert!(
                batch.saturating_add(Pallet::<T>::close_weight()).all_lte(largest),
                "a batch of seals must fit into a block"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The state of an open task.
        pub fn task_state(task: TaskId) -> Option<TaskState> {
            Tasks::<T>::get(task)
        }

        /// The tiles that a task's audit or jury looks at; empty without audit or jury.
        pub fn sample(task: TaskId) -> Vec<u32> {
            Self::tiles_looked_at(task)
        }

        /// Workers that could take a task; `None` if the task does not wait for a worker.
        pub fn candidates(task: TaskId) -> Option<Candidates> {
            Self::candidates_of(task)
        }

        /// Number of tasks that wait for a worker. Cancelled tasks count until their turn has come.
        pub fn waiting_tasks() -> u64 {
            filing::WaitingQueue::<T>::len()
        }

        /// The duties of a worker.
        pub fn duties(worker: AccountId) -> Vec<Duty> {
            Self::duties_of(&worker).iter().collect()
        }
    }

    #[pallet::call(weight(<T as Config>::WeightInfo))]
    impl<T: Config> Pallet<T> {
        /// Commit to a task's result.
        ///
        /// Submitted by the off-chain worker of the task's worker, signed by its worker key; free.
        /// The worker's slot is free again. Its bond stays locked until the task is settled.
        ///
        /// Emits `TaskCommitted`. A task without auditors is settled once its challenge window has
        /// closed.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::commit().saturating_add(Pallet::<T>::close_weight()))]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_commit())]
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
        /// Submitted by the off-chain worker of the task's worker, signed by its worker key; free.
        /// The attempt is over, without a slash. The task goes to another worker. It fails when its
        /// attempts are used up, or when two workers have found the same fault in the kernel.
        ///
        /// Emits `AttemptFailed`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::report_failure().saturating_add(Pallet::<T>::close_weight()))]
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

        /// Seal the finding about a sample.
        ///
        /// Submitted by an auditor's or a juror's off-chain worker, signed by its worker key; free.
        /// After the last auditor's seal the worker must open. After the last juror's seal the jury
        /// must reveal.
        ///
        /// Emits `TaskSealed`.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::seal().saturating_add(T::WeightInfo::refile_task()))]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_report())]
        #[pallet::authorize(Self::authorize_seal)]
        pub fn seal(
            origin: OriginFor<T>,
            task: TaskId,
            attempt: u8,
            auditor: AccountId,
            seal: Hash,
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            let filing = Self::do_seal(task, attempt, auditor, seal)?;
            Ok(Some(T::WeightInfo::seal().saturating_add(filing)).into())
        }

        /// Open the sample of a commitment, or a challenged tile: the leaves in order and their
        /// multi-proof.
        ///
        /// Submitted by the off-chain worker of the task's worker, signed by its worker key; free.
        /// A proof that does not lead to the root costs the worker its bond. Seals that contradict
        /// the leaves call for a jury.
        ///
        /// Emits `TaskVerified`, `TaskDisputed` or `AttemptFailed`.
        #[pallet::call_index(3)]
        #[pallet::weight(report::weight_of_open::<T>(leaves, proof).saturating_add(Pallet::<T>::close_weight()))]
        #[pallet::weight_of_authorize(report::weight_of_authorize_open::<T>(leaves, proof))]
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
            let weighed = Self::do_open(task, attempt, &leaves, &proof)?;
            Ok(Some(weighed.all()).into())
        }

        /// End a stage whose deadline has passed.
        ///
        /// May be called by anyone. The chain's own sweep does the same. Silent workers lose a part
        /// of their bond. The task goes back to the queue, fails and is refunded, or is paid if it
        /// was verified.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::expire_task().saturating_add(Pallet::<T>::close_weight()))]
        pub fn expire_task(origin: OriginFor<T>, task: TaskId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let closing = Self::do_expire(task)?;
            Ok(Some(T::WeightInfo::expire_task().saturating_add(closing)).into())
        }

        /// Reveal the leaves and the salt of a juror's seal. Without leaves, the output could not
        /// be fetched.
        ///
        /// Submitted by a juror's off-chain worker, signed by its worker key; free. The last reveal
        /// decides the dispute. Auditors and jurors that contradict the majority lose their bonds.
        /// The worker is paid, or the task goes to another worker, or it is refunded.
        ///
        /// Emits `FindingRevealed` and, with the last, `DisputeSettled`.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::reveal(leaves.len() as u32).saturating_add(Pallet::<T>::close_weight()))]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_open(leaves.len() as u32))]
        #[pallet::authorize(Self::authorize_reveal)]
        pub fn reveal(
            origin: OriginFor<T>,
            task: TaskId,
            attempt: u8,
            juror: AccountId,
            leaves: Leaves,
            salt: Hash,
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            let closing = Self::do_reveal(task, attempt, juror, &leaves, &salt)?;
            Ok(Some(T::WeightInfo::reveal(leaves.len() as u32).saturating_add(closing)).into())
        }

        /// Challenge a tile of a verified result, before its challenge window closes.
        ///
        /// May be called by anyone. A bond is put on hold in the caller's account. If the jury
        /// finds the tile wrong, the bond goes back and the caller is paid from the worker's bond.
        /// If the jury finds it right, the bond pays the jury and the worker, and the rest is
        /// burned.
        ///
        /// Emits `TaskDisputed`.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::challenge().saturating_add(T::WeightInfo::refile_task()))]
        pub fn challenge(origin: OriginFor<T>, task: TaskId, tile: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_challenge(who, task, tile)
        }

        /// Report that the output of a verified result cannot be fetched, before its challenge
        /// window closes.
        ///
        /// May be called by the requester. A bond is put on hold in the caller's account. If the
        /// jury cannot fetch the output either, the task is refunded, the worker is slashed, and
        /// the bond goes back. If it can, the bond pays the jury and the worker, and the rest is
        /// burned.
        ///
        /// Emits `TaskDisputed`.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::report_unavailable().saturating_add(T::WeightInfo::refile_task()))]
        pub fn report_unavailable(origin: OriginFor<T>, task: TaskId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_report_unavailable(who, task)
        }

        /// Report on many tasks at once: commitments, failures, seals, openings and reveals.
        ///
        /// Submitted by a worker's off-chain worker, signed once by its worker key; free. Every
        /// report does the same as the call for it alone, and at most one is about a task. A report
        /// that has become void does not hinder the others. The same holds for a report that finds
        /// no weight left, because earlier ones have closed large jobs: it may be made again.
        ///
        /// Emits the events of the single calls, and `ReportRejected` for each void report.
        #[pallet::call_index(8)]
        #[pallet::weight(report::weight_of::<T>(reports))]
        #[pallet::weight_of_authorize(report::weight_of_authorize::<T>(reports))]
        #[pallet::authorize(Self::authorize_report_many)]
        pub fn report_many(
            origin: OriginFor<T>,
            worker: AccountId,
            reports: Reports,
            _signature: WorkerSignature,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            Ok(Some(Self::do_report_many(&worker, reports)).into())
        }

        /// Report that a worker's node can take no tasks, or that it can again. No device works, or
        /// its disk is full.
        ///
        /// Submitted by the worker's off-chain worker, signed by its worker key; free. With
        /// `working` false the worker is paused; with `working` true it resumes. Its duties stay as
        /// they are, and so does a pause by the worker's owner. `at` is the block in which the
        /// report was made. The report counts once, and only for a few blocks.
        ///
        /// The registry of workers emits the event.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::report_devices())]
        #[pallet::weight_of_authorize(<T as Config>::WeightInfo::authorize_report())]
        #[pallet::authorize(Self::authorize_report_devices)]
        pub fn report_devices(
            origin: OriginFor<T>,
            worker: AccountId,
            working: bool,
            at: BlockNumber,
            _signature: WorkerSignature,
        ) -> DispatchResult {
            ensure_authorized(origin)?;
            Self::check_device_report(&worker, working, at)?;
            T::Workers::report_devices(&worker, working);
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        /// Begin a block: read the rules, and fold in the parent's VRF output.
        pub(crate) fn begin_block() {
            CurrentRules::<T>::put(T::Rules::get());
            let (vrf, _) = T::Vrf::random(b"dpin/entropy");
            Self::fold_in(vrf);
        }

        pub(crate) fn now() -> BlockNumber {
            polkadot_sdk::frame_system::Pallet::<T>::block_number().saturated_into()
        }

        /// The numbers that govern audits. A change by governance counts from the next block on.
        /// Reading them one by one costs more than most steps.
        pub(crate) fn rules() -> Rules {
            CurrentRules::<T>::get().unwrap_or_else(T::Rules::get)
        }

        /// The duties of a worker.
        pub(crate) fn duties_of(worker: &AccountId) -> Duties {
            T::Workers::state(worker).map(|state| state.duties).unwrap_or_default()
        }

        /// The genesis hash, which is part of every signature and every leaf.
        pub fn genesis() -> Hash {
            use polkadot_sdk::frame_system::pallet_prelude::BlockNumberFor;
            polkadot_sdk::frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
        }
    }
}
