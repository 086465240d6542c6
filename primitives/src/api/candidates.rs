//! The workers that could take a task, and the conditions that exclude the others.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Maximum number of workers looked at in one query. If more are registered, an even sample of them
/// is looked at.
pub const MAX_CANDIDATES_SCAN: u32 = 1_000;

/// A condition that a worker must meet to be given a task.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, TypeInfo, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum Condition {
    /// The worker is neither paused nor leaving.
    Active,
    /// The chain draws the worker: canaries have admitted it, bond and reputation are high enough,
    /// and few slashes are pending.
    Drawable,
    /// The worker's account is not the requester's.
    Stranger,
    /// The worker has not tried this task before.
    Untried,
    /// The devices are of the required class.
    Class,
    /// The devices have the required memory.
    Memory,
    /// The devices compute in double precision, if the task requires it.
    Fp64,
    /// The devices compute in single precision as strictly as required.
    Fp32,
    /// The worker's reputation is high enough.
    Reputation,
    /// The worker's region begins with the required characters.
    Region,
    /// The worker is certified, if the task requires it.
    Certified,
    /// The worker's offer accepts the asset of the reward.
    Asset,
    /// The worker's offer accepts the reward.
    Price,
    /// The worker's offer accepts tasks with such a long deadline.
    Deadline,
    /// The worker's offer accepts the kernel.
    Kernel,
    /// The worker's bond covers the bond locked for the task.
    Bond,
}

/// The number of workers that do not meet a condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "UnmetView"))]
pub struct Unmet {
    /// The condition that is not met.
    pub condition: Condition,
    /// Number of workers that do not meet it.
    pub workers: u32,
    /// Number of workers that meet every other condition. Without this one they could take the
    /// task.
    pub alone: u32,
}

/// The registered workers that could take a task.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"))]
pub struct Candidates {
    /// Number of registered workers that were looked at.
    pub workers: u32,
    /// Whether all registered workers were looked at. Otherwise they are an even sample, and all
    /// numbers count workers in that sample.
    pub complete: bool,
    /// Number of workers that meet every condition, busy or not.
    pub eligible: u32,
    /// Number of eligible workers that could take the task now.
    pub free: u32,
    /// The conditions that some workers do not meet, in the order of `Condition`.
    pub unmet: Vec<Unmet>,
    /// Number of workers that could audit the task, busy or not, without the task's own worker.
    pub auditors: u32,
    /// Number of auditors that could do so now.
    pub free_auditors: u32,
}

/// The reason why a task has no worker yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, serde::Serialize, serde::Deserialize)]
#[serde(tag = "name", rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema), schemars(rename = "OutlookView"))]
pub enum Outlook {
    /// A worker that could take the task is free: the next draws assign it.
    Free,
    /// All workers that could take it are busy.
    Busy,
    /// Only workers of the requester's own could take the task, and they never get it.
    OwnWorkersOnly,
    /// No worker meets this condition.
    Unmet {
        /// The condition that no worker meets.
        condition: Condition,
    },
    /// Some workers meet each condition, but none meets all of them.
    UnmetTogether,
    /// No worker is registered.
    NoWorkers,
}

// The form of `Candidates` in JSON.
/// The registered workers that could take a task, with the outlook for the task.
#[cfg(feature = "json")]
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[schemars(rename = "CandidatesView")]
pub struct WithOutlook {
    #[serde(flatten)]
    candidates: Candidates,
    /// The reason why the task has no worker yet. In a quote: the outlook for a task of the job.
    outlook: Outlook,
}

#[cfg(feature = "json")]
impl From<Candidates> for WithOutlook {
    fn from(candidates: Candidates) -> Self {
        Self { outlook: candidates.outlook(), candidates }
    }
}

#[cfg(feature = "json")]
impl From<WithOutlook> for Candidates {
    fn from(outward: WithOutlook) -> Self {
        outward.candidates
    }
}

impl Candidates {
    /// Count a worker that does not meet the conditions `unmet`, each listed once. A worker without
    /// unmet conditions is eligible.
    pub fn count(&mut self, unmet: &[Condition]) {
        self.workers = self.workers.saturating_add(1);
        if unmet.is_empty() {
            self.eligible = self.eligible.saturating_add(1);
        }
        let alone = u32::from(unmet.len() == 1);
        for condition in unmet {
            let place = match self.unmet.binary_search_by_key(condition, |entry| entry.condition) {
                Ok(place) => place,
                Err(place) => {
                    self.unmet.insert(place, Unmet { condition: *condition, workers: 0, alone: 0 });
                    place
                }
            };
            if let Some(entry) = self.unmet.get_mut(place) {
                entry.workers = entry.workers.saturating_add(1);
                entry.alone = entry.alone.saturating_add(alone);
            }
        }
    }

