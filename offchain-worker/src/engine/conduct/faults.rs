//! Faults that an executor can be built to commit, for tests that need a cheating worker.
//!
//! Only with the feature `fault-injection`, which builds for operators do not have.

use super::Conduct;
use crate::{
    device::{entry::DeviceEntry, fault::ChildFault},
    engine::error::Refused,
    process::parent::ChildEnd,
    store::files::now_ms,
};
use dpin_primitives::{
    Hash, blake2,
    executor::{Opening, RunRequest, RunStatus, Work},
};
use std::{path::PathBuf, str::FromStr};

/// Faults that the executor commits on purpose. The default is none.
///
/// Parsed from a comma-separated list:
///
/// | member | effect |
/// |---|---|
/// | `wrong-tiles:<fraction>` | falsifies this fraction (0 to 1) of the tiles of every whole task |
/// | `target-tile:<index>` | falsifies this tile of every whole task |
/// | `silent:commit` | whole tasks stay [`RunStatus::Running`] forever |
/// | `silent:seal` | samples stay [`RunStatus::Running`] forever |
/// | `silent:opening` | refuses openings with status 503 |
/// | `late:<ms>` | runs stay [`RunStatus::Running`] this long after their end |
/// | `wrong-opening` | falsifies the first leaf of every opening |
/// | `withheld-output` | answers requests for outputs with 404 |
/// | `lazy-auditor` | makes up the leaves of samples and computes nothing |
/// | `lost-devices:<path>` | treats devices as lost whose places are in this file, one per line |
/// | `dead-drivers` | treats a kernel's fault as a lost device, like a broken driver |
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Faults {
    wrong_tiles: f64,
    target_tile: Option<u32>,
    silent_commit: bool,
    silent_seal: bool,
    silent_opening: bool,
    late_ms: u64,
    wrong_opening: bool,
    withheld_output: bool,
    lazy_auditor: bool,
    lost_devices: Option<PathBuf>,
    dead_drivers: bool,
}

/// A fault of unknown name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "unknown fault `{0}`: expected wrong-tiles:<fraction from 0 to 1>, target-tile:<index>, silent:commit, silent:seal, \
     silent:opening, late:<ms>, wrong-opening, withheld-output, lazy-auditor, lost-devices:<path> or dead-drivers"
)]
pub struct UnknownFault(String);

/// Environment variable that names the faults, for example `wrong-tiles:0.1,late:5000`.
pub const VARIABLE: &str = "DPIN_FAULT";

impl Faults {
    /// The faults in the environment variable `DPIN_FAULT`; none if it is not set.
    ///
    /// # Errors
    ///
    /// [`UnknownFault`] with the unknown member.
    pub fn from_env() -> Result<Self, UnknownFault> {
        std::env::var(VARIABLE).map_or(Ok(Self::default()), |text| text.parse())
    }

    /// Whether to falsify tile `index` of run `id`. A repeated run falsifies the same tiles.
    fn spoils(&self, id: &Hash, index: u32) -> bool {
        let seed = [id.as_bytes(), index.to_le_bytes().as_slice()].concat();
        let word = blake2(&seed).as_bytes().first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        self.target_tile == Some(index) || f64::from(word) < self.wrong_tiles * (f64::from(u32::MAX) + 1.0)
    }
}

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let mut faults = Self::default();
        for member in text.split(',') {
            let unknown = || UnknownFault(member.into());
            let (name, value) = member.split_once(':').map_or((member, None), |(name, value)| (name, Some(value)));
            match (name, value) {
                ("wrong-tiles", Some(fraction)) => {
                    let fraction: f64 = fraction.parse().map_err(|_| unknown())?;
                    if !(0.0..=1.0).contains(&fraction) {
                        return Err(unknown());
                    }
                    faults.wrong_tiles = fraction;
                }
                ("target-tile", Some(index)) => faults.target_tile = Some(index.parse().map_err(|_| unknown())?),
                ("silent", Some("commit")) => faults.silent_commit = true,
                ("silent", Some("seal")) => faults.silent_seal = true,
                ("silent", Some("opening")) => faults.silent_opening = true,
                ("late", Some(ms)) => faults.late_ms = ms.parse().map_err(|_| unknown())?,
                ("wrong-opening", None) => faults.wrong_opening = true,
                ("withheld-output", None) => faults.withheld_output = true,
                ("lazy-auditor", None) => faults.lazy_auditor = true,
                ("dead-drivers", None) => faults.dead_drivers = true,
                ("lost-devices", Some(path)) => faults.lost_devices = Some(path.into()),
                _ => return Err(unknown()),
            }
        }
        Ok(faults)
    }
}

impl Conduct for Faults {
    fn is_honest(&self) -> bool {
        *self == Self::default()
    }

    fn made_up(&self, request: &RunRequest) -> Option<RunStatus> {
        match &request.work {
            Work::Sample(tiles) if self.lazy_auditor => {
                let leaf = |tile: &u32| blake2(&[request.id.as_bytes(), tile.to_le_bytes().as_slice()].concat());
                Some(RunStatus::Sampled(tiles.iter().map(leaf).collect()))
            }
            _ => None,
        }
    }

    fn loses(&self, device: &DeviceEntry) -> bool {
        let lost = self.lost_devices.as_ref().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        lost.lines().any(|place| place == device.place)
    }

    fn misreads(&self, end: &mut ChildEnd) {
        if let ChildEnd::Failed(fault @ ChildFault::Kernel(_)) = end {
            if self.dead_drivers {
                *fault = ChildFault::DeviceLost("its driver does nothing else".into());
            }
        }
    }

    fn before_hashing(&self, id: &Hash, first: u32, tiles: &mut [u8], tile_bytes: usize) {
        for (index, tile) in (first..).zip(tiles.chunks_exact_mut(tile_bytes)) {
            if let Some(byte) = tile.first_mut().filter(|_| self.spoils(id, index)) {
                *byte = !*byte;
            }
        }
    }

    fn conceals(&self, work: &Work, finished_ms: u64) -> bool {
        let silent = match work {
            Work::Task => self.silent_commit,
            Work::Sample(_) => self.silent_seal,
        };
        silent || (self.late_ms > 0 && now_ms() < finished_ms.saturating_add(self.late_ms))
    }

    fn opening(&self, mut opening: Opening) -> Result<Opening, Refused> {
        if self.silent_opening {
            return Err(Refused::Stopping);
        }
        if let Some(byte) =
            opening.leaves.first_mut().filter(|_| self.wrong_opening).and_then(|leaf| leaf.0.first_mut())
        {
            *byte = !*byte;
        }
        Ok(opening)
    }

    fn withholds_outputs(&self) -> bool {
        self.withheld_output
    }
}
