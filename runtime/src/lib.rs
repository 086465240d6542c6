//! The DPIN runtime: what the chain is.
//!
//! # Overview
//!
//! BABE authors blocks, GRANDPA finalises them, and the set of validators is the one of genesis. DPN is the native coin
//! (`pallet-balances`), BLC and every other asset live in `pallet-assets`; both can be held, through one type:
//! [`configs::NativeOrAssets`]. Numbers that governance may turn are in [`parameters`], everything else that can be set is in
//! [`configs`], one file for each domain.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]
// The macro that puts the pallets together writes items without documentation into this module; the others deny it again.
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
    AccountId, Address, AssetKind, Balance, BlockNumber, Hash, Header, Moment, Nonce, OpaqueBlock, Signature, BLC,
    BLC_ID, BLC_UNIT, DPN, SLOT_MS,
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

/// What the node knows of the runtime: extrinsics are bytes to it.
pub mod opaque {
    pub use crate::{OpaqueBlock as Block, SessionKeys};
    pub use dpin_primitives::{Hash, Header};
}

sp_runtime::impl_opaque_keys! {
    /// The keys with which a validator takes part in consensus.
    pub struct SessionKeys {
        /// Authors blocks (sr25519).
        pub babe: Babe,
        /// Votes for finality (ed25519).
        pub grandpa: Grandpa,
    }
}

/// What identifies this runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("dpin"),
    impl_name: Cow::Borrowed("dpin-node"),
    authoring_version: 1,
    // Raised with every release that changes what a block does.
    spec_version: 102,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    // Raised when an existing call changes its index or its arguments, or the transaction extensions change.
    transaction_version: 2,
    system_version: 1,
};

/// A block as the runtime sees it.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What every transaction carries besides its call, in the order in which it is checked.
///
/// `AuthorizeCall` is first, because it turns a worker's general transaction into an authorised one before anybody asks who
/// signed it; `WeightReclaim` is last, because it gives back what all the others have not used.
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

/// What a signature covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Executes blocks.
pub type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

/// Length of an epoch, in slots: 10 minutes. It can never be changed on a running chain.
pub const EPOCH_SLOTS: u64 = 10 * 60 * 1000 / SLOT_MS;

/// Blocks in a minute, when no slot is empty.
pub const MINUTES: BlockNumber = (60 * 1000 / SLOT_MS) as BlockNumber;
/// Blocks in an hour, when no slot is empty.
pub const HOURS: BlockNumber = 60 * MINUTES;
/// Blocks in a day, when no slot is empty.
pub const DAYS: BlockNumber = 24 * HOURS;

// Indices are part of the encoding of every call, event and error: they are never reused or changed. Hooks run in their order,
// too: what one pallet's `on_finalize` removes, no later one may write again, for it would stay in the state. 0-9 foundation and
// money, 10-19 consensus, 20-29 conveniences for users, 30-39 governance, 40-49 computing, 50-59 the economy.
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
    // Before the pools: at genesis it mints what the first pool is made of.
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
    // After the session: the author's number in the first block of an epoch counts among that epoch's validators.
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
