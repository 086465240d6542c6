//! Expiring blobs.

use super::*;

#[test]
fn may_be_called_by_anyone_from_the_expiry_on() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        System::set_block_number(10);
        assert_noop!(expire(BOB, hash), E::NotExpired);
        System::set_block_number(11);

        assert_ok!(expire(BOB, hash));

        assert_eq!(Blobs::size(&hash), None);
        assert_eq!(Balances::free_balance(&ALICE), 10_000_000);
        assert_eq!(Balances::free_balance(&BOB), 10_000_000);
        assert_eq!(events().last(), Some(&Event::Expired { hash }));
    });
}

#[test]
fn refuses_the_unknown_the_pinned_and_the_unsigned() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");
        assert_ok!(Blobs::pin(&hash));
        System::set_block_number(100);
        assert_noop!(expire(BOB, blake2(b"others")), E::UnknownBlob);
        assert_noop!(expire(BOB, hash), E::Pinned);
        assert_noop!(Blobs::expire(RuntimeOrigin::none(), hash), DispatchError::BadOrigin);
    });
}
