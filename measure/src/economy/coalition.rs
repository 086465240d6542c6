//! Trials of a coalition that settles jobs with itself, to see whether that pays.
//!
//! # Overview
//!
//! A coalition is requester, worker, all auditors and the author of blocks at once, and it trades.
//! A trial is a plan that is played twice from the same state of the same chain: once with the
//! coalition's jobs and once without. Everything else is the same, including its trades. After each
//! play the chain is restored.
//!
//! Its profit is the difference of its final funds, when everything it can claim is claimed and
//! vested. BLC are converted to DPN at one of two prices, whichever gives more DPN: that before its
//! first trade, or the final one without jobs. The coalition could have traded its fees at either
//! price. So a fall of the DPN price in between, for example by sales of liquidity bonds, is no
//! gain of the jobs.
//!
//! A plan varies:
//!
//! - all parameters of the economy that governance may change, in the whole range of their types,
//!   and those that determine prices of jobs;
//! - the depth of the pool, and the coalition's own part of it;
//! - the asset of the jobs, DPN or BLC;
//! - the payments: the amount, at once or in several jobs, and the number of auditors;
//! - the payments of others in the same era, and the part of them that is spent before the
//!   coalition enters;
//! - the move of the price before that;
//! - whether the coalition pushes the price up or down before its jobs, and when it reverses that;
//! - whether it trades around each of the slices bought with its fees, and whether these are ever
//!   spent.

use super::{
    chain::{self, SettledJob},
    dice::{Dice, coins, in_coins},
    ledger::{account, native_of, stable_of},
    world::{People, set_depth},
};
use crate::calls::{signed, told};
use anyhow::{Result, ensure};
use dpin_primitives::{
    AccountId, AssetKind, BLC, Balance, BlockNumber, DPN, Hash,
    economy::{DAY_BLOCKS, EraIndex, Pot},
};
use dpin_runtime::{Issuance, Runtime};
use polkadot_sdk::{
    frame_support::{storage::with_transaction_unchecked, traits::Get},
    sp_runtime::TransactionOutcome,
};
use std::collections::BTreeSet;

/// Days until everything claimed is vested: 150, and the effect of rounding the start up.
const VESTED_DAYS: BlockNumber = 156;
/// Most slices of a trial's fees that are played.
const MOST_SLICES: u32 = 80;
/// Eras that are played while unspent fees may still be spent.
const MOST_ERAS: u32 = 123;

/// The setting in which trials are played.
pub struct Setting<'a> {
    /// The other participants.
    pub people: &'a People,
    /// The kernel of all jobs.
    pub kernel: Hash,
    /// The last block.
    pub now: BlockNumber,
}

/// The result of a trial.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// The profit of the jobs, in planck.
    pub profit: i128,
    /// The coalition's fees, in planck. BLC are converted at the price of the profit.
    pub fees: Balance,
    /// Whether any fees of its eras were burned.
    pub burned: bool,
}

impl Trial {
    /// The profit as a part of the fees.
    pub fn relative(&self) -> f64 {
        if self.fees == 0 {
            return f64::NEG_INFINITY;
        }
        self.profit as f64 / self.fees as f64
    }
}

/// The actions of a coalition, and their circumstances.
#[derive(Clone, Debug)]
struct Plan {
    number: u64,
    /// BLC in the pool.
    depth: f64,
    /// The coalition's addition to the pool, in multiples of the pool.
    own_pool: f64,
    stable: bool,
    /// Fees: BLC in slices of the pool, or DPN in ten-thousandths of the pool's DPN.
    fees: f64,
    jobs: u32,
    auditors: usize,
    /// Payments of others in BLC in the same era, in slices.
    others: f64,
    others_native: f64,
    /// Slices between the payments of others and the coalition's.
    early: u32,
    /// Factor by which the price moves before the coalition enters.
    shock: f64,
    /// Blocks after the move of the price.
    calm: BlockNumber,
    /// The coalition's trade before its jobs, as a part of the pool; positive if it buys.
    push: f64,
    /// Whether it reverses that trade as soon as the jobs are settled, and not at the end.
    back_at_once: bool,
    /// Its trade around each slice, as a part of the pool; positive if it buys before the slice.
    sandwich: f64,
    /// The first slice around which it trades.
    from_slice: u32,
    /// Whether governance allows buy-backs in the smallest pools.
    deep_enough: bool,
    /// Whether BLC in the revenue pot are frozen from the coalition's jobs on, so that their fees
    /// are never spent.
    frozen: bool,
    /// Whether no fees of earlier eras are left to spend.
    fresh: bool,
    /// Whether jobs are posted and settled, or only their fees are paid.
    posted: bool,
}

