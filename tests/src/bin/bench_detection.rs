//! `bench-detection`: measures how often the chain catches a worker that gets some of its tiles
//! wrong.
//!
//! # Real and simulated parts
//!
//! The runtime is real, compiled for this machine. Jobs are posted and paid by its calls, and
//! workers are drawn by its lotteries. Every report is signed by a worker key, passes its own
//! authorisation and is dispatched. Only the outside of the chain is simulated. The VRF output of
//! each block is a hash of the block's number. Instead of an executor, a rule decides which tiles a
//! worker has computed and how. A faulty worker gets each tile wrong independently with probability
//! f. Auditors and jurors compute honestly. Everything except the salt within signatures follows
//! from one seed.
//!
//! # Measurement
//!
//! For each f and k, tasks of [`TILES`] tiles with k samples go to faulty workers, with one attempt
//! each. A task counts as caught if a jury convicted its worker: a slash for a wrong result is
//! pending. The rate must lie within the exact binomial interval around 1 − (1 − f)^k. The twelve
//! intervals must hold jointly with 95 %, so each has the level 0.95^(1/12) (Šidák). Also, no task
//! whose sample held a wrong tile may go uncaught, and each task must end either caught or paid.
//!
//! For these tasks governance has set `extra_samples` to 0, so that a sample has exactly k tiles
//! for any reputation of the worker. It has set `max_attempts` to 1, so that a task has one
//! attempt. It cancels each slash after counting it, which returns the worker's bond and
//! reputation: otherwise no workers would be left to draw.
//!
//! Then honest workers do tasks under the default parameters. No slash of any kind may be pending
//! for them.

#[path = "../sim/binomial.rs"]
mod binomial;

use anyhow::{ensure, Context, Result};
use binomial::interval;
use codec::Encode;
use dpin_primitives::{
    blake2,
    executor::Commitment,
    job::{AuditPolicy, JobSpec, Requirements, Reward, Samples, TaskCount},
    kernel::{KernelClass, KernelManifest, Param, Tiling},
    ranged::Ranged,
    reason::ReasonCode,
    sampling::Draws,
    seal::{salted_seal, seal},
    tile_tree::{leaf, TileTree},
    traits::WorkerHealth,
    worker::{possession_message, Device, DeviceClass, Fp32, Offer, WorkerKey, WorkerSignature},
    AccountId, AssetKind, Balance, BlockNumber, Hash, TaskId, DPN,
};
use dpin_runtime::{
    parameters::{dynamic::compute, RuntimeParameters},
    Balances, Blobs, Jobs, Parameters, ProofOfCompute, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
    Workers, DAYS,
};
use dpin_tests::genesis::chain;
use pallet_proof_of_compute::{
    reports::{report_message, Step},
    Call, Leaves, Proof, Stage, Tasks,
};
use polkadot_sdk::{
    frame_support::{
        pallet_prelude::TransactionSource,
        traits::{Authorize, Hooks},
        weights::Weight,
    },
    frame_system::RawOrigin,
    pallet_babe,
    sp_core::{sr25519, Pair},
    sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
    sp_keyring::Sr25519Keyring,
    sp_runtime::{traits::Dispatchable, DispatchError},
};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

