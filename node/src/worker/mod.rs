//! A working node: it runs an executor, holds a worker key, and feeds the executor blobs.
//!
//! ```text
//!   flags --> WorkerSetup --start--> supervisor --spawns, watches--> dpin-executor
//!                                        | url, token                      ^   ^
//!                                        v                                 |   | blobs
//!              offchain storage <-- ExecutorHandle --> RPC (outputs) ------+   |
//!                    |                   +----------> feeder ------------------+
//!                    v
//!              off-chain worker (in the runtime)
//! ```
//!
//! The executor is a separate process, so that no driver and no kernel can crash the node.
//! Everything here blocks, and therefore runs on threads of its own instead of the node's tasks.

mod devices;
mod executor;
mod feeder;
mod identity;
mod keys;
mod supervisor;

#[cfg(test)]
pub use executor::fake;
pub use executor::ExecutorHandle;
pub use keys::Keystore;
pub use supervisor::token_in;

use crate::{
    blobs::LargeBlobs,
    outbound::Outbound,
    ports::{Leave, Wanted},
    service::{FullBackend, FullClient, OffchainDb},
};
use codec::Encode;
use dpin_primitives::{
    executor::{ExecutorConfig, CONFIG_KEY},
    worker::WORKER_KEY_TYPE,
};
use dpin_rpc::BlobStore;
use polkadot_sdk::{
    sc_cli::{self, RunCmd},
    sc_client_api::Backend,
    sc_service::{Configuration, Error as ServiceError, TaskManager},
    sp_core::{
        crypto::Ss58Codec,
        offchain::{OffchainStorage, STORAGE_PREFIX},
    },
    sp_keyring::Sr25519Keyring,
    sp_keystore::KeystorePtr,
};
use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
};

/// Log target of this module.
const LOG: &str = "worker";

/// Name of the file with the accounts of workers that this node has run for.
const ACCOUNTS: &str = "worker-accounts";

/// Name of the executor's program.
const EXECUTOR: &str = "dpin-executor";

/// Options of the worker.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Worker")]
pub struct WorkerParams {
    /// Work: start an executor beside the node, and restart it whenever it ends.
    ///
    /// Off-chain workers then run on every block. `--dev` implies it.
    #[arg(long)]
    pub worker: bool,

    /// Do not work, not even with `--dev`.
    #[arg(long, conflicts_with_all = ["worker", "executor_url", "executor_bin", "worker_key"])]
    pub no_worker: bool,

    /// Work with an executor that is already running at this URL, instead of starting one.
    #[arg(long, value_name = "URL", requires = "executor_token_file", conflicts_with = "executor_bin")]
    pub executor_url: Option<String>,

    /// File with the token of the executor at `--executor-url`.
    #[arg(long, value_name = "PATH", requires = "executor_url")]
    pub executor_token_file: Option<PathBuf>,

    /// Program of the executor. Default: `dpin-executor` beside the node's own program.
    #[arg(long, value_name = "PATH")]
    pub executor_bin: Option<PathBuf>,

    /// Devices of the started executor: `gpu`, `nvidia:h200` (vendor:model), `pci:0000:01:00.0`,
    /// numbers of `dpin-executor devices` as in `0,2`, `auto` for one, or `all` of the best class.
    /// The worker must be registered with the same number of devices. The executor keeps this
    /// choice until the option changes.
    #[arg(long, value_name = "DEVICES", conflicts_with = "executor_url")]
    pub executor_devices: Option<String>,

    /// TOML file with options of the started executor, as in `memory_limit_mb = 4096`: devices,
    /// memory, blobs, outputs, how long they are kept, and the queue. `docs/operator.md` lists
    /// them. Flags of the node override it.
    #[arg(long, value_name = "FILE", conflicts_with = "executor_url")]
    pub executor_config: Option<PathBuf>,

    /// Port of the started executor's Prometheus metrics, served to this machine only.
    #[arg(long, value_name = "PORT", conflicts_with = "executor_url")]
    pub executor_prometheus_port: Option<u16>,

    /// Let the executor that the node starts run strangers' kernels even if this machine cannot
    /// sandbox them.
    #[arg(long, conflicts_with = "executor_url")]
    pub insecure_executor: bool,

    /// Worker key to put into the keystore for as long as the node runs. For development and tests
    /// only: other users of the machine can read a command line. `--dev`, `--alice`, `--bob` and so
    /// on imply `//Name//worker`.
    #[arg(long, value_name = "SURI")]
    pub worker_key: Option<String>,
}

