//! The draws of auditors and jurors, and what the coalition makes of them.

use crate::{
    seats::{Seat, account, finding, jury},
    stakes::{Scheme, Stakes},
    target::Target,
};
use codec::Encode;
use dpin_primitives::{blake2, sampling::Draws};
use pallet_proof_of_compute::verdict::{JURY, truth};

/// The seed of all randomness.
const SEED: &[u8] = b"dpin/sim-collusion/1";
/// Workers of the network.
pub(crate) const WORKERS: u32 = 10_000;
/// Tasks drawn for each share: this many of the coalition's workers, and this many of honest ones.
pub(crate) const TASKS: u32 = 100_000;

/// Counts of the draws, by the number of the coalition's auditors and of its jurors.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    pub counts: Vec<[u32; JURY as usize + 1]>,
}

impl Counts {
    /// Draw the auditors and jurors of [`TASKS`] tasks of one worker. The first `members` workers
    /// of the network are the coalition.
    pub(crate) fn draw(draws: &mut Draws, worker: u32, members: u32, auditors: u32) -> Self {
        let mut counts = vec![[0; JURY as usize + 1]; auditors as usize + 1];
        let mut parties = Vec::with_capacity((1 + auditors + JURY) as usize);
        for _ in 0..TASKS {
            parties.clear();
            parties.push(worker);
            let own_auditors = draw_group(draws, auditors, members, &mut parties);
            let own_jurors = draw_group(draws, JURY, members, &mut parties);
            counts[own_auditors][own_jurors] += 1;
        }
        Self { counts }
    }

    /// The mean of an amount over the tasks with at least this many of the coalition's auditors, in
    /// planck; 0 if there are none.
    pub(crate) fn mean(&self, least: usize, amount: impl Fn(usize, usize) -> i128) -> f64 {
        let (mut sum, mut count) = (0.0, 0u32);
        for (own_auditors, row) in self.counts.iter().enumerate().skip(least) {
            for (own_jurors, cases) in row.iter().enumerate().filter(|(_, cases)| **cases > 0) {
                sum += f64::from(*cases) * amount(own_auditors, own_jurors) as f64;
                count += cases;
            }
        }
        if count == 0 { 0.0 } else { sum / f64::from(count) }
    }
}

/// Draw `wanted` workers that are not parties, and make them parties. Returns how many of them
/// belong to the coalition.
fn draw_group(draws: &mut Draws, wanted: u32, members: u32, parties: &mut Vec<u32>) -> usize {
    let mut own = 0;
    for _ in 0..wanted {
        let drawn = loop {
            let candidate = draws.below(WORKERS.into()) as u32;
            if !parties.contains(&candidate) {
                break candidate;
            }
        };
        parties.push(drawn);
        own += usize::from(drawn < members);
    }
    own
}

/// The draws for a coalition of one size.
pub(crate) struct Lots {
    pub members: u32,
    pub auditors: u32,
    /// Tasks of a worker of the coalition.
    pub own: Counts,
    /// Tasks of an honest worker.
    pub foreign: Counts,
}

impl Lots {
    pub(crate) fn draw(percent: u32, auditors: u32) -> Self {
        let members = WORKERS * percent / 100;
        let mut draws = Draws::new(blake2(&(SEED, percent).encode()));
        let own = Counts::draw(&mut draws, 0, members, auditors);
        let foreign = Counts::draw(&mut draws, WORKERS - 1, members, auditors);
        Self { members, auditors, own, foreign }
    }

    /// The chance that all auditors of a coalition worker's task belong to the coalition: they are
    /// drawn without replacement from the other workers.
    pub(crate) fn reckoned(&self) -> f64 {
        (1..=self.auditors)
            .map(|drawn| f64::from(self.members.saturating_sub(drawn)) / f64::from(WORKERS - drawn))
            .product()
    }

    /// The coalition's tasks whose auditors all belong to the coalition.
    pub(crate) fn undetected(&self) -> u32 {
        self.own.counts.last().map_or(0, |row| row.iter().sum())
    }

