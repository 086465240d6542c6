//! The registry of kernels that the canaries use.

use super::*;

fn registered() -> KernelId {
    assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
    manifest().id()
}

#[test]
fn the_registry_tells_a_kernels_manifest() {
    TestExt::new().build_and_execute(|| {
        let kernel = registered();
        assert_eq!(<Jobs as KernelRegistry>::manifest(&kernel), Some(manifest()));
        assert_eq!(<Jobs as KernelRegistry>::manifest(&KernelId::zero()), None);
    });
}

#[test]
fn a_kernel_stays_registered_until_it_is_released_as_often_as_it_was_kept() {
    TestExt::new().build_and_execute(|| {
        let kernel = registered();
        assert_ok!(<Jobs as KernelRegistry>::keep(&kernel));
        assert_ok!(<Jobs as KernelRegistry>::keep(&kernel));
        <Jobs as KernelRegistry>::release(&kernel);
        assert_noop!(Jobs::unregister_kernel(signed(ADMIN), kernel), Error::<Test>::KernelInUse);
        <Jobs as KernelRegistry>::release(&kernel);
        assert_ok!(Jobs::unregister_kernel(signed(ADMIN), kernel));
    });
}

#[test]
fn a_kernel_that_is_kept_outlives_the_last_job_that_uses_it() {
    TestExt::new().build_and_execute(|| {
        let job = submit(spec(NATIVE, 1));
        let kernel = manifest().id();
        assert_ok!(<Jobs as KernelRegistry>::keep(&kernel));
        settle(task(job, 0), BOB, &[]);
        assert_noop!(Jobs::unregister_kernel(signed(ADMIN), kernel), Error::<Test>::KernelInUse);
    });
}

#[test]
fn only_a_registered_kernel_can_be_kept() {
    TestExt::new().build_and_execute(|| {
        assert_noop!(<Jobs as KernelRegistry>::keep(&KernelId::zero()), Error::<Test>::UnknownKernel);
    });
}
