//! Leaves the number of the executor's working devices where the off-chain worker finds it: it pauses a worker without any.
//!
//! One thread. While the executor gives no answer the number is not known, which is no reason to pause: it may be starting again.

use super::{executor::ExecutorHandle, Stop};
use codec::Encode;
use dpin_primitives::{executor::DEVICES_KEY, SLOT_MS};
use polkadot_sdk::sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use std::{io, time::Duration};

/// How often the executor is asked: once a block.
const PERIOD: Duration = Duration::from_millis(SLOT_MS);

/// Start the thread. It ends when the node does.
pub fn spawn(mut storage: impl OffchainStorage + 'static, executor: ExecutorHandle, stop: Stop) -> io::Result<()> {
    // The number that an earlier run has left says nothing.
    publish(&mut storage, None);
    std::thread::Builder::new().name("device-watch".into()).spawn(move || {
        let mut before = None;
        while !stop.sleep(PERIOD) {
            let status = executor.client().and_then(|client| client.status().ok());
            let devices = status.map(|status| u32::try_from(status.devices.len()).unwrap_or(u32::MAX));
            if devices != before {
                publish(&mut storage, devices);
                before = devices;
            }
        }
    })?;
    Ok(())
}

fn publish(storage: &mut impl OffchainStorage, devices: Option<u32>) {
    match devices {
        Some(devices) => storage.set(STORAGE_PREFIX, DEVICES_KEY, &devices.encode()),
        None => storage.remove(STORAGE_PREFIX, DEVICES_KEY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_core::offchain::storage::InMemOffchainStorage;

    #[test]
    fn what_is_published_last_is_found() {
        let mut storage = InMemOffchainStorage::default();
        for devices in [Some(2), Some(0), None] {
            publish(&mut storage, devices);
            assert_eq!(storage.get(STORAGE_PREFIX, DEVICES_KEY), devices.map(|devices: u32| devices.encode()));
        }
    }
}
