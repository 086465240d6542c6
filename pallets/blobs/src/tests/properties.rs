//! Random steps keep the invariants.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Store(u8, BlockNumber),
    Announce(u8, BlockNumber),
    Renew(u8, BlockNumber),
    Remove(u8),
    Expire(u8),
    Pin(u8),
    Unpin(u8),
    Pass(BlockNumber, u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..6u8, 1..20u32).prop_map(|(b, l)| Step::Store(b, l)),
        (0..6u8, 1..20u32).prop_map(|(b, l)| Step::Announce(b, l)),
        (0..6u8, 1..20u32).prop_map(|(b, l)| Step::Renew(b, l)),
        (0..6u8).prop_map(Step::Remove),
        (0..6u8).prop_map(Step::Expire),
        (0..6u8).prop_map(Step::Pin),
        (0..6u8).prop_map(Step::Unpin),
        (1..8u32, 0..4u64).prop_map(|(n, w)| Step::Pass(n, w)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn invariants_hold_after_any_steps_and_everything_unpinned_ends(steps in prop::collection::vec(step(), 1..60)) {
        TestExt::new().build().execute_with(|| {
            let hash = |b: u8| blake2(&[b; 3]);
            for step in steps {
                // A step may be refused.
                let _ = match step {
                    Step::Store(b, lifetime) => store(if b < 3 { ALICE } else { BOB }, lifetime, &[b; 3]),
                    Step::Announce(b, lifetime) => announce(BOB, hash(b), 7, lifetime),
                    Step::Renew(b, lifetime) => renew(ALICE, hash(b), lifetime),
                    Step::Remove(b) => remove(ALICE, hash(b)),
                    Step::Expire(b) => expire(ALICE, hash(b)),
                    Step::Pin(b) => Blobs::pin(&hash(b)),
                    Step::Unpin(b) => {
                        if Records::<Test>::get(hash(b)).is_some_and(|record| record.pins > 0) {
                            Blobs::unpin(&hash(b));
                        }
                        Ok(())
                    }
                    Step::Pass(blocks, blobs) => {
                        let weight = <()>::sweep_base() + (<()>::sweep_block() + <()>::sweep_blob()) * blobs;
                        idle_at(System::block_number() + blocks, weight);
                        Ok(())
                    }
                };
                Blobs::do_try_state().unwrap();
            }
            idle_at(System::block_number() + MAX_LIFETIME, Weight::MAX);
            assert!(Records::<Test>::iter_values().all(|record| record.pins > 0));
            Blobs::do_try_state().unwrap();
        });
    }
}
