//! Pins of kernels and jobs.

use super::*;

#[test]
fn are_counted() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_ok!(Blobs::pin(&hash));
        assert_ok!(Blobs::pin(&hash));
        Blobs::unpin(&hash);
        assert_noop!(remove(ALICE, hash), E::Pinned);
        Blobs::unpin(&hash);
        assert_ok!(remove(ALICE, hash));
    });
}

#[test]
fn are_refused_for_the_unknown() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(Blobs::pin(&blake2(b"bytes")), E::UnknownBlob);
    });
}

#[test]
fn are_refused_past_the_last_number() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_ok!(Blobs::pin(&hash));
        Records::<Test>::mutate(hash, |record| record.as_mut().unwrap().pins = u32::MAX);
        assert_noop!(Blobs::pin(&hash), E::TooManyPins);
    });
}

#[test]
fn keep_the_sweep_away_until_the_block_after_the_last_is_gone() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_ok!(Blobs::pin(&hash));
        idle_at(50, Weight::MAX);
        assert_eq!(Blobs::size(&hash), Some(5));

        Blobs::unpin(&hash);
        idle_at(50, Weight::MAX);
        assert_eq!(Blobs::size(&hash), Some(5));
        idle_at(51, Weight::MAX);
        assert_eq!(Blobs::size(&hash), None);
    });
}
