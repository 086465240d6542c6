//! What everything costs, measured.
//!
//! Every file beside this one is written by `make bench`: one for each pallet that has calls, steps
//! of hooks or transaction extensions, the time that an empty block and an empty extrinsic take,
//! and what a read and a write of the database take.
//!
//! What all of a block share is not counted in each call's weight, but once in every block's: see
//! [`SHARED_KEYS`].

#![deny(missing_docs)]

mod block_weights;
mod extrinsic_weights;
pub mod frame_system;
pub mod frame_system_extensions;
pub mod pallet_asset_conversion;
pub mod pallet_asset_conversion_tx_payment;
pub mod pallet_assets_assets;
pub mod pallet_assets_pool_assets;
pub mod pallet_babe;
pub mod pallet_balances;
pub mod pallet_blobs;
pub mod pallet_buyback;
pub mod pallet_canaries;
pub mod pallet_grandpa;
pub mod pallet_issuance;
pub mod pallet_jobs;
pub mod pallet_multisig;
pub mod pallet_parameters;
pub mod pallet_preimage;
pub mod pallet_proof_of_compute;
pub mod pallet_proxy;
pub mod pallet_scheduler;
pub mod pallet_session;
pub mod pallet_sudo;
pub mod pallet_timestamp;
pub mod pallet_transaction_payment;
pub mod pallet_utility;
pub mod pallet_workers;
mod paritydb_weights;

pub use block_weights::BlockExecutionWeight;
pub use extrinsic_weights::ExtrinsicBaseWeight;
pub use paritydb_weights::ParityDbWeight;

/// Room for the keys that all of a block share, each of which is read and written at most once in
/// it, however many transactions ask for it. A block is charged for a read and a write of all of
/// them before its first transaction, and the benchmarks do not count them.
///
/// Half of it is for the pages of the queues of tasks, of which a block comes to one for each 64
/// tasks: 8,000 in the queue for a worker and as many in that for auditors.
pub const SHARED_KEYS: u64 = 512;

/// The keys that all of a block share: every storage value, every number that governance may turn,
/// the accounts of the pots, the hash of genesis, the stable coin, how many workers there are of
/// each class, the era that runs, and the pages at the ends of the queues, as the benchmarks find
/// them: the first.
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub fn shared_keys() -> alloc::vec::Vec<alloc::vec::Vec<u8>> {
    use crate::{AllPalletsWithSystem, BlockNumber, Runtime, configs::Pots, parameters::RuntimeParametersKey};
    use ::pallet_proof_of_compute::{Drawing, Redrawing, Waiting};
    use codec::Decode;
    use dpin_primitives::{BLC_ID, economy::Pot, worker::DeviceClass};
    use polkadot_sdk::{
        frame_support::traits::StorageInfoTrait,
        frame_system::{Account, BlockHash},
        pallet_assets::Asset,
        pallet_parameters::Parameters,
        sp_runtime::traits::Convert,
    };

    let values = AllPalletsWithSystem::storage_info().into_iter().filter(|storage| storage.max_values == Some(1));
    // A key is the index of its group and the index of the number in it.
    let numbers = (0..=u8::MAX)
        .flat_map(|group| (0..=u8::MAX).map(move |number| [group, number]))
        .filter_map(|indices| RuntimeParametersKey::decode(&mut &indices[..]).ok());
    values
        .map(|storage| storage.prefix)
        .chain(numbers.map(Parameters::<Runtime>::hashed_key_for))
        .chain(Pot::ALL.map(|pot| Account::<Runtime>::hashed_key_for(Pots::convert(pot))))
        .chain([BlockHash::<Runtime>::hashed_key_for(BlockNumber::MIN), Asset::<Runtime>::hashed_key_for(BLC_ID)])
        .chain(DeviceClass::ALL.map(::pallet_workers::AvailableCount::<Runtime>::hashed_key_for))
        .chain([::pallet_issuance::Eras::<Runtime>::hashed_key_for(0)])
        .chain([
            Waiting::<Runtime>::hashed_key_for(0),
            Drawing::<Runtime>::hashed_key_for(0),
            Redrawing::<Runtime>::hashed_key_for(0),
        ])
        .collect()
}
