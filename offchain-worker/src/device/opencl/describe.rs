//! Lists and describes the devices of all platforms.

use super::errors::{opening, status, text};
use crate::device::{
    entry::{DeviceEntry, DeviceKey},
    fault::ChildFault,
};
use dpin_primitives::worker::{Device as DeviceRecord, DeviceClass, Fp32};
use ocl::core::{self as cl, DeviceId, DeviceInfo, DeviceInfoResult, DeviceType, PlatformId, PlatformInfo, Status};

fn all_devices() -> Result<Vec<(PlatformId, DeviceId)>, ChildFault> {
    // The binding would wait ten seconds for a first platform.
    let mut count = 0;
    // SAFETY: only the count is written.
    let asked = unsafe { cl::ffi::clGetPlatformIDs(0, std::ptr::null_mut(), &mut count) };
    if asked == Status::CL_PLATFORM_NOT_FOUND_KHR as i32 || count == 0 {
        return Ok(Vec::new());
    }
    let platforms = cl::get_platform_ids().map_err(opening)?;
    let mut devices: Vec<(PlatformId, DeviceId)> = Vec::new();
    for platform in platforms {
        match cl::get_device_ids(platform, Some(DeviceType::ALL), None) {
            Err(error) if status(&error) == Some(Status::CL_DEVICE_NOT_FOUND) => (),
            // A broken driver must not hide the devices of other drivers.
            Err(error) => eprintln!("the devices of a platform cannot be listed: {}", text(&error)),
            Ok(found) => {
                for device in found {
                    // A library that was loaded twice lists its devices twice.
                    if !devices.iter().any(|(_, known)| known.as_raw() == device.as_raw()) {
                        devices.push((platform, device));
                    }
                }
            }
        }
    }
    Ok(devices)
}

/// All devices with their properties. No two have the same key.
pub(super) fn described() -> Result<Vec<(DeviceEntry, PlatformId, DeviceId)>, ChildFault> {
    let mut all: Vec<(DeviceEntry, PlatformId, DeviceId)> = Vec::new();
    for (platform, device) in all_devices()? {
        let entry = describe(platform, device);
        let alike = all.iter().filter(|(other, ..)| {
            let place = other.place.rsplit_once('#').map_or("", |(place, _)| place);
            DeviceKey { place: place.into(), ..other.key() } == entry.key()
        });
        let place = format!("{}#{}", entry.place, alike.count());
        all.push((DeviceEntry { place, ..entry }, platform, device));
    }
    Ok(all)
}

/// Where a device is plugged in, if its driver reports it.
fn place(device: DeviceId, class: DeviceClass, extensions: &str) -> String {
    /// `cl_khr_pci_bus_info`: domain, bus, device, function.
    const PCI_BUS_INFO_KHR: u32 = 0x410f;
    /// `cl_nv_device_attribute_query`: domain, bus, slot.
    const PCI_NV: [u32; 3] = [0x400a, 0x4008, 0x4009];
    /// `cl_khr_device_uuid`: 16 bytes.
    const UUID_KHR: u32 = 0x106a;
    let has = |name: &str| extensions.split_whitespace().any(|extension| extension == name);
    let words = |what| -> Vec<u32> {
        let bytes = cl::get_device_info_raw(device, what).unwrap_or_default();
        bytes.chunks_exact(4).filter_map(|word| word.try_into().ok()).map(u32::from_ne_bytes).collect()
    };
    if has("cl_khr_pci_bus_info")
        && let [domain, bus, slot, function] = words(PCI_BUS_INFO_KHR).as_slice()
    {
        return format!("pci {domain:04x}:{bus:02x}:{slot:02x}.{function} ");
    }
    if has("cl_nv_device_attribute_query") {
        let [domain, bus, slot] = PCI_NV.map(|what| words(what).first().copied().unwrap_or_default());
        return format!("pci {domain:04x}:{bus:02x}:{:02x}.{} ", slot >> 3, slot & 7);
    }
    if class != DeviceClass::Cpu && has("cl_khr_device_uuid") {
        let uuid = cl::get_device_info_raw(device, UUID_KHR).unwrap_or_default();
        if uuid.len() == 16 && uuid.iter().any(|byte| *byte != 0) {
            return format!("uuid {} ", hex::encode(uuid));
        }
    }
    String::new()
}

