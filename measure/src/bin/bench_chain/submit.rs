//! Submission of many transactions.

use anyhow::Result;
use dpin_measure::load::connection::Connection;
use futures::StreamExt;
use polkadot_sdk::sp_core::Bytes;
use std::time::Duration;

/// Longest delay between a block's header and the pool's update for it.
const POOL_DELAY: Duration = Duration::from_millis(200);
/// Messages in flight at a time.
const LANES: usize = 3;

/// Submit a bulk of transactions. The heads arrive a little before the pool is updated, so
/// transactions refused as outdated are submitted once more.
async fn submit_bulk(connection: &Connection, bulk: Vec<Bytes>) -> Result<Vec<(usize, String)>> {
    let (early, mut refused): (Vec<_>, Vec<_>) =
        connection.submit(&bulk).await?.into_iter().partition(|(_, error)| error.contains("outdated"));
    if !early.is_empty() {
        tokio::time::sleep(POOL_DELAY).await;
        let again: Vec<Bytes> = early.iter().filter_map(|(position, _)| bulk.get(*position).cloned()).collect();
        refused.extend(connection.submit(&again).await?);
    }
    Ok(refused)
}

/// Submit transactions on several lanes. Prints refusals of the pool, and returns their number.
pub(crate) async fn submit(connection: &Connection, transactions: Vec<Bytes>, bulk: usize) -> Result<usize> {
    let bulks: Vec<Vec<Bytes>> = transactions.chunks(bulk.max(1)).map(<[Bytes]>::to_vec).collect();
    let mut refused = 0;
    let mut answers = futures::stream::iter(bulks).map(|bulk| submit_bulk(connection, bulk)).buffer_unordered(LANES);
    while let Some(answer) = answers.next().await {
        let errors = answer?;
        if let Some((_, error)) = errors.first() {
            println!("  {} transactions refused, such as: {error}", errors.len());
        }
        refused += errors.len();
    }
    Ok(refused)
}
