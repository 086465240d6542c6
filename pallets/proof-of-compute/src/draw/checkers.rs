//! The lottery of auditors and jurors: who checks a result.

use super::candidates::{Candidates, PROBES, is_taken};
use crate::{
    verdict::{JURY, QUORUM},
    *,
};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use dpin_primitives::{
    AccountId, Balance, TaskId,
    job::{MAX_AUDITORS, MAX_SAMPLES, Samples},
    kernel::Tiling,
    sampling::Draws,
    traits::{JobLedger, TaskBrief, WorkerRegistry},
    worker::Capability,
};
use polkadot_sdk::{
    frame_support::{BoundedVec, weights::Weight},
    sp_runtime::Saturating,
};

impl<T: Config> Pallet<T> {
    /// Draw different workers who have the time, the bond and the device to recompute a part of the
    /// task, as many as there are `places`; `None` if too few are found. Neither the requester nor
    /// anybody who `is_party` is drawn. `candidates` counts whom it came upon.
    fn draw_checkers(
        draws: &mut Draws,
        places: RangeInclusive<u32>,
        bond: Balance,
        brief: &TaskBrief,
        is_party: impl Fn(&AccountId) -> bool,
        candidates: &mut Candidates,
    ) -> Option<Vec<AccountId>> {
        let wanted = *places.end();
        let mut drawn: Vec<AccountId> = Vec::with_capacity(wanted as usize);
        for _ in 0..PROBES.saturating_mul(wanted) {
            if drawn.len() == wanted as usize {
                break;
            }
            let Some(candidate) = T::Workers::draw(None, draws.next_u64()) else { break };
            let Some(stands) = T::Workers::state(&candidate) else { continue };
            if !is_taken(draws, stands.reputation) {
                candidates.passed_over.saturating_inc();
                continue;
            }
            candidates.looked_at.saturating_inc();
            let may_check = candidate != brief.requester
                && !is_party(&candidate)
                && !drawn.contains(&candidate)
                && stands.free_bond >= bond
                && Self::has_room(&stands)
                && Self::device_fits(&stands.capability, brief);
            if may_check {
                drawn.push(candidate);
            }
        }
        places.contains(&(drawn.len() as u32)).then_some(drawn)
    }

    /// Draw the sample and the auditors of a commitment. Returns how many they are, and what filing
    /// the task anew weighed, if it had to be; `None` if too few were found. At the `last` chance
    /// one is enough.
    pub(crate) fn try_draw_auditors(
        task: TaskId,
        state: TaskState,
        last: bool,
        candidates: &mut Candidates,
    ) -> Option<(u32, Weight)> {
        let brief = T::Jobs::brief(task)?;
        let Stage::Committed { run, commitment, .. } = &state.stage else { return None };
        let rules = Self::rules();
        let wanted = brief.audit.auditors.min(MAX_AUDITORS);
        let mut draws = Self::draws(b"dpin/auditors", task, &state);
        let seed = Self::seed(b"dpin/sample", &mut draws);
        let bond = rules.check_bond(run.bond);
        let is_party = |candidate: &AccountId| *candidate == run.worker;
        let least = if last { wanted.min(1) } else { wanted };
        let auditors = Self::draw_checkers(&mut draws, least..=wanted, bond, &brief, is_party, candidates)?;
        let found = auditors.len() as u32;
        let samples = match brief.audit.samples {
            Samples::Count(count) => rules.samples(count.min(MAX_SAMPLES), T::Workers::reputation(&run.worker)),
            Samples::All => MAX_SAMPLES,
        };
        let audit = Audit {
            run: run.clone(),
            commitment: *commitment,
            seed,
            samples,
            auditor_bond: bond,
            auditors: BoundedVec::default(),
        };
        Some((found, Self::start_audit(task, state, audit, auditors, &brief)))
    }

    /// Draw the jury of a dispute, as [`Self::try_draw_auditors`] does the auditors. At the `last`
    /// chance a quorum is enough.
    pub(crate) fn try_draw_jury(
        task: TaskId,
        state: TaskState,
        last: bool,
        candidates: &mut Candidates,
    ) -> Option<(u32, Weight)> {
        let brief = T::Jobs::brief(task)?;
        let Stage::Summoning { case, .. } = &state.stage else { return None };
        let bond = Self::rules().check_bond(case.run().bond);
        let mut draws = Self::draws(b"dpin/jury", task, &state);
        let seed = Self::seed(b"dpin/jury-seed", &mut draws);
        let is_party = |candidate: &AccountId| case.is_party(candidate);
        let least = if last { QUORUM } else { JURY };
        let jurors = Self::draw_checkers(&mut draws, least..=JURY, bond, &brief, is_party, candidates)?;
        let found = jurors.len() as u32;
        let case = case.clone();
        let jury = Jury { seed, bond, jurors: BoundedVec::default() };
        Some((found, Self::start_deliberation(task, state, case, jury, jurors)))
    }

    /// Whether a sample of the task can run on devices that can do this.
    pub(crate) fn device_fits(capability: &Capability, brief: &TaskBrief) -> bool {
        // A sample of single tiles needs all inputs, and else but a fraction of the memory; only a
        // repeated whole task needs it all.
        let memory = match brief.tiling {
            Tiling::Whole { .. } => brief.requires.memory,
            Tiling::PerGroup { .. } => brief.least_memory,
        };
        capability.is_as_precise(&brief.requires) && capability.memory >= memory
    }
}
