//! Tests of the pallet's calls, settlement, debts, quarantines and invariants.

use crate::{mock::*, EndRecord, Ends, Error, Event, HoldReason, Kernels, LastJob, Owed, SettledTasks, WeightInfo};
use codec::Decode;
use dpin_primitives::{
    api::{summary_key, JobSummary, TaskEnd},
    executor::{RunRequest, Work},
    job::{AuditPolicy, FeePolicy, JobShape, JobSpec, Samples, TaskCost, TaskCount, MAX_TASKS},
    kernel::{BuildOption, KernelClass, KernelManifest, Param, Tiling, MAX_SOURCE_BYTES, MAX_TILE_BYTES},
    reason::ReasonCode,
    split::auto_tasks,
    traits::{BlobStore, JobLedger, KernelRegistry, TaskBrief, TaskQueue},
    worker::{DeviceClass, Fp32},
    AccountId, AssetKind, Balance, Hash, JobId, KernelId, TaskId,
};
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok,
        dispatch::GetDispatchInfo,
        traits::{
            fungibles::{InspectHold, Mutate},
            tokens::Preservation,
            LockableCurrency, WithdrawReasons,
        },
    },
    frame_system,
    sp_runtime::{DispatchError, DispatchResult, Perbill, TokenError},
};
use proptest::prelude::*;

fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

fn task(job: JobId, index: u32) -> TaskId {
    TaskId { job, index }
}

/// The lottery takes the task out of the queue.
fn assign(task: TaskId) {
    assert!(FakeQueue::withdraw(task), "the task is queued");
}

fn settle(task: TaskId, worker: AccountId, auditors: &[AccountId]) {
    assign(task);
    <Jobs as JobLedger>::settle(task, &worker, commitment(), auditors);
}

fn fail(task: TaskId, reason: ReasonCode) {
    assign(task);
    <Jobs as JobLedger>::fail(task, reason);
}

/// `who` can neither send nor receive the asset.
fn block(id: u32, who: AccountId) {
    assert_ok!(Assets::block(signed(ADMIN), id, who));
}

fn unblock(id: u32, who: AccountId) {
    assert_ok!(Assets::thaw(signed(ADMIN), id, who));
}

mod kernels {
    use super::*;

    fn held(who: &AccountId) -> Balance {
        AllAssets::balance_on_hold(NATIVE, &HoldReason::Kernel.into(), who)
    }

    fn deposit(manifest: &KernelManifest) -> Balance {
        use codec::Encode;
        100 + 2 * manifest.encode().len() as Balance
    }

    #[test]
    fn registering_holds_the_deposit_and_keeps_the_source() {
        TestExt::new().build_and_execute(|| {
            let deposit = deposit(&manifest());
            assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));

            let record = Kernels::<Test>::get(manifest().id()).unwrap();
            assert_eq!((record.manifest, record.owner, record.deposit, record.jobs), (manifest(), ALICE, deposit, 0));
            assert_eq!(held(&ALICE), deposit);
            assert_eq!(FakeBlobs::pins(source()), 1);
            assert_eq!(events(), [Event::KernelRegistered { kernel: manifest().id(), owner: ALICE, deposit }]);
        });
    }

    #[test]
    fn registering_names_the_broken_rule_of_a_manifest() {
        TestExt::new().build_and_execute(|| {
            let refused = |change: fn(&mut KernelManifest), error: Error<Test>| {
                let mut manifest = manifest();
                change(&mut manifest);
                assert_noop!(Jobs::register_kernel(signed(ALICE), manifest), error);
            };
            refused(|m| m.entry = b"1".to_vec().try_into().unwrap(), Error::InvalidEntry);
            refused(|m| m.params[0] = Param::Scalar { bytes: 3 }, Error::InvalidScalarWidth);
            refused(|m| m.params[1] = Param::Output, Error::NotOneOutput);
            refused(|m| m.local_size = [257, 1, 1], Error::InvalidLocalSize);
            refused(|m| m.tiling = Tiling::Whole { bytes: MAX_TILE_BYTES + 1 }, Error::InvalidTileSize);
            refused(|m| m.params[0] = Param::Local { bytes: 0 }, Error::InvalidLocalMemory);
            refused(|m| m.options = vec![BuildOption::OptDisable; 2].try_into().unwrap(), Error::RepeatedOption);
            refused(|m| m.class = KernelClass::Deterministic, Error::NotDeterministic);
        });
    }

    #[test]
    fn registering_twice_fails() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));
            assert_noop!(Jobs::register_kernel(signed(BOB), manifest()), Error::<Test>::AlreadyRegistered);
        });
    }

    #[test]
    fn registering_fails_when_the_source_is_no_blob() {
        TestExt::new().build_and_execute(|| {
            FakeBlobs::remove(source());
            assert_noop!(Jobs::register_kernel(signed(ALICE), manifest()), Error::<Test>::UnknownBlob);
        });
    }

    #[test]
    fn registering_fails_when_the_source_is_announced_and_not_stored() {
        TestExt::new().build_and_execute(|| {
            FakeBlobs::announce(source(), 100);
            assert_noop!(Jobs::register_kernel(signed(ALICE), manifest()), Error::<Test>::SourceNotStored);
        });
    }

    #[test]
    fn registering_fails_when_the_source_is_a_byte_too_long() {
        TestExt::new().build_and_execute(|| {
            FakeBlobs::put(source(), MAX_SOURCE_BYTES + 1);
            assert_noop!(Jobs::register_kernel(signed(ALICE), manifest()), Error::<Test>::SourceTooLarge);
            FakeBlobs::put(source(), MAX_SOURCE_BYTES);
            assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));
        });
    }

    #[test]
    fn registering_fails_when_the_deposit_cannot_be_held() {
        TestExt::new().build_and_execute(|| {
            assert_noop!(Jobs::register_kernel(signed(EVE), manifest()), Error::<Test>::InsufficientBalance);
        });
    }

    #[test]
    fn unregistering_gives_everything_back() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));
            events();
            assert_ok!(Jobs::unregister_kernel(signed(ALICE), manifest().id()));

            let deposit = deposit(&manifest());
            assert_eq!((held(&ALICE), free(NATIVE, &ALICE)), (0, ENDOWMENT));
            assert_eq!(FakeBlobs::pins(source()), 0);
            assert!(!Kernels::<Test>::contains_key(manifest().id()));
            assert_eq!(events(), [Event::KernelUnregistered { kernel: manifest().id(), owner: ALICE, deposit }]);
        });
    }

    #[test]
    fn unregistering_fails_for_a_kernel_nobody_registered() {
        TestExt::new().build_and_execute(|| {
            assert_noop!(Jobs::unregister_kernel(signed(ALICE), manifest().id()), Error::<Test>::UnknownKernel);
        });
    }

    #[test]
    fn unregistering_fails_for_others() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));
            assert_noop!(Jobs::unregister_kernel(signed(BOB), manifest().id()), Error::<Test>::NotOwner);
        });
    }

    #[test]
    fn unregistering_fails_as_long_as_a_job_uses_the_kernel() {
        TestExt::new().build_and_execute(|| {
            let first = submit(spec(NATIVE, 1));
            let second = submit(spec(BLC, 1));
            let kernel = manifest().id();
            fail(task(first, 0), ReasonCode::NoWorker);
            assert_noop!(Jobs::unregister_kernel(signed(ADMIN), kernel), Error::<Test>::KernelInUse);
            fail(task(second, 0), ReasonCode::NoWorker);
            assert_ok!(Jobs::unregister_kernel(signed(ADMIN), kernel));
        });
    }

    #[test]
    fn calls_are_for_signed_origins() {
        TestExt::new().build_and_execute(|| {
            let none = RuntimeOrigin::none;
            assert_noop!(Jobs::register_kernel(none(), manifest()), DispatchError::BadOrigin);
            assert_noop!(Jobs::unregister_kernel(none(), manifest().id()), DispatchError::BadOrigin);
            assert_noop!(Jobs::submit_job(none(), spec(NATIVE, 1)), DispatchError::BadOrigin);
            assert_noop!(Jobs::cancel_job(none(), 0), DispatchError::BadOrigin);
            assert_noop!(Jobs::claim_owed(none(), ALICE, BOB, NATIVE), DispatchError::BadOrigin);
        });
    }
}

mod builds {
    use super::*;
    use crate::{Build, QUARANTINE_BLOCKS, VOUCHED_BLOCKS};

    const REASON: ReasonCode = ReasonCode::BuildFailed { log: Hash::repeat_byte(4) };

    fn kernel() -> KernelId {
        manifest().id()
    }

