//! `sim-collusion`: the profit of cheating for a coalition of workers, by its share of the network.
//!
//! # Model
//!
//! The network has 10,000 workers with equal chances in every lottery. A share s of them forms a
//! coalition and shares everything. Workers, auditors and jurors are drawn as the chain draws them:
//! uniformly and distinct, and no party becomes a juror. The chain's own functions compute the
//! verdict, the shares of a slash, bonds, pay and fees, with the default parameters of the runtime.
//! All doubtful points are decided in favour of the coalition:
//!
//! - its tasks are entirely made up (f = 100 %), which costs nothing, while honest computing costs
//!   the whole reward;
//! - its auditors check for free as well, and the work of an honest auditor or juror is worth
//!   nothing to it;
//! - later effects do not count: lost reputation, canaries, governance, or the task being given to
//!   another worker.
//!
//! In return, honest members always answer and always find the truth. A made-up tile is never
//! missed, as the whole task is made up.
//!
//! # Schemes
//!
//! - **made up**: a worker of the coalition makes its task up. If all auditors belong to the
//!   coalition, nobody notices. If not, the seals differ and there is a jury. The worker cannot
//!   cheat only when all auditors are its own: auditors and sample are drawn after its commitment,
//!   from randomness that nobody knows before. It may refuse to open once it sees the auditors, but
//!   that costs it the bond too.
//! - **accuse**: auditors of the coalition seal nonsense on an honest worker's task, to share in
//!   its bond.
//! - **accuse, own job**: as before, on a job of the coalition. The coalition then has the output
//!   for nothing: the task goes back to the queue and is cancelled there.
//! - **challenge, own job**: a member of the coalition challenges a correct tile of an honest
//!   worker's result. The coalition posted the job, and so has set a challenge window.
//!
//! Profit is everything that members gain or lose in one such task, compared with honest work:
//! reward, pay, shares of slashes, lost bonds and saved computing. `blunt` is the profit of a
//! made-up task if all members always tell the worker's lie. In the other columns members play
//! optimally, knowing all draws so far. Auditors lie (all of them or one) or tell the truth, and
//! the worker opens or does not. Jurors, who know the whole jury, give the answer that pays more.
//! The accusing schemes are only tried if a drawn auditor can accuse, or if a challenge can be
//! made.
//!
//! A scheme pays at a share if its profit is above zero for any of the tested rewards. These range
//! from the least that may be posted to one at which minimums no longer matter.

#[path = "../sim/binomial.rs"]
mod binomial;

use codec::Encode;
use dpin_primitives::{
    blake2,
    job::{AuditPolicy, FeePolicy, Reward, TaskCost},
    sampling::Draws,
    AccountId, AssetKind, Balance, Hash, DPN,
};
use dpin_runtime::{
    configs::{AuditRules, Fees},
    Runtime,
};
use pallet_proof_of_compute::{
    verdict::{truth, Shares, JURY},
    Rules,
};
use polkadot_sdk::{frame_support::traits::Get, sp_io::TestExternalities};
use std::process::ExitCode;

/// The seed of all randomness.
const SEED: &[u8] = b"dpin/sim-collusion/1";
/// Workers of the network.
const WORKERS: u32 = 10_000;
/// Tasks drawn for each share: this many of the coalition's workers, and this many of honest ones.
const TASKS: u32 = 100_000;
/// The largest share tested, in per cent.
const MOST_PERCENT: u32 = 50;
/// No scheme may pay up to this share, in per cent.
const SAFE_PERCENT: u32 = 40;
/// The cost of computing a task honestly, in per cent of its reward: at worst all of it.
const COMPUTING_PERCENT: Balance = 100;
/// The level at which the measured chance that all auditors belong to the coalition must fit the
/// computed one.
const LEVEL: f64 = 0.999;

