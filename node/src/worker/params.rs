//! The worker's options on the command line, and the set-up that follows from them.

use crate::ports::{Leave, Wanted};
use dpin_primitives::executor::ExecutorConfig;
use polkadot_sdk::{
    sc_cli::{self, RunCmd},
    sc_service::Configuration,
    sp_keyring::Sr25519Keyring,
};
use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

/// Name of the executor's program.
const EXECUTOR: &str = "dpin-executor";

/// Options of the worker.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Worker")]
pub(crate) struct WorkerParams {
    /// Run a worker: start an executor beside the node, and restart it whenever it ends.
    ///
    /// Off-chain workers then run on every block. `--dev` implies it.
    #[arg(long)]
    pub worker: bool,

    /// Run no worker, not even with `--dev`.
    #[arg(long, conflicts_with_all = ["worker", "executor_url", "executor_bin", "worker_key"])]
    pub no_worker: bool,

    /// URL of an executor that already runs, to use instead of starting one.
    #[arg(long, value_name = "URL", requires = "executor_token_file", conflicts_with = "executor_bin")]
    pub executor_url: Option<String>,

    /// File with the token of the executor at `--executor-url`.
    #[arg(long, value_name = "PATH", requires = "executor_url")]
    pub executor_token_file: Option<PathBuf>,

    /// Program of the executor. Default: `dpin-executor` in the folder of the node's own program.
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

    /// Let the started executor run strangers' kernels even if this machine cannot sandbox them.
    #[arg(long, conflicts_with = "executor_url")]
    pub insecure_executor: bool,

    /// Worker key to add to the keystore while the node runs. For development and tests only: other
    /// users of the machine can read a command line. `--dev`, `--alice`, `--bob` and so on imply
    /// `//Name//worker`.
    #[arg(long, value_name = "SURI")]
    pub worker_key: Option<String>,
}

/// The source of the executor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExecutorSource {
    /// No executor: the node does not work.
    None,
    /// The node starts this program.
    Supervised(PathBuf),
    /// The operator runs the executor, at this address.
    External(ExecutorConfig),
}

/// The resolved flags.
#[derive(Debug, Clone)]
pub(crate) struct WorkerSetup {
    pub(super) source: ExecutorSource,
    pub(super) key: Option<String>,
    /// Extra command-line options of the started executor.
    pub(super) options: Vec<String>,
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
    pub(crate) fn new(params: &WorkerParams, run: &RunCmd) -> sc_cli::Result<Self> {
        let dev = run.shared_params.dev;
        let works = !params.no_worker && (params.worker || params.executor_url.is_some() || dev);
        if !works {
            let (key, metrics_port, dev_account) = (None, None, None);
            return Ok(Self { source: ExecutorSource::None, key, options: Vec::new(), metrics_port, dev_account });
        }
        let source = match (&params.executor_url, &params.executor_token_file) {
            (Some(url), Some(file)) => ExecutorSource::External(external(url, file)?),
            _ => ExecutorSource::Supervised(executor_program(params.executor_bin.as_deref())?),
        };
        let preset = run.get_keyring().or_else(|| dev.then_some(Sr25519Keyring::Alice));
        let key = params.worker_key.clone().or_else(|| preset.map(|name| format!("//{name}//worker")));
        let dev_account = preset.filter(|_| dev && params.worker_key.is_none());
        let metrics_port = params.executor_prometheus_port;
        Ok(Self { source, key, options: options(params)?, metrics_port, dev_account })
    }

    /// Returns the executor's Prometheus address, if it has one. The executor chooses the port of
    /// its API by itself.
    pub(crate) fn listens(&self) -> Option<Wanted> {
        let address = (Ipv4Addr::LOCALHOST, self.metrics_port?).into();
        Some(Wanted { option: "--executor-prometheus-port", address, leave: Leave::Never })
    }

    /// Returns whether the node works at all.
    pub(crate) fn works(&self) -> bool {
        self.source != ExecutorSource::None
    }

    /// Returns the well-known account that a development node works for.
    pub(crate) fn dev_account(&self) -> Option<Sr25519Keyring> {
        self.dev_account
    }

    /// Turns on off-chain workers on every block, if the node works.
    ///
    /// The offchain index is turned on for every node, so that each can answer questions about
    /// ended jobs.
    pub(crate) fn configure(&self, config: &mut Configuration) {
        config.offchain_worker.indexing_enabled = true;
        if self.source != ExecutorSource::None {
            config.offchain_worker.enabled = true;
        }
    }
}

fn options(params: &WorkerParams) -> sc_cli::Result<Vec<String>> {
    let config = params.executor_config.as_ref().map(|file| {
        let whole = std::fs::canonicalize(file).ok().filter(|file| file.is_file());
        let missing = || sc_cli::Error::Input(format!("--executor-config {}: the file does not exist", file.display()));
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
            "--executor-token-file {}: the file must have one line, without blanks",
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
            "there is no executor at {}: build {EXECUTOR}, name it with --executor-bin, or turn the worker off with \
             --no-worker",
            program.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

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
        assert_eq!((setup.source, setup.key), (ExecutorSource::None, None));
    }

    #[test]
    fn dev_works_with_alices_worker_key() {
        let setup = setup(&["--dev", "--executor-bin", &program()]).unwrap();
        assert!(matches!(setup.source, ExecutorSource::Supervised(_)));
        assert_eq!(setup.key.as_deref(), Some("//Alice//worker"));
    }

    #[test]
    fn an_executor_without_a_sandbox_must_be_asked_for() {
        let setup = setup(&["--dev", "--executor-bin", &program(), "--insecure-executor"]).unwrap();
        assert_eq!(setup.options, ["--insecure-executor"]);
    }

    #[test]
    fn dev_does_not_work_when_told_so() {
        assert_eq!(setup(&["--dev", "--no-worker"]).unwrap().source, ExecutorSource::None);
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
        assert_eq!(setup(&args).unwrap().source, ExecutorSource::External(expected));
    }
}
