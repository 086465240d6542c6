//! The DPIN runtime: the rules of the chain.
//!
//! # Overview
//!
//! BABE authors blocks and GRANDPA finalises them. The set of validators is the one of genesis.
//!
//! DPN is the native coin (`pallet-balances`). BLC and every other asset are in `pallet-assets`.
//! Both kinds can be held, through one type: [`configs::NativeOrAssets`].
//!
//! Parameters that governance may change are in [`parameters`]. All other settings are in
//! [`configs`], one file for each domain.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]
#![recursion_limit = "512"]
// The macro that assembles the pallets writes undocumented items into this module. Other modules
// deny `missing_docs` again.
#![allow(missing_docs)]

extern crate alloc;

pub mod apis;
pub mod configs;
pub mod genesis_config_presets;
pub mod parameters;
#[cfg(feature = "std")]
pub mod signing;
pub mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
#[cfg(test)]
mod tests;

pub use dpin_primitives::{
    AccountId, Address, AssetKind, BLC, BLC_ID, BLC_UNIT, Balance, BlockNumber, DPN, Hash, Header, Moment, Nonce,
    OpaqueBlock, SLOT_MS, Signature,
};

use alloc::{borrow::Cow, vec::Vec};
use pallet_session::historical as pallet_session_historical;
use polkadot_sdk::{sp_runtime::generic, *};
use sp_version::RuntimeVersion;

pub use apis::RUNTIME_API_VERSIONS;
#[cfg(feature = "std")]
pub use apis::{RuntimeApi, RuntimeApiImpl};

/// The runtime as WebAssembly, written by the build script.
#[cfg(feature = "std")]
mod wasm {
    #![allow(missing_docs)]
    include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}
#[cfg(feature = "std")]
pub use wasm::{WASM_BINARY, WASM_BINARY_BLOATY, WASM_BINARY_PATH};

/// The runtime as the node sees it: extrinsics are bytes.
pub mod opaque {
    pub use crate::{OpaqueBlock as Block, SessionKeys};
    pub use dpin_primitives::{Hash, Header};
}

sp_runtime::impl_opaque_keys! {
    /// The keys of a validator for consensus.
    pub struct SessionKeys {
        /// Key that authors blocks (sr25519).
        pub babe: Babe,
        /// Key that votes for finality (ed25519).
        pub grandpa: Grandpa,
    }
}

/// Name and versions of this runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("dpin"),
    impl_name: Cow::Borrowed("dpin-node"),
    authoring_version: 1,
    // Increases with every release that changes the execution of a block.
    spec_version: 102,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    // Increases when an existing call changes its index or arguments, or when the transaction
    // extensions change.
    transaction_version: 2,
    system_version: 1,
};

/// A block as the runtime sees it.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// The extensions of every transaction, in the order in which they are checked.
///
/// `AuthorizeCall` comes first: it turns a worker's general transaction into an authorised one
/// before any other extension looks for a signer. `WeightReclaim` comes last: it gives back the
/// weight that all others have not used.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckMortality<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_asset_conversion_tx_payment::ChargeAssetTxPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// An extrinsic whose signature has not been checked.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// The payload that a signature covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// The executor of blocks.
pub type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

/// Length of an epoch: 10 minutes, in slots. It can never change on a running chain.
pub const EPOCH_SLOTS: u64 = 10 * 60 * 1000 / SLOT_MS;

/// Blocks in a minute, when no slot is empty.
pub const MINUTES: BlockNumber = (60 * 1000 / SLOT_MS) as BlockNumber;
/// Blocks in an hour, when no slot is empty.
pub const HOURS: BlockNumber = 60 * MINUTES;
/// Blocks in a day, when no slot is empty.
pub const DAYS: BlockNumber = 24 * HOURS;

// Indices are part of the encoding of every call, event and error. They are never reused or
// changed.
//
// Hooks also run in this order. A later pallet must not write a value again that an earlier
// pallet's `on_finalize` has removed, because it would stay in the state.
//
// 0-9 foundation and money, 10-19 consensus, 20-29 conveniences for users, 30-39 governance, 40-49
// computing, 50-59 the economy.
#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Babe = pallet_babe;
    #[runtime::pallet_index(2)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(3)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(4)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(5)]
    pub type Assets = pallet_assets;
    #[runtime::pallet_index(6)]
    pub type AssetsHolder = pallet_assets_holder;
    // Before the pools: at genesis it mints the DPN of the first pool.
    #[runtime::pallet_index(7)]
    pub type Issuance = pallet_issuance;
    #[runtime::pallet_index(8)]
    pub type PoolAssets = pallet_assets<Instance2>;
    #[runtime::pallet_index(9)]
    pub type AssetConversion = pallet_asset_conversion;

    #[runtime::pallet_index(11)]
    pub type Offences = pallet_offences;
    #[runtime::pallet_index(12)]
    pub type Historical = pallet_session_historical;
    #[runtime::pallet_index(13)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(14)]
    pub type Grandpa = pallet_grandpa;
    // After the session: in the first block of an epoch, the author's index refers to the
    // validators of that epoch.
    #[runtime::pallet_index(15)]
    pub type Authorship = pallet_authorship;

    #[runtime::pallet_index(20)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(21)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(22)]
    pub type Proxy = pallet_proxy;

    #[runtime::pallet_index(30)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(31)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(32)]
    pub type Parameters = pallet_parameters;
    #[runtime::pallet_index(33)]
    pub type Sudo = pallet_sudo;

    #[runtime::pallet_index(40)]
    pub type Blobs = pallet_blobs;
    #[runtime::pallet_index(41)]
    pub type Workers = pallet_workers;
    #[runtime::pallet_index(42)]
    pub type Jobs = pallet_jobs;
    #[runtime::pallet_index(43)]
    pub type ProofOfCompute = pallet_proof_of_compute;
    #[runtime::pallet_index(44)]
    pub type Canaries = pallet_canaries;

    #[runtime::pallet_index(50)]
    pub type Buyback = pallet_buyback;
    #[runtime::pallet_index(51)]
    pub type AssetTxPayment = pallet_asset_conversion_tx_payment;
}