    /// Two workers report that the kernel does not build on CPUs.
    fn quarantine() {
        assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
        assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &BOB, REASON, false));
        assert!(Jobs::build_failed(&kernel(), DeviceClass::Cpu, &CAROL, REASON, false));
    }

    fn post(class: Option<DeviceClass>) -> DispatchResult {
        let mut asking = spec(NATIVE, 2);
        asking.requires.class = class;
        Jobs::submit_job(signed(ALICE), asking)
    }

    #[test]
    fn a_kernel_in_quarantine_is_refused_on_its_class_and_where_any_class_will_do() {
        TestExt::new().build_and_execute(|| {
            quarantine();
            assert_noop!(post(Some(DeviceClass::Cpu)), Error::<Test>::KernelQuarantined);
            assert_noop!(post(None), Error::<Test>::KernelQuarantined);
            assert_eq!(Jobs::quote(&spec(NATIVE, 1)), Err(Error::<Test>::KernelQuarantined.into()));
            assert_ok!(post(Some(DeviceClass::Gpu)));
            let [told] = Jobs::kernel(kernel()).unwrap().quarantines.try_into().unwrap();
            assert_eq!((told.class, told.until, told.reason), (DeviceClass::Cpu, 1 + QUARANTINE_BLOCKS, REASON));
            assert!(events().contains(&Event::KernelQuarantined {
                kernel: kernel(),
                class: DeviceClass::Cpu,
                until: told.until,
                reason: REASON
            }));
            System::set_block_number(told.until + 1);
            assert_ok!(post(None));
            assert_eq!(Jobs::kernel(kernel()).unwrap().quarantines, []);
        });
    }

    #[test]
    fn the_owner_and_root_may_vouch_and_nobody_else() {
        TestExt::new().build_and_execute(|| {
            quarantine();
            assert_noop!(Jobs::vouch_for_kernel(signed(BOB), kernel()), Error::<Test>::NotOwner);
            assert_noop!(Jobs::vouch_for_kernel(RuntimeOrigin::none(), kernel()), DispatchError::BadOrigin);
            assert_noop!(Jobs::vouch_for_kernel(signed(ADMIN), Hash::zero()), Error::<Test>::UnknownKernel);
            events();
            assert_ok!(Jobs::vouch_for_kernel(signed(ADMIN), kernel()));
            let until = 1 + VOUCHED_BLOCKS;
            let released = Event::KernelReleased { kernel: kernel(), class: DeviceClass::Cpu };
            assert_eq!(events(), [Event::KernelVouchedFor { kernel: kernel(), until }, released]);
            assert_ok!(post(None));
            // While the vouching holds, the same two workers cannot cause a quarantine.
            assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &BOB, REASON, false));
            assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &CAROL, REASON, true));
            System::set_block_number(until + 1);
            assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &BOB, REASON, false));
            assert!(Jobs::build_failed(&kernel(), DeviceClass::Cpu, &CAROL, REASON, false));
            assert_ok!(Jobs::vouch_for_kernel(RuntimeOrigin::root(), kernel()));
            assert_ok!(post(None));
        });
    }

    #[test]
    fn a_checked_result_is_remembered_and_costs_one_write_only() {
        TestExt::new().build_and_execute(|| {
            quarantine();
            assert_eq!(Jobs::built(&kernel(), DeviceClass::Cpu), [BOB, CAROL]);
            assert_eq!(Kernels::<Test>::get(kernel()).unwrap().builds.of(DeviceClass::Cpu), Some(&Build::Proved));
            assert_ok!(post(None));
            let before = Kernels::<Test>::get(kernel());
            assert_eq!(Jobs::built(&kernel(), DeviceClass::Cpu), []);
            assert!(!Jobs::build_failed(&kernel(), DeviceClass::Cpu, &BOB, REASON, true));
            assert_eq!(Kernels::<Test>::get(kernel()), before);
            assert_eq!(Jobs::built(&Hash::zero(), DeviceClass::Cpu), []);
        });
    }

    #[test]
    fn a_task_that_nobody_has_tried_is_given_back_in_full() {
        TestExt::new().build_and_execute(|| {
            let before = free(NATIVE, &ALICE);
            let job = submit(spec(NATIVE, 2));
            for index in 0..2 {
                assign(task(job, index));
                <Jobs as JobLedger>::give_back(task(job, index), REASON);
            }
            assert_eq!((free(NATIVE, &ALICE), escrow(NATIVE, &ALICE)), (before, 0));
            assert_eq!(free(NATIVE, &POT), 0);
        });
    }
}

mod submission {
    use super::*;

