//! The off-chain worker: what a worker's node does about its duties.
//!
//! After each block it looks at the duties of the worker keys in the node's keystore, hands what is
//! to be computed to the executor, polls, checks what comes back, signs and submits. It keeps no
//! state the chain does not know, except what it has submitted and what it has the executor
//! compute: so it survives restarts, follows forks, and never submits the same report twice. A run
//! is posted with every block for as long as its duty lasts, each time with the time that is left,
//! and ended when the duty is gone. A worker that can do nothing else says so in time, whatever its
//! executor does. What a worker has to say after a block goes into as few transactions as possible.
//! Whatever the executor says is treated as untrusted: lengths are bounded, and commitments and
//! openings are checked before they are signed.

use crate::{
    reports::{MAX_BATCH_LEAVES, MAX_REPORTS, REPORT_LONGEVITY, Step, batch_message, report_message},
    *,
};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use codec::{Decode, Encode};
use core::cell::{Cell, RefCell};
use dpin_primitives::{
    AccountId, BlockNumber, Hash, SLOT_MS, TaskId,
    executor::{CONFIG_KEY, Commitment, ExecutorConfig, Opening, RunRequest, RunStatus, Work},
    job::MAX_SAMPLES,
    reason::ReasonCode,
    seal::{salted_seal, seal},
    tile_tree,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::{Duty, Role, WorkerKey},
};
use polkadot_sdk::{
    frame_system::offchain::SubmitTransaction,
    sp_application_crypto::RuntimeAppPublic,
    sp_core::offchain::Duration,
    sp_io,
    sp_runtime::offchain::{
        http,
        storage::StorageValueRef,
        storage_lock::{StorageLock, Time},
    },
};

/// Only one off-chain worker of a node attends to duties at a time.
const LOCK_KEY: &[u8] = b"dpin/duties-lock";
/// Longest time in ms one of them may hold the lock.
const LOCK_MS: u64 = 15_000;
/// Longest time in ms to wait for one answer of the executor.
const REQUEST_MS: u64 = 2_000;
/// Longest answer of the executor: leaves and proof of the largest opening, and some.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// Blocks left between the end of the longest run and its deadline: in one the run begins, with the
/// next its end is noticed, in the third the report is included.
pub(crate) const REPORT_BLOCKS: BlockNumber = 3;
/// Blocks that a task ends earlier: the executor tries the device before it says that a kernel was
/// too slow.
pub(crate) const CONTROL_BLOCKS: BlockNumber = 1;
/// Blocks left at which a worker without a result says why there is none: its report is included in
/// the next block, or in the last.
pub(crate) const GIVE_UP_BLOCKS: BlockNumber = 2;
/// Blocks after which a worker looks again whether the executor has the output it has committed to.
pub(crate) const CHECK_BLOCKS: BlockNumber = 10;
/// Blocks for which a duty must have been gone before its run is ended: it may be on the fork that
/// wins.
pub(crate) const GONE_BLOCKS: BlockNumber = 2;
/// Blocks after which a run that cannot be ended is forgotten: it has a deadline of its own.
const FORGET_BLOCKS: BlockNumber = 100;
/// Requests of one block that the executor may leave without an answer. After them nothing more is
/// asked, so that what can be said without it is said in time.
const MAX_SILENCES: u32 = 3;
/// Blocks after which a report that is in none of them is submitted again: the pool forgets a
/// report that does not fit the state of some fork, and it would be missed on the fork that wins.
const RETRY_BLOCKS: BlockNumber = 3;
/// Most reports remembered as submitted.
const MAX_REMEMBERED: usize = 512;

/// Why a duty could not be attended to this time. It is tried again with the next block.
enum Obstacle {
    /// The executor cannot be reached.
    Unreachable,
    /// The executor refused, with this status code.
    Refused(u16),
    /// The executor's answer is too long or not what was asked for.
    Nonsense(&'static str),
    /// The keystore does not sign.
    NoSignature,
    /// The pool does not take the report.
    NotSubmitted,
    /// The chain's state does not fit together.
    Vanished,
    /// What was sealed is not in this node's storage.
    NothingToReveal,
}

impl core::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unreachable => f.write_str("the executor cannot be reached"),
            Self::Refused(code) => write!(f, "the executor refused with status {code}"),
            Self::Nonsense(what) => write!(f, "the executor's answer is refused: {what}"),
            Self::NoSignature => f.write_str("the keystore does not sign with the worker key"),
            Self::NotSubmitted => f.write_str("the transaction pool does not take the report"),
            Self::Vanished => f.write_str("the job is gone"),
            Self::NothingToReveal => f.write_str("this node does not know what it has sealed"),
        }
    }
}