    /// The numbers of made-up tasks whose worker a jury convicted and acquitted, if all members
    /// tell the worker's lie.
    pub(crate) fn verdicts(&self) -> (u32, u32) {
        let (mut convicted, mut acquitted) = (0, 0);
        for row in &self.own.counts[..self.auditors as usize] {
            for (own_jurors, cases) in row.iter().enumerate() {
                let jurors = jury(own_jurors, true);
                match truth(&jurors.iter().map(Seat::finding).collect::<Vec<_>>()) {
                    Some(found) if found == finding(true) => acquitted += cases,
                    Some(_) => convicted += cases,
                    None => {}
                }
            }
        }
        (convicted, acquitted)
    }

    /// The profit of a made-up task if all members stand by it, as a multiple of the reward.
    pub(crate) fn blunt(&self, stakes: &Stakes) -> f64 {
        let target = Target { stakes, own_worker: true, own_job: false };
        let gain =
            |own_auditors, own_jurors| target.audited(&self.audit(own_auditors, own_auditors), &jury(own_jurors, true));
        self.own.mean(0, gain) / stakes.cost.reward as f64
    }

    /// The mean profit of a scheme that is played optimally, as a multiple of the reward.
    pub(crate) fn profit(&self, scheme: Scheme, stakes: &Stakes) -> f64 {
        let own_job = matches!(scheme, Scheme::AccuseOwnJob | Scheme::ChallengeOwnJob);
        let target = Target { stakes, own_worker: scheme == Scheme::MadeUp, own_job };
        let most = match scheme {
            Scheme::MadeUp => self.made_up(&target),
            Scheme::Accuse | Scheme::AccuseOwnJob => self.accused(&target),
            Scheme::ChallengeOwnJob => self.challenged(&target),
        };
        most / stakes.cost.reward as f64
    }

    /// The best mean gain of a made-up task: all auditors of the coalition lie; they lie only if
    /// nobody else audits; or else the worker does not open.
    fn made_up(&self, target: &Target<'_>) -> f64 {
        let all = self.auditors as usize;
        let stand_by = self.own.mean(0, |own, jurors| self.audited(target, own, own, jurors));
        let give_in =
            self.own.mean(0, |own, jurors| self.audited(target, own, if own < all { 0 } else { all }, jurors));
        let not_open = self.own.mean(0, |own, jurors| {
            if own < all { target.not_opened(&self.audit(own, 0)) } else { self.audited(target, own, all, jurors) }
        });
        stand_by.max(give_in).max(not_open)
    }

    /// The best mean gain of accusing an honest worker: one auditor of the coalition lies, or all.
    fn accused(&self, target: &Target<'_>) -> f64 {
        let one = self.foreign.mean(1, |own, jurors| self.audited(target, own, 1, jurors));
        one.max(self.foreign.mean(1, |own, jurors| self.audited(target, own, own, jurors)))
    }

    /// The mean gain of challenging a correct tile.
    fn challenged(&self, target: &Target<'_>) -> f64 {
        self.foreign.mean(0, |own, jurors| {
            let auditors = self.audit(own, 0);
            better_jury(jurors, |jurors| target.challenged(&auditors, jurors))
        })
    }

    /// The gain of a task with these numbers of the coalition's auditors, of liars among them, and
    /// of its jurors, who give the answer that pays more.
    fn audited(&self, target: &Target<'_>, own_auditors: usize, liars: usize, own_jurors: usize) -> i128 {
        let auditors = self.audit(own_auditors, liars);
        better_jury(own_jurors, |jurors| target.audited(&auditors, jurors))
    }

    /// Auditors, of which `own` belong to the coalition and `liars` of those lie.
    pub(crate) fn audit(&self, own: usize, liars: usize) -> Vec<Seat> {
        (0..self.auditors as usize)
            .map(|at| Seat { who: account(2, at), own: at < own, lies: at < liars.min(own) })
            .collect()
    }
}

/// The gain with the jury that pays the coalition more: its jurors all lie, or all tell the truth.
fn better_jury(own_jurors: usize, gain: impl Fn(&[Seat]) -> i128) -> i128 {
    gain(&jury(own_jurors, true)).max(gain(&jury(own_jurors, false)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::Hash;

    #[test]
    fn groups_are_drawn_without_those_who_are_parties() {
        let mut draws = Draws::new(Hash::zero());
        let mut parties = vec![7];
        draw_group(&mut draws, 500, 10, &mut parties);
        let mut distinct = parties.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!((parties.len(), distinct.len()), (501, 501));
    }
}
