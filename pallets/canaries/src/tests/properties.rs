//! Random steps keep the invariants, and rounds close.

use super::*;
use proptest::prelude::*;

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
