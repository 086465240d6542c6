//! Checks the load and the disturbances against the finalised chain.

use super::{Toll, chaos::Outage, load::Posted};
use crate::{
    actors,
    client::{Block, Client},
    network::name,
    progress,
};
use anyhow::Result;
use dpin_primitives::{AccountId, BlockNumber, Hash, JobId, TaskId, reason::ReasonCode, split::task_groups};
use dpin_runtime::RuntimeEvent;
use pallet_jobs::Event as JobEvent;
use pallet_proof_of_compute::Event as ProofEvent;
use pallet_workers::Event as WorkerEvent;
use std::collections::{BTreeMap, BTreeSet};

/// Undisturbed time in which a worker can see a duty, do the work of this load, and get its report
/// into a block: four slots, in milliseconds.
pub const ENOUGH_MS: u64 = 12_000;

/// A slash set aside.
#[derive(Clone, Debug)]
struct Slash {
    worker: AccountId,
    task: TaskId,
    reason: ReasonCode,
    block: BlockNumber,
    /// The times at which the duty began and the slash was set aside, in milliseconds since 1970.
    window: (u64, u64),
}

/// Reads the chain block by block.
#[derive(Debug)]
pub struct Judge {
    posted: BTreeMap<JobId, Posted>,
    outages: Vec<Outage>,
    ended: BTreeSet<JobId>,
    /// The time at which each account got its last duty for a task.
    duties: BTreeMap<(TaskId, AccountId), u64>,
    roots: BTreeMap<TaskId, Hash>,
    /// Each closing of each task: the paid worker, or the reason for the failure.
    closed: BTreeMap<TaskId, Vec<Result<AccountId, ReasonCode>>>,
    slashes: Vec<Slash>,
}

impl Judge {
    /// Create a judge that knows the posted jobs and the outages of nodes.
    pub fn new(posted: &[Posted], outages: Vec<Outage>) -> Self {
        Self {
            posted: posted.iter().map(|job| (job.id, job.clone())).collect(),
            outages,
            ended: BTreeSet::new(),
            duties: BTreeMap::new(),
            roots: BTreeMap::new(),
            closed: BTreeMap::new(),
            slashes: Vec::new(),
        }
    }

    /// Whether every job has ended.
    pub fn all_ended(&self) -> bool {
        self.posted.keys().all(|job| self.ended.contains(job))
    }

    /// Read a block, whose time is `at` (milliseconds since 1970).
    pub fn see(&mut self, block: &Block, at: u64) {
        for event in &block.events {
            match event {
                RuntimeEvent::ProofOfCompute(event) => match event {
                    ProofEvent::TaskAssigned { task, worker, .. } => self.duty(*task, [worker], at),
                    // From now on the worker owes the opening.
                    ProofEvent::TaskCommitted { task, worker, .. } => self.duty(*task, [worker], at),
                    ProofEvent::AuditorsDrawn { task, auditors, .. } => self.duty(*task, auditors, at),
                    ProofEvent::JuryDrawn { task, jurors, .. } => self.duty(*task, jurors, at),
                    ProofEvent::TaskVerified { task, root, .. } => {
                        self.roots.insert(*task, *root);
                    }
                    _ => (),
                },
                RuntimeEvent::Jobs(JobEvent::TaskSettled { task, worker, .. }) => {
                    self.closed.entry(*task).or_default().push(Ok(worker.clone()));
                }
                RuntimeEvent::Jobs(JobEvent::TaskFailed { task, reason, .. }) => {
                    self.closed.entry(*task).or_default().push(Err(*reason));
                }
                RuntimeEvent::Jobs(JobEvent::JobEnded { job, .. }) => {
                    self.ended.insert(*job);
                }
                RuntimeEvent::Workers(WorkerEvent::SlashPending { worker, task, reason, .. }) => {
                    let from = self.duties.get(&(*task, worker.clone())).copied().unwrap_or_default();
                    let (worker, task, reason) = (worker.clone(), *task, *reason);
                    self.slashes.push(Slash { worker, task, reason, block: block.number, window: (from, at) });
                }
                _ => (),
            }
        }
    }

