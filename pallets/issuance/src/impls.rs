//! The bodies of genesis, the calls, the hooks and the traits for other pallets.

use crate::{
    rewards, schedule,
    vesting::{Steps, add_stream, take_vested},
    *,
};
use alloc::vec::Vec;
use core::marker::PhantomData;
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlockNumber,
    economy::{AllocationInfo, Category, EraIndex, EraInfo, Pot, RewardInfo, SUPPLY_CAP, Supply, VestingInfo},
    traits::{BurnLedger, CapacityLedger, DemandLedger},
};
use polkadot_sdk::{
    frame_support::{
        dispatch::DispatchClass,
        ensure,
        storage::with_storage_layer,
        traits::{
            Get,
            fungible::{Inspect, Mutate},
            tokens::Preservation,
        },
        weights::{Weight, WeightMeter},
    },
    frame_system::pallet_prelude::BlockNumberFor,
    pallet_authorship::EventHandler,
    sp_runtime::{DispatchResult, SaturatedConversion, traits::Convert},
};

/// The number of the running era.
pub struct RunningEra<T>(PhantomData<T>);

impl<T: Config> Get<EraIndex> for RunningEra<T> {
    fn get() -> EraIndex {
        CurrentEra::<T>::get()
    }
}

/// A reward, in planck: the amounts for the account, and the ecosystem's share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Reward {
    capacity: Balance,
    demand: Balance,
    validator: Balance,
    super_node: Balance,
    ecosystem: Balance,
}

impl Reward {
    fn of(era: &EraRecord, contribution: &Contribution, terms: &Terms) -> Self {
        let (validator, super_node) = rewards::validator(&era.info, contribution);
        let capacity = rewards::capacity(&era.info, contribution);
        let demand = rewards::demand(era, contribution, terms.demand_cap);
        let all = capacity.saturating_add(demand).saturating_add(validator);
        let net = |reward| rewards::net(reward, terms.ecosystem);
        let (capacity, demand, validator) = (net(capacity), net(demand), net(validator));
        let paid = capacity.saturating_add(demand).saturating_add(validator);
        Self { capacity, demand, validator, super_node, ecosystem: all.saturating_sub(paid) }
    }

    fn is_zero(&self) -> bool {
        [self.capacity, self.demand, self.validator, self.super_node].iter().all(|part| *part == 0)
    }
}

/// Answers for the view functions and the runtime API.
impl<T: Config> Pallet<T> {
    pub(crate) fn supply_now() -> Supply {
        let (minted, issuance) = (Minted::<T>::get(), T::Currency::total_issuance());
        let idle = [Pot::Vesting, Pot::SuperNodes, Pot::Bonds, Pot::Ecosystem, Pot::Fund, Pot::Insurance, Pot::Revenue];
        let circulating = idle.into_iter().fold(issuance, |rest, pot| rest.saturating_sub(Self::balance_of(pot)));
        Supply {
            cap: SUPPLY_CAP,
            minted,
            burned: minted.saturating_sub(issuance),
            issuance,
            circulating,
            scheduled: Self::scheduled(Eras::<T>::get(CurrentEra::<T>::get()).info.start),
            emitted: Emitted::<T>::get(),
        }
    }

    pub(crate) fn allocation_of(category: Category) -> AllocationInfo {
        let amount = category.amount();
        let (minted, released) = match category {
            Category::Airdrop => {
                let minted = Emitted::<T>::get().saturating_add(Advance::<T>::get());
                (minted, minted.saturating_sub(Streaming::<T>::get()))
            }
            Category::Contributors | Category::Governance | Category::SuperNodes => {
                (amount, Released::<T>::get(category))
            }
            // The pot keeps the existential deposit of its account, which is not part of the
            // allocation.
            Category::Liquidity => {
                let left = Self::balance_of(Pot::Liquidity).saturating_sub(T::Currency::minimum_balance());
                (amount, amount.saturating_sub(left))
            }
            Category::Bonds => (amount, amount.saturating_sub(Self::balance_of(Pot::Bonds))),
        };
        AllocationInfo { category, amount, minted, released }
    }

