//! The devices of an executor: which it uses, whether they are present, and which runs fit them.
//!
//! A chosen device keeps its seat while the executor lives. The executor looks for a lost device at
//! growing intervals, and identifies it by its key, at any place in OpenCL's list. No other device
//! takes its seat, because the worker's registration names the devices it was drawn for.

use crate::{
    child::MAX_LAUNCH_BYTES,
    wire::{DeviceEntry, DeviceKey},
};
use codec::{Decode, Encode};
use dpin_primitives::{
    executor::RunRequest,
    kernel::Param,
    worker::{DeviceClass, MAX_DEVICES},
};
use std::{
    fmt,
    str::FromStr,
    time::{Duration, Instant},
};

/// First pause before the executor looks for a lost device.
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause between two looks for a lost device.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The operator's choice among the machine's devices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// The first device of the best class.
    Auto,
    /// All devices of the best class, because a worker's devices are of one class.
    All,
    /// One device for each selector.
    These(Vec<Selector>),
}

/// The operator's name for a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selector {
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
    pub fn most(&self) -> usize {
        match self {
            Choice::Auto => 1,
            Choice::All => MAX_DEVICES as usize,
            Choice::These(selectors) => selectors.len(),
        }
    }

    /// The devices it chooses among `found`, with their numbers in that list.
    pub fn of<'a>(&self, found: &'a [DeviceEntry]) -> Vec<(u32, &'a DeviceEntry)> {
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
                    "`{address}` is no PCI address: it is as 0000:01:00.0, as `dpin-executor devices --json` shows it"
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
        let twice = |(place, selector)| is_one(selector) && before(place).contains(selector);
        if selectors.iter().enumerate().any(twice) {
            return Err("a device is named twice".into());
        }
        Ok(Choice::These(selectors))
    }
}

/// The chosen devices and the option that chose them. Stored in the data directory, so that the
/// next start uses the same devices.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Kept {
    /// The value of the option.
    pub choice: String,
    /// The devices.
    pub devices: Vec<KeptDevice>,
}

/// A chosen device, as it is stored.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KeptDevice {
    class: DeviceClass,
    platform: String,
    vendor: String,
    model: String,
    place: String,
}

impl KeptDevice {
    fn of(entry: &DeviceEntry) -> Self {
        Self {
            class: entry.device.class,
            platform: entry.platform.clone(),
            vendor: String::from_utf8_lossy(&entry.device.vendor).into_owned(),
            model: String::from_utf8_lossy(&entry.device.model).into_owned(),
            place: entry.place.clone(),
        }
    }

    /// Its place among the devices `found`. Devices match by all their names and place, or else by
    /// bus address. A CPU may have new names after a driver update, so an only CPU always matches.
    fn find(&self, found: &[DeviceEntry]) -> Option<usize> {
        let of_class = || found.iter().enumerate().filter(|(_, entry)| entry.device.class == self.class);
        let bus = self.place.rsplit_once('#').map(|(bus, _)| bus.trim()).filter(|bus| !bus.is_empty());
        let same = of_class().find(|(_, entry)| Self::of(entry) == *self);
        let same = same.or_else(|| of_class().find(|(_, entry)| bus.is_some() && entry.bus() == bus));
        let only = || match of_class().collect::<Vec<_>>().as_slice() {
            [one] if self.class == DeviceClass::Cpu => Some(*one),
            _ => None,
        };
        same.or_else(only).map(|(place, _)| place)
    }
}

impl fmt::Display for KeptDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.model, self.platform, self.place)
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

/// A seat with its chosen device.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The device's number in OpenCL's list when it was first found.
    pub number: u32,
    /// The device's properties.
    pub entry: DeviceEntry,
    /// The key that identifies the device in later lists.
    pub key: DeviceKey,
    /// When to look for the device again, while it is lost.
    look_at: Option<Instant>,
    /// Pause before the first look after the next loss.
    pause: Duration,
}

impl Seat {
    /// Whether the device is present.
    pub fn is_here(&self) -> bool {
        self.look_at.is_none()
    }

    fn lose(&mut self, now: Instant) {
        self.look_at = Some(now + self.pause);
        self.pause = self.pause.saturating_mul(2).min(MAX_PAUSE);
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, {}, driver {}",
            self.number,
            String::from_utf8_lossy(&self.entry.device.model),
            self.entry.platform,
            self.entry.driver
        )
    }
}

/// A change that a look at the devices has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// A device has taken this seat.
    Found(usize),
    /// The device at this seat is lost.
    Lost(usize),
    /// The device at this seat is back.
    Back(usize),
}

