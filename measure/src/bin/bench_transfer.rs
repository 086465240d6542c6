//! `bench-transfer`: measures how fast a large blob moves between two nodes on loopback, and the
//! memory that this takes.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use dpin_tests::{
    blobs::{BlobClient, hash, random_file},
    network::{Network, NodeConfig},
    program::{self, Verdict},
};
use polkadot_sdk::sp_keyring::Sr25519Keyring::{Alice, Bob};
use std::{fs::File, path::Path, process::ExitCode, time::Duration};
use tokio::time::Instant;

/// Interval at which memory is measured.
const SAMPLE: Duration = Duration::from_millis(20);
/// Time for which the nodes rest before their base memory is measured.
const REST: Duration = Duration::from_secs(5);

/// Upload a random blob to one of two nodes and let the other fetch it; once with each network
/// library.
///
/// Each result is one line. It gives MB of 10^6 bytes per second, from the request to the last
/// chunk on disk, with every chunk hashed. It also gives the MB by which the memory of each process
/// rose above its base.
#[derive(Parser)]
#[command(name = "bench-transfer", version)]
struct Options {
    /// Size of the blob, in MiB
    #[arg(long, default_value_t = 1024)]
    mib: u64,
    /// Network libraries
    #[arg(long, value_delimiter = ',', default_value = "litep2p,libp2p")]
    backends: Vec<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    program::run("bench-transfer", run(&options))
}

async fn run(options: &Options) -> Result<Verdict> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("blob");
    let len = options.mib << 20;
    let id = random_file(&file, len)?;
    let start = Instant::now();
    ensure!(hash(File::open(&file)?)? == (id, len), "the file has changed");
    println!("hash_mb_per_s={:.0}", rate(len, start));
    for backend in &options.backends {
        measure(backend, id, &file, len).await.with_context(|| format!("with {backend}"))?;
    }
    Ok(Verdict::ok(""))
}

/// The rate since `start`, in MB of 10^6 bytes per second.
fn rate(bytes: u64, start: Instant) -> f64 {
    bytes as f64 / 1e6 / start.elapsed().as_secs_f64()
}

async fn measure(backend: &str, id: dpin_primitives::BlobHash, file: &Path, len: u64) -> Result<()> {
    let options = ["--blob-listen", "127.0.0.1:0", "--network-backend", backend];
    let nodes = [Alice, Bob].map(|account| NodeConfig::validator(account).with_options(&options));
    let network = Network::start(nodes.into(), None).await?;
    let [sender, receiver] = network.nodes() else { unreachable!("two nodes were started") };
    let (sending, receiving) = (BlobClient::new(sender)?, BlobClient::new(receiver)?);
    tokio::time::sleep(REST).await;
    let memory = || [sender, receiver].map(|node| node.resident_bytes().unwrap_or_default());

    let rest = memory();
    let (uploading, path) = (sending.clone(), file.to_path_buf());
    let start = Instant::now();
    let upload = tokio::task::spawn_blocking(move || uploading.put(id, &path));
    let peak = watch(upload, memory).await?;
    let (upload_rate, upload_mb) = (rate(len, start), above(rest[0], peak[0]));

    tokio::time::sleep(REST).await;
    let rest = memory();
    let start = Instant::now();
    let fetching = receiving.clone();
    let fetch = tokio::task::spawn_blocking(move || fetching.fetch(id));
    let peak = watch(fetch, memory).await?;
    let transfer_rate = rate(len, start);

    let start = Instant::now();
    let reading = receiving.clone();
    let read = tokio::task::spawn_blocking(move || reading.read(id)).await??;
    ensure!(read == (id, len), "the node gave other bytes");
    println!(
        "transfer_mb_per_s={transfer_rate:.0} memory_above_rest_mb_sender={:.0} memory_above_rest_mb_receiver={:.0} \
         upload_mb_per_s={upload_rate:.0} memory_above_rest_mb_upload={upload_mb:.0} download_and_hash_mb_per_s={:.0} \
         backend={backend}",
        above(rest[0], peak[0]),
        above(rest[1], peak[1]),
        rate(len, start),
    );
    Ok(())
}

fn above(rest: u64, peak: u64) -> f64 {
    peak.saturating_sub(rest) as f64 / 1e6
}

/// Wait for a task. Returns the peak memory of both nodes while it ran.
async fn watch(mut task: tokio::task::JoinHandle<Result<()>>, memory: impl Fn() -> [u64; 2]) -> Result<[u64; 2]> {
    let mut peak = memory();
    loop {
        let ended = tokio::time::timeout(SAMPLE, &mut task).await;
        let now = memory();
        peak = [peak[0].max(now[0]), peak[1].max(now[1])];
        if let Ok(ended) = ended {
            ended??;
            return Ok(peak);
        }
    }
}