    pub(crate) fn vesting_of(account: &AccountId) -> Vec<VestingInfo> {
        let now = Self::now();
        let steps = Category::ALL
            .into_iter()
            .filter_map(|category| Some(Vestings::<T>::get(account, category)?.info(category, now)));
        steps.chain(Streams::<T>::get(account).iter().map(|stream| stream.info(now))).collect()
    }

    pub(crate) fn reward_of(era: EraIndex, account: &AccountId) -> Option<RewardInfo> {
        let record = Eras::<T>::try_get(era).ok()?;
        let contribution = Contributions::<T>::try_get(era, account).ok()?;
        let ready = record.info.end.is_some();
        let terms = record.terms.unwrap_or_else(|| Terms::new(&T::Rules::get(), 0));
        let Reward { capacity, demand, validator, super_node, ecosystem } = Reward::of(&record, &contribution, &terms);
        Some(RewardInfo {
            units: contribution.units,
            blocks: contribution.blocks,
            native_fees: contribution.native,
            stable_fees: contribution.stable,
            capacity,
            demand,
            validator,
            super_node,
            ecosystem,
            ready,
            demand_ready: ready && Self::is_demand_fixed(&record),
        })
    }

    /// Return the amount that the schedule has released when block `block` begins, in planck. It
    /// stops at the Airdrop Program less the advance, which was given out at genesis.
    pub(crate) fn scheduled(block: BlockNumber) -> Balance {
        schedule::released(block).min(Category::Airdrop.amount().saturating_sub(Advance::<T>::get()))
    }

    /// Whether no further purchase will be attributed to an era that has ended, so that its part
    /// for demand can be claimed.
    pub fn is_demand_fixed(record: &EraRecord) -> bool {
        record.unspent() == 0 || !Self::is_waited_for(record)
    }

    /// Whether an era's unspent fees in the stable coin are still waited for.
    pub(crate) fn is_waited_for(record: &EraRecord) -> bool {
        let (Some(end), Some(terms)) = (record.info.end, record.terms) else { return true };
        FitBlocks::<T>::get().saturating_sub(terms.fit) < WAIT_BLOCKS
            && Self::now().saturating_sub(end) < LONGEST_WAIT_BLOCKS
    }

    fn balance_of(pot: Pot) -> Balance {
        T::Currency::balance(&T::Pots::convert(pot))
    }

    fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }
}

/// Genesis.
impl<T: Config> Pallet<T> {
    /// Mint all allocations that are not earned, and the advance.
    ///
    /// # Panics
    ///
    /// If the amounts do not match the allocation: such a chain must not start.
    #[expect(clippy::expect_used, reason = "a chain with another allocation must not start")]
    pub(crate) fn mint_genesis(vesting: &[(Category, AccountId, Balance)], advance: &[(AccountId, Balance)]) {
        Eras::<T>::insert(0, EraRecord::default());
        // By default the chain has no DPN; tools build such a chain to check that it can be built.
        if vesting.is_empty() && advance.is_empty() {
            return assert_eq!(T::Currency::total_issuance(), 0, "DPN at genesis come from the allocation alone");
        }
        let add = |sum: Balance, amount| sum.checked_add(amount).expect("an allocation overflows");
        let mint = |to: &AccountId, amount| {
            Self::mint(to, amount).expect("an amount at genesis is below the existential deposit or above the cap")
        };
        for category in Category::ALL {
            let parts = vesting.iter().filter(|part| part.0 == category).map(|part| part.2);
            let expected = if category.vesting().is_some() { category.amount() } else { 0 };
            assert_eq!(parts.fold(0, add), expected, "the vestings of {category:?} are not what is set aside for it");
        }
        for (category, beneficiary, amount) in vesting {
            let steps = Steps::of(*category, *amount).expect("the category vests, for its sum is not 0 otherwise");
            assert!(*amount > 0, "a vesting of nothing");
            assert!(!Vestings::<T>::contains_key(beneficiary, category), "a beneficiary is named twice");
            Vestings::<T>::insert(beneficiary, category, steps);
            mint(&T::Pots::convert(Pot::Vesting), *amount);
        }
        for (pot, category) in [
            (Pot::SuperNodes, Category::SuperNodes),
            (Pot::Bonds, Category::Bonds),
            (Pot::Liquidity, Category::Liquidity),
        ] {
            mint(&T::Pots::convert(pot), category.amount());
        }
        let advanced = advance.iter().map(|part| part.1).fold(0, add);
        assert!(advanced <= Category::Airdrop.amount(), "the advance is more than the Airdrop Program");
        for (account, amount) in advance {
            mint(account, *amount);
        }
        Advance::<T>::put(advanced);
        assert_eq!(T::Currency::total_issuance(), Minted::<T>::get(), "DPN at genesis come from the allocation alone");
    }
}

