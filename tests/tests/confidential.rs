//! Tests a job with encrypted inputs on a network of real nodes: only its worker and its auditors
//! can read them.

use anyhow::{Context, Result, ensure};
use dpin_primitives::{
    JobId, TaskId,
    confidential::{MAGIC, is_encrypted},
};
use dpin_rpc::{ComputeApiClient, ErrorCode};
use dpin_tests::{
    actors,
    dpin::Dpin,
    network::{Network, Node, on_network, two_validators_and_two_workers},
};
use jsonrpsee::core::client::Error as RpcError;
use polkadot_sdk::sp_keyring::Sr25519Keyring::Alice;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Time limit of the job.
const LIMIT: Duration = Duration::from_secs(200);
/// Blocks for seals and openings, as many processes share few cores.
const CHECK_BLOCKS: u32 = 20;
/// Words of the output, and the distance between the words of the large input that are read.
const WORDS: usize = 1024;
const STRIDE: usize = 761;

/// The large input is above 1 MiB, so its ciphertext goes through the depot; the ciphertext of the
/// small one is stored on chain.
const BLEND: &str = "__kernel void blend(__global uint *out, __global const uint *few, __global const uint *many) {
    uint at = get_global_id(0);
    out[dpin_tile() * 64 + get_local_id(0)] = few[at] ^ many[at * 761];
}
";
const BLEND_TOML: &str = "entry = \"blend\"\nparams = [\"output\", \"input\", \"input\"]\nlocal_size = [64, 1, 1]\n\
    tiling = { per_group = 256 }\n";

/// The repeated contents of the inputs.
const FEW: &[u8] = b"this is what nobody else may read. ";
const MANY: &[u8] = b"and neither this, of which there is more. ";

fn plain(mark: &[u8], words: usize) -> Vec<u8> {
    mark.iter().copied().cycle().take(words * 4).collect()
}

fn reference(few: &[u8], many: &[u8]) -> Vec<u8> {
    let pairs = few.chunks(4).zip(many.chunks(4).step_by(STRIDE));
    pairs.flat_map(|(few, many)| few.iter().zip(many).map(|(a, b)| a ^ b).collect::<Vec<_>>()).collect()
}

fn contains(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|window| window == sought)
}

/// All files below `folder`, with their bytes. Files may appear and disappear while it is read.
fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files_below(&entry.path())),
            Ok(kind) if kind.is_file() => found.extend(fs::read(entry.path()).ok().map(|bytes| (entry.path(), bytes))),
            _ => (),
        }
    }
    found
}

/// The data directory of a node's executor.
fn executor(node: &Node) -> Result<PathBuf> {
    Ok(node.blob_dir()?.with_file_name("executor"))
}

#[test]
fn encrypted_inputs_are_read_by_who_computes_and_who_checks_and_by_nobody_else() {
    let nodes = two_validators_and_two_workers().into_iter();
    let nodes = nodes.map(|node| node.with_options(&["--blob-listen", "127.0.0.1:0"]));
    on_network(nodes.collect(), async |network| {
        let client = network.client(Alice).await?;
        let rules = vec![actors::seal_blocks(CHECK_BLOCKS)?, actors::open_blocks(CHECK_BLOCKS)?];
        actors::set_parameters(&client, rules).await?;
        actors::register_workers(&client, network.workers()).await?;
        actors::in_time(LIMIT, scenario(network)).await
    });
}

async fn scenario(network: &Network) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (few, many) = (plain(FEW, WORDS), plain(MANY, WORDS * STRIDE));
    fs::write(folder.path().join("mix.cl"), BLEND)?;
    fs::write(folder.path().join("mix.toml"), BLEND_TOML)?;
    fs::write(folder.path().join("few.bin"), &few)?;
    fs::write(folder.path().join("many.bin"), &many)?;

    let blobs = network.node(Alice)?.blob_dir()?;
    let url = format!("http://{}", fs::read_to_string(blobs.join("address"))?.trim());
    let token = blobs.join("token").display().to_string();
    let depot = ["--blob-url", url.as_str(), "--blob-token-file", token.as_str()];
    let dpin = Dpin::new(network.node(Alice)?.url(), "//Eve", folder.path());
    let run = [
        &["job", "run", "mix.cl", "--global", "1024", "--in", "few.bin", "--in", "many.bin", "--encrypt"][..],
        &["--job-keys", "keys", "--reward", "1DPN", "--tasks", "1", "--auditors", "2", "--samples", "all"],
        // With this window the job is still open when its output is there.
        &["--challenge-blocks", "100", "--until", "verified", "--out", "out.bin"],
        &depot,
    ]
    .concat();
    let job: JobId = dpin.ok(&run).await?["job"].as_u64().context("the job has a number")?;
    ensure!(fs::read(folder.path().join("out.bin"))? == reference(&few, &many), "the output is not the reference");

    // The chain and the depots have ciphertext.
    let view = network.client(Alice).await?.rpc().job(job).await?.context("the job is open")?;
    ensure!(view.inputs.len() == 2, "{view:?}");
    for input in &view.inputs {
        let id = format!("{input:?}");
        dpin.ok(&[&["blob", "get", id.as_str(), "--out", "cipher.bin"][..], &depot].concat()).await?;
        let cipher = fs::read(folder.path().join("cipher.bin"))?;
        ensure!(is_encrypted(&cipher) && !contains(&cipher, FEW) && !contains(&cipher, MANY), "{id} is no ciphertext");
    }

    // No node has plaintext any more, and no key is readable.
    for node in network.nodes() {
        let executor = executor(node)?;
        for (path, bytes) in files_below(&executor).into_iter().chain(files_below(&node.blob_dir()?)) {
            ensure!(!contains(&bytes, FEW) && !contains(&bytes, MANY), "{} holds plaintext", path.display());
            let is_own = path == executor.join("encryption.key");
            ensure!(is_own || !contains(&bytes, b"AGE-SECRET-KEY-"), "{} holds a key", path.display());
        }
    }

    // The worker and its two auditors have the sealed key. The fourth node does not have it. It
    // cannot get it, and neither can auditors that have finished.
    let has_key = |node: &Node| -> Result<bool> {
        let sealed = fs::read(executor(node)?.join("keys").join(job.to_string())).unwrap_or_default();
        // The magic comes after the envelope of all files that the executor stores.
        Ok(contains(&sealed, MAGIC))
    };
    let worker = view.tasks[0].worker.clone().context("the task has a worker")?;
    let mut holders = 0;
    let owner = network.nodes().iter().find(|node| node.account().to_account_id() == worker);
    let owner = network.client(owner.context("the worker has a node")?.account()).await?;
    let task = TaskId { job, index: 0 };
    for node in network.nodes() {
        let account = node.account().to_account_id();
        holders += usize::from(has_key(node)?);
        ensure!(account != worker || has_key(node)?, "the worker has lost the key");
        let own = network.client(node.account()).await?.rpc().encryption_key(account.clone()).await?;
        match owner.rpc().job_key(task, account, own.recipient, own.signature).await {
            Err(RpcError::Call(error)) if error.code() == ErrorCode::NotChecking as i32 => (),
            other => anyhow::bail!("{} asks for the key and gets {other:?}", node.account()),
        }
    }
    ensure!(holders == 3, "{holders} nodes have the key");

    // The requester still has the key, and no worker needs it.
    let number = job.to_string();
    let delivered = dpin.ok(&["job", "deliver-key", &number, "--job-keys", "keys"]).await?;
    ensure!(delivered["workers"] == 0, "{delivered}");
    Ok(())
}
