//! `bench-chain`: measures the load that one validator can carry.
//!
//! # Real and simulated parts
//!
//! The node is real: a process of its own with blocks of three seconds. Every transaction is
//! signed, goes through its JSON-RPC and its pool, and is in a block. One other process plays
//! everybody else: payers, requesters, and all workers. Workers compute nothing (see
//! [`dpin_measure::load::crowd`]); their leaves, seals, openings and signatures are real. The two
//! processes share the machine's cores.
//!
//! Governance has set `extra_samples` to 0, so that new workers get only the samples that the
//! requester asks for. Each worker declares as many devices as allowed.

mod jobs;
mod requesters;
mod submit;
mod transfers;
mod window;

use anyhow::{Result, bail};
use clap::Parser;
use dpin_measure::load::{
    connection::{Connection, Heads},
    node::{Cast, LoadedNode},
    signing::Signer,
};
use dpin_primitives::{AccountId, Balance, BlockNumber, DPN, Hash};
use dpin_runtime::Runtime;
use dpin_tests::program::{self, Verdict};
use polkadot_sdk::{frame_system, pallet_balances};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};
use window::Window;

/// Time limit of the whole run.
const LIMIT: Duration = Duration::from_secs(470);
/// Initial balance of a requester, in planck.
const REQUESTER_BALANCE: Balance = 200_000 * DPN;
/// Initial balance of an account that sends or receives transfers, in planck.
const PAYER_BALANCE: Balance = 500 * DPN;

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
    program::run("bench-chain", async {
        match tokio::time::timeout(LIMIT, run(&options)).await {
            Ok(summary) => Ok(Verdict::ok(summary?)),
            Err(_) => bail!("not after {LIMIT:?}"),
        }
    })
}

async fn run(options: &Options) -> Result<String> {
    let began = Instant::now();
    let signers = Signers::new(options);
    let Signers { workers, requesters, payers, sinks } = &signers;
    println!("A chain with {} workers, {} requesters, {} payers ...", workers.len(), requesters.len(), payers.len());
    let all: Vec<Signer> = payers.iter().chain(sinks).cloned().collect();
    let cast = Cast { workers, requesters: (requesters, REQUESTER_BALANCE), payers: (&all, PAYER_BALANCE) };
    let mut node = LoadedNode::start(&cast, &options.node)?;
    let connection = node.until(|url| async move { Connection::open(&url).await }).await?;
    let result = measure(options, &node, connection, &signers).await;
    println!("Ending the node after {:.0} s ...", began.elapsed().as_secs_f64());
    result.map_err(|error| error.context(node.explain()))
}

async fn measure(options: &Options, node: &LoadedNode, connection: Connection, signers: &Signers) -> Result<String> {
    let mut heads = connection.heads().await?;
    heads.next().await?;
    let mut bench = Bench { options, node, connection, heads };
    let mut summary = String::new();
    if options.transfers > 0 {
        let rate = transfers::transfers(&mut bench, &signers.payers, &signers.sinks).await?;
        summary += &format!("transfers_per_s={rate:.0} ");
    }
    if options.rate > 0 {
        summary += &jobs::jobs(&mut bench, &signers.workers, &signers.requesters).await?;
    }
    Ok(summary)
}

/// Everybody except the validator.
struct Signers {
    workers: Vec<Signer>,
    requesters: Vec<Signer>,
    payers: Vec<Signer>,
    /// The accounts that receive the payers' transfers.
    sinks: Vec<Signer>,
}

impl Signers {
    fn new(options: &Options) -> Self {
        Self {
            workers: Signer::many("worker", options.workers),
            requesters: Signer::many("requester", options.requesters),
            payers: Signer::many("payer", options.payers),
            sinks: Signer::many("sink", options.payers),
        }
    }
}

/// The node under load, and a connection to it.
struct Bench<'a> {
    options: &'a Options,
    node: &'a LoadedNode,
    connection: Connection,
    heads: Heads,
}

impl Bench<'_> {
    /// The window of the blocks after `first` up to `last`.
    async fn window(&self, first: BlockNumber, last: BlockNumber) -> Result<Window> {
        Window::of(&self.connection, self.node, first, last).await
    }

    /// CPU seconds that the node has used since it had used `before`; 0 if that is not known.
    fn cpu_seconds_since(&self, before: Option<f64>) -> f64 {
        self.node.cpu_seconds().zip(before).map_or(0.0, |(after, before)| after - before)
    }

    async fn account(&self, who: &AccountId, at: Hash) -> Result<AccountInfo> {
        let key = frame_system::Account::<Runtime>::hashed_key_for(who);
        Ok(self.connection.storage(key, at).await?.unwrap_or_default())
    }
}

type AccountInfo = frame_system::AccountInfo<u32, pallet_balances::AccountData<Balance>>;
