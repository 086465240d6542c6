//! The sweeper: the thread for the periodic work of the engine.

use super::{Engine, lanes::LANE_INTERVAL, state::State};
use crate::device::entry::DeviceEntry;
use dpin_primitives::worker::DeviceClass;
use std::time::{Duration, Instant};

/// How often old files are removed, and how often devices are listed while nothing runs.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// How often the disk and the folders are checked.
const DISK_INTERVAL: Duration = Duration::from_secs(5);
/// How long the engine must be idle before a child is prepared for the next run.
const QUIET_TIME: Duration = Duration::from_millis(500);

/// When the sweeper did its work last.
struct Rounds {
    swept: Instant,
    checked_disk: Instant,
    /// When the engine last changed.
    changed: Instant,
    /// Whether spare children are prepared. False after a failure, until the next sweep.
    prepares: bool,
}

impl Rounds {
    fn new() -> Self {
        let now = Instant::now();
        Self { swept: now, checked_disk: now, changed: now, prepares: true }
    }
}

/// The work that is due.
struct Due {
    /// Whether to list the devices.
    discover: bool,
    /// Whether to remove old files.
    sweep: bool,
    /// The device for which to prepare a spare child.
    prepare: Option<DeviceEntry>,
}

impl Engine {
    /// Do the periodic work, until the executor stops.
    pub(super) fn serve_sweeps(&self) {
        let mut rounds = Rounds::new();
        while let Some(due) = self.next_round(&mut rounds) {
            if self.is_stopping() {
                continue;
            }
            if rounds.checked_disk.elapsed() >= DISK_INTERVAL {
                rounds.checked_disk = Instant::now();
                if self.tend_folders().is_ok() {
                    self.guard_disk();
                }
            }
            if due.discover {
                self.discover();
            } else if let Some(device) = due.prepare
                && let Err(error) = self.children.prepare(&device.key(), device.device.class)
            {
                tracing::warn!(%error, "no child could be prepared");
                rounds.prepares = false;
            }
            if due.sweep {
                self.sweep();
                rounds.swept = Instant::now();
                rounds.prepares = true;
            }
        }
    }

    /// Wait until something changes or is due, and expire the runs that waited too long. Returns
    /// `None` when the executor stops; its spare children are gone then.
    fn next_round(&self, rounds: &mut Rounds) -> Option<Due> {
        let mut state = self.lock();
        if self.is_stopping() {
            self.children.dismiss_spares();
            return None;
        }
        let rest = self.rest(&state, rounds);
        if !self.wake.wait_for(&mut state, rest).timed_out() {
            rounds.changed = Instant::now();
        }
        self.expire_waiting(&mut state);
        let sweep = rounds.swept.elapsed() >= SWEEP_INTERVAL;
        let is_idle = state.running == 0;
        let is_quiet = rounds.prepares && rounds.changed.elapsed() >= QUIET_TIME;
        Some(Due {
            discover: state.fleet.next_look().is_some_and(|look_at| look_at <= Instant::now()) || (sweep && is_idle),
            sweep,
            prepare: self.lacks_spare(&state).filter(|_| is_quiet),
        })
    }

    /// How long the sweeper may rest unless something changes.
    fn rest(&self, state: &State, rounds: &Rounds) -> Duration {
        let sweep = SWEEP_INTERVAL.saturating_sub(rounds.swept.elapsed());
        let mut rest = sweep.min(DISK_INTERVAL.saturating_sub(rounds.checked_disk.elapsed()));
        if !state.queue.is_empty() {
            // Normally the lanes expire waiting runs, but all lanes may be busy.
            rest = rest.min(LANE_INTERVAL);
        }
        if let Some(look_at) = state.fleet.next_look() {
            rest = rest.min(look_at.saturating_duration_since(Instant::now()));
        }
        if rounds.prepares && self.lacks_spare(state).is_some() {
            rest = rest.min(QUIET_TIME.saturating_sub(rounds.changed.elapsed()));
        }
        rest
    }

    /// A present device that has no spare child and should have one. On devices that share the
    /// host's cores, a preparation costs running work more time than it saves later.
    fn lacks_spare(&self, state: &State) -> Option<DeviceEntry> {
        let idle = state.running == 0;
        let ready = |entry: &DeviceEntry| idle || entry.device.class != DeviceClass::Cpu;
        let mut lacking = state.fleet.here().filter(|(_, seat)| self.children.lacks_spare(&seat.key));
        lacking.find(|(_, seat)| ready(&seat.entry)).map(|(_, seat)| seat.entry.clone())
    }
}
