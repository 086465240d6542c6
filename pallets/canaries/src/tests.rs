//! Tests of the pallet.

use crate::{mock::*, *};
use dpin_primitives::{
    executor::{RunRequest, Work},
    job::{AuditPolicy, Requirements, Reward, Samples, MAX_AUDITORS, MAX_SAMPLES},
    kernel::{KernelManifest, Param, Tiling},
    reason::ReasonCode,
    tile_tree::MAX_TILES,
    traits::{JobLedger, TaskBrief, WorkerHealth},
    worker::{Fp32, Passport},
    AccountId, AssetKind, BlobHash, BlockNumber, Hash, KernelId, TaskId, CANARY_JOBS,
};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, traits::Get, weights::Weight},
    frame_system,
    sp_runtime::DispatchError,
};
use proptest::prelude::*;

fn calls(number: u32) -> Vec<TaskId> {
    <Canaries as JobLedger>::calls(&worker(number))
}

fn called(task: TaskId) -> Option<(AccountId, BlockNumber)> {
    <Canaries as JobLedger>::called(task)
}

fn brief(task: TaskId) -> Option<TaskBrief> {
    <Canaries as JobLedger>::brief(task)
}

fn request(task: TaskId) -> Option<RunRequest> {
    <Canaries as JobLedger>::run_request(task, Work::Task)
}

fn passport(number: u32) -> Option<Passport> {
    Canaries::passport(worker(number))
}

fn record(number: u32) -> Record {
    Canaries::record(worker(number)).expect("it was met")
}

/// The workers reported as missed since the last call.
fn missed() -> Vec<AccountId> {
    let missed = |told| match told {
        Told::Miss(worker, _) => Some(worker),
        _ => None,
    };
    FakeWorkers::told().into_iter().filter_map(missed).collect()
}

/// Both canaries of a worker in the present round, conformance first.
fn both(number: u32) -> Vec<TaskId> {
    Kind::ALL.map(|kind| canary(kind, number)).to_vec()
}

mod ids {
    use super::*;

    #[test]
    fn a_canarys_id_tells_its_round_and_kind() {
        for round in [1, 2, 77, u32::MAX] {
            for kind in Kind::ALL {
                let task = kind.task(round, 5);
                assert!(task.is_canary());
                assert_eq!(task.index, 5);
                assert_eq!(Kind::of(task), Some((round, kind)));
            }
        }
        assert_eq!(Kind::Conformance.task(3, 0).job, CANARY_JOBS + 6);
        assert_eq!(Kind::Throughput.task(3, 0).job, CANARY_JOBS + 7);
    }

    #[test]
    fn what_is_no_canary_has_no_round() {
        assert_eq!(Kind::of(TaskId { job: CANARY_JOBS - 1, index: 0 }), None);
        assert_eq!(Kind::of(TaskId { job: u64::MAX, index: 0 }), None);
    }

    #[test]
    fn the_claims_bits_are_those_the_kernel_takes() {
        let claims =
            |denormals, rounded_division, fp64| Claims { units: 1, fp32: Fp32 { denormals, rounded_division }, fp64 };
        assert_eq!(claims(false, false, false).bits(), 0);
        assert_eq!(claims(true, false, false).bits(), 1);
        assert_eq!(claims(false, true, false).bits(), 2);
        assert_eq!(claims(false, false, true).bits(), 4);
        assert_eq!(claims(true, true, true).bits(), 7);
    }
}

mod planning {
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
}

mod rounds {
    use super::*;

    #[test]
    fn a_round_opens_every_period() {
        TestExt::with(1).build_and_execute(|| {
            let first = next_round();
            assert_eq!((first.number, first.opened, first.due), (1, 2, 2 + WINDOW));
            let second = next_round();
            assert_eq!((second.number, second.opened, second.due), (2, 2 + PERIOD, 2 + PERIOD + WINDOW));
            let opened =
                events().into_iter().filter(|event| matches!(event, Event::RoundOpened { .. })).collect::<Vec<_>>();
            assert_eq!(
                opened,
                [&first, &second].map(|r| Event::RoundOpened { round: r.number, seed: r.seed, due: r.due })
            );
        });
    }

    #[test]
    fn all_active_workers_are_called_at_the_same_moment() {
        TestExt::with(5).build_and_execute(|| {
            run_to(2);
            end_block(Weight::MAX);
            let round = round();
            for number in 0..5 {
                assert_eq!(calls(number), both(number));
                for task in both(number) {
                    assert_eq!(called(task), Some((worker(number), round.due)));
                }
            }
        });
    }

    #[test]
    fn nobody_is_called_between_the_rounds() {
        TestExt::with(1).build_and_execute(|| {
            let due = next_round().due;
            run_to(due);
            assert_eq!(calls(0), both(0));
            run_to(due + 1);
            assert_eq!(calls(0), []);
            assert_eq!(called(canary(Kind::Conformance, 0)), None);
        });
    }

