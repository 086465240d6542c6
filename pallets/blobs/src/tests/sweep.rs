//! The sweep of expired blobs.

use super::*;

#[test]
fn takes_what_is_expired_and_nothing_else() {
    TestExt::new().build_and_execute(|| {
        let gone = stored(b"bytes");
        let kept = blake2(b"others");
        assert_ok!(store(BOB, 11, b"others"));

        idle_at(11, Weight::MAX);

        assert_eq!((Blobs::size(&gone), Blobs::size(&kept)), (None, Some(6)));
        assert_eq!((held(&ALICE), held(&BOB)), (0, BASE_DEPOSIT + 6 * BYTE_DEPOSIT));
        assert_eq!(events().last(), Some(&Event::Expired { hash: gone }));
        assert_eq!(SweepFrom::<Test>::get(), 12);
    });
}

#[test]
fn stops_at_its_limit_and_goes_on_in_the_next_block() {
    TestExt::new().build_and_execute(|| {
        for i in 0..MAX_SWEPT_PER_BLOCK + 3 {
            stored(&i.to_le_bytes());
        }
        idle_at(11, Weight::MAX);
        assert_eq!(Records::<Test>::iter().count(), 3);
        Blobs::do_try_state().unwrap();
        idle_at(12, Weight::MAX);
        assert_eq!(Records::<Test>::iter().count(), 0);
    });
}

#[test]
fn stays_within_its_weight() {
    TestExt::new().build_and_execute(|| {
        for i in 0..4u32 {
            stored(&i.to_le_bytes());
        }
        SweepFrom::<Test>::put(11);
        let two = <()>::sweep_base() + <()>::sweep_block() + <()>::sweep_blob() * 2;

        assert_eq!(idle_at(11, two), two);

        assert_eq!(Records::<Test>::iter().count(), 2);
        assert_eq!(idle_at(11, Weight::zero()), Weight::zero());
        assert_eq!(Records::<Test>::iter().count(), 2);
    });
}

#[test]
fn catches_up_with_blocks_that_were_not_idle() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        idle_at(40, <()>::sweep_base() + <()>::sweep_block() * 5);
        assert_eq!(SweepFrom::<Test>::get(), 5);
        assert_eq!(Blobs::size(&hash), Some(5));
        idle_at(41, Weight::MAX);
        assert_eq!(SweepFrom::<Test>::get(), 42);
        assert_eq!(Blobs::size(&hash), None);
    });
}

#[test]
fn ends_at_the_last_block() {
    TestExt::new().build_and_execute(|| {
        SweepFrom::<Test>::put(BlockNumber::MAX);
        idle_at(BlockNumber::MAX, Weight::MAX);
        assert_eq!(SweepFrom::<Test>::get(), BlockNumber::MAX);
    });
}
