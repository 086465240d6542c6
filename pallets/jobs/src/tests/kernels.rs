//! Registering and unregistering kernels.

use super::*;

fn held(who: &AccountId) -> Balance {
    AllAssets::balance_on_hold(NATIVE, &HoldReason::Kernel.into(), who)
}

fn deposit(manifest: &KernelManifest) -> Balance {
    use codec::Encode;
    100 + 2 * manifest.encode().len() as Balance
}

#[test]
fn registering_holds_the_deposit_and_keeps_the_source() {
    TestExt::new().build_and_execute(|| {
        let deposit = deposit(&manifest());
        assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));

        let record = Kernels::<Test>::get(manifest().id()).unwrap();
        assert_eq!((record.manifest, record.owner, record.deposit, record.jobs), (manifest(), ALICE, deposit, 0));
        assert_eq!(held(&ALICE), deposit);
        assert_eq!(FakeBlobs::pins(source()), 1);
        assert_eq!(events(), [Event::KernelRegistered { kernel: manifest().id(), owner: ALICE, deposit }]);
    });
}

#[test]
fn registering_names_the_broken_rule_of_a_manifest() {
    TestExt::new().build_and_execute(|| {
        let refused = |change: fn(&mut KernelManifest), error: Error<Test>| {
            let mut manifest = manifest();
            change(&mut manifest);
            assert_noop!(Jobs::register_kernel(signed(ALICE), manifest), error);
        };
        refused(|m| m.entry = b"1".to_vec().try_into().unwrap(), Error::InvalidEntry);
        refused(|m| m.params[0] = Param::Scalar { bytes: 3 }, Error::InvalidScalarWidth);
        refused(|m| m.params[1] = Param::Output, Error::NotOneOutput);
        refused(|m| m.local_size = [257, 1, 1], Error::InvalidLocalSize);
        refused(|m| m.tiling = Tiling::Whole { bytes: MAX_TILE_BYTES + 1 }, Error::InvalidTileSize);
        refused(|m| m.params[0] = Param::Local { bytes: 0 }, Error::InvalidLocalMemory);
        refused(|m| m.options = vec![BuildOption::OptDisable; 2].try_into().unwrap(), Error::RepeatedOption);
        refused(|m| m.class = KernelClass::Deterministic, Error::NotDeterministic);
    });
}

#[test]
fn registering_twice_fails() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));
        assert_noop!(Jobs::register_kernel(signed(BOB), manifest()), Error::<Test>::AlreadyRegistered);
    });
}

#[test]
fn registering_fails_when_the_source_is_no_blob() {
    TestExt::new().build_and_execute(|| {
        FakeBlobs::remove(source());
        assert_noop!(Jobs::register_kernel(signed(ALICE), manifest()), Error::<Test>::UnknownBlob);
    });
}

#[test]
fn registering_fails_when_the_source_is_announced_and_not_stored() {
    TestExt::new().build_and_execute(|| {
        FakeBlobs::announce(source(), 100);
        assert_noop!(Jobs::register_kernel(signed(ALICE), manifest()), Error::<Test>::SourceNotStored);
    });
}

#[test]
fn registering_fails_when_the_source_is_a_byte_too_long() {
    TestExt::new().build_and_execute(|| {
        FakeBlobs::put(source(), MAX_SOURCE_BYTES + 1);
        assert_noop!(Jobs::register_kernel(signed(ALICE), manifest()), Error::<Test>::SourceTooLarge);
        FakeBlobs::put(source(), MAX_SOURCE_BYTES);
        assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));
    });
}

#[test]
fn registering_fails_when_the_deposit_cannot_be_held() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(Jobs::register_kernel(signed(EVE), manifest()), Error::<Test>::InsufficientBalance);
    });
}

#[test]
fn unregistering_gives_everything_back() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));
        events();
        assert_ok!(Jobs::unregister_kernel(signed(ALICE), manifest().id()));

        let deposit = deposit(&manifest());
        assert_eq!((held(&ALICE), free(NATIVE, &ALICE)), (0, ENDOWMENT));
        assert_eq!(FakeBlobs::pins(source()), 0);
        assert!(!Kernels::<Test>::contains_key(manifest().id()));
        assert_eq!(events(), [Event::KernelUnregistered { kernel: manifest().id(), owner: ALICE, deposit }]);
    });
}

#[test]
fn unregistering_fails_for_a_kernel_nobody_registered() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(Jobs::unregister_kernel(signed(ALICE), manifest().id()), Error::<Test>::UnknownKernel);
    });
}

#[test]
fn unregistering_fails_for_others() {
    TestExt::new().build_and_execute(|| {
        assert_ok!(Jobs::register_kernel(signed(ALICE), manifest()));
        assert_noop!(Jobs::unregister_kernel(signed(BOB), manifest().id()), Error::<Test>::NotOwner);
    });
}

#[test]
fn unregistering_fails_as_long_as_a_job_uses_the_kernel() {
    TestExt::new().build_and_execute(|| {
        let first = submit(spec(NATIVE, 1));
        let second = submit(spec(BLC, 1));
        let kernel = manifest().id();
        fail(task(first, 0), ReasonCode::NoWorker);
        assert_noop!(Jobs::unregister_kernel(signed(ADMIN), kernel), Error::<Test>::KernelInUse);
        fail(task(second, 0), ReasonCode::NoWorker);
        assert_ok!(Jobs::unregister_kernel(signed(ADMIN), kernel));
    });
}

#[test]
fn calls_are_for_signed_origins() {
    TestExt::new().build_and_execute(|| {
        let none = RuntimeOrigin::none;
        assert_noop!(Jobs::register_kernel(none(), manifest()), DispatchError::BadOrigin);
        assert_noop!(Jobs::unregister_kernel(none(), manifest().id()), DispatchError::BadOrigin);
        assert_noop!(Jobs::submit_job(none(), spec(NATIVE, 1)), DispatchError::BadOrigin);
        assert_noop!(Jobs::cancel_job(none(), 0), DispatchError::BadOrigin);
        assert_noop!(Jobs::claim_owed(none(), ALICE, BOB, NATIVE), DispatchError::BadOrigin);
    });
}
