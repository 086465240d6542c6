//! Benchmarks of every call, and of settling and failing a task, for the pallet's weights.

use crate::{Call, Config, Jobs, Kernels, NextJob, Owed, Pallet, impls::MAX_INPUTS};
use alloc::{vec, vec::Vec};
use dpin_primitives::{
    AccountId, AssetKind, BLC, Balance, Hash, KernelId, TaskId,
    executor::Commitment,
    job::{
        AuditPolicy, JobSpec, MAX_AUDITORS, MAX_JOBS, MAX_SAMPLES, MAX_TASKS, Requirements, Reward, Samples, TaskCount,
    },
    kernel::{BuildOption, KernelClass, KernelManifest, MAX_ENTRY_BYTES, MAX_PARAMS, MAX_SOURCE_BYTES, Param, Tiling},
    reason::ReasonCode,
    traits::{BlobStore, JobLedger},
    worker::DeviceClass,
};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        BoundedVec, assert_ok,
        traits::{
            Get,
            fungibles::{Inspect, Unbalanced},
            tokens::Precision,
        },
    },
    frame_system::RawOrigin,
};

/// Seed of the blob with the kernel's source; inputs have lower seeds.
const SOURCE: u32 = 1_000;

/// DPN, or the costlier asset if it exists.
fn asset<T: Config>(native: bool) -> AssetKind {
    if !native && T::Assets::asset_exists(BLC) { BLC } else { AssetKind::Native }
}

fn fund<T: Config>(asset: AssetKind, who: &AccountId, amount: Balance) {
    let amount = amount.saturating_add(T::Assets::minimum_balance(asset.clone()).saturating_mul(10));
    let issuance = T::Assets::total_issuance(asset.clone());
    T::Assets::set_total_issuance(asset.clone(), issuance.saturating_add(amount));
    assert_ok!(T::Assets::increase_balance(asset, who, amount, Precision::Exact));
}

fn funded<T: Config>(name: &'static str) -> AccountId {
    let who = account(name, 0, 0);
    fund::<T>(AssetKind::Native, &who, T::Assets::minimum_balance(AssetKind::Native).saturating_mul(1_000));
    who
}

fn manifest<T: Config>(inputs: u32) -> KernelManifest {
    let mut params = vec![Param::Input; inputs as usize];
    params.push(Param::Output);
    params.resize(MAX_PARAMS as usize, Param::Local { bytes: 1 });
    KernelManifest {
        source: T::Blobs::benchmark_blob(SOURCE, MAX_SOURCE_BYTES),
        entry: vec![b'k'; MAX_ENTRY_BYTES as usize].try_into().expect("just as long as allowed"),
        params: params.try_into().expect("just as many as allowed"),
        local_size: [1, 1, 1],
        tiling: Tiling::PerGroup { bytes: 1 },
        options: vec![BuildOption::OptDisable, BuildOption::SinglePrecisionConstant]
            .try_into()
            .expect("just as many as allowed"),
        class: KernelClass::Raw,
    }
}

/// More bytes than a manifest has, by far.
const MANIFEST_BYTES: Balance = 1024;

fn fund_deposit<T: Config>(owner: &AccountId) {
    let per_byte = T::KernelDepositPerByte::get().saturating_mul(MANIFEST_BYTES);
    fund::<T>(AssetKind::Native, owner, T::KernelDepositBase::get().saturating_add(per_byte));
}

fn register<T: Config>(owner: &AccountId, inputs: u32) -> KernelId {
    fund_deposit::<T>(owner);
    let manifest = manifest::<T>(inputs);
    let kernel = manifest.id();
    if !Kernels::<T>::contains_key(kernel) {
        assert_ok!(Pallet::<T>::do_register_kernel(owner.clone(), manifest));
    }
    kernel
}

