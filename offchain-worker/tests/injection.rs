//! The faulty executor commits the faults it is configured for, and no others.

mod common;

use common::*;
use dpin_executor::Faults;
use dpin_primitives::{
    Hash, TaskId,
    executor::{Commitment, RunRequest, RunStatus, Work},
    reason::ReasonCode,
    tile_tree::{self, OpeningError, TileTree, leaf},
};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

const GROUPS: u32 = 50;
const SAMPLE: [u32; 3] = [0, 10, 49];
/// Writes behind the output of four work-groups.
const BEHIND: &str = "__kernel void f(__global uint *out) { out[16 * 4] = 0; }";

fn faulty(faults: &str) -> Executor {
    let program = env!("CARGO_BIN_EXE_dpin-executor-faulty");
    let executor = Executor::start_in(program, tempfile::tempdir().unwrap(), &[], &[("DPIN_FAULT", faults)]);
    executor.put_blob(COUNT.as_bytes());
    executor
}

fn whole() -> RunRequest {
    simple(COUNT, task(1), GROUPS, 30_000)
}

fn sample() -> RunRequest {
    RunRequest { id: Hash::repeat_byte(2), work: Work::Sample(SAMPLE.to_vec()), ..whole() }
}

/// The tree of the right output.
fn right() -> TileTree {
    let output = counted(GROUPS);
    TileTree::new(output.chunks(64).zip(0..).map(|(tile, index)| leaf(&GENESIS, task(1), index, tile)).collect())
}

fn right_sample() -> Vec<Hash> {
    right().open(&SAMPLE).unwrap().0
}

/// Tiles whose committed leaves are wrong.
fn wrong_tiles(executor: &Executor) -> Vec<u32> {
    let all: Vec<u32> = (0..GROUPS).collect();
    let leaves = executor.opening(&whole().id, &all).leaves;
    all.into_iter().filter(|index| leaves[*index as usize] != right().leaves()[*index as usize]).collect()
}

fn is_refused(executor: &Executor, status: u16) -> bool {
    use codec::Encode;
    let path = format!("/v1/runs/{}/opening", hex::encode(whole().id));
    executor.post(&path, &SAMPLE.to_vec().encode()).0 == status
}

/// Wait until the run's child is gone and some time has passed. Check that the run still shows as
/// running.
fn stays_running(executor: &Executor, request: &RunRequest) {
    executor.post_run(request);
    wait("the run's end", Duration::from_secs(60), || {
        let status = executor.status();
        (status.queued == 0 && status.running == 0).then_some(())
    });
    sleep(Duration::from_millis(300));
    assert_eq!(executor.run_status(&request.id), RunStatus::Running);
    assert_eq!(executor.post_run(request), RunStatus::Running);
}

fn is_honest_in_tasks(executor: &Executor) -> Commitment {
    let commitment = executor.commitment(&whole());
    assert_eq!(commitment.root, right().root());
    commitment
}

#[test]
fn without_a_variable_it_is_honest() {
    let program = env!("CARGO_BIN_EXE_dpin-executor-faulty");
    let executor = Executor::start_in(program, tempfile::tempdir().unwrap(), &[], &[]);
    executor.put_blob(COUNT.as_bytes());
    let commitment = is_honest_in_tasks(&executor);
    assert_eq!(executor.sample(&sample()), right_sample());
    assert_eq!(executor.output(task(1), &commitment.root), counted(GROUPS));
}

#[test]
fn the_honest_program_does_not_heed_the_variable() {
    let program = env!("CARGO_BIN_EXE_dpin-executor");
    let all = [("DPIN_FAULT", "wrong-tiles:1.0,silent:seal,withheld-output")];
    let executor = Executor::start_in(program, tempfile::tempdir().unwrap(), &[], &all);
    executor.put_blob(COUNT.as_bytes());
    let commitment = is_honest_in_tasks(&executor);
    assert_eq!(executor.sample(&sample()), right_sample());
    assert_eq!(executor.output(task(1), &commitment.root), counted(GROUPS));
}

#[test]
fn wrong_tiles_spoil_tasks_but_not_samples() {
    let executor = faulty("wrong-tiles:1.0");
    let commitment = executor.commitment(&whole());
    assert_eq!(executor.sample(&sample()), right_sample());
    assert_eq!(wrong_tiles(&executor).len() as u32, GROUPS);
    // Its lie is consistent: it serves the output that it committed to.
    assert_ne!(executor.output(task(1), &commitment.root), counted(GROUPS));
}

