//! `dpin-test-clients`: three clients and every example each run the whole life of a job on one
//! network with four workers.
//!
//! polkadot.js and polkadot-api are the scripts in `tests/clients`; subxt is the program `dpin`.
//! They run at the same time. Each uses its own account and its own kernel, so that none finds its
//! work already done. The programs in `examples` run beside them, as a reader would run them. The
//! first of them registers the kernel of the others.

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use codec::Encode;
use dpin_kernels::{Job, mandelbrot::View};
use dpin_primitives::{
    DPN, blake2,
    job::{AuditPolicy, TaskCount},
    kernel::KernelManifest,
};
use dpin_runtime::signing::{Terms, sign};
use dpin_tests::{
    actors,
    dpin::Dpin,
    network::{Network, die_with_parent, free_ports, program as program_path, two_validators_and_two_workers},
    program::{self, Verdict},
};
use polkadot_sdk::sp_keyring::Sr25519Keyring;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Command,
};

/// Time limit for the clients.
const LIMIT: Duration = Duration::from_secs(300);
/// The account for which `dpin` signs; the scripts use others.
const SURI: &str = "//Ferdie//stash";
/// Exit code of `dpin` when it or the chain refuses.
const REFUSED: i32 = 3;

/// Start a network of four nodes whose workers are registered, and let polkadot.js, polkadot-api,
/// `dpin` (subxt) and the programs in `examples` each run the whole life of a job.
///
/// Each script in DIRECTORY gets the WebSocket URL of a node, and the path of a JSON file. The file
/// describes the job and its expected output: the kernel's source and manifest, the job's grid and
/// scalars, and the path of the reference output. The last line is `clients: ok` if all have
/// succeeded.
#[derive(Parser)]
#[command(name = "dpin-test-clients", version)]
struct Options {
    /// The directory with the scripts: `tests/clients` of a clone.
    #[arg(value_name = "DIRECTORY")]
    scripts: PathBuf,
}

fn main() -> ExitCode {
    let options = Options::parse();
    program::run("clients", run(&options))
}

async fn run(options: &Options) -> Result<Verdict> {
    println!("Starting four nodes ...");
    let mut network = Network::start(two_validators_and_two_workers(), None).await?;
    let result = test(&network, &options.scripts).await;
    if result.is_err() {
        eprintln!("{}", network.explain());
    }
    result.map(|()| Verdict::ok(""))
}

async fn test(network: &Network, scripts: &Path) -> Result<()> {
    let client = network.client(Sr25519Keyring::Alice).await?;
    actors::register_workers(&client, network.workers()).await?;
    let url = network.node(Sr25519Keyring::Alice)?.url();
    let dir = tempfile::tempdir()?;
    let [polkadot, papi, subxt] = ["polkadot.js", "papi", "subxt"].map(|name| ClientJob::new(name, dir.path()));
    let (polkadot, papi, subxt) = (polkadot?, papi?, subxt?);

    let mut life = Command::new("node");
    life.arg(scripts.join("life.mjs"));
    let mut typed = Command::new("node");
    typed.arg(scripts.join(".papi/js/tests/clients/papi.js"));
    let examples = Examples { network, root: scripts.join("../.."), dir: dir.path().join("examples") };
    let all = async {
        tokio::try_join!(
            polkadot.run_script(life, &url),
            async {
                examples.generate_types(&url).await?;
                tokio::try_join!(papi.run_script(typed, &url), examples.run(&url))
            },
            subxt.run_dpin(&url),
        )
        .map(drop)
    };
    match tokio::time::timeout(LIMIT, all).await {
        Ok(result) => result,
        Err(_) => bail!("the clients are not done after {} s", LIMIT.as_secs()),
    }
}

/// The programs in `examples`, each of which ends with a line that begins with `ok: `.
struct Examples<'a> {
    network: &'a Network,
    /// The clone with the examples.
    root: PathBuf,
    /// The directory in which they run.
    dir: PathBuf,
}

