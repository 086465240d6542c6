//! The weight of the hooks.

use super::*;

#[test]
fn weigh_what_they_do_and_no_more_than_is_allowed() {
    TestExt::new(0).build_and_execute(|| {
        let idle = ProofOfCompute::on_initialize(1);
        assert!(idle.all_gt(Weight::zero()));
        submit(spec(20));
        let busy = ProofOfCompute::on_initialize(2);
        assert_eq!(busy, idle + <() as WeightInfo>::assign_task() * 8, "eight of twenty");
        System::set_block_number(RULES.queue_blocks + 5);
        for limit in [Weight::zero(), <() as WeightInfo>::sweep_block() * 3, Weight::MAX] {
            assert!(ProofOfCompute::on_idle(System::block_number(), limit).all_lte(limit));
        }
        assert!(escrow() == 0);
    });
}

#[test]
fn without_weight_nothing_is_done_and_nothing_lost() {
    TestExt::new(0).build_and_execute(|| {
        submit(spec(3));
        System::set_block_number(RULES.queue_blocks + 5);
        assert_eq!(ProofOfCompute::on_idle(System::block_number(), Weight::zero()), Weight::zero());
        assert_eq!((Tasks::<Test>::iter().count(), live_deadlines()), (3, 3));
        let done = ProofOfCompute::on_idle(System::block_number(), Weight::MAX);
        assert!(done.all_gt(Weight::zero()));
        pass(1);
        nothing_is_left();
    });
}
