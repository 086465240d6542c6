//! One duty of one worker: the worker's node attends to it after a block.

use super::{
    Obstacle, OwnWorker,
    executor::Executor,
    fetch::{Fetches, Wanted},
    memory::{Secret, Secrets, Submitted},
    submit::Outgoing,
};
use crate::{report::Step, *};
use alloc::{format, string::String, vec::Vec};
use dpin_primitives::{
    BlockNumber, Hash, SLOT_MS, TaskId,
    executor::{Commitment, Opening, RunRequest, RunStatus, Work},
    job::MAX_SAMPLES,
    reason::ReasonCode,
    seal::{salted_seal, seal},
    tile_tree,
    traits::{JobLedger, TaskBrief},
    worker::Role,
};
use polkadot_sdk::sp_io;

/// Blocks left between the end of the longest run and its deadline: one for the run to begin, one
/// for its end to be noticed, one for the report to be included.
pub(crate) const REPORT_BLOCKS: BlockNumber = 3;

/// Blocks that a task ends earlier: the executor tries the device before it says that a kernel was
/// too slow.
pub(crate) const CONTROL_BLOCKS: BlockNumber = 1;

/// Blocks left at which a worker without a result reports the reason. The report is included in the
/// next block, or in the last.
pub(crate) const GIVE_UP_BLOCKS: BlockNumber = 2;

/// Blocks after which a worker looks again whether the executor has the output it has committed to.
pub(crate) const CHECK_BLOCKS: BlockNumber = 10;

/// Blocks after which a report that is not included yet is submitted again. The pool forgets a
/// report that does not fit the state of some fork, and the fork that wins would miss it.
const RETRY_BLOCKS: BlockNumber = 3;

/// The result of computing a sample.
enum Found {
    /// The leaves, as this worker's own device computes them.
    Leaves(Vec<Hash>),
    /// Nothing yet.
    Waiting,
    /// The leaves cannot be computed, or not in time.
    Cannot(ReasonCode),
}

/// One of this node's workers, and a task for which it has a duty.
pub(super) struct Attendance<'a, T: Config> {
    pub(super) executor: &'a Executor,
    pub(super) own: &'a OwnWorker<'a>,
    pub(super) task: TaskId,
    pub(super) state: TaskState,
    pub(super) brief: TaskBrief,
    pub(super) submitted: &'a Submitted,
    pub(super) outbox: &'a mut Vec<Outgoing>,
    pub(super) secrets: &'a mut Secrets,
    pub(super) fetches: &'a mut Fetches,
    pub(super) runtime: core::marker::PhantomData<T>,
}

