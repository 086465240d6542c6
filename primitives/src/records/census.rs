//! A census of workers: how many meet the requirements of a task, without a loop over workers.
//!
//! Workers are counted in 768 cells by class, memory, double precision, certificate and reputation.
//! Memory has 16 steps, the powers of two from 2^28 to 2^43 bytes, and reputation four quarters.
//! Regions and single precision have counters of their own.
//!
//! A requirement that lies inside a step splits the cells of that step. The answer is therefore a
//! range: [`Count::least`] workers meet it for certain, and at most [`Count::most`]. Whether nobody
//! meets a requirement is a question for `most`. Whether there are enough for a panel is a question
//! for `least`.

use crate::{
    job::Requirements,
    worker::{Capability, DeviceClass, Fp32, Region},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::Perbill;
use scale_info::TypeInfo;

/// Number of device classes.
const CLASSES: usize = DeviceClass::ALL.len();
/// Number of steps of memory.
const MEMORY_STEPS: usize = 16;
/// Exponent of the first step of memory. It also holds all devices with less.
const FIRST_EXPONENT: u32 = 28;
/// Number of steps of reputation.
const REPUTATION_STEPS: usize = 4;
/// Number of cells.
const CELLS: usize = CLASSES * MEMORY_STEPS * 2 * 2 * REPUTATION_STEPS;
/// The alphabet of geohash.
const GEOHASH: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// The properties of a worker that the census counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Features {
    /// The class of all its devices.
    pub class: DeviceClass,
    /// The capability that all its devices have in common.
    pub capability: Capability,
    /// Whether the worker is certified.
    pub certified: bool,
    /// The reputation of the worker.
    pub reputation: Perbill,
    /// The region in which the worker says it is.
    pub region: Region,
}

/// The number of workers that meet a requirement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// At least this many.
    pub least: u32,
    /// At most this many.
    pub most: u32,
}

/// Counts of workers by their properties. About 3.5 KiB when encoded.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Census {
    cells: [u32; CELLS],
    /// By class, and by the properties in single precision.
    fp32: [[u32; 4]; CLASSES],
    /// By class, and by the first character of the region. A worker without a region is in none.
    regions: [[u32; 32]; CLASSES],
}

impl Default for Census {
    fn default() -> Self {
        Self { cells: [0; CELLS], fp32: [[0; 4]; CLASSES], regions: [[0; 32]; CLASSES] }
    }
}

/// A cell of the census.
#[derive(Clone, Copy)]
struct Cell {
    class: usize,
    memory: usize,
    fp64: bool,
    certified: bool,
    reputation: usize,
}

impl Cell {
    fn of(worker: &Features) -> Self {
        Self {
            class: class_index(worker.class),
            memory: memory_step(worker.capability.memory),
            fp64: worker.capability.fp64,
            certified: worker.certified,
            reputation: reputation_step(worker.reputation),
        }
    }

    /// The position of the cell. Below [`CELLS`].
    fn index(&self) -> usize {
        [(self.memory, MEMORY_STEPS), (self.fp64.into(), 2), (self.certified.into(), 2), (self.reputation, 4)]
            .into_iter()
            .fold(self.class, |index, (digit, base)| index.saturating_mul(base).saturating_add(digit))
    }

    /// All cells of a class.
    fn all(class: usize) -> impl Iterator<Item = Self> {
        let flags = [(false, false), (false, true), (true, false), (true, true)];
        (0..MEMORY_STEPS).flat_map(move |memory| {
            flags.into_iter().flat_map(move |(fp64, certified)| {
                (0..REPUTATION_STEPS).map(move |reputation| Self { class, memory, fp64, certified, reputation })
            })
        })
    }

    /// Whether all workers of the cell meet the requirements that cells count, or some may.
    fn meets(&self, requires: &Requirements) -> (bool, bool) {
        let flags = (self.fp64 || !requires.fp64) && (self.certified || !requires.certified);
        let all =
            memory_floor(self.memory) >= requires.memory && reputation_floor(self.reputation) >= requires.reputation;
        let some =
            self.memory >= memory_step(requires.memory) && self.reputation >= reputation_step(requires.reputation);
        (flags && all, flags && some)
    }
}

fn class_index(class: DeviceClass) -> usize {
    match class {
        DeviceClass::Gpu => 0,
        DeviceClass::Cpu => 1,
        DeviceClass::Accelerator => 2,
    }
}

fn memory_step(memory: u64) -> usize {
    let exponent = memory.checked_ilog2().unwrap_or(0).saturating_sub(FIRST_EXPONENT);
    (exponent as usize).min(MEMORY_STEPS.saturating_sub(1))
}

/// The least memory of a step, in bytes.
fn memory_floor(step: usize) -> u64 {
    if step == 0 { 0 } else { 1 << FIRST_EXPONENT.saturating_add(step as u32).min(63) }
}

fn reputation_step(reputation: Perbill) -> usize {
    let quarters = (1..REPUTATION_STEPS).filter(|step| reputation >= reputation_floor(*step));
    quarters.count()
}

/// The least reputation of a step.
fn reputation_floor(step: usize) -> Perbill {
    Perbill::from_percent((step as u32).saturating_mul(25))
}

