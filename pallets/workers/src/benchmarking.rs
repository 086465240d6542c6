//! Benchmarks of every call, each with the largest records and with another worker to move in the index.

use super::*;
use alloc::vec;
use dpin_primitives::{
    traits::WorkerRegistry,
    worker::{possession_message, MAX_ADDRESS_BYTES, MAX_REGION_CHARS},
    AssetKind, KernelId,
};
use polkadot_sdk::{frame_benchmarking::v2::*, frame_system::RawOrigin, sp_application_crypto::RuntimeAppPublic};

/// A record of the largest size: eight GPUs that take every kernel for DPN and BLC, for as long as may be.
pub(crate) fn largest_record(key: WorkerKey) -> WorkerRecord {
    let device = Device {
        class: DeviceClass::Gpu,
        vendor: BoundedVec::truncate_from(vec![b'v'; 64]),
        model: BoundedVec::truncate_from(vec![b'm'; 64]),
        memory: 1 << 40,
        compute_units: 128,
        fp64: true,
    };
    WorkerRecord {
        key,
        address: BoundedVec::truncate_from(vec![b'a'; MAX_ADDRESS_BYTES as usize]),
        region: BoundedVec::truncate_from(vec![b'u'; MAX_REGION_CHARS as usize]),
        devices: BoundedVec::truncate_from(vec![device; MAX_DEVICES as usize]),
        offer: largest_offer(BoundedVec::new()),
    }
}

/// An offer of the largest size but for its kernels.
fn largest_offer(kernels: BoundedVec<KernelId, ConstU32<32>>) -> Offer {
    let assets = (0..7).map(|i| (AssetKind::WithId(dpin_primitives::BLC_ID + i), 0));
    let min_reward = core::iter::once((AssetKind::Native, 0)).chain(assets).collect();
    Offer { min_reward: BoundedVec::truncate_from(min_reward), kernels, max_run_blocks: u32::MAX }
}

/// As [`largest_record`], with a list of kernels too.
fn largest_picky_record(key: WorkerKey) -> WorkerRecord {
    let kernels = BoundedVec::truncate_from(vec![KernelId::repeat_byte(1); 32]);
    WorkerRecord { offer: largest_offer(kernels), ..largest_record(key) }
}

/// A worker and behind it in the index another one, which takes its place when it goes.
fn worker_and_another<T: Config>() -> AccountId {
    let worker = Pallet::<T>::benchmark_worker(0);
    Pallet::<T>::benchmark_worker(1);
    worker
}

fn status<T: Config>(worker: &AccountId) -> Option<Status> {
    Standings::<T>::get(worker).map(|standing| standing.status)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register() {
        let worker: AccountId = whitelisted_caller();
        T::Currency::set_balance(&worker, T::MinBond::get().saturating_mul(2));
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(0u32));
        let key = WorkerKey::generate_pair(None);
        let proof = key.sign(&possession_message(&genesis, &worker)).expect("the key was just generated");
        let WorkerRecord { address, region, devices, offer, .. } = largest_picky_record(key.clone());

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), key, proof, address, region, devices, offer);

        assert_eq!(status::<T>(&worker), Some(Status::Active));
    }

    #[benchmark]
    fn bond() {
        let worker = Pallet::<T>::benchmark_worker(0);
        let before = Pallet::<T>::held_bond(&worker);

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), T::MinBond::get());

        assert_eq!(Pallet::<T>::held_bond(&worker), before + T::MinBond::get());
    }

    #[benchmark]
    fn unbond() {
        let worker = Pallet::<T>::benchmark_worker(0);
        let before = Pallet::<T>::held_bond(&worker);

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), T::MinBond::get());

        assert_eq!(Pallet::<T>::held_bond(&worker), before - T::MinBond::get());
    }

    #[benchmark]
    fn update() {
        let worker = worker_and_another::<T>();
        let key = Pallet::<T>::key(&worker).expect("the worker is registered");
        let WorkerRecord { address, region, mut devices, offer, .. } = largest_picky_record(key);
        devices.iter_mut().for_each(|device| device.class = DeviceClass::Cpu);

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), address, region, devices, offer);

        assert_eq!(Standings::<T>::get(&worker).map(|standing| standing.class), Some(DeviceClass::Cpu));
    }

    #[benchmark]
    fn pause() {
        let worker = worker_and_another::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()));

        assert_eq!(status::<T>(&worker), Some(Status::Paused));
    }

    #[benchmark]
    fn resume() {
        let worker = worker_and_another::<T>();
        Pallet::<T>::do_pause(worker.clone()).expect("an active worker can be paused");

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()));

        assert_eq!(status::<T>(&worker), Some(Status::Active));
    }

    #[benchmark]
    fn leave() {
        let worker = worker_and_another::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()));

        assert!(matches!(status::<T>(&worker), Some(Status::Leaving { .. })));
    }

    #[benchmark]
    fn withdraw() {
        let worker = Pallet::<T>::benchmark_worker(0);
        Pallet::<T>::do_leave(worker.clone()).expect("a worker can leave");
        let later: u32 = frame_system::Pallet::<T>::block_number().saturated_into();
        frame_system::Pallet::<T>::set_block_number((later + T::LeaveBlocks::get()).into());
        let caller: AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), worker.clone());

        assert_eq!(status::<T>(&worker), None);
    }

    impl_benchmark_test_suite! {
        Pallet,
        crate::mock::TestExt::new().build(),
        crate::mock::Test
    }
}
