//! Publishes the address of a development node's worker, so that nobody has to set it up by hand.
//!
//! The development chain begins with one worker, whose address is the default JSON-RPC port. If
//! this node's JSON-RPC listens elsewhere, requesters would look for outputs at an address where
//! nobody answers. So the node offers its real address, signed with the well-known key of that
//! worker's account.

use crate::client::{FullClient, FullPool};
use codec::Encode;
use dpin_primitives::api::{ComputeApi, WorkerInfo};
use dpin_runtime::{
    RuntimeCall,
    signing::{Terms, sign},
};
use futures::StreamExt;
use polkadot_sdk::{
    frame_system_rpc_runtime_api::AccountNonceApi,
    sc_client_api::{BlockchainEvents, HeaderBackend},
    sc_transaction_pool_api::{TransactionPool, TransactionSource},
    sp_api::{Core, ProvideRuntimeApi},
    sp_keyring::Sr25519Keyring,
    sp_runtime::OpaqueExtrinsic,
};
use std::sync::Arc;

/// Blocks within which an offer must be included before it is submitted again.
const PATIENCE: u32 = 4;

/// Offers `url` as the address of the worker of a well-known account until the chain has it.
///
/// Returns at once if that account has no worker.
pub(crate) async fn offer_address(client: Arc<FullClient>, pool: Arc<FullPool>, account: Sr25519Keyring, url: String) {
    let mut blocks = client.import_notification_stream();
    let mut wait = 0u32;
    loop {
        let offered = if wait == 0 { offer(&client, &pool, account, &url).await } else { Ok(false) };
        match offered {
            Ok(true) => return,
            Ok(false) => wait = if wait == 0 { PATIENCE } else { wait.saturating_sub(1) },
            Err(error) => log::warn!(target: "worker", "{account}'s worker cannot be moved to {url}: {error}"),
        }
        if blocks.next().await.is_none() {
            return;
        }
    }
}

/// Submits the offer if it is needed. Returns whether nothing is left to do.
async fn offer(client: &Arc<FullClient>, pool: &FullPool, account: Sr25519Keyring, url: &str) -> Result<bool, String> {
    let best = client.info().best_hash;
    let id = account.to_account_id();
    let told = |error: polkadot_sdk::sp_api::ApiError| error.to_string();
    let worker = client.runtime_api().worker(best, id.clone()).map_err(told)?;
    let Some(worker) = worker.filter(|worker| worker.address.as_slice() != url.as_bytes()) else { return Ok(true) };
    // The chain accepts a new offer only from an idle worker.
    if worker.busy > 0 {
        return Ok(false);
    }
    let nonce = client.runtime_api().account_nonce(best, id).map_err(told)?;
    let version = client.runtime_api().version(best).map_err(told)?;
    let terms = Terms {
        spec_version: version.spec_version,
        transaction_version: version.transaction_version,
        ..Terms::new(nonce, client.info().genesis_hash)
    };
    let call = update(worker, url).ok_or("the address is too long")?;
    let signed = sign(&account.pair(), call, terms);
    let opaque = OpaqueExtrinsic::try_from_encoded_extrinsic(&signed.encode()).map_err(|error| error.to_string())?;
    pool.submit_one(best, TransactionSource::Local, opaque).await.map_err(|error| error.to_string())?;
    log::info!(target: "worker", "🔧 Offering {url} as the address of {account}'s worker");
    Ok(false)
}

/// A call that changes only the worker's address.
fn update(worker: WorkerInfo, url: &str) -> Option<RuntimeCall> {
    Some(RuntimeCall::Workers(pallet_workers::Call::update {
        address: url.as_bytes().to_vec().try_into().ok()?,
        region: worker.region,
        devices: worker.devices.try_into().ok()?,
        offer: worker.offer,
    }))
}
