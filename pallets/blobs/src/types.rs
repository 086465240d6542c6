//! The record of a blob, and the limits of blobs.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::{AccountId, Balance, BlockNumber, blob_tree};
use scale_info::TypeInfo;

/// Most bytes of a stored blob: 1 MiB.
pub const MAX_BLOB_BYTES: u32 = 1024 * 1024;

/// Most bytes of an announced blob: 4 GiB.
pub const MAX_ANNOUNCED_BYTES: u64 = blob_tree::MAX_BLOB_BYTES;

/// Most blobs that one block's sweep lets expire, even if there is weight for more.
pub const MAX_SWEPT_PER_BLOCK: u32 = 64;

/// The record of a blob in the chain's state.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BlobRecord {
    /// The account that stored or announced the blob, pays its deposit and may remove it.
    pub owner: AccountId,
    /// The blob's size in bytes.
    pub size: u64,
    /// The deposit held in the owner's account, in planck.
    pub deposit: Balance,
    /// The block in which the blob was stored, whose body has its bytes. `None` if it was
    /// announced: no block has its bytes.
    pub stored_at: Option<BlockNumber>,
    /// The block from which on anyone may expire the blob, unless it is pinned.
    pub expires: BlockNumber,
    /// Number of kernels and jobs that need the blob.
    pub pins: u32,
}
