//! Many reports in one transaction, and what a block draws.

use super::*;
use crate::{
    filing::{DrawingQueue, RedrawingQueue, WaitingQueue},
    report::{MAX_REPORTS, batch_message, weight_of},
};
use dpin_primitives::{job::MAX_TASKS, worker::WorkerSignature};
use polkadot_sdk::{
    frame_support::{
        dispatch::GetDispatchInfo, hypothetically, pallet_prelude::TransactionSource, traits::Authorize,
        weights::Weight,
    },
    frame_system,
    frame_system::RawOrigin,
    sp_core::Pair,
    sp_runtime::{BoundedVec, traits::Dispatchable},
};

fn rounds(reports: &[Report]) -> Vec<Hash> {
    let round = |report: &Report| Tasks::<Test>::get(report.task()).map(|state| state.stage.round());
    reports.iter().map(|report| round(report).unwrap_or_default()).collect()
}

fn signed_by(n: u8, reports: &[Report]) -> WorkerSignature {
    pair(n).sign(&batch_message(&ProofOfCompute::genesis(), &rounds(reports), reports)).into()
}

/// Worker number `n`'s batch.
fn batch(n: u8, reports: Vec<Report>) -> Call<Test> {
    let signature = signed_by(n, &reports);
    Call::report_many { worker: worker(n), reports: BoundedVec::try_from(reports).unwrap(), signature }
}

fn tags(call: Call<Test>) -> Vec<Vec<u8>> {
    let (valid, _) = RuntimeCall::from(call).authorize(TransactionSource::External).unwrap().unwrap();
    valid.provides
}

fn commit_of(task: TaskId) -> Report {
    Report::Commit { task, attempt: attempt(task), commitment: commitment(task, true) }
}

fn seal_of(task: TaskId, auditor: &AccountId) -> Report {
    let (leaves, _) = tree(task, true).open(&ProofOfCompute::sample(task)).unwrap();
    Report::Seal { task, attempt: attempt(task), seal: seal(auditor, task, attempt(task), &leaves) }
}

fn open_of(task: TaskId) -> Report {
    let (leaves, proof) = tree(task, true).open(&ProofOfCompute::sample(task)).unwrap();
    let (leaves, proof) = (leaves.try_into().unwrap(), proof.try_into().unwrap());
    Report::Open { task, attempt: attempt(task), leaves, proof }
}

/// A job of one task that worker 0 has to commit to, and as many more that others have committed to
/// and it has to audit.
fn tasks_of_worker_0() -> (TaskId, Vec<TaskId>) {
    let mut audits = Vec::new();
    let mut own = None;
    for _ in 0..200 {
        if own.is_some() && audits.len() >= 2 {
            break;
        }
        let task = task(submit(spec(1)), 0);
        let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else { panic!() };
        if run.worker == worker(0) {
            own = own.or(Some(task));
            continue;
        }
        commit(task, true);
        let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else { panic!() };
        if audit.auditors.iter().any(|(auditor, _)| *auditor == worker(0)) {
            audits.push(task);
        }
    }
    (own.expect("worker 0 is drawn"), audits)
}

/// Enough workers, and stages that last long enough for [`tasks_of_worker_0`].
fn with_tasks(test: impl FnOnce(TaskId, Vec<TaskId>)) {
    TestExt::new(4).build_and_execute(|| {
        TestRules::set(Rules { seal_blocks: 500, open_blocks: 500, ..RULES });
        let (own, audits) = tasks_of_worker_0();
        test(own, audits);
    });
}

#[test]
fn one_signature_does_for_a_commitment_and_seals() {
    with_tasks(|own, audits| {
        let mut reports = vec![commit_of(own)];
        reports.extend(audits.iter().map(|task| seal_of(*task, &worker(0))));
        events();
        assert_ok!(report(batch(0, reports)));
        assert!(matches!(Tasks::<Test>::get(own).unwrap().stage, Stage::Committed { .. }));
        for task in audits {
            let by = worker(0);
            let sealed = |audit: &Audit| audit.auditors.iter().any(|(who, seal)| *who == by && seal.is_some());
            assert!(Tasks::<Test>::get(task).unwrap().stage.audit().is_some_and(sealed));
        }
    });
}

#[test]
fn openings_of_a_batch_are_paid() {
    TestExt::new(4).build_and_execute(|| {
        TestRules::set(Rules { open_blocks: 500, ..RULES });
        let mut opened = Vec::new();
        let mut of = None;
        while opened.len() < 2 {
            let task = task(submit(spec(1)), 0);
            let worker = commit(task, true);
            audit(task, &[true, true]);
            if of.get_or_insert(worker.clone()) == &worker {
                opened.push(task);
            } else {
                open(task, true);
            }
        }
        let before = pallet_jobs::SettledTasks::<Test>::get();
        assert_ok!(report(batch(number(&of.unwrap()), opened.iter().map(|task| open_of(*task)).collect())));
        assert_eq!(pallet_jobs::SettledTasks::<Test>::get(), before + 2);
    });
}

