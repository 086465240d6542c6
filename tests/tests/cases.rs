//! Sequences that once failed, on real processes: a foreign node whose answers contain terminal
//! codes, a connection that breaks while a job is followed, and workers whose machines cannot work.

use anyhow::{Context, Result, ensure};
use dpin_rpc::ErrorCode;
use dpin_tests::{
    actors,
    client::Client,
    dpin::Dpin,
    network::{NodeConfig, on_network},
};
use jsonrpsee::{
    server::{RpcModule, Server},
    types::ErrorObjectOwned,
};
use polkadot_sdk::sp_keyring::Sr25519Keyring::{self, Alice, Charlie};
use serde_json::Value;
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Time limit for each wait.
const LIMIT: Duration = Duration::from_secs(240);

const COPY: &str = "__kernel void copy(__global uint *out, __global const uint *in) {
    out[dpin_tile() * 64 + get_local_id(0)] = in[get_global_id(0)];
}
";
const COPY_TOML: &str = "entry = \"copy\"\nparams = [\"output\", \"input\"]\nlocal_size = [64, 1, 1]\n\
    tiling = { per_group = 256 }\n";
/// Tasks of the job that is followed.
const TASKS: usize = 6;

/// The arguments of a job of `tasks` tasks, for `job run` and `job submit`.
fn copy(folder: &Path, tasks: usize) -> Result<Vec<String>> {
    fs::write(folder.join("copy.cl"), COPY)?;
    fs::write(folder.join("copy.toml"), COPY_TOML)?;
    fs::write(folder.join("in.bin"), vec![7u8; 256 * tasks])?;
    let (size, tasks) = ((64 * tasks).to_string(), tasks.to_string());
    let line =
        ["copy.cl", "--global", &size, "--tasks", &tasks, "--in", "in.bin", "--reward", "1DPN", "--auditors", "0"];
    Ok(line.map(str::to_owned).to_vec())
}

/// A command with these arguments appended.
fn line<'a>(command: &[&'a str], rest: &'a [String]) -> Vec<&'a str> {
    command.iter().copied().chain(rest.iter().map(String::as_str)).collect()
}

#[test]
fn what_a_strangers_node_answers_cannot_steer_the_terminal() {
    on_network(vec![NodeConfig::validator(Alice).working()], async |network| {
        let (folder, client) = (tempfile::tempdir()?, network.client(Alice).await?);
        let url = network.node(Alice)?.url();
        actors::register_workers(&client, [(Alice, url.clone())]).await?;
        let dave = Dpin::new(url, "//Dave", folder.path());
        let job = copy(folder.path(), 1)?;
        let done = actors::in_time(LIMIT, dave.ok(&line(&["job", "run", "--out", "mine.bin"], &job))).await?;
        let job = done["job"].as_u64().context("a job was posted")?.to_string();

        // Any node may be asked for an output. This one answers that it has none, with terminal
        // codes in the text.
        let mut module = RpcModule::new(());
        module.register_method("compute_output", |_, (), _| {
            let text = "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{202e}\u{9b}31m".repeat(20_000);
            Err::<(), _>(ErrorObjectOwned::owned(ErrorCode::UnknownOutput as i32, text, None::<()>))
        })?;
        let server = Server::builder().build("127.0.0.1:0").await?;
        let stranger = format!("ws://{}", server.local_addr()?);
        let _running = server.start(module);

        let ask = ["job", "output", &job, "--from", &stranger, "--out", "theirs.bin"];
        for answer in [dave.run(&ask).await?, dave.run_for_people(&ask).await?] {
            let said = [answer.written(), answer.errors()].concat();
            ensure!(answer.code() == 1, "it ended with {}: {}", answer.code(), said.escape_debug());
            let raw = said.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
            ensure!(raw.is_none(), "{raw:?} is written as it came");
            ensure!(said.contains("001b[2J") || said.contains("u{1b}[2J"), "nothing of it is shown: {said}");
            ensure!(said.len() < 20_000, "{} bytes are written of what a stranger says", said.len());
        }
        ensure!(!folder.path().join("theirs.bin").exists(), "an output was written");
        Ok(())
    });
}

/// A relay in front of a node, with connections that can be cut.
struct Relay {
    address: SocketAddr,
    cut: watch::Sender<bool>,
    connections: Arc<AtomicU32>,
}

impl Relay {
    async fn new(node: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (cut, is_cut) = watch::channel(false);
        let relay = Self { address: listener.local_addr()?, cut, connections: Arc::default() };
        let connections = relay.connections.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (node, mut is_cut) = (node.clone(), is_cut.clone());
                if *is_cut.borrow() {
                    continue;
                }
                connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(node).await else { return };
                    // Dropping both ends closes them without a message.
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => (),
                        _ = is_cut.wait_for(|cut| *cut) => (),
                    }
                });
            }
        });
        Ok(relay)
    }
}