fn main() -> ExitCode {
    let (rules, fees, least) = TestExternalities::new_empty().execute_with(|| {
        let least = <<Runtime as pallet_jobs::Config>::MinReward as Get<Balance>>::get();
        (AuditRules::get(), Fees::get(), least)
    });
    let auditors = AuditPolicy::default().auditors;
    let rewards = [least, DPN, 10 * DPN, 100 * DPN, 1_000 * DPN, 1_000_000 * DPN];
    let Some(all_terms) =
        rewards.iter().map(|reward| Terms::new(*reward, auditors, &rules, &fees)).collect::<Option<Vec<_>>>()
    else {
        println!("collusion: failed, a reward cannot be priced");
        return ExitCode::FAILURE;
    };

    println!(
        "{WORKERS} workers, {auditors} auditors, a jury of {JURY}, {TASKS} tasks per share; computing costs \
         {COMPUTING_PERCENT} % of the reward"
    );
    println!(
        "undetected: all auditors are the coalition's; in brackets the {} % interval around what is reckoned",
        LEVEL * 100.0
    );
    println!(
        "profit of one task as a multiple of its reward, for a reward of {} DPN",
        rewards[rewards.len() - 1] / DPN
    );
    println!(
        "share | undetected (interval)             s^{auditors}    | convicted acquitted | {:>8} {}",
        "blunt",
        Scheme::ALL.map(|scheme| format!("{:>18}", scheme.name())).join(" ")
    );

    let mut all_fit = true;
    let mut pays_from = vec![[None; Scheme::ALL.len()]; rewards.len()];
    for percent in 1..=MOST_PERCENT {
        let lots = Lots::draw(percent, auditors);
        let reckoned = lots.reckoned();
        let accepted = binomial::interval(TASKS, reckoned, LEVEL);
        let fits = accepted.contains(&lots.undetected());
        all_fit &= fits;
        let mut profits = [0.0; Scheme::ALL.len()];
        for (terms, pays_from) in all_terms.iter().zip(&mut pays_from) {
            for ((scheme, profit), pays_from) in Scheme::ALL.into_iter().zip(&mut profits).zip(pays_from) {
                *profit = lots.profit(scheme, terms);
                if *profit > 0.0 {
                    pays_from.get_or_insert(percent);
                }
            }
        }
        let per_task = |count: u32| f64::from(count) / f64::from(TASKS);
        let (convicted, acquitted) = lots.verdicts();
        println!(
            " {:.2} | {:.5} [{:.5}, {:.5}]{} {:.5} | {:.5}   {:.5}   | {:>8.3} {}",
            f64::from(percent) / 100.0,
            per_task(lots.undetected()),
            per_task(*accepted.start()),
            per_task(*accepted.end()),
            if fits { " fits " } else { " OUTSIDE" },
            (f64::from(percent) / 100.0).powi(auditors as i32),
            per_task(convicted),
            per_task(acquitted),
            lots.blunt(&all_terms[all_terms.len() - 1]),
            profits.map(|profit| format!("{profit:>18.3}")).join(" ")
        );
    }

    let share =
        |percent: Option<u32>| percent.map_or("none".into(), |percent| format!("{:.2}", f64::from(percent) / 100.0));
    println!("smallest paying share by reward:");
    for (terms, pays_from) in all_terms.iter().zip(&pays_from) {
        let schemes =
            Scheme::ALL.iter().zip(pays_from).map(|(scheme, from)| format!("{}={}", scheme.name(), share(*from)));
        println!(
            "  {:>12} DPN (bonds {} / {} / {} DPN): {}",
            dpn(terms.cost.reward),
            dpn(terms.task_bond),
            dpn(terms.check_bond),
            dpn(terms.challenge_bond),
            schemes.collect::<Vec<_>>().join(", ")
        );
    }
    let smallest = pays_from.iter().flatten().filter_map(|from| *from).min();
    let safe = smallest.is_none_or(|percent| percent > SAFE_PERCENT);
    println!("auditors_as_reckoned={all_fit}");
    println!("collusion: {} smallest_paying_share={}", if safe && all_fit { "ok" } else { "failed" }, share(smallest));
    if safe && all_fit {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// An amount of planck in DPN.
fn dpn(amount: Balance) -> f64 {
    amount as f64 / DPN as f64
}

/// The scheme of the coalition, as described in the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scheme {
    MadeUp,
    Accuse,
    AccuseOwnJob,
    ChallengeOwnJob,
}

impl Scheme {
    const ALL: [Self; 4] = [Self::MadeUp, Self::Accuse, Self::AccuseOwnJob, Self::ChallengeOwnJob];

    fn name(self) -> &'static str {
        match self {
            Self::MadeUp => "made up",
            Self::Accuse => "accuse",
            Self::AccuseOwnJob => "accuse, own job",
            Self::ChallengeOwnJob => "challenge, own job",
        }
    }
}

/// The amounts at stake in a task.
#[derive(Clone, Debug)]
struct Terms {
    cost: TaskCost,
    /// The worker's bond, in planck.
    task_bond: Balance,
    /// The bond of each auditor and juror, in planck.
    check_bond: Balance,
    /// The bond of a challenger, in planck.
    challenge_bond: Balance,
    shares: Shares,
    /// The cost of computing honestly, in planck.
    computing: Balance,
}

