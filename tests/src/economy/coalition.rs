//! Whether it pays to settle jobs with oneself.
//!
//! # Overview
//!
//! A coalition is requester, worker, all auditors and the author of blocks at once, and it trades.
//! A trial is a plan that is played twice from the same state of the same chain: once with the
//! coalition's jobs and once without; everything else, its trades included, is the same. Its profit
//! is the difference of all it has in the end, when everything it can claim is claimed and vested:
//! DPN, and BLC at the price before its first trade or in the end without jobs, whichever gives
//! more DPN for them. What it has paid in fees it could have traded at either: that DPN become
//! cheaper meanwhile, say because liquidity bonds are sold, is no gain of the jobs. Each time the
//! chain is put back as it was.
//!
//! What a plan varies: all numbers of the economy that governance may turn, within all their types
//! allow, and those by which jobs are priced; the depth of the pool, and how much of it is the
//! coalition's own; DPN or BLC; how much is paid, at once or in several jobs, with how many
//! auditors; what others pay in the same era and how much of that is spent before the coalition
//! enters; by how much the price has moved before; whether the coalition pushes the price up or
//! down before its jobs and when it takes that back; and whether it trades around each of the
//! slices that are bought with its fees; and whether these are ever spent.

use super::{
    chain::{self, Job},
    dice::{coins, in_coins, Dice},
    ledger::{account, native_of, stable_of},
    world::{set_depth, People},
};
use anyhow::{ensure, Result};
use dpin_primitives::{
    economy::{EraIndex, Pot, DAY_BLOCKS},
    AccountId, AssetKind, Balance, BlockNumber, Hash, BLC, DPN,
};
use dpin_runtime::{Issuance, Runtime};
use polkadot_sdk::{
    frame_support::{storage::with_transaction_unchecked, traits::Get},
    sp_runtime::TransactionOutcome,
};
use std::collections::BTreeSet;

/// Days after which all that is claimed is vested: 150, and what rounding up the start adds.
const VESTED_DAYS: BlockNumber = 156;
/// Most slices that are played of a trial's fees.
const MOST_SLICES: u32 = 80;
/// Eras that are played while what is unspent may still be spent.
const MOST_ERAS: u32 = 123;

/// Where trials are played.
pub struct Stage<'a> {
    /// Who else takes part.
    pub people: &'a People,
    /// The kernel of all jobs.
    pub kernel: Hash,
    /// The last block.
    pub now: BlockNumber,
}

/// What came of a trial.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// What the jobs brought, in planck.
    pub profit: i128,
    /// What the coalition paid in fees, in planck; BLC at the price of the profit.
    pub fees: Balance,
    /// Whether anything was burned of the fees of its eras.
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

