//! Posting jobs: checks, escrow, numbers, tasks and quotes.

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
    assert_eq!(crate::weights::weighed_tasks(&TaskCount::Auto), auto_tasks(u32::MAX, u64::MAX));
    assert_eq!(crate::weights::weighed_tasks(&TaskCount::Exactly(u32::MAX)), MAX_TASKS);
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
