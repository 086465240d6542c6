//! `dpin-demo`: four nodes, two jobs, and proof that both were computed, checked and paid.

mod followed;
mod outputs;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use dpin_kernels::{Job, mandelbrot::View, mlp_digits};
use dpin_primitives::{AccountId, AssetKind, BLC, BLC_UNIT, JobId, job::TaskCount};
use dpin_tests::{
    actors::{self, Terms},
    books::{ASSETS, Books},
    client::{Blocks, Client},
    network::{Network, Node, name, two_validators_and_two_workers},
    program::{self, Verdict},
    progress,
};
use followed::Followed;
use polkadot_sdk::sp_keyring::Sr25519Keyring;
use std::{
    fs,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Time limit of the whole demo.
const LIMIT: Duration = Duration::from_secs(180);
/// Pixels of the picture in each dimension.
const PIXELS: u32 = 2048;
/// Iterations after which a point counts as inside the set.
const ITERATIONS: u32 = 1_000;
/// The account that posts and pays for the jobs.
const REQUESTER: Sr25519Keyring = Sr25519Keyring::Eve;

/// Run two real OpenCL jobs on a network of four processes.
///
/// Starts two validators that also work and two workers that do not validate, all on loopback.
/// Posts two jobs: a picture of the Mandelbrot set (in four tasks, paid in DPN), and the
/// recognition of 1,797 handwritten digits (paid in BLC). Shows the steps of every task, and
/// fetches the outputs from the workers. Checks every byte against the root on chain and against
/// the CPU reference, and proves that money in equals money out.
///
/// Ends every process it started. The last line gives the result; the exit status is 0 if
/// everything succeeded.
#[derive(Parser)]
#[command(name = "dpin-demo", version)]
struct Options {
    /// Directory for mandelbrot.png and digits.csv.
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,

    /// Write the nodes' logs to this directory and keep them. Without it they are only kept if the
    /// demo fails.
    #[arg(long, value_name = "DIR")]
    keep_logs: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    program::run("demo", run(&options))
}

/// Run the demo on a network that is removed when this returns.
async fn run(options: &Options) -> Result<Verdict> {
    let begin = Instant::now();
    println!("Starting four nodes ...");
    let mut network = Network::start(two_validators_and_two_workers(), options.keep_logs.as_deref()).await?;
    let result = actors::in_time(LIMIT.saturating_sub(begin.elapsed()), demo(&network, options, begin)).await;
    if result.is_err() {
        eprintln!("{}", network.explain());
    }
    println!("Ending all processes ...");
    drop(network);
    result.map(Verdict::ok)
}

async fn demo(network: &Network, options: &Options, begin: Instant) -> Result<String> {
    show_nodes(network, begin);
    let client = network.client(Sr25519Keyring::Alice).await?;
    let workers: Vec<AccountId> = network.workers().iter().map(|(account, _)| account.to_account_id()).collect();
    let mut blocks = client.blocks().await?;
    let mut books = Books::open(&client, blocks.last(), workers.clone(), vec![REQUESTER.to_account_id()]).await?;

    println!("\nFour workers register and bond; {REQUESTER} stores kernels and inputs ...");
    let view = View::whole_set(PIXELS, PIXELS, ITERATIONS);
    let jobs = jobs(&view)?;
    tokio::try_join!(actors::register_workers(&client, network.workers()), prepare(&client, &jobs))?;
    let ids = post(&client, &jobs).await?;
    let followed = follow(&client, &mut blocks, &mut books, &ids, begin).await?;

    println!("\nFetching the outputs from the workers and checking them ...");
    let mut outputs = Vec::new();
    for (id, posted) in ids.iter().zip(&jobs) {
        outputs.push(outputs::fetch(&client, *id, &posted.job, &followed).await?);
    }
    fs::create_dir_all(&options.out).with_context(|| format!("{} cannot be made", options.out.display()))?;
    let [picture, digits] = outputs.as_slice() else { bail!("two jobs have two outputs") };
    outputs::write_picture(&options.out.join("mandelbrot.png"), &view, picture)?;
    let accuracy = outputs::write_digits(&options.out.join("digits.csv"), digits)?;

    println!();
    followed.table(&books);
    println!();
    balance(&client, &blocks, &books, &workers).await?;
    let accounts: Vec<Sr25519Keyring> = network.workers().iter().map(|(account, _)| *account).collect();
    actors::nothing_left(&client, &[REQUESTER], &accounts).await?;
    println!();
    for id in &ids {
        info(&format!("job {id}"), &followed.blocks_of(*id)?);
    }
    info("took", &format!("{} s", begin.elapsed().as_secs()));
    let (tasks, verified, settled) = followed.counts();
    ensure!(verified == tasks && settled == tasks, "{tasks} tasks, {verified} verified, {settled} settled");
    Ok(format!("jobs={} tasks={tasks} verified={verified} settled={settled} accuracy={accuracy:.2}", ids.len()))
}

fn info(what: &str, text: &str) {
    println!("info: {what}: {text}");
}

/// Print the nodes with their roles, URLs and memory.
fn show_nodes(network: &Network, begin: Instant) {
    for node in network.nodes() {
        let role = if node.is_validator() { "validates and works" } else { "works" };
        println!("  {:<8} {:<20} {}", node.account().to_string(), role, node.url());
    }
    info("ready after", &format!("{} s", begin.elapsed().as_secs()));
    let memory = |node: &Node| {
        let mib = node.resident_bytes().unwrap_or_default() / (1024 * 1024);
        format!("{} {mib} MiB", node.account())
    };
    info("node memory at rest", &network.nodes().iter().map(memory).collect::<Vec<_>>().join(", "));
}

/// A job of the demo.
struct DemoJob {
    title: String,
    terms: Terms,
    job: Job,
}

/// The picture in four tasks, paid in DPN, and the digits, paid in BLC.
fn jobs(view: &View) -> Result<[DemoJob; 2]> {
    Ok([
        DemoJob {
            title: format!("Mandelbrot set, {PIXELS} x {PIXELS} pixels"),
            terms: Terms { tasks: TaskCount::Exactly(4), ..Terms::default() },
            job: view.job()?,
        },
        DemoJob {
            title: format!("{} handwritten digits", mlp_digits::LABELS.len()),
            terms: Terms { asset: BLC, reward: 4 * BLC_UNIT, tasks: TaskCount::Auto, ..Terms::default() },
            job: mlp_digits::digits_job()?,
        },
    ])
}

/// Store the kernels and inputs of the jobs.
async fn prepare(client: &Client, jobs: &[DemoJob]) -> Result<()> {
    let calls = jobs.iter().map(|posted| actors::prepare(&posted.job)).collect::<Result<Vec<_>>>()?.concat();
    let included = client.submit_all(REQUESTER, calls).await?;
    included.into_iter().try_for_each(|call| call.ok().map(drop)).context("kernels and inputs")
}

/// Post the jobs.
async fn post(client: &Client, jobs: &[DemoJob]) -> Result<Vec<JobId>> {
    let specs = jobs.iter().map(|posted| actors::spec_of(&posted.job, posted.terms.clone()));
    let calls = specs.map(|spec| Ok(actors::submit_job(spec?))).collect::<Result<Vec<_>>>()?;
    let included = client.submit_all(REQUESTER, calls).await?;
    let ids = included.into_iter().map(actors::posted).collect::<Result<Vec<JobId>>>()?;
    println!();
    for (id, posted) in ids.iter().zip(jobs) {
        let reward = progress::of_amount(posted.terms.reward, &posted.terms.asset);
        println!("job {id}: {}, {reward} a task", posted.title);
    }
    println!();
    Ok(ids)
}

/// Follow the chain until the jobs have ended. Prints the steps of their tasks, and enters the
/// blocks into the books.
async fn follow(
    client: &Client,
    blocks: &mut Blocks,
    books: &mut Books,
    ids: &[JobId],
    begin: Instant,
) -> Result<Followed> {
    let mut followed = Followed::default();
    let seen = actors::until_ended(blocks, ids.iter().copied(), LIMIT, |block| {
        followed.see(block);
        for (task, words) in block.events.iter().filter_map(progress::of_task) {
            println!("{:>4} s  block {:>3}  task {task}  {words}", begin.elapsed().as_secs(), block.number);
        }
    })
    .await?;
    for block in &seen {
        books.enter(client, block).await?;
    }
    Ok(followed)
}

/// Print the sums of all accounts, and check that money in equals money out.
async fn balance(client: &Client, blocks: &Blocks, books: &Books, workers: &[AccountId]) -> Result<()> {
    accounts(books, workers);
    books.close(client, blocks.last()).await.context("the books do not balance")?;
    println!(
        "money in = money out: what {REQUESTER} paid is what workers, auditors and revenue got, to the last planck;"
    );
    println!(
        "                      balances and total issuance of DPN and BLC before and after agree with every event"
    );
    Ok(())
}

/// Print the sums that each account paid and received.
fn accounts(books: &Books, workers: &[AccountId]) {
    let requester = REQUESTER.to_account_id();
    for asset in &ASSETS {
        let amount = |amount: u128| progress::of_amount(amount, asset);
        let (spent, revenue) = books.spent(&requester, asset);
        println!(
            "{:<9} paid {:>15} for tasks, of which {} went to revenue",
            REQUESTER.to_string(),
            amount(spent),
            amount(revenue)
        );
        for worker in workers {
            let (worked, audited) = books.earned(worker, asset);
            println!("{:<9} got  {:>15} as worker and {} as auditor", name(worker), amount(worked), amount(audited));
        }
    }
    let fees = progress::of_amount(books.fees(&requester), &AssetKind::Native);
    println!("{:<9} paid {fees:>15} for transactions", REQUESTER.to_string());
}