    /// Return the reason why a task with these candidates has no worker yet.
    pub fn outlook(&self) -> Outlook {
        let own = |entry: &Unmet| entry.condition == Condition::Stranger && entry.alone > 0;
        match self {
            Self { workers: 0, .. } => Outlook::NoWorkers,
            Self { free: 1.., .. } => Outlook::Free,
            Self { eligible: 1.., .. } => Outlook::Busy,
            Self { unmet, .. } if unmet.iter().any(own) => Outlook::OwnWorkersOnly,
            Self { unmet, workers, .. } => match unmet.iter().find(|entry| entry.workers == *workers) {
                Some(Unmet { condition, .. }) => Outlook::Unmet { condition: *condition },
                None => Outlook::UnmetTogether,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn counted(workers: &[&[Condition]]) -> Candidates {
        let mut candidates = Candidates::default();
        workers.iter().for_each(|unmet| candidates.count(unmet));
        candidates
    }

    #[test]
    fn every_excluded_worker_is_counted_under_each_condition_it_does_not_meet() {
        use Condition::{Memory, Region};
        let candidates = counted(&[&[Region], &[Memory, Region], &[], &[Memory]]);
        assert_eq!((candidates.workers, candidates.eligible), (4, 1));
        assert_eq!(
            candidates.unmet,
            vec![Unmet { condition: Memory, workers: 2, alone: 1 }, Unmet { condition: Region, workers: 2, alone: 1 },]
        );
    }

    #[test]
    fn the_outlook_names_what_excludes_everybody() {
        use Condition::{Active, Certified, Region, Stranger};
        assert_eq!(counted(&[]).outlook(), Outlook::NoWorkers);
        assert_eq!(counted(&[&[Region], &[Certified, Region]]).outlook(), Outlook::Unmet { condition: Region });
        assert_eq!(counted(&[&[Region], &[Certified]]).outlook(), Outlook::UnmetTogether);
        assert_eq!(counted(&[&[Stranger], &[Certified]]).outlook(), Outlook::OwnWorkersOnly);
        assert_eq!(counted(&[&[Active], &[Active]]).outlook(), Outlook::Unmet { condition: Active });
        assert_eq!(counted(&[&[], &[Certified]]).outlook(), Outlook::Busy);
        assert_eq!(Candidates { free: 1, ..counted(&[&[]]) }.outlook(), Outlook::Free);
    }

    #[cfg(feature = "json")]
    #[test]
    fn candidates_tell_what_excludes_them() {
        let mut candidates = Candidates::default();
        candidates.count(&[Condition::Region]);
        candidates.count(&[Condition::Certified, Condition::Region]);
        let json = serde_json::to_value(WithOutlook::from(candidates)).unwrap();
        assert_eq!(json["outlook"], serde_json::json!({ "name": "unmet", "condition": "region" }));
        assert_eq!(
            json["unmet"],
            serde_json::json!([
                { "condition": "region", "workers": 2, "alone": 1 },
                { "condition": "certified", "workers": 1, "alone": 0 },
            ])
        );
        assert_eq!((&json["workers"], &json["eligible"]), (&serde_json::json!(2), &serde_json::json!(0)));
    }

    proptest! {
        #[test]
        fn who_is_not_eligible_is_excluded_by_something(workers in prop::collection::vec(0u8..8, 0..40)) {
            let conditions = [Condition::Class, Condition::Price, Condition::Bond];
            let mut candidates = Candidates::default();
            for bits in &workers {
                let unmet: Vec<Condition> = (0..3).filter(|at| bits >> at & 1 == 1).map(|at| conditions[at]).collect();
                candidates.count(&unmet);
            }
            let excluded = workers.iter().filter(|bits| **bits > 0).count() as u32;
            prop_assert_eq!(candidates.workers, candidates.eligible + excluded);
            prop_assert!(candidates.unmet.iter().map(|entry| entry.workers).sum::<u32>() >= excluded);
            prop_assert!(candidates.unmet.iter().all(|entry| entry.alone <= entry.workers));
            prop_assert_eq!(excluded == 0, candidates.unmet.is_empty());
        }
    }
}