    #[test]
    fn a_paused_worker_is_not_called_until_it_is_active_again() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            FakeWorkers::change(0, |worker| worker.active = false);
            assert_eq!(calls(0), []);
            FakeWorkers::change(0, |worker| worker.active = true);
            assert_eq!(calls(0), both(0));
        });
    }

    #[test]
    fn who_is_no_worker_is_not_called() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            assert_eq!(calls(1), []);
            assert_eq!(called(canary(Kind::Conformance, 1)), None);
        });
    }

    #[test]
    fn a_canary_is_called_for_until_it_is_committed_to() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            assert!(commit(Kind::Conformance, 0));
            assert_eq!(calls(0), [canary(Kind::Throughput, 0)]);
            assert!(!commit(Kind::Conformance, 0), "once");
        });
    }

    #[test]
    fn a_canary_that_has_ended_is_not_called_for_again() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            assert_eq!(calls(0), []);
            assert_eq!(brief(canary(Kind::Conformance, 0)), None);
            assert_eq!(request(canary(Kind::Conformance, 0)), None);
        });
    }

    #[test]
    fn a_canary_of_another_round_is_not_called_for() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            let former = canary(Kind::Conformance, 0);
            next_round();
            let next = Kind::Conformance.task(round().number + 1, 0);
            for task in [former, next] {
                assert_eq!(called(task), None);
                assert_eq!(brief(task), None);
                assert_eq!(request(task), None);
            }
        });
    }

    #[test]
    fn the_seed_is_the_chains_and_new_in_every_round() {
        TestExt::with(1).build_and_execute(|| {
            let first = next_round().seed;
            let second = next_round().seed;
            assert_ne!(first, second, "even if the randomness stood still");
            Entropy::set(Hash::repeat_byte(0x11));
            let third = next_round();
            Entropy::set(Hash::repeat_byte(0x22));
            let mut other = None;
            TestExt::with(1).build().execute_with(|| {
                next_round();
                next_round();
                other = Some(next_round());
            });
            let other = other.unwrap();
            assert_eq!(third.number, other.number);
            assert_ne!(third.seed, other.seed, "it follows the chain's randomness");
        });
    }

    #[test]
    fn every_worker_has_a_seed_of_its_own() {
        TestExt::with(8).build_and_execute(|| {
            next_round();
            run_to(3);
            let seeds: std::collections::BTreeSet<Vec<u8>> =
                (0..8).map(|number| request(canary(Kind::Throughput, number)).unwrap().scalars[0].clone()).collect();
            assert_eq!(seeds.len(), 8);
        });
    }

    #[test]
    fn the_next_round_waits_for_the_last_canary_of_the_one_before() {
        TestExt::with(1).build_and_execute(|| {
            let first = next_round();
            run_to(3);
            assert!(commit(Kind::Throughput, 0));
            run_to(first.opened + 2 * PERIOD);
            assert_eq!(round().number, first.number);
            assert!(brief(canary(Kind::Throughput, 0)).is_some(), "its auditors still know what it is");
            settle(Kind::Throughput, 0);
            run_to(first.opened + 2 * PERIOD + 1);
            assert_eq!(round().number, 2);
        });
    }

    #[test]
    fn a_round_is_closed_when_its_canaries_have_ended() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            events();
            pass_window();
            assert_eq!(events(), [Event::RoundClosed { round: 1 }]);
            assert_eq!(Canaries::round(), None);
        });
    }

    #[test]
    fn opening_a_round_weighs_the_same_for_any_number_of_workers() {
        for workers in [0, 50] {
            TestExt::with(workers).build_and_execute(|| {
                assert_eq!(begin_block(), <() as WeightInfo>::open_round());
                assert_eq!(begin_block(), <() as WeightInfo>::watch());
            });
        }
    }
}

mod tasks {
    use super::*;

    fn declared() -> TestExt {
        TestExt::with(2)
    }

    /// Worker 1 declares every ability from the beginning.
    fn opened() {
        FakeWorkers::change(1, |worker| {
            worker.fp64 = true;
            worker.fp32 = Fp32::ALL;
        });
        claim(1, 100);
        next_round();
        run_to(3);
    }

    #[test]
    fn the_brief_is_that_of_a_task_by_the_chain() {
        declared().build_and_execute(|| {
            opened();
            let expected = TaskBrief {
                requester: Canaries::account(),
                kernel: plan().conformance,
                tiling: Tiling::PerGroup { bytes: 1_024 },
                tasks: 1,
                group_count: GROUPS,
                reward: Reward { asset: AssetKind::Native, per_task: 0 },
                per_auditor: 0,
                audit: AuditPolicy { auditors: 2, samples: Samples::Count(8), challenge_blocks: 0 },
                run_blocks: WINDOW,
                requires: Requirements { fp64: true, fp32: Fp32::ALL, ..Default::default() },
                least_memory: 0,
                redo: false,
            };
            assert_eq!(brief(canary(Kind::Conformance, 1)), Some(expected.clone()));
            let throughput = TaskBrief {
                kernel: plan().throughput,
                tiling: Tiling::PerGroup { bytes: 64 * 1_024 },
                tasks: 1,
                group_count: 100,
                requires: Requirements::default(),
                ..expected.clone()
            };
            assert_eq!(brief(canary(Kind::Throughput, 1)), Some(throughput));
            let modest = TaskBrief { requires: Requirements::default(), ..expected };
            assert_eq!(brief(canary(Kind::Conformance, 0)), Some(modest));
        });
    }

    #[test]
    fn the_run_request_passes_seed_and_claims() {
        declared().build_and_execute(|| {
            let genesis = Hash::repeat_byte(0x99);
            frame_system::BlockHash::<Test>::insert(0, genesis);
            opened();
            let seed = round().seed_of(1).to_vec();
            let task = canary(Kind::Conformance, 1);
            let work = Work::Sample(vec![1, 2]);
            let expected = RunRequest {
                id: Hash::zero(),
                genesis,
                task,
                work: work.clone(),
                kernel: conformance(),
                groups: [GROUPS, 1, 1],
                first_group: 0,
                group_count: GROUPS,
                scalars: vec![seed.clone(), vec![7, 0, 0, 0]],
                inputs: Vec::<BlobHash>::new(),
                limit_ms: 0,
            };
            assert_eq!(<Canaries as JobLedger>::run_request(task, work.clone()), Some(expected.clone()));
            assert!(<Canaries as JobLedger>::input_bytes(task).is_empty());
            let task = canary(Kind::Throughput, 1);
            let throughput = RunRequest {
                task,
                kernel: throughput(),
                groups: [100, 1, 1],
                group_count: 100,
                scalars: vec![seed],
                ..expected
            };
            assert_eq!(<Canaries as JobLedger>::run_request(task, work), Some(throughput));
        });
    }

    #[test]
    fn what_a_canary_tries_does_not_change_with_what_its_worker_declares() {
        declared().build_and_execute(|| {
            next_round();
            run_to(3);
            let before = both(0).into_iter().map(|task| (brief(task), request(task))).collect::<Vec<_>>();
            assert!(commit(Kind::Conformance, 0));
            FakeWorkers::change(0, |worker| {
                worker.fp64 = true;
                worker.fp32 = Fp32::ALL;
            });
            claim(0, 4_000);
            let after = both(0).into_iter().map(|task| (brief(task), request(task))).collect::<Vec<_>>();
            assert_eq!(before, after);
        });
    }
}

