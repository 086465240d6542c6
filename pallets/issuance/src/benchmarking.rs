//! Benchmarks of the calls, of what the hooks do, and of what the other pallets tell.

use super::*;
use crate::vesting::{Steps, Stream, MAX_STREAMS, STREAM_BLOCKS, STREAM_STEP};
use alloc::vec::Vec;
use dpin_primitives::{
    economy::{Category, EraIndex, EraInfo, Pot, MONTH_BLOCKS},
    AccountId, AssetKind, Balance, BlockNumber, DPN,
};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        assert_ok,
        traits::{fungible::Mutate, Get},
        weights::WeightMeter,
        BoundedVec,
    },
    frame_system::{Pallet as System, RawOrigin},
    sp_runtime::traits::Convert,
};

/// An era that has ended, with everything that there can be in one.
const ERA: EraIndex = 1;
/// Of each of its parts.
const PART: Balance = 1_000_000 * DPN;

fn set_block<T: Config>(block: BlockNumber) {
    System::<T>::set_block_number(block.into());
}

/// Put DPN into a pot, whatever genesis has put there.
fn fund<T: Config>(pot: Pot) {
    assert_ok!(T::Currency::mint_into(&T::Pots::convert(pot), PART).map(drop));
}

/// The era [`ERA`] has ended, the next one runs.
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
    Eras::<T>::insert(ERA, EraRecord { info, rate: Purchase::new(PART, PART).map(|purchase| purchase.rate) });
    let next = ERA.saturating_add(1);
    CurrentEra::<T>::put(next);
    Eras::<T>::insert(next, EraRecord { info: EraInfo { start: 1, ..Default::default() }, rate: None });
}

/// As many streams as an account can have, the last of which begins in `now`.
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

    /// Everything can be claimed, by an account that does not exist yet and has as many streams as there can be.
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

    /// What every block reads, whether anything is to be done or not.
    #[benchmark]
    fn watch() {
        ended::<T>();
        let over;

        #[block]
        {
            over = Pallet::<T>::is_over(1) || OldestEra::<T>::get() > CurrentEra::<T>::get();
        }

        assert!(!over);
    }

    /// An era of a month ends, and as many are waited for as can be, of which one is not waited for any longer.
    #[benchmark]
    fn end_era() {
        let era = WAIT_ERAS;
        CurrentEra::<T>::put(era);
        Eras::<T>::insert(era, EraRecord { info: EraInfo { start: 1, ..Default::default() }, rate: None });
        Unspent::<T>::put(BoundedVec::truncate_from((0..=era).collect::<Vec<EraIndex>>()));

        #[block]
        {
            Pallet::<T>::end_era(MONTH_BLOCKS);
        }

        assert_eq!(CurrentEra::<T>::get(), era.saturating_add(1));
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

    #[benchmark]
    fn proved() {
        ended::<T>();
        let worker: AccountId = account("worker", 0, 0);
        Runs::<T>::insert(&worker, Run { since: 1, last: 1 });

        #[block]
        {
            Pallet::<T>::do_proved(&worker, 4_096);
        }

        assert_eq!(Eras::<T>::get(CurrentEra::<T>::get()).info.units, 4_096);
    }

    /// A task paid in the stable coin, for which `p` accounts were paid.
    #[benchmark]
    fn settled(p: Linear<1, MAX_PAID>) {
        ended::<T>();
        let paid: Vec<(AccountId, Balance)> = (0..p).map(|seed| (account("paid", seed, 0), DPN)).collect();
        let asset: AssetKind = T::Stable::get();

        #[block]
        {
            Pallet::<T>::do_settled(&asset, PART, &paid);
        }

        let era = CurrentEra::<T>::get();
        assert!(paid.iter().all(|(account, _)| Contributions::<T>::contains_key(era, account)));
    }

    /// A purchase for `e` eras, while as many wait as can.
    #[benchmark]
    fn bought(e: Linear<1, MAX_ATTRIBUTED>) {
        let eras: Vec<EraIndex> = (0..=WAIT_ERAS).collect();
        for era in &eras {
            Eras::<T>::mutate(era, |record| record.info.stable_fees = DPN);
        }
        Unspent::<T>::put(BoundedVec::truncate_from(eras));
        let half = DPN / 2;
        Carried::<T>::set(Purchase::new(half, half));
        // All fees of the eras but the last, and a half of that.
        let spent = DPN.saturating_mul(e.into()).saturating_sub(DPN);
        let purchase = Purchase::new(spent.max(1), spent).expect("something was spent");
        let attributed;

        #[block]
        {
            attributed = Pallet::<T>::do_bought(purchase);
        }

        assert_eq!(attributed, e);
    }

    /// `n` accounts of an old era are dropped, and the era with them.
    #[benchmark]
    fn prune(n: Linear<0, MAX_PRUNED>) {
        ended::<T>();
        for seed in 0..n {
            let account: AccountId = account("old", seed, 0);
            Contributions::<T>::insert(ERA, account, Contribution { blocks: 1, ..Default::default() });
        }
        OldestEra::<T>::put(ERA);
        CurrentEra::<T>::put(ERA.saturating_add(HISTORY_ERAS).saturating_add(1));

        #[block]
        {
            let _ = (OldestEra::<T>::get(), CurrentEra::<T>::get());
            Pallet::<T>::prune(ERA, n.saturating_add(1));
        }

        assert!(!Eras::<T>::contains_key(ERA));
    }

    /// A worker has paused and is forgotten.
    #[benchmark]
    fn look_at_run() {
        let worker: AccountId = account("worker", 0, 0);
        Runs::<T>::insert(&worker, Run { since: 1, last: 1 });

        #[block]
        {
            Pallet::<T>::look_at_next_run(MONTH_BLOCKS, &mut WeightMeter::new());
        }

        assert!(!Runs::<T>::contains_key(worker));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::TestExt::new().build(), crate::mock::Test);
}
