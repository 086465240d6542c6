//! Pages of jobs and kernels.

use super::*;
use dpin_primitives::api::{JobHead, MAX_PAGE, Page};

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
