//! The circulation of money on a real network. Jobs are paid in BLC, and their fees are spent on
//! buying DPN back. The bought DPN are burned, and the workers receive rewards that are less than
//! the burned amount.
//!
//! # Overview
//!
//! [`allocation`] prints the allocation of the supply and checks it against the white paper.
//! [`run`] is the scenario, for a network of [`nodes`]. Both print their observations to standard
//! output.

use crate::{
    actors::{self, Terms},
    books::{self, Books},
    client::{Block, Blocks, Client},
    network::{Network, NodeConfig, name},
    progress,
};
use anyhow::{Context, Result, anyhow, bail, ensure};
use dpin_kernels::{Job, mandelbrot::View};
use dpin_primitives::{
    AccountId, AssetKind, BLC, BLC_UNIT, Balance, DPN, Hash, JobId,
    economy::{AllocationInfo, BuybackTotals, Category, EraIndex, EraInfo, RewardInfo, SUPPLY_CAP, VestingInfo},
    job::AuditPolicy,
};
use dpin_runtime::{
    Runtime, RuntimeCall, RuntimeEvent,
    configs::BLC_MINIMUM,
    parameters::dynamic::economy::{self, Parameters},
};
use pallet_buyback::Event as BuybackEvent;
use pallet_issuance::Event as IssuanceEvent;
use pallet_jobs::Event as JobEvent;
use polkadot_sdk::{
    pallet_asset_conversion_tx_payment::Event as FeeEvent,
    sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Eve, Ferdie},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::{Duration, Instant},
};

/// Time limit for the whole way of the fees: from the escrow to burning, the end of their era, and
/// final claims.
const LIMIT: Duration = Duration::from_secs(200);
/// Blocks of an era: the fewest allowed.
const ERA_BLOCKS: u32 = 20;
/// Blocks between two buy-backs: the fewest allowed.
const INTERVAL: u32 = 2;
/// Blocks over which the price is averaged: the fewest allowed.
const AVERAGE_BLOCKS: u32 = 10;
/// The accounts that post and pay for the jobs.
const REQUESTERS: [Sr25519Keyring; 2] = [Eve, Ferdie];
/// Reward of each job, in the smallest unit of BLC.
const REWARD: Balance = 200 * BLC_UNIT;
/// Most reward for demand, in percent of the burned amount.
const DEMAND_CAP: Balance = 80;
/// The part of its reward that a worker receives at once, in percent.
const AT_ONCE: Balance = 25;

/// The totals of the buy-backs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals(BuybackTotals);

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BuybackTotals { spent, bought, burned } = self.0;
        write!(f, "spent={} bought={} burned={}", progress::of_amount(spent, &BLC), dpn(bought), dpn(burned))
    }
}

/// The smallest network on which jobs are audited: a validator, and two workers that audit each
/// other.
pub fn nodes() -> Vec<NodeConfig> {
    vec![NodeConfig::validator(Alice), NodeConfig::worker(Bob), NodeConfig::worker(Charlie)]
}

/// Print the allocation of the supply, as the chain reports it before its first block, and check it
/// against the white paper.
///
/// # Errors
///
/// When it differs from the white paper, the minted amount is not the issuance, or the node does
/// not answer.
pub async fn allocation(client: &Client) -> Result<()> {
    let at = client.genesis();
    let lines: Vec<AllocationInfo> = client.call_api("EconomyApi_allocation", (), at).await?;
    let line = |name: &str, amounts: [Balance; 3]| {
        let [amount, minted, released] = amounts.map(grouped);
        println!("  {name:<24} {amount:>18} {minted:>24} {released:>24}");
    };
    println!("  {:<24} {:>18} {:>24} {:>24}", "allocation", "DPN", "minted at genesis", "given out at genesis");
    for AllocationInfo { category, amount, minted, released } in &lines {
        line(category.name(), [*amount, *minted, *released]);
    }
    let sum = |of: fn(&AllocationInfo) -> Balance| lines.iter().map(of).sum::<Balance>();
    let (total, minted) = (sum(|line| line.amount), sum(|line| line.minted));
    line("total", [total, minted, sum(|line| line.released)]);

    let told: Vec<(Category, Balance)> = lines.iter().map(|line| (line.category, line.amount)).collect();
    let paper = Category::ALL.map(|category| (category, category.amount()));
    ensure!(told == paper, "the white paper says {paper:?}");
    ensure!(total == SUPPLY_CAP && total == 210_000_000 * DPN, "the allocations add up to {total} planck");
    let [issued, _] = books::issuance(client, at).await?;
    ensure!(minted == issued, "{minted} planck were minted at genesis, and {issued} are there");
    Ok(())
}