/// Money.
impl<T: Config> Pallet<T> {
    /// Mint DPN. Nothing else creates them.
    pub(crate) fn mint(to: &AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        let minted = Minted::<T>::get().checked_add(amount).filter(|minted| *minted <= SUPPLY_CAP);
        let minted = minted.ok_or(Error::<T>::CapReached)?;
        T::Currency::mint_into(to, amount).map_err(|_| Error::<T>::Undeliverable)?;
        Minted::<T>::put(minted);
        Ok(())
    }

    /// Mint DPN out of the emission.
    fn emit(to: &AccountId, amount: Balance) -> DispatchResult {
        Self::mint(to, amount)?;
        Emitted::<T>::mutate(|emitted| *emitted = emitted.saturating_add(amount));
        Ok(())
    }

    /// Mint the ecosystem's share of a reward. Returns the amount minted. If the pot cannot take
    /// it, nothing is minted and the claim goes on, because the claimer is not at fault.
    fn emit_to_ecosystem(amount: Balance) -> Balance {
        match with_storage_layer(|| Self::emit(&T::Pots::convert(Pot::Ecosystem), amount)) {
            Ok(()) => amount,
            Err(_) => 0,
        }
    }

    /// Return the part of an amount that a pot can pay, so that it is emptied or keeps the
    /// existential deposit.
    fn payable(from: Pot, amount: Balance) -> Balance {
        let (pot, least) = (Self::balance_of(from), T::Currency::minimum_balance());
        match pot.saturating_sub(amount) {
            rest if rest > 0 && rest < least => pot.saturating_sub(least),
            _ => amount,
        }
    }

    fn pay(from: Pot, to: &AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        let pot = T::Pots::convert(from);
        let empties = T::Currency::balance(&pot) == amount;
        let preservation = if empties { Preservation::Expendable } else { Preservation::Preserve };
        T::Currency::transfer(&pot, to, amount, preservation).map_err(|_| Error::<T>::Undeliverable)?;
        Ok(())
    }

    fn pay_vested(beneficiary: AccountId, category: Category, amount: Balance) -> DispatchResult {
        Self::pay(Pot::Vesting, &beneficiary, amount)?;
        Self::deposit_event(Event::VestedPaid { beneficiary, category, amount });
        Ok(())
    }
}