impl Plan {
    fn drawn(number: u64) -> Self {
        let mut dice = Dice::new(&("plan", number));
        let or_none = |dice: &mut Dice, p: f64, least: f64, most: f64| match dice.chance(p) {
            true => dice.scale(least, most),
            false => 0.0,
        };
        let sign = |dice: &mut Dice| if dice.chance(0.5) { 1.0 } else { -1.0 };
        Self {
            number,
            depth: dice.scale(1_000.0, 3_000_000.0),
            own_pool: or_none(&mut dice, 0.4, 0.01, 50.0),
            stable: dice.chance(0.75),
            fees: dice.scale(0.01, 30.0),
            jobs: 1 + dice.below(3) as u32,
            auditors: dice.place(8),
            others: or_none(&mut dice, 0.6, 0.1, 40.0),
            others_native: or_none(&mut dice, 0.3, 0.1, 1_000.0),
            early: dice.below(12) as u32,
            shock: if dice.chance(0.5) { dice.scale(0.3, 3.0) } else { 1.0 },
            calm: dice.below(3_000) as BlockNumber,
            push: or_none(&mut dice, 0.5, 0.001, 0.6) * sign(&mut dice),
            back_at_once: dice.chance(0.5),
            sandwich: or_none(&mut dice, 0.5, 0.0005, 0.2) * sign(&mut dice),
            from_slice: dice.below(20) as u32,
            deep_enough: dice.chance(0.7),
            frozen: dice.chance(0.15),
            fresh: dice.chance(0.8),
            posted: dice.chance(0.6),
        }
    }
}

/// Play the plan of this number with and without jobs, and undo everything. `None` if the chain
/// refuses the plan: a price or a reward out of its range, or a pool too small for trades.
///
/// # Errors
///
/// If the earned rewards cannot be claimed in the end.
pub fn trial(setting: &Setting<'_>, number: u64) -> Result<Option<Trial>> {
    let plan = Plan::drawn(number);
    let with = put_back(|| Play::new(setting, &plan)?.play(true))?;
    let without = put_back(|| Play::new(setting, &plan)?.play(false))?;
    Ok(match (with, without) {
        (Some(with), Some(without)) => {
            // In BLC for a DPN.
            let price = without.before.min(without.after);
            let profit = with.native - without.native + ((with.stable - without.stable) as f64 / price) as i128;
            Some(Trial { profit, fees: with.fees_at(price), burned: with.burned })
        }
        _ => None,
    })
}

/// Run something and undo it.
fn put_back<R>(what: impl FnOnce() -> R) -> R {
    with_transaction_unchecked(|| TransactionOutcome::Rollback(what()))
}

/// The coalition's funds in the end.
struct End {
    /// DPN, in planck.
    native: i128,
    /// BLC, in the smallest unit.
    stable: i128,
    /// The price before its first trade, in BLC for a DPN.
    before: f64,
    /// The price when everything is claimed, in BLC for a DPN.
    after: f64,
    /// The coalition's fees, in the jobs' asset.
    fees: Balance,
    /// Whether its jobs were paid in BLC.
    in_stable: bool,
    /// Whether any fees of its eras were burned.
    burned: bool,
}

impl End {
    /// The coalition's fees, in planck, if a DPN costs `price` BLC.
    fn fees_at(&self, price: f64) -> Balance {
        if self.in_stable { (self.fees as f64 / price) as Balance } else { self.fees }
    }
}

/// A play of a plan.
struct Play<'a> {
    setting: &'a Setting<'a>,
    plan: &'a Plan,
    requester: AccountId,
    worker: AccountId,
    auditors: Vec<AccountId>,
    validator: AccountId,
    trader: AccountId,
    now: BlockNumber,
    interval: BlockNumber,
}

/// The end of a play that the chain refuses.
struct Refused;

impl<'a> Play<'a> {
    fn new(setting: &'a Setting<'a>, plan: &'a Plan) -> Result<Self> {
        chain::turn_all(&mut Dice::new(&("rules", plan.number)))?;
        if plan.deep_enough {
            chain::set_min_reserve(100 * DPN)?;
        }
        let rules = <Runtime as pallet_buyback::Config>::Rules::get();
        Ok(Self {
            setting,
            plan,
            requester: account(&"coalition: requester"),
            worker: account(&"coalition: worker"),
            auditors: (0..plan.auditors as u32).map(|number| account(&("coalition: auditor", number))).collect(),
            validator: account(&"coalition: validator"),
            trader: account(&"coalition: trader"),
            now: setting.now,
            interval: rules.interval,
        })
    }

