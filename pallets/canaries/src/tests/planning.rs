//! Setting and changing the plan.

use super::*;

#[test]
fn only_governance_makes_a_plan() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(Canaries::set_plan(RuntimeOrigin::signed(account(1)), Some(plan())), DispatchError::BadOrigin);
        assert_ok!(Canaries::set_plan(RuntimeOrigin::root(), Some(plan())));
        assert_eq!(Canaries::plan(), Some(plan()));
        assert_eq!(events(), [Event::PlanSet { plan: Some(plan()) }]);
    });
}

#[test]
fn a_plan_keeps_its_kernels_as_long_as_it_holds() {
    TestExt::new().build_and_execute(|| {
        set_plan(Some(plan()));
        assert_eq!(FakeKernels::kept(plan().conformance), 1);
        assert_eq!(FakeKernels::kept(plan().throughput), 1);
        set_plan(Some(Plan { samples: 9, ..plan() }));
        assert_eq!(FakeKernels::kept(plan().conformance), 1);
        set_plan(None);
        assert_eq!(FakeKernels::kept(plan().conformance), 0);
        assert_eq!(FakeKernels::kept(plan().throughput), 0);
        assert_eq!(Canaries::plan(), None);
    });
}

#[test]
fn each_broken_rule_is_named() {
    TestExt::new().build_and_execute(|| {
        let refused = |plan: Plan, error: Error<Test>| {
            assert_noop!(Canaries::set_plan(RuntimeOrigin::root(), Some(plan)), error);
        };
        let with = |manifest: KernelManifest, change: fn(&mut KernelManifest)| {
            let mut manifest = manifest;
            change(&mut manifest);
            FakeKernels::register(manifest)
        };
        let other = |change| Plan { conformance: with(conformance(), change), ..plan() };
        let params = |params: Vec<Param>| params.try_into().unwrap();
        refused(Plan { conformance: KernelId::zero(), ..plan() }, Error::UnknownKernel);
        refused(Plan { throughput: KernelId::zero(), ..plan() }, Error::UnknownKernel);
        refused(Plan { conformance: throughput().id(), ..plan() }, Error::WrongConformanceParams);
        refused(Plan { throughput: conformance().id(), ..plan() }, Error::WrongThroughputParams);
        let with_input = KernelManifest {
            params: params(vec![Param::Scalar { bytes: 8 }, Param::Input, Param::Output]),
            ..throughput()
        };
        refused(Plan { throughput: FakeKernels::register(with_input), ..plan() }, Error::WrongThroughputParams);
        refused(other(|kernel| kernel.tiling = Tiling::Whole { bytes: 64 }), Error::NotTiled);
        let whole = with(throughput(), |kernel| kernel.tiling = Tiling::Whole { bytes: 64 });
        refused(Plan { throughput: whole, ..plan() }, Error::NotTiled);
        refused(Plan { conformance_groups: 0, ..plan() }, Error::InvalidGroupCount);
        refused(Plan { conformance_groups: MAX_TILES + 1, ..plan() }, Error::InvalidGroupCount);
        refused(Plan { conformance_groups: 4 * 1_024 * 1_024 + 1, ..plan() }, Error::OutputTooLarge);
        let large = with(throughput(), |kernel| kernel.tiling = Tiling::PerGroup { bytes: 1_024 * 1_024 + 4 });
        refused(Plan { throughput: large, ..plan() }, Error::OutputTooLarge);
        refused(Plan { window: MIN_WINDOW - 1, ..plan() }, Error::WindowTooShort);
        refused(Plan { period: WINDOW + AUDIT_BLOCKS + 1, ..plan() }, Error::PeriodTooShort);
        refused(Plan { window: u32::MAX, period: u32::MAX, ..plan() }, Error::PeriodTooShort);
        refused(Plan { auditors: 0, ..plan() }, Error::InvalidAuditorCount);
        refused(Plan { auditors: MAX_AUDITORS + 1, ..plan() }, Error::InvalidAuditorCount);
        refused(Plan { samples: 0, ..plan() }, Error::InvalidSampleCount);
        refused(Plan { samples: MAX_SAMPLES + 1, ..plan() }, Error::InvalidSampleCount);
    });
}

