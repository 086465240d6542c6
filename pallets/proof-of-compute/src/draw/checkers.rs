//! The lottery of auditors and jurors: who checks a result.

use super::{
    candidates::{Candidates, PROBES, is_taken},
    seed,
};
use crate::{
    flow::Open,
    verdict::{JURY, QUORUM},
    *,
};
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use dpin_primitives::{
    AccountId, Balance,
    job::{MAX_AUDITORS, MAX_SAMPLES, Samples},
    kernel::Tiling,
    sampling::Draws,
    traits::{TaskBrief, WorkerRegistry},
    worker::{Capability, WorkerState},
};
use polkadot_sdk::{
    frame_support::{BoundedVec, weights::Weight},
    sp_runtime::{Perbill, Saturating},
};

impl<T: Config> Open<T> {
    /// Draw the sample and the auditors of a commitment, or the jury of a dispute.
    ///
    /// Returns the number of workers drawn, and the weight spent beyond the draw's; `None` if too
    /// few workers were found. `candidates` counts the candidates. In the last block before the
    /// deadline, one auditor or a quorum of jurors is enough.
    pub(super) fn try_draw(self, candidates: &mut Candidates) -> Option<(u32, Weight)> {
        let last = self.now >= self.state.stage.due();
        match self.state.stage.clone() {
            Stage::Committed { run, commitment, .. } => {
                let wanted = self.brief.audit.auditors.min(MAX_AUDITORS);
                let least = if last { wanted.min(1) } else { wanted };
                let mut draws = self.draws(b"dpin/auditors");
                let seed = seed(b"dpin/sample", &mut draws);
                let auditor_bond = self.rules.check_bond(run.bond);
                let drawn = self.draw_checkers(&mut draws, least..=wanted, auditor_bond, candidates)?;
                let samples = self.sample_size(&run.worker);
                let auditors = BoundedVec::default();
                let audit = Audit { run, commitment, seed, samples, auditor_bond, auditors };
                Some((drawn.len() as u32, self.start_audit(audit, drawn)))
            }
            Stage::Summoning { case, .. } => {
                let least = if last { QUORUM } else { JURY };
                let mut draws = self.draws(b"dpin/jury");
                let seed = seed(b"dpin/jury-seed", &mut draws);
                let bond = self.rules.check_bond(case.run().bond);
                let drawn = self.draw_checkers(&mut draws, least..=JURY, bond, candidates)?;
                let jury = Jury { seed, bond, jurors: BoundedVec::default() };
                Some((drawn.len() as u32, self.start_deliberation(case, jury, drawn)))
            }
            _ => None,
        }
    }

    /// Number of tiles in the sample of a worker's result.
    fn sample_size(&self, worker: &AccountId) -> u32 {
        match self.brief.audit.samples {
            Samples::Count(count) => {
                let reputation = T::Workers::state(worker).map_or(Perbill::zero(), |state| state.reputation);
                self.rules.samples(count.min(MAX_SAMPLES), reputation)
            }
            Samples::All => MAX_SAMPLES,
        }
    }

    /// Draw between `places.start()` and `places.end()` different workers; `None` if too few are
    /// found.
    fn draw_checkers(
        &self,
        draws: &mut Draws,
        places: RangeInclusive<u32>,
        bond: Balance,
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
            if !drawn.contains(&candidate) && self.may_check(&candidate, &stands, bond) {
                drawn.push(candidate);
            }
        }
        places.contains(&(drawn.len() as u32)).then_some(drawn)
    }

    /// Whether a candidate is a stranger to the task, and has the time, the bond and the device to
    /// compute a part of it.
    fn may_check(&self, candidate: &AccountId, stands: &WorkerState, bond: Balance) -> bool {
        *candidate != self.brief.requester
            && !self.state.stage.is_party(candidate)
            && stands.free_bond >= bond
            && Pallet::<T>::has_room(stands)
            && Pallet::<T>::device_fits(&stands.capability, &self.brief)
    }
}

impl<T: Config> Pallet<T> {
    /// Whether a sample of the task can run on devices of this capability.
    pub(crate) fn device_fits(capability: &Capability, brief: &TaskBrief) -> bool {
        // A sample of single tiles needs all inputs, but only a fraction of the other memory. Only
        // a repeated whole task needs all memory.
        let memory = match brief.tiling {
            Tiling::Whole { .. } => brief.requires.memory,
            Tiling::PerGroup { .. } => brief.least_memory,
        };
        capability.is_as_precise(&brief.requires) && capability.memory >= memory
    }
}
