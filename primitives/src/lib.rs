//! The chain's vocabulary, shared by the pallets, the executor, the node and the clients.
//!
//! # Overview
//!
//! The files lie in folders by the people who need them:
//!
//! - `records/`: ids and records of the chain: [`kernel`], [`job`], [`worker`], [`reason`],
//!   [`economy`], [`address`], [`ranged`], [`check`], [`census`], [`ending`], [`bill`],
//!   [`losses`]. `matching` compares workers with tasks.
//! - `proof/`: pure functions of the proof of compute: [`content`], [`duty`], [`seal`],
//!   [`panel`], [`tile_tree`], [`blob_tree`], [`sampling`], [`split`].
//! - `wire/`: what nodes and executors exchange: [`executor`], [`confidential`],
//!   [`prelude`](mod@prelude).
//! - `api/`: the runtime API and the records it returns: [`api`], [`candidates`]. With the feature
//!   `json` also `json`: how records are spelled in JSON.
//! - `traits/`: the [`traits`] at which the pallets meet.
//!
//! A module keeps its short path, `dpin_primitives::job` and not `dpin_primitives::records::job`:
//! the metadata names each type by its module, and clients know it by that name
//! (`DpinPrimitivesJobJobSpec`).
//!
//! Everything here is `no_std`, so the runtime, the executor and the clients run the same
//! implementation. Nothing here uses storage.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(rust_2018_idioms, unreachable_pub)]
#![cfg_attr(
    not(any(test, feature = "runtime-benchmarks")),
    warn(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

extern crate alloc;

#[path = "records/address.rs"]
pub mod address;
#[path = "records/bill.rs"]
pub mod bill;
#[path = "records/census.rs"]
pub mod census;
#[path = "records/check.rs"]
pub mod check;
#[path = "records/economy.rs"]
pub mod economy;
#[path = "records/ending.rs"]
pub mod ending;
#[path = "records/job.rs"]
pub mod job;
#[path = "records/kernel.rs"]
pub mod kernel;
#[path = "records/losses.rs"]
pub mod losses;
#[path = "records/matching.rs"]
mod matching;
#[path = "records/ranged.rs"]
pub mod ranged;
#[path = "records/reason.rs"]
pub mod reason;
#[path = "records/worker.rs"]
pub mod worker;

#[path = "proof/blob_tree.rs"]
pub mod blob_tree;
#[path = "proof/content.rs"]
pub mod content;
#[path = "proof/duty.rs"]
pub mod duty;
#[path = "proof/panel.rs"]
pub mod panel;
#[path = "proof/sampling.rs"]
pub mod sampling;
#[path = "proof/seal.rs"]
pub mod seal;
#[path = "proof/split.rs"]
pub mod split;
#[path = "proof/tile_tree.rs"]
pub mod tile_tree;

#[path = "wire/confidential.rs"]
pub mod confidential;
#[path = "wire/executor.rs"]
pub mod executor;
#[path = "wire/prelude.rs"]
pub mod prelude;

#[path = "api/compute.rs"]
pub mod api;
#[path = "api/candidates.rs"]
pub mod candidates;
#[cfg(feature = "json")]
#[path = "api/json.rs"]
pub mod json;

pub mod traits;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    frame_support::traits::fungible::NativeOrWithId,
    sp_core::H256,
    sp_runtime::{
        MultiAddress, MultiSignature, OpaqueExtrinsic, generic,
        traits::{BlakeTwo256, IdentifyAccount, Verify},
    },
};
use scale_info::TypeInfo;

/// A user's signature of any of the supported schemes.
pub type Signature = MultiSignature;
/// An account: 32 bytes, derived from a public key.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An account as extrinsics name it.
pub type Address = MultiAddress<AccountId, ()>;
/// An amount of an asset in its smallest unit (planck for DPN).
pub type Balance = u128;
/// A block's height.
pub type BlockNumber = u32;
/// The number of transactions an account has sent.
pub type Nonce = u32;
/// A 32-byte hash: always BLAKE2b-256.
pub type Hash = H256;
/// The hasher of blocks and state.
pub type Hashing = BlakeTwo256;
/// Milliseconds since the Unix epoch.
pub type Moment = u64;
/// A block's header.
pub type Header = generic::Header<BlockNumber, Hashing>;
/// A block as the node sees it, with extrinsics as bytes.
pub type OpaqueBlock = generic::Block<Header, OpaqueExtrinsic>;

/// The asset of an amount: DPN, or an asset of `pallet-assets` by its id.
pub type AssetKind = NativeOrWithId<u32>;
/// The id of the stable coin BLC in `pallet-assets`.
pub const BLC_ID: u32 = 1;
/// The stable coin BLC.
pub const BLC: AssetKind = NativeOrWithId::WithId(BLC_ID);
/// One DPN in planck (12 decimals).
pub const DPN: Balance = 1_000_000_000_000;
/// One BLC in its smallest unit (12 decimals).
pub const BLC_UNIT: Balance = 1_000_000_000_000;
/// Length of a slot, and so of a block, in ms.
pub const SLOT_MS: u64 = 3_000;

/// A job's number. Jobs are numbered from 0 in the order of submission.
pub type JobId = u64;
/// A kernel's id: the hash of its whole encoded manifest.
pub type KernelId = Hash;
/// A blob's name: BLAKE2b-256 of its bytes, or for a large blob the id that [`blob_tree`] computes.
pub type BlobHash = Hash;

/// A task: its job, and its position in that job.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(Hash))]
#[derive(serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub struct TaskId {
    /// The number of the job.
    pub job: JobId,
    /// The task's position in the job, from 0.
    pub index: u32,
}

/// Number of the first canary. Jobs from this number on belong to the chain itself.
///
/// No requester can ever post so many jobs. The number is exact in JSON.
pub const CANARY_JOBS: JobId = 1 << 52;

impl TaskId {
    /// Whether the task is a canary, which the chain itself posts.
    pub fn is_canary(&self) -> bool {
        self.job >= CANARY_JOBS
    }
}

impl core::fmt::Display for TaskId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{}", self.job, self.index)
    }
}

/// BLAKE2b-256 of `bytes`, the hash of everything DPIN commits to.
pub fn blake2(bytes: &[u8]) -> Hash {
    polkadot_sdk::sp_io::hashing::blake2_256(bytes).into()
}
