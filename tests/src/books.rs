//! Bookkeeping: money in equals money out, proved from balances and events.
//!
//! # Overview
//!
//! [`Books::open`] notes what everybody has after a block, [`Books::enter`] enters the events of each block that follows, and
//! [`Books::close`] compares what the events say with what everybody has in the end, exactly:
//!
//! - every requester has spent what its tasks paid (to workers, auditors and revenue), its transaction fees and what it put up for
//!   challenges it lost, less what it was paid of slashes;
//! - the revenue pot has got what the tasks paid it, and the insurance pot what slashes left for it;
//! - the workers together have got what the tasks paid them, what they were paid of slashes and lost challenges and, as authors, their
//!   share of the transaction fees, less their own fees, their slashes and what they put up for challenges they lost;
//! - of each asset as much exists as before, less the burned part of fees, slashes and lost challenges.
//!
//! What is held, be it a bond, an escrow or put up for a challenge, still belongs to who it is held of. A slash moves nothing until it is
//! carried out; then what it paid, insured and burned must be just what was set aside, and the claims what the chain had noted.

use crate::client::{Block, Client};
use anyhow::{bail, ensure, Context, Result};
use codec::{Decode, Encode};
use dpin_primitives::{AccountId, AssetKind, Balance, Hash, JobId, BLC, BLC_ID};
use dpin_runtime::{Runtime, RuntimeEvent, RuntimeHoldReason};
use pallet_proof_of_compute::Event as ProofEvent;
use pallet_workers::{Event as WorkerEvent, PendingSlash, SlashId};
use polkadot_sdk::{
    frame_support::{storage::storage_prefix, Blake2_128Concat, StorageHasher},
    frame_system::{self, AccountInfo},
    pallet_assets, pallet_balances, pallet_transaction_payment,
};
use std::collections::BTreeMap;

/// The author's part of a transaction fee, in percent; the rest is burned.
const AUTHORS_PERCENT: Balance = 37;

/// Both assets that jobs are paid in.
pub const ASSETS: [AssetKind; 2] = [AssetKind::Native, BLC];

/// What a task paid.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The job.
    pub job: JobId,
    /// Who paid.
    pub requester: AccountId,
    /// In which asset.
    pub asset: AssetKind,
    /// The worker and what it got.
    pub worker: Option<(AccountId, Balance)>,
    /// The auditors and what each got.
    pub auditors: Vec<(AccountId, Balance)>,
    /// What the revenue pot got.
    pub revenue: Balance,
    /// What went back to the requester.
    pub refund: Balance,
}

impl Payment {
    /// What it cost the requester.
    pub fn total(&self) -> Balance {
        let earned = self.worker.iter().chain(&self.auditors).map(|(_, amount)| amount);
        earned.sum::<Balance>() + self.revenue
    }
}

/// What everybody has.
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
    fees: BTreeMap<AccountId, Balance>,
    to_authors: Balance,
    burned: Balance,
    insured: Balance,
    pending: BTreeMap<SlashId, PendingSlash>,
    claimed: BTreeMap<AccountId, Balance>,
    slashed: BTreeMap<AccountId, Balance>,
    forfeited: Balance,
    payments: Vec<Payment>,
}

