//! Extending lifetimes.

use super::*;

#[test]
fn puts_the_expiry_off() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        System::set_block_number(5);

        assert_ok!(renew(ALICE, hash, 20));

        assert_eq!(Records::<Test>::get(hash).unwrap().expires, 25);
        assert_eq!(ExpiryQueue::<Test>::iter_keys().collect::<Vec<_>>(), [(25, hash)]);
        assert_eq!(events().last(), Some(&Event::Renewed { hash, expires: 25 }));
    });
}

#[test]
fn works_on_what_is_pinned() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_ok!(Blobs::pin(&hash));
        assert_ok!(renew(ALICE, hash, 20));
        Blobs::unpin(&hash);
        assert_eq!(ExpiryQueue::<Test>::iter_keys().collect::<Vec<_>>(), [(21, hash)]);
    });
}

#[test]
fn refuses_what_is_not_later() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_noop!(renew(ALICE, hash, 10), E::NotLater);
    });
}

#[test]
fn refuses_wrong_lifetimes() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_noop!(renew(ALICE, hash, 0), E::LifetimeZero);
        assert_noop!(renew(ALICE, hash, MAX_LIFETIME + 1), E::LifetimeTooLong);
        assert_noop!(renew(ALICE, hash, BlockNumber::MAX), E::LifetimeTooLong);
    });
}

#[test]
fn refuses_the_unknown_the_foreign_and_the_unsigned() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_noop!(renew(ALICE, blake2(b"others"), 20), E::UnknownBlob);
        assert_noop!(renew(BOB, hash, 20), E::NotOwner);
        assert_noop!(Blobs::renew(RuntimeOrigin::none(), hash, 20), DispatchError::BadOrigin);
    });
}
