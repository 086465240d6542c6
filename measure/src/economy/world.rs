//! The world around the chain: its participants work, pay, trade, provide liquidity and claim, era
//! by era.

use super::{
    chain::{self, Ice, SettledJob},
    dice::{Dice, coins, in_coins},
    ledger::{Ledger, account},
    report::Month,
};
use crate::calls::{register_kernel, signed, told};
use anyhow::{Result, ensure};
use dpin_primitives::{
    AccountId, AssetKind, BLC, Balance, BlockNumber, DPN, Hash,
    economy::{Category, DAY_BLOCKS, EMISSION_MONTHS, EraIndex, MONTH_BLOCKS, Pot, SUPPLY_CAP},
    traits::{CapacityLedger, WorkerRegistry},
    worker::Outcome,
};
use dpin_runtime::{Buyback, Issuance, Runtime, RuntimeEvent, Workers};
use polkadot_sdk::{
    frame_support::{traits::Hooks, weights::Weight},
    sp_keyring::Sr25519Keyring,
};
use std::collections::{BTreeSet, VecDeque};

/// Blocks of an era.
pub const ERA: BlockNumber = DAY_BLOCKS / 4;
/// Eras of a month.
pub const MONTH_ERAS: u32 = MONTH_BLOCKS / ERA;
/// Blocks between two buy-backs, with the runtime's default parameters.
const INTERVAL: BlockNumber = 200;
/// In most eras, one in this many buy-backs is played.
const SKIP: BlockNumber = 3;
/// Eras of a month in which every buy-back is played.
const FULL_ERAS: u32 = 2;
/// Number of workers.
const WORKERS: u32 = 8;
/// The fraction of the first pool that governance leaves in the pool.
const LEFT_IN_POOL: f64 = 0.0005;

/// The participants.
pub struct People {
    /// Accounts that compute, and audit each other.
    pub workers: Vec<AccountId>,
    /// Accounts that author blocks. The last one begins with nothing.
    pub validators: Vec<AccountId>,
    /// Accounts that post jobs.
    pub requesters: Vec<AccountId>,
    /// Keeps the pool's price at the outside price.
    pub trader: AccountId,
    /// Provides liquidity.
    pub provider: AccountId,
    /// Buys DPN from accounts that earn them and sells DPN to accounts that need them, outside the
    /// pool.
    pub desk: AccountId,
}

impl People {
    fn new() -> Self {
        let some = |name: &str, count: u32| (0..count).map(|number| account(&(name, number))).collect();
        Self {
            workers: (0..WORKERS).map(chain::worker_account).collect(),
            validators: some("validator", 4),
            requesters: some("requester", 3),
            trader: account(&"trader"),
            provider: account(&"provider"),
            desk: account(&"desk"),
        }
    }
}

impl People {
    /// Give all money of the preset's accounts to the desk, which funds everybody and lets the
    /// workers register.
    fn settle(&self) -> Result<()> {
        for who in Sr25519Keyring::well_known().map(|key| key.to_account_id()) {
            for (asset, keep) in [(AssetKind::Native, 1_000 * DPN), (BLC, 0)] {
                let amount = chain::spendable(&asset, &who).saturating_sub(keep);
                chain::send(&asset, &who, &self.desk, amount).map_err(told)?;
            }
        }
        let fund = |who: &AccountId, amount| chain::send(&AssetKind::Native, &self.desk, who, amount);
        for (number, worker) in self.workers.iter().enumerate() {
            fund(worker, 2_000 * DPN).map_err(told)?;
            chain::register_worker(number as u32, 1_000 * DPN)?;
        }
        let funded = self.validators.iter().take(self.validators.len() - 1).chain(&self.requesters);
        for who in funded.chain([&self.trader, &self.provider]) {
            fund(who, 100 * DPN).map_err(told)?;
        }
        Ok(())
    }
}

/// Give most of the liquidity pot's shares in the pool to the provider. Governance can do this with
/// `utility.dispatchAs`.
fn lend_liquidity(provider: &AccountId) -> Result<()> {
    let liquidity = chain::pot(Pot::Liquidity);
    let taken = chain::shares(&liquidity).0 as f64 * (1.0 - LEFT_IN_POOL);
    chain::remove_liquidity(&liquidity, taken as Balance, provider).map_err(told)
}

/// The simulation's record of an era, with amounts in planck.
#[derive(Clone, Copy, Default)]
struct EraBook {
    emission: Balance,
    parts: Balance,
    claimed: Balance,
}