#[test]
fn a_job_is_followed_to_its_end_though_the_connection_breaks() {
    on_network(vec![NodeConfig::validator(Alice).working()], async |network| {
        let (folder, client) = (tempfile::tempdir()?, network.client(Alice).await?);
        let url = network.node(Alice)?.url();
        actors::register_workers(&client, [(Alice, url.clone())]).await?;
        let dave = Dpin::new(url.clone(), "//Dave", folder.path());
        let relay = Relay::new(url.strip_prefix("ws://").context("a WebSocket")?.into()).await?;
        let through = Dpin::new(format!("ws://{}", relay.address), "//Dave", folder.path());
        let job = copy(folder.path(), TASKS)?;
        let posted = dave.ok(&line(&["job", "submit"], &job)).await?["job"].as_u64().context("a job was posted")?;
        let job = posted.to_string();

        let done = async || -> Result<usize> { Ok(settled(&dave.ok(&["job", "show", &job]).await?)) };
        let watched = async {
            let followed = tokio::spawn({
                let (through, job) = (through.clone(), job.clone());
                async move { through.run(&["job", "watch", &job]).await }
            });
            while relay.connections.load(Ordering::Relaxed) == 0 || done().await? == 0 {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            ensure!(!followed.is_finished() && done().await? < TASKS, "the job has ended before the cut");
            relay.cut.send(true)?;
            tokio::time::sleep(Duration::from_secs(4)).await;
            ensure!(!followed.is_finished(), "the command has given up");
            relay.cut.send(false)?;
            followed.await?
        };
        let answer = actors::in_time(LIMIT, watched).await?;
        ensure!(answer.code() == 0, "it ended with {}: {}", answer.code(), answer.errors());
        ensure!(relay.connections.load(Ordering::Relaxed) >= 2, "no other connection was made");
        let lines = answer.written().lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
        let last = lines.iter().rev().find(|line| line["job"].is_object()).context("it tells of the job")?;
        ensure!(done().await? == TASKS && settled(&last["job"]) == TASKS, "the end is not told: {last}");
        Ok(())
    });
}

/// The number of a job's settled tasks, in the output of `dpin`.
fn settled(job: &Value) -> usize {
    let tasks = job["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
    tasks.iter().filter(|task| task["stage"]["name"] == "settled").count()
}

#[test]
fn a_worker_without_a_device_and_one_whose_disk_is_full_pause_themselves() {
    let folder = tempfile::tempdir().expect("a folder");
    let full = folder.path().join("full.toml");
    fs::write(&full, "disk_reserve_mb = 1000000000000\n").expect("the options are written");
    let options = ["--executor-config", full.to_str().expect("a path in UTF-8")];
    let nodes = vec![
        NodeConfig::validator(Alice).working().with_options(&["--executor-devices", "nobody:nothing"]),
        NodeConfig::worker(Charlie).with_options(&options),
    ];
    on_network(nodes, async |network| {
        let client = network.client(Alice).await?;
        let urls = [(Alice, network.node(Alice)?.url()), (Charlie, network.node(Charlie)?.url())];
        actors::register_workers(&client, urls).await?;
        let dave = Dpin::new(network.node(Alice)?.url(), "//Dave", folder.path());
        actors::in_time(LIMIT, async {
            for worker in [Alice, Charlie] {
                while status(&dave, worker).await? != "noDevice" {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Ok(())
        })
        .await?;
        // No worker can be drawn, which is reported before any payment. No worker has lost
        // anything.
        let job = copy(folder.path(), 1)?;
        let error = dave.fails(3, &line(&["job", "submit"], &job)).await?;
        ensure!(error["name"] == "doubtful", "{error}");
        unhurt(&client).await
    });
}

async fn status(dpin: &Dpin, worker: Sr25519Keyring) -> Result<String> {
    let told = dpin.ok(&["worker", "status", &worker.to_account_id().to_string()]).await?;
    Ok(told["status"]["name"].as_str().context("a status")?.to_owned())
}

/// Check that no worker has a pending slash.
async fn unhurt(client: &Client) -> Result<()> {
    let (_, at) = client.best().await?;
    for worker in [Alice, Charlie] {
        let info: Option<dpin_primitives::api::WorkerInfo> =
            client.call_api("ComputeApi_worker", worker.to_account_id(), at).await?;
        let info = info.context("a worker")?;
        ensure!(info.slashing == 0 && info.busy == 0, "{info:?}");
    }
    Ok(())
}