/// An amount of DPN with its unit.
fn dpn(amount: Balance) -> String {
    progress::of_amount(amount, &AssetKind::Native)
}

/// An amount of DPN with grouped thousands, without its unit.
fn grouped(amount: Balance) -> String {
    let text = dpn(amount);
    let text = text.trim_end_matches(" DPN");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (digit, left) in whole.chars().zip((0..whole.len()).rev()) {
        grouped.push(digit);
        if left > 0 && left.is_multiple_of(3) {
            grouped.push(',');
        }
    }
    grouped + fraction
}

/// Let two jobs be paid in BLC. Follow their fees until these are burned and the workers are
/// rewarded.
///
/// # Errors
///
/// When a check fails, with its details.
pub async fn run(network: &Network) -> Result<Totals> {
    let client = network.client(Alice).await?;
    allocation(&client).await?;
    let mut circle = Circle::begin(network, client.clone()).await?;

    println!("\nGovernance shortens eras and intervals, two workers register and bond, a kernel is stored ...");
    let job = View::whole_set(256, 256, 500).job()?;
    let prepare = async {
        let included = client.submit_all(REQUESTERS[0], actors::prepare(&job)?).await?;
        included.into_iter().try_for_each(|call| call.ok().map(drop)).context("the kernel")
    };
    let register = actors::register_workers(&client, network.workers());
    tokio::try_join!(actors::set_economy(&client, numbers()?), register, prepare)?;

    let jobs = circle.post(&job).await?;
    actors::in_time(LIMIT, circle.until_burned(jobs)).await.context("the fees are not burned")?;
    actors::in_time(LIMIT, circle.claim()).await.context("the rewards are not paid")?;
    circle.books.close(&client, circle.blocks.last()).await.context("the books do not balance")?;
    println!("balances and total issuance of DPN and BLC before and after agree with every event");
    actors::nothing_left(&client, &REQUESTERS, &circle.workers).await?;
    Ok(Totals(circle.totals))
}

/// The least parameters that governance may set, so that an era ends in time.
fn numbers() -> Result<Vec<Parameters>> {
    let era = ERA_BLOCKS.try_into().map_err(|blocks| anyhow!("no era has {blocks} blocks"))?;
    let interval = INTERVAL.try_into().map_err(|blocks| anyhow!("nothing is bought every {blocks} blocks"))?;
    let average = AVERAGE_BLOCKS.try_into().map_err(|blocks| anyhow!("no price is averaged over {blocks} blocks"))?;
    Ok(vec![
        Parameters::EraBlocks(economy::EraBlocks, Some(era)),
        Parameters::BuybackInterval(economy::BuybackInterval, Some(interval)),
        Parameters::AverageBlocks(economy::AverageBlocks, Some(average)),
    ])
}

/// A reward of an era for an account.
type Reward = (EraIndex, AccountId, RewardInfo);

/// The part of the chain in which the fees are followed.
struct Circle {
    client: Client,
    begin: Instant,
    blocks: Blocks,
    books: Books,
    /// The accounts that may have earned rewards.
    earners: Vec<AccountId>,
    workers: Vec<Sr25519Keyring>,
    /// Fees in the smallest unit of BLC, by the era in which their tasks were settled.
    fees: BTreeMap<EraIndex, Balance>,
    totals: BuybackTotals,
}