    #[test]
    fn inputs_that_no_worker_must_hold_are_refused() {
        use dpin_primitives::job::MAX_JOB_INPUT_BYTES;
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
            FakeBlobs::announce(input(), MAX_JOB_INPUT_BYTES + 1);
            let post = || Jobs::submit_job(signed(ALICE), spec(NATIVE, 1));
            assert_noop!(post(), Error::<Test>::InputsTooLarge);
            assert_eq!(Jobs::quote(&spec(NATIVE, 1)), Err(Error::<Test>::InputsTooLarge.into()));
            FakeBlobs::announce(input(), MAX_JOB_INPUT_BYTES);
            assert_ok!(post());
        });
    }

    #[test]
    fn the_inputs_are_summed() {
        use dpin_primitives::job::MAX_JOB_INPUT_BYTES;
        TestExt::new().build_and_execute(|| {
            let mut two = manifest();
            two.params.try_push(Param::Input).unwrap();
            assert_ok!(Jobs::register_kernel(signed(ADMIN), two.clone()));
            let mut both = JobSpec { kernel: two.id(), ..spec(NATIVE, 1) };
            let other = Hash::repeat_byte(0x60);
            both.inputs.try_push(other).unwrap();
            FakeBlobs::announce(input(), MAX_JOB_INPUT_BYTES / 2);
            FakeBlobs::announce(other, MAX_JOB_INPUT_BYTES / 2 + 1);
            assert_noop!(Jobs::submit_job(signed(ALICE), both.clone()), Error::<Test>::InputsTooLarge);
            FakeBlobs::announce(other, u64::MAX);
            assert_noop!(Jobs::submit_job(signed(ALICE), both.clone()), Error::<Test>::InputsTooLarge);
            FakeBlobs::announce(other, MAX_JOB_INPUT_BYTES / 2);
            assert_ok!(Jobs::submit_job(signed(ALICE), both));
        });
    }

    #[test]
    fn a_job_holds_what_its_tasks_may_cost() {
        TestExt::new().build_and_execute(|| {
            // The reward, 0.25 % for the reservation fee, and 5 % for the auditors.
            let per_task = 100_000 + 250 + 5_000;
            let job = submit(spec(NATIVE, 3));

            assert_eq!(escrow(NATIVE, &ALICE), 3 * per_task);
            assert_eq!(free(NATIVE, &ALICE), ENDOWMENT - 3 * per_task);
            let record = Jobs::job(job).unwrap();
            assert_eq!(record.requester, ALICE);
            assert_eq!(record.spec, spec(NATIVE, 3));
            assert_eq!(record.shape, JobShape { groups: [300, 2, 1], total: 600, tasks: 3 });
            assert_eq!(record.cost.total(), per_task);
            assert_eq!((record.submitted, record.open), (1, 3));
            assert_eq!(Kernels::<Test>::get(manifest().id()).unwrap().jobs, 1);
            assert_eq!(FakeBlobs::pins(input()), 1);
            assert_eq!(
                events().pop(),
                Some(Event::JobSubmitted {
                    job,
                    requester: ALICE,
                    kernel: manifest().id(),
                    tasks: 3,
                    escrow: 3 * per_task
                })
            );
        });
    }

    #[test]
    fn a_job_in_blc_holds_blc_and_pays_the_surcharge() {
        TestExt::new().build_and_execute(|| {
            submit(spec(BLC, 2));
            assert_eq!(escrow(BLC, &ALICE), 2 * (100_000 + 250 + 2_000 + 5_000));
            assert_eq!(free(NATIVE, &ALICE), ENDOWMENT);
        });
    }

    #[test]
    fn every_task_is_queued_once() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 3));
            let queued = |index| FakeQueue::contains(task(job, index));
            assert_eq!([queued(0), queued(1), queued(2), queued(3)], [true, true, true, false]);
        });
    }

    #[test]
    fn jobs_are_counted_from_0() {
        TestExt::new().build_and_execute(|| {
            assert_eq!(submit(spec(NATIVE, 1)), 0);
            assert_eq!(submit(spec(BLC, 1)), 1);
            assert_eq!(Jobs::job_count(), 2);
        });
    }

    fn submit_jobs(specs: Vec<JobSpec>) -> DispatchResult {
        Jobs::submit_jobs(signed(ALICE), specs.try_into().unwrap())
    }

    #[test]
    fn jobs_that_are_posted_together_are_as_if_each_were_posted_alone() {
        let specs = || {
            let mut larger = spec(BLC, 3);
            larger.audit.auditors = 1;
            vec![spec(BLC, 1), larger, spec(BLC, 2)]
        };
        let posted = |together: bool| {
            TestExt::new().build().execute_with(|| {
                let before = submit(spec(NATIVE, 1));
                if together {
                    assert_ok!(submit_jobs(specs()));
                } else {
                    for spec in specs() {
                        assert_ok!(Jobs::submit_job(signed(ALICE), spec));
                    }
                }
                let own: Vec<_> = events().into_iter().filter(|e| matches!(e, Event::JobSubmitted { .. })).collect();
                assert_eq!(own.len(), 4);
                let records: Vec<_> = (before..Jobs::job_count()).map(|job| Jobs::job(job).unwrap()).collect();
                let previous: Vec<_> = records.iter().map(|record| record.previous).collect();
                assert_eq!(previous, [None, Some(0), Some(1), Some(2)]);
                let queued: Vec<bool> = (0..8).map(|n| FakeQueue::contains(task(1 + n / 2, (n % 2) as u32))).collect();
                let kernel = Kernels::<Test>::get(manifest().id()).unwrap().jobs;
                check_invariants();
                let account = (escrow(BLC, &ALICE), free(BLC, &ALICE), LastJob::<Test>::get(ALICE));
                (own, records, queued, kernel, account, Jobs::open_job_count(), FakeBlobs::pins(input()))
            })
        };
        assert_eq!(posted(true), posted(false));
    }

    #[test]
    fn jobs_are_posted_together_or_none_of_them() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            let good = || spec(NATIVE, 1);
            assert_noop!(submit_jobs(vec![]), Error::<Test>::NoJobs);
            assert_noop!(submit_jobs(vec![good(), spec(BLC, 1)]), Error::<Test>::MixedJobs);
            let other = JobSpec { kernel: KernelId::repeat_byte(1), ..good() };
            assert_noop!(submit_jobs(vec![good(), other.clone()]), Error::<Test>::MixedJobs);
            assert_noop!(submit_jobs(vec![other]), Error::<Test>::UnknownKernel);
            let mut cheap = good();
            cheap.reward.per_task = 0;
            assert_noop!(submit_jobs(vec![good(), cheap]), Error::<Test>::RewardTooLow);
            // Enough for each of them alone, not for both.
            let per_task = Jobs::quote(&good()).unwrap().total;
            let mut dear = good();
            dear.reward.per_task = good().reward.per_task * (free(NATIVE, &ALICE) / per_task) * 2 / 3;
            assert_noop!(submit_jobs(vec![dear.clone(), dear.clone()]), Error::<Test>::InsufficientBalance);
            assert_ok!(submit_jobs(vec![dear]));
            assert_eq!(Jobs::job_count(), job + 2);
        });
    }

    #[test]
    fn jobs_that_are_posted_together_weigh_what_they_are() {
        let weight = |specs: &[(u32, u32)]| {
            let specs: Vec<JobSpec> = specs
                .iter()
                .map(|(tasks, inputs)| JobSpec {
                    inputs: vec![input(); *inputs as usize].try_into().unwrap(),
                    ..spec(NATIVE, *tasks)
                })
                .collect();
            crate::Call::<Test>::submit_jobs { specs: specs.try_into().unwrap() }.get_dispatch_info().call_weight
        };
        let alone = <() as WeightInfo>::submit_job;
        assert_eq!(weight(&[(1, 0); 64]), <() as WeightInfo>::submit_jobs(64));
        let more = alone(7, 2).saturating_sub(alone(1, 0));
        assert_eq!(weight(&[(7, 2), (1, 0)]), <() as WeightInfo>::submit_jobs(2) + more);
        assert!(weight(&[(1, 0); 64]).all_lt(alone(1, 0) * 64));
    }

    #[test]
    fn auto_splits_by_the_workers_of_the_class() {
        TestExt::new().build_and_execute(|| {
            Available::set(1_000);
            let tasks = |class| {
                let mut spec = spec(NATIVE, 1);
                spec.tasks = TaskCount::Auto;
                spec.requires.class = class;
                Jobs::job(submit(spec)).unwrap().shape.tasks
            };
            assert_eq!(tasks(None), auto_tasks(1_000, 600));
            assert_eq!(tasks(Some(DeviceClass::Cpu)), 10);
            assert_eq!(tasks(Some(DeviceClass::Gpu)), 1);
        });
    }

    #[test]
    fn an_auto_job_is_weighed_for_as_many_tasks_as_there_could_be() {
        assert_eq!(crate::pallet::weighed_tasks(&TaskCount::Auto), auto_tasks(u32::MAX, u64::MAX));
        assert_eq!(crate::pallet::weighed_tasks(&TaskCount::Exactly(u32::MAX)), MAX_TASKS);
    }

    #[test]
    fn a_blob_named_twice_is_kept_twice() {
        TestExt::new().build_and_execute(|| {
            let mut manifest = manifest();
            manifest.params = vec![Param::Input, Param::Input, Param::Output].try_into().unwrap();
            assert_ok!(Jobs::register_kernel(signed(BOB), manifest.clone()));
            let job = submit(JobSpec {
                kernel: manifest.id(),
                scalars: Default::default(),
                inputs: vec![input(), input()].try_into().unwrap(),
                ..spec(NATIVE, 1)
            });
            assert_eq!(FakeBlobs::pins(input()), 2);
            fail(task(job, 0), ReasonCode::NoWorker);
            assert_eq!(FakeBlobs::pins(input()), 0);
        });
    }

    #[test]
    fn an_unsound_job_is_refused_with_its_own_error_and_changes_nothing() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
            let refused = |change: fn(&mut JobSpec), error: Error<Test>| {
                let mut spec = spec(NATIVE, 2);
                change(&mut spec);
                let error = DispatchError::from(error);
                assert_eq!(Jobs::quote(&spec).map(|quote| quote.total), Err(error));
                assert_noop!(Jobs::submit_job(signed(ALICE), spec), error);
            };
            refused(|s| s.kernel = Hash::zero(), Error::UnknownKernel);
            refused(|s| s.global_size = [0, 1, 1], Error::InvalidGlobalSize);
            refused(|s| s.global_size = [17, 1, 1], Error::InvalidGlobalSize);
            refused(|s| s.global_size = [u32::MAX - 15, u32::MAX, u32::MAX], Error::InvalidGlobalSize);
            refused(|s| s.scalars = Default::default(), Error::WrongScalarCount);
            refused(|s| s.scalars[0] = vec![0; 8].try_into().unwrap(), Error::WrongScalarWidth);
            refused(|s| s.inputs = Default::default(), Error::WrongInputCount);
            refused(|s| s.inputs = vec![input(); 2].try_into().unwrap(), Error::WrongInputCount);
            refused(|s| s.tasks = TaskCount::Exactly(0), Error::InvalidTaskCount);
            refused(|s| s.tasks = TaskCount::Exactly(601), Error::InvalidTaskCount);
            refused(|s| s.tasks = TaskCount::Exactly(u32::MAX), Error::InvalidTaskCount);
            refused(|s| s.global_size = [1 << 30, 1 << 10, 1], Error::OutputTooLarge);
            refused(|s| s.audit.auditors = 8, Error::InvalidAuditPolicy);
            refused(|s| s.audit.samples = Samples::Count(0), Error::InvalidAuditPolicy);
            refused(|s| s.audit.challenge_blocks = MAX_RUN_BLOCKS + 1, Error::InvalidAuditPolicy);
            refused(|s| s.run_blocks = 0, Error::InvalidDeadline);
            refused(|s| s.run_blocks = MAX_RUN_BLOCKS + 1, Error::InvalidDeadline);
            refused(|s| s.requires.region = b"A".to_vec().try_into().unwrap(), Error::InvalidRegion);
            refused(|s| s.inputs[0] = Hash::zero(), Error::UnknownBlob);
            refused(|s| s.reward.asset = AssetKind::WithId(77), Error::UnknownAsset);
            refused(|s| s.reward.per_task = 0, Error::RewardTooLow);
            refused(|s| s.reward.per_task = MIN_REWARD - 1, Error::RewardTooLow);
            refused(|s| s.reward.per_task = Balance::MAX, Error::CostOverflow);
            refused(|s| s.reward.per_task = Balance::MAX / 2, Error::CostOverflow);
        });
    }

    #[test]
    fn a_job_costs_at_most_what_can_be_held() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(BOB), manifest()));
            for asset in [NATIVE, BLC] {
                let mut spec = JobSpec { audit: AuditPolicy { auditors: 0, ..Default::default() }, ..spec(asset, 1) };
                let available = free(spec.reward.asset.clone(), &ALICE) - ED;
                let total = |spec: &JobSpec| Jobs::quote(spec).unwrap().total;
                spec.reward.per_task = available * 96 / 100;
                while total(&spec) <= available {
                    spec.reward.per_task += 10_000;
                }
                while total(&spec) > available {
                    spec.reward.per_task -= 1;
                }
                let dearer = JobSpec {
                    reward: dpin_primitives::job::Reward { per_task: spec.reward.per_task + 2, ..spec.reward.clone() },
                    ..spec.clone()
                };
                assert!(total(&dearer) > available);
                assert_noop!(Jobs::submit_job(signed(ALICE), dearer), Error::<Test>::InsufficientBalance);
                assert_ok!(Jobs::submit_job(signed(ALICE), spec));
            }
        });
    }

    #[test]
    fn who_has_nothing_posts_nothing() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
            for asset in [NATIVE, BLC, INSUFFICIENT] {
                assert_noop!(Jobs::submit_job(signed(EVE), spec(asset, 1)), Error::<Test>::InsufficientBalance);
            }
        });
    }

    #[test]
    fn frozen_funds_are_not_escrowed() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
            assert_ok!(Assets::freeze(signed(ADMIN), 1, ALICE));
            assert_noop!(Jobs::submit_job(signed(ALICE), spec(BLC, 1)), Error::<Test>::InsufficientBalance);
        });
    }

    #[test]
    fn an_asset_with_escrow_cannot_be_destroyed() {
        TestExt::new().build_and_execute(|| {
            submit(spec(BLC, 1));
            let refused = pallet_assets_error();
            assert_noop!(Assets::start_destroy(signed(ADMIN), 1), refused);
        });
    }

    fn pallet_assets_error() -> DispatchError {
        polkadot_sdk::pallet_assets::Error::<Test>::ContainsHolds.into()
    }

    #[test]
    fn the_fees_tell_what_each_part_of_a_quote_is_for() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
            for (asset, surcharge) in [(NATIVE, 0), (BLC, 2_000)] {
                let spec = spec(asset, 3);
                let quote = Jobs::quote(&spec).unwrap();
                let fees = Jobs::fees(&spec).unwrap();
                assert_eq!((fees.tasks, fees.per_task, fees.total), (3, quote.per_task, quote.total));
                assert_eq!((fees.rewards, fees.auditors), (3 * 100_000, 3 * 2 * 2_500));
                assert_eq!((fees.reservation, fees.surcharge), (3 * 250, 3 * surcharge));
                assert_eq!((fees.worker_fees, fees.transaction), (3 * 250, 0));
            }
        });
    }

    #[test]
    fn the_fees_of_an_unsound_job_are_its_error() {
        TestExt::new().build_and_execute(|| {
            assert_eq!(Jobs::fees(&spec(NATIVE, 3)), Err(Error::<Test>::UnknownKernel.into()));
        });
    }

    #[test]
    fn a_quote_tells_what_posting_holds() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
            for spec in [spec(NATIVE, 7), spec(BLC, 256)] {
                let spec = JobSpec { audit: AuditPolicy { auditors: 3, ..Default::default() }, ..spec };
                let asset = spec.reward.asset.clone();
                let spec =
                    JobSpec { reward: dpin_primitives::job::Reward { asset: asset.clone(), per_task: 12_345 }, ..spec };
                let quote = Jobs::quote(&spec).unwrap();
                let job = submit(spec.clone());
                let record = Jobs::job(job).unwrap();
                assert_eq!(quote.total, escrow(asset, &ALICE));
                assert_eq!((quote.shape, quote.per_task, quote.audit), (record.shape, record.cost, spec.audit));
            }
        });
    }
}