/// The source of the executor.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// No executor: the node does not work.
    None,
    /// The node starts this program.
    Supervised(PathBuf),
    /// The operator runs the executor, at this address.
    External(ExecutorConfig),
}

/// The resolved flags.
#[derive(Debug, Clone)]
pub struct WorkerSetup {
    source: Source,
    key: Option<String>,
    /// Extra command-line options of the started executor.
    options: Vec<String>,
    /// Port of the executor's Prometheus metrics.
    metrics_port: Option<u16>,
    /// The well-known account that a development node works for.
    dev_account: Option<Sr25519Keyring>,
}

impl WorkerSetup {
    /// Resolves the flags.
    ///
    /// # Errors
    ///
    /// When the token file cannot be read, or the executor's program or its options are not there.
    pub fn new(params: &WorkerParams, run: &RunCmd) -> sc_cli::Result<Self> {
        let dev = run.shared_params.dev;
        let works = !params.no_worker && (params.worker || params.executor_url.is_some() || dev);
        if !works {
            let (key, metrics_port, dev_account) = (None, None, None);
            return Ok(Self { source: Source::None, key, options: Vec::new(), metrics_port, dev_account });
        }
        let source = match (&params.executor_url, &params.executor_token_file) {
            (Some(url), Some(file)) => Source::External(external(url, file)?),
            _ => Source::Supervised(executor_program(params.executor_bin.as_deref())?),
        };
        let preset = run.get_keyring().or_else(|| dev.then_some(Sr25519Keyring::Alice));
        let key = params.worker_key.clone().or_else(|| preset.map(|name| format!("//{name}//worker")));
        let dev_account = preset.filter(|_| dev && params.worker_key.is_none());
        let metrics_port = params.executor_prometheus_port;
        Ok(Self { source, key, options: options(params)?, metrics_port, dev_account })
    }

    /// Returns the executor's Prometheus address, if it has one. The executor chooses the port of
    /// its API by itself.
    pub fn listens(&self) -> Option<Wanted> {
        let address = (Ipv4Addr::LOCALHOST, self.metrics_port?).into();
        Some(Wanted { option: "--executor-prometheus-port", address, leave: Leave::Never })
    }

    /// Returns whether the node works at all.
    pub fn works(&self) -> bool {
        self.source != Source::None
    }

    /// Returns the well-known account that a development node works for.
    pub fn dev_account(&self) -> Option<Sr25519Keyring> {
        self.dev_account
    }

    /// Turns on off-chain workers on every block, if the node works.
    ///
    /// The offchain index is turned on for every node, so that each can answer questions about
    /// ended jobs.
    pub fn configure(&self, config: &mut Configuration) {
        config.offchain_worker.indexing_enabled = true;
        if self.source != Source::None {
            config.offchain_worker.enabled = true;
        }
    }
}

fn options(params: &WorkerParams) -> sc_cli::Result<Vec<String>> {
    let config = params.executor_config.as_ref().map(|file| {
        let whole = std::fs::canonicalize(file).ok().filter(|file| file.is_file());
        let missing = || sc_cli::Error::Input(format!("--executor-config {}: there is no such file", file.display()));
        whole.map(|file| format!("--config={}", file.display())).ok_or_else(missing)
    });
    let config = config.transpose()?;
    let devices = params.executor_devices.iter().map(|devices| format!("--device={devices}"));
    let port = params.executor_prometheus_port.iter().map(|port| format!("--prometheus-listen=127.0.0.1:{port}"));
    let insecure = params.insecure_executor.then(|| "--insecure-executor".into());
    Ok(config.into_iter().chain(devices).chain(port).chain(insecure).collect())
}

fn external(url: &str, token_file: &Path) -> sc_cli::Result<ExecutorConfig> {
    let url = url.trim_end_matches('/');
    if !url.starts_with("http://") {
        return Err(sc_cli::Error::Input(format!("--executor-url {url}: must begin with http://")));
    }
    let token = std::fs::read_to_string(token_file)
        .map_err(|error| sc_cli::Error::Input(format!("--executor-token-file {}: {error}", token_file.display())))?;
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(sc_cli::Error::Input(format!(
            "--executor-token-file {}: must hold one line without blanks",
            token_file.display()
        )));
    }
    Ok(ExecutorConfig { url: url.into(), token: token.into() })
}

