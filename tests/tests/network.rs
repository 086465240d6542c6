//! Tests a network of real nodes, both without faults and with them.
//!
//! Every test has its own network; one runs at a time.

use anyhow::{Context, Result, bail, ensure};
use dpin_kernels::{conformance, mandelbrot::View, mlp_digits, throughput};
use dpin_primitives::{
    AccountId, AssetKind, BLC, BLC_UNIT, DPN, Hash, JobId, TaskId,
    api::TaskStage,
    blake2,
    job::{AuditPolicy, JobSpec, Samples, TaskCost, TaskCount},
    kernel::{KernelClass, KernelManifest, Param, Tiling},
    reason::ReasonCode,
};
use dpin_rpc::{BlobApiClient, ComputeApiClient};
use dpin_runtime::{Runtime, RuntimeCall, RuntimeEvent};
use dpin_tests::{
    actors::{self, Terms},
    books::Books,
    buyback,
    client::{Block, Blocks, Client},
    dpin::Dpin,
    network::{Network, NodeConfig, name, on_network, two_validators_and_two_workers},
    progress,
};
use pallet_canaries::Event as CanaryEvent;
use pallet_jobs::Event as JobEvent;
use pallet_proof_of_compute::{Event as ProofEvent, Stage, TaskState, Verdict};
use pallet_workers::{Event as WorkerEvent, Standing, Status};
use polkadot_sdk::sp_keyring::Sr25519Keyring::{
    self, Alice, AliceStash, Bob, BobStash, Charlie, CharlieStash, Dave, Eve, Ferdie,
};
use std::time::{Duration, Instant};

/// Time limit for the jobs of a test.
const LIMIT: Duration = Duration::from_secs(300);
/// Blocks between a fault and its slash, in tests that wait for the slash.
const SLASH_BLOCKS: u32 = 5;
/// Blocks for seals, openings and findings, as many processes share few cores.
const CHECK_BLOCKS: u32 = 20;
/// Blocks after which a jury of three is accepted if five cannot be drawn.
const JURY_BLOCKS: u32 = 12;

/// A part of the chain, with its blocks and its books.
struct Stretch {
    client: Client,
    blocks: Blocks,
    books: Books,
    workers: Vec<Sr25519Keyring>,
    paused: Vec<Sr25519Keyring>,
}

impl Stretch {
    /// Begin now. Eve is the requester.
    async fn begin(network: &Network) -> Result<Self> {
        let client = network.client(Alice).await?;
        let blocks = client.blocks().await?;
        let workers: Vec<Sr25519Keyring> = network.workers().into_iter().map(|(account, _)| account).collect();
        // Validators earn fees, whether they work or not.
        let accounts = network.nodes().iter().map(|node| node.account().to_account_id()).collect();
        let requesters = vec![Eve.to_account_id(), Ferdie.to_account_id()];
        let books = Books::open(&client, blocks.last(), accounts, requesters).await?;
        Ok(Self { client, blocks, books, workers, paused: Vec::new() })
    }

    /// Post jobs of Eve, all of which must be accepted.
    async fn post(&self, specs: Vec<JobSpec>) -> Result<Vec<JobId>> {
        let included = self.client.submit_all(Eve, specs.into_iter().map(actors::submit_job).collect()).await?;
        included.into_iter().map(actors::posted).collect()
    }

    /// Submit calls of Eve, all of which must succeed.
    async fn succeed(&self, calls: Vec<RuntimeCall>) -> Result<()> {
        let included = self.client.submit_all(Eve, calls).await?;
        included.into_iter().try_for_each(|call| call.ok().map(drop))
    }

    /// Wait until the jobs have ended. Returns all events since the last call.
    async fn until_ended(&mut self, jobs: &[JobId]) -> Result<Vec<RuntimeEvent>> {
        let begin = Instant::now();
        let seen = actors::until_ended(&mut self.blocks, jobs.iter().copied(), LIMIT, |block| {
            for (task, words) in block.events.iter().filter_map(progress::of_task) {
                println!("{:>4} s  block {:>3}  task {task}  {words}", begin.elapsed().as_secs(), block.number);
            }
        })
        .await?;
        self.enter(seen).await
    }

    /// Wait until every pending slash is carried out. Returns all events since the last call.
    async fn until_slashed(&mut self) -> Result<Vec<RuntimeEvent>> {
        let mut events = Vec::new();
        while self.books.pending_slashes().next().is_some() {
            let block = actors::in_time(LIMIT, self.blocks.next()).await.context("the chain does not go on")?;
            events.extend(self.enter(vec![block]).await?);
        }
        Ok(events)
    }

    /// Pause and resume workers so that only these can be drawn. Tasks in flight go on.
    async fn only(&mut self, active: &[Sr25519Keyring]) -> Result<()> {
        let (client, paused) = (&self.client, &self.paused);
        let turns = self.workers.iter().filter_map(|worker| {
            let call: RuntimeCall = match (active.contains(worker), paused.contains(worker)) {
                (true, true) => pallet_workers::Call::<Runtime>::resume {}.into(),
                (false, false) => pallet_workers::Call::<Runtime>::pause {}.into(),
                _ => return None,
            };
            Some(async move { client.submit(*worker, call).await?.ok() })
        });
        futures::future::try_join_all(turns).await?;
        self.paused = self.workers.iter().filter(|worker| !active.contains(worker)).copied().collect();
        Ok(())
    }