mod settlement {
    use super::*;

    #[test]
    fn settling_shares_out_the_escrow_of_the_task() {
        for (asset, fee) in [(NATIVE, 250), (BLC, 2_250)] {
            TestExt::new().build_and_execute(|| {
                let job = submit(spec(asset.clone(), 2));
                let total = escrow(asset.clone(), &ALICE);
                events();
                settle(task(job, 0), BOB, &[CAROL, DAVE]);

                assert_eq!(free(asset.clone(), &BOB), ENDOWMENT + 100_000 - 250);
                assert_eq!(free(asset.clone(), &CAROL), ENDOWMENT + 2_500);
                assert_eq!(free(asset.clone(), &DAVE), ENDOWMENT + 2_500);
                assert_eq!(free(asset.clone(), &POT), fee + 250);
                assert_eq!(escrow(asset.clone(), &ALICE), total / 2);
                assert_eq!(free(asset.clone(), &ALICE), ENDOWMENT - total);
                assert_eq!(
                    events(),
                    [Event::TaskSettled {
                        task: task(job, 0),
                        worker: BOB,
                        paid: 99_750,
                        auditors: vec![(CAROL, 2_500), (DAVE, 2_500)],
                        revenue: fee + 250,
                        refund: 0,
                    }]
                );
                assert_eq!(Jobs::job(job).unwrap().open, 1);
                assert_eq!(
                    Jobs::task_end(task(job, 0)),
                    Some(TaskEnd::Settled { worker: BOB, commitment: commitment(), auditors: vec![CAROL, DAVE] })
                );
            });
        }
    }

    #[test]
    fn the_pay_of_missing_auditors_goes_back() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            settle(task(job, 0), BOB, &[CAROL]);
            assert_eq!(free(NATIVE, &CAROL), ENDOWMENT + 2_500);
            assert_eq!(free(NATIVE, &ALICE), ENDOWMENT - 100_000 - 250 - 2_500);
        });
    }

    #[test]
    fn no_more_auditors_are_paid_than_were_asked_for() {
        TestExt::new().build_and_execute(|| {
            let audit = AuditPolicy { auditors: 1, ..Default::default() };
            let job = submit(JobSpec { audit, ..spec(NATIVE, 1) });
            settle(task(job, 0), BOB, &[CAROL, DAVE]);
            assert_eq!(free(NATIVE, &CAROL), ENDOWMENT + 5_000);
            assert_eq!(free(NATIVE, &DAVE), ENDOWMENT);
        });
    }

    #[test]
    fn a_job_without_audit_pays_the_worker_alone() {
        TestExt::new().build_and_execute(|| {
            let audit = AuditPolicy { auditors: 0, ..Default::default() };
            let job = submit(JobSpec { audit, ..spec(NATIVE, 1) });
            settle(task(job, 0), BOB, &[]);
            assert_eq!(free(NATIVE, &BOB), ENDOWMENT + 99_750);
            assert_eq!(free(NATIVE, &ALICE), ENDOWMENT - 100_250);
        });
    }

    #[test]
    fn a_task_is_closed_once() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 2));
            settle(task(job, 0), BOB, &[CAROL]);
            let held = escrow(NATIVE, &ALICE);
            events();
            <Jobs as JobLedger>::settle(task(job, 0), &BOB, commitment(), &[CAROL]);
            <Jobs as JobLedger>::fail(task(job, 0), ReasonCode::Timeout);
            assert_eq!(escrow(NATIVE, &ALICE), held);
            assert_eq!(events(), []);
        });
    }

    #[test]
    fn nothing_happens_to_a_task_that_is_none() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 2));
            events();
            for task in [task(job, 2), task(job, u32::MAX), task(job + 1, 0), task(JobId::MAX, 0)] {
                <Jobs as JobLedger>::settle(task, &BOB, commitment(), &[]);
                <Jobs as JobLedger>::fail(task, ReasonCode::Timeout);
                assert_eq!(<Jobs as JobLedger>::brief(task), None);
                assert_eq!(<Jobs as JobLedger>::run_request(task, Work::Task), None);
            }
            assert_eq!(events(), []);
        });
    }

    #[test]
    fn a_failed_task_is_refunded_in_full() {
        for asset in [NATIVE, BLC] {
            TestExt::new().build_and_execute(|| {
                let job = submit(spec(asset.clone(), 2));
                let total = escrow(asset.clone(), &ALICE);
                events();
                fail(task(job, 1), ReasonCode::NoWorker);

                assert_eq!(escrow(asset.clone(), &ALICE), total / 2);
                assert_eq!(free(asset.clone(), &ALICE), ENDOWMENT - total / 2);
                let refund = total / 2;
                assert_eq!(
                    events(),
                    [Event::TaskFailed { task: task(job, 1), reason: ReasonCode::NoWorker, refund, fee: 0 }]
                );
                assert_eq!(Jobs::task_end(task(job, 1)), Some(TaskEnd::Failed { reason: ReasonCode::NoWorker }));
            });
        }
    }

    #[test]
    fn a_failure_of_the_requesters_own_making_costs_the_fee() {
        let log = Hash::repeat_byte(1);
        let reasons = [
            ReasonCode::Timeout,
            ReasonCode::OutOfMemory,
            ReasonCode::BuildFailed { log },
            ReasonCode::KernelFault { log },
        ];
        for reason in reasons {
            TestExt::new().build_and_execute(|| {
                let job = submit(spec(BLC, 1));
                events();
                fail(task(job, 0), reason);
                assert_eq!(free(BLC, &POT), 2_250);
                assert_eq!(free(BLC, &ALICE), ENDOWMENT - 2_250);
                let refund = 100_000 + 5_000;
                assert_eq!(events()[0], Event::TaskFailed { task: task(job, 0), reason, refund, fee: 2_250 });
            });
        }
    }

    #[test]
    fn refunds_follow_a_partial_failure() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 3));
            settle(task(job, 0), BOB, &[CAROL, DAVE]);
            fail(task(job, 1), ReasonCode::Timeout);
            fail(task(job, 2), ReasonCode::NoAuditors);
            assert_eq!(escrow(NATIVE, &ALICE), 0);
            assert_eq!(free(NATIVE, &ALICE), ENDOWMENT - 105_250 - 250);
            assert_eq!(free(NATIVE, &POT), 500 + 250);
            assert_eq!((SettledTasks::<Test>::get(), crate::FailedTasks::<Test>::get()), (1, 2));
        });
    }

    #[test]
    fn locks_of_the_requester_do_not_stop_payments() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            Balances::set_lock(*b"elsewher", &ALICE, ENDOWMENT, WithdrawReasons::all());
            settle(task(job, 0), BOB, &[]);
            assert_eq!(free(NATIVE, &BOB), ENDOWMENT + 99_750);
        });
    }

    #[test]
    fn the_fees_of_the_day_of_posting_hold() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            let fees = Perbill::from_percent(50);
            Fees::set(FeePolicy { reservation: fees, surcharge: fees, audit: fees, audit_minimum: 1_000_000 });
            settle(task(job, 0), BOB, &[CAROL, DAVE]);
            assert_eq!(free(NATIVE, &BOB), ENDOWMENT + 99_750);
            assert_eq!(free(NATIVE, &CAROL), ENDOWMENT + 2_500);
        });
    }

    #[test]
    fn a_job_at_the_limit_of_the_balance_settles_exactly() {
        TestExt::new().build_and_execute(|| {
            let mut spec = spec(INSUFFICIENT, 1);
            spec.reward.per_task = 9_000_000;
            let total = {
                let job = submit(spec);
                let total = escrow(INSUFFICIENT, &ALICE);
                settle(task(job, 0), BOB, &[CAROL, DAVE]);
                total
            };
            let gained = [BOB, CAROL, DAVE].map(|who| free(INSUFFICIENT, &who) - ENDOWMENT);
            assert_eq!(gained.iter().sum::<Balance>() + free(INSUFFICIENT, &POT), total);
            assert_eq!(free(INSUFFICIENT, &ALICE), ENDOWMENT - total);
        });
    }
}

