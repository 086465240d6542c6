//! Spare children: each waits for an order, with its device open and the compiler loaded.

use super::starter::Resident;
use crate::device::entry::DeviceKey;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Longest time that a spare child waits for an order, because devices change and drivers are
/// updated.
const SPARE_AGE: Duration = Duration::from_secs(600);

/// At most one spare child for each device.
#[derive(Default)]
pub(super) struct Spares(Mutex<HashMap<DeviceKey, Spare>>);

struct Spare {
    resident: Resident,
    since: Instant,
}

impl Spares {
    /// Whether `device` has no spare child, or one that has waited too long.
    pub(super) fn lacks(&self, device: &DeviceKey) -> bool {
        self.0.lock().get(device).is_none_or(|spare| spare.since.elapsed() >= SPARE_AGE)
    }

    /// Keep `resident` as the spare child of `device`. An earlier one ends.
    pub(super) fn put(&self, device: DeviceKey, resident: Resident) {
        let old = self.0.lock().insert(device, Spare { resident, since: Instant::now() });
        // Without the lock, because a child may take long to end.
        drop(old);
    }

    /// Take the spare child of `device`, if it is still usable.
    pub(super) fn take(&self, device: &DeviceKey) -> Option<Resident> {
        let spare = self.0.lock().remove(device);
        let mut spare = spare?;
        (spare.resident.group.is_alive() && spare.since.elapsed() < SPARE_AGE).then_some(spare.resident)
    }

    /// End the spare child of `device`.
    pub(super) fn dismiss(&self, device: &DeviceKey) {
        let spare = self.0.lock().remove(device);
        drop(spare);
    }

    /// End all spare children.
    pub(super) fn dismiss_all(&self) {
        let spares = std::mem::take(&mut *self.0.lock());
        drop(spares);
    }
}
