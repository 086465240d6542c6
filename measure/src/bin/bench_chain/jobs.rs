//! Whole lives of jobs, as many as the chain and its workers carry.

use crate::{Bench, requesters::Requesters, submit::submit};
use anyhow::{Context, Result, anyhow, ensure};
use dpin_measure::load::{
    connection::{Best, wire},
    crowd::{Crowd, JobLife, TILE_BYTES},
    measure::{ACCOUNTS, PALLETS, percentile, state_size},
    signing::Signer,
};
use dpin_primitives::{
    AssetKind, Balance, BlockNumber, DPN, Hash, KernelId, SLOT_MS, blake2,
    job::{AuditPolicy, JobSpec, Requirements, Reward, TaskCount},
    kernel::{KernelClass, KernelManifest, Param, Tiling},
    worker::{Device, DeviceClass, MAX_DEVICES},
};
use dpin_runtime::{Runtime, RuntimeCall, parameters::dynamic::compute};
use dpin_tests::{
    actors,
    client::Client,
    worker::{any_offer, bounded, device},
};
use polkadot_sdk::sp_keyring::Sr25519Keyring::Alice;
use std::time::Instant;

/// Reward of a task, in planck.
const REWARD: Balance = DPN / 2;
/// Blocks after which the effects of a changed load have passed through the whole life of a job.
const SETTLING: u32 = 10;
/// Blocks after which no agenda holds an ended task: the first look at a task is that late.
const SWEPT_AFTER: u32 = 13;
/// Blocks without a paid job after which the run fails.
const PATIENCE: u32 = 12;
/// Most jobs posted between the first two blocks of the load.
const FIRST_RATE: u32 = 300;
/// Source of the kernel, which is never run.
const SOURCE: &[u8] = b"__kernel void f(__global uchar *out) {}";

/// Measure whole lives of jobs: without load, and as many as the chain takes up. Returns the
/// figures for the last line.
pub(crate) async fn jobs(bench: &mut Bench<'_>, workers: &[Signer], requesters: &[Signer]) -> Result<String> {
    let kernel = prepare(bench, workers).await?;
    let mut posting = Posting::new(bench, kernel, workers, requesters);
    let unloaded = posting.without_load(bench).await?;
    let loaded = posting.raise(bench).await?;
    let at = posting.drain(bench, &loaded).await?;
    posting.conclude(bench, &unloaded, &loaded, at).await
}

/// Register the kernel and the workers' devices. Returns when all of that is in blocks.
async fn prepare(bench: &mut Bench<'_>, workers: &[Signer]) -> Result<KernelId> {
    println!("Registering the kernel and {} devices ...", workers.len() * MAX_DEVICES as usize);
    let client = Client::connect(&bench.node.url()).await?;
    let none = 0.try_into().map_err(|_| anyhow!("no samples cannot be extra"))?;
    let extra_samples = compute::Parameters::ExtraSamples(compute::ExtraSamples, Some(none));
    actors::set_parameters(&client, vec![extra_samples]).await?;
    let manifest = manifest()?;
    let kernel = manifest.id();
    for included in client.submit_all(Alice, vec![actors::store(SOURCE), actors::register_kernel(manifest)]).await? {
        included.ok()?;
    }
    let genesis = bench.connection.genesis;
    let updates = workers.iter().map(|worker| Ok(wire(&worker.transaction(genesis, 0, update()?))));
    let updates = updates.collect::<Result<_>>()?;
    ensure!(submit(&bench.connection, updates, 100).await? == 0, "a worker was refused");
    let last = workers.last().context("there are workers")?;
    loop {
        let at = bench.heads.next().await?.hash();
        let info = bench.account(&last.account, at).await?;
        if info.nonce == 1 && bench.connection.pending().await? == 0 {
            return Ok(kernel);
        }
    }
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

/// The call with which a worker declares as many devices as allowed: each runs one task at a time.
fn update() -> Result<RuntimeCall> {
    let device = Device {
        vendor: bounded(b"loopback".to_vec())?,
        model: bounded(b"none".to_vec())?,
        ..device(DeviceClass::Gpu)
    };
    let call = pallet_workers::Call::<Runtime>::update {
        address: bounded(b"ws://127.0.0.1:9944".to_vec())?,
        region: Default::default(),
        devices: bounded(vec![device; MAX_DEVICES as usize])?,
        offer: any_offer()?,
    };
    Ok(call.into())
}

fn spec(kernel: KernelId, tiles: u32) -> JobSpec {
    JobSpec {
        kernel,
        global_size: [16 * tiles, 1, 1],
        scalars: Default::default(),
        inputs: Default::default(),
        reward: Reward { asset: AssetKind::Native, per_task: REWARD },
        tasks: TaskCount::Exactly(1),
        audit: AuditPolicy::default(),
        run_blocks: 20,
        requires: Requirements::default(),
    }
}

/// The requesters and the workers of a chain whose jobs are measured.
struct Posting<'a> {
    requesters: Requesters<'a>,
    crowd: Crowd,
    /// Jobs that are in blocks.
    posted: u64,
}

