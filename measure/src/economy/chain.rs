//! The chain in process, and the actions that anybody can take on it.

use super::{
    dice::{Dice, coins},
    ledger::account,
};
use crate::calls::{self, GENESIS, signed, told};
use anyhow::Result;
use codec::Encode;
use dpin_primitives::{
    AccountId, AssetKind, BLC, BLC_ID, Balance, BlockNumber, DPN, Hash, JobId, TaskId, blake2,
    economy::Pot,
    executor::Commitment,
    job::{AuditPolicy, JobSpec, MAX_AUDITORS, Requirements, Reward, TaskCount},
    ranged::{Ranged, RangedBalance},
    reason::ReasonCode,
    traits::{DemandLedger, JobLedger, TaskQueue},
    worker::DeviceClass,
};
use dpin_runtime::{
    AssetConversion, Assets, Balances, Buyback, Issuance, Jobs, Parameters, PoolAssets, ProofOfCompute, Runtime,
    RuntimeCall, RuntimeOrigin, System, TransactionPayment,
    configs::BlcIssuer,
    parameters::{
        RuntimeParameters,
        dynamic::{compute, economy},
    },
};
use pallet_buyback::{Histories, Observation, Oracles};
use polkadot_sdk::{
    frame_support::{
        dispatch::{DispatchInfo, GetDispatchInfo, PostDispatchInfo},
        storage::{storage_prefix, unhashed, with_storage_layer},
        traits::{Get, Hooks, fungible, fungibles},
    },
    frame_system,
    pallet_asset_conversion::{self, PoolLocator, Swap},
    pallet_asset_conversion_tx_payment::{self, OnChargeAssetTransaction},
    pallet_authorship::EventHandler,
    pallet_session,
    pallet_transaction_payment::{self, OnChargeTransaction},
    sp_consensus_babe::{
        BABE_ENGINE_ID,
        digests::{PreDigest, SecondaryPlainPreDigest},
    },
    sp_core::{Pair, sr25519},
    sp_genesis_builder::DEV_RUNTIME_PRESET,
    sp_io::TestExternalities,
    sp_runtime::{Digest, DigestItem, DispatchError, FixedPointNumber, FixedU128, Perbill, traits::Convert},
};
use serde_json::json;

/// Blocks between two observations of a price that are kept for the weekly average.
const HOUR: BlockNumber = pallet_buyback::HOUR_BLOCKS;

/// A chain from the runtime's own development preset.
///
/// # Errors
///
/// If the runtime refuses the genesis.
pub fn genesis() -> Result<TestExternalities> {
    crate::genesis::chain(DEV_RUNTIME_PRESET, json!({}))
}

/// Begin the first block.
pub fn begin() {
    System::initialize(&1, &GENESIS, &Default::default());
}

/// The account of a pot.
pub fn pot(pot: Pot) -> AccountId {
    <Runtime as pallet_issuance::Config>::Pots::convert(pot)
}

/// Run a call so that all or none of its changes remain, as for the calls of a transaction.
///
/// # Errors
///
/// The error of `call`; nothing has changed then.
pub fn transact<R>(call: impl FnOnce() -> Result<R, DispatchError>) -> Result<R, DispatchError> {
    with_storage_layer(call)
}

/// Send an asset to an account.
///
/// # Errors
///
/// The error of the call.
pub fn send(asset: &AssetKind, from: &AccountId, to: &AccountId, amount: Balance) -> Result<(), DispatchError> {
    transact(|| match asset {
        AssetKind::Native => Balances::transfer_keep_alive(signed(from), to.clone().into(), amount).map(|_| ()),
        AssetKind::WithId(id) => {
            Assets::transfer_keep_alive(signed(from), (*id).into(), to.clone().into(), amount).map(|_| ())
        }
    })
}

/// The amount of an asset that an account can spend without ending itself.
pub fn spendable(asset: &AssetKind, who: &AccountId) -> Balance {
    use polkadot_sdk::frame_support::traits::tokens::{Fortitude::Polite, Preservation::Preserve};
    match asset {
        AssetKind::Native => <Balances as fungible::Inspect<_>>::reducible_balance(who, Preserve, Polite),
        AssetKind::WithId(id) => <Assets as fungibles::Inspect<_>>::reducible_balance(*id, who, Preserve, Polite),
    }
}

