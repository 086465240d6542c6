//! Actions of workers and requesters.

use crate::{
    client::{Block, Blocks, Client, Included, error_name},
    network::worker_pair,
    worker::{any_offer, bounded, device},
};
use anyhow::{Context, Result, anyhow, bail, ensure};
use dpin_kernels::Job;
use dpin_primitives::{
    AssetKind, Balance, BlobHash, BlockNumber, DPN, Hash, JobId, KernelId, TaskId, blake2,
    job::{AuditPolicy, JobSpec, Requirements, Reward, TaskCount},
    kernel::KernelManifest,
    worker::{Device, DeviceClass, Fp32, possession_message},
};
use dpin_rpc::ComputeApiClient;
use dpin_runtime::{
    Runtime, RuntimeCall, RuntimeEvent,
    parameters::{
        RuntimeParameters,
        dynamic::{compute, economy},
    },
};
use polkadot_sdk::{
    pallet_parameters, pallet_sudo,
    sp_core::Pair,
    sp_keyring::Sr25519Keyring::{self, Alice},
    sp_runtime::DispatchError,
};
use std::{collections::BTreeSet, future::Future, time::Duration};

/// Lifetime of stored blobs, in blocks.
const LIFETIME: BlockNumber = 10_000;
/// Bond of each worker beyond the least bond, in planck.
const BOND: Balance = 1_000 * DPN;
/// The root account of networks for development and tests.
const ROOT: Sr25519Keyring = Alice;
/// Bytes requested at a time.
const CHUNK: u32 = 1024 * 1024;

/// Register and bond workers, all at once, each signing for itself. Each comes with the URL of its
/// node.
///
/// Every worker accepts any task paid in DPN or BLC.
///
/// # Errors
///
/// When a call fails or is not included in a block.
pub async fn register_workers(
    client: &Client,
    workers: impl IntoIterator<Item = (Sr25519Keyring, String)>,
) -> Result<()> {
    let registrations = workers.into_iter().map(|(account, url)| async move {
        let included = client.submit_all(account, registration(client, account, &url)?).await?;
        included.into_iter().try_for_each(|call| call.ok().map(drop)).with_context(|| format!("{account} registers"))
    });
    futures::future::try_join_all(registrations).await.map(drop)
}

fn registration(client: &Client, account: Sr25519Keyring, url: &str) -> Result<Vec<RuntimeCall>> {
    let pair = worker_pair(account)?;
    let proof = pair.sign(&possession_message(&client.genesis(), &account.to_account_id()));
    // Only requirements look at a worker's declaration of its device. These jobs require nothing
    // but memory for their inputs, and one job's inputs may have 8 GiB.
    let device = Device {
        vendor: bounded(b"loopback".to_vec())?,
        model: bounded(b"any OpenCL device".to_vec())?,
        memory: 16 << 30,
        fp32: Fp32::default(),
        ..device(DeviceClass::Cpu)
    };
    let register = pallet_workers::Call::<Runtime>::register {
        key: pair.public().into(),
        proof: proof.into(),
        address: bounded(url.as_bytes().to_vec())?,
        region: Default::default(),
        devices: bounded(vec![device])?,
        offer: any_offer()?,
    };
    Ok(vec![register.into(), pallet_workers::Call::<Runtime>::bond { amount: BOND }.into()])
}

/// The call that stores a blob.
pub fn store(data: &[u8]) -> RuntimeCall {
    pallet_blobs::Call::<Runtime>::store { lifetime: LIFETIME, data: data.to_vec() }.into()
}

/// The call that registers a kernel.
pub fn register_kernel(manifest: KernelManifest) -> RuntimeCall {
    pallet_jobs::Call::<Runtime>::register_kernel { manifest }.into()
}

/// The call that posts a job.
pub fn submit_job(spec: JobSpec) -> RuntimeCall {
    pallet_jobs::Call::<Runtime>::submit_job { spec }.into()
}

/// The calls that store a job's inputs and register its kernel.
///
/// # Errors
///
/// When the kernel's description is invalid.
pub fn prepare(job: &Job) -> Result<Vec<RuntimeCall>> {
    let mut calls: Vec<RuntimeCall> = job.inputs.iter().map(|input| store(input)).collect();
    calls.push(store(job.kernel.source.as_bytes()));
    calls.push(register_kernel(job.kernel.manifest()?));
    Ok(calls)
}

/// The payment of a job, its split into tasks, and the time limit of a task.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The asset of all payments.
    pub asset: AssetKind,
    /// Reward of one task, in the asset's smallest unit.
    pub reward: Balance,
    /// Number of tasks of the job.
    pub tasks: TaskCount,
    /// Deadline of one task, in blocks.
    pub run_blocks: BlockNumber,
    /// Policy for checking results.
    pub audit: AuditPolicy,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            asset: AssetKind::Native,
            reward: 10 * DPN,
            tasks: TaskCount::Exactly(1),
            run_blocks: 20,
            audit: AuditPolicy::default(),
        }
    }
}

