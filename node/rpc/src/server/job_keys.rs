//! Permissions to upload and to fetch the key of a job's confidential inputs.

use codec::DecodeAll;
use dpin_primitives::{
    AccountId,
    api::{TaskInfo, TaskStage},
    worker::WorkerKey,
};
use polkadot_sdk::{
    sp_core::{Pair, sr25519},
    sp_runtime::{MultiSignature, traits::Verify},
};

/// The functions of the node's keystore that the methods need.
pub trait WorkerKeys: Send + Sync + 'static {
    /// Returns whether the keystore holds this worker key.
    fn has(&self, key: &WorkerKey) -> bool;

    /// Signs with this worker key. Returns `None` if the keystore does not hold it.
    fn sign(&self, key: &WorkerKey, message: &[u8]) -> Option<Vec<u8>>;
}

/// Returns the accounts that check a task at this moment.
pub(super) fn checkers(task: &TaskInfo) -> impl Iterator<Item = &AccountId> {
    let drawn = match task.stage {
        TaskStage::Auditing { .. } => task.auditors.as_slice(),
        TaskStage::Disputed { .. } => task.jurors.as_slice(),
        _ => &[],
    };
    drawn.iter().map(|(account, _)| account)
}

/// Returns whether `signature`, a SCALE-encoded `MultiSignature`, is by `account` over `message`.
pub(super) fn signed_by_account(account: &AccountId, message: &[u8], signature: &[u8]) -> bool {
    MultiSignature::decode_all(&mut &signature[..]).is_ok_and(|signature| signature.verify(message, account))
}

/// Returns whether `signature` is by the worker key `key` over `message`.
pub(super) fn signed_by_worker(key: &WorkerKey, message: &[u8], signature: &[u8]) -> bool {
    let key: &sr25519::Public = key.as_ref();
    sr25519::Signature::try_from(signature).is_ok_and(|signature| sr25519::Pair::verify(&signature, message, key))
}