    async fn enter(&mut self, seen: Vec<Block>) -> Result<Vec<RuntimeEvent>> {
        for block in &seen {
            self.books.enter(&self.client, block).await?;
        }
        Ok(seen.into_iter().flat_map(|block| block.events).collect())
    }

    /// Check that the books balance and that no state of jobs is left.
    async fn end(mut self) -> Result<()> {
        self.until_slashed().await?;
        // By then the last calls are final.
        let (best, _) = self.client.best().await?;
        let mut seen = Vec::new();
        while seen.last().is_none_or(|block: &Block| block.number < best) {
            seen.push(actors::in_time(LIMIT, self.blocks.next()).await.context("the chain does not go on")?);
        }
        self.enter(seen).await?;
        self.books.close(&self.client, self.blocks.last()).await?;
        actors::nothing_left(&self.client, &[Eve, Ferdie], &self.workers).await
    }

    /// The stage of a task on the best chain; `None` if it is closed.
    async fn stage(&self, task: TaskId) -> Result<Option<Stage>> {
        let key = pallet_proof_of_compute::Tasks::<Runtime>::hashed_key_for(task);
        Ok(self.client.storage::<TaskState>(key, None).await?.map(|state| state.stage))
    }

    /// Wait until `is_there` accepts the stage of a task.
    async fn until_stage(&self, task: TaskId, is_there: impl Fn(&Stage) -> bool) -> Result<()> {
        let wait = async {
            while !self.stage(task).await?.is_some_and(|stage| is_there(&stage)) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok(())
        };
        actors::in_time(LIMIT, wait).await.with_context(|| format!("task {task} does not get there"))
    }

    /// The standing of a worker on the best chain.
    async fn standing(&self, worker: Sr25519Keyring) -> Result<Standing> {
        let key = pallet_workers::Standings::<Runtime>::hashed_key_for(worker.to_account_id());
        self.client.storage(key, None).await?.with_context(|| format!("{worker} is no worker"))
    }

    /// The cost of each task of a live job.
    async fn cost(&self, job: JobId) -> Result<TaskCost> {
        let key = pallet_jobs::Jobs::<Runtime>::hashed_key_for(job);
        let record: Option<pallet_jobs::JobRecord> = self.client.storage(key, None).await?;
        Ok(record.with_context(|| format!("job {job} is not live"))?.cost)
    }

    /// Post a job of one task while only `worker` can be drawn. Returns the job once the worker has
    /// the task.
    async fn post_to(&self, worker: Sr25519Keyring, spec: JobSpec) -> Result<JobId> {
        let job = *self.post(vec![spec]).await?.first().context("a job was posted")?;
        let task = TaskId { job, index: 0 };
        let assigned = async {
            loop {
                match self.stage(task).await? {
                    Some(Stage::Assigned { run, .. }) => {
                        ensure!(run.worker == worker.to_account_id(), "{} was drawn", name(&run.worker));
                        return Ok(job);
                    }
                    Some(Stage::Queued { .. }) => tokio::time::sleep(Duration::from_millis(100)).await,
                    stage => bail!("task {task} is not queued: {stage:?}"),
                }
            }
        };
        actors::in_time(LIMIT, assigned).await
    }

    /// The concatenated outputs of a job whose tasks are all settled.
    async fn output(&self, events: &[RuntimeEvent], job: JobId) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        for (index, (worker, root)) in (0..).zip(settled(events, job)?) {
            output.extend(actors::fetch_output(&self.client, TaskId { job, index }, &worker, root).await?);
        }
        Ok(output)
    }
}

/// The worker and the root of each of a job's tasks, in order. Every task must be settled exactly
/// once, and none may have failed.
fn settled(events: &[RuntimeEvent], job: JobId) -> Result<Vec<(AccountId, Hash)>> {
    let mut tasks: Vec<(u32, AccountId, Hash)> = Vec::new();
    for event in events {
        match event {
            RuntimeEvent::Jobs(JobEvent::TaskSettled { task, worker, .. }) if task.job == job => {
                // A challenged task may have been verified before it was found wrong and computed
                // again.
                let root = events.iter().rev().find_map(|event| match event {
                    RuntimeEvent::ProofOfCompute(ProofEvent::TaskVerified { task: verified, root, .. })
                        if verified == task =>
                    {
                        Some(*root)
                    }
                    _ => None,
                });
                tasks.push((task.index, worker.clone(), root.context("a task is settled unverified")?));
            }
            RuntimeEvent::Jobs(JobEvent::TaskFailed { task, reason, .. }) if task.job == job => {
                bail!("task {task} failed: {reason:?}");
            }
            _ => (),
        }
    }
    tasks.sort_unstable_by_key(|(index, ..)| *index);
    let indices: Vec<u32> = tasks.iter().map(|(index, ..)| *index).collect();
    ensure!(indices == (0..tasks.len() as u32).collect::<Vec<_>>(), "tasks {indices:?} were settled");
    ensure!(!tasks.is_empty(), "no task of job {job} was settled");
    Ok(tasks.into_iter().map(|(_, worker, root)| (worker, root)).collect())
}

/// The stake in planck of everybody who works on a task, audits it, judges it or challenges its
/// result. By default it is 1.5 times the reward; here that is never below the least stake.
fn stake(reward: u128) -> u128 {
    reward * 3 / 2
}

/// The failed attempts at a job's tasks: worker and reason.
fn failed_attempts(events: &[RuntimeEvent], job: JobId) -> Vec<(AccountId, ReasonCode)> {
    let of_job = events.iter().filter_map(|event| match event {
        RuntimeEvent::ProofOfCompute(ProofEvent::AttemptFailed { task, worker, reason, .. }) if task.job == job => {
            Some((worker.clone(), *reason))
        }
        _ => None,
    });
    of_job.collect()
}