impl Circle {
    async fn begin(network: &Network, client: Client) -> Result<Self> {
        let blocks = client.blocks().await?;
        let earners: Vec<AccountId> = network.nodes().iter().map(|node| node.account().to_account_id()).collect();
        let requesters = REQUESTERS.map(|account| account.to_account_id()).into();
        Ok(Self {
            books: Books::open(&client, blocks.last(), earners.clone(), requesters).await?,
            blocks,
            client,
            begin: Instant::now(),
            earners,
            workers: network.workers().into_iter().map(|(account, _)| account).collect(),
            fees: BTreeMap::new(),
            totals: BuybackTotals::default(),
        })
    }

    /// Let each requester post the job, paid in BLC. The second also pays its transaction fee in
    /// BLC.
    async fn post(&self, job: &Job) -> Result<BTreeSet<JobId>> {
        let audit = AuditPolicy { auditors: 1, ..AuditPolicy::default() };
        let terms = Terms { asset: BLC, reward: REWARD, audit, ..Terms::default() };
        let call = actors::submit_job(actors::spec_of(job, terms)?);
        let [first, second] = REQUESTERS;
        let for_dpn = self.client.submit(first, call.clone());
        let (for_dpn, for_blc) = tokio::try_join!(for_dpn, self.client.submit_paying_in(BLC, second, call))?;
        let who = second.to_account_id();
        let paid = for_blc.events.iter().find_map(|event| match event {
            RuntimeEvent::AssetTxPayment(FeeEvent::AssetTxFeePaid { who: payer, actual_fee, asset_id, .. })
                if *payer == who && *asset_id == BLC =>
            {
                Some(*actual_fee)
            }
            _ => None,
        });
        let paid = paid.context("no fee is paid in BLC")?;
        ensure!(paid > 0, "the fee is 0");
        println!("{second} pays {} for a transaction", progress::of_amount(paid, &BLC));
        [for_dpn, for_blc].into_iter().map(actors::posted).collect()
    }

    fn tell(&self, block: &Block, words: fmt::Arguments<'_>) {
        println!("{:>4} s  block {:>3}  {words}", self.begin.elapsed().as_secs(), block.number);
    }

    /// Enter the next final block into the books, and check its buy-backs.
    async fn next(&mut self) -> Result<Block> {
        let parent = self.blocks.last();
        let block = self.blocks.next().await?;
        let (minted_before, burned_before) = self.books.minted_and_burned();
        self.books.enter(&self.client, &block).await?;
        let (minted, burned) = self.books.minted_and_burned();
        let issuance = (minted - minted_before, burned - burned_before);

        let (revenue, now) = self.see(&block)?;
        if revenue > 0 {
            let era: EraIndex = self.client.call_api("EconomyApi_current_era", (), block.hash).await?;
            *self.fees.entry(era).or_default() += revenue;
        }
        if now.spent > 0 {
            self.check_spending(parent, &block, revenue, now, issuance).await?;
        }
        Ok(block)
    }

    /// Print the events of a block. Returns the fees that the revenue pot received in it, and the
    /// totals of its buy-backs.
    fn see(&self, block: &Block) -> Result<(Balance, BuybackTotals)> {
        let (mut revenue, mut now) = (0, BuybackTotals::default());
        for event in &block.events {
            if let Some((task, words)) = progress::of_task(event) {
                self.tell(block, format_args!("task {task}  {words}"));
            }
            match event {
                RuntimeEvent::Jobs(JobEvent::TaskSettled { revenue: fees, .. }) => revenue += fees,
                RuntimeEvent::Buyback(BuybackEvent::BoughtBack { asset, spent, bought, burned }) => {
                    ensure!(*asset == BLC && bought == burned, "{event:?}");
                    now.spent += spent;
                    now.bought += bought;
                    now.burned += burned;
                }
                RuntimeEvent::Buyback(BuybackEvent::Halted { reason, .. }) => {
                    self.tell(block, format_args!("nothing is bought back: {reason:?}"));
                }
                RuntimeEvent::Buyback(BuybackEvent::Resumed { .. }) => {
                    self.tell(block, format_args!("buying back again"));
                }
                RuntimeEvent::Issuance(IssuanceEvent::EraEnded { era, emission, .. }) => {
                    self.tell(block, format_args!("era {era} ends: {} were released", dpn(*emission)));
                }
                _ => (),
            }
        }
        Ok((revenue, now))
    }