/// The bodies of the calls.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_claim_reward(era: EraIndex, account: AccountId) -> DispatchResult {
        let mut record = Eras::<T>::try_get(era).map_err(|_| Error::<T>::UnknownEra)?;
        let terms = record.terms.ok_or(Error::<T>::EraNotEnded)?;
        let mut waits = Contributions::<T>::get(era, &account);
        ensure!(!waits.is_empty(), Error::<T>::NothingToClaim);
        let mut ready = core::mem::take(&mut waits);
        if !Self::is_demand_fixed(&record) {
            // Fees in DPN wait as well: their share is relative to the DPN burned by all fees.
            waits.native = core::mem::take(&mut ready.native);
            waits.stable = core::mem::take(&mut ready.stable);
        }
        let reward = Reward::of(&record, &ready, &terms);
        if reward.is_zero() {
            ensure!(waits.is_empty(), Error::<T>::StableUnspent);
            return Err(Error::<T>::NothingToClaim.into());
        }
        let Reward { capacity, demand, validator, super_node, ecosystem } = reward;
        let worked = capacity.saturating_add(demand);
        let at_once = terms.at_once.mul_floor(worked);
        let vesting = worked.saturating_sub(at_once);

        Self::emit(&account, at_once.saturating_add(validator))?;
        // The last account paid out of the pot gets less, by the existential deposit that the pot
        // keeps.
        let super_node = Self::payable(Pot::SuperNodes, super_node);
        Self::pay(Pot::SuperNodes, &account, super_node)?;
        Released::<T>::mutate(Category::SuperNodes, |released| *released = released.saturating_add(super_node));
        Self::stream(&account, vesting)?;
        let ecosystem = Self::emit_to_ecosystem(ecosystem);
        let info = &mut record.info;
        info.minted = info.minted.saturating_add(worked).saturating_add(validator).saturating_add(ecosystem);
        info.ecosystem = info.ecosystem.saturating_add(ecosystem);
        Eras::<T>::insert(era, record);
        if waits.is_empty() {
            Contributions::<T>::remove(era, &account);
        } else {
            Contributions::<T>::insert(era, &account, waits);
        }
        Self::deposit_event(Event::RewardClaimed {
            era,
            account,
            capacity,
            demand,
            validator,
            super_node,
            vesting,
            ecosystem,
        });
        Ok(())
    }

    fn stream(account: &AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::emit(&T::Pots::convert(Pot::Vesting), amount)?;
        Streams::<T>::try_mutate(account, |streams| {
            ensure!(add_stream(streams, Self::now(), amount), Error::<T>::TooManyStreams);
            Streaming::<T>::mutate(|streaming| *streaming = streaming.saturating_add(amount));
            Ok(())
        })
    }

    pub(crate) fn do_claim_unlocked(account: AccountId) -> DispatchResult {
        let mut streams = Streams::<T>::try_get(&account).map_err(|_| Error::<T>::UnknownVesting)?;
        let amount = take_vested(&mut streams, Self::now());
        ensure!(amount > 0, Error::<T>::NothingVested);

        if streams.is_empty() {
            Streams::<T>::remove(&account);
        } else {
            Streams::<T>::insert(&account, streams);
        }
        Streaming::<T>::mutate(|streaming| *streaming = streaming.saturating_sub(amount));
        Self::pay_vested(account, Category::Airdrop, amount)
    }

    pub(crate) fn do_claim_vested(beneficiary: AccountId, category: Category) -> DispatchResult {
        let mut steps = Vestings::<T>::get(&beneficiary, category).ok_or(Error::<T>::UnknownVesting)?;
        let amount = steps.claimable(Self::now());
        ensure!(amount > 0, Error::<T>::NothingVested);

        steps.released = steps.released.saturating_add(amount);
        Vestings::<T>::insert(&beneficiary, category, steps);
        Released::<T>::mutate(category, |released| *released = released.saturating_add(amount));
        Self::pay_vested(beneficiary, category, amount)
    }
}

/// The bodies of the hooks.
impl<T: Config> Pallet<T> {
    /// Whether the running era is over when this block begins.
    pub(crate) fn is_over(now: BlockNumber) -> bool {
        let start = Eras::<T>::get(CurrentEra::<T>::get()).info.start;
        now >= start.saturating_add(T::Rules::get().era_blocks.max(1))
    }

