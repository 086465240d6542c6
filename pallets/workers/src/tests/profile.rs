//! The profile of a worker.

use super::*;

#[test]
fn is_that_of_the_weakest_device() {
    TestExt::new().build_and_execute(|| {
        let mut unequal = vec![device(DeviceClass::Gpu); 2];
        unequal[1].memory = 1;
        unequal[1].fp64 = false;
        unequal[0].fp32.denormals = false;
        assert_ok!(register(&ALICE, unequal.try_into().unwrap()));

        let fp32 = Fp32 { denormals: false, rounded_division: true };
        let weakest = Capability { memory: 1, fp64: false, fp32 };
        assert_eq!(Workers::capability(&ALICE), Some(weakest));
        let stands = Workers::state(&ALICE).unwrap();
        assert_eq!((stands.class, stands.capability), (DeviceClass::Gpu, weakest));
        assert_ok!(update(ALICE, record(&ALICE, gpus(1))));
        let device = &gpus(1)[0];
        let able = Capability { memory: device.memory, fp64: device.fp64, fp32: device.fp32 };
        assert_eq!(Workers::state(&ALICE).unwrap().capability, able);
        let profile = Workers::profile(&ALICE).unwrap();
        let offer: Offer = record(&ALICE, gpus(1)).offer;
        assert_eq!((&profile.region[..], profile.offer), (&b"u33d"[..], offer));
    });
}

#[test]
fn is_not_to_be_had_of_strangers() {
    TestExt::new().build_and_execute(|| {
        assert_eq!(<Workers as WorkerRegistry>::profile(&ALICE), None);
        assert_eq!(Workers::info(&ALICE), None);
        assert_eq!(<Workers as WorkerRegistry>::key(&ALICE), None);
        assert_eq!(Workers::worker_of(&key(&ALICE)), None);
    });
}