/// The auditors drawn for a job's tasks, draw by draw.
fn auditors(events: &[RuntimeEvent], job: JobId) -> Vec<Vec<AccountId>> {
    let of_job = events.iter().filter_map(|event| match event {
        RuntimeEvent::ProofOfCompute(ProofEvent::AuditorsDrawn { task, auditors, .. }) if task.job == job => {
            Some(auditors.clone())
        }
        _ => None,
    });
    of_job.collect()
}

/// The verdicts of juries about a job's tasks.
fn verdicts(events: &[RuntimeEvent], job: JobId) -> Vec<Verdict> {
    let of_job = events.iter().filter_map(|event| match event {
        RuntimeEvent::ProofOfCompute(ProofEvent::DisputeSettled { task, verdict }) if task.job == job => Some(*verdict),
        _ => None,
    });
    of_job.collect()
}

/// The slashes set aside for a job's tasks: account, reason, and amount in planck.
fn slashes(events: &[RuntimeEvent], job: JobId) -> Vec<(AccountId, ReasonCode, u128)> {
    let of_job = events.iter().filter_map(|event| match event {
        RuntimeEvent::Workers(WorkerEvent::SlashPending { worker, task, reason, amount, .. }) if task.job == job => {
            Some((worker.clone(), *reason, *amount))
        }
        _ => None,
    });
    of_job.collect()
}

/// The kernel `entry` of this source, which writes one 32-bit number for each of its work-groups of
/// one work-item.
fn small_kernel(entry: &str, source: &str) -> KernelManifest {
    KernelManifest {
        source: blake2(source.as_bytes()),
        entry: entry.as_bytes().to_vec().try_into().unwrap(),
        params: vec![Param::Output].try_into().unwrap(),
        local_size: [1, 1, 1],
        tiling: Tiling::PerGroup { bytes: 4 },
        options: Default::default(),
        class: KernelClass::Raw,
    }
}

/// A kernel whose whole output is one tile: the sum and the maximum of numbers that depend on a
/// seed.
const SUM: &str = "__kernel void sum(uint seed, __global uint *out) {\n\
    uint number = (uint)get_global_id(0) * 2654435761u + seed;\n\
    atomic_add(out, number);\n\
    atomic_max(out + 1, number ^ (number >> 7));\n\
}\n";
/// Number of these numbers.
const SUMMANDS: u32 = 1 << 16;
/// Seed of these numbers.
const SEED: u32 = 12_345;
/// The falsified tile, in tests that falsify a single one.
const FALSIFIED: u32 = 77;

fn sum_kernel() -> KernelManifest {
    KernelManifest {
        params: vec![Param::Scalar { bytes: 4 }, Param::Output].try_into().unwrap(),
        local_size: [64, 1, 1],
        tiling: Tiling::Whole { bytes: 8 },
        ..small_kernel("sum", SUM)
    }
}

/// The output of [`SUM`] for all numbers in this many tasks.
fn sums_reference(tasks: u32) -> Vec<u8> {
    let numbers: Vec<u32> = (0..SUMMANDS).map(|id| id.wrapping_mul(2_654_435_761).wrapping_add(SEED)).collect();
    let of_task = |part: &[u32]| {
        let sum = part.iter().fold(0u32, |sum, number| sum.wrapping_add(*number));
        let most = part.iter().map(|number| number ^ (number >> 7)).max().unwrap_or_default();
        [sum.to_le_bytes(), most.to_le_bytes()].concat()
    };
    numbers.chunks((SUMMANDS / tasks) as usize).flat_map(of_task).collect()
}

/// A kernel that never ends.
const ENDLESS: &str = "__kernel void endless(__global uint *out) {\n\
    volatile __global uint *cell = out + dpin_tile();\n\
    while (1) *cell += 1;\n\
}\n";
/// A kernel that does not compile.
const BROKEN: &str = "__kernel void broken(__global uint *out) { out[0] = no_such_thing; }\n";

