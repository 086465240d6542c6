//! Benchmarks of the calls, of the steps of the hooks, and of passing and failing a canary.

use crate::{
    Call, Config, CurrentPlan, CurrentRound, Kind, LastRound, MAX_UNITS, Met, NextOpening, Pallet, Plan, Records, Round,
};
use alloc::vec;
use dpin_primitives::{
    AccountId, BlobHash, BlockNumber, KernelId,
    kernel::{KernelClass, KernelManifest, MAX_ENTRY_BYTES, Param, Tiling},
    reason::ReasonCode,
    traits::{KernelRegistry, WorkerHealth, WorkerRegistry},
};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        assert_ok,
        traits::{EnsureOrigin, Get},
    },
    frame_system::RawOrigin,
};

/// Makes workers.
pub trait BenchmarkHelper {
    /// Register and bond a worker out of nothing.
    fn worker(seed: u32) -> AccountId;
}

impl<W: WorkerRegistry> BenchmarkHelper for W {
    fn worker(seed: u32) -> AccountId {
        W::benchmark_worker(seed)
    }
}

fn kernel<T: Config>(params: alloc::vec::Vec<Param>, bytes: u32) -> KernelId {
    T::Kernels::benchmark_kernel(KernelManifest {
        source: BlobHash::zero(),
        entry: vec![b'k'; MAX_ENTRY_BYTES as usize].try_into().expect("just as long as allowed"),
        params: params.try_into().expect("fewer than allowed"),
        local_size: [64, 1, 1],
        tiling: Tiling::PerGroup { bytes },
        options: Default::default(),
        class: KernelClass::Raw,
    })
}

/// A plan with kernels of its own. Plans with different `bytes` have different kernels.
fn plan<T: Config>(bytes: u32) -> Plan {
    let seed = Param::Scalar { bytes: 8 };
    let window: BlockNumber = 40;
    Plan {
        conformance: kernel::<T>(vec![seed.clone(), Param::Scalar { bytes: 4 }, Param::Output], bytes),
        throughput: kernel::<T>(vec![seed, Param::Output], bytes),
        period: T::AuditBlocks::get().saturating_add(window).saturating_add(2),
        window,
        conformance_groups: 64,
        auditors: 2,
        samples: 8,
    }
}

/// A worker that has been met, and the round that calls it.
fn called<T: Config>() -> (AccountId, u32, Round) {
    let worker = T::BenchmarkHelper::worker(0);
    let number = T::Workers::number(&worker).expect("it is a worker");
    assert_ok!(Pallet::<T>::do_set_plan(Some(plan::<T>(64))));
    Pallet::<T>::meet(number);
    Met::<T>::put(number.saturating_add(1));
    assert!(Pallet::<T>::open_round(NextOpening::<T>::get()));
    (worker, number, CurrentRound::<T>::get().expect("it has opened"))
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// Change a plan while a round waits for commitments.
    #[benchmark]
    fn set_plan() -> Result<(), BenchmarkError> {
        let origin = T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        called::<T>();
        let plan = plan::<T>(128);

        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Some(plan));

        assert_eq!(CurrentPlan::<T>::get(), Some(plan));
        Ok(())
    }

    #[benchmark]
    fn claim() {
        let (worker, number, _) = called::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(worker), MAX_UNITS);

        assert_eq!(Records::<T>::get(number).expect("it was met").next.units, MAX_UNITS);
    }

    /// The reads of every block, when nothing is to be done.
    #[benchmark]
    fn watch() {
        called::<T>();

        #[block]
        {
            let _ = (CurrentRound::<T>::get(), NextOpening::<T>::get(), CurrentPlan::<T>::get());
            let _ = (Met::<T>::get(), T::Workers::next_number());
        }

        assert!(CurrentRound::<T>::exists());
    }

    #[benchmark]
    fn open_round() {
        let (_, _, round) = called::<T>();
        Pallet::<T>::close(round);

        #[block]
        {
            Pallet::<T>::open_round(NextOpening::<T>::get());
        }

        assert!(CurrentRound::<T>::exists());
    }

    #[benchmark]
    fn close_round() {
        let (_, _, round) = called::<T>();

        #[block]
        {
            Pallet::<T>::close(round);
        }

        assert!(!CurrentRound::<T>::exists());
    }

    #[benchmark]
    fn meet_worker() {
        let (_, number, _) = called::<T>();
        Records::<T>::remove(number);

        #[block]
        {
            Pallet::<T>::meet(number);
        }

        assert!(Records::<T>::contains_key(number));
    }

    /// Look at a worker that has missed its third round in a row, which costs a part of its bond.
    #[benchmark]
    fn sweep_worker() {
        let (worker, number, mut round) = called::<T>();
        round.known = number.saturating_add(1);
        for earlier in 0..2 {
            T::Workers::miss(&worker, Kind::Conformance.task(earlier, number));
        }

        #[block]
        {
            Pallet::<T>::look_at(&mut round, number);
        }

        assert_eq!(Records::<T>::get(number).expect("it was met").round, round.number);
    }

    /// Pass the second canary of a round, for a worker that was not drawn before.
    #[benchmark]
    fn settle_canary() {
        let (worker, number, round) = called::<T>();
        Pallet::<T>::do_settle(Kind::Conformance.task(round.number, number));
        T::Workers::disprove(&worker);
        let task = Kind::Throughput.task(round.number, number);

        #[block]
        {
            Pallet::<T>::do_settle(task);
        }

        assert!(Pallet::<T>::passport(worker).is_some());
    }

    /// Fail a canary of a worker with a passport.
    #[benchmark]
    fn fail_canary() {
        let (worker, number, mut round) = called::<T>();
        for kind in Kind::ALL {
            Pallet::<T>::do_settle(kind.task(round.number, number));
        }
        round.number = round.number.saturating_add(1);
        LastRound::<T>::put(round.number);
        CurrentRound::<T>::put(&round);
        let task = Kind::Throughput.task(round.number, number);

        #[block]
        {
            Pallet::<T>::do_fail(task, ReasonCode::WrongResult);
        }

        assert!(Pallet::<T>::passport(worker).is_none());
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::TestExt::new().build(), crate::mock::Test);
}