/// The chain before the load.
struct Unloaded {
    lengths: Lengths,
    /// Bytes of the state of jobs and tasks.
    state: u64,
    /// Bytes of the state of accounts.
    accounts: u64,
    /// Jobs paid so far.
    settled: usize,
}

/// The chain at the end of the load.
#[derive(Default)]
struct Loaded {
    /// First block of the measured window.
    first: BlockNumber,
    /// Last block of the load.
    last: BlockNumber,
    /// Its hash.
    at: Hash,
    /// Jobs paid, and failures, before the measured window.
    before: (usize, usize),
    /// The lives of the jobs paid in the measured window.
    lives: Vec<JobLife>,
    /// Failures in the measured window.
    failures: usize,
    /// Jobs paid so far.
    settled: usize,
    /// Jobs that are not paid yet.
    open: u64,
    /// CPU seconds of the node under load.
    cpu: f64,
}

impl<'a> Posting<'a> {
    fn new(bench: &Bench<'_>, kernel: KernelId, workers: &[Signer], requesters: &'a [Signer]) -> Self {
        let (genesis, options) = (bench.connection.genesis, bench.options);
        Self {
            requesters: Requesters::new(requesters, genesis, spec(kernel, options.tiles), options.batch),
            crowd: Crowd::new(genesis, workers, options.tiles),
            posted: 0,
        }
    }

    /// Collect the crowd's duties from a block. Returns the numbers of jobs posted and paid in it.
    fn see(&mut self, block: &Best) -> Result<(u32, u32)> {
        let (new, paid) = self.crowd.see(block)?;
        self.posted += u64::from(new);
        Ok((new, paid))
    }

    /// Whether a job is not paid yet, or not even in a block.
    fn is_busy(&self) -> bool {
        self.crowd.open() > 0 || self.posted < self.requesters.sent
    }

    /// Let every account act once, so that the state which an account leaves is there before the
    /// measurement.
    async fn without_load(&mut self, bench: &mut Bench<'_>) -> Result<Unloaded> {
        println!("A chain without load ...");
        let requesters = self.requesters.count() as u64;
        let per_block = requesters.div_ceil(8) as u32;
        let batch = std::mem::replace(&mut self.requesters.batch, 1);
        let (mut number, mut at) = (0, bench.heads.next().await?.hash());
        while self.requesters.sent < requesters || self.is_busy() {
            submit(&bench.connection, self.crowd.reports(number)?, 50).await?;
            if self.requesters.sent < requesters {
                submit(&bench.connection, self.requesters.post(per_block), 50).await?;
            }
            let block = bench.heads.block().await?;
            (number, at) = (block.number, block.hash);
            self.see(&block)?;
            ensure!(self.crowd.failures.is_empty(), "{:?}", self.crowd.failures);
        }
        self.requesters.batch = batch;

        let lengths = Lengths::of(&self.crowd.settled);
        lengths.print("without load", self.crowd.settled.len());
        let (entries, state) = state_size(&bench.connection, &PALLETS, at).await?;
        let (_, accounts) = state_size(&bench.connection, &ACCOUNTS, at).await?;
        println!("  live state: {entries} entries, {state} bytes");
        Ok(Unloaded { lengths, state, accounts, settled: self.crowd.settled.len() })
    }

    /// Post more and more jobs, as long as the chain takes them up, and then as many as it does.
    async fn raise(&mut self, bench: &mut Bench<'_>) -> Result<Loaded> {
        println!("Raising the load ...");
        let (blocks, most) = (bench.options.blocks, bench.options.rate);
        let mut rate = Rate { jobs: most.min(FIRST_RATE), most };
        let mut loaded = Loaded::default();
        let cpu = bench.node.cpu_seconds();
        for step in 0..2 * blocks + SETTLING {
            let block = bench.heads.block().await?;
            let arrived = Instant::now();
            let news = self.see(&block)?;
            if step == blocks + SETTLING {
                loaded.first = block.number;
                loaded.before = (self.crowd.settled.len(), self.crowd.failures.len());
            }
            let backlog = self.answer(bench, &block, arrived, news, &rate).await?;
            rate.adapt(&backlog, step < blocks);
            (loaded.last, loaded.at) = (block.number, block.hash);
        }
        loaded.cpu = bench.cpu_seconds_since(cpu);
        let (settled, failures) = loaded.before;
        loaded.lives = self.crowd.settled[settled..].to_vec();
        loaded.failures = self.crowd.failures.len() - failures;
        loaded.settled = self.crowd.settled.len();
        loaded.open = self.crowd.open() as u64;
        Ok(loaded)
    }

