//! All workers at once: they do the duties of many nodes with executors, without computing
//! anything.
//!
//! Only the bytes of tiles are faked: they are a function of task and position. Everything above is
//! real: leaves and tile trees, seals, openings, signatures by each worker's own key, and the times
//! at which reports may be made.

use super::{
    connection::{Best, wire},
    signing::{Signer, authorised},
};
use anyhow::{Context, Result, ensure};
use dpin_primitives::{
    AccountId, BlockNumber, Hash, JobId, TaskId,
    executor::Commitment,
    sampling::sample,
    seal::seal,
    tile_tree::{TileTree, leaf},
};
use dpin_runtime::{Runtime, RuntimeEvent};
use pallet_jobs::Event as Job;
use pallet_proof_of_compute::{
    Call, Event as Proof, Report,
    report::{MAX_REPORTS, Step, batch_message, report_message},
};
use polkadot_sdk::sp_core::Bytes;
use std::collections::{BTreeMap, HashMap};

/// Blocks after which a report that was not included is submitted again, as the off-chain worker
/// does.
const RETRY_BLOCKS: BlockNumber = 3;
/// Bytes of a tile.
pub const TILE_BYTES: u32 = 64;

/// The life of a job, as block numbers.
#[derive(Clone, Copy, Debug)]
pub struct JobLife {
    /// The block in which it was posted.
    pub submitted: BlockNumber,
    /// The block of its commitment: from then on its output can be fetched.
    pub committed: BlockNumber,
    /// The block in which it was paid.
    pub settled: BlockNumber,
}

/// A task that is posted and not yet paid.
struct OpenTask {
    submitted: BlockNumber,
    committed: BlockNumber,
    worker: Option<AccountId>,
    tree: Option<TileTree>,
    seed: Hash,
    sample: Vec<u32>,
    auditors: usize,
    sealed: usize,
}

/// A report that a worker owes.
struct Owed {
    report: Report,
    round: Hash,
    sent: Option<BlockNumber>,
}

/// The workers.
pub struct Crowd {
    genesis: Hash,
    tiles: u32,
    signers: HashMap<AccountId, Signer>,
    tasks: HashMap<TaskId, OpenTask>,
    owed: BTreeMap<(AccountId, TaskId), Owed>,
    /// The lives of paid jobs.
    pub settled: Vec<JobLife>,
    /// Failed tasks and attempts, and refused reports.
    pub failures: Vec<String>,
    /// Numbers of reports sent, and of the transactions with them.
    pub sent: (u64, u64),
}

impl Crowd {
    /// The workers of a chain on which every job has one task of `tiles` tiles.
    pub fn new(genesis: Hash, workers: &[Signer], tiles: u32) -> Self {
        let signers = workers.iter().map(|worker| (worker.account.clone(), worker.clone())).collect();
        Self {
            genesis,
            tiles,
            signers,
            tasks: HashMap::new(),
            owed: BTreeMap::new(),
            settled: Vec::new(),
            failures: Vec::new(),
            sent: (0, 0),
        }
    }

    /// Number of jobs that are posted and not yet paid.
    pub fn open(&self) -> usize {
        self.tasks.len()
    }

    /// Number of jobs that wait for a worker.
    pub fn unassigned(&self) -> usize {
        self.tasks.values().filter(|task| task.worker.is_none()).count()
    }

    fn leaves(&self, task: TaskId) -> Vec<Hash> {
        (0..self.tiles).map(|tile| leaf(&self.genesis, task, tile, &[tile as u8; TILE_BYTES as usize])).collect()
    }