fn spec<T: Config>(kernel: KernelId, tasks: u32, inputs: u32, native: bool) -> JobSpec {
    let asset = asset::<T>(native);
    // Enough that every single payment can be delivered to an account without a balance.
    let per_task =
        T::MinReward::get().saturating_add(T::Assets::minimum_balance(asset.clone()).max(1).saturating_mul(100_000));
    let inputs: Vec<Hash> = (0..inputs).map(|seed| T::Blobs::benchmark_blob(seed, 1)).collect();
    JobSpec {
        kernel,
        global_size: [MAX_TASKS, MAX_SAMPLES / MAX_TASKS, 1],
        scalars: Default::default(),
        inputs: inputs.try_into().expect("at most as many as parameters"),
        reward: Reward { asset, per_task },
        tasks: TaskCount::Exactly(tasks),
        audit: AuditPolicy { auditors: MAX_AUDITORS, samples: Samples::All, challenge_blocks: 0 },
        run_blocks: T::MaxRunBlocks::get(),
        requires: Requirements::default(),
    }
}

/// A requester with enough funds for a job of `tasks` tasks, and the job.
fn requested<T: Config>(tasks: u32, inputs: u32, native: bool) -> (AccountId, JobSpec) {
    let requester = funded::<T>("requester");
    let kernel = register::<T>(&requester, inputs);
    let spec = spec::<T>(kernel, tasks, inputs, native);
    let escrow = Pallet::<T>::quote(&spec).expect("the job is sound").total;
    fund::<T>(spec.reward.asset.clone(), &requester, escrow);
    (requester, spec)
}

fn worker<T: Config>() -> AccountId {
    funded::<T>("worker")
}

fn auditors<T: Config>(count: u32) -> Vec<AccountId> {
    (0..count)
        .map(|index| {
            let auditor = account("auditor", index, 0);
            fund::<T>(AssetKind::Native, &auditor, 0);
            auditor
        })
        .collect()
}

fn commitment() -> Commitment {
    Commitment { root: Hash::repeat_byte(1), output_len: u64::MAX, kernel_ms: u32::MAX }
}

/// A job in which only the last task is open.
fn almost_done<T: Config>(tasks: u32, inputs: u32) -> TaskId {
    let (requester, spec) = requested::<T>(tasks, inputs, false);
    let job = Pallet::<T>::do_submit_jobs(requester, vec![spec]).expect("the requester can pay");
    let (worker, auditors) = (worker::<T>(), auditors::<T>(MAX_AUDITORS));
    let last = tasks.saturating_sub(1);
    for index in 0..last {
        Pallet::<T>::do_settle(TaskId { job, index }, &worker, commitment(), &auditors);
    }
    TaskId { job, index: last }
}

/// A posted job of one task of `groups` work-groups, with the given numbers of samples and
/// auditors.
pub(crate) fn task<T: Config>(groups: u32, samples: u32, auditors: u32, native: bool) -> TaskId {
    let (requester, mut spec) = requested::<T>(1, 0, native);
    spec.global_size = [groups, 1, 1];
    spec.audit.samples = Samples::Count(samples);
    spec.audit.auditors = auditors;
    // One more condition to look up.
    spec.requires.certified = true;
    let job = Pallet::<T>::do_submit_jobs(requester, vec![spec]).expect("the requester can pay");
    TaskId { job, index: 0 }
}