/// The violations found: what the chain must never do.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Violations {
    /// The number of times that DPN exceeded the cap.
    pub cap: u32,
    /// The number of times that money came from nothing or disappeared.
    pub conservation: u32,
    /// The number of slices that moved the price by more than allowed.
    pub impact: u32,
}

/// The state of the outside, for a while.
struct Weather {
    /// Fees of an era, in DPN.
    activity: f64,
    /// The part of the fees paid in BLC.
    stable_share: f64,
    /// BLC in the pool.
    depth: f64,
    /// Deviation of the logarithm of the outside price in an era.
    unrest: f64,
}

impl Weather {
    fn drawn(dice: &mut Dice) -> Self {
        let depth = match dice.below(4) {
            0 => dice.scale(3_000.0, 12_000.0),
            1 => dice.scale(12_000.0, 100_000.0),
            _ => dice.scale(100_000.0, 5_000_000.0),
        };
        Self { activity: dice.scale(2.0, 4_000.0), stable_share: dice.unit(), depth, unrest: dice.scale(0.002, 0.05) }
    }
}

/// The simulated world.
pub struct World {
    /// The participants.
    pub people: People,
    /// The kernel of all jobs.
    pub kernel: Hash,
    /// The last block.
    pub now: BlockNumber,
    /// The violations found.
    pub violations: Violations,
    /// The month so far.
    pub row: Month,
    ledger: Ledger,
    dice: Dice,
    weather: Weather,
    /// The outside price of a DPN, in BLC.
    outside: f64,
    ice: Option<(Ice, EraIndex)>,
    era: EraIndex,
    genesis_minted: i128,
    books: Vec<EraBook>,
    /// The sums over all eras.
    totals: EraBook,
    /// The author of the last block, until its era is known.
    author: Option<AccountId>,
    /// Accounts that were active in the running era.
    active: BTreeSet<AccountId>,
    /// Rewards that wait until an era's BLC are spent.
    waiting: VecDeque<(EraIndex, AccountId)>,
    /// Rewards that are claimed late: the era of the claim, the era of the reward, and the account.
    late: Vec<(EraIndex, EraIndex, AccountId)>,
}

impl World {
    /// A world on a new chain. The seed changes everything random.
    ///
    /// # Errors
    ///
    /// If the chain refuses part of the world.
    pub fn new(seed: u64) -> Result<Self> {
        chain::begin();
        let mut ledger = Ledger::open();
        let people = People::new();
        let kernel = register_kernel(&Sr25519Keyring::Alice.to_account_id())?;
        people.settle()?;
        lend_liquidity(&people.provider)?;

        let mut dice = Dice::new(&("world", seed));
        let mistakes = ledger.enter(|_| {}) + ledger.compare(true);
        let mut world = Self {
            people,
            kernel,
            now: 1,
            violations: Violations { conservation: mistakes, ..Violations::default() },
            row: Month::default(),
            genesis_minted: ledger.native.minted(),
            ledger,
            weather: Weather::drawn(&mut dice),
            dice,
            outside: chain::price(),
            ice: None,
            era: 0,
            books: Vec::new(),
            totals: EraBook::default(),
            author: None,
            active: BTreeSet::new(),
            waiting: VecDeque::new(),
            late: Vec::new(),
        };
        world.fund();
        world.provide();
        Ok(world)
    }

    /// Simulate a month.
    ///
    /// # Errors
    ///
    /// If an era does not end when it should, or the chain refuses a required call.
    pub fn month(&mut self, number: u32) -> Result<()> {
        self.row = Month { month: number + 1, ..Month::default() };
        for era in 0..MONTH_ERAS {
            if self.dice.chance(1.0 / 60.0) {
                self.weather = Weather::drawn(&mut self.dice);
                self.provide();
            }
            if self.dice.chance(1.0 / 100.0) {
                self.outside *= self.dice.between(-0.9f64, 0.9).exp();
            }
            self.play_era(era < FULL_ERAS)?;
        }
        self.claim_allocations();
        self.fund();
        self.close_month();
        Ok(())
    }

