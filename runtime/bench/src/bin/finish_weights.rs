//! `finish-weights`: the last steps of `make bench`, for `scripts/bench.sh`.

use anyhow::{Context, Result};
use clap::Parser;
use std::{
    fs,
    path::{Path, PathBuf},
};
use weight_files::{overhead, raise::raise};

/// Turn measured weights into the files in runtime/src/weights.
#[derive(Parser)]
#[command(name = "finish-weights", version)]
enum Command {
    /// Raise the weights that declare less for small arguments than was measured, in place.
    Raise {
        /// The weight files.
        files: Vec<PathBuf>,
    },
    /// Write block_weights.rs and extrinsic_weights.rs.
    Overhead {
        /// Directory with the files that `bench-weights overhead` has written.
        measured: PathBuf,
        /// Directory of the weight files, with those of the transaction extensions.
        weights: PathBuf,
    },
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Raise { files } => files.iter().try_for_each(|file| write(file, &raise(&read(file)?))),
        Command::Overhead { measured, weights } => write_overhead(&measured, &weights),
    }
}

fn write_overhead(measured: &Path, weights: &Path) -> Result<()> {
    let [block, extrinsic] = ["block_weights.rs", "extrinsic_weights.rs"];
    let system = read(&weights.join("frame_system_extensions.rs"))?;
    let payment = read(&weights.join("pallet_asset_conversion_tx_payment.rs"))?;
    let extensions = overhead::extensions(&system, &payment).context("an extension of transactions has no weight")?;
    let weight = overhead::block(&read(&measured.join(block))?).with_context(|| format!("{block} has no figures"))?;
    write(&weights.join(block), &weight)?;
    let weight = overhead::extrinsic(&read(&measured.join(extrinsic))?, extensions);
    write(&weights.join(extrinsic), &weight.with_context(|| format!("{extrinsic} has no figures"))?)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}