impl<T: Config> Attendance<'_, T> {
    pub(super) fn attend(&mut self, role: Role) -> Result<(), Obstacle> {
        match (role, self.state.stage.clone()) {
            (Role::Worker, Stage::Assigned { due, .. }) => self.compute(due),
            (Role::Worker, Stage::Opening { audit, due }) => {
                self.open(&audit.commitment, audit.sample(&self.brief), due)
            }
            (Role::Worker, Stage::Revealing { case: Case::Challenge { proven, tile, claim: None, .. }, due, .. }) => {
                self.open(&proven.commitment, alloc::vec![tile], due)
            }
            (Role::Worker, _) => self.look_after_output(),
            (Role::Auditor, Stage::Auditing { audit, due }) => self.audit(&audit, due),
            (Role::Juror, Stage::Deliberating { case, jury, due }) => self.deliberate(&case, &jury, due),
            (Role::Juror, Stage::Revealing { jury, .. }) => self.reveal(&jury),
            _ => Ok(()),
        }
    }

    fn compute(&mut self, due: BlockNumber) -> Result<(), Obstacle> {
        let (commit, failure) = (self.report(Step::Commit), self.report(Step::Failure));
        if self.is_on_its_way(&commit) || self.is_on_its_way(&failure) {
            return Ok(());
        }
        match self.run_within(Work::Task, self.time_until(due).saturating_sub(CONTROL_BLOCKS)) {
            Ok(RunStatus::Committed(commitment)) if Pallet::<T>::check_output_len(&self.brief, &commitment).is_ok() => {
                let (task, attempt) = (self.task, self.state.attempt);
                self.send(commit, Report::Commit { task, attempt, commitment })
            }
            Ok(RunStatus::Failed(reason)) if reason.is_reportable() => self.fail(failure, reason),
            Ok(RunStatus::Queued | RunStatus::Running) if !self.is_last_call(due) => Ok(()),
            Err(obstacle) if !self.is_last_call(due) => Err(obstacle),
            // A canary that is missed costs a warning, a reported failure the passport.
            status if self.task.is_canary() => {
                log::warn!(target: LOG_TARGET, "task {}: no result: {}", self.task, unfit(status));
                Ok(())
            }
            status => {
                // A worker without a report loses a part of its bond.
                let why = unfit(status);
                log::error!(target: LOG_TARGET, "task {}: no result, which is reported: {why}", self.task);
                self.fail(failure, ReasonCode::ExecutorFault { log: Hash::zero() })
            }
        }
    }

    /// Whether the block after this one is the last but one in which a report is taken.
    fn is_last_call(&self, due: BlockNumber) -> bool {
        due.saturating_sub(self.own.now) <= GIVE_UP_BLOCKS
    }

    fn fail(&mut self, id: ReportId, reason: ReasonCode) -> Result<(), Obstacle> {
        self.send(id, Report::Failure { task: self.task, attempt: self.state.attempt, reason })
    }

    fn audit(&mut self, audit: &Audit, due: BlockNumber) -> Result<(), Obstacle> {
        let report = self.report(Step::Seal);
        let waiting = audit.auditors.iter().any(|(auditor, seal)| auditor == self.own.worker && seal.is_none());
        if !waiting || self.is_on_its_way(&report) {
            return Ok(());
        }
        match self.recompute(audit.sample(&self.brief), due)? {
            Found::Leaves(leaves) => self.seal(report, seal(self.own.worker, self.task, self.state.attempt, &leaves)),
            Found::Waiting => Ok(()),
            Found::Cannot(reason) => {
                log::error!(target: LOG_TARGET, "task {}: the sample could not be computed: {reason:?}", self.task);
                Ok(())
            }
        }
    }

    /// Have this worker's own device compute the leaves of these tiles. A run that fails for a
    /// passing reason is tried again while there is time: a worker that does not seal loses a part
    /// of its bond.
    fn recompute(&self, tiles: Vec<u32>, due: BlockNumber) -> Result<Found, Obstacle> {
        let (size, work, last_call) = (tiles.len(), Work::Sample(tiles), self.is_last_call(due));
        let mut status = self.run(work.clone(), due);
        if matches!(&status, Ok(RunStatus::Failed(reason)) if reason.is_passing() && !last_call) {
            self.executor.end(&self.run_id(&work), false)?;
            status = self.run(work, due);
        }
        match status {
            Ok(RunStatus::Sampled(leaves)) if leaves.len() == size => Ok(Found::Leaves(leaves)),
            // The second run has failed as well.
            Ok(RunStatus::Failed(reason)) if reason.is_passing() && !last_call => Ok(Found::Waiting),
            Ok(RunStatus::Failed(reason)) => Ok(Found::Cannot(reason)),
            Ok(RunStatus::Queued | RunStatus::Running) if !last_call => Ok(Found::Waiting),
            Ok(RunStatus::Sampled(_) | RunStatus::Committed(_)) if !last_call => {
                Err(Obstacle::Nonsense("the leaves are not those of the sample"))
            }
            Err(obstacle) if !last_call => Err(obstacle),
            status => {
                log::error!(target: LOG_TARGET, "task {}: no sample in time: {}", self.task, unfit(status));
                Ok(Found::Cannot(ReasonCode::ExecutorFault { log: Hash::zero() }))
            }
        }
    }

    fn seal(&mut self, id: ReportId, seal: Hash) -> Result<(), Obstacle> {
        self.send(id, Report::Seal { task: self.task, attempt: self.state.attempt, seal })
    }

    /// Find the answer to the case, and seal it.
    fn deliberate(&mut self, case: &Case, jury: &Jury, due: BlockNumber) -> Result<(), Obstacle> {
        let report = self.report(Step::Seal);
        let waiting = jury.jurors.iter().any(|juror| juror.who == *self.own.worker && juror.seal.is_none());
        if !waiting || self.is_on_its_way(&report) {
            return Ok(());
        }
        if self.secrets.of(self.task, jury.seed).is_none() {
            let tiles = case.sample(Some(jury), &self.brief, Pallet::<T>::rules().fetched_tiles);
            let found = match case {
                Case::Withheld { proven, .. } => self.fetch_or_give_up(proven, jury.seed, tiles, due),
                _ => match self.recompute(tiles, due)? {
                    Found::Leaves(leaves) => Some(leaves),
                    Found::Waiting => None,
                    Found::Cannot(reason) => {
                        let task = self.task;
                        log::error!(target: LOG_TARGET, "task {task}: the sample could not be computed: {reason:?}");
                        None
                    }
                },
            };
            let Some(leaves) = found else { return Ok(()) };
            let salt = sp_io::offchain::random_seed().into();
            self.secrets.keep(Secret { task: self.task, round: jury.seed, leaves, salt });
        }
        let Some(Secret { leaves, salt, .. }) = self.secrets.of(self.task, jury.seed).cloned() else { return Ok(()) };
        self.seal(report, salted_seal(self.own.worker, self.task, self.state.attempt, &leaves, &salt))
    }

    fn reveal(&mut self, jury: &Jury) -> Result<(), Obstacle> {
        let report = self.report(Step::Reveal);
        let waiting =
            jury.jurors.iter().any(|one| one.who == *self.own.worker && one.seal.is_some() && one.finding.is_none());
        if !waiting || self.is_on_its_way(&report) {
            return Ok(());
        }
        let Secret { leaves, salt, .. } =
            self.secrets.of(self.task, jury.seed).cloned().ok_or(Obstacle::NothingToReveal)?;
        let leaves = Leaves::try_from(leaves).map_err(|_| Obstacle::Nonsense("too many leaves"))?;
        self.send(report, Report::Reveal { task: self.task, attempt: self.state.attempt, leaves, salt })
    }

    /// The leaves of these tiles as the worker's node serves them. They are fetched later, and are
    /// there after one of the next blocks. If time is running out and the node could not fetch
    /// them, the finding is that there are none.
    fn fetch_or_give_up(
        &mut self,
        proven: &Proven,
        round: Hash,
        tiles: Vec<u32>,
        due: BlockNumber,
    ) -> Option<Vec<Hash>> {
        let task = self.task;
        if let Some(leaves) = self.fetches.leaves(task, round, tiles.len()) {
            return Some(leaves);
        }
        if due.saturating_sub(self.own.now) <= REPORT_BLOCKS && self.fetches.failures(task, round) > 0 {
            return Some(Vec::new());
        }
        let (proven, brief) = (proven.clone(), self.brief.clone());
        self.fetches.want(Wanted { task, round, proven, tiles, brief, due });
        None
    }

    /// Open these tiles of this worker's commitment. If its output is gone, it is computed again
    /// while there is time: a worker that does not open loses its bond.
    fn open(&mut self, commitment: &Commitment, tiles: Vec<u32>, due: BlockNumber) -> Result<(), Obstacle> {
        let report = self.report(Step::Open);
        if self.is_on_its_way(&report) {
            return Ok(());
        }
        let opening = match self.executor.open(&self.run_id(&Work::Task), &tiles) {
            Err(Obstacle::Refused(404 | 409)) => return self.restore(commitment, self.time_until(due).max(1)),
            opening => opening?,
        };
        let Opening { leaves, proof } = opening;
        let count = self.brief.tiling.tiles(self.brief.group_count);
        if leaves.len() > MAX_SAMPLES as usize
            || tile_tree::verify(&commitment.root, count, &tiles, &leaves, &proof).is_err()
        {
            // The executor may have the output of another attempt.
            self.restore(commitment, self.time_until(due).max(1))?;
            return Err(Obstacle::Nonsense("the opening does not lead to the committed root"));
        }
        let leaves = Leaves::try_from(leaves).map_err(|_| Obstacle::Nonsense("too many leaves"))?;
        let proof = Proof::try_from(proof).map_err(|_| Obstacle::Nonsense("too long a proof"))?;
        self.send(report, Report::Open { task: self.task, attempt: self.state.attempt, leaves, proof })
    }

    /// Make sure that the output of this worker's commitment is there. An opening may be due soon,
    /// and requesters and jurors fetch the output.
    fn look_after_output(&self) -> Result<(), Obstacle> {
        if !self.own.now.is_multiple_of(CHECK_BLOCKS) {
            return Ok(());
        }
        let commitment = match &self.state.stage {
            Stage::Committed { commitment, .. } => commitment,
            Stage::Auditing { audit, .. } => &audit.commitment,
            Stage::Verified { proven, .. } => &proven.commitment,
            _ => return Ok(()),
        };
        self.restore(commitment, self.brief.run_blocks)
    }

    /// Have the executor compute the whole task once more, unless it has that output.
    fn restore(&self, commitment: &Commitment, blocks: BlockNumber) -> Result<(), Obstacle> {
        let task = self.task;
        match self.run_within(Work::Task, blocks)? {
            RunStatus::Committed(found) if found.root == commitment.root => Ok(()),
            RunStatus::Queued | RunStatus::Running => {
                log::warn!(target: LOG_TARGET, "task {task}: the executor has lost its output and computes it again");
                Ok(())
            }
            status => {
                // The next block brings another try, until the deadline.
                let why = unfit(Ok(status));
                log::error!(target: LOG_TARGET, "task {task}: its output is gone, and computed again it is not the same: {why}");
                self.executor.end(&self.run_id(&Work::Task), false)
            }
        }
    }

    /// Post `work` to the executor. Returns the status of the run.
    fn run(&self, work: Work, due: BlockNumber) -> Result<RunStatus, Obstacle> {
        self.run_within(work, self.time_until(due).max(1))
    }

    fn run_within(&self, work: Work, blocks: BlockNumber) -> Result<RunStatus, Obstacle> {
        let request = self.request(work, blocks)?;
        self.executor.run(&request, &T::Jobs::input_bytes(self.task), self.own.now)
    }

    /// Blocks until a run must have ended [`REPORT_BLOCKS`] before its deadline, so that the report
    /// is in time.
    fn time_until(&self, due: BlockNumber) -> BlockNumber {
        due.saturating_sub(self.own.now).saturating_sub(REPORT_BLOCKS)
    }

    /// The request for a run of at most so many blocks. With none left the executor ends the run,
    /// and returns the reason.
    fn request(&self, work: Work, blocks: BlockNumber) -> Result<RunRequest, Obstacle> {
        let id = self.run_id(&work);
        let request = T::Jobs::run_request(self.task, work).ok_or(Obstacle::Vanished)?;
        Ok(RunRequest { id, limit_ms: SLOT_MS.saturating_mul(blocks.into()).max(1), ..request })
    }

    fn run_id(&self, work: &Work) -> Hash {
        RunRequest::id(&self.own.genesis, self.task, self.state.attempt, work)
    }

    /// Whether a report was submitted so recently that it may still get into a block.
    fn is_on_its_way(&self, report: &ReportId) -> bool {
        self.submitted.at(report).is_some_and(|at| self.own.now.saturating_sub(at) < RETRY_BLOCKS)
    }

    fn report(&self, step: Step) -> ReportId {
        ReportId { task: self.task, attempt: self.state.attempt, round: self.state.stage.round(), step }
    }

    /// Leave a report to be signed and submitted when all duties have been attended to.
    fn send(&mut self, id: ReportId, report: Report) -> Result<(), Obstacle> {
        self.outbox.push(Outgoing { id, report });
        Ok(())
    }
}

/// The reason why an executor's answer is no result.
fn unfit(said: Result<RunStatus, Obstacle>) -> String {
    match said {
        Err(obstacle) => format!("{obstacle}"),
        Ok(RunStatus::Queued) => "the run still waits in the executor".into(),
        Ok(RunStatus::Running) => "the run has not ended".into(),
        Ok(RunStatus::Failed(reason)) => format!("{reason:?}"),
        Ok(RunStatus::Committed(commitment)) => format!("its output has the root {:?}", commitment.root),
        Ok(RunStatus::Sampled(leaves)) => format!("a sample of {} tiles", leaves.len()),
    }
}
