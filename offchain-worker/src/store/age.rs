//! The executor's age: the time that executors have run on this data directory. Nobody can set this
//! clock.
//!
//! Every retention time is measured by this clock. The time of day jumps when somebody sets it,
//! when a machine starts with a wrong clock, and when a clock is corrected. An output that is
//! deleted too early can cost a worker its bond. Time during which no executor runs does not count,
//! so files are kept too long rather than too short.

use super::envelope::{self, Kind, Stored};
use codec::DecodeAll;
use parking_lot::{Mutex, MutexGuard};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant, UNIX_EPOCH},
};

/// Name of the file that stores the age.
pub(crate) const AGE_FILE: &str = "age.scale";
/// Version of that file.
const VERSION: u8 = 1;
/// A stamp more than this beyond the age comes from another clock. A killed executor loses less
/// than this of its age.
const SLACK_MS: u64 = 10 * 60 * 1000;

/// The clock of a data directory.
pub(crate) struct Age {
    path: PathBuf,
    /// An age in ms, and the instant at which the clock had it.
    base: Mutex<(u64, Instant)>,
}

impl Age {
    /// Open the clock of the data directory `folder`. If its file is unknown or damaged, the age
    /// starts again at zero.
    ///
    /// # Errors
    ///
    /// If its file exists and cannot be read.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(AGE_FILE);
        let base = match envelope::read(&path, Kind::Age, VERSION)? {
            Stored::Body(body) => u64::decode_all(&mut body.as_slice()).unwrap_or_default(),
            Stored::Missing => 0,
            Stored::Unknown(why) => {
                tracing::warn!(file = %path.display(), why, "the executor's age is unknown and starts at zero; all files are kept longer");
                0
            }
        };
        Ok(Self { path, base: Mutex::new((base, Instant::now())) })
    }

    /// The age in ms.
    pub(crate) fn now(&self) -> u64 {
        let (base, since) = *self.lock();
        base.saturating_add(millis(since.elapsed()))
    }

    /// The age in ms of an entry with this stamp; 0 if the stamp lies in the future.
    pub(crate) fn since(&self, stamp: u64) -> u64 {
        self.now().saturating_sub(stamp)
    }

    /// Advance the clock to a stamp that was found. The last executor was killed before it stored
    /// that age.
    pub(crate) fn has_been(&self, stamp: u64) {
        let now = self.now();
        if stamp > now {
            *self.lock() = (stamp, Instant::now());
        }
    }

    /// Store the age on the disk.
    pub(crate) fn save(&self) -> io::Result<()> {
        envelope::write(&self.path, Kind::Age, VERSION, &self.now())
    }

    /// Stamp a file with the present age, stored as its modification time.
    pub(crate) fn stamp(&self, path: &Path) -> io::Result<()> {
        let time = UNIX_EPOCH.checked_add(Duration::from_millis(self.now())).unwrap_or(UNIX_EPOCH);
        File::open(path)?.set_modified(time)
    }

    /// The stamp of a file. A stamp of another clock is replaced by the present age, so that the
    /// file's age is known from now on.
    pub(crate) fn stamp_of(&self, path: &Path) -> io::Result<u64> {
        let modified = fs::metadata(path)?.modified()?;
        let stamp = modified.duration_since(UNIX_EPOCH).map_or(0, millis);
        let now = self.now();
        if stamp <= now {
            return Ok(stamp);
        }
        if stamp > now.saturating_add(SLACK_MS) {
            self.stamp(path)?;
        }
        Ok(now)
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Instant)> {
        self.base.lock()
    }

    /// Advance the clock, for tests.
    #[cfg(test)]
    pub(crate) fn pass(&self, time: Duration) {
        let mut base = self.lock();
        base.0 = base.0.saturating_add(millis(time));
    }
}

/// A duration in whole ms.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn the_age_outlives_a_restart_and_counts_no_time_between() {
        let folder = tempfile::tempdir().unwrap();
        let age = Age::open(folder.path()).unwrap();
        age.pass(DAY);
        age.save().unwrap();
        let saved = age.now();
        let again = Age::open(folder.path()).unwrap();
        assert!(again.now() >= millis(DAY) && again.now() < saved + 60_000);
        again.has_been(saved + 5);
        assert!(again.now() >= saved + 5);
    }

    #[test]
    fn a_damaged_age_begins_anew_and_goes_on_behind_every_stamp() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(AGE_FILE), b"nonsense").unwrap();
        let age = Age::open(folder.path()).unwrap();
        assert!(age.now() < 60_000);
        age.has_been(millis(DAY));
        assert_eq!(age.since(millis(DAY)) / 60_000, 0);
    }

    #[test]
    fn a_file_of_another_clock_is_as_old_as_its_first_look() {
        let folder = tempfile::tempdir().unwrap();
        let (age, path) = (Age::open(folder.path()).unwrap(), folder.path().join("log"));
        std::fs::write(&path, b"x").unwrap();
        // The time of day is greater than any age.
        let stamp = age.stamp_of(&path).unwrap();
        assert!(age.since(stamp) < 60_000);
        age.pass(DAY);
        assert!(age.since(age.stamp_of(&path).unwrap()) >= millis(DAY));
    }
}