mod claims {
    use super::*;

    fn units(number: u32) -> u32 {
        brief(canary(Kind::Throughput, number)).expect("it is called").group_count
    }

    #[test]
    fn a_worker_that_claims_nothing_does_the_default() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            assert_eq!(units(0), DEFAULT_UNITS);
        });
    }

    #[test]
    fn a_claim_takes_effect_with_the_next_round() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            events();
            claim(0, 100);
            assert_eq!(events(), [Event::UnitsClaimed { worker: worker(0), units: 100 }]);
            assert_eq!(units(0), DEFAULT_UNITS);
            next_round();
            assert_eq!(units(0), 100);
            next_round();
            assert_eq!(units(0), 100);
        });
    }

    #[test]
    fn a_claim_after_the_window_takes_effect_with_the_next_round() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            pass_window();
            claim(0, 100);
            next_round();
            assert_eq!(units(0), 100);
        });
    }

    #[test]
    fn a_claim_before_the_first_canary_takes_effect_at_once() {
        TestExt::with(0).build_and_execute(|| {
            next_round();
            FakeWorkers::register(worker(0));
            claim(0, 100);
            assert_eq!(units(0), 100);
            claim(0, 200);
            assert_eq!(units(0), 100, "only once");
        });
    }

    #[test]
    fn a_claim_without_a_plan_is_kept_for_the_first_round() {
        TestExt::new().build_and_execute(|| {
            FakeWorkers::register(worker(0));
            claim(0, 100);
            set_plan(Some(plan()));
            next_round();
            assert_eq!(units(0), 100);
        });
    }

    #[test]
    fn only_workers_claim() {
        TestExt::with(1).build_and_execute(|| {
            let claim = |who| Canaries::claim(RuntimeOrigin::signed(who), 1);
            assert_noop!(claim(account(1)), Error::<Test>::UnknownWorker);
            assert_noop!(Canaries::claim(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
            assert_ok!(claim(worker(0)));
        });
    }

    #[test]
    fn claims_have_bounds() {
        TestExt::with(1).build_and_execute(|| {
            let claim = |units| Canaries::claim(RuntimeOrigin::signed(worker(0)), units);
            assert_noop!(claim(0), Error::<Test>::InvalidUnits);
            assert_noop!(claim(MAX_UNITS + 1), Error::<Test>::InvalidUnits);
            assert_ok!(claim(MAX_UNITS));
        });
    }

    #[test]
    fn what_a_worker_declares_is_tried_from_the_next_round_on() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            FakeWorkers::change(0, |worker| worker.fp64 = true);
            next_round();
            assert_eq!(record(0).claims_in(2), Claims { fp64: true, ..default_claims() });
        });
    }
}

mod passing {
    use super::*;

    #[test]
    fn who_passes_both_canaries_is_proved_and_gets_a_passport() {
        TestExt::with(1).build_and_execute(|| {
            FakeWorkers::change(0, |worker| worker.fp32.denormals = true);
            claim(0, 100);
            next_round();
            run_to(5);
            events();
            assert!(commit(Kind::Conformance, 0));
            settle(Kind::Conformance, 0);
            assert_eq!(passport(0), None, "half is not enough");
            assert_eq!(FakeWorkers::told(), []);
            run_to(7);
            assert!(commit(Kind::Throughput, 0));
            settle(Kind::Throughput, 0);
            let expected = Passport {
                fp32: Fp32 { denormals: true, rounded_division: false },
                fp64: false,
                score: 100,
                since: 5,
                last: 7,
            };
            assert_eq!(passport(0), Some(expected));
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
            let passed = |kind| Event::CanaryPassed { worker: worker(0), round: 1, task: canary(kind, 0) };
            assert_eq!(
                events(),
                [
                    passed(Kind::Conformance),
                    passed(Kind::Throughput),
                    Event::PassportIssued { worker: worker(0), passport: expected }
                ]
            );
        });
    }

    #[test]
    fn a_passport_keeps_its_age_from_round_to_round() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            let second = next_round();
            pass(0);
            let passport = passport(0).unwrap();
            assert_eq!((passport.since, passport.last), (3, second.opened));
        });
    }

    #[test]
    fn a_miss_makes_a_passport_young_again() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            next_round();
            pass_window();
            assert!(passport(0).is_some(), "a miss is no failure");
            let third = next_round();
            pass(0);
            assert_eq!(passport(0).unwrap().since, third.opened);
        });
    }

    #[test]
    fn a_canary_may_pass_after_the_window() {
        TestExt::with(1).build_and_execute(|| {
            let due = next_round().due;
            run_to(due);
            for kind in Kind::ALL {
                assert!(commit(kind, 0), "the last block of the window");
            }
            pass_window();
            assert_eq!(FakeWorkers::told(), []);
            assert_eq!(round().open, 2);
            settle(Kind::Conformance, 0);
            assert_eq!(round().open, 1);
            settle(Kind::Throughput, 0);
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
        });
    }

    #[test]
    fn a_canary_ends_once() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            FakeWorkers::told();
            events();
            <Canaries as JobLedger>::fail(canary(Kind::Conformance, 0), ReasonCode::WrongResult);
            <Canaries as JobLedger>::settle(canary(Kind::Conformance, 0), &worker(0), commitment(), &[]);
            assert_eq!(FakeWorkers::told(), []);
            assert_eq!(events(), []);
            assert!(passport(0).is_some());
        });
    }

    #[test]
    fn passes_of_two_rounds_do_not_add_up() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            assert!(commit(Kind::Conformance, 0));
            settle(Kind::Conformance, 0);
            next_round();
            FakeWorkers::told();
            assert!(commit(Kind::Throughput, 0));
            settle(Kind::Throughput, 0);
            assert_eq!(FakeWorkers::told(), []);
            assert_eq!(passport(0), None);
        });
    }

    #[test]
    fn who_declares_more_than_was_tried_proves_nothing() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            FakeWorkers::change(0, |worker| worker.fp64 = true);
            pass(0);
            assert_eq!(passport(0), None);
            assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))]);
            next_round();
            pass(0);
            assert!(passport(0).unwrap().fp64);
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
        });
    }

    #[test]
    fn who_declares_more_than_it_has_proved_must_prove_it() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            next_round();
            FakeWorkers::told();
            FakeWorkers::change(0, |worker| worker.fp32.rounded_division = true);
            pass(0);
            assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))]);
            assert_eq!(passport(0), None);
        });
    }

    #[test]
    fn who_declares_less_than_was_tried_is_proved() {
        TestExt::with(1).build_and_execute(|| {
            FakeWorkers::change(0, |worker| worker.fp64 = true);
            next_round();
            run_to(3);
            FakeWorkers::change(0, |worker| worker.fp64 = false);
            pass(0);
            assert!(passport(0).unwrap().fp64);
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
        });
    }
}

