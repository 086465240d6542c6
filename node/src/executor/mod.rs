//! The executor that runs beside the node: its process, its address, and the requests to it.
//!
//! ```text
//!   supervisor --spawns, watches--> dpin-executor
//!        | url, token                   ^
//!        v                              |
//!     publish --> ExecutorHandle -------+--- outputs, logs, keys, blobs
//!        |
//!        +-----> offchain storage --> off-chain worker (in the runtime)
//! ```
//!
//! The executor is a separate process, so that no driver and no kernel can crash the node.

mod client;
mod stop;
pub(crate) mod supervisor;

#[cfg(test)]
pub(crate) use client::fake;
pub(crate) use client::{Client, ExecutorHandle};
pub(crate) use stop::Stop;

use codec::Encode;
use dpin_primitives::executor::{CONFIG_KEY, ExecutorConfig};
use polkadot_sdk::{
    sc_service::Configuration,
    sp_core::offchain::{OffchainStorage, STORAGE_PREFIX},
};
use std::path::{Path, PathBuf};

/// Log target of this module.
const LOG: &str = "worker";

/// Returns the directory in which this chain's executor keeps its queue, blobs and outputs.
pub(crate) fn dir(config: &Configuration) -> PathBuf {
    config.data_path.join("executor")
}

/// Publishes the executor's address to the node and its off-chain worker.
pub(crate) fn publish(executor: &ExecutorHandle, storage: &mut impl OffchainStorage, address: Option<ExecutorConfig>) {
    match &address {
        Some(address) => storage.set(STORAGE_PREFIX, CONFIG_KEY, &address.encode()),
        None => storage.remove(STORAGE_PREFIX, CONFIG_KEY),
    }
    executor.set(address.filter(|address| !address.is_away()));
}

/// Removes the inputs of runs, decrypted ones among them, that a killed executor has left in its
/// directory.
///
/// An executor removes them itself when it is started again, but it may never be.
pub(crate) fn remove_leftovers(dir: &Path) {
    let Ok(lock) = std::fs::File::open(dir.join("lock")) else { return };
    // A running executor holds the lock.
    if lock.try_lock().is_err() {
        return;
    }
    let children = std::fs::read_dir(dir.join("driver")).into_iter().flatten().flatten();
    let children = children.filter(|entry| entry.file_name().to_string_lossy().starts_with("child-"));
    for left in children.map(|entry| entry.path()).chain([dir.join("work")]).filter(|path| path.exists()) {
        if let Err(error) = std::fs::remove_dir_all(&left) {
            log::warn!(target: LOG, "{} cannot be removed: {error}", left.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Decode;
    use polkadot_sdk::sp_core::offchain::{
        DbExternalities, StorageKind,
        storage::{InMemOffchainStorage, OffchainDb},
    };

    #[test]
    fn decrypted_inputs_of_a_killed_executor_go_when_the_node_starts() {
        let dir = tempfile::tempdir().unwrap();
        let inputs = dir.path().join("driver/child-abc/in");
        let work = dir.path().join("work/run/in");
        let programs = dir.path().join("driver/programs");
        for folder in [&inputs, &work, &programs] {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(inputs.join("input-0"), "secret").unwrap();
        let lock = std::fs::File::create(dir.path().join("lock")).unwrap();

        lock.lock().unwrap();
        remove_leftovers(dir.path());
        assert!(inputs.exists(), "an executor runs there");
        lock.unlock().unwrap();
        remove_leftovers(dir.path());
        assert!(!dir.path().join("driver/child-abc").exists() && !dir.path().join("work").exists());
        assert!(programs.exists());
        remove_leftovers(&dir.path().join("nowhere"));
    }

    #[test]
    fn the_offchain_worker_finds_what_the_node_published_last() {
        let executor = ExecutorHandle::default();
        let mut storage = InMemOffchainStorage::default();
        let address = ExecutorConfig { url: "http://127.0.0.1:9".into(), token: "secret".into() };
        let read = |storage: &InMemOffchainStorage| {
            let bytes = OffchainDb::new(storage.clone()).local_storage_get(StorageKind::PERSISTENT, CONFIG_KEY)?;
            Some(ExecutorConfig::decode(&mut &bytes[..]).unwrap())
        };

        publish(&executor, &mut storage, Some(address.clone()));
        assert_eq!(read(&storage), Some(address));
        assert!(executor.client().is_some());

        publish(&executor, &mut storage, Some(ExecutorConfig::away()));
        assert!(read(&storage).is_some_and(|address| address.is_away()));
        assert!(executor.client().is_none());

        publish(&executor, &mut storage, None);
        assert_eq!(read(&storage), None);
        assert!(executor.client().is_none());
    }
}
