//! The devices an executor works on: which they are, whether they are there, and what fits them.
//!
//! A chosen device keeps its seat for as long as the executor lives. One that is lost is looked for again and again, ever more
//! slowly, and is known again by its key, wherever it then stands in OpenCL's list; nothing else takes its seat, since the worker's
//! registration names the devices it was drawn for.

use crate::wire::{DeviceEntry, DeviceKey};
use dpin_primitives::{
    executor::RunRequest,
    kernel::Param,
    worker::{DeviceClass, MAX_DEVICES},
};
use std::{
    collections::HashSet,
    fmt,
    str::FromStr,
    time::{Duration, Instant},
};

/// First pause before a device that was lost is looked for.
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// Which of a machine's devices to use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// The first of the best class.
    Auto,
    /// All of the best class, as a worker's devices are of one class.
    All,
    /// Those at these places of OpenCL's list.
    Numbers(Vec<u32>),
}

impl Choice {
    /// How many devices it chooses at most.
    pub fn most(&self) -> usize {
        match self {
            Choice::Auto => 1,
            Choice::All => MAX_DEVICES as usize,
            Choice::Numbers(numbers) => numbers.len(),
        }
    }

    /// What it chooses of the devices `found`, with their numbers.
    pub fn of<'a>(&self, found: &'a [DeviceEntry]) -> Vec<(u32, &'a DeviceEntry)> {
        let numbered = (0u32..).zip(found);
        let best = found.iter().map(|entry| preference(entry.device.class)).min();
        match self {
            Choice::Numbers(numbers) => numbered.filter(|(number, _)| numbers.contains(number)).collect(),
            Choice::Auto | Choice::All => {
                numbered.filter(|(_, entry)| Some(preference(entry.device.class)) == best).take(self.most()).collect()
            }
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
        let numbers: Vec<u32> = text
            .split(',')
            .map(|number| number.trim().parse())
            .collect::<Result<_, _>>()
            .map_err(|_| "neither `auto`, `all`, a number nor numbers with commas between them".to_owned())?;
        if numbers.len() > MAX_DEVICES as usize {
            return Err(format!("a worker has at most {MAX_DEVICES} devices"));
        }
        if numbers.iter().collect::<HashSet<_>>().len() != numbers.len() {
            return Err("a device is named twice".into());
        }
        Ok(Choice::Numbers(numbers))
    }
}

/// Lower is better: what `auto` and `all` choose.
fn preference(class: DeviceClass) -> u8 {
    match class {
        DeviceClass::Gpu => 0,
        DeviceClass::Accelerator => 1,
        DeviceClass::Cpu => 2,
    }
}

/// A chosen device.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Its number in OpenCL's list when it was found first.
    pub number: u32,
    /// What is known of it.
    pub entry: DeviceEntry,
    /// By what it is known again.
    pub key: DeviceKey,
    /// When it is looked for again, while it is lost.
    look_at: Option<Instant>,
    /// How long it is not looked for after it is lost next.
    pause: Duration,
}

impl Seat {
    /// Whether the device is there.
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

/// What a look at the devices has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// The seat was taken.
    Found(usize),
    /// The device is gone.
    Lost(usize),
    /// It is back.
    Back(usize),
}

/// The chosen devices.
#[derive(Debug)]
pub struct Fleet {
    choice: Choice,
    seats: Vec<Seat>,
    /// When devices are looked for again while no seat is taken.
    look_at: Option<Instant>,
    pause: Duration,
}

impl Fleet {
    /// What `choice` chooses, of which nothing was found yet.
    pub fn new(choice: Choice) -> Self {
        Self { choice, seats: Vec::new(), look_at: None, pause: MIN_PAUSE }
    }

    /// The seats that are taken.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The devices that are there, with their seats.
    pub fn here(&self) -> impl Iterator<Item = (usize, &Seat)> {
        self.seats.iter().enumerate().filter(|(_, seat)| seat.is_here())
    }

    /// The device at `seat`, if it is there.
    pub fn seat(&self, seat: usize) -> Option<&Seat> {
        self.seats.get(seat).filter(|seat| seat.is_here())
    }

