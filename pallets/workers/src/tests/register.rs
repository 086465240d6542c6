//! Registration.

use super::*;

#[test]
fn holds_the_least_bond_and_makes_available() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(register(&ALICE, gpus(2)));

        let info = WorkerInfo {
            account: ALICE,
            number: 0,
            key: key(&ALICE),
            address: record(&ALICE, gpus(2)).address,
            region: record(&ALICE, gpus(2)).region,
            class: DeviceClass::Gpu,
            devices: gpus(2).into_inner(),
            offer: record(&ALICE, gpus(2)).offer,
            status: WorkerStatus::Active,
            bond: MIN_BOND,
            locked: 0,
            slots: 2,
            busy: 0,
            available: true,
            reputation: Perbill::from_percent(50),
            strikes: 0,
            slashing: 0,
            misses: 0,
            passport: None,
            certificate: 0,
        };
        assert_eq!(Workers::info(&ALICE), Some(info));
        assert_eq!(Balances::free_balance(&ALICE), ENDOWMENT - MIN_BOND);
        assert_eq!(Workers::worker_of(&key(&ALICE)), Some(ALICE));
        assert_eq!(<Workers as WorkerRegistry>::key(&ALICE), Some(key(&ALICE)));
        assert_eq!(<Workers as WorkerRegistry>::active(), 1);
        assert_eq!(events(), [Event::Registered { worker: ALICE, key: key(&ALICE) }]);
    });
}

#[test]
fn takes_the_least_and_the_most() {
    TestExt::new().build_and_execute(|| {
        let mut least = record(&ALICE, gpus(1));
        least.region = Default::default();
        least.offer.min_reward = vec![(AssetKind::Native, 0)].try_into().unwrap();
        least.offer.max_run_blocks = 1;
        assert_ok!(register_as(&ALICE, least, proof(&ALICE, &ALICE)));

        let mut most = record(&BOB, gpus(MAX_DEVICES));
        most.region = b"u33dbfcy".to_vec().try_into().unwrap();
        let assets = (0..8).map(|id| (AssetKind::WithId(id), Balance::MAX)).collect::<Vec<_>>();
        most.offer.min_reward = assets.try_into().unwrap();
        most.offer.max_run_blocks = BlockNumber::MAX;
        assert_ok!(register_as(&BOB, most, proof(&BOB, &BOB)));
    });
}

#[test]
fn refuses_a_worker() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        let mut again = record(&ALICE, gpus(1));
        again.key = key(&BOB);
        assert_noop!(register_as(&ALICE, again, proof(&BOB, &ALICE)), E::AlreadyRegistered);
    });
}

#[test]
fn refuses_a_key_of_another_worker() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        let mut stolen = record(&BOB, gpus(1));
        stolen.key = key(&ALICE);
        assert_noop!(register_as(&BOB, stolen, proof(&ALICE, &BOB)), E::KeyTaken);
    });
}

#[test]
fn refuses_a_proof_by_another_key() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(register_as(&ALICE, record(&ALICE, gpus(1)), proof(&BOB, &ALICE)), E::InvalidProof);
    });
}

#[test]
fn refuses_a_proof_made_for_another_account() {
    TestExt::new().build_and_execute(|| {
        let mut stolen = record(&BOB, gpus(1));
        stolen.key = key(&ALICE);
        assert_noop!(register_as(&BOB, stolen, proof(&ALICE, &ALICE)), E::InvalidProof);
    });
}

#[test]
fn refuses_a_proof_made_for_another_chain() {
    TestExt::new().build_and_execute(|| {
        let proof = proof(&ALICE, &ALICE);
        polkadot_sdk::frame_system::BlockHash::<Test>::insert(0, dpin_primitives::Hash::repeat_byte(9));
        assert_noop!(register_as(&ALICE, record(&ALICE, gpus(1)), proof), E::InvalidProof);
    });
}

#[test]
fn refuses_a_key_that_is_no_point() {
    TestExt::new().build_and_execute(|| {
        let mut odd = record(&ALICE, gpus(1));
        odd.key = WorkerKey::from(sr25519::Public::from_raw([0xff; 32]));
        assert_noop!(register_as(&ALICE, odd, proof(&ALICE, &ALICE)), E::InvalidProof);
    });
}

#[test]
fn refuses_who_cannot_bond() {
    let short = MIN_BOND + EXISTENTIAL_DEPOSIT - 1;
    TestExt::new().endow(ALICE, short).build_and_execute(|| {
        assert_noop!(register(&ALICE, gpus(1)), TokenError::FundsUnavailable);
    });
    TestExt::new().endow(ALICE, short + 1).build_and_execute(|| {
        assert_ok!(register(&ALICE, gpus(1)));
    });
}

#[test]
fn refuses_the_unsigned() {
    TestExt::new().build_and_execute(|| {
        let WorkerRecord { key, address, region, devices, offer } = record(&ALICE, gpus(1));
        let proof = proof(&ALICE, &ALICE);
        let call = Workers::register(RuntimeOrigin::none(), key, proof, address, region, devices, offer);
        assert_noop!(call, DispatchError::BadOrigin);
    });
}
