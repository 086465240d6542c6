//! `dpin-executor serve`: runs the engine, its HTTP server and the server of metrics, until a
//! signal asks to stop.

use super::{options::Options, with_file};
use crate::{
    engine::{
        Config, Engine,
        conduct::{Built, Conduct},
    },
    http,
    observe::metrics,
    store::files,
};
use clap::Args;
use std::{
    future::pending,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};
use tracing_subscriber::EnvFilter;

/// How long connections may take to close once the executor stops.
const DRAIN_TIME: Duration = Duration::from_secs(3);
/// How long killed children may take to exit.
const LANE_TIME: Duration = Duration::from_secs(12);

/// The options of `serve`.
#[derive(Args)]
pub(super) struct Serve {
    /// Address of the HTTP server; port 0 for any free port
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Allow an address that other machines can reach. The token then travels in clear text
    #[arg(long)]
    allow_remote: bool,
    /// Directory for all data of the executor; it is made private
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

/// Serve a node until a signal asks to stop.
///
/// # Errors
///
/// If the options, the data directory or the addresses cannot be used, or if the engine breaks.
pub(super) fn run(mut options: Serve, conduct: Built) -> Result<(), String> {
    options.options = with_file(options.options, options.config.as_deref())?;
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_writer(io::stderr)
        .with_target(false)
        .init();
    options.check_addresses()?;
    let token = files::token(&options.token_file)?;
    // The file of an earlier executor would mislead readers.
    options.remove_port_file();
    if !conduct.is_honest() {
        tracing::warn!(?conduct, "this executor cheats on purpose");
    }
    let engine = Engine::open(options.engine(&token, conduct));
    let engine = Arc::new(engine.map_err(|error| format!("{}: {error}", options.data_dir.display()))?);
    let lanes = engine.start().map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let served = runtime.block_on(listen(&options, engine.clone(), &token));

    engine.stop();
    runtime.shutdown_background();
    wait_for_lanes(&lanes);
    options.remove_port_file();
    served.map_err(|error| error.to_string())
}

impl Serve {
    /// Refuse addresses that other machines can reach, unless the operator allows them.
    fn check_addresses(&self) -> Result<(), String> {
        if !self.listen.ip().is_loopback() && !self.allow_remote {
            return Err(format!("{} is not a loopback address; --allow-remote allows it", self.listen));
        }
        match self.options.prometheus_listen.filter(|address| !address.ip().is_loopback()) {
            Some(address) if !self.options.prometheus_external => {
                Err(format!("{address} is not a loopback address; --prometheus-external allows it"))
            }
            _ => Ok(()),
        }
    }

    /// The engine's configuration.
    fn engine(&self, token: &str, conduct: Built) -> Config {
        let limits = &self.options;
        Config {
            data_dir: self.data_dir.clone(),
            devices: limits.device.clone(),
            retention: limits.retention(),
            min_retention: limits.min_retention(),
            max_stored_bytes: limits.max_stored_bytes(),
            max_output_bytes: limits.max_output_bytes(),
            max_cached_bytes: limits.max_blob_bytes(),
            disk_reserve: limits.disk_reserve(),
            memory_limit: limits.memory_limit(),
            queue_length: limits.queue_length(),
            secrets: vec![token.to_owned()],
            insecure: limits.insecure_executor,
            conduct,
        }
    }

    fn remove_port_file(&self) {
        if let Some(path) = &self.port_file {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Wait for the lanes to end, for a limited time.
fn wait_for_lanes(lanes: &[JoinHandle<()>]) {
    let begun = Instant::now();
    while !lanes.iter().all(JoinHandle::is_finished) && begun.elapsed() < LANE_TIME {
        thread::sleep(Duration::from_millis(5));
    }
}

/// Serve until a signal, or the end of standard input, asks to stop. Fails if the engine breaks.
async fn listen(options: &Serve, engine: Arc<Engine>, token: &str) -> io::Result<()> {
    let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
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

    let (over, ended) = watch::channel(false);
    let end = {
        let (engine, ended) = (engine.clone(), ended.clone());
        async move {
            is_over(ended).await;
            engine.stop();
        }
    };
    let signals = async {
        asked_to_stop(terminate, interrupt, options.exit_on_stdin_close).await;
        let _ = over.send(true);
        // The sender stays alive: `is_over` also returns once the sender is gone.
        pending::<()>().await;
    };
    let drained = async {
        is_over(ended.clone()).await;
        tokio::time::sleep(DRAIN_TIME).await;
    };
    tokio::select! {
        () = http::serve(listener, engine.clone(), token, end) => Ok(()),
        served = serve_metrics(metrics, engine.clone(), ended.clone()) => served,
        () = signals => Ok(()),
        error = broken(&engine) => Err(error),
        () = drained => Ok(()),
    }
}

/// Wait until the executor is asked to stop.
async fn is_over(mut ended: watch::Receiver<bool>) {
    let _ = ended.wait_for(|over| *over).await;
}

/// Serve the metrics, if there is an address for them. Never returns without an error, because the
/// other server decides when to stop.
async fn serve_metrics(
    listener: Option<TcpListener>,
    engine: Arc<Engine>,
    ended: watch::Receiver<bool>,
) -> io::Result<()> {
    if let Some(listener) = listener {
        tracing::info!(address = %listener.local_addr()?, "metrics are served");
        metrics::serve(listener, Arc::new(move || engine.metrics()), is_over(ended)).await;
    }
    pending().await
}

/// Wait until the engine cannot continue, and return why.
async fn broken(engine: &Engine) -> io::Error {
    let mut changes = engine.subscribe();
    loop {
        if let Some(why) = engine.broken() {
            return io::Error::other(why.to_owned());
        }
        if changes.changed().await.is_err() {
            return io::Error::other("the engine is gone");
        }
    }
}

/// Wait for a signal, or for the end of standard input if `watch_stdin`.
async fn asked_to_stop(mut terminate: Signal, mut interrupt: Signal, watch_stdin: bool) {
    tokio::select! {
        _ = terminate.recv() => (),
        _ = interrupt.recv() => (),
        () = stdin_closed(), if watch_stdin => (),
    }
}

/// Wait for the end of standard input.
async fn stdin_closed() {
    let (closed, seen) = tokio::sync::oneshot::channel();
    // A separate thread, because a read of standard input cannot be cancelled and would block the
    // runtime.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = closed.send(());
    });
    let _ = seen.await;
}
