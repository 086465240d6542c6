//! Bookkeeping: money in equals money out, proved from balances and events.
//!
//! # Overview
//!
//! [`Books::open`] records all balances after a block. [`Books::enter`] enters the events of each
//! block that follows. [`Books::close`] compares the events with the final balances, exactly:
//!
//! - every requester has spent the payments of its tasks (to workers, auditors and revenue), its
//!   transaction fees in either asset, and the bonds of lost challenges. Its income from slashes,
//!   from rewards of eras and from vesting counts against that;
//! - each of the chain's pots has its former balance, plus payments and mints to it, less its
//!   expenses. The revenue pot receives payments of tasks; burning and buy-backs are its expenses.
//!   The insurance pot receives the rest of slashes, and the fund its share of transaction fees.
//!   The vesting pot receives the vesting part of rewards, and so on;
//! - the pool of DPN and BLC has received and given the swapped amounts;
//! - the workers together have received the payments of tasks, their shares of slashes and lost
//!   challenges, and rewards of eras. As authors they have also received their share of the
//!   transaction fees. Their own fees, slashes and bonds of lost challenges count against that;
//! - the issuance of each asset is the former one plus the mints. The burned parts of fees, slashes
//!   and lost challenges, and the bought-back amounts, are subtracted. This is checked after every
//!   block.
//!
//! Held amounts, such as bonds, escrows and bonds of challenges, still belong to their owners. A
//! slash moves nothing until it is carried out. Then the paid, insured and burned amounts must add
//! up to the amount set aside. The claims must be those that the chain had recorded. Events that
//! the books do not know, such as a transfer or a sale of liquidity bonds, make them disagree.

use crate::client::{Block, Client};
use anyhow::{Context, Result, anyhow, bail, ensure};
use codec::{Decode, Encode};
use dpin_primitives::{AccountId, AssetKind, BLC, BLC_ID, Balance, Hash, JobId, economy::Pot};
use dpin_runtime::{Runtime, RuntimeEvent, RuntimeHoldReason, configs::Pots};
use pallet_buyback::Event as BuybackEvent;
use pallet_issuance::Event as IssuanceEvent;
use pallet_jobs::Event as JobEvent;
use pallet_proof_of_compute::Event as ProofEvent;
use pallet_workers::{Event as WorkerEvent, PendingSlash, SlashId};
use polkadot_sdk::{
    frame_support::{Blake2_128Concat, StorageHasher, storage::storage_prefix},
    frame_system::{self, AccountInfo},
    pallet_asset_conversion::{self, Event::SwapCreditExecuted, PoolLocator},
    pallet_asset_conversion_tx_payment::Event::AssetTxFeePaid,
    pallet_assets, pallet_balances,
    pallet_transaction_payment::Event::TransactionFeePaid,
    sp_runtime::traits::Convert,
};
use std::collections::BTreeMap;

/// The author's part of a transaction fee, in percent.
const AUTHORS_PERCENT: Balance = 37;
/// The anti-monopoly fund's part of a transaction fee, in percent; the rest is burned.
const FUNDS_PERCENT: Balance = 3;

/// Both assets in which jobs are paid.
pub const ASSETS: [AssetKind; 2] = [AssetKind::Native, BLC];

/// The payment of a task.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The job.
    pub job: JobId,
    /// The account that paid.
    pub requester: AccountId,
    /// The asset of the payment.
    pub asset: AssetKind,
    /// The worker, with the amount it received.
    pub worker: Option<(AccountId, Balance)>,
    /// The auditors, with the amount that each received.
    pub auditors: Vec<(AccountId, Balance)>,
    /// The amount that the revenue pot received.
    pub revenue: Balance,
    /// The amount refunded to the requester.
    pub refund: Balance,
}

impl Payment {
    /// The cost of the task for the requester.
    pub fn total(&self) -> Balance {
        let earned = self.worker.iter().chain(&self.auditors).map(|(_, amount)| amount);
        earned.sum::<Balance>() + self.revenue
    }
}

/// The balances of all accounts.
#[derive(Clone, Debug)]
struct Balances {
    held: BTreeMap<(AccountId, bool), Balance>,
    issuance: [Balance; 2],
}