impl Examples<'_> {
    /// Generate the types of the chain for polkadot-api, and compile what uses them.
    async fn generate_types(&self, url: &str) -> Result<()> {
        let mut types = Command::new("bash");
        types.arg(self.root.join("tests/clients/papi.sh")).arg(url);
        run_to_its_end("papi types", types).await.map(drop)
    }

    async fn run(&self, url: &str) -> Result<()> {
        fs::create_dir(&self.dir)?;
        // It stores and registers the kernel that the others use.
        let mut first = Command::new("node");
        first.arg(self.root.join("examples/polkadot-js/job.mjs")).arg(url);
        first.arg(self.root.join("kernels/mandelbrot/mandelbrot.cl"));
        self.example("polkadot-js", first).await?;

        let mut papi = Command::new("node");
        papi.arg(self.root.join("tests/clients/.papi/js/examples/papi/job.js")).arg(url);
        let mut subxt = Command::new(program_path("dpin-example-subxt")?);
        subxt.arg(url);
        tokio::try_join!(
            self.example("papi", papi),
            self.example("subxt", subxt),
            self.example("python", self.python(url).await?),
            self.example("worker", self.worker(url)?),
        )
        .map(drop)
    }

    /// The example in Python, with a job that is signed here.
    async fn python(&self, url: &str) -> Result<Command> {
        const REQUESTER: Sr25519Keyring = Sr25519Keyring::BobStash;
        let genesis = self.network.client(Sr25519Keyring::Alice).await?.genesis();
        let audit = AuditPolicy { auditors: 0, ..Default::default() };
        let terms = actors::Terms { tasks: TaskCount::Exactly(2), audit, ..Default::default() };
        let spec = actors::spec_of(&View::whole_set(256, 256, 500).job()?, terms)?;
        let signed = sign(&REQUESTER.pair(), actors::submit_job(spec), Terms::new(0, genesis));
        let mut python = Command::new("python3");
        python.arg(self.root.join("examples/python/job.py"));
        python.arg(REQUESTER.to_account_id().to_string()).arg(format!("0x{}", hex(&signed.encode())));
        python.args(["--url", &url.replacen("ws", "http", 1)]);
        Ok(python)
    }

    /// The example of a worker, whose node joins the network.
    fn worker(&self, url: &str) -> Result<Command> {
        let ports = free_ports(3)?;
        let [p2p, rpc, metrics] = ports.as_slice() else { bail!("three ports were asked for") };
        let mut worker = Command::new("bash");
        worker.arg(self.root.join("examples/worker/worker.sh")).env("DPIN_URL", url);
        worker.env("PEER_PORT", self.network.node(Sr25519Keyring::Alice)?.p2p_port().to_string());
        worker.env("CHAIN", self.network.spec());
        worker.env("PORTS", format!("--port {p2p} --rpc-port {rpc} --prometheus-port {metrics} --no-mdns"));
        worker.env("ADDRESS", format!("ws://127.0.0.1:{rpc}"));
        let programs = program_path("dpin-node")?.parent().context("a program lies in a directory")?.to_path_buf();
        let others = std::env::var_os("PATH").unwrap_or_default();
        worker.env("PATH", std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&others)))?);
        Ok(worker)
    }

    async fn example(&self, name: &str, mut command: Command) -> Result<()> {
        command.current_dir(&self.dir);
        let last = run_to_its_end(&format!("example {name}"), command).await?;
        ensure!(last.starts_with("ok: "), "example {name}: the last line is {last:?}");
        Ok(())
    }
}

/// Run a program and repeat its output after its name, line by line. Returns the last line of its
/// standard output.
async fn run_to_its_end(name: &str, mut command: Command) -> Result<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A program may start others: they are one process group, which ends with it.
    command.process_group(0);
    die_with_parent(command.as_std_mut());
    let mut child = command.spawn().with_context(|| format!("{name} does not start"))?;
    let group = Group(child.id().and_then(|id| libc::pid_t::try_from(id).ok()).context("it has ended at once")?);
    let (output, errors) = (child.stdout.take().context("piped")?, child.stderr.take().context("piped")?);
    let (status, last, _) = tokio::join!(child.wait(), repeat(name, output), repeat(name, errors));
    // The child has been waited for; its number may belong to another process by now.
    std::mem::forget(group);
    let status = status?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(last)
}

/// Repeat the output of a program, line by line. Returns the last line.
async fn repeat(name: &str, output: impl AsyncRead + Unpin) -> String {
    let mut lines = BufReader::new(output).lines();
    let mut last = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        println!("{name}: {line}");
        last = line;
    }
    last
}

/// The job of a client.
struct ClientJob {
    client: &'static str,
    dir: PathBuf,
    job: Job,
    source: String,
    manifest: KernelManifest,
}

impl ClientJob {
    fn new(client: &'static str, dir: &Path) -> Result<Self> {
        let job = View::whole_set(256, 256, 500).job()?;
        // A different source makes a different kernel.
        let source = format!("// For {client}.\n{}", job.kernel.source);
        let manifest = KernelManifest { source: blake2(source.as_bytes()), ..job.kernel.manifest()? };
        let dir = dir.join(client);
        fs::create_dir(&dir)?;
        Ok(Self { client, dir, job, source, manifest })
    }

    fn say(&self, line: &str) {
        println!("{}: {line}", self.client);
    }

