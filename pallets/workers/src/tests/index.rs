//! The availability index and its draws.

use super::*;

#[test]
fn closes_the_gap_with_its_last() {
    TestExt::new().worker(ALICE, 1).worker(BOB, 1).worker(CAROL, 1).build_and_execute(|| {
        assert_ok!(pause(ALICE));
        assert_eq!(Available::<Test>::get(DeviceClass::Gpu, 0), Some(CAROL));
        assert_eq!(standing(&CAROL).position, Some(0));
        assert_eq!(standing(&ALICE).position, None);
        assert_eq!(Workers::available(Some(DeviceClass::Gpu)), 2);
    });
}

#[test]
fn of_nobody_gives_nobody() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_eq!(Workers::draw(Some(DeviceClass::Accelerator), 7), None);
        assert_ok!(pause(ALICE));
        assert_eq!(Workers::draw(None, u64::MAX), None);
    });
}

#[test]
fn counts_by_class_and_altogether() {
    TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
        assert_ok!(register(&CAROL, devices(DeviceClass::Accelerator, 1)));
        assert_eq!(Workers::available(Some(DeviceClass::Gpu)), 2);
        assert_eq!(Workers::available(Some(DeviceClass::Cpu)), 0);
        assert_eq!(Workers::available(None), 3);
    });
}

#[test]
fn gives_everyone_of_every_class_the_same_chance() {
    TestExt::new().worker(ALICE, 1).worker(BOB, 8).build_and_execute(|| {
        assert_ok!(register(&CAROL, devices(DeviceClass::Accelerator, 1)));
        let mut drawn = BTreeMap::new();
        for i in 0..6_000u64 {
            let uniform = dpin_primitives::blake2(&i.to_le_bytes()).to_low_u64_le();
            *drawn.entry(Workers::draw(None, uniform).unwrap()).or_insert(0) += 1;
        }
        assert_eq!(drawn.len(), 3);
        assert!(drawn.values().all(|times| (1_850..2_150).contains(times)), "{drawn:?}");
    });
}

#[test]
fn draws_of_a_class_stay_in_it() {
    TestExt::new().worker(ALICE, 1).build_and_execute(|| {
        assert_ok!(register(&BOB, devices(DeviceClass::Cpu, 1)));
        for uniform in [0, 1, 2, u64::MAX] {
            assert_eq!(Workers::draw(Some(DeviceClass::Cpu), uniform), Some(BOB));
        }
    });
}