/// Mint BLC for an account, as governance does through the issuer's account.
///
/// # Errors
///
/// The error of the call.
pub fn mint_stable(who: &AccountId, amount: Balance) -> Result<(), DispatchError> {
    transact(|| Assets::mint(signed(&BlcIssuer::get()), BLC_ID.into(), who.clone().into(), amount).map(|_| ()))
}

/// The frozen part of BLC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ice {
    /// All BLC.
    Asset,
    /// The BLC of one account.
    Account(AccountId),
}

/// Freeze or thaw BLC, as governance does through the issuer's account.
///
/// # Errors
///
/// The error of the call.
pub fn freeze(ice: &Ice, frozen: bool) -> Result<(), DispatchError> {
    let issuer = signed(&BlcIssuer::get());
    let id = BLC_ID.into();
    transact(|| match (ice, frozen) {
        (Ice::Asset, true) => Assets::freeze_asset(issuer, id).map(|_| ()),
        (Ice::Asset, false) => Assets::thaw_asset(issuer, id).map(|_| ()),
        (Ice::Account(who), true) => Assets::freeze(issuer, id, who.clone().into()).map(|_| ()),
        (Ice::Account(who), false) => Assets::thaw(issuer, id, who.clone().into()).map(|_| ()),
    })
}

/// The DPN and BLC in their pool, in the smallest units; 0 if there is no pool.
pub fn reserves() -> (Balance, Balance) {
    AssetConversion::get_reserves(AssetKind::Native, BLC).unwrap_or_default()
}

/// The price of one DPN in BLC, by the pool; 0 if there is no pool.
pub fn price() -> f64 {
    match reserves() {
        (0, _) | (_, 0) => 0.0,
        (native, stable) => stable as f64 / native as f64,
    }
}

/// The account of the pool of DPN and BLC.
///
/// # Panics
///
/// If DPN and BLC cannot have a pool.
pub fn pool_account() -> AccountId {
    <Runtime as pallet_asset_conversion::Config>::PoolLocator::pool_address(&AssetKind::Native, &BLC)
        .expect("DPN and BLC have a pool")
}

/// The asset that counts shares in the pool.
fn share_id() -> Option<u32> {
    let pool = <Runtime as pallet_asset_conversion::Config>::PoolLocator::pool_id(&AssetKind::Native, &BLC).ok()?;
    Some(pallet_asset_conversion::Pools::<Runtime>::get(pool)?.lp_token)
}

/// An account's shares in the pool, and all shares.
pub fn shares(who: &AccountId) -> (Balance, Balance) {
    let Some(id) = share_id() else { return (0, 0) };
    (
        <PoolAssets as fungibles::Inspect<_>>::balance(id, who),
        <PoolAssets as fungibles::Inspect<AccountId>>::total_issuance(id),
    )
}

/// Swap in the pool: give `amount` of `from` for the other asset. Returns the amount received.
///
/// # Errors
///
/// The error of the pool.
pub fn swap(who: &AccountId, from: &AssetKind, amount: Balance) -> Result<Balance, DispatchError> {
    let to = if *from == BLC { AssetKind::Native } else { BLC };
    <AssetConversion as Swap<AccountId>>::swap_exact_tokens_for_tokens(
        who.clone(),
        vec![from.clone(), to],
        amount,
        Some(1),
        who.clone(),
        true,
    )
}

/// Trade until the pool's price is `target` BLC for a DPN, as far as the account's funds allow.
/// Returns whether anything was traded.
pub fn push_price(who: &AccountId, target: f64) -> bool {
    let (native, stable) = reserves();
    if native == 0 || stable == 0 || target <= 0.0 {
        return false;
    }
    let product = native as f64 * stable as f64;
    let more_stable = (product * target).sqrt() - stable as f64;
    let more_native = (product / target).sqrt() - native as f64;
    let (asset, amount) = if more_stable > 0.0 { (BLC, more_stable) } else { (AssetKind::Native, more_native) };
    let amount = (amount.max(0.0) as Balance).min(spendable(&asset, who));
    amount > 0 && swap(who, &asset, amount).is_ok()
}