/// The chosen devices.
#[derive(Debug)]
pub struct Fleet {
    choice: Choice,
    /// The devices that were chosen, now or at an earlier start. Once all are, no other device
    /// takes their place.
    kept: Vec<KeptDevice>,
    seats: Vec<Seat>,
    /// When to look for devices again while a seat is not taken.
    look_at: Option<Instant>,
    pause: Duration,
}

impl Fleet {
    /// A fleet for `choice`. The devices in `kept` were chosen by the same choice before.
    pub fn new(choice: Choice, kept: Vec<KeptDevice>) -> Self {
        Self { choice, kept, seats: Vec::new(), look_at: None, pause: MIN_PAUSE }
    }

    /// The chosen devices, to be stored.
    pub fn kept(&self) -> Kept {
        Kept { choice: self.choice.to_string(), devices: self.kept.clone() }
    }

    /// The devices that were chosen at an earlier start and not found since.
    pub fn awaited(&self) -> Vec<&KeptDevice> {
        let found: Vec<DeviceEntry> = self.seats.iter().map(|seat| seat.entry.clone()).collect();
        self.kept.iter().filter(|kept| kept.find(&found).is_none()).collect()
    }

    /// The devices among `found` that may take a seat, with their numbers.
    fn candidates<'a>(&self, found: &'a [DeviceEntry]) -> Vec<(u32, &'a DeviceEntry)> {
        let numbered = || (0u32..).zip(found);
        match (&self.choice, self.kept.first()) {
            // With `all`, other devices of the class may join.
            (Choice::All, Some(first)) => numbered().filter(|(_, entry)| entry.device.class == first.class).collect(),
            (choice, Some(_)) if self.kept.len() >= choice.most() => {
                let kept: Vec<usize> = self.kept.iter().filter_map(|kept| kept.find(found)).collect();
                numbered().filter(|(number, _)| kept.contains(&(*number as usize))).collect()
            }
            (choice, _) => choice.of(found),
        }
    }

    /// The seats that are taken.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The devices that are present, with the indices of their seats.
    pub fn here(&self) -> impl Iterator<Item = (usize, &Seat)> {
        self.seats.iter().enumerate().filter(|(_, seat)| seat.is_here())
    }

    /// The device at `seat`, if it is present.
    pub fn seat(&self, seat: usize) -> Option<&Seat> {
        self.seats.get(seat).filter(|seat| seat.is_here())
    }

    /// The devices among `found` that [`Self::look`] would start to use: new ones, and lost ones
    /// that are due for a look.
    pub fn unproven<'a>(&self, found: &'a [DeviceEntry], now: Instant) -> Vec<&'a DeviceEntry> {
        let seat = |entry: &DeviceEntry| self.seats.iter().find(|seat| seat.key == entry.key());
        let chosen = self.candidates(found).into_iter().map(|(_, entry)| entry);
        let new =
            chosen.filter(|entry| seat(entry).is_none()).take(self.choice.most().saturating_sub(self.seats.len()));
        let due = |seat: &Seat| seat.look_at.is_some_and(|look_at| look_at <= now);
        let back = found.iter().filter(|entry| seat(entry).is_some_and(due));
        new.chain(back).filter(|entry| entry.available).collect()
    }

    /// Update the seats to the devices `found`, and return the changes.
    pub fn look(&mut self, found: &[DeviceEntry], now: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        let present = |entry: &&DeviceEntry| entry.available;
        for (place, seat) in self.seats.iter_mut().enumerate() {
            let same = found.iter().filter(present).find(|entry| entry.key() == seat.key);
            match (same, seat.look_at) {
                (Some(entry), None) => seat.entry = entry.clone(),
                (Some(entry), Some(look_at)) if look_at <= now => {
                    seat.entry = entry.clone();
                    seat.look_at = None;
                    changes.push(Change::Back(place));
                }
                (None, None) => {
                    seat.lose(now);
                    changes.push(Change::Lost(place));
                }
                (None, Some(look_at)) if look_at <= now => seat.lose(now),
                _ => (),
            }
        }
        for (number, entry) in self.candidates(found) {
            let known = self.seats.iter().any(|seat| seat.key == entry.key());
            if known || !entry.available || self.seats.len() >= self.choice.most() {
                continue;
            }
            changes.push(Change::Found(self.seats.len()));
            self.seats.push(Seat { number, entry: entry.clone(), key: entry.key(), look_at: None, pause: MIN_PAUSE });
            let (own, own_list) = (KeptDevice::of(entry), std::slice::from_ref(entry));
            match self.kept.iter_mut().find(|kept| kept.find(own_list).is_some()) {
                Some(kept) => *kept = own,
                None => self.kept.push(own),
            }
        }
        let lacks = self.seats.is_empty() || !self.awaited().is_empty();
        self.look_at = lacks.then(|| now + self.pause);
        self.pause = if lacks { self.pause.saturating_mul(2).min(MAX_PAUSE) } else { MIN_PAUSE };
        changes
    }

    /// Mark the failed device at `seat` as lost. Returns whether it was present until now.
    pub fn lose(&mut self, seat: usize, now: Instant) -> bool {
        let Some(seat) = self.seats.get_mut(seat).filter(|seat| seat.is_here()) else { return false };
        seat.lose(now);
        true
    }

    /// Note that the device at `seat` has completed a run: after its next loss the pauses start
    /// short again.
    pub fn worked(&mut self, seat: usize) {
        if let Some(seat) = self.seats.get_mut(seat) {
            seat.pause = MIN_PAUSE;
        }
    }

    /// When to look for devices next; `None` if all are present.
    pub fn next_look(&self) -> Option<Instant> {
        self.seats.iter().filter_map(|seat| seat.look_at).chain(self.look_at).min()
    }
}