mod demand {
    use super::*;

    #[test]
    fn is_the_fees_of_a_settled_task_and_who_was_paid() {
        for (asset, fees) in [(NATIVE, 500), (BLC, 2_500)] {
            TestExt::new().build_and_execute(|| {
                let job = submit(spec(asset.clone(), 2));
                settle(task(job, 0), BOB, &[CAROL, DAVE]);
                let paid = vec![(BOB, 99_750), (CAROL, 2_500), (DAVE, 2_500)];
                assert_eq!(FakeDemand::told(), [(asset.clone(), fees, paid)]);
                assert_eq!(free(asset.clone(), &POT), fees);

                settle(task(job, 1), CAROL, &[]);
                assert_eq!(FakeDemand::told(), [(asset.clone(), fees, vec![(CAROL, 99_750)])]);
            });
        }
    }

    #[test]
    fn counts_pay_that_became_a_debt() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 1));
            block(1, BOB);
            block(1, CAROL);
            settle(task(job, 0), BOB, &[CAROL]);
            assert_eq!(Owed::<Test>::iter().count(), 2);
            assert_eq!(FakeDemand::told(), [(BLC, 2_500, vec![(BOB, 99_750), (CAROL, 2_500)])]);
        });
    }

    #[test]
    fn does_not_count_fees_that_became_a_debt() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 1));
            assert_ok!(Assets::touch_other(signed(ADMIN), 1, POT));
            block(1, POT);
            settle(task(job, 0), BOB, &[CAROL]);
            assert_eq!(Owed::<Test>::get(POT, (ALICE, BLC)), 2_500);
            assert_eq!(FakeDemand::told(), []);

            unblock(1, POT);
            assert_ok!(Jobs::claim_owed(signed(BOB), POT, ALICE, BLC));
            assert_eq!(free(BLC, &POT), 2_500);
            assert_eq!(FakeDemand::told(), [], "nor when they are delivered later");
        });
    }

    #[test]
    fn is_none_where_there_are_no_fees() {
        TestExt::new().build_and_execute(|| {
            Fees::mutate(|fees| fees.reservation = Perbill::zero());
            let job = submit(spec(NATIVE, 1));
            settle(task(job, 0), BOB, &[CAROL]);
            assert_eq!(free(NATIVE, &POT), 0);
            assert_eq!(FakeDemand::told(), []);
        });
    }

    #[test]
    fn is_none_of_a_failed_task_even_for_the_fee() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 2));
            fail(task(job, 0), ReasonCode::Timeout);
            fail(task(job, 1), ReasonCode::NoWorker);
            assert_eq!(free(BLC, &POT), 2_250);
            assert_eq!(FakeDemand::told(), []);
        });
    }

    #[test]
    fn is_none_of_a_task_that_is_closed_or_a_canary() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 2));
            settle(task(job, 0), BOB, &[]);
            FakeDemand::told();
            for task in [task(job, 0), task(dpin_primitives::CANARY_JOBS, 0)] {
                <Jobs as JobLedger>::settle(task, &BOB, commitment(), &[CAROL]);
            }
            assert_eq!(FakeDemand::told(), []);
        });
    }
}

mod debts {
    use super::*;

    fn owed(creditor: &AccountId, asset: AssetKind) -> Balance {
        Owed::<Test>::get(creditor, (ALICE, asset))
    }

    #[test]
    fn a_blocked_worker_is_owed_and_claims_later() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 1));
            block(1, BOB);
            events();
            settle(task(job, 0), BOB, &[CAROL, DAVE]);

            assert_eq!(Jobs::job(job), None, "the job ends all the same");
            assert_eq!(free(BLC, &CAROL), ENDOWMENT + 2_500);
            assert_eq!(owed(&BOB, BLC), 99_750);
            assert_eq!(escrow(BLC, &ALICE), 99_750);
            assert_eq!(events()[0], Event::PaymentOwed { creditor: BOB, requester: ALICE, asset: BLC, amount: 99_750 });
            let blocked: DispatchError = TokenError::CannotCreate.into();
            assert_noop!(Jobs::claim_owed(signed(BOB), BOB, ALICE, BLC), blocked);

            unblock(1, BOB);
            assert_ok!(Jobs::claim_owed(signed(EVE), BOB, ALICE, BLC));
            assert_eq!(free(BLC, &BOB), ENDOWMENT + 99_750);
            assert_eq!((owed(&BOB, BLC), escrow(BLC, &ALICE)), (0, 0));
            assert_eq!(events(), [Event::OwedPaid { creditor: BOB, requester: ALICE, asset: BLC, amount: 99_750 }]);
        });
    }

    #[test]
    fn a_frozen_asset_pays_when_it_thaws() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 1));
            let total = escrow(BLC, &ALICE);
            assert_ok!(Assets::freeze_asset(signed(ADMIN), 1));
            settle(task(job, 0), BOB, &[CAROL]);
            assert_eq!([BOB, CAROL, ALICE, POT].map(|who| owed(&who, BLC)), [99_750, 2_500, 2_500, 2_500]);
            assert_eq!(escrow(BLC, &ALICE), total, "nothing that was begun is left half done");

            assert_ok!(Assets::thaw_asset(signed(ADMIN), 1));
            for who in [BOB, CAROL, ALICE, POT] {
                assert_ok!(Jobs::claim_owed(signed(EVE), who, ALICE, BLC));
            }
            assert_eq!(free(BLC, &BOB), ENDOWMENT + 99_750);
            assert_eq!(escrow(BLC, &ALICE), 0);
        });
    }

    #[test]
    fn debts_to_one_creditor_add_up() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 2));
            block(1, BOB);
            settle(task(job, 0), BOB, &[]);
            settle(task(job, 1), BOB, &[]);
            assert_eq!(owed(&BOB, BLC), 2 * 99_750);
        });
    }

    #[test]
    fn a_blocked_requester_is_owed_its_refund() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 1));
            let total = escrow(BLC, &ALICE);
            block(1, ALICE);
            fail(task(job, 0), ReasonCode::NoWorker);
            assert_eq!((owed(&ALICE, BLC), escrow(BLC, &ALICE)), (total, total));

            unblock(1, ALICE);
            assert_ok!(Jobs::claim_owed(signed(ALICE), ALICE, ALICE, BLC));
            assert_eq!(free(BLC, &ALICE), ENDOWMENT);
        });
    }

    #[test]
    fn a_blocked_requester_still_pays() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 1));
            block(1, ALICE);
            settle(task(job, 0), BOB, &[CAROL, DAVE]);
            assert_eq!(free(BLC, &BOB), ENDOWMENT + 99_750);
        });
    }

    #[test]
    fn revenue_below_the_least_balance_waits_for_the_pot() {
        TestExt::new().build_and_execute(|| {
            let mut cheap = spec(NATIVE, 2);
            cheap.reward.per_task = MIN_REWARD;
            let job = submit(cheap);
            settle(task(job, 0), BOB, &[CAROL, DAVE]);
            assert_eq!((free(NATIVE, &POT), owed(&POT, NATIVE)), (0, 6));
            let too_little: DispatchError = TokenError::CannotCreate.into();
            assert_noop!(Jobs::claim_owed(signed(BOB), POT, ALICE, NATIVE), too_little);

            settle(task(job, 1), BOB, &[CAROL, DAVE]);
            assert_eq!((free(NATIVE, &POT), owed(&POT, NATIVE)), (0, 12));
            assert_ok!(Jobs::claim_owed(signed(BOB), POT, ALICE, NATIVE));
            assert_eq!((free(NATIVE, &POT), owed(&POT, NATIVE)), (12, 0));
        });
    }

    #[test]
    fn an_account_that_was_reaped_is_created_again_by_its_pay() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            assert!(!System::account_exists(&EVE));
            settle(task(job, 0), EVE, &[]);
            assert_eq!(free(NATIVE, &EVE), 99_750);
        });
    }

    #[test]
    fn an_auditor_that_was_reaped_is_owed_what_is_below_the_least_balance() {
        TestExt::new().build_and_execute(|| {
            Fees::mutate(|fees| (fees.audit, fees.audit_minimum) = (Perbill::zero(), ED - 1));
            let job = submit(spec(NATIVE, 1));
            settle(task(job, 0), BOB, &[EVE, CAROL]);
            assert_eq!((free(NATIVE, &EVE), owed(&EVE, NATIVE)), (0, ED - 1));
            assert_eq!(free(NATIVE, &CAROL), ENDOWMENT + ED - 1);

            assert_ok!(Balances::transfer_allow_death(signed(BOB), EVE, ED));
            assert_ok!(Jobs::claim_owed(signed(EVE), EVE, ALICE, NATIVE));
            assert_eq!(free(NATIVE, &EVE), 2 * ED - 1);
        });
    }

    #[test]
    fn the_pot_can_hold_an_asset_that_keeps_no_account_alive() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(INSUFFICIENT, 1));
            settle(task(job, 0), EVE, &[]);
            assert_eq!(free(INSUFFICIENT, &POT), 2_500);
            assert_eq!(owed(&EVE, INSUFFICIENT), 99_750, "EVE has no account that the asset could belong to");
        });
    }

    #[test]
    fn nobody_spends_what_it_owes() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 1));
            block(1, BOB);
            settle(task(job, 0), BOB, &[CAROL, DAVE]);
            let all = free(BLC, &ALICE);
            assert!(<Assets as Mutate<AccountId>>::transfer(1, &ALICE, &CAROL, all, Preservation::Expendable).is_err());
            assert_ok!(<Assets as Mutate<AccountId>>::transfer(1, &ALICE, &CAROL, all - ED, Preservation::Expendable));
            assert_eq!(escrow(BLC, &ALICE), 99_750);
        });
    }

    #[test]
    fn claiming_fails_when_nothing_is_owed() {
        TestExt::new().build_and_execute(|| {
            submit(spec(NATIVE, 1));
            assert_noop!(Jobs::claim_owed(signed(BOB), BOB, ALICE, NATIVE), Error::<Test>::NothingOwed);
            assert_noop!(Jobs::claim_owed(signed(ALICE), ALICE, ALICE, NATIVE), Error::<Test>::NothingOwed);
        });
    }
}