/// The specification of a job of a kernel.
///
/// # Errors
///
/// When there are too many scalars or inputs.
pub fn spec(
    kernel: KernelId,
    global_size: [u32; 3],
    scalars: &[Vec<u8>],
    inputs: Vec<BlobHash>,
    terms: Terms,
) -> Result<JobSpec> {
    let scalars = scalars.iter().map(|bytes| bounded(bytes.clone())).collect::<Result<Vec<_>>>()?;
    Ok(JobSpec {
        kernel,
        global_size,
        scalars: bounded(scalars)?,
        inputs: bounded(inputs)?,
        reward: Reward { asset: terms.asset, per_task: terms.reward },
        tasks: terms.tasks,
        audit: terms.audit,
        run_blocks: terms.run_blocks,
        requires: Requirements::default(),
    })
}

/// The specification of a ready-made job, which can be posted once it is [prepared](prepare).
///
/// # Errors
///
/// When the kernel's description is invalid, or there are too many scalars or inputs.
pub fn spec_of(job: &Job, terms: Terms) -> Result<JobSpec> {
    let inputs = job.inputs.iter().map(|input| blake2(input)).collect();
    spec(job.kernel.manifest()?.id(), job.global_size, &job.scalars, inputs, terms)
}

/// Change parameters of the proof of compute, as governance does.
///
/// # Errors
///
/// When a call fails or is not included in a block.
pub async fn set_parameters(client: &Client, parameters: Vec<compute::Parameters>) -> Result<()> {
    turn(client, parameters.into_iter().map(RuntimeParameters::Compute)).await
}

/// Change parameters of the economy, as governance does.
///
/// # Errors
///
/// When a call fails or is not included in a block.
pub async fn set_economy(client: &Client, parameters: Vec<economy::Parameters>) -> Result<()> {
    turn(client, parameters.into_iter().map(RuntimeParameters::Economy)).await
}

async fn turn(client: &Client, parameters: impl Iterator<Item = RuntimeParameters>) -> Result<()> {
    let call = |key_value| pallet_parameters::Call::<Runtime>::set_parameter { key_value }.into();
    govern(client, parameters.map(call).collect()).await
}

/// Make calls as governance does.
///
/// # Errors
///
/// When a call fails or is not included in a block.
pub async fn govern(client: &Client, calls: Vec<RuntimeCall>) -> Result<()> {
    let calls = calls.into_iter().map(|call| pallet_sudo::Call::<Runtime>::sudo { call: Box::new(call) }.into());
    for included in client.submit_all(ROOT, calls.collect()).await? {
        let done = included.ok()?.events.into_iter().find_map(|event| match event {
            RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => Some(sudo_result),
            _ => None,
        });
        let done: Result<(), DispatchError> = done.context("the call was not made")?;
        done.map_err(|error| anyhow!("governance failed: {}", error_name(error)))?;
    }
    Ok(())
}

/// The parameter for the delay of slashes, in blocks.
///
/// # Errors
///
/// When the chain does not allow this number.
pub fn slash_delay(blocks: BlockNumber) -> Result<compute::Parameters> {
    let delay = blocks.try_into().map_err(|blocks| anyhow!("a slash cannot be delayed by {blocks} blocks"))?;
    Ok(compute::Parameters::SlashDelay(compute::SlashDelay, Some(delay)))
}

/// The parameter for the time in which auditors and jurors must seal, in blocks.
///
/// # Errors
///
/// When the chain does not allow this number.
pub fn seal_blocks(blocks: BlockNumber) -> Result<compute::Parameters> {
    let blocks = blocks.try_into().map_err(|blocks| anyhow!("nobody can be given {blocks} blocks to seal"))?;
    Ok(compute::Parameters::SealBlocks(compute::SealBlocks, Some(blocks)))
}

/// The parameter for the time in which workers must open a sample and jurors reveal, in blocks.
///
/// # Errors
///
/// When the chain does not allow this number.
pub fn open_blocks(blocks: BlockNumber) -> Result<compute::Parameters> {
    let blocks = blocks.try_into().map_err(|blocks| anyhow!("nobody can be given {blocks} blocks to open"))?;
    Ok(compute::Parameters::OpenBlocks(compute::OpenBlocks, Some(blocks)))
}

/// The parameter for the time in which a draw that finds too few auditors or jurors is repeated, in
/// blocks.
///
/// # Errors
///
/// When the chain does not allow this number.
pub fn draw_blocks(blocks: BlockNumber) -> Result<compute::Parameters> {
    let blocks = blocks.try_into().map_err(|blocks| anyhow!("a draw cannot be repeated for {blocks} blocks"))?;
    Ok(compute::Parameters::DrawBlocks(compute::DrawBlocks, Some(blocks)))
}

