//! Plain transfers, as many as the chain accepts.

use crate::{AccountInfo, Bench, PAYER_BALANCE, submit::submit};
use anyhow::{Context, Result, bail, ensure};
use codec::Decode;
use dpin_measure::load::{
    connection::{Connection, wire},
    signing::Signer,
};
use dpin_primitives::{Balance, BlockNumber, DPN, Hash};
use dpin_runtime::Runtime;
use polkadot_sdk::{frame_system, pallet_balances, sp_core::Bytes};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Amount of one transfer, in planck.
const TRANSFER: Balance = DPN / 100;
/// Transactions that wait in the pool at any time: three full blocks.
const WAITING: usize = 20_000;
/// Blocks without a transfer after which the run fails.
const PATIENCE: u32 = 8;

/// Let the payers transfer as fast as the chain accepts it. Returns transfers per second of chain
/// time.
pub(crate) async fn transfers(bench: &mut Bench<'_>, payers: &[Signer], sinks: &[Signer]) -> Result<f64> {
    let rounds = bench.options.transfers;
    println!("Signing {} transfers ...", payers.len() * rounds as usize);
    let began = Instant::now();
    let signed = presign(bench.connection.genesis, payers, sinks, rounds)?;
    println!("  signed in {:.1} s", began.elapsed().as_secs_f64());

    let total = signed.len();
    let full = include_all(bench, signed).await?;
    // The first blocks begin with an empty pool.
    let (first, last) = (full.get(2).copied(), full.last().copied());
    let (Some(first), Some(last)) = (first, last) else { bail!("too few blocks to measure") };
    ensure!(last > first, "too few blocks to measure");
    let mut window = bench.window(first, last).await?;
    window.print("transfers");
    let counted = window.extrinsics - (last - first) as usize;

    check_arrival(bench, sinks, total).await?;
    let rate = counted as f64 / window.seconds;
    println!("transfers_per_s={rate:.0}");
    Ok(rate)
}

/// Submit transfers and wait until all of them are in blocks. Returns the blocks that were full.
async fn include_all(bench: &mut Bench<'_>, signed: Vec<Bytes>) -> Result<Vec<BlockNumber>> {
    let total = signed.len();
    let included = Arc::new(AtomicUsize::new(0));
    let feeder = tokio::spawn(feed(bench.connection.clone(), signed, included.clone()));

    let cpu = bench.node.cpu_seconds();
    let began = Instant::now();
    let mut full: Vec<BlockNumber> = Vec::new();
    let mut quiet = 0;
    while included.load(Ordering::Relaxed) < total {
        let head = bench.heads.next().await?;
        let (extrinsics, bytes) = bench.connection.body(head.hash()).await?;
        // The timestamp inherent is no transfer.
        let count = extrinsics - 1;
        let sum = included.fetch_add(count, Ordering::Relaxed) + count;
        println!("  block {}: {count} transfers, {} kB, {sum} of {total}", head.number, bytes / 1_000);
        quiet = if count == 0 { quiet + 1 } else { 0 };
        ensure!(quiet < PATIENCE, "no transfer gets into a block");
        // The last transfers do not fill a block.
        if count > 0 && sum < total {
            full.push(head.number);
        }
    }
    feeder.await??;
    let used = bench.cpu_seconds_since(cpu);
    println!("  the node used {used:.1} s of CPU in {:.1} s", began.elapsed().as_secs_f64());
    Ok(full)
}

/// Submit transfers so that [`WAITING`] of them are in the pool, as long as there are any.
async fn feed(connection: Connection, signed: Vec<Bytes>, included: Arc<AtomicUsize>) -> Result<()> {
    let mut sent = 0;
    for part in signed.chunks(1_000) {
        while sent >= included.load(Ordering::Relaxed) + WAITING {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        sent += part.len();
        let refused = submit(&connection, part.to_vec(), 250).await?;
        ensure!(refused == 0, "{refused} transfers were refused");
    }
    Ok(())
}

/// Check that the sinks have received all transfers.
async fn check_arrival(bench: &mut Bench<'_>, sinks: &[Signer], total: usize) -> Result<()> {
    let at = bench.heads.next().await?.hash();
    let keys: Vec<Bytes> =
        sinks.iter().map(|sink| Bytes(frame_system::Account::<Runtime>::hashed_key_for(&sink.account))).collect();
    let mut moved: Balance = 0;
    for value in bench.connection.values(&keys, at).await? {
        let value = value.context("an account that received transfers is there")?;
        moved += AccountInfo::decode(&mut &value[..])?.data.free - PAYER_BALANCE;
    }
    ensure!(moved == total as Balance * TRANSFER, "{moved} planck have arrived, not {}", total as Balance * TRANSFER);
    println!("  all {total} transfers have arrived");
    Ok(())
}

/// Sign `rounds` transfers of each payer, in the order of sending, on all cores.
fn presign(genesis: Hash, payers: &[Signer], sinks: &[Signer], rounds: u32) -> Result<Vec<Bytes>> {
    let cores = std::thread::available_parallelism()?.get();
    let rounds: Vec<u32> = (0..rounds).collect();
    let signed = std::thread::scope(|scope| {
        let threads: Vec<_> = rounds
            .chunks(rounds.len().div_ceil(cores))
            .map(|rounds| {
                scope.spawn(move || {
                    let transfers = rounds.iter().flat_map(|round| {
                        payers.iter().zip(sinks).map(move |(payer, sink)| {
                            let dest = sink.account.clone().into();
                            let call = pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value: TRANSFER };
                            wire(&payer.transaction(genesis, *round, call.into()))
                        })
                    });
                    transfers.collect::<Vec<Bytes>>()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let mut all = Vec::new();
    for part in signed {
        all.extend(part.ok().context("a thread that signs has panicked")?);
    }
    Ok(all)
}
