//! Answers about workers.

use dpin_primitives::{
    AccountId, BlockNumber, Hash,
    api::WorkerInfo,
    json::{Account, HexBytes, HexHash},
};
use polkadot_sdk::sp_core::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The recipient to which the keys of confidential inputs are sealed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionKeyView {
    /// Age recipient of the executor.
    pub recipient: String,
    /// Signature of the worker's key over the recipient.
    #[schemars(with = "HexBytes")]
    pub signature: Bytes,
}

/// A page of workers, in the order of registration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkersPage {
    /// The workers.
    pub workers: Vec<WorkerInfo>,
    /// The value of `after` for the next page; `null` at the end.
    pub next: Option<u32>,
}

/// Workers that a new best block has changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkersItem {
    /// The block's hash.
    #[schemars(with = "HexHash")]
    pub block: Hash,
    /// The block's number.
    pub number: BlockNumber,
    /// Workers that are new or changed.
    pub changed: Vec<WorkerInfo>,
    /// Workers that have left the registry or the class.
    #[schemars(with = "Vec<Account>")]
    pub left: Vec<AccountId>,
}