/// Add BLC to the pool, with as many DPN as its price requires.
///
/// # Errors
///
/// The error of the call.
pub fn add_liquidity(who: &AccountId, stable: Balance) -> Result<(), DispatchError> {
    let native = coins(super::dice::in_coins(stable) / price().max(1e-12)).min(spendable(&AssetKind::Native, who));
    let stable = stable.min(spendable(&BLC, who));
    transact(|| {
        let (one, other) = (Box::new(AssetKind::Native), Box::new(BLC));
        AssetConversion::add_liquidity(signed(who), one, other, native, stable, 1, 1, who.clone())
    })
}

/// Remove liquidity from the pool: `amount` of the units of [`shares`].
///
/// # Errors
///
/// The error of the call.
pub fn remove_liquidity(who: &AccountId, amount: Balance, to: &AccountId) -> Result<(), DispatchError> {
    transact(|| {
        let (one, other) = (Box::new(AssetKind::Native), Box::new(BLC));
        AssetConversion::remove_liquidity(signed(who), one, other, amount, 1, 1, to.clone())
    })
}

/// Pay the fee of a transaction in DPN or in BLC, through the transaction extension.
///
/// # Errors
///
/// If the fee cannot be paid; nothing has changed then.
pub fn charge(who: &AccountId, asset: &AssetKind, fee: Balance, tip: Balance) -> Result<(), DispatchError> {
    type Native = <Runtime as pallet_transaction_payment::Config>::OnChargeTransaction;
    type Other = <Runtime as pallet_asset_conversion_tx_payment::Config>::OnChargeAssetTransaction;
    let call = RuntimeCall::from(frame_system::Call::remark { remark: Vec::new() });
    let (before, after) = (DispatchInfo::default(), PostDispatchInfo::default());
    let unpaid = |_| DispatchError::Unavailable;
    let all = fee + tip;
    // As for most transactions, the amount withdrawn first is more than the final fee.
    let most = all + all / 10;
    let charged = transact(|| match asset {
        AssetKind::Native => {
            let taken = <Native as OnChargeTransaction<Runtime>>::withdraw_fee(who, &call, &before, most, tip);
            let taken = taken.map_err(unpaid)?;
            <Native as OnChargeTransaction<Runtime>>::correct_and_deposit_fee(who, &before, &after, all, tip, taken)
                .map_err(unpaid)
        }
        asset => {
            let asset = asset.clone();
            let taken = <Other as OnChargeAssetTransaction<Runtime>>::withdraw_fee(
                who,
                &call,
                &before,
                asset.clone(),
                most,
                tip,
            );
            let taken = taken.map_err(unpaid)?;
            <Other as OnChargeAssetTransaction<Runtime>>::correct_and_deposit_fee(
                who, &before, &after, all, tip, asset, taken,
            )
            .map(|_| ())
            .map_err(unpaid)
        }
    });
    // As for the last transaction of a block: the end of a block distributes the fees of all its
    // transactions.
    Buyback::on_finalize(System::block_number());
    charged
}

/// Set the author of the block through its digest: the first of the validators.
pub fn set_author(author: &AccountId) {
    let first = SecondaryPlainPreDigest { authority_index: 0, slot: 0.into() };
    let digest = PreDigest::SecondaryPlain(first).encode();
    unhashed::put(
        &storage_prefix(b"System", b"Digest"),
        &Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, digest)] },
    );
    pallet_session::Validators::<Runtime>::put(vec![author.clone()]);
}

/// Begin a block: run the hooks of the economy's pallets.
pub fn block(number: BlockNumber, author: &AccountId) {
    System::set_block_number(number);
    set_author(author);
    Issuance::on_initialize(number);
    <Issuance as EventHandler<AccountId, BlockNumber>>::note_author(author.clone());
    Buyback::on_initialize(number);
}

