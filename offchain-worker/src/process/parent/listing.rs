//! Lists the devices. A child for each driver lists those of that driver.

use super::{
    crash::signal_name,
    group::END_TIME,
    limits::LOOK_BYTES,
    starter::Starter,
    watch::{Bounds, ChildEnd, WATCH_INTERVAL, Watch},
};
use crate::{
    device::{
        drivers::{self, Driver},
        entry::{DeviceEntry, DeviceKey},
    },
    process::{sandbox::Nodes, wire::Order},
};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How long a look at the drivers waits for an answer before it continues without that driver.
const ANSWER_TIME: Duration = Duration::from_secs(8);
/// Longest time a driver may take to list its devices. A driver that wakes eight sleeping GPUs
/// needs long.
const LOOK_TIME: Duration = Duration::from_secs(60);
/// How often a wait for drivers checks whether the executor is stopping.
const STOP_INTERVAL: Duration = Duration::from_millis(100);

/// The devices of this machine, and the problems of their drivers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct DeviceList {
    /// The devices, each once.
    pub devices: Vec<DeviceEntry>,
    /// Descriptions of problems, each with the driver's file.
    pub problems: Vec<String>,
}

/// The devices that a driver lists.
#[derive(Clone, Debug)]
struct DriverListing {
    driver: Driver,
    devices: Vec<DeviceEntry>,
    /// The problem of the driver, if it has one.
    problem: Option<String>,
}

/// The devices that a driver lists, or the reason why it lists none.
type Listed = Result<Vec<DeviceEntry>, String>;
/// A driver with its answer.
type DriverAnswer = (Driver, Listed);

/// Looks at drivers. Each has its own thread, so that a driver that hangs does not keep the others
/// from being listed.
struct Looks {
    answers: (Sender<DriverAnswer>, Receiver<DriverAnswer>),
    /// Drivers that have not answered yet.
    asked: HashSet<Driver>,
}

/// The devices that drivers listed last.
pub(super) struct Listing {
    /// Most bytes of a device's memory that runs may use, if the operator set a limit.
    memory_limit: Option<u64>,
    known: Mutex<Vec<DriverListing>>,
    looks: Mutex<Looks>,
    /// Set to end the looks at drivers that are under way.
    ending: Arc<AtomicBool>,
}

impl Listing {
    /// An empty list.
    pub(super) fn new(memory_limit: Option<u64>) -> Self {
        let looks = Mutex::new(Looks { answers: channel(), asked: HashSet::new() });
        Self { memory_limit, known: Mutex::default(), looks, ending: Arc::default() }
    }

    /// List the devices with children of `starter`, until `stop` is set. A driver that does not
    /// answer in time keeps the devices it listed before; its answer counts at the next look.
    pub(super) fn discover(&self, starter: &Starter, stop: &AtomicBool) -> DeviceList {
        let drivers = drivers::registered();
        let mut looks = self.looks.lock();
        let awaited = self.ask(&mut looks, starter, &drivers);
        let answers = self.receive(&mut looks, awaited, stop);
        if stop.load(Ordering::Relaxed) {
            self.ending.store(true, Ordering::Relaxed);
        }
        drop(looks);
        let mut known = self.known.lock();
        *known = with_answers(&known, drivers, answers);
        without_duplicates(&mut known)
    }

    /// Ask the drivers that owe no answer from an earlier look. Returns them.
    fn ask(&self, looks: &mut Looks, starter: &Starter, drivers: &[Driver]) -> HashSet<Driver> {
        let mut awaited = HashSet::new();
        for driver in drivers {
            if looks.asked.contains(driver) {
                continue;
            }
            match self.look_at(starter, driver, looks.answers.0.clone()) {
                Ok(()) => {
                    looks.asked.insert(driver.clone());
                    awaited.insert(driver.clone());
                }
                Err(error) => tracing::warn!(%error, "no thread could be started to look at a driver"),
            }
        }
        awaited
    }

    /// Start a thread that asks `driver` for its devices.
    fn look_at(&self, starter: &Starter, driver: &Driver, answers: Sender<DriverAnswer>) -> io::Result<()> {
        let (starter, driver, ending) = (starter.clone(), driver.clone(), self.ending.clone());
        thread::Builder::new().name("look".into()).spawn(move || {
            let listed = list(&starter, &driver, &ending);
            // The receiver is gone only if nobody needs the answer.
            let _ = answers.send((driver, listed));
        })?;
        Ok(())
    }

