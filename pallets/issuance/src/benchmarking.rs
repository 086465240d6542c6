//! Benchmarks of the calls, of the steps of the hooks, and of reports from other pallets.

use crate::{
    Call, Capacity, Carried, Config, Contribution, Contributions, CurrentEra, EraRecord, Eras, FitBlocks,
    KnownCapacity, MAX_ATTRIBUTED, MAX_PRUNED, OldestEra, Pallet, Purchase, Queue, Streaming, Streams, Terms, Unspent,
    Vestings, WAIT_BLOCKS,
    vesting::{MAX_STREAMS, STREAM_BLOCKS, STREAM_STEP, Steps, Stream},
};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, Balance, BlockNumber, DPN,
    economy::{Category, EraIndex, EraInfo, MONTH_BLOCKS, Pot},
};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        BoundedVec, assert_ok,
        traits::{Get, fungible::Mutate},
    },
    frame_system::{Pallet as System, RawOrigin},
    sp_runtime::traits::Convert,
};

/// An ended era with every kind of contribution.
const ERA: EraIndex = 1;
/// The amount of each part of the era.
const PART: Balance = 1_000_000 * DPN;

fn set_block<T: Config>(block: BlockNumber) {
    System::<T>::set_block_number(block.into());
}

/// Add DPN to a pot, in addition to its amount at genesis.
fn fund<T: Config>(pot: Pot) {
    assert_ok!(T::Currency::mint_into(&T::Pots::convert(pot), PART).map(drop));
}

/// End the era [`ERA`] and let the next one run.
fn ended<T: Config>() {
    let info = EraInfo {
        end: Some(1),
        emission: PART.saturating_mul(4),
        capacity: PART,
        demand: PART,
        validators: PART,
        super_nodes: PART,
        units: 1_000,
        blocks: 100,
        native_fees: PART,
        stable_fees: PART,
        stable_spent: PART,
        stable_burned: PART,
        ..Default::default()
    };
    let rate = Purchase::new(PART, PART).map(|purchase| purchase.rate);
    Eras::<T>::insert(ERA, EraRecord { info, rate, terms: Some(terms::<T>()), next: None });
    let next = ERA.saturating_add(1);
    CurrentEra::<T>::put(next);
    Eras::<T>::insert(next, EraRecord::starting(1));
}

fn terms<T: Config>() -> Terms {
    Terms::new(&T::Rules::get(), 0)
}

/// End `eras` eras from 0 on, with unspent fees in the stable coin.
fn waiting<T: Config>(eras: u32) {
    let last = eras.saturating_sub(1);
    for era in 0..eras {
        let info = EraInfo { end: Some(1), stable_fees: DPN, ..Default::default() };
        let next = (era < last).then_some(era.saturating_add(1));
        Eras::<T>::insert(era, EraRecord { info, rate: None, terms: Some(terms::<T>()), next });
    }
    Unspent::<T>::put(Queue { first: 0, last });
}

