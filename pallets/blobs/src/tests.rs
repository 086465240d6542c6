use crate::{
    mock::*, Blobs as Records, Error, Event, ExpiryQueue, SweepFrom, WeightInfo, MAX_ANNOUNCED_BYTES, MAX_BLOB_BYTES,
    MAX_SWEPT_PER_BLOCK,
};
use dpin_primitives::{api::BlobInfo, blake2, traits::BlobStore, AccountId, BlobHash, BlockNumber};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight},
    pallet_utility,
    sp_runtime::{DispatchError, DispatchResult, TokenError},
};
use proptest::prelude::*;

type E = Error<Test>;

fn store_call(lifetime: BlockNumber, data: &[u8]) -> RuntimeCall {
    crate::Call::store { lifetime, data: data.to_vec() }.into()
}

fn store(who: AccountId, lifetime: BlockNumber, data: &[u8]) -> DispatchResult {
    apply(who, note(store_call(lifetime, data)))
}

/// Assert that an extrinsic fails and changes nothing.
fn refused(who: AccountId, call: impl Into<RuntimeCall>, error: impl Into<DispatchError>) {
    let noted = note(call);
    assert_noop!(apply(who, noted), error.into());
}

/// Assert that storing a blob fails and changes nothing.
fn store_refused(who: AccountId, lifetime: BlockNumber, data: &[u8], error: impl Into<DispatchError>) {
    refused(who, store_call(lifetime, data), error);
}

/// Store a blob for ALICE for 10 blocks and return its hash.
fn stored(data: &[u8]) -> BlobHash {
    assert_ok!(store(ALICE, 10, data));
    blake2(data)
}

fn announce(who: AccountId, id: BlobHash, size: u64, lifetime: BlockNumber) -> DispatchResult {
    Blobs::announce(RuntimeOrigin::signed(who), id, size, lifetime)
}

fn renew(who: AccountId, hash: BlobHash, lifetime: BlockNumber) -> DispatchResult {
    Blobs::renew(RuntimeOrigin::signed(who), hash, lifetime)
}

fn remove(who: AccountId, hash: BlobHash) -> DispatchResult {
    Blobs::remove(RuntimeOrigin::signed(who), hash)
}

fn expire(who: AccountId, hash: BlobHash) -> DispatchResult {
    Blobs::expire(RuntimeOrigin::signed(who), hash)
}

mod store {
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
}

mod announce {
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
}

mod renew {
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
}

mod remove {
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
}

mod expire {
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
}

mod pins {
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
}

mod sweep {
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
}

#[test]
fn constants_fit_each_other() {
    TestExt::new().build_and_execute(<Blobs as Hooks<BlockNumber>>::integrity_test);
}

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