    /// Receive the answers of the `awaited` drivers, and others that have come. Waits until all
    /// have answered, the time is over, or `stop` is set.
    fn receive(&self, looks: &mut Looks, mut awaited: HashSet<Driver>, stop: &AtomicBool) -> HashMap<Driver, Listed> {
        let begun = Instant::now();
        let mut answers = HashMap::new();
        loop {
            let left = ANSWER_TIME.saturating_sub(begun.elapsed());
            let rest = if awaited.is_empty() || left.is_zero() { Duration::ZERO } else { left.min(STOP_INTERVAL) };
            match looks.answers.1.recv_timeout(rest) {
                Ok((driver, answer)) => {
                    looks.asked.remove(&driver);
                    awaited.remove(&driver);
                    let limited = |entry: DeviceEntry| entry.with_limit(self.memory_limit);
                    answers.insert(driver, answer.map(|devices| devices.into_iter().map(limited).collect()));
                }
                Err(_) if rest.is_zero() => break,
                Err(_) if stop.load(Ordering::Relaxed) => break,
                Err(_) => (),
            }
        }
        answers
    }

    /// A known device with its driver.
    pub(super) fn entry_with_driver(&self, device: &DeviceKey) -> Option<(DeviceEntry, Driver)> {
        self.known.lock().iter().find_map(|listing| {
            let entry = listing.devices.iter().find(|entry| entry.key() == *device)?;
            Some((entry.clone(), listing.driver.clone()))
        })
    }

    /// A known device.
    pub(super) fn entry(&self, device: &DeviceKey) -> Option<DeviceEntry> {
        self.entry_with_driver(device).map(|(entry, _)| entry)
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        let looks = self.looks.get_mut();
        let begun = Instant::now();
        while !looks.asked.is_empty() && begun.elapsed() < END_TIME {
            if let Ok((driver, _)) = looks.answers.1.recv_timeout(WATCH_INTERVAL) {
                looks.asked.remove(&driver);
            }
        }
    }
}

/// List the devices of `driver` in a child.
fn list(starter: &Starter, driver: &Driver, stop: &AtomicBool) -> Listed {
    let started = starter.start(Nodes::All, 0, Some(driver));
    let mut resident = started.map_err(|error| format!("no child starts: {error}"))?;
    let begun = Instant::now();
    let watch = Watch { limit: &|| LOOK_TIME, stop, on_message: &mut |_| () };
    let bounds = Bounds { most_bytes: LOOK_BYTES, native: false };
    match resident.group.watch(&Order::Discover, begun, &mut None, watch, bounds) {
        ChildEnd::Devices(devices) => Ok(devices),
        ChildEnd::Died { signal: Some(signal), .. } => {
            Err(format!("it crashed with signal {signal} ({})", signal_name(signal)))
        }
        _ if begun.elapsed() >= LOOK_TIME => Err(format!("it has not answered within {} s", LOOK_TIME.as_secs())),
        other => Err(other.failure()),
    }
}

/// The devices of `drivers`, given their `answers` and what was `known` before.
fn with_answers(
    known: &[DriverListing],
    drivers: Vec<Driver>,
    mut answers: HashMap<Driver, Listed>,
) -> Vec<DriverListing> {
    let listing_of = |driver: Driver| {
        // A driver that does not answer keeps the devices it listed before.
        let before = known.iter().find(|listing| listing.driver == driver).map(|listing| listing.devices.clone());
        let (devices, wrong) = match answers.remove(&driver) {
            Some(Ok(devices)) if devices.is_empty() && driver.is_registered() => {
                (devices, Some("lists no device".into()))
            }
            Some(Ok(devices)) => (devices, None),
            Some(Err(why)) => {
                (before.unwrap_or_default(), Some(format!("is skipped: {}", why.trim().replace('\n', " "))))
            }
            None => {
                let why = format!("is skipped for now: it has not answered within {} s", ANSWER_TIME.as_secs());
                (before.unwrap_or_default(), Some(why))
            }
        };
        let problem = wrong.map(|wrong| format!("driver {} {wrong}", driver.name()));
        DriverListing { driver, devices, problem }
    };
    drivers.into_iter().map(listing_of).collect()
}

