//! The pallets whose weights are measured.

mod consensus;

use crate::{Assets, PoolAssets, Runtime, configs::benchmark_author, weights::shared_keys};
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList, baseline};
use frame_system_benchmarking::{Pallet as SystemBench, extensions::Pallet as SystemExtensionsBench};
use polkadot_sdk::*;
use sp_storage::TrackedStorageKey;

impl frame_system_benchmarking::Config for Runtime {}
impl baseline::Config for Runtime {}
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

use baseline::Pallet as BaselineBench;
use consensus::{babe::Pallet as BabeBench, grandpa::Pallet as GrandpaBench, session::Pallet as SessionBench};

frame_benchmarking::define_benchmarks!(
    [frame_benchmarking, BaselineBench::<Runtime>]
    [frame_system, SystemBench::<Runtime>]
    [frame_system_extensions, SystemExtensionsBench::<Runtime>]
    [pallet_asset_conversion, crate::AssetConversion]
    [pallet_asset_conversion_tx_payment, crate::AssetTxPayment]
    [pallet_assets, Assets]
    [pallet_assets, PoolAssets]
    [pallet_babe, BabeBench::<Runtime>]
    [pallet_balances, crate::Balances]
    [pallet_blobs, crate::Blobs]
    [pallet_buyback, crate::Buyback]
    [pallet_canaries, crate::Canaries]
    [pallet_grandpa, GrandpaBench::<Runtime>]
    [pallet_issuance, crate::Issuance]
    [pallet_jobs, crate::Jobs]
    [pallet_multisig, crate::Multisig]
    [pallet_parameters, crate::Parameters]
    [pallet_preimage, crate::Preimage]
    [pallet_proof_of_compute, crate::ProofOfCompute]
    [pallet_proxy, crate::Proxy]
    [pallet_scheduler, crate::Scheduler]
    [pallet_session, SessionBench::<Runtime>]
    [pallet_sudo, crate::Sudo]
    [pallet_timestamp, crate::Timestamp]
    [pallet_transaction_payment, crate::TransactionPayment]
    [pallet_utility, crate::Utility]
    [pallet_workers, crate::Workers]
);

/// List the benchmarks. `extra` adds those that are not needed for weights.
pub fn list(extra: bool) -> Vec<BenchmarkList> {
    let mut list = Vec::new();
    list_benchmarks!(list, extra);
    list
}

/// Run one benchmark.
///
/// # Errors
///
/// The benchmark's own description of its failure.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    // Keys that all extrinsics of a block share are charged once per block. The author's account is
    // one of them.
    let account = frame_system::Account::<Runtime>::hashed_key_for;
    let mut shared = shared_keys();
    shared.push(account(benchmark_author()));
    // The fee payer's account was already read for its nonce, and that read is charged there.
    if [&b"pallet_asset_conversion_tx_payment"[..], b"pallet_transaction_payment"].contains(&&config.pallet[..]) {
        shared.push(account(frame_benchmarking::account("caller", 0, 0)));
    }
    let whitelist = shared.into_iter().map(TrackedStorageKey::new).collect::<Vec<_>>();
    let mut batches = Vec::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}
