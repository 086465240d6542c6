//! A network of real `dpin-node` processes on loopback.
//!
//! # Overview
//!
//! [`Network::start`] starts the nodes of the local test network and returns when all of them have
//! finalised a block. Dropping the [`Network`] ends every process. If this process dies first, the
//! kernel ends them. Each node writes its messages to a file; [`Network::explain`] returns the
//! paths and the last lines of these files.
//!
//! # Implementation notes
//!
//! Linux kills a child with `PR_SET_PDEATHSIG` when the *thread* that started it ends. Networks are
//! therefore started from a thread that lives as long as they do: the one that runs `block_on`,
//! never a thread of `spawn_blocking`.

use crate::client::Client;
use anyhow::{Context, Result, anyhow, bail, ensure};
use dpin_primitives::{AccountId, BlockNumber};
use polkadot_sdk::{sp_core::Pair, sp_keyring::Sr25519Keyring};
use serde_json::Value;
use std::{
    ffi::OsStr,
    fmt::Write as _,
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Time limit for a node to answer, and for the network to finalise its first block.
const READY: Duration = Duration::from_secs(120);
/// Time limit for a node to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(8);
/// Interval at which processes and nodes are polled.
const TICK: Duration = Duration::from_millis(200);
/// Lines shown of each log.
const TAIL_LINES: usize = 20;

/// The path of one of this repository's programs. It lies beside the running program, or in the
/// directory above it, which is named after the build profile. `DPIN_NODE`, if set, is the path of
/// the node, and other programs lie beside it.
///
/// # Errors
///
/// When the program does not exist there.
pub fn program(name: &str) -> Result<PathBuf> {
    if let Some(node) = std::env::var_os("DPIN_NODE").map(PathBuf::from) {
        let path = if name == "dpin-node" { node } else { node.with_file_name(name) };
        ensure!(path.is_file(), "DPIN_NODE: there is no {}", path.display());
        return Ok(path);
    }
    let own = std::env::current_exe()?;
    // Tests lie one directory below the programs.
    own.ancestors()
        .skip(1)
        .take(2)
        .map(|dir| dir.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| anyhow!("{name} is not built (looked beside {}): run `make build`", own.display()))
}

/// The configuration of a node.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    account: Sr25519Keyring,
    validates: bool,
    works: bool,
    meshed: bool,
    executor: Option<String>,
    environment: Vec<(String, String)>,
    options: Vec<String>,
}

impl NodeConfig {
    /// A node that validates with the account's well-known keys. Only Alice and Bob can. If one of
    /// them does not, it is no validator of the network.
    pub fn validator(account: Sr25519Keyring) -> Self {
        Self {
            account,
            validates: true,
            works: false,
            meshed: false,
            executor: None,
            environment: Vec::new(),
            options: Vec::new(),
        }
    }

    /// A node that neither validates nor works. Requesters use it to post jobs and to read the
    /// chain.
    pub fn observer(account: Sr25519Keyring) -> Self {
        Self { validates: false, ..Self::validator(account) }
    }

    /// A node that works for the account and does not validate.
    pub fn worker(account: Sr25519Keyring) -> Self {
        Self { validates: false, works: true, ..Self::validator(account) }
    }

    /// Let the node work as well.
    pub fn working(self) -> Self {
        Self { works: true, ..self }
    }

    /// Connect only to the nodes of this network, all of which must be meshed as well. Such a
    /// network can be [partitioned](Network::cut_off).
    pub fn meshed(self) -> Self {
        Self { meshed: true, ..self }
    }

    /// Start the node with these additional options.
    pub fn with_options(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(|option| (*option).to_owned()));
        self
    }

    /// Use the faulty executor with this fault (such as `wrong-tiles:1.0`).
    pub fn faulty(mut self, fault: &str) -> Self {
        self.executor = Some("dpin-executor-faulty".into());
        self.environment.push(("DPIN_FAULT".into(), fault.into()));
        self
    }
}

/// The network of the demo: Alice and Bob, who validate and work, and Charlie and Dave, who only
/// work.
pub fn two_validators_and_two_workers() -> Vec<NodeConfig> {
    vec![
        NodeConfig::validator(Sr25519Keyring::Alice).working(),
        NodeConfig::validator(Sr25519Keyring::Bob).working(),
        NodeConfig::worker(Sr25519Keyring::Charlie),
        NodeConfig::worker(Sr25519Keyring::Dave),
    ]
}