    /// End the running era before this block and begin the next one. Returns the number of the
    /// ended era.
    pub(crate) fn end_era(now: BlockNumber) -> EraIndex {
        let era = CurrentEra::<T>::get();
        let rules = T::Rules::get();
        let mut record = Eras::<T>::get(era);
        let info = &mut record.info;
        info.end = Some(now);
        info.emission = Self::scheduled(now).saturating_sub(Self::scheduled(info.start));
        info.super_nodes =
            schedule::super_nodes_released(now).saturating_sub(schedule::super_nodes_released(info.start));
        let capacity = KnownCapacity::<T>::get().after(info.units, now.saturating_sub(info.start));
        KnownCapacity::<T>::put(capacity);
        info.age = capacity.age;
        rewards::cut(info, &rules, capacity.decay());
        let EraInfo { emission, capacity, demand, validators, super_nodes, age, .. } = *info;
        record.terms = Some(Terms::new(&rules, FitBlocks::<T>::get()));
        Eras::<T>::insert(era, record);

        let next = era.saturating_add(1);
        CurrentEra::<T>::put(next);
        Eras::<T>::insert(next, EraRecord::starting(now));
        Self::stop_waiting();
        Self::deposit_event(Event::EraEnded { era, emission, capacity, demand, validators, super_nodes, age });
        era
    }

    /// Pass over eras whose fees in the stable coin are no longer waited for, at most
    /// [`MAX_ATTRIBUTED`] of them.
    fn stop_waiting() {
        for _ in 0..MAX_ATTRIBUTED {
            let Some(queue) = Unspent::<T>::get() else { break };
            if Self::is_waited_for(&Eras::<T>::get(queue.first)) {
                return;
            }
            Self::pass_over(queue);
        }
        if !Unspent::<T>::exists() {
            Carried::<T>::kill();
        }
    }

    /// Remove the first era from the queue.
    fn pass_over(queue: Queue) {
        let next = Eras::<T>::mutate(queue.first, |record| record.next.take());
        Unspent::<T>::set(next.map(|first| Queue { first, ..queue }));
    }

    /// Append the running era to the queue.
    fn wait_for(era: EraIndex) {
        match Unspent::<T>::get() {
            None => Unspent::<T>::put(Queue { first: era, last: era }),
            Some(queue) if queue.last == era => {}
            Some(queue) => {
                Eras::<T>::mutate(queue.last, |record| record.next = Some(era));
                Unspent::<T>::put(Queue { last: era, ..queue });
            }
        }
    }

    /// Drop the unclaimed rewards of the oldest era if it is old enough, as far as the weight
    /// allows.
    pub(crate) fn drop_oldest(now: BlockNumber, meter: &mut WeightMeter) {
        let (least, most) = (T::WeightInfo::prune(0), T::WeightInfo::prune(MAX_PRUNED));
        if !meter.can_consume(least) {
            return;
        }
        let oldest = OldestEra::<T>::get();
        let over = |end: BlockNumber| now.saturating_sub(end) >= HISTORY_BLOCKS;
        if !Eras::<T>::get(oldest).info.end.is_some_and(over) {
            meter.consume(T::WeightInfo::watch());
            return;
        }
        let each = most.saturating_sub(least).saturating_div(MAX_PRUNED.into());
        let room = meter.remaining().saturating_sub(least).checked_div_per_component(&each);
        let room = room.unwrap_or(MAX_PRUNED.into()).min(MAX_PRUNED.into()) as u32;
        meter.consume(T::WeightInfo::prune(Self::prune(oldest, room)));
    }

    /// Drop at most `most` accounts of an era. If it has fewer, drop the era too. Returns the
    /// number of accounts dropped.
    pub(crate) fn prune(era: EraIndex, most: u32) -> u32 {
        let dropped = Contributions::<T>::drain_prefix(era).take(most as usize).count() as u32;
        if dropped < most {
            // The era is no longer waited for, but `stop_waiting` may not have reached it.
            if let Some(queue) = Unspent::<T>::get().filter(|queue| queue.first == era) {
                Self::pass_over(queue);
            }
            Eras::<T>::remove(era);
            OldestEra::<T>::put(era.saturating_add(1));
            Self::deposit_event(Event::EraDropped { era });
        }
        dropped
    }
}