/// The books of a stretch of the chain.
#[derive(Clone, Debug)]
pub struct Books {
    accounts: Vec<AccountId>,
    workers: Vec<AccountId>,
    start: Balances,
    jobs: BTreeMap<JobId, (AccountId, AssetKind)>,
    fees: BTreeMap<(AccountId, bool), Balance>,
    to_authors: Balance,
    rewards: BTreeMap<AccountId, Balance>,
    /// The names of the chain's own accounts. `moves` has the amounts that each received and gave.
    pots: BTreeMap<AccountId, String>,
    moves: BTreeMap<(AccountId, bool), (Balance, Balance)>,
    /// Planck that came out of swaps and that no event has accounted for yet.
    swapped: Balance,
    minted: Balance,
    burned: Balance,
    pending: BTreeMap<SlashId, PendingSlash>,
    claimed: BTreeMap<AccountId, Balance>,
    slashed: BTreeMap<AccountId, Balance>,
    forfeited: Balance,
    payments: Vec<Payment>,
}

impl Books {
    /// Open the books after block `at`. `workers` are all workers and validators; `requesters` are
    /// all other accounts that act.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn open(client: &Client, at: Hash, workers: Vec<AccountId>, requesters: Vec<AccountId>) -> Result<Self> {
        let mut pots: BTreeMap<AccountId, String> =
            Pot::ALL.into_iter().map(|pot| (Pots::convert(pot), format!("the pot {pot:?}"))).collect();
        pots.insert(pool()?, "the pool of DPN and BLC".into());
        let mut accounts = [workers.clone(), requesters].concat();
        accounts.extend(pots.keys().cloned());
        Ok(Self {
            start: Balances::read(client, &accounts, at).await?,
            accounts,
            workers,
            jobs: BTreeMap::new(),
            fees: BTreeMap::new(),
            to_authors: 0,
            rewards: BTreeMap::new(),
            pots,
            moves: BTreeMap::new(),
            swapped: 0,
            minted: 0,
            burned: 0,
            pending: BTreeMap::new(),
            claimed: BTreeMap::new(),
            slashed: BTreeMap::new(),
            forfeited: 0,
            payments: Vec::new(),
        })
    }

    /// Enter a block.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or the block does one of the following. It pays for a job
    /// that was posted before the books were opened, or owes somebody a payment. It carries out a
    /// slash that was not set aside since, or not in the same way. It mints or burns other amounts
    /// of an asset than its events say.
    pub async fn enter(&mut self, client: &Client, block: &Block) -> Result<()> {
        // The chain distributes a block's transaction fees in DPN at once, at the end of the block.
        let mut collected = 0;
        for event in &block.events {
            match event {
                RuntimeEvent::Jobs(event) => self.enter_job(client, block, event).await?,
                RuntimeEvent::TransactionPayment(TransactionFeePaid { who, actual_fee, .. }) => {
                    *self.fees.entry((who.clone(), true)).or_default() += actual_fee;
                    collected += actual_fee;
                }
                RuntimeEvent::AssetTxPayment(AssetTxFeePaid { who, actual_fee, asset_id, .. }) => {
                    ensure!(*asset_id == BLC, "block {}: a fee is paid in {asset_id:?}", block.number);
                    *self.fees.entry((who.clone(), false)).or_default() += actual_fee;
                    // The swapped amount, less the excess that was swapped back.
                    let fee = std::mem::take(&mut self.swapped);
                    self.fee(fee);
                }
                RuntimeEvent::AssetConversion(SwapCreditExecuted { amount_in, amount_out, path }) => {
                    let (Some((from, _)), Some((to, _))) = (path.first(), path.last()) else {
                        bail!("block {}: a swap of nothing", block.number);
                    };
                    self.enter_swap(block, (from, *amount_in), (to, *amount_out))?;
                }
                RuntimeEvent::Workers(event) => self.enter_slash(client, block, event).await?,
                RuntimeEvent::ProofOfCompute(ProofEvent::ChallengeForfeited { who, bond, burned }) => {
                    *self.slashed.entry(who.clone()).or_default() += bond;
                    // Only the jury and the task's worker receive payments from it.
                    self.forfeited += bond - burned;
                    self.burned += burned;
                }
                RuntimeEvent::Buyback(event) => self.enter_buyback(block, event)?,
                RuntimeEvent::Issuance(event) => self.enter_reward(event),
                _ => (),
            }
        }
        self.fee(collected);
        self.balance_issuance(client, block).await
    }

    /// Enter a job that is posted, or the payment of a task.
    async fn enter_job(&mut self, client: &Client, block: &Block, event: &JobEvent<Runtime>) -> Result<()> {
        match event {
            // A job posted in this block is in the state after it: it cannot end before the next
            // block.
            JobEvent::JobSubmitted { job, .. } => {
                let key = pallet_jobs::Jobs::<Runtime>::hashed_key_for(job);
                let record: pallet_jobs::JobRecord =
                    client.storage(key, Some(block.hash)).await?.with_context(|| format!("job {job} is gone"))?;
                self.jobs.insert(*job, (record.requester, record.spec.reward.asset));
            }
            JobEvent::TaskSettled { task, worker, paid, auditors, revenue, refund } => {
                let worker = Some((worker.clone(), *paid));
                self.pay(task.job, worker, auditors.clone(), *revenue, *refund)?;
            }
            JobEvent::TaskFailed { task, refund, fee, .. } => self.pay(task.job, None, Vec::new(), *fee, *refund)?,
            JobEvent::PaymentOwed { creditor, amount, .. } => {
                bail!("block {}: {amount} could not be paid to {creditor}", block.number);
            }
            _ => (),
        }
        Ok(())
    }

    /// Enter a swap in the pool: what it has received and given.
    fn enter_swap(
        &mut self,
        block: &Block,
        (from, amount_in): (&AssetKind, Balance),
        (to, amount_out): (&AssetKind, Balance),
    ) -> Result<()> {
        self.got(pool()?, from, amount_in);
        self.gave(pool()?, to, amount_out);
        if *from == BLC && *to == AssetKind::Native {
            self.swapped += amount_out;
            Ok(())
        } else {
            self.swapped_for(amount_in, block)
        }
    }

    /// Enter a slash that is set aside, carried out or cancelled.
    async fn enter_slash(&mut self, client: &Client, block: &Block, event: &WorkerEvent<Runtime>) -> Result<()> {
        match event {
            WorkerEvent::SlashPending { id, .. } => {
                let key = pallet_workers::PendingSlashes::<Runtime>::hashed_key_for(id);
                let slash = client.storage(key, Some(block.hash)).await?;
                self.pending.insert(*id, slash.with_context(|| format!("slash {id} is not pending"))?);
            }
            WorkerEvent::Slashed { id, paid, insured, burned, .. } => self.slash(*id, *paid, *insured, *burned)?,
            WorkerEvent::SlashCancelled { id, .. } => {
                self.pending.remove(id).with_context(|| format!("slash {id} was not set aside"))?;
            }
            _ => (),
        }
        Ok(())
    }

    /// Enter revenue that is spent on DPN, and DPN that are burned.
    fn enter_buyback(&mut self, block: &Block, event: &BuybackEvent<Runtime>) -> Result<()> {
        match event {
            BuybackEvent::BoughtBack { asset, spent, bought, burned } => {
                self.gave(revenue_pot(), asset, *spent);
                self.swapped_for(*bought, block)?;
                ensure!(bought == burned, "block {}: {event:?}", block.number);
                self.burned += burned;
            }
            BuybackEvent::NativeBurned { amount, .. } => {
                self.gave(revenue_pot(), &AssetKind::Native, *amount);
                self.burned += amount;
            }
            _ => (),
        }
        Ok(())
    }

    /// Enter a reward of an era that is claimed, or vested DPN that are paid.
    fn enter_reward(&mut self, event: &IssuanceEvent<Runtime>) {
        match event {
            IssuanceEvent::RewardClaimed {
                account,
                capacity,
                demand,
                validator,
                super_node,
                vesting,
                ecosystem,
                ..
            } => {
                let minted = capacity + demand + validator;
                self.minted += minted + ecosystem;
                self.got(Pots::convert(Pot::Ecosystem), &AssetKind::Native, *ecosystem);
                self.gave(Pots::convert(Pot::SuperNodes), &AssetKind::Native, *super_node);
                self.got(Pots::convert(Pot::Vesting), &AssetKind::Native, *vesting);
                *self.rewards.entry(account.clone()).or_default() += minted + super_node - vesting;
            }
            IssuanceEvent::VestedPaid { beneficiary, amount, .. } => {
                self.gave(Pots::convert(Pot::Vesting), &AssetKind::Native, *amount);
                *self.rewards.entry(beneficiary.clone()).or_default() += amount;
            }
            _ => (),
        }
    }

    /// Check that the issuance of each asset after a block matches its events.
    async fn balance_issuance(&self, client: &Client, block: &Block) -> Result<()> {
        ensure!(self.swapped == 0, "block {}: {} planck of swaps went nowhere", block.number, self.swapped);
        let issued = issuance(client, block.hash).await?;
        for (native, (issued, start)) in [true, false].into_iter().zip(issued.into_iter().zip(self.start.issuance)) {
            let (minted, burned) = if native { (self.minted, self.burned) } else { (0, 0) };
            ensure!(
                start + minted == issued + burned,
                "block {}: there were {start} of {}, {minted} were minted and {burned} burned, and there are {issued}",
                block.number,
                if native { "DPN" } else { "BLC" }
            );
        }
        Ok(())
    }

    /// Distribute transaction fees, in planck. The runtime rounds every share down.
    fn fee(&mut self, fee: Balance) {
        let (to_author, to_fund) = (fee * AUTHORS_PERCENT / 100, fee * FUNDS_PERCENT / 100);
        self.to_authors += to_author;
        self.got(Pots::convert(Pot::Fund), &AssetKind::Native, to_fund);
        self.burned += fee - to_author - to_fund;
    }

    /// Account for planck that came out of a swap.
    fn swapped_for(&mut self, amount: Balance, block: &Block) -> Result<()> {
        let left = self.swapped.checked_sub(amount);
        self.swapped = left.with_context(|| format!("block {}: {amount} planck came from nowhere", block.number))?;
        Ok(())
    }

    fn got(&mut self, pot: AccountId, asset: &AssetKind, amount: Balance) {
        self.moves.entry((pot, *asset == AssetKind::Native)).or_default().0 += amount;
    }

    fn gave(&mut self, pot: AccountId, asset: &AssetKind, amount: Balance) {
        self.moves.entry((pot, *asset == AssetKind::Native)).or_default().1 += amount;
    }

    fn pay(
        &mut self,
        job: JobId,
        worker: Option<(AccountId, Balance)>,
        auditors: Vec<(AccountId, Balance)>,
        revenue: Balance,
        refund: Balance,
    ) -> Result<()> {
        let (requester, asset) = self.jobs.get(&job).with_context(|| format!("job {job} was posted before"))?.clone();
        self.got(revenue_pot(), &asset, revenue);
        self.payments.push(Payment { job, requester, asset, worker, auditors, revenue, refund });
        Ok(())
    }

    /// Enter a slash that was carried out.
    fn slash(&mut self, id: SlashId, paid: Balance, insured: Balance, burned: Balance) -> Result<()> {
        let slash = self.pending.remove(&id).with_context(|| format!("slash {id} was not set aside"))?;
        let mut left = slash.amount;
        for (to, claim) in &slash.claims {
            let due = left.min(*claim);
            *self.claimed.entry(to.clone()).or_default() += due;
            left -= due;
        }
        ensure!(paid == slash.amount - left, "slash {id} paid {paid} for the claims of {slash:?}");
        ensure!(insured + burned == left, "slash {id} insured {insured} and burned {burned} of {slash:?}");
        *self.slashed.entry(slash.worker).or_default() += slash.amount;
        self.got(insurance_pot(), &AssetKind::Native, insured);
        self.burned += burned;
        Ok(())
    }

    /// The slashes that are neither carried out nor cancelled.
    pub fn pending_slashes(&self) -> impl Iterator<Item = &PendingSlash> {
        self.pending.values()
    }

    /// An account's income from slashes, in planck.
    pub fn claimed(&self, account: &AccountId) -> Balance {
        self.claimed.get(account).copied().unwrap_or_default()
    }

    /// An account's loss by slashes and lost challenges, in planck.
    pub fn slashed(&self, account: &AccountId) -> Balance {
        self.slashed.get(account).copied().unwrap_or_default()
    }

    /// The payments, task by task.
    pub fn payments(&self) -> &[Payment] {
        &self.payments
    }

    /// An account's income from working and from auditing, in the asset's smallest unit.
    pub fn earned(&self, account: &AccountId, asset: &AssetKind) -> (Balance, Balance) {
        let of_account = |earned: &(AccountId, Balance)| if earned.0 == *account { earned.1 } else { 0 };
        let paid = self.payments.iter().filter(|payment| payment.asset == *asset);
        paid.fold((0, 0), |(worked, audited), payment| {
            let worker: Balance = payment.worker.iter().map(of_account).sum();
            let auditors: Balance = payment.auditors.iter().map(of_account).sum();
            (worked + worker, audited + auditors)
        })
    }

    /// A requester's expenses for tasks, and the part of them that the revenue pot received, in the
    /// asset's smallest unit.
    pub fn spent(&self, requester: &AccountId, asset: &AssetKind) -> (Balance, Balance) {
        let own = self.payments.iter().filter(|payment| payment.asset == *asset && payment.requester == *requester);
        own.fold((0, 0), |(spent, revenue), payment| (spent + payment.total(), revenue + payment.revenue))
    }

    /// An account's transaction fees in DPN, in planck.
    pub fn fees(&self, account: &AccountId) -> Balance {
        self.fees_in(account, &AssetKind::Native)
    }

    /// An account's transaction fees in an asset, in its smallest unit.
    pub fn fees_in(&self, account: &AccountId, asset: &AssetKind) -> Balance {
        self.fees.get(&(account.clone(), *asset == AssetKind::Native)).copied().unwrap_or_default()
    }

    /// An account's income from rewards of eras and from vesting, in planck.
    pub fn rewards(&self, account: &AccountId) -> Balance {
        self.rewards.get(account).copied().unwrap_or_default()
    }

    /// The amounts minted and burned since the books were opened, in planck.
    pub fn minted_and_burned(&self) -> (Balance, Balance) {
        (self.minted, self.burned)
    }

    /// Close the books after block `at`, the last one entered.
    ///
    /// # Errors
    ///
    /// Names the account and the difference if balances and events do not agree to the last unit.
    pub async fn close(&self, client: &Client, at: Hash) -> Result<()> {
        let end = Balances::read(client, &self.accounts, at).await?;
        let persons = self.accounts.iter().filter(|who| !self.pots.contains_key(who));
        let requesters = persons.filter(|who| !self.workers.contains(who));
        for asset in &ASSETS {
            let native = *asset == AssetKind::Native;
            let claimed = |who: &AccountId| if native { self.claimed(who) + self.rewards(who) } else { 0 };
            let slashed = |who: &AccountId| if native { self.slashed(who) } else { 0 };
            let agree = |who: &str, start: Balance, end: Balance, got: Balance, gave: Balance| {
                ensure!(
                    start + got == end + gave,
                    "{who} had {start}, got {got}, gave {gave} and has {end} of {asset:?}: off by {}",
                    (start + got).abs_diff(end + gave)
                );
                Ok(())
            };
            for who in requesters.clone() {
                let (spent, _) = self.spent(who, asset);
                let name = crate::network::name(who);
                let gave = spent + self.fees_in(who, asset) + slashed(who);
                agree(&name, self.start.of(who, asset), end.of(who, asset), claimed(who), gave)?;
            }
            for (pot, name) in &self.pots {
                let (got, gave) = self.moves.get(&(pot.clone(), native)).copied().unwrap_or_default();
                agree(name, self.start.of(pot, asset), end.of(pot, asset), got, gave)?;
            }

            let together =
                |balances: &Balances| self.workers.iter().map(|who| balances.of(who, asset)).sum::<Balance>();
            let paid = self.payments.iter().filter(|payment| payment.asset == *asset);
            let earned = paid.map(|payment| payment.total() - payment.revenue).sum::<Balance>();
            let authored = if native { self.to_authors } else { 0 };
            let forfeited = if native { self.forfeited } else { 0 };
            let got = earned + authored + forfeited + self.workers.iter().map(claimed).sum::<Balance>();
            let gave: Balance = self.workers.iter().map(|who| self.fees_in(who, asset) + slashed(who)).sum();
            agree("the workers together", together(&self.start), together(&end), got, gave)?;
        }
        Ok(())
    }
}