fn executor_program(given: Option<&Path>) -> sc_cli::Result<PathBuf> {
    let program = match given {
        Some(path) => path.to_path_buf(),
        None => std::env::current_exe()?.with_file_name(EXECUTOR),
    };
    // Make the path absolute: the executor is started in another directory.
    std::fs::canonicalize(&program).ok().filter(|path| path.is_file()).ok_or_else(|| {
        sc_cli::Error::Input(format!(
            "the executor is not at {}: build {EXECUTOR}, name it with --executor-bin, or do not work (--no-worker)",
            program.display()
        ))
    })
}

/// Returns the directory in which this chain's executor keeps its queue, blobs and outputs.
pub fn executor_dir(config: &Configuration) -> PathBuf {
    config.data_path.join("executor")
}

/// The parts of the node that [`start`] needs.
pub struct Deps<'a> {
    /// The node's configuration.
    pub config: &'a Configuration,
    /// The client, a source of blobs.
    pub client: &'a Arc<FullClient>,
    /// The database, in which the off-chain worker finds its executor's address.
    pub backend: &'a Arc<FullBackend>,
    /// The small blobs that the operator has uploaded: a source of blobs that the chain's blocks no
    /// longer hold.
    pub blobs: &'a Arc<BlobStore<OffchainDb>>,
    /// The large blobs on this node's disk, and those that it can fetch.
    pub large_blobs: &'a Arc<LargeBlobs>,
    /// The node's keys.
    pub keystore: &'a KeystorePtr,
    /// Set once the executor runs.
    pub executor: ExecutorHandle,
    /// The client for requests to other nodes.
    pub outbound: Outbound,
    /// Ends the executor with the node.
    pub task_manager: &'a mut TaskManager,
}

/// Starts to work, if the flags say so.
///
/// # Errors
///
/// When the worker key is invalid, the executor's directory cannot be made, or a thread cannot be
/// started. An executor that does not start is no error: the failure is logged, the start is
/// retried, and the node goes on.
pub fn start(setup: WorkerSetup, deps: Deps<'_>) -> Result<(), ServiceError> {
    let Deps { config, client, backend, blobs, large_blobs, keystore, executor, outbound, task_manager } = deps;
    let storage = backend.offchain_storage().ok_or("the database has no offchain storage")?;
    let publish = {
        let (executor, storage) = (executor.clone(), storage.clone());
        move |address: Option<ExecutorConfig>| publish(&executor, &mut storage.clone(), address)
    };
    // An address of an earlier run is out of date. A node that does not work publishes none at all.
    // It may have the keys of a worker that another node works for. It must not report in that
    // worker's name that there is no result.
    publish((setup.source != Source::None).then(ExecutorConfig::away));
    remove_leftovers(&executor_dir(config));

    let stop = Stop::default();
    let supervisor = match setup.source {
        Source::None => return Ok(()),
        Source::External(address) => {
            log::info!(target: LOG, "🔧 Working with the executor at {}", address.url);
            publish(Some(address));
            None
        }
        Source::Supervised(program) => {
            let dir = executor_dir(config);
            let supervised = supervisor::Supervised { program, options: setup.options, dir, stop: stop.clone() };
            let publish =
                move |address: Option<ExecutorConfig>| publish(Some(address.unwrap_or_else(ExecutorConfig::away)));
            Some(supervisor::spawn(supervised, publish)?)
        }
    };
    insert_key(setup.key.as_deref(), keystore)?;
    let out = keys::Out { outbound, runtime: config.tokio_handle.clone() };
    keys::spawn(Arc::downgrade(client), keystore.clone(), executor.clone(), out, stop.clone())?;
    identity::spawn(Arc::downgrade(client), keystore.clone(), config.data_path.join(ACCOUNTS), stop.clone())?;
    let sources = feeder::Sources {
        client: Arc::downgrade(client),
        blobs: Arc::downgrade(blobs),
        large_blobs: Arc::downgrade(large_blobs),
    };
    devices::spawn(storage, executor.clone(), stop.clone())?;
    feeder::spawn(sources, executor, stop.clone())?;
    task_manager.keep_alive(Guard { stop, supervisor });
    Ok(())
}

/// Removes the inputs of runs, decrypted ones among them, that a killed executor has left.
///
/// An executor removes them itself when it is started again, but it may never be.
fn remove_leftovers(dir: &Path) {
    let Ok(lock) = std::fs::File::open(dir.join("lock")) else { return };
    // A running executor holds the lock.
    if lock.try_lock().is_err() {
        return;
    }
    let children = std::fs::read_dir(dir.join("driver")).into_iter().flatten().flatten();
    let children = children.filter(|entry| entry.file_name().to_string_lossy().starts_with("child-"));
    for left in children.map(|entry| entry.path()).chain([dir.join("work")]).filter(|path| path.exists()) {
        if let Err(error) = std::fs::remove_dir_all(&left) {
            log::warn!(target: LOG, "{} cannot be removed: {error}", left.display());
        }
    }
}