#[test]
fn a_void_report_does_not_hinder_the_others() {
    with_tasks(|own, audits| {
        let reports = vec![seal_of(audits[0], &worker(0)), commit_of(own), seal_of(audits[1], &worker(0))];
        let call = RuntimeCall::from(batch(0, reports));
        // The reports of the meantime.
        assert_ok!(report(batch(0, vec![commit_of(own)])));
        events();
        assert_ok!(call.clone().dispatch(RawOrigin::Authorized.into()));
        let error = Error::<Test>::WrongStage.into();
        let rejected = Event::ReportRejected { task: own, by: worker(0), error };
        let told = events();
        assert_eq!(told.iter().filter(|event| matches!(event, Event::ReportRejected { .. })).count(), 1);
        assert!(told.contains(&rejected));
        for task in &audits[..2] {
            assert!(told.contains(&Event::TaskSealed { task: *task, by: worker(0) }));
        }
        assert_noop!(call.authorize(TransactionSource::External).unwrap().map(drop).map_err(|_| stale()), stale());
    });
}

#[test]
fn a_report_excludes_itself_alone_and_in_a_batch() {
    with_tasks(|own, audits| {
        let (one, two) = (commit_of(own), seal_of(audits[0], &worker(0)));
        let commitment = commitment(own, true);
        let signature = sign(0, Step::Commit, own, 0, &commitment);
        let alone = tags(Call::commit { task: own, attempt: 0, commitment, signature });
        let Report::Seal { seal, .. } = two else { panic!() };
        let signature = sign(0, Step::Seal, audits[0], 0, &seal);
        let sealed = tags(Call::seal { task: audits[0], attempt: 0, auditor: worker(0), seal, signature });
        assert_eq!(tags(batch(0, vec![one, two])), [alone, sealed].concat());
    });
}

#[test]
fn only_the_workers_own_key_signs_a_batch() {
    with_tasks(|own, audits| {
        let reports = || vec![commit_of(own), seal_of(audits[0], &worker(0))];
        let bad = DispatchError::Other("bad proof");
        let with =
            |signature| Call::report_many { worker: worker(0), reports: reports().try_into().unwrap(), signature };
        assert_noop!(report(with(signed_by(1, &reports()))), bad);
        // Nor is a signature of other reports one of these, or of another round.
        assert_noop!(report(with(signed_by(0, &reports()[..1]))), bad);
        let other_round = batch_message(&ProofOfCompute::genesis(), &[Hash::zero(), Hash::zero()], &reports());
        assert_noop!(report(with(pair(0).sign(&other_round).into())), bad);
        assert_ok!(report(with(signed_by(0, &reports()))));
    });
}

#[test]
fn nobody_reports_for_somebody_else() {
    with_tasks(|own, audits| {
        let invalid = DispatchError::Other("invalid");
        assert_noop!(report(batch(1, vec![commit_of(own)])), invalid);
        let outsider = (1..4).find(|n| {
            let state = Tasks::<Test>::get(audits[0]).unwrap();
            state.stage.audit().is_some_and(|audit| audit.auditors.iter().all(|(who, _)| *who != worker(*n)))
        });
        let outsider = outsider.unwrap();
        assert_noop!(report(batch(outsider, vec![seal_of(audits[0], &worker(outsider))])), invalid);
    });
}

#[test]
fn a_batch_says_one_thing_about_a_task_and_not_nothing() {
    with_tasks(|own, audits| {
        let invalid = DispatchError::Other("invalid");
        assert_noop!(report(batch(0, Vec::new())), invalid);
        let failure =
            Report::Failure { task: own, attempt: 0, reason: ReasonCode::ExecutorFault { log: Hash::zero() } };
        assert_noop!(report(batch(0, vec![commit_of(own), failure.clone()])), invalid);
        let silent = Report::Failure { task: own, attempt: 0, reason: ReasonCode::WorkerSilent };
        assert_noop!(report(batch(0, vec![silent])), invalid);
        // One void report makes the whole batch void before it is in a block: nobody pays for it.
        let unknown = Report::Seal { task: task(1_000, 0), attempt: 0, seal: Hash::zero() };
        assert_noop!(report(batch(0, vec![seal_of(audits[0], &worker(0)), unknown])), stale());
        assert_ok!(report(batch(0, vec![failure])));
    });
}

