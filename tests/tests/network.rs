//! A network of real nodes, and what happens on it when all goes well and when it does not.
//!
//! Every test has a network of its own; one runs at a time.

use anyhow::{bail, ensure, Context, Result};
use dpin_kernels::{mandelbrot::View, mlp_digits, Job};
use dpin_primitives::{
    blake2,
    job::{JobSpec, TaskCount},
    kernel::{KernelClass, KernelManifest, Param, Tiling},
    reason::ReasonCode,
    AccountId, AssetKind, Hash, JobId, TaskId, BLC, BLC_UNIT, DPN,
};
use dpin_rpc::{BlobApiClient, ComputeApiClient, StageView};
use dpin_runtime::{Runtime, RuntimeCall, RuntimeEvent};
use dpin_tests::{
    actors::{self, Terms},
    books::Books,
    client::{Block, Blocks, Client},
    network::{name, two_validators_and_two_workers, Network, NodeConfig},
    progress,
};
use pallet_jobs::Event as JobEvent;
use pallet_proof_of_compute::{Event as ProofEvent, Stage, TaskState};
use polkadot_sdk::sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long the jobs of a test may take.
const LIMIT: Duration = Duration::from_secs(240);

/// Run a scenario on a network of its own. If it fails, the ends of the nodes' logs are shown.
fn on_network(configs: Vec<NodeConfig>, scenario: impl AsyncFnOnce(&mut Network) -> Result<()>) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut network = Network::start(configs, None).await.unwrap();
        if let Err(error) = scenario(&mut network).await {
            panic!("{error:?}");
        }
    });
}

/// A stretch of the chain: what the nodes tell of it, and its books.
struct Stretch {
    client: Client,
    blocks: Blocks,
    books: Books,
    workers: Vec<Sr25519Keyring>,
}

impl Stretch {
    /// From now on. Eve is the requester.
    async fn begin(network: &Network) -> Result<Self> {
        let client = network.client(Alice).await?;
        let blocks = client.blocks().await?;
        let workers: Vec<Sr25519Keyring> = network.workers().into_iter().map(|(account, _)| account).collect();
        // Validators earn fees, workers or not.
        let accounts = network.nodes().iter().map(|node| node.account().to_account_id()).collect();
        let requesters = vec![Eve.to_account_id(), Ferdie.to_account_id()];
        let books = Books::open(&client, blocks.last(), accounts, requesters).await?;
        Ok(Self { client, blocks, books, workers })
    }

    /// Post jobs of Eve; all must be taken.
    async fn post(&self, specs: Vec<JobSpec>) -> Result<Vec<JobId>> {
        let included = self.client.submit_all(Eve, specs.into_iter().map(actors::submit_job).collect()).await?;
        included.into_iter().map(actors::posted).collect()
    }

    /// Submit calls of Eve; all must succeed.
    async fn succeed(&self, calls: Vec<RuntimeCall>) -> Result<()> {
        let included = self.client.submit_all(Eve, calls).await?;
        included.into_iter().try_for_each(|call| call.ok().map(drop))
    }

    /// Wait until the jobs have ended; returns all events since the last time.
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

    async fn enter(&mut self, seen: Vec<Block>) -> Result<Vec<RuntimeEvent>> {
        for block in &seen {
            self.books.enter(&self.client, block).await?;
        }
        Ok(seen.into_iter().flat_map(|block| block.events).collect())
    }

    /// The books balance and nothing is left behind.
    async fn end(mut self) -> Result<()> {
        // Calls that were made last are final by then.
        let (best, _) = self.client.best().await?;
        let mut seen = Vec::new();
        while seen.last().is_none_or(|block: &Block| block.number < best) {
            seen.push(actors::in_time(LIMIT, self.blocks.next()).await.context("the chain does not go on")?);
        }
        self.enter(seen).await?;
        self.books.close(&self.client, self.blocks.last()).await?;
        actors::nothing_left(&self.client, Eve, &self.workers).await
    }

    /// Where a task stands on the best chain, `None` if it is closed.
    async fn stage(&self, task: TaskId) -> Result<Option<Stage>> {
        let key = pallet_proof_of_compute::Tasks::<Runtime>::hashed_key_for(task);
        Ok(self.client.storage::<TaskState>(key, None).await?.map(|state| state.stage))
    }

    /// Post a job of one task while `worker` is the only one; returns it once the worker has that task.
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

    /// The outputs of a job whose every task is settled, put together.
    async fn output(&self, events: &[RuntimeEvent], job: JobId) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        for (index, (worker, root)) in (0..).zip(settled(events, job)?) {
            output.extend(actors::fetch_output(&self.client, TaskId { job, index }, &worker, root).await?);
        }
        Ok(output)
    }
}

