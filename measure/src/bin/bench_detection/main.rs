//! `bench-detection`: measures how often the chain catches a worker that gets some of its tiles
//! wrong.
//!
//! # Real and simulated parts
//!
//! The runtime is real, compiled for this machine. Jobs are posted and paid by its calls, and
//! workers are drawn by its lotteries. Every report is signed by a worker key, passes its own
//! authorisation and is dispatched. Only the outside of the chain is simulated. The VRF output of
//! each block is a hash of the block's number. Instead of an executor, a rule decides which tiles a
//! worker has computed and how. A faulty worker gets each tile wrong independently with probability
//! f. Auditors and jurors compute honestly. Everything except the salt within signatures follows
//! from one seed.
//!
//! # Measurement
//!
//! For each f and k, tasks of [`TILES`] tiles with k samples go to faulty workers, with one attempt
//! each. A task counts as caught if a jury convicted its worker: a slash for a wrong result is
//! pending. The rate must lie within the exact binomial interval around 1 − (1 − f)^k. The twelve
//! intervals must hold jointly with 95 %, so each has the level 0.95^(1/12) (Šidák). Also, no task
//! whose sample held a wrong tile may go uncaught, and each task must end either caught or paid.
//!
//! For these tasks governance has set `extra_samples` to 0, so that a sample has exactly k tiles
//! for any reputation of the worker. It has set `max_attempts` to 1, so that a task has one
//! attempt. It cancels each slash after counting it, which returns the worker's bond and
//! reputation: otherwise no workers would be left to draw.
//!
//! Then honest workers do tasks under the default parameters. No slash of any kind may be pending
//! for them.

mod bench;
mod computed;
mod duties;
mod series;

use anyhow::Result;
use bench::Bench;
use dpin_measure::{binomial::interval, calls::told, genesis::chain};
use dpin_primitives::ranged::Ranged;
use dpin_runtime::{
    Parameters, RuntimeOrigin,
    parameters::{RuntimeParameters, dynamic::compute},
};
use dpin_tests::program::{self, Verdict};
use polkadot_sdk::sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use serde_json::json;
use series::{HONEST_TASKS, Series, TASKS};
use std::process::ExitCode;

/// The seed of all randomness.
const SEED: &[u8] = b"dpin/bench-detection/1";
/// Faulty fractions of the tiles, in thousandths.
const FRACTIONS: [u32; 4] = [1, 10, 100, 500];
/// Sizes of the sample.
const SAMPLES: [u32; 3] = [8, 32, 128];
/// Tiles of a task.
const TILES: u32 = 1_024;
/// The probability with which all intervals hold jointly.
const LEVEL: f64 = 0.95;

fn main() -> ExitCode {
    program::report("detection", &run())
}

fn run() -> Result<Verdict> {
    // A preset without workers.
    chain(LOCAL_TESTNET_RUNTIME_PRESET, json!({}))?.execute_with(|| {
        let mut bench = Bench::new()?;
        let caught = faulty(&mut bench)?;
        let paid = honest(&mut bench)?;
        Ok(Verdict::of(caught && paid, ""))
    })
}

/// Run the tasks of faulty workers. Returns whether as many are caught as expected, and none is
/// overlooked.
fn faulty(bench: &mut Bench) -> Result<bool> {
    let count = (FRACTIONS.len() * SAMPLES.len()) as u32;
    let level = jointly(LEVEL, count);
    println!(
        "{TASKS} tasks of {TILES} tiles for each f and k; exact binomial intervals around 1 - (1 - f)^k, each at \
         {:.2} %, so that all {count} hold jointly with {:.0} % (Sidak)",
        level * 100.0,
        LEVEL * 100.0
    );
    println!("extra_samples=0 and max_attempts=1 by set_parameter; each slash is cancelled once it is counted");

    set(compute::Parameters::ExtraSamples(compute::ExtraSamples, Some(Ranged::new(0))))?;
    set(compute::Parameters::MaxAttempts(compute::MaxAttempts, Some(Ranged::new(1))))?;
    let mut all_within = true;
    let mut overlooked = 0;
    for permille in FRACTIONS {
        for samples in SAMPLES {
            let tally = bench.run(&Series::faulty(permille, samples))?;
            all_within &= is_as_expected(permille, samples, tally.caught, level);
            overlooked += tally.overlooked;
        }
    }
    set(compute::Parameters::ExtraSamples(compute::ExtraSamples, None))?;
    set(compute::Parameters::MaxAttempts(compute::MaxAttempts, None))?;
    println!("wrong_samples_overlooked={overlooked}");
    Ok(all_within && overlooked == 0)
}

/// Print how many of [`TASKS`] tasks were caught. Returns whether that number lies within the
/// interval around the expected one.
fn is_as_expected(permille: u32, samples: u32, caught: u32, level: f64) -> bool {
    let expected = 1.0 - (1.0 - f64::from(permille) / 1_000.0).powi(samples as i32);
    let accepted = interval(TASKS, expected, level);
    let within = accepted.contains(&caught);
    let rate = |count: u32| f64::from(count) / f64::from(TASKS);
    println!(
        "f={:<6} k={samples:<4} caught={caught:<5} rate={:.4} expected={expected:.4} interval=[{:.4}, {:.4}] {}",
        format!("{}%", f64::from(permille) / 10.0),
        rate(caught),
        rate(*accepted.start()),
        rate(*accepted.end()),
        if within { "within" } else { "OUTSIDE" }
    );
    within
}

/// Run the tasks of honest workers. Returns whether all of them are paid, and nobody was slashed
/// without a reason in the whole measurement.
fn honest(bench: &mut Bench) -> Result<bool> {
    let honest = bench.run(&Series::honest())?;
    println!("honest_tasks={HONEST_TASKS} settled={}", honest.settled);
    println!("false_slashes={}", bench.false_slashes);
    Ok(honest.settled == HONEST_TASKS && bench.false_slashes == 0)
}

/// The level that each of `count` independent statements needs for all of them to hold jointly with
/// probability `level` (Z. Šidák, "Rectangular Confidence Regions for the Means of Multivariate
/// Normal Distributions", JASA 62(318), 1967).
fn jointly(level: f64, count: u32) -> f64 {
    level.powf(1.0 / f64::from(count))
}

/// Change a parameter as governance does.
fn set(number: compute::Parameters) -> Result<()> {
    Parameters::set_parameter(RuntimeOrigin::root(), RuntimeParameters::Compute(number)).map_err(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_statements_at_95_percent_need_99_6_each() {
        assert!((jointly(0.95, 12) - 0.99573).abs() < 1e-5);
    }
}