mod capacity {
    use super::*;

    #[test]
    fn is_told_once_a_round_when_both_canaries_have_passed() {
        TestExt::with(2).build_and_execute(|| {
            claim(0, 100);
            next_round();
            run_to(3);
            assert!(commit(Kind::Throughput, 0));
            settle(Kind::Throughput, 0);
            assert_eq!(FakeCapacity::told(), [], "half is not enough");
            assert!(commit(Kind::Conformance, 0));
            settle(Kind::Conformance, 0);
            assert_eq!(FakeCapacity::told(), [(worker(0), 100)]);

            for kind in Kind::ALL {
                <Canaries as JobLedger>::settle(canary(kind, 0), &worker(0), commitment(), &[]);
            }
            pass_window();
            assert_eq!(FakeCapacity::told(), []);
            next_round();
            pass(1);
            pass(0);
            assert_eq!(FakeCapacity::told(), [(worker(1), crate::DEFAULT_UNITS), (worker(0), 100)]);
        });
    }

    #[test]
    fn is_what_was_tried_and_not_what_is_claimed_by_now() {
        TestExt::with(1).build_and_execute(|| {
            claim(0, 100);
            next_round();
            run_to(3);
            claim(0, 900);
            pass(0);
            assert_eq!(FakeCapacity::told(), [(worker(0), 100)]);
        });
    }

    #[test]
    fn is_told_of_a_canary_that_passes_after_the_window() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            for kind in Kind::ALL {
                assert!(commit(kind, 0));
            }
            pass_window();
            for kind in Kind::ALL {
                settle(kind, 0);
            }
            assert_eq!(FakeCapacity::told(), [(worker(0), crate::DEFAULT_UNITS)]);
        });
    }

    #[test]
    fn is_not_proved_by_what_was_not_checked() {
        for unchecked in Kind::ALL {
            TestExt::with(1).build_and_execute(|| {
                next_round();
                run_to(3);
                for kind in Kind::ALL {
                    assert!(commit(kind, 0));
                    if kind == unchecked {
                        fail(kind, 0, ReasonCode::NoAuditors);
                    } else {
                        settle(kind, 0);
                    }
                }
                assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
                assert_eq!(FakeCapacity::told(), []);
            });
        }
    }

    #[test]
    fn is_not_proved_where_a_canary_failed_or_was_not_answered() {
        TestExt::with(2).build_and_execute(|| {
            next_round();
            run_to(3);
            for kind in Kind::ALL {
                assert!(commit(kind, 0));
            }
            settle(Kind::Throughput, 0);
            fail(Kind::Conformance, 0, ReasonCode::WrongResult);
            assert!(commit(Kind::Throughput, 1));
            settle(Kind::Throughput, 1);
            pass_window();
            assert_eq!(FakeCapacity::told(), []);
        });
    }

    #[test]
    fn is_not_proved_by_who_declares_more_than_was_tried() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            FakeWorkers::change(0, |worker| worker.fp64 = true);
            pass(0);
            assert_eq!(FakeCapacity::told(), []);
        });
    }
}

mod failing {
    use super::*;

    #[test]
    fn a_failed_canary_disproves_and_takes_the_passport() {
        let log = Hash::zero();
        for reason in [
            ReasonCode::WrongResult,
            ReasonCode::OpeningMissing,
            ReasonCode::OutputWithheld,
            ReasonCode::NotConforming,
            ReasonCode::Timeout,
            ReasonCode::BuildFailed { log },
            ReasonCode::KernelFault { log },
            ReasonCode::ExecutorFault { log },
            ReasonCode::InputUnavailable { blob: log },
            ReasonCode::OutOfMemory,
            ReasonCode::DeviceLost,
            ReasonCode::Declined,
        ] {
            TestExt::with(1).build_and_execute(|| {
                next_round();
                run_to(3);
                pass(0);
                next_round();
                FakeWorkers::told();
                events();
                assert!(commit(Kind::Throughput, 0));
                fail(Kind::Throughput, 0, reason);
                assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))], "{reason:?}");
                assert_eq!(passport(0), None);
                let task = canary(Kind::Throughput, 0);
                assert_eq!(
                    events(),
                    [
                        Event::CanaryFailed { worker: worker(0), round: 2, task, reason },
                        Event::PassportRevoked { worker: worker(0) }
                    ]
                );
            });
        }
    }

    #[test]
    fn a_reported_failure_answers_without_a_commitment() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            for kind in Kind::ALL {
                <Canaries as JobLedger>::fail(canary(kind, 0), ReasonCode::DeviceLost);
            }
            assert_eq!(calls(0), []);
            FakeWorkers::told();
            pass_window();
            assert_eq!(missed(), []);
        });
    }

    #[test]
    fn one_passed_canary_does_not_make_up_for_a_failed_one() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            for kind in Kind::ALL {
                assert!(commit(kind, 0));
            }
            fail(Kind::Conformance, 0, ReasonCode::WrongResult);
            settle(Kind::Throughput, 0);
            assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))]);
            assert_eq!(passport(0), None);
        });
    }

    #[test]
    fn who_failed_may_prove_itself_in_the_next_round() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            assert!(commit(Kind::Conformance, 0));
            fail(Kind::Conformance, 0, ReasonCode::WrongResult);
            let second = next_round();
            FakeWorkers::told();
            pass(0);
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
            assert_eq!(passport(0).unwrap().since, second.opened);
        });
    }

    #[test]
    fn an_undecided_canary_changes_nothing() {
        for reason in [ReasonCode::NoVerdict, ReasonCode::Cancelled] {
            TestExt::with(1).build_and_execute(|| {
                next_round();
                run_to(3);
                pass(0);
                let before = passport(0);
                next_round();
                FakeWorkers::told();
                assert!(commit(Kind::Conformance, 0));
                fail(Kind::Conformance, 0, reason);
                assert!(commit(Kind::Throughput, 0));
                settle(Kind::Throughput, 0);
                pass_window();
                assert_eq!(FakeWorkers::told(), [], "it has answered");
                assert_eq!(passport(0), before);
            });
        }
    }
}

