//! Writes the weights of an empty block and of an extrinsic.
//!
//! The measuring tool writes a file for each, in the form of the SDK. Here its figures become a
//! file in the form of `runtime/src/weights`. An extrinsic is measured with its transaction
//! extensions. Each of them has a weight of its own, so their times are subtracted: nobody shall
//! pay them twice.

use crate::raise::digits;

/// The extensions of every transaction whose weights are in `frame_system_extensions.rs`.
const SYSTEM_EXTENSIONS: [&str; 8] = [
    "check_genesis",
    "check_mortality_mortal_transaction",
    "check_non_zero_sender",
    "check_nonce",
    "check_spec_version",
    "check_tx_version",
    "check_weight",
    "weight_reclaim",
];
/// The extension that charges fees, in `pallet_asset_conversion_tx_payment.rs`.
const CHARGE: &str = "charge_asset_tx_payment_native";

/// The time of all extensions of a transaction, in ns, each rounded down. `system` and `payment`
/// are the texts of the two weight files with the extensions. `None` if one has no weight there.
pub fn extensions(system: &str, payment: &str) -> Option<u64> {
    let system = SYSTEM_EXTENSIONS.into_iter().map(|name| base_ns(system, name)).sum::<Option<u64>>()?;
    Some(system + base_ns(payment, CHARGE)?)
}

/// The time of a function in a weight file, without the database, in ns.
fn base_ns(text: &str, function: &str) -> Option<u64> {
    let (_, after) = text.split_once(&format!("fn {function}("))?;
    let (_, base) = after.split_once("Weight::from_parts(")?;
    Some(digits(base.split(',').next()?) / 1000)
}

/// The figures in a file of the measuring tool.
struct Measured<'a> {
    cpu: &'a str,
    warmup: &'a str,
    repeat: &'a str,
    /// Minimum, mean, median and percentiles, in ns.
    stats: String,
    /// The figure that counts, in ns.
    time: u64,
}

impl<'a> Measured<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let after = |word: &str| text.split_once(word).map(|(_, rest)| rest);
        let quoted = |word: &str| after(word)?.split('`').next();
        let shown = ["Min, Max:", "Average:", "Median:", "99th:", "95th:"];
        let stats = text.lines().filter(|line| shown.iter().any(|word| line.contains(word)));
        let stats: Vec<String> = stats.map(|line| words(line.trim_start().trim_start_matches('/'))).collect();
        Some(Self {
            cpu: quoted("CPU: `")?,
            warmup: quoted("WARMUPS: `")?,
            repeat: quoted("REPEAT: `")?,
            stats: stats.join("; "),
            time: digits(after("saturating_mul(")?.split(')').next()?),
        })
    }
}

/// The words of a line, with one space between them.
fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The weight file of an empty block, from the file that the measuring tool wrote. `None` if that
/// is not such a file.
pub fn block(measured: &str) -> Option<String> {
    let measured = Measured::read(measured)?;
    Some(file(
        &measured,
        "an empty block",
        "The time that a block without transactions takes, with its hooks and its inherents.",
        "",
        ("BlockExecutionWeight", measured.time),
    ))
}

/// The weight file of an extrinsic, from the file that the measuring tool wrote. `extensions` is
/// the time of its extensions, in ns. `None` if that is not such a file, or took no longer than the
/// extensions.
pub fn extrinsic(measured: &str, extensions: u64) -> Option<String> {
    let measured = Measured::read(measured)?;
    let note = format!(
        "\n\t// Of {} for a whole empty extrinsic, {extensions} are its extensions', which have their own weights.",
        measured.time
    );
    Some(file(
        &measured,
        "an extrinsic in any case",
        "The time that every extrinsic takes besides its call and its transaction extensions: to decode it and to \
         check its\n\t/// signature.",
        &note,
        ("ExtrinsicBaseWeight", measured.time.checked_sub(extensions)?),
    ))
}

fn file(measured: &Measured<'_>, what: &str, doc: &str, note: &str, (name, time): (&str, u64)) -> String {
    let Measured { cpu, warmup, repeat, stats, .. } = measured;
    format!(
        "//! What {what} costs, measured by `make bench` with {warmup} warmups and {repeat} repeats on: {cpu}.\n\
         \n\
         #![cfg_attr(rustfmt, rustfmt_skip)]\n\
         \n\
         use polkadot_sdk::frame_support::{{\n\
         \tparameter_types,\n\
         \tweights::{{constants::WEIGHT_REF_TIME_PER_NANOS, Weight}},\n\
         }};\n\
         \n\
         parameter_types! {{\n\
         \t/// {doc}\n\
         \t// Nanoseconds: {stats}.{note}\n\
         \tpub const {name}: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul({time}), 0);\n\
         }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = include_str!("../fixtures/block_measured.rs.txt");
    const EXTRINSIC: &str = include_str!("../fixtures/extrinsic_measured.rs.txt");

    #[test]
    fn the_file_of_a_block_has_the_figures_that_were_measured() {
        assert_eq!(block(BLOCK).unwrap(), include_str!("../fixtures/block_weights.rs.txt"));
    }

    #[test]
    fn the_extensions_are_subtracted_from_an_extrinsic() {
        assert_eq!(extrinsic(EXTRINSIC, 81_149).unwrap(), include_str!("../fixtures/extrinsic_weights.rs.txt"));
        assert_eq!(extrinsic(EXTRINSIC, 110_599), None);
    }

    #[test]
    fn a_file_without_figures_is_refused() {
        assert_eq!(block(""), None);
        assert_eq!(block(&BLOCK.replace("REPEAT", "TIMES")), None);
    }

    #[test]
    fn each_extension_is_rounded_down_to_nanoseconds() {
        let weight = |name: &str, base: &str| {
            format!(
                "\tfn {name}() -> Weight {{\n\t\t// Minimum execution time: 9_000 picoseconds.\n\t\tWeight::from_parts({base}, 0)\n\t}}\n"
            )
        };
        let system: String = SYSTEM_EXTENSIONS.iter().map(|name| weight(name, "1_999")).collect();
        let payment = weight("charge_asset_tx_payment_zero", "7_000_000") + &weight(CHARGE, "30_000_999");
        assert_eq!(extensions(&system, &payment), Some(8 + 30_000));
        assert_eq!(extensions(&system, ""), None);
    }

    #[test]
    fn the_runtime_has_weights_of_all_extensions() {
        let system = include_str!("../../src/weights/frame_system_extensions.rs");
        let payment = include_str!("../../src/weights/pallet_asset_conversion_tx_payment.rs");
        assert!(extensions(system, payment).is_some_and(|ns| ns > 0));
    }
}
