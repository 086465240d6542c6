//! `bench-scale`: measures the cost of registering, assigning and auditing with up to a million
//! workers, in time and in storage proofs.
//!
//! For each number of workers, a trie is filled with them, and the same lives run on it. In a life,
//! a worker registers, and a task is assigned, computed, audited and paid. The exit status is 1 if
//! that takes more than [`BOUND`] times as long with the most workers as with the least. It is also
//! 1 if the numbers of storage items read or written differ in more than one of ten lives.
//! [`dpin_measure::scale`] describes which parts are real.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use dpin_measure::scale::{
    population::{CACHE_BYTES, Population, Trie},
    table::{Lives, Table, measure},
};
use dpin_tests::program::{self, Verdict};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

/// Most time with the most workers, as a multiple of the time with the least.
const BOUND: f64 = 1.5;
/// Lives between two lines about the progress.
const TELL: u32 = 250;

/// Measure the cost of the chain's work with more and more workers.
#[derive(Parser)]
#[command(name = "bench-scale", version)]
struct Options {
    /// Numbers of workers, in ascending order.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000", value_parser = clap::value_parser!(u32).range(1_000..=2_000_000))]
    workers: Vec<u32>,
    /// Number of lives that are timed.
    #[arg(long, default_value_t = 1_500, value_parser = clap::value_parser!(u32).range(1..))]
    timed: u32,
    /// Number of lives whose reads and proofs are counted.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    recorded: u32,
    /// Directory for scale.csv.
    #[arg(long, default_value = "out")]
    out: PathBuf,
}

fn main() -> ExitCode {
    program::report("scale", &run(Options::parse()))
}

fn run(options: Options) -> Result<Verdict> {
    let Options { workers, timed, recorded, out } = options;
    ensure!(
        workers.len() > 1 && workers.is_sorted_by(|one, other| one < other),
        "at least two rising numbers of workers"
    );
    let begun = Instant::now();
    let tries = populate(&workers, begun)?;
    println!(
        "medians of {timed} lives ({recorded} for counts and proofs), interleaved; one thread, trie in memory, a node's trie cache of \
         {} MiB for each",
        CACHE_BYTES >> 20
    );
    let table = measure(&tries, Lives { timed, recorded }, |lives| {
        if lives % TELL == 0 {
            eprintln!("{lives} lives after {:.0} s", begun.elapsed().as_secs_f64());
        }
    })?;
    print!("{}", table.text());
    let csv = write(&table, &out)?;
    println!("wrote {} after {:.0} s", csv.display(), begun.elapsed().as_secs_f64());
    Ok(judge(&table))
}

/// A trie for each number of workers.
fn populate(workers: &[u32], begun: Instant) -> Result<Vec<Trie>> {
    let mut population = Population::new()?;
    let mut tries = Vec::new();
    for number in workers {
        population.grow_to(*number, |workers| {
            if workers % 100_000 == 0 {
                eprintln!("{workers} workers after {:.0} s", begun.elapsed().as_secs_f64());
            }
        });
        population.check_shortcut()?;
        let trie = population.trie()?;
        println!(
            "{number} workers: {} storage items of {} MB in a trie, {:.0} s",
            trie.items,
            trie.bytes / 1_000_000,
            begun.elapsed().as_secs_f64()
        );
        tries.push(trie);
    }
    Ok(tries)
}

/// Write the table to a directory. Returns the file's path.
fn write(table: &Table, out: &Path) -> Result<PathBuf> {
    fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let csv = out.join("scale.csv");
    fs::write(&csv, table.csv()).with_context(|| format!("{} cannot be written", csv.display()))?;
    Ok(csv)
}

/// Print the growth of costs with the number of workers, and judge it.
fn judge(table: &Table) -> Verdict {
    println!(
        "reads and writes of each step: the same with any number of workers in {} of {} lives",
        table.alike, table.recorded
    );
    println!(
        "growth of proofs: bytes={:.3} nodes={:.3}; of time: run={:.3} root={:.3}",
        table.growth(|cost| cost.proof_bytes as f64),
        table.growth(|cost| cost.proof_nodes as f64),
        table.growth(|cost| cost.run.as_secs_f64()),
        table.growth(|cost| cost.root.as_secs_f64())
    );
    let growth = table.time_growth();
    Verdict::of(table.is_level() && growth <= BOUND, format_args!("growth={growth:.3}"))
}