/// The memory of a device that a run needs, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Needs {
    /// All inputs whose sizes are known, in bytes.
    inputs: u64,
    /// The largest of these inputs, in bytes.
    largest: u64,
    /// One tile, in bytes.
    tile: u64,
    /// Local memory of a work-group, in bytes.
    local: u64,
    /// All tiles of the work, in bytes.
    output: u64,
}

impl Needs {
    /// The needs of `request`. `input_bytes` are the sizes of its inputs, if known.
    pub fn of(request: &RunRequest, input_bytes: impl Iterator<Item = Option<u64>>) -> Self {
        let local = request.kernel.params.iter().map(|param| match param {
            Param::Local { bytes } => u64::from(*bytes),
            _ => 0,
        });
        let (mut inputs, mut largest) = (0u64, 0);
        for bytes in input_bytes.flatten() {
            inputs = inputs.saturating_add(bytes);
            largest = bytes.max(largest);
        }
        let tile = request.kernel.tiling.tile_bytes().into();
        let output = request.output_bytes();
        Self { inputs, largest, tile, local: local.fold(0, u64::saturating_add), output }
    }

    /// Device memory to reserve for a run, in bytes: inputs, and two batches of output in flight.
    /// At most `memory`, the device's bytes for runs.
    pub fn reserved(&self, memory: u64) -> u64 {
        let output = self.output.saturating_mul(2).min(MAX_LAUNCH_BYTES).max(self.tile);
        self.inputs.saturating_add(output).min(memory)
    }

    /// Why the run does not fit a device, if it does not.
    pub fn misfit(&self, entry: &DeviceEntry) -> Option<Misfit> {
        let Self { inputs, largest, tile, local, .. } = self;
        let (bytes, total, taken) = (inputs.saturating_add(*tile), entry.total_memory, entry.device.memory);
        let what = || format!("inputs of {inputs} bytes and a tile of {tile}");
        if bytes > total {
            return Some(Misfit { of_the_device: true, why: format!("{} exceed the device's {total}", what()) });
        }
        let most = entry.max_buffer;
        if largest.max(tile) > &most {
            let why = format!("a buffer of {} bytes exceeds the device's largest of {most}", largest.max(tile));
            return Some(Misfit { of_the_device: true, why });
        }
        let most = entry.local_memory;
        if local > &most {
            let why = format!("{local} bytes of local memory exceed the device's {most}");
            return Some(Misfit { of_the_device: true, why });
        }
        (bytes > taken).then(|| Misfit {
            of_the_device: false,
            why: format!("{} exceed the {taken} bytes that this executor leaves to runs", what()),
        })
    }
}

