//! Devices, as a worker declares them.

use crate::{
    error::{Error, Result},
    text::parse,
};
use dpin_primitives::worker::{Device, DeviceClass, Fp32};
use serde::Deserialize;

/// A device as the user types it:
/// `class=gpu,vendor=NVIDIA,model=H200,memory=139GiB,units=132,fp64,denormals,rounded-division`.
///
/// # Errors
///
/// When a part is unknown or missing.
pub(crate) fn parse_device(text: &str) -> std::result::Result<Device, String> {
    let (mut class, mut memory) = (None, None);
    let (mut vendor, mut model) = (Vec::new(), Vec::new());
    let mut compute_units = 1;
    let (mut fp64, mut fp32) = (false, Fp32::default());
    for part in text.split(',').map(str::trim) {
        let (name, value) = part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
        match (name, value) {
            ("class", Some(value)) => class = Some(parse::class(value)?),
            ("vendor", Some(value)) => vendor = value.as_bytes().to_vec(),
            ("model", Some(value)) => model = value.as_bytes().to_vec(),
            ("memory", Some(value)) => memory = Some(parse::size(value)?),
            ("units", Some(value)) => compute_units = value.parse().map_err(|_| "units is not a number".to_string())?,
            ("fp64", None) => fp64 = true,
            ("denormals", None) => fp32.denormals = true,
            ("rounded-division", None) => fp32.rounded_division = true,
            _ => {
                return Err(format!(
                    "`{part}` is unknown; write a device as class=gpu,vendor=NVIDIA,model=H200,memory=139GiB,units=132,fp64,denormals,rounded-division"
                ));
            }
        }
    }
    Ok(Device {
        class: class.ok_or("class is missing, as in class=gpu")?,
        vendor: vendor.try_into().map_err(|_| "the vendor has at most 64 bytes")?,
        model: model.try_into().map_err(|_| "the model has at most 64 bytes")?,
        memory: memory.ok_or("memory is missing, as in memory=16GiB")?,
        compute_units,
        fp64,
        fp32,
    })
}

/// A device as `dpin-executor devices --json` writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    class: DeviceClass,
    vendor: String,
    model: String,
    memory: u64,
    compute_units: u32,
    fp64: bool,
    fp32_denormals: bool,
    fp32_rounded_division: bool,
}

/// The devices that `dpin-executor devices --json` lists, one a line.
///
/// # Errors
///
/// When a line is not a device.
pub(crate) fn listed(text: &str) -> Result<Vec<Device>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let device = |line: &str| -> std::result::Result<Device, String> {
        let listed: Listed = serde_json::from_str(line).map_err(|error| error.to_string())?;
        Ok(Device {
            class: listed.class,
            vendor: cut(listed.vendor).try_into().map_err(|_| "the vendor is too long")?,
            model: cut(listed.model).try_into().map_err(|_| "the model is too long")?,
            memory: listed.memory,
            compute_units: listed.compute_units,
            fp64: listed.fp64,
            fp32: Fp32 { denormals: listed.fp32_denormals, rounded_division: listed.fp32_rounded_division },
        })
    };
    lines
        .map(|line| {
            device(line).map_err(|problem| {
                Error::usage(format!("a line is not a device as `dpin-executor devices --json` writes it: {problem}"))
            })
        })
        .collect()
}

/// The longest prefix of a name that fits, in whole characters.
fn cut(text: String) -> Vec<u8> {
    let mut end = text.len().min(64);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.as_bytes()[..end].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_typed_in_one_word() {
        let device = parse_device("class=gpu,vendor=NVIDIA,model=H200,memory=139GiB,units=132,fp64,denormals").unwrap();
        assert_eq!(device.class, DeviceClass::Gpu);
        assert_eq!((device.memory, device.compute_units, device.fp64), (139 << 30, 132, true));
        assert_eq!(device.fp32, Fp32 { denormals: true, rounded_division: false });
        for text in [
            "",
            "class=gpu",
            "memory=1GiB",
            "class=tpu,memory=1GiB",
            "class=gpu,memory=1GiB,fp16",
            "class=gpu,memory=1GiB,fp64=no",
        ] {
            assert!(parse_device(text).is_err(), "{text}");
        }
        assert!(parse_device(&format!("class=gpu,memory=1GiB,model={}", "x".repeat(65))).is_err());
    }

    #[test]
    fn the_executors_list_is_read() {
        let line = r#"{"class":"cpu","computeUnits":1,"driver":"3.1","fp32Denormals":true,"fp32RoundedDivision":false,"fp64":true,"index":0,"memory":20764119040,"model":"pthread-ä","platform":"Portable Computing Language","vendor":"GenuineIntel"}"#;
        let devices = listed(&format!("{line}\n\n{line}\n")).unwrap();
        assert_eq!(devices.len(), 2);
        assert_eq!(devices[0].memory, 20_764_119_040);
        assert_eq!(devices[0].fp32, Fp32 { denormals: true, rounded_division: false });
        assert!(listed("no").is_err());
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(cut("ä".repeat(40)).len(), 64);
        assert_eq!(cut(format!("x{}", "ä".repeat(40))).len(), 63);
    }
}