/// The devices that drivers list, each once, and the problems of drivers. If several drivers list
/// the same device, one of them keeps it.
fn without_duplicates(listings: &mut [DriverListing]) -> DeviceList {
    let mut found: Vec<(usize, DeviceEntry)> = Vec::new();
    let mut problems: Vec<String> = listings.iter().filter_map(|listing| listing.problem.clone()).collect();
    for (place, listing) in listings.iter().enumerate() {
        for entry in &listing.devices {
            let same = found.iter_mut().find(|(other, known)| *other != place && known.is_same_device(entry));
            let Some(same) = same else {
                found.push((place, entry.clone()));
                continue;
            };
            let replaces = same.1.is_of_a_general_driver() && !entry.is_of_a_general_driver();
            let (kept, left) = if replaces { (place, same.0) } else { (same.0, place) };
            if replaces {
                *same = (place, entry.clone());
            }
            let name = |place: usize| listings.get(place).map(|listing| listing.driver.name()).unwrap_or_default();
            let model = String::from_utf8_lossy(&entry.device.model);
            problems.push(format!("{model} of driver {} is the device that driver {} lists", name(left), name(kept)));
        }
    }
    // A child gets the driver that keeps the device.
    for (place, listing) in listings.iter_mut().enumerate() {
        listing
            .devices
            .retain(|entry| found.iter().any(|(keeper, kept)| *keeper == place && kept.key() == entry.key()));
    }
    DeviceList { devices: found.into_iter().map(|(_, entry)| entry).collect(), problems }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::entry::tests::entry;
    use dpin_primitives::worker::DeviceClass;
    use std::fs;

    fn driver(file: &str) -> Driver {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        fs::write(&path, format!("lib{file}.so")).unwrap();
        drivers::read(path).unwrap()
    }

    fn models(found: &DeviceList) -> Vec<&[u8]> {
        found.devices.iter().map(|entry| entry.device.model.as_slice()).collect()
    }

    fn look(known: &mut Vec<DriverListing>, answers: &[(&Driver, Result<&[DeviceEntry], &str>)]) -> DeviceList {
        let drivers = answers.iter().map(|(driver, _)| (*driver).clone()).collect();
        let answers = answers
            .iter()
            .map(|(driver, answer)| ((*driver).clone(), answer.map(<[_]>::to_vec).map_err(ToOwned::to_owned)))
            .collect();
        *known = with_answers(known, drivers, answers);
        without_duplicates(known)
    }

    #[test]
    fn a_list_that_cannot_be_had_loses_no_device() {
        let (good, bad) = (driver("good.icd"), driver("bad.icd"));
        let (a, b) = (entry(DeviceClass::Gpu, "a", 0), entry(DeviceClass::Gpu, "b", 0));
        let (a, b) = ([a], [b]);
        let mut known = Vec::new();
        assert_eq!(models(&look(&mut known, &[(&good, Ok(&a)), (&bad, Ok(&b))])), [b"a", b"b"]);
        let found = look(&mut known, &[(&good, Ok(&a)), (&bad, Err("it crashed"))]);
        assert_eq!(models(&found), [b"a", b"b"]);
        assert!(matches!(found.problems.as_slice(), [one] if one.contains("bad.icd") && one.contains("it crashed")));
        // An answer counts, even an empty one.
        assert_eq!(models(&look(&mut known, &[(&good, Ok(&a)), (&bad, Ok(&[]))])), [b"a"]);
        assert_eq!(models(&look(&mut known, &[(&bad, Ok(&b))])), [b"b"]);
    }

    #[test]
    fn a_device_of_two_drivers_is_one() {
        let at = |model: &str, platform: &str, bus: &str| {
            let mut entry = entry(DeviceClass::Gpu, model, 0);
            (entry.platform, entry.place) = (platform.into(), format!("{bus}#0"));
            entry
        };
        let (mesa, vendor) = (driver("mesa.icd"), driver("vendor.icd"));
        let of_mesa = [at("radeonsi", "rusticl", "pci 0000:03:00.0 "), at("other", "rusticl", "pci 0000:04:00.0 ")];
        let of_vendor = [at("gfx1030", "AMD", "pci 0000:03:00.0 "), at("unplaced", "AMD", "")];
        let mut known = Vec::new();
        let found = look(&mut known, &[(&mesa, Ok(&of_mesa)), (&vendor, Ok(&of_vendor))]);
        assert_eq!(models(&found), [b"gfx1030".as_slice(), b"other", b"unplaced"]);
        assert!(found.problems.iter().any(|problem| problem.contains("mesa.icd") && problem.contains("vendor.icd")));
        // The children of a device see the driver that keeps it.
        assert_eq!(known.iter().map(|listed| listed.devices.len()).collect::<Vec<_>>(), [1, 2]);

        let (one, two) = ([entry(DeviceClass::Cpu, "pthread", 0)], [entry(DeviceClass::Cpu, "Intel", 0)]);
        let found = look(&mut Vec::new(), &[(&mesa, Ok(&one)), (&vendor, Ok(&two))]);
        assert_eq!(models(&found), [b"pthread"], "there is one processor");
        let twice = [at("a", "AMD", "pci 0000:03:00.0 "), at("b", "AMD", "pci 0000:03:00.0 ")];
        assert_eq!(look(&mut Vec::new(), &[(&vendor, Ok(&twice))]).devices.len(), 2, "parts of one card are devices");
    }
}
