//! Benchmarks of every call and of the sweep's steps.

use crate::{Blobs, Call, Config, MAX_ANNOUNCED_BYTES, MAX_BLOB_BYTES, Pallet, SweepFrom};
use alloc::vec;
use dpin_primitives::{AccountId, BlobHash, BlockNumber, blake2, traits::BlobStore};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        traits::{
            Get,
            fungible::{Inspect, Mutate},
        },
        weights::WeightMeter,
    },
    frame_system::{self, RawOrigin},
};

fn funded<T: Config>() -> AccountId {
    let caller: AccountId = whitelisted_caller();
    let need = Pallet::<T>::deposit(MAX_BLOB_BYTES).saturating_add(T::Currency::minimum_balance());
    T::Currency::set_balance(&caller, need.saturating_mul(2));
    caller
}

/// Pretend that an extrinsic of index 0 is being applied that ends with `data`.
fn note_extrinsic<T: Config>(data: &[u8]) {
    frame_system::Pallet::<T>::set_extrinsic_index(0);
    frame_system::Pallet::<T>::note_extrinsic([&[0u8; 200][..], data].concat());
}

fn stored<T: Config>(owner: &AccountId, lifetime: BlockNumber) -> BlobHash {
    let data = vec![7u8; 1024];
    note_extrinsic::<T>(&data);
    Pallet::<T>::do_store(owner.clone(), lifetime, &data).expect("the benchmark's blob can be stored");
    blake2(&data)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn store(b: Linear<1, MAX_BLOB_BYTES>) {
        let caller = funded::<T>();
        let data = vec![7u8; b as usize];
        note_extrinsic::<T>(&data);
        let hash = blake2(&data);
        // The costliest case: somebody else has announced the blob.
        let other: AccountId = account("announcer", 0, 0);
        T::Currency::set_balance(&other, T::BaseDeposit::get().saturating_add(T::Currency::minimum_balance()));
        Pallet::<T>::do_announce(other, hash, 1, 1).expect("the benchmark's blob can be announced");

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), 1, data);

        assert_eq!(Blobs::<T>::get(hash).map(|record| record.size), Some(b.into()));
    }

    #[benchmark]
    fn announce() {
        let caller = funded::<T>();
        let id = BlobHash::repeat_byte(7);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id, MAX_ANNOUNCED_BYTES, 1);

        assert!(Blobs::<T>::contains_key(id));
    }

    #[benchmark]
    fn renew() {
        let caller = funded::<T>();
        let hash = stored::<T>(&caller, 1);
        let lifetime = T::MaxLifetime::get();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), hash, lifetime);

        assert_eq!(Blobs::<T>::get(hash).map(|record| record.expires), Some(Pallet::<T>::now() + lifetime));
    }

    #[benchmark]
    fn remove() {
        let caller = funded::<T>();
        let hash = stored::<T>(&caller, 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), hash);

        assert!(!Blobs::<T>::contains_key(hash));
    }

    #[benchmark]
    fn expire() {
        let caller = funded::<T>();
        let hash = stored::<T>(&caller, 1);
        frame_system::Pallet::<T>::set_block_number((Pallet::<T>::now() + 1).into());

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), hash);

        assert!(!Blobs::<T>::contains_key(hash));
    }

    #[benchmark]
    fn sweep_base() {
        SweepFrom::<T>::put(6);

        #[block]
        {
            Pallet::<T>::sweep(5, &mut WeightMeter::new());
        }

        assert_eq!(SweepFrom::<T>::get(), 6);
    }

    #[benchmark]
    fn sweep_block() {
        SweepFrom::<T>::put(5);

        #[block]
        {
            Pallet::<T>::sweep(5, &mut WeightMeter::new());
        }

        assert_eq!(SweepFrom::<T>::get(), 6);
    }

    #[benchmark]
    fn sweep_blob() {
        let hash = Pallet::<T>::benchmark_blob(0, 1024);
        let expires = Blobs::<T>::get(hash).map(|record| record.expires).unwrap_or_default();
        SweepFrom::<T>::put(expires);

        #[block]
        {
            Pallet::<T>::sweep(expires, &mut WeightMeter::new());
        }

        assert!(!Blobs::<T>::contains_key(hash));
    }

    impl_benchmark_test_suite! {
        Pallet,
        crate::mock::TestExt::new().build(),
        crate::mock::Test
    }
}