/// The executor as the off-chain worker talks to it.
struct Executor {
    config: ExecutorConfig,
    /// Requests that it has left without an answer in this block.
    silences: Cell<u32>,
    unfinished: RefCell<Unfinished>,
}

/// The runs that the executor has and has not finished, as far as this node knows, with the last
/// block in which somebody waited for them; in the node's offchain storage.
struct Unfinished {
    key: Vec<u8>,
    runs: BTreeMap<Hash, BlockNumber>,
    changed: bool,
}

impl Unfinished {
    fn read(genesis: &Hash) -> Self {
        let key = (b"dpin/unfinished", genesis).encode();
        let runs = StorageValueRef::persistent(&key).get().ok().flatten().unwrap_or_default();
        Self { key, runs, changed: false }
    }

    /// Somebody waits for this run.
    fn note(&mut self, id: Hash, now: BlockNumber) {
        if self.runs.len() < MAX_REMEMBERED || self.runs.contains_key(&id) {
            self.changed |= self.runs.insert(id, now) != Some(now);
        }
    }

    fn forget(&mut self, id: &Hash) {
        self.changed |= self.runs.remove(id).is_some();
    }

    /// The runs nobody waits for any more.
    fn gone(&self, now: BlockNumber) -> Vec<(Hash, BlockNumber)> {
        let gone = self.runs.iter().filter(|(_, last)| now.saturating_sub(**last) > GONE_BLOCKS);
        gone.map(|(id, last)| (*id, *last)).collect()
    }

    fn write(&self) {
        if self.changed {
            StorageValueRef::persistent(&self.key).set(&self.runs);
        }
    }
}

impl Executor {
    fn configured(genesis: &Hash) -> Option<Self> {
        let config = StorageValueRef::persistent(CONFIG_KEY).get::<ExecutorConfig>().ok().flatten()?;
        let unfinished = RefCell::new(Unfinished::read(genesis));
        Some(Self { config, silences: Cell::new(0), unfinished })
    }

