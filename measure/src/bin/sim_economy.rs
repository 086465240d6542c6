//! `sim-economy`: simulates the money over 240 months, with the chain's own runtime in process.
//!
//! It writes a table with a row, and a chart with a point, for each month. The exit status is 1 in
//! these cases: there was more DPN than the cap; money came from nothing or disappeared; a buy-back
//! moved the price by more than allowed; or settling jobs with oneself paid.
//! [`dpin_measure::economy`] describes the real parts and the checks.

use anyhow::Result;
use clap::Parser;
use dpin_measure::economy::{
    self,
    dice::in_coins,
    report::{self, Month},
    simulate,
    world::Violations,
};
use dpin_primitives::economy::EMISSION_MONTHS;
use dpin_tests::program::{self, Verdict};
use std::{path::PathBuf, process::ExitCode, time::Instant};

/// Months between two lines about the progress.
const TELL: u32 = 12;

/// Simulate the money of DPIN with the chain's own runtime.
#[derive(Parser)]
#[command(name = "sim-economy", version)]
struct Options {
    /// Number of months to simulate.
    #[arg(long, default_value_t = EMISSION_MONTHS, value_parser = clap::value_parser!(u32).range(1..=i64::from(EMISSION_MONTHS)))]
    months: u32,
    /// Number of trials of self-dealing.
    #[arg(long, default_value_t = economy::Options::default().trials)]
    trials: u32,
    /// Seed of everything random.
    #[arg(long, default_value_t = economy::Options::default().seed)]
    seed: u64,
    /// Directory for economy.csv and economy.svg.
    #[arg(long, default_value = "out")]
    out: PathBuf,
}

fn main() -> ExitCode {
    program::report("economy", &run(Options::parse()))
}

fn run(options: Options) -> Result<Verdict> {
    let Options { months, trials, seed, out } = options;
    let begun = Instant::now();
    let simulation = simulate(&economy::Options { months, trials, seed }, |row, world| {
        if row.month % TELL == 0 || row.month == months || row.month == 1 {
            tell(row, &world.violations, begun);
        }
    })?;
    report::write(&simulation.rows, &out)?;
    println!("wrote {} and {}", out.join("economy.csv").display(), out.join("economy.svg").display());
    println!(
        "{} trials of self-dealing, in {} of which fees were burned, {} more refused by the chain; at best {:.4} % of the fees",
        simulation.trials,
        simulation.burned,
        simulation.refused,
        simulation.best_relative * 100.0
    );
    println!("impact_violations={}", simulation.violations.impact);
    Ok(Verdict::of(simulation.is_sound(), simulation.summary()))
}

/// Print a line about the progress.
fn tell(row: &Month, violations: &Violations, begun: Instant) {
    println!(
        "month {:>3}: supply {:>11.0} circulating {:>11.0} burned {:>10.0} DPN, price {:.4} BLC, {} slices, impact at \
         most {:.3} %, faults {}, {:.0} s",
        row.month,
        in_coins(row.issuance),
        in_coins(row.circulating),
        in_coins(row.burned),
        row.price,
        row.slices,
        row.max_impact * 100.0,
        violations.cap + violations.conservation + violations.impact,
        begun.elapsed().as_secs_f64()
    );
}
