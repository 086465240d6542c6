//! The operator's choice of devices: the values of `--device`.

use super::entry::DeviceEntry;
use dpin_primitives::worker::{DeviceClass, MAX_DEVICES};
use std::{fmt, str::FromStr};

/// The operator's choice among the machine's devices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Choice {
    /// The first device of the best class.
    Auto,
    /// All devices of the best class, because a worker's devices are of one class.
    All,
    /// One device for each selector.
    These(Vec<Selector>),
}

/// The operator's name for a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Selector {
    /// Its place in OpenCL's list, which changes with drivers and devices.
    Number(u32),
    /// The first device of a class.
    Class(DeviceClass),
    /// The address at which it is plugged in, such as `0000:01:00.0`.
    Bus(String),
    /// Parts of its vendor's and model's names, in lower case.
    Name {
        /// Part of the vendor's name.
        vendor: String,
        /// Part of the model's name.
        model: String,
    },
}

impl Choice {
    /// The most devices it can choose.
    pub(crate) fn most(&self) -> usize {
        match self {
            Choice::Auto => 1,
            Choice::All => MAX_DEVICES as usize,
            Choice::These(selectors) => selectors.len(),
        }
    }

    /// The devices it chooses among `found`, with their numbers in that list.
    pub(crate) fn choose_from<'a>(&self, found: &'a [DeviceEntry]) -> Vec<(u32, &'a DeviceEntry)> {
        let mut ranked: Vec<(u32, &DeviceEntry)> = (0u32..).zip(found).collect();
        // Within a class, devices with their own memory go first.
        ranked.sort_by_key(|(number, entry)| (preference(entry.device.class), entry.unified, *number));
        let mut chosen: Vec<(u32, &DeviceEntry)> = match self {
            Choice::Auto | Choice::All => {
                let best = ranked.first().map(|(_, entry)| entry.device.class);
                ranked.into_iter().filter(|(_, entry)| Some(entry.device.class) == best).take(self.most()).collect()
            }
            Choice::These(selectors) => {
                let mut chosen: Vec<(u32, &DeviceEntry)> = Vec::new();
                for selector in selectors {
                    let free = |number: u32| chosen.iter().all(|(other, _)| *other != number);
                    let first = ranked.iter().find(|(number, entry)| free(*number) && selector.is_of(*number, entry));
                    chosen.extend(first.copied());
                }
                chosen
            }
        };
        chosen.sort_by_key(|(number, _)| *number);
        chosen
    }
}

impl Selector {
    fn is_of(&self, number: u32, entry: &DeviceEntry) -> bool {
        let has = |name: &[u8], part: &str| String::from_utf8_lossy(name).to_lowercase().contains(part);
        match self {
            Selector::Number(own) => *own == number,
            Selector::Class(class) => *class == entry.device.class,
            Selector::Bus(address) => entry.bus().and_then(|bus| bus.strip_prefix("pci ")) == Some(address),
            Selector::Name { vendor, model } => has(&entry.device.vendor, vendor) && has(&entry.device.model, model),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Number(number) => write!(f, "{number}"),
            Selector::Class(DeviceClass::Gpu) => f.write_str("gpu"),
            Selector::Class(DeviceClass::Accelerator) => f.write_str("accelerator"),
            Selector::Class(DeviceClass::Cpu) => f.write_str("cpu"),
            Selector::Bus(address) => write!(f, "pci:{address}"),
            Selector::Name { vendor, model } => write!(f, "{vendor}:{model}"),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Choice::Auto => f.write_str("auto"),
            Choice::All => f.write_str("all"),
            Choice::These(selectors) => {
                f.write_str(&selectors.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
            }
        }
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        match text.as_str() {
            "gpu" => return Ok(Selector::Class(DeviceClass::Gpu)),
            "cpu" => return Ok(Selector::Class(DeviceClass::Cpu)),
            "accelerator" => return Ok(Selector::Class(DeviceClass::Accelerator)),
            _ => (),
        }
        if let Some(address) = text.strip_prefix("pci:") {
            // Tools omit the first part of an address if it is zero.
            let whole = if address.matches(':').count() == 1 { format!("0000:{address}") } else { address.into() };
            let lengths: Vec<usize> = whole.split([':', '.']).map(str::len).collect();
            let digits = whole.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'));
            return if digits && lengths == [4, 2, 2, 1] {
                Ok(Selector::Bus(whole))
            } else {
                Err(format!(
                    "`{address}` is not a PCI address such as 0000:01:00.0; `dpin-executor devices --json` shows it as `place`"
                ))
            };
        }
        match (text.parse(), text.split_once(':')) {
            (Ok(number), _) => Ok(Selector::Number(number)),
            (_, Some((vendor, model))) if !(vendor.is_empty() && model.is_empty()) => {
                Ok(Selector::Name { vendor: vendor.into(), model: model.into() })
            }
            _ => Err(format!(
                "`{text}` names no device: name it by class (gpu, cpu, accelerator), vendor:model (as nvidia:h200), pci:ADDRESS \
                 or number; `auto` and `all` stand alone"
            )),
        }
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => return Ok(Choice::Auto),
            "all" => return Ok(Choice::All),
            _ => (),
        }
        let selectors: Vec<Selector> = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
        if selectors.len() > MAX_DEVICES as usize {
            return Err(format!("{} devices are named; a worker has at most {MAX_DEVICES}", selectors.len()));
        }
        let is_one = |selector: &Selector| matches!(selector, Selector::Number(_) | Selector::Bus(_));
        let before = |place: usize| selectors.get(..place).unwrap_or_default();
        let repeats = |(place, selector): &(usize, &Selector)| is_one(selector) && before(*place).contains(selector);
        if let Some((_, selector)) = selectors.iter().enumerate().find(repeats) {
            return Err(format!("`{selector}` is named twice; name each device once"));
        }
        Ok(Choice::These(selectors))
    }
}

