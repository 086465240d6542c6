//! Tests how a node starts and ends: ports in use, the address that a development node offers, and
//! the network key of a validator. Also tests that hardware wallets can sign for the runtime that
//! it starts with.

use anyhow::{Context, Result, bail, ensure};
use dpin_primitives::api::WorkerInfo;
use dpin_tests::{
    client::Client,
    network::{die_with_parent, program},
};
use polkadot_sdk::sp_keyring::Sr25519Keyring::Alice;
use std::{
    fs::{self, File},
    net::TcpListener,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Time limit for each wait.
const LIMIT: Duration = Duration::from_secs(90);

/// A node with its messages. It is killed when dropped.
struct Started {
    child: Child,
    log: std::path::PathBuf,
}

impl Started {
    fn new(dir: &Path, args: &[&str]) -> Result<Self> {
        let log = dir.join(format!("{}.log", args.join("").len()));
        let file = File::create(&log)?;
        let mut command = Command::new(program("dpin-node")?);
        command.args(args).args(["--no-telemetry", "--no-mdns", "--no-prometheus"]);
        command.arg("--base-path").arg(dir.join("data"));
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        die_with_parent(&mut command);
        Ok(Self { child: command.spawn()?, log })
    }

    fn said(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Wait until the node's messages contain `words`.
    fn until(&mut self, words: &str) -> Result<()> {
        let deadline = Instant::now() + LIMIT;
        while !self.said().contains(words) {
            ensure!(self.child.try_wait()?.is_none() && Instant::now() < deadline, "no `{words}` in: {}", self.said());
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    fn terminate(&self) {
        let Ok(pid) = libc::pid_t::try_from(self.child.id()) else { return };
        // SAFETY: kill has no memory effects. The child has not been waited for, so its pid is not
        // reused.
        unsafe { libc::kill(pid, libc::SIGTERM) };
    }

    /// Wait until the node has ended.
    fn ended(&mut self) -> Result<ExitStatus> {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                bail!("it does not end: {}", self.said());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Start a node that must refuse to start. Returns its messages.
fn refused(args: &[&str]) -> Result<String> {
    let dir = TempDir::with_prefix("dpin-start-")?;
    let mut node = Started::new(dir.path(), args)?;
    let status = node.ended()?;
    let said = node.said();
    ensure!(!status.success(), "it started: {said}");
    ensure!(!said.contains("Essential task"), "a false alarm before the reason: {said}");
    Ok(said)
}

#[test]
fn a_port_that_is_taken_is_an_error_that_names_the_option() -> Result<()> {
    let other = TcpListener::bind("127.0.0.1:0")?;
    let port = other.local_addr()?.port().to_string();
    let dev = ["--dev", "--no-worker", "--port", "0"];
    let said = refused(&[&dev[..], &["--rpc-port", &port, "--blob-listen", "127.0.0.1:0"]].concat())?;
    ensure!(said.contains(&format!("--rpc-port 127.0.0.1:{port} is taken")), "{said}");
    let address = format!("127.0.0.1:{port}");
    let said = refused(&[&dev[..], &["--rpc-port", "0", "--blob-listen", &address]].concat())?;
    ensure!(said.contains(&format!("--blob-listen {address} is taken")), "{said}");
    drop(other);
    let said = refused(&[&dev[..], &["--rpc-port", &port, "--blob-listen", &address]].concat())?;
    ensure!(said.contains("--rpc-port and --blob-listen both want"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_development_node_offers_its_real_address_and_ends_without_a_false_alarm() -> Result<()> {
    let dir = TempDir::with_prefix("dpin-start-")?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let args = ["--dev", "--port", "0", "--rpc-port", &port, "--blob-listen", "127.0.0.1:0"];
    let mut node = Started::new(dir.path(), &args)?;
    node.until("Running JSON-RPC server")?;
    let url = format!("ws://127.0.0.1:{port}");
    let client = Client::connect(&url).await?;
    let deadline = Instant::now() + LIMIT;
    loop {
        let (_, best) = client.best().await?;
        let worker: Option<WorkerInfo> = client.call_api("ComputeApi_worker", Alice.to_account_id(), best).await?;
        let worker = worker.context("the development chain has a worker")?;
        if worker.address.as_slice() == url.as_bytes() {
            break;
        }
        ensure!(Instant::now() < deadline, "its address stays {}", String::from_utf8_lossy(&worker.address));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    node.terminate();
    let status = node.ended()?;
    let said = node.said();
    ensure!(status.success(), "{status}: {said}");
    ensure!(!said.contains("Essential task"), "a false alarm at a normal end: {said}");
    Ok(())
}

#[test]
fn a_validator_has_a_network_key_or_is_told_how_to_make_one() -> Result<()> {
    let dir = TempDir::with_prefix("dpin-start-")?;
    let local = ["--chain", "local", "--bob", "--no-worker", "--port", "0", "--rpc-port", "0"];
    let identity = || -> Result<String> {
        let mut node = Started::new(dir.path(), &local)?;
        node.until("Local node identity is: ")?;
        let said = node.said();
        let line = said.split("Local node identity is: ").nth(1).and_then(|rest| rest.split_whitespace().next());
        node.terminate();
        node.ended()?;
        Ok(line.context("an identity")?.to_owned())
    };
    let first = identity()?;
    ensure!(identity()? == first, "the key it has made is kept");

    let spec = dir.path().join("spec.json");
    let mut export = Command::new(program("dpin-node")?);
    export.args(["export-chain-spec", "--chain", "local", "--output"]).arg(&spec);
    die_with_parent(&mut export);
    ensure!(export.output()?.status.success(), "the specification is written");
    let said = refused(&["--chain", &spec.display().to_string(), "--validator", "--no-worker"])?;
    ensure!(said.contains("dpin-node key generate-node-key --chain"), "{said}");
    Ok(())
}

/// Signers with their own screen, such as hardware wallets, decode a call with the metadata and
/// also sign the metadata's hash (RFC-0078).
mod metadata_hash {
    use super::*;
    use codec::Decode;
    use dpin_runtime::{
        Runtime,
        signing::{Terms, sign},
    };
    use polkadot_sdk::{frame_system, sp_keyring::Sr25519Keyring::Bob};

    /// The metadata hash that a signer computes from the metadata of a node and the token of the
    /// chain specification.
    async fn metadata_hash(client: &Client) -> Result<[u8; 32]> {
        let (_, best) = client.best().await?;
        let bytes: Option<Vec<u8>> = client.call_api("Metadata_metadata_at_version", 15u32, best).await?;
        let metadata =
            frame_metadata::RuntimeMetadataPrefixed::decode(&mut &bytes.context("there is version 15")?[..])?.1;
        let version = dpin_runtime::VERSION;
        let token = merkleized_metadata::ExtraInfo {
            spec_version: version.spec_version,
            spec_name: version.spec_name.into(),
            base58_prefix: chain_spec::SS58_FORMAT,
            decimals: chain_spec::TOKEN_DECIMALS,
            token_symbol: chain_spec::TOKEN_SYMBOL.into(),
        };
        let digest = merkleized_metadata::generate_metadata_digest(&metadata, token);
        digest.map(|digest| digest.hash()).map_err(anyhow::Error::msg)
    }

    #[cfg_attr(not(feature = "metadata-hash"), ignore = "the runtime is built without the hash: run make test")]
    #[tokio::test(flavor = "multi_thread")]
    async fn a_signature_over_the_metadatas_hash_is_taken_and_one_over_another_hash_is_not() -> Result<()> {
        let dir = TempDir::with_prefix("dpin-start-")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        let args = ["--dev", "--no-worker", "--port", "0", "--rpc-port", &port, "--blob-listen", "127.0.0.1:0"];
        let mut node = Started::new(dir.path(), &args)?;
        node.until("Running JSON-RPC server")?;
        let client = Client::connect(&format!("ws://127.0.0.1:{port}")).await?;
        let hash = metadata_hash(&client).await?;
        let nonce = client.nonce(&Bob.to_account_id()).await?;
        let signed = |hash| {
            let remark = frame_system::Call::<Runtime>::remark_with_event { remark: b"signed with a screen".to_vec() };
            let terms = Terms { metadata_hash: Some(hash), ..Terms::new(nonce, client.genesis()) };
            sign(&Bob.pair(), remark.into(), terms)
        };
        let mut other = hash;
        other[0] ^= 1;
        let refused = client.submit_signed(&signed(other)).await;
        let refused = format!("{:?}", refused.err().context("a signature over another hash was taken")?);
        ensure!(refused.contains("bad signature"), "{refused}");
        client.submit_signed(&signed(hash)).await?.ok()?;
        node.terminate();
        node.ended()?;
        Ok(())
    }
}