/// The secret URI of an account's worker key at its node: `//Name//worker`.
pub fn worker_suri(account: Sr25519Keyring) -> String {
    format!("//{account}//worker")
}

/// A running node.
#[derive(Debug)]
pub struct Node {
    config: NodeConfig,
    dir: PathBuf,
    log: PathBuf,
    node_key: String,
    p2p_port: u16,
    rpc_port: u16,
    peer: Option<String>,
    child: Option<Child>,
}

impl Node {
    /// The account for which the node validates or works.
    pub fn account(&self) -> Sr25519Keyring {
        self.config.account
    }

    /// Whether the node validates.
    pub fn is_validator(&self) -> bool {
        self.config.validates
    }

    /// Whether the node works.
    pub fn works(&self) -> bool {
        self.config.works
    }

    /// URL of the node's JSON-RPC.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.rpc_port)
    }

    /// Port at which other nodes reach it.
    pub fn p2p_port(&self) -> u16 {
        self.p2p_port
    }

    /// The id of the node's process. `None` if it is not running.
    pub fn pid(&self) -> Option<libc::pid_t> {
        self.child.as_ref().and_then(|child| libc::pid_t::try_from(child.id()).ok())
    }

    /// The file with the node's messages.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The directory of the node's large blobs, which also contains the address of their HTTP.
    ///
    /// # Errors
    ///
    /// When the directory does not exist yet.
    pub fn blob_dir(&self) -> Result<PathBuf> {
        let chains = fs::read_dir(self.dir.join("chains"))?;
        let mut dirs = chains.filter_map(|chain| Some(chain.ok()?.path().join("blobs"))).filter(|dir| dir.is_dir());
        dirs.next().with_context(|| format!("{}'s node keeps no blobs", self.config.account))
    }

    /// Resident memory of the node in bytes, without its executor. `None` if it is not running.
    pub fn resident_bytes(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.as_ref()?.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
    }

    fn multiaddr(&self) -> Option<String> {
        self.peer.as_ref().map(|peer| format!("/ip4/127.0.0.1/tcp/{}/p2p/{peer}", self.p2p_port))
    }

    fn start(&mut self, spec: &Path, bootnodes: &[String]) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(program("dpin-node")?);
        command
            .args(["--no-telemetry", "--no-prometheus", "--no-mdns"])
            .arg("--chain")
            .arg(spec)
            .args(["--node-key", &self.node_key])
            .args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{}", self.p2p_port)])
            .args(["--rpc-port", &self.rpc_port.to_string(), "--rpc-cors", "all"])
            .arg("--base-path")
            .arg(&self.dir);
        let name = self.config.account.to_string();
        if self.config.validates {
            command.arg(format!("--{}", name.to_lowercase()));
        } else {
            command.args(["--name", &name]);
        }
        if self.config.works {
            command.args(["--worker", "--worker-key", &worker_suri(self.config.account)]);
        } else {
            command.arg("--no-worker");
        }
        if let Some(executor) = &self.config.executor {
            command.arg("--executor-bin").arg(program(executor)?);
        }
        command.args(&self.config.options);
        if self.config.meshed {
            command.arg("--reserved-only");
        }
        let peers = if self.config.meshed { "--reserved-nodes" } else { "--bootnodes" };
        for bootnode in bootnodes {
            command.args([peers, bootnode]);
        }
        command
            .envs(self.config.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        die_with_parent(&mut command);
        self.child = Some(command.spawn().with_context(|| format!("{name}'s node does not start"))?);
        Ok(())
    }

    /// The exit status, if the process has ended on its own.
    fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.as_mut().map(Child::try_wait).transpose()?.flatten())
    }

    fn signal(&self, signal: libc::c_int) {
        if let Some(pid) = self.pid() {
            // SAFETY: kill has no memory effects. The child has not been waited for, so its pid is
            // not reused.
            unsafe { libc::kill(pid, signal) };
        }
    }

    /// Wait for the end of a process that was asked to end. Kills it at the deadline.
    fn reap(&mut self, deadline: Instant) {
        let Some(child) = self.child.as_mut() else { return };
        while !matches!(child.try_wait(), Ok(Some(_))) {
            if Instant::now() >= deadline {
                let _ = child.kill();
                let _ = child.wait();
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child = None;
    }

    fn tail(&self) -> String {
        let text = fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        // Messages about every block would hide the rare ones.
        let routine = ["Idle (", "Imported #", "Prepared block", "Pre-sealed block", "Starting consensus session"];
        let lines: Vec<&str> = text.lines().filter(|line| !routine.iter().any(|words| line.contains(words))).collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }
}

/// Let the operating system kill the child when the thread that starts it is gone, even if this
/// process could not clean up.
pub fn die_with_parent(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    let parent = std::process::id();
    // SAFETY: between fork and exec only async-signal-safe functions are called, and no memory is
    // allocated.
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                return Err(std::io::Error::last_os_error());
            }
            // The parent may have ended before the signal was set.
            if libc::getppid() as u32 != parent {
                return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
            }
            Ok(())
        });
    }
}