mod cancelling {
    use super::*;

    #[test]
    fn a_job_that_nobody_works_on_is_refunded_and_ends() {
        for asset in [NATIVE, BLC] {
            TestExt::new().build_and_execute(|| {
                let job = submit(spec(asset.clone(), 3));
                assert_ok!(Jobs::cancel_job(signed(ALICE), job));
                assert_eq!((free(asset.clone(), &ALICE), escrow(asset.clone(), &ALICE)), (ENDOWMENT, 0));
                assert_eq!(Jobs::job(job), None);
                assert!(!FakeQueue::contains(task(job, 2)));
                assert_eq!(events().pop(), Some(Event::JobEnded { job, settled: 0, failed: 3 }));
            });
        }
    }

    #[test]
    fn tasks_that_are_assigned_go_on() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 3));
            assign(task(job, 1));
            events();
            assert_ok!(Jobs::cancel_job(signed(ALICE), job));

            let (reason, refund, fee) = (ReasonCode::Cancelled, 105_250, 0);
            let failed = |index| Event::TaskFailed { task: task(job, index), reason, refund, fee };
            assert_eq!(events(), [failed(0), failed(2)]);
            assert_eq!(Jobs::job(job).unwrap().open, 1);
            assert_eq!(escrow(NATIVE, &ALICE), 105_250);

            <Jobs as JobLedger>::settle(task(job, 1), &BOB, commitment(), &[CAROL]);
            assert_eq!(events().pop(), Some(Event::JobEnded { job, settled: 1, failed: 2 }));
        });
    }

    #[test]
    fn cancelling_fails_when_no_task_is_queued() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            assign(task(job, 0));
            assert_noop!(Jobs::cancel_job(signed(ALICE), job), Error::<Test>::NothingToCancel);
        });
    }

    #[test]
    fn cancelling_fails_for_a_job_that_is_not_there() {
        TestExt::new().build_and_execute(|| {
            assert_noop!(Jobs::cancel_job(signed(ALICE), 0), Error::<Test>::UnknownJob);
            let job = submit(spec(NATIVE, 1));
            fail(task(job, 0), ReasonCode::NoWorker);
            assert_noop!(Jobs::cancel_job(signed(ALICE), job), Error::<Test>::UnknownJob);
        });
    }

    #[test]
    fn cancelling_fails_for_others() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            assert_noop!(Jobs::cancel_job(signed(BOB), job), Error::<Test>::NotRequester);
        });
    }
}

mod ends {
    use super::*;

    #[test]
    fn an_ended_job_leaves_only_its_summary() {
        let mut ext = TestExt::new().build();
        ext.execute_with(|| {
            let job = submit(spec(BLC, 12));
            System::set_block_number(40);
            for index in (1..12).rev() {
                fail(task(job, index), ReasonCode::NoWorker);
            }
            assert!(Jobs::job(job).is_some());
            settle(task(job, 0), BOB, &[CAROL]);

            assert_eq!(Jobs::job(job), None);
            assert_eq!(Ends::<Test>::iter().count(), 0);
            assert_eq!(FakeBlobs::pins(input()), 0);
            assert_eq!(Kernels::<Test>::get(manifest().id()).unwrap().jobs, 0);
            assert_eq!(Jobs::job_count(), 1);
            assert_eq!(Jobs::task_end(task(job, 0)), None);
            assert_eq!(events().pop(), Some(Event::JobEnded { job, settled: 1, failed: 11 }));
            check_invariants();
        });
        ext.persist_offchain_overlay();
        let stored = ext.offchain_db().get(&summary_key(0)).expect("the summary is in the offchain index");
        let summary = JobSummary::decode(&mut &stored[..]).unwrap();
        let mut tasks = vec![TaskEnd::Failed { reason: ReasonCode::NoWorker }; 12];
        tasks[0] = TaskEnd::Settled { worker: BOB, commitment: commitment(), auditors: vec![CAROL] };
        let cost = TaskCost { reward: 100_000, per_auditor: 2_500, auditors: 2, fee: 2_250, worker_fee: 250 };
        let shape = JobShape { groups: [300, 2, 1], total: 600, tasks: 12 };
        let spec = spec(BLC, 12);
        let expected =
            JobSummary { id: 0, previous: None, requester: ALICE, spec, shape, cost, submitted: 1, ended: 40, tasks };
        assert_eq!(summary, expected);
    }

    #[test]
    fn the_largest_job_ends() {
        TestExt::new().build_and_execute(|| {
            let mut large = spec(NATIVE, MAX_TASKS);
            large.reward.per_task = MIN_REWARD;
            let job = submit(large);
            for index in 0..MAX_TASKS {
                settle(task(job, index), BOB, &[CAROL, DAVE]);
            }
            assert_eq!(Jobs::job(job), None);
            assert_eq!(SettledTasks::<Test>::get(), u64::from(MAX_TASKS));
        });
    }
}

mod lists {
    use super::*;
    use dpin_primitives::api::{JobHead, Page, MAX_PAGE};

    fn ids(page: &Page<JobHead, JobId>) -> Vec<JobId> {
        page.items.iter().map(|job| job.id).collect()
    }

    fn end(job: JobId) {
        fail(task(job, 0), ReasonCode::NoWorker);
    }

    #[test]
    fn a_requesters_open_jobs_come_in_the_order_in_which_they_were_posted() {
        TestExt::new().build_and_execute(|| {
            // Numbers that differ in more than one byte.
            crate::NextJob::<Test>::put(254);
            for _ in 0..5 {
                submit(spec(NATIVE, 1));
            }
            let all = Jobs::jobs_of(ALICE, None, 10);
            assert_eq!((ids(&all), all.next), (vec![254, 255, 256, 257, 258], None));
            let first = Jobs::jobs_of(ALICE, None, 2);
            assert_eq!((ids(&first), first.next), (vec![254, 255], Some(255)));
            let second = Jobs::jobs_of(ALICE, first.next, 3);
            assert_eq!((ids(&second), second.next), (vec![256, 257, 258], None));
            assert_eq!(Jobs::jobs_of(BOB, None, 10), Page { items: vec![], next: None });
        });
    }

    #[test]
    fn a_cursor_outlives_its_job() {
        TestExt::new().build_and_execute(|| {
            for _ in 0..4 {
                submit(spec(NATIVE, 1));
            }
            let first = Jobs::jobs_of(ALICE, None, 2);
            end(1);
            assert_eq!(ids(&Jobs::jobs_of(ALICE, first.next, 2)), [2, 3]);
        });
    }