    /// Play an era: some or all of its buy-backs, and the actions between them.
    fn play_era(&mut self, full: bool) -> Result<()> {
        let start = self.era * ERA;
        let step = if full { INTERVAL } else { SKIP * INTERVAL };
        self.freeze_or_thaw();
        // The outside price stays in a range in which somebody would trade.
        let pull = -0.001 * self.outside.ln();
        self.outside *= (pull + self.weather.unrest * self.dice.normal()).exp();
        self.outside = self.outside.clamp(0.01, 100.0);
        let steps = ERA / step;
        let share = self.weather.activity / f64::from(steps);
        for at in (start + step..=start + ERA).step_by(step as usize) {
            self.active.extend(self.author.take());
            self.act(share);
            self.pass(at);
            // The liquidity bonds are handled in between.
            let between = at + INTERVAL / 2;
            if between < start + ERA && (full || self.dice.chance(0.5)) {
                self.active.extend(self.author.take());
                self.pass(between);
            }
        }
        ensure!(Issuance::current_era() == self.era + 1, "era {} has not ended in block {}", self.era, self.now);
        self.era += 1;
        self.idle();
        self.claim();
        self.check(false);
        Ok(())
    }

    /// Let the blocks up to this one pass. Its hooks run, with a random author.
    fn pass(&mut self, at: BlockNumber) {
        chain::quiet(self.now, at - 1);
        self.now = at;
        let author = self.people.validators[self.dice.place(self.people.validators.len())].clone();
        let before = chain::price();
        chain::block(at, &author);
        let after = chain::price();
        let burned = self.ledger.native.burned();
        let mut bought_now = 0;
        let (books, totals, row) = (&mut self.books, &mut self.totals, &mut self.row);
        let mut faults = 0;
        let mistakes = self.ledger.enter(|event| match event {
            RuntimeEvent::Issuance(pallet_issuance::Event::EraEnded {
                emission, capacity, demand, validators, ..
            }) => {
                let parts = capacity + demand + validators;
                books.push(EraBook { emission: *emission, parts, claimed: 0 });
                totals.emission += emission;
            }
            RuntimeEvent::Buyback(pallet_buyback::Event::BoughtBack { spent, bought, .. }) => {
                bought_now += bought;
                let impact = after / before - 1.0;
                row.slices += 1;
                row.impacts += impact;
                row.max_impact = row.max_impact.max(impact);
                row.spent += spent;
                row.bought += bought;
                // 0.7 %, and the error of a double.
                faults += u32::from(impact > 0.007 + 1e-9);
            }
            RuntimeEvent::Buyback(pallet_buyback::Event::NativeBurned { amount, .. }) => {
                bought_now += amount;
                row.native_burned += amount;
            }
            RuntimeEvent::Buyback(pallet_buyback::Event::Halted { .. }) => row.halts += 1,
            RuntimeEvent::Buyback(pallet_buyback::Event::BondsSold { sold, .. }) => row.bonds_sold += sold,
            RuntimeEvent::Buyback(pallet_buyback::Event::BondsBoughtBack { bought, .. }) => {
                row.bonds_bought_back += bought
            }
            _ => {}
        });
        self.author = Some(author);
        // Nothing else happens in this block, so the amount burned in the books is exactly the
        // amount bought.
        let burned_now = self.ledger.native.burned() - burned;
        self.violations.impact += faults;
        self.violations.conservation += mistakes + u32::from(burned_now != bought_now as i128);
    }

    /// Enter the events since the last block.
    fn enter(&mut self) {
        self.violations.conservation += self.ledger.enter(|_| {});
    }

    /// The actions between two blocks whose hooks run. `share` is the amount to pay in fees, in
    /// DPN.
    fn act(&mut self, share: f64) {
        if self.dice.chance(0.6) {
            let goal = self.outside * (1.0 + 0.003 * self.dice.normal());
            self.row.trades += u32::from(chain::push_price(&self.people.trader, goal));
        }
        if self.dice.chance(0.5) {
            let fees = share * 2.0 * self.dice.scale(0.3, 3.0);
            self.demand(fees);
        }
        if self.dice.chance(0.3) {
            let worker = &self.people.workers[self.dice.place(self.people.workers.len())];
            <Issuance as CapacityLedger>::proved(worker, 1 + self.dice.below(1_000) as u32);
            self.active.insert(worker.clone());
            if self.dice.chance(0.02) {
                let outcome = if self.dice.chance(0.9) { Outcome::Right } else { Outcome::Wrong };
                <Workers as WorkerRegistry>::note(worker, outcome, 100 * DPN);
            }
        }
        if self.dice.chance(0.3) {
            let payer = &self.people.requesters[self.dice.place(self.people.requesters.len())];
            let asset = if self.dice.chance(0.3) { BLC } else { AssetKind::Native };
            let (fee, tip) = (coins(self.dice.scale(0.001, 100.0)), coins(self.dice.scale(1e-9, 10.0)));
            match chain::charge(payer, &asset, fee, tip) {
                Ok(()) => self.row.transaction_fees += fee + tip,
                Err(_) => self.row.refused += 1,
            }
        }
        self.enter();
    }

