//! Storing blobs.

use super::*;

#[test]
fn holds_the_deposit_and_records_the_blob() {
    TestExt::new().build_and_execute(|| {
        let hash = stored(b"bytes");

        let record = Records::<Test>::get(hash).unwrap();
        assert_eq!((record.owner, record.size, record.stored_at, record.expires), (ALICE, 5, Some(1), 11));
        assert_eq!((record.deposit, record.pins), (BASE_DEPOSIT + 5 * BYTE_DEPOSIT, 0));
        assert_eq!(held(&ALICE), record.deposit);
        assert_eq!(Blobs::size(&hash), Some(5));
        let info = BlobInfo { hash, size: 5, announced: false, owner: ALICE, expires: 11, pins: 0 };
        assert_eq!(Blobs::info(hash), Some(info));
        assert!(Blobs::is_stored(&hash));
        let expected = Event::Stored { hash, owner: ALICE, size: 5, deposit: record.deposit, expires: 11 };
        assert_eq!(events(), [expected]);
    });
}

#[test]
fn asks_nodes_to_keep_the_bytes() {
    let mut extrinsic = None;
    let ext = TestExt::new().build_and_execute(|| {
        stored(b"bytes");
        extrinsic = System::extrinsic_index();
    });
    let asked = format!("{:?}", ext.overlayed_changes().transaction_index_ops());
    let hash = blake2(b"bytes").0.to_vec();
    assert_eq!(asked, format!("[Insert {{ extrinsic: {}, hash: {hash:?}, size: 5 }}]", extrinsic.unwrap()));
}

#[test]
fn takes_the_largest_blob_and_no_larger_one() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(store(ALICE, 10, &vec![1; MAX_BLOB_BYTES as usize]));
        store_refused(ALICE, 10, &vec![1; MAX_BLOB_BYTES as usize + 1], E::TooLarge);
    });
}

#[test]
fn refuses_no_bytes() {
    TestExt::new().build_and_execute(|| {
        store_refused(ALICE, 10, b"", E::Empty);
    });
}

#[test]
fn refuses_a_lifetime_of_nothing() {
    TestExt::new().build_and_execute(|| {
        store_refused(ALICE, 0, b"bytes", E::LifetimeZero);
    });
}

#[test]
fn takes_the_longest_lifetime_and_no_longer_one() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(store(ALICE, MAX_LIFETIME, b"bytes"));
        store_refused(ALICE, MAX_LIFETIME + 1, b"others", E::LifetimeTooLong);
        store_refused(ALICE, BlockNumber::MAX, b"others", E::LifetimeTooLong);
    });
}

#[test]
fn refuses_a_lifetime_past_the_last_block() {
    TestExt::new().build_and_execute(|| {
        System::set_block_number(BlockNumber::MAX - 1);
        store_refused(ALICE, 2, b"bytes", E::LifetimeTooLong);
    });
}

#[test]
fn refuses_what_is_stored() {
    TestExt::new().build_and_execute(|| {
        stored(b"bytes");
        store_refused(ALICE, 10, b"bytes", E::AlreadyStored);
        store_refused(BOB, 10, b"bytes", E::AlreadyStored);
    });
}

#[test]
fn refuses_bytes_that_do_not_end_the_extrinsic() {
    TestExt::new().build_and_execute(|| {
        let after = polkadot_sdk::frame_system::Call::remark { remark: b"other bytes".to_vec() }.into();
        let calls = vec![store_call(10, b"bytes of mine"), after];
        let batch = pallet_utility::Call::batch_all { calls };
        refused(ALICE, batch, E::NotAtEndOfExtrinsic);
    });
}

#[test]
fn refuses_outside_of_an_extrinsic() {
    TestExt::new().build_and_execute(|| {
        let call = || Blobs::store(RuntimeOrigin::signed(ALICE), 10, b"bytes".to_vec());
        assert_noop!(call(), E::NotAtEndOfExtrinsic);
        System::note_finished_extrinsics();
        assert_eq!(System::extrinsic_index(), None);
        assert_noop!(call(), E::NotAtEndOfExtrinsic);
    });
}

#[test]
fn works_at_the_end_of_a_batch() {
    TestExt::new().build_and_execute(|| {
        let before = polkadot_sdk::frame_system::Call::remark { remark: b"other bytes".to_vec() }.into();
        let calls = vec![before, store_call(10, b"bytes")];
        assert_ok!(apply(ALICE, note(pallet_utility::Call::batch_all { calls })));
        assert_eq!(Blobs::size(&blake2(b"bytes")), Some(5));
    });
}

#[test]
fn refuses_a_second_blob_in_one_extrinsic() {
    TestExt::new().build_and_execute(|| {
        let calls = vec![store_call(10, b"tail"), store_call(10, b"bytes with a tail")];
        refused(ALICE, pallet_utility::Call::batch_all { calls }, E::OnePerExtrinsic);
    });
}

#[test]
fn asks_last_for_what_is_stored_even_if_a_store_was_rolled_back() {
    let ext = TestExt::new().build_and_execute(|| {
        let failing = pallet_utility::Call::batch_all {
            calls: vec![store_call(10, b"tail"), crate::Call::remove { hash: Default::default() }.into()],
        };
        let calls = vec![failing.into(), store_call(10, b"bytes with a tail")];
        assert_ok!(apply(ALICE, note(pallet_utility::Call::force_batch { calls })));
        assert_eq!(Blobs::size(&blake2(b"tail")), None);
        assert_eq!(Blobs::size(&blake2(b"bytes with a tail")), Some(17));
    });
    let asked = ext.overlayed_changes().transaction_index_ops();
    assert_eq!(asked.len(), 2);
    assert!(format!("{:?}", asked.last()).contains("size: 17"));
}

#[test]
fn works_in_each_extrinsic_of_a_block() {
    TestExt::new().build_and_execute(|| {
        stored(b"one");
        stored(b"two");
        assert_eq!(Records::<Test>::iter().count(), 2);
    });
}

#[test]
fn refuses_who_cannot_pay_the_deposit() {
    let short = BASE_DEPOSIT + 5 * BYTE_DEPOSIT + EXISTENTIAL_DEPOSIT - 1;
    TestExt::new().endow(ALICE, short).build_and_execute(|| {
        store_refused(ALICE, 10, b"bytes", TokenError::FundsUnavailable);
    });
    TestExt::new().endow(ALICE, short + 1).build_and_execute(|| {
        assert_ok!(store(ALICE, 10, b"bytes"));
    });
}

#[test]
fn refuses_the_unsigned() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(Blobs::store(RuntimeOrigin::none(), 10, b"bytes".to_vec()), DispatchError::BadOrigin);
    });
}