/// Give an account the most streams, the last of which begins in `now`.
fn streams<T: Config>(account: &AccountId, now: BlockNumber) {
    let streams: Vec<Stream> = (0..MAX_STREAMS)
        .rev()
        .map(|back| Stream { start: now.saturating_sub(back.saturating_mul(STREAM_STEP)), amount: DPN, released: 0 })
        .collect();
    Streams::<T>::insert(account, BoundedVec::truncate_from(streams));
    Streaming::<T>::put(DPN.saturating_mul(MAX_STREAMS.into()));
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// Claim every kind of reward, for an account that does not exist yet and has the most streams.
    #[benchmark]
    fn claim_reward() {
        ended::<T>();
        fund::<T>(Pot::Vesting);
        fund::<T>(Pot::SuperNodes);
        let now = STREAM_BLOCKS.saturating_mul(2);
        let account: AccountId = account("worker", 0, 0);
        set_block::<T>(now.saturating_add(1));
        streams::<T>(&account, now);
        let contribution = Contribution { units: 1_000, blocks: 1, native: DPN, stable: DPN };
        Contributions::<T>::insert(ERA, &account, contribution);
        let caller: AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), ERA, account.clone());

        assert!(!Contributions::<T>::contains_key(ERA, account));
    }

    #[benchmark]
    fn claim_unlocked() {
        fund::<T>(Pot::Vesting);
        let now = STREAM_BLOCKS.saturating_mul(2);
        let account: AccountId = account("worker", 0, 0);
        streams::<T>(&account, now);
        set_block::<T>(now.saturating_add(STREAM_STEP));
        let caller: AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), account.clone());

        assert!(Streams::<T>::get(account).iter().all(|stream| stream.released > 0));
    }

    #[benchmark]
    fn claim_vested() {
        fund::<T>(Pot::Vesting);
        let beneficiary: AccountId = account("founder", 0, 0);
        let category = Category::Contributors;
        let steps = Steps::of(category, PART).expect("it vests");
        Vestings::<T>::insert(&beneficiary, category, steps);
        set_block::<T>(steps.cliff.saturating_add(MONTH_BLOCKS));
        let caller: AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), beneficiary.clone(), category);

        assert!(Vestings::<T>::get(beneficiary, category).is_some_and(|steps| steps.released > 0));
    }

    /// The reads of every block, when nothing is to be done.
    #[benchmark]
    fn watch() {
        ended::<T>();
        let over;

        #[block]
        {
            let oldest = Eras::<T>::get(OldestEra::<T>::get()).info.end;
            over = Pallet::<T>::is_over(1) || oldest.is_some_and(|end| end > MONTH_BLOCKS);
        }

        assert!(!over);
    }

    /// End an era of a month's length, with as many eras as are looked at that are no longer waited
    /// for.
    #[benchmark]
    fn end_era() {
        let era = MAX_ATTRIBUTED;
        waiting::<T>(era);
        CurrentEra::<T>::put(era);
        let info = EraInfo { start: 1, units: 1_000_000, ..Default::default() };
        Eras::<T>::insert(era, EraRecord { info, ..Default::default() });
        KnownCapacity::<T>::put(Capacity { tiles: 1_000, age: MONTH_BLOCKS });
        FitBlocks::<T>::put(WAIT_BLOCKS);
        Carried::<T>::set(Purchase::new(DPN, DPN));

        #[block]
        {
            Pallet::<T>::end_era(MONTH_BLOCKS);
        }

        assert_eq!(CurrentEra::<T>::get(), era.saturating_add(1));
        assert!(!Unspent::<T>::exists());
    }

    #[benchmark]
    fn note_author() {
        ended::<T>();
        let author: AccountId = account("author", 0, 0);

        #[block]
        {
            Pallet::<T>::do_note_author(author.clone());
        }

        assert_eq!(Contributions::<T>::get(CurrentEra::<T>::get(), author).blocks, 1);
    }

    /// Attribute a purchase to `e` eras, while more eras wait.
    #[benchmark]
    fn bought(e: Linear<1, MAX_ATTRIBUTED>) {
        waiting::<T>(MAX_ATTRIBUTED.saturating_add(1));
        let half = DPN / 2;
        Carried::<T>::set(Purchase::new(half, half));
        // With the half carried over: all fees of the eras except the last, and half of the last
        // one's.
        let spent = DPN.saturating_mul(e.into()).saturating_sub(DPN);
        let purchase = Purchase::new(spent.max(1), spent).expect("something was spent");
        let attributed;

        #[block]
        {
            attributed = Pallet::<T>::do_bought(purchase);
        }

        assert_eq!(attributed, e);
    }

    /// Drop `n` accounts of an old era, and the era with them.
    #[benchmark]
    fn prune(n: Linear<0, MAX_PRUNED>) {
        ended::<T>();
        for seed in 0..n {
            let account: AccountId = account("old", seed, 0);
            Contributions::<T>::insert(ERA, account, Contribution { blocks: 1, ..Default::default() });
        }
        OldestEra::<T>::put(ERA);
        Unspent::<T>::put(Queue { first: ERA, last: ERA });

        #[block]
        {
            let _ = OldestEra::<T>::get();
            Pallet::<T>::prune(ERA, n.saturating_add(1));
        }

        assert!(!Eras::<T>::contains_key(ERA));
    }

    #[benchmark]
    fn was_fit() {
        #[block]
        {
            Pallet::<T>::do_was_fit(200);
        }

        assert_eq!(FitBlocks::<T>::get(), 200);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::TestExt::new().build(), crate::mock::Test);
}