/// Records of events in other pallets.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_note_author(author: AccountId) {
        let era = CurrentEra::<T>::get();
        Eras::<T>::mutate(era, |era| era.info.blocks = era.info.blocks.saturating_add(1));
        Contributions::<T>::mutate(era, author, |account| account.blocks = account.blocks.saturating_add(1));
    }

    pub(crate) fn do_proved(worker: &AccountId, units: u32) {
        let weighted = rewards::weighted(units, T::Reputation::convert(worker.clone()));
        let era = CurrentEra::<T>::get();
        Eras::<T>::mutate(era, |era| era.info.units = era.info.units.saturating_add(units.into()));
        if weighted > 0 {
            Contributions::<T>::mutate(era, worker, |account| account.units = account.units.saturating_add(weighted));
        }
    }

    pub(crate) fn do_settled(asset: &AssetKind, fees: Balance, paid: &[(AccountId, Balance)]) {
        let (native, stable) = match asset {
            AssetKind::Native => (fees, 0),
            other if *other == T::Stable::get() => (0, fees),
            _ => return,
        };
        if fees == 0 {
            return;
        }
        let era = CurrentEra::<T>::get();
        Eras::<T>::mutate(era, |era| {
            era.info.native_fees = era.info.native_fees.saturating_add(native);
            era.info.stable_fees = era.info.stable_fees.saturating_add(stable);
        });
        let paid = paid.iter().take(MAX_PAID as usize);
        let pays: Vec<Balance> = paid.clone().map(|(_, pay)| *pay).collect();
        for ((account, _), share) in paid.zip(rewards::split(fees, &pays)) {
            if share == 0 {
                continue;
            }
            Contributions::<T>::mutate(era, account, |account| {
                let fees = if native > 0 { &mut account.native } else { &mut account.stable };
                *fees = fees.saturating_add(share);
            });
        }
        if stable > 0 {
            Self::wait_for(era);
        }
    }

    pub(crate) fn do_was_fit(blocks: BlockNumber) {
        FitBlocks::<T>::mutate(|fit| *fit = fit.saturating_add(blocks));
    }

    /// Returns the number of eras that the purchase has looked at.
    pub(crate) fn do_bought(purchase: Purchase) -> u32 {
        let mut left = Some(Carried::<T>::take().map_or(purchase, |carried| carried.join(purchase)));
        let mut eras: u32 = 0;
        while let (Some(purchase), Some(queue), true) = (left, Unspent::<T>::get(), eras < MAX_ATTRIBUTED) {
            let over = Eras::<T>::mutate(queue.first, |record| {
                let waited_for = Self::is_waited_for(record);
                if waited_for {
                    left = record.attribute(purchase);
                }
                !waited_for || record.unspent() == 0
            });
            if over {
                Self::pass_over(queue);
            }
            eras = eras.saturating_add(1);
        }
        if Unspent::<T>::exists() {
            Carried::<T>::set(left);
        }
        eras
    }
}

impl<T: Config> EventHandler<AccountId, BlockNumberFor<T>> for Pallet<T> {
    fn note_author(author: AccountId) {
        Self::do_note_author(author);
        // The caller does not charge for it.
        let weight = T::WeightInfo::note_author();
        frame_system::Pallet::<T>::register_extra_weight_unchecked(weight, DispatchClass::Mandatory);
    }
}

impl<T: Config> CapacityLedger for Pallet<T> {
    fn proved(worker: &AccountId, units: u32) {
        Self::do_proved(worker, units);
    }
}

impl<T: Config> DemandLedger for Pallet<T> {
    fn settled(asset: &AssetKind, fees: Balance, paid: &[(AccountId, Balance)]) {
        Self::do_settled(asset, fees, paid);
    }
}

impl<T: Config> BurnLedger for Pallet<T> {
    fn bought(asset: &AssetKind, spent: Balance, burned: Balance) -> Weight {
        match Purchase::new(spent, burned) {
            Some(purchase) if *asset == T::Stable::get() => T::WeightInfo::bought(Self::do_bought(purchase)),
            _ => Weight::zero(),
        }
    }

    fn was_fit(asset: &AssetKind, blocks: BlockNumber) -> Weight {
        if *asset != T::Stable::get() {
            return Weight::zero();
        }
        Self::do_was_fit(blocks);
        T::WeightInfo::was_fit()
    }
}
