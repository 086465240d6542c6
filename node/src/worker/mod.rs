//! A working node: it runs an executor, holds a worker key, and feeds the executor blobs.
//!
//! ```text
//!   flags --> WorkerSetup --start--> executor (supervised, or at a URL)
//!                              |        ^ blobs   ^ keys     | devices
//!                              |        |         |          v
//!                              +----> feeder     keys     devices --> off-chain worker
//! ```
//!
//! Everything here blocks, and therefore runs on threads of its own instead of the node's tasks.

mod devices;
mod feeder;
mod identity;
mod keys;
mod params;

pub(crate) use keys::Keystore;
pub(crate) use params::{WorkerParams, WorkerSetup};

use crate::{
    blobs::LocalBlobs,
    client::{FullBackend, FullClient},
    executor::{
        self, ExecutorHandle, Stop,
        supervisor::{self, Supervised},
    },
    outbound::Outbound,
};
use dpin_primitives::{executor::ExecutorConfig, worker::WORKER_KEY_TYPE};
use params::ExecutorSource;
use polkadot_sdk::{
    sc_client_api::Backend,
    sc_service::{Configuration, Error as ServiceError, TaskManager},
    sp_core::crypto::Ss58Codec,
    sp_keystore::KeystorePtr,
};
use std::{sync::Arc, thread::JoinHandle};

/// Log target of this module.
const LOG: &str = "worker";

/// Name of the file with the accounts of workers that this node has run for.
const ACCOUNTS: &str = "worker-accounts";

/// The parts of the node that [`start`] needs.
pub(crate) struct Deps<'a> {
    /// The node's configuration.
    pub config: &'a Configuration,
    /// The client, which knows the worker's tasks.
    pub client: &'a Arc<FullClient>,
    /// The database, in which the off-chain worker finds its executor's address.
    pub backend: &'a Arc<FullBackend>,
    /// The blobs on this node, and those that it can fetch.
    pub blobs: &'a Arc<LocalBlobs>,
    /// The node's keys.
    pub keystore: &'a KeystorePtr,
    /// Set once the executor runs.
    pub executor: ExecutorHandle,
    /// The client for requests to other nodes.
    pub outbound: Outbound,
    /// Ends the executor with the node.
    pub task_manager: &'a mut TaskManager,
}

/// Starts to work, if the flags say so.
///
/// # Errors
///
/// When the worker key is invalid, the executor's directory cannot be made, or a thread cannot be
/// started. An executor that does not start is no error: the failure is logged, the start is
/// retried, and the node goes on.
pub(crate) fn start(setup: WorkerSetup, deps: Deps<'_>) -> Result<(), ServiceError> {
    let Deps { config, client, backend, blobs, keystore, executor, outbound, task_manager } = deps;
    let storage = backend.offchain_storage().ok_or("the database has no offchain storage")?;
    let publish = {
        let (executor, storage) = (executor.clone(), storage.clone());
        move |address: Option<ExecutorConfig>| executor::publish(&executor, &mut storage.clone(), address)
    };
    // An address of an earlier run is out of date. A node that does not work publishes none at all.
    // It may have the keys of a worker that another node works for. It must not report in that
    // worker's name that there is no result.
    publish((setup.source != ExecutorSource::None).then(ExecutorConfig::away));
    let dir = executor::dir(config);
    executor::remove_leftovers(&dir);

    let stop = Stop::default();
    let supervisor = match setup.source {
        ExecutorSource::None => return Ok(()),
        ExecutorSource::External(address) => {
            log::info!(target: LOG, "🔧 Working with the executor at {}", address.url);
            publish(Some(address));
            None
        }
        ExecutorSource::Supervised(program) => {
            let supervised = Supervised { program, options: setup.options, dir, stop: stop.clone() };
            let publish =
                move |address: Option<ExecutorConfig>| publish(Some(address.unwrap_or_else(ExecutorConfig::away)));
            Some(supervisor::spawn(supervised, publish)?)
        }
    };
    insert_key(setup.key.as_deref(), keystore)?;
    let out = keys::Out { outbound, runtime: config.tokio_handle.clone() };
    keys::spawn(Arc::downgrade(client), keystore.clone(), executor.clone(), out, stop.clone())?;
    identity::spawn(Arc::downgrade(client), keystore.clone(), config.data_path.join(ACCOUNTS), stop.clone())?;
    devices::spawn(storage, executor.clone(), stop.clone())?;
    feeder::spawn(Arc::downgrade(blobs), executor, stop.clone())?;
    task_manager.keep_alive(Guard { stop, supervisor });
    Ok(())
}

fn insert_key(suri: Option<&str>, keystore: &KeystorePtr) -> Result<(), ServiceError> {
    if let Some(suri) = suri {
        let key = keystore
            .sr25519_generate_new(WORKER_KEY_TYPE, Some(suri))
            .map_err(|error| format!("--worker-key: {error}"))?;
        log::info!(target: LOG, "🔑 Worker key: {}", key.to_ss58check());
    } else if keystore.sr25519_public_keys(WORKER_KEY_TYPE).is_empty() {
        log::warn!(
            target: LOG,
            "There is no worker key in the keystore. A registered worker is given tasks all the same, and each \
             missed task costs a part of its bond. Insert the worker's key with `dpin-node {}`",
            identity::insert_command(),
        );
    }
    Ok(())
}

/// Ends the threads, and with them the executor, when the node ends.
struct Guard {
    stop: Stop,
    supervisor: Option<JoinHandle<()>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stop.set();
        // The feeder is not waited for: it may be in a request, and holds no resources.
        if let Some(supervisor) = self.supervisor.take() {
            let _ = supervisor.join();
        }
    }
}