#[test]
fn jobs_are_paid_or_refunded_with_a_reason() {
    on_network(two_validators_and_two_workers(), async |network| {
        let mut stretch = Stretch::begin(network).await?;
        let client = stretch.client.clone();
        let digits = mlp_digits::digits_job()?;
        let (endless, broken) = (small_kernel("endless", ENDLESS), small_kernel("broken", BROKEN));
        let mut calls = actors::prepare(&digits)?;
        for (source, manifest) in [(ENDLESS, &endless), (BROKEN, &broken)] {
            calls.extend([actors::store(source.as_bytes()), actors::register_kernel(manifest.clone())]);
        }
        let prepare = async { stretch.succeed(calls).await };
        tokio::try_join!(actors::register_workers(&client, network.workers()), prepare)?;

        let digits_terms = Terms { asset: BLC, reward: 4 * BLC_UNIT, tasks: TaskCount::Exactly(2), ..Terms::default() };
        let short = Terms { run_blocks: 6, ..Terms::default() };
        let jobs = stretch
            .post(vec![
                actors::spec_of(&digits, digits_terms)?,
                actors::spec(endless.id(), [1, 1, 1], &[], vec![], short.clone())?,
                actors::spec(broken.id(), [1, 1, 1], &[], vec![], short)?,
            ])
            .await?;
        let [digits_id, endless_id, broken_id] = jobs[..] else { bail!("three jobs were posted") };
        let cost = stretch.cost(endless_id).await?;
        let events = stretch.until_ended(&jobs).await?;

        // The good job: its output is right, and every node reports it as settled.
        let output = stretch.output(&events, digits_id).await?;
        ensure!(output == digits.reference(0..digits.groups()), "the output is not the reference");
        ensure!(slashes(&events, digits_id).is_empty(), "an honest worker was slashed: {events:?}");
        let view = network.client(Bob).await?.rpc().job(digits_id).await?.context("Bob's node remembers the job")?;
        ensure!(view.ended.is_some() && view.tasks.len() == 2, "{view:?}");
        ensure!(view.tasks.iter().all(|task| task.stage == TaskStage::Settled), "{view:?}");
        let stored = network.client(Dave).await?.rpc().get(blake2(mlp_digits::WEIGHTS)).await?;
        ensure!(stored.is_some_and(|bytes| bytes.0 == mlp_digits::WEIGHTS), "Dave's node has another blob");

        // The other jobs: two workers found the same fault, nobody was slashed, and everything
        // except the reservation fee was refunded.
        for (job, is_expected) in [
            (endless_id, (|reason| *reason == ReasonCode::Timeout) as fn(&ReasonCode) -> bool),
            (broken_id, |reason| matches!(reason, ReasonCode::BuildFailed { .. })),
        ] {
            let attempts = failed_attempts(&events, job);
            ensure!(attempts.len() == 2 && attempts[0].0 != attempts[1].0, "{attempts:?}");
            ensure!(attempts.iter().all(|(_, reason)| is_expected(reason)), "{attempts:?}");
            ensure!(slashes(&events, job).is_empty(), "{:?}", slashes(&events, job));
            let end = events.iter().find_map(|event| match event {
                RuntimeEvent::Jobs(JobEvent::TaskFailed { task, reason, refund, fee }) if task.job == job => {
                    Some((*reason, *refund, *fee))
                }
                _ => None,
            });
            let (reason, refund, fee) = end.context("the task has failed")?;
            ensure!(is_expected(&reason), "{reason:?}");
            ensure!((refund, fee) == (cost.total() - cost.fee, cost.fee), "{refund} of {cost:?} went back");
        }

        // The node of each worker that reports a failed build serves the compiler's messages.
        for (worker, reason) in failed_attempts(&events, broken_id) {
            let hash = reason.log().context("a failed build has a log")?;
            let account = Sr25519Keyring::from_account_id(&worker).context("a worker of this network")?;
            let log = network.client(account).await?.rpc().log(hash).await?.context("the log is kept")?;
            ensure!(blake2(&log) == hash, "the log is another");
            let text = String::from_utf8_lossy(&log);
            ensure!(text.contains("no_such_thing"), "{text}");
        }
        // The command line finds the log from any node.
        let tried = failed_attempts(&events, broken_id);
        let bystander = network.nodes().iter().find(|node| {
            let account = node.account().to_account_id();
            tried.iter().all(|(worker, _)| *worker != account)
        });
        let bystander = bystander.context("two of four have tried")?;
        let folder = tempfile::tempdir()?;
        let dpin = Dpin::new(bystander.url(), "//Eve", folder.path());
        let log = dpin.ok(&["job", "log", &broken_id.to_string()]).await?;
        let of_worker = |(account, url): (Sr25519Keyring, String)| {
            log["from"] == url && log["worker"] == account.to_account_id().to_string()
        };
        ensure!(network.workers().into_iter().any(of_worker) && log["from"] != bystander.url(), "{log}");
        ensure!(log["text"].as_str().is_some_and(|text| text.contains("no_such_thing")), "{log}");
        stretch.end().await
    });
}

#[test]
fn a_killed_nodes_task_is_redone_elsewhere_and_paid_once_and_the_node_comes_back() {
    on_network(two_validators_and_two_workers(), async |network| {
        let mut stretch = Stretch::begin(network).await?;
        let client = stretch.client.clone();
        // Some seconds on two cores: most of the picture lies inside the set.
        let view = View { step: View::whole_set(512, 512, 1).step / 4, ..View::whole_set(512, 512, 6_000) };
        let slow = view.job()?;
        let quick = View::whole_set(64, 64, 100).job()?;
        let prepare = async { stretch.succeed(actors::prepare(&slow)?).await };
        let (charlies, others): (Vec<_>, Vec<_>) =
            network.workers().into_iter().partition(|(account, _)| *account == Charlie);
        let govern = actors::set_parameters(&client, vec![actors::slash_delay(SLASH_BLOCKS)?]);
        tokio::try_join!(actors::register_workers(&client, charlies), prepare, govern)?;

        let terms = Terms { run_blocks: 20, ..Terms::default() };
        let job = stretch.post_to(Charlie, actors::spec_of(&slow, terms)?).await?;
        network.kill(Charlie)?;
        // The owner of the dead node pauses it, so that it is not drawn as an auditor either.
        let pause = async { client.submit(Charlie, pallet_workers::Call::<Runtime>::pause {}).await?.ok() };
        tokio::try_join!(actors::register_workers(&client, others), pause)?;
        let events = stretch.until_ended(&[job]).await?;

        let charlie = Charlie.to_account_id();
        ensure!(failed_attempts(&events, job) == [(charlie.clone(), ReasonCode::WorkerSilent)], "{events:?}");
        let expected = [(charlie.clone(), ReasonCode::WorkerSilent, 15 * DPN / 10)];
        ensure!(slashes(&events, job) == expected, "{:?}", slashes(&events, job));
        ensure!(settled(&events, job)?.iter().all(|(worker, _)| *worker != charlie), "the dead was paid");
        let output = stretch.output(&events, job).await?;
        ensure!(output == slow.reference(0..slow.groups()), "the output is not the reference");

        network.restart(Charlie).await?;
        client.submit(Charlie, pallet_workers::Call::<Runtime>::resume {}).await?.ok()?;
        // No worker gets two tasks of a job, so each of the four gets one.
        let terms = Terms { tasks: TaskCount::Exactly(4), ..Terms::default() };
        let job = *stretch.post(vec![actors::spec_of(&quick, terms)?]).await?.first().context("a job was posted")?;
        let events = stretch.until_ended(&[job]).await?;
        ensure!(settled(&events, job)?.iter().any(|(worker, _)| *worker == charlie), "Charlie does not go on");
        ensure!(slashes(&events, job).is_empty(), "an honest worker was slashed: {:?}", slashes(&events, job));
        let output = stretch.output(&events, job).await?;
        ensure!(output == quick.reference(0..quick.groups()), "the output is not the reference");
        stretch.end().await
    });
}