    /// Take note of the devices `found`.
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
        for (number, entry) in self.choice.of(found) {
            let known = self.seats.iter().any(|seat| seat.key == entry.key());
            if known || !entry.available || self.seats.len() >= self.choice.most() {
                continue;
            }
            changes.push(Change::Found(self.seats.len()));
            self.seats.push(Seat { number, entry: entry.clone(), key: entry.key(), look_at: None, pause: MIN_PAUSE });
        }
        self.look_at = self.seats.is_empty().then(|| now + self.pause);
        self.pause = if self.seats.is_empty() { self.pause.saturating_mul(2).min(MAX_PAUSE) } else { MIN_PAUSE };
        changes
    }

    /// The device at `seat` has failed. Whether it was there until now.
    pub fn lose(&mut self, seat: usize, now: Instant) -> bool {
        let Some(seat) = self.seats.get_mut(seat).filter(|seat| seat.is_here()) else { return false };
        seat.lose(now);
        true
    }

    /// The device at `seat` has done its work: when it is lost next, it is looked for soon.
    pub fn worked(&mut self, seat: usize) {
        if let Some(seat) = self.seats.get_mut(seat) {
            seat.pause = MIN_PAUSE;
        }
    }

    /// When devices must be looked for; `None`: all are there.
    pub fn next_look(&self) -> Option<Instant> {
        self.seats.iter().filter_map(|seat| seat.look_at).chain(self.look_at).min()
    }
}

/// What a run needs of a device's memory, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Needs {
    /// All inputs whose sizes are known.
    inputs: u64,
    /// The largest of them.
    largest: u64,
    /// One tile.
    tile: u64,
    /// Local memory of a work-group.
    local: u64,
}

impl Needs {
    /// What `request` needs, whose inputs have the sizes `input_bytes` as far as they are known.
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
        Self { inputs, largest, tile, local: local.fold(0, u64::saturating_add) }
    }

    /// Why a run does not fit the limit of `memory_limit` bytes for the buffers of one run.
    pub fn exceeds(&self, memory_limit: u64) -> Option<String> {
        let Self { inputs, tile, .. } = self;
        (inputs.saturating_add(*tile) > memory_limit).then(|| {
            format!("inputs of {inputs} bytes and a tile of {tile} exceed the limit of {memory_limit} for one run")
        })
    }

    /// Why a run does not fit a device.
    pub fn misfit(&self, entry: &DeviceEntry) -> Option<String> {
        let Self { inputs, largest, tile, local } = self;
        let memory = entry.device.memory;
        if inputs.saturating_add(*tile) > memory {
            return Some(format!("inputs of {inputs} bytes and a tile of {tile} exceed the device's {memory}"));
        }
        let most = entry.max_buffer;
        if largest.max(tile) > &most {
            return Some(format!("a buffer of {} bytes exceeds the device's largest of {most}", largest.max(tile)));
        }
        let most = entry.local_memory;
        (local > &most).then(|| format!("{local} bytes of local memory exceed the device's {most}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::entry;

    fn fleet(choice: &str, found: &[DeviceEntry]) -> (Fleet, Instant) {
        let (mut fleet, now) = (Fleet::new(choice.parse().unwrap()), Instant::now());
        fleet.look(found, now);
        (fleet, now)
    }

    fn numbers(choice: &str, found: &[DeviceEntry]) -> Vec<u32> {
        choice.parse::<Choice>().unwrap().of(found).into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn a_choice_is_a_word_or_distinct_numbers() {
        assert_eq!("0, 2".parse(), Ok(Choice::Numbers(vec![0, 2])));
        for wrong in ["", "gpu", "1,", "-1", "1,1", "0,1,2,3,4,5,6,7,8"] {
            assert!(wrong.parse::<Choice>().is_err(), "{wrong}");
        }
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
    fn what_does_not_fit_is_told_with_its_numbers() {
        let mut device = entry(DeviceClass::Gpu, "g", 0);
        (device.device.memory, device.max_buffer, device.local_memory) = (1000, 500, 100);
        let needs = |inputs, largest, tile, local| Needs { inputs, largest, tile, local };
        assert_eq!(needs(900, 500, 100, 100).misfit(&device), None);
        for (needs, number) in [
            (needs(901, 500, 100, 0), "901"),
            (needs(900, 501, 100, 0), "501"),
            (needs(0, 0, 501, 0), "501"),
            (needs(0, 0, 1, 101), "101"),
            (needs(u64::MAX, u64::MAX, 1, 0), "18446744073709551615"),
        ] {
            assert!(needs.misfit(&device).is_some_and(|why| why.contains(number)), "{needs:?}");
        }
        assert!(needs(900, 500, 100, 0).exceeds(1000).is_none() && needs(900, 500, 101, 0).exceeds(1000).is_some());
    }
}
