//! The runtime API's view of jobs, workers and the network.

use super::*;
use crate::views;
use codec::DecodeAll;
use dpin_primitives::{
    JobId, TaskId,
    api::{BlobInfo, JobHead, MAX_PAGE, Page, TaskInfo, Wait, runtime_decl_for_compute_api::ComputeApiV3},
    candidates::{Candidates, Condition, Outlook},
    job::FeePolicy,
    kernel::InputBytes,
    worker::{DeviceClass, Fp32, Passport},
};
use frame_support::view_functions::{ViewFunction, ViewFunctionDispatchError, ViewFunctionId};
use sp_runtime::DispatchError;

/// A chain with a kernel that Alice registered in the first block, and `jobs` jobs of two tasks
/// each that Bob posted there.
fn with_jobs(jobs: u32, test: impl FnOnce(JobSpec)) {
    preset("development").execute_with(|| {
        let (mut extrinsics, spec) = fill(AssetKind::Native);
        for nonce in 0..jobs {
            let submit = pallet_jobs::Call::submit_job { spec: spec.clone() };
            extrinsics.push(signed(Sr25519Keyring::Bob, nonce, RuntimeCall::Jobs(submit)));
        }
        author(1, 1_000, GENESIS, extrinsics);
        test(spec);
    });
}

fn ids(page: &Page<JobHead, JobId>) -> Vec<JobId> {
    page.items.iter().map(|job| job.id).collect()
}

fn set(number: dynamic::compute::Parameters) {
    assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), RuntimeParameters::Compute(number)));
}

#[test]
fn a_requesters_jobs_come_in_pages() {
    with_jobs(5, |spec| {
        let first = Runtime::jobs_of(bob(), None, 3);
        assert_eq!((ids(&first), first.next), (vec![0, 1, 2], Some(2)));
        let second = Runtime::jobs_of(bob(), first.next, 3);
        assert_eq!((ids(&second), second.next), (vec![3, 4], None));
        assert_eq!(ids(&Runtime::jobs_of(alice(), None, MAX_PAGE)), Vec::<JobId>::new());
        let head = JobHead {
            id: 3,
            requester: bob(),
            kernel: spec.kernel,
            reward: spec.reward,
            submitted: 1,
            tasks: 2,
            open: 2,
        };
        assert_eq!(second.items[0], head);
    });
}

#[test]
fn no_page_is_longer_than_allowed() {
    with_jobs(0, |spec| {
        for _ in 0..=MAX_PAGE {
            assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(bob()), spec.clone()));
        }
        let page = Runtime::jobs_of(bob(), None, u32::MAX);
        assert_eq!((page.items.len() as u32, page.next), (MAX_PAGE, Some(u64::from(MAX_PAGE) - 1)));
        assert_eq!(ids(&Runtime::jobs_of(bob(), page.next, u32::MAX)), [u64::from(MAX_PAGE)]);
    });
}

#[test]
fn an_ended_job_is_found_by_what_came_after_it() {
    with_jobs(2, |_| {
        assert_ok!(Jobs::cancel_job(RuntimeOrigin::signed(bob()), 1));
        assert_eq!((Runtime::job(1), Runtime::task(TaskId { job: 1, index: 0 })), (None, None));
        assert_eq!(ids(&Runtime::jobs_of(bob(), None, 10)), [0]);
        assert_eq!(Runtime::last_job_of(bob()), Some(1));
        assert_eq!(Runtime::last_job_of(alice()), None);

        let spec = Runtime::job(0).unwrap().spec;
        assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(bob()), spec));
        assert_eq!(Runtime::job(2).unwrap().previous, Some(1));
        assert_eq!(Runtime::job_count(), 3);
    });
}

#[test]
fn a_task_is_told_as_its_job_tells_it() {
    with_jobs(1, |_| {
        let job = Runtime::job(0).unwrap();
        let told: Vec<TaskInfo> = (0..2).map(|index| Runtime::task(TaskId { job: 0, index }).unwrap()).collect();
        assert_eq!(told, job.tasks);
        assert_eq!(Runtime::task(TaskId { job: 0, index: 2 }), None);
        assert_eq!(Runtime::task(TaskId { job: 1, index: 0 }), None);
    });
}

