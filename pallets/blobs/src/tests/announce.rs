//! Announcing blobs.

use super::*;

const ID: BlobHash = BlobHash::repeat_byte(0xab);

#[test]
fn holds_the_base_deposit_and_records_the_blob() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(announce(ALICE, ID, MAX_ANNOUNCED_BYTES, 10));

        let size = MAX_ANNOUNCED_BYTES;
        assert_eq!(held(&ALICE), BASE_DEPOSIT);
        assert_eq!(Blobs::size(&ID), Some(size));
        assert!(!Blobs::is_stored(&ID));
        let info = BlobInfo { hash: ID, size, announced: true, owner: ALICE, expires: 11, pins: 0 };
        assert_eq!(Blobs::info(ID), Some(info));
        let expected = Event::Announced { hash: ID, owner: ALICE, size, deposit: BASE_DEPOSIT, expires: 11 };
        assert_eq!(events(), [expected]);
    });
}

#[test]
fn refuses_wrong_sizes_and_lifetimes() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(announce(ALICE, ID, 0, 10), E::Empty);
        assert_noop!(announce(ALICE, ID, MAX_ANNOUNCED_BYTES + 1, 10), E::TooLarge);
        assert_noop!(announce(ALICE, ID, 1, 0), E::LifetimeZero);
        assert_noop!(announce(ALICE, ID, 1, MAX_LIFETIME + 1), E::LifetimeTooLong);
    });
}

#[test]
fn refuses_the_known_the_poor_and_the_unsigned() {
    TestExt::new().endow(BOB, BASE_DEPOSIT - 1).build_and_execute(|| {
        assert_ok!(announce(ALICE, ID, 1, 10));
        assert_noop!(announce(ALICE, ID, 1, 10), E::AlreadyStored);
        let known = stored(b"bytes");
        assert_noop!(announce(ALICE, known, 5, 10), E::AlreadyStored);
        assert_noop!(announce(BOB, BlobHash::zero(), 1, 10), TokenError::FundsUnavailable);
        assert_noop!(Blobs::announce(RuntimeOrigin::none(), BlobHash::zero(), 1, 10), DispatchError::BadOrigin);
    });
}

#[test]
fn is_renewed_pinned_removed_and_expired_like_a_stored_blob() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(announce(ALICE, ID, 1, 10));
        assert_ok!(renew(ALICE, ID, 20));
        assert_ok!(Blobs::pin(&ID));
        assert_noop!(remove(ALICE, ID), E::Pinned);
        Blobs::unpin(&ID);
        assert_noop!(remove(BOB, ID), E::NotOwner);
        assert_ok!(remove(ALICE, ID));
        assert_eq!(held(&ALICE), 0);

        assert_ok!(announce(ALICE, ID, 1, 10));
        System::set_block_number(11);
        assert_ok!(expire(BOB, ID));
        assert_eq!((held(&ALICE), Blobs::size(&ID)), (0, None));
    });
}

#[test]
fn is_swept_when_its_time_is_over() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(announce(ALICE, ID, 1, 10));
        idle_at(11, Weight::MAX);
        assert_eq!((held(&ALICE), Blobs::size(&ID)), (0, None));
    });
}

#[test]
fn gives_way_to_the_bytes_and_keeps_its_pins() {
    TestExt::new().build_and_execute(|| {
        let hash = blake2(b"bytes");
        assert_ok!(announce(BOB, hash, 1_000, 50));
        assert_ok!(Blobs::pin(&hash));

        assert_eq!(stored(b"bytes"), hash);

        let record = Records::<Test>::get(hash).unwrap();
        assert_eq!((record.owner, record.size, record.stored_at, record.pins), (ALICE, 5, Some(1), 1));
        assert_eq!((held(&ALICE), held(&BOB)), (record.deposit, 0));
        assert_noop!(remove(ALICE, hash), E::Pinned);
        Blobs::unpin(&hash);
        assert_ok!(remove(ALICE, hash));
    });
}

#[test]
fn gives_way_to_the_bytes_when_nothing_has_pinned_it() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(announce(ALICE, blake2(b"bytes"), 1_000, 50));
        let hash = stored(b"bytes");
        assert_eq!(held(&ALICE), BASE_DEPOSIT + 5 * BYTE_DEPOSIT);
        assert_eq!(ExpiryQueue::<Test>::iter_keys().collect::<Vec<_>>(), [(11, hash)]);
    });
}
