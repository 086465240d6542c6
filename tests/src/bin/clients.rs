//! `dpin-test-clients`: three clients each run the whole life of a job on one network with four
//! workers.
//!
//! polkadot.js and polkadot-api are the scripts in `tests/clients`; subxt is the program `dpin`.
//! They run at the same time. Each uses its own account and its own kernel, so that none finds its
//! work already done.

use anyhow::{bail, ensure, Context, Result};
use clap::Parser;
use dpin_kernels::{mandelbrot::View, Job};
use dpin_primitives::{blake2, kernel::KernelManifest, DPN};
use dpin_tests::{
    actors,
    dpin::Dpin,
    network::{die_with_parent, two_validators_and_two_workers, Network},
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
const LIMIT: Duration = Duration::from_secs(240);
/// The account for which `dpin` signs; the scripts use others.
const SURI: &str = "//Ferdie//stash";
/// Exit code of `dpin` when it or the chain refuses.
const REFUSED: i32 = 3;

/// Start a network of four nodes whose workers are registered, and let polkadot.js, polkadot-api
/// and `dpin` (subxt) each run the whole life of a job.
///
/// Each script gets the WebSocket URL of a node, and the path of a JSON file. The file describes
/// the job and its expected output: the kernel's source and manifest, the job's grid and scalars,
/// and the path of the reference output. The last line is `clients: ok` if all have succeeded.
#[derive(Parser)]
#[command(name = "dpin-test-clients", version)]
struct Options {
    /// The directory with the scripts.
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
    let mut typed = Command::new("bash");
    typed.arg(scripts.join("papi.sh"));
    let all = async {
        tokio::try_join!(polkadot.run_script(life, &url), papi.run_script(typed, &url), subxt.run_dpin(&url)).map(drop)
    };
    match tokio::time::timeout(LIMIT, all).await {
        Ok(result) => result,
        Err(_) => bail!("the clients are not done after {} s", LIMIT.as_secs()),
    }
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

        command.arg(url).arg(&file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A script may start programs of its own: they are one process group, which ends with it.
        command.process_group(0);
        die_with_parent(command.as_std_mut());
        let mut child = command.spawn().with_context(|| format!("{} does not start", self.client))?;
        let group = Group(child.id().and_then(|id| libc::pid_t::try_from(id).ok()).context("it has ended at once")?);
        let (output, errors) = (child.stdout.take().context("piped")?, child.stderr.take().context("piped")?);
        let (status, _, _) = tokio::join!(child.wait(), self.repeat(output), self.repeat(errors));
        // The child has been waited for; its number may belong to another process by now.
        std::mem::forget(group);
        let status = status?;
        ensure!(status.success(), "{} ended with {status}", self.client);
        Ok(())
    }

    /// Repeat the output of a script, line by line.
    async fn repeat(&self, output: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            self.say(&line);
        }
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