#[test]
fn kernels_and_their_blobs_are_told() {
    with_jobs(2, |spec| {
        let kernel = Runtime::kernel(spec.kernel).unwrap();
        assert_eq!((kernel.id, kernel.owner.clone(), kernel.jobs), (spec.kernel, alice(), 2));
        assert_eq!(Runtime::kernels(None, 10), Page { items: vec![kernel.clone()], next: None });
        assert_eq!(Runtime::kernels(Some(spec.kernel), 10), Page { items: vec![], next: None });

        let hash = kernel.manifest.source;
        let size = Runtime::blob_size(hash).unwrap();
        assert_eq!(
            Runtime::blob(hash),
            Some(BlobInfo { hash, size, announced: false, owner: alice(), expires: 1 + DAYS, pins: 1 })
        );
        assert_eq!(Runtime::blob(GENESIS), None);
    });
}

#[test]
fn workers_are_told_with_their_passports() {
    preset("development").execute_with(|| {
        let passport = Passport { fp32: Fp32::ALL, fp64: true, score: 7, since: 1, last: 2 };
        let claims = pallet_canaries::Claims { units: 7, fp32: Fp32::ALL, fp64: true };
        let mut record = pallet_canaries::Record::new(0, claims);
        record.passport = Some(passport);
        pallet_canaries::Records::<Runtime>::insert(0, record);

        let worker = Runtime::worker(alice()).unwrap();
        assert_eq!((worker.number, worker.class, worker.passport), (0, DeviceClass::Cpu, Some(passport)));
        assert_eq!(Runtime::workers(None, None, 10), Page { items: vec![worker.clone()], next: None });
        assert_eq!(Runtime::workers(Some(DeviceClass::Cpu), None, 10).items, [worker]);
        assert!(Runtime::workers(Some(DeviceClass::Gpu), None, 10).items.is_empty());
        assert_eq!(Runtime::worker(bob()), None);
    });
}

#[test]
fn a_job_waits_for_those_before_it_and_then_for_its_deadlines() {
    with_jobs(3, |spec| {
        let rules = AuditRules::get();
        let checks = rules.draw_blocks + rules.seal_blocks + rules.open_blocks;
        // Eight tasks in one block, and one worker: seven of them wait for it.
        let assigned = 1 + 7 * spec.run_blocks;
        let output = assigned + spec.run_blocks;
        let candidates = Candidates { workers: 1, complete: true, eligible: 1, free: 1, ..Default::default() };
        let expected = Wait { assigned, output, settled: output + checks, ahead: 6, available: 1, candidates };
        assert_eq!(Runtime::wait(spec.clone(), None), Ok(expected));

        assert_ok!(Workers::pause(RuntimeOrigin::signed(alice())));
        let wait = Runtime::wait(spec, None).unwrap();
        assert_eq!((wait.available, wait.assigned), (0, rules.queue_blocks));
    });
}

