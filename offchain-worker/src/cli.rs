//! The command line.

use crate::{
    check, child,
    conduct::{Built, Conduct},
    engine::{self, Config, Engine},
    files,
    fleet::Choice,
    kernel_check::{self, KernelCheck},
    metrics,
    options::Options,
    sandbox, server,
    supervisor::Found,
    wire::DeviceEntry,
};
use clap::{Args, Parser, Subcommand};
use comfy_table::{presets, ContentArrangement, Table};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpListener,
    signal::unix::{signal, SignalKind},
};
use tracing_subscriber::EnvFilter;

/// How long connections may take to close once the executor stops.
const DRAIN_TIME: Duration = Duration::from_secs(3);
/// How long killed children may take to exit.
const LANE_TIME: Duration = Duration::from_secs(12);
const MIB: u64 = 1024 * 1024;

#[derive(Parser)]
#[command(name = "dpin-executor", version, about = "Runs OpenCL work-groups for a worker's node")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a node: queue its runs, compute them, keep their outputs
    Serve(Serve),
    /// List the OpenCL devices of this machine. The listed memory is the part that `serve` leaves
    /// to runs, which a worker declares
    Devices {
        /// Print one JSON object per line
        #[arg(long)]
        json: bool,
        /// List only the devices that `serve` would use with this `--device`
        #[arg(long, value_name = "DEVICES")]
        device: Option<Choice>,
        /// Assume this `--memory-limit-mb` of `serve`
        #[arg(long)]
        memory_limit_mb: Option<u64>,
        /// File with the options of `serve`; the options above take precedence. Lists only the
        /// devices that `serve` would use with it
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Check whether this machine can run strangers' kernels: print a line for each wall of the
    /// sandbox, the devices and the disk, with the remedy for each problem. The exit code is 0 if
    /// it can
    Check {
        /// Directory in which `serve` will store its data
        #[arg(long)]
        data_dir: Option<PathBuf>,
        /// File with the options of `serve`
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Print one JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Build a kernel and check the rules: it does not read its output, stays in its tile, and is
    /// reproducible
    KernelCheck(KernelCheck),
    /// The process that talks to OpenCL for one run
    #[command(hide = true)]
    Child(sandbox::Limits),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 for any free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Allow an address that other machines can reach. The token then travels in clear text
    #[arg(long)]
    allow_remote: bool,
    /// Directory for all data of the executor; made private
    #[arg(long)]
    data_dir: PathBuf,
    /// File with the bearer token; created with a new token if absent
    #[arg(long)]
    token_file: PathBuf,
    /// File to which the address is written once the executor listens
    #[arg(long)]
    port_file: Option<PathBuf>,
    /// File with options in TOML, named as the flags below, such as `memory_limit_mb = 4096`. The
    /// command line takes precedence
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
    /// Exit when standard input is closed, which means that the parent process is gone
    #[arg(long)]
    exit_on_stdin_close: bool,
}

/// Run the command line, honestly.
pub fn run_cli() -> ExitCode {
    run(Built::default())
}

/// Run the command line, and commit `faults` on purpose.
#[cfg(feature = "fault-injection")]
pub fn run_cli_with(faults: crate::Faults) -> ExitCode {
    run(faults)
}

fn run(conduct: Built) -> ExitCode {
    let command = Cli::parse().command;
    if !matches!(command, Command::Child(_)) {
        sandbox::start_afresh();
    }
    let outcome = match command {
        Command::Child(limits) => return child::main(&limits),
        Command::Devices { json, device, memory_limit_mb, config } => {
            let line = Options { device, memory_limit_mb, ..Options::default() };
            with_file(line, config.as_deref()).and_then(|mut options| {
                if config.is_some() {
                    options.device.get_or_insert(Choice::Auto);
                }
                devices(json, &options)
            })
        }
        Command::Check { data_dir, config, json } => with_file(Options::default(), config.as_deref())
            .and_then(|options| check(data_dir.as_deref(), json, &options)),
        Command::Serve(options) => serve(options, conduct),
        Command::KernelCheck(options) => {
            return kernel_check::run(&options).unwrap_or_else(|error| {
                eprintln!("dpin-executor: {error}");
                ExitCode::from(2)
            });
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dpin-executor: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The options of the command line, and those of the file, if there is one.
fn with_file(line: Options, file: Option<&Path>) -> Result<Options, String> {
    file.map_or_else(|| Ok(Options::default()), Options::read).map(|file| line.or(file))
}

fn devices(json: bool, options: &Options) -> Result<(), String> {
    let Found { devices: all, problems } = engine::list_devices(options.memory_limit())?;
    problems.iter().for_each(|problem| eprintln!("dpin-executor: {problem}"));
    let devices = match &options.device {
        Some(choice) => choice.of(&all),
        None => (0..).zip(&all).collect(),
    };
    if json {
        devices.iter().for_each(|(number, entry)| println!("{}", object(*number, entry)));
    } else if devices.is_empty() {
        println!("no OpenCL device");
        check::missing_devices().iter().for_each(|hint| println!("- {hint}"));
    } else {
        println!("{}", table(&devices));
    }
    Ok(())
}

/// Check whether strangers' kernels may run on this machine.
fn check(data_dir: Option<&Path>, json: bool, options: &Options) -> Result<(), String> {
    let keystore = data_dir.and_then(Path::parent).map(|node| node.join("keystore"));
    let mut lines = check::walls(&engine::try_walls(&Vec::from_iter(keystore))?);
    let Found { devices: listed, problems } = engine::list_devices(options.memory_limit())?;
    let named = |(number, entry): (u32, &DeviceEntry)| {
        format!("{number}: {} ({})", String::from_utf8_lossy(&entry.device.model), entry.platform)
    };
    lines.push(check::devices(&(0..).zip(&listed).map(named).collect::<Vec<_>>(), &problems));
    lines.extend(check::disk(data_dir, options.max_stored_bytes().saturating_add(options.max_blob_bytes())));
    for line in &lines {
        if json {
            println!("{}", line.json());
        } else {
            println!("{}", line.text());
        }
    }
    let lacking: Vec<&str> = lines.iter().filter(|line| line.is_lacking()).map(|line| line.name.as_str()).collect();
    match lacking.as_slice() {
        [] => Ok(()),
        lacking => Err(format!("strangers' kernels cannot run: {}", lacking.join(", "))),
    }
}

/// A device as a JSON object.
fn object(number: u32, entry: &DeviceEntry) -> serde_json::Value {
    let device = &entry.device;
    serde_json::json!({
        "index": number,
        "class": device.class,
        "vendor": String::from_utf8_lossy(&device.vendor),
        "model": String::from_utf8_lossy(&device.model),
        "memory": device.memory,
        "totalMemory": entry.total_memory,
        "unifiedMemory": entry.unified,
        "computeUnits": device.compute_units,
        "fp64": device.fp64,
        "fp32Denormals": device.fp32.denormals,
        "fp32RoundedDivision": device.fp32.rounded_division,
        "platform": entry.platform,
        "driver": entry.driver,
        "openclVersion": entry.opencl,
        "place": entry.place,
        "available": entry.available,
        "maxWorkGroupSize": entry.max_group_items,
        "maxBuffer": entry.max_buffer,
        "localMemory": entry.local_memory,
    })
}

/// A table of devices for the terminal.
fn table(devices: &[(u32, &DeviceEntry)]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "#",
        "class",
        "vendor",
        "model",
        "memory for runs",
        "of",
        "largest buffer",
        "units",
        "group",
        "fp64",
        "fp32",
        "platform",
        "OpenCL",
        "driver",
    ]);
    for (number, entry) in devices {
        let device = &entry.device;
        let fp32 = [("denormals", device.fp32.denormals), ("rounded division", device.fp32.rounded_division)];
        let fp32: Vec<&str> = fp32.iter().filter_map(|(name, has)| has.then_some(*name)).collect();
        table.add_row([
            number.to_string(),
            format!("{:?}", device.class).to_lowercase(),
            String::from_utf8_lossy(&device.vendor).into_owned(),
            String::from_utf8_lossy(&device.model).into_owned(),
            format!("{} MiB", device.memory / MIB),
            format!("{} MiB", entry.total_memory / MIB),
            format!("{} MiB", entry.max_buffer / MIB),
            device.compute_units.to_string(),
            entry.max_group_items.to_string(),
            if device.fp64 { "yes" } else { "no" }.into(),
            if fp32.is_empty() { "-".into() } else { fp32.join(", ") },
            if entry.available { entry.platform.clone() } else { format!("{} (not available)", entry.platform) },
            entry.opencl.clone(),
            entry.driver.clone(),
        ]);
    }
    table
}

fn serve(mut options: Serve, conduct: Built) -> Result<(), String> {
    options.options = with_file(options.options, options.config.as_deref())?;
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    if !options.listen.ip().is_loopback() && !options.allow_remote {
        return Err(format!("{} is not a loopback address (--allow-remote takes it)", options.listen));
    }
    let limits = &options.options;
    if let Some(address) = limits.prometheus_listen.filter(|address| !address.ip().is_loopback()) {
        if !limits.prometheus_external {
            return Err(format!("{address} is not a loopback address (--prometheus-external takes it)"));
        }
    }
    let token = files::token(&options.token_file)?;
    if let Some(path) = &options.port_file {
        // The file of an earlier executor would mislead readers.
        let _ = std::fs::remove_file(path);
    }
    if !conduct.is_honest() {
        tracing::warn!(?conduct, "this executor cheats on purpose");
    }
    let engine = Arc::new(
        Engine::open(Config {
            data_dir: options.data_dir.clone(),
            devices: limits.device.clone(),
            retention: limits.retention(),
            min_retention: limits.min_retention(),
            max_stored_bytes: limits.max_stored_bytes(),
            max_output_bytes: limits.max_output_bytes(),
            max_cached_bytes: limits.max_blob_bytes(),
            disk_reserve: limits.disk_reserve(),
            memory_limit: limits.memory_limit(),
            queue_length: limits.queue_length(),
            secrets: vec![token.clone()],
            insecure: limits.insecure_executor,
            conduct,
        })
        .map_err(|error| format!("{}: {error}", options.data_dir.display()))?,
    );
    let lanes = engine.start().map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let served = runtime.block_on(listen(&options, engine.clone(), &token));

    engine.stop();
    runtime.shutdown_background();
    let begun = Instant::now();
    while !lanes.iter().all(|lane| lane.is_finished()) && begun.elapsed() < LANE_TIME {
        std::thread::sleep(Duration::from_millis(5));
    }
    if let Some(path) = &options.port_file {
        let _ = std::fs::remove_file(path);
    }
    served.map_err(|error| error.to_string())
}

/// Serve until a signal, or the end of standard input, asks to stop. Fails if the engine breaks.
async fn listen(options: &Serve, engine: Arc<Engine>, token: &str) -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind(options.listen).await?;
    let metrics = match options.options.prometheus_listen {
        Some(address) => Some(TcpListener::bind(address).await?),
        None => None,
    };
    let address = listener.local_addr()?;
    if let Some(path) = &options.port_file {
        files::write_atomic(path, address.to_string().as_bytes())?;
    }
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "executor listens");

    let (over, mut ended) = tokio::sync::watch::channel(false);
    let end = {
        let (engine, mut ended) = (engine.clone(), ended.clone());
        async move {
            let _ = ended.wait_for(|over| *over).await;
            engine.stop();
        }
    };
    let told = {
        let (engine, mut ended) = (engine.clone(), ended.clone());
        async move {
            let Some(listener) = metrics else { return std::future::pending().await };
            tracing::info!(address = %listener.local_addr()?, "metrics are served");
            let end = async move {
                let _ = ended.wait_for(|over| *over).await;
            };
            metrics::serve(listener, Arc::new(move || engine.metrics()), end).await;
            // The other server decides when to stop.
            std::future::pending().await
        }
    };
    let broken = {
        let (engine, mut changes) = (engine.clone(), engine.subscribe());
        async move {
            loop {
                if let Some(why) = engine.broken() {
                    return std::io::Error::other(why.to_owned());
                }
                if changes.changed().await.is_err() {
                    return std::io::Error::other("the engine is gone");
                }
            }
        }
    };
    let server = server::serve(listener, engine, token, end);
    let watch_stdin = options.exit_on_stdin_close;
    let signals = async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
            () = stdin_closed(), if watch_stdin => (),
        }
        let _ = over.send(true);
        // Keeps the sender alive: `wait_for` also returns once the sender is gone.
        std::future::pending::<()>().await;
    };
    let drained = async {
        let _ = ended.wait_for(|over| *over).await;
        tokio::time::sleep(DRAIN_TIME).await;
    };
    tokio::select! {
        () = server => Ok(()),
        told = told => told,
        () = signals => Ok(()),
        error = broken => Err(error),
        () = drained => Ok(()),
    }
}