/// The number of a posted job.
///
/// # Errors
///
/// When the call failed.
pub fn posted(included: Included) -> Result<JobId> {
    let included = included.ok()?;
    let job = included.events.iter().find_map(|event| match event {
        RuntimeEvent::Jobs(pallet_jobs::Event::JobSubmitted { job, .. }) => Some(*job),
        _ => None,
    });
    job.context("no job was posted")
}

/// Follow the finalised chain until all of `jobs` have ended. Returns its blocks up to then; `see`
/// receives each.
///
/// # Errors
///
/// When the jobs have not ended in time, or the node does not answer.
pub async fn until_ended(
    blocks: &mut Blocks,
    jobs: impl IntoIterator<Item = JobId>,
    limit: Duration,
    mut see: impl FnMut(&Block),
) -> Result<Vec<Block>> {
    let mut open: BTreeSet<JobId> = jobs.into_iter().collect();
    let mut seen = Vec::new();
    let follow = async {
        while !open.is_empty() {
            let block = blocks.next().await?;
            for event in &block.events {
                if let RuntimeEvent::Jobs(pallet_jobs::Event::JobEnded { job, .. }) = event {
                    open.remove(job);
                }
            }
            see(&block);
            seen.push(block);
        }
        Ok(())
    };
    in_time(limit, follow).await.with_context(|| "jobs do not end")?;
    Ok(seen)
}

/// Wait for a future, for at most `limit`.
///
/// # Errors
///
/// The errors of the future; also when it is not ready in time.
pub async fn in_time<T>(limit: Duration, future: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, future).await {
        Ok(result) => result,
        Err(_) => bail!("not after {} s", limit.as_secs()),
    }
}

/// Fetch the whole output of a task from its worker's node, at the address on the chain. Checks
/// every chunk against `root`.
///
/// # Errors
///
/// When the worker is unknown or serves no output, or a chunk does not verify.
pub async fn fetch_output(
    client: &Client,
    task: TaskId,
    worker: &dpin_primitives::AccountId,
    root: Hash,
) -> Result<Vec<u8>> {
    let key = pallet_workers::Workers::<Runtime>::hashed_key_for(worker);
    let record: pallet_workers::WorkerRecord =
        client.storage(key, None).await?.with_context(|| format!("{worker} is no worker"))?;
    let node = Client::connect(std::str::from_utf8(&record.address)?).await?;
    let mut output = Vec::new();
    loop {
        let offset = output.len() as u64;
        let chunk = node.rpc().output(task, offset, CHUNK).await.context("compute_output")?;
        let total = chunk.total;
        ensure!(chunk.offset == offset, "asked for byte {offset}, got byte {}", chunk.offset);
        output.extend(chunk.verify(&client.genesis(), task, &root)?);
        if output.len() as u64 >= total {
            return Ok(output);
        }
    }
}

/// Check that the chain's live state contains nothing of any job. That means no job, task,
/// deadline, duty or queue entry. It also means no pending slash, no escrow, no bond of a
/// challenge, no slot in use and no locked bond.
///
/// # Errors
///
/// Names the rest that was found.
pub async fn nothing_left(client: &Client, requesters: &[Sr25519Keyring], workers: &[Sr25519Keyring]) -> Result<()> {
    let (_, at) = client.best().await?;
    for (pallet, item) in [
        ("Jobs", "Jobs"),
        ("Jobs", "Ends"),
        ("Jobs", "Owed"),
        ("ProofOfCompute", "Tasks"),
        ("ProofOfCompute", "Waiting"),
        ("ProofOfCompute", "Drawing"),
        ("ProofOfCompute", "Regions"),
        ("Workers", "PendingSlashes"),
    ] {
        let prefix = polkadot_sdk::frame_support::storage::storage_prefix(pallet.as_bytes(), item.as_bytes());
        let left = client.count_keys(&prefix, Some(at)).await?;
        ensure!(left == 0, "{left} entries are left in {pallet}.{item}");
    }
    for account in requesters.iter().chain(workers) {
        let escrow = crate::books::escrow(client, &account.to_account_id(), at).await?;
        ensure!(escrow == (0, 0), "{account} still has something in escrow: {escrow:?}");
    }
    for worker in workers {
        let key = pallet_workers::Standings::<Runtime>::hashed_key_for(worker.to_account_id());
        let standing: pallet_workers::Standing =
            client.storage(key, Some(at)).await?.with_context(|| format!("{worker} is no worker"))?;
        ensure!(standing.busy == 0, "{worker} has {} slots in use", standing.busy);
        ensure!(standing.locked == 0, "{worker} has {} planck locked", standing.locked);
        ensure!(standing.duties.is_empty(), "{worker} owes {:?}", standing.duties);
        let (pending, slashing) = (standing.pending, standing.slashing);
        ensure!((pending, slashing) == (0, 0), "{worker} has {pending} slashes of {slashing} planck pending");
    }
    Ok(())
}