/// Publishes the executor's address to the node and its off-chain worker.
fn publish(executor: &ExecutorHandle, storage: &mut impl OffchainStorage, address: Option<ExecutorConfig>) {
    match &address {
        Some(address) => storage.set(STORAGE_PREFIX, CONFIG_KEY, &address.encode()),
        None => storage.remove(STORAGE_PREFIX, CONFIG_KEY),
    }
    executor.set(address.filter(|address| !address.is_away()));
}

fn insert_key(suri: Option<&str>, keystore: &KeystorePtr) -> Result<(), ServiceError> {
    if let Some(suri) = suri {
        let key = keystore
            .sr25519_generate_new(WORKER_KEY_TYPE, Some(suri))
            .map_err(|error| format!("--worker-key: {error}"))?;
        log::info!(target: LOG, "🔑 Worker key: {}", key.to_ss58check());
    } else if keystore.sr25519_public_keys(WORKER_KEY_TYPE).is_empty() {
        log::warn!(
            target: LOG,
            "There is no worker key in the keystore. A worker that is registered is given tasks all the same, and each one missed costs a \
             part of its bond. Insert its key with `dpin-node {}`",
            identity::insert_command(),
        );
    }
    Ok(())
}

/// Signals the threads that the node is ending.
#[derive(Debug, Clone, Default)]
struct Stop(Arc<AtomicBool>);

impl Stop {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Sleeps, but wakes up soon after the node begins to end. Returns whether it is ending.
    fn sleep(&self, time: std::time::Duration) -> bool {
        let end = std::time::Instant::now() + time;
        while !self.is_set() {
            let left = end.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return false;
            }
            std::thread::sleep(left.min(std::time::Duration::from_millis(50)));
        }
        true
    }
}