/// Why a run does not fit a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misfit {
    /// Whether the device itself is too small for the run. Otherwise its memory for runs is too
    /// small, which is a limit of this executor.
    pub of_the_device: bool,
    /// The sizes and the limit.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::entry;

    fn fleet(choice: &str, found: &[DeviceEntry]) -> (Fleet, Instant) {
        let (mut fleet, now) = (Fleet::new(choice.parse().unwrap(), Vec::new()), Instant::now());
        fleet.look(found, now);
        (fleet, now)
    }

    fn numbers(choice: &str, found: &[DeviceEntry]) -> Vec<u32> {
        choice.parse::<Choice>().unwrap().of(found).into_iter().map(|(number, _)| number).collect()
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

    /// The fleet of a later start, with the devices stored by an earlier one.
    fn later(earlier: &Fleet, found: &[DeviceEntry]) -> Fleet {
        let kept = Kept::decode(&mut earlier.kept().encode().as_slice()).unwrap();
        let mut fleet = Fleet::new(kept.choice.parse().unwrap(), kept.devices);
        fleet.look(found, Instant::now());
        fleet
    }

    fn models(fleet: &Fleet) -> Vec<&[u8]> {
        fleet.seats().iter().map(|seat| seat.entry.device.model.as_slice()).collect()
    }

    #[test]
    fn the_next_start_waits_for_the_chosen_device_and_takes_no_other() {
        let (gpu, cpu) = (entry(DeviceClass::Gpu, "g", 0), entry(DeviceClass::Cpu, "c", 0));
        for choice in ["auto", "all", "0", "gpu", "maker:g"] {
            let (fleet, _) = fleet(choice, &[gpu.clone(), cpu.clone()]);
            assert_eq!(models(&fleet), [b"g"], "{choice}");
            let mut fleet = later(&fleet, std::slice::from_ref(&cpu));
            assert_eq!((fleet.seats().len(), fleet.awaited().len()), (0, 1), "{choice}");
            let then = fleet.next_look().unwrap();
            assert_eq!(fleet.look(&[cpu.clone(), gpu.clone()], then), [Change::Found(0)], "{choice}");
            assert_eq!((models(&fleet), fleet.next_look()), (vec![b"g".as_slice()], None), "{choice}");
        }
    }

    #[test]
    fn all_is_joined_by_devices_of_its_class_alone() {
        let [a, b] = ["a", "b"].map(|model| entry(DeviceClass::Gpu, model, 0));
        let (fleet, _) = fleet("all", std::slice::from_ref(&a));
        let fleet = later(&fleet, &[entry(DeviceClass::Cpu, "c", 0), b.clone()]);
        assert_eq!((models(&fleet), fleet.awaited().len()), (vec![b"b".as_slice()], 1));
        assert_eq!(fleet.kept().devices.len(), 2);
        assert_eq!(models(&later(&fleet, &[a, b])), [b"a", b"b"]);
    }

    #[test]
    fn a_kept_device_is_known_by_its_address_and_a_processor_by_being_the_only_one() {
        let card = |model: &str, place: &str| DeviceEntry { place: place.into(), ..entry(DeviceClass::Gpu, model, 0) };
        let (earlier, _) = fleet("auto", &[card("old name", "pci 0000:01:00.0 #0")]);
        let found = [card("other", "pci 0000:02:00.0 #0"), card("new name", "pci 0000:01:00.0 #0")];
        let fleet_of_card = later(&earlier, &found);
        assert_eq!(models(&fleet_of_card), [b"new name"]);
        assert_eq!(fleet_of_card.kept().devices.len(), 1, "it is the same device under its new name");

        let (earlier, _) = fleet("auto", &[entry(DeviceClass::Cpu, "pthread-old", 0)]);
        assert_eq!(models(&later(&earlier, &[entry(DeviceClass::Cpu, "cpu-new", 0)])), [b"cpu-new"]);
        let two = ["x", "y"].map(|model| entry(DeviceClass::Cpu, model, 0));
        assert_eq!(models(&later(&earlier, &two)), [b""; 0]);
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

    #[test]
    fn a_lost_device_is_known_again_wherever_it_stands() {
        let [a, b, c] = ["a", "b", "c"].map(|model| entry(DeviceClass::Gpu, model, 0));
        let (mut fleet, now) = fleet("0,1", &[a.clone(), b.clone(), c.clone()]);

        assert_eq!(fleet.look(&[b.clone(), c.clone()], now), [Change::Lost(0)]);
        assert_eq!(fleet.here().map(|(seat, _)| seat).collect::<Vec<_>>(), [1]);
        assert_eq!(fleet.next_look(), Some(now + MIN_PAUSE));

        let then = now + MIN_PAUSE;
        assert_eq!(fleet.look(&[c, b, a], then), [Change::Back(0)]);
        assert_eq!((fleet.here().count(), fleet.next_look()), (2, None));
        assert_eq!(fleet.seats()[0].entry.device.model.as_slice(), b"a");
    }

    #[test]
    fn no_other_device_takes_the_seat_of_a_lost_one() {
        let (gpu, cpu) = (entry(DeviceClass::Gpu, "g", 0), entry(DeviceClass::Cpu, "c", 0));
        let (mut fleet, now) = fleet("auto", &[cpu.clone(), gpu]);
        assert_eq!(fleet.look(&[cpu], now), [Change::Lost(0)]);
        assert_eq!((fleet.seats().len(), fleet.here().count()), (1, 0));
    }

    #[test]
    fn a_device_that_fails_though_it_is_listed_rests_ever_longer() {
        let found = [entry(DeviceClass::Gpu, "g", 0)];
        let (mut fleet, mut now) = fleet("auto", &found);
        for rest in [1, 2, 4, 8, 16, 32, 60, 60].map(Duration::from_secs) {
            assert!(fleet.lose(0, now) && !fleet.lose(0, now));
            assert_eq!(fleet.next_look(), Some(now + rest));
            assert_eq!(fleet.look(&found, now + rest / 2), []);
            now += rest;
            assert_eq!(fleet.look(&found, now), [Change::Back(0)]);
        }
        fleet.worked(0);
        fleet.lose(0, now);
        assert_eq!(fleet.next_look(), Some(now + MIN_PAUSE));
    }

    #[test]
    fn an_unavailable_device_is_not_there() {
        let mut gpu = entry(DeviceClass::Gpu, "g", 0);
        let (mut fleet, now) = fleet("auto", &[gpu.clone()]);
        gpu.available = false;
        assert_eq!(fleet.look(&[gpu], now), [Change::Lost(0)]);
    }

    #[test]
    fn where_nothing_is_found_it_is_looked_again() {
        let (mut fleet, now) = fleet("3", &[]);
        assert_eq!(fleet.next_look(), Some(now + MIN_PAUSE));
        let found: Vec<DeviceEntry> = (0..4).map(|place| entry(DeviceClass::Cpu, "c", place)).collect();
        assert_eq!(fleet.look(&found, now), [Change::Found(0)]);
        assert_eq!((fleet.seats()[0].number, fleet.next_look()), (3, None));
    }

    #[test]
    fn new_devices_and_lost_ones_whose_time_has_come_are_to_be_proven() {
        let [a, b] = ["a", "b"].map(|model| entry(DeviceClass::Gpu, model, 0));
        let found = [a, b];
        let empty = Fleet::new(Choice::All, Vec::new());
        assert_eq!(empty.unproven(&found, Instant::now()), [&found[0], &found[1]]);
        let (mut fleet, now) = fleet("all", &found);
        assert!(fleet.unproven(&found, now).is_empty(), "those that are there are known to work");
        fleet.lose(1, now);
        assert!(fleet.unproven(&found, now).is_empty(), "it rests");
        assert_eq!(fleet.unproven(&found, now + MIN_PAUSE), [&found[1]]);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_numbers() {
        let mut device = entry(DeviceClass::Gpu, "g", 0);
        (device.total_memory, device.device.memory, device.max_buffer, device.local_memory) = (1200, 1000, 500, 100);
        let needs = |inputs, largest, tile, local| Needs { inputs, largest, tile, local, output: tile };
        assert_eq!(needs(900, 500, 100, 100).misfit(&device), None);
        for (needs, number, of_the_device) in [
            (needs(901, 500, 100, 0), "901", false),
            (needs(1100, 500, 100, 0), "1000", false),
            (needs(1101, 500, 100, 0), "1101", true),
            (needs(900, 501, 100, 0), "501", true),
            (needs(0, 0, 501, 0), "501", true),
            (needs(0, 0, 1, 101), "101", true),
            (needs(u64::MAX, u64::MAX, 1, 0), "18446744073709551615", true),
        ] {
            let misfit = needs.misfit(&device).unwrap_or_else(|| panic!("{needs:?}"));
            assert!(misfit.why.contains(number) && misfit.of_the_device == of_the_device, "{misfit:?}");
        }
    }

    #[test]
    fn a_run_reserves_its_inputs_and_its_output_on_the_way() {
        let needs = |inputs, tile, output| Needs { inputs, largest: 0, tile, local: 0, output };
        assert_eq!(needs(1000, 8, 80).reserved(u64::MAX), 1160);
        assert_eq!(needs(1000, 8, MAX_LAUNCH_BYTES).reserved(u64::MAX), 1000 + MAX_LAUNCH_BYTES);
        let large = MAX_LAUNCH_BYTES + 1;
        assert_eq!(needs(1000, large, large).reserved(u64::MAX), 1000 + large);
        assert_eq!(needs(1000, 8, 80).reserved(1010), 1010, "a small device is its own");
    }
}