    fn members(&self) -> Vec<AccountId> {
        let named = [&self.requester, &self.worker, &self.validator, &self.trader];
        named.into_iter().chain(&self.auditors).cloned().collect()
    }

    /// Play the plan to its end. `None` if the chain refuses it.
    fn play(mut self, jobs: bool) -> Result<Option<End>> {
        let Ok((eras, before, fees)) = self.act(jobs) else { return Ok(None) };
        let after = self.collect(&eras)?;
        let (native, stable) = self
            .members()
            .iter()
            .fold((0, 0), |(native, stable), who| (native + native_of(who) as i128, stable + stable_of(who) as i128));
        let burned = |era: &EraIndex| {
            Issuance::era(*era)
                .is_some_and(|info| if self.plan.stable { info.stable_burned } else { info.native_fees } > 0)
        };
        let (burned, in_stable) = (eras.iter().any(burned), self.plan.stable);
        Ok(Some(End { native, stable, before, after, fees, in_stable, burned }))
    }

    /// Play everything up to the last trade. Returns the eras of the jobs, the price before the
    /// first trade in BLC for a DPN, and the fees.
    fn act(&mut self, jobs: bool) -> Result<(BTreeSet<EraIndex>, f64, Balance), Refused> {
        let (plan, people) = (self.plan, self.setting.people);
        self.equip()?;
        let (native, stable) = self.fill_pool()?;
        if plan.fresh {
            self.forget();
        }
        self.begin_era();

        let slice = stable as f64 * self.slice();
        self.pay_others((slice * plan.others) as Balance, (native as f64 * plan.others_native / 1_000.0) as Balance);
        for _ in 0..plan.early {
            self.slice_block(0.0);
        }
        if plan.shock != 1.0 {
            chain::push_price(&people.provider, chain::price() * plan.shock);
        }
        self.wait(plan.calm);

        let undisturbed = chain::price();
        let pushed = self.trade(plan.push);
        let (asset, fees) = if plan.stable {
            (BLC, (slice * plan.fees) as Balance)
        } else {
            (AssetKind::Native, (native as f64 * plan.fees / 10_000.0) as Balance)
        };
        let (eras, paid) = self.pay_jobs(&asset, fees.max(DPN / 1_000), jobs)?;
        if plan.frozen {
            let _was_not_thawed = chain::freeze(&chain::Ice::Account(chain::pot(Pot::Revenue)), true);
        }
        let pushed = if plan.back_at_once { self.trade_back(pushed) } else { pushed };

        // The same number with and without jobs, so that the coalition trades equally often.
        let slices = (plan.others + plan.fees) as u32 + 3;
        for number in 0..slices.min(MOST_SLICES) {
            self.slice_block(if number >= plan.from_slice { plan.sandwich } else { 0.0 });
        }
        self.trade_back(pushed);
        Ok((eras, undisturbed, paid))
    }

    /// Give the pool its depth and the coalition its part of it. Returns the DPN and BLC in the
    /// pool.
    fn fill_pool(&mut self) -> Result<(Balance, Balance), Refused> {
        let plan = self.plan;
        set_depth(&self.setting.people.provider, plan.depth).map_err(|_| Refused)?;
        if plan.own_pool > 0.0 {
            let stable = in_coins(chain::reserves().1) * plan.own_pool;
            // As much as it can. If it can add nothing, the plan is different but still valid.
            let _what_it_has = chain::add_liquidity(&self.trader, coins(stable));
        }
        let (native, stable) = chain::reserves();
        if native < DPN || stable < DPN {
            return Err(Refused);
        }
        Ok((native, stable))
    }

    /// Let the coalition settle the plan's jobs with itself, one in a block, for these fees in all.
    /// Without `jobs`, only the blocks pass. Returns the eras of the jobs and the fees paid.
    fn pay_jobs(
        &mut self,
        asset: &AssetKind,
        fees: Balance,
        jobs: bool,
    ) -> Result<(BTreeSet<EraIndex>, Balance), Refused> {
        let number_of_jobs = self.plan.jobs;
        let (mut eras, mut paid) = (BTreeSet::new(), 0);
        for number in 0..number_of_jobs {
            eras.insert(Issuance::current_era());
            if jobs {
                paid += self.pay_itself(asset, fees / Balance::from(number_of_jobs))?;
            }
            if number + 1 < number_of_jobs {
                self.wait(1);
            }
        }
        Ok((eras, paid))
    }

