//! Simulates the money over 240 months, with the chain's own runtime in process and a world around
//! it.
//!
//! # Real and simulated parts
//!
//! The runtime is real, compiled for this machine, from its development preset. Its own pallets and
//! calls end eras, and mint, buy, burn and claim DPN, with the parameters of a real network. The
//! outside is simulated: posting jobs, working, authoring, trading, providing liquidity and
//! claiming, all from one seed ([`world`]).
//!
//! A month has 864,000 blocks, and not all of them run. The hooks of the economy run in the block
//! in which an era ends, and in every third block in which a buy-back is possible. So the revenue
//! is spent at a third of the rate. In the first eras of a month they run in every such block.
//! Nobody trades in the blocks between, in which the chain only observes an unchanged price. The
//! pallet's own observations do this outside storage ([`chain::quiet`]). A slice that is held off
//! is tried again in the next block that runs.
//!
//! Some of the jobs are posted and settled as the proof of compute would do it. For the others, the
//! fees are paid, and the economy is notified as `pallet-jobs` does it. The functions of the
//! runtime's transaction extension withdraw, correct and share the fees of transactions. The author
//! of each block is set through its digest.
//!
//! # Checks
//!
//! After every era the chain is compared with the simulation's own books, which only use the events
//! ([`ledger`]). This covers the cap, the totals minted and burned, the issuance of DPN and BLC,
//! and each account and pot that has moved. The emitted and the unearned amounts must add up to the
//! schedule. Every month all accounts and the eras' own records are compared, and the pallets check
//! their invariants.
//!
//! Every month a few trials are played and undone: a coalition settles jobs with itself and tries
//! to gain from it ([`coalition`]).

pub mod chain;
pub mod coalition;
pub mod dice;
pub mod ledger;
pub mod report;
pub mod world;

use anyhow::Result;
use chain::pot;
use coalition::{Setting, Trial};
use dpin_primitives::economy::EMISSION_MONTHS;
use report::Month;
use world::{Violations, World};

/// The parameters of a simulation.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of months, at most those of the emission.
    pub months: u32,
    /// Number of trials of self-dealing, spread over the months.
    pub trials: u32,
    /// Seed of everything random.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { months: EMISSION_MONTHS, trials: 480, seed: 1 }
    }
}

/// The result of a simulation.
pub struct Simulation {
    /// A row for each month.
    pub rows: Vec<Month>,
    /// The violations found.
    pub violations: Violations,
    /// Trials of self-dealing that were played to their end.
    pub trials: u32,
    /// Trials among them in which fees of the coalition's eras were burned.
    pub burned: u32,
    /// Trials whose plan the chain refused.
    pub refused: u32,
    /// The best profit of all trials, in planck; `None` without trials.
    pub best: Option<i128>,
    /// The best profit as a part of the fees.
    pub best_relative: f64,
}

impl Simulation {
    /// Whether there is no violation, and no trial with a profit.
    pub fn is_sound(&self) -> bool {
        self.violations == Violations::default() && self.best.is_none_or(|best| best < 0)
    }

    /// The summary in the last line of the output: the violations in three numbers.
    pub fn summary(&self) -> String {
        format!(
            "cap_violations={} conservation_errors={} self_dealing_best_profit={}",
            self.violations.cap,
            self.violations.conservation,
            signed_coins(self.best.unwrap_or_default())
        )
    }
}

/// An amount in planck as DPN with six decimals, rounded up: a loss is never shown too large, nor a
/// gain too small.
pub fn signed_coins(planck: i128) -> String {
    let micro = -(-planck).div_euclid(1_000_000);
    let (sign, size) = if planck < 0 { ("-", micro.unsigned_abs()) } else { ("", micro.unsigned_abs()) };
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

/// Run the simulation. `tell` receives every month.
///
/// # Errors
///
/// If the chain refuses part of the world, or earned rewards cannot be claimed.
pub fn simulate(options: &Options, mut tell: impl FnMut(&Month, &World)) -> Result<Simulation> {
    let mut chain = chain::genesis()?;
    let mut world = chain.execute_with(|| World::new(options.seed))?;
    let mut simulation = Simulation {
        rows: Vec::new(),
        violations: Violations::default(),
        trials: 0,
        burned: 0,
        refused: 0,
        best: None,
        best_relative: f64::NEG_INFINITY,
    };
    let months = options.months.clamp(1, EMISSION_MONTHS);
    let mut played = 0;
    for month in 0..months {
        chain.execute_with(|| world.month(month))?;
        // Otherwise iterators would have to skip removed entries for ever.
        chain.commit_all().map_err(|error| anyhow::anyhow!(error))?;
        let due = (u64::from(options.trials) * u64::from(month + 1) / u64::from(months)) as u32;
        for number in played..due {
            let setting = Setting { people: &world.people, kernel: world.kernel, now: world.now };
            let number = options.seed << 32 | u64::from(number);
            match chain.execute_with(|| coalition::trial(&setting, number))? {
                Some(trial) => simulation.enter(&trial),
                None => simulation.refused += 1,
            }
        }
        played = due;
        tell(&world.row, &world);
        simulation.rows.push(world.row.clone());
    }
    simulation.violations = world.violations;
    Ok(simulation)
}

impl Simulation {
    fn enter(&mut self, trial: &Trial) {
        self.trials += 1;
        self.burned += u32::from(trial.burned);
        self.best = Some(self.best.map_or(trial.profit, |best| best.max(trial.profit)));
        self.best_relative = self.best_relative.max(trial.relative());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_with_their_sign_and_six_decimals() {
        assert_eq!(signed_coins(-1_234_567_890_123), "-1.234567");
        assert_eq!(signed_coins(1_234_567_000_001), "1.234568");
        assert_eq!(signed_coins(0), "0.000000");
        assert_eq!(signed_coins(-1), "-0.000000");
        assert_eq!(signed_coins(1), "0.000001");
    }
}
