//! `dpin-kills`: the demo's network under random kills.

use anyhow::Result;
use clap::Parser;
use dpin_tests::{
    kills,
    program::{self, Verdict},
};
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// Kill and cut off nodes of the demo's network at random while jobs run, and prove that nothing is
/// lost.
///
/// Starts two validators that also work, two workers, and the requester's node, all on loopback.
/// For the given time, one node after the other is disturbed. Its process is killed or stopped, its
/// executor or a computing child is killed, or it is cut off from the others. Jobs of several kinds
/// are posted during that time. Then everything runs undisturbed until all jobs have ended, and the
/// whole chain is checked. Every output is compared with the CPU reference, and every task must be
/// closed once. The books must balance to the planck. No worker that had 12 s undisturbed for its
/// duty may be slashed.
///
/// The last line gives the result; the exit status is 0 if nothing was lost, paid twice or slashed
/// without need. The same seed disturbs the same nodes in the same order.
#[derive(Parser)]
#[command(name = "dpin-kills", version)]
struct Options {
    /// Time for which the nodes are disturbed, in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 6.0, value_parser = parse_minutes)]
    minutes: f64,

    /// Seed that decides which node is disturbed, when and how.
    #[arg(long, value_name = "NUMBER", default_value_t = 4711)]
    seed: u64,

    /// Write the nodes' logs to this directory and keep them. Without it they are only kept if
    /// something fails.
    #[arg(long, value_name = "DIR")]
    keep_logs: Option<PathBuf>,
}

fn parse_minutes(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(minutes) if (0.5..=600.0).contains(&minutes) => Ok(minutes),
        _ => Err("give a number of minutes from 0.5 to 600".into()),
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    program::run("kills", run(&options))
}

/// Run on a network that is removed when this returns.
async fn run(options: &Options) -> Result<Verdict> {
    println!("Starting five nodes ...");
    let time = Duration::from_secs_f64(options.minutes * 60.0);
    let chaos = kills::Options { time, seed: options.seed };
    let toll = kills::run(chaos, options.keep_logs.as_deref()).await?;
    toll.faults().for_each(|fault| println!("fault: {fault}"));
    Ok(Verdict::of(toll.is_ok(), toll))
}