impl Balances {
    async fn read(client: &Client, accounts: &[AccountId], at: Hash) -> Result<Self> {
        let mut held = BTreeMap::new();
        for account in accounts {
            held.insert((account.clone(), true), dpn(client, account, at).await?);
            held.insert((account.clone(), false), blc(client, account, at).await?);
        }
        Ok(Self { held, issuance: issuance(client, at).await? })
    }

    fn of(&self, account: &AccountId, asset: &AssetKind) -> Balance {
        self.held.get(&(account.clone(), *asset == AssetKind::Native)).copied().unwrap_or_default()
    }
}

/// The issuance of DPN in planck and of BLC in its smallest unit, after block `at`.
///
/// # Errors
///
/// When the node does not answer.
pub async fn issuance(client: &Client, at: Hash) -> Result<[Balance; 2]> {
    let native = pallet_balances::TotalIssuance::<Runtime>::hashed_key().to_vec();
    let blc = pallet_assets::Asset::<Runtime>::hashed_key_for(BLC_ID);
    let details: Option<pallet_assets::AssetDetails<Balance, AccountId, Balance>> =
        client.storage(blc, Some(at)).await?;
    let blc = details.context("there is no BLC")?.supply;
    Ok([read(client, native, at).await?.unwrap_or_default(), blc])
}