/// Let blocks pass up to and including block `to`. In them nobody trades, nothing is bought back
/// and no era ends. `from` is the last block before.
///
/// Such a block only observes the price. This runs the pallet's own observations outside storage:
/// block by block while the recorded price still moves, and in leaps after that.
pub fn quiet(from: BlockNumber, to: BlockNumber) {
    System::set_block_number(to);
    let rules = <Runtime as pallet_buyback::Config>::Rules::get();
    let (native, stable) = reserves();
    let Some(spot) = FixedU128::checked_from_rational(native, stable) else { return };
    let Some(mut oracle) = Oracles::<Runtime>::get(BLC).filter(|oracle| oracle.age(from + 1) <= rules.stale_blocks)
    else {
        return;
    };
    let mut history = Histories::<Runtime>::get(BLC);
    let mut now = from;
    while now < to {
        now = if oracle.price == spot {
            // Only the beginning of an hour or of a window changes more than the sum.
            let hour = (oracle.last.at / HOUR + 1) * HOUR;
            let window = oracle.newer.at.saturating_add(rules.average_blocks);
            [hour, window].into_iter().filter(|at| *at > now).fold(to, BlockNumber::min)
        } else {
            now + 1
        };
        let before: Observation = oracle.last;
        oracle.observe(spot, now, rules.max_step, rules.average_blocks);
        if now / HOUR > before.at / HOUR {
            if history.is_full() {
                history.remove(0);
            }
            let _there_is_room = history.try_push(oracle.last);
        }
    }
    Oracles::<Runtime>::insert(BLC, oracle);
    Histories::<Runtime>::insert(BLC, history);
}

/// Pay fees into the revenue pot and notify the economy, as settling a task does, but without a
/// job.
///
/// # Errors
///
/// If the fees cannot be paid; the economy is not notified then.
pub fn settle_short(
    requester: &AccountId,
    asset: &AssetKind,
    fees: Balance,
    paid: &[(AccountId, Balance)],
) -> Result<(), DispatchError> {
    send(asset, requester, &pot(Pot::Revenue), fees)?;
    <Issuance as DemandLedger>::settled(asset, fees, paid);
    Ok(())
}

/// A job to post and settle.
pub struct SettledJob<'a> {
    /// The account that posts it.
    pub requester: &'a AccountId,
    /// The asset of all payments.
    pub asset: AssetKind,
    /// Reward of each task, in the asset's smallest unit.
    pub per_task: Balance,
    /// Number of tasks.
    pub tasks: u32,
    /// The worker of all tasks.
    pub worker: &'a AccountId,
    /// The auditors of all tasks; all of them are paid.
    pub auditors: &'a [AccountId],
}

impl SettledJob<'_> {
    /// The specification of the job.
    pub fn spec(&self, kernel: Hash) -> JobSpec {
        JobSpec {
            kernel,
            global_size: [self.tasks, 1, 1],
            scalars: Default::default(),
            inputs: Default::default(),
            reward: Reward { asset: self.asset.clone(), per_task: self.per_task },
            tasks: TaskCount::Exactly(self.tasks),
            audit: AuditPolicy { auditors: (self.auditors.len() as u32).min(MAX_AUDITORS), ..AuditPolicy::default() },
            run_blocks: 20,
            requires: Requirements::default(),
        }
    }

    /// The fee of the transaction that posts it, in planck, without the parts for its signature and
    /// extensions.
    pub fn transaction_fee(&self, kernel: Hash) -> Balance {
        let call = RuntimeCall::from(pallet_jobs::Call::submit_job { spec: self.spec(kernel) });
        TransactionPayment::compute_fee(call.encoded_size() as u32, &call.get_dispatch_info(), 0)
    }
}

/// Post a job and settle its tasks, except for the last `failing`, which fail. Returns the job's
/// number.
///
/// # Errors
///
/// If the job cannot be posted.
pub fn settle_job(
    kernel: Hash,
    job: &SettledJob<'_>,
    failing: u32,
    posted: impl FnOnce(JobId),
) -> Result<JobId, DispatchError> {
    let id = Jobs::job_count();
    transact(|| Jobs::submit_job(signed(job.requester), job.spec(kernel)))?;
    posted(id);
    for index in 0..job.tasks {
        let task = TaskId { job: id, index };
        // The lottery must not assign the task.
        <ProofOfCompute as TaskQueue>::withdraw(task);
        if index < job.tasks - failing.min(job.tasks) {
            let commitment = Commitment { root: Hash::zero(), output_len: 4, kernel_ms: 1 };
            <Jobs as JobLedger>::settle(task, job.worker, commitment, job.auditors);
        } else {
            <Jobs as JobLedger>::fail(task, ReasonCode::WorkerSilent);
        }
    }
    Ok(id)
}

/// Register and bond the worker with this number, which counts as having passed its canaries. Its
/// account must have the bond and 10 DPN more.
///
/// # Errors
///
/// The errors of the calls.
pub fn register_worker(number: u32, bond: Balance) -> Result<()> {
    let pair = sr25519::Pair::from_seed(&blake2(&(b"dpin/sim-economy/key", number).encode()).0);
    calls::register_worker(&worker_account(number), &pair, DeviceClass::Gpu, 1, bond)
}