    #[test]
    fn a_head_tells_what_the_job_is_and_how_much_is_open() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(BLC, 3));
            settle(task(job, 1), BOB, &[]);
            let spec = spec(BLC, 3);
            let expected = JobHead {
                id: job,
                requester: ALICE,
                kernel: spec.kernel,
                reward: spec.reward,
                submitted: 1,
                tasks: 3,
                open: 2,
            };
            assert_eq!(Jobs::jobs_of(ALICE, None, 1).items, [expected]);
        });
    }

    #[test]
    fn a_page_is_no_longer_than_asked_for_nor_than_allowed() {
        TestExt::new().build_and_execute(|| {
            let mut cheap = spec(NATIVE, 1);
            cheap.reward.per_task = MIN_REWARD;
            for _ in 0..=MAX_PAGE {
                submit(cheap.clone());
            }
            let most = Jobs::jobs_of(ALICE, None, u32::MAX);
            assert_eq!((most.items.len() as u32, most.next), (MAX_PAGE, Some(u64::from(MAX_PAGE) - 1)));
            assert_eq!(Jobs::jobs_of(ALICE, Some(3), 0), Page { items: vec![], next: Some(3) });
        });
    }

    #[test]
    fn an_ended_job_is_listed_no_more_but_is_still_named_by_the_next() {
        TestExt::new().build_and_execute(|| {
            assert_eq!(Jobs::last_job_of(ALICE), None);
            let first = submit(spec(NATIVE, 1));
            let others = Jobs::job_count();
            assert_ok!(Jobs::submit_job(signed(BOB), spec(NATIVE, 1)));
            end(first);
            let second = submit(spec(NATIVE, 1));

            assert_eq!(ids(&Jobs::jobs_of(ALICE, None, 10)), [second]);
            assert_eq!(Jobs::last_job_of(ALICE), Some(second));
            assert_eq!(Jobs::job(second).unwrap().previous, Some(first));
            assert_eq!(Jobs::job(others).unwrap().previous, None);
            assert_eq!(Jobs::open_job_count(), 2);
        });
    }

    #[test]
    fn a_cancelled_job_is_listed_and_counted_no_more() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 4));
            assert_ok!(Jobs::cancel_job(signed(ALICE), job));
            assert_eq!((ids(&Jobs::jobs_of(ALICE, None, 10)), Jobs::open_job_count()), (vec![], 0));
            assert_eq!(Jobs::last_job_of(ALICE), Some(job));
        });
    }

    #[test]
    fn kernels_come_in_the_order_of_their_ids() {
        TestExt::new().build_and_execute(|| {
            let mut expected: Vec<KernelId> = (1..=5)
                .map(|width| {
                    let manifest = KernelManifest { local_size: [width, 1, 1], ..manifest() };
                    assert_ok!(Jobs::register_kernel(signed(BOB), manifest.clone()));
                    manifest.id()
                })
                .collect();
            expected.sort();
            assert_eq!(Jobs::kernel_count(), 5);

            let first = Jobs::kernels(None, 3);
            let second = Jobs::kernels(first.next, 3);
            assert_eq!((first.next, second.next), (Some(expected[2]), None));
            let found: Vec<KernelId> = first.items.iter().chain(&second.items).map(|kernel| kernel.id).collect();
            assert_eq!(found, expected);

            assert_ok!(Jobs::unregister_kernel(signed(BOB), expected[0]));
            assert_eq!((Jobs::kernel_count(), Jobs::kernel(expected[0])), (4, None));
        });
    }

    #[test]
    fn a_kernel_tells_who_registered_it_and_how_many_jobs_use_it() {
        TestExt::new().build_and_execute(|| {
            submit(spec(NATIVE, 1));
            let kernel = Jobs::kernel(manifest().id()).unwrap();
            assert_eq!((kernel.manifest, kernel.owner, kernel.jobs), (manifest(), ADMIN, 1));
            assert_eq!(kernel.deposit, AllAssets::balance_on_hold(NATIVE, &HoldReason::Kernel.into(), &ADMIN));
        });
    }
}

mod ledger {
    use super::*;

    #[test]
    fn the_brief_tells_what_lottery_and_audit_need() {
        TestExt::new().build_and_execute(|| {
            let mut posted = spec(BLC, 7);
            posted.requires.fp32 = Fp32::ALL;
            posted.requires.reputation = Perbill::from_percent(60);
            let job = submit(posted.clone());
            let least_memory = <FakeBlobs as BlobStore>::size(&input()).unwrap() + 64;
            let brief = TaskBrief {
                requester: ALICE,
                kernel: manifest().id(),
                tiling: Tiling::PerGroup { bytes: 64 },
                tasks: 7,
                group_count: 85,
                reward: posted.reward,
                per_auditor: 2_500,
                audit: posted.audit,
                run_blocks: posted.run_blocks,
                requires: posted.requires.with_memory(least_memory),
                least_memory,
                redo: true,
            };
            assert_eq!(<Jobs as JobLedger>::brief(task(job, 6)), Some(brief));
        });
    }

    #[test]
    fn memory_is_asked_for_what_the_inputs_and_a_tile_take_and_for_more_if_the_requester_says_so() {
        TestExt::new().build_and_execute(|| {
            let size = <FakeBlobs as BlobStore>::size(&input()).unwrap();
            let memory = |asked: u64| {
                let mut posted = spec(NATIVE, 1);
                posted.requires.memory = asked;
                let job = submit(posted.clone());
                let brief = <Jobs as JobLedger>::brief(task(job, 0)).unwrap();
                assert_eq!(Jobs::prospect(&posted, ALICE).unwrap().0.requires, brief.requires);
                assert_eq!(Jobs::job(job).unwrap().spec, posted, "it is told as it was posted");
                (brief.requires.memory, brief.least_memory)
            };
            let least = size + 64;
            assert!(least < 128 << 20, "every device allocates this at once");
            assert_eq!(memory(0), (least, least));
            assert_eq!(memory(least - 1), (least, least));
            assert_eq!(memory(least + 1), (least + 1, least));
        });
    }

    #[test]
    fn the_run_request_tells_what_an_executor_needs() {
        TestExt::new().build_and_execute(|| {
            let genesis = Hash::repeat_byte(0x99);
            frame_system::BlockHash::<Test>::insert(0, genesis);
            let job = submit(spec(NATIVE, 7));
            let work = Work::Sample(vec![3, 5]);
            let request = RunRequest {
                id: Hash::zero(),
                genesis,
                task: task(job, 1),
                work: work.clone(),
                kernel: manifest(),
                groups: [300, 2, 1],
                first_group: 86,
                group_count: 86,
                scalars: vec![vec![1, 2, 3, 4]],
                inputs: vec![input()],
                limit_ms: 0,
            };
            assert_eq!(<Jobs as JobLedger>::run_request(task(job, 1), work), Some(request));
            let size = <FakeBlobs as BlobStore>::size(&input()).unwrap();
            assert_eq!(<Jobs as JobLedger>::input_bytes(task(job, 1)), [size]);
            assert!(<Jobs as JobLedger>::input_bytes(task(job, 7)).is_empty());
        });
    }

    #[test]
    fn a_closed_task_has_neither_brief_nor_request() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 2));
            settle(task(job, 0), BOB, &[]);
            assert_eq!(<Jobs as JobLedger>::brief(task(job, 0)), None);
            assert_eq!(<Jobs as JobLedger>::run_request(task(job, 0), Work::Task), None);
            assert!(<Jobs as JobLedger>::brief(task(job, 1)).is_some());
        });
    }

    #[test]
    fn nobody_is_called_to_a_task_that_was_posted() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            assert_eq!(<Jobs as JobLedger>::called(task(job, 0)), None);
            assert_eq!(<Jobs as JobLedger>::calls(&BOB), vec![]);
        });
    }

    #[test]
    fn the_genesis_hash_outlives_the_other_block_hashes() {
        TestExt::new().build_and_execute(|| {
            let genesis = Hash::repeat_byte(0x77);
            let mut parent = genesis;
            System::set_block_number(0);
            for number in 1..=30 {
                System::reset_events();
                System::initialize(&number, &parent, &Default::default());
                parent = System::finalize().hash();
            }
            assert_eq!(System::block_hash(1), Hash::zero(), "pruned");
            assert_eq!(Jobs::genesis_hash(), genesis);
        });
    }
}

mod registry {
    use super::*;

    fn registered() -> KernelId {
        assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
        manifest().id()
    }

    #[test]
    fn the_registry_tells_a_kernels_manifest() {
        TestExt::new().build_and_execute(|| {
            let kernel = registered();
            assert_eq!(<Jobs as KernelRegistry>::manifest(&kernel), Some(manifest()));
            assert_eq!(<Jobs as KernelRegistry>::manifest(&KernelId::zero()), None);
        });
    }

    #[test]
    fn a_kernel_stays_registered_until_it_is_released_as_often_as_it_was_kept() {
        TestExt::new().build_and_execute(|| {
            let kernel = registered();
            assert_ok!(<Jobs as KernelRegistry>::keep(&kernel));
            assert_ok!(<Jobs as KernelRegistry>::keep(&kernel));
            <Jobs as KernelRegistry>::release(&kernel);
            assert_noop!(Jobs::unregister_kernel(signed(ADMIN), kernel), Error::<Test>::KernelInUse);
            <Jobs as KernelRegistry>::release(&kernel);
            assert_ok!(Jobs::unregister_kernel(signed(ADMIN), kernel));
        });
    }

    #[test]
    fn a_kernel_that_is_kept_outlives_the_last_job_that_uses_it() {
        TestExt::new().build_and_execute(|| {
            let job = submit(spec(NATIVE, 1));
            let kernel = manifest().id();
            assert_ok!(<Jobs as KernelRegistry>::keep(&kernel));
            settle(task(job, 0), BOB, &[]);
            assert_noop!(Jobs::unregister_kernel(signed(ADMIN), kernel), Error::<Test>::KernelInUse);
        });
    }

    #[test]
    fn only_a_registered_kernel_can_be_kept() {
        TestExt::new().build_and_execute(|| {
            assert_noop!(<Jobs as KernelRegistry>::keep(&KernelId::zero()), Error::<Test>::UnknownKernel);
        });
    }
}

