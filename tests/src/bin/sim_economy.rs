//! `sim-economy`: the money over 240 months, with the chain's own runtime in process.
//!
//! It writes a table and a chart with a row and a point for each month, and ends with 1 if there
//! was ever more DPN than the cap, if anything came out of nothing or went nowhere, if a buy-back
//! moved the price by more than it may, or if it ever paid to settle jobs with oneself. What is
//! real in it and what is checked stands in [`dpin_tests::economy`].

use anyhow::Result;
use clap::Parser;
use dpin_primitives::economy::EMISSION_MONTHS;
use dpin_tests::economy::{dice::in_coins, report, simulate, Options};
use std::{path::PathBuf, process::ExitCode, time::Instant};

/// Months from one line about the progress to the next.
const TELL: u32 = 12;

/// Simulate the money of DPIN with the chain's own runtime.
#[derive(Parser)]
struct Arguments {
    /// Months to simulate.
    #[arg(long, default_value_t = EMISSION_MONTHS, value_parser = clap::value_parser!(u32).range(1..=i64::from(EMISSION_MONTHS)))]
    months: u32,
    /// Trials of self-dealing.
    #[arg(long, default_value_t = Options::default().trials)]
    trials: u32,
    /// Changes everything that is random.
    #[arg(long, default_value_t = Options::default().seed)]
    seed: u64,
    /// Where to write economy.csv and economy.svg.
    #[arg(long, default_value = "out")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<bool> {
    let Arguments { months, trials, seed, out } = arguments;
    let begun = Instant::now();
    let outcome = simulate(&Options { months, trials, seed }, |row, world| {
        if row.month % TELL == 0 || row.month == months || row.month == 1 {
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
                world.faults.cap + world.faults.conservation + world.faults.impact,
                begun.elapsed().as_secs_f64()
            );
        }
    })?;
    report::write(&outcome.rows, &out)?;
    println!("wrote {} and {}", out.join("economy.csv").display(), out.join("economy.svg").display());
    println!(
        "{} trials of self-dealing, in {} of which fees were burned, {} more refused by the chain; at best {:.4} % of the fees",
        outcome.trials,
        outcome.burned,
        outcome.refused,
        outcome.best_relative * 100.0
    );
    println!("impact_violations={}", outcome.faults.impact);
    println!("{}", outcome.summary());
    Ok(outcome.is_sound())
}
