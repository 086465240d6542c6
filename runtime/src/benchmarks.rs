//! The pallets whose weights can be measured.

use crate::{AllPalletsWithSystem, Runtime};
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{baseline, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::WhitelistedStorageKeys;
use frame_system_benchmarking::Pallet as SystemBench;
use polkadot_sdk::*;
use sp_storage::TrackedStorageKey;

impl frame_system_benchmarking::Config for Runtime {}
impl baseline::Config for Runtime {}

use baseline::Pallet as BaselineBench;

frame_benchmarking::define_benchmarks!(
    [frame_benchmarking, BaselineBench::<Runtime>]
    [frame_system, SystemBench::<Runtime>]
    [pallet_asset_conversion, crate::AssetConversion]
    [pallet_asset_conversion_tx_payment, crate::AssetTxPayment]
    [pallet_assets, crate::Assets]
    [pallet_balances, crate::Balances]
    [pallet_blobs, crate::Blobs]
    [pallet_buyback, crate::Buyback]
    [pallet_canaries, crate::Canaries]
    [pallet_issuance, crate::Issuance]
    [pallet_jobs, crate::Jobs]
    [pallet_multisig, crate::Multisig]
    [pallet_parameters, crate::Parameters]
    [pallet_preimage, crate::Preimage]
    [pallet_proof_of_compute, crate::ProofOfCompute]
    [pallet_proxy, crate::Proxy]
    [pallet_scheduler, crate::Scheduler]
    [pallet_sudo, crate::Sudo]
    [pallet_timestamp, crate::Timestamp]
    [pallet_utility, crate::Utility]
    [pallet_workers, crate::Workers]
);

/// The benchmarks there are; `extra` names also those that are not needed for weights.
pub fn list(extra: bool) -> Vec<BenchmarkList> {
    let mut list = Vec::new();
    list_benchmarks!(list, extra);
    list
}

/// Run one benchmark.
///
/// # Errors
///
/// What the benchmark says of its failure.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist: Vec<TrackedStorageKey> = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}