#[test]
fn a_batch_weighs_what_it_did_and_no_more_than_it_declared() {
    with_tasks(|own, audits| {
        let reports = vec![commit_of(own), seal_of(audits[0], &worker(0))];
        let call = RuntimeCall::from(batch(0, reports.clone()));
        let declared = call.get_dispatch_info().call_weight;
        assert_eq!(declared, weight_of::<Test>(&reports.try_into().unwrap()));
        let actual = call.dispatch(RawOrigin::Authorized.into()).unwrap().actual_weight.unwrap();
        assert!(actual.all_lte(declared));
        assert_eq!(actual, <() as WeightInfo>::report_many(1) + <() as WeightInfo>::commit());
    });
}

#[test]
fn what_a_batch_does_to_its_workers_standing_counts_once() {
    TestExt::new(4).build_and_execute(|| {
        TestRules::set(Rules { open_blocks: 500, ..RULES });
        let [one, other] = [last_of_a_job(8), last_of_a_job(8)];
        let weight = |tasks: &[TaskId]| {
            let call = RuntimeCall::from(batch(0, tasks.iter().map(|task| open_of(*task)).collect()));
            hypothetically!(call.dispatch(RawOrigin::Authorized.into()).unwrap().actual_weight.unwrap())
        };
        let standing = <Test as frame_system::Config>::DbWeight::get().reads_writes(1, 1);
        let empty = <() as WeightInfo>::report_many(0);
        assert_eq!(weight(&[one, other]) + empty + standing, weight(&[one]) + weight(&[other]));
        assert_ok!(report(batch(0, vec![open_of(one), open_of(other)])));
    });
}

/// The last open task of a job that has had so many, done by worker 0, which has to open it.
fn last_of_a_job(tasks: u32) -> TaskId {
    let mut large = spec(tasks);
    large.global_size = [16 * tasks, 1, 1];
    large.audit.samples = Samples::Count(1);
    large.run_blocks = 100;
    let job = submit(large);
    let ours = |state: &TaskState| state.stage.run().is_some_and(|run| run.worker == worker(0));
    let of_job = || Tasks::<Test>::iter().filter(|(task, _)| task.job == job).collect::<Vec<_>>();
    while !of_job().iter().any(|(_, state)| ours(state)) {
        pass(1);
    }
    assert_ok!(Jobs::cancel_job(RuntimeOrigin::signed(REQUESTER), job));
    let mut last = None;
    let tasks = of_job();
    // A worker that has not committed yet has no time for audits.
    for (task, _) in &tasks {
        commit(*task, true);
    }
    for (task, state) in tasks {
        audit(task, &[true, true]);
        if ours(&state) {
            last = Some(task);
        } else {
            open(task, true);
        }
    }
    last.expect("worker 0 has one of them")
}

#[test]
fn closings_beyond_what_was_declared_have_to_wait() {
    TestExt::new(4).build_and_execute(|| {
        TestRules::set(Rules { open_blocks: 500, ..RULES });
        let tasks = [last_of_a_job(MAX_TASKS), last_of_a_job(MAX_TASKS)];
        let reports: Vec<Report> = tasks.iter().map(|task| open_of(*task)).collect();
        let call = RuntimeCall::from(batch(0, reports));
        let declared = call.get_dispatch_info().call_weight;
        events();
        let done = call.dispatch(RawOrigin::Authorized.into()).unwrap();
        assert!(done.actual_weight.unwrap().all_lte(declared));
        let error = Error::<Test>::BatchTooHeavy.into();
        assert!(events().contains(&Event::ReportRejected { task: tasks[1], by: worker(0), error }));
        assert!(!Tasks::<Test>::contains_key(tasks[0]), "the first is paid");
        assert!(matches!(Tasks::<Test>::get(tasks[1]).unwrap().stage, Stage::Opening { .. }), "as if it were not said");
        assert_ok!(report(batch(0, vec![open_of(tasks[1])])));
        assert!(!Tasks::<Test>::contains_key(tasks[1]));
    });
}

#[test]
fn the_largest_batch_of_seals_fits_into_a_block() {
    let report = |job| Report::Seal { task: task(job, 0), attempt: 0, seal: Hash::zero() };
    let reports: Vec<Report> = (0..MAX_REPORTS.into()).map(report).collect();
    let filed = <() as WeightInfo>::refile_task() * u64::from(MAX_REPORTS);
    let declared = <() as WeightInfo>::report_many(MAX_REPORTS) + filed;
    assert_eq!(weight_of::<Test>(&reports.clone().try_into().unwrap()), declared);
    let too_many: Vec<Report> = reports.into_iter().chain([report(1_000)]).collect();
    assert!(Reports::try_from(too_many).is_err());
}

mod draws {
    use super::*;