/// A registered kernel like this one, with a source that exists.
pub(crate) fn kernel_like<T: Config>(manifest: KernelManifest) -> KernelId {
    let owner = funded::<T>("owner");
    fund_deposit::<T>(&owner);
    let manifest = KernelManifest { source: T::Blobs::benchmark_blob(SOURCE, MAX_SOURCE_BYTES), ..manifest };
    let kernel = manifest.id();
    if !Kernels::<T>::contains_key(kernel) {
        assert_ok!(Pallet::<T>::do_register_kernel(owner, manifest));
    }
    kernel
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register_kernel() {
        let owner = funded::<T>("owner");
        fund_deposit::<T>(&owner);
        let manifest = manifest::<T>(MAX_INPUTS);
        let kernel = manifest.id();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), manifest);

        assert!(Kernels::<T>::contains_key(kernel));
    }

    // Vouch for a kernel in quarantine on every class.
    #[benchmark]
    fn vouch_for_kernel() {
        let owner = funded::<T>("owner");
        let kernel = register::<T>(&owner, MAX_INPUTS);
        for class in DeviceClass::ALL {
            let reason = ReasonCode::BuildFailed { log: Hash::zero() };
            assert!(<Pallet<T> as JobLedger>::build_failed(&kernel, class, &owner, reason, true));
        }

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), kernel);

        assert_eq!(<Pallet<T> as JobLedger>::unbuildable(&kernel, None), None);
    }

    #[benchmark]
    fn unregister_kernel() {
        let owner = funded::<T>("owner");
        let kernel = register::<T>(&owner, MAX_INPUTS);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), kernel);

        assert!(!Kernels::<T>::contains_key(kernel));
    }

    // A few tasks, as most jobs have. With hundreds the cost of an input would be lost in the
    // noise; each further task costs the same.
    #[benchmark]
    fn submit_job(t: Linear<1, 32>, i: Linear<0, 15>) {
        let (requester, spec) = requested::<T>(t, i, false);

        #[extrinsic_call]
        _(RawOrigin::Signed(requester), spec);

        assert_eq!(Jobs::<T>::iter_values().map(|job| job.open).sum::<u32>(), t);
    }

    // Jobs of a single task each, without inputs. The extra weight of a larger job is charged as if
    // it were posted alone.
    #[benchmark]
    fn submit_jobs(n: Linear<1, MAX_JOBS>) {
        let (requester, spec) = requested::<T>(1, 0, false);
        let escrow = Pallet::<T>::quote(&spec).expect("the job is sound").total;
        fund::<T>(spec.reward.asset.clone(), &requester, escrow.saturating_mul(n.into()));

        #[extrinsic_call]
        _(RawOrigin::Signed(requester), BoundedVec::truncate_from(vec![spec; n as usize]));

        assert_eq!(Jobs::<T>::iter_values().count() as u32, n);
    }

    #[benchmark]
    fn cancel_job(t: Linear<1, 256>) {
        let (requester, spec) = requested::<T>(t, MAX_INPUTS, false);
        let job = Pallet::<T>::do_submit_jobs(requester.clone(), vec![spec]).expect("the requester can pay");

        #[extrinsic_call]
        _(RawOrigin::Signed(requester), job);

        assert!(!Jobs::<T>::contains_key(job));
    }

    #[benchmark]
    fn claim_owed() {
        let (requester, spec) = requested::<T>(1, 0, false);
        let asset = spec.reward.asset.clone();
        assert_ok!(Pallet::<T>::do_submit_jobs(requester.clone(), vec![spec]));
        let creditor = funded::<T>("creditor");
        let amount = T::Assets::minimum_balance(asset.clone()).max(1);
        Owed::<T>::insert(&creditor, (&requester, &asset), amount);

        #[extrinsic_call]
        _(RawOrigin::Signed(creditor.clone()), creditor.clone(), requester.clone(), asset.clone());

        assert!(!Owed::<T>::contains_key(&creditor, (&requester, &asset)));
    }

    /// Settle the last task of a job, with the most auditors.
    #[benchmark]
    fn settle_task(t: Linear<2, 256>, i: Linear<0, 15>) {
        let task = almost_done::<T>(t, i);
        let (worker, auditors) = (worker::<T>(), auditors::<T>(MAX_AUDITORS));

        #[block]
        {
            Pallet::<T>::do_settle(task, &worker, commitment(), &auditors);
        }

        assert!(!Jobs::<T>::contains_key(task.job));
        assert_eq!(NextJob::<T>::get(), task.job + 1);
    }

    /// Fail the last task of a job through the requester's fault.
    #[benchmark]
    fn fail_task(t: Linear<1, 256>, i: Linear<0, 15>) {
        let task = almost_done::<T>(t, i);

        #[block]
        {
            Pallet::<T>::do_fail(task, ReasonCode::Timeout, true);
        }

        assert!(!Jobs::<T>::contains_key(task.job));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::TestExt::new().build(), crate::mock::Test);
}