/// What a coalition does, and in which circumstances.
#[derive(Clone, Debug)]
struct Plan {
    number: u64,
    /// BLC in the pool.
    depth: f64,
    /// Of the pool, how much the coalition adds, in multiples of what is there.
    own_pool: f64,
    stable: bool,
    /// Fees, in slices of the pool, or thousandths of what it holds of DPN.
    fees: f64,
    jobs: u32,
    auditors: usize,
    /// What others pay in BLC in the same era, in slices.
    others: f64,
    others_native: f64,
    /// Slices between what others do and the rest.
    early: u32,
    /// Factor by which the price moves before the coalition enters.
    shock: f64,
    /// Blocks after that.
    calm: BlockNumber,
    /// What the coalition trades before its jobs, as a part of the pool: buying if positive.
    push: f64,
    /// Whether it takes that back as soon as the jobs are settled, and not at the end.
    back_at_once: bool,
    /// What it trades around each slice, as a part of the pool: buying before if positive.
    sandwich: f64,
    /// From which of its slices on.
    from_slice: u32,
    /// Whether governance lets the smallest pools be bought in.
    deep_enough: bool,
    /// Whether BLC in the revenue pot are frozen from the coalition's jobs on, so that their fees
    /// are never spent.
    frozen: bool,
    /// Whether nothing of earlier eras is left to be spent.
    fresh: bool,
    /// Whether jobs go the whole way, or fees are just paid.
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

/// Play the plan of this number with and without jobs, and put everything back. `None` if the chain
/// refuses the plan: a price or a reward beyond what it takes, or a pool too small to be traded in.
///
/// # Errors
///
/// If what was earned cannot be claimed in the end.
pub fn trial(stage: &Stage<'_>, number: u64) -> Result<Option<Trial>> {
    let plan = Plan::drawn(number);
    let with = put_back(|| Play::new(stage, &plan)?.play(true))?;
    let without = put_back(|| Play::new(stage, &plan)?.play(false))?;
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

/// Do something and undo it.
fn put_back<R>(what: impl FnOnce() -> R) -> R {
    with_transaction_unchecked(|| TransactionOutcome::Rollback(what()))
}

/// What the coalition has in the end.
struct End {
    /// In planck.
    native: i128,
    /// In BLC's smallest unit.
    stable: i128,
    /// The price before its first trade, in BLC for a DPN.
    before: f64,
    /// The price when everything is claimed, in BLC for a DPN.
    after: f64,
    /// What it has paid in fees, in the jobs' asset.
    fees: Balance,
    /// Whether its jobs were paid in BLC.
    in_stable: bool,
    /// Whether anything was burned of the fees of its eras.
    burned: bool,
}

impl End {
    /// What it has paid in fees, in planck, if a DPN costs `price` BLC.
    fn fees_at(&self, price: f64) -> Balance {
        if self.in_stable {
            (self.fees as f64 / price) as Balance
        } else {
            self.fees
        }
    }
}

/// A plan that is being played.
struct Play<'a> {
    stage: &'a Stage<'a>,
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
    fn new(stage: &'a Stage<'a>, plan: &'a Plan) -> Result<Self> {
        chain::turn_all(&mut Dice::new(&("rules", plan.number)))?;
        if plan.deep_enough {
            chain::set_min_reserve(100 * DPN)?;
        }
        let rules = <Runtime as pallet_buyback::Config>::Rules::get();
        Ok(Self {
            stage,
            plan,
            requester: account(&"coalition: requester"),
            worker: account(&"coalition: worker"),
            auditors: (0..plan.auditors as u32).map(|number| account(&("coalition: auditor", number))).collect(),
            validator: account(&"coalition: validator"),
            trader: account(&"coalition: trader"),
            now: stage.now,
            interval: rules.interval,
        })
    }

    fn members(&self) -> Vec<AccountId> {
        let named = [&self.requester, &self.worker, &self.validator, &self.trader];
        named.into_iter().chain(&self.auditors).cloned().collect()
    }

    /// `None` if the chain refuses the plan.
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

    /// Everything up to the last trade. Returns the eras of the jobs, the price before the first
    /// trade in BLC for a DPN, and the fees.
    fn act(&mut self, jobs: bool) -> Result<(BTreeSet<EraIndex>, f64, Balance), Refused> {
        let (plan, people) = (self.plan, self.stage.people);
        self.equip()?;
        set_depth(&people.provider, plan.depth).map_err(|_| Refused)?;
        if plan.own_pool > 0.0 {
            let stable = in_coins(chain::reserves().1) * plan.own_pool;
            // As much as it can: without any of it the plan is another one, but no worse.
            let _what_it_has = chain::add_liquidity(&self.trader, coins(stable));
        }
        let (native, stable) = chain::reserves();
        if native < DPN || stable < DPN {
            return Err(Refused);
        }
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
        let fees = fees.max(DPN / 1_000);
        let mut paid = 0;
        let mut eras = BTreeSet::new();
        for number in 0..plan.jobs {
            eras.insert(Issuance::current_era());
            if jobs {
                paid += self.pay_itself(&asset, fees / Balance::from(plan.jobs))?;
            }
            if number + 1 < plan.jobs {
                self.wait(1);
            }
        }
        if plan.frozen {
            let _was_not_thawed = chain::freeze(&chain::Ice::Account(chain::pot(Pot::Revenue)), true);
        }
        let pushed = if plan.back_at_once { self.trade_back(pushed) } else { pushed };

        // As many with jobs as without, so that the coalition trades as often.
        let slices = (plan.others + plan.fees) as u32 + 3;
        for number in 0..slices.min(MOST_SLICES) {
            self.slice_block(if number >= plan.from_slice { plan.sandwich } else { 0.0 });
        }
        self.trade_back(pushed);
        Ok((eras, undisturbed, paid))
    }

    /// Give the coalition what it needs, and let it be able to pay in BLC.
    fn equip(&mut self) -> Result<(), Refused> {
        let people = self.stage.people;
        for ice in [
            chain::Ice::Asset,
            chain::Ice::Account(chain::pot(Pot::Revenue)),
            chain::Ice::Account(chain::pool_account()),
        ] {
            // It is thawed if it is frozen.
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

    /// What a slice is of the pool's BLC.
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
        let author = if self.now.is_multiple_of(2) { &self.validator } else { &self.stage.people.validators[0] };
        chain::block(self.now, author);
    }

    /// Let nothing be left to be spent of earlier eras: as if it had been spent, and nobody had
    /// posted jobs paid in BLC for a while.
    fn forget(&mut self) {
        let revenue = chain::pot(Pot::Revenue);
        let _nothing = chain::send(&BLC, &revenue, &self.stage.people.desk, chain::spendable(&BLC, &revenue));
        let length = <Runtime as pallet_issuance::Config>::Rules::get().era_blocks;
        for _ in 0..MOST_ERAS {
            self.now += length;
            chain::block(self.now, &self.stage.people.validators[0]);
        }
    }

    /// End the running era, and let the price be observed for as long as an average needs.
    fn begin_era(&mut self) {
        let rules = <Runtime as pallet_buyback::Config>::Rules::get();
        self.wait(1);
        self.wait(2 * rules.average_blocks + 1);
        let start = Issuance::era(Issuance::current_era()).map_or(self.now, |era| era.start);
        let length = <Runtime as pallet_issuance::Config>::Rules::get().era_blocks;
        self.wait((start + length).saturating_sub(self.now));
    }

    /// Let the blocks up to the next buy-back pass. `around`: what the coalition trades in the
    /// block before it, and takes back in its own.
    fn slice_block(&mut self, around: f64) {
        let next = (self.now / self.interval + 1) * self.interval;
        if next > self.now + 1 {
            self.wait(next - 1 - self.now);
        }
        let traded = self.trade(around);
        self.wait(1);
        self.trade_back(traded);
    }

    /// Trade a part of the pool; buy DPN if it is positive. Returns what was got, in which asset.
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

    /// Trade back just what was got.
    fn trade_back(&self, got: Option<(AssetKind, Balance)>) -> Option<(AssetKind, Balance)> {
        if let Some((asset, amount)) = got {
            let _worthless = chain::swap(&self.trader, &asset, amount);
        }
        None
    }

    /// What others pay in the same era.
    fn pay_others(&self, stable: Balance, native: Balance) {
        let people = self.stage.people;
        let paid = [(people.workers[0].clone(), 9), (people.workers[1].clone(), 1)];
        for (asset, fees) in [(BLC, stable), (AssetKind::Native, native)] {
            let requester = &people.requesters[0];
            let fees = fees.min(chain::spendable(&asset, requester));
            if fees > 0 {
                let _no_others = chain::settle_short(requester, &asset, fees, &paid);
            }
        }
    }

    /// Pay so much in fees for jobs it does itself. Returns what it has paid in fees.
    fn pay_itself(&self, asset: &AssetKind, fees: Balance) -> Result<Balance, Refused> {
        let revenue = chain::pot(Pot::Revenue);
        let pot = || if *asset == BLC { stable_of(&revenue) } else { native_of(&revenue) };
        let before = pot();
        let mut job = Job {
            requester: &self.requester,
            asset: asset.clone(),
            per_task: DPN,
            tasks: 1,
            worker: &self.worker,
            auditors: &self.auditors,
        };
        let fee = job.transaction_fee(self.stage.kernel);
        chain::charge(&self.requester, &AssetKind::Native, fee, 0).map_err(|_| Refused)?;
        if self.plan.posted {
            let quoted = dpin_runtime::Jobs::fees(&job.spec(self.stage.kernel)).map_err(|_| Refused)?;
            let per_coin = in_coins(quoted.reservation + quoted.surcharge + quoted.worker_fees).max(1e-6);
            let most = chain::spendable(asset, &self.requester) / 4;
            job.per_task = coins(in_coins(fees) / per_coin).clamp(DPN / 100, most.max(DPN / 100));
            chain::settle_job(self.stage.kernel, &job, 0, |_| ()).map_err(|_| Refused)?;
        } else {
            let paid: Vec<_> = [&self.worker].into_iter().chain(&self.auditors).map(|who| (who.clone(), 1)).collect();
            let fees = fees.min(chain::spendable(asset, &self.requester) / 4).max(1);
            chain::settle_short(&self.requester, asset, fees, &paid).map_err(|_| Refused)?;
        }
        Ok(pot() - before)
    }

    /// Claim everything, wait until it is vested, and take it. Returns the price then, in BLC for a
    /// DPN.
    fn collect(&mut self, eras: &BTreeSet<EraIndex>) -> Result<f64> {
        let length = <Runtime as pallet_issuance::Config>::Rules::get().era_blocks;
        // As many with jobs as without, though these wait for nothing.
        for _ in 0..MOST_ERAS {
            self.now += length;
            chain::block(self.now, &self.stage.people.validators[0]);
        }
        // Whatever the market was like, nothing is waited for any longer.
        self.now += pallet_issuance::LONGEST_WAIT_BLOCKS;
        chain::block(self.now, &self.stage.people.validators[0]);
        let desk = chain::signed(&self.stage.people.desk);
        for (era, who) in eras.iter().flat_map(|era| self.members().into_iter().map(move |who| (*era, who))) {
            let _nothing_earned = chain::transact(|| Issuance::claim_reward(desk.clone(), era, who.clone()));
            let left = Issuance::reward(era, who).map_or(0, |left| left.capacity + left.demand + left.validator);
            ensure!(left == 0, "plan {}: {left} planck earned in era {era} cannot be claimed", self.plan.number);
        }
        self.now += VESTED_DAYS * DAY_BLOCKS;
        chain::block(self.now, &self.stage.people.validators[0]);
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
            chain::remove_liquidity(&self.trader, own, &self.trader).map_err(chain::told)?;
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
