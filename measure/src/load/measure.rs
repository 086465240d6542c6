//! The size of the state, and the time of blocks.

use super::connection::Connection;
use anyhow::Result;
use dpin_primitives::{BlockNumber, Hash};
use std::collections::HashMap;

/// The pallets that store records of jobs and tasks.
pub const PALLETS: [&str; 4] = ["Jobs", "ProofOfCompute", "Workers", "Blobs"];
/// The pallets that store records of accounts. Their state grows with the first payment to each
/// account, and with each account in an era.
pub const ACCOUNTS: [&str; 2] = ["Balances", "Issuance"];

/// The number of entries of these pallets after a block, and the bytes of their keys and values.
///
/// # Errors
///
/// When the node does not answer.
pub async fn state_size(connection: &Connection, pallets: &[&str], at: Hash) -> Result<(u64, u64)> {
    let (mut entries, mut bytes) = (0, 0);
    for pallet in pallets {
        let prefix = polkadot_sdk::sp_io::hashing::twox_128(pallet.as_bytes());
        let (more_entries, more_bytes) = connection.size(&prefix, at).await?;
        entries += more_entries;
        bytes += more_bytes;
    }
    Ok((entries, bytes))
}

/// The time that the node took to build each block, in ms, from its log.
pub fn building_times(log: &str) -> HashMap<BlockNumber, u64> {
    const WORDS: &str = "Prepared block for proposing at ";
    let of_line = |line: &str| {
        let (_, rest) = line.split_once(WORDS)?;
        let (number, rest) = rest.split_once(" (")?;
        let (ms, _) = rest.split_once(" ms)")?;
        // The log may contain codes for bold digits.
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let number = number.trim_start_matches("\u{1b}[1m").trim_end_matches("\u{1b}[0m");
        Some((digits(number).parse().ok()?, digits(ms).parse().ok()?))
    };
    log.lines().filter_map(of_line).collect()
}

/// The value at a share of the sorted values, such as 0.99; 0 if there are no values.
pub fn percentile(values: &mut [u64], share: f64) -> u64 {
    values.sort_unstable();
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).ceil() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn building_times_are_read_from_the_log() {
        let log = "2025-11-20 🎁 Prepared block for proposing at 17 (412 ms) hash: 0xab; extrinsics_count: 3\n\
                   2025-11-20 💤 Idle (0 peers)\n\
                   2025-11-20 🎁 Prepared block for proposing at \u{1b}[1m18\u{1b}[0m (5 ms) hash: 0xcd";
        let times = building_times(log);
        assert_eq!((times.len(), times[&17], times[&18]), (2, 412, 5));
    }

    #[test]
    fn percentiles_are_values_that_occur() {
        let mut values = [5, 1, 3, 2, 4];
        assert_eq!((percentile(&mut values, 0.5), percentile(&mut values, 0.99)), (3, 5));
        assert_eq!(percentile(&mut [], 0.5), 0);
    }
}