    /// Submit the workers' reports on a block, and new jobs. Prints both, and returns the backlog.
    async fn answer(
        &mut self,
        bench: &Bench<'_>,
        block: &Best,
        arrived: Instant,
        (new, paid): (u32, u32),
        rate: &Rate,
    ) -> Result<Backlog> {
        let backlog = Backlog {
            behind: self.requesters.sent.saturating_sub(self.posted) as u32,
            unassigned: self.crowd.unassigned() as u32,
        };
        let room = rate.room(&backlog);
        let reports = self.crowd.reports(block.number)?;
        let count = reports.len();
        submit(&bench.connection, reports, 25).await?;
        let answered = arrived.elapsed();
        submit(&bench.connection, self.requesters.post(room), 10).await?;
        println!(
            "  block {}: {new} posted, {paid} paid, {} open, {} unassigned, {} behind; {count} reports in {} ms, \
             {room} jobs in {} ms",
            block.number,
            self.crowd.open(),
            backlog.unassigned,
            backlog.behind,
            answered.as_millis(),
            (arrived.elapsed() - answered).as_millis()
        );
        Ok(backlog)
    }

    /// Let all jobs end, and wait until no agenda holds their tasks. Returns the last block.
    async fn drain(&mut self, bench: &mut Bench<'_>, loaded: &Loaded) -> Result<Hash> {
        println!("Letting {} jobs end ...", loaded.open);
        let (mut last, mut at, mut quiet) = (loaded.last, loaded.at, 0);
        while self.is_busy() {
            submit(&bench.connection, self.crowd.reports(last)?, 25).await?;
            let block = bench.heads.block().await?;
            (last, at) = (block.number.max(last), block.hash);
            let (_, paid) = self.see(&block)?;
            quiet = if paid == 0 { quiet + 1 } else { 0 };
            ensure!(
                quiet < PATIENCE,
                "{} jobs do not end: {:?}",
                self.crowd.open(),
                self.crowd.failures.iter().take(5).collect::<Vec<_>>()
            );
        }
        println!("  all {} jobs have ended", self.crowd.settled.len());
        for _ in 0..SWEPT_AFTER {
            let block = bench.heads.block().await?;
            at = block.hash;
            self.see(&block)?;
        }
        Ok(at)
    }

    /// Print the figures, and check that no failure has occurred and no state of a job is left.
    async fn conclude(&self, bench: &Bench<'_>, unloaded: &Unloaded, loaded: &Loaded, at: Hash) -> Result<String> {
        let state = self.print_state(bench, unloaded, loaded, at).await?;
        let mut window = bench.window(loaded.first, loaded.first + bench.options.blocks - 1).await?;
        window.print("jobs");
        let lengths = Lengths::of(&loaded.lives);
        lengths.print("under load", loaded.lives.len());
        self.print_work(bench, loaded);
        state.print(loaded.open);

        let paid = loaded.lives.len();
        let rate = paid as f64 / window.seconds;
        let Lengths { output, settlement } = &lengths;
        println!("jobs_per_s={rate:.0}");
        println!("blocks to output {output} (no load: {})", unloaded.lengths.output);
        println!("blocks to settlement {settlement} (no load: {})", unloaded.lengths.settlement);
        println!("state_bytes_per_open_job={:.0}", state.per_open(loaded.open));
        let per_settled = state.per_settled();
        println!("state_bytes_per_settled_job={per_settled:.3}");
        println!("block_bytes_per_job={:.0}", window.bytes as f64 / paid.max(1) as f64);
        self.crowd.check()?;
        ensure!(per_settled < 1.0, "{per_settled:.1} bytes of state are left of every settled job");
        Ok(format!(
            "jobs_per_s={rate:.0} output_blocks_p99={} settled_blocks_p99={} \
             state_bytes_per_settled_job={per_settled:.0}",
            output.p99, settlement.p99
        ))
    }

    /// Read the sizes of the state, and print the growth of accounts.
    async fn print_state(
        &self,
        bench: &Bench<'_>,
        unloaded: &Unloaded,
        loaded: &Loaded,
        at: Hash,
    ) -> Result<StateSizes> {
        let (_, full) = state_size(&bench.connection, &PALLETS, loaded.at).await?;
        let (_, after) = state_size(&bench.connection, &PALLETS, at).await?;
        let (_, accounts) = state_size(&bench.connection, &ACCOUNTS, at).await?;
        println!(
            "  what is kept of accounts has grown by {} bytes: whom was paid for the first time, or in this era",
            accounts as i64 - unloaded.accounts as i64
        );
        Ok(StateSizes { before: unloaded.state, full, after, settled: self.crowd.settled.len() - unloaded.settled })
    }