mod admission {
    use super::*;

    #[test]
    fn where_nobody_can_audit_the_first_worker_is_admitted_without_a_passport() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass_unchecked(0);
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
            assert_eq!(passport(0), None, "nothing was checked");
        });
    }

    #[test]
    fn one_unchecked_canary_admits_together_with_one_passed() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            for kind in Kind::ALL {
                assert!(commit(kind, 0));
            }
            settle(Kind::Conformance, 0);
            fail(Kind::Throughput, 0, ReasonCode::NoAuditors);
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
            assert_eq!(passport(0), None);
        });
    }

    #[test]
    fn an_unchecked_canary_does_not_outweigh_a_failed_one() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            assert!(commit(Kind::Conformance, 0));
            fail(Kind::Conformance, 0, ReasonCode::WrongResult);
            next_round();
            FakeWorkers::told();
            pass_unchecked(0);
            assert_eq!(FakeWorkers::told(), []);
        });
    }

    #[test]
    fn one_answer_alone_admits_nobody() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            assert!(commit(Kind::Conformance, 0));
            fail(Kind::Conformance, 0, ReasonCode::NoAuditors);
            assert_eq!(FakeWorkers::told(), []);
        });
    }

    #[test]
    fn a_network_starts_and_starts_again_after_everybody_was_away() {
        TestExt::with(3).build_and_execute(|| {
            next_round();
            run_to(3);
            (0..3).for_each(pass_unchecked);
            assert_eq!(FakeWorkers::told(), (0..3).map(|n| Told::Prove(worker(n))).collect::<Vec<_>>());
            next_round();
            (0..3).for_each(pass);
            for _ in 0..3 {
                next_round();
                pass_window();
            }
            FakeWorkers::told();
            next_round();
            (0..3).for_each(pass_unchecked);
            assert_eq!(FakeWorkers::told(), (0..3).map(|n| Told::Prove(worker(n))).collect::<Vec<_>>());
        });
    }

    #[test]
    fn an_unchecked_round_leaves_the_passport_as_it_was() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            let before = passport(0);
            next_round();
            pass_unchecked(0);
            assert_eq!(passport(0), before);
        });
    }
}

mod heartbeat {
    use super::*;

    #[test]
    fn who_answers_nothing_is_missed_once_a_round() {
        TestExt::with(2).build_and_execute(|| {
            for _ in 0..3 {
                next_round();
                pass(1);
                FakeWorkers::told();
                events();
                pass_window();
                let task = canary(Kind::Conformance, 0);
                assert_eq!(FakeWorkers::told(), [Told::Miss(worker(0), task)]);
                let number = LastRound::<Test>::get();
                assert_eq!(
                    events(),
                    [
                        Event::CanaryMissed { worker: worker(0), round: number, task },
                        Event::RoundClosed { round: number }
                    ]
                );
            }
        });
    }

    #[test]
    fn who_answers_half_is_missed_for_the_other_half() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            next_round();
            assert!(commit(Kind::Conformance, 0));
            FakeWorkers::told();
            pass_window();
            assert_eq!(FakeWorkers::told(), [Told::Miss(worker(0), canary(Kind::Throughput, 0))]);
        });
    }

    #[test]
    fn nobody_is_missed_before_the_window_is_over() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            let due = next_round().due;
            FakeWorkers::told();
            run_to(due);
            end_block(Weight::MAX);
            assert_eq!(missed(), []);
            begin_block();
            end_block(Weight::MAX);
            assert_eq!(missed(), [worker(0)]);
        });
    }

    #[test]
    fn who_comes_after_the_opening_may_answer_and_is_not_missed() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            next_round();
            for number in 1..3 {
                FakeWorkers::register(worker(number));
            }
            run_to(System::block_number() + 1);
            FakeWorkers::told();
            pass(1);
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(1))]);
            pass_window();
            assert_eq!(missed(), [worker(0)]);
        });
    }

    #[test]
    fn a_worker_that_is_gone_is_forgotten() {
        TestExt::with(2).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            FakeWorkers::withdraw(0);
            assert_eq!(passport(0), None);
            next_round();
            assert!(!Records::<Test>::contains_key(0));
            assert!(Records::<Test>::contains_key(1));
        });
    }

    #[test]
    fn who_was_admitted_without_a_plan_cannot_pause_for_ever() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            FakeWorkers::change(0, |worker| worker.active = false);
            pass_window();
            assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))], "not missed, but not drawn either");
        });
    }

    #[test]
    fn pausing_over_a_round_does_not_spare_the_proof() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            next_round();
            FakeWorkers::told();
            FakeWorkers::change(0, |worker| worker.active = false);
            pass_window();
            assert_eq!(FakeWorkers::told(), [Told::Disprove(worker(0))]);
            assert_eq!(passport(0), None);
            FakeWorkers::change(0, |worker| worker.active = true);
            next_round();
            pass(0);
            assert_eq!(FakeWorkers::told(), [Told::Prove(worker(0))]);
        });
    }

    #[test]
    fn a_paused_worker_that_has_answered_stays_proved() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            pass(0);
            next_round();
            pass(0);
            FakeWorkers::told();
            FakeWorkers::change(0, |worker| worker.active = false);
            pass_window();
            assert_eq!(FakeWorkers::told(), []);
            assert!(passport(0).is_some());
        });
    }
}

