//! The demo's network under random kills: nothing is lost, nothing is paid twice, and nobody is
//! slashed without need.
//!
//! # Overview
//!
//! [`run`] starts the network of the demo and one more node, through which the requester acts and
//! the chain is read. Then two tasks run in parallel until the time is up: [`load`] posts a mix of
//! jobs, and [`chaos`] disturbs one node after the other, by a [`Schedule`](chaos::Schedule) with a
//! seed. At the end every node runs undisturbed until all jobs end. The finalised chain is read
//! from the first block to the last. [`judge`] compares it with the load and the disturbances, and
//! the [books](crate::books) must balance to the planck.
//!
//! # Terminology
//!
//! - An *outage* is a time in which a worker's node could not act: it was dead, stopped, or cut
//!   off.
//! - A slash is *needless* if its worker had an undisturbed time between outages that was long
//!   enough for the duty. A killed executor or a killed child is no outage: the node must get the
//!   duty done all the same.

pub mod chaos;
pub mod judge;
pub mod load;

use crate::{
    actors,
    books::Books,
    client::{Block, Client},
    network::{Network, NodeConfig, two_validators_and_two_workers},
    progress,
};
use anyhow::{Context, Result, ensure};
use polkadot_sdk::sp_keyring::Sr25519Keyring::{self, Eve, Ferdie};
use std::{
    fmt,
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The account that posts the jobs. Its node is never disturbed.
pub const REQUESTER: Sr25519Keyring = Eve;
/// Blocks between a fault and its slash, so that slashes are carried out before the books are
/// closed.
const SLASH_BLOCKS: u32 = 20;
/// Time limit for jobs to end after the last disturbance.
const QUIET: Duration = Duration::from_secs(600);
/// Time limit for the next block of the followed chain.
const LAG: Duration = Duration::from_secs(60);

/// The duration and the seed of the disturbances.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Duration of the disturbances.
    pub time: Duration,
    /// Seed that decides which node is disturbed, when and how.
    pub seed: u64,
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toll {
    /// Number of posted jobs.
    pub jobs: usize,
    /// Jobs that did not end, tasks that failed although their kernel is good, and outputs that are
    /// missing or wrong.
    pub lost: Vec<String>,
    /// Tasks that were closed more than once.
    pub double_paid: Vec<String>,
    /// Slashes of workers that had enough time for their duty.
    pub slashed_without_need: Vec<String>,
}

impl Toll {
    /// Whether nothing went wrong.
    pub fn is_ok(&self) -> bool {
        self.lost.is_empty() && self.double_paid.is_empty() && self.slashed_without_need.is_empty()
    }

    /// All faults, one line each.
    pub fn faults(&self) -> impl Iterator<Item = &String> {
        self.lost.iter().chain(&self.double_paid).chain(&self.slashed_without_need)
    }
}

impl fmt::Display for Toll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { jobs, lost, double_paid, slashed_without_need } = self;
        let (lost, double_paid) = (lost.len(), double_paid.len());
        write!(
            f,
            "jobs={jobs} lost={lost} double_paid={double_paid} slashed_without_need={}",
            slashed_without_need.len()
        )
    }
}

/// The time in milliseconds since 1970, as in blocks.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The demo's four nodes and the requester's. They only connect to each other.
pub fn nodes() -> Vec<NodeConfig> {
    // The last node keeps the state of every block, because the books are entered at the end.
    let archive = ["--state-pruning", "archive", "--blocks-pruning", "archive"];
    let mut nodes: Vec<NodeConfig> = two_validators_and_two_workers().into_iter().map(NodeConfig::meshed).collect();
    nodes.push(NodeConfig::observer(REQUESTER).meshed().with_options(&archive));
    nodes
}

/// Start the network, disturb it, and check the result. Prints events to standard output.
///
/// # Errors
///
/// When the network does not start, a node does not come back, the books do not balance, or jobs
/// left something in the chain's state. The faults in the [`Toll`] are no error here.
pub async fn run(options: Options, logs: Option<&Path>) -> Result<Toll> {
    let mut network = Network::start(nodes(), logs).await?;
    let result = on(&mut network, options).await;
    if result.as_ref().map_or(true, |outcome| !outcome.is_ok()) {
        eprintln!("{}", network.explain());
    }
    result
}

async fn on(network: &mut Network, options: Options) -> Result<Toll> {
    let client = network.client(REQUESTER).await?;
    let mut blocks = client.blocks().await?;
    let begin = Instant::now();
    let workers: Vec<Sr25519Keyring> = network.workers().into_iter().map(|(account, _)| account).collect();
    let accounts = workers.iter().map(|worker| worker.to_account_id()).collect();
    let requesters = vec![REQUESTER.to_account_id(), Ferdie.to_account_id()];
    let mut books = Books::open(&client, blocks.last(), accounts, requesters).await?;

    let load = load::Load::prepare(&client).await?;
    // One after the other: Alice governs and has a worker, and two of her transactions must not
    // have the same nonce.
    actors::set_parameters(&client, vec![actors::slash_delay(SLASH_BLOCKS)?]).await?;
    actors::register_workers(&client, network.workers()).await?;
    println!("{} s: four workers are registered; seed {}", begin.elapsed().as_secs(), options.seed);

    let until = Instant::now() + options.time;
    let (posted, outages) = tokio::try_join!(
        load.post(&client, options.seed, until),
        chaos::disturb(network, &client, options.seed, until, begin)
    )?;
    println!("{} s: {} jobs were posted; waiting until all have ended", begin.elapsed().as_secs(), posted.len());

    let mut seen = Vec::new();
    let mut judge = judge::Judge::new(&posted, outages);
    let deadline = Instant::now() + QUIET;
    while !judge.all_ended() && Instant::now() < deadline {
        let block = actors::in_time(LAG, blocks.next()).await.context("the chain does not go on")?;
        enter(&client, &mut books, &mut judge, &block, begin).await?;
        seen.push(block.hash);
    }
    // By the end of this loop, pending slashes are carried out and the last calls are final.
    let (best, _) = client.best().await?;
    loop {
        let block = actors::in_time(LAG, blocks.next()).await.context("the chain does not go on")?;
        enter(&client, &mut books, &mut judge, &block, begin).await?;
        if block.number >= best && books.pending_slashes().next().is_none() {
            break;
        }
        ensure!(Instant::now() < deadline, "slashes are not carried out");
    }
    books.close(&client, blocks.last()).await.context("the books do not balance")?;
    println!("info: money in = money out: books and balances agree to the planck");
    let toll = judge.toll(&client).await?;
    if judge.all_ended() {
        actors::nothing_left(&client, &[REQUESTER, Ferdie], &workers).await?;
    }
    Ok(toll)
}

/// Enter a block into the books, show it to the judge, and print its events about failed tasks.
async fn enter(
    client: &Client,
    books: &mut Books,
    judge: &mut judge::Judge,
    block: &Block,
    begin: Instant,
) -> Result<()> {
    books.enter(client, block).await?;
    judge.see(block, client.timestamp_ms(block.hash).await?);
    for (task, words) in block.events.iter().filter_map(progress::of_task) {
        if ["failed", "caught", "given up", "disputed"].iter().any(|word| words.starts_with(word)) {
            println!("{} s: block {}: task {task}: {words}", begin.elapsed().as_secs(), block.number);
        }
    }
    Ok(())
}