    #[test]
    fn stop_where_the_weight_ends_and_go_on_with_the_next_block() {
        TestExt::new(0).build_and_execute(|| {
            submit(spec(6));
            let mut meter = WeightMeter::with_limit(ProofOfCompute::heaviest_assignment() * 2);
            // Nobody is there to be looked at, so that each costs less than it may.
            let looked_at = ProofOfCompute::assign_tasks(u32::MAX, &mut meter);
            assert!((2..6).contains(&looked_at), "{looked_at} of 6");
            assert_eq!(WaitingQueue::<Test>::items().len(), 6);
            assert_eq!(
                WaitingQueue::<Test>::items()[0],
                task(0, looked_at),
                "the next begins where this one has stopped"
            );
            assert_eq!(ProofOfCompute::assign_tasks(u32::MAX, &mut WeightMeter::with_limit(Weight::zero())), 0);
        });
    }

    #[test]
    fn what_is_not_ripe_is_not_touched() {
        TestExt::new(4).build_and_execute(|| {
            let job = task(submit(spec(1)), 0);
            commit(job, true);
            let before = (DrawingEnds::<Test>::get(), DrawingQueue::<Test>::items());
            for _ in 0..RULES.fresh_outputs {
                pass(1);
                assert_eq!((DrawingEnds::<Test>::get(), DrawingQueue::<Test>::items()), before);
            }
            pass_until(job, |stage| matches!(stage, Stage::Auditing { .. }));
            assert!(DrawingQueue::<Test>::is_empty());
        });
    }

    #[test]
    fn a_draw_that_finds_too_few_holds_nobody_up() {
        TestExt::new(4).build_and_execute(|| {
            // Five auditors are not to be found among four workers.
            let mut greedy = spec(1);
            greedy.audit.auditors = 5;
            let (greedy, modest) = (task(submit(greedy), 0), task(submit(spec(1)), 0));
            commit(greedy, true);
            commit(modest, true);
            pass_until(modest, |stage| matches!(stage, Stage::Auditing { .. }));
            assert_eq!(RedrawingQueue::<Test>::items(), [greedy]);
            audit(modest, &[true, true]);
            open(modest, true);
            pass_until(greedy, |stage| matches!(stage, Stage::Auditing { .. }));
            assert!(RedrawingQueue::<Test>::is_empty());
        });
    }
}

mod deadlines {
    use super::*;

    #[test]
    fn a_short_life_is_filed_once() {
        TestExt::new(4).build_and_execute(|| {
            let task = task(submit(spec(1)), 0);
            let filed = || Tasks::<Test>::get(task).unwrap().filed;
            let first = filed();
            commit(task, true);
            audit(task, &[true, true]);
            assert_eq!(filed(), first, "it is where it was");
            let filed_under = filing::Due::<Test>::items(first.unwrap()).filter(|entry| *entry == task).count();
            assert_eq!(filed_under, 1);
            open(task, true);
            assert_eq!(live_deadlines(), 0);
            assert_eq!(Deadlines::<Test>::iter().count(), 1, "what it was filed under is skipped when its block comes");
            pass(first.unwrap() + 1 - System::block_number() + 1);
            assert_eq!(Deadlines::<Test>::iter().count(), 0);
        });
    }

    #[test]
    fn a_long_life_is_filed_anew_and_ends_on_time() {
        TestExt::new(0).build_and_execute(|| {
            let task = task(submit(spec(1)), 0);
            let due = System::block_number() + RULES.queue_blocks;
            let first = Tasks::<Test>::get(task).unwrap().filed.unwrap();
            assert!(first < due);
            pass(first + 1);
            assert_eq!(Tasks::<Test>::get(task).unwrap().filed, Some(due));
            pass(due - System::block_number());
            assert!(Tasks::<Test>::contains_key(task), "the last block is within");
            pass(2);
            assert!(!Tasks::<Test>::contains_key(task), "the sweep of the block after is the end");
        });
    }

    #[test]
    fn an_earlier_deadline_moves_the_task() {
        TestExt::new(4).build_and_execute(|| {
            let mut urgent = spec(1);
            urgent.run_blocks = 3;
            let task = task(submit(urgent), 0);
            let Stage::Assigned { due, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else {
                panic!()
            };
            assert_eq!(Tasks::<Test>::get(task).unwrap().filed, Some(due));
        });
    }
}

mod rules {
    use super::*;

    #[test]
    fn of_a_block_are_those_it_has_begun_with() {
        TestExt::new(0).build_and_execute(|| {
            pass(1);
            let turned = Rules { queue_blocks: 7, ..RULES };
            TestRules::set(turned.clone());
            assert_eq!(ProofOfCompute::rules(), RULES);
            pass(1);
            assert_eq!(ProofOfCompute::rules(), turned);
        });
    }

    #[test]
    fn leave_nothing_behind_between_blocks() {
        TestExt::new(0).build_and_execute(|| {
            use polkadot_sdk::frame_support::traits::Hooks;
            ProofOfCompute::on_initialize(2);
            assert!(CurrentRules::<Test>::exists());
            ProofOfCompute::on_finalize(2);
            assert!(!CurrentRules::<Test>::exists());
        });
    }
}