/// Wait for the end of standard input.
async fn stdin_closed() {
    let (closed, seen) = tokio::sync::oneshot::channel();
    // A separate thread, because a read of standard input cannot be cancelled and would block the
    // runtime.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = closed.send(());
    });
    let _ = seen.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options;
    use clap::CommandFactory;
    use dpin_primitives::job::MAX_TASK_OUTPUT_BYTES;

    const MANUAL: &str = include_str!("../../docs/operator.md");

    /// The row for a flag of `serve` in the manual's table.
    fn row(flag: &str) -> &'static str {
        let begins =
            |line: &&str| line.starts_with(&format!("| `--{flag}`")) || line.starts_with(&format!("| `--{flag} "));
        MANUAL.lines().find(begins).unwrap_or_else(|| panic!("docs/operator.md has no row for --{flag}"))
    }

    #[test]
    fn the_manual_has_every_option_with_its_default() {
        let command = Cli::command();
        let serve = command.find_subcommand("serve").unwrap();
        let elsewhere = ["help", "listen", "data-dir", "token-file", "port-file", "exit-on-stdin-close"];
        for flag in serve.get_arguments().filter_map(clap::Arg::get_long).filter(|flag| !elsewhere.contains(flag)) {
            row(flag);
        }
        for (flag, default) in [
            ("retention-hours", options::RETENTION_HOURS),
            ("min-retention-hours", options::MIN_RETENTION_HOURS),
            ("max-stored-mb", options::MAX_STORED_MB),
            ("max-output-bytes", MAX_TASK_OUTPUT_BYTES),
            ("max-blobs-mb", options::MAX_BLOBS_MB),
            ("queue-length", options::QUEUE_LENGTH as u64),
        ] {
            assert!(row(flag).contains(&format!("| {default}")), "{}", row(flag));
            let help = serve.get_arguments().find(|argument| argument.get_long() == Some(flag)).unwrap().get_help();
            assert!(help.unwrap().to_string().contains(&format!("[default: {default}]")), "{flag}");
        }
    }

    #[test]
    fn the_manual_has_every_key_of_the_file() {
        let example = MANUAL.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let options: Options = toml::from_str(example).unwrap();
        assert!(options.device.is_some() && options.memory_limit_mb.is_some() && options.queue_length.is_some());
    }
}