/// Write the genesis of the local test network with these validators to a file. This is done once
/// for all nodes, as computing it takes each of them seconds.
async fn export_genesis(path: &Path, validators: &[AccountId]) -> Result<()> {
    let readable = path.with_extension("readable.json");
    export_spec("local".as_ref(), &[], &readable).await?;
    let mut spec: Value = serde_json::from_slice(&fs::read(&readable)?)?;
    let keys = spec.pointer_mut("/genesis/runtimeGenesis/patch/session/keys").and_then(Value::as_array_mut);
    let keys = keys.context("the specification names no validators")?;
    // The account, the validator and the keys of each.
    keys.retain(|entry| validators.iter().any(|account| entry[0] == account.to_string()));
    let kept = keys.len();
    ensure!(kept == validators.len(), "{kept} of {} validators are in the local network's genesis", validators.len());
    fs::write(&readable, serde_json::to_vec(&spec)?)?;
    export_spec(readable.as_os_str(), &["--raw"], path).await
}

/// Write a specification to a file.
async fn export_spec(chain: &OsStr, options: &[&str], path: &Path) -> Result<()> {
    let mut export = tokio::process::Command::new(program("dpin-node")?);
    export.args(["export-chain-spec", "--chain"]).arg(chain).args(options).arg("--output").arg(path);
    export.stdin(Stdio::null()).kill_on_drop(true);
    die_with_parent(export.as_std_mut());
    let output = tokio::time::timeout(READY, export.output()).await.context("export-chain-spec does not end")??;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "export-chain-spec ended with {}: {}", output.status, errors.trim());
    Ok(())
}

/// Free ports on loopback. They are bound at the same time, so that they differ.
///
/// # Errors
///
/// When no port can be bound.
pub fn free_ports(count: usize) -> Result<Vec<u16>> {
    let listeners = (0..count).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<Result<Vec<_>, _>>()?;
    listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}

/// A running network.
#[derive(Debug)]
pub struct Network {
    nodes: Vec<Node>,
    /// The raw specification of the network.
    spec: PathBuf,
    /// Databases, and logs unless they have another directory. `None` after it is to be kept.
    dir: Option<TempDir>,
}

impl Network {
    /// Start the nodes and wait until every one of them has finalised a block. Logs are written to
    /// `logs`, if given; otherwise they are removed with everything else.
    ///
    /// # Errors
    ///
    /// When a program is not built, a node ends, or the network is not ready in time. The error
    /// contains the last lines of the logs.
    pub async fn start(configs: Vec<NodeConfig>, logs: Option<&Path>) -> Result<Self> {
        let dir = TempDir::with_prefix("dpin-network-")?;
        let logs = logs.unwrap_or(dir.path()).to_path_buf();
        fs::create_dir_all(&logs).with_context(|| format!("{} cannot be made", logs.display()))?;
        let ports = free_ports(2 * configs.len())?;
        let nodes = configs
            .into_iter()
            .zip(ports.chunks_exact(2))
            .zip(1u64..)
            .map(|((config, ports), number)| {
                let name = config.account.to_string().to_lowercase();
                Node {
                    dir: dir.path().join(&name),
                    log: logs.join(format!("{name}.log")),
                    node_key: format!("{number:064x}"),
                    p2p_port: ports[0],
                    rpc_port: ports[1],
                    peer: None,
                    child: None,
                    config,
                }
            })
            .collect();
        let spec = dir.path().join("local.json");
        let mut network = Self { nodes, spec, dir: Some(dir) };
        match network.start_all().await {
            Ok(()) => Ok(network),
            Err(error) => bail!("{error:#}\n{}", network.explain()),
        }
    }