/// Ends the threads, and with them the executor, when the node ends.
struct Guard {
    stop: Stop,
    supervisor: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stop.set();
        // The feeder is not waited for: it may be in a request, and holds no resources.
        if let Some(supervisor) = self.supervisor.take() {
            let _ = supervisor.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;
    use codec::Decode;
    use polkadot_sdk::sp_core::offchain::{
        storage::{InMemOffchainStorage, OffchainDb},
        DbExternalities, StorageKind,
    };

    fn setup(args: &[&str]) -> sc_cli::Result<WorkerSetup> {
        let cli = Cli::parse_from(std::iter::once("dpin-node").chain(args.iter().copied()));
        WorkerSetup::new(&cli.worker, &cli.run)
    }

    /// A program that exists on every machine that runs tests.
    fn program() -> String {
        std::env::current_exe().unwrap().display().to_string()
    }

    #[test]
    fn a_plain_node_does_not_work() {
        let setup = setup(&["--chain", "local", "--alice"]).unwrap();
        assert_eq!((setup.source, setup.key), (Source::None, None));
    }

    #[test]
    fn dev_works_with_alices_worker_key() {
        let setup = setup(&["--dev", "--executor-bin", &program()]).unwrap();
        assert!(matches!(setup.source, Source::Supervised(_)));
        assert_eq!(setup.key.as_deref(), Some("//Alice//worker"));
    }

    #[test]
    fn an_executor_without_a_sandbox_must_be_asked_for() {
        let setup = setup(&["--dev", "--executor-bin", &program(), "--insecure-executor"]).unwrap();
        assert_eq!(setup.options, ["--insecure-executor"]);
    }

    #[test]
    fn dev_does_not_work_when_told_so() {
        assert_eq!(setup(&["--dev", "--no-worker"]).unwrap().source, Source::None);
    }

    #[test]
    fn a_preset_implies_its_worker_key_and_a_given_key_goes_first() {
        let bin = program();
        let of = |args: &[&str]| setup(&[&["--worker", "--executor-bin", &bin], args].concat()).unwrap().key;
        assert_eq!(of(&["--bob"]).as_deref(), Some("//Bob//worker"));
        assert_eq!(of(&["--bob", "--worker-key", "//Own"]).as_deref(), Some("//Own"));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn the_executor_is_told_its_devices_and_port() {
        let bin = program();
        let told = |args: &[&str]| setup(&[&["--worker", "--executor-bin", &bin], args].concat()).unwrap().options;
        assert_eq!(told(&[]), [""; 0]);
        let args = ["--executor-devices", "0,2", "--executor-prometheus-port", "9616"];
        assert_eq!(told(&args), ["--device=0,2", "--prometheus-listen=127.0.0.1:9616"]);
    }

    #[test]
    fn the_executor_is_handed_the_file_with_its_options() {
        let (bin, dir) = (program(), tempfile::tempdir().unwrap());
        let file = dir.path().join("executor.toml");
        let path = file.display().to_string();
        let told = |args: &[&str]| setup(&[&["--worker", "--executor-bin", &bin], args].concat());
        let error = told(&["--executor-config", &path]).unwrap_err().to_string();
        assert!(error.contains(&path), "{error}");
        std::fs::write(&file, "memory_limit_mb = 4096\n").unwrap();
        let options = told(&["--executor-config", &path, "--executor-devices", "gpu"]).unwrap().options;
        let whole = file.canonicalize().unwrap();
        assert_eq!(options, [format!("--config={}", whole.display()), "--device=gpu".into()]);
    }

    #[test]
    fn decrypted_inputs_of_a_killed_executor_go_when_the_node_starts() {
        let dir = tempfile::tempdir().unwrap();
        let inputs = dir.path().join("driver/child-abc/in");
        let work = dir.path().join("work/run/in");
        let programs = dir.path().join("driver/programs");
        for folder in [&inputs, &work, &programs] {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(inputs.join("input-0"), "secret").unwrap();
        let lock = std::fs::File::create(dir.path().join("lock")).unwrap();

        lock.lock().unwrap();
        remove_leftovers(dir.path());
        assert!(inputs.exists(), "an executor runs there");
        lock.unlock().unwrap();
        remove_leftovers(dir.path());
        assert!(!dir.path().join("driver/child-abc").exists() && !dir.path().join("work").exists());
        assert!(programs.exists());
        remove_leftovers(&dir.path().join("nowhere"));
    }

    #[test]
    fn a_development_node_knows_whose_worker_it_is() {
        let bin = program();
        let of = |args: &[&str]| setup(&[&["--executor-bin", &bin], args].concat()).unwrap().dev_account();
        assert_eq!(of(&["--dev"]), Some(Sr25519Keyring::Alice));
        assert_eq!(of(&["--dev", "--bob"]), Some(Sr25519Keyring::Bob));
        assert_eq!(of(&["--dev", "--worker-key", "//Own"]), None);
        assert_eq!(of(&["--worker", "--alice"]), None);
    }

    #[test]
    fn a_missing_executor_is_named() {
        let error = setup(&["--worker", "--executor-bin", "/nowhere/dpin-executor"]).unwrap_err();
        assert!(error.to_string().contains("/nowhere/dpin-executor"), "{error}");
    }

    #[test]
    fn another_executor_needs_a_readable_token() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        let path = file.display().to_string();
        let args = ["--executor-url", "http://127.0.0.1:9/", "--executor-token-file", &path];

        assert!(setup(&args).unwrap_err().to_string().contains(&path));

        std::fs::write(&file, "two words\n").unwrap();
        assert!(setup(&args).is_err());

        std::fs::write(&file, "secret\n").unwrap();
        let expected = ExecutorConfig { url: "http://127.0.0.1:9".into(), token: "secret".into() };
        assert_eq!(setup(&args).unwrap().source, Source::External(expected));
    }

    #[test]
    fn the_offchain_worker_finds_what_the_node_published_last() {
        let executor = ExecutorHandle::default();
        let mut storage = InMemOffchainStorage::default();
        let address = ExecutorConfig { url: "http://127.0.0.1:9".into(), token: "secret".into() };
        let read = |storage: &InMemOffchainStorage| {
            let bytes = OffchainDb::new(storage.clone()).local_storage_get(StorageKind::PERSISTENT, CONFIG_KEY)?;
            Some(ExecutorConfig::decode(&mut &bytes[..]).unwrap())
        };

        publish(&executor, &mut storage, Some(address.clone()));
        assert_eq!(read(&storage), Some(address));
        assert!(executor.client().is_some());

        publish(&executor, &mut storage, Some(ExecutorConfig::away()));
        assert!(read(&storage).is_some_and(|address| address.is_away()));
        assert!(executor.client().is_none());

        publish(&executor, &mut storage, None);
        assert_eq!(read(&storage), None);
        assert!(executor.client().is_none());
    }
}