    /// Print the work of the node and of the crowd.
    fn print_work(&self, bench: &Bench<'_>, loaded: &Loaded) {
        let seconds = f64::from(2 * bench.options.blocks + SETTLING) * SLOT_MS as f64 / 1_000.0;
        println!(
            "  the node used {:.0} s of CPU in {seconds:.0} s; {} failures while measuring, {} in all",
            loaded.cpu,
            loaded.failures,
            self.crowd.failures.len()
        );
        println!(
            "  {} reports in {} transactions; {} jobs paid when the load ended",
            self.crowd.sent.0, self.crowd.sent.1, loaded.settled
        );
    }
}

/// Jobs that the chain has not taken up yet.
struct Backlog {
    /// Jobs that are sent and not in a block.
    behind: u32,
    /// Jobs that wait for a worker.
    unassigned: u32,
}

/// Number of jobs posted between two blocks.
struct Rate {
    jobs: u32,
    most: u32,
}

impl Rate {
    /// The number of jobs to post now. Jobs that are not taken up at once would only make
    /// everything wait longer.
    fn room(&self, Backlog { behind, unassigned }: &Backlog) -> u32 {
        self.jobs.saturating_sub(*behind).saturating_sub(unassigned.saturating_sub(self.jobs))
    }

    /// Raise the rate while all jobs are taken up, fast at first; lower it when some are left over.
    fn adapt(&mut self, Backlog { behind, unassigned }: &Backlog, fast: bool) {
        if *behind == 0 && *unassigned <= 2 * self.jobs {
            self.jobs = (self.jobs + self.jobs / if fast { 5 } else { 50 }).min(self.most);
        } else if *behind > self.jobs / 4 {
            self.jobs -= self.jobs / 10;
        }
    }
}

/// Bytes of the state of jobs and tasks.
struct StateSizes {
    before: u64,
    /// With the open jobs at the end of the load.
    full: u64,
    /// When all jobs have ended.
    after: u64,
    /// Jobs paid between the first and the last size.
    settled: usize,
}

impl StateSizes {
    fn per_open(&self, open: u64) -> f64 {
        (self.full as f64 - self.before as f64) / open.max(1) as f64
    }

    fn per_settled(&self) -> f64 {
        (self.after as f64 - self.before as f64) / (self.settled as f64).max(1.0)
    }

    fn print(&self, open: u64) {
        let Self { full, after, settled, .. } = self;
        println!("  live state: {full} bytes with {open} open jobs, {after} bytes after {settled} were settled");
    }
}

/// Median and 99th percentile.
struct Spread {
    p50: u64,
    p99: u64,
}

impl Spread {
    fn of(mut values: Vec<u64>) -> Self {
        Self { p50: percentile(&mut values, 0.5), p99: percentile(&mut values, 0.99) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p50={} p99={}", self.p50, self.p99)
    }
}

/// The lengths of lives, in blocks: from submission to the output and to the settlement.
struct Lengths {
    output: Spread,
    settlement: Spread,
}

impl Lengths {
    fn of(lives: &[JobLife]) -> Self {
        let lengths = |end: fn(&JobLife) -> BlockNumber| {
            Spread::of(lives.iter().map(|life| u64::from(end(life) - life.submitted)).collect())
        };
        Self { output: lengths(|life| life.committed), settlement: lengths(|life| life.settled) }
    }

    fn print(&self, what: &str, jobs: usize) {
        let Self { output, settlement } = self;
        println!(
            "  {what}, {jobs} jobs: blocks from submission to commitment p50 {} p99 {}, to settlement p50 {} p99 {}",
            output.p50, output.p99, settlement.p50, settlement.p99
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_while_jobs_are_taken_up_and_falls_when_they_are_left_over() {
        let mut rate = Rate { jobs: 100, most: 125 };
        let idle = Backlog { behind: 0, unassigned: 0 };
        assert_eq!(rate.room(&idle), 100);
        rate.adapt(&idle, true);
        assert_eq!(rate.jobs, 120);
        rate.adapt(&idle, true);
        assert_eq!(rate.jobs, 125);
        let late = Backlog { behind: 40, unassigned: 135 };
        assert_eq!(rate.room(&late), 125 - 40 - 10);
        rate.adapt(&late, false);
        assert_eq!(rate.jobs, 113);
    }

    #[test]
    fn lengths_are_counted_from_the_submission() {
        let life = |committed, settled| JobLife { submitted: 10, committed, settled };
        let lengths = Lengths::of(&[life(12, 20), life(13, 21), life(14, 30)]);
        assert_eq!(
            (lengths.output.to_string(), lengths.settlement.to_string()),
            ("p50=3 p99=4".into(), "p50=11 p99=20".into())
        );
    }
}
