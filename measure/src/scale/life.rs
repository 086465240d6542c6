//! The measured actions: the registration of a worker, and the life of a task.

use super::{
    blocks::{Chain, Cost},
    population::{SEED, Trie, endow, pair, registration, requester, worker},
};
use crate::calls::{self, GENESIS, TILE_BYTES, dispatch, signed, told};
use anyhow::{Context, Result, bail};
use codec::Encode;
use dpin_primitives::{
    AccountId, AssetKind, DPN, Hash, TaskId, blake2,
    executor::Commitment,
    job::{AuditPolicy, JobSpec, Requirements, Reward, TaskCount},
    seal::seal,
    tile_tree::{TileTree, leaf},
    worker::WorkerSignature,
};
use dpin_runtime::{Jobs, ProofOfCompute, Runtime, RuntimeEvent, System};
use pallet_proof_of_compute::{
    Call, Leaves, Proof, Stage, TaskState, Tasks,
    report::{Step, report_message},
};
use polkadot_sdk::{
    frame_support::{pallet_prelude::TransactionSource, traits::Hooks},
    sp_core::Pair,
};

/// Tiles of the task.
const TILES: u32 = 1_024;
/// Blocks within which a lottery must have drawn.
const PATIENCE: u32 = 16;

/// The measured steps, each in a block of its own.
pub const STEPS: [&str; 6] = ["register", "assign", "commit", "draw", "seals", "settle"];

/// The cost of each of [`STEPS`]. `seals` is the cost of both auditors' seals. `settle` is the cost
/// of the opening, which verifies and pays the task.
pub type Life = [Cost; STEPS.len()];

/// The task's output, which every worker computes.
pub struct Output {
    tree: TileTree,
    task: TaskId,
}

impl Output {
    /// The output of the only task of the next job.
    pub fn new(trie: &Trie) -> Self {
        let task = TaskId { job: Chain::new(trie, 0, false).look(Jobs::job_count), index: 0 };
        let leaves = (0..TILES).map(|tile| leaf(&GENESIS, task, tile, &tile.to_le_bytes())).collect();
        Self { tree: TileTree::new(leaves), task }
    }

    fn leaves(&self, sample: &[u32]) -> Result<(Vec<Hash>, Vec<Hash>)> {
        self.tree.open(sample).context("a sample can be opened")
    }
}

/// A job of one task, with the default audit policy.
fn spec(kernel: Hash) -> JobSpec {
    JobSpec {
        kernel,
        global_size: [TILES, 1, 1],
        scalars: Default::default(),
        inputs: Default::default(),
        reward: Reward { asset: AssetKind::Native, per_task: DPN },
        tasks: TaskCount::Exactly(1),
        audit: AuditPolicy::default(),
        run_blocks: 20,
        requires: Requirements::default(),
    }
}

/// Authorise a report, as a block does, and dispatch it.
fn report(call: Call<Runtime>) -> Result<()> {
    calls::report(call, TransactionSource::InBlock)
}

/// A worker's signature of a report.
fn sign(who: &AccountId, step: Step, task: TaskId, state: &TaskState, content: &impl Encode) -> WorkerSignature {
    let message = report_message(step, &GENESIS, task, state.attempt, state.stage.round(), content);
    pair(who).sign(&message).into()
}

/// Begin a block in which a new account can register as a worker, with the same declaration as the
/// others. Returns a function that registers it.
///
/// # Errors
///
/// If the chain has no workers.
pub(super) fn register(chain: &mut Chain<'_>) -> Result<impl Fn() -> Result<()> + use<>> {
    let newcomer = AccountId::new(blake2(&(SEED, b"newcomer", chain.lot()).encode()).0);
    let like = chain.look(|| pallet_workers::Workers::<Runtime>::get(worker(0))).context("there are workers")?;
    let call = registration(&newcomer, like);
    chain.begin(|| endow(&newcomer))?;
    Ok(move || dispatch(call.clone(), signed(&newcomer)))
}

/// Run blocks until a lottery has moved the task on. Returns the task's new state and the cost of
/// the lotteries in the last block.
fn draw(chain: &mut Chain<'_>, task: TaskId, moved: impl Fn(&Stage) -> bool) -> Result<(TaskState, Cost)> {
    for _ in 0..PATIENCE {
        chain.begin(|| ())?;
        let now = chain.now();
        let (_, cost) = chain.measure(|| ProofOfCompute::on_initialize(now))?;
        let state = state(chain, task)?;
        if moved(&state.stage) {
            return Ok((state, cost));
        }
    }
    bail!("nobody was drawn in {PATIENCE} blocks")
}

fn state(chain: &Chain<'_>, task: TaskId) -> Result<TaskState> {
    chain.look(|| Tasks::<Runtime>::get(task)).context("the task is open")
}

/// Measure a registration and the life of a task. Lives with the same `lot` have the same
/// randomness.
///
/// # Errors
///
/// If the chain refuses something, or the task is not paid.
pub fn live(trie: &Trie, output: &Output, lot: u32, record: bool) -> Result<Life> {
    let mut chain = Chain::new(trie, lot, record);
    let task = output.task;
    let attempt = 0;

    let call = register(&mut chain)?;
    let (registered, register) = chain.measure(call)?;
    registered?;

    chain.begin(|| Jobs::submit_job(signed(&requester()), spec(trie.kernel)).map_err(told))??;
    let (state_now, assign) = draw(&mut chain, task, |stage| matches!(stage, Stage::Assigned { .. }))?;
    let Stage::Assigned { run, .. } = &state_now.stage else { bail!("the task is assigned") };

    let output_len = u64::from(TILES * TILE_BYTES);
    let commitment = Commitment { root: output.tree.root(), output_len, kernel_ms: 1 };
    let signature = sign(&run.worker, Step::Commit, task, &state_now, &commitment);
    chain.begin_drawn()?;
    let (committed, commit) = chain.measure(|| report(Call::commit { task, attempt, commitment, signature }))?;
    committed?;

    let (state_now, draw) = draw(&mut chain, task, |stage| matches!(stage, Stage::Auditing { .. }))?;
    let Stage::Auditing { audit, .. } = &state_now.stage else { bail!("the task is audited") };
    let sample = chain.look(|| ProofOfCompute::sample(task));
    let (leaves, proof) = output.leaves(&sample)?;
    let mut seals = Cost::default();
    for (auditor, _) in &audit.auditors {
        let seal = seal(auditor, task, attempt, &leaves);
        let signature = sign(auditor, Step::Seal, task, &state_now, &seal);
        let auditor = auditor.clone();
        chain.begin_drawn()?;
        let (sealed, cost) = chain.measure(|| report(Call::seal { task, attempt, auditor, seal, signature }))?;
        sealed?;
        seals = seals + cost;
    }

    let state_now = state(&chain, task)?;
    let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
    let signature = sign(&audit.run.worker, Step::Open, task, &state_now, &(&leaves, &proof));
    chain.begin_drawn()?;
    let (opened, settle) = chain.measure(|| report(Call::open { task, attempt, leaves, proof, signature }))?;
    opened?;
    let paid = chain.look(|| {
        System::read_events_no_consensus()
            .any(|record| matches!(record.event, RuntimeEvent::Jobs(pallet_jobs::Event::TaskSettled { .. })))
    });
    if !paid || chain.look(|| Tasks::<Runtime>::contains_key(task)) {
        bail!("the task was not paid");
    }
    Ok([register, assign, commit, draw, seals, settle])
}