    /// Settle a task, or a job of several, that pays these fees, in DPN or in BLC of that value.
    fn demand(&mut self, fees: f64) {
        let requester = self.people.requesters[self.dice.place(self.people.requesters.len())].clone();
        let (asset, fees) = if self.dice.chance(self.weather.stable_share) {
            (BLC, coins(fees * self.outside))
        } else {
            (AssetKind::Native, coins(fees))
        };
        let first = self.dice.place(self.people.workers.len());
        let mut others = self.people.workers.iter().cycle().skip(first).take(self.people.workers.len());
        let Some(worker) = others.next().cloned() else { return };
        let auditors: Vec<AccountId> = others.take(self.dice.place(4)).cloned().collect();
        let settled = if self.dice.chance(0.35) {
            // With the default parameters: a quarter of a percent from each side, and two percent
            // in BLC.
            let reward = if asset == BLC { fees * 40 } else { fees * 200 };
            let tasks = 1 + self.dice.below(4) as u32;
            let most = chain::spendable(&asset, &requester) / 2;
            let per_task = (reward.min(most) / Balance::from(tasks)).max(DPN / 100);
            let job = SettledJob {
                requester: &requester,
                asset: asset.clone(),
                per_task,
                tasks,
                worker: &worker,
                auditors: &auditors,
            };
            let failing = u32::from(self.dice.chance(0.1));
            let ledger = &mut self.ledger;
            chain::settle_job(self.kernel, &job, failing, |id| ledger.posted(id, &requester, &asset)).map(|_| ())
        } else {
            let fees = fees.min(chain::spendable(&asset, &requester) / 4);
            let paid: Vec<(AccountId, Balance)> = [&worker]
                .into_iter()
                .chain(&auditors)
                .map(|who| (who.clone(), 1 + self.dice.below(100) as Balance))
                .collect();
            chain::settle_short(&requester, &asset, fees, &paid)
        };
        match settled {
            Ok(()) => {
                self.row.settled += 1;
                self.active.insert(worker);
                self.active.extend(auditors);
            }
            Err(_) => self.row.refused += 1,
        }
    }

    /// Remove outdated records.
    fn idle(&mut self) {
        Issuance::on_idle(self.now, Weight::MAX);
        Buyback::on_idle(self.now, Weight::MAX);
        self.enter();
    }

    /// Let all accounts claim; some are late, and a few never claim.
    fn claim(&mut self) {
        let ended = self.era - 1;
        for who in std::mem::take(&mut self.active) {
            match self.dice.below(200) {
                0 => {}
                1..=4 => self.late.push((self.era + self.dice.below(300) as u32, ended, who)),
                _ => self.claim_one(ended, who),
            }
        }
        let due: Vec<_> = self.late.iter().filter(|(at, ..)| *at <= self.era).cloned().collect();
        self.late.retain(|(at, ..)| *at > self.era);
        for (_, era, who) in due {
            self.claim_one(era, who);
        }
        while let Some((era, who)) = self.waiting.front().cloned() {
            if !self.is_fixed(era) {
                break;
            }
            self.waiting.pop_front();
            self.claim_one(era, who);
        }
        // Each of them every 20 eras, which are five days.
        let turn = (self.era % 20) as usize;
        if let Some(worker) = self.people.workers.get(turn) {
            match chain::transact(|| Issuance::claim_unlocked(signed(&self.people.desk), worker.clone())) {
                Ok(()) => self.row.claims += 1,
                Err(_) => self.row.refused += 1,
            }
            self.enter();
        }
    }

    /// Whether an era's reward for demand can no longer change.
    fn is_fixed(&self, era: EraIndex) -> bool {
        pallet_issuance::Eras::<Runtime>::try_get(era).map_or(true, |record| Issuance::is_demand_fixed(&record))
    }

