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

mod lots;
mod seats;
mod stakes;
mod target;

use anyhow::{Context, Result};
use dpin_measure::binomial;
use dpin_primitives::{Balance, DPN, job::AuditPolicy};
use dpin_runtime::{
    Runtime,
    configs::{AuditRules, Fees},
};
use dpin_tests::program::{self, Verdict};
use lots::{Lots, TASKS, WORKERS};
use pallet_proof_of_compute::verdict::JURY;
use polkadot_sdk::{frame_support::traits::Get, sp_io::TestExternalities};
use stakes::{COMPUTING_PERCENT, Scheme, Stakes};
use std::process::ExitCode;

/// The largest share tested, in per cent.
const MOST_PERCENT: u32 = 50;
/// No scheme may pay up to this share, in per cent.
const SAFE_PERCENT: u32 = 40;
/// The level at which the measured chance that all auditors belong to the coalition must fit the
/// computed one.
const LEVEL: f64 = 0.999;

fn main() -> ExitCode {
    program::report("collusion", &run())
}

fn run() -> Result<Verdict> {
    let auditors = AuditPolicy::default().auditors;
    let mut rewards = tested_rewards(auditors)?;
    print_heading(auditors, &rewards);
    let mut all_fit = true;
    for percent in 1..=MOST_PERCENT {
        all_fit &= test_share(percent, auditors, &mut rewards);
    }
    print_smallest(&rewards);
    let smallest = rewards.iter().flat_map(|reward| reward.pays_from).flatten().min();
    let safe = smallest.is_none_or(|percent| percent > SAFE_PERCENT);
    println!("auditors_as_reckoned={all_fit}");
    Ok(Verdict::of(safe && all_fit, format_args!("smallest_paying_share={}", share(smallest))))
}

/// A reward that is tested.
struct Tested {
    stakes: Stakes,
    /// The smallest share at which each scheme pays, in per cent.
    pays_from: [Option<u32>; Scheme::ALL.len()],
}

/// The rewards to test, with the default parameters of the runtime: from the least that may be
/// posted to one at which minimums no longer matter.
fn tested_rewards(auditors: u32) -> Result<Vec<Tested>> {
    TestExternalities::new_empty().execute_with(|| {
        let (rules, fees) = (AuditRules::get(), Fees::get());
        let least = <<Runtime as pallet_jobs::Config>::MinReward as Get<Balance>>::get();
        let test = |reward: Balance| {
            let stakes = Stakes::new(reward, auditors, &rules, &fees)?;
            Some(Tested { stakes, pays_from: [None; Scheme::ALL.len()] })
        };
        let rewards = [least, DPN, 10 * DPN, 100 * DPN, 1_000 * DPN, 1_000_000 * DPN];
        rewards.into_iter().map(test).collect::<Option<_>>().context("a reward cannot be priced")
    })
}

fn print_heading(auditors: u32, rewards: &[Tested]) {
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
        rewards.last().map_or(0, |most| most.stakes.cost.reward / DPN)
    );
    println!(
        "share | undetected (interval)             s^{auditors}    | convicted acquitted | {:>8} {}",
        "blunt",
        Scheme::ALL.map(|scheme| format!("{:>18}", scheme.name())).join(" ")
    );
}

/// Draw the tasks of a coalition with this share and print its profits for the largest reward.
/// Returns whether as many tasks are undetected as computed.
fn test_share(percent: u32, auditors: u32, rewards: &mut [Tested]) -> bool {
    let lots = Lots::draw(percent, auditors);
    let accepted = binomial::interval(TASKS, lots.reckoned(), LEVEL);
    let fits = accepted.contains(&lots.undetected());
    let mut profits = [0.0; Scheme::ALL.len()];
    for Tested { stakes, pays_from } in rewards.iter_mut() {
        profits = Scheme::ALL.map(|scheme| lots.profit(scheme, stakes));
        for (profit, pays_from) in profits.iter().zip(pays_from) {
            if *profit > 0.0 {
                pays_from.get_or_insert(percent);
            }
        }
    }
    let per_task = |count: u32| f64::from(count) / f64::from(TASKS);
    let (convicted, acquitted) = lots.verdicts();
    let blunt = rewards.last().map_or(0.0, |most| lots.blunt(&most.stakes));
    println!(
        " {:.2} | {:.5} [{:.5}, {:.5}]{} {:.5} | {:.5}   {:.5}   | {blunt:>8.3} {}",
        f64::from(percent) / 100.0,
        per_task(lots.undetected()),
        per_task(*accepted.start()),
        per_task(*accepted.end()),
        if fits { " fits " } else { " OUTSIDE" },
        (f64::from(percent) / 100.0).powi(auditors as i32),
        per_task(convicted),
        per_task(acquitted),
        profits.map(|profit| format!("{profit:>18.3}")).join(" ")
    );
    fits
}

/// Print the smallest share at which each scheme pays, for each reward.
fn print_smallest(rewards: &[Tested]) {
    println!("smallest paying share by reward:");
    for Tested { stakes, pays_from } in rewards {
        let schemes =
            Scheme::ALL.iter().zip(pays_from).map(|(scheme, from)| format!("{}={}", scheme.name(), share(*from)));
        println!(
            "  {:>12} DPN (bonds {} / {} / {} DPN): {}",
            dpn(stakes.cost.reward),
            dpn(stakes.task_bond),
            dpn(stakes.check_bond),
            dpn(stakes.challenge_bond),
            schemes.collect::<Vec<_>>().join(", ")
        );
    }
}

/// A share, as a fraction of the network.
fn share(percent: Option<u32>) -> String {
    percent.map_or("none".into(), |percent| format!("{:.2}", f64::from(percent) / 100.0))
}

/// An amount of planck in DPN.
fn dpn(amount: Balance) -> f64 {
    amount as f64 / DPN as f64
}