    /// Collect the workers' duties from a block. Returns the numbers of jobs posted and paid in it.
    ///
    /// # Errors
    ///
    /// When an event cannot occur in an honest crowd.
    pub fn see(&mut self, block: &Best) -> Result<(u32, u32)> {
        let (mut posted, before) = (0, self.settled.len());
        for event in &block.events {
            match event {
                RuntimeEvent::Jobs(event) => match event {
                    Job::JobSubmitted { job, .. } => {
                        posted += 1;
                        self.submitted(*job, block.number);
                    }
                    Job::TaskSettled { task, worker, .. } => self.settled(*task, worker, block.number)?,
                    Job::TaskFailed { task, reason, .. } => {
                        self.tasks.remove(task);
                        self.failures.push(format!("task {task} failed: {reason:?}"));
                    }
                    _ => {}
                },
                RuntimeEvent::ProofOfCompute(event) => self.duty(event, block.number)?,
                _ => {}
            }
        }
        Ok((posted, (self.settled.len() - before) as u32))
    }

    fn submitted(&mut self, job: JobId, block: BlockNumber) {
        let task = OpenTask {
            submitted: block,
            committed: 0,
            worker: None,
            tree: None,
            seed: Hash::zero(),
            sample: Vec::new(),
            auditors: 0,
            sealed: 0,
        };
        self.tasks.insert(TaskId { job, index: 0 }, task);
    }

    fn settled(&mut self, task: TaskId, worker: &AccountId, block: BlockNumber) -> Result<()> {
        self.owed.remove(&(worker.clone(), task));
        let OpenTask { submitted, committed, .. } =
            self.tasks.remove(&task).context("a task is paid that was not posted")?;
        self.settled.push(JobLife { submitted, committed, settled: block });
        Ok(())
    }

    fn duty(&mut self, event: &Proof<Runtime>, now: BlockNumber) -> Result<()> {
        match event {
            Proof::TaskAssigned { task, attempt, worker, .. } => self.assigned(*task, *attempt, worker)?,
            Proof::TaskCommitted { task, worker, .. } => {
                self.owed.remove(&(worker.clone(), *task));
                self.tasks.get_mut(task).context("an unknown task is committed to")?.committed = now;
            }
            Proof::AuditorsDrawn { task, seed, samples, auditors } => self.drawn(*task, *seed, *samples, auditors)?,
            Proof::TaskSealed { task, by } => self.sealed(*task, by)?,
            Proof::TaskDisputed { task, .. } => self.failures.push(format!("task {task} is disputed")),
            Proof::AttemptFailed { task, reason, .. } => {
                self.failures.push(format!("an attempt at task {task} failed: {reason:?}"));
            }
            Proof::ReportRejected { task, error, .. } => {
                self.failures.push(format!("a report on task {task} was rejected: {error:?}"));
            }
            _ => {}
        }
        Ok(())
    }

    /// The worker of a task owes its commitment.
    fn assigned(&mut self, task: TaskId, attempt: u8, worker: &AccountId) -> Result<()> {
        let tree = TileTree::new(self.leaves(task));
        let commitment =
            Commitment { root: tree.root(), output_len: u64::from(self.tiles) * u64::from(TILE_BYTES), kernel_ms: 1 };
        let known = self.tasks.get_mut(&task).context("a task is assigned that was not posted")?;
        (known.worker, known.tree) = (Some(worker.clone()), Some(tree));
        self.owe(worker, task, Report::Commit { task, attempt, commitment }, Hash::zero());
        Ok(())
    }

    /// Each auditor of a task owes a seal.
    fn drawn(&mut self, task: TaskId, seed: Hash, samples: u32, auditors: &[AccountId]) -> Result<()> {
        let sampled = sample(seed, self.tiles, samples);
        let known = self.tasks.get_mut(&task).context("an unknown task is audited")?;
        let tree = known.tree.as_ref().context("a task is audited without a commitment")?;
        let leaves: Vec<Hash> = sampled.iter().filter_map(|tile| tree.leaves().get(*tile as usize).copied()).collect();
        (known.seed, known.sample, known.auditors, known.sealed) = (seed, sampled, auditors.len(), 0);
        for auditor in auditors {
            let report = Report::Seal { task, attempt: 0, seal: seal(auditor, task, 0, &leaves) };
            self.owe(auditor, task, report, seed);
        }
        Ok(())
    }

