//! The chosen devices of an executor, and whether they are present.
//!
//! A chosen device keeps its seat while the executor lives. The executor looks for a lost device at
//! growing intervals, and identifies it by its key, at any place in OpenCL's list. No other device
//! takes its seat, because the worker's registration names the devices it was drawn for.

use super::{
    choice::Choice,
    entry::{DeviceEntry, DeviceKey},
};
use codec::{Decode, Encode};
use dpin_primitives::worker::DeviceClass;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// First pause before the executor looks for a lost device.
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause between two looks for a lost device.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The chosen devices and the option that chose them. Stored in the data directory, so that the
/// next start uses the same devices.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct ChosenDevices {
    /// The value of the option.
    pub choice: String,
    /// The devices.
    pub devices: Vec<ChosenDevice>,
}

/// A chosen device, as it is stored.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct ChosenDevice {
    class: DeviceClass,
    platform: String,
    vendor: String,
    model: String,
    place: String,
}

impl ChosenDevice {
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

impl fmt::Display for ChosenDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.model, self.platform, self.place)
    }
}

/// A seat with its chosen device.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
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
    pub(crate) fn is_here(&self) -> bool {
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
pub(crate) enum Change {
    /// A device has taken this seat.
    Found(usize),
    /// The device at this seat is lost.
    Lost(usize),
    /// The device at this seat is back.
    Back(usize),
}

/// The chosen devices.
#[derive(Debug)]
pub(crate) struct Fleet {
    choice: Choice,
    /// The devices that were chosen, now or at an earlier start. Once all are, no other device
    /// takes their place.
    kept: Vec<ChosenDevice>,
    seats: Vec<Seat>,
    /// When to look for devices again while a seat is not taken.
    look_at: Option<Instant>,
    pause: Duration,
}

impl Fleet {
    /// A fleet for `choice`. The devices in `kept` were chosen by the same choice before.
    pub(crate) fn new(choice: Choice, kept: Vec<ChosenDevice>) -> Self {
        Self { choice, kept, seats: Vec::new(), look_at: None, pause: MIN_PAUSE }
    }

    /// The chosen devices, to be stored.
    pub(crate) fn chosen(&self) -> ChosenDevices {
        ChosenDevices { choice: self.choice.to_string(), devices: self.kept.clone() }
    }

    /// The devices that were chosen at an earlier start and not found since.
    pub(crate) fn awaited(&self) -> Vec<&ChosenDevice> {
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
            (choice, _) => choice.choose_from(found),
        }
    }

    /// The seats that are taken.
    pub(crate) fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The devices that are present, with the indices of their seats.
    pub(crate) fn here(&self) -> impl Iterator<Item = (usize, &Seat)> {
        self.seats.iter().enumerate().filter(|(_, seat)| seat.is_here())
    }

    /// The device at `seat`, if it is present.
    pub(crate) fn seat(&self, seat: usize) -> Option<&Seat> {
        self.seats.get(seat).filter(|seat| seat.is_here())
    }

    /// The devices among `found` that [`Self::look`] would start to use: new ones, and lost ones
    /// that are due for a look.
    pub(crate) fn unproven<'a>(&self, found: &'a [DeviceEntry], now: Instant) -> Vec<&'a DeviceEntry> {
        let seat = |entry: &DeviceEntry| self.seats.iter().find(|seat| seat.key == entry.key());
        let chosen = self.candidates(found).into_iter().map(|(_, entry)| entry);
        let new =
            chosen.filter(|entry| seat(entry).is_none()).take(self.choice.most().saturating_sub(self.seats.len()));
        let due = |seat: &Seat| seat.look_at.is_some_and(|look_at| look_at <= now);
        let back = found.iter().filter(|entry| seat(entry).is_some_and(due));
        new.chain(back).filter(|entry| entry.available).collect()
    }

    /// Update the seats to the devices `found`, and return the changes.
    pub(crate) fn look(&mut self, found: &[DeviceEntry], now: Instant) -> Vec<Change> {
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
            let (own, own_list) = (ChosenDevice::of(entry), std::slice::from_ref(entry));
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
    pub(crate) fn lose(&mut self, seat: usize, now: Instant) -> bool {
        let Some(seat) = self.seats.get_mut(seat).filter(|seat| seat.is_here()) else { return false };
        seat.lose(now);
        true
    }

    /// Note that the device at `seat` has completed a run: after its next loss the pauses start
    /// short again.
    pub(crate) fn worked(&mut self, seat: usize) {
        if let Some(seat) = self.seats.get_mut(seat) {
            seat.pause = MIN_PAUSE;
        }
    }

    /// When to look for devices next; `None` if all are present.
    pub(crate) fn next_look(&self) -> Option<Instant> {
        self.seats.iter().filter_map(|seat| seat.look_at).chain(self.look_at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::entry::tests::entry;

    fn fleet(choice: &str, found: &[DeviceEntry]) -> (Fleet, Instant) {
        let (mut fleet, now) = (Fleet::new(choice.parse().unwrap(), Vec::new()), Instant::now());
        fleet.look(found, now);
        (fleet, now)
    }

    /// The fleet of a later start, with the devices stored by an earlier one.
    fn later(earlier: &Fleet, found: &[DeviceEntry]) -> Fleet {
        let kept = ChosenDevices::decode(&mut earlier.chosen().encode().as_slice()).unwrap();
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
        assert_eq!(fleet.chosen().devices.len(), 2);
        assert_eq!(models(&later(&fleet, &[a, b])), [b"a", b"b"]);
    }

    #[test]
    fn a_kept_device_is_known_by_its_address_and_a_processor_by_being_the_only_one() {
        let card = |model: &str, place: &str| DeviceEntry { place: place.into(), ..entry(DeviceClass::Gpu, model, 0) };
        let (earlier, _) = fleet("auto", &[card("old name", "pci 0000:01:00.0 #0")]);
        let found = [card("other", "pci 0000:02:00.0 #0"), card("new name", "pci 0000:01:00.0 #0")];
        let fleet_of_card = later(&earlier, &found);
        assert_eq!(models(&fleet_of_card), [b"new name"]);
        assert_eq!(fleet_of_card.chosen().devices.len(), 1, "it is the same device under its new name");

        let (earlier, _) = fleet("auto", &[entry(DeviceClass::Cpu, "pthread-old", 0)]);
        assert_eq!(models(&later(&earlier, &[entry(DeviceClass::Cpu, "cpu-new", 0)])), [b"cpu-new"]);
        let two = ["x", "y"].map(|model| entry(DeviceClass::Cpu, model, 0));
        assert_eq!(models(&later(&earlier, &two)), [b""; 0]);
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
}