/// The order in which `auto` and `all` prefer classes; lower is better.
fn preference(class: DeviceClass) -> u8 {
    match class {
        DeviceClass::Gpu => 0,
        DeviceClass::Accelerator => 1,
        DeviceClass::Cpu => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::entry::tests::entry;

    fn numbers(choice: &str, found: &[DeviceEntry]) -> Vec<u32> {
        choice.parse::<Choice>().unwrap().choose_from(found).into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn a_choice_is_a_word_or_distinct_devices() {
        assert_eq!("0, 2".parse(), Ok(Choice::These(vec![Selector::Number(0), Selector::Number(2)])));
        for wrong in ["", "first", "1,", "-1", "1,1", "0,1,2,3,4,5,6,7,8", "pci:1", "pci:0000:01:00", ":", "auto,0"] {
            assert!(wrong.parse::<Choice>().is_err(), "{wrong}");
        }
        for same in ["auto", "all", "gpu", "gpu,gpu", "0,2", "nvidia:h200", "amd:", "pci:0000:01:00.0,cpu"] {
            assert_eq!(same.parse::<Choice>().unwrap().to_string(), same);
        }
        assert_eq!("PCI:01:00.0".parse::<Choice>().unwrap().to_string(), "pci:0000:01:00.0");
    }

    #[test]
    fn devices_are_chosen_by_what_they_are() {
        use DeviceClass::{Cpu, Gpu};
        let at = |mut entry: DeviceEntry, place: &str, unified: bool| {
            (entry.place, entry.unified) = (place.into(), unified);
            entry
        };
        let found = [
            entry(Cpu, "pthread", 0),
            at(entry(Gpu, "Iris", 0), "pci 0000:00:02.0 #0", true),
            at(entry(Gpu, "Card 1", 0), "pci 0000:01:00.0 #0", false),
            at(entry(Gpu, "Card 2", 0), "pci 0000:02:00.0 #0", false),
        ];
        assert_eq!(numbers("auto", &found), [2], "memory of its own goes before the host's");
        assert_eq!(numbers("gpu", &found), [2]);
        assert_eq!(numbers("gpu,gpu,gpu", &found), [1, 2, 3]);
        assert_eq!(numbers("cpu", &found), [0]);
        assert_eq!(numbers("pci:02:00.0", &found), [3]);
        assert_eq!(numbers("maker:card", &found), [2]);
        assert_eq!(numbers("maker:card,maker:card", &found), [2, 3]);
        assert_eq!(numbers("maker:IRIS,3", &found), [1, 3]);
        assert_eq!(numbers("accelerator", &found), [0; 0]);
    }

    #[test]
    fn auto_and_all_stay_within_the_best_class() {
        use DeviceClass::{Cpu, Gpu};
        let found = [entry(Cpu, "c", 0), entry(Gpu, "g", 0), entry(Gpu, "g", 1)];
        assert_eq!(numbers("auto", &found), [1]);
        assert_eq!(numbers("all", &found), [1, 2]);
        assert_eq!(numbers("0,2,7", &found), [0, 2]);
        let many: Vec<DeviceEntry> = (0..12).map(|place| entry(Gpu, "g", place)).collect();
        assert_eq!(numbers("all", &many).len(), MAX_DEVICES as usize);
    }
}