    /// Check that the pot fell by the amount spent in a block, and the issuance by the amount
    /// burned. `minted` and `burned` are all the DPN of that block.
    async fn check_spending(
        &mut self,
        parent: Hash,
        block: &Block,
        revenue: Balance,
        now: BuybackTotals,
        (minted, burned): (Balance, Balance),
    ) -> Result<()> {
        let pot = books::revenue_pot();
        let had = books::blc(&self.client, &pot, parent).await?;
        let has = books::blc(&self.client, &pot, block.hash).await?;
        ensure!(had + revenue == has + now.spent, "the pot had {had}, got {revenue}, spent {now:?}, has {has}");
        let [before, _] = books::issuance(&self.client, parent).await?;
        let [after, _] = books::issuance(&self.client, block.hash).await?;
        // All other amounts burned or minted in this block are known to the last planck.
        let others = burned.checked_sub(now.burned).context("the bought DPN are not burned")?;
        ensure!(
            before + minted == after + now.burned + others,
            "{now:?}, {others} of fees burned, {minted} minted: {before} before, {after} after"
        );
        let (spent, bought) = (progress::of_amount(now.spent, &BLC), dpn(now.bought));
        let [before, after, others, minted] = [before, after, others, minted].map(dpn);
        self.tell(block, format_args!("bought back {bought} for {spent}, and burned them: of {before}"));
        self.tell(block, format_args!("there are {after} left; {others} of other fees burned, {minted} minted"));
        self.totals.spent += now.spent;
        self.totals.bought += now.bought;
        self.totals.burned += now.burned;
        Ok(())
    }

    /// Follow the chain until the jobs have ended, all their fees are spent, and the eras of these
    /// fees are over.
    async fn until_burned(&mut self, mut jobs: BTreeSet<JobId>) -> Result<()> {
        let expected = jobs.len();
        loop {
            let block = self.next().await?;
            for event in &block.events {
                match event {
                    RuntimeEvent::Jobs(JobEvent::JobEnded { job, .. }) => drop(jobs.remove(job)),
                    RuntimeEvent::Jobs(JobEvent::TaskFailed { .. }) => bail!("a job failed: {event:?}"),
                    _ => (),
                }
            }
            let paid: Balance = self.fees.values().sum();
            if jobs.is_empty() && self.totals.spent == paid {
                let era: EraIndex = self.client.call_api("EconomyApi_current_era", (), block.hash).await?;
                if self.fees.keys().all(|with_fees| *with_fees < era) {
                    ensure!(paid > 0, "{expected} jobs paid no fees");
                    break;
                }
            }
        }
        let at = self.blocks.last();
        let told: BuybackTotals = self.client.call_api("EconomyApi_buyback_totals", BLC, at).await?;
        ensure!(told == self.totals, "the chain tells {told:?}, its events {:?}", self.totals);
        let left = books::blc(&self.client, &books::revenue_pot(), at).await?;
        ensure!(left == BLC_MINIMUM, "{left} of the smallest unit of BLC are left in the pot");
        Ok(())
    }

    /// Claim all rewards of the eras of the fees, and check them.
    async fn claim(&mut self) -> Result<()> {
        let at = self.blocks.last();
        let rewards = self.rewards(at).await?;
        for worker in &self.workers {
            let worker = worker.to_account_id();
            ensure!(rewards.iter().any(|(_, account, _)| *account == worker), "nothing for {}", name(&worker));
        }
        self.submit_claims(&rewards).await?;
        for account in &self.earners {
            let own: Vec<&RewardInfo> =
                rewards.iter().filter(|(_, whose, _)| whose == account).map(|(.., reward)| reward).collect();
            self.check_reward(account, &own, at).await?;
        }
        Ok(())
    }

