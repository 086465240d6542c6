//! The lives of the jobs, as the chain's events tell them.

use anyhow::{Context, Result};
use dpin_primitives::{AccountId, BlockNumber, Hash, JobId, TaskId};
use dpin_runtime::RuntimeEvent;
use dpin_tests::{
    books::{Books, Payment},
    client::Block,
    network::name,
    progress,
};
use std::collections::BTreeMap;

/// The life of a task, from the chain's events.
#[derive(Default)]
pub(crate) struct TaskLife {
    attempts: u32,
    pub worker: Option<AccountId>,
    kernel_ms: u32,
    samples: u32,
    committed: BlockNumber,
    pub root: Option<Hash>,
    settled: bool,
    closed: usize,
}

/// The lives of the jobs, from the chain's events.
#[derive(Default)]
pub(crate) struct Followed {
    submitted: BTreeMap<JobId, BlockNumber>,
    ended: BTreeMap<JobId, BlockNumber>,
    pub tasks: BTreeMap<TaskId, TaskLife>,
    closed: usize,
}

impl Followed {
    /// Enter the events of a block.
    pub(crate) fn see(&mut self, block: &Block) {
        use pallet_jobs::Event as Job;
        use pallet_proof_of_compute::Event as Proof;
        for event in &block.events {
            match event {
                RuntimeEvent::Jobs(Job::JobSubmitted { job, tasks, .. }) => {
                    self.submitted.insert(*job, block.number);
                    let ids = (0..*tasks).map(|index| TaskId { job: *job, index });
                    self.tasks.extend(ids.map(|task| (task, TaskLife::default())));
                }
                RuntimeEvent::Jobs(Job::JobEnded { job, .. }) => {
                    self.ended.insert(*job, block.number);
                }
                RuntimeEvent::Jobs(Job::TaskSettled { task, .. }) => self.close(*task, true),
                RuntimeEvent::Jobs(Job::TaskFailed { task, .. }) => self.close(*task, false),
                RuntimeEvent::ProofOfCompute(Proof::TaskAssigned { task, .. }) => self.task(*task).attempts += 1,
                RuntimeEvent::ProofOfCompute(Proof::TaskCommitted { task, worker, commitment }) => {
                    let life = self.task(*task);
                    life.worker = Some(worker.clone());
                    life.kernel_ms = commitment.kernel_ms;
                    life.committed = block.number;
                }
                RuntimeEvent::ProofOfCompute(Proof::AuditorsDrawn { task, samples, .. }) => {
                    self.task(*task).samples = *samples;
                }
                RuntimeEvent::ProofOfCompute(Proof::TaskVerified { task, root, .. }) => {
                    self.task(*task).root = Some(*root);
                }
                _ => (),
            }
        }
    }

    fn task(&mut self, task: TaskId) -> &mut TaskLife {
        self.tasks.entry(task).or_default()
    }

    /// The books list payments in the order in which tasks are closed.
    fn close(&mut self, task: TaskId, settled: bool) {
        let closed = self.closed;
        self.closed += 1;
        let life = self.task(task);
        (life.settled, life.closed) = (settled, closed);
    }

    /// The numbers of tasks, of verified tasks and of settled tasks.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let verified = self.tasks.values().filter(|life| life.root.is_some()).count();
        (self.tasks.len(), verified, self.tasks.values().filter(|life| life.settled).count())
    }

    /// Blocks from a job's submission to its complete output and to its settlement.
    pub(crate) fn blocks_of(&self, job: JobId) -> Result<String> {
        let submitted = self.submitted.get(&job).context("the job was submitted")?;
        let ended = self.ended.get(&job).context("the job has ended")?;
        let own = self.tasks.iter().filter(|(task, _)| task.job == job);
        let committed = own.map(|(_, life)| life.committed).max().context("the job has tasks")?;
        let output = committed.saturating_sub(*submitted);
        let settlement = ended.saturating_sub(*submitted);
        Ok(format!("{output} blocks from submission to output, {settlement} to settlement"))
    }

    /// Print a line for each task, with its payment.
    pub(crate) fn table(&self, books: &Books) {
        println!(
            "{:<6} {:<9} {:>8} {:>9} {:>8}  {:<18} {:>15} {:>17} {:>12} {:>12}",
            "task",
            "worker",
            "attempts",
            "kernel ms",
            "samples",
            "auditors",
            "worker got",
            "each auditor got",
            "revenue",
            "refund"
        );
        for (task, life) in &self.tasks {
            let Some(Payment { asset, worker, auditors, revenue, refund, .. }) = books.payments().get(life.closed)
            else {
                continue;
            };
            let amount = |amount: u128| progress::of_amount(amount, asset);
            println!(
                "{:<6} {:<9} {:>8} {:>9} {:>8}  {:<18} {:>15} {:>17} {:>12} {:>12}",
                task.to_string(),
                worker.as_ref().map_or("-".into(), |(account, _)| name(account)),
                life.attempts,
                life.kernel_ms,
                life.samples,
                progress::names(auditors.iter().map(|(account, _)| account)),
                amount(worker.as_ref().map_or(0, |(_, paid)| *paid)),
                amount(auditors.first().map_or(0, |(_, paid)| *paid)),
                amount(*revenue),
                amount(*refund),
            );
        }
    }
}
