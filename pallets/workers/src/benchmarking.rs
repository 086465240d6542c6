//! Benchmarks of every call, with the largest records and a second worker that moves in the index.

use crate::{
    Call, Certificates, Config, NextSlash, Pallet, PendingSlashes, Reputation, SlashId, Standings, Status, Swept,
    WorkerRecord, slashing,
};
use alloc::vec;
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlockNumber, Hash, KernelId, TaskId,
    reason::ReasonCode,
    traits::WorkerRegistry,
    worker::{
        Device, DeviceClass, Duty, Fp32, MAX_ADDRESS_BYTES, MAX_CLAIMS, MAX_DEVICES, MAX_DUTIES, MAX_REGION_CHARS,
        Offer, Outcome, Penalty, PublicAddress, Role, WorkerKey, possession_message,
    },
};
use pallet_support::agenda::Watermark;
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        BoundedVec,
        traits::{
            ConstU32, EnsureOrigin, Get,
            fungible::{Inspect as _, Mutate as _},
            fungibles::{Inspect as _, Unbalanced as _},
            tokens::Precision,
        },
        weights::WeightMeter,
    },
    frame_system::{self, RawOrigin, pallet_prelude::BlockNumberFor},
    sp_application_crypto::RuntimeAppPublic,
};

/// A record of the largest size: eight GPUs that take every kernel for DPN or BLC, with no limit on
/// the length of a task.
pub(crate) fn largest_record(key: WorkerKey) -> WorkerRecord {
    let device = Device {
        class: DeviceClass::Gpu,
        vendor: BoundedVec::truncate_from(vec![b'v'; 64]),
        model: BoundedVec::truncate_from(vec![b'm'; 64]),
        memory: 1 << 40,
        compute_units: 128,
        fp64: true,
        fp32: Fp32::ALL,
    };
    WorkerRecord {
        key,
        address: longest_address(),
        region: BoundedVec::truncate_from(vec![b'u'; MAX_REGION_CHARS as usize]),
        devices: BoundedVec::truncate_from(vec![device; MAX_DEVICES as usize]),
        offer: largest_offer(BoundedVec::new()),
    }
}

/// A DNS name of as many short labels as fit: the slowest to parse.
fn longest_address() -> PublicAddress {
    let scheme = b"https://".iter();
    BoundedVec::truncate_from(
        scheme.chain(b"a.".iter().cycle()).copied().take(MAX_ADDRESS_BYTES as usize - 1).collect(),
    )
}

/// An offer of the largest size, with the given list of kernels.
fn largest_offer(kernels: BoundedVec<KernelId, ConstU32<32>>) -> Offer {
    let assets = (0..7).map(|i| (AssetKind::WithId(dpin_primitives::BLC_ID + i), 0));
    let min_reward = core::iter::once((AssetKind::Native, 0)).chain(assets).collect();
    Offer { min_reward: BoundedVec::truncate_from(min_reward), kernels, max_run_blocks: u32::MAX }
}

/// As [`largest_record`], with a full list of kernels.
fn largest_picky_record(key: WorkerKey) -> WorkerRecord {
    let kernels = BoundedVec::truncate_from(vec![KernelId::repeat_byte(1); 32]);
    WorkerRecord { offer: largest_offer(kernels), ..largest_record(key) }
}

/// A worker with ample bond.
pub(crate) fn bonded<T: Config>(seed: u32) -> AccountId {
    let worker: AccountId = account("worker", seed, 0);
    let bond = T::MinBond::get().saturating_mul(1_000);
    T::Currency::set_balance(&worker, bond.saturating_mul(2).saturating_add(T::Currency::minimum_balance()));
    Pallet::<T>::admit(worker.clone(), largest_record(WorkerKey::generate_pair(None)))
        .and_then(|_| Pallet::<T>::do_bond(worker.clone(), bond))
        .expect("what was just minted can be held");
    worker
}

/// A certified worker that owes half the duties it may owe.
pub(crate) fn busy_worker<T: Config>(seed: u32) -> AccountId {
    let worker = bonded::<T>(seed);
    Certificates::<T>::insert(&worker, T::CertificateMinimum::get());
    Standings::<T>::mutate_extant(&worker, |standing| {
        for index in 0..MAX_DUTIES / 2 {
            standing.duties.push(Duty { task: TaskId { job: u64::MAX, index }, role: Role::Auditor });
        }
    });
    worker
}

/// A worker and, behind it in the index, a second one that takes its place when the first leaves.
fn worker_and_another<T: Config>() -> AccountId {
    let worker = bonded::<T>(0);
    bonded::<T>(1);
    worker
}

fn status<T: Config>(worker: &AccountId) -> Option<Status> {
    Standings::<T>::get(worker).map(|standing| standing.status)
}

fn pass<T: Config>(blocks: BlockNumber) {
    let later = Pallet::<T>::now().saturating_add(blocks);
    frame_system::Pallet::<T>::set_block_number(later.into());
}