/// The seed of all randomness.
const SEED: &[u8] = b"dpin/bench-detection/1";
/// The hash of the block before the first.
const GENESIS: Hash = Hash::repeat_byte(1);
/// Faulty fractions of the tiles, in thousandths.
const FRACTIONS: [u32; 4] = [1, 10, 100, 500];
/// Sizes of the sample.
const SAMPLES: [u32; 3] = [8, 32, 128];
/// Tasks measured for each fraction and size.
const TASKS: u32 = 1_000;
/// Tasks of honest workers.
const HONEST_TASKS: u32 = 10_000;
/// Tiles of a task.
const TILES: u32 = 1_024;
/// Bytes of a tile.
const TILE_BYTES: u32 = 4;
/// Reward of a task, in planck.
const REWARD: Balance = DPN;
/// Workers that get tiles wrong.
const FAULTY_WORKERS: u32 = 16;
/// Workers that compute every tile correctly.
const HONEST_WORKERS: u32 = 32;
/// Devices, and so slots, of a worker.
const DEVICES: usize = 8;
/// Initial balance of each worker, in planck.
const WEALTH: Balance = 100_000 * DPN;
/// The part of it that a worker adds to its least bond, in planck.
const BOND: Balance = 50_000 * DPN;
/// Tasks in flight at a time. With more, draws would be delayed so long that auditors would be left
/// out.
const IN_FLIGHT: usize = 40;
/// Tasks posted in a block: as many as one block can assign.
const POSTED_PER_BLOCK: u32 = 8;
/// The probability with which all intervals hold jointly.
const LEVEL: f64 = 0.95;