/// The account of the worker with this number.
pub fn worker_account(number: u32) -> AccountId {
    account(&(b"worker", number))
}

/// A parameter of governance that can be drawn from the whole range of its type.
pub trait Drawn {
    /// Draw a value. Small values are as likely as large ones.
    fn drawn(dice: &mut Dice) -> Self;
}

impl<const LEAST: u32, const MOST: u32> Drawn for Ranged<LEAST, MOST> {
    fn drawn(dice: &mut Dice) -> Self {
        Self::new(dice.size(LEAST.into(), MOST.into()) as u32)
    }
}

impl<const LEAST: Balance, const MOST: Balance> Drawn for RangedBalance<LEAST, MOST> {
    fn drawn(dice: &mut Dice) -> Self {
        Self::new(dice.size(LEAST, MOST))
    }
}

impl Drawn for Perbill {
    fn drawn(dice: &mut Dice) -> Self {
        Self::from_parts(dice.size(0, 1_000_000_000) as u32)
    }
}

fn set(number: RuntimeParameters) -> Result<()> {
    Parameters::set_parameter(RuntimeOrigin::root(), number).map_err(told)
}

/// Change every parameter of the economy, and those that determine prices of jobs, as governance
/// may.
///
/// # Errors
///
/// If one is refused.
pub fn turn_all(dice: &mut Dice) -> Result<()> {
    macro_rules! turn {
        ($module:ident, $kind:ident: $($name:ident)*) => {
            $(set(RuntimeParameters::$kind($module::Parameters::$name($module::$name, Some(Drawn::drawn(dice)))))?;)*
        };
    }
    turn!(economy, Economy: EraBlocks EcosystemPercent ValidatorsPercent DemandPercent DemandCapPercent AtOncePercent
        BuybackInterval MaxImpact MinReserve MaxDeviation AverageBlocks StaleBlocks MaxStep AuthorPercent FundPercent
        BondRisePercent BondDaily);
    turn!(compute, Compute: AuditorsPay ReservationFee BlcSurcharge);
    let pay = dice.size(0, DPN);
    set(RuntimeParameters::Compute(compute::Parameters::AuditorsMinPay(compute::AuditorsMinPay, Some(pay))))
}

/// Set the least DPN that a pool must hold for buy-backs, in planck, as governance may.
///
/// # Errors
///
/// If the value is refused.
pub fn set_min_reserve(least: Balance) -> Result<()> {
    let least = RangedBalance::try_from(least).map_err(|_| anyhow::anyhow!("it lies outside of the bounds"))?;
    set(RuntimeParameters::Economy(economy::Parameters::MinReserve(economy::MinReserve, Some(least))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::{frame_support::storage::with_transaction_unchecked, sp_runtime::TransactionOutcome};

    #[test]
    fn quiet_blocks_observe_what_the_hooks_would() {
        genesis().unwrap().execute_with(|| {
            begin();
            let author = polkadot_sdk::sp_keyring::Sr25519Keyring::Alice.to_account_id();
            (2..50).for_each(|number| block(number, &author));
            // From here the recorded price follows another one, for longer than an hour and a
            // window.
            assert!(push_price(&author, price() * 1.5));
            let seen = |run: &dyn Fn()| {
                with_transaction_unchecked(|| {
                    run();
                    TransactionOutcome::Rollback((Oracles::<Runtime>::get(BLC), Histories::<Runtime>::get(BLC)))
                })
            };
            let hooks = seen(&|| (50..=4_000).for_each(|number| block(number, &author)));
            let leaps = seen(&|| quiet(49, 4_000));
            assert!(hooks.0.is_some() && hooks.1.len() > 3);
            assert_eq!(hooks, leaps);
        })
    }

    #[test]
    fn what_governance_may_set_is_drawn_up_to_its_bounds() {
        let mut dice = Dice::new(&0u32);
        let drawn: Vec<u32> = (0..200).map(|_| Ranged::<2, 1_000>::drawn(&mut dice).get()).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&2), Some(&1_000)));
        genesis().unwrap().execute_with(|| (0..20).for_each(|_| turn_all(&mut dice).unwrap()));
    }
}
