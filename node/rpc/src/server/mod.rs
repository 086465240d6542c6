//! The node's side of the methods.

mod blobs;
mod budget;
mod chain;
mod compute;
mod discover;
mod economy;
mod job_keys;
mod subscriptions;
#[cfg(test)]
mod tests;

pub use blobs::{Blobs, NodeBlobs};
pub use budget::Budget;
pub use chain::{BlockAt, Chain};
pub use compute::{Compute, Executor};
pub use discover::Discover;
pub use economy::Economy;
pub use job_keys::WorkerKeys;
pub use subscriptions::{MAX_SUBSCRIPTIONS, Subscriptions};

use crate::Error;
use polkadot_sdk::sp_api::ApiError;

fn runtime(error: ApiError) -> Error {
    Error::Runtime(error.to_string())
}