fn main() -> ExitCode {
    match run() {
        Ok(true) => {
            println!("detection: ok");
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("detection: failed");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("error: {error:#}");
            println!("detection: failed");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    // A preset without workers.
    chain(LOCAL_TESTNET_RUNTIME_PRESET, json!({}))?.execute_with(|| {
        let mut bench = Bench::new()?;
        let trials = (FRACTIONS.len() * SAMPLES.len()) as u32;
        let level = jointly(LEVEL, trials);
        println!(
            "{TASKS} tasks of {TILES} tiles for each f and k; exact binomial intervals around 1 - (1 - f)^k, each at \
             {:.2} %, so that all {trials} hold jointly with {:.0} % (Sidak)",
            level * 100.0,
            LEVEL * 100.0
        );
        println!("extra_samples=0 and max_attempts=1 by set_parameter; each slash is cancelled once it is counted");

        set(compute::Parameters::ExtraSamples(compute::ExtraSamples, Some(Ranged::new(0))))?;
        set(compute::Parameters::MaxAttempts(compute::MaxAttempts, Some(Ranged::new(1))))?;
        let mut all_within = true;
        let mut overlooked = 0;
        for permille in FRACTIONS {
            for samples in SAMPLES {
                let tally = bench.run(Trial::faulty(permille, samples))?;
                let expected = 1.0 - (1.0 - f64::from(permille) / 1_000.0).powi(samples as i32);
                let accepted = interval(TASKS, expected, level);
                let within = accepted.contains(&tally.caught);
                all_within &= within;
                overlooked += tally.overlooked;
                let rate = |count: u32| f64::from(count) / f64::from(TASKS);
                println!(
                    "f={:<6} k={samples:<4} caught={:<5} rate={:.4} expected={expected:.4} interval=[{:.4}, {:.4}] {}",
                    format!("{}%", f64::from(permille) / 10.0),
                    tally.caught,
                    rate(tally.caught),
                    rate(*accepted.start()),
                    rate(*accepted.end()),
                    if within { "within" } else { "OUTSIDE" }
                );
            }
        }

        set(compute::Parameters::ExtraSamples(compute::ExtraSamples, None))?;
        set(compute::Parameters::MaxAttempts(compute::MaxAttempts, None))?;
        let honest = bench.run(Trial::honest())?;
        println!("wrong_samples_overlooked={overlooked}");
        println!("honest_tasks={} settled={}", HONEST_TASKS, honest.settled);
        println!("false_slashes={}", bench.false_slashes);
        Ok(all_within && overlooked == 0 && honest.settled == HONEST_TASKS && bench.false_slashes == 0)
    })
}

/// The level that each of `count` independent statements needs for all of them to hold jointly with
/// probability `level` (Z. Šidák, "Rectangular Confidence Regions for the Means of Multivariate
/// Normal Distributions", JASA 62(318), 1967).
fn jointly(level: f64, count: u32) -> f64 {
    level.powf(1.0 / f64::from(count))
}

/// Change a parameter as governance does.
fn set(number: compute::Parameters) -> Result<()> {
    Parameters::set_parameter(RuntimeOrigin::root(), RuntimeParameters::Compute(number)).map_err(told)
}

fn told(error: DispatchError) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}

fn dispatch(call: impl Into<RuntimeCall>, origin: RuntimeOrigin) -> Result<()> {
    call.into().dispatch(origin).map(|_| ()).map_err(|failed| told(failed.error))
}

/// Authorise a report, as the pool and the block do, and dispatch it.
fn report(call: Call<Runtime>) -> Result<()> {
    let call = RuntimeCall::from(call);
    call.authorize(TransactionSource::External)
        .context("reports are authorised")?
        .map_err(|invalid| anyhow::anyhow!("a report was refused: {invalid:?}"))?;
    dispatch(call, RawOrigin::Authorized.into())
}

fn requester() -> AccountId {
    Sr25519Keyring::Alice.to_account_id()
}

fn manifest(source: &[u8]) -> Result<KernelManifest> {
    Ok(KernelManifest {
        source: blake2(source),
        entry: b"tile".to_vec().try_into().map_err(|_| anyhow::anyhow!("the entry is short"))?,
        params: vec![Param::Output].try_into().map_err(|_| anyhow::anyhow!("there is one parameter"))?,
        local_size: [1, 1, 1],
        tiling: Tiling::PerGroup { bytes: TILE_BYTES },
        options: Default::default(),
        class: KernelClass::Raw,
    })
}

/// Tasks that run and count together.
struct Trial {
    name: String,
    /// Wrong tiles, in thousandths.
    permille: u32,
    /// Number of tasks.
    tasks: u32,
    /// Tasks of a job.
    tasks_per_job: u32,
    class: DeviceClass,
    audit: AuditPolicy,
}

impl Trial {
    fn faulty(permille: u32, samples: u32) -> Self {
        Self {
            name: format!("f={} of 1000, k={samples}", permille),
            permille,
            tasks: TASKS,
            tasks_per_job: 1,
            class: DeviceClass::Accelerator,
            audit: AuditPolicy { samples: Samples::Count(samples), ..AuditPolicy::default() },
        }
    }

    fn honest() -> Self {
        Self {
            name: "honest".into(),
            permille: 0,
            tasks: HONEST_TASKS,
            tasks_per_job: 4,
            class: DeviceClass::Gpu,
            audit: AuditPolicy::default(),
        }
    }

    fn spec(&self, kernel: Hash) -> JobSpec {
        JobSpec {
            kernel,
            global_size: [TILES * self.tasks_per_job, 1, 1],
            scalars: Default::default(),
            inputs: Default::default(),
            reward: Reward { asset: AssetKind::Native, per_task: REWARD },
            tasks: TaskCount::Exactly(self.tasks_per_job),
            audit: self.audit,
            run_blocks: 20,
            requires: Requirements { class: Some(self.class), ..Requirements::default() },
        }
    }
}

/// The results of a trial.
#[derive(Default)]
struct Tally {
    /// Tasks whose worker a jury convicted.
    caught: u32,
    /// Tasks whose worker was paid.
    settled: u32,
    /// Tasks whose worker was paid although the sample held a wrong tile.
    overlooked: u32,
}

/// The output of a worker.
struct Output {
    tree: TileTree,
    wrong: BTreeSet<u32>,
    /// The worker that computed it.
    worker: Option<AccountId>,
    /// Whether the sample holds a wrong tile.
    sampled_wrong: bool,
}

/// The correct bytes of a tile, or wrong ones.
fn tile(task: TaskId, index: u32, wrong: bool) -> [u8; TILE_BYTES as usize] {
    let value = (task.job as u32).wrapping_mul(0x9e37_79b9) ^ (task.index << 24) ^ index;
    (if wrong { !value } else { value }).to_le_bytes()
}

/// The leaves that an honest worker computes.
fn honest_leaves(task: TaskId, sample: &[u32]) -> Vec<Hash> {
    sample.iter().map(|index| leaf(&GENESIS, task, *index, &tile(task, *index, false))).collect()
}

impl Output {
    fn compute(task: TaskId, permille: u32) -> Self {
        let mut draws = Draws::new(blake2(&(SEED, b"tiles", permille, task).encode()));
        let wrong: BTreeSet<u32> =
            (0..TILES).filter(|_| permille > 0 && draws.below(1_000) < u64::from(permille)).collect();
        let leaves = (0..TILES).map(|i| leaf(&GENESIS, task, i, &tile(task, i, wrong.contains(&i)))).collect();
        Self { tree: TileTree::new(leaves), wrong, worker: None, sampled_wrong: false }
    }
}

/// The chain, its workers and their tasks in flight.
struct Bench {
    now: BlockNumber,
    kernel: Hash,
    keys: BTreeMap<AccountId, sr25519::Pair>,
    outputs: BTreeMap<TaskId, Output>,
    false_slashes: u32,
}

impl Bench {
    fn new() -> Result<Self> {
        System::initialize(&1, &GENESIS, &Default::default());
        let source = b"kernel void tile(global uint *out) { out[get_group_id(0)] = get_group_id(0); }".to_vec();
        let manifest = manifest(&source)?;
        let kernel = manifest.id();
        // The runtime expects the blob's bytes at the end of the extrinsic that stores it.
        System::note_extrinsic(source.clone());
        let origin = || RuntimeOrigin::signed(requester());
        Blobs::store(origin(), 30 * DAYS, source).map_err(told)?;
        Jobs::register_kernel(origin(), manifest).map_err(told)?;

        let mut bench = Self { now: 1, kernel, keys: BTreeMap::new(), outputs: BTreeMap::new(), false_slashes: 0 };
        for number in 0..FAULTY_WORKERS + HONEST_WORKERS {
            let class = if number < FAULTY_WORKERS { DeviceClass::Accelerator } else { DeviceClass::Gpu };
            bench.register(number, class)?;
        }
        Ok(bench)
    }

    /// Register a bonded worker. It counts as having passed its canaries, which are not run here.
    fn register(&mut self, number: u32, class: DeviceClass) -> Result<()> {
        let pair = sr25519::Pair::from_seed(&blake2(&(SEED, b"key", number).encode()).0);
        let worker = AccountId::new(blake2(&(SEED, b"account", number).encode()).0);
        Balances::force_set_balance(RuntimeOrigin::root(), worker.clone().into(), WEALTH).map_err(told)?;
        let device = Device {
            class,
            vendor: Default::default(),
            model: Default::default(),
            memory: 1 << 30,
            compute_units: 1,
            fp64: true,
            fp32: Fp32::ALL,
        };
        let offer = Offer {
            min_reward: vec![(AssetKind::Native, 1)].try_into().map_err(|_| anyhow::anyhow!("one asset fits"))?,
            kernels: Default::default(),
            max_run_blocks: BlockNumber::MAX,
        };
        let devices = vec![device; DEVICES].try_into().map_err(|_| anyhow::anyhow!("so many devices are allowed"))?;
        let address =
            b"ws://127.0.0.1:9944".to_vec().try_into().map_err(|_| anyhow::anyhow!("the address is short"))?;
        let key = WorkerKey::from(pair.public());
        let proof = WorkerSignature::from(pair.sign(&possession_message(&GENESIS, &worker)));
        let origin = || RuntimeOrigin::signed(worker.clone());
        Workers::register(origin(), key, proof, address, Default::default(), devices, offer).map_err(told)?;
        Workers::bond(origin(), BOND).map_err(told)?;
        <Workers as WorkerHealth>::prove(&worker);
        self.keys.insert(worker, pair);
        Ok(())
    }

    /// Run the tasks of a trial, as many at a time as the lotteries can serve.
    fn run(&mut self, trial: Trial) -> Result<Tally> {
        let mut tally = Tally::default();
        let mut posted = 0;
        let mut blocks = 0u32;
        while posted < trial.tasks || !self.outputs.is_empty() {
            self.begin_block();
            let mut in_this_block = 0;
            while posted < trial.tasks && in_this_block < POSTED_PER_BLOCK && self.outputs.len() < IN_FLIGHT {
                self.post(&trial)?;
                posted += trial.tasks_per_job;
                in_this_block += trial.tasks_per_job;
            }
            let open: Vec<TaskId> = self.outputs.keys().copied().collect();
            for task in open {
                self.attend(task)?;
            }
            self.end_block(&mut tally)?;
            blocks += 1;
            if blocks.is_multiple_of(100) {
                let ended = tally.caught + tally.settled;
                eprintln!("{}: {ended} of {} tasks after {blocks} blocks", trial.name, trial.tasks);
            }
            ensure!(blocks < trial.tasks.saturating_mul(4), "{}: the chain does not get on", trial.name);
        }
        ensure!(
            tally.caught + tally.settled == trial.tasks,
            "{}: {} tasks ended neither caught nor paid",
            trial.name,
            trial.tasks - tally.caught - tally.settled
        );
        Ok(tally)
    }

    fn post(&mut self, trial: &Trial) -> Result<()> {
        let job = Jobs::job_count();
        Jobs::submit_job(RuntimeOrigin::signed(requester()), trial.spec(self.kernel)).map_err(told)?;
        for index in 0..trial.tasks_per_job {
            let task = TaskId { job, index };
            self.outputs.insert(task, Output::compute(task, trial.permille));
        }
        Ok(())
    }

    /// Begin the next block, with the VRF output of the parent's author.
    fn begin_block(&mut self) {
        self.now += 1;
        System::reset_events();
        System::set_block_number(self.now);
        pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some(blake2(&(SEED, b"vrf", self.now).encode()).0));
        Workers::on_initialize(self.now);
        ProofOfCompute::on_initialize(self.now);
    }

    /// End the block and count the results.
    fn end_block(&mut self, tally: &mut Tally) -> Result<()> {
        ProofOfCompute::on_idle(self.now, Weight::MAX);
        Workers::on_idle(self.now, Weight::MAX);
        let events: Vec<RuntimeEvent> = System::read_events_no_consensus().map(|record| record.event.clone()).collect();
        for event in events {
            match event {
                RuntimeEvent::Workers(pallet_workers::Event::SlashPending { id, worker, task, reason, .. }) => {
                    let guilty = self
                        .outputs
                        .get(&task)
                        .is_some_and(|output| !output.wrong.is_empty() && output.worker.as_ref() == Some(&worker));
                    if guilty && reason == ReasonCode::WrongResult {
                        tally.caught += 1;
                        self.outputs.remove(&task);
                    } else {
                        self.false_slashes += 1;
                        eprintln!("false slash: {task} {reason:?}");
                    }
                    Workers::cancel_slash(RuntimeOrigin::root(), id).map_err(told)?;
                }
                RuntimeEvent::Jobs(pallet_jobs::Event::TaskSettled { task, .. }) => {
                    if let Some(output) = self.outputs.remove(&task) {
                        tally.settled += 1;
                        tally.overlooked += u32::from(output.sampled_wrong);
                    }
                }
                _ => {}
            }
        }
        // Tasks that ended in another way would block the loop.
        self.outputs.retain(|task, _| Tasks::<Runtime>::contains_key(task));
        Ok(())
    }

    fn sign(&self, who: &AccountId, step: Step, task: TaskId, content: &impl Encode) -> Result<WorkerSignature> {
        let state = Tasks::<Runtime>::get(task).context("the task is open")?;
        let pair = self.keys.get(who).context("every worker is ours")?;
        let message = report_message(step, &GENESIS, task, state.attempt, state.stage.round(), content);
        Ok(pair.sign(&message).into())
    }

    /// Act for the duty that a task waits for.
    fn attend(&mut self, task: TaskId) -> Result<()> {
        let Some(state) = Tasks::<Runtime>::get(task) else { return Ok(()) };
        let attempt = state.attempt;
        match state.stage {
            Stage::Assigned { run, .. } => {
                let output = self.outputs.get_mut(&task).context("the task is ours")?;
                output.worker = Some(run.worker.clone());
                let commitment =
                    Commitment { root: output.tree.root(), output_len: u64::from(TILES * TILE_BYTES), kernel_ms: 1 };
                let signature = self.sign(&run.worker, Step::Commit, task, &commitment)?;
                report(Call::commit { task, attempt, commitment, signature })
            }
            Stage::Auditing { audit, .. } => {
                let sample = ProofOfCompute::sample(task);
                if let Some(output) = self.outputs.get_mut(&task) {
                    output.sampled_wrong = sample.iter().any(|index| output.wrong.contains(index));
                }
                let leaves = honest_leaves(task, &sample);
                for (auditor, _) in audit.auditors.into_iter().filter(|(_, seal)| seal.is_none()) {
                    let seal = seal(&auditor, task, attempt, &leaves);
                    let signature = self.sign(&auditor, Step::Seal, task, &seal)?;
                    report(Call::seal { task, attempt, auditor, seal, signature })?;
                }
                Ok(())
            }
            Stage::Opening { audit, .. } => {
                let sample = ProofOfCompute::sample(task);
                let output = self.outputs.get(&task).context("the task is ours")?;
                let (leaves, proof) = output.tree.open(&sample).context("a sample can be opened")?;
                let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
                let signature = self.sign(&audit.run.worker, Step::Open, task, &(&leaves, &proof))?;
                report(Call::open { task, attempt, leaves, proof, signature })
            }
            Stage::Deliberating { jury, .. } => {
                let leaves = honest_leaves(task, &ProofOfCompute::sample(task));
                for juror in jury.jurors.into_iter().filter(|juror| juror.seal.is_none()) {
                    let seal = salted_seal(&juror.who, task, attempt, &leaves, &salt(&juror.who, task));
                    let signature = self.sign(&juror.who, Step::Seal, task, &seal)?;
                    report(Call::seal { task, attempt, auditor: juror.who, seal, signature })?;
                }
                Ok(())
            }
            Stage::Revealing { jury, .. } => {
                let leaves = Leaves::truncate_from(honest_leaves(task, &ProofOfCompute::sample(task)));
                for juror in jury.jurors.into_iter().filter(|juror| juror.finding.is_none()) {
                    let salt = salt(&juror.who, task);
                    let signature = self.sign(&juror.who, Step::Reveal, task, &(&leaves, &salt))?;
                    let leaves = leaves.clone();
                    report(Call::reveal { task, attempt, juror: juror.who, leaves, salt, signature })?;
                }
                Ok(())
            }
            Stage::Queued { .. } | Stage::Committed { .. } | Stage::Summoning { .. } | Stage::Verified { .. } => Ok(()),
        }
    }
}

/// A juror's salt.
fn salt(juror: &AccountId, task: TaskId) -> Hash {
    blake2(&(SEED, b"salt", juror, task).encode())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_statements_at_95_percent_need_99_6_each() {
        assert!((jointly(0.95, 12) - 0.99573).abs() < 1e-5);
    }

    #[test]
    fn a_wrong_tile_has_another_leaf_and_the_others_have_not() {
        let task = TaskId { job: 3, index: 1 };
        let output = Output::compute(task, 100);
        assert!((50..150).contains(&output.wrong.len()), "{} of {TILES} are wrong", output.wrong.len());
        let honest = honest_leaves(task, &(0..TILES).collect::<Vec<_>>());
        let differing = (0..TILES).filter(|i| output.tree.leaves()[*i as usize] != honest[*i as usize]);
        assert!(differing.eq(output.wrong.iter().copied()));
    }
}