    fn claim_one(&mut self, era: EraIndex, who: AccountId) {
        let minted = self.ledger.native.minted();
        let claimed = chain::transact(|| Issuance::claim_reward(signed(&self.people.desk), era, who.clone())).is_ok();
        self.enter();
        let minted = self.ledger.native.minted() - minted;
        if let Some(book) = self.books.get_mut(era as usize) {
            book.claimed += minted as Balance;
        }
        self.totals.claimed += minted as Balance;
        self.row.claims += u32::from(claimed);
        self.row.refused += u32::from(!claimed);
        let waits = pallet_issuance::Contributions::<Runtime>::contains_key(era, &who);
        // A fixed rest is worth less than a planck, and is removed with its era.
        if waits && !self.is_fixed(era) {
            // In the order of eras: a late claim may belong to an earlier one.
            let at = self.waiting.partition_point(|(other, _)| *other <= era);
            self.waiting.insert(at, (era, who));
        }
    }

    /// Claim the vesting allocations of all accounts.
    fn claim_allocations(&mut self) {
        for who in Sr25519Keyring::well_known().map(|key| key.to_account_id()) {
            for category in [Category::Contributors, Category::Governance] {
                let claim = || Issuance::claim_vested(signed(&self.people.desk), who.clone(), category);
                self.row.claims += u32::from(chain::transact(claim).is_ok());
            }
        }
        self.enter();
    }

    /// Accounts that have earned DPN sell them to the desk, which sells them to accounts that need
    /// them. BLC come from outside.
    fn fund(&mut self) {
        let (people, native) = (&self.people, AssetKind::Native);
        let earners = people.workers.iter().chain(&people.validators).cloned();
        let vested = Sr25519Keyring::well_known().map(|key| key.to_account_id());
        for who in earners.chain(vested) {
            let surplus = chain::spendable(&native, &who).saturating_sub(1_000 * DPN);
            if surplus > 0 {
                let sold = chain::send(&native, &who, &people.desk, surplus / 10 * 9);
                self.row.refused += u32::from(sold.is_err());
            }
        }
        let stock = chain::spendable(&native, &people.desk);
        let needs = people.requesters.iter().map(|who| (who, 10)).chain([(&people.trader, 5), (&people.provider, 5)]);
        for (who, part) in needs {
            let has = chain::spendable(&native, who);
            let most = if *who == people.provider { 10_000_000 } else { 300_000 } * DPN;
            let needed = most.saturating_sub(has).min(stock / part);
            let _poor = chain::send(&native, &people.desk, who, needed);
            let surplus = has.saturating_sub(most);
            if surplus > 0 {
                let _kept = chain::send(&native, who, &people.desk, surplus);
            }
        }
        for who in people.requesters.iter().chain([&people.trader, &people.provider]) {
            let most = 5_000_000 * DPN;
            let needed = most.saturating_sub(chain::spendable(&BLC, who));
            if needed > most / 2 {
                let _frozen = chain::mint_stable(who, needed);
            }
        }
        self.enter();
    }

    /// Change the pool's depth to that of the weather, as far as the provider can.
    fn provide(&mut self) {
        let _frozen = set_depth(&self.people.provider, self.weather.depth);
        self.enter();
    }

    fn freeze_or_thaw(&mut self) {
        match &self.ice {
            Some((ice, until)) if *until <= self.era => {
                self.violations.conservation += u32::from(chain::freeze(ice, false).is_err());
                self.ice = None;
            }
            None if self.dice.chance(1.0 / 240.0) => {
                let ice = match self.dice.below(3) {
                    0 => Ice::Asset,
                    1 => Ice::Account(chain::pot(Pot::Revenue)),
                    _ => Ice::Account(chain::pool_account()),
                };
                if chain::freeze(&ice, true).is_ok() {
                    self.ice = Some((ice, self.era + 1 + self.dice.below(8) as u32));
                }
            }
            _ => {}
        }
        self.row.frozen_eras += u32::from(self.ice.is_some());
        self.enter();
    }