#[test]
fn a_quote_and_a_waiting_task_name_the_requirement_that_excludes_all_workers() {
    with_jobs(1, |mut spec| {
        // The only worker is Alice's own.
        let own = Runtime::wait(spec.clone(), Some(alice())).unwrap();
        assert_eq!((own.available, own.candidates.outlook()), (0, Outlook::OwnWorkersOnly));
        let others = Runtime::candidates(TaskId { job: 0, index: 0 }).unwrap();
        assert_eq!((others.outlook(), others.auditors), (Outlook::Free, 0), "nobody is there to audit it");
        for (change, condition) in [
            (|spec: &mut JobSpec| spec.requires.memory = 512 << 30, Condition::Memory),
            (|spec: &mut JobSpec| spec.requires.region = b"zz".to_vec().try_into().unwrap(), Condition::Region),
            (|spec: &mut JobSpec| spec.requires.certified = true, Condition::Certified),
            (|spec: &mut JobSpec| spec.requires.reputation = Perbill::from_percent(99), Condition::Reputation),
            (|spec: &mut JobSpec| spec.requires.class = Some(DeviceClass::Gpu), Condition::Class),
        ] as [(fn(&mut JobSpec), Condition); 5]
        {
            let mut picky = spec.clone();
            change(&mut picky);
            let wait = Runtime::wait(picky.clone(), Some(bob())).unwrap();
            assert_eq!(wait.candidates.outlook(), Outlook::Unmet { condition });
            assert_eq!((wait.available, wait.assigned), (0, AuditRules::get().queue_blocks));
            // The result is the same for a kernel that the chain does not know.
            let tiling = Runtime::kernel(picky.kernel).unwrap().manifest.tiling;
            picky.kernel = Hash::repeat_byte(9);
            assert_eq!(Runtime::prospects(picky, tiling, Default::default(), Some(bob())), wait.candidates);
        }
        // Inputs that are not stored yet exclude workers and auditors, as they will once they are
        // stored.
        let tiling = Runtime::kernel(spec.kernel).unwrap().manifest.tiling;
        let large = InputBytes { total: 512 << 30, largest: 1 };
        let prospects = Runtime::prospects(spec.clone(), tiling, large, Some(bob()));
        assert_eq!(prospects.outlook(), Outlook::Unmet { condition: Condition::Memory });
        assert_eq!(prospects.auditors, 0);
        spec.requires.certified = true;
        assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(bob()), spec));
        let waiting = Runtime::candidates(TaskId { job: 1, index: 0 }).unwrap();
        assert_eq!(waiting.outlook(), Outlook::Unmet { condition: Condition::Certified });
        assert_eq!(Runtime::candidates(TaskId { job: 9, index: 0 }), None);
    });
}

#[test]
fn what_cannot_be_posted_does_not_wait() {
    with_jobs(0, |mut spec| {
        spec.run_blocks = 0;
        let error: DispatchError = pallet_jobs::Error::<Runtime>::InvalidDeadline.into();
        assert_eq!(Runtime::wait(spec.clone(), None), Err(error));
        assert_eq!(Runtime::quote(spec).unwrap_err(), error);
    });
}

#[test]
fn the_network_is_counted() {
    with_jobs(3, |_| {
        assert_ok!(Jobs::cancel_job(RuntimeOrigin::signed(bob()), 2));
        let network = Runtime::network();
        assert_eq!((network.jobs, network.open_jobs, network.kernels), (3, 2, 1));
        assert_eq!((network.settled_tasks, network.failed_tasks), (0, 2));
        // Cancelled tasks stay in the queue until the lottery reaches them.
        assert_eq!(network.waiting_tasks, 6);
        assert_eq!((network.active_workers, network.pending_slashes), (1, 0));
        let available = [(DeviceClass::Gpu, 0), (DeviceClass::Cpu, 1), (DeviceClass::Accelerator, 0)];
        assert_eq!(network.available_workers, available);

        assert_ok!(Workers::pause(RuntimeOrigin::signed(alice())));
        let network = Runtime::network();
        assert_eq!(network.active_workers, 0);
        assert!(network.available_workers.iter().all(|(_, count)| *count == 0));
    });
}