fn describe(platform: PlatformId, device: DeviceId) -> DeviceEntry {
    let record = record(device);
    let memory = record.memory;
    let max_group_items = match cl::get_device_info(device, DeviceInfo::MaxWorkGroupSize) {
        Ok(DeviceInfoResult::MaxWorkGroupSize(items)) => items as u64,
        _ => 1,
    };
    let local_memory = match cl::get_device_info(device, DeviceInfo::LocalMemSize) {
        Ok(DeviceInfoResult::LocalMemSize(bytes)) => bytes,
        _ => 0,
    };
    let max_buffer = match cl::get_device_info(device, DeviceInfo::MaxMemAllocSize) {
        Ok(DeviceInfoResult::MaxMemAllocSize(bytes)) => bytes,
        _ => memory,
    };
    let available = cl::get_device_info(device, DeviceInfo::Available);
    let unified = cl::get_device_info(device, DeviceInfo::HostUnifiedMemory);
    DeviceEntry {
        platform: cl::get_platform_info(platform, PlatformInfo::Name).map(|name| name.to_string()).unwrap_or_default(),
        driver: name(device, DeviceInfo::DriverVersion),
        opencl: name(device, DeviceInfo::Version),
        place: place(device, record.class, &name(device, DeviceInfo::Extensions)),
        available: !matches!(available, Ok(DeviceInfoResult::Available(false))),
        max_group_items,
        max_buffer,
        local_memory,
        unified: matches!(unified, Ok(DeviceInfoResult::HostUnifiedMemory(true))),
        total_memory: memory,
        device: record,
    }
}

/// The device as registered on the chain, with its whole memory.
fn record(device: DeviceId) -> DeviceRecord {
    let short = |text: String| {
        let bytes: Vec<u8> = text.into_bytes().into_iter().take(64).collect();
        bytes.try_into().unwrap_or_default()
    };
    let memory = match cl::get_device_info(device, DeviceInfo::GlobalMemSize) {
        Ok(DeviceInfoResult::GlobalMemSize(bytes)) => bytes,
        _ => 0,
    };
    let compute_units = match cl::get_device_info(device, DeviceInfo::MaxComputeUnits) {
        Ok(DeviceInfoResult::MaxComputeUnits(units)) => units,
        _ => 0,
    };
    let extensions = name(device, DeviceInfo::Extensions);
    let single = fp32_config(device);
    DeviceRecord {
        class: class(device),
        vendor: short(name(device, DeviceInfo::Vendor)),
        model: short(name(device, DeviceInfo::Name)),
        memory,
        compute_units,
        fp64: extensions.split_whitespace().any(|extension| extension == "cl_khr_fp64"),
        fp32: Fp32 {
            denormals: single.contains(cl::DeviceFpConfig::DENORM),
            rounded_division: single.contains(cl::DeviceFpConfig::CORRECTLY_ROUNDED_DIVIDE_SQRT),
        },
    }
}

fn class(device: DeviceId) -> DeviceClass {
    match cl::get_device_info(device, DeviceInfo::Type) {
        Ok(DeviceInfoResult::Type(kind)) if kind.contains(DeviceType::GPU) => DeviceClass::Gpu,
        Ok(DeviceInfoResult::Type(kind)) if kind.contains(DeviceType::CPU) => DeviceClass::Cpu,
        _ => DeviceClass::Accelerator,
    }
}

/// A text that a device gives; empty if it gives none.
fn name(device: DeviceId, what: DeviceInfo) -> String {
    cl::get_device_info(device, what).map(|value| value.to_string().trim().to_owned()).unwrap_or_default()
}

/// The single-precision capabilities of a device.
pub(super) fn fp32_config(device: cl::DeviceId) -> cl::DeviceFpConfig {
    match cl::get_device_info(device, DeviceInfo::SingleFpConfig) {
        Ok(DeviceInfoResult::SingleFpConfig(config)) => config,
        _ => cl::DeviceFpConfig::empty(),
    }
}