mod sweep {
    use super::*;

    fn watch() -> Weight {
        <() as WeightInfo>::watch()
    }

    fn steps(weight: Weight, count: u64) -> Weight {
        weight.saturating_mul(count)
    }

    #[test]
    fn meeting_workers_is_bounded_by_the_room_in_the_block() {
        TestExt::with(5).build_and_execute(|| {
            let meet = <() as WeightInfo>::meet_worker();
            let room = watch() + steps(meet, 2);
            for met in [2, 4, 5] {
                end_block(room);
                assert_eq!(Met::<Test>::get(), met);
            }
            assert_eq!(end_block(room), watch(), "there is nobody left to meet");
        });
    }

    #[test]
    fn the_sweep_is_bounded_by_the_room_in_the_block_and_goes_on_in_the_next() {
        TestExt::with(5).build_and_execute(|| {
            next_round();
            let due = next_round().due;
            run_to(due + 1);
            FakeWorkers::told();
            let look = <() as WeightInfo>::sweep_worker();
            let room = watch() + steps(look, 2);
            for (swept, found) in [(2, [worker(0), worker(1)]), (4, [worker(2), worker(3)])] {
                assert_eq!(end_block(room), room, "what it did is charged");
                assert_eq!(round().swept, swept);
                assert_eq!(missed(), found);
                begin_block();
            }
            assert_eq!(end_block(room), watch() + look + <() as WeightInfo>::close_round());
            assert_eq!(missed(), [worker(4)]);
            assert_eq!(Canaries::round(), None);
        });
    }

    #[test]
    fn without_room_nothing_is_done() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            let due = next_round().due;
            run_to(due + 1);
            FakeWorkers::told();
            let before = round();
            assert_eq!(end_block(Weight::zero()), Weight::zero());
            assert_eq!(end_block(watch()), watch());
            assert_eq!(round(), before);
            assert_eq!(missed(), []);
        });
    }

    #[test]
    fn a_canary_that_ends_during_the_sweep_is_counted_once() {
        TestExt::with(2).build_and_execute(|| {
            next_round();
            let due = next_round().due;
            for number in 0..2 {
                for kind in Kind::ALL {
                    assert!(commit(kind, number));
                }
            }
            run_to(due + 1);
            end_block(watch() + <() as WeightInfo>::sweep_worker());
            assert_eq!((round().swept, round().open), (1, 2));
            settle(Kind::Conformance, 0);
            settle(Kind::Conformance, 1);
            assert_eq!(round().open, 1, "worker 1 has not been looked at");
            begin_block();
            end_block(Weight::MAX);
            assert_eq!((round().swept, round().open), (2, 2));
            settle(Kind::Throughput, 0);
            settle(Kind::Throughput, 1);
            begin_block();
            end_block(Weight::MAX);
            assert_eq!(Canaries::round(), None);
        });
    }
}

mod delegation {
    use super::*;

    const TASK: TaskId = FakeJobs::TASK;

    #[test]
    fn what_is_no_canary_is_handed_on_to_the_jobs() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            assert_eq!(brief(TASK), Some(FakeJobs::known_brief()));
            assert_eq!(request(TASK), Some(FakeJobs::known_request(Work::Task)));
            assert_eq!(called(TASK), Some((account(1), 77)));
            assert_eq!(<Canaries as JobLedger>::input_bytes(TASK), [7]);
            let unknown = TaskId { job: CANARY_JOBS - 1, index: 0 };
            assert_eq!((brief(unknown), request(unknown), called(unknown)), (None, None, None));
        });
    }

    #[test]
    fn the_end_of_a_task_is_handed_on_with_its_weight() {
        TestExt::with(1).build_and_execute(|| {
            let auditors = vec![account(5)];
            let weight = <Canaries as JobLedger>::settle(TASK, &account(1), commitment(), &auditors);
            assert_eq!(weight, JOBS_WEIGHT);
            assert_eq!(<Canaries as JobLedger>::fail(TASK, ReasonCode::Timeout), JOBS_WEIGHT);
            assert_eq!(
                FakeJobs::handed_on(),
                [HandedOn::Settle(TASK, account(1), commitment(), auditors), HandedOn::Fail(TASK, ReasonCode::Timeout)]
            );
        });
    }

    #[test]
    fn the_end_of_a_canary_is_not_handed_on() {
        TestExt::with(1).build_and_execute(|| {
            next_round();
            run_to(3);
            let settled = <Canaries as JobLedger>::settle(canary(Kind::Conformance, 0), &worker(0), commitment(), &[]);
            assert_eq!(settled, <() as WeightInfo>::settle_canary());
            let failed = <Canaries as JobLedger>::fail(canary(Kind::Throughput, 0), ReasonCode::WrongResult);
            assert_eq!(failed, <() as WeightInfo>::fail_canary());
            assert_eq!(FakeJobs::handed_on(), []);
        });
    }

    #[test]
    fn the_jobs_calls_come_first() {
        TestExt::with(0).build_and_execute(|| {
            let number = FakeWorkers::register(account(1));
            next_round();
            end_block(Weight::MAX);
            assert_eq!(<Canaries as JobLedger>::calls(&account(1)), [vec![TASK], both(number)].concat());
        });
    }

    #[test]
    fn closing_a_task_weighs_at_most_the_heavier_of_both() {
        TestExt::new().build_and_execute(|| {
            let own = <() as WeightInfo>::settle_canary().max(<() as WeightInfo>::fail_canary());
            assert_eq!(<Canaries as JobLedger>::close_weight(), own.max(JOBS_WEIGHT));
            let heavy = Weight::from_parts(1 << 50, 1 << 30);
            JobsCloseWeight::set(heavy);
            assert_eq!(<Canaries as JobLedger>::close_weight(), heavy);
            JobsCloseWeight::set(JOBS_WEIGHT);
        });
    }
}