#[test]
fn a_plan_at_every_limit_is_taken() {
    TestExt::new().build_and_execute(|| {
        set_plan(Some(Plan {
            period: MIN_WINDOW + AUDIT_BLOCKS + 2,
            window: MIN_WINDOW,
            conformance_groups: 256 * 1_024,
            auditors: MAX_AUDITORS,
            samples: MAX_SAMPLES,
            ..plan()
        }));
    });
}

#[test]
fn a_kernel_with_local_memory_is_taken() {
    TestExt::new().build_and_execute(|| {
        let params = vec![Param::Local { bytes: 64 }, Param::Scalar { bytes: 8 }, Param::Output];
        let kernel = FakeKernels::register(KernelManifest { params: params.try_into().unwrap(), ..throughput() });
        set_plan(Some(Plan { throughput: kernel, ..plan() }));
    });
}

#[test]
fn proof_is_required_while_there_is_a_plan() {
    TestExt::new().build_and_execute(|| {
        assert!(Canaries::admits_unproven());
        assert!(!ProofRequired::<Test>::get());
        set_plan(Some(plan()));
        assert!(!Canaries::admits_unproven());
        assert!(ProofRequired::<Test>::get());
        set_plan(None);
        assert!(Canaries::admits_unproven());
    });
}

#[test]
fn without_a_plan_nobody_is_called() {
    TestExt::new().build_and_execute(|| {
        FakeWorkers::register(worker(0));
        run_to(200);
        assert_eq!(Canaries::round(), None);
        assert_eq!(calls(0), []);
        assert_eq!(events(), []);
    });
}

#[test]
fn a_changed_plan_calls_the_window_off_and_misses_nobody() {
    TestExt::with(2).build_and_execute(|| {
        next_round();
        next_round();
        FakeWorkers::told();
        assert!(commit(Kind::Conformance, 0));
        set_plan(Some(Plan { samples: 3, ..plan() }));
        assert_eq!(calls(1), [], "the window is over");
        run_to(System::block_number() + 2);
        assert_eq!(FakeWorkers::told(), []);
        assert_eq!(round().open, 1, "what was committed to is judged");
        settle(Kind::Conformance, 0);
        let opened = next_round();
        assert_eq!(opened.plan.samples, 3);
    });
}

#[test]
fn a_plan_changed_after_the_window_misses_as_ever() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        while System::block_number() <= round().due {
            System::set_block_number(System::block_number() + 1);
        }
        set_plan(None);
        end_block(Weight::MAX);
        assert_eq!(missed(), [worker(0)]);
    });
}

#[test]
fn canaries_under_way_outlive_the_plan() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        assert!(commit(Kind::Throughput, 0));
        set_plan(None);
        run_to(100);
        let task = canary(Kind::Throughput, 0);
        assert!(brief(task).is_some());
        assert!(request(task).is_some());
        assert_eq!(FakeKernels::kept(plan().throughput), 1, "by the round");
        settle(Kind::Throughput, 0);
        run_to(101);
        assert_eq!(Canaries::round(), None);
        assert_eq!(FakeKernels::kept(plan().throughput), 0);
    });
}

#[test]
fn a_failure_before_the_plan_does_not_count() {
    TestExt::with(1).build_and_execute(|| {
        next_round();
        assert!(commit(Kind::Conformance, 0));
        fail(Kind::Conformance, 0, ReasonCode::WrongResult);
        next_round();
        FakeWorkers::told();
        pass_unchecked(0);
        assert_eq!(FakeWorkers::told(), [], "it failed under this plan");
        set_plan(Some(plan()));
        next_round();
        pass_unchecked(0);
        assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
    });
}