fn fp32_index(fp32: &Fp32) -> usize {
    usize::from(fp32.denormals) | usize::from(fp32.rounded_division) << 1
}

fn region_index(region: &Region) -> Option<usize> {
    let first = region.first()?;
    GEOHASH.iter().position(|letter| letter == first)
}

impl Census {
    /// Count a worker. Returns `false` and changes nothing if a counter is at its end.
    pub fn add(&mut self, worker: &Features) -> bool {
        self.change(worker, |count| count.checked_add(1))
    }

    /// Count a worker no longer. Returns `false` and changes nothing if it was not counted like
    /// this.
    pub fn remove(&mut self, worker: &Features) -> bool {
        self.change(worker, |count| count.checked_sub(1))
    }

    fn change(&mut self, worker: &Features, step: impl Fn(u32) -> Option<u32>) -> bool {
        let cell = Cell::of(worker);
        let counters = [
            self.cells.get_mut(cell.index()),
            self.fp32.get_mut(cell.class).and_then(|row| row.get_mut(fp32_index(&worker.capability.fp32))),
            region_index(&worker.region)
                .and_then(|letter| self.regions.get_mut(cell.class).and_then(|row| row.get_mut(letter))),
        ];
        let counters = counters.into_iter().flatten();
        let changed: Option<alloc::vec::Vec<_>> =
            counters.map(|counter| step(*counter).map(|next| (counter, next))).collect();
        let Some(changed) = changed else { return false };
        changed.into_iter().for_each(|(counter, next)| *counter = next);
        true
    }

    /// Return how many of the counted workers meet `requires`.
    ///
    /// The range is a single number if the memory is a power of two from 2^29 to 2^43 or 0, the
    /// reputation is a multiple of a quarter below one, and neither a region nor properties in
    /// single precision are required.
    pub fn eligible(&self, requires: &Requirements) -> Count {
        let classes = DeviceClass::ALL.into_iter().filter(|class| requires.class.is_none_or(|named| named == *class));
        classes.map(|class| self.eligible_of(class_index(class), requires)).fold(Count::default(), |sum, count| Count {
            least: sum.least.saturating_add(count.least),
            most: sum.most.saturating_add(count.most),
        })
    }

    fn eligible_of(&self, class: usize, requires: &Requirements) -> Count {
        let (mut count, mut total) = (Count::default(), 0u32);
        for cell in Cell::all(class) {
            let workers = self.cells.get(cell.index()).copied().unwrap_or_default();
            let (all, some) = cell.meets(requires);
            total = total.saturating_add(workers);
            count.least = count.least.saturating_add(if all { workers } else { 0 });
            count.most = count.most.saturating_add(if some { workers } else { 0 });
        }
        if requires.fp32 != Fp32::default() {
            count = count.and(self.precise(class, &requires.fp32), total);
        }
        if !requires.region.is_empty() {
            count = count.and(self.inside(class, &requires.region), total);
        }
        count
    }

    /// Count the workers of a class with all of these properties.
    fn precise(&self, class: usize, required: &Fp32) -> Count {
        let required = fp32_index(required);
        let counters = self.fp32.get(class).into_iter().flatten().enumerate();
        let having = counters.filter(|(index, _)| index & required == required);
        let number = having.fold(0u32, |sum, (_, count)| sum.saturating_add(*count));
        Count { least: number, most: number }
    }

    /// Count the workers of a class in a region. Only the first character is counted.
    fn inside(&self, class: usize, region: &Region) -> Count {
        let letter = region_index(region);
        let counter = letter.and_then(|letter| self.regions.get(class).and_then(|row| row.get(letter)));
        let number = counter.copied().unwrap_or_default();
        Count { least: if region.len() == 1 { number } else { 0 }, most: number }
    }
}