/// Two workers with one device, which computes a limited number of tiles in a window.
mod shared_device {
    use super::*;

    /// Number of tiles that the device computes in a block.
    const PER_BLOCK: u32 = 24;
    /// Number of tiles that it computes in a window.
    const CAPACITY: u32 = PER_BLOCK * WINDOW;

    /// The order in which the device works for the two workers.
    #[derive(Clone, Copy, Debug)]
    enum Order {
        /// All tiles of this worker, then all of the other.
        First(u32),
        /// A block for each worker in turn.
        Turns(u32),
        /// Half of each block for each worker.
        Halves,
    }

    const ORDERS: [Order; 5] = [Order::First(0), Order::First(1), Order::Turns(0), Order::Turns(1), Order::Halves];

    /// Compute through a window and commit to the finished canaries. Returns the workers that
    /// committed. Everything favours the two workers: no block is missed, no answer is lost on the
    /// way, and the conformance canaries cost nothing.
    fn race(order: Order) -> Vec<u32> {
        let round = next_round();
        let tasks: Vec<RunRequest> =
            (0..2).map(|number| request(canary(Kind::Throughput, number)).expect("it is called")).collect();
        assert_ne!(tasks[0].scalars, tasks[1].scalars, "the work of the one is of no use to the other");
        let mut left = [tasks[0].group_count, tasks[1].group_count];
        let mut committed = Vec::new();
        for number in 0..2 {
            assert!(commit(Kind::Conformance, number));
            settle(Kind::Conformance, number);
        }
        for block in round.opened + 1..=round.due + 2 * WINDOW {
            run_to(block);
            let mut tiles = PER_BLOCK;
            let mut work = |number: u32, most: u32| {
                let done = left[number as usize].min(tiles).min(most);
                left[number as usize] -= done;
                tiles -= done;
            };
            match order {
                Order::First(number) => {
                    work(number, u32::MAX);
                    work(1 - number, u32::MAX);
                }
                Order::Turns(number) => {
                    let turn = (number + block) % 2;
                    work(turn, u32::MAX);
                    work(1 - turn, u32::MAX);
                }
                Order::Halves => {
                    work(0, PER_BLOCK / 2);
                    work(1, PER_BLOCK / 2);
                    work(0, u32::MAX);
                    work(1, u32::MAX);
                }
            }
            for number in 0..2 {
                if left[number as usize] == 0 && !committed.contains(&number) && commit(Kind::Throughput, number) {
                    committed.push(number);
                }
            }
        }
        // The round is not closed before the audits have ended.
        committed.iter().for_each(|number| settle(Kind::Throughput, *number));
        committed
    }

    /// The two workers reported as proved and as missed in a round.
    fn proved_and_missed() -> (Vec<AccountId>, Vec<AccountId>) {
        let told = FakeWorkers::told();
        let proved = told.iter().filter_map(|told| match told {
            Told::Prove(worker) => Some(worker.clone()),
            _ => None,
        });
        let missed = told.iter().filter_map(|told| match told {
            Told::Miss(worker, _) => Some(worker.clone()),
            _ => None,
        });
        (proved.collect(), missed.collect())
    }

    fn two_claiming(units: u32, test: impl FnOnce()) {
        TestExt::with(2).build_and_execute(|| {
            next_round();
            run_to(System::block_number() + 1);
            for number in 0..2 {
                claim(number, units);
            }
            pass_window();
            FakeWorkers::told();
            test();
        });
    }

    #[test]
    fn two_workers_sharing_one_device_cannot_both_pass_at_the_size_each_claims() {
        two_claiming(CAPACITY, || {
            for order in ORDERS.into_iter().cycle().take(3 * ORDERS.len()) {
                let committed = race(order);
                let (proved, missed) = proved_and_missed();
                assert!(committed.len() <= 1, "{order:?}");
                assert_eq!(proved.len(), committed.len(), "{order:?}");
                assert_eq!(missed.len(), 2 - committed.len(), "{order:?}: who did not commit is missed");
            }
        });
    }

    #[test]
    fn one_of_them_passes_if_the_device_works_for_it_alone() {
        two_claiming(CAPACITY, || {
            for number in [0, 1, 1, 0] {
                assert_eq!(race(Order::First(number)), [number]);
                assert_eq!(proved_and_missed(), (vec![worker(number)], vec![worker(1 - number)]));
                assert_eq!(passport(number).unwrap().score, CAPACITY);
            }
        });
    }

    #[test]
    fn both_pass_if_they_claim_together_what_the_device_does() {
        two_claiming(CAPACITY / 2, || {
            for order in ORDERS {
                let mut committed = race(order);
                committed.sort_unstable();
                assert_eq!(committed, [0, 1], "{order:?}");
                assert_eq!(proved_and_missed().1, [], "{order:?}");
                let scores: u32 = (0..2).map(|number| passport(number).unwrap().score).sum();
                assert_eq!(scores, CAPACITY);
            }
        });
    }

    #[test]
    fn a_tile_more_than_the_device_does_is_too_much() {
        TestExt::with(2).build_and_execute(|| {
            next_round();
            run_to(System::block_number() + 1);
            claim(0, CAPACITY / 2);
            claim(1, CAPACITY / 2 + 1);
            pass_window();
            for order in ORDERS {
                assert!(race(order).len() <= 1, "{order:?}");
            }
        });
    }
}

mod invariants {
    use super::*;

    /// The checks find the damage that `damage` does to a chain with a round whose sweep has begun.
    fn finds(damage: impl FnOnce()) {
        TestExt::with(2).build().execute_with(|| {
            next_round();
            next_round();
            assert!(commit(Kind::Conformance, 0));
            pass(1);
            pass_window();
            Canaries::do_try_state().unwrap();
            damage();
            assert!(Canaries::do_try_state().is_err());
        });
    }

