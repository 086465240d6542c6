//! Whether a kernel builds, as far as is known. That is a property of the kernel, so that not every
//! task has to find it out again.
//!
//! A kernel is put into quarantine for a class of devices when a second worker of that class
//! reports that it does not build. The quarantine lasts for [`QUARANTINE_BLOCKS`]. Two dishonest
//! workers can cause one too. So a checked result ends it and rules out another for ever. The
//! kernel's owner can also end it, with one call that rules out another for [`VOUCHED_BLOCKS`].

use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{AccountId, BlockNumber, api::Quarantine, reason::ReasonCode, worker::DeviceClass};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// Blocks within which a second worker must confirm that a kernel does not build.
pub const SUSPICION_BLOCKS: BlockNumber = 28_800;
/// Blocks for which a kernel that does not build is in quarantine: a day.
pub const QUARANTINE_BLOCKS: BlockNumber = 28_800;
/// Blocks for which a kernel cannot be put into quarantine after its owner has vouched for it: 30
/// days.
pub const VOUCHED_BLOCKS: BlockNumber = 30 * 28_800;

/// Number of device classes.
pub(crate) const CLASSES: u32 = DeviceClass::ALL.len() as u32;

/// Whether a kernel builds on devices of a class, as far as is known.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Build {
    /// One worker has reported that it does not build.
    Suspected {
        /// The worker that has reported.
        by: AccountId,
        /// The block of the report.
        at: BlockNumber,
    },
    /// Two workers have reported that it does not build, or the only one that could be asked.
    Quarantined {
        /// The workers that have reported.
        by: BoundedVec<AccountId, ConstU32<2>>,
        /// The last block of the quarantine.
        until: BlockNumber,
        /// The reason that the last of them gave.
        reason: ReasonCode,
    },
    /// A checked result proves that it builds.
    Proved,
    /// The owner of the kernel or governance has vouched that it builds.
    Vouched {
        /// The last block in which the vouching holds.
        until: BlockNumber,
    },
}

/// Whether a kernel builds, by class of devices, as far as is known.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Builds(BoundedVec<(DeviceClass, Build), ConstU32<CLASSES>>);

impl Builds {
    /// Return the record for a class, if there is one.
    pub fn of(&self, class: DeviceClass) -> Option<&Build> {
        self.0.iter().find(|(known, _)| *known == class).map(|(_, build)| build)
    }

    fn set(&mut self, class: DeviceClass, build: Build) {
        match self.0.iter_mut().find(|(known, _)| *known == class) {
            Some((_, known)) => *known = build,
            // The list has room for each class.
            None => drop(self.0.try_push((class, build))),
        }
    }

