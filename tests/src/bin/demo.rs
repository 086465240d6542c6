//! `dpin-demo`: four nodes, two jobs, and proof that both were computed, checked and paid.

use anyhow::{bail, ensure, Context, Result};
use clap::Parser;
use dpin_kernels::{
    mandelbrot::{colour, View},
    mlp_digits, Job,
};
use dpin_primitives::{job::TaskCount, AccountId, AssetKind, BlockNumber, Hash, JobId, TaskId, BLC, BLC_UNIT};
use dpin_runtime::RuntimeEvent;
use dpin_tests::{
    actors::{self, Terms},
    books::{Books, Payment, ASSETS},
    client::{Block, Client},
    network::{name, two_validators_and_two_workers, Network},
    progress,
};
use polkadot_sdk::sp_keyring::Sr25519Keyring;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
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
    let result = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run(&options)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(summary) => {
            println!("demo: ok {summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("demo: failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Run the demo on a network that is removed when this returns.
async fn run(options: &Options) -> Result<String> {
    let begin = Instant::now();
    let whole = async {
        println!("Starting four nodes ...");
        let mut network = Network::start(two_validators_and_two_workers(), options.keep_logs.as_deref()).await?;
        let result = actors::in_time(LIMIT.saturating_sub(begin.elapsed()), demo(&network, options, begin)).await;
        if result.is_err() {
            eprintln!("{}", network.explain());
        }
        println!("Ending all processes ...");
        drop(network);
        result
    };
    tokio::select! {
        result = whole => result,
        interrupted = interrupted() => Err(interrupted),
    }
}

/// Ready when a signal asks the demo to end.
async fn interrupted() -> anyhow::Error {
    use tokio::signal::unix::{signal, SignalKind};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => (),
            _ = tokio::signal::ctrl_c() => (),
        },
        Err(error) => return error.into(),
    }
    anyhow::anyhow!("interrupted")
}