    /// Send a request and wait for the answer's body.
    fn ask(&self, method: http::Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>, Obstacle> {
        if self.config.is_away() || self.silences.get() >= MAX_SILENCES {
            return Err(Obstacle::Unreachable);
        }
        let asked = self.try_ask(method, path, body);
        if matches!(asked, Err(Obstacle::Unreachable)) {
            self.silences.set(self.silences.get().saturating_add(1));
        }
        asked
    }

    fn try_ask(&self, method: http::Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>, Obstacle> {
        let url = format!("{}{path}", self.config.url);
        let bearer = format!("Bearer {}", self.config.token);
        let deadline = sp_io::offchain::timestamp().add(Duration::from_millis(REQUEST_MS));
        let request = http::Request::post(&url, body.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let mut request = request.method(method).add_header("authorization", &bearer);
        if let Some(body) = &body {
            request = request
                .add_header("content-type", "application/octet-stream")
                .add_header("content-length", &format!("{}", body.len()));
        }
        let response = request
            .deadline(deadline)
            .send()
            .map_err(|_| Obstacle::Unreachable)?
            .try_wait(deadline)
            .map_err(|_| Obstacle::Unreachable)?
            .map_err(|_| Obstacle::Unreachable)?;
        if response.code != 200 {
            return Err(Obstacle::Refused(response.code));
        }
        let mut body = response.body();
        body.deadline(deadline);
        let answer: Vec<u8> = body.by_ref().take(MAX_ANSWER_BYTES + 1).collect();
        if body.error().is_some() {
            return Err(Obstacle::Unreachable);
        }
        if answer.len() > MAX_ANSWER_BYTES {
            return Err(Obstacle::Nonsense("the answer is too long"));
        }
        Ok(answer)
    }

    fn post<R: Decode>(&self, path: &str, body: &impl Encode) -> Result<R, Obstacle> {
        let answer = self.ask(http::Method::Post, path, Some(body.encode()))?;
        R::decode(&mut answer.as_slice()).map_err(|_| Obstacle::Nonsense("the answer does not decode"))
    }

    /// Post a run, whose inputs have the sizes `input_bytes`; empty: they are not known.
    fn run(&self, request: &RunRequest, input_bytes: &[u64], now: BlockNumber) -> Result<RunStatus, Obstacle> {
        let sizes = input_bytes.iter().map(|bytes| format!("{bytes}")).collect::<Vec<_>>().join(",");
        let query = if sizes.is_empty() { sizes } else { format!("?input_bytes={sizes}") };
        let status = self.post(&format!("/v1/runs{query}"), request);
        let mut unfinished = self.unfinished.borrow_mut();
        match &status {
            Ok(RunStatus::Committed(_) | RunStatus::Sampled(_) | RunStatus::Failed(_)) => {
                unfinished.forget(&request.id);
            }
            // It may be there without an answer that says so.
            Ok(_) | Err(_) => unfinished.note(request.id, now),
        }
        status
    }

    /// End a run; if `unfinished`, only if it is not finished.
    fn end(&self, run: &Hash, unfinished: bool) -> Result<(), Obstacle> {
        let query = if unfinished { "?unfinished=true" } else { "" };
        match self.ask(http::Method::Delete, &format!("/v1/runs/{}{query}", hex(run)), None) {
            // There is no such run, or it is finished.
            Ok(_) | Err(Obstacle::Refused(404 | 409)) => Ok(()),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// End the runs nobody waits for any more.
    fn end_unfinished(&self, now: BlockNumber) {
        let gone = self.unfinished.borrow().gone(now);
        for (run, last) in gone {
            let ended = self.end(&run, true).is_ok();
            if ended || now.saturating_sub(last) > FORGET_BLOCKS {
                self.unfinished.borrow_mut().forget(&run);
            }
        }
        self.unfinished.borrow().write();
    }

    fn open(&self, run: &Hash, sample: &[u32]) -> Result<Opening, Obstacle> {
        self.post(&format!("/v1/runs/{}/opening", hex(run)), &sample.to_vec())
    }
}

/// A hash as it is written in paths.
fn hex(hash: &Hash) -> String {
    hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What came of a sample.
enum Found {
    /// Its leaves, as this worker's own device computes them.
    Leaves(Vec<Hash>),
    /// Nothing yet.
    Waiting,
    /// They cannot be had, or not in time.
    Cannot(ReasonCode),
}

/// What a juror has sealed and must be able to reveal.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Secret {
    task: TaskId,
    round: Hash,
    leaves: Vec<Hash>,
    salt: Hash,
}

/// The secrets of a juror, in the node's offchain storage. Who loses them is silent.
struct Secrets {
    key: Vec<u8>,
    secrets: Vec<Secret>,
}

impl Secrets {
    /// Read those of `worker` that belong to its `duties`.
    fn read(genesis: &Hash, worker: &AccountId, duties: &[Duty]) -> Self {
        let key = (b"dpin/secrets", genesis, worker).encode();
        let mut secrets: Vec<Secret> = StorageValueRef::persistent(&key).get().ok().flatten().unwrap_or_default();
        secrets.retain(|secret| duties.iter().any(|duty| duty.task == secret.task && duty.role == Role::Juror));
        Self { key, secrets }
    }

    fn of(&self, task: TaskId, round: Hash) -> Option<&Secret> {
        self.secrets.iter().find(|secret| secret.task == task && secret.round == round)
    }

    fn keep(&mut self, secret: Secret) {
        // Of a round on another fork as much as of this one: either may win.
        if self.secrets.len() < MAX_REMEMBERED {
            self.secrets.push(secret);
        }
        StorageValueRef::persistent(&self.key).set(&self.secrets);
    }
}

/// A report, as far as it identifies itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
struct ReportId {
    task: TaskId,
    attempt: u8,
    round: Hash,
    step: Step,
}

/// The reports a worker has submitted and when, in the node's offchain storage.
struct Submitted {
    key: Vec<u8>,
    reports: Vec<(ReportId, BlockNumber)>,
}

impl Submitted {
    /// Read what `worker` has submitted, without what the chain no longer waits for: reports on
    /// tasks that are not among its `duties`, and reports so old that the pool has dropped them, or
    /// of a block that is still to come (of another fork).
    fn read(genesis: &Hash, worker: &AccountId, duties: &[Duty], now: BlockNumber) -> Self {
        let key = (b"dpin/submitted", genesis, worker).encode();
        let mut reports: Vec<(ReportId, BlockNumber)> =
            StorageValueRef::persistent(&key).get().ok().flatten().unwrap_or_default();
        reports.retain(|(report, at)| {
            let fresh = now.saturating_sub(*at) < REPORT_LONGEVITY as BlockNumber && *at <= now;
            fresh && duties.iter().any(|duty| duty.task == report.task)
        });
        Self { key, reports }
    }

    /// The block in which the report was last submitted.
    fn at(&self, report: &ReportId) -> Option<BlockNumber> {
        self.reports.iter().find(|(submitted, _)| submitted == report).map(|(_, at)| *at)
    }

    fn remember(&mut self, reports: &[ReportId], now: BlockNumber) {
        self.reports.retain(|(submitted, _)| !reports.contains(submitted));
        let room = MAX_REMEMBERED.saturating_sub(self.reports.len());
        self.reports.extend(reports.iter().take(room).map(|report| (*report, now)));
        StorageValueRef::persistent(&self.key).set(&self.reports);
    }
}

/// A report that is ready to be signed and submitted.
#[derive(Clone)]
struct Outgoing {
    id: ReportId,
    report: Report,
}

/// One of this node's workers and a task it has a duty to.
struct Attendance<'a, T: Config> {
    executor: &'a Executor,
    genesis: Hash,
    now: BlockNumber,
    worker: &'a AccountId,
    task: TaskId,
    state: TaskState,
    brief: TaskBrief,
    submitted: &'a Submitted,
    outbox: &'a mut Vec<Outgoing>,
    secrets: &'a mut Secrets,
    _runtime: core::marker::PhantomData<T>,
}

impl<T: Config> Pallet<T> {
    /// What a worker owes the chain: what it was drawn for, and the canaries it is called to and
    /// has not answered.
    fn duties_and_calls(worker: &AccountId) -> Vec<Duty> {
        let calls = T::Jobs::calls(worker).into_iter().filter(|task| !Tasks::<T>::contains_key(task));
        let calls = calls.map(|task| Duty { task, role: Role::Worker });
        Self::duties_of(worker).iter().chain(calls).collect()
    }

    /// Attend to the duties of the worker keys in this node's keystore.
    pub(crate) fn attend_duties(now: BlockNumber) {
        let genesis = Self::genesis();
        let Some(executor) = Executor::configured(&genesis) else { return };
        let mut lock = StorageLock::<Time>::with_deadline(LOCK_KEY, Duration::from_millis(LOCK_MS));
        let Ok(_guard) = lock.try_lock() else {
            log::debug!(target: LOG_TARGET, "block {now}: the duties are being attended to");
            return;
        };
        for key in WorkerKey::all() {
            let Some(worker) = T::Workers::worker_of(&key) else { continue };
            Self::attend_devices(&genesis, &key, &worker, now);
            let duties = Self::duties_and_calls(&worker);
            let mut submitted = Submitted::read(&genesis, &worker, &duties, now);
            let mut secrets = Secrets::read(&genesis, &worker, &duties);
            let mut outbox = Vec::new();
            // What is due first goes first: an executor that does not answer takes time from all
            // that follows.
            let mut open: Vec<(Duty, TaskState, TaskBrief)> = duties
                .iter()
                .filter_map(|duty| {
                    let state = Tasks::<T>::get(duty.task).or_else(|| Self::called(duty.task))?;
                    Some((*duty, state, T::Jobs::brief(duty.task)?))
                })
                .collect();
            open.sort_by_key(|(_, state, _)| state.stage.due());
            for (Duty { task, role }, state, brief) in open {
                let mut attendance = Attendance::<T> {
                    executor: &executor,
                    genesis,
                    now,
                    worker: &worker,
                    task,
                    state,
                    brief,
                    submitted: &submitted,
                    outbox: &mut outbox,
                    secrets: &mut secrets,
                    _runtime: core::marker::PhantomData,
                };
                if let Err(obstacle) = attendance.attend(role) {
                    log::warn!(target: LOG_TARGET, "task {task}: not attended to in block {now}: {obstacle}");
                }
            }
            // What the pool may have already would keep out what is new.
            let (old, new): (Vec<_>, Vec<_>) = outbox.into_iter().partition(|out| submitted.at(&out.id).is_some());
            for batch in batches(new).into_iter().chain(batches(old)) {
                if let Err(obstacle) = Self::submit_all(&genesis, &key, &worker, batch, &mut submitted, now) {
                    log::warn!(target: LOG_TARGET, "reports of {worker:?} not submitted in block {now}: {obstacle}");
                }
            }
        }
        executor.end_unfinished(now);
    }

    /// Submit reports in one transaction, or each in its own if the pool does not take them
    /// together: one that is void must not hold up the others.
    fn submit_all(
        genesis: &Hash,
        key: &WorkerKey,
        worker: &AccountId,
        batch: Vec<Outgoing>,
        submitted: &mut Submitted,
        now: BlockNumber,
    ) -> Result<(), Obstacle> {
        let together = Self::submit(genesis, key, worker, batch.clone(), submitted, now);
        match together {
            Err(Obstacle::NotSubmitted) if batch.len() > 1 => batch.into_iter().try_for_each(|outgoing| {
                let task = outgoing.id.task;
                Self::submit(genesis, key, worker, alloc::vec![outgoing], submitted, now).or_else(|obstacle| {
                    match obstacle {
                        Obstacle::NotSubmitted => {
                            log::warn!(target: LOG_TARGET, "task {task}: not attended to in block {now}: {obstacle}");
                            Ok(())
                        }
                        other => Err(other),
                    }
                })
            }),
            result => result,
        }
    }

    /// Sign and submit the reports of one transaction.
    fn submit(
        genesis: &Hash,
        key: &WorkerKey,
        worker: &AccountId,
        batch: Vec<Outgoing>,
        submitted: &mut Submitted,
        now: BlockNumber,
    ) -> Result<(), Obstacle> {
        let ids: Vec<ReportId> = batch.iter().map(|outgoing| outgoing.id).collect();
        let transaction = T::create_authorized_transaction(Self::signed(genesis, key, worker, batch)?.into());
        match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
            Ok(()) => {
                for ReportId { task, step, .. } in &ids {
                    log::info!(target: LOG_TARGET, "task {task}: {step:?} submitted in block {now}");
                }
            }
            // The pool has them already.
            Err(()) if ids.iter().any(|id| submitted.at(id).is_some()) => {}
            Err(()) => return Err(Obstacle::NotSubmitted),
        }
        submitted.remember(&ids, now);
        Ok(())
    }

    /// The call that makes these reports: that for it alone if there is but one.
    fn signed(
        genesis: &Hash,
        key: &WorkerKey,
        worker: &AccountId,
        mut batch: Vec<Outgoing>,
    ) -> Result<Call<T>, Obstacle> {
        let sign = |message: Vec<u8>| key.sign(&message).ok_or(Obstacle::NoSignature);
        if batch.len() > 1 {
            let rounds: Vec<Hash> = batch.iter().map(|outgoing| outgoing.id.round).collect();
            let reports: Vec<Report> = batch.into_iter().map(|outgoing| outgoing.report).collect();
            let signature = sign(batch_message(genesis, &rounds, &reports))?;
            let reports = Reports::try_from(reports).map_err(|_| Obstacle::Vanished)?;
            return Ok(Call::report_many { worker: worker.clone(), reports, signature });
        }
        let Some(Outgoing { id, report }) = batch.pop() else { return Err(Obstacle::Vanished) };
        let ReportId { task, attempt, round, step } = id;
        Ok(match report {
            Report::Commit { commitment, .. } => {
                let signature = sign(report_message(step, genesis, task, attempt, round, &commitment))?;
                Call::commit { task, attempt, commitment, signature }
            }
            Report::Failure { reason, .. } => {
                let signature = sign(report_message(step, genesis, task, attempt, round, &reason))?;
                Call::report_failure { task, attempt, reason, signature }
            }
            Report::Seal { seal, .. } => {
                let signature = sign(report_message(step, genesis, task, attempt, round, &seal))?;
                Call::seal { task, attempt, auditor: worker.clone(), seal, signature }
            }
            Report::Open { leaves, proof, .. } => {
                let signature = sign(report_message(step, genesis, task, attempt, round, &(&leaves, &proof)))?;
                Call::open { task, attempt, leaves, proof, signature }
            }
            Report::Reveal { leaves, salt, .. } => {
                let signature = sign(report_message(step, genesis, task, attempt, round, &(&leaves, salt)))?;
                Call::reveal { task, attempt, juror: worker.clone(), leaves, salt, signature }
            }
        })
    }
}

/// Split reports so that each part fits into a transaction.
fn batches(outbox: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let mut batches: Vec<(Vec<Outgoing>, u32)> = Vec::new();
    for outgoing in outbox {
        let more = outgoing.report.leaf_count();
        match batches.last_mut() {
            Some((batch, leaves))
                if batch.len() < MAX_REPORTS as usize && leaves.saturating_add(more) <= MAX_BATCH_LEAVES =>
            {
                *leaves = leaves.saturating_add(more);
                batch.push(outgoing);
            }
            _ => batches.push((alloc::vec![outgoing], more)),
        }
    }
    batches.into_iter().map(|(batch, _)| batch).collect()
}

impl<T: Config> Attendance<'_, T> {
    fn attend(&mut self, role: Role) -> Result<(), Obstacle> {
        match (role, self.state.stage.clone()) {
            (Role::Worker, Stage::Assigned { due, .. }) => self.compute(due),
            (Role::Worker, Stage::Opening { audit, due }) => {
                self.open(&audit.commitment, lottery::sampled_tiles(&audit, &self.brief), due)
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
            Ok(RunStatus::Committed(commitment)) if Pallet::<T>::check_commitment(self.task, &commitment).is_ok() => {
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
                // Whoever says nothing loses a part of its bond.
                let why = unfit(status);
                log::error!(target: LOG_TARGET, "task {}: no result, which is reported: {why}", self.task);
                self.fail(failure, ReasonCode::ExecutorFault { log: Hash::zero() })
            }
        }
    }

    /// Whether the block after this one is the last but one in which a report is taken.
    fn is_last_call(&self, due: BlockNumber) -> bool {
        due.saturating_sub(self.now) <= GIVE_UP_BLOCKS
    }

    fn fail(&mut self, id: ReportId, reason: ReasonCode) -> Result<(), Obstacle> {
        self.send(id, Report::Failure { task: self.task, attempt: self.state.attempt, reason })
    }

    fn audit(&mut self, audit: &Audit, due: BlockNumber) -> Result<(), Obstacle> {
        let report = self.report(Step::Seal);
        let waiting = audit.auditors.iter().any(|(auditor, seal)| auditor == self.worker && seal.is_none());
        if !waiting || self.is_on_its_way(&report) {
            return Ok(());
        }
        match self.recompute(lottery::sampled_tiles(audit, &self.brief), due)? {
            Found::Leaves(leaves) => self.seal(report, seal(self.worker, self.task, self.state.attempt, &leaves)),
            Found::Waiting => Ok(()),
            Found::Cannot(reason) => {
                log::error!(target: LOG_TARGET, "task {}: the sample could not be computed: {reason:?}", self.task);
                Ok(())
            }
        }
    }

    /// Have this worker's own device compute the leaves of these tiles. What fails for a passing
    /// reason is tried again while there is time: whoever does not seal loses a part of its bond.
    fn recompute(&self, tiles: Vec<u32>, due: BlockNumber) -> Result<Found, Obstacle> {
        let (size, work, last_call) = (tiles.len(), Work::Sample(tiles), self.is_last_call(due));
        let mut status = self.run(work.clone(), due);
        if matches!(&status, Ok(RunStatus::Failed(reason)) if reason.is_passing() && !last_call) {
            self.executor.end(&self.run_id(&work), false)?;
            status = self.run(work, due);
        }
        match status {
            Ok(RunStatus::Sampled(leaves)) if leaves.len() == size => Ok(Found::Leaves(leaves)),
            // That once more.
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

    /// Find out what the jury is asked, and seal it.
    fn deliberate(&mut self, case: &Case, jury: &Jury, due: BlockNumber) -> Result<(), Obstacle> {
        let report = self.report(Step::Seal);
        let waiting = jury.jurors.iter().any(|juror| juror.who == *self.worker && juror.seal.is_none());
        if !waiting || self.is_on_its_way(&report) {
            return Ok(());
        }
        if self.secrets.of(self.task, jury.seed).is_none() {
            let tiles = lottery::disputed_tiles(case, Some(jury), &self.brief, Pallet::<T>::rules().fetched_tiles);
            let found = match case {
                Case::Withheld { proven, .. } => self.fetch_or_give_up(proven, &tiles, due),
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
        self.seal(report, salted_seal(self.worker, self.task, self.state.attempt, &leaves, &salt))
    }

    fn reveal(&mut self, jury: &Jury) -> Result<(), Obstacle> {
        let report = self.report(Step::Reveal);
        let waiting =
            jury.jurors.iter().any(|one| one.who == *self.worker && one.seal.is_some() && one.finding.is_none());
        if !waiting || self.is_on_its_way(&report) {
            return Ok(());
        }
        let Secret { leaves, salt, .. } =
            self.secrets.of(self.task, jury.seed).cloned().ok_or(Obstacle::NothingToReveal)?;
        let leaves = Leaves::try_from(leaves).map_err(|_| Obstacle::Nonsense("too many leaves"))?;
        self.send(report, Report::Reveal { task: self.task, attempt: self.state.attempt, leaves, salt })
    }

    /// The leaves of these tiles as the worker's node serves them. When time is running out without
    /// them, there are none to be had.
    fn fetch_or_give_up(&self, proven: &Proven, tiles: &[u32], due: BlockNumber) -> Option<Vec<Hash>> {
        let fetched = fetch::leaves::<T>(&self.genesis, self.task, proven, tiles, &self.brief);
        match fetched {
            Ok(leaves) => Some(leaves),
            Err(why) => {
                log::info!(target: LOG_TARGET, "task {}: its output cannot be fetched: {why}", self.task);
                (due.saturating_sub(self.now) <= REPORT_BLOCKS).then(Vec::new)
            }
        }
    }

    /// Open these tiles of what this worker has committed to. If its output is gone, it is computed
    /// again while there is time: whoever does not open loses its bond.
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
            // What the executor has may be another attempt at the same output.
            self.restore(commitment, self.time_until(due).max(1))?;
            return Err(Obstacle::Nonsense("the opening does not lead to the committed root"));
        }
        let leaves = Leaves::try_from(leaves).map_err(|_| Obstacle::Nonsense("too many leaves"))?;
        let proof = Proof::try_from(proof).map_err(|_| Obstacle::Nonsense("too long a proof"))?;
        self.send(report, Report::Open { task: self.task, attempt: self.state.attempt, leaves, proof })
    }

    /// See to it that the output this worker has committed to is there when it is asked for: an
    /// opening may be due soon, and requesters and jurors fetch it.
    fn look_after_output(&self) -> Result<(), Obstacle> {
        if !self.now.is_multiple_of(CHECK_BLOCKS) {
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
                // With the next block once more, until its deadline.
                let why = unfit(Ok(status));
                log::error!(target: LOG_TARGET, "task {task}: its output is gone, and computed again it is not the same: {why}");
                self.executor.end(&self.run_id(&Work::Task), false)
            }
        }
    }

    /// How far the executor is with `work`, which it is given if it does not know it.
    fn run(&self, work: Work, due: BlockNumber) -> Result<RunStatus, Obstacle> {
        self.run_within(work, self.time_until(due).max(1))
    }

    fn run_within(&self, work: Work, blocks: BlockNumber) -> Result<RunStatus, Obstacle> {
        let request = self.request(work, blocks)?;
        self.executor.run(&request, &T::Jobs::input_bytes(self.task), self.now)
    }

    /// Blocks until a run must have ended [`REPORT_BLOCKS`] before its deadline, so that the report
    /// is in time.
    fn time_until(&self, due: BlockNumber) -> BlockNumber {
        due.saturating_sub(self.now).saturating_sub(REPORT_BLOCKS)
    }

    /// The piece of work for the executor, which has so many blocks' time for it. Without any it
    /// ends the run that there is, and says why.
    fn request(&self, work: Work, blocks: BlockNumber) -> Result<RunRequest, Obstacle> {
        let id = self.run_id(&work);
        let request = T::Jobs::run_request(self.task, work).ok_or(Obstacle::Vanished)?;
        Ok(RunRequest { id, limit_ms: SLOT_MS.saturating_mul(blocks.into()).max(1), ..request })
    }

    fn run_id(&self, work: &Work) -> Hash {
        RunRequest::id(&self.genesis, self.task, self.state.attempt, work)
    }

    /// Whether a report was submitted so lately that it may still get into a block.
    fn is_on_its_way(&self, report: &ReportId) -> bool {
        self.submitted.at(report).is_some_and(|at| self.now.saturating_sub(at) < RETRY_BLOCKS)
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

/// What is wrong with what the executor has said.
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