    /// With the last seal, the worker owes the opening.
    fn sealed(&mut self, task: TaskId, by: &AccountId) -> Result<()> {
        self.owed.remove(&(by.clone(), task));
        let known = self.tasks.get_mut(&task).context("an unknown task is sealed")?;
        known.sealed += 1;
        if known.sealed != known.auditors {
            return Ok(());
        }
        let tree = known.tree.as_ref().context("a task is sealed without a commitment")?;
        let (leaves, proof) = tree.open(&known.sample).context("the sample is one of this task")?;
        let (leaves, proof) = (leaves.try_into(), proof.try_into());
        let (Ok(leaves), Ok(proof)) = (leaves, proof) else { anyhow::bail!("too long an opening") };
        let (round, worker) = (known.seed, known.worker.clone().context("sealed, but not assigned")?);
        self.owe(&worker, task, Report::Open { task, attempt: 0, leaves, proof }, round);
        Ok(())
    }

    fn owe(&mut self, who: &AccountId, task: TaskId, report: Report, round: Hash) {
        self.owed.insert((who.clone(), task), Owed { report, round, sent: None });
    }

    /// The transactions with which the workers answer a block.
    ///
    /// # Errors
    ///
    /// When a worker has no key.
    pub fn reports(&mut self, now: BlockNumber) -> Result<Vec<Bytes>> {
        let mut batches: BTreeMap<AccountId, Vec<(Hash, Report)>> = BTreeMap::new();
        for ((who, _), owed) in &mut self.owed {
            if owed.sent.is_none_or(|at| now >= at + RETRY_BLOCKS) {
                owed.sent = Some(now);
                batches.entry(who.clone()).or_default().push((owed.round, owed.report.clone()));
            }
        }
        let mut transactions = Vec::new();
        for (who, reports) in batches {
            let signer = self.signers.get(&who).context("an unknown worker is drawn")?;
            for batch in reports.chunks(MAX_REPORTS as usize) {
                let transaction = wire(&authorised(self.call(signer, batch)?));
                self.sent.0 += batch.len() as u64;
                self.sent.1 += 1;
                transactions.push(transaction);
            }
        }
        Ok(transactions)
    }

    fn call(&self, signer: &Signer, batch: &[(Hash, Report)]) -> Result<Call<Runtime>> {
        let genesis = &self.genesis;
        let worker = signer.account.clone();
        if let [(round, report)] = batch {
            return Ok(match report.clone() {
                Report::Commit { task, attempt, commitment } => {
                    let message = report_message(Step::Commit, genesis, task, attempt, *round, &commitment);
                    Call::commit { task, attempt, commitment, signature: signer.sign(&message).into() }
                }
                Report::Seal { task, attempt, seal } => {
                    let message = report_message(Step::Seal, genesis, task, attempt, *round, &seal);
                    Call::seal { task, attempt, auditor: worker, seal, signature: signer.sign(&message).into() }
                }
                Report::Open { task, attempt, leaves, proof } => {
                    let message = report_message(Step::Open, genesis, task, attempt, *round, &(&leaves, &proof));
                    Call::open { task, attempt, leaves, proof, signature: signer.sign(&message).into() }
                }
                other => anyhow::bail!("nobody of this crowd says {other:?}"),
            });
        }
        let (rounds, reports): (Vec<Hash>, Vec<Report>) = batch.iter().cloned().unzip();
        let signature = signer.sign(&batch_message(genesis, &rounds, &reports)).into();
        let reports = reports.try_into();
        let Ok(reports) = reports else { anyhow::bail!("too many reports") };
        Ok(Call::report_many { worker, reports, signature })
    }

    /// Check that there was no failure, as is expected in an honest crowd.
    ///
    /// # Errors
    ///
    /// Names the first failures.
    pub fn check(&self) -> Result<()> {
        let few: Vec<&String> = self.failures.iter().take(5).collect();
        ensure!(few.is_empty(), "{} failures: {few:?}", self.failures.len());
        Ok(())
    }
}