impl Count {
    /// Bound the number of workers that have both of two properties, out of `total` workers.
    ///
    /// |A ∩ B| ≥ |A| + |B| − total (C. E. Bonferroni, 1936).
    fn and(self, other: Self, total: u32) -> Self {
        let least = u64::from(self.least).saturating_add(other.least.into()).saturating_sub(total.into());
        Self { least: u32::try_from(least).unwrap_or(u32::MAX), most: self.most.min(other.most) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn memory() -> impl Strategy<Value = u64> {
        prop_oneof![
            Just(0),
            Just(u64::MAX),
            0u64..1 << 30,
            (20u32..64).prop_map(|exponent| 1 << exponent),
            any::<u64>()
        ]
    }

    fn region() -> impl Strategy<Value = Region> {
        let letters = prop::sample::select(&b"0z9b"[..]);
        prop::collection::vec(letters, 0..3).prop_map(|letters| letters.try_into().unwrap())
    }

    fn reputation() -> impl Strategy<Value = Perbill> {
        prop_oneof![
            (0u32..=4).prop_map(|quarters| Perbill::from_percent(25 * quarters)),
            (0u32..=1_000_000_000).prop_map(Perbill::from_parts)
        ]
    }

    fn class() -> impl Strategy<Value = DeviceClass> {
        prop::sample::select(&DeviceClass::ALL[..])
    }

    prop_compose! {
        fn worker()(
            class in class(), memory in memory(), flags: [bool; 4], reputation in reputation(), region in region()
        ) -> Features {
            let [fp64, denormals, rounded_division, certified] = flags;
            let capability = Capability { memory, fp64, fp32: Fp32 { denormals, rounded_division } };
            Features { class, capability, certified, reputation, region }
        }
    }

    prop_compose! {
        fn requirements()(
            class in prop::option::of(class()), memory in memory(), flags: [bool; 4], reputation in reputation(),
            region in region()
        ) -> Requirements {
            let [fp64, denormals, rounded_division, certified] = flags;
            let fp32 = Fp32 { denormals, rounded_division };
            Requirements { memory, fp64, class, region, fp32, reputation, certified }
        }
    }

    /// The rule itself, for one worker.
    fn meets(worker: &Features, requires: &Requirements) -> bool {
        requires.class.is_none_or(|class| class == worker.class)
            && worker.capability.memory >= requires.memory
            && worker.capability.is_as_precise(requires)
            && (worker.certified || !requires.certified)
            && worker.reputation >= requires.reputation
            && worker.region.starts_with(&requires.region)
    }

    fn count(workers: &[Features], requires: &Requirements) -> u32 {
        workers.iter().filter(|worker| meets(worker, requires)).count() as u32
    }

    fn census(workers: &[Features]) -> Census {
        let mut census = Census::default();
        assert!(workers.iter().all(|worker| census.add(worker)));
        census
    }

    #[test]
    fn every_cell_has_its_own_place() {
        let mut places: Vec<usize> = (0..CLASSES).flat_map(Cell::all).map(|cell| cell.index()).collect();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..CELLS));
        assert_eq!((CELLS, Census::max_encoded_len()), (768, 4 * (768 + 12 + 96)));
    }

    #[test]
    fn steps_begin_at_powers_of_two() {
        let steps = [0, 1 << 28, (1 << 29) - 1, 1 << 29, (1 << 30) - 1, 1 << 43, u64::MAX].map(memory_step);
        assert_eq!(steps, [0, 0, 0, 1, 1, 15, 15]);
        assert!((0..MEMORY_STEPS).all(|step| memory_step(memory_floor(step)) == step));
        assert!((0..REPUTATION_STEPS).all(|step| reputation_step(reputation_floor(step)) == step));
    }

    #[test]
    fn a_requirement_that_nobody_meets_is_known() {
        let gpu = Features {
            class: DeviceClass::Gpu,
            capability: Capability { memory: 8 << 30, fp64: false, fp32: Fp32::default() },
            certified: false,
            reputation: Perbill::from_percent(50),
            region: b"u4".to_vec().try_into().unwrap(),
        };
        let census = census(&[gpu]);
        let none = Requirements::default();
        assert_eq!(census.eligible(&none), Count { least: 1, most: 1 });
        for impossible in [
            Requirements { memory: 16 << 30, ..none.clone() },
            Requirements { fp64: true, ..none.clone() },
            Requirements { class: Some(DeviceClass::Cpu), ..none.clone() },
            Requirements { certified: true, ..none.clone() },
            Requirements { reputation: Perbill::from_percent(75), ..none.clone() },
            Requirements { fp32: Fp32::ALL, ..none.clone() },
            Requirements { region: b"9".to_vec().try_into().unwrap(), ..none.clone() },
        ] {
            assert_eq!(census.eligible(&impossible), Count::default(), "{impossible:?}");
        }
        let inside = Requirements { memory: 9 << 30, ..none };
        assert_eq!(census.eligible(&inside), Count { least: 0, most: 1 }, "9 GiB lie inside a step");
    }

    proptest! {
        #[test]
        fn the_count_of_a_list_lies_in_the_range(
            workers in prop::collection::vec(worker(), 0..60), requires in requirements()
        ) {
            let (range, exact) = (census(&workers).eligible(&requires), count(&workers, &requires));
            prop_assert!((range.least..=range.most).contains(&exact), "{range:?} {exact}");
        }

        #[test]
        fn at_the_steps_the_count_is_exact(
            workers in prop::collection::vec(worker(), 0..60), requires in requirements(), memory in 0usize..16,
            reputation in 0usize..4
        ) {
            let requires = Requirements {
                memory: memory_floor(memory),
                reputation: reputation_floor(reputation),
                region: Region::default(),
                fp32: Fp32::default(),
                ..requires
            };
            let exact = count(&workers, &requires);
            prop_assert_eq!(census(&workers).eligible(&requires), Count { least: exact, most: exact });
        }

        #[test]
        fn who_leaves_is_not_counted(workers in prop::collection::vec(worker(), 1..30), stay in 0usize..30) {
            let stay = stay.min(workers.len());
            let mut both = census(&workers);
            prop_assert!(workers[stay..].iter().all(|worker| both.remove(worker)));
            prop_assert_eq!(&both, &census(&workers[..stay]));
            let mut empty = Census::default();
            prop_assert!(!empty.remove(&workers[0]));
            prop_assert_eq!(empty, Census::default(), "nothing is changed by halves");
        }
    }
}
