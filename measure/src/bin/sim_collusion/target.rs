//! The coalition's gain from one task, by the chain's own rules.

use crate::{
    seats::{Seat, account, finding},
    stakes::Stakes,
};
use dpin_primitives::{AccountId, Balance, Hash};
use pallet_proof_of_compute::verdict::truth;

/// A task on which the coalition tries a scheme.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub stakes: &'a Stakes,
    /// Whether a worker of the coalition makes the task up.
    pub own_worker: bool,
    /// Whether the coalition has posted the job.
    pub own_job: bool,
}

impl Target<'_> {
    fn worker(&self) -> AccountId {
        account(0, 0)
    }

    fn requester(&self) -> AccountId {
        account(1, 0)
    }

    /// The coalition's balance of a slashed bond: the owner's loss, and the shares that come back
    /// to the coalition.
    fn slashed(
        &self,
        own: bool,
        bond: Balance,
        injured: Option<&AccountId>,
        challenger: Option<&AccountId>,
        finders: &[&Seat],
    ) -> i128 {
        let names: Vec<AccountId> = finders.iter().map(|seat| seat.who.clone()).collect();
        let is_own = |who: &AccountId| {
            (self.own_worker && *who == self.worker())
                || (self.own_job && *who == self.requester())
                || challenger == Some(who)
                || finders.iter().any(|seat| seat.own && seat.who == *who)
        };
        let claims = self.stakes.shares.claims(bond, injured, challenger, &names);
        let back: Balance = claims.iter().filter(|(who, _)| is_own(who)).map(|(_, claim)| claim).sum();
        back as i128 - if own { bond as i128 } else { 0 }
    }

    /// The coalition's balance of the slashes of jurors in the minority.
    fn jurors_slashed(&self, jurors: &[Seat], truth: Hash) -> i128 {
        let (right, wrong): (Vec<&Seat>, Vec<&Seat>) = jurors.iter().partition(|juror| juror.finding() == truth);
        wrong.iter().map(|juror| self.slashed(juror.own, self.stakes.check_bond, None, None, &right)).sum()
    }

    /// The coalition's gain from honest work.
    fn honest(&self, auditors: &[Seat]) -> i128 {
        self.paid(&auditors.iter().collect::<Vec<_>>())
            - if self.own_worker { self.stakes.computing as i128 } else { 0 }
    }

    /// The coalition's income less its payments, if the task is settled with these auditors.
    fn paid(&self, right: &[&Seat]) -> i128 {
        let settlement = self.stakes.cost.settlement(right.len() as u32);
        let worker = if self.own_worker { settlement.worker as i128 } else { 0 };
        let auditors = right.iter().filter(|seat| seat.own).count() as i128 * settlement.per_auditor as i128;
        let requester = if self.own_job { settlement.refund as i128 - self.stakes.cost.total() as i128 } else { 0 };
        worker + auditors + requester
    }

    /// The gain of a task whose auditors have sealed and whose worker opens. There is no jury if
    /// all agree.
    pub(crate) fn audited(&self, auditors: &[Seat], jurors: &[Seat]) -> i128 {
        let claim = finding(self.own_worker);
        let honest = self.honest(auditors);
        if auditors.iter().all(|auditor| auditor.finding() == claim) {
            return self.paid(&auditors.iter().collect::<Vec<_>>()) - honest;
        }
        let Some(truth) = truth(&jurors.iter().map(Seat::finding).collect::<Vec<_>>()) else {
            return -honest;
        };
        let (right, wrong): (Vec<&Seat>, Vec<&Seat>) = auditors.iter().partition(|auditor| auditor.finding() == truth);
        let finders: Vec<&Seat> =
            right.iter().copied().chain(jurors.iter().filter(|juror| juror.finding() == truth)).collect();
        let injured = if claim == truth { self.worker() } else { self.requester() };
        let lost: i128 = wrong
            .iter()
            .map(|auditor| self.slashed(auditor.own, self.stakes.check_bond, Some(&injured), None, &finders))
            .sum();
        let outcome = if claim == truth {
            self.paid(&right)
        } else {
            self.slashed(self.own_worker, self.stakes.task_bond, Some(&injured), None, &finders)
        };
        outcome + lost + self.jurors_slashed(jurors, truth) - honest
    }

    /// The gain of a task that the worker does not open.
    pub(crate) fn not_opened(&self, auditors: &[Seat]) -> i128 {
        let finders: Vec<&Seat> = auditors.iter().collect();
        self.slashed(self.own_worker, self.stakes.task_bond, Some(&self.requester()), None, &finders)
            - self.honest(auditors)
    }

    /// The gain of challenging a tile of a result that was found right.
    pub(crate) fn challenged(&self, auditors: &[Seat], jurors: &[Seat]) -> i128 {
        let Some(truth) = truth(&jurors.iter().map(Seat::finding).collect::<Vec<_>>()) else { return 0 };
        let right = jurors.iter().filter(|juror| juror.finding() == truth);
        let of_jurors = self.jurors_slashed(jurors, truth);
        if truth == finding(self.own_worker) {
            let finders: Vec<&Seat> = right.collect();
            return of_jurors + self.slashed(true, self.stakes.challenge_bond, Some(&self.worker()), None, &finders);
        }
        let finders: Vec<&Seat> = auditors.iter().chain(right).collect();
        let (injured, challenger) = (self.requester(), account(4, 0));
        let of_worker =
            self.slashed(self.own_worker, self.stakes.task_bond, Some(&injured), Some(&challenger), &finders);
        of_jurors + of_worker - self.honest(auditors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lots::{Counts, Lots};
    use crate::seats::jury;
    use dpin_primitives::job::TaskCost;
    use pallet_proof_of_compute::verdict::Shares;
    use polkadot_sdk::sp_runtime::Perbill;

    fn stakes() -> Stakes {
        Stakes {
            cost: TaskCost { reward: 1_000, per_auditor: 25, auditors: 2, fee: 10, worker_fee: 10 },
            task_bond: 1_500,
            check_bond: 600,
            challenge_bond: 800,
            shares: Shares { injured: Perbill::from_percent(10), finders: Perbill::from_percent(20) },
            computing: 400,
        }
    }

    fn lots() -> Lots {
        Lots { members: 0, auditors: 2, own: Counts { counts: vec![] }, foreign: Counts { counts: vec![] } }
    }

    #[test]
    fn a_task_made_up_among_friends_gains_the_computing_saved() {
        let stakes = stakes();
        let target = Target { stakes: &stakes, own_worker: true, own_job: false };
        assert_eq!(target.audited(&lots().audit(2, 2), &jury(0, true)), 400);
    }

    #[test]
    fn honest_work_gains_nothing_beyond_itself() {
        let stakes = stakes();
        let target = Target { stakes: &stakes, own_worker: false, own_job: true };
        assert_eq!(target.audited(&lots().audit(1, 0), &jury(0, true)), 0);
    }

    #[test]
    fn who_is_convicted_loses_bond_and_pay_but_saves_the_computing() {
        let stakes = stakes();
        let target = Target { stakes: &stakes, own_worker: true, own_job: false };
        assert_eq!(target.audited(&lots().audit(0, 0), &jury(0, true)), -1_500 - (990 - 400));
        // A coalition member among the auditors loses its bond and its pay too.
        assert_eq!(target.audited(&lots().audit(1, 1), &jury(0, true)), -1_500 - (990 - 400) - 600 - 25);
    }

    #[test]
    fn a_bought_jury_turns_the_bonds_of_the_honest_over() {
        let stakes = stakes();
        let target = Target { stakes: &stakes, own_worker: true, own_job: false };
        // Both auditors are honest. 10 % of each bond goes to the worker, and 20 % to the finders,
        // who are the jury. Two jurors are honest: 20 % of their bonds go to the other three.
        assert_eq!(target.audited(&lots().audit(0, 0), &jury(3, true)), 400 + 2 * (60 + 120) + 2 * 120);
    }

    #[test]
    fn an_accuser_of_its_own_job_has_the_output_for_nothing() {
        let stakes = stakes();
        let target = Target { stakes: &stakes, own_worker: false, own_job: true };
        // 10 % of the bonds of the worker and the honest auditor go to the requester, and 20 % to
        // the finders. All of these belong to the coalition.
        let refund = 1_000 + 10 + 2 * 25;
        assert_eq!(target.audited(&lots().audit(1, 1), &jury(5, true)), refund - 25 + 150 + 300 + 60 + 120);
    }

    #[test]
    fn a_lost_challenge_costs_its_bond() {
        let stakes = stakes();
        let target = Target { stakes: &stakes, own_worker: false, own_job: true };
        assert_eq!(target.challenged(&lots().audit(0, 0), &jury(0, true)), -800);
    }
}
