//! Removing blobs.

use super::*;

#[test]
fn releases_the_deposit() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");

        assert_ok!(remove(ALICE, hash));

        assert_eq!(held(&ALICE), 0);
        assert_eq!(Balances::free_balance(&ALICE), 10_000_000);
        assert_eq!(Blobs::size(&hash), None);
        assert_eq!(ExpiryQueue::<Test>::iter().count(), 0);
        assert_eq!(events().last(), Some(&Event::Removed { hash }));
    });
}

#[test]
fn releases_the_deposit_of_this_blob_alone() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        stored(b"others");
        assert_ok!(remove(ALICE, hash));
        assert_eq!(held(&ALICE), BASE_DEPOSIT + 6 * BYTE_DEPOSIT);
    });
}

#[test]
fn lets_the_blob_be_stored_again() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_ok!(remove(ALICE, hash));
        assert_ok!(store(BOB, 10, b"bytes"));
    });
}

#[test]
fn refuses_the_unknown_the_foreign_and_the_unsigned() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_noop!(remove(ALICE, blake2(b"others")), E::UnknownBlob);
        assert_noop!(remove(BOB, hash), E::NotOwner);
        assert_noop!(Blobs::remove(RuntimeOrigin::none(), hash), DispatchError::BadOrigin);
    });
}

#[test]
fn refuses_the_pinned() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_ok!(Blobs::pin(&hash));
        assert_noop!(remove(ALICE, hash), E::Pinned);
        Blobs::unpin(&hash);
        assert_ok!(remove(ALICE, hash));
    });
}
