//! `dpin-executor devices`: the OpenCL devices of this machine, as a table or in JSON.

use super::options::Options;
use crate::{
    device::{entry::DeviceEntry, missing::missing_devices},
    process::parent::{Children, DeviceList},
};
use comfy_table::{ContentArrangement, Table, presets};
use std::sync::atomic::AtomicBool;

const MIB: u64 = 1024 * 1024;

/// The devices of this machine, listed in children. `memory_limit`: most bytes of a device's memory
/// that runs may use, if the operator set a limit.
pub(super) fn list_devices(memory_limit: Option<u64>) -> Result<DeviceList, String> {
    let (_folder, children) = Children::temporary(memory_limit).map_err(|error| error.to_string())?;
    Ok(children.discover(&AtomicBool::new(false)))
}

/// Print the devices of this machine, or those that `options` choose.
pub(super) fn list(json: bool, options: &Options) -> Result<(), String> {
    let DeviceList { devices: all, problems } = list_devices(options.memory_limit())?;
    problems.iter().for_each(|problem| eprintln!("dpin-executor: {problem}"));
    let devices = match &options.device {
        Some(choice) => choice.choose_from(&all),
        None => (0..).zip(&all).collect(),
    };
    if json {
        devices.iter().for_each(|(number, entry)| println!("{}", object(*number, entry)));
    } else if devices.is_empty() {
        println!("no OpenCL device");
        missing_devices().iter().for_each(|hint| println!("- {hint}"));
    } else {
        println!("{}", table(&devices));
    }
    Ok(())
}

/// A device as a JSON object.
fn object(number: u32, entry: &DeviceEntry) -> serde_json::Value {
    let device = &entry.device;
    serde_json::json!({
        "index": number,
        "class": device.class,
        "vendor": String::from_utf8_lossy(&device.vendor),
        "model": String::from_utf8_lossy(&device.model),
        "memory": device.memory,
        "totalMemory": entry.total_memory,
        "unifiedMemory": entry.unified,
        "computeUnits": device.compute_units,
        "fp64": device.fp64,
        "fp32Denormals": device.fp32.denormals,
        "fp32RoundedDivision": device.fp32.rounded_division,
        "platform": entry.platform,
        "driver": entry.driver,
        "openclVersion": entry.opencl,
        "place": entry.place,
        "available": entry.available,
        "maxWorkGroupSize": entry.max_group_items,
        "maxBuffer": entry.max_buffer,
        "localMemory": entry.local_memory,
    })
}

/// A table of devices for the terminal.
fn table(devices: &[(u32, &DeviceEntry)]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "#",
        "class",
        "vendor",
        "model",
        "memory for runs",
        "of",
        "largest buffer",
        "units",
        "group",
        "fp64",
        "fp32",
        "platform",
        "OpenCL",
        "driver",
    ]);
    for (number, entry) in devices {
        let device = &entry.device;
        let fp32 = [("denormals", device.fp32.denormals), ("rounded division", device.fp32.rounded_division)];
        let fp32: Vec<&str> = fp32.iter().filter_map(|(name, has)| has.then_some(*name)).collect();
        table.add_row([
            number.to_string(),
            format!("{:?}", device.class).to_lowercase(),
            String::from_utf8_lossy(&device.vendor).into_owned(),
            String::from_utf8_lossy(&device.model).into_owned(),
            format!("{} MiB", device.memory / MIB),
            format!("{} MiB", entry.total_memory / MIB),
            format!("{} MiB", entry.max_buffer / MIB),
            device.compute_units.to_string(),
            entry.max_group_items.to_string(),
            if device.fp64 { "yes" } else { "no" }.into(),
            if fp32.is_empty() { "-".into() } else { fp32.join(", ") },
            if entry.available { entry.platform.clone() } else { format!("{} (not available)", entry.platform) },
            entry.opencl.clone(),
            entry.driver.clone(),
        ]);
    }
    table
}
