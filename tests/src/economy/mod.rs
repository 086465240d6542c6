//! The money over 240 months: the chain's own runtime in process, and a world around it.
//!
//! # What is real and what is not
//!
//! The runtime is the real one, compiled for this machine, from its development preset: eras end,
//! DPN are minted, bought, burned and claimed by its own pallets and calls, and their numbers are
//! those it would have on a network. What lies outside is played: who posts jobs, works, authors,
//! trades, provides liquidity and claims, all of it following from one seed ([`world`]).
//!
//! A month has 864,000 blocks; not all of them are run. The hooks of the economy are run in the
//! block in which an era ends and in every third block in which something may be bought back, so
//! that the revenue is spent a third as fast; in the first eras of a month they are run in every
//! one. Nobody trades in the blocks in between, so that all the chain does in them is to observe a
//! price that stands still: that is done by the pallet's own observations, block for block, out of
//! storage ([`chain::quiet`]). A slice that is held off is tried again in the next block that is
//! run. A part of the jobs is posted and settled as the proof of compute would do it; of the others
//! the fees are paid and told to the economy as `pallet-jobs` does it. Fees of transactions are
//! withdrawn, corrected and shared out by what the runtime's transaction extension calls. The
//! author of each block is set as its digest would tell it.
//!
//! # What is checked
//!
//! After every era the chain is compared with books of the simulation's own that know nothing but
//! the events ([`ledger`]): the cap, what was ever minted and burned, the total issuance of DPN and
//! BLC, each account and pot that something has moved in, and that what was emitted and what was
//! not earned add up to the schedule. Every month all accounts are compared, the eras' own records,
//! and the pallets check their invariants.
//!
//! Every month a few trials are played and undone: a coalition settles jobs with itself and tries
//! to gain by it ([`coalition`]).

pub mod chain;
pub mod coalition;
pub mod dice;
pub mod ledger;
pub mod report;
pub mod world;

use anyhow::Result;
use chain::pot;
use coalition::{Stage, Trial};
use dpin_primitives::economy::EMISSION_MONTHS;
use report::Row;
use world::{Faults, World};

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// Months, at most those of the emission.
    pub months: u32,
    /// Trials of self-dealing, spread over the months.
    pub trials: u32,
    /// Changes everything that is random.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { months: EMISSION_MONTHS, trials: 480, seed: 1 }
    }
}

/// What came of it.
pub struct Outcome {
    /// A row for each month.
    pub rows: Vec<Row>,
    /// What went wrong.
    pub faults: Faults,
    /// Trials of self-dealing that were played to the end.
    pub trials: u32,
    /// Those of them in which fees of the coalition's eras were burned.
    pub burned: u32,
    /// Trials whose plan the chain refused.
    pub refused: u32,
    /// The best profit of all trials, in planck; `None` if there was none.
    pub best: Option<i128>,
    /// The best profit as a part of the fees.
    pub best_relative: f64,
}

impl Outcome {
    /// Whether everything is as it must be.
    pub fn is_sound(&self) -> bool {
        self.faults == Faults::default() && self.best.is_none_or(|best| best < 0)
    }

    /// The last line: what is wrong in three numbers.
    pub fn summary(&self) -> String {
        format!(
            "cap_violations={} conservation_errors={} self_dealing_best_profit={}",
            self.faults.cap,
            self.faults.conservation,
            signed_coins(self.best.unwrap_or_default())
        )
    }
}

/// An amount in planck as DPN with six decimals, rounded up: a loss never looks larger than it is,
/// and a gain never smaller.
pub fn signed_coins(planck: i128) -> String {
    let micro = -(-planck).div_euclid(1_000_000);
    let (sign, size) = if planck < 0 { ("-", micro.unsigned_abs()) } else { ("", micro.unsigned_abs()) };
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

/// Simulate. `tell` hears of every month.
///
/// # Errors
///
/// If the chain refuses what makes up the world, or something earned cannot be claimed.
pub fn simulate(options: &Options, mut tell: impl FnMut(&Row, &World)) -> Result<Outcome> {
    let mut chain = chain::genesis()?;
    let mut world = chain.execute_with(|| World::new(options.seed))?;
    let mut outcome = Outcome {
        rows: Vec::new(),
        faults: Faults::default(),
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
        // What was removed would otherwise be stepped over for ever.
        chain.commit_all().map_err(|error| anyhow::anyhow!(error))?;
        let due = (u64::from(options.trials) * u64::from(month + 1) / u64::from(months)) as u32;
        for number in played..due {
            let stage = Stage { people: &world.people, kernel: world.kernel, now: world.now };
            let number = options.seed << 32 | u64::from(number);
            match chain.execute_with(|| coalition::trial(&stage, number))? {
                Some(trial) => outcome.enter(&trial),
                None => outcome.refused += 1,
            }
        }
        played = due;
        tell(&world.row, &world);
        outcome.rows.push(world.row.clone());
    }
    outcome.faults = world.faults;
    Ok(outcome)
}

impl Outcome {
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