    /// The quarantines that are in force in block `now`.
    pub fn quarantines(&self, now: BlockNumber) -> impl Iterator<Item = Quarantine> + '_ {
        self.0.iter().filter_map(move |(class, build)| match build {
            Build::Quarantined { until, reason, .. } if now <= *until => {
                Some(Quarantine { class: *class, until: *until, reason: *reason })
            }
            _ => None,
        })
    }

    /// The quarantine that keeps a job for devices of a class from running in block `now`. A job
    /// for any class may be drawn to each, so any quarantine stops it.
    pub fn quarantine(&self, class: Option<DeviceClass>, now: BlockNumber) -> Option<Quarantine> {
        self.quarantines(now).find(|quarantine| class.is_none_or(|class| class == quarantine.class))
    }

    /// Record that a worker has reported a failure. `everybody`: no other worker could be asked.
    /// Returns whether the kernel is in quarantine, and whether that is new.
    pub fn failed(
        &mut self,
        class: DeviceClass,
        by: &AccountId,
        reason: ReasonCode,
        everybody: bool,
        now: BlockNumber,
    ) -> (bool, bool) {
        let before = match self.of(class) {
            Some(Build::Proved) => return (false, false),
            Some(Build::Vouched { until }) if now <= *until => return (false, false),
            Some(Build::Quarantined { until, .. }) if now <= *until => return (true, false),
            Some(Build::Suspected { by: other, at }) if now.saturating_sub(*at) <= SUSPICION_BLOCKS => {
                Some(other.clone()).filter(|other| other != by)
            }
            _ => None,
        };
        if before.is_none() && !everybody {
            self.set(class, Build::Suspected { by: by.clone(), at: now });
            return (false, false);
        }
        let by = BoundedVec::truncate_from(before.into_iter().chain([by.clone()]).collect());
        self.set(class, Build::Quarantined { by, until: now.saturating_add(QUARANTINE_BLOCKS), reason });
        (true, true)
    }

    /// Record that a checked result proves that the kernel builds. Returns the workers that had
    /// reported otherwise, and whether a quarantine is removed.
    pub fn proved(&mut self, class: DeviceClass) -> (alloc::vec::Vec<AccountId>, bool) {
        let wrong = match self.of(class) {
            Some(Build::Suspected { by, .. }) => (alloc::vec![by.clone()], false),
            Some(Build::Quarantined { by, .. }) => (by.to_vec(), true),
            _ => Default::default(),
        };
        self.set(class, Build::Proved);
        wrong
    }

    /// Vouch for every class that is not proved. Returns the classes whose quarantine ends.
    pub fn vouch(&mut self, now: BlockNumber) -> alloc::vec::Vec<DeviceClass> {
        let mut freed = alloc::vec::Vec::new();
        for class in DeviceClass::ALL {
            match self.of(class) {
                Some(Build::Proved) => continue,
                Some(Build::Quarantined { until, .. }) if now <= *until => freed.push(class),
                _ => {}
            }
            self.set(class, Build::Vouched { until: now.saturating_add(VOUCHED_BLOCKS) });
        }
        freed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::Hash;

    const A: AccountId = AccountId::new([1; 32]);
    const B: AccountId = AccountId::new([2; 32]);
    const CPU: DeviceClass = DeviceClass::Cpu;
    const GPU: DeviceClass = DeviceClass::Gpu;

    fn reason() -> ReasonCode {
        ReasonCode::BuildFailed { log: Hash::repeat_byte(7) }
    }

    fn failed(builds: &mut Builds, class: DeviceClass, by: AccountId, now: BlockNumber) -> bool {
        builds.failed(class, &by, reason(), false, now).0
    }

    #[test]
    fn it_takes_two_workers_of_one_class_within_a_time() {
        let mut builds = Builds::default();
        assert!(!failed(&mut builds, CPU, A, 1) && !failed(&mut builds, CPU, A, 2));
        assert!(!failed(&mut builds, GPU, B, 3), "of another class");
        assert!(!failed(&mut builds, CPU, B, 3 + SUSPICION_BLOCKS), "too late");
        assert!(failed(&mut builds, CPU, A, 4 + SUSPICION_BLOCKS));
        let until = 4 + SUSPICION_BLOCKS + QUARANTINE_BLOCKS;
        let quarantine = Quarantine { class: CPU, until, reason: reason() };
        assert_eq!(builds.quarantine(Some(CPU), until), Some(quarantine.clone()));
        assert_eq!(builds.quarantine(None, until), Some(quarantine), "any class may be this one");
        assert_eq!(builds.quarantine(Some(GPU), until), None);
        assert_eq!(builds.quarantine(Some(CPU), until + 1), None, "it ends");
        assert!(!failed(&mut builds, CPU, A, until + 1), "and begins anew with one suspicion");
    }

    #[test]
    fn one_is_enough_where_nobody_else_can_be_asked() {
        let mut builds = Builds::default();
        assert_eq!(builds.failed(CPU, &A, reason(), true, 1), (true, true));
        assert_eq!(builds.failed(CPU, &B, reason(), false, 2), (true, false), "known already");
    }

    #[test]
    fn a_checked_result_ends_it_for_ever_and_names_who_was_wrong() {
        let mut builds = Builds::default();
        failed(&mut builds, CPU, A, 1);
        assert!(failed(&mut builds, CPU, B, 2));
        assert_eq!(builds.proved(CPU), (alloc::vec![A, B], true));
        assert_eq!(builds.quarantine(None, 3), None);
        assert!(!failed(&mut builds, CPU, A, 4) && !failed(&mut builds, CPU, B, 5));
        assert_eq!(builds.proved(CPU), (alloc::vec![], false));
        assert_eq!(builds.proved(GPU), (alloc::vec![], false));
    }

    #[test]
    fn who_vouches_has_peace_for_a_time() {
        let mut builds = Builds::default();
        failed(&mut builds, CPU, A, 1);
        assert!(failed(&mut builds, CPU, B, 2));
        assert_eq!(builds.vouch(3), [CPU]);
        assert_eq!(builds.quarantine(None, 3), None);
        assert!(!failed(&mut builds, CPU, A, 4) && !failed(&mut builds, CPU, B, 3 + VOUCHED_BLOCKS));
        let later = 4 + VOUCHED_BLOCKS;
        assert!(!failed(&mut builds, CPU, A, later) && failed(&mut builds, CPU, B, later));
        builds.proved(GPU);
        builds.vouch(later);
        assert_eq!(builds.of(GPU), Some(&Build::Proved), "what is proved stays so");
    }
}