    fn damage_round(change: fn(&mut Round)) -> impl FnOnce() {
        move || CurrentRound::<Test>::mutate(|round| change(round.as_mut().unwrap()))
    }

    fn damage_record(change: fn(&mut Record)) -> impl FnOnce() {
        move || Records::<Test>::mutate(0, |record| change(record.as_mut().unwrap()))
    }

    #[test]
    fn a_missing_kernel_is_found() {
        finds(|| FakeKernels::remove(plan().throughput));
    }

    #[test]
    fn a_missing_record_is_found() {
        finds(|| Records::<Test>::remove(1));
    }

    #[test]
    fn a_record_from_the_future_is_found() {
        finds(damage_record(|record| record.round = 99));
    }

    #[test]
    fn a_claim_out_of_bounds_is_found() {
        finds(damage_record(|record| record.next.units = 0));
    }

    #[test]
    fn a_passport_of_who_is_not_proved_is_found() {
        finds(|| Records::<Test>::mutate(1, |record| record.as_mut().unwrap().standing = Standing::Unproved));
    }

    #[test]
    fn a_wrong_count_of_open_canaries_is_found() {
        finds(damage_round(|round| round.open = 2));
    }

    #[test]
    fn a_round_that_is_not_the_last_is_found() {
        finds(|| LastRound::<Test>::put(9));
    }

    #[test]
    fn a_sweep_that_came_too_early_is_found() {
        finds(damage_round(|round| round.due = 1_000));
    }

    #[test]
    fn a_sweep_that_went_too_far_is_found() {
        finds(damage_round(|round| round.swept = 3));
    }
}

/// A random step of the chain.
#[derive(Clone, Debug)]
enum Step {
    Block { steps: u64 },
    Commit { kind: usize, number: u32 },
    Settle { pick: usize },
    Fail { pick: usize, reason: usize },
    Report { kind: usize, number: u32 },
    Toggle { number: u32 },
    Declare { number: u32, fp64: bool },
    Claim { number: u32, units: u32 },
    Register,
    Plan { set: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let number = 0..6u32;
    prop_oneof![
        12 => (0..4u64).prop_map(|steps| Step::Block { steps }),
        6 => (0..2usize, number.clone()).prop_map(|(kind, number)| Step::Commit { kind, number }),
        4 => any::<usize>().prop_map(|pick| Step::Settle { pick }),
        2 => (any::<usize>(), 0..3usize).prop_map(|(pick, reason)| Step::Fail { pick, reason }),
        1 => (0..2usize, number.clone()).prop_map(|(kind, number)| Step::Report { kind, number }),
        1 => number.clone().prop_map(|number| Step::Toggle { number }),
        1 => (number.clone(), any::<bool>()).prop_map(|(number, fp64)| Step::Declare { number, fp64 }),
        1 => (number, 1..=MAX_UNITS).prop_map(|(number, units)| Step::Claim { number, units }),
        1 => Just(Step::Register),
        1 => prop::bool::weighted(0.8).prop_map(|set| Step::Plan { set }),
    ]
}

/// A canary that was committed to and has not ended, with its computation at the time of the
/// commitment.
type Open = (TaskId, RunRequest);

fn take(step: Step, open: &mut Vec<Open>) {
    let exists = |number| Canaries::record(worker(number)).is_some();
    let end = |open: &mut Vec<Open>, pick: usize| {
        (!open.is_empty()).then(|| open.swap_remove(pick % open.len())).map(|(task, _)| {
            assert!(FakeTasks::close(task));
            task
        })
    };
    match step {
        Step::Block { steps } => {
            let most = <() as WeightInfo>::sweep_worker().max(<() as WeightInfo>::meet_worker());
            end_block(<() as WeightInfo>::watch() + most * steps);
            begin_block();
        }
        Step::Commit { kind, number } => {
            let task = canary(Kind::ALL[kind], number);
            let tried = request(task);
            if commit(Kind::ALL[kind], number) {
                open.push((task, tried.expect("what is called for can be computed")));
            }
        }
        Step::Settle { pick } => {
            if let Some(task) = end(open, pick) {
                <Canaries as JobLedger>::settle(task, &worker(task.index), commitment(), &[]);
            }
        }
        Step::Fail { pick, reason } => {
            if let Some(task) = end(open, pick) {
                let reasons = [ReasonCode::NoAuditors, ReasonCode::NoVerdict, ReasonCode::WrongResult];
                <Canaries as JobLedger>::fail(task, reasons[reason]);
            }
        }
        Step::Report { kind, number } => {
            let task = canary(Kind::ALL[kind], number);
            if called(task).is_some() {
                <Canaries as JobLedger>::fail(task, ReasonCode::DeviceLost);
            }
        }
        Step::Toggle { number } if exists(number) => {
            FakeWorkers::change(number, |worker| worker.active = !worker.active)
        }
        Step::Declare { number, fp64 } if exists(number) => FakeWorkers::change(number, |worker| worker.fp64 = fp64),
        Step::Claim { number, units } if exists(number) => claim(number, units),
        Step::Toggle { .. } | Step::Declare { .. } | Step::Claim { .. } => {}
        Step::Register => {
            let next = <FakeWorkers as WorkerHealth>::next_number();
            if next < 6 {
                FakeWorkers::register(worker(next));
            }
        }
        Step::Plan { set } => set_plan(set.then(plan)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_canaries_stay_what_they_are_and_rounds_close(steps in prop::collection::vec(step(), 1..300)) {
        TestExt::with(2).build_and_execute(|| {
            let mut open = Vec::new();
            for step in steps {
                take(step, &mut open);
                Canaries::do_try_state().unwrap();
                for (task, tried) in &open {
                    assert_eq!(request(*task).as_ref(), Some(tried), "its auditors compute what its worker did");
                }
            }
            for (task, _) in open {
                assert!(FakeTasks::close(task));
                <Canaries as JobLedger>::settle(task, &worker(task.index), commitment(), &[]);
            }
            set_plan(None);
            run_to(System::block_number() + WINDOW + 2);
            assert_eq!(Canaries::round(), None);
        });
    }
}
