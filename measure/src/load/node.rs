//! The node under load: one validator on a chain of its own.

use super::signing::Signer;
use anyhow::{Context, Result, bail, ensure};
use dpin_primitives::{Balance, DPN};
use dpin_tests::network::{die_with_parent, program};
use serde_json::Value;
use std::{
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Time limit for the node to become ready.
const READY: Duration = Duration::from_secs(90);
/// Time limit for the node to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);
/// Most transactions in the node's pool.
const POOL_TRANSACTIONS: u32 = 200_000;
/// Most KiB of transactions in the node's pool.
const POOL_KIB: u32 = 512 * 1024;
/// Most MiB of a request or an answer of the JSON-RPC.
const RPC_MIB: u32 = 256;

/// The accounts in the genesis block.
pub struct Cast<'a> {
    /// Workers. The key of the account is its worker key as well.
    pub workers: &'a [Signer],
    /// Accounts that post jobs, with the balance of each in planck.
    pub requesters: (&'a [Signer], Balance),
    /// Accounts that send or receive transfers, with the balance of each in planck.
    pub payers: (&'a [Signer], Balance),
}

/// A running node.
#[derive(Debug)]
pub struct LoadedNode {
    child: Child,
    rpc_port: u16,
    log: PathBuf,
    dir: Option<TempDir>,
}

impl LoadedNode {
    /// Start the node. It only validates: no executor runs.
    ///
    /// # Errors
    ///
    /// When a program is not built or a file cannot be written.
    pub fn start(cast: &Cast<'_>, options: &[String]) -> Result<Self> {
        let dir = TempDir::with_prefix("dpin-load-")?;
        let spec = dir.path().join("chain.json");
        fs::write(&spec, serde_json::to_vec(&specification(cast, &dir)?)?)?;
        let ports = [(); 2].map(|()| TcpListener::bind(("127.0.0.1", 0)));
        let [p2p_port, rpc_port] = ports.map(|port| port.and_then(|port| port.local_addr()).map(|at| at.port()));
        let (p2p_port, rpc_port) = (p2p_port?, rpc_port?);
        let log = dir.path().join("node.log");
        let file = File::create(&log)?;
        let mut command = Command::new(program("dpin-node")?);
        command
            .args(["--no-telemetry", "--no-prometheus", "--no-mdns", "--alice", "--no-worker"])
            .arg("--chain")
            .arg(&spec)
            .args(["--node-key", &format!("{:064x}", 1)])
            .args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{p2p_port}")])
            .args(["--rpc-port", &rpc_port.to_string(), "--rpc-cors", "all"])
            .args(["--rpc-max-request-size", &RPC_MIB.to_string(), "--rpc-max-response-size", &RPC_MIB.to_string()])
            .args(["--rpc-max-batch-request-len", "10000"])
            .args(["--pool-limit", &POOL_TRANSACTIONS.to_string(), "--pool-kbytes", &POOL_KIB.to_string()])
            .arg("--base-path")
            .arg(dir.path().join("db"))
            .args(options)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        die_with_parent(&mut command);
        let child = command.spawn().context("the node does not start")?;
        Ok(Self { child, rpc_port, log, dir: Some(dir) })
    }

    /// URL of the node's JSON-RPC.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.rpc_port)
    }

    /// The node's log so far.
    ///
    /// # Errors
    ///
    /// When its log cannot be read.
    pub fn messages(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&fs::read(&self.log)?).into_owned())
    }

    /// Wait until `answers` succeeds.
    ///
    /// # Errors
    ///
    /// When the node has ended, or the time is up.
    pub async fn until<T, F: std::future::Future<Output = Result<T>>>(
        &mut self,
        answers: impl Fn(String) -> F,
    ) -> Result<T> {
        let deadline = Instant::now() + READY;
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the node ended ({status}):\n{}", self.explain());
            }
            match answers(self.url()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    ensure!(Instant::now() < deadline, "the node does not answer: {error:#}\n{}", self.explain())
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Keep the node's files. Returns their place and the end of the log.
    pub fn explain(&mut self) -> String {
        let messages = self.messages().unwrap_or_default();
        let lines: Vec<&str> = messages.lines().collect();
        let tail = lines[lines.len().saturating_sub(30)..].join("\n");
        match self.dir.take() {
            Some(dir) => format!("{tail}\n---- everything is kept in {}", dir.keep().display()),
            None => tail,
        }
    }

    /// CPU seconds that all threads of the node have used.
    pub fn cpu_seconds(&self) -> Option<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        let fields: Vec<&str> = stat.rsplit(") ").next()?.split(' ').collect();
        // User and system time, in hundredths of a second on every current Linux.
        let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
        Some(ticks / 100.0)
    }
}

impl Drop for LoadedNode {
    fn drop(&mut self) {
        if let Ok(pid) = libc::pid_t::try_from(self.child.id()) {
            // SAFETY: kill has no memory effects. The child has not been waited for, so its pid is
            // not reused.
            unsafe { libc::kill(pid, libc::SIGTERM) };
        }
        let deadline = Instant::now() + GRACE;
        while !matches!(self.child.try_wait(), Ok(Some(_))) {
            if Instant::now() >= deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The specification of the development network, with these accounts in its genesis.
fn specification(cast: &Cast<'_>, dir: &TempDir) -> Result<Value> {
    let readable = dir.path().join("dev.json");
    let mut export = Command::new(program("dpin-node")?);
    export.args(["export-chain-spec", "--chain", "dev", "--output"]).arg(&readable).stdin(Stdio::null());
    let output = export.output()?;
    ensure!(output.status.success(), "export-chain-spec: {}", String::from_utf8_lossy(&output.stderr).trim());
    let mut spec: Value = serde_json::from_slice(&fs::read(&readable)?)?;
    let genesis = spec.pointer_mut("/genesis/runtimeGenesis/patch").context("the specification has no genesis")?;

    let advance = genesis.pointer_mut("/issuance/advance").and_then(Value::as_array_mut);
    let advance = advance.context("nobody has anything in genesis")?;
    // The least bond, and enough for fees.
    let workers = (cast.workers, 10_000 * DPN);
    for (signers, amount) in [workers, cast.requesters, cast.payers] {
        for signer in signers {
            advance.push(serde_json::json!([signer.account.to_string(), u64::try_from(amount)?]));
        }
    }
    let employed = genesis.pointer_mut("/workers/workers").and_then(Value::as_array_mut);
    let employed = employed.context("genesis has no workers")?;
    employed.clear();
    for worker in cast.workers {
        employed.push(serde_json::json!([
            worker.account.to_string(),
            worker.account.to_string(),
            "ws://127.0.0.1:9944"
        ]));
    }
    Ok(spec)
}
