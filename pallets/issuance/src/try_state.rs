//! The invariants that must always hold. Each check is one function, named as a sentence.

use crate::{
    Advance, Carried, Config, Contribution, Contributions, CurrentEra, Emitted, EraRecord, Eras, KnownCapacity, Minted,
    OldestEra, Pallet, Released, Streaming, Streams, Unspent, Vestings, schedule, vesting::MAX_STREAMS,
};
use alloc::{collections::BTreeMap, vec::Vec};
use dpin_primitives::{
    Balance,
    economy::{Category, EraIndex, Pot, SUPPLY_CAP},
};
use polkadot_sdk::{
    frame_support::{ensure, traits::fungible::Inspect},
    frame_system,
    sp_runtime::{TryRuntimeError, traits::Convert},
};

impl<T: Config> Pallet<T> {
    /// Check all invariants of the pallet.
    ///
    /// # Errors
    ///
    /// The broken invariant, in words.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::no_more_than_the_cap_was_ever_minted()?;
        Self::all_that_was_minted_is_of_the_allocation()?;
        Self::no_more_was_emitted_than_scheduled()?;
        Self::the_vesting_pot_holds_what_vests()?;
        Self::the_super_nodes_pot_holds_what_was_not_released()?;
        Self::streams_are_in_order()?;
        Self::every_era_from_the_oldest_to_the_running_one_is_known()?;
        Self::no_era_gives_more_than_its_parts()?;
        Self::nobody_did_more_in_an_era_than_all_together()?;
        Self::the_eras_waited_for_are_those_with_unspent_fees()?;
        Self::the_networks_capacity_is_no_older_than_the_chain()
    }

    /// Whether genesis had an allocation: the default has none.
    fn has_allocation() -> bool {
        Vestings::<T>::iter_keys().next().is_some()
    }

    fn no_more_than_the_cap_was_ever_minted() -> Result<(), TryRuntimeError> {
        let minted = Minted::<T>::get();
        ensure!(minted <= SUPPLY_CAP, "more was minted than there may be");
        ensure!(T::Currency::total_issuance() <= minted, "DPN that were not minted here");
        Ok(())
    }

    fn all_that_was_minted_is_of_the_allocation() -> Result<(), TryRuntimeError> {
        let earned = |category: &Category| *category == Category::Airdrop;
        let at_genesis = match Self::has_allocation() {
            true => Category::ALL.into_iter().filter(|category| !earned(category)).map(Category::amount).sum(),
            false => 0,
        };
        let minted = [at_genesis, Advance::<T>::get(), Emitted::<T>::get()]
            .into_iter()
            .try_fold(0, |sum: Balance, part| sum.checked_add(part))
            .ok_or("what was minted overflows")?;
        ensure!(Minted::<T>::get() == minted, "what was minted is not what genesis and the emission have minted");
        Ok(())
    }

    fn no_more_was_emitted_than_scheduled() -> Result<(), TryRuntimeError> {
        let start = Eras::<T>::get(CurrentEra::<T>::get()).info.start;
        let scheduled = Self::scheduled(start);
        ensure!(Emitted::<T>::get() <= scheduled, "more was emitted than the schedule has released");
        let limit = Category::Airdrop.amount().checked_sub(Advance::<T>::get());
        ensure!(limit.is_some_and(|limit| scheduled <= limit), "more is scheduled than is left of the Airdrop Program");
        Ok(())
    }

    fn the_vesting_pot_holds_what_vests() -> Result<(), TryRuntimeError> {
        let mut released = BTreeMap::<Category, Balance>::new();
        let mut vests: Balance = 0;
        for (_, category, steps) in Vestings::<T>::iter() {
            let rest = steps.amount.checked_sub(steps.released).ok_or("more was released than vests")?;
            vests = vests.checked_add(rest).ok_or("what vests overflows")?;
            let sum = released.entry(category).or_default();
            *sum = sum.checked_add(steps.released).ok_or("what was released overflows")?;
        }
        for category in Category::ALL.into_iter().filter(|category| category.vesting().is_some()) {
            let sum = released.get(&category).copied().unwrap_or_default();
            ensure!(Released::<T>::get(category) == sum, "what was released of an allocation is not the sum of it");
        }
        let streams = Streams::<T>::iter_values()
            .flatten()
            .try_fold(0, |sum: Balance, stream| sum.checked_add(stream.amount.checked_sub(stream.released)?))
            .ok_or("more of a stream was paid than it is, or streams overflow")?;
        ensure!(Streaming::<T>::get() == streams, "what streams is not the sum of the streams");
        let vests = vests.checked_add(streams).ok_or("what vests overflows")?;
        let pot = T::Currency::total_balance(&T::Pots::convert(Pot::Vesting));
        ensure!(pot >= vests, "the vesting pot holds less than vests");
        Ok(())
    }

    fn the_super_nodes_pot_holds_what_was_not_released() -> Result<(), TryRuntimeError> {
        let released = Released::<T>::get(Category::SuperNodes);
        let start = Eras::<T>::get(CurrentEra::<T>::get()).info.start;
        ensure!(released <= schedule::super_nodes_released(start), "more went to super nodes than is scheduled");
        let amount = if Self::has_allocation() { Category::SuperNodes.amount() } else { 0 };
        let rest = amount.saturating_sub(released);
        let pot = T::Currency::total_balance(&T::Pots::convert(Pot::SuperNodes));
        ensure!(pot >= rest, "the super-node pot holds less than was not released");
        Ok(())
    }

    fn streams_are_in_order() -> Result<(), TryRuntimeError> {
        for streams in Streams::<T>::iter_values() {
            ensure!((1..=MAX_STREAMS as usize).contains(&streams.len()), "no stream at all, or too many");
            let ordered = streams.iter().zip(streams.iter().skip(1)).all(|(former, later)| former.start < later.start);
            ensure!(ordered, "streams are not in the order of their beginning");
            ensure!(streams.iter().all(|stream| stream.released < stream.amount), "a stream that is paid out");
        }
        Ok(())
    }

    fn every_era_from_the_oldest_to_the_running_one_is_known() -> Result<(), TryRuntimeError> {
        let (oldest, current) = (OldestEra::<T>::get(), CurrentEra::<T>::get());
        ensure!(oldest <= current, "an era is dropped that did not begin");
        let mut known: Vec<(EraIndex, EraRecord)> = Eras::<T>::iter().collect();
        known.sort_unstable_by_key(|(era, _)| *era);
        ensure!(
            known.iter().map(|(era, _)| *era).eq(oldest..=current),
            "the known eras are not those that are not dropped"
        );
        for ((_, former), (_, later)) in known.iter().zip(known.iter().skip(1)) {
            ensure!(former.info.end == Some(later.info.start), "an era does not end where the next one begins");
        }
        ensure!(known.last().is_some_and(|(_, era)| era.info.end.is_none()), "the running era has ended");
        Ok(())
    }

    fn no_era_gives_more_than_its_parts() -> Result<(), TryRuntimeError> {
        for era in Eras::<T>::iter_values() {
            let info = era.info;
            let earned = [info.capacity, info.demand, info.validators]
                .into_iter()
                .try_fold(0, |sum: Balance, part| sum.checked_add(part))
                .ok_or("the parts of an era overflow")?;
            ensure!(earned <= info.emission, "the parts of an era are more than its emission");
            ensure!(info.minted <= earned, "more was claimed of an era than can be earned");
            ensure!(info.ecosystem <= info.minted, "more of an era went to the ecosystem than was claimed");
            ensure!(info.end.is_some() == era.terms.is_some(), "an era's terms are not fixed by its end");
            ensure!(info.stable_spent <= info.stable_fees, "more of an era's fees was spent than there were");
            ensure!(era.rate.is_some() == (info.stable_spent > 0), "an era's rate is not that of its purchases");
        }
        Ok(())
    }

    fn nobody_did_more_in_an_era_than_all_together() -> Result<(), TryRuntimeError> {
        let mut sums = BTreeMap::<EraIndex, Contribution>::new();
        for (era, _, one) in Contributions::<T>::iter() {
            ensure!(!one.is_empty(), "a contribution of nothing");
            let sum = sums.entry(era).or_default();
            sum.units = sum.units.checked_add(one.units).ok_or("units overflow")?;
            sum.blocks = sum.blocks.checked_add(one.blocks).ok_or("blocks overflow")?;
            sum.native = sum.native.checked_add(one.native).ok_or("fees overflow")?;
            sum.stable = sum.stable.checked_add(one.stable).ok_or("fees overflow")?;
        }
        for (era, sum) in sums {
            let info = Eras::<T>::try_get(era).map_err(|_| "contributions to an era that is not known")?.info;
            ensure!(sum.units <= info.units.saturating_mul(1_000), "an era's tiles are less than their parts");
            ensure!(sum.blocks <= info.blocks, "an era's blocks are less than their parts");
            ensure!(sum.native <= info.native_fees, "an era's fees in DPN are less than their parts");
            ensure!(sum.stable <= info.stable_fees, "an era's fees in the stable coin are less than their parts");
        }
        Ok(())
    }

    fn the_eras_waited_for_are_those_with_unspent_fees() -> Result<(), TryRuntimeError> {
        let mut queue = Vec::new();
        let mut next = Unspent::<T>::get().map(|queue| queue.first);
        while let Some(era) = next {
            ensure!(queue.last().is_none_or(|last| *last < era), "the eras waited for are out of order");
            queue.push(era);
            next = Eras::<T>::try_get(era).map_err(|_| "an era is waited for that is not known")?.next;
        }
        ensure!(
            Unspent::<T>::get().map(|queue| queue.last) == queue.last().copied(),
            "the last era waited for is not it"
        );
        let mut expected = Vec::new();
        for (era, record) in Eras::<T>::iter() {
            let queued = queue.binary_search(&era).is_ok();
            ensure!(!queued || record.unspent() > 0, "an era is waited for whose fees are spent");
            ensure!(queued || record.next.is_none(), "an era that is not waited for names another one");
            if record.unspent() > 0 && Self::is_waited_for(&record) {
                expected.push(era);
            }
        }
        ensure!(
            expected.iter().all(|era| queue.binary_search(era).is_ok()),
            "an era with unspent fees is not waited for"
        );
        ensure!(Carried::<T>::get().is_none_or(|left| left.spent > 0), "a purchase of nothing is carried over");
        ensure!(!Carried::<T>::exists() || !queue.is_empty(), "a purchase is carried over to nothing");
        Ok(())
    }

    fn the_networks_capacity_is_no_older_than_the_chain() -> Result<(), TryRuntimeError> {
        let now = frame_system::Pallet::<T>::block_number();
        let age = KnownCapacity::<T>::get().age;
        ensure!(now >= age.into(), "the network's capacity is older than the chain");
        Ok(())
    }
}