    /// Give the coalition its funds, and allow payments in BLC.
    fn equip(&mut self) -> Result<(), Refused> {
        let people = self.setting.people;
        for ice in [
            chain::Ice::Asset,
            chain::Ice::Account(chain::pot(Pot::Revenue)),
            chain::Ice::Account(chain::pool_account()),
        ] {
            // Thaws it if it is frozen.
            let _was_not_frozen = chain::freeze(&ice, false);
        }
        let stock = chain::spendable(&AssetKind::Native, &people.desk);
        let each = (stock / 4).min(5_000_000 * DPN);
        if each < 1_000 * DPN {
            return Err(Refused);
        }
        for who in self.members() {
            let amount = if who == self.requester || who == self.trader { each } else { 10 * DPN };
            chain::send(&AssetKind::Native, &people.desk, &who, amount).map_err(|_| Refused)?;
            chain::mint_stable(&who, if amount == each { 50_000_000 * DPN } else { DPN }).map_err(|_| Refused)?;
        }
        let _has_enough = chain::mint_stable(&people.requesters[0], 50_000_000 * DPN);
        let _has_enough = chain::mint_stable(&people.provider, 50_000_000 * DPN);
        Ok(())
    }

    /// The size of a slice, as a part of the pool's BLC.
    fn slice(&self) -> f64 {
        let rules = <Runtime as pallet_buyback::Config>::Rules::get();
        (1.0 + f64::from(rules.max_impact.deconstruct()) / 1e9).sqrt() - 1.0
    }

    /// Let blocks pass.
    fn wait(&mut self, blocks: BlockNumber) {
        if blocks == 0 {
            return;
        }
        chain::quiet(self.now, self.now + blocks - 1);
        self.now += blocks;
        let author = if self.now.is_multiple_of(2) { &self.validator } else { &self.setting.people.validators[0] };
        chain::block(self.now, author);
    }

    /// Remove unspent fees of earlier eras, as if they had been spent and no jobs paid in BLC had
    /// been posted for a while.
    fn forget(&mut self) {
        let revenue = chain::pot(Pot::Revenue);
        let _nothing = chain::send(&BLC, &revenue, &self.setting.people.desk, chain::spendable(&BLC, &revenue));
        let length = <Runtime as pallet_issuance::Config>::Rules::get().era_blocks;
        for _ in 0..MOST_ERAS {
            self.now += length;
            chain::block(self.now, &self.setting.people.validators[0]);
        }
    }

    /// End the running era, and let the price be observed for the whole time of an average.
    fn begin_era(&mut self) {
        let rules = <Runtime as pallet_buyback::Config>::Rules::get();
        self.wait(1);
        self.wait(2 * rules.average_blocks + 1);
        let start = Issuance::era(Issuance::current_era()).map_or(self.now, |era| era.start);
        let length = <Runtime as pallet_issuance::Config>::Rules::get().era_blocks;
        self.wait((start + length).saturating_sub(self.now));
    }

    /// Let the blocks up to the next buy-back pass. `around` is the coalition's trade in the block
    /// before it, which is reversed in the block of the buy-back.
    fn slice_block(&mut self, around: f64) {
        let next = (self.now / self.interval + 1) * self.interval;
        if next > self.now + 1 {
            self.wait(next - 1 - self.now);
        }
        let traded = self.trade(around);
        self.wait(1);
        self.trade_back(traded);
    }

    /// Trade a part of the pool; buys DPN if positive. Returns the asset and the amount received.
    fn trade(&self, part: f64) -> Option<(AssetKind, Balance)> {
        let (native, stable) = chain::reserves();
        let (from, to, reserve) =
            if part > 0.0 { (BLC, AssetKind::Native, stable) } else { (AssetKind::Native, BLC, native) };
        let amount = (reserve as f64 * part.abs()) as Balance;
        if amount == 0 {
            return None;
        }
        Some((to, chain::swap(&self.trader, &from, amount).ok()?))
    }

    /// Reverse a trade by swapping exactly the received amount.
    fn trade_back(&self, got: Option<(AssetKind, Balance)>) -> Option<(AssetKind, Balance)> {
        if let Some((asset, amount)) = got {
            let _worthless = chain::swap(&self.trader, &asset, amount);
        }
        None
    }

    /// The payments of others in the same era.
    fn pay_others(&self, stable: Balance, native: Balance) {
        let people = self.setting.people;
        let paid = [(people.workers[0].clone(), 9), (people.workers[1].clone(), 1)];
        for (asset, fees) in [(BLC, stable), (AssetKind::Native, native)] {
            let requester = &people.requesters[0];
            let fees = fees.min(chain::spendable(&asset, requester));
            if fees > 0 {
                let _no_others = chain::settle_short(requester, &asset, fees, &paid);
            }
        }
    }

