//! `dpin-buyback`: jobs paid in BLC, and the use of their fees, on a network of real nodes.

use anyhow::Result;
use clap::Parser;
use dpin_tests::{
    actors, buyback,
    network::Network,
    program::{self, Verdict},
};
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// Time limit for everything after the network has started.
const LIMIT: Duration = Duration::from_secs(300);

/// Let jobs be paid in BLC until their fees are bought back and burned.
///
/// Starts a validator and two workers on loopback. Prints the allocation of the 210,000,000 DPN, as
/// the fresh chain reports it, and checks it against the white paper.
///
/// Then governance shortens eras. Two jobs, and the fee of one transaction, are paid in BLC. The
/// jobs' fees are spent on DPN, which are burned. The pot falls by the amount spent, and the total
/// issuance by the amount burned, to the last planck. When the era has ended, the workers' rewards
/// are claimed, which are less than the burned amount.
///
/// Ends every process it started. The last line gives the result; the exit status is 0 if
/// everything succeeded.
#[derive(Parser)]
#[command(name = "dpin-buyback", version)]
struct Options {
    /// Write the nodes' logs to this directory and keep them. Without it they are only kept if
    /// something fails.
    #[arg(long, value_name = "DIR")]
    keep_logs: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    program::run("buyback", run(&options))
}

/// Run the scenario on a network that is removed when this returns.
async fn run(options: &Options) -> Result<Verdict> {
    println!("Starting three nodes ...");
    let mut network = Network::start(buyback::nodes(), options.keep_logs.as_deref()).await?;
    let result = actors::in_time(LIMIT, buyback::run(&network)).await;
    if result.is_err() {
        eprintln!("{}", network.explain());
    }
    println!("Ending all processes ...");
    drop(network);
    result.map(Verdict::ok)
}
