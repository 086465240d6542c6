//! Changing declarations.

use super::*;

#[test]
fn replaces_what_is_declared_but_not_the_key() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        let mut new = record(&BOB, gpus(3));
        new.offer.max_run_blocks = 7;
        assert_ok!(update(ALICE, new.clone()));
        new.key = key(&ALICE);
        assert_eq!(crate::Workers::<Test>::get(ALICE), Some(new));
        assert_eq!(standing(&ALICE).slots, 3);
        assert_eq!(events(), [Event::Updated { worker: ALICE }]);
    });
}

#[test]
fn moves_to_the_index_of_the_new_class() {
    TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
        assert_ok!(update(ALICE, record(&ALICE, devices(DeviceClass::Cpu, 1))));
        assert_eq!(Workers::draw(Some(DeviceClass::Cpu), 0), Some(ALICE));
        assert_eq!(Workers::draw(Some(DeviceClass::Gpu), 0), Some(BOB));
        assert_eq!(Workers::available(Some(DeviceClass::Gpu)), 1);
    });
}

#[test]
fn leaves_the_paused_paused() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(pause(ALICE));
        assert_ok!(update(ALICE, record(&ALICE, devices(DeviceClass::Cpu, 2))));
        assert!(!available(&ALICE));
    });
}

#[test]
fn refuses_the_busy() {
    TestExt::new().worker(ALICE, 2).build_and_execute(|| {
        assert!(occupy(&ALICE));
        assert_noop!(update(ALICE, record(&ALICE, gpus(2))), E::Busy);
        Workers::vacate(&ALICE);
        assert_ok!(update(ALICE, record(&ALICE, gpus(2))));
    });
}

#[test]
fn refuses_strangers_the_leaving_and_the_unsigned() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_noop!(update(BOB, record(&BOB, gpus(1))), E::UnknownWorker);
        let WorkerRecord { address, region, devices, offer, .. } = record(&ALICE, gpus(1));
        let unsigned = Workers::update(RuntimeOrigin::none(), address, region, devices, offer);
        assert_noop!(unsigned, DispatchError::BadOrigin);
        assert_ok!(leave(ALICE));
        assert_noop!(update(ALICE, record(&ALICE, gpus(1))), E::Leaving);
    });
}