async fn read<T: Decode>(client: &Client, key: Vec<u8>, at: Hash) -> Result<Option<T>> {
    client.storage(key, Some(at)).await
}

/// The account to which fees of jobs are paid.
pub fn revenue_pot() -> AccountId {
    Pots::convert(Pot::Revenue)
}

/// The account that receives the rest of slashes.
pub fn insurance_pot() -> AccountId {
    Pots::convert(Pot::Insurance)
}

/// The account of the pool of DPN and BLC.
fn pool() -> Result<AccountId> {
    let pools = <Runtime as pallet_asset_conversion::Config>::PoolLocator::pool_address(&AssetKind::Native, &BLC);
    pools.map_err(|()| anyhow!("DPN and BLC can have no pool"))
}

/// The total DPN of an account after block `at`, in planck, including held amounts.
///
/// # Errors
///
/// When the node does not answer.
pub async fn dpn(client: &Client, account: &AccountId, at: Hash) -> Result<Balance> {
    let key = frame_system::Account::<Runtime>::hashed_key_for(account);
    let info: Option<AccountInfo<u32, pallet_balances::AccountData<Balance>>> = read(client, key, at).await?;
    Ok(info.map(|info| info.data.free + info.data.reserved).unwrap_or_default())
}

/// The total BLC of an account after block `at`, in its smallest unit, including held amounts.
///
/// # Errors
///
/// When the node does not answer.
pub async fn blc(client: &Client, account: &AccountId, at: Hash) -> Result<Balance> {
    let key = pallet_assets::Account::<Runtime>::hashed_key_for(BLC_ID, account);
    let free: Option<pallet_assets::AssetAccount<Balance, Balance, (), AccountId>> = read(client, key, at).await?;
    let held: Option<Balance> = read(client, held_blc("BalancesOnHold", account), at).await?;
    Ok(free.map(|free| free.balance).unwrap_or_default() + held.unwrap_or_default())
}