    fn duty<'a>(&mut self, task: TaskId, who: impl IntoIterator<Item = &'a AccountId>, at: u64) {
        self.duties.extend(who.into_iter().map(|account| ((task, account.clone()), at)));
    }

    /// The final result. Fetches the outputs of settled tasks from their workers and compares them
    /// with the reference.
    ///
    /// # Errors
    ///
    /// When the node does not answer. A worker that does not answer is counted instead.
    pub async fn toll(&self, client: &Client) -> Result<Toll> {
        let mut lost: Vec<String> = self
            .posted
            .keys()
            .filter(|job| !self.ended.contains(job))
            .map(|job| format!("job {job} has not ended"))
            .collect();
        for (task, endings) in &self.closed {
            let Some(job) = self.posted.get(&task.job) else { continue };
            match (endings.first(), &job.work) {
                (Some(Ok(worker)), Some(_)) => {
                    if let Err(error) = self.check_output(client, *task, worker, job).await {
                        lost.push(format!("task {task} ({}): {error:#}", job.name));
                    }
                }
                (Some(Err(reason)), Some(_)) => {
                    lost.push(format!("task {task} ({}) failed: {}", job.name, progress::of_reason(reason)));
                }
                (Some(Ok(worker)), None) => {
                    lost.push(format!("task {task} cannot be run, and {} is paid", name(worker)))
                }
                // A kernel that does not compile fails, either for that reason or because no second
                // worker reports it.
                (Some(Err(_)) | None, _) => (),
            }
        }
        let double_paid = self.closed.iter().filter(|(_, endings)| endings.len() > 1);
        let double_paid = double_paid.map(|(task, endings)| format!("task {task} was closed {} times", endings.len()));
        for slash in &self.slashes {
            println!("info: {}", self.describe(slash));
        }
        let needless = self.slashes.iter().filter(|slash| self.had_time(slash));
        Ok(Toll {
            jobs: self.posted.len(),
            lost,
            double_paid: double_paid.collect(),
            slashed_without_need: needless.map(|slash| self.describe(slash)).collect(),
        })
    }

    async fn check_output(&self, client: &Client, task: TaskId, worker: &AccountId, job: &Posted) -> Result<()> {
        use anyhow::{Context, ensure};
        let root = self.roots.get(&task).context("it is settled and was never verified")?;
        let output = actors::fetch_output(client, task, worker, *root).await?;
        let tasks = u32::try_from(self.closed.keys().filter(|other| other.job == task.job).count())?;
        let work = job.work.as_ref().context("it has a reference")?;
        let groups = task_groups(work.groups().into(), tasks, task.index).context("the job has this task")?;
        let groups = u32::try_from(groups.start)?..u32::try_from(groups.end)?;
        ensure!(output == work.reference(groups), "its output is not the reference");
        Ok(())
    }

    fn outages_of(&self, worker: &AccountId, window: (u64, u64)) -> Vec<(u64, u64)> {
        let own = self.outages.iter().filter(|outage| outage.account.to_account_id() == *worker);
        own.map(|outage| (outage.from, outage.until))
            .filter(|(from, until)| *from < window.1 && *until > window.0)
            .collect()
    }

    fn had_time(&self, slash: &Slash) -> bool {
        longest_calm(slash.window, &self.outages_of(&slash.worker, slash.window)) >= ENOUGH_MS
    }

    fn describe(&self, slash: &Slash) -> String {
        let Slash { worker, task, reason, block, window } = slash;
        let calm = longest_calm(*window, &self.outages_of(worker, *window));
        format!(
            "block {block}: {} is slashed for task {task} ({}), with {calm} ms undisturbed of {} ms",
            name(worker),
            progress::of_reason(reason),
            window.1.saturating_sub(window.0)
        )
    }
}

/// The longest part of a window, in milliseconds, without an outage. The outages are in the order
/// of their beginnings and may overlap.
pub fn longest_calm(window: (u64, u64), outages: &[(u64, u64)]) -> u64 {
    let (mut calm_from, mut longest) = (window.0, 0);
    for (from, until) in outages {
        longest = longest.max(from.min(&window.1).saturating_sub(calm_from));
        calm_from = calm_from.max(*until);
    }
    longest.max(window.1.saturating_sub(calm_from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kills::chaos::Outage;
    use polkadot_sdk::sp_keyring::Sr25519Keyring::{Alice, Bob};

    const TASK: TaskId = TaskId { job: 3, index: 0 };

    fn posted() -> Posted {
        Posted { id: 3, name: "a job", work: None }
    }

    fn block(number: BlockNumber, events: Vec<RuntimeEvent>) -> Block {
        Block { number, hash: Hash::default(), events }
    }

    fn slashed(outages: Vec<Outage>) -> bool {
        let mut judge = Judge::new(&[posted()], outages);
        let auditors = vec![Alice.to_account_id()];
        let drawn = ProofEvent::AuditorsDrawn { task: TASK, seed: Hash::default(), samples: 1, auditors };
        judge.see(&block(1, vec![drawn.into()]), 100_000);
        let pending = WorkerEvent::SlashPending {
            id: 0,
            worker: Alice.to_account_id(),
            task: TASK,
            reason: ReasonCode::WorkerSilent,
            amount: 1,
            due: 30,
        };
        judge.see(&block(11, vec![pending.into()]), 130_000);
        judge.had_time(&judge.slashes[0])
    }

    #[test]
    fn a_slash_is_needless_if_the_worker_was_never_disturbed() {
        assert!(slashed(vec![]));
        assert!(slashed(vec![Outage { account: Bob, from: 100_000, until: 130_000 }]), "another one was");
        assert!(slashed(vec![Outage { account: Alice, from: 60_000, until: 99_000 }]), "it was before");
    }

    #[test]
    fn an_outage_over_the_whole_window_may_cost_what_the_rules_say() {
        assert!(!slashed(vec![Outage { account: Alice, from: 99_000, until: 131_000 }]));
        assert!(!slashed(vec![Outage { account: Alice, from: 105_000, until: 120_000 }]), "10 s are not enough");
        assert!(slashed(vec![Outage { account: Alice, from: 105_000, until: 117_000 }]), "13 s are");
    }

    #[test]
    fn overlapping_outages_count_once() {
        assert_eq!(longest_calm((0, 100), &[]), 100);
        assert_eq!(longest_calm((0, 100), &[(10, 50), (20, 30), (40, 60)]), 40);
        assert_eq!(longest_calm((0, 100), &[(0, 200)]), 0);
        assert_eq!(longest_calm((50, 100), &[(0, 60), (95, 120)]), 35);
    }

    #[test]
    fn a_task_that_is_closed_twice_is_found_and_a_job_that_does_not_end() {
        let mut judge = Judge::new(&[posted(), Posted { id: 4, ..posted() }], vec![]);
        let failed = JobEvent::TaskFailed { task: TASK, reason: ReasonCode::Timeout, refund: 0, fee: 0 };
        let ended = |job| JobEvent::JobEnded { job, settled: 0, failed: 1 };
        judge.see(&block(1, vec![failed.clone().into(), failed.into(), ended(3).into()]), 0);
        assert_eq!(judge.closed[&TASK].len(), 2);
        assert!(!judge.all_ended(), "job 4 has not");
        judge.see(&block(2, vec![ended(4).into()]), 3_000);
        assert!(judge.all_ended());
    }
}
