//! Tests of the pallet.

mod announce;
mod expire;
mod pins;
mod properties;
mod remove;
mod renew;
mod store;
mod sweep;

use crate::{
    Blobs as Records, Error, Event, ExpiryQueue, MAX_ANNOUNCED_BYTES, MAX_BLOB_BYTES, MAX_SWEPT_PER_BLOCK, SweepFrom,
    WeightInfo, mock::*,
};
use dpin_primitives::{AccountId, BlobHash, BlockNumber, api::BlobInfo, blake2, traits::BlobStore};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight},
    pallet_utility,
    sp_runtime::{DispatchError, DispatchResult, TokenError},
};

type E = Error<Test>;

fn store_call(lifetime: BlockNumber, data: &[u8]) -> RuntimeCall {
    crate::Call::store { lifetime, data: data.to_vec() }.into()
}

fn store(who: AccountId, lifetime: BlockNumber, data: &[u8]) -> DispatchResult {
    apply(who, note(store_call(lifetime, data)))
}

/// Assert that an extrinsic fails and changes nothing.
fn refused(who: AccountId, call: impl Into<RuntimeCall>, error: impl Into<DispatchError>) {
    let noted = note(call);
    assert_noop!(apply(who, noted), error.into());
}

/// Assert that storing a blob fails and changes nothing.
fn store_refused(who: AccountId, lifetime: BlockNumber, data: &[u8], error: impl Into<DispatchError>) {
    refused(who, store_call(lifetime, data), error);
}

/// Store a blob for ALICE for 10 blocks and return its hash.
fn stored(data: &[u8]) -> BlobHash {
    assert_ok!(store(ALICE, 10, data));
    blake2(data)
}

fn announce(who: AccountId, id: BlobHash, size: u64, lifetime: BlockNumber) -> DispatchResult {
    Blobs::announce(RuntimeOrigin::signed(who), id, size, lifetime)
}

fn renew(who: AccountId, hash: BlobHash, lifetime: BlockNumber) -> DispatchResult {
    Blobs::renew(RuntimeOrigin::signed(who), hash, lifetime)
}

fn remove(who: AccountId, hash: BlobHash) -> DispatchResult {
    Blobs::remove(RuntimeOrigin::signed(who), hash)
}

fn expire(who: AccountId, hash: BlobHash) -> DispatchResult {
    Blobs::expire(RuntimeOrigin::signed(who), hash)
}

#[test]
fn constants_fit_each_other() {
    TestExt::new().build_and_execute(<Blobs as Hooks<BlockNumber>>::integrity_test);
}