    /// Compare the chain with the books. With `all`, compare every account.
    fn check(&mut self, all: bool) {
        let supply = Issuance::supply();
        let book = &self.ledger.native;
        let above = |amount: i128| u32::from(amount > SUPPLY_CAP as i128);
        self.violations.cap += above(supply.minted as i128)
            + above(supply.issuance as i128)
            + above(book.minted())
            + u32::from(supply.cap != SUPPLY_CAP);

        let emitted = book.minted() - self.genesis_minted;
        let EraBook { emission, claimed, .. } = self.totals;
        let scheduled = emission as i128;
        let unminted = scheduled - claimed as i128;
        let equal = [
            (supply.minted as i128, book.minted()),
            (supply.burned as i128, book.burned()),
            (supply.issuance as i128, book.issuance()),
            (supply.emitted as i128, emitted),
            (supply.scheduled as i128, scheduled),
            (scheduled, emitted + unminted),
        ];
        let mut faults = equal.iter().filter(|(one, other)| one != other).count() as u32;
        // An era's rewards must not exceed its emission, nor the claims its rewards.
        faults += match self.books.last() {
            Some(book) => u32::from(book.parts > book.emission),
            None => 0,
        };
        faults += self.ledger.compare(all);
        if all {
            faults += self.books.iter().filter(|book| book.claimed > book.parts).count() as u32;
            let live = self.books.iter().enumerate().filter_map(|(era, book)| Some((Issuance::era(era as u32)?, book)));
            faults += live.filter(|(info, book)| info.minted != book.claimed || info.emission != book.emission).count()
                as u32;
            faults += u32::from(Issuance::do_try_state().is_err()) + u32::from(Buyback::do_try_state().is_err());
            let months = self.now / MONTH_BLOCKS;
            let formula = released(months);
            let advance = in_coins(pallet_issuance::Advance::<Runtime>::get());
            if self.now.is_multiple_of(MONTH_BLOCKS) && formula < in_coins(Category::Airdrop.amount()) - advance {
                faults += u32::from((in_coins(supply.scheduled) / formula - 1.0).abs() > 1e-9);
            }
        }
        if faults > 0 {
            eprintln!("block {}: {faults} conservation errors: {equal:?}", self.now);
        }
        self.violations.conservation += faults;
    }

    fn close_month(&mut self) {
        self.check(true);
        let supply = Issuance::supply();
        let pot = |name| super::ledger::native_of(&chain::pot(name));
        let (pool_native, pool_stable) = chain::reserves();
        let row = &mut self.row;
        row.block = self.now;
        row.minted = supply.minted;
        row.issuance = supply.issuance;
        row.circulating = supply.circulating;
        row.burned = supply.burned;
        row.scheduled = supply.scheduled;
        row.emitted = supply.emitted;
        row.vesting_pot = pot(Pot::Vesting);
        row.super_nodes_pot = pot(Pot::SuperNodes);
        row.bonds_pot = pot(Pot::Bonds);
        row.ecosystem_pot = pot(Pot::Ecosystem);
        row.fund_pot = pot(Pot::Fund);
        row.revenue_native = pot(Pot::Revenue);
        row.revenue_stable = super::ledger::stable_of(&chain::pot(Pot::Revenue));
        row.pool_native = pool_native;
        row.pool_stable = pool_stable;
        row.price = chain::price();
    }
}

/// Change the BLC in the pool to `depth`, as far as the provider can add or remove liquidity.
///
/// # Errors
///
/// The errors of the calls.
pub fn set_depth(provider: &AccountId, depth: f64) -> Result<(), polkadot_sdk::sp_runtime::DispatchError> {
    let stable = in_coins(chain::reserves().1);
    if stable < depth {
        return chain::add_liquidity(provider, coins(depth - stable));
    }
    let (own, all) = chain::shares(provider);
    let taken = (all as f64 * (1.0 - depth / stable)) as Balance;
    let taken = taken.min(own);
    if taken == 0 {
        return Ok(());
    }
    chain::remove_liquidity(provider, taken, provider)
}

/// The release of the schedule after this many months, in DPN, by its formula in floating point.
fn released(months: u32) -> f64 {
    let left = |months: u32| 0.9898f64.powi(months as i32);
    in_coins(Category::Airdrop.amount()) * (1.0 - left(months)) / (1.0 - left(EMISSION_MONTHS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_begins_with_the_first_month_and_ends_with_everything() {
        assert_eq!(released(0), 0.0);
        assert!((released(1) - 2_014_096.085_5).abs() < 1e-3, "{}", released(1));
        assert!((released(240) - 180_600_000.0).abs() < 1e-3);
    }

    #[test]
    fn eras_fit_into_months_and_buy_backs_into_eras() {
        assert_eq!((MONTH_BLOCKS % ERA, ERA % (SKIP * INTERVAL)), (0, 0));
    }
}