/// Worker and root of each of a job's tasks, in order. Every task must be settled just once and none may have failed.
fn settled(events: &[RuntimeEvent], job: JobId) -> Result<Vec<(AccountId, Hash)>> {
    let mut tasks: Vec<(u32, AccountId, Hash)> = Vec::new();
    for event in events {
        match event {
            RuntimeEvent::Jobs(JobEvent::TaskSettled { task, worker, .. }) if task.job == job => {
                let root = events.iter().find_map(|event| match event {
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

/// Why attempts at a job's tasks failed, and who had made them.
fn failed_attempts(events: &[RuntimeEvent], job: JobId) -> Vec<(AccountId, ReasonCode)> {
    let of_job = events.iter().filter_map(|event| match event {
        RuntimeEvent::ProofOfCompute(ProofEvent::AttemptFailed { task, worker, reason, .. }) if task.job == job => {
            Some((worker.clone(), *reason))
        }
        _ => None,
    });
    of_job.collect()
}

/// Who was slashed for a job's tasks, why, and by how much.
fn slashes(events: &[RuntimeEvent], job: JobId) -> Vec<(AccountId, ReasonCode, u128)> {
    let of_job = events.iter().filter_map(|event| match event {
        RuntimeEvent::ProofOfCompute(ProofEvent::Slashed { worker, task, reason, amount }) if task.job == job => {
            Some((worker.clone(), *reason, *amount))
        }
        _ => None,
    });
    of_job.collect()
}

/// The kernel `entry` of this source, which writes one 32-bit number for each of its work-groups of one work-item.
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
        let kept =
            client.storage::<pallet_jobs::JobRecord>(pallet_jobs::Jobs::<Runtime>::hashed_key_for(endless_id), None);
        let cost = kept.await?.context("a job that was just posted is live")?.cost;
        let events = stretch.until_ended(&jobs).await?;

        // The good job: its output is right, and every node tells that it is settled.
        let output = stretch.output(&events, digits_id).await?;
        ensure!(output == digits.reference(0..digits.groups()), "the output is not the reference");
        ensure!(slashes(&events, digits_id).is_empty(), "an honest worker was slashed: {events:?}");
        let view = network.client(Bob).await?.rpc().job(digits_id).await?.context("Bob's node remembers the job")?;
        ensure!(view.ended.is_some() && view.tasks.len() == 2, "{view:?}");
        ensure!(view.tasks.iter().all(|task| task.stage == StageView::Settled), "{view:?}");
        let stored = network.client(Dave).await?.rpc().get(blake2(mlp_digits::WEIGHTS)).await?;
        ensure!(stored.is_some_and(|bytes| bytes.0 == mlp_digits::WEIGHTS), "Dave's node has another blob");

        // The others: two workers found the same fault, nobody was slashed, and all but the reservation fee went back.
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

        // What the compiler said can be read at the node of the worker that says so.
        for (worker, reason) in failed_attempts(&events, broken_id) {
            let hash = reason.log().context("a failed build has a log")?;
            let account = Sr25519Keyring::from_account_id(&worker).context("a worker of this network")?;
            let log = network.client(account).await?.rpc().log(hash).await?.context("the log is kept")?;
            ensure!(blake2(&log) == hash, "the log is another");
            let text = String::from_utf8_lossy(&log);
            ensure!(text.contains("no_such_thing"), "{text}");
        }
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
        tokio::try_join!(actors::register_workers(&client, charlies), prepare)?;

        let terms = Terms { run_blocks: 12, ..Terms::default() };
        let job = stretch.post_to(Charlie, actors::spec_of(&slow, terms)?).await?;
        network.kill(Charlie)?;
        // Its owner sees to it that the dead node is not drawn as an auditor either.
        let pause = async { client.submit(Charlie, pallet_workers::Call::<Runtime>::pause {}).await?.ok() };
        tokio::try_join!(actors::register_workers(&client, others), pause)?;
        let events = stretch.until_ended(&[job]).await?;

        let charlie = Charlie.to_account_id();
        ensure!(failed_attempts(&events, job) == [(charlie.clone(), ReasonCode::WorkerSilent)], "{events:?}");
        ensure!(slashes(&events, job).iter().all(|(who, ..)| *who == charlie), "{:?}", slashes(&events, job));
        ensure!(slashes(&events, job).len() == 1, "silence was not slashed");
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
fn a_worker_that_commits_wrong_bytes_is_slashed_and_the_task_redone() {
    let nodes = vec![
        NodeConfig::validator(Alice).working(),
        NodeConfig::validator(Bob).working(),
        NodeConfig::worker(Charlie).faulty("wrong-tiles:1.0"),
        NodeConfig::worker(Dave),
    ];
    on_network(nodes, async |network| {
        let mut stretch = Stretch::begin(network).await?;
        let client = stretch.client.clone();
        let picture: Job = View::whole_set(256, 256, 500).job()?;
        let prepare = async { stretch.succeed(actors::prepare(&picture)?).await };
        let (charlies, others): (Vec<_>, Vec<_>) =
            network.workers().into_iter().partition(|(account, _)| *account == Charlie);
        tokio::try_join!(actors::register_workers(&client, charlies), prepare)?;

        let job = stretch.post_to(Charlie, actors::spec_of(&picture, Terms::default())?).await?;
        actors::register_workers(&client, others).await?;
        let events = stretch.until_ended(&[job]).await?;

        let charlie = Charlie.to_account_id();
        ensure!(failed_attempts(&events, job) == [(charlie.clone(), ReasonCode::WrongResult)], "{events:?}");
        let slashes = slashes(&events, job);
        ensure!(
            matches!(&slashes[..], [(who, ReasonCode::WrongResult, amount)] if *who == charlie && *amount >= 15 * DPN),
            "{slashes:?}"
        );
        ensure!(settled(&events, job)?.iter().all(|(worker, _)| *worker != charlie), "the cheat was paid");
        let output = stretch.output(&events, job).await?;
        ensure!(output == picture.reference(0..picture.groups()), "the output is not the reference");
        stretch.end().await
    });
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

        // Nobody works here, so a job waits until its requester, and nobody else, cancels it; all of it goes back.
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
