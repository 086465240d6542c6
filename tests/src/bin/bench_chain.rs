//! `bench-chain`: measures the load that one validator can carry.
//!
//! # Real and simulated parts
//!
//! The node is real: a process of its own with blocks of three seconds. Every transaction is
//! signed, goes through its JSON-RPC and its pool, and is in a block. One other process plays
//! everybody else: payers, requesters, and all workers. Workers compute nothing (see
//! [`dpin_tests::load::crowd`]); their leaves, seals, openings and signatures are real. The two
//! processes share the machine's cores.
//!
//! Governance has set `extra_samples` to 0, so that new workers get only the samples that the
//! requester asks for. Each worker declares as many devices as allowed.

use anyhow::{bail, ensure, Context, Result};
use clap::Parser;
use codec::Decode;
use dpin_primitives::{
    blake2,
    job::{AuditPolicy, JobSpec, Requirements, Reward, TaskCount},
    kernel::{KernelClass, KernelManifest, Param, Tiling},
    worker::{Device, DeviceClass, Fp32, Offer, MAX_DEVICES},
    AccountId, AssetKind, Balance, BlockNumber, Hash, KernelId, BLC, DPN, SLOT_MS,
};
use dpin_runtime::{parameters::dynamic::compute, Runtime, RuntimeCall};
use dpin_tests::{
    actors,
    client::Client,
    load::{
        connection::{wire, Connection, Heads},
        crowd::{Crowd, Life, TILE_BYTES},
        measure::{building_times, percentile, state_size, ACCOUNTS, PALLETS},
        node::{Cast, LoadedNode},
        signing::Signer,
    },
};
use futures::StreamExt;
use polkadot_sdk::{
    frame_support::{dispatch::DispatchClass, BoundedVec},
    frame_system, pallet_balances,
    sp_core::Bytes,
    sp_keyring::Sr25519Keyring::Alice,
};
use std::{
    process::ExitCode,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

/// Time limit of the whole run.
const LIMIT: Duration = Duration::from_secs(470);
/// Amount of one transfer, in planck.
const TRANSFER: Balance = DPN / 100;
/// Reward of a task, in planck.
const REWARD: Balance = DPN / 2;
/// Blocks after which the effects of a changed load have passed through the whole life of a job.
const SETTLING: u32 = 10;
/// Blocks after which no agenda holds an ended task: the first look at a task is that late.
const SWEPT_AFTER: u32 = 13;
/// Longest delay between a block's header and the pool's update for it.
const POOL_DELAY: Duration = Duration::from_millis(200);
/// Messages in flight at a time.
const LANES: usize = 3;
/// Source of the kernel, which is never run.
const SOURCE: &[u8] = b"__kernel void f(__global uchar *out) {}";

/// Measure the load that one validator can carry: plain transfers, and whole lives of jobs.
///
/// Starts one node on loopback and ends it. The last line is `bench-chain: ok ...` with the
/// figures, and the exit status is 0, if everything succeeded: every transfer arrived, every job
/// was paid, and no state of a job is left.
#[derive(Parser)]
#[command(name = "bench-chain", version)]
struct Options {
    /// Number of workers.
    #[arg(long, default_value_t = 320)]
    workers: u32,
    /// Number of requesters.
    #[arg(long, default_value_t = 64)]
    requesters: u32,
    /// Number of accounts that send transfers, and of accounts that receive them.
    #[arg(long, default_value_t = 2_000)]
    payers: u32,
    /// Jobs in one transaction.
    #[arg(long, default_value_t = 16)]
    batch: u32,
    /// Tiles of a job.
    #[arg(long, default_value_t = 64)]
    tiles: u32,
    /// Transfers of each payer; 0 skips transfers.
    #[arg(long, default_value_t = 55)]
    transfers: u32,
    /// Most jobs posted between two blocks: a little less than fit into a block. 0 skips jobs.
    #[arg(long, default_value_t = 940)]
    rate: u32,
    /// Blocks in which the load of jobs grows fast. After ten more blocks, the same number is
    /// measured.
    #[arg(long, default_value_t = 20)]
    blocks: u32,
    /// Options for the node.
    #[arg(last = true)]
    node: Vec<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let result = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(async {
            tokio::select! {
                result = tokio::time::timeout(LIMIT, run(&options)) => result.unwrap_or_else(|_| bail!("not after {LIMIT:?}")),
                _ = tokio::signal::ctrl_c() => bail!("interrupted"),
            }
        }),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(summary) => {
            println!("bench-chain: ok {summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("bench-chain: failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<String> {
    let began = Instant::now();
    let workers = Signer::many("worker", options.workers);
    let requesters = Signer::many("requester", options.requesters);
    let payers = Signer::many("payer", options.payers);
    let sinks = Signer::many("sink", options.payers);
    let all: Vec<Signer> = payers.iter().chain(&sinks).cloned().collect();
    println!("A chain with {} workers, {} requesters, {} payers ...", workers.len(), requesters.len(), payers.len());
    let cast = Cast { workers: &workers, requesters: (&requesters, 200_000 * DPN), payers: (&all, 500 * DPN) };
    let mut node = LoadedNode::start(&cast, &options.node)?;
    let connection = node.until(|url| async move { Connection::open(&url).await }).await?;
    let result = measure(options, &node, &connection, &workers, &requesters, &payers, &sinks).await;
    println!("Ending the node after {:.0} s ...", began.elapsed().as_secs_f64());
    result.map_err(|error| error.context(node.explain()))
}

async fn measure(
    options: &Options,
    node: &LoadedNode,
    connection: &Connection,
    workers: &[Signer],
    requesters: &[Signer],
    payers: &[Signer],
    sinks: &[Signer],
) -> Result<String> {
    let mut heads = connection.heads().await?;
    heads.next().await?;
    let mut summary = String::new();
    if options.transfers > 0 {
        let rate = transfers(options, node, connection, &mut heads, payers, sinks).await?;
        summary += &format!("transfers_per_s={rate:.0} ");
    }
    if options.rate > 0 {
        summary += &jobs(options, node, connection, &mut heads, workers, requesters).await?;
    }
    Ok(summary)
}

/// A window of blocks, with their weights and times.
struct Window {
    first: BlockNumber,
    last: BlockNumber,
    seconds: f64,
    bytes: usize,
    extrinsics: usize,
    weights: Vec<u64>,
    hooks: Vec<u64>,
    built: Vec<u64>,
}

impl Window {
    /// The window of the blocks after `first` up to `last`.
    async fn of(connection: &Connection, node: &LoadedNode, first: BlockNumber, last: BlockNumber) -> Result<Self> {
        let start = connection.time(connection.hash(first).await?).await?;
        let end = connection.time(connection.hash(last).await?).await?;
        let mut window = Self {
            first,
            last,
            seconds: end.saturating_sub(start) as f64 / 1_000.0,
            bytes: 0,
            extrinsics: 0,
            weights: Vec::new(),
            hooks: Vec::new(),
            built: Vec::new(),
        };
        let times = building_times(&node.messages()?);
        for number in first + 1..=last {
            let hash = connection.hash(number).await?;
            let (extrinsics, bytes) = connection.body(hash).await?;
            window.extrinsics += extrinsics;
            window.bytes += bytes;
            let weight = connection.weight(hash).await?;
            window.weights.push(weight.total().ref_time() / 1_000_000_000);
            window.hooks.push(weight.get(DispatchClass::Mandatory).ref_time() / 1_000_000_000);
            window.built.extend(times.get(&number));
        }
        Ok(window)
    }

    fn print(&mut self, what: &str) {
        let blocks = f64::from(self.last - self.first);
        println!(
            "  {what}: blocks {}..={} in {:.0} s ({:.2} s each), {:.0} transactions and {:.0} kB each",
            self.first + 1,
            self.last,
            self.seconds,
            self.seconds / blocks,
            self.extrinsics as f64 / blocks,
            self.bytes as f64 / blocks / 1_000.0
        );
        println!(
            "  {what}: declared weight of a block p50 {} ms, p99 {} ms, of which hooks p50 {} ms; time to build it p50 {} ms, p99 {} ms",
            percentile(&mut self.weights, 0.5),
            percentile(&mut self.weights, 0.99),
            percentile(&mut self.hooks, 0.5),
            percentile(&mut self.built, 0.5),
            percentile(&mut self.built, 0.99)
        );
    }
}

/// Submit a bulk of transactions. The heads arrive a little before the pool is updated, so
/// transactions refused as outdated are submitted once more.
async fn submit_bulk(connection: &Connection, bulk: Vec<Bytes>) -> Result<Vec<(usize, String)>> {
    let (early, mut refused): (Vec<_>, Vec<_>) =
        connection.submit(&bulk).await?.into_iter().partition(|(_, error)| error.contains("outdated"));
    if !early.is_empty() {
        tokio::time::sleep(POOL_DELAY).await;
        let again: Vec<Bytes> = early.iter().filter_map(|(position, _)| bulk.get(*position).cloned()).collect();
        refused.extend(connection.submit(&again).await?);
    }
    Ok(refused)
}

/// Submit transactions on several lanes. Prints refusals of the pool.
async fn submit(connection: &Connection, transactions: Vec<Bytes>, bulk: usize) -> Result<usize> {
    let bulks: Vec<Vec<Bytes>> = transactions.chunks(bulk.max(1)).map(<[Bytes]>::to_vec).collect();
    let mut refused = 0;
    let mut answers = futures::stream::iter(bulks).map(|bulk| submit_bulk(connection, bulk)).buffer_unordered(LANES);
    while let Some(answer) = answers.next().await {
        let errors = answer?;
        if let Some((_, error)) = errors.first() {
            println!("  {} transactions refused, such as: {error}", errors.len());
        }
        refused += errors.len();
    }
    Ok(refused)
}

/// Let the payers transfer as fast as the chain accepts it. Returns transfers per second of chain
/// time.
async fn transfers(
    options: &Options,
    node: &LoadedNode,
    connection: &Connection,
    heads: &mut Heads,
    payers: &[Signer],
    sinks: &[Signer],
) -> Result<f64> {
    let total = payers.len() * options.transfers as usize;
    println!("Signing {total} transfers ...");
    let began = Instant::now();
    let signed = presign(connection.genesis, payers, sinks, options.transfers)?;
    println!("  signed in {:.1} s", began.elapsed().as_secs_f64());

    // Three full blocks wait in the pool at any time.
    const WAITING: usize = 20_000;
    let included = Arc::new(AtomicUsize::new(0));
    let (feeding, counter) = (connection.clone(), included.clone());
    let feeder = tokio::spawn(async move {
        let mut sent = 0;
        for part in signed.chunks(1_000) {
            while sent >= counter.load(Ordering::Relaxed) + WAITING {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            sent += part.len();
            let refused = submit(&feeding, part.to_vec(), 250).await?;
            ensure!(refused == 0, "{refused} transfers were refused");
        }
        Ok(())
    });

    let cpu = node.cpu_seconds();
    let began = Instant::now();
    let mut full: Vec<BlockNumber> = Vec::new();
    let mut quiet = 0;
    while included.load(Ordering::Relaxed) < total {
        let head = heads.next().await?;
        let (extrinsics, bytes) = connection.body(head.hash()).await?;
        // The timestamp inherent is no transfer.
        let count = extrinsics - 1;
        let sum = included.fetch_add(count, Ordering::Relaxed) + count;
        println!("  block {}: {count} transfers, {} kB, {sum} of {total}", head.number, bytes / 1_000);
        quiet = if count == 0 { quiet + 1 } else { 0 };
        ensure!(quiet < 8, "no transfer gets into a block");
        // The last transfers do not fill a block.
        if count > 0 && sum < total {
            full.push(head.number);
        }
    }
    feeder.await??;
    let used = node.cpu_seconds().zip(cpu).map_or(0.0, |(after, before)| after - before);
    println!("  the node used {used:.1} s of CPU in {:.1} s", began.elapsed().as_secs_f64());

    // The first blocks begin with an empty pool.
    let (first, last) = (full.get(2).copied(), full.last().copied());
    let (Some(first), Some(last)) = (first, last) else { bail!("too few blocks to measure") };
    ensure!(last > first, "too few blocks to measure");
    let mut window = Window::of(connection, node, first, last).await?;
    window.print("transfers");
    let counted = window.extrinsics - (last - first) as usize;

    let at = heads.next().await?.hash();
    let keys: Vec<Bytes> =
        sinks.iter().map(|sink| Bytes(frame_system::Account::<Runtime>::hashed_key_for(&sink.account))).collect();
    let mut moved: Balance = 0;
    for value in connection.values(&keys, at).await? {
        let value = value.context("whom was transferred to is there")?;
        let info = frame_system::AccountInfo::<u32, pallet_balances::AccountData<Balance>>::decode(&mut &value[..])?;
        moved += info.data.free - 500 * DPN;
    }
    ensure!(moved == total as Balance * TRANSFER, "{moved} planck have arrived, not {}", total as Balance * TRANSFER);
    println!("  all {total} transfers have arrived");
    let rate = counted as f64 / window.seconds;
    println!("transfers_per_s={rate:.0}");
    Ok(rate)
}

/// Sign `rounds` transfers of each payer, in the order of sending, on all cores.
fn presign(genesis: Hash, payers: &[Signer], sinks: &[Signer], rounds: u32) -> Result<Vec<Bytes>> {
    let cores = std::thread::available_parallelism()?.get();
    let rounds: Vec<u32> = (0..rounds).collect();
    let signed = std::thread::scope(|scope| {
        let threads: Vec<_> = rounds
            .chunks(rounds.len().div_ceil(cores))
            .map(|rounds| {
                scope.spawn(move || {
                    let transfers = rounds.iter().flat_map(|round| {
                        payers.iter().zip(sinks).map(move |(payer, sink)| {
                            let dest = sink.account.clone().into();
                            let call = pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value: TRANSFER };
                            wire(&payer.transaction(genesis, *round, call.into()))
                        })
                    });
                    transfers.collect::<Vec<Bytes>>()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let mut all = Vec::new();
    for part in signed {
        all.extend(part.ok().context("a thread that signs has panicked")?);
    }
    Ok(all)
}

fn bounded<T, B: TryFrom<Vec<T>>>(items: Vec<T>) -> Result<B> {
    let count = items.len();
    B::try_from(items).ok().with_context(|| format!("{count} items do not fit"))
}

fn manifest() -> Result<KernelManifest> {
    Ok(KernelManifest {
        source: blake2(SOURCE),
        entry: bounded(b"f".to_vec())?,
        params: bounded(vec![Param::Output])?,
        local_size: [16, 1, 1],
        tiling: Tiling::PerGroup { bytes: TILE_BYTES },
        options: Default::default(),
        class: KernelClass::Raw,
    })
}

/// Every worker declares as many devices as allowed: each runs one task at a time.
fn update() -> Result<RuntimeCall> {
    let device = Device {
        class: DeviceClass::Gpu,
        vendor: bounded(b"loopback".to_vec())?,
        model: bounded(b"none".to_vec())?,
        memory: 1 << 30,
        compute_units: 1,
        fp64: true,
        fp32: Fp32::ALL,
    };
    let offer = Offer {
        min_reward: bounded(vec![(AssetKind::Native, 1), (BLC, 1)])?,
        kernels: Default::default(),
        max_run_blocks: 1_000,
    };
    let call = pallet_workers::Call::<Runtime>::update {
        address: bounded(b"ws://127.0.0.1:9944".to_vec())?,
        region: Default::default(),
        devices: bounded(vec![device; MAX_DEVICES as usize])?,
        offer,
    };
    Ok(call.into())
}

/// The requesters, and their posted jobs.
struct Requesters<'a> {
    signers: &'a [Signer],
    nonces: Vec<u32>,
    next: usize,
    genesis: Hash,
    spec: JobSpec,
    batch: u32,
    sent: u64,
    sent_bytes: u64,
}

impl Requesters<'_> {
    /// Transactions that post this many jobs.
    fn post(&mut self, jobs: u32) -> Vec<Bytes> {
        let mut transactions = Vec::new();
        let mut left = jobs;
        while left > 0 {
            let count = left.min(self.batch);
            left -= count;
            let call = match count {
                1 => pallet_jobs::Call::<Runtime>::submit_job { spec: self.spec.clone() },
                _ => {
                    let specs = BoundedVec::truncate_from(vec![self.spec.clone(); count as usize]);
                    pallet_jobs::Call::<Runtime>::submit_jobs { specs }
                }
            };
            let who = self.next % self.signers.len();
            self.next += 1;
            let transaction = wire(&self.signers[who].transaction(self.genesis, self.nonces[who], call.into()));
            self.nonces[who] += 1;
            self.sent += u64::from(count);
            self.sent_bytes += transaction.len() as u64;
            transactions.push(transaction);
        }
        transactions
    }
}

/// Print the lengths of lives, in blocks: from submission to commitment and to settlement.
fn lives(lives: &[Life], what: &str) -> [u64; 4] {
    let mut committed: Vec<u64> = lives.iter().map(|life| u64::from(life.committed - life.submitted)).collect();
    let mut settled: Vec<u64> = lives.iter().map(|life| u64::from(life.settled - life.submitted)).collect();
    let figures = [
        percentile(&mut committed, 0.5),
        percentile(&mut committed, 0.99),
        percentile(&mut settled, 0.5),
        percentile(&mut settled, 0.99),
    ];
    println!(
        "  {what}, {} jobs: blocks from submission to commitment p50 {} p99 {}, to settlement p50 {} p99 {}",
        lives.len(),
        figures[0],
        figures[1],
        figures[2],
        figures[3]
    );
    figures
}

async fn jobs(
    options: &Options,
    node: &LoadedNode,
    connection: &Connection,
    heads: &mut Heads,
    workers: &[Signer],
    requesters: &[Signer],
) -> Result<String> {
    let genesis = connection.genesis;
    println!("Registering the kernel and {} devices ...", workers.len() * MAX_DEVICES as usize);
    let client = Client::connect(&node.url()).await?;
    let extra_samples = compute::Parameters::ExtraSamples(
        compute::ExtraSamples,
        Some(0.try_into().map_err(|_| anyhow::anyhow!("no samples cannot be extra"))?),
    );
    actors::set_parameters(&client, vec![extra_samples]).await?;
    let manifest = manifest()?;
    let kernel: KernelId = manifest.id();
    for included in client.submit_all(Alice, vec![actors::store(SOURCE), actors::register_kernel(manifest)]).await? {
        included.ok()?;
    }
    let updates = workers.iter().map(|worker| Ok(wire(&worker.transaction(genesis, 0, update()?))));
    ensure!(submit(connection, updates.collect::<Result<_>>()?, 100).await? == 0, "a worker was refused");
    let last = workers.last().context("there are workers")?;
    loop {
        let at = heads.next().await?.hash();
        let info = account(connection, &last.account, at).await?;
        if info.nonce == 1 && connection.pending().await? == 0 {
            break;
        }
    }

    let spec = JobSpec {
        kernel,
        global_size: [16 * options.tiles, 1, 1],
        scalars: Default::default(),
        inputs: Default::default(),
        reward: Reward { asset: AssetKind::Native, per_task: REWARD },
        tasks: TaskCount::Exactly(1),
        audit: AuditPolicy::default(),
        run_blocks: 20,
        requires: Requirements::default(),
    };
    let mut posters = Requesters {
        signers: requesters,
        nonces: vec![0; requesters.len()],
        next: 0,
        genesis,
        spec,
        batch: options.batch,
        sent: 0,
        sent_bytes: 0,
    };
    let mut crowd = Crowd::new(genesis, workers, options.tiles);

    // Every account acts once, so that the state which an account leaves is there before the
    // measurement.
    println!("A chain without load ...");
    let (batch, per_block) = (posters.batch, requesters.len().div_ceil(8) as u32);
    posters.batch = 1;
    let mut blocks = 0;
    let (mut posted, mut at) = (0u64, heads.next().await?.hash());
    while posters.sent < requesters.len() as u64 || crowd.open() > 0 || posted < posters.sent {
        submit(connection, crowd.reports(blocks)?, 50).await?;
        if posters.sent < requesters.len() as u64 {
            submit(connection, posters.post(per_block), 50).await?;
        }
        let block = heads.block().await?;
        blocks = block.number;
        at = block.hash;
        posted += u64::from(crowd.see(&block)?.0);
        ensure!(crowd.failures.is_empty(), "{:?}", crowd.failures);
    }
    posters.batch = batch;
    let unloaded = lives(&crowd.settled, "without load");
    let before = state_size(connection, &PALLETS, at).await?;
    let accounts_before = state_size(connection, &ACCOUNTS, at).await?;
    let settled_before = crowd.settled.len();
    println!("  live state: {} entries, {} bytes", before.0, before.1);

    println!("Raising the load ...");
    let (mut rate, mut first, mut last, mut mark) = (options.rate.min(300), 0, 0, (0, 0));
    let mut loaded_at = at;
    let cpu = node.cpu_seconds();
    for step in 0..2 * options.blocks + SETTLING {
        let block = heads.block().await?;
        let arrived = Instant::now();
        let (new, paid) = crowd.see(&block)?;
        posted += u64::from(new);
        let behind = posters.sent.saturating_sub(posted) as u32;
        let unassigned = crowd.unassigned() as u32;
        // Jobs that are not taken up at once would only make everything wait longer.
        let room = rate.saturating_sub(behind).saturating_sub(unassigned.saturating_sub(rate));
        if step == options.blocks + SETTLING {
            (first, mark) = (block.number, (crowd.settled.len(), crowd.failures.len()));
        }
        let reports = crowd.reports(block.number)?;
        let count = reports.len();
        submit(connection, reports, 25).await?;
        let answered = arrived.elapsed();
        submit(connection, posters.post(room), 10).await?;
        println!(
            "  block {}: {new} posted, {paid} paid, {} open, {unassigned} unassigned, {behind} behind; {count} reports in {} ms, {room} jobs in {} ms",
            block.number,
            crowd.open(),
            answered.as_millis(),
            (arrived.elapsed() - answered).as_millis()
        );
        // Raise the rate while all jobs are taken up, fast at first; lower it when some are left
        // over.
        if behind == 0 && unassigned <= 2 * rate {
            rate = (rate + rate / if step < options.blocks { 5 } else { 50 }).min(options.rate);
        } else if behind > rate / 4 {
            rate -= rate / 10;
        }
        (last, loaded_at) = (block.number, block.hash);
    }
    let used = node.cpu_seconds().zip(cpu).map_or(0.0, |(after, before)| after - before);
    let in_window = crowd.settled.len() - mark.0;
    let failures = crowd.failures.len() - mark.1;
    let open = crowd.open() as u64;
    let (settled_then, lives_then) = (crowd.settled.len(), crowd.settled[mark.0..].to_vec());

    println!("Letting {open} jobs end ...");
    let mut quiet = 0;
    let mut at = loaded_at;
    while crowd.open() > 0 || posted < posters.sent {
        let reports = crowd.reports(last)?;
        submit(connection, reports, 25).await?;
        let block = heads.block().await?;
        (last, at) = (block.number.max(last), block.hash);
        let (new, paid) = crowd.see(&block)?;
        posted += u64::from(new);
        quiet = if paid == 0 { quiet + 1 } else { 0 };
        ensure!(
            quiet < 12,
            "{} jobs do not end: {:?}",
            crowd.open(),
            crowd.failures.iter().take(5).collect::<Vec<_>>()
        );
    }
    println!("  all {} jobs have ended", crowd.settled.len());
    for _ in 0..SWEPT_AFTER {
        let block = heads.block().await?;
        at = block.hash;
        crowd.see(&block)?;
    }
    let loaded = state_size(connection, &PALLETS, loaded_at).await?;
    let after = state_size(connection, &PALLETS, at).await?;
    let accounts = state_size(connection, &ACCOUNTS, at).await?.1 as i64 - accounts_before.1 as i64;
    println!(
        "  what is kept of accounts has grown by {accounts} bytes: whom was paid for the first time, or in this era"
    );
    let settled = (crowd.settled.len() - settled_before) as f64;

    let mut window = Window::of(connection, node, first, first + options.blocks - 1).await?;
    window.print("jobs");
    let load = lives(&lives_then, "under load");
    let rate = in_window as f64 / window.seconds;
    let bytes = window.bytes as f64 / in_window.max(1) as f64;
    let per_open = (loaded.1 as f64 - before.1 as f64) / open.max(1) as f64;
    let per_settled = (after.1 as f64 - before.1 as f64) / settled.max(1.0);
    let seconds = f64::from(2 * options.blocks + SETTLING) * SLOT_MS as f64 / 1_000.0;
    println!(
        "  the node used {used:.0} s of CPU in {seconds:.0} s; {failures} failures while measuring, {} in all",
        crowd.failures.len()
    );
    println!(
        "  {} reports in {} transactions; {settled_then} jobs paid when the load ended",
        crowd.sent.0, crowd.sent.1
    );
    println!(
        "  live state: {} bytes with {open} open jobs, {} bytes after {} were settled",
        loaded.1,
        after.1,
        crowd.settled.len() - settled_before
    );
    println!("jobs_per_s={rate:.0}");
    println!("blocks to output p50={} p99={} (no load: p50={} p99={})", load[0], load[1], unloaded[0], unloaded[1]);
    println!("blocks to settlement p50={} p99={} (no load: p50={} p99={})", load[2], load[3], unloaded[2], unloaded[3]);
    println!("state_bytes_per_open_job={per_open:.0}");
    println!("state_bytes_per_settled_job={per_settled:.3}");
    println!("block_bytes_per_job={bytes:.0}");
    crowd.check()?;
    ensure!(per_settled < 1.0, "{per_settled:.1} bytes of state are left of every settled job");
    Ok(format!(
        "jobs_per_s={rate:.0} output_blocks_p99={} settled_blocks_p99={} state_bytes_per_settled_job={per_settled:.0}",
        load[1], load[3]
    ))
}

type AccountInfo = frame_system::AccountInfo<u32, pallet_balances::AccountData<Balance>>;

async fn account(connection: &Connection, who: &AccountId, at: Hash) -> Result<AccountInfo> {
    let key = frame_system::Account::<Runtime>::hashed_key_for(who);
    Ok(connection.storage(key, at).await?.unwrap_or_default())
}