impl Terms {
    fn new(reward: Balance, auditors: u32, rules: &Rules, fees: &FeePolicy) -> Option<Self> {
        let asset = AssetKind::Native;
        let task_bond = rules.task_bond(&asset, reward)?;
        Some(Self {
            cost: TaskCost::quote(&Reward { asset, per_task: reward }, auditors, fees)?,
            task_bond,
            check_bond: rules.check_bond(task_bond),
            challenge_bond: rules.accusation_bond(task_bond),
            shares: rules.shares,
            computing: reward * COMPUTING_PERCENT / 100,
        })
    }
}

/// Counts of the draws, by the number of the coalition's auditors and of its jurors.
#[derive(Clone, Debug)]
struct Table {
    counts: Vec<[u32; JURY as usize + 1]>,
}

impl Table {
    /// Draw the auditors and jurors of [`TASKS`] tasks of one worker. The first `members` workers
    /// of the network are the coalition.
    fn draw(draws: &mut Draws, worker: u32, members: u32, auditors: u32) -> Self {
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
    fn mean(&self, least: usize, amount: impl Fn(usize, usize) -> i128) -> f64 {
        let (mut sum, mut count) = (0.0, 0u32);
        for (own_auditors, row) in self.counts.iter().enumerate().skip(least) {
            for (own_jurors, cases) in row.iter().enumerate().filter(|(_, cases)| **cases > 0) {
                sum += f64::from(*cases) * amount(own_auditors, own_jurors) as f64;
                count += cases;
            }
        }
        if count == 0 {
            0.0
        } else {
            sum / f64::from(count)
        }
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
struct Lots {
    members: u32,
    auditors: u32,
    /// Tasks of a worker of the coalition.
    own: Table,
    /// Tasks of an honest worker.
    foreign: Table,
}

impl Lots {
    fn draw(percent: u32, auditors: u32) -> Self {
        let members = WORKERS * percent / 100;
        let mut draws = Draws::new(blake2(&(SEED, percent).encode()));
        let own = Table::draw(&mut draws, 0, members, auditors);
        let foreign = Table::draw(&mut draws, WORKERS - 1, members, auditors);
        Self { members, auditors, own, foreign }
    }

    /// The chance that all auditors of a coalition worker's task belong to the coalition: they are
    /// drawn without replacement from the other workers.
    fn reckoned(&self) -> f64 {
        (1..=self.auditors)
            .map(|drawn| f64::from(self.members.saturating_sub(drawn)) / f64::from(WORKERS - drawn))
            .product()
    }

    /// The coalition's tasks whose auditors all belong to the coalition.
    fn undetected(&self) -> u32 {
        self.own.counts.last().map_or(0, |row| row.iter().sum())
    }

    /// The numbers of made-up tasks whose worker a jury convicted and acquitted, if all members
    /// tell the worker's lie.
    fn verdicts(&self) -> (u32, u32) {
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
    fn blunt(&self, terms: &Terms) -> f64 {
        let task = Task { terms, own_worker: true, own_job: false };
        let gain =
            |own_auditors, own_jurors| task.audited(&self.audit(own_auditors, own_auditors), &jury(own_jurors, true));
        self.own.mean(0, gain) / terms.cost.reward as f64
    }

    /// The mean profit of a scheme that is played optimally, as a multiple of the reward.
    fn profit(&self, scheme: Scheme, terms: &Terms) -> f64 {
        let own_job = matches!(scheme, Scheme::AccuseOwnJob | Scheme::ChallengeOwnJob);
        let task = Task { terms, own_worker: scheme == Scheme::MadeUp, own_job };
        let as_pays_more = |own_jurors, gain: &dyn Fn(&[Seat]) -> i128| {
            gain(&jury(own_jurors, true)).max(gain(&jury(own_jurors, false)))
        };
        let audited = |own_auditors, liars, own_jurors| {
            let auditors = self.audit(own_auditors, liars);
            as_pays_more(own_jurors, &|jurors| task.audited(&auditors, jurors))
        };
        let all = self.auditors as usize;
        let plans = match scheme {
            Scheme::MadeUp => {
                let noticed = |own_auditors| own_auditors < all;
                vec![
                    self.own.mean(0, |own_auditors, own_jurors| audited(own_auditors, own_auditors, own_jurors)),
                    self.own.mean(0, |own_auditors, own_jurors| {
                        audited(own_auditors, if noticed(own_auditors) { 0 } else { all }, own_jurors)
                    }),
                    self.own.mean(0, |own_auditors, own_jurors| {
                        if noticed(own_auditors) {
                            task.not_opened(&self.audit(own_auditors, 0))
                        } else {
                            audited(own_auditors, all, own_jurors)
                        }
                    }),
                ]
            }
            Scheme::Accuse | Scheme::AccuseOwnJob => vec![
                self.foreign.mean(1, |own_auditors, own_jurors| audited(own_auditors, 1, own_jurors)),
                self.foreign.mean(1, |own_auditors, own_jurors| audited(own_auditors, own_auditors, own_jurors)),
            ],
            Scheme::ChallengeOwnJob => vec![self.foreign.mean(0, |own_auditors, own_jurors| {
                let auditors = self.audit(own_auditors, 0);
                as_pays_more(own_jurors, &|jurors| task.challenged(&auditors, jurors))
            })],
        };
        plans.into_iter().fold(f64::MIN, f64::max) / terms.cost.reward as f64
    }

    /// Auditors, of which `own` belong to the coalition and `liars` of those lie.
    fn audit(&self, own: usize, liars: usize) -> Vec<Seat> {
        (0..self.auditors as usize)
            .map(|at| Seat { who: account(2, at), own: at < own, lies: at < liars.min(own) })
            .collect()
    }
}

/// A jury, of which `own` belong to the coalition, which all lie or all tell the truth.
fn jury(own: usize, lie: bool) -> Vec<Seat> {
    (0..JURY as usize).map(|at| Seat { who: account(3, at), own: at < own, lies: at < own && lie }).collect()
}

/// The account of a participant in a task.
fn account(part: u8, at: usize) -> AccountId {
    let mut id = [part; 32];
    id[0] = at as u8;
    AccountId::new(id)
}

/// The finding of a liar or of an honest member. All lies are the same, so that they agree.
fn finding(lies: bool) -> Hash {
    Hash::repeat_byte(if lies { 1 } else { 2 })
}

/// An auditor or juror.
#[derive(Clone, Debug)]
struct Seat {
    who: AccountId,
    /// Whether it belongs to the coalition.
    own: bool,
    /// Whether it tells the coalition's lie instead of the truth.
    lies: bool,
}

impl Seat {
    fn finding(&self) -> Hash {
        finding(self.lies)
    }
}

/// A task on which the coalition tries a scheme.
#[derive(Clone, Copy)]
struct Task<'a> {
    terms: &'a Terms,
    /// Whether a worker of the coalition makes the task up.
    own_worker: bool,
    /// Whether the coalition has posted the job.
    own_job: bool,
}

impl Task<'_> {
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
        let claims = self.terms.shares.claims(bond, injured, challenger, &names);
        let back: Balance = claims.iter().filter(|(who, _)| is_own(who)).map(|(_, claim)| claim).sum();
        back as i128 - if own { bond as i128 } else { 0 }
    }

    /// The coalition's balance of the slashes of jurors in the minority.
    fn jurors_slashed(&self, jurors: &[Seat], truth: Hash) -> i128 {
        let (right, wrong): (Vec<&Seat>, Vec<&Seat>) = jurors.iter().partition(|juror| juror.finding() == truth);
        wrong.iter().map(|juror| self.slashed(juror.own, self.terms.check_bond, None, None, &right)).sum()
    }

    /// The coalition's gain from honest work.
    fn honest(&self, auditors: &[Seat]) -> i128 {
        self.paid(&auditors.iter().collect::<Vec<_>>()) - if self.own_worker { self.terms.computing as i128 } else { 0 }
    }

    /// The coalition's income less its payments, if the task is settled with these auditors.
    fn paid(&self, right: &[&Seat]) -> i128 {
        let settlement = self.terms.cost.settlement(right.len() as u32);
        let worker = if self.own_worker { settlement.worker as i128 } else { 0 };
        let auditors = right.iter().filter(|seat| seat.own).count() as i128 * settlement.per_auditor as i128;
        let requester = if self.own_job { settlement.refund as i128 - self.terms.cost.total() as i128 } else { 0 };
        worker + auditors + requester
    }

    /// The gain of a task whose auditors have sealed and whose worker opens. There is no jury if
    /// all agree.
    fn audited(&self, auditors: &[Seat], jurors: &[Seat]) -> i128 {
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
            .map(|auditor| self.slashed(auditor.own, self.terms.check_bond, Some(&injured), None, &finders))
            .sum();
        let outcome = if claim == truth {
            self.paid(&right)
        } else {
            self.slashed(self.own_worker, self.terms.task_bond, Some(&injured), None, &finders)
        };
        outcome + lost + self.jurors_slashed(jurors, truth) - honest
    }

    /// The gain of a task that the worker does not open.
    fn not_opened(&self, auditors: &[Seat]) -> i128 {
        let finders: Vec<&Seat> = auditors.iter().collect();
        self.slashed(self.own_worker, self.terms.task_bond, Some(&self.requester()), None, &finders)
            - self.honest(auditors)
    }

    /// The gain of challenging a tile of a result that was found right.
    fn challenged(&self, auditors: &[Seat], jurors: &[Seat]) -> i128 {
        let Some(truth) = truth(&jurors.iter().map(Seat::finding).collect::<Vec<_>>()) else { return 0 };
        let right = jurors.iter().filter(|juror| juror.finding() == truth);
        let of_jurors = self.jurors_slashed(jurors, truth);
        if truth == finding(self.own_worker) {
            let finders: Vec<&Seat> = right.collect();
            return of_jurors + self.slashed(true, self.terms.challenge_bond, Some(&self.worker()), None, &finders);
        }
        let finders: Vec<&Seat> = auditors.iter().chain(right).collect();
        let (injured, challenger) = (self.requester(), account(4, 0));
        let of_worker =
            self.slashed(self.own_worker, self.terms.task_bond, Some(&injured), Some(&challenger), &finders);
        of_jurors + of_worker - self.honest(auditors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_runtime::Perbill;

    fn terms() -> Terms {
        Terms {
            cost: TaskCost { reward: 1_000, per_auditor: 25, auditors: 2, fee: 10, worker_fee: 10 },
            task_bond: 1_500,
            check_bond: 600,
            challenge_bond: 800,
            shares: Shares { injured: Perbill::from_percent(10), finders: Perbill::from_percent(20) },
            computing: 400,
        }
    }

    fn lots() -> Lots {
        Lots { members: 0, auditors: 2, own: Table { counts: vec![] }, foreign: Table { counts: vec![] } }
    }

    #[test]
    fn a_task_made_up_among_friends_gains_the_computing_saved() {
        let terms = terms();
        let task = Task { terms: &terms, own_worker: true, own_job: false };
        assert_eq!(task.audited(&lots().audit(2, 2), &jury(0, true)), 400);
    }

    #[test]
    fn honest_work_gains_nothing_beyond_itself() {
        let terms = terms();
        let task = Task { terms: &terms, own_worker: false, own_job: true };
        assert_eq!(task.audited(&lots().audit(1, 0), &jury(0, true)), 0);
    }

    #[test]
    fn who_is_convicted_loses_bond_and_pay_but_saves_the_computing() {
        let terms = terms();
        let task = Task { terms: &terms, own_worker: true, own_job: false };
        assert_eq!(task.audited(&lots().audit(0, 0), &jury(0, true)), -1_500 - (990 - 400));
        // A coalition member among the auditors loses its bond and its pay too.
        assert_eq!(task.audited(&lots().audit(1, 1), &jury(0, true)), -1_500 - (990 - 400) - 600 - 25);
    }

    #[test]
    fn a_bought_jury_turns_the_bonds_of_the_honest_over() {
        let terms = terms();
        let task = Task { terms: &terms, own_worker: true, own_job: false };
        // Both auditors are honest. 10 % of each bond goes to the worker, and 20 % to the finders,
        // who are the jury. Two jurors are honest: 20 % of their bonds go to the other three.
        assert_eq!(task.audited(&lots().audit(0, 0), &jury(3, true)), 400 + 2 * (60 + 120) + 2 * 120);
    }

    #[test]
    fn an_accuser_of_its_own_job_has_the_output_for_nothing() {
        let terms = terms();
        let task = Task { terms: &terms, own_worker: false, own_job: true };
        // 10 % of the bonds of the worker and the honest auditor go to the requester, and 20 % to
        // the finders. All of these belong to the coalition.
        let refund = 1_000 + 10 + 2 * 25;
        assert_eq!(task.audited(&lots().audit(1, 1), &jury(5, true)), refund - 25 + 150 + 300 + 60 + 120);
    }

    #[test]
    fn a_lost_challenge_costs_its_bond() {
        let terms = terms();
        let task = Task { terms: &terms, own_worker: false, own_job: true };
        assert_eq!(task.challenged(&lots().audit(0, 0), &jury(0, true)), -800);
    }

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
