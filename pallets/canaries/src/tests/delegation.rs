//! Tasks that are not canaries go to the jobs.

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
    in_first_round(1, || {
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