#[test]
fn the_numbers_are_those_that_governance_has_set() {
    use dynamic::compute::{self, Parameters as Number};
    preset("development").execute_with(|| {
        set(Number::AuditBlocks(compute::AuditBlocks, Some(Ranged::new(3))));
        set(Number::DrawBlocks(compute::DrawBlocks, Some(Ranged::new(31))));
        set(Number::SealBlocks(compute::SealBlocks, Some(Ranged::new(32))));
        set(Number::OpenBlocks(compute::OpenBlocks, Some(Ranged::new(33))));
        set(Number::QueueBlocks(compute::QueueBlocks, Some(Ranged::new(34))));
        set(Number::MaxAttempts(compute::MaxAttempts, Some(Ranged::new(5))));
        set(Number::BondPercent(compute::BondPercent, Some(Ranged::new(250))));
        set(Number::AssetPrice(compute::AssetPrice, Some(FixedU128::from_u32(7))));
        set(Number::MinTaskBond(compute::MinTaskBond, Some(RangedBalance::new(11 * DPN))));
        set(Number::AuditBond(compute::AuditBond, Some(RangedBalance::new(12 * DPN))));
        set(Number::ChallengeBond(compute::ChallengeBond, Some(RangedBalance::new(13 * DPN))));
        set(Number::SilenceSlash(compute::SilenceSlash, Some(Perbill::from_percent(14))));
        set(Number::SlashDelay(compute::SlashDelay, Some(Ranged::new(15))));
        set(Number::ReservationFee(compute::ReservationFee, Some(Perbill::from_percent(1))));
        set(Number::BlcSurcharge(compute::BlcSurcharge, Some(Perbill::from_percent(3))));
        set(Number::AuditorsPay(compute::AuditorsPay, Some(Perbill::from_percent(6))));
        set(Number::AuditorsMinPay(compute::AuditorsMinPay, Some(16 * DPN)));

        let told = Runtime::parameters();
        assert_eq!((told.audit_blocks, told.draw_blocks, told.seal_blocks), (3, 31, 32));
        assert_eq!((told.open_blocks, told.queue_blocks, told.max_attempts), (33, 34, 5));
        assert_eq!((told.bond_factor, told.asset_price), (FixedU128::from_rational(5, 2), FixedU128::from_u32(7)));
        assert_eq!((told.min_task_bond, told.audit_bond, told.challenge_bond), (11 * DPN, 12 * DPN, 13 * DPN));
        assert_eq!((told.silence_slash, told.slash_delay), (Perbill::from_percent(14), 15));
        let fees = FeePolicy {
            reservation: Perbill::from_percent(1),
            surcharge: Perbill::from_percent(3),
            audit: Perbill::from_percent(6),
            audit_minimum: 16 * DPN,
        };
        assert_eq!(told.fees, fees);
        assert_eq!((told.min_reward, told.min_bond), (DPN / 100, 100 * DPN));
        assert_eq!((told.leave_blocks, told.max_run_blocks), (DAYS, DAYS));
    });
}

/// Call a view function by its id, as clients do that only know the metadata.
fn ask<View: ViewFunction>(arguments: &impl Encode) -> View::ReturnType
where
    View::ReturnType: Decode,
{
    let answer = Runtime::execute_view_function(View::id(), arguments.encode()).unwrap();
    View::ReturnType::decode_all(&mut &answer[..]).unwrap()
}

#[test]
fn view_functions_tell_the_same_by_their_ids() {
    with_jobs(3, |spec| {
        let jobs = ask::<pallet_jobs::JobsOfViewFunction<Runtime>>(&(bob(), Some(0u64), 1u32));
        assert_eq!(jobs, Runtime::jobs_of(bob(), Some(0), 1));
        assert_eq!(ids(&jobs), [1]);
        assert_eq!(ask::<pallet_jobs::LastJobOfViewFunction<Runtime>>(&bob()), Some(2));
        assert_eq!(ask::<pallet_jobs::KernelViewFunction<Runtime>>(&spec.kernel), Runtime::kernel(spec.kernel));
        let workers = ask::<pallet_workers::WorkersViewFunction<Runtime>>(&(None::<DeviceClass>, None::<u32>, 5u32));
        assert_eq!(workers, views::workers(None, None, 5));
        let task = TaskId { job: 1, index: 1 };
        let state = ask::<pallet_proof_of_compute::TaskStateViewFunction<Runtime>>(&task);
        assert_eq!(state, ProofOfCompute::task_state(task));
        assert_eq!(ask::<pallet_proof_of_compute::WaitingTasksViewFunction<Runtime>>(&()), 6);

        let source = Runtime::kernel(spec.kernel).unwrap().manifest.source;
        assert_eq!(ask::<pallet_blobs::InfoViewFunction<Runtime>>(&source), Runtime::blob(source));

        let unknown = Runtime::execute_view_function(ViewFunctionId { prefix: [0; 16], suffix: [0; 16] }, vec![]);
        assert!(matches!(unknown, Err(ViewFunctionDispatchError::NotFound(_))));
    });
}