async fn demo(network: &Network, options: &Options, begin: Instant) -> Result<String> {
    for node in network.nodes() {
        let role = if node.is_validator() { "validates and works" } else { "works" };
        println!("  {:<8} {:<20} {}", node.account().to_string(), role, node.url());
    }
    info("ready after", &format!("{} s", begin.elapsed().as_secs()));
    let memory = |node: &dpin_tests::network::Node| {
        let mib = node.resident_bytes().unwrap_or_default() / (1024 * 1024);
        format!("{} {mib} MiB", node.account())
    };
    info("node memory at rest", &network.nodes().iter().map(memory).collect::<Vec<_>>().join(", "));

    let client = network.client(Sr25519Keyring::Alice).await?;
    let workers: Vec<AccountId> = network.workers().iter().map(|(account, _)| account.to_account_id()).collect();
    let mut blocks = client.blocks().await?;
    let mut books = Books::open(&client, blocks.last(), workers.clone(), vec![REQUESTER.to_account_id()]).await?;

    println!("\nFour workers register and bond; {REQUESTER} stores kernels and inputs ...");
    let view = View::whole_set(PIXELS, PIXELS, ITERATIONS);
    let jobs = [
        Posted {
            title: format!("Mandelbrot set, {PIXELS} x {PIXELS} pixels"),
            terms: Terms { tasks: TaskCount::Exactly(4), ..Terms::default() },
            job: view.job()?,
        },
        Posted {
            title: format!("{} handwritten digits", mlp_digits::LABELS.len()),
            terms: Terms { asset: BLC, reward: 4 * BLC_UNIT, tasks: TaskCount::Auto, ..Terms::default() },
            job: mlp_digits::digits_job()?,
        },
    ];
    let prepare = async {
        let calls = jobs.iter().map(|posted| actors::prepare(&posted.job)).collect::<Result<Vec<_>>>()?.concat();
        let included = client.submit_all(REQUESTER, calls).await?;
        included.into_iter().try_for_each(|call| call.ok().map(drop)).context("kernels and inputs")
    };
    tokio::try_join!(actors::register_workers(&client, network.workers()), prepare)?;

    let specs = jobs.iter().map(|posted| actors::spec_of(&posted.job, posted.terms.clone()));
    let calls = specs.map(|spec| Ok(actors::submit_job(spec?))).collect::<Result<Vec<_>>>()?;
    let included = client.submit_all(REQUESTER, calls).await?;
    let ids = included.into_iter().map(actors::posted).collect::<Result<Vec<JobId>>>()?;
    println!();
    for (id, posted) in ids.iter().zip(&jobs) {
        println!(
            "job {id}: {}, {} a task",
            posted.title,
            progress::of_amount(posted.terms.reward, &posted.terms.asset)
        );
    }
    println!();

    let mut followed = Followed::default();
    let seen = actors::until_ended(&mut blocks, ids.iter().copied(), LIMIT, |block| {
        followed.see(block);
        for (task, words) in block.events.iter().filter_map(progress::of_task) {
            println!("{:>4} s  block {:>3}  task {task}  {words}", begin.elapsed().as_secs(), block.number);
        }
    })
    .await?;
    for block in &seen {
        books.enter(&client, block).await?;
    }

    println!("\nFetching the outputs from the workers and checking them ...");
    let mut outputs = Vec::new();
    for (id, posted) in ids.iter().zip(&jobs) {
        outputs.push(output(&client, *id, &posted.job, &followed).await?);
    }
    fs::create_dir_all(&options.out).with_context(|| format!("{} cannot be made", options.out.display()))?;
    let [picture, digits] = outputs.as_slice() else { bail!("two jobs have two outputs") };
    write_picture(&options.out.join("mandelbrot.png"), &view, picture)?;
    let accuracy = write_digits(&options.out.join("digits.csv"), digits)?;

    println!();
    followed.table(&books);
    println!();
    accounts(&books, &workers);
    books.close(&client, blocks.last()).await.context("the books do not balance")?;
    println!(
        "money in = money out: what {REQUESTER} paid is what workers, auditors and revenue got, to the last planck;"
    );
    println!(
        "                      balances and total issuance of DPN and BLC before and after agree with every event"
    );
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

/// A job of the demo.
struct Posted {
    title: String,
    terms: Terms,
    job: Job,
}

/// The life of a task, from the chain's events.
#[derive(Default)]
struct TaskLife {
    attempts: u32,
    worker: Option<AccountId>,
    kernel_ms: u32,
    samples: u32,
    committed: BlockNumber,
    root: Option<Hash>,
    settled: bool,
    closed: usize,
}

/// The lives of the jobs, from the chain's events.
#[derive(Default)]
struct Followed {
    submitted: BTreeMap<JobId, BlockNumber>,
    ended: BTreeMap<JobId, BlockNumber>,
    tasks: BTreeMap<TaskId, TaskLife>,
    closed: usize,
}

impl Followed {
    fn see(&mut self, block: &Block) {
        use pallet_jobs::Event as Job;
        use pallet_proof_of_compute::Event as Proof;
        for event in &block.events {
            match event {
                RuntimeEvent::Jobs(Job::JobSubmitted { job, tasks, .. }) => {
                    self.submitted.insert(*job, block.number);
                    let ids = (0..*tasks).map(|index| TaskId { job: *job, index });
                    self.tasks.extend(ids.map(|task| (task, TaskLife::default())));
                }
                RuntimeEvent::Jobs(Job::JobEnded { job, .. }) => {
                    self.ended.insert(*job, block.number);
                }
                RuntimeEvent::Jobs(Job::TaskSettled { task, .. }) => self.close(*task, true),
                RuntimeEvent::Jobs(Job::TaskFailed { task, .. }) => self.close(*task, false),
                RuntimeEvent::ProofOfCompute(Proof::TaskAssigned { task, .. }) => self.task(*task).attempts += 1,
                RuntimeEvent::ProofOfCompute(Proof::TaskCommitted { task, worker, commitment }) => {
                    let life = self.task(*task);
                    life.worker = Some(worker.clone());
                    life.kernel_ms = commitment.kernel_ms;
                    life.committed = block.number;
                }
                RuntimeEvent::ProofOfCompute(Proof::AuditorsDrawn { task, samples, .. }) => {
                    self.task(*task).samples = *samples;
                }
                RuntimeEvent::ProofOfCompute(Proof::TaskVerified { task, root, .. }) => {
                    self.task(*task).root = Some(*root);
                }
                _ => (),
            }
        }
    }

    fn task(&mut self, task: TaskId) -> &mut TaskLife {
        self.tasks.entry(task).or_default()
    }

    /// The books list payments in the order in which tasks are closed.
    fn close(&mut self, task: TaskId, settled: bool) {
        let closed = self.closed;
        self.closed += 1;
        let life = self.task(task);
        (life.settled, life.closed) = (settled, closed);
    }

    /// The numbers of tasks, of verified tasks and of settled tasks.
    fn counts(&self) -> (usize, usize, usize) {
        let verified = self.tasks.values().filter(|life| life.root.is_some()).count();
        (self.tasks.len(), verified, self.tasks.values().filter(|life| life.settled).count())
    }

    /// Blocks from a job's submission to its complete output and to its settlement.
    fn blocks_of(&self, job: JobId) -> Result<String> {
        let submitted = self.submitted.get(&job).context("the job was submitted")?;
        let ended = self.ended.get(&job).context("the job has ended")?;
        let own = self.tasks.iter().filter(|(task, _)| task.job == job);
        let committed = own.map(|(_, life)| life.committed).max().context("the job has tasks")?;
        let output = committed.saturating_sub(*submitted);
        let settlement = ended.saturating_sub(*submitted);
        Ok(format!("{output} blocks from submission to output, {settlement} to settlement"))
    }

    fn table(&self, books: &Books) {
        println!(
            "{:<6} {:<9} {:>8} {:>9} {:>8}  {:<18} {:>15} {:>17} {:>12} {:>12}",
            "task",
            "worker",
            "attempts",
            "kernel ms",
            "samples",
            "auditors",
            "worker got",
            "each auditor got",
            "revenue",
            "refund"
        );
        for (task, life) in &self.tasks {
            let Some(Payment { asset, worker, auditors, revenue, refund, .. }) = books.payments().get(life.closed)
            else {
                continue;
            };
            let amount = |amount: u128| progress::of_amount(amount, asset);
            println!(
                "{:<6} {:<9} {:>8} {:>9} {:>8}  {:<18} {:>15} {:>17} {:>12} {:>12}",
                task.to_string(),
                worker.as_ref().map_or("-".into(), |(account, _)| name(account)),
                life.attempts,
                life.kernel_ms,
                life.samples,
                progress::names(auditors.iter().map(|(account, _)| account)),
                amount(worker.as_ref().map_or(0, |(_, paid)| *paid)),
                amount(auditors.first().map_or(0, |(_, paid)| *paid)),
                amount(*revenue),
                amount(*refund),
            );
        }
    }
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

/// Fetch the whole output of a job from the workers, check it against the roots on chain, and
/// compare it with the reference.
async fn output(client: &Client, id: JobId, job: &Job, followed: &Followed) -> Result<Vec<u8>> {
    let begin = Instant::now();
    let mut output = Vec::new();
    let own: Vec<(&TaskId, &TaskLife)> = followed.tasks.iter().filter(|(task, _)| task.job == id).collect();
    for (task, life) in &own {
        let (Some(worker), Some(root)) = (&life.worker, life.root) else { bail!("task {task} has no verified output") };
        output
            .extend(actors::fetch_output(client, **task, worker, root).await.with_context(|| format!("task {task}"))?);
    }
    let fetched = begin.elapsed().as_millis();
    ensure!(output == job.reference(0..job.groups()), "the output of job {id} is not what the CPU reference computes");
    println!(
        "job {id}: {} bytes of {} tasks fetched in {fetched} ms; every tile is in the root on chain and equals the reference",
        output.len(),
        own.len()
    );
    Ok(output)
}

fn write_picture(path: &Path, view: &View, output: &[u8]) -> Result<()> {
    let counts = view.assemble(output)?;
    let pixels: Vec<u8> = counts.into_iter().flat_map(|count| colour(count, view.max_iter)).collect();
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), view.width, view.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    println!("picture written to {}", path.display());
    Ok(())
}

/// Write the predictions. Returns the fraction that is right.
fn write_digits(path: &Path, output: &[u8]) -> Result<f64> {
    let labels = mlp_digits::LABELS;
    let predictions = mlp_digits::predictions(u32::try_from(labels.len())?, output)?;
    let mut file = BufWriter::new(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?);
    writeln!(file, "image,label,prediction,held_out")?;
    for (image, (prediction, label)) in predictions.iter().zip(labels).enumerate() {
        writeln!(file, "{image},{label},{},{}", prediction.class, mlp_digits::held_out(image))?;
    }
    file.flush()?;
    let correct = mlp_digits::correct(&predictions, labels);
    let held_out = || predictions.iter().zip(labels).enumerate().filter(|(image, _)| mlp_digits::held_out(*image));
    let unseen_correct = held_out().filter(|(_, (prediction, label))| prediction.class == **label).count();
    println!(
        "digits written to {}: {correct} of {} are right ({unseen_correct} of the {} the network was not trained on)",
        path.display(),
        labels.len(),
        held_out().count()
    );
    Ok(correct as f64 / labels.len() as f64)
}