#[test]
fn two_workers_that_cheat_are_slashed_and_every_job_is_right() {
    let (falsifier, liar) = (Charlie, Dave);
    let honest = [Bob, AliceStash, BobStash, CharlieStash];
    let nodes = vec![
        NodeConfig::validator(Alice),
        NodeConfig::worker(Bob),
        NodeConfig::worker(falsifier).faulty("wrong-tiles:0.5"),
        NodeConfig::worker(liar).faulty("lazy-auditor"),
        NodeConfig::worker(AliceStash),
        NodeConfig::worker(BobStash),
        NodeConfig::worker(CharlieStash),
    ];
    on_network(nodes, async |network| {
        let mut stretch = Stretch::begin(network).await?;
        let client = stretch.client.clone();
        let (picture, detail) = (View::whole_set(256, 256, 500).job()?, View::whole_set(128, 128, 500).job()?);
        let sum = sum_kernel();
        let mut calls = actors::prepare(&picture)?;
        calls.extend([actors::store(SUM.as_bytes()), actors::register_kernel(sum.clone())]);
        let prepare = async { stretch.succeed(calls).await };
        let parameters = [
            actors::slash_delay(SLASH_BLOCKS)?,
            actors::seal_blocks(CHECK_BLOCKS)?,
            actors::open_blocks(CHECK_BLOCKS)?,
        ];
        let govern = actors::set_parameters(&client, parameters.into());
        tokio::try_join!(actors::register_workers(&client, network.workers()), prepare, govern)?;

        // The future jurors earn some reputation first, which makes it likelier that they are
        // drawn.
        stretch.only(&honest).await?;
        let windowed = AuditPolicy { challenge_blocks: 4, ..AuditPolicy::default() };
        let pictures = Terms { tasks: TaskCount::Exactly(4), audit: windowed, ..Terms::default() };
        let sums = Terms { asset: BLC, reward: 10 * BLC_UNIT, tasks: TaskCount::Exactly(2), ..Terms::default() };
        let jobs = stretch
            .post(vec![
                actors::spec_of(&picture, pictures)?,
                actors::spec(sum.id(), [SUMMANDS, 1, 1], &[SEED.to_le_bytes().to_vec()], vec![], sums)?,
            ])
            .await?;
        let [picture_id, sum_id] = jobs[..] else { bail!("two jobs were posted") };
        let mut events = stretch.until_ended(&jobs).await?;
        let output = stretch.output(&events, picture_id).await?;
        ensure!(output == picture.reference(0..picture.groups()), "the output is not the reference");
        ensure!(stretch.output(&events, sum_id).await? == sums_reference(2), "the sums are not the reference");

        // There are never five jurors, so less time for the draw ends it sooner.
        actors::set_parameters(&client, vec![actors::draw_blocks(JURY_BLOCKS)?]).await?;
        // Each job has one auditor, so that there are workers left for a jury. The lazy one audits
        // an honest worker.
        let one = AuditPolicy { auditors: 1, ..AuditPolicy::default() };
        stretch.only(&[Bob]).await?;
        let terms = Terms { reward: 5 * DPN, audit: one, ..Terms::default() };
        let right = stretch.post_to(Bob, actors::spec_of(&picture, terms)?).await?;
        stretch.only(&[liar]).await?;
        stretch.until_stage(TaskId { job: right, index: 0 }, |stage| stage.audit().is_some()).await?;
        stretch.only(&honest).await?;
        events.extend(stretch.until_ended(&[right]).await?);
        // The other cheat works, and one of the future jurors audits it.
        stretch.only(&[falsifier]).await?;
        let whole = Terms { audit: AuditPolicy { samples: Samples::All, ..one }, ..Terms::default() };
        let wrong = stretch.post_to(falsifier, actors::spec_of(&detail, whole)?).await?;
        stretch.only(&honest).await?;
        events.extend(stretch.until_ended(&[wrong]).await?);

        // A jury sided with the worker whose auditor had lied, and convicted the worker that had
        // lied.
        let [charlie, dave] = [falsifier, liar].map(|cheat| cheat.to_account_id());
        ensure!(auditors(&events, right) == [vec![dave.clone()]], "{:?}", auditors(&events, right));
        ensure!(verdicts(&events, right) == [Verdict::WorkerRight], "{:?}", verdicts(&events, right));
        ensure!(verdicts(&events, wrong) == [Verdict::WorkerWrong], "{:?}", verdicts(&events, wrong));
        ensure!(failed_attempts(&events, right).is_empty(), "{:?}", failed_attempts(&events, right));
        let failed = failed_attempts(&events, wrong);
        ensure!(failed == [(charlie.clone(), ReasonCode::WrongResult)], "{failed:?}");

        // Every result is right, including that of the task that was computed again.
        for (job, work) in [(right, &picture), (wrong, &detail)] {
            let output = stretch.output(&events, job).await?;
            ensure!(output == work.reference(0..work.groups()), "the output of job {job} is not the reference");
        }
        ensure!(settled(&events, right)?.iter().all(|(worker, _)| *worker == Bob.to_account_id()), "{events:?}");
        ensure!(settled(&events, wrong)?.iter().all(|(worker, _)| *worker != charlie), "the cheat was paid");

        // An auditor has as much at stake as the worker. Both cheats lose it, and nobody else loses
        // anything.
        let (small, large) = (stake(5 * DPN), stake(10 * DPN));
        for (job, cheat, lost) in [(right, &dave, small), (wrong, &charlie, large)] {
            let found = slashes(&events, job);
            ensure!(found == [(cheat.clone(), ReasonCode::WrongResult, lost)], "job {job}: {found:?}");
        }
        ensure!([picture_id, sum_id].iter().all(|job| slashes(&events, *job).is_empty()), "{events:?}");
        events.extend(stretch.until_slashed().await?);
        let books = &stretch.books;
        for (cheat, lost) in [(&charlie, large), (&dave, small)] {
            ensure!(books.slashed(cheat) == lost, "{} lost {}", name(cheat), books.slashed(cheat));
        }
        // The requester is compensated for the wrong result, and the accused worker for its
        // auditor's lie.
        ensure!(books.claimed(&Eve.to_account_id()) == large / 10, "{books:?}");
        ensure!(books.claimed(&Bob.to_account_id()) >= small / 10, "{books:?}");

        // Both cheats are still registered, but cannot be drawn any more.
        stretch.only(&[liar, falsifier]).await?;
        for cheat in [liar, falsifier] {
            let standing = stretch.standing(cheat).await?;
            ensure!(standing.status == Status::Active && standing.position.is_none(), "{cheat}: {standing:?}");
        }
        stretch.end().await
    });
}