#[test]
fn wrong_tiles_spoil_about_the_fraction_asked_for() {
    let executor = faulty("wrong-tiles:0.5");
    executor.commitment(&whole());
    // Binomial(50, 1/2): mean 25, deviation 3.5. The seed, which is the run's id, is fixed.
    assert!((15..=35).contains(&wrong_tiles(&executor).len()));
}

#[test]
fn one_targeted_tile_is_spoilt_alone() {
    let executor = faulty("target-tile:10");
    executor.commitment(&whole());
    assert_eq!(wrong_tiles(&executor), [10]);
    assert_eq!(executor.sample(&sample()), right_sample());
}

#[test]
fn silence_at_commit_leaves_tasks_running() {
    let executor = faulty("silent:commit");
    stays_running(&executor, &whole());
    assert!(is_refused(&executor, 409));
    assert_eq!(executor.get("/v1/outputs/1/0").0, 404);
    assert_eq!(executor.sample(&sample()), right_sample());
}

#[test]
fn silence_at_seal_leaves_samples_running() {
    let executor = faulty("silent:seal");
    stays_running(&executor, &sample());
    is_honest_in_tasks(&executor);
}

#[test]
fn silence_at_opening_refuses_openings_alone() {
    let executor = faulty("silent:opening");
    let commitment = is_honest_in_tasks(&executor);
    assert!(is_refused(&executor, 503));
    assert_eq!(executor.output(task(1), &commitment.root), counted(GROUPS));
}

#[test]
fn late_results_are_right_results() {
    let executor = faulty("late:3000");
    for request in [whole(), sample()] {
        executor.post_run(&request);
        wait("the run's end", Duration::from_secs(60), || {
            let status = executor.status();
            (status.queued == 0 && status.running == 0).then_some(())
        });
        let ended = Instant::now();
        assert_eq!(executor.run_status(&request.id), RunStatus::Running);
        match executor.outcome(&request.id) {
            RunStatus::Committed(commitment) => assert_eq!(commitment.root, right().root()),
            other => assert_eq!(other, RunStatus::Sampled(right_sample())),
        }
        assert!(ended.elapsed() > Duration::from_millis(2_000), "{:?}", ended.elapsed());
    }
}

#[test]
fn a_wrong_opening_does_not_lead_to_the_root() {
    let executor = faulty("wrong-opening");
    let commitment = is_honest_in_tasks(&executor);
    let opening = executor.opening(&whole().id, &SAMPLE);
    let outcome = tile_tree::verify(&commitment.root, GROUPS, &SAMPLE, &opening.leaves, &opening.proof);
    assert_eq!(outcome, Err(OpeningError::WrongRoot));
    let different = opening.leaves.iter().zip(right_sample()).filter(|(told, right)| *told != right).count();
    assert_eq!(different, 1);
}

#[test]
fn a_withheld_output_is_committed_to_and_opened_but_not_served() {
    let executor = faulty("withheld-output");
    is_honest_in_tasks(&executor);
    assert_eq!(executor.opening(&whole().id, &SAMPLE).leaves, right_sample());
    assert_eq!(executor.get("/v1/outputs/1/0").0, 404);
}

#[test]
fn a_lazy_auditor_computes_nothing() {
    let executor = faulty("lazy-auditor");
    let lie = executor.sample(&sample());
    assert_eq!(lie.len(), SAMPLE.len());
    assert!(lie.iter().zip(right_sample()).all(|(told, right)| *told != right));
    // No child has run.
    assert_eq!(executor.get(&format!("/v1/runs/{}/timings", hex::encode(sample().id))).0, 409);
    is_honest_in_tasks(&executor);
}

/// An executor with two devices. The devices named in the returned file are lost.
fn two_devices() -> (Executor, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let lost = folder.path().join("lost");
    let faults = format!("lost-devices:{}", lost.display());
    let environment = [("DPIN_FAULT", faults.as_str()), ("POCL_DEVICES", "pthread pthread")];
    let program = env!("CARGO_BIN_EXE_dpin-executor-faulty");
    let executor = Executor::start_in(program, folder, &["--device", "all"], &environment);
    assert_eq!(executor.status().devices.len(), 2, "this test needs PoCL");
    executor.put_blob(COUNT.as_bytes());
    (executor, lost)
}

