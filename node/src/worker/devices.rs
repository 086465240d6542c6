//! Publishes whether the executor can take tasks, for the off-chain worker.
//!
//! The off-chain worker pauses a worker that has no working device, or whose executor's disk is
//! full. While the executor gives no answer its state is unknown. That is no reason to pause,
//! because it may be restarting.
//!
//! All of this runs on one thread.

use crate::executor::{ExecutorHandle, Stop};
use codec::Encode;
use dpin_primitives::{
    SLOT_MS,
    executor::{READINESS_KEY, Readiness},
};
use polkadot_sdk::sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use std::{io, time::Duration};

/// Interval between two requests to the executor: one block.
const PERIOD: Duration = Duration::from_millis(SLOT_MS);

/// Starts the thread. It ends with the node.
pub(super) fn spawn(
    mut storage: impl OffchainStorage + 'static,
    executor: ExecutorHandle,
    stop: Stop,
) -> io::Result<()> {
    // The state that an earlier run has left is out of date.
    publish(&mut storage, None);
    std::thread::Builder::new().name("device-watch".into()).spawn(move || {
        let mut before = None;
        while !stop.sleep(PERIOD) {
            let seen = look(&executor);
            if seen != before {
                publish(&mut storage, seen);
                before = seen;
            }
        }
    })?;
    Ok(())
}

/// Returns the executor's readiness, or `None` if it does not answer.
fn look(executor: &ExecutorHandle) -> Option<Readiness> {
    let status = executor.client()?.status().ok()?;
    Some(Readiness::from(&status))
}

fn publish(storage: &mut impl OffchainStorage, seen: Option<Readiness>) {
    match seen {
        Some(readiness) => storage.set(STORAGE_PREFIX, READINESS_KEY, &readiness.encode()),
        None => storage.remove(STORAGE_PREFIX, READINESS_KEY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::fake;
    use dpin_primitives::{
        executor::{DiskSpace, ExecutorStatus},
        worker::{Device, DeviceClass},
    };
    use polkadot_sdk::sp_core::offchain::storage::InMemOffchainStorage;
    use std::sync::{Arc, Mutex};

    #[test]
    fn what_is_published_last_is_found() {
        let mut storage = InMemOffchainStorage::default();
        for seen in [Some(Readiness::Ready), Some(Readiness::DiskLow), None] {
            publish(&mut storage, seen);
            assert_eq!(storage.get(STORAGE_PREFIX, READINESS_KEY), seen.map(|seen: Readiness| seen.encode()));
        }
    }

    #[test]
    fn an_executor_without_a_device_or_without_room_is_not_ready() {
        let device = Device {
            class: DeviceClass::Cpu,
            vendor: Default::default(),
            model: Default::default(),
            memory: 1,
            compute_units: 1,
            fp64: false,
            fp32: Default::default(),
        };
        let room = DiskSpace { free: 2, reserve: 1, kept: 0, quota: 1 };
        let full = DiskSpace { free: 0, ..room };
        let told = Arc::new(Mutex::new((vec![device], room)));
        let status = told.clone();
        let executor = ExecutorHandle::default();
        assert_eq!(look(&executor), None);
        executor.set(Some(fake::serve(move |_, _| {
            let (devices, disk) = status.lock().unwrap().clone();
            (200, ExecutorStatus { version: "1".into(), devices, queued: 0, running: 0, disk }.encode())
        })));
        assert_eq!(look(&executor), Some(Readiness::Ready));
        told.lock().unwrap().1 = full;
        assert_eq!(look(&executor), Some(Readiness::DiskLow));
        told.lock().unwrap().0.clear();
        assert_eq!(look(&executor), Some(Readiness::NoDevice));
    }
}