#[test]
fn challenges_and_reports_are_judged_after_the_audit() {
    let (falsifier, withholder) = (Charlie, Dave);
    let jury = [Alice, Bob, AliceStash, BobStash];
    let nodes = vec![
        NodeConfig::validator(Alice).working(),
        NodeConfig::validator(Bob).working(),
        NodeConfig::worker(falsifier).faulty(&format!("target-tile:{FALSIFIED}")),
        NodeConfig::worker(withholder).faulty("withheld-output"),
        NodeConfig::worker(AliceStash),
        NodeConfig::worker(BobStash),
    ];
    on_network(nodes, async |network| {
        let mut stretch = Stretch::begin(network).await?;
        let client = stretch.client.clone();
        let (picture, detail) = (View::whole_set(512, 512, 100).job()?, View::whole_set(64, 64, 100).job()?);
        let prepare = async { stretch.succeed(actors::prepare(&picture)?).await };
        // There are never five jurors, so less time for the draw ends it sooner.
        let parameters = [
            actors::slash_delay(SLASH_BLOCKS)?,
            actors::seal_blocks(CHECK_BLOCKS)?,
            actors::open_blocks(CHECK_BLOCKS)?,
            actors::draw_blocks(JURY_BLOCKS)?,
        ];
        actors::set_parameters(&client, parameters.into()).await?;
        tokio::try_join!(actors::register_workers(&client, network.workers()), prepare)?;

        // A sample of a few of 2,048 tiles misses the false one. Nobody audits the other two
        // results.
        stretch.only(&[falsifier]).await?;
        let slight = AuditPolicy { auditors: 1, samples: Samples::Count(1), challenge_blocks: 15 };
        let terms = Terms { audit: slight, ..Terms::default() };
        let falsified = stretch.post_to(falsifier, actors::spec_of(&picture, terms)?).await?;
        stretch.only(&[withholder]).await?;
        let none = AuditPolicy { auditors: 0, challenge_blocks: 40, ..AuditPolicy::default() };
        let terms = Terms { audit: none, ..Terms::default() };
        let withheld = stretch.post_to(withholder, actors::spec_of(&detail, terms.clone())?).await?;
        let cost = stretch.cost(withheld).await?;
        let right = stretch.post_to(withholder, actors::spec_of(&detail, terms)?).await?;
        let [falsified_task, withheld_task, right_task] =
            [falsified, withheld, right].map(|job| TaskId { job, index: 0 });
        for task in [withheld_task, right_task, falsified_task] {
            stretch.until_stage(task, |stage| matches!(stage, Stage::Verified { .. })).await?;
        }
        ensure!(
            actors::fetch_output(&client, withheld_task, &withholder.to_account_id(), Hash::zero()).await.is_err(),
            "the output is not withheld"
        );

        // Ferdie, who is neither requester nor worker, challenges a false tile and a right one.
        let challenge =
            |task, tile| -> RuntimeCall { pallet_proof_of_compute::Call::<Runtime>::challenge { task, tile }.into() };
        let challenges = vec![challenge(falsified_task, FALSIFIED), challenge(right_task, 0)];
        let challenges = client.submit_all(Ferdie, challenges);
        let report = pallet_proof_of_compute::Call::<Runtime>::report_unavailable { task: withheld_task };
        let (challenged, reported) = tokio::try_join!(challenges, client.submit(Eve, report))?;
        challenged.into_iter().chain([reported]).try_for_each(|call| call.ok().map(drop))?;
        stretch.only(&jury).await?;
        let mut events = stretch.until_ended(&[falsified, withheld, right]).await?;

        let [charlie, dave] = [falsifier, withholder].map(|cheat| cheat.to_account_id());
        ensure!(verdicts(&events, falsified) == [Verdict::WorkerWrong], "{:?}", verdicts(&events, falsified));
        ensure!(verdicts(&events, withheld) == [Verdict::WorkerWrong], "{:?}", verdicts(&events, withheld));
        ensure!(verdicts(&events, right) == [Verdict::WorkerRight], "{:?}", verdicts(&events, right));

        // The false result is computed again, the withheld one is refunded, and the right one is
        // paid.
        ensure!(failed_attempts(&events, falsified) == [(charlie.clone(), ReasonCode::WrongResult)], "{events:?}");
        let output = stretch.output(&events, falsified).await?;
        ensure!(output == picture.reference(0..picture.groups()), "the output is not the reference");
        let end = events.iter().find_map(|event| match event {
            RuntimeEvent::Jobs(JobEvent::TaskFailed { task, reason, refund, fee }) if *task == withheld_task => {
                Some((*reason, *refund, *fee))
            }
            _ => None,
        });
        let (reason, refund, fee) = end.context("the task was given up")?;
        ensure!(
            (reason, refund, fee) == (ReasonCode::OutputWithheld, cost.total(), 0),
            "{reason:?}, {refund} of {cost:?}"
        );
        ensure!(settled(&events, right)?.iter().all(|(worker, _)| *worker == dave), "{events:?}");

        // The challenger receives half of the finders' share for the false tile, and loses its bond
        // for the right one.
        let stake = stake(10 * DPN);
        let found: Vec<_> = [falsified, withheld].into_iter().flat_map(|job| slashes(&events, job)).collect();
        let expected = [(charlie, ReasonCode::WrongResult, stake), (dave, ReasonCode::OutputWithheld, stake)];
        ensure!(found == expected, "{found:?}");
        ensure!(slashes(&events, right).is_empty(), "{:?}", slashes(&events, right));
        events.extend(stretch.until_slashed().await?);
        let ferdie = Ferdie.to_account_id();
        let books = &stretch.books;
        ensure!((books.claimed(&ferdie), books.slashed(&ferdie)) == (stake / 10, stake), "{books:?}");
        ensure!(books.claimed(&Eve.to_account_id()) == 2 * (stake / 10), "{books:?}");
        stretch.end().await
    });
}