#[test]
fn where_one_device_is_lost_the_other_goes_on() {
    let (executor, lost) = two_devices();
    std::fs::write(&lost, "#1\n").unwrap();
    let runs: Vec<RunRequest> = (0..8).map(|job| simple(COUNT, task(job), GROUPS, 60_000)).collect();
    for run in &runs {
        executor.post_run(run);
    }
    for run in &runs {
        let RunStatus::Committed(commitment) = executor.outcome(&run.id) else { panic!("a run was lost") };
        assert_eq!(executor.output(run.task, &commitment.root), counted(GROUPS));
        assert!(told_in(&executor.report(&run.id), "device").unwrap().starts_with("0: "));
    }
    let lost_under = runs.iter().filter(|run| told_in(&executor.report(&run.id), "lost").is_some()).count();
    assert_eq!((lost_under, executor.status().devices.len()), (1, 1));

    std::fs::remove_file(&lost).unwrap();
    wait("the device to come back", Duration::from_secs(60), || (executor.status().devices.len() == 2).then_some(()));
}

#[test]
fn a_run_that_loses_two_devices_has_failed() {
    let (executor, lost) = two_devices();
    std::fs::write(&lost, "#0\n#1\n").unwrap();
    let run = simple(COUNT, task(1), GROUPS, 60_000);
    assert_eq!(executor.failure(&run), ReasonCode::DeviceLost);
    let report = executor.report(&run.id);
    assert_eq!(report.lines().filter(|line| line.starts_with("lost: ")).count(), 2, "{report}");
    std::fs::remove_file(&lost).unwrap();
    assert!(matches!(executor.run(&simple(COUNT, task(2), GROUPS, 60_000)), RunStatus::Committed(_)));
}

#[test]
fn a_kernel_that_leaves_its_driver_useless_has_failed_and_takes_no_device_away() {
    let executor = faulty("dead-drivers");
    executor.put_blob(BEHIND.as_bytes());
    let run = simple(BEHIND, task(1), 4, 30_000);
    assert!(matches!(executor.failure(&run), ReasonCode::KernelFault { .. }));
    assert!(executor.report(&run.id).contains("in another process the device works"));
    assert_eq!(executor.status().devices.len(), 1);
    executor.commitment(&simple(COUNT, task(2), GROUPS, 30_000));
}

#[test]
fn faults_add_up() {
    let executor = faulty("target-tile:3,lazy-auditor,withheld-output");
    executor.commitment(&whole());
    assert_eq!(wrong_tiles(&executor), [3]);
    assert_ne!(executor.sample(&sample()), right_sample());
    assert_eq!(executor.get("/v1/outputs/1/0").0, 404);
}

#[test]
fn another_task_is_spoilt_in_other_places() {
    let executor = faulty("wrong-tiles:0.5");
    let mut sets = Vec::new();
    for job in [1, 2] {
        let request = simple(COUNT, task(job), GROUPS, 30_000);
        executor.commitment(&request);
        let all: Vec<u32> = (0..GROUPS).collect();
        let leaves = executor.opening(&request.id, &all).leaves;
        let truth =
            |index: u32, task: TaskId| leaf(&GENESIS, task, index, &counted(GROUPS)[index as usize * 64..][..64]);
        let wrong = |index: &u32| leaves[*index as usize] != truth(*index, task(job));
        sets.push(all.iter().copied().filter(wrong).collect::<Vec<_>>());
    }
    assert_ne!(sets[0], sets[1]);
}

#[test]
fn unknown_faults_are_refused() {
    for text in [
        "",
        "wrong-tiles",
        "wrong-tiles:2",
        "wrong-tiles:-1",
        "wrong-tiles:NaN",
        "target-tile:-1",
        "silent",
        "silent:all",
        "late:soon",
        "wrong-opening:1",
        "lazy-auditor,",
        "lazy",
    ] {
        assert!(text.parse::<Faults>().is_err(), "{text}");
    }
    assert_eq!("wrong-tiles:0".parse(), Ok(Faults::default()));
}
