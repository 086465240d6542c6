//! `dpin-test-clients`: runs a client's test against a network with four workers.

use anyhow::{bail, ensure, Context, Result};
use clap::Parser;
use dpin_kernels::mandelbrot::View;
use dpin_tests::{
    actors,
    network::{die_with_parent, two_validators_and_two_workers, Network},
};
use polkadot_sdk::sp_keyring::Sr25519Keyring;
use std::{fs, process::ExitCode, time::Duration};

/// How long the client may take.
const LIMIT: Duration = Duration::from_secs(240);

/// Start a network of four nodes whose workers are registered, and run a client's test against it.
///
/// The client is started as `COMMAND... URL JOB`: the WebSocket URL of a node, and the path of a file in JSON that tells what to
/// post and what must come out: the kernel's source and manifest, the job's grid and scalars, and the path of the reference
/// output. The exit status is 0 if the client's is.
#[derive(Parser)]
#[command(name = "dpin-test-clients", version)]
struct Options {
    /// The client and its arguments.
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let result = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run(&options)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("clients: failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    println!("Starting four nodes ...");
    let mut network = Network::start(two_validators_and_two_workers(), None).await?;
    let result = test(&network, &options.command).await;
    if result.is_err() {
        eprintln!("{}", network.explain());
    }
    result
}

async fn test(network: &Network, command: &[String]) -> Result<()> {
    let client = network.client(Sr25519Keyring::Alice).await?;
    actors::register_workers(&client, network.workers()).await?;

    let dir = tempfile::tempdir()?;
    let job = View::whole_set(256, 256, 500).job()?;
    let reference = dir.path().join("reference");
    fs::write(&reference, job.reference(0..job.groups()))?;
    let manifest = job.kernel.manifest()?;
    let description = serde_json::json!({
        "source": job.kernel.source,
        "entry": job.kernel.name,
        "scalarBytes": manifest.scalar_widths().collect::<Vec<u8>>(),
        "localSize": manifest.local_size,
        "tileBytes": manifest.tiling.tile_bytes(),
        "kernel": manifest.id(),
        "globalSize": job.global_size,
        "scalars": job.scalars,
        "reference": reference,
    });
    let file = dir.path().join("job.json");
    fs::write(&file, serde_json::to_vec_pretty(&description)?)?;

    let (program, arguments) = command.split_first().context("there is a command")?;
    let url = network.node(Sr25519Keyring::Alice)?.url();
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).arg(url).arg(&file).kill_on_drop(true);
    die_with_parent(command.as_std_mut());
    let mut child = command.spawn().with_context(|| format!("{program} does not start"))?;
    match tokio::time::timeout(LIMIT, child.wait()).await {
        Ok(status) => {
            let status = status?;
            ensure!(status.success(), "{program} ended with {status}");
            Ok(())
        }
        Err(_) => bail!("{program} is not done after {} s", LIMIT.as_secs()),
    }
}