    /// Pay fees for jobs that the coalition does itself. Returns the fees paid.
    fn pay_itself(&self, asset: &AssetKind, fees: Balance) -> Result<Balance, Refused> {
        let revenue = chain::pot(Pot::Revenue);
        let pot = || if *asset == BLC { stable_of(&revenue) } else { native_of(&revenue) };
        let before = pot();
        let mut job = SettledJob {
            requester: &self.requester,
            asset: asset.clone(),
            per_task: DPN,
            tasks: 1,
            worker: &self.worker,
            auditors: &self.auditors,
        };
        let fee = job.transaction_fee(self.setting.kernel);
        chain::charge(&self.requester, &AssetKind::Native, fee, 0).map_err(|_| Refused)?;
        if self.plan.posted {
            let quoted = dpin_runtime::Jobs::fees(&job.spec(self.setting.kernel)).map_err(|_| Refused)?;
            let per_coin = in_coins(quoted.reservation + quoted.surcharge + quoted.worker_fees).max(1e-6);
            let most = chain::spendable(asset, &self.requester) / 4;
            job.per_task = coins(in_coins(fees) / per_coin).clamp(DPN / 100, most.max(DPN / 100));
            chain::settle_job(self.setting.kernel, &job, 0, |_| ()).map_err(|_| Refused)?;
        } else {
            let paid: Vec<_> = [&self.worker].into_iter().chain(&self.auditors).map(|who| (who.clone(), 1)).collect();
            let fees = fees.min(chain::spendable(asset, &self.requester) / 4).max(1);
            chain::settle_short(&self.requester, asset, fees, &paid).map_err(|_| Refused)?;
        }
        Ok(pot() - before)
    }

    /// Claim everything, wait until it is vested, and claim the vested amounts. Returns the final
    /// price, in BLC for a DPN.
    fn collect(&mut self, eras: &BTreeSet<EraIndex>) -> Result<f64> {
        let length = <Runtime as pallet_issuance::Config>::Rules::get().era_blocks;
        // The same number with and without jobs, although without jobs nothing waits.
        for _ in 0..MOST_ERAS {
            self.now += length;
            chain::block(self.now, &self.setting.people.validators[0]);
        }
        // After this time nothing waits any longer, in any state of the market.
        self.now += pallet_issuance::LONGEST_WAIT_BLOCKS;
        chain::block(self.now, &self.setting.people.validators[0]);
        let desk = signed(&self.setting.people.desk);
        for (era, who) in eras.iter().flat_map(|era| self.members().into_iter().map(move |who| (*era, who))) {
            let _nothing_earned = chain::transact(|| Issuance::claim_reward(desk.clone(), era, who.clone()));
            let left = Issuance::reward(era, who).map_or(0, |left| left.capacity + left.demand + left.validator);
            ensure!(left == 0, "plan {}: {left} planck earned in era {era} cannot be claimed", self.plan.number);
        }
        self.now += VESTED_DAYS * DAY_BLOCKS;
        chain::block(self.now, &self.setting.people.validators[0]);
        for who in self.members() {
            let _none = chain::transact(|| Issuance::claim_unlocked(desk.clone(), who.clone()));
            ensure!(
                pallet_issuance::Streams::<Runtime>::get(&who).is_empty(),
                "plan {}: what has vested cannot be claimed",
                self.plan.number
            );
        }
        let price = chain::price();
        let (own, _) = chain::shares(&self.trader);
        if own > 0 {
            chain::remove_liquidity(&self.trader, own, &self.trader).map_err(told)?;
        }
        Ok(price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_follow_from_their_number_and_differ() {
        let plan = |number| format!("{:?}", Plan::drawn(number));
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
    }

    #[test]
    fn plans_cover_both_assets_and_both_directions() {
        let plans: Vec<Plan> = (0..200).map(Plan::drawn).collect();
        assert!(plans.iter().any(|plan| plan.stable) && plans.iter().any(|plan| !plan.stable));
        for of in [|plan: &Plan| plan.push, |plan: &Plan| plan.sandwich] {
            assert!(plans.iter().any(|plan| of(plan) > 0.0) && plans.iter().any(|plan| of(plan) < 0.0));
        }
        assert!(plans.iter().any(|plan| plan.shock > 1.2) && plans.iter().any(|plan| plan.shock < 0.8));
    }
}