/// The key of an item about an account's BLC in the assets holder, whose storage is private.
fn held_blc(item: &str, account: &AccountId) -> Vec<u8> {
    let mut key = storage_prefix(b"AssetsHolder", item.as_bytes()).to_vec();
    key.extend(Blake2_128Concat::hash(&BLC_ID.encode()));
    key.extend(Blake2_128Concat::hash(&account.encode()));
    key
}

/// The amounts of an account in escrow and in bonds of challenges, in planck and in the smallest
/// unit of BLC.
pub(crate) async fn escrow(client: &Client, account: &AccountId, at: Hash) -> Result<(Balance, Balance)> {
    let reasons = [
        RuntimeHoldReason::Jobs(pallet_jobs::HoldReason::Escrow),
        RuntimeHoldReason::ProofOfCompute(pallet_proof_of_compute::HoldReason::Challenge),
    ];
    let of = |holds: Vec<(RuntimeHoldReason, Balance)>| -> Balance {
        holds.into_iter().filter(|(why, _)| reasons.contains(why)).map(|(_, amount)| amount).sum()
    };
    let key = pallet_balances::Holds::<Runtime>::hashed_key_for(account);
    let native = of(read(client, key, at).await?.unwrap_or_default());
    let blc = of(read(client, held_blc("Holds", account), at).await?.unwrap_or_default());
    Ok((native, blc))
}
