//! A device of this machine, as its driver describes it.

use codec::{Decode, Encode};
use dpin_primitives::worker::{Device, DeviceClass};

/// A device, with details that only operators need.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct DeviceEntry {
    /// The device as registered on the chain.
    pub device: Device,
    /// Name of its OpenCL platform.
    pub platform: String,
    /// Version of its driver.
    pub driver: String,
    /// Version of OpenCL that it supports.
    pub opencl: String,
    /// Where the device is plugged in, if its driver reports that, and its number among devices
    /// that look alike.
    pub place: String,
    /// Whether it accepts work.
    pub available: bool,
    /// Most work-items of a work-group.
    pub max_group_items: u64,
    /// Most bytes of a buffer.
    pub max_buffer: u64,
    /// Bytes of local memory of a work-group.
    pub local_memory: u64,
    /// Whether it uses the host's memory, as CPUs and integrated GPUs do.
    pub unified: bool,
    /// Bytes of its whole memory. The memory in [`Self::device`] is the part for runs, which a
    /// worker declares.
    pub total_memory: u64,
}

/// Bytes of device memory that each process takes in addition to its buffers.
const CONTEXT_BYTES: u64 = 512 * 1024 * 1024;
/// Processes that have a device open at a time: a task, a sample, and a spare child.
const CONTEXTS: u64 = 3;

impl DeviceEntry {
    /// Set the memory for runs to `limit` bytes, or leave room for everything else if there is no
    /// limit. Without a limit, runs get half of the host's memory, or nine tenths of the device's
    /// own memory after the processes that have it open. Of a device's own memory they get at least
    /// a quarter.
    pub(crate) fn with_limit(mut self, limit: Option<u64>) -> Self {
        let total = self.total_memory;
        let own = (total.saturating_sub(CONTEXTS * CONTEXT_BYTES) / 10).saturating_mul(9);
        self.device.memory = match limit {
            Some(limit) => limit.min(total),
            None if self.unified => total / 2,
            None => own.max(total / 4),
        };
        self
    }

    /// The device's address on its bus, or another unique name, if its driver knows one.
    pub(crate) fn bus(&self) -> Option<&str> {
        let (bus, _) = self.place.rsplit_once('#')?;
        Some(bus.trim()).filter(|bus| !bus.is_empty())
    }

    /// Whether `other`, listed by another driver, is this device. The host's processor is one
    /// device, however many drivers list it.
    pub(crate) fn is_same_device(&self, other: &Self) -> bool {
        let cpu = |entry: &Self| entry.device.class == DeviceClass::Cpu;
        (cpu(self) && cpu(other)) || self.key() == other.key() || self.bus().is_some_and(|bus| other.bus() == Some(bus))
    }

    /// Whether its driver is one for devices of many vendors. The vendor's own driver is preferred.
    pub(crate) fn is_of_a_general_driver(&self) -> bool {
        ["rusticl", "clover"].contains(&self.platform.to_lowercase().as_str())
    }

    /// The key that identifies the device in later lists.
    pub(crate) fn key(&self) -> DeviceKey {
        DeviceKey {
            platform: self.platform.clone(),
            vendor: self.device.vendor.to_vec(),
            model: self.device.model.to_vec(),
            place: self.place.clone(),
        }
    }
}

/// The key of a device, which identifies it in a changed list.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Encode, Decode)]
pub(crate) struct DeviceKey {
    /// Name of its OpenCL platform.
    pub platform: String,
    /// Vendor as OpenCL names it.
    pub vendor: Vec<u8>,
    /// Model as OpenCL names it.
    pub model: Vec<u8>,
    /// Where the device is plugged in, and its number among devices that look alike.
    pub place: String,
}

impl std::fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let model = String::from_utf8_lossy(&self.model);
        write!(f, "{model} ({}, {})", self.platform, self.place)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A device for tests.
    pub(crate) fn entry(class: DeviceClass, model: &str, place: u32) -> DeviceEntry {
        DeviceEntry {
            device: Device {
                class,
                vendor: b"Maker".to_vec().try_into().unwrap(),
                model: model.as_bytes().to_vec().try_into().unwrap(),
                memory: 1 << 30,
                compute_units: 4,
                fp64: true,
                fp32: Default::default(),
            },
            platform: "Platform".into(),
            driver: "1.0".into(),
            opencl: "3.0".into(),
            place: format!("#{place}"),
            available: true,
            max_group_items: 1024,
            max_buffer: 1 << 28,
            local_memory: 1 << 15,
            unified: class == DeviceClass::Cpu,
            total_memory: 1 << 30,
        }
    }

    #[test]
    fn runs_get_the_memory_that_nothing_else_needs() {
        const GIB: u64 = 1 << 30;
        let taken = |class, total, limit| {
            let entry = DeviceEntry { total_memory: total, ..entry(class, "m", 0) }.with_limit(limit);
            entry.device.memory
        };
        assert_eq!(taken(DeviceClass::Cpu, 16 * GIB, None), 8 * GIB);
        assert_eq!(taken(DeviceClass::Gpu, 24 * GIB, None), (24 * GIB - 3 * GIB / 2) / 10 * 9);
        assert_eq!(taken(DeviceClass::Gpu, GIB, None), GIB / 4, "a small one still does something");
        assert_eq!(taken(DeviceClass::Gpu, 24 * GIB, Some(GIB)), GIB);
        assert_eq!(taken(DeviceClass::Gpu, 24 * GIB, Some(u64::MAX)), 24 * GIB, "no more than there is");
    }
}