    async fn start_all(&mut self) -> Result<()> {
        let deadline = Instant::now() + READY;
        let validators = self.nodes.iter().filter(|node| node.is_validator());
        let validators: Vec<AccountId> = validators.map(|node| node.account().to_account_id()).collect();
        export_genesis(&self.spec, &validators).await?;
        // The other nodes need the first node's peer id, which only it can report.
        self.nodes.first_mut().context("a network has nodes")?.start(&self.spec, &[])?;
        self.answers(0, deadline).await?;
        let boot: Vec<String> = self.nodes.first().and_then(Node::multiaddr).into_iter().collect();
        for node in self.nodes.iter_mut().skip(1) {
            node.start(&self.spec, &boot)?;
        }
        for index in 1..self.nodes.len() {
            self.answers(index, deadline).await?;
        }
        // A node does not know the peer ids of nodes that started after it.
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.config.meshed) {
            let client = Client::connect(&node.url()).await?;
            for peer in self.nodes.iter().skip(index + 1).filter_map(Node::multiaddr) {
                client.add_reserved_peer(&peer).await?;
            }
        }
        for index in 0..self.nodes.len() {
            self.finalises(index, 1, deadline).await?;
        }
        Ok(())
    }

    /// Wait until a node answers, and store its peer id.
    async fn answers(&mut self, index: usize, deadline: Instant) -> Result<Client> {
        let node = &mut self.nodes[index];
        loop {
            if let Some(status) = node.ended()? {
                bail!("{}'s node ended ({status})", node.config.account);
            }
            if let Ok(client) = Client::connect(&node.url()).await
                && let Ok(peer) = client.peer_id().await
            {
                node.peer = Some(peer);
                return Ok(client);
            }
            ensure!(Instant::now() < deadline, "{}'s node does not answer", node.config.account);
            tokio::time::sleep(TICK).await;
        }
    }

    /// Wait until a node has finalised block `number`.
    async fn finalises(&mut self, index: usize, number: BlockNumber, deadline: Instant) -> Result<()> {
        let client = self.answers(index, deadline).await?;
        loop {
            let node = &mut self.nodes[index];
            if let Some(status) = node.ended()? {
                bail!("{}'s node ended ({status})", node.config.account);
            }
            let (finalised, _) = client.finalised().await?;
            if finalised >= number {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "{}'s node has finalised block {finalised} only, not {number}",
                node.config.account
            );
            tokio::time::sleep(TICK).await;
        }
    }

    /// The nodes, in the order of their configurations.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The file with the network's specification.
    pub fn spec(&self) -> &Path {
        &self.spec
    }

    /// The node of an account.
    ///
    /// # Errors
    ///
    /// When the account has no node.
    pub fn node(&self, account: Sr25519Keyring) -> Result<&Node> {
        Ok(&self.nodes[self.position(account)?])
    }

    fn position(&self, account: Sr25519Keyring) -> Result<usize> {
        let position = self.nodes.iter().position(|node| node.config.account == account);
        position.with_context(|| format!("{account} has no node"))
    }

    /// A client of an account's node.
    ///
    /// # Errors
    ///
    /// When the account has no node, or it does not answer.
    pub async fn client(&self, account: Sr25519Keyring) -> Result<Client> {
        Client::connect(&self.node(account)?.url()).await
    }

    /// Kill an account's node, as a power failure would.
    ///
    /// # Errors
    ///
    /// When the account has no node.
    pub fn kill(&mut self, account: Sr25519Keyring) -> Result<()> {
        let position = self.position(account)?;
        let node = &mut self.nodes[position];
        node.signal(libc::SIGKILL);
        node.reap(Instant::now() + GRACE);
        Ok(())
    }

    /// Stop the process of an account's node, or let it continue. Its executor is not stopped.
    ///
    /// # Errors
    ///
    /// When the account has no node.
    pub fn freeze(&self, account: Sr25519Keyring, frozen: bool) -> Result<()> {
        self.node(account)?.signal(if frozen { libc::SIGSTOP } else { libc::SIGCONT });
        Ok(())
    }

    /// Cut an account's node off from all others, or connect it again. The network must be
    /// [meshed](NodeConfig::meshed).
    ///
    /// A meshed node only talks to its reserved peers, and refuses other peers. So it is enough to
    /// empty or fill this node's list.
    ///
    /// # Errors
    ///
    /// When the account has no node, the network is not meshed, or the node does not answer.
    pub async fn cut_off(&self, account: Sr25519Keyring, cut: bool) -> Result<()> {
        let node = self.node(account)?;
        ensure!(node.config.meshed, "{account}'s node is not meshed");
        let client = Client::connect(&node.url()).await?;
        for other in self.nodes.iter().filter(|other| other.config.account != account) {
            if cut {
                client.remove_reserved_peer(other.peer.as_deref().context("a node that ran has a peer id")?).await?;
            } else if let Some(address) = other.multiaddr() {
                client.add_reserved_peer(&address).await?;
            }
        }
        Ok(())
    }

    /// Start an account's node again with its former data and ports, and wait until it answers.
    ///
    /// # Errors
    ///
    /// When the account has no node, or it does not answer in time.
    pub async fn start_again(&mut self, account: Sr25519Keyring) -> Result<()> {
        let position = self.position(account)?;
        let others = self.nodes.iter().filter(|node| node.config.account != account && node.child.is_some());
        let peers: Vec<String> = others.filter_map(Node::multiaddr).collect();
        self.nodes[position].start(&self.spec, &peers)?;
        self.answers(position, Instant::now() + READY).await.map(drop)
    }

    /// Start an account's node again with its former data and ports. Wait until it has finalised
    /// the blocks that the rest of the network has finalised.
    ///
    /// # Errors
    ///
    /// When the account has no node, or it does not catch up in time. The error contains the last
    /// lines of the logs.
    pub async fn restart(&mut self, account: Sr25519Keyring) -> Result<()> {
        let position = self.position(account)?;
        let mut others = self.nodes.iter().filter(|node| node.config.account != account && node.child.is_some());
        let other = others.next().map(Node::url).context("no other node is running")?;
        let (finalised, _) = Client::connect(&other).await?.finalised().await?;
        self.start_again(account).await?;
        let caught_up = self.finalises(position, finalised, Instant::now() + READY).await;
        caught_up.map_err(|error| anyhow!("{error:#}\n{}", self.explain()))
    }

    /// The accounts that work, each with the URL of its node.
    pub fn workers(&self) -> Vec<(Sr25519Keyring, String)> {
        self.nodes.iter().filter(|node| node.works()).map(|node| (node.account(), node.url())).collect()
    }

    /// Keep the logs. Returns their paths and last lines.
    pub fn explain(&mut self) -> String {
        let mut text = String::new();
        for node in &self.nodes {
            let _ = writeln!(text, "---- {} (the last lines)\n{}", node.log.display(), node.tail());
        }
        // From now on the directory outlives this value.
        if let Some(dir) = self.dir.take() {
            let _ = writeln!(text, "---- everything is kept in {}", dir.keep().display());
        }
        text
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.explain());
        }
        // All are asked first, so that they end in parallel.
        self.nodes.iter().for_each(|node| node.signal(libc::SIGTERM));
        let deadline = Instant::now() + GRACE;
        self.nodes.iter_mut().for_each(|node| node.reap(deadline));
    }
}

/// Run a scenario on a network of its own, one at a time in this process. If it fails, the last
/// lines of the nodes' logs are printed.
///
/// # Panics
///
/// When the network does not start, or the scenario fails: this is for tests.
pub fn on_network(configs: Vec<NodeConfig>, scenario: impl AsyncFnOnce(&mut Network) -> Result<()>) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Runtime::new().expect("a test has threads");
    runtime.block_on(async {
        let mut network = Network::start(configs, None).await.expect("the network starts");
        if let Err(error) = scenario(&mut network).await {
            panic!("{error:?}");
        }
    });
}

/// The name of a well-known account, or the address of another one.
pub fn name(account: &AccountId) -> String {
    Sr25519Keyring::from_account_id(account).map_or_else(|| account.to_string(), |known| known.to_string())
}

/// The key pair of an account's worker key.
///
/// # Errors
///
/// Never for a well-known account.
pub fn worker_pair(account: Sr25519Keyring) -> Result<polkadot_sdk::sp_core::sr25519::Pair> {
    polkadot_sdk::sp_core::sr25519::Pair::from_string(&worker_suri(account), None)
        .map_err(|error| anyhow!("{}: {error:?}", worker_suri(account)))
}