/// A slash of nearly the whole bond, with the most claims, each for an account that does not exist
/// yet. The worker leaves the index and another takes its place; a cancellation puts the worker
/// back.
fn slashed<T: Config>() -> (AccountId, SlashId) {
    let worker = worker_and_another::<T>();
    let amount = Pallet::<T>::free_bond(&worker).saturating_sub(T::MinBond::get() / 2);
    assert!(Pallet::<T>::lock(&worker, amount));
    let claim = amount / Balance::from(MAX_CLAIMS + 1);
    let claims = (0..MAX_CLAIMS).map(|i| (account("claimant", i, 0), claim)).collect();
    let task = TaskId { job: 0, index: 0 };
    Pallet::<T>::note(&worker, Outcome::Wrong, T::FullWeight::get());
    let reason = ReasonCode::KernelFault { log: Hash::repeat_byte(1) };
    let id = NextSlash::<T>::get();
    Pallet::<T>::slash(&worker, Penalty { task, reason, amount, claims });
    (worker, id)
}

/// Give a worker funds for two certificates.
fn fund_certificates<T: Config>(worker: &AccountId) {
    let asset = T::CertificateAsset::get();
    let amount = T::CertificateMinimum::get().saturating_mul(2);
    let amount = amount.saturating_add(T::Assets::minimum_balance(asset.clone()));
    let issuance = T::Assets::total_issuance(asset.clone());
    T::Assets::set_total_issuance(asset.clone(), issuance.saturating_add(amount));
    T::Assets::increase_balance(asset, worker, amount, Precision::Exact).expect("the asset of certificates is there");
}

/// A worker with the least certificate.
fn certified<T: Config>() -> AccountId {
    let worker = bonded::<T>(0);
    fund_certificates::<T>(&worker);
    Pallet::<T>::do_certify(worker.clone(), T::CertificateMinimum::get()).expect("it has enough");
    worker
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
        let worker = bonded::<T>(0);
        let before = Pallet::<T>::held_bond(&worker);

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), T::MinBond::get());

        assert_eq!(Pallet::<T>::held_bond(&worker), before + T::MinBond::get());
    }

    #[benchmark]
    fn unbond() {
        let worker = bonded::<T>(0);
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
        let worker = certified::<T>();
        Pallet::<T>::do_leave(worker.clone()).expect("a worker can leave");
        pass::<T>(T::LeaveBlocks::get());
        let caller: AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), worker.clone());

        assert_eq!(status::<T>(&worker), None);
        assert!(!Certificates::<T>::contains_key(&worker));
    }

    #[benchmark]
    fn apply_slash() {
        let (worker, id) = slashed::<T>();
        // A good reputation, so that only the slash takes the worker out of the index.
        Standings::<T>::mutate_extant(&worker, |standing| standing.reputation = Reputation::default());
        Pallet::<T>::put(&worker, Standings::<T>::get(&worker).expect("the worker is registered"));
        pass::<T>(T::SlashDelay::get().max(1));
        let caller: AccountId = whitelisted_caller();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), id);

        assert_eq!(PendingSlashes::<T>::count(), 0);
        assert!(Pallet::<T>::held_bond(&worker) < T::MinBond::get());
    }

    #[benchmark]
    fn cancel_slash() -> Result<(), BenchmarkError> {
        let (worker, id) = slashed::<T>();
        let origin = T::SlashOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, id);

        assert_eq!(Pallet::<T>::locked(&worker), 0);
        Ok(())
    }

    #[benchmark]
    fn certify() {
        let worker = certified::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), T::CertificateMinimum::get());

        assert_eq!(Certificates::<T>::get(&worker), T::CertificateMinimum::get().saturating_mul(2));
    }

    #[benchmark]
    fn decertify() {
        let worker = certified::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()));

        assert!(!Certificates::<T>::contains_key(&worker));
    }

    // No slash is filed under the block: `sweep_slashes` and `apply_slash` charge for those.
    #[benchmark]
    fn sweep_block() {
        pass::<T>(1);
        let now = Pallet::<T>::now();
        Swept::<T>::put(Watermark { block: now, ..Default::default() });
        let mut meter = WeightMeter::new();

        #[block]
        {
            Pallet::<T>::sweep(&mut meter);
        }

        assert_eq!(Swept::<T>::get().block, now.saturating_add(1));
    }

    // Slashes that were carried out or cancelled before.
    #[benchmark]
    fn sweep_slashes(n: Linear<0, 1_000>) {
        pass::<T>(1);
        let now = Pallet::<T>::now();
        Swept::<T>::put(Watermark { block: now, ..Default::default() });
        for id in 0..n {
            slashing::Due::<T>::file(now, now, id.into());
        }
        let mut meter = WeightMeter::new();

        #[block]
        {
            Pallet::<T>::sweep(&mut meter);
        }

        assert_eq!(Swept::<T>::get().block, now.saturating_add(1));
    }

    impl_benchmark_test_suite! {
        Pallet,
        crate::mock::TestExt::new().build(),
        crate::mock::Test
    }
}