    /// The rewards of the eras of the fees. Checks that all fees are spent and burned, and that the
    /// rewards for demand keep below their limit.
    async fn rewards(&self, at: Hash) -> Result<Vec<Reward>> {
        let mut rewards = Vec::new();
        let mut burned = 0;
        for (era, fees) in &self.fees {
            let info: Option<EraInfo> = self.client.call_api("EconomyApi_era", *era, at).await?;
            let info = info.with_context(|| format!("era {era} is forgotten"))?;
            let (paid, spent) = (info.stable_fees, info.stable_spent);
            ensure!((paid, spent) == (*fees, *fees), "{fees} fees were paid in era {era}: {info:?}");
            burned += info.stable_burned;
            let mut demand = 0;
            for account in &self.earners {
                let arguments = (*era, account.clone());
                let reward: Option<RewardInfo> = self.client.call_api("EconomyApi_reward", arguments, at).await?;
                let Some(reward) = reward else { continue };
                ensure!(reward.ready && reward.demand_ready, "era {era}: {reward:?}");
                demand += reward.demand;
                rewards.push((*era, account.clone(), reward));
            }
            let most = (info.stable_burned + info.native_fees) * DEMAND_CAP / 100;
            ensure!(0 < demand && demand <= most, "{demand} for demand in {info:?}");
            println!("era {era}: {} for demand, {} at most", dpn(demand), dpn(most));
        }
        ensure!(burned == self.totals.burned, "{burned} are burned by the eras, {:?} by the events", self.totals);
        Ok(rewards)
    }

    /// Claim the rewards and wait until that is final. Anybody may claim for anybody, but only
    /// once.
    async fn submit_claims(&mut self, rewards: &[Reward]) -> Result<()> {
        let claim = |(era, account, _): &Reward| -> RuntimeCall {
            pallet_issuance::Call::<Runtime>::claim_reward { era: *era, account: account.clone() }.into()
        };
        let calls = rewards.iter().chain(rewards.first()).map(claim).collect();
        let mut included = self.client.submit_all(REQUESTERS[0], calls).await?;
        let again = included.pop().context("there are claims")?;
        ensure!(again.outcome == Err("Issuance.NothingToClaim".into()), "a reward is claimed twice: {again:?}");
        included.into_iter().try_for_each(|call| call.ok().map(drop))?;
        while self.next().await?.number < again.number {}
        Ok(())
    }

    /// Check what an account has received of its rewards since `before`, and what vests.
    async fn check_reward(&self, account: &AccountId, own: &[&RewardInfo], before: Hash) -> Result<()> {
        let after = self.blocks.last();
        let worked = |reward: &RewardInfo| reward.capacity + reward.demand;
        let at_once: Balance = own.iter().map(|reward| worked(reward) * AT_ONCE / 100).sum();
        let authored: Balance = own.iter().map(|reward| reward.validator + reward.super_node).sum();
        let vesting = own.iter().map(|reward| worked(reward)).sum::<Balance>() - at_once;
        let got = self.books.rewards(account);
        ensure!(got == at_once + authored, "{} got {got} of {at_once} + {authored}", name(account));
        if self.workers.iter().any(|worker| worker.to_account_id() == *account) {
            let had = books::dpn(&self.client, account, before).await?;
            let has = books::dpn(&self.client, account, after).await?;
            ensure!(has == had + got, "{} had {had}, got {got} and has {has}", name(account));
        }
        let told: Vec<VestingInfo> = self.client.call_api("EconomyApi_vesting", account.clone(), after).await?;
        let told = told.iter().filter(|vesting| vesting.category == Category::Airdrop);
        let (amount, free) = told
            .fold((0, 0), |(sum, free), vesting| (sum + vesting.amount, free + vesting.released + vesting.claimable));
        ensure!((amount, free) == (vesting, 0), "{amount} vest, {free} of it already, expected {vesting}");
        println!("{:<9} got {} at once, and {} vest", name(account), dpn(got), dpn(vesting));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_their_thousands_apart() {
        assert_eq!(grouped(210_000_000 * DPN), "210,000,000");
        assert_eq!(grouped(4_200_000 * DPN + DPN / 8), "4,200,000.125");
        assert_eq!(grouped(999 * DPN), "999");
        assert_eq!(grouped(0), "0");
    }
}