    fn reference(&self) -> Vec<u8> {
        self.job.reference(0..self.job.groups())
    }

    /// Run a script with the node's URL and the description of the job.
    async fn run_script(&self, mut command: Command, url: &str) -> Result<()> {
        let reference = self.dir.join("reference");
        fs::write(&reference, self.reference())?;
        let description = serde_json::json!({
            "source": self.source,
            "entry": self.job.kernel.name,
            "scalarBytes": self.manifest.scalar_widths().collect::<Vec<u8>>(),
            "localSize": self.manifest.local_size,
            "tileBytes": self.manifest.tiling.tile_bytes(),
            "kernel": self.manifest.id(),
            "globalSize": self.job.global_size,
            "scalars": self.job.scalars,
            "reference": reference,
        });
        let file = self.dir.join("job.json");
        fs::write(&file, serde_json::to_vec_pretty(&description)?)?;

        command.arg(url).arg(&file);
        run_to_its_end(self.client, command).await.map(drop)
    }

    /// Run the whole life of a job with `dpin`.
    async fn run_dpin(&self, url: &str) -> Result<()> {
        let dpin = Dpin::new(url, SURI, &self.dir);
        let supply = dpin.ok(&["token", "supply"]).await?;
        let [cap, minted, burned, there] =
            ["cap", "minted", "burned", "issuance"].map(|field| amount(&supply["supply"][field]));
        let (cap, there) = (cap?, there?);
        ensure!(cap == 210_000_000 * DPN && minted? - burned? == there, "the supply is {supply}");
        self.say(&format!("{} of {} DPN are there", there / DPN, cap / DPN));

        fs::write(self.dir.join("kernel.cl"), &self.source)?;
        fs::write(self.dir.join("kernel.toml"), self.job.kernel.description)?;
        let [x, y, z] = self.job.global_size;
        let global = format!("{x}x{y}x{z}");
        let scalars: Vec<String> = self.job.scalars.iter().map(|bytes| format!("0x{}", hex(bytes))).collect();
        let mut run = vec!["job", "run", "kernel.cl", "--global", &global, "--reward", "10DPN", "--tasks", "2"];
        run.extend(scalars.iter().flat_map(|scalar| ["--scalar", scalar]));
        run.extend(["--out", "out.bin"]);

        let done = dpin.ok(&run).await?;
        let job = done["job"].as_u64().with_context(|| format!("dpin job run answers {done}"))?;
        ensure!(
            done["verified"] == true && done["tasks"] == 2 && done["ended"].is_u64(),
            "dpin job run answers {done}"
        );
        ensure!(done["kernel"] == serde_json::to_value(self.manifest.id())?, "the kernel is {}", done["kernel"]);
        ensure!(fs::read(self.dir.join("out.bin"))? == self.reference(), "the output is not the reference");
        self.say(&format!("job {job} is settled, its output equals the reference; it took {:.0} s", seconds(&done)));

        let list = dpin.ok(&["job", "list"]).await?;
        let entry = list["jobs"].as_array().and_then(|jobs| jobs.iter().find(|entry| entry["id"] == job));
        let entry = entry.with_context(|| format!("job {job} is not among {list}"))?;
        ensure!(entry["state"] == "ended" && entry["settled"] == 2 && entry["failed"] == 0, "the list has {entry}");
        let history = dpin.ok(&["job", "show", &job.to_string(), "--task", "0"]).await?;
        let steps: Vec<_> =
            history.as_array().into_iter().flatten().filter_map(|event| event["step"]["name"].as_str()).collect();
        ensure!(steps.ends_with(&["verified", "settled"]), "the history of the task is {history}");

        run.pop();
        run.extend(["other.bin", "--max-cost", "1DPN"]);
        let error = dpin.fails(REFUSED, &run).await.context("a job above --max-cost")?;
        ensure!(error["kind"] == "refused", "the error is {error}");

        self.say(&format!("ok: job {job} is paid, its output verified"));
        Ok(())
    }
}

/// A group of processes. Dropping the value kills it, unless its first process was waited for.
struct Group(libc::pid_t);

impl Drop for Group {
    fn drop(&mut self) {
        // SAFETY: kill has no memory effects. The first process has not been waited for, so its
        // number belongs to no other process.
        unsafe { libc::kill(-self.0, libc::SIGKILL) };
    }
}

/// Parse an amount in JSON: a decimal string.
fn amount(value: &Value) -> Result<u128> {
    value.as_str().and_then(|text| text.parse().ok()).with_context(|| format!("{value} is no amount"))
}

fn seconds(done: &Value) -> f64 {
    done["seconds"].as_f64().unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