#[test]
fn devices_prove_themselves_at_the_same_moment_and_who_is_silent_is_warned() {
    let silent = Dave;
    let nodes = vec![
        NodeConfig::validator(Alice),
        NodeConfig::validator(Bob).working(),
        NodeConfig::worker(Charlie),
        // It audits others, but never finishes a task of its own.
        NodeConfig::worker(silent).faulty("silent:commit"),
    ];
    on_network(nodes, async |network| {
        let mut stretch = Stretch::begin(network).await?;
        let client = stretch.client.clone();
        let (conformance, throughput) = (conformance::job(0, 0)?, throughput::job(0, 1)?);
        let calls = [&conformance, &throughput].map(actors::prepare).into_iter().collect::<Result<Vec<_>>>()?;
        let prepare = async { stretch.succeed(calls.into_iter().flatten().collect()).await };
        tokio::try_join!(actors::register_workers(&client, network.workers()), prepare)?;
        let claim = pallet_canaries::Call::<Runtime>::claim { units: 8 };
        client.submit(Charlie, claim).await?.ok()?;
        let plan = pallet_canaries::Plan {
            conformance: conformance.kernel.manifest()?.id(),
            throughput: throughput.kernel.manifest()?.id(),
            period: 1_200,
            window: 12,
            conformance_groups: conformance::GROUPS,
            auditors: 1,
            samples: conformance::GROUPS,
        };
        actors::govern(&client, vec![pallet_canaries::Call::<Runtime>::set_plan { plan: Some(plan) }.into()]).await?;

        let mut events = Vec::new();
        let is_closed = |event: &RuntimeEvent| matches!(event, RuntimeEvent::Canaries(CanaryEvent::RoundClosed { .. }));
        let closed = async {
            while !events.iter().any(is_closed) {
                let block = stretch.blocks.next().await?;
                events.extend(stretch.enter(vec![block]).await?);
            }
            Ok(())
        };
        actors::in_time(LIMIT, closed).await?;

        let mut passports: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                RuntimeEvent::Canaries(CanaryEvent::PassportIssued { worker, passport }) => {
                    Some((name(worker), passport.score, passport.fp64))
                }
                _ => None,
            })
            .collect();
        passports.sort();
        let expected = [("Bob".to_string(), pallet_canaries::DEFAULT_UNITS, true), ("Charlie".into(), 8, true)];
        ensure!(passports == expected, "{passports:?} in {events:?}");
        let warned: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                RuntimeEvent::Workers(WorkerEvent::Warned { worker, .. }) => Some(name(worker)),
                _ => None,
            })
            .collect();
        ensure!(warned == [name(&silent.to_account_id())], "{warned:?}");
        ensure!(
            !events.iter().any(|event| matches!(event, RuntimeEvent::Workers(WorkerEvent::SlashPending { .. }))),
            "somebody is slashed: {events:?}"
        );
        stretch.end().await
    });
}