mod invariants {
    use super::*;
    use crate::{Jobs as JobStore, NextJob};
    use polkadot_sdk::frame_support::traits::fungibles::MutateHold;

    /// The checks find the damage that `damage` does to a chain with a job of which one task is
    /// closed.
    fn finds(damage: impl FnOnce(JobId)) {
        TestExt::new().build().execute_with(|| {
            let job = submit(spec(NATIVE, 3));
            settle(task(job, 1), BOB, &[CAROL]);
            check_invariants();
            damage(job);
            assert!(Jobs::do_try_state().is_err());
        });
    }

    #[test]
    fn escrow_that_is_too_large_is_found() {
        finds(|_| {
            assert_ok!(AllAssets::hold(NATIVE, &HoldReason::Escrow.into(), &ALICE, 1));
        });
    }

    #[test]
    fn escrow_without_a_job_is_found() {
        finds(|_| {
            assert_ok!(AllAssets::hold(BLC, &HoldReason::Escrow.into(), &DAVE, 1));
        });
    }

    #[test]
    fn a_debt_without_money_is_found() {
        finds(|_| Owed::<Test>::insert(BOB, (ALICE, NATIVE), 1));
    }

    #[test]
    fn a_debt_of_nothing_is_found() {
        finds(|_| Owed::<Test>::insert(BOB, (ALICE, NATIVE), 0));
    }

    #[test]
    fn a_deposit_without_a_kernel_is_found() {
        finds(|_| {
            assert_ok!(AllAssets::hold(NATIVE, &HoldReason::Kernel.into(), &DAVE, 1));
        });
    }

    #[test]
    fn a_missing_end_is_found() {
        finds(|job| Ends::<Test>::remove(job, 1));
    }

    #[test]
    fn an_end_without_a_job_is_found() {
        finds(|job| Ends::<Test>::insert(job + 1, 0, EndRecord::Failed { reason: ReasonCode::NoWorker }));
    }

    #[test]
    fn an_end_of_a_task_that_is_none_is_found() {
        finds(|job| {
            let end = Ends::<Test>::take(job, 1).unwrap();
            Ends::<Test>::insert(job, 3, end);
        });
    }

    #[test]
    fn a_job_that_was_never_posted_is_found() {
        finds(|_| NextJob::<Test>::put(0));
    }

    #[test]
    fn a_job_that_should_be_gone_is_found() {
        finds(|job| {
            for index in [0, 2] {
                Ends::<Test>::insert(job, index, EndRecord::Failed { reason: ReasonCode::NoWorker });
            }
            JobStore::<Test>::mutate(job, |job| job.as_mut().unwrap().open = 0);
            assert_ok!(AllAssets::release(
                NATIVE,
                &HoldReason::Escrow.into(),
                &ALICE,
                2 * 105_250,
                polkadot_sdk::frame_support::traits::tokens::Precision::Exact
            ));
        });
    }

    #[test]
    fn a_wrong_count_of_a_kernels_jobs_is_found() {
        finds(|_| Kernels::<Test>::mutate(manifest().id(), |kernel| kernel.as_mut().unwrap().jobs = 2));
    }
}

/// A random step of the chain.
#[derive(Clone, Debug)]
enum Step {
    Submit { asset: usize, tasks: u32, auditors: u32, reward: Balance },
    Settle { pick: usize, worker: usize, auditors: usize },
    Fail { pick: usize, reason: usize },
    Cancel { pick: usize },
    Block { id: u32, who: usize },
    Unblock { id: u32, who: usize },
    Claim { pick: usize },
    Leave { who: usize },
    Freeze { id: u32 },
    Thaw { id: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let pick = 0usize..64;
    prop_oneof![
        3 => (0usize..3, 1u32..5, 0u32..4, MIN_REWARD..400_000)
            .prop_map(|(asset, tasks, auditors, reward)| Step::Submit { asset, tasks, auditors, reward }),
        6 => (pick.clone(), 0usize..4, 0usize..4)
            .prop_map(|(pick, worker, auditors)| Step::Settle { pick, worker, auditors }),
        3 => (pick.clone(), 0usize..3).prop_map(|(pick, reason)| Step::Fail { pick, reason }),
        1 => pick.clone().prop_map(|pick| Step::Cancel { pick }),
        1 => (1u32..3, 0usize..5).prop_map(|(id, who)| Step::Block { id, who }),
        1 => (1u32..3, 0usize..5).prop_map(|(id, who)| Step::Unblock { id, who }),
        2 => pick.prop_map(|pick| Step::Claim { pick }),
        1 => (0usize..4).prop_map(|who| Step::Leave { who }),
        1 => (1u32..3).prop_map(|id| Step::Freeze { id }),
        2 => (1u32..3).prop_map(|id| Step::Thaw { id }),
    ]
}

fn picked<V: Clone>(values: Vec<V>, pick: usize) -> Option<V> {
    pick.checked_rem(values.len()).and_then(|index| values.get(index).cloned())
}

fn open_tasks() -> Vec<TaskId> {
    let mut tasks: Vec<TaskId> = crate::Jobs::<Test>::iter()
        .flat_map(|(job, record)| (0..record.shape.tasks).map(move |index| task(job, index)))
        .filter(|task| Jobs::task_end(*task).is_none())
        .collect();
    tasks.sort();
    tasks
}

fn take(step: Step) {
    match step {
        Step::Submit { asset, tasks, auditors, reward } => {
            let mut spec = spec([NATIVE, BLC, INSUFFICIENT][asset].clone(), tasks);
            spec.audit.auditors = auditors;
            spec.reward.per_task = reward;
            // The cost may be more than ALICE has left.
            let _ = Jobs::submit_job(signed(ALICE), spec);
        }
        Step::Settle { pick, worker, auditors } => {
            if let Some(task) = picked(open_tasks(), pick) {
                FakeQueue::withdraw(task);
                <Jobs as JobLedger>::settle(task, &ACCOUNTS[1 + worker], commitment(), &ACCOUNTS[1..1 + auditors]);
            }
        }
        Step::Fail { pick, reason } => {
            if let Some(task) = picked(open_tasks(), pick) {
                FakeQueue::withdraw(task);
                let reasons = [ReasonCode::Timeout, ReasonCode::NoWorker, ReasonCode::NoVerdict];
                <Jobs as JobLedger>::fail(task, reasons[reason]);
            }
        }
        Step::Cancel { pick } => {
            if let Some(task) = picked(open_tasks(), pick) {
                let _ = Jobs::cancel_job(signed(ALICE), task.job);
            }
        }
        Step::Block { id, who } => {
            let _ = Assets::block(signed(ADMIN), id, ACCOUNTS[who].clone());
        }
        Step::Unblock { id, who } => {
            let _ = Assets::thaw(signed(ADMIN), id, ACCOUNTS[who].clone());
        }
        Step::Claim { pick } => {
            let mut debts: Vec<_> = Owed::<Test>::iter().collect();
            debts.sort();
            if let Some((creditor, (requester, asset), _)) = picked(debts, pick) {
                let _ = Jobs::claim_owed(signed(ADMIN), creditor, requester, asset);
            }
        }
        Step::Freeze { id } => {
            let _ = Assets::freeze_asset(signed(ADMIN), id);
        }
        Step::Thaw { id } => {
            let _ = Assets::thaw_asset(signed(ADMIN), id);
        }
        Step::Leave { who } => {
            for id in [1, 2] {
                let _ = Assets::transfer_all(signed(ACCOUNTS[who].clone()), id, ADMIN, false);
            }
            let _ = Balances::transfer_all(signed(ACCOUNTS[who].clone()), ADMIN, false);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_happens_money_is_conserved_and_everything_ends(steps in prop::collection::vec(step(), 1..60)) {
        TestExt::new().build().execute_with(|| {
            assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
            for step in steps {
                take(step);
                check_invariants();
            }
            for task in open_tasks() {
                FakeQueue::withdraw(task);
                <Jobs as JobLedger>::fail(task, ReasonCode::NoWorker);
            }
            check_invariants();
            assert_eq!(crate::Jobs::<Test>::iter().count(), 0);
            assert_eq!(Ends::<Test>::iter().count(), 0);
            assert_eq!(FakeBlobs::pins(input()), 0);
            assert_ok!(Jobs::unregister_kernel(signed(ADMIN), manifest().id()));

            // Every debt can be claimed once its creditor can take it.
            for id in [1, 2] {
                let _ = Assets::thaw_asset(signed(ADMIN), id);
                for who in ACCOUNTS {
                    let _ = Assets::thaw(signed(ADMIN), id, who);
                }
            }
            for who in ACCOUNTS {
                for id in [1, 2] {
                    let _ = Balances::transfer_allow_death(signed(ADMIN), who.clone(), ED);
                    let _ = Assets::transfer(signed(ADMIN), id, who.clone(), ED);
                }
            }
            for (creditor, (requester, asset), _) in Owed::<Test>::iter().collect::<Vec<_>>() {
                assert_ok!(Jobs::claim_owed(signed(ADMIN), creditor, requester, asset));
            }
            for asset in [NATIVE, BLC, INSUFFICIENT] {
                assert_eq!(escrow(asset, &ALICE), 0);
            }
            check_invariants();
        });
    }
}