impl Books {
    /// Open the books after block `at`. `workers` are all workers and validators, `requesters` all others that act.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn open(client: &Client, at: Hash, workers: Vec<AccountId>, requesters: Vec<AccountId>) -> Result<Self> {
        let mut accounts = [workers.clone(), requesters].concat();
        accounts.extend([revenue_pot(), insurance_pot()]);
        Ok(Self {
            start: Balances::read(client, &accounts, at).await?,
            accounts,
            workers,
            jobs: BTreeMap::new(),
            fees: BTreeMap::new(),
            to_authors: 0,
            burned: 0,
            insured: 0,
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
    /// When it pays for a job nobody has posted since the books were opened, owes somebody a payment, carries out a slash that was not
    /// set aside since or otherwise than it was, or the node does not answer.
    pub async fn enter(&mut self, client: &Client, block: &Block) -> Result<()> {
        // A job that is posted in this block is in the state after it: it cannot end before the next.
        for event in &block.events {
            match event {
                RuntimeEvent::Jobs(pallet_jobs::Event::JobSubmitted { job, .. }) => {
                    let key = pallet_jobs::Jobs::<Runtime>::hashed_key_for(job);
                    let record: pallet_jobs::JobRecord =
                        client.storage(key, Some(block.hash)).await?.with_context(|| format!("job {job} is gone"))?;
                    self.jobs.insert(*job, (record.requester, record.spec.reward.asset));
                }
                RuntimeEvent::Jobs(pallet_jobs::Event::TaskSettled {
                    task,
                    worker,
                    paid,
                    auditors,
                    revenue,
                    refund,
                }) => {
                    let worker = Some((worker.clone(), *paid));
                    self.pay(task.job, worker, auditors.clone(), *revenue, *refund)?;
                }
                RuntimeEvent::Jobs(pallet_jobs::Event::TaskFailed { task, refund, fee, .. }) => {
                    self.pay(task.job, None, Vec::new(), *fee, *refund)?;
                }
                RuntimeEvent::Jobs(pallet_jobs::Event::PaymentOwed { creditor, amount, .. }) => {
                    bail!("block {}: {amount} could not be paid to {creditor}", block.number);
                }
                RuntimeEvent::TransactionPayment(pallet_transaction_payment::Event::TransactionFeePaid {
                    who,
                    actual_fee,
                    ..
                }) => {
                    *self.fees.entry(who.clone()).or_default() += actual_fee;
                    // The runtime rounds each fee's share down.
                    let to_author = actual_fee * AUTHORS_PERCENT / 100;
                    self.to_authors += to_author;
                    self.burned += actual_fee - to_author;
                }
                RuntimeEvent::Workers(WorkerEvent::SlashPending { id, .. }) => {
                    let key = pallet_workers::PendingSlashes::<Runtime>::hashed_key_for(id);
                    let slash = client.storage(key, Some(block.hash)).await?;
                    self.pending.insert(*id, slash.with_context(|| format!("slash {id} is not pending"))?);
                }
                RuntimeEvent::Workers(WorkerEvent::Slashed { id, paid, insured, burned, .. }) => {
                    self.slash(*id, *paid, *insured, *burned)?;
                }
                RuntimeEvent::Workers(WorkerEvent::SlashCancelled { id, .. }) => {
                    self.pending.remove(id).with_context(|| format!("slash {id} was not set aside"))?;
                }
                RuntimeEvent::ProofOfCompute(ProofEvent::ChallengeForfeited { who, bond, burned }) => {
                    *self.slashed.entry(who.clone()).or_default() += bond;
                    // Only the jury and the task's worker are paid from it.
                    self.forfeited += bond - burned;
                    self.burned += burned;
                }
                _ => (),
            }
        }
        Ok(())
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
        self.insured += insured;
        self.burned += burned;
        Ok(())
    }

    /// The slashes that are neither carried out nor cancelled.
    pub fn pending_slashes(&self) -> impl Iterator<Item = &PendingSlash> {
        self.pending.values()
    }

    /// What an account was paid of slashes, in planck.
    pub fn claimed(&self, account: &AccountId) -> Balance {
        self.claimed.get(account).copied().unwrap_or_default()
    }

    /// What an account has lost by slashes and lost challenges, in planck.
    pub fn slashed(&self, account: &AccountId) -> Balance {
        self.slashed.get(account).copied().unwrap_or_default()
    }

    /// What was paid, task by task.
    pub fn payments(&self) -> &[Payment] {
        &self.payments
    }

    /// What an account has got by working and by auditing, in an asset's smallest unit.
    pub fn earned(&self, account: &AccountId, asset: &AssetKind) -> (Balance, Balance) {
        let of_account = |earned: &(AccountId, Balance)| if earned.0 == *account { earned.1 } else { 0 };
        let paid = self.payments.iter().filter(|payment| payment.asset == *asset);
        paid.fold((0, 0), |(worked, audited), payment| {
            let worker: Balance = payment.worker.iter().map(of_account).sum();
            let auditors: Balance = payment.auditors.iter().map(of_account).sum();
            (worked + worker, audited + auditors)
        })
    }

    /// What a requester has spent on tasks and the revenue pot has got of it, in an asset's smallest unit.
    pub fn spent(&self, requester: &AccountId, asset: &AssetKind) -> (Balance, Balance) {
        let own = self.payments.iter().filter(|payment| payment.asset == *asset && payment.requester == *requester);
        own.fold((0, 0), |(spent, revenue), payment| (spent + payment.total(), revenue + payment.revenue))
    }

    /// Transaction fees an account has paid, in planck.
    pub fn fees(&self, account: &AccountId) -> Balance {
        self.fees.get(account).copied().unwrap_or_default()
    }

    /// Close the books after block `at`, the last that was entered.
    ///
    /// # Errors
    ///
    /// Names the account and the difference if balances and events do not agree to the last unit.
    pub async fn close(&self, client: &Client, at: Hash) -> Result<()> {
        let end = Balances::read(client, &self.accounts, at).await?;
        let pots = [revenue_pot(), insurance_pot()];
        let requesters = self.accounts.iter().filter(|who| !self.workers.contains(who) && !pots.contains(who));
        for asset in &ASSETS {
            let native = *asset == AssetKind::Native;
            let fees = |who: &AccountId| if native { self.fees(who) } else { 0 };
            let claimed = |who: &AccountId| if native { self.claimed(who) } else { 0 };
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
                let gave = spent + fees(who) + slashed(who);
                agree(&name, self.start.of(who, asset), end.of(who, asset), claimed(who), gave)?;
            }

            let paid = || self.payments.iter().filter(|payment| payment.asset == *asset);
            let revenue: Balance = paid().map(|payment| payment.revenue).sum();
            let insured = if native { self.insured } else { 0 };
            for (name, pot, got) in
                [("the revenue pot", revenue_pot(), revenue), ("the insurance pot", insurance_pot(), insured)]
            {
                agree(name, self.start.of(&pot, asset), end.of(&pot, asset), got, 0)?;
            }

            let together =
                |balances: &Balances| self.workers.iter().map(|who| balances.of(who, asset)).sum::<Balance>();
            let earned = paid().map(|payment| payment.total() - payment.revenue).sum::<Balance>();
            let authored = if native { self.to_authors } else { 0 };
            let forfeited = if native { self.forfeited } else { 0 };
            let got = earned + authored + forfeited + self.workers.iter().map(claimed).sum::<Balance>();
            let gave: Balance = self.workers.iter().map(|who| fees(who) + slashed(who)).sum();
            agree("the workers together", together(&self.start), together(&end), got, gave)?;

            let burned = if native { self.burned } else { 0 };
            agree("the world", self.start.issued(asset), end.issued(asset), 0, burned)?;
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
        let native = pallet_balances::TotalIssuance::<Runtime>::hashed_key().to_vec();
        let blc = pallet_assets::Asset::<Runtime>::hashed_key_for(BLC_ID);
        let details: Option<pallet_assets::AssetDetails<Balance, AccountId, Balance>> =
            client.storage(blc, Some(at)).await?;
        let blc = details.context("there is no BLC")?.supply;
        Ok(Self { held, issuance: [read(client, native, at).await?.unwrap_or_default(), blc] })
    }

    fn of(&self, account: &AccountId, asset: &AssetKind) -> Balance {
        self.held.get(&(account.clone(), *asset == AssetKind::Native)).copied().unwrap_or_default()
    }

    fn issued(&self, asset: &AssetKind) -> Balance {
        let [native, blc] = self.issuance;
        if *asset == AssetKind::Native {
            native
        } else {
            blc
        }
    }
}

async fn read<T: Decode>(client: &Client, key: Vec<u8>, at: Hash) -> Result<Option<T>> {
    client.storage(key, Some(at)).await
}

/// The account that fees of jobs are paid to.
pub fn revenue_pot() -> AccountId {
    <Runtime as pallet_jobs::Config>::RevenuePot::get()
}

/// The account that slashes leave a part for.
pub fn insurance_pot() -> AccountId {
    <Runtime as pallet_workers::Config>::InsurancePot::get()
}

/// All planck of an account, held or not.
async fn dpn(client: &Client, account: &AccountId, at: Hash) -> Result<Balance> {
    let key = frame_system::Account::<Runtime>::hashed_key_for(account);
    let info: Option<AccountInfo<u32, pallet_balances::AccountData<Balance>>> = read(client, key, at).await?;
    Ok(info.map(|info| info.data.free + info.data.reserved).unwrap_or_default())
}

/// All BLC of an account, held or not.
async fn blc(client: &Client, account: &AccountId, at: Hash) -> Result<Balance> {
    let key = pallet_assets::Account::<Runtime>::hashed_key_for(BLC_ID, account);
    let free: Option<pallet_assets::AssetAccount<Balance, Balance, (), AccountId>> = read(client, key, at).await?;
    let held: Option<Balance> = read(client, held_blc("BalancesOnHold", account), at).await?;
    Ok(free.map(|free| free.balance).unwrap_or_default() + held.unwrap_or_default())
}

/// Key of what the holder of the assets, whose storage is private, keeps of an account's BLC.
fn held_blc(item: &str, account: &AccountId) -> Vec<u8> {
    let mut key = storage_prefix(b"AssetsHolder", item.as_bytes()).to_vec();
    key.extend(Blake2_128Concat::hash(&BLC_ID.encode()));
    key.extend(Blake2_128Concat::hash(&account.encode()));
    key
}

/// What an account has in escrow or has put up for challenges, in planck and in the smallest unit of BLC.
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
