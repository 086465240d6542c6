//! The sweeps over workers, within the weight that a block has left.

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
            commit_both(number);
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