#[test]
fn fees_in_blc_buy_dpn_back_that_are_burned_and_those_who_worked_get_less_than_that() {
    on_network(buyback::nodes(), async |network| buyback::run(network).await.map(drop));
}

#[test]
fn calls_that_cannot_be_served_name_their_error_and_hold_nothing() {
    let nodes = vec![NodeConfig::validator(Alice), NodeConfig::validator(Bob)];
    on_network(nodes, async |network| {
        let mut stretch = Stretch::begin(network).await?;
        let digits = mlp_digits::digits_job()?;
        stretch.succeed(actors::prepare(&digits)?).await?;

        let good = actors::spec_of(&digits, Terms::default())?;
        let changed = |change: fn(&mut JobSpec)| {
            let mut spec = good.clone();
            change(&mut spec);
            actors::submit_job(spec)
        };
        let stranger = small_kernel("stranger", "never stored");
        let unknown = TaskId { job: 7, index: 0 };
        let expected: Vec<(RuntimeCall, &str)> = vec![
            (changed(|spec| spec.kernel = Hash::zero()), "Jobs.UnknownKernel"),
            (changed(|spec| spec.inputs[1] = Hash::zero()), "Jobs.UnknownBlob"),
            (changed(|spec| spec.inputs = Default::default()), "Jobs.WrongInputCount"),
            (changed(|spec| spec.global_size = [29 * 64 + 1, 1, 1]), "Jobs.InvalidGlobalSize"),
            (changed(|spec| spec.scalars = Default::default()), "Jobs.WrongScalarCount"),
            (changed(|spec| spec.scalars[0] = vec![0; 8].try_into().unwrap()), "Jobs.WrongScalarWidth"),
            (changed(|spec| spec.tasks = TaskCount::Exactly(30)), "Jobs.InvalidTaskCount"),
            (changed(|spec| spec.run_blocks = 0), "Jobs.InvalidDeadline"),
            (changed(|spec| spec.reward.per_task = 0), "Jobs.RewardTooLow"),
            (changed(|spec| spec.reward.asset = AssetKind::WithId(99)), "Jobs.UnknownAsset"),
            (changed(|spec| spec.reward.per_task = 10_000_000 * DPN), "Jobs.InsufficientBalance"),
            (
                changed(|spec| {
                    spec.reward.asset = BLC;
                    spec.reward.per_task = 10_000_000 * BLC_UNIT;
                }),
                "Jobs.InsufficientBalance",
            ),
            (changed(|spec| spec.reward.per_task = u128::MAX), "Jobs.CostOverflow"),
            (actors::register_kernel(digits.kernel.manifest()?), "Jobs.AlreadyRegistered"),
            (actors::register_kernel(stranger), "Jobs.UnknownBlob"),
            (actors::store(b""), "Blobs.Empty"),
            (actors::store(mlp_digits::WEIGHTS), "Blobs.AlreadyStored"),
            (pallet_blobs::Call::<Runtime>::remove { hash: blake2(mlp_digits::WEIGHTS) }.into(), ""),
            (actors::submit_job(good.clone()), "Jobs.UnknownBlob"),
            (pallet_blobs::Call::<Runtime>::remove { hash: Hash::zero() }.into(), "Blobs.UnknownBlob"),
            (pallet_jobs::Call::<Runtime>::cancel_job { job: 7 }.into(), "Jobs.UnknownJob"),
            (
                pallet_proof_of_compute::Call::<Runtime>::expire_task { task: unknown }.into(),
                "ProofOfCompute.UnknownTask",
            ),
            (pallet_workers::Call::<Runtime>::bond { amount: DPN }.into(), "Workers.UnknownWorker"),
            (actors::store(mlp_digits::WEIGHTS), ""),
        ];
        let (calls, names): (Vec<RuntimeCall>, Vec<&str>) = expected.into_iter().unzip();
        let included = stretch.client.submit_all(Eve, calls).await?;
        for (position, (included, name)) in included.into_iter().zip(names).enumerate() {
            let outcome = included.outcome.err().unwrap_or_default();
            ensure!(outcome == name, "call {position}: expected `{name}`, got `{outcome}`");
        }

        // Nobody works here, so a job waits until it is cancelled. Only its requester can do that,
        // and everything is refunded.
        let job = *stretch.post(vec![good]).await?.first().context("a job was posted")?;
        let cancel = || -> RuntimeCall { pallet_jobs::Call::<Runtime>::cancel_job { job }.into() };
        let stranger = stretch.client.submit(Ferdie, cancel()).await?;
        ensure!(stranger.outcome == Err("Jobs.NotRequester".into()), "{stranger:?}");
        stretch.succeed(vec![cancel()]).await?;
        let events = stretch.until_ended(&[job]).await?;
        let cancelled = events.iter().find_map(|event| match event {
            RuntimeEvent::Jobs(JobEvent::TaskFailed { reason: ReasonCode::Cancelled, fee, .. }) => Some(*fee),
            _ => None,
        });
        ensure!(cancelled == Some(0), "{events:?}");
        let again = stretch.client.submit(Eve, cancel()).await?;
        ensure!(again.outcome == Err("Jobs.UnknownJob".into()), "{again:?}");
        stretch.end().await
    });
}
